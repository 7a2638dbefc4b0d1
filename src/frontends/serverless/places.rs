//! Where paths such as `custom.limits.slow` lead in a service, through variables that stand for whole blocks. Called
//! by the sources of variables and by the lowering of a service.

use super::syntax::{self, Piece};
use super::variables::{ServiceReader, Site, place_of};
use crate::frontends::document::Solved;
use crate::tree::{Kind, NodeRef};
use crate::value::{Data, Unknown};

/// Variables and keys on the way to one value.
const MAX_DEPTH: usize = 120;

/// Where a path has led so far: to a node that is not read yet, to a value, or to nothing.
#[derive(Clone)]
pub(super) enum Place<'w> {
    Node(NodeRef<'w>),
    Value(Solved),
    Nothing(Unknown),
}

/// The value at a path from the top of the service, such as `provider` or `custom.archlint`.
pub(super) fn value_at(reader: &mut ServiceReader<'_>, path: &str) -> Option<Solved> {
    let root = reader.language.root;
    let place = walk(reader, root, path, 0);
    match read_place(reader, place, 0) {
        Ok(solved) if !solved.is_nothing() => Some(solved),
        _ => None,
    }
}

/// The value at a place, or why there is none.
pub(super) fn read_place<'w>(
    reader: &mut ServiceReader<'w>,
    place: Place<'w>,
    depth: usize,
) -> Result<Solved, Unknown> {
    match place {
        Place::Node(node) => Ok(reader.read(node, depth + 1)),
        Place::Value(solved) => Ok(solved),
        Place::Nothing(why) => Err(why),
    }
}

/// A node that is written null counts as nothing, so that the next source is asked.
pub(super) fn filled<'w>(reader: &mut ServiceReader<'w>, place: Place<'w>, depth: usize) -> Place<'w> {
    let is_nothing = match &place {
        Place::Node(node) => match node.kind() {
            Kind::Null => node.tag().is_none(),
            Kind::Scalar(_) if node.as_str().is_some_and(syntax::has_variable) => {
                let node = *node;
                return match follow(reader, node, depth) {
                    // The node itself is read later, so that the way through it shows.
                    Place::Node(_) => place,
                    Place::Value(solved) if !solved.is_nothing() => place,
                    Place::Value(_) => Place::Nothing(Unknown::Missing(node.slice().into())),
                    Place::Nothing(why) => Place::Value(Solved::unknown(why, node.span())),
                };
            }
            _ => false,
        },
        Place::Value(solved) => solved.is_nothing(),
        Place::Nothing(_) => false,
    };
    if is_nothing { Place::Nothing(Unknown::Missing("null".into())) } else { place }
}

/// Goes down a path of keys, through variables that stand for whole blocks.
pub(super) fn walk<'w>(reader: &mut ServiceReader<'w>, from: NodeRef<'w>, path: &str, depth: usize) -> Place<'w> {
    let mut place = Place::Node(from);
    for key in path.split('.').filter(|key| !key.is_empty()) {
        if let Place::Node(node) = place {
            place = follow(reader, node, depth + 1);
        }
        place = match place {
            Place::Node(node) if node.is_mapping() => match reader.child(node, key) {
                Some(child) => Place::Node(child),
                None => Place::Nothing(Unknown::Missing(path.into())),
            },
            Place::Node(node) => match key.parse().ok().and_then(|at: usize| node.items().nth(at)) {
                Some(item) => Place::Node(item),
                None => Place::Nothing(Unknown::Missing(path.into())),
            },
            Place::Value(solved) => part_of(&solved, key, path),
            nothing => return nothing,
        };
    }
    place
}

fn part_of<'w>(solved: &Solved, key: &str, path: &str) -> Place<'w> {
    match solved.value.known() {
        // A part of what is handed on does not name the same.
        None => Place::Value(solved.clone().computed()),
        Some(Data::List(items)) => match key.parse().ok().and_then(|at: usize| items.get(at)) {
            Some(item) => Place::Value(solved.part(item)),
            None => Place::Nothing(Unknown::Missing(path.into())),
        },
        Some(_) => match solved.value.get(key) {
            Some(part) => Place::Value(solved.part(part)),
            None => Place::Nothing(Unknown::Missing(path.into())),
        },
    }
}

/// What a node stands for, if it is nothing but a variable; the node itself otherwise.
fn follow<'w>(reader: &mut ServiceReader<'w>, node: NodeRef<'w>, depth: usize) -> Place<'w> {
    let target = node.target();
    let text = match target.kind() {
        Kind::Scalar(_) => target.as_str().filter(|text| syntax::has_variable(text)),
        _ => None,
    };
    let Some(text) = text.filter(|_| reader.language.reads_variables()) else { return Place::Node(target) };
    let pieces = syntax::pieces(text);
    let [Piece::Variable(variable)] = pieces.as_slice() else {
        return Place::Value(reader.read(target, depth + 1));
    };
    let key = (target.span().file, target.id());
    if let Some(place) = reader.language.places.get(&key) {
        return place.clone();
    }
    if depth > MAX_DEPTH {
        let why = Unknown::NotEvaluated("a reference with this many steps".into());
        return Place::Value(Solved::unknown(why, target.span()));
    }
    if !reader.language.following.insert(key) {
        return Place::Value(reader.circle(target));
    }
    let mut place = place_of(reader, variable, Site { node: target, text, depth: depth + 1 });
    // One variable may lead to the next.
    if let Place::Node(next) = place {
        place = follow(reader, next, depth + 1);
    }
    reader.language.following.remove(&key);
    reader.language.places.insert(key, place.clone());
    place
}

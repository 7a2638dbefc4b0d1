//! What the variables of a service stand for. Nothing is resolved before something asks for it, so a file may refer
//! to itself in any order, as the framework allows.

use super::remote;
use super::syntax::{self, Piece, Source, Variable};
use crate::frontends::document::{Language, Reader, Solved, assemble, pieces_of};
use crate::frontends::scalar::{Scalars, plain_scalar};
use crate::read::{Lookup, Workspace};
use crate::source::{SourceId, Span};
use crate::tree::{Kind, NodeId, NodeRef};
use crate::value::{Data, How, Origin, Part, Sourced, Unknown};
use std::collections::{HashMap, HashSet};

/// The stage that the framework deploys to where nothing says otherwise.
pub(super) const DEFAULT_STAGE: &str = "dev";

/// One service while it is read.
pub(crate) struct Service<'w> {
    workspace: &'w Workspace,
    root: NodeRef<'w>,
    following: HashSet<(SourceId, NodeId)>,
    places: HashMap<(SourceId, NodeId), Place<'w>>,
}

pub(crate) type ServiceReader<'w> = Reader<'w, Service<'w>>;

/// Where a path has led so far: to a node that is not read yet, to a value, or to nothing.
#[derive(Clone)]
enum Place<'w> {
    Node(NodeRef<'w>),
    Value(Solved),
    Nothing(Unknown),
}

/// A place in the text that is being evaluated.
#[derive(Clone, Copy)]
struct Site<'w> {
    node: NodeRef<'w>,
    text: &'w str,
    depth: usize,
}

impl<'w> Service<'w> {
    /// A reader for a service.
    pub fn reader(workspace: &'w Workspace, root: NodeRef<'w>) -> ServiceReader<'w> {
        Reader::new(Self { workspace, root, following: HashSet::new(), places: HashMap::new() })
    }

    /// The stage that the command line sets.
    pub fn stage(&self) -> Option<&'w str> {
        self.workspace.variables.stage.as_deref()
    }
}

impl<'w> Language<'w> for Service<'w> {
    // The framework reads YAML 1.2.
    const SCALARS: Scalars = Scalars::Core;

    fn is_special(text: &str) -> bool {
        syntax::has_variable(text)
    }

    fn evaluate(reader: &mut ServiceReader<'w>, node: NodeRef<'w>, text: &'w str, depth: usize) -> Solved {
        let site = Site { node, text, depth };
        let pieces = syntax::pieces(text);
        if let [Piece::Variable(variable)] = pieces.as_slice() {
            return solve(reader, variable, site).via(How::Reference(variable.text.into()), node.span());
        }
        let parts = pieces.iter().flat_map(|piece| match piece {
            Piece::Text(text) => vec![Part::Text((*text).into())],
            Piece::Variable(variable) => pieces_of(&solve(reader, variable, site).value),
        });
        let parts: Vec<Part> = parts.collect();
        Solved::leaf(assemble(parts, Origin::new(How::Computed, node.span()), &mut reader.texts))
    }
}

/// The value at a path from the top of the service, such as `provider` or `custom.archlint`.
pub(crate) fn value_at(reader: &mut ServiceReader<'_>, path: &str) -> Option<Solved> {
    let root = reader.language.root;
    let place = walk(reader, root, path, 0);
    match read_place(reader, place, 0) {
        Ok(solved) if !solved.is_nothing() => Some(solved),
        _ => None,
    }
}

fn read_place<'w>(reader: &mut ServiceReader<'w>, place: Place<'w>, depth: usize) -> Result<Solved, Unknown> {
    match place {
        Place::Node(node) => Ok(reader.read(node, depth + 1)),
        Place::Value(solved) => Ok(solved),
        Place::Nothing(why) => Err(why),
    }
}

/// The first source that has a value.
fn solve<'w>(reader: &mut ServiceReader<'w>, variable: &Variable<'w>, site: Site<'w>) -> Solved {
    let place = place_of(reader, variable, site);
    match read_place(reader, place, site.depth) {
        Ok(solved) => solved,
        Err(why) => Solved::unknown(why, site.node.span()),
    }
}

fn place_of<'w>(reader: &mut ServiceReader<'w>, variable: &Variable<'w>, site: Site<'w>) -> Place<'w> {
    let mut nothing = None;
    for (at, source) in variable.sources.iter().enumerate() {
        let is_last = at + 1 == variable.sources.len();
        let place = match source {
            Source::Nested(variable) => place_of(reader, variable, site),
            Source::Literal { text, quoted } => {
                let data = if *quoted { Data::Text((*text).into()) } else { plain_scalar(text, Scalars::Core) };
                let name = match variable.sources.first() {
                    Some(Source::Call { text, .. }) => *text,
                    _ => variable.text,
                };
                let origin = Origin::new(How::VariableDefault(name.into()), span_of(site, text));
                Place::Value(Solved::leaf(Sourced::new(data, origin)))
            }
            Source::Call { text, kind, parameter, address } => {
                call(reader, Call { text, kind, parameter, address, is_last }, site)
            }
        };
        match filled(reader, place, site.depth) {
            Place::Nothing(why) => nothing = nothing.or(Some(why)),
            place => return place,
        }
    }
    Place::Nothing(nothing.unwrap_or_else(|| Unknown::Missing(variable.text.into())))
}

/// A node that is written null counts as nothing, so that the next source is asked.
fn filled<'w>(reader: &mut ServiceReader<'w>, place: Place<'w>, depth: usize) -> Place<'w> {
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

struct Call<'c, 'w> {
    text: &'w str,
    kind: &'w str,
    parameter: &'c Option<Vec<Piece<'w>>>,
    address: &'c Option<Vec<Piece<'w>>>,
    is_last: bool,
}

fn call<'w>(reader: &mut ServiceReader<'w>, call: Call<'_, 'w>, site: Site<'w>) -> Place<'w> {
    let unknown = |why: Unknown| Place::Value(Solved::unknown(why, site.node.span()));
    let parameter = match call.parameter.as_ref().map(|pieces| spell(reader, pieces, site)).transpose() {
        Ok(text) => text.unwrap_or_default(),
        Err(why) => return unknown(why),
    };
    let address = match call.address.as_ref().map(|pieces| spell(reader, pieces, site)).transpose() {
        Ok(text) => text.unwrap_or_default(),
        Err(why) => return unknown(why),
    };
    match call.kind.split('.').next().unwrap_or_default() {
        "self" => own(reader, &address, site.depth),
        "file" => file(reader, &parameter, &address, site),
        "opt" => option(reader, &address, call.is_last, site.depth),
        "sls" if address == "stage" => stage(reader, "sls:stage", site.depth),
        "param" => parameter_of_stage(reader, &address, site.depth),
        "env" => Place::Nothing(Unknown::Environment(address.into())),
        "strToBool" => {
            let boolean = match parameter.as_str() {
                "true" | "1" => true,
                "false" | "0" => false,
                _ => return unknown(Unknown::Invalid(format!("`{parameter}` is neither true nor false").into())),
            };
            let origin = Origin::new(How::Computed, site.node.span());
            Place::Value(Solved::leaf(Sourced::new(Data::Boolean(boolean), origin)))
        }
        "aws" if address == "region" => own(reader, "provider.region", site.depth),
        "cf" | "ssm" | "output" => match remote::read(call.text, call.kind, &parameter, &address, site.node.span()) {
            Some(value) => Place::Value(Solved::leaf(value)),
            None => unknown(Unknown::AtDeployment(format!("${{{}}}", call.text).into())),
        },
        "s3" | "aws" | "sls" | "vault" | "doppler" | "terraform" | "secretsmanager" => {
            unknown(Unknown::AtDeployment(format!("${{{}}}", call.text).into()))
        }
        _ => unknown(Unknown::NotEvaluated(format!("`${{{}}}`", call.text).into())),
    }
}

/// The text of a path or address, variables in it resolved.
fn spell<'w>(reader: &mut ServiceReader<'w>, pieces: &[Piece<'w>], site: Site<'w>) -> Result<String, Unknown> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(more) => text.push_str(more),
            Piece::Variable(variable) => {
                let value = solve(reader, variable, site).value;
                match value.known().map(Data::to_text) {
                    Some(Some(more)) if text.len() + more.len() < 4096 => text.push_str(&more),
                    None => {
                        let why = value.why_unknown().cloned().map(Unknown::computed);
                        return Err(why.unwrap_or(Unknown::Missing(variable.text.into())));
                    }
                    Some(_) => return Err(Unknown::Invalid(format!("`{}` inside a name", variable.text).into())),
                }
            }
        }
    }
    Ok(text.trim().to_string())
}

/// `${self:path}`
fn own<'w>(reader: &mut ServiceReader<'w>, path: &str, depth: usize) -> Place<'w> {
    if path == "provider.stage" {
        return stage(reader, "provider.stage", depth);
    }
    let root = reader.language.root;
    match walk(reader, root, path, depth) {
        Place::Nothing(_) if path == "provider.region" => match &reader.language.workspace.variables.region {
            Some(region) => set_outside("region", region),
            None => Place::Nothing(Unknown::Environment("AWS_REGION".into())),
        },
        Place::Nothing(_) => Place::Nothing(Unknown::Missing(format!("${{self:{path}}}").into())),
        place => place,
    }
}

fn set_outside<'w>(name: &str, value: &str) -> Place<'w> {
    let origin = Origin::new(How::VariableSet(name.into()), None);
    Place::Value(Solved::leaf(Sourced::new(Data::Text(value.into()), origin)))
}

/// `${opt:name}`: what the command line says.
fn option<'w>(reader: &mut ServiceReader<'w>, name: &str, is_last: bool, depth: usize) -> Place<'w> {
    let variables = &reader.language.workspace.variables;
    match name {
        "stage" | "s" => match &variables.stage {
            Some(stage) => set_outside("stage", stage),
            None if is_last => stage(reader, "opt:stage", depth),
            None => Place::Nothing(Unknown::NoDefault("opt:stage".into())),
        },
        "region" | "r" if variables.region.is_some() => {
            set_outside("region", variables.region.as_deref().unwrap_or_default())
        }
        _ => Place::Nothing(Unknown::NoDefault(format!("opt:{name}").into())),
    }
}

/// The stage: from the command line, else `provider.stage`, else the framework's default.
fn stage<'w>(reader: &mut ServiceReader<'w>, name: &str, depth: usize) -> Place<'w> {
    if let Some(stage) = &reader.language.workspace.variables.stage {
        return set_outside("stage", stage);
    }
    let root = reader.language.root;
    let default = || {
        let origin = Origin::new(How::VariableDefault(name.into()), None);
        Place::Value(Solved::leaf(Sourced::new(Data::Text(DEFAULT_STAGE.into()), origin)))
    };
    match walk(reader, root, "provider.stage", depth) {
        // `stage: ${opt:stage}` asks for what it is about to say.
        Place::Node(node) if reader.is_running(node) => default(),
        Place::Nothing(_) => default(),
        place => match filled(reader, place, depth) {
            Place::Nothing(_) => default(),
            place => place,
        },
    }
}

/// `${param:name}`: of the stage, else for all stages; before and since version 4.
fn parameter_of_stage<'w>(reader: &mut ServiceReader<'w>, name: &str, depth: usize) -> Place<'w> {
    let stage = stage(reader, "sls:stage", depth);
    let stage = match read_place(reader, stage, depth) {
        Ok(solved) => match solved.value.known().and_then(Data::to_text) {
            Some(stage) => stage,
            None => return Place::Value(solved),
        },
        Err(_) => DEFAULT_STAGE.into(),
    };
    let root = reader.language.root;
    for path in [
        format!("params.{stage}.{name}"),
        format!("stages.{stage}.params.{name}"),
        format!("params.default.{name}"),
        format!("stages.default.params.{name}"),
    ] {
        match walk(reader, root, &path, depth) {
            Place::Nothing(_) => {}
            place => return place,
        }
    }
    Place::Nothing(Unknown::NoDefault(format!("param:{name}").into()))
}

/// `${file(path):address}`
fn file<'w>(reader: &mut ServiceReader<'w>, path: &str, address: &str, site: Site<'w>) -> Place<'w> {
    let unknown = |why: Unknown| Place::Value(Solved::unknown(why, site.node.span()));
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("yml" | "yaml" | "json") => {}
        Some("js" | "cjs" | "mjs" | "ts") => return unknown(Unknown::Program(path.into())),
        _ => return unknown(Unknown::NotEvaluated(format!("the text of `{path}`").into())),
    }
    let workspace = reader.language.workspace;
    let service = reader.language.root.span().file;
    // The framework takes paths from the service's directory, also in files that lie elsewhere.
    let found = match workspace.beside(service, path) {
        Lookup::Found(file) => Lookup::Found(file),
        missing => match workspace.beside(site.node.span().file, path) {
            Lookup::Found(file) => Lookup::Found(file),
            _ => missing,
        },
    };
    match found {
        Lookup::Found(file) => match file.tree.documents().next() {
            Some(root) => walk(reader, root, address, site.depth),
            None => Place::Nothing(Unknown::Missing(path.into())),
        },
        Lookup::Outside => unknown(Unknown::OutsideRoot(path.into())),
        Lookup::Missing => Place::Nothing(Unknown::Missing(path.into())),
    }
}

/// Goes down a path of keys, through variables that stand for whole blocks.
fn walk<'w>(reader: &mut ServiceReader<'w>, from: NodeRef<'w>, path: &str, depth: usize) -> Place<'w> {
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
    let Some(text) = text else { return Place::Node(target) };
    let pieces = syntax::pieces(text);
    let [Piece::Variable(variable)] = pieces.as_slice() else {
        return Place::Value(reader.read(target, depth + 1));
    };
    let key = (target.span().file, target.id());
    if let Some(place) = reader.language.places.get(&key) {
        return place.clone();
    }
    if depth > 120 || !reader.language.following.insert(key) {
        let why = Unknown::Invalid("the reference leads back to itself".into());
        return Place::Value(Solved::unknown(why, target.span()));
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

/// Where a piece of a scalar stands, if its text is in the file as it is.
fn span_of(site: Site<'_>, part: &str) -> Span {
    let whole = site.node.span();
    let offset = (part.as_ptr() as usize).wrapping_sub(site.text.as_ptr() as usize);
    let slice = site.node.slice();
    let before = if slice == site.text {
        0
    } else if slice.len() == site.text.len() + 2 && slice.get(1..=site.text.len()) == Some(site.text) {
        1
    } else {
        return whole;
    };
    if offset + part.len() > site.text.len() {
        return whole;
    }
    Span::new(whole.file, whole.start as usize + before + offset, whole.start as usize + before + offset + part.len())
}

//! Which declared thing a reference, an ARN, a URL or a name leads to. Called by [`super::link`] for every link.

use super::exports::Exports;
use super::names::{Name, Sort, is_whole, with_gaps};
use super::places::Places;
use super::{Outcome, names_a_version};
use crate::model::{Hop, Id, Identity, Link, UnitId, exported};
use crate::value::{Data, Part, Reference, Sourced, Unknown, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Values handed on that are looked at for one link: more are a circle.
const MAX_STEPS: usize = 16;
/// Things of one name that are told apart by their places; of more than these none is the only one.
const MAX_CANDIDATES: usize = 16;

/// What all indexes ask.
pub(super) struct Surroundings {
    pub exports: Exports,
    pub places: Places,
}

/// Things of one kind by address within their unit and by their name on the platform.
pub(super) struct Index<'s, T> {
    surroundings: &'s Surroundings,
    by_address: HashMap<(UnitId, Arc<str>), Id<T>>,
    by_name: HashMap<(Sort, Arc<str>), Vec<Candidate<T>>>,
}

/// Something of a name, and the unit that declares it.
type Candidate<T> = (UnitId, Id<T>);

/// Where a search stands: in which unit, for what, and by which way.
struct Search {
    unit: UnitId,
    due: Option<Sort>,
    hops: Vec<Hop>,
    /// How many values handed on were looked at, also in vain.
    steps: usize,
    /// Whether what was handed on names a version of a function.
    qualified: bool,
    /// Which property of what was found the way ends in.
    attribute: Option<Arc<str>>,
    /// Whether what was handed on last is known.
    is_known: bool,
}

impl<'s, T> Index<'s, T> {
    /// Of identities, each with the sorts under which its name on the platform joins across units.
    pub fn of<'a>(identities: impl Iterator<Item = (&'a Identity, Vec<Sort>)>, surroundings: &'s Surroundings) -> Self {
        let mut index = Self { surroundings, by_address: HashMap::new(), by_name: HashMap::new() };
        for (number, (identity, sorts)) in identities.enumerate() {
            let id = Id::new(number);
            index.by_address.entry((identity.unit, identity.address.clone())).or_insert(id);
            let Some(name) = identity.name.set() else { continue };
            for sort in sorts {
                let of_name = index.by_name.entry((sort, name.clone())).or_default();
                if of_name.len() <= MAX_CANDIDATES {
                    of_name.push((identity.unit, id));
                }
            }
        }
        index
    }

    /// Follows a link of a unit. What is `due` says what a plain name is the name of; `None`: only what says itself
    /// of which sort it is leads anywhere. What is in the way, if there is more than one candidate, is returned.
    pub fn follow(&self, link: &mut Link<T>, unit: UnitId, due: impl Into<Option<Sort>>) -> Option<String> {
        let mut search = Search::new(unit, due.into(), 0);
        match self.find(&link.written, &mut search) {
            Outcome::One(target) => {
                link.target = Some(target);
                link.hops = search.hops;
                link.qualified |= search.qualified;
                link.attribute = search.attribute;
                None
            }
            Outcome::Nothing => {
                let is_handed_on = match link.written.known() {
                    Some(Data::Reference(reference)) => exported::is_handed_on(&reference.address),
                    _ => false,
                };
                // Whoever hands it on is not in the scanned set, or does not know either: only the platform does.
                if let Some(why) = link.written.why_open().filter(|_| is_handed_on && !search.is_known) {
                    link.written = Sourced::unknown(why, link.written.origin.clone());
                }
                None
            }
            Outcome::Several(what) => Some(what),
        }
    }

    fn find(&self, written: &Value, search: &mut Search) -> Outcome<Id<T>> {
        match written.known() {
            Some(Data::Reference(reference)) => self.at(reference, search),
            Some(Data::Template(parts)) => self.in_template(parts, search),
            Some(Data::Text(text)) => Name::read(text).map_or(Outcome::Nothing, |name| self.named(&name, search)),
            Some(_) => Outcome::Nothing,
            None => match written.why_unknown() {
                Some(Unknown::HandedOn(value)) => self.at(&value.reference, search),
                _ => Outcome::Nothing,
            },
        }
    }

    fn in_template(&self, parts: &[Part], search: &mut Search) -> Outcome<Id<T>> {
        let text = with_gaps(parts);
        if Sort::of_arn(&text).is_some_and(|sort| !search.takes(sort)) {
            return Outcome::Nothing;
        }
        let start = search.unit;
        let mut first = None;
        for (at, part) in parts.iter().enumerate() {
            let reference = match part {
                Part::Reference(reference) => reference,
                Part::Unknown(Unknown::HandedOn(value)) => &value.reference,
                _ => continue,
            };
            if !is_whole(parts, at) {
                continue;
            }
            let mut own = Search::new(start, search.due, search.steps);
            let found = self.at(reference, &mut own);
            search.steps = own.steps;
            match (found, first) {
                (Outcome::One(target), None) => {
                    first = Some(target);
                    search.hops.append(&mut own.hops);
                    search.qualified |= own.qualified;
                    search.attribute = own.attribute;
                }
                // The same thing may be named twice in one text (an ARN made of a name and an id).
                (Outcome::One(target), Some(other)) if target != other => return Outcome::Nothing,
                (Outcome::Several(what), None) => return Outcome::Several(what),
                _ => {}
            }
        }
        match (first, Name::read(&text)) {
            (Some(target), _) => Outcome::One(target),
            (None, Some(name)) => self.named(&name, search),
            (None, None) => Outcome::Nothing,
        }
    }

    fn at(&self, reference: &Reference, search: &mut Search) -> Outcome<Id<T>> {
        if let Some((kind, name)) = exported::named(&reference.address) {
            return match Sort::of_type(kind) {
                Some(sort) => self.named(&Name::of(sort, name, exported::region(reference)), search),
                None => Outcome::Nothing,
            };
        }
        if let Some(found) = self.by_address.get(&(search.unit, reference.address.clone())) {
            search.attribute = Some(reference.attribute.clone());
            return Outcome::One(*found);
        }
        let Surroundings { exports, places } = self.surroundings;
        match exports.find(reference, search.unit, places) {
            Outcome::One((exporter, value)) if search.steps < MAX_STEPS => {
                search.steps += 1;
                let name = exported::spoken(&reference.address).into();
                search.hops.push(Hop { name, span: value.origin.site() });
                search.unit = exporter;
                search.is_known = value.known().is_some();
                search.qualified |= names_a_version(value);
                self.find(value, search)
            }
            Outcome::Several(what) => Outcome::Several(what),
            _ => Outcome::Nothing,
        }
    }

    fn named(&self, name: &Name<'_>, search: &Search) -> Outcome<Id<T>> {
        let sort = match (name.sort, search.due) {
            (Some(sort), _) if search.takes(sort) => sort,
            (None, Some(due)) => due,
            _ => return Outcome::Nothing,
        };
        let Some(candidates) = self.by_name.get(&(sort, name.name.into())) else { return Outcome::Nothing };
        if candidates.len() > MAX_CANDIDATES {
            return Outcome::Several(name.name.into());
        }
        let places = &self.surroundings.places;
        let fitting = candidates.iter().filter(|(unit, _)| places.fit(*unit, name.region, name.account));
        let found = Outcome::only(fitting.copied().collect(), |(unit, _)| *unit == search.unit, || name.name.into());
        found.map(|(_, id)| id)
    }
}

impl Search {
    fn new(unit: UnitId, due: Option<Sort>, steps: usize) -> Self {
        Self { unit, due, hops: Vec::new(), steps, attribute: None, qualified: false, is_known: false }
    }

    /// Whether something of a sort may be what is looked for.
    fn takes(&self, sort: Sort) -> bool {
        self.due.is_none_or(|due| sort.is_a(due))
    }
}

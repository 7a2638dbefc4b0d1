//! What units hand on to each other, and which of it a reference means. Called by [`super::index`].

use super::Outcome;
use super::places::Places;
use crate::model::{Export, UnitId, exported};
use crate::value::{Reference, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Pieces of one name of an export that are looked at, from its end.
const MAX_ENDINGS: usize = 12;
/// Values that are handed on under one name and are told apart by their places; of more than these none is meant.
const MAX_CANDIDATES: usize = 16;

/// Everything that is handed on.
#[derive(Default)]
pub(super) struct Exports {
    all: Vec<(UnitId, Value)>,
    by_address: HashMap<Arc<str>, Vec<usize>>,
    /// Exports of stacks by every end that their names may have.
    by_ending: HashMap<Arc<str>, Vec<usize>>,
    /// Exports of stacks of which only the end of the name is known.
    open: HashMap<Arc<str>, Vec<usize>>,
    /// Parameters and exports: what someone offers to others, as against outputs, which there are for people as well.
    offered: Vec<usize>,
}

impl Exports {
    /// Adds what a unit hands on.
    pub fn add(&mut self, unit: UnitId, export: Export) {
        let at = self.all.len();
        self.all.push((unit, export.value));
        if exported::is_offered(&export.address) {
            self.offered.push(at);
        }
        if let Some(end) = exported::open_end(&export.address) {
            self.open.entry(end.into()).or_default().push(at);
            for ending in endings(end) {
                self.by_ending.entry(ending.into()).or_default().push(at);
            }
        } else {
            if let Some(name) = exported::stack_export(&export.address) {
                for ending in endings(name) {
                    self.by_ending.entry(ending.into()).or_default().push(at);
                }
            }
            self.by_address.entry(export.address).or_default().push(at);
        }
    }

    /// What units offer to others.
    pub fn offered(&self) -> impl Iterator<Item = &(UnitId, Value)> {
        self.offered.iter().filter_map(|at| self.all.get(*at))
    }

    /// What a reference to an export stands for, and in which unit.
    pub fn find(&self, reference: &Reference, unit: UnitId, places: &Places) -> Outcome<(UnitId, &Value)> {
        let region = exported::region(reference);
        let fits = |at: &usize| {
            self.all
                .get(*at)
                .filter(|(exporter, _)| places.fit(*exporter, region, None))
                .map(|(unit, value)| (*unit, value))
        };
        let candidates = self.candidates(&reference.address);
        if candidates.len() > MAX_CANDIDATES {
            return Outcome::Several(exported::spoken(&reference.address));
        }
        let candidates: Vec<_> = candidates.iter().filter_map(fits).collect();
        Outcome::only(candidates, |(exporter, _)| *exporter == unit, || exported::spoken(&reference.address))
    }

    /// What may be meant, if it is not too much to tell apart.
    fn candidates(&self, address: &str) -> Vec<usize> {
        let at = |map: &HashMap<Arc<str>, Vec<usize>>, key: &str| -> Vec<usize> {
            map.get(key).map(|all| all.iter().take(MAX_CANDIDATES + 1).copied().collect()).unwrap_or_default()
        };
        let mut found = at(&self.by_address, address);
        if let Some(end) = exported::open_end(address) {
            found = at(&self.by_ending, end);
            found.extend(endings(end).flat_map(|ending| at(&self.open, ending)));
        } else if let Some(name) = exported::stack_export(address).filter(|_| found.is_empty()) {
            found.extend(endings(name).flat_map(|ending| at(&self.open, ending)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The ends of a name that begin with a separator, the shortest first.
fn endings(name: &str) -> impl Iterator<Item = &str> {
    name.rmatch_indices(exported::SEPARATORS).take(MAX_ENDINGS).map(|(at, _)| &name[at..])
}

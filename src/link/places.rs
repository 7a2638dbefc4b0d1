//! Where units are deployed to, as far as it is known. Called by the rest of [`super`].

use crate::model::{Place, UnitId};

/// The places of all units.
#[derive(Default)]
pub(super) struct Places(Vec<Place>);

impl Places {
    /// Adds the place of the next unit.
    pub fn push(&mut self, place: Place) {
        self.0.push(place);
    }

    /// Whether what a unit declares may be in a region and account: nothing says that it is elsewhere.
    pub fn fit(&self, unit: UnitId, region: Option<&str>, account: Option<&str>) -> bool {
        let Some(place) = self.0.get(unit.0 as usize) else { return true };
        let may_be = |known: &[std::sync::Arc<str>], asked: Option<&str>| {
            known.is_empty() || asked.is_none_or(|asked| known.iter().any(|one| **one == *asked))
        };
        may_be(&place.regions, region) && may_be(&place.accounts, account)
    }
}

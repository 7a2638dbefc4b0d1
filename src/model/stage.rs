//! Where something is deployed to, as far as a stage, a namespace or a tag says it.

use super::{Workload, naming};
use crate::value::{How, Sourced};

/// Words that name production.
const PRODUCTION: [&str; 3] = ["prod", "production", "live"];
/// Words that name a place other than production.
const ELSEWHERE: [&str; 11] =
    ["dev", "develop", "development", "test", "testing", "stag", "stage", "staging", "preview", "sandbox", "local"];

/// Whether a whole word of a name is one of some words: `ns4test` is no test stage.
fn says(name: &str, words: &[&str]) -> bool {
    naming::words(name).any(|word| words.contains(&&*word))
}

impl Workload {
    /// The names of its stage and its namespace, as far as they are known.
    fn places(&self) -> impl Iterator<Item = &str> {
        self.stage.set().into_iter().chain(&self.namespace).map(|name| &**name)
    }

    /// Whether it is known to be deployed outside production: a whole word of the stage or namespace says so.
    pub fn is_outside_production(&self) -> bool {
        self.stage_outside_production().is_some()
    }

    /// Whether it is known to be deployed to production: a whole word of the stage or namespace says so, and none says
    /// otherwise.
    pub fn is_in_production(&self) -> bool {
        self.places().any(|name| says(name, &PRODUCTION)) && !self.is_outside_production()
    }

    /// The name of its stage or namespace, where that is known not to be production's.
    pub fn stage_outside_production(&self) -> Option<&str> {
        self.places().find(|name| says(name, &ELSEWHERE))
    }

    /// The name of the stage that a value is for, where that is known not to be production's: the workload's own, or,
    /// of a value that is looked up by the stage, the one that it was looked up for.
    pub fn stage_outside_production_of<T>(&self, value: &Sourced<T>) -> Option<&str> {
        let looks_up = |how: &How| matches!(how, How::Reference(text) if text.contains("stage"));
        let of_value = || {
            let name = self.default_stage.as_deref().filter(|_| self.stage.is_absent())?;
            (value.origin.passes(looks_up) && says(name, &ELSEWHERE)).then_some(name)
        };
        self.stage_outside_production().or_else(of_value)
    }
}

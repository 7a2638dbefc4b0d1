//! Where something is deployed to, as far as a stage, a namespace or a tag says it.

use super::Workload;
use crate::value::{How, Sourced};

/// Words that name a place other than production.
const WORDS: [&str; 11] =
    ["dev", "develop", "development", "test", "testing", "stag", "stage", "staging", "preview", "sandbox", "local"];

/// Whether a whole word of a name is one of them: `ns4test` is no test stage.
fn is_outside_production(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| WORDS.iter().any(|one| word.eq_ignore_ascii_case(one)))
}

impl Workload {
    /// The name of its stage or namespace, where that is known not to be production's.
    pub fn stage_outside_production(&self) -> Option<&str> {
        let mut names = self.stage.set().into_iter().chain(&self.namespace).map(|name| &**name);
        names.find(|name| is_outside_production(name))
    }

    /// The name of the stage that a value is for, where that is known not to be production's: the workload's own, or,
    /// of a value that is looked up by the stage, the one that it was looked up for.
    pub fn stage_outside_production_of<T>(&self, value: &Sourced<T>) -> Option<&str> {
        let looks_up = |how: &How| matches!(how, How::Reference(text) if text.contains("stage"));
        let of_value = || {
            let name = self.default_stage.as_deref().filter(|_| self.stage.is_absent())?;
            (value.origin.passes(looks_up) && is_outside_production(name)).then_some(name)
        };
        self.stage_outside_production().or_else(of_value)
    }
}

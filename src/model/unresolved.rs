//! What lints would judge and cannot, because it is not known: listed by `-v`, counted in the summary.

use super::{Architecture, Mistake};
use crate::source::Span;
use crate::value::Unknown;
use std::borrow::Cow;

/// A value that could not be resolved.
#[derive(Debug)]
pub struct Unresolved<'a> {
    /// What it is: "the timeout".
    pub name: &'static str,
    /// What has it: a name in backticks, or "the schedule".
    pub owner: String,
    /// Why it is not known.
    pub why: Cow<'a, Unknown>,
    /// Where it is written, or what has it.
    pub span: Span,
}

/// A reference that may lead to more than one thing, so that it leads nowhere.
#[derive(Debug)]
pub(crate) struct Ambiguous {
    /// What it is: "the target".
    pub name: &'static str,
    /// Whose it is.
    pub owner: String,
    /// What there is more than one candidate for.
    pub why: Unknown,
    /// Where it is written.
    pub span: Span,
}

impl Architecture {
    /// The values that lints would judge and that are not known.
    pub fn unresolved(&self) -> Vec<Unresolved<'_>> {
        let mut open = Vec::new();
        for workload in &self.workloads {
            for Mistake { name, why, span } in workload.declared.mistakes() {
                let why = Cow::Owned(Unknown::Invalid(why.into()));
                open.push(Unresolved { name, owner: format!("`{}`", workload.label()), why, span });
            }
        }
        self.fields(&mut |field| {
            // What the platform keeps by order of the files is settled, and no gap in them.
            if let Some(why) = field.why_unknown.filter(|why| !matches!(why, Unknown::LeftAlone(_))) {
                let span = field.origin.site().unwrap_or(field.owner_span);
                // Things without a name go by what they are.
                let owner = match field.owner.contains(' ') {
                    true => field.owner.to_string(),
                    false => format!("`{}`", field.owner),
                };
                open.push(Unresolved { name: field.name, owner, why: Cow::Borrowed(why), span });
            }
        });
        for Ambiguous { name, owner, why, span } in &self.ambiguous {
            open.push(Unresolved { name, owner: owner.clone(), why: Cow::Borrowed(why), span: *span });
        }
        open
    }
}

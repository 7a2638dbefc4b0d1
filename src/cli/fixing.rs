//! `--fix`: applies, asks git, writes, and says what it did. Called by [`super`].

use super::LintArguments;
use crate::engine::{Input, Options, Report, run};
use crate::fix::Applicability;
use crate::fix::apply::{Asked, apply, targets, uncommitted, write_all};
use crate::report::fixed;
use std::path::PathBuf;

/// What came of it, beside the report of what is left.
#[derive(Debug, Default)]
pub(super) struct Fixed {
    /// For standard error.
    pub told: String,
    /// Whether something that should have been written was not.
    pub has_failed: bool,
}

/// Fixes what lies at some paths. The report is about what is on the disk afterwards.
pub(super) fn fix(paths: &[PathBuf], options: &Options, arguments: &LintArguments) -> (Report, Fixed) {
    let at_most = if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    let outcome = apply(paths, options, Asked { advice: arguments.advice, at_most });
    let again = || run(Input::Paths(paths.to_vec()), options);
    let dirty = if arguments.allow_dirty { None } else { uncommitted(&targets(&outcome, paths)) };
    if let Some(dirty) = dirty {
        let told = fixed::dirty(&dirty, outcome.applied.len());
        return (again(), Fixed { told, has_failed: true });
    }
    let failed = write_all(&outcome, paths);
    let told =
        fixed::Told { advice: arguments.advice, unsafe_fixes: arguments.unsafe_fixes, refusals: arguments.verbose };
    let told = fixed::render(&outcome, &failed, told);
    match failed.is_empty() {
        true => (outcome.report, Fixed { told, has_failed: false }),
        false => (again(), Fixed { told, has_failed: true }),
    }
}

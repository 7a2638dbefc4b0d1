//! Event sources of CloudFormation and SAM: what a mapping reads, and whether something is switched off.

use crate::frontends::aws::{self, EventSource};
use crate::model::TriggerKind;
use crate::value::{Sourced, View};

/// Whether `State: DISABLED` switches something off.
pub(super) fn state(view: View<'_>) -> Sourced<bool> {
    view.get("State").text().map(|state| !state.is_some_and(|state| state.eq_ignore_ascii_case("DISABLED")))
}

/// Whether `Enabled: false` or `State: DISABLED` switches something off.
pub(super) fn enabled(view: View<'_>) -> Sourced<bool> {
    let enabled = view.get("Enabled");
    if enabled.is_present() { enabled.boolean().unwrap_or(true) } else { state(view) }
}

/// An event source mapping of CloudFormation or SAM.
pub(super) fn mapping(source: Option<EventSource>, arn: View<'_>, view: View<'_>) -> TriggerKind {
    aws::mapping(source, arn, view, &aws::CLOUDFORMATION_QUEUE, &aws::CLOUDFORMATION_STREAM)
}

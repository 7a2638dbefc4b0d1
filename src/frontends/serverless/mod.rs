//! placeholder
use super::Plan;
use crate::model::{Declarations, UnitId};
use crate::read::{Note, Workspace};

pub fn units(_workspace: &Workspace) -> Vec<Plan> {
    Vec::new()
}

pub fn lower(_workspace: &Workspace, _unit: UnitId, _plan: &Plan, _notes: &mut Vec<Note>) -> Declarations {
    Declarations::default()
}

/// Paths that a text includes with `${file(path)}`, relative to its own directory. A cheap search, called by the read
/// stage before anything is resolved; it may name files that are not there.
pub fn included_paths(_text: &str) -> Vec<String> {
    Vec::new()
}

pub(crate) fn included_sources(_workspace: &Workspace) -> std::collections::HashSet<crate::source::SourceId> {
    Default::default()
}

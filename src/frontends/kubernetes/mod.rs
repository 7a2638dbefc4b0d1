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

//! The third stage: from trees to the model, one dialect a folder.
//!
//! Every frontend does three things: it **detects** which documents are its own and sorts them into units (before
//! anything is joined), it **resolves** its dialect's references to [`crate::value::Value`]s, and it **lowers**
//! resources to workloads, triggers, queues and so on. Called by [`crate::engine`]; units are lowered in parallel.

use crate::model::{Declarations, Format, Unit, UnitId};
use crate::read::{Note, Workspace};
use crate::source::SourceId;
use rayon::prelude::*;

mod address_range;
pub(crate) mod aws;
pub mod cloudformation;
mod containers;
mod declared;
mod document;
mod ecs;
mod gaps;
mod inherit;
mod json_text;
pub mod kubernetes;
mod machines;
mod probes;
pub mod resource;
pub(crate) mod scalar;
pub mod serverless;
mod states;
pub mod terraform;
mod triggers;

/// One document that belongs to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Member {
    /// The file.
    pub source: SourceId,
    /// Which of its documents, from 0.
    pub document: usize,
}

/// A unit that was detected and is not lowered yet.
#[derive(Debug)]
pub struct Plan {
    /// What it is.
    pub unit: Unit,
    /// The documents that it is made of, in the order in which its own tool reads them.
    pub members: Vec<Member>,
}

/// What one unit was lowered to.
#[derive(Debug)]
pub struct Lowered {
    /// The unit.
    pub unit: Unit,
    /// What it declares.
    pub declarations: Declarations,
    /// What was left out of it.
    pub notes: Vec<Note>,
}

/// Sorts all documents into units and lowers each of them.
pub fn lower(workspace: &Workspace) -> Vec<Lowered> {
    let mut plans = serverless::units(workspace);
    plans.extend(cloudformation::units(workspace));
    plans.extend(kubernetes::units(workspace));
    plans.extend(terraform::units(workspace));
    let owners = kubernetes::Owners::of(workspace);
    plans
        .into_par_iter()
        .enumerate()
        .map(|(index, plan)| {
            let id = UnitId(index as u32);
            let mut notes = Vec::new();
            let mut declarations = match plan.unit.format {
                Format::Serverless => serverless::lower(workspace, id, &plan, &mut notes),
                Format::CloudFormation => cloudformation::lower(workspace, id, &plan, &mut notes),
                Format::Kubernetes => kubernetes::lower(workspace, id, &plan, &owners, &mut notes),
                Format::Terraform => terraform::lower(workspace, id, &plan, &mut notes),
            };
            declared::take_comments(workspace, &mut declarations.workloads);
            Lowered { unit: plan.unit, declarations, notes }
        })
        .collect()
}

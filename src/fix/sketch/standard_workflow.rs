//! A Standard workflow in the place of an Express one. The type cannot change in place: another state machine comes up.

use super::folder::WAITING_CALL;
use super::site::Site;
use super::{Desk, Draft};
use crate::fix::New;
use crate::fix::operation::Operation;
use crate::source::Span;
use crate::tree::Kind;

/// The keys that name a state machine on the platform, where a template gives it a name.
const NAMES: [&str; 2] = ["StateMachineName", "Name"];

pub(super) fn of(desk: Desk<'_>, place: Span) -> Result<Draft, String> {
    let mut machines = desk.architecture.state_machines();
    let machine = machines.find(|machine| machine.kind.origin.written_at() == Some(place));
    let machine = machine.ok_or("it is not there")?;
    if machine.kind.origin.steps().nth(1).is_some() {
        return Err("its type is written elsewhere".into());
    }
    let tree = &desk.workspace.file(place.file).ok_or("its file is not one that is read")?.tree;
    if !tree.errors.is_empty() {
        return Err("the file cannot be parsed to its end".into());
    }
    let index = desk.places.index(place.file);
    let node = index.at(tree, place).find(|node| matches!(node.node().kind, Kind::Scalar(_)));
    let node = node.ok_or("its type is part of an expression")?;
    if desk.folders.around(desk.workspace, place.file).waits_for_workflows {
        return Err(format!("`{WAITING_CALL}` waits for an answer, and Standard workflows give none"));
    }
    let mut draft = Draft::default();
    draft.remarks.push("it is another state machine, and nobody may wait for its answer".into());
    let site = Site::of(desk, &machine.identity).ok().filter(|site| !site.is_hcl());
    let body = site.map(|site| site.body());
    if body.is_some_and(|body| NAMES.iter().any(|name| body.get(name).is_some())) {
        draft.remarks.push("give it a new name, or CloudFormation cannot replace it".into());
    }
    draft.operations.push(Operation::Replace { at: place, node: node.id(), value: New::text("STANDARD") });
    Ok(draft)
}

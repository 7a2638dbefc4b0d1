//! Which documents are CloudFormation or SAM templates. A template is one unit with the stacks that it nests.

use super::resolve::is_loop;
use super::stacks::nested_sources;
use crate::discover::FileKind;
use crate::frontends::{Member, Plan};
use crate::model::{Format, Unit};
use crate::read::{File, Workspace};
use crate::source::SourceId;
use crate::tree::NodeRef;
use std::collections::{HashMap, HashSet};

/// One unit for each template that stands for itself; what a service includes belongs to that service, and what a
/// template nests to that template.
pub(crate) fn units(workspace: &Workspace) -> Vec<Plan> {
    let mut templates = templates(workspace);
    // One that is only read because it is named somewhere does not stand for itself.
    let may_be_root = |member: &Member| {
        let kind = workspace.file(member.source).map(|file| file.kind);
        kind != Some(FileKind::Included) && !workspace.is_included(member.source)
    };
    let nests: HashMap<Member, HashSet<SourceId>> =
        templates.iter().map(|member| (*member, nested_sources(workspace, *member))).collect();
    templates.retain(may_be_root);
    let plan = |member: Member| {
        let unit = Unit::at(Format::CloudFormation, workspace.path(member.source).to_path_buf());
        Plan { unit, members: vec![member] }
    };
    roots(&templates, &nests).into_iter().map(plan).collect()
}

/// All documents that are templates.
fn templates(workspace: &Workspace) -> Vec<Member> {
    let kinds = [FileKind::Yaml, FileKind::Json, FileKind::Included];
    let files = workspace.files.iter().filter(|file| kinds.contains(&file.kind));
    let of_file = |file: &'_ File| {
        let documents = file.tree.documents().enumerate().filter(|(_, root)| is_template(*root));
        documents.map(|(document, _)| Member { source: file.source, document }).collect::<Vec<_>>()
    };
    files.flat_map(of_file).collect()
}

/// The templates that no other one nests, in order. Of templates that only nest each other the first is one.
fn roots(templates: &[Member], nests: &HashMap<Member, HashSet<SourceId>>) -> Vec<Member> {
    let nested: HashSet<SourceId> = nests.values().flatten().copied().collect();
    let (below, mut roots): (Vec<Member>, Vec<Member>) =
        templates.iter().partition(|member| member.document == 0 && nested.contains(&member.source));
    let mut reached: HashSet<Member> = HashSet::new();
    roots.iter().for_each(|root| reach(*root, nests, &mut reached));
    for member in below {
        if !reached.contains(&member) {
            reach(member, nests, &mut reached);
            roots.push(member);
        }
    }
    roots
}

/// Adds a template and what it nests, however deep.
fn reach(root: Member, nests: &HashMap<Member, HashSet<SourceId>>, reached: &mut HashSet<Member>) {
    let mut waiting = vec![root];
    while let Some(next) = waiting.pop() {
        if reached.insert(next) {
            let sources = nests.get(&next).into_iter().flatten();
            waiting.extend(sources.map(|source| Member { source: *source, document: 0 }));
        }
    }
}

/// Resources with a type such as `AWS::SQS::Queue`, or in loops, or the version that only templates carry.
fn is_template(root: NodeRef<'_>) -> bool {
    let Some(resources) = root.get("Resources").filter(|resources| resources.is_mapping()) else { return false };
    let typed =
        |resource: NodeRef| resource.get("Type").and_then(NodeRef::as_str).is_some_and(|kind| kind.contains("::"));
    let looped = |key: NodeRef| key.as_str().is_some_and(is_loop);
    root.get("AWSTemplateFormatVersion").is_some()
        || resources.entries().any(|(key, resource)| typed(resource) || looped(key))
}

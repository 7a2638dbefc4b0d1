//! Which documents are CloudFormation or SAM templates. A template is one unit with the stacks
//! that it nests.

use super::resolve::is_loop;
use super::stacks::nested_sources;
use crate::discover::FileKind;
use crate::frontends::{Member, Plan, serverless};
use crate::model::{Format, Unit};
use crate::read::Workspace;
use crate::source::SourceId;
use crate::tree::NodeRef;
use std::collections::{HashMap, HashSet};

/// One unit for each template that stands for itself; what a service includes belongs to that service, and what a
/// template nests to that template.
pub(crate) fn units(workspace: &Workspace) -> Vec<Plan> {
    let included = serverless::included_sources(workspace);
    let mut templates = Vec::new();
    for file in &workspace.files {
        if !matches!(file.kind, FileKind::Yaml | FileKind::Json) || included.contains(&file.source) {
            continue;
        }
        let documents = file.tree.documents().enumerate().filter(|(_, root)| is_template(*root));
        templates.extend(documents.map(|(document, _)| Member { source: file.source, document }));
    }
    let plan = |member: Member| {
        let unit = Unit::at(Format::CloudFormation, workspace.path(member.source).to_path_buf());
        Plan { unit, members: vec![member] }
    };
    roots(workspace, &templates).into_iter().map(plan).collect()
}

/// The templates that no other one nests, in order. Of templates that only nest each other the first is one.
fn roots(workspace: &Workspace, templates: &[Member]) -> Vec<Member> {
    let nests: HashMap<Member, HashSet<SourceId>> =
        templates.iter().map(|member| (*member, nested_sources(workspace, *member))).collect();
    let of_source = |source: SourceId| Member { source, document: 0 };
    let nested: HashSet<SourceId> = nests.values().flatten().copied().collect();
    let (below, mut roots): (Vec<Member>, Vec<Member>) =
        templates.iter().partition(|member| member.document == 0 && nested.contains(&member.source));
    let mut reached: HashSet<Member> = HashSet::new();
    let mut reach = |root: Member| {
        let mut waiting = vec![root];
        let is_new = !reached.contains(&root);
        while let Some(next) = waiting.pop() {
            if reached.insert(next) {
                waiting.extend(nests.get(&next).into_iter().flatten().map(|source| of_source(*source)));
            }
        }
        is_new
    };
    roots.iter().for_each(|root| {
        reach(*root);
    });
    roots.extend(below.into_iter().filter(|member| reach(*member)));
    roots
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

//! Which documents are Kubernetes objects, and which of them belong together.
//!
//! A unit is what could be applied at once: all that a kustomization and its bases list, or else a directory of plain
//! manifests if no two objects in it have one name, or else a single file. Every document is in one unit only, so
//! that nothing is said twice.

use super::kustomize::Graph;
use super::object::DEFAULT_NAMESPACE;
use crate::discover::FileKind;
use crate::frontends::{Member, Plan};
use crate::model::{Format, Unit};
use crate::read::{File, Workspace};
use crate::source::SourceId;
use crate::tree::NodeRef;
use crate::value::{Data, Value};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// Sorts all manifests into units.
pub(crate) fn units(workspace: &Workspace) -> Vec<Plan> {
    let graph = Graph::of(workspace);
    let mut plans: Vec<Plan> = graph.groups().iter().filter_map(|group| kustomized(workspace, group)).collect();
    let mut folders: BTreeMap<PathBuf, Vec<&File>> = BTreeMap::new();
    for file in &workspace.files {
        let is_plain = matches!(file.kind, FileKind::Yaml | FileKind::Json) && !graph.takes(file.source);
        if is_plain && !manifests(file).is_empty() {
            let folder = workspace.path(file.source).parent().unwrap_or(Path::new("")).to_path_buf();
            folders.entry(folder).or_default().push(file);
        }
    }
    for (folder, files) in folders {
        if files.len() > 1 && is_unambiguous(&files) {
            let members = files.iter().flat_map(|file| members(file)).collect();
            plans.push(plan(folder, members));
        } else {
            let single = |file: &&File| plan(workspace.path(file.source).to_path_buf(), members(file));
            plans.extend(files.iter().map(single));
        }
    }
    share_defaults(workspace, &mut plans);
    plans
}

/// More of them than this are no cluster's.
const MAX_SHARED: usize = 64;

/// Gives all units the LimitRanges that name their namespace: wherever they are kept, they say what is requested
/// there. They are nothing that is judged.
fn share_defaults(workspace: &Workspace, plans: &mut [Plan]) {
    let mut shared = Vec::new();
    for file in workspace.files.iter().filter(|file| matches!(file.kind, FileKind::Yaml | FileKind::Json)) {
        let named = manifests(file).into_iter().filter(|(_, root)| {
            root.get("kind").and_then(NodeRef::as_str) == Some("LimitRange")
                && root.at(&["metadata", "namespace"]).is_some()
        });
        shared.extend(named.map(|(document, _)| Member { source: file.source, document }));
    }
    if shared.is_empty() || shared.len() > MAX_SHARED {
        return;
    }
    for plan in plans {
        let own: HashSet<SourceId> = plan.members.iter().map(|member| member.source).collect();
        plan.members.extend(shared.iter().filter(|member| !own.contains(&member.source)));
    }
}

fn plan(path: PathBuf, members: Vec<Member>) -> Plan {
    Plan { unit: Unit::at(Format::Kubernetes, path), members }
}

/// The unit of kustomizations that build on each other. The kustomizations are members as well, for their patches.
fn kustomized(workspace: &Workspace, group: &[SourceId]) -> Option<Plan> {
    let files: Vec<&File> = group.iter().filter_map(|source| workspace.file(*source)).collect();
    let is_kustomization = |file: &&&File| file.kind == FileKind::Kustomization;
    let root = files.iter().find(is_kustomization)?;
    let folder = workspace.path(root.source).parent().unwrap_or(Path::new("")).to_path_buf();
    let manifests: Vec<Member> = files.iter().filter(|file| !is_kustomization(file)).flat_map(|f| members(f)).collect();
    if manifests.is_empty() {
        return None;
    }
    let own = files.iter().filter(is_kustomization).map(|file| Member { source: file.source, document: 0 });
    Some(plan(folder, own.chain(manifests).collect()))
}

/// The documents of a file that are manifests, by their numbers.
fn manifests(file: &File) -> Vec<(usize, NodeRef<'_>)> {
    let documents: Vec<NodeRef> = file.tree.documents().collect();
    // What stands in a document with a syntax error in it is not all that was meant to.
    let starts: Vec<u32> = documents.iter().map(|root| root.span().start).collect();
    let ends_at = |error: u32| starts.partition_point(|start| *start <= error).checked_sub(1);
    let broken: HashSet<usize> = file.tree.errors.iter().filter_map(|error| ends_at(error.span.start)).collect();
    let documents = documents.into_iter().enumerate();
    documents.filter(|(number, root)| !broken.contains(number) && is_manifest(*root)).collect()
}

fn members(file: &File) -> Vec<Member> {
    let member = |(document, _)| Member { source: file.source, document };
    manifests(file).into_iter().map(member).collect()
}

/// Whether a document is an object that is lowered, or a list that may hold some.
pub(super) fn is_manifest(root: NodeRef<'_>) -> bool {
    let version = root.get("apiVersion").and_then(NodeRef::as_str);
    let kind = root.get("kind").and_then(NodeRef::as_str);
    let (Some(version), Some(kind)) = (version, kind) else { return false };
    !version.starts_with("kustomize.config.k8s.io/") && (is_list(kind) || super::lower::reads(kind))
}

fn is_list(kind: &str) -> bool {
    kind.ends_with("List")
}

/// The objects of a document: itself, or the items of a list.
pub(super) fn expanded(value: Value) -> Vec<Value> {
    let kind = value.get("kind").and_then(|kind| kind.known()).and_then(Data::to_text);
    if !kind.is_some_and(|kind| is_list(&kind)) {
        return vec![value];
    }
    match value.get("items").and_then(|items| items.known()) {
        Some(Data::List(items)) => items.to_vec(),
        _ => Vec::new(),
    }
}

/// Whether no two objects of some files have one kind, namespace and name.
fn is_unambiguous(files: &[&File]) -> bool {
    let mut seen = HashSet::new();
    files.iter().flat_map(|file| manifests(file)).all(|(_, root)| {
        let items: Vec<NodeRef> = root.get("items").into_iter().flat_map(NodeRef::items).collect();
        let is_list = root.get("kind").and_then(NodeRef::as_str).is_some_and(is_list);
        let objects = if is_list { items } else { vec![root] };
        objects.into_iter().filter_map(key).all(|key| seen.insert(key))
    })
}

/// What tells an object apart; `None` where it has no name of its own.
fn key(object: NodeRef<'_>) -> Option<(&str, &str, &str)> {
    let kind = object.get("kind")?.as_str()?;
    let name = object.at(&["metadata", "name"])?.as_str()?;
    let namespace = object.at(&["metadata", "namespace"]).and_then(NodeRef::as_str).unwrap_or(DEFAULT_NAMESPACE);
    Some((kind, namespace, name))
}

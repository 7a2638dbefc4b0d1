//! Which documents are Kubernetes objects, and which of them belong together.
//!
//! A unit is what could be applied at once: all that a kustomization and its bases list, or else a directory of plain
//! manifests (and those beside it that it refers to, see [`neighbours`](super::neighbours)) if no two objects in it
//! have one name, or else a single file. Every document is in one unit only, so that nothing is said twice.

use super::kustomize::Graph;
use super::lower::reads;
use super::neighbours::{self, Folder};
use crate::discover::FileKind;
use crate::frontends::{Member, Plan};
use crate::model::{Format, Unit};
use crate::read::{File, Workspace};
use crate::source::SourceId;
use crate::tree::NodeRef;
use crate::value::{Data, Value};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

/// Sorts all manifests into units.
pub(crate) fn units(workspace: &Workspace) -> Vec<Plan> {
    let graph = Graph::of(workspace);
    let manifests = Manifests::of(workspace);
    let kustomized = |source: &SourceId| kustomized(workspace, &manifests, *source, &graph.files(*source));
    let mut plans: Vec<Plan> = graph.units().iter().map(kustomized).collect();
    let mut folders: BTreeMap<PathBuf, Vec<SourceId>> = BTreeMap::new();
    for source in workspace.files.iter().map(|file| file.source) {
        if manifests.0.contains_key(&source) && !graph.takes(source) {
            let folder = workspace.folder(source).to_path_buf();
            folders.entry(folder).or_default().push(source);
        }
    }
    let is_one = |(_, sources): &(PathBuf, Vec<SourceId>)| manifests.are_unambiguous(sources);
    let (whole, apart): (Vec<_>, Vec<_>) = folders.into_iter().partition(is_one);
    for (folder, sources) in neighbours::joined(manifests.folders(whole), |all| manifests.are_unambiguous(all)) {
        let path = if let [only] = sources[..] { workspace.path(only).to_path_buf() } else { folder };
        plans.push(plan(path, sources.iter().flat_map(|source| manifests.members(*source)).collect()));
    }
    let single = |source| plan(workspace.path(source).to_path_buf(), manifests.members(source).collect());
    plans.extend(apart.into_iter().flat_map(|(_, sources)| sources).map(single));
    share_defaults(workspace, &manifests, &mut plans);
    plans
}

/// The documents that are manifests, by their files and with their numbers; files without any are left out.
struct Manifests<'w>(HashMap<SourceId, Vec<(usize, NodeRef<'w>)>>);

impl<'w> Manifests<'w> {
    fn of(workspace: &'w Workspace) -> Self {
        let files = workspace.files.iter().filter(|file| matches!(file.kind, FileKind::Yaml | FileKind::Json));
        let found = files.map(|file| (file.source, manifests(file)));
        Self(found.filter(|(_, manifests)| !manifests.is_empty()).collect())
    }

    fn in_file(&self, source: SourceId) -> &[(usize, NodeRef<'w>)] {
        self.0.get(&source).map(Vec::as_slice).unwrap_or_default()
    }

    fn members(&self, source: SourceId) -> impl Iterator<Item = Member> {
        self.in_file(source).iter().map(move |(document, _)| Member { source, document: *document })
    }

    /// The objects of a file, those in lists as well.
    fn objects(&self, source: SourceId) -> impl Iterator<Item = NodeRef<'w>> {
        self.in_file(source).iter().flat_map(|(_, root)| {
            let is_list = root.get("kind").and_then(NodeRef::as_str).is_some_and(is_list);
            let items = || root.get("items").into_iter().flat_map(NodeRef::items).collect();
            if is_list { items() } else { vec![*root] }
        })
    }

    /// Whether no two objects of some files have one kind, namespace and name. Only those count that say anything to the
    /// model: namespaces, accounts and configuration are repeated beside what needs them. A storage class is said the
    /// same way in many places, too.
    fn are_unambiguous(&self, sources: &[SourceId]) -> bool {
        let mut seen = HashSet::new();
        let objects = sources.iter().flat_map(|source| self.objects(*source));
        let counts = |key: &neighbours::Key<'_>| key.0 != "StorageClass" && reads(key.0);
        objects.filter_map(neighbours::key).filter(counts).all(|key| seen.insert(key))
    }

    /// Directories with the objects in their files.
    fn folders(&self, folders: Vec<(PathBuf, Vec<SourceId>)>) -> Vec<Folder<'w>> {
        let folder = |(path, sources): (PathBuf, Vec<SourceId>)| Folder {
            objects: sources.iter().flat_map(|source| self.objects(*source)).collect(),
            path,
            sources,
        };
        folders.into_iter().map(folder).collect()
    }
}

/// More of them than this are no cluster's.
const MAX_SHARED: usize = 64;

/// Gives all units the LimitRanges and ResourceQuotas that name their namespace: wherever they are kept, they say what
/// is requested there. They are nothing that is judged.
fn share_defaults(workspace: &Workspace, manifests: &Manifests<'_>, plans: &mut [Plan]) {
    let mut shared = Vec::new();
    for source in workspace.files.iter().map(|file| file.source) {
        let named = manifests.in_file(source).iter().filter(|(_, root)| {
            matches!(root.get("kind").and_then(NodeRef::as_str), Some("LimitRange" | "ResourceQuota"))
                && root.at(&["metadata", "namespace"]).is_some()
        });
        shared.extend(named.map(|(document, _)| Member { source, document: *document }));
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

/// The unit of a kustomization, which comes first, with all objects in the files that it is made of.
fn kustomized(workspace: &Workspace, manifests: &Manifests<'_>, own: SourceId, files: &[SourceId]) -> Plan {
    let folder = workspace.folder(own).to_path_buf();
    let objects = files.iter().filter(|source| **source != own).flat_map(|source| manifests.members(*source));
    let mut plan = plan(folder, [Member { source: own, document: 0 }].into_iter().chain(objects).collect());
    plan.unit.is_whole = true;
    plan
}

/// The documents of a file that are manifests, by their numbers.
pub(super) fn manifests(file: &File) -> Vec<(usize, NodeRef<'_>)> {
    let documents: Vec<NodeRef> = file.tree.documents().collect();
    // What stands in a document with a syntax error in it is not all that was meant to.
    let starts: Vec<u32> = documents.iter().map(|root| root.span().start).collect();
    let ends_at = |error: u32| starts.partition_point(|start| *start <= error).checked_sub(1);
    let broken: HashSet<usize> = file.tree.errors.iter().filter_map(|error| ends_at(error.span.start)).collect();
    let documents = documents.into_iter().enumerate();
    documents.filter(|(number, root)| !broken.contains(number) && is_manifest(*root)).collect()
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

//! Kustomizations: which files they are made of, and the objects that kustomize would build of them.
//!
//! A kustomization that no other one builds on is a unit, and its objects are what its build makes: values that an
//! overlay sets stand in the overlay. A base is judged through its overlays, not by itself. [`build`] goes through
//! resources, bases and components, [`patch`] (with [`merge`] and [`json_patch`]) and [`transform`] change their
//! objects. What is not followed (most transformers, what lies outside of the scanned set) makes what it might change
//! unknown. [`flux`] is what Flux's own Kustomization adds to a build or to plain manifests.

mod build;
mod edit;
pub(super) mod flux;
pub(super) mod item;
mod json_patch;
mod merge;
mod patch;
mod replacement;
mod transform;
mod transformer;

use crate::discover::FileKind;
use crate::read::{File, Note, Workspace};
use crate::source::{SourceId, normalize};
use crate::tree::NodeRef;
use build::Build;
use std::collections::{HashMap, HashSet};

/// How kustomizations and the files that they list hang together.
pub(super) struct Graph {
    units: Vec<SourceId>,
    /// What each kustomization builds on and lists.
    lists: HashMap<SourceId, Vec<SourceId>>,
    taken: HashSet<SourceId>,
}

impl Graph {
    pub(super) fn of(workspace: &Workspace) -> Self {
        let kustomizations: Vec<&File> =
            workspace.files.iter().filter(|file| file.kind == FileKind::Kustomization).collect();
        let mut graph = Self { units: Vec::new(), lists: HashMap::new(), taken: HashSet::new() };
        let mut built_on = HashSet::new();
        for file in &kustomizations {
            let mut lists = Vec::new();
            let root = file.tree.documents().next();
            let folder = workspace.folder(file.source);
            for path in root.into_iter().flat_map(|root| listed(root, &["resources", "bases", "components"])) {
                if let Some(base) = kustomization(workspace, file.source, path) {
                    built_on.extend((base != file.source).then_some(base));
                    lists.push(base);
                } else if let Some(source) = workspace.sources.find(&folder.join(path)) {
                    lists.extend(is_plain(workspace, source).then_some(source));
                }
            }
            let named = root.into_iter().flat_map(named_paths);
            graph.taken.extend(named.filter_map(|path| workspace.sources.find(&folder.join(path))));
            graph.taken.extend(lists.iter().copied().chain([file.source]));
            graph.lists.insert(file.source, lists);
        }
        // What only builds on itself in a circle begins somewhere, too.
        let mut reached = HashSet::new();
        let (last, first): (Vec<_>, Vec<_>) =
            kustomizations.iter().map(|file| file.source).partition(|source| built_on.contains(source));
        for source in first.into_iter().chain(last) {
            if !reached.contains(&source) {
                graph.reach(source, &mut reached);
                graph.units.push(source);
            }
        }
        graph
    }

    /// The kustomizations that nothing builds on.
    pub(super) fn units(&self) -> &[SourceId] {
        &self.units
    }

    /// All files that a kustomization is made of, itself first.
    pub(super) fn files(&self, source: SourceId) -> Vec<SourceId> {
        let mut reached = HashSet::new();
        self.reach(source, &mut reached)
    }

    fn reach(&self, source: SourceId, reached: &mut HashSet<SourceId>) -> Vec<SourceId> {
        let mut files = Vec::new();
        let mut waiting = vec![source];
        while let Some(source) = waiting.pop() {
            if reached.insert(source) {
                files.push(source);
                waiting.extend(self.lists.get(&source).into_iter().flatten());
            }
        }
        files
    }

    /// Whether a file belongs to a kustomization, as a resource or as a patch.
    pub(super) fn takes(&self, source: SourceId) -> bool {
        self.taken.contains(&source)
    }
}

/// The kustomization in the directory that another one names.
fn kustomization(workspace: &Workspace, from: SourceId, path: &str) -> Option<SourceId> {
    let folder = normalize(&workspace.folder(from).join(path));
    let mut files = workspace.directory(&folder);
    files.find(|file| file.kind == FileKind::Kustomization).map(|file| file.source)
}

/// What a kustomization makes, and the files that went into it.
pub(super) fn items(
    workspace: &Workspace,
    source: SourceId,
    notes: &mut Vec<Note>,
) -> (Vec<item::Item>, HashSet<SourceId>) {
    let mut build = Build::new(workspace);
    let items = build.build(source, Vec::new());
    notes.append(&mut build.notes);
    (items, build.used)
}

/// Whether a file is a kustomization or stands beside one.
pub(super) fn is_near(workspace: &Workspace, source: SourceId) -> bool {
    let folder = workspace.folder(source);
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    names.iter().any(|name| workspace.sources.find(&folder.join(name)).is_some())
}

fn is_plain(workspace: &Workspace, source: SourceId) -> bool {
    workspace.file(source).is_some_and(|file| matches!(file.kind, FileKind::Yaml | FileKind::Json))
}

/// The texts in some lists of a kustomization.
fn listed<'t>(root: NodeRef<'t>, keys: &'t [&str]) -> impl Iterator<Item = &'t str> {
    keys.iter().filter_map(move |key| root.get(key)).flat_map(NodeRef::items).filter_map(NodeRef::as_str)
}

/// The paths of patches, replacements and transformers; one that is written in place is no path that anything is found at.
pub(crate) fn named_paths(root: NodeRef<'_>) -> impl Iterator<Item = &str> {
    let named = ["patches", "patchesJson6902", "replacements"].into_iter().filter_map(move |key| root.get(key));
    let named = named.flat_map(NodeRef::items).filter_map(|patch| patch.get("path")?.as_str());
    let bare = listed(root, &["patches", "patchesStrategicMerge", "transformers"]);
    named.chain(bare).filter(|path| !path.contains('\n'))
}

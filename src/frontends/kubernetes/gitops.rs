//! What GitOps controllers do to the objects that they apply: Argo CD may leave replicas alone, Flux changes objects on
//! their way.
//!
//! [`Owners::of`] reads their documents once for a run; a unit asks which of them it is applied by. They name
//! directories from the root of a repository, which is not known: a directory of the scanned set is meant if its path
//! ends that way.

use super::kustomize::flux::Flux;
use super::kustomize::item::Item;
use super::object::Object;
use crate::discover::FileKind;
use crate::read::Workspace;
use crate::source::{SourceId, normalize};
use crate::tree::NodeRef;
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// The controllers' documents of one run; more of them than this are no platform's, and the rest is not read.
const MAX_OWNERS: usize = 2_000;

/// All that is said to controllers.
pub(crate) struct Owners {
    argo: Vec<Ignored>,
    flux: Vec<Flux>,
}

/// Which objects a controller applies.
pub(super) enum Reach {
    /// It cannot be told, or all.
    Everything,
    /// What lies in some directories.
    Folders(BTreeSet<PathBuf>),
}

/// Objects whose replicas Argo CD leaves as they are; what is `None` is not restricted.
struct Ignored {
    reach: Reach,
    group: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    namespace: Option<String>,
}

/// A unit, as controllers see it.
pub(super) struct Applied<'w> {
    pub(super) workspace: &'w Workspace,
    /// Its path.
    pub(super) unit: &'w Path,
    /// A kustomization builds it, so that its files are not applied by themselves.
    pub(super) is_built: bool,
}

impl Applied<'_> {
    /// Whether what stands in a file is applied by whoever applies a directory.
    fn is_in(&self, folder: &Path, file: SourceId) -> bool {
        self.unit.starts_with(folder) || !self.is_built && self.workspace.path(file).starts_with(folder)
    }

    pub(super) fn is_reached(&self, reach: &Reach, file: SourceId) -> bool {
        match reach {
            Reach::Everything => true,
            Reach::Folders(folders) => folders.iter().any(|folder| self.is_in(folder, file)),
        }
    }
}

impl Owners {
    /// Reads what all controllers are told.
    pub(crate) fn of(workspace: &Workspace) -> Self {
        let mut owners = Self { argo: Vec::new(), flux: Vec::new() };
        let folders = Folders::of(workspace);
        let is_yaml = |kind| matches!(kind, FileKind::Yaml | FileKind::Json | FileKind::Kustomization);
        let files = workspace.files.iter().filter(|file| is_yaml(file.kind));
        let documents = files.flat_map(|file| file.tree.documents().map(|root| (file.source, root)));
        let told = documents.filter(|(_, root)| group(*root).is_some());
        for (source, root) in told.take(MAX_OWNERS) {
            match (group(root), root.get("kind").and_then(NodeRef::as_str)) {
                (Some("argoproj.io"), Some("Application")) => owners.application(root.get("spec"), &folders),
                (Some("argoproj.io"), Some("ApplicationSet")) => {
                    owners.application(root.at(&["spec", "template", "spec"]), &folders)
                }
                (Some("kustomize.toolkit.fluxcd.io"), Some("Kustomization")) => {
                    let path = root.at(&["spec", "path"]).and_then(NodeRef::as_str).unwrap_or("");
                    owners.flux.push(Flux::new(source, root, folders.named(path)));
                }
                (Some(""), _) => owners.argo.extend(root.get("data").into_iter().flat_map(ignored_everywhere)),
                _ => {}
            }
        }
        owners
    }

    fn application(&mut self, spec: Option<NodeRef<'_>>, folders: &Folders<'_>) {
        let Some(spec) = spec else { return };
        let ignored = spec.get("ignoreDifferences").into_iter().flat_map(NodeRef::items);
        let room = MAX_OWNERS.saturating_sub(self.argo.len());
        for entry in ignored.filter(|entry| leaves_replicas(*entry)).take(room) {
            let text = |key: &str| {
                let text = entry.get(key).and_then(NodeRef::as_str).unwrap_or("");
                // Patterns and templates may mean anything.
                (!text.is_empty() && !text.contains(['*', '?', '[', '{'])).then(|| text.to_string())
            };
            self.argo.push(Ignored {
                reach: sources(spec, folders),
                group: text("group"),
                kind: text("kind"),
                name: text("name"),
                namespace: text("namespace"),
            });
        }
    }

    /// Whether Argo CD leaves the replicas of an object of a unit as they are.
    pub(super) fn leave_replicas(&self, object: &Object, unit: &Applied<'_>) -> bool {
        if self.argo.is_empty() || object.spec().get("replicas").is_absent() {
            return false;
        }
        let (group, kind, name) = (object.group(), object.kind(), object.name());
        let namespace = object.namespace().filter(|_| object.names_namespace());
        let is = |wanted: &Option<String>, own: Option<&str>| match (wanted, own) {
            (Some(wanted), Some(own)) => wanted == own,
            _ => true,
        };
        self.argo.iter().any(|ignored| {
            is(&ignored.group, Some(&group))
                && is(&ignored.kind, Some(&kind))
                && is(&ignored.name, name.as_deref())
                && is(&ignored.namespace, namespace.as_deref())
                && unit.is_reached(&ignored.reach, object.span.file)
        })
    }

    /// Makes of the objects of a unit what Flux applies.
    pub(super) fn change(&self, items: Vec<Item>, unit: &Applied<'_>) -> Vec<Item> {
        let files: BTreeSet<SourceId> = items.iter().map(|item| item.place.file).collect();
        let reaches = |flux: &&Flux| files.iter().any(|file| unit.is_reached(&flux.reach, *file));
        let flux: Vec<&Flux> = self.flux.iter().filter(reaches).collect();
        let is_only = flux.len() == 1;
        flux.into_iter().fold(items, |items, flux| {
            let (mut own, mut others): (Vec<_>, Vec<_>) =
                items.into_iter().partition(|item| unit.is_reached(&flux.reach, item.place.file));
            flux.change(&mut own, unit, is_only);
            others.append(&mut own);
            others
        })
    }
}

/// The group of a document's API, if it is one that says something to a controller.
fn group(root: NodeRef<'_>) -> Option<&str> {
    let version = root.get("apiVersion")?.as_str()?;
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let is_told = match (group, root.get("kind")?.as_str()?) {
        ("argoproj.io", "Application" | "ApplicationSet") | ("kustomize.toolkit.fluxcd.io", "Kustomization") => true,
        ("", "ConfigMap") => root.at(&["metadata", "name"])?.as_str()? == "argocd-cm",
        _ => false,
    };
    is_told.then_some(group)
}

/// What the settings of Argo CD itself say about all applications: a key for a kind, or for all of them.
fn ignored_everywhere(data: NodeRef<'_>) -> impl Iterator<Item = Ignored> {
    data.entries().filter_map(|(key, value)| {
        let of = key.as_str()?.strip_prefix("resource.customizations.ignoreDifferences.")?;
        let text = value.as_str()?;
        if !text.contains("/spec/replicas") && !text.contains(".spec.replicas") {
            return None;
        }
        let (group, kind) = of.rsplit_once('_').map_or((None, None), |(group, kind)| (Some(group), Some(kind)));
        let [group, kind] = [group, kind].map(|part| part.map(String::from));
        Some(Ignored { reach: Reach::Everything, group, kind, name: None, namespace: None })
    })
}

/// Whether an entry of `ignoreDifferences` covers the number of replicas.
fn leaves_replicas(entry: NodeRef<'_>) -> bool {
    let any = |key: &str, test: fn(&str) -> bool| {
        entry.get(key).is_some_and(|list| list.items().filter_map(NodeRef::as_str).any(test))
    };
    any("jsonPointers", |pointer| matches!(pointer, "/spec/replicas" | "/spec"))
        || any("jqPathExpressions", |path| path.contains(".spec.replicas") || path.trim() == ".spec")
        // What a controller of the cluster has set, such as the autoscaler.
        || any("managedFieldsManagers", |_| true)
}

/// What an Application applies.
fn sources(spec: NodeRef<'_>, folders: &Folders<'_>) -> Reach {
    let hydrated = spec.at(&["sourceHydrator", "drySource"]);
    let listed = spec.get("sources").into_iter().flat_map(NodeRef::items);
    let sources: Vec<NodeRef> = spec.get("source").into_iter().chain(hydrated).chain(listed).collect();
    let mut found = BTreeSet::new();
    for source in &sources {
        match source.get("path").and_then(NodeRef::as_str) {
            Some(path) => match folders.named(path) {
                Reach::Everything => return Reach::Everything,
                Reach::Folders(folders) if folders.is_empty() => return Reach::Everything,
                Reach::Folders(folders) => found.extend(folders),
            },
            // A chart of a registry, or files with values for one: nothing that is in the scanned set.
            None if source.get("chart").is_some() || source.get("ref").is_some() => {}
            None => return Reach::Everything,
        }
    }
    if sources.is_empty() { Reach::Everything } else { Reach::Folders(found) }
}

/// The directories of the scanned set, by their last part.
struct Folders<'w>(HashMap<&'w OsStr, BTreeSet<&'w Path>>);

impl<'w> Folders<'w> {
    fn of(workspace: &'w Workspace) -> Self {
        let mut folders: HashMap<&OsStr, BTreeSet<&Path>> = HashMap::new();
        for folder in workspace.directories().flat_map(Path::ancestors) {
            if let Some(name) = folder.file_name() {
                folders.entry(name).or_default().insert(folder);
            }
        }
        Self(folders)
    }

    /// The directories that a path from the root of a repository may mean.
    fn named(&self, path: &str) -> Reach {
        let path = normalize(Path::new(path.trim_start_matches('/')));
        let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        let Some(name) = path.file_name().filter(|_| is_plain && !path.to_string_lossy().contains(['{', '$'])) else {
            return Reach::Everything;
        };
        let found = self.0.get(name).into_iter().flatten().filter(|folder| folder.ends_with(&path));
        Reach::Folders(found.map(|folder| folder.to_path_buf()).collect())
    }
}

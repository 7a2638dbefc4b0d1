//! Plain manifests that are laid out by kind: `deployments/`, `services/`, `autoscalers/` side by side, or one of them
//! below the others. Such directories are applied together, so they make one unit.
//!
//! Two directories belong together when one is the other's parent or both have one parent, and an object of the first
//! refers to one that only the second has. The first must hold nothing of the referred kind itself (an autoscaler above
//! or below its target: not the target itself): directories that each hold whole applications stay apart, whatever names
//! they share. Autoscalers for one target in several
//! other directories are alternatives, and none of them is joined; so are directories with disruption budgets.

use super::object::DEFAULT_NAMESPACE;
use crate::source::SourceId;
use crate::tree::NodeRef;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::path::{Path, PathBuf};

/// Kind, namespace and name of an object.
pub(super) type Key<'w> = (&'w str, &'w str, &'w str);

/// One directory of plain manifests.
pub(super) struct Folder<'w> {
    /// Where it is.
    pub path: PathBuf,
    /// Its files.
    pub sources: Vec<SourceId>,
    /// The objects in them.
    pub objects: Vec<NodeRef<'w>>,
}

/// A label that a pod has, behind its namespace.
type Label<'w> = (&'w str, &'w str, &'w str);

/// Folders by something that they hold, looked up from a neighbour.
struct Near<'f, T> {
    beside: HashMap<(&'f Path, T), BTreeSet<usize>>,
    at: HashMap<(&'f Path, T), BTreeSet<usize>>,
}

impl<'f, T: Copy + Eq + Hash> Near<'f, T> {
    fn new() -> Self {
        Self { beside: HashMap::new(), at: HashMap::new() }
    }

    fn add(&mut self, folder: usize, path: &'f Path, held: T) {
        self.at.entry((path, held)).or_default().insert(folder);
        if let Some(parent) = path.parent() {
            self.beside.entry((parent, held)).or_default().insert(folder);
        }
    }

    /// The parent, the children and the siblings of a folder that hold something.
    fn of(&self, path: &'f Path, held: T) -> impl Iterator<Item = usize> {
        let parent = path.parent();
        let above = parent.and_then(|parent| self.at.get(&(parent, held)));
        let beside = parent.and_then(|parent| self.beside.get(&(parent, held)));
        let below = self.beside.get(&(path, held));
        above.into_iter().chain(beside).chain(below).flatten().copied()
    }
}

/// What folders hold, by what others refer to.
struct Index<'f, 'w> {
    folders: &'f [Folder<'w>],
    objects: Near<'f, Key<'w>>,
    labels: Near<'f, Label<'w>>,
    kinds: Vec<HashSet<&'w str>>,
}

/// Puts directories together that belong together; of those that could not be applied at once (`fits` says no) each
/// stays alone.
pub(super) fn joined<'w>(
    folders: Vec<Folder<'w>>,
    fits: impl Fn(&[SourceId]) -> bool,
) -> Vec<(PathBuf, Vec<SourceId>)> {
    let groups = groups(&folders);
    let mut members: BTreeMap<usize, Vec<&Folder<'w>>> = BTreeMap::new();
    for (folder, group) in folders.iter().zip(groups) {
        members.entry(group).or_default().push(folder);
    }
    let sources = |group: &[&Folder<'w>]| -> Vec<SourceId> {
        group.iter().flat_map(|folder| folder.sources.iter().copied()).collect()
    };
    let mut joined = Vec::new();
    for group in members.into_values() {
        let all = sources(&group);
        match group.as_slice() {
            [first, rest @ ..] if !rest.is_empty() && fits(&all) => {
                // Siblings go by the place that they share.
                let path = rest.iter().fold(first.path.as_path(), |path, folder| shared(path, &folder.path));
                joined.push((path.to_path_buf(), all));
            }
            group => joined.extend(group.iter().map(|folder| (folder.path.clone(), folder.sources.clone()))),
        }
    }
    joined
}

/// The group of each folder; those that belong together have the same.
fn groups(folders: &[Folder<'_>]) -> Vec<usize> {
    let index = Index::of(folders);
    let mut scaled: HashMap<(usize, Key<'_>), BTreeSet<usize>> = HashMap::new();
    let mut budgets: HashMap<usize, BTreeSet<usize>> = HashMap::new();
    let mut edges: Vec<(usize, usize)> = Vec::new();
    for (at, folder) in folders.iter().enumerate() {
        for object in &folder.objects {
            if let Some(key) = scaled_by(*object)
                && let Some(other) = index.target(at, key)
            {
                scaled.entry((other, key)).or_default().insert(at);
            }
            let named = named_by(*object).into_iter().filter_map(|key| index.elsewhere(at, key));
            edges.extend(named.chain(index.selected(at, *object, "Service")).map(|other| (at, other)));
            if let Some(other) = index.selected(at, *object, "PodDisruptionBudget") {
                budgets.entry(other).or_default().insert(at);
            }
        }
    }
    let scaled = scaled.into_iter().filter_map(|((target, _), folders)| Some((only(folders.into_iter())?, target)));
    edges.extend(scaled);
    let budgets = budgets.into_iter().filter_map(|(target, folders)| Some((target, only(folders.into_iter())?)));
    edges.extend(budgets);
    let mut groups: Vec<usize> = (0..folders.len()).collect();
    for (one, other) in edges {
        let (one, other) = (first(&mut groups, one), first(&mut groups, other));
        groups[one.max(other)] = one.min(other);
    }
    (0..folders.len()).map(|at| first(&mut groups, at)).collect()
}

/// The first folder of a group. What was passed on the way leads there directly from then on.
fn first(groups: &mut [usize], at: usize) -> usize {
    let mut found = at;
    while groups[found] != found {
        groups[found] = groups[groups[found]];
        found = groups[found];
    }
    found
}

impl<'f, 'w> Index<'f, 'w> {
    fn of(folders: &'f [Folder<'w>]) -> Self {
        let mut index = Self { folders, objects: Near::new(), labels: Near::new(), kinds: Vec::new() };
        for (at, folder) in folders.iter().enumerate() {
            for object in &folder.objects {
                key(*object).into_iter().for_each(|key| index.objects.add(at, &folder.path, key));
                labels(*object).into_iter().for_each(|label| index.labels.add(at, &folder.path, label));
            }
            let kinds = folder.objects.iter().filter_map(|object| object.get("kind")?.as_str());
            index.kinds.push(kinds.collect());
        }
        index
    }

    /// The one neighbour that has an object, where the folder holds nothing of its kind.
    fn elsewhere(&self, at: usize, key: Key<'w>) -> Option<usize> {
        if self.kinds[at].contains(key.0) {
            return None;
        }
        only(self.objects.of(&self.folders[at].path, key))
    }

    /// The one neighbour that has what an autoscaler scales, where the folder itself does not. What else runs in a folder
    /// below or above its target's (an adapter for metrics) says nothing.
    fn target(&self, at: usize, key: Key<'w>) -> Option<usize> {
        let path: &Path = &self.folders[at].path;
        let found = only(self.objects.of(path, key))?;
        let other: &Path = &self.folders[found].path;
        let is_here = self.objects.at.get(&(path, key)).is_some_and(|folders| folders.contains(&at));
        let is_below_or_above = path.parent() == Some(other) || other.parent() == Some(path);
        if is_below_or_above && !is_here { Some(found) } else { self.elsewhere(at, key) }
    }

    /// The one neighbour with pods that an object selects, if it is of this kind and the folder holds no pods.
    fn selected(&self, at: usize, object: NodeRef<'w>, kind: &str) -> Option<usize> {
        if object.get("kind")?.as_str()? != kind || self.kinds[at].iter().any(|kind| runs_pods(kind)) {
            return None;
        }
        let namespace = namespace_of(object);
        let with = |(name, value)| -> BTreeSet<usize> {
            self.labels.of(&self.folders[at].path, (namespace, name, value)).collect()
        };
        let selector = object.at(&["spec", "selector"])?;
        let labels = if kind == "Service" { Some(selector) } else { selector.get("matchLabels") };
        let folders = texts(labels?).into_iter().map(with);
        only(folders.reduce(|one, other| &one & &other)?.into_iter())
    }
}

fn only(mut found: impl Iterator<Item = usize>) -> Option<usize> {
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// The longest path that two paths begin with.
fn shared<'p>(one: &'p Path, other: &Path) -> &'p Path {
    one.ancestors().find(|path| other.starts_with(path)).unwrap_or(Path::new(""))
}

/// What tells an object apart; `None` where it has no name of its own.
pub(super) fn key(object: NodeRef<'_>) -> Option<Key<'_>> {
    let name = object.at(&["metadata", "name"])?.as_str()?;
    Some((object.get("kind")?.as_str()?, namespace_of(object), name))
}

fn namespace_of(object: NodeRef<'_>) -> &str {
    object.at(&["metadata", "namespace"]).and_then(NodeRef::as_str).unwrap_or(DEFAULT_NAMESPACE)
}

fn runs_pods(kind: &str) -> bool {
    matches!(
        kind,
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Rollout" | "Pod" | "ReplicationController"
    )
}

/// The labels of the pods of an object.
fn labels(object: NodeRef<'_>) -> Vec<Label<'_>> {
    let path: &[&str] = match object.get("kind").and_then(NodeRef::as_str) {
        Some("Pod") => &["metadata", "labels"],
        Some(kind) if runs_pods(kind) => &["spec", "template", "metadata", "labels"],
        _ => return Vec::new(),
    };
    let namespace = namespace_of(object);
    let labels = object.at(path).map(texts).unwrap_or_default();
    labels.into_iter().map(|(name, value)| (namespace, name, value)).collect()
}

fn texts(map: NodeRef<'_>) -> Vec<(&str, &str)> {
    map.entries().filter_map(|(key, value)| Some((key.as_str()?, value.as_str()?))).collect()
}

/// What an autoscaler scales.
fn scaled_by(object: NodeRef<'_>) -> Option<Key<'_>> {
    let kind = object.get("kind")?.as_str()?;
    let target = object.at(&["spec", "scaleTargetRef"])?;
    let of = match (kind, target.get("kind")) {
        ("HorizontalPodAutoscaler", Some(of)) | ("ScaledObject", Some(of)) => of.as_str()?,
        ("ScaledObject", None) => "Deployment",
        _ => return None,
    };
    Some((of, namespace_of(object), target.get("name")?.as_str()?))
}

/// The Services that a way in from outside leads to, and the claims that pods use.
fn named_by(object: NodeRef<'_>) -> Vec<Key<'_>> {
    let paths: &[(&str, &[&str])] = match object.get("kind").and_then(NodeRef::as_str) {
        Some("Ingress") => &[
            ("Service", &["spec", "rules", "http", "paths", "backend", "service", "name"]),
            ("Service", &["spec", "rules", "http", "paths", "backend", "serviceName"]),
            ("Service", &["spec", "defaultBackend", "service", "name"]),
        ],
        Some("HTTPRoute" | "GRPCRoute") => &[("Service", &["spec", "rules", "backendRefs", "name"])],
        Some("VirtualService") => &[("Service", &["spec", "http", "route", "destination", "host"])],
        Some("IngressRoute") => &[("Service", &["spec", "routes", "services", "name"])],
        Some(kind) if runs_pods(kind) => {
            &[("PersistentVolumeClaim", &["spec", "template", "spec", "volumes", "persistentVolumeClaim", "claimName"])]
        }
        _ => &[],
    };
    let namespace = namespace_of(object);
    let named = |(kind, path): &(&'static str, &'static [&'static str])| {
        let names = reached(object, path).into_iter().filter_map(NodeRef::as_str);
        let kind = *kind;
        names.map(move |name| (kind, namespace, name)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(named).collect()
}

/// Things that one object refers to: aliases can make a short list of them very long.
const MAX_NAMED: usize = 10_000;

/// What stands at a path of keys that goes through all items of lists.
fn reached<'w>(object: NodeRef<'w>, path: &[&str]) -> Vec<NodeRef<'w>> {
    path.iter().fold(vec![object], |nodes, key| {
        let values = nodes.into_iter().filter_map(|node| node.get(key));
        values
            .flat_map(|value| if value.is_sequence() { value.items().collect() } else { vec![value] })
            .take(MAX_NAMED)
            .collect()
    })
}

//! Kustomizations: which files they make one unit of, and what their patches change.
//!
//! Kustomizations that build on each other are one unit, a base together with all of its overlays. Objects are judged
//! once, as the base has them; the fields that any of the overlays patches are unknown. Patches are no objects.

use super::{mask, resolve};
use crate::discover::FileKind;
use crate::frontends::Member;
use crate::read::{File, Lookup, Workspace};
use crate::source::{SourceId, Span, normalize};
use crate::tree::{self, NodeRef};
use crate::value::{Data, Origin, Value, View};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How kustomizations and the files that they list hang together.
pub(super) struct Graph {
    groups: Vec<Vec<SourceId>>,
    taken: HashSet<SourceId>,
}

impl Graph {
    pub(super) fn of(workspace: &Workspace) -> Self {
        let kustomizations: Vec<&File> =
            workspace.files.iter().filter(|file| file.kind == FileKind::Kustomization).collect();
        let folders: HashMap<PathBuf, SourceId> =
            kustomizations.iter().map(|file| (folder_of(workspace, file.source), file.source)).collect();
        let mut joined = Joined::default();
        let mut built_on = HashSet::new();
        let mut patches = HashSet::new();
        for file in &kustomizations {
            joined.add(file.source);
            let Some(root) = file.tree.documents().next() else { continue };
            let folder = folder_of(workspace, file.source);
            for listed in listed(root, &["resources", "bases", "components"]) {
                let path = normalize(&folder.join(listed));
                if let Some(base) = folders.get(&path).filter(|base| **base != file.source) {
                    built_on.insert(*base);
                    joined.join(file.source, *base);
                } else if let Some(source) = workspace.sources.find(&path).filter(|one| is_plain(workspace, *one)) {
                    joined.join(file.source, source);
                }
            }
            for path in patch_paths(root) {
                patches.extend(workspace.sources.find(&folder.join(path)));
            }
        }
        let rank = |source: &SourceId| match workspace.file(*source).map(|file| file.kind) {
            Some(FileKind::Kustomization) => usize::from(built_on.contains(source)),
            _ => 2,
        };
        let mut groups = joined.groups();
        for group in &mut groups {
            group.sort_by_key(|source| (rank(source), workspace.path(*source)));
            // Of several overlays none speaks for all: the base names the unit.
            let overlays = group.iter().take_while(|source| rank(source) == 0).count();
            let bases = group.iter().skip(overlays).take_while(|source| rank(source) == 1).count();
            if overlays > 1 && bases > 0 {
                group.swap(0, overlays);
            }
        }
        let taken = groups.iter().flatten().copied().chain(patches).collect();
        Self { groups, taken }
    }

    /// The sources of each unit, the kustomization that names it first.
    pub(super) fn groups(&self) -> &[Vec<SourceId>] {
        &self.groups
    }

    /// Whether a file belongs to a kustomization, as a resource or as a patch.
    pub(super) fn takes(&self, source: SourceId) -> bool {
        self.taken.contains(&source)
    }
}

fn folder_of(workspace: &Workspace, source: SourceId) -> PathBuf {
    workspace.path(source).parent().unwrap_or(Path::new("")).to_path_buf()
}

/// Whether a file is a kustomization or stands beside one.
pub(super) fn is_near(workspace: &Workspace, source: SourceId) -> bool {
    let folder = folder_of(workspace, source);
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

/// The paths of patches; one that is written in place is no path that anything is found at.
fn patch_paths(root: NodeRef<'_>) -> impl Iterator<Item = &str> {
    let named = ["patches", "patchesJson6902"].into_iter().filter_map(move |key| root.get(key));
    let named = named.flat_map(NodeRef::items).filter_map(|patch| patch.get("path")?.as_str());
    let old = listed(root, &["patches", "patchesStrategicMerge"]);
    named.chain(old).filter(|path| !path.contains('\n'))
}

/// Sets of sources that are merged when something joins them.
#[derive(Default)]
struct Joined {
    index: HashMap<SourceId, usize>,
    parents: Vec<usize>,
}

impl Joined {
    fn add(&mut self, source: SourceId) -> usize {
        let next = self.parents.len();
        let index = *self.index.entry(source).or_insert(next);
        if index == next {
            self.parents.push(next);
        }
        index
    }

    fn root(&mut self, mut index: usize) -> usize {
        while self.parents[index] != index {
            self.parents[index] = self.parents[self.parents[index]];
            index = self.parents[index];
        }
        index
    }

    fn join(&mut self, one: SourceId, other: SourceId) {
        let (one, other) = (self.add(one), self.add(other));
        let (one, other) = (self.root(one), self.root(other));
        self.parents[other] = one;
    }

    fn groups(mut self) -> Vec<Vec<SourceId>> {
        let mut groups: HashMap<usize, Vec<SourceId>> = HashMap::new();
        let sources: Vec<(SourceId, usize)> = self.index.iter().map(|(source, index)| (*source, *index)).collect();
        for (source, index) in sources {
            let root = self.root(index);
            groups.entry(root).or_default().push(source);
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        groups.sort_by_key(|group| group.iter().min().copied());
        groups
    }
}

/// What the kustomizations of one unit change in its objects.
#[derive(Default)]
pub(super) struct Overlay {
    patches: Vec<Patch>,
    by_name: HashMap<Arc<str>, Vec<usize>>,
    /// Patches for objects of any name.
    general: Vec<usize>,
    namespace: Option<Value>,
}

struct Patch {
    /// `None`: objects of any kind.
    kind: Option<Arc<str>>,
    change: Change,
}

enum Change {
    /// It cannot be told what it changes.
    Everything,
    Merge(Value),
    Pointers(Vec<(Vec<String>, Origin)>),
}

/// Which objects a patch is for; what is `None` is not restricted.
#[derive(Clone, Default)]
struct Target {
    kind: Option<Arc<str>>,
    name: Option<Arc<str>>,
}

impl Overlay {
    /// Reads the kustomizations among the members of a unit.
    pub(super) fn of(workspace: &Workspace, members: &[Member]) -> Self {
        let mut overlay = Self::default();
        let mut namespaces: BTreeSet<Arc<str>> = BTreeSet::new();
        for member in members {
            let Some(file) = workspace.file(member.source).filter(|file| file.kind == FileKind::Kustomization) else {
                continue;
            };
            let Some(root) = file.tree.documents().next() else { continue };
            let value = resolve::value(root);
            let view = View::new(&value, root.span());
            let affixes = ["namePrefix", "nameSuffix"].map(|key| view.get(key).known_text().unwrap_or_default());
            if !file.tree.errors.is_empty() {
                overlay.add(Target::default(), &affixes, Change::Everything);
            }
            overlay.read(workspace, member.source, view, &affixes);
            if let Some((name, written)) = view.get("namespace").known_text().zip(view.get("namespace").value()) {
                let is_new = namespaces.insert(name);
                match &mut overlay.namespace {
                    None => overlay.namespace = Some(written.clone()),
                    // Overlays that go to different places: what counts is that each of them has one.
                    Some(other) if is_new => {
                        let data = Data::Text(super::object::DEFAULT_NAMESPACE.into());
                        *other = Value::new(data, other.origin.clone());
                    }
                    Some(_) => {}
                }
            }
        }
        overlay
    }

    fn read(&mut self, workspace: &Workspace, source: SourceId, view: View<'_>, affixes: &[Arc<str>; 2]) {
        for count in view.get("replicas").items() {
            let pointer = ["spec", "replicas"].map(String::from).to_vec();
            let Some(origin) = count.value().map(|value| value.origin.clone()) else { continue };
            let target = Target { kind: None, name: count.get("name").known_text() };
            self.add(target, affixes, Change::Pointers(vec![(pointer, origin)]));
        }
        for replaced in view.get("replacements").items().iter().flat_map(|one| one.get("targets").items()) {
            self.add(target(replaced.get("select")).unwrap_or_default(), affixes, Change::Everything);
        }
        for key in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
            for patch in view.get(key).items() {
                let target = target(patch.get("target"));
                let inline = patch.get("patch");
                if let Some((text, span)) = inline.known_text().zip(inline.span()) {
                    self.inline(&text, span, target, affixes);
                } else if let Some(path) = patch.get("path").known_text() {
                    self.file(workspace.beside(source, &path), target, affixes);
                } else if let Some(text) = patch.known_text() {
                    match patch.span().filter(|_| text.contains('\n')) {
                        Some(span) => self.inline(&text, span, None, affixes),
                        None => self.file(workspace.beside(source, &text), None, affixes),
                    }
                }
            }
        }
    }

    fn inline(&mut self, text: &str, span: Span, target: Option<Target>, affixes: &[Arc<str>; 2]) {
        let tree = tree::yaml::parse(span.file, text.into());
        for root in tree.documents() {
            self.patch(resolve::value_at(root, span), target.clone(), affixes);
        }
    }

    fn file(&mut self, found: Lookup<'_>, target: Option<Target>, affixes: &[Arc<str>; 2]) {
        match found {
            Lookup::Found(file) => {
                for root in file.tree.documents() {
                    self.patch(resolve::value(root), target.clone(), affixes);
                }
            }
            // JSON patches have no `kind` of their own and are not read.
            _ => self.add(target.unwrap_or_default(), affixes, Change::Everything),
        }
    }

    fn patch(&mut self, patch: Value, target: Option<Target>, affixes: &[Arc<str>; 2]) {
        match patch.known() {
            Some(Data::Null) => {}
            Some(Data::Object(_)) => {
                let target = target.unwrap_or_else(|| {
                    let view = View::new(&patch, None);
                    Target { kind: view.get("kind").known_text(), name: view.at(&["metadata", "name"]).known_text() }
                });
                self.add(target, affixes, Change::Merge(patch));
            }
            Some(Data::List(operations)) => {
                let pointers: Option<_> = operations.iter().map(pointer).collect();
                let change = pointers.map_or(Change::Everything, Change::Pointers);
                self.add(target.unwrap_or_default(), affixes, change);
            }
            _ => self.add(target.unwrap_or_default(), affixes, Change::Everything),
        }
    }

    fn add(&mut self, target: Target, [prefix, suffix]: &[Arc<str>; 2], change: Change) {
        let number = self.patches.len();
        self.patches.push(Patch { kind: target.kind, change });
        let Some(name) = target.name else { return self.general.push(number) };
        // A patch may name an object as it is called before or after the prefix.
        let stripped = name.strip_prefix(&**prefix).and_then(|name| name.strip_suffix(&**suffix));
        if let Some(stripped) = stripped.filter(|stripped| **stripped != *name) {
            self.by_name.entry(stripped.into()).or_default().push(number);
        }
        self.by_name.entry(name).or_default().push(number);
    }

    /// An object with its namespace, and with the fields unknown that are patched.
    pub(super) fn apply(&self, object: Value) -> Value {
        let view = View::new(&object, None);
        let kind = view.get("kind").known_text();
        let named = view.at(&["metadata", "name"]).known_text().and_then(|name| self.by_name.get(&name));
        let numbers = self.general.iter().chain(named.into_iter().flatten());
        let fits = |patch: &&Patch| patch.kind.is_none() || patch.kind == kind;
        let patches: Vec<&Patch> = numbers.map(|number| &self.patches[*number]).filter(fits).collect();
        let object = patches.iter().fold(object.clone(), |object, patch| patch.applied(&object));
        // One that is not the unit's own names its namespace, and keeps it.
        let is_shared = kind.as_deref() == Some("LimitRange") && view.at(&["metadata", "namespace"]).is_present();
        match &self.namespace {
            Some(namespace) if !is_shared => mask::with(&object, &["metadata", "namespace"], namespace.clone()),
            _ => object,
        }
    }
}

impl Patch {
    fn applied(&self, object: &Value) -> Value {
        let Some(spec) = object.get("spec") else { return object.clone() };
        let spec = match &self.change {
            Change::Everything => mask::whole(spec),
            Change::Merge(patch) if is_removal(patch) => mask::whole(spec),
            Change::Merge(patch) => match patch.get("spec") {
                Some(change) => mask::merged(spec, change, 0),
                None => return object.clone(),
            },
            Change::Pointers(pointers) => {
                pointers.iter().fold(spec.clone(), |spec, (pointer, origin)| match pointer.split_first() {
                    Some((first, rest)) if first == "spec" => mask::at(&spec, rest, origin),
                    Some(_) => spec,
                    None => mask::whole(&spec),
                })
            }
        };
        mask::with(object, &["spec"], spec)
    }
}

/// `$patch: delete` and its like.
fn is_removal(patch: &Value) -> bool {
    patch.get("$patch").is_some()
}

/// The objects that `target` picks. A name that is a pattern and a selector of labels pick more than can be told.
fn target(view: View<'_>) -> Option<Target> {
    if view.is_absent() {
        return None;
    }
    let is_plain = |name: &Arc<str>| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    Some(Target {
        kind: view.get("kind").known_text().filter(is_plain),
        name: view.get("name").known_text().filter(is_plain),
    })
}

/// The path of one operation of a JSON patch. Removing or adding an element changes the list that it is in.
fn pointer(operation: &Value) -> Option<(Vec<String>, Origin)> {
    let view = View::new(operation, None);
    let path = view.get("path").known_text()?;
    let segments = path.strip_prefix('/')?.split('/');
    let segments = segments.map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect();
    Some((segments, operation.origin.clone()))
}

//! Building one kustomization: what it lists and builds on, then its own changes, in kustomize's order.

use super::edit::{decided_by, hide, with};
use super::item::Item;
use super::transform::{self, Reach};
use super::{kustomization, patch, replacement, transformer};
use crate::discover::FileKind;
use crate::frontends::kubernetes::{detect, resolve};
use crate::read::{Lookup, Note, NoteKind, Workspace};
use crate::source::{SourceId, Span};
use crate::value::{How, Origin, View};
use std::collections::{HashMap, HashSet};

/// Objects of one build.
const MAX_OBJECTS: usize = 5_000;
/// Kustomizations of one build, counted as often as they are built on.
const MAX_BUILDS: usize = 2_000;
/// Kustomizations that build on each other.
const MAX_DEPTH: usize = 64;
/// Patches, counted for each object that they are held against.
const MAX_PATCHES: usize = 5_000_000;

/// The objects that a kustomization makes.
pub(super) struct Build<'w> {
    workspace: &'w Workspace,
    running: Vec<SourceId>,
    done: HashMap<SourceId, Vec<Item>>,
    builds: usize,
    patches: usize,
    /// The files that went into it.
    pub used: HashSet<SourceId>,
    /// What was left out.
    pub notes: Vec<Note>,
}

impl<'w> Build<'w> {
    pub fn new(workspace: &'w Workspace) -> Self {
        Self {
            workspace,
            running: Vec::new(),
            done: HashMap::new(),
            builds: MAX_BUILDS,
            patches: MAX_PATCHES,
            used: HashSet::new(),
            notes: Vec::new(),
        }
    }

    /// The objects of a kustomization. A component changes the objects of whoever uses it, `items`.
    pub fn build(&mut self, source: SourceId, items: Vec<Item>) -> Vec<Item> {
        let is_alone = items.is_empty();
        if let Some(done) = self.done.get(&source).filter(|_| is_alone) {
            return done.clone();
        }
        let Some(file) = self.workspace.file(source) else { return items };
        if self.running.contains(&source) {
            self.note(source, "this kustomization builds on itself; it is read once");
            return items;
        }
        if self.running.len() >= MAX_DEPTH || self.builds == 0 {
            self.note(source, "kustomizations build on each other more often than archlint follows");
            return items;
        }
        self.builds -= 1;
        self.used.insert(source);
        let Some(root) = file.tree.documents().next() else { return items };
        let value = resolve::value(root);
        self.running.push(source);
        let mut items = self.gathered(source, View::new(&value, root.span()), items);
        self.running.pop();
        if !file.tree.errors.is_empty() {
            hide(&mut items, &decided_by(&value.origin));
        }
        self.changed(source, View::new(&value, root.span()), &mut items);
        if is_alone {
            self.done.insert(source, items.clone());
        }
        items
    }

    /// The objects before the kustomization's own changes.
    fn gathered(&mut self, source: SourceId, view: View<'_>, mut items: Vec<Item>) -> Vec<Item> {
        let mut seen: HashSet<_> = items.iter().filter_map(Item::identity).collect();
        for key in ["resources", "bases"] {
            for listed in view.get(key).items() {
                for item in self.listed(source, listed) {
                    // kustomize refuses a second object of one name.
                    if items.len() < MAX_OBJECTS && item.identity().is_none_or(|identity| seen.insert(identity)) {
                        items.push(item);
                    }
                }
            }
        }
        if let Some(charts) = view.get("helmCharts").value() {
            let message = "the charts under `helmCharts` are not rendered; pipe the build: \
                           `kustomize build --enable-helm . | archlint -`";
            self.note_at(charts.origin.site(), message.to_string());
        }
        for listed in view.get("components").items() {
            let Some(path) = listed.known_text() else { continue };
            match kustomization(self.workspace, source, &path) {
                Some(component) => items = self.build(component, items),
                None => self.lacks(listed, &path),
            }
        }
        if items.len() >= MAX_OBJECTS {
            self.note(source, "a kustomization with more objects than archlint follows; the rest is not read");
        }
        items
    }

    /// What a path among the resources adds.
    fn listed(&mut self, source: SourceId, listed: View<'_>) -> Vec<Item> {
        let Some(path) = listed.known_text() else { return Vec::new() };
        if let Some(base) = kustomization(self.workspace, source, &path) {
            return self.build(base, Vec::new());
        }
        let Lookup::Found(file) = self.workspace.beside(source, &path) else {
            self.lacks(listed, &path);
            return Vec::new();
        };
        if !matches!(file.kind, FileKind::Yaml | FileKind::Json) {
            return Vec::new();
        }
        self.used.insert(file.source);
        let objects = detect::manifests(file).into_iter().flat_map(|(_, root)| {
            let expanded = detect::expanded(resolve::value(root));
            expanded.into_iter().map(move |value| (value, root.span()))
        });
        objects
            .map(|(value, place)| {
                let place = value.origin.site().unwrap_or(place);
                Item::new(value, place)
            })
            .collect()
    }

    /// The kustomization's own changes.
    fn changed(&mut self, source: SourceId, view: View<'_>, items: &mut Vec<Item>) {
        let patched = |build: &mut Self, key: &'static str, items: &mut Vec<Item>| {
            for patch in patch::read(build.workspace, source, view.get(key)) {
                if build.patches < items.len() {
                    build.note(source, "more patches than archlint follows; what they change is not known");
                    return hide(items, &decided_by(&Origin::new(How::Computed, view.span())));
                }
                build.patches -= items.len();
                patch.apply(items);
            }
        };
        patched(self, "patchesStrategicMerge", items);
        patched(self, "patches", items);
        if let Some(namespace) = view.get("namespace").value() {
            transform::namespace(items, namespace);
        }
        let [prefix, suffix] = ["namePrefix", "nameSuffix"].map(|key| view.get(key));
        if prefix.is_present() || suffix.is_present() {
            let origin = prefix.value().or(suffix.value()).map(|value| value.origin.clone());
            let text = |view: View<'_>| view.known_text().unwrap_or_default();
            if let Some(origin) = origin {
                transform::affixes(items, &text(prefix), &text(suffix), &origin);
            }
        }
        labelled(view, items);
        patched(self, "patchesJson6902", items);
        for entry in view.get("replicas").items() {
            transform::replicas(items, entry);
        }
        for entry in view.get("images").items() {
            transform::images(items, entry);
        }
        for entry in view.get("replacements").items() {
            replacement::apply(self.workspace, source, entry, items);
        }
        for entry in view.get("transformers").items() {
            transformer::apply(self.workspace, source, entry, items);
        }
    }

    /// Says that something which is listed is not part of what was scanned.
    fn lacks(&mut self, listed: View<'_>, path: &str) {
        let is_remote = path.contains("://") || path.contains("?ref=") || path.starts_with("git@");
        let is_remote = is_remote || path.split('/').next().is_some_and(|host| host.ends_with(".com"));
        let message = match is_remote {
            true => format!("the remote base `{path}` is not fetched"),
            false => format!("`{path}`, which this kustomization lists, is not among the files that were read"),
        };
        self.note_at(listed.span(), message);
    }

    fn note_at(&mut self, place: Option<Span>, message: String) {
        self.notes.extend(place.map(|span| self.workspace.note(NoteKind::Skipped, span, message)));
    }

    fn note(&mut self, source: SourceId, message: &str) {
        self.note_at(Some(Span::new(source, 0, 0)), message.to_string());
    }
}

fn labelled(view: View<'_>, items: &mut [Item]) {
    transform::labels(items, view.get("commonLabels"), Reach::Selectors);
    for entry in view.get("labels").items() {
        let is = |key: &'static str| entry.get(key).boolean().set() == Some(&true);
        let reach = match (is("includeSelectors"), is("includeTemplates")) {
            (true, _) => Reach::Selectors,
            (false, true) => Reach::Templates,
            (false, false) => Reach::Metadata,
        };
        transform::labels(items, entry.get("pairs"), reach);
    }
    for (entry, _) in view.get("commonAnnotations").entries() {
        for item in items.iter_mut() {
            item.value = with(&item.value, &["metadata", "annotations", &entry.name], entry.value.clone());
        }
    }
}

//! Patches of a kustomization: where they are written, which objects they are for, what they make of them.

use super::edit::{decided_by, hidden, with};
use super::item::{Fit, Item, Selector};
use super::json_patch::Operation;
use super::merge::merged;
use crate::frontends::kubernetes::resolve;
use crate::read::{Lookup, Workspace};
use crate::source::SourceId;
use crate::tree;
use crate::value::{Data, Unknown, Value, View};

/// One patch.
pub(super) struct Patch {
    /// `None`: it names its object itself, and does not.
    selector: Option<Selector>,
    change: Change,
}

enum Change {
    Merge(Value),
    /// Operations, and the value of whatever they do not apply to.
    Operations(Vec<Operation>, Value),
    /// It cannot be told what it changes, for the reason that this value gives.
    Unreadable(Value),
}

/// The patches in a list of a kustomization, in order.
pub(super) fn read(workspace: &Workspace, kustomization: SourceId, list: View<'_>) -> Vec<Patch> {
    list.items().into_iter().flat_map(|entry| of_entry(workspace, kustomization, entry)).collect()
}

fn of_entry(workspace: &Workspace, kustomization: SourceId, entry: View<'_>) -> Vec<Patch> {
    let target = entry.get("target");
    let bare = || entry.known_text().map(|_| entry);
    let inline = Some(entry.get("patch"))
        .filter(|patch| patch.known_text().is_some())
        .or_else(|| bare().filter(|entry| entry.known_text().is_some_and(|text| text.contains('\n'))));
    let Some(origin) = entry.value().map(|entry| entry.origin.clone()) else { return Vec::new() };
    let changes = match (inline, data(entry)) {
        (Some(inline), _) => of_text(inline).ok_or_else(|| decided_by(&origin)),
        (None, Some(data)) => Ok(vec![data.clone()]),
        (None, None) => {
            let path = entry.get("path").known_text().or_else(|| entry.known_text());
            let path = path.ok_or_else(|| decided_by(&origin));
            path.and_then(|path| of_file(workspace, kustomization, &path).map_err(|why| Value::unknown(why, origin)))
        }
    };
    let patch = |change: Change| {
        let selector = match (&change, target.is_present()) {
            (_, true) => Some(Selector::of_target(target)),
            (Change::Merge(value), false) => Selector::of_patch(value),
            // Operations name their object by a target only.
            (Change::Operations(..), false) => None,
            // Nobody knows whose it is.
            (Change::Unreadable(_), false) => Some(Selector::default()),
        };
        Patch { selector, change }
    };
    match changes {
        Ok(values) => values.into_iter().map(|value| patch(change(value))).collect(),
        Err(unknown) => vec![patch(Change::Unreadable(unknown))],
    }
}

/// A patch that is no text: Flux takes an object where it is one, or a list of operations.
fn data(entry: View<'_>) -> Option<&Value> {
    let patch = entry.get("patch");
    let is_list = matches!(patch.value().and_then(|patch| patch.known()), Some(Data::List(_)));
    let written = if is_list { patch } else { entry };
    written.value().filter(|_| is_list || entry.get("kind").is_present() && entry.get("metadata").is_present())
}

fn change(value: Value) -> Change {
    match value.known() {
        Some(Data::Object(_)) => Change::Merge(value),
        Some(Data::List(operations)) => {
            let read: Option<Vec<Operation>> = operations.iter().map(Operation::read).collect();
            let unknown = decided_by(&value.origin);
            match read {
                Some(read) => Change::Operations(read, unknown),
                None => Change::Unreadable(unknown),
            }
        }
        _ => Change::Unreadable(decided_by(&value.origin)),
    }
}

/// The documents of a text that is written in place; `None` where it cannot be read.
pub(super) fn of_text(inline: View<'_>) -> Option<Vec<Value>> {
    let (text, span) = (inline.known_text()?, inline.span()?);
    let tree = tree::yaml::parse(span.file, text);
    tree.errors.is_empty().then(|| of_tree(tree.documents().map(|root| resolve::value_at(root, span))))
}

/// The documents of a file beside the kustomization, or why they are not known.
pub(super) fn of_file(workspace: &Workspace, kustomization: SourceId, path: &str) -> Result<Vec<Value>, Unknown> {
    match workspace.beside(kustomization, path) {
        Lookup::Found(file) if file.tree.errors.is_empty() => Ok(of_tree(file.tree.documents().map(resolve::value))),
        Lookup::Found(_) => Err(Unknown::Invalid(format!("`{path}` cannot be parsed").into())),
        Lookup::Outside => Err(Unknown::OutsideRoot(path.into())),
        Lookup::Missing => Err(Unknown::Missing(path.into())),
    }
}

fn of_tree(values: impl Iterator<Item = Value>) -> Vec<Value> {
    values.filter(|value| value.known() != Some(&Data::Null)).collect()
}

impl Patch {
    /// Applies the patch to all objects that it is for.
    pub(super) fn apply(&self, items: &mut Vec<Item>) {
        let Some(selector) = &self.selector else { return };
        items.retain_mut(|item| match selector.fits(item) {
            Fit::No => true,
            Fit::Open => {
                item.value = hidden(&item.value, &self.unknown());
                true
            }
            Fit::Yes => match self.applied(item) {
                Some(value) => {
                    item.value = named(value, item);
                    true
                }
                None => false,
            },
        });
    }

    /// Makes unknown what the patch may be for.
    pub(super) fn hide(&self, items: &mut [Item]) {
        let Some(selector) = &self.selector else { return };
        for item in items.iter_mut().filter(|item| selector.fits(item) != Fit::No) {
            item.value = hidden(&item.value, &self.unknown());
        }
    }

    /// What is not known of an object that the patch may be for.
    fn unknown(&self) -> Value {
        match &self.change {
            Change::Merge(patch) => decided_by(&patch.origin),
            Change::Operations(_, unknown) | Change::Unreadable(unknown) => unknown.clone(),
        }
    }

    /// What the patch makes of an object; `None`: it is removed.
    fn applied(&self, item: &Item) -> Option<Value> {
        match &self.change {
            Change::Merge(patch) => merged(&item.value, patch, item.is_custom()),
            Change::Operations(operations, unknown) => {
                let applied =
                    operations.iter().try_fold(item.value.clone(), |value, operation| operation.apply(&value));
                // One that does not apply fails the build; it may be meant for another state of the files.
                Some(applied.unwrap_or_else(|| hidden(&item.value, unknown)))
            }
            Change::Unreadable(unknown) => Some(hidden(&item.value, unknown)),
        }
    }
}

/// A patched object under the kind and the name that it had: a patch does not change these.
fn named(value: Value, item: &Item) -> Value {
    let kept = [&["kind"][..], &["metadata", "name"], &["metadata", "namespace"]];
    kept.iter().fold(value, |value, path| match super::edit::at(&item.value, path) {
        Some(own) => with(&value, path, own.clone()),
        None => value,
    })
}

//! Patches of a kustomization: where they are written, which objects they are for, what they make of them.

use super::edit::{hidden, with};
use super::item::{Fit, Item, Selector};
use super::json_patch::Operation;
use super::merge::merged;
use crate::frontends::kubernetes::resolve;
use crate::read::{Lookup, Workspace};
use crate::source::SourceId;
use crate::tree;
use crate::value::{Data, Origin, Value, View};

/// One patch.
pub(super) struct Patch {
    /// `None`: it names its object itself, and does not.
    selector: Option<Selector>,
    change: Change,
}

enum Change {
    Merge(Value),
    Operations(Vec<Operation>, Origin),
    /// It cannot be told what it changes.
    Unreadable(Origin),
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
    let values = match inline {
        Some(inline) => of_text(inline),
        None => {
            let path = entry.get("path").known_text().or_else(|| entry.known_text());
            path.and_then(|path| of_file(workspace.beside(kustomization, &path)))
        }
    };
    let Some(origin) = entry.value().map(|entry| entry.origin.clone()) else { return Vec::new() };
    let values = values.map(|values| values.into_iter().map(Some).collect()).unwrap_or_else(|| vec![None]);
    let patch = |value: Option<Value>| {
        let selector = match (&value, target.is_present()) {
            (_, true) => Some(Selector::of_target(target)),
            (Some(value), false) => Selector::of_patch(value),
            // Nobody knows whose it is.
            (None, false) => Some(Selector::default()),
        };
        Patch { selector, change: change(value, &origin) }
    };
    values.into_iter().map(patch).collect()
}

fn change(value: Option<Value>, origin: &Origin) -> Change {
    let Some(value) = value else { return Change::Unreadable(origin.clone()) };
    match value.known() {
        Some(Data::Object(_)) => Change::Merge(value),
        Some(Data::List(operations)) => {
            let read: Option<Vec<Operation>> = operations.iter().map(Operation::read).collect();
            read.map_or_else(
                || Change::Unreadable(origin.clone()),
                |read| Change::Operations(read, value.origin.clone()),
            )
        }
        _ => Change::Unreadable(origin.clone()),
    }
}

/// The documents of a text that is written in place; `None` where it cannot be read.
fn of_text(inline: View<'_>) -> Option<Vec<Value>> {
    let (text, span) = (inline.known_text()?, inline.span()?);
    let tree = tree::yaml::parse(span.file, text);
    tree.errors.is_empty().then(|| of_tree(tree.documents().map(|root| resolve::value_at(root, span))))
}

/// The documents of a file.
fn of_file(found: Lookup<'_>) -> Option<Vec<Value>> {
    match found {
        Lookup::Found(file) if file.tree.errors.is_empty() => Some(of_tree(file.tree.documents().map(resolve::value))),
        _ => None,
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
                item.value = hidden(&item.value, self.origin());
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

    fn origin(&self) -> &Origin {
        match &self.change {
            Change::Merge(patch) => &patch.origin,
            Change::Operations(_, origin) | Change::Unreadable(origin) => origin,
        }
    }

    /// What the patch makes of an object; `None`: it is removed.
    fn applied(&self, item: &Item) -> Option<Value> {
        match &self.change {
            Change::Merge(patch) => merged(&item.value, patch, item.is_custom()),
            Change::Operations(operations, origin) => {
                let applied =
                    operations.iter().try_fold(item.value.clone(), |value, operation| operation.apply(&value));
                // One that does not apply fails the build; it may be meant for another state of the files.
                Some(applied.unwrap_or_else(|| hidden(&item.value, origin)))
            }
            Change::Unreadable(origin) => Some(hidden(&item.value, origin)),
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

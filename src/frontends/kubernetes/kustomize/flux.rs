//! Flux's own Kustomization: what it changes of the objects in a directory before it applies them. Called for the
//! objects of a unit, after the build of the kustomization that makes them, if there is one.

use super::edit::{at, decided_by, hide};
use super::item::Item;
use super::{patch, transform};
use crate::discover::FileKind;
use crate::frontends::kubernetes::gitops::{Applied, Reach};
use crate::frontends::kubernetes::resolve;
use crate::source::SourceId;
use crate::tree::NodeRef;
use crate::value::{Data, Entry, Unknown, Value, View};

/// One Kustomization of Flux.
pub(in crate::frontends::kubernetes) struct Flux {
    /// What it applies.
    pub(in crate::frontends::kubernetes) reach: Reach,
    source: SourceId,
    document: Value,
}

/// Objects nest as deep as the reader lets them.
const MAX_DEPTH: usize = 64;
/// Patches, counted for each object that they are held against.
const MAX_PATCHES: usize = 1_000_000;

impl Flux {
    pub(in crate::frontends::kubernetes) fn new(source: SourceId, root: NodeRef<'_>, reach: Reach) -> Self {
        Self { reach, source, document: resolve::value(root) }
    }

    /// Changes the objects that it applies. `is_only`: no other one applies objects of the unit.
    pub(in crate::frontends::kubernetes) fn change(&self, items: &mut Vec<Item>, unit: &Applied<'_>, is_only: bool) {
        let spec = View::new(&self.document, None).get("spec");
        for item in items.iter_mut() {
            item.value = substituted(&item.value);
        }
        // Components are not followed.
        if !spec.get("components").items().is_empty() || spec.get("components").is_unknown() {
            hide(items, &decided_by(&self.document.origin));
        }
        let is_sure = is_only && self.is_sure(unit);
        let mut left = MAX_PATCHES;
        let keys = ["patches", "patchesStrategicMerge", "patchesJson6902"];
        for patch in keys.iter().flat_map(|key| patch::read(unit.workspace, self.source, spec.get(key))) {
            if left < items.len() {
                return hide(items, &decided_by(&self.document.origin));
            }
            left -= items.len();
            if is_sure {
                patch.apply(items);
            } else {
                patch.hide(items);
            }
        }
        if let Some(namespace) = spec.get("targetNamespace").value().filter(|_| is_sure) {
            transform::namespace(items, namespace);
        }
    }

    /// Whether it is known to apply just this unit: of a directory with a kustomization it applies what that one
    /// builds.
    fn is_sure(&self, unit: &Applied<'_>) -> bool {
        let Reach::Folders(folders) = &self.reach else { return false };
        let mut folders = folders.iter();
        let (Some(folder), None) = (folders.next(), folders.next()) else { return false };
        let mut files = unit.workspace.directory(folder);
        unit.unit == folder || !files.any(|file| file.kind == FileKind::Kustomization)
    }
}

/// An object whose texts that hold variables are not known. Names stay, as all that use them change alike.
fn substituted(object: &Value) -> Value {
    match at(object, &["spec"]) {
        Some(spec) => super::edit::with(object, &["spec"], without_variables(spec, 0)),
        None => object.clone(),
    }
}

fn without_variables(value: &Value, depth: usize) -> Value {
    let data = match value.known() {
        Some(Data::Text(text)) if text.contains("${") => {
            return Value::unknown(Unknown::AtDeployment(text.clone()), value.origin.clone());
        }
        Some(Data::Object(entries)) if depth < MAX_DEPTH => {
            let inner = |entry: &Entry| Entry { value: without_variables(&entry.value, depth + 1), ..entry.clone() };
            Data::Object(entries.iter().map(inner).collect())
        }
        Some(Data::List(items)) if depth < MAX_DEPTH => {
            Data::List(items.iter().map(|item| without_variables(item, depth + 1)).collect())
        }
        _ => return value.clone(),
    };
    Value::new(data, value.origin.clone())
}

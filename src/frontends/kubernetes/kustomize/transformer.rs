//! Transformers that a kustomization keeps in files of their own. Of those that set labels and annotations it can be
//! told what they change; any other one may change everything.

use super::edit::{at, decided_by, hide, with};
use super::item::{Fit, Item, Selector};
use super::patch::{of_file, of_text};
use crate::read::Workspace;
use crate::source::SourceId;
use crate::value::{Value, View};

/// Applies what an entry of `transformers` names: a file, or a text in place.
pub(super) fn apply(workspace: &Workspace, kustomization: SourceId, entry: View<'_>, items: &mut [Item]) {
    let Some(value) = entry.value() else { return };
    let text = entry.known_text().unwrap_or_default();
    let found = match text.contains('\n') {
        true => of_text(entry).ok_or_else(|| decided_by(&value.origin)),
        false => of_file(workspace, kustomization, &text).map_err(|why| Value::unknown(why, value.origin.clone())),
    };
    match found {
        Ok(transformers) => transformers.iter().for_each(|transformer| one(transformer, items)),
        Err(unknown) => hide(items, &unknown),
    }
}

fn one(transformer: &Value, items: &mut [Item]) {
    let view = View::new(transformer, None);
    let pairs = match view.get("kind").known_text().as_deref() {
        Some("LabelTransformer") => Some(view.get("labels")),
        Some("AnnotationsTransformer") => Some(view.get("annotations")),
        _ => None,
    };
    // A path through a list (`spec/template[]`) is not followed.
    let fields = view.get("fieldSpecs").items();
    let is_plain = |field: &View<'_>| field.get("path").known_text().is_some_and(|path| !path.contains(['[', '\\']));
    match pairs.filter(|pairs| !pairs.is_unknown() && fields.iter().all(is_plain)) {
        Some(pairs) => {
            for field in fields {
                items.iter_mut().for_each(|item| set(field, pairs, item));
            }
        }
        None => {
            hide(items, &decided_by(&transformer.origin));
        }
    }
}

/// Sets pairs in the map that a field specification names, which is made where it is missing if that says so.
fn set(field: View<'_>, pairs: View<'_>, item: &mut Item) {
    let path = field.get("path").known_text().unwrap_or_default();
    let path: Vec<&str> = path.split('/').filter(|key| !key.is_empty()).collect();
    let is_made = field.get("create").boolean().set() == Some(&true);
    if Selector::of_target(field).fits(item) != Fit::Yes || !is_made && at(&item.value, &path).is_none() {
        return;
    }
    for (entry, _) in pairs.entries() {
        let path: Vec<&str> = path.iter().copied().chain([&*entry.name]).collect();
        item.value = with(&item.value, &path, entry.value.clone());
    }
}

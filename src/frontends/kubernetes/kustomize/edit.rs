//! Changing parts of values: what transformers and patches are made of.

use super::item::Item;
use crate::value::{Data, Entry, Origin, Unknown, Value};

/// A value that a patch decides on in a way that is not followed.
pub(super) fn decided_by(patch: &Origin) -> Value {
    Value::unknown(Unknown::NotEvaluated("this patch of a kustomization".into()), patch.clone())
}

/// An object whose `spec` is unknown as a whole, for the reason that `unknown` gives.
pub(super) fn hidden(object: &Value, unknown: &Value) -> Value {
    match object.get("spec") {
        Some(_) => with(object, &["spec"], unknown.clone()),
        None => object.clone(),
    }
}

/// Makes all that is specified of some objects unknown.
pub(super) fn hide(items: &mut [Item], unknown: &Value) {
    items.iter_mut().for_each(|item| item.value = hidden(&item.value, unknown));
}

/// The value at a path of keys.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// A value with another one at a path of keys; objects on the way are made where they are missing. What is neither an
/// object nor nothing stays as it is.
pub(super) fn with(value: &Value, path: &[&str], new: Value) -> Value {
    let Some((first, rest)) = path.split_first() else { return new };
    let mut entries = match value.known() {
        Some(Data::Object(entries)) => entries.to_vec(),
        Some(Data::Null) => Vec::new(),
        _ => return value.clone(),
    };
    match entries.iter_mut().rfind(|entry| &*entry.name == *first) {
        Some(entry) => entry.value = with(&entry.value, rest, new),
        None => {
            let nothing = Value::new(Data::Null, new.origin.clone());
            let key = new.origin.site();
            entries.push(Entry { name: (*first).into(), key, value: with(&nothing, rest, new) });
        }
    }
    Value::new(Data::Object(entries.into()), value.origin.clone())
}

/// A value with what stands at a path changed; as it is where nothing stands there.
pub(super) fn changed(value: &Value, path: &[&str], change: &dyn Fn(&Value) -> Value) -> Value {
    let Some((first, rest)) = path.split_first() else { return change(value) };
    match value.known() {
        Some(Data::Object(entries)) if entries.iter().any(|entry| &*entry.name == *first) => {
            let entry = |entry: &Entry| match &*entry.name == *first {
                true => Entry { value: changed(&entry.value, rest, change), ..entry.clone() },
                false => entry.clone(),
            };
            Value::new(Data::Object(entries.iter().map(entry).collect()), value.origin.clone())
        }
        // A path goes through all items of the lists on its way.
        Some(Data::List(items)) => {
            let items = items.iter().map(|item| changed(item, path, change));
            Value::new(Data::List(items.collect()), value.origin.clone())
        }
        _ => value.clone(),
    }
}

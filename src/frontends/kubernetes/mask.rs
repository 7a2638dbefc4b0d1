//! Objects with the fields unknown that a patch changes.
//!
//! A base may serve several overlays, each with its own patches: what a patched field will be depends on which one is
//! built. Nothing is judged by it, whatever the base says. Called by [`super::kustomize`].

use crate::value::{Data, Entry, Origin, Unknown, Value};

/// Patches nest as deep as objects do; what lies deeper is unknown as a whole.
const MAX_DEPTH: usize = 64;

/// A value that a patch decides on.
fn decided_by(patch: &Origin) -> Value {
    Value::unknown(Unknown::NotEvaluated("patches of a kustomization".into()), patch.clone())
}

/// The whole value unknown.
pub(super) fn whole(value: &Value) -> Value {
    decided_by(&value.origin)
}

/// What a strategic merge patch leaves known of a value.
pub(super) fn merged(value: &Value, patch: &Value, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return decided_by(&patch.origin);
    }
    match (value.known(), patch.known()) {
        (Some(Data::Object(entries)), Some(Data::Object(changes))) => {
            // `$patch: replace`, `$setElementOrder/..` and the like.
            if changes.iter().any(|change| change.name.starts_with('$')) {
                return decided_by(&patch.origin);
            }
            let mut entries = entries.to_vec();
            for change in changes.iter() {
                match entries.iter_mut().rfind(|entry| entry.name == change.name) {
                    Some(entry) => entry.value = merged(&entry.value, &change.value, depth + 1),
                    None => entries.push(Entry { value: hollow(&change.value, depth + 1), ..change.clone() }),
                }
            }
            Value::new(Data::Object(entries.into()), value.origin.clone())
        }
        (Some(Data::List(items)), Some(Data::List(changes))) => {
            let mut items = items.to_vec();
            for change in changes.iter() {
                let name = name_of(change);
                match items.iter_mut().find(|item| name.is_some() && name_of(item) == name) {
                    Some(item) => *item = named(merged(item, change, depth + 1), item),
                    // Something new in the list, or a list without names, which is replaced.
                    None => return decided_by(&patch.origin),
                }
            }
            Value::new(Data::List(items.into()), value.origin.clone())
        }
        _ => decided_by(&patch.origin),
    }
}

/// What a patch adds: its fields are known to be there, but not what they are.
fn hollow(patch: &Value, depth: usize) -> Value {
    match patch.known() {
        Some(Data::Object(changes)) if depth <= MAX_DEPTH => {
            let entries =
                changes.iter().map(|change| Entry { value: hollow(&change.value, depth + 1), ..change.clone() });
            Value::new(Data::Object(entries.collect()), patch.origin.clone())
        }
        _ => decided_by(&patch.origin),
    }
}

/// Items of a list go by their names, which a patch repeats and does not change.
fn name_of(item: &Value) -> Option<&str> {
    match item.get("name")?.known()? {
        Data::Text(text) => Some(text),
        _ => None,
    }
}

/// A patched item with its name as it was.
fn named(item: Value, before: &Value) -> Value {
    match before.get("name") {
        Some(name) if item.known().is_some() => with(&item, &["name"], name.clone()),
        _ => item,
    }
}

/// What a JSON patch at a pointer leaves known of a value. `patch` is where it stands.
pub(super) fn at(value: &Value, pointer: &[String], patch: &Origin) -> Value {
    let Some((first, rest)) = pointer.split_first() else { return decided_by(patch) };
    match value.known() {
        Some(Data::Object(entries)) => {
            let mut entries = entries.to_vec();
            match entries.iter_mut().rfind(|entry| *entry.name == **first) {
                Some(entry) => entry.value = at(&entry.value, rest, patch),
                None => {
                    entries.push(Entry { name: first.as_str().into(), key: patch.site(), value: decided_by(patch) })
                }
            }
            Value::new(Data::Object(entries.into()), value.origin.clone())
        }
        // Adding to a list or removing from it moves what is behind.
        Some(Data::List(items)) if !rest.is_empty() => {
            let mut items = items.to_vec();
            match first.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                Some(item) => *item = at(item, rest, patch),
                None => return decided_by(patch),
            }
            Value::new(Data::List(items.into()), value.origin.clone())
        }
        _ => decided_by(patch),
    }
}

/// A value with another one at a path of keys; objects on the way are made where they are missing.
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

//! Strategic merge patches: objects are merged, lists of things with names are merged by these names, everything else
//! is replaced.

use super::edit::decided_by;
use crate::value::{Data, Entry, Value};

/// Patches nest as deep as objects do; what lies deeper is not followed.
const MAX_DEPTH: usize = 64;

/// What a patch makes of an object; `None`: it is removed. Only of the kinds that come with Kubernetes it is known
/// which lists are merged: those of others (`is_custom`) are replaced.
pub(super) fn merged(object: &Value, patch: &Value, is_custom: bool) -> Option<Value> {
    match directive(patch) {
        Some("delete") => None,
        _ => Some(Merge { is_custom }.value(object, patch, "", 0)),
    }
}

/// What `$patch` says in an object of a patch.
fn directive(patch: &Value) -> Option<&str> {
    match patch.get("$patch")?.known()? {
        Data::Text(text) => Some(text),
        _ => None,
    }
}

struct Merge {
    is_custom: bool,
}

impl Merge {
    fn value(&self, value: &Value, patch: &Value, field: &str, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            return decided_by(&patch.origin);
        }
        match (value.known(), patch.known()) {
            (Some(Data::Object(entries)), Some(Data::Object(changes))) => match directive(patch) {
                Some("replace") => added(patch, depth),
                Some("merge") | None => self.object(value, entries, changes, depth),
                Some(_) => decided_by(&patch.origin),
            },
            (Some(Data::List(items)), Some(Data::List(changes))) => match self.key_of(field, changes) {
                Some(key) => self.list(value, items, changes, key, depth),
                None => added(patch, depth),
            },
            (None, Some(Data::Object(_) | Data::List(_))) => decided_by(&patch.origin),
            _ => added(patch, depth).over(value),
        }
    }

    fn object(&self, value: &Value, entries: &[Entry], changes: &[Entry], depth: usize) -> Value {
        let mut entries = entries.to_vec();
        for change in changes.iter().filter(|change| &*change.name != "$patch") {
            // `$setElementOrder/..`, `$deleteFromPrimitiveList/..`, `$retainKeys`
            if change.name.starts_with('$') {
                return decided_by(&change.value.origin);
            }
            let is_removed =
                matches!(change.value.known(), Some(Data::Null)) || directive(&change.value) == Some("delete");
            match entries.iter().rposition(|entry| entry.name == change.name) {
                Some(at) if is_removed => {
                    entries.remove(at);
                }
                Some(at) => {
                    let merged = self.value(&entries[at].value, &change.value, &change.name, depth + 1);
                    entries[at] = Entry { value: merged, ..change.clone() };
                }
                None if is_removed => {}
                None => entries.push(Entry { value: added(&change.value, depth + 1), ..change.clone() }),
            }
        }
        Value::new(Data::Object(entries.into()), value.origin.clone())
    }

    fn list(&self, value: &Value, items: &[Value], changes: &[Value], key: &str, depth: usize) -> Value {
        let is_replaced = |change: &Value| directive(change) == Some("replace");
        if changes.iter().any(is_replaced) {
            let kept = changes.iter().filter(|change| !is_replaced(change) || change.get(key).is_some());
            return Value::new(Data::List(kept.map(|item| added(item, depth + 1)).collect()), value.origin.clone());
        }
        let mut items = items.to_vec();
        let mut new = Vec::new();
        for change in changes {
            let name = name_of(change, key);
            let found = items.iter().position(|item| name.is_some() && name_of(item, key) == name);
            match (found, directive(change)) {
                (Some(at), Some("delete")) => {
                    items.remove(at);
                }
                (None, Some("delete")) => {}
                (Some(at), _) => items[at] = self.value(&items[at], change, "", depth + 1),
                (None, _) => new.push(added(change, depth + 1)),
            }
        }
        // What is new comes first, as kustomize has it.
        new.append(&mut items);
        Value::new(Data::List(new.into()), value.origin.clone())
    }

    /// The key by which the items of a list are told apart; `None`: the list is replaced.
    fn key_of(&self, field: &str, changes: &[Value]) -> Option<&'static str> {
        if self.is_custom {
            return None;
        }
        let is_container = changes.iter().any(|change| change.get("containerPort").is_some());
        Some(match field {
            "containers" | "initContainers" | "ephemeralContainers" | "env" | "volumes" | "imagePullSecrets" => "name",
            "volumeMounts" => "mountPath",
            "volumeDevices" => "devicePath",
            "hostAliases" => "ip",
            "topologySpreadConstraints" => "topologyKey",
            "ports" if is_container => "containerPort",
            "ports" => "port",
            _ => return None,
        })
    }
}

/// The text by which a list tells an item apart.
fn name_of(item: &Value, key: &str) -> Option<std::sync::Arc<str>> {
    item.get(key)?.known()?.to_text()
}

/// What a patch adds: without its directives and without what it says is not there.
fn added(patch: &Value, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return decided_by(&patch.origin);
    }
    let data = match patch.known() {
        Some(Data::Object(entries)) => {
            let is_kept = |entry: &&Entry| {
                !entry.name.starts_with('$')
                    && !matches!(entry.value.known(), Some(Data::Null))
                    && directive(&entry.value) != Some("delete")
            };
            let kept = entries.iter().filter(is_kept);
            Data::Object(kept.map(|entry| Entry { value: added(&entry.value, depth + 1), ..entry.clone() }).collect())
        }
        Some(Data::List(items)) => {
            let kept = items.iter().filter(|item| directive(item) != Some("delete"));
            Data::List(kept.map(|item| added(item, depth + 1)).collect())
        }
        _ => return patch.clone(),
    };
    Value::new(data, patch.origin.clone())
}

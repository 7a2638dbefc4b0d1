//! JSON patches (RFC 6902): operations at pointers.

use crate::value::{Data, Entry, Form, Value, View};

/// One operation.
pub(super) struct Operation {
    kind: Kind,
    path: Vec<String>,
}

enum Kind {
    Add(Value),
    Replace(Value),
    Remove,
    Copy(Vec<String>),
    Move(Vec<String>),
    /// What it tests is said by kustomize when it fails, and then nothing is built.
    Test,
}

impl Operation {
    /// Reads one; `None` where it is none.
    pub(super) fn read(operation: &Value) -> Option<Self> {
        let view = View::new(operation, None);
        let value = || operation.get("value").map(|value| value.clone().in_form(Form::Argument));
        let kind = match &*view.get("op").known_text()? {
            "add" => Kind::Add(value()?),
            "replace" => Kind::Replace(value()?),
            "remove" => Kind::Remove,
            "copy" => Kind::Copy(pointer(&view.get("from").known_text()?)?),
            "move" => Kind::Move(pointer(&view.get("from").known_text()?)?),
            "test" => Kind::Test,
            _ => return None,
        };
        Some(Self { kind, path: pointer(&view.get("path").known_text()?)? })
    }

    /// What the operation makes of an object; `None` where it does not apply to it.
    pub(super) fn apply(&self, object: &Value) -> Option<Value> {
        match &self.kind {
            Kind::Add(value) => edited(object, &self.path, &Edit::Add(value)),
            Kind::Replace(value) => edited(object, &self.path, &Edit::Replace(value)),
            Kind::Remove => edited(object, &self.path, &Edit::Remove),
            Kind::Copy(from) => edited(object, &self.path, &Edit::Add(found(object, from)?)),
            Kind::Move(from) => {
                let moved = found(object, from)?;
                edited(&edited(object, from, &Edit::Remove)?, &self.path, &Edit::Add(moved))
            }
            Kind::Test => Some(object.clone()),
        }
    }
}

fn pointer(text: &str) -> Option<Vec<String>> {
    let segments = text.strip_prefix('/')?.split('/');
    Some(segments.map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect())
}

fn found<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, segment| match value.known()? {
        Data::Object(_) => value.get(segment),
        Data::List(items) => items.get(segment.parse::<usize>().ok()?),
        _ => None,
    })
}

enum Edit<'v> {
    Add(&'v Value),
    Replace(&'v Value),
    Remove,
}

/// A value with an edit at a pointer; `None` where the pointer leads nowhere.
fn edited(value: &Value, path: &[String], edit: &Edit<'_>) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    let data = match value.known()? {
        Data::Object(entries) => {
            let mut entries = entries.to_vec();
            let at = entries.iter().rposition(|entry| *entry.name == **first);
            match (at, rest.is_empty(), edit) {
                (Some(at), false, _) => entries[at].value = edited(&entries[at].value, rest, edit)?,
                (Some(at), true, Edit::Remove) => {
                    entries.remove(at);
                }
                (Some(at), true, Edit::Add(new) | Edit::Replace(new)) => {
                    entries[at].value = (*new).clone().over(&entries[at].value);
                }
                (None, true, Edit::Add(new)) => {
                    let key = new.origin.site();
                    entries.push(Entry { name: first.as_str().into(), key, value: (*new).clone() });
                }
                (None, ..) => return None,
            }
            Data::Object(entries.into())
        }
        Data::List(items) => {
            let mut items = items.to_vec();
            let at = if first == "-" { items.len() } else { first.parse::<usize>().ok()? };
            match (rest.is_empty(), edit) {
                (false, _) => {
                    let item = items.get_mut(at)?;
                    *item = edited(item, rest, edit)?;
                }
                (true, Edit::Add(new)) if at <= items.len() => items.insert(at, (*new).clone()),
                (true, Edit::Replace(new)) => *items.get_mut(at)? = (*new).clone(),
                (true, Edit::Remove) if at < items.len() => {
                    items.remove(at);
                }
                _ => return None,
            }
            Data::List(items.into())
        }
        _ => return None,
    };
    Some(Value::new(data, value.origin.clone()))
}

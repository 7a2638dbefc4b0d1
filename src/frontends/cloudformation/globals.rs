//! `Globals` of a SAM template: what each resource of a kind has unless it says otherwise. Called for every resource of
//! a template, before it is lowered.

use super::resolve::{Template, is_call};
use crate::frontends::aws::CLOUDFORMATION_FUNCTION;
use crate::frontends::inherit::Inheritance;
use crate::source::Span;
use crate::value::{Data, Entry, Origin, Sourced, Value, View};
use std::collections::HashMap;
use std::sync::Arc;

/// What SAM's own resources have in common.
#[derive(Default)]
pub(super) struct Globals {
    sections: HashMap<Arc<str>, Shared>,
    seen: usize,
}

/// One section, resolved.
struct Shared {
    value: Value,
    inheritance: Inheritance,
}

impl Globals {
    /// The properties of a resource with what it inherits, all resolved.
    pub fn complete(&mut self, template: &mut Template, kind: &str, written: Option<&Value>, span: Span) -> Value {
        let own = match written {
            Some(written) => template.resolve(written),
            None => Sourced::new(Data::Null, Origin::literal(span)),
        };
        let Some(section) = kind.strip_prefix("AWS::Serverless::") else { return own };
        let Some(shared_as_written) = template.globals(section).cloned() else { return own };
        let seen = &mut self.seen;
        let left = written.and_then(|written| without_overridden(&shared_as_written, written, 0, seen));
        let resolved = left.map(|left| template.resolve(&left));
        let shared = self.shared(template, section, &shared_as_written);
        if shared.value.known().is_none() {
            return if section == "Function" { open(own, &shared.value) } else { own };
        }
        let value = resolved.as_ref().unwrap_or(&shared.value);
        match own.known() {
            Some(Data::Null) => shared.inheritance.pass(value, Some(span)),
            _ => shared.inheritance.merge(value, &own, Some(span)),
        }
    }

    /// A section itself, for what stands in no template, as the API that SAM makes.
    pub fn of(&mut self, template: &mut Template, section: &str) -> Option<Value> {
        let written = template.globals(section).cloned()?;
        Some(self.shared(template, section, &written).value.clone())
    }

    fn shared(&mut self, template: &mut Template, section: &str, written: &Value) -> &mut Shared {
        self.sections.entry(section.into()).or_insert_with(|| Shared {
            value: template.resolve(written),
            inheritance: Inheritance::from(&format!("`Globals.{section}`")),
        })
    }
}

/// A function that does not write everything itself, where it cannot be told what it inherits.
fn open(own: Value, shared: &Value) -> Value {
    let entries = View::new(&own, None).entries();
    let keys =
        CLOUDFORMATION_FUNCTION.inheritable().chain(["AutoPublishAlias", "DeadLetterQueue", "EventInvokeConfig"]);
    let unknown = keys.filter(|key| !entries.iter().any(|(entry, _)| &*entry.name == *key));
    let unknown = unknown.map(|key| Entry { name: key.into(), key: None, value: shared.clone() });
    let all = entries.iter().map(|(entry, _)| (*entry).clone()).chain(unknown).collect();
    Sourced::new(Data::Object(all), own.origin.clone())
}

/// Blocks within blocks that are looked into.
const MAX_DEPTH: usize = 16;
/// Entries that are looked at in one template: resources times what they share.
const MAX_ENTRIES: usize = 4_000_000;

/// What is shared without that which a resource writes itself by a call, or where a call is shared: SAM merges before
/// it evaluates, and does not look into calls. `None`: there is no such thing. `seen` counts the entries looked at.
fn without_overridden(shared: &Value, own: &Value, depth: usize, seen: &mut usize) -> Option<Value> {
    let (Some(Data::Object(entries)), Some(Data::Object(written))) = (shared.known(), own.known()) else { return None };
    *seen = seen.saturating_add(entries.len() + written.len());
    if depth > MAX_DEPTH || *seen > MAX_ENTRIES {
        return None;
    }
    let written: HashMap<&str, &Value> = written.iter().map(|entry| (&*entry.name, &entry.value)).collect();
    // What is left of an entry that both write: nothing, or a part of it.
    let mut changed: HashMap<usize, Option<Value>> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        let Some(own) = written.get(&*entry.name) else { continue };
        if is_call(&entry.value) || is_call(own) {
            changed.insert(at, None);
        } else if let Some(part) = without_overridden(&entry.value, own, depth + 1, seen) {
            changed.insert(at, Some(part));
        }
    }
    if changed.is_empty() {
        return None;
    }
    let left = entries.iter().enumerate().filter_map(|(at, entry)| match changed.remove(&at) {
        None => Some(entry.clone()),
        Some(part) => part.map(|value| Entry { value, ..entry.clone() }),
    });
    Some(Sourced::new(Data::Object(left.collect()), shared.origin.clone()))
}

//! Settings that are written once for many functions: `Globals` of a SAM template, `provider` of a service. Called by
//! the cloudformation and serverless frontends.

use crate::source::Span;
use crate::value::{Data, Entry, How, Sourced, Unknown, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Values that may be handed down in one unit: functions times shared settings.
const MAX_VALUES: usize = 2_000_000;
/// Blocks within blocks whose values say that they are inherited.
const MAX_DEPTH: usize = 4;

/// Hands settings down from one place.
pub(crate) struct Inheritance {
    how: How,
    left: usize,
}

impl Inheritance {
    /// From the place that `name` tells a reader.
    pub fn from(name: &str) -> Self {
        Self { how: How::Inherited(name.into()), left: MAX_VALUES }
    }

    /// A setting as one function at `site` has it.
    pub fn pass(&mut self, value: &Value, site: Option<Span>) -> Value {
        self.pass_at(value, site, 0)
    }

    fn pass_at(&mut self, value: &Value, site: Option<Span>, depth: usize) -> Value {
        let Some(Data::Object(entries)) = value.known().filter(|_| depth < MAX_DEPTH) else {
            return value.clone().via(self.how.clone(), site);
        };
        let Some(left) = self.left.checked_sub(entries.len()) else {
            return Sourced::unknown(Unknown::NotEvaluated("this many inherited values".into()), value.origin.clone());
        };
        self.left = left;
        let entries = entries
            .iter()
            .map(|entry| Entry { value: self.pass_at(&entry.value, site, depth + 1), ..entry.clone() })
            .collect();
        Sourced::new(Data::Object(entries), value.origin.clone())
    }

    /// What a function has where both write something: blocks are merged, lists appended, of single values its own
    /// counts. That is how SAM merges `Globals`.
    pub fn merge(&mut self, inherited: &Value, own: &Value, site: Option<Span>) -> Value {
        match (inherited.known(), own.known()) {
            (Some(Data::Object(shared)), Some(Data::Object(entries))) => {
                let merged = self.merge_objects(shared, entries, site);
                Sourced { value: merged.value, origin: own.origin.clone() }
            }
            (Some(Data::List(shared)), Some(Data::List(items))) => {
                let Some(left) = self.left.checked_sub(shared.len() + items.len()) else {
                    let why = Unknown::NotEvaluated("this many inherited values".into());
                    return Sourced::unknown(why, own.origin.clone());
                };
                self.left = left;
                let shared: Vec<Value> = shared.iter().map(|item| item.clone().via(self.how.clone(), site)).collect();
                let all = shared.into_iter().chain(items.iter().cloned()).collect();
                Sourced::new(Data::List(all), own.origin.clone())
            }
            _ => own.clone(),
        }
    }

    fn merge_objects(&mut self, shared: &Arc<[Entry]>, own: &Arc<[Entry]>, site: Option<Span>) -> Value {
        let origin = crate::value::Origin::new(How::Computed, site);
        let Some(left) = self.left.checked_sub(shared.len() + own.len()) else {
            return Sourced::unknown(Unknown::NotEvaluated("this many inherited values".into()), origin);
        };
        self.left = left;
        let index: HashMap<&str, &Entry> = own.iter().map(|entry| (&*entry.name, entry)).collect();
        let mut merged = Vec::with_capacity(shared.len() + own.len());
        for entry in shared.iter().filter(|entry| !index.contains_key(&*entry.name)) {
            merged.push(Entry { value: self.pass_at(&entry.value, site, 1), ..entry.clone() });
        }
        let shared: HashMap<&str, &Entry> = shared.iter().map(|entry| (&*entry.name, entry)).collect();
        for entry in own.iter() {
            let value = match shared.get(&*entry.name) {
                Some(inherited) => self.merge(&inherited.value, &entry.value, site),
                None => entry.value.clone(),
            };
            merged.push(Entry { value, ..entry.clone() });
        }
        Sourced::new(Data::Object(merged.into()), origin)
    }
}

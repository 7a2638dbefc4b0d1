//! Environment variables that are a list of names with values, as container platforms have them.

use crate::model::workload::Variable;
use crate::value::View;

/// The variables in lists of entries. A value may stand under one of several keys; where it stands under none of them,
/// the entry itself is all that is known of it.
pub(crate) fn listed(lists: &[View<'_>], name: &str, values: &[&str]) -> Vec<Variable> {
    let entries = lists.iter().flat_map(|list| list.items());
    entries
        .filter_map(|entry| {
            let value = entry.first(values).value().or(entry.value())?;
            Some(Variable { name: entry.get(name).known_text()?, span: entry.get(name).span(), value: value.clone() })
        })
        .collect()
}

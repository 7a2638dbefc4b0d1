//! Takes what may be a secret out of what is copied: a sketch is printed, and a value of an environment variable that is
//! written in a file is nobody's to spread.

use super::CHANGE_ME;
use super::copy::{Entries, get, set};
use crate::fix::New;
use crate::fix::operation::Operation;

/// What the name of a variable has in it whose value is secret.
const NAMES: [&str; 9] =
    ["password", "passwd", "secret", "token", "credential", "apikey", "api_key", "private_key", "access_key"];
/// What holds variables by their names.
const HOLDERS: [&str; 4] = ["environment", "variables", "Variables", "environment_variables"];

/// Masks the secrets of everything that is written; whether there were any.
pub(super) fn masked(operations: &mut [Operation]) -> bool {
    let mut found = false;
    for operation in operations {
        match operation {
            Operation::Insert { entries, .. } | Operation::Append { entries, .. } => {
                found |= in_entries(entries, false);
            }
            Operation::Replace { value, .. } | Operation::Create { value, .. } => found |= in_value(value, false),
            Operation::Push { items, .. } => items.iter_mut().for_each(|item| found |= in_value(item, false)),
            Operation::Remove { .. } | Operation::Text { .. } => {}
        }
    }
    found
}

fn in_value(value: &mut New, holds_variables: bool) -> bool {
    match value {
        New::Object(entries) | New::Block { body: entries, .. } => in_entries(entries, holds_variables),
        New::List(items) => items.iter_mut().fold(false, |found, item| in_value(item, false) | found),
        New::Call { argument, .. } => in_value(argument, false),
        _ => false,
    }
}

fn in_entries(entries: &mut Entries, holds_variables: bool) -> bool {
    let mut found = false;
    // One variable of a list.
    for (name, value) in [("name", "value"), ("Name", "Value")] {
        let named = get(entries, name).and_then(literal).map(String::from);
        if let (Some(named), Some(text)) = (named, get(entries, value).and_then(literal))
            && is_secret(&named, text)
        {
            set(entries, value, New::text(CHANGE_ME));
            found = true;
        }
    }
    for (key, value) in entries.iter_mut() {
        if holds_variables && literal(value).is_some_and(|text| is_secret(key, text)) {
            *value = New::text(CHANGE_ME);
            found = true;
        }
        found |= in_value(value, HOLDERS.contains(&&**key));
    }
    found
}

/// The text of a value that is written out, as against a reference or an expression.
fn literal(value: &New) -> Option<&str> {
    let text = match value {
        New::Text(text) => text,
        New::Raw(text) => text.trim_matches(['"', '\'']),
        _ => return None,
    };
    let is_reference = text.starts_with('!') || text.contains("${") || text.contains("{{");
    let is_code = matches!(value, New::Raw(raw) if !raw.starts_with(['"', '\'']) && raw.contains(['.', '(']));
    (!is_reference && !is_code || has_password(text)).then_some(text)
}

fn is_secret(name: &str, text: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_number = text.parse::<f64>().is_ok() || matches!(text, "true" | "false" | "null");
    (NAMES.iter().any(|word| name.contains(word)) && !is_number && text != CHANGE_ME) || has_password(text)
}

/// `scheme://user:password@host`
fn has_password(text: &str) -> bool {
    let Some((user, _)) = text.split_once("://").and_then(|(_, rest)| rest.split_once('@')) else { return false };
    user.split_once(':').is_some_and(|(_, password)| !password.is_empty() && !password.starts_with(['$', '{']))
}

//! Functions of regular expressions. Terraform's syntax is RE2's, which the regex crate shares but for details that
//! no expression of the corpus touches.

use super::super::scope::unknown;
use crate::tree::NodeRef;
use crate::value::{Data, Entry, How, Origin, Sourced, Unknown, Value};
use regex::{Captures, Regex, RegexBuilder};

/// Bytes that a compiled expression may take.
const MAX_SIZE: usize = 1 << 20;
/// Matches that are handed on.
const MAX_MATCHES: usize = 10_000;

/// The value of a call; `None` where the name is not one of these functions or the expression cannot be read.
pub(super) fn call(name: &str, texts: &[&str], node: NodeRef<'_>) -> Option<Value> {
    let origin = || Origin::new(How::Computed, node.span());
    match (name, texts) {
        ("regex", [pattern, text]) => {
            let pattern = compiled(pattern)?;
            Some(match pattern.captures(text) {
                Some(found) => Sourced::new(matched(&pattern, &found, &origin()), origin()),
                // Terraform fails here, which `try` and `can` are there to notice.
                None => unknown(Unknown::Missing(node.slice().into()), node.span()),
            })
        }
        ("regexall", [pattern, text]) => {
            let pattern = compiled(pattern)?;
            let all = pattern.captures_iter(text).take(MAX_MATCHES);
            let all = all.map(|found| Sourced::new(matched(&pattern, &found, &origin()), origin()));
            Some(Sourced::new(Data::List(all.collect()), origin()))
        }
        // A pattern between slashes is a regular expression.
        ("replace", [text, pattern, with]) => {
            let pattern = pattern.strip_prefix('/').and_then(|pattern| pattern.strip_suffix('/'))?;
            let replaced = compiled(pattern)?.replace_all(text, *with).into_owned();
            Some(Sourced::new(Data::Text(replaced.into()), origin()))
        }
        _ => None,
    }
}

fn compiled(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(MAX_SIZE).dfa_size_limit(MAX_SIZE).build().ok()
}

/// The whole match, a list of its groups, or an object of its named groups.
fn matched(pattern: &Regex, found: &Captures<'_>, origin: &Origin) -> Data {
    let text = |group: Option<regex::Match<'_>>| match group {
        Some(group) => Data::Text(group.as_str().into()),
        None => Data::Null,
    };
    let value = |data| Sourced::new(data, origin.clone());
    if pattern.captures_len() == 1 {
        return text(found.get(0));
    }
    let names: Vec<&str> = pattern.capture_names().flatten().collect();
    if names.is_empty() {
        return Data::List(found.iter().skip(1).map(|group| value(text(group))).collect());
    }
    let entry = |name: &str| Entry { name: name.into(), key: None, value: value(text(found.name(name))) };
    Data::Object(names.into_iter().map(entry).collect())
}

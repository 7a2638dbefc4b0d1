//! From a document's tree to [`Value`]s, typed as the API server's decoder types them.
//!
//! That decoder reads YAML 1.1 and hands on JSON: plain `yes` and `on` are booleans, `0644` is octal, `<<` merges.
//! Called for every document that a unit is made of, and for patches that are written inside a kustomization.

use crate::source::Span;
use crate::tree::{Kind, MAX_DEPTH, NodeRef, Style};
use crate::value::{Data, Entry, How, Origin, Resolved, Unknown, Value};
use std::sync::Arc;

/// Aliases can make a small file stand for a huge one: after this many nodes the rest is not evaluated.
const MAX_VALUES: usize = 1_000_000;
/// The same for a text inside a file, of which there may be many.
const MAX_VALUES_OF_TEXT: usize = 50_000;

/// The value of a document or of a part of one.
pub(crate) fn value(node: NodeRef<'_>) -> Value {
    Resolver { left: MAX_VALUES, place: None }.node(node, 0)
}

/// The value of a text that has no file of its own: everything in it stands at `place`.
pub(crate) fn value_at(node: NodeRef<'_>, place: Span) -> Value {
    Resolver { left: MAX_VALUES_OF_TEXT, place: Some(place) }.node(node, 0)
}

struct Resolver {
    left: usize,
    place: Option<Span>,
}

impl Resolver {
    fn origin(&self, node: NodeRef<'_>) -> Origin {
        Origin::literal(self.place.unwrap_or(node.span()))
    }

    fn node(&mut self, node: NodeRef<'_>, depth: usize) -> Value {
        if self.left == 0 || depth > MAX_DEPTH {
            return Value::unknown(Unknown::NotEvaluated("a document of this size".into()), self.origin(node));
        }
        self.left -= 1;
        if let Kind::Alias(target) = node.node().kind {
            let Some(target) = target else {
                return Value::unknown(Unknown::Missing(node.slice().into()), self.origin(node));
            };
            let place = self.place.unwrap_or(node.span());
            return self.node(node.other(target), depth + 1).via(How::Reference(node.slice().into()), place);
        }
        let origin = self.origin(node);
        let data = match node.kind() {
            Kind::Null => Data::Null,
            Kind::Scalar(_) => match scalar(node) {
                Resolved::Known(data) => data,
                Resolved::Unknown(why) => return Value::unknown(why, origin),
            },
            Kind::Sequence(_) => {
                let items: Vec<Value> = node.items().map(|item| self.node(item, depth + 1)).collect();
                Data::List(items.into())
            }
            // `{{ .Values.resources }}` without quotes reads as a mapping whose key is a mapping.
            Kind::Mapping(_) if node.entries().any(|(key, _)| key.as_str().is_none() && !key.is_null()) => {
                let why = format!("the template in `{}`", shortened(node.target().slice()));
                return Value::unknown(Unknown::NotEvaluated(why.into()), origin);
            }
            Kind::Mapping(_) => Data::Object(self.entries(node, depth).into()),
            _ => return Value::unknown(Unknown::NotEvaluated("this expression".into()), origin),
        };
        Value::new(data, origin)
    }

    /// The entries of a mapping; what is merged in comes first, so that what is written here counts.
    fn entries(&mut self, node: NodeRef<'_>, depth: usize) -> Vec<Entry> {
        let mut merged = Vec::new();
        let mut own = Vec::new();
        for (key, value) in node.entries() {
            let Some(name) = key.as_str() else { continue };
            if name == "<<" && key.is_plain() {
                let resolved = self.node(value, depth + 1);
                merge_into(&mut merged, &resolved);
                continue;
            }
            let place = self.place.unwrap_or(key.span());
            own.push(Entry { name: name.into(), key: Some(place), value: self.node(value, depth + 1) });
        }
        merged.append(&mut own);
        merged
    }
}

/// Adds the entries of a merged mapping, or of several of which the first counts.
fn merge_into(merged: &mut Vec<Entry>, value: &Value) {
    match value.known() {
        Some(Data::Object(entries)) => merged.extend(entries.iter().cloned()),
        Some(Data::List(items)) => {
            for item in items.iter().rev() {
                if let Some(Data::Object(entries)) = item.known() {
                    merged.extend(entries.iter().cloned());
                }
            }
        }
        _ => {}
    }
}

fn scalar(node: NodeRef<'_>) -> Resolved<Data> {
    let text = node.as_str().unwrap_or_default();
    if text.contains("{{") && text.contains("}}") {
        return Resolved::Unknown(Unknown::NotEvaluated(format!("the template in `{}`", shortened(text)).into()));
    }
    let typed = match node.tag() {
        Some("!!str" | "!") => None,
        Some("!!int" | "!!float" | "!!bool" | "!!null") => plain(text),
        Some(tag) => return Resolved::Unknown(Unknown::NotEvaluated(format!("the tag `{tag}`").into())),
        None if node.target().node().style == Style::Plain => plain(text),
        None => None,
    };
    Resolved::Known(typed.unwrap_or_else(|| Data::Text(text.into())))
}

fn shortened(text: &str) -> Arc<str> {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(40).collect::<String>().into()
}

/// The type of a plain scalar; `None`: it is a text.
fn plain(text: &str) -> Option<Data> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Data::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Some(Data::Boolean(true));
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Some(Data::Boolean(false));
        }
        _ => {}
    }
    number(text).map(Data::Number)
}

/// A number of YAML 1.1 without its sexagesimal form, which the decoder leaves a text.
fn number(text: &str) -> Option<f64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let digits = digits.replace('_', "");
    let whole = |prefix: &str, radix| {
        let rest = digits.strip_prefix(prefix)?;
        u64::from_str_radix(rest, radix).ok().map(|number| number as f64)
    };
    let special = whole("0x", 16).or_else(|| whole("0b", 2)).or_else(|| whole("0o", 8));
    let octal = || if digits.len() > 1 && !digits.contains(['.', 'e', 'E']) { whole("0", 8) } else { None };
    let decimal = || {
        let fits = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+'));
        fits.then(|| digits.parse::<f64>().ok()).flatten()
    };
    special.or_else(octal).or_else(decimal).map(|number| number * sign).filter(|number| number.is_finite())
}

//! Functions that put a value into a text, or take it out of one.

use super::not_evaluated;
use crate::frontends::document::pieces_of;
use crate::frontends::kubernetes;
use crate::frontends::scalar::{Scalars, plain_scalar};
use crate::frontends::terraform::expression::reason;
use crate::frontends::terraform::scope::unknown;
use crate::read::Workspace;
use crate::source::Span;
use crate::tree::{self, Kind, NodeRef, Tree};
use crate::value::{Data, Entry, Origin, Part, Resolved, Sourced, Value, View};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Functions of one text.
pub(super) fn text(name: &str, text: &str) -> Option<Data> {
    let made = match name {
        "base64encode" => STANDARD.encode(text),
        "base64decode" => String::from_utf8(STANDARD.decode(text).ok()?).ok()?,
        "urlencode" => text.bytes().map(url_byte).collect(),
        _ => return None,
    };
    Some(Data::Text(made.into()))
}

/// One byte as it stands in the query of a URL.
fn url_byte(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        b' ' => "+".into(),
        _ => format!("%{byte:02X}"),
    }
}

/// What a value adds to a text. An object or a list stands there only as what `jsonencode` made of it, which archlint
/// keeps as the data that it is.
pub(in super::super) fn text_pieces(value: &Value) -> Vec<Part> {
    match value.known() {
        Some(Data::Object(_) | Data::List(_)) => json_of(value),
        _ => pieces_of(value),
    }
}

/// The JSON of a value.
pub(super) fn json_of(value: &Value) -> Vec<Part> {
    let mut pieces = Vec::new();
    json_pieces(value, &mut pieces);
    pieces
}

/// The JSON of a value as Terraform writes it: no blanks, keys in order, `<`, `>` and `&` escaped.
fn json_pieces(value: &Value, into: &mut Vec<Part>) {
    let mut text = |text: &str| into.push(Part::Text(text.into()));
    let data = match &value.value {
        Resolved::Known(data) => data,
        Resolved::Unknown(why) => return into.push(Part::Unknown(why.clone())),
    };
    match data {
        Data::Null => text("null"),
        Data::Boolean(_) | Data::Number(_) => into.extend(data.to_text().map(Part::Text)),
        Data::Text(inner) => text(&json_text(inner)),
        Data::Template(_) | Data::Reference(_) => {
            text("\"");
            let escaped = |part| match part {
                Part::Text(inner) => Part::Text(json_text(&inner).trim_matches('"').into()),
                other => other,
            };
            into.extend(pieces_of(value).into_iter().map(escaped));
            into.push(Part::Text("\"".into()));
        }
        Data::List(items) => {
            text("[");
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    into.push(Part::Text(",".into()));
                }
                json_pieces(item, into);
            }
            into.push(Part::Text("]".into()));
        }
        Data::Object(entries) => {
            text("{");
            let sorted: BTreeMap<&Arc<str>, &Value> = entries.iter().map(|entry| (&entry.name, &entry.value)).collect();
            for (at, (name, value)) in sorted.into_iter().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                into.push(Part::Text(format!("{comma}{}:", json_text(name)).into()));
                json_pieces(value, into);
            }
            into.push(Part::Text("}".into()));
        }
    }
}

fn json_text(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// `jsondecode` and `yamldecode`. What an encoding function was given is data already.
pub(super) fn decoded(name: &str, value: &Value, workspace: &Workspace, span: Span) -> Option<Value> {
    let text = match value.known() {
        Some(Data::Text(text)) => text,
        Some(Data::Object(_) | Data::List(_)) => return Some(value.clone()),
        _ => return Some(unknown(reason(value), span)),
    };
    let place = value.origin.written_at().unwrap_or(span);
    // Places in the text of a whole file are places in that file.
    let is_file = place.start == 0 && Arc::ptr_eq(text, workspace.sources.get(place.file).text());
    let decoded = match name {
        "jsondecode" => json(text, place, is_file),
        _ => kubernetes::yaml_text(text.clone(), place, is_file),
    };
    decoded.or_else(|| Some(unknown(not_evaluated(name), span)))
}

/// An attribute that the provider takes as JSON: what `jsonencode` was given, or the data in a text that is known.
pub(in super::super) fn json_document(view: View<'_>, span: Span) -> Option<Value> {
    let value = view.value()?;
    match value.known() {
        Some(Data::Text(text)) => json(text, value.origin.written_at().unwrap_or(span), false),
        _ => Some(value.clone()),
    }
}

/// A JSON text as data; all of it stands at `place`, unless the text is that of the whole file.
fn json(text: &Arc<str>, place: Span, is_file: bool) -> Option<Value> {
    let tree: Tree = tree::json::parse(place.file, text.clone());
    let root = tree.documents().next().filter(|_| tree.errors.is_empty())?;
    Some(json_node(root, (!is_file).then_some(place)))
}

fn json_node(node: NodeRef<'_>, place: Option<Span>) -> Value {
    let data = match node.kind() {
        Kind::Sequence(_) => Data::List(node.items().map(|item| json_node(item, place)).collect()),
        Kind::Mapping(_) => {
            let entries = node.entries().filter_map(|(key, value)| {
                let key_span = place.unwrap_or(key.span());
                Some(Entry { name: key.as_str()?.into(), key: Some(key_span), value: json_node(value, place) })
            });
            Data::Object(entries.collect())
        }
        Kind::Scalar(_) if node.is_plain() => plain_scalar(node.as_str().unwrap_or(""), Scalars::Core),
        Kind::Scalar(_) => Data::Text(node.as_str().unwrap_or("").into()),
        _ => Data::Null,
    };
    Sourced::new(data, Origin::literal(place.unwrap_or(node.span())))
}

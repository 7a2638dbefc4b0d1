//! JSON inside of texts: what a value is as JSON, and the data that a text holds. Called by the frontends of Terraform
//! and CloudFormation, whose resources take policies, definitions and the like as texts.

use super::document::{TextBudget, assemble, pieces_of};
use super::scalar::{Scalars, plain_scalar};
use crate::source::Span;
use crate::tree::{self, Kind, NodeRef, Tree};
use crate::value::{Data, Entry, Origin, Part, Resolved, Sourced, Value, View};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The JSON of a value.
pub(crate) fn json_of(value: &Value) -> Vec<Part> {
    let mut pieces = Vec::new();
    json_pieces(value, &mut pieces);
    pieces
}

/// The same, as Terraform writes it: no blanks, keys in order, `<`, `>` and `&` escaped.
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

/// An attribute that the provider takes as JSON: what `jsonencode` was given, or the data in a text, which may
/// have gaps.
pub(crate) fn json_document(view: View<'_>, span: Span) -> Option<Value> {
    let value = view.value()?;
    let place = value.origin.written_at().unwrap_or(span);
    match value.known() {
        Some(Data::Text(text)) => json(text, place, false),
        Some(Data::Template(parts)) => json_with_gaps(parts, place).or_else(|| Some(value.clone())),
        _ => Some(value.clone()),
    }
}

/// A JSON text as data; all of it stands at `place`, unless the text is that of the whole file.
pub(crate) fn json(text: &Arc<str>, place: Span, is_file: bool) -> Option<Value> {
    parsed(text.clone(), place, is_file, &[])
}

/// A JSON text with gaps as data, all of it at `place`. A gap inside of quotes leaves a text with a gap, one outside of
/// them a value of which nothing but that is known.
pub(crate) fn json_with_gaps(parts: &[Part], place: Span) -> Option<Value> {
    let mut text = String::new();
    let mut gaps = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    for part in parts {
        let Part::Text(piece) = part else {
            let mark =
                char::from_u32(FIRST_MARK + u32::try_from(gaps.len()).ok()?).filter(|mark| *mark <= LAST_MARK)?;
            gaps.push(part.clone());
            text.extend(if in_string { vec![mark] } else { vec!['"', mark, '"'] });
            continue;
        };
        for character in piece.chars() {
            match character {
                _ if is_mark(character) => return None,
                _ if escaped => escaped = false,
                '\\' => escaped = in_string,
                '"' => in_string = !in_string,
                _ => {}
            }
        }
        text.push_str(piece);
    }
    parsed(text.into(), place, false, &gaps)
}

/// Characters for private use, which stand for the gaps of a text while it is parsed.
const FIRST_MARK: u32 = 0xF_0000;
const LAST_MARK: char = '\u{F_FFFD}';

fn is_mark(character: char) -> bool {
    (FIRST_MARK..=u32::from(LAST_MARK)).contains(&u32::from(character))
}

fn parsed(text: Arc<str>, place: Span, is_file: bool, gaps: &[Part]) -> Option<Value> {
    let tree: Tree = tree::json::parse(place.file, text);
    let root = tree.documents().next().filter(|_| tree.errors.is_empty())?;
    Some(json_node(root, (!is_file).then_some(place), gaps))
}

fn json_node(node: NodeRef<'_>, place: Option<Span>, gaps: &[Part]) -> Value {
    let origin = Origin::literal(place.unwrap_or(node.span()));
    let data = match node.kind() {
        Kind::Sequence(_) => Data::List(node.items().map(|item| json_node(item, place, gaps)).collect()),
        Kind::Mapping(_) => {
            let entries = node.entries().filter_map(|(key, value)| {
                let key_span = place.unwrap_or(key.span());
                Some(Entry { name: key.as_str()?.into(), key: Some(key_span), value: json_node(value, place, gaps) })
            });
            Data::Object(entries.collect())
        }
        Kind::Scalar(_) if node.is_plain() => plain_scalar(node.as_str().unwrap_or(""), Scalars::Core),
        Kind::Scalar(_) => return filled(node.as_str().unwrap_or(""), gaps, origin),
        _ => Data::Null,
    };
    Sourced::new(data, origin)
}

/// A text with what its marks stand for.
fn filled(text: &str, gaps: &[Part], origin: Origin) -> Value {
    if gaps.is_empty() {
        return Sourced::new(Data::Text(text.into()), origin);
    }
    let mut pieces = Vec::new();
    let mut known = String::new();
    for character in text.chars() {
        let gap = is_mark(character).then(|| gaps.get((u32::from(character) - FIRST_MARK) as usize)).flatten();
        match gap {
            Some(gap) => {
                pieces.push(Part::Text(std::mem::take(&mut known).into()));
                pieces.push(gap.clone());
            }
            None => known.push(character),
        }
    }
    pieces.push(Part::Text(known.into()));
    assemble(pieces, origin, &mut TextBudget::default())
}

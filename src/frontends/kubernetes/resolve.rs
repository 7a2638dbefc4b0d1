//! From a document's tree to [`Value`]s, typed as the API server's decoder types them.
//!
//! That decoder reads YAML 1.1 and hands on JSON: plain `yes` and `on` are booleans, `0644` is octal, `<<` merges.
//! Called for every document that a unit is made of, and for patches that are written inside a kustomization.

use crate::frontends::scalar::{Scalars, plain_scalar};
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
        Origin::literal_or_within(node.span(), self.place)
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
            own.push(Entry { name: name_of(key, name), key: Some(place), value: self.node(value, depth + 1) });
        }
        merged.append(&mut own);
        merged
    }
}

/// A key as a text: a plain `yes` or `on` is a boolean to the decoder, and then reads `true`.
fn name_of(key: NodeRef<'_>, text: &str) -> Arc<str> {
    match plain_scalar(text, Scalars::Kubernetes) {
        Data::Boolean(boolean) if key.is_plain() => boolean.to_string().into(),
        _ => text.into(),
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
    let is_plain = match node.tag() {
        Some("!!str" | "!") => false,
        Some("!!int" | "!!float" | "!!bool" | "!!null") => true,
        Some(tag) => return Resolved::Unknown(Unknown::NotEvaluated(format!("the tag `{tag}`").into())),
        None => node.target().node().style == Style::Plain,
    };
    Resolved::Known(if is_plain { plain_scalar(text, Scalars::Kubernetes) } else { Data::Text(text.into()) })
}

fn shortened(text: &str) -> Arc<str> {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(40).collect::<String>().into()
}

//! The functions of the language that appear in real configurations; others are unknown.

mod collection;
mod text;

use super::expression::reason;
use super::scope::{Env, Evaluator, unknown};
use crate::frontends::document::{assemble, pieces_of};
use crate::frontends::kubernetes::yaml_text;
use crate::frontends::scalar::{Scalars, plain_scalar};
use crate::source::Span;
use crate::tree::{Kind, NodeRef};
use crate::value::{Data, Entry, How, Origin, Part, Resolved, Sourced, Unknown, Value, View};
use std::sync::Arc;

/// Elements of one list or object that a function makes.
const MAX_ELEMENTS: usize = 100_000;

impl<'w> Evaluator<'w> {
    /// A call; `expand`: the last argument is a list of further arguments.
    pub fn call(
        &mut self,
        name: &str,
        arguments: &[NodeRef<'w>],
        expand: bool,
        node: NodeRef<'w>,
        env: Env<'_>,
    ) -> Value {
        // These evaluate their arguments one by one, as some may fail.
        match name {
            "try" => return self.first_that_works(arguments, node, env),
            "can" => {
                let works = arguments.first().map(|argument| self.works(*argument, env));
                return match works {
                    Some(Ok(works)) => Sourced::new(Data::Boolean(works), Origin::new(How::Computed, node.span())),
                    Some(Err(why)) => unknown(why, node.span()),
                    None => unknown(not_evaluated(name), node.span()),
                };
            }
            _ => {}
        }
        let mut values: Vec<Value> = arguments.iter().map(|argument| self.evaluate(*argument, env)).collect();
        if expand && let Some(last) = values.pop() {
            match last.known() {
                Some(Data::List(items)) => values.extend(items.iter().cloned()),
                _ => return unknown(reason(&last), node.span()),
            }
        }
        let span = node.span();
        collection::call(name, &values, node)
            .or_else(|| conversion(name, &values, span))
            .or_else(|| self.text_function(name, &values, span))
            .or_else(|| text::number(name, &values, span))
            .unwrap_or_else(|| unknown(not_evaluated(name), span))
    }

    /// `try`: the first argument that does not fail. One of which that cannot be told makes the whole unknown.
    fn first_that_works(&mut self, arguments: &[NodeRef<'w>], node: NodeRef<'w>, env: Env<'_>) -> Value {
        for argument in arguments {
            let value = self.evaluate(*argument, env);
            match value.why_unknown() {
                Some(Unknown::Missing(_)) => {}
                _ => return value,
            }
        }
        unknown(Unknown::Missing(node.slice().into()), node.span())
    }

    fn works(&mut self, argument: NodeRef<'w>, env: Env<'_>) -> Result<bool, Unknown> {
        match self.evaluate(argument, env).value {
            Resolved::Known(_) => Ok(true),
            Resolved::Unknown(Unknown::Missing(_)) => Ok(false),
            Resolved::Unknown(why) => Err(why),
        }
    }

    /// Functions that make a text whose pieces may be references.
    fn text_function(&mut self, name: &str, values: &[Value], span: Span) -> Option<Value> {
        let origin = || Origin::new(How::Computed, span);
        match (name, values) {
            ("format", [pattern, values @ ..]) => {
                let pieces = text::format(pattern.known()?.to_text()?.as_ref(), values)?;
                Some(assemble(pieces, origin(), &mut self.texts))
            }
            ("join", [separator, list]) => {
                let separator = separator.known()?.to_text()?;
                let Data::List(items) = list.known()? else { return None };
                let mut pieces = Vec::new();
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        pieces.push(Part::Text(separator.clone()));
                    }
                    pieces.extend(pieces_of(item));
                }
                Some(assemble(pieces, origin(), &mut self.texts))
            }
            _ => {
                let texts: Option<Vec<Arc<str>>> = values.iter().map(|value| value.known()?.to_text()).collect();
                let texts = texts?;
                let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
                text::text(name, &texts).map(|data| Sourced::new(data, origin()))
            }
        }
    }
}

fn not_evaluated(name: &str) -> Unknown {
    Unknown::NotEvaluated(format!("`{name}()`").into())
}

/// Functions that change a value's type, or only look as if they did.
fn conversion(name: &str, values: &[Value], span: Span) -> Option<Value> {
    match (name, values) {
        // The value stays where it was written: the text of a policy or a definition is data to archlint.
        ("jsonencode" | "yamlencode" | "tolist" | "tomap" | "sensitive" | "nonsensitive", [value]) => {
            Some(value.clone())
        }
        ("jsondecode", [value]) => decoded(value, span, json),
        ("yamldecode", [value]) => decoded(value, span, yaml_text),
        ("tonumber", [value]) => Some(typed(value, |data| data.to_number().map(Data::Number))),
        ("tobool", [value]) => Some(typed(value, |data| data.to_boolean().map(Data::Boolean))),
        ("tostring", [value]) => match value.known() {
            Some(Data::Reference(_) | Data::Template(_)) => Some(value.clone()),
            _ => Some(typed(value, |data| data.to_text().map(Data::Text))),
        },
        _ => None,
    }
}

/// The data in a text. What an encoding function was given is data already.
fn decoded(value: &Value, span: Span, decode: fn(&str, Span) -> Option<Value>) -> Option<Value> {
    match value.known() {
        Some(Data::Text(text)) => decode(text, value.origin.written_at().unwrap_or(span)),
        Some(Data::Object(_) | Data::List(_)) => Some(value.clone()),
        _ => Some(unknown(reason(value), span)),
    }
}

/// The same value as another type, at the place where it is written.
fn typed(value: &Value, convert: impl FnOnce(&Data) -> Option<Data>) -> Value {
    let Some(data) = value.known() else { return value.clone() };
    if *data == Data::Null {
        return value.clone();
    }
    match convert(data) {
        Some(data) => Sourced::new(data, value.origin.clone()),
        None => Sourced::unknown(reason(value), value.origin.clone()),
    }
}

/// An attribute that the provider takes as JSON: what `jsonencode` was given, or the data in a text that is known.
pub(super) fn json_document(view: View<'_>, span: Span) -> Option<Value> {
    let value = view.value()?;
    match value.known() {
        Some(Data::Text(text)) => json(text, value.origin.written_at().unwrap_or(span)),
        _ => Some(value.clone()),
    }
}

/// A JSON text as data; all of it stands at `span`.
fn json(text: &str, span: Span) -> Option<Value> {
    let tree = crate::tree::json::parse(span.file, text.into());
    let root = tree.documents().next().filter(|_| tree.errors.is_empty())?;
    Some(json_node(root, span))
}

fn json_node(node: NodeRef<'_>, span: Span) -> Value {
    let data = match node.kind() {
        Kind::Sequence(_) => Data::List(node.items().map(|item| json_node(item, span)).collect()),
        Kind::Mapping(_) => {
            let entries = node.entries().filter_map(|(key, value)| {
                Some(Entry { name: key.as_str()?.into(), key: Some(span), value: json_node(value, span) })
            });
            Data::Object(entries.collect())
        }
        Kind::Scalar(_) if node.is_plain() => plain_scalar(node.as_str().unwrap_or(""), Scalars::Core),
        Kind::Scalar(_) => Data::Text(node.as_str().unwrap_or("").into()),
        _ => Data::Null,
    };
    Sourced::new(data, Origin::literal(span))
}

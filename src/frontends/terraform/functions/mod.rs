//! The functions of the language that appear in real configurations; others are unknown.

mod collection;
mod encoding;
mod network;
mod pattern;
mod set;
mod text;
mod time;

pub(super) use encoding::text_pieces;
pub(super) use set::set_of;

use super::expression::reason;
use super::scope::{Env, Evaluator, unknown};
use crate::frontends::document::assemble;
use crate::frontends::json_text::json_of;
use crate::source::Span;
use crate::tree::{Expr, Kind, NodeRef};
use crate::value::{Data, How, Origin, Part, Resolved, Sourced, Unknown, Value};
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
        // To whatever does not decode it again, what was encoded is a text.
        if !matches!(name, "jsondecode" | "yamldecode" | "sensitive" | "nonsensitive" | "coalesce") {
            for (argument, value) in arguments.iter().zip(&mut values).filter(|(argument, _)| is_encoding(**argument)) {
                *value = assemble(text_pieces(value), Origin::new(How::Computed, argument.span()), &mut self.texts);
            }
        }
        // Another one each time, or on each machine.
        if matches!(name, "timestamp" | "plantimestamp" | "uuid" | "bcrypt" | "abspath" | "pathexpand") {
            return unknown(Unknown::AtDeployment(node.slice().into()), span);
        }
        let value = collection::call(name, &values, node)
            .or_else(|| set::call(name, &values, span))
            .or_else(|| self.file_function(name, &values, node, env))
            .or_else(|| self.conversion(name, &values, span))
            .or_else(|| self.text_function(name, &values, node))
            .or_else(|| text::number(name, &values, span))
            .unwrap_or_else(|| {
                // What the arguments lack says more than that the function was given up.
                let open = values.iter().find(|value| value.known().is_none_or(|data| data.why_open().is_some()));
                unknown(open.map_or_else(|| not_evaluated(name), reason), span)
            });
        match value.origin == Origin::new(How::Computed, span) {
            true => Sourced { origin: Origin::computed(span, values.iter().map(|value| &value.origin)), ..value },
            // Picked out of an argument, it is where it was.
            false => value,
        }
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

    /// Functions that change a value's type, or only look as if they did.
    fn conversion(&mut self, name: &str, values: &[Value], span: Span) -> Option<Value> {
        let [value] = values else { return None };
        match name {
            "jsonencode" => Some(self.encoded(value, span)),
            // The value stays where it was written: the text of a policy or a definition is data to archlint.
            "yamlencode" | "tolist" | "tomap" | "sensitive" | "nonsensitive" => Some(value.clone()),
            "jsondecode" | "yamldecode" => encoding::decoded(name, value, self.workspace, span),
            // An encoded text with gaps cannot be told, but what was encoded can.
            "base64encode" | "base64decode" if matches!(value.known(), Some(Data::Template(_))) => Some(value.clone()),
            "tonumber" => Some(typed(value, |data| data.to_number().map(Data::Number))),
            "tobool" => Some(typed(value, |data| data.to_boolean().map(Data::Boolean))),
            // A property of a resource has no blanks around it.
            "trimspace" | "chomp" if matches!(value.known(), Some(Data::Reference(_))) => Some(value.clone()),
            "tostring" => match value.known() {
                Some(Data::Reference(_) | Data::Template(_)) => Some(value.clone()),
                _ => Some(typed(value, |data| data.to_text().map(Data::Text))),
            },
            _ => None,
        }
    }

    /// `jsonencode`: an object or a list stays the data that it is, so that what reads it finds its places.
    fn encoded(&mut self, value: &Value, span: Span) -> Value {
        match value.known() {
            Some(Data::Null | Data::Boolean(_) | Data::Number(_) | Data::Text(_)) => {
                assemble(json_of(value), Origin::new(How::Computed, span), &mut self.texts)
            }
            _ => value.clone(),
        }
    }

    /// Functions that make a text whose pieces may be references.
    fn text_function(&mut self, name: &str, values: &[Value], node: NodeRef<'w>) -> Option<Value> {
        let origin = || Origin::new(How::Computed, node.span());
        match (name, values) {
            ("format", [pattern, values @ ..]) => {
                let pieces = text::format(pattern.known()?.to_text()?.as_ref(), values)?;
                Some(assemble(pieces, origin(), &mut self.texts))
            }
            ("formatlist", [pattern, values @ ..]) => {
                let pattern = pattern.known()?.to_text()?;
                let mut items = Vec::new();
                for values in text::rows(values)? {
                    items.push(assemble(text::format(&pattern, &values)?, origin(), &mut self.texts));
                }
                Some(Sourced::new(Data::List(items.into()), origin()))
            }
            ("join", [separator, lists @ ..]) => {
                let separator = separator.known()?.to_text()?;
                let mut pieces = Vec::new();
                for list in lists {
                    let Data::List(items) = list.known()? else { return None };
                    for item in items.iter() {
                        if !pieces.is_empty() {
                            pieces.push(Part::Text(separator.clone()));
                        }
                        pieces.extend(text_pieces(item));
                    }
                }
                Some(assemble(pieces, origin(), &mut self.texts))
            }
            _ => {
                let texts: Option<Vec<Arc<str>>> = values.iter().map(plain_text).collect();
                let texts = texts?;
                let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
                if let Some(found) = pattern::call(name, &texts, node) {
                    return Some(found);
                }
                let made = text::text(name, &texts)
                    .or_else(|| network::call(name, &texts))
                    .or_else(|| time::call(name, &texts));
                made.map(|data| Sourced::new(data, origin()))
            }
        }
    }
}

fn is_encoding(node: NodeRef<'_>) -> bool {
    match node.kind() {
        Kind::Expr(expression) => matches!(&**expression, Expr::Call { name, .. } if &**name == "jsonencode"),
        _ => false,
    }
}

/// The text of an argument, where all of it is known.
fn plain_text(value: &Value) -> Option<Arc<str>> {
    if let Some(text) = value.known()?.to_text() {
        return Some(text);
    }
    let pieces = text_pieces(value).into_iter().map(|piece| match piece {
        Part::Text(text) => Some(text),
        _ => None,
    });
    let texts: Vec<Arc<str>> = pieces.collect::<Option<_>>()?;
    Some(texts.concat().into())
}

fn not_evaluated(name: &str) -> Unknown {
    Unknown::NotEvaluated(format!("`{name}()`").into())
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

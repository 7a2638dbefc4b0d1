//! The functions of the language that appear in real configurations; others are unknown.

use super::expression::{computed, equal, pairs, reason};
use super::scope::{Env, Evaluator, part, unknown};
use crate::frontends::document::{Scalars, assemble, pieces_of, plain_scalar};
use crate::frontends::kubernetes::yaml_text;
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
        collection(name, &values, node)
            .or_else(|| conversion(name, &values, span))
            .or_else(|| self.text_function(name, &values, span))
            .or_else(|| number(name, &values, span))
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
                let pieces = format(pattern.known()?.to_text()?.as_ref(), values)?;
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
                text(name, &texts).map(|data| Sourced::new(data, origin()))
            }
        }
    }
}

fn not_evaluated(name: &str) -> Unknown {
    Unknown::NotEvaluated(format!("`{name}()`").into())
}

/// Functions of lists and objects.
fn collection(name: &str, values: &[Value], node: NodeRef<'_>) -> Option<Value> {
    let span = node.span();
    let made = |data: Data| Some(Sourced::new(data, Origin::new(How::Computed, span)));
    let failed = |value: &Value| Some(Sourced::unknown(reason(value), Origin::new(How::Computed, span)));
    match (name, values) {
        ("merge", objects) => merge(objects, span),
        ("lookup", [object, key, rest @ ..]) => {
            let Some(key) = key.known() else { return failed(key) };
            let found = part(object, key, node);
            match (found.why_unknown(), rest) {
                (Some(Unknown::Missing(_)), [default]) if object.known().is_some() => Some(default.clone()),
                _ => Some(found),
            }
        }
        ("coalesce", values) => {
            let is_empty = |value: &Value| match value.known() {
                Some(Data::Null) => true,
                Some(Data::Text(text)) => text.is_empty(),
                _ => false,
            };
            values.iter().find(|value| !is_empty(value)).cloned()
        }
        ("coalescelist", values) => {
            values.iter().find(|value| !matches!(value.known(), Some(Data::List(items)) if items.is_empty())).cloned()
        }
        ("element", [list, index]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list) };
            let Some(index) = index.known().and_then(Data::to_number) else { return failed(index) };
            let count = items.len().max(1) as f64;
            items.get((index.rem_euclid(count)) as usize).cloned()
        }
        ("one", [list]) => match list.known() {
            Some(Data::List(items)) => match &**items {
                [] => made(Data::Null),
                [item] => Some(item.clone()),
                _ => None,
            },
            _ => failed(list),
        },
        ("length", [value]) => match value.known() {
            Some(Data::List(items)) => made(Data::Number(items.len() as f64)),
            Some(Data::Object(_)) => made(Data::Number(pairs(value)?.len() as f64)),
            Some(Data::Text(text)) => made(Data::Number(text.chars().count() as f64)),
            _ => failed(value),
        },
        ("contains", [list, item]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list) };
            let found: Vec<Option<bool>> = items.iter().map(|one| equal(one, item)).collect();
            if found.contains(&Some(true)) {
                return made(Data::Boolean(true));
            }
            if found.contains(&None) { failed(item) } else { made(Data::Boolean(false)) }
        }
        ("keys" | "values", [object]) => {
            let Some(pairs) = pairs(object) else { return failed(object) };
            let items = pairs.into_iter().map(|(key, value)| if name == "keys" { key } else { value });
            made(Data::List(items.collect()))
        }
        ("concat", lists) => {
            let mut items = Vec::new();
            for list in lists {
                let Some(Data::List(more)) = list.known() else { return failed(list) };
                items.extend(more.iter().cloned());
            }
            (items.len() <= MAX_ELEMENTS).then_some(())?;
            made(Data::List(items.into()))
        }
        ("flatten", [list]) => {
            let mut items = Vec::new();
            match flatten(list, &mut items) {
                Ok(()) => made(Data::List(items.into())),
                Err(why) => Some(unknown(why, span)),
            }
        }
        ("compact", [list]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list) };
            if let Some(open) = items.iter().find(|item| item.known().is_none()) {
                return failed(open);
            }
            let is_kept = |item: &&Value| match item.known() {
                Some(Data::Null) => false,
                Some(Data::Text(text)) => !text.is_empty(),
                _ => true,
            };
            made(Data::List(items.iter().filter(is_kept).cloned().collect()))
        }
        ("distinct" | "toset", [list]) => {
            let items = match list.known() {
                Some(Data::List(items)) => items,
                Some(Data::Reference(_)) => return Some(list.clone()),
                _ => return failed(list),
            };
            let mut kept: Vec<Value> = Vec::new();
            for item in items.iter() {
                if !kept.iter().any(|other| equal(other, item) == Some(true)) {
                    kept.push(item.clone());
                }
                (kept.len() <= 1_000).then_some(())?;
            }
            made(Data::List(kept.into()))
        }
        ("slice", [list, from, to]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list) };
            let (from, to) = (from.known()?.to_number()?, to.known()?.to_number()?);
            made(Data::List(items.get(from as usize..to as usize)?.into()))
        }
        ("reverse", [list]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list) };
            made(Data::List(items.iter().rev().cloned().collect()))
        }
        ("zipmap", [keys, values]) => {
            let (Some(Data::List(keys)), Some(Data::List(values))) = (keys.known(), values.known()) else {
                return failed(keys);
            };
            let entry = |(key, value): (&Value, &Value)| {
                let key_span = key.origin.site();
                Some(Entry { name: key.known()?.to_text()?, key: key_span, value: value.clone() })
            };
            let entries: Option<Vec<Entry>> = keys.iter().zip(values.iter()).map(entry).collect();
            made(Data::Object(entries?.into()))
        }
        ("alltrue" | "anytrue", [list]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list) };
            let items: Option<Vec<bool>> = items.iter().map(|item| item.known()?.to_boolean()).collect();
            let items = items?;
            made(Data::Boolean(if name == "alltrue" { items.iter().all(|one| *one) } else { items.contains(&true) }))
        }
        _ => None,
    }
}

fn merge(objects: &[Value], span: Span) -> Option<Value> {
    let mut entries = Vec::new();
    for object in objects {
        match object.known() {
            Some(Data::Object(more)) => entries.extend(more.iter().cloned()),
            Some(Data::Null) => {}
            _ => return Some(unknown(reason(object), span)),
        }
        (entries.len() <= MAX_ELEMENTS).then_some(())?;
    }
    // The parts keep their own places; the whole has that of its last part, where its entries are nearest.
    Some(Sourced::new(Data::Object(entries.into()), Origin::literal(span)))
}

fn flatten(list: &Value, into: &mut Vec<Value>) -> Result<(), Unknown> {
    let Some(Data::List(items)) = list.known() else { return Err(reason(list)) };
    for item in items.iter() {
        if into.len() > MAX_ELEMENTS {
            return Err(not_evaluated("flatten"));
        }
        match item.known() {
            Some(Data::List(_)) => flatten(item, into)?,
            None => return Err(reason(item)),
            _ => into.push(item.clone()),
        }
    }
    Ok(())
}

/// Functions that change a value's type, or only look as if they did.
fn conversion(name: &str, values: &[Value], span: Span) -> Option<Value> {
    match (name, values) {
        // The value stays where it was written: the text of a policy or a definition is data to archlint.
        ("jsonencode" | "yamlencode" | "tolist" | "tomap" | "sensitive" | "nonsensitive", [value]) => {
            Some(value.clone())
        }
        ("jsondecode", [value]) => match value.known() {
            Some(Data::Text(text)) => json(text, value.origin.written_at().unwrap_or(span)),
            Some(Data::Object(_) | Data::List(_)) => Some(value.clone()),
            _ => Some(unknown(reason(value), span)),
        },
        ("yamldecode", [value]) => match value.known() {
            Some(Data::Text(text)) => yaml_text(text, value.origin.written_at().unwrap_or(span)),
            Some(Data::Object(_) | Data::List(_)) => Some(value.clone()),
            _ => Some(unknown(reason(value), span)),
        },
        ("tonumber", [value]) => Some(typed(value, |data| data.to_number().map(Data::Number))),
        ("tobool", [value]) => Some(typed(value, |data| data.to_boolean().map(Data::Boolean))),
        ("tostring", [value]) => match value.known() {
            Some(Data::Reference(_) | Data::Template(_)) => Some(value.clone()),
            _ => Some(typed(value, |data| data.to_text().map(Data::Text))),
        },
        _ => None,
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

/// Functions of texts that are known.
fn text(name: &str, texts: &[&str]) -> Option<Data> {
    let made = |text: String| Some(Data::Text(text.into()));
    match (name, texts) {
        ("lower", [text]) => made(text.to_lowercase()),
        ("upper", [text]) => made(text.to_uppercase()),
        ("title", [text]) => {
            let mut start = true;
            let titled = text.chars().map(|c| {
                let c = if start { c.to_uppercase().next().unwrap_or(c) } else { c };
                start = c.is_whitespace();
                c
            });
            made(titled.collect())
        }
        ("trimspace" | "chomp", [text]) => made(text.trim().to_string()),
        ("trim", [text, cut]) => made(text.trim_matches(|c| cut.contains(c)).to_string()),
        ("trimprefix", [text, prefix]) => made(text.strip_prefix(prefix).unwrap_or(text).to_string()),
        ("trimsuffix", [text, suffix]) => made(text.strip_suffix(suffix).unwrap_or(text).to_string()),
        // A pattern between slashes is a regular expression.
        ("replace", [text, from, to]) if !from.starts_with('/') && !from.is_empty() => made(text.replace(from, to)),
        ("split", [separator, text]) if !separator.is_empty() => {
            let origin = || Origin::new(How::Computed, None);
            let pieces = text.split(separator).map(|piece| Sourced::new(Data::Text(piece.into()), origin()));
            Some(Data::List(pieces.collect()))
        }
        ("startswith", [text, start]) => Some(Data::Boolean(text.starts_with(start))),
        ("endswith", [text, end]) => Some(Data::Boolean(text.ends_with(end))),
        ("strcontains", [text, inner]) => Some(Data::Boolean(text.contains(inner))),
        ("basename", [path]) => made(path.rsplit('/').next().unwrap_or(path).to_string()),
        ("substr", [text, from, length]) => {
            let (from, length): (usize, i64) = (from.parse().ok()?, length.parse().ok()?);
            let rest = text.chars().skip(from);
            made(if length < 0 { rest.collect() } else { rest.take(length as usize).collect() })
        }
        _ => None,
    }
}

/// `format` with `%s`, `%d`, `%v` and `%%`; other verbs are not evaluated.
fn format(pattern: &str, values: &[Value]) -> Option<Vec<Part>> {
    let mut pieces = Vec::new();
    let mut values = values.iter();
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        pieces.push(Part::Text(rest[..at].into()));
        match rest[at + 1..].chars().next()? {
            '%' => pieces.push(Part::Text("%".into())),
            's' | 'd' | 'v' => pieces.extend(pieces_of(values.next()?)),
            _ => return None,
        }
        rest = &rest[at + 2..];
    }
    pieces.push(Part::Text(rest.into()));
    Some(pieces)
}

/// Functions of numbers.
fn number(name: &str, values: &[Value], span: Span) -> Option<Value> {
    let mut numbers = Vec::new();
    let listed;
    let values = match (name, values) {
        ("sum", [list]) => match list.known()? {
            Data::List(items) => {
                listed = items.clone();
                &listed[..]
            }
            _ => return None,
        },
        ("min" | "max" | "floor" | "ceil" | "abs" | "signum", values) => values,
        _ => return None,
    };
    for value in values {
        match value.known().and_then(Data::to_number) {
            Some(number) => numbers.push(number),
            None => return Some(unknown(reason(value), span)),
        }
    }
    let made = match name {
        "sum" => Some(numbers.iter().sum()),
        "min" => numbers.iter().copied().reduce(f64::min),
        "max" => numbers.iter().copied().reduce(f64::max),
        "floor" => numbers.first().map(|number| number.floor()),
        "ceil" => numbers.first().map(|number| number.ceil()),
        "abs" => numbers.first().map(|number| number.abs()),
        _ => numbers.first().map(|number| number.signum()),
    };
    let made = made?;
    Some(computed(Resolved::Known(Data::Number(made)), span, |data| Some(data.clone())))
}

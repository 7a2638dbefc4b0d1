//! Functions of lists and objects.

use super::super::expression::{equal, pairs, reason};
use super::super::scope::{part, unknown};
use super::{MAX_ELEMENTS, not_evaluated};
use crate::source::Span;
use crate::tree::NodeRef;
use crate::value::{Data, Entry, How, Origin, Sourced, Unknown, Value};

/// The value of a call; `None` where the name is not one of these functions or the arguments do not fit.
pub(super) fn call(name: &str, values: &[Value], node: NodeRef<'_>) -> Option<Value> {
    pick(name, values, node).or_else(|| measure(name, values, node.span())).or_else(|| make(name, values, node.span()))
}

fn made(data: Data, span: Span) -> Option<Value> {
    Some(Sourced::new(data, Origin::new(How::Computed, span)))
}

/// What comes of an argument that is not known, or is of another type.
fn failed(value: &Value, span: Span) -> Option<Value> {
    Some(Sourced::unknown(reason(value), Origin::new(How::Computed, span)))
}

/// One of several values.
fn pick(name: &str, values: &[Value], node: NodeRef<'_>) -> Option<Value> {
    let span = node.span();
    match (name, values) {
        ("lookup", [object, key, rest @ ..]) => {
            let Some(key) = key.known() else { return failed(key, span) };
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
            let Some(Data::List(items)) = list.known() else { return failed(list, span) };
            let Some(index) = index.known().and_then(Data::to_number) else { return failed(index, span) };
            let count = items.len().max(1) as f64;
            items.get((index.rem_euclid(count)) as usize).cloned()
        }
        ("one", [list]) => match list.known() {
            Some(Data::List(items)) => match &**items {
                [] => made(Data::Null, span),
                [item] => Some(item.clone()),
                _ => None,
            },
            _ => failed(list, span),
        },
        _ => None,
    }
}

/// How many there are, and whether some or all are so.
fn measure(name: &str, values: &[Value], span: Span) -> Option<Value> {
    match (name, values) {
        ("length", [value]) => match value.known() {
            Some(Data::List(items)) => made(Data::Number(items.len() as f64), span),
            Some(Data::Object(_)) => made(Data::Number(pairs(value)?.len() as f64), span),
            Some(Data::Text(text)) => made(Data::Number(text.chars().count() as f64), span),
            _ => failed(value, span),
        },
        ("index", [list, item]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list, span) };
            let at = items.iter().position(|one| equal(one, item) != Some(false))?;
            (equal(&items[at], item) == Some(true)).then(|| made(Data::Number(at as f64), span))?
        }
        ("contains", [list, item]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list, span) };
            let found = |one: &&Value| equal(one, item) != Some(false);
            match items.iter().find(found) {
                None => made(Data::Boolean(false), span),
                Some(_) if items.iter().any(|one| equal(one, item) == Some(true)) => made(Data::Boolean(true), span),
                Some(open) => failed(if open.known().is_none() { open } else { item }, span),
            }
        }
        ("alltrue" | "anytrue", [list]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list, span) };
            let items: Option<Vec<bool>> = items.iter().map(|item| item.known()?.to_boolean()).collect();
            let items = items?;
            made(
                Data::Boolean(if name == "alltrue" { items.iter().all(|one| *one) } else { items.contains(&true) }),
                span,
            )
        }
        _ => None,
    }
}

/// Further lists and objects.
fn make(name: &str, values: &[Value], span: Span) -> Option<Value> {
    match (name, values) {
        ("merge", objects) => merge(objects, span),
        ("keys" | "values", [object]) => {
            let Some(pairs) = pairs(object) else { return failed(object, span) };
            let items = pairs.into_iter().map(|(key, value)| if name == "keys" { key } else { value });
            made(Data::List(items.collect()), span)
        }
        ("concat", lists) => {
            let mut items = Vec::new();
            for list in lists {
                let Some(Data::List(more)) = list.known() else { return failed(list, span) };
                items.extend(more.iter().cloned());
            }
            (items.len() <= MAX_ELEMENTS).then_some(())?;
            made(Data::List(items.into()), span)
        }
        ("flatten", [list]) => {
            let mut items = Vec::new();
            match flatten(list, &mut items) {
                Ok(()) => made(Data::List(items.into()), span),
                Err(why) => Some(unknown(why, span)),
            }
        }
        ("compact", [list]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list, span) };
            if let Some(open) = items.iter().find(|item| item.known().is_none()) {
                return failed(open, span);
            }
            let is_kept = |item: &&Value| match item.known() {
                Some(Data::Null) => false,
                Some(Data::Text(text)) => !text.is_empty(),
                _ => true,
            };
            made(Data::List(items.iter().filter(is_kept).cloned().collect()), span)
        }
        ("slice", [list, from, to]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list, span) };
            let (from, to) = (from.known()?.to_number()?, to.known()?.to_number()?);
            made(Data::List(items.get(from as usize..to as usize)?.into()), span)
        }
        ("chunklist", [list, size]) => {
            let Some(Data::List(items)) = list.known() else { return failed(list, span) };
            let size = size.known()?.to_number()? as usize;
            let chunk = |chunk: &[Value]| Sourced::new(Data::List(chunk.into()), Origin::new(How::Computed, span));
            (size > 0).then(|| made(Data::List(items.chunks(size).map(chunk).collect()), span))?
        }
        ("range", limits) => range(limits, span),
        ("zipmap", [keys, values]) => {
            let (Some(Data::List(keys)), Some(Data::List(values))) = (keys.known(), values.known()) else {
                return failed(keys, span);
            };
            let entry = |(key, value): (&Value, &Value)| {
                let key_span = key.origin.site();
                Some(Entry { name: key.known()?.to_text()?, key: key_span, value: value.clone() })
            };
            let entries: Option<Vec<Entry>> = keys.iter().zip(values.iter()).map(entry).collect();
            made(Data::Object(entries?.into()), span)
        }
        _ => None,
    }
}

/// Numbers from the first limit, or 0, up to before the second, by the third.
fn range(limits: &[Value], span: Span) -> Option<Value> {
    let mut numbers = Vec::new();
    for limit in limits {
        let Some(number) = limit.known().and_then(Data::to_number) else { return failed(limit, span) };
        numbers.push(number);
    }
    let (from, to, step) = match numbers[..] {
        [to] => (0.0, to, if to < 0.0 { -1.0 } else { 1.0 }),
        [from, to] => (from, to, if to < from { -1.0 } else { 1.0 }),
        [from, to, step] => (from, to, step),
        _ => return None,
    };
    // Terraform makes no more than 1,024 either.
    let count = ((to - from) / step).ceil().max(0.0);
    (count <= 1_024.0).then_some(())?;
    let number = |at: u32| Sourced::new(Data::Number(from + f64::from(at) * step), Origin::new(How::Computed, span));
    made(Data::List((0..count as u32).map(number).collect()), span)
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

//! Functions of texts and of numbers.

use super::super::expression::reason;
use super::super::scope::unknown;
use crate::frontends::document::pieces_of;
use crate::source::Span;
use crate::value::{Data, How, Origin, Part, Sourced, Value};

/// Functions of texts that are known.
pub(super) fn text(name: &str, texts: &[&str]) -> Option<Data> {
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
pub(super) fn format(pattern: &str, values: &[Value]) -> Option<Vec<Part>> {
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
pub(super) fn number(name: &str, values: &[Value], span: Span) -> Option<Value> {
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
    Some(Sourced::new(Data::Number(made), Origin::new(How::Computed, span)))
}

//! Functions that make lists, or take something out of one.

use super::{invalid, why_of};
use crate::frontends::address_range::Range;
use crate::value::{Data, How, Origin, Sourced, Unknown, Value};
use std::sync::Arc;

/// Elements of a list that is cut out of one text.
const MAX_ELEMENTS: usize = 10_000;
/// Ranges that `Fn::Cidr` may make.
const MAX_RANGES: u32 = 256;

/// `Fn::Select`: an element by its number.
pub(super) fn select(argument: &Value, origin: &Origin) -> Value {
    let unknown = |why: Unknown| Sourced::unknown(why, origin.clone());
    let Some(Data::List(parts)) = argument.known() else { return unknown(invalid("Fn::Select")) };
    let [index, items] = &**parts else { return unknown(invalid("Fn::Select")) };
    let Some(index) = index.known().and_then(Data::to_number) else {
        return unknown(why_of(index, || invalid("Fn::Select")));
    };
    match items.known() {
        Some(Data::List(items)) if index >= 0.0 => match items.get(index as usize) {
            Some(item) => item.clone(),
            None => unknown(invalid("Fn::Select")),
        },
        _ => unknown(why_of(items, || invalid("Fn::Select"))),
    }
}

/// `Fn::Split`: a text cut at a separator.
pub(super) fn split(argument: &Value, origin: &Origin) -> Value {
    let unknown = |why: Unknown| Sourced::unknown(why, origin.clone());
    let Some(Data::List(parts)) = argument.known() else { return unknown(invalid("Fn::Split")) };
    let [separator, text] = &**parts else { return unknown(invalid("Fn::Split")) };
    match (separator.known(), text.known()) {
        (Some(Data::Text(separator)), Some(Data::Text(text))) if !separator.is_empty() => {
            pieces(text, separator, |item| item, origin)
        }
        _ => unknown(why_of(text, || invalid("Fn::Split"))),
    }
}

/// The pieces of a text between separators, each of them of the same origin.
pub(super) fn pieces(text: &str, separator: &str, trim: fn(&str) -> &str, origin: &Origin) -> Value {
    if text.matches(separator).take(MAX_ELEMENTS).count() == MAX_ELEMENTS {
        return Sourced::unknown(Unknown::NotEvaluated("a list this long".into()), origin.clone());
    }
    let items = text.split(separator).map(|item| Sourced::new(Data::Text(trim(item).into()), origin.clone()));
    Sourced::new(Data::List(items.collect()), origin.clone())
}

/// `Fn::Length`: how many elements a list has.
pub(super) fn length(argument: &Value, origin: &Origin) -> Value {
    match argument.known() {
        Some(Data::List(items)) => {
            Sourced::new(Data::Number(items.len() as f64), Origin::new(How::Computed, origin.site()))
        }
        _ => Sourced::unknown(why_of(argument, || invalid("Fn::Length")), origin.clone()),
    }
}

/// `Fn::Cidr`: so many ranges, each with so many bits for hosts, out of a larger one.
pub(super) fn ranges(argument: &Value, origin: &Origin) -> Value {
    let unknown = |why: Unknown| Sourced::unknown(why, origin.clone());
    let Some(Data::List(parts)) = argument.known() else { return unknown(invalid("Fn::Cidr")) };
    if let Some(open) = parts.iter().find(|part| part.known().and_then(Data::to_text).is_none()) {
        return unknown(why_of(open, || invalid("Fn::Cidr")));
    }
    let texts: Vec<Arc<str>> = parts.iter().filter_map(|part| part.known()?.to_text()).collect();
    let numbers: Vec<u32> = texts.iter().skip(1).filter_map(|text| text.parse().ok()).collect();
    let range = texts.first().and_then(|text| Range::parse(text));
    let (Some(range), [count, host_bits @ ..]) = (range, &*numbers) else { return unknown(invalid("Fn::Cidr")) };
    if *count > MAX_RANGES {
        return unknown(invalid("Fn::Cidr"));
    }
    let host_bits = host_bits.first().copied().unwrap_or(8);
    let bits = range.width().checked_sub(host_bits).and_then(|prefix| prefix.checked_sub(range.prefix()));
    let made: Option<Vec<Range>> = bits.and_then(|bits| (0..*count).map(|at| range.subnet(bits, at.into())).collect());
    let text =
        |range: Range| Sourced::new(Data::Text(range.to_text().into()), Origin::new(How::Computed, origin.site()));
    match made {
        Some(made) => Sourced::new(Data::List(made.into_iter().map(text).collect()), origin.clone()),
        None => unknown(invalid("Fn::Cidr")),
    }
}

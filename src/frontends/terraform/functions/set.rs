//! Functions that treat lists as sets, or put them in order.

use super::super::expression::{equal, reason};
use super::super::scope::unknown;
use super::MAX_ELEMENTS;
use crate::source::Span;
use crate::value::{Data, How, Origin, Sourced, Value};
use std::collections::HashSet;
use std::sync::Arc;

/// More elements than this are only compared where all of them are scalars.
const MAX_COMPARED: usize = 1_000;

/// The value of a call; `None` where the name is not one of these functions or an argument does not fit.
pub(super) fn call(name: &str, values: &[Value], span: Span) -> Option<Value> {
    if !matches!(
        name,
        "distinct" | "toset" | "sort" | "setunion" | "setintersection" | "setsubtract" | "setproduct" | "reverse"
    ) {
        return None;
    }
    let mut lists: Vec<Arc<[Value]>> = Vec::new();
    for value in values {
        match value.known() {
            Some(Data::List(items)) => lists.push(items.clone()),
            // The set of a resource's instances is these instances.
            Some(Data::Reference(_)) if name == "toset" => return Some(value.clone()),
            _ => return Some(unknown(reason(value), span)),
        }
    }
    let open = lists.iter().flat_map(|items| items.iter()).find(|item| item.known().is_none());
    if let Some(open) = open.filter(|_| !matches!(name, "distinct" | "toset" | "reverse" | "setproduct")) {
        return Some(unknown(reason(open), span));
    }
    let data = match (name, &lists[..]) {
        ("distinct", [list]) => Data::List(distinct(list)?.into()),
        ("toset", [list]) => set_of(list),
        ("sort", [list]) => Data::List(sorted(list.to_vec()).into()),
        ("reverse", [list]) => Data::List(list.iter().rev().cloned().collect()),
        ("setunion", lists) => set_of(&lists.concat()),
        ("setintersection", [first, rest @ ..]) => {
            let is_in_all = |item: &&Value| rest.iter().all(|list| contains(list, item));
            set_of(&first.iter().filter(is_in_all).cloned().collect::<Vec<_>>())
        }
        ("setsubtract", [from, without]) => {
            set_of(&from.iter().filter(|item| !contains(without, item)).cloned().collect::<Vec<_>>())
        }
        ("setproduct", lists) => product(lists, span)?,
        _ => return None,
    };
    Some(Sourced::new(data, Origin::new(How::Computed, span)))
}

/// A list as a set: each element once, in Terraform's order where that is known.
pub(in super::super) fn set_of(items: &[Value]) -> Data {
    match distinct(items) {
        Some(kept) => Data::List(sorted(kept).into()),
        None => Data::List(items.into()),
    }
}

/// Each element once; `None` where there are too many to compare. What is not known is kept.
fn distinct(items: &[Value]) -> Option<Vec<Value>> {
    if items.iter().all(|item| matches!(item.known(), Some(Data::Text(_)))) {
        let mut seen = HashSet::new();
        let is_new = |item: &&Value| item.known().and_then(Data::to_text).is_some_and(|text| seen.insert(text));
        return Some(items.iter().filter(is_new).cloned().collect());
    }
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        if !contains(&kept, item) {
            kept.push(item.clone());
        }
        (kept.len() <= MAX_COMPARED).then_some(())?;
    }
    Some(kept)
}

fn contains(list: &[Value], item: &Value) -> bool {
    list.iter().any(|other| equal(other, item) == Some(true))
}

/// Texts by their bytes, numbers by their size; others stay where they are.
fn sorted(mut items: Vec<Value>) -> Vec<Value> {
    if items.iter().all(|item| matches!(item.known(), Some(Data::Text(_)))) {
        items.sort_by_cached_key(|item| item.known().and_then(Data::to_text));
    } else if items.iter().all(|item| matches!(item.known(), Some(Data::Number(_)))) {
        let number = |item: &Value| item.known().and_then(Data::to_number).unwrap_or_default();
        items.sort_by(|one, other| number(one).total_cmp(&number(other)));
    }
    items
}

/// All combinations of one element of each list, the last list's element changing fastest.
fn product(lists: &[Arc<[Value]>], span: Span) -> Option<Data> {
    let count = lists.iter().try_fold(1usize, |count, list| count.checked_mul(list.len()))?;
    (lists.len() >= 2 && count.checked_mul(lists.len())? <= MAX_ELEMENTS).then_some(())?;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for list in lists {
        let longer = |row: &Vec<Value>, item: &Value| row.iter().chain([item]).cloned().collect();
        rows = rows.iter().flat_map(|row| list.iter().map(move |item| longer(row, item))).collect();
    }
    let row = |row: Vec<Value>| Sourced::new(Data::List(row.into()), Origin::new(How::Computed, span));
    Some(Data::List(rows.into_iter().map(row).collect()))
}

//! How a dialect writes what the model has, and what may be written at a place. Called by [`super::place`].

use super::New;
use crate::tree::{NodeRef, Style};
use crate::value::{Form, Origin};

/// The name of an entry and its value, by which an object gets a value at a path of keys.
pub(super) fn path(keys: &[String], value: New) -> Result<(&str, New), String> {
    let (first, inner) = keys.split_first().ok_or("it has no name")?;
    Ok((first, inner.iter().rev().fold(value, |entry, key| New::Object(vec![(key.clone(), entry)]))))
}

/// Whether the platform takes a value at all.
pub(super) fn possible(origin: &Origin, value: &New) -> Result<(), String> {
    match (value, origin.form()) {
        (New::Number(0), Form::NotZero | Form::Purpose) => Err("0 is no value that the platform takes".into()),
        _ => Ok(()),
    }
}

/// Whether a declared parameter or variable takes a value as its default, as far as that can be told.
pub(super) fn takes(declaration: NodeRef<'_>, key: NodeRef<'_>, value: &New) -> Result<(), String> {
    match (key.as_str(), value) {
        (Some("default"), _) if declaration.get("validation").is_some() => {
            Err("the variable has a `validation` that may not take the value".into())
        }
        (Some("Default"), New::Number(number)) => {
            let bound = |name: &str| declaration.get(name)?.as_str()?.trim().parse::<u64>().ok();
            let is_within = bound("MinValue").is_none_or(|least| *number >= least)
                && bound("MaxValue").is_none_or(|most| *number <= most);
            let is_listed = declaration.get("AllowedValues").is_none_or(|listed| {
                listed.items().any(|item| item.as_str().is_some_and(|item| item == number.to_string()))
            });
            if is_within && is_listed { Ok(()) } else { Err("the parameter does not allow the value".into()) }
        }
        _ => Ok(()),
    }
}

/// Whether a list of objects is anywhere in it.
pub(super) fn has_items(value: &New) -> bool {
    match value {
        New::List(items) => items.iter().any(|item| matches!(item, New::Object(_)) || has_items(item)),
        New::Object(entries) => entries.iter().any(|(_, value)| has_items(value)),
        _ => false,
    }
}

/// A key as its dialect spells it.
pub(super) fn key_in_form(key: &str, form: Form) -> String {
    if form == Form::Underscored { snake(key) } else { key.to_string() }
}

/// A value as its dialect writes it.
pub(super) fn in_form(value: &New, form: Form) -> New {
    match (value, form) {
        (New::Seconds(seconds), Form::SecondsText) => New::Text(format!("{seconds}s")),
        (New::Seconds(seconds), Form::Milliseconds) => New::Number(seconds * 1000),
        (New::Number(mebibytes), Form::Mebibytes) if mebibytes.is_multiple_of(1024) => {
            New::Text(format!("{}Gi", mebibytes / 1024))
        }
        (New::Number(mebibytes), Form::Mebibytes) => New::Text(format!("{mebibytes}Mi")),
        (New::Seconds(number) | New::Number(number), Form::Text) => New::Text(number.to_string()),
        (New::Seconds(seconds), _) => New::Number(*seconds),
        (New::Boolean(truth), Form::Text) => New::Text(truth.to_string()),
        (New::Boolean(true), Form::Words(word, _)) | (New::Boolean(false), Form::Words(_, word)) => New::text(word),
        (New::Object(entries), Form::Underscored) => {
            New::Object(entries.iter().map(|(key, value)| (key_in_form(key, form), in_form(value, form))).collect())
        }
        _ => value.clone(),
    }
}

/// Whether a number or a truth goes in quotes because the one that stands there does; for languages in which that is the
/// same to whoever reads it.
pub(super) fn keeps_quotes(present: NodeRef<'_>, value: &New) -> bool {
    let is_figure = |text: &str| text.parse::<f64>().is_ok() || matches!(text, "true" | "false");
    matches!(value, New::Number(_) | New::Seconds(_) | New::Boolean(_))
        && present.node().style == Style::Quoted
        && present.as_str().is_some_and(is_figure)
}

/// `activeDeadlineSeconds` and `FunctionName` as Terraform's providers spell them.
pub(super) fn snake(key: &str) -> String {
    let mut spelled = String::with_capacity(key.len() + 4);
    for (at, letter) in key.chars().enumerate() {
        if letter.is_ascii_uppercase() && at > 0 {
            spelled.push('_');
        }
        spelled.push(letter.to_ascii_lowercase());
    }
    spelled
}

//! Keeps the values of environment variables out of everything that is printed. Called by [`crate::engine`] when all
//! findings and notes are there.
//!
//! Excerpts show files, and no excerpt is taken from a `.env` file; what is left are the texts that lints and
//! frontends put together. Numbers stay: a limit that is exceeded has to be named, and is no secret.

use crate::lint::Finding;
use crate::read::Note;
use std::collections::BTreeSet;

/// Shorter values are words such as `dev`, which would make holes in sentences.
const SHORTEST: usize = 4;

/// Replaces the values of `secrets`, which are names and values, wherever they stand by themselves.
pub(crate) fn redact(secrets: &BTreeSet<(String, String)>, findings: &mut [Finding], notes: &mut [Note]) {
    let mut secrets: Vec<(&str, String)> =
        secrets.iter().filter(|(_, value)| is_secret(value)).map(|(name, value)| (&**value, mask(name))).collect();
    if secrets.is_empty() {
        return;
    }
    // A value that contains another one goes first.
    secrets.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    let clean = |text: &mut String| {
        for (value, mask) in secrets.iter().filter(|(value, _)| text.contains(value)).collect::<Vec<_>>() {
            *text = replaced(text, value, mask);
        }
    };
    for finding in findings {
        let labels = std::iter::once(&mut finding.primary).chain(&mut finding.related);
        let texts = labels.map(|label| &mut label.text).chain([
            &mut finding.message,
            &mut finding.unit,
            &mut finding.subject.name,
        ]);
        texts.chain(&mut finding.why).chain(&mut finding.help).for_each(clean);
    }
    notes.iter_mut().map(|note| &mut note.message).for_each(clean);
}

fn mask(name: &str) -> String {
    format!("(the value of {name})")
}

fn is_secret(value: &str) -> bool {
    value.len() >= SHORTEST && value.parse::<f64>().is_err() && !matches!(value, "true" | "false")
}

/// The text with every occurrence of a value replaced that is no part of a longer word.
fn replaced(text: &str, value: &str, mask: &str) -> String {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(value) {
        let (before, behind) = (&rest[..at], &rest[at + value.len()..]);
        let is_part = before.ends_with(char::is_alphanumeric) && value.starts_with(char::is_alphanumeric)
            || behind.starts_with(char::is_alphanumeric) && value.ends_with(char::is_alphanumeric);
        done.push_str(before);
        done.push_str(if is_part { value } else { mask });
        rest = behind;
    }
    done.push_str(rest);
    done
}

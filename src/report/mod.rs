//! The last stage: what a run found, for people and for programs.
//!
//! Called by the command line. Every format is a function from a [`Report`](crate::engine::Report) to text; nothing
//! here decides anything.

pub mod fixed;
mod fixes;
pub mod human;
pub mod json;
pub mod patch;
pub mod short;

use crate::engine::Report;
use crate::lint::{Finding, Level};

/// The findings that a format shows: active ones, advice only when asked for.
pub(crate) fn shown(report: &Report, advice: bool) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(move |finding| finding.is_active() && (advice || finding.level > Level::Advice))
}

/// Text from input with control characters made visible, so that no file can steer a terminal.
pub(crate) fn visible(text: &str) -> String {
    let is_control = |character: char| character.is_control() && character != '\t' || is_direction_mark(character);
    if !text.contains(is_control) {
        return text.to_string();
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_control(character) {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Characters that reorder the text around them.
fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

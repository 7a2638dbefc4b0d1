//! When a text needs quotes in YAML, and how it is written in them.

use crate::frontends::scalar::{Scalars, plain_scalar};
use crate::value::Data;

/// A text in quotes: in those that are wanted, unless the text cannot be written in them or reads better in the others.
pub(super) fn quoted(text: &str, wanted: char) -> String {
    let can_be_single = text.chars().all(is_printable);
    let is_clumsy = text.contains(['"', '\\']) && !text.contains('\'');
    if can_be_single && (wanted == '\'' || is_clumsy) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if is_printable(letter) => out.push(letter),
            letter if letter < '\u{100}' => out.push_str(&format!("\\x{:02x}", letter as u32)),
            letter => out.push_str(&format!("\\u{:04x}", letter as u32)),
        }
    }
    out.push('"');
    out
}

/// Whether a character can stand in a YAML text as it is, whichever version reads it.
fn is_printable(letter: char) -> bool {
    !letter.is_control() && !matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a text is the same text when it is written without quotes, for every reader of YAML 1.1 and 1.2.
pub(super) fn is_plain(text: &str, in_flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let is_indicator = match first {
        // Options of commands are usual; everything else with a dash in front is not worth a thought.
        '-' => {
            !text.trim_start_matches('-').starts_with(|letter: char| letter.is_ascii_alphabetic())
                || text.starts_with("---")
        }
        first => ",[]{}#&*!|>'\"%@`?:=<".contains(first),
    };
    let has_structure = text.contains(": ")
        || text.contains(" #")
        || text.ends_with(':')
        || in_flow && (text.contains([',', '[', ']', '{', '}']) || text.contains(":\"") || text.contains(":'"));
    let is_trimmed = text.trim() == text && text.chars().all(is_printable);
    is_trimmed && !is_indicator && !has_structure && text != "..." && is_text_everywhere(text)
}

/// Whether no reader takes a plain text for a number, a date, a truth value or nothing.
fn is_text_everywhere(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_word = matches!(&*lower, "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null");
    let unsigned = lower.trim_start_matches(['+', '-']);
    let is_numeric = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && (unsigned.bytes().all(|byte| byte.is_ascii_digit() || b"_.:+-etz ".contains(&byte))
            || unsigned.starts_with("0x")
            || unsigned.starts_with("0o")
            || unsigned.starts_with("0b")
            || matches!(unsigned, ".inf" | ".nan"));
    let schemas = [Scalars::Core, Scalars::Version11, Scalars::Kubernetes];
    let stays_text = |scalars| matches!(plain_scalar(text, scalars), Data::Text(_));
    !is_word && !is_numeric && schemas.into_iter().all(stays_text)
}

//! Functions that put a value into a text, or take it out of one.

use super::not_evaluated;
use crate::frontends::document::pieces_of;
use crate::frontends::gaps::marked;
use crate::frontends::json_text::{json, json_of, json_with_gaps};
use crate::frontends::kubernetes;
use crate::frontends::terraform::expression::reason;
use crate::frontends::terraform::scope::unknown;
use crate::read::Workspace;
use crate::source::Span;
use crate::value::{Data, Part, Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// Functions of one text.
pub(super) fn text(name: &str, text: &str) -> Option<Data> {
    let made = match name {
        "base64encode" => STANDARD.encode(text),
        "base64decode" => String::from_utf8(STANDARD.decode(text).ok()?).ok()?,
        "urlencode" => text.bytes().map(url_byte).collect(),
        _ => return None,
    };
    Some(Data::Text(made.into()))
}

/// One byte as it stands in the query of a URL.
fn url_byte(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        b' ' => "+".into(),
        _ => format!("%{byte:02X}"),
    }
}

/// What a value adds to a text. An object or a list stands there only as what `jsonencode` made of it, which archlint
/// keeps as the data that it is.
pub(in super::super) fn text_pieces(value: &Value) -> Vec<Part> {
    match value.known() {
        Some(Data::Object(_) | Data::List(_)) => json_of(value),
        _ => pieces_of(value),
    }
}

/// `jsondecode` and `yamldecode`. What an encoding function was given is data already.
pub(super) fn decoded(name: &str, value: &Value, workspace: &Workspace, span: Span) -> Option<Value> {
    let place = value.origin.written_at().unwrap_or(span);
    let text = match value.known() {
        Some(Data::Text(text)) => text,
        Some(Data::Object(_) | Data::List(_)) => return Some(value.clone()),
        Some(Data::Template(parts)) => {
            let decoded = match name {
                "jsondecode" => json_with_gaps(parts, place),
                _ => marked(parts, false).and_then(|(text, gaps)| {
                    kubernetes::yaml_text(text.into(), place, false).map(|value| gaps.fill(value))
                }),
            };
            return Some(decoded.unwrap_or_else(|| unknown(reason(value), span)));
        }
        _ => return Some(unknown(reason(value), span)),
    };
    // Places in the text of a whole file are places in that file.
    let is_file = place.start == 0 && Arc::ptr_eq(text, workspace.sources.get(place.file).text());
    let decoded = match name {
        "jsondecode" => json(text, place, is_file),
        _ => kubernetes::yaml_text(text.clone(), place, is_file),
    };
    decoded.or_else(|| Some(unknown(not_evaluated(name), span)))
}

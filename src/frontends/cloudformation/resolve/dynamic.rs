//! Dynamic references, `{{resolve:ssm:/name}}`: texts that are only filled in at deployment.

use crate::frontends::document::{TextBudget, assemble};
use crate::value::{Data, Part, Unknown, Value};

const START: &str = "{{resolve:";

/// A text whose dynamic references are gaps; anything else as it is, and a text with names that are still to be filled
/// in.
pub(super) fn settled(value: Value) -> Value {
    let text = match value.known() {
        Some(Data::Text(text)) if text.contains(START) => text.clone(),
        _ => return value,
    };
    let mut pieces = Vec::new();
    let mut rest = &*text;
    while let Some(start) = rest.find(START)
        && let Some(length) = rest[start..].find("}}")
    {
        let end = start + length + "}}".len();
        if rest[start..end].contains("${") {
            return value;
        }
        pieces.push(Part::Text(rest[..start].into()));
        pieces.push(Part::Unknown(Unknown::AtDeployment(rest[start..end].into())));
        rest = &rest[end..];
    }
    if pieces.is_empty() {
        return value;
    }
    pieces.push(Part::Text(rest.into()));
    assemble(pieces, value.origin, &mut TextBudget::default())
}

//! Documents inside of texts that are known in part: a container definition with one image that only the deployment
//! knows is still a container definition.
//!
//! A gap becomes a mark, a character for private use, so that the text can be parsed; then every mark becomes the gap
//! that it stands for again. Called for JSON and YAML that Terraform and CloudFormation put together.

use super::document::{TextBudget, assemble};
use crate::value::{Data, Entry, Origin, Part, Sourced, Value};

/// The first of the characters that stand for gaps.
const FIRST: u32 = 0xF_0000;
/// The last one.
const LAST: char = '\u{F_FFFD}';

/// What the marks of a text stand for.
pub(crate) struct Gaps(Vec<Part>);

fn is_mark(character: char) -> bool {
    (FIRST..=u32::from(LAST)).contains(&u32::from(character))
}

/// A text with a mark for each gap; `None` where that cannot be done. `quotes`: in a language where a text stands
/// between quotes, a gap outside of them needs some, and may be one value only behind a key: in a list it may be several.
pub(crate) fn marked(parts: &[Part], quotes: bool) -> Option<(String, Gaps)> {
    let mut text = String::new();
    let mut gaps = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    for part in parts {
        let Part::Text(piece) = part else {
            let mark = char::from_u32(FIRST + u32::try_from(gaps.len()).ok()?).filter(|mark| *mark <= LAST)?;
            gaps.push(part.clone());
            if in_string || !quotes {
                text.push(mark);
            } else if text.trim_end().ends_with(':') {
                text.extend(['"', mark, '"']);
            } else {
                return None;
            }
            continue;
        };
        for character in piece.chars() {
            match character {
                _ if is_mark(character) => return None,
                _ if escaped => escaped = false,
                '\\' => escaped = in_string,
                '"' => in_string = !in_string,
                _ => {}
            }
        }
        text.push_str(piece);
    }
    Some((text, Gaps(gaps)))
}

impl Gaps {
    /// A value with the gaps in the place of their marks. A gap in a text leaves a text with a gap; a mark alone is a
    /// value of which nothing but that gap is known. Entries whose keys have gaps are left out.
    pub(crate) fn fill(&self, value: Value) -> Value {
        let Sourced { value: resolved, origin } = value;
        let crate::value::Resolved::Known(data) = resolved else { return Sourced { value: resolved, origin } };
        let data = match data {
            Data::Text(text) if text.contains(is_mark) => return self.filled(&text, origin),
            Data::List(items) => Data::List(items.iter().map(|item| self.fill(item.clone())).collect()),
            Data::Object(entries) => {
                let named = entries.iter().filter(|entry| !entry.name.contains(is_mark));
                Data::Object(
                    named.map(|entry| Entry { value: self.fill(entry.value.clone()), ..entry.clone() }).collect(),
                )
            }
            data => data,
        };
        Sourced::new(data, origin)
    }

    fn filled(&self, text: &str, origin: Origin) -> Value {
        let mut pieces = Vec::new();
        let mut known = String::new();
        for character in text.chars() {
            let gap = is_mark(character).then(|| self.0.get((u32::from(character) - FIRST) as usize)).flatten();
            match gap {
                Some(gap) => {
                    pieces.push(Part::Text(std::mem::take(&mut known).into()));
                    pieces.push(gap.clone());
                }
                None => known.push(character),
            }
        }
        pieces.push(Part::Text(known.into()));
        assemble(pieces, origin, &mut TextBudget::default())
    }
}

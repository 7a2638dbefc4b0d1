//! `Fn::ForEach` of `AWS::LanguageExtensions`: an entry that stands for several, with an element of a list in each.

use super::{Template, invalid, object_of, why_of};
use crate::value::{Data, Entry, How, Sourced, Unknown, Value};
use std::sync::Arc;

/// Rounds of one loop.
const MAX_ROUNDS: usize = 256;
/// Values that all loops of one template may make.
const MAX_COPIES: usize = 200_000;
/// Bytes of text that count as one of them.
const BYTES_OF_A_COPY: usize = 64;
/// Nesting of what a loop repeats.
const MAX_DEPTH: usize = 200;

/// What a loop puts into its rounds.
struct Round<'l> {
    /// The identifier as a text has it: `${Name}`, and `&{Name}`, which leaves letters and digits only.
    marks: [String; 2],
    identifier: &'l str,
    element: &'l Value,
    text: Arc<str>,
    plain: String,
}

/// Whether a key stands for several entries.
pub(in super::super) fn is_loop(name: &str) -> bool {
    name.starts_with("Fn::ForEach")
}

impl Template {
    /// Adds an entry, or what it stands for if it is a loop.
    pub(super) fn unroll(&mut self, entry: &Entry, depth: usize, into: &mut Vec<Entry>) -> Result<(), Unknown> {
        if !is_loop(&entry.name) {
            into.push(entry.clone());
            return Ok(());
        }
        let Some(Data::List(parts)) = entry.value.known() else {
            return Err(why_of(&entry.value, || invalid(&entry.name)));
        };
        let [identifier, collection, body] = &**parts else { return Err(invalid(&entry.name)) };
        let Some(Data::Text(identifier)) = identifier.known() else { return Err(invalid(&entry.name)) };
        let Some(body) = object_of(body) else { return Err(why_of(body, || invalid(&entry.name))) };
        let elements = self.elements(collection, depth)?;
        for element in &elements {
            let Some(Data::Text(text)) = element.known() else { return Err(why_of(element, || invalid(&entry.name))) };
            let round = Round {
                marks: [format!("${{{identifier}}}"), format!("&{{{identifier}}}")],
                identifier,
                element,
                text: text.clone(),
                plain: text.chars().filter(char::is_ascii_alphanumeric).collect(),
            };
            for inner in body {
                let filled = self.filled_entry(inner, &round, 0)?;
                self.unroll(&filled, depth + 1, into)?;
            }
        }
        Ok(())
    }

    /// The elements of a collection, as texts.
    fn elements(&mut self, collection: &Value, depth: usize) -> Result<Vec<Value>, Unknown> {
        let invalid = || Unknown::Invalid("a loop over something that is no list of texts".into());
        let bounded = |length: usize| match length {
            0..=MAX_ROUNDS => Ok(()),
            _ => Err(Unknown::NotEvaluated(format!("a loop of more than {MAX_ROUNDS} rounds").into())),
        };
        if let Some(Data::List(items)) = collection.known() {
            bounded(items.len())?;
        }
        let list = self.evaluate(collection, depth + 1);
        let Some(Data::List(items)) = list.known() else { return Err(why_of(&list, invalid)) };
        let mut elements = Vec::new();
        for item in items.iter() {
            match item.known() {
                // A parameter that is a list may stand among the elements.
                Some(Data::List(inner)) => elements.extend(inner.iter().cloned()),
                Some(data) if data.to_text().is_some() => elements.push(item.clone()),
                _ => return Err(why_of(item, invalid)),
            }
        }
        bounded(elements.len())?;
        let text = |item: Value| item.and_then(|data| data.to_text().map(Data::Text).ok_or_else(invalid));
        Ok(elements.into_iter().map(text).collect())
    }

    fn filled_entry(&mut self, entry: &Entry, round: &Round<'_>, depth: usize) -> Result<Entry, Unknown> {
        let name = self.filled_text(&entry.name, round)?.unwrap_or_else(|| entry.name.clone());
        Ok(Entry { name, key: entry.key, value: self.filled(&entry.value, round, depth)? })
    }

    /// A value as one round has it.
    fn filled(&mut self, value: &Value, round: &Round<'_>, depth: usize) -> Result<Value, Unknown> {
        self.pay(if depth > MAX_DEPTH { MAX_COPIES } else { 1 })?;
        let data = match value.known() {
            Some(Data::Text(text)) => match self.filled_text(text, round)? {
                Some(filled) => Data::Text(filled),
                None => return Ok(value.clone()),
            },
            Some(Data::List(items)) => {
                Data::List(items.iter().map(|item| self.filled(item, round, depth + 1)).collect::<Result<_, _>>()?)
            }
            Some(Data::Object(entries)) => match &**entries {
                [only] if &*only.name == "Ref" && is_text(&only.value, round.identifier) => {
                    let reference = How::Reference(format!("Ref {}", round.identifier).into());
                    return Ok(round.element.clone().via(reference, value.origin.site()));
                }
                all => Data::Object(
                    all.iter().map(|entry| self.filled_entry(entry, round, depth + 1)).collect::<Result<_, _>>()?,
                ),
            },
            _ => return Ok(value.clone()),
        };
        Ok(Sourced::new(data, value.origin.clone()))
    }

    /// A text with the element in the place of the identifier; `None` if it is not there.
    fn filled_text(&mut self, text: &str, round: &Round<'_>) -> Result<Option<Arc<str>>, Unknown> {
        let [mark, plain_mark] = &round.marks;
        let places = text.matches(&**mark).count() + text.matches(&**plain_mark).count();
        if places == 0 {
            return Ok(None);
        }
        self.pay((text.len() + places.saturating_mul(round.text.len())) / BYTES_OF_A_COPY)?;
        Ok(Some(text.replace(&**mark, &round.text).replace(&**plain_mark, &round.plain).into()))
    }

    /// Takes from what loops may make.
    fn pay(&mut self, copies: usize) -> Result<(), Unknown> {
        self.copies = self.copies.saturating_add(copies);
        let is_enough = self.copies > MAX_COPIES;
        if is_enough { Err(Unknown::NotEvaluated("loops that make this much".into())) } else { Ok(()) }
    }
}

fn is_text(value: &Value, text: &str) -> bool {
    matches!(value.known(), Some(Data::Text(written)) if &**written == text)
}

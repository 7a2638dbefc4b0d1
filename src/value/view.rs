//! Reading resolved data without mixing up what is not written with what is not known.

use super::{Data, Entry, Form, How, Origin, Resolved, Slot, Sourced, Unknown, Value};
use crate::source::Span;
use std::sync::Arc;

/// A cursor on resolved data that keeps apart what is written, what is not written, and what cannot be known.
///
/// `block` is the place to point at when something is missing: the name of the enclosing block.
#[derive(Clone, Copy)]
pub struct View<'v> {
    state: State<'v>,
    block: Option<Span>,
}

#[derive(Clone, Copy)]
enum State<'v> {
    /// The value, and where it would be written for this use alone if it is inherited.
    Present(&'v Value, Vacancy<'v>),
    Absent(Vacancy<'v>),
}

/// What is not there: the innermost object that is, and the keys that would lead on from it.
#[derive(Clone, Copy, Default)]
struct Vacancy<'v> {
    object: Option<&'v Value>,
    keys: [&'static str; Vacancy::DEEPEST],
    count: usize,
    /// Where the object is written as a single value, short for it: the key of that value.
    stands_for: Option<&'static str>,
}

impl Vacancy<'_> {
    /// No dialect's settings lie deeper below the last object that people write anyway.
    const DEEPEST: usize = 5;

    /// One level further down; nothing is known of places too deep.
    fn below(mut self, key: &'static str) -> Self {
        match self.keys.get_mut(self.count) {
            Some(next) => *next = key,
            None => return Self::default(),
        }
        self.count += 1;
        self
    }

    /// Whether a value that is found at this place is written elsewhere.
    fn is_outside(self, value: &Value) -> bool {
        let object = self.object.and_then(|object| object.origin.written_at());
        let value = value.origin.written_at();
        matches!((object, value), (Some(object), Some(value)) if !object.contains(value))
    }

    fn slot(self) -> Option<Slot> {
        let keys = self.keys.get(..self.count).filter(|keys| !keys.is_empty())?;
        let object = &self.object?.origin;
        if let Some(key) = self.stands_for {
            // A variable in its place stays what it is.
            return Some(Slot { stands_for: Some(key), ..Slot::new(object.site()?, keys) });
        }
        let slot = match object.slot().and_then(|slot| slot.place.as_ref()) {
            // The object is not written itself: what holds it would be the innermost that is.
            Some((outer, leading)) => Slot::new(*outer, &[leading, keys].concat()),
            None => Slot::new(object.written_at()?, keys),
        };
        // A dialect that spells keys in its own way says so of every object.
        let form = if object.form() == Form::Underscored { Form::Underscored } else { Form::Plain };
        Some(Slot { form, patch: object.slot().and_then(|slot| slot.patch), ..slot })
    }
}

impl<'v> View<'v> {
    /// A cursor on a value whose missing parts are reported at `block`.
    pub fn new(value: &'v Value, block: impl Into<Option<Span>>) -> Self {
        let state = match value.known() {
            Some(Data::Null) => State::Absent(Vacancy { object: Some(value), ..Vacancy::default() }),
            _ => State::Present(value, Vacancy::default()),
        };
        Self { state, block: block.into() }
    }

    /// A cursor on nothing.
    pub fn missing(block: impl Into<Option<Span>>) -> Self {
        Self { state: State::Absent(Vacancy::default()), block: block.into() }
    }

    /// The settings that a single value leaves out which is short for an object: `key` is what it is called in there.
    pub fn short_for(self, key: &'static str) -> Self {
        let vacancy = Vacancy { object: self.value(), stands_for: Some(key), ..Vacancy::default() };
        Self { state: State::Absent(vacancy), ..self }
    }

    /// The same place, with missing parts reported elsewhere.
    pub fn within(self, block: impl Into<Option<Span>>) -> Self {
        Self { block: block.into(), ..self }
    }

    /// The place to point at when something is missing.
    pub fn block(self) -> Option<Span> {
        self.block
    }

    /// The value, if it is written.
    pub fn value(self) -> Option<&'v Value> {
        match self.state {
            State::Present(value, _) => Some(value),
            State::Absent(_) => None,
        }
    }

    /// Known not to be written.
    pub fn is_absent(self) -> bool {
        self.value().is_none()
    }

    /// Written, whatever became of it.
    pub fn is_present(self) -> bool {
        self.value().is_some()
    }

    /// Written, but it cannot be told what.
    pub fn is_unknown(self) -> bool {
        self.value().is_some_and(|value| value.known().is_none())
    }

    /// The place nearest to the use, or else the block.
    pub fn span(self) -> Option<Span> {
        self.value().and_then(|value| value.origin.site()).or(self.block)
    }

    /// The value of a key. Of an unknown value every part is unknown.
    pub fn get(self, key: &'static str) -> View<'v> {
        match self.state {
            State::Absent(vacancy) => Self { state: State::Absent(vacancy.below(key)), ..self },
            State::Present(value, place) => match value.known() {
                // A block that may be repeated is a list of objects; asking it for a key means the only one.
                Some(Data::List(items)) if items.len() == 1 => View::new(&items[0], self.block).get(key),
                Some(Data::Object(_)) => {
                    let within = Vacancy { object: Some(value), ..Vacancy::default() }.below(key);
                    let state = match value.get(key) {
                        // Of an object that is inherited as a whole, every part would be overridden where the object would.
                        Some(part) if !matches!(part.known(), Some(Data::Null)) => match place.is_outside(value) {
                            true => State::Present(part, place.below(key)),
                            false => State::Present(part, within),
                        },
                        _ => State::Absent(within),
                    };
                    Self { state, ..self }
                }
                _ => self.find(key),
            },
        }
    }

    /// The value of a key that is only known at run time: a name that somebody chose.
    pub fn find(self, key: &str) -> View<'v> {
        match self.state {
            State::Absent(_) => View::missing(self.block),
            State::Present(value, _) => match value.known() {
                None => self,
                Some(Data::Reference(_) | Data::Template(_)) => self,
                Some(Data::List(items)) if items.len() == 1 => View::new(&items[0], self.block).find(key),
                Some(_) => value.get(key).map_or(View::missing(self.block), |part| View::new(part, self.block)),
            },
        }
    }

    /// Where the value would stand if somebody wrote it, or overrode what is inherited; `None` where it is written, or no
    /// object is there to hold it.
    pub fn slot(self) -> Option<Slot> {
        match self.state {
            State::Present(value, place) => {
                let is_inherited = match value.origin.steps().next()?.how {
                    How::Inherited(_) => true,
                    // What a merge key brings in is written in another object.
                    How::Literal => place.is_outside(value) && value.origin.slot().is_none(),
                    _ => false,
                };
                place.slot().filter(|_| is_inherited)
            }
            State::Absent(vacancy) => vacancy.slot(),
        }
    }

    /// That nothing is written here.
    pub fn absence(self) -> Origin {
        Origin::new(How::Absent, self.block).with_slot(self.slot())
    }

    /// The value at a path of keys.
    pub fn at(self, path: &[&'static str]) -> View<'v> {
        path.iter().fold(self, |view, key| view.get(key))
    }

    /// The first of several keys that is written, or a missing one, which would be written under the first of them.
    pub fn first(self, keys: &[&'static str]) -> View<'v> {
        keys.iter().map(|key| self.get(key)).find(|view| view.is_present()).unwrap_or_else(|| match keys.first() {
            Some(key) => self.get(key),
            None => View::missing(self.block),
        })
    }

    /// Whether it is written at all, whatever its value; an empty list is not.
    pub fn is_written(self) -> Sourced<bool> {
        let Some(value) = self.value() else { return Sourced::new(false, self.absence()) };
        value.clone().map(|data| !matches!(data, Data::List(items) if items.is_empty()))
    }

    /// Whether one of several keys is written.
    pub fn has(self, keys: &[&'static str]) -> Sourced<bool> {
        let written = |value: &Value| match &value.value {
            Resolved::Known(_) => Sourced::new(true, value.origin.clone()),
            Resolved::Unknown(why) => Sourced::unknown(why.clone(), value.origin.clone()),
        };
        let mut found = keys.iter().filter_map(|key| self.get(key).value()).map(written).collect::<Vec<_>>();
        let known = found.iter().position(|one| one.known().is_some()).unwrap_or_default();
        match found.is_empty() {
            true => Sourced::new(false, Origin::new(How::Absent, self.block)),
            false => found.swap_remove(known),
        }
    }

    /// Where a key stands.
    pub fn key_span(self, key: &str) -> Option<Span> {
        match self.value()?.known()? {
            Data::Object(entries) => entries.iter().rfind(|entry| &*entry.name == key).and_then(|entry| entry.key),
            Data::List(items) if items.len() == 1 => View::new(&items[0], self.block).key_span(key),
            _ => None,
        }
    }

    /// The elements of a list; a single object or scalar counts as a list of one; nothing for what is absent or unknown.
    pub fn items(self) -> Vec<View<'v>> {
        match self.value().and_then(|value| value.known()) {
            Some(Data::List(items)) => items.iter().map(|item| View::new(item, self.block)).collect(),
            Some(_) => vec![self],
            None => Vec::new(),
        }
    }

    /// The entries of an object, of equal keys only the last; nothing for anything else.
    pub fn entries(self) -> Vec<(&'v Entry, View<'v>)> {
        let Some(Data::Object(entries)) = self.value().and_then(|value| value.known()) else { return Vec::new() };
        let mut last = std::collections::HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            last.insert(&*entry.name, at);
        }
        let counts = |(at, entry): &(usize, &Entry)| last.get(&*entry.name) == Some(at);
        entries
            .iter()
            .enumerate()
            .filter(counts)
            .map(|(_, entry)| (entry, View::new(&entry.value, entry.key.or(self.block))))
            .collect()
    }

    fn read<T>(self, expected: &str, convert: impl FnOnce(&Data) -> Option<T>) -> Sourced<Option<T>> {
        let Some(value) = self.value() else { return Sourced::new(None, self.absence()) };
        let resolved = match &value.value {
            Resolved::Unknown(why) => Resolved::Unknown(why.clone()),
            Resolved::Known(data) => match (value.why_open(), convert(data)) {
                (Some(why), _) => Resolved::Unknown(why),
                (None, Some(converted)) => Resolved::Known(Some(converted)),
                (None, None) => {
                    Resolved::Unknown(Unknown::Invalid(format!("{} where {expected} is due", data.kind()).into()))
                }
            },
        };
        Sourced { value: resolved, origin: value.origin.clone().with_slot(self.slot()) }
    }

    /// The text of a scalar.
    pub fn text(self) -> Sourced<Option<Arc<str>>> {
        self.read("a text", Data::to_text)
    }

    /// A number.
    pub fn number(self) -> Sourced<Option<f64>> {
        self.read("a number", Data::to_number)
    }

    /// A whole number from 0; a fraction is cut off, a negative number is invalid.
    pub fn whole(self) -> Sourced<Option<u64>> {
        self.read("a whole number", |data| data.to_number().filter(|number| *number >= 0.0).map(|number| number as u64))
    }

    /// A whole number that may be negative.
    pub fn integer(self) -> Sourced<Option<i64>> {
        self.read("a whole number", |data| data.to_number().map(|number| number as i64))
    }

    /// A boolean.
    pub fn boolean(self) -> Sourced<Option<bool>> {
        self.read("true or false", Data::to_boolean)
    }

    /// Known text, or `None`: for names and switches where nothing is to be judged or shown.
    pub fn known_text(self) -> Option<Arc<str>> {
        self.text().set().cloned()
    }

    /// Whether the text is known to be this one.
    pub fn is_text(self, text: &str) -> bool {
        self.known_text().as_deref() == Some(text)
    }
}

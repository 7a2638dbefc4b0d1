//! What a fix needs to know about a value beside where it is written: where it could stand, in which form, and what would
//! hold if it went.

use super::origin::MAX_STEPS;
use super::{How, Origin, Sourced};
use crate::source::Span;
use std::sync::Arc;

/// Where a value would stand that nobody wrote, and how its dialect writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The innermost object that is written, a mapping or a block with its body, and the keys that lead on from there, the
    /// outermost first; none of them is written (or only as null). `None` for a value that is written itself.
    pub place: Option<(Span, Box<[&'static str]>)>,
    /// The object of a patch in which it could stand as well, for those alone whom the patch is for.
    pub patch: Option<Span>,
    /// Where a single value stands instead of that object, short for it: the key that the value has in the object.
    pub stands_for: Option<&'static str>,
    /// How the dialect writes such a value.
    pub form: Form,
}

impl Slot {
    /// A slot for a value that is written as it is.
    pub fn new(object: Span, keys: &[&'static str]) -> Self {
        Self { place: Some((object, keys.into())), patch: None, stands_for: None, form: Form::Plain }
    }
}

/// How a dialect writes what the model has as a number or a truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is: `30`, `true`.
    Plain,
    /// Seconds with their unit, in a text: `"30s"`.
    SecondsText,
    /// Seconds as milliseconds: `30000`.
    Milliseconds,
    /// MiB as a quantity with its unit: `512Mi`, `2Gi`.
    Mebibytes,
    /// A number or a truth in a text, as annotations have them: `"30"`, `"true"`.
    Text,
    /// True is the first word, false the second.
    Words(&'static str, &'static str),
    /// As it is, but never 0: where there shall be none, nothing is written.
    NotZero,
    /// As it is, and all that its resource is for: whoever takes the value out takes the resource out.
    Purpose,
    /// As it is, but by something that sets it elsewhere and is nothing without it: it cannot be taken out by itself.
    Argument,
    /// As it is; the keys, which the API spells `camelCase`, are spelled with underscores.
    Underscored,
    /// The name of an attribute: bare in HCL, a text in JSON.
    Name,
}

impl Origin {
    /// This origin of a value that a patch or the like has put in the place of another one.
    fn over(self, beneath: &Self) -> Self {
        match beneath.layers().nth(MAX_STEPS as usize) {
            Some(_) => self,
            None => Self { beneath: Some(Arc::new(beneath.clone())), ..self },
        }
    }

    /// This origin of an object into which an object of a patch was merged.
    pub fn patched(self, patch: &Self) -> Self {
        let own = patch.written_at().filter(|_| !patch.passes(|how| *how == How::Within));
        match own {
            Some(own) => Self {
                slot: Some(Arc::new(Slot { place: None, patch: Some(own), stands_for: None, form: self.form() })),
                ..self
            },
            None => self,
        }
    }

    /// This origin and those of the values that it has taken the place of: whoever wants none of them has to take all of
    /// them out.
    pub fn layers(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |origin| origin.beneath.as_deref())
    }
}

impl<T> Sourced<T> {
    /// The same value, which has taken the place of another one.
    pub fn over<U>(self, beneath: &Sourced<U>) -> Self {
        Self { origin: self.origin.over(&beneath.origin), value: self.value }
    }
}

//! Values, and how each of them came to be.
//!
//! A frontend resolves its dialect's text to [`Value`]s: data that is known, or unknown for a reason, each with the
//! [`Origin`] that a finding shows. It then reads a resource through a [`View`], which never mixes up "not written"
//! with "not known". The model's fields are [`Sourced`]; lints ask them [`Sourced::known`].

mod data;
mod origin;
mod slot;
mod view;

pub use data::{Data, Entry, Part, Reference, Value, plain_number};
pub use origin::{How, Origin, Step};
pub use slot::{Form, Slot};
pub use view::View;

use crate::facts::Fact;
use crate::source::Span;
use std::fmt;
use std::sync::Arc;

/// What became of a value: known, or unknown and why. Unknown is a value, not an absence.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved<T> {
    /// The value that the platform will see.
    Known(T),
    /// It cannot be told from the files.
    Unknown(Unknown),
}

/// Why a value is not known. Displayed after the expression: "`${ssm:/a/b}` is only known at deployment".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// Only the platform knows it, at deployment or later: the text says what it is.
    AtDeployment(Arc<str>),
    /// The tool is told to leave it as it is on the platform; the text is what is written.
    LeftAlone(Arc<str>),
    /// What another unit hands on: only the platform knows what it is, but which thing it names may be known.
    HandedOn(Arc<HandedOn>),
    /// A variable or parameter without a default that nobody sets.
    NoDefault(Arc<str>),
    /// An environment variable of whoever deploys.
    Environment(Arc<str>),
    /// A reference to something that is not there.
    Missing(Arc<str>),
    /// A file outside the scanned roots.
    OutsideRoot(Arc<str>),
    /// A file that is a program, not data.
    Program(Arc<str>),
    /// A construct that archlint does not evaluate.
    NotEvaluated(Arc<str>),
    /// More than one candidate.
    Ambiguous(Arc<str>),
    /// A value of another type than the platform takes, or one that cannot be parsed.
    Invalid(Arc<str>),
}

/// A value that is read of another unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOn {
    /// How it is written: `${ssm:/shop/jobs}`.
    pub text: Arc<str>,
    /// Where it is handed on, as one of `model::exported`.
    pub reference: Reference,
}

impl Unknown {
    /// The same reason for something that is computed from the value, and does not name what the value names.
    pub fn computed(self) -> Self {
        match self {
            Self::HandedOn(value) => Self::AtDeployment(value.text.clone()),
            other => other,
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtDeployment(what) => write!(f, "`{what}` is only known at deployment"),
            Self::LeftAlone(name) => write!(f, "`{name}` is left as it is on the platform"),
            Self::HandedOn(value) => write!(f, "`{}` is only known at deployment", value.text),
            Self::NoDefault(name) => write!(f, "`{name}` has no default and is not set"),
            Self::Environment(name) => write!(f, "the environment variable `{name}` is not known here"),
            Self::Missing(what) => write!(f, "`{what}` was not found"),
            Self::OutsideRoot(path) => write!(f, "`{path}` lies outside the scanned directories"),
            Self::Program(path) => write!(f, "`{path}` is a program, not data"),
            Self::NotEvaluated(what) => write!(f, "archlint does not evaluate {what}"),
            Self::Ambiguous(what) => write!(f, "there is more than one candidate for {what}"),
            Self::Invalid(what) => write!(f, "{what}"),
        }
    }
}

/// A value with its origin. Every field of the model that a lint may judge is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Sourced<T> {
    /// The value, or why it is not known.
    pub value: Resolved<T>,
    /// How it came to be.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// A known value.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value: Resolved::Known(value), origin }
    }

    /// A value that cannot be told.
    pub fn unknown(why: Unknown, origin: Origin) -> Self {
        Self { value: Resolved::Unknown(why), origin }
    }

    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match &self.value {
            Resolved::Known(value) => Some(value),
            Resolved::Unknown(_) => None,
        }
    }

    /// Why it is not known.
    pub fn why_unknown(&self) -> Option<&Unknown> {
        match &self.value {
            Resolved::Known(_) => None,
            Resolved::Unknown(why) => Some(why),
        }
    }

    /// Whether someone wrote it, as against a platform default or nothing at all.
    pub fn is_explicit(&self) -> bool {
        self.origin.is_written()
    }

    /// The platform default that applies, if one does.
    pub fn default(&self) -> Option<&'static Fact> {
        self.origin.steps().find_map(|step| match step.how {
            How::Platform(fact) => Some(fact),
            _ => None,
        })
    }

    /// Another value with the same origin.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        let value = match self.value {
            Resolved::Known(value) => Resolved::Known(change(value)),
            Resolved::Unknown(why) => Resolved::Unknown(why),
        };
        Sourced { value, origin: self.origin }
    }

    /// Like [`Sourced::map`], where the change may fail and then says why.
    pub fn and_then<U>(self, change: impl FnOnce(T) -> Result<U, Unknown>) -> Sourced<U> {
        let value = match self.value {
            Resolved::Known(value) => change(value).map_or_else(Resolved::Unknown, Resolved::Known),
            Resolved::Unknown(why) => Resolved::Unknown(why),
        };
        Sourced { value, origin: self.origin }
    }

    /// The same value, reached by one more step nearer to its use.
    pub fn via(self, how: How, span: impl Into<Option<Span>>) -> Self {
        Self { origin: self.origin.via(how, span), value: self.value }
    }
}

impl<T> Sourced<T> {
    /// The same value, which the dialect writes in a form of its own.
    pub fn in_form(mut self, form: Form) -> Self {
        let slot = Slot { place: None, patch: None, stands_for: None, form };
        let slot = self.origin.slot.get_or_insert_with(|| Arc::new(slot));
        Arc::make_mut(slot).form = form;
        self
    }
}

impl<T> Sourced<Option<T>> {
    /// The value if it is known and there.
    pub fn set(&self) -> Option<&T> {
        self.known().and_then(Option::as_ref)
    }

    /// Known not to be there.
    pub fn is_absent(&self) -> bool {
        matches!(self.value, Resolved::Known(None))
    }

    /// Nothing is written; `block` is the name of the block where it would stand.
    pub fn absent(block: impl Into<Option<Span>>) -> Self {
        Self::new(None, Origin::new(How::Absent, block))
    }

    /// The value, or another one where it is known not to be there; this one's place remains where it could be written.
    pub fn or(self, other: impl FnOnce() -> Self) -> Self {
        if !self.is_absent() {
            return self;
        }
        let mut other = other();
        let form = other.origin.form();
        other.origin.slot = self.origin.slot.or(other.origin.slot);
        if form == Form::Plain && !other.is_explicit() { other } else { other.in_form(form) }
    }

    /// The value, or `default` where nothing is written (the origin keeps saying so).
    pub fn unwrap_or(self, default: T) -> Sourced<T> {
        self.map(|value| value.unwrap_or(default))
    }
}

impl Sourced<Option<u64>> {
    /// The value, or the platform's documented default.
    pub fn or_fact(self, fact: &'static Fact) -> Sourced<u64> {
        if self.is_absent() {
            let site = self.origin.site();
            let origin = Origin { slot: self.origin.slot.clone(), ..Origin::new(How::Platform(fact), site) };
            return Sourced::new(fact.whole(), origin);
        }
        self.map(|value| value.unwrap_or_default())
    }
}

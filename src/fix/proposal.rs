//! What a lint proposes: changes of values of the model, in words of no dialect.

use super::{Applicability, Sketch};
use crate::source::Span;
use crate::value::{Data, Entry, Origin, Sourced, Value};

/// A value to write.
#[derive(Debug, Clone, PartialEq)]
pub enum New {
    /// true or false
    Boolean(bool),
    /// A whole number.
    Number(u64),
    /// A time, in seconds; the place says in which unit and form it is written.
    Seconds(u64),
    /// A text; quoted as the file quotes its texts.
    Text(String),
    /// Written as it is: an expression in the language of the file, or something that was copied out of it.
    Raw(String),
    /// A list.
    List(Vec<New>),
    /// A function applied to a value, where the language of the file has functions; elsewhere the value itself.
    Call {
        /// Its name.
        function: &'static str,
        /// What it is given.
        argument: Box<New>,
    },
    /// Keys and values. In HCL an attribute whose value is an object.
    Object(Vec<(String, New)>),
    /// In HCL a block with its labels and its body; elsewhere the body is an object.
    Block {
        /// The labels behind the block's type.
        labels: Vec<String>,
        /// What is in it.
        body: Vec<(String, New)>,
    },
}

impl New {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What is known of a value, to be written once more; `None` where a part of it is not.
    pub fn copy_of(value: &Value) -> Option<Self> {
        Some(match value.known()? {
            Data::Null => return None,
            Data::Boolean(truth) => Self::Boolean(*truth),
            Data::Number(number) if number.fract() == 0.0 && *number >= 0.0 => Self::Number(*number as u64),
            Data::Text(text) => Self::text(&**text),
            Data::List(items) => Self::List(items.iter().map(Self::copy_of).collect::<Option<_>>()?),
            Data::Object(entries) => {
                let copy = |entry: &Entry| Some((entry.name.to_string(), Self::copy_of(&entry.value)?));
                Self::Object(entries.iter().map(copy).collect::<Option<_>>()?)
            }
            Data::Number(_) | Data::Reference(_) | Data::Template(_) => return None,
        })
    }

    /// Keys and values.
    pub fn object<const N: usize>(entries: [(&str, New); N]) -> Self {
        Self::Object(entries.map(|(key, value)| (key.to_string(), value)).into())
    }
}

/// One change of a value.
#[derive(Debug, Clone)]
pub enum Change {
    /// The value becomes another one: where it is written, or where it would stand if nobody wrote it.
    Set {
        /// How the present value came to be.
        origin: Origin,
        /// What it becomes.
        value: New,
    },
    /// The value is no longer written: its entry goes, key and all.
    Remove {
        /// How it came to be.
        origin: Origin,
    },
    /// One more item for a list that is written.
    Add {
        /// How the list came to be.
        origin: Origin,
        /// The item.
        value: New,
    },
    /// Something written at a place is replaced by a text, or deleted by an empty one; for what is no value: comments.
    Text {
        /// The place.
        span: Span,
        /// The text.
        text: String,
    },
}

/// A fix in terms of the model.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What it does, imperative, lower case, without a full stop.
    pub title: String,
    /// Whether it may be applied without looking.
    pub applicability: Applicability,
    /// All of them together are the fix.
    pub changes: Vec<Change>,
    /// The new resource that is proposed in the place of changes.
    pub sketch: Option<Sketch>,
}

impl Proposal {
    fn new(title: impl Into<String>, applicability: Applicability) -> Self {
        Self { title: title.into(), applicability, changes: Vec::new(), sketch: None }
    }

    /// A fix after which nothing that is deployed can behave worse.
    pub fn safe(title: impl Into<String>) -> Self {
        Self::new(title, Applicability::Safe)
    }

    /// A fix that changes something that is deployed.
    pub fn risky(title: impl Into<String>) -> Self {
        Self::new(title, Applicability::Unsafe)
    }

    /// A new resource, written out of what the finding is about: it is shown and never applied.
    pub fn sketch(title: impl Into<String>, sketch: Sketch) -> Self {
        Self { sketch: Some(sketch), ..Self::new(title, Applicability::Sketch) }
    }

    /// Gives a value of the model another one.
    pub fn set<T>(self, value: &Sourced<T>, new: New) -> Self {
        self.with(Change::Set { origin: value.origin.clone(), value: new })
    }

    /// Takes a value out that somebody wrote.
    pub fn remove<T>(self, value: &Sourced<T>) -> Self {
        self.with(Change::Remove { origin: value.origin.clone() })
    }

    /// Adds an item to a list that somebody wrote.
    pub fn add<T>(self, list: &Sourced<T>, item: New) -> Self {
        self.with(Change::Add { origin: list.origin.clone(), value: item })
    }

    /// Any change.
    pub fn with(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }
}

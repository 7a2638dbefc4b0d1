//! The data that frontends resolve texts to, in the shape that all dialects share.

use super::{How, Sourced, Step, Unknown};
use crate::source::Span;
use std::sync::Arc;

/// Names something that another place declares: `aws_sqs_queue.jobs` and `arn`, or `Jobs` and `Arn`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The declared thing, unique within its unit (see `model::Identity::address`).
    pub address: Arc<str>,
    /// Which property of it; empty for the thing itself (`!Ref`, a resource without an attribute).
    pub attribute: Arc<str>,
}

impl Reference {
    /// Why its text is not known.
    fn why_unknown(&self) -> Unknown {
        Unknown::AtDeployment(match &*self.attribute {
            "" => self.address.clone(),
            attribute => format!("{}.{attribute}", self.address).into(),
        })
    }
}

/// A piece of a text that is known only in part.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Known text.
    Text(Arc<str>),
    /// A property of another resource.
    Reference(Reference),
    /// Nothing is known about this piece.
    Unknown(Unknown),
}

/// One entry of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub name: Arc<str>,
    /// Where the key stands.
    pub key: Option<Span>,
    /// The value.
    pub value: Value,
}

/// Resolved data in the shape that all dialects share.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Written null: the same as not written, for every dialect.
    Null,
    /// true or false.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(Arc<str>),
    /// A text with pieces that are not known, at least one of which is a reference or known text.
    Template(Arc<[Part]>),
    /// A property of another resource: known to be it, its text is not.
    Reference(Reference),
    /// A list.
    List(Arc<[Value]>),
    /// Keys and values, in order; of equal keys the last counts.
    Object(Arc<[Entry]>),
}

/// Data with its origin.
pub type Value = Sourced<Data>;

/// A number as a person writes it: no `.0`.
pub fn plain_number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{}", number as i64) } else { format!("{number}") }
}

impl Data {
    /// Its kind, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) | Self::Template(_) => "a text",
            Self::Reference(_) => "a reference",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The text of a scalar, numbers and booleans included.
    pub fn to_text(&self) -> Option<Arc<str>> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(plain_number(*number).into()),
            Self::Boolean(boolean) => Some(boolean.to_string().into()),
            _ => None,
        }
    }

    /// The number, also of a text that is one.
    pub fn to_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// The boolean, also of a text that is one (Terraform and CloudFormation take both).
    pub fn to_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(boolean) => Some(*boolean),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The references that a value is made of, at any depth of a template (not of lists and objects).
    pub fn references(&self) -> Vec<&Reference> {
        match self {
            Self::Reference(reference) => vec![reference],
            Self::Template(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Reference(reference) => Some(reference),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Why the text of a reference or of a template is not known; `None` for data that has no such gaps.
    pub fn why_open(&self) -> Option<Unknown> {
        let parts = match self {
            Self::Reference(reference) => return Some(reference.why_unknown()),
            Self::Template(parts) => parts,
            _ => return None,
        };
        let referred = self.references().first().map(|reference| reference.why_unknown());
        let of_part = |part: &Part| if let Part::Unknown(why) = part { Some(why.clone()) } else { None };
        let why = referred.or_else(|| parts.iter().find_map(of_part));
        Some(why.unwrap_or_else(|| Unknown::NotEvaluated("this text".into())))
    }
}

impl Value {
    /// Why the text of a reference or of a template is not known, in the words that it is written in where the origin
    /// keeps them; `None` for data that has no such gaps.
    pub fn why_open(&self) -> Option<Unknown> {
        let data = self.known()?;
        match (data, self.origin.steps().last()) {
            (Data::Reference(_), Some(Step { how: How::Reference(text), .. })) => {
                Some(Unknown::AtDeployment(text.clone()))
            }
            _ => data.why_open(),
        }
    }

    /// The value of a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self.known()? {
            Data::Object(entries) => entries.iter().rfind(|entry| &*entry.name == key).map(|entry| &entry.value),
            _ => None,
        }
    }
}

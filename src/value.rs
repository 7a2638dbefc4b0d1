//! Values, and how each of them came to be.
//!
//! A frontend resolves its dialect's text to [`Value`]s: data that is known, or unknown for a reason, each with the
//! [`Origin`] that a finding shows. It then reads a resource through a [`View`], which never mixes up "not written"
//! with "not known". The model's fields are [`Sourced`]; lints ask them [`Sourced::known`].

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

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtDeployment(what) => write!(f, "`{what}` is only known at deployment"),
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

/// One step on the way from a value's definition to its use.
#[derive(Debug, Clone, PartialEq)]
pub enum How {
    /// Written here.
    Literal,
    /// Taken through a reference; the text is the reference as it reads (`var.timeout`, `${self:custom.timeout}`).
    Reference(Arc<str>),
    /// The default of the named variable or parameter.
    VariableDefault(Arc<str>),
    /// A file or an argument on the command line sets the named variable.
    VariableSet(Arc<str>),
    /// A caller passes it to the named variable of a module.
    ModuleArgument(Arc<str>),
    /// A named local value.
    Local(Arc<str>),
    /// Written once for many: the text names the place ("provider", "Globals.Function", "the pod template").
    Inherited(Arc<str>),
    /// Computed from parts by the expression at the place.
    Computed,
    /// Nobody wrote it; the platform's default applies to the block whose name the span covers.
    Platform(&'static Fact),
    /// Nobody wrote it, and nothing applies.
    Absent,
}

/// One step: how, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// How the value came to this place.
    pub how: How,
    /// The place; `None` for what stands in no file (command line, a platform default without a block).
    pub span: Option<Span>,
}

/// How a value came to be: the step nearest to its use first, the one where it is written last.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    step: Step,
    from: Option<Arc<Origin>>,
    /// How many steps are behind this one.
    behind: u32,
}

/// More steps than this nobody reads, and each of them is a level when an origin is dropped.
const MAX_STEPS: u32 = 100;

impl Origin {
    /// A single step.
    pub fn new(how: How, span: impl Into<Option<Span>>) -> Self {
        Self { step: Step { how, span: span.into() }, from: None, behind: 0 }
    }

    /// Written at a place.
    pub fn literal(span: Span) -> Self {
        Self::new(How::Literal, span)
    }

    /// This origin, reached by one more step that lies nearer to the use. Of a way without end the last steps are
    /// left out.
    pub fn via(self, how: How, span: impl Into<Option<Span>>) -> Self {
        if self.behind >= MAX_STEPS {
            return self;
        }
        let behind = self.behind + 1;
        Self { step: Step { how, span: span.into() }, from: Some(Arc::new(self)), behind }
    }

    /// This origin under the name that its place has: a plain literal becomes "the default of `x`", "`local.x`".
    pub fn named(self, how: How, span: Span) -> Self {
        match (&self.step.how, &self.from) {
            (How::Literal, None) if self.step.span == Some(span) => Self::new(how, span),
            _ => self.via(how, span),
        }
    }

    /// The steps, nearest to the use first.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        std::iter::successors(Some(self), |origin| origin.from.as_deref()).map(|origin| &origin.step)
    }

    /// The place nearest to the use.
    pub fn site(&self) -> Option<Span> {
        self.steps().find_map(|step| step.span)
    }

    /// The place where the value is written, and so where it must be changed.
    pub fn written_at(&self) -> Option<Span> {
        self.steps().filter_map(|step| step.span).last()
    }

    /// Whether a step of this kind is on the way.
    pub fn passes(&self, test: impl Fn(&How) -> bool) -> bool {
        self.steps().any(|step| test(&step.how))
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
        !self.origin.passes(|how| matches!(how, How::Platform(_) | How::Absent))
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

    /// The value, or another one where it is known not to be there.
    pub fn or(self, other: impl FnOnce() -> Self) -> Self {
        if self.is_absent() { other() } else { self }
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
            return Sourced::new(fact.whole(), Origin::new(How::Platform(fact), site));
        }
        self.map(|value| value.unwrap_or_default())
    }
}

/// Names something that another place declares: `aws_sqs_queue.jobs` and `arn`, or `Jobs` and `Arn`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The declared thing, unique within its unit (see `model::Identity::address`).
    pub address: Arc<str>,
    /// Which property of it; empty for the thing itself (`!Ref`, a resource without an attribute).
    pub attribute: Arc<str>,
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
}

impl Value {
    /// The value of a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self.known()? {
            Data::Object(entries) => entries.iter().rfind(|entry| &*entry.name == key).map(|entry| &entry.value),
            _ => None,
        }
    }
}

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
    Present(&'v Value),
    Absent,
}

impl<'v> View<'v> {
    /// A cursor on a value whose missing parts are reported at `block`.
    pub fn new(value: &'v Value, block: impl Into<Option<Span>>) -> Self {
        let state = match value.known() {
            Some(Data::Null) => State::Absent,
            _ => State::Present(value),
        };
        Self { state, block: block.into() }
    }

    /// A cursor on nothing.
    pub fn missing(block: impl Into<Option<Span>>) -> Self {
        Self { state: State::Absent, block: block.into() }
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
            State::Present(value) => Some(value),
            State::Absent => None,
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
    pub fn get(self, key: &str) -> View<'v> {
        match self.state {
            State::Absent => self,
            State::Present(value) => match value.known() {
                None => self,
                Some(Data::Reference(_) | Data::Template(_)) => self,
                // A block that may be repeated is a list of objects; asking it for a key means the only one.
                Some(Data::List(items)) if items.len() == 1 => View::new(&items[0], self.block).get(key),
                Some(_) => value.get(key).map_or(View::missing(self.block), |part| View::new(part, self.block)),
            },
        }
    }

    /// The value at a path of keys.
    pub fn at(self, path: &[&str]) -> View<'v> {
        path.iter().fold(self, |view, key| view.get(key))
    }

    /// The first of several keys that is written, or a missing one.
    pub fn first(self, keys: &[&str]) -> View<'v> {
        keys.iter().map(|key| self.get(key)).find(|view| view.is_present()).unwrap_or(View::missing(self.block))
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
        let Some(value) = self.value() else { return Sourced::absent(self.block) };
        let resolved = match &value.value {
            Resolved::Unknown(why) => Resolved::Unknown(why.clone()),
            Resolved::Known(data @ (Data::Reference(_) | Data::Template(_))) => Resolved::Unknown(unknown_text(data)),
            Resolved::Known(data) => match convert(data) {
                Some(converted) => Resolved::Known(Some(converted)),
                None => Resolved::Unknown(Unknown::Invalid(format!("{} where {expected} is due", data.kind()).into())),
            },
        };
        Sourced { value: resolved, origin: value.origin.clone() }
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

/// Why the text of a reference or template is not known.
fn unknown_text(data: &Data) -> Unknown {
    match data.references().first() {
        Some(reference) if reference.attribute.is_empty() => Unknown::AtDeployment(reference.address.clone()),
        Some(reference) => Unknown::AtDeployment(format!("{}.{}", reference.address, reference.attribute).into()),
        None => match data {
            Data::Template(parts) => parts
                .iter()
                .find_map(|part| match part {
                    Part::Unknown(why) => Some(why.clone()),
                    _ => None,
                })
                .unwrap_or_else(|| Unknown::NotEvaluated("this text".into())),
            _ => Unknown::NotEvaluated("this value".into()),
        },
    }
}

//! Values, and how each of them came to be.
//!
//! A frontend resolves its dialect's text to [`Value`]s: data that is known, or unknown for a reason, each with the
//! [`Origin`] that a finding shows. It then reads a resource through a [`View`], which never mixes up "not written"
//! with "not known". The model's fields are [`Sourced`]; lints ask them [`Sourced::known`].

mod slot;
mod view;

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

/// One step on the way from a value's definition to its use.
#[derive(Debug, Clone, PartialEq)]
pub enum How {
    /// Written here.
    Literal,
    /// Written in a text that stands here and is read as a document of its own.
    Within,
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
    /// Where a value that nobody wrote would stand, or one that is inherited could be overridden.
    slot: Option<Arc<Slot>>,
    /// What this value has taken the place of, and would give it back to.
    beneath: Option<Arc<Origin>>,
}

/// More steps than this nobody reads, and each of them is a level when an origin is dropped.
const MAX_STEPS: u32 = 100;

impl Origin {
    /// A single step.
    pub fn new(how: How, span: impl Into<Option<Span>>) -> Self {
        Self { step: Step { how, span: span.into() }, from: None, behind: 0, slot: None, beneath: None }
    }

    /// Written at a place.
    pub fn literal(span: Span) -> Self {
        Self::new(How::Literal, span)
    }

    /// Written at a place, or somewhere in a text that is a document of its own and stands at `text`.
    pub fn literal_or_within(span: Span, text: Option<Span>) -> Self {
        text.map_or(Self::literal(span), |text| Self::new(How::Within, text))
    }

    /// Computed by the expression at a place. What it was made of shows if that is one thing that stands elsewhere: of
    /// several no single one is what must change.
    pub fn computed<'o>(place: Span, operands: impl IntoIterator<Item = &'o Self>) -> Self {
        let stands_elsewhere =
            |operand: &&Self| operand.steps().any(|step| step.span.is_some_and(|span| !place.contains(span)));
        let mut operands = operands.into_iter().filter(stands_elsewhere);
        match operands.next() {
            Some(only) if operands.all(|other| other == only) => {
                // A part of the expression says no more than the whole.
                let mut from = only;
                while let (How::Computed, Some(span), Some(next)) = (&from.step.how, from.step.span, &from.from)
                    && place.contains(span)
                {
                    from = next;
                }
                from.clone().via(How::Computed, place)
            }
            _ => Self::new(How::Computed, place),
        }
    }

    /// This origin, reached by one more step that lies nearer to the use. Of a way without end the last steps are
    /// left out.
    pub fn via(self, how: How, span: impl Into<Option<Span>>) -> Self {
        if self.behind >= MAX_STEPS {
            return self;
        }
        let (behind, slot, beneath) = (self.behind + 1, self.slot.clone(), self.beneath.clone());
        Self { step: Step { how, span: span.into() }, from: Some(Arc::new(self)), behind, slot, beneath }
    }

    /// This origin of a value that could also be written at a place where nothing stands.
    pub fn with_slot(self, slot: impl Into<Option<Slot>>) -> Self {
        match slot.into() {
            Some(slot) => Self { slot: Some(Arc::new(slot)), ..self },
            None => self,
        }
    }

    /// Where nothing stands, and the value could: of one that is inherited, where it would be overridden.
    pub fn slot(&self) -> Option<&Slot> {
        self.slot.as_deref()
    }

    /// How the dialect writes the value.
    pub fn form(&self) -> Form {
        self.slot().map_or(Form::Plain, |slot| slot.form)
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

    /// The place where the value is written, and so where it must be changed: of a computed one, the expression.
    pub fn written_at(&self) -> Option<Span> {
        let mut found = None;
        for step in self.steps() {
            found = step.span.or(found);
            if step.how == How::Computed && step.span.is_some() {
                break;
            }
        }
        found
    }

    /// Whether the value is written right where it is used, or inherited from there: not in a variable or something else
    /// that has a name of its own.
    pub fn is_at_its_use(&self) -> bool {
        !self.passes(|how| {
            matches!(
                how,
                How::Reference(_)
                    | How::VariableDefault(_)
                    | How::VariableSet(_)
                    | How::ModuleArgument(_)
                    | How::Local(_)
            )
        })
    }

    /// Whether somebody wrote the value, as against a default of the platform or nothing at all.
    pub fn is_written(&self) -> bool {
        !self.passes(|how| matches!(how, How::Platform(_) | How::Absent))
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

//! What a lint reports: one finding, with labels on every place that has part in it, and the ways to mend it.

use super::{Category, Level, Lint};
use crate::fix::{Fix, Proposal, Refusal};
use crate::model::{Evidence, Id, Identity, Link, Traffic, UnitId, Workload};
use crate::source::Span;
use crate::value::{How, Origin, Sourced};
use std::sync::Arc;

/// A place in a file and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be said, lower case, without a full stop.
    pub text: String,
}

impl Label {
    /// A label.
    pub fn new(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// `function`, `service`, `queue` ...
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Where it runs, as [`crate::model::Platform::id`].
    pub platform: &'static str,
}

/// What became of a finding after suppression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It counts.
    Active,
    /// An allow covers it; the reason it gives.
    Suppressed(String),
}

/// One report.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The lint's id.
    pub lint: &'static str,
    /// What the lint is about.
    pub category: Category,
    /// How much it weighs.
    pub level: Level,
    /// What is; lower case, names the thing, no full stop.
    pub message: String,
    /// What it is about.
    pub subject: Subject,
    /// The workload that is its subject, for the allows that stand on the workload itself; `None` for findings about
    /// anything else.
    pub(crate) workload: Option<Id<Workload>>,
    /// The things that it is about, by unit and address.
    pub(crate) things: Vec<(UnitId, Arc<str>)>,
    /// The unit that the subject belongs to, as people call it.
    pub unit: String,
    /// Kustomizations for which it is known to hold, where they build it out of bases from elsewhere, so that none of its
    /// places says which one is meant. A lint may have looked at only one of several.
    pub overlays: Vec<String>,
    /// Of what Helm rendered: the template that the primary place comes from.
    pub rendered_from: Option<String>,
    /// The place that must change.
    pub primary: Label,
    /// The facts it conflicts with, and the way the value came about.
    pub related: Vec<Label>,
    /// The consequence, with the numbers.
    pub why: Option<String>,
    /// What to do, imperative.
    pub help: Option<String>,
    /// What the lint proposes, until it is written out.
    pub(crate) proposals: Vec<Proposal>,
    /// What can be done about it, as edits.
    pub fixes: Vec<Fix>,
    /// What was proposed and cannot be offered.
    pub refusals: Vec<Refusal>,
    /// What became of it.
    pub status: Status,
    /// Stays the same when lines move: path, lint, subject and unit, hashed.
    pub fingerprint: String,
}

impl Finding {
    pub(super) fn new(lint: &'static Lint, subject: Subject, primary: Label, message: String) -> Self {
        Self {
            lint: lint.id,
            category: lint.category,
            level: lint.level,
            message,
            subject,
            workload: None,
            things: Vec::new(),
            unit: String::new(),
            overlays: Vec::new(),
            rendered_from: None,
            primary,
            related: Vec::new(),
            why: None,
            help: None,
            proposals: Vec::new(),
            fixes: Vec::new(),
            refusals: Vec::new(),
            status: Status::Active,
            fingerprint: String::new(),
        }
    }

    /// A finding about one of archlint's own comments, which belongs to no workload and no unit.
    pub(crate) fn about_comment(lint: &'static Lint, name: &str, primary: Label, message: String) -> Self {
        let subject = Subject { kind: "comment".into(), name: name.into(), platform: "" };
        Self::new(lint, subject, primary, message)
    }

    /// Adds a label; one that says the same about the same place is not added twice.
    pub fn label(&mut self, span: impl Into<Option<Span>>, text: impl Into<String>) -> &mut Self {
        if let Some(span) = span.into() {
            let label = Label::new(span, text);
            if !self.related.contains(&label) && (label.span != self.primary.span || label.text != self.primary.text) {
                self.related.push(label);
            }
        }
        self
    }

    /// Adds a label for each step on the way of a value; a place that has its label already keeps that one.
    pub fn trace<T>(&mut self, value: &Sourced<T>) -> &mut Self {
        self.trace_origin(&value.origin)
    }

    /// The same for the way of a value that is not at hand.
    pub fn trace_origin(&mut self, origin: &Origin) -> &mut Self {
        for label in story(origin) {
            if self.labels().all(|other| other.span != label.span) {
                self.related.push(label);
            }
        }
        self
    }

    /// Adds what is known about traffic, and where it is known from.
    pub fn evidence(&mut self, traffic: &Traffic) -> &mut Self {
        for Evidence { span, text } in &traffic.evidence {
            self.label(*span, text.clone());
        }
        self
    }

    /// Adds a label where a value is written, if someone wrote it, and for the steps in between.
    pub fn trace_written<T>(&mut self, value: &Sourced<T>) -> &mut Self {
        if value.is_explicit() { self.trace(value) } else { self }
    }

    /// Adds the steps of a value that another label tells already: only where it comes from another place.
    pub fn trace_elsewhere<T>(&mut self, value: &Sourced<T>) -> &mut Self {
        if value.origin.steps().nth(1).is_some() { self.trace(value) } else { self }
    }

    /// Adds where a link of a unit ends. Where that is in another unit, the way there shows as well: the reference, and
    /// every parameter, output or export that hands it on.
    pub fn way<T>(&mut self, from: UnitId, link: &Link<T>, noun: &str, end: &Identity) -> &mut Self {
        if from != end.unit {
            // A name or an ARN in its place says enough by itself.
            if link.written.origin.passes(|how| matches!(how, How::Reference(_))) {
                self.trace(&link.written);
            }
            for hop in &link.hops {
                self.label_free(hop.span, format!("handed on as `{}`", hop.name));
            }
        }
        self.label_free(Some(end.span), format!("{noun} `{}` is declared here", end.label))
    }

    /// Adds a label at a place that has none.
    fn label_free(&mut self, span: Option<Span>, text: String) -> &mut Self {
        if self.labels().all(|label| Some(label.span) != span) { self.label(span, text) } else { self }
    }

    /// The consequence, with the numbers.
    pub fn why(&mut self, text: impl Into<String>) -> &mut Self {
        self.why = Some(text.into());
        self
    }

    /// What to do.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.help = Some(text.into());
        self
    }

    /// One more thing that it is about: a fix that changes this thing says nothing that the finding does not.
    pub fn about(&mut self, thing: &Identity) -> &mut Self {
        let thing = (thing.unit, thing.address.clone());
        if !self.things.contains(&thing) {
            self.things.push(thing);
        }
        self
    }

    /// A way to mend it; may be called several times, the best way first.
    pub fn propose(&mut self, proposal: Proposal) -> &mut Self {
        self.proposals.push(proposal);
        self
    }

    /// Another level than the lint's own, for this finding.
    pub fn level(&mut self, level: Level) -> &mut Self {
        self.level = level;
        self
    }

    /// Whether it counts: no allow covers it.
    pub fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    /// All labels, the primary one first.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        std::iter::once(&self.primary).chain(&self.related)
    }
}

/// What the steps of an origin say to a reader, the place nearest to the use first.
pub fn story(origin: &Origin) -> impl Iterator<Item = Label> + '_ {
    origin.steps().filter_map(|step| {
        let text = match &step.how {
            How::Literal | How::Within => "the value is set here".to_string(),
            How::Reference(name) => format!("taken from `{name}`"),
            How::VariableDefault(name) => format!("the default of `{name}` is set here"),
            How::VariableSet(name) => format!("`{name}` is set here"),
            How::ModuleArgument(name) => format!("passed to `{name}` here"),
            How::Local(name) => format!("`{name}` is set here"),
            How::Inherited(place) => format!("inherited from {place}"),
            How::Computed => "computed here".to_string(),
            How::Platform(fact) => format!("not set: {} of {} is {}", fact.what, fact.holder, fact.amount()),
            How::Absent => "not set".to_string(),
        };
        Some(Label::new(step.span?, text))
    })
}

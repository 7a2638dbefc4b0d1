//! What a lint is, and what it reports.
//!
//! A [`Lint`] is a static with a function from the model to findings; it lives in `lints/<id>/`. A [`Finding`] is
//! one report, with labels on every place that has part in it. Levels are resolved in [`crate::engine`], not here.

use crate::config::Config;
use crate::cost::Prices;
use crate::fix::{Fix, Proposal, Refusal};
use crate::grouping::grouped;
use crate::model::{Architecture, Evidence, Id, Identity, Link, Scaler, Traffic, UnitId, Workload};
use crate::source::{Sources, Span};
use crate::value::{How, Origin, Sourced};
use std::fmt;
use std::sync::Arc;

/// What happens when a lint is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Never reported.
    Off,
    /// Worth knowing, never worth stopping for; printed with `--advice` only.
    Advice,
    /// A likely mistake, worth stopping a pull request for.
    Warning,
    /// The deployment is rejected, or a request or job provably fails.
    Error,
}

impl Level {
    /// The name on the command line and in reports: a contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// One level softer; advice stays advice.
    pub fn softer(self) -> Self {
        match self {
            Self::Error => Self::Warning,
            Self::Warning | Self::Advice => Self::Advice,
            Self::Off => Self::Off,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let levels = [Self::Off, Self::Advice, Self::Warning, Self::Error];
        let found = levels.into_iter().find(|level| level.name() == text);
        found.ok_or_else(|| format!("`{text}` is no level: off, advice, warning or error"))
    }
}

/// What a lint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Platform limits that reject a deployment or cut a request.
    Limits,
    /// Long work on functions.
    LongRunning,
    /// Reserved capacity for sporadic work, and the reverse.
    AlwaysOn,
    /// Cold starts where a user waits.
    ColdStart,
    /// Kubernetes left to run itself.
    Orchestration,
    /// State inside stateless compute.
    State,
    /// Scaling that nobody designed.
    Scaling,
    /// Ties to one provider.
    Portability,
    /// Work that shares a kernel with what it must not trust.
    Isolation,
    /// archlint's own comments and settings.
    Meta,
}

impl Category {
    /// All categories.
    pub const ALL: [Self; 10] = [
        Self::Limits,
        Self::LongRunning,
        Self::AlwaysOn,
        Self::ColdStart,
        Self::Orchestration,
        Self::State,
        Self::Scaling,
        Self::Portability,
        Self::Isolation,
        Self::Meta,
    ];

    /// The name on the command line, in the config and in reports: a contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Limits => "limits",
            Self::LongRunning => "long-running",
            Self::AlwaysOn => "always-on",
            Self::ColdStart => "cold-start",
            Self::Orchestration => "orchestration",
            Self::State => "state",
            Self::Scaling => "scaling",
            Self::Portability => "portability",
            Self::Isolation => "isolation",
            Self::Meta => "meta",
        }
    }

    /// What its lints are about, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Limits => "what a platform rejects or cuts off",
            Self::LongRunning => "long work on functions",
            Self::AlwaysOn => "reserved capacity for sporadic work, and the reverse",
            Self::ColdStart => "cold starts where somebody waits",
            Self::Orchestration => "Kubernetes left to run itself",
            Self::State => "state inside stateless compute",
            Self::Scaling => "scaling that nobody designed",
            Self::Portability => "ties to one provider",
            Self::Isolation => "work that shares a kernel with what it must not trust",
            Self::Meta => "archlint's own comments",
        }
    }
}

/// One rule.
pub struct Lint {
    /// Names the smell, in kebab-case; the folder is the same in snake_case.
    pub id: &'static str,
    /// What it is about.
    pub category: Category,
    /// The level of its findings unless they say otherwise.
    pub level: Level,
    /// One sentence: the first paragraph of the page.
    pub summary: &'static str,
    /// The version that brought it.
    pub since: &'static str,
    /// What it proposes to do about what it finds.
    pub fix: FixAvailability,
    /// What a configuration file may set about it.
    pub options: &'static [LintOption],
    /// The page: explanation for people, examples for the tests.
    pub page: &'static str,
    /// Reports what it finds in the model.
    pub check: fn(&mut Context),
}

/// What a lint proposes, for some of its findings at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixAvailability {
    /// Nothing: what to do is for people to decide.
    None,
    /// Edits of what is there.
    Edit,
    /// A new resource, written out.
    Sketch,
    /// The one or the other, or both.
    EditAndSketch,
}

impl FixAvailability {
    /// What it is in tables: empty for nothing.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Edit => "edit",
            Self::Sketch => "sketch",
            Self::EditAndSketch => "edit, sketch",
        }
    }

    /// Whether edits are among it.
    pub fn has_edits(self) -> bool {
        matches!(self, Self::Edit | Self::EditAndSketch)
    }

    /// Whether sketches are among it.
    pub fn has_sketches(self) -> bool {
        matches!(self, Self::Sketch | Self::EditAndSketch)
    }
}

/// Something that a configuration file may set about a lint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LintOption {
    /// The key in the file: `policy.portability`.
    pub name: &'static str,
    /// The value that holds where no file sets one.
    pub default: &'static str,
    /// What it means: a sentence without a full stop, lower case.
    pub meaning: &'static str,
}

impl fmt::Debug for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

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
    fn new(lint: &'static Lint, subject: Subject, primary: Label, message: String) -> Self {
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

/// What a lint is given, and where it puts its findings.
pub struct Context<'a> {
    /// The model.
    pub architecture: &'a Architecture,
    /// What things cost.
    pub prices: &'a Prices,
    lint: &'static Lint,
    settings: Option<Settings<'a>>,
    findings: Vec<Finding>,
}

/// What the configuration files say, and the texts by whose paths they are asked.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// The files.
    pub config: &'a Config,
    /// The texts of the run.
    pub sources: &'a Sources,
}

impl<'a> Context<'a> {
    /// A context for one lint; every option has its default.
    pub fn new(architecture: &'a Architecture, prices: &'a Prices, lint: &'static Lint) -> Self {
        Self { architecture, prices, lint, settings: None, findings: Vec::new() }
    }

    /// The same, with what configuration files say.
    pub fn with(self, settings: Settings<'a>) -> Self {
        Self { settings: Some(settings), ..self }
    }

    /// Where a configuration file asks that a workload is not tied to one provider.
    pub fn asks_for_portability(&self, workload: &Workload) -> Option<Span> {
        let Settings { config, sources } = self.settings?;
        config.asks_for_portability(sources.get(workload.span().file).path(), sources)
    }

    /// Reports a finding about a workload; `primary` is the place that must change and what is to be said there.
    pub fn report(
        &mut self,
        workload: &Workload,
        primary: impl Into<Option<Span>>,
        label: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Finding {
        let kind = workload.kind.to_string();
        let finding = self.report_on(&workload.identity, &kind, workload.platform.id(), primary, label, message);
        finding.workload = Some(workload.id);
        finding
    }

    /// Reports a finding about what a rule scales, or about the rule where its target is not in the scanned set.
    pub fn report_scaled(
        &mut self,
        scaler: &Scaler,
        primary: impl Into<Option<Span>>,
        label: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Finding {
        match self.architecture.workload(&scaler.target) {
            Some(workload) => self.report(workload, primary, label, message).about(&scaler.identity),
            None => self.report_on(&scaler.identity, "autoscaler", scaler.kind.platform(), primary, label, message),
        }
    }

    /// Reports a finding about something that does not run by itself (a cluster, a queue, a state machine): `kind` is
    /// the noun for it, `platform` as [`crate::model::Platform::id`].
    pub fn report_on(
        &mut self,
        thing: &Identity,
        kind: &str,
        platform: &'static str,
        primary: impl Into<Option<Span>>,
        label: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Finding {
        let subject = Subject { kind: kind.to_string(), name: thing.label.to_string(), platform };
        let unit = self.architecture.unit(thing.unit);
        let overlays = if unit.is_whole { vec![unit.name.to_string()] } else { Vec::new() };
        let primary = Label::new(primary.into().unwrap_or(thing.span), label);
        let finding = Finding::new(self.lint, subject, primary, message.into());
        let things = vec![(thing.unit, thing.address.clone())];
        self.findings.push(Finding { unit: unit.name.to_string(), overlays, things, ..finding });
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// The findings so far.
    pub fn finish(self) -> Vec<Finding> {
        self.findings
    }
}

/// Cases grouped by the place that must change, in the order in which places first come up: one root cause is one
/// finding, however many workloads suffer from it.
pub fn by_place<T>(cases: impl IntoIterator<Item = (Span, T)>) -> Vec<(Span, Vec<T>)> {
    grouped(cases)
}

/// Seconds for a message: `45 s`, `900 s (15 min)`, `86400 s (24 h)`.
pub fn seconds(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        _ if seconds.is_multiple_of(3600) => format!("{seconds} s ({} h)", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{seconds} s ({} min)", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

//! What a lint is, and what it reports.
//!
//! A [`Lint`] is a static with a function from the model to findings; it lives in `lints/<id>/`. A [`Finding`] is
//! one report, with labels on every place that has part in it. Levels are resolved in [`crate::engine`], not here.

mod finding;

pub use finding::{Finding, Label, Status, Subject, story};

use crate::config::Config;
use crate::cost::Prices;
use crate::grouping::grouped;
use crate::model::{Architecture, Identity, Scaler, Workload};
use crate::source::{Sources, Span};
use std::fmt;

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

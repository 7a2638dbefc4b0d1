//! What the tests of frontends share: texts to the joined model, and short ways to ask it.

use archlint::model::{Architecture, FunctionSettings, HttpTrigger, Trigger, TriggerKind, Workload};
use archlint::read::{NoteKind, Variables, read_texts};
use archlint::source::{Sources, Span};
use archlint::value::{How, Sourced};
use archlint::{frontends, link};
use std::path::PathBuf;

/// A deployment of two containers without requests.
pub const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: registry.example/web:1
        - name: log
          image: registry.example/log:1
";

/// What scales it.
pub const SCALER: &str = "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { kind: Deployment, name: web }
  maxReplicas: 4
";

/// The model of some texts, and the texts.
pub struct Model {
    pub architecture: Architecture,
    pub sources: Sources,
    /// Messages of notes about what could not be resolved.
    pub unresolved: Vec<String>,
}

/// Reads, lowers and links texts in memory.
pub fn model(files: &[(&str, &str)]) -> Model {
    model_with(files, Variables::default())
}

/// The same, with what the command line sets.
pub fn model_with(files: &[(&str, &str)], variables: Variables) -> Model {
    let texts = files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect();
    let reading = read_texts(texts, variables);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let lowered = frontends::lower(&reading.workspace);
    let notes = lowered.iter().flat_map(|one| &one.notes).filter(|note| note.kind == NoteKind::Unresolved);
    let unresolved = notes.map(|note| note.message.clone()).collect();
    Model { architecture: link::link(lowered), sources: reading.workspace.sources, unresolved }
}

impl Model {
    /// The only workload with a label.
    pub fn workload(&self, label: &str) -> &Workload {
        let mut found = self.architecture.workloads().filter(|workload| workload.label() == label);
        let workload = found.next().unwrap_or_else(|| panic!("there is no `{label}`"));
        assert!(found.next().is_none(), "there is more than one `{label}`");
        workload
    }

    /// The settings of a function.
    pub fn function(&self, label: &str) -> &FunctionSettings {
        self.workload(label).function.as_ref().unwrap_or_else(|| panic!("`{label}` is no function"))
    }

    /// What sets a workload off.
    pub fn triggers(&self, label: &str) -> Vec<&Trigger> {
        self.architecture.triggers_of(self.workload(label)).collect()
    }

    /// The only trigger of a workload.
    pub fn trigger(&self, label: &str) -> &Trigger {
        let triggers = self.triggers(label);
        assert_eq!(triggers.len(), 1, "`{label}` has {} triggers", triggers.len());
        triggers[0]
    }

    /// The only trigger of a workload, which is a request.
    pub fn http(&self, label: &str) -> &HttpTrigger {
        match &self.trigger(label).kind {
            TriggerKind::Http(http) => http,
            other => panic!("`{label}` is set off by {other:?}"),
        }
    }

    /// The queue that the only trigger of a workload reads, by its label.
    pub fn queue(&self, label: &str) -> Option<String> {
        match &self.trigger(label).kind {
            TriggerKind::Queue(queue) => {
                self.architecture.queue(&queue.queue).map(|queue| queue.identity.label.to_string())
            }
            other => panic!("`{label}` is set off by {other:?}"),
        }
    }

    /// The timeout as a test reads it: the number, or why it is not known.
    pub fn timeout(&self, label: &str) -> String {
        spell(&self.workload(label).timeout)
    }

    /// The steps of an origin: what each says and the text at its place.
    pub fn steps<T>(&self, value: &Sourced<T>) -> Vec<String> {
        let step = |how: &How| match how {
            How::Literal => "literal".to_string(),
            How::Reference(text) => format!("reference {text}"),
            How::VariableDefault(name) => format!("default of {name}"),
            How::VariableSet(name) => format!("set {name}"),
            How::Inherited(place) => format!("inherited from {place}"),
            How::Platform(fact) => format!("platform {}", fact.holder),
            other => format!("{other:?}"),
        };
        value.origin.steps().map(|one| format!("{} @ {}", step(&one.how), self.at(one.span))).collect()
    }

    /// A place: path, line and text.
    pub fn at(&self, span: Option<Span>) -> String {
        let Some(span) = span else { return "nowhere".to_string() };
        let text = self.sources.slice(span);
        format!("{}:{} {text}", self.sources.get(span.file).display_path(), self.sources.start(span).line)
    }
}

/// A value as a test reads it: itself, `nothing`, or `unknown:` and why.
pub fn spell<T: std::fmt::Display>(value: &Sourced<Option<T>>) -> String {
    match (value.known(), value.why_unknown()) {
        (Some(Some(value)), _) => value.to_string(),
        (Some(None), _) => "nothing".to_string(),
        (None, Some(why)) => format!("unknown: {why}"),
        (None, None) => unreachable!("a value is known or not"),
    }
}

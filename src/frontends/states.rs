//! State machines in the Amazon States Language: their states, which functions their tasks call, and whether failures
//! are handled. Called for `AWS::StepFunctions::StateMachine`, for SAM's own kind, for `aws_sfn_state_machine` and for
//! the plugin of the Serverless Framework.

use crate::frontends::json_text::{json, json_with_gaps};
use crate::model::{Identity, Link, State, StateKind, StateMachine, Task, TriggerKind, WorkflowKind};
use crate::source::Span;
use crate::value::{Data, Entry, Origin, Part, Sourced, Value, View};
use std::collections::HashMap;

/// States within states (`Parallel`, `Map`) that are looked into.
const MAX_DEPTH: usize = 60;

/// A task that calls something by reference.
#[derive(Debug)]
pub(crate) struct Call {
    /// What it calls, as written.
    pub call: Value,
    /// Where; `None` in a text with pieces from elsewhere, which has no places of its own.
    pub span: Option<Span>,
    /// It is tried again and its failure is caught.
    pub handles_failure: bool,
}

impl Call {
    /// What it does to what it calls.
    pub fn kind(&self) -> TriggerKind {
        TriggerKind::Orchestrator { retries: self.handles_failure }
    }
}

/// The calls of a definition that is written out as data, or is JSON in a text that may have pieces from elsewhere.
pub(crate) fn calls(definition: &Value) -> Vec<Call> {
    let mut found = Vec::new();
    match (parsed(definition), definition.known()) {
        (Some(parsed), _) => each_state(&parsed, 0, &mut |state| calls_of(state, &mut found)),
        (None, Some(Data::Template(parts))) => in_text(parts, &definition.origin, &mut found),
        _ => {}
    }
    found
}

/// A state machine with the states of its definition, as far as that is known. `resolve` says what a call by a name
/// that only the dialect knows leads to.
pub(crate) fn machine(
    identity: Identity,
    kind: View<'_>,
    definition: Option<&Value>,
    resolve: impl Fn(Value) -> Value,
) -> StateMachine {
    let kind = kind.text().map(|kind| match kind.as_deref() {
        Some("EXPRESS") => WorkflowKind::Express,
        _ => WorkflowKind::Standard,
    });
    let definition = definition.and_then(parsed);
    let view = definition.as_ref().map_or(View::missing(identity.span), |one| View::new(one, identity.span));
    let timeout = view.get("TimeoutSeconds").whole();
    let mut states = Vec::new();
    definition.iter().for_each(|definition| collect(definition, 0, &resolve, &mut states));
    StateMachine { identity, kind, timeout, states }
}

/// The definition as data.
fn parsed(definition: &Value) -> Option<Value> {
    let place = definition.origin.site();
    match definition.known()? {
        Data::Template(parts) => json_with_gaps(parts, place?),
        Data::Text(text) => json(text, place?, false),
        Data::Object(_) => Some(definition.clone()),
        _ => None,
    }
}

fn states_of(definition: &Value) -> &[Entry] {
    match definition.get("States").and_then(Value::known) {
        Some(Data::Object(states)) => states,
        _ => &[],
    }
}

/// The definitions within a state: what a `Map` does with each item, the branches of a `Parallel`.
fn within(state: &Value) -> impl Iterator<Item = &Value> {
    let branches = match state.get("Branches").and_then(Value::known) {
        Some(Data::List(branches)) => &branches[..],
        _ => &[],
    };
    ["Iterator", "ItemProcessor"].into_iter().filter_map(|key| state.get(key)).chain(branches)
}

fn each_state(definition: &Value, depth: usize, visit: &mut impl FnMut(&Value)) {
    if depth > MAX_DEPTH {
        return;
    }
    for state in states_of(definition).iter().map(|entry| &entry.value) {
        visit(state);
        within(state).for_each(|inner| each_state(inner, depth + 1, visit));
    }
}

/// The states of a definition, and behind them those within them.
fn collect(definition: &Value, depth: usize, resolve: &impl Fn(Value) -> Value, found: &mut Vec<State>) {
    if depth > MAX_DEPTH {
        return;
    }
    let entries = states_of(definition);
    let first = found.len();
    let names: HashMap<&str, usize> =
        entries.iter().enumerate().map(|(at, entry)| (&*entry.name, first + at)).collect();
    for entry in entries {
        let view = View::new(&entry.value, entry.key);
        let choices = view.get("Choices").items();
        let follow = choices.iter().map(|choice| choice.get("Next")).chain([view.get("Next"), view.get("Default")]);
        let mut next: Vec<usize> = follow.filter_map(|name| names.get(&*name.known_text()?).copied()).collect();
        next.dedup();
        found.push(State { name: entry.name.clone(), span: entry.key, kind: kind(view, resolve), next });
    }
    for entry in entries {
        within(&entry.value).for_each(|inner| collect(inner, depth + 1, resolve, found));
    }
}

fn kind(view: View<'_>, resolve: &impl Fn(Value) -> Value) -> StateKind {
    match view.get("Type").known_text().as_deref() {
        Some("Task") => StateKind::Task(Box::new(task(view, resolve))),
        Some("Wait") => StateKind::Wait(view.get("Seconds").whole()),
        Some("Choice") => StateKind::Choice,
        Some("Pass") => StateKind::Pass,
        _ => StateKind::Other,
    }
}

fn task(view: View<'_>, resolve: &impl Fn(Value) -> Value) -> Task {
    let resource = view.get("Resource");
    let end = match resource.value().and_then(Value::known) {
        Some(Data::Text(text)) => text.clone(),
        Some(Data::Template(parts)) => match parts.last() {
            Some(Part::Text(text)) => text.clone(),
            _ => "".into(),
        },
        _ => "".into(),
    };
    let waits_by = if end.ends_with(".waitForTaskToken") {
        Some(".waitForTaskToken")
    } else {
        (end.ends_with(".sync") || end.ends_with(".sync:2")).then_some(".sync")
    };
    let mut calls = Vec::new();
    view.value().into_iter().for_each(|state| calls_of(state, &mut calls));
    let is_integration = end.contains(":states:") || end.starts_with("arn:") && !end.contains(":function:");
    let is_invocation = end.contains("lambda:invoke");
    let function = calls.pop().filter(|_| !is_integration || is_invocation).map(|call| Link::to(resolve(call.call)));
    let action = end.rsplit_once(":states:::").map(|(_, action)| (action.into(), resource.span()));
    Task {
        action,
        waits_by: waits_by.map(|pattern| (pattern, resource.span())),
        names_function: is_invocation || end.contains(":function:"),
        function,
        timeout: view.get("TimeoutSeconds").whole(),
    }
}

/// The calls of a state: its resource, or the function that its parameters name.
fn calls_of(state: &Value, found: &mut Vec<Call>) {
    let has = |key: &str| state.get(key).is_some_and(|value| value.known() != Some(&Data::Null));
    let handles_failure = has("Retry") && has("Catch");
    let parameters = ["Parameters", "Arguments"].into_iter().filter_map(|key| state.get(key)?.get("FunctionName"));
    for call in state.get("Resource").into_iter().chain(parameters) {
        if is_call(call) {
            found.push(Call { call: call.clone(), span: call.origin.site(), handles_failure });
        }
    }
}

/// A reference, or the ARN of a function; not `arn:aws:states:::lambda:invoke`, which says nothing of its target.
fn is_call(value: &Value) -> bool {
    match value.known() {
        Some(Data::Reference(_)) => true,
        Some(Data::Template(parts)) => parts.iter().any(|part| match part {
            Part::Reference(_) => true,
            Part::Text(text) => text.contains(":function:"),
            Part::Unknown(_) => false,
        }),
        Some(Data::Text(text)) => text.contains(":function:") || !text.contains(':'),
        _ => false,
    }
}

/// What a text refers to. It retries and catches as a whole.
fn in_text(parts: &[Part], origin: &Origin, found: &mut Vec<Call>) {
    let says = |key: &str| parts.iter().any(|part| matches!(part, Part::Text(text) if text.contains(key)));
    let handles_failure = says("\"Retry\"") && says("\"Catch\"");
    for part in parts {
        if let Part::Reference(reference) = part {
            let call = Sourced::new(Data::Reference(reference.clone()), origin.clone());
            found.push(Call { call, span: None, handles_failure });
        }
    }
}

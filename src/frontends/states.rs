//! State machines in the Amazon States Language: which functions their tasks call, and whether failures are handled.
//! Called for `AWS::StepFunctions::StateMachine`, for SAM's own kind and for the plugin of the Serverless Framework.

use crate::frontends::json_text::{json, json_with_gaps};
use crate::model::TriggerKind;
use crate::source::Span;
use crate::value::{Data, Origin, Part, Sourced, Value};

/// States within states (`Parallel`, `Map`) that are looked into.
const MAX_DEPTH: usize = 60;

/// A task that calls something by reference.
#[derive(Debug)]
pub(crate) struct Task {
    /// What it calls, as written.
    pub call: Value,
    /// Where; `None` in a text with pieces from elsewhere, which has no places of its own.
    pub span: Option<Span>,
    /// It is tried again and its failure is caught.
    pub handles_failure: bool,
}

impl Task {
    /// What it does to what it calls.
    pub fn kind(&self) -> TriggerKind {
        TriggerKind::Orchestrator { retries: self.handles_failure }
    }
}

/// The tasks of a definition that is written out as data, or is JSON in a text that may have pieces from elsewhere.
pub(crate) fn tasks(definition: &Value) -> Vec<Task> {
    let mut found = Vec::new();
    let place = definition.origin.site();
    match definition.known() {
        Some(Data::Template(parts)) => match place.and_then(|place| json_with_gaps(parts, place)) {
            Some(parsed) => collect(&parsed, 0, &mut found),
            None => in_text(parts, &definition.origin, &mut found),
        },
        Some(Data::Text(text)) => {
            if let Some(parsed) = place.and_then(|place| json(text, place, false)) {
                collect(&parsed, 0, &mut found);
            }
        }
        _ => collect(definition, 0, &mut found),
    }
    found
}

fn collect(definition: &Value, depth: usize, found: &mut Vec<Task>) {
    let Some(Data::Object(states)) = definition.get("States").and_then(Value::known) else { return };
    if depth > MAX_DEPTH {
        return;
    }
    for state in states.iter().map(|entry| &entry.value) {
        let has = |key: &str| state.get(key).is_some_and(|value| value.known() != Some(&Data::Null));
        let handles_failure = has("Retry") && has("Catch");
        let parameters = ["Parameters", "Arguments"].into_iter().filter_map(|key| state.get(key)?.get("FunctionName"));
        for call in state.get("Resource").into_iter().chain(parameters) {
            if is_call(call) {
                found.push(Task { call: call.clone(), span: call.origin.site(), handles_failure });
            }
        }
        for nested in ["Iterator", "ItemProcessor"].into_iter().filter_map(|key| state.get(key)) {
            collect(nested, depth + 1, found);
        }
        if let Some(Data::List(branches)) = state.get("Branches").and_then(Value::known) {
            branches.iter().for_each(|branch| collect(branch, depth + 1, found));
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
fn in_text(parts: &[Part], origin: &Origin, found: &mut Vec<Task>) {
    let says = |key: &str| parts.iter().any(|part| matches!(part, Part::Text(text) if text.contains(key)));
    let handles_failure = says("\"Retry\"") && says("\"Catch\"");
    for part in parts {
        if let Part::Reference(reference) = part {
            let call = Sourced::new(Data::Reference(reference.clone()), origin.clone());
            found.push(Task { call, span: None, handles_failure });
        }
    }
}

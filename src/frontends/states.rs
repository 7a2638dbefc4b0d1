//! State machines in the Amazon States Language: which functions their tasks call, and whether failures are handled.
//! Called for `AWS::StepFunctions::StateMachine`, for SAM's own kind and for the plugin of the Serverless Framework.

use crate::value::{Data, Part, Reference, Value};

/// States within states (`Parallel`, `Map`) that are looked into.
const MAX_DEPTH: usize = 60;

/// A task that calls something by reference.
#[derive(Debug)]
pub(crate) struct Task {
    /// What it calls, as written.
    pub call: Value,
    /// It is tried again and its failure is caught.
    pub handles_failure: bool,
}

/// The tasks of a definition that is written out as data.
pub(crate) fn tasks(definition: &Value) -> Vec<Task> {
    let mut found = Vec::new();
    collect(definition, 0, &mut found);
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
                found.push(Task { call: call.clone(), handles_failure });
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
        Some(Data::Template(parts)) => parts.iter().any(|part| matches!(part, Part::Reference(_))),
        Some(Data::Text(text)) => text.contains(":function:") || !text.contains(':'),
        _ => false,
    }
}

/// The references in a definition that is a text with pieces from elsewhere, and whether the text retries and catches.
pub(crate) fn references_in_text(definition: &Value) -> (Vec<Reference>, bool) {
    let Some(Data::Template(parts)) = definition.known() else { return (Vec::new(), true) };
    let mut references = Vec::new();
    let (mut retries, mut catches) = (false, false);
    for part in parts.iter() {
        match part {
            Part::Reference(reference) => references.push(reference.clone()),
            Part::Text(text) => {
                retries |= text.contains("\"Retry\"");
                catches |= text.contains("\"Catch\"");
            }
            Part::Unknown(_) => {}
        }
    }
    (references, retries && catches)
}

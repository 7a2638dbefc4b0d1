//! What triggers are made of in every dialect: whether they are on, what they lead to, when a clock fires. Called by all
//! frontends.

use crate::model::{EventKind, ScheduleTrigger, TriggerKind};
use crate::schedule::{Dialect, Schedule};
use crate::source::Span;
use crate::value::{How, Origin, Sourced, Unknown, Value, View};

/// On, as nothing says otherwise.
pub(crate) fn always_on() -> Sourced<bool> {
    Sourced::new(true, Origin::new(How::Absent, None))
}

/// Known, and written at a place.
pub(crate) fn literal<T>(value: T, span: Option<Span>) -> Sourced<T> {
    Sourced::new(value, Origin::new(How::Literal, span))
}

/// The value that is written, for a link; one that leads nowhere where nothing is written.
pub(crate) fn written(view: View<'_>) -> Value {
    view.value().cloned().unwrap_or_else(|| {
        Sourced::unknown(Unknown::Invalid("nothing is written here".into()), Origin::new(How::Absent, view.block()))
    })
}

/// A clock, from its expression, that starts something and does not wait for it.
pub(crate) fn schedule(expression: View<'_>, dialect: Dialect) -> TriggerKind {
    let absent = || Sourced::absent(expression.block());
    calls(expression, dialect, absent(), absent())
}

/// A clock that calls something: how long it waits for an answer, and how often it tries again.
pub(crate) fn calls(
    expression: View<'_>,
    dialect: Dialect,
    limit: Sourced<Option<u64>>,
    retries: Sourced<Option<u64>>,
) -> TriggerKind {
    let schedule = expression.text().and_then(|text| {
        let text = text.ok_or_else(|| Unknown::Invalid("a schedule without an expression".into()))?;
        Schedule::parse(&text, dialect).map_err(|error| Unknown::Invalid(error.to_string().into()))
    });
    TriggerKind::Schedule(ScheduleTrigger { schedule, limit, retries, input: None })
}

/// A clock with what it hands over, in any of the ways in which a target of AWS says so.
pub(crate) fn told(mut kind: TriggerKind, target: View<'_>) -> TriggerKind {
    const KEYS: [&str; 9] = [
        "input",
        "Input",
        "inputPath",
        "InputPath",
        "input_path",
        "inputTransformer",
        "InputTransformer",
        "input_transformer",
        "InputTemplate",
    ];
    if let TriggerKind::Schedule(schedule) = &mut kind {
        schedule.input = target.first(&KEYS).value().cloned();
    }
    kind
}

/// What an event type of Google Cloud says: `google.pubsub.topic.publish`, `google.cloud.storage.object.v1.finalized`.
pub(crate) fn google_event(name: &str) -> EventKind {
    if name.contains("pubsub") {
        EventKind::Topic
    } else if name.contains("storage") {
        EventKind::Storage
    } else {
        EventKind::Other
    }
}

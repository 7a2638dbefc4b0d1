//! Event sources: what a mapping reads, when a schedule fires. Shared by SAM events, raw resources and serverless.yml.

use crate::frontends::aws::{self, EventSource};
use crate::frontends::resource::Resources;
use crate::model::{EventKind, ScheduleTrigger, StreamKind, TriggerKind};
use crate::schedule::{Dialect, Schedule};
use crate::value::{How, Origin, Sourced, Unknown, Value, View};

/// On, as nothing says otherwise.
pub(crate) fn always_on() -> Sourced<bool> {
    Sourced::new(true, Origin::new(How::Absent, None))
}

/// Whether `State: DISABLED` switches something off.
pub(crate) fn state(view: View<'_>) -> Sourced<bool> {
    view.get("State").text().map(|state| !state.is_some_and(|state| state.eq_ignore_ascii_case("DISABLED")))
}

/// Whether `Enabled: false` or `State: DISABLED` switches something off.
pub(crate) fn enabled(view: View<'_>) -> Sourced<bool> {
    let enabled = view.get("Enabled");
    if enabled.is_present() { enabled.boolean().unwrap_or(true) } else { state(view) }
}

/// What an ARN names: the type of the resource that it refers to, or the service in its text.
pub(crate) fn event_source_of(resources: &Resources, source: View<'_>) -> Option<EventSource> {
    if let Some(resource) = resources.referred(source) {
        return match &*resource.kind {
            "AWS::SQS::Queue" => Some(EventSource::Queue),
            "AWS::Kinesis::Stream" | "AWS::Kinesis::StreamConsumer" => Some(EventSource::Stream(StreamKind::Kinesis)),
            "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" | "AWS::Serverless::SimpleTable" => {
                Some(EventSource::Stream(StreamKind::DynamoDb))
            }
            "AWS::MSK::Cluster" | "AWS::MSK::ServerlessCluster" | "AWS::AmazonMQ::Broker" => Some(EventSource::Broker),
            _ => None,
        };
    }
    source.value().and_then(aws::known_pieces).and_then(|arn| aws::event_source(&arn))
}

/// An event source mapping of CloudFormation or SAM.
pub(super) fn mapping(source: Option<EventSource>, arn: View<'_>, view: View<'_>) -> TriggerKind {
    match source {
        Some(EventSource::Queue) => {
            TriggerKind::Queue(aws::queue_trigger(written(arn), view.get("MaximumBatchingWindowInSeconds")))
        }
        Some(EventSource::Stream(kind)) => {
            TriggerKind::Stream(aws::stream_trigger(kind, view, &aws::CLOUDFORMATION_STREAM))
        }
        Some(EventSource::Broker) => TriggerKind::Event(EventKind::Broker),
        None => TriggerKind::Event(EventKind::Other),
    }
}

/// The value that is written, for a link; one that leads nowhere where nothing is written.
pub(crate) fn written(view: View<'_>) -> Value {
    view.value().cloned().unwrap_or_else(|| {
        Sourced::unknown(Unknown::Invalid("nothing is written here".into()), Origin::new(How::Absent, view.block()))
    })
}

/// A schedule expression of EventBridge.
pub(crate) fn schedule(expression: View<'_>) -> TriggerKind {
    let schedule = expression.text().and_then(|text| {
        let text = text.ok_or_else(|| Unknown::Invalid("a schedule without an expression".into()))?;
        Schedule::parse(&text, Dialect::Aws).map_err(|error| Unknown::Invalid(error.to_string().into()))
    });
    TriggerKind::Schedule(ScheduleTrigger { schedule })
}

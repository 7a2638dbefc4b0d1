//! `stream-blocked-by-poison-record`: a stream mapping retries a failing record without end, and holds up every record behind it.

use crate::facts::aws;
use crate::fix::{New, Proposal, Sketch};
use crate::lint::{Category, Context, Finding, FixAvailability, Level, Lint, by_place};
use crate::model::{BackingService, StreamKind, StreamTrigger, Trigger, TriggerKind, Workload};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "stream-blocked-by-poison-record",
    category: Category::Limits,
    level: Level::Warning,
    summary: "A stream mapping retries a failing record without end, and holds up every record behind it.",
    since: "0.1.0",
    fix: FixAvailability::EditAndSketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let streams =
        architecture.triggers().filter(|trigger| trigger.is_surely_on()).filter_map(|trigger| match &trigger.kind {
            TriggerKind::Stream(stream) if is_unbounded(stream) => {
                Some((trigger, stream, architecture.workload(&trigger.target)?))
            }
            _ => None,
        });
    for (_, cases) in by_place(streams.map(|case| (case.0.span, case))) {
        if let Some((trigger, stream, workload)) = cases.first() {
            let finding = report(cx, trigger, stream, workload);
            cases.iter().for_each(|(_, _, other)| {
                finding.about(&other.identity);
            });
        }
    }
}

/// Neither the number of retries nor the age of a record has an end; -1 is how the API writes "without end".
fn is_unbounded(stream: &StreamTrigger) -> bool {
    let endless = |value: Option<&Option<i64>>| matches!(value, Some(None | Some(-1)));
    endless(stream.maximum_retries.known()) && endless(stream.maximum_age.known())
}

fn report<'f>(cx: &'f mut Context, trigger: &Trigger, stream: &StreamTrigger, workload: &Workload) -> &'f mut Finding {
    let architecture = cx.architecture;
    let name = trigger.name().trim_start_matches("the ");
    let message =
        format!("one bad record in the {name} stops its shard: `{}` retries it without end", workload.label())
            .replace(" stream stream", " stream");
    let finding = cx.report(workload, trigger.span, "no limit on retries or on the age of a record", message);
    if workload.span() != trigger.span {
        finding.label(workload.span(), format!("`{}` reads the stream", workload.label()));
    }
    let declared = trigger.source.as_ref().and_then(|source| architecture.backing(source));
    if let (Some(source), Some(declared)) = (&trigger.source, declared) {
        finding.way(trigger.unit, source, declared.kind.name(), &declared.identity);
    }
    finding.label(
        stream.maximum_retries.origin.written_at().filter(|_| stream.maximum_retries.is_explicit()),
        "-1 retries without end",
    );
    finding.label(
        stream.maximum_age.origin.written_at().filter(|_| stream.maximum_age.is_explicit()),
        "-1 keeps records without end",
    );
    let mut there = Vec::new();
    if stream.reports_failures.known() == Some(&true) {
        there.push("ReportBatchItemFailures only narrows down which record is retried");
    }
    if stream.has_failure_destination.known() == Some(&true) {
        there.push("the failure destination gets nothing as long as retries do not end");
    }
    if stream.bisects.known() == Some(&true) {
        there.push("splitting the batch isolates the bad record but goes on retrying it");
    }
    let there = if there.is_empty() { String::new() } else { format!("; {}", there.join(", and ")) };
    finding.why(format!(
        "records of a shard are processed in order: a record that always fails is retried until it expires{}, and everything behind it waits, or expires unseen{there}",
        expiry(stream.kind, declared),
    ));
    finding.help("set a maximum of retry attempts (and a maximum record age), split failing batches, and send what is given up to a failure destination");
    finding.propose(bounded(stream));
    let sketch = Sketch::StreamFailureQueue(workload.id, trigger.span);
    finding.propose(Proposal::sketch("end the retries, and keep what is given up in a queue", sketch))
}

/// How often a batch may fail before it is given up: enough to get over an outage of seconds, with the waits between.
const RETRIES: u64 = 5;

/// An end to the retries, and smaller batches on the way to it.
fn bounded(stream: &StreamTrigger) -> Proposal {
    let title = format!("give a batch up after {RETRIES} retries, and split it on the way");
    let bounded = Proposal::risky(title).set(&stream.maximum_retries, New::Number(RETRIES));
    match stream.bisects.known() {
        Some(false) => bounded.set(&stream.bisects, New::Boolean(true)),
        _ => bounded,
    }
}

/// After which time a record expires, as far as it is known.
fn expiry(kind: StreamKind, declared: Option<&BackingService>) -> String {
    let after = |seconds: u64| format!(", after {} h", seconds / 3600);
    match (kind, declared) {
        (StreamKind::DynamoDb, _) => after(aws::DYNAMODB_STREAM_RETENTION.whole()),
        (StreamKind::Kinesis, Some(declared)) if declared.retention.is_explicit() => {
            declared.retention.set().copied().map(after).unwrap_or_default()
        }
        (StreamKind::Kinesis, _) => after(aws::KINESIS_RETENTION_DEFAULT.whole()) + " by default",
    }
}

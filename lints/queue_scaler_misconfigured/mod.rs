//! `queue-scaler-misconfigured`: a rule that scales by a queue leaves out or misjudges what decides how it scales.

use crate::facts::kubernetes as facts;
use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, seconds};
use crate::model::{Metric, QueueMetric, Scaler, ScalerKind};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "queue-scaler-misconfigured",
    category: Category::Scaling,
    level: Level::Advice,
    summary: "A rule that scales by a queue leaves out or misjudges what decides how it scales.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A queue that rests for less than this many seconds is no idle one: most bursts have such gaps.
const SHORTEST_COOLDOWN: u64 = 60;
/// More seconds than this until the first look at a message are felt by whoever waits for the result.
const LONGEST_POLLING: u64 = 60;

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for scaler in architecture.scalers() {
        let Some((metric, _)) = scaler.queues().next() else { continue };
        without_target(cx, scaler);
        short_cooldown(cx, scaler, metric);
        rare_polling(cx, scaler, metric);
        without_limit(cx, scaler);
    }
}

fn without_target(cx: &mut Context, scaler: &Scaler) {
    let is_open = |(metric, queue): (&'_ Metric, &'_ QueueMetric)| {
        queue.per_instance.is_absent().then(|| Some((metric.span, queue.target_key?)))?
    };
    let open: Vec<_> = scaler.queues().filter_map(is_open).collect();
    let Some((place, key)) = open.first().copied() else { return };
    let name = cx.architecture.scaled_name(scaler);
    let message = format!("{} does not say how many messages one instance of `{name}` is to have", scaler.spoken());
    let finding = cx.report_scaled(scaler, place, format!("{key} not set"), message);
    for (place, key) in &open {
        finding.label(*place, format!("{key} not set"));
    }
    finding
        .why("the default of the trigger applies, which knows nothing of how long a message takes: with quick messages far too many instances are started, with slow ones too few")
        .help(format!("set `{key}` to the messages that one instance works off in the time for which a message may wait"));
}

fn short_cooldown(cx: &mut Context, scaler: &Scaler, metric: &Metric) {
    let Some(cooldown) = scaler.cooldown.set().copied().filter(|_| scaler.reaches_zero()) else { return };
    if cooldown >= SHORTEST_COOLDOWN || scaler.kind == ScalerKind::ScaledJob {
        return;
    }
    let name = cx.architecture.scaled_name(scaler);
    let message = format!("`{name}` is taken down to zero after {} without messages", seconds(cooldown));
    let place = scaler.cooldown.origin.written_at();
    let finding = cx.report_scaled(scaler, place, format!("waits {} for the next message", seconds(cooldown)), message);
    finding
        .trace(&scaler.cooldown)
        .label(metric.span, "scales by this queue")
        .label(scaler.min.origin.written_at().filter(|_| scaler.min.is_explicit()), "may go to zero")
        .why(format!(
            "a pause of that length lies between the messages of most bursts: the last instance goes and the next message waits for a new one to start (the default is {}, {})",
            facts::KEDA_COOLDOWN_DEFAULT.amount(),
            facts::KEDA_COOLDOWN_DEFAULT.citation()
        ))
        .help(format!(
            "let it wait for {} or more, or for longer than the pauses in its bursts are",
            seconds(SHORTEST_COOLDOWN)
        ));
    let default = facts::KEDA_COOLDOWN_DEFAULT.whole();
    let longer = Proposal::risky(format!("set the cooldown to {default} s"));
    finding.propose(longer.set(&scaler.cooldown, New::Seconds(default)));
}

fn rare_polling(cx: &mut Context, scaler: &Scaler, metric: &Metric) {
    let Some(polling) = scaler.polling.set().copied().filter(|_| scaler.reaches_zero()) else { return };
    let workload = cx.architecture.workload(&scaler.target);
    let latency = workload.and_then(|workload| workload.declared.latency.as_ref());
    if polling <= LONGEST_POLLING || latency.is_some_and(|latency| &*latency.value == "background") {
        return;
    }
    let name = cx.architecture.scaled_name(scaler);
    let message = format!("the first message for `{name}` may wait {} before anything starts", seconds(polling));
    let place = scaler.polling.origin.written_at();
    let finding = cx.report_scaled(scaler, place, format!("looks at the queue every {}", seconds(polling)), message);
    finding
        .trace(&scaler.polling)
        .label(metric.span, "scales by this queue")
        .why(format!(
            "nothing runs while the queue is empty, and only the next look at it starts something (the default is {}, {})",
            facts::KEDA_POLLING_DEFAULT.amount(),
            facts::KEDA_POLLING_DEFAULT.citation()
        ))
        .help("look more often, keep one instance, or say that nobody waits: `archlint.dev/latency: background` on the workload");
    let default = facts::KEDA_POLLING_DEFAULT.whole();
    let earlier = Proposal::risky(format!("set the polling interval to {default} s"));
    finding.propose(earlier.set(&scaler.polling, New::Seconds(default)));
}

/// KEDA stops at the number of partitions by itself, unless it is told that more readers may wait.
fn without_limit(cx: &mut Context, scaler: &Scaler) {
    let mut queues = scaler.queues().filter(|(_, queue)| queue.allows_idle.known() == Some(&true));
    let (Some((metric, queue)), Some(most)) = (queues.next(), scaler.max.set()) else { return };
    if scaler.max.is_explicit() {
        return;
    }
    let name = cx.architecture.scaled_name(scaler);
    let message = format!("`{name}` may run {most} readers, however many partitions its topic has");
    let place = queue.allows_idle.origin.written_at();
    let finding = cx.report_scaled(scaler, place, "more readers than partitions are allowed", message);
    finding
        .label(metric.span, "scales by the lag of this topic")
        .label(scaler.max.origin.site(), format!("maxReplicaCount not set: KEDA uses {most}"))
        .why("a partition has one reader of a group: every instance beyond the number of partitions runs and reads nothing")
        .propose(Proposal::risky("let KEDA stop at the number of partitions").remove(&queue.allows_idle))
        .help("set `maxReplicaCount` to the number of partitions, or leave `allowIdleConsumers` out: KEDA stops there by itself");
}

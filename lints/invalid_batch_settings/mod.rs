//! `invalid-batch-settings`: a queue mapping has a batch size or a batching window that AWS rejects.

use crate::facts::aws;
use crate::fix::{New, Proposal};
use crate::grouping::grouped;
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{Architecture, QueueTrigger, Trigger, Workload};
use crate::value::Origin;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "invalid-batch-settings",
    category: Category::Limits,
    level: Level::Error,
    summary: "A queue mapping has a batch size or a batching window that AWS rejects.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// What is wrong with a mapping.
struct Fault<'a> {
    workload: &'a Workload,
    trigger: &'a Trigger,
    /// The setting that must change.
    setting: &'a Origin,
    /// The message after "a queue mapping of .. ", and what is to be said at the setting.
    what: String,
    label: String,
    why: &'static str,
    help: &'static str,
    fix: Proposal,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let faults = architecture.functions().flat_map(|(workload, _)| {
        architecture
            .queue_mappings_of(workload)
            .filter_map(move |(trigger, mapping)| fault(architecture, workload, trigger, mapping))
    });
    let by_setting =
        faults.map(|fault| ((fault.setting.written_at().unwrap_or(fault.trigger.span), fault.help), fault));
    for ((place, help), faults) in grouped(by_setting) {
        let Some(first) = faults.first() else { continue };
        let message = format!("a queue mapping of `{}` {}", first.workload.label(), first.what);
        let finding = cx.report(first.workload, place, first.label.clone(), message);
        for fault in &faults {
            finding.label(fault.trigger.span, format!("`{}` reads the queue here", fault.workload.label()));
            finding.trace_origin(fault.setting);
        }
        let source = aws::SQS_BATCH_MAX.citation();
        finding.why(format!("AWS rejects the mapping when it is created: {} ({source})", first.why)).help(help);
        finding.propose(first.fix.clone());
    }
}

fn fault<'a>(
    architecture: &Architecture,
    workload: &'a Workload,
    trigger: &'a Trigger,
    mapping: &'a QueueTrigger,
) -> Option<Fault<'a>> {
    let (small, most) = (aws::SQS_BATCH_WITHOUT_WINDOW.whole(), aws::SQS_BATCH_MAX.whole());
    let batch = mapping.batch_size.known().copied();
    let window = mapping.batching_window.known().copied();
    let is_fifo = architecture.is_fifo(mapping);
    let of_batch = |what: String, why, help, fix| {
        let label = format!("up to {} messages at once", batch.unwrap_or_default());
        Some(Fault { workload, trigger, setting: &mapping.batch_size.origin, what, label, why, help, fix })
    };
    // What is rejected now runs nowhere: each becomes the nearest that AWS takes.
    let title = |most: u64| format!("lower the batch size to {most}");
    let lowered = |title: String, most: u64| Proposal::safe(title).set(&mapping.batch_size, New::Number(most));
    match (batch, window, is_fifo) {
        (Some(batch), ..) if batch > most => of_batch(
            format!("takes {batch} messages at once, but {most} are the most"),
            "batches of a queue are limited",
            "set a batch size of 10000 at most",
            lowered(title(most), most),
        ),
        (Some(batch), _, Some(true)) if batch > small => of_batch(
            format!("takes {batch} messages at once, but its queue is first in, first out: {small} are the most"),
            "messages of a first in, first out queue are not collected to larger batches",
            "set a batch size of 10 at most",
            match window {
                Some(window) if window > 0 => {
                    let title = format!("{}, and remove the batching window", title(small));
                    lowered(title, small).remove(&mapping.batching_window)
                }
                _ => lowered(title(small), small),
            },
        ),
        (Some(batch), Some(0), _) if batch > small => of_batch(
            format!("takes {batch} messages at once without a batching window; {small} are the most"),
            "\"Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10\"",
            "set a batching window of 1 s or more, or a batch size of 10 at most",
            Proposal::safe("collect messages for 1 s").set(&mapping.batching_window, New::Seconds(1)),
        ),
        (_, Some(window), Some(true)) if window > 0 => Some(Fault {
            workload,
            trigger,
            setting: &mapping.batching_window.origin,
            what: format!("collects messages for {window} s, but its queue is first in, first out"),
            label: format!("a batching window of {window} s"),
            why: "\"Batching window is not supported for FIFO queues\"",
            help: "remove the batching window",
            fix: Proposal::safe("remove the batching window").remove(&mapping.batching_window),
        }),
        _ => None,
    }
}

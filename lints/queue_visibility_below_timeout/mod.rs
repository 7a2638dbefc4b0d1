//! `queue-visibility-below-timeout`: a queue makes a message visible again before the function that works on it may have finished.

use crate::facts::aws;
use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place, seconds};
use crate::model::{Queue, QueueTrigger, Trigger, TriggerKind, Workload};
use crate::source::Span;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "queue-visibility-below-timeout",
    category: Category::Limits,
    level: Level::Error,
    summary: "A queue makes a message visible again before the function that works on it may have finished.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A queue, its consumer, and the numbers that decide.
struct Case<'a> {
    trigger: &'a Trigger,
    mapping: &'a QueueTrigger,
    function: &'a Workload,
    queue: &'a Queue,
    visibility: u64,
    timeout: u64,
    window: u64,
}

impl Case<'_> {
    /// What AWS advises: six times the timeout and the batching window, as far as a queue can go.
    fn advised(&self) -> u64 {
        (aws::SQS_VISIBILITY_RATIO.whole() * self.timeout + self.window).min(aws::SQS_VISIBILITY_MAX.whole())
    }

    fn level(&self) -> Option<Level> {
        let receives = self.queue.redrive.as_ref().and_then(|redrive| redrive.maximum_receives.set().copied());
        if self.visibility < self.timeout {
            Some(Level::Error)
        } else if self.visibility >= self.advised() {
            None
        } else if self.visibility < self.timeout + self.window || receives.is_some_and(|receives| receives < 3) {
            Some(Level::Warning)
        } else {
            Some(Level::Advice)
        }
    }
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let polled = architecture.triggers().filter(|trigger| trigger.is_surely_on());
    let cases = polled.filter_map(|trigger| match &trigger.kind {
        TriggerKind::Queue(queue) => case(architecture, trigger, queue),
        _ => None,
    });
    for (place, cases) in by_place(cases.map(|case| (place(&case), case))) {
        // Of several consumers the one with the longest timeout decides, of equal ones the first.
        let Some(worst) = cases.iter().rev().max_by_key(|case| case.timeout) else { continue };
        let Some(level) = worst.level() else { continue };
        report(cx, place, worst, level, &cases);
    }
}

fn case<'a>(
    architecture: &'a crate::model::Architecture,
    trigger: &'a Trigger,
    mapping: &'a QueueTrigger,
) -> Option<Case<'a>> {
    let queue = architecture.queue(&mapping.queue)?;
    let function = architecture.workload(&trigger.target)?;
    let settings = function.function.as_ref()?;
    let longest = *function.timeout.set()?;
    // A durable execution behind a mapping is cut off where a plain invocation would be.
    let timeout = match settings.durable_timeout.known()? {
        Some(durable) => (*durable).min(aws::LAMBDA_TIMEOUT_MAX.whole()),
        None => longest,
    };
    let visibility = *queue.visibility.known()?;
    let window = *mapping.batching_window.known()?;
    Some(Case { trigger, mapping, function, queue, visibility, timeout, window })
}

fn place(case: &Case) -> Span {
    case.queue.visibility.origin.written_at().unwrap_or(case.queue.identity.span)
}

fn report(cx: &mut Context, place: Span, worst: &Case, level: Level, cases: &[Case]) {
    let Case { function, queue, visibility, timeout, .. } = worst;
    let name = &queue.identity.label;
    let message = match level {
        Level::Error => format!(
            "queue `{name}` hides a message for {visibility} s, but `{}` may run for {timeout} s",
            function.label()
        ),
        _ => format!(
            "queue `{name}` hides a message for {visibility} s, but {} s are advised for `{}`, which may run for {timeout} s{}",
            worst.advised(),
            function.label(),
            match worst.window {
                0 => String::new(),
                window => format!(" after collecting messages for {window} s"),
            }
        ),
    };
    let label = match queue.visibility.default() {
        Some(fact) => format!("visibility timeout not set: {} uses {visibility} s", fact.holder),
        None => format!("messages come back after {visibility} s"),
    };
    // What is enough for all consumers.
    let advised = cases.iter().map(Case::advised).max().unwrap_or_default();
    let mut longer = Proposal::risky(format!("set the visibility timeout to {advised} s"));
    let finding = cx.report(function, place, label, message).level(level);
    finding.trace(&queue.visibility);
    for case in cases {
        // A queue that has what it needs is not what the finding is about, even if it gets its time from the same place.
        if case.level().is_some() {
            longer = longer.set(&case.queue.visibility, New::Seconds(advised));
            finding.about(&case.queue.identity);
        }
        let timeout = &case.function.timeout;
        let at = timeout.origin.written_at().unwrap_or(case.function.span());
        finding.label(at, format!("`{}` may run for {} s", case.function.label(), case.timeout)).trace(timeout);
        finding.label(case.trigger.span, format!("`{}` reads the queue here", case.function.label()));
        if case.trigger.unit != case.queue.identity.unit {
            finding.way(case.trigger.unit, &case.mapping.queue, "queue", &case.queue.identity);
        }
    }
    finding.why(if level == Level::Error {
        format!(
            "AWS rejects the mapping when it is created (\"Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds\"); \
             where the timeout was raised later, a message that takes longer than {visibility} s is handed to a second instance while the first still works on it"
        )
    } else {
        "when the function is throttled or a batch fails once, its messages reappear while they are still being retried: they are processed twice, and count towards the dead-letter queue".to_string()
    });
    finding.help(format!(
        "set the visibility timeout of `{name}` to {}: AWS advises {} times the function timeout plus the batching window",
        seconds(advised),
        aws::SQS_VISIBILITY_RATIO.amount(),
    ));
    // Of a value that is the function's timeout as well, six times as much is no help.
    let is_timeout = |case: &Case| case.function.timeout.origin.written_at() == Some(place);
    if !cases.iter().any(is_timeout) {
        finding.propose(longer);
    }
}

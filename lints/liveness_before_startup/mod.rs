//! `liveness-before-startup`: a liveness probe restarts a container before the time at which it is expected to be ready.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, seconds};
use crate::model::{Check, Container, Probe, Workload};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "liveness-before-startup",
    category: Category::Orchestration,
    level: Level::Warning,
    summary: "A liveness probe restarts a container before the time at which it is expected to be ready.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// Seconds between two questions of a startup probe: often enough that nobody waits for the answer.
const PERIOD: u64 = 10;

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for (workload, _) in architecture.pods().filter(|(_, pod)| pod.is_complete) {
        for container in workload.main_containers() {
            let probes = &container.probes;
            // Until a startup probe has succeeded, the liveness probe waits.
            if let (Some(liveness), Some(readiness), true) =
                (probes.liveness.set(), probes.readiness.set(), probes.startup.is_absent())
            {
                compare(cx, workload, container, liveness, readiness);
            }
        }
    }
}

fn compare(cx: &mut Context, workload: &Workload, container: &Container, liveness: &Probe, readiness: &Probe) {
    let (Some(patience), Some(start)) = (liveness.patience(), readiness.initial_delay.known().copied()) else { return };
    // A second more or less says nothing.
    if patience.saturating_add(start / 10) >= start {
        return;
    }
    // A server may tell that it is alive on another path long before it is ready.
    let is_same = liveness.check == readiness.check && !matches!(liveness.check, None | Some(Check::Other));
    let message = format!(
        "the liveness probe gives up on {} after {}, but it is expected to be ready after {}",
        container.within(workload),
        seconds(patience),
        seconds(start)
    );
    let numbers = [&liveness.initial_delay, &liveness.period, &liveness.failures]
        .map(|one| one.known().copied().unwrap_or_default());
    let [delay, period, failures] = numbers;
    let gives_up = format!("gives up after {delay} s and {failures} x {period} s");
    let tries = start.saturating_mul(2).div_ceil(PERIOD);
    let finding = cx.report(workload, container.probes.liveness.origin.site(), gives_up, message);
    finding
        .level(if is_same { Level::Warning } else { Level::Advice })
        .label(container.span, "no startupProbe: the liveness probe does not wait")
        .label(readiness.initial_delay.origin.written_at(), format!("not expected to be ready for {start} s"))
        .trace(&readiness.initial_delay)
        .trace_elsewhere(&liveness.initial_delay)
        .trace_elsewhere(&liveness.period)
        .trace_elsewhere(&liveness.failures)
        .why(match is_same {
            true => format!("both probes ask the same, so a start that takes as long as its owner expects is never finished: the container is killed at {patience} s, starts again, and is killed again"),
            false => format!("unless the liveness probe is answered long before the other one, a start that takes as long as its owner expects is never finished: the container is killed at {patience} s, starts again, and is killed again"),
        })
        .help(format!("add a `startupProbe` that asks the same, with `periodSeconds: {PERIOD}` and `failureThreshold: {tries}`; the other probes wait for it and need no delay"));
    if let Some(probe) = startup(readiness, tries) {
        let title = format!(
            "give the start {} with a startup probe, and wait no longer",
            seconds(tries.saturating_mul(PERIOD))
        );
        let fix = Proposal::risky(title).set(&container.probes.startup, probe);
        // Delays count from the end of the start then.
        let delays = [&liveness.initial_delay, &readiness.initial_delay].into_iter();
        let written = delays.filter(|delay| delay.is_explicit());
        finding.propose(written.fold(fix, |fix, delay| fix.remove(delay)));
    }
}

/// A startup probe that asks what the readiness probe asks, which nobody expects to succeed before the start is over.
fn startup(readiness: &Probe, tries: u64) -> Option<New> {
    let (key, question) = readiness.question.as_ref()?;
    let question = New::copy_of(question)?;
    Some(New::object([
        (*key, question),
        ("periodSeconds", New::Number(PERIOD)),
        ("failureThreshold", New::Number(tries)),
    ]))
}

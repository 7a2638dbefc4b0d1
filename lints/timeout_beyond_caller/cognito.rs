//! Part b: Cognito asks during sign-up and sign-in.

use super::{lowered, timeout_label};
use crate::facts::aws;
use crate::lint::{Context, Level, by_place};
use crate::model::{EventKind, Trigger, TriggerKind, Workload};
use crate::source::Span;

/// A workload, the user pool that waits for it, and the workload's timeout in seconds.
type Case<'a> = (&'a Workload, &'a Trigger, u64);

/// A function that a user pool gives up on before it is done.
pub(super) fn case<'a>(workload: &'a Workload, trigger: &'a Trigger, timeout: u64) -> Option<Case<'a>> {
    let TriggerKind::UserPool(event) = &trigger.kind else { return None };
    // Nobody waits for what sends mails and messages in the place of Cognito.
    let waits = !event.contains("sender") && timeout > aws::COGNITO_TRIGGER_TIMEOUT.whole();
    waits.then_some((workload, trigger, timeout))
}

/// One finding for those that share the timeout.
pub(super) fn report(cx: &mut Context, cases: Vec<(Span, Case)>) {
    for (place, cases) in by_place(cases) {
        user_pool(cx, place, &cases);
    }
}

fn user_pool(cx: &mut Context, place: Span, cases: &[Case]) {
    let Some((workload, _, timeout)) = cases.first() else { return };
    let fact = &aws::COGNITO_TRIGGER_TIMEOUT;
    let message =
        format!("`{}` may run for {timeout} s, but Cognito gives up after {}", workload.label(), fact.amount());
    let level = if workload.timeout.is_explicit() { Level::Warning } else { Level::Advice };
    let callees = cases.iter().map(|(workload, ..)| *workload);
    let proposal = lowered(cx, callees, fact.whole(), |workload, trigger| {
        // A permission says no more than that a user pool calls.
        matches!(trigger.kind, TriggerKind::Event(EventKind::UserPool)) || case(workload, trigger, *timeout).is_some()
    });
    let finding = cx.report(workload, place, timeout_label(workload, *timeout), message).level(level);
    for (workload, trigger, _) in cases {
        finding
            .trace(&workload.timeout)
            .label(trigger.span, format!("Cognito waits {} for `{}`", fact.amount(), workload.label()));
    }
    finding.why(format!(
        "Cognito waits {} and then tries again, three times in all: the user sees a failed sign-in, and the function may have run three times",
        fact.amount()
    ));
    finding.help(format!("set the timeout to {} and make the function safe to run more than once", fact.amount()));
    if let Some(proposal) = proposal {
        finding.propose(proposal);
    }
}

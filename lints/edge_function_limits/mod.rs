//! `edge-function-limits`: CloudFront runs a function that has what no function has at the edge.

use crate::facts::Fact;
use crate::fix::{Change, New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{EdgeEvent, FunctionSettings, Workload};
use crate::value::Sourced;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "edge-function-limits",
    category: Category::Limits,
    level: Level::Error,
    summary: "CloudFront runs a function that has what no function has at the edge.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for (workload, function) in architecture.functions() {
        let events = architecture.edge_events_of(workload);
        if let Some((event, limit)) = tightest(&events, |event| event.longest_timeout()) {
            over(cx, workload, ("the timeout", &workload.timeout), event, limit, "may run for");
        }
        if let Some((event, limit)) = tightest(&events, |event| event.most_memory()) {
            over(cx, workload, ("the memory", &workload.memory), event, limit, "has");
        }
        let unversioned: Vec<EdgeEvent> = events.iter().copied().filter(|event| event.names_latest(function)).collect();
        unpublished(cx, workload, function, &unversioned);
        if let Some(event) = events.first() {
            unfit(cx, workload, function, event);
        }
    }
}

/// The event that allows the least.
fn tightest<'a>(
    events: &[EdgeEvent<'a>],
    limit: impl Fn(EdgeEvent<'a>) -> Option<&'static Fact>,
) -> Option<(EdgeEvent<'a>, &'static Fact)> {
    let limits = events.iter().filter_map(|event| Some((*event, limit(*event)?)));
    limits.min_by_key(|(_, limit)| limit.whole())
}

/// A value above what CloudFront gives a function at an event.
fn over(
    cx: &mut Context,
    workload: &Workload,
    (name, value): (&str, &Sourced<Option<u64>>),
    event: EdgeEvent,
    limit: &'static Fact,
    verb: &str,
) {
    let Some(number) = value.set().copied().filter(|number| *number > limit.whole()) else { return };
    let (amount, most) = (limit.unit.of(number as f64), limit.amount());
    let place = value.origin.written_at().unwrap_or(workload.span());
    let message = format!("`{}` {verb} {amount} on {}, but CloudFront gives it {most}", workload.label(), event.name);
    let finding = cx.report(workload, place, format!("the limit is {most}"), message);
    if place != workload.span() {
        finding.label(workload.span(), format!("`{}` {verb} {amount}", workload.label()));
    }
    finding.trace(value).label(event.trigger.span, format!("CloudFront runs it on every {}", event.name));
    finding
        .why(format!(
            "CloudFront rejects the association, and Serverless Framework the service: {} is {most} ({})",
            limit.what,
            limit.citation()
        ))
        .help(format!(
            "set it to {most} at most, or let another function do the work, after the cache or behind the origin"
        ))
        .propose(Proposal::risky(format!("set {name} to {most}")).set(value, New::Number(limit.whole())));
}

fn unpublished(cx: &mut Context, workload: &Workload, function: &FunctionSettings, events: &[EdgeEvent]) {
    let Some(event) = events.first() else { return };
    let message =
        format!("CloudFront is to run `{}` on {}, but is given no version of it", workload.label(), event.name);
    let place = event.trigger.target.span().unwrap_or(event.trigger.span);
    let finding = cx.report(workload, place, "names the unpublished code", message);
    finding.label(
        workload.span(),
        match function.publishes.known() {
            Some(false) => "publishes no version",
            _ => "the function",
        },
    );
    finding
        .why("CloudFront takes numbered versions only and rejects the association: what it copies to its edges must not change under its name")
        .help("publish a version with every deployment and name that: `publish = true` with `qualified_arn`, or a reference to the version");
    if let Some(fix) = publishing(function, events) {
        finding.propose(fix);
    }
}

/// Publishes a version and names it; what is published is the code that CloudFront was to run.
fn publishing(function: &FunctionSettings, events: &[EdgeEvent]) -> Option<Proposal> {
    let is_published = *function.publishes.known()?;
    let unnamed: Vec<_> = events.iter().map(|event| &event.trigger.target).filter(|link| !link.qualified).collect();
    let mut fix = Proposal::safe(match (is_published, unnamed.is_empty()) {
        (false, true) => "publish a version with every deployment",
        (false, false) => "publish a version with every deployment and name it",
        (true, _) => "name the published version",
    });
    if !is_published {
        fix = fix.set(&function.publishes, New::Boolean(true));
    }
    unnamed
        .into_iter()
        .try_fold(fix, |fix, link| Some(fix.set(&link.written, New::Raw(link.versioned.as_ref()?.to_string()))))
}

/// Everything that AWS lists as not supported, in one finding for a function.
fn unfit(cx: &mut Context, workload: &Workload, function: &FunctionSettings, event: &EdgeEvent) {
    let obstacles = cx.architecture.unfit_for_edge(workload);
    let Some(first) = obstacles.first() else { return };
    let all: Vec<&str> = obstacles.iter().map(|obstacle| &*obstacle.what).collect();
    let all = match all.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => all.concat(),
    };
    let message = format!("CloudFront is to run `{}`, which {all}", workload.label());
    let place = first.span.unwrap_or(workload.span());
    let finding = cx.report(workload, place, format!("`{}` {}", workload.label(), first.what), message);
    finding.level(Level::Warning);
    for obstacle in obstacles.iter().skip(1) {
        finding.label(obstacle.span.unwrap_or(workload.span()), format!("`{}` {}", workload.label(), obstacle.what));
    }
    finding.label(event.trigger.span, format!("CloudFront runs it on every {}", event.name));
    finding
        .why("functions at the edge are archives on Node.js or Python in us-east-1, on x86_64 and with 512 MB of /tmp, and have no environment variables, VPC, layers, dead-letter queue, tracing or concurrency of their own: CloudFront rejects the association (CloudFront developer guide, restrictions on Lambda@Edge, 2023-06-15)")
        .help("take it away from the function, or let a function behind the origin do the work");
    if let Some(fix) = taking_out(function, obstacles.len()) {
        finding.propose(fix);
    }
}

/// Takes out what makes no difference to the code, if that is all that is in the way.
fn taking_out(function: &FunctionSettings, obstacles: usize) -> Option<Proposal> {
    let reserves = function.reserved_concurrency.set().is_some();
    let is_set = |switch: &Sourced<bool>| switch.known() == Some(&true);
    // CloudFront waits for its answer, so nothing ever goes to the queue.
    let idle = [
        (is_set(&function.dead_letter), "the dead-letter queue", &function.dead_letter.origin),
        (is_set(&function.tracing), "the tracing", &function.tracing.origin),
        (reserves, "the reserved concurrency", &function.reserved_concurrency.origin),
    ];
    let idle: Vec<_> = idle.into_iter().filter(|(is_there, ..)| *is_there).collect();
    if idle.len() != obstacles {
        return None;
    }
    let names: Vec<&str> = idle.iter().map(|(_, name, _)| *name).collect();
    let fix = Proposal::risky(format!("take out {}", names.join(" and ")));
    Some(idle.into_iter().fold(fix, |fix, (_, _, origin)| fix.with(Change::Remove { origin: origin.clone() })))
}

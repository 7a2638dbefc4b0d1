//! `edge-function-limits`: CloudFront runs a function that has what no function has at the edge.

use crate::facts::Fact;
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
    fix: FixAvailability::None,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for (workload, function) in architecture.functions() {
        let events = architecture.edge_events_of(workload);
        if let Some((event, limit)) = tightest(&events, |event| event.longest_timeout()) {
            over(cx, workload, &workload.timeout, event, limit, "may run for");
        }
        if let Some((event, limit)) = tightest(&events, |event| event.most_memory()) {
            over(cx, workload, &workload.memory, event, limit, "has");
        }
        if let Some(event) = events.iter().find(|event| event.names_latest(function)) {
            unpublished(cx, workload, function, event);
        }
        if let Some(event) = events.first() {
            unfit(cx, workload, event);
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
    value: &Sourced<Option<u64>>,
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
        ));
}

fn unpublished(cx: &mut Context, workload: &Workload, function: &FunctionSettings, event: &EdgeEvent) {
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
}

/// Everything that AWS lists as not supported, in one finding for a function.
fn unfit(cx: &mut Context, workload: &Workload, event: &EdgeEvent) {
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
}

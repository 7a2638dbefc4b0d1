//! `slow-start-on-user-path`: a function on a runtime that starts slowly answers users, and nothing shortens its cold start.

use crate::facts::aws;
use crate::fix::{New, Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{
    Architecture, FunctionSettings, Gateway, HttpTrigger, Platform, Trigger, TriggerKind, Workload, takes_snap_start,
};
use crate::wording::and_more;
use std::collections::HashSet;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "slow-start-on-user-path",
    category: Category::ColdStart,
    level: Level::Warning,
    summary: "A function on a runtime that starts slowly answers users, and nothing shortens its cold start.",
    since: "0.1.0",
    fix: FixAvailability::EditAndSketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let cases = architecture.functions().filter(|(workload, function)| starts_slowly(architecture, workload, function));
    // One finding for a file: the remedy is one line beside the runtime or in what the functions inherit from.
    for (_, cases) in by_place(cases.map(|case| (crate::source::Span::new(case.0.span().file, 0, 0), case))) {
        report(cx, &cases);
    }
}

fn starts_slowly(architecture: &Architecture, workload: &Workload, function: &FunctionSettings) -> bool {
    workload.platform == Platform::AwsLambda
        && function.slow_runtime().is_some()
        && architecture.starts_cold(workload, function)
        && !workload.is_outside_production()
        && architecture.is_user_facing(workload)
        // What that costs users is a finding of its own.
        && !is_only_asked(architecture, workload, HttpTrigger::asks_every_time)
}

/// Whether users reach it as an authorizer of one kind only.
fn is_only_asked(architecture: &Architecture, workload: &Workload, kind: fn(&HttpTrigger) -> bool) -> bool {
    let mut routes = architecture.triggers_of(workload).filter(|trigger| trigger.is_user_route()).peekable();
    let asked = |trigger: &Trigger| matches!(&trigger.kind, TriggerKind::Http(http) if kind(http));
    routes.peek().is_some() && routes.all(asked)
}

/// What forbids SnapStart for a function whose runtime would take it.
fn obstacle(function: &FunctionSettings) -> Option<&'static str> {
    if function.file_system.known() != Some(&false) {
        Some("a mounted file system")
    } else if function.disk.set().is_none_or(|disk| *disk > aws::LAMBDA_DISK_DEFAULT.whole()) {
        Some("more than 512 MB of /tmp")
    } else {
        None
    }
}

fn report(cx: &mut Context, cases: &[(&Workload, &FunctionSettings)]) {
    let architecture = cx.architecture;
    let Some((workload, function)) = cases.first() else { return };
    let Some(runtime) = function.runtime.set() else { return };
    let names: HashSet<&str> = cases.iter().map(|(workload, _)| workload.label()).collect();
    let more = and_more(names.len() - 1);
    let message = format!("users wait for cold starts of `{}`{more} on {runtime}", workload.label());
    let place = function.runtime.origin.written_at().unwrap_or(workload.span());
    let finding = cx.report(workload, place, "starts slowly, and nothing shortens it", message);
    // Answers that are kept spare most users the wait.
    let is_authorizer = |http: &HttpTrigger| http.gateway == Gateway::Authorizer;
    if cases.iter().all(|(workload, _)| is_only_asked(architecture, workload, is_authorizer)) {
        finding.level(Level::Advice);
    }
    for (workload, function) in cases {
        finding.trace(&function.runtime).about(&workload.identity);
        let mut routes = architecture.triggers_of(workload).filter(|trigger| Trigger::is_user_route(trigger));
        if let Some(route) = routes.next() {
            // SAM may say of one route twice where it leads: in an event and in the API's description.
            let is_same = |other: &&Trigger| path(other).is_some() && path(other) == path(route);
            let others = routes.filter(|other| !is_same(other)).count();
            let more = match others {
                0 => String::new(),
                1 => ", and 1 more route".to_string(),
                _ => format!(", and {others} more routes"),
            };
            finding.label(route.span, format!("users reach `{}` through {}{more}", workload.label(), route.name()));
        }
    }
    let framework = function.handler.set().and_then(|handler| framework(handler));
    let bare = if runtime.starts_with("java") { &aws::JAVA21_INIT } else { &aws::DOTNET8_INIT };
    finding.why(match framework {
        Some(name) => format!(
            "the handler looks like {name}; {}AWS measured a median cold start of {} for Spring Boot on Java 17 and {} with SnapStart (2024-01-10)",
            if name == "Spring" { "" } else { "for comparison, " },
            aws::SPRING_BOOT_START.amount(),
            aws::SPRING_BOOT_SNAPSTART.amount()
        ),
        None if runtime.starts_with("dotnet") => format!(
            "{} takes {} to start before its own code is loaded (median, {}); what it loads and compiles at its start comes on top",
            bare.holder,
            bare.amount(),
            bare.checked,
        ),
        None => format!(
            "{} takes {} to start before its own code is loaded (median, {}); a framework adds seconds: AWS measured {} for Spring Boot on Java 17 and {} with SnapStart",
            bare.holder,
            bare.amount(),
            bare.checked,
            aws::SPRING_BOOT_START.amount(),
            aws::SPRING_BOOT_SNAPSTART.amount()
        ),
    });
    finding.help(match (takes_snap_start(runtime) == Some(true), obstacle(function)) {
        (true, None) => "turn SnapStart on for published versions and point the routes at the version's alias".to_string(),
        (true, Some(obstacle)) => format!("use provisioned concurrency on an alias: {obstacle} rules SnapStart out"),
        (false, _) => format!("move to a runtime that takes SnapStart (java11, dotnet8 and later; {runtime} does not), or use provisioned concurrency on an alias"),
    });
    if let Some(fix) = snap_started(architecture, cases) {
        finding.propose(fix);
    }
    if let [(workload, _)] = cases {
        let sketch = Sketch::WarmAlias(workload.id);
        finding.propose(Proposal::sketch("keep an instance of a published version ready", sketch));
    }
}

/// SnapStart for each function, with a version for it to work on, if all of them can have it and their routes would lead to
/// the version.
fn snap_started(architecture: &Architecture, cases: &[(&Workload, &FunctionSettings)]) -> Option<Proposal> {
    let takes_it = |(workload, function): &(&Workload, &FunctionSettings)| {
        function.runtime.set().is_some_and(|runtime| takes_snap_start(runtime) == Some(true))
            && obstacle(function).is_none()
            && architecture.would_call_versions(workload)
    };
    if !cases.iter().all(takes_it) {
        return None;
    }
    let fix = Proposal::risky("turn SnapStart on for published versions");
    Some(cases.iter().fold(fix, |fix, (_, function)| {
        let fix = fix.set(&function.snap_start, New::Boolean(true));
        match function.publishes.known() == Some(&false) && !function.publishes.is_explicit() {
            true => fix.set(&function.publishes, New::Boolean(true)),
            false => fix,
        }
    }))
}

fn path(route: &Trigger) -> Option<&str> {
    match &route.kind {
        TriggerKind::Http(http) => http.path.set().map(|path| &**path),
        _ => None,
    }
}

fn framework(handler: &str) -> Option<&'static str> {
    let handler = handler.to_ascii_lowercase();
    [("spring", "Spring"), ("micronaut", "Micronaut"), ("quarkus", "Quarkus")]
        .into_iter()
        .find(|(word, _)| handler.contains(word))
        .map(|(_, name)| name)
}

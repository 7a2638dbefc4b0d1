//! `cold-start-mitigation-not-wired`: snapStart or provisioned concurrency is set up, but calls go to the unpublished code and start cold.

mod leading;

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{Architecture, FunctionSettings, Gateway, Trigger, TriggerKind, Workload};
use crate::source::Span;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "cold-start-mitigation-not-wired",
    category: Category::ColdStart,
    level: Level::Warning,
    summary: "SnapStart or provisioned concurrency is set up, but calls go to the unpublished code and start cold.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// What was set up, and where.
struct Mitigation {
    name: &'static str,
    span: Span,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for (workload, function) in architecture.functions() {
        let Some(mitigation) = mitigation(architecture, workload, function) else { continue };
        if function.wires_versions.known() != Some(&false) {
            continue;
        }
        let versions = architecture.aliases_of(workload).any(|alias| alias.is_published.known() != Some(&false));
        if function.publishes.known() == Some(&false) && !versions {
            unpublished(cx, workload, function, &mitigation);
            continue;
        }
        let bypassing: Vec<&Trigger> = architecture
            .triggers_of(workload)
            .filter(|trigger| trigger.is_surely_on() && trigger.is_synchronous() && !trigger.target.qualified)
            .collect();
        if !bypassing.is_empty() {
            bypassed(cx, workload, function, &mitigation, &bypassing);
        }
    }
}

fn mitigation(architecture: &Architecture, workload: &Workload, function: &FunctionSettings) -> Option<Mitigation> {
    if function.snap_start.known() == Some(&true) {
        let span = function.snap_start.origin.written_at().unwrap_or(workload.span());
        return Some(Mitigation { name: "SnapStart", span });
    }
    // That there is no version to keep instances of is a conflict of its own, which fails the deployment.
    if architecture.kept_unpublished(workload).is_some() {
        return None;
    }
    let kept = architecture.kept_initialised(workload).into_iter().next()?;
    Some(Mitigation { name: "provisioned concurrency", span: kept.origin.written_at().unwrap_or(workload.span()) })
}

fn unpublished(cx: &mut Context, workload: &Workload, function: &FunctionSettings, mitigation: &Mitigation) {
    let architecture = cx.architecture;
    let is_called = architecture.would_call_versions(workload);
    let message = format!("`{}` sets up {} but never publishes a version", workload.label(), mitigation.name);
    let finding = cx.report(workload, mitigation.span, "has no effect without a published version", message);
    finding
        .label(workload.span(), "publishes no version")
        .why(format!("{} works on published versions only: every call goes to $LATEST and starts cold", mitigation.name))
        .help("publish a version with every deployment (`publish = true`, `AutoPublishAlias: live`) and call it through an alias");
    // A version that nobody calls is no remedy, and in plain CloudFormation it is a resource of its own.
    let is_setting = function.publishes.is_explicit() || function.publishes.origin.slot().is_some();
    if !is_setting {
        return;
    }
    if is_called {
        let fix = Proposal::risky("publish a version with every deployment");
        finding.propose(fix.set(&function.publishes, New::Boolean(true)));
    } else if let Some(changes) = leading::to_version(architecture, workload) {
        let fix = Proposal::risky("publish a version with every deployment and lead the calls to it");
        let fix = fix.set(&function.publishes, New::Boolean(true));
        finding.propose(changes.into_iter().fold(fix, Proposal::with));
    }
}

fn bypassed(
    cx: &mut Context,
    workload: &Workload,
    function: &FunctionSettings,
    mitigation: &Mitigation,
    triggers: &[&Trigger],
) {
    let changes = leading::to_version(cx.architecture, workload);
    let message =
        format!("{} of `{}` is bypassed: {} calls $LATEST", mitigation.name, workload.label(), triggers[0].name());
    let finding = cx.report(workload, mitigation.span, format!("{} is set up here", mitigation.name), message);
    for trigger in triggers {
        let at = trigger.target.span().unwrap_or(trigger.span);
        finding.label(at, "calls the function without a version or alias");
    }
    finding
        .why(format!("{} works on published versions only; an unqualified name is $LATEST, so these calls start cold although the remedy is paid for", mitigation.name))
        .help(if triggers.iter().all(|trigger| is_url(trigger)) {
            "give the function URL an alias of the published version as its qualifier; it gets an address of its own"
        } else {
            "let them call an alias of the published version: its `invoke_arn` or ARN, or the function's qualified ARN"
        });
    if let Some(changes) = changes.filter(|_| function.publishes.known() == Some(&true)) {
        let fix = Proposal::risky("lead the calls to the published version");
        finding.propose(changes.into_iter().fold(fix, Proposal::with));
    }
}

fn is_url(trigger: &Trigger) -> bool {
    matches!(&trigger.kind, TriggerKind::Http(http) if http.gateway == Gateway::FunctionUrl)
}

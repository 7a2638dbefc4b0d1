//! `gateway-timeout-over-cap`: a gateway is told to wait longer for an answer than it can.

use crate::facts::Fact;
use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{Endpoint, Gateway, Integration};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "gateway-timeout-over-cap",
    category: Category::Limits,
    level: Level::Error,
    summary: "A gateway is told to wait longer for an answer than it can.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A timeout above a cap.
struct Case<'a> {
    integration: &'a Integration,
    milliseconds: u64,
    cap: &'static Fact,
    /// It is accepted where the account's quota is raised.
    with_quota: bool,
}

fn check(cx: &mut Context) {
    let cases = cx.architecture.integrations().filter_map(case);
    for (_, cases) in by_place(cases.map(|case| (place(&case), case))) {
        // What one setting does to several routes is one finding; an API that cannot have more is the worst.
        let Some(worst) = cases.iter().min_by_key(|case| case.with_quota) else { continue };
        report(cx, worst, &cases);
    }
}

fn case(integration: &Integration) -> Option<Case<'_>> {
    let milliseconds = *integration.timeout.set()?;
    let cap = integration.cap()?;
    let beyond = |fact: &Fact| milliseconds > fact.whole() * 1000;
    let case = |cap, with_quota| Some(Case { integration, milliseconds, cap, with_quota });
    match cap.with_quota {
        Some(most) if beyond(most) => case(most, false),
        Some(_) if beyond(cap.most) => case(cap.most, true),
        None if beyond(cap.most) => case(cap.most, false),
        _ => None,
    }
}

fn place(case: &Case) -> crate::source::Span {
    case.integration.timeout.origin.written_at().unwrap_or(case.integration.identity.span)
}

/// The timeout at the lowest cap of those that use it. Where all of them are rejected, nothing that is deployed changes.
fn clamped(cases: &[Case]) -> Proposal {
    let is_rejected = cases.iter().all(|case| !case.with_quota);
    let lowest = cases.iter().map(|case| case.cap.whole()).min().unwrap_or_default();
    let title = format!("set the integration timeout to {lowest} s");
    let proposal = if is_rejected { Proposal::safe(title) } else { Proposal::risky(title) };
    cases.iter().fold(proposal, |all, case| all.set(&case.integration.timeout, New::Number(lowest * 1000)))
}

fn report(cx: &mut Context, worst: &Case, cases: &[Case]) {
    let Case { integration, milliseconds, cap, with_quota } = worst;
    let written = match milliseconds % 1000 {
        0 => format!("{} s", milliseconds / 1000),
        _ => format!("{milliseconds} ms"),
    };
    let workload = cx.architecture.workload(&integration.target);
    let name = workload.map_or(&*integration.identity.label, |workload| workload.label());
    let (holder, amount) = (cap.holder, cap.amount());
    let message = match with_quota {
        false => format!("the route to `{name}` is to wait {written}, but {holder} accepts at most {amount}"),
        true => {
            format!("the route to `{name}` is to wait {written}, but {holder} accepts {amount} without a raised quota")
        }
    };
    let label = format!("the limit is {amount}");
    let finding = match workload {
        Some(workload) => cx.report(workload, place(worst), label, message),
        None => cx.report_on(&integration.identity, "route", "aws-api-gateway", place(worst), label, message),
    };
    finding.propose(clamped(cases));
    for case in cases {
        finding.about(&case.integration.identity);
        let name = &case.integration.identity.label;
        if case.integration.identity.span != place(worst) {
            finding.label(case.integration.identity.span, format!("`{name}` waits this long"));
        }
        let endpoint = &case.integration.endpoint;
        let written = endpoint.origin.written_at().filter(|_| endpoint.is_explicit());
        finding.trace(&case.integration.timeout).label(written, "the endpoint type of the API");
    }
    let is_edge = integration.gateway == Gateway::RestApi
        && integration.is_streaming.known() == Some(&false)
        && matches!(integration.endpoint.known(), Some(None | Some(Endpoint::Edge)));
    let note = match (is_edge, integration.endpoint.is_explicit()) {
        (true, true) => "; an edge-optimized API cannot have more, a regional or private one can",
        (true, false) => "; the endpoint type is not set and so edge-optimized, whose limit cannot be raised",
        _ => "",
    };
    if *with_quota {
        finding.level(Level::Advice).why(format!(
            "{holder} rejects the deployment in every account whose quota was not raised ({}); to raise it may cost requests per second of the whole account",
            cap.citation()
        ));
        finding.help(format!("have the quota raised in every account and region that this is deployed to, or set {amount} and answer long work at once"));
    } else {
        finding.why(format!("{holder} rejects the deployment: {} is {amount} ({}){note}", cap.what, cap.citation()));
        finding.help(format!(
            "set {} at most; work that takes longer is handed to a queue or a state machine and answered at once",
            cap.whole() * 1000
        ));
    }
}

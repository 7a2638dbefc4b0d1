//! `killed-before-drained`: a container is killed before it can have finished the work that it was doing when it was told to end.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, Finding, FixAvailability, Level, Lint, by_place, seconds};
use crate::model::{Architecture, Container, Gateway, HttpTrigger, Platform, TriggerKind, Workload, WorkloadKind};
use crate::schedule::parse_duration;
use crate::source::Span;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "killed-before-drained",
    category: Category::Orchestration,
    level: Level::Warning,
    summary: "A container is killed before it can have finished the work that it was doing when it was told to end.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// What takes longer than the grace period.
enum Work {
    /// The sleep before the container is told to end.
    Sleep(u64, Option<Span>),
    /// A run, as its owner says.
    Run(u64, Span),
    /// A request, which somebody lets take this long.
    Request(u64, Option<Span>),
}

/// A container that is killed too early.
struct Case<'a> {
    workload: &'a Workload,
    container: &'a Container,
    grace: u64,
    work: Work,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let services = architecture
        .workloads()
        .filter(|workload| matches!(workload.kind, WorkloadKind::Service | WorkloadKind::Daemon));
    let cases = services.filter_map(|workload| case(architecture, workload));
    let place = |case: &Case| case.container.grace.origin.written_at().unwrap_or(case.workload.span());
    for (place, cases) in by_place(cases.map(|case| (place(&case), case))) {
        if let Some(first) = cases.first() {
            let finding = report(cx, place, first);
            for case in &cases {
                finding.about(&case.workload.identity);
                explain(finding, case);
            }
            propose(finding, &cases);
        }
    }
}

/// The plainest thing that is wrong with a workload.
fn case<'a>(architecture: &'a Architecture, workload: &'a Workload) -> Option<Case<'a>> {
    let overslept = workload.main_containers().find_map(|container| {
        let (grace, sleep) = (*container.grace.set()?, *container.pre_stop.set()?);
        let work = Work::Sleep(sleep, container.pre_stop.origin.written_at());
        (sleep >= grace).then_some(Case { workload, container, grace, work })
    });
    overslept.or_else(|| {
        let left = workload.time_to_finish()?;
        let container = workload.main_containers().next()?;
        let work = run(workload).or_else(|| request(architecture, workload))?;
        let (Work::Sleep(time, _) | Work::Run(time, _) | Work::Request(time, _)) = work;
        (time > left).then_some(Case { workload, container, grace: left, work })
    })
}

/// How long one run takes.
fn run(workload: &Workload) -> Option<Work> {
    let declared = workload.declared.duration.as_ref()?;
    Some(Work::Run(parse_duration(&declared.value)?.ceil() as u64, declared.span))
}

/// A limit of this many seconds or less is what proxies have by themselves: nobody raised it for a slow request.
const USUAL_LIMIT: u64 = 60;

/// From this many seconds on a limit is there for connections that stay open: the value that is recommended for
/// WebSockets behind nginx.
const OPEN_CONNECTION: u64 = 3600;

/// The longest that a way in waits for an answer, where that is about requests.
fn request(architecture: &Architecture, workload: &Workload) -> Option<Work> {
    let of = |http: &HttpTrigger| Some((*http.limit.set()?, http.limit.origin.written_at()));
    let limits = architecture.triggers_of(workload).filter_map(|trigger| match &trigger.kind {
        TriggerKind::Http(http) if http.gateway == Gateway::ClusterIngress && trigger.is_surely_on() => of(http),
        _ => None,
    });
    let (limit, span) = limits.max_by_key(|(limit, _)| *limit)?;
    let is_raised = limit > USUAL_LIMIT && limit < OPEN_CONNECTION && !architecture.keeps_connections(workload);
    is_raised.then_some(Work::Request(limit, span))
}

fn report<'c>(cx: &'c mut Context, place: Span, case: &Case) -> &'c mut Finding {
    let Case { workload, container, grace, work } = case;
    let (name, grace_text) = (workload.label(), seconds(*grace));
    let setting = if workload.platform == Platform::AwsEcs { "stopTimeout" } else { "terminationGracePeriodSeconds" };
    let (level, message, why, help) = match work {
        Work::Sleep(sleep, _) => (
            Level::Error,
            format!("`{name}` sleeps {} before it is told to end, but is killed after {grace_text}", seconds(*sleep)),
            "the sleep of the preStop hook is part of the grace period: when it is over, the process has not been told to end, and is killed with every request and job in it".to_string(),
            format!("set `{setting}` to the sleep and the time that its work takes, for example {}", sleep.saturating_add(MARGIN)),
        ),
        Work::Run(time, _) => (
            Level::Warning,
            format!("`{name}` is killed {grace_text} after it is told to end, but one of its runs takes {}", seconds(*time)),
            "every deployment, every scale-in and every drained node ends instances in the middle of a run, which then is lost or starts again".to_string(),
            run_help(workload, setting, *time),
        ),
        Work::Request(time, _) => (
            Level::Advice,
            format!("`{name}` is killed {grace_text} after it is told to end, but a request to it may wait {}", seconds(*time)),
            "a limit is raised for requests that take long: every deployment, scale-in and drained node cuts those that are on their way".to_string(),
            format!("set `{setting}` to what the longest request takes, or lower the limit of the route"),
        ),
    };
    let label = match container.grace.default() {
        Some(fact) => format!("{setting} not set: {} uses {}", fact.holder, fact.amount()),
        None => "killed when this time is over".to_string(),
    };
    cx.report(workload, place, label, message).level(level).why(why).help(help)
}

/// Time for the work itself once the container has been told to end, in seconds: what Kubernetes gives it by itself.
const MARGIN: u64 = 30;

/// A grace period that is long enough for all of them: one value may be written for many.
fn propose(finding: &mut Finding, cases: &[Case]) {
    let needed = cases.iter().map(Case::needed).max().unwrap_or_default();
    let is_task = |case: &Case| case.workload.platform == Platform::AwsEcs;
    let is_too_long = needed > crate::facts::aws::FARGATE_STOP_TIMEOUT_MAX.whole() && cases.iter().any(is_task);
    if is_too_long {
        return;
    }
    let title = format!("give it {} to end", seconds(needed));
    let set = |proposal: Proposal, container: &Container| proposal.set(&container.grace, New::Seconds(needed));
    let containers = cases.iter().flat_map(|case| case.workload.main_containers());
    finding.propose(containers.fold(Proposal::risky(title), set));
}

impl Case<'_> {
    /// Seconds that would be enough.
    fn needed(&self) -> u64 {
        let sleep = self.workload.main_containers().filter_map(|container| container.pre_stop.set()).max();
        match self.work {
            Work::Sleep(sleep, _) => sleep.saturating_add(MARGIN),
            Work::Run(time, _) | Work::Request(time, _) => {
                time.saturating_add(sleep.copied().unwrap_or_default()).saturating_add(MARGIN)
            }
        }
    }
}

fn run_help(workload: &Workload, setting: &str, time: u64) -> String {
    let most = crate::facts::aws::FARGATE_STOP_TIMEOUT_MAX.whole();
    if workload.platform == Platform::AwsEcs && time > most {
        return format!(
            "let it hand the work back when it is told to end (Fargate waits {most} s at most), or make each run a task of its own"
        );
    }
    format!("set `{setting}` to at least {}, or make each run a job of its own", time)
}

/// The facts that the grace period conflicts with.
fn explain(finding: &mut Finding, case: &Case) {
    let name = case.workload.label();
    finding.trace_written(&case.container.grace);
    match case.work {
        Work::Sleep(sleep, span) => finding.label(span, format!("`{name}` sleeps {sleep} s before it is told to end")),
        Work::Run(time, span) => finding.label(span, format!("one run takes {}", seconds(time))),
        Work::Request(time, span) => finding.label(span, format!("waits {} for an answer of `{name}`", seconds(time))),
    };
    if !matches!(case.work, Work::Sleep(..)) {
        finding.label(
            case.container.pre_stop.origin.written_at().filter(|_| case.container.pre_stop.set().is_some()),
            "this sleep is part of it",
        );
    }
}

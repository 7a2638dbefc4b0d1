//! `steady-load-on-function`: a function is busy for so much of its time that a container costs less.

use crate::cost::{Monthly, SECONDS, share};
use crate::facts::aws;
use crate::fix::{Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{FunctionSettings, Platform, Shape, Strength, Traffic, Workload};
use crate::value::plain_number;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "steady-load-on-function",
    category: Category::AlwaysOn,
    level: Level::Warning,
    summary: "A function is busy for so much of its time that a container costs less.",
    since: "0.1.0",
    fix: FixAvailability::Sketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// What a function costs, and what containers for its work would cost.
struct Case {
    runs: f64,
    /// The share of its time for which it is busy; above 1 there are several instances.
    busy: f64,
    /// The share from which containers cost less.
    from: f64,
    function: Monthly,
    tasks: Monthly,
}

impl Case {
    fn load(&self) -> String {
        match self.busy {
            busy if busy > 1.0 => format!("keeps {} instances busy", plain_number((busy * 10.0).round() / 10.0)),
            busy => format!("is busy for {} of the time", share(busy)),
        }
    }
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for (workload, settings) in architecture.functions() {
        let Some(traffic) = architecture.traffic(workload).filter(|_| workload.platform == Platform::AwsLambda) else {
            continue;
        };
        let Some(case) = case(cx, workload, settings, &traffic) else { continue };
        let load = case.load();
        let message = format!(
            "`{}` {load} and costs {}; containers for its work cost {}",
            workload.label(),
            case.function,
            case.tasks
        );
        let finding = cx.report(workload, workload.span(), load, message);
        finding.evidence(&traffic);
        let memory = workload.memory.origin.written_at().filter(|_| workload.memory.is_explicit());
        finding.label(memory, "the price grows with the memory");
        finding.why(format!(
            "a function costs more for a second of work than a container, which pays once it is busy for about {} of the time, earlier still where work mostly waits; function: {}; containers: {}",
            share(case.from),
            case.function.terms(),
            case.tasks.terms()
        ));
        finding.help(match case.runs >= aws::LAMBDA_MANAGED_PAYS.value {
            true => "run it as a container that stays, or on Lambda Managed Instances",
            false => "run it as a container that stays, and let that keep its own clock or serve the requests",
        });
        finding.propose(Proposal::sketch("run it as a service on Fargate", Sketch::Service(workload.id)));
    }
}

fn case(cx: &Context, workload: &Workload, settings: &FunctionSettings, traffic: &Traffic) -> Option<Case> {
    // Managed Instances are paid for as instances.
    if settings.managed_instances.known() != Some(&false) {
        return None;
    }
    let runs = match (traffic.strength, traffic.shape) {
        // A failed run is tried again, but that is not the rule.
        (Strength::Exact, _) => traffic.runs?.0,
        (Strength::Declared, Some(Shape::Steady)) => traffic.runs?.1,
        _ => return None,
    };
    // How long a run takes is only known where it is declared: a timeout is generous. It is never longer than that.
    let seconds = workload.declared.usual_seconds()?.min(*workload.timeout.set()? as f64);
    let busy = runs * seconds / SECONDS;
    // Prices are not exact to a percent.
    let (memory, processor) = (*workload.memory.set()?, *workload.processor.known()?);
    let from = (cx.prices.busy_break_even(processor)? * 20.0).floor() / 20.0;
    // What answers requests has a second task for when the first one fails.
    let least = if traffic.strength == Strength::Exact { 1 } else { 2 };
    let function = cx.prices.runs(runs, seconds, memory, processor)?;
    let tasks = cx.prices.tasks_for(memory, processor, (busy.ceil() as u64).max(least))?;
    (busy >= from && function.dollars > tasks.dollars).then_some(Case { runs, busy, from, function, tasks })
}

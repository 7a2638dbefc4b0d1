//! `long-job-on-function`: a function is given nearly all the time its platform allows, and does the work of a job.

use crate::facts::{Fact, aws, google};
use crate::fix::{Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Label, Level, Lint, seconds};
use crate::model::{Architecture, EventKind, FunctionSettings, Gateway, Packaging, Platform, TriggerKind, Workload};
use crate::source::Span;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "long-job-on-function",
    category: Category::LongRunning,
    level: Level::Warning,
    summary: "A function is given nearly all the time its platform allows, and does the work of a job.",
    since: "0.1.0",
    fix: FixAvailability::Sketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// From this share of the platform's longest timeout on, the limit is in sight: 80 %.
const NEAR_THE_LIMIT: f64 = 0.8;
/// Memory above what request handlers use, in MiB.
const MUCH_MEMORY: u64 = 3008;
/// Runs a month up to which a schedule is a batch's: six a day.
const FEW_RUNS: f64 = 6.0 * 30.5;

/// Something that says "this is a job"; weak signs do not count alone.
struct Sign {
    label: Label,
    weak: bool,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for (workload, function) in architecture.functions() {
        let Some((timeout, longest)) = near_the_limit(architecture, workload, function) else { continue };
        let signs = signs(architecture, workload, function);
        let level = if signs.iter().any(|sign| !sign.weak) { Level::Warning } else { Level::Advice };
        let share = (timeout as f64 / longest.value * 100.0).round();
        let place = workload.timeout.origin.written_at().unwrap_or(workload.span());
        let message = format!(
            "`{}` may run for {}, {share} % of what {} allows",
            workload.label(),
            seconds(timeout),
            longest.holder
        );
        let finding = cx.report(workload, place, format!("may run for {timeout} s"), message).level(level);
        if place != workload.span() {
            finding.label(workload.span(), format!("the timeout of `{}`", workload.label()));
        }
        finding.trace(&workload.timeout);
        for sign in signs {
            finding.label(sign.label.span, sign.label.text);
        }
        finding.why(format!(
            "{} stops the run at {} whatever it was doing, and the limit cannot be raised; \
             work that is near it today is cut off when the data grows, and starts again from its beginning",
            longest.holder,
            seconds(longest.whole()),
        ));
        finding.help(remedy(workload.platform));
        finding.propose(Proposal::sketch("run it as a job in a container", Sketch::ScheduledTask(workload.id)));
    }
}

/// The timeout and the platform's limit, if the one is near the other and nothing excuses it.
fn near_the_limit(
    architecture: &Architecture,
    workload: &Workload,
    function: &FunctionSettings,
) -> Option<(u64, &'static Fact)> {
    let longest = match workload.platform {
        Platform::AwsLambda => &aws::LAMBDA_TIMEOUT_MAX,
        Platform::GoogleFunctions1 => &google::FUNCTION_GEN1_TIMEOUT_MAX,
        Platform::GoogleFunctions2 => &google::FUNCTION_GEN2_TIMEOUT_MAX,
        _ => return None,
    };
    let timeout = *workload.timeout.set()?;
    let near = timeout as f64 >= longest.value * NEAR_THE_LIMIT && timeout <= longest.whole();
    let plain = function.durable_timeout.is_absent() && function.managed_instances.known() == Some(&false);
    let handled = function.is_custom_resource
        || architecture.triggers_of(workload).any(|trigger| match &trigger.kind {
            TriggerKind::Orchestrator { retries } => *retries,
            TriggerKind::Event(kind) => *kind == EventKind::Log,
            // A caller that gives up earlier is another lint's ground; a scheduler is no caller, only a clock.
            // Who is sent an answer piece by piece is there for as long as it lasts.
            TriggerKind::Http(http) => {
                let gives_up = http.limit.set().is_some_and(|limit| *limit < timeout);
                http.gateway != Gateway::Scheduler && (gives_up || http.is_streaming.known() == Some(&true))
            }
            _ => false,
        });
    (near && plain && !handled && !function.is_orchestrated).then_some((timeout, longest))
}

fn signs(architecture: &Architecture, workload: &Workload, function: &FunctionSettings) -> Vec<Sign> {
    let mut signs = Vec::new();
    let mut sign = |span: Option<Span>, text: String, weak: bool| {
        let span = span.unwrap_or(workload.span());
        signs.push(Sign { label: Label::new(span, text), weak });
    };
    if let Some(schedules) = architecture.schedules_only(workload)
        && architecture.runs_per_month(workload).is_some_and(|runs| runs <= FEW_RUNS)
    {
        for (trigger, schedule) in schedules {
            let when = schedule.schedule.known().map(|schedule| schedule.describe()).unwrap_or_default();
            sign(Some(trigger.span), format!("only a schedule starts it: {when}"), false);
        }
    }
    if let Some(memory) = workload.memory.set().filter(|memory| **memory >= MUCH_MEMORY) {
        sign(workload.memory.origin.site(), format!("{memory} MB of memory"), false);
    }
    if let Some(disk) = function.disk.set().filter(|disk| **disk > aws::LAMBDA_DISK_DEFAULT.whole()) {
        sign(function.disk.origin.site(), format!("{disk} MB of /tmp"), false);
    }
    if let Some(span) = function.invokes_itself {
        sign(Some(span), "it may invoke itself, to go on where it was cut off".to_string(), false);
    }
    let continues =
        |name: &str| name.split('_').any(|word| matches!(word, "CHUNK" | "OFFSET" | "CURSOR" | "CHECKPOINT"));
    if let Some(variable) = workload.variable(continues) {
        sign(variable.span, format!("`{}` looks like a place to go on from", variable.name), false);
    }
    if function.packaging.known() == Some(&Packaging::Image) {
        sign(function.packaging.origin.site(), "packaged as an image".to_string(), true);
    }
    signs
}

fn remedy(platform: Platform) -> &'static str {
    match platform {
        Platform::AwsLambda => {
            "run it as a job: an ECS task on Fargate that EventBridge starts, AWS Batch, or a Step Functions map \
             over smaller pieces; a durable function where it waits rather than computes"
        }
        _ => "run it as a Cloud Run job (up to 168 h a task) that Cloud Scheduler starts",
    }
}

//! `persistent-connection-on-function`: Work that needs a connection which stays open runs on a function that cannot keep one.

use crate::lint::{Category, Context, FixAvailability, Level, Lint, seconds};
use crate::model::{Gateway, Platform, Trigger, TriggerKind, Workload};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "persistent-connection-on-function",
    category: Category::LongRunning,
    level: Level::Advice,
    summary: "Work that needs a connection which stays open runs on a function that cannot keep one.",
    since: "0.1.0",
    fix: FixAvailability::None,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A function that starts at least this often, in seconds, is nearly always connected or connecting.
const OFTEN: u64 = 300;

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for workload in architecture.workloads().filter(|workload| workload.platform == Platform::AwsLambda) {
        let triggers: Vec<&Trigger> =
            architecture.triggers_of(workload).filter(|trigger| trigger.is_surely_on()).collect();
        // One finding for all paths: what is wrong is the kind of target.
        if let Some((trigger, path)) = triggers.iter().find_map(|trigger| Some((*trigger, web_socket_path(trigger)?))) {
            behind_load_balancer(cx, workload, trigger, path);
        }
        if let Some((trigger, period)) = triggers.iter().find_map(|trigger| Some((*trigger, often(trigger)?))) {
            reads_on_schedule(cx, workload, trigger, period);
        }
    }
}

/// The path of a load balancer that is plainly one for WebSockets.
fn web_socket_path(trigger: &Trigger) -> Option<&str> {
    let TriggerKind::Http(http) = &trigger.kind else { return None };
    let path = http.path.set().filter(|_| http.gateway == Gateway::LoadBalancer)?;
    let is_one = |part: &str| {
        let part = part.trim_matches('*').to_ascii_lowercase();
        matches!(&*part, "ws" | "wss" | "websocket" | "websockets" | "socket.io" | "sockjs")
    };
    path.split('/').any(is_one).then_some(&**path)
}

fn behind_load_balancer(cx: &mut Context, workload: &Workload, trigger: &Trigger, path: &str) {
    let name = workload.label();
    let message = format!("`{name}` takes `{path}` from a load balancer, which has no WebSockets for functions");
    let finding = cx.report(workload, trigger.span, format!("leads to the function for `{path}`"), message);
    finding.label(workload.span(), format!("`{}` is a function", workload.label()));
    finding.why("an Application Load Balancer turns a request with its answer into one invocation of a function; a request to upgrade to a WebSocket is rejected with status 400");
    finding.help("use a WebSocket API of API Gateway, which keeps the connections itself and calls the function for each message, or a container behind the load balancer");
    finding.level(Level::Warning);
}

/// How often a schedule fires that fires often.
fn often(trigger: &Trigger) -> Option<u64> {
    let TriggerKind::Schedule(schedule) = &trigger.kind else { return None };
    schedule.schedule.known()?.shortest_period().filter(|period| *period <= OFTEN)
}

fn reads_on_schedule(cx: &mut Context, workload: &Workload, trigger: &Trigger, period: u64) {
    let architecture = cx.architecture;
    let is_address = |name: &str| {
        let name = name.to_ascii_uppercase();
        name.contains("BOOTSTRAP_SERVERS") || name.contains("KAFKA_BROKER") || name.contains("KAFKA_BOOTSTRAP")
    };
    let Some(variable) = workload.variable(is_address) else { return };
    if architecture.schedules_only(workload).is_none() {
        return;
    }
    let message = format!("`{}` connects to Kafka anew every {}", workload.label(), seconds(period));
    let finding = cx.report(workload, trigger.span, format!("starts every {}", seconds(period)), message);
    finding.label(variable.span, "tells it where the brokers are");
    finding.why("a consumer joins its group, is given its partitions and commits its offsets over a connection that stays; a function that comes and goes makes the group rebalance each time, and reads nothing in between");
    finding.help("where it reads, let Lambda do so (an event source mapping for MSK or self-managed Kafka keeps the connection), or run the consumer in a container; where it only writes, nothing needs to change");
}

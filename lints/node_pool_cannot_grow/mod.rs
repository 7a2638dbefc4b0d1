//! `node-pool-cannot-grow`: an autoscaler may ask for more than the cluster has, and nothing adds nodes to it.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{Architecture, Cluster, NodePool, Scaler, Workload};
use crate::value::plain_number;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "node-pool-cannot-grow",
    category: Category::Orchestration,
    level: Level::Warning,
    summary: "An autoscaler may ask for more than the cluster has, and nothing adds nodes to it.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A workload that may become too large.
struct Demand<'a> {
    workload: &'a Workload,
    scaler: &'a Scaler,
    /// Pods at most, and the CPU that all of them request, in thousandths.
    pods: u64,
    cpu: u64,
}

impl Demand<'_> {
    /// How many nodes its pods take.
    fn nodes(&self, pool: &NodePool) -> Option<u64> {
        let of_pod = self.cpu.checked_div(self.pods)?;
        let of_node = pool.cpus()?.checked_mul(1000 - SYSTEM_SHARE)?;
        let on_a_node = of_node.checked_div(of_pod).filter(|pods| *pods > 0)?;
        Some(self.pods.div_ceil(on_a_node))
    }
}

/// What the system takes of a node, in thousandths of its CPU, where a number of nodes is to be proposed: the kubelet and
/// the agents on every node. Providers keep back less on large nodes and more on small ones.
const SYSTEM_SHARE: u64 = 100;

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let Some((cluster, pools)) = architecture.only_cluster() else { return };
    if cluster.keeps_nodes.known() != Some(&false) || cluster.makes_nodes || architecture.makes_nodes {
        return;
    }
    let Some(capacity) = capacity(&pools) else { return };
    let demands: Vec<Demand> = architecture.workloads().filter_map(|workload| demand(architecture, workload)).collect();
    let large: Vec<&Demand> = demands.iter().filter(|demand| demand.cpu > capacity).collect();
    report(cx, cluster, &pools, capacity, &large);
}

/// The CPU of all nodes together, in thousandths, if no pool can grow.
fn capacity(pools: &[&NodePool]) -> Option<u64> {
    let of_pool = |pool: &&NodePool| {
        let is_fixed = pool.autoscales.known() == Some(&false);
        pool.most.set()?.checked_mul(pool.cpus()?)?.checked_mul(1000).filter(|_| is_fixed)
    };
    let all = pools.iter().map(of_pool).sum::<Option<u64>>()?;
    (!pools.is_empty()).then_some(all)
}

/// What a workload requests at its largest.
fn demand<'a>(architecture: &'a Architecture, workload: &'a Workload) -> Option<Demand<'a>> {
    workload.pod.as_ref()?;
    let scaler = architecture.scaler_of(workload)?;
    let (_, pods) = scaler.bounds().filter(|(min, max)| min < max)?;
    let requests = workload.main_containers().map(|container| container.cpu_request.set().copied());
    let of_pod = requests.sum::<Option<u64>>()?;
    Some(Demand { workload, scaler, pods, cpu: pods.checked_mul(of_pod)? })
}

fn report(cx: &mut Context, cluster: &Cluster, pools: &[&NodePool], capacity: u64, large: &[&Demand]) {
    let (Some(first), Some(pool)) = (large.first(), pools.first()) else { return };
    let cpus = |thousandths: u64| plain_number(thousandths as f64 / 1000.0);
    let name = &cluster.identity.label;
    let message = format!(
        "cluster `{name}` has {} vCPU and cannot get more, but `{}` may ask for {}",
        cpus(capacity),
        first.workload.label(),
        cpus(first.cpu)
    );
    let nodes = |pool: &NodePool| match pool.most.set() {
        Some(1) => "1 node".to_string(),
        Some(nodes) => format!("{nodes} nodes"),
        None => "nodes".to_string(),
    };
    let label = |pool: &NodePool| {
        let machine = pool.machine.set().map(|machine| format!(" of type {machine}")).unwrap_or_default();
        format!("{}{machine}, and never more", nodes(pool))
    };
    let place = |pool: &NodePool| pool.most.origin.written_at().unwrap_or(pool.identity.span);
    let finding = cx.report_on(&cluster.identity, "cluster", cluster.kind.id(), place(pool), label(pool), message);
    for pool in pools.iter().skip(1) {
        finding.label(place(pool), label(pool));
    }
    for demand in large {
        let Demand { workload, scaler, pods, cpu } = demand;
        let text = format!("up to {pods} pods of `{}`, which request {} vCPU in all", workload.label(), cpus(*cpu));
        finding.label(scaler.max.origin.written_at().unwrap_or(scaler.identity.span), text);
        for container in workload.main_containers() {
            finding.label(container.cpu_request.origin.written_at(), "requested by each pod");
        }
    }
    if let Some(fix) = growing(pools, large) {
        finding.about(&pool.identity).propose(fix);
    }
    finding
        .why(format!(
            "pods beyond the {} vCPU of the nodes stay `Pending`: the autoscaler counts them as started and users get nothing of them, at peak of all times",
            cpus(capacity)
        ))
        .help("let the pool grow (a maximum above the minimum, with the provider's autoscaler on), or lower the maximum of the workload to what fits");
}

/// Lets the only pool grow until the largest demand fits. Of several pools it cannot be told which the pods may use.
fn growing(pools: &[&NodePool], large: &[&Demand]) -> Option<Proposal> {
    let [pool] = pools else { return None };
    let growth = pool.growth.as_ref()?;
    let nodes = large.iter().map(|demand| demand.nodes(pool)).collect::<Option<Vec<u64>>>()?.into_iter().max()?;
    let in_zone = nodes.div_ceil(growth.zones);
    let zones = match growth.zones {
        1 => String::new(),
        zones => format!(" in each of {zones} zones"),
    };
    let title = format!("let the pool `{}` grow to {in_zone} nodes{zones}", pool.identity.label);
    let mut fix = Proposal::risky(title);
    if let Some(switch) = &growth.switch {
        fix = fix.set(switch, New::Boolean(true));
    }
    // The bounds take the place of the fixed number, which is the lower one from now on.
    if let Some(fixed) = &growth.fixed {
        let least = pool.most.set()?.checked_div(growth.zones)?;
        fix = fix.set(&growth.least, New::Number(least));
        if fixed.is_explicit() {
            fix = fix.remove(fixed);
        }
    }
    Some(fix.set(&growth.most, New::Number(in_zone)))
}

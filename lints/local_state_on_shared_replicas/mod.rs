//! `local-state-on-shared-replicas`: pods that run side by side share a volume that only one node may mount.

use crate::fix::{New, Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{Architecture, Claim, Link, PodSettings, Strategy, Workload, WorkloadKind};
use crate::source::Span;
use std::sync::Arc;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "local-state-on-shared-replicas",
    category: Category::State,
    level: Level::Warning,
    summary: "Pods that run side by side share a volume that only one node may mount.",
    since: "0.1.0",
    fix: FixAvailability::EditAndSketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// Pods that may meet at one claim.
struct Case<'a> {
    workload: &'a Workload,
    pod: &'a PodSettings,
    /// Where the claim is named.
    named: Span,
    claim: &'a Claim,
    /// How many pods at once; 1: only during a rolling update.
    pods: u64,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let services = architecture.pods().filter(|(workload, _)| workload.kind == WorkloadKind::Service);
    let cases = services.flat_map(|(workload, pod)| {
        workload.claims().filter_map(move |(claim, named)| case(architecture, workload, pod, claim, named))
    });
    let place = |case: &Case| match case.pods {
        2.. => case.workload.replicas.origin.written_at().unwrap_or(case.workload.span()),
        _ => case.named,
    };
    for (place, cases) in by_place(cases.map(|case| (place(&case), case))) {
        if let Some(case) = cases.first() {
            report(cx, place, case);
        }
    }
}

fn case<'a>(
    architecture: &'a Architecture,
    workload: &'a Workload,
    pod: &'a PodSettings,
    claim: &'a Link<Claim>,
    named: Span,
) -> Option<Case<'a>> {
    let claim = architecture.claim(claim)?;
    let modes = claim.access_modes.known()?;
    let single = !modes.is_empty() && modes.iter().all(|mode| matches!(&**mode, "ReadWriteOnce" | "ReadWriteOncePod"));
    // On one node pods may share a volume, unless only one pod at all may have it.
    let one_pod = modes.iter().any(|mode| &**mode == "ReadWriteOncePod");
    if !single || is_shared(claim) || !one_pod && (pod.is_on_one_node || is_local(claim)) {
        return None;
    }
    let replicas = workload.replicas.known()?.unwrap_or(1);
    let most = match architecture.scaler_of(workload) {
        Some(scaler) => scaler.max.known()?.unwrap_or(1),
        None => 0,
    };
    let pods = replicas.max(most);
    let surges = matches!(pod.strategy.known()?, Strategy::RollingUpdate { surge: true });
    (pods > 1 || pods == 1 && surges).then_some(Case { workload, pod, named, claim, pods })
}

/// Network file systems are mounted by many nodes at once, whatever the claim says.
fn is_shared(claim: &Claim) -> bool {
    let names = ["efs", "nfs", "azurefile", "azure-file", "file.csi.azure", "filestore", "cephfs", "glusterfs", "fsx"];
    is_made_by(claim, &names).unwrap_or(true)
}

/// A volume on the disk of a node ties all pods that use it to that node.
fn is_local(claim: &Claim) -> bool {
    let names = ["local-path", "hostpath", "local-storage", "openebs-device", "openebs.io/local", "no-provisioner"];
    is_made_by(claim, &names).unwrap_or(true)
}

/// Whether the class of a claim, or what makes its volumes, goes by one of some names; `None` where that is not known.
fn is_made_by(claim: &Claim, names: &[&str]) -> Option<bool> {
    let (class, provisioner) = (claim.storage_class.known(), claim.provisioner.known()?);
    // Of a class that is named by reference the provisioner says enough.
    if class.is_none() && provisioner.is_none() {
        return None;
    }
    let known = [class.cloned().flatten(), provisioner.clone()];
    let has = |text: &Arc<str>| names.iter().any(|name| text.to_ascii_lowercase().contains(name));
    Some(known.iter().flatten().any(has))
}

/// The old pod ends, and gives its volume back, before the new one starts. What only a rolling update has must go.
fn recreating(pod: &PodSettings) -> Proposal {
    let title = "end the old pod before the new one starts (`Recreate`), with a pause at each update";
    let fix = Proposal::risky(title).set(&pod.strategy, New::text("Recreate"));
    if pod.rolling_update.known() == Some(&true) { fix.remove(&pod.rolling_update) } else { fix }
}

fn report(cx: &mut Context, place: Span, case: &Case) {
    let Case { workload, pod, named, claim, pods } = case;
    let mode =
        claim.access_modes.known().and_then(|modes| modes.first().cloned()).unwrap_or_else(|| "ReadWriteOnce".into());
    // On one node two pods may share the volume; that they cannot must be known to call it an error.
    let one_pod = &*mode == "ReadWriteOncePod";
    let apart = one_pod || pod.spread.is_some();
    let together = *pods > 1;
    let name = workload.label();
    let message = if together {
        format!("up to {pods} pods of `{name}` share the claim `{}`, which is {mode}", claim.identity.label)
    } else {
        format!("a rolling update of `{name}` needs its {mode} claim `{}` for two pods at once", claim.identity.label)
    };
    let label = if together {
        format!("up to {pods} pods")
    } else {
        "the new pod mounts it while the old one still does".to_string()
    };
    let finding = cx.report(workload, place, label, message).level(if apart { Level::Error } else { Level::Warning });
    if together {
        finding.label(*named, format!("every pod of `{name}` mounts `{}`", claim.identity.label));
    }
    finding.label(
        claim.access_modes.origin.written_at(),
        format!("{mode}: one {} at a time", if one_pod { "pod" } else { "node" }),
    );
    if !together {
        let text = if pod.strategy.is_explicit() {
            "starts the new pod before the old one ends"
        } else {
            "strategy not set: a rolling update starts the new pod before the old one ends"
        };
        finding.label(pod.strategy.origin.site(), text);
    }
    if let Some(spread) = &pod.spread {
        finding.label(spread.span, "the pods must be on different nodes");
    }
    finding.why(match (one_pod, together) {
        (true, true) => "a second pod is not scheduled as long as the first one has the volume: it is pending for ever",
        (true, false) => {
            "the new pod is not scheduled as long as the old one has the volume, and the old pod is not stopped before the new one is ready: the update hangs"
        }
        (false, true) => {
            "a pod that lands on another node than the first waits for the volume for ever (Multi-Attach error); pods on one node write to the same files"
        }
        (false, false) => {
            "when the new pod lands on another node it waits for the volume, and the old pod is not stopped before the new one is ready: the update hangs"
        }
    });
    finding.help(if together {
        "give each pod its own claim with a StatefulSet, or use a ReadWriteMany volume, or keep the state in a database or an object store"
    } else {
        "set `strategy: {type: Recreate}`, or use a StatefulSet"
    });
    if !together {
        finding.propose(recreating(pod));
    }
    finding.propose(Proposal::sketch(
        "make it a StatefulSet with a volume for each pod",
        Sketch::StatefulSet(workload.id),
    ));
}

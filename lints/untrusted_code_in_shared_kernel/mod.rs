//! `untrusted-code-in-shared-kernel`: a container that runs code of others can reach the machine under it.

use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::isolation::{Opening, OpeningKind, Untrusted};
use crate::model::{Platform, Workload};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "untrusted-code-in-shared-kernel",
    category: Category::Isolation,
    level: Level::Warning,
    summary: "A container that runs code of others can reach the machine under it.",
    since: "0.1.0",
    fix: FixAvailability::None,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let cases = cx.architecture.workloads().filter_map(|workload| {
        let untrusted = workload.untrusted().filter(|_| workload.shares_kernel())?;
        let openings = workload.openings_to_untrusted();
        Some((openings.first()?.span, (workload, untrusted, openings)))
    });
    for (_, cases) in by_place(cases.collect::<Vec<_>>()) {
        if let Some((workload, untrusted, openings)) = cases.first() {
            report(cx, workload, untrusted, openings);
        }
    }
}

fn report(cx: &mut Context, workload: &Workload, untrusted: &Untrusted, openings: &[Opening]) {
    let Some((worst, others)) = openings.split_first() else { return };
    let name = workload.label();
    let how = match &worst.kind {
        OpeningKind::Privileged => "in a privileged container".to_string(),
        OpeningKind::ContainerSocket => "with the socket of its machine's container runtime".to_string(),
        OpeningKind::Capability(capability) => format!("with the capability {capability}"),
        OpeningKind::HostProcesses => "among the processes of its machine".to_string(),
        OpeningKind::HostNetwork => "in the network of its machine".to_string(),
    };
    let message = format!("`{name}` runs code of others {how}");
    let finding = cx.report(workload, worst.span, worst.kind.reach(), message);
    for opening in others {
        finding.label(opening.span, opening.kind.reach());
    }
    match untrusted {
        Untrusted::Declared(span) => finding.label(*span, "declared as running code of others"),
        Untrusted::Runner(container, span) => {
            finding.label(*span, format!("`{container}` is made to run what others send"))
        }
    };
    let class = &workload.isolation.runtime_class;
    finding.label(class.origin.site().filter(|_| class.is_explicit()), "this runtime shares the kernel as ever");
    finding.why(match worst.kind {
        OpeningKind::HostNetwork => {
            "the code reaches what listens on the machine for the machine alone: the agent of the node, the metadata service and its credentials, other containers' local ports"
        }
        OpeningKind::HostProcesses => {
            "containers share the kernel of their machine: the code sees the processes of every other container there, with their arguments and, as root, their memory and environment"
        }
        _ => {
            "containers share the kernel of their machine, and with this setting nothing else is between them: a job can become root on the machine and read the secrets of everything that runs there"
        }
    });
    finding.help(match workload.platform {
        Platform::AwsEcs => {
            "run the jobs on Fargate, where each task has a kernel of its own, or build images without a daemon and drop the setting"
        }
        _ => {
            "set `runtimeClassName` to a sandbox (Kata Containers, gVisor), or give the jobs virtual machines or nodes of their own, or build images without a daemon and drop the setting"
        }
    });
}

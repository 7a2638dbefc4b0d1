//! What pod templates say about the machine: privileges, namespaces of the node, other runtimes, nodes of their own.

use crate::frontends::containers::{capabilities, opening};
use crate::model::isolation::{Isolation, OpeningKind};
use crate::source::Span;
use crate::value::View;

/// How the pods of a template are kept apart from their nodes.
pub(super) fn isolation(spec: View<'_>, block: Span) -> Isolation {
    let mut openings = Vec::new();
    for container in spec.get("containers").items() {
        let security = container.get("securityContext");
        let name = container.get("name");
        openings.extend(opening(security.get("privileged"), OpeningKind::Privileged, Some(name)));
        openings.extend(capabilities(security.at(&["capabilities", "add"]), name));
    }
    // Terraform spells the first one as it spells everything else.
    openings.extend(opening(spec.first(&["hostPID", "hostPid"]), OpeningKind::HostProcesses, None));
    openings.extend(opening(spec.get("hostNetwork"), OpeningKind::HostNetwork, None));
    let chosen = spec.get("nodeSelector").is_present()
        || spec.at(&["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]).is_present();
    let has_own_users =
        spec.get("hostUsers").boolean().known() != Some(&None) && !spec.get("hostUsers").is_text("true");
    Isolation {
        openings,
        runtime_class: spec.get("runtimeClassName").within(block).text(),
        is_set_apart: chosen && spec.get("tolerations").is_present() || has_own_users,
    }
}

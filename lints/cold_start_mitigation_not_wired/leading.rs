//! Leads everything that calls a function and waits to the version that it publishes, and lets it call that.

use crate::fix::{Change, New};
use crate::model::{Architecture, Gateway, Link, Trigger, TriggerKind, Workload};
use crate::value::Origin;

/// The changes of all who wait for a function and of their permissions; `None` where one of them cannot be led there:
/// without its permission a call is refused.
pub(super) fn to_version(architecture: &Architecture, workload: &Workload) -> Option<Vec<Change>> {
    let unqualified = || architecture.triggers_of(workload).filter(|trigger| !trigger.target.qualified);
    let mut senders: Vec<&str> = Vec::new();
    let mut changes = Vec::new();
    for trigger in unqualified().filter(|trigger| is_request(trigger)) {
        let sender = sender(trigger)?;
        if !senders.contains(&sender) {
            senders.push(sender);
        }
        changes.push(change(&trigger.target.written.origin, &trigger.target)?);
    }
    let mut permitted: Vec<&str> = Vec::new();
    for trigger in unqualified() {
        let Some(permission) = &trigger.permission else { continue };
        let principal = permission.principal.as_deref();
        let Some(sender) = senders.iter().find(|sender| Some(**sender) == principal) else { continue };
        permitted.push(sender);
        if permission.qualifier.is_absent() {
            changes.push(change(&permission.qualifier.origin, &trigger.target)?);
        }
    }
    let are_permitted = senders.iter().all(|sender| permitted.contains(sender));
    (!changes.is_empty() && are_permitted).then_some(changes)
}

fn change(origin: &Origin, target: &Link<Workload>) -> Option<Change> {
    let value = New::Raw(target.versioned.as_ref()?.to_string());
    Some(Change::Set { origin: origin.clone(), value })
}

/// Whether it is a request, be it that its sender waits or not: one permission is for all of a sender.
fn is_request(trigger: &Trigger) -> bool {
    matches!(trigger.kind, TriggerKind::Http(_)) || trigger.is_synchronous()
}

/// Who calls by a permission of its own, as the permission names it.
fn sender(trigger: &Trigger) -> Option<&'static str> {
    match &trigger.kind {
        TriggerKind::Http(http) => match http.gateway {
            Gateway::RestApi | Gateway::HttpApi | Gateway::WebSocketApi | Gateway::Authorizer => {
                Some("apigateway.amazonaws.com")
            }
            Gateway::LoadBalancer => Some("elasticloadbalancing.amazonaws.com"),
            _ => None,
        },
        TriggerKind::UserPool(_) => Some("cognito-idp.amazonaws.com"),
        _ => None,
    }
}

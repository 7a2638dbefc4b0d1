//! Capacity that is kept ready before anybody asks for it, and who would wait without it.

use super::{Architecture, EventKind, Platform, Trigger, TriggerKind, Workload};
use crate::value::{Data, Sourced};

/// Instances that are kept ready and paid for around the clock.
#[derive(Debug, Clone, Copy)]
pub struct WarmCapacity<'a> {
    /// How many, at least one.
    pub instances: u64,
    /// What the platform calls it.
    pub name: &'static str,
    /// The setting.
    pub value: &'a Sourced<Option<u64>>,
}

impl Trigger {
    /// Known to be one on which nobody waits for the answer.
    pub fn is_background(&self) -> bool {
        match &self.kind {
            TriggerKind::Schedule(_) | TriggerKind::Queue(_) | TriggerKind::Stream(_) => true,
            TriggerKind::Event(kind) => !matches!(kind, EventKind::Unseen | EventKind::Gateway | EventKind::UserPool),
            TriggerKind::Http(http) => http.is_asynchronous.known() == Some(&true),
            _ => false,
        }
    }
}

impl Architecture {
    /// The instances of a function, or of a container that is started by requests, that are kept ready.
    pub fn warm_capacity<'a>(&'a self, workload: &'a Workload) -> Option<WarmCapacity<'a>> {
        let name = match workload.platform {
            Platform::AwsLambda => "provisioned concurrency",
            Platform::AzureFunctions => "always ready instances",
            _ => "minimum of instances",
        };
        // Of unpublished code none are kept: the deployment fails.
        if self.kept_unpublished(workload).is_some() {
            return None;
        }
        if let Some(value) = self.kept_initialised(workload).first() {
            return Some(WarmCapacity { instances: self.instances_kept(workload), name, value });
        }
        let value = &workload.min_instances;
        let instances = *value.set().filter(|instances| **instances > 0)?;
        Some(WarmCapacity { instances, name, value })
    }

    /// What sets a workload off, if nobody waits for any of it, and nothing speaks for a caller that does not show.
    pub fn background_triggers<'a>(&'a self, workload: &'a Workload) -> Option<Vec<&'a Trigger>> {
        let triggers: Vec<&Trigger> = self.triggers_of(workload).collect();
        let is_custom_resource = workload.function.as_ref().is_some_and(|function| function.is_custom_resource);
        let may_have_others = workload.is_handed_on
            || is_custom_resource
            || workload.declared.latency.as_ref().is_some_and(|latency| &*latency.value == "user-facing")
            || self.triggers().any(|one| one.unit == workload.identity.unit && leads_nowhere(one))
            || self.workloads().any(|other| other.id != workload.id && names(other, workload));
        let all = triggers.iter().all(|trigger| trigger.is_background());
        (triggers.iter().any(|trigger| trigger.is_surely_on()) && all && !may_have_others).then_some(triggers)
    }
}

/// Whether something may wait for whatever a trigger leads to, and it cannot be told what that is.
fn leads_nowhere(trigger: &Trigger) -> bool {
    let is_elsewhere = matches!(trigger.target.written.known(), Some(Data::Text(_)));
    trigger.target.target.is_none() && !trigger.is_background() && !is_elsewhere
}

/// Whether the environment of a workload names another one, which it then calls by itself.
fn names(caller: &Workload, called: &Workload) -> bool {
    let is_near = caller.identity.unit == called.identity.unit;
    caller.environment.iter().any(|variable| match variable.value.known() {
        Some(Data::Text(text)) => called.identity.name.set().is_some_and(|name| text == name),
        Some(data) => is_near && data.references().iter().any(|one| one.address == called.identity.address),
        None => false,
    })
}

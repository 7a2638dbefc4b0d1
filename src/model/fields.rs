//! Every value of the model that a lint may judge, with its owner: for [`Architecture::unresolved`], and for the fixes,
//! which have to know who else has what they change.

use super::{
    Alias, Architecture, BackingService, Claim, Cluster, DisruptionBudget, Identity, Integration, NodePool, Queue,
    Scaler, ScalerKind, StateMachine, Trigger, TriggerKind, Workload,
};
use crate::source::Span;
use crate::value::{Origin, Sourced, Unknown};

impl Architecture {
    /// Every value that a lint may judge.
    pub(crate) fn fields<'a>(&'a self, visit: &mut dyn FnMut(Field<'a>)) {
        for workload in &self.workloads {
            of_workload(&mut Owner::of(workload, visit), workload, !self.edge_events_of(workload).is_empty());
        }
        for trigger in self.triggers().filter(|trigger| trigger.target.target.is_none()) {
            let mut owner = Owner { name: trigger.name(), span: trigger.span, identity: None, visit };
            owner.add("the target", &trigger.target.written);
        }
        for workload in &self.workloads {
            for trigger in self.triggers_of(workload) {
                let mut owner = Owner { span: trigger.span, ..Owner::of(workload, visit) };
                of_trigger(&mut owner, trigger);
            }
        }
        for integration in self.integrations.iter().filter(|integration| !integration.timeout.is_absent()) {
            let Integration { identity, timeout, endpoint, is_streaming, target, .. } = integration;
            let mut owner = Owner::named(identity, visit);
            owner.add("the endpoint type", endpoint);
            // Of routes to a workload the trigger says the rest.
            if target.target.is_none() {
                owner.add("the time limit of a route", timeout);
                owner.add("whether its answer is streamed", is_streaming);
            }
        }
        for Queue { identity, visibility, is_fifo, redrive } in &self.queues {
            let mut owner = Owner::named(identity, visit);
            owner.add("the visibility timeout", visibility);
            owner.add("whether it is first in, first out", is_fifo);
            if let Some(redrive) = redrive {
                owner.add("the number of receives", &redrive.maximum_receives);
            }
        }
        for scaler in &self.scalers {
            of_scaler(visit, scaler);
        }
        for Cluster { identity, keeps_nodes, channel, version, .. } in &self.clusters {
            let mut owner = Owner::named(identity, visit);
            owner.add("who keeps the nodes", keeps_nodes);
            owner.add("the release channel", channel);
            owner.add("the version of Kubernetes", version);
        }
        for NodePool { identity, autoscales, most, repairs, upgrades, .. } in &self.node_pools {
            let mut owner = Owner::named(identity, visit);
            owner.add("whether nodes are added by load", autoscales);
            owner.add("the number of nodes", most);
            owner.add("whether nodes are repaired", repairs);
            owner.add("whether nodes are upgraded", upgrades);
        }
        for StateMachine { identity, kind, timeout, .. } in &self.state_machines {
            let mut owner = Owner::named(identity, visit);
            owner.add("the kind of workflow", kind);
            owner.add("the timeout", timeout);
        }
        for Alias { identity, function, provisioned_concurrency, .. } in &self.aliases {
            // A part of its function, as far as that is known.
            let mut owner = match self.workload(function) {
                Some(function) => Owner { span: identity.span, ..Owner::of(function, visit) },
                None => Owner::named(identity, visit),
            };
            owner.add("the provisioned concurrency", provisioned_concurrency);
        }
        for Claim { identity, access_modes, storage_class, .. } in &self.claims {
            let mut owner = Owner::named(identity, visit);
            owner.add("the access modes", access_modes);
            owner.add("the storage class", storage_class);
        }
        for BackingService { identity, database, .. } in &self.backing {
            let mut owner = Owner::named(identity, visit);
            if let Some(database) = database {
                owner.add("the class", &database.class);
            }
        }
        for DisruptionBudget { identity, min_available, max_unavailable, .. } in &self.budgets {
            let mut owner = Owner::named(identity, visit);
            owner.add("the least pods of a disruption budget", min_available);
            owner.add("the most pods of a disruption budget", max_unavailable);
        }
    }
}

/// A value that a lint may judge.
#[derive(Debug, Clone)]
pub(crate) struct Field<'a> {
    /// What it is: "the timeout".
    pub name: &'static str,
    /// What has it: a name in backticks, or "the schedule".
    pub owner: &'a str,
    /// Where the name of its owner stands.
    pub owner_span: Span,
    /// Who its owner is, where that has an identity.
    pub identity: Option<&'a Identity>,
    /// How it came to be.
    pub origin: &'a Origin,
    /// Why it is not known, if it is not.
    pub why_unknown: Option<&'a Unknown>,
}

/// Whose values are looked at.
struct Owner<'a, 'o> {
    name: &'a str,
    span: Span,
    identity: Option<&'a Identity>,
    visit: &'o mut dyn FnMut(Field<'a>),
}

impl<'a, 'o> Owner<'a, 'o> {
    fn of(workload: &'a Workload, visit: &'o mut dyn FnMut(Field<'a>)) -> Self {
        Self { name: workload.label(), span: workload.span(), identity: Some(&workload.identity), visit }
    }

    fn named(identity: &'a Identity, visit: &'o mut dyn FnMut(Field<'a>)) -> Self {
        Self { name: &identity.label, span: identity.span, identity: Some(identity), visit }
    }

    fn add<T>(&mut self, name: &'static str, value: &'a Sourced<T>) {
        (self.visit)(Field {
            name,
            owner: self.name,
            owner_span: self.span,
            identity: self.identity,
            origin: &value.origin,
            why_unknown: value.why_unknown(),
        });
    }
}

fn of_scaler<'a>(visit: &mut dyn FnMut(Field<'a>), scaler: &'a Scaler) {
    let Scaler { identity, kind, min, max, idle, polling, cooldown, .. } = scaler;
    let mut owner = Owner::named(identity, visit);
    // These bounds are the workload's own.
    if !matches!(kind, ScalerKind::Knative | ScalerKind::CloudRun | ScalerKind::ContainerApps) {
        owner.add("the minimum of instances", min);
        owner.add("the maximum of instances", max);
    }
    owner.add("the number of idle instances", idle);
    owner.add("the polling interval", polling);
    owner.add("the cooldown", cooldown);
}

fn of_workload<'a>(owner: &mut Owner<'a, '_>, workload: &'a Workload, is_at_edge: bool) {
    owner.add("the timeout", &workload.timeout);
    owner.add("the memory", &workload.memory);
    owner.add("the CPU", &workload.cpu);
    owner.add("the processor", &workload.processor);
    owner.add("the launch type", &workload.launch_type);
    owner.add("how its CPU is billed", &workload.cpu_idle);
    owner.add("the number of replicas", &workload.replicas);
    if let Some(ignorable) = &workload.replicas_ignorable {
        owner.add("what is left as it is", &ignorable.list);
    }
    owner.add("the minimum of instances", &workload.min_instances);
    owner.add("the maximum of instances", &workload.max_instances);
    if let Some(function) = &workload.function {
        owner.add("the runtime", &function.runtime);
        owner.add("the packaging", &function.packaging);
        owner.add("the size of /tmp", &function.disk);
        owner.add("the reserved concurrency", &function.reserved_concurrency);
        owner.add("the provisioned concurrency", &function.provisioned_concurrency);
        owner.add("SnapStart", &function.snap_start);
        owner.add("what keeps it warm", &function.kept_warm);
        owner.add("where failed events go", &function.asynchronous.keeps_failures);
    }
    if let Some(function) = workload.function.as_ref().filter(|_| is_at_edge) {
        owner.add("whether it is in a VPC", &function.in_vpc);
        owner.add("the dead-letter queue", &function.dead_letter);
        owner.add("whether it is traced", &function.tracing);
        owner.add("the processor", &workload.processor);
        owner.add("the region", &function.region);
    }
    owner.add("the CPU allocation", &workload.cpu_idle);
    if let Some(policy) = &workload.concurrency_policy {
        owner.add("the concurrency policy", policy);
    }
    owner.add("the runtime class", &workload.isolation.runtime_class);
    if let Some(pod) = &workload.pod {
        owner.add("the update strategy", &pod.strategy);
    }
    for container in &workload.containers {
        owner.add("a CPU request", &container.cpu_request);
        owner.add("a memory request", &container.memory_request);
        owner.add("an image", &container.image);
        for mount in &container.mounts {
            owner.add("where a volume is mounted", &mount.path);
        }
        owner.add("the time in which a container has to end", &container.grace);
        owner.add("the sleep before a container ends", &container.pre_stop);
        owner.add("a startup probe", &container.probes.startup);
        owner.add("a readiness probe", &container.probes.readiness);
        owner.add("a liveness probe", &container.probes.liveness);
    }
}

fn of_trigger<'a>(owner: &mut Owner<'a, '_>, trigger: &'a Trigger) {
    owner.add("the state of a trigger", &trigger.enabled);
    owner.add("which objects set it off", &trigger.takes_every_new_object);
    owner.add("the queue of a trigger for what it cannot hand over", &trigger.keeps_undelivered);
    if let Some(source) = &trigger.source {
        owner.add("the source of a trigger", &source.written);
    }
    // What fixes lead elsewhere.
    if trigger.target.versioned.is_some() {
        owner.add("what a trigger calls", &trigger.target.written);
        if let Some(permission) = &trigger.permission {
            owner.add("the version that may be called", &permission.qualifier);
        }
    }
    match &trigger.kind {
        TriggerKind::Http(http) => {
            owner.add("the time limit of a route", &http.limit);
            owner.add("the kind of call on a route", &http.is_asynchronous);
            owner.add("the reach of a route", &http.is_public);
            if let Some(is_sticky) = &http.is_sticky {
                owner.add("whether a route keeps clients at one instance", is_sticky);
            }
            owner.add("how long an authorizer's answer is kept", &http.answer_kept);
        }
        TriggerKind::Schedule(schedule) => owner.add("the schedule", &schedule.schedule),
        TriggerKind::Queue(queue) => {
            if queue.queue.target.is_none() {
                owner.add("the queue", &queue.queue.written);
            }
            owner.add("the batch size", &queue.batch_size);
            owner.add("the batching window", &queue.batching_window);
            owner.add("the maximum concurrency", &queue.maximum_concurrency);
            owner.add("the pollers of a queue", &queue.provisioned_pollers);
        }
        TriggerKind::Stream(stream) => {
            owner.add("the number of retries", &stream.maximum_retries);
            owner.add("the age of records", &stream.maximum_age);
        }
        TriggerKind::Push(push) => owner.add("the acknowledgement deadline", &push.ack_deadline),
        _ => {}
    }
}

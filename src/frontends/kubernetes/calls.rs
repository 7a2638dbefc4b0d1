//! CronJobs that do nothing but to call a Service: they are the clock of what runs behind it. Called once a unit is
//! lowered.
//!
//! Whoever knows the name of a Service may call it. A name that stands anywhere else in the scanned set is a caller
//! that cannot be ruled out, and the workload is told so.

use super::detect::is_manifest;
use super::object::Object;
use crate::frontends::Plan;
use crate::frontends::resource::reference_to;
use crate::model::command::request;
use crate::model::{
    Declarations, Gateway, Link, Platform, ScheduleTrigger, Trigger, TriggerKind, Workload, WorkloadKind,
};
use crate::read::Workspace;
use crate::source::{SourceId, Span};
use crate::value::{Data, Sourced, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A CronJob that calls a workload through a Service.
struct Call {
    /// The address of the CronJob.
    from: Arc<str>,
    service: Arc<str>,
    name: Arc<str>,
    /// The address of the workload.
    to: Arc<str>,
    /// How long the CronJob lets a run take.
    limit: Sourced<Option<u64>>,
    span: Span,
}

/// Adds the clocks of workloads.
pub(super) fn tell(workspace: &Workspace, plan: &Plan, objects: &[Object], declarations: &mut Declarations) {
    let services = Services::new(objects, declarations);
    let calls: Vec<Call> = declarations.workloads.iter().filter_map(|job| call(job, &services)).collect();
    if calls.is_empty() {
        return;
    }
    let clocks = clocks(&calls, declarations);
    declarations.triggers.extend(clocks);
    let mentions = Mentions::new(&calls, workspace, plan, objects);
    let mut named: HashMap<&str, Option<Span>> = HashMap::new();
    for one in &calls {
        let first = named.entry(&*one.to).or_default();
        *first = first.or_else(|| mentions.beside(one));
    }
    for workload in &mut declarations.workloads {
        if let Some(place) = named.get(&*workload.identity.address) {
            workload.named_by = workload.named_by.or(*place);
        }
    }
}

/// The Services of a unit by name and namespace, and what they lead to.
struct Services<'o> {
    /// `None`: there are two.
    by_name: HashMap<(Arc<str>, Arc<str>), Option<&'o Object>>,
    /// The workloads that requests go to, by the place of the Service.
    behind: HashMap<Span, Vec<Option<Arc<str>>>>,
}

impl<'o> Services<'o> {
    fn new(objects: &'o [Object], declarations: &Declarations) -> Self {
        let mut by_name = HashMap::new();
        for object in objects.iter().filter(|object| &*object.kind() == "Service") {
            if let (Some(name), Some(namespace)) = (object.name(), object.namespace()) {
                by_name.entry((name, namespace)).and_modify(|one| *one = None).or_insert(Some(object));
            }
        }
        let mut behind: HashMap<Span, Vec<Option<Arc<str>>>> = HashMap::new();
        for trigger in &declarations.triggers {
            let is_direct = matches!(&trigger.kind, TriggerKind::Http(http) if http.gateway == Gateway::ClusterService);
            if is_direct && trigger.is_surely_on() {
                behind.entry(trigger.span).or_default().push(target_of(&trigger.target.written));
            }
        }
        Self { by_name, behind }
    }

    /// The only workload that a Service is known to lead to.
    fn behind(&self, service: &Object) -> Option<Arc<str>> {
        let mut targets = self.behind.get(&service.span)?.iter().flatten();
        targets.next().filter(|_| targets.next().is_none()).cloned()
    }
}

/// What a CronJob calls, if that is all that it does.
fn call(job: &Workload, services: &Services<'_>) -> Option<Call> {
    if job.kind != WorkloadKind::ScheduledJob || job.platform != Platform::Kubernetes {
        return None;
    }
    let [container] = job.containers.as_slice() else { return None };
    let sent = request(&container.command, container.image.set().map(|image| &**image))?;
    let mut parts = sent.host.split('.');
    let name = parts.next()?;
    let namespace = parts.next().or(job.namespace.as_deref())?;
    if !matches!(parts.collect::<Vec<_>>()[..], [] | ["svc"] | ["svc", "cluster", "local"]) {
        return None;
    }
    let service = (*services.by_name.get(&(name.into(), namespace.into()))?)?;
    let to = match &*service.group() {
        "serving.knative.dev" => service.address.clone(),
        _ => services.behind(service)?,
    };
    let (from, limit, span) = (job.identity.address.clone(), job.timeout.clone(), sent.span);
    Some(Call { from, service: service.address.clone(), name: name.into(), to, limit, span })
}

fn target_of(written: &Value) -> Option<Arc<str>> {
    match written.known()? {
        Data::Reference(reference) => Some(reference.address.clone()),
        _ => None,
    }
}

/// The clocks of the CronJobs, for what they call.
fn clocks(calls: &[Call], declarations: &Declarations) -> Vec<Trigger> {
    let mut own: HashMap<Arc<str>, Vec<&Trigger>> = HashMap::new();
    for trigger in &declarations.triggers {
        if let Some(target) = target_of(&trigger.target.written) {
            own.entry(target).or_default().push(trigger);
        }
    }
    let mut clocks = Vec::new();
    for call in calls {
        for clock in own.get(&call.from).into_iter().flatten() {
            let TriggerKind::Schedule(ScheduleTrigger { schedule, .. }) = &clock.kind else { continue };
            let retries = Sourced::absent(call.span);
            let kind = ScheduleTrigger { schedule: schedule.clone(), limit: call.limit.clone(), retries, input: None };
            let target = Link::to(reference_to(call.to.clone(), call.span));
            let kind = TriggerKind::Schedule(kind);
            clocks.push(Trigger::new(clock.unit, clock.span, target, clock.enabled.clone(), kind));
        }
    }
    clocks
}

/// Where the names of the Services that are called stand, as words.
struct Mentions<'a> {
    /// In objects of the unit: the address of the object, and the place.
    in_objects: HashMap<&'a str, Vec<(&'a str, Span)>>,
    /// In anything that is no object of the unit (routes of other controllers, configuration, other units): the first.
    elsewhere: HashMap<&'a str, Span>,
    /// The CronJobs that call a Service, by its address.
    callers: HashMap<&'a str, HashSet<&'a str>>,
}

impl<'a> Mentions<'a> {
    fn new(calls: &'a [Call], workspace: &Workspace, plan: &Plan, objects: &'a [Object]) -> Self {
        let names: HashSet<&str> = calls.iter().map(|call| &*call.name).collect();
        let mut in_objects: HashMap<&str, Vec<(&str, Span)>> = HashMap::new();
        for object in objects {
            each_word(&object.value, &mut |word, place| {
                if let Some(name) = names.get(word) {
                    in_objects.entry(name).or_default().push((&object.address, place.unwrap_or(object.span)));
                }
            });
        }
        let mut own: HashMap<SourceId, HashSet<usize>> = HashMap::new();
        for member in &plan.members {
            own.entry(member.source).or_default().insert(member.document);
        }
        let mut elsewhere = HashMap::new();
        for file in &workspace.files {
            let documents = own.get(&file.source);
            for (at, root) in file.tree.documents().enumerate() {
                let is_own = documents.is_some_and(|documents| documents.contains(&at)) && is_manifest(root);
                for name in words(root.slice()).filter_map(|word| names.get(word)).filter(|_| !is_own) {
                    elsewhere.entry(*name).or_insert(root.span());
                }
            }
        }
        let mut callers: HashMap<&str, HashSet<&str>> = HashMap::new();
        for call in calls {
            callers.entry(&call.service).or_default().insert(&call.from);
        }
        Self { in_objects, elsewhere, callers }
    }

    /// Where the Service of a call is named by anything but itself, what is behind it and the CronJobs that call it.
    fn beside(&self, call: &Call) -> Option<Span> {
        let is_other = |address: &str| {
            address != &*call.service
                && address != &*call.to
                && self.callers.get(&*call.service).is_none_or(|callers| !callers.contains(address))
        };
        let mut found = self.in_objects.get(&*call.name).into_iter().flatten();
        let beside = found.find(|(address, _)| is_other(address)).map(|(_, place)| *place);
        beside.or_else(|| self.elsewhere.get(&*call.name).copied())
    }
}

/// Every word of the texts in a value, and where the text stands. What an object is called, and which pods it selects,
/// says nothing about Services.
fn each_word(value: &Value, tell: &mut impl FnMut(&str, Option<Span>)) {
    match value.known() {
        Some(Data::Text(text)) => words(text).for_each(|word| tell(word, value.origin.site())),
        Some(Data::List(items)) => items.iter().for_each(|item| each_word(item, tell)),
        Some(Data::Object(entries)) => {
            let says_nothing = ["metadata", "selector", "scaleTargetRef", "labels"];
            let entries = entries.iter().filter(|entry| !says_nothing.contains(&&*entry.name));
            entries.for_each(|entry| each_word(&entry.value, tell));
        }
        _ => {}
    }
}

/// The words of a text, which letters, digits, `-` and `_` are part of.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '-' | '_')))
}

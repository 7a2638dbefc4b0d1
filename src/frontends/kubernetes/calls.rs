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
    let calls: Vec<Call> = declarations.workloads.iter().filter_map(|job| call(job, objects, declarations)).collect();
    for one in &calls {
        let clocks: Vec<Trigger> = clocks(one, declarations).collect();
        declarations.triggers.extend(clocks);
    }
    for one in &calls {
        let named = in_objects(one, &calls, objects).or_else(|| elsewhere(one, workspace, plan));
        if let Some(target) = declarations.workloads.iter_mut().find(|workload| workload.identity.address == one.to) {
            target.named_by = target.named_by.or(named);
        }
    }
}

/// What a CronJob calls, if that is all that it does.
fn call(job: &Workload, objects: &[Object], declarations: &Declarations) -> Option<Call> {
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
    let is_meant = |object: &&Object| {
        &*object.kind() == "Service"
            && object.name().as_deref() == Some(name)
            && object.namespace().as_deref() == Some(namespace)
    };
    let mut services = objects.iter().filter(is_meant);
    let service = services.next().filter(|_| services.next().is_none())?;
    let to = match &*service.group() {
        "serving.knative.dev" => service.address.clone(),
        _ => behind(service, declarations)?,
    };
    let (from, limit, span) = (job.identity.address.clone(), job.timeout.clone(), sent.span);
    Some(Call { from, service: service.address.clone(), name: name.into(), to, limit, span })
}

/// The only workload that a Service is known to lead to.
fn behind(service: &Object, declarations: &Declarations) -> Option<Arc<str>> {
    let through = declarations.triggers.iter().filter(|trigger| {
        let is_direct = matches!(&trigger.kind, TriggerKind::Http(http) if http.gateway == Gateway::ClusterService);
        is_direct && trigger.span == service.span && trigger.is_surely_on()
    });
    let mut targets = through.filter_map(|trigger| target_of(&trigger.target.written));
    targets.next().filter(|_| targets.next().is_none())
}

fn target_of(written: &Value) -> Option<Arc<str>> {
    match written.known()? {
        Data::Reference(reference) => Some(reference.address.clone()),
        _ => None,
    }
}

/// The clocks of a CronJob, for what it calls.
fn clocks<'d>(call: &'d Call, declarations: &'d Declarations) -> impl Iterator<Item = Trigger> + 'd {
    let own = declarations.triggers.iter().filter(|one| target_of(&one.target.written).as_ref() == Some(&call.from));
    own.filter_map(|clock| {
        let TriggerKind::Schedule(ScheduleTrigger { schedule, .. }) = &clock.kind else { return None };
        let retries = Sourced::absent(call.span);
        let kind = ScheduleTrigger { schedule: schedule.clone(), limit: call.limit.clone(), retries, input: None };
        let target = Link::to(reference_to(call.to.clone(), call.span));
        Some(Trigger::new(clock.unit, clock.span, target, clock.enabled.clone(), TriggerKind::Schedule(kind)))
    })
}

/// Where another object of the unit names the Service.
fn in_objects(call: &Call, calls: &[Call], objects: &[Object]) -> Option<Span> {
    let mut own: HashSet<&str> = HashSet::from([&*call.service, &*call.to]);
    own.extend(calls.iter().filter(|other| other.service == call.service).map(|other| &*other.from));
    let others = objects.iter().filter(|object| !own.contains(&*object.address));
    others.filter_map(|object| named_in(&object.value, &call.name).map(|place| place.unwrap_or(object.span))).next()
}

/// Whether a text in a value has a name as one of its words, and where. What an object is called, and which pods it
/// selects, says nothing about Services.
fn named_in(value: &Value, name: &str) -> Option<Option<Span>> {
    match value.known()? {
        Data::Text(text) => has_word(text, name).then(|| value.origin.site()),
        Data::List(items) => items.iter().find_map(|item| named_in(item, name)),
        Data::Object(entries) => {
            let says_nothing = ["metadata", "selector", "scaleTargetRef", "labels"];
            let entries = entries.iter().filter(|entry| !says_nothing.contains(&&*entry.name));
            entries.into_iter().find_map(|entry| named_in(&entry.value, name))
        }
        _ => None,
    }
}

/// Where anything that is no object of the unit has the name as one of its words: routes of other controllers,
/// configuration, other units.
fn elsewhere(call: &Call, workspace: &Workspace, plan: &Plan) -> Option<Span> {
    let mut own: HashMap<SourceId, HashSet<usize>> = HashMap::new();
    for member in &plan.members {
        own.entry(member.source).or_default().insert(member.document);
    }
    workspace.files.iter().find_map(|file| {
        let documents = own.get(&file.source);
        let is_own = |at: usize| documents.is_some_and(|documents| documents.contains(&at));
        let others = file.tree.documents().enumerate();
        let mut others = others.filter(|(at, root)| !(is_own(*at) && is_manifest(*root)));
        others.find(|(_, root)| has_word(root.slice(), &call.name)).map(|(_, root)| root.span())
    })
}

/// Whether a text has a word, which letters, digits, `-` and `_` are part of.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

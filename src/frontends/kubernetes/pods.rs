//! Pod templates: containers and what they request, volumes, how pods are replaced.

use super::labels::Labels;
use super::nodes;
use super::object::{Object, Objects};
use super::quantity;
use crate::facts::kubernetes::GRACE_DEFAULT;
use crate::frontends::containers::{listed_variables, mounts};
use crate::frontends::probes;
use crate::model::command::{self, command_line};
use crate::model::{Container, PodSettings, Strategy};
use crate::source::Span;
use crate::value::{How, Origin, Sourced, Unknown, Value, View};
use std::collections::HashMap;
use std::sync::Arc;

/// A pod template, or a pod.
pub(super) struct Template<'o> {
    /// The template: `metadata` and `spec`.
    pub view: View<'o>,
    /// What makes its pods.
    pub object: &'o Object,
}

/// Requests of containers that say nothing themselves, by namespace: what its LimitRange says, and what a ResourceQuota
/// makes them say.
#[derive(Default)]
pub(super) struct Defaults {
    ranges: HashMap<Arc<str>, Resources>,
    quotas: HashMap<Arc<str>, Resources>,
    /// The namespaces that objects of the unit name, in order.
    named: Vec<Arc<str>>,
}

#[derive(Clone)]
struct Resources {
    cpu: Sourced<Option<u64>>,
    memory: Sourced<Option<u64>>,
}

impl Defaults {
    pub(super) fn of(objects: &Objects<'_>) -> Self {
        let mut defaults = Self::default();
        for object in objects.all {
            let Some(namespace) = object.namespace() else { continue };
            let is_rule = matches!(&*object.kind(), "LimitRange" | "ResourceQuota");
            if !is_rule && object.names_namespace() && !defaults.named.contains(&namespace) {
                defaults.named.push(namespace.clone());
            }
            match &*object.kind() {
                "LimitRange" => {
                    if let Some(range) = range(object) {
                        defaults.ranges.entry(namespace).or_insert(range);
                    }
                }
                "ResourceQuota" => {
                    defaults.quotas.entry(namespace).or_insert_with(|| quota(object));
                }
                _ => {}
            }
        }
        defaults
    }

    /// What a container of an object requests that names no amount itself; `of` is the resource.
    fn request(
        &self,
        object: &Object,
        of: fn(&Resources) -> &Sourced<Option<u64>>,
        container: Span,
    ) -> Sourced<Option<u64>> {
        let Some(namespace) = object.namespace() else { return Sourced::absent(container) };
        let found = self.of_namespace(&namespace, of, container);
        // It may be applied to a namespace that others of its unit name.
        let has_any = |other: &Arc<str>| !self.of_namespace(other, of, container).is_absent();
        if found.is_absent() && !object.names_namespace() && self.named.iter().any(has_any) {
            let why = Unknown::NotEvaluated("the namespace that this is applied to".into());
            return Sourced::unknown(why, found.origin);
        }
        found
    }

    fn of_namespace(
        &self,
        namespace: &Arc<str>,
        of: fn(&Resources) -> &Sourced<Option<u64>>,
        container: Span,
    ) -> Sourced<Option<u64>> {
        let found = |map: &HashMap<Arc<str>, Resources>| map.get(namespace).map(|found| of(found).clone());
        match found(&self.ranges).filter(|amount| !amount.is_absent()) {
            Some(amount) => amount.via(How::Inherited("the LimitRange".into()), container),
            None => found(&self.quotas).unwrap_or_else(|| Sourced::absent(container)).map(|_| None),
        }
    }
}

/// What a LimitRange gives containers that say nothing, as the API server fills in the LimitRange itself.
fn range(object: &Object) -> Option<Resources> {
    let limits = object.spec().get("limits").items();
    let limit = limits.into_iter().find(|limit| limit.get("type").is_text("Container"))?;
    let sources = ["defaultRequest", "default", "max", "min"].map(|key| limit.get(key));
    Some(Resources {
        cpu: first_amount(&sources, "cpu", quantity::millicpu),
        memory: first_amount(&sources, "memory", quantity::mebibytes),
    })
}

/// Under a quota pods are refused whose containers request none of the resource: these must get a request from
/// something that is not seen here.
fn quota(object: &Object) -> Resources {
    let hard = object.spec().get("hard");
    let demanded = |resource: &str| {
        let keys = [resource.to_string(), format!("requests.{resource}"), format!("limits.{resource}")];
        match keys.iter().map(|key| hard.find(key)).find(|view| view.is_present()) {
            Some(view) => {
                let what = format!("the {resource} request that the ResourceQuota {} demands", object.label);
                let origin = Origin::new(How::Inherited("the ResourceQuota".into()), view.span());
                Sourced::unknown(Unknown::AtDeployment(what.into()), origin)
            }
            None => Sourced::absent(object.span),
        }
    };
    Resources { cpu: demanded("cpu"), memory: demanded("memory") }
}

/// The first of several maps that has an amount of a resource.
fn first_amount(sources: &[View<'_>], resource: &'static str, parse: fn(&str) -> Option<u64>) -> Sourced<Option<u64>> {
    let mut found = Sourced::absent(sources.first().and_then(|source| source.block()));
    for source in sources {
        found = found.or(|| quantity::read(source.get(resource), parse));
    }
    found
}

impl<'o> Template<'o> {
    pub(super) fn spec(&self) -> View<'o> {
        self.view.get("spec")
    }

    /// Whether it can run as it stands; a patch names the containers that it changes and leaves the image out.
    pub(super) fn is_complete(&self) -> bool {
        let containers = self.spec().get("containers").items();
        self.has_containers() && containers.iter().all(|container| container.get("image").is_present())
    }

    /// Whether it says what runs, if not all of it.
    pub(super) fn has_containers(&self) -> bool {
        !self.spec().get("containers").items().is_empty()
    }

    pub(super) fn labels(&self) -> Labels {
        Labels::of(self.view.at(&["metadata", "labels"]))
    }

    /// Main containers first, as they are written.
    pub(super) fn containers(&self, defaults: &Defaults) -> Vec<Container> {
        let spec = self.spec();
        let of = |key: &'static str, is_init: bool| {
            let items = spec.get(key).items().into_iter();
            items.filter_map(move |item| container(item, spec, is_init, (defaults, self.object))).collect::<Vec<_>>()
        };
        let mut containers = of("containers", false);
        containers.extend(of("initContainers", true));
        containers
    }
}

fn container(
    view: View<'_>,
    spec: View<'_>,
    is_init: bool,
    (defaults, object): (&Defaults, &Object),
) -> Option<Container> {
    let name = view.get("name");
    let span = name.value().and_then(|name| name.origin.written_at()).or_else(|| view.value()?.origin.site())?;
    let view = view.within(span);
    let (pod, resources) = (spec.get("resources"), view.get("resources"));
    let sources = [resources.get("requests"), resources.get("limits"), pod.get("requests"), pod.get("limits")];
    let cpu = first_amount(&sources, "cpu", quantity::millicpu);
    let memory = first_amount(&sources, "memory", quantity::mebibytes);
    let (command, repeats) = command_line(view, &["command", "args"]);
    Some(Container {
        name: name.known_text().unwrap_or_default(),
        span,
        image: view.get("image").text(),
        is_init,
        cpu_request: cpu.or(|| defaults.request(object, |resources| &resources.cpu, span)),
        memory_request: memory.or(|| defaults.request(object, |resources| &resources.memory, span)),
        ports: probes::ports(view.get("ports"), "containerPort", "name"),
        probes: probes::probes(view, &probes::POD),
        grace: spec.get("terminationGracePeriodSeconds").within(object.span).whole().or_fact(&GRACE_DEFAULT).map(Some),
        pre_stop: pre_stop(view.at(&["lifecycle", "preStop"])),
        repeats,
        command,
        environment: listed_variables(view.get("env")),
        mounts: mounts(view.get("volumeMounts"), "name", &["mountPath"])
            .into_iter()
            .chain(mounts(view.get("volumeDevices"), "name", &["devicePath"]))
            .collect(),
    })
}

/// How long a hook sleeps before the container is told to end.
fn pre_stop(hook: View<'_>) -> Sourced<Option<u64>> {
    let command = hook.at(&["exec", "command"]);
    if command.is_absent() {
        return hook.at(&["sleep", "seconds"]).whole();
    }
    let words: Vec<Value> = command.items().into_iter().filter_map(|word| word.value().cloned()).collect();
    let place = words.last().map_or(Origin::new(How::Absent, command.block()), |word| word.origin.clone());
    match command::sleep(&words).filter(|_| !command.is_unknown()) {
        Some(0) => Sourced::absent(command.block()),
        Some(seconds) => Sourced::new(Some(seconds), place),
        None => Sourced::unknown(Unknown::NotEvaluated("the command of the preStop hook".into()), place),
    }
}

/// What only pods have.
pub(super) fn settings(object: &Object, template: &Template<'_>, labels: &Labels) -> PodSettings {
    PodSettings {
        strategy: strategy(object),
        rolling_update: object.spec().at(&["strategy", "rollingUpdate"]).is_written(),
        spread: nodes::spread(template.spec(), labels),
        is_on_one_node: nodes::is_one(template.spec(), labels),
        is_stateful: &*object.kind() == "StatefulSet",
        is_complete: template.is_complete(),
    }
}

/// How a new version takes the place of the old one.
fn strategy(object: &Object) -> Sourced<Strategy> {
    let spec = object.spec();
    let by_itself = |strategy| {
        let place = spec.at(&["strategy", "type"]).within(object.span);
        Sourced::new(strategy, place.absence())
    };
    match &*object.kind() {
        "Deployment" => {}
        "Rollout" => return rollout(spec.get("strategy"), object.span),
        // The next pod starts when the one before it has ended.
        "StatefulSet" | "DaemonSet" if !spec.get("updateStrategy").get("type").is_text("OnDelete") => {
            return by_itself(Strategy::RollingUpdate { surge: false });
        }
        _ => return by_itself(Strategy::Never),
    }
    let strategy = spec.get("strategy");
    if super::lower::is_empty(strategy) {
        return by_itself(Strategy::RollingUpdate { surge: true });
    }
    let surge = strategy.at(&["rollingUpdate", "maxSurge"]);
    let kind = strategy.get("type").within(object.span).text();
    if kind.set().is_some_and(|kind| &**kind == "Recreate") {
        return kind.map(|_| Strategy::Recreate);
    }
    surging(surge, kind)
}

/// A rolling update; `kind` says that it is one.
fn surging(surge: View<'_>, kind: Sourced<Option<Arc<str>>>) -> Sourced<Strategy> {
    if surge.is_absent() || kind.known().is_none() {
        return kind.map(|_| Strategy::RollingUpdate { surge: true });
    }
    surge.text().map(|amount| {
        let none = amount.is_some_and(|amount| matches!(&*amount, "0" | "0%"));
        Strategy::RollingUpdate { surge: !none }
    })
}

/// Argo Rollouts start the new version beside the old one, all of it or a part.
fn rollout(strategy: View<'_>, span: Span) -> Sourced<Strategy> {
    let surge = strategy.at(&["canary", "maxSurge"]);
    let kind = if strategy.is_unknown() { strategy.text() } else { Sourced::absent(span) };
    surging(surge, kind)
}

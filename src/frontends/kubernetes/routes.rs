//! What leads requests to pods: Services by their selectors, and the ways in from outside that name Services.

use super::lower::{Lowering, on};
use super::object::{Object, Objects, texts};
use crate::frontends::resource::reference_to;
use crate::model::{Gateway, HttpTrigger, Link, Trigger, TriggerKind};
use crate::source::Span;
use crate::value::{Data, How, Origin, Sourced, Unknown, View};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Labels, or a selector that asks for some: the value is `None` where it is not known.
#[derive(Debug, Default)]
pub(super) struct Labels {
    values: HashMap<Arc<str>, Option<Arc<str>>>,
    /// There may be more of them.
    is_open: bool,
}

/// Whether a selector fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    No,
    Perhaps,
    Yes,
}

impl Labels {
    pub(super) fn of(view: View<'_>) -> Self {
        let is_open = view.is_unknown() || view.value().is_some_and(|value| is_reference(value.known()));
        let values = view.entries().into_iter().map(|(entry, value)| (entry.name.clone(), value.known_text()));
        Self { values: values.collect(), is_open }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Option<Arc<str>>> {
        self.values.get(name)
    }

    /// As a selector: whether it selects pods with these labels. An empty selector selects nothing.
    pub(super) fn selects(&self, labels: &Labels) -> Match {
        if self.values.is_empty() {
            return if self.is_open { Match::Perhaps } else { Match::No };
        }
        let mut found = if self.is_open { Match::Perhaps } else { Match::Yes };
        for (name, wanted) in &self.values {
            match (wanted, labels.values.get(name)) {
                (Some(wanted), Some(Some(value))) if wanted == value => {}
                (Some(_), Some(Some(_))) => return Match::No,
                (_, None) if !labels.is_open => return Match::No,
                _ => found = Match::Perhaps,
            }
        }
        found
    }
}

fn is_reference(data: Option<&Data>) -> bool {
    matches!(data, Some(Data::Reference(_) | Data::Template(_)))
}

/// The pods of a unit, by what selectors ask for.
#[derive(Default)]
pub(super) struct Pods {
    all: Vec<Pod>,
    by_label: HashMap<LabelKey, Vec<usize>>,
    /// Those of which labels are not known in full.
    vague: Vec<usize>,
}

/// A namespace, a label and its value.
type LabelKey = (Option<Arc<str>>, Arc<str>, Arc<str>);

struct Pod {
    address: Arc<str>,
    namespace: Option<Arc<str>>,
    labels: Labels,
}

impl Pods {
    pub(super) fn add(&mut self, object: &Object, namespace: Option<Arc<str>>, labels: Labels) {
        let index = self.all.len();
        for (name, value) in &labels.values {
            if let Some(value) = value {
                self.by_label.entry((namespace.clone(), name.clone(), value.clone())).or_default().push(index);
            }
        }
        if labels.is_open || labels.values.values().any(Option::is_none) {
            self.vague.push(index);
        }
        self.all.push(Pod { address: object.address.clone(), namespace, labels });
    }

    /// The pods that a selector may select, and whether it is known to. Those of which that is not known are given to
    /// the first selector only: one reason for silence is enough.
    fn selected(&self, service: &Service<'_>, told: &mut HashSet<usize>) -> Vec<(&Pod, Match)> {
        let known = service.selector.values.iter().filter_map(|(name, value)| {
            let key = (service.namespace.clone(), name.clone(), value.clone()?);
            Some(self.by_label.get(&key).map(Vec::as_slice).unwrap_or_default())
        });
        let fewest = known.min_by_key(|pods| pods.len());
        let everything: Vec<usize>;
        let candidates = match fewest {
            Some(pods) => pods,
            None if service.selector.values.is_empty() && !service.selector.is_open => &[],
            None => {
                everything = (0..self.all.len()).filter(|index| !told.contains(index)).collect();
                &everything
            }
        };
        let mut found = Vec::new();
        // Indexes of candidates ascend.
        let vague = self.vague.iter().filter(|index| candidates.binary_search(index).is_err() && !told.contains(index));
        let candidates: Vec<usize> = candidates.iter().chain(vague).copied().collect();
        for index in candidates {
            let pod = &self.all[index];
            let fits =
                if pod.namespace == service.namespace { service.selector.selects(&pod.labels) } else { Match::No };
            match fits {
                Match::Yes => found.push((pod, Match::Yes)),
                Match::Perhaps if told.insert(index) => found.push((pod, Match::Perhaps)),
                _ => {}
            }
        }
        found
    }
}

/// Services of a unit, and what leads to them from outside.
#[derive(Default)]
pub(super) struct Routes<'o> {
    services: Vec<Service<'o>>,
    /// By the address of the Service.
    ways_in: HashMap<Arc<str>, Vec<WayIn>>,
}

struct Service<'o> {
    object: &'o Object,
    namespace: Option<Arc<str>>,
    selector: Labels,
}

/// One route from outside to a Service.
struct WayIn {
    span: Span,
    path: Sourced<Option<Arc<str>>>,
    is_public: Sourced<bool>,
    is_sticky: Sourced<bool>,
}

/// Requests that reach many workloads over many routes add up; nobody reads this many.
const MAX_TRIGGERS: usize = 100_000;

impl<'o> Routes<'o> {
    pub(super) fn service(&mut self, object: &'o Object) {
        let selector = Labels::of(object.spec().get("selector"));
        self.services.push(Service { object, namespace: object.namespace(), selector });
    }

    pub(super) fn ingress(&mut self, object: &Object, objects: &Objects<'_>) {
        let spec = object.spec();
        let is_public = ingress_is_public(object);
        for backend in [spec.get("defaultBackend"), spec.get("backend")] {
            self.way_in(object, objects, service_name(backend), View::missing(object.span), is_public.clone());
        }
        for rule in spec.get("rules").items() {
            for path in rule.at(&["http", "paths"]).items() {
                let name = service_name(path.get("backend"));
                self.way_in(object, objects, name, path.get("path"), is_public.clone());
            }
        }
    }

    pub(super) fn http_route(&mut self, object: &Object, objects: &Objects<'_>) {
        let why = Unknown::NotEvaluated("who reaches the gateway".into());
        let is_public = Sourced::unknown(why, Origin::literal(object.span));
        for rule in object.spec().get("rules").items() {
            let path = rule.get("matches").items().first().map(|first| first.at(&["path", "value"]));
            for backend in rule.get("backendRefs").items() {
                let other = backend.get("namespace").is_present();
                let kind = backend.get("kind");
                if !other && (kind.is_absent() || kind.is_text("Service")) {
                    let path = path.unwrap_or(View::missing(object.span));
                    self.way_in(object, objects, backend.get("name"), path, is_public.clone());
                }
            }
        }
    }

    fn way_in(
        &mut self,
        object: &Object,
        objects: &Objects<'_>,
        name: View<'_>,
        path: View<'_>,
        is_public: Sourced<bool>,
    ) {
        let Some(service) = objects.find("Service", object, name) else { return };
        let span = name.span().unwrap_or(object.span);
        let way = WayIn { span, path: path.text(), is_public, is_sticky: keeps_clients(object) };
        self.ways_in.entry(service.address.clone()).or_default().push(way);
    }
}

/// The Service of a backend, in the present and in the beta spelling.
fn service_name(backend: View<'_>) -> View<'_> {
    let name = backend.at(&["service", "name"]);
    if name.is_present() { name } else { backend.get("serviceName") }
}

/// Whether people outside of the cluster's network reach an Ingress, as far as its class and annotations say.
fn ingress_is_public(object: &Object) -> Sourced<bool> {
    let annotations = texts(object.view().get("metadata").get("annotations"));
    let class = object.spec().get("ingressClassName").known_text();
    let class = class.or_else(|| object.annotation("kubernetes.io/ingress.class").known_text()).unwrap_or_default();
    let scheme = object.annotation("alb.ingress.kubernetes.io/scheme");
    let is_internal = class.contains("internal")
        || annotations.iter().any(|(name, value, _)| says_internal(name, value))
        || &*class == "alb" && !scheme.is_text("internet-facing");
    Sourced::new(!is_internal, Origin::new(How::Literal, object.span))
}

fn says_internal(name: &str, value: &str) -> bool {
    value.eq_ignore_ascii_case("internal") || name.contains("internal") && !matches!(value, "false" | "0.0.0.0/0")
}

/// Whether a way in from outside, or a Service, tells the proxy in front of it to keep a client at one pod.
fn keeps_clients(object: &Object) -> Sourced<bool> {
    let none = || Sourced::new(false, Origin::new(How::Absent, object.span));
    let cookie = object.annotation("nginx.ingress.kubernetes.io/affinity");
    let traefik = object.annotation("traefik.ingress.kubernetes.io/service.sticky.cookie");
    let balancer = object.annotation("alb.ingress.kubernetes.io/target-group-attributes");
    if cookie.is_present() {
        return cookie.text().map(|kind| kind.as_deref() == Some("cookie"));
    }
    if traefik.is_present() {
        return traefik.boolean().map(|is_on| is_on.unwrap_or(false));
    }
    if balancer.is_present() {
        return balancer.text().map(|all| all.is_some_and(|all| all.contains("stickiness.enabled=true")));
    }
    none()
}

/// A request that a workload answers. Proxies in a cluster give up by their own settings, which are not read.
pub(super) fn request(gateway: Gateway, is_public: Sourced<bool>, path: Sourced<Option<Arc<str>>>) -> HttpTrigger {
    HttpTrigger { is_public, ..HttpTrigger::new(gateway, Sourced::absent(None), path) }
}

impl Service<'_> {
    /// Whether the Service keeps a client at one pod.
    fn is_sticky(&self) -> Sourced<bool> {
        let annotated = keeps_clients(self.object);
        if annotated.is_explicit() {
            return annotated;
        }
        let affinity = self.object.spec().get("sessionAffinity").within(self.object.span).text();
        affinity.map(|affinity| affinity.as_deref() == Some("ClientIP"))
    }

    /// What comes in through the Service itself, where nothing else names it.
    fn direct(&self) -> HttpTrigger {
        let kind = self.object.spec().get("type").text();
        let annotations = texts(self.object.view().get("metadata").get("annotations"));
        let is_internal = annotations.iter().any(|(name, value, _)| says_internal(name, value));
        let balanced = kind.map(|kind| kind.as_deref() == Some("LoadBalancer"));
        let gateway = if balanced.known() == Some(&true) { Gateway::ClusterIngress } else { Gateway::ClusterService };
        let is_public = balanced.map(|balanced| balanced && !is_internal);
        HttpTrigger { is_sticky: self.is_sticky(), ..request(gateway, is_public, Sourced::absent(self.object.span)) }
    }
}

impl Lowering<'_, '_> {
    /// Gives every pod that a Service selects the requests that come through it.
    pub(super) fn services(&mut self) {
        let mut told = HashSet::new();
        let mut triggers = Vec::new();
        for service in &self.routes.services {
            let ways = self.routes.ways_in.get(&service.object.address).map(Vec::as_slice).unwrap_or_default();
            for (pod, fits) in self.pods.selected(service, &mut told) {
                if triggers.len() >= MAX_TRIGGERS {
                    break;
                }
                let mut add = |span: Span, request: HttpTrigger| {
                    let enabled = match fits {
                        Match::Yes => on(span),
                        _ => Sourced::unknown(
                            Unknown::NotEvaluated("labels that are not written out".into()),
                            Origin::literal(span),
                        ),
                    };
                    let target = Link::to(reference_to(pod.address.clone(), service.object.span));
                    let kind = TriggerKind::Http(request);
                    triggers.push(Trigger { unit: self.unit, span, target, enabled, kind, source: None });
                };
                if ways.is_empty() {
                    add(service.object.span, service.direct());
                }
                for way in ways {
                    let own = way.is_sticky.clone();
                    let is_sticky = if own.is_explicit() { own } else { service.is_sticky() };
                    let request = request(Gateway::ClusterIngress, way.is_public.clone(), way.path.clone());
                    add(way.span, HttpTrigger { is_sticky, ..request });
                }
            }
        }
        self.declarations.triggers.append(&mut triggers);
    }
}

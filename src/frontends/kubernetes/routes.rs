//! What leads requests to pods: Services by their selectors, and the ways in from outside that name Services.

use super::labels::{Match, Selector};
use super::lower::{Lowering, on};
use super::object::{Object, Objects, texts};
use crate::frontends::probes::MAX_PORTS;
use crate::frontends::resource::reference_to;
use crate::model::{Gateway, HttpTrigger, Link, Trigger, TriggerKind};
use crate::schedule::parse_duration;
use crate::source::Span;
use crate::value::{How, Origin, Sourced, Unknown, View};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Services of a unit, and what leads to them from outside.
#[derive(Default)]
pub(super) struct Routes<'o> {
    services: Vec<Service<'o>>,
    /// By the address of the Service.
    ways_in: HashMap<Arc<str>, Vec<WayIn<'o>>>,
}

struct Service<'o> {
    object: &'o Object,
    namespace: Option<Arc<str>>,
    selector: Selector,
}

/// One route from outside to a Service.
struct WayIn<'o> {
    span: Span,
    /// The port of the Service, a number or a name.
    port: View<'o>,
    path: Sourced<Option<Arc<str>>>,
    reach: Reach,
}

/// Who comes in, and how long they wait.
#[derive(Clone)]
struct Reach {
    is_public: Sourced<bool>,
    is_sticky: Sourced<bool>,
    /// Seconds, where somebody says so.
    limit: Sourced<Option<u64>>,
}

/// Requests that reach many workloads over many routes add up; nobody reads this many.
const MAX_TRIGGERS: usize = 100_000;

impl<'o> Routes<'o> {
    pub(super) fn service(&mut self, object: &'o Object) {
        let selector = Selector::of_labels(object.spec().get("selector"));
        self.services.push(Service { object, namespace: object.namespace(), selector });
    }

    pub(super) fn ingress(&mut self, object: &'o Object, objects: &Objects<'_>) {
        let spec = object.spec();
        let limit = object.annotation("nginx.ingress.kubernetes.io/proxy-read-timeout").within(None).whole();
        let reach = Reach { is_public: ingress_is_public(object), is_sticky: keeps_clients(object), limit };
        for backend in [spec.get("defaultBackend"), spec.get("backend")] {
            self.way_in(object, objects, service_of(backend), View::missing(object.span), reach.clone());
        }
        for rule in spec.get("rules").items() {
            for path in rule.at(&["http", "paths"]).items() {
                let service = service_of(path.get("backend"));
                self.way_in(object, objects, service, path.get("path"), reach.clone());
            }
        }
    }

    pub(super) fn http_route(&mut self, object: &'o Object, objects: &Objects<'_>) {
        // A route of a service mesh hangs on a Service: its requests come from inside.
        let parents = object.spec().get("parentRefs").items();
        if !parents.is_empty() && parents.iter().all(|parent| parent.get("kind").is_text("Service")) {
            return;
        }
        let why = Unknown::NotEvaluated("who reaches the gateway".into());
        let is_public = Sourced::unknown(why, Origin::literal(object.span));
        for rule in object.spec().get("rules").items() {
            let limit = seconds(rule.at(&["timeouts", "request"]).within(None));
            let reach = Reach { is_public: is_public.clone(), is_sticky: keeps_clients(object), limit };
            let path = rule.get("matches").items().first().map(|first| first.at(&["path", "value"]));
            for backend in rule.get("backendRefs").items() {
                let other = backend.get("namespace").is_present();
                let kind = backend.get("kind");
                if !other && (kind.is_absent() || kind.is_text("Service")) {
                    let path = path.unwrap_or(View::missing(object.span));
                    let service = (backend.get("name"), backend.get("port"));
                    self.way_in(object, objects, service, path, reach.clone());
                }
            }
        }
    }

    /// The routes of Traefik's own kind. Whom its entry points let in is not written in them.
    pub(super) fn traefik_route(&mut self, object: &'o Object, objects: &Objects<'_>) {
        let why = Unknown::NotEvaluated("who reaches the entry point".into());
        let is_public = Sourced::unknown(why, Origin::literal(object.span));
        for service in object.spec().get("routes").items().iter().flat_map(|route| route.get("services").items()) {
            let (kind, namespace) = (service.get("kind"), service.get("namespace").known_text());
            let other = namespace.is_some() && namespace != object.namespace();
            if other || !(kind.is_absent() || kind.is_text("Service")) {
                continue;
            }
            let cookie = service.at(&["sticky", "cookie"]);
            let how = if cookie.is_present() { How::Literal } else { How::Absent };
            let is_sticky = Sourced::new(cookie.is_present(), Origin::new(how, cookie.span().unwrap_or(object.span)));
            let reach = Reach { is_public: is_public.clone(), is_sticky, limit: Sourced::absent(None) };
            let named = (service.get("name"), service.get("port"));
            self.way_in(object, objects, named, View::missing(object.span), reach);
        }
    }

    /// The routes of Istio, as far as a gateway has them: the others are for requests inside of the mesh.
    pub(super) fn istio_route(&mut self, object: &'o Object, objects: &Objects<'_>) {
        let gateways = object.spec().get("gateways").items();
        let is_gateway =
            |gateway: &View<'_>| gateway.known_text().is_some_and(|name| &*name != "mesh" && !name.contains("egress"));
        if !gateways.iter().any(is_gateway) {
            return;
        }
        let why = Unknown::NotEvaluated("who reaches the gateway".into());
        let is_public = Sourced::unknown(why, Origin::literal(object.span));
        for rule in object.spec().get("http").items() {
            let limit = seconds(rule.get("timeout").within(None));
            let reach = Reach { is_public: is_public.clone(), is_sticky: keeps_clients(object), limit };
            let first = rule.get("match").items().first().map(|first| first.get("uri").first(&["exact", "prefix"]));
            for destination in rule.get("route").items().iter().map(|route| route.get("destination")) {
                let host = destination.get("host");
                let name = host.known_text().and_then(|host| name_of(&host, object));
                let Some(service) = name.and_then(|name| objects.named("Service", object, name)) else { continue };
                let port = destination.at(&["port", "number"]);
                let path = first.unwrap_or(View::missing(object.span)).text();
                let way = WayIn { span: host.span().unwrap_or(object.span), port, path, reach: reach.clone() };
                self.ways_in.entry(service.address.clone()).or_default().push(way);
            }
        }
    }

    fn way_in(
        &mut self,
        object: &'o Object,
        objects: &Objects<'_>,
        (name, port): (View<'o>, View<'o>),
        path: View<'_>,
        reach: Reach,
    ) {
        let Some(service) = objects.find("Service", object, name) else { return };
        let span = name.span().unwrap_or(object.span);
        let way = WayIn { span, port, path: path.text(), reach };
        self.ways_in.entry(service.address.clone()).or_default().push(way);
    }
}

/// Name and port of the Service of a backend, in the present and in the beta spelling. In Terraform the port is a block.
fn service_of(backend: View<'_>) -> (View<'_>, View<'_>) {
    let service = backend.get("service");
    if service.get("name").is_present() {
        return (service.get("name"), service.first(&["port", "ports"]).first(&["number", "name"]));
    }
    (backend.get("serviceName"), backend.get("servicePort"))
}

/// The name of the Service of the same namespace that a host name inside of the cluster, short or full, stands for.
fn name_of(host: &str, object: &Object) -> Option<Arc<str>> {
    let host = host.strip_suffix(".cluster.local").unwrap_or(host);
    let Some((name, namespace)) = host.split_once('.') else { return Some(host.into()) };
    let namespace = namespace.strip_suffix(".svc").unwrap_or(namespace);
    (object.namespace()?.as_ref() == namespace).then(|| name.into())
}

/// Seconds of a duration of the Gateway API, which switches the limit off with 0.
fn seconds(view: View<'_>) -> Sourced<Option<u64>> {
    view.text().and_then(|text| match text.as_deref().map(parse_duration) {
        None => Ok(None),
        Some(Some(seconds)) => Ok(Some(seconds.ceil() as u64).filter(|seconds| *seconds > 0)),
        Some(None) => Err(Unknown::Invalid("what is no duration".into())),
    })
}

/// Whether people outside of the cluster's network reach an Ingress, as far as its class and annotations say.
fn ingress_is_public(object: &Object) -> Sourced<bool> {
    let annotations = texts(object.view().get("metadata").get("annotations"));
    let class = object.spec().get("ingressClassName").known_text();
    let class = class.or_else(|| object.annotation("kubernetes.io/ingress.class").known_text()).unwrap_or_default();
    let scheme = object.annotation("alb.ingress.kubernetes.io/scheme");
    let is_internal = class.contains("internal")
        || annotations.iter().any(|(name, value, _)| says_internal(name, value))
        || &*class == "alb" && !scheme.is_text("internet-facing")
        || has_local_hosts(object);
    Sourced::new(!is_internal, Origin::new(How::Literal, object.span))
}

fn says_internal(name: &str, value: &str) -> bool {
    value.eq_ignore_ascii_case("internal")
        || name.contains("internal") && !matches!(value, "false" | "0.0.0.0/0")
        || is_private(value)
}

/// Whether all hosts of an Ingress are names that only a private network resolves.
fn has_local_hosts(object: &Object) -> bool {
    let rules = object.spec().get("rules").items();
    let is_local = |rule: &View<'_>| rule.get("host").known_text().is_some_and(|host| is_local_name(&host));
    !rules.is_empty() && !object.spec().get("defaultBackend").is_present() && rules.iter().all(is_local)
}

/// Names that are set aside for private networks (RFC 6761, 6762, 8375 and ICANN's `internal`) or used as if they
/// were, and wildcard DNS names with a private address in them.
fn is_local_name(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    if let Some(address) = host.strip_suffix(".nip.io").or(host.strip_suffix(".sslip.io")) {
        let parts: Vec<&str> = address.split('.').collect();
        return is_private(&parts[parts.len().saturating_sub(4)..].join("."));
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    matches!(last, "local" | "localhost" | "internal" | "lan" | "home" | "test" | "localdomain")
        || host.ends_with(".home.arpa")
}

/// Whether a text is an address of a private network, or starts with one in a list of them.
fn is_private(text: &str) -> bool {
    let first = text.split([',', '/']).next().unwrap_or_default().trim();
    first.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_private() || address.is_loopback())
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

/// A request that a workload answers. Proxies in a cluster give up by their own settings unless a route says when.
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

    /// The port of its pods that leads on from one of its own, a number or a name; `None` where that is not known.
    fn target_of(&self, port: View<'_>) -> Option<Arc<str>> {
        let ports = self.object.spec().get("ports").items();
        let wanted = port.known_text();
        let is_it = |one: &&View| {
            wanted.is_some() && [one.get("port").known_text(), one.get("name").known_text()].contains(&wanted)
        };
        match (ports.as_slice(), port.is_absent()) {
            ([only], true) => target(*only),
            (ports, _) => ports.iter().find(is_it).and_then(|one| target(*one)),
        }
    }

    /// The ports of its pods that its own lead to.
    fn targets(&self) -> Vec<Arc<str>> {
        self.object.spec().get("ports").items().into_iter().take(MAX_PORTS).filter_map(target).collect()
    }

    /// Whether it sends requests to pods that are not ready.
    fn ignores_readiness(&self) -> bool {
        self.object.spec().get("publishNotReadyAddresses").boolean().set() == Some(&true)
    }

    /// What comes in through the Service itself, where nothing else names it.
    fn direct(&self) -> HttpTrigger {
        let kind = self.object.spec().get("type").text();
        let annotations = texts(self.object.view().get("metadata").get("annotations"));
        let address = self.object.spec().get("loadBalancerIP").known_text();
        let is_internal = annotations.iter().any(|(name, value, _)| says_internal(name, value))
            || address.is_some_and(|address| is_private(&address));
        let balanced = kind.map(|kind| kind.as_deref() == Some("LoadBalancer"));
        let gateway = if balanced.known() == Some(&true) { Gateway::ClusterIngress } else { Gateway::ClusterService };
        let is_public = balanced.map(|balanced| balanced && !is_internal);
        let request = request(gateway, is_public, Sourced::absent(self.object.span));
        HttpTrigger { ports: self.targets(), is_sticky: Some(Box::new(self.is_sticky())), ..request }
    }
}

/// The port of the pods that a port of a Service leads to: its own number, unless it says another one.
fn target(port: View<'_>) -> Option<Arc<str>> {
    let target = port.get("targetPort");
    if target.is_absent() { port.get("port").known_text() } else { target.known_text() }
}

impl Lowering<'_, '_> {
    /// Gives every pod that a Service selects the requests that come through it.
    pub(super) fn services(&mut self) {
        let mut told = HashSet::new();
        let mut triggers = Vec::new();
        for service in &self.routes.services {
            let ways = self.routes.ways_in.get(&service.object.address).map(Vec::as_slice).unwrap_or_default();
            for (pod, fits) in self.pods.selected(&service.selector, &service.namespace, &mut told) {
                if triggers.len() >= MAX_TRIGGERS {
                    break;
                }
                let mut add = |span: Span, mut request: HttpTrigger| {
                    request.goes_by_readiness = !service.ignores_readiness();
                    let enabled = match fits {
                        Match::Yes => on(span),
                        _ => Sourced::unknown(
                            Unknown::NotEvaluated("labels that are not written out".into()),
                            Origin::literal(span),
                        ),
                    };
                    let target = Link::to(reference_to(pod.address.clone(), service.object.span));
                    let kind = TriggerKind::Http(request);
                    triggers.push(Trigger::new(self.unit, span, target, enabled, kind));
                };
                if ways.is_empty() {
                    add(service.object.span, service.direct());
                }
                for way in ways {
                    let Reach { is_public, limit, is_sticky } = way.reach.clone();
                    let is_sticky =
                        Some(Box::new(if is_sticky.is_explicit() { is_sticky } else { service.is_sticky() }));
                    let request = request(Gateway::ClusterIngress, is_public, way.path.clone());
                    let ports = service.target_of(way.port).into_iter().collect();
                    add(way.span, HttpTrigger { limit, ports, is_sticky, ..request });
                }
            }
        }
        self.declarations.triggers.append(&mut triggers);
    }
}

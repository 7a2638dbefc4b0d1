//! Probes and ports of containers, which platforms describe in much the same words.

use crate::facts::{Fact, azure, kubernetes};
use crate::model::{Check, Port, Probe, Probes};
use crate::value::{How, Origin, Resolved, Sourced, Value, View};

/// What a dialect calls the parts of probes; empty where it has no such thing.
#[derive(Debug)]
pub(crate) struct ProbeKeys {
    pub startup: &'static str,
    pub readiness: &'static str,
    pub liveness: &'static str,
    pub initial_delay: (&'static str, &'static Fact),
    pub period: (&'static str, &'static Fact),
    pub failures: (&'static str, &'static Fact),
    pub http: &'static str,
    pub tcp: &'static str,
}

/// Pods, as their manifests have it.
pub(crate) static POD: ProbeKeys = ProbeKeys {
    startup: "startupProbe",
    readiness: "readinessProbe",
    liveness: "livenessProbe",
    initial_delay: ("initialDelaySeconds", &kubernetes::PROBE_DELAY_DEFAULT),
    period: ("periodSeconds", &kubernetes::PROBE_PERIOD_DEFAULT),
    failures: ("failureThreshold", &kubernetes::PROBE_FAILURES_DEFAULT),
    http: "httpGet",
    tcp: "tcpSocket",
};

/// Cloud Run, in Terraform's spelling.
pub(crate) static CLOUD_RUN: ProbeKeys = ProbeKeys {
    startup: "startup_probe",
    readiness: "readiness_probe",
    liveness: "liveness_probe",
    initial_delay: ("initial_delay_seconds", &kubernetes::PROBE_DELAY_DEFAULT),
    period: ("period_seconds", &kubernetes::PROBE_PERIOD_DEFAULT),
    failures: ("failure_threshold", &kubernetes::PROBE_FAILURES_DEFAULT),
    http: "http_get",
    tcp: "tcp_socket",
};

/// Container Apps and Container Instances, in Terraform's spelling.
pub(crate) static AZURE: ProbeKeys = ProbeKeys {
    startup: "startup_probe",
    readiness: "readiness_probe",
    liveness: "liveness_probe",
    initial_delay: ("initial_delay", &azure::PROBE_DELAY_DEFAULT),
    period: ("interval_seconds", &azure::PROBE_PERIOD_DEFAULT),
    failures: ("failure_count_threshold", &azure::PROBE_FAILURES_DEFAULT),
    http: "",
    tcp: "",
};

/// The probes of a container.
pub(crate) fn probes(container: View<'_>, keys: &ProbeKeys) -> Probes {
    let read =
        |key: &'static str| probe(container.get(key).within(container.key_span(key).or(container.block())), keys);
    Probes { startup: read(keys.startup), readiness: read(keys.readiness), liveness: read(keys.liveness) }
}

/// A probe; what it does not set is missing at its key, where it stands itself.
fn probe(view: View<'_>, keys: &ProbeKeys) -> Sourced<Option<Probe>> {
    let Some(value) = view.value() else { return Sourced::new(None, view.absence()) };
    let number = |(key, default): (&'static str, &'static Fact)| view.get(key).whole().or_fact(default);
    let probe = Probe {
        check: check(view, keys),
        question: question(view, keys),
        initial_delay: number(keys.initial_delay),
        period: number(keys.period),
        failures: number(keys.failures),
    };
    let resolved = match &value.value {
        Resolved::Known(_) => Resolved::Known(Some(probe)),
        Resolved::Unknown(why) => Resolved::Unknown(why.clone()),
    };
    Sourced { value: resolved, origin: view.block().map_or(value.origin.clone(), Origin::literal) }
}

/// The entry with the question itself, which is none of the numbers.
fn question(view: View<'_>, keys: &ProbeKeys) -> Option<(&'static str, Value)> {
    let questions = [keys.http, keys.tcp, "exec", "grpc"].into_iter().filter(|key| !key.is_empty());
    let mut asked = questions.filter_map(|key| Some((key, view.get(key).value()?.clone())));
    asked.next().filter(|_| asked.next().is_none())
}

fn check(view: View<'_>, keys: &ProbeKeys) -> Option<Check> {
    let (http, tcp) = (view.get(keys.http), view.get(keys.tcp));
    if http.is_present() {
        let path = http.get("path");
        let path = if path.is_absent() { "/".into() } else { path.known_text()? };
        return Some(Check::Http { port: http.get("port").known_text()?, path });
    }
    if tcp.is_present() {
        return Some(Check::Tcp { port: tcp.get("port").known_text()? });
    }
    Some(Check::Other)
}

/// Ports of a container or of a Service: nobody lists more.
pub(crate) const MAX_PORTS: usize = 100;

/// The ports of a container; `number` and `name` are what an entry of the list calls them.
pub(crate) fn ports(list: View<'_>, number: &'static str, name: &'static str) -> Sourced<Vec<Port>> {
    let Some(value) = list.value() else { return Sourced::new(Vec::new(), Origin::new(How::Absent, list.block())) };
    let port =
        |port: View<'_>| Port { name: port.get(name).known_text(), number: port.get(number).whole().set().copied() };
    let resolved = match &value.value {
        Resolved::Known(_) => Resolved::Known(list.items().into_iter().take(MAX_PORTS).map(port).collect()),
        Resolved::Unknown(why) => Resolved::Unknown(why.clone()),
    };
    Sourced { value: resolved, origin: value.origin.clone() }
}

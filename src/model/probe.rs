//! How the platform finds out whether a container has started, may be sent requests, and is still alive; and which
//! container requests arrive at.

use super::{Container, Workload};
use crate::facts::kubernetes as facts;
use crate::source::Span;
use crate::value::{How, Origin, Sourced};
use std::sync::Arc;

/// The probes of a container. `None`: there is none.
#[derive(Debug)]
pub struct Probes {
    /// Until it has succeeded, the others wait.
    pub startup: Sourced<Option<Probe>>,
    /// While it fails, no requests are sent.
    pub readiness: Sourced<Option<Probe>>,
    /// When it fails too often, the container is started again.
    pub liveness: Sourced<Option<Probe>>,
}

/// One probe.
#[derive(Debug, Clone)]
pub struct Probe {
    /// What it asks; `None` where that is not known.
    pub check: Option<Check>,
    /// Seconds from the start of the container to the first try.
    pub initial_delay: Sourced<u64>,
    /// Seconds from one try to the next.
    pub period: Sourced<u64>,
    /// Failures in a row until the probe counts as failed.
    pub failures: Sourced<u64>,
}

/// What a probe asks. Ports are written as the probe has them: a number or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// A GET request that has to succeed.
    Http { port: Arc<str>, path: Arc<str> },
    /// A port that has to be open.
    Tcp { port: Arc<str> },
    /// Something else: a command, the health service of gRPC.
    Other,
}

/// A port that a container opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name, if it has one.
    pub name: Option<Arc<str>>,
    /// Its number.
    pub number: Option<u64>,
}

impl Probe {
    /// Seconds from the start of the container until it counts as failed, if it never succeeds.
    pub fn patience(&self) -> Option<u64> {
        let tries = self.period.known()?.saturating_mul(*self.failures.known()?);
        Some(self.initial_delay.known()?.saturating_add(tries))
    }

    /// Whether somebody wrote how long it may fail, as against the platform's defaults. Those written out, with no more
    /// than a short delay before them, say as little as if they were not.
    pub fn is_measured(&self) -> bool {
        let (period, failures) = (facts::PROBE_PERIOD_DEFAULT.whole(), facts::PROBE_FAILURES_DEFAULT.whole());
        let is_custom = self.period.known() == Some(&period) && self.failures.known() == Some(&failures);
        if is_custom {
            return self.initial_delay.known().is_some_and(|delay| *delay > period);
        }
        self.initial_delay.is_explicit() || self.period.is_explicit() || self.failures.is_explicit()
    }
}

impl Container {
    /// What to call it where its workload is named as well; many a container has the name of its workload.
    pub fn within(&self, workload: &Workload) -> String {
        match workload.label() {
            label if label == &*self.name => format!("container `{label}`"),
            label => format!("container `{}` of `{label}`", self.name),
        }
    }

    /// Whether a probe is written.
    pub fn has_probe(&self) -> Sourced<bool> {
        let Probes { startup, readiness, liveness } = &self.probes;
        let all = [liveness, readiness, startup];
        let written = all.into_iter().find(|probe| probe.set().is_some());
        let written = written.or(all.into_iter().find(|probe| probe.known().is_none()));
        match written {
            Some(probe) => probe.clone().map(|_| true),
            None => Sourced::new(false, Origin::new(How::Absent, self.span)),
        }
    }

    /// Known to have neither a readiness probe nor a startup probe, so that it counts as ready as soon as it runs.
    pub fn is_ready_at_once(&self) -> bool {
        self.probes.readiness.is_absent() && self.probes.startup.is_absent()
    }

    /// Whether something ends or restarts it when it hangs: a liveness probe, or `timeout` on its command line.
    pub fn ends_by_itself(&self) -> bool {
        let words = self.command.iter().filter_map(|word| word.known()?.to_text());
        let has_timeout = words.into_iter().any(|word| {
            let mut parts = word.split(|one: char| one.is_whitespace() || matches!(one, '/' | ';' | '&' | '|' | '('));
            parts.any(|part| part == "timeout")
        });
        has_timeout || !self.probes.liveness.is_absent()
    }

    /// Whether it opens a port that is written, or may do so.
    pub fn has_ports(&self) -> bool {
        self.ports.known().is_none_or(|ports| !ports.is_empty())
    }

    /// Whether it is known to open a port that goes by this number or name.
    fn opens(&self, port: &str) -> bool {
        self.opened(port).is_some()
    }

    /// The port that it opens and that goes by a number or name.
    fn opened(&self, port: &str) -> Option<&Port> {
        let number: Option<u64> = port.parse().ok();
        let is_it = |one: &&Port| one.name.as_deref() == Some(port) || number.is_some() && one.number == number;
        self.ports.known()?.iter().find(is_it)
    }

    /// What the container calls a port that goes by a number or name.
    pub fn name_of(&self, port: &str) -> Option<&str> {
        self.opened(port)?.name.as_deref()
    }
}

/// A startup probe that says how long a start may take.
#[derive(Debug, Clone, Copy)]
pub struct LongStart<'a> {
    /// How long.
    pub seconds: u64,
    /// The probe.
    pub probe: &'a Probe,
    /// Where it is written.
    pub span: Span,
}

/// No pod has more containers; in one that does, nobody looks for a port.
const MAX_CONTAINERS: usize = 100;

impl Workload {
    /// The longest start that a startup probe allows of which somebody set the numbers.
    pub fn longest_start(&self) -> Option<LongStart<'_>> {
        let starts = self.main_containers().filter_map(|container| {
            let probe = container.probes.startup.set().filter(|probe| probe.is_measured())?;
            Some(LongStart { seconds: probe.patience()?, probe, span: container.probes.startup.origin.site()? })
        });
        starts.max_by_key(|start| start.seconds)
    }

    /// The longest time in seconds before which a container is not even asked whether it is ready, as somebody wrote it,
    /// and where.
    pub fn longest_wait(&self) -> Option<(u64, Span)> {
        let waits = self.main_containers().filter_map(|container| {
            let delay = &container.probes.readiness.set()?.initial_delay;
            Some((*delay.known()?, delay.origin.written_at().filter(|_| delay.is_explicit())?))
        });
        waits.max_by_key(|(seconds, _)| *seconds)
    }

    /// The container at which requests to a port, a number or a name, arrive; `None` where that is not known.
    pub fn container_at(&self, port: &str) -> Option<&Container> {
        let is_open = self.containers.iter().any(|container| container.ports.known().is_none());
        if is_open || self.containers.len() > MAX_CONTAINERS {
            return None;
        }
        let mut open = self.containers.iter().filter(|container| container.opens(port));
        match (open.next(), open.next()) {
            (Some(only), None) => Some(only).filter(|container| !container.is_init),
            (Some(_), Some(_)) => None,
            // A container may listen on a port that it does not list, but a name has to be listed.
            (None, _) => {
                let mut main = self.main_containers();
                let only = main.next().filter(|_| main.next().is_none())?;
                port.bytes().all(|byte| byte.is_ascii_digit()).then_some(only)
            }
        }
    }
}

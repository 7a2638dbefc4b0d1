//! How much a workload has to do, as far as that can be told without running anything: exactly, where clocks are all
//! that calls it; as its owner declares; or by how it is scaled, which says no more than what its owner believes.
//!
//! Nothing is ever taken for steady or sporadic because of how many replicas it has, how large it is or what it is
//! called. Every answer comes with its evidence, which findings show.

use super::{Architecture, Gateway, ScheduleTrigger, Trigger, TriggerKind, Workload};
use crate::cost::{SECONDS, count};
use crate::lint::seconds;
use crate::source::Span;
use crate::value::Sourced;

/// How work arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// By the clock.
    Scheduled,
    /// Now and then: busy for less than a tenth of the time.
    Sporadic,
    /// All the time, and about as much at any time.
    Steady,
    /// With peaks of several times the usual.
    Spiky,
}

impl Shape {
    /// The word for it in declarations and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Sporadic => "sporadic",
            Self::Steady => "steady",
            Self::Spiky => "spiky",
        }
    }

    /// The shape with a name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Scheduled, Self::Sporadic, Self::Steady, Self::Spiky].into_iter().find(|shape| shape.name() == text)
    }
}

/// How far an answer can be trusted. Only the first two may decide about money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// Counted.
    Exact,
    /// Said by the owner.
    Declared,
    /// Seen in how it is scaled: what its owner seems to believe.
    Structural,
}

/// A place that says something about traffic, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where.
    pub span: Span,
    /// What, as a label says it.
    pub text: String,
}

/// What is known about the traffic of a workload.
#[derive(Debug, Clone)]
pub struct Traffic {
    /// How work arrives, if that is known.
    pub shape: Option<Shape>,
    /// How far all of this can be trusted.
    pub strength: Strength,
    /// Least and most runs or requests in a month.
    pub runs: Option<(f64, f64)>,
    /// The largest share of its time for which it can be busy, all instances taken for one; above 1 it needs several.
    pub busy: Option<f64>,
    /// What all of this rests on.
    pub evidence: Vec<Evidence>,
}

/// A sporadic workload is busy for less than this share of its time.
const SPORADIC: f64 = 0.1;
/// How many times its minimum a scaler that expects peaks goes up to.
const SPIKY: u64 = 5;

impl Architecture {
    /// What is known about the traffic of a workload: the strongest evidence that there is.
    pub fn traffic(&self, workload: &Workload) -> Option<Traffic> {
        self.exact(workload).or_else(|| declared(workload)).or_else(|| self.structural(workload))
    }

    /// The clocks that call a workload, if nothing else does: all triggers are clocks that are known to be on, and no
    /// place of its unit names it otherwise.
    ///
    /// The platform's own endpoint and a cluster's internal Service are how the clock's calls get in.
    pub fn clocks_only<'a>(&'a self, workload: &'a Workload) -> Option<Vec<(&'a Trigger, &'a ScheduleTrigger)>> {
        let mut clocks = Vec::new();
        for trigger in self.triggers_of(workload) {
            match &trigger.kind {
                TriggerKind::Schedule(schedule) if trigger.is_surely_on() && trigger.unit == workload.identity.unit => {
                    clocks.push((trigger, schedule));
                }
                TriggerKind::Http(http) => match http.gateway {
                    Gateway::Scheduler | Gateway::ClusterService => {}
                    Gateway::Platform if http.is_public.known() != Some(&true) => {}
                    _ => return None,
                },
                _ => return None,
            }
        }
        (!clocks.is_empty() && workload.named_by.is_none()).then_some(clocks)
    }

    /// Counted, where only clocks call it.
    fn exact(&self, workload: &Workload) -> Option<Traffic> {
        let clocks = self.clocks_only(workload)?;
        let (mut least, mut most, mut busy) = (0.0, 0.0, Some(0.0));
        let mut evidence = Vec::new();
        for (trigger, clock) in clocks {
            let schedule = clock.schedule.known()?;
            let runs = schedule.runs_per_month();
            let attempts = clock.retries.known().map(|retries| runs * (1 + retries.unwrap_or(0)) as f64)?;
            (least, most) = (least + runs, most + attempts);
            let text = format!("calls `{}` {}: {} times a month", workload.label(), schedule.describe(), count(runs));
            evidence.push(Evidence { span: clock.schedule.origin.written_at().unwrap_or(trigger.span), text });
            // A run lasts no longer than it may, nor than its caller waits.
            let limits = [&workload.timeout, &clock.limit];
            let shortest = limits.into_iter().filter(|limit| limit.set().is_some()).min_by_key(|limit| limit.set());
            let longest = shortest.and_then(|limit| Some(attempts * *limit.set()? as f64 / SECONDS));
            busy = busy.zip(longest).map(|(busy, more)| busy + more);
            evidence.extend(shortest.and_then(of_limit));
        }
        if let Some((length, span)) = workload.declared.seconds() {
            busy = Some(busy.unwrap_or(f64::INFINITY).min(most * length / SECONDS));
            evidence.push(of_length(workload, length, span));
        }
        Some(Traffic {
            shape: Some(Shape::Scheduled),
            strength: Strength::Exact,
            runs: Some((least, most)),
            busy,
            evidence,
        })
    }

    /// What the bounds of scaling say that the owner believes.
    fn structural(&self, workload: &Workload) -> Option<Traffic> {
        let (least, most, span) = match self.scaler_of(workload) {
            Some(scaler) => (*scaler.min.known()?, *scaler.max.set()?, scaler.identity.span),
            None => (*workload.min_instances.set()?, *workload.max_instances.set()?, workload.span()),
        };
        let shape = match (least, most) {
            (0, _) => Shape::Sporadic,
            (2.., _) if least == most => Shape::Steady,
            _ if most >= least.saturating_mul(SPIKY) => Shape::Spiky,
            _ => return None,
        };
        let text = format!("scales between {least} and {most}");
        let evidence = vec![Evidence { span, text }];
        Some(Traffic { shape: Some(shape), strength: Strength::Structural, runs: None, busy: None, evidence })
    }
}

/// What the owner says.
fn declared(workload: &Workload) -> Option<Traffic> {
    let (shape, rate) = (workload.declared.shape(), workload.declared.requests_per_second());
    let mut evidence = Vec::new();
    if let Some((shape, span)) = shape {
        evidence.push(Evidence { span, text: format!("declared to be {}", shape.name()) });
    }
    let runs = rate.map(|(rate, span)| {
        let runs = rate * SECONDS;
        evidence.push(Evidence { span, text: format!("declared: {rate} requests a second, {} a month", count(runs)) });
        (runs, runs)
    });
    if evidence.is_empty() {
        return None;
    }
    let length = workload.declared.seconds();
    evidence.extend(length.map(|(length, span)| of_length(workload, length, span)));
    let counted = runs.zip(length).map(|((_, most), (length, _))| most * length / SECONDS);
    let shape = shape.map(|(shape, _)| shape);
    let busy = counted.or((shape == Some(Shape::Sporadic)).then_some(SPORADIC));
    Some(Traffic { shape, strength: Strength::Declared, runs, busy, evidence })
}

fn of_limit(limit: &Sourced<Option<u64>>) -> Option<Evidence> {
    let text = match limit.default() {
        Some(fact) => format!("not set: {} of {} is {}", fact.what, fact.holder, fact.amount()),
        None => format!("takes {} at most", seconds(*limit.set()?)),
    };
    Some(Evidence { span: limit.origin.written_at()?, text })
}

fn of_length(workload: &Workload, length: f64, span: Span) -> Evidence {
    let length = crate::value::plain_number(length);
    let text = match workload.declared.is_length_exact() {
        true => format!("declared: a run takes {length} s"),
        false => format!("declared: 95 % of the runs take no more than {length} s"),
    };
    Evidence { span, text }
}

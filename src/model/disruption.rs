//! How many pods of a workload may be taken away at once: disruption budgets, and how many pods there are at least.

use super::{Architecture, Identity, Link, Scaler, Workload};
use crate::value::{Sourced, plain_number};
use std::fmt;

/// A rule that bounds how many pods an eviction may take away at once.
#[derive(Debug)]
pub struct DisruptionBudget {
    /// Who it is.
    pub identity: Identity,
    /// What makes the pods that it selects: all of it.
    pub targets: Vec<Link<Workload>>,
    /// Pods that must stay available.
    pub min_available: Sourced<Option<Amount>>,
    /// Pods that may be unavailable.
    pub max_unavailable: Sourced<Option<Amount>>,
}

/// A number of pods, or a share of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// Pods.
    Count(u64),
    /// A share of all pods, from 0 to 100.
    Percent(f64),
}

impl Amount {
    /// Reads `2` and `50%`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.trim().strip_suffix('%') {
            Some(share) => share.parse().ok().map(|share: u32| Self::Percent(f64::from(share))),
            None => text.trim().parse().ok().map(Self::Count),
        }
    }

    /// How many of some pods this is. Disruption budgets round shares up.
    pub fn of(self, pods: u64) -> u64 {
        match self {
            Self::Count(count) => count,
            Self::Percent(share) => (pods as f64 * share / 100.0).ceil() as u64,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(share) => write!(f, "{}%", plain_number(*share)),
        }
    }
}

/// What a budget says about a number of pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disruption {
    /// Pods that are there.
    pub pods: u64,
    /// Pods that may be taken away while all of them are available.
    pub allowed: u64,
}

impl DisruptionBudget {
    /// The setting that counts: a budget has one of the two.
    pub fn bound(&self) -> Option<&Sourced<Option<Amount>>> {
        match (self.min_available.is_absent(), self.max_unavailable.is_absent()) {
            (false, true) => Some(&self.min_available),
            (true, false) => Some(&self.max_unavailable),
            _ => None,
        }
    }

    /// How many of this many pods an eviction may take away while all of them are available.
    fn of(&self, pods: u64) -> Option<Disruption> {
        let bound = *self.bound()?.set()?;
        let allowed =
            if self.min_available.is_absent() { bound.of(pods).min(pods) } else { pods.saturating_sub(bound.of(pods)) };
        Some(Disruption { pods, allowed })
    }
}

impl Architecture {
    /// All disruption budgets.
    pub fn budgets(&self) -> impl Iterator<Item = &DisruptionBudget> {
        self.budgets.iter()
    }

    /// What makes the pods that a budget selects; `None` where one of them is not known.
    pub fn protected_by(&self, budget: &DisruptionBudget) -> Option<Vec<&Workload>> {
        budget.targets.iter().map(|target| self.workload(target)).collect()
    }

    /// What a budget allows when there are as few pods as there can be.
    pub fn least_disruption(&self, budget: &DisruptionBudget) -> Option<Disruption> {
        let workloads = self.protected_by(budget)?;
        let pods = workloads.into_iter().map(|workload| self.least_pods(workload).map(|least| least.pods));
        budget.of(pods.sum::<Option<u64>>()?)
    }

    /// How many pods of a workload there are at least while it is up, and what says so; `None` where that is not known.
    pub fn least_pods<'a>(&'a self, workload: &'a Workload) -> Option<LeastPods<'a>> {
        if self.scalers_of(workload).next().is_none() {
            // Something that is not seen here is meant to change the number.
            if workload.replicas_ignored {
                return None;
            }
            return workload.replicas.set().map(|pods| LeastPods { pods: *pods, scaler: None });
        }
        // Two scalers for one target are alternatives: which of them applies is not known.
        let scaler = self.scaler_of(workload)?;
        scaler.min.known().map(|pods| LeastPods { pods: *pods, scaler: Some(scaler) })
    }
}

/// The least pods of a workload.
#[derive(Debug, Clone, Copy)]
pub struct LeastPods<'a> {
    /// How many.
    pub pods: u64,
    /// The scaler whose minimum that is; without one it is the workload's own number.
    pub scaler: Option<&'a Scaler>,
}

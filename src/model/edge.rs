//! Functions that CloudFront runs (Lambda@Edge): when, and what they cannot have there.

use super::{Architecture, FunctionSettings, Obstacle, Packaging, Platform, Processor, Trigger, TriggerKind, Workload};
use crate::facts::{Fact, aws};
use crate::value::{Data, Sourced};

/// The only region that functions at the edge are deployed to.
const REGION: &str = "us-east-1";

/// A moment at which CloudFront runs a function.
#[derive(Debug, Clone, Copy)]
pub struct EdgeEvent<'a> {
    /// The association.
    pub trigger: &'a Trigger,
    /// `viewer-request`, `origin-response` ...
    pub name: &'a str,
}

impl EdgeEvent<'_> {
    /// How long a function may run then; `None` where the event is not known.
    pub fn longest_timeout(self) -> Option<&'static Fact> {
        match self.name {
            "viewer-request" | "viewer-response" => Some(&aws::EDGE_VIEWER_TIMEOUT_MAX),
            "origin-request" | "origin-response" => Some(&aws::EDGE_ORIGIN_TIMEOUT_MAX),
            _ => None,
        }
    }

    /// How much memory it may have then, where that is less than elsewhere.
    pub fn most_memory(self) -> Option<&'static Fact> {
        self.name.starts_with("viewer-").then_some(&aws::EDGE_VIEWER_MEMORY_MAX)
    }

    /// Whether the association is known to name the function's unpublished code. The qualified ARN of a function that
    /// publishes nothing is that of its unpublished code, too.
    pub fn names_latest(self, function: &FunctionSettings) -> bool {
        let link = &self.trigger.target;
        let is_own = matches!(link.written.known(), Some(Data::Reference(reference)) if reference.attribute.starts_with("qualified"));
        !link.qualified || is_own && function.publishes.known() == Some(&false)
    }
}

impl Architecture {
    /// The moments at which CloudFront runs a function of Lambda.
    pub fn edge_events_of<'a>(&'a self, workload: &'a Workload) -> Vec<EdgeEvent<'a>> {
        let triggers = self.triggers_of(workload).filter(|_| workload.platform == Platform::AwsLambda);
        triggers
            .filter(|trigger| trigger.is_surely_on())
            .filter_map(|trigger| match &trigger.kind {
                TriggerKind::Edge(name) => Some(EdgeEvent { trigger, name }),
                _ => None,
            })
            .collect()
    }

    /// What a function has that none can have at the edge.
    pub fn unfit_for_edge(&self, workload: &Workload) -> Vec<Obstacle> {
        let Some(function) = &workload.function else { return Vec::new() };
        let is_image = function.packaging.known() == Some(&Packaging::Image);
        let runtime = function.runtime.set().filter(|name| !name.starts_with("nodejs") && !name.starts_with("python"));
        let runtime = runtime.filter(|_| !is_image).map(|name| format!("runs on {name}"));
        let disk = function.disk.set().filter(|disk| **disk > aws::EDGE_DISK_MAX.whole());
        let variable = workload.environment.first();
        let kept = self.kept_initialised(workload).into_iter().next();
        let region = self.other_region(workload, function).map(|region| format!("is deployed to {region}"));
        let is_set = |switch: &Sourced<bool>| switch.known() == Some(&true);
        let has = |is_there: bool, what: &str| is_there.then(|| what.to_string());
        let is_arm = workload.processor.known() == Some(&Processor::Arm);
        let has_layers = function.layers.set().is_some_and(|layers| *layers > 0);
        let reserves = function.reserved_concurrency.set().is_some();
        let obstacles = [
            (has(is_image, "is a container image"), function.packaging.origin.site()),
            (runtime, function.runtime.origin.site()),
            (has(variable.is_some(), "has environment variables"), variable.and_then(|variable| variable.span)),
            (has(is_set(&function.in_vpc), "is in a VPC"), function.in_vpc.origin.site()),
            (has(is_set(&function.dead_letter), "has a dead-letter queue"), function.dead_letter.origin.site()),
            (has(is_set(&function.tracing), "is traced"), function.tracing.origin.site()),
            (has(has_layers, "has layers"), function.layers.origin.site()),
            (has(reserves, "reserves instances"), function.reserved_concurrency.origin.site()),
            (has(kept.is_some(), "keeps instances initialised"), kept.and_then(|kept| kept.origin.site())),
            (has(is_arm, "runs on arm64"), workload.processor.origin.site()),
            (disk.map(|disk| format!("has {disk} MB of /tmp")), function.disk.origin.site()),
            (region, function.region.origin.site()),
        ];
        obstacles.into_iter().filter_map(|(what, span)| Some(Obstacle { what: what?, span })).collect()
    }

    /// The region of a function, where it is known that it is not the one of the edge.
    fn other_region<'a>(&'a self, workload: &Workload, function: &'a FunctionSettings) -> Option<&'a str> {
        match function.region.known()? {
            Some(region) => Some(&**region).filter(|region| *region != REGION),
            None => {
                let regions = &self.places.get(workload.identity.unit.0 as usize)?.regions;
                let elsewhere = regions.iter().all(|region| &**region != REGION);
                regions.first().filter(|_| elsewhere).map(|region| &**region)
            }
        }
    }
}

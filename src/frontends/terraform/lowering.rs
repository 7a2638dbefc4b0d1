//! How the resources of a root module get into the model, for the providers whose resources stand for themselves.
//!
//! A provider is a table from a resource type to the code that lowers it, written as methods of [`Lowering`]. AWS, whose
//! resources are told apart by those beside them, has a lowering of its own.

use crate::frontends::declared::take_tags;
use crate::frontends::resource::{Resource, Resources, reference_to};
use crate::frontends::triggers::always_on;
use crate::model::{
    Declarations, Gateway, HttpTrigger, Link, Platform, Scaler, ScalerKind, Trigger, TriggerKind, UnitId, Workload,
    WorkloadKind,
};
use crate::source::Span;
use crate::value::{How, Origin, Sourced, Unknown, Value, View};

/// Lowers the resources of one root module.
pub(super) struct Lowering<'r> {
    pub unit: UnitId,
    pub resources: &'r Resources,
    pub declarations: &'r mut Declarations,
}

/// The code for a resource type.
pub(super) type Lower = for<'r, 'l> fn(&'l mut Lowering<'r>, &'r Resource);

impl Lowering<'_> {
    /// Lowers every resource whose type is in a provider's table.
    pub fn provider(&mut self, table: fn(&str) -> Option<Lower>) {
        for resource in self.resources.iter() {
            if let Some(lower) = table(&resource.kind) {
                lower(self, resource);
            }
        }
    }

    /// A workload with the resource's `name`.
    pub fn workload(&self, resource: &Resource, kind: WorkloadKind, platform: Platform) -> Workload {
        let identity = resource.identity(self.unit, resource.view().get("name").text());
        Workload::new(identity, kind, platform)
    }

    /// The bounds that a workload's own resource sets.
    pub fn own_scaler(&self, resource: &Resource, kind: ScalerKind, workload: &Workload) -> Scaler {
        let least = workload.min_instances.clone().unwrap_or(0);
        let target = Link::to(reference_to(resource.address.clone(), resource.span));
        Scaler::new(workload.identity.clone(), kind, target, least, workload.max_instances.clone())
    }

    /// Adds a workload with what its tags or labels say about it.
    pub fn keep(&mut self, mut workload: Workload, tags: View<'_>) {
        take_tags(tags, &mut workload);
        self.declarations.workloads.push(workload);
    }

    /// Adds a trigger.
    pub fn trigger(&mut self, span: Span, target: Value, enabled: Sourced<bool>, kind: TriggerKind) {
        let trigger = Trigger::new(self.unit, span, Link::to(target), enabled, kind);
        self.declarations.triggers.push(trigger);
    }

    /// Adds a trigger that a workload's own resource declares.
    pub fn own_trigger(&mut self, resource: &Resource, enabled: Sourced<bool>, kind: TriggerKind) {
        self.trigger(resource.span, reference_to(resource.address.clone(), resource.span), enabled, kind);
    }

    /// The platform's own endpoint of something that requests reach.
    pub fn endpoint(&mut self, resource: &Resource, is_public: Sourced<bool>) {
        self.sticky_endpoint(resource, is_public, View::missing(resource.span));
    }

    /// The same, which may keep a client at one instance.
    pub fn sticky_endpoint(&mut self, resource: &Resource, is_public: Sourced<bool>, is_sticky: View<'_>) {
        let (limit, path) = (Sourced::absent(resource.span), Sourced::absent(resource.span));
        let is_sticky = Some(Box::new(is_sticky.boolean().map(|is_sticky| is_sticky.unwrap_or(false))));
        let http = HttpTrigger { is_public, is_sticky, ..HttpTrigger::new(Gateway::Platform, limit, path) };
        self.own_trigger(resource, always_on(), TriggerKind::Http(http));
    }
}

/// Who may call an endpoint, where that is set elsewhere.
pub(super) fn set_elsewhere(resource: &Resource) -> Sourced<bool> {
    let who = Unknown::NotEvaluated("who may call it".into());
    Sourced::unknown(who, Origin::new(How::Absent, resource.span))
}

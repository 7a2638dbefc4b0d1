//! PodDisruptionBudgets. They select pods as Services do; those that may select pods which are not known are left out.

use super::labels::Selector;
use super::lower::Lowering;
use super::object::Object;
use crate::frontends::resource::reference_to;
use crate::model::{Amount, DisruptionBudget, Link};
use crate::value::{Sourced, Unknown, View};

/// Budgets of one unit are looked at up to this number, and so many of what they select.
const MAX_BUDGETS: usize = 10_000;
const MAX_TARGETS: usize = 100_000;

impl Lowering<'_, '_> {
    /// Lowers the budgets, once all pods are known.
    pub(super) fn disruption_budgets(&mut self) {
        let mut left = MAX_TARGETS;
        let budgets = self.objects.all.iter().filter(|object| is_budget(object)).take(MAX_BUDGETS);
        for object in budgets {
            let selector = Selector::of(object.spec().get("selector"));
            let Some(pods) = self.pods.all_selected(&selector, &object.namespace()) else { continue };
            let Some(rest) = left.checked_sub(pods.len()) else { break };
            left = rest;
            let targets = pods.into_iter().map(|pod| Link::to(reference_to(pod.address.clone(), object.span)));
            self.declarations.budgets.push(DisruptionBudget {
                identity: object.identity(self.unit),
                targets: targets.collect(),
                min_available: amount(object.spec().get("minAvailable").within(object.span)),
                max_unavailable: amount(object.spec().get("maxUnavailable").within(object.span)),
            });
        }
    }
}

fn is_budget(object: &Object) -> bool {
    &*object.kind() == "PodDisruptionBudget" && &*object.group() == "policy"
}

fn amount(view: View<'_>) -> Sourced<Option<Amount>> {
    view.text().and_then(|text| {
        let Some(text) = text else { return Ok(None) };
        let amount = Amount::parse(&text).map(Some);
        amount.ok_or_else(|| Unknown::Invalid(format!("`{text}` is no number of pods").into()))
    })
}

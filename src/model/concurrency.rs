//! How many instances of a function may run at once, and who asks for how many.

use super::{Alias, Architecture, QueueTrigger, Trigger, TriggerKind, Workload};
use crate::value::{Data, Part, Sourced};

impl Architecture {
    /// The mappings that poll queues for a workload, those that are known to be on.
    pub fn queue_mappings_of<'a>(
        &'a self,
        workload: &'a Workload,
    ) -> impl Iterator<Item = (&'a Trigger, &'a QueueTrigger)> {
        self.triggers_of(workload).filter(|trigger| trigger.is_surely_on()).filter_map(|trigger| match &trigger.kind {
            TriggerKind::Queue(mapping) => Some((trigger, mapping)),
            _ => None,
        })
    }

    /// Whether the queue of a mapping is first in, first out; where it is not in the scanned set, its name says it.
    pub fn is_fifo(&self, mapping: &QueueTrigger) -> Option<bool> {
        if let Some(queue) = self.queue(&mapping.queue) {
            return queue.is_fifo.known().copied();
        }
        match mapping.queue.written.known()? {
            Data::Text(name) => Some(name.ends_with(".fifo")),
            Data::Template(parts) => match parts.last()? {
                Part::Text(end) => Some(end.ends_with(".fifo")),
                _ => None,
            },
            _ => None,
        }
    }

    /// The settings that keep instances of a function initialised, on itself and on its versions and aliases, as far
    /// as they are known to do so.
    pub fn kept_initialised<'a>(&'a self, workload: &'a Workload) -> Vec<&'a Sourced<Option<u64>>> {
        let own = workload.function.iter().map(|function| &function.provisioned_concurrency);
        let on_versions = self.aliases_of(workload).map(|alias| &alias.provisioned_concurrency);
        own.chain(on_versions).filter(|kept| kept.set().is_some_and(|kept| *kept > 0)).collect()
    }

    /// Instances of a function that are kept initialised, at least: what its versions and aliases ask for together, or
    /// what is written on the function itself.
    pub fn instances_kept(&self, workload: &Workload) -> u64 {
        let own = workload.function.as_ref().and_then(|function| function.provisioned_concurrency.set().copied());
        let on_versions = self.aliases_of(workload).filter_map(|alias| alias.provisioned_concurrency.set());
        on_versions.fold(0, |sum: u64, kept| sum.saturating_add(*kept)).max(own.unwrap_or_default())
    }

    /// The setting that keeps instances of the unpublished code initialised, which no platform does.
    pub fn kept_unpublished<'a>(&'a self, workload: &'a Workload) -> Option<&'a Sourced<Option<u64>>> {
        let function = workload.function.as_ref()?;
        let keeps = |kept: &Sourced<Option<u64>>| kept.set().is_some_and(|kept| *kept > 0);
        let is_published = |alias: &Alias| alias.is_published.known() != Some(&false);
        let on_latest = self.aliases_of(workload).filter(|alias| !is_published(alias));
        let on_latest = on_latest.map(|alias| &alias.provisioned_concurrency).find(|kept| keeps(kept));
        let own = (function.publishes.known() == Some(&false) && !self.aliases_of(workload).any(is_published))
            .then_some(&function.provisioned_concurrency);
        on_latest.or(own.filter(|kept| keeps(kept)))
    }
}

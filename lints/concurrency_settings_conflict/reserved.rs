//! What a function reserves is less than what something else asks for.

use super::Conflict;
use crate::facts::aws;
use crate::fix::{New, Proposal};
use crate::lint::{Label, Level};
use crate::model::{Architecture, FunctionSettings, QueueTrigger, Workload};
use crate::value::{How, Sourced};
use crate::wording::counted;

/// A function with a number of instances that are set aside for it.
struct Reserving<'a> {
    architecture: &'a Architecture,
    workload: &'a Workload,
    function: &'a FunctionSettings,
    reserved: u64,
}

/// The worst that can be said about what a function reserves.
pub(super) fn conflict<'a>(
    architecture: &'a Architecture,
    workload: &'a Workload,
    function: &'a FunctionSettings,
) -> Option<Conflict<'a>> {
    let reserved = function.reserved_concurrency.set().copied()?;
    let function = Reserving { architecture, workload, function, reserved };
    function
        .below_kept()
        .or_else(|| function.switched_off())
        .or_else(|| function.below_mappings())
        .or_else(|| function.below_first_batches())
}

impl<'a> Reserving<'a> {
    fn conflict(
        &self,
        level: Level,
        what: String,
        others: Vec<Label>,
        why: String,
        help: String,
        fix: Option<Proposal>,
    ) -> Option<Conflict<'a>> {
        let setting = &self.function.reserved_concurrency.origin;
        let label = format!("{} at most", counted(self.reserved, "instance"));
        Some(Conflict { workload: self.workload, level, setting, label, what, others, why, help, fix })
    }

    /// Reserving more.
    fn raised(&self, to: u64) -> Option<Proposal> {
        let fix = Proposal::risky(format!("reserve {}", counted(to, "instance")));
        Some(fix.set(&self.function.reserved_concurrency, New::Number(to)))
    }

    /// The mapping limited to what is reserved, or more reserved where that is less than a mapping can be limited to.
    fn limited(&self, mapping: &'a QueueTrigger) -> Option<Proposal> {
        if self.reserved < aws::SQS_MAXIMUM_CONCURRENCY_MIN.whole() {
            return self.raised(aws::SQS_FIRST_BATCHES.whole());
        }
        let title = format!("let the queue start {} at most", counted(self.reserved, "instance"));
        Some(Proposal::risky(title).set(&mapping.maximum_concurrency, New::Number(self.reserved)))
    }

    /// More instances are kept initialised than are reserved.
    fn below_kept(&self) -> Option<Conflict<'a>> {
        let (workload, reserved) = (self.workload, self.reserved);
        let kept = self.architecture.instances_kept(workload);
        if kept <= reserved {
            return None;
        }
        let kept_at = |kept: &'a Sourced<Option<u64>>| Some(Label::new(kept.origin.site()?, "kept initialised"));
        self.conflict(
            Level::Error,
            format!("keeps {} initialised, but reserves {reserved}", counted(kept, "instance")),
            self.architecture.kept_initialised(workload).into_iter().filter_map(kept_at).collect(),
            "AWS Lambda rejects it: instances that are kept initialised are part of those that are reserved"
                .to_string(),
            format!("reserve {kept} or more, or keep fewer initialised"),
            self.raised(kept),
        )
    }

    fn switched_off(&self) -> Option<Conflict<'a>> {
        if self.reserved > 0 {
            return None;
        }
        self.conflict(
            Level::Advice,
            "reserves no instances, so it never runs".to_string(),
            Vec::new(),
            "every invocation is throttled: AWS Lambda uses a reserved concurrency of 0 as the switch that turns a function off".to_string(),
            "remove the setting when it shall run again, or the function when it shall not".to_string(),
            None,
        )
    }

    /// Its queue mappings may start more instances together.
    fn below_mappings(&self) -> Option<Conflict<'a>> {
        let reserved = self.reserved;
        let mappings = self.architecture.queue_mappings_of(self.workload);
        let limits: Vec<_> = mappings.map(|(_, mapping)| &mapping.maximum_concurrency).collect();
        let asked = limits.iter().filter_map(|limit| limit.set()).fold(0, |sum: u64, limit| sum.saturating_add(*limit));
        if asked <= reserved {
            return None;
        }
        let label = |limit: &&'a Sourced<Option<u64>>| {
            Some(Label::new(limit.origin.site()?, format!("this mapping may start {}", limit.set()?)))
        };
        let whose = if limits.len() == 1 { "its queue mapping" } else { "its queue mappings" };
        self.conflict(
            Level::Warning,
            format!("reserves {}, but {whose} may start {asked} at once", counted(reserved, "instance")),
            limits.iter().filter_map(label).collect(),
            format!(
                "invocations beyond {reserved} are throttled: their messages go back to the queue, are counted as received, and may end in the dead-letter queue without having been worked on"
            ),
            format!("reserve {asked} or more, or lower the maximum concurrencies until they add up to {reserved}"),
            self.raised(asked),
        )
    }

    /// A mapping without a limit starts more instances to begin with.
    fn below_first_batches(&self) -> Option<Conflict<'a>> {
        let (architecture, reserved) = (self.architecture, self.reserved);
        let first = &aws::SQS_FIRST_BATCHES;
        let mut mappings = architecture.queue_mappings_of(self.workload).filter(|_| reserved < first.whole());
        let (trigger, mapping) = mappings.find(|(_, mapping)| mapping.is_unlimited())?;
        // One instance at a time is a way to have messages worked on in turn, where somebody decided it for this
        // function; how many groups a first in, first out queue has no file says.
        let setting = &self.function.reserved_concurrency.origin;
        let is_default = setting.passes(|how| matches!(how, How::VariableDefault(_)));
        let is_fifo = architecture.is_fifo(mapping) == Some(true);
        let on_purpose = is_fifo || reserved == 1 && !is_default;
        let started =
            if is_fifo { "one for each group of messages".to_string() } else { format!("{} at once", first.amount()) };
        self.conflict(
            if on_purpose { Level::Advice } else { Level::Warning },
            format!("reserves {}, but Lambda starts {started} for its queue", counted(reserved, "instance")),
            vec![Label::new(trigger.span, "no maximum concurrency on this mapping")],
            format!(
                "a mapping starts {started}, whatever the function reserves ({}): batches that are throttled go back to the queue, are counted as received, and may end in the dead-letter queue without having been worked on",
                first.citation()
            ),
            "limit the mapping instead of the function: set its maximum concurrency (2 at least), or reserve 5 or more; for messages in strict order use a first in, first out queue with one group".to_string(),
            if on_purpose { None } else { self.limited(mapping) },
        )
    }
}

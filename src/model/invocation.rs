//! How functions are invoked: by senders that do not wait and do not come back, and by clocks that only keep them warm.

use super::{Architecture, EventKind, Platform, ScheduleTrigger, Trigger, TriggerKind, Workload, naming};
use crate::value::{Data, Value};

impl Trigger {
    /// Who hands it to a Lambda function by an asynchronous invocation and has nothing more to do with it. A clock comes
    /// again, and what a log subscription delivers is still in the log: they are left out.
    pub fn hands_over(&self) -> Option<&'static str> {
        match &self.kind {
            _ if self.permission.is_some() => None,
            TriggerKind::Event(kind @ (EventKind::Topic | EventKind::Storage | EventKind::Bus | EventKind::Iot)) => {
                Some(kind.sender())
            }
            TriggerKind::Http(http) if http.is_asynchronous.known() == Some(&true) => Some(http.gateway.name()),
            _ => None,
        }
    }
}

impl ScheduleTrigger {
    /// Whether it does nothing but call: what it hands over says that it keeps something warm, or is nothing.
    pub fn is_plain_call(&self) -> bool {
        self.input.is_none() || self.is_warming_call()
    }

    /// Whether what it hands over says that it keeps something warm.
    pub fn is_warming_call(&self) -> bool {
        const WORDS: [&str; 9] =
            ["warm", "warmer", "warming", "warmup", "keepwarm", "ping", "pinger", "keepalive", "prewarm"];
        let mut text = String::new();
        if let Some(input) = &self.input {
            texts(input, 0, &mut text);
        }
        naming::words(&text).any(|word| WORDS.contains(&&*word))
    }
}

/// All texts and keys in a value.
fn texts(value: &Value, depth: usize, into: &mut String) {
    if depth > 8 {
        return;
    }
    match value.known() {
        Some(Data::Text(text)) => into.push_str(text),
        Some(Data::List(items)) => items.iter().for_each(|item| texts(item, depth + 1, into)),
        Some(Data::Object(entries)) => entries.iter().for_each(|entry| {
            into.push_str(&entry.name);
            into.push(' ');
            texts(&entry.value, depth + 1, into);
        }),
        _ => {}
    }
    into.push(' ');
}

impl Architecture {
    /// The triggers whose events are lost for good when a function fails on them, each with who sends them.
    pub fn dropped_events_of<'a>(&'a self, workload: &'a Workload) -> Vec<(&'a Trigger, &'static str)> {
        let drops = workload.function.as_ref().is_some_and(|function| {
            workload.platform == Platform::AwsLambda
                && function.asynchronous.keeps_failures.known() == Some(&false)
                // The history of a durable execution keeps what it was given.
                && function.durable_timeout.is_absent()
                && !function.is_custom_resource
        });
        let triggers = self.triggers_of(workload).filter(|trigger| drops && trigger.is_surely_on());
        let lost = triggers.filter(|trigger| trigger.keeps_undelivered.known() == Some(&false));
        lost.filter_map(|trigger| Some((trigger, trigger.hands_over()?))).collect()
    }

    /// The schedule that does nothing but keep an instance of a function ready for its callers: it calls every few
    /// minutes (`at_most` seconds apart), and requests and such calls are all that sets the function off.
    pub fn warming_schedule_of<'a>(
        &'a self,
        workload: &'a Workload,
        at_most: u64,
    ) -> Option<(&'a Trigger, &'a ScheduleTrigger)> {
        let triggers: Vec<_> = self.triggers_of(workload).collect();
        let is_usual = |trigger: &Trigger| match &trigger.kind {
            TriggerKind::Http(http) => http.is_asynchronous.known() == Some(&false),
            TriggerKind::Schedule(schedule) => schedule.is_plain_call(),
            TriggerKind::Event(EventKind::Gateway) => true,
            _ => false,
        };
        let waits = triggers.iter().any(|trigger| trigger.is_surely_on() && trigger.is_synchronous());
        if !waits || !triggers.iter().all(|trigger| is_usual(trigger)) {
            return None;
        }
        let schedules = super::schedules(&triggers);
        // Of several schedules the function must be able to tell which one it is.
        let is_meant = |schedule: &ScheduleTrigger| schedules.len() == 1 || schedule.is_warming_call();
        schedules.iter().copied().find(|(trigger, schedule)| {
            let often = schedule.schedule.known().and_then(|schedule| schedule.shortest_period());
            trigger.is_surely_on() && is_meant(schedule) && often.is_some_and(|period| period <= at_most)
        })
    }
}

//! Who waits for the end of a run, and how long.

use super::{Architecture, Gateway, HttpTrigger, Trigger, TriggerKind, Workload};
use crate::facts::aws;
use crate::value::Origin;

/// Somebody who waits until a workload is done, or gives up.
#[derive(Debug, Clone, Copy)]
pub struct Wait<'a> {
    /// Who it is.
    pub caller: Caller<'a>,
    /// The trigger that says so.
    pub trigger: &'a Trigger,
    /// Seconds until the caller gives up.
    pub seconds: u64,
    /// How that number came about; `None` where the platform has only this one.
    pub origin: Option<&'a Origin>,
}

/// Those who wait, by what becomes of a run that takes longer.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    /// A gateway holds a connection open, and answers with an error.
    Gateway(&'a HttpTrigger),
    /// A user pool tries again, and then fails the sign-in.
    UserPool,
    /// A scheduler counts the run as failed.
    Scheduler(&'a HttpTrigger),
    /// A subscription sends the message again.
    Subscription,
}

impl Trigger {
    /// Who waits for a run that this trigger starts, as far as it is known; it is known to be on.
    pub fn wait(&self) -> Option<Wait<'_>> {
        let wait = |caller, seconds, origin| Some(Wait { caller, trigger: self, seconds, origin });
        match &self.kind {
            _ if !self.is_surely_on() => None,
            TriggerKind::Http(http) if http.gateway == Gateway::Scheduler => {
                wait(Caller::Scheduler(http), *http.limit.set()?, Some(&http.limit.origin))
            }
            TriggerKind::Http(http) => {
                let is_buffered = http.is_streaming.known() == Some(&false) && self.waiting().is_some();
                let seconds = http.limit.set().filter(|_| is_buffered)?;
                wait(Caller::Gateway(http), *seconds, Some(&http.limit.origin))
            }
            TriggerKind::Push(push) => {
                wait(Caller::Subscription, *push.ack_deadline.known()?, Some(&push.ack_deadline.origin))
            }
            // What sends messages in the place of the pool, nobody waits for.
            TriggerKind::UserPool(event) if !event.contains("sender") => {
                wait(Caller::UserPool, aws::COGNITO_TRIGGER_TIMEOUT.whole(), None)
            }
            _ => None,
        }
    }
}

impl Wait<'_> {
    /// Who waits, in a sentence.
    pub fn name(&self) -> &'static str {
        match self.caller {
            Caller::UserPool => "Cognito",
            _ => self.trigger.name(),
        }
    }
}

impl Architecture {
    /// Whether something starts a workload that does not wait for it.
    pub fn runs_in_background(&self, workload: &Workload) -> bool {
        self.triggers_of(workload).any(|trigger| !trigger.is_synchronous())
    }
}

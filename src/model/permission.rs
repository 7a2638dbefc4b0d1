//! What its role lets a function do, as far as it is written; whether a function may set itself off by what it writes.
//!
//! A permission to write is no write. A function counts as feeding its own trigger only where the one place that it may
//! write to is the place that its events come from, and nothing else names another.

use super::{Architecture, BackingService, EventKind, Link, Queue, Trigger, TriggerKind, Use, Workload};
use crate::source::Span;
use crate::value::{Data, Part, Sourced, Unknown, Value};
use std::sync::Arc;

/// What a role lets a function do.
#[derive(Debug, Default)]
pub struct Permissions {
    /// What is allowed.
    pub grants: Vec<Grant>,
    /// It may be allowed other things as well, or shares its role with others, so that the grants may be for those.
    pub is_open: bool,
}

/// Actions on a resource that are allowed.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The actions.
    pub actions: Arc<[Action]>,
    /// The resource as written: an ARN with or without a key, a reference.
    pub resource: Value,
}

/// An action that is allowed.
#[derive(Debug, Clone)]
pub struct Action {
    /// As written: `s3:PutObject`, `sqs:*`.
    pub name: Arc<str>,
    /// Where it is written.
    pub span: Option<Span>,
}

impl Grant {
    /// Whether it allows an action of a service, by name or with others.
    fn is_about(&self, service: &str) -> bool {
        self.actions.iter().any(|Action { name, .. }| &**name == "*" || name.split(':').next() == Some(service))
    }

    /// The first of these actions that stands there by its name.
    fn named(&self, actions: &[&str]) -> Option<&Action> {
        self.actions.iter().find(|action| actions.iter().any(|one| action.name.eq_ignore_ascii_case(one)))
    }
}

/// Variables whose names say that they tell where something is written to, or where it is.
const PLACES: [&str; 9] = ["BUCKET", "PREFIX", "OUTPUT", "DEST", "TARGET", "FOLDER", "SUFFIX", "DIR", "PATH"];

impl Architecture {
    /// The allowed action by which a function writes to where its events come from, if it may write nowhere else.
    pub fn write_to_own_source<'a>(&'a self, workload: &'a Workload, trigger: &'a Trigger) -> Option<&'a Action> {
        let permissions = workload.function.as_ref().map(|function| &function.permissions)?;
        if permissions.is_open {
            return None;
        }
        match (&trigger.kind, &trigger.source) {
            (TriggerKind::Event(EventKind::Storage), Some(bucket))
                if trigger.takes_every_new_object.known() == Some(&true) =>
            {
                self.write_to_bucket(workload, permissions, bucket)
            }
            (TriggerKind::Queue(queue), _) => self.send_to_queue(workload, permissions, &queue.queue),
            _ => None,
        }
    }

    fn write_to_bucket<'a>(
        &self,
        workload: &Workload,
        permissions: &'a Permissions,
        bucket: &Link<BackingService>,
    ) -> Option<&'a Action> {
        let mut names = vec![spelled(&bucket.written)?];
        if let Some(declared) = self.backing(bucket) {
            names.extend(declared.written_name.as_ref().and_then(spelled));
            if declared.identity.unit == workload.identity.unit {
                names.push(referred(&declared.identity.address));
            }
        }
        let is_it = |text: &str| {
            names.iter().any(|name| text.strip_prefix(&**name).is_some_and(|rest| matches!(rest, "" | "/*" | "*")))
        };
        let elsewhere = workload.environment.iter().any(|variable| {
            let name = variable.name.to_ascii_uppercase();
            PLACES.iter().any(|place| name.contains(place)) && !spelled(&variable.value).is_some_and(|it| is_it(&it))
        });
        let mut own = permissions.grants.iter().filter(|grant| grant.is_about("s3"));
        if elsewhere || !own.clone().all(|grant| spelled(&grant.resource).is_some_and(|text| is_it(&text))) {
            return None;
        }
        own.find_map(|grant| grant.named(&["s3:PutObject"]))
    }

    fn send_to_queue<'a>(
        &self,
        workload: &Workload,
        permissions: &'a Permissions,
        link: &Link<Queue>,
    ) -> Option<&'a Action> {
        let queue = self.queue(link)?;
        // Whoever only reads a queue need not know its address.
        let is_named = workload.uses.iter().any(|one| matches!(one, Use::Queue(other) if other.target == link.target));
        let other = workload.uses.iter().any(|one| match one {
            Use::Queue(other) => other.target != link.target,
            Use::Backing(_) => true,
        });
        if !is_named || other {
            return None;
        }
        let mut names: Vec<_> = spelled(&link.written).into_iter().collect();
        if queue.identity.unit == workload.identity.unit {
            names.push(referred(&queue.identity.address));
        }
        let mut own = permissions.grants.iter().filter(|grant| grant.is_about("sqs"));
        let is_it = |grant: &Grant| spelled(&grant.resource).is_some_and(|text| names.contains(&text));
        if !own.clone().all(is_it) || permissions.grants.iter().any(|grant| grant.is_about("sns")) {
            return None;
        }
        own.find_map(|grant| grant.named(&["sqs:SendMessage", "sqs:SendMessageBatch"]))
    }
}

/// How a reference to something as a whole is spelled.
fn referred(address: &str) -> String {
    format!("\u{1}{address}\u{2}")
}

/// One spelling for a name, an ARN and a reference, so that equal expressions are equal: what comes before the name in
/// the ARN of a bucket is left out, and so is which attribute is asked for. `None` where too little is known.
fn spelled(value: &Value) -> Option<String> {
    let mut text = String::new();
    match value.known() {
        Some(Data::Text(known)) => text.push_str(known),
        Some(Data::Reference(reference)) => text = referred(&reference.address),
        Some(Data::Template(parts)) => {
            for part in parts.iter() {
                match part {
                    Part::Text(known) => text.push_str(known),
                    Part::Reference(reference) => text.push_str(&referred(&reference.address)),
                    Part::Unknown(why) => text.push_str(&open(why)?),
                }
            }
        }
        Some(_) => return None,
        None => text = value.why_unknown().and_then(open)?,
    }
    let name = text.rsplit_once(":s3:::").map_or(&*text, |(_, name)| name);
    Some(name.to_string())
}

/// What is not known is still the same where it is the same variable.
fn open(why: &Unknown) -> Option<String> {
    match why {
        Unknown::AtDeployment(what) | Unknown::NoDefault(what) | Unknown::Environment(what) => {
            Some(format!("\u{1}?{what}\u{2}"))
        }
        Unknown::HandedOn(value) => Some(format!("\u{1}?{}\u{2}", value.text)),
        _ => None,
    }
}

impl Permissions {
    /// Nothing that can be told.
    pub fn open() -> Self {
        Self { grants: Vec::new(), is_open: true }
    }

    /// Takes what another policy allows as well.
    pub fn add(&mut self, other: Self) {
        self.grants.extend(other.grants);
        self.is_open |= other.is_open;
    }

    /// Takes one statement: allowed actions on resources.
    pub fn allow(&mut self, actions: Vec<Sourced<Option<Arc<str>>>>, resources: Vec<Value>) {
        let known = actions.iter().filter_map(|action| {
            let name = action.set().cloned()?;
            Some(Action { name, span: action.origin.site() })
        });
        let known: Arc<[Action]> = known.collect();
        self.is_open |= known.len() != actions.len() || resources.is_empty();
        self.grants.extend(resources.into_iter().map(|resource| Grant { actions: known.clone(), resource }));
    }
}

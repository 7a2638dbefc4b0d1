//! What shows that a workload takes its work from a queue.

use super::{Architecture, Use, Workload};
use crate::source::Span;
use crate::value::{Data, Value};

/// A sign that a workload works on what a queue holds.
#[derive(Debug)]
pub struct QueueSign {
    /// What it is, in words.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

impl Architecture {
    /// What shows that a workload without a way in takes its work from a queue: its command line, or a queue in its
    /// environment that no function reads.
    pub fn queue_sign(&self, workload: &Workload) -> Option<QueueSign> {
        let serves = workload.main_containers().any(|container| container.has_ports());
        if serves || workload.containers.is_empty() || self.triggers_of(workload).next().is_some() {
            return None;
        }
        by_command(workload).or_else(|| self.by_environment(workload))
    }

    fn by_environment(&self, workload: &Workload) -> Option<QueueSign> {
        let queues = workload.uses.iter().filter_map(|one| if let Use::Queue(link) = one { Some(link) } else { None });
        let mut named = queues.filter(|link| link.target.is_some());
        // What it only writes to has another reader.
        let mut is_read_elsewhere = false;
        for link in named.by_ref() {
            let (Some(queue), Some(span)) = (self.queue(link), link.span()) else { continue };
            if link.target.is_some_and(|target| self.queues_of_functions.contains(&target)) {
                is_read_elsewhere = true;
                continue;
            }
            return Some(QueueSign { text: format!("works on queue `{}`", queue.identity.label), span });
        }
        let variable = workload.environment.iter().filter(|_| !is_read_elsewhere).find(|variable| {
            names_queue(&variable.name) || is_broker_variable(&variable.name) || is_queue_address(&variable.value)
        })?;
        Some(QueueSign { text: format!("takes its work from `{}`", variable.name), span: variable.span? })
    }
}

/// Programs that only work on a queue. `celery beat` fills one, and there is to be one of it.
fn by_command(workload: &Workload) -> Option<QueueSign> {
    workload.main_containers().find_map(|container| {
        let mut words = container.command.iter().filter_map(text).flat_map(str::split_whitespace);
        let worker = container.worker()?;
        let fills = words.clone().any(|word| word == "beat") && words.all(|word| word != "worker");
        (!fills).then(|| QueueSign { text: format!("runs {} as a worker", worker.name), span: worker.span })
    })
}

fn text(value: &Value) -> Option<&str> {
    match value.known()? {
        Data::Text(text) => Some(text),
        _ => None,
    }
}

/// `JOBS_QUEUE_URL`: the queue is known by its address or name, and it is not one that results or failures go to.
fn names_queue(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> = name.split('_').collect();
    let is_address = matches!(words.last(), Some(&("URL" | "URI" | "NAME" | "ARN")));
    let is_other = |word: &&str| {
        matches!(
            *word,
            "DEAD"
                | "DLQ"
                | "FAILED"
                | "FAILURE"
                | "OUT"
                | "OUTPUT"
                | "OUTGOING"
                | "TARGET"
                | "DESTINATION"
                | "REPLY"
                | "RESULT"
                | "RESULTS"
                | "NOTIFICATION"
                | "NOTIFICATIONS"
                | "EVENT"
                | "EVENTS"
        )
    };
    is_address && words.contains(&"QUEUE") && !words.iter().any(is_other)
}

/// The variable by which workers of Celery find their queue.
fn is_broker_variable(name: &str) -> bool {
    name == "CELERY_BROKER_URL"
}

fn is_queue_address(value: &Value) -> bool {
    text(value).is_some_and(|text| text.starts_with("https://sqs.") && text.contains(".amazonaws.com"))
}

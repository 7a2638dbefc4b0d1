//! What a workload does without being asked: queue workers, loops, and the signs of either. Asked by lints about CPU
//! that is there between requests, or is not.

use super::command::{Worker, worker};
use super::{Container, Workload, naming};

/// Words in the names of environment variables that speak of work which no request brings.
const WORDS: [&str; 11] = [
    "subscription",
    "consumer",
    "worker",
    "broker",
    "amqp",
    "rabbitmq",
    "kafka",
    "celery",
    "sidekiq",
    "temporal",
    "cron",
];

/// Words in the names of images that collect or send on by themselves.
const COLLECTORS: [&str; 5] = ["collector", "otel", "gmp-sidecar", "agent", "fluent"];

impl Container {
    /// The queue worker that its command line runs.
    pub fn worker(&self) -> Option<Worker> {
        worker(&self.command)
    }
}

impl Workload {
    /// Whether its owner declares that requests come steadily.
    pub fn is_declared_steady(&self) -> bool {
        self.declared.traffic.as_ref().is_some_and(|traffic| &*traffic.value == "steady")
    }

    /// Whether anything speaks for work between requests: a worker, a loop, a collector beside it, or an environment
    /// that names what is polled. No sign of it is no proof that there is none.
    pub fn may_work_in_background(&self) -> bool {
        let collects = |container: &Container| {
            container.image.set().is_some_and(|image| COLLECTORS.iter().any(|word| image.contains(word)))
        };
        // `WORKERS` says how many processes a server has.
        let speaks = |word: &str| {
            let one = word.strip_suffix('s').filter(|one| *one != "worker").unwrap_or(word);
            WORDS.contains(&one)
        };
        let polls = |name: &str| naming::words(name).any(|word| speaks(&word));
        self.main_containers().any(|one| one.worker().is_some() || one.repeats.is_some() || collects(one))
            || self.variable(polls).is_some()
    }
}

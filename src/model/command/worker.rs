//! Programs that take jobs from a queue by themselves, without anybody sending them a request.

use super::shell::{self, Item};
use super::{Word, program, shell_script, without_wrappers, word};
use crate::source::Span;
use crate::value::Value;

/// A command line that runs a queue worker.
#[derive(Debug, Clone)]
pub struct Worker {
    /// The program as its documentation calls it.
    pub name: &'static str,
    /// Where it is written.
    pub span: Span,
}

/// Programs that are workers, or that are with one of the words behind them.
const PROGRAMS: &[(&str, &[&str], &str)] = &[
    ("celery", &["worker", "beat"], "Celery"),
    ("sidekiq", &[], "Sidekiq"),
    ("rq", &["worker", "worker-pool"], "RQ"),
    ("rqworker", &[], "RQ"),
    ("dramatiq", &[], "Dramatiq"),
    ("huey_consumer", &[], "Huey"),
    ("huey_consumer.py", &[], "Huey"),
    ("arq", &[], "arq"),
    ("shoryuken", &[], "Shoryuken"),
    ("good_job", &["start"], "GoodJob"),
    ("karafka", &["server"], "Karafka"),
];

/// Words that start a worker behind whatever interpreter or task runner they are given to.
const TASKS: &[(&str, &str)] = &[
    ("queue:work", "the queue worker of Laravel"),
    ("queue:listen", "the queue worker of Laravel"),
    ("messenger:consume", "Symfony Messenger"),
    ("jobs:work", "Delayed Job"),
    ("resque:work", "Resque"),
    ("solid_queue:start", "Solid Queue"),
    ("rqworker", "RQ"),
    ("qcluster", "Django Q"),
];

/// Interpreters and task runners.
const RUNNERS: [&str; 10] =
    ["php", "artisan", "console", "rake", "rails", "python", "python3", "manage.py", "sh", "ruby"];

/// The queue worker that a container's command line (`command`, then `args`) runs, alone or beside something else.
pub(crate) fn worker(words: &[Value]) -> Option<Worker> {
    let words: Vec<Word> = words.iter().map(word).collect::<Option<_>>()?;
    let words = without_wrappers(&words);
    let first = words.first()?;
    let (name, span) = match shell_script(words) {
        Some(script) => {
            let tokens = shell::tokens(script.text)?;
            let items = shell::items(&tokens)?;
            (items.iter().filter_map(Item::words).find_map(|words| named(&words))?, script.span?)
        }
        None => (named(&words.iter().map(|word| word.text).collect::<Vec<_>>())?, first.span?),
    };
    Some(Worker { name, span })
}

/// The worker that the words of one command start.
fn named(words: &[&str]) -> Option<&'static str> {
    let words = without_launchers(words);
    let (first, rest) = words.split_first()?;
    let first = program(first);
    let is_program = |(name, due, _): &&(&str, &[&str], &str)| {
        first == *name && (due.is_empty() || rest.iter().any(|word| due.contains(word)))
    };
    if let Some((.., name)) = PROGRAMS.iter().find(is_program) {
        return Some(name);
    }
    let task = |word: &&str| TASKS.iter().find(|(task, _)| task == word).map(|(_, name)| *name);
    rest.iter().find_map(task).filter(|_| RUNNERS.contains(&first))
}

/// The words behind programs that only start another one, in an environment of their own.
fn without_launchers<'a, 's>(mut words: &'a [&'s str]) -> &'a [&'s str] {
    while let [first, rest @ ..] = words {
        words = match (program(first), rest) {
            ("exec" | "nohup" | "npx" | "ddtrace-run" | "opentelemetry-instrument", _) => rest,
            ("bundle", ["exec", behind @ ..]) => behind,
            ("poetry" | "pipenv" | "uv", ["run", behind @ ..]) => behind,
            ("newrelic-admin", ["run-program", behind @ ..]) => behind,
            ("python" | "python3", ["-m", behind @ ..]) => behind,
            _ if super::is_assignment(first) => rest,
            _ => break,
        };
    }
    words
}

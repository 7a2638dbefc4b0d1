//! How well the values that lints judge are known, by format: a table for whoever works on resolution.
//!
//! ```sh
//! cargo run --release --example attributes -- DIRECTORY
//! ```
//!
//! A value is a literal where it is used, resolved (through references, defaults of variables, inheritance), the
//! platform's default or not written at all, or unknown. The second table says why: for a reason outside of the files
//! (only the platform or the deployment knows it), or for one inside of them, which is archlint's to mend. `-v` after
//! the directory lists the latter.

use archlint::discover::discover;
use archlint::model::{Architecture, Format, TriggerKind};
use archlint::read::{Variables, read};
use archlint::value::{How, Resolved, Sourced, Unknown};
use archlint::{frontends, link};
use std::collections::BTreeMap;
use std::path::PathBuf;

const COLUMNS: [&str; 4] = ["literal", "resolved", "default", "unknown"];

/// Numbers for the columns by format and attribute, and of what is unknown by format and reason.
#[derive(Default)]
struct Table {
    rows: BTreeMap<(String, &'static str), [usize; COLUMNS.len()]>,
    reasons: BTreeMap<(String, &'static str), usize>,
    inside: Vec<String>,
}

/// What a reason is about, and whether it lies outside of the files.
fn reason(why: &Unknown) -> (&'static str, bool) {
    match why {
        Unknown::AtDeployment(_) | Unknown::HandedOn(_) => ("only known at deployment", true),
        Unknown::NoDefault(_) => ("variable without a default", true),
        Unknown::Environment(_) => ("environment variable", true),
        Unknown::OutsideRoot(_) => ("file outside of the roots", true),
        Unknown::Program(_) => ("file that is a program", true),
        Unknown::Missing(_) => ("not there", false),
        Unknown::NotEvaluated(_) => ("not evaluated", false),
        Unknown::LeftAlone(_) => ("left alone by the tool", true),
        Unknown::Ambiguous(_) => ("several candidates", false),
        Unknown::Invalid(_) => ("invalid", false),
    }
}

impl Table {
    fn add<T>(&mut self, format: Format, attribute: &'static str, owner: &str, value: &Sourced<T>) {
        let column = match &value.value {
            Resolved::Known(_) if !value.is_explicit() => 2,
            Resolved::Known(_) => {
                let is_literal = value.origin.steps().all(|step| step.how == How::Literal);
                usize::from(!is_literal)
            }
            Resolved::Unknown(why) => {
                let (text, is_outside) = reason(why);
                *self.reasons.entry((format!("{format:?}"), text)).or_default() += 1;
                if !is_outside {
                    self.inside.push(format!("{format:?} {attribute} of {owner}: {why}"));
                }
                3
            }
        };
        self.rows.entry((format!("{format:?}"), attribute)).or_default()[column] += 1;
    }

    fn print(&self) {
        println!("{:<16}{:<22}{}", "format", "attribute", COLUMNS.map(|name| format!("{name:>10}")).concat());
        let mut all = [0; COLUMNS.len()];
        for ((format, attribute), counts) in &self.rows {
            println!("{format:<16}{attribute:<22}{}", counts.map(|count| format!("{count:>10}")).concat());
            all.iter_mut().zip(counts).for_each(|(all, count)| *all += count);
        }
        println!("{:<38}{}\n", "all", all.map(|count| format!("{count:>10}")).concat());
        for ((format, reason), count) in &self.reasons {
            println!("{format:<16}{reason:<28}{count:>4}");
        }
        let total: usize = all.iter().sum();
        let known = 100.0 * (total - self.inside.len()) as f64 / total.max(1) as f64;
        println!("\n{known:.2} % are known, or unknown for a reason outside of the files");
    }
}

fn fill(table: &mut Table, architecture: &Architecture) {
    let format = |unit| architecture.unit(unit).format;
    for workload in architecture.workloads() {
        let (at, owner) = (format(workload.identity.unit), workload.label());
        if let Some(function) = &workload.function {
            table.add(at, "function timeout", owner, &workload.timeout);
            table.add(at, "function memory", owner, &workload.memory);
            table.add(at, "function runtime", owner, &function.runtime);
            table.add(at, "function concurrency", owner, &function.reserved_concurrency);
            table.add(at, "function concurrency", owner, &function.provisioned_concurrency);
        } else {
            table.add(at, "replicas", owner, &workload.replicas);
        }
        for container in &workload.containers {
            table.add(at, "requests", owner, &container.cpu_request);
            table.add(at, "requests", owner, &container.memory_request);
            table.add(at, "probes", owner, &container.has_probe());
        }
        for trigger in architecture.triggers_of(workload) {
            match &trigger.kind {
                TriggerKind::Schedule(schedule) => table.add(at, "schedule", owner, &schedule.schedule),
                TriggerKind::Queue(queue) => table.add(at, "event source", owner, &queue.queue.written),
                _ => table.add(at, "event enabled", owner, &trigger.enabled),
            }
        }
    }
    for queue in architecture.queues() {
        table.add(format(queue.identity.unit), "queue visibility", &queue.identity.label, &queue.visibility);
    }
    for scaler in architecture.scalers() {
        table.add(format(scaler.identity.unit), "scaler bounds", &scaler.identity.label, &scaler.min);
        table.add(format(scaler.identity.unit), "scaler bounds", &scaler.identity.label, &scaler.max);
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let root = PathBuf::from(arguments.next().unwrap_or_else(|| ".".to_string()));
    let (found, _) = discover(std::slice::from_ref(&root));
    let reading = read(found, vec![archlint::source::normalize(&root)], Variables::default());
    let architecture = link::link(frontends::lower(&reading.workspace));
    let mut table = Table::default();
    fill(&mut table, &architecture);
    table.print();
    if arguments.any(|argument| argument == "-v") {
        table.inside.iter().for_each(|line| println!("{line}"));
    }
}

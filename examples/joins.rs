//! What is joined: every reference from a trigger, a scaler or an environment to something declared, and whether both
//! are in one unit, in two, or in two formats.
//!
//! ```sh
//! cargo run --release --example joins -- DIRECTORY
//! ```
//!
//! Joins that leave their unit are listed with both places and what handed them on; `-v` after the directory lists
//! those within a unit as well.

use archlint::discover::discover;
use archlint::model::{Architecture, Hop, Identity, Link, TriggerKind, UnitId, Use};
use archlint::read::{Variables, read};
use archlint::source::{Sources, Span};
use archlint::{frontends, link};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One reference and what it leads to.
struct Join<'a> {
    kind: &'static str,
    unit: UnitId,
    span: Option<Span>,
    end: &'a Identity,
    hops: &'a [Hop],
}

impl<'a> Join<'a> {
    fn new<T>(kind: &'static str, unit: UnitId, link: &'a Link<T>, end: Option<&'a Identity>) -> Option<Self> {
        Some(Self { kind, unit, span: link.span(), end: end?, hops: &link.hops })
    }

    /// How far apart its ends are.
    fn reach(&self, architecture: &Architecture) -> &'static str {
        let format = |unit| architecture.unit(unit).format;
        match (self.unit == self.end.unit, format(self.unit) == format(self.end.unit)) {
            (true, _) => "within a unit",
            (false, true) => "across units",
            (false, false) => "across formats",
        }
    }
}

fn joins(architecture: &Architecture) -> Vec<Join<'_>> {
    let mut joins = Vec::new();
    for trigger in architecture.triggers() {
        let target = architecture.workload(&trigger.target).map(|workload| &workload.identity);
        joins.extend(Join::new("target of a trigger", trigger.unit, &trigger.target, target));
        if let TriggerKind::Queue(queue) = &trigger.kind {
            let end = architecture.queue(&queue.queue).map(|queue| &queue.identity);
            joins.extend(Join::new("queue that is read", trigger.unit, &queue.queue, end));
        }
        if let Some(source) = &trigger.source {
            let declared = architecture.backing(source);
            let kind = declared.map_or("", |declared| declared.kind.name());
            joins.extend(Join::new(kind, trigger.unit, source, declared.map(|declared| &declared.identity)));
        }
    }
    for scaler in architecture.scalers() {
        let target = architecture.workload(&scaler.target).map(|workload| &workload.identity);
        joins.extend(Join::new("target of a scaler", scaler.identity.unit, &scaler.target, target));
    }
    for workload in architecture.workloads() {
        let unit = workload.identity.unit;
        joins.extend(workload.uses.iter().filter_map(|used| match used {
            Use::Queue(link) => {
                Join::new("queue in an environment", unit, link, architecture.queue(link).map(|queue| &queue.identity))
            }
            Use::Backing(link) => {
                let end = architecture.backing(link).map(|declared| &declared.identity);
                Join::new("service in an environment", unit, link, end)
            }
        }));
    }
    joins
}

fn place(sources: &Sources, span: Option<Span>) -> String {
    span.map_or("?".into(), |span| format!("{}:{}", sources.get(span.file).display_path(), sources.start(span).line))
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let root = PathBuf::from(arguments.next().unwrap_or_else(|| ".".to_string()));
    let shows_all = arguments.any(|argument| argument == "-v");
    let (found, _) = discover(std::slice::from_ref(&root));
    let reading = read(found, vec![root], Variables::default());
    let architecture = link::link(frontends::lower(&reading.workspace));
    let sources = &reading.workspace.sources;
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for join in joins(&architecture) {
        let reach = join.reach(&architecture);
        *counts.entry((reach, join.kind)).or_default() += 1;
        if shows_all || join.unit != join.end.unit {
            let hops = join.hops.iter().map(|hop| format!(" through `{}` ({})", hop.name, place(sources, hop.span)));
            println!(
                "{reach}: {}, {}{} -> `{}` ({})",
                join.kind,
                place(sources, join.span),
                hops.collect::<String>(),
                join.end.label,
                place(sources, Some(join.end.span)),
            );
        }
    }
    for ((reach, kind), count) in counts {
        println!("{count:>6}  {reach}: {kind}");
    }
}

//! The fourth stage: edges between what different resources, files and formats declared.
//!
//! Inside a unit, a reference leads to an address. Across units only an explicit identity joins: an ARN, or a
//! reference whose text names exactly one thing in the scanned set. Two candidates are an ambiguity, and an ambiguity
//! leads nowhere. All look-ups go through indexes that are built once.

use crate::frontends::Lowered;
use crate::model::{Alias, Architecture, Id, Identity, Link, TriggerKind, UnitId, Workload};
use crate::value::{Data, Part, Reference, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Joins what all units declare.
pub fn link(lowered: Vec<Lowered>) -> Architecture {
    let mut architecture = Architecture::default();
    for one in lowered {
        architecture.units.push(one.unit);
        architecture.workloads.extend(one.declarations.workloads);
        architecture.triggers.extend(one.declarations.triggers);
        architecture.queues.extend(one.declarations.queues);
        architecture.scalers.extend(one.declarations.scalers);
        architecture.claims.extend(one.declarations.claims);
        architecture.aliases.extend(one.declarations.aliases);
    }
    for (index, workload) in architecture.workloads.iter_mut().enumerate() {
        workload.id = Id::new(index);
    }
    // A name in a namespace is one of many: it joins inside its unit only, by its address.
    let is_unique = |workload: &Workload| workload.namespace.is_none();
    let named = architecture.workloads.iter().map(|workload| (&workload.identity, is_unique(workload)));
    let workloads = Index::of(named);
    let queues = Index::of(architecture.queues.iter().map(|queue| (&queue.identity, true)));
    let claims = Index::of(architecture.claims.iter().map(|claim| (&claim.identity, false)));
    let aliases = Index::of(architecture.aliases.iter().map(|alias| (&alias.identity, true)));

    for alias in &mut architecture.aliases {
        workloads.follow(&mut alias.function, alias.identity.unit);
    }
    let published: Vec<Option<Id<Workload>>> = architecture.aliases.iter().map(|alias| alias.function.target).collect();
    for trigger in &mut architecture.triggers {
        follow_to_function(&mut trigger.target, trigger.unit, &workloads, &aliases, &published);
        if let TriggerKind::Queue(queue) = &mut trigger.kind {
            queues.follow(&mut queue.queue, trigger.unit);
        }
    }
    for scaler in &mut architecture.scalers {
        follow_to_function(&mut scaler.target, scaler.identity.unit, &workloads, &aliases, &published);
    }
    for workload in &mut architecture.workloads {
        let unit = workload.identity.unit;
        for volume in workload.pod.iter_mut().flat_map(|pod| &mut pod.volumes) {
            claims.follow(&mut volume.claim, unit);
        }
    }
    index_by_workload(&mut architecture);
    architecture
}

/// Fills the lists that lead from a workload to what belongs to it.
fn index_by_workload(architecture: &mut Architecture) {
    let count = architecture.workloads.len();
    fn group<T>(count: usize, targets: impl Iterator<Item = Option<Id<Workload>>>) -> Vec<Vec<Id<T>>> {
        let mut groups = vec![Vec::new(); count];
        for (index, target) in targets.enumerate() {
            if let Some(group) = target.and_then(|target| groups.get_mut(target.index())) {
                group.push(Id::new(index));
            }
        }
        groups
    }
    architecture.triggers_of = group(count, architecture.triggers.iter().map(|trigger| trigger.target.target));
    architecture.scalers_of = group(count, architecture.scalers.iter().map(|scaler| scaler.target.target));
    architecture.aliases_of = group(count, architecture.aliases.iter().map(|alias| alias.function.target));
}

/// Follows a link that may lead to a function directly or by way of a version or alias.
fn follow_to_function(
    link: &mut Link<Workload>,
    unit: UnitId,
    workloads: &Index<Workload>,
    aliases: &Index<Alias>,
    published: &[Option<Id<Workload>>],
) {
    workloads.follow(link, unit);
    if link.target.is_none()
        && let Some(alias) = aliases.find(&link.written, unit)
    {
        link.target = published.get(alias.index()).copied().flatten();
        link.qualified = true;
    }
    link.qualified |= names_a_version(&link.written);
}

/// Whether a reference to a function names a version or alias: `qualified_arn`, or `...:live` behind it.
fn names_a_version(written: &Value) -> bool {
    match written.known() {
        Some(Data::Reference(reference)) => reference.attribute.starts_with("qualified"),
        Some(Data::Template(parts)) => parts.windows(2).any(|pair| match pair {
            [Part::Reference(reference), Part::Text(text)] => {
                reference.attribute.starts_with("qualified")
                    || reference.attribute.to_ascii_lowercase().ends_with("arn") && text.starts_with(':')
            }
            _ => false,
        }),
        Some(Data::Text(text)) => text.split(':').nth(2) == Some("lambda") && text.split(':').count() == 8,
        _ => false,
    }
}

/// Things of one kind by address within their unit and by their name on the platform.
struct Index<T> {
    by_address: HashMap<(UnitId, Arc<str>), Id<T>>,
    /// `None`: the name is not unique.
    by_name: HashMap<Arc<str>, Option<Id<T>>>,
}

impl<T> Index<T> {
    /// Of identities, each with whether its name on the platform joins across units.
    fn of<'a>(identities: impl Iterator<Item = (&'a Identity, bool)>) -> Self {
        let mut index = Self { by_address: HashMap::new(), by_name: HashMap::new() };
        for (number, (identity, is_named)) in identities.enumerate() {
            let id = Id::new(number);
            index.by_address.entry((identity.unit, identity.address.clone())).or_insert(id);
            if let Some(name) = identity.name.set().filter(|_| is_named) {
                index.by_name.entry(name.clone()).and_modify(|found| *found = None).or_insert(Some(id));
            }
        }
        index
    }

    fn follow(&self, link: &mut Link<T>, unit: UnitId) {
        link.target = self.find(&link.written, unit);
    }

    fn find(&self, written: &Value, unit: UnitId) -> Option<Id<T>> {
        match written.known()? {
            Data::Reference(reference) => self.at(reference, unit),
            Data::Template(parts) => {
                let mut references = parts.iter().filter_map(|part| match part {
                    Part::Reference(reference) => self.at(reference, unit),
                    _ => None,
                });
                let first = references.next();
                match references.next() {
                    // The same thing may be named twice in one text (an ARN made of a name and an id).
                    Some(second) if Some(second) != first => None,
                    _ => first.or_else(|| self.named(tail(parts)?)),
                }
            }
            Data::Text(text) => self.named(resource_name(text)),
            _ => None,
        }
    }

    fn at(&self, reference: &Reference, unit: UnitId) -> Option<Id<T>> {
        self.by_address.get(&(unit, reference.address.clone())).copied()
    }

    fn named(&self, name: &str) -> Option<Id<T>> {
        self.by_name.get(name).copied().flatten()
    }
}

/// The last piece of a text, if it is known and is the end of an ARN or URL whose start is not (account, region).
fn tail(parts: &[Part]) -> Option<&str> {
    match parts.last()? {
        Part::Text(text) if text.contains([':', '/']) => Some(resource_name(text)),
        _ => None,
    }
}

/// The resource that an ARN or a queue URL names, or the text itself.
fn resource_name(text: &str) -> &str {
    let name = text.rsplit([':', '/']).next().unwrap_or(text);
    // A function's ARN may end in its version or alias.
    match text.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "lambda", _, _, "function", function, ..] => function,
        _ => name,
    }
}

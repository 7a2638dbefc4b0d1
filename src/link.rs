//! The fourth stage: edges between what different resources, files and formats declared.
//!
//! Inside a unit, a reference leads to an address. Across units only an explicit identity joins: an ARN, or a
//! reference whose text names exactly one thing in the scanned set, or a parameter or output that exactly one unit
//! hands on. Two candidates are an ambiguity, and an ambiguity
//! leads nowhere. All look-ups go through indexes that are built once.

use crate::frontends::Lowered;
use crate::model::{Alias, Architecture, EventKind, Id, Identity, Link, TriggerKind, UnitId, Workload, exported};
use crate::value::{Data, Part, Reference, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Joins what all units declare.
pub fn link(lowered: Vec<Lowered>) -> Architecture {
    let mut architecture = Architecture::default();
    let mut exports: Exports = HashMap::new();
    for one in lowered {
        architecture.units.push(one.unit);
        architecture.workloads.extend(one.declarations.workloads);
        architecture.triggers.extend(one.declarations.triggers);
        architecture.queues.extend(one.declarations.queues);
        architecture.scalers.extend(one.declarations.scalers);
        architecture.claims.extend(one.declarations.claims);
        architecture.aliases.extend(one.declarations.aliases);
        let unit = UnitId(architecture.units.len() as u32 - 1);
        for export in one.declarations.exports {
            exports.entry(export.address).and_modify(|found| *found = None).or_insert(Some((unit, export.value)));
        }
    }
    for (index, workload) in architecture.workloads.iter_mut().enumerate() {
        workload.id = Id::new(index);
    }
    // A name in a namespace is one of many: it joins inside its unit only, by its address.
    let is_unique = |workload: &Workload| workload.namespace.is_none();
    let named = architecture.workloads.iter().map(|workload| (&workload.identity, is_unique(workload)));
    let workloads = Index::of(named, &exports);
    let queues = Index::of(architecture.queues.iter().map(|queue| (&queue.identity, true)), &exports);
    let claims = Index::of(architecture.claims.iter().map(|claim| (&claim.identity, false)), &exports);
    let aliases = Index::of(architecture.aliases.iter().map(|alias| (&alias.identity, true)), &exports);

    for alias in &mut architecture.aliases {
        workloads.follow(&mut alias.function, alias.identity.unit);
    }
    let published: Vec<Option<Id<Workload>>> = architecture.aliases.iter().map(|alias| alias.function.target).collect();
    for trigger in &mut architecture.triggers {
        follow_to_function(&mut trigger.target, trigger.unit, &workloads, &aliases, &published);
        if let TriggerKind::Queue(queue) = &mut trigger.kind {
            queues.follow(&mut queue.queue, trigger.unit);
            // That it is a queue was a guess, which only a queue bears out.
            if queue.queue.target.is_none() && is_handed_on(&queue.queue.written) {
                trigger.kind = TriggerKind::Event(EventKind::Other);
            }
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

/// Whether a value is a parameter or an output of another unit.
fn is_handed_on(written: &Value) -> bool {
    let references = written.known().map(Data::references).unwrap_or_default();
    references.iter().any(|reference| exported::is_handed_on(&reference.address))
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
    workloads: &Index<'_, Workload>,
    aliases: &Index<'_, Alias>,
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

/// What units hand on, by its address; `None`: several units say so.
type Exports = HashMap<Arc<str>, Option<(UnitId, Value)>>;

/// Handed on and on: more often is a circle.
const MAX_EXPORTS: usize = 8;

/// Things of one kind by address within their unit and by their name on the platform.
struct Index<'e, T> {
    exports: &'e Exports,
    by_address: HashMap<(UnitId, Arc<str>), Id<T>>,
    /// `None`: the name is not unique.
    by_name: HashMap<Arc<str>, Option<Id<T>>>,
}

impl<'e, T> Index<'e, T> {
    /// Of identities, each with whether its name on the platform joins across units.
    fn of<'a>(identities: impl Iterator<Item = (&'a Identity, bool)>, exports: &'e Exports) -> Self {
        let mut index = Self { exports, by_address: HashMap::new(), by_name: HashMap::new() };
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
        self.find_within(written, unit, 0)
    }

    /// The same, behind so many exports.
    fn find_within(&self, written: &Value, unit: UnitId, depth: usize) -> Option<Id<T>> {
        match written.known()? {
            Data::Reference(reference) => self.at(reference, unit, depth),
            Data::Template(parts) => {
                let mut references = parts.iter().filter_map(|part| match part {
                    Part::Reference(reference) => self.at(reference, unit, depth),
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

    fn at(&self, reference: &Reference, unit: UnitId, depth: usize) -> Option<Id<T>> {
        if let Some((_, name)) = exported::named(&reference.address) {
            return self.named(name);
        }
        if let Some(found) = self.by_address.get(&(unit, reference.address.clone())) {
            return Some(*found);
        }
        let (exporter, value) = self.exports.get(&reference.address)?.as_ref()?;
        if depth < MAX_EXPORTS { self.find_within(value, *exporter, depth + 1) } else { None }
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

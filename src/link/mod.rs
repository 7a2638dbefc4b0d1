//! The fourth stage: edges between what different resources, files and formats declared.
//!
//! Inside a unit, a reference leads to an address. Across units only an explicit identity joins: an ARN, a queue URL,
//! a name that exactly one thing of its sort has in the scanned set, or a parameter or output that exactly one unit
//! hands on. Of several candidates the one in the unit itself counts; otherwise they are an ambiguity, and an ambiguity
//! leads nowhere. All look-ups go through indexes that are built once: [`index`] follows links, [`names`] reads ARNs
//! and URLs, [`exports`] knows what is handed on.

mod exports;
mod index;
mod names;
mod places;

use crate::frontends::Lowered;
use crate::model::{
    Alias, Ambiguous, Architecture, BackingKind, BackingService, Claim, Cluster, EventKind, Id, Link, MappingTrigger,
    Queue, StateKind, StreamKind, StreamTrigger, Trigger, TriggerKind, UnitId, Use, VolumeKind, Workload,
};
use crate::source::Span;
use crate::value::{Data, Part, Unknown, Value};
use exports::Exports;
use index::{Index, Surroundings};
use names::Sort;
use places::Places;

/// What a search comes to.
enum Outcome<T> {
    /// It leads nowhere.
    Nothing,
    /// It leads to one thing.
    One(T),
    /// It may lead to several, and this is what was looked for.
    Several(String),
}

impl<T> Outcome<T> {
    /// The only candidate, or the only one that is `own`.
    fn only(candidates: Vec<T>, own: impl Fn(&T) -> bool, what: impl FnOnce() -> String) -> Self {
        let count = candidates.len();
        let owned = candidates.iter().filter(|one| own(one)).count();
        let mut candidates = candidates.into_iter().filter(|one| owned != 1 || own(one));
        match (candidates.next(), count) {
            (None, _) => Self::Nothing,
            (Some(one), _) if owned == 1 || count == 1 => Self::One(one),
            _ => Self::Several(what()),
        }
    }

    fn map<U>(self, change: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Nothing => Outcome::Nothing,
            Self::One(one) => Outcome::One(change(one)),
            Self::Several(what) => Outcome::Several(what),
        }
    }
}

/// The indexes of one run.
struct Indexes<'s> {
    workloads: Index<'s, Workload>,
    queues: Index<'s, Queue>,
    backing: Index<'s, BackingService>,
    aliases: Index<'s, Alias>,
    /// The function of each alias, once those are followed.
    published: Vec<Option<Id<Workload>>>,
    /// Where there was more than one candidate.
    ambiguous: Vec<Ambiguous>,
}

/// Joins what all units declare.
pub fn link(lowered: Vec<Lowered>) -> Architecture {
    let (mut architecture, surroundings) = gathered(lowered);
    let claims = architecture.claims.iter().map(|claim| (&claim.identity, Vec::new()));
    let claims: Index<'_, Claim> = Index::of(claims, &surroundings);
    let clusters = architecture.clusters.iter().map(|one| (&one.identity, vec![Sort::Cluster(one.kind)]));
    let clusters: Index<'_, Cluster> = Index::of(clusters, &surroundings);
    for pool in &mut architecture.node_pools {
        clusters.follow(&mut pool.cluster, pool.identity.unit, None);
    }
    let mut indexes = Indexes::of(&architecture, &surroundings);
    for alias in &mut architecture.aliases {
        indexes.workloads.follow(&mut alias.function, alias.identity.unit, Sort::Workload);
        indexes.published.push(alias.function.target);
    }
    for (unit, value) in surroundings.exports.offered() {
        let target = indexes.offered(value, *unit);
        if let Some(workload) = target.and_then(|id| architecture.workloads.get_mut(id.index())) {
            workload.is_handed_on = true;
        }
    }
    for trigger in &mut architecture.triggers {
        let name = trigger.name();
        indexes.follow_to_function(&mut trigger.target, trigger.unit, name);
        let target = trigger.target.target.and_then(|id| architecture.workloads.get(id.index()));
        let owner = target.map_or(name.to_string(), |workload| format!("`{}`", workload.label()));
        indexes.follow_source(trigger, &architecture.backing, &owner);
    }
    for machine in &mut architecture.state_machines {
        let tasks = machine.states.iter_mut().filter_map(|state| match &mut state.kind {
            StateKind::Task(task) => task.function.as_mut(),
            _ => None,
        });
        // What there is to say about their way is said of the triggers that go with them.
        for function in tasks {
            indexes.lead_to_function(function, machine.identity.unit);
        }
    }
    for integration in &mut architecture.integrations {
        indexes.lead_to_function(&mut integration.target, integration.identity.unit);
    }
    for scaler in &mut architecture.scalers {
        indexes.follow_to_function(&mut scaler.target, scaler.identity.unit, scaler.kind.name());
    }
    for scaler in &mut architecture.vertical_scalers {
        indexes.workloads.follow(&mut scaler.target, scaler.identity.unit, Sort::Workload);
    }
    for budget in &mut architecture.budgets {
        for target in &mut budget.targets {
            indexes.workloads.follow(target, budget.identity.unit, None);
        }
    }
    for workload in &mut architecture.workloads {
        let unit = workload.identity.unit;
        for volume in &mut workload.volumes {
            if let VolumeKind::Claim(claim) = &mut volume.kind {
                claims.follow(claim, unit, Sort::Claim);
            }
        }
        let named = workload.environment.iter().map(|variable| &variable.value).chain(&workload.cluster);
        workload.uses = named.flat_map(|value| indexes.used(value, unit)).collect();
    }
    architecture.ambiguous = indexes.ambiguous;
    index_by_workload(&mut architecture);
    architecture
}

/// Everything that is declared, and what else links are followed by.
fn gathered(lowered: Vec<Lowered>) -> (Architecture, Surroundings) {
    let mut architecture = Architecture::default();
    let mut surroundings = Surroundings { exports: Exports::default(), places: Places::default() };
    for one in lowered {
        let unit = UnitId(architecture.units.len() as u32);
        architecture.units.push(one.unit);
        architecture.workloads.extend(one.declarations.workloads);
        architecture.triggers.extend(one.declarations.triggers);
        architecture.integrations.extend(one.declarations.integrations);
        architecture.queues.extend(one.declarations.queues);
        architecture.backing.extend(one.declarations.backing);
        architecture.scalers.extend(one.declarations.scalers);
        architecture.clusters.extend(one.declarations.clusters);
        architecture.node_pools.extend(one.declarations.node_pools);
        architecture.makes_nodes |= one.declarations.makes_nodes;
        architecture.vertical_scalers.extend(one.declarations.vertical_scalers);
        architecture.claims.extend(one.declarations.claims);
        architecture.budgets.extend(one.declarations.budgets);
        architecture.aliases.extend(one.declarations.aliases);
        architecture.state_machines.extend(one.declarations.state_machines);
        architecture.places.push(one.declarations.place.clone());
        surroundings.places.push(one.declarations.place);
        one.declarations.exports.into_iter().for_each(|export| surroundings.exports.add(unit, export));
    }
    for (index, workload) in architecture.workloads.iter_mut().enumerate() {
        workload.id = Id::new(index);
    }
    (architecture, surroundings)
}

impl<'s> Indexes<'s> {
    fn of(architecture: &Architecture, surroundings: &'s Surroundings) -> Self {
        // A name in a namespace is one of many: it joins inside its unit only, by its address.
        let sorts = |workload: &Workload| match workload.namespace {
            None => vec![Sort::Workload, Sort::On(workload.platform)],
            Some(_) => Vec::new(),
        };
        let workloads = architecture.workloads.iter().map(|workload| (&workload.identity, sorts(workload)));
        let queues = architecture.queues.iter().map(|queue| (&queue.identity, vec![Sort::Queue]));
        let backing = architecture.backing.iter().map(|one| (&one.identity, vec![Sort::Backing(one.kind)]));
        let aliases = architecture.aliases.iter().map(|alias| (&alias.identity, vec![Sort::Alias]));
        Self {
            workloads: Index::of(workloads, surroundings),
            queues: Index::of(queues, surroundings),
            backing: Index::of(backing, surroundings),
            aliases: Index::of(aliases, surroundings),
            published: Vec::new(),
            ambiguous: Vec::new(),
        }
    }
}

impl Indexes<'_> {
    /// Notes what a link was looked for in vain, because there was more than one.
    fn note(&mut self, name: &'static str, owner: &str, span: Option<Span>, several: Option<String>) {
        if let (Some(span), Some(what)) = (span, several) {
            let why = Unknown::Ambiguous(format!("`{what}`").into());
            self.ambiguous.push(Ambiguous { name, owner: owner.into(), why, span });
        }
    }

    /// Follows a link that may lead to a function directly or by way of a version or alias.
    fn follow_to_function(&mut self, link: &mut Link<Workload>, unit: UnitId, owner: &str) {
        let several = self.lead_to_function(link, unit);
        self.note("the target", owner, link.span(), several);
    }

    /// The same; says what there is more than one of.
    fn lead_to_function(&self, link: &mut Link<Workload>, unit: UnitId) -> Option<String> {
        self.lead(link, unit, Some([Sort::Workload, Sort::Alias]))
    }

    /// The workload that a value names, directly or by way of a version or alias, if it says itself that it is one.
    fn offered(&self, value: &Value, unit: UnitId) -> Option<Id<Workload>> {
        let mut link = Link::to(value.clone());
        self.lead(&mut link, unit, None);
        link.target
    }

    /// Follows a link to a workload, or else to a version or alias of one; a plain name is taken for what is due.
    fn lead(&self, link: &mut Link<Workload>, unit: UnitId, due: Option<[Sort; 2]>) -> Option<String> {
        let several = self.workloads.follow(link, unit, due.map(|[workload, _]| workload));
        if link.target.is_none() {
            let mut to_alias = Link::to(link.written.clone());
            self.aliases.follow(&mut to_alias, unit, due.map(|[_, alias]| alias));
            if let Some(alias) = to_alias.target {
                link.target = self.published.get(alias.index()).copied().flatten();
                link.hops = to_alias.hops;
                link.qualified = true;
            }
        }
        link.qualified |= names_a_version(&link.written);
        several
    }

    /// Follows what a trigger comes from.
    fn follow_source(&mut self, trigger: &mut Trigger, backing: &[BackingService], owner: &str) {
        let unit = trigger.unit;
        if let TriggerKind::Queue(queue) = &mut trigger.kind {
            let several = self.queues.follow(&mut queue.queue, unit, Sort::Queue);
            self.note("the queue", owner, queue.queue.span(), several);
        }
        if let Some(source) = &mut trigger.source {
            let several = self.backing.follow(source, unit, None);
            self.note("the source of an event", owner, source.span(), several);
        }
        if matches!(trigger.kind, TriggerKind::Undetermined(_))
            && let TriggerKind::Undetermined(mapping) =
                std::mem::replace(&mut trigger.kind, TriggerKind::Event(EventKind::Other))
        {
            let source = trigger.source.as_ref().and_then(|source| backing.get(source.target?.index()));
            trigger.kind = self.determined(*mapping, source, unit);
        }
    }

    /// What a value names, if it says itself of which sort that is: a plain name may be that of anything.
    fn used(&self, value: &Value, unit: UnitId) -> Vec<Use> {
        let mut queue = Link::to(value.clone());
        self.queues.follow(&mut queue, unit, None);
        if queue.target.is_some() {
            return vec![Use::Queue(queue)];
        }
        let follow = |value: Value| {
            let mut backing = Link::to(value);
            self.backing.follow(&mut backing, unit, None);
            Some(backing).filter(|backing| backing.target.is_some())
        };
        if let Some(backing) = follow(value.clone()) {
            return vec![Use::Backing(backing)];
        }
        // A longer text names what it has the address of: `postgres://${user}@${database.endpoint}/shop`.
        let Some(data @ Data::Template(_)) = value.known() else { return Vec::new() };
        let parts = data.references().into_iter().map(|part| Data::Reference(part.clone()));
        let links = parts.filter_map(|part| follow(Value::new(part, value.origin.clone())));
        links.filter(Link::is_address).map(Use::Backing).collect()
    }

    /// What a mapping reads, of which its own unit does not say whether it is a queue or a stream.
    fn determined(&self, mapping: MappingTrigger, source: Option<&BackingService>, unit: UnitId) -> TriggerKind {
        let MappingTrigger { mut queue, stream } = mapping;
        self.queues.follow(&mut queue.queue, unit, Sort::Queue);
        let stream = |kind| TriggerKind::Stream(StreamTrigger { kind, ..stream });
        match source.map(|source| source.kind) {
            _ if queue.queue.target.is_some() => TriggerKind::Queue(queue),
            Some(BackingKind::KinesisStream) => stream(StreamKind::Kinesis),
            Some(BackingKind::DynamoDbTable) => stream(StreamKind::DynamoDb),
            _ => TriggerKind::Event(EventKind::Other),
        }
    }
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
    let queues = architecture.triggers.iter().filter_map(|trigger| match &trigger.kind {
        TriggerKind::Queue(queue) => queue.queue.target,
        _ => None,
    });
    architecture.queues_of_functions = queues.collect();
}

/// Whether an attribute of a function names a version of it: `qualified_arn`, what the registry's module calls it, and
/// what SAM's `${Function.Alias}` asks for.
fn is_qualified(attribute: &str) -> bool {
    matches!(attribute, "Alias" | "Version")
        || attribute.trim_start_matches("lambda_function_").starts_with("qualified")
}

/// Whether a reference to a function names a version or alias: `qualified_arn`, or `...:live` behind it.
fn names_a_version(written: &Value) -> bool {
    match written.known() {
        Some(Data::Reference(reference)) => is_qualified(&reference.attribute),
        Some(Data::Template(parts)) => parts.windows(2).enumerate().any(|(at, pair)| match pair {
            [Part::Reference(reference), Part::Text(text)] => {
                // An ARN, or a name at the end of one.
                let before = at.checked_sub(1).and_then(|before| parts.get(before));
                let is_name = matches!(before, Some(Part::Text(before)) if before.ends_with(":function:"));
                let is_arn = reference.attribute.to_ascii_lowercase().ends_with("arn");
                is_qualified(&reference.attribute) || (is_arn || is_name) && text.starts_with(':')
            }
            _ => false,
        }),
        Some(Data::Text(text)) => text.split(':').nth(2) == Some("lambda") && text.split(':').count() == 8,
        _ => false,
    }
}

//! From the blocks of a root module and of what it calls to resources with resolved attributes.

use super::instances::Instance;
use super::module::{Call, Module, ResourceBlock};
use super::registry::RegistryModule;
use super::remote::{OUTPUT, written_out};
use super::scope::{Env, Evaluator, ScopeId, key_and_value, unknown};
use super::{is_ignored, named, reads};
use crate::frontends::resource::Resource;
use crate::model::{Declared, Place};
use crate::read::Workspace;
use crate::source::Span;
use crate::tree::{Kind, NodeRef};
use crate::value::{Data, Entry, Origin, Sourced, Unknown, Value, View};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Blocks within blocks.
const MAX_BLOCKS: usize = 64;
/// Resources of one root module: instances of modules within instances multiply.
const MAX_RESOURCES: usize = 20_000;
/// Entries of dynamic blocks of one kind.
const MAX_DYNAMIC: usize = 1_000;

/// What a root module expands to.
#[derive(Default)]
pub(super) struct Expanded {
    /// Its resources and those of the local modules that it calls.
    pub resources: Vec<Resource>,
    /// Whether some were left out because there are too many.
    pub is_cut: bool,
    /// Where its providers deploy to.
    pub place: Place,
    /// Where modules are called that are not read.
    pub unread: BTreeSet<Span>,
}

/// Expands a root module and the local modules that it calls.
pub(super) fn expand<'w>(workspace: &'w Workspace, modules: &'w HashMap<PathBuf, Module<'w>>, root: &Path) -> Expanded {
    let Some((evaluator, scope)) = Evaluator::new(workspace, modules, root) else { return Expanded::default() };
    let is_clock = |resource: &ResourceBlock<'_>| resource.kind.as_str() == Some(named::CLOCK);
    let reads_all = modules.values().any(|module| module.resources.iter().any(is_clock));
    let mut expansion = Expansion { evaluator, found: Vec::new(), unread: BTreeSet::new(), reads_all };
    expansion.module(scope);
    expansion.outputs(scope);
    let place = expansion.evaluator.place(modules.values());
    let Expansion { evaluator, found, unread, .. } = expansion;
    Expanded { resources: found, is_cut: evaluator.is_cut, place, unread }
}

struct Expansion<'w> {
    evaluator: Evaluator<'w>,
    found: Vec<Resource>,
    unread: BTreeSet<Span>,
    /// Whether the attributes of all types are looked at.
    reads_all: bool,
}

/// The type that stands for a call of a module that is not read, where all attributes are looked at.
const UNREAD_CALL: &str = "module";

impl<'w> Expansion<'w> {
    fn module(&mut self, scope: ScopeId) {
        let module = self.evaluator.scope(scope).module;
        for resource in &module.resources {
            self.resource(scope, *resource);
        }
        self.policies(scope);
        for call in &module.calls {
            let instances = self.evaluator.instances(scope, call.block);
            for instance in instances.iter() {
                if let Some(module) = RegistryModule::of(call) {
                    self.registry(module, scope, *call, instance);
                } else if let Some(child) = self.evaluator.child(scope, *call, instance) {
                    self.module(child);
                } else if let Some(source) = call.block.get("source") {
                    self.unread.insert(source.span());
                    self.unread_call(scope, *call, instance);
                }
            }
        }
    }

    /// What the root module puts out, for those who read its state.
    fn outputs(&mut self, scope: ScopeId) {
        let mut outputs: Vec<_> = self.evaluator.scope(scope).module.outputs.iter().collect();
        outputs.sort_unstable_by_key(|(name, _)| **name);
        for (name, block) in outputs {
            if let Some(written) = block.get("value") {
                let value = self.evaluator.remembered(scope, written);
                self.keep(OUTPUT, format!("{OUTPUT}.{name}"), name, block.span(), value);
            }
        }
    }

    /// Policies that data sources write out: what they say is known before anything is deployed.
    fn policies(&mut self, scope: ScopeId) {
        let mut blocks: Vec<_> =
            self.evaluator.scope(scope).module.data.iter().map(|(name, block)| (*name, *block)).collect();
        blocks.sort_unstable_by_key(|(name, _)| *name);
        for ((kind, label), block) in blocks {
            let Some(policy) = written_out(kind, block) else { continue };
            let body = self.instance_body(block, scope, &Instance::default());
            let address = format!("{}{policy}.{label}", self.evaluator.scope(scope).prefix);
            self.keep(policy, address, label, block.span(), body);
        }
    }

    fn resource(&mut self, scope: ScopeId, resource: ResourceBlock<'w>) {
        let (Some(kind), Some(label)) = (resource.kind.as_str(), resource.label.as_str()) else { return };
        let instances = self.evaluator.instances(scope, resource.block);
        for instance in instances.iter() {
            if self.found.len() >= MAX_RESOURCES {
                self.evaluator.is_cut = true;
                return;
            }
            let body = if self.reads_all || reads(kind) {
                let mut body = self.instance_body(resource.block, scope, instance);
                for block in self.evaluator.scope(scope).module.overrides.get(&(kind, label)).into_iter().flatten() {
                    body = overridden(body, &self.instance_body(*block, scope, instance));
                }
                left_alone(body)
            } else {
                Sourced::new(Data::Null, Origin::literal(resource.label.span()))
            };
            let address = format!("{}{kind}.{label}{}", self.evaluator.scope(scope).prefix, instance.key);
            let label = self.evaluator.scope(scope).name_of(label, instance);
            // What someone else's module makes of an entry is changed at the entry.
            let entry = instance.entry.filter(|entry| self.evaluator.is_elsewhere(*entry, resource.label.span()));
            self.keep(kind, address, &label, entry.unwrap_or(resource.label.span()), body);
        }
    }

    /// What the call of a module that is not read is given, for what it names.
    fn unread_call(&mut self, scope: ScopeId, call: Call<'w>, instance: &Instance) {
        let Some(label) = call.label.as_str().filter(|_| self.reads_all) else { return };
        let body = self.instance_body(call.block, scope, instance);
        // No reference leads to it.
        let address = format!("call of {}module.{label}{}", self.evaluator.scope(scope).prefix, instance.key);
        self.keep(UNREAD_CALL, address, label, call.label.span(), body);
    }

    fn registry(&mut self, module: RegistryModule, scope: ScopeId, call: Call<'w>, instance: &Instance) {
        let Some(label) = call.label.as_str() else { return };
        let body = self.instance_body(call.block, scope, instance);
        let address = format!("{}module.{label}{}", self.evaluator.scope(scope).prefix, instance.key);
        let label = self.evaluator.scope(scope).name_of(label, instance);
        self.found.extend(module.resources(&address, &label, call.label.span(), body));
    }

    /// The attributes of a block, in the names of one of its instances.
    fn instance_body(&mut self, block: NodeRef<'w>, scope: ScopeId, instance: &Instance) -> Value {
        let env = Env::of(scope);
        match &instance.binding {
            Some((name, value)) => self.body(block, env.with(&env.bind(name, value)), 0),
            None => self.body(block, env, 0),
        }
    }

    fn keep(&mut self, kind: &str, address: String, label: &str, span: Span, body: Value) {
        self.found.push(Resource {
            kind: kind.into(),
            address: address.into(),
            label: label.into(),
            span,
            body,
            declared: Declared::default(),
            allows: Vec::new(),
            condition: None,
        });
    }

    /// The attributes of a block; blocks of the same name become a list.
    fn body(&mut self, block: NodeRef<'w>, env: Env<'_>, depth: usize) -> Value {
        if depth > MAX_BLOCKS {
            return unknown(Unknown::NotEvaluated("blocks this deep".into()), block.span());
        }
        let mut entries: Vec<Entry> = Vec::new();
        let mut repeated: HashMap<&str, (Span, Vec<Value>, Option<Unknown>)> = HashMap::new();
        for (key, value) in block.entries() {
            let Some(name) = key.as_str() else { continue };
            if !matches!(value.kind(), Kind::Block { .. }) {
                entries.push(Entry {
                    name: name.into(),
                    key: Some(key.span()),
                    value: self.evaluator.evaluate(value, env),
                });
                continue;
            }
            // Further down it is the lifecycle of a container.
            if name == "lifecycle" && depth == 0 {
                entries.push(Entry { name: name.into(), key: Some(key.span()), value: names_within(value) });
                continue;
            }
            if name == "dynamic" {
                let Some(label) = value.labels().next() else { continue };
                let Some(name) = label.as_str() else { continue };
                let made = self.dynamic(name, value, env, depth);
                let slot = repeated.entry(name).or_insert_with(|| (label.span(), Vec::new(), None));
                match made {
                    Ok(values) => slot.1.extend(values),
                    Err(why) => slot.2 = Some(why),
                }
                continue;
            }
            let body = self.body(value, env, depth + 1);
            repeated.entry(name).or_insert_with(|| (key.span(), Vec::new(), None)).1.push(body);
        }
        let mut repeated: Vec<_> = repeated.into_iter().collect();
        repeated.sort_by_key(|(_, (span, ..))| span.start);
        for (name, (span, values, why)) in repeated {
            let value = match why {
                Some(why) => unknown(why, span),
                // A dynamic block that makes nothing is as good as none.
                None if values.is_empty() => continue,
                None => Sourced::new(Data::List(values.into()), Origin::literal(span)),
            };
            entries.push(Entry { name: name.into(), key: Some(span), value });
        }
        let body = Sourced::new(Data::Object(entries.into()), Origin::literal(block.span()));
        self.evaluator.affordable(body, block.span())
    }

    /// The blocks that a dynamic block makes.
    fn dynamic(&mut self, name: &str, block: NodeRef<'w>, env: Env<'_>, depth: usize) -> Result<Vec<Value>, Unknown> {
        let Some(collection) = block.get("for_each") else { return Ok(Vec::new()) };
        let collection = self.evaluator.evaluate(collection, env);
        let Some(pairs) = super::expression::pairs(&collection).filter(|pairs| pairs.len() <= MAX_DYNAMIC) else {
            return Err(super::expression::reason(&collection));
        };
        let iterator = block.get("iterator").map_or(name, |iterator| iterator.slice());
        let content = block.entries().find(|(key, _)| key.as_str() == Some("content")).map(|(_, content)| content);
        let Some(content) = content else { return Ok(Vec::new()) };
        let mut made = Vec::new();
        for (key, value) in pairs {
            let both = key_and_value(&key, &value, value.origin.clone());
            made.push(self.body(content, env.with(&env.bind(iterator, &both)), depth + 1));
        }
        Ok(made)
    }
}

/// The attributes of a block, and in their place those that an override file has.
fn overridden(body: Value, by: &Value) -> Value {
    let (Some(Data::Object(entries)), Some(Data::Object(changes))) = (body.known(), by.known()) else { return body };
    let is_kept = |entry: &&Entry| changes.iter().all(|change| change.name != entry.name);
    let entries = entries.iter().filter(is_kept).chain(changes.iter()).cloned();
    Sourced::new(Data::Object(entries.collect()), body.origin.clone())
}

/// Numbers that `ignore_changes` leaves as they are on the platform are not known.
fn left_alone(body: Value) -> Value {
    let Some(Data::Object(entries)) = body.known() else { return body };
    let view = View::new(&body, None);
    let open =
        |entry: &Entry| matches!(entry.value.known(), Some(Data::Number(_)) | None) && is_ignored(view, &entry.name);
    if !entries.iter().any(open) {
        return body;
    }
    let entries = entries.iter().map(|entry| match open(entry) {
        true => {
            let why = Unknown::LeftAlone(entry.name.clone());
            Entry { value: Sourced::unknown(why, entry.value.origin.clone()), ..entry.clone() }
        }
        false => entry.clone(),
    });
    Sourced::new(Data::Object(entries.collect()), body.origin.clone())
}

/// A `lifecycle` block, whose expressions are names of attributes and not values.
fn names_within(block: NodeRef<'_>) -> Value {
    let entry = |(key, value): (NodeRef<'_>, NodeRef<'_>)| {
        let text = |node: NodeRef<'_>| {
            let text: Arc<str> = node.as_str().unwrap_or_else(|| node.slice()).into();
            Sourced::new(Data::Text(text), Origin::literal(node.span()))
        };
        let value = if value.is_sequence() {
            Sourced::new(Data::List(value.items().map(text).collect()), Origin::literal(value.span()))
        } else {
            text(value)
        };
        Some(Entry { name: key.as_str()?.into(), key: Some(key.span()), value })
    };
    let entries = block.entries().filter_map(entry).collect();
    Sourced::new(Data::Object(entries), Origin::literal(block.span()))
}

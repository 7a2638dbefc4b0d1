//! Names: what `var.x`, `local.x`, `module.a.b`, `each.value` and `aws_sqs_queue.jobs.arn` lead to.
//!
//! Every call of a module is a [`Scope`] of its own, with its variables bound to the caller's arguments. Nothing is
//! evaluated before something asks for it, and then once; what leads back to itself is unknown. How often a block is
//! there is [`super::instances`]' to say.

use super::files::TEMPLATE;
use super::instances::{Instance, Instances};
use super::module::{Call, Module};
use crate::frontends::document::TextBudget;
use crate::read::Workspace;
use crate::source::{SourceId, Span};
use crate::tree::{Kind, NodeId, NodeRef};
use crate::value::{Data, Entry, How, Origin, Reference, Sourced, Unknown, Value};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Calls of modules within calls.
const MAX_CALLS: usize = 32;
/// Scopes of one root module.
const MAX_SCOPES: usize = 1_000;

/// Index of a [`Scope`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ScopeId(usize);

pub(super) const ROOT: ScopeId = ScopeId(0);

/// One module in the place where it is called.
pub(super) struct Scope<'w> {
    /// What it declares.
    pub module: &'w Module<'w>,
    /// What stands before addresses of its resources: nothing, or `module.a.`.
    pub prefix: String,
    pub(super) call: Option<Caller<'w>>,
    depth: usize,
    /// The scopes of its calls, by their names and the keys of their instances.
    children: HashMap<(&'w str, Arc<str>), ScopeId>,
}

impl Scope<'_> {
    /// What people call an instance of a resource: in a called module a label that says nothing gives way to the
    /// call's name, and of several calls the one that is meant stands in front.
    pub fn name_of(&self, label: &str, instance: &Instance) -> String {
        let key = &instance.key;
        let call = self.call.as_ref().and_then(|call| Some((call.block.labels().next()?.as_str()?, &call.key)));
        match call {
            Some((call, of)) if matches!(label, "this" | "main" | "default") => format!("{call}{of}{key}"),
            Some((call, of)) if !of.is_empty() => format!("{call}{of}.{label}{key}"),
            _ => format!("{label}{key}"),
        }
    }
}

/// Who calls a module.
pub(super) struct Caller<'w> {
    pub scope: ScopeId,
    pub block: NodeRef<'w>,
    /// `each` or `count` of the call.
    pub binding: Option<(&'static str, Value)>,
    /// Which of several instances of the call it is, as [`Instance::key`].
    pub key: Arc<str>,
}

/// Where an expression is evaluated: the module, and the names that only hold inside the expression.
#[derive(Clone, Copy)]
pub(super) struct Env<'e> {
    /// The module.
    pub scope: ScopeId,
    bindings: Option<&'e Binding<'e>>,
}

/// A name that a `for`, a splat, `each` or a dynamic block binds.
pub(super) struct Binding<'e> {
    name: &'e str,
    value: &'e Value,
    outer: Option<&'e Binding<'e>>,
}

/// The name under which a splat binds its element: no identifier is empty.
pub(super) const ELEMENT: &str = "";

impl<'e> Env<'e> {
    /// The plain names of a module.
    pub fn of(scope: ScopeId) -> Self {
        Self { scope, bindings: None }
    }

    /// A further name, to be put into a new environment with [`Env::with`].
    pub fn bind(&self, name: &'e str, value: &'e Value) -> Binding<'e> {
        Binding { name, value, outer: self.bindings }
    }

    /// This module with the names of a binding and of all around it.
    pub fn with<'b>(&self, binding: &'b Binding<'b>) -> Env<'b> {
        Env { scope: self.scope, bindings: Some(binding) }
    }

    fn bound(&self, name: &str) -> Option<&'e Value> {
        let mut next = self.bindings;
        while let Some(binding) = next {
            if binding.name == name {
                return Some(binding.value);
            }
            // A template has the names that its caller gives it.
            if binding.name == TEMPLATE
                && name != TEMPLATE
                && let Some(value) = binding.value.get(name)
            {
                return Some(value);
            }
            next = binding.outer;
        }
        None
    }

    /// Whether a name is bound here.
    pub fn is_bound(&self, name: &str) -> bool {
        self.bound(name).is_some()
    }
}

/// One step behind a root name.
#[derive(Clone, Copy)]
pub(super) enum Step<'w> {
    Name(&'w str),
    Index(NodeRef<'w>),
}

/// Evaluates the expressions of one root module.
pub(super) struct Evaluator<'w> {
    modules: &'w HashMap<PathBuf, Module<'w>>,
    /// The files that expressions may read, and what the command line says.
    pub(super) workspace: &'w Workspace,
    scopes: Vec<Scope<'w>>,
    /// What is left for computed texts.
    pub texts: TextBudget,
    /// What is left for evaluated nodes.
    pub steps: usize,
    /// How deep the evaluation is at the moment.
    pub depth: usize,
    /// Whether calls of modules were left out because there are too many.
    pub is_cut: bool,
    pub(super) done: HashMap<Key, Value>,
    pub(super) instances: HashMap<Key, Arc<Instances>>,
    pub(super) running: HashSet<Key>,
}

/// An expression in one place where its module is called.
pub(super) type Key = (ScopeId, SourceId, NodeId);

/// Nodes and values within values that are evaluated for one root module.
const MAX_STEPS: usize = 5_000_000;

/// An unknown value at a place.
pub(super) fn unknown(why: Unknown, span: Span) -> Value {
    Sourced::unknown(why, Origin::literal(span))
}

fn circle(node: NodeRef<'_>) -> Value {
    unknown(Unknown::Invalid("the reference leads back to itself".into()), node.span())
}

/// The object that `each`, or the iterator of a dynamic block, stands for.
pub(super) fn key_and_value(key: &Value, value: &Value, origin: Origin) -> Value {
    let entry = |name: &str, value: &Value| Entry { name: name.into(), key: None, value: value.clone() };
    Sourced::new(Data::Object([entry("key", key), entry("value", value)].into()), origin)
}

impl<'w> Evaluator<'w> {
    /// An evaluator with the scope of the root module.
    pub fn new(
        workspace: &'w Workspace,
        modules: &'w HashMap<PathBuf, Module<'w>>,
        root: &Path,
    ) -> Option<(Self, ScopeId)> {
        let module = modules.get(root)?;
        let scope = Scope { module, prefix: String::new(), call: None, depth: 0, children: HashMap::new() };
        let evaluator = Self {
            modules,
            workspace,
            scopes: vec![scope],
            texts: TextBudget::default(),
            steps: MAX_STEPS,
            depth: 0,
            is_cut: false,
            done: HashMap::new(),
            instances: HashMap::new(),
            running: HashSet::new(),
        };
        Some((evaluator, ROOT))
    }

    /// The scope of the root module.
    pub fn root(&self) -> &Scope<'w> {
        self.scope(ROOT)
    }

    /// A scope.
    pub fn scope(&self, id: ScopeId) -> &Scope<'w> {
        &self.scopes[id.0]
    }

    /// Whether a place lies in another module than a block.
    pub fn is_elsewhere(&self, place: Span, block: Span) -> bool {
        let folder = |span: Span| self.workspace.path(span.file).parent();
        folder(place) != folder(block)
    }

    /// The scope of one instance of a call whose module is in the scanned set; calls in a circle and beyond all
    /// measure have none.
    pub fn child(&mut self, id: ScopeId, call: Call<'w>, instance: &Instance) -> Option<ScopeId> {
        let name = call.label.as_str()?;
        let scope = self.scope(id);
        if let Some(child) = scope.children.get(&(name, instance.key.clone())) {
            return Some(*child);
        }
        let depth = scope.depth + 1;
        let module = self.modules.get(&call.directory(&scope.module.directory)?)?;
        if depth > MAX_CALLS || self.scopes.len() >= MAX_SCOPES {
            self.is_cut = true;
            return None;
        }
        let prefix = format!("{}module.{name}{}.", scope.prefix, instance.key);
        let child = ScopeId(self.scopes.len());
        let caller =
            Caller { scope: id, block: call.block, binding: instance.binding.clone(), key: instance.key.clone() };
        self.scopes.push(Scope { module, prefix, call: Some(caller), depth, children: HashMap::new() });
        self.scopes[id.0].children.insert((name, instance.key.clone()), child);
        Some(child)
    }

    /// The expression at a node in a module's plain names, evaluated once.
    pub(super) fn remembered(&mut self, scope: ScopeId, node: NodeRef<'w>) -> Value {
        self.once(scope, node, Env::of(scope))
    }

    /// The expression at a node, evaluated once for a scope, whatever names it is evaluated in.
    pub(super) fn once(&mut self, scope: ScopeId, node: NodeRef<'w>, env: Env<'_>) -> Value {
        let key = (scope, node.span().file, node.id());
        if let Some(done) = self.done.get(&key) {
            return done.clone();
        }
        let Some(value) = self.unless_running(key, node, env) else { return circle(node) };
        self.done.insert(key, value.clone());
        value
    }

    /// The expression at a node; `None` where that is what is being evaluated just now.
    fn unless_running(&mut self, key: Key, node: NodeRef<'w>, env: Env<'_>) -> Option<Value> {
        if !self.running.insert(key) {
            return None;
        }
        let value = self.evaluate(node, env);
        self.running.remove(&key);
        Some(value)
    }

    /// What a chain of names leads to; `span` and `text` are the whole of it.
    pub fn follow(&mut self, root: &'w str, steps: &[Step<'w>], env: Env<'_>, node: NodeRef<'w>) -> Value {
        let (span, text) = (node.span(), node.slice());
        if let Some(value) = env.bound(root) {
            let value = value.clone();
            let value = self.project(value, steps, env, node);
            // What an entry of `for_each` says is used here.
            return if root == "each" { value.via(How::Reference(text.into()), span) } else { value };
        }
        let name = match steps.first() {
            Some(Step::Name(name)) => *name,
            _ => return unknown(Unknown::Missing(text.into()), span),
        };
        let found = match root {
            "var" => self.variable(env.scope, name, span),
            "local" => match self.scope(env.scope).module.locals.get(name).copied() {
                Some(local) => {
                    let value = self.remembered(env.scope, local);
                    let origin = value.origin.named(How::Local(format!("local.{name}").into()), local.span());
                    Sourced { value: value.value, origin }
                }
                None => unknown(Unknown::Missing(text.into()), span),
            },
            "module" => return self.output(name, &steps[1..], env, node),
            "data" => return self.data_source(steps, env, node),
            "each" | "count" | "self" | "path" | "terraform" => match self.surroundings(env.scope, root, name, span) {
                Some(value) => value,
                None => return unknown(Unknown::NotEvaluated(format!("`{text}`").into()), span),
            },
            kind => return self.resource(kind, name, &steps[1..], env, node),
        };
        let value = self.project(found, &steps[1..], env, node);
        value.via(How::Reference(text.into()), span)
    }

    /// What Terraform itself says: where the module lies, and which workspace is chosen.
    fn surroundings(&self, scope: ScopeId, root: &str, name: &str, span: Span) -> Option<Value> {
        match (root, name, &self.workspace.variables.workspace) {
            ("path", ..) => self.path(scope, name, span),
            // It stands in no file.
            ("terraform", "workspace", Some(workspace)) => Some(Sourced::new(
                Data::Text(workspace.as_str().into()),
                Origin::new(How::VariableSet("--workspace".into()), None),
            )),
            _ => None,
        }
    }

    /// A part of a value. An object has what its type says and nothing else, so a missing part is unknown.
    pub fn project(&mut self, value: Value, steps: &[Step<'w>], env: Env<'_>, node: NodeRef<'w>) -> Value {
        let mut value = value;
        for step in steps {
            let key = match step {
                Step::Name(name) => Data::Text((*name).into()),
                Step::Index(index) => match self.evaluate(*index, env).value {
                    crate::value::Resolved::Known(data) => data,
                    crate::value::Resolved::Unknown(why) => return unknown(why, node.span()),
                },
            };
            // Looking a key up goes through all of them.
            if let Some(Data::Object(entries)) = value.known() {
                self.steps = self.steps.saturating_sub(entries.len() / 8);
            }
            value = part(&value, &key, node);
        }
        value
    }

    fn output(&mut self, name: &'w str, steps: &[Step<'w>], env: Env<'_>, node: NodeRef<'w>) -> Value {
        let (span, text) = (node.span(), node.slice());
        let scope = self.scope(env.scope);
        let call = scope.module.calls.iter().find(|call| call.label.as_str() == Some(name)).copied();
        let address = format!("{}module.{name}", scope.prefix);
        let Some(call) = call else { return unknown(Unknown::Missing(text.into()), span) };
        let instances = self.instances(env.scope, call.block);
        if steps.is_empty() && instances.are_listed() {
            let outputs = |instance: &Instance| match self.child(env.scope, call, instance) {
                Some(child) => self.outputs(child, span),
                None => reference(format!("{address}{}", instance.key), "", span),
            };
            return instances.collected(outputs, span);
        }
        let (index, steps) = indexed(steps);
        let instance = match self.chosen(&instances, index, env, node) {
            Ok(instance) => instance,
            Err(why) => return unknown(why, span),
        };
        let address = format!("{address}{}", instance.key);
        let Some((Step::Name(attribute), rest)) = steps.split_first() else {
            return reference(address, "", span);
        };
        let Some(child) = self.child(env.scope, call, instance) else { return reference(address, attribute, span) };
        let Some(output) = self.scope(child).module.outputs.get(attribute).and_then(|output| output.get("value"))
        else {
            return unknown(Unknown::Missing(text.into()), span);
        };
        let value = self.remembered(child, output);
        self.project(value, rest, env, node).via(How::Reference(text.into()), span)
    }

    /// All that one instance of a module puts out, as an object.
    fn outputs(&mut self, child: ScopeId, span: Span) -> Value {
        let mut outputs: Vec<_> =
            self.scope(child).module.outputs.iter().map(|(name, block)| (*name, *block)).collect();
        outputs.sort_unstable_by_key(|(name, _)| *name);
        let written = outputs.into_iter().filter_map(|(name, block)| Some((name, block.get("value")?)));
        let entry = |(name, value): (&str, NodeRef<'w>)| Entry {
            name: name.into(),
            key: None,
            value: self.remembered(child, value),
        };
        Sourced::new(Data::Object(written.map(entry).collect()), Origin::literal(span))
    }

    fn resource(&mut self, kind: &'w str, name: &'w str, steps: &[Step<'w>], env: Env<'_>, node: NodeRef<'w>) -> Value {
        let (span, text) = (node.span(), node.slice());
        let scope = self.scope(env.scope);
        let address = format!("{}{kind}.{name}", scope.prefix);
        let module = scope.module;
        let block = module.by_name.get(&(kind, name)).map(|index| module.resources[*index].block);
        let (index, behind) = indexed(steps);
        let (address, instance) = match block {
            None => (address, Instance::default()),
            Some(block) => {
                let instances = self.instances(env.scope, block);
                if steps.is_empty() && instances.are_listed() {
                    let whole = |instance: &Instance| reference(format!("{address}{}", instance.key), "", span);
                    return instances.collected(whole, span);
                }
                match self.chosen(&instances, index, env, node) {
                    Ok(instance) => (format!("{address}{}", instance.key), instance.clone()),
                    Err(why) => return unknown(why, span),
                }
            }
        };
        let names: Vec<&str> =
            behind.iter().filter_map(|step| if let Step::Name(name) = step { Some(*name) } else { None }).collect();
        let referred = reference(address, &names.join("."), span);
        if names.is_empty() || names.len() == 1 && is_identity(names[0]) {
            return referred;
        }
        let overrides = module.overrides.get(&(kind, name)).into_iter().flatten().rev().copied();
        let Some((written, rest)) = overrides.chain(block).find_map(|block| attribute(block, behind)) else {
            return referred;
        };
        let value = self.attribute_of(&instance, written, env.scope);
        if value.known().is_none() {
            // Still known to be that attribute of that resource.
            return referred;
        }
        self.project(value, rest, env, node).via(How::Reference(text.into()), span)
    }

    /// The value of an attribute inside another resource, whose `each` is not that of whoever asks.
    fn attribute_of(&mut self, instance: &Instance, written: NodeRef<'w>, scope: ScopeId) -> Value {
        let Some((name, value)) = &instance.binding else { return self.remembered(scope, written) };
        let env = Env::of(scope);
        let key = (scope, written.span().file, written.id());
        self.unless_running(key, written, env.with(&env.bind(name, value))).unwrap_or_else(|| circle(written))
    }
}

/// Attributes that say who a resource is: they stay references, by which things are joined.
fn is_identity(name: &str) -> bool {
    matches!(name, "id" | "arn" | "name" | "url" | "uri" | "family" | "bucket" | "invoke_arn" | "version")
        || name.ends_with("_name")
        || name.ends_with("_arn")
        || name.ends_with("_id")
}

/// The index that picks an instance, and the steps behind it.
fn indexed<'s, 'w>(steps: &'s [Step<'w>]) -> (Option<NodeRef<'w>>, &'s [Step<'w>]) {
    match steps {
        [Step::Index(index), rest @ ..] => (Some(*index), rest),
        _ => (None, steps),
    }
}

fn reference(address: impl Into<Arc<str>>, attribute: &str, span: Span) -> Value {
    let reference = Reference { address: address.into(), attribute: attribute.into() };
    Sourced::new(Data::Reference(reference), Origin::literal(span))
}

/// The expression that a resource writes for an attribute, through blocks within it, and the steps behind it.
fn attribute<'w, 's>(block: NodeRef<'w>, steps: &'s [Step<'w>]) -> Option<(NodeRef<'w>, &'s [Step<'w>])> {
    let mut block = block;
    let mut steps = steps;
    loop {
        let (step, rest) = steps.split_first()?;
        steps = rest;
        let Step::Name(name) = step else { continue };
        let mut named = block.entries().filter(|(key, _)| key.as_str() == Some(name));
        let (_, node) = named.next()?;
        if named.next().is_some() {
            return None;
        }
        if !matches!(node.kind(), Kind::Block { .. }) {
            return Some((node, steps));
        }
        block = node;
    }
}

/// One element of a list, an object, a reference, or something that is not known.
pub(super) fn part(value: &Value, key: &Data, node: NodeRef<'_>) -> Value {
    let missing = || unknown(Unknown::Missing(node.slice().into()), node.span());
    match (value.known(), key) {
        (None, _) => value.clone(),
        (Some(Data::Object(entries)), key) => match key.to_text() {
            Some(name) => {
                entries.iter().rfind(|entry| *entry.name == *name).map_or_else(missing, |entry| entry.value.clone())
            }
            None => missing(),
        },
        (Some(Data::List(items)), key) => match key.to_number() {
            Some(index) if index >= 0.0 => items.get(index as usize).cloned().unwrap_or_else(missing),
            _ => missing(),
        },
        (Some(Data::Reference(of)), Data::Text(name)) => {
            let attribute = if of.attribute.is_empty() { name.to_string() } else { format!("{}.{name}", of.attribute) };
            reference(of.address.clone(), &attribute, node.span())
        }
        (Some(Data::Reference(_)), _) => value.clone(),
        _ => missing(),
    }
}

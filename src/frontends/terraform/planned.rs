//! Plans: what `terraform show -json` says about a saved plan or a state.
//!
//! Beside its configuration a plan says what variables are set to and what archlint cannot evaluate, and findings stand
//! in the configuration. By itself it is a unit of its own, whose resources stand where the plan has them.

use super::module::Module;
use super::{REGISTRY_FUNCTION, reads};
use crate::discover::FileKind;
use crate::frontends::resource::Resource;
use crate::frontends::scalar::{Scalars, plain_scalar};
use crate::model::Declared;
use crate::read::{File, Workspace};
use crate::source::SourceId;
use crate::tree::{Kind, NodeRef};
use crate::value::{Data, Entry, How, Origin, Reference, Sourced, Unknown, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// Module calls within module calls.
const MAX_MODULES: usize = 32;

/// A plan: the only document of its file.
#[derive(Clone, Copy)]
pub(super) struct Planned<'w>(NodeRef<'w>);

/// The plans in a workspace.
pub(super) fn all(workspace: &Workspace) -> impl Iterator<Item = Planned<'_>> {
    workspace.files.iter().filter_map(of)
}

/// The plans of root modules, by their directories: the one that lies beside the configuration, or, kept elsewhere, the
/// one that was made of a configuration with the same blocks. Of several none speaks for the configuration, and of
/// several configurations none is meant.
pub(super) fn by_root<'w>(workspace: &'w Workspace, roots: &[&'w Module<'w>]) -> HashMap<&'w Path, SourceId> {
    let mut by_directory: HashMap<&Path, Vec<&Module>> = HashMap::new();
    let mut by_blocks: HashMap<BTreeSet<String>, Vec<&Module>> = HashMap::new();
    let mut plans = all(workspace).peekable();
    if plans.peek().is_some() {
        for root in roots {
            by_directory.entry(&root.directory).or_default().push(root);
            by_blocks.entry(blocks_of(root)).or_default().push(root);
        }
    }
    let mut found: HashMap<&Path, Vec<SourceId>> = HashMap::new();
    for plan in plans {
        let directory = workspace.folder(plan.source());
        let blocks = Some(plan.blocks()).filter(|blocks| !blocks.is_empty());
        let candidates = by_directory.get(directory).or_else(|| by_blocks.get(&blocks?));
        if let Some([only]) = candidates.map(Vec::as_slice) {
            found.entry(&only.directory).or_default().push(plan.source());
        }
    }
    let single =
        |(directory, plans): (_, Vec<SourceId>)| Some((directory, *plans.first().filter(|_| plans.len() == 1)?));
    found.into_iter().filter_map(single).collect()
}

/// The resources and module calls of a root module, by their addresses.
fn blocks_of(module: &Module<'_>) -> BTreeSet<String> {
    let resources = module.by_name.keys().map(|(kind, name)| format!("{kind}.{name}"));
    let calls = module.calls.iter().filter_map(|call| Some(format!("module.{}", call.label.as_str()?)));
    resources.chain(calls).collect()
}

/// The plan that a file is.
pub(super) fn of(file: &File) -> Option<Planned<'_>> {
    if !matches!(file.kind, FileKind::Yaml | FileKind::Json) {
        return None;
    }
    let root = file.tree.documents().next()?;
    root.get("format_version")?;
    (root.get("planned_values").is_some() || root.at(&["values", "root_module"]).is_some()).then_some(Planned(root))
}

impl<'w> Planned<'w> {
    /// The file.
    pub fn source(self) -> SourceId {
        self.0.span().file
    }

    /// The resources and module calls of the configuration that it was made of, as [`blocks_of`] has them.
    fn blocks(self) -> BTreeSet<String> {
        let root = self.0.at(&["configuration", "root_module"]);
        let resources = root.and_then(|root| root.get("resources")).into_iter().flat_map(NodeRef::items);
        let managed = resources.filter(|one| one.get("mode").and_then(NodeRef::as_str) != Some("data"));
        let addresses = managed.filter_map(|resource| Some(resource.get("address")?.as_str()?.to_string()));
        let calls = root.and_then(|root| root.get("module_calls")).into_iter().flat_map(NodeRef::entries);
        addresses.chain(calls.filter_map(|(name, _)| Some(format!("module.{}", name.as_str()?)))).collect()
    }

    /// What the plan sets the root module's variables to.
    pub fn variables(self) -> impl Iterator<Item = (&'w str, NodeRef<'w>)> {
        let variables = self.0.get("variables").into_iter().flat_map(NodeRef::entries);
        variables.filter_map(|(name, variable)| Some((name.as_str()?, variable.get("value")?)))
    }

    /// The resources that are planned.
    pub fn resources(self) -> Vec<Resource> {
        let changes = self.0.get("resource_changes").into_iter().flat_map(NodeRef::items);
        let unknown = changes.filter_map(|change| {
            let unknown = change.at(&["change", "after_unknown"])?;
            Some((change.get("address")?.as_str()?, unknown))
        });
        let mut reader = Reader { unknown: unknown.collect(), expressions: HashMap::new(), found: Vec::new() };
        if let Some(configuration) = self.0.at(&["configuration", "root_module"]) {
            reader.configuration(configuration, "", 0);
        }
        let values = self.0.get("planned_values").or(self.0.get("values"));
        if let Some(module) = values.and_then(|values| values.get("root_module")) {
            reader.module(module, 0);
        }
        reader.found
    }
}

struct Reader<'w> {
    /// What is not known before the plan is carried out, by address.
    unknown: HashMap<&'w str, NodeRef<'w>>,
    /// What is written for a resource, by address without the keys of instances.
    expressions: HashMap<String, NodeRef<'w>>,
    found: Vec<Resource>,
}

impl<'w> Reader<'w> {
    fn configuration(&mut self, module: NodeRef<'w>, prefix: &str, depth: usize) {
        for resource in module.get("resources").into_iter().flat_map(NodeRef::items) {
            let (address, expressions) = (resource.get("address"), resource.get("expressions"));
            if let (Some(address), Some(expressions)) = (address.and_then(NodeRef::as_str), expressions) {
                self.expressions.insert(format!("{prefix}{address}"), expressions);
            }
        }
        for (name, call) in module.get("module_calls").into_iter().flat_map(NodeRef::entries) {
            if let (Some(name), Some(module)) = (name.as_str(), call.get("module"))
                && depth < MAX_MODULES
            {
                self.configuration(module, &format!("{prefix}module.{name}."), depth + 1);
            }
        }
    }

    fn module(&mut self, module: NodeRef<'w>, depth: usize) {
        for resource in module.get("resources").into_iter().flat_map(NodeRef::items) {
            self.found.extend(self.resource(resource));
        }
        for child in module.get("child_modules").into_iter().flat_map(NodeRef::items) {
            if depth < MAX_MODULES {
                self.module(child, depth + 1);
            }
        }
    }

    fn resource(&self, resource: NodeRef<'w>) -> Option<Resource> {
        let text = |key: &str| resource.get(key).and_then(NodeRef::as_str);
        let (place, kind, label) = (resource.get("address")?, text("type")?, text("name")?);
        let address = place.as_str().filter(|_| text("mode") != Some("data"))?;
        let own = format!("{kind}.{label}");
        let module = &address[..address.rfind(&own)?];
        let bare = without_keys(module);
        let expressions = self.expressions.get(&format!("{bare}{own}")).copied();
        let name = bare.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
        let body = if reads(kind) {
            let level = Level { unknown: self.unknown.get(address).copied(), expression: expressions, module };
            level.value(resource.get("values")?)
        } else {
            Sourced::new(Data::Null, Origin::literal(place.span()))
        };
        let says_nothing = matches!(label, "this" | "main" | "default") && !name.is_empty();
        Some(Resource {
            kind: kind.into(),
            address: address.into(),
            label: if says_nothing { name } else { label }.into(),
            span: place.span(),
            body,
            declared: Declared::default(),
            allows: Vec::new(),
            condition: None,
        })
    }
}

/// Where in a resource something stands: what is not known of it, what is written for it, and the module around it.
#[derive(Clone, Copy)]
struct Level<'w> {
    unknown: Option<NodeRef<'w>>,
    expression: Option<NodeRef<'w>>,
    module: &'w str,
}

impl<'w> Level<'w> {
    fn within(self, part: impl Fn(NodeRef<'w>) -> Option<NodeRef<'w>>) -> Self {
        Self { unknown: self.unknown.and_then(&part), expression: self.expression.and_then(&part), ..self }
    }

    /// The value of a planned attribute, or of a whole resource.
    fn value(self, node: NodeRef<'w>) -> Value {
        let origin = Origin::literal(node.span());
        if self.unknown.is_some_and(is_true) {
            return self.open(node);
        }
        let data = match node.kind() {
            // A plan has all blocks that a schema allows, those that nobody wrote as empty lists.
            Kind::Sequence(items) if items.is_empty() && !self.unknown.is_some_and(has_items) => Data::Null,
            Kind::Sequence(_) => {
                let item = |(at, item)| self.within(|list| list.items().nth(at)).value(item);
                Data::List(node.items().enumerate().map(item).collect())
            }
            Kind::Mapping(_) => Data::Object(self.entries(node).into()),
            Kind::Scalar(_) if node.is_plain() => plain_scalar(node.as_str().unwrap_or(""), Scalars::Core),
            Kind::Scalar(_) => Data::Text(node.as_str().unwrap_or("").into()),
            _ => Data::Null,
        };
        Sourced::new(data, origin)
    }

    /// The entries of an object, with those that the plan leaves out because they are not known yet.
    fn entries(self, node: NodeRef<'w>) -> Vec<Entry> {
        let mut entries: BTreeMap<&str, Entry> = BTreeMap::new();
        for (key, value) in node.entries() {
            let Some(name) = key.as_str() else { continue };
            let value = self.within(|object| object.get(name)).value(value);
            entries.insert(name, Entry { name: name.into(), key: Some(key.span()), value });
        }
        for (key, open) in self.unknown.into_iter().flat_map(NodeRef::entries) {
            let Some(name) = key.as_str().filter(|_| is_true(open)) else { continue };
            let value = || self.within(|object| object.get(name)).open(key);
            entries.entry(name).or_insert_with(|| Entry { name: name.into(), key: Some(key.span()), value: value() });
        }
        entries.into_values().collect()
    }

    /// What is known of a value that the plan does not have: the one resource that it is an attribute of.
    fn open(self, node: NodeRef<'w>) -> Value {
        let origin = Origin::literal(node.span());
        let references = self.expression.and_then(|expression| expression.get("references"));
        let mut texts = references.into_iter().flat_map(NodeRef::items).filter_map(NodeRef::as_str);
        let Some(first) = texts.next() else {
            return Sourced::unknown(Unknown::AtDeployment("this attribute".into()), origin);
        };
        // Each reference is followed by the shorter ones that it is made of.
        let is_only = texts.all(|text| first.starts_with(text));
        match resource_of(first).filter(|_| is_only) {
            Some((address, attribute)) => {
                let address = format!("{}{address}", self.module).into();
                Sourced::new(Data::Reference(Reference { address, attribute: attribute.into() }), origin)
            }
            None => Sourced::unknown(Unknown::AtDeployment(first.into()), origin),
        }
    }
}

fn is_true(node: NodeRef<'_>) -> bool {
    node.is_plain() && node.as_str() == Some("true")
}

fn has_items(node: NodeRef<'_>) -> bool {
    node.items().next().is_some()
}

/// The address of the resource that a reference begins with, and the attribute behind it.
fn resource_of(reference: &str) -> Option<(&str, &str)> {
    let (kind, rest) = reference.split_once('.')?;
    if matches!(kind, "var" | "local" | "module" | "data" | "each" | "count" | "path" | "terraform" | "self") {
        return None;
    }
    let name = rest.find(['.', '[']).unwrap_or(rest.len());
    let key = match rest[name..].strip_prefix('[') {
        Some(_) => rest[name..].find(']')? + 1,
        None => 0,
    };
    let end = kind.len() + 1 + name + key;
    Some((&reference[..end], reference[end..].strip_prefix('.').unwrap_or("")))
}

/// An address without the keys of instances: `module.a["x"].` is `module.a.`.
fn without_keys(address: &str) -> String {
    let mut bare = String::new();
    let mut quoted = false;
    let mut depth = 0;
    for c in address.chars() {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            c if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    bare
}

/// Adds what a plan knows to the resources of its configuration: values that could not be evaluated, and resources of
/// modules that are not in the scanned set.
pub(super) fn complete(found: &mut Vec<Resource>, planned: Vec<Resource>, root: &Module<'_>) {
    let mut planned: BTreeMap<_, _> = planned.into_iter().map(|one| (one.address.clone(), one)).collect();
    for resource in found.iter_mut() {
        if let Some(known) = planned.remove(&resource.address) {
            resource.body = filled(&resource.body, &known.body);
        }
    }
    let elsewhere = root.calls.iter().filter(|call| call.directory(&root.directory).is_none());
    let names: Vec<&str> = elsewhere.filter_map(|call| call.label.as_str()).collect();
    let is_elsewhere = |address: &str| {
        let module = address.strip_prefix("module.").and_then(|rest| rest.split(['.', '[']).next());
        module.is_some_and(|module| names.contains(&module))
    };
    planned.retain(|address, _| is_elsewhere(address));
    // What stands for a registry module gives way to what the module makes.
    let is_made = |resource: &Resource| planned.keys().any(|made| made.starts_with(&format!("{}.", resource.address)));
    found.retain(|resource| &*resource.kind != REGISTRY_FUNCTION || !is_made(resource));
    found.extend(planned.into_values());
}

/// A value with what is not known of it taken from the plan; the place where it is written stays the nearest one.
fn filled(value: &Value, planned: &Value) -> Value {
    let data = match (value.known(), planned.known()) {
        (None, Some(data)) if data.why_open().is_none() => {
            let site = value.origin.site();
            return Sourced::new(data.clone(), planned.origin.clone().via(How::Reference("the plan".into()), site));
        }
        (Some(Data::Object(entries)), Some(Data::Object(_))) => {
            let entry = |entry: &Entry| match planned.get(&entry.name) {
                Some(known) => Entry { value: filled(&entry.value, known), ..entry.clone() },
                None => entry.clone(),
            };
            Data::Object(entries.iter().map(entry).collect())
        }
        (Some(Data::List(items)), Some(Data::List(known))) if items.len() == known.len() => {
            Data::List(items.iter().zip(known.iter()).map(|(item, known)| filled(item, known)).collect())
        }
        _ => return value.clone(),
    };
    Sourced::new(data, value.origin.clone())
}

//! What one directory of Terraform files declares, before anything is evaluated.
//!
//! Files of a directory are one module: their blocks are gathered here by what they declare, with the values that
//! `terraform.tfvars` and `*.auto.tfvars` set.

use super::terragrunt::Input;
use crate::discover::FileKind;
use crate::read::{File, Workspace};
use crate::source::{SourceId, normalize};
use crate::tree::{Expr, Kind, NodeRef};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// A `resource` block.
#[derive(Clone, Copy)]
pub(super) struct ResourceBlock<'w> {
    /// The type.
    pub kind: NodeRef<'w>,
    /// The name.
    pub label: NodeRef<'w>,
    /// The block.
    pub block: NodeRef<'w>,
}

/// A `module` block.
#[derive(Clone, Copy)]
pub(super) struct Call<'w> {
    /// The name.
    pub label: NodeRef<'w>,
    /// The block.
    pub block: NodeRef<'w>,
}

impl<'w> Call<'w> {
    /// Where the module comes from, as written.
    pub fn source(&self) -> Option<&'w str> {
        self.block.get("source")?.as_str()
    }

    /// The directory that a local source names, relative to the working directory like all paths.
    pub fn directory(&self, from: &Path) -> Option<PathBuf> {
        let source = self.source()?;
        let is_local = source.starts_with("./") || source.starts_with("../") || matches!(source, "." | "..");
        is_local.then(|| normalize(&from.join(source)))
    }
}

/// The blocks of one directory.
#[derive(Default)]
pub(super) struct Module<'w> {
    /// The directory.
    pub directory: PathBuf,
    /// The files, in order.
    pub files: Vec<SourceId>,
    /// `variable` blocks by name.
    pub variables: HashMap<&'w str, NodeRef<'w>>,
    /// Expressions of `locals` by name.
    pub locals: HashMap<&'w str, NodeRef<'w>>,
    /// `output` blocks by name.
    pub outputs: HashMap<&'w str, NodeRef<'w>>,
    /// `resource` blocks, in order.
    pub resources: Vec<ResourceBlock<'w>>,
    /// What override files say of resources, by type and name, in order.
    pub overrides: HashMap<(&'w str, &'w str), Vec<NodeRef<'w>>>,
    /// Where a resource is among them, by type and name.
    pub by_name: HashMap<(&'w str, &'w str), usize>,
    /// `data` blocks by type and name.
    pub data: HashMap<(&'w str, &'w str), NodeRef<'w>>,
    /// `provider` blocks of AWS.
    pub aws_providers: Vec<NodeRef<'w>>,
    /// Where the state is kept: the backend's type and its block.
    pub backend: Option<(&'w str, NodeRef<'w>)>,
    /// `module` blocks, in order.
    pub calls: Vec<Call<'w>>,
    /// Expressions that set variables; of several the last counts.
    pub values: HashMap<&'w str, NodeRef<'w>>,
    /// Variables that a command line or Terragrunt may set: what they are then is not known.
    pub brought_in: HashSet<&'w str>,
    /// Variables that Terragrunt sets to an output of another root module, whatever else is not known of it.
    pub handed_on: HashMap<&'w str, Input<'w>>,
    /// A file with values could not be read in full: what it may set is not known.
    pub has_broken_values: bool,
}

/// The module in a directory; `None` if no configuration is there.
pub(super) fn module<'w>(workspace: &'w Workspace, directory: &Path) -> Option<Module<'w>> {
    let mut module = Module { directory: directory.to_path_buf(), ..Module::default() };
    let configuration = workspace.directory(directory).filter(|file| file.kind.is_configuration());
    for file in configuration.filter(|file| !is_replaced(workspace, file)) {
        module.files.push(file.source);
        module.take(file, is_override(workspace.path(file.source)));
    }
    module.leave_out_overridden();
    for (index, resource) in module.resources.iter().enumerate() {
        if let (Some(kind), Some(label)) = (resource.kind.as_str(), resource.label.as_str()) {
            module.by_name.entry((kind, label)).or_insert(index);
        }
    }
    // In the order in which Terraform reads them, so that later ones count.
    for automatic in [false, true] {
        let files = workspace.directory(directory).filter(|file| file.kind == FileKind::TerraformValues);
        for file in files.filter(|file| loading(workspace.path(file.source)) == Some(automatic)) {
            module.take_values(file);
        }
    }
    (!module.files.is_empty()).then_some(module)
}

/// A root module with all modules that it reaches through local sources, by directory.
pub(super) fn reachable<'w>(workspace: &'w Workspace, root: &Path) -> HashMap<PathBuf, Module<'w>> {
    let mut modules = HashMap::new();
    let mut waiting = vec![root.to_path_buf()];
    while let Some(directory) = waiting.pop() {
        if modules.contains_key(&directory) {
            continue;
        }
        let Some(module) = module(workspace, &directory) else { continue };
        waiting.extend(module.calls.iter().filter_map(|call| call.directory(&directory)));
        modules.insert(directory, module);
    }
    modules
}

/// Whether Terraform reads a file with values without being told to, and then whether it is an `.auto.` one.
fn loading(path: &Path) -> Option<bool> {
    match name_of(path) {
        "terraform.tfvars" | "terraform.tfvars.json" => Some(false),
        name => (name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")).then_some(true),
    }
}

/// Whether a file holds values that only a command line or Terragrunt brings in. Where the command line says which
/// files it brings in, the others are none of them.
pub(super) fn is_brought_in(workspace: &Workspace, file: &File) -> bool {
    match file.kind {
        FileKind::TerraformValues => {
            workspace.variables.value_files.is_empty() && loading(workspace.path(file.source)).is_none()
        }
        FileKind::Terragrunt => true,
        _ => false,
    }
}

/// Whether OpenTofu reads another file of the same name in the place of this one.
fn is_replaced(workspace: &Workspace, file: &File) -> bool {
    let path = workspace.path(file.source);
    let name = name_of(path);
    let other = name.strip_suffix(".tf").map(|stem| format!("{stem}.tofu"));
    let other = other.or_else(|| name.strip_suffix(".tf.json").map(|stem| format!("{stem}.tofu.json")));
    other.is_some_and(|other| workspace.sources.find(&path.with_file_name(other)).is_some())
}

/// Whether the blocks of a file replace parts of blocks in other files.
fn is_override(path: &Path) -> bool {
    let name = name_of(path).trim_end_matches(".json");
    let stem = name.strip_suffix(".tf").or(name.strip_suffix(".tofu")).unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

impl<'w> Module<'w> {
    /// Takes the blocks of a file; those of an override file change what others declare.
    fn take(&mut self, file: &'w File, is_override: bool) {
        for (name, block) in file.tree.documents().flat_map(NodeRef::entries) {
            if !matches!(block.kind(), Kind::Block { .. }) {
                continue;
            }
            let mut labels = block.labels();
            match (name.as_str(), labels.next(), labels.next()) {
                (Some("variable"), Some(label), None) => keep(&mut self.variables, label, block),
                (Some("output"), Some(label), None) => keep(&mut self.outputs, label, block),
                // What it leaves of a call is not known here.
                (Some("module"), Some(label), None) if is_override => {
                    self.calls.retain(|call| call.label.as_str() != label.as_str());
                }
                (Some("module"), Some(label), None) => self.calls.push(Call { label, block }),
                (Some("data"), Some(kind), Some(label)) => {
                    if let (Some(kind), Some(name)) = (kind.as_str(), label.as_str()) {
                        self.data.insert((kind, name), block);
                    }
                }
                (Some("provider"), Some(name), None) if name.as_str() == Some("aws") => self.aws_providers.push(block),
                (Some("terraform"), None, None) => {
                    let mut kept = block.entries().filter_map(|(key, inner)| match key.as_str()? {
                        "backend" => Some((inner.labels().next()?.as_str()?, inner)),
                        "cloud" => Some(("cloud", inner)),
                        _ => None,
                    });
                    self.backend = self.backend.or(kept.next());
                }
                (Some("locals"), None, None) => {
                    for (key, value) in block.entries() {
                        keep(&mut self.locals, key, value);
                    }
                }
                (Some("resource"), Some(kind), Some(label)) if is_override => {
                    if let (Some(kind), Some(label)) = (kind.as_str(), label.as_str()) {
                        self.overrides.entry((kind, label)).or_default().push(block);
                    }
                }
                (Some("resource"), Some(kind), Some(label)) => {
                    self.resources.push(ResourceBlock { kind, label, block });
                }
                _ => {}
            }
        }
    }

    /// Leaves out resources of which an override file says how many there are.
    fn leave_out_overridden(&mut self) {
        let repeats = |block: &NodeRef<'_>| ["count", "for_each"].iter().any(|key| block.get(key).is_some());
        let overrides = &self.overrides;
        let is_left = |resource: &ResourceBlock<'_>| {
            let name = resource.kind.as_str().zip(resource.label.as_str());
            !name.and_then(|name| overrides.get(&name)).is_some_and(|blocks| blocks.iter().any(repeats))
        };
        self.resources.retain(is_left);
    }

    /// Takes what a file sets variables to.
    pub fn take_values(&mut self, file: &'w File) {
        self.has_broken_values |= !file.tree.errors.is_empty();
        for (key, value) in file.tree.documents().flat_map(NodeRef::entries) {
            keep(&mut self.values, key, value);
        }
    }

    /// Takes what a plan says that variables are, whatever files may say.
    pub fn take_planned(&mut self, variables: impl Iterator<Item = (&'w str, NodeRef<'w>)>) {
        for (name, value) in variables {
            self.brought_in.remove(name);
            self.values.insert(name, value);
        }
    }

    /// Takes the names of variables that a command line or Terragrunt may set to something else.
    pub fn take_brought_in(&mut self, file: &'w File) {
        let entries = file.tree.documents().flat_map(NodeRef::entries);
        match file.kind {
            FileKind::Terragrunt => {
                let inputs = entries.filter(|(key, _)| key.as_str() == Some("inputs"));
                inputs.for_each(|(_, inputs)| names_within(inputs, &mut self.brought_in, 0));
            }
            _ => self.brought_in.extend(entries.filter_map(|(key, _)| key.as_str())),
        }
    }
}

/// All keys of an object, also inside of `merge(..)`.
fn names_within<'w>(node: NodeRef<'w>, names: &mut HashSet<&'w str>, depth: usize) {
    if depth > 8 {
        return;
    }
    names.extend(node.entries().filter_map(|(key, _)| key.as_str()));
    if let Kind::Expr(expression) = node.kind()
        && let Expr::Call { arguments, .. } = &**expression
    {
        arguments.iter().for_each(|argument| names_within(node.other(*argument), names, depth + 1));
    }
}

fn keep<'w>(map: &mut HashMap<&'w str, NodeRef<'w>>, name: NodeRef<'w>, value: NodeRef<'w>) {
    if let Some(name) = name.as_str() {
        map.insert(name, value);
    }
}

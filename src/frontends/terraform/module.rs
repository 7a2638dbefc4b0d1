//! What one directory of Terraform files declares, before anything is evaluated.
//!
//! Files of a directory are one module: their blocks are gathered here by what they declare, with the values that
//! `terraform.tfvars` and `*.auto.tfvars` set.

use crate::discover::FileKind;
use crate::read::{File, Workspace};
use crate::source::{SourceId, normalize};
use crate::tree::{Kind, NodeRef};
use std::collections::HashMap;
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
    /// Where a resource is among them, by type and name.
    pub by_name: HashMap<(&'w str, &'w str), usize>,
    /// `module` blocks, in order.
    pub calls: Vec<Call<'w>>,
    /// Expressions that set variables; of several the last counts.
    pub values: HashMap<&'w str, NodeRef<'w>>,
    /// A file with values could not be read in full: what it may set is not known.
    pub has_broken_values: bool,
}

/// The module in a directory; `None` if no configuration is there.
pub(super) fn module<'w>(workspace: &'w Workspace, directory: &Path) -> Option<Module<'w>> {
    let mut module = Module { directory: directory.to_path_buf(), ..Module::default() };
    for file in workspace.directory(directory) {
        match file.kind {
            FileKind::Terraform => {
                module.files.push(file.source);
                module.take(file);
            }
            FileKind::TerraformValues if is_loaded(workspace.path(file.source)) => module.take_values(file),
            _ => {}
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

/// Files with values that Terraform reads without being told to.
fn is_loaded(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name == "terraform.tfvars" || name.ends_with(".auto.tfvars")
}

impl<'w> Module<'w> {
    fn take(&mut self, file: &'w File) {
        for (name, block) in file.tree.documents().flat_map(NodeRef::entries) {
            if !matches!(block.kind(), Kind::Block { .. }) {
                continue;
            }
            let mut labels = block.labels();
            match (name.as_str(), labels.next(), labels.next()) {
                (Some("variable"), Some(label), None) => keep(&mut self.variables, label, block),
                (Some("output"), Some(label), None) => keep(&mut self.outputs, label, block),
                (Some("module"), Some(label), None) => self.calls.push(Call { label, block }),
                (Some("locals"), None, None) => {
                    for (key, value) in block.entries() {
                        keep(&mut self.locals, key, value);
                    }
                }
                (Some("resource"), Some(kind), Some(label)) => {
                    if let (Some(kind_text), Some(label_text)) = (kind.as_str(), label.as_str()) {
                        self.by_name.entry((kind_text, label_text)).or_insert(self.resources.len());
                        self.resources.push(ResourceBlock { kind, label, block });
                    }
                }
                _ => {}
            }
        }
    }

    fn take_values(&mut self, file: &'w File) {
        self.has_broken_values |= !file.tree.errors.is_empty();
        for (key, value) in file.tree.documents().flat_map(NodeRef::entries) {
            keep(&mut self.values, key, value);
        }
    }
}

fn keep<'w>(map: &mut HashMap<&'w str, NodeRef<'w>>, name: NodeRef<'w>, value: NodeRef<'w>) {
    if let Some(name) = name.as_str() {
        map.insert(name, value);
    }
}

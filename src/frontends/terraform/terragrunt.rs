//! Terragrunt's configuration, as far as it says which root module it is for and which variables of that module are
//! outputs of another one. Called where units are made and before a root module is expanded.
//!
//! Nothing in it is evaluated: a source or an input that is more than a path or a plain `dependency.name.outputs.name`
//! is not known.

use super::module::Module;
use crate::discover::FileKind;
use crate::model::exported;
use crate::read::{File, Workspace};
use crate::source::{normalize, slashed};
use crate::tree::NodeRef;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// An input that is an output of another root module: where that is handed on, and the place of the input.
pub(super) type Input<'w> = (String, NodeRef<'w>);

/// What the outputs of a root module are called among states, for whoever names the module itself.
pub(super) fn outputs_of(module: &Path) -> String {
    format!("module {}", slashed(module))
}

/// The directory of the root module that a configuration is for.
pub(super) fn module_of(workspace: &Workspace, file: &File) -> Option<PathBuf> {
    if file.kind != FileKind::Terragrunt {
        return None;
    }
    let directory = workspace.path(file.source).parent()?;
    let blocks = entries(file).filter(|(key, _)| key.as_str() == Some("terraform"));
    match blocks.filter_map(|(_, block)| block.get("source")).next() {
        Some(source) => {
            let path = local_path(source)?.replace("//", "/");
            Some(normalize(&directory.join(path)))
        }
        None => {
            let holds_module = workspace.directory(directory).any(|file| file.kind.is_configuration());
            holds_module.then(|| directory.to_path_buf())
        }
    }
}

fn entries<'w>(file: &'w File) -> impl Iterator<Item = (NodeRef<'w>, NodeRef<'w>)> {
    file.tree.documents().flat_map(NodeRef::entries)
}

/// The only relative path in an expression; the alternative to it may be a release of the same module.
fn local_path(source: NodeRef<'_>) -> Option<&str> {
    let is_local = |text: &&str| text.starts_with("./") || text.starts_with("../");
    if let Some(text) = source.as_str() {
        return Some(text).filter(is_local);
    }
    let paths: BTreeSet<&str> = source.slice().split('"').filter(is_local).collect();
    let mut paths = paths.into_iter().filter(|path| !path.contains(['$', '{', '?', ' ']));
    paths.next().filter(|_| paths.next().is_none())
}

/// The variables of a root module that every configuration for it sets to the same output of another root module.
pub(super) fn inputs<'w>(workspace: &'w Workspace, root: &Path, files: &[&'w File]) -> HashMap<&'w str, Input<'w>> {
    let mut agreed: Option<HashMap<&str, Input>> = None;
    for file in files.iter().filter(|file| module_of(workspace, file).is_some_and(|module| module == *root)) {
        let own = of_file(workspace, file);
        agreed = Some(match agreed {
            None => own,
            Some(mut all) => {
                all.retain(|name, (address, _)| own.get(name).is_some_and(|(other, _)| other == address));
                all
            }
        });
    }
    agreed.unwrap_or_default()
}

/// The inputs of one configuration that are outputs of others.
fn of_file<'w>(workspace: &'w Workspace, file: &'w File) -> HashMap<&'w str, Input<'w>> {
    let Some(directory) = workspace.path(file.source).parent() else { return HashMap::new() };
    let mut dependencies: HashMap<&str, PathBuf> = HashMap::new();
    for (_, block) in entries(file).filter(|(key, _)| key.as_str() == Some("dependency")) {
        let name = block.labels().next().and_then(NodeRef::as_str);
        let path = block.get("config_path").and_then(NodeRef::as_str);
        let other = path.map(|path| normalize(&directory.join(path).join("terragrunt.hcl")));
        let other = other.and_then(|path| workspace.sources.find(&path)).and_then(|source| workspace.file(source));
        if let (Some(name), Some(module)) = (name, other.and_then(|file| module_of(workspace, file))) {
            dependencies.insert(name, module);
        }
    }
    let mut inputs = HashMap::new();
    let mut seen = HashSet::new();
    for (key, value) in
        entries(file).filter(|(key, _)| key.as_str() == Some("inputs")).flat_map(|(_, all)| all.entries())
    {
        let Some(name) = key.as_str() else { continue };
        // What is set twice is set to the latter.
        if !seen.insert(name) {
            inputs.remove(name);
        }
        let pieces: Vec<&str> = value.slice().split('.').map(str::trim).collect();
        if let ["dependency", dependency, "outputs", output] = pieces.as_slice()
            && let Some(module) = dependencies.get(dependency)
            && output.chars().all(|one| one == '_' || one == '-' || one.is_ascii_alphanumeric())
        {
            inputs.insert(name, (exported::output(&outputs_of(module), output), value));
        }
    }
    inputs
}

/// Gives a root module the variables that configurations of Terragrunt set to outputs of others.
pub(super) fn take_inputs<'w>(workspace: &'w Workspace, root: &mut Module<'w>, files: &[&'w File]) {
    root.handed_on = inputs(workspace, &root.directory, files);
}

//! Compose files of the Serverless Framework (`serverless-compose.yml`): which services they name, how they call them,
//! and what they pass to them. Called by the read stage, by detection, and by variables that ask for a parameter.

use super::includes::Asked;
use super::syntax;
use super::variables::Service;
use crate::frontends::cloudformation::handed_on;
use crate::frontends::document::Solved;
use crate::model::exported;
use crate::read::{File, Workspace};
use crate::source::{SourceId, normalize, slashed};
use crate::tree::{NodeId, NodeRef};
use crate::value::{Data, How, Sourced, Unknown, Value};
use std::path::{Path, PathBuf};

/// What a service's own file is called where the compose file does not say.
const DEFAULT_CONFIGURATIONS: [&str; 3] = ["serverless.yml", "serverless.yaml", "serverless.json"];

/// The place in a compose file that names a service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Composition {
    compose: SourceId,
    key: NodeId,
    node: NodeId,
}

/// The services that a compose file names, each with the paths that its own file may have.
pub(crate) fn compositions(workspace: &Workspace, file: &File) -> Vec<(PathBuf, Composition)> {
    let folder = workspace.folder(file.source);
    let services = file.tree.documents().next().and_then(|root| root.get("services"));
    let services = services.into_iter().flat_map(NodeRef::entries);
    let named = services.flat_map(|(key, node)| {
        let composition = Composition { compose: file.source, key: key.id(), node: node.id() };
        paths(folder, node).into_iter().map(move |path| (path, composition))
    });
    named.collect()
}

/// The paths that a service's own file may have.
fn paths(base: &Path, service: NodeRef<'_>) -> Vec<PathBuf> {
    let text = |key: &str| service.get(key).and_then(NodeRef::as_str);
    let Some(folder) = text("path").map(|folder| base.join(folder)) else { return Vec::new() };
    match text("config") {
        Some(config) => vec![normalize(&folder.join(config))],
        None => DEFAULT_CONFIGURATIONS.map(|name| normalize(&folder.join(name))).to_vec(),
    }
}

/// One service as a compose file names it.
#[derive(Clone, Copy)]
pub(super) struct Composed<'w> {
    /// What the compose file calls it.
    pub name: &'w str,
    node: NodeRef<'w>,
    root: NodeRef<'w>,
}

impl<'w> Composed<'w> {
    /// How the nearest compose file above a service names it; `None` if there is none, or if it names the service
    /// more than once.
    pub fn of(workspace: &'w Workspace, service: SourceId) -> Option<Self> {
        let depth = |one: &&Composition| workspace.path(one.compose).components().count();
        let named = workspace.compositions(workspace.path(service));
        let nearest = named.iter().max_by_key(depth)?;
        let mut of_nearest = named.iter().filter(|one| one.compose == nearest.compose);
        let first = of_nearest.next().filter(|_| of_nearest.next().is_none())?;
        let tree = &workspace.file(first.compose)?.tree;
        let (key, node) = (tree.node(first.key), tree.node(first.node));
        Some(Self { name: key.as_str()?, node, root: tree.documents().next()? })
    }

    /// What is passed for a parameter. Outputs of other services are known once these are deployed.
    pub fn parameter(&self, workspace: &'w Workspace, name: &str) -> Option<(Solved, Asked)> {
        let node = self.node.get("params")?.target().get(name)?;
        let mut reader = Service::reader(workspace, self.root);
        let solved = reader.read(node, 0);
        let name = format!("param:{name}");
        let value = self.output(workspace, solved.value);
        let origin = value.origin.named(How::VariableSet(name.into()), node.span());
        Some((Solved::leaf(Value { origin, value: value.value }), reader.language.asked))
    }

    /// What the outputs of a service of the same file are called among states.
    fn outputs_of(&self, workspace: &Workspace, service: &str) -> String {
        format!("{} {service}", slashed(workspace.path(self.root.span().file)))
    }

    /// What the outputs of this service are called among states.
    pub fn outputs(&self, workspace: &Workspace) -> String {
        self.outputs_of(workspace, self.name)
    }

    /// `${service.output}`, in or as a text, is what another service has to say.
    fn output(&self, workspace: &Workspace, value: Value) -> Value {
        let Some(Data::Text(text)) = value.known() else { return value };
        let output = text.find("${").and_then(|start| Some(&text[start..=start + text[start..].find('}')?]));
        match output.filter(|output| !syntax::has_variable(output)) {
            Some(output) => match output[2..output.len() - 1].split_once('.').filter(|_| output == &**text) {
                Some((service, name)) => {
                    let address = exported::output(&self.outputs_of(workspace, service.trim()), name.trim());
                    handed_on(address, "", output.into(), value.origin.site())
                }
                None => Sourced::unknown(Unknown::AtDeployment(output.into()), value.origin),
            },
            None => value,
        }
    }
}

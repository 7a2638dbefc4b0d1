//! Compose files of the Serverless Framework (`serverless-compose.yml`): which services they name, how they call them,
//! and what they pass to them. Called by the read stage, by detection, and by variables that ask for a parameter.

use super::includes::Asked;
use super::syntax;
use super::variables::Service;
use crate::frontends::document::Solved;
use crate::read::{File, Lookup, Workspace};
use crate::source::{SourceId, normalize};
use crate::tree::NodeRef;
use crate::value::{Data, How, Sourced, Unknown, Value};
use std::path::{Path, PathBuf};

const NAMES: [&str; 3] = ["serverless-compose.yml", "serverless-compose.yaml", "serverless-compose.json"];
/// What a service's own file is called where the compose file does not say.
const DEFAULT_CONFIGURATIONS: [&str; 3] = ["serverless.yml", "serverless.yaml", "serverless.json"];

/// One service as a compose file names it.
#[derive(Clone, Copy)]
pub(super) struct Composed<'w> {
    /// What the compose file calls it.
    pub name: &'w str,
    node: NodeRef<'w>,
    root: NodeRef<'w>,
}

/// The files of the services that a compose file names: for each the paths that it may have.
pub(crate) fn service_paths(workspace: &Workspace, file: &File) -> Vec<PathBuf> {
    let services = services(file).flat_map(|service| service.paths(workspace));
    services.collect()
}

/// The services of a compose file.
fn services<'w>(file: &'w File) -> impl Iterator<Item = Composed<'w>> {
    let root = file.tree.documents().next();
    let services = root.and_then(|root| Some((root, root.get("services")?)));
    services.into_iter().flat_map(|(root, services)| {
        services.entries().filter_map(move |(key, node)| Some(Composed { name: key.as_str()?, node, root }))
    })
}

impl<'w> Composed<'w> {
    /// How the nearest compose file above a service names it; `None` if there is none, or if it names the service
    /// more than once.
    pub fn of(workspace: &'w Workspace, service: SourceId) -> Option<Self> {
        let path = workspace.path(service);
        for folder in path.ancestors().skip(1) {
            for name in NAMES {
                let Lookup::Found(file) = workspace.at(&folder.join(name)) else { continue };
                let mut named = services(file).filter(|one| one.paths(workspace).iter().any(|one| one == path));
                if let Some(first) = named.next() {
                    return named.next().is_none().then_some(first);
                }
            }
        }
        None
    }

    /// The paths that the service's own file may have.
    fn paths(&self, workspace: &Workspace) -> Vec<PathBuf> {
        let text = |key: &str| self.node.get(key).and_then(NodeRef::as_str);
        let Some(folder) = text("path") else { return Vec::new() };
        let base = workspace.path(self.root.span().file).parent().unwrap_or(Path::new(""));
        let folder = base.join(folder);
        match text("config") {
            Some(config) => vec![normalize(&folder.join(config))],
            None => DEFAULT_CONFIGURATIONS.map(|name| normalize(&folder.join(name))).to_vec(),
        }
    }

    /// What is passed for a parameter. Outputs of other services are known once these are deployed.
    pub fn parameter(&self, workspace: &'w Workspace, name: &str) -> Option<(Solved, Asked)> {
        let node = self.node.get("params")?.target().get(name)?;
        let mut reader = Service::reader(workspace, self.root);
        let solved = reader.read(node, 0);
        let name = format!("param:{name}");
        let value = at_deployment(solved.value);
        let origin = value.origin.named(How::VariableSet(name.into()), node.span());
        Some((Solved::leaf(Value { origin, value: value.value }), reader.language.asked))
    }
}

/// `${service.output}`, in or as a text, is what another service has to say.
fn at_deployment(value: Value) -> Value {
    let Some(Data::Text(text)) = value.known() else { return value };
    let output = text.find("${").and_then(|start| Some(&text[start..=start + text[start..].find('}')?]));
    match output {
        Some(output) if !syntax::has_variable(output) => {
            Sourced::unknown(Unknown::AtDeployment(output.into()), value.origin)
        }
        _ => value,
    }
}

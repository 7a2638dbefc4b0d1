//! Which files are services of the Serverless Framework. A service is one unit, with everything that it includes.

use super::compose::Composed;
use crate::discover::FileKind;
use crate::frontends::{Member, Plan};
use crate::model::{Format, Unit};
use crate::read::Workspace;
use crate::tree::NodeRef;

/// One unit for each service file; a compose file names them, or else they name themselves.
pub(crate) fn units(workspace: &Workspace) -> Vec<Plan> {
    let mut plans = Vec::new();
    for file in workspace.files.iter().filter(|file| file.kind == FileKind::Serverless) {
        let Some(root) = file.tree.documents().next().filter(|root| is_service(*root)) else { continue };
        let source = workspace.sources.get(file.source);
        let service = root.get("service");
        let own = service.and_then(|service| service.get("name")).or(service).and_then(NodeRef::as_str);
        let named = Composed::of(workspace, file.source).map(|composed| composed.name).or(own);
        let name = named.filter(|name| !name.contains("${")).map_or_else(|| source.display_path(), str::to_string);
        let unit = Unit { name: name.into(), ..Unit::at(Format::Serverless, source.path().to_path_buf()) };
        plans.push(Plan { unit, members: vec![Member { source: file.source, document: 0 }] });
    }
    plans
}

/// A service has a name, or else at least a provider and something to deploy; a file with functions only is included
/// by one.
pub(super) fn is_service(root: NodeRef<'_>) -> bool {
    let has = |key: &str| root.get(key).is_some();
    has("service") || has("provider") && (has("functions") || has("resources"))
}

//! Which documents are CloudFormation or SAM templates. A template is one unit.

use crate::discover::FileKind;
use crate::frontends::{Member, Plan};
use crate::model::{Format, Unit};
use crate::read::Workspace;
use crate::tree::NodeRef;

/// One unit for each template that stands for itself; what a service includes belongs to that service.
pub(crate) fn units(workspace: &Workspace) -> Vec<Plan> {
    let mut plans = Vec::new();
    for file in &workspace.files {
        if !matches!(file.kind, FileKind::Yaml | FileKind::Json) || workspace.is_included(file.source) {
            continue;
        }
        for (document, root) in file.tree.documents().enumerate() {
            if !is_template(root) {
                continue;
            }
            let unit = Unit::at(Format::CloudFormation, workspace.path(file.source).to_path_buf());
            plans.push(Plan { unit, members: vec![Member { source: file.source, document }] });
        }
    }
    plans
}

/// Resources with a type such as `AWS::SQS::Queue`, or the version that only templates carry.
fn is_template(root: NodeRef<'_>) -> bool {
    let Some(resources) = root.get("Resources").filter(|resources| resources.is_mapping()) else { return false };
    let typed =
        |resource: NodeRef| resource.get("Type").and_then(NodeRef::as_str).is_some_and(|kind| kind.contains("::"));
    root.get("AWSTemplateFormatVersion").is_some() || resources.entries().any(|(_, resource)| typed(resource))
}

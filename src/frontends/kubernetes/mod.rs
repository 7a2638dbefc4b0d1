//! Kubernetes objects: manifests in YAML and JSON, kustomizations, and what the Terraform frontend makes of
//! `kubernetes_*` resources. Knative, KEDA and Argo Rollouts are read as well.

mod detect;
mod kustomize;
mod lower;
mod mask;
mod object;
mod pods;
mod quantity;
mod resolve;
mod routes;
mod scalers;

use super::Plan;
use crate::model::{Declarations, UnitId};
use crate::read::{Note, Workspace};
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) use detect::units;
pub(crate) use lower::lower_objects;
pub(crate) use object::Object;

/// Lowers the objects of one unit.
pub(crate) fn lower(workspace: &Workspace, unit: UnitId, plan: &Plan, _notes: &mut Vec<Note>) -> Declarations {
    let overlay = kustomize::Overlay::of(workspace, &plan.members);
    let may_patch = plan.members.iter().any(|member| kustomize::is_near(workspace, member.source));
    let mut objects = Vec::new();
    for member in &plan.members {
        let Some(file) = workspace.file(member.source) else { continue };
        let Some(root) = file.tree.documents().nth(member.document) else { continue };
        if !detect::is_manifest(root) {
            continue;
        }
        for value in detect::expanded(resolve::value(root)) {
            let place = value.origin.site().unwrap_or(root.span());
            let object = Object::new(overlay.apply(value), place);
            objects.extend(object.filter(|object| !(may_patch && lacks_selector(object))));
        }
    }
    tell_apart(&mut objects);
    let mut declarations = Declarations::default();
    lower_objects(unit, &objects, &mut declarations);
    declarations
}

/// Whether an object says which containers it has, but not which pods are its own. Beside a kustomization that is a
/// patch which nobody lists; alone it is a manifest with a mistake, or from before `apps/v1`.
fn lacks_selector(object: &Object) -> bool {
    let kind = object.kind();
    let needs_one = matches!(&*kind, "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Rollout");
    needs_one && object.spec().get("selector").is_absent()
}

/// Of several objects with one name it is not known which one a reference means: none of them keeps its address.
fn tell_apart(objects: &mut [Object]) {
    let mut count: HashMap<Arc<str>, usize> = HashMap::new();
    for object in objects.iter() {
        *count.entry(object.address.clone()).or_default() += 1;
    }
    for (number, object) in objects.iter_mut().enumerate() {
        if count.get(&object.address).is_some_and(|count| *count > 1) {
            object.address = format!("{}#{number}", object.address).into();
        }
    }
}

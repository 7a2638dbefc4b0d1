//! Kubernetes objects: manifests in YAML and JSON, kustomizations, and what the Terraform frontend makes of
//! `kubernetes_*` resources. Knative (and Cloud Run, whose files are Knative's), KEDA and Argo Rollouts are read as well.

mod budgets;
mod calls;
mod cloud_run;
mod detect;
mod gitops;
mod isolation;
mod keda;
mod kustomize;
mod labels;
mod lower;
mod neighbours;
mod nodes;
mod object;
mod pods;
pub(crate) mod quantity;
mod resolve;
mod routes;
mod scalers;
mod storage;

use super::{Member, Plan};
use crate::discover::FileKind;
use crate::model::{Declarations, UnitId};
use crate::read::{Note, Workspace};
use crate::source::{SourceId, Span};
use crate::tree::NodeRef;
use crate::value::Value;
use std::collections::HashMap;
use std::sync::Arc;

use gitops::Applied;
use kustomize::item::Item;

pub(crate) use detect::units;
pub(crate) use gitops::Owners;
pub(crate) use kustomize::named_paths;
pub(crate) use lower::lower_objects;
pub(crate) use object::Object;

/// Lowers the objects of one unit.
pub(crate) fn lower(
    workspace: &Workspace,
    unit: UnitId,
    plan: &Plan,
    owners: &Owners,
    notes: &mut Vec<Note>,
) -> Declarations {
    let first = plan.members.first().map(|member| member.source);
    let is_kustomization =
        |source: &SourceId| workspace.file(*source).is_some_and(|file| file.kind == FileKind::Kustomization);
    let kustomization = first.filter(is_kustomization);
    let (mut items, built) = match kustomization {
        Some(kustomization) => kustomize::items(workspace, kustomization, notes),
        None => Default::default(),
    };
    let others: Vec<Member> = plan.members.iter().copied().filter(|member| !built.contains(&member.source)).collect();
    items.extend(plain(workspace, &others));
    let applied = Applied { workspace, unit: &plan.unit.path, is_built: kustomization.is_some() };
    let items = owners.change(items, &applied);
    let mut objects: Vec<Object> = items.into_iter().filter_map(Item::object).map(as_exported).collect();
    for object in &mut objects {
        object.replicas_ignored |= owners.leave_replicas(object, &applied);
        object.is_built = built.contains(&object.span.file);
    }
    tell_apart(&mut objects);
    let mut declarations = Declarations::default();
    lower_objects(unit, &objects, &mut declarations);
    calls::tell(workspace, plan, &objects, &mut declarations);
    declarations
}

/// The objects of documents as they are written.
fn plain(workspace: &Workspace, members: &[Member]) -> Vec<Item> {
    let mut items = Vec::new();
    for of_file in members.chunk_by(|one, other| one.source == other.source) {
        let Some(file) = workspace.file(of_file[0].source) else { continue };
        let documents: Vec<NodeRef> = file.tree.documents().collect();
        let may_be_patches = kustomize::is_near(workspace, file.source);
        for root in of_file.iter().filter_map(|member| documents.get(member.document)) {
            if !detect::is_manifest(*root) {
                continue;
            }
            for value in detect::expanded(resolve::value(*root)) {
                let place = value.origin.site().unwrap_or(root.span());
                let item = Item::new(value, place);
                items.extend((!(may_be_patches && lacks_selector(&item))).then_some(item));
            }
        }
    }
    items
}

/// The objects in a text that something else holds; all of them stand at `place`.
pub(crate) fn manifest_text(text: &str, place: Span) -> Vec<Value> {
    let tree = crate::tree::yaml::parse(place.file, text.into());
    let roots = tree.documents().filter(|root| tree.errors.is_empty() && detect::is_manifest(*root));
    roots.flat_map(|root| detect::expanded(resolve::value_at(root, place))).collect()
}

/// The only document of a YAML text as data, all of it at `place`.
pub(crate) fn yaml_text(text: Arc<str>, place: Span, is_file: bool) -> Option<Value> {
    let tree = crate::tree::yaml::parse(place.file, text);
    let mut roots = tree.documents().filter(|_| tree.errors.is_empty());
    let root = roots.next()?;
    let value = || if is_file { resolve::value(root) } else { resolve::value_at(root, place) };
    roots.next().is_none().then(value)
}

/// What a cluster hands out has the replicas that its autoscaler made of them: nobody wrote that number.
fn as_exported(object: Object) -> Object {
    let metadata = object.view().get("metadata");
    let is_exported = ["resourceVersion", "uid"].iter().any(|key| metadata.get(key).is_present());
    Object { replicas_ignored: object.replicas_ignored || is_exported, ..object }
}

/// Whether an object says which containers it has, but not which pods are its own. Beside a kustomization that is a
/// patch which nobody lists; alone it is a manifest with a mistake, or from before `apps/v1`.
fn lacks_selector(item: &Item) -> bool {
    let needs_one = matches!(&*item.kind(), "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Rollout");
    needs_one && item.view().at(&["spec", "selector"]).is_absent()
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

//! Kubernetes objects in Terraform: the provider's typed resources, and manifests in `kubernetes_manifest` and
//! `kubectl_manifest`. They are spelled as the API spells them and handed to the kubernetes frontend.

use super::{ignorable, is_ignored};
use crate::frontends::gaps::marked;
use crate::frontends::kubernetes::{Object, lower_objects, manifest_text};
use crate::frontends::resource::{Resource, Resources};
use crate::model::{Declarations, UnitId};
use crate::value::{Data, Entry, Form, Origin, Sourced, Value};
use std::sync::Arc;

/// The API that a resource type of the provider stands for: its group and version, and its kind.
fn api_of(kind: &str) -> Option<(&'static str, &'static str)> {
    let kind = kind.strip_prefix("kubernetes_")?;
    let name = ["_v1", "_v2", "_v2beta2", "_v1beta1"].iter().find_map(|end| kind.strip_suffix(end)).unwrap_or(kind);
    Some(match name {
        "deployment" => ("apps/v1", "Deployment"),
        "stateful_set" => ("apps/v1", "StatefulSet"),
        "daemonset" | "daemon_set" => ("apps/v1", "DaemonSet"),
        "replication_controller" => ("v1", "ReplicationController"),
        "pod" => ("v1", "Pod"),
        "job" => ("batch/v1", "Job"),
        "cron_job" => ("batch/v1", "CronJob"),
        "service" => ("v1", "Service"),
        "ingress" => ("networking.k8s.io/v1", "Ingress"),
        "persistent_volume_claim" => ("v1", "PersistentVolumeClaim"),
        "persistent_volume" => ("v1", "PersistentVolume"),
        "storage_class" => ("storage.k8s.io/v1", "StorageClass"),
        "limit_range" => ("v1", "LimitRange"),
        "resource_quota" => ("v1", "ResourceQuota"),
        "pod_disruption_budget" => ("policy/v1", "PodDisruptionBudget"),
        "horizontal_pod_autoscaler" if kind.ends_with("_v1") => ("autoscaling/v1", "HorizontalPodAutoscaler"),
        // Without a version the provider's resource takes what either version has.
        "horizontal_pod_autoscaler" => ("autoscaling/v2", "HorizontalPodAutoscaler"),
        _ => return None,
    })
}

/// Whether the attributes of a type are looked at.
pub(super) fn reads(kind: &str) -> bool {
    matches!(kind, "kubernetes_manifest" | "kubectl_manifest") || api_of(kind).is_some()
}

/// Lowers everything that runs on Kubernetes.
pub(super) fn lower(unit: UnitId, resources: &Resources, declarations: &mut Declarations) {
    let objects: Vec<Object> = resources.iter().flat_map(objects).collect();
    lower_objects(unit, &objects, declarations);
}

fn objects(resource: &Resource) -> Vec<Object> {
    let view = resource.view();
    let manifests = match &*resource.kind {
        "kubernetes_manifest" => view.get("manifest").value().cloned().into_iter().collect(),
        "kubectl_manifest" => match view.get("yaml_body").value() {
            Some(body) => match body.known() {
                Some(Data::Text(text)) => manifest_text(text, body.origin.written_at().unwrap_or(resource.span)),
                Some(Data::Template(parts)) => match marked(parts, false) {
                    Some((text, gaps)) => {
                        let objects = manifest_text(&text, body.origin.written_at().unwrap_or(resource.span));
                        objects.into_iter().map(|object| gaps.fill(object)).collect()
                    }
                    None => Vec::new(),
                },
                _ => vec![body.clone()],
            },
            None => Vec::new(),
        },
        kind => match api_of(kind) {
            Some((version, kind)) => vec![object(resource, version, kind)],
            None => Vec::new(),
        },
    };
    let several = manifests.len() > 1;
    let objects = manifests.into_iter().enumerate().filter_map(|(number, value)| {
        let object = Object::new(value, resource.span)?;
        let address = if several { format!("{}#{number}", resource.address).into() } else { resource.address.clone() };
        let replicas_ignored = is_ignored(view, "spec[0].replicas") || is_ignored(view, "spec.0.replicas");
        Some(Object {
            address,
            label: if object.name().is_some() { object.label.clone() } else { resource.label.clone() },
            span: resource.span,
            replicas_ignored,
            replicas_ignorable: api_of(&resource.kind).map(|_| ignorable(view, "spec[0].replicas")),
            ..object
        })
    });
    objects.collect()
}

/// A typed resource as its manifest would say it.
fn object(resource: &Resource, version: &'static str, kind: &'static str) -> Value {
    let origin = || Origin::literal(resource.span);
    let text = |name: &str, text: &str| {
        let value = Sourced::new(Data::Text(text.into()), origin());
        Entry { name: name.into(), key: None, value }
    };
    let mut entries = vec![text("apiVersion", version), text("kind", kind)];
    if let Some(Data::Object(attributes)) = resource.body.known() {
        entries.extend(attributes.iter().map(renamed));
    }
    Sourced::new(Data::Object(entries.into()), origin())
}

/// An attribute in the API's spelling, with everything in it.
fn renamed(entry: &Entry) -> Entry {
    let name = api_name(&entry.name);
    let value = match &*name {
        // The keys of these are names that someone chose.
        "labels" | "annotations" | "matchLabels" | "nodeSelector" | "limits" | "requests" | "hard" | "data" => {
            single(&entry.value)
        }
        "selector" | "default" | "defaultRequest" | "max" | "min" if is_map(&entry.value) => single(&entry.value),
        _ if is_blocks(&entry.value)
            && let Some(plural) = plural(&name) =>
        {
            return Entry { name: plural.into(), key: entry.key, value: shape(&entry.value) };
        }
        _ => shape(&single(&entry.value)),
    };
    Entry { name, key: entry.key, value }
}

/// The attributes within an object or the objects of a list.
fn shape(value: &Value) -> Value {
    let data = match value.known() {
        Some(Data::Object(entries)) => {
            let data = Data::Object(entries.iter().map(renamed).collect());
            return Sourced::new(data, value.origin.clone()).in_form(Form::Underscored);
        }
        Some(Data::List(items)) => Data::List(items.iter().map(shape).collect()),
        _ => return value.clone(),
    };
    Sourced::new(data, value.origin.clone())
}

/// A block that stands alone is an object, not a list of one.
fn single(value: &Value) -> Value {
    match value.known() {
        Some(Data::List(items)) => match &**items {
            [only] if matches!(only.known(), Some(Data::Object(_))) => only.clone(),
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

/// A map that is written as an attribute; a block is a list.
fn is_map(value: &Value) -> bool {
    matches!(value.known(), Some(Data::Object(_)))
}

/// Blocks, as against an attribute of the same name.
fn is_blocks(value: &Value) -> bool {
    match value.known() {
        Some(Data::List(items)) => items.iter().all(|item| matches!(item.known(), Some(Data::Object(_)))),
        _ => false,
    }
}

/// The API's name for a list whose blocks are named for one element.
fn plural(name: &str) -> Option<&'static str> {
    Some(match name {
        "container" => "containers",
        "initContainer" => "initContainers",
        "env" => "env",
        "envFrom" => "envFrom",
        "volume" => "volumes",
        "volumeMount" => "volumeMounts",
        "port" => "ports",
        "metric" => "metrics",
        "rule" => "rules",
        "path" => "paths",
        "limit" => "limits",
        "toleration" => "tolerations",
        "policy" => "policies",
        "volumeClaimTemplate" => "volumeClaimTemplates",
        "topologySpreadConstraint" => "topologySpreadConstraints",
        "matchExpressions" => "matchExpressions",
        "matchFields" => "matchFields",
        "nodeSelectorTerm" => "nodeSelectorTerms",
        "requiredDuringSchedulingIgnoredDuringExecution" => "requiredDuringSchedulingIgnoredDuringExecution",
        "preferredDuringSchedulingIgnoredDuringExecution" => "preferredDuringSchedulingIgnoredDuringExecution",
        _ => return None,
    })
}

/// `match_labels` is `matchLabels` to the API.
fn api_name(name: &str) -> Arc<str> {
    let mut words = name.split('_');
    let mut spelled = words.next().unwrap_or_default().to_string();
    for word in words {
        let mut letters = word.chars();
        spelled.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        spelled.push_str(letters.as_str());
    }
    spelled.into()
}

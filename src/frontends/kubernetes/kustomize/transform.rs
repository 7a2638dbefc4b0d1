//! What a kustomization does to all of its objects: namespace, prefix and suffix, labels, numbers of replicas, images.

use super::edit::{at, changed, with};
use super::item::Item;
use crate::value::{Data, Entry, Form, Origin, Value, View};
use std::collections::HashMap;
use std::sync::Arc;

/// Moves all objects into a namespace.
pub(super) fn namespace(items: &mut [Item], namespace: &Value) {
    for item in items.iter_mut().filter(|item| !item.is_cluster_scoped()) {
        item.value = with(&item.value, &["metadata", "namespace"], namespace.clone());
    }
}

/// New names by kind and former name; `None`: more than one.
type Renamed = HashMap<(Arc<str>, Arc<str>), Option<Arc<str>>>;

/// Puts a prefix and a suffix around all names, and around the names by which objects refer to each other.
pub(super) fn affixes(items: &mut [Item], prefix: &str, suffix: &str, origin: &Origin) {
    let mut renamed = Renamed::new();
    for item in items.iter_mut() {
        let kind = item.kind();
        let Some(name) = item.name().cloned().filter(|_| !matches!(&*kind, "Namespace" | "CustomResourceDefinition"))
        else {
            continue;
        };
        let new: Arc<str> = format!("{prefix}{name}{suffix}").into();
        for old in &item.names {
            let entry = renamed.entry((kind.clone(), old.clone()));
            entry.and_modify(|found| *found = None).or_insert(Some(new.clone()));
        }
        item.value = changed(&item.value, &["metadata", "name"], &|written| {
            Value::new(Data::Text(new.clone()), written.origin.clone())
        });
        item.names.push(new);
    }
    let lookup = |kind: &str, name: &Value| {
        let old = name.known().and_then(Data::to_text)?;
        let new = renamed.get(&(kind.into(), old))?.clone();
        Some(match new {
            Some(new) => Value::new(Data::Text(new), name.origin.clone()),
            None => super::edit::decided_by(origin),
        })
    };
    for item in items {
        item.value = references(&item.value, &item.kind(), &lookup);
    }
}

/// An object with the names changed by which it refers to others. `lookup` knows the new name of a kind's object.
fn references(object: &Value, kind: &str, lookup: &dyn Fn(&str, &Value) -> Option<Value>) -> Value {
    let renamed = |of: &'static str| move |name: &Value| lookup(of, name).unwrap_or_else(|| name.clone());
    let pods: &[&str] = match kind {
        "Pod" => &["spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => &["spec", "template", "spec"],
    };
    let claims: Vec<&str> = pods.iter().copied().chain(["volumes", "persistentVolumeClaim", "claimName"]).collect();
    let object = changed(object, &claims, &renamed("PersistentVolumeClaim"));
    match kind {
        "HorizontalPodAutoscaler" => changed(&object, &["spec", "scaleTargetRef"], &|target| {
            let of = View::new(target, None).get("kind").known_text().unwrap_or_default();
            changed(target, &["name"], &|name| lookup(&of, name).unwrap_or_else(|| name.clone()))
        }),
        "Ingress" => {
            let backend = ["spec", "rules", "http", "paths", "backend"];
            let paths: [Vec<&str>; 3] = [
                backend.iter().copied().chain(["service", "name"]).collect(),
                backend.iter().copied().chain(["serviceName"]).collect(),
                vec!["spec", "defaultBackend", "service", "name"],
            ];
            paths.iter().fold(object, |object, path| changed(&object, path, &renamed("Service")))
        }
        "StatefulSet" => changed(&object, &["spec", "serviceName"], &renamed("Service")),
        _ => object,
    }
}

/// Where labels go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The objects only.
    Metadata,
    /// And the pods that they make.
    Templates,
    /// And the selectors that find these pods.
    Selectors,
}

/// Adds labels.
pub(super) fn labels(items: &mut [Item], pairs: View<'_>, reach: Reach) {
    for (entry, _) in pairs.entries() {
        for item in items.iter_mut() {
            let kind = item.kind();
            for (path, is_made) in label_paths(&kind, reach) {
                if is_made || at(&item.value, path).is_some() {
                    let path: Vec<&str> = path.iter().copied().chain([&*entry.name]).collect();
                    item.value = with(&item.value, &path, entry.value.clone());
                }
            }
        }
    }
}

/// The maps that labels are added to, and whether those are made where they are missing.
fn label_paths(kind: &str, reach: Reach) -> Vec<(&'static [&'static str], bool)> {
    const TEMPLATE: &[&str] = &["spec", "template", "metadata", "labels"];
    const JOB_TEMPLATE: &[&str] = &["spec", "jobTemplate", "spec", "template", "metadata", "labels"];
    const MATCHED: &[&str] = &["spec", "selector", "matchLabels"];
    const SELECTED: &[&str] = &["spec", "selector"];
    let mut paths: Vec<(&'static [&'static str], bool)> = vec![(&["metadata", "labels"], true)];
    let (template, selector): (Option<&'static [&'static str]>, _) = match kind {
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" => (Some(TEMPLATE), Some((MATCHED, true))),
        "ReplicationController" => (Some(TEMPLATE), Some((SELECTED, true))),
        "Job" => (Some(TEMPLATE), Some((MATCHED, false))),
        "CronJob" => (Some(JOB_TEMPLATE), None),
        "Service" => (None, Some((SELECTED, true))),
        "PodDisruptionBudget" => (None, Some((MATCHED, false))),
        _ => (None, None),
    };
    paths.extend(template.filter(|_| reach != Reach::Metadata).map(|path| (path, true)));
    paths.extend(selector.filter(|_| reach == Reach::Selectors));
    paths
}

/// Sets the number of replicas of the objects that an entry of `replicas` names.
pub(super) fn replicas(items: &mut [Item], entry: View<'_>) {
    let (Some(name), Some(count)) = (entry.get("name").known_text(), entry.get("count").value()) else { return };
    for item in items {
        let is_counted = matches!(&*item.kind(), "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet");
        if is_counted && item.names.contains(&name) {
            let count = count.clone().in_form(Form::Argument);
            item.value = with(&item.value, &["spec", "replicas"], count);
        }
    }
}

/// Changes the images that an entry of `images` names, in all containers.
pub(super) fn images(items: &mut [Item], entry: View<'_>) {
    let Some(name) = entry.get("name").known_text() else { return };
    for item in items {
        item.value = with_image(&item.value, &name, entry, 0);
    }
}

/// Objects nest as deep as the reader lets them.
const MAX_DEPTH: usize = 64;

fn with_image(value: &Value, name: &str, entry: View<'_>, depth: usize) -> Value {
    let inner = |value: &Value| with_image(value, name, entry, depth + 1);
    let data = match value.known() {
        Some(Data::Object(entries)) if depth < MAX_DEPTH => {
            let entries = entries.iter().map(|one| {
                let value = match &*one.name {
                    "containers" | "initContainers" => {
                        changed(&one.value, &["image"], &|image| new_image(image, name, entry))
                    }
                    _ => inner(&one.value),
                };
                Entry { value, ..one.clone() }
            });
            Data::Object(entries.collect())
        }
        Some(Data::List(items)) if depth < MAX_DEPTH => Data::List(items.iter().map(inner).collect()),
        _ => return value.clone(),
    };
    Value::new(data, value.origin.clone())
}

/// An image with another name, tag or digest, if it is the one that is meant.
fn new_image(image: &Value, name: &str, entry: View<'_>) -> Value {
    let Some(Data::Text(written)) = image.known() else { return image.clone() };
    let (bare, digest) = written.split_once('@').map_or((&**written, None), |(bare, digest)| (bare, Some(digest)));
    let colon = bare.rfind(':').filter(|at| !bare[*at..].contains('/'));
    let (own, tag) = colon.map_or((bare, None), |at| (&bare[..at], Some(&bare[at + 1..])));
    if own != name {
        return image.clone();
    }
    let part = |key: &'static str| entry.get(key).known_text();
    let (new_tag, new_digest) = (part("newTag"), part("digest"));
    let mut text = part("newName").map_or_else(|| own.to_string(), |name| name.to_string());
    match (new_tag, new_digest) {
        (_, Some(digest)) => text.push_str(&format!("@{digest}")),
        (Some(tag), None) => text.push_str(&format!(":{tag}")),
        (None, None) => {
            text.extend(tag.map(|tag| format!(":{tag}")));
            text.extend(digest.map(|digest| format!("@{digest}")));
        }
    }
    let origin = entry.value().map_or_else(|| image.origin.clone(), |entry| entry.origin.clone());
    Value::new(Data::Text(text.into()), origin)
}

//! A StatefulSet with a volume for each pod out of a Deployment that keeps its files where they do not stay.

use super::copy::{Entries, all_below, below, copied, copied_entries, entries, get, remove};
use super::kubernetes::{name_of, namespace_of};
use super::site::{Declaration, Site};
use super::{Desk, Draft};
use crate::fix::New;
use crate::model::{Platform, VolumeKind, Workload};

/// The size that is asked for, until people say otherwise.
const SIZE: &str = "10Gi";

pub(super) fn of(desk: Desk<'_>, workload: &Workload) -> Result<Draft, String> {
    let site = Site::of(desk, &workload.identity)?;
    if workload.platform != Platform::Kubernetes || site.declaration != Declaration::Manifest {
        return Err("a StatefulSet is only written for manifests of Kubernetes".into());
    }
    if site.kind() != "Deployment" {
        return Err(format!("a StatefulSet is not made out of the kind `{}`", site.kind()));
    }
    let mut draft = Draft::default();
    let (storage, class) = asked(desk, workload)?;
    if storage.is_none() {
        draft.remarks.push(format!("choose the size of the volume, {SIZE} here"));
    }
    let (volume, path) = volume(workload).ok_or("which volume each pod needs is not known")?;
    let mut metadata = copied_entries(site.node.get("metadata").ok_or("it has no metadata")?)?;
    remove(&mut metadata, &["annotations", "creationTimestamp"]);
    let mut spec = copied_entries(site.node.get("spec").ok_or("it has no spec")?)?;
    remove(&mut spec, &["strategy", "minReadySeconds", "progressDeadlineSeconds", "paused"]);
    let template = below(&mut spec, "template").ok_or("its pod template is not beside it")?;
    let pod = below(template, "spec").ok_or("its pod template has no spec")?;
    if let Some(New::List(volumes)) = pod.iter_mut().find(|(key, _)| key == "volumes").map(|(_, value)| value) {
        volumes.retain(|one| !matches!(one, New::Object(entries) if is_named(entries, &volume)));
        if volumes.is_empty() {
            remove(pod, &["volumes"]);
        }
    }
    if let Some(path) = path {
        let mut containers = all_below(pod, &["containers"]);
        let [container] = containers.as_mut_slice() else { return Err("it has more than one container".into()) };
        let mount = New::object([("name", New::text(volume.as_str())), ("mountPath", New::text(path))]);
        match container.iter_mut().find(|(key, _)| key == "volumeMounts") {
            Some((_, New::List(mounts))) => mounts.push(mount),
            Some(_) => return Err("its mounts are written in a form of their own".into()),
            None => container.push(("volumeMounts".into(), New::List(vec![mount]))),
        }
    }
    let mut wanted = entries([("accessModes", New::List(vec![New::text("ReadWriteOnce")]))]);
    wanted.extend(class.map(|class| ("storageClassName".to_string(), class)));
    let requests = New::object([("storage", storage.unwrap_or_else(|| New::text(SIZE)))]);
    wanted.push(("resources".into(), New::object([("requests", requests)])));
    let name = New::object([("name", New::text(volume.as_str()))]);
    let claim = New::object([("metadata", name), ("spec", New::Object(wanted))]);
    spec.insert(0, ("serviceName".into(), name_of(&site)?));
    spec.push(("volumeClaimTemplates".into(), New::List(vec![claim])));
    if !has_service(desk, workload) {
        draft.operations.push(site.append(headless(&site, &spec)?));
    }
    draft.operations.push(site.append(vec![
        ("apiVersion".into(), New::text("apps/v1")),
        ("kind".into(), New::text("StatefulSet")),
        ("metadata".into(), New::Object(metadata)),
        ("spec".into(), New::Object(spec)),
    ]));
    Ok(draft)
}

/// The volume that becomes a claim, and where it is to be mounted if nothing is there yet.
fn volume(workload: &Workload) -> Option<(String, Option<String>)> {
    for container in workload.main_containers() {
        if let Some(engine) = container.database() {
            let path = container.data_path(engine);
            return Some(match workload.volume_at(container, path) {
                Some(volume) => (volume.name.as_ref()?.to_string(), None),
                None => ("data".to_string(), Some(path.to_string())),
            });
        }
    }
    let mut claims = workload.volumes.iter().filter(|volume| matches!(volume.kind, VolumeKind::Claim(_)));
    let only = claims.next().filter(|_| claims.next().is_none())?;
    Some((only.name.as_ref()?.to_string(), None))
}

/// What the present claim asks for: its size and its class.
fn asked(desk: Desk<'_>, workload: &Workload) -> Result<(Option<New>, Option<New>), String> {
    let mut claims = workload.claims().filter_map(|(claim, _)| desk.architecture.claim(claim));
    let Some(claim) = claims.next().and_then(|claim| Site::of(desk, &claim.identity).ok()) else {
        return Ok((None, None));
    };
    let part = |path: &[&str]| claim.node.at(path).filter(|part| !part.is_null()).map(copied).transpose();
    Ok((part(&["spec", "resources", "requests", "storage"])?, part(&["spec", "storageClassName"])?))
}

fn is_named(entries: &Entries, name: &str) -> bool {
    match get(entries, "name") {
        Some(New::Raw(text) | New::Text(text)) => text.trim_matches(['"', '\'']) == name,
        _ => false,
    }
}

/// Whether a Service leads to its pods.
fn has_service(desk: Desk<'_>, workload: &Workload) -> bool {
    desk.architecture.triggers_of(workload).next().is_some()
}

/// A Service that gives the pods their names.
fn headless(site: &Site<'_>, spec: &Entries) -> Result<Entries, String> {
    let labels = match get(spec, "selector") {
        Some(New::Object(selector)) => get(selector, "matchLabels").cloned(),
        _ => None,
    };
    let mut metadata = entries([("name", name_of(site)?)]);
    if let Some(namespace) = namespace_of(site)? {
        metadata.push(("namespace".into(), namespace));
    }
    let spec = entries([("clusterIP", New::text("None")), ("selector", labels.ok_or("its selector has no labels")?)]);
    Ok(vec![
        ("apiVersion".into(), New::text("v1")),
        ("kind".into(), New::text("Service")),
        ("metadata".into(), New::Object(metadata)),
        ("spec".into(), New::Object(spec)),
    ])
}

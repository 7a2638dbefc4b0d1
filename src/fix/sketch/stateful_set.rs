//! A StatefulSet with a volume for each pod out of a Deployment that keeps its files where they do not stay.

use super::copy::{Entries, all_below, below, copied, copied_entries, entries, get, group, remove};
use super::kubernetes::{name_of, namespace_of, object};
use super::site::Site;
use super::{Desk, Draft};
use crate::fix::New;
use crate::fix::operation::Operation;
use crate::model::{VolumeKind, Workload};

/// What only Deployments have.
const OF_DEPLOYMENTS: [&str; 6] = [
    "strategy",
    "minReadySeconds",
    "min_ready_seconds",
    "progressDeadlineSeconds",
    "progress_deadline_seconds",
    "paused",
];
/// The size that is asked for, until people say otherwise.
const SIZE: &str = "10Gi";

pub(super) fn of(desk: Desk<'_>, workload: &Workload) -> Result<Draft, String> {
    let site = Site::of(desk, &workload.identity)?;
    if !matches!(site.kind(), "Deployment" | "kubernetes_deployment" | "kubernetes_deployment_v1") {
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
    remove(&mut spec, &OF_DEPLOYMENTS);
    let template = below(&mut spec, "template").ok_or("its pod template is not beside it")?;
    let pod = below(template, "spec").ok_or("its pod template has no spec")?;
    drop_volume(pod, &volume);
    if let Some(path) = path {
        mount(&site, pod, &volume, path)?;
    }
    spec.insert(0, (site.key("serviceName"), name_of(&site)?));
    let claim = claim(&site, &volume, storage, class);
    spec.push(match site.is_hcl() {
        true => ("volume_claim_template".into(), claim),
        false => ("volumeClaimTemplates".into(), New::List(vec![claim])),
    });
    if desk.architecture.triggers_of(workload).next().is_none() {
        draft.operations.push(headless(&site, &spec)?);
    }
    draft.operations.push(object(&site, ["apps/v1", "StatefulSet", "kubernetes_stateful_set_v1"], metadata, spec));
    Ok(draft)
}

/// Takes a volume out of a pod: the claim of its name comes in its place.
fn drop_volume(pod: &mut Entries, volume: &str) {
    let is_it = |value: &New| match value {
        New::Object(entries) | New::Block { body: entries, .. } => is_named(entries, volume),
        _ => false,
    };
    pod.retain(|(key, value)| key != "volume" || !is_it(value));
    if let Some((_, New::List(volumes))) = pod.iter_mut().find(|(key, _)| key == "volumes") {
        volumes.retain(|one| !is_it(one));
        if volumes.is_empty() {
            remove(pod, &["volumes"]);
        }
    }
}

/// Mounts a volume in the only container of a pod.
fn mount(site: &Site<'_>, pod: &mut Entries, volume: &str, path: String) -> Result<(), String> {
    let mut containers = all_below(pod, &["containers", "container"]);
    let [container] = containers.as_mut_slice() else { return Err("it has more than one container".into()) };
    let mount = vec![("name".to_string(), New::text(volume)), (site.key("mountPath"), New::text(path))];
    if site.is_hcl() {
        container.push(("volume_mount".into(), group(true, mount)));
        return Ok(());
    }
    match container.iter_mut().find(|(key, _)| key == "volumeMounts") {
        Some((_, New::List(mounts))) => mounts.push(New::Object(mount)),
        Some(_) => return Err("its mounts are written in a form of their own".into()),
        None => container.push(("volumeMounts".into(), New::List(vec![New::Object(mount)]))),
    }
    Ok(())
}

/// The claim that each pod gets.
fn claim(site: &Site<'_>, volume: &str, storage: Option<New>, class: Option<New>) -> New {
    let is_hcl = site.is_hcl();
    let mut wanted = vec![(site.key("accessModes"), New::List(vec![New::text("ReadWriteOnce")]))];
    wanted.extend(class.map(|class| (site.key("storageClassName"), class)));
    let requests = New::object([("storage", storage.unwrap_or_else(|| New::text(SIZE)))]);
    wanted.push(("resources".into(), group(is_hcl, vec![("requests".to_string(), requests)])));
    let name = group(is_hcl, entries([("name", New::text(volume))]));
    group(is_hcl, entries([("metadata", name), ("spec", group(is_hcl, wanted))]))
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
    let class = claim.key("storageClassName");
    Ok((part(&["spec", "resources", "requests", "storage"])?, part(&["spec", &class])?))
}

fn is_named(entries: &Entries, name: &str) -> bool {
    match get(entries, "name") {
        Some(New::Raw(text) | New::Text(text)) => text.trim_matches(['"', '\'']) == name,
        _ => false,
    }
}

/// A Service that gives the pods their names.
fn headless(site: &Site<'_>, spec: &Entries) -> Result<Operation, String> {
    let labels = match get(spec, "selector") {
        Some(New::Object(selector) | New::Block { body: selector, .. }) => {
            get(selector, &site.key("matchLabels")).cloned()
        }
        _ => None,
    };
    let mut metadata = entries([("name", name_of(site)?)]);
    if let Some(namespace) = namespace_of(site)? {
        metadata.push(("namespace".into(), namespace));
    }
    let spec = vec![
        (if site.is_hcl() { "cluster_ip" } else { "clusterIP" }.to_string(), New::text("None")),
        ("selector".to_string(), labels.ok_or("its selector has no labels")?),
    ];
    Ok(object(site, ["v1", "Service", "kubernetes_service_v1"], metadata, spec))
}

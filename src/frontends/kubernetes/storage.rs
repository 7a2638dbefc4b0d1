//! Claims on storage, and what is behind their classes as far as the objects of their unit say.

use super::object::{Object, Objects};
use crate::model::{Claim, Link, Scratch, UnitId, Volume, VolumeKind};
use crate::source::Span;
use crate::value::{How, Origin, Resolved, Sourced, Unknown, View};
use std::collections::HashSet;
use std::sync::Arc;

/// What a unit says about storage.
pub(super) struct Storage {
    /// Classes of the volumes that someone made by hand; empty for those without one.
    by_hand: HashSet<Arc<str>>,
    /// What makes the volumes of claims that name no class; `None` if nothing or more than one class says so.
    default: Option<Arc<str>>,
}

impl Storage {
    pub(super) fn of(objects: &Objects<'_>) -> Self {
        let of_kind = |kind: &'static str| objects.all.iter().filter(move |object| &*object.kind() == kind);
        let volumes = of_kind("PersistentVolume");
        let by_hand = volumes.map(|volume| volume.spec().get("storageClassName").known_text().unwrap_or_default());
        let is_default = |class: &&Object| {
            ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"]
                .iter()
                .any(|name| class.annotation(name).is_text("true"))
        };
        let mut defaults = of_kind("StorageClass").filter(is_default);
        let default = defaults.next().filter(|_| defaults.next().is_none()).and_then(provisioner);
        Self { by_hand: by_hand.collect(), default }
    }

    pub(super) fn claim(&self, object: &Object, objects: &Objects<'_>, unit: UnitId) -> Claim {
        let spec = object.spec();
        let modes = spec.get("accessModes");
        let access_modes = match modes.value() {
            Some(value) if value.known().is_none() => modes.text().map(|_| Vec::new()),
            Some(value) => access_modes(modes, &value.origin),
            None => Sourced::new(Vec::new(), Origin::new(How::Absent, object.span)),
        };
        let written = spec.get("storageClassName");
        let annotated = object.annotation("volume.beta.kubernetes.io/storage-class");
        let written = if written.is_present() { written } else { annotated };
        let storage_class = written.text();
        let identity = object.identity(unit);
        // What is behind a volume that someone made by hand may be a network file system, or one node's disk.
        let name = storage_class.set().cloned().unwrap_or_default();
        if spec.get("volumeName").is_present() || spec.get("selector").is_present() || self.by_hand.contains(&name) {
            let why = Unknown::NotEvaluated("volumes that are made by hand".into());
            let storage_class = Sourced::unknown(why, storage_class.origin);
            return Claim { identity, access_modes, provisioner: storage_class.clone(), storage_class };
        }
        let provisioner = match written.is_absent() {
            true => self.default.clone(),
            false => objects.find("StorageClass", object, written).and_then(provisioner),
        };
        let provisioner = Sourced::new(provisioner, storage_class.origin.clone());
        Claim { identity, access_modes, storage_class, provisioner }
    }
}

/// What makes the volumes of a class; the second name is Terraform's.
fn provisioner(class: &Object) -> Option<Arc<str>> {
    class.view().first(&["provisioner", "storageProvisioner"]).known_text()
}

/// The modes of a claim, all of them known or none.
fn access_modes(modes: View<'_>, origin: &Origin) -> Sourced<Vec<Arc<str>>> {
    let texts: Option<Vec<Arc<str>>> = modes.items().into_iter().map(View::known_text).collect();
    let why = || Unknown::NotEvaluated("these access modes".into());
    let value = texts.map_or_else(|| Resolved::Unknown(why()), Resolved::Known);
    // The first mode is the place to look at, as the list may stand on several lines.
    let first = modes.items().first().and_then(|mode| mode.value()).map(|mode| mode.origin.clone());
    Sourced { value, origin: first.unwrap_or_else(|| origin.clone()) }
}

/// The volumes of the pods that an object makes; `spec` is that of its pods.
pub(super) fn volumes(object: &Object, spec: View<'_>, objects: &Objects<'_>) -> Vec<Volume> {
    let templates = object.spec().get("volumeClaimTemplates").items().into_iter();
    let mut found: Vec<Volume> = templates
        .map(|claim| {
            let name = claim.at(&["metadata", "name"]);
            let span = name.span().unwrap_or(object.span);
            Volume { name: name.known_text(), kind: VolumeKind::ClaimTemplate, span }
        })
        .collect();
    let written = spec.get("volumes");
    for view in written.items() {
        let name = view.get("name").known_text();
        // A claim template takes the place of the volume of its name.
        if name.is_none() || found.iter().all(|other| other.name != name) {
            found.push(volume(object, view, name, objects));
        }
    }
    found
}

fn volume(object: &Object, view: View<'_>, name: Option<Arc<str>>, objects: &Objects<'_>) -> Volume {
    let block = view.get("name").span().or(view.span()).unwrap_or(object.span);
    let at = |kind: VolumeKind, place: Option<Span>| Volume { name: name.clone(), kind, span: place.unwrap_or(block) };
    let claim = view.at(&["persistentVolumeClaim", "claimName"]);
    if let Some(link) = objects.link("PersistentVolumeClaim", object, claim) {
        return at(VolumeKind::Claim(Link::to(link)), claim.span());
    }
    let [empty, host] = ["emptyDir", "hostPath"].map(|key| view.get(key));
    let source = view.entries().into_iter().find(|(entry, value)| &*entry.name != "name" && value.is_present());
    match source {
        _ if empty.is_unknown() || view.is_unknown() => at(VolumeKind::Elsewhere, None),
        _ if empty.is_present() => at(scratch(empty), empty.span()),
        _ if host.is_present() => at(VolumeKind::HostPath(host.get("path").text()), host.get("path").span()),
        Some((entry, _)) if matches!(&*entry.name, "configMap" | "secret" | "downwardAPI" | "projected") => {
            at(VolumeKind::Files, entry.key)
        }
        Some((entry, _)) => at(VolumeKind::Elsewhere, entry.key),
        // The API makes a volume with nothing behind it an empty directory.
        None => at(VolumeKind::Scratch(Scratch::EmptyDir), None),
    }
}

fn scratch(empty: View<'_>) -> VolumeKind {
    let medium = empty.get("medium").text();
    match medium.known() {
        Some(None) => VolumeKind::Scratch(Scratch::EmptyDir),
        Some(Some(medium)) if &**medium == "Memory" => VolumeKind::Scratch(Scratch::Memory),
        Some(Some(medium)) if medium.is_empty() => VolumeKind::Scratch(Scratch::EmptyDir),
        _ => VolumeKind::Elsewhere,
    }
}

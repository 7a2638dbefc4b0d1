//! The volumes of containers that scale on request, as Google Cloud and Azure describe them.

use crate::model::{Mount, Scratch, Volume, VolumeKind, Workload};
use crate::value::View;

/// The volumes of a Cloud Run service or job.
pub(super) fn google_volumes(view: View<'_>, workload: &mut Workload) {
    volumes(view, workload, |volume| {
        let empty = volume.get("empty_dir");
        if empty.is_present() {
            // Cloud Run keeps the directory in memory unless it is told to put it on a disk.
            VolumeKind::Scratch(Scratch::EmptyDir)
        } else if volume.get("secret").is_present() {
            VolumeKind::Files
        } else {
            VolumeKind::Elsewhere
        }
    });
}

/// The volumes of a Container App.
pub(super) fn container_app_volumes(view: View<'_>, workload: &mut Workload) {
    volumes(view, workload, |volume| {
        let kind = volume.get("storage_type").text();
        match kind.known().map(|kind| kind.as_deref()) {
            Some(None | Some("EmptyDir")) => VolumeKind::Scratch(Scratch::EmptyDir),
            Some(Some("Secret")) => VolumeKind::Files,
            _ => VolumeKind::Elsewhere,
        }
    });
}

fn volumes(view: View<'_>, workload: &mut Workload, kind: impl Fn(View<'_>) -> VolumeKind) {
    let block = workload.span();
    workload.volumes.extend(view.items().into_iter().map(|volume| {
        let name = volume.get("name");
        Volume { name: name.known_text(), kind: kind(volume), span: name.span().unwrap_or(block) }
    }));
}

/// The volumes of a container group, which each of its containers declares where it mounts them; `containers` are those
/// from which the workload's were made.
pub(super) fn container_group_volumes(containers: View<'_>, workload: &mut Workload) {
    let block = workload.span();
    let mut declared = Vec::new();
    for (view, container) in containers.items().into_iter().zip(&mut workload.containers) {
        for volume in view.get("volume").items() {
            let name = volume.get("name");
            let kind = if volume.get("empty_dir").boolean().set() == Some(&true) {
                VolumeKind::Scratch(Scratch::EmptyDir)
            } else if volume.get("secret").is_present() {
                VolumeKind::Files
            } else {
                VolumeKind::Elsewhere
            };
            container.mounts.push(Mount { volume: name.known_text(), path: volume.get("mount_path").text() });
            declared.push(Volume { name: name.known_text(), kind, span: name.span().unwrap_or(block) });
        }
        if view.get("volume").is_unknown() {
            let path = view.get("volume").text();
            container.mounts.push(Mount { volume: None, path });
        }
    }
    workload.volumes.extend(declared);
}

//! Where the containers of a workload keep their files: its volumes by kind, and who mounts them where.
//!
//! What a container writes outside of a volume is in its own layer and gone when it is started again.

use super::{Claim, Container, Link, Platform, Workload};
use crate::source::Span;
use crate::value::Sourced;
use std::sync::Arc;

/// A volume that the containers of a workload may mount.
#[derive(Debug)]
pub struct Volume {
    /// The name by which containers mount it; `None` where it is not known.
    pub name: Option<Arc<str>>,
    /// What is behind it.
    pub kind: VolumeKind,
    /// Where that is written.
    pub span: Span,
}

/// What is behind a volume.
#[derive(Debug)]
pub enum VolumeKind {
    /// A claim on persistent storage, by its name.
    Claim(Link<Claim>),
    /// A claim that a StatefulSet makes for each of its pods.
    ClaimTemplate,
    /// A directory that is made with the instance and deleted with it.
    Scratch(Scratch),
    /// A directory of the node.
    HostPath(Sourced<Option<Arc<str>>>),
    /// Files that are given to the container: configuration, secrets.
    Files,
    /// A file system somewhere else (NFS, EFS, a bucket, a share), or something that is not known.
    Elsewhere,
}

/// A directory that ends with its instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scratch {
    /// `emptyDir` of Kubernetes, Cloud Run and Azure.
    EmptyDir,
    /// The same in memory: nobody expects that to stay.
    Memory,
    /// A volume of an ECS task with nothing behind it.
    Task,
}

/// A place at which a container mounts a volume.
#[derive(Debug)]
pub struct Mount {
    /// The volume's name; `None` where it is not known.
    pub volume: Option<Arc<str>>,
    /// The directory.
    pub path: Sourced<Option<Arc<str>>>,
}

impl Workload {
    /// The claims that all its pods mount, with the places where they are named. Of Knative, which starts and stops
    /// pods by itself, it cannot be told how many meet at a claim.
    pub fn claims(&self) -> impl Iterator<Item = (&Link<Claim>, Span)> {
        let volumes = self.volumes.iter().filter(|_| self.platform != Platform::Knative);
        volumes.filter_map(|volume| match &volume.kind {
            VolumeKind::Claim(claim) => Some((claim, volume.span)),
            _ => None,
        })
    }

    /// The volume that a container mounts; `None` where it cannot be told which.
    pub fn mounted(&self, mount: &Mount) -> Option<&Volume> {
        let name = mount.volume.as_ref()?;
        self.volumes.iter().find(|volume| volume.name.as_ref() == Some(name))
    }

    /// Whether what a container writes anywhere may outlive the container's instance: it mounts a volume that does, or
    /// one of which that cannot be told.
    pub fn may_keep_files(&self, container: &Container) -> bool {
        container.mounts.iter().any(|mount| match self.mounted(mount) {
            Some(volume) => !matches!(volume.kind, VolumeKind::Scratch(_) | VolumeKind::Files),
            None => true,
        })
    }

    /// The volume that a container has mounted at a directory or above it, of several the nearest.
    pub fn volume_at(&self, container: &Container, path: &str) -> Option<&Volume> {
        let above = container.mounts.iter().filter_map(|mount| {
            let at = mount.path.set()?;
            is_within(path, at).then_some((at.len(), mount))
        });
        let (_, mount) = above.max_by_key(|(length, _)| *length)?;
        self.mounted(mount)
    }
}

/// Whether a path is a directory or lies in it.
pub fn is_within(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

//! Which further files the files that are read so far include, in whatever dialect: asked after each round of reading,
//! until no file names a new one. Called by the read stage.

use super::{Reading, within};
use crate::discover::{FileKind, Found};
use crate::frontends::{cloudformation, kubernetes, serverless, terraform};
use crate::source::{SourceId, normalize};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

impl Reading {
    /// Files that some fresh files include and that are not read yet.
    pub(super) fn included(&mut self, fresh: &[SourceId]) -> Vec<Found> {
        let there = self.wanted(fresh).into_iter().filter(|(path, _)| path.is_file());
        let (inside, outside): (Vec<_>, Vec<_>) =
            there.partition(|(path, _)| stays_inside(&self.workspace.roots, path));
        self.workspace.led_out.extend(outside.into_iter().map(|(path, _)| path));
        inside.into_iter().map(|(path, kind)| Found { path, kind }).collect()
    }

    /// Paths inside the roots that some fresh files name and that are not read yet, and what they are read as.
    pub(super) fn wanted(&mut self, fresh: &[SourceId]) -> BTreeMap<PathBuf, FileKind> {
        let mut wanted = BTreeMap::new();
        self.ask_services(fresh);
        let asked = self.inclusions.values().flat_map(|inclusion| &inclusion.wanted);
        wanted.extend(asked.map(|(path, kind)| (path.clone(), *kind)));
        for file in fresh.iter().filter_map(|source| self.workspace.file(*source)) {
            let folder = self.workspace.folder(file.source);
            let mut want = |relative: &str, kind| {
                wanted.entry(normalize(&folder.join(relative))).or_insert(kind);
            };
            match file.kind {
                FileKind::Compose => {
                    let named = serverless::compositions(&self.workspace, file);
                    wanted.extend(named.into_iter().map(|(path, _)| (path, FileKind::Serverless)));
                }
                FileKind::Serverless | FileKind::Included | FileKind::Yaml | FileKind::Json => {
                    cloudformation::named_files(&file.tree).for_each(|(path, kind)| want(path, kind));
                }
                FileKind::Kustomization => {
                    let roots = file.tree.documents();
                    roots.flat_map(kubernetes::named_paths).for_each(|path| want(path, FileKind::Included));
                }
                kind if kind.is_configuration() => {
                    terraform::named_files(&file.tree).for_each(|named| want(named.path, FileKind::Text))
                }
                _ => {}
            }
        }
        wanted.extend(self.list(fresh));
        let workspace = &self.workspace;
        let is_new = |path: &PathBuf| {
            workspace.sources.find(path).is_none()
                && within(&workspace.roots, path)
                && !workspace.led_out.contains(path)
        };
        wanted.retain(|path, _| is_new(path));
        wanted
    }

    /// Resolves the services that are new, or that asked for a file about which more is known now.
    pub(super) fn ask_services(&mut self, fresh: &[SourceId]) {
        self.name_services(fresh);
        let workspace = &self.workspace;
        let services = workspace.files.iter().filter(|file| file.kind == FileKind::Serverless);
        let is_open = |source: &SourceId| match self.inclusions.get(source) {
            Some(inclusion) => {
                let mut paths = inclusion.wanted.keys();
                paths.any(|path| workspace.sources.find(path).is_some() || workspace.led_out.contains(path))
            }
            None => true,
        };
        let open: Vec<SourceId> = services.map(|file| file.source).filter(is_open).collect();
        let asked: Vec<_> =
            open.into_par_iter().map(|source| (source, serverless::inclusion(workspace, source))).collect();
        self.inclusions.extend(asked);
    }

    /// What a compose file names is a service, whatever it is called.
    fn name_services(&mut self, fresh: &[SourceId]) {
        let files = fresh.iter().filter_map(|source| self.workspace.file(*source));
        let compose = files.filter(|file| file.kind == FileKind::Compose);
        let named: Vec<_> = compose.flat_map(|file| serverless::compositions(&self.workspace, file)).collect();
        for (path, composition) in named {
            let found = self.workspace.sources.find(&path).and_then(|source| self.workspace.by_source.get(&source));
            if let Some(file) = found.and_then(|index| self.workspace.files.get_mut(*index))
                && matches!(file.kind, FileKind::Yaml | FileKind::Json)
            {
                file.kind = FileKind::Serverless;
            }
            self.workspace.composed.entry(path).or_default().push(composition);
        }
    }
}

/// Whether a path still lies below a root once symbolic links are followed.
pub(crate) fn stays_inside(roots: &[PathBuf], path: &Path) -> bool {
    let Ok(real) = path.canonicalize() else { return false };
    roots.iter().any(|root| {
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root.as_path() };
        root.canonicalize().is_ok_and(|root| real.starts_with(root))
    })
}

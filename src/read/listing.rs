//! What lies in a directory, for configurations that ask for it (`fileset`). Called by the read stage, which alone
//! looks at the disk.

use super::{Reading, within};
use crate::discover::{FileKind, TEMPORARY};
use crate::frontends::terraform;
use crate::source::{SourceId, normalize, slashed};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Files in one listed directory. One with more is not listed: what is in it is not known.
const MAX_FILES: usize = 10_000;
/// Of these, files that are read.
const MAX_READ: usize = 1_000;
/// Directories within each other.
const MAX_DEPTH: usize = 16;
/// Of the files in a listed directory, those that are read as well, as a configuration may go through them.
const READ: [&str; 7] = ["yaml", "yml", "json", "tftpl", "tpl", "tmpl", "txt"];

impl Reading {
    /// Lists the directories that some fresh configurations ask for, and returns the files in them that are to be read.
    pub(super) fn list(&mut self, fresh: &[SourceId]) -> Vec<(PathBuf, FileKind)> {
        let mut directories = BTreeSet::new();
        for file in fresh.iter().filter_map(|source| self.workspace.file(*source)) {
            if file.kind.is_configuration() {
                let folder = self.workspace.folder(file.source);
                directories.extend(terraform::listed_directories(&file.tree).map(|path| normalize(&folder.join(path))));
            }
        }
        let mut wanted = Vec::new();
        for directory in directories {
            if self.workspace.listings.contains_key(&directory) || !within(&self.workspace.roots, &directory) {
                continue;
            }
            let Some(files) = self.files_below(&directory) else { continue };
            let is_read =
                |path: &&String| READ.iter().any(|end| path.rsplit_once('.').is_some_and(|(_, is)| is == *end));
            let read = files.iter().filter(is_read).take(MAX_READ);
            wanted.extend(read.map(|path| (directory.join(path), FileKind::Text)));
            self.workspace.listings.insert(directory, files);
        }
        wanted
    }

    /// The files below a directory, by their paths from there with slashes; `None` where that cannot be told.
    fn files_below(&self, directory: &Path) -> Option<BTreeSet<String>> {
        let mut files = BTreeSet::new();
        if let Some(paths) = &self.in_memory {
            files.extend(paths.iter().filter_map(|path| path.strip_prefix(directory).ok()).map(slashed));
            return Some(files);
        }
        if !super::stays_inside(&self.workspace.roots, directory) {
            return None;
        }
        for entry in WalkDir::new(if directory.as_os_str().is_empty() { Path::new(".") } else { directory }) {
            let entry = entry.ok()?;
            // What a link leads to may lie anywhere.
            if entry.path_is_symlink() || entry.depth() > MAX_DEPTH || files.len() > MAX_FILES {
                return None;
            }
            let is_left_behind = entry.file_name().to_string_lossy().starts_with(TEMPORARY);
            if entry.file_type().is_file() && !is_left_behind {
                files.insert(slashed(normalize(entry.path()).strip_prefix(directory).ok()?));
            }
        }
        Some(files)
    }
}

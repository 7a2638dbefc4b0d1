//! Puts a changed text on disk: all of it or nothing. Called by [`super::write_all`].

use crate::discover::{TEMPORARY, reason};
use crate::read::stays_inside;
use std::collections::hash_map::RandomState;
use std::fs::{File, Metadata, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// How often another name is tried where one is taken.
const MOST_NAMES: usize = 8;

/// Where a file really is, if that is below one of the roots.
pub fn target(path: &Path, roots: &[PathBuf]) -> Result<PathBuf, String> {
    let target = path.canonicalize().map_err(|error| reason(&error))?;
    if stays_inside(roots, path) {
        return Ok(target);
    }
    let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    let why = if is_link { "it is a symbolic link that leads out of" } else { "it lies outside" };
    Err(format!("{why} the directories that are linted"))
}

/// Replaces the text of a file by another one, unless it holds anything else by now. Its mode stays, and its owner where
/// that can be kept. At any moment the file is the old or the new one.
pub fn write(path: &Path, roots: &[PathBuf], before: &str, after: &str) -> Result<(), String> {
    let target = target(path, roots)?;
    let folder = target.parent().ok_or("it has no directory")?;
    let said = |error: Error| reason(&error);
    let metadata = target.metadata().map_err(said)?;
    // Renaming would replace a file that nobody may write; and root may write everything.
    if metadata.permissions().readonly() {
        return Err("the file is read-only".into());
    }
    if folder.metadata().map_err(said)?.permissions().readonly() {
        return Err("its directory is read-only".into());
    }
    OpenOptions::new().write(true).open(&target).map_err(said)?;
    let (temporary, file) =
        create(folder).map_err(|error| format!("its directory cannot be written: {}", reason(&error)))?;
    let written = fill(file, after, &metadata).map_err(said).and_then(|()| {
        // As late as possible: somebody may have saved it meanwhile.
        let now = std::fs::read(&target).map_err(said)?;
        if now != before.as_bytes() {
            return Err("it has changed since it was read; run it again".into());
        }
        std::fs::rename(&temporary, &target).map_err(said)
    });
    if written.is_err() {
        // It would be ignored, too; there is nothing to say if this fails.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// A new file beside the one that it is going to be, under a name that nobody can have prepared.
fn create(folder: &Path) -> Result<(PathBuf, File), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut last = Error::from(ErrorKind::AlreadyExists);
    for _ in 0..MOST_NAMES {
        let path = folder.join(format!("{TEMPORARY}{:016x}.tmp", RandomState::new().build_hasher().finish()));
        match options.open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Writes a text and waits until it is on the disk.
fn fill(mut file: File, text: &str, like: &Metadata) -> Result<(), Error> {
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let own = file.metadata()?;
        // Only root gives files away; the group may be one of the user's.
        if (own.uid(), own.gid()) != (like.uid(), like.gid())
            && fchown(&file, Some(like.uid()), Some(like.gid())).is_err()
        {
            let _ = fchown(&file, None, Some(like.gid()));
        }
    }
    // Behind the change of the owner, which clears some of it.
    file.set_permissions(like.permissions())?;
    file.sync_all()
}

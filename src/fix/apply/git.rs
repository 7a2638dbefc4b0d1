//! Whether what is to be changed could be told apart from changes that are there already. Called by the command line
//! before anything is written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A work tree with changes that are not committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirty {
    /// Its directory.
    pub work_tree: PathBuf,
    /// The paths in it, relative to it.
    pub changes: Vec<String>,
}

/// The first git work tree around these files that has uncommitted changes, whatever they are. Without a work tree, or
/// without the program, there is none.
pub fn uncommitted(files: &BTreeSet<PathBuf>) -> Option<Dirty> {
    let around =
        |file: &PathBuf| file.ancestors().skip(1).find(|folder| folder.join(".git").exists()).map(Path::to_path_buf);
    let work_trees: BTreeSet<PathBuf> = files.iter().filter_map(around).collect();
    work_trees.into_iter().find_map(|work_tree| {
        let changes = changes(&work_tree)?;
        (!changes.is_empty()).then_some(Dirty { work_tree, changes })
    })
}

/// What `git status` says, or nothing where it does not work.
fn changes(work_tree: &Path) -> Option<Vec<String>> {
    let mut git = Command::new("git");
    // A work tree may name a program that git is to ask about changes; linting runs nothing out of what it lints.
    git.args(["--no-optional-locks", "-c", "core.fsmonitor=false", "status", "--porcelain", "-z"]);
    // A hook or an alias that runs archlint sets these for its own repository.
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"].iter().for_each(|name| {
        git.env_remove(name);
    });
    let output = git.current_dir(work_tree).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout);
    // Two letters and a space stand before each path; behind a renamed one its old path follows by itself.
    let mut entries = text.split('\0').filter(|entry| !entry.is_empty());
    let mut changes = Vec::new();
    while let Some(entry) = entries.next() {
        if entry.starts_with(['R', 'C']) {
            entries.next();
        }
        changes.push(entry.get(3..).unwrap_or(entry).to_string());
    }
    Some(changes)
}

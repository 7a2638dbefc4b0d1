//! What the files of a folder have, gathered once for all sketches of a run: names that are taken, and blocks by type.

use crate::read::Workspace;
use crate::source::SourceId;
use crate::tree::{Kind, NodeId, NodeRef};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The files of one folder.
#[derive(Debug, Default)]
pub(in crate::fix) struct Folder {
    /// Every name and every text.
    texts: HashSet<String>,
    /// The blocks at the top of the files by their first label.
    blocks: HashMap<String, Vec<(SourceId, NodeId)>>,
    /// What those blocks are called, by the same.
    names: HashMap<String, HashSet<String>>,
    /// Whether somebody may wait for the answer of a workflow.
    pub waits_for_workflows: bool,
}

/// The call by which somebody waits for the answer of a workflow; only Express workflows take it.
pub(super) const WAITING_CALL: &str = "StartSyncExecution";

impl Folder {
    fn of(workspace: &Workspace, path: &Path) -> Self {
        let mut folder = Self::default();
        for file in workspace.directory(path) {
            folder.waits_for_workflows |= file.tree.text().contains(WAITING_CALL);
            let nodes = file.tree.all().filter(|node| !matches!(node.node().kind, Kind::Alias(_)));
            folder.texts.extend(nodes.filter_map(NodeRef::as_str).map(String::from));
            for (_, block) in file.tree.documents().flat_map(NodeRef::entries) {
                let mut labels = block.labels().filter_map(NodeRef::as_str);
                let Some(kind) = labels.next() else { continue };
                folder.blocks.entry(kind.into()).or_default().push((file.source, block.id()));
                folder.names.entry(kind.into()).or_default().extend(labels.next().map(String::from));
            }
        }
        folder
    }

    /// The blocks of a type.
    pub fn blocks_of<'a>(&self, workspace: &'a Workspace, kind: &str) -> Vec<NodeRef<'a>> {
        let blocks = self.blocks.get(kind).map(Vec::as_slice).unwrap_or_default();
        blocks.iter().filter_map(|(source, node)| Some(workspace.file(*source)?.tree.node(*node))).collect()
    }
}

/// The folders that were looked through so far.
#[derive(Debug, Default)]
pub(in crate::fix) struct Folders(RefCell<HashMap<PathBuf, Rc<Folder>>>);

impl Folders {
    /// The folder that a file is in.
    pub fn around(&self, workspace: &Workspace, file: SourceId) -> Rc<Folder> {
        let path = workspace.folder(file);
        let mut folders = self.0.borrow_mut();
        Rc::clone(folders.entry(path.to_path_buf()).or_insert_with(|| Rc::new(Folder::of(workspace, path))))
    }
}

/// Names that are taken: those of a folder, and new ones.
pub(super) struct Taken {
    folder: Rc<Folder>,
    /// Only the names of blocks of this type count.
    kind: Option<&'static str>,
    new: HashSet<String>,
}

impl Taken {
    /// Every name and every text that a folder has.
    pub fn texts(folder: Rc<Folder>) -> Self {
        Self { folder, kind: None, new: HashSet::new() }
    }

    /// The names of the blocks of a type.
    pub fn blocks(folder: Rc<Folder>, kind: &'static str) -> Self {
        Self { folder, kind: Some(kind), new: HashSet::new() }
    }

    /// Whether a name is one of them.
    pub fn contains(&self, name: &str) -> bool {
        let is_there = match self.kind {
            None => self.folder.texts.contains(name),
            Some(kind) => self.folder.names.get(kind).is_some_and(|names| names.contains(name)),
        };
        is_there || self.new.contains(name)
    }

    /// One more.
    pub fn insert(&mut self, name: String) {
        self.new.insert(name);
    }

    /// A name that is not taken: as it is, or with the first number that makes it new. It is taken from then on.
    pub fn unique(&mut self, wanted: &str, separator: &str) -> String {
        let numbered = (2..).map(|number| format!("{wanted}{separator}{number}"));
        let mut names = std::iter::once(wanted.to_string()).chain(numbered);
        let name = names.find(|name| !self.contains(name)).unwrap_or_else(|| wanted.to_string());
        self.new.insert(name.clone());
        name
    }
}

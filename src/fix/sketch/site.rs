//! Where the offending resource stands: its file, its node in the tree, and the names that are taken around it.

use super::Desk;
use super::folder::{Folder, Taken};
use crate::fix::New;
use crate::fix::form::snake;
use crate::fix::operation::Operation;
use crate::model::{Format, Identity, UnitId};
use crate::read::Lookup;
use crate::source::{SourceId, Span};
use crate::tree::{NodeRef, Syntax, Tree};
use std::rc::Rc;

/// What kind of text declares a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Declaration {
    /// A document of Kubernetes, or an item of a `List`.
    Manifest,
    /// A `resource` block.
    Block,
    /// A member of `Resources`.
    Member,
    /// A function of the Serverless Framework.
    Function,
}

/// A resource in its file.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub desk: Desk<'a>,
    pub unit: UnitId,
    pub declaration: Declaration,
    pub syntax: Syntax,
    pub tree: &'a Tree,
    /// The object, the block, the member or the function.
    pub node: NodeRef<'a>,
    /// What names it, if it is not a manifest.
    pub name: Option<NodeRef<'a>>,
}

impl<'a> Site<'a> {
    /// The place of what an identity names.
    pub fn of(desk: Desk<'a>, identity: &Identity) -> Result<Self, String> {
        Self::at(desk, identity.unit, identity.span)
    }

    /// The place of what is named at a span.
    pub fn at(desk: Desk<'a>, unit: UnitId, span: Span) -> Result<Self, String> {
        let tree = desk.places.tree(span.file)?;
        let syntax = desk.places.syntax(span.file)?;
        if syntax == Syntax::TerraformJson {
            return Err("a sketch is not written in the JSON form of Terraform".into());
        }
        let site = |declaration, node, name| Self { desk, unit, declaration, syntax, tree, node, name };
        if syntax == Syntax::Hcl {
            let (name, node) = block_at(desk, tree, span).ok_or("it is not declared as a resource of its own")?;
            if ["count", "for_each"].iter().any(|key| node.get(key).is_some()) {
                return Err("one block makes many of it".into());
            }
            return Ok(site(Declaration::Block, node, Some(name)));
        }
        if let Some((name, node)) = entry_at(desk, tree, span) {
            if let Some((tree, node)) = node.as_str().and_then(|text| included(desk, tree.file(), text)) {
                let syntax = desk.places.syntax(tree.file())?;
                return Ok(Site { tree, syntax, ..site(Declaration::Function, node, Some(name)) });
            }
            let is_member = node.get("Type").and_then(NodeRef::as_str).is_some_and(|kind| kind.contains("::"));
            let declaration = if is_member { Declaration::Member } else { Declaration::Function };
            let is_service = desk.architecture.unit(unit).format == Format::Serverless;
            if node.is_mapping() && (is_member || is_service) {
                return Ok(site(declaration, node, Some(name)));
            }
        }
        let node = manifest_at(tree, span).ok_or("it is not an object of its own")?;
        Ok(site(Declaration::Manifest, node, None))
    }

    /// The type of a block: `aws_lambda_function`; of a member: `AWS::Lambda::Function`; of an object: `Deployment`.
    pub fn kind(&self) -> &'a str {
        let written = match self.declaration {
            Declaration::Manifest => self.node.get("kind"),
            Declaration::Block => self.node.labels().next(),
            Declaration::Member => self.node.get("Type"),
            Declaration::Function => None,
        };
        written.and_then(NodeRef::as_str).unwrap_or("")
    }

    /// What its file calls it.
    pub fn label(&self) -> &'a str {
        let name = self.name.or_else(|| self.node.at(&["metadata", "name"]));
        name.and_then(NodeRef::as_str).unwrap_or("")
    }

    /// What holds its attributes.
    pub fn body(&self) -> NodeRef<'a> {
        match self.declaration {
            Declaration::Member => self.node.get("Properties").unwrap_or(self.node),
            _ => self.node,
        }
    }

    /// Whether it is written in Terraform's language.
    pub fn is_hcl(&self) -> bool {
        self.syntax == Syntax::Hcl
    }

    /// The key of a manifest as Terraform's provider spells it, where it is one of those.
    pub fn key(&self, key: &'static str) -> String {
        if self.is_hcl() { snake(key) } else { key.to_string() }
    }

    /// Behind the last byte of its file.
    pub fn end(&self) -> Span {
        let length = self.tree.text().len();
        Span::new(self.tree.file(), length, length)
    }

    /// Documents or blocks behind everything else in the file.
    pub fn append(&self, entries: Vec<(String, New)>) -> Operation {
        if self.syntax == Syntax::Json {
            let beside = self.desk.workspace.path(self.tree.file());
            let stem = beside.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let kind = match super::copy::get(&entries, "kind") {
                Some(New::Text(kind)) => kind.to_ascii_lowercase(),
                _ => "new".to_string(),
            };
            let mut names = (1..).map(|number| match number {
                1 => beside.with_file_name(format!("{stem}-{kind}.json")),
                _ => beside.with_file_name(format!("{stem}-{kind}-{number}.json")),
            });
            let sources = &self.desk.workspace.sources;
            let path = names.find(|path| sources.find(path).is_none()).unwrap_or_default();
            return Operation::Create { at: self.end(), path, value: New::Object(entries) };
        }
        Operation::Append { at: self.end(), entries }
    }

    /// More entries for an object.
    pub fn insert(&self, object: NodeRef<'_>, entries: Vec<(String, New)>) -> Operation {
        Operation::Insert { at: object.span(), object: object.id(), entries }
    }

    /// All blocks of a type in its folder.
    pub fn blocks_of(&self, kind: &str) -> Vec<NodeRef<'a>> {
        self.folder().blocks_of(self.desk.workspace, kind)
    }

    /// Their names.
    pub fn taken_of(&self, kind: &'static str) -> Taken {
        Taken::blocks(self.folder(), kind)
    }

    /// Every name and every text that the files around it have: a new name is none of them.
    pub fn taken(&self) -> Taken {
        Taken::texts(self.folder())
    }

    fn folder(&self) -> Rc<Folder> {
        self.desk.folders.around(self.desk.workspace, self.tree.file())
    }
}

/// The block whose last label stands at a place.
fn block_at<'a>(desk: Desk<'_>, tree: &'a Tree, span: Span) -> Option<(NodeRef<'a>, NodeRef<'a>)> {
    let index = desk.places.index(tree.file());
    let block = index.at(tree, span).find_map(|label| Some(tree.node(*index.labelled.get(&label.id())?)))?;
    let root = tree.documents().next()?;
    let (object, key) = index.entry_of.get(&block.id())?;
    let is_resource = *object == root.id() && tree.node(*key).as_str() == Some("resource");
    Some((block.labels().nth(1)?, block)).filter(|_| is_resource)
}

/// The entry whose key stands at a place.
pub(super) fn entry_at<'a>(desk: Desk<'_>, tree: &'a Tree, span: Span) -> Option<(NodeRef<'a>, NodeRef<'a>)> {
    let index = desk.places.index(tree.file());
    index.at(tree, span).find_map(|key| Some((key, tree.node(*index.value_of.get(&key.id())?).target())))
}

/// The function that a file holds which is named in the place of one: `${file(functions/notify.yml)}`.
fn included<'a>(desk: Desk<'a>, from: SourceId, text: &str) -> Option<(&'a Tree, NodeRef<'a>)> {
    let named = text.strip_prefix("${file(")?.strip_suffix('}')?;
    let (path, key) = match named.split_once(')')? {
        (path, "") => (path, None),
        (path, rest) => (path, Some(rest.strip_prefix(':')?)),
    };
    let Lookup::Found(file) = desk.workspace.beside(from, path) else { return None };
    let root = file.tree.documents().next().filter(|_| file.tree.errors.is_empty())?;
    let node = match key {
        None => root,
        Some(key) => root.get(key)?,
    };
    node.is_mapping().then_some((&file.tree, node))
}

/// The object of a manifest that a place lies in.
fn manifest_at(tree: &Tree, span: Span) -> Option<NodeRef<'_>> {
    let document = tree.documents().find(|document| document.span().contains(span))?;
    let mut object = document;
    if document.get("kind").and_then(NodeRef::as_str).is_some_and(|kind| kind.ends_with("List")) {
        object = document.get("items")?.items().find(|item| item.span().contains(span))?;
    }
    (object.get("kind").is_some() && object.get("metadata").is_some()).then_some(object)
}

//! From a change of a value to the node of a file that it is about.

use super::form::{has_items, in_form, key_in_form, path, possible, takes};
use super::index::{Index, Indexes};
use super::operation::Operation;
use super::{Change, New, generated, hcl, yaml};
use crate::discover::FileKind;
use crate::read::{File, Workspace};
use crate::source::{SourceId, Span};
use crate::tree::{Kind, NodeId, NodeRef, Style, Syntax, Tree};
use crate::value::{Form, How, Origin};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

const NO_PLACE: &str = "it is not known where it would be written";

/// The places of a workspace.
pub(super) struct Places<'w> {
    workspace: &'w Workspace,
    indexes: Indexes,
    syntaxes: RefCell<HashMap<SourceId, Result<Syntax, String>>>,
    layouts: RefCell<HashMap<SourceId, Result<yaml::Layout, String>>>,
}

impl<'w> Places<'w> {
    pub fn new(workspace: &'w Workspace) -> Self {
        Self { workspace, indexes: Indexes::default(), syntaxes: RefCell::default(), layouts: RefCell::default() }
    }

    /// What finding a node of a file takes.
    pub fn index(&self, file: SourceId) -> Rc<Index> {
        self.indexes.of(self.workspace, file)
    }

    /// What a change means for a file, or why it cannot be made.
    pub fn operation(&self, change: &Change) -> Result<Operation, String> {
        match change {
            Change::Text { span, text } => Ok(Operation::Text { at: *span, text: text.clone() }),
            Change::Set { origin, value } => {
                possible(origin, value)?;
                if origin.is_written() { self.replace(origin, value.clone()) } else { self.insert(origin, value) }
            }
            Change::Remove { origin } => {
                if origin.form() == Form::Argument {
                    return Err("the value is set by something that is nothing without it".into());
                }
                let is_asked_for = origin.passes(|how| matches!(how, How::ModuleArgument(_)));
                if origin.form() == Form::Purpose && is_asked_for {
                    return Err("whoever calls its module asks for it".into());
                }
                let span = entered(origin)?;
                let node = self.node(span, |node| !matches!(node.kind(), Kind::Block { .. }))?;
                let (object, key) = self.removed(node, origin.form() == Form::Purpose)?;
                Ok(Operation::Remove { at: span, object, key: key.id() })
            }
            Change::Add { origin, value } => {
                let span = written(origin)?;
                let node = self.node(span, NodeRef::is_sequence)?;
                let value = self.named(in_form(value, origin.form()), origin.form(), span.file)?;
                Ok(Operation::Push { at: span, list: node.id(), items: vec![value] })
            }
        }
    }

    /// For a value that is inherited, or would be: the same change for one use alone.
    pub fn override_of(&self, change: &Change) -> Option<Operation> {
        let Change::Set { origin, value } = change else { return None };
        possible(origin, value).ok()?;
        let slot = origin.slot()?;
        if !origin.is_written() {
            return self.insert_into(slot.patch?, origin, value).ok();
        }
        let inherits = origin.passes(|how| matches!(how, How::Inherited(_)));
        let own = self.insert_into(slot.place.as_ref()?.0, origin, value).ok();
        own.filter(|operation| inherits || self.is_merged(operation))
    }

    /// Whether what an object would get is what a merge key has brought into it, so that its own value wins.
    fn is_merged(&self, operation: &Operation) -> bool {
        let Operation::Insert { at, object, entries } = operation else { return false };
        let Ok(object) = self.tree(at.file).map(|tree| tree.node(*object)) else { return false };
        let has = |name: &str| object.entries().any(|(key, _)| key.as_str() == Some(name));
        has("<<") && entries.iter().all(|(name, _)| !has(name))
    }

    fn replace(&self, origin: &Origin, value: New) -> Result<Operation, String> {
        let (span, value) = match self.interpolated(origin) {
            Some(number) => (number, in_form(&value, Form::Plain)),
            None => (written(origin)?, in_form(&value, origin.form())),
        };
        let is_raw = matches!(value, New::Raw(_));
        let node = self.node(span, |node| match node.kind() {
            Kind::Scalar(_) | Kind::Null => true,
            Kind::Expr(_) => is_raw,
            _ => false,
        })?;
        let text = node.as_str().unwrap_or("");
        if node.node().tag.is_some() || text.contains("${") || text.contains("{{") || text.contains("%{") {
            return Err("the value is part of an expression".into());
        }
        if let Some((object, key)) = self.index(span.file).entry_of.get(&node.id()) {
            takes(node.other(*object), node.other(*key), &value)?;
        }
        Ok(Operation::Replace { at: span, node: node.id(), value })
    }

    fn insert(&self, origin: &Origin, value: &New) -> Result<Operation, String> {
        let object = origin.slot().and_then(|slot| slot.place.as_ref()).map(|(object, _)| *object);
        self.insert_into(object.ok_or(NO_PLACE)?, origin, value)
    }

    fn insert_into(&self, span: Span, origin: &Origin, value: &New) -> Result<Operation, String> {
        let (_, keys) = origin.slot().and_then(|slot| slot.place.as_ref()).ok_or(NO_PLACE)?;
        let form = origin.form();
        let value = self.named(in_form(value, form), form, span.file)?;
        let keys: Vec<String> = keys.iter().map(|key| key_in_form(key, form)).collect();
        let syntax = self.syntax(span.file)?;
        if let Some(own) = origin.slot().and_then(|slot| slot.stands_for) {
            return self.open(span, own, &keys, value);
        }
        let object = self.node(span, NodeRef::is_mapping)?;
        let is_call = syntax == Syntax::Hcl && !hcl::takes_blocks(object);
        let (first, mut entry) = path(&keys, value)?;
        if form == Form::Underscored && has_items(&entry) {
            return Err("it has a list of what are blocks of another name in Terraform".into());
        }
        if syntax == Syntax::Hcl && !is_call {
            entry = hcl::as_block(object, first, entry);
        }
        Ok(Operation::Insert { at: span, object: object.id(), entries: vec![(first.to_string(), entry)] })
    }

    /// A single value that is short for an object becomes that object, in which it is called `own`.
    fn open(&self, span: Span, own: &str, keys: &[String], value: New) -> Result<Operation, String> {
        let node = self.node(span, |node| matches!(node.kind(), Kind::Scalar(_)));
        let is_one_line = |node: &NodeRef<'w>| node.node().tag.is_none() && !node.slice().contains('\n');
        let node = node.ok().filter(is_one_line).ok_or("only a text on one line can become an object that holds it")?;
        let is_used_again = self.tree(span.file)?.all().any(|one| one.node().kind == Kind::Alias(Some(node.id())));
        if is_used_again {
            return Err("the value is used again elsewhere".into());
        }
        let (name, entry) = path(keys, value)?;
        let entries = vec![(own.to_string(), New::Raw(node.slice().to_string())), (name.to_string(), entry)];
        Ok(Operation::Replace { at: span, node: node.id(), value: New::Object(entries) })
    }

    /// Names of attributes, in a list or alone, as the language of the file has them.
    fn named(&self, value: New, form: Form, file: SourceId) -> Result<New, String> {
        Ok(match value {
            New::Text(name) if form == Form::Name && self.syntax(file)? == Syntax::Hcl => New::Raw(name),
            New::List(names) if form == Form::Name => {
                New::List(names.into_iter().map(|name| self.named(name, form, file)).collect::<Result<_, _>>()?)
            }
            value => value,
        })
    }

    /// How a file in YAML is laid out.
    pub fn layout(&self, tree: &Tree) -> Result<yaml::Layout, String> {
        self.layouts.borrow_mut().entry(tree.file()).or_insert_with(|| yaml::Layout::of(tree)).clone()
    }

    pub fn tree(&self, file: SourceId) -> Result<&'w Tree, String> {
        let file = self.workspace.file(file).ok_or("its file is not one that is read")?;
        if !file.tree.errors.is_empty() {
            return Err("the file cannot be parsed to its end".into());
        }
        Ok(&file.tree)
    }

    /// The text of a file.
    pub fn text(&self, file: SourceId) -> &'w str {
        self.tree(file).map_or("", Tree::text)
    }

    /// How a file is written, if it is one that people write.
    pub fn syntax(&self, source: SourceId) -> Result<Syntax, String> {
        self.syntaxes.borrow_mut().entry(source).or_insert_with(|| self.syntax_of(source)).clone()
    }

    fn syntax_of(&self, source: SourceId) -> Result<Syntax, String> {
        let refused = || "the file is not one that archlint can edit".to_string();
        let file = self.workspace.file(source).ok_or_else(refused)?;
        let path = self.workspace.path(source);
        let is_program = matches!(file.kind, FileKind::Terragrunt | FileKind::Program);
        let syntax = Syntax::of(file.kind, path, file.tree.text()).filter(|_| !is_program).ok_or_else(refused)?;
        generated::reason(path, syntax, &file.tree).map_or(Ok(syntax), |reason| Err(reason.into()))
    }

    /// The node of a span that is of the wanted kind.
    fn node(&self, span: Span, wanted: impl Fn(NodeRef<'w>) -> bool) -> Result<NodeRef<'w>, String> {
        let tree = self.tree(span.file)?;
        let index = self.index(span.file);
        let is_alias = |node: &NodeRef<'w>| matches!(node.node().kind, Kind::Alias(_));
        let found = index.at(tree, span).filter(|node| !is_alias(node)).filter(|node| wanted(*node));
        // A block and its body may share a span; the block says more.
        let found: Vec<NodeRef<'w>> = found.collect();
        let block = found.iter().find(|node| matches!(node.node().kind, Kind::Block { .. }));
        block.or(found.first()).copied().ok_or_else(|| {
            let reason = match index.at(tree, span).next() {
                Some(node) if matches!(node.kind(), Kind::Expr(_)) => "it is made by an expression",
                Some(node) if !node.slice().contains('\n') || node.as_str().is_none() => {
                    "its place is not a value of its own"
                }
                _ => "it stands in a text that something else reads",
            };
            reason.to_string()
        })
    }

    /// The object and the key of the entry that has to go with a value: its own, or that of what would be empty without
    /// it, or pointless.
    fn removed(&self, node: NodeRef<'w>, is_purpose: bool) -> Result<(NodeId, NodeRef<'w>), String> {
        let index = self.index(node.span().file);
        let entry_of = |node: NodeId| index.entry_of.get(&node).copied();
        let (mut object, mut key) = entry_of(node.id()).ok_or("it is not an entry")?;
        loop {
            let block = index.block_of.get(&object).copied();
            if let Some(dynamic) = entry_of(block.unwrap_or(object))
                .filter(|(_, key)| node.other(*key).as_str() == Some("content"))
                .and_then(|(body, _)| entry_of(*index.block_of.get(&body)?))
                .filter(|(_, key)| node.other(*key).as_str() == Some("dynamic"))
                .filter(|_| node.other(object).entries().nth(1).is_none())
            {
                // Terraform takes no dynamic block without content.
                return Ok((dynamic.0, node.other(dynamic.1)));
            }
            let is_resource = block.is_some_and(|block| node.other(block).labels().next().is_some());
            let is_only = node.other(object).entries().nth(1).is_none();
            match entry_of(block.unwrap_or(object)) {
                Some(outer) if is_purpose || is_only && !is_resource => (object, key) = outer,
                _ => break,
            }
            if is_resource {
                // In JSON one key stands for all resources.
                let is_block = block.is_some_and(|block| node.other(block).node().style == Style::Block);
                if !is_block {
                    return Err("it is all of its resource".into());
                }
                self.check_unreferenced(block.map_or(node, |block| node.other(block)))?;
                return Ok((object, node.other(key)));
            }
        }
        Ok((object, node.other(key)))
    }

    /// Nothing may name a block that goes; in Terraform that can be any file beside it. Comments count, which is too
    /// careful at most.
    fn check_unreferenced(&self, block: NodeRef<'w>) -> Result<(), String> {
        let name = block.labels().filter_map(NodeRef::as_str).collect::<Vec<_>>().join(".");
        let (span, own) = (block.span(), block.span().range());
        let directory = self.workspace.path(span.file).parent();
        let beside = self.workspace.files.iter().filter(|file| self.workspace.path(file.source).parent() == directory);
        let is_named = |file: &File| {
            file.tree.text().match_indices(&name).any(|(at, _)| {
                let next = file.tree.text().get(at + name.len()..).and_then(|rest| rest.chars().next());
                let ends = !next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '_' | '-'));
                ends && !(file.source == span.file && own.contains(&at))
            })
        };
        match beside.into_iter().any(is_named) {
            true => Err(format!("`{name}` is named elsewhere")),
            false => Ok(()),
        }
    }

    /// Where the number stands that a text such as `"${var.limit}s"` puts a unit behind.
    fn interpolated(&self, origin: &Origin) -> Option<Span> {
        let mut computed = origin.steps().filter(|step| step.how == How::Computed);
        let (Some(template), None) = (computed.next()?.span, computed.next()) else { return None };
        let text = self.tree(template.file).ok()?.text().get(template.range())?;
        let name = text.trim_matches('"').strip_prefix("${")?.strip_suffix("}s")?.trim();
        let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.[]\"".contains(letter));
        let last = origin.steps().last().and_then(|step| step.span).filter(|last| *last != template)?;
        (is_name && origin.form() == Form::SecondsText).then_some(last)
    }
}

/// What stands in a text within a file has no place of its own.
fn outside_texts(origin: &Origin) -> Result<(), String> {
    match origin.passes(|how| *how == How::Within) {
        true => Err("the value stands in a document that is a text of the file".into()),
        false => Ok(()),
    }
}

/// Where a value is written by itself.
fn written(origin: &Origin) -> Result<Span, String> {
    if origin.passes(|how| *how == How::Computed) {
        return Err("the value is computed".into());
    }
    outside_texts(origin)?;
    let last = origin.steps().last().and_then(|step| step.span);
    last.ok_or_else(|| "the value stands in no file".to_string())
}

/// Where the entry stands by which something has a value: a variable behind it keeps its own.
fn entered(origin: &Origin) -> Result<Span, String> {
    outside_texts(origin)?;
    let own = origin.steps().find(|step| !matches!(step.how, How::Inherited(_)));
    own.and_then(|step| step.span).ok_or_else(|| "the value stands in no file".to_string())
}

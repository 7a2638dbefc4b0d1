//! From a change of a value to the node of a file that it is about.

use super::index::{Index, Indexes};
use super::{Change, Edit, New, generated, hcl, json, yaml};
use crate::discover::FileKind;
use crate::read::{File, Workspace};
use crate::source::{SourceId, Span};
use crate::tree::{Kind, NodeId, NodeRef, Style, Syntax, Tree};
use crate::value::{Form, How, Origin};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;

/// One change of one file, in terms of its tree.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    /// A node becomes something else.
    Replace { at: Span, node: NodeId, value: New },
    /// Entries that an object gets; nested ones where several levels are missing.
    Insert { at: Span, object: NodeId, entries: Vec<(String, New)> },
    /// An entry that an object loses.
    Remove { at: Span, object: NodeId, key: NodeId },
    /// Items that a list gets.
    Push { at: Span, list: NodeId, items: Vec<New> },
    /// Documents or blocks behind everything else of a file; `at` is its end.
    Append { at: Span, entries: Vec<(String, New)> },
    /// A new file beside one whose syntax has no room for another document.
    Create { at: Span, path: PathBuf, value: New },
    /// Bytes that belong to no value.
    Text { at: Span, text: String },
}

impl Operation {
    /// The node that changes: what others may share.
    pub fn place(&self) -> Span {
        let (Self::Replace { at, .. }
        | Self::Insert { at, .. }
        | Self::Remove { at, .. }
        | Self::Push { at, .. }
        | Self::Append { at, .. }
        | Self::Create { at, .. }
        | Self::Text { at, .. }) = self;
        *at
    }
}

/// Adds an operation to others of the same fix: what goes into one object or list goes there at once.
pub(super) fn add(operations: &mut Vec<Operation>, new: Operation) -> Result<(), String> {
    for known in operations.iter_mut() {
        match (known, &new) {
            (Operation::Insert { at, entries, .. }, Operation::Insert { at: place, entries: more, .. })
                if at == place =>
            {
                return more.iter().try_for_each(|(key, value)| nest(entries, key, value));
            }
            (Operation::Push { at, items, .. }, Operation::Push { at: place, items: more, .. }) if at == place => {
                items.extend(more.iter().cloned());
                return Ok(());
            }
            // What is short for an object becomes that object once.
            (
                Operation::Replace { at, value: New::Object(entries), .. },
                Operation::Replace { at: place, value: New::Object(more), .. },
            ) if at == place => {
                return more.iter().try_for_each(|(key, value)| nest(entries, key, value));
            }
            (Operation::Replace { at, value, .. }, Operation::Replace { at: place, value: other, .. })
                if at == place =>
            {
                let reason = "two of its changes are about one place";
                return if value == other { Ok(()) } else { Err(reason.into()) };
            }
            (Operation::Remove { at, key, .. }, Operation::Remove { at: place, key: other, .. })
                if at == place && key == other =>
            {
                return Ok(());
            }
            _ => {}
        }
    }
    operations.push(new);
    Ok(())
}

/// Puts an entry among others; objects of the same key become one.
fn nest(entries: &mut Vec<(String, New)>, key: &str, value: &New) -> Result<(), String> {
    let Some((_, known)) = entries.iter_mut().find(|(name, _)| name == key) else {
        entries.push((key.to_string(), value.clone()));
        return Ok(());
    };
    match (known, value) {
        (New::Object(known), New::Object(more)) | (New::Block { body: known, .. }, New::Block { body: more, .. }) => {
            more.iter().try_for_each(|(key, value)| nest(known, key, value))
        }
        (known, value) if known == value => Ok(()),
        _ => Err(format!("`{key}` would be written twice")),
    }
}

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

    /// The edits that operations take.
    pub fn write_all(&self, operations: &[Operation]) -> Result<Vec<Edit>, String> {
        let exchanged = self.exchange(operations);
        let (mut edits, done) = exchanged.map_or((Vec::new(), Vec::new()), |(edits, done)| (edits, done.to_vec()));
        for (_, operation) in operations.iter().enumerate().filter(|(index, _)| !done.contains(index)) {
            edits.extend(self.write(operation)?);
        }
        Ok(edits)
    }

    /// Where an object gets one entry and loses another one: the new one takes the place of the old one, with the comments
    /// that are there. The second part says which operations that are.
    fn exchange(&self, operations: &[Operation]) -> Option<(Vec<Edit>, [usize; 2])> {
        operations.iter().enumerate().find_map(|(new, operation)| {
            let Operation::Insert { at, object, entries } = operation else { return None };
            let [(name, value)] = entries.as_slice() else { return None };
            let is_single = matches!(value, New::Boolean(_) | New::Number(_) | New::Seconds(_) | New::Text(_));
            let syntax = self.syntax(at.file).ok().filter(|_| is_single)?;
            let object = self.tree(at.file).ok()?.node(*object);
            let body = match &object.node().kind {
                Kind::Block { body, .. } => *body,
                _ => object.id(),
            };
            let (old, key) = operations.iter().enumerate().find_map(|(old, operation)| match operation {
                Operation::Remove { at: place, object: of, key } if place.file == at.file && *of == body => {
                    Some((old, *key))
                }
                _ => None,
            })?;
            let (key, present) = object.entries().find(|(one, _)| one.id() == key)?;
            let edit = match syntax {
                Syntax::Yaml => yaml::replace(present, value, &self.layout(present.tree()).ok()?),
                Syntax::Hcl => hcl::replace(present, value),
                Syntax::Json | Syntax::TerraformJson => json::replace(present, value),
            };
            let renamed = match syntax {
                Syntax::Hcl => hcl::rename(key, name),
                _ => Edit { span: key.span(), text: key.slice().replacen(key.as_str()?, name, 1) },
            };
            Some((vec![renamed, edit.ok()?], [new, old]))
        })
    }

    /// The edits that an operation takes.
    fn write(&self, operation: &Operation) -> Result<Vec<Edit>, String> {
        let at = operation.place();
        let tree = self.tree(at.file)?;
        let syntax = self.syntax(at.file)?;
        match operation {
            Operation::Replace { node, value, .. } => {
                let node = tree.node(*node);
                one(match syntax {
                    Syntax::Yaml => yaml::replace(node, value, &self.layout(tree)?),
                    Syntax::Json | Syntax::TerraformJson => json::replace(node, value),
                    Syntax::Hcl => hcl::replace(node, value),
                })
            }
            Operation::Insert { object, entries, .. } => {
                let object = tree.node(*object);
                match syntax {
                    Syntax::Yaml => one(yaml::insert(object, entries, &self.layout(tree)?)),
                    Syntax::Json | Syntax::TerraformJson => json::insert(object, entries),
                    Syntax::Hcl => hcl::insert(object, entries),
                }
            }
            Operation::Remove { object, key, .. } => {
                let (object, key) = (tree.node(*object), tree.node(*key));
                match syntax {
                    Syntax::Yaml => yaml::remove(object, key),
                    Syntax::Json | Syntax::TerraformJson => json::remove(object, key),
                    Syntax::Hcl => hcl::remove(object, key),
                }
            }
            Operation::Push { list, items, .. } => {
                let list = tree.node(*list);
                one(match syntax {
                    Syntax::Yaml => yaml::push(list, items, &self.layout(tree)?),
                    Syntax::Json | Syntax::TerraformJson => json::push(list, items),
                    Syntax::Hcl => hcl::push(list, items),
                })
            }
            Operation::Append { at, entries } => {
                let text = match syntax {
                    Syntax::Yaml => format!("---\n{}", yaml::document(&New::Object(entries.clone()))),
                    Syntax::Hcl => format!("\n{}", hcl::blocks(entries)),
                    Syntax::Json | Syntax::TerraformJson => return Err("a file of JSON has one document".into()),
                };
                one(Ok(Edit { span: *at, text: behind(tree.text(), &text) }))
            }
            Operation::Create { .. } => Ok(Vec::new()),
            Operation::Text { at, text } => Ok(vec![Edit { span: *at, text: text.clone() }]),
        }
    }

    /// How a file in YAML is laid out.
    fn layout(&self, tree: &Tree) -> Result<yaml::Layout, String> {
        self.layouts.borrow_mut().entry(tree.file()).or_insert_with(|| yaml::Layout::of(tree)).clone()
    }

    fn tree(&self, file: SourceId) -> Result<&'w Tree, String> {
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

/// What stands behind a text, in lines of their own that end as its lines do.
fn behind(text: &str, added: &str) -> String {
    let mut out = String::new();
    if !text.is_empty() && !text.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(added);
    let first = text.split_inclusive('\n').next();
    if first.is_some_and(|line| line.ends_with("\r\n")) { out.replace('\n', "\r\n") } else { out }
}

fn one(edit: Result<Edit, String>) -> Result<Vec<Edit>, String> {
    edit.map(|edit| vec![edit])
}

/// The name of an entry and its value, by which an object gets a value at a path of keys.
fn path(keys: &[String], value: New) -> Result<(&str, New), String> {
    let (first, inner) = keys.split_first().ok_or("it has no name")?;
    Ok((first, inner.iter().rev().fold(value, |entry, key| New::Object(vec![(key.clone(), entry)]))))
}

/// Whether the platform takes a value at all.
fn possible(origin: &Origin, value: &New) -> Result<(), String> {
    match (value, origin.form()) {
        (New::Number(0), Form::NotZero | Form::Purpose) => Err("0 is no value that the platform takes".into()),
        _ => Ok(()),
    }
}

/// Whether a declared parameter or variable takes a value as its default, as far as that can be told.
fn takes(declaration: NodeRef<'_>, key: NodeRef<'_>, value: &New) -> Result<(), String> {
    match (key.as_str(), value) {
        (Some("default"), _) if declaration.get("validation").is_some() => {
            Err("the variable has a `validation` that may not take the value".into())
        }
        (Some("Default"), New::Number(number)) => {
            let bound = |name: &str| declaration.get(name)?.as_str()?.trim().parse::<u64>().ok();
            let is_within = bound("MinValue").is_none_or(|least| *number >= least)
                && bound("MaxValue").is_none_or(|most| *number <= most);
            let is_listed = declaration.get("AllowedValues").is_none_or(|listed| {
                listed.items().any(|item| item.as_str().is_some_and(|item| item == number.to_string()))
            });
            if is_within && is_listed { Ok(()) } else { Err("the parameter does not allow the value".into()) }
        }
        _ => Ok(()),
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

/// Whether a list of objects is anywhere in it.
fn has_items(value: &New) -> bool {
    match value {
        New::List(items) => items.iter().any(|item| matches!(item, New::Object(_)) || has_items(item)),
        New::Object(entries) => entries.iter().any(|(_, value)| has_items(value)),
        _ => false,
    }
}

/// A key as its dialect spells it.
fn key_in_form(key: &str, form: Form) -> String {
    let mut spelled = String::with_capacity(key.len() + 4);
    for letter in key.chars() {
        if form == Form::Underscored && letter.is_ascii_uppercase() {
            spelled.push('_');
            spelled.push(letter.to_ascii_lowercase());
        } else {
            spelled.push(letter);
        }
    }
    spelled
}

/// A value as its dialect writes it.
fn in_form(value: &New, form: Form) -> New {
    match (value, form) {
        (New::Seconds(seconds), Form::SecondsText) => New::Text(format!("{seconds}s")),
        (New::Seconds(seconds), Form::Milliseconds) => New::Number(seconds * 1000),
        (New::Number(mebibytes), Form::Mebibytes) if mebibytes.is_multiple_of(1024) => {
            New::Text(format!("{}Gi", mebibytes / 1024))
        }
        (New::Number(mebibytes), Form::Mebibytes) => New::Text(format!("{mebibytes}Mi")),
        (New::Seconds(number) | New::Number(number), Form::Text) => New::Text(number.to_string()),
        (New::Seconds(seconds), _) => New::Number(*seconds),
        (New::Boolean(truth), Form::Text) => New::Text(truth.to_string()),
        (New::Boolean(true), Form::Words(word, _)) | (New::Boolean(false), Form::Words(_, word)) => New::text(word),
        (New::Object(entries), Form::Underscored) => {
            New::Object(entries.iter().map(|(key, value)| (key_in_form(key, form), in_form(value, form))).collect())
        }
        _ => value.clone(),
    }
}

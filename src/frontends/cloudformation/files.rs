//! Files beside a template: nested templates, state machines, API definitions, and what `AWS::Include` brings in.
//!
//! `sam package` and `aws cloudformation package` upload what these properties name and put the address in their
//! place; until then they hold a path, relative to the template. The read stage loads what [`named_files`] finds, and
//! [`data`] and [`text`] give it to lowering.

use super::PlainText;
use crate::discover::FileKind;
use crate::frontends::document::Reader;
use crate::read::{File, Lookup, Workspace};
use crate::source::{SourceId, Span};
use crate::tree::{self, NodeRef, Tree};
use crate::value::{Unknown, Value};
use std::sync::Arc;

/// Where a definition lies that a resource does not write out itself.
pub(super) const DEFINITION_PATHS: [&str; 3] = ["DefinitionUri", "DefinitionS3Location", "BodyS3Location"];

/// The files that a document names, relative to its directory, and what they are read as.
pub(crate) fn named_files(tree: &Tree) -> impl Iterator<Item = (&str, FileKind)> {
    let stacks = tree.documents().flat_map(nested_paths).map(|(_, path)| (path, FileKind::Included));
    let definitions = tree.documents().flat_map(definition_paths).map(|path| (path, FileKind::Text));
    stacks.chain(definitions).chain(included_paths(tree).map(|path| (path, FileKind::Text)))
}

/// The stacks that a template nests: the key of each, and the path of its template.
pub(super) fn nested_paths(root: NodeRef<'_>) -> impl Iterator<Item = (NodeRef<'_>, &str)> {
    stacks(root).filter_map(|(name, location)| Some((name, location.as_str().filter(|path| is_local(path))?)))
}

/// The stacks that a template nests and whose templates lie elsewhere: the key of each, and what is said of the place.
pub(super) fn remote_stacks(root: NodeRef<'_>) -> impl Iterator<Item = (NodeRef<'_>, &str)> {
    let remote = stacks(root).filter(|(_, location)| !location.as_str().is_some_and(is_local));
    remote.map(|(name, location)| (name, location.slice().lines().next().unwrap_or_default()))
}

/// Resources that are stacks themselves: the key of each, and where its template lies.
fn stacks(root: NodeRef<'_>) -> impl Iterator<Item = (NodeRef<'_>, NodeRef<'_>)> {
    resources(root).filter_map(|(name, resource)| {
        let key = match resource.get("Type")?.as_str()? {
            "AWS::CloudFormation::Stack" => "TemplateURL",
            "AWS::Serverless::Application" => "Location",
            _ => return None,
        };
        Some((name, resource.at(&["Properties", key])?))
    })
}

fn definition_paths(root: NodeRef<'_>) -> impl Iterator<Item = &str> {
    resources(root).filter_map(|(_, resource)| {
        let properties = resource.get("Properties")?;
        let path = DEFINITION_PATHS.iter().find_map(|key| properties.get(key)?.as_str())?;
        is_local(path).then_some(path)
    })
}

/// The paths of `AWS::Include`, which may stand anywhere.
pub(super) fn included_paths(tree: &Tree) -> impl Iterator<Item = &str> {
    let nodes = tree.text().contains("AWS::Include").then(|| tree.all()).into_iter().flatten();
    nodes.filter_map(|node| {
        let name = node.is_mapping().then(|| node.get("Name")).flatten()?;
        let path = node.at(&["Parameters", "Location"])?.as_str()?;
        (name.as_str() == Some("AWS::Include") && is_local(path)).then_some(path)
    })
}

fn resources(root: NodeRef<'_>) -> impl Iterator<Item = (NodeRef<'_>, NodeRef<'_>)> {
    root.get("Resources").into_iter().flat_map(NodeRef::entries)
}

/// Whether a text is a path, and not an address or something to fill in.
pub(super) fn is_local(path: &str) -> bool {
    !path.is_empty() && !["://", "${", "{{", "\n"].iter().any(|mark| path.contains(mark))
}

/// A file that `from` names.
fn found<'w>(workspace: &'w Workspace, from: SourceId, path: &str) -> Result<&'w File, Unknown> {
    match workspace.beside(from, path) {
        Lookup::Found(file) => Ok(file),
        Lookup::Outside => Err(Unknown::OutsideRoot(path.into())),
        Lookup::Missing => Err(Unknown::Missing(path.into())),
    }
}

/// The file that `from` names.
pub(super) fn source(workspace: &Workspace, from: SourceId, path: &str) -> Result<SourceId, Unknown> {
    found(workspace, from, path).map(|file| file.source)
}

/// The document in a file that `from` names.
pub(super) fn data(workspace: &Workspace, from: SourceId, path: &str) -> Result<Value, Unknown> {
    let file = found(workspace, from, path)?;
    let text = workspace.sources.get(file.source).text();
    let parsed;
    // A file that is only read because it is named here comes as a text.
    let tree = if file.kind == FileKind::Text {
        let is_json = text.trim_start().starts_with('{');
        parsed = if is_json { tree::json::parse } else { tree::yaml::parse }(file.source, text.clone());
        &parsed
    } else {
        &file.tree
    };
    let broken = || Unknown::Invalid(format!("`{path}` cannot be read").into());
    let root = tree.documents().next().filter(|_| tree.errors.is_empty()).ok_or_else(broken)?;
    Ok(Reader::new(PlainText).read(root, 0).value)
}

/// The text of a file that `from` names, and its place.
pub(super) fn text(workspace: &Workspace, from: SourceId, path: &str) -> Option<(Arc<str>, Span)> {
    let file = found(workspace, from, path).ok()?;
    Some((workspace.sources.get(file.source).text().clone(), Span::new(file.source, 0, 0)))
}

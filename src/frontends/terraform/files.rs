//! Files that a configuration reads by itself: `file`, `templatefile`, and the paths that it gives to them.
//!
//! The read stage loads what [`named_files`] finds written out; evaluation takes it from the
//! [`Workspace`](crate::read::Workspace) and never touches the disk. Paths are relative to the root module, where
//! Terraform runs, unless they begin with `path.module`.

use super::scope::{Binding, Env, Evaluator, ScopeId, unknown};
use crate::frontends::document::assemble;
use crate::read::{File, Lookup};
use crate::source::{SourceId, Span, normalize};
use crate::tree::{Expr, Kind, NodeRef, Tree};
use crate::value::{Data, How, Origin, Sourced, Unknown, Value};
use globset::GlobBuilder;
use std::path::{Component, Path, PathBuf};

/// A file that a call names in so many words.
pub(crate) struct NamedFile<'t> {
    /// Relative to the directory of the configuration.
    pub path: &'t str,
    /// Whether the text is a template.
    pub is_template: bool,
}

/// The files that a configuration reads, as far as their names are written out.
pub(crate) fn named_files(tree: &Tree) -> impl Iterator<Item = NamedFile<'_>> {
    tree.all().filter_map(|node| {
        let Kind::Expr(expression) = node.kind() else { return None };
        let Expr::Call { name, arguments, .. } = &**expression else { return None };
        let is_template = &**name == "templatefile";
        if !is_template && !matches!(&**name, "file" | "fileexists") {
            return None;
        }
        let path = written_path(node.other(*arguments.first()?))?;
        Some(NamedFile { path, is_template })
    })
}

/// The directories of which a configuration asks what is in them, as far as their names are written out, relative to
/// the configuration.
pub(crate) fn listed_directories(tree: &Tree) -> impl Iterator<Item = &str> {
    // A file that never says the word is not walked through.
    let nodes = tree.text().contains("fileset").then(|| tree.all()).into_iter().flatten();
    nodes.filter_map(|node| {
        let Kind::Expr(expression) = node.kind() else { return None };
        let Expr::Call { name, arguments, .. } = &**expression else { return None };
        let directory = node.other(*arguments.first().filter(|_| &**name == "fileset")?);
        let is_here = matches!(directory.slice().trim_matches(['"', '$', '{', '}']), "path.module" | "path.root");
        if is_here { Some(".") } else { written_path(directory) }
    })
}

/// `"a/b"`, `"${path.module}/a/b"` and `"${path.root}/a/b"`: the part that is relative to the module.
fn written_path(node: NodeRef<'_>) -> Option<&str> {
    if let Some(path) = node.as_str() {
        return Some(path);
    }
    let Kind::Expr(expression) = node.kind() else { return None };
    let Expr::Template(parts) = &**expression else { return None };
    let [base, rest] = &**parts else { return None };
    let is_here = matches!(node.other(*base).slice(), "path.module" | "path.root");
    node.other(*rest).as_str()?.strip_prefix('/').filter(|_| is_here)
}

/// The name under which a template binds its variables: no identifier reads like it.
pub(super) const TEMPLATE: &str = "\u{1}";

impl<'w> Evaluator<'w> {
    /// `path.module`, `path.root` and `path.cwd`.
    pub(super) fn path(&self, scope: ScopeId, name: &str, span: Span) -> Option<Value> {
        let root = &self.root().module.directory;
        let path = match name {
            "root" => PathBuf::from("."),
            "module" => relative(root, &self.scope(scope).module.directory)?,
            _ => return None,
        };
        // Terraform writes its paths with slashes on every system.
        let text = crate::source::slashed(&path);
        Some(Sourced::new(Data::Text(text.into()), Origin::new(How::Computed, span)))
    }

    /// The functions that read a file; `None` where the name is not one of them.
    pub(super) fn file_function(
        &mut self,
        name: &str,
        values: &[Value],
        node: NodeRef<'w>,
        env: Env<'_>,
    ) -> Option<Value> {
        let span = node.span();
        let [path, arguments @ ..] = values else { return None };
        if let ("fileset", [pattern]) = (name, arguments) {
            return Some(self.file_set(path, pattern, span));
        }
        if !matches!(name, "file" | "templatefile" | "fileexists") {
            return None;
        }
        let Some(Data::Text(path)) = path.known() else { return Some(unknown(super::expression::reason(path), span)) };
        let file = match self.file(path) {
            Ok(file) => file,
            Err(why) => return Some(unknown(why, span)),
        };
        match (name, arguments) {
            ("fileexists", []) => Some(Sourced::new(Data::Boolean(true), Origin::new(How::Computed, span))),
            ("file", []) => {
                let text = self.workspace.sources.get(file).text().clone();
                let start = Span { file, start: 0, end: text.find('\n').unwrap_or(text.len()) as u32 };
                let how = How::Reference(node.slice().into());
                Some(Sourced::new(Data::Text(text), Origin::literal(start)).via(how, span))
            }
            ("templatefile", [arguments]) => Some(self.template(file, arguments, env, span)),
            _ => None,
        }
    }

    /// The files in a directory that a pattern fits.
    fn file_set(&self, directory: &Value, pattern: &Value, span: Span) -> Value {
        let text = |value: &Value| match value.known() {
            Some(Data::Text(text)) => Ok(text.clone()),
            _ => Err(super::expression::reason(value)),
        };
        let (directory, pattern) = match (text(directory), text(pattern)) {
            (Ok(directory), Ok(pattern)) => (directory, pattern),
            (Err(why), _) | (_, Err(why)) => return unknown(why, span),
        };
        let path = normalize(&self.root().module.directory.join(&*directory));
        let glob = GlobBuilder::new(&pattern).literal_separator(true).build().map(|glob| glob.compile_matcher());
        let (Some(files), Ok(glob)) = (self.workspace.listing(&path), glob) else {
            return unknown(Unknown::NotEvaluated(format!("the files in `{directory}`").into()), span);
        };
        let file = |path: &String| Sourced::new(Data::Text(path.as_str().into()), Origin::literal(span));
        let files = files.iter().filter(|path| glob.is_match(path)).map(file).collect();
        Sourced::new(Data::List(files), Origin::new(How::Computed, span))
    }

    /// The source at a path that an expression gives.
    fn file(&self, path: &str) -> Result<SourceId, Unknown> {
        let directory = &self.root().module.directory;
        match self.workspace.at(&directory.join(path)) {
            Lookup::Found(File { source, .. }) => Ok(*source),
            Lookup::Outside => Err(Unknown::OutsideRoot(path.into())),
            // It may be made before Terraform runs: that it is not there now is no failure that `try` sees.
            Lookup::Missing => Err(Unknown::Invalid(format!("`{path}` was not found").into())),
        }
    }

    /// What a template renders to.
    fn template(&mut self, file: SourceId, arguments: &Value, env: Env<'_>, span: Span) -> Value {
        let refused = |what: &str| unknown(Unknown::NotEvaluated(what.into()), span);
        if env.is_bound(TEMPLATE) {
            return refused("a template within a template");
        }
        let Some(tree) = self.workspace.template(file) else { return refused("a template with this syntax") };
        if !matches!(arguments.known(), Some(Data::Object(_))) {
            return unknown(super::expression::reason(arguments), span);
        }
        let Some(root) = tree.documents().next() else { return refused("an empty template") };
        let binding: Binding<'_> = env.bind(TEMPLATE, arguments);
        let pieces = self.pieces(root, env.with(&binding));
        assemble(pieces, Origin::new(How::Computed, span), &mut self.texts)
    }
}

/// The way from one directory to another, `.` where they are the same; `None` if it leads through directories whose
/// names are not known.
fn relative(from: &Path, to: &Path) -> Option<PathBuf> {
    let (from, to): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = &from[shared..];
    if up.contains(&Component::ParentDir) {
        return None;
    }
    let parts = up.iter().map(|_| Component::ParentDir).chain(to[shared..].iter().copied());
    let path: PathBuf = parts.collect();
    Some(if path.as_os_str().is_empty() { PathBuf::from(".") } else { path })
}

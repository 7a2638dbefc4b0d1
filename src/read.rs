//! The second stage: texts and trees of everything that was found, and of what those files include.
//!
//! Called by [`crate::engine`]. The result, the [`Workspace`], does not change any more; frontends look files up in
//! it by path and never touch the disk.

mod includes;
mod listing;

pub(crate) use includes::stays_inside;

use crate::discover::{CHART, FileKind, Found, chart_of, reason};
use crate::frontends::serverless::{Composition, Inclusion};
use crate::frontends::terraform;
use crate::source::{SourceId, Sources, Span, normalize, slashed};
use crate::tree::{self, Syntax, Tree};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Something that keeps archlint from doing its job on a file; makes the exit code 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it is shown.
    pub path: PathBuf,
    /// The place, where there is one.
    pub span: Option<Span>,
    /// Line and column, from 1; 1 and 1 where there is no place.
    pub line: usize,
    /// See `line`.
    pub column: usize,
    /// What is wrong, lower case, without a full stop.
    pub message: String,
}

impl Problem {
    /// A problem with a path as a whole.
    pub(crate) fn with_path(path: PathBuf, message: String) -> Self {
        Self { path, span: None, line: 1, column: 1, message }
    }
}

/// Something that a reader may want to know, without weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What kind of note.
    pub kind: NoteKind,
    /// The file, as it is shown.
    pub path: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// The note, lower case, without a full stop.
    pub message: String,
}

/// Kinds of notes; the names in machine-readable reports are a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// A value that could not be resolved.
    Unresolved,
    /// A file that was not evaluated.
    Skipped,
}

impl NoteKind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::Skipped => "skipped",
        }
    }
}

/// A file that was read.
#[derive(Debug)]
pub struct File {
    /// Its text.
    pub source: SourceId,
    /// What it may hold.
    pub kind: FileKind,
    /// Its content.
    pub tree: Tree,
}

/// What the deployment would be told from outside the files.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    /// `--stage`: the Serverless Framework stage.
    pub stage: Option<String>,
    /// `--region`
    pub region: Option<String>,
    /// `--workspace`: the Terraform workspace.
    pub workspace: Option<String>,
    /// `--var`: values of Terraform variables, by their names; of several the last counts.
    pub values: Vec<(String, String)>,
    /// `--var-file`: files with values of Terraform variables, in order; `values` win over them.
    pub value_files: Vec<PathBuf>,
    /// `--param`: Serverless Framework and CloudFormation parameters, by their names; of several the last counts.
    pub parameters: Vec<(String, String)>,
    /// `--env`: environment variables of whoever deploys, by their names; of several the last counts.
    pub environment: Vec<(String, String)>,
}

impl Variables {
    /// What `--param` sets a parameter to.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        last(&self.parameters, name)
    }

    /// What `--env` sets an environment variable to.
    pub fn environment(&self, name: &str) -> Option<&str> {
        last(&self.environment, name)
    }

    /// What `--var` sets a Terraform variable to.
    pub fn value(&self, name: &str) -> Option<&str> {
        last(&self.values, name)
    }
}

fn last<'v>(assignments: &'v [(String, String)], name: &str) -> Option<&'v str> {
    assignments.iter().rfind(|(set, _)| set == name).map(|(_, value)| value.as_str())
}

/// All files of a run, by id and by path.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The texts.
    pub sources: Sources,
    /// The files with a tree, sorted by path.
    pub files: Vec<File>,
    /// Directories that may be read.
    pub roots: Vec<PathBuf>,
    /// What is set from outside.
    pub variables: Variables,
    /// Texts that some configuration takes for templates, parsed as such.
    templates: HashMap<SourceId, Tree>,
    /// Files below the directories that configurations list, by their paths from there.
    listings: HashMap<PathBuf, BTreeSet<String>>,
    /// Paths inside the roots that symbolic links lead out of them.
    led_out: BTreeSet<PathBuf>,
    /// Files that would only be read after too many others.
    cut_off: BTreeSet<PathBuf>,
    /// Files that a service of the Serverless Framework includes.
    included: HashSet<SourceId>,
    /// Which compose files name the service at a path.
    composed: HashMap<PathBuf, Vec<Composition>>,
    /// Environment variables that services use, and their values: nothing may print these.
    pub(crate) secrets: BTreeSet<(String, String)>,
    by_source: HashMap<SourceId, usize>,
    by_directory: HashMap<PathBuf, Vec<usize>>,
}

/// What looking for an included file led to.
pub enum Lookup<'w> {
    /// It was read.
    Found(&'w File),
    /// It lies outside the roots.
    Outside,
    /// There is no such file (or it could not be read).
    Missing,
}

impl Workspace {
    /// The file of a source.
    pub fn file(&self, source: SourceId) -> Option<&File> {
        self.by_source.get(&source).map(|index| &self.files[*index])
    }

    /// The path of a source, as it is shown.
    pub fn path(&self, source: SourceId) -> &Path {
        self.sources.get(source).path()
    }

    /// The directory that a source lies in; empty for the working directory.
    pub fn folder(&self, source: SourceId) -> &Path {
        self.path(source).parent().unwrap_or(Path::new(""))
    }

    /// The files directly in a directory, sorted by path.
    pub fn directory(&self, directory: &Path) -> impl Iterator<Item = &File> {
        self.by_directory.get(directory).into_iter().flatten().map(|index| &self.files[*index])
    }

    /// The directories that hold files, in no order.
    pub fn directories(&self) -> impl Iterator<Item = &Path> {
        self.by_directory.keys().map(PathBuf::as_path)
    }

    /// The file at a path relative to the directory of `from`.
    pub fn beside(&self, from: SourceId, relative: &str) -> Lookup<'_> {
        self.at(&self.folder(from).join(relative))
    }

    /// Whether there is a file that was not read because so many lead to it, one after the other.
    pub(crate) fn is_cut_off(&self, path: &Path) -> bool {
        self.cut_off.contains(path)
    }

    /// The places in compose files that name the service at a path.
    pub(crate) fn compositions(&self, service: &Path) -> &[Composition] {
        self.composed.get(service).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a service includes a file, which then does not stand for itself.
    pub(crate) fn is_included(&self, source: SourceId) -> bool {
        self.included.contains(&source)
    }

    /// The text of a file as a Terraform template; `None` if nothing takes it for one or it cannot be parsed.
    pub fn template(&self, source: SourceId) -> Option<&Tree> {
        self.templates.get(&source)
    }

    /// A note about a place.
    pub fn note(&self, kind: NoteKind, place: Span, message: String) -> Note {
        let line = self.sources.start(place).line;
        Note { kind, path: self.path(place.file).to_path_buf(), line, message }
    }

    /// The files below a directory that a configuration lists, in order, by their paths from there with slashes;
    /// `None` where that is not known.
    pub fn listing(&self, directory: &Path) -> Option<&BTreeSet<String>> {
        self.listings.get(directory)
    }

    /// The file at a path.
    pub fn at(&self, path: &Path) -> Lookup<'_> {
        let path = normalize(path);
        if let Some(file) = self.sources.find(&path).and_then(|source| self.file(source)) {
            return Lookup::Found(file);
        }
        let is_inside = within(&self.roots, &path) && !self.led_out.contains(&path);
        if is_inside { Lookup::Missing } else { Lookup::Outside }
    }
}

fn within(roots: &[PathBuf], path: &Path) -> bool {
    let climbs = path.components().next() == Some(std::path::Component::ParentDir);
    roots
        .iter()
        .any(|root| if root.as_os_str().is_empty() { !climbs && path.is_relative() } else { path.starts_with(root) })
}

/// Texts that stand in the place of what files on disk hold, by paths as they are shown.
pub type Texts = BTreeMap<PathBuf, Arc<str>>;

/// One text on its way to a tree.
struct Text {
    path: PathBuf,
    kind: FileKind,
    text: Arc<str>,
}

/// Includes of includes are rare and shallow; the bound keeps a chain of hostile files short.
const MOST_ROUNDS: usize = 16;

/// What reading a file led to.
enum Outcome {
    Text(Text),
    Problem(Problem),
    Note(Note),
    Nothing,
}

/// What the read stage hands on.
#[derive(Debug, Default)]
pub struct Reading {
    /// The files.
    pub workspace: Workspace,
    /// What could not be read or parsed.
    pub problems: Vec<Problem>,
    /// What was left out.
    pub notes: Vec<Note>,
    /// What services include, as far as it is read.
    inclusions: BTreeMap<SourceId, Inclusion>,
    /// All paths there are, where these are not those on the disk.
    in_memory: Option<Vec<PathBuf>>,
}

/// Reads files from disk and parses them, in parallel, then what they include, until nothing new comes up.
pub fn read(found: Vec<Found>, roots: Vec<PathBuf>, variables: Variables) -> Reading {
    read_edited(found, roots, &Texts::new(), variables)
}

/// The same, where some files are taken to hold other texts than they do.
pub fn read_edited(found: Vec<Found>, roots: Vec<PathBuf>, texts: &Texts, variables: Variables) -> Reading {
    let mut reading =
        Reading { workspace: Workspace { roots, variables, ..Workspace::default() }, ..Reading::default() };
    let mut next = found;
    let given = reading.workspace.variables.value_files.iter().map(|path| normalize(path));
    let given: BTreeSet<PathBuf> = given.filter(|path| next.iter().all(|found| found.path != *path)).collect();
    next.extend(given.into_iter().map(|path| Found { path, kind: FileKind::TerraformValues }));
    for _ in 0..MOST_ROUNDS {
        let outcomes: Vec<Outcome> = next.par_iter().map(|found| read_file(found, texts)).collect();
        let fresh = reading.take(outcomes);
        next = reading.included(&fresh);
        if next.is_empty() {
            break;
        }
    }
    reading.workspace.cut_off = next.into_iter().map(|found| found.path).collect();
    reading.finish()
}

/// Parses texts that are in memory: standard input, tests, an editor. A text that is nothing by itself is read if
/// another one includes it.
pub fn read_texts(texts: Vec<(PathBuf, Vec<u8>)>, variables: Variables) -> Reading {
    let workspace = Workspace { roots: vec![PathBuf::new()], variables, ..Workspace::default() };
    let in_memory = texts.iter().map(|(path, _)| normalize(path)).collect();
    let mut reading = Reading { workspace, in_memory: Some(in_memory), ..Reading::default() };
    let texts = texts.into_iter().map(|(path, bytes)| {
        let kind = FileKind::of(&path).unwrap_or(FileKind::Yaml);
        (path, kind, bytes)
    });
    let stands_alone = |kind, bytes: &[u8]| is_relevant(kind, &legible(bytes));
    let (mut next, other): (Vec<_>, Vec<_>) = texts.partition(|(_, kind, bytes)| stands_alone(*kind, bytes));
    let mut waiting: HashMap<PathBuf, Vec<u8>> =
        other.into_iter().map(|(path, _, bytes)| (normalize(&path), bytes)).collect();
    for _ in 0..MOST_ROUNDS {
        let outcomes = next.into_iter().map(|(path, kind, bytes)| accept(path, kind, bytes)).collect();
        let fresh = reading.take(outcomes);
        let wanted = reading.wanted(&fresh);
        let included = |(path, kind)| waiting.remove_entry(&path).map(|(path, bytes)| (path, kind, bytes));
        next = wanted.into_iter().filter_map(included).collect();
        if next.is_empty() {
            break;
        }
    }
    reading.workspace.cut_off = next.into_iter().map(|(path, _, _)| path).collect();
    reading.finish()
}

impl Reading {
    /// Gives ids to texts, parses them in parallel and keeps the trees; returns the new sources.
    fn take(&mut self, outcomes: Vec<Outcome>) -> Vec<SourceId> {
        let mut texts = Vec::new();
        for outcome in outcomes {
            match outcome {
                Outcome::Text(text) => {
                    let id = self.workspace.sources.add(&text.path, text.text.clone());
                    texts.push((id, text));
                }
                Outcome::Problem(problem) => self.problems.push(problem),
                Outcome::Note(note) => self.notes.push(note),
                Outcome::Nothing => {}
            }
        }
        let files: Vec<File> = texts.into_par_iter().map(|(source, text)| parse(source, text)).collect();
        let mut fresh = Vec::new();
        for file in files {
            fresh.push(file.source);
            if file.kind == FileKind::Unrendered || self.is_template(&file) {
                let path = self.workspace.path(file.source).to_path_buf();
                self.notes.push(unrendered(path));
                continue;
            }
            let source = self.workspace.sources.get(file.source);
            self.problems.extend(file.tree.errors.iter().map(|error| {
                let position = source.position(error.span.start);
                Problem {
                    path: source.path().to_path_buf(),
                    span: Some(error.span),
                    line: position.line,
                    column: position.column,
                    message: error.message.clone(),
                }
            }));
            self.workspace.by_source.insert(file.source, self.workspace.files.len());
            self.workspace.files.push(file);
        }
        fresh
    }

    /// YAML with `{{ }}` that cannot be read as it stands is a template that nobody rendered, not a broken file.
    fn is_template(&self, file: &File) -> bool {
        !file.tree.errors.is_empty()
            && matches!(file.kind, FileKind::Yaml | FileKind::Included)
            && ["{{", "{%"].iter().any(|mark| self.workspace.sources.get(file.source).text().contains(mark))
    }

    fn finish(mut self) -> Self {
        self.ask_services(&[]);
        for inclusion in std::mem::take(&mut self.inclusions).into_values() {
            self.workspace.included.extend(inclusion.included);
            self.workspace.secrets.extend(inclusion.secrets);
            self.notes.extend(inclusion.notes);
        }
        self.workspace.templates = templates(&self.workspace);
        let sources = &self.workspace.sources;
        self.workspace.files.sort_by(|a, b| sources.get(a.source).path().cmp(sources.get(b.source).path()));
        self.workspace.by_source =
            self.workspace.files.iter().enumerate().map(|(index, file)| (file.source, index)).collect();
        for (index, file) in self.workspace.files.iter().enumerate() {
            let directory = sources.get(file.source).path().parent().unwrap_or(Path::new(""));
            self.workspace.by_directory.entry(directory.to_path_buf()).or_default().push(index);
        }
        self
    }
}

/// The note for a template: one for all those of a chart.
fn unrendered(path: PathBuf) -> Note {
    let (path, message) = match chart_of(&path) {
        Some(chart) => {
            let shown = if chart.as_os_str().is_empty() { ".".into() } else { slashed(chart) };
            let message = format!(
                "the templates of this chart are not rendered; pipe what they render to: \
                 `helm template {shown} | archlint -`"
            );
            (chart.join(CHART), message)
        }
        None => {
            let message = "a template that is not rendered; pipe what it renders to: `... | archlint -`";
            (path, message.to_string())
        }
    };
    Note { kind: NoteKind::Skipped, path, line: 1, message }
}

fn read_file(found: &Found, texts: &Texts) -> Outcome {
    if let Some(text) = texts.get(&found.path) {
        return accept(found.path.clone(), found.kind, text.as_bytes().to_vec());
    }
    let problem = |message| Outcome::Problem(Problem::with_path(found.path.clone(), message));
    match std::fs::metadata(&found.path) {
        Ok(metadata) if metadata.len() > tree::MAX_FILE_BYTES => {
            let [size, limit] = [metadata.len(), tree::MAX_FILE_BYTES].map(|bytes| bytes / 1024 / 1024);
            let message = format!("{size} MiB, larger than the limit of {limit} MiB");
            return match found.kind {
                // Data files of this size are common and none of archlint's business.
                FileKind::Json | FileKind::Yaml | FileKind::Included | FileKind::Text => {
                    Outcome::Note(Note { kind: NoteKind::Skipped, path: found.path.clone(), line: 1, message })
                }
                _ => problem(message),
            };
        }
        Ok(metadata) if !metadata.is_file() => return problem("not a regular file".into()),
        _ => {}
    }
    match std::fs::read(&found.path) {
        Ok(bytes) => accept(found.path.clone(), found.kind, bytes),
        Err(error) => problem(reason(&error)),
    }
}

/// Checks the encoding and whether there is anything in a text that archlint reads.
fn accept(path: PathBuf, kind: FileKind, bytes: Vec<u8>) -> Outcome {
    match String::from_utf8(bytes) {
        Ok(text) if kind == FileKind::Program => program(path, &text),
        Ok(text) if is_relevant(kind, &text) => Outcome::Text(Text { path, kind, text: text.into() }),
        Ok(_) => Outcome::Nothing,
        Err(_) if matches!(kind, FileKind::Text | FileKind::Program) => Outcome::Nothing,
        Err(error) if !is_relevant(kind, &legible(error.as_bytes())) => Outcome::Nothing,
        Err(error) if error.as_bytes().starts_with(b"\xff\xfe") || error.as_bytes().starts_with(b"\xfe\xff") => {
            let message = "UTF-16, which archlint does not read; save it as UTF-8".into();
            Outcome::Problem(Problem::with_path(path, message))
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let before = &error.as_bytes()[..at];
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |found| found + 1);
            let column = 1 + String::from_utf8_lossy(&before[start..]).chars().count();
            let message = format!("not valid UTF-8 (at byte {at})");
            Outcome::Problem(Problem { path, span: None, line, column, message })
        }
    }
}

/// The note for a service that is a program; many files that are called so are something else.
fn program(path: PathBuf, text: &str) -> Outcome {
    if !["service", "provider"].iter().all(|word| text.contains(word)) {
        return Outcome::Nothing;
    }
    let message = "a service that is written as a program, which archlint does not run".to_string();
    Outcome::Note(Note { kind: NoteKind::Skipped, path, line: 1, message })
}

/// What can be made out of bytes that are not UTF-8: enough to tell whether they are any of archlint's business. In
/// UTF-16 every other byte of what is looked for is zero.
fn legible(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "")
}

/// A cheap look inside, so that the many YAML and JSON files that are something else are never parsed.
fn is_relevant(kind: FileKind, text: &str) -> bool {
    match kind {
        FileKind::Yaml | FileKind::Json => {
            let kubernetes = text.contains("apiVersion") && text.contains("kind");
            let planned = text.contains("\"format_version\"") && text.contains("\"root_module\"");
            kubernetes || planned || text.contains("AWS::") || text.contains("AWSTemplateFormatVersion")
        }
        _ => true,
    }
}

fn parse(source: SourceId, text: Text) -> File {
    let Text { path, kind, text } = text;
    let tree = match Syntax::of(kind, &path, &text) {
        Some(syntax) => syntax.parse(source, text),
        None => Tree::new(source, text),
    };
    File { source, kind, tree }
}

/// The texts that configurations take for templates.
fn templates(workspace: &Workspace) -> HashMap<SourceId, Tree> {
    let configurations = workspace.files.iter().filter(|file| file.kind.is_configuration());
    let named = configurations.flat_map(|file| {
        let folder = workspace.folder(file.source);
        let templates = terraform::named_files(&file.tree).filter(|named| named.is_template);
        templates.filter_map(|named| workspace.sources.find(&folder.join(named.path)))
    });
    let sources: BTreeSet<SourceId> = named.collect();
    let parsed = sources.into_par_iter().filter_map(|source| {
        let text = workspace.sources.get(source).text().clone();
        Some((source, tree::hcl::parse_template(source, text)?))
    });
    parsed.collect()
}

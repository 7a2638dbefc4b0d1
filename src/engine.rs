//! The pipeline: discover, read, lower, link, check, suppress. What it returns, [`Report`], is what
//! [`crate::report`] prints.

use crate::config::Config;
use crate::cost::Prices;
use crate::discover::discover;
use crate::fix::{self, Change, Proposal};
use crate::frontends;
use crate::link::link;
use crate::lint::{Context, Finding, Level, Lint, Settings};
use crate::lints;
use crate::model::{Architecture, Unresolved, WorkloadKind};
use crate::read::{Note, NoteKind, Problem, Reading, Texts, Variables, read_edited, read_texts};
use crate::redact::redact;
use crate::source::{Sources, Span};
use crate::suppress;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// What to lint.
#[derive(Debug, Clone)]
pub enum Input {
    /// Files and directories on disk.
    Paths(Vec<PathBuf>),
    /// The same, where some files are taken to hold other texts than they do.
    Edited {
        /// Files and directories.
        paths: Vec<PathBuf>,
        /// The texts, by paths as they are shown.
        texts: Texts,
    },
    /// Texts in memory with the paths that they stand for.
    Texts(Vec<(PathBuf, String)>),
    /// What came over standard input, and the path that it stands for.
    Stream {
        /// Decides which dialect is tried.
        path: PathBuf,
        /// The text, whose encoding is still to be checked.
        bytes: Vec<u8>,
    },
}

/// How to lint.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Levels by lint id or category, the last match counts; [`Level::Off`] switches off.
    pub levels: Vec<(String, Level)>,
    /// Report what allows cover, too.
    pub no_allow: bool,
    /// Read no configuration file.
    pub no_config: bool,
    /// What is set from outside the files.
    pub variables: Variables,
    /// What things cost.
    pub prices: Prices,
}

/// What came out.
#[derive(Debug)]
pub struct Report {
    /// The texts that spans point into.
    pub sources: Sources,
    /// All findings, suppressed ones and advice included; sorted by path, position and lint.
    pub findings: Vec<Finding>,
    /// What kept archlint from doing its job; any of them makes the exit code 2.
    pub problems: Vec<Problem>,
    /// What a reader may want to know.
    pub notes: Vec<Note>,
    /// Files that were read.
    pub files: usize,
    /// Workloads by kind.
    pub workloads: BTreeMap<WorkloadKind, usize>,
}

impl Report {
    /// How many active findings there are of a level.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.is_active() && finding.level == level).count()
    }

    /// How many findings an allow covers.
    pub fn suppressed(&self) -> usize {
        self.findings.iter().filter(|finding| !finding.is_active()).count()
    }

    /// How many notes there are of a kind.
    pub fn notes_of(&self, kind: NoteKind) -> usize {
        self.notes.iter().filter(|note| note.kind == kind).count()
    }
}

/// Runs the whole pipeline.
pub fn run(input: Input, options: &Options) -> Report {
    let configs = Configs::of(&input);
    let mut reading = match input {
        Input::Paths(paths) => read_paths(&paths, &Texts::new(), options),
        Input::Edited { paths, texts } => read_paths(&paths, &texts, options),
        Input::Texts(texts) => {
            let texts = texts.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
            read_texts(texts, options.variables.clone())
        }
        Input::Stream { path, bytes } => read_texts(vec![(path, bytes)], options.variables.clone()),
    };
    let config = match options.no_config {
        true => Config::default(),
        false => configs.read(&mut reading),
    };
    analyse(reading, config, options)
}

/// Reads what lies at some paths, with other texts for some of the files.
fn read_paths(paths: &[PathBuf], texts: &Texts, options: &Options) -> Reading {
    let (found, unreachable) = discover(paths);
    let mut reading = read_edited(found, roots_of(paths), texts, options.variables.clone());
    reading.problems.extend(unreachable.into_iter().map(|one| Problem::with_path(one.path, one.message)));
    reading
}

/// Where configuration files are looked for.
enum Configs {
    /// On disk, from these directories upwards.
    Upwards(Vec<PathBuf>),
    /// Among texts in memory.
    Texts(Vec<(PathBuf, String)>),
}

impl Configs {
    fn of(input: &Input) -> Self {
        match input {
            Input::Paths(paths) | Input::Edited { paths, .. } => Self::Upwards(roots_of(paths)),
            Input::Texts(texts) => {
                Self::Texts(texts.iter().filter(|(path, _)| Config::is_file(path)).cloned().collect())
            }
            Input::Stream { .. } => Self::Upwards(vec![PathBuf::new()]),
        }
    }

    fn read(&self, reading: &mut Reading) -> Config {
        let (sources, problems) = (&mut reading.workspace.sources, &mut reading.problems);
        match self {
            Self::Upwards(roots) => Config::find(roots, sources, problems),
            Self::Texts(texts) => Config::among(texts, sources, problems),
        }
    }
}

/// The directories below which paths given on the command line allow reading, and writing.
pub(crate) fn roots_of(paths: &[PathBuf]) -> Vec<PathBuf> {
    let folder = |path: &PathBuf| {
        if path.is_dir() { path.clone() } else { path.parent().map(Path::to_path_buf).unwrap_or_default() }
    };
    paths.iter().map(|path| crate::discover::shown(&folder(path))).collect()
}

fn analyse(reading: Reading, config: Config, options: &Options) -> Report {
    let Reading { workspace, mut problems, mut notes, .. } = reading;
    let mut lowered = frontends::lower(&workspace);
    for one in &mut lowered {
        notes.append(&mut one.notes);
    }
    let architecture = link(lowered);
    notes.extend(unresolved(&architecture, &workspace.sources));
    notes.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
    notes.dedup();

    let settings = Settings { config: &config, sources: &workspace.sources };
    let mut findings = check(&architecture, settings, options);
    let unused = suppress::apply(&workspace, &architecture, &mut findings, options);
    findings.extend(unused);
    resolve_levels(&mut findings, options);
    redact(&workspace.secrets, &mut findings, &mut notes);
    let sources = &workspace.sources;
    sort(&mut findings, sources);
    leave_named_overlays_out(&mut findings, sources);
    merge(&mut findings);
    fingerprint(&mut findings, sources);
    for finding in &mut findings {
        finding.rendered_from = sources.rendered_from(finding.primary.span).map(String::from);
    }
    fix::propose(&workspace, &architecture, &mut findings);

    let mut workloads = BTreeMap::new();
    for workload in architecture.workloads() {
        *workloads.entry(workload.kind).or_default() += 1;
    }
    problems.sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
    let files = workspace.files.len() + config.len();
    Report { files, sources: workspace.sources, findings, problems, notes, workloads }
}

/// Runs every lint over the model, in parallel.
fn check(architecture: &Architecture, settings: Settings<'_>, options: &Options) -> Vec<Finding> {
    let on = |lint: &&&'static Lint| level_of(lint, options) != Some(Level::Off);
    let run = |lint: &&'static Lint| {
        let mut context = Context::new(architecture, &options.prices, lint).with(settings);
        (lint.check)(&mut context);
        context.finish()
    };
    lints::ALL.par_iter().filter(on).flat_map_iter(run).collect()
}

/// The level that the options give a lint, if they give one.
pub(crate) fn level_of(lint: &Lint, options: &Options) -> Option<Level> {
    let names = |name: &str| name == lint.id || name == lint.category.name();
    options.levels.iter().rev().find(|(name, _)| names(name)).map(|(_, level)| *level)
}

fn resolve_levels(findings: &mut Vec<Finding>, options: &Options) {
    let levels: HashMap<&str, Option<Level>> =
        lints::ALL.iter().map(|lint| (lint.id, level_of(lint, options))).collect();
    for finding in findings.iter_mut() {
        if let Some(Some(level)) = levels.get(finding.lint) {
            finding.level = *level;
        }
    }
    findings.retain(|finding| finding.level != Level::Off);
}

fn sort(findings: &mut [Finding], sources: &Sources) {
    let path = |finding: &Finding| sources.get(finding.primary.span.file).path();
    findings.sort_by(|a, b| {
        let by_place = path(a).cmp(path(b)).then(a.primary.span.start.cmp(&b.primary.span.start));
        by_place.then_with(|| a.lint.cmp(b.lint)).then_with(|| a.message.cmp(&b.message))
    });
}

/// Where a label stands in the overlay itself, it need not be named.
fn leave_named_overlays_out(findings: &mut [Finding], sources: &Sources) {
    for finding in findings.iter_mut().filter(|finding| !finding.overlays.is_empty()) {
        let mut paths = finding.labels().map(|label| sources.get(label.span.file).path());
        let is_named = finding.unit == "." || paths.any(|path| path.starts_with(&finding.unit));
        drop(paths);
        if is_named {
            finding.overlays.clear();
        }
    }
}

/// Leaves one finding for one cause at one place: of a module that several roots call, of a block that makes many
/// instances, of a setting that several inherit. The message says how many more there are. Takes sorted findings.
fn merge(findings: &mut Vec<Finding>) {
    let mut first_of = HashMap::new();
    let mut more: HashMap<usize, BTreeSet<String>> = HashMap::new();
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings.drain(..) {
        let cause = (finding.lint, finding.primary.span, finding.level, finding.is_active(), without_subject(&finding));
        let at = *first_of.entry(cause).or_insert(kept.len());
        let Some(first) = kept.get_mut(at) else {
            kept.push(finding);
            continue;
        };
        if first.subject.name != finding.subject.name {
            more.entry(at).or_default().insert(finding.subject.name);
        }
        let overlays = finding.overlays.iter().filter(|overlay| !first.overlays.contains(overlay));
        let overlays: Vec<String> = overlays.cloned().collect();
        first.overlays.extend(overlays);
        first.things.extend(finding.things);
        // A value that is overridden for one of them is so for each. What is added to a list is added once.
        let is_set = |proposal: &Proposal| proposal.changes.iter().all(|change| matches!(change, Change::Set { .. }));
        for proposal in finding.proposals.into_iter().filter(is_set) {
            if let Some(same) = first.proposals.iter_mut().find(|same| same.title == proposal.title) {
                same.changes.extend(proposal.changes);
            }
        }
        // Whoever suffers from it is shown.
        let labelled: HashSet<Span> = first.labels().map(|label| label.span).collect();
        first.related.extend(finding.related.into_iter().filter(|label| !labelled.contains(&label.span)));
    }
    for (at, names) in more {
        if let Some(first) = kept.get_mut(at) {
            first.message.push_str(&format!("; {} more like it", names.len()));
        }
    }
    *findings = kept;
}

/// A message without the name of what it is about, and without what tells the instances of one block apart.
fn without_subject(finding: &Finding) -> String {
    without_instances(&finding.message.replace(&format!("`{}`", finding.subject.name), "``"))
}

/// A text without `["a"]` and `[0]`.
fn without_instances(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(open) = rest.find('[') {
        let end = match rest[open..].strip_prefix("[\"") {
            Some(key) => key.find("\"]").map(|end| end + 4),
            None => rest[open..].find(']').map(|end| end + 1),
        };
        let Some(end) = end else { break };
        text.push_str(&rest[..open]);
        rest = &rest[open + end..];
    }
    text + rest
}

/// Keys that survive moved lines: path, lint, unit and subject, and a count where these are equal.
fn fingerprint(findings: &mut [Finding], sources: &Sources) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let path = sources.get(finding.primary.span.file).display_path();
        let key = format!("{path}\0{}\0{}\0{}", finding.lint, finding.unit, finding.subject.name);
        let number = seen.entry(key.clone()).or_default();
        finding.fingerprint = format!("{:016x}", fnv(format!("{key}\0{number}").as_bytes()));
        *number += 1;
    }
}

/// FNV-1a, 64 bits: a hash that stays the same from release to release.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A note for each value that lints would judge and that could not be resolved.
fn unresolved(architecture: &Architecture, sources: &Sources) -> Vec<Note> {
    let note = |open: Unresolved<'_>| Note {
        kind: NoteKind::Unresolved,
        path: sources.get(open.span.file).path().to_path_buf(),
        line: sources.start(open.span).line,
        message: format!("{} of {}: {}", open.name, open.owner, open.why),
    };
    architecture.unresolved().into_iter().map(note).collect()
}

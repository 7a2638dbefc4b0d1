//! Configuration files: what a project asks of archlint, beyond what its infrastructure code says.
//!
//! A file is called `archlint.yaml` (or `.archlint.yaml`, `archlint.yml`, `.archlint.yml`) and holds for everything
//! below its directory that no nearer one is about. Called by [`crate::engine`], which looks for files from each scanned
//! root upwards and asks [`Config`] on behalf of lints. A file that cannot be read or understood is a [`Problem`]; the
//! rest of the run goes on without it.

use crate::discover::{reason, shown};
use crate::lints::nearest_name;
use crate::read::Problem;
use crate::source::{SourceId, Sources, Span, normalize};
use crate::tree::MAX_FILE_BYTES;
use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;
use serde_yaml::{Error, Location, Spanned};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a configuration file may be called; of several in one directory the first counts, and the others are problems.
pub const NAMES: [&str; 4] = ["archlint.yaml", ".archlint.yaml", "archlint.yml", ".archlint.yml"];

/// What the configuration files of a run say.
#[derive(Debug, Default)]
pub struct Config {
    /// The directory that paths of sources are relative to; empty for texts in memory.
    base: PathBuf,
    /// The files by their directories.
    files: BTreeMap<PathBuf, File>,
}

/// One file that was understood.
#[derive(Debug)]
struct File {
    source: SourceId,
    policy: Policy,
    overrides: Vec<(Vec<GlobMatcher>, Policy)>,
}

/// What has to hold for an architecture.
#[derive(Debug, Clone, Copy, Default)]
struct Policy {
    portability: Option<(Portability, Location)>,
}

/// Whether ties to one provider are wanted to be reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Portability {
    Off,
    Required,
}

/// A file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    policy: Option<WrittenPolicy>,
    #[serde(default)]
    overrides: Vec<WrittenOverride>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPolicy {
    portability: Option<Spanned<Portability>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOverride {
    paths: Vec<Spanned<String>>,
    policy: Option<WrittenPolicy>,
}

impl From<Option<WrittenPolicy>> for Policy {
    fn from(written: Option<WrittenPolicy>) -> Self {
        let portability = written.and_then(|policy| policy.portability);
        Self { portability: portability.map(|set| (set.value, set.referenced)) }
    }
}

impl Config {
    /// Reads the files that hold for the scanned roots: for each the nearest one, up to the root of its repository.
    pub fn find(roots: &[PathBuf], sources: &mut Sources, problems: &mut Vec<Problem>) -> Self {
        let base = std::env::current_dir().unwrap_or_default();
        let mut config = Self { base: base.clone(), files: BTreeMap::new() };
        for root in roots {
            let Some((directory, names)) = upwards(&normalize(&base.join(root))) else { continue };
            if config.files.contains_key(&directory) {
                continue;
            }
            let mut names = names.into_iter();
            let path = names.next().map(|name| directory.join(name)).unwrap_or_default();
            problems.extend(names.map(|name| second(&shown(&directory.join(name)), &path)));
            match text(&path) {
                Ok(text) => config.take(directory, shown(&path), text, sources, problems),
                Err(message) => problems.push(Problem::with_path(shown(&path), message)),
            }
        }
        problems.dedup();
        config
    }

    /// Takes the files among texts in memory.
    pub fn among(texts: &[(PathBuf, String)], sources: &mut Sources, problems: &mut Vec<Problem>) -> Self {
        let mut config = Self::default();
        for name in NAMES {
            for (path, text) in texts.iter().filter(|(path, _)| path.file_name().is_some_and(|own| own == name)) {
                let path = normalize(path);
                let directory = path.parent().map(Path::to_path_buf).unwrap_or_default();
                match config.files.get(&directory) {
                    Some(first) => problems.push(second(&path, sources.get(first.source).path())),
                    None => config.take(directory, path, text.clone(), sources, problems),
                }
            }
        }
        config
    }

    /// Whether a path is that of a configuration file.
    pub fn is_file(path: &Path) -> bool {
        path.file_name().is_some_and(|own| NAMES.iter().any(|name| own == *name))
    }

    /// How many files were understood.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Where it is asked that what a source declares is not tied to one provider.
    pub fn asks_for_portability(&self, path: &Path, sources: &Sources) -> Option<Span> {
        let (file, policy) = self.policy(path);
        let (value, place) = policy.portability?;
        let file = file?;
        (value == Portability::Required).then(|| span_of(sources, file.source, place))
    }

    /// The policy that holds for a path: of the nearest file, of its overrides the last one that says anything.
    fn policy(&self, path: &Path) -> (Option<&File>, Policy) {
        let path = normalize(&self.base.join(path));
        let nearest = path.ancestors().skip(1).find_map(|directory| Some((directory, self.files.get(directory)?)));
        let Some((directory, file)) = nearest else { return (None, Policy::default()) };
        let relative = path.strip_prefix(directory).unwrap_or(&path);
        let fits = |globs: &[GlobMatcher]| {
            let mut parts = relative.ancestors().filter(|part| !part.as_os_str().is_empty());
            parts.any(|part| globs.iter().any(|glob| glob.is_match(part)))
        };
        let mut policy = file.policy;
        for (_, other) in file.overrides.iter().filter(|(globs, _)| fits(globs)) {
            policy.portability = other.portability.or(policy.portability);
        }
        (Some(file), policy)
    }

    fn take(
        &mut self,
        directory: PathBuf,
        path: PathBuf,
        text: String,
        sources: &mut Sources,
        problems: &mut Vec<Problem>,
    ) {
        let source = sources.add(path, text.as_str());
        let is_blank = text.lines().all(|line| matches!(line.trim_start().chars().next(), None | Some('#')));
        let written = if is_blank { Ok(WrittenFile::default()) } else { serde_yaml::from_str(&text) };
        match written.map_err(|error| understood(&error)).and_then(|file| File::of(source, file)) {
            Ok(file) => {
                self.files.insert(directory, file);
            }
            Err((message, place)) => problems.push(problem(sources, source, place, message)),
        }
    }
}

/// What is wrong with a file, and where.
type Fault = (String, Option<Location>);

impl File {
    fn of(source: SourceId, written: WrittenFile) -> Result<Self, Fault> {
        let overrides = written.overrides.into_iter().map(|one| {
            let globs: Result<Vec<GlobMatcher>, Fault> = one.paths.iter().map(glob).collect();
            Ok((globs?, Policy::from(one.policy)))
        });
        Ok(Self { source, policy: written.policy.into(), overrides: overrides.collect::<Result<_, Fault>>()? })
    }
}

fn glob(written: &Spanned<String>) -> Result<GlobMatcher, Fault> {
    let pattern = written.value.strip_prefix("./").unwrap_or(&written.value).trim_end_matches('/');
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| {
        (format!("`{}` is no pattern of paths: {}", written.value, error.kind()), Some(written.referenced))
    })
}

/// The nearest directory with configuration files, from a directory upwards, and their names.
fn upwards(root: &Path) -> Option<(PathBuf, Vec<&'static str>)> {
    for directory in root.ancestors() {
        let names: Vec<&str> = NAMES.into_iter().filter(|name| directory.join(name).is_file()).collect();
        if !names.is_empty() {
            return Some((directory.to_path_buf(), names));
        }
        if directory.join(".git").exists() {
            return None;
        }
    }
    None
}

fn text(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| reason(&error))?.len();
    if size > MAX_FILE_BYTES {
        return Err(format!("larger than the limit of {} MiB", MAX_FILE_BYTES / 1024 / 1024));
    }
    let bytes = std::fs::read(path).map_err(|error| reason(&error))?;
    String::from_utf8(bytes).map_err(|_| "not valid UTF-8".to_string())
}

/// That a directory has more than one file.
fn second(path: &Path, first: &Path) -> Problem {
    let name = first.file_name().unwrap_or_default().to_string_lossy();
    Problem::with_path(path.to_path_buf(), format!("`{name}` is there as well, and is the one that is read"))
}

/// What the parser has to say, in the words of archlint.
fn understood(error: &Error) -> Fault {
    let error = error.without_snippet();
    let listed = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let message = match error {
        Error::SerdeUnknownField { field, expected, .. } => match nearest_name(field, expected.iter().copied()) {
            Some(near) => format!("there is no key `{field}` here; did you mean `{near}`?"),
            None => format!("there is no key `{field}` here; there are {}", listed(expected)),
        },
        Error::SerdeUnknownVariant { variant, expected, .. } => match nearest_name(variant, expected.iter().copied()) {
            Some(near) => format!("`{variant}` is none of the values here; did you mean `{near}`?"),
            None => format!("`{variant}` is none of the values here, which are {}", listed(expected)),
        },
        Error::SerdeMissingField { field, .. } => format!("the key `{field}` is missing here"),
        other => first_line(&other.to_string()),
    };
    (message, error.location())
}

fn first_line(text: &str) -> String {
    // The place is told in front of every message.
    let line = text.lines().next().unwrap_or_default();
    line.split(" at line ").next().unwrap_or_default().trim_end_matches('.').to_string()
}

fn problem(sources: &Sources, source: SourceId, place: Option<Location>, message: String) -> Problem {
    let span = place.map(|place| span_of(sources, source, place));
    let start = span.map(|span| sources.start(span));
    Problem {
        path: sources.get(source).path().to_path_buf(),
        span,
        line: start.map_or(1, |start| start.line),
        column: start.map_or(1, |start| start.column),
        message,
    }
}

/// The word at a place.
fn span_of(sources: &Sources, source: SourceId, place: Location) -> Span {
    let file = sources.get(source);
    let number = |number: u64| usize::try_from(number).unwrap_or_default();
    let line = file.line_range(number(place.line())).unwrap_or(0..0);
    let text = file.text().get(line.clone()).unwrap_or_default();
    let column = number(place.column()).saturating_sub(1);
    let start = text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
    let rest = text.get(start..).unwrap_or_default();
    let length = rest.find([' ', ',', ':', '}', ']', '\t']).unwrap_or(rest.len());
    Span::new(source, line.start + start, line.start + start + length)
}

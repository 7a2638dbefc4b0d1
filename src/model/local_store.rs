//! What a workload is told to keep in files of its own instance: SQLite databases, sessions, uploads, by the names and
//! values of environment variables and by arguments.

use super::workload::Variable;
use super::{Container, Platform, Scratch, VolumeKind, Workload, WorkloadKind, storage::is_within};
use crate::source::Span;
use crate::value::{Data, Part, Value};

/// Something that is kept in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// A SQLite database, by the URL of a connection.
    Sqlite,
    /// A database, by the name of the variable.
    Database,
    /// A file that is called like a database.
    DatabaseFile,
    /// Sessions of users.
    Sessions,
    /// Files that users send.
    Uploads,
}

/// Where the files lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// The directory for temporary files.
    Temporary,
    /// The directory with the code, in which a function cannot write.
    ReadOnly,
    /// The container's own layer, or a volume that ends with the instance.
    Instance,
}

/// A setting that keeps something in files of the instance.
#[derive(Debug)]
pub struct LocalStore<'w> {
    /// The variable; `None`: an argument.
    pub variable: Option<&'w str>,
    /// Where the value stands.
    pub span: Option<Span>,
    /// The value.
    pub value: &'w Value,
    /// What is kept.
    pub kept: Kept,
    /// Where the files lie.
    pub ground: Ground,
}

impl Workload {
    /// What it is told to keep in files that end with its instance, on platforms that start and stop instances by
    /// themselves.
    pub fn local_stores(&self) -> Vec<LocalStore<'_>> {
        let on_demand = matches!(
            self.platform,
            Platform::CloudRun | Platform::AzureContainerApps | Platform::Knative if self.kind == WorkloadKind::Service
        );
        let mut found = Vec::new();
        if self.kind == WorkloadKind::Function {
            found.extend(self.environment.iter().filter_map(|variable| {
                let (kept, path) = stored(variable)?;
                Some(LocalStore { ground: self.ground_of_function(&path)?, ..of(variable, kept) })
            }));
        }
        for container in self.main_containers().filter(|_| on_demand) {
            found.extend(container.environment.iter().filter_map(|variable| {
                let (kept, path) = stored(variable)?;
                Some(LocalStore { ground: self.ground_in(container, &path)?, ..of(variable, kept) })
            }));
            found.extend(container.command.iter().filter_map(|word| {
                let text = start_of(word)?;
                let path = sqlite(text).or_else(|| sqlite(text.split_once('=')?.1))?;
                let ground = self.ground_in(container, &path)?;
                let span = word.origin.site();
                Some(LocalStore { variable: None, span, value: word, kept: Kept::Sqlite, ground })
            }));
        }
        found
    }

    fn ground_of_function(&self, path: &Path<'_>) -> Option<Ground> {
        match path {
            Path::Absolute(path) if is_within(path, "/tmp") => Some(Ground::Temporary),
            Path::Absolute(path) if self.platform == Platform::AwsLambda && is_within(path, "/var/task") => {
                Some(Ground::ReadOnly)
            }
            // A function of AWS runs in the directory with its code.
            Path::Relative if self.platform == Platform::AwsLambda => Some(Ground::ReadOnly),
            _ => None,
        }
    }

    fn ground_in(&self, container: &Container, path: &Path<'_>) -> Option<Ground> {
        let Path::Absolute(path) = path else {
            // In which directory it runs is not known: it may be a volume.
            return (!self.may_keep_files(container)).then_some(Ground::Instance);
        };
        let is_known = |mount: &super::Mount| mount.path.set().is_some() && self.mounted(mount).is_some();
        if !container.mounts.iter().all(is_known) {
            return None;
        }
        match self.volume_at(container, path).map(|volume| &volume.kind) {
            None if is_within(path, "/tmp") => Some(Ground::Temporary),
            None | Some(VolumeKind::Scratch(Scratch::EmptyDir | Scratch::Task)) => Some(Ground::Instance),
            Some(_) => None,
        }
    }
}

fn of(variable: &Variable, kept: Kept) -> LocalStore<'_> {
    let span = variable.value.origin.site();
    let ground = Ground::Temporary;
    LocalStore { variable: Some(&variable.name), span, value: &variable.value, kept, ground }
}

/// A path, as far as its start is known.
enum Path<'t> {
    Absolute(&'t str),
    Relative,
}

/// What a variable keeps in files, and where.
fn stored(variable: &Variable) -> Option<(Kept, Path<'_>)> {
    let text = start_of(&variable.value)?;
    if let Some(path) = sqlite(text) {
        return Some((Kept::Sqlite, path));
    }
    let kept = match &*variable.name.to_ascii_uppercase() {
        "DB_PATH" | "DB_FILE" | "DATABASE_PATH" | "DATABASE_FILE" | "SQLITE_PATH" | "SQLITE_FILE" | "SQLITE_DB" => {
            Kept::Database
        }
        "SESSION_DIR" | "SESSION_PATH" | "SESSIONS_DIR" | "SESSION_FILE_DIR" => Kept::Sessions,
        "UPLOAD_DIR" | "UPLOAD_PATH" | "UPLOADS_DIR" | "UPLOAD_FOLDER" => Kept::Uploads,
        _ if is_database_file(&variable.value) => Kept::DatabaseFile,
        _ => return None,
    };
    // What lies elsewhere may be a database that came with the code and is only read.
    let is_bundled = match kept {
        Kept::DatabaseFile => !is_within(text, "/tmp"),
        Kept::Database => is_within(text, "/var/task"),
        _ => false,
    };
    (text.starts_with('/') && !is_bundled).then_some((kept, Path::Absolute(text)))
}

/// The file of a SQLite database that a URL names; `None` for those in memory and those that are only read.
fn sqlite(text: &str) -> Option<Path<'_>> {
    let lower = text.to_ascii_lowercase();
    if [":memory:", "mode=memory", "mode=ro", "immutable=1"].iter().any(|mark| lower.contains(mark)) {
        return None;
    }
    let path = if let Some(path) = text.strip_prefix("jdbc:sqlite:") {
        path
    } else if let Some((scheme, path)) = text.split_once(":///") {
        matches!(scheme, "sqlite" | "sqlite3" | "sqlite+pysqlite" | "sqlite+aiosqlite").then_some(path)?
    } else {
        text.strip_prefix("file:").filter(|path| has_database_end(path.split('?').next().unwrap_or_default()))?
    };
    let is_absolute = path.starts_with('/');
    (!path.is_empty()).then_some(if is_absolute { Path::Absolute(path) } else { Path::Relative })
}

fn is_database_file(value: &Value) -> bool {
    matches!(value.known(), Some(Data::Text(text)) if has_database_end(text))
}

fn has_database_end(path: &str) -> bool {
    [".db", ".sqlite", ".sqlite3"].iter().any(|end| path.ends_with(end))
}

/// A text, or the start of one whose rest is not known.
fn start_of(value: &Value) -> Option<&str> {
    match value.known()? {
        Data::Text(text) => Some(text),
        Data::Template(parts) => match parts.first()? {
            Part::Text(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

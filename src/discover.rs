//! The first stage: which files there are, and what each of them may be, by its name and a cheap look inside.
//!
//! Called by [`crate::engine`]. Directories are walked with the ignore files that Git and ripgrep honour and with
//! `.archlintignore`; a file named on the command line is always taken.

use crate::source::normalize;
use std::path::{Path, PathBuf};

/// What a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A Serverless Framework service.
    Serverless,
    /// A file that names several services of the Serverless Framework.
    Compose,
    /// A Serverless Framework service that is written as a program.
    Program,
    /// A `kustomization.yaml`.
    Kustomization,
    /// YAML that may be a template or manifests; frontends look at its documents.
    Yaml,
    /// JSON that may be a template, manifests or a service.
    Json,
    /// Terraform or OpenTofu configuration (`.tf`, `.tofu`).
    Terraform,
    /// Terraform configuration as JSON (`.tf.json`).
    TerraformJson,
    /// Values of Terraform variables (`.tfvars`).
    TerraformValues,
    /// Terragrunt's own configuration, read for the names of the variables that it sets.
    Terragrunt,
    /// A Helm chart's template, or another one that becomes YAML only when it is rendered.
    Unrendered,
    /// Read only because another file includes it.
    Included,
    /// A text that a Terraform configuration reads with `file` or `templatefile`.
    Text,
}

impl FileKind {
    /// What the name of a file says; `None` for files that are none of archlint's business.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        if matches!(name.as_str(), "kustomization" | "kustomization.yaml" | "kustomization.yml") {
            return Some(Self::Kustomization);
        }
        if matches!(name.as_str(), "terragrunt.hcl" | "root.hcl") {
            return Some(Self::Terragrunt);
        }
        let extension = name.rsplit_once('.').map(|(_, extension)| extension)?;
        Some(match extension {
            "tf" | "tofu" => Self::Terraform,
            "tfvars" => Self::TerraformValues,
            "json" if name.ends_with(".tf.json") || name.ends_with(".tofu.json") => Self::TerraformJson,
            "json" if name.ends_with(".tfvars.json") => Self::TerraformValues,
            "ts" | "mts" | "js" | "cjs" | "mjs"
                if name.len() == "serverless.".len() + extension.len() && name.starts_with("serverless.") =>
            {
                Self::Program
            }
            "yml" | "yaml" | "json" if name.starts_with("serverless-compose.") => Self::Compose,
            "json" if is_service(&name) => Self::Serverless,
            "json" | "template" => Self::Json,
            "yml" | "yaml" if is_service(&name) => Self::Serverless,
            "yml" | "yaml" if chart_of(path).is_some() => Self::Unrendered,
            "yml" | "yaml" => Self::Yaml,
            _ => return None,
        })
    }
}

impl FileKind {
    /// Terraform configuration, in either syntax.
    pub fn is_configuration(self) -> bool {
        matches!(self, Self::Terraform | Self::TerraformJson)
    }

    /// Part of what one run of Terraform in its directory would read.
    fn is_terraform(self) -> bool {
        matches!(self, Self::Terraform | Self::TerraformJson | Self::TerraformValues | Self::Terragrunt)
    }
}

/// `serverless.yml`, `serverless.yaml`, `serverless.json`, and variants such as `serverless.prod.yml`.
fn is_service(name: &str) -> bool {
    name.starts_with("serverless.") || name.starts_with("serverless-")
}

/// The Helm chart whose `templates/` a file lies in, as a directory.
pub fn chart_of(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find_map(|folder| {
        let chart = folder.parent().filter(|_| folder.file_name().is_some_and(|name| name == "templates"))?;
        chart.join(CHART).is_file().then_some(chart)
    })
}

/// How the names of files begin that `--fix` writes before it renames them. Nothing reads them, should one be left behind.
pub const TEMPORARY: &str = ".archlint-fix-";

/// The file that makes a directory a Helm chart.
pub const CHART: &str = "Chart.yaml";

/// One file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is, relative to the working directory where possible.
    pub path: PathBuf,
    /// What it may hold.
    pub kind: FileKind,
}

/// What cannot be read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreachable {
    /// The path as given or found.
    pub path: PathBuf,
    /// Why, lower case, without a full stop.
    pub message: String,
}

/// The files below some paths, sorted, and what could not be reached.
pub fn discover(paths: &[PathBuf]) -> (Vec<Found>, Vec<Unreachable>) {
    let mut found = Vec::new();
    let mut unreachable = Vec::new();
    for path in paths {
        match std::fs::metadata(path) {
            Err(error) => unreachable.push(Unreachable { path: path.clone(), message: reason(&error) }),
            Ok(metadata) if metadata.is_dir() => walk(path, &mut found, &mut unreachable),
            Ok(_) => match FileKind::of(path) {
                Some(kind) => take_named(path, kind, &mut found),
                None => unreachable.push(Unreachable {
                    path: path.clone(),
                    message: "not a file that archlint reads: .yml, .yaml, .json, .tf, .tofu or .tfvars".into(),
                }),
            },
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.dedup_by(|a, b| a.path == b.path);
    (found, unreachable)
}

/// A file named on the command line. A Terraform module is all files of its directory, so these come along.
fn take_named(path: &Path, kind: FileKind, found: &mut Vec<Found>) {
    found.push(Found { path: shown(path), kind });
    if !kind.is_terraform() {
        return;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let sibling = entry.path();
        if let Some(kind) = FileKind::of(&sibling).filter(|kind| kind.is_terraform() && sibling.is_file()) {
            found.push(Found { path: shown(&sibling), kind });
        }
    }
}

fn walk(root: &Path, found: &mut Vec<Found>, unreachable: &mut Vec<Unreachable>) {
    let walker = ignore::WalkBuilder::new(root)
        .hidden(false)
        .require_git(false)
        .add_custom_ignore_filename(".archlintignore")
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
            !(is_directory
                && matches!(&*name, ".git" | ".terraform" | ".terragrunt-cache" | ".serverless" | "node_modules"))
        })
        .build();
    for entry in walker {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                if let Some(kind) = FileKind::of(entry.path()) {
                    found.push(Found { path: shown(entry.path()), kind });
                }
            }
            Ok(_) => {}
            Err(error) => {
                let path = path_of(&error).unwrap_or_else(|| root.to_path_buf());
                let message = error.io_error().map_or_else(|| error.to_string(), reason);
                unreachable.push(Unreachable { path: shown(&path), message });
            }
        }
    }
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child.clone()),
        _ => None,
    }
}

/// Why a file cannot be read, in words that do not change from system to system.
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

/// A path as it is shown: relative to the working directory where it lies below it.
pub fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    normalize(path.strip_prefix(&here).unwrap_or(path))
}

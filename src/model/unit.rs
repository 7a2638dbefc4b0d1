//! Units: what belongs together. Names, selectors and owners join inside one unit only.

use crate::source::{Span, slashed};
use crate::value::Sourced;
use std::path::PathBuf;
use std::sync::Arc;

/// Names one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub(crate) u32);

/// Which dialect declared a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One Serverless Framework service.
    Serverless,
    /// One CloudFormation or SAM template with its nested stacks.
    CloudFormation,
    /// Kubernetes manifests that could be applied at once.
    Kubernetes,
    /// One Terraform root module.
    Terraform,
}

/// One service, template, root module or set of manifests.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Which dialect it is written in.
    pub format: Format,
    /// Its own name, or else its place: service name, template path, directory.
    pub name: Arc<str>,
    /// The file or directory it is read from.
    pub path: PathBuf,
    /// Whether a kustomization says that all of it is deployed at once. Plain manifests that lie in a directory may be
    /// alternatives.
    pub is_whole: bool,
}

impl Unit {
    /// A unit that goes by its place.
    pub(crate) fn at(format: Format, path: PathBuf) -> Self {
        let shown = slashed(&path);
        let name = if shown.is_empty() { ".".into() } else { shown.into() };
        Self { format, name, path, is_whole: false }
    }
}

/// Who a declared thing is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The unit that declares it.
    pub unit: UnitId,
    /// Unique within the unit and the way references there name it: `aws_sqs_queue.jobs`, `Jobs`,
    /// `Deployment/shop/web`, `functions.checkout`.
    pub address: Arc<str>,
    /// What people call it in its own files: the Terraform label, the logical id, the object's name.
    pub label: Arc<str>,
    /// The name it gets on the platform, if it is written; joins across units go by it.
    pub name: Sourced<Option<Arc<str>>>,
    /// Where the label stands: what a finding points at when it is about the thing as a whole.
    pub span: Span,
}

/// Where a unit is deployed to; a list that is empty is not known.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// All regions that its things may be in.
    pub regions: Vec<Arc<str>>,
    /// All accounts that they may be in.
    pub accounts: Vec<Arc<str>>,
}

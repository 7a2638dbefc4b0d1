//! Which of the three syntaxes a file is written in: what the read stage parses it as, and a fix writes it in.

use super::{Tree, hcl, json, terraform_json, yaml};
use crate::discover::FileKind;
use crate::source::SourceId;
use std::path::Path;
use std::sync::Arc;

/// A syntax, and the shape that its trees get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// YAML, with any number of documents.
    Yaml,
    /// JSON.
    Json,
    /// Terraform's configuration language.
    Hcl,
    /// The same configuration in JSON, in the shape of HCL.
    TerraformJson,
}

impl Syntax {
    /// The syntax of a file; `None` for texts that are no data.
    pub fn of(kind: FileKind, path: &Path, text: &str) -> Option<Self> {
        let has_extension = |name: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(name));
        let is_json = ["json", "tfstate"].into_iter().any(has_extension)
            || has_extension("template") && text.trim_start().starts_with('{');
        Some(match kind {
            FileKind::Unrendered | FileKind::Text => return None,
            FileKind::TerraformJson => Self::TerraformJson,
            _ if is_json => Self::Json,
            FileKind::Terraform | FileKind::TerraformValues | FileKind::Terragrunt => Self::Hcl,
            _ => Self::Yaml,
        })
    }

    /// Reads a text.
    pub fn parse(self, source: SourceId, text: Arc<str>) -> Tree {
        match self {
            Self::Yaml => yaml::parse(source, text),
            Self::Json => json::parse(source, text),
            Self::Hcl => hcl::parse(source, text),
            Self::TerraformJson => terraform_json::parse(source, text),
        }
    }
}

//! What other configurations declare and this one reads back: data sources by name, parameters of the SSM parameter
//! store, outputs in the state of another root module.
//!
//! What they hold is only known at deployment. Which thing is meant is known nevertheless, where the name is written:
//! such a value is a reference to an address that [`crate::link`] follows across units.

use super::module::Module;
use super::scope::{Env, Evaluator, ROOT, Step, unknown};
use super::terragrunt::outputs_of;
use crate::frontends::aws::POLICY_DOCUMENT;
use crate::frontends::resource::{Resource, Resources};
use crate::model::{Export, Place, exported};
use crate::source::{normalize, slashed};
use crate::tree::NodeRef;
use crate::value::{Data, How, Origin, Reference, Sourced, Unknown, Value, View};
use std::path::Path;
use std::sync::Arc;

/// The type that stands for an output of the root module among its resources.
pub(super) const OUTPUT: &str = "output";

/// The attribute that names what a data source looks up, for those whose things may be in the scanned set.
fn naming_attribute(kind: &str) -> Option<&'static str> {
    match kind {
        "aws_sqs_queue"
        | "aws_ssm_parameter"
        | "aws_kinesis_stream"
        | "aws_dynamodb_table"
        | "aws_sns_topic"
        | "aws_cloudformation_export"
        | "aws_cloudformation_stack" => Some("name"),
        "aws_lambda_function" => Some("function_name"),
        "aws_s3_bucket" => Some("bucket"),
        "aws_db_instance" => Some("db_instance_identifier"),
        "aws_rds_cluster" => Some("cluster_identifier"),
        "aws_ecs_cluster" => Some("cluster_name"),
        "aws_eks_cluster" => Some("name"),
        _ => None,
    }
}

/// What Google's policies that data sources write out are declared as.
pub(super) const GOOGLE_POLICY: &str = "data.google_iam_policy";

/// As what a data source is declared that is a single policy written out in its block.
pub(super) fn written_out(kind: &str, block: NodeRef<'_>) -> Option<&'static str> {
    let policy = match kind {
        "aws_iam_policy_document" => POLICY_DOCUMENT,
        "google_iam_policy" => GOOGLE_POLICY,
        _ => return None,
    };
    ["count", "for_each"].iter().all(|key| block.get(key).is_none()).then_some(policy)
}

impl<'w> Evaluator<'w> {
    /// A part of a data source.
    pub(super) fn data_source(&mut self, steps: &[Step<'w>], env: Env<'_>, node: NodeRef<'w>) -> Value {
        let address = self.looked_up(steps, env);
        match address {
            Some(address) => {
                let reference = Reference { address: address.into(), attribute: "".into() };
                let origin = Origin::new(How::Reference(node.slice().into()), node.span());
                Sourced::new(Data::Reference(reference), origin)
            }
            None => unknown(Unknown::AtDeployment(node.slice().into()), node.span()),
        }
    }

    fn looked_up(&mut self, steps: &[Step<'w>], env: Env<'_>) -> Option<String> {
        let [Step::Name(kind), Step::Name(label), behind @ ..] = steps else { return None };
        let attribute = match behind {
            [Step::Index(_), Step::Name(attribute), ..] | [Step::Name(attribute), ..] => *attribute,
            _ => return None,
        };
        let block = self.scope(env.scope).module.data.get(&(*kind, *label)).copied()?;
        let is_text = matches!(attribute, "json" | "minified_json" | "policy_data");
        if let Some(policy) = written_out(kind, block).filter(|_| is_text) {
            return Some(format!("{}{policy}.{label}", self.scope(env.scope).prefix));
        }
        if *kind == "terraform_remote_state" {
            let [Step::Name("outputs"), Step::Name(output)] = behind else { return None };
            return Some(exported::output(&self.remote_state(block, env)?, output));
        }
        if *kind == "tfe_outputs" {
            let [Step::Name("values" | "nonsensitive_values"), Step::Name(output)] = behind else { return None };
            return Some(exported::output(&self.workspace_state(block, env)?, output));
        }
        let written = block.get(naming_attribute(kind)?)?;
        let name = self.evaluate(written, Env::of(env.scope)).known()?.to_text()?;
        match (*kind, attribute) {
            ("aws_cloudformation_export", "value") => exported::import(&text(&name)),
            ("aws_cloudformation_stack", "outputs") => {
                let output = match behind.last()? {
                    Step::Name(output) if behind.len() > 1 => Arc::from(*output),
                    Step::Index(output) => self.evaluate(*output, Env::of(env.scope)).known()?.to_text()?,
                    Step::Name(_) => return None,
                };
                Some(exported::stack_output(&name, &output))
            }
            ("aws_cloudformation_export" | "aws_cloudformation_stack", _) => None,
            ("aws_ssm_parameter", "value" | "insecure_value") => Some(exported::parameter(&name)),
            ("aws_ssm_parameter", _) => None,
            (_, "arn" | "url" | "id" | "name" | "bucket" | "function_name" | "invoke_arn" | "stream_arn") => {
                Some(exported::thing(kind, &name))
            }
            _ => None,
        }
    }

    /// Where the providers of AWS deploy to. A provider of which it is not known leaves all of it unknown, and one that
    /// a called module configures may be for that module only.
    pub(super) fn place<'m>(&mut self, modules: impl Iterator<Item = &'m Module<'w>>) -> Place
    where
        'w: 'm,
    {
        let root = self.root().module;
        let configured: usize = modules.map(|module| module.aws_providers.len()).sum();
        let providers = &root.aws_providers;
        if configured != providers.len() {
            return Place::default();
        }
        let mut texts = |key: &str| -> Option<Vec<Arc<str>>> {
            let mut all = Vec::new();
            for provider in providers {
                let value = self.remembered(ROOT, provider.get(key)?);
                let items = View::new(&value, None).items();
                let known: Vec<_> = items.iter().filter_map(|item| item.known_text()).collect();
                if known.is_empty() || known.len() != items.len() {
                    return None;
                }
                all.extend(known);
            }
            Some(all)
        };
        Place {
            regions: texts("region").unwrap_or_default(),
            accounts: texts("allowed_account_ids").unwrap_or_default(),
        }
    }

    /// Which state a data source reads.
    fn remote_state(&mut self, block: NodeRef<'w>, env: Env<'_>) -> Option<String> {
        let backend = block.get("backend")?.as_str()?;
        let config = self.evaluate(block.get("config")?, Env::of(env.scope));
        let root = self.root().module.directory.clone();
        state(backend, &root, |path| View::new(&config, None).at(path).known_text())
    }

    /// Which state of Terraform Cloud a data source reads.
    fn workspace_state(&mut self, block: NodeRef<'w>, env: Env<'_>) -> Option<String> {
        let mut text = |key: &str| self.evaluate(block.get(key)?, Env::of(env.scope)).known()?.to_text();
        let (organization, workspace) = (text("organization")?, text("workspace")?);
        state("cloud", Path::new(""), |path| match path {
            ["organization"] => Some(organization.clone()),
            _ => Some(workspace.clone()),
        })
    }
}

/// Known text as a value.
fn text(text: &Arc<str>) -> Value {
    Sourced::new(Data::Text(text.clone()), Origin::new(How::Absent, None))
}

/// The identity of a state: what of a backend's configuration says where it lies. `None` where a part is missing.
fn state(backend: &str, root: &Path, config: impl Fn(&[&'static str]) -> Option<Arc<str>>) -> Option<String> {
    let parts = match backend {
        "local" => {
            let path = config(&["path"]).unwrap_or_else(|| "terraform.tfstate".into());
            return Some(format!("local {}", slashed(&normalize(&root.join(&*path)))));
        }
        "s3" => vec![config(&["bucket"])?, config(&["key"])?],
        "gcs" => vec![config(&["bucket"])?, config(&["prefix"])?.trim_matches('/').into()],
        "azurerm" => vec![config(&["storage_account_name"])?, config(&["container_name"])?, config(&["key"])?],
        "remote" | "cloud" => {
            let parts = [config(&["organization"])?, config(&["workspaces", "name"])?];
            return Some(format!("workspace {}", parts.join("/")));
        }
        _ => return None,
    };
    Some(format!("{backend} {}", parts.join("/")))
}

/// What the root module's own state is called, where its configuration says so in full.
pub(super) fn own_state(root: &Module<'_>) -> Option<String> {
    let Some((backend, block)) = root.backend else { return state("local", &root.directory, |_| None) };
    let written = |path: &[&str]| path.iter().try_fold(block, |node, key| node.get(key))?.as_str().map(Arc::from);
    state(backend, &root.directory, written)
}

/// What a root module hands on to others: its outputs by its own place, and where it is said by that of its state.
pub(super) fn exports(state: Option<&str>, module: &Path, resources: &Resources) -> Vec<Export> {
    let mut exports = Vec::new();
    for parameter in resources.of("aws_ssm_parameter") {
        let value = parameter.view().first(&["value", "insecure_value"]);
        if let (Some(name), Some(value)) = (parameter.view().get("name").known_text(), value.value()) {
            exports.push(Export { address: exported::parameter(&name).into(), value: value.clone() });
        }
    }
    let of_module = outputs_of(module);
    for of in state.into_iter().chain([of_module.as_str()]) {
        let export = |output: &Resource| Export {
            address: exported::output(of, &output.label).into(),
            value: output.body.clone(),
        };
        exports.extend(resources.of(OUTPUT).map(export));
    }
    exports
}

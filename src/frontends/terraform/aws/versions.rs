//! How references to functions would name a published version instead, for the fixes that lead callers there.

use crate::frontends::resource::{Resource, Resources};
use crate::value::{Data, Reference, Value};
use std::collections::HashMap;
use std::sync::Arc;

const FUNCTION: &str = "aws_lambda_function";
const ALIAS: &str = "aws_lambda_alias";

/// What callers of a function should name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    /// The version that it publishes.
    Version,
    /// An alias, by its address.
    Alias(Arc<str>),
    /// One of several, or something that cannot be told.
    Undecided,
}

/// What callers should name, by the address of the function; those that are not in it have no alias.
#[derive(Debug, Default)]
pub(super) struct Versions(HashMap<Arc<str>, Named>);

impl Versions {
    /// Looks at what keeps instances ready first: what it keeps them for is what has to be called.
    pub fn of(resources: &Resources) -> Self {
        let mut versions = HashMap::new();
        for config in resources.of("aws_lambda_provisioned_concurrency_config") {
            let named = match resources.referred(config.view().get("qualifier")) {
                Some(alias) if &*alias.kind == ALIAS => Named::Alias(alias.address.clone()),
                Some(function) if &*function.kind == FUNCTION => Named::Version,
                _ => Named::Undecided,
            };
            note(&mut versions, resources, config, named);
        }
        let mut others = HashMap::new();
        for alias in resources.of(ALIAS) {
            let version = alias.view().get("function_version");
            let is_published = resources.referred(version).is_some_and(|function| &*function.kind == FUNCTION);
            let named = if is_published { Named::Alias(alias.address.clone()) } else { Named::Undecided };
            note(&mut others, resources, alias, named);
        }
        for (function, named) in others {
            versions.entry(function).or_insert(named);
        }
        Self(versions)
    }

    /// How a reference to a function would name the version to call.
    pub fn called(&self, written: &Value) -> Option<Arc<str>> {
        let (function, attribute) = direct(written)?;
        match self.0.get(function) {
            Some(Named::Alias(alias)) => match attribute {
                "arn" | "invoke_arn" => Some(format!("{}.{attribute}", beside(function, alias)?).into()),
                _ => None,
            },
            Some(Named::Undecided) => None,
            Some(Named::Version) | None => of_function(written),
        }
    }

    /// The qualifier beside a reference to a function that makes it name the same.
    pub fn qualifier(&self, written: &Value) -> Option<Arc<str>> {
        let (function, attribute) = direct(written)?;
        let named = self.0.get(function);
        match (named, attribute) {
            (Some(Named::Undecided), _) => None,
            (Some(Named::Alias(alias)), _) => Some(format!("{}.name", beside(function, alias)?).into()),
            (_, "function_name" | "arn" | "id") => Some(format!("{}.version", local(function)).into()),
            (_, "lambda_function_name" | "lambda_function_arn") => {
                Some(format!("{}.lambda_function_version", local(function)).into())
            }
            _ => None,
        }
    }
}

fn note(versions: &mut HashMap<Arc<str>, Named>, resources: &Resources, resource: &Resource, named: Named) {
    let function = match resources.referred(resource.view().get("function_name")) {
        Some(alias) if &*alias.kind == ALIAS => resources.referred(alias.view().get("function_name")),
        function => function,
    };
    let Some(function) = function else { return };
    let known = versions.entry(function.address.clone()).or_insert_with(|| named.clone());
    if *known != named {
        *known = Named::Undecided;
    }
}

/// How a reference to a function would name the version that it publishes.
pub(super) fn of_function(written: &Value) -> Option<Arc<str>> {
    let (function, attribute) = direct(written)?;
    let (prefix, rest) = match attribute.strip_prefix("lambda_function_") {
        Some(rest) => ("lambda_function_", rest),
        None => ("", attribute),
    };
    matches!(rest, "arn" | "invoke_arn").then(|| format!("{}.{prefix}qualified_{rest}", local(function)).into())
}

/// The address and the attribute of a reference that names a function itself, the only one of its block.
fn direct(written: &Value) -> Option<(&str, &str)> {
    let Some(Data::Reference(Reference { address, attribute })) = written.known() else { return None };
    let is_direct = written.origin.steps().nth(1).is_none() && !address.contains('[');
    is_direct.then_some((address, attribute))
}

/// An alias as the module of its function calls it.
fn beside<'a>(function: &str, alias: &'a str) -> Option<&'a str> {
    let module = function.strip_suffix(local(function))?;
    let name = alias.strip_prefix(module)?;
    (name == local(alias) && !alias.contains('[')).then_some(name)
}

/// An address without the modules that it lies in: within a module nobody writes the module's own name.
fn local(address: &str) -> &str {
    let starts = [FUNCTION, ALIAS].iter().filter_map(|kind| address.find(&format!("{kind}.")));
    let start = starts.min().or_else(|| address.rfind("module.")).unwrap_or(0);
    address.get(start..).unwrap_or(address)
}

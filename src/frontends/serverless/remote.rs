//! What a service reads of other stacks and hands on to them: `${cf:}`, `${ssm:}`, `${output:}`; its outputs under the
//! name of its stack. Called by [`super::variables`] for what is read and by [`super::lower`] for what is handed on.

use super::functions::Function;
use super::places::value_at;
use super::variables::ServiceReader;
use crate::frontends::cloudformation::{self, Template, handed_on};
use crate::model::{Export, exported};
use crate::source::Span;
use crate::value::{Data, Origin, Reference, Sourced, Value, View};
use std::sync::Arc;

/// What a variable `text` reads of another stack: `kind(parameter):address`. `None` for what is read from elsewhere.
pub(super) fn read(text: &str, kind: &str, parameter: &str, address: &str, span: Span) -> Option<Value> {
    let (kind, behind) = kind.split_once('.').unwrap_or((kind, ""));
    // The region stands behind the kind, or in front of other settings in brackets.
    let region = if behind.is_empty() { parameter.split(',').next().unwrap_or_default().trim() } else { behind };
    let region = if region.contains('-') { region } else { "" };
    let address = match kind {
        "cf" => {
            let (stack, output) = address.split_once('.')?;
            exported::stack_output(stack, output)
        }
        "ssm" => exported::parameter(address.split('~').next().unwrap_or(address)),
        "output" => {
            let (service, key) = address.rsplit(':').next()?.split_once('.')?;
            exported::output(&service_outputs(service), key)
        }
        _ => return None,
    };
    Some(handed_on(address, region, format!("${{{text}}}").into(), Some(span)))
}

/// What the outputs of a service on the framework's dashboard are called among states.
fn service_outputs(service: &str) -> String {
    format!("service {service}")
}

/// The name of the stack that a service is deployed as.
pub(super) fn stack_name(reader: &mut ServiceReader<'_>, service: Option<&str>) -> Option<Arc<str>> {
    match value_at(reader, "provider.stackName") {
        Some(named) => named.value.known().and_then(Data::to_text),
        None => super::prefix(reader, service).map(Into::into),
    }
}

/// What a service hands on: the outputs that it writes and those that the framework adds, by the name of its stack.
pub(super) fn exports(
    reader: &mut ServiceReader<'_>,
    template: &mut Template,
    functions: &[Function],
    service: Option<&str>,
) -> Vec<Export> {
    let mut exports = Vec::new();
    let composed = reader.language.composed();
    if let Some(document) = value_at(reader, "resources").map(|solved| solved.value) {
        for part in View::new(&document, None).items().iter().filter_map(|part| part.value()) {
            exports.extend(cloudformation::outputs(template, part.get("Outputs"), composed.as_deref()));
        }
    }
    if let Some(stack) = template.stack() {
        exports.extend(functions.iter().map(|function| {
            let address = exported::stack_output(&stack, &format!("{}QualifiedArn", function.address));
            let reference = Reference { address: function.address.clone(), attribute: "qualifiedArn".into() };
            let value = Sourced::new(Data::Reference(reference), Origin::literal(function.span));
            Export { address: address.into(), value }
        }));
    }
    let outputs = value_at(reader, "outputs").map(|solved| template.resolve(&solved.value));
    if let (Some(outputs), Some(service)) = (outputs, service) {
        exports.extend(View::new(&outputs, None).entries().into_iter().filter_map(|(entry, view)| {
            let address = exported::output(&service_outputs(service), &entry.name).into();
            Some(Export { address, value: view.value()?.clone() })
        }));
    }
    exports
}

//! What stacks hand on to others and read from them: outputs, exports, parameters of the SSM parameter store, dynamic
//! references. Called by [`super::resolve`] for what is read, and by this frontend and the serverless one for what is
//! handed on.

use super::Template;
use crate::frontends::document::{TextBudget, assemble};
use crate::frontends::resource::Resources;
use crate::model::{Export, exported};
use crate::source::Span;
use crate::value::{Data, HandedOn, How, Origin, Part, Reference, Sourced, Unknown, Value, View};
use std::sync::Arc;

/// How a dynamic reference begins.
const DYNAMIC: &str = "{{resolve:";

/// What another unit hands on at an address, as `text` reads it.
pub(crate) fn handed_on(address: String, region: &str, text: Arc<str>, site: Option<Span>) -> Value {
    let origin = Origin::new(How::Reference(text.clone()), site);
    Sourced::unknown(reading(address, region, text), origin)
}

fn reading(address: String, region: &str, text: Arc<str>) -> Unknown {
    let reference = Reference { address: address.into(), attribute: region.into() };
    Unknown::HandedOn(Arc::new(HandedOn { text, reference }))
}

/// What `Fn::ImportValue` stands for.
pub(super) fn imported(name: &Value, origin: &Origin) -> Value {
    let address = exported::import(name);
    let spelled = address.as_deref().and_then(exported::stack_export).unwrap_or("an export");
    let text: Arc<str> = format!("Fn::ImportValue {spelled}").into();
    match address {
        Some(address) => handed_on(address, "", text, origin.site()),
        None => Sourced::unknown(Unknown::AtDeployment(text), origin.clone()),
    }
}

/// A text with its dynamic references, such as `{{resolve:ssm:/shop/jobs:1}}`, followed. One whose name has gaps that
/// are still to be filled stays as it is.
pub(super) fn with_dynamic(value: Value, texts: &mut TextBudget) -> Value {
    let Some(Data::Text(text)) = value.known() else { return value };
    if !text.contains(DYNAMIC) {
        return value;
    }
    let mut parts = Vec::new();
    let mut rest: &str = text;
    while let Some(start) = rest.find(DYNAMIC) {
        let Some(length) = rest[start..].find("}}") else { break };
        let (before, reference) = (&rest[..start], &rest[start + DYNAMIC.len()..start + length]);
        if reference.contains("${") {
            return value;
        }
        parts.push(Part::Text(before.into()));
        parts.push(dynamic(reference));
        rest = &rest[start + length + 2..];
    }
    parts.push(Part::Text(rest.into()));
    parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    let origin = match parts.as_slice() {
        [Part::Unknown(_)] => Origin::new(How::Reference(text.clone()), value.origin.site()),
        _ => value.origin.clone(),
    };
    assemble(parts, origin, texts)
}

/// `ssm:/shop/jobs:1`, or something that only the platform may know.
fn dynamic(reference: &str) -> Part {
    match reference.split_once(':') {
        Some(("ssm", name)) => {
            let parameter = exported::parameter(name.split(':').next().unwrap_or(name));
            Part::Unknown(reading(parameter, "", format!("{DYNAMIC}{reference}}}}}").into()))
        }
        // Secrets are nobody's business.
        _ => Part::Unknown(Unknown::AtDeployment("{{resolve:..}}".into())),
    }
}

/// What the resources of a unit put into the parameter store.
pub(crate) fn parameters(resources: &Resources) -> impl Iterator<Item = Export> {
    resources.of("AWS::SSM::Parameter").filter_map(|parameter| {
        let name = parameter.view().get("Name").known_text()?;
        let value = parameter.view().get("Value").value()?.clone();
        Some(Export { address: exported::parameter(&name).into(), value })
    })
}

/// What a section `Outputs` hands on: under the name of its stack where that is known, as an export, and under what else
/// its outputs are called.
pub(crate) fn outputs(template: &mut Template, section: Option<&Value>, also: Option<&str>) -> Vec<Export> {
    let Some(section) = section else { return Vec::new() };
    let mut exports = Vec::new();
    let section = Sourced::new(Data::Object(template.section(section).into()), section.origin.clone());
    for (entry, view) in View::new(&section, None).entries() {
        let condition = view.get("Condition").known_text();
        let is_off = condition.is_some_and(|condition| template.condition(&condition, 0) == Ok(false));
        let Some(value) = view.get("Value").value().filter(|_| !is_off) else { continue };
        let value = template.resolve(value);
        let name = view.at(&["Export", "Name"]).value().map(|name| template.resolve(name));
        let stack = template.stack().map(|stack| exported::stack_output(&stack, &entry.name));
        let addresses = name.as_ref().and_then(exported::import).into_iter().chain(stack);
        let addresses = addresses.chain(also.map(|also| exported::output(also, &entry.name)));
        exports.extend(addresses.map(|address| Export { address: address.into(), value: value.clone() }));
    }
    exports
}

/// A parameter of a template whose value is read from the parameter store: its default is the name there.
pub(super) fn stored(default: &Value, text: Arc<str>, site: Option<Span>) -> Option<Value> {
    let name: Arc<str> = default.known()?.to_text()?;
    Some(handed_on(exported::parameter(&name), "", text, site))
}

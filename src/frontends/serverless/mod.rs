//! Services of the Serverless Framework, versions 1 to 4, in YAML and JSON.
//!
//! `resources` of a service is a CloudFormation template: it goes through that frontend's code into the same unit, so
//! that events, resources and functions refer to each other.

mod detect;
mod events;
mod functions;
mod includes;
mod remote;
mod syntax;
mod variables;

use crate::frontends::cloudformation::{self, Lowering, Template, take_declarations};
use crate::frontends::document::joined_entries;
use crate::frontends::resource::Resources;
use crate::frontends::triggers::always_on;
use crate::frontends::{Plan, states};
use crate::model::{Declarations, Platform, UnitId};
use crate::read::{Note, NoteKind, Workspace};
use crate::value::{Data, Entry, How, Origin, Reference, Sourced, Value, View};
use functions::{Function, Functions, Stage};
use std::collections::HashMap;
use std::sync::Arc;
use variables::{Service, ServiceReader, value_at};

pub(crate) use detect::units;
pub use includes::included_paths;
pub(crate) use includes::included_sources;

/// Lowers one service.
pub(crate) fn lower(workspace: &Workspace, unit: UnitId, plan: &Plan, notes: &mut Vec<Note>) -> Declarations {
    let Some(member) = plan.members.first() else { return Declarations::default() };
    let root = workspace.file(member.source).and_then(|file| file.tree.documents().nth(member.document));
    let Some(root) = root else { return Declarations::default() };
    let mut reader = Service::reader(workspace, root);
    let mut note = |name: &str, value: &Value| {
        let (Some(why), Some(span)) = (value.why_unknown(), value.origin.site()) else { return };
        notes.push(workspace.note(NoteKind::Unresolved, span, format!("`{name}` of this service: {why}")));
    };

    let (template, section) =
        resources(&mut reader, workspace.variables.region.as_deref(), |value| note("resources", value));
    let mut template = template;
    let service = service_name(&mut reader);
    template.set_stack(remote::stack_name(&mut reader, service.as_deref()));
    let resources = Resources::new(cloudformation::resources(&mut template, section.as_ref()));
    let mut lowering = Lowering::new(unit, &resources, workspace);
    lowering.lower_all();

    let functions = functions(&mut reader, &mut template, |value| note("functions", value));
    let provider = value_at(&mut reader, "provider").map(|solved| template.resolve(&solved.value));
    let provider = provider.unwrap_or_else(|| Sourced::new(Data::Null, Origin::literal(root.span())));
    let platform = platform(View::new(&provider, None).get("name"));
    let settings = Functions {
        unit,
        provider: View::new(&provider, None),
        platform,
        stage: stage(&mut reader, workspace),
        service: service.clone(),
    };
    settings.lower(functions.as_slice(), &resources, &mut lowering);
    state_machines(&mut reader, &mut template, &functions, &mut lowering);
    let mut declarations = lowering.finish(notes);
    declarations.exports = remote::exports(&mut reader, &mut template, &functions, service.as_deref());
    declarations.exports.extend(cloudformation::parameters(&resources));
    declarations.place.regions.extend(View::new(&provider, None).get("region").known_text());
    declared(&mut reader, &functions, &mut declarations);
    declarations
}

/// The CloudFormation part: the sections that functions refer to, and all its resources as one section.
fn resources(
    reader: &mut ServiceReader<'_>,
    region: Option<&str>,
    mut unknown: impl FnMut(&Value),
) -> (Template, Option<Value>) {
    let nothing = || Template::new(&Sourced::new(Data::Null, Origin::new(How::Absent, None)), region);
    let Some(document) = value_at(reader, "resources").map(|solved| solved.value) else { return (nothing(), None) };
    let mut template = nothing();
    let mut entries = Vec::new();
    for part in parts(&document, &mut unknown) {
        template.add(part);
        if let Some(section) = part.get("Resources") {
            entries.extend(joined_entries(section, &mut unknown));
        }
    }
    (template, Some(Sourced::new(Data::Object(entries.into()), document.origin.clone())))
}

/// A value that may be written as a list of parts.
fn parts<'v>(value: &'v Value, unknown: &mut impl FnMut(&Value)) -> Vec<&'v Value> {
    match value.known() {
        Some(Data::List(items)) => {
            items.iter().filter(|item| item.known().is_none()).for_each(unknown);
            items.iter().filter(|item| item.known().is_some()).collect()
        }
        Some(_) => vec![value],
        None => {
            unknown(value);
            Vec::new()
        }
    }
}

fn functions(reader: &mut ServiceReader<'_>, template: &mut Template, unknown: impl FnMut(&Value)) -> Vec<Function> {
    let Some(section) = value_at(reader, "functions") else { return Vec::new() };
    let entries: Arc<[Entry]> = joined_entries(&section.value, unknown).into();
    let section = Sourced::new(Data::Object(entries), section.value.origin);
    View::new(&section, None)
        .entries()
        .into_iter()
        .filter_map(|(entry, _)| {
            let span = entry.key?;
            let body = template.resolve(&entry.value);
            Some(Function { key: entry.name.clone(), span, address: logical_id(&entry.name).into(), body })
        })
        .collect()
}

/// The name that the framework gives a function in the template it makes.
fn logical_id(key: &str) -> String {
    let plain = key.replace('-', "Dash").replace('_', "Underscore");
    let mut characters = plain.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}LambdaFunction", characters.as_str())
}

fn platform(name: View<'_>) -> Platform {
    if name.is_absent() {
        return Platform::AwsLambda;
    }
    match name.known_text().as_deref() {
        Some("aws") => Platform::AwsLambda,
        Some("google") => Platform::GoogleFunctions1,
        Some("azure") => Platform::AzureFunctions,
        _ => Platform::Other,
    }
}

fn service_name(reader: &mut ServiceReader<'_>) -> Option<Arc<str>> {
    let service = value_at(reader, "service")?.value;
    let named = service.get("name").cloned().unwrap_or(service);
    named.known().and_then(Data::to_text)
}

/// The stage, as far as someone has written it down. A default for when the command line names none is no statement
/// about where the service runs.
fn stage(reader: &mut ServiceReader<'_>, workspace: &Workspace) -> Stage {
    if let Some(stage) = &workspace.variables.stage {
        let origin = Origin::new(How::VariableSet("stage".into()), None);
        return Sourced::new(Some(stage.as_str().into()), origin);
    }
    let Some(solved) = value_at(reader, "provider.stage") else { return Sourced::absent(None) };
    if solved.value.origin.passes(|how| matches!(how, How::VariableDefault(_) | How::Computed)) {
        return Sourced::absent(None);
    }
    View::new(&solved.value, None).text()
}

/// State machines of the `serverless-step-functions` plugin, which name functions by their key.
fn state_machines(
    reader: &mut ServiceReader<'_>,
    template: &mut Template,
    functions: &[Function],
    lowering: &mut Lowering<'_>,
) {
    let Some(machines) = value_at(reader, "stepFunctions.stateMachines") else { return };
    let addresses: HashMap<&str, &Arc<str>> =
        functions.iter().map(|function| (&*function.key, &function.address)).collect();
    let machines = template.resolve(&machines.value);
    for (_, machine) in View::new(&machines, None).entries() {
        let Some(definition) = machine.get("definition").value() else { continue };
        for mut task in states::tasks(definition) {
            if let Some(Data::Reference(reference)) = task.call.known()
                && let Some(address) = addresses.get(&*reference.address)
            {
                let reference = Reference { address: (*address).clone(), attribute: reference.attribute.clone() };
                task.call = Sourced::new(Data::Reference(reference), task.call.origin.clone());
            }
            let Some(span) = task.span else { continue };
            let kind = task.kind();
            lowering.trigger(span, task.call, always_on(), kind);
        }
    }
}

/// What `custom.archlint.<function>` says.
fn declared(reader: &mut ServiceReader<'_>, functions: &[Function], declarations: &mut Declarations) {
    let Some(custom) = value_at(reader, "custom.archlint") else { return };
    let keys: HashMap<&str, &Arc<str>> = functions.iter().map(|function| (&*function.key, &function.address)).collect();
    let index: HashMap<Arc<str>, usize> = declarations
        .workloads
        .iter()
        .enumerate()
        .map(|(at, workload)| (workload.identity.address.clone(), at))
        .collect();
    for (entry, view) in View::new(&custom.value, None).entries() {
        let workload = keys.get(&*entry.name).and_then(|address| index.get(*address));
        if let Some(workload) = workload.and_then(|at| declarations.workloads.get_mut(*at)) {
            take_declarations(view, &mut workload.declared, &mut workload.allows);
        }
    }
}

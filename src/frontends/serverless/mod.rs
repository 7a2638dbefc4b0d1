//! Services of the Serverless Framework, versions 1 to 4, in YAML and JSON.
//!
//! `resources` of a service is a CloudFormation template: it goes through that frontend's code into the same unit, so
//! that events, resources and functions refer to each other.

mod compose;
mod detect;
mod dotenv;
mod events;
mod extensions;
mod functions;
mod includes;
mod places;
mod plugins;
mod remote;
mod sources;
mod syntax;
mod variables;

use crate::frontends::Plan;
use crate::frontends::cloudformation::{self, Lowering, Template, take_declarations};
use crate::frontends::document::joined_entries;
use crate::frontends::resource::Resources;
use crate::model::{Declarations, Platform, UnitId};
use crate::read::{Note, NoteKind, Workspace};
use crate::value::{Data, Entry, How, Origin, Sourced, Value, View};
use functions::{Function, Functions, Stage};
use places::value_at;
use plugins::Warmers;
use sources::stage_name;
use std::collections::HashMap;
use std::sync::Arc;
use variables::{Service, ServiceReader};

pub(crate) use compose::{Composition, compositions};
pub(crate) use detect::units;
pub(crate) use includes::{Inclusion, inclusion};

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

    let (mut template, mut sections) =
        resources(&mut reader, workspace.variables.region.as_deref(), |value| note("resources", value));
    let service = service_name(&mut reader);
    template.set_stack(remote::stack_name(&mut reader, service.as_deref()));
    let mut functions = functions(&mut reader, &mut template, |value| note("functions", value));
    let changes = extensions::take(&mut sections, &mut functions, &mut template);
    let resources = Resources::new(cloudformation::resources(&mut template, Some(&sections.resources)));
    let mut lowering = Lowering::new(unit, &resources, workspace);
    lowering.lower_all();

    let provider = value_at(&mut reader, "provider").map(|solved| template.resolve(&solved.value));
    let provider = provider.unwrap_or_else(|| Sourced::new(Data::Null, Origin::literal(root.span())));
    let platform = platform(View::new(&provider, None).get("name"));
    let settings = Functions {
        unit,
        provider: View::new(&provider, None),
        platform,
        stage: stage(&mut reader, workspace),
        default_stage: stage_name(&mut reader, 0).ok().map(Into::into),
        prefix: prefix(&mut reader, service.as_deref()),
        warmers: Warmers::of(&mut reader),
        changes,
    };
    settings.lower(functions.as_slice(), &resources, &mut lowering);
    plugins::triggers(&mut reader, &mut template, &functions, settings.prefix.as_deref(), &mut lowering);
    let mut declarations = lowering.finish(notes);
    declarations.exports = remote::exports(&mut reader, &mut template, &functions, service.as_deref());
    declarations.exports.extend(cloudformation::parameters(&resources));
    declarations.place.regions.extend(View::new(&provider, None).get("region").known_text());
    declared(&mut reader, &functions, &mut declarations);
    declarations
}

/// What a service says about its template.
struct Sections {
    /// Further resources, and changes of generated ones.
    resources: Value,
    /// Changes of generated resources (`resources.extensions`).
    extensions: Value,
}

/// The CloudFormation part: the sections that functions refer to, and all its resources as one section.
fn resources(
    reader: &mut ServiceReader<'_>,
    region: Option<&str>,
    mut unknown: impl FnMut(&Value),
) -> (Template, Sections) {
    let nothing = Sourced::new(Data::Null, Origin::new(How::Absent, None));
    let mut template = Template::new(&nothing, region);
    let document = value_at(reader, "resources").map_or(nothing, |solved| solved.value);
    let (mut entries, mut extensions) = (Vec::new(), Vec::new());
    for part in parts(&document, &mut unknown) {
        template.add(part);
        for (key, into) in [("Resources", &mut entries), ("extensions", &mut extensions)] {
            if let Some(section) = part.get(key) {
                into.extend(joined_entries(section, &mut unknown));
            }
        }
    }
    let section = |entries: Vec<Entry>| Sourced::new(Data::Object(entries.into()), document.origin.clone());
    (template, Sections { resources: section(entries), extensions: section(extensions) })
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
            let condition = View::new(&body, span).get("condition").known_text();
            if condition.is_some_and(|condition| template.condition(&condition, 0) == Ok(false)) {
                return None;
            }
            let address = logical_id(&entry.name).into();
            Some(Function { key: entry.name.clone(), span, address, body, overrides: Vec::new() })
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

/// `service-stage`, as texts in the same service spell it.
fn prefix(reader: &mut ServiceReader<'_>, service: Option<&str>) -> Option<String> {
    Some(format!("{}-{}", service?, stage_name(reader, 0).ok()?))
}

/// The stage, as far as someone has written it down. A default for when the command line names none is no statement
/// about where the service runs.
fn stage(reader: &mut ServiceReader<'_>, workspace: &Workspace) -> Stage {
    if let Some(stage) = &workspace.variables.stage {
        let origin = Origin::new(How::VariableSet("stage".into()), None);
        return Sourced::new(Some(stage.as_str().into()), origin);
    }
    let Some(solved) = value_at(reader, "provider.stage") else { return Sourced::absent(None) };
    let is_left_open = |how: &How| match how {
        How::VariableDefault(_) | How::Computed => true,
        // What stands behind an option that is not given is a default, wherever it is kept.
        How::Reference(text) => text.contains("opt:"),
        _ => false,
    };
    if solved.value.origin.passes(is_left_open) {
        return Sourced::absent(None);
    }
    View::new(&solved.value, None).text()
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

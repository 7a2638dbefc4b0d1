//! CloudFormation and SAM templates, in YAML and JSON. The serverless frontend hands its `resources` to the same code.

mod api;
mod containers;
mod detect;
mod events;
mod exchange;
mod files;
mod functions;
mod globals;
mod lower;
mod open_api;
mod resolve;
mod sources;
mod stacks;
mod state_machines;

use crate::frontends::Plan;
use crate::frontends::document::{Language, Reader, Solved};
use crate::frontends::resource::{Condition, Resource, Resources};
use crate::frontends::scalar::Scalars;
use crate::model::{Declarations, Declared, DeclaredAllow, Export, UnitId};
use crate::read::{Note, NoteKind, Workspace};
use crate::source::Span;
use crate::tree::NodeRef;
use crate::value::{Data, Entry, How, Origin, Slot, Sourced, Unknown, Value, View};
use globals::Globals;
use resolve::Remark;
use std::sync::Arc;

pub(crate) use detect::units;
pub(crate) use exchange::{handed_on, outputs, parameters};
pub(crate) use files::named_files;
pub(crate) use lower::Lowering;
pub(crate) use resolve::Template;

/// Templates have no syntax of their own inside texts: `Fn::Sub` is an object like any other function.
struct PlainText;

impl<'w> Language<'w> for PlainText {
    const SCALARS: Scalars = Scalars::Version11;

    fn is_special(&self, _: &str) -> bool {
        false
    }

    fn evaluate(_: &mut Reader<'w, Self>, node: NodeRef<'w>, _: &'w str, _: usize) -> Solved {
        Solved::unknown(Unknown::NotEvaluated("this text".into()), node.span())
    }
}

/// The document at a node, nothing in it evaluated.
fn document(root: NodeRef<'_>) -> Value {
    Reader::new(PlainText).read(root, 0).value
}

/// Lowers one template with the stacks that it nests.
pub(crate) fn lower(workspace: &Workspace, unit: UnitId, plan: &Plan, notes: &mut Vec<Note>) -> Declarations {
    let stack = plan.members.first().and_then(|member| stacks::stack(workspace, *member, notes));
    let Some(stack) = stack else { return Declarations::default() };
    let mut template = Template::of_stack(stack, "".into(), workspace.variables.region.as_deref());
    template.set_parameters(|name| {
        let value = workspace.variables.parameter(name)?;
        Some(Sourced::new(Data::Text(value.into()), Origin::new(How::VariableSet(name.into()), None)))
    });
    let (mut found, mut exports) = (Vec::new(), Vec::new());
    collect(&mut template, &mut found, &mut exports);
    let remark = |one: Remark| workspace.note(NoteKind::Unresolved, one.span, format!("`{}`: {}", one.about, one.why));
    notes.extend(template.take_remarks().into_iter().map(remark));
    let resources = Resources::new(found);
    let mut lowering = Lowering::new(unit, &resources, workspace);
    lowering.lower_all();
    let mut declarations = lowering.finish(notes);
    exports.extend(parameters(&resources));
    declarations.exports = exports;
    declarations.place.regions.extend(workspace.variables.region.as_deref().map(Into::into));
    declarations
}

/// The resources of the template of a stack, and of those that it nests, and what they hand on.
fn collect(template: &mut Template, found: &mut Vec<Resource>, exports: &mut Vec<Export>) {
    let [section, handed_on] = ["Resources", "Outputs"].map(|name| template.own(name).cloned());
    found.extend(resources(template, section.as_ref()));
    exports.extend(outputs(template, handed_on.as_ref(), None));
    for name in template.nested_names() {
        // One whose condition is false has no resources.
        let remarks = template.within(&name, 0, |child| {
            collect(child, found, exports);
            child.take_remarks()
        });
        template.add_remarks(remarks.unwrap_or_default());
    }
}

/// The resources of a template that are not known to be left out, their properties resolved.
pub(crate) fn resources(template: &mut Template, section: Option<&Value>) -> Vec<Resource> {
    let Some(section) = section else { return Vec::new() };
    let section = Sourced::new(Data::Object(template.section(section).into()), section.origin.clone());
    let mut found = Vec::new();
    let mut globals = Globals::default();
    for (entry, view) in View::new(&section, None).entries() {
        let Some(kind) = view.get("Type").known_text() else { continue };
        let condition = match view.get("Condition").known_text() {
            Some(name) => match template.condition(&name, 0) {
                Ok(true) => None,
                Ok(false) => {
                    template.leave_out(&entry.name);
                    continue;
                }
                Err(why) => Some(Condition { name, why }),
            },
            None => None,
        };
        found.extend(resource(template, &mut globals, entry, kind, condition));
    }
    found.extend(implicit_api(template, &mut globals, &found));
    found
}

fn resource(
    template: &mut Template,
    globals: &mut Globals,
    entry: &Entry,
    kind: Arc<str>,
    condition: Option<Condition>,
) -> Option<Resource> {
    let span = entry.key?;
    let written = entry.value.get("Properties");
    let body = if entry.value.get("Fn::Transform").is_some() {
        // A macro changes the resource as it likes.
        Sourced::unknown(Unknown::NotEvaluated("`Fn::Transform`".into()), entry.value.origin.clone())
    } else if lower::reads(&kind) {
        globals.complete(template, &kind, written, span)
    } else {
        Sourced::new(Data::Null, Origin::literal(span))
    };
    let is_unwritten = written.is_none_or(|written| matches!(written.known(), Some(Data::Null)));
    let body = match entry.value.origin.written_at().filter(|_| is_unwritten) {
        Some(resource) => {
            let slot = Slot::new(resource, &["Properties"]);
            Sourced { origin: body.origin.with_slot(slot), value: body.value }
        }
        None => body,
    };
    let (mut declared, mut allows) = (Declared::default(), Vec::new());
    if let Some(metadata) = entry.value.get("Metadata").and_then(|metadata| metadata.get("archlint")) {
        take_declarations(View::new(metadata, span), &mut declared, &mut allows);
    }
    let address = template.address(&entry.name);
    Some(Resource { kind, address, label: entry.name.clone(), span, body, declared, allows, condition })
}

/// The API that SAM makes for events which name none, as far as `Globals` say something about it.
fn implicit_api(template: &mut Template, globals: &mut Globals, found: &[Resource]) -> Option<Resource> {
    let asks = |event: View<'_>| event.get("Type").is_text("Api") && event.at(&["Properties", "RestApiId"]).is_absent();
    let functions = found.iter().filter(|resource| &*resource.kind == "AWS::Serverless::Function");
    let mut events = functions.flat_map(|function| function.view().get("Events").entries());
    events.find(|(_, event)| asks(*event))?;
    let body = globals.of(template, "Api")?;
    let span = body.origin.site()?;
    Some(Resource {
        kind: "AWS::Serverless::Api".into(),
        address: template.address(IMPLICIT_API),
        label: IMPLICIT_API.into(),
        span,
        body,
        declared: Declared::default(),
        allows: Vec::new(),
        condition: None,
    })
}

/// What SAM calls the API that it makes.
const IMPLICIT_API: &str = "ServerlessRestApi";

/// Declarations and allows under a key that already says archlint.
pub(crate) fn take_declarations(view: View<'_>, declared: &mut Declared, allows: &mut Vec<DeclaredAllow>) {
    for (entry, value) in view.entries() {
        let span = value.span().or(entry.key);
        if &*entry.name == "allow" {
            for item in value.items() {
                let place: Option<Span> = item.span().or(span);
                if let Some((text, place)) = item.known_text().zip(place) {
                    allows.extend(DeclaredAllow::parse(&text, place));
                }
            }
        } else if let Some((text, span)) = value.known_text().zip(span) {
            declared.take(&entry.name, text, span);
        }
    }
}

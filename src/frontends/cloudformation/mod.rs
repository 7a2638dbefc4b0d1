//! CloudFormation and SAM templates, in YAML and JSON. The serverless frontend hands its `resources` to the same code.

mod api;
mod containers;
mod detect;
mod events;
mod exchange;
mod functions;
mod lower;
mod resolve;
mod sources;

use crate::frontends::document::{Language, Reader, Solved};
use crate::frontends::scalar::Scalars;
use crate::frontends::{Plan, resource::Resource};
use crate::model::{Declarations, Declared, DeclaredAllow, UnitId};
use crate::read::Workspace;
use crate::source::Span;
use crate::tree::NodeRef;
use crate::value::{Data, Entry, Origin, Sourced, Unknown, Value, View};
use std::sync::Arc;

pub(crate) use detect::units;
pub(crate) use exchange::{handed_on, outputs, parameters};
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

/// Lowers one template.
pub(crate) fn lower(workspace: &Workspace, unit: UnitId, plan: &Plan) -> Declarations {
    let Some(member) = plan.members.first() else { return Declarations::default() };
    let root = workspace.file(member.source).and_then(|file| file.tree.documents().nth(member.document));
    let Some(root) = root else { return Declarations::default() };
    let document = Reader::new(PlainText).read(root, 0).value;
    let mut template = Template::new(&document, workspace.variables.region.as_deref());
    let resources = resources(&mut template, document.get("Resources"));
    let globals = match document.get("Globals") {
        Some(globals) => template.resolve(globals),
        None => Sourced::new(Data::Null, Origin::literal(root.span())),
    };
    let resources = crate::frontends::resource::Resources::new(resources);
    let mut lowering = Lowering::new(unit, &resources);
    lowering.lower_all(View::new(&globals, None));
    let mut declarations = lowering.finish();
    declarations.exports = outputs(&mut template, document.get("Outputs"));
    declarations.exports.extend(parameters(&resources));
    declarations.place.regions.extend(workspace.variables.region.as_deref().map(Into::into));
    declarations
}

/// The resources of a template that are not known to be left out, their properties resolved.
pub(crate) fn resources(template: &mut Template, section: Option<&Value>) -> Vec<Resource> {
    let Some(section) = section else { return Vec::new() };
    let mut found = Vec::new();
    for (entry, view) in View::new(section, None).entries() {
        let Some(kind) = view.get("Type").known_text() else { continue };
        if let Some(condition) = view.get("Condition").known_text()
            && template.condition(&condition, 0) == Ok(false)
        {
            continue;
        }
        found.extend(resource(template, entry, kind));
    }
    found
}

fn resource(template: &mut Template, entry: &Entry, kind: Arc<str>) -> Option<Resource> {
    let span = entry.key?;
    let nothing = || Sourced::new(Data::Null, Origin::literal(span));
    let body = match entry.value.get("Properties") {
        Some(properties) if lower::reads(&kind) => template.resolve(properties),
        _ => nothing(),
    };
    let (mut declared, mut allows) = (Declared::default(), Vec::new());
    if let Some(metadata) = entry.value.get("Metadata").and_then(|metadata| metadata.get("archlint")) {
        take_declarations(View::new(metadata, span), &mut declared, &mut allows);
    }
    Some(Resource { kind, address: entry.name.clone(), label: entry.name.clone(), span, body, declared, allows })
}

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

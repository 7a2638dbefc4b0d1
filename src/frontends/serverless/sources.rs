//! The sources that the values of variables come from: the service itself, the command line, parameters, the
//! environment and other files. Called for each source of a variable, in the order in which they are written.

use super::compose::Composed;
use super::dotenv;
use super::places::{Place, filled, read_place, walk};
use super::syntax;
use super::variables::{ServiceReader, Site};
use crate::discover::FileKind;
use crate::frontends::document::Solved;
use crate::read::Lookup;
use crate::source::Span;
use crate::tree::NodeRef;
use crate::value::{Data, How, Origin, Sourced, Unknown};

/// The stage that the framework deploys to where nothing says otherwise.
const DEFAULT_STAGE: &str = "dev";

/// `${self:path}`
pub(super) fn own<'w>(reader: &mut ServiceReader<'w>, path: &str, depth: usize) -> Place<'w> {
    if path == "provider.stage" {
        return stage(reader, "provider.stage", depth);
    }
    let root = reader.language.root;
    match walk(reader, root, service_name(root, path).unwrap_or(path), depth) {
        Place::Nothing(_) if path == "provider.region" => match &reader.language.workspace.variables.region {
            Some(region) => set_outside("region", region),
            None => Place::Nothing(Unknown::Environment("AWS_REGION".into())),
        },
        Place::Nothing(Unknown::Missing(what)) if *what == *path => {
            Place::Nothing(Unknown::Missing(format!("${{self:{path}}}").into()))
        }
        place => place,
    }
}

/// The name of a service is `service` or `service.name`, and may be asked for as either.
fn service_name(root: NodeRef<'_>, path: &str) -> Option<&'static str> {
    let is_block = root.get("service").is_some_and(|service| service.target().is_mapping());
    match path {
        "service" if is_block => Some("service.name"),
        "service.name" if !is_block => Some("service"),
        _ => None,
    }
}

/// A text that is set from outside of the files.
fn set_outside<'w>(name: &str, value: &str) -> Place<'w> {
    let origin = Origin::new(How::VariableSet(name.into()), None);
    Place::Value(Solved::leaf(outside(value, origin)))
}

/// A text that was not written in the service. The framework looks for variables in it too; nobody does that.
fn outside(text: &str, origin: Origin) -> Sourced<Data> {
    if syntax::has_variable(text) {
        return Sourced::unknown(Unknown::NotEvaluated("variables that are set from outside".into()), origin);
    }
    Sourced::new(Data::Text(text.into()), origin)
}

/// `${opt:name}`: what the command line says.
pub(super) fn option<'w>(reader: &ServiceReader<'w>, name: &str) -> Place<'w> {
    let variables = &reader.language.workspace.variables;
    match name {
        "stage" | "s" => match &variables.stage {
            Some(stage) => set_outside("stage", stage),
            // `sls:stage` has a default, the option has none.
            None => Place::Nothing(Unknown::NoDefault("opt:stage".into())),
        },
        "region" | "r" if variables.region.is_some() => {
            set_outside("region", variables.region.as_deref().unwrap_or_default())
        }
        _ => Place::Nothing(Unknown::NoDefault(format!("opt:{name}").into())),
    }
}

/// The stage: from the command line, else `provider.stage`, else the framework's default.
pub(super) fn stage<'w>(reader: &mut ServiceReader<'w>, name: &str, depth: usize) -> Place<'w> {
    if let Some(stage) = &reader.language.workspace.variables.stage {
        return set_outside("stage", stage);
    }
    let root = reader.language.root;
    let default = || {
        let origin = Origin::new(How::VariableDefault(name.into()), None);
        Place::Value(Solved::leaf(Sourced::new(Data::Text(DEFAULT_STAGE.into()), origin)))
    };
    match walk(reader, root, "provider.stage", depth) {
        // `stage: ${opt:stage}` asks for what it is about to say.
        Place::Node(node) if reader.is_running(node) || is_followed(reader, node) => default(),
        Place::Nothing(_) => default(),
        place => match filled(reader, place, depth) {
            Place::Nothing(_) => default(),
            place => place,
        },
    }
}

/// Whether a node is being followed just now, so that following it would go in a circle.
fn is_followed<'w>(reader: &ServiceReader<'w>, node: NodeRef<'w>) -> bool {
    let target = node.target();
    reader.language.following.contains(&(target.span().file, target.id()))
}

/// The name of the stage, or why it is not known.
pub(super) fn stage_name(reader: &mut ServiceReader<'_>, depth: usize) -> Result<String, Unknown> {
    let place = stage(reader, "sls:stage", depth);
    let Ok(solved) = read_place(reader, place, depth) else { return Ok(DEFAULT_STAGE.into()) };
    match solved.value.known().and_then(Data::to_text) {
        Some(stage) => Ok(stage.to_string()),
        None => Err(solved.value.why_unknown().cloned().unwrap_or(Unknown::NoDefault("sls:stage".into()))),
    }
}

/// `${param:name}`: from the command line, else of the stage, else for all stages; before and since version 4. What a
/// compose file passes was an argument on the command line before version 4 and yields to all others since.
pub(super) fn parameter<'w>(reader: &mut ServiceReader<'w>, name: &str, depth: usize) -> Place<'w> {
    if let Some(value) = reader.language.workspace.variables.parameter(name) {
        return set_outside(&format!("param:{name}"), value);
    }
    let is_argument = !reader.language.is_version_4();
    if is_argument && let Some(place) = composed(reader, name) {
        return place;
    }
    let stage = match stage_name(reader, depth) {
        Ok(stage) => stage,
        Err(why) => return Place::Value(Solved::leaf(Sourced::unknown(why, Origin::new(How::Absent, None)))),
    };
    let root = reader.language.root;
    for path in [
        format!("stages.{stage}.params.{name}"),
        format!("params.{stage}.{name}"),
        format!("stages.default.params.{name}"),
        format!("params.default.{name}"),
    ] {
        let place = walk(reader, root, &path, depth);
        match filled(reader, place, depth) {
            Place::Nothing(_) => {}
            place => return place,
        }
    }
    let composed = if is_argument { None } else { composed(reader, name) };
    composed.unwrap_or_else(|| Place::Nothing(Unknown::NoDefault(format!("param:{name}").into())))
}

/// What the compose file passes for a parameter.
fn composed<'w>(reader: &mut ServiceReader<'w>, name: &str) -> Option<Place<'w>> {
    let language = &reader.language;
    let composed = Composed::of(language.workspace, language.root.span().file)?;
    let (solved, asked) = composed.parameter(language.workspace, name)?;
    reader.language.asked.extend(asked);
    Some(Place::Value(solved))
}

/// `${env:name}`: from `--env`, else from the `.env` files that the framework reads. Its value is never shown, and
/// neither is the place in the file.
pub(super) fn environment<'w>(reader: &mut ServiceReader<'w>, name: &str, depth: usize) -> Place<'w> {
    let origin = || Origin::new(How::VariableSet(format!("env:{name}").into()), None);
    if let Some(value) = reader.language.workspace.variables.environment(name) {
        reader.language.asked.secret(name, value);
        return Place::Value(Solved::leaf(outside(value, origin())));
    }
    match dotenv::value(reader, name, depth) {
        Some(Ok(value)) => {
            reader.language.asked.secret(name, &value);
            Place::Value(Solved::leaf(outside(&value, origin())))
        }
        Some(Err(why)) => Place::Value(Solved::leaf(Sourced::unknown(why, origin()))),
        None => Place::Nothing(Unknown::Environment(name.into())),
    }
}

/// `${file(path):address}`
pub(super) fn file<'w>(reader: &mut ServiceReader<'w>, path: &str, address: &str, site: Site<'w>) -> Place<'w> {
    let unknown = |why: Unknown| Place::Value(Solved::unknown(why, site.node.span()));
    let path = unquoted(path);
    let kind = match extension(path).as_str() {
        "yml" | "yaml" | "json" | "tfstate" => FileKind::Included,
        "js" | "cjs" | "mjs" | "ts" | "cts" | "mts" => return unknown(Unknown::Program(path.into())),
        _ => FileKind::Text,
    };
    let workspace = reader.language.workspace;
    // The framework takes paths from the service's directory, also in files that lie elsewhere.
    match workspace.beside(reader.language.root.span().file, path) {
        Lookup::Found(file) => {
            reader.language.asked.included.insert(file.source);
            match file.tree.documents().next() {
                _ if kind == FileKind::Text => text_of(file.tree.text(), file.source, path),
                Some(root) => walk(reader, root, address, site.depth),
                None => Place::Nothing(Unknown::Missing(path.into())),
            }
        }
        Lookup::Outside => {
            reader.language.asked.outside(path, site.node.span());
            unknown(Unknown::OutsideRoot(path.into()))
        }
        Lookup::Missing => {
            let whole = reader.language.beside(path);
            if workspace.is_cut_off(&whole) {
                return unknown(Unknown::NotEvaluated("files that are included this deep".into()));
            }
            reader.language.asked.wanted.insert(whole, kind);
            Place::Nothing(Unknown::Missing(path.into()))
        }
    }
}

/// A file that is neither YAML nor JSON is one text. What is in the files of an environment is not shown.
fn text_of<'w>(text: &str, source: crate::source::SourceId, path: &str) -> Place<'w> {
    let is_environment = path.rsplit('/').next().is_some_and(|name| name.starts_with(".env"));
    let end = text.find('\n').unwrap_or(text.len());
    let span = (!is_environment).then(|| Span::new(source, 0, end));
    Place::Value(Solved::leaf(outside(text, Origin::new(How::Literal, span))))
}

/// The extension of a path, in lower case; empty where there is none.
fn extension(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let dot = name.rfind('.').filter(|dot| *dot > 0);
    dot.map(|dot| name[dot + 1..].to_ascii_lowercase()).unwrap_or_default()
}

/// A path or address without the quotes that it may stand in.
fn unquoted(text: &str) -> &str {
    ['\'', '"'].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(text)
}

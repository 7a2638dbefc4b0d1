//! What the variables of a service stand for. Nothing is resolved before something asks for it, so a file may refer
//! to itself in any order, as the framework allows.

use super::compose::Composed;
use super::dotenv::Dotenv;
use super::includes::Asked;
use super::places::{Place, filled, read_place};
use super::remote;
use super::sources::{environment, file, option, own, parameter, stage};
use super::syntax::{self, Piece, Source, Variable};
use crate::frontends::document::{Language, Reader, Solved, assemble, pieces_of};
use crate::frontends::scalar::{Scalars, plain_scalar};
use crate::read::Workspace;
use crate::source::{SourceId, Span, normalize};
use crate::tree::{NodeId, NodeRef};
use crate::value::{Data, Entry, How, Origin, Part, Sourced, Unknown, Value};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// Bytes of a path or address.
const MAX_SPELLED: usize = 4096;

/// One service while it is read.
pub(crate) struct Service<'w> {
    pub(super) workspace: &'w Workspace,
    pub(super) root: NodeRef<'w>,
    pub(super) following: HashSet<(SourceId, NodeId)>,
    pub(super) places: HashMap<(SourceId, NodeId), Place<'w>>,
    /// What the `.env` files say, once something asks.
    pub(super) dotenv: Option<Dotenv>,
    /// Files and variables of the environment that were asked for.
    pub(super) asked: Asked,
    /// How variables begin that have another form than `${}` (`provider.variableSyntax` of version 1).
    opening: Option<String>,
    /// `#{AWS::Region}` in a text is what `${AWS::Region}` is in `Fn::Sub`: a plugin of the time before version 3.
    has_pseudo_parameters: bool,
}

pub(crate) type ServiceReader<'w> = Reader<'w, Service<'w>>;

/// A place in the text that is being evaluated.
#[derive(Clone, Copy)]
pub(super) struct Site<'w> {
    pub node: NodeRef<'w>,
    pub text: &'w str,
    pub depth: usize,
}

impl Site<'_> {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

impl<'w> Service<'w> {
    /// A reader for a service.
    pub fn reader(workspace: &'w Workspace, root: NodeRef<'w>) -> ServiceReader<'w> {
        let opening = root.at(&["provider", "variableSyntax"]).and_then(NodeRef::as_str).and_then(opening_of);
        let mut plugins = root.get("plugins").into_iter().flat_map(NodeRef::items);
        let is_pseudo = |plugin: NodeRef| plugin.as_str().is_some_and(|name| name.contains("pseudo-parameters"));
        Reader::new(Self {
            has_pseudo_parameters: plugins.any(is_pseudo),
            workspace,
            root,
            following: HashSet::new(),
            places: HashMap::new(),
            dotenv: None,
            asked: Asked::default(),
            opening,
        })
    }

    /// What the outputs of the service are called where a compose file names it.
    pub(super) fn composed(&self) -> Option<String> {
        Composed::of(self.workspace, self.root.span().file).map(|composed| composed.outputs(self.workspace))
    }

    /// Whether variables have the form that is read here.
    pub(super) fn reads_variables(&self) -> bool {
        self.opening.is_none()
    }

    /// Whether the service is known to be deployed with version 4 of the framework or a later one.
    pub(super) fn is_version_4(&self) -> bool {
        let version = self.root.get("frameworkVersion").and_then(NodeRef::as_str);
        let plain = version.map(|version| version.trim_start_matches(['^', '~', '=', '>', 'v', ' ']));
        let says = plain.is_some_and(|plain| plain.starts_with('4') && !plain.contains(['<', '|']));
        says || ["stages", "build", "licenseKey"].iter().any(|key| self.root.get(key).is_some())
    }

    /// A path as one from the service's directory.
    pub(super) fn beside(&self, relative: &str) -> PathBuf {
        normalize(&self.workspace.folder(self.root.span().file).join(relative))
    }
}

/// What variables begin with, by the pattern that a service sets for them; `None` for the usual form.
fn opening_of(pattern: &str) -> Option<String> {
    let plain: String = pattern.chars().filter(|character| *character != '\\').collect();
    let opening: String = plain.chars().take_while(|character| *character != '(' && *character != '[').collect();
    (opening != "${").then_some(opening)
}

impl<'w> Language<'w> for Service<'w> {
    // The framework reads YAML 1.2.
    const SCALARS: Scalars = Scalars::Core;

    fn is_special(&self, text: &str) -> bool {
        let is_opened = |opening: &String| opening.is_empty() || text.contains(&**opening);
        syntax::has_variable(text)
            || self.opening.as_ref().is_some_and(is_opened)
            || self.has_pseudo_parameters && text.contains("#{")
    }

    fn evaluate(reader: &mut ServiceReader<'w>, node: NodeRef<'w>, text: &'w str, depth: usize) -> Solved {
        if !reader.language.reads_variables() {
            let why = Unknown::NotEvaluated("a `variableSyntax` of its own".into());
            return Solved::unknown(why, node.span());
        }
        let site = Site { node, text, depth };
        let pieces = syntax::pieces(text);
        if let [Piece::Variable(variable)] = pieces.as_slice() {
            return solve(reader, variable, site).via(How::Reference(variable.text.into()), node.span());
        }
        let mut parts = Vec::with_capacity(pieces.len());
        let mut secret = None;
        for piece in &pieces {
            match piece {
                Piece::Text(text) => parts.push(Part::Text((*text).into())),
                Piece::Variable(variable) => {
                    let value = solve(reader, variable, site).value;
                    parts.extend(pieces_of(&value));
                    secret = secret.or_else(|| secret_of(&value));
                }
                Piece::Unreadable(what) => {
                    return Solved::unknown(Unknown::NotEvaluated((*what).into()), node.span());
                }
            }
        }
        let origin = match secret {
            Some(secret) => Origin::new(secret, None).via(How::Computed, node.span()),
            None => Origin::new(How::Computed, node.span()),
        };
        let value = assemble(parts, origin, &mut reader.texts);
        Solved::leaf(if reader.language.has_pseudo_parameters { substituted(value) } else { value })
    }
}

/// A text with `#{}` in it as the `Fn::Sub` that the plugin makes of it.
fn substituted(value: Value) -> Value {
    let text = match value.known() {
        Some(Data::Text(text)) if text.contains("#{") => text.replace("#{", "${"),
        _ => return value,
    };
    let text = Sourced::new(Data::Text(text.into()), value.origin.clone());
    let entry = Entry { name: "Fn::Sub".into(), key: None, value: text };
    Sourced::new(Data::Object([entry].into()), value.origin)
}

/// The step of an environment variable on the way to a value: nothing may quote such a value.
fn secret_of(value: &Value) -> Option<How> {
    let is_secret = |how: &How| matches!(how, How::VariableSet(name) if name.starts_with("env:"));
    value.origin.steps().map(|step| &step.how).find(|how| is_secret(how)).cloned()
}

/// The first source that has a value.
fn solve<'w>(reader: &mut ServiceReader<'w>, variable: &Variable<'w>, site: Site<'w>) -> Solved {
    let place = place_of(reader, variable, site);
    match read_place(reader, place, site.depth) {
        Ok(solved) => solved,
        Err(why) => Solved::unknown(why, site.node.span()),
    }
}

/// Where the first source that has a value leads.
pub(super) fn place_of<'w>(reader: &mut ServiceReader<'w>, variable: &Variable<'w>, site: Site<'w>) -> Place<'w> {
    let mut nothing = None;
    for source in &variable.sources {
        let place = match source {
            Source::Nested(variable) => place_of(reader, variable, site.deeper()),
            Source::Literal { text, quoted } => {
                let data = if *quoted { Data::Text((*text).into()) } else { plain_scalar(text, Scalars::Core) };
                let name = match variable.sources.first() {
                    Some(Source::Call { text, .. }) => *text,
                    _ => variable.text,
                };
                let origin = Origin::new(How::VariableDefault(name.into()), span_of(site, text));
                // Also where it is null, which then is the value.
                return Place::Value(Solved::leaf(Sourced::new(data, origin)));
            }
            Source::Call { text, kind, parameter, address } => {
                call(reader, Call { text, kind, parameter, address }, site)
            }
        };
        match filled(reader, place, site.depth) {
            Place::Nothing(why) => nothing = nothing.or(Some(why)),
            place => return place,
        }
    }
    Place::Nothing(nothing.unwrap_or_else(|| Unknown::Missing(variable.text.into())))
}

struct Call<'c, 'w> {
    text: &'w str,
    kind: &'w str,
    parameter: &'c Option<Vec<Piece<'w>>>,
    address: &'c Option<Vec<Piece<'w>>>,
}

fn call<'w>(reader: &mut ServiceReader<'w>, call: Call<'_, 'w>, site: Site<'w>) -> Place<'w> {
    let unknown = |why: Unknown| Place::Value(Solved::unknown(why, site.node.span()));
    let argument = match call.parameter.as_ref().map(|pieces| spell(reader, pieces, site)).transpose() {
        Ok(text) => text.unwrap_or_default(),
        Err(why) => return unknown(why),
    };
    let address = match call.address.as_ref().map(|pieces| spell(reader, pieces, site)).transpose() {
        Ok(text) => text.unwrap_or_default(),
        Err(why) => return unknown(why),
    };
    match call.kind.split('.').next().unwrap_or_default() {
        "self" => own(reader, &address, site.depth),
        "file" => file(reader, &argument, &address, site),
        "opt" => option(reader, &address),
        "sls" if address == "stage" => stage(reader, "sls:stage", site.depth),
        "param" => parameter(reader, &address, site.depth),
        "env" => environment(reader, &address, site.depth),
        "strToBool" => {
            let boolean = match argument.to_ascii_lowercase().as_str() {
                "true" | "1" => true,
                "false" | "0" => false,
                _ => {
                    let why = format!("`${{{}}}` is neither true nor false", call.text);
                    return unknown(Unknown::Invalid(why.into()));
                }
            };
            let origin = Origin::new(How::Computed, site.node.span());
            Place::Value(Solved::leaf(Sourced::new(Data::Boolean(boolean), origin)))
        }
        "aws" if address == "region" => own(reader, "provider.region", site.depth),
        "cf" | "ssm" | "output" => match remote::read(call.text, call.kind, &argument, &address, site.node.span()) {
            Some(value) => Place::Value(Solved::leaf(value)),
            None => unknown(Unknown::AtDeployment(format!("${{{}}}", call.text).into())),
        },
        "s3" | "aws" | "sls" | "vault" | "doppler" | "terraform" | "secretsmanager" => {
            unknown(Unknown::AtDeployment(format!("${{{}}}", call.text).into()))
        }
        // The branch and commit that are checked out where someone deploys.
        "git" => unknown(Unknown::AtDeployment(format!("${{{}}}", call.text).into())),
        _ => unknown(Unknown::NotEvaluated(format!("`${{{}}}`", call.text).into())),
    }
}

/// The text of a path or address, variables in it resolved.
fn spell<'w>(reader: &mut ServiceReader<'w>, pieces: &[Piece<'w>], site: Site<'w>) -> Result<String, Unknown> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(more) => text.push_str(more),
            Piece::Variable(variable) => {
                let value = solve(reader, variable, site.deeper()).value;
                match value.known().map(Data::to_text) {
                    Some(Some(more)) if text.len() + more.len() < MAX_SPELLED => text.push_str(&more),
                    None => {
                        let why = value.why_unknown().cloned().map(Unknown::computed);
                        return Err(why.unwrap_or(Unknown::Missing(variable.text.into())));
                    }
                    Some(_) => return Err(Unknown::Invalid(format!("`{}` inside a name", variable.text).into())),
                }
            }
            Piece::Unreadable(what) => return Err(Unknown::NotEvaluated((*what).into())),
        }
    }
    Ok(text.trim().to_string())
}

/// Where a piece of a scalar stands, if its text is in the file as it is.
fn span_of(site: Site<'_>, part: &str) -> Span {
    let whole = site.node.span();
    let offset = (part.as_ptr() as usize).wrapping_sub(site.text.as_ptr() as usize);
    let slice = site.node.slice();
    let before = if slice == site.text {
        0
    } else if slice.len() == site.text.len() + 2 && slice.get(1..=site.text.len()) == Some(site.text) {
        1
    } else {
        return whole;
    };
    if offset + part.len() > site.text.len() {
        return whole;
    }
    Span::new(whole.file, whole.start as usize + before + offset, whole.start as usize + before + offset + part.len())
}

//! Terraform and OpenTofu: modules, their expressions, and the resources of the providers that archlint knows.
//!
//! A unit is a root module with the local modules that it calls. [`module`] gathers blocks, [`scope`] and [`variables`]
//! follow names through modules, [`instances`]
//! says what `count` and `for_each` make, [`expression`] and [`functions`] evaluate, [`expand`] turns a root module into
//! resources, and one file a provider lowers them, most of them by way of [`lowering`].

mod aws;
mod cloud_sql;
mod clusters;
mod expand;
mod expression;
mod files;
mod functions;
mod google;
mod instances;
mod kubernetes;
mod lowering;
mod machines;
mod module;
mod named;
mod planned;
mod providers;
mod registry;
mod remote;
mod scaling;
mod scope;
mod storage;
mod terragrunt;
mod variables;

use super::containers::{listed_variables, mounts};
use super::resource::{Resource, Resources};
use super::{Member, Plan};
use crate::frontends::kubernetes::quantity;
use crate::frontends::probes::{self, ProbeKeys};
use crate::model::command::command_line;
use crate::model::{Container, Declarations, Format, Ignorable, Place, Unit, UnitId};
use crate::read::{File, Note, NoteKind, Workspace};
use crate::source::{SourceId, Span};
use crate::value::{Form, Sourced, Unknown, View};
use expand::Expanded;
use lowering::{Lower, Lowering};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

pub(crate) use files::{listed_directories, named_files};

/// A unit for each directory of configuration that no other one calls as a module.
pub(crate) fn units(workspace: &Workspace) -> Vec<Plan> {
    let directories: BTreeSet<_> = workspace.directories().collect();
    let modules: Vec<_> =
        directories.into_iter().filter_map(|directory| module::module(workspace, directory)).collect();
    let mut called: BTreeSet<PathBuf> = BTreeSet::new();
    for module in &modules {
        let directories = module.calls.iter().filter_map(|call| call.directory(&module.directory));
        // A module that calls itself is still somewhere to begin.
        called.extend(directories.filter(|directory| *directory != module.directory));
    }
    let roots: Vec<_> = modules.iter().filter(|module| !called.contains(&module.directory)).collect();
    let (mut own, floating) = brought_in(workspace, &roots);
    let planned = planned::by_root(workspace, &roots);
    let taken: HashSet<SourceId> = planned.values().copied().collect();
    let alone = planned::all(workspace).map(planned::Planned::source).filter(|source| !taken.contains(source));
    let plans: Vec<Plan> = alone
        .map(|source| Plan {
            unit: Unit::at(Format::Terraform, workspace.path(source).to_path_buf()),
            members: vec![Member { source, document: 0 }],
        })
        .collect();
    roots
        .into_iter()
        .map(|module| {
            let unit = Unit::at(Format::Terraform, module.directory.clone());
            let brought_in = own.remove(module.directory.as_path()).unwrap_or_default();
            let plan = planned.get(module.directory.as_path());
            let sources = module.files.iter().chain(&brought_in).chain(&floating).chain(plan);
            let members = sources.map(|source| Member { source: *source, document: 0 }).collect();
            Plan { unit, members }
        })
        .chain(plans)
        .collect()
}

/// Files with values that only a command line or Terragrunt brings in: by the root module that they name, or lie in or
/// below,
/// and those of which nobody can tell which module they are for.
fn brought_in<'w>(
    workspace: &'w Workspace,
    roots: &[&'w module::Module<'w>],
) -> (HashMap<&'w Path, Vec<SourceId>>, Vec<SourceId>) {
    let directories: HashSet<&Path> = roots.iter().map(|module| module.directory.as_path()).collect();
    let (mut own, mut floating): (HashMap<&Path, Vec<SourceId>>, Vec<SourceId>) = Default::default();
    for file in workspace.files.iter().filter(|file| module::is_brought_in(workspace, file)) {
        let mut above = workspace.path(file.source).ancestors().skip(1);
        let named = terragrunt::module_of(workspace, file);
        let named = named.and_then(|module| directories.get(module.as_path()).copied());
        match named.or_else(|| above.find_map(|directory| directories.get(directory).copied())) {
            Some(root) => own.entry(root).or_default().push(file.source),
            None => floating.push(file.source),
        }
    }
    (own, floating)
}

/// The files of `--var-file`, in order.
fn given(workspace: &Workspace) -> impl Iterator<Item = &File> {
    let found = |path| workspace.sources.find(path).and_then(|source| workspace.file(source));
    workspace.variables.value_files.iter().filter_map(move |path| found(path))
}

/// The resources of a root module with what it calls, or of a plan that stands by itself; where the module's state is
/// kept, if it is said; and where it deploys to.
fn resources(workspace: &Workspace, plan: &Plan, notes: &mut Vec<Note>) -> (Vec<Resource>, Option<String>, Place) {
    let planned = plan.members.iter().filter_map(|member| workspace.file(member.source)).find_map(planned::of);
    if let (Some(planned), [_]) = (planned, &plan.members[..]) {
        return (planned.resources(), None, Place::default());
    }
    let mut modules = module::reachable(workspace, &plan.unit.path);
    if let Some(root) = modules.get_mut(&plan.unit.path) {
        given(workspace).for_each(|file| root.take_values(file));
        let files = plan.members.iter().filter_map(|member| workspace.file(member.source));
        let brought_in: Vec<&File> = files.filter(|file| module::is_brought_in(workspace, file)).collect();
        brought_in.iter().for_each(|file| root.take_brought_in(file));
        terragrunt::take_inputs(workspace, root, &brought_in);
    }
    if let (Some(root), Some(planned)) = (modules.get_mut(&plan.unit.path), planned) {
        root.take_planned(planned.variables());
    }
    let Expanded { resources: mut found, is_cut, place, unread } = expand::expand(workspace, &modules, &plan.unit.path);
    if let Some(member) = plan.members.first().filter(|_| is_cut) {
        let message = "this root module makes more instances of modules and resources than archlint follows; the rest is not read";
        notes.push(workspace.note(NoteKind::Skipped, Span::new(member.source, 0, 0), message.into()));
    } else if planned.is_none() {
        // A plan has what they make.
        notes.extend(unread.into_iter().map(|source| {
            let message = format!("what this module makes is not read: {}", workspace.sources.slice(source));
            workspace.note(NoteKind::Skipped, source, message)
        }));
    }
    let root = modules.get(&plan.unit.path);
    if let (Some(root), Some(planned)) = (root, planned) {
        planned::complete(&mut found, planned.resources(), root);
    }
    (found, root.and_then(remote::own_state), place)
}

/// Evaluates a root module and lowers its resources.
pub(crate) fn lower(workspace: &Workspace, unit: UnitId, plan: &Plan, notes: &mut Vec<Note>) -> Declarations {
    let (found, state, place) = resources(workspace, plan, notes);
    let resources = Resources::new(found);
    let mut declarations = Declarations::default();
    aws::lower(unit, &resources, &mut declarations);
    let mut lowering = Lowering { unit, resources: &resources, declarations: &mut declarations };
    lowering.provider(google::lowering_of);
    lowering.provider(providers::lowering_of);
    lowering.provider(clusters::lowering_of);
    lowering.provider(machines::lowering_of);
    named::tell(&resources, &mut declarations);
    kubernetes::lower(unit, &resources, &mut declarations);
    declarations.exports = remote::exports(state.as_deref(), &plan.unit.path, &resources);
    declarations.place = place;
    declarations
}

/// The type that stands for a call of the registry's module `terraform-aws-modules/lambda/aws`.
const REGISTRY_FUNCTION: &str = "module terraform-aws-modules/lambda/aws";

/// Whether the attributes of a resource type are looked at; others are known by name only.
fn reads(kind: &str) -> bool {
    let is_in = |table: fn(&str) -> Option<Lower>| table(kind).is_some();
    kind == "aws_ssm_parameter"
        || aws::reads(kind)
        || is_in(google::lowering_of)
        || is_in(providers::lowering_of)
        || is_in(clusters::lowering_of)
        || kind == "helm_release"
        || is_in(machines::lowering_of)
        || machines::is_referred_to(kind)
        || kubernetes::reads(kind)
}

/// How Terraform could be told to leave an attribute as it is on the platform.
fn ignorable(view: View<'_>, name: &'static str) -> Ignorable {
    let written = view.at(&["lifecycle", "ignore_changes"]);
    let origin = written.value().map_or(written.absence(), |list| list.origin.clone());
    Ignorable { name, list: Sourced::new(written.is_present(), origin).in_form(Form::Name) }
}

/// Whether `lifecycle` tells Terraform to leave an attribute as it is on the platform.
fn is_ignored(view: View<'_>, attribute: &str) -> bool {
    let ignored = view.at(&["lifecycle", "ignore_changes"]).items();
    ignored.iter().any(|item| item.known_text().is_some_and(|name| *name == *attribute || &*name == "all"))
}

/// Whether `lifecycle` tells Terraform to leave an attribute inside of blocks, or what it stands in, as it is. The path
/// names blocks without their indexes: `template.containers`.
fn is_path_ignored(view: View<'_>, path: &str) -> bool {
    let covers = |name: &str| {
        let name: String = name.split('[').map(|piece| piece.rsplit(']').next().unwrap_or_default()).collect();
        name == "all" || path.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let ignored = view.at(&["lifecycle", "ignore_changes"]).items();
    ignored.iter().any(|item| item.known_text().is_some_and(|name| covers(&name)))
}

/// A setting that Terraform may be told to leave as it is on the platform.
fn left_alone<T>(resource: View<'_>, path: &str, value: Sourced<T>) -> Sourced<T> {
    if is_path_ignored(resource, path) {
        return Sourced::unknown(Unknown::LeftAlone(path.into()), value.origin);
    }
    value
}

/// A container of a platform that takes its requests as quantities; `None` where nothing says where it stands.
fn container(view: View<'_>, cpu: View<'_>, memory: View<'_>, probe_keys: &ProbeKeys) -> Option<Container> {
    let name = view.get("name");
    let span = name.value().and_then(|name| name.origin.written_at()).or(view.span())?;
    let (command, repeats) = command_line(view, &["command", "args", "commands"]);
    Some(Container {
        name: name.known_text().unwrap_or_default(),
        span,
        image: view.get("image").text(),
        is_init: false,
        cpu_request: quantity::read(cpu, quantity::millicpu),
        memory_request: quantity::read(memory, quantity::mebibytes).in_form(Form::Mebibytes),
        ports: probes::ports(view.get("ports"), "container_port", "name"),
        probes: probes::probes(view, probe_keys),
        grace: Sourced::absent(span),
        pre_stop: Sourced::absent(span),
        command,
        repeats,
        environment: listed_variables(view.get("env")),
        mounts: mounts(view.get("volume_mounts"), "name", &["mount_path", "path"]),
    })
}

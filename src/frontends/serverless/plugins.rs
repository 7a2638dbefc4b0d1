//! What plugins of the framework do to functions, as far as it changes how these run. Called while a service is
//! lowered.

use super::functions::{Function, Stage};
use super::places::value_at;
use super::variables::ServiceReader;
use crate::frontends::aws;
use crate::frontends::cloudformation::{Lowering, Template};
use crate::frontends::resource::reference_to;
use crate::frontends::states;
use crate::frontends::triggers::always_on;
use crate::model::{Gateway, Identity, TriggerKind};
use crate::source::Span;
use crate::value::{Data, How, Origin, Part, Reference, Sourced, Unknown, Value, View};
use std::collections::HashMap;
use std::sync::Arc;

/// The functions of a service by the ways in which plugins call them.
struct Called<'f> {
    by_key: HashMap<&'f str, &'f Arc<str>>,
    by_name: HashMap<Arc<str>, &'f Arc<str>>,
}

impl<'f> Called<'f> {
    /// `prefix` is what the names begin with that the framework gives.
    fn of(functions: &'f [Function], prefix: Option<&str>) -> Self {
        let name = |function: &Function| {
            let written = View::new(&function.body, function.span).get("name");
            let given = || Some(format!("{}-{}", prefix?, function.key).into());
            if written.is_present() { written.known_text() } else { given() }
        };
        Self {
            by_key: functions.iter().map(|function| (&*function.key, &function.address)).collect(),
            by_name: functions.iter().filter_map(|function| Some((name(function)?, &function.address))).collect(),
        }
    }

    /// A call by key or by name as one by the function's name in the template; others stay as they are.
    fn resolved(&self, call: Value) -> Value {
        let (address, attribute) = match call.known() {
            Some(Data::Reference(reference)) => (self.by_key.get(&*reference.address), reference.attribute.clone()),
            Some(Data::Text(text)) => (self.by_name.get(function_name(text)), "".into()),
            Some(Data::Template(parts)) => match parts.last() {
                Some(Part::Text(text)) if text.contains(':') => (self.by_name.get(function_name(text)), "".into()),
                _ => (None, "".into()),
            },
            _ => (None, "".into()),
        };
        let Some(address) = address else { return call };
        let reference = Reference { address: (*address).clone(), attribute };
        Sourced::new(Data::Reference(reference), call.origin)
    }
}

/// The name of a function in its ARN, or the text itself.
fn function_name(text: &str) -> &str {
    let name = text.rsplit_once(":function:").map_or(text, |(_, name)| name);
    name.split(':').next().unwrap_or(name)
}

/// What plugins let set functions off.
pub(super) fn triggers(
    reader: &mut ServiceReader<'_>,
    template: &mut Template,
    functions: &[Function],
    prefix: Option<&str>,
    lowering: &mut Lowering<'_>,
) {
    let called = Called::of(functions, prefix);
    state_machines(reader, template, &called, lowering);
    if names(reader).iter().any(|(name, _)| name.contains("appsync")) {
        graph_sources(reader, template, &called, lowering);
    }
}

/// State machines of the `serverless-step-functions` plugin, which name functions by their key or by their name.
fn state_machines(
    reader: &mut ServiceReader<'_>,
    template: &mut Template,
    called: &Called<'_>,
    lowering: &mut Lowering<'_>,
) {
    let Some(machines) = value_at(reader, "stepFunctions.stateMachines") else { return };
    let machines = template.resolve(&machines.value);
    for (entry, machine) in View::new(&machines, None).entries() {
        let Some(definition) = machine.get("definition").value() else { continue };
        for call in states::calls(definition) {
            let Some(span) = call.span else { continue };
            let kind = call.kind();
            lowering.trigger(span, called.resolved(call.call), always_on(), kind);
        }
        let Some(span) = entry.key.or(machine.span()) else { continue };
        let name = machine.get("name").text();
        let address = format!("stepFunctions.stateMachines.{}", entry.name).into();
        let identity = Identity { unit: lowering.unit, address, label: entry.name.clone(), name, span };
        let resolve = |call| called.resolved(call);
        lowering.add_machine(states::machine(identity, machine.get("type"), Some(definition), resolve));
    }
}

/// Sources of data of the `serverless-appsync-plugin`, which names functions by their key: in a section of its own
/// since version 2, before below `custom`, where there may be several APIs.
fn graph_sources(
    reader: &mut ServiceReader<'_>,
    template: &mut Template,
    called: &Called<'_>,
    lowering: &mut Lowering<'_>,
) {
    let Some(section) = value_at(reader, "appSync").or_else(|| value_at(reader, "custom.appSync")) else { return };
    let section = template.resolve(&section.value);
    for api in View::new(&section, None).items() {
        let lists = api.get("dataSources").items();
        // One source of data, or several by their names.
        let sources = lists.into_iter().flat_map(|sources| match sources.get("type").is_present() {
            true => vec![sources],
            false => sources.entries().into_iter().map(|(_, source)| source).collect(),
        });
        for source in sources.filter(|source| source.get("type").is_text("AWS_LAMBDA")) {
            let name = source.at(&["config", "functionName"]);
            let address = name.known_text().and_then(|name| called.by_key.get(&*name).copied());
            let (Some(address), Some(span)) = (address, name.span()) else { continue };
            let request = aws::request(Gateway::AppSync, View::missing(span), Sourced::absent(None));
            lowering.trigger(span, reference_to(address.clone(), span), always_on(), TriggerKind::Http(request));
        }
    }
}

/// The names of the plugins that a service loads.
fn names(reader: &mut ServiceReader<'_>) -> Vec<(Arc<str>, Option<Span>)> {
    let Some(plugins) = value_at(reader, "plugins").map(|solved| solved.value) else { return Vec::new() };
    let plugins = plugins.get("modules").cloned().unwrap_or(plugins);
    View::new(&plugins, None).items().into_iter().filter_map(|name| Some((name.known_text()?, name.span()))).collect()
}

/// The plugins that call functions every few minutes so that they stay warm, and what they are told.
#[derive(Default)]
pub(super) struct Warmers {
    /// A plugin of this kind is loaded.
    is_loaded: bool,
    /// Where one stands that warms what nobody excludes.
    warms_by_default: Option<Span>,
    /// `custom.warmup`
    settings: Option<Value>,
}

impl Warmers {
    /// The warmers of a service.
    pub fn of(reader: &mut ServiceReader<'_>) -> Self {
        let names = names(reader);
        Self {
            is_loaded: names.iter().any(|(name, _)| name.contains("warmup")),
            warms_by_default: names.iter().find(|(name, _)| name.contains("lambda-warmup")).and_then(|(_, span)| *span),
            settings: value_at(reader, "custom.warmup").map(|solved| solved.value),
        }
    }

    /// Whether they keep a function warm; `own` is what the function says about it.
    pub fn keep_warm(&self, own: View<'_>, stage: &Stage) -> Sourced<bool> {
        let nowhere = || Origin::new(How::Absent, own.block());
        if !self.is_loaded {
            return Sourced::new(false, nowhere());
        }
        let shared = self.settings.as_ref().map_or(View::missing(own.block()), |settings| View::new(settings, None));
        if shared.is_unknown() {
            return decided(shared, stage);
        }
        if let Some(plugin) = self.warms_by_default {
            let switch = first(&[own, shared.get("stages")]);
            return switch.map_or(Sourced::new(true, Origin::literal(plugin)), |switch| decided(switch, stage));
        }
        // Warmers have names since version 5 of the plugin; before, there was one.
        let is_switch = |view: View<'_>| view.is_present() && !matches!(known(view), Some(Data::Object(_)));
        let is_one = is_switch(own) || is_switch(shared.get("default"));
        let is_one = is_one || [own, shared].iter().any(|settings| settings.get("enabled").is_present());
        let warmers: Vec<_> = shared.entries().into_iter().filter(|(_, view)| !view.entries().is_empty()).collect();
        if is_one || warmers.is_empty() {
            let one = first(&[enabled(own), enabled(shared)]);
            return one.map_or(Sourced::new(false, nowhere()), |switch| decided(switch, stage));
        }
        let mut answer = Sourced::new(false, nowhere());
        for (warmer, shared) in warmers {
            let Some(switch) = first(&[enabled(own.find(&warmer.name)), enabled(shared)]) else { continue };
            let decided = decided(switch, stage);
            match decided.known() {
                Some(true) => return decided,
                Some(false) => {}
                None => answer = decided,
            }
        }
        answer
    }
}

fn known<'v>(view: View<'v>) -> Option<&'v Data> {
    view.value().and_then(Value::known)
}

/// The switch in a block of settings, or the switch that is written in its place.
fn enabled(settings: View<'_>) -> View<'_> {
    match known(settings) {
        Some(Data::Object(_)) => settings.first(&["enabled", "default"]),
        _ => settings,
    }
}

fn first<'v>(switches: &[View<'v>]) -> Option<View<'v>> {
    switches.iter().copied().find(|switch| switch.is_present())
}

/// A switch is a boolean, a stage, or a list of stages.
fn decided(switch: View<'_>, stage: &Stage) -> Sourced<bool> {
    let origin = switch.value().map_or(Origin::new(How::Absent, None), |value| value.origin.clone());
    if let Some(why) = switch.value().and_then(Value::why_unknown) {
        return Sourced::unknown(why.clone(), origin);
    }
    if let Some(is_on) = switch.boolean().set() {
        return Sourced::new(*is_on, origin);
    }
    let stages: Vec<_> = switch.items().into_iter().map(View::known_text).collect();
    match stage.set() {
        Some(stage) if stages.iter().all(Option::is_some) => {
            let is_on = stages.iter().flatten().any(|one| one == stage);
            Sourced::new(is_on, origin)
        }
        _ => Sourced::unknown(Unknown::NoDefault("sls:stage".into()), origin),
    }
}

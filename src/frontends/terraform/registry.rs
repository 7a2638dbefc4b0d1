//! Modules of the public registry that are not in the scanned set: what they make, by their inputs.
//!
//! The lowering of a function reads the call itself ([`REGISTRY_FUNCTION`]); everything else that such a module makes
//! becomes the resources that the module would declare, at the places of the inputs.

use super::REGISTRY_FUNCTION;
use super::module::Call;
use crate::frontends::resource::{Resource, reference_to};
use crate::model::Declared;
use crate::source::Span;
use crate::value::{Data, Entry, How, Origin, Sourced, Value, View};
use std::sync::Arc;

/// A module whose inputs are known here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RegistryModule {
    /// `terraform-aws-modules/lambda/aws`
    Function,
    /// `terraform-aws-modules/ecs/aws//modules/service`
    Service,
}

impl RegistryModule {
    /// The module that a call names, in the registry or in its repository.
    pub fn of(call: &Call<'_>) -> Option<Self> {
        let source = call.source()?;
        let source = source.strip_prefix("registry.terraform.io/").unwrap_or(source);
        let (source, inner) = match source.rfind("//").filter(|at| *at > 0 && !source[..*at].ends_with(':')) {
            Some(at) => (&source[..at], source[at + 2..].split('?').next().unwrap_or_default()),
            None => (source, ""),
        };
        let is = |name: &str| {
            source == format!("terraform-aws-modules/{name}/aws")
                || source.contains(&format!("terraform-aws-modules/terraform-aws-{name}"))
        };
        match inner {
            "" if is("lambda") => Some(Self::Function),
            "modules/service" if is("ecs") => Some(Self::Service),
            _ => None,
        }
    }

    /// What a call makes. `body` holds its inputs, `label` and `span` are its name.
    pub fn resources(self, address: &str, label: &str, span: Span, body: Value) -> Vec<Resource> {
        let call = RegistryCall { address, label, span };
        match self {
            Self::Function => call.function(body),
            Self::Service => call.service(&body),
        }
    }
}

struct RegistryCall<'c> {
    address: &'c str,
    label: &'c str,
    span: Span,
}

impl RegistryCall<'_> {
    fn resource(&self, kind: &str, address: String, span: Span, body: Value) -> Resource {
        Resource {
            kind: kind.into(),
            address: address.into(),
            label: self.label.into(),
            span,
            body,
            declared: Declared::default(),
            allows: Vec::new(),
            condition: None,
        }
    }

    /// The function, and a mapping for each of its event sources.
    fn function(&self, body: Value) -> Vec<Resource> {
        let mut made = Vec::new();
        let view = View::new(&body, self.span);
        if view.get("create_unqualified_alias_allowed_triggers").boolean().set() != Some(&false) {
            for (entry, _) in view.get("event_source_mapping").entries() {
                let span = entry.key.unwrap_or(self.span);
                let mut entries = entries_of(&entry.value);
                entries.push(named("function_name", reference_to(self.address, span)));
                if let Some(on_failure) = entry.value.get("destination_arn_on_failure") {
                    let inner = object(vec![named("destination_arn", on_failure.clone())], span);
                    let outer = object(vec![named("on_failure", inner)], span);
                    entries.push(named("destination_config", outer));
                }
                let address = format!("{}.aws_lambda_event_source_mapping.this[\"{}\"]", self.address, entry.name);
                // What is not written goes where the rest is.
                let body = Sourced::new(Data::Object(entries.into()), entry.value.origin.clone());
                made.push(self.resource("aws_lambda_event_source_mapping", address, span, body));
            }
        }
        made.push(self.resource(REGISTRY_FUNCTION, self.address.to_string(), self.span, body));
        made
    }

    /// The service and its task definition.
    fn service(&self, body: &Value) -> Vec<Resource> {
        let view = View::new(body, self.span);
        let is_off = |input: &'static str| view.get(input).boolean().set() == Some(&false);
        if ["create", "create_service", "create_task_definition"].iter().any(|input| is_off(input)) {
            return Vec::new();
        }
        let default = |data| Sourced::new(data, Origin::new(How::Inherited("the module's defaults".into()), self.span));
        let input = |name: &str, otherwise: f64| {
            let written = body.get(name).cloned();
            named(name, written.unwrap_or_else(|| default(Data::Number(otherwise))))
        };
        let containers: Vec<Value> =
            view.get("container_definitions").entries().into_iter().map(|(entry, _)| container(entry)).collect();
        let containers = match body.get("container_definitions").filter(|written| written.known().is_none()) {
            Some(open) => open.clone(),
            None => Sourced::new(Data::List(containers.into()), Origin::literal(self.span)),
        };
        let definition = format!("{}.aws_ecs_task_definition.this", self.address);
        let mut task = vec![input("cpu", 1024.0), input("memory", 2048.0), named("container_definitions", containers)];
        task.extend(body.get("volume").map(|written| named("volume", volumes(written))));
        let mut service =
            vec![input("desired_count", 1.0), named("task_definition", reference_to(definition.as_str(), self.span))];
        let passed = |name: &&str| Some(named(name, body.get(name)?.clone()));
        task.extend(["runtime_platform", "pid_mode", "network_mode"].iter().filter_map(passed));
        service.extend(["name", "scheduling_strategy", "launch_type", "tags"].iter().filter_map(passed));
        match body.get("capacity_provider_strategy") {
            Some(strategies) => service.push(named("capacity_provider_strategy", values(strategies))),
            None if body.get("launch_type").is_none() => {
                service.push(named("launch_type", default(Data::Text("FARGATE".into()))));
            }
            None => {}
        }
        // A map of them, under names that someone chose.
        let balancers: Vec<Value> =
            view.get("load_balancer").entries().into_iter().map(|(entry, _)| entry.value.clone()).collect();
        service.push(named("load_balancer", Sourced::new(Data::List(balancers.into()), Origin::literal(self.span))));
        // The module scales the service unless it is told not to, and then leaves the number alone.
        let ignored = default(Data::Text("desired_count".into()));
        let lifecycle = object(vec![named("ignore_changes", list(ignored, self.span))], self.span);
        service.push(named("lifecycle", lifecycle));
        vec![
            self.resource("aws_ecs_task_definition", definition, self.span, object(task, self.span)),
            self.resource("aws_ecs_service", self.address.to_string(), self.span, object(service, self.span)),
        ]
    }
}

/// A container as its definition has it: the module takes names with underscores, too.
fn container(entry: &Entry) -> Value {
    let span = entry.key.or(entry.value.origin.site());
    let mut entries: Vec<Entry> = entries_of(&entry.value)
        .into_iter()
        .map(|one| Entry { name: in_camel_case(&one.name).into(), ..one })
        .collect();
    if !entries.iter().any(|one| &*one.name == "name") {
        let origin = span.map_or(Origin::new(How::Computed, None), Origin::literal);
        entries.push(named("name", Sourced::new(Data::Text(entry.name.clone()), origin)));
    }
    if !entries.iter().any(|one| &*one.name == "stopTimeout") {
        let origin = Origin::new(How::Inherited("the module's defaults".into()), span);
        entries.push(named("stopTimeout", Sourced::new(Data::Number(120.0), origin)));
    }
    Sourced::new(Data::Object(entries.into()), entry.value.origin.clone())
}

/// The volumes of a task: the module takes a map, whose keys name those that have no name of their own.
fn volumes(written: &Value) -> Value {
    let Some(Data::Object(entries)) = written.known() else { return written.clone() };
    let volume = |entry: &Entry| {
        let mut inner = entries_of(&entry.value);
        if inner.iter().all(|one| &*one.name != "name") {
            let origin = entry.key.map_or(Origin::new(How::Computed, None), Origin::literal);
            inner.push(named("name", Sourced::new(Data::Text(entry.name.clone()), origin)));
        }
        Sourced::new(Data::Object(inner.into()), entry.value.origin.clone())
    };
    Sourced::new(Data::List(entries.iter().map(volume).collect()), written.origin.clone())
}

fn in_camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |mut camel, part| {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel + letters.as_str()
    })
}

fn entries_of(value: &Value) -> Vec<Entry> {
    match value.known() {
        Some(Data::Object(entries)) => entries.to_vec(),
        _ => Vec::new(),
    }
}

/// The values of a map as a list.
fn values(map: &Value) -> Value {
    map.clone().map(|data| match data {
        Data::Object(entries) => Data::List(entries.iter().map(|entry| entry.value.clone()).collect()),
        other => other,
    })
}

fn named(name: &str, value: Value) -> Entry {
    let name: Arc<str> = name.into();
    Entry { name, key: value.origin.site(), value }
}

fn object(entries: Vec<Entry>, span: Span) -> Value {
    Sourced::new(Data::Object(entries.into()), Origin::literal(span))
}

fn list(item: Value, span: Span) -> Value {
    Sourced::new(Data::List([item].into()), Origin::literal(span))
}

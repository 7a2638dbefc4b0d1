//! The functions of a service, with what they inherit from `provider`.

use super::events::Events;
use super::extensions::{self, Changes, Override};
use super::plugins::Warmers;
use crate::facts::google;
use crate::frontends::aws::{self, SERVERLESS_EDGE_FUNCTION, SERVERLESS_FUNCTION};
use crate::frontends::cloudformation::Lowering;
use crate::frontends::declared::take_tags;
use crate::frontends::inherit::Inheritance;
use crate::frontends::resource::Resources;
use crate::model::{FunctionSettings, Identity, Platform, UnitId, Workload, WorkloadKind};
use crate::source::Span;
use crate::value::{Data, Entry, Form, How, Origin, Sourced, Unknown, Value, View};
use std::collections::HashMap;
use std::sync::Arc;

/// The stage that a service is known to be deployed to.
pub(super) type Stage = Sourced<Option<Arc<str>>>;

/// One entry of `functions`.
pub(super) struct Function {
    /// The key in `functions`.
    pub key: Arc<str>,
    /// Where the key stands.
    pub span: Span,
    /// The name that it gets in the template, by which resources refer to it.
    pub address: Arc<str>,
    /// Its settings as written.
    pub body: Value,
    /// What `resources` say about the function that the framework generates.
    pub overrides: Vec<Override>,
}

impl Function {
    /// Whether CloudFront runs it.
    fn is_at_edge(&self) -> bool {
        let events = View::new(&self.body, self.span).get("events").items();
        events.iter().any(|event| event.get("cloudFront").is_present())
    }
}

/// What all functions of a service have in common.
pub(super) struct Functions<'v> {
    pub unit: UnitId,
    pub provider: View<'v>,
    pub platform: Platform,
    pub stage: Stage,
    /// The stage that variables are resolved for.
    pub default_stage: Option<Arc<str>>,
    /// What the names of functions begin with: those of the service and of the stage, be it the default one.
    pub prefix: Option<String>,
    pub warmers: Warmers,
    pub changes: Changes,
}

/// Settings of `provider` that hold for every function that does not set them itself. `environment` and `tags` are
/// merged instead.
const INHERITED: &[&str] = &["timeout", "memorySize", "runtime", "layers", "architecture", "vpc"];
const MERGED: &[&str] = &["environment", "tags"];

impl Functions<'_> {
    /// Adds the functions and their events to what the resources declare.
    pub fn lower(&self, functions: &[Function], resources: &Resources, lowering: &mut Lowering<'_>) {
        let mut inheritance = Inheritance::from("`provider`");
        let mut overriding = Inheritance::from("`resources`");
        let addresses: HashMap<&str, &Function> = functions.iter().map(|function| (&*function.key, function)).collect();
        let mut events = Events::new(self.provider, self.platform, resources, &addresses, &self.changes);
        for function in functions {
            let body = self.with_inherited(function, &mut inheritance);
            let body = extensions::apply(function, body, &mut overriding);
            let view = View::new(&body, function.span);
            let mut workload = match self.platform {
                Platform::AwsLambda => self.lambda(function, view, resources, functions.len() == 1),
                _ => self.elsewhere(function, view),
            };
            workload.stage = self.stage.clone();
            workload.default_stage = self.default_stage.clone();
            take_tags(view.get("tags"), &mut workload);
            lowering.add(workload);
            events.lower(function, view, lowering);
        }
    }

    fn identity(&self, function: &Function, view: View<'_>) -> Identity {
        let written = view.get("name").text();
        let name = written.or(|| match &self.prefix {
            Some(prefix) => {
                let name = format!("{prefix}-{}", function.key);
                Sourced::new(Some(name.into()), Origin::new(How::Computed, function.span))
            }
            None => Sourced::absent(function.span),
        });
        Identity {
            unit: self.unit,
            address: function.address.clone(),
            label: function.key.clone(),
            name,
            span: function.span,
        }
    }

    /// The function's settings and those that it inherits. What is written null is not written, for the framework.
    fn with_inherited(&self, function: &Function, inheritance: &mut Inheritance) -> Value {
        let site = Some(function.span);
        let mut entries = match function.body.known() {
            Some(Data::Object(entries)) => entries.to_vec(),
            Some(_) => Vec::new(),
            None => return function.body.clone(),
        };
        for key in INHERITED.iter().chain(MERGED) {
            let Some(shared) = self.provider.get(key).value() else { continue };
            // An image brings its own runtime; a function at CloudFront has limits of its own.
            let is_image = entries.iter().any(|entry| &*entry.name == "image");
            let is_left_out = match *key {
                "runtime" => is_image,
                "timeout" | "memorySize" => function.is_at_edge(),
                _ => false,
            };
            if is_left_out {
                continue;
            }
            let own = entries.iter_mut().rfind(|entry| &*entry.name == *key);
            match own.filter(|entry| entry.value.known() != Some(&Data::Null)) {
                Some(own) if MERGED.contains(key) => own.value = inheritance.merge(shared, &own.value, site),
                Some(_) => {}
                None => entries.push(Entry {
                    name: (*key).into(),
                    key: self.provider.key_span(key),
                    value: inheritance.pass(shared, site),
                }),
            }
        }
        Sourced::new(Data::Object(entries.into()), function.body.origin.clone())
    }

    fn lambda(&self, function: &Function, view: View<'_>, resources: &Resources, is_alone: bool) -> Workload {
        let identity = self.identity(function, view);
        let is_at_edge = function.is_at_edge();
        let keys = if is_at_edge { &SERVERLESS_EDGE_FUNCTION } else { &SERVERLESS_FUNCTION };
        let mut workload = aws::function(identity, view, keys);
        let Some(settings) = &mut workload.function else { return workload };
        // The framework makes an alias for either of them and points the function's events at it.
        let mitigation = View::new(&function.body, function.span).first(&["snapStart", "provisionedConcurrency"]);
        settings.wires_versions = mitigation.is_written();
        settings.publishes = match is_at_edge {
            true => Sourced::new(true, Origin::new(How::Absent, function.span)),
            false => publishes(view, self.provider, mitigation),
        };
        if view.get("tracing").is_absent() {
            settings.tracing = aws::tracing(self.provider.at(&["tracing", "lambda"]).within(function.span));
        }
        self.permissions(view, settings, resources, is_alone);
        settings.kept_warm = self.warmers.keep_warm(view.get("warmup"), &self.stage);
        workload
    }

    /// What a function may do: what its own statements say (as a plugin reads them), or what those of the role say that
    /// all functions of the service share.
    fn permissions(&self, view: View<'_>, settings: &mut FunctionSettings, resources: &Resources, is_alone: bool) {
        let role = self.provider.at(&["iam", "role"]);
        let is_given = |role: View<'_>| role.is_present() && role.entries().is_empty();
        let shared_role = [self.provider.get("role"), role].into_iter().find(|role| is_given(*role));
        let own = view.get("iamRoleStatements");
        if settings.role.is_none() && own.is_absent() {
            settings.role = shared_role.and_then(|role| role.value().cloned());
        }
        if settings.role.is_some() {
            return;
        }
        let inherits = view.get("iamRoleStatementsInherit").boolean().set() == Some(&true);
        let mut permissions = aws::statements(own);
        if own.is_absent() || inherits {
            let statements = [role.get("statements"), self.provider.get("iamRoleStatements")];
            statements.into_iter().for_each(|list| permissions.add(aws::statements(list)));
            let managed = [role.get("managedPolicies"), self.provider.get("iamManagedPolicies")];
            managed.into_iter().for_each(|list| permissions.add(aws::managed_policies(list, resources)));
            permissions.is_open |= !is_alone;
        }
        settings.permissions = permissions;
    }

    /// A function of another provider: what it is called and what starts it.
    fn elsewhere(&self, function: &Function, view: View<'_>) -> Workload {
        let identity = self.identity(function, view);
        let mut workload = Workload::new(identity, WorkloadKind::Function, self.platform);
        workload.environment = aws::variables(view.get("environment"));
        let mut settings = FunctionSettings::unset(function.span);
        settings.runtime = view.get("runtime").text();
        settings.handler = view.get("handler").text();
        workload.function = Some(settings);
        if self.platform == Platform::GoogleFunctions1 {
            let timeout = view.get("timeout").text().and_then(|text| text.map(|text| seconds(&text)).transpose());
            let timeout = timeout.in_form(Form::SecondsText);
            workload.timeout = timeout.or_fact(&google::FUNCTION_TIMEOUT_DEFAULT).map(Some);
            workload.memory = view.get("memorySize").whole().or_fact(&google::FUNCTION_MEMORY_DEFAULT).map(Some);
        } else {
            let written = view.get("timeout");
            let why = match written.is_present() {
                true => Unknown::NotEvaluated("the timeouts of this provider".into()),
                false => Unknown::AtDeployment("the provider's own timeout".into()),
            };
            let origin = written.value().map(|value| value.origin.clone());
            workload.timeout = Sourced::unknown(why, origin.unwrap_or(Origin::new(How::Absent, function.span)));
        }
        workload
    }
}

/// `540s`, or a plain number of seconds.
fn seconds(text: &str) -> Result<u64, Unknown> {
    let number = text.trim().trim_end_matches('s');
    number.parse().map_err(|_| Unknown::Invalid(format!("`{text}` is no number of seconds").into()))
}

/// Every deployment publishes a version, unless `versionFunctions` says no and nothing needs one.
fn publishes(view: View<'_>, provider: View<'_>, mitigation: View<'_>) -> Sourced<bool> {
    let versions = view.first(&["versionFunction", "versionFunctions"]);
    let versions = if versions.is_present() { versions } else { provider.get("versionFunctions") };
    match versions.value() {
        Some(_) if mitigation.is_absent() => versions.boolean().unwrap_or(true),
        _ => Sourced::new(true, Origin::new(How::Absent, view.block())),
    }
}

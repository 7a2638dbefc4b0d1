//! Lambda functions, their versions and URLs, and what polls for them.

use super::Lowering;
use super::sources::enabled;
use crate::facts::aws as facts;
use crate::frontends::aws::{
    self, EventSource, FunctionKeys, TERRAFORM_FUNCTION, TERRAFORM_QUEUE, TERRAFORM_STREAM, permitted, request,
};
use crate::frontends::json_text::json_document;
use crate::frontends::resource::{Resource, reference_to};
use crate::frontends::triggers::{always_on, literal, written};
use crate::model::{Alias, CallPermission, Gateway, Link, Permissions, TriggerKind, Workload};
use crate::value::{Form, Origin, Sourced, Value, View};

/// The inputs of the module `terraform-aws-modules/lambda/aws`.
static REGISTRY_FUNCTION_KEYS: FunctionKeys = FunctionKeys {
    disk: &["ephemeral_storage_size"],
    provisioned_concurrency: &["provisioned_concurrent_executions"],
    snap_start: &["snap_start"],
    file_system: &["file_system_arn"],
    environment: &["environment_variables"],
    durable_timeout: &["durable_config_execution_timeout"],
    role: &["lambda_role"],
    failure_destinations: &[&["destination_on_failure"]],
    retries: &["maximum_retry_attempts"],
    subnets: &["vpc_subnet_ids"],
    dead_letter: &["dead_letter_target_arn"],
    tracing: &["tracing_mode"],
    ..TERRAFORM_FUNCTION
};

impl Lowering<'_> {
    pub(super) fn function(&mut self, resource: &Resource) {
        let view = resource.view();
        let identity = resource.identity(self.unit, view.get("function_name").text());
        let mut workload = aws::function(identity, view, &TERRAFORM_FUNCTION);
        publishes(view, &mut workload);
        self.keep(workload, resource);
    }

    /// A call of the registry's module: a function, and its URL if it makes one.
    pub(super) fn registry_function(&mut self, resource: &Resource) {
        let view = resource.view();
        if [view.get("create"), view.get("create_function")].iter().any(|made| made.boolean().set() == Some(&false)) {
            return;
        }
        let identity = resource.identity(self.unit, view.get("function_name").text());
        let mut workload = aws::function(identity, view, &REGISTRY_FUNCTION_KEYS);
        publishes(view, &mut workload);
        if view.get("lambda_at_edge").boolean().set() == Some(&true) {
            // The module cuts what is too long at the edge.
            let most = facts::EDGE_ORIGIN_TIMEOUT_MAX.whole();
            workload.timeout = workload.timeout.map(|timeout| timeout.map(|timeout| timeout.min(most)));
        }
        if let Some(settings) = &mut workload.function {
            // The module takes a switch where the resource takes `PublishedVersions`, and publishes by itself where a
            // version is needed.
            settings.snap_start = view.get("snap_start").boolean().unwrap_or(false);
            let kept = std::mem::replace(&mut settings.provisioned_concurrency, Sourced::absent(resource.span));
            settings.provisioned_concurrency = kept.in_form(Form::NotZero);
            let switches = ["snap_start", "lambda_at_edge"].map(|name| view.get(name));
            if let Some(switch) = switches.iter().find(|switch| switch.boolean().set() == Some(&true)) {
                settings.publishes = literal(true, switch.span());
            } else if let Some(open) = switches.iter().find(|switch| switch.is_unknown()) {
                settings.publishes = open.boolean().unwrap_or(false);
            }
            if view.get("create_role").boolean().set() != Some(&false) {
                settings.permissions = self.registry_permissions(resource);
            }
        }
        self.keep(workload, resource);
        if view.get("create_lambda_function_url").boolean().set() == Some(&true) {
            let mut http = request(Gateway::FunctionUrl, View::missing(resource.span), Sourced::absent(None));
            http.is_public = view.get("authorization_type").text().map(|kind| kind.is_none_or(|kind| &*kind == "NONE"));
            let span = view.key_span("create_lambda_function_url").unwrap_or(resource.span);
            let target = reference_to(resource.address.clone(), span);
            self.trigger(span, target, always_on(), TriggerKind::Http(http));
        }
    }

    /// What the module lets the role do that it makes. Other inputs than these may allow anything.
    fn registry_permissions(&self, resource: &Resource) -> Permissions {
        let view = resource.view();
        let is_on = |input: &'static str| {
            view.get(input).boolean().known() != Some(&Some(false)) && view.get(input).is_present()
        };
        let mut permissions = Permissions::default();
        if is_on("attach_policy_statements") {
            let list = view.get("policy_statements");
            let entries = list.entries();
            permissions.is_open |= list.is_unknown();
            match entries.is_empty() {
                true => permissions.add(aws::statements(list)),
                false => entries.into_iter().for_each(|(_, one)| permissions.add(aws::statements(one))),
            }
        }
        if is_on("attach_policy_json") {
            permissions.add(aws::document(view.get("policy_json"), self.resources, resource.span));
        }
        let others = ["attach_policy_jsons", "attach_policy", "attach_policies"];
        permissions.is_open |= others.iter().any(|input| is_on(input));
        permissions
    }

    pub(super) fn alias(&mut self, resource: &Resource) {
        let is_published = self.is_published(resource.view().get("function_version"));
        self.published(resource, is_published, Sourced::absent(resource.span));
    }

    pub(super) fn provisioned_concurrency(&mut self, resource: &Resource) {
        let qualifier = resource.view().get("qualifier");
        let alias = self.resources.referred(qualifier).filter(|named| &*named.kind == "aws_lambda_alias");
        let version = alias.map_or(qualifier, |alias| alias.view().get("function_version"));
        let kept = resource.view().get("provisioned_concurrent_executions").whole().in_form(Form::Purpose);
        self.published(resource, self.is_published(version), kept);
    }

    /// What lets a service call a function, or one version of it.
    pub(super) fn permission(&mut self, resource: &Resource) {
        let view = resource.view();
        let Some(kind) = permitted(view.get("principal")) else { return };
        let versioned = self.versions.qualifier(&written(view.get("function_name")));
        if let Some(trigger) = self.event(resource, view.get("function_name"), kind) {
            trigger.target.versioned = versioned;
            trigger.permission = Some(Box::new(CallPermission {
                principal: view.get("principal").known_text(),
                qualifier: view.get("qualifier").text(),
            }));
        }
    }

    /// Whether a version is a published one: `version` of a function that does not publish is `$LATEST`.
    fn is_published(&self, version: View<'_>) -> Sourced<bool> {
        match self.resources.referred(version) {
            Some(function) if &*function.kind == "aws_lambda_function" => {
                function.view().get("publish").boolean().unwrap_or(false)
            }
            Some(_) => literal(true, version.span()),
            None => version.text().map(|version| version.as_deref() != Some("$LATEST")),
        }
    }

    /// The function that an attribute names, be it by way of an alias of it.
    fn named_function(&self, resource: &Resource) -> Value {
        let named = resource.view().get("function_name");
        match self.resources.referred(named).filter(|alias| &*alias.kind == "aws_lambda_alias") {
            Some(alias) => written(alias.view().get("function_name")),
            None => written(named),
        }
    }

    fn published(
        &mut self,
        resource: &Resource,
        is_published: Sourced<bool>,
        provisioned_concurrency: Sourced<Option<u64>>,
    ) {
        let function = Link::to(self.named_function(resource));
        let identity = resource.identity(self.unit, Sourced::absent(resource.span));
        self.declarations.aliases.push(Alias { identity, function, is_published, provisioned_concurrency });
    }

    pub(super) fn function_url(&mut self, resource: &Resource) {
        let view = resource.view();
        let mut http = request(Gateway::FunctionUrl, View::missing(resource.span), Sourced::absent(None));
        http.is_streaming = view.get("invoke_mode").text().map(|mode| mode.as_deref() == Some("RESPONSE_STREAM"));
        http.is_public = view.get("authorization_type").text().map(|kind| kind.as_deref() == Some("NONE"));
        let function = written(view.get("function_name"));
        let trigger = self.trigger(resource.span, function, always_on(), TriggerKind::Http(http));
        trigger.target.qualified = view.get("qualifier").is_present();
    }

    pub(super) fn event_source_mapping(&mut self, resource: &Resource) {
        let view = resource.view();
        let arn = view.get("event_source_arn");
        let source = if view.get("self_managed_event_source").is_present() {
            Some(EventSource::Broker)
        } else {
            aws::event_source_of(self.resources, arn)
        };
        let kind = aws::mapping(source, arn, view, &TERRAFORM_QUEUE, &TERRAFORM_STREAM);
        let stream = aws::stream_source(&kind, arn, self.resources);
        self.trigger(resource.span, written(view.get("function_name")), enabled(view.get("enabled")), kind).source =
            stream;
    }

    pub(super) fn queue(&mut self, resource: &Resource) {
        let view = resource.view();
        let identity = resource.identity(self.unit, view.get("name").text());
        let redrive = json_document(view.get("redrive_policy"), resource.span);
        let redrive =
            redrive.as_ref().map_or(View::missing(resource.span), |redrive| View::new(redrive, resource.span));
        let (visibility, fifo) = (view.get("visibility_timeout_seconds"), view.get("fifo_queue"));
        self.declarations.queues.push(aws::queue(identity, visibility, fifo, redrive));
    }
}

fn publishes(view: View<'_>, workload: &mut Workload) {
    if let Some(settings) = &mut workload.function {
        settings.publishes = view.get("publish").boolean().unwrap_or(false);
        // Terraform points events at what is written and at nothing else.
        settings.wires_versions = Sourced::new(false, Origin::new(crate::value::How::Absent, workload.identity.span));
    }
}

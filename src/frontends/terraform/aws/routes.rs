//! What calls functions and waits: API Gateway in its kinds, load balancers, AppSync, CloudFront, user pools.

use super::{Lowering, versions};
use crate::frontends::aws::{
    TERRAFORM_INTEGRATION, apply_endpoint, asked, guard, integrated, integration, invoked, request,
    routes as described, second_gateway,
};
use crate::frontends::json_text::json_document;
use crate::frontends::resource::{Resource, Resources};
use crate::frontends::triggers::{always_on, written};
use crate::model::{Gateway, HttpTrigger, TriggerKind};
use crate::value::{Sourced, View};
use std::collections::HashMap;
use std::sync::Arc;

/// The part of a REST API that a method or an integration belongs to, by its address, and its HTTP method.
pub(super) type PartAndMethod = (Arc<str>, Arc<str>);

fn part_and_method(resources: &Resources, view: View<'_>) -> Option<PartAndMethod> {
    Some((resources.referred(view.get("resource_id"))?.address.clone(), view.get("http_method").known_text()?))
}

/// The methods of REST APIs, by what their integrations have in common with them.
pub(super) fn methods(resources: &Resources) -> HashMap<PartAndMethod, Arc<str>> {
    let methods = resources.of("aws_api_gateway_method");
    methods.filter_map(|method| Some((part_and_method(resources, method.view())?, method.address.clone()))).collect()
}

/// Paths of the rules of load balancers by the address of the target group that they lead to.
pub(super) fn listened(resources: &Resources) -> HashMap<Arc<str>, Sourced<Option<Arc<str>>>> {
    let mut listened = HashMap::new();
    for rule in ["aws_lb_listener_rule", "aws_alb_listener_rule"].iter().flat_map(|kind| resources.of(kind)) {
        let view = rule.view();
        let paths = view.get("condition").items().into_iter().map(|one| one.at(&["path_pattern", "values"]));
        let Some(path) = paths.flat_map(View::items).next() else { continue };
        for action in view.get("action").items() {
            let groups = action.at(&["forward", "target_group"]).items().into_iter().map(|group| group.get("arn"));
            for group in groups.chain([action.get("target_group_arn")]).filter_map(|arn| resources.referred(arn)) {
                listened.entry(group.address.clone()).or_insert_with(|| path.text());
            }
        }
    }
    listened
}

/// The endpoint type of a REST API; the parameters of its description may say it, too.
fn endpoint_type(api: &Resource) -> View<'_> {
    let types = api.view().get("endpoint_configuration").get("types");
    let in_parameters = api.view().get("parameters").get("endpointConfigurationTypes");
    if types.is_absent() && in_parameters.is_present() {
        return in_parameters;
    }
    types.items().into_iter().next().unwrap_or(types)
}

impl Lowering<'_> {
    pub(super) fn rest_integration(&mut self, resource: &Resource) {
        let view = resource.view();
        let uri = view.get("uri");
        let path = match self.resources.referred(view.get("resource_id")) {
            Some(part) => part.view().get("path_part").text(),
            None => Sourced::absent(resource.span),
        };
        let mut http = integration(Gateway::RestApi, view, &TERRAFORM_INTEGRATION, path);
        let endpoint = self.resources.referred(view.get("rest_api_id")).map(endpoint_type);
        if let Some(endpoint) = endpoint {
            apply_endpoint(&mut http, endpoint, "endpoint_configuration");
        }
        let method = part_and_method(self.resources, view).and_then(|key| self.methods.get(&key));
        if let Some(method) = method.and_then(|address| self.resources.at(address)) {
            guard(&mut http, method.view().get("authorization"), method.view().get("api_key_required"));
        }
        self.integrate(resource, &http, endpoint, uri);
        if uri.is_present() {
            self.asks_as(resource, "credentials", uri, http);
        }
    }

    /// A request that API Gateway makes, with the rights of a role if it has one.
    fn asks_as(&mut self, resource: &Resource, role: &'static str, uri: View<'_>, http: HttpTrigger) {
        let trigger = self.trigger(resource.span, written(uri), always_on(), TriggerKind::Http(http));
        if resource.view().get(role).is_present() {
            // What the role may call is written in terms of the function as it is named now.
            trigger.target.versioned = None;
        }
    }

    pub(super) fn http_integration(&mut self, resource: &Resource) {
        let view = resource.view();
        let uri = view.get("integration_uri");
        let api = self.resources.referred(view.get("api_id"));
        let protocol = api.map(|api| api.view().get("protocol_type"));
        let Some(gateway) = second_gateway(protocol, view.get("payload_format_version")) else { return };
        let route = self.routes.get(&resource.address).map(|route| route.view());
        let path = route.map_or(Sourced::absent(resource.span), |route| route.get("route_key").text());
        let mut http = request(gateway, view.get("timeout_milliseconds"), path);
        if let Some(route) = route {
            guard(&mut http, route.get("authorization_type"), route.get("api_key_required"));
        }
        self.integrate(resource, &http, None, uri);
        if uri.is_present() {
            self.asks_as(resource, "credentials_arn", uri, http);
        }
    }

    fn integrate(&mut self, resource: &Resource, http: &HttpTrigger, endpoint: Option<View<'_>>, target: View<'_>) {
        let identity = resource.identity(self.unit, Sourced::absent(resource.span));
        let timeout = resource.view().get("timeout_milliseconds");
        let made = integrated(identity, http, timeout, endpoint, written(target));
        self.declarations.integrations.push(made);
    }

    /// The functions that answer requests to an API, by its description in OpenAPI.
    pub(super) fn described_api(&mut self, resource: &Resource, gateway: Gateway) {
        let Some(definition) = json_document(resource.view().get("body"), resource.span) else { return };
        for mut route in described(View::new(&definition, resource.span), gateway, resource.span) {
            if route.http.gateway == Gateway::RestApi {
                apply_endpoint(&mut route.http, endpoint_type(resource), "endpoint_configuration");
            }
            self.declarations.integrations.extend(route.integration(resource, self.unit, endpoint_type(resource)));
            if route.http.gateway != Gateway::Authorizer && !route.may_be_function() {
                continue;
            }
            self.trigger(route.span, invoked(&route.uri), always_on(), TriggerKind::Http(route.http));
        }
    }

    /// An HTTP API that names the function for all its routes itself.
    pub(super) fn quick_api(&mut self, resource: &Resource) {
        let view = resource.view();
        let target = view.get("target");
        if target.is_present() && view.get("protocol_type").is_text("HTTP") {
            let http = request(Gateway::HttpApi, View::missing(resource.span), view.get("route_key").text());
            self.trigger(resource.span, written(target), always_on(), TriggerKind::Http(http));
        }
    }

    pub(super) fn authorizer(&mut self, resource: &Resource) {
        let view = resource.view();
        let uri = view.get("authorizer_uri");
        if uri.is_present() {
            // For a REST API the provider names the usual header where nothing else is written.
            let knows_callers =
                &*resource.kind == "aws_api_gateway_authorizer" || view.get("identity_sources").is_present();
            let http = asked(Some(resource.span), view.get("authorizer_result_ttl_in_seconds"), knows_callers);
            let role = match &*resource.kind {
                "aws_api_gateway_authorizer" => "authorizer_credentials",
                _ => "authorizer_credentials_arn",
            };
            self.asks_as(resource, role, uri, http);
        }
    }

    pub(super) fn target_group_attachment(&mut self, resource: &Resource) {
        let target = resource.view().get("target_id");
        if target.is_present() {
            let group = self.resources.referred(resource.view().get("target_group_arn"));
            let path = group.and_then(|group| self.listened.get(&group.address).cloned());
            let path = path.unwrap_or_else(|| Sourced::absent(None));
            let http = request(Gateway::LoadBalancer, View::missing(resource.span), path);
            self.trigger(resource.span, written(target), always_on(), TriggerKind::Http(http));
        }
    }

    pub(super) fn graph_source(&mut self, resource: &Resource) {
        let function = resource.view().at(&["lambda_config", "function_arn"]);
        if function.is_present() {
            let http = request(Gateway::AppSync, View::missing(resource.span), Sourced::absent(None));
            self.trigger(resource.span, written(function), always_on(), TriggerKind::Http(http));
        }
    }

    pub(super) fn distribution(&mut self, resource: &Resource) {
        let view = resource.view();
        let behaviors = ["default_cache_behavior", "ordered_cache_behavior"].into_iter();
        for behavior in behaviors.flat_map(|name| view.get(name).items()) {
            for association in behavior.get("lambda_function_association").items() {
                let event = association.get("event_type").known_text().unwrap_or_default();
                let function = association.get("lambda_arn");
                let span = function.span().unwrap_or(resource.span);
                let trigger = self.trigger(span, written(function), always_on(), TriggerKind::Edge(event));
                // CloudFront takes no alias.
                trigger.target.versioned = versions::of_function(&trigger.target.written);
            }
        }
    }

    pub(super) fn user_pool(&mut self, resource: &Resource) {
        for config in resource.view().get("lambda_config").items() {
            for (entry, value) in config.entries() {
                // Custom senders and the newer token trigger name their function one level further in.
                let inner = value.get("lambda_arn");
                let is_block =
                    value.value().is_some_and(|value| matches!(value.known(), Some(crate::value::Data::List(_))));
                let function = if is_block { inner } else { value };
                if &*entry.name == "kms_key_id" || function.is_absent() {
                    continue;
                }
                let name = entry.name.replace('_', "");
                let span = entry.key.unwrap_or(resource.span);
                self.trigger(span, written(function), always_on(), TriggerKind::UserPool(name.into()));
            }
        }
    }
}

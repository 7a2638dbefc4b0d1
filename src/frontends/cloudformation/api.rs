//! What calls functions and waits: API Gateway in its three kinds, authorizers, function URLs.

use super::lower::Lowering;
use crate::frontends::aws::{
    CLOUDFORMATION_INTEGRATION, apply_endpoint, asked, guard, integrated, integration, invoked, request, second_gateway,
};
use crate::frontends::resource::Resource;
use crate::frontends::triggers::{always_on, literal, written};
use crate::model::{Gateway, HttpTrigger, Identity, TriggerKind};
use crate::source::Span;
use crate::value::{Data, Part, Sourced, Value, View};
use std::sync::Arc;

/// The endpoint type of a REST API in its `EndpointConfiguration`: a text, `{Type}` or `{Types: [..]}`. The parameters of
/// its description may say it, too.
pub(super) fn endpoint_type(api: View<'_>) -> View<'_> {
    let configuration = api.get("EndpointConfiguration");
    let in_parameters = api.at(&["Parameters", "endpointConfigurationTypes"]);
    if configuration.is_absent() && in_parameters.is_present() {
        return in_parameters;
    }
    let inner = configuration.first(&["Type", "Types"]);
    match inner.value().map(|value| value.known()) {
        Some(Some(Data::List(_))) => inner.items().into_iter().next().unwrap_or(inner),
        Some(_) => inner,
        None => match configuration.value().map(|value| value.known()) {
            Some(Some(Data::Object(_))) => View::missing(configuration.block()),
            _ => configuration,
        },
    }
}

/// A function's own URL, from `FunctionUrlConfig` or `AWS::Lambda::Url`.
pub(super) fn function_url(view: View<'_>) -> HttpTrigger {
    let mut http = request(Gateway::FunctionUrl, View::missing(view.block()), Sourced::absent(None));
    http.is_streaming = view.get("InvokeMode").text().map(|mode| mode.as_deref() == Some("RESPONSE_STREAM"));
    http.is_public = view.get("AuthType").text().map(|kind| kind.as_deref() == Some("NONE"));
    http
}

/// Whether an integration's address leads to a function: it refers to one, or its text says so.
pub(super) fn calls_function(lowering: &Lowering, uri: &Value) -> bool {
    let says = |text: &str| text.contains(":lambda:") || text.contains(":function:");
    match uri.known() {
        Some(Data::Text(text)) => says(text),
        Some(data) => {
            let kind = |address: &str| lowering.resources.at(address).map(|resource| resource.kind.clone());
            let function = |kind: Arc<str>| kind.contains("::Lambda::") || &*kind == "AWS::Serverless::Function";
            let spoken = match data {
                Data::Template(parts) => parts.iter().any(|part| matches!(part, Part::Text(text) if says(text))),
                _ => false,
            };
            spoken || data.references().iter().any(|reference| kind(&reference.address).is_some_and(function))
        }
        None => false,
    }
}

impl Lowering<'_> {
    pub(super) fn rest_method(&mut self, resource: &Resource) {
        let view = resource.view();
        let settings = view.get("Integration");
        let uri = written(settings.get("Uri"));
        let path = match self.resources.referred(view.get("ResourceId")) {
            Some(part) => part.view().get("PathPart").text(),
            None => Sourced::absent(resource.span),
        };
        let mut http = integration(Gateway::RestApi, settings.within(resource.span), &CLOUDFORMATION_INTEGRATION, path);
        let api = self.resources.referred(view.get("RestApiId"));
        let endpoint = api.map(|api| endpoint_type(api.view()));
        if let Some(endpoint) = endpoint {
            apply_endpoint(&mut http, endpoint, "EndpointConfiguration");
        }
        guard(&mut http, view.get("AuthorizationType"), view.get("ApiKeyRequired"));
        self.answered(resource, http, settings, endpoint, &uri);
    }

    /// A route with what answers: a trigger where that is a function.
    fn answered(
        &mut self,
        resource: &Resource,
        http: HttpTrigger,
        settings: View<'_>,
        endpoint: Option<View<'_>>,
        uri: &Value,
    ) {
        let identity = resource.identity(self.unit, Sourced::absent(resource.span));
        self.integrate([integrated(identity, &http, settings.get("TimeoutInMillis"), endpoint, invoked(uri))]);
        if calls_function(self, uri) {
            self.trigger(resource.span, invoked(uri), always_on(), TriggerKind::Http(http));
        }
    }

    pub(super) fn http_integration(&mut self, resource: &Resource) {
        let view = resource.view();
        let api = self.resources.referred(view.get("ApiId"));
        let protocol = api.map(|api| api.view().get("ProtocolType"));
        let Some(gateway) = second_gateway(protocol, view.get("PayloadFormatVersion")) else { return };
        let route = self.routes.get(&resource.address).map(|route| route.view());
        let path = route.map_or(Sourced::absent(resource.span), |route| route.get("RouteKey").text());
        let mut http = request(gateway, view.get("TimeoutInMillis"), path);
        if let Some(route) = route {
            guard(&mut http, route.get("AuthorizationType"), route.get("ApiKeyRequired"));
        }
        self.answered(resource, http, view, None, &written(view.get("IntegrationUri")));
    }

    pub(super) fn authorizer(&mut self, resource: &Resource) {
        let view = resource.view();
        if let Some(uri) = view.get("AuthorizerUri").value().filter(|uri| calls_function(self, uri)) {
            let kept = view.get("AuthorizerResultTtlInSeconds");
            let knows_callers = view.get("IdentitySource").is_present() || view.get("Type").is_text("TOKEN");
            self.asked(resource.span, invoked(uri), kept, knows_callers);
        }
    }

    /// A function that says whether a request may pass.
    fn asked(&mut self, span: Span, function: Value, kept: View<'_>, knows_callers: bool) {
        let http = asked(Some(span), kept, knows_callers);
        self.trigger(span, function, always_on(), TriggerKind::Http(http));
    }

    /// The functions behind an API of SAM by its description, and those that it asks whether a request may pass.
    pub(super) fn serverless_api(&mut self, resource: &Resource, gateway: Gateway) {
        self.described_api(resource, gateway);
        for (entry, authorizer) in resource.view().at(&["Auth", "Authorizers"]).entries() {
            let function = authorizer.get("FunctionArn");
            if function.is_present() {
                let identity = authorizer.get("Identity");
                let sources = ["Header", "Headers", "QueryStrings", "StageVariables", "Context"];
                // A REST API goes by the token of the usual header unless it is told to look at the whole request.
                let is_token = gateway == Gateway::RestApi && !authorizer.get("FunctionPayloadType").is_text("REQUEST");
                let knows_callers = is_token || identity.first(&sources).is_present();
                let kept = identity.get("ReauthorizeEvery");
                self.asked(entry.key.unwrap_or(resource.span), written(function), kept, knows_callers);
            }
        }
    }

    pub(super) fn serverless_web_socket(&mut self, resource: &Resource) {
        let authorizer = resource.view().at(&["Auth", "AuthArn"]);
        if authorizer.is_present() {
            // A WebSocket API asks once for each connection.
            let span = authorizer.span().unwrap_or(resource.span);
            self.asked(span, written(authorizer), View::missing(span), false);
        }
        for (entry, route) in resource.view().get("Routes").entries() {
            let function = route.get("FunctionArn");
            if function.is_present() {
                let span = entry.key.unwrap_or(resource.span);
                let path = literal(Some(entry.name.clone()), entry.key);
                let timeout = route.get("IntegrationTimeout");
                let http = request(Gateway::WebSocketApi, timeout, path);
                let identity =
                    Identity { label: entry.name.clone(), span, ..resource.identity(self.unit, Sourced::absent(span)) };
                self.integrate([integrated(identity, &http, timeout, None, written(function))]);
                self.trigger(span, written(function), always_on(), TriggerKind::Http(http));
            }
        }
    }
}

//! What calls functions and waits: API Gateway in its three kinds, authorizers, function URLs.

use super::lower::{Lowering, literal};
use super::sources::{always_on, written};
use crate::facts::aws as facts;
use crate::frontends::aws;
use crate::frontends::resource::Resource;
use crate::model::{Gateway, HttpTrigger, TriggerKind};
use crate::value::{Data, How, Origin, Part, Sourced, Unknown, Value, View};
use std::sync::Arc;

/// A request through a gateway; `milliseconds` is where its own timeout would be written.
pub(crate) fn request(gateway: Gateway, milliseconds: View<'_>, path: Sourced<Option<Arc<str>>>) -> HttpTrigger {
    aws::http_trigger(gateway, aws::gateway_limit(gateway, milliseconds), path)
}

/// What the endpoint type of a REST API decides: whether its time limit can be raised, and who can reach it.
pub(crate) fn apply_endpoint(http: &mut HttpTrigger, endpoint: View<'_>, key: &str) {
    if endpoint.is_absent() {
        http.limit_note = Some(format!("{key} defaults to EDGE, whose limit cannot be raised").into());
        return;
    }
    match endpoint.known_text().map(|text| text.to_ascii_uppercase()).as_deref() {
        Some("EDGE") => http.limit_note = Some("an edge-optimized API, whose limit cannot be raised".into()),
        Some("REGIONAL") => http.limit_is_quota = true,
        Some("PRIVATE") => {
            http.limit_is_quota = true;
            http.is_public = literal(false, endpoint.span());
        }
        // An edge-optimized API cannot have more than the usual limit; for the others nothing is said.
        _ => {}
    }
}

/// The endpoint type in `EndpointConfiguration`: a text, `{Type}` or `{Types: [..]}`.
pub(super) fn endpoint_type(configuration: View<'_>) -> View<'_> {
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

/// Signed requests come from whoever holds credentials of the account, which an identity pool may hand to anyone.
pub(crate) fn signed(view: View<'_>) -> Sourced<bool> {
    let origin = view.value().map_or(Origin::new(How::Absent, None), |value| value.origin.clone());
    Sourced::unknown(Unknown::NotEvaluated("who may sign requests".into()), origin)
}

/// Whether an integration's address leads to a function: it refers to one, or its text says so.
fn calls_function(lowering: &Lowering, uri: &Value) -> bool {
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
        let integration = view.get("Integration");
        let Some(uri) = integration.get("Uri").value().filter(|uri| calls_function(self, uri)).cloned() else { return };
        let path = match self.resources.referred(view.get("ResourceId")) {
            Some(part) => part.view().get("PathPart").text(),
            None => Sourced::absent(resource.span),
        };
        let milliseconds = integration.get("TimeoutInMillis").within(resource.span);
        let mut http = request(Gateway::RestApi, milliseconds, path);
        let invocation = integration.get("RequestParameters").get("integration.request.header.X-Amz-Invocation-Type");
        http.is_asynchronous = invocation.text().map(|kind| kind.is_some_and(|kind| kind.contains("Event")));
        let mode = integration.get("ResponseTransferMode").text();
        http.is_streaming = mode.map(|mode| mode.as_deref() == Some("STREAM"));
        if let Some(api) = self.resources.referred(view.get("RestApiId")) {
            let endpoint = endpoint_type(api.view().get("EndpointConfiguration"));
            apply_endpoint(&mut http, endpoint, "EndpointConfiguration");
        }
        self.trigger(resource.span, uri, always_on(), TriggerKind::Http(http));
    }

    pub(super) fn http_integration(&mut self, resource: &Resource) {
        let view = resource.view();
        let uri = view.get("IntegrationUri");
        let Some(uri) = uri.value().filter(|uri| calls_function(self, uri)).cloned() else { return };
        let protocol = self.resources.referred(view.get("ApiId")).map(|api| api.view().get("ProtocolType").text());
        let gateway = match protocol.as_ref().and_then(Sourced::set).map(AsRef::as_ref) {
            Some("WEBSOCKET") => Gateway::WebSocketApi,
            Some("HTTP") => Gateway::HttpApi,
            // Without the API nothing is known about the limit; a payload format belongs to HTTP APIs only.
            _ if view.get("PayloadFormatVersion").is_present() => Gateway::HttpApi,
            _ => return,
        };
        let http = request(gateway, view.get("TimeoutInMillis"), Sourced::absent(resource.span));
        self.trigger(resource.span, uri, always_on(), TriggerKind::Http(http));
    }

    pub(super) fn authorizer(&mut self, resource: &Resource) {
        let uri = resource.view().get("AuthorizerUri");
        if let Some(uri) = uri.value().filter(|uri| calls_function(self, uri)).cloned() {
            let http = request(Gateway::Authorizer, View::missing(resource.span), Sourced::absent(None));
            self.trigger(resource.span, uri, always_on(), TriggerKind::Http(http));
        }
    }

    /// The functions that an API of SAM asks whether a request may pass.
    pub(super) fn serverless_api(&mut self, resource: &Resource) {
        for (entry, authorizer) in resource.view().at(&["Auth", "Authorizers"]).entries() {
            let function = authorizer.get("FunctionArn");
            if function.is_present() {
                let span = entry.key.unwrap_or(resource.span);
                let http = request(Gateway::Authorizer, View::missing(span), Sourced::absent(None));
                self.trigger(span, written(function), always_on(), TriggerKind::Http(http));
            }
        }
    }

    pub(super) fn serverless_web_socket(&mut self, resource: &Resource) {
        for (entry, route) in resource.view().get("Routes").entries() {
            let function = route.get("FunctionArn");
            if function.is_present() {
                let span = entry.key.unwrap_or(resource.span);
                let path = literal(Some(entry.name.clone()), entry.key);
                let http = request(Gateway::WebSocketApi, route.get("IntegrationTimeout"), path);
                self.trigger(span, written(function), always_on(), TriggerKind::Http(http));
            }
        }
    }
}

/// How long an HTTP API waits, where its own limit is written in seconds.
pub(crate) fn limit_in_seconds(seconds: View<'_>) -> Sourced<Option<u64>> {
    seconds.whole().or_fact(&facts::HTTP_API_TIMEOUT).map(Some)
}

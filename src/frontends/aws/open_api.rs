//! APIs that are described in OpenAPI, with API Gateway's extensions: which functions answer, and how long they have.
//! Called for `Body` and `DefinitionBody` of CloudFormation and SAM, and for the `body` of Terraform's APIs.

use super::triggers::{asked, integrated, invoked, keyed, request, signed};
use crate::frontends::resource::Resource;
use crate::frontends::triggers::literal;
use crate::model::{Gateway, HttpTrigger, Identity, Integration, UnitId};
use crate::source::Span;
use crate::value::{Data, Part, Sourced, Value, View};
use std::sync::Arc;

/// A request that an integration answers.
#[derive(Debug)]
pub(crate) struct Route {
    /// Where it is described: the method.
    pub span: Span,
    /// The address of what answers, which may be no function.
    pub uri: Value,
    /// How it is asked.
    pub http: HttpTrigger,
    /// The path, or the authorizer's name.
    pub name: Arc<str>,
    /// Milliseconds that the gateway waits, as written.
    pub timeout: Option<Value>,
}

impl Route {
    /// What the gateway does with it, for an API whose endpoint type is at a place. `None` for authorizers, which have
    /// no time limit of their own.
    pub fn integration(&self, api: &Resource, unit: UnitId, endpoint: View<'_>) -> Option<Integration> {
        if self.http.gateway == Gateway::Authorizer {
            return None;
        }
        let address = format!("{} {}", api.address, self.name).into();
        let name = Sourced::absent(self.span);
        let identity = Identity { unit, address, label: self.name.clone(), name, span: self.span };
        let timeout = self.timeout.as_ref().map_or(View::missing(self.span), |value| View::new(value, self.span));
        Some(integrated(identity, &self.http, timeout, Some(endpoint), invoked(&self.uri)))
    }

    /// Whether its address may be that of a function: not one on the web, nor a text that names none.
    pub fn may_be_function(&self) -> bool {
        match self.uri.known() {
            Some(Data::Text(text)) => text.contains(":lambda:"),
            Some(Data::Template(parts)) => {
                !parts.iter().any(|part| matches!(part, Part::Text(text) if text.contains("://")))
            }
            Some(Data::Reference(_)) => true,
            _ => false,
        }
    }
}

/// What a dialect calls the settings of an integration.
#[derive(Debug)]
pub(crate) struct IntegrationKeys {
    pub timeout: &'static str,
    pub parameters: &'static str,
    pub transfer_mode: &'static str,
}

/// `x-amazon-apigateway-integration`
static EXTENSION: IntegrationKeys = IntegrationKeys {
    timeout: "timeoutInMillis",
    parameters: "requestParameters",
    transfer_mode: "responseTransferMode",
};

/// `AWS::ApiGateway::Method.Integration`
pub(crate) static CLOUDFORMATION_INTEGRATION: IntegrationKeys = IntegrationKeys {
    timeout: "TimeoutInMillis",
    parameters: "RequestParameters",
    transfer_mode: "ResponseTransferMode",
};

/// `aws_api_gateway_integration`
pub(crate) static TERRAFORM_INTEGRATION: IntegrationKeys = IntegrationKeys {
    timeout: "timeout_milliseconds",
    parameters: "request_parameters",
    transfer_mode: "response_transfer_mode",
};

/// A request through an integration, from its settings.
pub(crate) fn integration(
    gateway: Gateway,
    view: View<'_>,
    keys: &IntegrationKeys,
    path: Sourced<Option<Arc<str>>>,
) -> HttpTrigger {
    let mut http = request(gateway, view.get(keys.timeout), path);
    let invocation = view.get(keys.parameters).get("integration.request.header.X-Amz-Invocation-Type");
    http.is_asynchronous = invocation.text().map(|kind| kind.is_some_and(|kind| kind.contains("Event")));
    http.is_streaming = view.get(keys.transfer_mode).text().map(|mode| mode.as_deref() == Some("STREAM"));
    http
}

/// The routes and the authorizers of a description.
pub(crate) fn routes(definition: View<'_>, gateway: Gateway, place: Span) -> Vec<Route> {
    let mut found = Vec::new();
    for (path, operations) in definition.get("paths").entries() {
        for (method, operation) in operations.entries() {
            let span = method.key.or(path.key).unwrap_or(place);
            let settings = referred(definition, operation.get("x-amazon-apigateway-integration")).within(span);
            let Some(uri) = settings.get("uri").value().cloned() else { continue };
            let timeout = settings.get(EXTENSION.timeout).value().cloned();
            let mut http = integration(gateway, settings, &EXTENSION, literal(Some(path.name.clone()), path.key));
            if let Some(signature) = signature(definition, operation) {
                http.is_public = signed(signature);
            } else if let Some(key) = key(definition, operation) {
                http.is_public = keyed(key);
            }
            found.push(Route { span, uri, http, name: path.name.clone(), timeout });
        }
    }
    for (name, scheme) in schemes(definition).entries() {
        let authorizer = scheme.get("x-amazon-apigateway-authorizer");
        if let Some(uri) = authorizer.get("authorizerUri").value().cloned() {
            let span = name.key.unwrap_or(place);
            let knows_callers =
                authorizer.get("identitySource").is_present() || authorizer.get("type").is_text("token");
            let http = asked(Some(span), authorizer.get("authorizerResultTtlInSeconds"), knows_callers);
            found.push(Route { span, uri, http, name: name.name.clone(), timeout: None });
        }
    }
    found
}

fn schemes(definition: View<'_>) -> View<'_> {
    let second = definition.get("securityDefinitions");
    if second.is_present() { second } else { definition.at(&["components", "securitySchemes"]) }
}

/// An integration that is written once for several operations, where it is written.
fn referred<'v>(definition: View<'v>, integration: View<'v>) -> View<'v> {
    let name = integration.get("$ref").known_text();
    match name.as_deref().and_then(|name| name.strip_prefix("#/components/x-amazon-apigateway-integrations/")) {
        Some(name) => definition.at(&["components", "x-amazon-apigateway-integrations"]).find(name),
        None => integration,
    }
}

/// What says that requests to an operation need one of the gateway's keys. An authorizer of its own is declared as a key
/// in the same way.
fn key<'v>(definition: View<'v>, operation: View<'v>) -> Option<View<'v>> {
    let schemes = schemes(definition);
    let required = operation.get("security").items().into_iter().flat_map(View::entries);
    let mut names = required.map(|(name, _)| schemes.find(&name.name)).filter(|scheme| {
        let kinds = ["x-amazon-apigateway-authtype", "x-amazon-apigateway-authorizer"];
        scheme.get("type").is_text("apiKey") && kinds.iter().all(|kind| scheme.get(kind).is_absent())
    });
    let is_key = |name: &View<'_>| name.known_text().is_some_and(|name| name.eq_ignore_ascii_case("x-api-key"));
    names.find_map(|scheme| Some(scheme.get("name")).filter(is_key))
}

/// What says that requests to an operation must be signed.
fn signature<'v>(definition: View<'v>, operation: View<'v>) -> Option<View<'v>> {
    let kind = operation.at(&["x-amazon-apigateway-auth", "type"]);
    if kind.is_text("AWS_IAM") {
        return Some(kind);
    }
    let schemes = schemes(definition);
    let required = operation.get("security").items().into_iter().flat_map(View::entries);
    let mut kinds = required.map(|(name, _)| schemes.find(&name.name).get("x-amazon-apigateway-authtype"));
    kinds.find(|kind| kind.is_text("awsSigv4"))
}

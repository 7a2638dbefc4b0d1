//! What sets functions on AWS off: event source mappings, and requests through API Gateway and its like.

use super::{QueueKeys, StreamKeys, queue_trigger, stream_trigger};
use crate::facts::aws;
use crate::frontends::resource::{Resource, Resources};
use crate::frontends::triggers::{literal, written};
use crate::model::{
    BackingService, Endpoint, EventKind, Gateway, HttpTrigger, Identity, Integration, Link, MappingTrigger, StreamKind,
    TriggerKind, exported,
};
use crate::source::Span;
use crate::value::{Data, How, Origin, Part, Reference, Sourced, Unknown, Value, View};
use std::collections::HashMap;
use std::sync::Arc;

/// What kind of thing an event source mapping reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventSource {
    /// SQS.
    Queue,
    /// Kinesis or DynamoDB.
    Stream(StreamKind),
    /// Kafka or MQ.
    Broker,
}

impl EventSource {
    /// What a type of resource is, in either dialect.
    fn of_type(kind: &str) -> Option<Self> {
        Some(match kind {
            "AWS::SQS::Queue" | "aws_sqs_queue" => Self::Queue,
            "AWS::Kinesis::Stream"
            | "AWS::Kinesis::StreamConsumer"
            | "aws_kinesis_stream"
            | "aws_kinesis_stream_consumer" => Self::Stream(StreamKind::Kinesis),
            "AWS::DynamoDB::Table"
            | "AWS::DynamoDB::GlobalTable"
            | "AWS::Serverless::SimpleTable"
            | "aws_dynamodb_table" => Self::Stream(StreamKind::DynamoDb),
            "AWS::MSK::Cluster"
            | "AWS::MSK::ServerlessCluster"
            | "AWS::AmazonMQ::Broker"
            | "aws_msk_cluster"
            | "aws_msk_serverless_cluster"
            | "aws_mq_broker" => Self::Broker,
            _ => return None,
        })
    }

    /// What an ARN names, by the service in its text.
    fn of_arn(arn: &str) -> Option<Self> {
        match arn.split(':').nth(2)? {
            "sqs" => Some(Self::Queue),
            "kinesis" => Some(Self::Stream(StreamKind::Kinesis)),
            "dynamodb" => Some(Self::Stream(StreamKind::DynamoDb)),
            "kafka" | "mq" => Some(Self::Broker),
            _ => None,
        }
    }
}

/// What an ARN names: the type of the resource that it refers to, or the service in its text.
pub(crate) fn event_source_of(resources: &Resources, arn: View<'_>) -> Option<EventSource> {
    match resources.referred(arn) {
        Some(resource) => EventSource::of_type(&resource.kind),
        None => elsewhere(arn).or_else(|| arn.value().and_then(known_pieces).and_then(|arn| EventSource::of_arn(&arn))),
    }
}

/// What a reference to another unit names, where it says what type it is of.
fn elsewhere(arn: View<'_>) -> Option<EventSource> {
    match arn.value()?.known()? {
        Data::Reference(reference) => EventSource::of_type(exported::named(&reference.address)?.0),
        _ => None,
    }
}

/// Whether a mapping reads what another unit hands on: what that is, linking finds out.
fn is_handed_on(arn: View<'_>) -> bool {
    let Some(arn) = arn.value() else { return false };
    match (arn.known(), arn.why_unknown()) {
        (Some(Data::Reference(reference)), _) => exported::is_handed_on(&reference.address),
        (_, Some(why)) => matches!(why, Unknown::HandedOn(_)),
        _ => false,
    }
}

/// A link to the topic, stream, table or bucket that a trigger comes from. A plain name is that of something of the
/// type `kind`.
pub(crate) fn source(view: View<'_>, kind: &str) -> Option<Link<BackingService>> {
    let value = view.value()?;
    match value.known() {
        Some(Data::Text(name)) if !name.starts_with("arn:") => {
            let reference = Reference { address: exported::thing(kind, name).into(), attribute: "".into() };
            Some(Link::to(Sourced::new(Data::Reference(reference), value.origin.clone())))
        }
        _ => Some(Link::to(value.clone())),
    }
}

/// What a mapping reads, if that is or may be a stream. One that is registered with a stream as its consumer reads that
/// stream.
pub(crate) fn stream_source(kind: &TriggerKind, arn: View<'_>, resources: &Resources) -> Option<Link<BackingService>> {
    let may_be =
        matches!(kind, TriggerKind::Stream(_) | TriggerKind::Undetermined(_) | TriggerKind::Event(EventKind::Other));
    let consumer = resources.referred(arn).filter(|resource| is_consumer(&resource.kind));
    let arn = consumer.map_or(arn, |consumer| consumer.view().first(&["StreamARN", "stream_arn"]));
    arn.value().filter(|_| may_be).map(|arn| Link::to(arn.clone()))
}

fn is_consumer(kind: &str) -> bool {
    matches!(kind, "AWS::Kinesis::StreamConsumer" | "aws_kinesis_stream_consumer")
}

/// The text of a value with what is not known left out, for looking at the fixed pieces of an ARN.
fn known_pieces(value: &Value) -> Option<String> {
    match value.known()? {
        Data::Text(text) => Some(text.to_string()),
        Data::Template(parts) => Some(
            parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => text.as_ref(),
                    // A placeholder without separators, so that the pieces of an ARN keep their places.
                    Part::Reference(_) | Part::Unknown(_) => "?",
                })
                .collect(),
        ),
        _ => None,
    }
}

/// An event source mapping: of what, where its ARN is written, and where a dialect keeps its settings.
pub(crate) fn mapping(
    source: Option<EventSource>,
    arn: View<'_>,
    settings: View<'_>,
    queue_keys: &QueueKeys,
    stream_keys: &StreamKeys,
) -> TriggerKind {
    // Nothing but a queue has a maximum concurrency.
    let only_of_queues = settings.at(queue_keys.maximum_concurrency).whole().set().is_some();
    match source.or(only_of_queues.then_some(EventSource::Queue)) {
        Some(EventSource::Queue) => TriggerKind::Queue(queue_trigger(written(arn), settings, queue_keys)),
        Some(EventSource::Stream(kind)) => TriggerKind::Stream(stream_trigger(kind, settings, stream_keys)),
        Some(EventSource::Broker) => TriggerKind::Event(EventKind::Broker),
        None if is_handed_on(arn) => TriggerKind::Undetermined(Box::new(MappingTrigger {
            queue: queue_trigger(written(arn), settings, queue_keys),
            stream: stream_trigger(StreamKind::Kinesis, settings, stream_keys),
        })),
        None => TriggerKind::Event(EventKind::Other),
    }
}

/// A request through a gateway; `milliseconds` is where its own timeout would be written.
pub(crate) fn request(gateway: Gateway, milliseconds: View<'_>, path: Sourced<Option<Arc<str>>>) -> HttpTrigger {
    HttpTrigger::new(gateway, gateway_limit(gateway, milliseconds), path)
}

/// A gateway that asks a function whether a request may pass; `kept` is where the seconds are written for which it keeps
/// the answer, `knows_callers` whether it is told what of a request the answer is for.
pub(crate) fn asked(place: Option<Span>, kept: View<'_>, knows_callers: bool) -> HttpTrigger {
    let http = request(Gateway::Authorizer, View::missing(place), Sourced::absent(None));
    HttpTrigger { answer_kept: kept.whole(), knows_callers, ..http }
}

/// What a gateway does with the requests of a route that [`request`] made a trigger of; `milliseconds` is where its own
/// timeout would be written, `endpoint` the place of the API's endpoint type, where the API is known.
pub(crate) fn integrated(
    identity: Identity,
    http: &HttpTrigger,
    milliseconds: View<'_>,
    endpoint: Option<View<'_>>,
    target: Value,
) -> Integration {
    let timeout = match http.limit.why_unknown() {
        Some(why) => Sourced::unknown(why.clone(), http.limit.origin.clone()),
        None => milliseconds.whole(),
    };
    let endpoint = match endpoint {
        _ if http.gateway != Gateway::RestApi => Sourced::absent(identity.span),
        Some(endpoint) => endpoint.text().and_then(|text| text.map(|text| endpoint_of(&text)).transpose()),
        None => {
            let why = Unknown::NotEvaluated("the API of this route".into());
            Sourced::unknown(why, Origin::new(How::Absent, identity.span))
        }
    };
    Integration {
        gateway: http.gateway,
        timeout,
        endpoint,
        is_streaming: http.is_streaming.clone(),
        target: Link::to(target),
        identity,
    }
}

fn endpoint_of(text: &str) -> Result<Endpoint, Unknown> {
    match text.to_ascii_uppercase().as_str() {
        "EDGE" => Ok(Endpoint::Edge),
        "REGIONAL" => Ok(Endpoint::Regional),
        "PRIVATE" => Ok(Endpoint::Private),
        _ => Err(Unknown::Invalid(format!("`{text}` is no endpoint type").into())),
    }
}

/// How long a gateway waits: its own setting in milliseconds where one is written, else the platform's limit.
fn gateway_limit(gateway: Gateway, milliseconds: View<'_>) -> Sourced<Option<u64>> {
    let fact = match gateway {
        Gateway::RestApi => &aws::REST_API_TIMEOUT,
        Gateway::HttpApi => &aws::HTTP_API_TIMEOUT,
        Gateway::WebSocketApi => &aws::WEBSOCKET_API_TIMEOUT,
        Gateway::AppSync => &aws::APPSYNC_TIMEOUT,
        // A load balancer and a function URL wait as long as the function may run.
        _ => return Sourced::absent(milliseconds.block()),
    };
    let seconds = milliseconds.number().map(|number| number.map(|number| (number / 1000.0).ceil() as u64));
    let seconds = seconds.or_fact(fact);
    match gateway {
        // What a quota or a streamed answer may raise.
        Gateway::RestApi => seconds.map(Some),
        // More may be written, but nothing waits longer.
        _ => seconds.map(|seconds| Some(seconds.min(fact.whole()))),
    }
}

/// Which kind of API an integration of API Gateway's second version belongs to, by the API's protocol where the API is
/// in the unit.
pub(crate) fn second_gateway(protocol: Option<View<'_>>, payload_format: View<'_>) -> Option<Gateway> {
    match protocol.and_then(View::known_text).as_deref() {
        Some("WEBSOCKET") => Some(Gateway::WebSocketApi),
        Some("HTTP") => Some(Gateway::HttpApi),
        // Without the API nothing is known about the limit; a payload format belongs to HTTP APIs only.
        _ => payload_format.is_present().then_some(Gateway::HttpApi),
    }
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

/// Signed requests come from whoever holds credentials of the account, which an identity pool may hand to anyone.
pub(crate) fn signed(view: View<'_>) -> Sourced<bool> {
    let origin = view.value().map_or(Origin::new(How::Absent, None), |value| value.origin.clone());
    Sourced::unknown(Unknown::NotEvaluated("who may sign requests".into()), origin)
}

/// The routes of HTTP and WebSocket APIs by the address of the integration that they lead to: of several, one that does
/// not ask for a signature, where there is one. The keys of the route are given.
pub(crate) fn routes_to<'r>(
    resources: &'r Resources,
    [kind, target, authorization]: [&'static str; 3],
) -> HashMap<Arc<str>, &'r Resource> {
    let is_signed = |route: &Resource| route.view().get(authorization).is_text("AWS_IAM");
    let mut routes: HashMap<Arc<str>, &Resource> = HashMap::new();
    for route in resources.of(kind) {
        if let Some(integration) = resources.referred(route.view().get(target)) {
            let first = routes.entry(integration.address.clone()).or_insert(route);
            if is_signed(first) && !is_signed(route) {
                *first = route;
            }
        }
    }
    routes
}

/// What a gateway asks for besides a token: a signature, or one of its own keys. Both are what programs have; whether a
/// person waits behind one, no file says.
pub(crate) fn guard(http: &mut HttpTrigger, authorization: View<'_>, key_required: View<'_>) {
    if http.is_public.known() == Some(&false) {
        return;
    }
    if authorization.known_text().is_some_and(|kind| kind.eq_ignore_ascii_case("aws_iam")) {
        http.is_public = signed(authorization);
    } else if key_required.boolean().set() == Some(&true) {
        http.is_public = keyed(key_required);
    }
}

/// Requests with one of the gateway's own keys, as the place that asks for it says.
pub(crate) fn keyed(view: View<'_>) -> Sourced<bool> {
    let origin = view.value().map_or(Origin::new(How::Absent, None), |value| value.origin.clone());
    Sourced::unknown(Unknown::NotEvaluated("who has an API key".into()), origin)
}

/// The function that the address of an integration names:
/// `arn:aws:apigateway:..:lambda:path/2015-03-31/functions/arn:aws:lambda:..:function:name/invocations`.
pub(crate) fn invoked(uri: &Value) -> Value {
    let start = |text: &str| text.find("/functions/").map_or(0, |at| at + "/functions/".len());
    let end = |text: &str| text.rfind("/invocations").unwrap_or(text.len());
    let cut = |text: &Arc<str>| -> Arc<str> {
        let start = start(text);
        text.get(start..end(text).max(start)).unwrap_or_default().into()
    };
    let data = match uri.known() {
        Some(Data::Text(text)) => Data::Text(cut(text)),
        Some(Data::Template(parts)) => {
            let mut parts = parts.to_vec();
            // What comes before the function is an address of the gateway.
            let first = parts.iter().position(|part| matches!(part, Part::Text(text) if text.contains("/functions/")));
            parts.drain(..first.unwrap_or(0));
            for part in &mut parts {
                if let Part::Text(text) = part {
                    *text = cut(text);
                }
            }
            parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
            match &*parts {
                [Part::Reference(reference)] => Data::Reference(reference.clone()),
                _ => Data::Template(parts.into()),
            }
        }
        _ => return uri.clone(),
    };
    Sourced::new(data, uri.origin.clone())
}

/// What a permission lets call a function, besides clocks: it may do so in a way that no other file shows, as an API
/// described in OpenAPI does.
pub(crate) fn permitted(principal: View<'_>) -> Option<EventKind> {
    let name = principal.known_text();
    let service = name.as_deref().and_then(|name| name.split_once('.')).map_or("", |(service, _)| service);
    Some(match service {
        "events" | "scheduler" => return None,
        "s3" => EventKind::Storage,
        "sns" => EventKind::Topic,
        "iot" => EventKind::Iot,
        "logs" => EventKind::Log,
        "apigateway" | "elasticloadbalancing" => EventKind::Gateway,
        "cognito-idp" => EventKind::UserPool,
        _ => EventKind::Unseen,
    })
}

//! The `Events` of a function in SAM.

use super::IMPLICIT_API;
use super::api::endpoint_type;
use super::lower::Lowering;
use super::sources::{enabled, mapping, state};
use crate::frontends::aws::{
    CLOUDFORMATION_QUEUE, EventSource, apply_endpoint, event_source_of, every_new_object, guard, integrated,
    keeps_undelivered, queue as queue_of, queue_trigger, request, source, stream_source,
};
use crate::frontends::resource::{Resource, reference_to};
use crate::frontends::triggers::{schedule, told};
use crate::model::{EventKind, Gateway, HttpTrigger, Identity, StreamKind, TriggerKind};
use crate::schedule::Dialect;
use crate::source::Span;
use crate::value::{Entry, Sourced, View};
use std::sync::Arc;

impl<'r> Lowering<'r> {
    /// One event, by its name.
    pub(super) fn serverless_event(&mut self, resource: &Resource, entry: &Entry, event: View<'_>) {
        let (span, event_name) = (entry.key.unwrap_or(resource.span), &entry.name);
        let view = event.get("Properties").within(span);
        let kind = event.get("Type").known_text();
        let stream = |kind| (Some(EventSource::Stream(kind)), view.get("Stream"));
        let (kind, on) = match kind.as_deref().unwrap_or("") {
            "Api" | "HttpApi" | "WebSocket" => {
                let http = self.route_event(resource, event_name, kind.as_deref(), view);
                (TriggerKind::Http(http), enabled(View::missing(span)))
            }
            "Schedule" => (told(schedule(view.get("Schedule"), Dialect::Aws), view), enabled(view)),
            "ScheduleV2" => (told(schedule(view.get("ScheduleExpression"), Dialect::AwsScheduler), view), state(view)),
            "SQS" => (mapping(Some(EventSource::Queue), view.get("Queue"), view), enabled(view)),
            "Kinesis" | "DynamoDB" => {
                let is_kinesis = kind.as_deref() == Some("Kinesis");
                let (source, arn) = stream(if is_kinesis { StreamKind::Kinesis } else { StreamKind::DynamoDb });
                (mapping(source, arn, view), enabled(view))
            }
            "MSK" | "SelfManagedKafka" | "MQ" => (TriggerKind::Event(EventKind::Broker), enabled(view)),
            "DocumentDB" => (TriggerKind::Event(EventKind::Other), enabled(view)),
            "SNS" => self.topic_event(resource, span, event_name, view.get("SqsSubscription")),
            "S3" => (TriggerKind::Event(EventKind::Storage), enabled(View::missing(span))),
            "EventBridgeRule" | "CloudWatchEvent" => (TriggerKind::Event(EventKind::Bus), enabled(view)),
            "CloudWatchLogs" => (TriggerKind::Event(EventKind::Log), enabled(View::missing(span))),
            "IoTRule" => (TriggerKind::Event(EventKind::Iot), enabled(View::missing(span))),
            "Cognito" => {
                for trigger in view.get("Trigger").items() {
                    let name: Arc<str> = trigger.known_text().unwrap_or_default().to_ascii_lowercase().into();
                    let on = enabled(View::missing(span));
                    let target = reference_to(resource.address.clone(), span);
                    if let Some(trigger) = self.trigger(span, target, on, TriggerKind::UserPool(name)) {
                        trigger.target.qualified = resource.view().get("AutoPublishAlias").is_present();
                        trigger.is_own = true;
                    }
                }
                return;
            }
            "AlexaSkill" => {
                let http = request(Gateway::Assistant, View::missing(span), Sourced::absent(None));
                (TriggerKind::Http(http), enabled(View::missing(span)))
            }
            _ => (self.unnamed_event(view), enabled(view)),
        };
        let source = match &kind {
            TriggerKind::Event(EventKind::Topic) => source(view.get("Topic"), "aws_sns_topic"),
            TriggerKind::Event(EventKind::Storage) => source(view.get("Bucket"), "aws_s3_bucket"),
            _ => stream_source(&kind, view.first(&["Stream", "EventSourceArn"]), self.resources),
        };
        if let Some(trigger) = self.trigger(span, reference_to(resource.address.clone(), span), on, kind) {
            // SAM points a function's own events at the alias that it publishes, and what else calls it at nothing.
            trigger.target.qualified = resource.view().get("AutoPublishAlias").is_present();
            trigger.is_own = true;
            trigger.source = source;
            trigger.keeps_undelivered = keeps_undelivered(view);
            if matches!(trigger.kind, TriggerKind::Event(EventKind::Storage)) {
                trigger.takes_every_new_object = every_new_object(view.get("Events"), &[view.get("Filter")], false);
            }
        }
    }

    /// A kind of event that is newer than archlint, or whose name is not known: its source may still tell.
    fn unnamed_event(&self, view: View<'_>) -> TriggerKind {
        let arn = view.first(&["Queue", "Stream", "Broker", "EventSourceArn"]);
        mapping(event_source_of(self.resources, arn), arn, view)
    }

    /// A topic, or the queue that SAM puts behind it on request: it makes one with nothing but its defaults unless one
    /// is named.
    fn topic_event(
        &mut self,
        resource: &Resource,
        span: Span,
        name: &str,
        through: View<'_>,
    ) -> (TriggerKind, Sourced<bool>) {
        let is_plain = through.is_absent() || through.boolean().known() == Some(&Some(false));
        if is_plain {
            return (TriggerKind::Event(EventKind::Topic), enabled(View::missing(span)));
        }
        if through.is_unknown() {
            return (TriggerKind::Event(EventKind::Other), enabled(View::missing(span)));
        }
        let queue = through.get("QueueArn");
        if queue.is_present() {
            return (mapping(Some(EventSource::Queue), queue, through), enabled(through));
        }
        let label: Arc<str> = format!("{}{name}Queue", resource.label).into();
        let address: Arc<str> = format!("{}{name}Queue", resource.address).into();
        let identity = Identity { unit: self.unit, address: address.clone(), label, name: Sourced::absent(span), span };
        let made = queue_of(identity, View::missing(span), View::missing(span), View::missing(span));
        self.declarations.queues.push(made);
        let queue = queue_trigger(reference_to(address, span), through, &CLOUDFORMATION_QUEUE);
        (TriggerKind::Queue(queue), enabled(View::missing(span)))
    }

    /// A request through a gateway, and what that does with it.
    fn route_event(&mut self, resource: &Resource, name: &Arc<str>, kind: Option<&str>, view: View<'_>) -> HttpTrigger {
        let timeout = view.get("TimeoutInMillis");
        let (http, endpoint) = match kind {
            Some("Api") => {
                let api = self.api_of(resource, view.get("RestApiId"));
                let endpoint = api.map(endpoint_type);
                (rest_event(api, endpoint, view), endpoint)
            }
            Some("HttpApi") => {
                let mut http = request(Gateway::HttpApi, timeout, view.get("Path").text());
                let api = self.resources.referred(view.get("ApiId")).map(Resource::view);
                guard(&mut http, of_route(api, view, "Authorizer", "DefaultAuthorizer"), View::missing(None));
                (http, None)
            }
            _ => (request(Gateway::WebSocketApi, timeout, view.get("RouteKey").text()), None),
        };
        let span = view.block().unwrap_or(resource.span);
        let identity = Identity { label: name.clone(), span, ..resource.identity(self.unit, Sourced::absent(span)) };
        let target = reference_to(resource.address.clone(), span);
        self.integrate([integrated(identity, &http, timeout, endpoint, target)]);
        http
    }

    /// The API that an event names, or the one that SAM makes for those that name none.
    fn api_of(&self, resource: &Resource, api: View<'_>) -> Option<View<'r>> {
        if api.is_present() {
            return self.resources.referred(api).map(Resource::view);
        }
        let stack = resource.address.strip_suffix(&*resource.label).unwrap_or_default();
        let shared = self.resources.at(&format!("{stack}{IMPLICIT_API}"));
        Some(shared.map_or(View::missing(None), Resource::view))
    }
}

fn rest_event(api: Option<View<'_>>, endpoint: Option<View<'_>>, view: View<'_>) -> HttpTrigger {
    let mut http = request(Gateway::RestApi, view.get("TimeoutInMillis"), view.get("Path").text());
    let mode = view.get("ResponseTransferMode").text();
    http.is_streaming = mode.map(|mode| mode.as_deref() == Some("STREAM"));
    if let Some(endpoint) = endpoint {
        apply_endpoint(&mut http, endpoint, "EndpointConfiguration");
    }
    let authorizer = of_route(api, view, "Authorizer", "DefaultAuthorizer");
    guard(&mut http, authorizer, of_route(api, view, "ApiKeyRequired", "ApiKeyRequired"));
    http
}

/// What a route's `Auth` says, or that of its API where the route says nothing.
fn of_route<'v>(api: Option<View<'v>>, route: View<'v>, key: &'static str, shared: &'static str) -> View<'v> {
    let own = route.at(&["Auth", key]);
    match api {
        Some(api) if own.is_absent() => api.at(&["Auth", shared]),
        _ => own,
    }
}

//! The events of a function in serverless.yml.

use super::extensions::Changes;
use super::functions::Function;
use crate::facts::aws as facts;
use crate::frontends::aws::{self, EventSource, apply_endpoint, event_source_of, guard, request};
use crate::frontends::cloudformation::Lowering;
use crate::frontends::resource::{Resources, reference_to};
use crate::frontends::triggers::{always_on, google_event, schedule, told, written};
use crate::model::{
    BackingService, EventKind, Gateway, HttpTrigger, Identity, Integration, Link, Platform, StreamKind, TriggerKind,
    UnitId,
};
use crate::schedule::Dialect;
use crate::source::Span;
use crate::value::{Data, Origin, Sourced, Unknown, View};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Lowers the events of all functions of a service.
pub(super) struct Events<'v> {
    provider: View<'v>,
    platform: Platform,
    resources: &'v Resources,
    functions: &'v HashMap<&'v str, &'v Function>,
    changes: &'v Changes,
    /// Authorizers that have a trigger already, however many routes name them.
    authorizers: HashSet<Arc<str>>,
}

impl<'v> Events<'v> {
    pub fn new(
        provider: View<'v>,
        platform: Platform,
        resources: &'v Resources,
        functions: &'v HashMap<&'v str, &'v Function>,
        changes: &'v Changes,
    ) -> Self {
        Self { provider, platform, resources, functions, changes, authorizers: HashSet::new() }
    }

    /// The events of one function and its URL; `view` is the function with what it inherits.
    pub fn lower(&mut self, function: &Function, view: View<'_>, lowering: &mut Lowering<'_>) {
        let url = view.get("url");
        let switched = url.boolean();
        let is_off = url.is_absent() || view.is_unknown() || switched.set() == Some(&false);
        if self.platform == Platform::AwsLambda && !is_off {
            let span = view.key_span("url").unwrap_or(function.span);
            let kind = TriggerKind::Http(function_url(url));
            // Settings instead of `true` switch it on as well.
            let enabled = if url.is_unknown() { switched.unwrap_or(true) } else { always_on() };
            lowering.trigger(span, reference_to(function.address.clone(), span), enabled, kind);
        }
        let events = view.get("events");
        if events.is_unknown() {
            self.unknown(function, events, lowering);
        }
        for event in events.items() {
            match event.value().map(|value| value.known()) {
                Some(Some(Data::Text(name))) => {
                    let span = event.span().unwrap_or(function.span);
                    self.event(function, name, span, View::missing(span), lowering);
                }
                Some(Some(Data::List(_))) => {
                    event.items().into_iter().for_each(|event| self.object(function, event, lowering));
                }
                Some(Some(_)) => self.object(function, event, lowering),
                Some(None) => self.unknown(function, event, lowering),
                None => {}
            }
        }
    }

    /// An event that cannot be told still is one.
    fn unknown(&self, function: &Function, event: View<'_>, lowering: &mut Lowering<'_>) {
        let span = event.span().unwrap_or(function.span);
        let why = event.value().and_then(|value| value.why_unknown().cloned());
        let why = why.unwrap_or_else(|| Unknown::NotEvaluated("this event".into()));
        let enabled = Sourced::unknown(why, Origin::literal(span));
        lowering.trigger(
            span,
            reference_to(function.address.clone(), span),
            enabled,
            TriggerKind::Event(EventKind::Unseen),
        );
    }

    /// An event is an object with one key. More keys are settings that were not indented far enough.
    fn object(&mut self, function: &Function, event: View<'_>, lowering: &mut Lowering<'_>) {
        let entries = event.entries();
        let alone = entries.len() == 1;
        for (entry, view) in entries.iter().filter(|(entry, _)| alone || is_event(&entry.name)) {
            let span = entry.key.unwrap_or(function.span);
            self.event(function, &entry.name, span, *view, lowering);
        }
    }

    fn event(&mut self, function: &Function, name: &str, span: Span, view: View<'_>, lowering: &mut Lowering<'_>) {
        let view = view.within(span);
        let kinds = match self.platform {
            Platform::AwsLambda => self.kinds(name, view),
            _ => vec![elsewhere(self.platform, name, view)],
        };
        let enabled = view_if_object(view).get("enabled").boolean().unwrap_or(true);
        for mut kind in kinds {
            let mut enabled = enabled.clone();
            self.changes.apply(function, &mut kind, &mut enabled);
            if let (TriggerKind::Http(http), "http", Platform::AwsLambda) = (&kind, name, self.platform) {
                lowering.integrate([self.integration(function, lowering.unit, http, view)]);
            }
            let source = source_of(name, &kind, view, self.resources);
            let target = reference_to(function.address.clone(), span);
            // The framework publishes a version for CloudFront.
            let qualified = matches!(kind, TriggerKind::Edge(_));
            if let Some(trigger) = lowering.trigger(span, target, enabled, kind) {
                trigger.source = source;
                let settings = view_if_object(view);
                trigger.keeps_undelivered = aws::keeps_undelivered(settings);
                if name == "s3" {
                    trigger.takes_every_new_object =
                        aws::every_new_object(settings.get("event"), &[settings.get("rules")], true);
                }
                trigger.target.qualified = qualified;
                trigger.is_own = true;
            }
        }
        if self.platform == Platform::AwsLambda && matches!(name, "http" | "httpApi" | "websocket") {
            self.authorizer(view_if_object(view).get("authorizer"), span, lowering);
        }
    }

    /// What an event of AWS is. Several rates of one schedule are several triggers.
    fn kinds(&self, name: &str, view: View<'_>) -> Vec<TriggerKind> {
        let settings = match name {
            "sqs" => settings_of_source(view),
            _ => view_if_object(view),
        };
        vec![match name {
            "http" => match self.rest(view) {
                Some(http) => TriggerKind::Http(http),
                None => return Vec::new(),
            },
            "httpApi" => TriggerKind::Http(self.http_api(view)),
            "websocket" => {
                TriggerKind::Http(request(Gateway::WebSocketApi, View::missing(view.block()), text_or(view, "route")))
            }
            "alb" => {
                let path = settings.at(&["conditions", "path"]).items().first().map(|path| path.text());
                let path = path.unwrap_or(Sourced::absent(view.block()));
                TriggerKind::Http(request(Gateway::LoadBalancer, View::missing(view.block()), path))
            }
            "alexaSkill" | "alexaSmartHome" => {
                TriggerKind::Http(request(Gateway::Assistant, View::missing(view.block()), Sourced::absent(None)))
            }
            "schedule" => {
                let rate = settings.get("rate");
                let rate = if rate.is_present() { rate } else { view };
                let by_scheduler = settings.get("method").is_text("scheduler");
                let dialect = if by_scheduler { Dialect::AwsScheduler } else { Dialect::Aws };
                return if rate.is_unknown() {
                    vec![told(schedule(rate, dialect), settings)]
                } else {
                    rate.items().into_iter().map(|rate| told(schedule(rate, dialect), settings)).collect()
                };
            }
            "eventBridge" | "cloudwatchEvent" => {
                let mut kinds = Vec::new();
                if settings.get("schedule").is_present() {
                    kinds.push(told(schedule(settings.get("schedule"), Dialect::Aws), settings));
                }
                if settings.first(&["pattern", "event"]).is_present() || kinds.is_empty() {
                    kinds.push(TriggerKind::Event(EventKind::Bus));
                }
                return kinds;
            }
            "sqs" => {
                let queue = written(arn(view));
                TriggerKind::Queue(aws::queue_trigger(queue, settings, &aws::SERVERLESS_QUEUE))
            }
            "stream" => self.stream(view),
            "kafka" | "msk" | "activemq" | "rabbitmq" => TriggerKind::Event(EventKind::Broker),
            "sns" => TriggerKind::Event(EventKind::Topic),
            "s3" => TriggerKind::Event(EventKind::Storage),
            "cloudwatchLog" => TriggerKind::Event(EventKind::Log),
            "iot" => TriggerKind::Event(EventKind::Iot),
            "cognitoUserPool" => {
                let trigger = settings.get("trigger").known_text().unwrap_or_default();
                TriggerKind::UserPool(trigger.to_ascii_lowercase().into())
            }
            "cloudFront" => TriggerKind::Edge(settings.get("eventType").known_text().unwrap_or_default()),
            _ => TriggerKind::Event(EventKind::Unseen),
        }]
    }

    /// `http`: a method and path, or an object. `None` where the route does not lead to the function.
    fn rest(&self, view: View<'_>) -> Option<HttpTrigger> {
        let settings = view_if_object(view);
        let integration = settings.get("integration").known_text().map(|kind| kind.to_ascii_lowercase());
        if matches!(integration.as_deref(), Some("http" | "http-proxy" | "http_proxy" | "mock")) {
            return None;
        }
        let mut http = request(Gateway::RestApi, self.rest_timeout(view), text_or(view, "path"));
        let asynchronous = settings.get("async");
        http.is_asynchronous = asynchronous.boolean().unwrap_or(false);
        let mode = settings.at(&["response", "transferMode"]).text();
        http.is_streaming = mode.map(|mode| mode.is_some_and(|mode| mode.eq_ignore_ascii_case("STREAM")));
        apply_endpoint(&mut http, self.provider.get("endpointType"), "endpointType");
        let authorizer = settings.get("authorizer");
        let kind = view_if_object(authorizer).get("type");
        guard(&mut http, if kind.is_present() { kind } else { authorizer }, settings.get("private"));
        Some(http)
    }

    /// Where the milliseconds are written that the gateway of a route waits.
    fn rest_timeout<'e>(&self, event: View<'e>) -> View<'e>
    where
        'v: 'e,
    {
        let own = view_if_object(event).get("timeoutInMillis");
        let shared = self.provider.at(&["apiGateway", "timeoutInMillis"]);
        if own.is_present() { own } else { shared.within(event.block()) }
    }

    /// What the gateway of an `http` event does with requests.
    fn integration(&self, function: &Function, unit: UnitId, http: &HttpTrigger, event: View<'_>) -> Integration {
        let (address, label, span) = (function.address.clone(), function.key.clone(), function.span);
        let identity = Identity { unit, address, label, name: Sourced::absent(span), span };
        let target = reference_to(function.address.clone(), function.span);
        // Of an API that another service declares nothing is known.
        let is_own = self.provider.at(&["apiGateway", "restApiId"]).is_absent();
        let endpoint = is_own.then(|| self.provider.get("endpointType"));
        aws::integrated(identity, http, self.rest_timeout(event), endpoint, target)
    }

    fn http_api(&self, view: View<'_>) -> HttpTrigger {
        let mut http = request(Gateway::HttpApi, View::missing(view.block()), text_or(view, "path"));
        let own = view_if_object(view).get("timeout");
        let shared = self.provider.at(&["httpApi", "timeout"]).within(view.block());
        let seconds = if own.is_present() { own } else { shared }.whole();
        // Old versions of the framework pass on more than an HTTP API waits.
        let most = &facts::HTTP_API_TIMEOUT;
        http.limit = seconds.or_fact(most).map(|seconds| Some(seconds.min(most.whole())));
        let authorizer = view_if_object(view).get("authorizer");
        guard(&mut http, view_if_object(authorizer).get("type"), View::missing(None));
        http
    }

    fn stream(&self, view: View<'_>) -> TriggerKind {
        let settings = settings_of_source(view);
        let kind = match settings.get("type").known_text().as_deref() {
            Some("dynamodb") => Some(StreamKind::DynamoDb),
            Some("kinesis") => Some(StreamKind::Kinesis),
            _ => match event_source_of(self.resources, arn(view)) {
                Some(EventSource::Stream(kind)) => Some(kind),
                _ => None,
            },
        };
        match kind {
            Some(kind) => TriggerKind::Stream(aws::stream_trigger(kind, settings, &aws::SERVERLESS_STREAM)),
            None => aws::mapping(None, arn(view), settings, &aws::SERVERLESS_QUEUE, &aws::SERVERLESS_STREAM),
        }
    }

    /// The function that a route asks whether a request may pass: by its key, by its ARN, or by the name of an
    /// authorizer of the HTTP or WebSocket API.
    fn authorizer(&mut self, authorizer: View<'_>, span: Span, lowering: &mut Lowering<'_>) {
        let settings = view_if_object(authorizer);
        let name = if settings.is_present() { settings.get("name") } else { authorizer };
        let shared = name.known_text().map(|name| self.provider.at(&["httpApi", "authorizers"]).find(&name));
        let shared_function = shared.map(|shared| shared.get("functionName")).filter(|name| name.is_present());
        let key = shared_function.unwrap_or(name);
        let called = key.known_text().and_then(|key| self.functions.get(&*key).copied());
        let arn = settings.get("arn");
        let at = authorizer.span().unwrap_or(span);
        let link = match (called, arn.value()) {
            (Some(function), _) => {
                if !self.authorizers.insert(function.address.clone()) {
                    return;
                }
                reference_to(function.address.clone(), at)
            }
            (None, Some(arn)) => arn.clone(),
            (None, None) => return,
        };
        let shared_kept = shared.map(|shared| shared.get("resultTtlInSeconds")).filter(|kept| kept.is_present());
        // For a REST API the framework names the usual header where nothing else is written.
        let knows_callers = shared.is_none_or(|shared| shared.is_absent() || shared.get("identitySource").is_present());
        let kept = shared_kept.unwrap_or(settings.get("resultTtlInSeconds"));
        let http = aws::asked(Some(at), kept, knows_callers);
        if let Some(trigger) = lowering.trigger(at, link, always_on(), TriggerKind::Http(http)) {
            trigger.is_own = called.is_some();
        }
    }
}

/// What an event of AWS comes from. A topic or bucket that is written by its plain name is one that the framework makes,
/// unless it is said to exist.
fn source_of(name: &str, kind: &TriggerKind, view: View<'_>, resources: &Resources) -> Option<Link<BackingService>> {
    let settings = view_if_object(view);
    match (name, kind) {
        ("sns", _) if arn(view).known_text().is_none_or(|topic| topic.starts_with("arn:")) => {
            aws::source(arn(view), "aws_sns_topic")
        }
        ("s3", _) => {
            let bucket = if settings.is_present() { settings.get("bucket") } else { view };
            match settings.get("existing").boolean().set() {
                Some(true) => aws::source(bucket, "aws_s3_bucket"),
                _ => bucket.value().cloned().map(Link::to),
            }
        }
        ("stream", _) => aws::stream_source(kind, arn(view), resources),
        _ => None,
    }
}

/// The settings of an event that is written as an object; nothing for one that is written as a text. What another unit
/// hands on is a text.
fn view_if_object(view: View<'_>) -> View<'_> {
    let Some(value) = view.value() else { return View::missing(view.block()) };
    match (value.known(), value.why_unknown()) {
        (Some(Data::Object(_)), _) => view,
        (None, why) if !matches!(why, Some(Unknown::HandedOn(_))) => view,
        _ => View::missing(view.block()),
    }
}

/// The same of an event whose text is the ARN of its source.
fn settings_of_source(view: View<'_>) -> View<'_> {
    let settings = view_if_object(view);
    if settings.is_present() { settings } else { view.short_for("arn") }
}

/// Keys of `events` that are events, as against settings.
fn is_event(name: &str) -> bool {
    matches!(
        name,
        "http"
            | "httpApi"
            | "websocket"
            | "alb"
            | "alexaSkill"
            | "alexaSmartHome"
            | "schedule"
            | "eventBridge"
            | "cloudwatchEvent"
            | "sqs"
            | "stream"
            | "kafka"
            | "msk"
            | "activemq"
            | "rabbitmq"
            | "sns"
            | "s3"
            | "cloudwatchLog"
            | "iot"
            | "cognitoUserPool"
            | "cloudFront"
    )
}

/// `GET /path` or `{path: ..}`: the path.
fn text_or<'v>(view: View<'v>, key: &'static str) -> Sourced<Option<Arc<str>>> {
    let settings = view_if_object(view);
    if settings.is_present() {
        return settings.get(key).text();
    }
    view.text().map(|text| {
        text.map(|text| match text.trim().split_once(' ') {
            Some((_, path)) => path.trim().into(),
            None => text,
        })
    })
}

/// The ARN of an event that is one, or has one.
fn arn(view: View<'_>) -> View<'_> {
    let settings = view_if_object(view);
    if settings.is_present() { settings.get("arn") } else { view }
}

fn function_url(view: View<'_>) -> HttpTrigger {
    let settings = view_if_object(view);
    let mut http = request(Gateway::FunctionUrl, View::missing(view.block()), Sourced::absent(None));
    let mode = settings.get("invokeMode").text();
    http.is_streaming = mode.map(|mode| mode.as_deref() == Some("RESPONSE_STREAM"));
    http.is_public = settings.get("authorizer").text().map(|kind| kind.is_none());
    http
}

/// An event of another provider.
fn elsewhere(platform: Platform, name: &str, view: View<'_>) -> TriggerKind {
    let expression = [view, view_if_object(view).get("schedule")].into_iter().find(|view| view.text().set().is_some());
    match (name, platform) {
        ("http", _) => {
            let limit = Sourced::absent(view.block());
            TriggerKind::Http(HttpTrigger::new(Gateway::Platform, limit, text_or(view, "path")))
        }
        ("timer", Platform::AzureFunctions) => schedule(expression.unwrap_or(view), Dialect::AzureFunctions),
        ("event", Platform::GoogleFunctions1) => {
            let name = view_if_object(view).get("eventType").known_text().unwrap_or_default();
            TriggerKind::Event(google_event(&name))
        }
        _ => TriggerKind::Event(EventKind::Unseen),
    }
}

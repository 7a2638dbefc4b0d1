//! What sets workloads off, and how long the caller waits.

use super::{BackingService, Link, Queue, UnitId, Workload};
use crate::schedule::Schedule;
use crate::source::Span;
use crate::value::{How, Origin, Sourced, Value};
use std::sync::Arc;

/// Something that starts a workload or sends it requests.
#[derive(Debug)]
pub struct Trigger {
    /// The unit that declares it.
    pub unit: UnitId,
    /// Where it is declared: the event, the mapping, the integration.
    pub span: Span,
    /// The workload that it sets off.
    pub target: Link<Workload>,
    /// `false` where it is switched off.
    pub enabled: Sourced<bool>,
    /// What it is.
    pub kind: TriggerKind,
    /// The topic, stream, table or bucket that it comes from.
    pub source: Option<Link<BackingService>>,
    /// Declared with its function, by a tool that points it at the version that the function publishes.
    pub is_own: bool,
    /// Only a permission speaks for it, this one: what the sender itself says about it is elsewhere.
    pub permission: Option<Box<CallPermission>>,
    /// Of a bucket: every object that is written sets it off, whatever its name.
    pub takes_every_new_object: Sourced<bool>,
    /// What the sender cannot hand over goes to a queue of its own.
    pub keeps_undelivered: Sourced<bool>,
}

/// What lets a sender call a function.
#[derive(Debug)]
pub struct CallPermission {
    /// The sender, `apigateway.amazonaws.com`, where that is known.
    pub principal: Option<Arc<str>>,
    /// The version or alias that it may call, where that has a place of its own. The target's `versioned` is what it
    /// would be.
    pub qualifier: Sourced<Option<Arc<str>>>,
}

/// The kinds of triggers.
#[derive(Debug)]
pub enum TriggerKind {
    /// A request whose sender waits for the answer.
    Http(HttpTrigger),
    /// A clock.
    Schedule(ScheduleTrigger),
    /// A queue that the platform polls.
    Queue(QueueTrigger),
    /// A stream that the platform reads in order.
    Stream(StreamTrigger),
    /// A mapping that reads what another unit hands on. Linking finds out what that is: no trigger stays one of these.
    Undetermined(Box<MappingTrigger>),
    /// Messages pushed over HTTP, sent again unless they are answered in time.
    Push(PushTrigger),
    /// A Cognito user pool in the middle of a sign-up or sign-in; the text is the trigger's name in the pool, in
    /// lower case without separators (`presignup`, `customemailsender`).
    UserPool(Arc<str>),
    /// CloudFront; the text is `viewer-request`, `origin-response` ...
    Edge(Arc<str>),
    /// An event that nobody waits for.
    Event(EventKind),
    /// A state machine; `retries`: it retries and catches.
    Orchestrator { retries: bool },
}

/// Events that nobody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A topic (SNS, Pub/Sub, Event Grid).
    Topic,
    /// Changes in an object store.
    Storage,
    /// An event bus rule with a pattern.
    Bus,
    /// A message broker that the platform polls (Kafka, MQ).
    Broker,
    /// Device messages.
    Iot,
    /// Log subscriptions.
    Log,
    /// An API or a load balancer that may call, as a permission says; by which route, it does not.
    Gateway,
    /// A user pool that may call, as a permission says; at which event, it does not.
    UserPool,
    /// Anything else.
    Other,
    /// Something that no file shows, and that may wait: only its permission to call is written, or an event that
    /// cannot be told.
    Unseen,
}

impl EventKind {
    /// Who sends it, in a sentence.
    pub fn sender(self) -> &'static str {
        match self {
            Self::Topic => "the topic",
            Self::Storage => "the bucket",
            Self::Bus => "the event rule",
            Self::Broker => "the broker",
            Self::Iot => "the IoT rule",
            Self::Log => "the log group",
            Self::Gateway => "the gateway",
            Self::UserPool => "the user pool",
            Self::Other | Self::Unseen => "the event source",
        }
    }
}

/// What stands between the caller and the workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gateway {
    /// API Gateway, REST (v1).
    RestApi,
    /// API Gateway, HTTP API (v2).
    HttpApi,
    /// API Gateway, WebSocket.
    WebSocketApi,
    /// Application Load Balancer.
    LoadBalancer,
    /// A function's own URL.
    FunctionUrl,
    /// AppSync resolver.
    AppSync,
    /// API Gateway asks it whether a request may pass.
    Authorizer,
    /// A voice assistant's skill, while someone speaks to it.
    Assistant,
    /// Cloud Scheduler calls it and waits.
    Scheduler,
    /// The platform's own HTTP endpoint (Cloud Run, Cloud Functions, Container Apps, Azure Functions, Gcore, Knative).
    Platform,
    /// A Kubernetes Service without a way in from outside.
    ClusterService,
    /// A Kubernetes Ingress, HTTPRoute or Service of type LoadBalancer.
    ClusterIngress,
}

impl Gateway {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::RestApi => "API Gateway (REST)",
            Self::HttpApi => "API Gateway (HTTP API)",
            Self::WebSocketApi => "API Gateway (WebSocket)",
            Self::LoadBalancer => "the load balancer",
            Self::FunctionUrl => "the function URL",
            Self::AppSync => "AppSync",
            Self::Authorizer => "API Gateway (authorizer)",
            Self::Assistant => "the Alexa skill",
            Self::Scheduler => "Cloud Scheduler",
            Self::Platform => "the platform's HTTP endpoint",
            Self::ClusterService => "the Kubernetes Service",
            Self::ClusterIngress => "the cluster's ingress",
        }
    }
}

/// A request whose sender waits.
#[derive(Debug)]
pub struct HttpTrigger {
    /// What stands in between.
    pub gateway: Gateway,
    /// Seconds until the gateway gives up. `None`: it waits as long as the workload may run.
    pub limit: Sourced<Option<u64>>,
    /// Whether the gateway's limit can be raised by asking (a REST API that is not edge-optimized).
    pub limit_is_quota: bool,
    /// Why the limit cannot be raised, where it is worth saying ("endpointType defaults to EDGE, which cannot be raised").
    pub limit_note: Option<Arc<str>>,
    /// The caller does not wait for the result (asynchronous invocation behind the route).
    pub is_asynchronous: Sourced<bool>,
    /// The answer is streamed, so the usual limit does not hold.
    pub is_streaming: Sourced<bool>,
    /// Reachable from outside without being part of the cloud account or cluster.
    pub is_public: Sourced<bool>,
    /// Whether what a client sends always goes to the instance that answered it first; nothing is there where nothing
    /// is said about it, which is nearly everywhere.
    pub is_sticky: Option<Box<Sourced<bool>>>,
    /// The path, as written.
    pub path: Sourced<Option<Arc<str>>>,
    /// How often a scheduler sends a failed request again.
    pub retries: Sourced<Option<u64>>,
    /// Seconds for which an authorizer's answer is kept; 0: it is asked for every request.
    pub answer_kept: Sourced<Option<u64>>,
    /// An authorizer that is told by what it knows a caller again; without that no answers can be kept.
    pub knows_callers: bool,
    /// The ports of a pod that the requests go to, numbers or names; empty where that is not known.
    pub ports: Vec<Arc<str>>,
    /// Whether only pods that are ready get requests.
    pub goes_by_readiness: bool,
}

impl HttpTrigger {
    /// Whether it is an authorizer that is known to be asked for every request.
    pub fn asks_every_time(&self) -> bool {
        self.gateway == Gateway::Authorizer && self.answer_kept.set() == Some(&0)
    }

    /// A request with everything at its usual: synchronous, buffered, public.
    pub fn new(gateway: Gateway, limit: Sourced<Option<u64>>, path: Sourced<Option<Arc<str>>>) -> Self {
        let unwritten = |value| Sourced::new(value, Origin::new(How::Absent, None));
        Self {
            gateway,
            limit,
            limit_is_quota: false,
            limit_note: None,
            is_asynchronous: unwritten(false),
            is_streaming: unwritten(false),
            is_public: unwritten(true),
            is_sticky: None,
            path,
            retries: Sourced::absent(None),
            answer_kept: Sourced::absent(None),
            knows_callers: false,
            ports: Vec::new(),
            goes_by_readiness: true,
        }
    }
}

/// A clock.
#[derive(Debug)]
pub struct ScheduleTrigger {
    /// When it fires.
    pub schedule: Sourced<Schedule>,
    /// Seconds after which whoever calls on the schedule gives one call up. Absent: it does not wait, or waits for as
    /// long as it takes.
    pub limit: Sourced<Option<u64>>,
    /// How often it tries a failed call again; absent: not by itself.
    pub retries: Sourced<Option<u64>>,
    /// What it hands over in the place of the event, as written.
    pub input: Option<Value>,
}

/// A polled queue.
#[derive(Debug)]
pub struct QueueTrigger {
    /// The queue.
    pub queue: Link<Queue>,
    /// Messages that one invocation gets at most.
    pub batch_size: Sourced<u64>,
    /// Seconds that the platform may collect messages before it starts the function.
    pub batching_window: Sourced<u64>,
    /// Instances that this mapping may start at once; absent: as many as the function may have.
    pub maximum_concurrency: Sourced<Option<u64>>,
    /// Pollers are kept ready for this mapping alone (provisioned mode).
    pub provisioned_pollers: Sourced<bool>,
}

impl QueueTrigger {
    /// Whether nothing limits how many instances this mapping starts, but what the function may have.
    pub fn is_unlimited(&self) -> bool {
        self.maximum_concurrency.is_absent() && self.provisioned_pollers.known() == Some(&false)
    }

    /// A queue that someone polls message by message, with no settings to speak of.
    pub fn of(queue: Value) -> Self {
        let nothing = || Origin::new(How::Absent, queue.origin.site());
        Self {
            batch_size: Sourced::new(1, nothing()),
            batching_window: Sourced::new(0, nothing()),
            maximum_concurrency: Sourced::new(None, nothing()),
            provisioned_pollers: Sourced::new(false, nothing()),
            queue: Link::to(queue),
        }
    }
}

/// Which kind of stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// Kinesis Data Streams.
    Kinesis,
    /// DynamoDB Streams.
    DynamoDb,
}

/// A stream that is read in order, so that one bad record holds up those behind it.
#[derive(Debug)]
pub struct StreamTrigger {
    /// Which kind.
    pub kind: StreamKind,
    /// How often a failed batch is tried again; absent or -1: without end.
    pub maximum_retries: Sourced<Option<i64>>,
    /// Seconds after which a record is given up; absent or -1: never.
    pub maximum_age: Sourced<Option<i64>>,
    /// A failed batch is split in two.
    pub bisects: Sourced<bool>,
    /// The function says which records failed.
    pub reports_failures: Sourced<bool>,
    /// Where records go that are given up.
    pub has_failure_destination: Sourced<bool>,
}

/// A mapping that may read a queue or a stream: what it is in either case.
#[derive(Debug)]
pub struct MappingTrigger {
    pub queue: QueueTrigger,
    pub stream: StreamTrigger,
}

/// Messages pushed over HTTP.
#[derive(Debug)]
pub struct PushTrigger {
    /// Seconds until the message is sent again.
    pub ack_deadline: Sourced<u64>,
}

impl Trigger {
    /// A trigger with nothing but what every one has; frontends set the rest.
    pub fn new(unit: UnitId, span: Span, target: Link<Workload>, enabled: Sourced<bool>, kind: TriggerKind) -> Self {
        let not_written = || Sourced::new(false, Origin::new(How::Absent, span));
        Self {
            unit,
            span,
            target,
            enabled,
            kind,
            source: None,
            is_own: false,
            permission: None,
            takes_every_new_object: not_written(),
            keeps_undelivered: not_written(),
        }
    }

    /// Not known to be switched off. One that is only perhaps on still counts as a trigger, but see
    /// [`Trigger::is_surely_on`].
    pub fn is_on(&self) -> bool {
        self.enabled.known() != Some(&false)
    }

    /// Known to be on.
    pub fn is_surely_on(&self) -> bool {
        self.enabled.known() == Some(&true)
    }

    /// The HTTP settings of a trigger on which someone is known to wait.
    pub fn waiting(&self) -> Option<&HttpTrigger> {
        match &self.kind {
            TriggerKind::Http(http) if http.is_asynchronous.known() == Some(&false) => Some(http),
            _ => None,
        }
    }

    /// Whether the platform polls for it, and waits for the run before it takes the next batch.
    pub fn is_polled(&self) -> bool {
        matches!(self.kind, TriggerKind::Queue(_) | TriggerKind::Stream(_) | TriggerKind::Event(EventKind::Broker))
    }

    /// Whether someone waits for the answer.
    pub fn is_synchronous(&self) -> bool {
        match &self.kind {
            TriggerKind::Http(http) => http.is_asynchronous.known() == Some(&false),
            TriggerKind::UserPool(_) | TriggerKind::Edge(_) | TriggerKind::Push(_) => true,
            _ => false,
        }
    }

    /// A public route that is not plainly for machines (webhooks, callbacks, health checks).
    pub fn is_user_route(&self) -> bool {
        let TriggerKind::Http(http) = &self.kind else { return false };
        let machine = |path: &str| {
            let path = path.to_ascii_lowercase();
            ["webhook", "callback", "hook", "internal", "health"].iter().any(|word| path.contains(word))
        };
        http.is_public.known() == Some(&true)
            && http.is_asynchronous.known() == Some(&false)
            && !matches!(http.gateway, Gateway::Scheduler | Gateway::ClusterService)
            && !http.path.set().is_some_and(|path| machine(path))
    }

    /// What it is, in a sentence: "the SQS queue", "API Gateway (REST)", "the schedule".
    pub fn name(&self) -> &'static str {
        match &self.kind {
            TriggerKind::Http(http) => http.gateway.name(),
            TriggerKind::Schedule(_) => "the schedule",
            TriggerKind::Queue(_) => "the queue",
            TriggerKind::Stream(stream) => match stream.kind {
                StreamKind::Kinesis => "the Kinesis stream",
                StreamKind::DynamoDb => "the DynamoDB stream",
            },
            TriggerKind::Push(_) => "the push subscription",
            TriggerKind::UserPool(_) => "the Cognito user pool",
            TriggerKind::Edge(_) => "CloudFront",
            TriggerKind::Event(_) | TriggerKind::Undetermined(_) => "the event",
            TriggerKind::Orchestrator { .. } => "the state machine",
        }
    }
}

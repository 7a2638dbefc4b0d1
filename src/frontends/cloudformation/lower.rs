//! From resources to the model: what there is besides functions, and which code lowers which type. Called by this
//! frontend for a template and by the serverless frontend for `resources`.

use super::sources::{enabled, mapping, state};
use crate::frontends::aws;
use crate::frontends::declared::take_tags;
use crate::frontends::machines::booted;
use crate::frontends::resource::{Resource, Resources, reference_to};
use crate::frontends::triggers::{always_on, schedule, told, written};
use crate::model::{
    Alias, CallPermission, Declarations, EventKind, Gateway, Identity, Integration, Link, Platform, StateMachine,
    Trigger, TriggerKind, UnitId, Workload, WorkloadKind,
};
use crate::read::{Note, NoteKind, Workspace};
use crate::schedule::Dialect;
use crate::source::Span;
use crate::value::{Form, Origin, Sourced, Unknown, Value, View};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Lowers the resources of one unit.
pub(crate) struct Lowering<'r> {
    pub unit: UnitId,
    pub(super) resources: &'r Resources,
    pub(super) workspace: &'r Workspace,
    pub(super) declarations: Declarations,
    notes: Vec<Note>,
    /// Task definitions that are lowered as jobs.
    jobs: HashSet<Arc<str>>,
    /// Routes of HTTP and WebSocket APIs by the address of their integration.
    pub(super) routes: HashMap<Arc<str>, &'r Resource>,
}

/// Whether the properties of a type are looked at; others are known by name only.
pub(super) fn reads(kind: &str) -> bool {
    lowering_of(kind).is_some()
        || is_referred_to(kind)
        || aws::concerns_database(kind)
        || aws::is_custom_resource(kind)
        || aws::is_invoke_config(kind)
        || aws::is_of_role(kind)
        || aws::CLOUDFORMATION_SCALING.names(kind)
        || aws::balancers::reads(kind)
}

/// Types whose properties other resources' lowering looks up, or that hand something on.
fn is_referred_to(kind: &str) -> bool {
    matches!(
        kind,
        "AWS::ApiGateway::Resource"
            | "AWS::ApiGatewayV2::Route"
            | "AWS::AutoScaling::LaunchConfiguration"
            | "AWS::EC2::LaunchTemplate"
            | "AWS::ECS::TaskDefinition"
            | "AWS::ElasticLoadBalancingV2::ListenerRule"
            | "AWS::Kinesis::StreamConsumer"
            | "AWS::SSM::Parameter"
    )
}

type Lower = for<'r, 'l> fn(&'l mut Lowering<'r>, &'r Resource);

/// The code for a type.
fn lowering_of(kind: &str) -> Option<Lower> {
    Some(match kind {
        "AWS::Lambda::Function" => |lowering, resource| lowering.function(resource),
        "AWS::Serverless::Function" => |lowering, resource| lowering.serverless_function(resource),
        "AWS::Lambda::Version" => |lowering, resource| lowering.version(resource),
        "AWS::Lambda::Alias" => |lowering, resource| lowering.alias(resource),
        "AWS::Lambda::Url" => |lowering, resource| lowering.function_url(resource),
        "AWS::Lambda::EventSourceMapping" => |lowering, resource| lowering.event_source_mapping(resource),
        "AWS::Lambda::Permission" => |lowering, resource| {
            let view = resource.view();
            if let Some(kind) = aws::permitted(view.get("Principal"))
                && let Some(trigger) = lowering.event(resource, view.get("FunctionName"), kind, always_on())
            {
                let principal = view.get("Principal").known_text();
                // The version is part of the name.
                let qualifier = Sourced::absent(resource.span);
                trigger.permission = Some(Box::new(CallPermission { principal, qualifier }));
            }
        },
        "AWS::SQS::Queue" => |lowering, resource| lowering.queue(resource),
        "AWS::ApiGateway::Method" => |lowering, resource| lowering.rest_method(resource),
        "AWS::ApiGateway::Authorizer" | "AWS::ApiGatewayV2::Authorizer" => {
            |lowering, resource| lowering.authorizer(resource)
        }
        "AWS::ApiGatewayV2::Integration" => |lowering, resource| lowering.http_integration(resource),
        "AWS::Serverless::Api" => |lowering, resource| lowering.serverless_api(resource, Gateway::RestApi),
        "AWS::Serverless::HttpApi" => |lowering, resource| lowering.serverless_api(resource, Gateway::HttpApi),
        "AWS::ApiGateway::RestApi" => |lowering, resource| lowering.described_api(resource, Gateway::RestApi),
        "AWS::ApiGatewayV2::Api" => |lowering, resource| lowering.described_api(resource, Gateway::HttpApi),
        "AWS::Serverless::WebSocketApi" => |lowering, resource| lowering.serverless_web_socket(resource),
        "AWS::AppSync::DataSource" => |lowering, resource| lowering.graph_source(resource),
        "AWS::CloudFront::Distribution" => |lowering, resource| lowering.distribution(resource),
        "AWS::Cognito::UserPool" => |lowering, resource| lowering.user_pool(resource),
        "AWS::ElasticLoadBalancingV2::TargetGroup" => |lowering, resource| lowering.target_group(resource),
        "AWS::Events::Rule" => |lowering, resource| lowering.rule(resource),
        "AWS::Scheduler::Schedule" => |lowering, resource| lowering.scheduler(resource),
        "AWS::SNS::Subscription" => |lowering, resource| lowering.subscription(resource.view(), resource),
        "AWS::SNS::Topic" => |lowering, resource| {
            lowering.backing(resource);
            for subscription in resource.view().get("Subscription").items() {
                lowering.subscription(subscription, resource);
            }
        },
        "AWS::S3::Bucket" => |lowering, resource| {
            lowering.backing(resource);
            lowering.bucket(resource);
        },
        "AWS::Kinesis::Stream"
        | "AWS::DynamoDB::Table"
        | "AWS::DynamoDB::GlobalTable"
        | "AWS::Serverless::SimpleTable"
        | "AWS::RDS::DBInstance"
        | "AWS::RDS::DBCluster"
        | "AWS::ECS::Cluster" => |lowering, resource| lowering.backing(resource),
        "AWS::EKS::Cluster" => |lowering, resource| {
            lowering.backing(resource);
            let cluster = aws::cluster(lowering.unit, resource, lowering.resources);
            lowering.declarations.clusters.push(cluster);
        },
        "AWS::EKS::Nodegroup" => |lowering, resource| {
            lowering.declarations.node_pools.push(aws::node_group(lowering.unit, resource));
        },
        "AWS::Logs::SubscriptionFilter" => |lowering, resource| {
            let target = resource.view().get("DestinationArn");
            lowering.event(resource, target, EventKind::Log, always_on());
        },
        "AWS::IoT::TopicRule" => |lowering, resource| lowering.topic_rule(resource),
        "AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine" => {
            |lowering, resource| lowering.state_machine(resource)
        }
        "AWS::ECS::Service" => |lowering, resource| lowering.container_service(resource),
        "AWS::Batch::JobDefinition" => |lowering, resource| lowering.batch_job(resource),
        "AWS::EC2::Instance" | "AWS::AutoScaling::AutoScalingGroup" => |lowering, resource| lowering.machine(resource),
        _ => return None,
    })
}

impl<'r> Lowering<'r> {
    pub fn new(unit: UnitId, resources: &'r Resources, workspace: &'r Workspace) -> Self {
        let declarations = Declarations::default();
        let routes = aws::routes_to(resources, ["AWS::ApiGatewayV2::Route", "Target", "AuthorizationType"]);
        Self { unit, resources, workspace, declarations, notes: Vec::new(), jobs: HashSet::new(), routes }
    }

    /// Lowers every resource.
    pub fn lower_all(&mut self) {
        for resource in self.resources.iter() {
            if let Some(lower) = lowering_of(&resource.kind) {
                let before = self.declarations.triggers.len();
                lower(self, resource);
                self.doubt(resource, before);
            }
        }
    }

    /// Whether a trigger is on cannot be told where the resource that declares it may not be there; what it leads to
    /// then has another condition, or none.
    fn doubt(&mut self, resource: &Resource, before: usize) {
        let Some(condition) = &resource.condition else { return };
        for trigger in self.declarations.triggers.iter_mut().skip(before) {
            let targets = self.resources.all_referred(View::new(&trigger.target.written, None));
            let mut conditions = targets.iter().filter_map(|target| target.condition.as_ref());
            if trigger.enabled.known() == Some(&true) && conditions.all(|other| other.name != condition.name) {
                trigger.enabled = Sourced::unknown(condition.why.clone(), Origin::literal(resource.span));
            }
        }
    }

    /// What was found, once everything that names a function is known.
    pub fn finish(self, notes: &mut Vec<Note>) -> Declarations {
        notes.extend(self.notes);
        let mut declarations = self.declarations;
        aws::join(self.unit, self.resources, &aws::CLOUDFORMATION_SCALING, &mut declarations);
        declarations
    }

    /// Notes that something is not known.
    pub(super) fn remark(&mut self, place: Span, what: &str, why: &Unknown) {
        self.notes.push(self.workspace.note(NoteKind::Unresolved, place, format!("{what}: {why}")));
    }

    /// Adds a workload that no resource declares.
    pub fn add(&mut self, workload: Workload) {
        self.declarations.workloads.push(workload);
    }

    /// Adds a state machine that no resource declares.
    pub fn add_machine(&mut self, machine: StateMachine) {
        self.declarations.state_machines.push(machine);
    }

    /// Adds a workload with what its resource says about it.
    pub(super) fn keep(&mut self, mut workload: Workload, resource: &Resource) {
        workload.declared = resource.declared.clone();
        workload.allows = resource.allows.clone();
        take_tags(resource.view().get("Tags"), &mut workload);
        self.declarations.workloads.push(workload);
    }

    /// Whether a target is known to be something that is no workload: a queue, a topic, a table.
    fn leads_elsewhere(&self, target: &Value) -> bool {
        let runs = |kind: &str| {
            ["AWS::Lambda::", "AWS::ECS::", "AWS::Batch::"].iter().any(|service| kind.starts_with(service))
                || kind == "AWS::Serverless::Function"
        };
        let named = self.resources.all_referred(View::new(target, None));
        !named.is_empty() && !named.iter().any(|resource| runs(&resource.kind))
    }

    /// Adds a trigger, unless its target is known to be no workload.
    pub fn trigger(
        &mut self,
        span: Span,
        target: Value,
        enabled: Sourced<bool>,
        kind: TriggerKind,
    ) -> Option<&mut Trigger> {
        if self.leads_elsewhere(&target) {
            return None;
        }
        let trigger = Trigger::new(self.unit, span, Link::to(target), enabled, kind);
        self.declarations.triggers.push(trigger);
        self.declarations.triggers.last_mut()
    }

    /// Adds what a gateway does with the requests of a route.
    pub fn integrate(&mut self, integration: impl IntoIterator<Item = Integration>) {
        self.declarations.integrations.extend(integration);
    }

    /// An event that nobody waits for, if a target is written.
    pub(super) fn event(
        &mut self,
        resource: &Resource,
        target: View<'_>,
        kind: EventKind,
        enabled: Sourced<bool>,
    ) -> Option<&mut Trigger> {
        let span = target.span().unwrap_or(resource.span);
        self.trigger(span, target.value()?.clone(), enabled, TriggerKind::Event(kind))
    }

    fn backing(&mut self, resource: &Resource) {
        self.declarations.backing.extend(aws::backing(self.unit, resource, self.resources));
    }

    fn queue(&mut self, resource: &Resource) {
        let view = resource.view();
        let identity = resource.identity(self.unit, view.get("QueueName").text());
        let queue =
            aws::queue(identity, view.get("VisibilityTimeout"), view.get("FifoQueue"), view.get("RedrivePolicy"));
        self.declarations.queues.push(queue);
    }

    fn version(&mut self, resource: &Resource) {
        let view = resource.view();
        let published = Sourced::new(true, Origin::literal(resource.span));
        self.published(resource.identity(self.unit, Sourced::absent(resource.span)), view, published);
    }

    fn alias(&mut self, resource: &Resource) {
        let view = resource.view();
        let version = view.get("FunctionVersion");
        // A reference to a version resource is not a text, but is no `$LATEST` either.
        let published = match self.resources.referred(version) {
            Some(_) => Sourced::new(true, Origin::literal(version.span().unwrap_or(resource.span))),
            None => version.text().map(|version| version.as_deref() != Some("$LATEST")),
        };
        self.published(resource.identity(self.unit, Sourced::absent(resource.span)), view, published);
    }

    fn published(&mut self, identity: Identity, view: View<'_>, is_published: Sourced<bool>) {
        let path = ["ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions"];
        let alias = Alias {
            identity,
            function: Link::to(written(view.get("FunctionName"))),
            is_published,
            provisioned_concurrency: view.at(&path).whole().in_form(Form::NotZero),
        };
        self.declarations.aliases.push(alias);
    }

    fn event_source_mapping(&mut self, resource: &Resource) {
        let view = resource.view();
        let arn = view.get("EventSourceArn");
        let source = if view.get("SelfManagedEventSource").is_present() {
            Some(aws::EventSource::Broker)
        } else {
            aws::event_source_of(self.resources, arn)
        };
        let kind = mapping(source, arn, view);
        let stream = aws::stream_source(&kind, arn, self.resources);
        if let Some(trigger) = self.trigger(resource.span, written(view.get("FunctionName")), enabled(view), kind) {
            trigger.source = stream;
        }
    }

    fn user_pool(&mut self, resource: &Resource) {
        for (entry, value) in resource.view().get("LambdaConfig").entries() {
            // Custom senders and the newer token trigger name their function one level further in.
            let function = value.get("LambdaArn");
            let function = if function.is_present() { function } else { value };
            if &*entry.name == "KMSKeyID" || function.value().is_none() {
                continue;
            }
            let name = entry.name.to_ascii_lowercase();
            let span = entry.key.unwrap_or(resource.span);
            self.trigger(span, written(function), always_on(), TriggerKind::UserPool(name.into()));
        }
    }

    /// What a target of a rule or schedule starts: a task, which then is a job, or what its ARN names.
    fn started<'v>(&mut self, target: View<'v>) -> View<'v> {
        let job = target.at(&["EcsParameters", "TaskDefinitionArn"]);
        if job.is_absent() {
            return target.get("Arn");
        }
        self.task_as_job(job);
        job
    }

    fn rule(&mut self, resource: &Resource) {
        let view = resource.view();
        for target in view.get("Targets").items() {
            let Some(started) = self.started(target).value() else { continue };
            for kind in rule_kinds(view) {
                if let Some(trigger) = self.trigger(resource.span, started.clone(), state(view), told(kind, target)) {
                    trigger.keeps_undelivered = aws::keeps_undelivered(target);
                }
            }
        }
    }

    fn scheduler(&mut self, resource: &Resource) {
        let view = resource.view();
        if let Some(started) = self.started(view.get("Target")).value() {
            let kind = told(schedule(view.get("ScheduleExpression"), Dialect::AwsScheduler), view.get("Target"));
            self.trigger(resource.span, started.clone(), state(view), kind);
        }
    }

    fn subscription(&mut self, view: View<'_>, resource: &Resource) {
        if !view.get("Protocol").is_text("lambda") {
            return;
        }
        let topic = match &*resource.kind {
            // A topic lists its own subscriptions.
            "AWS::SNS::Topic" => Some(Link::to(reference_to(resource.address.clone(), resource.span))),
            _ => aws::source(view.get("TopicArn"), "aws_sns_topic"),
        };
        if let Some(trigger) = self.event(resource, view.get("Endpoint"), EventKind::Topic, always_on()) {
            trigger.source = topic;
            trigger.keeps_undelivered = aws::keeps_undelivered(view);
        }
    }

    fn bucket(&mut self, resource: &Resource) {
        for notification in resource.view().at(&["NotificationConfiguration", "LambdaConfigurations"]).items() {
            if let Some(trigger) = self.event(resource, notification.get("Function"), EventKind::Storage, always_on()) {
                trigger.source = Some(Link::to(reference_to(resource.address.clone(), resource.span)));
                trigger.takes_every_new_object =
                    aws::every_new_object(notification.get("Event"), &[notification.get("Filter")], false);
            }
        }
    }

    fn topic_rule(&mut self, resource: &Resource) {
        let payload = resource.view().get("TopicRulePayload");
        let disabled = payload.get("RuleDisabled").boolean().map(|disabled| !disabled.unwrap_or(false));
        for action in payload.get("Actions").items() {
            self.event(resource, action.at(&["Lambda", "FunctionArn"]), EventKind::Iot, disabled.clone());
        }
    }

    fn target_group(&mut self, resource: &Resource) {
        let view = resource.view();
        if !view.get("TargetType").is_text("lambda") {
            return;
        }
        let path = self.listened_path(resource);
        for target in view.get("Targets").items() {
            let kind = aws::request(Gateway::LoadBalancer, View::missing(None), path.clone());
            self.trigger(resource.span, written(target.get("Id")), always_on(), TriggerKind::Http(kind));
        }
    }

    /// The path of a load balancer's rule that leads to a target group.
    fn listened_path(&self, group: &Resource) -> Sourced<Option<Arc<str>>> {
        let rules = self.resources.of("AWS::ElasticLoadBalancingV2::ListenerRule");
        let mut leading = rules.map(Resource::view).filter(|rule| {
            let named = |action: &View<'_>| {
                let groups = action.at(&["ForwardConfig", "TargetGroups"]).items();
                let groups = groups.iter().map(|group| group.get("TargetGroupArn"));
                let mut arns = groups.chain([action.get("TargetGroupArn")]);
                arns.any(|arn| self.resources.referred(arn).is_some_and(|one| one.address == group.address))
            };
            rule.get("Actions").items().iter().any(named)
        });
        let conditions = leading.next().map(|rule| rule.get("Conditions").items()).unwrap_or_default();
        let path =
            conditions.iter().filter(|condition| condition.get("Field").is_text("path-pattern")).find_map(|one| {
                let values = [one.at(&["PathPatternConfig", "Values"]), one.get("Values")];
                values.into_iter().flat_map(View::items).next()
            });
        path.map_or(Sourced::absent(None), View::text)
    }

    fn graph_source(&mut self, resource: &Resource) {
        let function = resource.view().at(&["LambdaConfig", "LambdaFunctionArn"]);
        if function.is_present() {
            let kind = aws::request(Gateway::AppSync, View::missing(resource.span), Sourced::absent(None));
            self.trigger(resource.span, written(function), always_on(), TriggerKind::Http(kind));
        }
    }

    fn distribution(&mut self, resource: &Resource) {
        let config = resource.view().get("DistributionConfig");
        let behaviors = config.get("CacheBehaviors").items();
        for behavior in std::iter::once(config.get("DefaultCacheBehavior")).chain(behaviors) {
            for association in behavior.get("LambdaFunctionAssociations").items() {
                let event = association.get("EventType").known_text().unwrap_or_else(|| "".into());
                let function = association.get("LambdaFunctionARN");
                let span = function.span().unwrap_or(resource.span);
                self.trigger(span, written(function), always_on(), TriggerKind::Edge(event));
            }
        }
    }

    /// A task definition that a rule or schedule starts is a job.
    fn task_as_job(&mut self, job: View<'_>) {
        let Some(definition) = self.resources.referred(job) else { return };
        if &*definition.kind != "AWS::ECS::TaskDefinition" || !self.jobs.insert(definition.address.clone()) {
            return;
        }
        let identity = definition.identity(self.unit, definition.view().get("Family").text());
        let mut workload = Workload::new(identity, WorkloadKind::Job, Platform::AwsEcs);
        super::containers::task(definition.view(), &mut workload);
        self.keep(workload, definition);
    }

    /// An instance, or a group of them, with what its own script or that of its template runs.
    fn machine(&mut self, resource: &Resource) {
        let view = resource.view();
        let mixed = view.at(&["MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification"]);
        let named = [view.get("LaunchTemplate"), mixed].into_iter().find(|one| one.is_present());
        let named = named
            .map_or(view.get("LaunchConfigurationName"), |one| one.first(&["LaunchTemplateId", "LaunchTemplateName"]));
        let template = self.resources.referred(named).map_or(view, Resource::view);
        let settings = [template.get("LaunchTemplateData"), template].into_iter().find(|one| one.is_present());
        let settings = settings.unwrap_or(template);
        let identity = resource.identity(self.unit, Sourced::absent(resource.span));
        let mut machine = Workload::new(identity, WorkloadKind::Machine, Platform::AwsEc2);
        machine.sole_container = booted(settings.get("UserData"), settings.key_span("UserData"));
        self.keep(machine, resource);
    }

    fn batch_job(&mut self, resource: &Resource) {
        let view = resource.view();
        let identity = resource.identity(self.unit, view.get("JobDefinitionName").text());
        let mut workload = Workload::new(identity, WorkloadKind::Job, Platform::AwsBatch);
        workload.timeout = view.at(&["Timeout", "AttemptDurationSeconds"]).whole();
        self.keep(workload, resource);
    }
}

/// A rule with a schedule and a pattern starts its targets on both.
fn rule_kinds(view: View<'_>) -> Vec<TriggerKind> {
    let mut kinds = Vec::new();
    if view.get("ScheduleExpression").is_present() {
        kinds.push(schedule(view.get("ScheduleExpression"), Dialect::Aws));
    }
    if view.get("EventPattern").is_present() || kinds.is_empty() {
        kinds.push(TriggerKind::Event(EventKind::Bus));
    }
    kinds
}

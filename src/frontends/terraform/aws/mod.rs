//! AWS: which code lowers which resource type, and what has no better place.

mod containers;
mod functions;
mod routes;
mod sources;
mod versions;

use super::REGISTRY_FUNCTION;
use crate::frontends::aws::{self, TERRAFORM_SCALING};
use crate::frontends::declared::take_tags;
use crate::frontends::resource::{Resource, Resources};
use crate::frontends::triggers::{always_on, written};
use crate::model::{Declarations, EventKind, Gateway, Link, Trigger, TriggerKind, UnitId, Workload};
use crate::source::Span;
use crate::value::{Sourced, Value, View};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Lowers the AWS resources of one root module.
pub(super) struct Lowering<'r> {
    unit: UnitId,
    resources: &'r Resources,
    declarations: &'r mut Declarations,
    /// Task definitions that are lowered as jobs.
    jobs: HashSet<Arc<str>>,
    /// Rules by name, for targets that do not refer to them.
    rules: HashMap<Arc<str>, &'r Resource>,
    /// Routes of HTTP and WebSocket APIs by the address of their integration.
    routes: HashMap<Arc<str>, &'r Resource>,
    /// The addresses of the methods of REST APIs, by what their integrations have in common with them.
    methods: HashMap<routes::PartAndMethod, Arc<str>>,
    /// What callers of functions should name.
    versions: versions::Versions,
    /// Paths of load balancers by the address of the target group that they lead to.
    listened: HashMap<Arc<str>, Sourced<Option<Arc<str>>>>,
}

type Lower = for<'r, 'l> fn(&'l mut Lowering<'r>, &'r Resource);

/// Types whose attributes other resources' lowering looks up.
fn is_referred_to(kind: &str) -> bool {
    matches!(
        kind,
        "aws_api_gateway_method"
            | "aws_api_gateway_resource"
            | "aws_apigatewayv2_route"
            | "aws_cloudwatch_event_rule"
            | "aws_ecs_task_definition"
            | "aws_kinesis_stream_consumer"
            | "aws_lb_listener_rule"
            | "aws_alb_listener_rule"
    )
}

/// Whether the attributes of a type are looked at.
pub(super) fn reads(kind: &str) -> bool {
    is_referred_to(kind)
        || aws::balancers::reads(kind)
        || aws::concerns_database(kind)
        || aws::is_invoke_config(kind)
        || aws::is_of_role(kind)
        || TERRAFORM_SCALING.names(kind)
        || lowering_of(kind).is_some()
}

/// The code for a type.
fn lowering_of(kind: &str) -> Option<Lower> {
    Some(match kind {
        "aws_lambda_function" => |lowering, resource| lowering.function(resource),
        REGISTRY_FUNCTION => |lowering, resource| lowering.registry_function(resource),
        "aws_lambda_alias" => |lowering, resource| lowering.alias(resource),
        "aws_lambda_provisioned_concurrency_config" => |lowering, resource| lowering.provisioned_concurrency(resource),
        "aws_lambda_function_url" => |lowering, resource| lowering.function_url(resource),
        "aws_lambda_event_source_mapping" => |lowering, resource| lowering.event_source_mapping(resource),
        "aws_lambda_permission" => |lowering, resource| lowering.permission(resource),
        "aws_sqs_queue" => |lowering, resource| lowering.queue(resource),
        "aws_sns_topic" | "aws_kinesis_stream" | "aws_dynamodb_table" | "aws_s3_bucket" | "aws_db_instance"
        | "aws_rds_cluster" | "aws_ecs_cluster" => |lowering, resource| {
            lowering.declarations.backing.extend(aws::backing(lowering.unit, resource, lowering.resources));
        },
        "aws_eks_cluster" => |lowering, resource| {
            lowering.declarations.backing.extend(aws::backing(lowering.unit, resource, lowering.resources));
            let cluster = aws::cluster(lowering.unit, resource, lowering.resources);
            lowering.declarations.clusters.push(cluster);
        },
        "aws_eks_node_group" => |lowering, resource| {
            lowering.declarations.node_pools.push(aws::node_group(lowering.unit, resource));
        },
        "aws_api_gateway_integration" => |lowering, resource| lowering.rest_integration(resource),
        "aws_api_gateway_authorizer" | "aws_apigatewayv2_authorizer" => {
            |lowering, resource| lowering.authorizer(resource)
        }
        "aws_apigatewayv2_integration" => |lowering, resource| lowering.http_integration(resource),
        "aws_api_gateway_rest_api" => |lowering, resource| lowering.described_api(resource, Gateway::RestApi),
        "aws_apigatewayv2_api" => |lowering, resource| {
            lowering.quick_api(resource);
            lowering.described_api(resource, Gateway::HttpApi);
        },
        "aws_lb_target_group_attachment" | "aws_alb_target_group_attachment" => {
            |lowering, resource| lowering.target_group_attachment(resource)
        }
        "aws_appsync_datasource" => |lowering, resource| lowering.graph_source(resource),
        "aws_cloudfront_distribution" => |lowering, resource| lowering.distribution(resource),
        "aws_cognito_user_pool" => |lowering, resource| lowering.user_pool(resource),
        "aws_cloudwatch_event_target" => |lowering, resource| lowering.rule_target(resource),
        "aws_scheduler_schedule" => |lowering, resource| lowering.scheduler(resource),
        "aws_sns_topic_subscription" => |lowering, resource| {
            if resource.view().get("protocol").is_text("lambda") {
                let topic = aws::source(resource.view().get("topic_arn"), "aws_sns_topic");
                let keeps = aws::keeps_undelivered(resource.view());
                if let Some(trigger) = lowering.event(resource, resource.view().get("endpoint"), EventKind::Topic) {
                    trigger.source = topic;
                    trigger.keeps_undelivered = keeps;
                }
            }
        },
        "aws_s3_bucket_notification" => |lowering, resource| {
            for notification in resource.view().get("lambda_function").items() {
                let bucket = aws::source(resource.view().get("bucket"), "aws_s3_bucket");
                let function = notification.get("lambda_function_arn");
                if let Some(trigger) = lowering.event(resource, function, EventKind::Storage) {
                    trigger.source = bucket;
                    let filters = [notification.get("filter_prefix"), notification.get("filter_suffix")];
                    trigger.takes_every_new_object = aws::every_new_object(notification.get("events"), &filters, false);
                }
            }
        },
        "aws_cloudwatch_log_subscription_filter" => |lowering, resource| {
            lowering.event(resource, resource.view().get("destination_arn"), EventKind::Log);
        },
        "aws_iot_topic_rule" => |lowering, resource| {
            for action in resource.view().get("lambda").items() {
                lowering.event(resource, action.get("function_arn"), EventKind::Iot);
            }
        },
        "aws_sfn_state_machine" => |lowering, resource| lowering.state_machine(resource),
        "aws_ecs_service" => |lowering, resource| lowering.container_service(resource),
        "aws_batch_job_definition" => |lowering, resource| lowering.batch_job(resource),
        _ => return None,
    })
}

/// Lowers everything that AWS runs.
pub(super) fn lower(unit: UnitId, resources: &Resources, declarations: &mut Declarations) {
    let mut lowering = Lowering {
        unit,
        resources,
        declarations,
        jobs: HashSet::new(),
        rules: named_rules(resources),
        routes: aws::routes_to(resources, ["aws_apigatewayv2_route", "target", "authorization_type"]),
        methods: routes::methods(resources),
        versions: versions::Versions::of(resources),
        listened: routes::listened(resources),
    };
    for resource in resources.iter() {
        if let Some(lower) = lowering_of(&resource.kind) {
            lower(&mut lowering, resource);
        }
    }
    aws::join(unit, resources, &TERRAFORM_SCALING, declarations);
}

/// Rules by their name on the platform, where it is unique.
fn named_rules(resources: &Resources) -> HashMap<Arc<str>, &Resource> {
    let mut rules: HashMap<Arc<str>, Option<&Resource>> = HashMap::new();
    for rule in resources.of("aws_cloudwatch_event_rule") {
        if let Some(name) = rule.view().get("name").known_text() {
            rules.entry(name).and_modify(|found| *found = None).or_insert(Some(rule));
        }
    }
    rules.into_iter().filter_map(|(name, rule)| Some((name, rule?))).collect()
}

impl<'r> Lowering<'r> {
    /// Adds a workload with what its resource says about it.
    fn keep(&mut self, mut workload: Workload, resource: &Resource) {
        take_tags(resource.view().get("tags"), &mut workload);
        self.declarations.workloads.push(workload);
    }

    /// Adds a trigger.
    fn trigger(&mut self, span: Span, target: Value, enabled: Sourced<bool>, kind: TriggerKind) -> &mut Trigger {
        let versioned = self.versions.called(&target);
        let trigger = Trigger::new(self.unit, span, Link { versioned, ..Link::to(target) }, enabled, kind);
        let triggers = &mut self.declarations.triggers;
        triggers.push(trigger);
        let last = triggers.len() - 1;
        &mut triggers[last]
    }

    /// An event that nobody waits for, if a target is written.
    fn event(&mut self, resource: &Resource, target: View<'_>, kind: EventKind) -> Option<&mut Trigger> {
        let span = target.span().unwrap_or(resource.span);
        target.is_present().then(|| self.trigger(span, written(target), always_on(), TriggerKind::Event(kind)))
    }
}

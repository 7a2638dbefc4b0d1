//! What load balancers lead to ECS services: target groups, the listeners that forward to them, and whether people
//! outside reach those. Terraform and CloudFormation say it in the same words with other capitals.

use super::joins::ScalingKeys;
use super::triggers::request;
use crate::frontends::resource::{Resource, Resources, reference_to};
use crate::frontends::triggers::always_on;
use crate::model::{Declarations, Gateway, HttpTrigger, Link, Trigger, TriggerKind, UnitId};
use crate::value::{How, Origin, Sourced, Unknown, View};
use std::collections::HashMap;
use std::sync::Arc;

/// Whether the attributes of a type are looked at.
pub(crate) fn reads(kind: &str) -> bool {
    is_balancer(kind) || is_listener(kind) || is_target_group(kind)
}

fn is_balancer(kind: &str) -> bool {
    matches!(kind, "aws_lb" | "aws_alb" | "AWS::ElasticLoadBalancingV2::LoadBalancer")
}

fn is_listener(kind: &str) -> bool {
    matches!(
        kind,
        "aws_lb_listener"
            | "aws_alb_listener"
            | "aws_lb_listener_rule"
            | "aws_alb_listener_rule"
            | "AWS::ElasticLoadBalancingV2::Listener"
            | "AWS::ElasticLoadBalancingV2::ListenerRule"
    )
}

fn is_target_group(kind: &str) -> bool {
    matches!(kind, "aws_lb_target_group" | "aws_alb_target_group" | "AWS::ElasticLoadBalancingV2::TargetGroup")
}

/// Adds the requests that load balancers send to the ECS services of a unit.
pub(super) fn join(unit: UnitId, resources: &Resources, keys: &ScalingKeys, declarations: &mut Declarations) {
    let mut services = resources.of(keys.service).peekable();
    if services.peek().is_none() {
        return;
    }
    let reach = reach(resources);
    for service in services {
        for block in service.view().first(&["load_balancer", "LoadBalancers"]).items() {
            let group = block.first(&["target_group_arn", "TargetGroupArn"]);
            let Some(found) = resources.referred(group).filter(|found| is_target_group(&found.kind)) else { continue };
            let elsewhere = || {
                let why = Unknown::NotEvaluated("who reaches the load balancer".into());
                Sourced::unknown(why, Origin::new(How::Absent, found.span))
            };
            let http = HttpTrigger {
                is_public: reach.get(&found.address).cloned().unwrap_or_else(elsewhere),
                is_sticky: Some(Box::new(is_sticky(found))),
                ..request(Gateway::LoadBalancer, View::missing(found.span), Sourced::absent(None))
            };
            let span = group.span().unwrap_or(service.span);
            let target = Link::to(reference_to(service.address.clone(), service.span));
            let (enabled, kind) = (always_on(), TriggerKind::Http(http));
            declarations.triggers.push(Trigger::new(unit, span, target, enabled, kind));
        }
    }
}

/// Whether target groups are reached from outside, by their addresses; those that no listener names are left out.
fn reach(resources: &Resources) -> HashMap<Arc<str>, Sourced<bool>> {
    let mut reach: HashMap<Arc<str>, Sourced<bool>> = HashMap::new();
    for listener in resources.iter().filter(|resource| is_listener(&resource.kind)) {
        let view = listener.view();
        let Some(is_public) = is_public(listener, resources) else { continue };
        let actions = ["default_action", "action", "DefaultActions", "Actions"].map(|key| view.get(key));
        for action in actions.iter().flat_map(|actions| actions.items()) {
            let forward = action.first(&["forward", "ForwardConfig"]).first(&["target_group", "TargetGroups"]);
            let nested = forward.items().into_iter().map(|group| group.first(&["arn", "TargetGroupArn"]));
            let direct = action.first(&["target_group_arn", "TargetGroupArn"]);
            for group in nested.chain([direct]).filter_map(|group| resources.referred(group)) {
                let known = reach.entry(group.address.clone()).or_insert_with(|| is_public.clone());
                // One public way is enough.
                if is_public.known() == Some(&true) {
                    *known = is_public.clone();
                }
            }
        }
    }
    reach
}

/// Whether the load balancer of a listener, or of the listener of a rule, faces the internet.
fn is_public(listener: &Resource, resources: &Resources) -> Option<Sourced<bool>> {
    let of_rule = resources.referred(listener.view().first(&["listener_arn", "ListenerArn"]));
    let listener = of_rule.unwrap_or(listener);
    let balancer = resources.referred(listener.view().first(&["load_balancer_arn", "LoadBalancerArn"]))?;
    let view = balancer.view();
    let scheme = view.get("Scheme");
    is_balancer(&balancer.kind).then(|| match scheme.is_present() {
        true => scheme.text().map(|scheme| scheme.as_deref() != Some("internal")),
        false => view.get("internal").boolean().map(|internal| !internal.unwrap_or(false)),
    })
}

/// Whether a target group keeps a client at one target.
fn is_sticky(group: &Resource) -> Sourced<bool> {
    let view = group.view();
    let block = view.get("stickiness");
    if block.is_present() {
        let written = block.get("enabled").within(block.get("type").span().or(Some(group.span)));
        return written.boolean().map(|enabled| enabled.unwrap_or(true));
    }
    let attributes = view.get("TargetGroupAttributes").items();
    let found = attributes.into_iter().find(|attribute| attribute.get("Key").is_text("stickiness.enabled"));
    let value = found.map_or(View::missing(group.span), |attribute| attribute.get("Value"));
    value.boolean().map(|enabled| enabled.unwrap_or(false))
}

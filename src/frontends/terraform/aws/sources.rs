//! What starts functions and tasks without waiting: rules, schedules, state machines.

use super::Lowering;
use crate::frontends::aws;
use crate::frontends::json_text::json_document;
use crate::frontends::resource::Resource;
use crate::frontends::states;
use crate::frontends::triggers::{always_on, schedule, told, written};
use crate::model::{EventKind, TriggerKind};
use crate::schedule::Dialect;
use crate::value::{Sourced, View};

/// On unless something says otherwise.
pub(super) fn enabled(view: View<'_>) -> Sourced<bool> {
    view.boolean().unwrap_or(true)
}

/// Whether `is_enabled = false` or `state = "DISABLED"` switches something off.
fn state(view: View<'_>) -> Sourced<bool> {
    let is_enabled = view.get("is_enabled");
    if is_enabled.is_present() {
        return enabled(is_enabled);
    }
    view.get("state").text().map(|state| state.as_deref() != Some("DISABLED"))
}

impl Lowering<'_> {
    /// What a target starts: the task of a block, which then is a job, or what its ARN names.
    fn started<'v>(&mut self, target: View<'v>, block: &'static str) -> View<'v> {
        let task = target.at(&[block, "task_definition_arn"]);
        if task.is_absent() {
            return target.get("arn");
        }
        self.task_as_job(task);
        task
    }

    pub(super) fn rule_target(&mut self, resource: &Resource) {
        let view = resource.view();
        let named = view.get("rule");
        let by_name = || named.known_text().and_then(|name| self.rules.get(&name).copied());
        let rule = self.resources.referred(named).or_else(by_name);
        let started = self.started(view, "ecs_target");
        let Some(rule) = rule.filter(|rule| &*rule.kind == "aws_cloudwatch_event_rule") else {
            // A rule that is not in the unit may be a clock.
            self.event(resource, started, EventKind::Other);
            return;
        };
        let rule = rule.view();
        let expression = rule.get("schedule_expression");
        if expression.is_present() {
            self.trigger(resource.span, written(started), state(rule), told(schedule(expression, Dialect::Aws), view));
        }
        if rule.get("event_pattern").is_present() || expression.is_absent() {
            let trigger =
                self.trigger(resource.span, written(started), state(rule), TriggerKind::Event(EventKind::Bus));
            trigger.keeps_undelivered = aws::keeps_undelivered(view);
        }
    }

    pub(super) fn scheduler(&mut self, resource: &Resource) {
        let view = resource.view();
        let started = self.started(view.get("target"), "ecs_parameters");
        let kind = told(schedule(view.get("schedule_expression"), Dialect::AwsScheduler), view.get("target"));
        self.trigger(resource.span, written(started), state(view), kind);
    }

    pub(super) fn state_machine(&mut self, resource: &Resource) {
        let view = resource.view();
        let definition = json_document(view.get("definition"), resource.span);
        for call in definition.iter().flat_map(states::calls) {
            let kind = call.kind();
            self.trigger(call.span.unwrap_or(resource.span), call.call, always_on(), kind);
        }
        let identity = resource.identity(self.unit, view.get("name").text());
        let machine = states::machine(identity, view.get("type"), definition.as_ref(), |call| call);
        self.declarations.state_machines.push(machine);
    }
}

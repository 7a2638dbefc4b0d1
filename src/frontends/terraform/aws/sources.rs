//! What starts functions and tasks without waiting: rules, schedules, state machines.

use super::Lowering;
use crate::frontends::cloudformation::{schedule, written};
use crate::frontends::resource::Resource;
use crate::frontends::states;
use crate::frontends::terraform::functions::json_document;
use crate::model::{EventKind, TriggerKind};
use crate::value::{Data, Sourced, View};

pub(super) use crate::frontends::cloudformation::always_on;

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
    pub(super) fn rule_target(&mut self, resource: &Resource) {
        let view = resource.view();
        let named = view.get("rule");
        let by_name = || named.known_text().and_then(|name| self.rules.get(&name).copied());
        let rule = self.resources.referred(named).or_else(by_name);
        let task = view.at(&["ecs_target", "task_definition_arn"]);
        let started = if task.is_present() { task } else { view.get("arn") };
        if task.is_present() {
            self.task_as_job(task);
        }
        let Some(rule) = rule.filter(|rule| &*rule.kind == "aws_cloudwatch_event_rule") else {
            return self.event(resource, started, EventKind::Bus);
        };
        let rule = rule.view();
        let expression = rule.get("schedule_expression");
        if expression.is_present() {
            self.trigger(resource.span, written(started), state(rule), schedule(expression));
        }
        if rule.get("event_pattern").is_present() || expression.is_absent() {
            self.trigger(resource.span, written(started), state(rule), TriggerKind::Event(EventKind::Bus));
        }
    }

    pub(super) fn scheduler(&mut self, resource: &Resource) {
        let view = resource.view();
        let target = view.get("target");
        let task = target.at(&["ecs_parameters", "task_definition_arn"]);
        let started = if task.is_present() { task } else { target.get("arn") };
        if task.is_present() {
            self.task_as_job(task);
        }
        let kind = schedule(view.get("schedule_expression"));
        self.trigger(resource.span, written(started), state(view), kind);
    }

    pub(super) fn state_machine(&mut self, resource: &Resource) {
        let Some(definition) = json_document(resource.view().get("definition"), resource.span) else { return };
        for task in states::tasks(&definition) {
            let span = task.call.origin.site().unwrap_or(resource.span);
            let kind = TriggerKind::Orchestrator { retries: task.handles_failure };
            self.trigger(span, task.call, always_on(), kind);
        }
        let (references, retries) = states::references_in_text(&definition);
        for reference in references {
            let target = Sourced::new(Data::Reference(reference), definition.origin.clone());
            self.trigger(resource.span, target, always_on(), TriggerKind::Orchestrator { retries });
        }
    }
}

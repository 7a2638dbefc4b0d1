//! Lambda functions: `AWS::Lambda::Function`, and `AWS::Serverless::Function` with its events.

use super::lower::Lowering;
use crate::frontends::aws::{self, CLOUDFORMATION_FUNCTION};
use crate::frontends::resource::{Resource, reference_to};
use crate::frontends::triggers::{always_on, literal, written};
use crate::model::{Alias, EventKind, Identity, Link, TriggerKind};
use crate::value::{Form, Origin, Sourced, View};
use std::sync::Arc;

impl Lowering<'_> {
    pub(super) fn function(&mut self, resource: &Resource) {
        let view = resource.view();
        let identity = resource.identity(self.unit, view.get("FunctionName").text());
        let workload = aws::function(identity, view, &CLOUDFORMATION_FUNCTION);
        self.keep(workload, resource);
    }

    /// A function of SAM: its settings, its events, and the alias that it may publish.
    pub(super) fn serverless_function(&mut self, resource: &Resource) {
        let view = resource.view();
        let identity = resource.identity(self.unit, view.get("FunctionName").text());
        let mut workload = aws::function(identity, view, &CLOUDFORMATION_FUNCTION);
        let alias = view.get("AutoPublishAlias");
        if let Some(settings) = &mut workload.function {
            settings.publishes = alias.is_written().in_form(Form::Words("live", ""));
            let kept = std::mem::replace(&mut settings.provisioned_concurrency, Sourced::absent(resource.span));
            settings.provisioned_concurrency = kept.in_form(Form::NotZero);
            if settings.role.is_none() {
                settings.permissions = aws::sam_policies(view.get("Policies"), self.resources, resource.span);
            }
        }
        self.keep(workload, resource);
        if alias.is_present() {
            self.published_alias(resource, alias);
        }
        let events = view.get("Events");
        if let Some(why) = events.value().and_then(|events| events.why_unknown()) {
            let span = events.span().unwrap_or(resource.span);
            let enabled = Sourced::unknown(why.clone(), Origin::literal(span));
            self.trigger(
                span,
                reference_to(resource.address.clone(), span),
                enabled,
                TriggerKind::Event(EventKind::Unseen),
            );
        }
        for (entry, event) in events.entries() {
            self.serverless_event(resource, entry, event);
        }
        let url = view.get("FunctionUrlConfig");
        if url.is_present() {
            let span = view.key_span("FunctionUrlConfig").unwrap_or(resource.span);
            let kind = super::api::function_url(url);
            let target = reference_to(resource.address.clone(), span);
            if let Some(trigger) = self.trigger(span, target, always_on(), TriggerKind::Http(kind)) {
                trigger.target.qualified = alias.is_present();
                trigger.is_own = true;
            }
        }
    }

    /// SAM names the alias and the version that it makes after the function; templates refer to them by these names.
    fn published_alias(&mut self, resource: &Resource, alias: View<'_>) {
        let span = alias.span().unwrap_or(resource.span);
        let mut names: Vec<Arc<str>> =
            vec![format!("{}.Alias", resource.address).into(), format!("{}.Version", resource.address).into()];
        if let Some(name) = alias.known_text() {
            names.push(format!("{}Alias{name}", resource.address).into());
        }
        for address in names {
            let identity =
                Identity { unit: self.unit, label: address.clone(), address, name: Sourced::absent(span), span };
            self.declarations.aliases.push(Alias {
                identity,
                function: Link::to(reference_to(resource.address.clone(), resource.span)),
                is_published: literal(true, Some(span)),
                provisioned_concurrency: Sourced::absent(span),
            });
        }
    }

    pub(super) fn function_url(&mut self, resource: &Resource) {
        let view = resource.view();
        let kind = TriggerKind::Http(super::api::function_url(view));
        let function = written(view.get("TargetFunctionArn"));
        if let Some(trigger) = self.trigger(resource.span, function, always_on(), kind) {
            trigger.target.qualified = view.get("Qualifier").is_present();
        }
    }
}

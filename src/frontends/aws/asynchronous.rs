//! What is said about asynchronous events apart from the function that takes them: the settings of their invocation,
//! which are a resource of their own, and the queues of those who send them.

use super::any_written;
use super::joins::Functions;
use crate::frontends::resource::{Resource, Resources};
use crate::model::FunctionSettings;
use crate::value::{How, Origin, Sourced, Unknown, View};

/// The types of the resource, and the same three attributes in either dialect.
const KINDS: [&str; 2] = ["AWS::Lambda::EventInvokeConfig", "aws_lambda_function_event_invoke_config"];

/// Whether a type says how functions are invoked asynchronously.
pub(crate) fn is_invoke_config(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// Hands what such resources say to the functions that they name.
pub(super) fn join(resources: &Resources, functions: &mut Functions<'_>) {
    for config in KINDS.iter().flat_map(|kind| resources.of(kind)) {
        let view = config.view();
        let named = view.first(&["FunctionName", "function_name"]);
        let found = named.value().map_or(0, |named| functions.change(named, |settings| take(config, settings)));
        if found == 0 {
            // It may be for any function of the unit.
            let why = || Unknown::NotEvaluated("which function these settings are for".into());
            functions.change_all(|settings| {
                if settings.asynchronous.keeps_failures.known() == Some(&false) {
                    settings.asynchronous.keeps_failures = Sourced::unknown(why(), Origin::literal(config.span));
                }
            });
        }
    }
}

fn take(config: &Resource, settings: &mut FunctionSettings) {
    let view = config.view();
    let asynchronous = &mut settings.asynchronous;
    let retries = view.first(&["MaximumRetryAttempts", "maximum_retry_attempts"]).whole();
    if !retries.is_absent() {
        asynchronous.retries = retries;
    }
    if asynchronous.keeps_failures.known() != Some(&true) {
        let paths: [super::Path; 2] = [&["DestinationConfig", "OnFailure"], &["destination_config", "on_failure"]];
        let keeps = any_written(view, &paths);
        if keeps.is_explicit() {
            asynchronous.keeps_failures = keeps;
        }
    }
}

/// Whether a subscription or the target of a rule has a queue for what it cannot hand over.
pub(crate) fn keeps_undelivered(view: View<'_>) -> Sourced<bool> {
    const KEYS: [&str; 6] = [
        "DeadLetterConfig",
        "RedrivePolicy",
        "dead_letter_config",
        "redrive_policy",
        "redrivePolicy",
        "deadLetterQueueArn",
    ];
    if view.value().is_none() {
        return Sourced::new(false, Origin::new(How::Absent, view.block()));
    }
    view.first(&KEYS).is_written()
}

/// Whether a bucket tells of every object that is written: nothing narrows it down to some names, and it is about
/// objects that are put there. Nothing written about events means that it is, in serverless.yml.
pub(crate) fn every_new_object(events: View<'_>, filters: &[View<'_>], otherwise: bool) -> Sourced<bool> {
    let nowhere = || Origin::new(How::Absent, events.block());
    if let Some(filter) = filters.iter().find(|filter| filter.is_present()) {
        return filter.is_written().map(|_| false);
    }
    let names: Vec<_> = events.items().into_iter().map(View::text).collect();
    match events.value().and_then(|events| events.why_unknown()) {
        Some(why) => Sourced::unknown(why.clone(), nowhere()),
        None if events.is_absent() => Sourced::new(otherwise, nowhere()),
        None => {
            let is_put = |name: &&Sourced<Option<std::sync::Arc<str>>>| {
                name.set().is_some_and(|name| name.ends_with("ObjectCreated:*") || name.ends_with("ObjectCreated:Put"))
            };
            let put = names.iter().find(is_put).map(|name| name.origin.clone());
            Sourced::new(put.is_some(), put.unwrap_or_else(nowhere))
        }
    }
}

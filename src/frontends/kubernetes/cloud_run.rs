//! Services of Cloud Run, which are written as services of Knative and have other limits. Called by [`super::lower`].

use super::object::Object;
use crate::facts::google as facts;
use crate::model::Workload;
use crate::value::{Form, Origin, Sourced, Unknown, View};

/// Whether a service of Knative is one of Cloud Run: an annotation or a label of its own says so.
pub(super) fn is_cloud_run(object: &Object) -> bool {
    let metadata = [object.view().get("metadata"), object.spec().at(&["template", "metadata"])];
    let said = metadata.into_iter().flat_map(|metadata| [metadata.get("annotations"), metadata.get("labels")]);
    said.flat_map(View::entries).any(|(entry, _)| {
        entry.name.starts_with("run.googleapis.com/") || &*entry.name == "cloud.googleapis.com/location"
    })
}

/// What Cloud Run makes of a service. It has no pods that anybody could see.
pub(super) fn settle(object: &Object, workload: &mut Workload) {
    let template = object.spec().get("template");
    workload.pod = None;
    workload.containers.iter_mut().for_each(|container| container.grace = Sourced::absent(object.span));
    let timeout = template.at(&["spec", "timeoutSeconds"]).within(object.span).whole();
    workload.timeout = timeout.or_fact(&facts::RUN_TIMEOUT_DEFAULT).map(Some);
    let annotations = template.at(&["metadata", "annotations"]).within(object.span);
    let shared = object.view().at(&["metadata", "annotations"]).within(object.span);
    let bound = |names: [&'static str; 2], name: &'static str| {
        let own = annotations.first(&names).whole().in_form(Form::Text);
        own.or(|| shared.get(name).whole().in_form(Form::Text))
    };
    let least = ["autoscaling.knative.dev/minScale", "autoscaling.knative.dev/min-scale"];
    let least = bound(least, "run.googleapis.com/minScale");
    workload.min_instances = least.or_fact(&facts::RUN_MIN_INSTANCES_DEFAULT).map(Some);
    let most = ["autoscaling.knative.dev/maxScale", "autoscaling.knative.dev/max-scale"];
    workload.max_instances = bound(most, "run.googleapis.com/maxScale");
    let throttled = annotations.get("run.googleapis.com/cpu-throttling").boolean();
    workload.cpu_idle = match template.at(&["spec", "nodeSelector"]).is_absent() {
        true => throttled.unwrap_or(true).map(Some).in_form(Form::Text),
        // With an accelerator the CPU is never taken away.
        false => Sourced::unknown(Unknown::NotEvaluated("`nodeSelector`".into()), Origin::literal(object.span)),
    };
}

/// Whether anybody may call it. Who else has been granted to is not written in its file.
pub(super) fn is_public(object: &Object) -> Sourced<bool> {
    let annotations = object.view().at(&["metadata", "annotations"]).within(object.span);
    let unchecked = annotations.get("run.googleapis.com/invoker-iam-disabled").boolean();
    match unchecked.set() {
        Some(true) => unchecked.unwrap_or(false),
        _ => Sourced::unknown(Unknown::NotEvaluated("who may call it".into()), Origin::literal(object.span)),
    }
}

//! A ScaledObject of KEDA for a worker that keeps its pods while its queue is empty.

use super::aws::to_fill_in;
use super::copy::{Entries, entries};
use super::kubernetes::{name_of, namespace_of};
use super::site::{Declaration, Site};
use super::{Desk, Draft};
use crate::fix::New;
use crate::fix::operation::Operation;
use crate::model::{Platform, Use, Workload};
use crate::value::Data;

/// Pods at most, until people say otherwise.
const MOST: u64 = 10;

pub(super) fn of(desk: Desk<'_>, workload: &Workload) -> Result<Draft, String> {
    let site = Site::of(desk, &workload.identity)?;
    if workload.platform != Platform::Kubernetes || site.declaration != Declaration::Manifest {
        return Err("a ScaledObject is only written for manifests of Kubernetes".into());
    }
    let kind = site.kind();
    if !matches!(kind, "Deployment" | "StatefulSet") {
        return Err(format!("KEDA does not scale the kind `{kind}` by itself"));
    }
    let mut draft = Draft::default();
    let trigger = trigger(desk, workload, &mut draft).ok_or("what its queue runs on is not known")?;
    let mut metadata = entries([("name", name_of(&site)?)]);
    if let Some(namespace) = namespace_of(&site)? {
        metadata.push(("namespace".into(), namespace));
    }
    let target = match kind {
        "Deployment" => entries([("name", name_of(&site)?)]),
        _ => entries([("kind", New::text(kind)), ("name", name_of(&site)?)]),
    };
    let most = workload.replicas.set().copied().unwrap_or(1).max(MOST);
    draft.operations.push(site.append(vec![
        ("apiVersion".into(), New::text("keda.sh/v1alpha1")),
        ("kind".into(), New::text("ScaledObject")),
        ("metadata".into(), New::Object(metadata)),
        (
            "spec".into(),
            New::object([
                ("scaleTargetRef", New::Object(target)),
                ("minReplicaCount", New::Number(0)),
                ("maxReplicaCount", New::Number(most)),
                ("triggers", New::List(vec![New::Object(trigger)])),
            ]),
        ),
    ]));
    // Two would set the number of pods.
    if let Some(spec) = site.node.get("spec")
        && let Some((key, value)) = spec.entry("replicas")
    {
        draft.operations.push(Operation::Remove { at: value.span(), object: spec.id(), key: key.id() });
    }
    Ok(draft)
}

/// What it is scaled by: the system shows in the address that its environment holds.
fn trigger(desk: Desk<'_>, workload: &Workload, draft: &mut Draft) -> Option<Entries> {
    let queue =
        workload.uses.iter().any(|one| matches!(one, Use::Queue(link) if desk.architecture.queue(link).is_some()));
    for variable in &workload.environment {
        let text = match variable.value.known() {
            Some(Data::Text(text)) => &**text,
            _ => "",
        };
        let (name, system) = (&*variable.name, text.split("://").next().unwrap_or(""));
        let is_sqs = text.starts_with("https://sqs.") && text.contains(".amazonaws.com");
        if is_sqs {
            let region = text.split('.').nth(1)?;
            let url = New::text(text);
            draft.remarks.push("let KEDA's operator read the queue".into());
            return Some(sqs(url, New::text(region)));
        }
        match system {
            "amqp" | "amqps" => {
                draft.remarks.push("fill in the name of the queue".into());
                let metadata = entries([
                    ("hostFromEnv", New::text(name)),
                    ("queueName", to_fill_in()),
                    ("mode", New::text("QueueLength")),
                    ("value", New::text("20")),
                ]);
                return Some(one("rabbitmq", metadata));
            }
            "redis" | "rediss" => {
                let (_, rest) = text.split_once("://")?;
                let host = rest.rsplit('@').next()?.split('/').next()?;
                let address = if host.contains(':') { host.to_string() } else { format!("{host}:6379") };
                // What stands before the host may be a secret.
                let is_open = !rest.contains('@') && !address.is_empty() && !address.contains('$');
                draft.remarks.push("fill in the name of the list".into());
                let address = if is_open { New::text(address) } else { to_fill_in() };
                let metadata =
                    entries([("address", address), ("listName", to_fill_in()), ("listLength", New::text("20"))]);
                return Some(one("redis", metadata));
            }
            _ => {}
        }
    }
    queue.then(|| {
        draft.remarks.push("fill in the address of the queue and its region, and let KEDA's operator read it".into());
        sqs(to_fill_in(), to_fill_in())
    })
}

fn sqs(url: New, region: New) -> Entries {
    one("aws-sqs-queue", entries([("queueURL", url), ("queueLength", New::text("20")), ("awsRegion", region)]))
}

fn one(system: &str, metadata: Entries) -> Entries {
    entries([("type", New::text(system)), ("metadata", New::Object(metadata))])
}

//! A queue and a function that works on it, for a function that takes longer than its caller waits.

use super::aws::{FUNCTION, MAPPING, QUEUE};
use super::copy::{Entries, copied, copied_entries, entries, remove, set};
use super::site::{Declaration, Site};
use super::stack::Stack;
use super::{Desk, Draft};
use crate::facts::aws;
use crate::fix::New;
use crate::model::{Gateway, Platform, Trigger, TriggerKind, Workload};
use crate::tree::NodeRef;

/// What the function and its worker do with the queue.
const USES: [&str; 4] = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
/// A message that was handed out so often goes to the queue for failures.
const RECEIVES: u64 = 5;
/// From this share of the longest timeout on, work is no longer a function's.
const NEAR_THE_LIMIT: f64 = 0.8;
/// What the worker does not take over: it has no callers, and its number of instances is its own matter.
const OF_THE_FRONT: [&str; 16] = [
    "events",
    "Events",
    "url",
    "FunctionUrlConfig",
    "reserved_concurrent_executions",
    "ReservedConcurrentExecutions",
    "reservedConcurrency",
    "provisionedConcurrency",
    "ProvisionedConcurrencyConfig",
    "AutoPublishAlias",
    "EventInvokeConfig",
    "destinations",
    "onError",
    "snap_start",
    "SnapStart",
    "snapStart",
];

pub(super) fn of(desk: Desk<'_>, workload: &Workload) -> Result<Draft, String> {
    if workload.platform != Platform::AwsLambda {
        return Err("a queue with a worker is only written for AWS Lambda".into());
    }
    let timeout = *workload.timeout.set().ok_or("its timeout is not known")?;
    if timeout as f64 >= aws::LAMBDA_TIMEOUT_MAX.value * NEAR_THE_LIMIT {
        return Err("its work takes nearly all the time that a function may have: that is a job for a container".into());
    }
    let can_ask_again = |trigger: &Trigger| match &trigger.kind {
        TriggerKind::Http(http) => {
            matches!(http.gateway, Gateway::RestApi | Gateway::HttpApi | Gateway::LoadBalancer | Gateway::FunctionUrl)
        }
        _ => false,
    };
    if !desk.architecture.waiting_triggers_of(workload).all(can_ask_again) {
        return Err("not all of its callers can come back for the answer".into());
    }
    let site = Site::of(desk, &workload.identity)?;
    let mut stack = Stack::beside(site)?;
    let queue = queues(&mut stack, timeout);
    let arn = stack.arn(QUEUE, &queue);
    let mut draft = Draft::default();
    draft.remarks.push(format!("let `{}` send a message to `{queue}` and answer 202", site.label()));
    match (site.declaration, site.kind()) {
        (Declaration::Block, "aws_lambda_function") | (Declaration::Member, "AWS::Lambda::Function") => {
            let worker = stack.name(FUNCTION, ["worker", "Worker"]);
            let key = stack.either("function_name", "FunctionName");
            let copy = copy_of(site.body(), key)?;
            stack.add_copy(site.kind(), &worker, copy);
            let name = stack.name(MAPPING, ["worker", "WorkerMapping"]);
            let function = match site.is_hcl() {
                true => New::Raw(format!("{}.{worker}.arn", site.kind())),
                false => stack.reference(&worker, ""),
            };
            let mapping =
                entries([("EventSourceArn", arn.clone()), ("FunctionName", function), ("BatchSize", New::Number(1))]);
            stack.add(MAPPING, &name, mapping);
            if !stack.grant(["jobs", "UseJobs"], vec![(&USES, arn)]) {
                draft.remarks.push("let its role use the queue".into());
            }
        }
        (Declaration::Member, "AWS::Serverless::Function") => {
            let worker = stack.name(FUNCTION, ["worker", "Worker"]);
            let mut copy = copy_of(site.body(), "FunctionName")?;
            let source = New::object([("Queue", arn), ("BatchSize", New::Number(1))]);
            let event = New::object([("Type", New::text("SQS")), ("Properties", source)]);
            set(&mut copy, "Events", New::object([("Jobs", event)]));
            stack.add_copy(site.kind(), &worker, copy);
        }
        (Declaration::Function, _) => {
            let functions = parent_of(&site).ok_or("the function is not one of several by name")?;
            let mut copy = copy_of(site.node, "name")?;
            let source = New::object([("arn", arn), ("batchSize", New::Number(1))]);
            copy.push(("events".into(), New::List(vec![New::object([("sqs", source)])])));
            let label = site.label();
            let wanted = match () {
                _ if label.contains('-') => format!("{label}-worker"),
                _ if label.contains('_') => format!("{label}_worker"),
                _ => format!("{label}Worker"),
            };
            let worker = site.taken().unique(&wanted, "");
            let operation = site.insert(functions, vec![(worker, New::Object(copy))]);
            stack.also(operation);
        }
        (_, kind) => return Err(format!("a worker is not made out of `{kind}`")),
    }
    draft.operations = stack.finish()?;
    Ok(draft)
}

/// The queue of the work, whose name is given back, and the one for what fails.
fn queues(stack: &mut Stack<'_>, timeout: u64) -> String {
    let failed = stack.failure_queue(["jobs_failed", "JobsFailed"]);
    let name = stack.name(QUEUE, ["jobs", "Jobs"]);
    let target = stack.arn(QUEUE, &failed);
    let redrive =
        stack.json(New::object([("deadLetterTargetArn", target), ("maxReceiveCount", New::Number(RECEIVES))]));
    let visibility = timeout.saturating_mul(aws::SQS_VISIBILITY_RATIO.whole()).min(aws::SQS_VISIBILITY_MAX.whole());
    let mut body = stack.named(QUEUE, "Name", &name);
    body.push((stack.either("VisibilityTimeoutSeconds", "VisibilityTimeout").into(), New::Number(visibility)));
    body.push(("RedrivePolicy".into(), redrive));
    stack.add(QUEUE, &name, body);
    name
}

/// The function once more, under a name of its own.
fn copy_of(function: NodeRef<'_>, name: &str) -> Result<Entries, String> {
    let mut copy = copied_entries(function)?;
    remove(&mut copy, &OF_THE_FRONT);
    if let Some(node) = function.get(name) {
        let renamed = renamed(&copied(node)?).ok_or("its name is not one that another can be made of")?;
        set(&mut copy, name, renamed);
    }
    Ok(copy)
}

/// A name with `-worker` behind it.
fn renamed(name: &New) -> Option<New> {
    match name {
        New::Text(text) => Some(New::Text(format!("{text}-worker"))),
        New::Raw(text) => {
            let text = text.trim();
            let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''));
            Some(New::Raw(match quote {
                Some(quote) => format!("{}-worker{quote}", text.strip_suffix(quote)?),
                None if text.starts_with("!Sub ") => format!("{text}-worker"),
                None if text.starts_with('!') => return None,
                // A name without quotes in YAML, or a reference in Terraform's language.
                None if text.contains('.') && !text.contains('$') => format!("\"${{{text}}}-worker\""),
                None => format!("{text}-worker"),
            }))
        }
        _ => None,
    }
}

/// The mapping that a resource is the value of an entry of.
fn parent_of<'a>(site: &Site<'a>) -> Option<NodeRef<'a>> {
    let index = site.desk.places.index(site.tree.file());
    index.entry_of.get(&site.node.id()).map(|(object, _)| site.tree.node(*object))
}

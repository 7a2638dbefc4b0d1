//! A queue for what a function fails on, wired to it: for events that nobody waits for, and for records of a stream.

use super::aws::{INVOKE_CONFIG, QUEUE, function_name};
use super::copy::{Entries, entries};
use super::site::{Declaration, Site, entry_at};
use super::stack::Stack;
use super::{Desk, Draft};
use crate::fix::New;
use crate::fix::form::snake;
use crate::fix::operation::Operation;
use crate::model::{Trigger, Workload};
use crate::source::Span;
use crate::tree::{Kind, NodeRef};

/// How often a failed batch is tried again before it goes to the queue.
const ATTEMPTS: u64 = 5;

/// For asynchronous events.
pub(super) fn of_function(desk: Desk<'_>, workload: &Workload) -> Result<Draft, String> {
    let site = Site::of(desk, &workload.identity)?;
    let mut stack = Stack::beside(site)?;
    let queue = stack.failure_queue(["failed", "Failed"]);
    let arn = stack.arn(QUEUE, &queue);
    let mut draft = Draft::default();
    match (site.declaration, site.kind()) {
        (Declaration::Block, "aws_lambda_function") | (Declaration::Member, "AWS::Lambda::Function") => {
            if is_taken(&site, INVOKE_CONFIG[usize::from(!site.is_hcl())]) {
                let [key, target] =
                    stack.either(["dead_letter_config", "target_arn"], ["DeadLetterConfig", "TargetArn"]);
                let value = super::copy::group(site.is_hcl(), entries([(target, arn.clone())]));
                stack.also(site.insert(body(&site), vec![(key.into(), value)]));
            } else {
                let name = stack.name(INVOKE_CONFIG, ["", "Failures"]);
                let mut config = entries([("FunctionName", function_name(&stack, &site, &workload.identity.address))]);
                if !site.is_hcl() {
                    config.push(("Qualifier".into(), New::text("$LATEST")));
                }
                let target = New::object([("Destination", arn.clone())]);
                config.push(("DestinationConfig".into(), New::object([("OnFailure", target)])));
                stack.add(INVOKE_CONFIG, &name, config);
            }
            if !stack.grant(["failed", "SendFailed"], vec![(&["sqs:SendMessage"], arn)]) {
                draft.remarks.push("let its role send messages to the queue".into());
            }
        }
        (Declaration::Member, "AWS::Serverless::Function") => {
            let target = New::object([("Type", New::text("SQS")), ("Destination", arn)]);
            let operation = into(&site, body(&site), &["EventInvokeConfig", "DestinationConfig", "OnFailure"], target)?;
            stack.also(operation);
        }
        (Declaration::Function, _) => {
            let target = New::object([("type", New::text("sqs")), ("arn", arn)]);
            stack.also(into(&site, site.node, &["destinations", "onFailure"], target)?);
        }
        (_, kind) => return Err(format!("where `{kind}` sends what it fails on is not known")),
    }
    draft.operations = stack.finish()?;
    Ok(draft)
}

/// For the records of a stream; retries get an end.
pub(super) fn of_stream(desk: Desk<'_>, workload: &Workload, place: Span) -> Result<Draft, String> {
    let trigger = desk.architecture.triggers_of(workload).find(|trigger| trigger.span == place);
    let trigger = trigger.ok_or("what reads the stream is not known")?;
    let site = Site::of(desk, &workload.identity)?;
    let mut stack = Stack::beside(site)?;
    let mapping = mapping(desk, &site, trigger)?;
    let queue = stack.failure_queue(["failed", "Failed"]);
    let arn = stack.arn(QUEUE, &queue);
    let is_service = site.declaration == Declaration::Function && mapping.declaration == Declaration::Function;
    let destination = match is_service {
        true => New::object([("type", New::text("sqs")), ("arn", arn.clone())]),
        false => New::object([("Destination", arn.clone())]),
    };
    let (retries, bisect) = match is_service {
        true => ("maximumRetryAttempts", "bisectBatchOnFunctionError"),
        false => ("MaximumRetryAttempts", "BisectBatchOnFunctionError"),
    };
    let key = |name: &str| if mapping.is_hcl() { snake(name) } else { name.to_string() };
    let object = mapping.node;
    stack.also(put(&mapping, object, &key(retries), New::Number(ATTEMPTS))?);
    stack.also(put(&mapping, object, &key(bisect), New::Boolean(true))?);
    let path: &[&str] = match (is_service, mapping.is_hcl()) {
        (true, _) => &["destinations", "onFailure"],
        (_, true) => &["destination_config", "on_failure"],
        _ => &["DestinationConfig", "OnFailure"],
    };
    let destination = match destination {
        New::Object(body) if mapping.is_hcl() => {
            let body = body.into_iter().map(|(name, value)| (snake(&name), value)).collect();
            New::Block { labels: Vec::new(), body }
        }
        other => other,
    };
    if object.at(path).is_none() {
        stack.also(into(&mapping, object, path, destination)?);
    }
    let mut draft = Draft::default();
    // SAM lets a function do what its own events ask for, and no more.
    let is_event = site.kind() == "AWS::Serverless::Function" && site.node.span().contains(mapping.node.span());
    let is_granted = is_service || is_event;
    if !is_granted && !stack.grant(["failed", "SendFailed"], vec![(&["sqs:SendMessage"], arn)]) {
        draft.remarks.push("let its role send messages to the queue".into());
    }
    draft.operations = stack.finish()?;
    Ok(draft)
}

/// The mapping of a stream: a block, a member's properties, an event of a function.
fn mapping<'a>(desk: Desk<'a>, function: &Site<'a>, trigger: &Trigger) -> Result<Site<'a>, String> {
    if let Ok(site) = Site::at(desk, trigger.unit, trigger.span)
        && matches!(site.kind(), "aws_lambda_event_source_mapping" | "AWS::Lambda::EventSourceMapping")
    {
        return Ok(Site { node: site.body(), ..site });
    }
    if trigger.span.file != function.tree.file() {
        return Err("what reads the stream is declared elsewhere".into());
    }
    let tree = function.tree;
    // An event of SAM is named; one of the Serverless Framework is an item with one key.
    if function.declaration == Declaration::Member {
        let (_, event) = entry_at(desk, tree, trigger.span).ok_or("the event is not written by itself")?;
        let node = event.get("Properties").filter(|body| body.is_mapping()).ok_or("the event has no properties")?;
        return Ok(Site { node, ..*function });
    }
    let events = function.node.get("events").ok_or("its events are written elsewhere")?;
    let event =
        events.items().find(|event| event.span().contains(trigger.span)).ok_or("the event is written elsewhere")?;
    let stream = event.get("stream").filter(|stream| stream.is_mapping());
    let node = stream.ok_or("the event has no settings of its own yet: write it as `stream: {arn: .., type: ..}`")?;
    Ok(Site { node, declaration: Declaration::Function, ..*function })
}

/// Whether the files around a resource have a text such as the name of a type.
fn is_taken(site: &Site<'_>, text: &str) -> bool {
    site.taken().contains(text)
}

/// The object that holds the properties, as an operation names it.
pub(super) fn body<'a>(site: &Site<'a>) -> NodeRef<'a> {
    site.body()
}

/// A value at a path of keys in an object; what is missing on the way is written, too.
pub(super) fn into(site: &Site<'_>, object: NodeRef<'_>, path: &[&str], value: New) -> Result<Operation, String> {
    let Some((key, rest)) = path.split_first() else { return Err("it has no name".into()) };
    if let Some(there) = object.get(key).filter(|there| !there.is_null()) {
        return match there.is_mapping() && !rest.is_empty() && !matches!(there.node().kind, Kind::Alias(_)) {
            true => into(site, there, rest, value),
            false => Err(format!("it has a `{key}` of another form")),
        };
    }
    let mut entry = value;
    for name in rest.iter().rev() {
        let body: Entries = vec![(name.to_string(), entry)];
        entry = super::copy::group(site.is_hcl(), body);
    }
    Ok(site.insert(object, vec![(key.to_string(), entry)]))
}

/// A value of a key: in the place of the present one, or beside the others.
pub(super) fn put(site: &Site<'_>, object: NodeRef<'_>, key: &str, value: New) -> Result<Operation, String> {
    match object.get(key) {
        None => Ok(site.insert(object, vec![(key.to_string(), value)])),
        Some(node) if matches!(node.node().kind, Kind::Scalar(_)) || node.slice().starts_with('-') => {
            Ok(Operation::Replace { at: node.span(), node: node.id(), value })
        }
        Some(_) => Err(format!("`{key}` is written in a form of its own")),
    }
}

//! A published version of a function with instances that are kept ready, and the routes led to it.

use super::copy::entries;
use super::dead_letter::{body, into};
use super::site::{Declaration, Site};
use super::stack::Stack;
use super::{Desk, Draft};
use crate::fix::New;
use crate::fix::operation::Operation;
use crate::model::{Platform, Workload};
use crate::tree::{Kind, NodeRef};

const ALIAS: &str = "aws_lambda_alias";

pub(super) fn of(desk: Desk<'_>, workload: &Workload) -> Result<Draft, String> {
    if workload.platform != Platform::AwsLambda {
        return Err("an alias is only written for AWS Lambda".into());
    }
    let site = Site::of(desk, &workload.identity)?;
    let mut stack = Stack::beside(site)?;
    let mut draft = Draft::default();
    draft.remarks.push("choose how many instances are kept ready, 1 here".into());
    match (site.declaration, site.kind()) {
        (Declaration::Member, "AWS::Serverless::Function") => {
            let mut added = Vec::new();
            if body(&site).get("AutoPublishAlias").is_none() {
                added.push(("AutoPublishAlias".to_string(), New::text("live")));
            }
            let number = New::object([("ProvisionedConcurrentExecutions", New::Number(1))]);
            added.push(("ProvisionedConcurrencyConfig".into(), number));
            stack.also(site.insert(body(&site), added));
        }
        (Declaration::Function, _) => {
            stack.also(into(&site, site.node, &["provisionedConcurrency"], New::Number(1))?);
        }
        (Declaration::Block, "aws_lambda_function") => terraform(desk, &mut stack, workload)?,
        (_, kind) => return Err(format!("leading the callers of `{kind}` to an alias takes more than is known")),
    }
    draft.operations = stack.finish()?;
    Ok(draft)
}

fn terraform(desk: Desk<'_>, stack: &mut Stack<'_>, workload: &Workload) -> Result<(), String> {
    let site = stack.site;
    let address = format!("aws_lambda_function.{}", site.label());
    let name = stack.name([ALIAS, ""], ["live", "Live"]);
    stack.also(super::dead_letter::put(&site, site.node, "publish", New::Boolean(true))?);
    stack.add(
        [ALIAS, ""],
        &name,
        entries([
            ("Name", New::text("live")),
            ("FunctionName", New::Raw(format!("{address}.function_name"))),
            ("FunctionVersion", New::Raw(format!("{address}.version"))),
        ]),
    );
    stack.add(
        ["aws_lambda_provisioned_concurrency_config", ""],
        &name,
        entries([
            ("FunctionName", New::Raw(format!("{address}.function_name"))),
            ("Qualifier", New::Raw(format!("{ALIAS}.{name}.name"))),
            ("ProvisionedConcurrentExecutions", New::Number(1)),
        ]),
    );
    let mut led = Vec::new();
    for trigger in desk.architecture.waiting_triggers_of(workload).filter(|trigger| !trigger.target.qualified) {
        let span = trigger.target.span().ok_or("how its callers name it is not known")?;
        let tree = &desk.workspace.file(span.file).ok_or("its callers are not among the files")?.tree;
        let index = desk.places.index(span.file);
        let node = index.at(tree, span).find(|node| matches!(node.node().kind, Kind::Expr(_)));
        let node = node.ok_or("how its callers name it is not known")?;
        let attribute = node.slice().strip_prefix(&address).and_then(|rest| rest.strip_prefix('.'));
        match attribute {
            Some("invoke_arn" | "arn") if !led.contains(&span) => {
                let value = New::Raw(format!("{ALIAS}.{name}.{}", attribute.unwrap_or("arn")));
                stack.also(Operation::Replace { at: span, node: node.id(), value });
                led.push(span);
            }
            Some("invoke_arn" | "arn") => {}
            _ => return Err("not all of its callers name it by its ARN".into()),
        }
    }
    for permission in site.blocks_of("aws_lambda_permission") {
        let function = permission.get("function_name").map(NodeRef::slice).unwrap_or("");
        let is_its = function.strip_prefix(&address).is_some_and(|rest| rest.starts_with('.'));
        let principal = permission.get("principal").and_then(NodeRef::as_str).unwrap_or("");
        let waits = ["apigateway.amazonaws.com", "elasticloadbalancing.amazonaws.com"].contains(&principal);
        if is_its && waits && permission.get("qualifier").is_none() {
            let entry = vec![("qualifier".to_string(), New::Raw(format!("{ALIAS}.{name}.name")))];
            stack.also(Operation::Insert { at: permission.span(), object: permission.id(), entries: entry });
        }
    }
    Ok(())
}

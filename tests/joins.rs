//! What one unit declares and another uses is one thing, in whatever formats they are written.

mod support;

use archlint::model::TriggerKind;
use support::model::{Model, model};

const QUEUE: &str = "resource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n}\n";

/// A Terraform function that reads a queue by an expression, and other files.
fn reader(queue: &str, files: &[(&str, &str)]) -> Model {
    let text = format!(
        "resource \"aws_lambda_function\" \"worker\" {{\n}}\nresource \"aws_lambda_event_source_mapping\" \"m\" {{\n  \
         event_source_arn = {queue}\n  function_name = aws_lambda_function.worker.arn\n}}\n"
    );
    let all: Vec<_> = [("app/main.tf", text.as_str())].into_iter().chain(files.iter().copied()).collect();
    model(&all)
}

/// `reader` with a data source.
fn with_data(data: &str, queue: &str, files: &[(&str, &str)]) -> Option<String> {
    let all: Vec<_> = [("app/data.tf", data)].into_iter().chain(files.iter().copied()).collect();
    let model = reader(queue, &all);
    match &model.trigger("worker").kind {
        TriggerKind::Queue(queue) => {
            model.architecture.queue(&queue.queue).map(|queue| queue.identity.label.to_string())
        }
        _ => None,
    }
}

fn jobs() -> Option<String> {
    Some("jobs".to_string())
}

#[test]
fn terraform_looks_up_by_name() {
    let data = "data \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n}\n";
    let other = "data \"aws_sqs_queue\" \"jobs\" {\n  name = \"others\"\n}\n";
    let queue = "data.aws_sqs_queue.jobs.arn";
    assert_eq!(with_data(data, queue, &[("queues/main.tf", QUEUE)]), jobs());
    assert_eq!(with_data(other, queue, &[("queues/main.tf", QUEUE)]), None);
    // Two of that name: which one is meant is not known.
    assert_eq!(with_data(data, queue, &[("queues/main.tf", QUEUE), ("live/main.tf", QUEUE)]), None);
}

#[test]
fn terraform_reads_a_parameter_that_another_module_writes() {
    let writer = format!(
        "{QUEUE}resource \"aws_ssm_parameter\" \"q\" {{\n  name  = \"/shop/jobs\"\n  value = aws_sqs_queue.jobs.arn\n}}\n"
    );
    let data = "data \"aws_ssm_parameter\" \"q\" {\n  name = \"/shop/jobs\"\n}\n";
    assert_eq!(with_data(data, "data.aws_ssm_parameter.q.value", &[("queues/main.tf", &writer)]), jobs());
    let other = data.replace("/shop", "/mail");
    assert_eq!(with_data(&other, "data.aws_ssm_parameter.q.value", &[("queues/main.tf", &writer)]), None);
}

#[test]
fn terraform_reads_an_output_in_the_state_of_another_module() {
    let output = "output \"queue_arn\" {\n  value = aws_sqs_queue.jobs.arn\n}\n";
    let read = |backend: &str, config: &str| {
        format!(
            "data \"terraform_remote_state\" \"queues\" {{\n  backend = \"{backend}\"\n  config = {{ {config} }}\n}}\n"
        )
    };
    let queue = "data.terraform_remote_state.queues.outputs.queue_arn";
    let local = read("local", "path = \"${path.module}/../queues/terraform.tfstate\"");
    let writer = format!("{QUEUE}{output}");
    assert_eq!(with_data(&local, queue, &[("queues/main.tf", &writer)]), jobs());
    assert_eq!(with_data(&local, queue, &[("elsewhere/main.tf", &writer)]), None);

    let writer =
        format!("terraform {{\n  backend \"s3\" {{\n    bucket = \"state\"\n    key = \"queues\"\n  }}\n}}\n{writer}");
    assert_eq!(with_data(&local, queue, &[("queues/main.tf", &writer)]), None);
    let s3 = read("s3", "bucket = \"state\", key = \"queues\"");
    assert_eq!(with_data(&s3, queue, &[("queues/main.tf", &writer)]), jobs());
    let other = read("s3", "bucket = \"state\", key = \"topics\"");
    assert_eq!(with_data(&other, queue, &[("queues/main.tf", &writer)]), None);

    let cloud = "organization = \"shop\"\n    workspaces {\n      name = \"queues\"\n    }\n";
    let writer = format!("terraform {{\n  cloud {{\n    {cloud}  }}\n}}\n{QUEUE}{output}");
    let remote = read("remote", "organization = \"shop\", workspaces = { name = \"queues\" }");
    assert_eq!(with_data(&remote, queue, &[("queues/main.tf", &writer)]), jobs());
    let outputs = |name: &str| {
        format!("data \"tfe_outputs\" \"q\" {{\n  organization = \"shop\"\n  workspace = \"{name}\"\n}}\n")
    };
    let queue = "data.tfe_outputs.q.nonsensitive_values.queue_arn";
    assert_eq!(with_data(&outputs("queues"), queue, &[("queues/main.tf", &writer)]), jobs());
    assert_eq!(with_data(&outputs("topics"), queue, &[("queues/main.tf", &writer)]), None);
}

#[test]
fn what_leads_back_to_itself_leads_nowhere() {
    let circle = "resource \"aws_ssm_parameter\" \"a\" {\n  name  = \"/a\"\n  value = data.aws_ssm_parameter.a.value\n}\n\
                  data \"aws_ssm_parameter\" \"a\" {\n  name = \"/a\"\n}\n";
    assert_eq!(with_data(circle, "data.aws_ssm_parameter.a.value", &[]), None);
    // The same within texts, where every text asks for it twice.
    let value = "data.aws_ssm_parameter.a.value";
    let texts = circle.replace(&format!("value = {value}"), &format!("value = \"${{{value}}}:${{{value}}}\""));
    assert_ne!(texts, circle);
    assert_eq!(with_data(&texts, value, &[]), None);
}

/// A root module that reads a queue by a variable, one that puts its queue out, and configurations of Terragrunt.
fn with_terragrunt(files: &[(&str, &str)]) -> Option<String> {
    let queues = format!("{QUEUE}output \"queue_arn\" {{\n  value = aws_sqs_queue.jobs.arn\n}}\n");
    let variable = "variable \"queue\" {\n  type = string\n}\n";
    let all: Vec<_> = [("queues/main.tf", queues.as_str())].into_iter().chain(files.iter().copied()).collect();
    with_data(variable, "var.queue", &all)
}

fn configuration(source: &str, rest: &str) -> String {
    format!("terraform {{\n  source = {source}\n}}\n{rest}")
}

fn input(value: &str) -> String {
    format!("dependency \"q\" {{\n  config_path = \"../queues\"\n}}\ninputs = {{\n  queue = {value}\n}}\n")
}

#[test]
fn terragrunt_passes_on_what_another_module_puts_out() {
    let queues = configuration("\"../../queues\"", "");
    let live =
        |app: &str| with_terragrunt(&[("live/queues/terragrunt.hcl", &queues), ("live/app/terragrunt.hcl", app)]);
    let output = input("dependency.q.outputs.queue_arn");
    assert_eq!(live(&configuration("\"../../app\"", &output)), jobs());
    assert_eq!(live(&configuration("\"../..//app\"", &output)), jobs());
    let released = "\"${get_env(\"ENV\") == \"prod\" ? \"git::https://example.com/x//app?ref=v1\" : \"../..//app\"}\"";
    assert_eq!(live(&configuration(released, &output)), jobs());
    assert_eq!(live(&configuration("\"git::https://example.com/x//app\"", &output)), None);
    assert_eq!(live(&configuration("\"../../app\"", &input("dependency.q.outputs.other"))), None);
    assert_eq!(live(&configuration("\"../../app\"", &input("\"${dependency.q.outputs.queue_arn}-dead\""))), None);
    // Files with values count more than inputs.
    let app = configuration("\"../../app\"", &output);
    let values = ("app/terraform.tfvars", "queue = \"arn:aws:sqs:eu-west-1:111122223333:other\"\n");
    let files = [("live/queues/terragrunt.hcl", queues.as_str()), ("live/app/terragrunt.hcl", &app), values];
    assert_eq!(with_terragrunt(&files), None);
    let elsewhere = output.replace("../queues", "../others");
    assert_eq!(live(&configuration("\"../../app\"", &elsewhere)), None);
}

#[test]
fn environments_that_differ_leave_it_open() {
    let queues = configuration("\"../../queues\"", "");
    let app = configuration("\"../../app\"", &input("dependency.q.outputs.queue_arn"));
    let two = |other: &str| {
        with_terragrunt(&[
            ("live/queues/terragrunt.hcl", &queues),
            ("live/app/terragrunt.hcl", &app),
            ("test/queues/terragrunt.hcl", &queues),
            ("test/app/terragrunt.hcl", other),
        ])
    };
    assert_eq!(two(&app), jobs());
    assert_eq!(two(&configuration("\"../../app\"", &input("\"arn:aws:sqs:eu-west-1:111122223333:jobs\""))), None);
    assert_eq!(two(&configuration("\"../../app\"", "")), None);
    // What is for another module says nothing about this one.
    assert_eq!(two(&configuration("\"../../queues\"", &input("\"other\""))), jobs());
}

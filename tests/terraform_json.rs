//! Terraform's JSON syntax means what the same configuration means in HCL.

mod support;

use support::model::{model, spell};

const CONFIGURATION: &str = r#"{
  "//": "written by a program ${that} knows",
  "variable": {
    "timeout": { "type": "number", "default": "20" },
    "settings": { "type": "object({ memory = optional(number, 256) })", "default": {} }
  },
  "locals": { "names": ["web", "api"] },
  "module": { "jobs": { "source": "./jobs", "count": "${length(local.names)}", "delay": 5 } },
  "resource": {
    "aws_lambda_function": {
      "worker": {
        "timeout": "${var.timeout * 2}",
        "memory_size": "${var.settings.memory}",
        "function_name": "${upper(\"worker\")}-${local.names[1]}",
        "dynamic": { "environment": { "for_each": ["x"], "content": { "variables": { "NAME": "${environment.value}" } } } }
      }
    },
    "aws_sqs_queue": [
      { "mails": { "visibility_timeout_seconds": 45 } },
      { "bills": [{ "visibility_timeout_seconds": 50 }] }
    ],
    "aws_lambda_event_source_mapping": {
      "mails": { "event_source_arn": "${aws_sqs_queue.mails.arn}", "function_name": "${aws_lambda_function.worker.arn}" }
    }
  }
}
"#;
const JOBS: &str = "variable \"delay\" {}\nresource \"aws_sqs_queue\" \"jobs\" {\n  delay_seconds = var.delay\n}\n";

#[test]
fn blocks_and_expressions_are_those_of_hcl() {
    let model = model(&[("main.tf.json", CONFIGURATION), ("jobs/main.tf", JOBS)]);
    assert_eq!(model.timeout("worker"), "40");
    let steps = model.steps(&model.workload("worker").timeout);
    assert_eq!(steps[0], "Computed @ main.tf.json:12 var.timeout * 2");
    assert_eq!(spell(&model.workload("worker").memory), "256");
    assert_eq!(spell(&model.workload("worker").identity.name), "WORKER-api");
    assert_eq!(model.queue("worker").as_deref(), Some("mails"));
    let mut labels: Vec<_> = model.architecture.queues().map(|queue| queue.identity.address.to_string()).collect();
    labels.sort();
    assert_eq!(
        labels,
        [
            "aws_sqs_queue.bills",
            "aws_sqs_queue.mails",
            "module.jobs[0].aws_sqs_queue.jobs",
            "module.jobs[1].aws_sqs_queue.jobs"
        ]
    );
}

#[test]
fn an_expression_that_cannot_be_read_is_not_known() {
    let text =
        r#"{"resource": {"aws_lambda_function": {"worker": {"timeout": "${1 +", "memory_size": "${\"a\" ==}"}}}}"#;
    let model = model(&[("main.tf.json", text)]);
    assert!(model.timeout("worker").starts_with("unknown: "), "{}", model.timeout("worker"));
}

#[test]
fn a_file_for_opentofu_stands_in_for_the_one_for_terraform() {
    let function =
        |timeout: u32| format!("resource \"aws_lambda_function\" \"worker\" {{\n  timeout = {timeout}\n}}\n");
    let (terraform, tofu) = (function(10), function(20));
    assert_eq!(model(&[("main.tf", &terraform), ("main.tofu", &tofu)]).timeout("worker"), "20");
    assert_eq!(model(&[("main.tf", &terraform), ("other.tofu", "")]).timeout("worker"), "10");
}

/// A block that holds itself is no block in this syntax either; objects without end are cut off by the reader.
#[test]
fn shapes_that_terraform_refuses_do_no_harm() {
    for text in [
        "[]",
        "{}",
        "{\"resource\": 5}",
        "{\"resource\": {\"a\": \"b\"}}",
        "{\"resource\": [[[{\"a\": {\"b\": {}}}]]]}",
        "{\"variable\": {\"x\": {\"type\": 5}}}",
        "{\"module\": {\"m\": {\"source\": \".\"}}}",
        "{\"dynamic\": {\"dynamic\": {\"dynamic\": {}}}}",
    ] {
        assert_eq!(model(&[("main.tf.json", text)]).architecture.workloads().count(), 0, "{text}");
    }
}

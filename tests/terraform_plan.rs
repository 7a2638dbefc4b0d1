//! Plans (`terraform show -json`), by themselves and beside their configuration.

mod support;

use support::model::{model, spell};

/// Of a function and its queue in a module, the function's role and the queue's address not being known yet.
const PLAN: &str = r#"{
  "format_version": "1.2",
  "variables": { "timeout": { "value": 90 } },
  "planned_values": { "root_module": {
    "resources": [
      { "address": "aws_lambda_function.api", "mode": "managed", "type": "aws_lambda_function", "name": "api",
        "values": { "function_name": "api", "timeout": 90, "memory_size": 512, "environment": [], "reserved_concurrent_executions": -1 } }
    ],
    "child_modules": [
      { "address": "module.jobs[\"a.b\"]", "resources": [
        { "address": "module.jobs[\"a.b\"].aws_lambda_function.this", "mode": "managed", "type": "aws_lambda_function", "name": "this",
          "values": { "timeout": 25, "environment": [{ "variables": { "LOG": "info" } }] } },
        { "address": "module.jobs[\"a.b\"].aws_sqs_queue.jobs[0]", "mode": "managed", "type": "aws_sqs_queue", "name": "jobs", "index": 0,
          "values": { "visibility_timeout_seconds": 20 } },
        { "address": "module.jobs[\"a.b\"].aws_lambda_event_source_mapping.jobs", "mode": "managed",
          "type": "aws_lambda_event_source_mapping", "name": "jobs", "values": { "batch_size": 5 } }
      ] }
    ]
  } },
  "resource_changes": [
    { "address": "module.jobs[\"a.b\"].aws_lambda_event_source_mapping.jobs",
      "change": { "after_unknown": { "event_source_arn": true, "function_name": true } } },
    { "address": "module.jobs[\"a.b\"].aws_lambda_function.this", "change": { "after_unknown": { "memory_size": true } } }
  ],
  "configuration": { "root_module": { "module_calls": { "jobs": { "source": "example/jobs/aws", "module": { "resources": [
    { "address": "aws_lambda_event_source_mapping.jobs", "expressions": {
      "event_source_arn": { "references": ["aws_sqs_queue.jobs[0].arn", "aws_sqs_queue.jobs[0]", "aws_sqs_queue.jobs"] },
      "function_name": { "references": ["aws_lambda_function.this.arn", "aws_lambda_function.this"] } } },
    { "address": "aws_lambda_function.this", "expressions": { "memory_size": { "references": ["var.memory"] } } }
  ] } } } } }
}
"#;

#[test]
fn a_plan_by_itself_is_a_unit() {
    let model = model(&[("out/plan.json", PLAN)]);
    assert_eq!(model.timeout("api"), "90");
    assert_eq!(model.timeout("jobs"), "25");
    assert_eq!(spell(&model.workload("jobs").memory), "unknown: `var.memory` is only known at deployment");
    assert_eq!(model.queue("jobs").as_deref(), Some("jobs"));
    let span = model.workload("api").timeout.origin.written_at();
    assert_eq!(model.at(span), "out/plan.json:7 90");
}

#[test]
fn beside_its_configuration_a_plan_says_what_that_leaves_open() {
    let configuration = "variable \"timeout\" {}\nvariable \"memory\" {}\n\
                         resource \"aws_lambda_function\" \"api\" {\n  timeout     = var.timeout\n  memory_size = data.x.y.memory\n}\n\
                         module \"jobs\" {\n  source   = \"example/jobs/aws\"\n  for_each = toset([\"a.b\"])\n}\n";
    let model = model(&[("main.tf", configuration), ("plan.json", PLAN)]);
    assert_eq!(model.architecture.workloads().count(), 2);
    assert_eq!(model.timeout("api"), "90");
    assert_eq!(
        model.steps(&model.workload("api").timeout),
        ["reference var.timeout @ main.tf:4 var.timeout", "set timeout @ plan.json:3 90"]
    );
    assert_eq!(spell(&model.workload("api").memory), "512");
    let steps = model.steps(&model.workload("api").memory);
    assert_eq!(steps, ["reference the plan @ main.tf:5 data.x.y.memory", "literal @ plan.json:7 512"]);
    // What a module from elsewhere makes is only in the plan.
    assert_eq!(model.queue("jobs").as_deref(), Some("jobs"));
}

#[test]
fn a_plan_that_is_kept_elsewhere_goes_with_the_configuration_that_it_was_made_of() {
    let configuration =
        "variable \"timeout\" {}\nresource \"aws_lambda_function\" \"api\" {\n  timeout = var.timeout\n}\n";
    let made_of = |blocks: &str| {
        format!(
            r#"{{ "format_version": "1.2", "variables": {{ "timeout": {{ "value": 90 }} }},
                  "planned_values": {{ "root_module": {{}} }},
                  "configuration": {{ "root_module": {{ "resources": [{blocks}] }} }} }}"#
        )
    };
    let api = r#"{ "address": "aws_lambda_function.api", "mode": "managed" }"#;
    let timeout = |plan: &str, more: &[(&str, &str)]| {
        let mut files = vec![("infra/main.tf", configuration), ("out/plan.json", plan)];
        files.extend(more);
        let model = model(&files);
        let functions = model.architecture.workloads().filter(|workload| workload.label() == "api");
        functions.map(|workload| spell(&workload.timeout)).collect::<Vec<_>>()
    };
    let open = "unknown: `var.timeout` has no default and is not set";
    let data = r#"{ "address": "data.aws_region.here", "mode": "data" }"#;
    assert_eq!(timeout(&made_of(&format!("{api}, {data}")), &[]), ["90"]);
    assert_eq!(timeout(&made_of(r#"{ "address": "aws_lambda_function.web", "mode": "managed" }"#), &[]), [open]);
    assert_eq!(timeout(&made_of(api), &[("copy/main.tf", configuration)]), [open, open]);
}

#[test]
fn of_two_plans_none_speaks_for_the_configuration() {
    let configuration =
        "variable \"timeout\" {}\nresource \"aws_lambda_function\" \"web\" {\n  timeout = var.timeout\n}\n";
    let model = model(&[("main.tf", configuration), ("a.json", PLAN), ("b.json", PLAN)]);
    assert_eq!(model.timeout("web"), "unknown: `var.timeout` has no default and is not set");
    assert_eq!(model.architecture.workloads().count(), 5);
}

#[test]
fn shapes_that_are_no_plan_do_no_harm() {
    for text in [
        r#"{"format_version": "1.2", "planned_values": {"root_module": 5}}"#,
        r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources": [5, {"address": "x"}]}}}"#,
        r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources":
            [{"address": "é", "type": "aws_lambda_function", "name": "x", "values": []}]}}}"#,
    ] {
        assert_eq!(model(&[("plan.json", text)]).architecture.workloads().count(), 0, "{text}");
    }
}

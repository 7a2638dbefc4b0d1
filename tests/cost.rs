//! What things cost: the worked examples, and which sizes and prices have to be known.

mod support;

use archlint::cost::{Price, Prices};
use archlint::facts::prices;
use archlint::model::Processor;
use support::model::model;

/// A Fargate service with so many CPU units, MB and tasks; `more` goes into the service, `task` into the definition.
fn fargate(cpu: u64, memory: u64, tasks: u64, more: &str, task: &str) -> Option<(f64, String, String)> {
    let text = format!(
        r#"
resource "aws_ecs_service" "web" {{
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = {tasks}
  {more}
}}
resource "aws_ecs_task_definition" "web" {{
  cpu    = {cpu}
  memory = {memory}
  {task}
}}
"#
    );
    always_on(&text, "web")
}

/// Dollars, as text, and the terms of what is always there of a workload.
fn always_on(text: &str, label: &str) -> Option<(f64, String, String)> {
    let model = model(&[("main.tf", text)]);
    let monthly = Prices::default().always_on(model.workload(label))?;
    Some((monthly.dollars, monthly.to_string(), monthly.terms()))
}

const FARGATE: &str = r#"launch_type = "FARGATE""#;

fn near(found: f64, expected: f64, by: f64) {
    assert!((found - expected).abs() <= by, "{found} where {expected} is due");
}

#[test]
fn fargate_tasks_by_their_size() {
    for (cpu, memory, dollars, text) in
        [(256, 512, 9.01, "$9.01 a month"), (512, 1024, 18.02, "$18 a month"), (1024, 2048, 36.04, "$36 a month")]
    {
        let (found, shown, _) = fargate(cpu, memory, 1, FARGATE, "").expect("all is known");
        near(found, dollars, 0.005);
        assert_eq!(shown, text);
    }
    let (two, shown, terms) = fargate(1024, 2048, 2, FARGATE, "").expect("all is known");
    near(two, 72.08, 0.01);
    assert_eq!(shown, "$72 a month");
    assert_eq!(
        terms,
        "2 instances of 1 vCPU and 2 GB for 730 hours, list price in us-east-1, checked 2026-03-10: \
         $0.04048 per vCPU-hour, $0.004445 per GB-hour"
    );
    let arm = r#"runtime_platform { cpu_architecture = "ARM64" }"#;
    let (found, ..) = fargate(1024, 2048, 1, FARGATE, arm).expect("all is known");
    near(found, 28.83, 0.01);
}

#[test]
fn what_is_not_known_has_no_price() {
    let spot = r#"capacity_provider_strategy { capacity_provider = "FARGATE_SPOT" }"#;
    let both = r#"
  capacity_provider_strategy { capacity_provider = "FARGATE" }
  capacity_provider_strategy { capacity_provider = "FARGATE_SPOT" }"#;
    let windows = r#"runtime_platform { operating_system_family = "WINDOWS_SERVER_2022_CORE" }"#;
    for (more, task) in [("", ""), (r#"launch_type = "EC2""#, ""), (spot, ""), (both, ""), (FARGATE, windows)] {
        assert_eq!(fargate(256, 512, 1, more, task), None, "{more} {task}");
    }
    let plain = r#"capacity_provider_strategy { capacity_provider = "FARGATE" }"#;
    assert!(fargate(256, 512, 1, plain, r#"runtime_platform { operating_system_family = "LINUX" }"#).is_some());
    let open = r#"
variable "size" {}
resource "aws_ecs_service" "web" {
  task_definition = aws_ecs_task_definition.web.arn
  launch_type     = "FARGATE"
}
resource "aws_ecs_task_definition" "web" {
  cpu    = var.size
  memory = 512
}
"#;
    assert_eq!(always_on(open, "web"), None);
}

fn cloud_run(container: &str) -> Option<(f64, String, String)> {
    let text = format!(
        r#"
resource "google_cloud_run_v2_service" "web" {{
  template {{
    scaling {{ min_instance_count = 1 }}
    containers {{
      image = "web"
      {container}
    }}
  }}
}}
"#
    );
    always_on(&text, "web")
}

#[test]
fn cloud_run_by_its_billing() {
    // Resources without `cpu_idle` have their CPU all the time.
    let (always, shown, terms) =
        cloud_run(r#"resources { limits = { cpu = "1", memory = "512Mi" } }"#).expect("all is known");
    near(always, 49.93, 0.01);
    assert_eq!(shown, "$50 a month");
    assert_eq!(
        terms,
        "1 instance of 1 vCPU and 512 MB for 730 hours, list price in tier 1 regions, checked 2026-11-23: \
         $0.000018 per vCPU-second, $0.000002 per GiB-second"
    );
    let idle = "resources {\n limits = { cpu = \"1\", memory = \"512Mi\" }\n cpu_idle = true\n}";
    near(cloud_run(idle).expect("all is known").0, 9.86, 0.01);
    // Nothing is written: 1 vCPU, 512 MiB, CPU while requests are worked on.
    near(cloud_run("").expect("all is the default").0, 9.86, 0.01);
    let first = r#"
resource "google_cloud_run_service" "web" {
  template {
    metadata {
      annotations = {
        "autoscaling.knative.dev/minScale"  = "1"
        "run.googleapis.com/cpu-throttling" = "false"
      }
    }
    spec {
      containers {
        image = "web"
      }
    }
  }
}
"#;
    near(always_on(first, "web").expect("all is known").0, 49.93, 0.01);
}

#[test]
fn provisioned_concurrency_by_its_memory() {
    let function = |more: &str| {
        let text = format!("resource \"aws_lambda_function\" \"api\" {{\n  memory_size = 1024\n  {more}\n}}\n");
        let model = model(&[("main.tf", &text)]);
        Prices::default().provisioned(model.workload("api"), 1).expect("the size is known").dollars
    };
    near(function(""), 10.95, 0.005);
    near(function(r#"architectures = ["arm64"]"#), 8.76, 0.005);
}

#[test]
fn the_processor_of_functions_in_other_formats() {
    let serverless = "service: a\nprovider:\n  name: aws\n  architecture: arm64\nfunctions:\n  \
                      one: { handler: a.b }\n  two: { handler: a.b, architecture: x86_64 }\n";
    let template = "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
                    Handler: a.b\n      Architectures: [arm64]\n";
    let model = model(&[("serverless.yml", serverless), ("template.yaml", template)]);
    let processor = |label: &str| model.workload(label).processor.known().copied();
    assert_eq!(processor("one"), Some(Processor::Arm));
    assert_eq!(processor("two"), Some(Processor::X86));
    assert_eq!(processor("Fn"), Some(Processor::Arm));
}

#[test]
fn where_a_function_costs_as_much_as_a_task() {
    // Millions of runs a month by seconds and MB.
    let runs = [(0.05, 128), (0.1, 512), (0.25, 512), (0.5, 1024), (1.0, 1024), (3.0, 2048)];
    let worked = [
        (256, 512, [29.6, 8.7, 3.95, 1.06, 0.53, 0.09]),
        (512, 1024, [59.2, 17.4, 7.9, 2.1, 1.07, 0.18]),
        (1024, 2048, [118.0, 34.9, 15.8, 4.2, 2.1, 0.36]),
    ];
    let prices = Prices::default();
    for (cpu, memory, expected) in worked {
        let text = format!(
            "resource \"aws_ecs_service\" \"web\" {{\n  task_definition = aws_ecs_task_definition.web.arn\n  \
             desired_count = 1\n  launch_type = \"FARGATE\"\n}}\n\
             resource \"aws_ecs_task_definition\" \"web\" {{\n  cpu = {cpu}\n  memory = {memory}\n}}\n"
        );
        let model = model(&[("main.tf", &text)]);
        let task = prices.always_on(model.workload("web")).expect("all is known");
        for ((seconds, mebibytes), millions) in runs.into_iter().zip(expected) {
            let found = prices.break_even(&task, seconds, mebibytes, Processor::X86).expect("it has a price");
            // The table is rounded to about three digits.
            near(found / 1e6, millions, millions * 0.03);
        }
    }
}

#[test]
fn runs_of_a_function() {
    let prices = Prices::default();
    let cost = |runs, seconds, memory| prices.runs(runs, seconds, memory, Processor::X86).expect("it has a price");
    near(cost(26_280.0, 1.0, 2048).dollars, 0.88, 0.005);
    assert_eq!(cost(26_280.0, 1.0, 2048).to_string(), "$0.88 a month");
    assert!(cost(26_280.0, 1.0, 2048).terms().starts_with("26,280 runs of 1 s with 2 GB, list price in us-east-1"));
    // One function with 1 GB that is busy all month, in runs of a minute.
    near(cost(43_800.0, 60.0, 1024).dollars, 43.8, 0.05);
    assert_eq!(cost(43_800_000.0, 1.0, 1024).to_string(), "$739 a month");
    assert_eq!(prices.runs(1.0, 1.0, 128, Processor::Other), None);
}

#[test]
fn shares_of_time_from_which_the_other_is_cheaper() {
    let prices = Prices::default();
    near(prices.busy_break_even(Processor::X86).unwrap(), 0.45, 0.02);
    near(prices.busy_break_even(Processor::Arm).unwrap(), 0.45, 0.02);
    near(prices.provisioned_break_even().unwrap(), 0.60, 0.001);
    near(prices.instance_based_break_even().unwrap(), 0.75, 0.001);
}

#[test]
fn a_project_has_prices_of_its_own() {
    let own =
        Prices { lambda_request: Price { list: &prices::LAMBDA_REQUEST, own: Some(0.000_000_1) }, ..Prices::default() };
    let cost = own.runs(10_000_000.0, 0.0, 1024, Processor::X86).expect("it has a price");
    assert_eq!(cost.to_string(), "$1.00 a month");
    assert!(
        cost.basis.starts_with("your own prices and list prices in us-east-1, checked 2026-09-20"),
        "{}",
        cost.basis
    );
}

//! What fixes write in Terraform projects of the shapes that people write: values behind variables, modules that are called
//! more than once, inputs of modules of the registry.

mod support;

use support::fixes::offered;

const QUEUE: &str = "queue-visibility-below-timeout";

fn titles(lint: &str, files: &[(&str, &str)]) -> Vec<String> {
    let (titles, _, refusals) = offered(lint, files);
    assert_eq!(refusals, Vec::<String>::new());
    titles
}

/// A module with a queue, and a function that reads it.
const WORKER: &str = r#"
variable "timeout" {}
variable "hidden" { default = 360 }
resource "aws_sqs_queue" "jobs" { visibility_timeout_seconds = var.hidden }
resource "aws_lambda_function" "work" {
  function_name = "work"
  timeout       = var.timeout
}
resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn = aws_sqs_queue.jobs.arn
  function_name    = aws_lambda_function.work.arn
}
"#;

#[test]
fn who_else_gets_a_value_is_said_where_only_a_part_of_the_way_is_common() {
    let queues = r#"
variable "hidden" {}
resource "aws_sqs_queue" "spare" { visibility_timeout_seconds = var.hidden }
resource "aws_sqs_queue" "jobs" { visibility_timeout_seconds = var.hidden }
output "arn" { value = aws_sqs_queue.jobs.arn }
"#;
    let root = r#"
variable "hidden" { default = 30 }
module "queues" {
  source = "./queues"
  hidden = var.hidden
}
resource "aws_lambda_function" "work" {
  function_name = "work"
  timeout       = 60
}
resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn = module.queues.arn
  function_name    = aws_lambda_function.work.arn
}
"#;
    let expected = ["set the visibility timeout to 360 s (this also changes `spare`) (unsafe)"];
    assert_eq!(titles(QUEUE, &[("main.tf", root), ("queues/main.tf", queues)]), expected);
}

#[test]
fn a_default_of_a_module_that_is_called_twice_changes_both() {
    let root = |second: &str| {
        format!(
            "module \"small\" {{\n  source  = \"./worker\"\n  timeout = 30\n{second}}}\nmodule \"large\" {{\n  source  = \"./worker\"\n  timeout = 600\n}}\n"
        )
    };
    let written = |second: &str| titles(QUEUE, &[("main.tf", &root(second)), ("worker/main.tf", WORKER)]);
    assert_eq!(written(""), ["set the visibility timeout to 3600 s (this also changes `jobs`) (unsafe)"]);
    assert_eq!(written("  hidden  = 180\n"), ["set the visibility timeout to 3600 s (unsafe)"]);
}

#[test]
fn what_is_computed_out_of_a_value_changes_with_it() {
    let text = r#"
variable "limit" { default = 1800 }
resource "aws_lambda_function" "work" {
  function_name = "work"
  timeout       = var.limit
}
resource "aws_sqs_queue" "spare" { visibility_timeout_seconds = 6 * var.limit }
"#;
    let expected = ["set the timeout to 900 s (this also changes `spare`) (unsafe)"];
    assert_eq!(titles("platform-limit-exceeded", &[("main.tf", text)]), expected);
}

/// A function that keeps instances of an alias initialised, of which a queue is the only caller.
fn kept_warm(publish: &str, more: &str) -> String {
    format!(
        r#"
resource "aws_lambda_function" "work" {{
  function_name = "work"
  timeout       = 10{publish}
}}
resource "aws_lambda_alias" "live" {{
  name             = "live"
  function_name    = aws_lambda_function.work.function_name
  function_version = aws_lambda_function.work.version
}}
resource "aws_sqs_queue" "jobs" {{ visibility_timeout_seconds = 60 }}
resource "aws_lambda_event_source_mapping" "work" {{
  event_source_arn = aws_sqs_queue.jobs.arn
  function_name    = aws_lambda_alias.live.arn
}}
resource "aws_lambda_provisioned_concurrency_config" "warm" {{
  function_name                     = aws_lambda_function.work.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = 2
}}
{more}"#
    )
}

#[test]
fn an_alias_is_a_part_of_its_function() {
    let text = kept_warm("\n  publish       = true", "");
    let expected = ["remove the provisioned concurrency (unsafe)"];
    assert_eq!(titles("warm-capacity-on-background-function", &[("main.tf", &text)]), expected);
}

#[test]
fn a_resource_that_something_names_does_not_go() {
    let more = "output \"kept\" {\n  value = aws_lambda_provisioned_concurrency_config.warm.id\n}\n";
    let text = kept_warm("\n  publish       = true", "");
    let inside = kept_warm("\n  publish       = true", more);
    let longer = more.replace(".warm.", ".warmer.");
    let lint = "warm-capacity-on-background-function";
    let refused = |files: &[(&str, &str)]| offered(lint, files).2;
    let reason = ["`aws_lambda_provisioned_concurrency_config.warm` is named elsewhere"];
    assert_eq!(refused(&[("main.tf", &inside)]), reason);
    assert_eq!(refused(&[("main.tf", &text), ("outputs.tf", more)]), reason);
    assert!(refused(&[("main.tf", &text), ("outputs.tf", &longer)]).is_empty());
    assert!(refused(&[("main.tf", &text), ("other/outputs.tf", more)]).is_empty());
}

#[test]
fn what_the_caller_of_a_module_asks_for_stays_in_the_module() {
    let module = kept_warm("\n  publish       = true", "variable \"warm\" {}\n").replace("= 2", "= var.warm");
    let call = "module \"work\" {\n  source = \"./work\"\n  warm   = 2\n}\n";
    let files = [("main.tf", call), ("work/main.tf", module.as_str())];
    let (titles, _, refusals) = offered("warm-capacity-on-background-function", &files);
    assert_eq!((titles, refusals), (vec![], vec!["whoever calls its module asks for it".to_string()]));
}

#[test]
fn a_dynamic_block_goes_with_its_content() {
    let text = r#"
variable "fast" { default = true }
resource "aws_lambda_function" "work" {
  function_name = "work"
  runtime       = "python3.9"
  handler       = "a.b"

  dynamic "snap_start" {
    for_each = var.fast ? [1] : []
    content {
      apply_on = "PublishedVersions"
    }
  }

  dynamic "tracing_config" {
    for_each = []
    content {
      mode = "Active"
    }
  }
}
"#;
    let texts = [("main.tf".into(), text.to_string())].into();
    let report = support::fixes::lint_texts(&texts);
    let finding = report.findings.iter().find(|finding| finding.lint == "snapstart-unsupported").expect("a finding");
    let changed = finding.fixes.first().expect("a fix").check(&report.sources).expect("what it says");
    let (before, rest) = text.split_once("  dynamic \"snap_start\"").expect("the block");
    let (_, behind) = rest.split_once("  }\n\n").expect("its end");
    assert_eq!(changed.first().map(|(_, text)| text.clone()), Some(format!("{before}{behind}")));
}

#[test]
fn instances_of_unpublished_code_get_a_version() {
    let (title, lint) = (["publish a version with every deployment (unsafe)"], "concurrency-settings-conflict");
    for (publish, line) in [("", "publish       = true"), ("\n  publish       = false", "publish       = true")] {
        let (titles, lines, _) = offered(lint, &[("main.tf", &kept_warm(publish, ""))]);
        assert_eq!(
            (titles.as_slice(), lines.as_slice()),
            (title.map(String::from).as_slice(), [line.to_string()].as_slice())
        );
    }
    // What is tied to `$LATEST` stays there.
    let latest = kept_warm("", "").replace("aws_lambda_function.work.version", "\"$LATEST\"");
    assert!(titles(lint, &[("main.tf", &latest)]).is_empty());
}

#[test]
fn a_number_that_a_text_puts_a_unit_behind_is_set_where_it_stands() {
    let project = |deadline: &str| {
        format!(
            r#"
variable "deadline" {{ default = 300 }}
resource "google_cloud_run_v2_service" "work" {{
  name     = "work"
  location = "r"
  template {{
    timeout = "900s"
    containers {{ image = "work" }}
  }}
}}
resource "google_cloud_scheduler_job" "nightly" {{
  name             = "nightly"
  schedule         = "0 3 * * *"
  attempt_deadline = {deadline}
  http_target {{ uri = google_cloud_run_v2_service.work.uri }}
}}
"#
        )
    };
    let (titles, lines, _) = offered("timeout-beyond-caller", &[("main.tf", &project("\"${var.deadline}s\""))]);
    assert_eq!(titles, ["set the attempt deadline to 900 s (unsafe)"]);
    assert_eq!(lines, ["variable \"deadline\" { default = 900 }"]);
    for deadline in ["\"${var.deadline - 60}s\"", "\"${var.deadline}.5s\"", "format(\"%ds\", var.deadline)"] {
        let (titles, _, refusals) = offered("timeout-beyond-caller", &[("main.tf", &project(deadline))]);
        assert_eq!((titles, refusals), (vec![], vec!["the value is computed".to_string()]), "{deadline}");
    }
}

#[test]
fn event_sources_of_the_registry_module_get_their_settings() {
    let text = r#"
module "work" {
  source        = "terraform-aws-modules/lambda/aws"
  function_name = "work"
  timeout       = 10
  event_source_mapping = {
    jobs = {
      event_source_arn = aws_sqs_queue.jobs.arn
      batch_size       = 100
    }
  }
}
resource "aws_sqs_queue" "jobs" { visibility_timeout_seconds = 100 }
"#;
    let (titles, lines, _) = offered("invalid-batch-settings", &[("main.tf", text)]);
    assert_eq!(titles, ["collect messages for 1 s (safe)"]);
    assert_eq!(lines, ["maximum_batching_window_in_seconds = 1"]);
}

#[test]
fn a_bound_takes_the_place_of_another_one() {
    let budget = |attributes: &str| {
        format!(
            r#"
resource "kubernetes_deployment" "web" {{
  metadata {{ name = "web" }}
  spec {{
    replicas = 2
    selector {{ match_labels = {{ app = "web" }} }}
    template {{
      metadata {{ labels = {{ app = "web" }} }}
      spec {{
        container {{
          name  = "web"
          image = "web:1"
        }}
      }}
    }}
  }}
}}
resource "kubernetes_pod_disruption_budget_v1" "web" {{
  metadata {{ name = "web" }}
  spec {{
{attributes}
    selector {{ match_labels = {{ app = "web" }} }}
  }}
}}
"#
        )
    };
    for (before, after) in [
        ("    min_available = 2 # all", "max_unavailable = 1 # all"),
        (
            "    unhealthy_pod_eviction_policy = \"AlwaysAllow\"\n    min_available                 = 2",
            "max_unavailable               = 1",
        ),
    ] {
        let (titles, lines, refusals) = offered("disruption-budget-blocks-drain", &[("main.tf", &budget(before))]);
        assert_eq!((titles, refusals), (vec!["let one pod go at a time (unsafe)".to_string()], vec![]));
        assert_eq!(lines, [after]);
    }
}

#[test]
fn an_attribute_joins_the_group_in_which_it_is_aligned() {
    let text = r#"
resource "aws_lambda_function" "work" {
  function_name = "work"
  timeout       = 10
}
resource "aws_sqs_queue" "jobs" { visibility_timeout_seconds = 100 }
resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn = aws_sqs_queue.jobs.arn
  function_name    = aws_lambda_function.work.arn

  batch_size                     = 100
  bisect_batch_on_function_error = false
  maximum_record_age_in_seconds  = 600
}
"#;
    let wider = text.replace("batch_size                     = 100", "batch_size                         = 100");
    let wider = wider.replace("bisect_batch_on_function_error =", "maximum_retry_attempts             =");
    let wider = wider.replace("maximum_record_age_in_seconds  =", "maximum_record_age_in_seconds      =");
    let wider = wider.replace("= false", "= 5");
    for (text, behind) in [
        (text, "function_name    = aws_lambda_function.work.arn"),
        (&wider, "maximum_record_age_in_seconds      = 600"),
    ] {
        let texts = [("main.tf".into(), text.to_string())].into();
        let report = support::fixes::lint_texts(&texts);
        let finding =
            report.findings.iter().find(|finding| finding.lint == "invalid-batch-settings").expect("a finding");
        let changed = finding.fixes[0].check(&report.sources).expect("a fix");
        let new = &changed[0].1;
        let lines: Vec<&str> = new.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let at = lines.iter().position(|line| line.starts_with("maximum_batching_window")).expect("the new line");
        assert_eq!(lines[at - 1], behind, "{new}");
    }
}

#[test]
fn what_does_not_stand_in_the_configuration_by_itself_is_refused() {
    let job = "spec:\n  schedule: '* * * * *'\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers: [{ name: a, image: a }]";
    let text = format!(
        "resource \"kubernetes_manifest\" \"a\" {{\n  manifest = yamldecode(<<YAML\napiVersion: batch/v1\nkind: CronJob\nmetadata: {{ name: a }}\n{job}\nYAML\n  )\n}}\n"
    );
    let refused = |text: &str, more: &[(&str, &str)]| {
        let files: Vec<(&str, &str)> = [("main.tf", text)].iter().chain(more).copied().collect();
        let (titles, _, refusals) = offered(if more.is_empty() { "schedule-overlaps-itself" } else { QUEUE }, &files);
        assert!(titles.is_empty(), "{titles:?}");
        refusals
    };
    let reason = ["it stands in a text that something else reads"];
    assert_eq!(refused(&text, &[]), reason);
    let worker = WORKER.replace("variable \"timeout\" {}", "").replace("var.timeout", "600").replace(
        "variable \"hidden\" { default = 360 }",
        "locals { queues = yamldecode(file(\"${path.module}/queues.yaml\")) }",
    );
    let worker = worker.replace("var.hidden", "local.queues.hidden");
    assert_eq!(refused(&worker, &[("queues.yaml", "hidden: 30\n")]), reason);
}

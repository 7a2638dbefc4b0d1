//! Every sketch that is offered on a page or for a fixture is put where it belongs: the project parses as before, and
//! archlint finds nothing wrong with what was written.

mod support;

use archlint::engine::{Input, Options, Report, run};
use archlint::fix::Applicability;
use std::collections::BTreeMap;
use std::path::PathBuf;
use support::fixes::{Texts, sketch_fault, with_sketch};
use support::{lint_example, pages, short};

/// Tries every sketch that a report offers.
fn try_all(texts: &Texts, report: &Report, tried: &mut BTreeMap<&'static str, usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.is_active()) {
        for refusal in &finding.refusals {
            println!("{}\n    refused: {}: {}", short(report, finding), refusal.title, refusal.reason);
        }
        for fix in finding.fixes.iter().filter(|fix| fix.applicability == Applicability::Sketch) {
            *tried.entry(finding.lint).or_default() += 1;
            wrong.extend(sketch_fault(texts, report, finding, fix));
        }
    }
    wrong
}

#[test]
fn archlint_finds_nothing_wrong_with_the_sketches_of_pages() {
    let (mut wrong, mut tried) = (Vec::new(), BTreeMap::new());
    for page in pages() {
        for example in &page.page.examples {
            let texts = example.files.iter().map(|file| (PathBuf::from(&file.path), file.text.clone())).collect();
            let here = try_all(&texts, &lint_example(example), &mut tried);
            wrong.extend(here.into_iter().map(|one| format!("{}:{}\n  {one}", page.path, example.line)));
        }
    }
    println!("{tried:#?}");
    assert!(wrong.is_empty(), "{} sketches are wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn nor_with_those_of_the_fixtures() {
    let (mut wrong, mut tried) = (Vec::new(), BTreeMap::new());
    for name in ["shop", "serverless-shop", "kubernetes-shop", "terraform-shop"] {
        let report = run(Input::Paths(vec![PathBuf::from("fixtures").join(name)]), &Options::default());
        let texts = report.sources.ids().map(|id| {
            let source = report.sources.get(id);
            (source.path().to_path_buf(), source.text().to_string())
        });
        wrong.extend(try_all(&texts.collect(), &report, &mut tried));
    }
    println!("{tried:#?}");
    assert!(wrong.is_empty(), "{} sketches are wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// The sketches for the findings of a lint in some files: titles, and the files as they would be; refusals.
fn sketched(lint: &str, files: &[(&str, &str)]) -> String {
    let report = support::lint(files);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let texts: Texts = files.iter().map(|(path, text)| (PathBuf::from(path), text.to_string())).collect();
    let mut shown = String::new();
    for finding in report.findings.iter().filter(|finding| finding.lint == lint) {
        for fix in finding.fixes.iter().filter(|fix| fix.applicability == Applicability::Sketch) {
            let wrong = sketch_fault(&texts, &report, finding, fix);
            assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
            shown.push_str(&format!("{}\n", fix.title));
            let (new, places) = with_sketch(&texts, &report, fix);
            for path in places.keys() {
                shown.push_str(&format!("--- {}\n{}", path.display(), new[path]));
            }
        }
        for refusal in &finding.refusals {
            shown.push_str(&format!("refused: {}: {}\n", refusal.title, refusal.reason));
        }
    }
    shown
}

#[test]
fn a_loop_becomes_a_cron_job() {
    let deployment = "\
# Cleans up.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: sweeper
  namespace: shop
  labels: &labels
    app: sweeper
spec:
  replicas: 1
  selector:
    matchLabels: *labels
  template:
    metadata:
      labels:
        <<: *labels
        tier: batch
    spec:
      serviceAccountName: sweeper
      containers:
        - name: sweeper
          image: \"registry.example/sweeper:${TAG}\"
          command: [bash, -c]
          args:
            - |
              while true; do
                ./sweep --older 7d | tee /tmp/log
                sleep 420
              done
          env:
            - name: MESSAGE
              value: 'it''s, {done}'
            - name: LEVEL
              value: \"1\"
            - name: DB_PASSWORD
              value: hunter2
            - name: API_TOKEN
              valueFrom: { secretKeyRef: { name: sweeper, key: token } }
            - name: DATABASE
              value: postgres://shop:hunter2@db/shop
          resources:
            requests: { cpu: 100m, memory: 64Mi }
";
    insta::assert_snapshot!(sketched("cron-in-a-container", &[("sweeper.yaml", deployment)]));
    let json = r#"{
  "apiVersion": "apps/v1",
  "kind": "Deployment",
  "metadata": {"name": "sweeper"},
  "spec": {
    "selector": {"matchLabels": {"app": "sweeper"}},
    "template": {
      "metadata": {"labels": {"app": "sweeper"}},
      "spec": {"containers": [{"name": "sweeper", "image": "registry.example/sweeper:1", "command": ["sh", "-c", "while true; do ./sweep; sleep 3600; done"]}]}
    }
  }
}
"#;
    insta::assert_snapshot!(sketched("cron-in-a-container", &[("sweeper.json", json)]));
}

#[test]
fn a_loop_in_terraform_becomes_a_job_with_a_schedule() {
    let kubernetes = r#"resource "kubernetes_deployment_v1" "sweeper" {
  metadata {
    name      = "sweeper"
    namespace = var.namespace
  }
  spec {
    selector {
      match_labels = { app = "sweeper" }
    }
    template {
      metadata {
        labels = { app = "sweeper" }
      }
      spec {
        container {
          name    = "sweeper"
          image   = "registry.example/sweeper:1"
          command = ["sh", "-c", "while true; do ./sweep; sleep 3600; done"]
          env {
            name  = "LEVEL"
            value = "1"
          }
        }
      }
    }
  }
}

variable "namespace" {
  default = "shop"
}
"#;
    insta::assert_snapshot!(sketched("cron-in-a-container", &[("main.tf", kubernetes)]));
    let ecs = r#"resource "aws_ecs_cluster" "jobs" {
  name = "jobs"
}

resource "aws_ecs_service" "sweeper" {
  name            = "sweeper"
  cluster         = aws_ecs_cluster.jobs.id
  task_definition = aws_ecs_task_definition.sweeper.arn
  launch_type     = "FARGATE"
  desired_count   = 1
  network_configuration {
    subnets = var.subnets
  }
}

resource "aws_ecs_task_definition" "sweeper" {
  family             = "sweeper"
  execution_role_arn = aws_iam_role.execution.arn
  container_definitions = jsonencode([
    { name = "sweeper", image = "registry.example/sweeper:1", command = ["sh", "-c", "while true; do ./sweep; sleep 5400; done"] }
  ])
}
"#;
    insta::assert_snapshot!(sketched("cron-in-a-container", &[("main.tf", ecs)]));
}

#[test]
fn a_service_that_a_clock_calls_becomes_a_job() {
    let google = r#"resource "google_cloud_run_v2_service" "export" {
  name     = "export"
  location = var.region
  template {
    service_account = google_service_account.export.email
    scaling {
      min_instance_count = 1
    }
    containers {
      image = "europe-docker.pkg.dev/shop/export:1"
      ports {
        container_port = 8080
      }
      resources {
        limits   = { cpu = "1", memory = "512Mi" }
        cpu_idle = true
      }
    }
  }
}

resource "google_cloud_scheduler_job" "export" {
  name             = "export"
  schedule         = "0 3 * * *"
  attempt_deadline = "300s"
  http_target {
    uri = google_cloud_run_v2_service.export.uri
    oidc_token {
      service_account_email = google_service_account.export.email
    }
  }
}

resource "google_service_account" "export" {
  account_id = "export"
}

variable "region" {
  default = "europe-west1"
}
"#;
    insta::assert_snapshot!(sketched("always-on-for-scheduled-work", &[("main.tf", google)]));
}

#[test]
fn a_nightly_function_becomes_a_task() {
    let template = r#"{
  "AWSTemplateFormatVersion": "2010-09-09",
  "Resources": {
    "Export": {
      "Type": "AWS::Lambda::Function",
      "Properties": {
        "PackageType": "Image",
        "Code": {"ImageUri": {"Ref": "Image"}},
        "Role": "arn:aws:iam::111122223333:role/export",
        "Timeout": 900,
        "MemorySize": 2048,
        "Environment": {"Variables": {"BUCKET": {"Ref": "Bucket"}, "LEVEL": 3}},
        "VpcConfig": {"SubnetIds": [{"Ref": "Subnet"}], "SecurityGroupIds": ["sg-1"]}
      }
    },
    "Nightly": {
      "Type": "AWS::Events::Rule",
      "Properties": {
        "ScheduleExpression": "cron(0 2 * * ? *)",
        "Targets": [{"Id": "export", "Arn": {"Fn::GetAtt": ["Export", "Arn"]}}]
      }
    }
  }
}
"#;
    insta::assert_snapshot!(sketched("long-job-on-function", &[("template.json", template)]));
}

#[test]
fn failures_get_a_queue() {
    let terraform = r#"resource "aws_iam_role" "index" {
  assume_role_policy = "{}"
}

resource "aws_lambda_function" "index" {
  function_name = "index"
  role          = aws_iam_role.index.arn
  runtime       = "python3.13"
  handler       = "index.run"
}

resource "aws_lambda_event_source_mapping" "index" {
  event_source_arn       = aws_kinesis_stream.events.arn
  function_name          = aws_lambda_function.index.arn
  starting_position      = "LATEST"
  maximum_retry_attempts = -1
}

resource "aws_kinesis_stream" "events" {
  name = "events"
}
"#;
    insta::assert_snapshot!(sketched("stream-blocked-by-poison-record", &[("main.tf", terraform)]));
    let service = "\
service: notes
provider:
  name: aws
  runtime: nodejs22.x

functions:
  analyse-note: # asks the model
    handler: notes.analyse
    destinations:
      onSuccess: done
    events:
      - sns: notes

resources:
  Resources:
    Table:
      Type: AWS::DynamoDB::Table
";
    insta::assert_snapshot!(sketched("async-failure-dropped", &[("serverless.yml", service)]));
}

#[test]
fn a_slow_answer_gets_a_queue_and_a_worker() {
    let terraform = r#"resource "aws_lambda_function" "render" {
  function_name = "${var.prefix}-render"
  role          = aws_iam_role.render.arn
  runtime       = "python3.13"
  handler       = "render.run"
  timeout       = 120
  environment {
    variables = {
      BUCKET = aws_s3_bucket.pages.id
    }
  }
}

resource "aws_iam_role" "render" {
  assume_role_policy = "{}"
}

resource "aws_s3_bucket" "pages" {
  bucket = "pages"
}

resource "aws_apigatewayv2_api" "main" {
  name          = "main"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "render" {
  api_id           = aws_apigatewayv2_api.main.id
  integration_type = "AWS_PROXY"
  integration_uri  = aws_lambda_function.render.invoke_arn
}

resource "aws_apigatewayv2_route" "render" {
  api_id    = aws_apigatewayv2_api.main.id
  route_key = "POST /render"
  target    = "integrations/${aws_apigatewayv2_integration.render.id}"
}

variable "prefix" {
  default = "shop"
}
"#;
    insta::assert_snapshot!(sketched("timeout-beyond-caller", &[("main.tf", terraform)]));
}

#[test]
fn a_worker_is_scaled_by_its_queue() {
    let worker = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
  namespace: shop
spec:
  # Enough for Mondays.
  replicas: 4
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/worker:1
          command: [celery, -A, shop, worker]
          env:
            - name: CELERY_BROKER_URL
              value: amqp://broker:5672
          resources: {requests: {cpu: 100m, memory: 64Mi}}
";
    insta::assert_snapshot!(sketched("queue-worker-never-scales-in", &[("worker.yaml", worker)]));
}

#[test]
fn a_slow_express_workflow_becomes_a_standard_one() {
    let machine = |more: &str| {
        format!(
            "AWSTemplateFormatVersion: \"2010-09-09\"
Resources:
  Render:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: render
      RoleArn: arn:aws:iam::111122223333:role/render
      StateMachineType: EXPRESS # quick
      Definition:
        StartAt: Render
        States:
          Render: {{ Type: Task, Resource: \"arn:aws:states:::ecs:runTask.sync\", End: true }}
{more}"
        )
    };
    insta::assert_snapshot!(sketched("express-workflow-too-long", &[("template.yaml", &machine(""))]));
    let waits = "Outputs:\n  Action: { Value: states:StartSyncExecution }\n";
    let refused = sketched("express-workflow-too-long", &[("template.yaml", &machine(waits))]);
    assert!(refused.starts_with("refused: make it a Standard workflow: `StartSyncExecution` waits"), "{refused}");
}

#[test]
fn uploads_go_to_a_bucket() {
    let lint = "tmp-used-as-store";
    let cloud_run = r#"resource "google_cloud_run_v2_service" "wiki" {
  name     = "wiki"
  location = "europe-west1"
  template {
    service_account = google_service_account.wiki.email
    containers {
      image = "registry.example/wiki:3"
      env {
        name  = "UPLOAD_DIR"
        value = "/srv/uploads/"
      }
    }
  }
}

resource "google_service_account" "wiki" {
  account_id = "wiki"
}
"#;
    insta::assert_snapshot!(sketched(lint, &[("main.tf", cloud_run)]));
    let lambda = r#"resource "aws_lambda_function" "album" {
  function_name = "album"
  runtime       = "python3.13"
  handler       = "album.main"
  role          = aws_iam_role.album.arn
  environment {
    variables = {
      UPLOAD_DIR = "/tmp/uploads"
    }
  }
}

resource "aws_iam_role" "album" {
  name               = "album"
  assume_role_policy = "{}"
}
"#;
    insta::assert_snapshot!(sketched(lint, &[("main.tf", lambda)]));
    let sam = r#"AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Album:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: album.main
      CodeUri: src/
      Environment:
        Variables:
          SESSION_DIR: /var/task/sessions
"#;
    insta::assert_snapshot!(sketched(lint, &[("template.yaml", sam)]));
    let service = r#"service: album
provider:
  name: aws
  runtime: python3.13
functions:
  store:
    handler: album.main
    environment:
      UPLOAD_DIR: /tmp/uploads
"#;
    insta::assert_snapshot!(sketched(lint, &[("serverless.yml", service)]));
}

//! What the resources of Terraform's providers become in the model.

mod support;

use archlint::model::{EventKind, Gateway, Platform, TriggerKind, WorkloadKind};
use support::model::{Model, model, spell};

fn configuration(text: &str) -> Model {
    model(&[("main.tf", text)])
}

/// A function `f` and what else is declared.
fn with_function(rest: &str) -> Model {
    configuration(&format!("resource \"aws_lambda_function\" \"f\" {{\n  function_name = \"f\"\n}}\n{rest}"))
}

#[test]
fn a_function_has_its_attributes_and_the_platforms_defaults() {
    let model = configuration(
        r#"
resource "aws_lambda_function" "f" {
  function_name                  = "orders"
  image_uri                      = "registry.example/app:1"
  reserved_concurrent_executions = -1
  layers                         = ["a", "b"]
  publish                        = true
  environment {
    variables = { TABLE = "t" }
  }
  ephemeral_storage {
    size = 1024
  }
}
"#,
    );
    let (workload, function) = (model.workload("f"), model.function("f"));
    assert_eq!((workload.kind, workload.platform), (WorkloadKind::Function, Platform::AwsLambda));
    assert_eq!(workload.identity.name.set().map(AsRef::as_ref), Some("orders"));
    assert_eq!((spell(&workload.timeout), spell(&workload.memory)), ("3".into(), "128".into()));
    assert_eq!((spell(&function.disk), spell(&function.layers)), ("1024".into(), "2".into()));
    assert_eq!(spell(&function.reserved_concurrency), "nothing", "-1 means none");
    assert_eq!(function.publishes.known(), Some(&true));
    assert_eq!(format!("{:?}", function.packaging.known()), "Some(Image)");
    assert_eq!(&*workload.environment[0].name, "TABLE");
}

#[test]
fn mappings_tell_queues_streams_and_brokers_apart() {
    let mapping = |source: &str| {
        let text = format!(
            "resource \"aws_sqs_queue\" \"q\" {{}}\nresource \"aws_kinesis_stream\" \"k\" {{}}\nresource \"aws_dynamodb_table\" \"d\" {{}}\nresource \"aws_msk_cluster\" \"m\" {{}}\nresource \"aws_lambda_event_source_mapping\" \"m\" {{\n  event_source_arn = {source}\n  function_name = aws_lambda_function.f.arn\n  maximum_retry_attempts = 2\n}}\n"
        );
        match &with_function(&text).trigger("f").kind {
            TriggerKind::Queue(_) => "queue".to_string(),
            TriggerKind::Stream(stream) => format!("{:?} {:?}", stream.kind, stream.maximum_retries.set()),
            TriggerKind::Event(kind) => format!("{kind:?}"),
            other => format!("{other:?}"),
        }
    };
    assert_eq!(mapping("aws_sqs_queue.q.arn"), "queue");
    assert_eq!(mapping("aws_kinesis_stream.k.arn"), "Kinesis Some(2)");
    assert_eq!(mapping("aws_dynamodb_table.d.stream_arn"), "DynamoDb Some(2)");
    assert_eq!(mapping("aws_msk_cluster.m.arn"), "Broker");
    assert_eq!(mapping("\"arn:aws:kinesis:eu-west-1:111122223333:stream/s\""), "Kinesis Some(2)");
    assert_eq!(mapping("\"arn:aws:sqs:eu-west-1:${data.aws_caller_identity.me.account_id}:jobs\""), "queue");
    assert_eq!(mapping("var.somewhere"), "Other");
}

#[test]
fn queues_have_their_visibility_and_redrive_rule() {
    let model = configuration(
        r#"
resource "aws_sqs_queue" "a" {
  name                       = "a"
  visibility_timeout_seconds = 90
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.b.arn, maxReceiveCount = 4 })
}
resource "aws_sqs_queue" "b" {
  redrive_policy = <<-EOT
    { "maxReceiveCount": 2 }
  EOT
}
"#,
    );
    let queues: Vec<_> = model.architecture.queues().collect();
    let receives = |at: usize| queues[at].redrive.as_ref().and_then(|rule| rule.maximum_receives.set().copied());
    assert_eq!((queues[0].visibility.known(), receives(0)), (Some(&90), Some(4)));
    assert_eq!((queues[1].visibility.known(), receives(1)), (Some(&30), Some(2)), "30 s is the default");
}

#[test]
fn gateways_wait_for_as_long_as_they_do() {
    let rest = with_function(
        r#"
resource "aws_api_gateway_rest_api" "api" {
  endpoint_configuration {
    types = ["REGIONAL"]
  }
}
resource "aws_api_gateway_resource" "orders" { path_part = "orders" }
resource "aws_api_gateway_integration" "i" {
  rest_api_id          = aws_api_gateway_rest_api.api.id
  resource_id          = aws_api_gateway_resource.orders.id
  type                 = "AWS_PROXY"
  uri                  = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${aws_lambda_function.f.arn}/invocations"
  timeout_milliseconds = 12500
}
"#,
    );
    let http = rest.http("f");
    assert_eq!((http.gateway, http.limit.set(), http.limit_is_quota), (Gateway::RestApi, Some(&13), true));
    assert_eq!(http.path.set().map(AsRef::as_ref), Some("orders"));

    let http_api = |protocol: &str| {
        with_function(&format!(
            "resource \"aws_apigatewayv2_api\" \"api\" {{ protocol_type = \"{protocol}\" }}\nresource \"aws_apigatewayv2_integration\" \"i\" {{\n  api_id = aws_apigatewayv2_api.api.id\n  integration_uri = aws_lambda_function.f.invoke_arn\n}}\nresource \"aws_apigatewayv2_route\" \"r\" {{\n  route_key = \"GET /webhook\"\n  target = \"integrations/${{aws_apigatewayv2_integration.i.id}}\"\n}}\n"
        ))
    };
    let model = http_api("HTTP");
    assert_eq!((model.http("f").gateway, model.http("f").limit.set()), (Gateway::HttpApi, Some(&30)));
    assert!(!model.architecture.is_user_facing(model.workload("f")), "a webhook is called by machines");
    assert_eq!(http_api("WEBSOCKET").http("f").gateway, Gateway::WebSocketApi);
}

#[test]
fn aliases_and_qualifiers_lead_to_a_version() {
    let url = |qualifier: &str| {
        with_function(&format!(
            "resource \"aws_lambda_alias\" \"live\" {{\n  name = \"live\"\n  function_name = aws_lambda_function.f.function_name\n  function_version = \"7\"\n}}\nresource \"aws_lambda_function_url\" \"u\" {{\n  function_name = aws_lambda_function.f.function_name\n  {qualifier}\n  authorization_type = \"NONE\"\n}}\n"
        ))
    };
    assert!(!url("").trigger("f").target.qualified);
    assert!(url("qualifier = aws_lambda_alias.live.name").trigger("f").target.qualified);
    assert_eq!(url("").architecture.aliases_of(url("").workload("f")).count(), 1);
    let newest = with_function(
        "resource \"aws_lambda_alias\" \"live\" {\n  function_name = aws_lambda_function.f.arn\n  function_version = aws_lambda_function.f.version\n}\n",
    );
    let published: Vec<_> =
        newest.architecture.aliases_of(newest.workload("f")).map(|alias| alias.is_published.known().copied()).collect();
    assert_eq!(published, [Some(false)], "a function that does not publish has no version but $LATEST");
}

#[test]
fn clocks_start_functions_and_tasks() {
    let model = with_function(
        r#"
resource "aws_cloudwatch_event_rule" "hourly" {
  name                = "hourly"
  schedule_expression = "rate(1 hour)"
}
resource "aws_cloudwatch_event_target" "by_reference" {
  rule = aws_cloudwatch_event_rule.hourly.name
  arn  = aws_lambda_function.f.arn
}
resource "aws_cloudwatch_event_target" "by_name" {
  rule = "hourly"
  arn  = aws_lambda_function.f.arn
}
resource "aws_cloudwatch_event_rule" "off" {
  schedule_expression = "rate(1 minute)"
  is_enabled          = false
}
resource "aws_cloudwatch_event_target" "off" {
  rule = aws_cloudwatch_event_rule.off.name
  arn  = aws_lambda_function.f.arn
}
resource "aws_ecs_task_definition" "task" {
  family                = "task"
  memory                = "2 GB"
  cpu                   = ".5 vCPU"
  container_definitions = <<-EOT
    [{ "name": "app", "image": "app:1", "memory": 512, "portMappings": [{ "containerPort": 80 }] }]
  EOT
}
resource "aws_scheduler_schedule" "daily" {
  schedule_expression = "rate(1 day)"
  target {
    arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/jobs"
    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.task.arn
    }
  }
}
"#,
    );
    let runs = |label: &str| model.architecture.runs_per_month(model.workload(label)).map(f64::round);
    assert_eq!(runs("f"), Some(1460.0), "twice an hour; the rule that is off does not count");
    assert_eq!((model.workload("task").kind, runs("task")), (WorkloadKind::Job, Some(30.0)));
    assert_eq!((model.workload("task").memory.set(), model.workload("task").cpu.set()), (Some(&2048), Some(&500)));
    let container = &model.workload("task").containers[0];
    assert_eq!((&*container.name, container.has_ports(), container.memory_request.set()), ("app", true, Some(&512)));
}

#[test]
fn other_sources_are_events_or_callers() {
    let model = with_function(
        r#"
resource "aws_sns_topic_subscription" "s" {
  protocol = "lambda"
  endpoint = aws_lambda_function.f.arn
}
resource "aws_s3_bucket_notification" "b" {
  lambda_function {
    lambda_function_arn = aws_lambda_function.f.arn
  }
}
resource "aws_cognito_user_pool" "p" {
  lambda_config {
    pre_sign_up = aws_lambda_function.f.arn
    custom_email_sender {
      lambda_arn     = aws_lambda_function.f.arn
      lambda_version = "V1_0"
    }
  }
}
resource "aws_sfn_state_machine" "m" {
  definition = jsonencode({
    States = { A = { Type = "Task", Resource = aws_lambda_function.f.arn, Retry = [{}], Catch = [{}] } }
  })
}
"#,
    );
    let mut kinds: Vec<String> = model
        .triggers("f")
        .iter()
        .map(|trigger| match &trigger.kind {
            TriggerKind::UserPool(name) => name.to_string(),
            TriggerKind::Event(kind) => format!("{kind:?}"),
            TriggerKind::Orchestrator { retries } => format!("machine {retries}"),
            other => format!("{other:?}"),
        })
        .collect();
    kinds.sort();
    assert_eq!(kinds, ["Storage", "Topic", "customemailsender", "machine true", "presignup"]);
    assert!(model.function("f").is_orchestrated);
}

#[test]
fn a_permission_for_an_unseen_caller_is_a_caller() {
    let permission = |principal: &str| {
        let model = with_function(&format!(
            "resource \"aws_lambda_permission\" \"p\" {{\n  principal = \"{principal}\"\n  function_name = aws_lambda_function.f.function_name\n}}\n"
        ));
        model.triggers("f").len()
    };
    assert_eq!(permission("apigateway.amazonaws.com"), 1, "its API may be described elsewhere");
    assert_eq!(permission("events.amazonaws.com"), 0);
}

#[test]
fn services_of_ecs_have_their_scaling_rule() {
    let service = |rest: &str| {
        configuration(&format!(
            "resource \"aws_ecs_service\" \"web\" {{\n  name = \"web\"\n  {rest}\n}}\nresource \"aws_appautoscaling_target\" \"t\" {{\n  scalable_dimension = \"ecs:service:DesiredCount\"\n  resource_id = \"service/shop/${{aws_ecs_service.web.name}}\"\n  min_capacity = 2\n  max_capacity = 9\n}}\n"
        ))
    };
    let model = service("desired_count = 3");
    let scaler = model.architecture.scaler_of(model.workload("web")).expect("a scaler");
    assert_eq!((scaler.min.known(), scaler.max.set()), (Some(&2), Some(&9)));
    assert_eq!(model.workload("web").replicas.set(), Some(&3));
    assert_eq!(service("").workload("web").replicas.set(), Some(&0), "the provider's default");
    let ignored = service("desired_count = 3\n  lifecycle {\n    ignore_changes = [desired_count]\n  }");
    assert!(ignored.workload("web").replicas_ignored);
    assert_eq!(service("scheduling_strategy = \"DAEMON\"").workload("web").kind, WorkloadKind::Daemon);
}

#[test]
fn google_cloud_runs_services_jobs_and_functions() {
    let model = configuration(
        r#"
resource "google_cloud_run_v2_service" "two" {
  name = "two"
  template {
    timeout = "3.500s"
    scaling {
      min_instance_count = 1
    }
    containers {
      image = "app:1"
      resources {
        limits = { cpu = "2000m", memory = "4Gi" }
      }
    }
  }
}
resource "google_cloud_run_service" "one" {
  name = "one"
  template {
    spec {
      timeout_seconds = 90
      containers {
        image = "app:1"
      }
    }
  }
}
resource "google_cloud_run_v2_job" "job" {
  name = "job"
  template {
    template {
      containers {
        image = "app:1"
      }
    }
  }
}
resource "google_cloudfunctions_function" "first" {
  name          = "first"
  event_trigger {
    event_type = "google.pubsub.topic.publish"
    resource   = "t"
  }
}
resource "google_cloudfunctions2_function" "second" {
  name = "second"
  service_config {
    timeout_seconds  = 1200
    available_memory = "512Mi"
  }
}
"#,
    );
    let of = |label: &str| (model.workload(label).platform, model.timeout(label), spell(&model.workload(label).memory));
    assert_eq!(of("two"), (Platform::CloudRun, "4".into(), "4096".into()));
    assert_eq!((model.workload("two").cpu.set(), model.workload("two").min_instances.set()), (Some(&2000), Some(&1)));
    assert_eq!(of("one"), (Platform::CloudRun, "90".into(), "nothing".into()));
    assert_eq!(of("job"), (Platform::CloudRunJob, "600".into(), "nothing".into()));
    assert_eq!(of("first"), (Platform::GoogleFunctions1, "60".into(), "256".into()));
    assert_eq!(of("second"), (Platform::GoogleFunctions2, "1200".into(), "512".into()));
    assert!(matches!(model.trigger("first").kind, TriggerKind::Event(EventKind::Topic)));
    assert_eq!(model.http("second").gateway, Gateway::Platform);
}

#[test]
fn cloud_scheduler_waits_for_services_and_not_for_jobs() {
    let scheduled = |uri: &str| {
        configuration(&format!(
            "resource \"google_cloud_run_v2_service\" \"s\" {{\n  name = \"s\"\n  template {{}}\n}}\nresource \"google_cloud_run_v2_job\" \"j\" {{\n  name = \"j\"\n}}\nresource \"google_cloud_scheduler_job\" \"clock\" {{\n  schedule = \"0 2 * * *\"\n  http_target {{\n    uri = {uri}\n  }}\n}}\n"
        ))
    };
    let kinds = |model: &Model, label: &str| -> Vec<&'static str> {
        let name = |kind: &TriggerKind| match kind {
            TriggerKind::Schedule(_) => "schedule",
            TriggerKind::Http(http) if http.gateway == Gateway::Scheduler => "waits",
            TriggerKind::Http(_) => "endpoint",
            _ => "other",
        };
        model.triggers(label).iter().map(|trigger| name(&trigger.kind)).collect()
    };
    let service = scheduled("\"${google_cloud_run_v2_service.s.uri}/run\"");
    assert_eq!(kinds(&service, "s"), ["endpoint", "schedule", "waits"]);
    let job = scheduled(
        "\"https://run.googleapis.com/v2/projects/p/locations/l/jobs/${google_cloud_run_v2_job.j.name}:run\"",
    );
    assert_eq!(kinds(&job, "j"), ["schedule"]);
}

#[test]
fn azure_and_gcore_are_read() {
    let model = configuration(
        r#"
resource "azurerm_container_app" "app" {
  name = "app"
  template {
    max_replicas = 20
    container {
      name   = "c"
      image  = "app:1"
      cpu    = 0.5
      memory = "1Gi"
    }
  }
  ingress {
    external_enabled = true
    target_port      = 80
  }
}
resource "azurerm_container_app_job" "job" {
  name                       = "job"
  replica_timeout_in_seconds = 1800
  schedule_trigger_config {
    cron_expression = "0 4 * * *"
  }
}
resource "azurerm_linux_function_app" "functions" {
  name = "functions"
}
resource "gcore_faas_function" "edge" {
  name          = "edge"
  timeout       = 5
  flavor        = "80mCPU-128MB"
  min_instances = 1
  max_instances = 4
}
"#,
    );
    let app = model.workload("app");
    assert_eq!((app.min_instances.set(), app.max_instances.set()), (Some(&0), Some(&20)));
    assert_eq!(
        (app.containers[0].cpu_request.set(), app.containers[0].memory_request.set()),
        (Some(&500), Some(&1024))
    );
    assert_eq!(model.http("app").is_public.known(), Some(&true));
    assert_eq!((model.timeout("job"), model.workload("job").kind), ("1800".into(), WorkloadKind::Job));
    assert_eq!(model.architecture.runs_per_month(model.workload("job")).map(f64::round), Some(30.0));
    assert!(model.timeout("functions").contains("host.json"), "{}", model.timeout("functions"));
    let edge = model.workload("edge");
    assert_eq!(
        (edge.platform, spell(&edge.timeout), spell(&edge.memory)),
        (Platform::GcoreFunctions, "5".into(), "128".into())
    );
}

const DEPLOYMENT: &str = r#"
resource "kubernetes_namespace_v1" "shop" {
  metadata {
    name = "shop"
  }
}
resource "kubernetes_deployment_v1" "web" {
  metadata {
    name      = "web"
    namespace = kubernetes_namespace_v1.shop.metadata[0].name
  }
  spec {
    replicas = 2
    selector {
      match_labels = { "app.kubernetes.io/name" = "web" }
    }
    template {
      metadata {
        labels = { "app.kubernetes.io/name" = "web" }
      }
      spec {
        init_container {
          name  = "first"
          image = "init:1"
        }
        container {
          name    = "web"
          image   = "web:1"
          command = ["/bin/web"]
          resources {
            limits = { cpu = "250m" }
          }
          port {
            container_port = 80
          }
          liveness_probe {
            http_get {
              path = "/"
              port = 80
            }
          }
        }
      }
    }
  }
}
resource "kubernetes_service_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }
  spec {
    type     = "LoadBalancer"
    selector = { "app.kubernetes.io/name" = "web" }
    port {
      port = 80
    }
  }
}
"#;

#[test]
fn kubernetes_resources_are_objects() {
    let model = configuration(DEPLOYMENT);
    let web = model.workload("web");
    assert_eq!(
        (web.kind, web.namespace.as_deref(), web.replicas.set()),
        (WorkloadKind::Service, Some("shop"), Some(&2))
    );
    let names: Vec<_> = web.containers.iter().map(|one| (&*one.name, one.is_init)).collect();
    assert_eq!(names, [("web", false), ("first", true)]);
    let container = &web.containers[0];
    assert_eq!((container.cpu_request.set(), container.has_ports()), (Some(&250), true));
    assert_eq!(container.has_probe().known(), Some(&true));
    assert_eq!(model.http("web").gateway, Gateway::ClusterIngress, "the Service of type LoadBalancer selects its pods");
}

#[test]
fn manifests_in_terraform_are_objects_too() {
    let model = configuration(
        r#"
resource "kubernetes_manifest" "cron" {
  manifest = {
    apiVersion = "batch/v1"
    kind       = "CronJob"
    metadata   = { name = "tidy", namespace = "shop" }
    spec = {
      schedule    = "0 * * * *"
      jobTemplate = { spec = { template = { spec = { containers = [{ name = "a", image = "b" }] } } } }
    }
  }
}
resource "kubectl_manifest" "pod" {
  yaml_body = <<-YAML
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: worker
    spec:
      replicas: 4
      selector: { matchLabels: { app: worker } }
      template:
        metadata: { labels: { app: worker } }
        spec:
          containers: [{ name: a, image: b }]
  YAML
}
resource "kubernetes_manifest" "decoded" {
  manifest = yamldecode(<<-YAML
    apiVersion: v1
    kind: Pod
    metadata: { name: once }
    spec: { activeDeadlineSeconds: 60, containers: [{ name: a, image: b }] }
  YAML
  )
}
"#,
    );
    assert_eq!(model.architecture.runs_per_month(model.workload("tidy")).map(f64::round), Some(731.0));
    assert_eq!(model.workload("worker").replicas.set(), Some(&4));
    assert_eq!(model.timeout("once"), "60");
}

/// Files are read in the order of their names, and a rule may stand in front of what it scales.
#[test]
fn what_a_scaling_rule_keeps_warm_may_be_declared_behind_it() {
    let rule = "resource \"aws_appautoscaling_target\" \"t\" {\n  scalable_dimension = \"lambda:function:ProvisionedConcurrency\"\n  resource_id = \"function:${aws_lambda_function.f.function_name}:live\"\n  min_capacity = 2\n}\n";
    let function = "resource \"aws_lambda_function\" \"f\" {}\n";
    for text in [[rule, function].concat(), [function, rule].concat()] {
        assert_eq!(configuration(&text).function("f").provisioned_concurrency.set(), Some(&2), "{text}");
    }
}

#[test]
fn modules_of_the_registry_make_what_their_inputs_say() {
    let text = "resource \"aws_sqs_queue\" \"jobs\" {\n  visibility_timeout_seconds = 60\n}\n\
                module \"worker\" {\n  source  = \"terraform-aws-modules/lambda/aws\"\n  timeout = 50\n  event_source_mapping = {\n    \
                sqs = { event_source_arn = aws_sqs_queue.jobs.arn, batch_size = 5, destination_arn_on_failure = \"arn:aws:sqs:eu-west-1:1:dead\" }\n  }\n}\n";
    let model = model(&[("main.tf", text)]);
    assert_eq!(model.queue("worker").as_deref(), Some("jobs"));
    assert_eq!(model.architecture.triggers_of(model.workload("worker")).count(), 1);
}

#[test]
fn a_service_of_the_registry_is_one_with_its_task() {
    let text = "module \"shop\" {\n  source = \"terraform-aws-modules/ecs/aws//modules/service\"\n  version = \"~> 5.0\"\n  name = \"shop\"\n  \
                memory = 4096\n  container_definitions = {\n    web = { image = \"shop:1\", cpu = 512, port_mappings = [{ containerPort = 80 }], entry_point = [\"run\"] }\n  }\n}\n\
                module \"off\" {\n  source = \"git::https://github.com/terraform-aws-modules/terraform-aws-ecs.git//modules/service?ref=v6\"\n  create = false\n}\n";
    let model = model(&[("main.tf", text)]);
    assert_eq!(model.architecture.workloads().count(), 1);
    let shop = model.workload("shop");
    assert_eq!(spell(&shop.memory), "4096");
    assert_eq!(spell(&shop.replicas), "1");
    assert!(shop.replicas_ignored);
    let [web] = &shop.containers[..] else { panic!("one container") };
    assert_eq!((&*web.name, spell(&web.cpu_request), web.has_ports()), ("web", "500".to_string(), true));
    assert_eq!(model.steps(&shop.replicas), ["inherited from the module's defaults @ main.tf:1 \"shop\""]);
}

/// What only the deployment knows in a document leaves the rest of the document known.
#[test]
fn documents_with_gaps_are_read() {
    let model = configuration(
        r#"
resource "aws_ecr_repository" "web" {}
variable "open" {}
resource "aws_ecs_task_definition" "web" {
  family                = "web"
  container_definitions = <<-JSON
    [{ "name": "web", "image": "${aws_ecr_repository.web.repository_url}:1", "cpu": ${var.open}, "memory": 512 }]
  JSON
}
resource "aws_ecs_service" "web" {
  task_definition = aws_ecs_task_definition.web.arn
}
resource "aws_sqs_queue" "jobs" {}
resource "kubectl_manifest" "worker" {
  yaml_body = <<-YAML
    apiVersion: apps/v1
    kind: Deployment
    metadata: { name: worker }
    spec:
      replicas: ${var.open}
      selector: { matchLabels: { app: worker } }
      template:
        metadata: { labels: { app: worker } }
        spec:
          containers:
            - name: worker
              image: "registry.example/worker"
              env: [{ name: QUEUE, value: "${aws_sqs_queue.jobs.url}" }]
              resources: { requests: { cpu: 250m } }
  YAML
}
resource "aws_lambda_function" "decoded" {
  timeout = yamldecode("name: ${aws_sqs_queue.jobs.url}\nseconds: 45").seconds
  memory_size = jsondecode("{\"name\": \"${aws_sqs_queue.jobs.url}\", \"size\": 256, \"more\": ${var.open}}").size
}
"#,
    );
    let container = &model.workload("web").containers[0];
    assert_eq!(
        [&container.cpu_request, &container.memory_request].map(spell),
        ["unknown: `var.open` has no default and is not set", "512"]
    );
    assert!(spell(&container.image).starts_with("unknown: "), "{}", spell(&container.image));
    let worker = model.workload("worker");
    assert_eq!(spell(&worker.replicas), "unknown: `var.open` has no default and is not set");
    assert_eq!(spell(&worker.containers[0].cpu_request), "250");
    assert_eq!(worker.environment.len(), 1);
    assert_eq!((model.timeout("decoded"), spell(&model.workload("decoded").memory)), ("45".into(), "256".into()));
    // A gap in a list may be any number of elements.
    let several = configuration(
        "variable \"open\" {}\nresource \"aws_lambda_function\" \"f\" {\n  timeout = length(jsondecode(\"[1, ${var.open}]\"))\n}\n",
    );
    assert!(several.timeout("f").starts_with("unknown: "), "{}", several.timeout("f"));
}

#[test]
fn cloud_run_has_cpu_between_requests_where_the_provider_says_so() {
    let of = |containers: &str| {
        let text = format!("resource \"google_cloud_run_v2_service\" \"s\" {{\n  template {{\n{containers}  }}\n}}\n");
        configuration(&text).workload("s").cpu_idle.set().copied()
    };
    let container = |resources: &str| format!("    containers {{\n      image = \"i\"\n{resources}    }}\n");
    let limits = "      resources {\n        limits = { memory = \"1Gi\" }\n      }\n";
    assert_eq!(of(&container("")), Some(true));
    assert_eq!(of(&container(limits)), Some(false));
    assert_eq!(of(&(container(limits) + &container(limits))), Some(false));
    assert_eq!(of(&(container(limits) + &container(""))), None, "the containers differ");
    assert_eq!(of(""), None, "no container is known");
    assert_eq!(of(&container(&limits.replace("memory", "\"nvidia.com/gpu\""))), None, "a GPU leaves no choice");
}

#[test]
fn machines_run_what_their_scripts_or_templates_say() {
    let image = |text: &str, script: &str| {
        let model = model(&[("main.tf", text), ("boot.sh", script)]);
        let machine = model.workload("m");
        assert_eq!(machine.kind, WorkloadKind::Machine);
        machine.sole_container.as_ref().map(|container| container.image.to_string())
    };
    let run = "#!/bin/sh\nuntil docker info; do sleep 1; done\nsudo docker run -d --name web -e A=b ${image}\n";
    let instance = |script: &str| format!("resource \"aws_instance\" \"m\" {{\n  {script}\n}}\n");
    let from_file = "user_data = templatefile(\"${path.module}/boot.sh\", { image = \"web:7\" })";
    assert_eq!(image(&instance(from_file), run).as_deref(), Some("web:7"));
    let encoded = format!("user_data_base64 = base64encode({})", from_file.trim_start_matches("user_data = "));
    assert_eq!(image(&instance(&encoded), run).as_deref(), Some("web:7"));
    let mixed = r##"
resource "aws_launch_template" "t" {
  user_data = base64encode("#!/bin/sh\ndocker run --restart=always web:7")
}
resource "aws_autoscaling_group" "m" {
  mixed_instances_policy {
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.t.id
      }
    }
  }
}
"##;
    assert_eq!(image(mixed, "").as_deref(), Some("web:7"));
    for other in
        ["docker run web:7", "docker run -d --unheard-of web:7", "docker run -d web:7\nnginx", "docker run -d $IMAGE"]
    {
        assert_eq!(
            image(&instance(&format!("user_data = \"#!/bin/sh\\n{}\"", other.replace('\n', "\\n"))), ""),
            None,
            "{other}"
        );
    }
    assert_eq!(image(&instance("user_data = \"<powershell>docker run -d web:7</powershell>\""), ""), None);
}

#[test]
fn functions_of_azure_keep_what_their_plans_are_told_to() {
    let kept = |kind: &str, rest: &str| {
        let text = format!("variable \"open\" {{}}\nresource \"{kind}\" \"f\" {{\n{rest}\n}}\n");
        spell(&configuration(&text).workload("f").min_instances)
    };
    let premium = |number: &str| format!("  site_config {{\n    elastic_instance_minimum = {number}\n  }}");
    assert_eq!(kept("azurerm_linux_function_app", &premium("2")), "2");
    assert_eq!(kept("azurerm_linux_function_app", ""), "nothing");
    let ready = |number: &str| format!("  always_ready {{\n    name = \"http\"\n    instance_count = {number}\n  }}\n");
    assert_eq!(kept("azurerm_function_app_flex_consumption", &(ready("2") + &ready("3"))), "5");
    let open = kept("azurerm_function_app_flex_consumption", &(ready("2") + &ready("var.open")));
    assert!(open.contains("var.open"), "{open}");
}

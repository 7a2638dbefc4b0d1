//! Scaling rules, clusters with their nodes, and what load balancers lead to, as the frontends read them.

mod support;

use archlint::model::{MetricKind, Presence, ScalerKind};
use support::model::{Model, WEB, model, spell};

/// A ScaledObject for the Deployment of the tests; `rest` are further lines of its spec.
fn scaled_object(rest: &str) -> String {
    format!(
        "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{ name: web }}\nspec:\n  scaleTargetRef: {{ name: web }}\n{rest}"
    )
}

fn manifests(texts: &[&str]) -> Model {
    model(&[("web.yaml", &texts.join("---\n"))])
}

/// What the queues of the only rule of a workload are to have for each instance.
fn per_instance(model: &Model, label: &str) -> Vec<String> {
    let scaler = model.architecture.scaler_of(model.workload(label)).expect("one rule");
    let spelled = scaler.queues().map(|(_, queue)| {
        let target = queue.target_key.unwrap_or("none");
        format!("{}: {target} {}", queue.system, spell(&queue.per_instance))
    });
    spelled.collect()
}

#[test]
fn queues_of_keda_in_older_and_newer_words() {
    let trigger = |kind: &str, metadata: &str| {
        let object = scaled_object(&format!("  triggers: [{{ type: {kind}, metadata: {metadata} }}]\n"));
        per_instance(&manifests(&[WEB, &object]), "web")
    };
    assert_eq!(trigger("aws-sqs-queue", "{ queueLength: \"7\" }"), ["aws-sqs-queue: queueLength 7"]);
    assert_eq!(trigger("gcp-pubsub", "{ subscriptionSize: \"9\" }"), ["gcp-pubsub: value 9"]);
    assert_eq!(trigger("gcp-pubsub", "{ value: \"3\", subscriptionSize: \"9\" }"), ["gcp-pubsub: value 3"]);
    assert_eq!(trigger("kafka", "{}"), ["kafka: lagThreshold nothing"]);
    // KEDA refuses this one without a number, so there is no default to speak of.
    assert_eq!(trigger("rabbitmq", "{ queueName: jobs }"), ["rabbitmq: none nothing"]);
    assert!(trigger("prometheus", "{ query: up }").is_empty());
}

#[test]
fn clocks_and_idle_times_of_keda() {
    let object = scaled_object(
        "  pollingInterval: 5\n  cooldownPeriod: 40\n  minReplicaCount: 2\n  idleReplicaCount: 0\n  triggers: [{ type: cpu, metadata: { value: \"60\" } }]\n",
    );
    let model = manifests(&[WEB, &object]);
    let scaler = model.architecture.scaler_of(model.workload("web")).expect("one rule");
    let numbers = [&scaler.polling, &scaler.cooldown, &scaler.idle].map(spell);
    assert_eq!(numbers, ["5", "40", "0"]);
    assert!(scaler.reaches_zero() && scaler.sees_only_itself());
    let formula = scaled_object(
        "  advanced: { scalingModifiers: { formula: a + 1 } }\n  triggers: [{ type: cpu, metadata: { value: \"60\" } }]\n",
    );
    let model = manifests(&[WEB, &formula]);
    let scaler = model.architecture.scaler_of(model.workload("web")).expect("one rule");
    assert!(scaler.metrics.is_empty() && !scaler.sees_only_itself(), "a formula may make anything of it");
}

#[test]
fn what_a_rule_scales_is_there_or_not() {
    let hpa = |kind: &str, name: &str| {
        format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{ name: h }}\nspec:\n  scaleTargetRef: {{ kind: {kind}, name: {name} }}\n  maxReplicas: 4\n"
        )
    };
    let presence = |files: &[(&str, &str)]| {
        let model = model(files);
        model.architecture.scalers().next().map(|scaler| scaler.presence)
    };
    let (there, misspelt, other) = (hpa("Deployment", "web"), hpa("Deployment", "wbe"), hpa("Runner", "wbe"));
    assert_eq!(presence(&[("a/web.yaml", WEB), ("a/hpa.yaml", &there)]), Some(Presence::Perhaps));
    assert_eq!(presence(&[("a/web.yaml", WEB), ("a/hpa.yaml", &misspelt)]), Some(Presence::NotInUnit));
    assert_eq!(presence(&[("a/all.yaml", &format!("{WEB}---\n{misspelt}"))]), Some(Presence::NotInFile));
    assert_eq!(presence(&[("a/hpa.yaml", &misspelt)]), Some(Presence::Perhaps), "nothing is declared beside it");
    assert_eq!(presence(&[("a/web.yaml", WEB), ("a/hpa.yaml", &other)]), Some(Presence::Perhaps), "of another kind");
    let built = "resources: [web.yaml, hpa.yaml]\n";
    let files = [("a/kustomization.yaml", built), ("a/web.yaml", WEB), ("a/hpa.yaml", &misspelt)];
    assert_eq!(presence(&files), Some(Presence::Perhaps), "a kustomization may be completed");
}

#[test]
fn what_a_vertical_autoscaler_sets() {
    let vpa = |rest: &str| {
        let object = format!(
            "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {{ name: v }}\nspec:\n  targetRef: {{ kind: Deployment, name: web }}\n{rest}"
        );
        let model = manifests(&[WEB, &object]);
        let web = model.workload("web");
        let found = model.architecture.vertical_scalers_of(web).next().expect("one");
        format!("{:?} {}", found.acts.known(), found.resources.join(" "))
    };
    assert_eq!(vpa(""), "Some(true) cpu memory");
    assert_eq!(vpa("  updatePolicy: { updateMode: Initial }\n"), "Some(false) cpu memory");
    assert_eq!(vpa("  updatePolicy: { updateMode: InPlaceOrRecreate }\n"), "Some(true) cpu memory");
    let policy = |text: &str| vpa(&format!("  resourcePolicy: {{ containerPolicies: [{text}] }}\n"));
    assert_eq!(policy("{ containerName: web, controlledResources: [cpu] }"), "Some(true) cpu");
    assert_eq!(policy("{ containerName: log, mode: \"Off\" }"), "Some(true) ");
}

#[test]
fn bounds_that_are_the_workloads_own() {
    let files = "resource \"google_cloud_run_v2_service\" \"api\" {
  name = \"api\"
  template {
    scaling { max_instance_count = 3 }
    containers { image = \"api\" }
  }
}
resource \"azurerm_container_app\" \"jobs\" {
  name = \"jobs\"
  template {
    min_replicas = 1
    max_replicas = 9
    custom_scale_rule {
      name             = \"bus\"
      custom_rule_type = \"azure-servicebus\"
    }
    http_scale_rule {
      name                = \"web\"
      concurrent_requests = \"10\"
    }
    container { name = \"jobs\" }
  }
}
resource \"gcore_inference_deployment\" \"model\" {
  name = \"model\"
  containers {
    region_id = 1
    scale_min = 1
    scale_max = 2
    triggers_http_rate = 5
  }
  containers {
    region_id = 2
    scale_min = 0
    scale_max = 4
    triggers_sqs_queue_url = \"https://sqs.eu-west-1.amazonaws.com/111122223333/a\"
  }
}
";
    let model = model(&[("main.tf", files)]);
    let spelled = |label: &str| {
        let scalers = model.architecture.scalers_of(model.workload(label));
        let spelled = scalers.map(|scaler| {
            let queues = scaler.metrics.iter().filter(|one| matches!(one.kind, MetricKind::Queue(_))).count();
            format!("{:?} {:?} {}/{}", scaler.kind, scaler.bounds(), queues, scaler.metrics.len())
        });
        spelled.collect::<Vec<_>>()
    };
    assert_eq!(spelled("api"), ["CloudRun Some((0, 3)) 0/0"]);
    assert_eq!(spelled("jobs"), ["ContainerApps Some((1, 9)) 1/2"]);
    assert_eq!(spelled("model"), ["GcoreInference Some((1, 2)) 0/1", "GcoreInference Some((0, 4)) 1/1"]);
}

#[test]
fn bounds_that_a_schedule_changes() {
    let target = |rest: &str, more: &str| {
        let text = format!(
            "resource \"aws_appautoscaling_target\" \"web\" {{
  service_namespace  = \"ecs\"
  scalable_dimension = \"ecs:service:DesiredCount\"
  resource_id        = \"service/shop/web\"
  min_capacity       = 2
  max_capacity       = 2
{rest}}}
{more}"
        );
        let model = model(&[("main.tf", &text)]);
        model.architecture.scalers().map(|scaler| (scaler.kind, scaler.is_adjusted)).next()
    };
    let action = |resource: &str| {
        format!("resource \"aws_appautoscaling_scheduled_action\" \"night\" {{\n  resource_id = {resource}\n}}\n")
    };
    assert_eq!(target("", ""), Some((ScalerKind::AppAutoscaling, false)));
    assert_eq!(target("", &action("\"service/shop/web\"")), Some((ScalerKind::AppAutoscaling, true)));
    assert_eq!(target("", &action("\"service/shop/api\"")), Some((ScalerKind::AppAutoscaling, false)));
    let by_reference = action("aws_appautoscaling_target.web.resource_id");
    assert_eq!(target("", &by_reference), Some((ScalerKind::AppAutoscaling, true)));
    let ignored = "  lifecycle {\n    ignore_changes = [max_capacity]\n  }\n";
    assert_eq!(target(ignored, ""), Some((ScalerKind::AppAutoscaling, true)));
    let template = "AWSTemplateFormatVersion: \"2010-09-09\"
Resources:
  Scaling:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ScalableDimension: ecs:service:DesiredCount
      ResourceId: service/shop/web
      MinCapacity: 2
      MaxCapacity: 2
      ScheduledActions: [{ ScheduledActionName: night, Schedule: cron(0 20 * * ? *) }]
";
    let model = model(&[("template.yaml", template)]);
    assert!(model.architecture.scalers().all(|scaler| scaler.is_adjusted));
}

/// The pools of a configuration: how many nodes, of how many CPUs, and whether they grow.
fn pools(text: &str) -> Vec<String> {
    let model = model(&[("main.tf", text)]);
    let spelled = model.architecture.node_pools().map(|pool| {
        let cluster = model.architecture.cluster(&pool.cluster).map_or("none", |cluster| &cluster.identity.label);
        let grows = pool.autoscales.known();
        format!("{cluster}: {} x {:?}, grows {grows:?}", spell(&pool.most), pool.cpus())
    });
    spelled.collect()
}

#[test]
fn nodes_of_google_cloud() {
    let cluster = |rest: &str| format!("resource \"google_container_cluster\" \"c\" {{\n  name = \"c\"\n{rest}}}\n");
    let zone = "  location = \"europe-west1-b\"\n  initial_node_count = 2\n";
    assert_eq!(pools(&cluster(zone)), ["c: 2 x Some(2), grows Some(false)"]);
    let region = "  location = \"europe-west1\"\n  initial_node_count = 2\n";
    assert_eq!(pools(&cluster(region)), ["c: 6 x Some(2), grows Some(false)"]);
    let named = "  location = \"europe-west1\"\n  node_locations = [\"a\", \"b\"]\n  initial_node_count = 2\n";
    assert_eq!(pools(&cluster(named)), ["c: 4 x Some(2), grows Some(false)"]);
    let removed = cluster("  location = \"europe-west1\"\n  remove_default_node_pool = true\n");
    let pool = |rest: &str| {
        let head = "resource \"google_container_node_pool\" \"p\" {\n  cluster = google_container_cluster.c.id\n";
        pools(&format!("{removed}{head}{rest}}}\n"))
    };
    let total = "  autoscaling { total_max_node_count = 5 }\n  node_config { machine_type = \"n2-highmem-8\" }\n";
    assert_eq!(pool(total), ["c: 5 x Some(8), grows Some(true)"]);
    assert_eq!(pool("  autoscaling { max_node_count = 5 }\n"), ["c: 15 x Some(2), grows Some(true)"]);
    assert_eq!(pool("  node_count = 1\n  node_config { machine_type = var.m }\n"), ["c: 3 x None, grows Some(false)"]);
}

#[test]
fn nodes_of_azure_aws_and_gcore() {
    let aks = |rest: &str| {
        pools(&format!(
            "resource \"azurerm_kubernetes_cluster\" \"c\" {{\n  name = \"c\"\n  default_node_pool {{\n    name = \"d\"\n    vm_size = \"Standard_E8s_v5\"\n{rest}  }}\n}}\n"
        ))
    };
    assert_eq!(aks("    node_count = 3\n"), ["c: 3 x Some(8), grows Some(false)"]);
    let older = "    enable_auto_scaling = true\n    max_count = 5\n    node_count = 3\n";
    assert_eq!(aks(older), ["c: 5 x Some(8), grows Some(true)"]);
    let eks = |rest: &str| {
        pools(&format!(
            "resource \"aws_eks_cluster\" \"c\" {{\n  name = \"c\"\n}}\nresource \"aws_eks_node_group\" \"g\" {{\n  cluster_name = aws_eks_cluster.c.name\n{rest}}}\n"
        ))
    };
    let scaling = "  scaling_config {\n    min_size = 2\n    max_size = 2\n  }\n";
    assert_eq!(eks(scaling), ["c: 2 x Some(2), grows Some(false)"], "a t3.medium, unless something else is said");
    let template = format!("{scaling}  launch_template {{\n    id = \"lt-1\"\n    version = 1\n  }}\n");
    assert_eq!(eks(&template), ["c: 2 x None, grows Some(false)"], "the template has a type");
    let gcore = "resource \"gcore_k8sv2\" \"c\" {\n  name = \"c\"\n  pool {\n    flavor_id = \"g1-standard-4-8\"\n    min_node_count = 3\n  }\n}\n";
    assert_eq!(pools(gcore), ["c: 3 x Some(4), grows Some(false)"]);
}

/// Whether the service of a template is reached from outside, and keeps its clients.
fn balanced(files: &[(&str, &str)], label: &str) -> String {
    let model = model(files);
    let http = model.http(label);
    format!(
        "public {:?}, sticky {:?}",
        http.is_public.known(),
        http.is_sticky.as_ref().and_then(|sticky| sticky.known())
    )
}

#[test]
fn what_load_balancers_lead_to_in_terraform() {
    let text = |balancer: &str, listener: &str, group: &str| {
        format!(
            "resource \"aws_alb\" \"b\" {{\n{balancer}}}
resource \"aws_alb_target_group\" \"g\" {{\n{group}}}
resource \"aws_alb_listener\" \"l\" {{
  load_balancer_arn = aws_alb.b.arn
  default_action {{
    type = \"fixed-response\"
  }}
}}
{listener}
resource \"aws_ecs_service\" \"web\" {{
  name = \"web\"
  load_balancer {{
    target_group_arn = aws_alb_target_group.g.arn
    container_name   = \"web\"
    container_port   = 80
  }}
}}
"
        )
    };
    let rule = "resource \"aws_alb_listener_rule\" \"r\" {
  listener_arn = aws_alb_listener.l.arn
  action {
    type = \"forward\"
    forward {
      target_group { arn = aws_alb_target_group.g.arn }
    }
  }
}
";
    let found =
        |balancer: &str, listener: &str, group: &str| balanced(&[("main.tf", &text(balancer, listener, group))], "web");
    assert_eq!(found("", rule, ""), "public Some(true), sticky Some(false)");
    assert_eq!(found("  internal = true\n", rule, ""), "public Some(false), sticky Some(false)");
    assert_eq!(found("  internal = var.inside\n", rule, ""), "public None, sticky Some(false)");
    assert_eq!(found("", "", ""), "public None, sticky Some(false)", "no listener is seen that leads to it");
    let block = "  stickiness {\n    type = \"lb_cookie\"\n  }\n";
    assert_eq!(found("", rule, block), "public Some(true), sticky Some(true)", "a block means it");
    let off = "  stickiness {\n    type    = \"lb_cookie\"\n    enabled = false\n  }\n";
    assert_eq!(found("", rule, off), "public Some(true), sticky Some(false)");
}

#[test]
fn what_load_balancers_lead_to_by_the_registrys_module() {
    let text = "resource \"aws_lb\" \"b\" {}
resource \"aws_lb_target_group\" \"g\" {}
resource \"aws_lb_listener\" \"l\" {
  load_balancer_arn = aws_lb.b.arn
  default_action {
    type             = \"forward\"
    target_group_arn = aws_lb_target_group.g.arn
  }
}
module \"web\" {
  source = \"terraform-aws-modules/ecs/aws//modules/service\"
  name   = \"web\"
  load_balancer = {
    service = {
      target_group_arn = aws_lb_target_group.g.arn
      container_name   = \"web\"
      container_port   = 80
    }
  }
}
";
    assert_eq!(balanced(&[("main.tf", text)], "web"), "public Some(true), sticky Some(false)");
}

#[test]
fn something_that_makes_nodes_is_known_wherever_it_is() {
    let manifest = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: { name: a }\nspec: {}\n";
    assert!(model(&[("nodes.yaml", manifest)]).architecture.makes_nodes);
    let other = "apiVersion: example.com/v1\nkind: NodePool\nmetadata: { name: a }\nspec: {}\n";
    assert!(!model(&[("nodes.yaml", other)]).architecture.makes_nodes);
    let makes = |rest: &str| {
        let text = format!("resource \"aws_eks_cluster\" \"c\" {{\n  name = \"c\"\n}}\n{rest}");
        let model = model(&[("main.tf", &text)]);
        model.architecture.clusters().any(|(_, cluster)| cluster.makes_nodes)
    };
    assert!(!makes(""));
    assert!(makes(
        "resource \"kubectl_manifest\" \"p\" {\n  yaml_body = \"apiVersion: karpenter.sh/v1\\nkind: NodePool\"\n}\n"
    ));
    assert!(makes("resource \"aws_eks_node_group\" \"g\" {\n  tags = { \"karpenter.sh/discovery\" = \"c\" }\n}\n"));
    assert!(makes("resource \"aws_eks_fargate_profile\" \"f\" {}\n"));
}

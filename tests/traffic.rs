//! What is known about the traffic of a workload: counted, declared in every place that a dialect has for it, and seen in
//! how it is scaled.

mod support;

use archlint::model::{Shape, Strength, Traffic};
use support::lint;
use support::model::{Model, model};

fn traffic(model: &Model, label: &str) -> Option<Traffic> {
    model.architecture.traffic(model.workload(label))
}

/// What `-v` says that is wrong with declarations.
fn mistakes(files: &[(&str, &str)]) -> Vec<String> {
    let model = model(files);
    let open = model.architecture.unresolved();
    let declared = open.iter().filter(|one| one.name.contains("declar"));
    declared.map(|one| format!("{} of {}: {}", one.name, one.owner, one.why)).collect()
}

const SERVERLESS: &str = "service: s\nprovider: { name: aws }\n";
const POD: &str = "spec: { containers: [{ name: a, image: b }] }\n";

/// A workload `f` in every dialect, with every place for declarations. `KEY` stands for what a key begins with, and
/// every declaration is `traffic`, `rps` and `p95-ms`.
fn places() -> Vec<(&'static str, &'static str, String)> {
    let dotted = "\"archlint.dev/traffic\": TRAFFIC, \"archlint.dev/rps\": \"0.2\", \"archlint.dev/p95-ms\": \"800\"";
    let bare = "traffic: TRAFFIC, rps: 0.2, p95-ms: 800";
    let comment = "# archlint: traffic=TRAFFIC, rps=0.2 p95-ms=800\n";
    let hcl =
        "{ \"archlint.dev/traffic\" = \"TRAFFIC\", \"archlint.dev/rps\" = \"0.2\", \"archlint.dev/p95-ms\" = 800 }";
    let cfn = "Resources:\n  f:\n    Type: AWS::Lambda::Function\n";
    let lambda = "resource \"aws_lambda_function\" \"f\" {";
    let run = "resource \"google_cloud_run_v2_service\" \"f\" {";
    let first = "resource \"google_cloud_run_service\" \"f\" {";
    let ecs = "resource \"aws_ecs_service\" \"f\" {";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: f";
    let knative = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: f";
    let cluster = "resource \"kubernetes_deployment\" \"f\" {\n  metadata {\n    name = \"f\"\n";
    let template = "  spec {\n    template {\n      metadata {}\n      spec {\n        container {\n          name = \"a\"\n          image = \"b\"\n        }\n      }\n    }\n  }\n}\n";
    vec![
        (
            "serverless tags",
            "serverless.yml",
            format!("{SERVERLESS}functions:\n  f: {{ handler: a.b, tags: {{ {dotted} }} }}\n"),
        ),
        (
            "serverless provider tags",
            "serverless.yml",
            format!(
                "service: s\nprovider: {{ name: aws, tags: {{ {dotted} }} }}\nfunctions:\n  f: {{ handler: a.b }}\n"
            ),
        ),
        (
            "serverless comment",
            "serverless.yml",
            format!("{SERVERLESS}functions:\n  {comment}  f: {{ handler: a.b }}\n"),
        ),
        (
            "serverless custom",
            "serverless.yml",
            format!("{SERVERLESS}custom:\n  archlint:\n    f: {{ {bare} }}\nfunctions:\n  f: {{ handler: a.b }}\n"),
        ),
        ("template metadata", "template.yaml", format!("{cfn}    Metadata: {{ archlint: {{ {bare} }} }}\n")),
        (
            "template tags",
            "template.yaml",
            format!(
                "{cfn}    Properties:\n      Tags:\n        - {{ Key: archlint.dev/traffic, Value: TRAFFIC }}\n        - {{ Key: archlint.dev/rps, Value: \"0.2\" }}\n        - {{ Key: archlint.dev/p95-ms, Value: \"800\" }}\n"
            ),
        ),
        (
            "SAM tags",
            "template.yaml",
            format!(
                "Transform: AWS::Serverless-2016-10-31\nResources:\n  f:\n    Type: AWS::Serverless::Function\n    Properties:\n      Tags: {{ {dotted} }}\n"
            ),
        ),
        (
            "template comment",
            "template.yaml",
            format!("Resources:\n  {comment}  f:\n    Type: AWS::Lambda::Function\n"),
        ),
        (
            "template of a service",
            "template.yaml",
            format!("Resources:\n  f:\n    Type: AWS::ECS::Service\n    Metadata: {{ archlint: {{ {bare} }} }}\n"),
        ),
        ("pod labels", "pod.yaml", format!("{pod}\n  labels: {{ {dotted} }}\n{POD}")),
        ("pod annotations", "pod.yaml", format!("{pod}\n  annotations: {{ {dotted} }}\n{POD}")),
        ("pod comment", "pod.yaml", format!("apiVersion: v1\nkind: Pod\nmetadata:\n  {comment}  name: f\n{POD}")),
        (
            "knative annotations",
            "service.yaml",
            format!("{knative}\n  annotations: {{ {dotted} }}\nspec:\n  template:\n    {POD}"),
        ),
        (
            "knative template",
            "service.yaml",
            format!("{knative}\nspec:\n  template:\n    metadata:\n      annotations: {{ {dotted} }}\n    {POD}"),
        ),
        ("lambda tags", "main.tf", format!("{lambda}\n  tags = {hcl}\n}}\n")),
        ("lambda comment", "main.tf", format!("{comment}{lambda}\n}}\n")),
        ("ECS tags", "main.tf", format!("{ecs}\n  tags = {hcl}\n}}\n")),
        (
            "module tags",
            "main.tf",
            format!("module \"f\" {{\n  source = \"terraform-aws-modules/lambda/aws\"\n  tags = {hcl}\n}}\n"),
        ),
        (
            "module of a service",
            "main.tf",
            format!(
                "module \"f\" {{\n  source = \"terraform-aws-modules/ecs/aws//modules/service\"\n  tags = {hcl}\n}}\n"
            ),
        ),
        ("Cloud Run annotations", "main.tf", format!("{run}\n  annotations = {hcl}\n}}\n")),
        (
            "Cloud Run labels",
            "main.tf",
            format!(
                "{run}\n  labels = {{ archlint_traffic = \"TRAFFIC\", archlint_rps = \"0.2\", archlint_p95_ms = \"800\" }}\n}}\n"
            ),
        ),
        ("Cloud Run comment", "main.tf", format!("{comment}{run}\n}}\n")),
        (
            "Cloud Run of the first version",
            "main.tf",
            format!("{first}\n  template {{\n    metadata {{\n      annotations = {hcl}\n    }}\n  }}\n}}\n"),
        ),
        ("the same, on the service", "main.tf", format!("{first}\n  metadata {{\n    annotations = {hcl}\n  }}\n}}\n")),
        ("kubernetes in terraform", "main.tf", format!("{cluster}    annotations = {hcl}\n  }}\n{template}")),
        ("the same with a comment", "main.tf", format!("{comment}{cluster}  }}\n{template}")),
    ]
}

#[test]
fn every_place_for_a_declaration_is_read() {
    for (place, path, text) in places() {
        let text = text.replace("TRAFFIC", "sporadic");
        let model = model(&[(path, &text)]);
        let declared = &model.workload("f").declared;
        assert_eq!(declared.shape().map(|(shape, _)| shape), Some(Shape::Sporadic), "{place}\n{text}");
        assert_eq!(declared.requests_per_second().map(|(rate, _)| rate), Some(0.2), "{place}\n{text}");
        assert_eq!(declared.seconds().map(|(seconds, _)| seconds), Some(0.8), "{place}\n{text}");
        let traffic = traffic(&model, "f").expect(place);
        assert_eq!(traffic.strength, Strength::Declared, "{place}");
        assert_eq!(traffic.runs.map(|(least, most)| (least.round(), most.round())), Some((525_600.0, 525_600.0)));
        assert_eq!(traffic.evidence.len(), 3, "{place}");
    }
}

#[test]
fn a_value_that_means_nothing_is_told_wherever_it_stands() {
    for (place, path, text) in places() {
        let text = text.replace("TRAFFIC", "sporadc");
        let told = mistakes(&[(path, &text)]);
        let expected = "the declared traffic of `f`: `sporadc` is none of sporadic, steady, spiky, scheduled";
        assert_eq!(told, [expected], "{place}\n{text}");
    }
}

#[test]
fn what_is_wrong_with_declarations() {
    let told = |declarations: &str| {
        mistakes(&[("main.tf", &format!("# archlint: {declarations}\nresource \"aws_lambda_function\" \"f\" {{}}\n"))])
    };
    assert_eq!(told("rps=0.5, duration=20m, latency=background, trust=untrusted"), [""; 0]);
    assert_eq!(told("rps=-1"), ["the declared rps of `f`: `-1` is no number above 0"]);
    assert_eq!(told("p95-ms=fast"), ["the declared p95-ms of `f`: `fast` is no number above 0"]);
    assert_eq!(told("duration=20"), ["the declared duration of `f`: `20` is no duration such as 90s or 20m"]);
    assert_eq!(told("latency=low"), ["the declared latency of `f`: `low` is neither user-facing nor background"]);
    assert_eq!(told("trust=some"), ["the declared trust of `f`: `some` is neither trusted nor untrusted"]);
    assert_eq!(
        told("trafic=steady"),
        ["a declaration of `f`: `trafic` is none of traffic, rps, p95-ms, latency, duration, trust"]
    );
    assert_eq!(told("allow(long-job-on-function) limit=29"), [""; 0], "an allow declares nothing");
}

#[test]
fn clocks_are_counted() {
    let text = "service: s\nprovider: { name: aws }\nfunctions:\n  f:\n    handler: a.b\n    timeout: 60\n    events:\n      \
                - schedule: rate(5 minutes)\n      - schedule: cron(0 2 * * ? *)\n";
    let both = model(&[("serverless.yml", text)]);
    let counted = traffic(&both, "f").expect("clocks are all that calls it");
    assert_eq!((counted.strength, counted.shape), (Strength::Exact, Some(Shape::Scheduled)));
    let (least, _) = counted.runs.expect("both are known");
    assert!((least - 8760.0 - 30.4375).abs() < 0.01, "{least}");
    let busy = counted.busy.expect("the timeout is known");
    assert!((busy - 0.2007).abs() < 0.001, "{busy}");
    // Something else calls it, or the clock may be stopped.
    for more in ["      - sns: news\n", "      - schedule: { rate: rate(1 day), enabled: \"${env:ON}\" }\n"] {
        let text = format!("{text}{more}");
        assert!(traffic(&model(&[("serverless.yml", &text)]), "f").is_none(), "{more}");
    }
}

#[test]
fn bounds_say_what_an_owner_believes_and_no_more() {
    let believed = |min: u64, max: u64| {
        let scaler = format!(
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{ name: web }}\nspec:\n  \
             scaleTargetRef: {{ name: web }}\n  minReplicaCount: {min}\n  maxReplicaCount: {max}\n  \
             triggers: [{{ type: cpu, metadata: {{ value: \"70\" }} }}]\n"
        );
        let model = model(&[("web.yaml", support::model::WEB), ("scaler.yaml", &scaler)]);
        traffic(&model, "web").map(|traffic| {
            assert_eq!(traffic.strength, Strength::Structural);
            assert!(traffic.runs.is_none() && traffic.busy.is_none() && !traffic.evidence.is_empty());
            traffic.shape
        })
    };
    assert_eq!(believed(0, 3), Some(Some(Shape::Sporadic)));
    assert_eq!(believed(3, 3), Some(Some(Shape::Steady)));
    assert_eq!(believed(2, 10), Some(Some(Shape::Spiky)));
    assert_eq!(believed(2, 4), None);
    assert_eq!(believed(1, 1), None);
    assert!(traffic(&model(&[("web.yaml", support::model::WEB)]), "web").is_none(), "replicas say nothing");
}

/// A service behind a Service of the cluster, and a CronJob with a command line of its own.
fn called(command: &str) -> Vec<String> {
    let text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: digest }}\nspec:\n  selector:\n    matchLabels: {{ app: digest }}\n  \
         template:\n    metadata:\n      labels: {{ app: digest }}\n    spec:\n      containers: [{{ name: app, image: b }}]\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {{ name: digest }}\nspec: {{ selector: {{ app: digest }} }}\n---\n\
         apiVersion: batch/v1\nkind: CronJob\nmetadata: {{ name: daily }}\nspec:\n  schedule: \"0 6 * * *\"\n  concurrencyPolicy: Forbid\n  \
         jobTemplate:\n    spec:\n      activeDeadlineSeconds: 600\n      template:\n        spec:\n          \
         containers: [{{ name: call, {command} }}]\n"
    );
    let report = lint(&[("digest.yaml", &text)]);
    report.findings.iter().map(|finding| finding.lint.to_string()).collect()
}

#[test]
fn what_only_calls_a_service_is_its_clock() {
    let found = ["always-on-for-scheduled-work"];
    for command in [
        "image: curlimages/curl, args: [-fsS, \"http://digest/run\"]",
        "image: registry.example/curlimages/curl:8, args: [\"http://digest.default.svc.cluster.local:8080/run\"]",
        "image: alpine, command: [/usr/bin/curl, -m, \"30\", \"http://digest/run\"]",
        "image: busybox, command: [wget, -qO-, \"http://digest.default/run\"]",
        "image: alpine, command: [sh, -c, \"echo start && curl -f http://digest/run || exit 1\"]",
    ] {
        assert_eq!(called(command), found, "{command}");
    }
    for command in [
        "image: app, command: [/app/run, \"http://digest/run\"]",
        "image: app, args: [\"http://digest/run\"]",
        "image: alpine, command: [curl, \"http://other/run\"]",
        "image: alpine, command: [curl, \"http://digest.shop/run\"]",
        "image: alpine, command: [curl, \"http://digest.example.org/run\"]",
        "image: alpine, command: [curl, \"http://digest/run\", \"http://digest/again\"]",
        "image: alpine, command: [sh, -c, \"curl http://digest/run && ./report\"]",
        "image: alpine, command: [sh, -c, \"curl http://digest/run | ./report\"]",
        "image: alpine, command: [sh, -c, \"curl http://$HOST/run\"]",
    ] {
        assert_eq!(called(command), [""; 0], "{command}");
    }
}

#[test]
fn a_clock_that_sends_messages_is_the_clock_of_those_who_hear_them() {
    let text = r#"
resource "google_cloud_scheduler_job" "nightly" {
  schedule = "0 2 * * *"
  pubsub_target { topic_name = google_pubsub_topic.night.id }
}
resource "google_pubsub_topic" "night" { name = "night" }
resource "google_pubsub_topic" "other" { name = "other" }
resource "google_pubsub_subscription" "pushed" {
  topic = google_pubsub_topic.night.id
  push_config { push_endpoint = google_cloud_run_v2_service.pushed.uri }
}
resource "google_cloud_run_v2_service" "pushed" { name = "pushed" }
resource "google_cloudfunctions_function" "first" {
  event_trigger {
    event_type = "google.pubsub.topic.publish"
    resource   = google_pubsub_topic.night.name
  }
}
resource "google_cloudfunctions2_function" "second" {
  event_trigger {
    event_type   = "google.cloud.pubsub.topic.v1.messagePublished"
    pubsub_topic = google_pubsub_topic.night.id
  }
}
resource "google_cloudfunctions2_function" "deaf" {
  event_trigger {
    event_type   = "google.cloud.pubsub.topic.v1.messagePublished"
    pubsub_topic = google_pubsub_topic.other.id
  }
}
"#;
    let model = model(&[("main.tf", text)]);
    let clocks = |label: &str| {
        let triggers = model.triggers(label).into_iter();
        triggers.filter(|trigger| matches!(trigger.kind, archlint::model::TriggerKind::Schedule(_))).count()
    };
    assert_eq!(["pushed", "first", "second", "deaf"].map(clocks), [1, 1, 1, 0]);
    // The topic may carry other messages as well.
    assert!(["pushed", "first", "second"].iter().all(|label| traffic(&model, label).is_none()));
}

#[test]
fn a_clock_that_starts_a_job_is_all_that_starts_it() {
    for uri in [
        "https://europe-west1-run.googleapis.com/apis/run.googleapis.com/v1/namespaces/p/jobs/${google_cloud_run_v2_job.export.name}:run",
        "https://run.googleapis.com/v2/${google_cloud_run_v2_job.export.id}:run",
        "https://europe-west1-run.googleapis.com/apis/run.googleapis.com/v1/namespaces/p/jobs/nightly-export:run",
    ] {
        let text = format!(
            "resource \"google_cloud_run_v2_job\" \"export\" {{\n  name = \"nightly-export\"\n}}\n\
             resource \"google_cloud_scheduler_job\" \"nightly\" {{\n  schedule = \"0 2 * * *\"\n  http_target {{\n    uri = \"{uri}\"\n  }}\n}}\n"
        );
        let model = model(&[("main.tf", &text)]);
        let counted = traffic(&model, "export").unwrap_or_else(|| panic!("{uri}"));
        assert_eq!((counted.strength, counted.shape), (Strength::Exact, Some(Shape::Scheduled)), "{uri}");
    }
}

//! Kubernetes: which files make one unit, and what kustomizations do to their objects.

mod support;

use archlint::engine::{Input, Options, run};
use std::path::PathBuf;
use support::model::{Model, model, spell};

const BASE: &str = "resources: [web.yaml, scaler.yaml]\n";
const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: registry.example/web:1
        - name: log
          image: registry.example/log:1
";
const SCALER: &str = "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { kind: Deployment, name: web }
  maxReplicas: 4
";

/// A base, and one overlay with further keys and files.
fn overlaid(overlay: &str, files: &[(&str, &str)]) -> Model {
    let overlay = format!("resources: [../base]\n{overlay}");
    let mut all = vec![("base/kustomization.yaml", BASE), ("base/web.yaml", WEB), ("base/scaler.yaml", SCALER)];
    all.push(("live/kustomization.yaml", &overlay));
    all.extend(files);
    model(&all)
}

fn cpu(model: &Model, container: usize) -> String {
    spell(&model.workload("web").containers[container].cpu_request)
}

fn is_scaled(model: &Model) -> bool {
    model.architecture.scaler_of(model.workload("web")).is_some()
}

#[test]
fn files_of_one_directory_belong_together_and_siblings_do_not() {
    let together = model(&[("a/web.yaml", WEB), ("a/scaler.yaml", SCALER)]);
    assert!(is_scaled(&together));
    let apart = model(&[("a/web.yaml", WEB), ("b/scaler.yaml", SCALER)]);
    assert!(!is_scaled(&apart));
    let below = model(&[("a/web.yaml", WEB), ("a/b/scaler.yaml", SCALER)]);
    assert!(!is_scaled(&below));
}

#[test]
fn files_that_cannot_be_applied_at_once_stay_apart() {
    let files = [("a/one.yaml", WEB), ("a/two.yaml", WEB), ("a/scaler.yaml", SCALER)];
    let model = model(&files);
    assert_eq!(model.architecture.workloads().count(), 2);
    assert!(model.architecture.scalers().all(|scaler| scaler.target.target.is_none()));
}

#[test]
fn a_name_that_stands_twice_in_a_file_leads_nowhere() {
    let model = model(&[("a.yaml", &[WEB, WEB, SCALER].join("---\n"))]);
    assert_eq!(model.architecture.workloads().count(), 2);
    assert!(model.architecture.scalers().all(|scaler| scaler.target.target.is_none()));
}

#[test]
fn a_base_is_read_once_however_many_overlays_use_it() {
    let overlay = "resources: [../base]\n";
    let files = [
        ("base/kustomization.yaml", BASE),
        ("base/web.yaml", WEB),
        ("base/scaler.yaml", SCALER),
        ("live/kustomization.yaml", overlay),
        ("test/kustomization.yml", overlay),
    ];
    let model = model(&files);
    assert_eq!(spell(&model.workload("web").replicas), "2");
    assert!(is_scaled(&model));
    let texts = files.iter().map(|(path, text)| (PathBuf::from(path), text.to_string())).collect();
    let report = run(Input::Texts(texts), &Options::default());
    let found: Vec<&str> = report.findings.iter().map(|finding| finding.lint).collect();
    assert_eq!(found.iter().filter(|lint| **lint == "replicas-fight-autoscaler").count(), 1, "{found:?}");
    // A finding for each of the two containers.
    assert_eq!(found.iter().filter(|lint| **lint == "autoscaler-without-requests").count(), 2, "{found:?}");
}

#[test]
fn an_overlay_adds_to_its_base() {
    let files = [
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", WEB),
        ("live/kustomization.yaml", "bases: [../base]\nresources: [extra/scaler.yaml]\n"),
        ("live/extra/scaler.yaml", SCALER),
    ];
    assert!(is_scaled(&model(&files)));
}

#[test]
fn a_namespace_of_a_kustomization_moves_everything() {
    let scaler = SCALER.replace("{ name: web }", "{ name: web, namespace: shop }");
    let files = |namespace: &'static str| [("kustomization.yaml", namespace), ("web.yaml", WEB)];
    let read = |text: &'static str| {
        let mut all = files(text).to_vec();
        all.push(("scaler.yaml", &scaler));
        model(&all)
    };
    assert!(!is_scaled(&read("resources: [web.yaml, scaler.yaml]\n")));
    let moved = read("resources: [web.yaml, scaler.yaml]\nnamespace: live\n");
    assert!(is_scaled(&moved));
    assert_eq!(moved.workload("web").namespace.as_deref(), Some("live"));
}

#[test]
fn overlays_that_go_to_different_namespaces_still_belong_to_their_base() {
    let files = [
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", WEB),
        ("live/kustomization.yaml", "resources: [../base, scaler.yaml]\nnamespace: live\n"),
        ("live/scaler.yaml", SCALER),
        ("test/kustomization.yaml", "resources: [../base]\nnamespace: test\n"),
    ];
    let model = model(&files);
    assert!(is_scaled(&model));
    // Neither of them is the only place where it runs.
    assert_eq!(model.workload("web").namespace.as_deref(), Some("default"));
}

#[test]
fn a_strategic_patch_is_no_workload_and_hides_what_it_changes() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  template:\n    spec:\n      containers: [{ name: web, resources: { requests: { cpu: 1 } } }]\n";
    for overlay in ["patches: [{ path: more.yaml }]\n", "patchesStrategicMerge: [more.yaml]\n"] {
        let model = overlaid(overlay, &[("live/more.yaml", patch)]);
        assert_eq!(model.architecture.workloads().count(), 1, "{overlay}");
        assert!(cpu(&model, 0).starts_with("unknown"), "{overlay}");
        assert_eq!(cpu(&model, 1), "nothing", "{overlay}");
        assert_eq!(spell(&model.workload("web").replicas), "2", "{overlay}");
    }
    let indented: String = patch.lines().map(|line| format!("      {line}\n")).collect();
    let model = overlaid(&format!("patches:\n  - patch: |\n{indented}"), &[]);
    assert!(cpu(&model, 0).starts_with("unknown"));
    // Another object's patch changes nothing here.
    let model = overlaid(
        "patches: [{ path: more.yaml }]\n",
        &[("live/more.yaml", &patch.replace("name: web }\ns", "name: api }\ns"))],
    );
    assert_eq!(cpu(&model, 0), "nothing");
}

#[test]
fn a_json_patch_hides_what_it_changes() {
    let patch = |path: &str, target: &str| {
        overlaid(
            &format!(
                "patches:\n  - target: {{ {target} }}\n    patch: |\n      - op: replace\n        path: {path}\n        value: 5\n"
            ),
            &[],
        )
    };
    let replicas = patch("/spec/replicas", "kind: Deployment, name: web");
    assert!(spell(&replicas.workload("web").replicas).starts_with("unknown"));
    assert_eq!(cpu(&replicas, 0), "nothing");
    let requests = patch("/spec/template/spec/containers/1/resources/requests/cpu", "kind: Deployment");
    assert_eq!(cpu(&requests, 0), "nothing");
    assert!(cpu(&requests, 1).starts_with("unknown"));
    let other = patch("/spec/replicas", "kind: StatefulSet");
    assert_eq!(spell(&other.workload("web").replicas), "2");
    let pattern = patch("/spec/replicas", "name: \"w.*\"");
    assert!(spell(&pattern.workload("web").replicas).starts_with("unknown"));
}

#[test]
fn what_a_patch_does_that_cannot_be_read_hides_its_target() {
    let overlay = |target: &str| format!("patches: [{{ path: ../missing.yaml, target: {{ {target} }} }}]\n");
    let hidden = overlaid(&overlay("kind: Deployment, name: web"), &[]);
    assert!(spell(&hidden.workload("web").replicas).starts_with("unknown"));
    let other = overlaid(&overlay("kind: Deployment, name: api"), &[]);
    assert_eq!(spell(&other.workload("web").replicas), "2");
    let replaced = overlaid("replacements: [{ targets: [{ select: { name: web } }] }]\n", &[]);
    assert!(spell(&replaced.workload("web").replicas).starts_with("unknown"));
}

#[test]
fn a_container_that_a_patch_adds_hides_them_all() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  template:\n    spec:\n      containers: [{ name: proxy, image: proxy }]\n";
    let model = overlaid("patches: [{ path: more.yaml }]\n", &[("live/more.yaml", patch)]);
    assert!(model.workload("web").containers.is_empty());
    assert!(model.workload("web").pod.as_ref().is_some_and(|pod| !pod.is_complete));
}

#[test]
fn counts_and_components_of_an_overlay() {
    let counted = overlaid("replicas: [{ name: web, count: 5 }]\n", &[]);
    assert!(spell(&counted.workload("web").replicas).starts_with("unknown"));
    let prefixed = overlaid("namePrefix: live-\nreplicas: [{ name: live-web, count: 5 }]\n", &[]);
    assert!(spell(&prefixed.workload("web").replicas).starts_with("unknown"));
    let component =
        "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nreplicas: [{ name: web, count: 5 }]\n";
    let with = overlaid("components: [../many]\n", &[("many/kustomization.yaml", component)]);
    assert!(spell(&with.workload("web").replicas).starts_with("unknown"));
    // A component that nobody uses changes nothing.
    let without = overlaid("", &[("many/kustomization.yaml", component)]);
    assert_eq!(spell(&without.workload("web").replicas), "2");
}

#[test]
fn a_patch_that_nobody_lists_is_no_workload() {
    // It has an image, but does not say which pods are its own; a kustomization stands beside it.
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers: [{ name: web, image: other }]\n";
    let beside = model(&[("kustomization.yaml", "resources: []\n"), ("patch.yaml", patch), ("scaler.yaml", SCALER)]);
    assert_eq!(beside.architecture.workloads().count(), 0);
    // Alone it is a manifest with a mistake.
    assert!(is_scaled(&model(&[("patch.yaml", patch), ("scaler.yaml", SCALER)])));
}

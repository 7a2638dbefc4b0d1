//! Kubernetes: what kustomizations make one unit of, and what they do to their objects.

mod support;

use archlint::engine::{Input, Options, run};
use std::path::PathBuf;
use support::model::{Model, SCALER, WEB, model, spell};

const BASE: &str = "resources: [web.yaml, scaler.yaml]\n";

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
fn files_of_one_directory_belong_together() {
    assert!(is_scaled(&model(&[("a/web.yaml", WEB), ("a/scaler.yaml", SCALER)])));
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
fn a_base_is_told_of_once_however_many_overlays_use_it() {
    let overlay = "resources: [../base]\n";
    let files = [
        ("base/kustomization.yaml", BASE),
        ("base/web.yaml", WEB),
        ("base/scaler.yaml", SCALER),
        ("live/kustomization.yaml", overlay),
        ("test/kustomization.yml", overlay),
    ];
    let model = model(&files);
    // One for each overlay; the base is not judged by itself.
    assert_eq!(model.architecture.workloads().count(), 2);
    assert!(model.architecture.workloads().all(|web| spell(&web.replicas) == "2"));
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
    let web = WEB.replacen("{ name: web }", "{ name: web, namespace: test }", 1);
    let read = |text| model(&[("kustomization.yaml", text), ("web.yaml", &web), ("scaler.yaml", &scaler)]);
    assert!(!is_scaled(&read("resources: [web.yaml, scaler.yaml]\n")));
    let moved = read("resources: [web.yaml, scaler.yaml]\nnamespace: live\n");
    assert!(is_scaled(&moved));
    assert_eq!(moved.workload("web").namespace.as_deref(), Some("live"));
}

#[test]
fn each_overlay_is_judged_as_it_is_built() {
    let files = [
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", WEB),
        ("live/kustomization.yaml", "resources: [../base, scaler.yaml]\nnamespace: live\n"),
        ("live/scaler.yaml", SCALER),
        ("test/kustomization.yaml", "resources: [../base]\nnamespace: test\nreplicas: [{ name: web, count: 1 }]\n"),
    ];
    let model = model(&files);
    let mut seen: Vec<_> = model
        .architecture
        .workloads()
        .map(|web| {
            let is_scaled = model.architecture.scaler_of(web).is_some();
            (web.namespace.as_deref().unwrap_or_default(), spell(&web.replicas), is_scaled)
        })
        .collect();
    seen.sort();
    assert_eq!(seen, [("live", "2".to_string(), true), ("test", "1".to_string(), false)]);
}

/// A strategic merge patch for the deployment, with a line for what it says of the pods.
const BUDGET: &str = "
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec:
  minAvailable: 100%
  selector: { matchLabels: { app: web } }
";

#[test]
fn a_finding_says_which_overlays_it_holds_for_unless_one_of_its_places_does() {
    let overlays_of = |live: &str| -> Vec<String> {
        let base = ("base/kustomization.yaml", "resources: [web.yaml, budget.yaml]\n");
        let files = [
            base,
            ("base/web.yaml", WEB),
            ("base/budget.yaml", BUDGET),
            ("live/kustomization.yaml", live),
            ("test/kustomization.yaml", "resources: [../base]\n"),
        ];
        let texts = files.iter().map(|(path, text)| (PathBuf::from(path), text.to_string())).collect();
        let report = run(Input::Texts(texts), &Options::default());
        let found = report.findings.iter().filter(|finding| finding.lint == "disruption-budget-blocks-drain");
        found.flat_map(|finding| finding.overlays.clone()).collect()
    };
    assert_eq!(overlays_of("resources: [../base]\n"), ["live", "test"]);
    // Its number of pods stands in the overlay.
    assert_eq!(overlays_of("resources: [../base]\nreplicas: [{ name: web, count: 3 }]\n"), ["test"]);
}

fn patch(pods: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: web }}\nspec:\n  template:\n    spec:\n      {pods}\n"
    )
}

#[test]
fn a_strategic_patch_is_no_workload_and_sets_what_it_says() {
    let more = patch("containers: [{ name: web, resources: { requests: { cpu: 1 } } }]");
    for overlay in ["patches: [{ path: more.yaml }]\n", "patchesStrategicMerge: [more.yaml]\n"] {
        let model = overlaid(overlay, &[("live/more.yaml", &more)]);
        assert_eq!(model.architecture.workloads().count(), 1, "{overlay}");
        assert_eq!((cpu(&model, 0), cpu(&model, 1)), ("1000".to_string(), "nothing".to_string()), "{overlay}");
        assert_eq!(spell(&model.workload("web").replicas), "2", "{overlay}");
        let written = model.workload("web").containers[0].cpu_request.origin.written_at();
        assert_eq!(model.at(written), "live/more.yaml:7 1");
    }
    let indented: String = more.lines().map(|line| format!("      {line}\n")).collect();
    let model = overlaid(&format!("patches:\n  - patch: |\n{indented}"), &[]);
    assert_eq!(cpu(&model, 0), "1000");
    // Another object's patch changes nothing here.
    let other = more.replace("name: web }\ns", "name: api }\ns");
    assert_eq!(cpu(&overlaid("patches: [{ path: more.yaml }]\n", &[("live/more.yaml", &other)]), 0), "nothing");
}

#[test]
fn what_a_strategic_patch_says_of_lists() {
    let containers = |pods: &str| {
        let model = overlaid("patches: [{ path: more.yaml }]\n", &[("live/more.yaml", &patch(pods))]);
        let containers = &model.workload("web").containers;
        containers.iter().map(|one| one.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(containers("containers: [{ name: proxy, image: proxy }]"), "proxy web log");
    assert_eq!(containers("containers: [{ name: log, $patch: delete }]"), "web");
    assert_eq!(containers("containers: [{ $patch: replace }, { name: only, image: a }]"), "only");
    // What it cannot tell it does not guess.
    assert_eq!(containers("$retainKeys: [containers]"), "");
    let gone = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n$patch: delete\n";
    let model = overlaid("patches: [{ path: more.yaml }]\n", &[("live/more.yaml", gone)]);
    assert_eq!(model.architecture.workloads().count(), 0);
    let none = patch("x: 1").replace("  template", "  replicas: null\n  template");
    let model = overlaid("patches: [{ path: more.yaml }]\n", &[("live/more.yaml", &none)]);
    assert!(!model.workload("web").replicas.is_explicit());
}

#[test]
fn a_json_patch_does_what_its_operations_say() {
    let patched = |operations: &str, target: &str| {
        overlaid(&format!("patches:\n  - target: {{ {target} }}\n    patch: |\n      {operations}\n"), &[])
    };
    let replicas = |operations: &str, target: &str| spell(&patched(operations, target).workload("web").replicas);
    let five = "[{ op: replace, path: /spec/replicas, value: 5 }]";
    assert_eq!(replicas(five, "kind: Deployment, name: web"), "5");
    assert_eq!(replicas(five, "kind: StatefulSet"), "2");
    assert_eq!(replicas(five, "name: \"w.*\""), "5");
    assert_eq!(replicas(five, "name: \"e\""), "2");
    assert_eq!(replicas(five, "labelSelector: \"app=web\""), "2");
    let moved = "[{ op: add, path: /spec/old, value: 7 }, { op: copy, from: /spec/old, path: /spec/replicas }]";
    assert_eq!(replicas(moved, "kind: Deployment"), "7");
    let requests = "[{ op: add, path: /spec/template/spec/containers/1/resources, value: { requests: { cpu: 1 } } }]";
    let model = patched(requests, "kind: Deployment");
    assert_eq!((cpu(&model, 0), cpu(&model, 1)), ("nothing".to_string(), "1000".to_string()));
    let first = "[{ op: remove, path: /spec/template/spec/containers/0 }]";
    assert_eq!(patched(first, "kind: Deployment").workload("web").containers.len(), 1);
    // One that fails makes kustomize fail: what would be there instead is not known.
    assert!(replicas("[{ op: remove, path: /spec/nothing/there }]", "kind: Deployment").starts_with("unknown"));
}

/// A JSON patch has no kind of its own: it is read because a kustomization names it.
#[test]
fn a_json_patch_in_a_file_is_read() {
    let files = [("live/more.json", "[{ \"op\": \"replace\", \"path\": \"/spec/replicas\", \"value\": 6 }]")];
    for overlay in [
        "patches: [{ path: more.json, target: { kind: Deployment } }]\n",
        "patchesJson6902: [{ path: more.json, target: { group: apps, version: v1, kind: Deployment, name: web } }]\n",
    ] {
        assert_eq!(spell(&overlaid(overlay, &files).workload("web").replicas), "6");
    }
}

#[test]
fn what_a_patch_does_that_cannot_be_read_hides_its_target() {
    let overlay = |target: &str| format!("patches: [{{ path: ../missing.yaml, target: {{ {target} }} }}]\n");
    let hidden = overlaid(&overlay("kind: Deployment, name: web"), &[]);
    assert!(spell(&hidden.workload("web").replicas).starts_with("unknown"));
    let other = overlaid(&overlay("kind: Deployment, name: api"), &[]);
    assert_eq!(spell(&other.workload("web").replicas), "2");
    // Which object the value comes from cannot be told; the fields that are set can.
    let source =
        "source: { kind: Gone }, targets: [{ select: { name: web, kind: Deployment }, fieldPaths: [spec.replicas] }]";
    let replaced = overlaid(&format!("replacements: [{{ {source} }}]\n"), &[]);
    assert!(spell(&replaced.workload("web").replicas).starts_with("unknown"));
    assert_eq!(spell(&replaced.workload("web").containers[0].image), "registry.example/web:1");
}

#[test]
fn counts_and_components_of_an_overlay() {
    let counted = overlaid("replicas: [{ name: web, count: 5 }]\n", &[]);
    assert_eq!(spell(&counted.workload("web").replicas), "5");
    assert_eq!(model_line(&counted), "live/kustomization.yaml:2 5");
    let prefixed = overlaid("namePrefix: live-\nreplicas: [{ name: live-web, count: 5 }]\n", &[]);
    assert_eq!(spell(&prefixed.workload("web").replicas), "5");
    let component =
        "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nreplicas: [{ name: web, count: 5 }]\n";
    let with = overlaid("components: [../many]\n", &[("many/kustomization.yaml", component)]);
    assert_eq!(spell(&with.workload("web").replicas), "5");
    // A component that nobody uses changes nothing.
    let without = overlaid("", &[("many/kustomization.yaml", component)]);
    assert_eq!(spell(&without.workload("web").replicas), "2");
}

fn model_line(model: &Model) -> String {
    model.at(model.workload("web").replicas.origin.written_at())
}

#[test]
fn a_prefix_changes_the_names_by_which_objects_refer_to_each_other() {
    let model = overlaid("namePrefix: live-\nnameSuffix: -1\n", &[]);
    let web = model.workload("web");
    assert_eq!(&*web.identity.address, "Deployment/default/live-web-1");
    assert!(is_scaled(&model));
}

#[test]
fn images_and_labels_of_an_overlay() {
    let images = "images: [{ name: registry.example/web, newName: other/web, newTag: \"2\" }, { name: registry.example/log, digest: \"sha256:a\" }]\n";
    let model = overlaid(images, &[]);
    let shown: Vec<_> = model.workload("web").containers.iter().map(|one| spell(&one.image)).collect();
    assert_eq!(shown, ["other/web:2", "registry.example/log@sha256:a"]);
    let service = "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 80 }] }\n";
    let served = |overlay: &str| {
        let overlay = format!("resources: [../base, service.yaml]\n{overlay}");
        let files = [
            ("base/kustomization.yaml", BASE),
            ("base/web.yaml", WEB),
            ("base/scaler.yaml", SCALER),
            ("live/kustomization.yaml", overlay.as_str()),
            ("live/service.yaml", service),
        ];
        model_of(&files)
    };
    assert_eq!(served(""), 1);
    assert_eq!(served("commonLabels: { tier: front }\n"), 1);
    assert_eq!(served("labels: [{ pairs: { tier: front }, includeSelectors: true }]\n"), 1);
    // Pods of another label than the service looks for.
    assert_eq!(served("labels: [{ pairs: { app: other }, includeTemplates: true }]\n"), 0);
}

/// How many triggers the deployment has.
fn model_of(files: &[(&str, &str)]) -> usize {
    let model = model(files);
    model.triggers("web").len()
}

fn notes(files: Vec<(String, String)>) -> Vec<String> {
    let texts = files.into_iter().map(|(path, text)| (PathBuf::from(path), text)).collect();
    let report = run(Input::Texts(texts), &Options::default());
    report.notes.iter().map(|note| format!("{}: {}", note.path.display(), note.message)).collect()
}

fn file(path: &str, text: impl Into<String>) -> (String, String) {
    (path.to_string(), text.into())
}

#[test]
fn what_is_not_there_is_said() {
    let text = "resources: [gone.yaml, ../base, \"https://example.com/base?ref=v1\"]\ncomponents: [../part]\nhelmCharts: [{ name: web }]\n";
    assert_eq!(
        notes(vec![file("live/kustomization.yaml", text)]),
        [
            "live/kustomization.yaml: `../base`, which this kustomization lists, is not among the files that were read",
            "live/kustomization.yaml: `gone.yaml`, which this kustomization lists, is not among the files that were read",
            "live/kustomization.yaml: the remote base `https://example.com/base?ref=v1` is not fetched",
            "live/kustomization.yaml: `../part`, which this kustomization lists, is not among the files that were read",
            "live/kustomization.yaml: the charts under `helmCharts` are not rendered; pipe the build: `kustomize build --enable-helm . | archlint -`",
        ]
    );
    let patched = "resources: [web.yaml]\npatches: [{ path: gone.yaml, target: { kind: Deployment } }]\n";
    let found = notes(vec![file("live/kustomization.yaml", patched), file("live/web.yaml", WEB)]);
    assert!(
        found.contains(&"live/kustomization.yaml: the number of replicas of `web`: `gone.yaml` was not found".into()),
        "{found:?}"
    );
}

/// Circles, bases without end and patches without number: an end, and a note.
#[test]
fn what_would_have_no_end_is_cut_off() {
    let circle = vec![
        file("a/kustomization.yaml", "resources: [../b, web.yaml]\n".to_string()),
        file("b/kustomization.yaml", "resources: [../a]\n".to_string()),
        file("a/web.yaml", WEB.to_string()),
    ];
    assert_eq!(notes(circle), ["a/kustomization.yaml: this kustomization builds on itself; it is read once"]);
    // Each builds on the next one twice, under two names.
    let mut doubled = vec![
        file("l20/kustomization.yaml", "resources: [web.yaml]\n".to_string()),
        file("l20/web.yaml", WEB.to_string()),
    ];
    for level in 0..20 {
        let next = level + 1;
        doubled.push(file(&format!("l{level}/kustomization.yaml"), format!("resources: [../a{next}, ../b{next}]\n")));
        for side in ["a", "b"] {
            doubled.push(file(
                &format!("{side}{next}/kustomization.yaml"),
                format!("resources: [../l{next}]\nnamePrefix: {side}\n"),
            ));
        }
    }
    assert!(notes(doubled).iter().any(|note| note.ends_with("a kustomization with more objects than archlint follows; the rest is not read")));
    let component = "kind: Component\ncomponents: [../NEXT, ../NEXT]\n";
    let mut components = vec![
        file("kustomization.yaml", "resources: [web.yaml]\ncomponents: [c0]\n".to_string()),
        file("web.yaml", WEB.to_string()),
    ];
    for level in 0..40 {
        components
            .push(file(&format!("c{level}/kustomization.yaml"), component.replace("NEXT", &format!("c{}", level + 1))));
    }
    components.push(file("c40/kustomization.yaml", "kind: Component\n".to_string()));
    assert!(
        notes(components)
            .iter()
            .any(|note| note.ends_with("kustomizations build on each other more often than archlint follows"))
    );
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

//! Fixes in kustomizations: an edit lands where the value is set, or is refused, and says whom else it changes.

mod support;

use archlint::engine::Report;
use archlint::lint::Finding;
use std::path::{Path, PathBuf};
use support::fixes::{Texts, lint_texts, try_edit};

const HEAD: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n";
const POD: &str = "  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels: { app: web }
    spec:
      containers:
        - name: web
          image: registry.example/web:2
";
const SLEEPS: &str = "          lifecycle: { preStop: { exec: { command: [sleep, \"40\"] } } }\n";
const REQUESTS: &str = "          resources: { requests: { cpu: 100m } }\n";
const SCALER: &str = "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 2
  maxReplicas: 20
";
const GRACE: &str = "killed-before-drained";
const REPLICAS: &str = "replicas-fight-autoscaler";
const DEV: (&str, &str) = ("overlays/dev/kustomization.yaml", "resources: [../../base]\n");
const PROD: &str = "overlays/prod/kustomization.yaml";

/// The Deployment of the base, with lines at the end of its container and of its pod.
fn web(container: &str, pod: &str) -> String {
    format!("{HEAD}spec:\n{POD}{container}{pod}")
}

/// A patch of the Deployment.
fn patch(body: &str) -> String {
    format!("{HEAD}spec:\n{body}")
}

/// A base with a Deployment and what else it has, and further files.
fn project(web: String, others: &[(&str, &str)], files: &[(&str, &str)]) -> Texts {
    let names: String = others.iter().map(|(name, _)| format!(", {name}")).collect();
    let mut texts = Texts::new();
    texts.insert("base/kustomization.yaml".into(), format!("resources: [web.yaml{names}]\n"));
    texts.insert("base/web.yaml".into(), web);
    texts.extend(others.iter().map(|(name, text)| (PathBuf::from("base").join(name), text.to_string())));
    texts.extend(files.iter().map(|(path, text)| (PathBuf::from(path), text.to_string())));
    texts
}

/// A text as it is written behind `|-`.
fn indented(text: &str) -> String {
    text.lines().map(|line| format!("      {line}\n")).collect()
}

fn of_lint<'r>(report: &'r Report, lint: &str) -> Vec<&'r Finding> {
    report.findings.iter().filter(|finding| finding.lint == lint).collect()
}

/// The title of the only fix of the only finding of a lint, the file that it changes, and what that is then; the fix is
/// tried.
fn mended(texts: &Texts, lint: &str) -> (String, String, String) {
    let report = lint_texts(texts);
    let findings = of_lint(&report, lint);
    let [finding] = findings.as_slice() else { panic!("{} findings", findings.len()) };
    let [fix] = finding.fixes.as_slice() else { panic!("{:?}", finding.refusals) };
    try_edit(texts, &report, finding, fix, lint_texts).unwrap();
    let changed = fix.check(&report.sources).unwrap();
    let [(source, text)] = changed.as_slice() else { panic!("{} files", changed.len()) };
    (fix.title.clone(), report.sources.get(*source).path().display().to_string(), text.clone())
}

/// Why the only fix of the only finding of a lint is refused.
fn refused(texts: &Texts, lint: &str) -> String {
    let report = lint_texts(texts);
    let findings = of_lint(&report, lint);
    let [finding] = findings.as_slice() else { panic!("{} findings", findings.len()) };
    assert!(finding.fixes.is_empty(), "{:?}", finding.fixes);
    finding.refusals[0].reason.clone()
}

fn text_of<'t>(texts: &'t Texts, path: &str) -> &'t str {
    &texts[Path::new(path)]
}

#[test]
fn a_value_of_a_patch_is_changed_in_the_patch() {
    let body = "  template:\n    spec:\n      terminationGracePeriodSeconds: 30 # short\n";
    let overlay = "resources: [../../base]\npatches:\n  - path: grace.yaml\n";
    let files = [DEV, (PROD, overlay), ("overlays/prod/grace.yaml", &patch(body))];
    let texts = project(web(SLEEPS, "      terminationGracePeriodSeconds: 120\n"), &[], &files);
    let (title, path, text) = mended(&texts, GRACE);
    assert!(!title.contains("also"), "{title}");
    assert_eq!(path, "overlays/prod/grace.yaml");
    assert_eq!(text, text_of(&texts, &path).replace("30", "70"));
}

#[test]
fn a_value_of_an_operation_is_changed_in_the_operation() {
    let operation = "- op: replace\n  path: /spec/template/spec/terminationGracePeriodSeconds\n  value: 30\n";
    let overlay = "resources: [../../base]\npatches:\n  - target: { kind: Deployment }\n    path: grace.yaml\n";
    let files = [DEV, (PROD, overlay), ("overlays/prod/grace.yaml", operation)];
    let texts = project(web(SLEEPS, "      terminationGracePeriodSeconds: 120\n"), &[], &files);
    let (_, path, text) = mended(&texts, GRACE);
    assert_eq!((&*path, &*text), ("overlays/prod/grace.yaml", &*operation.replace("30", "70")));
}

#[test]
fn a_patch_that_is_a_text_of_the_kustomization_is_left_alone() {
    let body = patch("  template:\n    spec:\n      terminationGracePeriodSeconds: 30\n");
    let operation = "- op: replace\n  path: /spec/template/spec/terminationGracePeriodSeconds\n  value: 30\n";
    let one_line = "[{ op: replace, path: /spec/template/spec/terminationGracePeriodSeconds, value: 30 }]";
    let target = "resources: [../../base]\npatches:\n  - target: { kind: Deployment }\n    patch:";
    let overlays = [
        format!("resources: [../../base]\npatches:\n  - patch: |-\n{}", indented(&body)),
        format!("{target} |-\n{}", indented(operation)),
        format!("{target} \"{one_line}\"\n"),
        format!("resources: [../../base]\npatchesStrategicMerge:\n  - |-\n{}", indented(&body)),
    ];
    for overlay in overlays {
        let web = web(SLEEPS, "      terminationGracePeriodSeconds: 120\n");
        let texts = project(web, &[], &[DEV, (PROD, &overlay)]);
        assert_eq!(refused(&texts, GRACE), "the value stands in a document that is a text of the file", "{overlay}");
    }
}

#[test]
fn what_one_overlay_lacks_goes_into_its_patch() {
    // The pod of the base has nothing to wait for; the one of the overlay sleeps, by a patch.
    let body = format!("  template:\n    spec:\n      containers:\n        - name: web\n{SLEEPS}");
    let overlay = "resources: [../../base]\npatches:\n  - path: sleep.yaml\n";
    let files = [DEV, (PROD, overlay), ("overlays/prod/sleep.yaml", &patch(&body))];
    let (title, path, text) = mended(&project(web("", ""), &[], &files), GRACE);
    assert!(!title.contains("also"), "{title}");
    assert_eq!(path, "overlays/prod/sleep.yaml");
    assert!(text.contains("    spec:\n      containers:\n"), "{text}");
    assert!(text.contains("\n      terminationGracePeriodSeconds: 70\n"), "{text}");
}

#[test]
fn what_all_overlays_lack_goes_into_the_base() {
    let files = [DEV, (PROD, DEV.1)];
    let (title, path, text) = mended(&project(web(SLEEPS, ""), &[], &files), GRACE);
    assert!(!title.contains("also"), "{title}");
    assert_eq!(path, "base/web.yaml");
    assert_eq!(text, web(SLEEPS, "      terminationGracePeriodSeconds: 70\n"));
}

#[test]
fn what_one_overlay_lacks_without_a_patch_goes_into_the_base_and_says_so() {
    // Only the overlay has a scaler, and so only there a request is missed.
    let overlay = "resources: [../../base, scaler.yaml]\n";
    let files = [DEV, (PROD, overlay), ("overlays/prod/scaler.yaml", SCALER)];
    let (title, path, text) = mended(&project(web("", ""), &[], &files), "autoscaler-without-requests");
    assert!(title.ends_with("(this also changes `web` in overlays/dev)"), "{title}");
    assert_eq!(path, "base/web.yaml");
    assert!(text.contains("cpu: 100m"), "{text}");
}

#[test]
fn an_overlay_that_sets_the_value_itself_is_not_changed_by_the_base() {
    let body = format!("  template:\n    spec:\n      containers:\n        - name: web\n{REQUESTS}");
    let overlay = "resources: [../../base]\npatches:\n  - path: requests.yaml\n";
    let files = [DEV, (PROD, overlay), ("overlays/prod/requests.yaml", &patch(&body))];
    let texts = project(web("", ""), &[("scaler.yaml", SCALER)], &files);
    let (title, path, _) = mended(&texts, "autoscaler-without-requests");
    assert!(!title.contains("also"), "{title}");
    assert_eq!(path, "base/web.yaml");
}

#[test]
fn a_component_is_changed_for_all_who_use_it() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - path: grace.yaml\n";
    let user = "resources: [../../base]\ncomponents: [../../components/quick]\n";
    // One of them does not sleep, and would not have to wait.
    let awake = format!("{user}patches:\n  - path: awake.yaml\n");
    let body = "  template:\n    spec:\n      terminationGracePeriodSeconds: 30\n";
    let wakes =
        "  template:\n    spec:\n      containers:\n        - name: web\n          lifecycle: { preStop: null }\n";
    let files = [
        ("overlays/dev/kustomization.yaml", &*awake),
        ("overlays/dev/awake.yaml", &patch(wakes)),
        (PROD, user),
        ("components/quick/kustomization.yaml", component),
        ("components/quick/grace.yaml", &patch(body)),
    ];
    let (title, path, text) = mended(&project(web(SLEEPS, ""), &[], &files), GRACE);
    assert!(title.ends_with("(this also changes `web` in overlays/dev)"), "{title}");
    assert_eq!(path, "components/quick/grace.yaml");
    assert!(text.ends_with("terminationGracePeriodSeconds: 70\n"), "{text}");
}

#[test]
fn a_number_that_the_kustomization_sets_is_not_taken_out() {
    let overlay = "resources: [../../base]\nreplicas:\n  - name: web\n    count: 3\n";
    let texts = project(web(REQUESTS, ""), &[("scaler.yaml", SCALER)], &[DEV, (PROD, overlay)]);
    assert_eq!(refused(&texts, REPLICAS), "the value is set by something that is nothing without it");
}

#[test]
fn what_a_patch_sets_goes_with_what_it_hides() {
    let base = web(REQUESTS, "").replace("spec:\n  selector", "spec:\n  replicas: 1\n  selector");
    let overlay = "resources: [../../base]\npatches:\n  - path: replicas.yaml\n";
    let files = [(PROD, overlay), ("overlays/prod/replicas.yaml", &patch("  replicas: 3\n"))];
    let texts = project(base, &[("scaler.yaml", SCALER)], &files);
    let report = lint_texts(&texts);
    let findings = of_lint(&report, REPLICAS);
    let fix = &findings[0].fixes[0];
    try_edit(&texts, &report, findings[0], fix, lint_texts).unwrap();
    let changed: Vec<_> = fix.files().into_iter().map(|file| report.sources.get(file).path()).collect();
    assert_eq!(changed.len(), 2, "{changed:?}");
}

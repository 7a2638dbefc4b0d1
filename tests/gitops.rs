//! Kubernetes: what GitOps controllers do to the objects that they apply.

mod support;

use archlint::engine::{Input, Options, run};
use archlint::lint::Level;
use std::path::PathBuf;
use support::model::{SCALER, WEB, model, spell};

/// How many autoscalers are said to be fought.
fn fights(files: &[(&str, &str)]) -> usize {
    let texts = files.iter().map(|(path, text)| (PathBuf::from(path), text.to_string())).collect();
    let report = run(Input::Texts(texts), &Options::default());
    let found = report.findings.iter().filter(|finding| finding.lint == "replicas-fight-autoscaler");
    found.filter(|finding| finding.level == Level::Warning).count()
}

/// An Application with a source and an entry of `ignoreDifferences`.
fn application(source: &str, ignored: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{ name: shop }}\nspec:\n  source: {{ repoURL: https://git.example/shop, {source} }}\n  ignoreDifferences:\n    - {ignored}\n"
    )
}

const REPLICAS: &str = "{ group: apps, kind: Deployment, jsonPointers: [/spec/replicas] }";

/// Whether an application silences what lies in `repository/apps/web`.
fn silences(text: &str) -> bool {
    fights(&[
        ("repository/argocd/shop.yaml", text),
        ("repository/apps/web/web.yaml", WEB),
        ("repository/apps/web/scaler.yaml", SCALER),
    ]) == 0
}

#[test]
fn an_application_leaves_the_replicas_of_its_path_alone() {
    assert!(silences(&application("path: apps/web", REPLICAS)));
    assert!(silences(&application("path: ./apps", REPLICAS)));
    assert!(silences(&application("path: .", REPLICAS)));
    assert!(silences(&application("path: ''", REPLICAS)));
    assert!(!silences(&application("path: argocd", REPLICAS)), "another directory of the set");
    assert!(silences(&application("path: somewhere/else", REPLICAS)), "it cannot be told what that is");
    assert!(!silences(&application("chart: web, targetRevision: 1.0.0", REPLICAS)), "a chart is not in the set");
}

#[test]
fn entries_are_about_kinds_names_and_fields() {
    let about = |entry: &str| silences(&application("path: apps/web", entry));
    assert!(about("{ group: apps, kind: Deployment, name: web, jsonPointers: [/spec/replicas] }"));
    assert!(about("{ group: '*', kind: '*', jsonPointers: [/spec/replicas] }"));
    assert!(about("{ group: apps, kind: Deployment, jqPathExpressions: [.spec.replicas] }"));
    assert!(about("{ group: apps, kind: Deployment, managedFieldsManagers: [kube-controller-manager] }"));
    assert!(about("{ group: apps, kind: Deployment, namespace: shop, jsonPointers: [/spec/replicas] }"));
    assert!(!about("{ group: apps, kind: Deployment, name: api, jsonPointers: [/spec/replicas] }"));
    assert!(!about("{ group: apps, kind: StatefulSet, jsonPointers: [/spec/replicas] }"));
    assert!(!about("{ group: apps, kind: Deployment, jsonPointers: [/spec/template] }"));
    let elsewhere = WEB.replace("metadata: { name: web }", "metadata: { name: web, namespace: test }");
    let entry = "{ group: apps, kind: Deployment, namespace: shop, jsonPointers: [/spec/replicas] }";
    let files = [
        ("argocd/shop.yaml", &*application("path: apps/web", entry)),
        ("apps/web/web.yaml", &elsewhere),
        ("apps/web/scaler.yaml", SCALER),
    ];
    assert_eq!(fights(&files), 1);
}

#[test]
fn several_sources_and_sets_of_applications() {
    let one = application("path: apps/web", REPLICAS);
    let several = one.replace(
        "source: { repoURL: https://git.example/shop, path: apps/web }",
        "sources: [{ repoURL: https://charts.example, chart: db }, { repoURL: https://git.example/shop, path: apps/web }]",
    );
    assert!(silences(&several));
    let set = |path: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{ name: shop }}\nspec:\n  template:\n    spec:\n      source: {{ path: '{path}' }}\n      ignoreDifferences: [{REPLICAS}]\n"
        )
    };
    assert!(silences(&set("apps/{{name}}")));
    assert!(silences(&set("apps/web")));
    assert!(!silences(&set("argocd")));
}

#[test]
fn settings_of_argo_cd_are_about_all_applications() {
    let settings = |key: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: argocd-cm, namespace: argocd }}\ndata:\n  resource.customizations.ignoreDifferences.{key}: |\n    jsonPointers: [/spec/replicas]\n"
        )
    };
    assert!(silences(&settings("apps_Deployment")));
    assert!(silences(&settings("all")));
    assert!(!silences(&settings("apps_StatefulSet")));
    assert!(!silences(&settings("all").replace("argocd-cm", "other")));
}

#[test]
fn an_application_of_an_overlay_is_about_what_is_built_there() {
    let files = |path: &str| {
        let app = application(&format!("path: {path}"), REPLICAS);
        fights(&[
            ("argocd/shop.yaml", &app),
            ("base/kustomization.yaml", "resources: [web.yaml, scaler.yaml]\n"),
            ("base/web.yaml", WEB),
            ("base/scaler.yaml", SCALER),
            ("live/kustomization.yaml", "resources: [../base]\n"),
        ])
    };
    assert_eq!(files("live"), 0);
    assert_eq!(files("base"), 1, "nothing applies the base by itself");
}

/// A Kustomization of Flux; `rest` are further lines of its spec.
fn flux(path: &str, rest: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{ name: apps }}\nspec:\n  sourceRef: {{ kind: GitRepository, name: shop }}\n  path: {path}\n{rest}"
    )
}

/// The replicas of `web` in `apps`, which these documents apply.
fn replicas(documents: &[String]) -> String {
    let text = documents.join("---\n");
    spell(&model(&[("clusters/live/apps.yaml", &text), ("apps/web/web.yaml", WEB)]).workload("web").replicas)
}

const MERGE: &str = "  patches:\n    - target: { kind: Deployment }\n      patch: |\n        apiVersion: apps/v1\n        kind: Deployment\n        metadata: { name: any }\n        spec: { replicas: 5 }\n";
const OPERATIONS: &str = "  patches:\n    - target: { kind: Deployment, name: web }\n      patch: |\n        - { op: remove, path: /spec/replicas }\n";
const OLD: &str = "  patchesStrategicMerge:\n    - apiVersion: apps/v1\n      kind: Deployment\n      metadata: { name: web }\n      spec: { replicas: 6 }\n";

#[test]
fn flux_patches_what_it_applies() {
    assert_eq!(replicas(&[flux("./apps", MERGE)]), "5");
    assert_eq!(replicas(&[flux("apps/web", OPERATIONS)]), "1");
    assert_eq!(replicas(&[flux("./apps", OLD)]), "6");
    assert_eq!(replicas(&[flux("./apps", &MERGE.replace("kind: Deployment }", "kind: StatefulSet }"))]), "2");
    assert_eq!(replicas(&[flux("./clusters", MERGE)]), "2", "another directory");
    assert_eq!(replicas(&[flux("./elsewhere", MERGE)]), "2", "another repository");
}

#[test]
fn what_flux_may_make_of_objects_is_not_known() {
    let is_open = |documents: &[String]| replicas(documents).starts_with("unknown:");
    assert!(is_open(&[flux("./apps", MERGE), flux("./apps/web", "")]), "applied twice");
    assert!(is_open(&[flux("./", MERGE)]));
    assert!(is_open(&[flux("./apps", "  components: [../more]\n")]));
    assert!(!is_open(&[flux("./apps", "  components: []\n")]));
}

#[test]
fn variables_of_flux_are_not_known() {
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: data }\nspec: { accessModes: [ReadWriteOnce], storageClassName: '${class}' }\n";
    let class = |flux: &str| {
        let model = model(&[("clusters/live/apps.yaml", flux), ("apps/data.yaml", claim)]);
        model
            .architecture
            .unresolved()
            .into_iter()
            .map(|open| format!("{}: {}", open.name, open.why))
            .collect::<Vec<_>>()
    };
    assert_eq!(class(&flux("./apps", "")), ["the storage class: `${class}` is only known at deployment"]);
    assert_eq!(class(&flux("./elsewhere", "")), [] as [&str; 0]);
}

#[test]
fn flux_moves_objects_to_its_namespace() {
    let text = flux("./apps", "  targetNamespace: shop\n");
    let files = [("clusters/live/apps.yaml", &*text), ("apps/web/web.yaml", WEB), ("apps/web/scaler.yaml", SCALER)];
    let model = model(&files);
    assert_eq!(model.workload("web").namespace.as_deref(), Some("shop"));
    assert!(model.architecture.scaler_of(model.workload("web")).is_some());
}

//! Kubernetes: which plain manifests make one unit.

mod support;

use support::model::{Model, model, spell};

/// A deployment under a name.
fn web(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: {name} }}\nspec:\n  selector: {{ matchLabels: {{ app: {name} }} }}\n  template:\n    metadata: {{ labels: {{ app: {name}, tier: front }} }}\n    spec:\n      containers: [{{ name: {name}, image: registry.example/{name} }}]\n      volumes: [{{ name: data, persistentVolumeClaim: {{ claimName: data }} }}]\n"
    )
}

fn scaler(name: &str, target: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{ name: {name} }}\nspec:\n  scaleTargetRef: {{ kind: Deployment, name: {target} }}\n  maxReplicas: 4\n"
    )
}

fn service(name: &str, selector: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{ name: {name} }}\nspec:\n  selector: {{ {selector} }}\n  ports: [{{ port: 80 }}]\n"
    )
}

const INGRESS: &str = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: shop }\nspec:\n  rules:\n    - http:\n        paths:\n          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }\n";
const CLAIM: &str =
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: data }\nspec: { accessModes: [ReadWriteOnce] }\n";

fn is_scaled(model: &Model, label: &str) -> bool {
    model.architecture.scaler_of(model.workload(label)).is_some()
}

#[test]
fn directories_by_kind_are_one_unit() {
    let (web, scaler, service) = (web("web"), scaler("web", "web"), service("web", "app: web"));
    let files = [
        ("k8s/deployments/web.yaml", &*web),
        ("k8s/autoscalers/web.yaml", &*scaler),
        ("k8s/services/web.yaml", &*service),
        ("k8s/ingress/shop.yaml", INGRESS),
        ("k8s/storage/data.yaml", CLAIM),
    ];
    let model = model(&files);
    assert!(is_scaled(&model, "web"));
    assert!(model.architecture.is_user_facing(model.workload("web")));
    let (claim, _) = model.workload("web").claims().next().expect("a claim");
    assert!(model.architecture.claim(claim).is_some());
    assert_eq!(&*model.architecture.unit(model.workload("web").identity.unit).name, "k8s");
}

#[test]
fn a_directory_below_or_above_is_a_neighbour_and_a_cousin_is_not() {
    let (web, scaler) = (web("web"), scaler("web", "web"));
    let scaled = |one: &str, other: &str| is_scaled(&model(&[(one, &web), (other, &scaler)]), "web");
    assert!(scaled("k8s/web.yaml", "k8s/scaling/web.yaml"));
    assert!(scaled("k8s/apps/web.yaml", "k8s/scaling.yaml"));
    assert!(!scaled("k8s/apps/web.yaml", "other/scaling/web.yaml"));
    assert!(!scaled("k8s/apps/shop/web.yaml", "k8s/scaling/web.yaml"));
}

#[test]
fn whole_applications_side_by_side_stay_apart() {
    // The second example has a deployment of its own: that the name of its target stands beside it is chance.
    let files = [
        ("examples/one/web.yaml", web("web")),
        ("examples/two/api.yaml", web("api")),
        ("examples/two/scaler.yaml", scaler("web", "web")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert!(!is_scaled(&model(&files), "web"));
}

#[test]
fn what_runs_beside_an_autoscaler_below_its_target_says_nothing() {
    let (web, scaler, adapter) = (web("web"), scaler("web", "web"), web("metrics-adapter"));
    let files = [("web.yaml", &*web), ("hpa/web.yaml", &*scaler), ("hpa/adapter.yaml", &*adapter)];
    assert!(is_scaled(&model(&files), "web"));
    // Configuration that is repeated is no other application.
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: shop }\n";
    let files = [("web.yaml", &*web), ("hpa/web.yaml", &*scaler), ("hpa/a.yaml", account), ("hpa/b.yaml", account)];
    assert!(is_scaled(&model(&files), "web"));
}

#[test]
fn what_may_be_meant_in_two_directories_is_in_neither() {
    let (web, scaler) = (web("web"), scaler("web", "web"));
    let twice = model(&[("k8s/a/web.yaml", &web), ("k8s/b/web.yaml", &web), ("k8s/scaling/web.yaml", &scaler)]);
    assert!(twice.architecture.scalers().all(|scaler| scaler.target.target.is_none()));
}

#[test]
fn what_names_no_namespace_is_applied_to_the_one_that_the_other_names() {
    let shop = |text: &str| text.replacen("metadata: {", "metadata: { namespace: shop,", 1);
    let other = |text: &str| text.replacen("metadata: {", "metadata: { namespace: test,", 1);
    let (web, scaler) = (web("web"), scaler("web", "web"));
    let scaled = |documents: &[&str]| is_scaled(&model(&[("k8s/all.yaml", &documents.join("---\n"))]), "web");
    assert!(scaled(&[&web, &shop(&scaler)]));
    assert!(scaled(&[&shop(&web), &scaler]));
    assert!(!scaled(&[&other(&web), &shop(&scaler)]), "each names its own");
    let default = scaler.replacen("metadata: {", "metadata: { namespace: default,", 1);
    assert!(!scaled(&[&shop(&web), &default]), "that is a namespace as well");
    // Two candidates are none.
    let both = model(&[("all.yaml", &[shop(&web), other(&web), scaler.clone()].join("---\n"))]);
    assert!(both.architecture.scalers().all(|scaler| scaler.target.target.is_none()));
}

#[test]
fn requests_that_the_namespace_of_others_may_give_are_not_known() {
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata: { name: usual, namespace: shop }\nspec:\n  limits: [{ type: Container, defaultRequest: { cpu: 100m } }]\n";
    let request = |scaler: &str| {
        let text = [web("web"), scaler.to_string(), range.to_string()].join("---\n");
        spell(&model(&[("all.yaml", &text)]).workload("web").containers[0].cpu_request)
    };
    let scaler = scaler("web", "web");
    assert_eq!(request(&scaler), "nothing");
    let shop = scaler.replacen("metadata: {", "metadata: { namespace: shop,", 1);
    assert_eq!(request(&shop), "unknown: archlint does not evaluate the namespace that this is applied to");
}

#[test]
fn several_autoscalers_elsewhere_are_alternatives() {
    let (web, small, large) = (web("web"), scaler("small", "web"), scaler("large", "web"));
    let one_directory = model(&[("web.yaml", &web), ("hpa/small.yaml", &small), ("hpa/large.yaml", &large)]);
    assert_eq!(
        one_directory.architecture.scalers_of(one_directory.workload("web")).count(),
        2,
        "either may be applied"
    );
    assert!(one_directory.architecture.scaler_of(one_directory.workload("web")).is_none(), "none of them is the one");
    let two = model(&[("k8s/web/web.yaml", &web), ("k8s/test/small.yaml", &small), ("k8s/live/large.yaml", &large)]);
    assert_eq!(two.architecture.scalers_of(two.workload("web")).count(), 0);
}

#[test]
fn what_could_not_be_applied_at_once_stays_apart() {
    let (web, scaler) = (web("web"), scaler("web", "web"));
    // Both stages keep their scaler under one name.
    let files = [("k8s/web/web.yaml", &*web), ("k8s/test/hpa.yaml", &*scaler), ("k8s/live/hpa.yaml", &*scaler)];
    assert!(!is_scaled(&model(&files), "web"));
}

#[test]
fn a_service_goes_by_all_labels_of_its_selector() {
    let web = web("web");
    let called = |selector: &str| {
        let service = service("web", selector);
        let files =
            [("k8s/apps/web.yaml", &*web), ("k8s/services/web.yaml", &*service), ("k8s/services/in.yaml", INGRESS)];
        model(&files).triggers("web").len()
    };
    assert_eq!(called("app: web"), 1);
    assert_eq!(called("app: web, tier: front"), 1);
    assert_eq!(called("app: web, tier: back"), 0);
}

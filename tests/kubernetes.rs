//! Kubernetes: manifests and kustomizations from text to the joined model.

mod support;

use archlint::model::{
    Architecture, ConcurrencyPolicy, Gateway, MetricKind, Platform, Strategy, TriggerKind, Workload, WorkloadKind,
};
use support::model::{Model, model, spell};

/// A Deployment; `spec` and `pod` are further lines of the two specs, `container` of its only container.
fn deployment(name: &str, spec: &str, pod: &str, container: &str) -> String {
    let indented = |text: &str, by: usize| -> String {
        text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect::<Vec<_>>().concat()
    };
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
{}  selector: {{ matchLabels: {{ app: {name} }} }}
  template:
    metadata: {{ labels: {{ app: {name} }} }}
    spec:
{}      containers:
        - name: {name}
          image: registry.example/{name}:1
{}",
        indented(spec, 2),
        indented(pod, 6),
        indented(container, 10)
    )
}

fn plain(name: &str) -> String {
    deployment(name, "", "", "")
}

/// An autoscaler of a Deployment; `rest` are further lines of its spec.
fn autoscaler(version: &str, target: &str, rest: &str) -> String {
    format!(
        "apiVersion: autoscaling/{version}
kind: HorizontalPodAutoscaler
metadata: {{ name: {target} }}
spec:
  scaleTargetRef: {{ apiVersion: apps/v1, kind: Deployment, name: {target} }}
  maxReplicas: 9
{rest}"
    )
}

/// Documents of one file.
fn file(documents: &[String]) -> String {
    documents.join("\n---\n")
}

fn single(documents: &[String]) -> Model {
    model(&[("deploy.yaml", &file(documents))])
}

/// Kind and label of all workloads.
fn workloads(architecture: &Architecture) -> Vec<(WorkloadKind, &str)> {
    architecture.workloads().map(|workload| (workload.kind, workload.label())).collect()
}

fn requests(workload: &Workload) -> Vec<(String, String)> {
    workload.containers.iter().map(|one| (spell(&one.cpu_request), spell(&one.memory_request))).collect()
}

/// What the only autoscaler of a workload goes by: `cpu`, `cpu of web`, `other`.
fn metrics(model: &Model, label: &str) -> Vec<String> {
    let scaler = model.architecture.scaler_of(model.workload(label)).expect("one scaler");
    let spelled = scaler.metrics.iter().map(|metric| match &metric.kind {
        MetricKind::Utilization { resource, container: None } => resource.to_string(),
        MetricKind::Utilization { resource, container: Some(container) } => format!("{resource} of {container}"),
        MetricKind::Usage(resource) => format!("an amount of {resource}"),
        MetricKind::Queue(queue) => format!("the queue of {}", queue.system),
        MetricKind::Other => "other".to_string(),
    });
    spelled.collect()
}

#[test]
fn kinds_and_what_they_run_as() {
    let kinds = [
        ("apps/v1", "Deployment", WorkloadKind::Service),
        ("apps/v1", "StatefulSet", WorkloadKind::Service),
        ("apps/v1", "ReplicaSet", WorkloadKind::Service),
        ("extensions/v1beta1", "DaemonSet", WorkloadKind::Daemon),
        ("argoproj.io/v1alpha1", "Rollout", WorkloadKind::Service),
        ("v1", "ReplicationController", WorkloadKind::Service),
        ("batch/v1", "Job", WorkloadKind::Job),
    ];
    for (version, kind, expected) in kinds {
        let text = plain("web").replace("apps/v1", version).replace("Deployment", kind);
        assert_eq!(workloads(&single(&[text]).architecture), [(expected, "web")], "{version} {kind}");
    }
    // The kind of another group is something else.
    let other = plain("web").replace("apps/v1", "example.org/v1");
    assert_eq!(workloads(&single(&[other]).architecture), []);
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: once }\nspec:\n  containers: [{ name: a, image: a }]\n";
    assert_eq!(workloads(&single(&[pod.into()]).architecture), [(WorkloadKind::Job, "once")]);
}

#[test]
fn several_documents_lists_and_json() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: batch/v1\n  kind: Job\n  metadata: { name: copy }\n  spec:\n    template:\n      spec:\n        containers: [{ name: a, image: a }]\n";
    let json = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"},
        "spec": {"containers": [{"name": "a", "image": "a"}]}}"#;
    let model = model(&[("a.yaml", &file(&[plain("web"), list.into()])), ("b.json", json)]);
    let mut found = workloads(&model.architecture);
    found.sort();
    assert_eq!(found, [(WorkloadKind::Service, "web"), (WorkloadKind::Job, "copy"), (WorkloadKind::Job, "probe")]);
}

#[test]
fn a_part_of_an_object_is_no_workload() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  template:\n    spec:\n      containers: [{ name: web, resources: { limits: { cpu: 1 } } }]\n";
    assert_eq!(workloads(&single(&[patch.into()]).architecture), []);
    // It says which pods are its own, so it is more than a patch, but nothing is known of its containers.
    let open = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: 2\n  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n";
    let model = single(&[open.into()]);
    assert!(!model.workload("web").pod.as_ref().expect("a pod").is_complete);
    assert_eq!(spell(&model.workload("web").replicas), "2");
}

#[test]
fn a_document_with_a_mistake_is_left_out_and_the_others_are_not() {
    let broken = format!("{}         resources: {{}}\n", plain("web"));
    let text = file(&[plain("before"), broken, plain("after")]);
    let texts = vec![("deploy.yaml".into(), text.into_bytes())];
    let reading = archlint::read::read_texts(texts, archlint::read::Variables::default());
    assert_eq!(reading.problems.len(), 1);
    let architecture = archlint::link::link(archlint::frontends::lower(&reading.workspace));
    assert_eq!(workloads(&architecture), [(WorkloadKind::Service, "before"), (WorkloadKind::Service, "after")]);
}

#[test]
fn requests_come_from_limits_and_from_the_namespace() {
    let containers = "resources: { requests: { cpu: 100m }, limits: { cpu: 2, memory: 1Gi } }\n";
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata: { name: usual }\nspec:\n  limits:\n    - type: Pod\n      max: { cpu: 4 }\n    - type: Container\n      default: { cpu: 500m }\n      defaultRequest: { memory: 64Mi }\n";
    let model = single(&[deployment("web", "", "", containers), plain("bare")]);
    assert_eq!(requests(model.workload("web")), [("100".into(), "1024".into())]);
    assert_eq!(requests(model.workload("bare")), [("nothing".into(), "nothing".into())]);
    let ranged = single(&[deployment("web", "", "", containers), plain("bare"), range.into()]);
    assert_eq!(requests(ranged.workload("web")), [("100".into(), "1024".into())]);
    assert_eq!(requests(ranged.workload("bare")), [("500".into(), "64".into())]);
    // Another namespace is another matter.
    let elsewhere = range.replace("name: usual", "name: usual, namespace: shop");
    let apart = single(&[plain("bare"), elsewhere]);
    assert_eq!(requests(apart.workload("bare")), [("nothing".into(), "nothing".into())]);
}

#[test]
fn under_a_quota_something_unseen_gives_a_container_its_request() {
    let quota = |hard: &str| {
        format!("apiVersion: v1\nkind: ResourceQuota\nmetadata: {{ name: budget }}\nspec:\n  hard: {{ {hard} }}\n")
    };
    let demanded = "unknown: `the cpu request that the ResourceQuota budget demands` is only known at deployment";
    for hard in ["cpu: 4", "requests.cpu: 4", "limits.cpu: 4"] {
        let model = single(&[plain("bare"), quota(hard)]);
        assert_eq!(requests(model.workload("bare")), [(demanded.into(), "nothing".into())], "{hard}");
    }
    let counted = single(&[plain("bare"), quota("pods: 4")]);
    assert_eq!(requests(counted.workload("bare")), [("nothing".into(), "nothing".into())]);
    let own = single(&[deployment("web", "", "", "resources: { limits: { cpu: 1 } }\n"), quota("cpu: 4")]);
    assert_eq!(requests(own.workload("web"))[0].0, "1000");
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata: { name: usual }\nspec:\n  limits: [{ type: Container, default: { cpu: 50m } }]\n";
    let ranged = single(&[plain("bare"), quota("cpu: 4"), range.into()]);
    assert_eq!(requests(ranged.workload("bare"))[0].0, "50");
}

#[test]
fn a_limit_range_is_kept_anywhere() {
    let range = |metadata: &str| {
        format!(
            "apiVersion: v1\nkind: LimitRange\nmetadata: {{ name: usual{metadata} }}\nspec:\n  limits: [{{ type: Container, min: {{ cpu: 50m }} }}]\n"
        )
    };
    let request = |range: &str, web: &str| {
        let model = model(&[("web/deploy.yaml", web), ("cluster/limits.yaml", range)]);
        requests(model.workload("web"))[0].0.clone()
    };
    let web = plain("web").replacen("name: web\n", "name: web\n  namespace: shop\n", 1);
    assert_eq!(request(&range(", namespace: shop"), &web), "50");
    assert_eq!(request(&range(", namespace: mail"), &web), "nothing");
    // One without a namespace is applied to the one at hand, with what stands beside it.
    assert_eq!(request(&range(""), &plain("web")), "nothing");
}

#[test]
fn an_object_as_the_cluster_has_it_fixes_no_replicas() {
    let exported = plain("web").replacen("name: web\n", "name: web\n  resourceVersion: \"42\"\n", 1);
    assert!(single(&[exported]).workload("web").replicas_ignored);
    assert!(!single(&[plain("web")]).workload("web").replicas_ignored);
}

#[test]
fn what_cannot_be_told_is_not_absent() {
    let text = deployment("web", "replicas: \"{{ .count }}\"", "", "resources: \"{{ .resources }}\"");
    let model = single(&[text]);
    assert_eq!(model.workload("web").replicas.set(), None);
    assert!(!model.workload("web").replicas.is_absent());
    assert!(!model.workload("web").containers[0].cpu_request.is_absent());
    // Without quotes a template may still be YAML: a mapping with a mapping as its key.
    let bare = single(&[deployment("web", "replicas: {{ .count }}", "", "resources: {{ .resources }}")]);
    assert!(!bare.workload("web").replicas.is_absent());
    assert!(!bare.workload("web").containers[0].cpu_request.is_absent());
    let broken = single(&[deployment("web", "", "", "resources: { requests: { cpu: lots } }")]);
    assert_eq!(requests(broken.workload("web"))[0].0, "unknown: `lots` is no quantity");
}

#[test]
fn replicas_are_one_unless_written() {
    let model = single(&[plain("web"), deployment("api", "replicas: 4", "", "")]);
    assert_eq!(spell(&model.workload("web").replicas), "1");
    assert!(!model.workload("web").replicas.is_explicit());
    assert_eq!(spell(&model.workload("api").replicas), "4");
    assert!(model.workload("api").replicas.is_explicit());
}

#[test]
fn how_pods_are_replaced() {
    let strategy = |spec: &str| {
        let model = single(&[deployment("web", spec, "", "")]);
        *model.workload("web").pod.as_ref().expect("a pod").strategy.known().expect("known")
    };
    assert_eq!(strategy(""), Strategy::RollingUpdate { surge: true });
    assert_eq!(strategy("strategy: { type: Recreate }"), Strategy::Recreate);
    assert_eq!(strategy("strategy: { rollingUpdate: { maxSurge: 0 } }"), Strategy::RollingUpdate { surge: false });
    assert_eq!(strategy("strategy: { rollingUpdate: { maxSurge: 50% } }"), Strategy::RollingUpdate { surge: true });
    let set = plain("web").replace("Deployment", "StatefulSet");
    let set = single(&[set]);
    let strategy = set.workload("web").pod.as_ref().expect("a pod").strategy.known().copied();
    assert_eq!(strategy, Some(Strategy::RollingUpdate { surge: false }));
}

#[test]
fn pods_that_must_keep_apart() {
    let rule = |app: &str, key: &str| {
        let pod = format!(
            "affinity:\n  podAntiAffinity:\n    requiredDuringSchedulingIgnoredDuringExecution:\n      - topologyKey: {key}\n        labelSelector: {{ matchLabels: {{ app: {app} }} }}\n"
        );
        let model = single(&[deployment("web", "", &pod, "")]);
        model.workload("web").pod.as_ref().is_some_and(|pod| pod.spread.is_some())
    };
    assert!(rule("web", "kubernetes.io/hostname"));
    assert!(!rule("api", "kubernetes.io/hostname"));
    assert!(!rule("web", "topology.kubernetes.io/zone"));
}

#[test]
fn requests_reach_pods_through_services_and_ingresses() {
    let service = |name: &str, kind: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{ name: {name} }}\nspec:\n  type: {kind}\n  selector: {{ app: {name} }}\n"
        )
    };
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: outside }\nspec:\n  rules:\n    - http:\n        paths:\n          - { path: /shop, backend: { service: { name: web } } }\n";
    let names = ["web", "api", "door", "alone"];
    let mut documents: Vec<String> = names.iter().map(|name| plain(name)).collect();
    documents.extend([service("web", "ClusterIP"), service("api", "NodePort"), service("door", "LoadBalancer")]);
    documents.push(ingress.into());
    let model = single(&documents);
    assert_eq!(model.http("web").gateway, Gateway::ClusterIngress);
    assert_eq!(spell(&model.http("web").path), "/shop");
    assert_eq!(model.http("api").gateway, Gateway::ClusterService);
    assert_eq!(model.http("door").gateway, Gateway::ClusterIngress);
    assert_eq!(model.triggers("alone").len(), 0);
}

#[test]
fn a_route_of_the_gateway_api_leads_to_a_service() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: { name: front }\nspec: { selector: { app: web } }\n";
    let route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: r }\nspec:\n  rules:\n    - matches: [{ path: { value: /a } }]\n      backendRefs: [{ name: front, port: 80 }]\n";
    let model = single(&[plain("web"), service.into(), route.into()]);
    assert_eq!(model.http("web").gateway, Gateway::ClusterIngress);
    assert_eq!(spell(&model.http("web").path), "/a");
}

#[test]
fn selectors_stay_in_their_namespace_and_ask_for_every_label() {
    let service = |metadata: &str, selector: &str| {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{ {metadata} }}\nspec: {{ selector: {{ {selector} }} }}\n")
    };
    let count =
        |metadata: &str, selector: &str| single(&[plain("web"), service(metadata, selector)]).triggers("web").len();
    assert_eq!(count("name: s", "app: web"), 1);
    assert_eq!(count("name: s, namespace: default", "app: web"), 1);
    assert_eq!(count("name: s, namespace: shop", "app: web"), 0);
    assert_eq!(count("name: s", "app: web, tier: front"), 0);
    // No selector selects nothing; one that is not known may select it, which is reason enough to be quiet.
    assert_eq!(count("name: s", ""), 0);
    let vague = single(&[plain("web"), service("name: s", "app: \"{{ .app }}\"")]);
    assert!(!vague.trigger("web").is_surely_on());
}

#[test]
fn what_the_first_autoscaler_api_goes_by() {
    let scaled = |rest: &str| {
        let model = single(&[plain("web"), autoscaler("v1", "web", rest)]);
        metrics(&model, "web")
    };
    assert_eq!(scaled("  targetCPUUtilizationPercentage: 60\n"), ["cpu"]);
    assert_eq!(scaled(""), ["cpu"]);
    // That API has no `metrics`: what stands there is dropped, and the default applies.
    assert_eq!(scaled("  metrics: [{ type: External }]\n"), ["cpu"]);
}

#[test]
fn what_the_second_autoscaler_api_goes_by() {
    let scaled = |version: &str, metric: &str| {
        let rest = if metric.is_empty() { String::new() } else { format!("  metrics:\n    - {metric}\n") };
        metrics(&single(&[plain("web"), autoscaler(version, "web", &rest)]), "web")
    };
    let resource = |target: &str| format!("{{ type: Resource, resource: {{ name: memory, {target} }} }}");
    let share = resource("target: { type: Utilization, averageUtilization: 60 }");
    assert_eq!(scaled("v2", &share), ["memory"]);
    assert_eq!(scaled("v2beta2", &share), ["memory"]);
    assert_eq!(scaled("v2beta1", &resource("targetAverageUtilization: 60")), ["memory"]);
    assert_eq!(scaled("v2", &resource("target: { type: AverageValue, averageValue: 100Mi }")), ["an amount of memory"]);
    let one = "{ type: ContainerResource, containerResource: { name: cpu, container: web, target: { type: Utilization, averageUtilization: 60 } } }";
    assert_eq!(scaled("v2", one), ["cpu of web"]);
    assert_eq!(scaled("v2", "{ type: Pods, pods: { metric: { name: requests } } }"), ["other"]);
    assert_eq!(scaled("v2", ""), ["cpu"]);
}

#[test]
fn autoscalers_join_by_kind_name_and_namespace() {
    let web = plain("web").replacen("  name: web\n", "  name: web\n  namespace: test\n", 1);
    let targets = |text: String| {
        let model = single(&[web.clone(), text]);
        model.architecture.scalers_of(model.workload("web")).count()
    };
    let scaler = autoscaler("v2", "web", "");
    assert_eq!(targets(scaler.replace("name: web }\nspec", "name: web, namespace: test }\nspec")), 1);
    assert_eq!(targets(scaler.replace("kind: Deployment", "kind: StatefulSet")), 0);
    assert_eq!(targets(scaler.replace("name: web }\nspec", "name: web, namespace: shop }\nspec")), 0);
}

#[test]
fn a_scaled_object_and_a_scaled_job() {
    let object = |trigger: &str| {
        format!(
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{ name: web }}\nspec:\n  scaleTargetRef: {{ name: web }}\n  triggers: [{trigger}]\n"
        )
    };
    let model = single(&[plain("web"), object("{ type: cpu, metricType: Utilization, metadata: { value: \"60\" } }")]);
    assert_eq!(metrics(&model, "web"), ["cpu"]);
    let scaler = model.architecture.scaler_of(model.workload("web")).expect("one scaler");
    assert_eq!((scaler.min.known(), scaler.max.set()), (Some(&0), Some(&100)));
    assert_eq!(model.triggers("web").len(), 0);
    let old = single(&[plain("web"), object("{ type: memory, metadata: { type: AverageValue, value: 1Gi } }")]);
    assert_eq!(metrics(&old, "web"), ["an amount of memory"]);
    let queue = single(&[plain("web"), object("{ type: rabbitmq, metadata: { queueName: jobs } }")]);
    assert!(matches!(queue.trigger("web").kind, TriggerKind::Event(_)));
    assert_eq!(metrics(&queue, "web"), ["the queue of rabbitmq"]);

    let job = "apiVersion: keda.sh/v1alpha1\nkind: ScaledJob\nmetadata: { name: resize }\nspec:\n  jobTargetRef:\n    activeDeadlineSeconds: 60\n    template:\n      spec:\n        containers: [{ name: a, image: a }]\n";
    let model = single(&[job.into()]);
    assert_eq!(model.workload("resize").kind, WorkloadKind::Job);
    assert_eq!(model.timeout("resize"), "60");
    assert!(matches!(model.trigger("resize").kind, TriggerKind::Event(_)));
}

/// A CronJob; `spec` are further lines of its spec, `job` of the Job's.
fn cron_job(spec: &str, job: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{ name: tidy }}\nspec:\n  schedule: \"*/10 * * * *\"\n{spec}  jobTemplate:\n    spec:\n{job}      template:\n        spec:\n          containers: [{{ name: a, image: a }}]\n"
    )
}

#[test]
fn a_cron_job_and_its_defaults() {
    let model = single(&[cron_job("", "")]);
    let workload = model.workload("tidy");
    assert_eq!(workload.kind, WorkloadKind::ScheduledJob);
    let policy = workload.concurrency_policy.as_ref().expect("a policy");
    assert_eq!((policy.known(), policy.is_explicit()), (Some(&ConcurrencyPolicy::Allow), false));
    assert_eq!(model.timeout("tidy"), "nothing");
    let TriggerKind::Schedule(schedule) = &model.trigger("tidy").kind else { panic!("no schedule") };
    assert_eq!(schedule.schedule.known().and_then(|schedule| schedule.shortest_period()), Some(600));
    assert!(model.trigger("tidy").is_surely_on());
}

#[test]
fn a_cron_job_and_what_it_says() {
    // Neither the deadline for a late start nor the time to live of a Job that ended ends a run.
    let spec = "  concurrencyPolicy: Forbid\n  startingDeadlineSeconds: 30\n";
    let model = single(&[cron_job(spec, "      ttlSecondsAfterFinished: 5\n      activeDeadlineSeconds: 300\n")]);
    let policy = model.workload("tidy").concurrency_policy.as_ref().and_then(|policy| policy.known());
    assert_eq!(policy, Some(&ConcurrencyPolicy::Forbid));
    assert_eq!(model.timeout("tidy"), "300");
    let late = single(&[cron_job(spec, "      ttlSecondsAfterFinished: 5\n")]);
    assert_eq!(late.timeout("tidy"), "nothing");
    let suspended = single(&[cron_job("  suspend: true\n", "")]);
    assert_eq!(suspended.triggers("tidy").len(), 0);
}

#[test]
fn claims_by_name_and_claims_of_each_pod() {
    let pod = "volumes:\n  - name: data\n    persistentVolumeClaim: { claimName: files }\n";
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: files }\nspec:\n  accessModes: [ReadWriteOnce]\n  storageClassName: fast\n";
    let model = single(&[deployment("web", "", pod, ""), claim.into()]);
    let (named, _) = model.workload("web").claims().next().expect("a claim");
    let found = model.architecture.claim(named).expect("a claim");
    assert_eq!(found.access_modes.known().map(|modes| modes.join(",")).as_deref(), Some("ReadWriteOnce"));
    assert_eq!(spell(&found.storage_class), "fast");

    let own = deployment("web", "volumeClaimTemplates: [{ metadata: { name: data } }]", pod, "");
    let model = single(&[own.replace("Deployment", "StatefulSet"), claim.into()]);
    assert_eq!(model.workload("web").claims().count(), 0);
}

#[test]
fn what_is_behind_a_volume_made_by_hand_is_not_known() {
    let pod = "volumes:\n  - name: data\n    persistentVolumeClaim: { claimName: files }\n";
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: files }\nspec:\n  accessModes: [ReadWriteOnce]\n  storageClassName: manual\n";
    let volume = "apiVersion: v1\nkind: PersistentVolume\nmetadata: { name: disk }\nspec:\n  storageClassName: manual\n  nfs: { server: files, path: / }\n";
    let class = |documents: &[String]| {
        let model = single(documents);
        let (named, _) = model.workload("web").claims().next().expect("a claim");
        model.architecture.claim(named).expect("a claim").storage_class.known().is_some()
    };
    let web = deployment("web", "", pod, "");
    assert!(class(&[web.clone(), claim.into()]));
    assert!(!class(&[web.clone(), claim.into(), volume.into()]));
    assert!(!class(&[web, format!("{claim}  volumeName: disk\n")]));
}

#[test]
fn a_knative_service() {
    let text = |template: &str, metadata: &str| {
        format!(
            "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {{ name: chat{metadata} }}\nspec:\n  template:\n    metadata:\n      annotations: {{ autoscaling.knative.dev/min-scale: \"1\", autoscaling.knative.dev/maxScale: \"8\" }}\n    spec:\n{template}      containers: [{{ image: registry.example/chat:1 }}]\n"
        )
    };
    let model = single(&[text("      timeoutSeconds: 60\n", "")]);
    let workload = model.workload("chat");
    assert_eq!((workload.platform, workload.kind), (Platform::Knative, WorkloadKind::Service));
    assert_eq!(model.timeout("chat"), "60");
    assert_eq!((spell(&workload.min_instances), spell(&workload.max_instances)), ("1".into(), "8".into()));
    assert_eq!(model.http("chat").gateway, Gateway::Platform);
    assert_eq!(model.http("chat").is_public.known(), Some(&true));
    let local = single(&[text("", ", labels: { networking.knative.dev/visibility: cluster-local }")]);
    assert_eq!(local.http("chat").is_public.known(), Some(&false));
    assert_eq!(local.timeout("chat"), "300");
}

#[test]
fn labels_and_annotations_speak_to_archlint() {
    let metadata = "metadata:\n  name: web\n  labels: { archlint.dev/traffic: sporadic }\n  annotations:\n    archlint.dev/latency: background\n    archlint.dev/allow: \"cron-in-a-container: moves in May, replicas-fight-autoscaler: by hand\"\n";
    let model = single(&[plain("web").replacen("metadata:\n  name: web\n", metadata, 1)]);
    let workload = model.workload("web");
    let said = |one: &Option<archlint::model::Declaration>| one.as_ref().map(|one| one.value.to_string());
    assert_eq!(said(&workload.declared.traffic).as_deref(), Some("sporadic"));
    assert_eq!(said(&workload.declared.latency).as_deref(), Some("background"));
    let allows: Vec<(&str, &str)> = workload.allows.iter().map(|allow| (&*allow.lint, &*allow.reason)).collect();
    assert_eq!(allows, [("cron-in-a-container", "moves in May"), ("replicas-fight-autoscaler", "by hand")]);
}

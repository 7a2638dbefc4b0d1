//! From objects to the model: which code lowers which kind, and the workloads. Called by this frontend for a unit and
//! by the Terraform frontend for what its resources make up.

use super::cloud_run;
use super::isolation::isolation;
use super::keda;
use super::labels::Pods;
use super::object::{Object, Objects, texts};
use super::pods::{self, Defaults, Template};
use super::routes::Routes;
use super::storage::{Storage, volumes};
use crate::facts::kubernetes as facts;
use crate::frontends::resource::reference_to;
use crate::frontends::triggers::schedule;
use crate::model::{
    ConcurrencyPolicy, Declarations, Declared, DeclaredAllow, EventKind, Link, Platform, Scaler, ScalerKind, Trigger,
    TriggerKind, UnitId, Workload, WorkloadKind,
};
use crate::schedule::Dialect;
use crate::source::Span;
use crate::value::{Data, Form, How, Origin, Sourced, Unknown, View};

/// Lowers the objects of one unit into its declarations.
pub(crate) fn lower_objects(unit: UnitId, objects: &[Object], declarations: &mut Declarations) {
    let objects = Objects::new(objects);
    let mut lowering = Lowering {
        unit,
        defaults: Defaults::of(&objects),
        storage: Storage::of(&objects),
        objects,
        pods: Pods::default(),
        routes: Routes::default(),
        declarations,
    };
    for object in lowering.objects.all {
        if let Some(lower) = lowering_of(&object.kind(), &object.group()) {
            lower(&mut lowering, object);
        }
    }
    lowering.services();
    lowering.disruption_budgets();
}

/// Lowers the objects of one unit.
pub(super) struct Lowering<'o, 'd> {
    pub(super) unit: UnitId,
    pub(super) objects: Objects<'o>,
    pub(super) defaults: Defaults,
    storage: Storage,
    pub(super) pods: Pods,
    pub(super) routes: Routes<'o>,
    pub(super) declarations: &'d mut Declarations,
}

/// The groups with kinds that are lowered; a Service of Knative has the name of one of the core.
const GROUPS: [&str; 13] = [
    "",
    "apps",
    "batch",
    "autoscaling",
    "networking.k8s.io",
    "gateway.networking.k8s.io",
    "networking.istio.io",
    "traefik.io",
    "argoproj.io",
    "keda.sh",
    "sources.knative.dev",
    "autoscaling.k8s.io",
    "karpenter.sh",
];

/// Whether objects of a kind say anything to the model, in one of the groups that have the kind.
pub(super) fn reads(kind: &str) -> bool {
    GROUPS.iter().any(|group| lowering_of(kind, group).is_some())
        || matches!(kind, "LimitRange" | "ResourceQuota" | "PersistentVolume" | "StorageClass" | "PodDisruptionBudget")
}

type Lower = for<'o> fn(&mut Lowering<'o, '_>, &'o Object);

/// The code for a kind of a group.
fn lowering_of(kind: &str, group: &str) -> Option<Lower> {
    Some(match (group, kind) {
        ("apps" | "extensions", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet")
        | ("", "ReplicationController")
        | ("argoproj.io", "Rollout") => |lowering, object| lowering.replicated(object),
        ("", "Pod") => |lowering, object| lowering.pod(object),
        ("batch", "Job") => |lowering, object| lowering.job(object, object.spec(), WorkloadKind::Job),
        ("batch", "CronJob") => |lowering, object| lowering.cron_job(object),
        ("keda.sh", "ScaledJob") => |lowering, object| lowering.scaled_job(object),
        ("serving.knative.dev", "Service") => |lowering, object| lowering.knative(object),
        ("sources.knative.dev", "PingSource") => |lowering, object| lowering.ping_source(object),
        ("autoscaling", "HorizontalPodAutoscaler") => |lowering, object| lowering.autoscaler(object),
        ("autoscaling.k8s.io", "VerticalPodAutoscaler") => |lowering, object| lowering.vertical_autoscaler(object),
        ("karpenter.sh", "NodePool" | "Provisioner") => |lowering, _| lowering.declarations.makes_nodes = true,
        ("keda.sh", "ScaledObject") => |lowering, object| lowering.scaled_object(object),
        ("", "PersistentVolumeClaim") => |lowering, object| {
            let claim = lowering.storage.claim(object, &lowering.objects, lowering.unit);
            lowering.declarations.claims.push(claim);
        },
        ("", "Service") => |lowering, object| lowering.routes.service(object),
        ("networking.k8s.io" | "extensions", "Ingress") => {
            |lowering, object| lowering.routes.ingress(object, &lowering.objects)
        }
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute") => {
            |lowering, object| lowering.routes.http_route(object, &lowering.objects)
        }
        ("networking.istio.io", "VirtualService") => {
            |lowering, object| lowering.routes.istio_route(object, &lowering.objects)
        }
        ("traefik.io" | "traefik.containo.us", "IngressRoute") => {
            |lowering, object| lowering.routes.traefik_route(object, &lowering.objects)
        }
        _ => return None,
    })
}

impl<'o> Lowering<'o, '_> {
    /// A workload with its containers; `None` where the object is a part that something else completes.
    fn workload(
        &mut self,
        object: &'o Object,
        template: View<'o>,
        kind: WorkloadKind,
        platform: Platform,
    ) -> Option<Workload> {
        let namespace = object.namespace();
        let template = Template { view: template.within(object.span), object };
        // What selects its pods is more than a patch, even where the pods are left open.
        let is_whole = template.is_complete() || object.is_built && template.has_containers();
        if !is_whole && object.spec().get("selector").is_absent() {
            return None;
        }
        let mut workload = Workload::new(object.identity(self.unit), kind, platform);
        let labels = template.labels();
        workload.containers = template.containers(&self.defaults);
        workload.take_variables();
        workload.pod = Some(pods::settings(object, &template, &labels));
        workload.volumes = volumes(object, template.spec(), &self.objects);
        workload.isolation = isolation(template.spec(), object.span);
        workload.namespace = namespace.clone();
        workload.replicas_ignored = object.replicas_ignored;
        workload.replicas_ignorable = object.replicas_ignorable.clone();
        workload.declared = object.declared.clone();
        workload.allows = object.allows.clone();
        take_declarations(object, &mut workload);
        if &*object.kind() != "Pod" {
            let of_pods = of_template(&template, object.span);
            workload.declared = std::mem::take(&mut workload.declared).or(of_pods);
        }
        self.pods.add(object, namespace, labels);
        Some(workload)
    }

    fn keep(&mut self, workload: Workload) {
        self.declarations.workloads.push(workload);
    }

    /// What runs as many pods at once as it is told.
    fn replicated(&mut self, object: &'o Object) {
        let spec = object.spec();
        let kind = if &*object.kind() == "DaemonSet" { WorkloadKind::Daemon } else { WorkloadKind::Service };
        let Some(mut workload) = self.workload(object, spec.get("template"), kind, Platform::Kubernetes) else {
            return;
        };
        if kind == WorkloadKind::Service {
            workload.replicas = spec.get("replicas").whole().or_fact(&facts::REPLICAS_DEFAULT).map(Some);
        }
        self.keep(workload);
    }

    /// A pod on its own is not started again elsewhere: it is there for a run, however long.
    fn pod(&mut self, object: &'o Object) {
        if let Some(mut workload) = self.workload(object, object.view(), WorkloadKind::Job, Platform::Kubernetes) {
            workload.timeout = object.spec().get("activeDeadlineSeconds").whole();
            self.keep(workload);
        }
    }

    /// A Job, or what makes Jobs; `spec` is the Job's own.
    fn job(&mut self, object: &'o Object, spec: View<'o>, kind: WorkloadKind) {
        let template = spec.get("template");
        if let Some(mut workload) = self.workload(object, template, kind, Platform::Kubernetes) {
            let deadline = |view: View| view.get("activeDeadlineSeconds").within(object.span).whole();
            workload.timeout = deadline(spec).or(|| deadline(template.get("spec")));
            self.keep(workload);
        }
    }

    fn cron_job(&mut self, object: &'o Object) {
        let spec = object.spec();
        let written = spec.get("schedule");
        let before = self.declarations.workloads.len();
        self.job(object, spec.at(&["jobTemplate", "spec"]), WorkloadKind::ScheduledJob);
        let Some(workload) = self.declarations.workloads.get_mut(before).filter(|_| written.is_present()) else {
            self.declarations.workloads.truncate(before);
            return;
        };
        workload.concurrency_policy = Some(concurrency_policy(spec.get("concurrencyPolicy")));
        let enabled = spec.get("suspend").boolean().map(|suspended| !suspended.unwrap_or(false));
        let span = written.span().unwrap_or(object.span);
        self.trigger(object, span, enabled, schedule(written, Dialect::Kubernetes));
    }

    fn scaled_job(&mut self, object: &'o Object) {
        self.job(object, object.spec().get("jobTargetRef"), WorkloadKind::Job);
        self.trigger(object, object.span, on(object.span), TriggerKind::Event(EventKind::Other));
        let target = Link::to(reference_to(object.address.clone(), object.span));
        self.declarations.scalers.push(keda::scaler(object, self.unit, ScalerKind::ScaledJob, target));
    }

    /// Something that sets the workload off that an object declares.
    fn trigger(&mut self, object: &Object, span: Span, enabled: Sourced<bool>, kind: TriggerKind) {
        let target = Link::to(reference_to(object.address.clone(), object.span));
        self.declarations.triggers.push(Trigger::new(self.unit, span, target, enabled, kind));
    }

    /// A clock of Knative, which calls its sink.
    fn ping_source(&mut self, object: &'o Object) {
        let spec = object.spec();
        let sink = spec.at(&["sink", "ref"]);
        let version = sink.get("apiVersion").known_text();
        if !version.is_some_and(|version| version.starts_with("serving.knative.dev/")) {
            return;
        }
        let Some(target) = self.objects.link("Service", object, sink.get("name")) else { return };
        let span = spec.get("schedule").span().unwrap_or(object.span);
        let kind = schedule(spec.get("schedule"), Dialect::Kubernetes);
        let trigger = Trigger::new(self.unit, span, Link::to(target), on(span), kind);
        self.declarations.triggers.push(trigger);
    }

    /// A service of Cloud Run.
    fn cloud_run(&mut self, object: &'o Object) {
        let template = object.spec().get("template");
        let Some(mut workload) = self.workload(object, template, WorkloadKind::Service, Platform::CloudRun) else {
            return;
        };
        cloud_run::settle(object, &mut workload);
        let target = Link::to(reference_to(object.address.clone(), object.span));
        let (least, most) = (workload.min_instances.clone().unwrap_or(0), workload.max_instances.clone());
        let scaler = Scaler::new(object.identity(self.unit), ScalerKind::CloudRun, target, least, most);
        self.declarations.scalers.push(scaler);
        self.keep(workload);
        let limit = Sourced::absent(object.span);
        let request = super::routes::request(crate::model::Gateway::Platform, cloud_run::is_public(object), limit);
        self.trigger(object, object.span, on(object.span), TriggerKind::Http(request));
    }

    fn knative(&mut self, object: &'o Object) {
        if cloud_run::is_cloud_run(object) {
            return self.cloud_run(object);
        }
        let template = object.spec().get("template");
        let Some(mut workload) = self.workload(object, template, WorkloadKind::Service, Platform::Knative) else {
            return;
        };
        let timeout = template.at(&["spec", "timeoutSeconds"]).within(object.span).whole();
        workload.timeout = timeout.or_fact(&facts::KNATIVE_TIMEOUT_DEFAULT).map(Some);
        // Its pods have as long to end as a request may take.
        workload.containers.iter_mut().for_each(|container| container.grace = workload.timeout.clone());
        let annotations = template.at(&["metadata", "annotations"]).within(object.span);
        let bound = |names: [&'static str; 2]| annotations.first(&names).whole().in_form(Form::Text);
        // Only Knative's own autoscaler goes down to nothing.
        let class = annotations.get("autoscaling.knative.dev/class");
        let least = bound(["autoscaling.knative.dev/min-scale", "autoscaling.knative.dev/minScale"]);
        workload.min_instances = match class.is_absent() || class.is_text("kpa.autoscaling.knative.dev") {
            true => least.or_fact(&facts::KNATIVE_MIN_DEFAULT).map(Some),
            false => least,
        };
        workload.max_instances = bound(["autoscaling.knative.dev/max-scale", "autoscaling.knative.dev/maxScale"]);
        let least = workload.min_instances.clone().or_fact(&facts::KNATIVE_MIN_SCALE_DEFAULT);
        // 0 means that there is no most.
        let most = workload.max_instances.clone().map(|most| most.filter(|most| *most > 0));
        let target = Link::to(reference_to(object.address.clone(), object.span));
        let scaler = Scaler::new(object.identity(self.unit), ScalerKind::Knative, target, least, most);
        self.declarations.scalers.push(scaler);
        self.keep(workload);
        let visibility = object.view().get("metadata").get("labels").get("networking.knative.dev/visibility");
        let is_public = visibility.text().map(|visibility| visibility.as_deref() != Some("cluster-local"));
        let request = super::routes::request(crate::model::Gateway::Platform, is_public, Sourced::absent(object.span));
        self.trigger(object, object.span, on(object.span), TriggerKind::Http(request));
    }
}

fn concurrency_policy(view: View<'_>) -> Sourced<ConcurrencyPolicy> {
    view.text().and_then(|policy| match policy.as_deref() {
        None | Some("Allow") => Ok(ConcurrencyPolicy::Allow),
        Some("Forbid") => Ok(ConcurrencyPolicy::Forbid),
        Some("Replace") => Ok(ConcurrencyPolicy::Replace),
        Some(other) => Err(Unknown::Invalid(format!("`{other}` is no concurrency policy").into())),
    })
}

/// On, as nothing says otherwise.
pub(super) fn on(span: Span) -> Sourced<bool> {
    Sourced::new(true, Origin::new(How::Absent, span))
}

/// What labels and annotations of an object say to archlint.
fn take_declarations(object: &Object, workload: &mut Workload) {
    let metadata = object.view().get("metadata");
    for key in ["labels", "annotations"] {
        for (name, text, span) in texts(metadata.get(key)) {
            let span = span.unwrap_or(object.span);
            if name == "archlint.dev/allow" && key == "annotations" {
                workload.allows.extend(DeclaredAllow::parse(&text, span));
            } else {
                workload.declared.take_label(name, text, span);
            }
        }
    }
}

/// What labels and annotations of a pod template say about the workload.
fn of_template(template: &Template<'_>, span: Span) -> Declared {
    let metadata = template.view.get("metadata");
    let mut declared = Declared::default();
    for (name, text, place) in ["labels", "annotations"].into_iter().flat_map(|key| texts(metadata.get(key))) {
        declared.take_label(name, text, place.unwrap_or(span));
    }
    declared
}

/// Whether a value holds an object or list with nothing in it.
pub(super) fn is_empty(view: View<'_>) -> bool {
    match view.value().and_then(|value| value.known()) {
        Some(Data::Object(entries)) => entries.is_empty(),
        Some(Data::List(items)) => items.is_empty(),
        _ => view.is_absent(),
    }
}

//! Google Cloud: Cloud Run services and jobs, Cloud Functions of both generations, Cloud Scheduler, Pub/Sub.

use super::lowering::{Lower, Lowering, set_elsewhere};
use super::remote::GOOGLE_POLICY;
use super::storage::google_volumes;
use super::{container, left_alone};
use crate::facts::{Fact, google as facts};
use crate::frontends::aws::variables;
use crate::frontends::declared::take_tags;
use crate::frontends::kubernetes::quantity;
use crate::frontends::probes::CLOUD_RUN;
use crate::frontends::resource::{Resource, reference_to};
use crate::frontends::triggers::{always_on, calls, google_event, literal, schedule, written};
use crate::model::{
    EventKind, FunctionSettings, Gateway, HttpTrigger, Platform, PushTrigger, ScalerKind, TriggerKind, Workload,
    WorkloadKind, workload::Variable,
};
use crate::schedule::{Dialect, parse_duration};
use crate::source::Span;
use crate::value::{Data, Form, How, Origin, Part, Sourced, Unknown, Value, View};

/// The code for a type.
pub(super) fn lowering_of(kind: &str) -> Option<Lower> {
    Some(match kind {
        "google_cloud_run_v2_service" => |lowering, resource| lowering.service(resource),
        "google_cloud_run_service" => |lowering, resource| lowering.first_service(resource),
        "google_cloud_run_v2_job" => |lowering, resource| lowering.job(resource),
        "google_cloudfunctions_function" => |lowering, resource| lowering.first_function(resource),
        "google_cloudfunctions2_function" => |lowering, resource| lowering.second_function(resource),
        "google_cloud_scheduler_job" => |lowering, resource| lowering.scheduler(resource),
        "google_sql_database_instance" => |lowering, resource| lowering.sql_instance(resource),
        "google_pubsub_subscription" => |lowering, resource| lowering.subscription(resource),
        "google_cloud_run_v2_service_iam_member" | "google_cloud_run_v2_service_iam_binding" => {
            |lowering, resource| lowering.invokers(resource, "name")
        }
        "google_cloud_run_service_iam_member" | "google_cloud_run_service_iam_binding" => {
            |lowering, resource| lowering.invokers(resource, "service")
        }
        "google_cloud_run_v2_service_iam_policy" => |lowering, resource| lowering.policy(resource, "name"),
        "google_cloud_run_service_iam_policy" => |lowering, resource| lowering.policy(resource, "service"),
        "google_eventarc_trigger" => |lowering, resource| {
            let service = resource.view().at(&["destination", "cloud_run_service", "service"]);
            if service.is_present() {
                lowering.trigger(resource.span, written(service), always_on(), TriggerKind::Event(EventKind::Bus));
            }
        },
        _ => return None,
    })
}

impl Lowering<'_> {
    fn service(&mut self, resource: &Resource) {
        let view = resource.view();
        let template = view.get("template");
        let mut workload = self.workload(resource, WorkloadKind::Service, Platform::CloudRun);
        workload.timeout = duration(template.get("timeout")).or_fact(&facts::RUN_TIMEOUT_DEFAULT).map(Some);
        // The scaling of the service itself holds across revisions.
        let [own, shared] = [template.get("scaling"), view.get("scaling")];
        let manual = shared.get("manual_instance_count");
        let is_manual = manual.is_present() || shared.get("scaling_mode").is_text("MANUAL");
        if is_manual {
            // A number, and nothing that moves it.
            workload.min_instances = manual.whole();
            workload.max_instances = manual.whole();
        } else {
            let least = own.get("min_instance_count").whole().or(|| shared.get("min_instance_count").whole());
            workload.min_instances = least.or_fact(&facts::RUN_MIN_INSTANCES_DEFAULT).map(Some);
            workload.max_instances = own.get("max_instance_count").whole();
        }
        let idle = cpu_idle(template.get("containers"), resource);
        workload.cpu_idle = left_alone(view, "template.containers.resources.cpu_idle", idle);
        containers(template.get("containers"), &mut workload);
        if !is_manual {
            self.declarations.scalers.push(self.own_scaler(resource, ScalerKind::CloudRun, &workload));
        }
        google_volumes(template.get("volumes"), &mut workload);
        take_tags(view.get("annotations"), &mut workload);
        self.keep(workload, view.get("labels"));
        self.sticky_endpoint(resource, set_elsewhere(resource), template.get("session_affinity"));
        // Without a check of who calls, everybody may.
        let unchecked = view.get("invoker_iam_disabled");
        if unchecked.boolean().set() == Some(&true) {
            self.open_to_all(resource, unchecked.span().unwrap_or(resource.span));
        }
    }

    fn first_service(&mut self, resource: &Resource) {
        let template = resource.view().get("template");
        let spec = template.get("spec");
        let mut workload = self.workload(resource, WorkloadKind::Service, Platform::CloudRun);
        workload.timeout = spec.get("timeout_seconds").whole().or_fact(&facts::RUN_TIMEOUT_DEFAULT).map(Some);
        let annotations = template.at(&["metadata", "annotations"]);
        let shared = resource.view().at(&["metadata", "annotations", "run.googleapis.com/minScale"]);
        let least = annotations.get("autoscaling.knative.dev/minScale").whole().in_form(Form::Text);
        let least = least.or(|| shared.whole().in_form(Form::Text));
        workload.min_instances = least.or_fact(&facts::RUN_MIN_INSTANCES_DEFAULT).map(Some);
        workload.max_instances = annotations.get("autoscaling.knative.dev/maxScale").whole();
        let throttled = annotations
            .get("run.googleapis.com/cpu-throttling")
            .boolean()
            .unwrap_or(true)
            .map(Some)
            .in_form(Form::Text);
        let idle = with_accelerator(spec.get("containers")).unwrap_or(throttled);
        workload.cpu_idle = left_alone(resource.view(), "template.metadata.annotations", idle);
        containers(spec.get("containers"), &mut workload);
        self.declarations.scalers.push(self.own_scaler(resource, ScalerKind::CloudRun, &workload));
        google_volumes(spec.get("volumes"), &mut workload);
        for metadata in [template.get("metadata"), resource.view().get("metadata")] {
            take_tags(metadata.get("annotations"), &mut workload);
            take_tags(metadata.get("labels"), &mut workload);
        }
        self.keep(workload, View::missing(resource.span));
        self.sticky_endpoint(resource, set_elsewhere(resource), annotations.get("run.googleapis.com/sessionAffinity"));
        let unchecked = resource.view().at(&["metadata", "annotations", "run.googleapis.com/invoker-iam-disabled"]);
        if unchecked.boolean().set() == Some(&true) {
            self.open_to_all(resource, unchecked.span().unwrap_or(resource.span));
        }
    }

    /// Who may call a service: anybody, if a grant says so and the service lets requests in from everywhere.
    fn invokers(&mut self, resource: &Resource, service: &'static str) {
        let view = resource.view();
        let Some(called) = self.resources.referred(view.get(service)) else { return };
        if let Some(span) = open_grant(view, resource.span) {
            self.open_to_all(called, span);
        }
    }

    /// The same, where one policy says who may do what.
    fn policy(&mut self, resource: &Resource, service: &'static str) {
        let view = resource.view();
        let Some(called) = self.resources.referred(view.get(service)) else { return };
        let policy = self.resources.referred(view.get("policy_data")).filter(|policy| &*policy.kind == GOOGLE_POLICY);
        let Some(policy) = policy else { return };
        let grants = policy.view().get("binding").items();
        if let Some(span) = grants.into_iter().find_map(|grant| open_grant(grant, policy.span)) {
            self.open_to_all(called, span);
        }
    }

    /// A way in for everybody, as far as the service lets requests in.
    fn open_to_all(&mut self, service: &Resource, span: Span) {
        let view = service.view();
        let v1 = view.at(&["metadata", "annotations", "run.googleapis.com/ingress"]);
        let ingress = if v1.is_present() { v1 } else { view.get("ingress") };
        let is_public = ingress.text().and_then(|ingress| match ingress.as_deref() {
            None | Some("INGRESS_TRAFFIC_ALL" | "all") => Ok(true),
            Some("INGRESS_TRAFFIC_INTERNAL_ONLY" | "internal") => Ok(false),
            // A load balancer may stand in front of it.
            _ => Err(Unknown::NotEvaluated("what the load balancer lets in".into())),
        });
        let is_public = Sourced { origin: Origin::literal(span), ..is_public };
        let (limit, path) = (Sourced::absent(span), Sourced::absent(span));
        let http = HttpTrigger { is_public, ..HttpTrigger::new(Gateway::Platform, limit, path) };
        let target = reference_to(service.address.clone(), span);
        self.trigger(span, target, always_on(), TriggerKind::Http(http));
    }

    fn job(&mut self, resource: &Resource) {
        let view = resource.view();
        let task = view.at(&["template", "template"]);
        let mut workload = self.workload(resource, WorkloadKind::Job, Platform::CloudRunJob);
        workload.timeout = duration(task.get("timeout")).or_fact(&facts::RUN_JOB_TIMEOUT_DEFAULT).map(Some);
        containers(task.get("containers"), &mut workload);
        google_volumes(task.get("volumes"), &mut workload);
        self.keep(workload, view.get("labels"));
    }

    fn first_function(&mut self, resource: &Resource) {
        let view = resource.view();
        let mut workload = self.function(resource, Platform::GoogleFunctions1, view.get("runtime"));
        workload.timeout = function_timeout(view.get("timeout"));
        workload.memory = or_default(view.get("available_memory_mb").whole(), &facts::FUNCTION_MEMORY_DEFAULT);
        workload.min_instances = view.get("min_instances").whole();
        workload.max_instances = view.get("max_instances").whole();
        workload.environment = variables(view.get("environment_variables"));
        self.keep(workload, view.get("labels"));
        self.function_source(resource);
    }

    fn second_function(&mut self, resource: &Resource) {
        let view = resource.view();
        let config = view.get("service_config");
        let mut workload = self.function(resource, Platform::GoogleFunctions2, view.at(&["build_config", "runtime"]));
        workload.timeout = function_timeout(config.get("timeout_seconds"));
        let memory = quantity::read(config.get("available_memory"), quantity::mebibytes);
        workload.memory = or_default(memory, &facts::FUNCTION_MEMORY_DEFAULT);
        workload.cpu = quantity::read(config.get("available_cpu"), quantity::millicpu);
        workload.min_instances = config.get("min_instance_count").whole();
        workload.max_instances = config.get("max_instance_count").whole();
        workload.environment = variables(config.get("environment_variables"));
        self.keep(workload, view.get("labels"));
        self.function_source(resource);
    }

    fn function(&self, resource: &Resource, platform: Platform, runtime: View<'_>) -> Workload {
        let mut workload = self.workload(resource, WorkloadKind::Function, platform);
        let mut settings = FunctionSettings::unset(resource.span);
        settings.runtime = runtime.text();
        workload.function = Some(settings);
        workload
    }

    /// A function answers either requests or one kind of event.
    fn function_source(&mut self, resource: &Resource) {
        let event = resource.view().get("event_trigger");
        if event.is_absent() {
            return self.endpoint(resource, set_elsewhere(resource));
        }
        let name = event.get("event_type").known_text().unwrap_or_default();
        let span = event.span().unwrap_or(resource.span);
        let target = reference_to(resource.address.clone(), span);
        self.trigger(span, target, always_on(), TriggerKind::Event(google_event(&name)));
    }

    fn scheduler(&mut self, resource: &Resource) {
        let view = resource.view();
        let uri = view.at(&["http_target", "uri"]);
        let enabled = view.get("paused").boolean().map(|paused| !paused.unwrap_or(false));
        let Some(target) = uri.value() else { return self.scheduled_topic(resource, &enabled) };
        // The API that starts a job answers as soon as it has started.
        let is_job =
            self.resources.all_referred(uri).iter().any(|one| one.kind.ends_with("_job")) || starts_job(target);
        if is_job {
            let target = self.named_job(uri).unwrap_or_else(|| target.clone());
            return self.trigger(resource.span, target, enabled, schedule(view.get("schedule"), Dialect::Unix));
        }
        let deadline = duration(view.get("attempt_deadline")).or_fact(&facts::SCHEDULER_DEADLINE_DEFAULT).map(Some);
        let retries = retries(view.get("retry_config"));
        let clock = calls(view.get("schedule"), Dialect::Unix, deadline.clone(), retries.clone());
        self.trigger(resource.span, target.clone(), enabled.clone(), clock);
        let http = HttpTrigger {
            is_public: literal(false, Some(resource.span)),
            retries,
            ..HttpTrigger::new(Gateway::Scheduler, deadline, Sourced::absent(resource.span))
        };
        self.trigger(resource.span, target.clone(), enabled, TriggerKind::Http(http));
    }

    /// The job of the unit that an address names in plain text: `.../jobs/NAME:run`.
    fn named_job(&self, uri: View<'_>) -> Option<Value> {
        let text = uri.known_text()?;
        let name = text.rsplit('/').next()?.strip_suffix(":run")?;
        let mut jobs = self.resources.of("google_cloud_run_v2_job").filter(|job| job.view().get("name").is_text(name));
        let job = jobs.next().filter(|_| jobs.next().is_none())?;
        Some(reference_to(job.address.clone(), uri.span()?))
    }

    /// What hears of the messages that a clock sends to a topic: functions, and what subscriptions push them to. The
    /// topic may carry others as well, so that these keep their own triggers beside the clock.
    fn scheduled_topic(&mut self, clock: &Resource, enabled: &Sourced<bool>) {
        let Some(topic) = self.resources.referred(clock.view().at(&["pubsub_target", "topic_name"])) else { return };
        let mut heard = Vec::new();
        for resource in self.resources.iter() {
            let view = resource.view();
            let (source, target) = match &*resource.kind {
                "google_pubsub_subscription" => {
                    let endpoint = view.at(&["push_config", "push_endpoint"]);
                    (view.get("topic"), endpoint.value().cloned())
                }
                "google_cloudfunctions_function" | "google_cloudfunctions2_function" => {
                    let itself = reference_to(resource.address.clone(), resource.span);
                    (view.get("event_trigger").first(&["pubsub_topic", "resource"]), Some(itself))
                }
                _ => continue,
            };
            if self.resources.referred(source).is_some_and(|found| found.address == topic.address) {
                heard.extend(target);
            }
        }
        for target in heard {
            let kind = schedule(clock.view().get("schedule"), Dialect::Unix);
            self.trigger(clock.span, target, enabled.clone(), kind);
        }
    }

    fn subscription(&mut self, resource: &Resource) {
        let view = resource.view();
        let endpoint = view.at(&["push_config", "push_endpoint"]);
        if endpoint.is_present() {
            let deadline = view.get("ack_deadline_seconds").whole().or_fact(&facts::PUBSUB_ACK_DEADLINE_DEFAULT);
            let kind = TriggerKind::Push(PushTrigger { ack_deadline: deadline });
            self.trigger(resource.span, written(endpoint), always_on(), kind);
        }
    }
}

fn or_default(value: Sourced<Option<u64>>, default: &'static Fact) -> Sourced<Option<u64>> {
    value.or_fact(default).map(Some)
}

fn function_timeout(view: View<'_>) -> Sourced<Option<u64>> {
    or_default(view.whole(), &facts::FUNCTION_TIMEOUT_DEFAULT)
}

/// Seconds of a duration such as `1800s`, rounded up.
fn duration(view: View<'_>) -> Sourced<Option<u64>> {
    let seconds = view.text().and_then(|text| match text {
        None => Ok(None),
        Some(text) => match parse_duration(&text) {
            Some(seconds) => Ok(Some(seconds.ceil() as u64)),
            None => Err(Unknown::Invalid(format!("`{text}` is no duration").into())),
        },
    });
    seconds.in_form(Form::SecondsText)
}

/// How often Cloud Scheduler tries a failed attempt again: never, unless a number says so. A time for which it goes on
/// trying does so without a number.
fn retries(view: View<'_>) -> Sourced<Option<u64>> {
    let (count, time) = (view.get("retry_count").whole(), view.get("max_retry_duration"));
    match count.set() {
        None | Some(0) if time.is_present() => {
            time.text().and_then(|_| Err(Unknown::NotEvaluated("retries for a time".into())))
        }
        _ => count,
    }
}

/// Whether an address is the method of the Cloud Run API that runs a job: it ends in `/jobs/NAME:run`.
fn starts_job(target: &Value) -> bool {
    let ends = |text: &str| text.ends_with(":run");
    match target.known() {
        Some(Data::Text(text)) => ends(text),
        Some(Data::Template(parts)) => matches!(parts.last(), Some(Part::Text(text)) if ends(text)),
        _ => false,
    }
}

fn variable(view: View<'_>) -> Option<Variable> {
    let name = view.get("name");
    Some(Variable { name: name.known_text()?, span: name.span(), value: written(view.get("value")) })
}

/// Where a grant lets everybody call a service.
fn open_grant(grant: View<'_>, place: Span) -> Option<Span> {
    let members = grant.first(&["member", "members"]);
    let is_anybody = members.items().iter().any(|member| member.is_text("allUsers"));
    let is_open = is_anybody && grant.get("role").is_text("roles/run.invoker");
    is_open.then(|| members.span().unwrap_or(place))
}

/// With a GPU there is no choice, and another price.
fn with_accelerator(containers: View<'_>) -> Option<Sourced<Option<bool>>> {
    let items = containers.items();
    let gpu = items.iter().map(|item| item.at(&["resources", "limits", "nvidia.com/gpu"])).find(|gpu| gpu.is_present());
    gpu.map(|gpu| open("instances with a GPU", gpu.span()))
}

fn open<T>(what: &str, span: Option<Span>) -> Sourced<T> {
    Sourced::unknown(Unknown::NotEvaluated(what.into()), Origin::new(How::Absent, span))
}

/// Whether an instance has CPU only while it works on requests. Each container says so for itself, but it holds for the
/// instance as a whole.
fn cpu_idle(containers: View<'_>, resource: &Resource) -> Sourced<Option<bool>> {
    let of_container = |item: &View<'_>| {
        let resources = item.get("resources");
        resources.get("cpu_idle").boolean().or(|| {
            let (fact, place) = match item.key_span("resources").filter(|_| resources.is_present()) {
                Some(place) => (&facts::RUN_CPU_IDLE_WITH_RESOURCES, place),
                None => (&facts::RUN_CPU_IDLE_DEFAULT, resource.span),
            };
            Sourced::new(Some(fact.value != 0.0), Origin::new(How::Platform(fact), place))
        })
    };
    let items = containers.items();
    let mut all = items.iter().map(of_container);
    let or_open = |what| open(what, containers.span());
    with_accelerator(containers).unwrap_or_else(|| match all.next() {
        None => or_open("the containers of this service"),
        Some(first) if all.all(|other| other.value == first.value) => first,
        Some(_) => or_open("containers that differ in when they have CPU"),
    })
}

/// Containers of one instance; their limits add up to what the instance has.
fn containers(view: View<'_>, workload: &mut Workload) {
    let items = view.items();
    for item in &items {
        workload.environment.extend(item.get("env").items().into_iter().filter_map(variable));
        let limits = item.at(&["resources", "limits"]).within(item.get("name").span().or(item.span()));
        workload.containers.extend(container(*item, limits.get("cpu"), limits.get("memory"), &CLOUD_RUN));
    }
    workload.take_variables();
    if let [only] = workload.containers.as_slice() {
        workload.cpu = only.cpu_request.clone();
        workload.memory = only.memory_request.clone();
    } else if !items.is_empty() {
        let why = || Unknown::NotEvaluated("the sum over several containers".into());
        let origin = || Origin::new(How::Absent, view.block());
        workload.cpu = Sourced::unknown(why(), origin());
        workload.memory = Sourced::unknown(why(), origin());
    }
}

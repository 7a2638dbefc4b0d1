//! Jobs of Cloud Run and the schedules that start them, in Terraform.

use super::Draft;
use super::aws::to_fill_in;
use super::copy::{Entries, all_below, below, copied, copied_entries, entries, get, group, remove, resource};
use super::kubernetes::Work;
use super::site::{Declaration, Site};
use crate::fix::New;
use crate::model::Workload;
use crate::schedule::{Dialect, Schedule};
use crate::source::Span;
use crate::tree::NodeRef;

const JOB: &str = "google_cloud_run_v2_job";
const BUCKET: &str = "google_storage_bucket";
/// Seconds that a task of a job may take: an hour, until people say otherwise.
const TASK_TIMEOUT: u64 = 3600;
/// What a service has and a job has not.
const OF_SERVICES: [&str; 5] = ["ports", "liveness_probe", "startup_probe", "readiness_probe", "lifecycle"];

fn block(body: Entries) -> New {
    group(true, body)
}

/// A job out of a service that waits for its time, and its schedule.
pub(super) fn scheduled_container(site: &Site<'_>, work: &Work<'_>) -> Result<Draft, String> {
    if site.declaration != Declaration::Block || site.kind() != "google_cloud_run_v2_service" {
        return Err(format!("a job is not made out of `{}`", site.kind()));
    }
    let template = site.node.get("template").ok_or("it has no template")?;
    let mut copy = copied_entries(template)?;
    remove(
        &mut copy,
        &["scaling", "revision", "labels", "annotations", "session_affinity", "max_instance_request_concurrency"],
    );
    let mut containers = all_below(&mut copy, &["containers"]);
    let [container] = containers.as_mut_slice() else { return Err("it has more than one container".into()) };
    remove(container, &OF_SERVICES);
    if let Some(resources) = below(container, "resources") {
        remove(resources, &["cpu_idle", "startup_cpu_boost"]);
    }
    remove(container, &["command", "args"]);
    container.push(("command".into(), New::List(work.words())));
    let mut draft = Draft { remarks: work.remarks(), ..Draft::default() };
    remove(&mut copy, &["timeout"]);
    let timeout = New::text(format!("{}s", work.deadline()));
    let mut inner = entries([("timeout", timeout), ("max_retries", New::Number(1))]);
    inner.extend(copy);
    let account = get(&inner, "service_account").cloned();
    job(site, inner, Some(work.schedule.0.clone()), account, &mut draft)?;
    Ok(draft)
}

/// A job in the place of a function.
pub(super) fn job_of_function(site: &Site<'_>, workload: &Workload, schedule: Option<&str>) -> Result<Draft, String> {
    if site.declaration != Declaration::Block {
        return Err("it is not declared in Terraform".into());
    }
    if let Some(text) = schedule {
        Schedule::parse(text, Dialect::Unix).map_err(|error| format!("its schedule cannot be taken over: {error}"))?;
    }
    let config = site.node.get("service_config").unwrap_or(site.node);
    let mut container = entries([("image", to_fill_in())]);
    if let Some(memory) = workload.memory.set() {
        let cpu = if *memory > 4096 { "2" } else { "1" };
        let limits = New::object([("cpu", New::text(cpu)), ("memory", New::text(format!("{memory}Mi")))]);
        container.push(("resources".into(), block(vec![("limits".into(), limits)])));
    }
    if let Some(variables) = config.get("environment_variables") {
        if !variables.is_mapping() {
            return Err("its environment is put together".into());
        }
        for (key, value) in variables.entries() {
            let name = key.as_str().ok_or("its environment is put together")?;
            let variable = entries([("name", New::text(name)), ("value", copied(value)?)]);
            container.push(("env".into(), block(variable)));
        }
    }
    let mut draft = Draft::default();
    draft.remarks.push("fill in the image".into());
    let timeout = workload.timeout.set().copied().unwrap_or(TASK_TIMEOUT).saturating_mul(2);
    let mut inner = entries([("timeout", New::text(format!("{timeout}s"))), ("max_retries", New::Number(1))]);
    let account = config.get("service_account_email").map(copied).transpose()?;
    if let Some(account) = &account {
        inner.push(("service_account".into(), account.clone()));
    }
    inner.push(("containers".into(), block(container)));
    job(site, inner, schedule.map(String::from), account, &mut draft)?;
    Ok(draft)
}

/// The job, and what starts it.
fn job(
    site: &Site<'_>,
    task: Entries,
    schedule: Option<String>,
    account: Option<New>,
    draft: &mut Draft,
) -> Result<(), String> {
    let location =
        site.node.get("location").or_else(|| site.node.get("region")).ok_or("where it runs is not written")?;
    let location = copied(location)?;
    let name = site.taken_of(JOB).unique(site.label(), "_");
    let mut platform_names = site.taken();
    let mut body = Entries::new();
    let named = platform_names.unique(&format!("{}-job", site.label().replace('_', "-")), "-");
    body.push(("name".into(), New::text(named)));
    body.push(("location".into(), location.clone()));
    if let Some(project) = site.node.get("project") {
        body.push(("project".into(), copied(project)?));
    }
    body.push(("template".into(), block(vec![("template".into(), block(task))])));
    let mut blocks = vec![resource(JOB, &name, body)];
    if let Some(schedule) = schedule {
        let email = account.unwrap_or_else(|| {
            draft.remarks.push("fill in the account that starts it".into());
            to_fill_in()
        });
        let invoker = entries([
            ("name", New::Raw(format!("{JOB}.{name}.name"))),
            ("location", New::Raw(format!("{JOB}.{name}.location"))),
            ("role", New::text("roles/run.invoker")),
            ("member", member(&email)),
        ]);
        let scheduler = site.taken_of("google_cloud_scheduler_job").unique(site.label(), "_");
        let target = entries([
            ("http_method", New::text("POST")),
            ("uri", New::Raw(format!("\"https://run.googleapis.com/v2/${{{JOB}.{name}.id}}:run\""))),
            ("oauth_token", block(entries([("service_account_email", email)]))),
        ]);
        let named = platform_names.unique(&format!("{}-schedule", site.label().replace('_', "-")), "-");
        let body = entries([
            ("name", New::text(named)),
            ("region", location),
            ("schedule", New::text(schedule)),
            ("http_target", block(target)),
        ]);
        blocks.push(resource("google_cloud_run_v2_job_iam_member", &name, invoker));
        blocks.push(resource("google_cloud_scheduler_job", &scheduler, body));
    }
    draft.operations.push(site.append(blocks));
    Ok(())
}

/// A bucket that a service of Cloud Run has mounted at a directory which a value at a place names.
pub(super) fn mounted_bucket(site: &Site<'_>, directory: &str, place: Span, what: &str) -> Result<Draft, String> {
    if site.declaration != Declaration::Block || site.kind() != "google_cloud_run_v2_service" {
        return Err(format!("how a bucket is mounted in `{}` is not known", site.kind()));
    }
    let is_directory = directory.len() > 1 && directory.starts_with('/') && !directory.contains('$');
    let template = site.node.get("template").filter(|_| is_directory).ok_or("the directory is not known")?;
    let of_template = |kind: &'static str| template.entries().filter(move |(key, _)| key.as_str() == Some(kind));
    let is_named = |block: NodeRef<'_>| block.get("name").and_then(NodeRef::as_str) == Some(what);
    if of_template("volumes").any(|(_, volume)| is_named(volume)) {
        return Err(format!("it has a volume `{what}` already"));
    }
    let containers: Vec<NodeRef<'_>> = of_template("containers").map(|(_, container)| container).collect();
    let around = containers.iter().find(|container| container.span().contains(place));
    let container =
        around.or(containers.first().filter(|_| containers.len() == 1)).ok_or("it has several containers")?;
    let label = site.taken_of(BUCKET).unique(&format!("{}_{what}", site.label()), "_");
    let name = || New::Raw(format!("{BUCKET}.{label}.name"));
    let declared = |kind: &str, mut body: Entries| {
        if let Some(provider) = site.node.get("provider") {
            body.insert(0, ("provider".into(), New::Raw(provider.slice().to_string())));
        }
        resource(kind, &label, body)
    };
    let mut bucket = entries([("name", to_fill_in())]);
    for key in ["project", "location"] {
        let value = site.node.get(key).map(copied).transpose()?;
        bucket.extend(value.map(|value| (key.to_string(), value)));
    }
    bucket.push(("uniform_bucket_level_access".into(), New::Boolean(true)));
    let mut blocks = vec![declared(BUCKET, bucket)];
    let mut draft = Draft::default();
    draft.remarks.push("give the bucket a name".into());
    match template.get("service_account").map(copied).transpose()? {
        Some(account) => blocks.push(declared(
            "google_storage_bucket_iam_member",
            entries([
                ("bucket", name()),
                ("role", New::text("roles/storage.objectUser")),
                ("member", member(&account)),
            ]),
        )),
        None => draft.remarks.push("let its account use the bucket".into()),
    }
    let volume = entries([("name", New::text(what)), ("gcs", block(vec![("bucket".to_string(), name())]))]);
    let mount = entries([("name", New::text(what)), ("mount_path", New::text(directory))]);
    draft.operations.push(site.insert(template, vec![("volumes".into(), block(volume))]));
    draft.operations.push(site.insert(*container, vec![("volume_mounts".into(), block(mount))]));
    draft.operations.push(site.append(blocks));
    Ok(draft)
}

/// The account as a member of a policy.
fn member(email: &New) -> New {
    match email {
        New::Raw(text) if text.starts_with('"') => New::Raw(text.replacen('"', "\"serviceAccount:", 1)),
        New::Raw(text) => New::Raw(format!("\"serviceAccount:${{{text}}}\"")),
        New::Text(text) => New::text(format!("serviceAccount:{text}")),
        other => other.clone(),
    }
}

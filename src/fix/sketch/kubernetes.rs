//! A CronJob out of a Deployment, in a manifest or in Terraform.

use super::copy::{Entries, all_below, below, copied, copied_entries, group, remove, resource};
use super::site::{Declaration, Site};
use super::{CHANGE_ME, Draft};
use crate::facts::kubernetes;
use crate::fix::New;
use crate::lint::seconds;
use crate::model::command::Loop;
use crate::schedule::cron_every;
use crate::tree::NodeRef;

/// What a container of a job does not need: nobody calls it, and nothing waits for it to be ready.
const OF_SERVERS: [&str; 10] = [
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "ports",
    "liveness_probe",
    "readiness_probe",
    "startup_probe",
    "port",
    "restartPolicy",
];
/// Of the period, the share that a run may take: 11 of 12 parts.
const DEADLINE: (u64, u64) = (11, 12);

/// Seconds that what was a call may take at most, until people say otherwise.
const CALL: u64 = 3600;
/// What to tell where the work cannot be told from its loop.
pub(super) const COMMAND: &str = "fill in the command that does the work once";

/// What a container of a job runs, and when.
pub(super) struct Work<'a> {
    /// Seconds that its loop sleeps, or between two calls of the clock.
    pub period: u64,
    /// The cron expression for it, and the seconds between two of its runs.
    pub schedule: (String, u64),
    /// The command, without its loop; `None`: it cannot be told apart, or is to be chosen.
    pub command: Option<&'a str>,
    /// It answers calls so far: whoever calls it finds it by its labels.
    pub is_called: bool,
}

impl<'a> Work<'a> {
    /// What a loop does.
    pub fn of(repeats: &'a Loop) -> Result<Self, String> {
        let period = repeats.period.ok_or("when it runs stands in a table that is not among the files")?;
        Ok(Self { period, schedule: cron_every(period), command: repeats.work.as_deref(), is_called: false })
    }

    /// What a clock calls a service for.
    pub fn called(schedule: String, period: u64) -> Self {
        Self { period, schedule: (schedule, period), command: None, is_called: true }
    }

    /// Seconds that a run may take: most of the time until the next one.
    pub fn deadline(&self) -> u64 {
        let most = self.schedule.1 * DEADLINE.0 / DEADLINE.1;
        if self.is_called { most.min(CALL) } else { most.max(1) }
    }

    /// The words of the command; a shell reads what is more than words.
    pub fn words(&self) -> Vec<New> {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || " _-./:=@%+,".contains(letter);
        match self.command {
            Some(work) if work.chars().all(is_plain) => work.split_whitespace().map(New::text).collect(),
            Some(work) => ["sh", "-c", work].map(New::text).into(),
            None => vec![New::text(CHANGE_ME)],
        }
    }

    /// What the reader has to know about it.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let (schedule, period) = &self.schedule;
        if *period != self.period {
            remarks.push(format!(
                "`{schedule}` is every {}, the loop sleeps {}",
                seconds(*period),
                seconds(self.period)
            ));
        }
        if self.command.is_none() {
            remarks.push(COMMAND.to_string());
        }
        remarks
    }
}

/// A CronJob in the place of what keeps a pod.
pub(super) fn cron_job(site: &Site<'_>, work: &Work<'_>) -> Result<Draft, String> {
    let kind = site.kind();
    let is_known = matches!(kind, "Deployment" | "ReplicaSet" | "kubernetes_deployment" | "kubernetes_deployment_v1");
    if !is_known {
        return Err(format!("a CronJob is not made out of the kind `{kind}`"));
    }
    let template = site.node.at(&["spec", "template"]).ok_or("its pod template is not beside it")?;
    let metadata = site.node.get("metadata").ok_or("it has no metadata")?;
    let mut draft = Draft { remarks: work.remarks(), ..Draft::default() };
    let pod = pod_template(site, template, work)?;
    let job = vec![(site.key("activeDeadlineSeconds"), New::Number(work.deadline())), ("template".to_string(), pod)];
    let mut template = vec![("spec".to_string(), group(site.is_hcl(), job))];
    if site.is_hcl() {
        template.insert(0, ("metadata".into(), group(true, Vec::new())));
    }
    let spec = vec![
        ("schedule".to_string(), New::Raw(format!("\"{}\"", work.schedule.0))),
        (site.key("concurrencyPolicy"), New::text("Forbid")),
        (site.key("jobTemplate"), group(site.is_hcl(), template)),
    ];
    let metadata = metadata_of(site, metadata)?;
    draft.operations.push(object(site, ["batch/v1", "CronJob", "kubernetes_cron_job_v1"], metadata, spec));
    Ok(draft)
}

/// The metadata of the new object: who it is, and what people have said about it.
fn metadata_of(site: &Site<'_>, metadata: NodeRef<'_>) -> Result<Entries, String> {
    let kept = ["name", "generateName", "generate_name", "namespace", "labels"];
    let mut copy = copied_entries(metadata)?;
    copy.retain(|(key, _)| kept.contains(&&**key));
    let name = metadata.get("name").and_then(NodeRef::as_str);
    let most = kubernetes::CRON_JOB_NAME_MAX.whole();
    match name {
        Some(name) if name.len() as u64 > most => {
            Err(format!("its name is longer than the {most} characters of a CronJob's"))
        }
        None if !site.is_hcl() => Err("it has no name".into()),
        _ => Ok(copy),
    }
}

/// The pod template, for a pod that ends.
fn pod_template(site: &Site<'_>, template: NodeRef<'_>, work: &Work<'_>) -> Result<New, String> {
    let mut copy = copied_entries(template)?;
    let spec = below(&mut copy, "spec").ok_or("its pod template has no spec")?;
    let mut containers = all_below(spec, &["containers", "container"]);
    let [container] = containers.as_mut_slice() else { return Err("it has more than one container".into()) };
    remove(container, &OF_SERVERS);
    let at = container.iter().position(|(key, _)| key == "command" || key == "args");
    remove(container, &["command", "args"]);
    let at = at.unwrap_or(container.len()).min(container.len());
    container.insert(at, ("command".into(), New::List(work.words())));
    remove(spec, &["restartPolicy", "restart_policy", "terminationGracePeriodSeconds"]);
    spec.insert(0, (site.key("restartPolicy"), New::text("OnFailure")));
    if let Some(metadata) = below(&mut copy, "metadata") {
        remove(metadata, &["name", "creationTimestamp"]);
    }
    // No Service is to lead to the job.
    if work.is_called
        && let Some(metadata) = below(&mut copy, "metadata")
    {
        remove(metadata, &["labels"]);
    }
    copy.retain(|(key, value)| key != "metadata" || !matches!(value, New::Object(entries) if entries.is_empty()));
    Ok(group(site.is_hcl(), copy))
}

/// A whole object: a document, or a block.
pub(super) fn object(
    site: &Site<'_>,
    [version, kind, block]: [&'static str; 3],
    metadata: Entries,
    spec: Entries,
) -> crate::fix::operation::Operation {
    if site.declaration == Declaration::Block {
        let label = site.taken_of(block).unique(site.label(), "_");
        let body = vec![("metadata".to_string(), group(true, metadata)), ("spec".to_string(), group(true, spec))];
        return site.append(vec![resource(block, &label, body)]);
    }
    site.append(vec![
        ("apiVersion".into(), New::text(version)),
        ("kind".into(), New::text(kind)),
        ("metadata".into(), New::Object(metadata)),
        ("spec".into(), New::Object(spec)),
    ])
}

/// The name of an object in its own words, for another one that refers to it.
pub(super) fn name_of(site: &Site<'_>) -> Result<New, String> {
    copied(site.node.at(&["metadata", "name"]).ok_or("it has no name")?)
}

/// The namespace of an object, if it names one.
pub(super) fn namespace_of(site: &Site<'_>) -> Result<Option<New>, String> {
    site.node.at(&["metadata", "namespace"]).map(copied).transpose()
}

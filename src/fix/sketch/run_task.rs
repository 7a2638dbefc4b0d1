//! Containers that a clock starts, or that stay, in the place of something that fits its platform badly.

use super::aws::{CLUSTER, Grant, ROLE, SCHEDULE, SERVICE, TASK, attribute_of, referred, to_fill_in};
use super::copy::{Entries, copied, entries};
use super::kubernetes::{COMMAND, Work, cron_job};
use super::site::{Declaration, Site};
use super::stack::Stack;
use super::{Desk, Draft, google};
use crate::fix::{New, json};
use crate::model::{BackingKind, Packaging, Platform, Workload};
use crate::schedule::{Dialect, Schedule};
use crate::tree::{Kind, NodeRef, Style, Syntax};

/// The cluster of a service that names none.
const DEFAULT_CLUSTER: &str = "!Sub arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:cluster/default";
/// Units of CPU that tasks on Fargate come in; 1024 are one vCPU.
const SIZES: [u64; 5] = [256, 512, 1024, 2048, 4096];
/// Memory in MiB with which a function has one vCPU.
const MEMORY_OF_ONE_CPU: u64 = 1769;

/// In the place of a service that only a clock calls.
pub(super) fn of_called(desk: Desk<'_>, workload: &Workload) -> Result<Draft, String> {
    let clocks = desk.architecture.clocks_only(workload).ok_or("something else than a clock calls it")?;
    let [(trigger, clock)] = clocks.as_slice() else { return Err("more than one clock calls it".into()) };
    let place = clock.schedule.origin.written_at().unwrap_or(trigger.span);
    let text = text_at(desk, place).ok_or("its schedule is not written as a text of its own")?;
    let period = clock.schedule.known().and_then(|schedule| schedule.shortest_period());
    Schedule::parse(&text, Dialect::Unix).map_err(|error| format!("its schedule cannot be taken over: {error}"))?;
    let work = Work::called(text, period.ok_or("it does not come again")?);
    let site = Site::of(desk, &workload.identity)?;
    match workload.platform {
        Platform::Kubernetes => cron_job(&site, &work),
        Platform::CloudRun => google::scheduled_container(&site, &work),
        _ => Err("what starts a job there is not known".into()),
    }
}

/// In the place of a container that waits for its time.
pub(super) fn of_container(desk: Desk<'_>, workload: &Workload) -> Result<Draft, String> {
    let mut containers = workload.main_containers();
    let container =
        containers.next().filter(|_| containers.next().is_none()).ok_or("it has more than one container")?;
    let repeats = container.repeats.as_ref().ok_or("what it repeats is not known")?;
    let work = Work::of(repeats)?;
    let site = Site::of(desk, &workload.identity)?;
    match workload.platform {
        Platform::Kubernetes if repeats.span.file != site.tree.file() => {
            Err("its command comes from another file".into())
        }
        Platform::Kubernetes => cron_job(&site, &work),
        Platform::AwsEcs => scheduled_task(site, &container.name, &work),
        Platform::CloudRun => google::scheduled_container(&site, &work),
        _ => Err("what starts a job there is not known".into()),
    }
}

/// EventBridge Scheduler starts the task of a service.
fn scheduled_task(site: Site<'_>, container: &str, work: &Work<'_>) -> Result<Draft, String> {
    let body = site.body();
    let get = |terraform: &str, template: &str| body.get(terraform).or_else(|| body.get(template));
    let task = get("task_definition", "TaskDefinition").ok_or("its task definition is not beside it")?;
    let mut stack = Stack::beside(site)?;
    let mut draft = Draft::default();
    if work.command.is_none() {
        draft.remarks.push(COMMAND.into());
    }
    if !work.period.is_multiple_of(60) {
        draft.remarks.push("it starts at whole minutes".into());
    }
    let cluster = match get("cluster", "Cluster") {
        Some(cluster) => cluster_arn(&stack, cluster),
        None if site.is_hcl() || site.syntax == Syntax::Json => None,
        None => Some(New::Raw(DEFAULT_CLUSTER.into())),
    };
    if cluster.is_none() {
        draft.remarks.push("fill in the ARN of the cluster".into());
    }
    let overridden =
        New::List(vec![New::object([("name", New::text(container)), ("command", New::List(work.words()))])]);
    let network = get("network_configuration", "NetworkConfiguration").map(copied).transpose()?;
    let target = Target {
        cluster: cluster.unwrap_or_else(to_fill_in),
        task: copied(task)?,
        network,
        launch_type: get("launch_type", "LaunchType").map(copied).transpose()?,
        overridden: Some(New::object([("containerOverrides", overridden)])),
        passes: roles_of(&site, task)?,
    };
    let rate = rate(work.period);
    schedule(&mut stack, New::text(rate), target)?;
    draft.operations = stack.finish()?;
    Ok(draft)
}

/// `rate(30 minutes)`; EventBridge has no seconds.
fn rate(period: u64) -> String {
    let minutes = (period / 60).max(1);
    match (minutes.is_multiple_of(60), minutes) {
        (true, 60) => "rate(1 hour)".into(),
        (true, _) => format!("rate({} hours)", minutes / 60),
        (_, 1) => "rate(1 minute)".into(),
        _ => format!("rate({minutes} minutes)"),
    }
}

/// The ARN of the cluster that a service names.
fn cluster_arn(stack: &Stack<'_>, cluster: NodeRef<'_>) -> Option<New> {
    if stack.is_hcl() {
        let text = cluster.slice();
        let (base, attribute) = text.rsplit_once('.')?;
        let is_cluster = base.starts_with("aws_ecs_cluster.") && matches!(attribute, "arn" | "id" | "name");
        return is_cluster.then(|| New::Raw(format!("{base}.arn")));
    }
    if let Some(name) = referred(cluster) {
        return Some(stack.reference(name, "Arn"));
    }
    match attribute_of(cluster, "Arn") {
        Some(_) => copied(cluster).ok(),
        None => cluster.as_str().filter(|text| text.starts_with("arn:")).and_then(|_| copied(cluster).ok()),
    }
}

/// What a schedule starts.
struct Target {
    cluster: New,
    task: New,
    network: Option<New>,
    launch_type: Option<New>,
    overridden: Option<New>,
    /// The roles that the task gets; where they are not known, any that tasks may have.
    passes: Option<Vec<New>>,
}

/// A schedule that runs a task, and the role with which it does so.
fn schedule(stack: &mut Stack<'_>, when: New, target: Target) -> Result<(), String> {
    let mut grants: Vec<Grant> = vec![(&["ecs:RunTask"], target.task.clone())];
    const PASS: &[&str] = &["iam:PassRole"];
    match target.passes {
        Some(mut roles) if roles.len() == 1 => grants.extend(roles.pop().map(|role| (PASS, role))),
        Some(roles) if roles.is_empty() => {}
        Some(roles) => grants.push((PASS, New::List(roles))),
        None => grants.push((PASS, New::text("*"))),
    }
    let role = stack.role(["scheduler", "SchedulerRole"], "scheduler.amazonaws.com", grants);
    let mut task = entries([("TaskDefinitionArn", target.task)]);
    if let Some(launch_type) = target.launch_type {
        task.push(("LaunchType".into(), launch_type));
    }
    if let Some(network) = target.network {
        task.push(("NetworkConfiguration".into(), network));
    }
    let mut body =
        entries([("Arn", target.cluster), ("RoleArn", stack.arn(ROLE, &role)), ("EcsParameters", New::Object(task))]);
    if let Some(overridden) = target.overridden {
        let input = if stack.is_hcl() { stack.json(overridden) } else { New::text(json::inline(&overridden)) };
        body.push(("Input".into(), input));
    }
    let name = stack.name(SCHEDULE, ["", "Schedule"]);
    let mut properties = stack.named(SCHEDULE, "Name", &name);
    properties.extend(entries([
        ("ScheduleExpression", when),
        ("FlexibleTimeWindow", New::object([("Mode", New::text("OFF"))])),
        ("Target", New::Object(body)),
    ]));
    stack.add(SCHEDULE, &name, properties);
    Ok(())
}

/// In the place of a function that only a schedule starts.
pub(super) fn of_function(desk: Desk<'_>, workload: &Workload) -> Result<Draft, String> {
    let text = schedule_of(desk, workload)?;
    match workload.platform {
        Platform::AwsLambda => {}
        Platform::GoogleFunctions1 | Platform::GoogleFunctions2 => {
            return google::job_of_function(&Site::of(desk, &workload.identity)?, workload, text.as_deref());
        }
        _ => return Err("what starts a job there is not known".into()),
    }
    if let Some(text) = &text {
        Schedule::parse(text, Dialect::AwsScheduler)
            .map_err(|error| format!("its schedule cannot be taken over: {error}"))?;
    }
    let mut stack = Stack::beside(Site::of(desk, &workload.identity)?)?;
    let mut draft = Draft::default();
    let task = task(desk, &mut stack, workload, &mut draft)?;
    let Some(text) = text else {
        draft.remarks.push("start it where the function was called".into());
        draft.operations = stack.finish()?;
        return Ok(draft);
    };
    let target = Target {
        cluster: task.cluster,
        task: stack.arn(TASK, &task.name),
        network: Some(task.network),
        launch_type: Some(New::text("FARGATE")),
        overridden: None,
        passes: Some(task.roles),
    };
    schedule(&mut stack, New::text(text), target)?;
    draft.operations = stack.finish()?;
    Ok(draft)
}

/// The text of the only schedule that starts a function; nothing where nothing starts it that is known.
fn schedule_of(desk: Desk<'_>, workload: &Workload) -> Result<Option<String>, String> {
    if desk.architecture.triggers_of(workload).next().is_none() {
        return Ok(None);
    }
    let schedules = desk.architecture.schedules_only(workload).ok_or("something else than a schedule starts it")?;
    let [(trigger, clock)] = schedules.as_slice() else { return Err("more than one schedule starts it".into()) };
    let place = clock.schedule.origin.written_at().unwrap_or(trigger.span);
    text_at(desk, place).map(Some).ok_or_else(|| "its schedule is not written as a text of its own".into())
}

/// The roles that a task definition beside a service names; `None` where it is not beside it.
fn roles_of(site: &Site<'_>, task: NodeRef<'_>) -> Result<Option<Vec<New>>, String> {
    let name = match site.is_hcl() {
        true => task.slice().strip_prefix("aws_ecs_task_definition.").and_then(|rest| rest.split('.').next()),
        false => referred(task),
    };
    let mut definitions = site.tree.all().filter(|node| match site.is_hcl() {
        true => {
            let mut labels = node.labels().filter_map(NodeRef::as_str);
            labels.next() == Some(TASK[0]) && labels.next() == name
        }
        false => {
            let own = name.and_then(|name| node.get("Resources")?.get(name));
            own.and_then(|own| own.get("Type")).and_then(NodeRef::as_str) == Some(TASK[1])
        }
    });
    let Some(found) = definitions.next().filter(|_| name.is_some()) else { return Ok(None) };
    let body =
        if site.is_hcl() { Some(found) } else { name.and_then(|name| found.at(&["Resources", name, "Properties"])) };
    let keys = ["execution_role_arn", "task_role_arn", "ExecutionRoleArn", "TaskRoleArn"];
    let roles = keys.iter().filter_map(|key| body?.get(key));
    let copies: Vec<New> = roles.map(copied).collect::<Result<_, _>>()?;
    Ok(Some(copies))
}

/// A service on Fargate in the place of a function.
pub(super) fn service(desk: Desk<'_>, workload: &Workload) -> Result<Draft, String> {
    if workload.platform != Platform::AwsLambda {
        return Err("a service is only written for AWS Lambda".into());
    }
    let mut stack = Stack::beside(Site::of(desk, &workload.identity)?)?;
    let mut draft = Draft::default();
    let task = task(desk, &mut stack, workload, &mut draft)?;
    let name = stack.name(SERVICE, ["", "Service"]);
    let definition = stack.arn(TASK, &task.name);
    let count = if desk.architecture.waiting_triggers_of(workload).next().is_some() { 2 } else { 1 };
    let mut body = stack.named(SERVICE, "Name", &name);
    body.extend(entries([
        ("Cluster", task.cluster),
        ("TaskDefinition", definition),
        ("DesiredCount", New::Number(count)),
        ("LaunchType", New::text("FARGATE")),
        ("NetworkConfiguration", task.network),
    ]));
    stack.add(SERVICE, &name, body);
    draft.operations = stack.finish()?;
    Ok(draft)
}

/// A task definition that was written here, and what running it takes.
struct Task {
    name: String,
    cluster: New,
    network: New,
    roles: Vec<New>,
}

/// A task for Fargate that has what the function has.
fn task(desk: Desk<'_>, stack: &mut Stack<'_>, workload: &Workload, draft: &mut Draft) -> Result<Task, String> {
    let site = stack.site;
    let function = workload.function.as_ref().ok_or("it is not a function")?;
    let memory = *workload.memory.set().ok_or("its memory is not known")?;
    let image = image(&site)?.filter(|_| function.packaging.known() == Some(&Packaging::Image));
    let mut missing = Vec::new();
    if image.is_none() {
        missing.push("the image");
    }
    let environment = environment(&site)?;
    let key = |name: &'static str| if site.is_hcl() { lower(name) } else { name.to_string() };
    let mut container = vec![
        (key("Name"), New::text(site.label())),
        (key("Image"), image.unwrap_or_else(to_fill_in)),
        (key("Essential"), New::Boolean(true)),
    ];
    if let Some(environment) = environment {
        container.push((key("Environment"), environment));
    }
    let execution = stack.execution_role();
    let own = stack.role(["task", "TaskRole"], "ecs-tasks.amazonaws.com", Vec::new());
    let roles = vec![stack.arn(ROLE, &execution), stack.arn(ROLE, &own)];
    let (cpu, memory) = size(memory);
    let containers = New::List(vec![New::Object(container)]);
    let name = stack.name(TASK, ["", "Task"]);
    let mut body = stack.named(TASK, "Family", &name);
    body.extend(entries([
        ("RequiresCompatibilities", New::List(vec![New::text("FARGATE")])),
        ("NetworkMode", New::text("awsvpc")),
        ("Cpu", text_or_number(stack, cpu)),
        ("Memory", text_or_number(stack, memory)),
        ("ExecutionRoleArn", stack.arn(ROLE, &execution)),
        ("TaskRoleArn", stack.arn(ROLE, &own)),
        ("ContainerDefinitions", stack.json(containers)),
    ]));
    stack.add(TASK, &name, body);
    let (network, is_known) = network(&site)?;
    if !is_known {
        missing.push("the subnets");
    }
    if !missing.is_empty() {
        draft.remarks.push(format!("fill in {}", missing.join(" and ")));
    }
    draft.remarks.push("let the task's role do what the function's may".into());
    let cluster = cluster(desk, stack, workload);
    Ok(Task { name, cluster, network, roles })
}

fn text_or_number(stack: &Stack<'_>, number: u64) -> New {
    if stack.is_hcl() { New::Number(number) } else { New::text(number.to_string()) }
}

fn lower(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_ascii_lowercase() + rest
}

/// CPU units and memory in MiB of the task that comes nearest to a function.
fn size(memory: u64) -> (u64, u64) {
    let units = memory * 1024 / MEMORY_OF_ONE_CPU;
    let cpu = SIZES.into_iter().rev().find(|size| *size <= units).unwrap_or(SIZES[0]);
    let least = if cpu == SIZES[0] { 512 } else { cpu * 2 };
    (cpu, memory.next_multiple_of(1024).max(least).min(if memory <= 512 { 512 } else { u64::MAX }))
}

/// The image of a function that is one.
fn image(site: &Site<'_>) -> Result<Option<New>, String> {
    let body = site.body();
    let written = match site.declaration {
        Declaration::Block => body.get("image_uri"),
        Declaration::Member => body.at(&["Code", "ImageUri"]).or_else(|| body.get("ImageUri")),
        _ => body.get("image").filter(|image| image.as_str().is_some_and(|text| text.contains(['/', ':']))),
    };
    written.map(copied).transpose()
}

/// Environment variables, as a task lists them.
fn environment(site: &Site<'_>) -> Result<Option<New>, String> {
    let body = site.body();
    let written = match site.declaration {
        Declaration::Block => body.at(&["environment", "variables"]),
        Declaration::Member => body.at(&["Environment", "Variables"]),
        _ => body.get("environment"),
    };
    let Some(written) = written.filter(|written| !written.is_null()) else { return Ok(None) };
    if !matches!(written.kind(), Kind::Mapping(_)) {
        let listed = || format!("[for name, value in {} : {{ name = name, value = value }}]", written.slice());
        return if site.is_hcl() {
            Ok(Some(New::Raw(listed())))
        } else {
            Err("its environment is taken from elsewhere".into())
        };
    }
    let keys = if site.is_hcl() { ["name", "value"] } else { ["Name", "Value"] };
    let mut items = Vec::new();
    for (key, value) in written.entries() {
        let name = key.as_str().filter(|name| *name != "<<").ok_or("its environment is put together")?;
        let is_bare =
            value.node().style == Style::Plain && matches!(value.node().kind, Kind::Scalar(_)) && value.tag().is_none();
        let text = match value.as_str().filter(|_| is_bare) {
            Some(text) => New::text(text),
            None => copied(value)?,
        };
        items.push(New::object([(keys[0], New::text(name)), (keys[1], text)]));
    }
    Ok(Some(New::List(items)))
}

/// The network of a function, as tasks have it; and whether its subnets are known.
fn network(site: &Site<'_>) -> Result<(New, bool), String> {
    let body = site.body();
    let (subnets, groups) = match site.declaration {
        Declaration::Block => (body.at(&["vpc_config", "subnet_ids"]), body.at(&["vpc_config", "security_group_ids"])),
        Declaration::Member => (body.at(&["VpcConfig", "SubnetIds"]), body.at(&["VpcConfig", "SecurityGroupIds"])),
        _ => (body.at(&["vpc", "subnetIds"]), body.at(&["vpc", "securityGroupIds"])),
    };
    let mut network = Entries::new();
    let known = subnets.map(copied).transpose()?;
    let is_known = known.is_some();
    network.push(("Subnets".into(), known.unwrap_or_else(|| New::List(vec![to_fill_in()]))));
    if let Some(groups) = groups {
        network.push(("SecurityGroups".into(), copied(groups)?));
    }
    let network = match site.is_hcl() {
        true => New::Object(network),
        false => New::object([("AwsvpcConfiguration", New::Object(network))]),
    };
    Ok((network, is_known))
}

/// The only cluster there is, or a new one.
fn cluster(desk: Desk<'_>, stack: &mut Stack<'_>, workload: &Workload) -> New {
    let of_unit = desk.architecture.backing.iter().filter(|backing| {
        backing.kind == BackingKind::Cluster
            && backing.identity.unit == workload.identity.unit
            && backing.identity.span.file == stack.site.tree.file()
    });
    let mut names = of_unit.filter_map(|backing| {
        let site = Site::of(desk, &backing.identity).ok()?;
        CLUSTER.contains(&site.kind()).then(|| site.label().to_string())
    });
    if let (Some(name), None) = (names.next(), names.next()) {
        return stack.arn(CLUSTER, &name);
    }
    let name = stack.name(CLUSTER, ["", "Cluster"]);
    let body = stack.named(CLUSTER, "Name", &name);
    stack.add(CLUSTER, &name, body);
    stack.arn(CLUSTER, &name)
}

/// The text of a scalar at a place.
pub(super) fn text_at(desk: Desk<'_>, place: crate::source::Span) -> Option<String> {
    let tree = &desk.workspace.file(place.file)?.tree;
    let node = desk.places.index(place.file).at(tree, place).find(|node| node.as_str().is_some())?;
    node.as_str().filter(|text| !text.contains("${")).map(String::from)
}

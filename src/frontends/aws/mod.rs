//! What the dialects that describe AWS have in common: the same Lambda function, queue and event source mapping in
//! Terraform, CloudFormation, SAM and serverless.yml, told apart by the names of their attributes only.
//!
//! A dialect names its attributes in a table ([`FunctionKeys`], [`StreamKeys`], [`joins::ScalingKeys`]) and calls the
//! functions here: of this file for what a resource is, of [`triggers`] and [`open_api`] for what sets it off, of [`joins`] for what is
//! known only when all resources are.

mod asynchronous;
pub(crate) mod balancers;
mod clusters;
mod databases;
mod joins;
mod open_api;
mod policies;
mod triggers;

pub(crate) use asynchronous::{every_new_object, is_invoke_config, keeps_undelivered};
pub(crate) use clusters::{cluster, node_group};
pub(crate) use databases::concerns_database;
pub(crate) use joins::{CLOUDFORMATION_SCALING, TERRAFORM_SCALING, is_custom_resource, join};
pub(crate) use open_api::{CLOUDFORMATION_INTEGRATION, TERRAFORM_INTEGRATION, integration, routes};
pub(crate) use policies::{POLICY_DOCUMENT, document, is_of_role, managed_policies, sam_policies, statements};
pub(crate) use triggers::{
    EventSource, apply_endpoint, asked, event_source_of, guard, integrated, invoked, mapping, permitted, request,
    routes_to, second_gateway, source, stream_source,
};

use crate::facts::{Fact, aws};
use crate::frontends::resource::{Resource, Resources};
use crate::model::{
    AsynchronousInvocation, BackingKind, BackingService, FunctionSettings, Identity, Link, Packaging, Platform,
    Processor, Queue, QueueTrigger, Redrive, StreamKind, StreamTrigger, UnitId, Workload, WorkloadKind,
    workload::Variable,
};
use crate::value::{Data, Form, How, Origin, Sourced, Unknown, Value, View};

/// Where a dialect keeps an attribute: the keys from the resource inwards.
pub type Path = &'static [&'static str];

/// Where a dialect keeps what a Lambda function is made of. An empty path: the dialect has no such attribute.
#[derive(Debug)]
pub struct FunctionKeys {
    pub timeout: Path,
    pub memory: Path,
    pub architecture: Path,
    pub disk: Path,
    pub runtime: Path,
    pub handler: Path,
    pub layers: Path,
    pub reserved_concurrency: Path,
    pub provisioned_concurrency: Path,
    pub snap_start: Path,
    pub durable_timeout: Path,
    pub capacity_provider: Path,
    pub file_system: Path,
    pub environment: Path,
    pub subnets: Path,
    /// Where asynchronous events go that failed.
    pub dead_letter: Path,
    /// Other places where the same is written: destinations, or by another name.
    pub failure_destinations: &'static [Path],
    /// How often an asynchronous event is tried again.
    pub retries: Path,
    /// The role that it runs with.
    pub role: Path,
    pub tracing: Path,
    pub region: Path,
    /// Any of these being written makes the function an image.
    pub image: &'static [Path],
    /// `Image` or `Zip`.
    pub package_type: Path,
    pub timeout_default: &'static Fact,
    pub memory_default: &'static Fact,
}

impl FunctionKeys {
    /// The attributes that a function may have from elsewhere, in one order for all dialects. What makes it an image
    /// is its own.
    pub fn attributes(&self) -> [Path; 19] {
        [
            self.timeout,
            self.memory,
            self.architecture,
            self.disk,
            self.runtime,
            self.handler,
            self.layers,
            self.reserved_concurrency,
            self.provisioned_concurrency,
            self.snap_start,
            self.durable_timeout,
            self.capacity_provider,
            self.file_system,
            self.environment,
            self.subnets,
            self.dead_letter,
            self.tracing,
            self.region,
            self.package_type,
        ]
    }

    /// The names of these attributes.
    pub fn inheritable(&self) -> impl Iterator<Item = &'static str> {
        self.attributes().into_iter().filter_map(|path| path.first().copied())
    }
}

/// AWS::Lambda::Function and AWS::Serverless::Function, below `Properties`.
pub static CLOUDFORMATION_FUNCTION: FunctionKeys = FunctionKeys {
    timeout: &["Timeout"],
    memory: &["MemorySize"],
    architecture: &["Architectures"],
    disk: &["EphemeralStorage", "Size"],
    runtime: &["Runtime"],
    handler: &["Handler"],
    layers: &["Layers"],
    reserved_concurrency: &["ReservedConcurrentExecutions"],
    provisioned_concurrency: &["ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions"],
    snap_start: &["SnapStart", "ApplyOn"],
    durable_timeout: &["DurableConfig", "ExecutionTimeout"],
    capacity_provider: &["CapacityProviderConfig"],
    file_system: &["FileSystemConfigs"],
    environment: &["Environment", "Variables"],
    role: &["Role"],
    failure_destinations: &[&["DeadLetterQueue"], &["EventInvokeConfig", "DestinationConfig", "OnFailure"]],
    retries: &["EventInvokeConfig", "MaximumRetryAttempts"],
    subnets: &["VpcConfig", "SubnetIds"],
    dead_letter: &["DeadLetterConfig", "TargetArn"],
    tracing: &["TracingConfig", "Mode"],
    region: &[],
    image: &[&["ImageUri"], &["Code", "ImageUri"]],
    package_type: &["PackageType"],
    timeout_default: &aws::LAMBDA_TIMEOUT_DEFAULT,
    memory_default: &aws::LAMBDA_MEMORY_DEFAULT,
};

/// `aws_lambda_function`.
pub static TERRAFORM_FUNCTION: FunctionKeys = FunctionKeys {
    timeout: &["timeout"],
    memory: &["memory_size"],
    architecture: &["architectures"],
    disk: &["ephemeral_storage", "size"],
    runtime: &["runtime"],
    handler: &["handler"],
    layers: &["layers"],
    reserved_concurrency: &["reserved_concurrent_executions"],
    provisioned_concurrency: &[],
    snap_start: &["snap_start", "apply_on"],
    durable_timeout: &["durable_config", "execution_timeout"],
    capacity_provider: &["capacity_provider_config"],
    file_system: &["file_system_config"],
    environment: &["environment", "variables"],
    role: &["role"],
    failure_destinations: &[],
    retries: &[],
    subnets: &["vpc_config", "subnet_ids"],
    dead_letter: &["dead_letter_config", "target_arn"],
    tracing: &["tracing_config", "mode"],
    region: &["region"],
    image: &[&["image_uri"]],
    package_type: &["package_type"],
    timeout_default: &aws::LAMBDA_TIMEOUT_DEFAULT,
    memory_default: &aws::LAMBDA_MEMORY_DEFAULT,
};

/// An entry of `functions` in serverless.yml, merged with what it inherits from `provider`.
pub static SERVERLESS_FUNCTION: FunctionKeys = FunctionKeys {
    timeout: &["timeout"],
    memory: &["memorySize"],
    architecture: &["architecture"],
    disk: &["ephemeralStorageSize"],
    runtime: &["runtime"],
    handler: &["handler"],
    layers: &["layers"],
    reserved_concurrency: &["reservedConcurrency"],
    provisioned_concurrency: &["provisionedConcurrency"],
    snap_start: &["snapStart"],
    durable_timeout: &["durableConfig", "executionTimeout"],
    capacity_provider: &["capacityProvider"],
    file_system: &["fileSystemConfig"],
    environment: &["environment"],
    role: &["role"],
    // `deadLetter` is that of the plugin serverless-plugin-lambda-dead-letter.
    failure_destinations: &[&["destinations", "onFailure"], &["deadLetter"]],
    retries: &["maximumRetryAttempts"],
    subnets: &["vpc", "subnetIds"],
    dead_letter: &["onError"],
    tracing: &["tracing"],
    region: &[],
    image: &[&["image"]],
    package_type: &[],
    timeout_default: &aws::SERVERLESS_TIMEOUT_DEFAULT,
    memory_default: &aws::SERVERLESS_MEMORY_DEFAULT,
};

/// The same of a function that CloudFront runs: the framework leaves out what such a function cannot have, and gives it
/// the least that it may have where the function itself says nothing.
pub static SERVERLESS_EDGE_FUNCTION: FunctionKeys = FunctionKeys {
    environment: &[],
    subnets: &[],
    timeout_default: &aws::SERVERLESS_EDGE_TIMEOUT_DEFAULT,
    memory_default: &aws::SERVERLESS_EDGE_MEMORY_DEFAULT,
    ..SERVERLESS_FUNCTION
};

/// The attribute at a path; absent where the dialect has none.
fn attribute<'v>(view: View<'v>, path: Path) -> View<'v> {
    if path.is_empty() { View::missing(view.block()) } else { view.at(path) }
}

/// A Lambda function from its attributes.
///
/// `publishes`, `wires_versions`, aliases and triggers differ too much between dialects: the caller sets them.
pub fn function(identity: Identity, view: View<'_>, keys: &FunctionKeys) -> Workload {
    let some = |value: Sourced<u64>| value.map(Some);
    let mut workload = Workload::new(identity, WorkloadKind::Function, Platform::AwsLambda);
    workload.timeout = some(attribute(view, keys.timeout).whole().or_fact(keys.timeout_default));
    workload.memory = some(attribute(view, keys.memory).whole().or_fact(keys.memory_default));
    workload.processor = processor(attribute(view, keys.architecture));
    workload.environment = variables(attribute(view, keys.environment));
    let mut settings = FunctionSettings::unset(workload.span());
    settings.runtime = attribute(view, keys.runtime).text();
    settings.handler = attribute(view, keys.handler).text();
    settings.packaging = packaging(view, keys);
    settings.disk = some(attribute(view, keys.disk).whole().or_fact(&aws::LAMBDA_DISK_DEFAULT));
    settings.layers = count(attribute(view, keys.layers));
    settings.reserved_concurrency = concurrency(attribute(view, keys.reserved_concurrency));
    settings.provisioned_concurrency = concurrency(attribute(view, keys.provisioned_concurrency));
    settings.snap_start = snap_start(attribute(view, keys.snap_start));
    if keys.snap_start.len() > 1 {
        // In an object of its own it says for which versions.
        settings.snap_start = settings.snap_start.in_form(Form::Words("PublishedVersions", "None"));
    }
    settings.durable_timeout = attribute(view, keys.durable_timeout).whole();
    settings.managed_instances = attribute(view, keys.capacity_provider).is_written();
    settings.file_system = file_system(attribute(view, keys.file_system));
    settings.in_vpc = attribute(view, keys.subnets).is_written();
    settings.dead_letter = attribute(view, keys.dead_letter).is_written();
    settings.tracing = tracing(attribute(view, keys.tracing));
    settings.region = attribute(view, keys.region).text();
    settings.role = attribute(view, keys.role).value().cloned();
    settings.asynchronous = asynchronous(view, keys);
    workload.function = Some(settings);
    workload
}

/// What becomes of asynchronous events that fail, as far as the function itself says.
fn asynchronous(view: View<'_>, keys: &FunctionKeys) -> AsynchronousInvocation {
    let own = attribute(view, keys.dead_letter).is_written();
    let other = any_written(view, keys.failure_destinations);
    AsynchronousInvocation {
        retries: attribute(view, keys.retries).whole(),
        keeps_failures: if own.known() == Some(&true) || !other.is_explicit() { own } else { other },
    }
}

/// Whether something is written at any of these places: one where it is known to be says more than one where it is not
/// known, and that more than one where it is known not to be.
fn any_written(view: View<'_>, paths: &[Path]) -> Sourced<bool> {
    let mut answer = Sourced::new(false, Origin::new(How::Absent, view.block()));
    for path in paths {
        let written = attribute(view, path).is_written();
        match written.known() {
            Some(true) => return written,
            Some(false) => {}
            None => answer = written,
        }
    }
    answer
}

/// What a function computes with: `x86_64` unless `arm64` is written, in some dialects as the only element of a list.
fn processor(view: View<'_>) -> Sourced<Processor> {
    let [only] = view.items().try_into().unwrap_or([view]);
    only.text().map(|text| if text.as_deref() == Some("arm64") { Processor::Arm } else { Processor::X86 })
}

/// Whether a function traces its invocations: `Active`, or a switch.
pub fn tracing(view: View<'_>) -> Sourced<bool> {
    view.text().map(|mode| mode.is_some_and(|mode| matches!(&*mode, "Active" | "true")))
}

/// Reserved or provisioned concurrency; Terraform and its modules write -1 for "none".
fn concurrency(view: View<'_>) -> Sourced<Option<u64>> {
    view.integer().map(|number| number.and_then(|number| u64::try_from(number).ok()))
}

/// SnapStart is `PublishedVersions` or `None` in some dialects and a boolean in another.
fn snap_start(view: View<'_>) -> Sourced<bool> {
    let text = view.text();
    text.map(|text| text.is_some_and(|text| &*text == "PublishedVersions" || &*text == "true"))
}

/// A mounted file system. What goes together with one on S3, which is newer, is not told by the documents.
fn file_system(view: View<'_>) -> Sourced<bool> {
    let arn = view.first(&["arn", "Arn"]);
    let arn = if arn.is_present() { arn } else { view };
    let names_s3 = |text: &str| text.to_ascii_lowercase().contains("s3files");
    let is_on_s3 = match arn.value().and_then(|arn| arn.known()) {
        Some(Data::Text(text)) => names_s3(text),
        Some(data) => data.references().iter().any(|reference| names_s3(&reference.address)),
        None => false,
    };
    if is_on_s3 || view.get("type").known_text().is_some_and(|kind| names_s3(&kind)) {
        let why = Unknown::NotEvaluated("what a file system on S3 rules out".into());
        return view.is_written().and_then(|_| Err(why));
    }
    view.is_written()
}

fn packaging(view: View<'_>, keys: &FunctionKeys) -> Sourced<Packaging> {
    let image = keys.image.iter().map(|path| view.at(path)).find(|image| image.is_present());
    if let Some(image) = image {
        let origin = image.value().map_or(Origin::new(How::Absent, view.block()), |value| value.origin.clone());
        return Sourced::new(Packaging::Image, origin);
    }
    let written = attribute(view, keys.package_type).text();
    written.map(|text| if text.as_deref() == Some("Image") { Packaging::Image } else { Packaging::Zip })
}

/// How many elements a list has.
fn count(view: View<'_>) -> Sourced<Option<u64>> {
    let Some(value) = view.value() else { return Sourced::absent(view.block()) };
    value.clone().map(|data| match data {
        Data::List(items) => Some(items.len() as u64),
        _ => Some(1),
    })
}

/// Environment variables, of which only the names are ever shown.
pub fn variables(view: View<'_>) -> Vec<Variable> {
    let entries = view.entries().into_iter();
    entries
        .map(|(entry, _)| Variable { name: entry.name.clone(), span: entry.key, value: entry.value.clone() })
        .collect()
}

/// An SQS queue. `visibility` and `fifo` are the places of these attributes; `redrive` is an object with
/// `maxReceiveCount`.
pub fn queue(identity: Identity, visibility: View<'_>, fifo: View<'_>, redrive: View<'_>) -> Queue {
    let visibility = visibility.whole().or_fact(&aws::SQS_VISIBILITY_DEFAULT);
    let redrive = redrive.is_present().then(|| Redrive { maximum_receives: redrive.get("maxReceiveCount").whole() });
    Queue { identity, visibility, is_fifo: fifo.boolean().unwrap_or(false), redrive }
}

/// A topic, stream, table, bucket, database or cluster, if the resource is one; `resources` are those of its unit.
pub fn backing(unit: UnitId, resource: &Resource, resources: &Resources) -> Option<BackingService> {
    let kind = BackingKind::of_type(&resource.kind)?;
    let view = resource.view();
    let name = match kind {
        BackingKind::SnsTopic => view.first(&["name", "TopicName"]),
        BackingKind::KinesisStream => view.first(&["name", "Name"]),
        BackingKind::DynamoDbTable => view.first(&["name", "TableName"]),
        BackingKind::S3Bucket => view.first(&["bucket", "BucketName"]),
        BackingKind::Database => {
            let keys = ["identifier", "cluster_identifier", "name", "DBInstanceIdentifier", "DBClusterIdentifier"];
            view.first(&keys)
        }
        BackingKind::Cluster => view.first(&["name", "ClusterName", "Name"]),
    };
    let retention = match kind {
        BackingKind::KinesisStream => {
            let hours = view.first(&["retention_period", "RetentionPeriodHours"]).whole();
            let seconds = hours.map(|hours| hours.map(|hours| hours.saturating_mul(3600)));
            seconds.or_fact(&aws::KINESIS_RETENTION_DEFAULT).map(Some)
        }
        _ => Sourced::absent(resource.span),
    };
    let written_name = name.value().filter(|_| kind == BackingKind::S3Bucket).cloned();
    let database = (kind == BackingKind::Database).then(|| databases::settings(resource, resources));
    Some(BackingService { identity: resource.identity(unit, name.text()), kind, written_name, retention, database })
}

/// Where a dialect keeps the settings of a queue mapping.
#[derive(Debug)]
pub struct QueueKeys {
    pub batch_size: Path,
    pub batching_window: Path,
    pub maximum_concurrency: Path,
    pub provisioned_pollers: Path,
}

/// AWS::Lambda::EventSourceMapping and the queue events of SAM.
pub static CLOUDFORMATION_QUEUE: QueueKeys = QueueKeys {
    batch_size: &["BatchSize"],
    batching_window: &["MaximumBatchingWindowInSeconds"],
    maximum_concurrency: &["ScalingConfig", "MaximumConcurrency"],
    provisioned_pollers: &["ProvisionedPollerConfig"],
};

/// `aws_lambda_event_source_mapping`.
pub static TERRAFORM_QUEUE: QueueKeys = QueueKeys {
    batch_size: &["batch_size"],
    batching_window: &["maximum_batching_window_in_seconds"],
    maximum_concurrency: &["scaling_config", "maximum_concurrency"],
    provisioned_pollers: &["provisioned_poller_config"],
};

/// The `sqs` event of serverless.yml.
pub static SERVERLESS_QUEUE: QueueKeys = QueueKeys {
    batch_size: &["batchSize"],
    batching_window: &["maximumBatchingWindow"],
    maximum_concurrency: &["maximumConcurrency"],
    provisioned_pollers: &["provisionedPollers"],
};

/// What says how many pollers there are, in all dialects.
const POLLERS: &[&str] = &["MinimumPollers", "MaximumPollers", "minimum_pollers", "maximum_pollers", "min", "max"];

/// A mapping that polls a queue.
pub fn queue_trigger(queue: Value, view: View<'_>, keys: &QueueKeys) -> QueueTrigger {
    QueueTrigger {
        queue: Link::to(queue),
        batch_size: view.at(keys.batch_size).whole().or_fact(&aws::SQS_BATCH_DEFAULT),
        batching_window: view.at(keys.batching_window).whole().unwrap_or(0),
        maximum_concurrency: view.at(keys.maximum_concurrency).whole(),
        provisioned_pollers: view.at(keys.provisioned_pollers).has(POLLERS),
    }
}

/// Where a dialect keeps the settings of a stream mapping.
#[derive(Debug)]
pub struct StreamKeys {
    pub maximum_retries: Path,
    pub maximum_age: Path,
    pub bisects: Path,
    pub response_types: Path,
    pub failure_destination: Path,
}

/// AWS::Lambda::EventSourceMapping and the stream events of SAM.
pub static CLOUDFORMATION_STREAM: StreamKeys = StreamKeys {
    maximum_retries: &["MaximumRetryAttempts"],
    maximum_age: &["MaximumRecordAgeInSeconds"],
    bisects: &["BisectBatchOnFunctionError"],
    response_types: &["FunctionResponseTypes"],
    failure_destination: &["DestinationConfig", "OnFailure"],
};

/// `aws_lambda_event_source_mapping`.
pub static TERRAFORM_STREAM: StreamKeys = StreamKeys {
    maximum_retries: &["maximum_retry_attempts"],
    maximum_age: &["maximum_record_age_in_seconds"],
    bisects: &["bisect_batch_on_function_error"],
    response_types: &["function_response_types"],
    failure_destination: &["destination_config", "on_failure"],
};

/// The `stream` event of serverless.yml.
pub static SERVERLESS_STREAM: StreamKeys = StreamKeys {
    maximum_retries: &["maximumRetryAttempts"],
    maximum_age: &["maximumRecordAgeInSeconds"],
    bisects: &["bisectBatchOnFunctionError"],
    response_types: &["functionResponseType"],
    failure_destination: &["destinations", "onFailure"],
};

/// A mapping that reads a stream.
pub fn stream_trigger(kind: StreamKind, view: View<'_>, keys: &StreamKeys) -> StreamTrigger {
    let reports = attribute(view, keys.response_types);
    StreamTrigger {
        kind,
        maximum_retries: attribute(view, keys.maximum_retries).integer(),
        maximum_age: attribute(view, keys.maximum_age).integer(),
        bisects: attribute(view, keys.bisects).boolean().unwrap_or(false),
        reports_failures: reports.is_written(),
        has_failure_destination: attribute(view, keys.failure_destination).is_written(),
    }
}

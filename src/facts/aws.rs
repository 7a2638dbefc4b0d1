//! AWS Lambda and what stands in front of it and behind it; Serverless Framework's own defaults.

use super::{Fact, Unit::*, fact};

const GUIDE: &str = "AWS Lambda developer guide, quotas";
const QUOTAS: &str = "AWS Lambda quotas page (2026)";
const CLOUDFORMATION: &str = "AWS CloudFormation user guide";
const FRAMEWORK: &str = "serverless/serverless, lib/plugins/aws/provider.js";
const TOOLKIT: &str = "aws/agent-toolkit-for-aws, aws-serverless references";
const SQS_GUIDE: &str = "AWS Lambda developer guide, using Lambda with Amazon SQS";

/// Longest timeout of a standard function.
pub static LAMBDA_TIMEOUT_MAX: Fact =
    fact("AWS Lambda", "longest function timeout", 900.0, Seconds, GUIDE, "2026-08-20");
/// Longest timeout on Managed Instances for asynchronous invocations and event source mappings.
pub static LAMBDA_MANAGED_TIMEOUT_MAX: Fact =
    fact("Lambda Managed Instances", "longest asynchronous timeout", 5400.0, Seconds, QUOTAS, "2026-08-20");
/// Longest durable execution, 366 days.
pub static LAMBDA_DURABLE_MAX: Fact = fact(
    "Lambda durable functions",
    "longest execution",
    31_622_400.0,
    Seconds,
    "AWS Lambda API reference, DurableConfig",
    "2026-11-23",
);
/// Longest durable execution that somebody waits for, a caller or an event source mapping.
pub static LAMBDA_DURABLE_WAITED_MAX: Fact = fact(
    "Lambda durable functions",
    "longest execution that somebody waits for",
    900.0,
    Seconds,
    "AWS Lambda developer guide, invoking durable functions",
    "2026-11-25",
);
/// The same on Managed Instances, for event source mappings.
pub static LAMBDA_DURABLE_MANAGED_MAX: Fact = fact(
    "Lambda durable functions on Managed Instances",
    "longest execution that an event source mapping waits for",
    5400.0,
    Seconds,
    "AWS Lambda developer guide, event source mappings with durable functions",
    "2026-11-25",
);
/// Timeout where none is set, in CloudFormation, SAM and Terraform.
pub static LAMBDA_TIMEOUT_DEFAULT: Fact =
    fact("AWS Lambda", "default timeout", 3.0, Seconds, CLOUDFORMATION, "2026-11-23");
/// Timeout where neither function nor provider sets one in serverless.yml.
pub static SERVERLESS_TIMEOUT_DEFAULT: Fact =
    fact("Serverless Framework", "default timeout", 6.0, Seconds, FRAMEWORK, "2026-08-12");
/// Instances of all functions of an account in a region at once, unless a quota was raised.
pub static LAMBDA_ACCOUNT_CONCURRENCY: Fact =
    fact("AWS Lambda", "default concurrency of an account in a region", 1000.0, Count, GUIDE, "2026-08-20");
/// Smallest memory of a standard function.
pub static LAMBDA_MEMORY_MIN: Fact = fact("AWS Lambda", "smallest memory", 128.0, Mebibytes, GUIDE, "2026-08-20");
/// Largest memory of a standard function.
pub static LAMBDA_MEMORY_MAX: Fact = fact("AWS Lambda", "largest memory", 10_240.0, Mebibytes, GUIDE, "2026-08-20");
/// Smallest memory on Managed Instances.
pub static LAMBDA_MANAGED_MEMORY_MIN: Fact =
    fact("Lambda Managed Instances", "smallest memory", 2048.0, Mebibytes, TOOLKIT, "2026-08-20");
/// Largest memory on Managed Instances.
pub static LAMBDA_MANAGED_MEMORY_MAX: Fact =
    fact("Lambda Managed Instances", "largest memory", 32_768.0, Mebibytes, TOOLKIT, "2026-08-20");
/// Memory where none is set, in CloudFormation, SAM and Terraform.
pub static LAMBDA_MEMORY_DEFAULT: Fact =
    fact("AWS Lambda", "default memory", 128.0, Mebibytes, CLOUDFORMATION, "2026-11-23");
/// Memory where serverless.yml sets none.
pub static SERVERLESS_MEMORY_DEFAULT: Fact =
    fact("Serverless Framework", "default memory", 1024.0, Mebibytes, FRAMEWORK, "2026-08-12");
/// Memory at which a function has one vCPU; more or less memory brings more or less CPU.
pub static LAMBDA_MEMORY_OF_ONE_CPU: Fact =
    fact("AWS Lambda", "memory with one vCPU", 1769.0, Mebibytes, GUIDE, "2026-08-20");
/// Requests a month from which Managed Instances pay, in the vendor's own rule of thumb.
pub static LAMBDA_MANAGED_PAYS: Fact = fact(
    "Lambda Managed Instances",
    "requests a month from which they pay",
    50_000_000.0,
    Count,
    TOOLKIT,
    "2026-08-20",
);
/// Least memory of a Fargate task for each of its vCPUs.
pub static FARGATE_MEMORY_OF_ONE_CPU: Fact = fact(
    "AWS Fargate",
    "least memory for each vCPU",
    2048.0,
    Mebibytes,
    "Amazon ECS developer guide, task CPU and memory",
    "2026-11-25",
);
/// Size of /tmp where none is set.
pub static LAMBDA_DISK_DEFAULT: Fact =
    fact("AWS Lambda", "default /tmp size", 512.0, Mebibytes, CLOUDFORMATION, "2026-11-23");
/// Largest /tmp.
pub static LAMBDA_DISK_MAX: Fact = fact("AWS Lambda", "largest /tmp size", 10_240.0, Mebibytes, TOOLKIT, "2026-08-20");
/// Layers a function may have.
pub static LAMBDA_LAYERS_MAX: Fact = fact("AWS Lambda", "most layers", 5.0, Count, GUIDE, "2026-08-20");

/// How long a REST API waits for its integration unless a quota was raised.
pub static REST_API_TIMEOUT: Fact =
    fact("API Gateway (REST)", "integration timeout", 29.0, Seconds, "AWS announcement of 2024-06-04", "2026-08-20");
/// How long a REST API can be told to wait at most, where its endpoint is not edge-optimized and the quota is raised.
pub static REST_API_TIMEOUT_MAX: Fact = fact(
    "API Gateway (REST)",
    "longest integration timeout with a raised quota",
    300.0,
    Seconds,
    "AWS re:Post answer QUlDTc_17EQ and hashicorp/terraform-provider-aws, api_gateway_integration",
    "2026-11-25",
);
/// How long a REST API can be told to wait for an answer that is streamed.
pub static REST_API_STREAM_MAX: Fact = fact(
    "API Gateway (REST)",
    "longest integration timeout of a streamed answer",
    900.0,
    Seconds,
    "API Gateway developer guide, response transfer mode",
    "2026-11-23",
);
/// How long a REST API keeps the answer of an authorizer.
pub static REST_AUTHORIZER_KEPT_DEFAULT: Fact = fact(
    "API Gateway (REST)",
    "default time for which an authorizer's answer is kept",
    300.0,
    Seconds,
    "AWS CloudFormation user guide, AWS::ApiGateway::Authorizer",
    "2026-11-23",
);
/// How long an HTTP API waits; it cannot be raised.
pub static HTTP_API_TIMEOUT: Fact =
    fact("API Gateway (HTTP API)", "integration timeout", 30.0, Seconds, CLOUDFORMATION, "2026-08-20");
/// How long a WebSocket API waits for a route's integration.
pub static WEBSOCKET_API_TIMEOUT: Fact =
    fact("API Gateway (WebSocket)", "integration timeout", 29.0, Seconds, CLOUDFORMATION, "2026-11-23");
/// How long AppSync waits for a resolver.
pub static APPSYNC_TIMEOUT: Fact =
    fact("AWS AppSync", "request timeout", 30.0, Seconds, "AWS re:Post answer QUw61RAiFGSHiWKxSnjppUfA", "2026-11-23");
/// How long Cognito waits for a trigger before it tries again (three attempts in all).
pub static COGNITO_TRIGGER_TIMEOUT: Fact = fact(
    "Amazon Cognito",
    "trigger timeout",
    5.0,
    Seconds,
    "Amazon Cognito developer guide, Lambda triggers",
    "2026-11-23",
);
/// How long Lambda@Edge lets a viewer function run.
pub static EDGE_VIEWER_TIMEOUT_MAX: Fact = fact(
    "CloudFront (viewer trigger)",
    "longest function timeout",
    5.0,
    Seconds,
    "CloudFront developer guide, edge function quotas",
    "2026-11-23",
);
/// Most memory of a function that a viewer waits for at CloudFront.
pub static EDGE_VIEWER_MEMORY_MAX: Fact = fact(
    "CloudFront (viewer trigger)",
    "most memory",
    128.0,
    Mebibytes,
    "CloudFront developer guide, edge function quotas",
    "2026-11-23",
);
/// Size of /tmp of a function that runs at CloudFront.
pub static EDGE_DISK_MAX: Fact = fact(
    "CloudFront",
    "largest /tmp size",
    512.0,
    Mebibytes,
    "CloudFront developer guide, restrictions on Lambda@Edge",
    "2026-11-23",
);
/// Timeout of a function with a `cloudFront` event that sets none, whatever the provider section says.
pub static SERVERLESS_EDGE_TIMEOUT_DEFAULT: Fact = fact(
    "Serverless Framework",
    "default timeout of a function at CloudFront",
    5.0,
    Seconds,
    "serverless/serverless, lib/plugins/aws/package/compile/events/cloud-front.js",
    "2026-11-25",
);
/// Memory of such a function.
pub static SERVERLESS_EDGE_MEMORY_DEFAULT: Fact = fact(
    "Serverless Framework",
    "default memory of a function at CloudFront",
    128.0,
    Mebibytes,
    "serverless/serverless, lib/plugins/aws/package/compile/events/cloud-front.js",
    "2026-11-25",
);
/// How long Lambda@Edge lets an origin function run.
pub static EDGE_ORIGIN_TIMEOUT_MAX: Fact = fact(
    "CloudFront (origin trigger)",
    "longest function timeout",
    30.0,
    Seconds,
    "CloudFront developer guide, edge function quotas",
    "2026-11-23",
);

/// How long a received message stays hidden where the queue does not say.
pub static SQS_VISIBILITY_DEFAULT: Fact = fact(
    "Amazon SQS",
    "default visibility timeout",
    30.0,
    Seconds,
    "AWS CloudFormation user guide, AWS::SQS::Queue",
    "2026-11-23",
);
/// Longest visibility timeout, 12 hours.
pub static SQS_VISIBILITY_MAX: Fact =
    fact("Amazon SQS", "longest visibility timeout", 43_200.0, Seconds, "Amazon SQS developer guide", "2026-11-23");
/// How many times the function timeout AWS asks the visibility timeout to be.
pub static SQS_VISIBILITY_RATIO: Fact =
    fact("AWS", "advised ratio of visibility timeout to function timeout", 6.0, Count, SQS_GUIDE, "2026-11-23");
/// Batch size of an SQS mapping that sets none.
pub static SQS_BATCH_DEFAULT: Fact = fact(
    "AWS Lambda",
    "default SQS batch size",
    10.0,
    Count,
    "AWS CloudFormation user guide, event source mapping",
    "2026-11-23",
);
/// Largest batch of an SQS mapping without a batching window, and of a first in, first out queue.
pub static SQS_BATCH_WITHOUT_WINDOW: Fact =
    fact("AWS Lambda", "largest SQS batch without a batching window", 10.0, Count, SQS_GUIDE, "2026-11-23");
/// Largest batch of an SQS mapping.
pub static SQS_BATCH_MAX: Fact = fact("AWS Lambda", "largest SQS batch", 10_000.0, Count, SQS_GUIDE, "2026-11-23");
/// Batches that a mapping of a standard queue works on at once before it scales up.
pub static SQS_FIRST_BATCHES: Fact =
    fact("AWS Lambda", "batches that a queue mapping starts with", 5.0, Count, SQS_GUIDE, "2026-11-25");
/// The least that the maximum concurrency of a queue mapping can be set to.
pub static SQS_MAXIMUM_CONCURRENCY_MIN: Fact =
    fact("AWS Lambda", "least maximum concurrency of a queue mapping", 2.0, Count, CLOUDFORMATION, "2026-11-23");
/// How long a DynamoDB stream keeps a record, and so how long a poison record can block a shard.
pub static DYNAMODB_STREAM_RETENTION: Fact =
    fact("DynamoDB Streams", "retention", 86_400.0, Seconds, TOOLKIT, "2026-08-20");
/// How long a Kinesis stream keeps a record unless it is told to keep it longer.
pub static KINESIS_RETENTION_DEFAULT: Fact =
    fact("Kinesis Data Streams", "default retention", 86_400.0, Seconds, CLOUDFORMATION, "2026-11-23");

/// How often Lambda tries an asynchronous event again that the function failed on.
pub static LAMBDA_ASYNCHRONOUS_RETRIES: Fact = fact(
    "AWS Lambda",
    "default retries of an asynchronous event",
    2.0,
    Count,
    "AWS Lambda developer guide, asynchronous invocation",
    "2026-11-23",
);
/// How long Lambda keeps an asynchronous event while it tries, unless it is told otherwise.
pub static LAMBDA_ASYNCHRONOUS_AGE: Fact = fact(
    "AWS Lambda",
    "default longest age of an asynchronous event",
    21_600.0,
    Seconds,
    "AWS Lambda developer guide, asynchronous invocation",
    "2026-11-23",
);

/// After how many rounds Lambda stops a loop that it notices; with older SDKs it does not notice it.
pub static LAMBDA_LOOP_STOP: Fact = fact(
    "AWS Lambda",
    "rounds after which a noticed loop is stopped",
    16.0,
    Count,
    "AWS Lambda developer guide, recursive loop detection",
    "2026-11-25",
);

/// How long an Express workflow may run.
pub static EXPRESS_WORKFLOW_MAX: Fact = fact(
    "AWS Step Functions",
    "longest Express workflow",
    300.0,
    Seconds,
    "AWS Step Functions developer guide, quotas",
    "2026-11-23",
);

/// Largest /tmp of a function with SnapStart.
pub static SNAP_START_DISK_MAX: Fact = fact("SnapStart", "largest /tmp size", 512.0, Mebibytes, TOOLKIT, "2026-08-20");
/// Start of a Spring Boot function on Java 17 behind API Gateway, median.
pub static SPRING_BOOT_START: Fact = fact(
    "Spring Boot on Java 17",
    "median cold start",
    5312.0,
    Milliseconds,
    "aws-samples/serverless-java-frameworks-samples, README",
    "2024-01-10",
);
/// The same with SnapStart.
pub static SPRING_BOOT_SNAPSTART: Fact = fact(
    "Spring Boot on Java 17 with SnapStart",
    "median cold start",
    1048.0,
    Milliseconds,
    "aws-samples/serverless-java-frameworks-samples, README",
    "2024-01-10",
);
/// Initialisation of an empty function on Java 21, median.
pub static JAVA21_INIT: Fact = fact(
    "an empty java21 function",
    "median init duration",
    243.0,
    Milliseconds,
    "maxday/lambda-perf, data/last.json",
    "2026-08-22",
);
/// Initialisation of an empty function on .NET 8, median.
pub static DOTNET8_INIT: Fact = fact(
    "an empty dotnet8 function",
    "median init duration",
    261.0,
    Milliseconds,
    "maxday/lambda-perf, data/last.json",
    "2026-08-22",
);
/// Provisioned concurrency kept for a month, per GB.
pub static PROVISIONED_CONCURRENCY_PRICE: Fact = fact(
    "AWS Lambda",
    "provisioned concurrency per GB and month",
    10.95,
    Dollars,
    "aws/agent-toolkit-for-aws, lambda-optimization.md (us-east-1)",
    "2026-08-20",
);
const ECS_HEALTH: &str = "AWS CloudFormation user guide, AWS::ECS::TaskDefinition HealthCheck";

/// Seconds for which failed health checks of a container do not count.
pub static ECS_HEALTH_START_DEFAULT: Fact =
    fact("Amazon ECS", "default startPeriod", 0.0, Seconds, ECS_HEALTH, "2026-11-25");
/// Seconds between two health checks of a container.
pub static ECS_HEALTH_INTERVAL_DEFAULT: Fact =
    fact("Amazon ECS", "default interval of health checks", 30.0, Seconds, ECS_HEALTH, "2026-11-25");
/// Failed health checks in a row after which a container is unhealthy.
pub static ECS_HEALTH_RETRIES_DEFAULT: Fact =
    fact("Amazon ECS", "default retries of health checks", 3.0, Count, ECS_HEALTH, "2026-11-25");
/// Seconds from the decision to end a task until its containers are killed.
pub static ECS_STOP_TIMEOUT_DEFAULT: Fact = fact(
    "Amazon ECS",
    "default stopTimeout",
    30.0,
    Seconds,
    "AWS CloudFormation user guide, AWS::ECS::TaskDefinition ContainerDefinition",
    "2026-08-20",
);
/// The most that this may be on Fargate.
pub static FARGATE_STOP_TIMEOUT_MAX: Fact = fact(
    "AWS Fargate",
    "longest stopTimeout",
    120.0,
    Seconds,
    "AWS CloudFormation user guide, AWS::ECS::TaskDefinition ContainerDefinition",
    "2026-08-20",
);
/// Tasks that an ECS service runs where nothing says how many.
pub static ECS_DESIRED_COUNT_DEFAULT: Fact = fact(
    "Amazon ECS",
    "default desired count",
    1.0,
    Count,
    "AWS CloudFormation user guide, AWS::ECS::Service",
    "2026-11-23",
);
/// Tasks that an `aws_ecs_service` runs where nothing says how many: the provider sends 0.
pub static ECS_TERRAFORM_DESIRED_COUNT_DEFAULT: Fact = fact(
    "Amazon ECS",
    "default desired count in Terraform",
    0.0,
    Count,
    "hashicorp/terraform-provider-aws, ecs_service",
    "2026-11-23",
);
/// vCPU of a node of a node group that names no machine (`t3.medium`).
pub static EKS_INSTANCE_TYPE_CPUS_DEFAULT: Fact = fact(
    "EKS",
    "vCPU of the default instance type t3.medium",
    2.0,
    Cpus,
    "AWS CloudFormation, AWS::EKS::Nodegroup",
    "2026-11-25",
);
/// The oldest minor version of Kubernetes 1 that EKS gives standard support; that of 1.33 ended on 2026-07-29.
pub static EKS_OLDEST_STANDARD_MINOR: Fact = fact(
    "EKS",
    "oldest minor version in standard support",
    34.0,
    Count,
    "Amazon EKS user guide, Kubernetes version lifecycle; endoflife.date, Amazon EKS",
    "2026-11-25",
);
/// Months of standard support for a version.
pub static EKS_STANDARD_SUPPORT_MONTHS: Fact = fact(
    "EKS",
    "months of standard support",
    14.0,
    Count,
    "Amazon EKS user guide, Kubernetes version lifecycle",
    "2026-11-25",
);
/// Months for which a version is supported after its standard support, for a price.
pub static EKS_EXTENDED_SUPPORT_MONTHS: Fact = fact(
    "EKS",
    "months of extended support",
    12.0,
    Count,
    "Amazon EKS user guide, Kubernetes version lifecycle",
    "2026-11-25",
);

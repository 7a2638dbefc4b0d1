//! List prices in US dollars: AWS in us-east-1, Google Cloud in its regions of tier 1. [`crate::cost`] reckons with them.
//!
//! What is left out on purpose: free tiers, which belong to an account and not to a workload, and discounts for
//! commitments.

use super::{Fact, Unit::Dollars, fact};

const LAMBDA: &str =
    "AWS Lambda price list as api-evangelist/aws-lambda-plans and projecthelena.com give it, us-east-1";
const WARM: &str = "aws/agent-toolkit-for-aws, billing references, and copies of the AWS Lambda price list, us-east-1";
const FARGATE: &str = "AWS Fargate price list as vantage.sh and wring.co give it, us-east-1, Linux";
const RUN: &str = "Google Cloud Run price list, tier 1";
const RUN_IDLE: &str = "Google Cloud Run price list as firebase/firebase-tools and others give it, tier 1";

/// One request to a Lambda function.
pub static LAMBDA_REQUEST: Fact = fact("AWS Lambda", "price of a request", 0.000_000_2, Dollars, LAMBDA, "2026-09-20");
/// One second of a Lambda function with 1 GB, billed by the millisecond.
pub static LAMBDA_SECOND: Fact =
    fact("AWS Lambda", "price of a GB-second", 0.000_016_666_7, Dollars, LAMBDA, "2026-09-20");
/// The same on arm64.
pub static LAMBDA_SECOND_ARM: Fact =
    fact("AWS Lambda (arm64)", "price of a GB-second", 0.000_013_333_4, Dollars, LAMBDA, "2026-09-20");
/// One second for which provisioned concurrency keeps 1 GB ready, used or not.
pub static LAMBDA_WARM_SECOND: Fact = fact(
    "Lambda provisioned concurrency",
    "price of a GB-second kept ready",
    0.000_004_166_7,
    Dollars,
    WARM,
    "2026-08-20",
);
/// The same on arm64.
pub static LAMBDA_WARM_SECOND_ARM: Fact = fact(
    "Lambda provisioned concurrency (arm64)",
    "price of a GB-second kept ready",
    0.000_003_333_4,
    Dollars,
    WARM,
    "2026-11-25",
);
/// One second of a run on provisioned concurrency with 1 GB, on top of what keeping it ready costs.
pub static LAMBDA_WARM_RUN_SECOND: Fact = fact(
    "Lambda provisioned concurrency",
    "price of a GB-second of a run",
    0.000_009_722_2,
    Dollars,
    WARM,
    "2026-11-25",
);
/// One vCPU of a Fargate task for an hour.
pub static FARGATE_CPU: Fact = fact("AWS Fargate", "price of a vCPU-hour", 0.040_48, Dollars, FARGATE, "2026-03-10");
/// One GB of a Fargate task for an hour.
pub static FARGATE_MEMORY: Fact = fact("AWS Fargate", "price of a GB-hour", 0.004_445, Dollars, FARGATE, "2026-03-10");
/// One vCPU of a Fargate task on arm64 for an hour.
pub static FARGATE_CPU_ARM: Fact =
    fact("AWS Fargate (arm64)", "price of a vCPU-hour", 0.032_38, Dollars, FARGATE, "2026-03-10");
/// One GB of a Fargate task on arm64 for an hour.
pub static FARGATE_MEMORY_ARM: Fact =
    fact("AWS Fargate (arm64)", "price of a GB-hour", 0.003_56, Dollars, FARGATE, "2026-03-10");
/// One vCPU of an instance of Cloud Run that is paid for as long as it is there, for a second; also of a job.
pub static RUN_CPU: Fact =
    fact("Cloud Run (instance-based billing)", "price of a vCPU-second", 0.000_018, Dollars, RUN, "2026-11-23");
/// One GiB of such an instance for a second.
pub static RUN_MEMORY: Fact =
    fact("Cloud Run (instance-based billing)", "price of a GiB-second", 0.000_002, Dollars, RUN_IDLE, "2026-11-25");
/// One vCPU of an instance of Cloud Run that is paid while it works on requests, for a second.
pub static RUN_REQUEST_CPU: Fact =
    fact("Cloud Run (request-based billing)", "price of a vCPU-second", 0.000_024, Dollars, RUN, "2026-11-23");
/// One GiB of such an instance for a second.
pub static RUN_REQUEST_MEMORY: Fact =
    fact("Cloud Run (request-based billing)", "price of a GiB-second", 0.000_002_5, Dollars, RUN, "2026-11-23");
/// One request to Cloud Run with request-based billing.
pub static RUN_REQUEST: Fact =
    fact("Cloud Run (request-based billing)", "price of a request", 0.000_000_4, Dollars, RUN, "2026-11-23");
/// One vCPU of a minimum instance of Cloud Run with request-based billing, for a second in which it waits.
pub static RUN_IDLE_CPU: Fact = fact(
    "Cloud Run (minimum instances)",
    "price of a vCPU-second that waits",
    0.000_002_5,
    Dollars,
    RUN_IDLE,
    "2026-11-25",
);
/// One GiB of such an instance for a second in which it waits.
pub static RUN_IDLE_MEMORY: Fact = fact(
    "Cloud Run (minimum instances)",
    "price of a GiB-second that waits",
    0.000_002_5,
    Dollars,
    RUN_IDLE,
    "2026-11-25",
);

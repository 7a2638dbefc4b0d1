//! What workloads rest on: queues, topics, streams, storage claims, published versions.

use super::{Identity, Link, Workload};
use crate::value::{Sourced, Value};
use std::sync::Arc;

/// A message queue whose messages are hidden while one consumer works on them.
#[derive(Debug)]
pub struct Queue {
    /// Who it is.
    pub identity: Identity,
    /// Seconds for which a received message stays hidden from others.
    pub visibility: Sourced<u64>,
    /// Messages of a group are handed out one after the other.
    pub is_fifo: Sourced<bool>,
    /// Where messages go that fail too often.
    pub redrive: Option<Redrive>,
}

/// The dead-letter rule of a queue.
#[derive(Debug)]
pub struct Redrive {
    /// Times that a message is received before it is put aside.
    pub maximum_receives: Sourced<Option<u64>>,
}

/// What a backing service is. Names on the platform are unique within a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BackingKind {
    SnsTopic,
    KinesisStream,
    DynamoDbTable,
    S3Bucket,
    /// An instance or cluster of a relational database (RDS, Aurora, Cloud SQL).
    Database,
    /// A cluster that containers run in (ECS, EKS).
    Cluster,
}

impl BackingKind {
    /// Of a type of resource in Terraform or CloudFormation.
    pub fn of_type(kind: &str) -> Option<Self> {
        Some(match kind {
            "aws_sns_topic" | "AWS::SNS::Topic" => Self::SnsTopic,
            "aws_kinesis_stream" | "AWS::Kinesis::Stream" => Self::KinesisStream,
            "aws_dynamodb_table"
            | "AWS::DynamoDB::Table"
            | "AWS::DynamoDB::GlobalTable"
            | "AWS::Serverless::SimpleTable" => Self::DynamoDbTable,
            "aws_s3_bucket" | "AWS::S3::Bucket" => Self::S3Bucket,
            "aws_db_instance"
            | "aws_rds_cluster"
            | "AWS::RDS::DBInstance"
            | "AWS::RDS::DBCluster"
            | "google_sql_database_instance" => Self::Database,
            "aws_ecs_cluster" | "aws_eks_cluster" | "AWS::ECS::Cluster" | "AWS::EKS::Cluster" => Self::Cluster,
            _ => return None,
        })
    }

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::SnsTopic => "topic",
            Self::KinesisStream => "stream",
            Self::DynamoDbTable => "table",
            Self::S3Bucket => "bucket",
            Self::Database => "database",
            Self::Cluster => "cluster",
        }
    }
}

/// A service that workloads are set off by, keep their data in or run in, other than a queue.
#[derive(Debug)]
pub struct BackingService {
    /// Who it is.
    pub identity: Identity,
    /// What it is.
    pub kind: BackingKind,
    /// The name of a bucket as it is written, also where it is not known: policies repeat the expression.
    pub written_name: Option<Value>,
    /// Seconds for which a Kinesis stream keeps its records.
    pub retention: Sourced<Option<u64>>,
    /// What only databases have.
    pub database: Option<DatabaseSettings>,
}

/// What only databases have.
#[derive(Debug)]
pub struct DatabaseSettings {
    /// The class of its instance or instances, as the platform names it: `db.t4g.micro`.
    pub class: Sourced<Option<Arc<str>>>,
    /// Most connections at once: what its parameters set, or an upper bound of what its class takes.
    pub connections: Sourced<Option<u64>>,
    /// A proxy that shares connections stands in front of it.
    pub has_proxy: bool,
}

/// A claim on persistent storage.
#[derive(Debug)]
pub struct Claim {
    /// Who it is.
    pub identity: Identity,
    /// Access modes as written (`ReadWriteOnce`).
    pub access_modes: Sourced<Vec<Arc<str>>>,
    /// The storage class as written.
    pub storage_class: Sourced<Option<Arc<str>>>,
    /// What makes its volumes, if the class is declared beside it.
    pub provisioner: Sourced<Option<Arc<str>>>,
}

/// A published version or an alias of a function.
#[derive(Debug)]
pub struct Alias {
    /// Who it is.
    pub identity: Identity,
    /// The function.
    pub function: Link<Workload>,
    /// Whether it leads to a published version, as against `$LATEST`.
    pub is_published: Sourced<bool>,
    /// Instances kept initialised on it, and where that is written.
    pub provisioned_concurrency: Sourced<Option<u64>>,
}

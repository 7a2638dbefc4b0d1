//! Where workloads run, on which processors, and how that is paid for.

/// Where a workload runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    AwsLambda,
    AwsEcs,
    AwsBatch,
    CloudRun,
    CloudRunJob,
    GoogleFunctions1,
    GoogleFunctions2,
    AzureFunctions,
    AzureContainerApps,
    AzureContainerInstances,
    GcoreFunctions,
    GcoreInference,
    Kubernetes,
    Knative,
    AwsEc2,
    ComputeEngine,
    AzureVirtualMachines,
    GcoreInstances,
    /// A function or container of a provider about which archlint knows no limits.
    Other,
}

impl Platform {
    /// Whether it starts and stops instances by the requests that come in, between a minimum and a maximum.
    pub fn scales_by_itself(self) -> bool {
        matches!(
            self,
            Self::CloudRun | Self::GoogleFunctions1 | Self::GoogleFunctions2 | Self::AzureContainerApps | Self::Knative
        )
    }

    /// The name in machine-readable reports: a contract.
    pub fn id(self) -> &'static str {
        match self {
            Self::AwsLambda => "aws-lambda",
            Self::AwsEcs => "aws-ecs",
            Self::AwsBatch => "aws-batch",
            Self::CloudRun => "google-cloud-run",
            Self::CloudRunJob => "google-cloud-run-job",
            Self::GoogleFunctions1 => "google-functions-1",
            Self::GoogleFunctions2 => "google-functions-2",
            Self::AzureFunctions => "azure-functions",
            Self::AzureContainerApps => "azure-container-apps",
            Self::AzureContainerInstances => "azure-container-instances",
            Self::GcoreFunctions => "gcore-functions",
            Self::GcoreInference => "gcore-inference",
            Self::Kubernetes => "kubernetes",
            Self::Knative => "knative",
            Self::AwsEc2 => "aws-ec2",
            Self::ComputeEngine => "google-compute-engine",
            Self::AzureVirtualMachines => "azure-virtual-machines",
            Self::GcoreInstances => "gcore-instances",
            Self::Other => "other",
        }
    }
}

/// What a workload's instances compute with; their price depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// x86_64.
    X86,
    /// arm64.
    Arm,
    /// Something that has a price of its own: Windows.
    Other,
}

/// What an ECS task runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaunchType {
    /// Fargate, at its list price.
    Fargate,
    /// Fargate, wholly or in part on spare capacity.
    FargateSpot,
    /// Instances that are paid for by themselves.
    Instances,
}

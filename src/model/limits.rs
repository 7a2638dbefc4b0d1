//! Which values of a workload its platform bounds, and where the bounds are. Asked by `platform-limit-exceeded`.

use super::{Architecture, FunctionSettings, Platform, Workload};
use crate::facts::{Fact, aws, azure, google, kubernetes};
use crate::value::Sourced;

/// On which side of a number a value must stay.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// No more than this.
    Most(&'static Fact),
    /// No less than this.
    Least(&'static Fact),
}

impl Bound {
    /// The number itself.
    pub fn fact(self) -> &'static Fact {
        match self {
            Self::Most(fact) | Self::Least(fact) => fact,
        }
    }

    /// Whether a value lies on the wrong side.
    pub fn is_broken_by(self, value: u64) -> bool {
        match self {
            Self::Most(most) => value > most.whole(),
            Self::Least(least) => value < least.whole(),
        }
    }
}

/// A value that the platform bounds.
#[derive(Debug, Clone, Copy)]
pub struct Limited<'a> {
    /// The value, in the unit of the bound.
    pub value: &'a Sourced<Option<u64>>,
    /// What it is, in a sentence: "the timeout".
    pub what: &'static str,
    /// Where it must stay.
    pub bound: Bound,
}

impl Limited<'_> {
    /// The value, if it is known to be out of bounds.
    pub fn excess(&self) -> Option<u64> {
        self.value.set().copied().filter(|value| self.bound.is_broken_by(*value))
    }
}

impl Architecture {
    /// The values of a workload that its platform bounds, whether they are within bounds or not.
    pub fn limited<'a>(&'a self, workload: &'a Workload) -> Vec<Limited<'a>> {
        let timeout = |most| vec![Limited { value: &workload.timeout, what: "the timeout", bound: Bound::Most(most) }];
        match (workload.platform, &workload.function) {
            (Platform::AwsLambda, Some(function)) => self.lambda_limits(workload, function),
            (Platform::GoogleFunctions1, _) => timeout(&google::FUNCTION_GEN1_TIMEOUT_MAX),
            (Platform::GoogleFunctions2, _) => timeout(&google::FUNCTION_GEN2_TIMEOUT_MAX),
            (Platform::CloudRun, _) => timeout(&google::RUN_TIMEOUT_MAX),
            (Platform::CloudRunJob, _) => timeout(&google::RUN_JOB_TIMEOUT_MAX),
            (Platform::Knative, _) => timeout(&kubernetes::KNATIVE_TIMEOUT_MAX),
            (Platform::AzureContainerApps, _) => vec![Limited {
                value: &workload.max_instances,
                what: "the maximum of replicas",
                bound: Bound::Most(&azure::CONTAINER_APPS_REPLICAS_MAX),
            }],
            _ => Vec::new(),
        }
    }

    /// Durable functions and managed instances have limits of their own; where it is not known which kind a function
    /// is, no limit is.
    fn lambda_limits<'a>(&self, workload: &'a Workload, function: &'a FunctionSettings) -> Vec<Limited<'a>> {
        let (Some(managed), Some(durable)) = (function.managed_instances.known(), function.durable_timeout.known())
        else {
            return Vec::new();
        };
        let most = |value, what, most| Limited { value, what, bound: Bound::Most(most) };
        let least = |value, what, least| Limited { value, what, bound: Bound::Least(least) };
        let waits = self.waiting_triggers_of(workload).next().is_some();
        let longest = if *managed && !waits { &aws::LAMBDA_MANAGED_TIMEOUT_MAX } else { &aws::LAMBDA_TIMEOUT_MAX };
        let (smallest, largest) = if *managed {
            (&aws::LAMBDA_MANAGED_MEMORY_MIN, &aws::LAMBDA_MANAGED_MEMORY_MAX)
        } else {
            (&aws::LAMBDA_MEMORY_MIN, &aws::LAMBDA_MEMORY_MAX)
        };
        let mut limits = vec![
            most(&workload.timeout, "the timeout", longest),
            most(&workload.memory, "the memory", largest),
            most(&function.disk, "the size of /tmp", &aws::LAMBDA_DISK_MAX),
            least(&function.disk, "the size of /tmp", &aws::LAMBDA_DISK_DEFAULT),
            most(&function.layers, "the number of layers", &aws::LAMBDA_LAYERS_MAX),
        ];
        // A default that lies below the floor of managed instances is not what the platform takes there.
        if workload.memory.is_explicit() {
            limits.push(least(&workload.memory, "the memory", smallest));
        }
        if durable.is_some() {
            limits.push(most(&function.durable_timeout, "the durable execution timeout", &aws::LAMBDA_DURABLE_MAX));
        }
        limits
    }
}

impl Workload {
    /// The least memory that Cloud Run gives with as many vCPU as are written; `None` where it does not matter.
    pub fn memory_for_cpus(&self) -> Option<&'static Fact> {
        let cpu = self.cpu.set().filter(|_| self.platform == Platform::CloudRun && self.cpu.is_explicit())?;
        match cpu {
            6000.. => Some(&google::RUN_MEMORY_FOR_6_CPUS),
            4000..6000 => Some(&google::RUN_MEMORY_FOR_4_CPUS),
            _ => None,
        }
    }
}

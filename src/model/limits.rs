//! The limits of timeouts, sizes and counts that a platform sets, for what it runs.

use super::{Architecture, FunctionSettings, Packaging, Platform, Workload};
use crate::facts::{Fact, aws, azure, google, kubernetes};
use crate::value::Sourced;

/// A value with a limit that it has to keep.
#[derive(Debug, Clone, Copy)]
pub struct Limit<'a> {
    /// What is limited, in a sentence: "the timeout".
    pub what: &'static str,
    /// The value.
    pub value: &'a Sourced<Option<u64>>,
    /// The limit.
    pub bound: Bound,
    /// Another value that asks for this limit: many vCPU for memory.
    pub because: Option<&'a Sourced<Option<u64>>>,
}

/// On which side of a number a value must stay.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    Most(&'static Fact),
    Least(&'static Fact),
}

impl Bound {
    /// The number.
    pub fn fact(self) -> &'static Fact {
        match self {
            Self::Most(fact) | Self::Least(fact) => fact,
        }
    }
}

impl<'a> Limit<'a> {
    fn most(what: &'static str, value: &'a Sourced<Option<u64>>, most: &'static Fact) -> Self {
        Self { what, value, bound: Bound::Most(most), because: None }
    }

    fn least(what: &'static str, value: &'a Sourced<Option<u64>>, least: &'static Fact) -> Self {
        Self { what, value, bound: Bound::Least(least), because: None }
    }

    /// The number that is written, where it is known to break the limit.
    pub fn broken_by(&self) -> Option<u64> {
        let number = *self.value.set()?;
        let is_broken = match self.bound {
            Bound::Most(most) => number > most.whole(),
            Bound::Least(least) => number < least.whole(),
        };
        is_broken.then_some(number)
    }
}

impl Architecture {
    /// The limits that the platform of a workload sets, as far as they are known.
    pub fn limits_of<'a>(&self, workload: &'a Workload) -> Vec<Limit<'a>> {
        let timeout = |most| vec![Limit::most("the timeout", &workload.timeout, most)];
        match (workload.platform, &workload.function) {
            (Platform::AwsLambda, Some(function)) => self.limits_of_lambda(workload, function).unwrap_or_default(),
            (Platform::GoogleFunctions1, _) => timeout(&google::FUNCTION_GEN1_TIMEOUT_MAX),
            (Platform::GoogleFunctions2, _) => timeout(&google::FUNCTION_GEN2_TIMEOUT_MAX),
            (Platform::CloudRunJob, _) => timeout(&google::RUN_JOB_TIMEOUT_MAX),
            (Platform::CloudRun, _) => {
                timeout(&google::RUN_TIMEOUT_MAX).into_iter().chain(memory_for_cpus(workload)).collect()
            }
            (Platform::AzureContainerApps, _) => {
                let most = &azure::CONTAINER_APPS_REPLICAS_MAX;
                vec![Limit::most("the maximum of replicas", &workload.max_instances, most)]
            }
            (Platform::Knative, _) => timeout(&kubernetes::KNATIVE_TIMEOUT_MAX),
            _ => Vec::new(),
        }
    }

    fn limits_of_lambda<'a>(&self, workload: &'a Workload, function: &'a FunctionSettings) -> Option<Vec<Limit<'a>>> {
        let is_managed = *function.managed_instances.known()?;
        function.durable_timeout.known()?;
        // Only where nobody waits may a function on Managed Instances take longer.
        let is_longer = is_managed && self.waiting_triggers_of(workload).next().is_none();
        let timeout = if is_longer { &aws::LAMBDA_MANAGED_TIMEOUT_MAX } else { &aws::LAMBDA_TIMEOUT_MAX };
        let (least, most) = match is_managed {
            true => (&aws::LAMBDA_MANAGED_MEMORY_MIN, &aws::LAMBDA_MANAGED_MEMORY_MAX),
            false => (&aws::LAMBDA_MEMORY_MIN, &aws::LAMBDA_MEMORY_MAX),
        };
        let mut limits = vec![
            Limit::most("the durable execution timeout", &function.durable_timeout, &aws::LAMBDA_DURABLE_MAX),
            Limit::most("the timeout", &workload.timeout, timeout),
            Limit::most("the memory", &workload.memory, most),
            Limit::most("the size of /tmp", &function.disk, &aws::LAMBDA_DISK_MAX),
            Limit::least("the size of /tmp", &function.disk, &aws::LAMBDA_DISK_DEFAULT),
            Limit::most("the number of layers", &function.layers, &aws::LAMBDA_LAYERS_MAX),
        ];
        // Where nothing is written, the platform takes what it accepts.
        if workload.memory.is_explicit() {
            limits.push(Limit::least("the memory", &workload.memory, least));
        }
        Some(limits)
    }
}

impl FunctionSettings {
    /// Whether it is an image and lists layers, which only archives have.
    pub fn is_image_with_layers(&self) -> bool {
        let has_layers = self.layers.set().is_some_and(|layers| *layers > 0);
        has_layers && self.packaging.known() == Some(&Packaging::Image)
    }
}

/// Many vCPU need a least amount of memory on Cloud Run.
fn memory_for_cpus(workload: &Workload) -> Option<Limit<'_>> {
    let least = match workload.cpu.set()? {
        6000.. => &google::RUN_MEMORY_FOR_6_CPUS,
        4000..6000 => &google::RUN_MEMORY_FOR_4_CPUS,
        _ => return None,
    };
    let is_explicit = workload.memory.is_explicit() && workload.cpu.is_explicit();
    let limit = Limit::least("the memory", &workload.memory, least);
    is_explicit.then_some(Limit { because: Some(&workload.cpu), ..limit })
}

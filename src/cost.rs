//! What things cost: one table of prices, and what follows from them. Lints ask it through
//! [`crate::lint::Context::prices`]; it answers `None` where a size or a price is not known.
//!
//! A month has 730 hours. Free tiers are left out: they belong to an account, not to a workload.

use crate::facts::{Fact, aws, google, prices as list};
use crate::model::{LaunchType, Platform, Processor, Workload};
use crate::value::{Sourced, plain_number};
use crate::wording::counted;
use std::fmt;

/// Hours of a month.
pub const HOURS: f64 = 730.0;
/// Seconds of a month.
pub const SECONDS: f64 = HOURS * 3600.0;

/// One price: that of the list, unless the project has its own.
#[derive(Debug, Clone, Copy)]
pub struct Price {
    /// The price in the list.
    pub list: &'static Fact,
    /// What the project pays instead, in US dollars for the same amount.
    pub own: Option<f64>,
}

impl Price {
    const fn of(list: &'static Fact) -> Self {
        Self { list, own: None }
    }

    /// US dollars for one of what the price is of.
    pub fn dollars(&self) -> f64 {
        self.own.unwrap_or(self.list.value)
    }

    /// `$0.04048 per vCPU-hour`.
    fn per_unit(&self) -> String {
        match self.list.what.strip_prefix("price of a ").unwrap_or(self.list.what) {
            "request" => format!("{} per million requests", dollars(self.dollars() * 1e6)),
            of => format!("${} per {of}", plain_number(self.dollars())),
        }
    }
}

/// A price that depends on the processor.
#[derive(Debug, Clone, Copy)]
pub struct ByProcessor {
    pub x86: Price,
    pub arm: Price,
}

impl ByProcessor {
    fn of(&self, processor: Processor) -> Option<Price> {
        match processor {
            Processor::X86 => Some(self.x86),
            Processor::Arm => Some(self.arm),
            Processor::Other => None,
        }
    }
}

/// All prices. The default is the price list: us-east-1 for AWS, tier 1 for Google Cloud.
#[derive(Debug, Clone)]
pub struct Prices {
    pub lambda_request: Price,
    /// A GB-second of a run.
    pub lambda_run: ByProcessor,
    /// A GB-second of provisioned concurrency.
    pub lambda_warm: ByProcessor,
    /// A GB-second of a run on provisioned concurrency (x86).
    pub lambda_warm_run: Price,
    /// A vCPU-hour and a GB-hour.
    pub fargate_cpu: ByProcessor,
    pub fargate_memory: ByProcessor,
    /// A vCPU-second and a GiB-second of Cloud Run with instance-based billing.
    pub run_cpu: Price,
    pub run_memory: Price,
    /// The same with request-based billing, and a request.
    pub run_request_cpu: Price,
    pub run_request_memory: Price,
    pub run_request: Price,
    /// The same of a minimum instance that waits.
    pub run_idle_cpu: Price,
    pub run_idle_memory: Price,
}

impl Default for Prices {
    fn default() -> Self {
        let by = |x86, arm| ByProcessor { x86: Price::of(x86), arm: Price::of(arm) };
        Self {
            lambda_request: Price::of(&list::LAMBDA_REQUEST),
            lambda_run: by(&list::LAMBDA_SECOND, &list::LAMBDA_SECOND_ARM),
            lambda_warm: by(&list::LAMBDA_WARM_SECOND, &list::LAMBDA_WARM_SECOND_ARM),
            lambda_warm_run: Price::of(&list::LAMBDA_WARM_RUN_SECOND),
            fargate_cpu: by(&list::FARGATE_CPU, &list::FARGATE_CPU_ARM),
            fargate_memory: by(&list::FARGATE_MEMORY, &list::FARGATE_MEMORY_ARM),
            run_cpu: Price::of(&list::RUN_CPU),
            run_memory: Price::of(&list::RUN_MEMORY),
            run_request_cpu: Price::of(&list::RUN_REQUEST_CPU),
            run_request_memory: Price::of(&list::RUN_REQUEST_MEMORY),
            run_request: Price::of(&list::RUN_REQUEST),
            run_idle_cpu: Price::of(&list::RUN_IDLE_CPU),
            run_idle_memory: Price::of(&list::RUN_IDLE_MEMORY),
        }
    }
}

/// What something costs in a month. Displayed as `$36 a month`.
#[derive(Debug, Clone, PartialEq)]
pub struct Monthly {
    /// US dollars.
    pub dollars: f64,
    /// The prices that it rests on, and where they are from: "list price in us-east-1, checked 2026-03-10: $0.04048
    /// per vCPU-hour ...".
    pub basis: String,
    /// What was taken for granted: "2 instances of 1 vCPU and 2 GB for 730 hours".
    pub assumption: String,
}

impl Monthly {
    fn new(dollars: f64, prices: &[&Price], assumption: String) -> Self {
        Self { dollars, basis: basis(prices), assumption }
    }

    /// Assumption and basis in one, for a `why`.
    pub fn terms(&self) -> String {
        format!("{}, {}", self.assumption, self.basis)
    }
}

impl fmt::Display for Monthly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} a month", dollars(self.dollars))
    }
}

/// An amount of US dollars as a person writes it: `$0.88`, `$9.01`, `$36`, `$1,051`.
pub fn dollars(amount: f64) -> String {
    match amount {
        0.0 => "$0".to_string(),
        _ if amount < 0.01 => "less than $0.01".to_string(),
        _ if amount < 9.995 => format!("${amount:.2}"),
        _ => format!("${}", count(amount)),
    }
}

/// A rounded number with its thousands set off: `26,280`.
pub fn count(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let first = digits.len() % 3;
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 3 == first {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number as a person says it: `2.1 million`, `720,000`, `26,000`.
pub fn about(number: f64) -> String {
    if number >= 1e6 {
        return format!("{} million", plain_number((number / 1e5).round() / 10.0));
    }
    let step = 10_f64.powf((number.max(1.0).log10().floor() - 1.0).max(0.0));
    count((number / step).round() * step)
}

/// A share of the whole as a person writes it: `0.2 %`, `45 %`.
pub fn share(share: f64) -> String {
    match share * 100.0 {
        percent if percent < 0.1 => "0.1 %".to_string(),
        percent if percent < 9.95 => format!("{percent:.1} %"),
        percent => format!("{percent:.0} %"),
    }
}

/// Where prices are from, and when they were looked up last.
fn basis(prices: &[&Price]) -> String {
    let amounts: Vec<String> = prices.iter().map(|price| price.per_unit()).collect();
    let amounts = amounts.join(", ");
    let listed: Vec<&str> = prices.iter().filter(|price| price.own.is_none()).map(|price| price.list.checked).collect();
    let region = prices.first().map_or("us-east-1", |price| match price.list.holder.starts_with("Cloud Run") {
        true => "tier 1 regions",
        false => "us-east-1",
    });
    match listed.iter().min() {
        Some(checked) if listed.len() == prices.len() => {
            format!("list price in {region}, checked {checked}: {amounts}")
        }
        Some(checked) => format!("your own prices and list prices in {region}, checked {checked}: {amounts}"),
        None => format!("your own prices: {amounts}"),
    }
}

/// The vCPU that a Fargate task may have, in thousandths, as far as a function may need them.
const TASK_CPUS: [u64; 6] = [250, 500, 1000, 2000, 4000, 8000];

/// What one instance has: vCPU in thousandths, memory in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub cpu: u64,
    pub memory: u64,
}

impl Size {
    /// Of a workload, with the platform's default where it is documented and nothing is written.
    pub fn of(workload: &Workload) -> Option<Self> {
        let or_default = |value: &Sourced<Option<u64>>, default: &Fact, factor: f64| match value.known()? {
            Some(value) => Some(*value),
            None => (workload.platform == Platform::CloudRun).then_some((default.value * factor) as u64),
        };
        let cpu = or_default(&workload.cpu, &google::RUN_CPU_DEFAULT, 1000.0)?;
        let memory = or_default(&workload.memory, &google::RUN_MEMORY_DEFAULT, 1.0)?;
        (cpu > 0 && memory > 0).then_some(Self { cpu, memory })
    }

    fn cpus(self) -> f64 {
        self.cpu as f64 / 1000.0
    }

    fn gigabytes(self) -> f64 {
        gigabytes(self.memory)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} vCPU and {}", plain_number(self.cpus()), memory(self.memory))
    }
}

fn gigabytes(mebibytes: u64) -> f64 {
    mebibytes as f64 / 1024.0
}

/// `512 MB`, `2 GB`.
fn memory(mebibytes: u64) -> String {
    match mebibytes >= 1024 && mebibytes.is_multiple_of(256) {
        true => format!("{} GB", plain_number(gigabytes(mebibytes))),
        false => format!("{mebibytes} MB"),
    }
}

fn instances(count: u64, state: &str) -> String {
    counted(count, &format!("{state}instance"))
}

impl Prices {
    /// Instances of a workload that are there all month, whether they have work or not: Fargate tasks, and minimum
    /// instances of Cloud Run and of Cloud Functions of the second generation. `None` where the size, the number or the
    /// price is not known: pods share nodes, tasks on instances as well.
    ///
    /// The number is what the workload itself says; where an autoscaler changes it, see [`Prices::instances`].
    pub fn always_on(&self, workload: &Workload) -> Option<Monthly> {
        let count = match workload.platform {
            Platform::AwsEcs => workload.replicas.set(),
            _ => workload.min_instances.set(),
        };
        self.instances(workload, *count?)
    }

    /// The same for a number of instances.
    pub fn instances(&self, workload: &Workload, count: u64) -> Option<Monthly> {
        let size = Size::of(workload)?;
        let (cpu, memory, units, state) = match workload.platform {
            Platform::AwsEcs if workload.launch_type.set() == Some(&LaunchType::Fargate) => {
                let processor = *workload.processor.known()?;
                (self.fargate_cpu.of(processor)?, self.fargate_memory.of(processor)?, HOURS, "")
            }
            Platform::CloudRun if workload.cpu_idle.set() == Some(&false) => {
                (self.run_cpu, self.run_memory, SECONDS, "")
            }
            Platform::CloudRun | Platform::GoogleFunctions2 if workload.cpu_idle.known() != Some(&Some(false)) => {
                // What is unknown may be the dearer of the two.
                workload.cpu_idle.known()?;
                (self.run_idle_cpu, self.run_idle_memory, SECONDS, "waiting ")
            }
            _ => return None,
        };
        let one = units * (size.cpus() * cpu.dollars() + size.gigabytes() * memory.dollars());
        let assumption = format!("{} of {size} for {HOURS} hours", instances(count, state));
        Some(Monthly::new(one * count as f64, &[&cpu, &memory], assumption))
    }

    /// Provisioned concurrency of a function, used or not.
    pub fn provisioned(&self, function: &Workload, count: u64) -> Option<Monthly> {
        let size = *function.memory.set().filter(|_| function.platform == Platform::AwsLambda)?;
        let price = self.lambda_warm.of(*function.processor.known()?)?;
        let dollars = SECONDS * gigabytes(size) * price.dollars() * count as f64;
        let assumption = format!("{} of {} for {HOURS} hours", instances(count, ""), memory(size));
        Some(Monthly::new(dollars, &[&price], assumption))
    }

    /// Instances that are kept ready before anybody asks for them, used or not.
    pub fn warm(&self, workload: &Workload, count: u64) -> Option<Monthly> {
        self.provisioned(workload, count).or_else(|| self.instances(workload, count))
    }

    /// A number of runs in a month of a Lambda function with so much memory (MiB), each of so many seconds.
    pub fn runs(&self, runs: f64, seconds: f64, mebibytes: u64, processor: Processor) -> Option<Monthly> {
        let price = self.lambda_run.of(processor)?;
        let dollars = runs * self.run(seconds, mebibytes, price);
        let each = format!("{} runs of {} s with {}", count(runs), plain_number(seconds), memory(mebibytes));
        Some(Monthly::new(dollars, &[&self.lambda_request, &price], each))
    }

    /// What so many requests or runs in a month, each of so many seconds, would cost if the workload were there for them
    /// only: a service of Cloud Run without a minimum of instances, a Lambda function in the place of a task. `None` where
    /// a function could not take the place: it has less memory or less time.
    pub fn on_demand(&self, workload: &Workload, runs: f64, seconds: f64) -> Option<Monthly> {
        let size = Size::of(workload)?;
        match workload.platform {
            Platform::CloudRun => {
                let (cpu, memory, request) = (self.run_request_cpu, self.run_request_memory, self.run_request);
                let second = size.cpus() * cpu.dollars() + size.gigabytes() * memory.dollars();
                let dollars = runs * (request.dollars() + seconds * second);
                let each = format!("{} requests of {} s with {size}", count(runs), plain_number(seconds));
                Some(Monthly::new(dollars, &[&request, &cpu, &memory], each))
            }
            Platform::AwsEcs => {
                let fits = size.memory <= aws::LAMBDA_MEMORY_MAX.whole() && seconds <= aws::LAMBDA_TIMEOUT_MAX.value;
                self.runs(runs, seconds, size.memory, *workload.processor.known()?).filter(|_| fits)
            }
            _ => None,
        }
    }

    /// Fargate tasks that do what as many instances of a Lambda function with so much memory (MiB) do at once: each has
    /// at least the CPU and the memory of the function.
    pub fn tasks_for(&self, mebibytes: u64, processor: Processor, count: u64) -> Option<Monthly> {
        let (cpu, memory) = (self.fargate_cpu.of(processor)?, self.fargate_memory.of(processor)?);
        let needed = mebibytes as f64 / aws::LAMBDA_MEMORY_OF_ONE_CPU.value * 1000.0;
        let size = TASK_CPUS
            .into_iter()
            .find(|cpu| *cpu as f64 >= needed)
            .map(|cpu| Size { cpu, memory: cpu * aws::FARGATE_MEMORY_OF_ONE_CPU.whole() / 1000 })?;
        let one = HOURS * (size.cpus() * cpu.dollars() + size.gigabytes() * memory.dollars());
        let assumption = format!("{} of {size} for {HOURS} hours", counted(count, "Fargate task"));
        Some(Monthly::new(one * count as f64, &[&cpu, &memory], assumption))
    }

    /// One run of a Lambda function, in US dollars.
    fn run(&self, seconds: f64, mebibytes: u64, price: Price) -> f64 {
        self.lambda_request.dollars() + seconds * gigabytes(mebibytes) * price.dollars()
    }

    /// From how many runs a month on a function costs more than `container`: N*.
    pub fn break_even(&self, container: &Monthly, seconds: f64, mebibytes: u64, processor: Processor) -> Option<f64> {
        let run = self.run(seconds, mebibytes, self.lambda_run.of(processor)?);
        (run > 0.0).then_some(container.dollars / run)
    }

    /// From which share of its time on a busy function costs more than a Fargate task of the same size that is always
    /// there: U*, about 0.45. Of work that waits for others, a container does several pieces at once, and the share is
    /// smaller.
    pub fn busy_break_even(&self, processor: Processor) -> Option<f64> {
        let gigabytes = gigabytes(aws::LAMBDA_MEMORY_OF_ONE_CPU.whole());
        let function = gigabytes * self.lambda_run.of(processor)?.dollars() * 3600.0;
        let task = self.fargate_cpu.of(processor)?.dollars() + gigabytes * self.fargate_memory.of(processor)?.dollars();
        (function > 0.0).then_some(task / function)
    }

    /// From which share of its time on provisioned concurrency costs less than runs on demand: 0.6.
    pub fn provisioned_break_even(&self) -> Option<f64> {
        let saved = self.lambda_run.x86.dollars() - self.lambda_warm_run.dollars();
        (saved > 0.0).then_some(self.lambda_warm.x86.dollars() / saved)
    }

    /// From which share of its time on instance-based billing of Cloud Run costs less than request-based: 0.75.
    pub fn instance_based_break_even(&self) -> Option<f64> {
        let request = self.run_request_cpu.dollars();
        (request > 0.0).then_some(self.run_cpu.dollars() / request)
    }
}

//! What platforms do by themselves: limits, defaults, prices and measured start times.
//!
//! A number that a finding prints, or that a frontend fills in for a value nobody wrote, is a [`Fact`] with its
//! source and the day on which it was checked. Frontends and lints name facts, never bare numbers.

pub mod aws;
pub mod azure;
pub mod cloud_sql;
pub mod google;
pub mod kubernetes;
pub mod machines;
pub mod prices;
pub mod rds;

/// The day on which the table was last checked as a whole.
pub const CHECKED: &str = "2026-11-23";

/// One documented property of a platform.
#[derive(Debug, PartialEq)]
pub struct Fact {
    /// Who has the property, as it reads in a sentence: "Serverless Framework", "API Gateway (REST)".
    pub holder: &'static str,
    /// What the number is, as it reads after the holder: "default function timeout".
    pub what: &'static str,
    /// The number.
    pub value: f64,
    /// The unit that `value` counts.
    pub unit: Unit,
    /// Where it was read; documents and repositories, not web addresses.
    pub source: &'static str,
    /// The day of the source or of the last look at it, ISO 8601.
    pub checked: &'static str,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// MiB (AWS writes MB for the same amount).
    Mebibytes,
    /// vCPU.
    Cpus,
    /// Things: replicas, messages, layers, characters.
    Count,
    /// A share between 0 and 100.
    Percent,
    /// US dollars.
    Dollars,
    /// 0 is no, 1 is yes.
    Flag,
}

impl Unit {
    /// A number of this unit as text: `29 s`, `10240 MB`.
    pub fn of(self, value: f64) -> String {
        let number = crate::value::plain_number(value);
        match self {
            Self::Seconds => format!("{number} s"),
            Self::Milliseconds => format!("{number} ms"),
            Self::Mebibytes => format!("{number} MB"),
            Self::Cpus => format!("{number} vCPU"),
            Self::Percent => format!("{number} %"),
            Self::Dollars => format!("${number}"),
            Self::Flag => if value == 0.0 { "off" } else { "on" }.to_string(),
            Self::Count => number,
        }
    }
}

impl Fact {
    /// The value as a whole number; every fact that is used this way is one.
    pub fn whole(&self) -> u64 {
        self.value as u64
    }

    /// Value and unit as text: `29 s`, `10240 MB`.
    pub fn amount(&self) -> String {
        self.unit.of(self.value)
    }

    /// Source and day, as a page or a `why` prints them.
    pub fn citation(&self) -> String {
        format!("{}, checked {}", self.source, self.checked)
    }
}

/// Shortens the tables below: one line a fact.
const fn fact(
    holder: &'static str,
    what: &'static str,
    value: f64,
    unit: Unit,
    source: &'static str,
    checked: &'static str,
) -> Fact {
    Fact { holder, what, value, unit, source, checked }
}

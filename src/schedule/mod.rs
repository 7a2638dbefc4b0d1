//! Schedules: what `rate(5 minutes)`, `0 2 * * *` and their relatives mean, and the two questions that lints ask of
//! them: how often in a month, and how soon after one another.
//!
//! Called by every frontend. Runs are not enumerated one by one: a cron expression is a set of days and a set of
//! times of day, and both questions are answered from these sets over a concrete cycle of four years.

mod cron;
mod duration;

pub use duration::parse_duration;

use cron::Cron;

/// Seconds in the month that prices and run counts refer to: 730 hours.
const MONTH: f64 = 730.0 * 3600.0;
/// Longer texts are no schedules.
const MAX_LENGTH: usize = 256;

/// Whose rules a text follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Rules of EventBridge: `rate(..)`, `cron(..)` with six fields (the last is the year).
    Aws,
    /// EventBridge Scheduler: the same and `at(..)`; `rate(1 hours)` is as good as `rate(1 hour)` to it.
    AwsScheduler,
    /// Kubernetes CronJob: five fields, `@hourly`, `@every 5m`, `TZ=..` in front.
    Kubernetes,
    /// Azure Functions: NCRONTAB with six fields (the first is seconds), or `hh:mm:ss`.
    AzureFunctions,
    /// Five fields (Cloud Scheduler, Container Apps jobs), and the App Engine form `every 5 minutes`.
    Unix,
}

/// Why a text is no schedule; lower case, no full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScheduleError(String);

impl ScheduleError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// When something runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule(Form);

#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// Every so many seconds.
    Every(f64),
    /// At one moment.
    Once,
    /// Days and times.
    Cron(Cron),
}

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    /// Says what is wrong where the dialect's own tool would reject the text.
    pub fn parse(text: &str, dialect: Dialect) -> Result<Self, ScheduleError> {
        let text = text.trim();
        if text.len() > MAX_LENGTH {
            return Err(ScheduleError::new("too long for a schedule"));
        }
        let form = match dialect {
            Dialect::Aws => aws(text, true),
            Dialect::AwsScheduler => aws(text, false),
            Dialect::Kubernetes => kubernetes(text),
            Dialect::AzureFunctions => azure(text),
            Dialect::Unix => unix(text),
        };
        form.map(Self)
    }

    /// The shortest time between two runs in seconds; `None` where there are not two.
    pub fn shortest_period(&self) -> Option<u64> {
        match &self.0 {
            Form::Every(seconds) => Some(*seconds as u64),
            Form::Once => None,
            Form::Cron(cron) => cron.shortest_gap(),
        }
    }

    /// Runs in a month: counted over four years and divided by 48, or 730 hours divided by the rate.
    pub fn runs_per_month(&self) -> f64 {
        match &self.0 {
            Form::Every(seconds) => MONTH / seconds,
            Form::Once => 0.0,
            Form::Cron(cron) => cron.runs_in_four_years() as f64 / 48.0,
        }
    }

    /// The schedule in English, for messages: "every 5 minutes", "every day", "about 152 times a month".
    pub fn describe(&self) -> String {
        let regular = match &self.0 {
            Form::Once => return "once".to_string(),
            Form::Every(seconds) => Some(*seconds as u64),
            Form::Cron(cron) => cron.shortest_gap().filter(|gap| cron.is_every(*gap)),
        };
        match regular {
            Some(seconds) => every(seconds),
            None => match self.runs_per_month() {
                runs if runs < 1.0 => "less than once a month".to_string(),
                runs => format!("about {} times a month", runs.round()),
            },
        }
    }
}

/// The cron expression that comes nearest to a period and runs at least as often (once a day at least, and no more
/// than once a minute), with the seconds between two of its runs.
pub fn cron_every(period: u64) -> (String, u64) {
    let minutes = (period / 60).max(1);
    let divisor = |most: u64, number: u64| {
        (1..=most).rev().find(|part| most.is_multiple_of(*part) && *part <= number).unwrap_or(1)
    };
    match minutes {
        1 => ("* * * * *".to_string(), 60),
        2..60 => {
            let minutes = divisor(60, minutes);
            (format!("*/{minutes} * * * *"), minutes * 60)
        }
        60..1440 => match divisor(24, minutes / 60) {
            1 => ("0 * * * *".to_string(), 3600),
            hours => (format!("0 */{hours} * * *"), hours * 3600),
        },
        _ => ("0 0 * * *".to_string(), 86_400),
    }
}

fn every(seconds: u64) -> String {
    let units = [(604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    for (length, name) in units {
        if seconds == length {
            return format!("every {name}");
        }
        if seconds > length && seconds.is_multiple_of(length) {
            return format!("every {} {name}s", seconds / length);
        }
    }
    format!("every {seconds} seconds")
}

/// The text between `name(` and `)`.
fn inside<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.strip_prefix(name)?.trim_start().strip_prefix('(')?.strip_suffix(')').map(str::trim)
}

/// `is_rule`: a rule takes the singular for 1 only, and the plural for all else.
fn aws(text: &str, is_rule: bool) -> Result<Form, ScheduleError> {
    if let Some(rate) = inside(text, "rate") {
        let (number, unit) = rate
            .split_once(char::is_whitespace)
            .ok_or_else(|| ScheduleError::new("a rate needs a number and a unit"))?;
        let unit = unit.trim();
        if !matches!(unit, "minute" | "minutes" | "hour" | "hours" | "day" | "days") {
            return Err(ScheduleError::new(format!("`{unit}` is no unit of a rate")));
        }
        let form = every_unit(number, unit)?;
        let is_one = number.parse() == Ok(1);
        return match is_one == unit.ends_with('s') && is_rule {
            true => Err(ScheduleError::new(format!(
                "EventBridge refuses `rate({number} {unit})`: the unit is singular for 1 and plural otherwise"
            ))),
            false => Ok(form),
        };
    }
    if inside(text, "at").is_some() {
        return Ok(Form::Once);
    }
    let fields = inside(text, "cron").ok_or_else(|| ScheduleError::new("neither rate(..) nor cron(..) nor at(..)"))?;
    cron::aws(fields).map(Form::Cron)
}

/// `5 minutes` and the like.
fn every_unit(number: &str, unit: &str) -> Result<Form, ScheduleError> {
    let number: u32 = number.parse().map_err(|_| ScheduleError::new(format!("`{number}` is no whole number")))?;
    let length = match unit {
        "second" | "seconds" => 1,
        "minute" | "minutes" | "mins" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return Err(ScheduleError::new(format!("`{unit}` is no unit of a rate"))),
    };
    if number == 0 {
        return Err(ScheduleError::new("a rate of 0"));
    }
    Ok(Form::Every(f64::from(number) * f64::from(length)))
}

fn kubernetes(text: &str) -> Result<Form, ScheduleError> {
    let text = match text.split_once(char::is_whitespace) {
        Some((zone, rest)) if zone.starts_with("TZ=") || zone.starts_with("CRON_TZ=") => rest.trim_start(),
        _ => text,
    };
    if let Some(every) = text.strip_prefix("@every ") {
        let seconds = parse_duration(every.trim()).filter(|seconds| *seconds >= 1.0);
        return seconds.map(Form::Every).ok_or_else(|| ScheduleError::new(format!("`{every}` is no duration")));
    }
    let fields = match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        other => other,
    };
    cron::unix(fields).map(Form::Cron)
}

fn azure(text: &str) -> Result<Form, ScheduleError> {
    if let [hours, minutes, seconds] = text.split(':').collect::<Vec<_>>()[..] {
        let part = |text: &str| text.parse::<u32>().map_err(|_| ScheduleError::new(format!("`{text}` is no number")));
        let total = part(hours)?
            .saturating_mul(3600)
            .saturating_add(part(minutes)?.saturating_mul(60))
            .saturating_add(part(seconds)?);
        return if total > 0 { Ok(Form::Every(f64::from(total))) } else { Err(ScheduleError::new("a time span of 0")) };
    }
    cron::ncrontab(text).map(Form::Cron)
}

fn unix(text: &str) -> Result<Form, ScheduleError> {
    match text.split_whitespace().collect::<Vec<_>>()[..] {
        ["every", number, unit] if number.starts_with(|c: char| c.is_ascii_digit()) => every_unit(number, unit),
        ["every", "minute"] => Ok(Form::Every(60.0)),
        ["every", "hour"] => Ok(Form::Every(3_600.0)),
        ["every", "day", _] => Ok(Form::Every(86_400.0)),
        _ => cron::unix(text).map(Form::Cron),
    }
}

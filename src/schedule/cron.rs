//! Cron expressions as sets: which days of a four-year cycle, and which times of day.
//!
//! The dialects differ in the number of fields, in how weekdays are counted, and in what two restricted day fields
//! mean together; after parsing, nothing of that is left.

use super::ScheduleError;

/// The cycle begins on Monday, 2024-01-01 and has one leap day.
const FIRST_YEAR: u32 = 2024;
const DAYS: usize = 1461;
const DAY: u32 = 86_400;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cron {
    /// Seconds since midnight, ascending, at least one.
    times: Vec<u32>,
    /// Indexes of the days in the cycle, ascending.
    days: Vec<u32>,
}

impl Cron {
    pub(super) fn runs_in_four_years(&self) -> u64 {
        self.times.len() as u64 * self.days.len() as u64
    }

    /// Seconds between the two runs that lie closest together.
    pub(super) fn shortest_gap(&self) -> Option<u64> {
        let (first, last) = (*self.times.first()?, *self.times.last()?);
        let within = self.times.windows(2).map(|pair| u64::from(pair[1] - pair[0]));
        let across =
            self.days.windows(2).map(|pair| u64::from(pair[1] - pair[0]) * u64::from(DAY) - u64::from(last - first));
        let within = if self.days.is_empty() { None } else { within.min() };
        within.into_iter().chain(across.min()).min()
    }

    /// Whether every gap is this one: a schedule that a rate could say.
    pub(super) fn is_every(&self, gap: u64) -> bool {
        let steady = self.times.windows(2).all(|pair| u64::from(pair[1] - pair[0]) == gap);
        let across = match (self.times.first(), self.times.last()) {
            (Some(first), Some(last)) => u64::from(last - first),
            _ => 0,
        };
        steady && self.days.windows(2).all(|pair| u64::from(pair[1] - pair[0]) * u64::from(DAY) - across == gap)
    }
}

/// Which weekday number Sunday has.
#[derive(Clone, Copy, PartialEq)]
enum Sunday {
    Zero,
    One,
}

/// What the two day fields mean when both are restricted.
#[derive(Clone, Copy, PartialEq)]
enum Both {
    Either,
    Together,
}

/// EventBridge: minutes, hours, day of month, month, day of week, year. The year does not change how often a schedule
/// runs while it does, and is only checked.
pub(super) fn aws(text: &str) -> Result<Cron, ScheduleError> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, day, month, weekday, year] = fields[..] else { return Err(wrong_count(6, fields.len())) };
    set(year, 1970, 2199, &[])?;
    if (day == "?") == (weekday == "?") {
        return Err(ScheduleError::new("one of day-of-month and day-of-week must be `?`, and the other one must not"));
    }
    build(&["0", minutes, hours], day, month, weekday, Sunday::One, Both::Together)
}

/// Five fields: minutes, hours, day of month, month, day of week.
pub(super) fn unix(text: &str) -> Result<Cron, ScheduleError> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, day, month, weekday] = fields[..] else { return Err(wrong_count(5, fields.len())) };
    build(&["0", minutes, hours], day, month, weekday, Sunday::Zero, Both::Either)
}

/// NCRONTAB: seconds in front of the five fields, or the five alone.
pub(super) fn ncrontab(text: &str) -> Result<Cron, ScheduleError> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    match fields[..] {
        [seconds, minutes, hours, day, month, weekday] => {
            build(&[seconds, minutes, hours], day, month, weekday, Sunday::Zero, Both::Together)
        }
        [minutes, hours, day, month, weekday] => {
            build(&["0", minutes, hours], day, month, weekday, Sunday::Zero, Both::Together)
        }
        _ => Err(wrong_count(6, fields.len())),
    }
}

fn wrong_count(expected: usize, found: usize) -> ScheduleError {
    ScheduleError::new(format!("{found} fields where {expected} are due"))
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

fn build(
    time: &[&str; 3],
    day: &str,
    month: &str,
    weekday: &str,
    sunday: Sunday,
    both: Both,
) -> Result<Cron, ScheduleError> {
    let seconds = set(time[0], 0, 59, &[])?;
    let minutes = set(time[1], 0, 59, &[])?;
    let hours = set(time[2], 0, 23, &[])?;
    let months = set(month, 1, 12, &MONTHS)?;
    let day_rule = DayRule::parse(day)?;
    let weekday_rule = WeekdayRule::parse(weekday, sunday)?;
    let free = |field: &str| field.starts_with(['*', '?']);
    let either = both == Both::Either && !free(day) && !free(weekday);

    let mut times = Vec::new();
    for hour in &hours {
        for minute in &minutes {
            times.extend(seconds.iter().map(|second| hour * 3600 + minute * 60 + second));
        }
    }
    let days = calendar().enumerate().filter(|(_, date)| {
        let (in_month, in_week) = (day_rule.matches(date), weekday_rule.matches(date));
        months.contains(&date.month) && if either { in_month || in_week } else { in_month && in_week }
    });
    Ok(Cron { times, days: days.map(|(index, _)| index as u32).collect() })
}

/// One day of the cycle.
struct Date {
    month: u32,
    day: u32,
    /// 0 is Sunday.
    weekday: u32,
    days_in_month: u32,
}

impl Date {
    /// The weekday of another day of the same month.
    fn weekday_of(&self, day: u32) -> u32 {
        (self.weekday + 35 + day - self.day) % 7
    }
}

fn calendar() -> impl Iterator<Item = Date> {
    let lengths = (0..48u32).map(|index| {
        let (year, month) = (FIRST_YEAR + index / 12, index % 12 + 1);
        let days = match month {
            2 if year % 4 == 0 => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        (month, days)
    });
    let days = lengths.flat_map(|(month, length)| (1..=length).map(move |day| (month, day, length)));
    // 2024-01-01 was a Monday.
    days.take(DAYS).enumerate().map(|(index, (month, day, days_in_month))| Date {
        month,
        day,
        weekday: (index as u32 + 1) % 7,
        days_in_month,
    })
}

/// Which days of a month.
enum DayRule {
    Set(Vec<u32>),
    /// `L`, or so many days before the last.
    Last(u32),
    /// `LW`
    LastWorkday,
    /// `15W`: the workday nearest to a day, in the same month.
    NearestWorkday(u32),
}

impl DayRule {
    fn parse(field: &str) -> Result<Self, ScheduleError> {
        let upper = field.to_ascii_uppercase();
        if upper == "L" {
            return Ok(Self::Last(0));
        }
        if upper == "LW" {
            return Ok(Self::LastWorkday);
        }
        if let Some(before) = upper.strip_prefix("L-") {
            return Ok(Self::Last(number(before, 0, 30, &[])?));
        }
        if let Some(day) = upper.strip_suffix('W') {
            return Ok(Self::NearestWorkday(number(day, 1, 31, &[])?));
        }
        set(field, 1, 31, &[]).map(Self::Set)
    }

    fn matches(&self, date: &Date) -> bool {
        match self {
            Self::Set(days) => days.contains(&date.day),
            Self::Last(before) => date.day + before == date.days_in_month,
            Self::LastWorkday => date.day == workday_near(date, date.days_in_month),
            Self::NearestWorkday(day) => *day <= date.days_in_month && date.day == workday_near(date, *day),
        }
    }
}

/// The workday nearest to a day without leaving the month.
fn workday_near(date: &Date, day: u32) -> u32 {
    match date.weekday_of(day) {
        0 if day == date.days_in_month => day - 2,
        0 => day + 1,
        6 if day == 1 => 3,
        6 => day - 1,
        _ => day,
    }
}

/// Which days of a week.
enum WeekdayRule {
    Set(Vec<u32>),
    /// `5#2`: the second of that weekday in the month.
    Nth(u32, u32),
    /// `5L`: the last of that weekday in the month.
    Last(u32),
}

impl WeekdayRule {
    fn parse(field: &str, sunday: Sunday) -> Result<Self, ScheduleError> {
        let (low, high) = if sunday == Sunday::One { (1, 7) } else { (0, 7) };
        let shift = |day: u32| if sunday == Sunday::One { (day + 6) % 7 } else { day % 7 };
        let upper = field.to_ascii_uppercase();
        if let Some((day, nth)) = upper.split_once('#') {
            return Ok(Self::Nth(shift(number(day, low, high, &WEEKDAYS)?), number(nth, 1, 5, &[])?));
        }
        if upper == "L" {
            return Ok(Self::Set(vec![6]));
        }
        if let Some(day) = upper.strip_suffix('L').filter(|day| !day.is_empty()) {
            return Ok(Self::Last(shift(number(day, low, high, &WEEKDAYS)?)));
        }
        Ok(Self::Set(set(field, low, high, &WEEKDAYS)?.into_iter().map(shift).collect()))
    }

    fn matches(&self, date: &Date) -> bool {
        match self {
            Self::Set(days) => days.contains(&date.weekday),
            Self::Nth(day, nth) => date.weekday == *day && (date.day - 1) / 7 + 1 == *nth,
            Self::Last(day) => date.weekday == *day && date.day + 7 > date.days_in_month,
        }
    }
}

/// A number or a name; names count from the lowest number.
fn number(text: &str, low: u32, high: u32, names: &[&str]) -> Result<u32, ScheduleError> {
    let named = names.iter().position(|name| text.eq_ignore_ascii_case(name)).map(|index| index as u32 + low);
    let value = named
        .or_else(|| text.parse().ok())
        .ok_or_else(|| ScheduleError::new(format!("`{text}` is no value of a field")))?;
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(ScheduleError::new(format!("{value} lies outside {low}-{high}")))
    }
}

/// The values of a field: lists of values, ranges and steps; sorted, each once.
fn set(field: &str, low: u32, high: u32, names: &[&str]) -> Result<Vec<u32>, ScheduleError> {
    let mut values = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step = step.parse::<u32>().ok().filter(|step| *step > 0);
                (range, Some(step.ok_or_else(|| ScheduleError::new(format!("`{part}` has no step above 0")))?))
            }
            None => (part, None),
        };
        let (from, to) = if matches!(range, "*" | "?") {
            (low, high)
        } else if let Some((from, to)) = range.split_once('-') {
            (number(from, low, high, names)?, number(to, low, high, names)?)
        } else {
            let from = number(range, low, high, names)?;
            // `0/5` runs to the end of the field, `5` is itself.
            (from, if step.is_some() { high } else { from })
        };
        let step = step.unwrap_or(1) as usize;
        if from <= to {
            values.extend((from..=to).step_by(step));
        } else {
            // `FRI-MON` goes round.
            values.extend((from..=high).chain(low..=to).step_by(step));
        }
    }
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

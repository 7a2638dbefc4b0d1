//! Functions of points in time, which Terraform writes as RFC 3339 has them: `2024-05-01T12:00:00Z`.

use crate::schedule::parse_duration;
use crate::value::Data;
use std::cmp::Ordering;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// Of a day.
const SECONDS: i64 = 86_400;
/// 1970-01-01 was a Thursday.
const FIRST_WEEKDAY: i64 = 3;

/// The value of a call; `None` where the name is not one of these functions or an argument is no time.
pub(super) fn call(name: &str, texts: &[&str]) -> Option<Data> {
    match (name, texts) {
        ("formatdate", [pattern, time]) => Some(Data::Text(Moment::parse(time)?.formatted(pattern)?.into())),
        ("timeadd", [time, duration]) => {
            let (sign, duration) = duration.strip_prefix('-').map_or((1, *duration), |duration| (-1, duration));
            let moment = Moment::parse(time)?;
            // Fractions of a second are left out of what Terraform prints as well.
            let seconds = moment.seconds.checked_add(sign * parse_duration(duration)? as i64)?;
            Some(Data::Text(Moment { seconds, ..moment }.formatted("YYYY-MM-DD'T'hh:mm:ssZ")?.into()))
        }
        ("timecmp", [one, other]) => {
            let order = Moment::parse(one)?.seconds.cmp(&Moment::parse(other)?.seconds);
            Some(Data::Number(match order {
                Ordering::Less => -1.0,
                Ordering::Equal => 0.0,
                Ordering::Greater => 1.0,
            }))
        }
        _ => None,
    }
}

/// A point in time, and the offset that it is written with.
#[derive(Clone, Copy)]
struct Moment {
    /// Since 1970-01-01 in UTC.
    seconds: i64,
    /// Seconds that clocks are ahead of UTC.
    offset: i64,
}

impl Moment {
    fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_once('T')?;
        let clock = rest.find(['Z', '+', '-'])?;
        let (clock, zone) = rest.split_at(clock);
        let [year, month, day] = numbers(date, '-')?;
        let [hour, minute, second] = numbers(clock, ':')?;
        let is_date = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        if !is_date || hour > 23 || minute > 59 || second > 59 || !(0..=9999).contains(&year) {
            return None;
        }
        let offset = match zone {
            "Z" => 0,
            _ => {
                let [hours, minutes] = numbers(zone.get(1..)?, ':')?;
                let ahead = hours * 3600 + minutes * 60;
                if zone.starts_with('-') { -ahead } else { ahead }
            }
        };
        let days = days_before(year) + (1..month).map(|month| days_in(year, month)).sum::<i64>() + day - 1;
        Some(Self { seconds: days * SECONDS + hour * 3600 + minute * 60 + second - offset, offset })
    }

    /// Its parts as `pattern` asks for them; `None` for a pattern that Terraform refuses.
    fn formatted(&self, pattern: &str) -> Option<String> {
        let mut text = String::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            if first == '\'' {
                let (quoted, behind) = quoted(rest)?;
                text.push_str(&quoted);
                rest = behind;
                continue;
            }
            let end = rest.find(|one| one != first).unwrap_or(rest.len());
            let (token, behind) = rest.split_at(end);
            if first.is_ascii_alphabetic() {
                text.push_str(&self.part(token)?);
            } else {
                text.push_str(token);
            }
            rest = behind;
        }
        Some(text)
    }

    fn part(&self, token: &str) -> Option<String> {
        let local = self.seconds + self.offset;
        let (days, clock) = (local.div_euclid(SECONDS), local.rem_euclid(SECONDS));
        let (year, month, day) = date(days)?;
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
        let month_name = MONTHS.get(month as usize - 1)?;
        let weekday = WEEKDAYS.get((days + FIRST_WEEKDAY).rem_euclid(7) as usize)?;
        let sign = if self.offset < 0 { '-' } else { '+' };
        let (zone_hours, zone_minutes) = (self.offset.abs() / 3600, self.offset.abs() / 60 % 60);
        Some(match token {
            "YYYY" => format!("{year:04}"),
            "YY" => format!("{:02}", year % 100),
            "MMMM" => month_name.to_string(),
            "MMM" => month_name[..3].to_string(),
            "MM" => format!("{month:02}"),
            "M" => month.to_string(),
            "DD" => format!("{day:02}"),
            "D" => day.to_string(),
            "EEEE" => weekday.to_string(),
            "EEE" => weekday[..3].to_string(),
            "hh" => format!("{hour:02}"),
            "h" => hour.to_string(),
            "HH" => format!("{twelve:02}"),
            "H" => twelve.to_string(),
            "AA" => if hour < 12 { "AM" } else { "PM" }.to_string(),
            "aa" => if hour < 12 { "am" } else { "pm" }.to_string(),
            "mm" => format!("{minute:02}"),
            "m" => minute.to_string(),
            "ss" => format!("{second:02}"),
            "s" => second.to_string(),
            "Z" if self.offset == 0 => "Z".to_string(),
            "ZZZ" if self.offset == 0 => "UTC".to_string(),
            "ZZZZ" | "ZZZ" => format!("{sign}{zone_hours:02}{zone_minutes:02}"),
            "ZZZZZ" | "Z" => format!("{sign}{zone_hours:02}:{zone_minutes:02}"),
            _ => return None,
        })
    }
}

/// The text between quotes at the start of a pattern, in which `''` is one quote, and what stands behind it.
fn quoted(pattern: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut rest = pattern.strip_prefix('\'')?;
    loop {
        let (piece, behind) = rest.split_once('\'')?;
        text.push_str(piece);
        match behind.strip_prefix('\'') {
            Some(more) => {
                text.push('\'');
                rest = more;
            }
            None => return Some((text, behind)),
        }
    }
}

fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let is_plain =
        |piece: &&str| !piece.is_empty() && piece.len() <= 4 && piece.bytes().all(|one| one.is_ascii_digit());
    let numbers: Option<Vec<i64>> =
        text.split(separator).map(|piece| Some(piece).filter(is_plain)?.parse().ok()).collect();
    numbers?.try_into().ok()
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && year % 100 != 0 || year % 400 == 0
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the first day of a year.
fn days_before(year: i64) -> i64 {
    let since = |year: i64| {
        let last = year - 1;
        365 * year + last.div_euclid(4) - last.div_euclid(100) + last.div_euclid(400)
    };
    since(year) - since(1970)
}

/// Year, month and day of a number of days since 1970-01-01; `None` outside of four-digit years.
fn date(days: i64) -> Option<(i64, i64, i64)> {
    // A year has 365 days at least and 366 at most, so this is never late.
    let mut year = 1970 + if days < 0 { days.div_euclid(365) } else { days / 366 };
    if !(-100..=9999).contains(&year) {
        return None;
    }
    while days_before(year + 1) <= days {
        year += 1;
    }
    let mut left = days - days_before(year);
    let mut month = 1;
    while left >= days_in(year, month) {
        left -= days_in(year, month);
        month += 1;
    }
    (0..=9999).contains(&year).then_some((year, month, left + 1))
}

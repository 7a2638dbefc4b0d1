//! Schedules of every dialect, and the two answers checked against a plain enumeration of every minute.

mod support;

use archlint::schedule::Dialect::{Aws, AwsScheduler, AzureFunctions, Kubernetes, Unix};
use archlint::schedule::{Dialect, Schedule, parse_duration};
use proptest::prelude::*;
use support::drawn;

fn parse(text: &str, dialect: Dialect) -> Schedule {
    Schedule::parse(text, dialect).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn shortest_periods() {
    let cases: &[(&str, Dialect, Option<u64>)] = &[
        ("rate(5 minutes)", Aws, Some(300)),
        ("rate(1 day)", Aws, Some(86_400)),
        ("rate(24 hours)", Aws, Some(86_400)),
        ("rate(1 hours)", AwsScheduler, Some(3_600)),
        ("cron(0 2 * * ? *)", Aws, Some(86_400)),
        ("cron(0 6-10 * * ? *)", Aws, Some(3_600)),
        ("cron(0/15 * * * ? *)", Aws, Some(900)),
        ("cron(0 9 ? * MON-FRI *)", Aws, Some(86_400)),
        ("cron(0 9 ? * 2#1 *)", Aws, Some(28 * 86_400)),
        ("at(2026-01-01T00:00:00)", Aws, None),
        ("* * * * *", Kubernetes, Some(60)),
        ("0/1 * * * *", Kubernetes, Some(60)),
        ("@hourly", Kubernetes, Some(3_600)),
        ("@every 1h30m", Kubernetes, Some(5_400)),
        ("CRON_TZ=Europe/Berlin 0 9,17 * * *", Kubernetes, Some(8 * 3_600)),
        ("0 0 * * FRI-SUN", Kubernetes, Some(86_400)),
        ("58,2 * * * *", Kubernetes, Some(240)),
        ("0 */5 * * * *", AzureFunctions, Some(300)),
        ("00:00:30", AzureFunctions, Some(30)),
        ("*/10 * * * * *", AzureFunctions, Some(10)),
        ("every 10 minutes", Unix, Some(600)),
        ("15 2 * * *", Unix, Some(86_400)),
    ];
    for (text, dialect, expected) in cases {
        assert_eq!(parse(text, *dialect).shortest_period(), *expected, "{text}");
    }
}

#[test]
fn runs_in_a_month() {
    let cases: &[(&str, Dialect, f64)] = &[
        ("rate(5 minutes)", Aws, 8_760.0),
        ("rate(1 hour)", Aws, 730.0),
        ("cron(0 2 * * ? *)", Aws, 1461.0 / 48.0),
        ("cron(0 2 L * ? *)", Aws, 1.0),
        ("cron(0 2 LW * ? *)", Aws, 1.0),
        ("cron(0 2 15W * ? *)", Aws, 1.0),
        ("cron(0 2 ? * 6L *)", Aws, 1.0),
        ("cron(0 2 29 2 ? *)", Aws, 1.0 / 48.0),
        ("0 0 1 * *", Kubernetes, 1.0),
        // Kubernetes: the 13th or any Friday; Azure: Fridays that are the 13th.
        ("0 0 13 * 5", Kubernetes, (48.0 + 209.0 - 7.0) / 48.0),
        ("0 0 0 13 * 5", AzureFunctions, 7.0 / 48.0),
    ];
    for (text, dialect, expected) in cases {
        let runs = parse(text, *dialect).runs_per_month();
        assert!((runs - expected).abs() < 1e-9, "{text}: {runs}, not {expected}");
    }
}

#[test]
fn descriptions() {
    let cases: &[(&str, Dialect, &str)] = &[
        ("rate(1 minute)", Aws, "every minute"),
        ("rate(7 days)", Aws, "every week"),
        ("0 * * * *", Kubernetes, "every hour"),
        ("0 */6 * * *", Kubernetes, "every 6 hours"),
        ("0 6-10 * * *", Kubernetes, "about 152 times a month"),
        ("0 0 29 2 *", Kubernetes, "less than once a month"),
    ];
    for (text, dialect, expected) in cases {
        assert_eq!(parse(text, *dialect).describe(), *expected, "{text}");
    }
}

#[test]
fn what_is_no_schedule_says_why() {
    let long = "*".repeat(10_000);
    let cases: &[(&str, Dialect, &str)] = &[
        ("*/0 * * * *", Kubernetes, "`*/0` has no step above 0"),
        ("99 * * * *", Kubernetes, "99 lies outside 0-59"),
        ("", Kubernetes, "0 fields where 5 are due"),
        ("0 2 * * ? *", Aws, "neither rate(..) nor cron(..) nor at(..)"),
        ("cron(0 2 * * ?)", Aws, "5 fields where 6 are due"),
        ("rate(5 fortnights)", Aws, "`fortnights` is no unit of a rate"),
        ("rate(30 seconds)", Aws, "`seconds` is no unit of a rate"),
        ("rate(0 minutes)", Aws, "a rate of 0"),
        (
            "rate(5 minute)",
            Aws,
            "EventBridge refuses `rate(5 minute)`: the unit is singular for 1 and plural otherwise",
        ),
        (
            "rate(1 minutes)",
            Aws,
            "EventBridge refuses `rate(1 minutes)`: the unit is singular for 1 and plural otherwise",
        ),
        ("cron(* * * * * *)", Aws, "one of day-of-month and day-of-week must be `?`, and the other one must not"),
        (
            "cron(0 9 * * MON-FRI *)",
            AwsScheduler,
            "one of day-of-month and day-of-week must be `?`, and the other one must not",
        ),
        ("ééé", Unix, "1 fields where 5 are due"),
        (&long, Unix, "too long for a schedule"),
    ];
    for (text, dialect, expected) in cases {
        let error = Schedule::parse(text, *dialect).expect_err(text);
        assert_eq!(error.to_string(), *expected);
    }
}

#[test]
fn durations() {
    let cases = [
        ("90s", Some(90.0)),
        ("1h30m", Some(5_400.0)),
        ("3.500s", Some(3.5)),
        ("1800s", Some(1800.0)),
        ("250ms", Some(0.25)),
    ];
    for (text, expected) in cases.into_iter().chain([("", None), ("5", None), ("s", None), ("5 m", None), ("1x", None)])
    {
        assert_eq!(parse_duration(text), expected, "{text}");
    }
}

/// Every minute from 2024-01-01 to 2027-12-31 that a five-field expression of plain numbers names.
fn enumerate(minutes: &[u32], hours: &[u32], days: &[u32], weekdays: &[u32]) -> Vec<u64> {
    let mut found = Vec::new();
    let (mut year, mut month, mut day, mut weekday) = (2024, 1, 1, 1);
    for index in 0..1461u64 {
        if days.contains(&day) || weekdays.contains(&weekday) {
            for hour in hours {
                found.extend(minutes.iter().map(|minute| index * 1440 + u64::from(hour * 60 + minute)));
            }
        }
        let length = [31, if year % 4 == 0 { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
        weekday = (weekday + 1) % 7;
        day += 1;
        if day > length {
            (day, month) = (1, month + 1);
        }
        if month > 12 {
            (month, year) = (1, year + 1);
        }
    }
    found
}

fn sorted(values: std::collections::BTreeSet<u32>) -> Vec<u32> {
    values.into_iter().collect()
}

proptest! {
    #![proptest_config(drawn(64))]
    #[test]
    fn sets_agree_with_enumeration(
        minutes in prop::collection::btree_set(0u32..60, 1..5),
        hours in prop::collection::btree_set(0u32..24, 1..4),
        days in prop::collection::btree_set(1u32..32, 1..4),
        weekdays in prop::collection::btree_set(0u32..7, 1..4),
    ) {
        let (minutes, hours, days, weekdays) = (sorted(minutes), sorted(hours), sorted(days), sorted(weekdays));
        let list = |values: &[u32]| values.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let text = format!("{} {} {} * {}", list(&minutes), list(&hours), list(&days), list(&weekdays));
        let runs = enumerate(&minutes, &hours, &days, &weekdays);
        let schedule = Schedule::parse(&text, Kubernetes).unwrap();
        prop_assert_eq!(schedule.runs_per_month(), runs.len() as f64 / 48.0);
        prop_assert_eq!(schedule.shortest_period(), runs.windows(2).map(|pair| (pair[1] - pair[0]) * 60).min());
    }

    #[test]
    fn nothing_panics(text in "\\PC{0,40}", number in 0usize..4) {
        let dialect = [Aws, Kubernetes, AzureFunctions, Unix][number];
        if let Ok(schedule) = Schedule::parse(&text, dialect) {
            prop_assert!(schedule.runs_per_month() >= 0.0);
        }
    }
}

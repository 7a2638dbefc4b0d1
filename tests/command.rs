//! Command lines: which of them do their work now and then.

use archlint::model::command::{Loop, repeats};
use archlint::source::{SourceId, Sources, Span};
use archlint::value::{Data, Origin, Unknown, Value};
use std::path::Path;

fn place() -> Span {
    let source: SourceId = Sources::default().add(Path::new("deploy.yaml"), "");
    Span::new(source, 0, 0)
}

fn words(words: &[&str]) -> Vec<Value> {
    words.iter().map(|word| Value::new(Data::Text((*word).into()), Origin::literal(place()))).collect()
}

fn found(command: &[&str]) -> Option<Loop> {
    repeats(&words(command))
}

/// What `sh -c` makes of a script.
fn script(text: &str) -> Option<Loop> {
    found(&["/bin/sh", "-c", text])
}

#[test]
fn endless_loops_with_a_sleep() {
    let cases = [
        ("while true; do /app/report; sleep 3600; done", 3600),
        ("while :; do /app/report; sleep 1h; done", 3600),
        ("while [ 1 ]; do /app/report; sleep 30m; done", 1800),
        ("while [[ true ]]\ndo\n  /app/report\n  sleep 1d\ndone\n", 86400),
        ("until false; do /app/report && sleep 90s; done", 90),
        ("for ((;;)); do /app/report; sleep 600; done", 600),
        ("for (( ; ; )); do /app/report; sleep 600; done", 600),
        ("while sleep 300; do /app/report; done", 300),
        ("while true; do sleep 600; /app/report || echo failed; done", 600),
        ("while true; do /app/report; sleep $((60 * 60)); done", 3600),
        ("while true; do /app/report; sleep 1h 30m; done", 5400),
        ("set -e; mkdir -p /tmp/x\nwhile true; do /app/report 2>&1 | tee /log; sleep 60; done", 60),
        ("trap exit TERM; while :; do certbot renew; sleep 12h & wait ${!}; done", 43200),
        ("while true; do if [ -f /go ]; then /app/report; fi; sleep 60; done", 60),
        ("while true; do for x in a b; do /app/report $x; done; sleep 60; done; # ends never", 60),
    ];
    for (text, period) in cases {
        assert_eq!(script(text).and_then(|found| found.period), Some(period), "{text}");
    }
}

#[test]
fn what_the_loop_does() {
    let work = |text: &str| script(text).and_then(|found| found.work);
    assert_eq!(
        work("while true; do /app/report --to \"s3://a b\" > /dev/null; sleep 60; done").as_deref(),
        Some("/app/report --to \"s3://a b\" > /dev/null")
    );
    assert_eq!(work("while true; do date; /app/report; sleep 60; done").as_deref(), Some("/app/report"));
    // Two commands, or something that goes before, are more than one command line.
    assert_eq!(work("while true; do /app/fetch; /app/report; sleep 60; done"), None);
    assert_eq!(work("apk add curl; while true; do curl x; sleep 60; done"), None);
}

#[test]
fn loops_that_are_no_schedules() {
    let cases = [
        "sleep infinity",
        "tail -f /dev/null",
        "while true; do sleep 3600; done",
        "while true; do echo alive; date; sleep 3600; done",
        "trap : TERM INT; while true; do sleep 3600 & wait; done",
        "while true; do touch /tmp/healthy; sleep 60; done",
        "until curl -sf http://db; do sleep 60; done",
        "while ! nc -z db 5432; do echo waiting; sleep 60; done",
        "until nc -z db 5432; do sleep 120; done; ./migrate",
        "while true; do curl -sf http://db && break; sleep 60; done",
        "while true; do /app/check || exit 1; sleep 60; done",
        "while true; do /app/report; sleep $INTERVAL; done",
        "while true; do /app/report; sleep ${INTERVAL:-3600}; done",
        "while true; do /app/report; sleep $((RANDOM % 60)); done",
        "while true; do /app/report; sleep infinity; done",
        "while true; do /app/serve; done",
        "while true; do /app/a; sleep 60; /app/b; sleep 60; done",
        "while true; do inotifywait /etc/x; /app/report; sleep 60; done",
        "while true; do /app/report; sleep 3600; done & exec nginx",
        "nginx & while true; do nginx -s reload; sleep 3600; done",
        "while true; do /app/serve & sleep 3600; done",
        "while true; do if /app/ready; then sleep 60; fi; done",
        "/app/report; sleep 3600",
        "for x in a b; do /app/report; sleep 60; done",
        "echo 'while true; do /app/report; sleep 60; done'",
        "while true; do /app/report; sleep 60",
        "cat <<END\nwhile true; do /app/report; sleep 60; done\nEND",
        "while true; do /app/report \"; sleep 60; done",
    ];
    for text in cases {
        assert!(script(text).is_none(), "{text}: {:?}", script(text));
    }
}

#[test]
fn cron_daemons_in_the_foreground() {
    let daemons: [&[&str]; 12] = [
        &["crond", "-f"],
        &["/usr/sbin/crond", "-n"],
        &["crond", "-l", "2", "-f"],
        &["cron", "-f"],
        &["busybox", "crond", "-f", "-d", "8"],
        &["supercronic", "/etc/crontab"],
        &["/sbin/tini", "--", "supercronic", "-json", "/etc/crontab"],
        &["go-crond", "/etc/cron.d/app"],
        &["ofelia", "daemon", "--config=/etc/ofelia.conf"],
        &["sh", "-c", "crontab /etc/jobs && exec crond -f"],
        &["bash", "-ec", "cron && tail -f /var/log/cron.log"],
        &["/bin/bash", "-o", "pipefail", "-c", "cron -f"],
    ];
    for command in daemons {
        let found = found(command).unwrap_or_else(|| panic!("{command:?}"));
        assert_eq!(found.period, None, "{command:?}");
    }
    let others: [&[&str]; 8] = [
        &["crond"],
        &["cron"],
        &["supercronic"],
        &["supercronic", "-test", "/etc/crontab"],
        &["crontab", "-l"],
        &["/app/cron-service", "-f"],
        &["sh", "-c", "crond && nginx -g 'daemon off;'"],
        &["sh", "-c", "crond -f & exec nginx"],
    ];
    for command in others {
        assert!(found(command).is_none(), "{command:?}");
    }
}

#[test]
fn watch_with_an_interval() {
    let period = |command: &[&str]| found(command).and_then(|found| found.period);
    assert_eq!(period(&["watch", "-n", "300", "/app/report", "--all"]), Some(300));
    assert_eq!(period(&["watch", "-n300", "/app/report"]), Some(300));
    assert_eq!(period(&["watch", "-t", "--interval=60", "/app/report"]), Some(60));
    assert_eq!(period(&["sh", "-c", "watch -n 120 /app/report"]), Some(120));
    assert_eq!(
        found(&["watch", "-n", "300", "/app/report", "--all"]).and_then(|found| found.work).as_deref(),
        Some("/app/report --all")
    );
    assert_eq!(period(&["watch", "/app/report"]), None);
    assert_eq!(period(&["watch", "-n", "300"]), None);
}

#[test]
fn nothing_is_said_about_what_is_not_known() {
    let mut command = words(&["sh", "-c"]);
    command.push(Value::unknown(Unknown::NotEvaluated("this".into()), Origin::literal(place())));
    assert!(repeats(&command).is_none());
    assert!(repeats(&[]).is_none());
    assert!(found(&["sh"]).is_none());
    assert!(found(&["sh", "-c"]).is_none());
    // Without a shell it is one word.
    assert!(found(&["while true; do /app/report; sleep 3600; done"]).is_none());
}

#[test]
fn hostile_scripts_end() {
    let deep = "while true; do ".repeat(5000);
    assert!(script(&deep).is_none());
    let nested = format!("{}{}", "(".repeat(20_000), ")".repeat(20_000));
    assert!(script(&nested).is_none());
    for text in ["$(", "${", "`", "'", "\"", "((", "\\", "é & ü", "done", "esac ;;", ")", "case x in"] {
        assert!(script(text).is_none(), "{text}");
    }
}

//! What a command line says about when the work is done: loops with a sleep, cron daemons. Called by the frontends
//! that read containers.
//!
//! A container that serves, waits for something or only stays alive must not look like one that works now and then:
//! whatever is not plainly such a loop or daemon is none.

mod boot;
mod request;
mod shell;
mod worker;

pub use request::{Request, request};

use crate::source::Span;
use crate::value::{Data, Value, View};
pub use boot::SoleContainer;
pub(crate) use boot::{GAP, packages_are_for_containers, sole_image, takes_its_state_along};
use shell::{Item, Token};
pub use worker::Worker;
pub(crate) use worker::worker;

/// A command line that does its work now and then.
#[derive(Debug, Clone)]
pub struct Loop {
    /// Seconds between two runs; `None` for a cron daemon, whose table is not in the command line.
    pub period: Option<u64>,
    /// The work, without loop and sleep, where it can be told apart.
    pub work: Option<String>,
    /// Where the loop or the daemon is written.
    pub span: Span,
}

/// One word of a command line, with its place.
struct Word<'v> {
    text: &'v str,
    span: Option<Span>,
}

/// The words of a container's command line, which some attributes hold one after the other, and the loop or cron
/// daemon that it runs. A list that is not known may hold anything.
pub(crate) fn command_line(container: View<'_>, attributes: &[&'static str]) -> (Vec<Value>, Option<Loop>) {
    let lists = || attributes.iter().map(|attribute| container.get(attribute));
    fn items(list: View<'_>) -> Vec<View<'_>> {
        if list.is_unknown() { vec![list] } else { list.items() }
    }
    let words: Vec<Value> = lists().flat_map(items).filter_map(|word| word.value().cloned()).collect();
    let repeats = if lists().any(View::is_unknown) { None } else { repeats(&words) };
    (words, repeats)
}

/// The loop or cron daemon that a container's command line (`command`, then `args`) runs, if it does.
pub fn repeats(words: &[Value]) -> Option<Loop> {
    // One word that is not known could be anything, so all of them must be.
    let words: Vec<Word> = words.iter().map(word).collect::<Option<_>>()?;
    let words = without_wrappers(&words);
    let first = words.first()?;
    if let Some(script) = shell_script(words) {
        return in_script(script.text).and_then(|found| found.at(script.span?));
    }
    let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
    daemon(&texts).or_else(|| watch(&texts)).and_then(|found| found.at(first.span?))
}

/// Seconds that a command sleeps at least: `sleep 40`, or a script that does so among other things. `None` where that
/// is not known.
pub(crate) fn sleep(words: &[Value]) -> Option<u64> {
    let words: Vec<Word> = words.iter().map(word).collect::<Option<_>>()?;
    let words = without_wrappers(&words);
    let Some(script) = shell_script(words) else {
        let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
        return Some(slept(&texts));
    };
    let tokens = shell::tokens(script.text)?;
    let mut total: u64 = 0;
    for item in &shell::items(&tokens)? {
        // A loop or a condition may take any time, and what comes behind it may never run.
        let Some(words) = item.words().filter(|_| !item.runs_beside() && !item.has_alternative()) else { break };
        let first = words.first().map(|word| program(word)).unwrap_or_default();
        total = total.saturating_add(slept(if first == "exec" { &words[1..] } else { &words }));
        let decides = matches!(first, "test" | "[" | "[[" | "grep") && item.is_condition();
        if decides || matches!(first, "exit" | "exec" | "return") {
            break;
        }
    }
    Some(total)
}

/// Seconds that a simple command sleeps.
fn slept(words: &[&str]) -> u64 {
    match words.split_first() {
        Some((first, amounts)) if program(first) == "sleep" => duration(amounts).unwrap_or_default(),
        _ => 0,
    }
}

fn word(value: &Value) -> Option<Word<'_>> {
    match value.known()? {
        Data::Text(text) => Some(Word { text, span: value.origin.site() }),
        // Numbers and booleans are arguments; what they say does not matter here.
        Data::Number(_) | Data::Boolean(_) => Some(Word { text: "", span: value.origin.site() }),
        _ => None,
    }
}

/// What was found, before its place is known.
struct Found {
    period: Option<u64>,
    work: Option<String>,
}

impl Found {
    fn at(self, span: Span) -> Option<Loop> {
        Some(Loop { period: self.period, work: self.work, span })
    }
}

/// The name of a program without its folder.
fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The words behind programs that only start another one.
fn without_wrappers<'w, 'v>(mut words: &'w [Word<'v>]) -> &'w [Word<'v>] {
    while let Some((first, rest)) = words.split_first() {
        match program(first.text) {
            "tini" | "dumb-init" | "exec" | "nohup" | "env" | "catatonit" => {
                let options = rest.iter().take_while(|word| word.text.starts_with('-') || word.text.contains('='));
                words = &rest[options.count()..];
            }
            "busybox" => words = rest,
            _ => break,
        }
    }
    words
}

/// The script behind `sh -c`.
fn shell_script<'w, 'v>(words: &'w [Word<'v>]) -> Option<&'w Word<'v>> {
    let (shell, rest) = words.split_first()?;
    if !matches!(program(shell.text), "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh") {
        return None;
    }
    let is_option = |word: &&Word| word.text.starts_with('-') && !word.text.starts_with("--");
    let options = rest.iter().take_while(is_option).count();
    let takes_script = rest[..options].iter().any(|word| word.text.ends_with('c'));
    // `-o pipefail` between the options: its word is none of them.
    let (skipped, rest) = match rest.get(options) {
        Some(word) if !takes_script && word.text == "pipefail" => (true, &rest[options + 1..]),
        _ => (false, &rest[options..]),
    };
    match rest {
        [script, ..] if takes_script => Some(script),
        [option, script, ..] if skipped && is_option(&option) && option.text.ends_with('c') => Some(script),
        _ => None,
    }
}

/// A cron daemon that stays in the foreground.
fn daemon(words: &[&str]) -> Option<Found> {
    let (first, rest) = words.split_first()?;
    let has_flag = |letters: [char; 2]| {
        rest.iter()
            .any(|word| word.strip_prefix('-').is_some_and(|flags| !flags.starts_with('-') && flags.contains(letters)))
    };
    let runs = match program(first) {
        "crond" | "cron" => has_flag(['f', 'n']) || rest.contains(&"--foreground"),
        "supercronic" => !rest.is_empty() && !rest.contains(&"-test"),
        "go-crond" | "yacron" => true,
        "ofelia" => rest.first() == Some(&"daemon"),
        _ => false,
    };
    runs.then_some(Found { period: None, work: None })
}

/// `watch -n 300 COMMAND`; its default of two seconds is not asked for by anyone.
fn watch(words: &[&str]) -> Option<Found> {
    let (first, mut rest) = words.split_first()?;
    if program(first) != "watch" {
        return None;
    }
    let mut period = None;
    while let Some((option, after)) = rest.split_first().filter(|(option, _)| option.starts_with('-')) {
        rest = after;
        let attached = option.strip_prefix("--interval=").or_else(|| option.strip_prefix("-n"));
        match attached {
            Some(number) if !number.is_empty() => period = Some(number),
            _ if matches!(*option, "-n" | "--interval") => {
                let (number, after) = rest.split_first()?;
                (period, rest) = (Some(*number), after);
            }
            _ => {}
        }
    }
    let period: f64 = period?.parse().ok()?;
    let work = rest.join(" ");
    (period >= 1.0 && !work.is_empty()).then_some(Found { period: Some(period as u64), work: Some(work) })
}

/// What a shell script does in the end: a loop, or a program that is a daemon.
fn in_script(script: &str) -> Option<Found> {
    let tokens = shell::tokens(script)?;
    let items = shell::items(&tokens)?;
    let (last, before) = items.split_last()?;
    // Something else runs beside the loop: a server, or another loop.
    if last.runs_beside() || before.iter().any(Item::runs_beside) {
        return None;
    }
    if let Some(found) = endless_loop(script, last) {
        let prepared = before.iter().any(|item| !is_idle(item));
        return Some(if prepared { Found { work: None, ..found } } else { found });
    }
    let words = last.words()?;
    if program(words.first()?) == "tail" && words.iter().any(|word| matches!(*word, "-f" | "-F")) {
        // `cron && tail -f /var/log/cron.log`: the daemon goes to the background by itself.
        let started = before.last()?.words()?;
        return matches!(program(started.first()?), "cron" | "crond").then_some(Found { period: None, work: None });
    }
    let words = if words.first() == Some(&"exec") { &words[1..] } else { &words[..] };
    daemon(words).or_else(|| watch(words))
}

/// `while true; do WORK; sleep N; done`, in any of its spellings.
fn endless_loop(script: &str, item: &Item) -> Option<Found> {
    let parts = item.as_loop()?;
    let condition: Vec<&str> = parts.condition.iter().filter_map(Token::word).collect();
    let mut slept = match (parts.keyword, condition.as_slice()) {
        ("while", ["true" | ":" | "/bin/true" | "((1))" | "((true))"]) => None,
        ("while", ["[" | "[[", "1" | "true" | ":", "]" | "]]"]) => None,
        ("until", ["false" | "/bin/false"]) => None,
        ("for", ["((;;))"]) => None,
        ("while", ["sleep", amounts @ ..]) => Some(duration(amounts)?),
        _ => return None,
    };
    // What can end the loop waits for something; what watches for events is no schedule.
    if parts.body.iter().filter_map(Token::word).any(|word| ENDS_OR_WATCHES.contains(&program(word))) {
        return None;
    }
    let mut work: Vec<&Item> = Vec::new();
    let body = shell::items(parts.body)?;
    for item in &body {
        let words = item.words();
        match words.as_deref() {
            Some(["sleep", amounts @ ..]) => {
                if slept.replace(duration(amounts)?).is_some() {
                    return None;
                }
            }
            // `sleep 12h & wait $!` only makes the sleep listen to signals.
            Some(["wait", ..]) => {}
            _ if item.is_background() => return None,
            _ if is_idle(item) => {}
            _ => work.push(item),
        }
    }
    let period = slept.filter(|_| !work.is_empty())?;
    let [only] = work.as_slice() else { return Some(Found { period: Some(period), work: None }) };
    Some(Found { period: Some(period), work: only.text(script) })
}

const ENDS_OR_WATCHES: [&str; 12] = [
    "break",
    "exit",
    "return",
    "exec",
    "kill",
    "pkill",
    "killall",
    "inotifywait",
    "inotifyd",
    "fswatch",
    "tail",
    "read",
];

/// Whether a command does nothing that anyone would schedule: it prints, it sets something, it only stays alive.
fn is_idle(item: &Item) -> bool {
    let Some(words) = item.words() else { return false };
    let mut words = words.iter().skip_while(|word| is_assignment(word));
    words.next().is_none_or(|first| {
        matches!(
            program(first),
            "echo"
                | "printf"
                | "date"
                | ":"
                | "true"
                | "trap"
                | "set"
                | "export"
                | "cd"
                | "touch"
                | "test"
                | "["
                | "[["
                | "wait"
                | "unset"
                | "umask"
                | "hostname"
                | "ulimit"
                | "sleep"
                | "shift"
                | "local"
        )
    })
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// Seconds that `sleep` is told: one or several numbers with a unit, or a product of numbers.
fn duration(amounts: &[&str]) -> Option<u64> {
    if amounts.is_empty() {
        return None;
    }
    let total: f64 = amounts.iter().map(|amount| seconds(amount)).sum::<Option<f64>>()?;
    (0.0..1e9).contains(&total).then_some(total as u64)
}

fn seconds(amount: &str) -> Option<f64> {
    if let Some(product) = amount.strip_prefix("$((").and_then(|rest| rest.strip_suffix("))")) {
        return product.split('*').map(|factor| factor.trim().parse::<u32>().ok().map(f64::from)).product();
    }
    let (number, unit) = match amount.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(number) => (number, amount.as_bytes()[number.len()]),
        None => (amount, b's'),
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let factor = match unit {
        b'm' => 60.0,
        b'h' => 3600.0,
        b'd' => 86400.0,
        _ => 1.0,
    };
    number.parse::<f64>().ok().map(|number| number * factor)
}

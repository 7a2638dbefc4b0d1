//! What a command line calls that does nothing but to send one request: `curl`, `wget`.

use super::shell::{self, Item};
use super::{is_idle, program, shell_script, without_wrappers, word};
use crate::source::Span;
use crate::value::Value;

/// One request, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The host that it goes to.
    pub host: String,
    /// Where the address is written.
    pub span: Span,
}

/// The only request that a container's command line sends, if it does nothing else. `image` may be that of `curl`,
/// which takes the words as its arguments.
pub fn request(words: &[Value], image: Option<&str>) -> Option<Request> {
    let words = words.iter().map(word).collect::<Option<Vec<_>>>()?;
    let words = without_wrappers(&words);
    let (first, rest) = words.split_first()?;
    if let Some(script) = shell_script(words) {
        return in_script(script.text).and_then(|host| Some(Request { host, span: script.span? }));
    }
    let is_curl_image = image.is_some_and(|image| program(image).split([':', '@']).next().is_some_and(is_curl_name));
    let arguments = match is_client(first.text) {
        true => rest,
        false if is_curl_image && first.text.starts_with(['-', 'h']) => words,
        false => return None,
    };
    let texts: Vec<&str> = arguments.iter().map(|word| word.text).collect();
    let (at, host) = only_host(&texts)?;
    Some(Request { host, span: arguments.get(at)?.span? })
}

fn is_client(word: &str) -> bool {
    matches!(program(word), "curl" | "wget")
}

fn is_curl_name(image: &str) -> bool {
    matches!(image, "curl" | "alpine-curl" | "curl-image")
}

/// A script that sends one request and at most says so.
fn in_script(script: &str) -> Option<String> {
    let tokens = shell::tokens(script)?;
    let items = shell::items(&tokens)?;
    if items.iter().any(Item::runs_beside) {
        return None;
    }
    let ends = |item: &&Item| item.words().is_some_and(|words| words.first() == Some(&"exit"));
    let mut working = items.iter().filter(|item| !is_idle(item) && !ends(item));
    let words = working.next()?.words()?;
    let (first, rest) = words.split_first()?;
    if working.next().is_some() || !is_client(first) {
        return None;
    }
    only_host(rest).map(|(_, host)| host)
}

/// The host of the only address among the arguments, and which argument that is.
fn only_host(arguments: &[&str]) -> Option<(usize, String)> {
    let after_scheme =
        |word: &str| word.strip_prefix("http://").or_else(|| word.strip_prefix("https://")).map(str::len);
    let mut found =
        arguments.iter().enumerate().filter_map(|(at, word)| Some((at, &word[word.len() - after_scheme(word)?..])));
    let (at, address) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let host = address.split(['/', ':', '?', '#']).next()?;
    let is_plain =
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    is_plain.then(|| (at, host.to_ascii_lowercase()))
}

//! Which files a service includes: a cheap search of its text, before anything is resolved. Called by the read stage,
//! which has to know what to read, and by detection, as what is included does not stand for itself.

use crate::discover::FileKind;
use crate::read::{Lookup, Workspace};
use crate::source::SourceId;
use std::collections::HashSet;

/// Names tried for one path with a variable in it.
const MAX_CANDIDATES: usize = 16;
/// Included files are followed this many times.
const MAX_ROUNDS: usize = 16;

/// Paths that a text includes with `${file(path)}`, relative to its own directory. It may name files that are not there.
///
/// `stage` is the stage that the command line names.
pub fn included_paths(text: &str, stage: Option<&str>) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("file(") {
        let before = rest[..at].trim_end().chars().next_back();
        rest = &rest[at + "file(".len()..];
        if !matches!(before, Some('{' | ',')) {
            continue;
        }
        let Some(path) = parameter(rest) else { continue };
        for candidate in candidates(path, text, stage) {
            let extension = candidate.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
            if matches!(extension.as_deref(), Some("yml" | "yaml" | "json")) && !found.contains(&candidate) {
                found.push(candidate);
            }
        }
    }
    found
}

/// The text up to the closing parenthesis, variables inside it included.
fn parameter(text: &str) -> Option<&str> {
    let mut depth = 0usize;
    for (at, character) in text.char_indices().take(512) {
        match character {
            '\n' => return None,
            '{' | '(' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ')' if depth == 0 => return Some(text[..at].trim()),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The paths that a path with variables in it may stand for.
fn candidates(path: &str, text: &str, stage: Option<&str>) -> Vec<String> {
    let mut done: Vec<String> = vec![String::new()];
    let mut rest = path;
    while let Some(start) = rest.find("${") {
        let Some(length) = closing(&rest[start..]) else { return Vec::new() };
        let values = values_of(&rest[start + 2..start + length - 1], text, stage);
        let grown =
            done.iter().flat_map(|head| values.iter().map(move |value| format!("{head}{}{value}", &rest[..start])));
        done = grown.take(MAX_CANDIDATES).collect();
        rest = &rest[start + length..];
    }
    done.into_iter().map(|head| head + rest).collect()
}

/// The length of the variable that a text starts with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at + 1),
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// What a variable inside a path may stand for: a quoted text to fall back to, the stage, or what is written in the
/// same file at a key of the same name.
fn values_of(variable: &str, text: &str, stage: Option<&str>) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    let mut add = |value: &str| {
        let value = value.trim();
        let plain = !value.is_empty() && !value.contains(['$', '{', '}', ':', '(', '\n']);
        if plain && values.len() < MAX_CANDIDATES && !values.iter().any(|other| other == value) {
            values.push(value.to_string());
        }
    };
    if variable.contains("stage") {
        stage.into_iter().for_each(&mut add);
    }
    quoted(variable).into_iter().for_each(&mut add);
    let key = variable.split([',', '}']).next().unwrap_or("").rsplit(['.', ':', '$', '{']).next().unwrap_or("").trim();
    if !key.is_empty() {
        for line in text.lines() {
            let Some(value) = line.trim_start().strip_prefix(key).and_then(|rest| rest.trim_start().strip_prefix(':'))
            else {
                continue;
            };
            let value = value.split(" #").next().unwrap_or(value).trim();
            if value.contains("${") {
                quoted(value).into_iter().for_each(&mut add);
                value.trim_end_matches(['}', '"', '\'']).rsplit(',').next().into_iter().for_each(&mut add);
            } else {
                add(value.trim_matches(['"', '\'']));
            }
        }
    }
    if variable.contains("stage") {
        add("dev");
    }
    values
}

/// The quoted texts in a variable.
fn quoted(variable: &str) -> Vec<&str> {
    let parts: Vec<&str> = variable.split(['\'', '"']).collect();
    parts.into_iter().skip(1).step_by(2).collect()
}

/// The files that services include, directly or by way of others.
pub(crate) fn included_sources(workspace: &Workspace) -> HashSet<SourceId> {
    let services = workspace.files.iter().filter(|file| file.kind == FileKind::Serverless);
    let mut next: Vec<SourceId> = services.map(|file| file.source).collect();
    let mut included = HashSet::new();
    for _ in 0..MAX_ROUNDS {
        let mut fresh = Vec::new();
        for source in next {
            let Some(file) = workspace.file(source) else { continue };
            for path in included_paths(file.tree.text(), workspace.variables.stage.as_deref()) {
                if let Lookup::Found(file) = workspace.beside(source, &path)
                    && included.insert(file.source)
                {
                    fresh.push(file.source);
                }
            }
        }
        if fresh.is_empty() {
            break;
        }
        next = fresh;
    }
    included
}

//! The `.env` files that the framework reads for `${env:}`: beside the service, of the stage or for all stages.
//! Called where a variable of the environment is asked for that `--env` does not set.
//!
//! Versions 2 and 3 read them with `useDotenv: true`, and only one of the two; version 4 always reads both. What may
//! read differently from version to version is unknown.

use super::sources::stage_name;
use super::variables::ServiceReader;
use crate::discover::FileKind;
use crate::read::Lookup;
use crate::value::Unknown;
use std::collections::HashMap;
use std::sync::Arc;

/// What the files say, by the names of variables.
pub(super) type Dotenv = HashMap<String, Result<Arc<str>, Unknown>>;

/// References inside values that are followed.
const MAX_EXPANSIONS: usize = 16;
/// Bytes of an expanded value.
const MAX_VALUE: usize = 16 * 1024;

/// What the files say about a variable; `None` if they say nothing, or are not read.
pub(super) fn value(reader: &mut ServiceReader<'_>, name: &str, depth: usize) -> Option<Result<Arc<str>, Unknown>> {
    if reader.language.dotenv.is_none() {
        // The stage may be a variable of the environment itself, which then no file sets.
        reader.language.dotenv = Some(HashMap::new());
        reader.language.dotenv = Some(load(reader, depth));
    }
    reader.language.dotenv.as_ref()?.get(name).cloned()
}

fn load(reader: &mut ServiceReader<'_>, depth: usize) -> Dotenv {
    let is_version_4 = reader.language.is_version_4();
    let asks = reader.language.root.get("useDotenv").and_then(|asks| asks.as_str()) == Some("true");
    if !is_version_4 && !asks {
        return HashMap::new();
    }
    let mut found = HashMap::new();
    let stage = stage_name(reader, depth);
    let names = match &stage {
        Ok(stage) => vec![format!(".env.{stage}"), ".env".to_string()],
        Err(_) => vec![".env".to_string()],
    };
    let workspace = reader.language.workspace;
    let mut texts = Vec::new();
    for name in names.iter().filter(|name| !name.contains(['/', '\\'])) {
        match workspace.beside(reader.language.root.span().file, name) {
            Lookup::Found(file) => texts.push(file.tree.text()),
            Lookup::Missing => {
                reader.language.asked.wanted.insert(reader.language.beside(name), FileKind::Text);
            }
            Lookup::Outside => {}
        }
    }
    let counted = if is_version_4 { texts.len() } else { texts.len().min(1) };
    for (name, value) in texts.into_iter().take(counted).flat_map(parse) {
        found.entry(name).or_insert(value);
    }
    if let Err(why) = stage {
        // The file of the stage would win.
        found.values_mut().for_each(|value| *value = Err(why.clone()));
    }
    expand(reader, found, is_version_4)
}

/// The assignments of a file, one a line. Of several the last counts, so they come from the end.
fn parse(text: &str) -> Vec<(String, Result<Arc<str>, Unknown>)> {
    let text = text.trim_start_matches('\u{feff}');
    text.lines().rev().filter_map(assignment).collect()
}

fn assignment(line: &str) -> Option<(String, Result<Arc<str>, Unknown>)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let length = line.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
    let (name, rest) = line.split_at(length);
    let rest = rest.trim_start();
    let written = rest.strip_prefix('=').or_else(|| rest.strip_prefix(": "))?.trim();
    (!name.is_empty()).then(|| (name.to_string(), literal(written, name)))
}

/// The value that is written behind the equals sign.
fn literal(written: &str, name: &str) -> Result<Arc<str>, Unknown> {
    let unsure = || Unknown::Ambiguous(format!("the environment variable `{name}`").into());
    let quote = written.chars().next().filter(|first| matches!(first, '\'' | '"' | '`'));
    let Some(quote) = quote else {
        // Where a comment begins depends on the version of the library.
        return match written.find('#') {
            None => Ok(written.into()),
            Some(at) if written[..at].ends_with([' ', '\t']) || at == 0 => Ok(written[..at].trim_end().into()),
            Some(_) => Err(unsure()),
        };
    };
    let inner = &written[1..];
    let end = inner.find(quote).ok_or_else(unsure)?;
    let behind = inner[end + 1..].trim_start();
    let escaped = inner[..end].contains('\\');
    if quote == '`' || escaped || !(behind.is_empty() || behind.starts_with('#')) {
        return Err(unsure());
    }
    Ok(inner[..end].into())
}

/// Values that refer to other variables. Version 4 once did that and does no more.
fn expand(reader: &ServiceReader<'_>, found: Dotenv, is_version_4: bool) -> Dotenv {
    let variables = &reader.language.workspace.variables;
    let lookup = |name: &str| -> Result<Arc<str>, Unknown> {
        if let Some(set) = variables.environment(name) {
            return Ok(set.into());
        }
        found.get(name).cloned().unwrap_or_else(|| Err(Unknown::Environment(name.into())))
    };
    let expanded = found.iter().map(|(name, value)| {
        let value = match value {
            Ok(text) if text.contains('$') && is_version_4 => {
                Err(Unknown::Ambiguous(format!("the environment variable `{name}`").into()))
            }
            Ok(text) if text.contains('$') => expanded(text, &lookup),
            value => value.clone(),
        };
        (name.clone(), value)
    });
    expanded.collect()
}

/// `$NAME` and `${NAME}` inside a value replaced, and again in what they stand for.
fn expanded(text: &str, lookup: &impl Fn(&str) -> Result<Arc<str>, Unknown>) -> Result<Arc<str>, Unknown> {
    let mut text = text.to_string();
    for _ in 0..MAX_EXPANSIONS {
        let Some(at) = text.find('$') else { return Ok(text.into()) };
        let unsure = || Unknown::NotEvaluated("what a value in `.env` refers to".into());
        if text[..at].ends_with('\\') {
            return Err(unsure());
        }
        let rest = &text[at + 1..];
        let is_braced = rest.starts_with('{');
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        if length == 0 || is_braced && !rest[length..].starts_with('}') {
            return Err(unsure());
        }
        let value = lookup(&rest[..length])?;
        let end = text.len() - rest.len() + length + usize::from(is_braced);
        text.replace_range(at..end, &value);
        if text.len() > MAX_VALUE {
            break;
        }
    }
    Err(Unknown::NotEvaluated("what a value in `.env` refers to".into()))
}

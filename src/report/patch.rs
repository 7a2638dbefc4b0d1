//! One patch of all fixes that can be applied together, as `git apply` and `patch -p1` take it.
//!
//! There is no `diff --git` line: Git takes the paths behind one as relative to the top of the repository, and skips them
//! without a word when it runs further down.

use super::fixes::{Ink, UNENDED};
use super::human::Style;
use super::{shown, visible};
use crate::engine::Report;
use crate::fix::diff::{Fate, FileDiff, Line, diff};
use crate::fix::{Applicability, Fix, Together};
use crate::lint::Finding;
use crate::source::Sources;
use std::path::{Component, Path};

/// Lines that stay around those that change.
const CONTEXT: usize = 3;

/// A patch, and what is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch {
    /// The patch; empty where there is nothing to change.
    pub text: String,
    /// One line for each fix that was left out: where its finding is, what it does, why it is not there.
    pub left_out: String,
}

/// Who reads the patch.
#[derive(Debug, Clone, Copy)]
pub enum Reader {
    /// A program, for which every byte counts.
    Program,
    /// Somebody at a terminal: with or without colours, and nothing that steers the terminal.
    Person(Style),
}

/// The patch of the first fix of each finding that is shown. `obstacle` says why a file cannot be patched.
pub fn render(report: &Report, advice: bool, reader: Reader, obstacle: impl Fn(&Path) -> Option<String>) -> Patch {
    let mut patch = Patch::default();
    let mut chosen: Vec<(&Finding, &Fix)> = Vec::new();
    for finding in shown(report, advice) {
        let Some(fix) = finding.fixes.iter().find(|fix| fix.applicability != Applicability::Sketch) else { continue };
        let paths = fix.files().into_iter().map(|file| report.sources.get(file).path());
        let reason = paths.into_iter().find_map(|path| outside(path).or_else(|| obstacle(path)));
        match reason {
            Some(reason) => patch.left_out.push_str(&left_out(&report.sources, finding, fix, &reason)),
            None => chosen.push((finding, fix)),
        }
    }
    let together = Together::of(chosen.iter().map(|(_, fix)| *fix));
    for (finding, fix) in together.left.iter().filter_map(|(number, _)| chosen.get(*number)) {
        let reason = "it overlaps with a fix that is in the patch: apply that, and ask again";
        patch.left_out.push_str(&left_out(&report.sources, finding, fix, reason));
    }
    for file in diff(&report.sources, &together.edits, CONTEXT) {
        patch.text.push_str(&block(report.sources.get(file.file).path(), &file, reader));
    }
    patch
}

/// Programs that apply patches change nothing outside the working directory.
fn outside(path: &Path) -> Option<String> {
    let is_below = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    (!is_below).then(|| "its file is outside the working directory".to_string())
}

fn left_out(sources: &Sources, finding: &Finding, fix: &Fix, reason: &str) -> String {
    let source = sources.get(finding.primary.span.file);
    let start = source.position(finding.primary.span.start);
    let path = visible(&source.display_path());
    format!("{path}:{}:{}: left out: {}: {reason}\n", start.line, start.column, visible(&fix.title))
}

/// What becomes of one file.
fn block(path: &Path, file: &FileDiff, reader: Reader) -> String {
    let mut out = String::new();
    let mut row = |text: &str, ink: Ink| match reader {
        Reader::Program => out.push_str(text),
        Reader::Person(style) => {
            let text = text.trim_end_matches(['\n', '\r']);
            out.push_str(&ink.paint(&visible(text), style));
            out.push('\n');
        }
    };
    row(&format!("--- {}\n", name("a/", path)), Ink::Path);
    row(&format!("+++ {}\n", name("b/", path)), Ink::Path);
    for hunk in &file.hunks {
        row(&format!("{hunk}\n"), Ink::Cyan);
        for line in &hunk.lines {
            let Line { fate, text, .. } = line;
            let ink = match fate {
                Fate::Kept => Ink::Plain,
                Fate::Removed => Ink::Red,
                Fate::Added => Ink::Green,
            };
            let end = if line.is_unended() { "\n" } else { "" };
            row(&format!("{}{text}{end}", fate.mark()), ink);
            if line.is_unended() {
                row(&format!("{UNENDED}\n"), Ink::Cyan);
            }
        }
    }
    out
}

/// A path as Git writes it: in quotes and with escapes if it holds anything but plain characters; with a tab behind one
/// that holds a space, which would end it otherwise.
fn name(side: &str, path: &Path) -> String {
    let separator = if cfg!(windows) { b'\\' } else { b'/' };
    let bytes = path.as_os_str().as_encoded_bytes();
    let bytes = bytes.iter().map(|byte| if *byte == separator { b'/' } else { *byte });
    let (mut escaped, mut is_plain) = (String::from(side), true);
    for byte in bytes {
        let escape = match byte {
            b'"' => "\\\"".to_string(),
            b'\\' => "\\\\".to_string(),
            b'\t' => "\\t".to_string(),
            b'\n' => "\\n".to_string(),
            b'\r' => "\\r".to_string(),
            b' '..=b'~' => {
                escaped.push(char::from(byte));
                continue;
            }
            _ => format!("\\{byte:03o}"),
        };
        escaped.push_str(&escape);
        is_plain = false;
    }
    match (is_plain, escaped.contains(' ')) {
        (false, _) => format!("\"{escaped}\""),
        (true, true) => format!("{escaped}\t"),
        (true, false) => escaped,
    }
}

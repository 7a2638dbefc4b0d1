//! The fixes under a finding of the report that people read: a title, and what the fix does to files as a diff in a
//! frame like those of the excerpts above it. Called by [`super::human`].

use super::human::{LONGEST_LINE, Style, paragraph};
use super::visible;
use crate::fix::diff::{Fate, FileDiff, Hunk, Line, diff};
use crate::fix::{Applicability, Edit, Fix};
use crate::lint::Finding;
use crate::source::{Sources, Span};

/// Lines that stay around those that change.
const CONTEXT: usize = 3;
/// Columns from one tab stop to the next, as in the excerpts.
const TAB: usize = 4;
/// How far the further rows of a line are indented beyond its first.
const HANGING: usize = 2;
/// What is left of the unchanged parts of a line that is too long to be shown.
const BESIDE: usize = 30;

/// What stands below a line without a line break.
pub(super) const UNENDED: &str = "\\ No newline at end of file";

/// All fixes of a finding, the best one first.
pub(super) fn suggestions(sources: &Sources, finding: &Finding, style: Style) -> String {
    let mut out = String::new();
    for (number, fix) in finding.fixes.iter().enumerate() {
        out.push_str(&title(fix, if number == 0 { "fix" } else { "or" }, style));
        let context = if fix.applicability == Applicability::Sketch { 0 } else { CONTEXT };
        let mut show = |sources: &Sources, edits: &[Edit]| {
            for file in diff(sources, edits, context) {
                let path = visible(&sources.get(file.file).display_path());
                out.push_str(&if style.narrated { narrated(&path, &file) } else { framed(&path, &file, style) });
            }
        };
        show(sources, &fix.edits);
        // A new file is one that was empty before.
        for file in &fix.new_files {
            let mut empty = Sources::default();
            let span = Span::new(empty.add(file.path.clone(), ""), 0, 0);
            show(&empty, &[Edit { span, text: file.text.clone() }]);
        }
    }
    out
}

/// Why there is no fix, where one would be due.
pub(super) fn refusals(finding: &Finding, style: Style) -> String {
    let line = |refusal: &crate::fix::Refusal| {
        let text = format!("cannot {}: {}", visible(&refusal.title), visible(&refusal.reason));
        paragraph("no fix", &text, style)
    };
    finding.refusals.iter().map(line).collect()
}

/// `fix: what it does [safe]`.
fn title(fix: &Fix, name: &str, style: Style) -> String {
    let tag = format!("[{}]", fix.applicability);
    let text = paragraph(name, &format!("{} {tag}", visible(&fix.title)), style);
    let color = match fix.applicability {
        Applicability::Safe => Ink::Green,
        Applicability::Unsafe => Ink::Yellow,
        Applicability::Sketch => Ink::Cyan,
    };
    match text.strip_suffix(&format!("{tag}\n")) {
        Some(before) => format!("{before}{}\n", color.paint(&tag, style)),
        None => text,
    }
}

/// The words of a diff.
fn narrated(path: &str, file: &FileDiff) -> String {
    let mut out = String::new();
    for hunk in &file.hunks {
        let first = hunk.lines.first().map_or(1, |line| line.number);
        out.push_str(&format!("Begin diff for {path} starting at line {first}\n"));
        for line in &hunk.lines {
            let fate = match line.fate {
                Fate::Kept => "line",
                Fate::Removed => "removed line",
                Fate::Added => "added line",
            };
            let text = format!("    {fate} {}: {}", line.number, visible(line.body()));
            out.push_str(text.trim_end());
            out.push('\n');
            if line.is_unended() {
                out.push_str("    no newline at end of file\n");
            }
        }
    }
    out
}

/// A diff in a frame that is as wide as the report.
fn framed(path: &str, file: &FileDiff, style: Style) -> String {
    let lines = || file.hunks.iter().flat_map(|hunk| &hunk.lines);
    let digits = lines().map(|line| line.number).max().unwrap_or(1).to_string().len();
    let first = lines().find(|line| line.fate != Fate::Kept).map_or(1, |line| line.number);
    let frame = Frame { digits, style };
    let mut out = frame.head(path, first);
    for hunk in &file.hunks {
        out.push_str(&frame.hunk(hunk));
    }
    out.push_str(&format!("{:digits$}  ╰────\n", ""));
    out
}

/// What the lines of one frame have in common.
struct Frame {
    /// Of the largest line number.
    digits: usize,
    style: Style,
}

impl Frame {
    /// The line with the path; one that is too long loses its beginning, as the excerpts show it already.
    fn head(&self, path: &str, line: usize) -> String {
        let place = format!("{path}:{line}");
        let room = self.style.width.saturating_sub(self.digits + 6);
        let length = place.chars().count();
        let place = match length > room {
            true => format!("…{}", place.chars().skip(length + 1 - room).collect::<String>()),
            false => place,
        };
        format!("{:1$}  ╭─[{2}]\n", "", self.digits, Ink::Path.paint(&place, self.style))
    }

    fn hunk(&self, hunk: &Hunk) -> String {
        let mut out = self.aside(&hunk.to_string());
        for line in &hunk.lines {
            out.push_str(&self.line(line));
            if line.is_unended() {
                out.push_str(&self.aside(UNENDED));
            }
        }
        out
    }

    /// Something that is said about the lines.
    fn aside(&self, text: &str) -> String {
        format!("{:1$}  · {2}\n", "", self.digits, Ink::Cyan.paint(text, self.style))
    }

    /// A line, over as many rows as it takes.
    fn line(&self, line: &Line) -> String {
        let ink = match line.fate {
            Fate::Kept => Ink::Plain,
            Fate::Removed => Ink::Red,
            Fate::Added => Ink::Green,
        };
        let room = self.style.width.saturating_sub(self.digits + 6).max(20);
        let letters = letters(line);
        let indent = letters.iter().take_while(|(letter, _)| *letter == ' ').count() + HANGING;
        let indent = if indent < room / 2 { indent } else { 0 };
        let mut out = String::new();
        for (number, row) in rows(&letters, room, indent).into_iter().enumerate() {
            let (gutter, bar, mark) = match number {
                0 => (line.number.to_string(), '│', line.fate.mark().to_string()),
                _ => (String::new(), '·', format!("{:1$}", "", indent + 1)),
            };
            let gutter = Ink::Dim.paint(&format!("{gutter:>0$}", self.digits), self.style);
            let text = painted(&mark, row, ink, self.style);
            out.push_str(format!(" {gutter} {bar} {text}").trim_end());
            out.push('\n');
        }
        out
    }
}

/// A letter, and whether it is in the part of its line that changes.
type Letter = (char, bool);

/// What is shown of a line: tabs as spaces, control characters as escapes, and an ellipsis for what stays the same in a
/// line that is far too long. What is new is always shown.
fn letters(line: &Line) -> Vec<Letter> {
    let body = line.body();
    let part = |range: std::ops::Range<usize>| body.get(range).unwrap_or("");
    let changed = line.changed.clone().unwrap_or(0..0);
    let (start, end) = (changed.start.min(body.len()), changed.end.min(body.len()));
    let (mut before, mut after) = (part(0..start).to_string(), part(end..body.len()).to_string());
    if body.len() > LONGEST_LINE && (line.changed.is_some() || line.fate != Fate::Added) {
        let length = before.chars().count();
        if length > BESIDE {
            before = format!("…{}", before.chars().skip(length - BESIDE).collect::<String>());
        }
        if after.chars().count() > BESIDE {
            after = format!("{}…", after.chars().take(BESIDE).collect::<String>());
        }
    }
    let mut letters: Vec<Letter> = Vec::with_capacity(body.len().min(LONGEST_LINE));
    for (text, is_changed) in [(&*before, false), (part(start..end), true), (&*after, false)] {
        for letter in visible(text).chars() {
            match letter {
                '\t' => letters.extend(std::iter::repeat_n((' ', is_changed), TAB - letters.len() % TAB)),
                _ => letters.push((letter, is_changed)),
            }
        }
    }
    letters
}

/// The rows of a line, all but the first with an indent, cut behind spaces where there are any; nothing is lost.
fn rows(letters: &[Letter], room: usize, indent: usize) -> Vec<&[Letter]> {
    let mut rows = Vec::new();
    let (mut rest, mut room) = (letters, room);
    while rest.len() > room {
        let (full, _) = rest.split_at(room);
        let space = full.iter().rposition(|(letter, _)| *letter == ' ').map(|at| at + 1);
        let (row, more) = rest.split_at(space.filter(|at| *at > room / 2).unwrap_or(room));
        rows.push(row);
        // Only the first row begins where the line does.
        let hanging = if rows.len() == 1 { indent } else { 0 };
        (rest, room) = (more, room - hanging);
    }
    rows.push(rest);
    rows
}

/// A row in its colour, the part that changes reversed.
fn painted(mark: &str, row: &[Letter], ink: Ink, style: Style) -> String {
    let text = |letters: &[Letter]| letters.iter().map(|(letter, _)| *letter).collect::<String>();
    if !style.color {
        return format!("{mark} {}", text(row));
    }
    let runs = row.chunk_by(|a, b| a.1 == b.1).map(|run| match run.first() {
        Some((_, true)) => format!("\u{1b}[7m{}\u{1b}[27m", text(run)),
        _ => text(run),
    });
    ink.paint(&format!("{mark} {}", runs.collect::<String>()), style)
}

/// The colours of the excerpts, and those of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// As the terminal has it.
    Plain,
    /// What goes.
    Red,
    /// What comes.
    Green,
    /// What to be careful with.
    Yellow,
    /// What is said about the text.
    Cyan,
    /// Line numbers.
    Dim,
    /// Where a file is.
    Path,
}

impl Ink {
    /// A text in this colour, where there are colours.
    pub(super) fn paint(self, text: &str, style: Style) -> String {
        let code = match self {
            Self::Plain => return text.to_string(),
            Self::Red => "31",
            Self::Green => "32",
            Self::Yellow => "33",
            Self::Cyan => "36",
            Self::Dim => "2",
            Self::Path => "36;1;4",
        };
        if style.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

//! The report that people read: every finding with its places, over as many files as it takes, then a summary.
//!
//! The excerpts are miette's. One diagnostic shows several files because its source is the files laid end to end
//! ([`Excerpts`]), which refuses to read across a seam, so that miette begins a new excerpt with its own header.

use super::{fixes, shown, visible};
use crate::discover::CHART;
use crate::engine::Report;
use crate::fix::Applicability;
use crate::lint::{Finding, Label, Level};
use crate::read::{NoteKind, Problem};
use crate::source::{SourceId, Sources, Span, slashed};
use crate::wording::counted;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents,
};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// Related labels that are shown; machine formats carry all of them.
const MOST_LABELS: usize = 5;
/// Lines between two labels from which on they get excerpts of their own.
const MOST_LINES_BETWEEN: usize = 6;
/// Lines longer than this many bytes are not shown as excerpts.
pub(super) const LONGEST_LINE: usize = 400;

/// How the report looks.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns to fill.
    pub width: usize,
    /// With ANSI colours.
    pub color: bool,
    /// For screen readers: words instead of drawings.
    pub narrated: bool,
}

/// What to show.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown {
    /// Findings of level advice, too.
    pub advice: bool,
    /// The list of notes.
    pub notes: bool,
    /// The fixes of each finding.
    pub fixes: bool,
}

/// The report without colours, as tests and files want it.
pub fn plain(report: &Report, width: usize, advice: bool) -> String {
    render(report, Style { width, color: false, narrated: false }, Shown { advice, ..Shown::default() })
}

/// All findings and the summary.
pub fn render(report: &Report, style: Style, what: Shown) -> String {
    let mut out = String::new();
    for finding in shown(report, what.advice) {
        out.push_str(&finding_text(&report.sources, finding, style));
        if what.fixes {
            out.push_str(&fixes::suggestions(&report.sources, finding, style));
        }
        if what.fixes && what.notes {
            out.push_str(&fixes::refusals(finding, style));
        }
        out.push('\n');
    }
    if what.notes {
        for note in &report.notes {
            let path = visible(&slashed(&note.path));
            out.push_str(&format!("{path}:{}: {}: {}\n", note.line, note.kind.name(), visible(&note.message)));
        }
        if !report.notes.is_empty() {
            out.push('\n');
        }
    }
    out.push_str(&summary(report, what));
    out
}

/// What could not be read, each at its place.
pub fn problems(report: &Report, style: Style) -> String {
    report.problems.iter().map(|problem| problem_text(&report.sources, problem, style)).collect()
}

fn problem_text(sources: &Sources, problem: &Problem, style: Style) -> String {
    let path = visible(&slashed(&problem.path));
    let line = match problem.span {
        None if problem.line == 1 && problem.column == 1 => format!("error: {path}: {}\n", visible(&problem.message)),
        _ => format!("error: {path}:{}:{}: {}\n", problem.line, problem.column, visible(&problem.message)),
    };
    // An empty file has no line to show.
    let Some(span) = problem.span.filter(|span| !sources.get(span.file).text().is_empty()) else { return line };
    let diagnostic = Excerpt {
        message: format!("{path} cannot be read: {}", visible(&problem.message)),
        code: Some("error".to_string()),
        severity: Severity::Error,
        source: Excerpts::of(sources, &[span]),
        labels: vec![(Label::new(span, "here"), true)],
    };
    drawn(&diagnostic, sources, style).unwrap_or(line)
}

fn finding_text(sources: &Sources, finding: &Finding, style: Style) -> String {
    let most = finding.related.iter().take(MOST_LABELS);
    let labels: Vec<(Label, bool)> = std::iter::once((&finding.primary, true))
        .chain(most.map(|label| (label, false)))
        .map(|(label, is_primary)| (first_line(sources, label), is_primary))
        .collect();
    let severity = match finding.level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Advice | Level::Off => Severity::Advice,
    };
    let diagnostic = Excerpt {
        message: visible(&finding.message),
        code: Some(format!("{}[{}]", finding.level, finding.lint)),
        severity,
        source: Excerpts::of(sources, &labels.iter().map(|(label, _)| label.span).collect::<Vec<_>>()),
        labels,
    };
    let drawing = drawn(&diagnostic, sources, style);
    let mut text = drawing.unwrap_or_else(|| undrawn(&diagnostic, sources));
    let hidden = finding.related.len().saturating_sub(MOST_LABELS);
    if hidden > 0 {
        text.push_str(&paragraph(
            "also",
            &format!("{} more: --format json lists all", counted(hidden, "place")),
            style,
        ));
    }
    if !finding.overlays.is_empty() {
        text.push_str(&paragraph("in", &overlays(&finding.overlays), style));
    }
    if let Some(template) = &finding.rendered_from {
        text.push_str(&paragraph("from", &format!("rendered from {}", visible(template)), style));
    }
    for (name, body) in [("why", &finding.why), ("help", &finding.help)] {
        if let Some(body) = body {
            text.push_str(&paragraph(name, &visible(body), style));
        }
    }
    text
}

/// Overlays that a finding holds for, as far as somebody reads on.
fn overlays(all: &[String]) -> String {
    let named: Vec<String> = all.iter().take(MOST_LABELS).map(|overlay| format!("`{}`", visible(overlay))).collect();
    format!("{} at least", named.join(", "))
}

/// A label cut to its first line: a whole block is named by how it begins.
fn first_line(sources: &Sources, label: &Label) -> Label {
    let text = sources.slice(label.span);
    let end = text.find(['\n', '\r']).unwrap_or(text.len()) as u32;
    Label { span: Span { end: label.span.start + end, ..label.span }, text: visible(&label.text) }
}

/// `name: text`, wrapped, with the lines below one another.
pub(super) fn paragraph(name: &str, text: &str, style: Style) -> String {
    let indent = 8;
    let room = style.width.saturating_sub(indent).max(20);
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let used = lines[last].chars().count();
        if used > 0 && used + 1 + word.chars().count() > room {
            lines.push(word.to_string());
        } else {
            if used > 0 {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    let title = format!("{:>6}: ", name);
    let title = if style.color { format!("\u{1b}[36m{title}\u{1b}[0m") } else { title };
    format!("{title}{}\n", lines.join(&format!("\n{:indent$}", "")))
}

/// miette's drawing, or `None` where a line is too long for one or miette refuses.
fn drawn(diagnostic: &Excerpt, sources: &Sources, style: Style) -> Option<String> {
    let too_long = diagnostic.labels.iter().any(|(label, _)| {
        let source = sources.get(label.span.file);
        let line = source.position(label.span.start).line;
        source.line_range(line).is_some_and(|range| range.len() > LONGEST_LINE)
    });
    if too_long {
        return None;
    }
    let mut out = String::new();
    let result = if style.narrated {
        miette::NarratableReportHandler::new().render_report(&mut out, diagnostic)
    } else {
        let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        GraphicalReportHandler::new_themed(theme)
            .with_width(style.width)
            .with_links(false)
            .with_context_lines(1)
            .render_report(&mut out, diagnostic)
    };
    result.ok()?;
    Some(out)
}

/// The places as plain lines.
fn undrawn(diagnostic: &Excerpt, sources: &Sources) -> String {
    let mut out = format!("{}: {}\n", diagnostic.code.as_deref().unwrap_or("error"), diagnostic.message);
    for (label, _) in &diagnostic.labels {
        let source = sources.get(label.span.file);
        let start = source.position(label.span.start);
        out.push_str(&format!(
            "  {}:{}:{}: {}\n",
            visible(&source.display_path()),
            start.line,
            start.column,
            label.text
        ));
    }
    out
}

fn summary(report: &Report, what: Shown) -> String {
    let mut out = if report.files == 0 && report.findings.is_empty() {
        "nothing to lint: no serverless.yml, CloudFormation, Kubernetes or Terraform file was read\n".to_string()
    } else {
        tally(report, what)
    };
    let unreadable: BTreeSet<&Path> = report.problems.iter().map(|problem| problem.path.as_path()).collect();
    if !unreadable.is_empty() {
        out.push_str(&format!("{} could not be read in full\n", counted(unreadable.len(), "path")));
    }
    let mut asides = Vec::new();
    let unresolved = report.notes_of(NoteKind::Unresolved);
    if unresolved > 0 {
        asides.push(format!("{} could not be resolved", counted(unresolved, "value")));
    }
    let skipped = report.notes.iter().filter(|note| note.kind == NoteKind::Skipped);
    let (charts, parts): (Vec<_>, Vec<_>) = skipped.partition(|note| note.path.ends_with(CHART));
    // Files, modules, bases, and the rest of what is too large.
    for (notes, kind) in [(parts, "part"), (charts, "chart")] {
        if !notes.is_empty() {
            asides.push(format!("{} skipped", counted(notes.len(), kind)));
        }
    }
    if !asides.is_empty() {
        let hint = if what.notes { "" } else { " (-v lists them)" };
        out.push_str(&format!("{}{hint}\n", asides.join(", ")));
    }
    out
}

/// What was read, and how many findings there are.
fn tally(report: &Report, what: Shown) -> String {
    let kinds: Vec<String> =
        report.workloads.iter().map(|(kind, number)| counted(*number, &kind.to_string())).collect();
    let workloads = if kinds.is_empty() { "no workloads".to_string() } else { kinds.join(", ") };
    let levels = [Level::Error, Level::Warning];
    let mut findings: Vec<String> = levels.iter().map(|level| counted(report.count(*level), level.name())).collect();
    let advice = report.count(Level::Advice);
    if advice > 0 {
        let hint = if what.advice { "" } else { " (--advice shows it)" };
        findings.push(format!("{} of advice{hint}", counted(advice, "piece")));
    }
    if report.suppressed() > 0 {
        findings.push(format!("{} allowed", report.suppressed()));
    }
    let files = counted(report.files, "file");
    format!("{files}: {workloads}\n{}\n{}", findings.join(", "), offered(report, what))
}

/// How many fixes there are for what is shown; nothing where there is none.
fn offered(report: &Report, what: Shown) -> String {
    let fixes: Vec<Applicability> =
        shown(report, what.advice).flat_map(|finding| &finding.fixes).map(|fix| fix.applicability).collect();
    if fixes.is_empty() {
        return String::new();
    }
    let hint = match (what.fixes, fixes.len()) {
        (false, 1) => " (--fix-suggest shows it)".to_string(),
        (false, _) => " (--fix-suggest shows them)".to_string(),
        (true, _) => {
            let kinds = [Applicability::Safe, Applicability::Unsafe, Applicability::Sketch];
            let count = |kind: &Applicability| fixes.iter().filter(|one| *one == kind).count();
            let kinds = kinds.iter().map(|kind| (count(kind), kind)).filter(|(number, _)| *number > 0);
            let kinds: Vec<String> = kinds.map(|(number, kind)| format!("{number} {kind}")).collect();
            format!(": {}", kinds.join(", "))
        }
    };
    let noun = if fixes.len() == 1 { "fix" } else { "fixes" };
    format!("{} {noun}{hint}\n", fixes.len())
}

/// One finding as miette sees it.
struct Excerpt {
    message: String,
    code: Option<String>,
    severity: Severity,
    source: Excerpts,
    /// Labels, and whether each is the primary one.
    labels: Vec<(Label, bool)>,
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Excerpt {}

impl Diagnostic for Excerpt {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.labels.iter().filter_map(|(label, is_primary)| {
            let span = self.source.place(label.span)?;
            let text = Some(label.text.clone());
            Some(if *is_primary {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            })
        });
        Some(Box::new(labels))
    }
}

/// The files of one finding laid end to end, the primary one first.
struct Excerpts {
    files: Vec<Laid>,
    /// Where its labels begin in the row.
    marks: Vec<usize>,
}

/// One file in the row: where it begins, its name, and its text with control characters replaced byte for byte.
struct Laid {
    at: usize,
    file: SourceId,
    name: String,
    text: String,
}

impl Excerpts {
    fn of(sources: &Sources, spans: &[Span]) -> Self {
        let mut laid: Vec<Laid> = Vec::new();
        for file in spans.iter().map(|span| span.file) {
            if laid.iter().any(|other| other.file == file) {
                continue;
            }
            let source = sources.get(file);
            let at = laid.last().map_or(0, |last| last.at + last.text.len() + 1);
            let text = harmless(source.text()).into_owned();
            laid.push(Laid { at, file, name: visible(&source.display_path()), text });
        }
        let mut excerpts = Self { files: laid, marks: Vec::new() };
        excerpts.marks = spans.iter().filter_map(|span| Some(excerpts.place(*span)?.offset())).collect();
        excerpts.marks.sort_unstable();
        excerpts
    }

    fn place(&self, span: Span) -> Option<SourceSpan> {
        let laid = self.files.iter().find(|laid| laid.file == span.file)?;
        let start = (span.start as usize).min(laid.text.len());
        let end = (span.end as usize).clamp(start, laid.text.len());
        Some((laid.at + start, end - start).into())
    }
}

/// A text of the same length without characters that steer a terminal.
fn harmless(text: &str) -> Cow<'_, str> {
    let steers = |character: char| {
        character.is_control() && !matches!(character, '\n' | '\r' | '\t') || super::is_direction_mark(character)
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let replace = |character: char| match character.len_utf8() {
        _ if !steers(character) => character,
        1 => '?',
        2 => '\u{b7}',
        _ => '\u{fffd}',
    };
    Cow::Owned(text.chars().map(replace).collect())
}

impl SourceCode for Excerpts {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let laid = self.files.iter().rev().find(|laid| laid.at <= span.offset()).ok_or(MietteError::OutOfBounds)?;
        let local: SourceSpan = (span.offset() - laid.at, span.len()).into();
        let text = laid.text.get(local.offset()..local.offset() + local.len()).ok_or(MietteError::OutOfBounds)?;
        // miette asks for the span of labels together to see whether they fit into one excerpt.
        let mut rest = (span.offset(), text);
        let inside = self.marks.iter().filter(|mark| (span.offset()..span.offset() + span.len()).contains(mark));
        for end in inside.copied().chain([span.offset() + span.len()]) {
            let (between, after) = rest.1.split_at_checked(end - rest.0).ok_or(MietteError::OutOfBounds)?;
            if between.matches('\n').count() > MOST_LINES_BETWEEN {
                return Err(MietteError::OutOfBounds);
            }
            rest = (end, after);
        }
        // A span that leaves its file is out of bounds: miette then shows the files one by one.
        let contents = laid.text.read_span(&local, before, after)?;
        let shifted: SourceSpan = (contents.span().offset() + laid.at, contents.span().len()).into();
        Ok(Box::new(MietteSpanContents::new_named(
            laid.name.clone(),
            contents.data(),
            shifted,
            contents.line(),
            contents.column(),
            contents.line_count(),
        )))
    }
}

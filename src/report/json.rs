//! JSON, version 1. The field names are a contract: they only grow.

use crate::engine::Report;
use crate::fix::{Edit, Fix};
use crate::lint::{Finding, Label, Level, Status};
use crate::read::NoteKind;
use crate::source::{Position, Sources, Span, slashed};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<FindingOut<'a>>,
    errors: Vec<ErrorOut<'a>>,
    notes: Vec<NoteOut<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct FindingOut<'a> {
    lint: &'a str,
    category: &'a str,
    level: &'a str,
    message: &'a str,
    subject: SubjectOut<'a>,
    unit: &'a str,
    /// Kustomizations for which it holds at least, where none of its places is in one of them.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    overlays: &'a [String],
    /// The chart's template that the place was rendered from.
    #[serde(skip_serializing_if = "Option::is_none")]
    rendered_from: Option<&'a str>,
    primary: Place<'a>,
    related: Vec<Place<'a>>,
    why: Option<&'a str>,
    help: Option<&'a str>,
    /// No published home yet, so no address.
    url: Option<&'a str>,
    fixes: Vec<FixOut<'a>>,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct FixOut<'a> {
    title: &'a str,
    applicability: &'a str,
    edits: Vec<EditOut<'a>>,
}

/// Replaces the bytes of a file from `start` up to `end` by a text; a path where nothing is becomes a new file.
#[derive(Serialize)]
struct EditOut<'a> {
    path: String,
    start: u32,
    end: u32,
    text: &'a str,
}

#[derive(Serialize)]
struct SubjectOut<'a> {
    kind: &'a str,
    name: &'a str,
    platform: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    path: String,
    start: Point,
    end: Point,
    text: &'a str,
}

#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
    offset: u32,
}

#[derive(Serialize)]
struct ErrorOut<'a> {
    path: String,
    line: usize,
    column: usize,
    message: &'a str,
}

#[derive(Serialize)]
struct NoteOut<'a> {
    kind: &'a str,
    path: String,
    line: usize,
    message: &'a str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    workloads: usize,
    error: usize,
    warning: usize,
    advice: usize,
    suppressed: usize,
    unresolved: usize,
    skipped: usize,
}

/// The whole report. Suppressed findings are in it, with their status; advice only when asked for.
pub fn render(report: &Report, advice: bool) -> String {
    let document = Document {
        version: 1,
        findings: report
            .findings
            .iter()
            .filter(|finding| advice || finding.level > Level::Advice)
            .map(|finding| finding_out(&report.sources, finding))
            .collect(),
        errors: report
            .problems
            .iter()
            .map(|problem| ErrorOut {
                path: slashed(&problem.path),
                line: problem.line,
                column: problem.column,
                message: &problem.message,
            })
            .collect(),
        notes: report
            .notes
            .iter()
            .map(|note| NoteOut {
                kind: note.kind.name(),
                path: slashed(&note.path),
                line: note.line,
                message: &note.message,
            })
            .collect(),
        summary: Summary {
            files: report.files,
            workloads: report.workloads.values().sum(),
            error: report.count(Level::Error),
            warning: report.count(Level::Warning),
            advice: report.count(Level::Advice),
            suppressed: report.suppressed(),
            unresolved: report.notes_of(NoteKind::Unresolved),
            skipped: report.notes_of(NoteKind::Skipped),
        },
    };
    // The types hold nothing that JSON cannot say; an error here would be one of serde_json itself.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"));
    text.push('\n');
    text
}

fn finding_out<'a>(sources: &Sources, finding: &'a Finding) -> FindingOut<'a> {
    let (status, reason) = match &finding.status {
        Status::Active => ("active", None),
        Status::Suppressed(reason) => ("suppressed", Some(reason.as_str())),
    };
    FindingOut {
        lint: finding.lint,
        category: finding.category.name(),
        level: finding.level.name(),
        message: &finding.message,
        subject: SubjectOut {
            kind: &finding.subject.kind,
            name: &finding.subject.name,
            platform: finding.subject.platform,
        },
        unit: &finding.unit,
        overlays: &finding.overlays,
        rendered_from: finding.rendered_from.as_deref(),
        primary: place(sources, &finding.primary),
        related: finding.related.iter().map(|label| place(sources, label)).collect(),
        why: finding.why.as_deref(),
        help: finding.help.as_deref(),
        url: None,
        fixes: finding.fixes.iter().map(|fix| fix_out(sources, fix)).collect(),
        status,
        reason,
        fingerprint: &finding.fingerprint,
    }
}

fn fix_out<'a>(sources: &Sources, fix: &'a Fix) -> FixOut<'a> {
    let edits = fix.edits.iter().map(|Edit { span, text }| EditOut {
        path: sources.get(span.file).display_path(),
        start: span.start,
        end: span.end,
        text,
    });
    let new_files =
        fix.new_files.iter().map(|file| EditOut { path: slashed(&file.path), start: 0, end: 0, text: &file.text });
    FixOut { title: &fix.title, applicability: fix.applicability.name(), edits: edits.chain(new_files).collect() }
}

fn place<'a>(sources: &Sources, label: &'a Label) -> Place<'a> {
    let Span { file, start, end } = label.span;
    let point = |position: Position, offset: u32| Point { line: position.line, column: position.column, offset };
    Place {
        path: sources.get(file).display_path(),
        start: point(sources.start(label.span), start),
        end: point(sources.end(label.span), end),
        text: &label.text,
    }
}

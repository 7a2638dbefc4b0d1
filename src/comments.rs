//! What stands in comments, line by line, and which lines of the file it is about. Called by [`crate::suppress`] for
//! allows and by [`crate::frontends`] for what owners declare.

use crate::read::File;
use crate::source::{Source, Span};
use std::collections::HashMap;

/// One line of a comment.
#[derive(Debug, Clone, Copy)]
pub struct CommentLine<'t> {
    /// The text, without the marker.
    pub text: &'t str,
    /// The comment that it is a line of.
    pub comment: Span,
    /// Its line in the file, from 1.
    pub line: usize,
    /// Where the run of comment lines that its comment is part of ends, if nothing else stands beside the comment.
    pub run_end: Option<usize>,
}

/// All lines of all comments of a file, in order.
pub fn comment_lines<'t>(file: &'t File, source: &Source) -> Vec<CommentLine<'t>> {
    let text = file.tree.text();
    let comments: Vec<Extent> = file.tree.comments.iter().map(|comment| Extent::of(comment.span, source)).collect();
    // From the bottom up: where the run of comment lines that a comment is part of ends.
    let mut ends: HashMap<usize, usize> = HashMap::new();
    for comment in comments.iter().rev().filter(|comment| comment.is_alone) {
        let end = ends.get(&(comment.last + 1)).copied().unwrap_or(comment.last);
        ends.insert(comment.first, end);
    }
    let mut lines = Vec::new();
    for comment in &comments {
        let written = text.get(comment.span.range()).unwrap_or("");
        let run_end = ends.get(&comment.first).copied();
        lines.extend(written.split('\n').enumerate().map(|(index, line)| CommentLine {
            text: unmarked(line),
            comment: comment.span,
            line: comment.first + index,
            run_end,
        }));
    }
    lines
}

/// Takes the marker off one line of a comment: `#`, `//`, `/*`, or `*` inside a block comment. Only one of them, so
/// that what is commented out itself stays silent.
fn unmarked(line: &str) -> &str {
    let line = line.trim();
    let marker = line.chars().next().filter(|letter| matches!(letter, '#' | '/' | '*'));
    let line = match marker {
        Some('#') => line.trim_start_matches('#'),
        Some(_) => line.trim_start_matches(['/', '*']),
        None => line,
    };
    line.strip_suffix("*/").unwrap_or(line).trim()
}

/// Where a piece of a file's text stands, by its address; `None` if it is not a slice of that text.
pub fn piece_span(file: &File, piece: &str) -> Option<Span> {
    let text = file.tree.text();
    let start = (piece.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (start + piece.len() <= text.len()).then(|| Span::new(file.source, start, start + piece.len()))
}

/// The lines of a comment and whether anything else is on them.
struct Extent {
    span: Span,
    first: usize,
    last: usize,
    is_alone: bool,
}

impl Extent {
    fn of(span: Span, source: &Source) -> Self {
        let (first, last) = (source.position(span.start).line, source.position(span.end).line);
        let blank = |range: Option<std::ops::Range<usize>>| {
            range.and_then(|range| source.text().get(range)).is_none_or(|text| text.trim().is_empty())
        };
        let before = source.line_range(first).map(|line| line.start..span.range().start);
        let after = source.line_range(last).map(|line| span.range().end..line.end.max(span.range().end));
        Self { span, first, last, is_alone: blank(before) && blank(after) }
    }
}

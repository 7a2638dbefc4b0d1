//! Lines, indentation and comments around a place of a text; the writers of JSON and HCL ask it, that of YAML where its
//! lines begin.

use crate::source::Span;
use crate::tree::{Comment, Tree};
use std::ops::Range;

/// A text and its comments.
#[derive(Clone, Copy)]
pub(super) struct Layout<'t> {
    tree: &'t Tree,
}

impl<'t> Layout<'t> {
    /// That of a file.
    pub fn of(tree: &'t Tree) -> Self {
        Self { tree }
    }

    /// The whole text.
    pub fn text(self) -> &'t str {
        self.tree.text()
    }

    /// A part of the text.
    pub fn slice(self, range: Range<usize>) -> &'t str {
        self.text().get(range).unwrap_or("")
    }

    /// A range of this file.
    pub fn span(self, range: Range<usize>) -> Span {
        Span::new(self.tree.file(), range.start, range.end)
    }

    /// How the file ends its lines.
    pub fn newline(self) -> &'static str {
        let first = self.text().find('\n').unwrap_or(0);
        if self.slice(0..first).ends_with('\r') { "\r\n" } else { "\n" }
    }

    /// What one level of indentation adds: as much as the first indented line has.
    pub fn unit(self) -> &'t str {
        let widths =
            self.text().lines().map(|line| line.split_at(line.len() - line.trim_start_matches([' ', '\t']).len()));
        let indented = widths.filter(|(blank, rest)| !blank.is_empty() && !rest.is_empty());
        indented.map(|(blank, _)| blank).next().filter(|blank| blank.len() <= 8).unwrap_or("  ")
    }

    /// Where the line of a place begins.
    pub fn line_start(self, at: usize) -> usize {
        line_start(self.text(), at)
    }

    /// The blanks that the line of a place begins with.
    pub fn indentation(self, at: usize) -> &'t str {
        let line = self.text().get(self.line_start(at)..).unwrap_or("");
        line.split_at(line.len() - line.trim_start_matches([' ', '\t']).len()).0
    }

    /// Whether only blanks stand before a place in its line.
    pub fn is_first_in_line(self, at: usize) -> bool {
        self.slice(self.line_start(at)..at).trim().is_empty()
    }

    /// The first comment that begins at a place or behind it.
    pub fn comment_from(self, at: usize) -> Option<Range<usize>> {
        let comments: &[Comment] = &self.tree.comments;
        let index = comments.partition_point(|comment| comment.span.range().start < at);
        comments.get(index).map(|comment| comment.span.range())
    }

    /// Whether a comment begins in a range.
    pub fn has_comment(self, range: Range<usize>) -> bool {
        self.comment_from(range.start).is_some_and(|comment| comment.start < range.end)
    }

    /// Where the first comment begins in the line that begins at a place.
    pub fn comment_in_line(self, start: usize) -> Option<usize> {
        let length = self.text().get(start..)?.split('\n').next()?.len();
        self.comment_from(start).map(|comment| comment.start).filter(|comment| *comment < start + length)
    }

    /// The first place from `at` on that is neither blank nor a comment; `lines`: whether lines may end on the way.
    pub fn skip(self, mut at: usize, lines: bool) -> usize {
        loop {
            let rest = self.text().get(at..).unwrap_or("");
            let blank = |character: char| matches!(character, ' ' | '\t' | '\r') || lines && character == '\n';
            at += rest.len() - rest.trim_start_matches(blank).len();
            match self.comment_from(at) {
                Some(comment) if comment.start == at && comment.end > at => {
                    // A comment that goes to the end of its line does not hold the line break.
                    at += self.slice(comment).trim_end().len().max(1);
                }
                _ => return at,
            }
        }
    }

    /// Where the line ends in which something ends, comments behind it passed: the place of the line break. `None` if
    /// anything else follows in the line.
    pub fn line_end(self, at: usize) -> Option<usize> {
        let end = self.skip(at, false);
        let is_end = matches!(self.text().as_bytes().get(end), None | Some(b'\n'));
        let has_return = end > at && self.text().as_bytes().get(end).is_some() && self.slice(at..end).ends_with('\r');
        is_end.then_some(end - usize::from(has_return))
    }

    /// Where the line behind a line break begins.
    pub fn behind_break(self, at: usize) -> usize {
        let rest = self.text().get(at..).unwrap_or("");
        let length = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
        at + length
    }

    /// Whether the line that begins at a place holds nothing; false behind the last line.
    pub fn is_blank_line(self, start: usize) -> bool {
        let rest = self.text().get(start..).unwrap_or("");
        rest.split_inclusive('\n').next().is_some_and(|line| line.ends_with('\n') && line.trim().is_empty())
    }

    /// The byte at a place.
    pub fn byte(self, at: usize) -> Option<u8> {
        self.text().as_bytes().get(at).copied()
    }

    /// Lines that go, with the blank line beside them that would be one too many, inside a body or a collection.
    pub fn with_spare_blank(self, lines: Range<usize>, inside: &Range<usize>) -> Range<usize> {
        let before = self.slice(inside.start..lines.start);
        let previous = self.line_start(lines.start.saturating_sub(1));
        let is_first = before.trim().is_empty();
        let is_blank_before = previous >= inside.start && previous < lines.start && self.is_blank_line(previous);
        let is_last = self.slice(lines.end..inside.end.max(lines.end)).trim().is_empty();
        if is_last && is_blank_before && !is_first {
            return previous..lines.end;
        }
        if (is_first || is_blank_before) && !is_last && self.is_blank_line(lines.end) {
            let rest = self.text().get(lines.end..).unwrap_or("");
            return lines.start..lines.end + rest.find('\n').map_or(0, |newline| newline + 1);
        }
        lines
    }
}

/// Where the line around an offset begins; a byte order mark stands before the first.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(mark, |line_break| line_break + 1)
}

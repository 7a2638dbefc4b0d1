//! A light pass over HCL text before the real parser: where comments are, where top-level items begin, and what the
//! parser must not be given. It knows strings with interpolations, heredocs and comments, and nothing else.

use super::MAX_OBJECT_MEMBERS;
use crate::tree::MAX_DEPTH;
use std::ops::Range;

/// Deeper nesting than this is kept from the parser, whose own limit is lower than the tree's.
const MAX_NESTING: usize = if MAX_DEPTH < 64 { MAX_DEPTH } else { 64 };

/// Something that the parser must not see.
pub(super) struct Excess {
    pub at: usize,
    pub message: String,
}

/// What the pass found; all offsets are into the text that it was given.
#[derive(Default)]
pub(super) struct Scan {
    pub comments: Vec<Range<usize>>,
    pub excesses: Vec<Excess>,
    /// Starts of lines at which a top-level item begins.
    items: Vec<usize>,
    length: usize,
}

impl Scan {
    /// The top-level item that an offset lies in: from its first line to the first line of the next.
    pub fn item_around(&self, at: usize) -> Range<usize> {
        let next = self.items.partition_point(|start| *start <= at);
        let start = next.checked_sub(1).map_or(0, |index| self.items[index]);
        start..self.items.get(next).copied().unwrap_or(self.length)
    }
}

/// What a bracket or quote belongs to, from the outermost inwards.
enum Frame {
    /// Braces, brackets or parentheses; counts the members of what may be an object.
    Bracket { members: usize, reported: bool },
    /// Text in double quotes.
    Quote,
    /// `${` or `%{` inside a text.
    Interpolation,
    /// A heredoc with its delimiter.
    Heredoc(Range<usize>),
}

/// Scans a whole text.
pub(super) fn scan(text: &str) -> Scan {
    let bytes = text.as_bytes();
    let mut scan = Scan { length: text.len(), ..Scan::default() };
    let mut frames: Vec<Frame> = Vec::new();
    let mut at = 0;
    let mut line_start = true;
    while at < bytes.len() {
        let byte = bytes[at];
        if line_start && is_item_start(byte) && !matches!(frames.last(), Some(Frame::Heredoc(_))) {
            // A name at column 0 begins an item even where brackets before it were never closed.
            scan.items.push(at);
        }
        line_start = byte == b'\n';
        at = match frames.last() {
            Some(Frame::Quote) => in_quote(bytes, at, &mut frames),
            Some(Frame::Heredoc(delimiter)) => {
                let delimiter = delimiter.clone();
                in_heredoc(text, at, delimiter, &mut frames)
            }
            _ => in_code(text, at, &mut frames, &mut scan),
        };
        // Skips may have passed line ends.
        line_start |= at > 0 && bytes.get(at - 1) == Some(&b'\n');
        if frames.len() > MAX_NESTING {
            scan.excesses
                .push(Excess { at: at.saturating_sub(1), message: format!("nested deeper than {MAX_NESTING} levels") });
            at = skip_item(bytes, at);
            frames.clear();
            line_start = true;
        }
    }
    scan
}

fn is_item_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// The next line that begins at column 0 with a name.
fn skip_item(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() {
        if bytes[at] == b'\n' && bytes.get(at + 1).copied().is_some_and(is_item_start) {
            return at + 1;
        }
        at += 1;
    }
    at
}

fn in_quote(bytes: &[u8], at: usize, frames: &mut Vec<Frame>) -> usize {
    match bytes[at] {
        b'\\' => at + 2,
        // A string does not run over a line; the parser will say so.
        b'"' | b'\n' => {
            frames.pop();
            at + 1
        }
        b'$' | b'%' if bytes.get(at + 1) == Some(&b'{') => {
            let doubled = bytes.get(at.wrapping_sub(1)) == Some(&bytes[at]);
            if !doubled {
                frames.push(Frame::Interpolation);
            }
            at + 2
        }
        _ => at + 1,
    }
}

fn in_heredoc(text: &str, at: usize, delimiter: Range<usize>, frames: &mut Vec<Frame>) -> usize {
    let bytes = text.as_bytes();
    let at_line_start = at == 0 || bytes[at - 1] == b'\n';
    if at_line_start {
        let line = &text[at..text[at..].find('\n').map_or(text.len(), |end| at + end)];
        if line.trim() == &text[delimiter] {
            frames.pop();
            return at + line.len();
        }
    }
    if matches!(bytes[at], b'$' | b'%') && bytes.get(at + 1) == Some(&b'{') {
        let doubled = at > 0 && bytes[at - 1] == bytes[at];
        if !doubled {
            frames.push(Frame::Interpolation);
        }
        return at + 2;
    }
    next_char(text, at)
}

fn next_char(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(1, char::len_utf8)
}

fn in_code(text: &str, at: usize, frames: &mut Vec<Frame>, scan: &mut Scan) -> usize {
    let bytes = text.as_bytes();
    let rest = &text[at..];
    match bytes[at] {
        b'#' => comment(text, at, scan),
        b'/' if rest.starts_with("//") => comment(text, at, scan),
        b'/' if rest.starts_with("/*") => {
            let end = rest[2..].find("*/").map_or(text.len(), |end| at + 2 + end + 2);
            scan.comments.push(at..end);
            end
        }
        b'"' => {
            frames.push(Frame::Quote);
            at + 1
        }
        b'<' if rest.starts_with("<<") => match heredoc(text, at) {
            Some((delimiter, behind)) => {
                frames.push(Frame::Heredoc(delimiter));
                behind
            }
            None => at + 2,
        },
        b'{' | b'[' | b'(' => {
            frames.push(Frame::Bracket { members: 0, reported: false });
            at + 1
        }
        b'}' | b']' | b')' => {
            frames.pop();
            at + 1
        }
        b'=' if bytes.get(at + 1) != Some(&b'=')
            && bytes.get(at.wrapping_sub(1)).is_none_or(|byte| !b"=!<>".contains(byte)) =>
        {
            member(at, frames, scan);
            at + 1
        }
        b':' => {
            member(at, frames, scan);
            at + 1
        }
        _ => next_char(text, at),
    }
}

/// Counts a member of the innermost bracket. Attributes of blocks count, too: no real block has as many.
fn member(at: usize, frames: &mut [Frame], scan: &mut Scan) {
    if let Some(Frame::Bracket { members, reported }) = frames.last_mut() {
        *members += 1;
        if *members > MAX_OBJECT_MEMBERS && !*reported {
            *reported = true;
            scan.excesses
                .push(Excess { at, message: format!("an object with more than {MAX_OBJECT_MEMBERS} members") });
        }
    }
}

fn comment(text: &str, at: usize, scan: &mut Scan) -> usize {
    let line = &text[at..text[at..].find('\n').map_or(text.len(), |end| at + end)];
    scan.comments.push(at..at + line.trim_end_matches('\r').len());
    at + line.len()
}

/// The delimiter of a heredoc, and the offset of the first line of its text.
fn heredoc(text: &str, at: usize) -> Option<(Range<usize>, usize)> {
    let start = at + if text[at..].starts_with("<<-") { 3 } else { 2 };
    let name = text[start..].split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').next()?;
    let end = start + name.len();
    let rest = &text[end..];
    let line_end = rest.find('\n')?;
    (!name.is_empty() && rest[..line_end].trim().is_empty()).then_some((start..end, end + line_end + 1))
}

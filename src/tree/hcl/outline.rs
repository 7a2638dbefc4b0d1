//! A quick look over an HCL text before it is parsed; called by [`super::parse`] only.
//!
//! It knows strings, templates, heredocs and comments, and so finds the comments, where each top-level item begins
//! and ends (which is what recovery after an error needs), and objects so large that the parser, which compares every
//! key with every other, would take minutes for them.

use crate::tree::{MAX_DEPTH, MAX_NODES};
use std::ops::Range;

/// An object with more members than this is not parsed.
pub(super) const MAX_MEMBERS: usize = 5_000;
/// Nor is one that brings the comparisons of keys in one file above this, which is about two seconds of work.
const MAX_COMPARISONS: usize = 100_000_000;
/// After this many items without an end, the rest of a file is left alone: each may cost a look at all that follows.
const MAX_UNCLOSED: usize = 64;

/// A top-level attribute or block, from its first byte to its last.
pub(super) struct Item {
    pub range: Range<usize>,
    /// Why it must not be parsed.
    pub refusal: Option<(Range<usize>, String)>,
    /// The bracket or quote that is still open where the item was cut off.
    pub unclosed: Option<Range<usize>>,
}

/// What the look over the text has found.
#[derive(Default)]
pub(super) struct Outline {
    pub items: Vec<Item>,
    pub comments: Vec<Range<usize>>,
}

impl Outline {
    /// Looks over `text` from `start`, which is behind the byte order mark.
    pub fn of(text: &str, start: usize) -> Self {
        let mut scanner = Scanner::new(text, start);
        let mut outline = Self::default();
        let mut unclosed = 0;
        loop {
            let end = scanner.run(&mut outline);
            let Some((item, open)) = end else { return outline };
            unclosed += 1;
            let cut = if unclosed < MAX_UNCLOSED { next_header(text, item) } else { None };
            let end = cut.unwrap_or(text.len());
            let range = item..item + text.get(item..end).unwrap_or("").trim_end().len();
            outline.comments.retain(|comment| comment.start < end);
            let refusal = scanner.refusal.take();
            outline.items.push(Item { range, refusal, unclosed: Some(open) });
            if cut.is_none() {
                return outline;
            }
            let (comparisons, values) = (scanner.comparisons, scanner.values);
            scanner = Scanner { comparisons, values, ..Scanner::new(text, end) };
        }
    }
}

/// Something that has been opened and not closed, and where.
struct Frame {
    start: usize,
    kind: FrameKind,
}

enum FrameKind {
    /// A body or an object: whether it is an object, its members, and conditionals that wait for their colon.
    Brace {
        is_object: bool,
        members: usize,
        conditionals: usize,
    },
    Bracket,
    Parenthesis,
    Quote,
    /// The delimiter lies at this range.
    Heredoc(Range<usize>),
    /// `${` or `%{`
    Interpolation,
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    frames: Vec<Frame>,
    item: Option<usize>,
    /// Behind the last byte that is not blank or comment.
    inked: usize,
    /// Whether that byte ends a name or a string, behind which a brace opens a block.
    after_name: bool,
    refusal: Option<(Range<usize>, String)>,
    comparisons: usize,
    values: usize,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        Self {
            text,
            at,
            frames: Vec::new(),
            item: None,
            inked: at,
            after_name: false,
            refusal: None,
            comparisons: 0,
            values: 0,
        }
    }

    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or(&[])
    }

    /// Scans to the end of the text. Where an item has no end, gives its start and what is open in it.
    fn run(&mut self, outline: &mut Outline) -> Option<(usize, Range<usize>)> {
        while self.at < self.text.len() {
            match self.frames.last().map(|frame| &frame.kind) {
                Some(FrameKind::Quote) => self.quoted(),
                Some(FrameKind::Heredoc(delimiter)) => {
                    let delimiter = delimiter.clone();
                    self.heredoc(delimiter);
                }
                _ => self.code(outline),
            }
            if self.frames.len() > MAX_DEPTH {
                let place = self.frames.last().map_or(self.at, |frame| frame.start);
                self.refuse(place..place + 1, format!("nested more than {MAX_DEPTH} levels deep"));
                break;
            }
        }
        match (self.item, self.frames.first()) {
            (Some(item), Some(frame)) => Some((item, frame.start..frame.start + 1)),
            _ => {
                self.end_item(outline);
                None
            }
        }
    }

    fn push(&mut self, width: usize, kind: FrameKind) {
        self.frames.push(Frame { start: self.at, kind });
        self.at += width;
    }

    fn refuse(&mut self, place: Range<usize>, message: String) {
        self.refusal.get_or_insert((place, message));
    }

    fn end_item(&mut self, outline: &mut Outline) {
        if let Some(start) = self.item.take() {
            outline.items.push(Item { range: start..self.inked, refusal: self.refusal.take(), unclosed: None });
        }
    }

    /// One step inside a quoted string.
    fn quoted(&mut self) {
        match self.rest() {
            [b'\\', ..] => self.at += 2,
            [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => self.at += 3,
            [b'$' | b'%', b'{', ..] => self.push(2, FrameKind::Interpolation),
            [byte, ..] => {
                // A string ends at the end of its line even without a quote: that is an error, but of one line only.
                if matches!(byte, b'"' | b'\n') {
                    self.frames.pop();
                    self.after_name = true;
                }
                self.at += usize::from(*byte != b'\n');
            }
            [] => {}
        }
        self.inked = self.at.min(self.text.len());
    }

    /// One step inside a heredoc.
    fn heredoc(&mut self, delimiter: Range<usize>) {
        match self.rest() {
            [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => self.at += 3,
            [b'$' | b'%', b'{', ..] => self.push(2, FrameKind::Interpolation),
            [b'\n', ..] => {
                self.at += 1;
                if let Some(end) = delimiter_end(self.text, self.at, self.text.get(delimiter).unwrap_or("")) {
                    self.at = end;
                    self.frames.pop();
                }
            }
            _ => self.at += 1,
        }
        self.inked = self.at;
    }

    /// One step outside strings.
    fn code(&mut self, outline: &mut Outline) {
        let rest = self.rest();
        match rest {
            [b' ' | b'\t' | b'\r', ..] => {
                self.at += 1;
                return;
            }
            [b'\n', ..] => {
                if self.frames.is_empty() {
                    self.end_item(outline);
                }
                self.at += 1;
                return;
            }
            [b'#', ..] | [b'/', b'/', ..] => {
                let line = self.text.get(self.at..).unwrap_or("").lines().next().unwrap_or("");
                outline.comments.push(self.at..self.at + line.len());
                self.at += line.len();
                return;
            }
            [b'/', b'*', ..] => {
                let body = self.text.get(self.at + 2..).unwrap_or("");
                let end = body.find("*/").map_or(self.text.len(), |end| self.at + end + 4);
                outline.comments.push(self.at..end);
                self.at = end;
                return;
            }
            _ => {}
        }
        self.item.get_or_insert(self.at);
        let after_name = std::mem::take(&mut self.after_name);
        match rest {
            [b'"', ..] => self.push(1, FrameKind::Quote),
            [b'<', b'<', ..] => self.heredoc_start(),
            [b'[', ..] => self.push(1, FrameKind::Bracket),
            [b'(', ..] => self.push(1, FrameKind::Parenthesis),
            [b'{', ..] => {
                let in_body = matches!(
                    self.frames.last().map(|frame| &frame.kind),
                    None | Some(FrameKind::Brace { is_object: false, .. })
                );
                let is_object = !(in_body && after_name);
                self.push(1, FrameKind::Brace { is_object, members: 0, conditionals: 0 });
            }
            [b']' | b')', ..] => {
                if let Some(FrameKind::Bracket | FrameKind::Parenthesis) = self.frames.last().map(|frame| &frame.kind) {
                    self.frames.pop();
                }
                self.at += 1;
            }
            [b'}', ..] => self.closing_brace(),
            [b'=' | b'!' | b'<' | b'>', b'=', ..] | [b'=', b'>', ..] | [b':', b':', ..] => self.at += 2,
            [byte @ (b'=' | b':' | b'?'), ..] => self.member(*byte),
            [byte, ..] if byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii() => {
                let is_name =
                    |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || !byte.is_ascii();
                self.at += rest.iter().take_while(is_name).count();
                self.after_name = true;
            }
            [byte, ..] => {
                self.count_value(usize::from(*byte == b','));
                self.at += 1;
            }
            [] => {}
        }
        self.inked = self.at;
    }

    fn count_value(&mut self, count: usize) {
        self.values += count;
        if self.values > MAX_NODES {
            self.refuse(self.at..self.at + 1, format!("the file has more than {MAX_NODES} values"));
        }
    }

    fn member(&mut self, byte: u8) {
        self.count_value(1);
        if let Some(Frame { kind: FrameKind::Brace { members, conditionals, .. }, .. }) = self.frames.last_mut() {
            match byte {
                b'?' => *conditionals += 1,
                b':' if *conditionals > 0 => *conditionals -= 1,
                _ => *members += 1,
            }
        }
        self.at += 1;
    }

    fn closing_brace(&mut self) {
        // A bracket that is still open inside the braces is an error that must not swallow the rest of the file.
        while let Some(FrameKind::Bracket | FrameKind::Parenthesis) = self.frames.last().map(|frame| &frame.kind) {
            self.frames.pop();
        }
        if let Some(Frame { start, kind: FrameKind::Brace { is_object: true, members, .. } }) = self.frames.pop() {
            self.comparisons = self.comparisons.saturating_add(members.saturating_mul(members) / 2);
            if members > MAX_MEMBERS {
                self.refuse(start..start + 1, format!("object with more than {MAX_MEMBERS} members"));
            } else if self.comparisons > MAX_COMPARISONS {
                self.refuse(start..start + 1, "too many objects with thousands of members in one file".to_owned());
            }
        }
        self.at += 1;
    }

    fn heredoc_start(&mut self) {
        let opening = self.text.get(self.at..).unwrap_or("").lines().next().unwrap_or("");
        let name = opening.trim_start_matches("<<").trim_start_matches('-');
        if name.is_empty() || !name.chars().all(is_name_character) {
            self.at += 2;
            return;
        }
        let delimiter = self.at + opening.len() - name.len()..self.at + opening.len();
        self.push(opening.len(), FrameKind::Heredoc(delimiter));
    }
}

fn is_name_character(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-')
}

/// Where the delimiter of a heredoc ends, if the line at `at` begins with it.
fn delimiter_end(text: &str, at: usize, delimiter: &str) -> Option<usize> {
    let line = text.get(at..)?;
    let unindented = line.trim_start_matches([' ', '\t']);
    let rest = unindented.strip_prefix(delimiter)?;
    (!rest.starts_with(is_name_character)).then_some(text.len() - rest.len())
}

/// The first line behind the item at `item` that looks like the beginning of the next one: at column 0 and, since
/// text in heredocs and nested attributes may stand there too, a whole block header. Files without blocks are cut at
/// attributes.
fn next_header(text: &str, item: usize) -> Option<usize> {
    let has_blocks = is_block_header(text.get(item..)?.lines().next()?);
    let mut at = item;
    loop {
        let line = text.get(at..)?.split_inclusive('\n').next()?;
        if at > item && (is_block_header(line) || !has_blocks && is_attribute(line)) {
            return Some(at);
        }
        at += line.len();
        at = skip_heredoc(text, at, line).unwrap_or(at);
    }
}

/// The start of the line behind a heredoc that `opening` begins, if it has an end.
fn skip_heredoc(text: &str, mut at: usize, opening: &str) -> Option<usize> {
    let delimiter = opening.trim_end().rsplit_once("<<")?.1.trim_start_matches('-');
    if delimiter.is_empty() || !delimiter.chars().all(is_name_character) {
        return None;
    }
    loop {
        let line = text.get(at..)?.split_inclusive('\n').next()?;
        at += line.len();
        if line.trim() == delimiter {
            return Some(at);
        }
        // A heredoc that swallows the next block has lost its end.
        if is_block_header(line) && line.contains('"') {
            return None;
        }
    }
}

fn name_end(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(is_name_character);
    (rest.len() < line.len() && !line.starts_with(|first: char| first == '-' || first.is_ascii_digit())).then_some(rest)
}

fn is_attribute(line: &str) -> bool {
    let value = name_end(line).and_then(|rest| rest.trim_start().strip_prefix('='));
    value.is_some_and(|value| !value.starts_with(['=', '>']))
}

fn is_block_header(line: &str) -> bool {
    let Some(mut rest) = name_end(line) else { return false };
    loop {
        rest = rest.trim_start();
        if rest.starts_with('{') {
            return true;
        }
        let label = rest.strip_prefix('"').and_then(|label| label.split_once('"')).map(|(_, rest)| rest);
        match label.or_else(|| name_end(rest)) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
}

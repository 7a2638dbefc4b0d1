//! What edits change, line by line: the hunks of a unified diff as data. [`crate::report`] draws them.
//!
//! Only the lines that edits touch are compared, so that the cost is that of the edits and not of the file.

use super::{Edit, applied};
use crate::source::{SourceId, Sources};
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};
use std::fmt;
use std::ops::Range;

/// What becomes of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// The file.
    pub file: SourceId,
    /// Its changes, in order; never empty.
    pub hunks: Vec<Hunk>,
}

/// Changed lines that lie close together, with the lines around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The lines of the old text that it covers, from 0.
    pub old: Range<usize>,
    /// The lines of the new text that it covers, from 0.
    pub new: Range<usize>,
    /// The lines of both.
    pub lines: Vec<Line>,
}

/// One line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What becomes of it.
    pub fate: Fate,
    /// Its number from 1: in the old text if it is removed, in the new text otherwise.
    pub number: usize,
    /// The line with its line break, if it has one.
    pub text: String,
    /// Where the line that it replaces, or is replaced by, differs from it; `None` if no part stands out.
    pub changed: Option<Range<usize>>,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Kept,
    /// It goes.
    Removed,
    /// It comes.
    Added,
}

impl Fate {
    /// How a unified diff marks it.
    pub fn mark(self) -> char {
        match self {
            Self::Kept => ' ',
            Self::Removed => '-',
            Self::Added => '+',
        }
    }
}

impl Line {
    /// The line without its line break, `\r\n` included.
    pub fn body(&self) -> &str {
        let line = self.text.strip_suffix('\n').unwrap_or(&self.text);
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// Whether the text ends in it without a line break.
    pub fn is_unended(&self) -> bool {
        !self.text.ends_with('\n')
    }
}

impl fmt::Display for Hunk {
    /// `@@ -2,7 +2,8 @@`, as unified diffs count: from 1, and an empty range by the line before it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |lines: &Range<usize>| match lines.len() {
            0 => format!("{},0", lines.start),
            1 => format!("{}", lines.start + 1),
            many => format!("{},{many}", lines.start + 1),
        };
        write!(f, "@@ -{} +{} @@", range(&self.old), range(&self.new))
    }
}

/// What edits do to files, one file after the other. The edits are in the order of files and places and do not overlap.
pub fn diff(sources: &Sources, edits: &[Edit], context: usize) -> Vec<FileDiff> {
    let by_file = edits.chunk_by(|a, b| a.span.file == b.span.file);
    let diffs = by_file.filter_map(|edits| {
        let file = edits.first()?.span.file;
        let hunks = hunks(sources.get(file).text(), edits, context);
        (!hunks.is_empty()).then_some(FileDiff { file, hunks })
    });
    diffs.collect()
}

/// What edits do to a text, with so many lines of context around each change.
pub fn hunks(text: &str, edits: &[Edit], context: usize) -> Vec<Hunk> {
    let changed = applied(text, edits);
    let (old, new) = (lines(text), lines(&changed));
    let groups = group_diff_ops(operations(edits, &old, &new), context);
    groups.iter().filter_map(|group| hunk(group, &old, &new)).collect()
}

/// The lines of a text with their line breaks.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Where each of the lines of a text begins.
fn starts(lines: &[&str]) -> Vec<usize> {
    lines.iter().scan(0, |at, line| Some(std::mem::replace(at, *at + line.len()))).collect()
}

/// The whole way from one text to the other: the lines between edits stay, those that edits touch are compared.
fn operations(edits: &[Edit], old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let (old_starts, new_starts) = (starts(old), starts(new));
    let mut operations = Vec::new();
    // Up to where both texts are dealt with.
    let (mut old_at, mut new_at) = (0, 0);
    for region in regions(&old_starts, edits) {
        let kept = region.lines.start.saturating_sub(old_at);
        keep(&mut operations, old_at, new_at, kept);
        (old_at, new_at) = (old_at + kept, new_at + kept);
        let before = old.get(region.lines).unwrap_or_default();
        let size: usize = before.iter().map(|line| line.len()).sum();
        let (gone, come) = region
            .edits
            .iter()
            .fold((0, 0), |(gone, come), edit| (gone + edit.span.range().len(), come + edit.text.len()));
        let start = new_starts.get(new_at).copied().unwrap_or_default();
        let end = start + (size + come).saturating_sub(gone);
        let new_end = new_starts.partition_point(|start| *start < end);
        let after = new.get(new_at..new_end).unwrap_or_default();
        for operation in capture_diff_slices(Algorithm::Myers, before, after) {
            // Only the lengths are reliable: where an insertion or a deletion was moved, its other index was not.
            let (old_len, new_len) = (operation.old_range().len(), operation.new_range().len());
            let (old_index, new_index) = (old_at, new_at);
            match operation {
                DiffOp::Equal { len, .. } => keep(&mut operations, old_index, new_index, len),
                DiffOp::Delete { .. } => operations.push(DiffOp::Delete { old_index, old_len, new_index }),
                DiffOp::Insert { .. } => operations.push(DiffOp::Insert { old_index, new_index, new_len }),
                DiffOp::Replace { .. } => {
                    operations.push(DiffOp::Replace { old_index, old_len, new_index, new_len });
                }
            }
            (old_at, new_at) = (old_at + old_len, new_at + new_len);
        }
    }
    keep(&mut operations, old_at, new_at, old.len().saturating_sub(old_at));
    operations
}

/// Lines that stay; one run of them is one operation.
fn keep(operations: &mut Vec<DiffOp>, old_index: usize, new_index: usize, more: usize) {
    match operations.last_mut() {
        Some(DiffOp::Equal { len, .. }) => *len += more,
        _ if more > 0 => operations.push(DiffOp::Equal { old_index, new_index, len: more }),
        _ => {}
    }
}

/// Whole lines, and the edits inside them.
struct Region<'e> {
    lines: Range<usize>,
    edits: &'e [Edit],
}

/// The lines that edits touch; edits that touch one line have one region.
fn regions<'e>(starts: &[usize], edits: &'e [Edit]) -> Vec<Region<'e>> {
    let line_of = |offset: u32| starts.partition_point(|start| *start <= offset as usize).saturating_sub(1);
    let mut regions: Vec<Region> = Vec::new();
    let mut first = 0;
    for (at, edit) in edits.iter().enumerate() {
        let touched = line_of(edit.span.start)..(line_of(edit.span.end) + 1).min(starts.len());
        match regions.last_mut() {
            Some(last) if touched.start < last.lines.end => {
                last.lines.end = last.lines.end.max(touched.end);
                last.edits = edits.get(first..=at).unwrap_or_default();
            }
            _ => {
                first = at;
                regions.push(Region { lines: touched, edits: std::slice::from_ref(edit) });
            }
        }
    }
    regions
}

/// The lines of a group of operations.
fn hunk(group: &[DiffOp], old: &[&str], new: &[&str]) -> Option<Hunk> {
    let (first, last) = (group.first()?, group.last()?);
    let mut hunk = Hunk {
        old: first.old_range().start..last.old_range().end,
        new: first.new_range().start..last.new_range().end,
        lines: Vec::new(),
    };
    for operation in group {
        let (from, to) = (operation.old_range(), operation.new_range());
        let line = |fate, texts: &[&str], at: usize, changed| {
            let text = texts.get(at).copied().unwrap_or_default().to_string();
            Line { fate, number: at + 1, text, changed }
        };
        if let DiffOp::Equal { .. } = operation {
            hunk.lines.extend(to.map(|at| line(Fate::Kept, new, at, None)));
            continue;
        }
        // Lines are told apart word by word only where each has its counterpart.
        let is_paired = from.len() == to.len();
        let pair = |here: usize, there: usize| {
            let (before, after) = (old.get(here)?, new.get(there)?);
            if is_paired { difference(before, after) } else { None }
        };
        let (a, b) = (from.start, to.start);
        let removed = from.map(|at| line(Fate::Removed, old, at, pair(at, b + at - a).map(|(before, _)| before)));
        hunk.lines.extend(removed);
        hunk.lines.extend(to.map(|at| line(Fate::Added, new, at, pair(a + at - b, at).map(|(_, after)| after))));
    }
    Some(hunk)
}

/// Where two lines differ, in whole words; `None` where next to nothing of them is the same.
fn difference(before: &str, after: &str) -> Option<(Range<usize>, Range<usize>)> {
    let (before, after) = (before.trim_end(), after.trim_end());
    let same = |pairs: &mut dyn Iterator<Item = (char, char)>| -> Vec<char> {
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    };
    let mut head = same(&mut before.chars().zip(after.chars()));
    let bytes = |letters: &[char]| letters.iter().map(|letter| letter.len_utf8()).sum::<usize>();
    let start = bytes(&head);
    let (rest_before, rest_after) = (before.get(start..)?, after.get(start..)?);
    let mut tail = same(&mut rest_before.chars().rev().zip(rest_after.chars().rev()));
    // `60` and `600` differ as a whole: a word that is cut goes with what differs.
    let is_word = |letter: &char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-');
    let begins_inside = [rest_before, rest_after].iter().any(|rest| rest.chars().next().as_ref().is_some_and(is_word));
    while begins_inside && head.last().is_some_and(is_word) {
        head.pop();
    }
    let cut = |rest: &str| rest.get(..rest.len() - bytes(&tail)).and_then(|rest| rest.chars().next_back());
    let ends_inside = [cut(rest_before), cut(rest_after)].iter().flatten().any(is_word);
    while ends_inside && tail.last().is_some_and(is_word) {
        tail.pop();
    }
    if head.iter().chain(&tail).all(|letter| letter.is_whitespace()) {
        return None;
    }
    let (head, tail) = (bytes(&head), bytes(&tail));
    Some((head..before.len() - tail, head..after.len() - tail))
}

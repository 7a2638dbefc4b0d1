//! Where a node of a YAML file ends, what stands around it and what shares its lines.

use super::super::layout::Layout;
pub(super) use super::super::layout::line_start;
use crate::source::Span;
use crate::tree::{Kind, NodeRef, Style, Tree};
use std::ops::Range;

/// What a node is to the collection that it stands in.
#[derive(Clone, Copy)]
pub(super) enum Parent<'t> {
    /// The value of an entry.
    Entry { object: NodeRef<'t>, key: NodeRef<'t> },
    /// A key.
    Key,
    /// An item of a list.
    Item { list: NodeRef<'t> },
}

/// The collection that a node stands in.
pub(super) fn parent(node: NodeRef<'_>) -> Option<Parent<'_>> {
    let id = node.id();
    let around = node.around()?;
    match &around.node().kind {
        Kind::Sequence(_) => Some(Parent::Item { list: around }),
        // Its pairs are in the order of the text.
        Kind::Mapping(pairs) => {
            let index = pairs.partition_point(|(key, _)| *key <= id).checked_sub(1)?;
            match pairs.get(index)? {
                (key, _) if *key == id => Some(Parent::Key),
                (key, value) if *value == id => Some(Parent::Entry { object: around, key: node.other(*key) }),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Where the line around an offset ends, without its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    let line = rest.split_once('\n').map_or(rest, |(line, _)| line.strip_suffix('\r').unwrap_or(line));
    at + line.len()
}

/// Where the line behind that of an offset begins, if there is one.
pub(super) fn next_line(text: &str, at: usize) -> Option<usize> {
    let next = at + text.get(at..)?.find('\n')? + 1;
    (next < text.len()).then_some(next)
}

/// Whether only blanks stand before an offset on its line.
pub(super) fn begins_line(text: &str, at: usize) -> bool {
    text.get(line_start(text, at)..at).is_some_and(|before| before.bytes().all(|byte| byte == b' '))
}

/// How far a key or a dash is indented; the dashes of the lists that it stands in count.
pub(super) fn column(text: &str, place: Span) -> Result<usize, String> {
    let at = place.range().start;
    let before = text.get(line_start(text, at)..at).unwrap_or("");
    let is_usual = before.bytes().all(|byte| matches!(byte, b' ' | b'-'));
    if is_usual { Ok(before.len()) } else { Err("the line is indented in an unusual way".into()) }
}

/// The quote character of a quoted scalar.
pub(super) fn quote_of(node: NodeRef<'_>) -> char {
    if node.slice().starts_with('\'') { '\'' } else { '"' }
}

/// Where the comment behind an offset begins, if one shares its line; an error if anything else does.
pub(super) fn comment_behind(text: &str, at: usize) -> Result<Option<usize>, String> {
    let rest = text.get(at..line_end(text, at)).unwrap_or("");
    let inked = rest.trim_start_matches([' ', '\t']);
    match inked.chars().next() {
        None => Ok(None),
        Some('#') => Ok(Some(at + rest.len() - inked.len())),
        Some(_) => Err("something else shares its last line".into()),
    }
}

/// The first comment that begins inside a range.
pub(super) fn first_comment(tree: &Tree, range: Range<usize>) -> Option<Span> {
    let layout = Layout::of(tree);
    layout.comment_from(range.start).filter(|comment| comment.start < range.end).map(|comment| layout.span(comment))
}

/// The text of a range without the comments in it.
pub(super) fn without_comments(tree: &Tree, range: Range<usize>) -> String {
    let mut out = String::new();
    let mut at = range.start;
    while let Some(comment) = first_comment(tree, at..range.end) {
        out.push_str(tree.text().get(at..comment.range().start).unwrap_or(""));
        at = comment.range().end;
    }
    out.push_str(tree.text().get(at..range.end).unwrap_or(""));
    out
}

/// Whether an empty value may be written at an offset: behind a colon, a dash or an anchor.
pub(super) fn is_behind_sign(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or("");
    let token = before.rsplit(|letter: char| letter.is_whitespace() || matches!(letter, '{' | '[' | ',')).next();
    token.is_some_and(|token| token.ends_with(':') || token == "-" || token.len() > 1 && token.starts_with('&'))
}

/// What a block collection ends with.
pub(super) fn last_leaf(node: NodeRef<'_>) -> NodeRef<'_> {
    let mut leaf = node;
    while leaf.node().style == Style::Block {
        let last = match &leaf.node().kind {
            Kind::Sequence(items) => items.last().copied(),
            Kind::Mapping(pairs) => pairs.last().map(|(_, value)| *value),
            _ => None,
        };
        match last {
            Some(last) => leaf = leaf.other(last),
            None => return leaf,
        }
    }
    leaf
}

/// What a block scalar does with the line breaks at its end: `-`, `+` or nothing.
fn chomping(scalar: NodeRef<'_>) -> Option<char> {
    let header = scalar.slice().get(1..).unwrap_or("");
    header.chars().take_while(|letter| matches!(letter, '+' | '-' | '0'..='9')).find(|letter| !letter.is_ascii_digit())
}

/// The end of the last line below an offset that a block scalar in front of it would take for its own: all blank lines
/// if it keeps them, else those in which blanks stand.
pub(super) fn end_of_blank_lines(text: &str, at: usize, scalar: NodeRef<'_>) -> usize {
    let keeps = chomping(scalar) == Some('+');
    let mut end = line_end(text, at);
    let mut seen = end;
    while let Some(start) = next_line(text, seen) {
        seen = line_end(text, start);
        match text.get(start..seen) {
            Some(line) if line.trim().is_empty() => {
                if keeps || !line.is_empty() {
                    end = seen;
                }
            }
            _ => break,
        }
    }
    end
}

/// Whether the next line below an offset in which something stands is indented further than a column.
pub(super) fn is_indented_further(text: &str, at: usize, column: usize) -> bool {
    let below = next_line(text, at).and_then(|start| text.get(start..)).unwrap_or("");
    let line = below.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    line.len() - line.trim_start_matches([' ', '\t']).len() > column
}

/// The end of the line below which something can be written that follows a value: behind the value's last line with
/// its comment, and behind the comments below that are indented further than `column`, which belong to the value.
pub(super) fn end_below(value: NodeRef<'_>, column: usize) -> Result<usize, String> {
    let text = value.tree().text();
    let leaf = last_leaf(value);
    let end = value.span().end.max(leaf.span().end) as usize;
    comment_behind(text, end)?;
    let mut place = line_end(text, end);
    if leaf.node().style == Style::BlockScalar {
        place = end_of_blank_lines(text, end, leaf);
        if place >= text.len() && chomping(leaf) != Some('-') {
            return Err("the file ends inside a block of text".into());
        }
    }
    let mut seen = place;
    while let Some(start) = next_line(text, seen) {
        seen = line_end(text, start);
        let line = text.get(start..seen).unwrap_or("");
        let inked = line.trim_start_matches([' ', '\t']);
        if inked.starts_with('#') && line.len() - inked.len() > column {
            place = seen;
        } else if !inked.is_empty() {
            break;
        }
    }
    Ok(place)
}

/// What is longer than this hides the key that it belongs to.
const LONG: usize = 4;

/// Whether a value takes so many lines that what follows it seems to stand alone.
pub(super) fn is_long(value: NodeRef<'_>) -> bool {
    value.slice().lines().nth(LONG).is_some()
}

/// Whether a value is a collection in lines that holds objects: events, say, which people write behind everything else.
pub(super) fn is_deep(value: NodeRef<'_>) -> bool {
    let is_object = |part: NodeRef<'_>| part.is_mapping() && part.entries().next().is_some();
    let holds_objects = value.items().any(is_object) || value.entries().any(|(_, part)| is_object(part));
    holds_objects && value.node().style == Style::Block
}

/// Whether the line above the one of a place is a comment.
pub(super) fn is_below_comment(text: &str, at: usize) -> bool {
    let above = text.get(..line_start(text, at)).unwrap_or("");
    above.lines().next_back().is_some_and(|line| line.trim_start().starts_with('#'))
}

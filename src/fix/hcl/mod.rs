//! Writes edits of HCL: Terraform's configurations and values of variables.
//!
//! [`super::place`] calls the functions here with a node of the file's tree and what is to become of it. [`body`] knows
//! the bodies of blocks and files, [`object`] the object and list expressions, [`value`] how `terraform fmt` writes
//! what is new, and [`nested`] what providers take as blocks. Nothing that stands in the file is moved or aligned anew.

#[cfg(test)]
mod arbitrary;
mod body;
mod nested;
mod object;
#[cfg(test)]
mod tests;
mod value;

use super::form::keeps_quotes;
use super::layout::Layout;
use super::{Edit, New};
use crate::tree::{Kind, NodeRef, Style};
use body::Body;
pub(super) use nested::{as_block, takes_blocks};
use object::Expression;
use value::{Pen, quoted};

const NOT_A_VALUE: &str = "the value is part of an expression";

/// A value becomes another one, in quotes if the present one is a number or a truth in quotes.
pub(super) fn replace(node: NodeRef<'_>, value: &New) -> Result<Edit, String> {
    let style = node.node().style;
    let present = node.slice();
    let is_token = match style {
        Style::Quoted => present.starts_with('"'),
        Style::BlockScalar => present.starts_with("<<"),
        _ => true,
    };
    if !is_token || present.is_empty() {
        return Err(NOT_A_VALUE.into());
    }
    let layout = Layout::of(node.tree());
    let mut text = match value {
        value if keeps_quotes(node, value) => quoted(&value::inline(value)),
        value => pen(layout).expression(value, layout.indentation(node.span().range().start)),
    };
    if present.ends_with('\n') {
        text.push_str(layout.newline());
    }
    let mut range = node.span().range();
    if let Some((end, gap)) = comment_gap(layout, range.clone(), &text) {
        range.end = end;
        text.push_str(&gap);
    }
    Ok(Edit { span: layout.span(range), text })
}

/// The blanks between a new value and the comment behind it, and where they end, so that the comment stays in the column
/// that it shares with those of the lines beside it.
fn comment_gap(layout: Layout<'_>, range: std::ops::Range<usize>, text: &str) -> Option<(usize, String)> {
    let present = layout.slice(range.clone());
    let rest = layout.text().get(range.end..)?;
    let gap = rest.len() - rest.trim_start_matches(' ').len();
    let comment = layout.comment_from(range.end).filter(|comment| comment.start == range.end + gap && gap > 0)?;
    let line = layout.line_start(range.start);
    let next = layout.behind_break(layout.line_end(range.end)?);
    let is_beside = |at: usize| layout.comment_in_line(at).is_some_and(|comment| !layout.is_first_in_line(comment));
    let has_neighbour = line > 0 && is_beside(layout.line_start(line - 1)) || is_beside(next);
    if !has_neighbour || present.contains('\n') || text.contains('\n') {
        return None;
    }
    let width = present.chars().count() + gap;
    Some((comment.start, " ".repeat(width.saturating_sub(text.chars().count()).max(1))))
}

/// An attribute gets another name; its `=` stays where it is if the name leaves room for it.
pub(super) fn rename(key: NodeRef<'_>, name: &str) -> Edit {
    let layout = Layout::of(key.tree());
    let range = key.span().range();
    let text = key.slice().replacen(key.as_str().unwrap_or(key.slice()), name, 1);
    let rest = layout.text().get(range.end..).unwrap_or("");
    let gap = rest.len() - rest.trim_start_matches(' ').len();
    // One blank is no alignment, as far as this line shows.
    let width = if gap > 1 { key.slice().chars().count() + gap - 1 } else { 0 };
    let text = if gap > 0 { format!("{text:width$} ") } else { text };
    Edit { span: layout.span(range.start..range.end + gap), text }
}

/// A body or an object expression gets entries behind those that it has.
pub(super) fn insert(object: NodeRef<'_>, entries: &[(String, New)]) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::new();
    let mut new = Vec::new();
    for (key, value) in entries {
        let is_labelled = matches!(value, New::Block { labels, .. } if !labels.is_empty());
        match object.get(key) {
            Some(present) if present.is_null() && !matches!(value, New::Block { .. }) => {
                edits.push(replace(present, value)?);
            }
            Some(present) if !is_labelled && matches!(present.kind(), Kind::Expr(_)) => {
                return Err(format!("`{key}` is there already, as an expression that comes to nothing"));
            }
            Some(_) if !is_labelled => return Err(format!("`{key}` is there already")),
            _ => new.push((key.clone(), value.clone())),
        }
    }
    if !new.is_empty() {
        edits.extend(match Body::of(object)? {
            Some(body) => body.insert(&new)?,
            None => vec![Expression::of(object)?.insert(&new)?],
        });
    }
    Ok(edits)
}

/// An object loses the entry of a key; comments beside it stay.
pub(super) fn remove(object: NodeRef<'_>, key: NodeRef<'_>) -> Result<Vec<Edit>, String> {
    let index = object.entries().position(|(name, _)| name.id() == key.id()).ok_or("it is not an entry")?;
    match Body::of(object)? {
        Some(body) => body.remove(index),
        None => Expression::of(object)?.remove(index),
    }
}

/// A list gets items behind those that it has.
pub(super) fn push(list: NodeRef<'_>, items: &[New]) -> Result<Edit, String> {
    Expression::of(list)?.push(items)
}

/// Blocks of a file of their own, as `terraform fmt` writes them.
pub(super) fn blocks(entries: &[(String, New)]) -> String {
    let mut text = Pen { newline: "\n", unit: "  " }.body(entries, "");
    text.push('\n');
    text
}

/// How the file at hand is written.
fn pen(layout: Layout<'_>) -> Pen<'_> {
    // `terraform fmt` knows two spaces; only tabs show that a file is not under its rule.
    Pen { newline: layout.newline(), unit: if layout.unit().starts_with('\t') { "\t" } else { "  " } }
}

/// Where the value of an entry ends, the parentheses around it included, which are no nodes.
fn value_end(layout: Layout<'_>, key: NodeRef<'_>, value: NodeRef<'_>) -> usize {
    let (key, range) = (key.span().range(), value.span().range());
    if matches!(value.node().kind, Kind::Block { .. }) {
        return range.end;
    }
    closed(layout, key.end, range)
}

/// Where an expression ends that begins behind a place, with as many parentheses as are open before it.
fn closed(layout: Layout<'_>, from: usize, range: std::ops::Range<usize>) -> usize {
    let mut at = layout.skip(from, true);
    let mut open = 0;
    while at < range.start {
        open += usize::from(layout.byte(at) == Some(b'('));
        at = layout.skip(at + 1, true);
    }
    let slice = layout.slice(range.clone());
    let mut end = range.end - (slice.len() - slice.trim_end_matches(['\n', '\r']).len());
    for _ in 0..open {
        let next = layout.skip(end, true);
        if layout.byte(next) == Some(b')') {
            end = next + 1;
        }
    }
    end
}

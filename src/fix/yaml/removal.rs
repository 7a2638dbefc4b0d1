//! Takes entries out of YAML files.

use super::lines::{self, Parent};
use crate::fix::Edit;
use crate::source::Span;
use crate::tree::{Kind, NodeRef, Style};
use std::ops::Range;

const COMMENT_INSIDE: &str = "a comment stands inside what would be removed";
const UNUSUAL: &str = "the entry is written in an unusual way";

/// An object loses the entry of a key; comments beside it stay. If it is the only entry, that of the object goes.
pub(in crate::fix) fn remove(object: NodeRef<'_>, key: NodeRef<'_>) -> Result<Vec<Edit>, String> {
    let (mut object, mut key) = (object.target(), key);
    while object.entries().count() == 1 {
        match lines::parent(object) {
            Some(Parent::Entry { object: around, key: name }) => (object, key) = (around, name),
            Some(_) => return Err("nothing would be left of the item of a list".into()),
            None => return Err("nothing would be left of the document".into()),
        }
    }
    let entries: Vec<_> = object.entries().collect();
    let index = entries.iter().position(|(name, _)| name.id() == key.id()).ok_or("it is not an entry")?;
    let Some((_, value)) = entries.get(index).copied() else { return Err("it is not an entry".into()) };
    if entries.iter().filter(|(name, _)| name.as_str() == key.as_str()).count() > 1 {
        return Err("its key is written twice".into());
    }
    let entry = Entry { object, index, entries: &entries, range: key.span().range().start..end(key, value) };
    if lines::first_comment(object.tree(), entry.range.clone()).is_some() {
        return Err(COMMENT_INSIDE.into());
    }
    if entry.is_used_elsewhere() {
        return Err("an alias elsewhere stands for something inside what would be removed".into());
    }
    let range = if object.node().style == Style::Flow { entry.in_braces()? } else { entry.on_lines()? };
    Ok(vec![Edit { span: Span::new(object.span().file, range.start, range.end), text: String::new() }])
}

fn end(key: NodeRef<'_>, value: NodeRef<'_>) -> usize {
    key.span().end.max(value.span().end).max(lines::last_leaf(value).span().end) as usize
}

/// An entry that goes.
struct Entry<'t, 'e> {
    object: NodeRef<'t>,
    index: usize,
    entries: &'e [(NodeRef<'t>, NodeRef<'t>)],
    /// From the key to the end of the value.
    range: Range<usize>,
}

impl<'t> Entry<'t, '_> {
    fn is_used_elsewhere(&self) -> bool {
        let is_inside = |node: NodeRef<'_>| {
            let range = node.span().range();
            self.range.start <= range.start && range.end <= self.range.end
        };
        self.object.tree().all().any(|node| match node.node().kind {
            Kind::Alias(Some(target)) => is_inside(node.other(target)) && !is_inside(node),
            _ => false,
        })
    }

    fn before(&self) -> Option<(NodeRef<'t>, NodeRef<'t>)> {
        self.index.checked_sub(1).and_then(|index| self.entries.get(index)).copied()
    }

    fn next_key(&self) -> Option<usize> {
        self.entries.get(self.index + 1).map(|(key, _)| key.span().range().start)
    }

    /// What goes of a block mapping.
    fn on_lines(&self) -> Result<Range<usize>, String> {
        let (tree, text) = (self.object.tree(), self.object.tree().text());
        let Range { start, end } = self.range.clone();
        let comment = lines::comment_behind(text, end)?;
        if !lines::begins_line(text, start) {
            // The first entry behind a dash: the next one moves up, or the comment before that.
            lines::column(text, self.object.span())?;
            let next = self.next_key().filter(|_| self.object.span().range().start == start).ok_or(UNUSUAL)?;
            if !lines::without_comments(tree, end..next).trim().is_empty() {
                return Err(UNUSUAL.into());
            }
            let comment = lines::first_comment(tree, end..next).map(|comment| comment.range().start);
            return Ok(start..comment.unwrap_or(next));
        }
        if self.index == 0 && self.object.span().range().start != start {
            return Err(UNUSUAL.into());
        }
        if let Some(comment) = comment {
            return Ok(start..comment);
        }
        let is_block = |leaf: &NodeRef<'_>| leaf.node().style == Style::BlockScalar;
        let value = self.entries.get(self.index).map(|(_, value)| lines::last_leaf(*value)).filter(is_block);
        let before = self.before().map(|(_, value)| lines::last_leaf(value)).filter(is_block);
        // The lines below would become part of the text above, or are part of the text that goes.
        let ends = [value, before].into_iter().flatten().map(|scalar| lines::end_of_blank_lines(text, end, scalar));
        let last = ends.max().unwrap_or(end);
        if before.is_some() && lines::is_indented_further(text, last, lines::column(text, self.object.span())?) {
            return Err("a comment below would become part of the text above".into());
        }
        let line_break = text.get(last..).and_then(|rest| rest.find('\n')).map(|at| last + at + 1);
        Ok(lines::line_start(text, start)..line_break.unwrap_or(text.len()))
    }

    /// What goes of a flow mapping.
    fn in_braces(&self) -> Result<Range<usize>, String> {
        let (tree, text) = (self.object.tree(), self.object.tree().text());
        let Range { start, end } = self.range.clone();
        let closing = self.object.span().range().end.saturating_sub(1);
        let behind = end..self.next_key().unwrap_or(closing);
        let before =
            self.before().map_or(self.object.span().range().start + 1, |(key, value)| self::end(key, value))..start;
        let signs = |range: &Range<usize>| lines::without_comments(tree, range.clone()).trim().to_string();
        let (sign_before, sign_behind) = (signs(&before), signs(&behind));
        let is_usual = sign_before == if self.index == 0 { "" } else { "," } && matches!(&*sign_behind, "" | ",");
        if !self.object.slice().starts_with('{') || !is_usual {
            return Err(UNUSUAL.into());
        }
        // The end of what goes with its comma, if a comment does not stand before that.
        let comma = text.get(behind.clone()).and_then(|behind| behind.find(',')).map(|at| end + at + 1);
        let comment = lines::first_comment(tree, behind.clone()).map(|comment| comment.range().start);
        let is_parted =
            !sign_behind.is_empty() && comment.is_some_and(|comment| comma.is_none_or(|comma| comma > comment));
        if is_parted {
            return Err("a comment stands before the comma".into());
        }
        let with_comma = if sign_behind.is_empty() { end } else { comma.unwrap_or(end) };
        let comment_here = comment.filter(|comment| *comment <= lines::line_end(text, end));
        let own_line = lines::begins_line(text, start);
        if let Some(comment) = comment_here {
            return Ok(start..if own_line { comment } else { with_comma });
        }
        let has_comment_before = lines::first_comment(tree, before.clone()).is_some();
        match self.next_key() {
            _ if self.index > 0 && !has_comment_before => Ok(before.start..end),
            Some(next) if comment.is_none() => Ok(start..next),
            _ if own_line
                && text.get(with_comma..lines::line_end(text, with_comma)).unwrap_or("").trim().is_empty() =>
            {
                let next = lines::next_line(text, with_comma).unwrap_or(closing);
                Ok(lines::line_start(text, start)..next)
            }
            _ => Ok(start..with_comma),
        }
    }
}

//! Edits of object and list expressions.

use super::super::brackets::Bracketed;
use super::super::layout::Layout;
use super::super::{Edit, New};
use super::value::{Pen, inline, key_text, quoted};
use super::{NOT_A_VALUE, closed, pen, value_end};
use crate::tree::{Kind, NodeRef};

/// An object or a list that is a value.
pub(super) struct Expression<'t> {
    node: NodeRef<'t>,
    brackets: Bracketed<'t>,
    pen: Pen<'t>,
}

impl<'t> Expression<'t> {
    /// The one of a node.
    pub fn of(node: NodeRef<'t>) -> Result<Self, String> {
        let layout = Layout::of(node.tree());
        let mut items = Vec::new();
        let mut before = node.span().range().start + 1;
        match &node.node().kind {
            Kind::Mapping(_) => {
                for (key, value) in node.entries() {
                    let end = value_end(layout, key, value);
                    items.push(key.span().range().start..end);
                }
            }
            Kind::Sequence(_) => {
                for item in node.items() {
                    let range = item.span().range();
                    let end = closed(layout, before, range.clone());
                    items.push(range.start..end);
                    before = end;
                }
            }
            _ => return Err(NOT_A_VALUE.into()),
        }
        Ok(Self { node, brackets: Bracketed::new(layout, node.span().range(), items)?, pen: pen(layout) })
    }

    /// No separator can follow the last line of a heredoc.
    fn check_separator(&self) -> Result<(), String> {
        let Some(last) = self.brackets.items.last() else { return Ok(()) };
        let is_last = |node: &NodeRef<'_>| {
            node.slice().starts_with("<<") && {
                let range = node.span().range();
                range.start >= last.start && range.start + node.slice().trim_end().len() == last.end
            }
        };
        let mentions_heredoc = self.brackets.layout.slice(last.clone()).contains("<<");
        if self.brackets.comma(last).is_none() && mentions_heredoc && self.node.tree().all().any(|node| is_last(&node))
        {
            return Err("a heredoc stands before its place".into());
        }
        Ok(())
    }

    /// Adds entries to an object.
    pub fn insert(&self, entries: &[(String, New)]) -> Result<Edit, String> {
        let has_quotes = self.node.entries().last().is_some_and(|(key, _)| key.slice().starts_with('"'));
        let name = |key: &str| if has_quotes { quoted(key) } else { key_text(key) };
        let sign = self.sign();
        let has_own_lines = self.brackets.has_own_lines();
        let commas = has_own_lines && self.has_commas();
        if commas || !has_own_lines {
            self.check_separator()?;
        }
        if !has_own_lines {
            let items = entries.iter().map(|(key, value)| format!("{}{sign}{}", name(key), inline(value)));
            return Ok(self.brackets.append_inline(&items.collect::<Vec<_>>(), " "));
        }
        let indentation = self.brackets.indentation(self.pen.unit);
        let texts: Vec<(String, String)> =
            entries.iter().map(|(key, value)| (name(key), self.pen.expression(value, &indentation))).collect();
        if !sign.contains('=') {
            let lines = texts.iter().map(|(key, text)| format!("{indentation}{key}{sign}{text}"));
            return self.brackets.append_lines(&lines.collect::<Vec<_>>(), commas);
        }
        let width = self.width();
        let fits = width.is_none_or(|width| texts.iter().all(|(key, _)| key.chars().count() <= width));
        let least = width.filter(|_| fits).unwrap_or(0);
        let mut lines = self.pen.aligned(&texts, least, &indentation);
        if let (false, Some(first)) = (fits, lines.first_mut()) {
            first.insert_str(0, self.pen.newline);
        }
        self.brackets.append_lines(&lines, commas)
    }

    /// What stands between key and value.
    fn sign(&self) -> &'t str {
        let Some((key, value)) = self.node.entries().last() else { return " = " };
        let between = self.brackets.layout.slice(key.span().range().end..value.span().range().start);
        match (between.contains('='), between.starts_with(' ')) {
            (true, _) => " = ",
            (false, true) => " : ",
            (false, false) => ": ",
        }
    }

    /// The width of the keys that new ones are aligned with; none if there are none, or if they are not aligned.
    fn width(&self) -> Option<usize> {
        let chain: Vec<(NodeRef<'t>, NodeRef<'t>)> = self.node.entries().collect();
        super::body::width_of(self.brackets.layout, &chain, chain.len())
    }

    /// Whether entries on lines of their own end with a separator.
    fn has_commas(&self) -> bool {
        let Some((last, before)) = self.brackets.items.split_last() else { return false };
        match before.last() {
            Some(before) => self.brackets.comma(before).is_some(),
            None => self.brackets.comma(last).is_some(),
        }
    }

    /// Takes an entry out.
    pub fn remove(&self, index: usize) -> Result<Vec<Edit>, String> {
        let key = self.node.entries().nth(index).map(|(key, _)| key.span().range().start).unwrap_or(0);
        if self.brackets.layout.slice(0..key).trim_end().ends_with('(') {
            return Err("its name is computed".into());
        }
        self.brackets.remove(index)
    }

    /// Adds items to a list.
    pub fn push(&self, items: &[New]) -> Result<Edit, String> {
        if !self.node.is_sequence() {
            return Err("it is not a list".into());
        }
        self.check_separator()?;
        if !self.brackets.has_own_lines() {
            return Ok(self.brackets.append_inline(&items.iter().map(inline).collect::<Vec<_>>(), ""));
        }
        let indentation = self.brackets.indentation(self.pen.unit);
        let lines = items.iter().map(|item| format!("{indentation}{}", self.pen.expression(item, &indentation)));
        self.brackets.append_lines(&lines.collect::<Vec<_>>(), true)
    }
}

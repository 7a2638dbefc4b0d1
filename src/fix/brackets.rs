//! What stands in brackets with separators between: objects and lists of JSON, object and list expressions of HCL.
//! Called by [`super::json`] and [`super::hcl`], which write the items.

use super::Edit;
use super::layout::Layout;
use std::ops::Range;

/// Why something with a comment in it is not removed.
pub(super) const COMMENT_INSIDE: &str = "a comment stands inside what would be removed";

/// A list or an object.
pub(super) struct Bracketed<'t> {
    /// The text around it.
    pub layout: Layout<'t>,
    /// What is between the brackets.
    pub inside: Range<usize>,
    /// The items, without separators, in order.
    pub items: Vec<Range<usize>>,
}

impl<'t> Bracketed<'t> {
    /// One whose brackets are the first and the last byte of a range.
    pub fn new(layout: Layout<'t>, range: Range<usize>, items: Vec<Range<usize>>) -> Result<Self, String> {
        let open = layout.byte(range.start);
        let is_closed = range.len() >= 2
            && matches!((open, layout.byte(range.end - 1)), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')));
        let is_in_order = items.windows(2).all(|pair| matches!(pair, [first, second] if first.end <= second.start));
        if !is_closed || !is_in_order {
            return Err("it is written in a way that archlint does not know".into());
        }
        Ok(Self { layout, inside: range.start + 1..range.end - 1, items })
    }

    /// Whether an item has a line to itself.
    pub fn has_own_lines(&self) -> bool {
        let Some(last) = self.items.last() else {
            return self.layout.slice(self.inside.clone()).contains('\n');
        };
        let before = self.items.len().checked_sub(2).and_then(|index| self.items.get(index));
        let before = before.map_or(self.inside.start, |item| item.end);
        self.layout.slice(before..last.start).contains('\n')
    }

    /// The indentation of items that have lines of their own.
    pub fn indentation(&self, unit: &str) -> String {
        match self.items.last() {
            Some(last) => self.layout.indentation(last.start).to_string(),
            None => format!("{}{unit}", self.layout.indentation(self.inside.start)),
        }
    }

    /// The place of the separator behind an item.
    pub fn comma(&self, item: &Range<usize>) -> Option<usize> {
        let at = self.layout.skip(item.end, true);
        (at < self.inside.end && self.layout.byte(at) == Some(b',')).then_some(at)
    }

    /// Adds lines behind the items; each of them is indented already, and has no separator. `commas`: whether lines end
    /// with one.
    pub fn append_lines(&self, lines: &[String], commas: bool) -> Result<Edit, String> {
        let newline = self.layout.newline();
        let separator = if commas { "," } else { "" };
        let joined = lines.join(&format!("{separator}{newline}"));
        let Some(last) = self.items.last() else { return Ok(self.first_lines(&joined)) };
        let comma = self.comma(last);
        let end = comma.map_or(last.end, |comma| comma + 1);
        // Comments in the line of the last item stay there; the separator goes before them.
        let at = self.layout.line_end(end).unwrap_or(end).min(self.inside.end);
        let between = self.layout.slice(end..at);
        if comma.is_some() {
            let text = format!("{newline}{joined}{separator}");
            return Ok(Edit { span: self.layout.span(at..at), text });
        }
        if between.trim().is_empty() {
            return Ok(Edit { span: self.layout.span(end..end), text: format!("{separator}{newline}{joined}") });
        }
        if commas {
            // The separator takes the place of a blank, so that the comment stays in its column.
            let between = between.strip_prefix(' ').filter(|rest| rest.starts_with(' ')).unwrap_or(between);
            let text = format!(",{between}{newline}{joined}");
            return Ok(Edit { span: self.layout.span(end..at), text });
        }
        Ok(Edit { span: self.layout.span(at..at), text: format!("{newline}{joined}") })
    }

    /// Lines where there are no items yet.
    fn first_lines(&self, lines: &str) -> Edit {
        let newline = self.layout.newline();
        let inside = self.layout.slice(self.inside.clone());
        let content = self.inside.start + inside.trim_end().len();
        let text = format!("{newline}{lines}{newline}{}", self.layout.indentation(self.inside.start));
        let is_broken = self.layout.slice(content..self.inside.end).contains('\n');
        if is_broken && content > self.inside.start {
            // Only comments.
            return Edit { span: self.layout.span(content..content), text: format!("{newline}{lines}") };
        }
        Edit { span: self.layout.span(content..self.inside.end), text }
    }

    /// Adds items behind the others in their line; `pad` stands inside the brackets where there was nothing.
    pub fn append_inline(&self, items: &[String], pad: &str) -> Edit {
        let joined = items.join(", ");
        let Some(last) = self.items.last() else {
            let inside = self.layout.slice(self.inside.clone());
            if inside.trim().is_empty() {
                return Edit { span: self.layout.span(self.inside.clone()), text: format!("{pad}{joined}{pad}") };
            }
            let at = self.inside.start + inside.trim_end().len();
            return Edit { span: self.layout.span(at..at), text: format!(" {joined}") };
        };
        match self.comma(last) {
            Some(comma) => Edit { span: self.layout.span(comma + 1..comma + 1), text: format!(" {joined},") },
            None => Edit { span: self.layout.span(last.end..last.end), text: format!(", {joined}") },
        }
    }

    /// Takes an item out, and the separator that it leaves over.
    pub fn remove(&self, index: usize) -> Result<Vec<Edit>, String> {
        let item = self.items.get(index).ok_or("it is not an entry")?;
        if self.layout.has_comment(item.clone()) {
            return Err(COMMENT_INSIDE.into());
        }
        let before = index.checked_sub(1).and_then(|index| self.items.get(index));
        let next = self.items.get(index + 1);
        let comma = self.comma(item);
        let own_end = comma.map_or(item.end, |comma| comma + 1);
        let cut = |range: Range<usize>| Edit { span: self.layout.span(range), text: String::new() };
        let mut edits = Vec::new();
        // The separator before the last item goes where none stood behind it.
        if let (Some(before), None, None) = (before, next, comma)
            && let Some(comma) = self.comma(before)
        {
            edits.push(cut(comma..comma + 1));
        }
        let gap = comma.map_or(0..0, |comma| item.end..comma);
        if self.layout.has_comment(gap.clone()) {
            edits.push(cut(item.clone()));
            edits.push(cut(gap.end..gap.end + 1));
            return Ok(edits);
        }
        if let (true, Some(end)) = (self.layout.is_first_in_line(item.start), self.layout.line_end(own_end)) {
            let is_alone = self.layout.slice(own_end..end).trim().is_empty();
            edits.push(if is_alone {
                let start = self.layout.line_start(item.start);
                cut(self.layout.with_spare_blank(start..self.layout.behind_break(end), &self.inside))
            } else {
                // The comment behind it gets the line.
                let comment = self.layout.comment_from(own_end).map_or(own_end, |comment| comment.start);
                cut(item.start..comment)
            });
            return Ok(edits);
        }
        let lone = next.is_none() && before.is_none() && !self.layout.has_comment(self.inside.clone());
        edits.push(match (before, next) {
            _ if lone => return Ok(vec![cut(self.inside.clone())]),
            (_, Some(next))
                if !self.layout.has_comment(own_end..next.start)
                    && !self.layout.slice(own_end..next.start).contains('\n') =>
            {
                cut(item.start..next.start)
            }
            (Some(before), None) => {
                let start = self.comma(before).map_or(before.end, |comma| comma + 1);
                if self.layout.slice(start..item.start).trim().is_empty() {
                    cut(start..own_end)
                } else {
                    cut(item.start..own_end)
                }
            }
            _ => cut(item.start..own_end),
        });
        Ok(edits)
    }
}

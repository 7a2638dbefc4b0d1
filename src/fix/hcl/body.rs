//! Edits of the bodies of blocks, and of files.

use super::super::brackets::COMMENT_INSIDE;
use super::super::layout::Layout;
use super::super::{Edit, New};
use super::value::{Pen, is_even};
use super::{pen, value_end};
use crate::tree::{Kind, NodeRef, Style};
use std::ops::Range;

/// Arguments that Terraform itself reads; people write them first and apart.
const META_ARGUMENTS: [&str; 7] = ["count", "depends_on", "for_each", "provider", "providers", "source", "version"];
const UNUSUAL: &str = "the block is written in a way that archlint does not know";

type Pair<'t> = (NodeRef<'t>, NodeRef<'t>);

/// The body of a block, or a whole file.
pub(super) struct Body<'t> {
    layout: Layout<'t>,
    pen: Pen<'t>,
    /// What is between the braces.
    inside: Range<usize>,
    is_file: bool,
    entries: Vec<Pair<'t>>,
    indentation: String,
}

/// Attributes in consecutive lines.
struct Run<'b, 't> {
    attributes: &'b [Pair<'t>],
    /// Where its last line ends.
    end: usize,
}

impl<'t> Body<'t> {
    /// The body that a node is or has; `None` if it is an object expression.
    pub fn of(node: NodeRef<'t>) -> Result<Option<Self>, String> {
        let tree = node.tree();
        let layout = Layout::of(tree);
        let pen = pen(layout);
        let is_file = tree.documents().next().is_some_and(|root| root.id() == node.id());
        let inside = match &node.node().kind {
            Kind::Mapping(_) if is_file => layout.line_start(0)..layout.text().len(),
            Kind::Mapping(_) if node.node().style != Style::Block => return Ok(None),
            Kind::Mapping(_) => shrunk(layout, node.span().range())?,
            Kind::Block { body, .. } => shrunk(layout, node.other(*body).span().range())?,
            _ => return Err("it is not an object".into()),
        };
        let entries: Vec<Pair<'t>> = node.entries().collect();
        let first = entries.iter().map(|(key, _)| key.span().range().start).find(|at| layout.is_first_in_line(*at));
        let indentation = match first {
            Some(at) => layout.indentation(at).to_string(),
            None if is_file => String::new(),
            None => format!("{}{}", layout.indentation(inside.start), pen.unit),
        };
        Ok(Some(Self { layout, pen, inside, is_file, entries, indentation }))
    }

    /// Adds attributes behind the first group of attributes and blocks at the end.
    pub fn insert(&self, new: &[(String, New)]) -> Result<Vec<Edit>, String> {
        let content = self.layout.slice(self.inside.clone());
        if self.is_file && content.trim().is_empty() {
            let text = format!("{}{}", self.pen.body(new, ""), self.pen.newline);
            return Ok(vec![self.at(self.inside.end, text)]);
        }
        if !self.is_file && content.trim().is_empty() {
            let text = self.pen.body(new, &self.indentation);
            return Ok(vec![Edit { span: self.layout.span(self.inside.clone()), text: self.framed(&text) }]);
        }
        let is_block = |(_, value): &&(String, New)| matches!(value, New::Block { .. });
        let (blocks, attributes): (Vec<_>, Vec<_>) = new.iter().partition(is_block);
        let blocks: Vec<(String, New)> = blocks.into_iter().cloned().collect();
        let attributes = attributes
            .into_iter()
            .map(|(key, value)| (key.clone(), self.pen.expression(value, &self.indentation)))
            .collect::<Vec<_>>();
        if !self.is_file && !content.contains('\n') {
            return self.unfold(&attributes, &blocks).map(|edit| vec![edit]);
        }
        let mut edits = Vec::new();
        if !attributes.is_empty() {
            edits.extend(self.add_attributes(&attributes)?);
        }
        if !blocks.is_empty() {
            edits.push(self.add_blocks(&blocks)?);
        }
        Ok(edits)
    }

    fn at(&self, at: usize, text: String) -> Edit {
        Edit { span: self.layout.span(at..at), text }
    }

    /// Lines between the braces of the body.
    fn framed(&self, lines: &str) -> String {
        let newline = self.pen.newline;
        format!("{newline}{lines}{newline}{}", self.layout.indentation(self.inside.start))
    }

    /// Where what is in the body ends.
    fn content_end(&self) -> usize {
        self.inside.start + self.layout.slice(self.inside.clone()).trim_end().len()
    }

    /// A body on one line becomes one on several.
    fn unfold(&self, attributes: &[(String, String)], blocks: &[(String, New)]) -> Result<Edit, String> {
        let newline = self.pen.newline;
        let mut text = format!("{}{}", self.indentation, self.layout.slice(self.inside.clone()).trim());
        if !attributes.is_empty() {
            let width = width_of(self.layout, &self.entries, self.entries.len());
            let fits = width.is_none_or(|width| attributes.iter().all(|attribute| joins(attribute, width)));
            let least = width.filter(|_| fits).unwrap_or(0);
            let gap = if fits { newline.to_string() } else { newline.repeat(2) };
            text.push_str(&format!("{gap}{}", self.pen.group(attributes, least, &self.indentation)));
        }
        if !blocks.is_empty() {
            text.push_str(&format!("{}{}", newline.repeat(2), self.pen.body(blocks, &self.indentation)));
        }
        Ok(Edit { span: self.layout.span(self.inside.clone()), text: self.framed(&text) })
    }

    fn add_blocks(&self, blocks: &[(String, New)]) -> Result<Edit, String> {
        let end = self.content_end();
        if !self.is_file && !self.layout.slice(end..self.inside.end).contains('\n') {
            return Err(UNUSUAL.into());
        }
        let text = format!("{}{}", self.pen.newline.repeat(2), self.pen.body(blocks, &self.indentation));
        Ok(self.at(end, text))
    }

    fn add_attributes(&self, new: &[(String, String)]) -> Result<Vec<Edit>, String> {
        let newline = self.pen.newline;
        let Some((run, is_apart)) = self.run(new) else {
            return self.add_first_attributes(new).map(|edit| vec![edit]);
        };
        // Single lines go behind the last single line, as long as nothing has to be aligned anew for them.
        let is_single = |(key, value): &Pair<'t>| !self.layout.slice(self.range(*key, *value)).contains('\n');
        let singles = run.attributes.iter().rposition(is_single).map_or(0, |last| last + 1);
        let mut joining = Vec::new();
        let mut apart = new.to_vec();
        let mut edits = Vec::new();
        if let (false, Some((key, value))) =
            (is_apart, singles.checked_sub(1).and_then(|last| run.attributes.get(last)))
        {
            let width = width_of(self.layout, run.attributes, singles);
            let fits = |attribute: &(String, String)| width.is_none_or(|width| joins(attribute, width));
            // One group stays one group: all that are on one line join, or none.
            if new.iter().filter(|(_, text)| !text.contains('\n')).all(fits) {
                (joining, apart) = new.iter().cloned().partition(|(_, text)| !text.contains('\n'));
            }
            if !joining.is_empty() {
                let at = self.layout.line_end(self.range(*key, *value).end).ok_or(UNUSUAL)?;
                let lines = self.pen.group(&joining, width.unwrap_or(0), &self.indentation);
                edits.push(self.at(at, format!("{newline}{lines}")));
            }
        }
        if !apart.is_empty() {
            let mut text = format!("{}{}", newline.repeat(2), self.pen.group(&apart, 0, &self.indentation));
            let next = self.layout.behind_break(run.end);
            let is_last = self.content_end() <= run.end;
            if !is_last && !self.layout.is_blank_line(next) {
                text.push_str(newline);
            }
            edits.push(self.at(run.end, text));
        }
        Ok(edits)
    }

    /// Attributes of a body that has none: before its blocks, or behind its comments.
    fn add_first_attributes(&self, new: &[(String, String)]) -> Result<Edit, String> {
        let newline = self.pen.newline;
        let lines = self.pen.group(new, 0, &self.indentation);
        if self.entries.is_empty() {
            return Ok(self.at(self.content_end(), format!("{newline}{lines}")));
        }
        if self.is_file {
            return Err("the file holds blocks".into());
        }
        let at = self.layout.line_end(self.inside.start).ok_or(UNUSUAL)?;
        let is_blank = self.layout.is_blank_line(self.layout.behind_break(at));
        Ok(self.at(at, format!("{newline}{lines}{}", if is_blank { "" } else { newline })))
    }

    /// The first group of attributes that new ones join as they are aligned there, of those that are not all Terraform's
    /// own; if they join none, the first such group; else the last one, and that new ones stay apart.
    fn run(&self, new: &[(String, String)]) -> Option<(Run<'_, 't>, bool)> {
        let (mut own, mut first) = (None, None);
        let mut start = 0;
        while start < self.entries.len() {
            let run = self.run_from(start)?;
            let length = run.attributes.len();
            let is_own = |(key, _): &Pair<'t>| key.as_str().is_some_and(|name| META_ARGUMENTS.contains(&name));
            start += length.max(1);
            if length == 0 {
                continue;
            }
            let is_candidate = self.is_file || !run.attributes.iter().all(is_own);
            if is_candidate && self.is_joined(&run, new) {
                return Some((run, false));
            } else if is_candidate {
                first = first.or(Some((run, false)));
            } else {
                own = Some((run, true));
            }
        }
        first.or(own)
    }

    /// Whether attributes can stand in a group without any of it being aligned anew: several lines that are aligned show
    /// where.
    fn is_joined(&self, run: &Run<'_, 't>, new: &[(String, String)]) -> bool {
        let is_plain = |(_, text): &(String, String)| !text.contains('\n');
        let width = width_of(self.layout, run.attributes, run.attributes.len());
        run.attributes.len() > 1 && width.is_some_and(|width| new.iter().all(|one| is_plain(one) && joins(one, width)))
    }

    /// The attributes from an index on that stand in consecutive lines; none if a block is there.
    fn run_from(&self, start: usize) -> Option<Run<'_, 't>> {
        let mut end = self.inside.start;
        let mut count = 0;
        for (key, value) in self.entries.get(start..)? {
            let is_block = matches!(value.node().kind, Kind::Block { .. });
            let follows =
                count == 0 || self.layout.line_start(key.span().range().start) == self.layout.behind_break(end);
            if is_block || !follows {
                break;
            }
            let value_end = self.range(*key, *value).end;
            end = self.layout.line_end(value_end)?;
            count += 1;
        }
        Some(Run { attributes: self.entries.get(start..start + count)?, end })
    }

    fn range(&self, key: NodeRef<'t>, value: NodeRef<'t>) -> Range<usize> {
        key.span().range().start..value_end(self.layout, key, value)
    }

    /// Takes an attribute or a block out, with its lines.
    pub fn remove(&self, index: usize) -> Result<Vec<Edit>, String> {
        let (key, value) = self.entries.get(index).ok_or("it is not an entry")?;
        let range = self.range(*key, *value);
        if self.layout.has_comment(range.clone()) {
            return Err(COMMENT_INSIDE.into());
        }
        let cut = |range: Range<usize>| vec![Edit { span: self.layout.span(range), text: String::new() }];
        let is_lone = self.entries.len() == 1 && !self.layout.has_comment(self.inside.clone());
        if is_lone && !self.is_file && !self.layout.slice(self.inside.clone()).contains('\n') {
            return Ok(cut(self.inside.clone()));
        }
        let end = self.layout.line_end(range.end);
        let (true, Some(end)) = (self.layout.is_first_in_line(range.start), end) else {
            return Ok(cut(range));
        };
        if let Some(comment) = self.layout.comment_from(range.end).filter(|comment| comment.start < end) {
            return Ok(cut(range.start..comment.start));
        }
        let lines = self.layout.line_start(range.start)..self.layout.behind_break(end);
        Ok(cut(self.layout.with_spare_blank(lines, &self.inside)))
    }
}

/// What is between the braces of a body.
fn shrunk(layout: Layout<'_>, range: Range<usize>) -> Result<Range<usize>, String> {
    let is_closed =
        range.len() >= 2 && layout.byte(range.start) == Some(b'{') && layout.byte(range.end - 1) == Some(b'}');
    if is_closed { Ok(range.start + 1..range.end - 1) } else { Err(UNUSUAL.into()) }
}

/// Whether an attribute can stand in a group whose names have a width.
fn joins((name, text): &(String, String), width: usize) -> bool {
    name.chars().count() <= width || !is_even(text)
}

/// The width of the names of the first `count` attributes that end in consecutive lines, if they are aligned: what is
/// behind the last one joins them.
pub(super) fn width_of(layout: Layout<'_>, attributes: &[Pair<'_>], count: usize) -> Option<usize> {
    let mut column = None;
    let mut below: Option<usize> = None;
    for (key, value) in attributes.get(..count)?.iter().rev() {
        let mut range = key.span().range();
        // A key in parentheses begins with them.
        range.start = layout.slice(0..range.start).trim_end_matches('(').len();
        let mut end = value_end(layout, *key, *value);
        let behind = layout.skip(end, false);
        if layout.byte(behind) == Some(b',') {
            end = behind + 1;
        }
        // A heredoc counts as one line.
        let is_line = value.slice().starts_with("<<") || !layout.slice(range.start..end).contains('\n');
        let is_single = is_line && layout.is_first_in_line(range.start);
        let follows = below.is_none_or(|below| layout.line_end(end).map(|end| layout.behind_break(end)) == Some(below));
        if !is_single && column.is_none() && layout.is_first_in_line(range.start) {
            return None;
        }
        if !(is_single && follows) && column.is_some() {
            break;
        }
        let mut sign = layout.skip(range.end, false);
        while layout.byte(sign) == Some(b')') {
            sign = layout.skip(sign + 1, false);
        }
        let width = layout.slice(range.start..sign).chars().count().saturating_sub(1);
        let is_crowded = width < layout.slice(range.clone()).chars().count();
        if is_crowded || column.is_some_and(|column| column != width) {
            return None;
        }
        column = Some(width);
        below = Some(layout.line_start(range.start));
    }
    column
}

//! Writes edits of YAML, block style and flow style, in the layout that the file has.
//!
//! [`lines`] knows where something ends and what shares its lines, [`layout`] how the file is laid out and how a new
//! value is written in it, [`scalar`] when a text needs quotes, and [`removal`] takes entries out. Called by
//! [`super::place`]; [`document`] by what writes new files.

mod layout;
mod lines;
mod removal;
mod scalar;
#[cfg(test)]
mod tests;

use super::{Edit, New};
use crate::source::Span;
use crate::tree::{Kind, NodeRef, Style};
pub(super) use layout::Layout;
use lines::Parent;
pub(super) use removal::remove;

/// A scalar or an empty value becomes another value, in the style of the present one where it can be.
pub(super) fn replace(node: NodeRef<'_>, value: &New, file: &Layout) -> Result<Edit, String> {
    let node = node.target();
    let text = node.tree().text();
    if node.node().tag.is_some() {
        return Err("the value has a tag".into());
    }
    if !matches!(node.node().kind, Kind::Scalar(_) | Kind::Null) {
        return Err("only a single value can be replaced".into());
    }
    let span = node.span();
    if lines::first_comment(node.tree(), span.range()).is_some() {
        return Err("a comment stands inside what would be removed".into());
    }
    let is_empty = span.start == span.end;
    if is_empty && !lines::is_behind_sign(text, span.range().start) {
        return Err("it is not certain where the value would stand".into());
    }
    let parent = lines::parent(node);
    let layout = file.around(parent);
    let quote = (node.node().style == Style::Quoted).then(|| lines::quote_of(node));
    let in_place = match parent {
        Some(Parent::Key) => return Err("a key cannot be replaced".into()),
        Some(Parent::Entry { object: around, .. } | Parent::Item { list: around })
            if around.node().style == Style::Flow =>
        {
            Some(layout.flow(value, quote)?)
        }
        _ => layout.single(value, quote)?,
    };
    match in_place {
        Some(written) if is_empty => Ok(Edit { span, text: format!(" {written}") }),
        Some(written) => Ok(Edit { span, text: written }),
        None => nested(node, parent, value, &layout),
    }
}

/// A collection in the place of a single value: below its key or its dash, and what stands behind the value stays.
fn nested(node: NodeRef<'_>, parent: Option<Parent<'_>>, value: &New, layout: &Layout) -> Result<Edit, String> {
    let text = node.tree().text();
    let mut body = String::new();
    if let (Some(Parent::Item { .. }), Ok(None), Ok(column)) =
        (parent, lines::comment_behind(text, node.span().range().end), lines::column(text, node.span()))
        && !node.slice().is_empty()
        && !lines::begins_line(text, node.span().range().start)
    {
        // Behind its dash, where the value was.
        layout.lines(value, column, &mut body)?;
        return Ok(Edit { span: node.span(), text: body });
    }
    match parent {
        Some(Parent::Entry { key, .. }) => layout.behind_key(value, lines::column(text, key.span())?, &mut body)?,
        Some(Parent::Item { list }) => {
            let column = lines::column(text, list.span())? + 2;
            layout.break_line(column, &mut body);
            layout.lines(value, column, &mut body)?;
        }
        _ => return Err("the value is the whole document".into()),
    }
    let range = node.span().range();
    let start = text.get(..range.start).unwrap_or("").trim_end().len();
    let end = lines::line_end(text, range.end);
    let has_comment = lines::comment_behind(text, range.end)?.is_some();
    let is_below = text.get(start..range.start).unwrap_or("").contains('\n');
    if has_comment && is_below {
        return Err("comments stand on both sides of the value".into());
    }
    let rest = text.get(range.end..end).unwrap_or("");
    Ok(Edit { span: Span::new(node.span().file, start, end), text: format!("{rest}{body}") })
}

/// An object gets entries behind those that it has. What is there without a value gets its value.
pub(super) fn insert(object: NodeRef<'_>, entries: &[(String, New)], file: &Layout) -> Result<Edit, String> {
    let object = object.target();
    if object.is_null() {
        return replace(object, &New::Object(entries.to_vec()), file);
    }
    if let Some(edit) = opened(object, entries, file) {
        return edit;
    }
    let mut edits = Vec::new();
    let mut missing = Vec::new();
    for (name, value) in entries {
        match (object.get(name), value) {
            (None, _) => missing.push((name.clone(), value.clone())),
            (Some(present), value) if matches!(present.node().kind, Kind::Null) => {
                edits.push(replace(present, value, file)?);
            }
            (Some(present), New::Object(inner) | New::Block { body: inner, .. }) if matches!(&present.node().kind, Kind::Mapping(pairs) if pairs.is_empty()) =>
            {
                edits.push(insert(present, inner, file)?);
            }
            _ => return Err(format!("`{name}` is there already")),
        }
    }
    if !missing.is_empty() {
        let is_block = object.node().style == Style::Block;
        edits.push(if is_block {
            append_lines(object, &missing, file)?
        } else {
            append_in_braces(object, &missing, file)?
        });
    }
    joined(object, edits)
}

/// Empty braces in a block mapping become lines if what goes into them is nested; braces in braces are hard to read.
fn opened(object: NodeRef<'_>, entries: &[(String, New)], file: &Layout) -> Option<Result<Edit, String>> {
    let is_nested = entries.iter().any(|(_, value)| matches!(value, New::List(_) | New::Object(_) | New::Block { .. }));
    let has_comment = lines::first_comment(object.tree(), object.span().range()).is_some();
    if !is_nested || has_comment || object.node().style != Style::Flow || object.entries().next().is_some() {
        return None;
    }
    let parent = lines::parent(object);
    let is_in_lines =
        matches!(parent, Some(Parent::Entry { object: around, .. }) if around.node().style == Style::Block);
    let value = New::Object(entries.to_vec());
    is_in_lines.then(|| nested(object, parent, &value, &file.around(parent)))
}

/// Several edits as one that spans them all.
fn joined(node: NodeRef<'_>, mut edits: Vec<Edit>) -> Result<Edit, String> {
    edits.sort_by_key(|edit| edit.span.start);
    let mut edits = edits.into_iter();
    let mut whole = edits.next().ok_or("there is nothing to write")?;
    for edit in edits {
        let between = whole.span.range().end..edit.span.range().start;
        whole.text.push_str(node.tree().text().get(between).ok_or("two of its edits overlap")?);
        whole.text.push_str(&edit.text);
        whole.span.end = edit.span.end;
    }
    Ok(whole)
}

/// Entries on lines of their own in a block mapping: below its last entry, but single values not below a long one, where
/// nobody would see whose they are, nor below a deep one, if there is a better place.
fn append_lines(object: NodeRef<'_>, entries: &[(String, New)], file: &Layout) -> Result<Edit, String> {
    let (Some((first, _)), Some((_, last))) = (object.entries().next(), object.entries().last()) else {
        return Err("its place is not a value of its own".into());
    };
    if first.span().start != object.span().start {
        return Err("the keys are written in an unusual way".into());
    }
    let text = object.tree().text();
    let column = lines::column(text, first.span())?;
    let layout = file.of_object(object);
    let is_nested = |value: &New| matches!(value, New::List(_) | New::Object(_) | New::Block { .. } | New::Raw(_));
    let goes_last = entries.iter().any(|(_, value)| is_nested(value));
    let short = || object.entries().map(|(_, value)| value).filter(|value| !lines::is_long(*value));
    let flat = || short().filter(|value| !lines::is_deep(*value)).last();
    let neighbour = if goes_last { Some(last) } else { flat().or_else(|| short().last()) };
    let mut out = String::new();
    let at = match neighbour {
        None if !lines::is_below_comment(text, first.span().range().start) => {
            layout.entries(entries, column, &mut out)?;
            layout.break_line(column, &mut out);
            first.span().range().start
        }
        neighbour => {
            layout.break_line(column, &mut out);
            layout.entries(entries, column, &mut out)?;
            lines::end_below(neighbour.unwrap_or(last), column)?
        }
    };
    Ok(Edit { span: Span::new(object.span().file, at, at), text: out })
}

/// Entries behind the last one of a flow mapping.
fn append_in_braces(object: NodeRef<'_>, entries: &[(String, New)], file: &Layout) -> Result<Edit, String> {
    let layout = file.of_object(object);
    let written = entries.iter().map(|(name, value)| layout.flow_entry(name, value)).collect::<Result<Vec<_>, _>>()?;
    let children: Vec<_> = object.entries().map(|(key, value)| (key.span(), value)).collect();
    append_in_brackets(object, &layout, &children, &written)
}

/// A list gets items behind those that it has.
pub(super) fn push(list: NodeRef<'_>, items: &[New], file: &Layout) -> Result<Edit, String> {
    let list = list.target();
    let text = list.tree().text();
    let mut layout = *file;
    let last = list.items().last();
    // A list of quoted texts goes on as one.
    layout.text_quote = last.filter(|last| last.node().style == Style::Quoted).map(lines::quote_of);
    if list.node().style == Style::Flow {
        let written = items.iter().map(|item| layout.flow(item, layout.text_quote)).collect::<Result<Vec<_>, _>>()?;
        let children: Vec<_> = list.items().map(|item| (item.span(), item)).collect();
        return append_in_brackets(list, &layout, &children, &written);
    }
    let Some(last) = last.filter(|_| list.slice().starts_with('-')) else {
        return Err("its place is not a value of its own".into());
    };
    let column = lines::column(text, list.span())?;
    let at = lines::end_below(last, column)?;
    let mut out = String::new();
    layout.break_line(column, &mut out);
    layout.items(items, column, &mut out)?;
    Ok(Edit { span: Span::new(list.span().file, at, at), text: out })
}

/// Puts more behind what a flow collection has, in a line or on lines of their own, as the present ones are.
/// `children`: where each begins, and the node that it ends with.
fn append_in_brackets(
    node: NodeRef<'_>,
    layout: &Layout,
    children: &[(Span, NodeRef<'_>)],
    written: &[String],
) -> Result<Edit, String> {
    let (text, span) = (node.tree().text(), node.span());
    let is_bracketed = node.slice().starts_with(['{', '[']) && node.slice().ends_with(['}', ']']);
    if !is_bracketed || node.slice().len() < 2 {
        return Err("its place is not a value of its own".into());
    }
    let closing = span.range().end - 1;
    let Some((begin, last)) = children.last() else {
        let inside = span.range().start + 1..closing;
        let is_blank = text.get(inside.clone()).is_some_and(|inside| inside.trim().is_empty());
        if !is_blank {
            return Err("a comment stands where it would be written".into());
        }
        let pad = if node.is_mapping() && (layout.is_padded || !inside.is_empty()) { " " } else { "" };
        let text = format!("{pad}{}{pad}", written.join(", "));
        return Ok(Edit { span: Span::new(span.file, inside.start, inside.end), text });
    };
    let end = last.span().range().end;
    if last.node().kind == Kind::Null && last.slice().is_empty() {
        return Err("the last value is empty".into());
    }
    let has_comma = lines::without_comments(node.tree(), end..closing).contains(',');
    let start = begin.range().start;
    if !lines::begins_line(text, start) {
        let separator = separator(text, children);
        let more: String = written.iter().map(|written| format!("{separator}{written}")).collect();
        return Ok(Edit { span: Span::new(span.file, end, end), text: more });
    }
    let line_end = lines::line_end(text, end);
    let rest = text.get(end..line_end.min(closing)).unwrap_or("");
    let comma_is_here = lines::without_comments(node.tree(), end..line_end.min(closing)).contains(',');
    if has_comma && !comma_is_here {
        return Err("a comma stands on a line of its own".into());
    }
    let indentation = " ".repeat(lines::column(text, *begin)?);
    let lines: Vec<String> = written.iter().map(|one| format!("{}{indentation}{one}", layout.newline)).collect();
    let lines = lines.join(",");
    let is_last_of_line = line_end < closing;
    let (span_end, text) = match (is_last_of_line, has_comma) {
        (true, true) => (line_end, format!("{rest}{lines},")),
        (true, false) => (line_end, format!(",{rest}{lines}")),
        (false, _) => (end, format!(",{lines}")),
    };
    Ok(Edit { span: Span::new(span.file, end, span_end), text })
}

/// What stands between the last two children of a flow collection on one line.
fn separator<'t>(text: &'t str, children: &[(Span, NodeRef<'_>)]) -> &'t str {
    let between = children.windows(2).last().and_then(|pair| {
        let range = pair[0].1.span().range().end..pair[1].0.range().start;
        text.get(range).filter(|between| between.starts_with(',') && between.trim_end_matches(' ') == ",")
    });
    between.unwrap_or(", ")
}

/// A document of its own, block style.
pub(super) fn document(value: &New) -> String {
    let layout = Layout::plain();
    let mut out = String::new();
    match layout.lines(value, 0, &mut out) {
        Ok(()) => out.push('\n'),
        Err(reason) => out = format!("# {reason}\n"),
    }
    out
}

//! Writes edits of JSON: CloudFormation templates, Kubernetes objects and Terraform's JSON syntax.
//!
//! [`super::place`] calls the functions here with a node of the file's tree and what is to become of it. The tree of a
//! `.tf.json` file has another shape than its text; the spans of its nodes are those of the text all the same.

use super::brackets::Bracketed;
use super::form::keeps_quotes;
use super::layout::Layout;
use super::{Edit, New};
use crate::tree::{Kind, NodeRef, Style};

/// A value becomes another one, in quotes if the present one is a number or a truth in quotes.
pub(super) fn replace(node: NodeRef<'_>, value: &New) -> Result<Edit, String> {
    let present = node.slice();
    let is_token = node.node().style != Style::Quoted || present.starts_with('"') && present.ends_with('"');
    if !is_token || present.is_empty() {
        return Err("the value is part of an expression".into());
    }
    let layout = Layout::of(node.tree());
    let text = match value {
        value if keeps_quotes(node, value) => quoted(&inline(value)),
        value if is_on_one_line(layout, node.span().range().start) => inline(value),
        value => Pen::of(layout).value(value, layout.indentation(node.span().range().start)),
    };
    Ok(Edit { span: node.span(), text })
}

/// Whether a value stands in an object or a list that shares its line with it.
fn is_on_one_line(layout: Layout<'_>, at: usize) -> bool {
    layout.slice(layout.line_start(at)..at).contains(['{', '['])
}

/// An object gets members behind those that it has.
pub(super) fn insert(object: NodeRef<'_>, entries: &[(String, New)]) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::new();
    let mut new = Vec::new();
    for (key, value) in entries {
        match object.get(key) {
            Some(present) if present.is_null() => edits.push(replace(present, value)?),
            Some(_) => return Err(format!("`{key}` is there already")),
            None => new.push((key, value)),
        }
    }
    if new.is_empty() {
        return Ok(edits);
    }
    let collection = collection(object)?;
    let layout = collection.layout;
    let pen = Pen::of(layout);
    let sign = object.entries().last().map_or(pen.sign, |(key, _)| sign_behind(layout, key));
    let pen = Pen { sign, ..pen };
    edits.push(append(&collection, pen, new.len(), |index, indentation| {
        let Some((key, value)) = new.get(index) else { return String::new() };
        let value = indentation.map_or_else(|| pen.inline(value), |indentation| pen.value(value, indentation));
        format!("{}{sign}{value}", quoted(key))
    })?);
    Ok(edits)
}

/// An object loses a member.
pub(super) fn remove(object: NodeRef<'_>, key: NodeRef<'_>) -> Result<Vec<Edit>, String> {
    let entry = object.entries().enumerate().find(|(_, (name, _))| name.id() == key.id());
    let (index, (_, value)) = entry.ok_or("it is not an entry")?;
    let collection = collection(object)?;
    // In Terraform's JSON a block can stand deeper than its key.
    let between = collection.layout.slice(key.span().range().end..value.span().range().start);
    if between.trim() != ":" {
        return Err("its place is not an entry of its own".into());
    }
    collection.remove(index)
}

/// A list gets items behind those that it has.
pub(super) fn push(list: NodeRef<'_>, items: &[New]) -> Result<Edit, String> {
    let collection = collection(list)?;
    let pen = Pen::of(collection.layout);
    append(&collection, pen, items.len(), |index, indentation| {
        let Some(item) = items.get(index) else { return String::new() };
        indentation.map_or_else(|| pen.inline(item), |indentation| pen.value(item, indentation))
    })
}

/// A file that holds one value.
pub(super) fn document(value: &New) -> String {
    format!("{}\n", Pen { newline: "\n", unit: "  ", sign: ": " }.value(value, ""))
}

/// The members or items of a node.
fn collection(node: NodeRef<'_>) -> Result<Bracketed<'_>, String> {
    let layout = Layout::of(node.tree());
    let range = node.span().range();
    let mut items: Vec<std::ops::Range<usize>> = match node.kind() {
        Kind::Sequence(_) => node.items().map(|item| item.span().range()).collect(),
        _ => node.entries().map(|(key, value)| key.span().range().start..value.span().range().end).collect(),
    };
    // The value of the last member may have become a part of what is written there.
    if let Some(last) = items.last_mut() {
        let inside = layout.slice(range.start..range.end.saturating_sub(1));
        last.end = last.end.max(range.start + inside.trim_end().len());
    }
    Bracketed::new(layout, range, items)
}

/// Adds what a function writes: on lines with an indentation, or on one line.
fn append(
    collection: &Bracketed<'_>,
    pen: Pen<'_>,
    count: usize,
    write: impl Fn(usize, Option<&str>) -> String,
) -> Result<Edit, String> {
    let is_first = collection.items.is_empty();
    let is_laid_out = collection.layout.text().trim().contains('\n');
    if collection.has_own_lines() || is_first && is_laid_out {
        let indentation = collection.indentation(pen.unit);
        let lines = (0..count).map(|index| format!("{indentation}{}", write(index, Some(&indentation))));
        return collection.append_lines(&lines.collect::<Vec<_>>(), true);
    }
    Ok(collection.append_inline(&(0..count).map(|index| write(index, None)).collect::<Vec<_>>(), ""))
}

/// What stands between a key and its value.
fn sign_behind<'t>(layout: Layout<'t>, key: NodeRef<'t>) -> &'t str {
    let end = key.span().range().end;
    let rest = layout.text().get(end..).unwrap_or("");
    let length = rest.len() - rest.trim_start_matches([' ', '\t', ':']).len();
    Some(layout.slice(end..end + length)).filter(|sign| sign.contains(':')).unwrap_or(": ")
}

/// A text in quotes.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A value on one line.
pub(super) fn inline(value: &New) -> String {
    Pen { newline: "", unit: "", sign: ": " }.inline(value)
}

/// Writes in the manner of a file.
#[derive(Clone, Copy)]
struct Pen<'t> {
    newline: &'t str,
    unit: &'t str,
    sign: &'t str,
}

impl<'t> Pen<'t> {
    fn of(layout: Layout<'t>) -> Self {
        Self { newline: layout.newline(), unit: layout.unit(), sign: ": " }
    }

    /// A value on several lines, which are indented by what is given and more.
    fn value(self, value: &New, indentation: &str) -> String {
        let deeper = format!("{indentation}{}", self.unit);
        match value {
            New::Object(entries) | New::Block { body: entries, .. } if !entries.is_empty() => {
                let lines = entries
                    .iter()
                    .map(|(key, value)| format!("{deeper}{}{}{}", quoted(key), self.sign, self.value(value, &deeper)));
                self.framed(lines.collect(), indentation, ["{", "}"])
            }
            New::List(items) if !items.is_empty() => {
                let lines = items.iter().map(|item| format!("{deeper}{}", self.value(item, &deeper)));
                self.framed(lines.collect(), indentation, ["[", "]"])
            }
            value => self.inline(value),
        }
    }

    fn framed(self, lines: Vec<String>, indentation: &str, [open, close]: [&str; 2]) -> String {
        let newline = self.newline;
        format!("{open}{newline}{}{newline}{indentation}{close}", lines.join(&format!(",{newline}")))
    }

    /// A value on one line.
    fn inline(self, value: &New) -> String {
        match value {
            New::Boolean(truth) => truth.to_string(),
            New::Number(number) | New::Seconds(number) => number.to_string(),
            New::Text(text) => quoted(text),
            New::Raw(text) => text.clone(),
            New::Call { argument, .. } => self.inline(argument),
            New::List(items) => {
                format!("[{}]", items.iter().map(|item| self.inline(item)).collect::<Vec<_>>().join(", "))
            }
            New::Object(entries) | New::Block { body: entries, .. } => {
                let entries =
                    entries.iter().map(|(key, value)| format!("{}{}{}", quoted(key), self.sign, self.inline(value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests;

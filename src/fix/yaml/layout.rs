//! How a YAML file is laid out, and new values written in that layout.

use super::lines::{self, Parent};
use super::scalar::{is_plain, quoted};
use crate::fix::New;
use crate::source::SourceId;
use crate::tree::{self, Kind, NodeRef, Style, Tree};
use std::collections::BTreeMap;

/// What the lines that a file has tell about those that it gets.
#[derive(Debug, Clone, Copy)]
pub(in crate::fix) struct Layout {
    /// The line break.
    pub newline: &'static str,
    /// How much further than a key the keys below it are indented.
    step: usize,
    /// How much further than a key the dashes below it are indented.
    dash_step: usize,
    /// The quotes that most texts have.
    quote: char,
    /// The quotes that new keys get even if they need none.
    key_quote: Option<char>,
    /// The quotes that new texts get even if they need none.
    pub text_quote: Option<char>,
    /// Whether blanks stand inside the braces: `{ a: 1 }`.
    pub is_padded: bool,
    /// The file that is edited; `None`: a new one, in which code of several lines is taken as it is.
    file: Option<SourceId>,
}

impl Layout {
    /// The layout of a new file.
    pub fn plain() -> Self {
        Self {
            newline: "\n",
            step: 2,
            dash_step: 2,
            quote: '"',
            key_quote: None,
            text_quote: None,
            is_padded: false,
            file: None,
        }
    }

    /// The layout of a file: what is most frequent in it.
    pub fn of(tree: &Tree) -> Result<Self, String> {
        let text = tree.text();
        let mut layout = Self { file: Some(tree.file()), ..Self::plain() };
        if let Some(first) = text.find(['\n', '\r'])
            && text[first..].starts_with('\r')
        {
            layout.newline = "\r\n";
        }
        // A carriage return alone ends a line for YAML and for hardly any editor.
        if text.split("\r\n").any(|piece| piece.contains('\r')) {
            return Err("the file has line breaks of an old kind".into());
        }
        let mut steps: BTreeMap<usize, usize> = BTreeMap::new();
        let mut dash_steps: BTreeMap<usize, usize> = BTreeMap::new();
        let (mut single, mut double, mut padded, mut tight) = (0usize, 0usize, 0usize, 0usize);
        for node in tree.all() {
            match &node.node().kind {
                Kind::Scalar(_) if node.node().style == Style::Quoted => match lines::quote_of(node) {
                    '\'' => single += 1,
                    _ => double += 1,
                },
                Kind::Mapping(pairs) if node.node().style == Style::Block => {
                    for (key, value) in pairs {
                        let (key, value) = (node.other(*key), node.other(*value));
                        let Some(step) = step_below(key, value) else { continue };
                        let is_list = matches!(value.node().kind, Kind::Sequence(_));
                        *(if is_list { &mut dash_steps } else { &mut steps }).entry(step).or_default() += 1;
                    }
                }
                Kind::Mapping(pairs) if !pairs.is_empty() && node.slice().starts_with('{') => {
                    if node.slice().starts_with("{ ") { padded += 1 } else { tight += 1 }
                }
                _ => {}
            }
        }
        let most = |counts: &BTreeMap<usize, usize>| {
            counts.iter().rev().max_by_key(|(_, count)| **count).map(|(step, _)| *step)
        };
        layout.step = most(&steps).filter(|step| *step > 0).unwrap_or(2);
        layout.dash_step = most(&dash_steps).unwrap_or(layout.step);
        layout.quote = if single > double { '\'' } else { '"' };
        layout.is_padded = padded > tight;
        Ok(layout)
    }

    /// The layout of a file around one of its objects.
    pub fn of_object(&self, object: NodeRef<'_>) -> Self {
        let mut layout = *self;
        let below = object.entries().find_map(|(key, value)| step_of_keys(key, value));
        let above = || match lines::parent(object) {
            Some(Parent::Entry { key, .. }) => step_of_keys(key, object),
            _ => None,
        };
        layout.step = below.or_else(above).unwrap_or(layout.step);
        let first = object.entries().next().map(|(key, _)| key);
        layout.key_quote = first.filter(|key| key.node().style == Style::Quoted).map(lines::quote_of);
        if object.node().style == Style::Flow && first.is_some() {
            layout.is_padded = object.slice().starts_with("{ ");
        }
        layout
    }

    /// The layout of a file around a value.
    pub(super) fn around(&self, parent: Option<Parent<'_>>) -> Self {
        match parent {
            Some(Parent::Entry { object, .. }) => Self { key_quote: None, ..self.of_object(object) },
            _ => *self,
        }
    }

    /// Ends a line and indents the next.
    pub fn break_line(&self, column: usize, out: &mut String) {
        out.push_str(self.newline);
        out.extend(std::iter::repeat_n(' ', column));
    }

    /// A value that fits behind a key in block style: no collection, or an empty one. `quote`: the quotes of the
    /// present value, which a text keeps.
    pub fn single(&self, value: &New, quote: Option<char>) -> Result<Option<String>, String> {
        self.word(value, quote.or(self.text_quote), false)
    }

    fn word(&self, value: &New, quote: Option<char>, in_flow: bool) -> Result<Option<String>, String> {
        Ok(Some(match value {
            New::Boolean(truth) => truth.to_string(),
            New::Number(number) | New::Seconds(number) => number.to_string(),
            New::Text(text) => self.text(text, quote, in_flow),
            New::Raw(code) => match self.file {
                Some(file) => checked(code, file, in_flow)?,
                None if code.contains('\n') => return Ok(None),
                None => code.clone(),
            },
            New::List(items) if items.is_empty() => "[]".into(),
            New::Object(entries) | New::Block { body: entries, .. } if entries.is_empty() => "{}".into(),
            New::Call { argument, .. } => return self.word(argument, quote, in_flow),
            New::List(_) | New::Object(_) | New::Block { .. } => return Ok(None),
        }))
    }

    fn text(&self, text: &str, quote: Option<char>, in_flow: bool) -> String {
        match quote {
            Some(quote) => quoted(text, quote),
            None if is_plain(text, in_flow) => text.to_string(),
            None => quoted(text, self.quote),
        }
    }

    /// A value in flow style.
    pub fn flow(&self, value: &New, quote: Option<char>) -> Result<String, String> {
        if let Some(word) = self.word(value, quote.or(self.text_quote), true)? {
            return Ok(word);
        }
        match value {
            New::List(items) => {
                let items = items.iter().map(|item| self.flow(item, None)).collect::<Result<Vec<_>, _>>()?;
                Ok(format!("[{}]", items.join(", ")))
            }
            New::Object(entries) | New::Block { body: entries, .. } => {
                let entries = entries.iter().map(|(name, value)| self.flow_entry(name, value));
                let entries = entries.collect::<Result<Vec<_>, _>>()?.join(", ");
                Ok(if self.is_padded { format!("{{ {entries} }}") } else { format!("{{{entries}}}") })
            }
            _ => Err("it takes several lines".into()),
        }
    }

    /// An entry in flow style.
    pub fn flow_entry(&self, name: &str, value: &New) -> Result<String, String> {
        Ok(format!("{}: {}", self.text(name, self.key_quote, true), self.flow(value, None)?))
    }

    /// What stands behind the colon of a key whose column is given.
    pub fn behind_key(&self, value: &New, column: usize, out: &mut String) -> Result<(), String> {
        if let Some(word) = self.single(value, None)? {
            out.push(' ');
            out.push_str(&word);
            return Ok(());
        }
        let column = column + if matches!(value, New::List(_)) { self.dash_step } else { self.step };
        self.break_line(column, out);
        self.lines(value, column, out)
    }

    /// A value in block style that begins at a column, to which the caller has indented its first line.
    pub fn lines(&self, value: &New, column: usize, out: &mut String) -> Result<(), String> {
        match value {
            New::List(items) if !items.is_empty() => self.items(items, column, out),
            New::Object(entries) | New::Block { body: entries, .. } if !entries.is_empty() => {
                self.entries(entries, column, out)
            }
            New::Call { argument, .. } => self.lines(argument, column, out),
            New::Raw(code) if self.file.is_none() => {
                for (index, line) in code.lines().enumerate() {
                    if index > 0 {
                        self.break_line(column, out);
                    }
                    out.push_str(line);
                }
                Ok(())
            }
            value => {
                out.push_str(&self.single(value, None)?.ok_or("it takes several lines")?);
                Ok(())
            }
        }
    }

    /// Entries at a column, to which the caller has indented the first line.
    pub fn entries(&self, entries: &[(String, New)], column: usize, out: &mut String) -> Result<(), String> {
        for (index, (name, value)) in entries.iter().enumerate() {
            if index > 0 {
                self.break_line(column, out);
            }
            out.push_str(&self.text(name, self.key_quote, false));
            out.push(':');
            self.behind_key(value, column, out)?;
        }
        Ok(())
    }

    /// Items with their dashes at a column, to which the caller has indented the first line.
    pub fn items(&self, items: &[New], column: usize, out: &mut String) -> Result<(), String> {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.break_line(column, out);
            }
            out.push_str("- ");
            self.lines(item, column + 2, out)?;
        }
        Ok(())
    }
}

/// How much further than its key a collection on lines below it is indented.
fn step_below(key: NodeRef<'_>, value: NodeRef<'_>) -> Option<usize> {
    let text = value.tree().text();
    let is_block = value.node().style == Style::Block && lines::begins_line(text, value.span().range().start);
    let key_column = is_block.then(|| lines::column(text, key.span()))?.ok()?;
    lines::column(text, value.span()).ok()?.checked_sub(key_column)
}

/// The same, for objects alone.
fn step_of_keys(key: NodeRef<'_>, value: NodeRef<'_>) -> Option<usize> {
    let is_object = matches!(value.node().kind, Kind::Mapping(_));
    is_object.then(|| step_below(key, value))?.filter(|step| *step > 0)
}

/// Code as it is, if it is one value on one line where it is written.
fn checked(code: &str, file: SourceId, in_flow: bool) -> Result<String, String> {
    let (before, behind) = if in_flow { ("[", "]") } else { ("- ", "\n") };
    let tree = tree::yaml::parse(file, format!("{before}{code}{behind}").into());
    let list = tree.documents().next();
    let items: Vec<NodeRef<'_>> = list.into_iter().flat_map(NodeRef::items).collect();
    let is_one = matches!(items.as_slice(), [item]
        if item.span().range().end == before.len() + code.len()
            && (!item.is_mapping() || item.slice().starts_with('{')));
    let is_whole = is_one && !code.contains(['\n', '\r']) && tree.comments.is_empty() && tree.errors.is_empty();
    if is_whole { Ok(code.to_string()) } else { Err("what would be written is not one value".into()) }
}

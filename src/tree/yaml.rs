//! Reads YAML into a [`Tree`]; called by the read stage for `.yaml` and `.yml` files and for rendered manifests.
//!
//! The events come from granit-parser, which no other file knows. Three of its habits are put right here: the span
//! of a block scalar begins behind its header, the end of a block collection is where the *next* token begins, and
//! an empty value is the text `~` somewhere between its neighbours. Scalars are kept as text: whether `yes` or
//! `0644` means something is for the dialect to say.

use super::{
    Comment, Kind, MAX_DEPTH, MAX_DOCUMENTS, MAX_NODES, NodeId, Style, Tag, Tree, byte_order_mark, character_at,
};
use crate::source::{SourceId, Span};
use granit_parser::{Event, Parser, ScalarStyle, ScanError, StructureStyle};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Reads all documents of a YAML text. After a syntax error, what was read of its document stays in the tree and
/// reading goes on with the next document.
pub fn parse(file: SourceId, text: Arc<str>) -> Tree {
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        // A long comment above a value is no reason to refuse a file; its size is bounded by the file's.
        max_buffered_comment_events: usize::MAX,
    };
    let mut parser = Parser::new_from_str_with_options(&text, options);
    let mut reader = Reader {
        tree: Tree::new(file, text.clone()),
        text: &text,
        open: Vec::new(),
        anchors: HashMap::new(),
        last_node: None,
        last_end: byte_order_mark(&text),
    };
    while let Some(next) = parser.next_event() {
        let outcome = match next {
            Ok((event, span)) => reader.event(event, span),
            Err(error) => Err(reader.syntax_error(&error)),
        };
        let Err(stop) = outcome else { continue };
        reader.abandon_document(stop.span, stop.message);
        if stop.whole_file {
            break;
        }
        match parser.proceed_next_document() {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let stop = reader.syntax_error(&error);
                reader.tree.error(stop.span.start, stop.span.end, stop.message);
                break;
            }
        }
    }
    let mut tree = reader.tree;
    tree.comments.sort_unstable_by_key(|comment| comment.span);
    tree.comments.dedup();
    tree
}

/// Why reading of a document, or of the whole file, ends early.
struct Stop {
    span: Range<usize>,
    message: String,
    whole_file: bool,
}

/// A collection whose end has not come yet.
struct Open {
    node: NodeId,
    anchor: usize,
    children: Children,
}

enum Children {
    Sequence(Vec<NodeId>),
    /// The entries so far, and the key that waits for its value.
    Mapping(Vec<(NodeId, NodeId)>, Option<NodeId>),
}

struct Reader<'t> {
    tree: Tree,
    text: &'t str,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
    /// The node of the latest event, which an anchor event belongs to.
    last_node: Option<NodeId>,
    /// End of the latest token, from which the reader searches for the next indicator.
    last_end: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event, span: granit_parser::Span) -> Result<(), Stop> {
        let Some(range) = span.byte_range() else { return Ok(()) };
        let tag = span.tag_span().and_then(|tag| tag.byte_range());
        match event {
            Event::Comment(..) => {
                let comment = self.text.get(range.clone()).unwrap_or("").trim_end();
                let span = Span::new(self.tree.file, range.start, range.start + comment.len());
                self.tree.comments.push(Comment { span });
            }
            Event::Anchor(_, _) => self.anchor(range),
            Event::DocumentStart(explicit, _)
                // The place of an implicit start is that of the next token, which may lie behind a block scalar's
                // header.
                if explicit => {
                    self.last_end = self.last_end.max(range.end);
                }
            Event::DocumentEnd => {
                self.last_end = self.last_end.max(range.end);
                self.anchors.clear();
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(Some(range.end)),
            Event::SequenceStart(style, anchor, _) => {
                let start = match style {
                    StructureStyle::Flow => range.start,
                    StructureStyle::Block => self.dash_before(range.start),
                };
                let style = collection_style(style);
                self.start(Kind::Sequence(Box::default()), style, start..range.end, tag, anchor)?;
            }
            Event::MappingStart(style, anchor, _) => {
                let style = collection_style(style);
                self.start(Kind::Mapping(Box::default()), style, range, tag, anchor)?;
            }
            Event::Scalar(value, style, anchor, _) => {
                let (kind, style, range) = self.scalar(&value, style, range, tag.as_ref());
                let node = self.node(kind, style, range, tag)?;
                if anchor > 0 {
                    self.anchors.insert(anchor, node);
                }
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                if target.is_none() {
                    self.tree.error(range.start, range.end, "the alias stands inside the value that it names");
                }
                self.node(Kind::Alias(target), Style::Plain, range, tag)?;
            }
            Event::UnresolvedAlias(name) => {
                let message = with_template_hint(self.text, range.start, format!("no anchor is named `{name}`"));
                self.tree.error(range.start, range.end, message);
                self.node(Kind::Alias(None), Style::Plain, range, tag)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// What a scalar event stands for, and its true place.
    fn scalar(
        &self,
        value: &str,
        style: ScalarStyle,
        range: Range<usize>,
        tag: Option<&Range<usize>>,
    ) -> (Kind, Style, Range<usize>) {
        match style {
            ScalarStyle::Plain if range.is_empty() => {
                let start = self.empty_value_place(range.start).max(tag.map_or(0, |tag| tag.end));
                (Kind::Null, Style::Plain, start..start)
            }
            ScalarStyle::Plain => {
                let is_null = tag.is_none() && matches!(value, "~" | "null" | "Null" | "NULL");
                let kind = if is_null { Kind::Null } else { self.text_kind(value, &range) };
                (kind, Style::Plain, range)
            }
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                (Kind::Scalar(Some(value.into())), Style::Quoted, range)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                (Kind::Scalar(Some(value.into())), Style::BlockScalar, self.block_scalar_range(range))
            }
        }
    }

    fn text_kind(&self, value: &str, range: &Range<usize>) -> Kind {
        let same = self.text.get(range.clone()) == Some(value);
        Kind::Scalar(if same { None } else { Some(value.into()) })
    }

    /// Adds a node and hands it to the collection that it stands in.
    fn node(
        &mut self,
        kind: Kind,
        style: Style,
        range: Range<usize>,
        tag: Option<Range<usize>>,
    ) -> Result<NodeId, Stop> {
        if self.tree.nodes.len() >= MAX_NODES {
            return Err(Stop {
                span: range,
                message: format!("the file has more than {MAX_NODES} values"),
                whole_file: true,
            });
        }
        if self.open.is_empty() && self.tree.documents.len() >= MAX_DOCUMENTS {
            return Err(Stop {
                span: range,
                message: format!("the file has more than {MAX_DOCUMENTS} documents"),
                whole_file: true,
            });
        }
        let is_block = style == Style::Block;
        let node = self.tree.add(kind, style, range.start, range.end.max(range.start));
        if let (Some(tag), Some(added)) = (tag, self.tree.nodes.last_mut()) {
            let name = self.text.get(tag.clone()).unwrap_or("").into();
            added.tag = Some(Box::new(Tag { name, span: (tag.start as u32, tag.end as u32) }));
        }
        if !is_block {
            self.last_end = self.last_end.max(range.end);
        }
        match self.open.last_mut().map(|open| &mut open.children) {
            None => self.tree.documents.push(node),
            Some(Children::Sequence(items)) => items.push(node),
            Some(Children::Mapping(entries, waiting)) => match waiting.take() {
                None => *waiting = Some(node),
                Some(key) => entries.push((key, node)),
            },
        }
        self.last_node = Some(node);
        Ok(node)
    }

    fn start(
        &mut self,
        kind: Kind,
        style: Style,
        range: Range<usize>,
        tag: Option<Range<usize>>,
        anchor: usize,
    ) -> Result<(), Stop> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Stop { span: range, message: too_deep(), whole_file: false });
        }
        let children = match kind {
            Kind::Sequence(_) => Children::Sequence(Vec::new()),
            _ => Children::Mapping(Vec::new(), None),
        };
        if let (Kind::Sequence(_), Style::Block) = (&kind, style) {
            self.last_end = self.last_end.max(range.start + 1);
        }
        let node = self.node(kind, style, range, tag)?;
        self.open.push(Open { node, anchor, children });
        Ok(())
    }

    /// Ends the innermost open collection. `end` is where the parser says it ends, which is right for brackets only;
    /// everything else ends with its last child.
    fn close(&mut self, end: Option<usize>) {
        let Some(Open { node, anchor, children }) = self.open.pop() else { return };
        let (kind, last) = match children {
            Children::Sequence(items) => {
                let last = items.last().copied();
                (Kind::Sequence(items.into()), last)
            }
            Children::Mapping(entries, _) => {
                let last = entries.last().map(|(_, value)| *value);
                (Kind::Mapping(entries.into()), last)
            }
        };
        let last_end = last.and_then(|last| self.tree.nodes.get(last as usize)).map(|last| last.span.1);
        let Some(closed) = self.tree.nodes.get_mut(node as usize) else { return };
        closed.kind = kind;
        // A pair inside a list (`[a: b]`) is a flow mapping without brackets of its own; its start event is empty.
        let bracketed = closed.style == Style::Flow && closed.span.0 < closed.span.1;
        match end {
            Some(end) if bracketed => {
                closed.span.1 = end as u32;
                self.last_end = self.last_end.max(end);
            }
            _ => closed.span.1 = last_end.unwrap_or(closed.span.1).max(closed.span.1),
        }
        // Only from here on: an alias to a value that it is itself part of would be a circle.
        if anchor > 0 {
            self.anchors.insert(anchor, node);
        }
    }

    /// Moves an empty value behind its anchor, as in `key: &name`.
    fn anchor(&mut self, range: Range<usize>) {
        let Some(node) = self.last_node.and_then(|node| self.tree.nodes.get_mut(node as usize)) else { return };
        let end = range.end as u32;
        if node.kind == Kind::Null && node.span.0 == node.span.1 && node.span.0 < end {
            node.span = (end, end);
        }
    }

    /// Reports an error and ends what is open, so that what was read can be used.
    fn abandon_document(&mut self, span: Range<usize>, message: String) {
        while let Some(Open { children, .. }) = self.open.last_mut() {
            if let Children::Mapping(entries, waiting) = children
                && let Some(key) = waiting.take()
            {
                let key_end = self.tree.nodes.get(key as usize).map_or(0, |key| key.span.1 as usize);
                let place = behind_colon(self.text, key_end);
                entries.push((key, self.tree.add(Kind::Null, Style::Plain, place, place)));
            }
            self.close(None);
        }
        self.anchors.clear();
        self.last_end = self.last_end.max(span.start);
        self.tree.error(span.start, span.end, message);
    }

    fn syntax_error(&self, error: &ScanError) -> Stop {
        let place = character_at(self.text, error.marker().byte_offset().unwrap_or(0));
        let character = self.text.get(place.clone()).unwrap_or("");
        let info = error.info();
        let message = if info.contains("nesting") || info.contains("recursion") {
            too_deep()
        } else if info.contains("tabs disallowed") || info.contains("found a tab") || character == "\t" {
            "a tab cannot be used for indentation".to_owned()
        } else {
            // "while parsing a block mapping, did not find expected key": only the second half says what is wrong.
            let message = info.strip_prefix("while ").and_then(|rest| rest.split_once(", ")).map(|(_, rest)| rest);
            with_template_hint(self.text, place.start, message.unwrap_or(&info).to_owned())
        };
        let is_line_end = matches!(character, "\n" | "\r");
        Stop { span: if is_line_end { place.start..place.start } else { place }, message, whole_file: false }
    }

    /// Where an empty scalar stands: right behind the colon of its key, or where the parser has it (behind the dash
    /// of a list item).
    fn empty_value_place(&self, reported: usize) -> usize {
        let key = match self.open.last().map(|open| &open.children) {
            Some(Children::Mapping(_, Some(key))) => *key,
            _ => return reported,
        };
        let key_end = self.tree.nodes.get(key as usize).map_or(reported, |key| key.span.1 as usize);
        behind_colon(self.text, key_end)
    }

    /// The first dash of a block sequence. The parser starts a list that is not indented below its key only behind
    /// that dash, so it is searched for between the key and there.
    fn dash_before(&self, reported: usize) -> usize {
        match self.open.last().map(|open| &open.children) {
            Some(Children::Mapping(_, Some(_))) => seek(self.text, self.last_end, b"-", b":").unwrap_or(reported),
            _ => reported,
        }
    }

    /// From the `|` or `>` to the end of the last line that is not blank, or of the header if there is none.
    fn block_scalar_range(&self, content: Range<usize>) -> Range<usize> {
        let before = self.text.get(..content.start).unwrap_or("");
        let start = seek(self.text, self.last_end, b"|>", b":-?,")
            .filter(|start| *start <= content.start)
            .or_else(|| before.rfind(['|', '>']))
            .unwrap_or(content.start);
        let indicators = self.text.as_bytes().iter().skip(start + 1);
        let header_end = start + 1 + indicators.take_while(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9')).count();
        let body = self.text.get(content.clone()).unwrap_or("");
        let inked = body.trim_end().len();
        // The parser lets an empty one at the end of the file begin at its header.
        if inked == 0 || content.start <= start {
            return start..header_end;
        }
        // Blanks at the end of the last line are part of the text.
        let rest = body.get(inked..).unwrap_or("");
        let blanks = rest.find(['\n', '\r']).unwrap_or(rest.len());
        start..content.start + inked + blanks
    }
}

fn collection_style(style: StructureStyle) -> Style {
    match style {
        StructureStyle::Flow => Style::Flow,
        StructureStyle::Block => Style::Block,
    }
}

fn too_deep() -> String {
    format!("nested more than {MAX_DEPTH} levels deep")
}

/// Names the likely reason where an error stands on or below a line with template marks: Helm and Jinja sources are
/// not YAML before they are rendered.
fn with_template_hint(text: &str, at: usize, message: String) -> String {
    // No further than this: a file may be one line with thousands of errors.
    const WINDOW: usize = 200;
    let before = text.get(character_at(text, at.saturating_sub(WINDOW)).start..at).unwrap_or("");
    let before = before.rmatch_indices('\n').nth(1).map_or(before, |(line_break, _)| &before[line_break..]);
    let behind = text.get(at..character_at(text, at + WINDOW).start).unwrap_or("");
    let lines = [before, behind.lines().next().unwrap_or("")].concat();
    if lines.contains("{{") || lines.contains("{%") {
        format!("{message}; this looks like a template that was not rendered")
    } else {
        message
    }
}

/// The place behind the colon that follows a key, or the key's end where there is no colon (`{a, b}`, `? a`).
fn behind_colon(text: &str, key_end: usize) -> usize {
    seek(text, key_end, b":", b"").map_or(key_end, |colon| colon + 1)
}

/// The first byte of `wanted` behind `at`, with only blanks, comments, tags, anchors and bytes of `skipped` before it.
fn seek(text: &str, mut at: usize, wanted: &[u8], skipped: &[u8]) -> Option<usize> {
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        at += match byte {
            byte if wanted.contains(byte) => return Some(at),
            b'#' => rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len()),
            b'&' | b'!' => rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len()),
            b' ' | b'\t' | b'\n' | b'\r' => 1,
            byte if skipped.contains(byte) => 1,
            _ => return None,
        };
    }
    None
}

//! YAML to the document tree, on the event stream of the `granit-parser` crate.
//!
//! The parser's own marks are corrected here: a block scalar begins at its `|` or `>`, a block collection ends with
//! its last child, an empty value is an empty span behind its key. Called by the read stage, and by the Terraform
//! frontend for manifests inside strings.

use super::{Comment, Kind, MAX_DEPTH, MAX_DOCUMENTS, MAX_NODES, NodeId, Style, Tag, Tree};
use crate::source::{SourceId, Span};
use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Reads all documents of a file. After a syntax error the next document is tried; what was read before stays.
pub fn parse(file: SourceId, text: Arc<str>) -> Tree {
    let mut reader = Reader {
        tree: Tree::new(file, text.clone()),
        text: text.clone(),
        open: Vec::new(),
        anchors: HashMap::new(),
        last: super::byte_order_mark(&text),
    };
    reader.run();
    reader.tree
}

/// A collection that is still being filled.
struct Open {
    id: NodeId,
    /// Elements, or keys and values in turn.
    children: Vec<NodeId>,
    is_mapping: bool,
    style: Style,
}

struct Reader {
    tree: Tree,
    text: Arc<str>,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
    /// Where the last token ended.
    last: usize,
}

impl Reader {
    fn run(&mut self) {
        let text = self.text.clone();
        let options = granit_parser::options! {
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
        };
        let mut parser = Parser::new_from_str_with_options(&text, options);
        while let Some(next) = parser.next_event() {
            match next {
                Ok((event, span)) => {
                    let Some(range) = span.byte_range() else { continue };
                    let range = range.start.min(text.len())..range.end.min(text.len());
                    let tag = span.tag_span().and_then(|span| span.byte_range());
                    if !self.take(event, range, tag) {
                        break;
                    }
                }
                Err(error) => {
                    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
                    self.syntax_error(at, &error.info().to_string());
                    match parser.proceed_next_document() {
                        Ok(true) => {}
                        _ => break,
                    }
                }
            }
        }
        self.close_all();
    }

    /// Takes one event; `false` ends the reading because a cap is reached.
    fn take(&mut self, event: Event, range: Range<usize>, tag: Option<Range<usize>>) -> bool {
        let (start, end) = (range.start, range.end);
        let id = match event {
            Event::Comment(..) => {
                // The span may carry the line break.
                let end = start + self.text[start..end].trim_end_matches(['\r', '\n']).len();
                self.tree.comments.push(Comment { span: Span::new(self.tree.file(), start, end) });
                return true;
            }
            Event::Anchor(number, _) => {
                if let Some(node) = self.tree.nodes.len().checked_sub(1) {
                    self.anchors.insert(number, node as NodeId);
                }
                return true;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.close(open, Some(end));
                }
                return true;
            }
            Event::Scalar(value, style, ..) => self.scalar(&value, style, range),
            Event::Alias(number) => {
                let target = self.anchors.get(&number).copied();
                self.tree.add(Kind::Alias(target), Style::Plain, start, end)
            }
            Event::UnresolvedAlias(_) => self.tree.add(Kind::Alias(None), Style::Plain, start, end),
            Event::SequenceStart(style, ..) => return self.begin(false, style, range, tag),
            Event::MappingStart(style, ..) => return self.begin(true, style, range, tag),
            // The mark of an implicit start is the next token's, which for a block scalar lies past its header.
            Event::DocumentStart(false, _) => return true,
            _ => {
                self.last = self.last.max(end);
                return true;
            }
        };
        self.last = self.last.max(self.tree.nodes[id as usize].span.1 as usize);
        self.attach(id, tag) && self.within_caps(start)
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, range: Range<usize>) -> NodeId {
        let (start, end) = (range.start, range.end);
        match style {
            ScalarStyle::Plain if range.is_empty() => {
                let at = self.empty_value();
                self.tree.add(Kind::Null, Style::Plain, at, at)
            }
            ScalarStyle::Plain if matches!(value, "~" | "null" | "Null" | "NULL") => {
                self.tree.add(Kind::Null, Style::Plain, start, end)
            }
            ScalarStyle::Plain => self.text_node(value, Style::Plain, start, end),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => self.text_node(value, Style::Quoted, start, end),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let start = self.seek(self.last, b"|>").unwrap_or(start);
                let end = start + self.text[start..end.max(start)].trim_end().len();
                self.text_node(value, Style::BlockScalar, start, end)
            }
        }
    }

    fn text_node(&mut self, value: &str, style: Style, start: usize, end: usize) -> NodeId {
        let own = (self.text.get(start..end) != Some(value)).then(|| value.into());
        self.tree.add(Kind::Scalar(own), style, start, end)
    }

    /// Where nothing is written: behind the colon or dash that asks for it.
    fn empty_value(&self) -> usize {
        let mut at = self.last;
        let bytes = self.text.as_bytes();
        while bytes.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            at += 1;
        }
        if bytes.get(at).is_some_and(|byte| matches!(byte, b':' | b'?' | b'-')) { at + 1 } else { self.last }
    }

    fn begin(
        &mut self,
        is_mapping: bool,
        style: StructureStyle,
        range: Range<usize>,
        tag: Option<Range<usize>>,
    ) -> bool {
        let (style, start) = match (style, is_mapping) {
            (StructureStyle::Flow, _) => (Style::Flow, range.start),
            // The parser's sequence begins behind its dash.
            (_, false) => (Style::Block, self.seek(self.last, b"-").unwrap_or(range.start)),
            (_, true) => (Style::Block, range.start),
        };
        let end = if style == Style::Flow { range.end } else { start };
        if style == Style::Flow {
            self.last = self.last.max(range.end);
        } else if !is_mapping {
            self.last = self.last.max(start);
        }
        let kind = if is_mapping { Kind::Mapping(Box::default()) } else { Kind::Sequence(Box::default()) };
        let id = self.tree.add(kind, style, start, end);
        let attached = self.attach(id, tag);
        self.open.push(Open { id, children: Vec::new(), is_mapping, style });
        attached && self.within_caps(range.start)
    }

    /// Puts a node into the collection that is open, or among the documents.
    fn attach(&mut self, id: NodeId, tag: Option<Range<usize>>) -> bool {
        if let Some(tag) = tag {
            let name = self.text.get(tag.clone()).unwrap_or_default().into();
            self.tree.nodes[id as usize].tag = Some(Box::new(Tag { name, span: (tag.start as u32, tag.end as u32) }));
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(id),
            None => self.tree.documents.push(id),
        }
        true
    }

    fn within_caps(&mut self, at: usize) -> bool {
        if self.tree.nodes.len() >= MAX_NODES {
            self.tree.error(at, at, format!("more than {MAX_NODES} values in one file"));
            return false;
        }
        if self.tree.documents.len() > MAX_DOCUMENTS {
            self.tree.error(at, at, format!("more than {MAX_DOCUMENTS} documents in one file"));
            return false;
        }
        true
    }

    /// From the end of the last token over blanks, comments and node properties to one of the wanted characters.
    fn seek(&self, mut at: usize, wanted: &[u8]) -> Option<usize> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(at) {
            match byte {
                byte if wanted.contains(byte) => return Some(at),
                b'#' => {
                    while bytes.get(at).is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) {
                        at += 1;
                    }
                }
                b'&' | b'!' => {
                    while bytes.get(at).is_some_and(|byte| !byte.is_ascii_whitespace()) {
                        at += 1;
                    }
                }
                b' ' | b'\t' | b'\n' | b'\r' | b':' | b'?' | b',' | b'-' => at += 1,
                _ => return None,
            }
        }
        None
    }

    /// Fills a collection's node with its children and gives it its real end.
    fn close(&mut self, open: Open, end: Option<usize>) {
        let outer_start = |tree: &Tree, id: NodeId| {
            let node = &tree.nodes[id as usize];
            node.tag.as_ref().map_or(node.span.0, |tag| tag.span.0.min(node.span.0))
        };
        let first = open.children.first().map(|id| outer_start(&self.tree, *id));
        let last = open.children.last().map(|id| self.tree.nodes[*id as usize].span.1);
        let node = &mut self.tree.nodes[open.id as usize];
        match (open.style, end) {
            (Style::Flow, Some(end)) => {
                node.span.1 = end as u32;
                self.last = self.last.max(end);
            }
            _ => {
                if open.is_mapping && open.style == Style::Block {
                    node.span.0 = first.unwrap_or(node.span.0);
                }
                node.span.1 = last.unwrap_or(node.span.0).max(node.span.0);
            }
        }
        node.kind = if open.is_mapping {
            // A key without its value is what an error leaves behind: it is dropped.
            Kind::Mapping(open.children.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
        } else {
            Kind::Sequence(open.children.into())
        };
    }

    fn close_all(&mut self) {
        while let Some(open) = self.open.pop() {
            self.close(open, None);
        }
    }

    fn syntax_error(&mut self, at: usize, message: &str) {
        let width = self.text[at..].chars().next().map_or(0, char::len_utf8);
        self.tree.error(at, at + width, super::message(message));
        self.close_all();
    }
}

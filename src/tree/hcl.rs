//! HCL to the document tree, on the `hcl-edit` crate: blocks, attributes and the expression language.
//!
//! Called by the read stage for `.tf` and `.tfvars` files. Two things are kept from the parser: objects with very many
//! members, for which it takes quadratic time, and nesting that would exhaust its stack. After a syntax error the
//! top-level item that it lies in is blanked and the rest is read again.

mod expression;
mod scan;

use super::{Comment, Kind, NodeId, Style, Tree};
use crate::source::{SourceId, Span};
use hcl_edit::structure::{Body, Structure};
use std::ops::Range;
use std::sync::Arc;

/// More members than this in one object are not read; hcl-edit's time grows with their square.
pub const MAX_OBJECT_MEMBERS: usize = 4_000;
/// Broken items that are blanked before the rest of the file is given up.
const MAX_BROKEN_ITEMS: usize = 32;

/// Reads a whole file.
pub fn parse(file: SourceId, text: Arc<str>) -> Tree {
    let mut tree = Tree::new(file, text.clone());
    let mark = super::byte_order_mark(&text);
    let scan = scan::scan(&text[mark..]);
    let place = |range: &Range<usize>| Span::new(file, range.start + mark, range.end + mark);
    tree.comments = scan.comments.iter().map(|range| Comment { span: place(range) }).collect();

    let mut body = text[mark..].to_string();
    for excess in &scan.excesses {
        tree.error(excess.at + mark, excess.at + mark + 1, excess.message.clone());
        blank(&mut body, scan.item_around(excess.at));
    }
    for _ in 0..MAX_BROKEN_ITEMS {
        match hcl_edit::parser::parse_body(&body) {
            Ok(parsed) => {
                let whole = mark..text.len();
                let id = Reader { tree: &mut tree, text: &text, mark }.body(&parsed, whole);
                tree.documents.push(id);
                break;
            }
            Err(error) => {
                let at = error.location().offset().min(body.len());
                let width = body[at..].chars().next().map_or(0, char::len_utf8);
                tree.error(at + mark, at + mark + width, super::message(error.message()));
                let item = scan.item_around(at);
                if body[item.clone()].trim().is_empty() {
                    break;
                }
                blank(&mut body, item);
            }
        }
    }
    tree
}

/// Overwrites a range with blanks of the same length, so that spans behind it stay right.
fn blank(text: &mut String, range: Range<usize>) {
    let keep = |byte: u8| if matches!(byte, b'\n' | b'\r') { byte as char } else { ' ' };
    let blanks: String = text[range.clone()].bytes().map(keep).collect();
    text.replace_range(range, &blanks);
}

/// Turns the parser's structures into nodes.
struct Reader<'a> {
    tree: &'a mut Tree,
    text: &'a str,
    /// Length of the byte order mark, which the parser has not seen.
    mark: usize,
}

impl Reader<'_> {
    fn range(&self, node: &impl hcl_edit::Span) -> Range<usize> {
        let range = node.span().unwrap_or_default();
        range.start + self.mark..range.end + self.mark
    }

    fn body(&mut self, body: &Body, span: Range<usize>) -> NodeId {
        let mut pairs = Vec::new();
        for structure in body.iter() {
            match structure {
                Structure::Attribute(attribute) => {
                    let range = self.range(&attribute.key);
                    let key = self.scalar(attribute.key.as_str(), Style::Plain, range);
                    let value = self.expression(&attribute.value);
                    pairs.push((key, value));
                }
                Structure::Block(block) => {
                    let range = self.range(&block.ident);
                    let key = self.scalar(block.ident.as_str(), Style::Plain, range.clone());
                    let mut head = range.end;
                    let mut labels = Vec::new();
                    for label in &block.labels {
                        let range = self.range(label);
                        head = range.end;
                        let style =
                            if self.text[range.clone()].starts_with('"') { Style::Quoted } else { Style::Plain };
                        labels.push(self.scalar(label.as_str(), style, range));
                    }
                    let whole = self.range(block);
                    // The parser gives a one-line body no span: take what lies between the braces.
                    let brace = self.text[head..whole.end].find('{').map_or(head, |found| head + found + 1);
                    let end = whole.end.saturating_sub(1).max(brace);
                    let inner = self.body(&block.body, brace..end);
                    let kind = Kind::Block { labels: labels.into(), body: inner };
                    let value = self.tree.add(kind, Style::Block, whole.start, whole.end);
                    pairs.push((key, value));
                }
            }
        }
        self.tree.add(Kind::Mapping(pairs.into()), Style::Block, span.start, span.end)
    }

    fn scalar(&mut self, text: &str, style: Style, range: Range<usize>) -> NodeId {
        let own = (self.text.get(range.clone()) != Some(text)).then(|| text.into());
        self.tree.add(Kind::Scalar(own), style, range.start, range.end)
    }
}

//! A page as a terminal shows it. Called by [`super::Page::render`].

use super::blocks::{Block, BlockKind};
use super::split_mark;

const BOLD: &str = "\u{1b}[1m";
const CYAN: &str = "\u{1b}[36m";
const DIM: &str = "\u{1b}[2m";
const RESET: &str = "\u{1b}[0m";
/// Narrower than this nothing readable comes out.
const MIN_WIDTH: usize = 20;
/// Bold text in a link and code in bold text are read; nothing goes deeper.
const MAX_INSIDE: usize = 3;

/// Renders blocks, each but entries of one list with a blank line before it.
pub(super) fn render(blocks: &[Block], width: usize, color: bool) -> String {
    let page = Renderer { width: width.max(MIN_WIDTH), color };
    let mut out = String::new();
    let mut last: Option<&BlockKind> = None;
    for Block { kind, .. } in blocks {
        let in_list = matches!((last, kind), (Some(BlockKind::Item { .. }), BlockKind::Item { .. }));
        if last.is_some() && !in_list {
            out.push('\n');
        }
        page.block(kind, &mut out);
        last = Some(kind);
    }
    out
}

struct Renderer {
    width: usize,
    color: bool,
}

impl Renderer {
    fn block(&self, kind: &BlockKind, out: &mut String) {
        match kind {
            BlockKind::Heading { level, text } => {
                let text = self.inline(text);
                out.push_str(&format!("{}\n", self.paint(BOLD, &text)));
                if !self.color {
                    let line = if *level == 1 { "=" } else { "-" };
                    out.push_str(&format!("{}\n", line.repeat(visible(&text))));
                }
            }
            BlockKind::Paragraph(text) => self.wrap("", "", &self.inline(text), out),
            BlockKind::Item { indent, marker, text } => {
                let first = format!("{}{marker} ", " ".repeat(*indent));
                self.wrap(&first, &" ".repeat(first.len()), &self.inline(text), out);
            }
            BlockKind::Code { info, lines } => {
                let path = info.split_whitespace().nth(1);
                if let Some(path) = path {
                    out.push_str(&format!("    {}\n\n", self.paint(DIM, &format!("{path}:"))));
                }
                for line in lines {
                    // Only examples have marks; what looks like one elsewhere is text.
                    let content =
                        path.and_then(|_| split_mark(line).ok()).map_or(line.as_str(), |(content, _)| content);
                    out.push_str(format!("    {content}").trim_end());
                    out.push('\n');
                }
            }
            BlockKind::Table(rows) => self.table(rows, out),
        }
    }

    fn table(&self, rows: &[Vec<String>], out: &mut String) {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| self.inline(cell)).collect()).collect();
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| visible(cell)).max().unwrap_or(0))
            .collect();
        for (number, row) in rows.iter().enumerate() {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| {
                    let painted = if number == 0 { self.paint(BOLD, cell) } else { cell.clone() };
                    format!("{painted}{}", " ".repeat(width.saturating_sub(visible(cell))))
                })
                .collect();
            out.push_str(format!("  {}", cells.join("  ")).trim_end());
            out.push('\n');
        }
    }

    fn paint(&self, style: &str, text: &str) -> String {
        if self.color { format!("{style}{text}{RESET}") } else { text.to_string() }
    }

    /// Code, bold text and links of one piece of prose; a link is shown as its text.
    fn inline(&self, text: &str) -> String {
        self.spans(text, MAX_INSIDE)
    }

    fn spans(&self, text: &str, inside: usize) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['`', '*', '[']) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            match self.span(from, inside) {
                Some((shown, after)) => {
                    out.push_str(&shown);
                    rest = after;
                }
                None => {
                    let (letter, after) = from.split_at(1);
                    out.push_str(letter);
                    rest = after;
                }
            }
        }
        out + rest
    }

    /// The code, bold text or link that a text starts with, as it is shown, and what comes behind it.
    fn span<'t>(&self, text: &'t str, inside: usize) -> Option<(String, &'t str)> {
        if let Some((code, after)) = between(text, "`", "`") {
            return Some((self.code(code), after));
        }
        let inside = inside.checked_sub(1)?;
        if let Some((bold, after)) = between(text, "**", "**") {
            return Some((self.paint(BOLD, &self.spans(bold, inside)), after));
        }
        let (label, after) = between(text, "[", "](")?;
        Some((self.spans(label, inside), after.split_once(')')?.1))
    }

    /// Colour tells code from prose; without it the backticks stay.
    fn code(&self, text: &str) -> String {
        if self.color { self.paint(CYAN, text) } else { format!("`{text}`") }
    }

    fn wrap(&self, first: &str, rest: &str, text: &str, out: &mut String) {
        let mut line = first.to_string();
        let mut is_empty = true;
        for word in text.split_whitespace() {
            if !is_empty && visible(&line) + 1 + visible(word) > self.width {
                out.push_str(&line);
                out.push('\n');
                line = rest.to_string();
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// What stands between two marks at the start of a text, and what comes behind them.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<(&'t str, &'t str)> {
    text.strip_prefix(open)?.split_once(close).filter(|(inside, _)| !inside.is_empty())
}

/// Characters that a terminal shows: colour codes (from escape to `m`) take no room.
fn visible(text: &str) -> usize {
    let mut in_code = false;
    let shown = text.chars().filter(|letter| {
        let counts = !in_code && *letter != '\u{1b}';
        in_code = if in_code { *letter != 'm' } else { *letter == '\u{1b}' };
        counts
    });
    shown.count()
}

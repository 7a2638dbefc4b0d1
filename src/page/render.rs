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
        let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column));
        let natural = |column: usize| cells(column).map(|cell| visible(cell)).max().unwrap_or(0);
        let natural: Vec<usize> = (0..columns).map(natural).collect();
        let longest = |column: usize| cells(column).flat_map(|cell| cell.split_whitespace()).map(visible).max();
        let room = self.width.saturating_sub(GAP * columns);
        let widths = fitted(&natural, room);
        let fits = (0..columns).zip(&widths).all(|(column, width)| longest(column).is_none_or(|word| word <= *width));
        if !fits {
            return self.entries(&rows, out);
        }
        let wraps = natural.iter().zip(&widths).any(|(natural, width)| natural > width);
        for (number, row) in rows.iter().enumerate() {
            let cells: Vec<Vec<String>> = row.iter().zip(&widths).map(|(cell, width)| lines(cell, *width)).collect();
            if wraps && number > 1 {
                out.push('\n');
            }
            for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
                let part = |cell: &Vec<String>| cell.get(line).cloned().unwrap_or_default();
                self.row(cells.iter().map(part), &widths, number == 0, out);
            }
            if number == 0 && !self.color {
                self.row(widths.iter().map(|width| "-".repeat(*width)), &widths, false, out);
            }
        }
    }

    fn row(&self, cells: impl Iterator<Item = String>, widths: &[usize], is_head: bool, out: &mut String) {
        let mut shown = String::new();
        for (cell, width) in cells.zip(widths) {
            let room = " ".repeat(width.saturating_sub(visible(&cell)));
            let cell = if is_head && !cell.is_empty() { self.paint(BOLD, &cell) } else { cell };
            shown.push_str(&format!("{}{cell}{room}", " ".repeat(GAP)));
        }
        out.push_str(shown.trim_end());
        out.push('\n');
    }

    /// A table that is too wide to stand side by side: one entry a row, with the head before each cell but the first.
    fn entries(&self, rows: &[Vec<String>], out: &mut String) {
        let Some((head, rows)) = rows.split_first() else { return };
        for row in rows {
            for (at, (cell, name)) in row.iter().zip(head).enumerate() {
                match at {
                    0 => self.wrap("- ", "  ", cell, out),
                    _ => self.wrap("  ", "    ", &format!("{name}: {cell}"), out),
                }
            }
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
        let room = self.width.saturating_sub(visible(rest));
        for (number, line) in lines(text, room).iter().enumerate() {
            let start = if number == 0 { first } else { rest };
            out.push_str(format!("{start}{line}").trim_end());
            out.push('\n');
        }
    }
}

/// Columns are this far apart, and from the edge.
const GAP: usize = 2;

/// The widths of a table's columns: as wide as they would be, or, where there is not enough room, the wide ones cut down
/// to what the narrow ones leave.
fn fitted(natural: &[usize], room: usize) -> Vec<usize> {
    let (mut left, mut open) = (room, natural.len());
    let mut sorted = natural.to_vec();
    sorted.sort_unstable();
    let mut widest = usize::MAX;
    for width in sorted {
        let share = left / open.max(1);
        if width > share {
            widest = share;
            break;
        }
        left -= width;
        open -= 1;
    }
    natural.iter().map(|width| (*width).min(widest)).collect()
}

/// A text in lines of a width; a word that is longer has a line of its own. A number and its unit stay together.
fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let mut word = word.to_string();
        if word.ends_with(|last: char| last.is_ascii_digit())
            && let Some(unit) = words.next_if(|next| UNITS.contains(&next.trim_end_matches([',', '.', ';', ':', ')'])))
        {
            word = format!("{word} {unit}");
        }
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            *line = word;
        } else if visible(line) + 1 + visible(&word) <= width {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push(word);
        }
    }
    let mut open = String::new();
    lines.into_iter().map(|line| closed(&line, &mut open)).collect()
}

/// A line that ends in the style in which it began; `open` is the style that goes on from line to line.
fn closed(line: &str, open: &mut String) -> String {
    let start = std::mem::take(open);
    let styled = format!("{start}{line}");
    if let Some((_, last)) = styled.rsplit_once('\u{1b}')
        && let Some((code, _)) = last.split_once('m')
        && code != "[0"
    {
        *open = format!("\u{1b}{code}m");
    }
    if open.is_empty() { styled } else { styled + RESET }
}

/// What does not stand apart from its number.
const UNITS: [&str; 12] = ["s", "ms", "min", "h", "days", "%", "MB", "MiB", "GB", "GiB", "KiB", "vCPU"];

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

//! The Markdown that a page is written in, cut into blocks; only what pages use. Called by [`super::Page`].

use super::PageError;

/// A piece of a page and the line (from 1) on which it starts.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub line: usize,
    pub kind: BlockKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum BlockKind {
    /// `## text`
    Heading { level: usize, text: String },
    /// Lines up to the next blank one, joined.
    Paragraph(String),
    /// One entry of a list; `indent` is the column of its marker.
    Item { indent: usize, marker: String, text: String },
    /// A fenced block: the words behind the fence, and the lines inside.
    Code { info: String, lines: Vec<String> },
    /// The rows of a table, cells split, the line of dashes left out.
    Table(Vec<Vec<String>>),
}

/// Cuts a text into blocks. The only thing that can be wrong at this level is a fence that nothing closes.
pub(super) fn blocks(text: &str) -> Result<Vec<Block>, PageError> {
    let lines: Vec<&str> = text.lines().collect();
    let mut blocks: Vec<Block> = Vec::new();
    // Whether the last block may take another line: no blank line has come since.
    let mut open = false;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let number = at + 1;
        at += 1;
        if line.trim().is_empty() {
            open = false;
        } else if let Some(fence) = Fence::opens(line) {
            let inside = lines.iter().skip(at).take_while(|line| !fence.is_closed_by(line)).count();
            if at + inside >= lines.len() {
                return Err(PageError::new(number, "this fence is never closed"));
            }
            let body = lines.iter().skip(at).take(inside).map(|line| fence.unindented(line).to_string()).collect();
            at += inside + 1;
            let kind = BlockKind::Code { info: fence.info.to_string(), lines: body };
            blocks.push(Block { line: number, kind });
            open = false;
        } else if line.trim_start().starts_with("<!--") {
            let hidden = lines.iter().skip(at - 1).take_while(|line| !line.contains("-->")).count();
            at += hidden;
            open = false;
        } else {
            match start_of(line) {
                Some(kind) => blocks.push(Block { line: number, kind }),
                None if open && continues(blocks.last_mut(), line) => {}
                None => blocks.push(Block { line: number, kind: plain(line) }),
            }
            open = !matches!(blocks.last().map(|block| &block.kind), Some(BlockKind::Heading { .. }));
        }
    }
    Ok(blocks)
}

/// A line that starts a block of its own even right behind a paragraph.
fn start_of(line: &str) -> Option<BlockKind> {
    let trimmed = line.trim_start();
    let level = trimmed.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&level)
        && let Some(text) = trimmed[level..].strip_prefix(' ')
    {
        return Some(BlockKind::Heading { level, text: text.trim().to_string() });
    }
    let indent = line.len() - trimmed.len();
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let marker = if trimmed.starts_with(['-', '*', '+']) {
        1
    } else if (1..=3).contains(&digits) && trimmed[digits..].starts_with('.') {
        digits + 1
    } else {
        return None;
    };
    let (marker, text) = trimmed.split_at(marker);
    let text = text.strip_prefix(' ')?.trim().to_string();
    Some(BlockKind::Item { indent, marker: marker.to_string(), text })
}

fn plain(line: &str) -> BlockKind {
    match cells(line) {
        Some(row) => BlockKind::Table(vec![row]),
        None => BlockKind::Paragraph(line.trim().to_string()),
    }
}

/// Adds a line to the block before it, where it belongs there.
fn continues(last: Option<&mut Block>, line: &str) -> bool {
    match last.map(|block| &mut block.kind) {
        Some(BlockKind::Table(rows)) => match cells(line) {
            Some(row) if is_rule(&row) => true,
            Some(row) => {
                rows.push(row);
                true
            }
            None => false,
        },
        Some(BlockKind::Paragraph(text) | BlockKind::Item { text, .. }) => {
            text.push(' ');
            text.push_str(line.trim());
            true
        }
        _ => false,
    }
}

/// The cells of a table's row: `| a | b |`; `\|` is a bar inside a cell.
fn cells(line: &str) -> Option<Vec<String>> {
    let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let mut row = vec![String::new()];
    let mut escaped = false;
    for letter in inside.chars() {
        match (letter, row.last_mut()) {
            ('|', _) if !escaped => row.push(String::new()),
            ('|', Some(cell)) => {
                cell.pop();
                cell.push('|');
            }
            (letter, Some(cell)) => cell.push(letter),
            (_, None) => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    Some(row.into_iter().map(|cell| cell.trim().to_string()).collect())
}

/// The line of dashes below a table's head.
fn is_rule(row: &[String]) -> bool {
    row.iter().all(|cell| cell.contains('-') && cell.chars().all(|letter| matches!(letter, '-' | ':')))
}

/// An opening fence.
struct Fence<'t> {
    mark: char,
    length: usize,
    indent: usize,
    info: &'t str,
}

impl<'t> Fence<'t> {
    fn opens(line: &'t str) -> Option<Self> {
        let trimmed = line.trim_start();
        let mark = trimmed.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let length = trimmed.chars().take_while(|letter| *letter == mark).count();
        let info = trimmed.get(length..)?.trim();
        (length >= 3 && !info.contains('`')).then_some(Self { mark, length, indent: line.len() - trimmed.len(), info })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim();
        line.chars().count() >= self.length && line.chars().all(|letter| letter == self.mark)
    }

    /// A line inside, without the blanks that the fence itself is indented by.
    fn unindented<'a>(&self, line: &'a str) -> &'a str {
        let blank = line.bytes().take(self.indent).take_while(|byte| *byte == b' ').count();
        &line[blank..]
    }
}

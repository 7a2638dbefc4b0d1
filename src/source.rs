//! The texts that a run reads, and places in them.
//!
//! Every other room refers to text through a [`Span`], which knows its file, so that one finding can point into
//! several files. [`Sources`] owns the texts; it never changes once the read stage has filled it.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Names one text in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub(crate) u32);

/// A range of bytes in one file, half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that the range lies in.
    pub file: SourceId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just behind the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets. Files are capped far below 4 GiB before anything is parsed, so offsets fit.
    pub fn new(file: SourceId, start: usize, end: usize) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: narrow(start), end: narrow(end.max(start)) }
    }

    /// The range as indexes into the file's text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The empty span at the same start.
    pub fn start_point(self) -> Self {
        Self { end: self.start, ..self }
    }

    /// Whether `other` lies completely inside this span.
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// A place as people and editors count it: both numbers start at 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One text and where it came from.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
    renderings: OnceLock<Vec<(u32, Option<Range<usize>>)>>,
}

impl Source {
    /// The path as it is shown: relative to the working directory where possible, with `/`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// [`Source::path`] as text with `/` between its parts.
    pub fn display_path(&self) -> String {
        slashed(&self.path)
    }

    /// The whole text as it was read, byte order mark included.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| at as u32 + 1)).collect()
        })
    }

    /// Where the documents of a text in YAML begin, and the template that Helm rendered each from, by its first line.
    fn renderings(&self) -> &[(u32, Option<Range<usize>>)] {
        self.renderings.get_or_init(|| {
            let mut documents = Vec::new();
            let (mut at, mut is_first) = (0, true);
            for line in self.text.split_inclusive('\n') {
                if is_first {
                    let template = line.strip_prefix("# Source: ").map(str::trim_end);
                    let start = at + line.len() - line.strip_prefix("# Source: ").map_or(0, str::len);
                    documents.push((at as u32, template.map(|template| start..start + template.len())));
                }
                at += line.len();
                is_first = line.trim_end() == "---";
            }
            documents
        })
    }

    /// The line and column of a byte offset; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_starts().partition_point(|start| *start as usize <= offset).max(1);
        let start = self.line_starts()[line - 1] as usize;
        Position { line, column: self.text[start..offset].chars().count() + 1 }
    }

    /// The bytes of a line (from 1) without its line break; `None` behind the last line.
    pub fn line_range(&self, line: usize) -> Option<Range<usize>> {
        let start = *self.line_starts().get(line.checked_sub(1)?)? as usize;
        let end = self.line_starts().get(line).map_or(self.text.len(), |next| *next as usize - 1);
        Some(start..start + self.text[start..end].trim_end_matches('\r').len())
    }
}

/// All texts of a run, by [`SourceId`] and by path.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    by_path: std::collections::HashMap<PathBuf, SourceId>,
}

impl Sources {
    /// Adds a text and returns its id. A path that is already there gets a second entry; the first keeps the name.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> SourceId {
        let path = normalize(&path.into());
        let id = SourceId(self.files.len() as u32);
        self.by_path.entry(path.clone()).or_insert(id);
        self.files.push(Source { path, text: text.into(), line_starts: OnceLock::new(), renderings: OnceLock::new() });
        id
    }

    /// The source of an id.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// The source at a path, compared after [`normalize`].
    pub fn find(&self, path: &Path) -> Option<SourceId> {
        self.by_path.get(&normalize(path)).copied()
    }

    /// The text inside a span; empty where the span does not fit its file.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.range()).unwrap_or("")
    }

    /// The template that Helm rendered the YAML document around a span from: it says so in
    /// the first line of each.
    pub fn rendered_from(&self, span: Span) -> Option<&str> {
        let source = self.get(span.file);
        let documents = source.renderings();
        let document = documents.partition_point(|(start, _)| *start <= span.start).checked_sub(1)?;
        let (_, template) = documents.get(document)?;
        source.text.get(template.clone()?)
    }

    /// Line and column of a span's first character.
    pub fn start(&self, span: Span) -> Position {
        self.get(span.file).position(span.start)
    }

    /// Line and column just behind a span's last character.
    pub fn end(&self, span: Span) -> Position {
        self.get(span.file).position(span.end)
    }

    /// All ids, in the order in which the texts were added.
    pub fn ids(&self) -> impl Iterator<Item = SourceId> + use<> {
        (0..self.files.len() as u32).map(SourceId)
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// A path as text with `/` between its parts.
pub fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// A path without `.` and with `..` taken back where a part stands before it; symbolic links are not followed.
pub fn normalize(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut parts: Vec<Component> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            (part, _) => parts.push(part),
        }
    }
    parts.iter().collect()
}

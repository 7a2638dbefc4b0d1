//! A lint's page, `lints/<id>/README.md`: what `archlint explain` prints, and the examples that test the lint.
//!
//! A page is Markdown: a title (the id), a first paragraph (the summary), sections. Its fenced blocks in `yaml`, `hcl`
//! and `json` name a file behind the language and are examples; `lints/README.md` tells how they are written. Called
//! by the command line and by tests/pages.rs and tests/catalogue.rs.

mod blocks;
mod render;

use crate::discover::FileKind;
use blocks::{Block, BlockKind, blocks};
use std::path::{Component, Path};

/// The paragraph behind which an example must be free of the page's lint.
const USE_INSTEAD: &str = "Use instead:";
/// What starts a mark at the end of an example's line.
const MARK: &str = "#~";

/// A page that was read.
#[derive(Debug, Clone)]
pub struct Page {
    /// The id of the lint.
    pub title: String,
    /// The first paragraph, on one line.
    pub summary: String,
    /// What the page shows, in order.
    pub examples: Vec<Example>,
    blocks: Vec<Block>,
}

/// One project that a page shows: files that are linted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The page's line (from 1) on which its first fence opens.
    pub line: usize,
    /// Its files, marks taken out; lines keep their numbers.
    pub files: Vec<ExampleFile>,
    /// The findings that the page asserts, in the order in which they are marked.
    pub expected: Vec<Expected>,
    /// Whether it shows what to use instead and so has to be free of the page's lint.
    pub must_be_clean: bool,
}

/// One file of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleFile {
    /// Its path, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A mark: the primary label of a finding of this lint starts on this line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// The example's file.
    pub path: String,
    /// The line in that file, from 1.
    pub line: usize,
    /// The lint's id.
    pub lint: String,
}

/// What is wrong with a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct PageError {
    /// The page's line, from 1.
    pub line: usize,
    /// What is wrong, lower case, without a full stop.
    pub message: String,
}

impl PageError {
    fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

impl Page {
    /// Reads a page (or a `cases.md`, which has the same form).
    pub fn parse(text: &str) -> Result<Self, PageError> {
        let blocks = blocks(text)?;
        let mut opening = blocks.iter();
        let title = match opening.next() {
            Some(Block { kind: BlockKind::Heading { level: 1, text }, .. }) => text.clone(),
            other => {
                return Err(PageError::new(other.map_or(1, |block| block.line), "a page starts with `# its-title`"));
            }
        };
        let summary = match opening.next() {
            Some(Block { kind: BlockKind::Paragraph(text), .. }) => text.clone(),
            other => {
                let line = other.map_or(1, |block| block.line);
                return Err(PageError::new(line, "one paragraph that sums the page up belongs below the title"));
            }
        };
        let examples = examples(&blocks)?;
        Ok(Self { title, summary, examples, blocks })
    }

    /// The page as a terminal shows it: no wider than `width` where that can be done, marks left out.
    pub fn render(&self, width: usize, color: bool) -> String {
        render::render(&self.blocks, width, color)
    }
}

/// Gathers the example fences to projects.
fn examples(blocks: &[Block]) -> Result<Vec<Example>, PageError> {
    let mut examples: Vec<Example> = Vec::new();
    // Whether the last block was a fence of an example, so that the next one may belong to the same project.
    let mut adjoins = false;
    // The line of a `Use instead:` that no example has followed yet.
    let mut instead: Option<usize> = None;
    for Block { line, kind } in blocks {
        let file = match kind {
            BlockKind::Code { info, lines } => example_file(*line, info, lines)?,
            _ => None,
        };
        let Some((file, marks)) = file else {
            if let Some(line) = instead {
                return Err(PageError::new(line, format!("no example follows `{USE_INSTEAD}`")));
            }
            adjoins = false;
            instead = matches!(kind, BlockKind::Paragraph(text) if text == USE_INSTEAD).then_some(*line);
            continue;
        };
        let must_be_clean = match examples.last_mut() {
            Some(last) if adjoins && last.files.iter().all(|other| other.path != file.path) => {
                last.expected.extend(marks);
                last.files.push(file);
                last.must_be_clean
            }
            last => {
                let must_be_clean = instead.take().is_some() || adjoins && last.is_some_and(|last| last.must_be_clean);
                examples.push(Example { line: *line, files: vec![file], expected: marks, must_be_clean });
                must_be_clean
            }
        };
        adjoins = true;
        if must_be_clean && examples.last().is_some_and(|example| !example.expected.is_empty()) {
            return Err(PageError::new(*line, format!("an example behind `{USE_INSTEAD}` is clean and has no marks")));
        }
    }
    match instead {
        Some(line) => Err(PageError::new(line, format!("no example follows `{USE_INSTEAD}`"))),
        None => Ok(examples),
    }
}

/// The file and the marks of a fence that is an example; `None` for fences in other languages.
fn example_file(line: usize, info: &str, lines: &[String]) -> Result<Option<(ExampleFile, Vec<Expected>)>, PageError> {
    let mut words = info.split_whitespace();
    let language = words.next().ok_or_else(|| {
        PageError::new(line, "a fence names its language; `text` is one, and `yaml`, `hcl` and `json` are examples")
    })?;
    let path = words.next();
    if let Some(more) = words.next() {
        return Err(PageError::new(line, format!("`{more}` is too much: a fence names its language and one path")));
    }
    let path = match (language, path) {
        ("yaml" | "hcl" | "json", Some(path)) => path,
        ("yaml" | "hcl" | "json", None) => {
            return Err(PageError::new(line, format!("an example in {language} names its file: `{language} <path>`")));
        }
        (_, None) => return Ok(None),
        (_, Some(_)) => {
            let message = format!("`{language}` is no language of an example: yaml, hcl and json are");
            return Err(PageError::new(line, message));
        }
    };
    check_path(language, path).map_err(|message| PageError::new(line, message))?;
    let mut text = String::new();
    let mut marks = Vec::new();
    for (index, written) in lines.iter().enumerate() {
        let (content, lints) = split_mark(written).map_err(|message| PageError::new(line + 1 + index, message))?;
        marks.extend(lints.into_iter().map(|lint| Expected {
            path: path.to_string(),
            line: index + 1,
            lint: lint.to_string(),
        }));
        text.push_str(content);
        text.push('\n');
    }
    Ok(Some((ExampleFile { path: path.to_string(), text }, marks)))
}

/// An example's path stays inside its project, is one that archlint reads, and goes with the language.
fn check_path(language: &str, path: &str) -> Result<(), String> {
    if path.contains('\\') || !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(format!("`{path}` is not a plain relative path"));
    }
    let kind = FileKind::of(Path::new(path)).ok_or_else(|| format!("`{path}` is not a file that archlint reads"))?;
    let expected = match kind {
        _ if path.ends_with(".json") => "json",
        FileKind::Terraform | FileKind::TerraformValues | FileKind::Terragrunt => "hcl",
        // A CloudFormation template may be called `.template` in either syntax.
        _ if path.ends_with(".template") && language != "hcl" => language,
        _ => "yaml",
    };
    if language == expected { Ok(()) } else { Err(format!("`{path}` is {expected}, not {language}")) }
}

/// Splits a line of an example into what belongs to the file and the lints that are marked on it.
fn split_mark(line: &str) -> Result<(&str, Vec<&str>), String> {
    let Some(at) = line.rfind(MARK).filter(|at| *at == 0 || line[..*at].ends_with([' ', '\t'])) else {
        return Ok((line, Vec::new()));
    };
    let (content, mark) = line.split_at(at);
    let lints: Vec<&str> = mark[MARK.len()..].split(',').map(str::trim).collect();
    if let Some(wrong) = lints.iter().find(|lint| !is_id(lint)) {
        return Err(format!("`{wrong}` behind `{MARK}` is no lint id"));
    }
    if content.trim().is_empty() {
        return Err(format!("`{MARK}` belongs at the end of the line that it is about"));
    }
    Ok((content.trim_end(), lints))
}

/// Whether a text is in kebab-case.
pub fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

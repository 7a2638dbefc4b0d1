//! The syntax of variables in serverless.yml: `${opt:stage, self:custom.stage, 'dev'}`, nested and inside longer texts.
//!
//! `${Name}`, `${Name.Arn}` and `${AWS::Region}` are no variables: they are CloudFormation's and stay as they are.

/// Variables inside variables.
const MAX_NESTING: usize = 12;
/// Bytes of one variable.
const MAX_LENGTH: usize = 4096;

/// A piece of a text.
#[derive(Debug, PartialEq)]
pub(crate) enum Piece<'t> {
    Text(&'t str),
    Variable(Variable<'t>),
}

/// `${...}`
#[derive(Debug, PartialEq)]
pub(crate) struct Variable<'t> {
    /// The whole variable as it reads.
    pub text: &'t str,
    /// Where its value may come from; the first that has one counts.
    pub sources: Vec<Source<'t>>,
}

/// One place that a value may come from.
#[derive(Debug, PartialEq)]
pub(crate) enum Source<'t> {
    /// `kind(parameter):address`
    Call { text: &'t str, kind: &'t str, parameter: Option<Vec<Piece<'t>>>, address: Option<Vec<Piece<'t>>> },
    /// A literal; quoted ones are texts.
    Literal { text: &'t str, quoted: bool },
    /// A variable in its own braces.
    Nested(Variable<'t>),
}

/// The pieces of a text.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = text[at..].find("${").map(|found| at + found) {
        match variable(text, found, 0) {
            Some((variable, end)) => {
                if from < found {
                    pieces.push(Piece::Text(&text[from..found]));
                }
                pieces.push(Piece::Variable(variable));
                (from, at) = (end, end);
            }
            None => at = found + 2,
        }
    }
    if from < text.len() {
        pieces.push(Piece::Text(&text[from..]));
    }
    pieces
}

/// Whether a text holds a variable.
pub(crate) fn has_variable(text: &str) -> bool {
    text.contains("${") && pieces(text).iter().any(|piece| matches!(piece, Piece::Variable(_)))
}

/// The variable that starts at a byte, and the byte behind it.
fn variable(text: &str, start: usize, nesting: usize) -> Option<(Variable<'_>, usize)> {
    if nesting > MAX_NESTING || text[..start].ends_with('\\') {
        return None;
    }
    let mut at = start + 2;
    let mut sources = Vec::new();
    loop {
        at = skip_space(text, at);
        let (source, end) = source(text, at, nesting)?;
        // A bare word can only be something to fall back to.
        if sources.is_empty() && matches!(source, Source::Literal { .. }) {
            return None;
        }
        sources.push(source);
        at = skip_space(text, end);
        match text.as_bytes().get(at)? {
            b',' => at += 1,
            b'}' => return Some((Variable { text: &text[start..=at], sources }, at + 1)),
            _ => return None,
        }
        if at - start > MAX_LENGTH {
            return None;
        }
    }
}

fn skip_space(text: &str, at: usize) -> usize {
    at + text.as_bytes()[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn source(text: &str, at: usize, nesting: usize) -> Option<(Source<'_>, usize)> {
    let rest = &text[at..];
    if rest.starts_with("${") {
        let (variable, end) = variable(text, at, nesting + 1)?;
        return Some((Source::Nested(variable), end));
    }
    if let Some(quote) = rest.chars().next().filter(|first| matches!(first, '\'' | '"')) {
        let length = rest[1..].find(quote)?;
        return Some((Source::Literal { text: &rest[1..=length], quoted: true }, at + length + 2));
    }
    let name = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
    let kind = &rest[..name];
    let mut end = at + name;
    let mut parameter = None;
    if !kind.is_empty() && text.as_bytes().get(end) == Some(&b'(') {
        let (pieces, close) = enclosed(text, end + 1, b")", nesting)?;
        parameter = Some(pieces);
        end = close + 1;
    }
    let mut address = None;
    let is_call = text.as_bytes().get(end) == Some(&b':') && text.as_bytes().get(end + 1) != Some(&b':');
    if is_call && !kind.is_empty() {
        let (pieces, close) = enclosed(text, end + 1, b",}", nesting)?;
        address = Some(pieces);
        end = close;
    }
    if parameter.is_none() && address.is_none() {
        let length = rest.bytes().take(MAX_LENGTH).position(|byte| matches!(byte, b',' | b'}'))?;
        let literal = rest[..length].trim_end();
        return (!literal.contains(':')).then_some((Source::Literal { text: literal, quoted: false }, at + length));
    }
    Some((Source::Call { text: text[at..end].trim_end(), kind, parameter, address }, end))
}

/// Pieces up to one of some closing bytes, and where that byte is.
fn enclosed<'t>(text: &'t str, start: usize, closing: &[u8], nesting: usize) -> Option<(Vec<Piece<'t>>, usize)> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let (mut from, mut at) = (start, start);
    loop {
        let byte = *bytes.get(at)?;
        if at - start > MAX_LENGTH {
            return None;
        }
        if closing.contains(&byte) {
            if from < at {
                pieces.push(Piece::Text(text[from..at].trim()));
            }
            return Some((pieces, at));
        }
        if byte == b'$' && bytes.get(at + 1) == Some(&b'{') {
            let (variable, end) = variable(text, at, nesting + 1)?;
            if from < at {
                pieces.push(Piece::Text(&text[from..at]));
            }
            pieces.push(Piece::Variable(variable));
            (from, at) = (end, end);
            continue;
        }
        at += 1;
    }
}

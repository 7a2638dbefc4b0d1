//! The syntax of variables in serverless.yml: `${opt:stage, self:custom.stage, 'dev'}`, nested and inside longer texts.
//!
//! `${Name}`, `${Name.Arn}` and `${AWS::Region}` are no variables: they are CloudFormation's and stay as they are.

/// Variables inside variables.
const MAX_NESTING: usize = 12;
/// Bytes of one variable: some thousand sources to fall back to.
const MAX_LENGTH: usize = 64 * 1024;

/// A piece of a text.
#[derive(Debug, PartialEq)]
pub(crate) enum Piece<'t> {
    Text(&'t str),
    Variable(Variable<'t>),
    /// From here on the text cannot be read: a variable that has no end, or one that is too much.
    Unreadable(&'static str),
}

/// Why a text is no variable.
enum Fault {
    /// It is something else, and stays as it is.
    Foreign,
    /// It is one, but cannot be read; the framework would refuse it, or nobody writes such a thing.
    Unreadable(&'static str),
}

const UNCLOSED: Fault = Fault::Unreadable("a variable without its closing brace");
const TOO_LONG: Fault = Fault::Unreadable("a variable this long");
const TOO_DEEP: Fault = Fault::Unreadable("variables nested this deep");

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
        let read = variable(text, found, 0);
        if !matches!(read, Err(Fault::Foreign)) && from < found {
            pieces.push(Piece::Text(&text[from..found]));
        }
        match read {
            Ok((variable, end)) => {
                pieces.push(Piece::Variable(variable));
                (from, at) = (end, end);
            }
            Err(Fault::Foreign) => at = found + 2,
            // Looking for more variables behind it would take time that grows with the square of the length.
            Err(Fault::Unreadable(what)) => {
                pieces.push(Piece::Unreadable(what));
                return pieces;
            }
        }
    }
    if from < text.len() {
        pieces.push(Piece::Text(&text[from..]));
    }
    pieces
}

/// Whether a text holds a variable.
pub(crate) fn has_variable(text: &str) -> bool {
    text.contains("${") && pieces(text).iter().any(|piece| !matches!(piece, Piece::Text(_)))
}

/// The variable that starts at a byte, and the byte behind it.
fn variable(text: &str, start: usize, nesting: usize) -> Result<(Variable<'_>, usize), Fault> {
    if text[..start].ends_with('\\') {
        return Err(Fault::Foreign);
    }
    if nesting > MAX_NESTING {
        return Err(TOO_DEEP);
    }
    let mut at = start + 2;
    let mut sources = Vec::new();
    loop {
        at = skip_space(text, at);
        let (source, end) = source(text, at, nesting)?;
        // A bare word can only be something to fall back to.
        if sources.is_empty() && matches!(source, Source::Literal { .. }) {
            return Err(Fault::Foreign);
        }
        sources.push(source);
        at = skip_space(text, end);
        match text.as_bytes().get(at) {
            Some(b',') => at += 1,
            Some(b'}') => return Ok((Variable { text: &text[start..=at], sources }, at + 1)),
            Some(_) => return Err(Fault::Foreign),
            None => return Err(UNCLOSED),
        }
        if at - start > MAX_LENGTH {
            return Err(TOO_LONG);
        }
    }
}

fn skip_space(text: &str, at: usize) -> usize {
    at + text.as_bytes()[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn source(text: &str, at: usize, nesting: usize) -> Result<(Source<'_>, usize), Fault> {
    let rest = &text[at..];
    if rest.starts_with("${") {
        let (variable, end) = variable(text, at, nesting + 1)?;
        return Ok((Source::Nested(variable), end));
    }
    if let Some(quote) = rest.chars().next().filter(|first| matches!(first, '\'' | '"')) {
        let length = rest[1..].bytes().take(MAX_LENGTH).position(|byte| byte == quote as u8).ok_or(Fault::Foreign)?;
        return Ok((Source::Literal { text: &rest[1..=length], quoted: true }, at + length + 2));
    }
    let name = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
    let kind = &rest[..name];
    let mut end = at + name;
    let mut parameter = None;
    // `${FOO:-bar}` is a shell's.
    let is_kind = kind.starts_with(|first: char| first.is_ascii_lowercase());
    if is_kind && text.as_bytes().get(end) == Some(&b'(') {
        let (pieces, close) = enclosed(text, end + 1, b")", nesting)?;
        parameter = Some(pieces);
        end = close + 1;
    }
    let mut address = None;
    let is_call = text.as_bytes().get(end) == Some(&b':') && text.as_bytes().get(end + 1) != Some(&b':');
    if is_call && is_kind {
        let (pieces, close) = enclosed(text, end + 1, b",}", nesting)?;
        address = Some(pieces);
        end = close;
    }
    if parameter.is_none() && address.is_none() {
        let length = rest.bytes().take(MAX_LENGTH).position(|byte| matches!(byte, b',' | b'}'));
        let literal = length.map(|length| rest[..length].trim_end()).filter(|literal| !literal.contains(':'));
        let literal = literal.ok_or(Fault::Foreign)?;
        return Ok((Source::Literal { text: literal, quoted: false }, at + length.unwrap_or_default()));
    }
    Ok((Source::Call { text: text[at..end].trim_end(), kind, parameter, address }, end))
}

/// Pieces up to one of some closing bytes, and where that byte is.
fn enclosed<'t>(text: &'t str, start: usize, closing: &[u8], nesting: usize) -> Result<(Vec<Piece<'t>>, usize), Fault> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let (mut from, mut at) = (start, start);
    loop {
        let Some(byte) = bytes.get(at) else { return Err(UNCLOSED) };
        if at - start > MAX_LENGTH {
            return Err(TOO_LONG);
        }
        if closing.contains(byte) {
            if from < at {
                pieces.push(Piece::Text(text[from..at].trim()));
            }
            return Ok((pieces, at));
        }
        if *byte == b'$' && bytes.get(at + 1) == Some(&b'{') {
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

//! As much of the shell's grammar as it takes to see what a script does in the end: words, separators, and which of
//! them belong together.

/// A piece of a script.
#[derive(Debug)]
pub(super) struct Token {
    kind: Kind,
    /// Byte offsets in the script.
    start: usize,
    end: usize,
}

#[derive(Debug, PartialEq)]
enum Kind {
    /// A word, its quotes taken off.
    Word { text: String, is_quoted: bool },
    /// A separator or a parenthesis.
    Operator(&'static str),
}

impl Token {
    /// The text of a word.
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word { text, .. } => Some(text),
            Kind::Operator(_) => None,
        }
    }

    /// A word that may be one of the shell's own.
    fn bare(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word { text, is_quoted: false } => Some(text),
            _ => None,
        }
    }

    fn operator(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Operator(operator) => Some(operator),
            Kind::Word { .. } => None,
        }
    }
}

/// Scripts longer than this are programs of their own.
const MAX_SCRIPT: usize = 64 * 1024;

const OPERATORS: [&str; 9] = ["&&", "||", ";;", ";", "\n", "&", "|", "(", ")"];

/// The tokens of a script; `None` where it has a here-document or a quote that does not end.
pub(super) fn tokens(script: &str) -> Option<Vec<Token>> {
    if script.len() > MAX_SCRIPT {
        return None;
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(next) = script[at..].chars().next() {
        let rest = &script[at..];
        if rest.starts_with("\\\n") {
            at += 2;
        } else if next != '\n' && next.is_whitespace() {
            at += next.len_utf8();
        } else if next == '#' {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("((") {
            let end = rest.find("))")? + 2;
            let text: String = rest[..end].chars().filter(|c| !c.is_whitespace()).collect();
            tokens.push(Token { kind: Kind::Word { text, is_quoted: false }, start: at, end: at + end });
            at += end;
        } else if let Some(operator) =
            OPERATORS.iter().find(|operator| rest.starts_with(**operator) && !rest.starts_with("&>"))
        {
            tokens.push(Token { kind: Kind::Operator(operator), start: at, end: at + operator.len() });
            at += operator.len();
        } else {
            let (kind, length) = word(rest)?;
            tokens.push(Token { kind, start: at, end: at + length });
            at += length;
        }
    }
    Some(tokens)
}

/// The word that a text starts with, and how long it is as written.
fn word(rest: &str) -> Option<(Kind, usize)> {
    let mut text = String::new();
    let mut is_quoted = false;
    let mut at = 0;
    while let Some(next) = rest[at..].chars().next() {
        let here = &rest[at..];
        match next {
            '\'' => {
                let end = here[1..].find('\'')? + 1;
                text.push_str(&here[1..end]);
                is_quoted = true;
                at += end + 1;
            }
            '"' => {
                let end = double_quoted(here)?;
                text.push_str(&here[1..end]);
                is_quoted = true;
                at += end + 1;
            }
            '\\' => {
                let escaped = here[1..].chars().next();
                text.extend(escaped.filter(|c| *c != '\n'));
                at += 1 + escaped.map_or(0, char::len_utf8);
            }
            '$' if here.starts_with("$(") || here.starts_with("${") => {
                let end = balanced(here)?;
                text.push_str(&here[..end]);
                at += end;
            }
            '`' => {
                let end = here[1..].find('`')? + 2;
                text.push_str(&here[..end]);
                at += end;
            }
            '<' if here.starts_with("<<") => return None,
            '>' | '<' | '&' if here.starts_with(">&") || here.starts_with("<&") || here.starts_with("&>") => {
                text.push_str(&here[..2]);
                at += 2;
            }
            '\n' | ';' | '&' | '|' | '(' | ')' => break,
            c if c.is_whitespace() => break,
            c => {
                text.push(c);
                at += c.len_utf8();
            }
        }
    }
    Some((Kind::Word { text, is_quoted }, at))
}

/// Where the double quotes end that a text starts with.
fn double_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().skip(1).find_map(|(at, c)| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    })
}

/// How long the substitution is that a text starts with.
fn balanced(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// A command, a loop or another compound, and what separates it from the next one.
#[derive(Debug)]
pub(super) struct Item<'t> {
    tokens: &'t [Token],
    separator: Option<&'static str>,
}

/// A loop in its parts.
pub(super) struct LoopParts<'t> {
    pub keyword: &'t str,
    pub condition: &'t [Token],
    pub body: &'t [Token],
}

impl<'t> Item<'t> {
    /// Whether it runs beside what comes next: in the background or at one end of a pipe.
    pub fn runs_beside(&self) -> bool {
        matches!(self.separator, Some("&" | "|"))
    }

    /// Whether what comes next runs only if this fails.
    pub fn has_alternative(&self) -> bool {
        self.separator == Some("||")
    }

    /// Whether what comes next runs only if this succeeds.
    pub fn is_condition(&self) -> bool {
        self.separator == Some("&&")
    }

    /// Whether it runs in the background.
    pub fn is_background(&self) -> bool {
        self.separator == Some("&")
    }

    /// The words of a simple command; `None` for loops, conditions, groups.
    pub fn words(&self) -> Option<Vec<&'t str>> {
        let first = self.tokens.first()?.bare().unwrap_or_default();
        if is_opening(first) || self.tokens.iter().any(|token| token.operator().is_some()) {
            return None;
        }
        Some(self.tokens.iter().filter_map(Token::word).collect())
    }

    /// The parts of a loop.
    pub fn as_loop(&self) -> Option<LoopParts<'t>> {
        let (first, rest) = self.tokens.split_first()?;
        let keyword = first.bare().filter(|word| matches!(*word, "while" | "until" | "for"))?;
        let start = rest.iter().position(|token| token.bare() == Some("do"))?;
        let end = rest.iter().rposition(|token| token.bare() == Some("done"))?;
        (start < end).then(|| LoopParts { keyword, condition: &rest[..start], body: &rest[start + 1..end] })
    }

    /// How it is written.
    pub fn text(&self, script: &str) -> Option<String> {
        let (first, last) = (self.tokens.first()?, self.tokens.last()?);
        let text = script.get(first.start..last.end)?;
        (!text.contains('\n')).then(|| text.to_string())
    }
}

fn is_opening(word: &str) -> bool {
    matches!(word, "while" | "until" | "for" | "select" | "if" | "case" | "{")
}

/// Splits tokens at the separators that are inside of no loop, condition or group; `None` where these do not end.
pub(super) fn items(tokens: &[Token]) -> Option<Vec<Item<'_>>> {
    let mut items = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut start = 0;
    // Only where a command may start is a word one of the shell's own.
    let mut is_first = true;
    for (at, token) in tokens.iter().enumerate() {
        if let Some(operator) = token.operator() {
            match operator {
                "(" => open.push("("),
                // The end of a pattern.
                ")" if open.last() == Some(&"case") => {}
                ")" => open.pop().filter(|opened| *opened == "(").map(|_| ())?,
                ";;" => {}
                _ if open.is_empty() => {
                    if at > start {
                        items.push(Item { tokens: &tokens[start..at], separator: Some(operator) });
                    }
                    start = at + 1;
                }
                _ => {}
            }
            is_first = true;
            continue;
        }
        let word = token.bare().unwrap_or_default();
        if is_first && is_opening(word) {
            open.push(word);
        } else if is_first && matches!(word, "done" | "fi" | "esac" | "}") {
            let opened = open.pop()?;
            let fits = match word {
                "done" => matches!(opened, "while" | "until" | "for" | "select"),
                "fi" => opened == "if",
                "esac" => opened == "case",
                _ => opened == "{",
            };
            fits.then_some(())?;
        }
        let starts_command =
            matches!(word, "do" | "then" | "else" | "elif" | "!" | "{" | "while" | "until" | "if" | "time" | "((;;))");
        is_first = starts_command;
    }
    if start < tokens.len() {
        items.push(Item { tokens: &tokens[start..], separator: None });
    }
    open.is_empty().then_some(items)
}

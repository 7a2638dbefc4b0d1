//! Values, attributes and blocks as `terraform fmt` writes them; called by the rest of this folder.

use super::super::New;

/// Writes in the manner of a file.
#[derive(Clone, Copy)]
pub(super) struct Pen<'t> {
    /// How lines end.
    pub newline: &'t str,
    /// What a level of indentation adds.
    pub unit: &'t str,
}

impl Pen<'_> {
    /// A value; objects take several lines, which are indented by what is given and more.
    pub fn expression(&self, value: &New, indentation: &str) -> String {
        let deeper = format!("{indentation}{}", self.unit);
        let newline = self.newline;
        match value {
            New::Object(entries) | New::Block { body: entries, .. } if !entries.is_empty() => {
                let attributes = entries.iter().map(|(key, value)| (key_text(key), self.expression(value, &deeper)));
                let lines = self.group(&attributes.collect::<Vec<_>>(), 0, &deeper);
                format!("{{{newline}{lines}{newline}{indentation}}}")
            }
            New::List(items) if items.iter().any(is_spacious) => {
                let items = items.iter().map(|item| format!("{deeper}{},{newline}", self.expression(item, &deeper)));
                format!("[{newline}{}{indentation}]", items.collect::<String>())
            }
            New::Call { function, argument } => format!("{function}({})", self.expression(argument, indentation)),
            value => inline(value),
        }
    }

    /// Attributes under each other: the `=` of those in consecutive lines stand in one column, behind names of at
    /// least a width.
    pub fn group(&self, attributes: &[(String, String)], least: usize, indentation: &str) -> String {
        self.aligned(attributes, least, indentation).join(self.newline)
    }

    /// The same, each by itself.
    pub fn aligned(&self, attributes: &[(String, String)], least: usize, indentation: &str) -> Vec<String> {
        let is_aligned = |(_, text): &&(String, String)| is_even(text);
        let mut lines = Vec::new();
        let mut rest = attributes;
        while !rest.is_empty() {
            let length = rest.iter().take_while(is_aligned).count();
            let (chain, behind) = rest.split_at(length.max(1));
            rest = behind;
            let width = chain.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(least);
            let width = if length == 0 { 0 } else { width };
            lines.extend(chain.iter().map(|(name, text)| format!("{indentation}{name:width$} = {text}")));
        }
        lines
    }

    /// What stands in a body: attributes in groups, blocks with blank lines around them.
    pub fn body(&self, entries: &[(String, New)], indentation: &str) -> String {
        let mut parts = Vec::new();
        let mut attributes = Vec::new();
        for (key, value) in entries {
            if let New::Block { labels, body } = value {
                if !attributes.is_empty() {
                    parts.push(self.group(&std::mem::take(&mut attributes), 0, indentation));
                }
                parts.push(self.block(key, labels, body, indentation));
            } else {
                attributes.push((key.clone(), self.expression(value, indentation)));
            }
        }
        if !attributes.is_empty() {
            parts.push(self.group(&attributes, 0, indentation));
        }
        parts.join(&self.newline.repeat(2))
    }

    fn block(&self, kind: &str, labels: &[String], body: &[(String, New)], indentation: &str) -> String {
        let labels: String = labels.iter().map(|label| format!(" {}", quoted(label))).collect();
        if body.is_empty() {
            return format!("{indentation}{kind}{labels} {{}}");
        }
        let newline = self.newline;
        let body = self.body(body, &format!("{indentation}{}", self.unit));
        format!("{indentation}{kind}{labels} {{{newline}{body}{newline}{indentation}}}")
    }
}

/// A value on one line.
pub(super) fn inline(value: &New) -> String {
    match value {
        New::Boolean(truth) => truth.to_string(),
        New::Number(number) | New::Seconds(number) => number.to_string(),
        New::Text(text) => quoted(text),
        New::Raw(text) => text.clone(),
        New::Call { function, argument } => format!("{function}({})", inline(argument)),
        New::List(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        New::Object(entries) | New::Block { body: entries, .. } if entries.is_empty() => "{}".into(),
        New::Object(entries) | New::Block { body: entries, .. } => {
            let entries = entries.iter().map(|(key, value)| format!("{} = {}", key_text(key), inline(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Whether a value takes several lines.
fn is_spacious(value: &New) -> bool {
    match value {
        New::Object(entries) | New::Block { body: entries, .. } => !entries.is_empty(),
        New::List(items) => items.iter().any(is_spacious),
        _ => false,
    }
}

/// Whether the first line of a value closes all brackets that it opens: only then `terraform fmt` aligns its `=`.
pub(super) fn is_even(value: &str) -> bool {
    let (mut open, mut in_text, mut escaped) = (0i64, false, false);
    for byte in value.lines().next().unwrap_or("").bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' | b'(' if !in_text => open += 1,
            b'}' | b']' | b')' if !in_text => open -= 1,
            _ => {}
        }
    }
    open == 0
}

/// The key of an object: in quotes where it is no name.
pub(super) fn key_text(key: &str) -> String {
    let mut characters = key.chars();
    let is_name = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-'));
    // A word that means something else at the beginning of an object.
    if is_name && key != "for" { key.to_string() } else { quoted(key) }
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut characters = text.chars().peekable();
    let mut before = None;
    while let Some(character) = characters.next() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                // Behind another one, two of them would mean something else.
                if before == Some(character) {
                    out.push_str(&format!("\\u{:04x}", u32::from(character)));
                } else {
                    out.push(character);
                    out.push(character);
                }
            }
            character if character.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            character => out.push(character),
        }
        before = Some(character);
    }
    out.push('"');
    out
}

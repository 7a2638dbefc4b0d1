//! The text of the literal parts of templates, as Terraform computes it; called while expressions are lowered.
//!
//! `~` marks eat the blanks beside them and `<<-` removes the common indentation. Both rules work on single lines of
//! the whole template, directives and all, so they are applied to all literal parts at once, before any is lowered.
//! (hcl-edit does neither in the same way: it keeps the `~` for its caller and drops carriage returns with the
//! indentation.)

use hcl_edit::Span;
use hcl_edit::template::{Directive, Element, Strip, Template};
use std::collections::HashMap;
use std::ops::Range;

/// The final texts of a template's literal parts.
pub(super) struct Literals {
    tokens: Vec<Token>,
    /// The first token of the literal that starts at an offset of the file.
    by_start: HashMap<usize, usize>,
}

enum Token {
    /// A line, or the part of one that lies between two marks, and the start of the literal that it is of.
    Line(usize, String),
    /// An interpolation or one end of a directive.
    Mark,
}

impl Literals {
    /// The parts of a quoted template. Their escapes are already resolved.
    pub fn of_string(template: &Template, offset: usize) -> Self {
        let mut collector = Collector { offset, ..Collector::default() };
        collector.template(template, &|literal, _| vec![literal.to_owned()]);
        collector.finish()
    }

    /// The parts of a heredoc, from the text of the file. `flush`: it was opened with `<<-`.
    pub fn of_heredoc(template: &Template, text: &str, offset: usize, flush: bool) -> Self {
        let mut collector = Collector { offset, ..Collector::default() };
        collector.template(template, &|_, range| {
            let raw = text.get(range).unwrap_or("");
            raw.split_inclusive('\n').map(|line| line.replace("$${", "${").replace("%%{", "%{")).collect()
        });
        if flush {
            collector.remove_indentation();
        }
        collector.finish()
    }

    /// The text of one literal part, by its place in the file.
    pub fn text(&self, range: &Range<usize>, otherwise: &str) -> String {
        let Some(first) = self.by_start.get(&range.start) else { return otherwise.to_owned() };
        let lines = self.tokens.iter().skip(*first).map_while(|token| match token {
            Token::Line(start, line) if *start == range.start => Some(line.as_str()),
            _ => None,
        });
        lines.collect()
    }

    /// The text of all literal parts together.
    pub fn joined(&self) -> String {
        let lines = self.tokens.iter().filter_map(|token| match token {
            Token::Line(_, line) => Some(line.as_str()),
            Token::Mark => None,
        });
        lines.collect()
    }
}

#[derive(Default)]
struct Collector {
    offset: usize,
    tokens: Vec<Token>,
    /// Whether the mark just passed ends with `~}`.
    trim_next: bool,
}

type Lines<'a> = dyn Fn(&str, Range<usize>) -> Vec<String> + 'a;

impl Collector {
    fn template(&mut self, template: &Template, lines: &Lines) {
        for element in template {
            match element {
                Element::Literal(literal) => {
                    let range = literal.span().unwrap_or(0..0);
                    let range = range.start + self.offset..range.end + self.offset;
                    for mut line in lines(literal, range.clone()) {
                        if std::mem::take(&mut self.trim_next) {
                            line = line.trim_start().to_owned();
                        }
                        self.tokens.push(Token::Line(range.start, line));
                    }
                }
                Element::Interpolation(interpolation) => self.mark(interpolation.strip),
                Element::Directive(directive) => match directive.as_ref() {
                    Directive::If(directive) => {
                        self.mark(directive.if_expr.strip);
                        self.template(&directive.if_expr.template, lines);
                        if let Some(otherwise) = &directive.else_expr {
                            self.mark(otherwise.strip);
                            self.template(&otherwise.template, lines);
                        }
                        self.mark(directive.endif_expr.strip);
                    }
                    Directive::For(directive) => {
                        self.mark(directive.for_expr.strip);
                        self.template(&directive.for_expr.template, lines);
                        self.mark(directive.endfor_expr.strip);
                    }
                },
            }
        }
    }

    fn mark(&mut self, strip: Strip) {
        if let (true, Some(Token::Line(_, line))) = (strip.strip_start(), self.tokens.last_mut()) {
            line.truncate(line.trim_end().len());
        }
        self.tokens.push(Token::Mark);
        self.trim_next = strip.strip_end();
    }

    /// Removes the smallest indentation of any line from every line. Blank lines do not count and stay as they are;
    /// a mark at the beginning of a line counts as no indentation.
    fn remove_indentation(&mut self) {
        let mut indentation: Option<usize> = None;
        let mut indented = Vec::new();
        let mut at_line_start = true;
        for (index, token) in self.tokens.iter().enumerate() {
            let starts_line = std::mem::take(&mut at_line_start);
            let mut width = 0;
            if let Token::Line(_, line) = token {
                at_line_start = line.ends_with('\n');
                if at_line_start && line.trim().is_empty() {
                    continue;
                }
                width = line.chars().take_while(|character| character.is_whitespace()).count();
            }
            if starts_line {
                indentation = Some(indentation.map_or(width, |smallest| smallest.min(width)));
                indented.push(index);
            }
        }
        let Some(width) = indentation else { return };
        for index in indented {
            if let Some(Token::Line(_, line)) = self.tokens.get_mut(index) {
                *line = line.chars().skip(width).collect();
            }
        }
    }

    fn finish(self) -> Literals {
        let mut by_start = HashMap::new();
        for (index, token) in self.tokens.iter().enumerate() {
            if let Token::Line(start, _) = token {
                by_start.entry(*start).or_insert(index);
            }
        }
        Literals { tokens: self.tokens, by_start }
    }
}

//! The check that every span of a tree is true; used by `roundtrip.rs` on fixtures and by `corpus.rs` on real files.
//!
//! Every node's slice is read again by another way than the one that gave the span: on its own, with serde_json, by
//! folding the lines of a plain scalar, by looking at the characters around it. A wrong span shows as a difference.

use archlint::source::{SourceId, Sources};
use archlint::tree::{self, Expr, Kind, NodeRef, Style, Tree};
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Syntax {
    Yaml,
    Json,
    Hcl,
}

impl Syntax {
    /// The syntax of a file, by the end of its name.
    pub fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "yaml" | "yml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            "tf" | "hcl" | "tfvars" => Some(Self::Hcl),
            _ => None,
        }
    }

    pub fn parse(self, text: &str) -> Tree {
        let text: Arc<str> = text.into();
        let file = some_file(&text);
        match self {
            Self::Yaml => tree::yaml::parse(file, text),
            Self::Json => tree::json::parse(file, text),
            Self::Hcl => tree::hcl::parse(file, text),
        }
    }
}

fn some_file(text: &Arc<str>) -> SourceId {
    Sources::default().add("file", text.clone())
}

fn parse_expression(text: &str) -> Option<Tree> {
    let text: Arc<str> = text.into();
    tree::hcl::parse_expression(some_file(&text), text.clone(), 0..text.len())
}

/// All that is wrong with the spans of a tree; empty if nothing is.
pub fn faults(syntax: Syntax, tree: &Tree) -> Vec<String> {
    let mut check = Check { syntax, tree, faults: Vec::new(), parents: vec![0; tree.all().count()] };
    check.errors();
    let mut end = 0;
    for document in tree.documents() {
        check.expect(document.span().start >= end, document, "overlaps the document before it");
        end = document.span().end;
        check.node(document, None);
    }
    check.comments();
    if syntax == Syntax::Json && tree.errors.is_empty() {
        let text = tree.text().trim_start_matches('\u{feff}');
        if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
            check.faults.push(format!("serde_json refuses the file: {error}"));
        }
    }
    check.faults
}

/// The nodes right below a node, in the order of the source. A block stands for its key, which lies inside it.
pub fn children(node: NodeRef<'_>) -> Vec<NodeRef<'_>> {
    let ids: Vec<u32> = match &node.node().kind {
        Kind::Null | Kind::Scalar(_) | Kind::Alias(_) => Vec::new(),
        Kind::Sequence(items) => items.to_vec(),
        Kind::Mapping(entries) => {
            let is_block = |value: u32| matches!(node.other(value).node().kind, Kind::Block { .. });
            let both = |(key, value): &(u32, u32)| if is_block(*value) { vec![*value] } else { vec![*key, *value] };
            entries.iter().flat_map(both).collect()
        }
        Kind::Block { labels, body } => labels.iter().copied().chain([*body]).collect(),
        Kind::Expr(expr) => expr.operands(),
    };
    ids.into_iter().map(|id| node.other(id)).collect()
}

/// What a node says, without places: two readings of one text have the same shape. Blanks in the literal parts of
/// templates are left out, since they depend on what surrounds the template.
pub fn shape(node: NodeRef<'_>) -> String {
    let tag = node.node().tag.as_ref().map_or(String::new(), |tag| format!("{} ", tag.name));
    let inner = |separator: &str| children(node).into_iter().map(shape).collect::<Vec<_>>().join(separator);
    let rest = match &node.node().kind {
        Kind::Null => "null".to_owned(),
        Kind::Scalar(_) => format!("{:?}", node.as_str().unwrap_or("").trim_end_matches('\n')),
        Kind::Alias(_) => "*".to_owned(),
        Kind::Sequence(_) => format!("[{}]", inner(", ")),
        Kind::Mapping(_) => {
            let entries = node.entries().map(|(key, value)| format!("{}: {}", shape(key), shape(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Kind::Block { .. } => format!("block({})", inner(" ")),
        Kind::Expr(expr) => match &**expr {
            Expr::Template(_) | Expr::TemplateIf { .. } | Expr::TemplateFor { .. } => {
                format!("{}({})", expr_name(expr), template_shape(node))
            }
            expr => format!("{}({})", expr_name(expr), inner(", ")),
        },
    };
    tag + &rest
}

fn template_shape(node: NodeRef<'_>) -> String {
    let parts = children(node).into_iter().map(|part| match &part.node().kind {
        Kind::Scalar(_) if is_literal_part(part) => {
            part.as_str().unwrap_or("").split_whitespace().collect::<Vec<_>>().concat()
        }
        _ => format!("<{}>", shape(part)),
    });
    parts.collect()
}

fn is_literal_part(node: NodeRef<'_>) -> bool {
    let slice = node.slice();
    node.node().style == Style::Quoted && !(slice.len() > 1 && slice.starts_with('"') && slice.ends_with('"'))
        || node.node().style == Style::BlockScalar && !slice.starts_with("<<")
}

fn expr_name(expr: &Expr) -> String {
    match expr {
        Expr::Variable(name) => format!("variable {name}"),
        Expr::Attribute { name, .. } => format!("attribute {name}"),
        Expr::Index { .. } => "index".to_owned(),
        Expr::Splat { .. } => "splat".to_owned(),
        Expr::Element => "element".to_owned(),
        Expr::Template(_) => "template".to_owned(),
        Expr::TemplateIf { .. } => "template-if".to_owned(),
        Expr::TemplateFor { key, value, .. } => format!("template-for {key:?} {value}"),
        Expr::Call { name, expand, .. } => format!("call {name} {expand}"),
        Expr::Conditional { .. } => "conditional".to_owned(),
        Expr::Unary { operator, .. } => format!("unary {operator}"),
        Expr::Binary { operator, .. } => format!("binary {operator}"),
        Expr::For { key, value, group, result_key, .. } => {
            format!("for {key:?} {value} {group} {}", result_key.is_some())
        }
    }
}

struct Check<'t> {
    syntax: Syntax,
    tree: &'t Tree,
    faults: Vec<String>,
    /// How many parents each node was met under.
    parents: Vec<usize>,
}

impl Check<'_> {
    fn expect(&mut self, holds: bool, node: NodeRef<'_>, message: &str) {
        if !holds {
            let slice: String = node.slice().chars().take(60).collect();
            self.faults.push(format!("{message}: {:?} at {:?} {slice:?}", node.node().style, node.node().span));
        }
    }

    fn before(&self, node: NodeRef<'_>) -> &str {
        self.tree.text().get(..node.span().start as usize).unwrap_or("")
    }

    fn behind(&self, node: NodeRef<'_>) -> &str {
        self.tree.text().get(node.span().end as usize..).unwrap_or("")
    }

    fn errors(&mut self) {
        for error in &self.tree.errors {
            let message = &error.message;
            if self.tree.text().get(error.span.range()).is_none() {
                self.faults.push(format!("an error is out of its file: {error:?}"));
            }
            if message.is_empty() || message.ends_with('.') || message.starts_with(char::is_uppercase) {
                self.faults.push(format!("an error is worded against the rules: {message:?}"));
            }
        }
    }

    fn node(&mut self, node: NodeRef<'_>, parent: Option<NodeRef<'_>>) {
        let (start, end) = node.node().span;
        if start > end || self.tree.text().get(node.span().range()).is_none() {
            self.faults.push(format!("out of the file or inside a character: {start}..{end}"));
            return;
        }
        let met = &mut self.parents[node.id() as usize];
        *met += 1;
        let met = *met;
        self.expect(met == 1, node, "has two parents");
        if let Some(tag) = &node.node().tag {
            let slice = self.tree.text().get(tag.span.0 as usize..tag.span.1 as usize);
            self.expect(slice == Some(&*tag.name) && tag.span.1 <= start, node, "its tag is misplaced");
        }
        match self.syntax {
            Syntax::Yaml => self.yaml(node, parent),
            Syntax::Json => self.json(node),
            Syntax::Hcl => self.hcl(node, parent),
        }
        let mut place = start;
        for child in children(node) {
            let span = child.node().span;
            self.expect(span.0 >= place && span.1 <= end, child, "not inside its parent and behind its sibling");
            place = span.1;
            self.node(child, Some(node));
        }
        if let Kind::Mapping(entries) = &node.node().kind {
            for (key, value) in entries {
                let (key, value) = (node.other(*key), node.other(*value));
                if let Kind::Block { .. } = value.node().kind {
                    self.expect(key.span().start == value.span().start, value, "does not begin with its type");
                    self.node(key, Some(node));
                }
            }
        }
    }

    fn comments(&mut self) {
        let mut end = 0;
        for comment in &self.tree.comments {
            let slice = self.tree.text().get(comment.span.range()).unwrap_or("");
            let is_comment = match self.syntax {
                Syntax::Yaml => slice.starts_with('#') && !slice.contains('\n'),
                Syntax::Json => false,
                Syntax::Hcl => {
                    (slice.starts_with('#') || slice.starts_with("//")) && !slice.contains('\n')
                        || slice.starts_with("/*") && slice.ends_with("*/")
                }
            };
            if comment.span.start < end || !is_comment && self.tree.errors.is_empty() {
                self.faults.push(format!("not a comment: {slice:?}"));
            }
            end = comment.span.end;
        }
        let leaves = self.tree.all().filter(|node| matches!(node.node().kind, Kind::Scalar(_) | Kind::Alias(_)));
        let leaves: Vec<_> = leaves.collect();
        for leaf in leaves {
            // Only the header line of a block scalar may carry a comment.
            let start = match leaf.node().style {
                Style::BlockScalar => leaf.span().start + leaf.slice().lines().next().unwrap_or("").len() as u32,
                _ => leaf.span().start,
            };
            let first = self.tree.comments.partition_point(|comment| comment.span.end <= start);
            let meets = self.tree.comments.get(first).is_some_and(|comment| comment.span.start < leaf.span().end);
            self.expect(!meets || !self.tree.errors.is_empty(), leaf, "a comment lies inside it");
        }
    }

    fn json(&mut self, node: NodeRef<'_>) {
        let slice = node.slice();
        let holds = match &node.node().kind {
            Kind::Null => slice == "null",
            Kind::Scalar(_) => match serde_json::from_str::<serde_json::Value>(slice) {
                Ok(serde_json::Value::String(text)) => node.as_str() == Some(&*text) && !node.is_plain(),
                Ok(serde_json::Value::Bool(_) | serde_json::Value::Number(_)) => {
                    node.is_plain() && node.as_str() == Some(slice)
                }
                _ => false,
            },
            Kind::Sequence(_) => slice.starts_with('[') && slice.ends_with(']'),
            Kind::Mapping(_) => slice.starts_with('{') && slice.ends_with('}'),
            _ => false,
        };
        self.expect(holds, node, "reads differently on its own");
    }

    fn yaml(&mut self, node: NodeRef<'_>, parent: Option<NodeRef<'_>>) {
        let slice = node.slice();
        match (&node.node().kind, node.node().style) {
            (Kind::Null, _) if slice.is_empty() => {
                let before = self.before(node);
                let is_key = parent.is_some_and(|parent| parent.entries().any(|(key, _)| key.id() == node.id()));
                let behind_key = parent.is_some_and(|parent| {
                    parent.entries().any(|(key, value)| {
                        value.id() == node.id() && key.span().end == node.span().start && before_colon(key)
                    })
                });
                let last_word = before.rsplit(char::is_whitespace).next().unwrap_or("");
                let holds = before.ends_with([':', '-']) || behind_key || is_key || last_word.starts_with(['!', '&']);
                self.expect(holds, node, "an empty value is not behind its colon or dash");
            }
            (Kind::Null, _) => self.expect(matches!(slice, "~" | "null" | "Null" | "NULL"), node, "not a null"),
            (Kind::Scalar(_), Style::Plain) => {
                self.expect(node.as_str() == Some(&*fold(slice)), node, "a plain scalar reads differently");
                let before = self.before(node).ends_with(|c: char| c.is_whitespace() || "[{,:\u{feff}".contains(c));
                let behind = self.behind(node).starts_with(|c: char| c.is_whitespace() || "]},:".contains(c));
                let holds = (before || node.span().start == 0) && (behind || self.behind(node).is_empty());
                self.expect(holds, node, "a plain scalar is cut");
            }
            (Kind::Scalar(_), Style::Quoted) => {
                let quote = slice.chars().next();
                self.expect(slice.len() > 1 && matches!(quote, Some('"' | '\'')), node, "no quotes");
                self.expect(slice.chars().last() == quote, node, "no closing quote");
                self.same_alone(node, slice.to_owned());
            }
            (Kind::Scalar(_), _) => self.yaml_block_scalar(node),
            (Kind::Alias(target), _) => {
                self.expect(slice.starts_with('*') && !slice.contains(char::is_whitespace), node, "not an alias");
                let earlier = target.is_none_or(|target| node.other(target).span().end <= node.span().start);
                self.expect(earlier, node, "stands before what it names");
            }
            (Kind::Sequence(_) | Kind::Mapping(_), style) => self.yaml_collection(node, style),
            _ => self.expect(false, node, "not of YAML"),
        }
    }

    fn yaml_collection(&mut self, node: NodeRef<'_>, style: Style) {
        let slice = node.slice();
        let children = children(node);
        let first = children.first().map(|child| child.span().start);
        let last = children.last().map(|child| child.span().end);
        let brackets = match node.node().kind {
            Kind::Sequence(_) => ('[', ']'),
            _ => ('{', '}'),
        };
        let is_whole = self.tree.errors.is_empty();
        if style == Style::Flow && slice.starts_with(brackets.0) && first != Some(node.span().start) {
            self.expect(slice.ends_with(brackets.1) || !is_whole, node, "no closing bracket");
        } else {
            let holds = match node.node().kind {
                Kind::Sequence(_) => slice.starts_with('-'),
                _ => first == Some(node.span().start) || slice.starts_with(['?', '!', '&']),
            };
            self.expect(holds, node, "does not begin with its first token");
            self.expect(last == Some(node.span().end) || !is_whole, node, "does not end with its last child");
        }
        if is_whole {
            let line = self.before(node).rsplit(['\n', '\r']).next().unwrap_or("");
            let column = line.trim_start_matches('\u{feff}').chars().count();
            self.same_alone(node, " ".repeat(column) + slice);
        }
    }

    fn yaml_block_scalar(&mut self, node: NodeRef<'_>) {
        let slice = node.slice();
        let header: String = slice.chars().skip(1).take_while(|c| matches!(c, '+' | '-' | '0'..='9')).collect();
        self.expect(slice.starts_with(['|', '>']), node, "no header");
        let is_last = self.behind(node).is_empty() || self.behind(node).starts_with(['\n', '\r']);
        let is_empty = slice.len() == 1 + header.len();
        self.expect(is_last || is_empty, node, "ends inside a line");
        self.expect(!slice.ends_with(['\n', '\r']), node, "ends with a line break");
        if header.contains(|c: char| c.is_ascii_digit()) {
            let expected = node.as_str().map(|text| text.trim_end_matches('\n').to_owned());
            let holds = (0..80).any(|indentation| {
                let tree = Syntax::Yaml.parse(&format!("a:\n{}b: {slice}", " ".repeat(indentation)));
                let path: &[&str] = if indentation == 0 { &["b"] } else { &["a", "b"] };
                let text = tree.documents().next().and_then(|document| document.at(path)).and_then(NodeRef::as_str);
                text.map(|text| text.trim_end_matches('\n').to_owned()) == expected
            });
            self.expect(holds, node, "reads differently at every indentation");
        } else {
            self.same_alone(node, slice.to_owned());
        }
    }

    /// Whether a text has one value with the shape of a node.
    fn same_alone(&mut self, node: NodeRef<'_>, text: String) {
        let alone = self.syntax.parse(&text);
        let unresolved = |message: &str| message.starts_with("no anchor is named");
        let clean = alone.errors.iter().all(|error| unresolved(&error.message));
        let mut expected = shape(node);
        if let Some(tag) = &node.node().tag {
            expected = expected.trim_start_matches(&format!("{} ", tag.name)).to_owned();
        }
        let shapes: Vec<String> = alone.documents().map(shape).collect();
        self.expect(clean && shapes == [expected], node, "reads differently on its own");
    }

    fn hcl(&mut self, node: NodeRef<'_>, parent: Option<NodeRef<'_>>) {
        let slice = node.slice();
        let in_template = parent.is_some_and(
            |parent| matches!(&parent.node().kind, Kind::Expr(expr) if matches!(**expr, Expr::Template(_))),
        );
        match (&node.node().kind, node.node().style) {
            (Kind::Null, _) => self.expect(slice == "null", node, "not a null"),
            (Kind::Scalar(_), _) if in_template && is_literal_part(node) => self.literal_part(node),
            (Kind::Scalar(_), Style::Plain) => {
                let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
                let is_word = slice.chars().all(|c| name(c) || c == '+') && node.as_str() == Some(slice);
                let is_number = node.as_str().is_some_and(|text| text.parse::<f64>().is_ok());
                self.expect(is_word || is_number, node, "neither a word nor a number");
                let cut = self.before(node).ends_with(|c| name(c) && !matches!(c, '.' | '-'))
                    || self.behind(node).starts_with(|c| name(c) && c != '.');
                self.expect(!cut, node, "a word is cut");
            }
            (Kind::Scalar(_), Style::Quoted) => {
                self.expect(slice.starts_with('"') && slice.ends_with('"'), node, "no quotes");
                self.same_expression(node, slice);
            }
            (Kind::Scalar(_), _) => {
                self.expect(slice.starts_with("<<"), node, "not a heredoc");
                self.same_expression(node, slice);
            }
            (Kind::Sequence(_), _) => {
                self.expect(slice.starts_with('[') && slice.ends_with(']'), node, "no brackets");
                self.same_expression(node, slice);
            }
            (Kind::Mapping(_), style) => {
                let braces = slice.starts_with('{') && slice.ends_with('}');
                self.expect(braces || parent.is_none(), node, "no braces");
                if style == Style::Flow {
                    self.same_expression(node, slice);
                }
            }
            (Kind::Block { .. }, _) => {
                self.expect(slice.ends_with('}'), node, "no closing brace");
                let alone = Syntax::Hcl.parse(slice);
                let shapes: Vec<_> =
                    alone.documents().flat_map(NodeRef::entries).map(|(_, block)| shape(block)).collect();
                self.expect(shapes == [shape(node)], node, "reads differently on its own");
            }
            (Kind::Expr(expr), style) => self.hcl_expression(node, expr, style, in_template),
            (Kind::Alias(_), _) => self.expect(false, node, "not of HCL"),
        }
    }

    /// The text between two marks of a template, but for the blanks that `~` and `<<-` take away.
    fn literal_part(&mut self, node: NodeRef<'_>) {
        let inked = |text: &str| text.split_whitespace().collect::<Vec<_>>().concat();
        let text = if node.node().style == Style::Quoted {
            let quoted = parse_expression(&format!("\"{}\"", node.slice()));
            quoted.and_then(|tree| tree.documents().next().and_then(NodeRef::as_str).map(inked))
        } else {
            Some(inked(&node.slice().replace("$${", "${").replace("%%{", "%{")))
        };
        self.expect(text == node.as_str().map(inked), node, "a literal part reads differently");
        let before = self.before(node);
        let begins = before.ends_with(['"', '}']) || before.ends_with('\n');
        let behind = self.behind(node);
        let ends = behind.starts_with(['"', '$', '%']) || node.slice().ends_with('\n');
        self.expect(begins && ends, node, "a literal part is cut");
    }

    fn hcl_expression(&mut self, node: NodeRef<'_>, expr: &Expr, style: Style, in_template: bool) {
        let slice = node.slice();
        match expr {
            // The branch of a directive: what lies between its marks, which the directive's own check covers.
            Expr::Template(_)
                if !slice.starts_with(['"', '<'])
                    || !slice.ends_with(|c: char| c == '"' || c.is_alphanumeric() || c == '_') =>
            {
                let holds = self.before(node).ends_with('}') && self.behind(node).starts_with("%{");
                self.expect(holds, node, "a branch is cut");
            }
            Expr::Template(_) if !in_template && self.before(node).ends_with('}') => {}
            Expr::TemplateIf { .. } | Expr::TemplateFor { .. } => {
                self.expect(slice.starts_with("%{") && slice.ends_with('}'), node, "no marks");
                let text = match style {
                    Style::Quoted => format!("\"{slice}\""),
                    _ => format!("<<UNLIKELY\n{slice}\nUNLIKELY"),
                };
                let alone = parse_expression(&text);
                let part = alone
                    .as_ref()
                    .and_then(|tree| tree.documents().next())
                    .and_then(|root| children(root).into_iter().next());
                self.expect(part.map(shape) == Some(shape(node)), node, "reads differently on its own");
            }
            _ if slice.starts_with('.') || slice.starts_with("[*") => {
                // What a splat takes from every element.
                let alone = parse_expression(&format!("element{slice}"));
                let each =
                    alone.as_ref().and_then(|tree| tree.documents().next()).map(|root| match &root.node().kind {
                        Kind::Expr(expr) => match &**expr {
                            Expr::Splat { each, .. } => shape(root.other(*each)),
                            other => expr_name(other),
                        },
                        _ => String::new(),
                    });
                self.expect(each == Some(shape(node)), node, "reads differently on its own");
            }
            _ => self.same_expression(node, slice),
        }
    }

    /// Whether an expression has the shape of a node. In parentheses, since line breaks may have been allowed where
    /// it came from.
    fn same_expression(&mut self, node: NodeRef<'_>, text: &str) {
        let alone = parse_expression(&format!("({text}\n)"));
        let shape_alone = alone.as_ref().and_then(|tree| tree.documents().next()).map(shape);
        self.expect(shape_alone == Some(shape(node)), node, "reads differently on its own");
    }
}

/// Whether a key has no colon of its own, as in `{key, other}` and `? key`.
fn before_colon(key: NodeRef<'_>) -> bool {
    let behind = key.tree().text().get(key.span().end as usize..).unwrap_or("");
    !behind.trim_start().starts_with(':')
}

/// A plain scalar's text from its lines: single line breaks become spaces, empty lines become line breaks.
fn fold(slice: &str) -> String {
    let mut text = String::new();
    let mut breaks = 0;
    for (index, line) in slice.replace("\r\n", "\n").replace('\r', "\n").split('\n').enumerate() {
        let line = if index == 0 { line.trim_end() } else { line.trim_matches([' ', '\t']) };
        if index > 0 {
            breaks += 1;
        }
        if line.is_empty() && index > 0 {
            continue;
        }
        match breaks {
            0 => {}
            1 => text.push(' '),
            more => text.push_str(&"\n".repeat(more - 1)),
        }
        breaks = 0;
        text.push_str(line);
    }
    text
}

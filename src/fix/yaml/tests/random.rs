//! Every edit of every node of random documents does what it is meant to do and nothing else.

use super::parse;
use crate::fix::{Edit, New, applied, yaml};
use crate::tree::{Kind, NodeId, NodeRef, Tree};
use proptest::prelude::*;

/// What a document says.
#[derive(Debug, Clone, PartialEq)]
enum Says {
    Null,
    /// The text, and whether it is quoted or a block of text.
    Text(String, bool),
    List(Vec<Says>),
    Map(Vec<(String, Says)>),
    Tagged(String, Box<Says>),
}

/// An edit in terms of a tree.
#[derive(Debug, Clone)]
enum Change {
    Nothing,
    Replace(NodeId, New),
    Insert(NodeId, Vec<(String, New)>),
    Remove(NodeId, NodeId),
    Push(NodeId, Vec<New>),
}

fn said(new: &New) -> Says {
    match new {
        New::Call { argument, .. } => said(argument),
        New::Boolean(truth) => Says::Text(truth.to_string(), false),
        New::Number(number) | New::Seconds(number) => Says::Text(number.to_string(), false),
        New::Text(text) | New::Raw(text) => Says::Text(text.clone(), true),
        New::List(items) => Says::List(items.iter().map(said).collect()),
        New::Object(entries) | New::Block { body: entries, .. } => {
            Says::Map(entries.iter().map(|(key, value)| (key.clone(), said(value))).collect())
        }
    }
}

/// What a node says once a change is made; nothing if it was an object whose only entry went.
fn says(node: NodeRef<'_>, change: &Change) -> Option<Says> {
    let target = node.target();
    let value = match (change, &target.node().kind) {
        (Change::Replace(id, new), _) if *id == target.id() => return Some(said(new)),
        (Change::Insert(id, new), Kind::Null) if *id == target.id() => said(&New::Object(new.clone())),
        (_, Kind::Sequence(_)) => {
            let mut items = target.items().map(|item| says(item, change)).collect::<Option<Vec<_>>>()?;
            if let Change::Push(id, new) = change
                && *id == target.id()
            {
                items.extend(new.iter().map(said));
            }
            Says::List(items)
        }
        (_, Kind::Mapping(_)) => {
            let mut entries = Vec::new();
            for (key, value) in target.entries() {
                let goes = matches!(change, Change::Remove(id, gone) if *id == target.id() && *gone == key.id());
                let value = if goes { None } else { says(value, change) };
                entries.extend(value.map(|value| (key.as_str().unwrap_or("").to_string(), value)));
            }
            if entries.is_empty() && target.entries().next().is_some() {
                return None;
            }
            if let Change::Insert(id, new) = change
                && *id == target.id()
            {
                entries.extend(new.iter().map(|(key, value)| (key.clone(), said(value))));
            }
            Says::Map(entries)
        }
        (_, Kind::Scalar(_)) => Says::Text(target.as_str().unwrap_or("").to_string(), !target.is_plain()),
        _ => Says::Null,
    };
    Some(match target.tag() {
        Some(tag) => Says::Tagged(tag.to_string(), Box::new(value)),
        None => value,
    })
}

fn all_said(tree: &Tree, change: &Change) -> Vec<Option<Says>> {
    tree.documents().map(|document| says(document, change).map(normal)).collect()
}

/// A text is the same text with and without quotes unless it would be read as something else, which the table of
/// quoted texts is about; here only texts of letters may differ.
fn normal(says: Says) -> Says {
    match says {
        Says::Text(text, _) if text.starts_with("word") => Says::Text(text, false),
        Says::List(items) => Says::List(items.into_iter().map(normal).collect()),
        Says::Map(entries) => {
            let mut entries: Vec<_> = entries.into_iter().map(|(key, value)| (key, normal(value))).collect();
            // A new entry may stand before others.
            entries.sort_by_key(|(key, _)| key == "fresh");
            Says::Map(entries)
        }
        Says::Tagged(tag, value) => Says::Tagged(tag, Box::new(normal(*value))),
        other => other,
    }
}

fn comments(tree: &Tree) -> Vec<String> {
    let text = tree.text();
    let mut all: Vec<_> = tree.comments.iter().map(|one| text[one.span.range()].to_string()).collect();
    all.sort();
    all
}

fn new_values() -> [New; 4] {
    let nested = New::object([("word", New::text("yes")), ("wordy", New::Object(Vec::new()))]);
    let list = New::List(vec![New::text("word"), nested.clone(), New::List(vec![New::Number(1), New::Number(2)])]);
    [New::Number(7), New::text("no: #"), nested, list]
}

/// All changes that are tried on a document.
fn changes(tree: &Tree) -> Vec<Change> {
    let mut changes = Vec::new();
    for node in tree.all() {
        let entries = || new_values().map(|value| ("fresh".to_string(), value));
        match &node.node().kind {
            Kind::Mapping(pairs) => {
                changes.extend(entries().map(|entry| Change::Insert(node.id(), vec![entry])));
                changes.extend(pairs.iter().map(|(key, _)| Change::Remove(node.id(), *key)));
            }
            Kind::Sequence(_) => changes.extend(new_values().map(|value| Change::Push(node.id(), vec![value]))),
            Kind::Scalar(_) | Kind::Null => {
                changes.extend(new_values().map(|value| Change::Replace(node.id(), value)));
            }
            _ => {}
        }
    }
    changes
}

fn edits(tree: &Tree, change: &Change) -> Result<Vec<Edit>, String> {
    let layout = || yaml::Layout::of(tree);
    match change {
        Change::Nothing => Ok(Vec::new()),
        Change::Replace(node, value) => yaml::replace(tree.node(*node), value, &layout()?).map(|edit| vec![edit]),
        Change::Insert(node, entries) => yaml::insert(tree.node(*node), entries, &layout()?).map(|edit| vec![edit]),
        Change::Remove(node, key) => yaml::remove(tree.node(*node), tree.node(*key)),
        Change::Push(node, items) => yaml::push(tree.node(*node), items, &layout()?).map(|edit| vec![edit]),
    }
}

/// What is wrong with the edits of one change: nothing in particular if it is refused.
fn check(tree: &Tree, change: &Change) -> Result<(), Option<String>> {
    let edits = edits(tree, change).map_err(|_| None)?;
    let out = applied(tree.text(), &edits);
    let after = parse(&out);
    let what = || format!("{change:?}\n--- before\n{}\n--- after\n{out}\n---\n{:?}", tree.text(), after.errors);
    if !after.errors.is_empty() {
        return Err(Some(what()));
    }
    let (expected, found) = (all_said(tree, change), all_said(&after, &Change::Nothing));
    if expected != found {
        return Err(Some(format!("{}\nexpected {expected:?}\nfound    {found:?}", what())));
    }
    if comments(tree) != comments(&after) {
        return Err(Some(format!("{}\ncomments {:?}", what(), comments(&after))));
    }
    Ok(())
}

/// A document written out of bytes: each choice takes one, and where none is left the simplest is taken.
struct Writer<'b> {
    bytes: std::slice::Iter<'b, u8>,
    out: String,
    line_break: &'static str,
    step: usize,
    dash_step: usize,
    count: usize,
    anchors: usize,
}

impl Writer<'_> {
    fn pick(&mut self, choices: usize) -> usize {
        self.bytes.next().map_or(0, |byte| *byte as usize % choices)
    }

    fn number(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    fn say(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn indent(&mut self, column: usize) {
        self.out.extend(std::iter::repeat_n(' ', column));
    }

    fn end_line(&mut self) {
        if self.pick(5) == 4 {
            let number = self.number();
            self.say(&format!("  # c{number}"));
        } else if self.pick(9) == 8 {
            self.say("  ");
        }
        self.say(self.line_break);
    }

    fn between(&mut self, column: usize) {
        match self.pick(9) {
            7 => self.say(self.line_break),
            6 => {
                self.indent(column + 4);
                self.say(self.line_break);
            }
            8 => {
                let deeper = self.pick(4);
                self.indent(column + deeper);
                let number = self.number();
                self.say(&format!("# c{number}{}", self.line_break));
            }
            _ => {}
        }
    }

    fn map(&mut self, column: usize, depth: usize) {
        let entries = 1 + self.pick(3);
        for index in 0..entries {
            if index > 0 {
                self.between(column);
                self.indent(column);
            }
            let number = self.number();
            let key = if self.pick(6) == 5 { format!("\"k{number}\":") } else { format!("k{number}:") };
            self.say(&key);
            self.value(column, column + self.step, column + self.dash_step, depth);
        }
    }

    fn list(&mut self, column: usize, depth: usize) {
        let items = 1 + self.pick(3);
        for index in 0..items {
            if index > 0 {
                self.between(column);
                self.indent(column);
            }
            self.say("-");
            match self.pick(4) {
                2 if depth < 4 => {
                    self.say(" ");
                    self.map(column + 2, depth + 1);
                }
                3 if depth < 4 => {
                    self.say(" ");
                    self.list(column + 2, depth + 1);
                }
                _ => self.value(column, column + 2, column + 2, depth),
            }
        }
    }

    fn flow(&mut self, depth: usize) {
        let number = self.number();
        match self.pick(if depth < 4 { 5 } else { 3 }) {
            1 => self.say(&format!("\"word {number}\"")),
            2 => self.say("~"),
            3 => self.braces(depth + 1),
            4 => self.brackets(depth + 1),
            _ => self.say(&format!("word{number}")),
        }
    }

    fn braces(&mut self, depth: usize) {
        let (entries, pad) = (self.pick(4), self.pick(2));
        self.say(if pad == 1 { "{ " } else { "{" });
        for index in 0..entries {
            if index > 0 {
                self.say(", ");
            }
            let number = self.number();
            self.say(&format!("k{number}: "));
            self.flow(depth);
        }
        self.say(if pad == 1 { " }" } else { "}" });
    }

    fn brackets(&mut self, depth: usize) {
        self.say("[");
        for index in 0..self.pick(4) {
            if index > 0 {
                self.say(", ");
            }
            self.flow(depth);
        }
        self.say("]");
    }

    /// Braces or brackets over several lines.
    fn wrapped(&mut self, column: usize, depth: usize) {
        let is_map = self.pick(2) == 0;
        self.say(if is_map { "{" } else { "[" });
        self.end_line();
        let entries = 1 + self.pick(3);
        for index in 0..entries {
            self.between(column + 2);
            self.indent(column + 2);
            if is_map {
                let number = self.number();
                self.say(&format!("k{number}: "));
            }
            self.flow(depth);
            if index + 1 < entries || self.pick(2) == 1 {
                self.say(",");
            }
            self.end_line();
        }
        self.indent(column + 1);
        self.say(if is_map { "}" } else { "]" });
    }

    /// What stands behind a colon or a dash, with the end of the line.
    fn value(&mut self, column: usize, map_column: usize, list_column: usize, depth: usize) {
        if self.pick(8) == 7 {
            self.anchors += 1;
            let name = format!(" &a{}", self.anchors);
            self.say(&name);
        } else if self.anchors > 0 && self.pick(8) == 7 {
            let name = format!(" *a{}", 1 + self.pick(self.anchors));
            self.say(&name);
            return self.end_line();
        } else if self.pick(12) == 11 {
            self.say(" !t");
        }
        let number = self.number();
        match self.pick(if depth < 4 { 14 } else { 8 }) {
            1 => self.say(&format!(" 'word {number}'")),
            2 => self.say(&format!(" \"word {number}\"")),
            3 => {}
            4 => self.say(" null"),
            5 => {
                self.say(&format!(" word{number}{}", self.line_break));
                self.indent(column + 3);
                self.say("more");
            }
            6 => {
                let header = [" |", " |-", " |+", " >", " >+"][self.pick(5)];
                self.say(header);
                self.end_line();
                for _ in 0..self.pick(3) {
                    self.indent(column + 2);
                    self.say(&format!("text {number} # no comment{}", self.line_break));
                }
                return;
            }
            7 => self.say(&format!(" {number}")),
            8 | 12 => {
                self.end_line();
                self.between(map_column);
                self.indent(map_column);
                return self.map(map_column, depth + 1);
            }
            9 | 13 => {
                self.end_line();
                self.between(list_column);
                self.indent(list_column);
                return self.list(list_column, depth + 1);
            }
            10 => {
                self.say(" ");
                if self.pick(2) == 0 { self.braces(depth) } else { self.brackets(depth) }
            }
            11 => {
                self.say(" ");
                self.wrapped(column, depth);
            }
            _ => self.say(&format!(" word{number}")),
        }
        self.end_line();
    }
}

fn document(bytes: &[u8]) -> String {
    let mut writer = Writer {
        bytes: bytes.iter(),
        out: String::new(),
        line_break: "\n",
        step: 2,
        dash_step: 0,
        count: 0,
        anchors: 0,
    };
    if writer.pick(4) == 3 {
        writer.line_break = "\r\n";
    }
    writer.step = [2, 4, 3, 1][writer.pick(4)];
    writer.dash_step = [0, 2, 4][writer.pick(3)];
    match writer.pick(4) {
        2 => writer.say("\u{feff}"),
        3 => {
            let line = format!("---{}", writer.line_break);
            writer.say(&line);
        }
        _ => {}
    }
    if writer.pick(4) == 3 {
        writer.list(0, 0)
    } else {
        writer.map(0, 0)
    }
    match writer.pick(5) {
        3 => {
            let more = format!("...{0}---{0}b: 1{0}", writer.line_break);
            writer.say(&more);
        }
        4 => writer.out.truncate(writer.out.trim_end_matches(['\r', '\n']).len()),
        _ => {}
    }
    writer.out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_edit_does_what_it_says_and_nothing_else(bytes in proptest::collection::vec(any::<u8>(), 0..160)) {
        let tree = parse(&document(&bytes));
        prop_assume!(tree.errors.is_empty());
        for change in changes(&tree) {
            if let Err(Some(fault)) = check(&tree, &change) {
                prop_assert!(false, "{}", fault);
            }
        }
    }
}

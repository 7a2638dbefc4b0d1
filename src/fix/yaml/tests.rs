//! What the writer makes of texts: tables of (text, path, change) and the text that is expected.

mod random;

use crate::fix::{Edit, New, applied};
use crate::source::Sources;
use crate::tree::{self, NodeRef, Tree};

fn parse(text: &str) -> Tree {
    let file = Sources::default().add("a.yaml", text);
    tree::yaml::parse(file, text.into())
}

/// An edit, by the layout of its file.
fn laid_out(tree: &Tree, edit: impl FnOnce(&super::Layout) -> Result<Edit, String>) -> Result<Edit, String> {
    edit(&super::Layout::of(tree)?)
}

/// The node at a path of keys and indexes, `/` between them; the first document.
fn find<'t>(tree: &'t Tree, path: &str) -> NodeRef<'t> {
    let mut node = tree.documents().next().expect("a document");
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let item = part.parse::<usize>().ok().and_then(|index| node.items().nth(index));
        node = item.or_else(|| node.get(part)).unwrap_or_else(|| panic!("no {part} of {path}"));
    }
    node
}

fn outcome(text: &str, edits: Result<Vec<Edit>, String>) -> String {
    match edits {
        Ok(edits) => {
            let out = applied(text, &edits);
            let errors = parse(&out).errors;
            assert!(errors.is_empty(), "{text:?} became {out:?}: {errors:?}");
            out
        }
        Err(reason) => format!("! {reason}"),
    }
}

fn inserted(text: &str, path: &str, entries: &[(&str, New)]) -> String {
    let tree = parse(text);
    let entries: Vec<(String, New)> = entries.iter().map(|(key, value)| (key.to_string(), value.clone())).collect();
    outcome(text, laid_out(&tree, |file| super::insert(find(&tree, path), &entries, file)).map(|edit| vec![edit]))
}

fn replaced(text: &str, path: &str, value: &New) -> String {
    let tree = parse(text);
    outcome(text, laid_out(&tree, |file| super::replace(find(&tree, path), value, file)).map(|edit| vec![edit]))
}

fn removed(text: &str, path: &str, key: &str) -> String {
    let tree = parse(text);
    let object = find(&tree, path);
    let (key, _) = object.entry(key).expect("the key is there");
    outcome(text, super::remove(object, key))
}

fn pushed(text: &str, path: &str, items: &[New]) -> String {
    let tree = parse(text);
    outcome(text, laid_out(&tree, |file| super::push(find(&tree, path), items, file)).map(|edit| vec![edit]))
}

#[test]
fn an_entry_goes_behind_the_last_one_of_a_mapping() {
    let cases = [
        ("a: 1\n", "", "a: 1\nk: 9\n"),
        ("a: 1", "", "a: 1\nk: 9"),
        ("\u{feff}a: 1\r\nb: 2\r\n", "", "\u{feff}a: 1\r\nb: 2\r\nk: 9\r\n"),
        ("m:\n  a: 1 # one\n\n# about z\nz: 2\n", "m", "m:\n  a: 1 # one\n  k: 9\n\n# about z\nz: 2\n"),
        (
            "m:\n    a:\n        b: 1\n        # c: 2\nz: 2\n",
            "m",
            "m:\n    a:\n        b: 1\n        # c: 2\n    k: 9\nz: 2\n",
        ),
        ("l:\n- a: 1\n  b: 2\n- c: 3\n", "l/0", "l:\n- a: 1\n  b: 2\n  k: 9\n- c: 3\n"),
        ("l:\n  - - a: 1\n", "l/0/0", "l:\n  - - a: 1\n      k: 9\n"),
        ("a: |+\n  x\n\nb: 1\n", "", "a: |+\n  x\n\nb: 1\nk: 9\n"),
        ("m:\n  a: |+\n    x\n\nb: 1\n", "m", "m:\n  a: |+\n    x\n\n  k: 9\nb: 1\n"),
        ("m:\n  a: |\n    x\n\nb: 1\n", "m", "m:\n  a: |\n    x\n  k: 9\n\nb: 1\n"),
        ("a: |\n  x", "", "! the file ends inside a block of text"),
        ("a: |-\n  x", "", "a: |-\n  x\nk: 9"),
        ("a: one\n  two\n", "", "a: one\n  two\nk: 9\n"),
        ("a: [1,\n  2]\n", "", "a: [1,\n  2]\nk: 9\n"),
        ("a: 1\n...\n---\nb: 1\n", "", "a: 1\nk: 9\n...\n---\nb: 1\n"),
        ("---\na: 1\n---\nb: 1\n", "", "---\na: 1\nk: 9\n---\nb: 1\n"),
        ("a: 1\nb:\n", "", "a: 1\nb:\nk: 9\n"),
        ("a: &x 1\nb: *x\nc: &y\n", "", "a: &x 1\nb: *x\nc: &y\nk: 9\n"),
        ("a: &x\n  b: 1\nc: *x\n", "c", "a: &x\n  b: 1\n  k: 9\nc: *x\n"),
        ("b: &b {x: 1}\na:\n  <<: *b\n", "a", "b: &b {x: 1}\na:\n  <<: *b\n  k: 9\n"),
        ("\"a\": 1\n", "", "\"a\": 1\n\"k\": 9\n"),
        ("m: {a: 1}\n", "m", "m: {a: 1, k: 9}\n"),
        ("m: { a: 1, b: 2 } # c\n", "m", "m: { a: 1, b: 2, k: 9 } # c\n"),
        ("m: {}\n", "m", "m: {k: 9}\n"),
        ("n: { a: 1 }\nm: {}\n", "m", "n: { a: 1 }\nm: { k: 9 }\n"),
        ("m: {a: 1,}\n", "m", "m: {a: 1, k: 9,}\n"),
        ("m: {\n  a: 1, # one\n  b: 2 # two\n}\n", "m", "m: {\n  a: 1, # one\n  b: 2, # two\n  k: 9\n}\n"),
        ("m: {\n  a: 1, # one\n}\n", "m", "m: {\n  a: 1, # one\n  k: 9,\n}\n"),
        ("{\"a\": {\"b\": 1}}\n", "a", "{\"a\": {\"b\": 1, \"k\": 9}}\n"),
    ];
    for (text, path, expected) in cases {
        assert_eq!(inserted(text, path, &[("k", New::Number(9))]), expected, "{text:?} {path}");
    }
}

#[test]
fn a_single_value_does_not_go_below_a_long_one() {
    let long = "  l:\n  - 1\n  - 2\n  - 3\n  - 4\n  - 5\n  - 6\n  - 7\n";
    let cases = [
        (format!("m:\n  a: 1 # one\n{long}"), format!("m:\n  a: 1 # one\n  k: 9\n{long}")),
        (format!("m:\n{long}"), format!("m:\n  k: 9\n{long}")),
        (format!("m:\n  # about l\n{long}"), format!("m:\n  # about l\n{long}  k: 9\n")),
        // Nor below a list of objects, short as it may be, unless there is nothing else.
        ("m:\n  a: 1 # one\n\n  l:\n  - b: 1\n".into(), "m:\n  a: 1 # one\n  k: 9\n\n  l:\n  - b: 1\n".into()),
        ("m:\n  a: 1\n  b:\n    c: {d: 1}\n".into(), "m:\n  a: 1\n  k: 9\n  b:\n    c: {d: 1}\n".into()),
        ("m:\n  a: 1\n  b:\n    c: [1]\n".into(), "m:\n  a: 1\n  b:\n    c: [1]\n  k: 9\n".into()),
        ("m:\n  l:\n  - b: 1\n".into(), "m:\n  l:\n  - b: 1\n  k: 9\n".into()),
    ];
    for (text, expected) in &cases {
        assert_eq!(inserted(text, "m", &[("k", New::Number(9))]), *expected, "{text:?}");
    }
    let text = &cases[1].0;
    let nested = inserted(text, "m", &[("k", New::object([("x", New::Number(9))]))]);
    assert_eq!(nested, format!("{text}  k:\n    x: 9\n"));
}

#[test]
fn nested_values_are_indented_as_the_file_indents() {
    let limits = New::object([("limits", New::object([("cpu", New::text("1"))]))]);
    let list = New::List(vec![New::text("x"), New::object([("a", New::Number(1)), ("b", New::Boolean(true))])]);
    let cases = [
        (
            "a:\n    b:\n        c: 1\n",
            "a",
            &limits,
            "a:\n    b:\n        c: 1\n    k:\n        limits:\n            cpu: \"1\"\n",
        ),
        ("a: 'x'\nb: 1\n", "", &limits, "a: 'x'\nb: 1\nk:\n  limits:\n    cpu: '1'\n"),
        ("a:\n- 1\n", "", &list, "a:\n- 1\nk:\n- x\n- a: 1\n  b: true\n"),
        ("a:\n  - 1\n", "", &list, "a:\n  - 1\nk:\n  - x\n  - a: 1\n    b: true\n"),
        ("{a: 1}\n", "", &limits, "{a: 1, k: {limits: {cpu: \"1\"}}}\n"),
        ("{a: 1}\n", "", &list, "{a: 1, k: [x, {a: 1, b: true}]}\n"),
        ("k:\na: 1\n", "", &limits, "k:\n  limits:\n    cpu: \"1\"\na: 1\n"),
        ("k: # none yet\na: 1\n", "", &limits, "k: # none yet\n  limits:\n    cpu: \"1\"\na: 1\n"),
        ("k: ~\na: 1\n", "", &limits, "k:\n  limits:\n    cpu: \"1\"\na: 1\n"),
        ("k: {}\na: 1\n", "", &limits, "k:\n  limits:\n    cpu: \"1\"\na: 1\n"),
        ("a: 1\nk:", "", &limits, "a: 1\nk:\n  limits:\n    cpu: \"1\""),
        ("k: 1\n", "", &limits, "! `k` is there already"),
    ];
    for (text, path, value, expected) in cases {
        assert_eq!(inserted(text, path, &[("k", value.clone())]), expected, "{text:?} {path}");
    }
    let both = [("k", New::Number(1)), ("new", New::Number(2))];
    assert_eq!(inserted("k:\na: 1\n", "", &both), "k: 1\na: 1\nnew: 2\n");
    assert_eq!(inserted("a: 1\nk:\n", "", &both), "a: 1\nk: 1\nnew: 2\n");
}

#[test]
fn a_value_keeps_the_style_of_the_one_it_replaces() {
    let object = New::object([("x", New::Number(1)), ("z", New::Number(2))]);
    let cases = [
        ("a: 30 # s\n", "a", New::Number(60), "a: 60 # s\n"),
        ("a: \"30\"\n", "a", New::Number(60), "a: 60\n"),
        ("a: '30'\n", "a", New::text("60"), "a: '60'\n"),
        ("a: 30\n", "a", New::text("60"), "a: \"60\"\n"),
        ("b: 'q'\na: 30\n", "a", New::text("60"), "b: 'q'\na: '60'\n"),
        ("a: x\n", "a", New::text("it's"), "a: it's\n"),
        ("a: 'x'\n", "a", New::text("it's"), "a: 'it''s'\n"),
        ("a:\n", "a", New::Number(1), "a: 1\n"),
        ("a: &x # c\n", "a", New::Number(1), "a: &x 1 # c\n"),
        ("a: &x 0\nb: *x\n", "b", New::Number(1), "a: &x 1\nb: *x\n"),
        ("a:\n  - 1 # c\n", "a/0", object.clone(), "a:\n  - # c\n    x: 1\n    z: 2\n"),
        ("a: |\n  one\n  two\nb: 1\n", "a", New::text("x"), "a: x\nb: 1\n"),
        ("a: one\n  two\n", "a", New::text("x"), "a: x\n"),
        ("a: |\nb: |\n", "b", New::Number(1), "a: |\nb: 1\n"),
        ("a: 1 # c\nb: 2\n", "a", object.clone(), "a: # c\n  x: 1\n  z: 2\nb: 2\n"),
        ("a: &n 1\nb: 2\n", "a", object.clone(), "a: &n\n  x: 1\n  z: 2\nb: 2\n"),
        ("a:\n  - 1\n", "a/0", object.clone(), "a:\n  - x: 1\n    z: 2\n"),
        ("a: [1, 2]\n", "a/0", object.clone(), "a: [{x: 1, z: 2}, 2]\n"),
        ("a: {b: , c: 1}\n", "a/b", New::Number(1), "a: {b: 1 , c: 1}\n"),
        ("a: 1\n", "a", New::List(Vec::new()), "a: []\n"),
        ("a: 1\n", "a", New::Raw("!Ref X".into()), "a: !Ref X\n"),
        ("a: 1\n", "a", New::Raw("x: y".into()), "! what would be written is not one value"),
        ("a: !Ref X\n", "a", New::Number(1), "! the value has a tag"),
        ("a: | # c\n  x\n", "a", New::Number(1), "! a comment stands inside what would be removed"),
    ];
    for (text, path, value, expected) in cases {
        assert_eq!(replaced(text, path, &value), expected, "{text:?} {path}");
    }
}

#[test]
fn a_text_is_quoted_where_it_would_be_read_as_something_else() {
    let plain = ["abc", "a b", "10s", "${self:x}", "10.0.0.0/16", "-Xmx1g", "--flag", "arn:aws:sqs:x", "a#b", "é"];
    for text in plain {
        assert_eq!(replaced("a: x\n", "a", &New::text(text)), format!("a: {text}\n"));
    }
    let quoted = [
        "",
        " a",
        "a ",
        "yes",
        "No",
        "on",
        "off",
        "y",
        "null",
        "~",
        "TRUE",
        "1",
        "-1",
        "0644",
        "0x1f",
        "1e3",
        ".5",
        ".inf",
        "12:30",
        "2024-01-01",
        "1_000",
        "a: b",
        "a #b",
        "a:",
        "- a",
        "---",
        "...",
        "*x",
        "&x",
        "!x",
        "{a",
        "[a",
        "#a",
        "|",
        ">",
        "%a",
        "@a",
        "`a",
        "<<",
        "=",
        "?",
        "a\nb",
        "a\tb",
        "\u{7}",
        "\u{feff}",
        "'a",
        "\"a",
    ];
    for text in quoted {
        let out = replaced("a: x\n", "a", &New::text(text));
        let tree = parse(&out);
        let value = find(&tree, "a");
        assert!(!value.is_plain(), "{text:?} is plain in {out:?}");
        assert_eq!(value.as_str(), Some(text));
    }
    assert_eq!(replaced("[x]", "0", &New::text("a,b")), "[\"a,b\"]");
}

#[test]
fn an_entry_goes_with_its_lines_and_comments_stay() {
    const INSIDE: &str = "! a comment stands inside what would be removed";
    let cases = [
        ("a: 1\nk: 2\nb: 3\n", "", "a: 1\nb: 3\n"),
        ("a: 1\nk:\n  x: 1\n  y: [1,\n   2]\nb: 3\n", "", "a: 1\nb: 3\n"),
        ("m:\n  a: 1\n  k: 2 # two\nb: 3\n", "m", "m:\n  a: 1\n  # two\nb: 3\n"),
        ("a: 1\nk:\n  # x\n  x: 1\n", "", INSIDE),
        ("a: 1\nk: 2", "", "a: 1\n"),
        ("a: 1\r\nk: 2\r\nb: 3\r\n", "", "a: 1\r\nb: 3\r\n"),
        ("m:\n  k: 1\nb: 2\n", "m", "b: 2\n"),
        ("m:\n  n: {k: 1}\nb: 2\n", "m/n", "b: 2\n"),
        ("k: 1\n", "", "! nothing would be left of the document"),
        ("- k: 1\n", "0", "! nothing would be left of the item of a list"),
        ("- k: 1\n  b: 2\n", "0", "- b: 2\n"),
        ("- k: 1 # c\n  b: 2\n", "0", "- # c\n  b: 2\n"),
        ("- k:\n    x: 1\n  # b\n  b: 2\n", "0", "- # b\n  b: 2\n"),
        ("- a: 1\n  k: 2\n", "0", "- a: 1\n"),
        ("a: |+\n  x\nk: 1\n\nb: 2\n", "", "a: |+\n  x\nb: 2\n"),
        ("a: 1\nk: |+\n  x\n\nb: 2\n", "", "a: 1\nb: 2\n"),
        ("k: &x 1\nb: *x\n", "", "! an alias elsewhere stands for something inside what would be removed"),
        ("k: 1\nk: 2\nb: 2\n", "", "! its key is written twice"),
        ("m: {a: 1, k: 2}\n", "m", "m: {a: 1}\n"),
        ("m: {k: 2, a: 1}\n", "m", "m: {a: 1}\n"),
        ("m: {a: 1, k: 2, b: 3}\n", "m", "m: {a: 1, b: 3}\n"),
        ("m: { a: 1, k: 2, }\n", "m", "m: { a: 1, }\n"),
        ("m: {\n  a: 1, # a\n  k: 2 # k\n}\n", "m", "m: {\n  a: 1, # a\n  # k\n}\n"),
        ("m: {\n  a: 1, # a\n  k: 2,\n  b: 3\n}\n", "m", "m: {\n  a: 1, # a\n  b: 3\n}\n"),
        ("m: {\n  k: 1, # a\n  b: 3\n}\n", "m", "m: {\n  # a\n  b: 3\n}\n"),
        ("m: {\n  a: 1,\n  k: 2,\n  b: 3\n}\n", "m", "m: {\n  a: 1,\n  b: 3\n}\n"),
    ];
    for (text, path, expected) in cases {
        assert_eq!(removed(text, path, "k"), expected, "{text:?} {path}");
    }
}

#[test]
fn items_go_behind_the_last_one_of_a_list() {
    let item = New::object([("a", New::Number(1)), ("b", New::Number(2))]);
    let cases = [
        ("l:\n- x # c\nm: 1\n", "l", New::text("z"), "l:\n- x # c\n- z\nm: 1\n"),
        ("l:\n  - 'x'\n", "l", New::text("z"), "l:\n  - 'x'\n  - 'z'\n"),
        ("l:\n  - c: 1\n", "l", item.clone(), "l:\n  - c: 1\n  - a: 1\n    b: 2\n"),
        ("l: [x, y]\n", "l", New::text("z"), "l: [x, y, z]\n"),
        ("l: [\"x\"]\n", "l", item, "l: [\"x\", {a: 1, b: 2}]\n"),
        ("l: []\n", "l", New::text("z"), "l: [z]\n"),
        ("l: [\n  x,\n  y # why\n]\n", "l", New::text("z"), "l: [\n  x,\n  y, # why\n  z\n]\n"),
    ];
    for (text, path, value, expected) in cases {
        assert_eq!(pushed(text, path, &[value]), expected, "{text:?} {path}");
    }
}

#[test]
fn a_document_is_written_block_style() {
    let value = New::object([
        ("kind", New::text("Service")),
        (
            "spec",
            New::object([(
                "ports",
                New::List(vec![New::object([("port", New::Number(80)), ("name", New::text("80"))])]),
            )]),
        ),
        ("empty", New::Object(Vec::new())),
    ]);
    let expected = "kind: Service\nspec:\n  ports:\n    - port: 80\n      name: \"80\"\nempty: {}\n";
    assert_eq!(super::document(&value), expected);
}

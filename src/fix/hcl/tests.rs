//! What the writers of HCL make of texts.

use super::super::applied;
use super::*;
use crate::source::SourceId;
use crate::tree::{Tree, hcl};

/// A change of what stands at a path of keys.
enum Do {
    Replace(New),
    Insert(Vec<(String, New)>),
    Remove(&'static str),
    Push(Vec<New>),
}

fn parsed(text: &str) -> Tree {
    let tree = hcl::parse(SourceId(0), text.into());
    assert_eq!(tree.errors, [], "{text}");
    tree
}

fn changed(text: &str, path: &[&str], change: &Do) -> Result<String, String> {
    let tree = parsed(text);
    let node = tree.documents().next().and_then(|root| root.at(path)).expect("the path is there");
    let mut edits = match change {
        Do::Replace(value) => vec![replace(node, value)?],
        Do::Insert(entries) => insert(node, entries)?,
        Do::Remove(key) => remove(node, node.entry(key).expect("the key is there").0)?,
        Do::Push(items) => vec![push(node, items)?],
    };
    edits.sort_by_key(|edit| edit.span.start);
    let result = applied(text, &edits);
    parsed(&result);
    Ok(result)
}

fn check(rows: &[(&str, &[&str], Do, &str)]) {
    for (text, path, change, expected) in rows {
        assert_eq!(changed(text, path, change).as_deref(), Ok(*expected), "\n{text}");
    }
}

fn entries<const N: usize>(entries: [(&str, New); N]) -> Vec<(String, New)> {
    entries.map(|(key, value)| (key.to_string(), value)).into()
}

fn add<const N: usize>(new: [(&str, New); N]) -> Do {
    Do::Insert(entries(new))
}

fn block<const N: usize>(body: [(&str, New); N]) -> New {
    New::Block { labels: Vec::new(), body: entries(body) }
}

use New::Number;

#[test]
fn values_are_replaced_in_their_style() {
    let text = New::text;
    check(&[
        ("a = 1 # one\n", &["a"], Do::Replace(Number(2)), "a = 2 # one\n"),
        ("a = \"30\"\n", &["a"], Do::Replace(Number(60)), "a = \"60\"\n"),
        ("a = \"true\"\n", &["a"], Do::Replace(New::Boolean(false)), "a = \"false\"\n"),
        ("a = \"fast\"\n", &["a"], Do::Replace(Number(60)), "a = 60\n"),
        ("a = (30)\n", &["a"], Do::Replace(Number(60)), "a = (60)\n"),
        ("a = -1\n", &["a"], Do::Replace(Number(60)), "a = 60\n"),
        ("a = null\n", &["a"], Do::Replace(New::Boolean(true)), "a = true\n"),
        ("a = var.b\n", &["a"], Do::Replace(New::Raw("var.c * 6".into())), "a = var.c * 6\n"),
        ("a = <<EOT\nold\nEOT\nb = 1\n", &["a"], Do::Replace(text("new")), "a = \"new\"\nb = 1\n"),
        (
            "a = 1\n",
            &["a"],
            Do::Replace(text("\"\\ ${b} %{c} $ % \n\t\u{1}")),
            "a = \"\\\"\\\\ $${b} %%{c} $ % \\n\\t\\u0001\"\n",
        ),
        ("a = 1\n", &["a"], Do::Replace(New::List(vec![text("b"), Number(2)])), "a = [\"b\", 2]\n"),
        (
            "\u{feff}a = 1\r\nb = {\r\n  c = 2\r\n}\r\n",
            &["b", "c"],
            Do::Replace(New::object([("d", Number(1)), ("e f", Number(2))])),
            "\u{feff}a = 1\r\nb = {\r\n  c = {\r\n    d     = 1\r\n    \"e f\" = 2\r\n  }\r\n}\r\n",
        ),
        ("a = [1, 2]\n", &["a"], Do::Replace(Number(3)), "a = 3\n"),
        (
            "variable \"a\" {\n  default = 1\n}\n",
            &["variable", "default"],
            Do::Replace(Number(3)),
            "variable \"a\" {\n  default = 3\n}\n",
        ),
    ]);
}

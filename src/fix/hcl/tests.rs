//! What the writers of HCL make of texts.

use super::super::tables::{Do, Writer};
use super::*;
use crate::tree::hcl;

const WRITER: Writer = Writer { parse: hcl::parse, replace, insert, remove, push };

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
    WRITER.check(&[
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

#[test]
fn attributes_join_the_first_group() {
    WRITER.check(&[
        (
            "r \"a\" \"b\" {\n  name = 1 # one\n}\n",
            &["r"],
            add([("zz", Number(2))]),
            "r \"a\" \"b\" {\n  name = 1 # one\n  zz   = 2\n}\n",
        ),
        // Longer names would have the others moved.
        (
            "r {\n  name = 1\n}\n",
            &["r"],
            add([("longer", Number(2)), ("b", Number(3))]),
            "r {\n  name = 1\n\n  longer = 2\n  b      = 3\n}\n",
        ),
        (
            "r {\n  name = 1\n  b {\n  }\n}\n",
            &["r"],
            add([("longer", Number(2))]),
            "r {\n  name = 1\n\n  longer = 2\n\n  b {\n  }\n}\n",
        ),
        (
            "r {\n  name = 1\n\n  # of b\n  b {\n  }\n}\n",
            &["r"],
            add([("longer", Number(2))]),
            "r {\n  name = 1\n\n  longer = 2\n\n  # of b\n  b {\n  }\n}\n",
        ),
        // Where nobody aligned, nobody will.
        (
            "r {\n  a = 1\n  bbb = 1\n}\n",
            &["r"],
            add([("longer", Number(2))]),
            "r {\n  a = 1\n  bbb = 1\n  longer = 2\n}\n",
        ),
        // Arguments of Terraform stay apart.
        (
            "r {\n  count = 1\n\n  name = 1\n}\n",
            &["r"],
            add([("a", Number(2))]),
            "r {\n  count = 1\n\n  name = 1\n  a    = 2\n}\n",
        ),
        ("r {\n  count = 1\n}\n", &["r"], add([("a", Number(2))]), "r {\n  count = 1\n\n  a = 2\n}\n"),
        // Behind the last single line, before what takes several.
        (
            "r {\n  name = 1\n  tags = {\n    a = 1\n  }\n}\n",
            &["r"],
            add([("a", Number(2))]),
            "r {\n  name = 1\n  a    = 2\n  tags = {\n    a = 1\n  }\n}\n",
        ),
        (
            "r {\n  name   = 1\n  policy = <<EOT\n  a = 1\nEOT\n}\n",
            &["r"],
            add([("longe", Number(2))]),
            "r {\n  name   = 1\n  longe  = 2\n  policy = <<EOT\n  a = 1\nEOT\n}\n",
        ),
        (
            "r {\n  tags = {\n    a = 1\n  }\n}\n",
            &["r"],
            add([("a", Number(2))]),
            "r {\n  tags = {\n    a = 1\n  }\n\n  a = 2\n}\n",
        ),
        (
            "r {\n  a = (\n    1\n  ) /* one */ # and\n\n}\n",
            &["r"],
            add([("b", Number(2))]),
            "r {\n  a = (\n    1\n  ) /* one */ # and\n\n  b = 2\n\n}\n",
        ),
        (
            "r {\n  a = 1 /* one\n  two */\n}\n",
            &["r"],
            add([("b", Number(2))]),
            "r {\n  a = 1 /* one\n  two */\n  b = 2\n}\n",
        ),
        (
            "r {\n  name = 1\n}\n",
            &["r"],
            add([("a", New::object([("b", New::text("c"))])), ("b", Number(2))]),
            "r {\n  name = 1\n  b    = 2\n\n  a = {\n    b = \"c\"\n  }\n}\n",
        ),
    ]);
}

#[test]
fn bodies_of_every_kind_take_attributes() {
    WRITER.check(&[
        ("r {}\n", &["r"], add([("a", Number(2)), ("bc", Number(2))]), "r {\n  a  = 2\n  bc = 2\n}\n"),
        ("r {\n}\n", &["r"], add([("a", Number(2))]), "r {\n  a = 2\n}\n"),
        ("r {\n\n}\n", &["r"], add([("a", Number(2))]), "r {\n  a = 2\n}\n"),
        ("r { # why\n}\n", &["r"], add([("a", Number(2))]), "r { # why\n  a = 2\n}\n"),
        ("r {\n  # why\n}\n", &["r"], add([("a", Number(2))]), "r {\n  # why\n  a = 2\n}\n"),
        ("r { /* why */ }\n", &["r"], add([("a", Number(2))]), "r {\n  /* why */\n  a = 2\n}\n"),
        ("r {\n  a = 1\n  # why\n}\n", &["r"], add([("b", Number(2))]), "r {\n  a = 1\n  b = 2\n  # why\n}\n"),
        ("r { name = 1 }\n", &["r"], add([("a", Number(2))]), "r {\n  name = 1\n  a    = 2\n}\n"),
        ("r { a = 1 }\n", &["r"], add([("name", Number(2))]), "r {\n  a = 1\n\n  name = 2\n}\n"),
        ("r {\n  b {\n  }\n}\n", &["r"], add([("a", Number(2))]), "r {\n  a = 2\n\n  b {\n  }\n}\n"),
        ("r {\n  b {}\n}\n", &["r", "b"], add([("a", Number(2))]), "r {\n  b {\n    a = 2\n  }\n}\n"),
        ("r {\n\tb {}\n}\n", &["r", "b"], add([("a", Number(2))]), "r {\n\tb {\n\t\ta = 2\n\t}\n}\n"),
        (
            "\u{feff}r {\r\n  a = 1 # one\r\n}\r\n",
            &["r"],
            add([("b", Number(2)), ("c", block([]))]),
            "\u{feff}r {\r\n  a = 1 # one\r\n  b = 2\r\n\r\n  c {}\r\n}\r\n",
        ),
        ("r {\n  a = null # none\n}\n", &["r"], add([("a", Number(2))]), "r {\n  a = 2 # none\n}\n"),
        // Files of values.
        ("", &[], add([("a", Number(2))]), "a = 2\n"),
        ("\u{feff}", &[], add([("a", Number(2))]), "\u{feff}a = 2\n"),
        ("# why", &[], add([("a", Number(2))]), "# why\na = 2"),
        ("aa = 1", &[], add([("b", Number(2))]), "aa = 1\nb  = 2"),
        ("\u{feff}aa = 1\n\nb = 1\n", &[], add([("c", Number(2))]), "\u{feff}aa = 1\nc  = 2\n\nb = 1\n"),
    ]);
    let twice = WRITER.changed("r {\n  a = 1\n}\n", &["r"], &add([("a", Number(2))]));
    assert_eq!(twice, Err("`a` is there already".into()));
}

#[test]
fn blocks_stand_at_the_end() {
    let inner = || block([("a", Number(1)), ("bcd", Number(1)), ("c", block([("d", Number(1))]))]);
    let written = "  b {\n    a   = 1\n    bcd = 1\n\n    c {\n      d = 1\n    }\n  }\n";
    let with = |before: &str| format!("r {{\n{before}{written}}}\n");
    let rows = [
        ("r {}\n", ""),
        ("r {\n}\n", ""),
        ("r {\n  # why\n}\n", "  # why\n\n"),
        ("r {\n  a = 1\n}\n", "  a = 1\n\n"),
        ("r { a = 1 }\n", "  a = 1\n\n"),
        ("r {\n  e {\n  }\n  # end\n}\n", "  e {\n  }\n  # end\n\n"),
    ];
    for (text, before) in rows {
        assert_eq!(WRITER.changed(text, &["r"], &add([("b", inner())])), Ok(with(before)), "\n{text}");
    }
    let both = add([("b", inner()), ("x", Number(1))]);
    assert_eq!(WRITER.changed("r {\n  a = 1\n}\n", &["r"], &both), Ok(with("  a = 1\n  x = 1\n\n")));
    let file = Do::Insert(vec![("r".into(), New::Block { labels: vec!["a".into(), "b".into()], body: Vec::new() })]);
    assert_eq!(WRITER.changed("r \"x\" \"y\" {}\n", &[], &file), Ok("r \"x\" \"y\" {}\n\nr \"a\" \"b\" {}\n".into()));
}

#[test]
fn objects_keep_their_style() {
    WRITER.check(&[
        ("a = {}\n", &["a"], add([("b", Number(2))]), "a = { b = 2 }\n"),
        ("a = {\n}\n", &["a"], add([("b", Number(2)), ("cd", Number(2))]), "a = {\n  b  = 2\n  cd = 2\n}\n"),
        ("a = {\n  # why\n}\n", &["a"], add([("b", Number(2))]), "a = {\n  # why\n  b = 2\n}\n"),
        ("a = { b = 1 }\n", &["a"], add([("c", New::object([("d", Number(1))]))]), "a = { b = 1, c = { d = 1 } }\n"),
        ("a = { \"b\" : 1, }\n", &["a"], add([("c", Number(2))]), "a = { \"b\" : 1, \"c\" : 2, }\n"),
        (
            "a = {\n  \"b\": 1, # one\n}\n",
            &["a"],
            add([("c", Number(2))]),
            "a = {\n  \"b\": 1, # one\n  \"c\": 2,\n}\n",
        ),
        ("a = {\n  bb = 1 # one\n}\n", &["a"], add([("c", Number(2))]), "a = {\n  bb = 1 # one\n  c  = 2\n}\n"),
        (
            "a = {\n  bb = 1,\n  c  = 2 # two\n}\n",
            &["a"],
            add([("d", Number(2))]),
            "a = {\n  bb = 1,\n  c  = 2, # two\n  d  = 2\n}\n",
        ),
        (
            "a = {\n  b = 1\n}\n",
            &["a"],
            add([("longer", Number(2)), ("c", Number(3))]),
            "a = {\n  b = 1\n\n  longer = 2\n  c      = 3\n}\n",
        ),
        (
            "a = {\n  b = {\n    c = 1\n  }\n}\n",
            &["a"],
            add([("longer", Number(2))]),
            "a = {\n  b = {\n    c = 1\n  }\n  longer = 2\n}\n",
        ),
        ("a = {\n  b = (1)\n}\n", &["a"], add([("c.d", Number(2))]), "a = {\n  b = (1)\n\n  \"c.d\" = 2\n}\n"),
    ]);
}

#[test]
fn lists_get_items() {
    let one = || Do::Push(vec![Number(3)]);
    WRITER.check(&[
        ("a = []\n", &["a"], one(), "a = [3]\n"),
        ("a = [1]\n", &["a"], Do::Push(vec![Number(2), New::object([("b", Number(3))])]), "a = [1, 2, { b = 3 }]\n"),
        ("a = [1, ]\n", &["a"], one(), "a = [1, 3, ]\n"),
        ("a = [(1)]\n", &["a"], one(), "a = [(1), 3]\n"),
        ("a = [\n  1\n]\n", &["a"], one(), "a = [\n  1,\n  3\n]\n"),
        ("a = [\n  1, # one\n  # end\n]\n", &["a"], one(), "a = [\n  1, # one\n  3,\n  # end\n]\n"),
        ("a = [\n  1 # one\n]\n", &["a"], one(), "a = [\n  1, # one\n  3\n]\n"),
        ("a = [\n]\n", &["a"], one(), "a = [\n  3\n]\n"),
        ("a = [{\n  b = 1\n}]\n", &["a"], one(), "a = [{\n  b = 1\n}, 3]\n"),
        (
            "a = [\n  { b = 1 },\n]\n",
            &["a"],
            Do::Push(vec![New::object([("b", Number(3))])]),
            "a = [\n  { b = 1 },\n  {\n    b = 3\n  },\n]\n",
        ),
    ]);
}

#[test]
fn entries_are_removed_with_their_lines() {
    WRITER.check(&[
        ("r {\n  a = 1\n  b = 1\n}\n", &["r"], Do::Remove("a"), "r {\n  b = 1\n}\n"),
        ("r {\n  # why\n  a = 1 # one\n  b = 1\n}\n", &["r"], Do::Remove("a"), "r {\n  # why\n  # one\n  b = 1\n}\n"),
        (
            "r {\n  a = 1\n\n  b {\n    c = 1\n  }\n\n  d = 1\n}\n",
            &["r"],
            Do::Remove("b"),
            "r {\n  a = 1\n\n  d = 1\n}\n",
        ),
        ("r {\n  a = 1\n\n  b {\n    c = 1\n  }\n}\n", &["r"], Do::Remove("b"), "r {\n  a = 1\n}\n"),
        ("r {\n  a = 1\n\n  b {\n    c = 1\n  }\n}\n", &["r"], Do::Remove("a"), "r {\n  b {\n    c = 1\n  }\n}\n"),
        ("r {\n  a = (\n    1\n  )\n}\n", &["r"], Do::Remove("a"), "r {\n}\n"),
        ("r {\n  a = <<EOT\n  # text\nEOT\n  b = 1\n}\n", &["r"], Do::Remove("a"), "r {\n  b = 1\n}\n"),
        ("r { a = 1 }\n", &["r"], Do::Remove("a"), "r {}\n"),
        ("r { /* why */ a = 1 }\n", &["r"], Do::Remove("a"), "r { /* why */  }\n"),
        ("a = 1\nb = 2", &[], Do::Remove("b"), "a = 1\n"),
        ("a = { b = 1 }\n", &["a"], Do::Remove("b"), "a = {}\n"),
        ("a = { b = 1, c = 2 }\n", &["a"], Do::Remove("b"), "a = { c = 2 }\n"),
        ("a = { b = 1, c = 2 }\n", &["a"], Do::Remove("c"), "a = { b = 1 }\n"),
        ("a = { b = 1, c = 2, }\n", &["a"], Do::Remove("c"), "a = { b = 1, }\n"),
        ("a = {\n  b = 1,\n  c = 2\n}\n", &["a"], Do::Remove("c"), "a = {\n  b = 1\n}\n"),
        ("a = {\n  b = 1 # one\n  c = 2 # two\n}\n", &["a"], Do::Remove("b"), "a = {\n  # one\n  c = 2 # two\n}\n"),
        ("a = {\n  b = 1,\n\n  c = 2,\n}\n", &["a"], Do::Remove("c"), "a = {\n  b = 1,\n}\n"),
        ("a = { b = 1,\n  c = 2 }\n", &["a"], Do::Remove("b"), "a = { \n  c = 2 }\n"),
    ]);
    for text in ["r {\n  a {\n    # why\n  }\n}\n", "r {\n  a = /* why */ 1\n}\n", "r = { a = [ # why\n] }\n"] {
        assert_eq!(
            WRITER.changed(text, &["r"], &Do::Remove("a")),
            Err("a comment stands inside what would be removed".into())
        );
    }
}

#[test]
fn what_is_nested_is_a_block_where_providers_take_one() {
    let text = "resource \"kubernetes_deployment\" \"a\" {\n  spec {\n    o = {}\n  }\n}\nmodule \"m\" {\n}\nlocals {\n}\n\
                resource \"google_compute_instance\" \"a\" {\n}\n";
    let tree = WRITER.parsed(text);
    let root = tree.documents().next().expect("a document");
    let kubernetes = root.get("resource").and_then(|_| root.entries().next()).expect("a block").1;
    let takes = |path: &[&str]| kubernetes.at(path).map(takes_blocks);
    assert_eq!([takes(&[]), takes(&["spec"]), takes(&["spec", "o"])], [Some(true), Some(true), Some(false)]);
    assert_eq!(root.get("module").map(takes_blocks), Some(false));
    assert_eq!(root.get("locals").map(takes_blocks), Some(false));
    assert!(!takes_blocks(root));
    let limits = || New::object([("cpu", New::text("1"))]);
    let resources = as_block(kubernetes, "resources", New::object([("limits", limits()), ("a", limits())]));
    assert_eq!(resources, block([("limits", limits()), ("a", block([("cpu", New::text("1"))]))]));
    assert_eq!(as_block(kubernetes, "metadata", limits()), block([("cpu", New::text("1"))]));
    assert_eq!(as_block(root.get("resource").expect("a block"), "metadata", limits()), limits());
}

#[test]
fn new_files_are_written_like_terraform_writes_them() {
    let body = entries([
        ("name", New::text("a")),
        ("role_arn", New::Raw("aws_iam_role.a.arn".into())),
        ("tags", New::object([("a", Number(1)), ("b/c", Number(2))])),
        ("b", block([("c", New::List(vec![New::object([("d", Number(1))])]))])),
        ("e", Number(1)),
    ]);
    let labels = vec!["aws_x".to_string(), "a".to_string()];
    let resource = || ("resource".to_string(), New::Block { labels: labels.clone(), body: body.clone() });
    let one = "resource \"aws_x\" \"a\" {\n  name     = \"a\"\n  role_arn = aws_iam_role.a.arn\n  tags = {\n    a     = 1\n    \
               \"b/c\" = 2\n  }\n\n  b {\n    c = [\n      {\n        d = 1\n      },\n    ]\n  }\n\n  e = 1\n}\n";
    assert_eq!(blocks(&[resource(), resource()]), format!("{one}\n{one}"));
}

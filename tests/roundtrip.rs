//! Trees: every span of every fixture is its node's text, and the oddities of the three syntaxes read as their own
//! tools read them.

mod support;

use archlint::tree::{Kind, NodeRef, Style, Tree};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::path::PathBuf;
use support::drawn;
use support::trees::{Syntax, children, faults};

fn yaml(text: &str) -> Tree {
    Syntax::Yaml.parse(text)
}

fn hcl(text: &str) -> Tree {
    Syntax::Hcl.parse(text)
}

fn fixture(name: &str) -> Tree {
    let path = PathBuf::from("fixtures/syntax").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Syntax::of(name).unwrap_or_else(|| panic!("{name} has no syntax")).parse(&text)
}

fn root(tree: &Tree) -> NodeRef<'_> {
    tree.documents().next().expect("a document")
}

/// The text of the node at a path.
fn text<'t>(tree: &'t Tree, path: &[&str]) -> &'t str {
    let node = root(tree).at(path).unwrap_or_else(|| panic!("nothing at {path:?}"));
    node.as_str().unwrap_or_else(|| panic!("no text at {path:?}: {node:?}"))
}

/// What is between the quotes, brackets or key and value, as it stands in the file.
fn slice<'t>(tree: &'t Tree, path: &[&str]) -> &'t str {
    root(tree).at(path).unwrap_or_else(|| panic!("nothing at {path:?}")).slice()
}

fn messages(tree: &Tree) -> Vec<&str> {
    tree.errors.iter().map(|error| error.message.as_str()).collect()
}

#[test]
fn every_span_of_every_fixture_is_true() {
    let mut wrong = String::new();
    let mut count = 0;
    let entries = ["fixtures", "lints"].into_iter().flat_map(walkdir::WalkDir::new).filter_map(Result::ok);
    for entry in entries.filter(|entry| entry.file_type().is_file()) {
        let path = entry.path().to_string_lossy().into_owned();
        let Some(syntax) = Syntax::of(&path) else { continue };
        let text = std::fs::read_to_string(entry.path()).unwrap_or_else(|error| panic!("{path}: {error}"));
        let tree = syntax.parse(&text);
        if !path.contains("broken") {
            assert_eq!(messages(&tree), Vec::<&str>::new(), "{path}");
        }
        count += 1;
        faults(syntax, &tree).iter().for_each(|fault| writeln!(wrong, "{path}: {fault}").expect("a string"));
    }
    assert!(count > 30, "only {count} fixtures");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn yaml_scalars_in_every_style() {
    let tree = fixture("scalars.yaml");
    let values = [
        ("plain", "a plain scalar with#out a comment"),
        ("folded plain", "first line second line\nthird line"),
        ("single", "it's"),
        ("double", "tab\tquote\" umlaut ü ü"),
        ("empty quoted", ""),
        ("literal", "one\n  two\n\nthree\n"),
        ("stripped", "one\ntwo"),
        ("kept", "one\n\n"),
        ("folded", "one two\nthree\n"),
        ("folded stripped", "one two"),
        ("indented", "  two blanks in front\nnone\n"),
        ("non-ascii", "größer → 日本 🦀"),
        ("octal", "0644"),
    ];
    for (key, value) in values {
        assert_eq!(text(&tree, &[key]), value, "{key}");
    }
    for key in ["empty", "tilde"] {
        assert!(root(&tree).get(key).is_some_and(NodeRef::is_null), "{key}");
    }
    assert_eq!(slice(&tree, &["empty"]), "", "nothing is written there");
    assert_eq!(slice(&tree, &["stripped"]), "|-\n  one\n  two");
    assert_eq!(slice(&tree, &["single"]), "'it''s'");
    assert_eq!(slice(&tree, &["non-ascii"]), "größer → 日本 🦀");
    assert!(root(&tree).get("yes").is_some_and(NodeRef::is_plain), "what `yes` means is for the dialect to say");
    let comments: Vec<_> = tree.comments.iter().map(|comment| &tree.text()[comment.span.range()]).collect();
    assert_eq!(comments[1], "# and a comment");
}

#[test]
fn yaml_anchors_merge_keys_and_duplicates_are_kept() {
    let tree = fixture("collections.yaml");
    let alias = root(&tree).at(&["merged", "<<"]).expect("a merge key");
    assert_eq!((alias.slice(), alias.get("timeout").map(NodeRef::slice)), ("*base", Some("30")));
    assert_eq!(text(&tree, &["merged", "timeout"]), "60", "merging is for the dialect to do");
    let names = root(&tree).entries().filter(|(key, _)| key.as_str() == Some("twice"));
    assert_eq!(names.map(|(_, value)| value.slice()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(text(&tree, &["twice"]), "2", "the last one counts");
    assert_eq!(slice(&tree, &["base", "tags"]), "[a, b,\n    c]");
    assert_eq!(slice(&tree, &["empty flow"]), "[ ]");
    let tag = |path: &[&str]| root(&tree).at(path).and_then(NodeRef::tag).unwrap_or("").to_string();
    assert_eq!([tag(&["tags", "get"]), tag(&["tags", "sub"]), tag(&["tags", "nothing"])], ["!GetAtt", "!Sub", "!Ref"]);
    assert_eq!(text(&tree, &["tags", "sub"]), "${A}\n");
    let items: Vec<_> = root(&tree).get("sequence").expect("a list").items().collect();
    assert_eq!(
        items.iter().map(|item| item.slice()).collect::<Vec<_>>()[..3],
        ["at the margin", "- nested\n    - sequence", ""]
    );
    assert_eq!(items[3].slice(), "key: value\n  other: value");
}

#[test]
fn yaml_documents_are_told_apart() {
    let tree = fixture("documents.yaml");
    let kinds: Vec<_> = tree.documents().map(|root| root.slice()).collect();
    assert_eq!(kinds, ["kind: first", "- second", "third", "", "kind: last"]);
}

#[test]
fn a_byte_order_mark_is_part_of_no_node_and_spans_count_it() {
    let tree = fixture("bom.yaml");
    assert_eq!((text(&tree, &["service"]), root(&tree).span().start), ("bom", 3));
    assert_eq!(slice(&fixture("bom.json"), &["a"]), "[1, {\"b\": null}]");
    let tree = fixture("bom.tf");
    assert_eq!(root(&tree).get("locals").and_then(|locals| locals.get("a")).map(NodeRef::slice), Some("1"));
}

#[test]
fn windows_line_ends_are_no_part_of_values() {
    let tree = fixture("crlf.yaml");
    assert_eq!(text(&tree, &["text"]), "first\nsecond\n");
    assert_eq!(slice(&tree, &["list"]), "- one\r\n  - two: 2");
    assert_eq!(slice(&tree, &["end"]), "\"x\"");
    let tree = fixture("crlf.tf");
    let heredoc = root(&tree).at(&["locals", "text"]).expect("a heredoc");
    assert!(heredoc.slice().starts_with("<<-EOT") && heredoc.slice().ends_with("EOT"), "{heredoc:?}");
}

#[test]
fn hcl_blocks_on_one_line_and_expressions() {
    let tree = fixture("expressions.tf");
    let local = |name: &str| root(&tree).at(&["locals", name]).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(text(&tree, &["variable", "default"]), "1");
    let queue = root(&tree).get("resource").expect("a resource");
    assert_eq!(queue.labels().map(|label| label.slice()).collect::<Vec<_>>(), ["\"aws_sqs_queue\"", "\"q\""]);
    assert_eq!(queue.slice(), "resource \"aws_sqs_queue\" \"q\" { name = \"q\" }");
    assert_eq!(local("sum").slice(), "1 + 2 * (3 - local.number) % 4");
    assert_eq!(local("indented").as_str(), Some("one\n  two\n"));
    assert_eq!(local("nothing").kind(), &Kind::Null);
    assert_eq!(local("nested").slice(), "{ x = { y = { z = [] } } }");
    assert_eq!(local("twice").get("a").map(NodeRef::slice), Some("2"), "the last one counts");
    let keys: Vec<_> = local("object").entries().map(|(key, _)| key.slice()).collect();
    assert_eq!(keys, ["a", "\"b c\"", "var.one", "d"]);
    for name in ["splat", "old_splat", "old_index", "directives", "for_object", "call", "text", "heredoc"] {
        assert!(matches!(local(name).kind(), Kind::Expr(_)), "{name}: {:?}", local(name));
    }
    let inner = root(&tree).get("dynamic_free_block").expect("a block");
    assert_eq!(inner.entries().filter(|(key, _)| key.as_str() == Some("inner")).count(), 2);
}

#[test]
fn hcl_comments_of_every_kind() {
    let tree = fixture("comments.tf");
    let comments: Vec<_> = tree.comments.iter().map(|comment| &tree.text()[comment.span.range()]).collect();
    let expected = ["# one", "// two", "/* three\n   four */", "# five", "// six", "# seven", "/* eight */"];
    assert_eq!(comments, expected);
}

#[test]
fn after_a_syntax_error_the_rest_of_the_file_is_read() {
    let queues = |tree: &Tree| -> Vec<String> {
        let blocks = root(tree).entries().filter(|(key, _)| key.as_str() == Some("resource"));
        blocks.filter_map(|(_, block)| Some(block.get("name")?.as_str()?.to_string())).collect()
    };
    let tree = fixture("broken/recovers.tf");
    assert_eq!(queues(&tree), ["before", "after"]);
    assert_eq!(tree.errors.len(), 1);
    assert_eq!(&tree.text()[..tree.errors[0].span.range().start].lines().count(), &6, "at the second `=`");
    let tree = fixture("broken/unclosed.tf");
    assert!(!tree.errors.is_empty());
    assert_eq!(root(&tree).at(&["locals", "before"]).map(NodeRef::slice), Some("1"));
    let tree = fixture("broken/recovers.yaml");
    let kinds: Vec<_> = tree.documents().filter_map(|root| root.get("kind")?.as_str()).collect();
    assert!(kinds.contains(&"first") && kinds.contains(&"last"), "{kinds:?}");
    assert_eq!(tree.errors.len(), 1);
}

#[test]
fn errors_say_what_is_wrong_where_it_is() {
    let at = |tree: &Tree| {
        let start = tree.errors[0].span.range().start;
        let line = tree.text()[..start].matches('\n').count() + 1;
        (line, tree.errors[0].message.clone())
    };
    assert_eq!(at(&fixture("broken/tab.yaml")), (2, "a tab cannot be used for indentation".into()));
    assert_eq!(at(&fixture("broken/trailing-comma.json")).0, 1);
    assert_eq!(at(&fixture("broken/comment.json")).0, 1);
    let (line, message) = at(&fixture("broken/template.yaml"));
    assert!(line == 2 && message.contains("template"), "{line}: {message}");
    let tree = fixture("broken/alias.yaml");
    assert_eq!(root(&tree).get("a").map(|alias| alias.kind().clone()), Some(Kind::Alias(None)));
    assert!(messages(&tree)[0].contains("nowhere"), "{:?}", messages(&tree));
}

#[test]
fn what_is_too_large_or_too_deep_is_refused() {
    let deep = |open: &str, close: &str| format!("a: {}1{}", open.repeat(300), close.repeat(300));
    assert!(messages(&yaml(&deep("[", "]"))).iter().any(|message| message.contains("nested")));
    assert!(messages(&Syntax::Json.parse(&deep("[", "]").replace("a: ", ""))).iter().any(|m| m.contains("nested")));
    assert!(messages(&hcl(&deep("[", "]").replace("a:", "a ="))).iter().any(|message| message.contains("nested")));
    let documents = "---\na: 1\n".repeat(20_100);
    assert!(messages(&yaml(&documents)).iter().any(|message| message.contains("documents")));
}

/// The parser compares every key of an object with every other one.
#[test]
fn a_huge_object_is_refused_and_its_neighbours_are_read() {
    let members: String = (0..50_000).map(|number| format!("    key_{number} = {number}\n")).collect();
    let tree = hcl(&format!("locals {{\n  before = 1\n}}\nlocals {{\n  huge = {{\n{members}  }}\n}}\nafter = 2\n"));
    assert_eq!(tree.errors.len(), 1);
    assert!(tree.errors[0].message.contains("5000"), "{:?}", tree.errors);
    assert_eq!(root(&tree).at(&["locals", "before"]).map(NodeRef::slice), Some("1"));
    assert_eq!(text(&tree, &["after"]), "2");
}

#[test]
fn styles_tell_how_a_node_is_written() {
    let tree = yaml("a: {b: 1}\nc:\n  d: '2'\ne: |\n  3\n");
    let style = |path: &[&str]| root(&tree).at(path).expect("a node").node().style;
    assert_eq!(style(&["a"]), Style::Flow);
    assert_eq!(style(&["c"]), Style::Block);
    assert_eq!(style(&["a", "b"]), Style::Plain);
    assert_eq!(style(&["c", "d"]), Style::Quoted);
    assert_eq!(style(&["e"]), Style::BlockScalar);
}

/// Every node lies inside the text, between characters, and inside the node above it.
fn is_sound(tree: &Tree) -> Result<(), TestCaseError> {
    let text = tree.text();
    for node in tree.all() {
        let range = node.span().range();
        prop_assert!(range.start <= range.end && range.end <= text.len(), "{node:?}");
        prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end), "{node:?}");
        for child in children(node) {
            let inner = child.span().range();
            prop_assert!(range.start <= inner.start && inner.end <= range.end, "{child:?} in {node:?}");
        }
    }
    for span in tree.errors.iter().map(|error| error.span).chain(tree.comments.iter().map(|comment| comment.span)) {
        prop_assert!(text.get(span.range()).is_some());
    }
    Ok(())
}

/// Pieces of the three syntaxes, put together at random: closer to what breaks a parser than random characters.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a: ",
        "- ",
        "\n",
        "  ",
        "|\n",
        ">-\n",
        "'",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ": ",
        "&x ",
        "*x",
        "!Ref ",
        "---\n",
        "# c\n",
        "ü",
        "🦀",
        "\r\n",
        "\t",
        "a = ",
        "b {",
        "${",
        "%{ if ",
        "<<-E\n",
        "E\n",
        "1",
        "null",
        "<<: ",
        "? ",
        "(",
        ")",
        ".*",
        "...",
        "\u{feff}",
        "\0",
        "//",
        "/*",
        "*/",
        "for x in y : ",
        "=>",
        "\\",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(drawn(256))]
    #[test]
    fn no_text_makes_a_reader_fall_over(text in pieces()) {
        for syntax in [Syntax::Yaml, Syntax::Json, Syntax::Hcl] {
            is_sound(&syntax.parse(&text))?;
        }
    }

    #[test]
    fn nor_does_a_fixture_with_a_piece_cut_out(from in 0usize..1500, length in 0usize..40) {
        for name in ["scalars.yaml", "collections.yaml", "expressions.tf", "lists.json"] {
            let whole = fixture(name);
            let text = whole.text();
            let floor = |mut at: usize| {
                at = at.min(text.len());
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let cut = [&text[..floor(from)], &text[floor(from + length)..]].concat();
            is_sound(&Syntax::of(name).expect("a syntax").parse(&cut))?;
        }
    }
}

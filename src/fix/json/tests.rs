//! What the writers of JSON make of texts.

use super::super::applied;
use super::super::tables::{Do, Writer};
use super::*;
use crate::source::SourceId;
use crate::tree::{json, terraform_json};

const WRITER: Writer = Writer { parse: json::parse, replace, insert, remove, push };

fn add<const N: usize>(new: [(&str, New); N]) -> Do {
    Do::Insert(new.map(|(key, value)| (key.to_string(), value)).into())
}

use New::Number;

#[test]
fn values_are_replaced() {
    WRITER.check(&[
        ("{\"a\": 1}", &["a"], Do::Replace(Number(2)), "{\"a\": 2}"),
        ("{\"a\": \"30\"}", &["a"], Do::Replace(Number(60)), "{\"a\": \"60\"}"),
        ("{\"a\": \"false\"}", &["a"], Do::Replace(New::Boolean(true)), "{\"a\": \"true\"}"),
        ("{\"a\": \"b\"}", &["a"], Do::Replace(New::Boolean(true)), "{\"a\": true}"),
        ("{\"a\": null}", &["a"], Do::Replace(New::text("\"\\\n")), "{\"a\": \"\\\"\\\\\\n\"}"),
        (
            "{\n\t\"a\": 1\n}",
            &["a"],
            Do::Replace(New::object([("b", New::List(vec![Number(1)]))])),
            "{\n\t\"a\": {\n\t\t\"b\": [\n\t\t\t1\n\t\t]\n\t}\n}",
        ),
    ]);
}

#[test]
fn members_are_added_in_the_style_of_the_others() {
    let b = || add([("b", Number(2))]);
    let nested = || add([("b", New::object([("c", Number(2))]))]);
    WRITER.check(&[
        ("{}", &[], b(), "{\"b\": 2}"),
        ("{\"a\":1}", &[], nested(), "{\"a\":1, \"b\":{\"c\":2}}"),
        ("{ \"a\": 1 }", &[], b(), "{ \"a\": 1, \"b\": 2 }"),
        (
            "\u{feff}{\r\n    \"a\" : 1\r\n}\r\n",
            &[],
            nested(),
            "\u{feff}{\r\n    \"a\" : 1,\r\n    \"b\" : {\r\n        \"c\" : 2\r\n    }\r\n}\r\n",
        ),
        ("{\n  \"a\": {}\n}", &["a"], b(), "{\n  \"a\": {\n    \"b\": 2\n  }\n}"),
        ("{\n  \"a\": {\n  }\n}", &["a"], b(), "{\n  \"a\": {\n    \"b\": 2\n  }\n}"),
        ("{\n  \"a\": {\"c\": 1}\n}", &["a"], b(), "{\n  \"a\": {\"c\": 1, \"b\": 2}\n}"),
        ("{\n  \"b\": null\n}", &[], b(), "{\n  \"b\": 2\n}"),
        (
            "{\n  \"a\": 1\n}",
            &[],
            add([("b", Number(2)), ("c", New::Boolean(true))]),
            "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": true\n}",
        ),
        ("{\n  \"a\": 1 }", &[], b(), "{\n  \"a\": 1,\n  \"b\": 2 }"),
    ]);
    assert_eq!(WRITER.changed("{\"b\": 1}", &[], &b()), Err("`b` is there already".into()));
}

#[test]
fn members_are_removed_with_their_separators() {
    WRITER.check(&[
        ("{\"a\": 1}", &[], Do::Remove("a"), "{}"),
        ("{\"a\": 1, \"b\": 2}", &[], Do::Remove("a"), "{\"b\": 2}"),
        ("{\"a\": 1, \"b\": 2}", &[], Do::Remove("b"), "{\"a\": 1}"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", &[], Do::Remove("a"), "{\n  \"b\": 2\n}\n"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", &[], Do::Remove("b"), "{\n  \"a\": 1\n}\n"),
        ("{\n  \"a\": {\n    \"b\": 1\n  }\n}\n", &["a"], Do::Remove("b"), "{\n  \"a\": {\n  }\n}\n"),
        ("{\"a\": 1,\n \"b\": 2}", &[], Do::Remove("b"), "{\"a\": 1}"),
    ]);
}

#[test]
fn lists_get_items() {
    let two = || Do::Push(vec![New::text("b"), New::object([("c", Number(2))])]);
    WRITER.check(&[
        ("{\"a\": []}", &["a"], two(), "{\"a\": [\"b\", {\"c\": 2}]}"),
        ("{\"a\": [1]}", &["a"], two(), "{\"a\": [1, \"b\", {\"c\": 2}]}"),
        (
            "{\n  \"a\": [\n    1\n  ]\n}",
            &["a"],
            two(),
            "{\n  \"a\": [\n    1,\n    \"b\",\n    {\n      \"c\": 2\n    }\n  ]\n}",
        ),
    ]);
}

#[test]
fn terraform_json_is_edited_where_it_is_written() {
    let text = "{\n  \"resource\": {\n    \"aws_x\": {\n      \"a\": {\n        \"t\": 1,\n        \"dynamic\": {\"b\": [{\"content\": {}}]}\n      }\n    }\n  }\n}\n";
    let tree = terraform_json::parse(SourceId(0), text.into());
    let block = tree.documents().next().and_then(|root| root.get("resource")).expect("a block");
    let new = New::Block { labels: Vec::new(), body: vec![("d".into(), Number(1))] };
    let edits = insert(block, &[("c".into(), new)]).expect("an edit");
    let expected = text.replace("{}}]}", "{}}]},\n        \"c\": {\n          \"d\": 1\n        }");
    assert_eq!(applied(text, &edits), expected);
    let dynamic = block.entry("dynamic").expect("an entry").0;
    assert_eq!(remove(block, dynamic), Err("its place is not an entry of its own".into()));
}

#[test]
fn a_document_is_laid_out() {
    let value = New::object([("a", New::List(Vec::new())), ("b", New::object([("c", New::text("d"))]))]);
    assert_eq!(document(&value), "{\n  \"a\": [],\n  \"b\": {\n    \"c\": \"d\"\n  }\n}\n");
}

mod arbitrary {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u32>().prop_map(Value::from),
            "[ -~é\n\"\\\\]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            let members = prop::collection::vec(("[a-c \"]{1,3}", inner.clone()), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                members.prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn only_the_intended_values_change(
            members in prop::collection::vec(("[a-c]{1,2}", value()), 0..5),
            is_laid_out: bool,
            pick in 0usize..5,
            which in 0usize..4,
            text in "[ -~é\n\"\\\\]{0,6}",
        ) {
            let mut root: Map<String, Value> = members.into_iter().collect();
            let written = |root: &Map<String, Value>| if is_laid_out {
                serde_json::to_string_pretty(root)
            } else {
                serde_json::to_string(root)
            };
            let file = written(&root).expect("JSON");
            let tree = json::parse(SourceId(0), file.as_str().into());
            let node = tree.documents().next().expect("a document");
            let new = New::text(text.as_str());
            let picked = node.entries().nth(pick);
            let mut edits = match (which, picked) {
                (0, _) => {
                    root.insert("x".into(), text.into());
                    root.insert("y".into(), serde_json::json!({"z": 1}));
                    insert(node, &[("x".into(), new), ("y".into(), New::object([("z", Number(1))]))])
                }
                (1, Some((key, _))) => {
                    root.remove(key.as_str().unwrap_or(""));
                    remove(node, key)
                }
                (2, Some((key, value))) if value.is_sequence() => {
                    if let Some(Value::Array(items)) = root.get_mut(key.as_str().unwrap_or("")) {
                        items.push(text.into());
                    }
                    push(value, &[new]).map(|edit| vec![edit])
                }
                (3, Some((key, value))) => {
                    root.insert(key.as_str().unwrap_or("").into(), text.into());
                    replace(value, &new).map(|edit| vec![edit])
                }
                _ => return Ok(()),
            }.expect("nothing to refuse");
            edits.sort_by_key(|edit| edit.span.start);
            let result = applied(&file, &edits);
            let again: Map<String, Value> = serde_json::from_str(&result).expect("JSON");
            prop_assert_eq!(again, root, "{}\n{}", file, result);
        }
    }
}

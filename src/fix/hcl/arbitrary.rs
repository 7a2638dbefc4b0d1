//! Arbitrary files and changes: the result parses, has exactly the intended values, and every comment is still there.

use super::super::applied;
use super::*;
use crate::source::SourceId;
use crate::tree::{Tree, hcl};
use proptest::prelude::*;

/// An attribute, an object over several lines, a list, a one-line object, a block: each with comments around.
fn entry(index: usize, (kind, comment, gap): (usize, usize, usize), newline: &str) -> String {
    let behind = ["", " # one", " /* two */ // three", " # $${four}"].get(comment % 4).unwrap_or(&"");
    let before = ["", "\n", "  # above\n", "\n  /* over\n  two lines */\n"].get(gap % 4).unwrap_or(&"");
    let name = format!("{}{index}", "n".repeat(1 + kind / 2));
    let text = match kind % 9 {
        0 => format!("{before}  {name} = {index}{behind}\n"),
        1 => format!("{before}  {name} = \"a${{b}}\"{behind}\n"),
        2 => format!("{before}  {name} = {{{behind}\n    k = 1{behind}\n    l = 2\n  }}{behind}\n"),
        3 => format!("{before}  {name} = [{behind}\n    1,{behind}\n    2{behind}\n  ]\n"),
        4 => format!("{before}  {name} = {{ k = 1, l = [1, 2], }}{behind}\n"),
        5 => format!("{before}  {name} {{{behind}\n    k = 1{behind}\n  }}{behind}\n"),
        6 => format!("{before}  {name} {{ k = 1 }}{behind}\n"),
        7 => format!("{before}  {name} = <<EOT\n  # no comment\nEOT\n"),
        _ => format!("{before}  {name} = ({index}){behind}\n"),
    };
    text.replace('\n', newline)
}

/// Names and values, however they are written.
fn values(node: NodeRef<'_>) -> String {
    match node.kind() {
        Kind::Mapping(_) | Kind::Block { .. } => {
            let mut entries: Vec<String> = node
                .entries()
                .map(|(key, value)| format!("{}={}", key.as_str().unwrap_or(key.slice()), values(value)))
                .collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        Kind::Sequence(_) => format!("[{}]", node.items().map(values).collect::<Vec<_>>().join(",")),
        _ => format!("{:?}", node.as_str().unwrap_or(node.slice())),
    }
}

fn comments(tree: &Tree) -> Vec<&str> {
    tree.comments.iter().map(|comment| tree.text().get(comment.span.range()).unwrap_or("").trim_end()).collect()
}

/// The values of a file after a change of the object at `path`, worked out without the writer.
fn expected(node: NodeRef<'_>, target: NodeRef<'_>, change: &dyn Fn(Vec<String>) -> Vec<String>) -> String {
    let parts = |node: NodeRef<'_>| -> Vec<String> {
        if node.is_sequence() {
            return node.items().map(|item| expected(item, target, change)).collect();
        }
        let entry = |(key, value): (NodeRef<'_>, NodeRef<'_>)| {
            format!("{}={}", key.as_str().unwrap_or(key.slice()), expected(value, target, change))
        };
        node.entries().map(entry).collect()
    };
    if !node.is_sequence() && !node.is_mapping() {
        return values(node);
    }
    let mut all = parts(node);
    if node.id() == target.id() {
        all = change(all);
    }
    if node.is_sequence() {
        return format!("[{}]", all.join(","));
    }
    all.sort();
    format!("{{{}}}", all.join(","))
}

proptest! {
    #[test]
    fn only_the_intended_values_change(
        kinds in prop::collection::vec((0usize..18, 0usize..4, 0usize..4), 0..7),
        is_windows: bool,
        has_mark: bool,
        pick in 0usize..64,
        which in 0usize..4,
        text in "[ -~\n${%\"\\\\]{0,8}",
        name in "[a-z]{1,9}",
    ) {
        let newline = if is_windows { "\r\n" } else { "\n" };
        let body: String = kinds.iter().enumerate().map(|(index, kind)| entry(index, *kind, newline)).collect();
        let mark = if has_mark { "\u{feff}" } else { "" };
        let file = format!("{mark}resource \"a\" \"b\" {{{newline}{body}}}{newline}");
        let tree = hcl::parse(SourceId(0), file.as_str().into());
        prop_assert_eq!(&tree.errors, &[]);
        let root = tree.documents().next().expect("a document");
        let all = || tree.all().filter(|node| node.id() != root.id());
        let bodies: Vec<NodeRef<'_>> = all().filter(|node| node.is_mapping() && node.node().style != Style::Block || matches!(node.node().kind, Kind::Block { .. })).collect();
        let lists: Vec<NodeRef<'_>> = all().filter(|node| node.is_sequence()).collect();
        let Some(target) = bodies.get(pick % bodies.len().max(1)).copied() else { return Ok(()) };
        let new = New::text(text.as_str());
        let (edits, wanted) = match which {
            0 => {
                let entries = vec![(name.clone(), new), ("zzzz".into(), New::Number(1))];
                let add = |mut parts: Vec<String>| { parts.extend([format!("{name}={text:?}"), "zzzz=\"1\"".into()]); parts };
                if target.get(&name).is_some() || name == "zzzz" { return Ok(()) }
                (insert(target, &entries), expected(root, target, &add))
            }
            1 => {
                let Some((key, _)) = target.entries().nth(pick % 3) else { return Ok(()) };
                let cut = |mut parts: Vec<String>| { parts.remove(pick % 3); parts };
                (remove(target, key), expected(root, target, &cut))
            }
            2 => {
                let Some(list) = lists.get(pick % lists.len().max(1)).copied() else { return Ok(()) };
                let add = |mut parts: Vec<String>| { parts.push(format!("{text:?}")); parts };
                (push(list, &[new]).map(|edit| vec![edit]), expected(root, list, &add))
            }
            _ => {
                let Some((key, value)) = target.entries().nth(pick % 3) else { return Ok(()) };
                if !matches!(value.kind(), Kind::Scalar(_)) { return Ok(()) }
                let key = key.as_str().unwrap_or("");
                let set = |mut parts: Vec<String>| { if let Some(part) = parts.get_mut(pick % 3) { *part = format!("{key}={text:?}"); } parts };
                (replace(value, &new).map(|edit| vec![edit]), expected(root, target, &set))
            }
        };
        let mut edits = match edits {
            Ok(edits) => edits,
            Err(reason) => { prop_assert_eq!(reason, super::super::brackets::COMMENT_INSIDE); return Ok(()) }
        };
        edits.sort_by_key(|edit| edit.span.start);
        let result = applied(&file, &edits);
        let again = hcl::parse(SourceId(0), result.as_str().into());
        prop_assert_eq!(&again.errors, &[], "{}", result);
        prop_assert_eq!(again.documents().next().map(values), Some(wanted), "{}\n{}", file, result);
        prop_assert_eq!(comments(&again), comments(&tree), "{}\n{}", file, result);
    }
}

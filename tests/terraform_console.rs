//! Expressions evaluate to what `terraform console` says of them.
//!
//! The recordings are in tests/terraform_console, made by tools/record-terraform-console. Each expression becomes the
//! name of a queue and goes through the whole pipeline. A value that archlint does not know is allowed if it gives a
//! reason, and for one expression in twenty at most; a wrong one is not.

mod support;

use std::fmt::Write;
use std::path::Path;
use support::model::{model, spell};

const RECORDED: &str = include_str!("terraform_console/recorded.txt");

/// The files that the expressions refer to.
const FILES: [&str; 8] = [
    "main.tf",
    "terraform.tfvars",
    "modules/queue/main.tf",
    "files/settings.yaml",
    "files/schema.json",
    "files/greeting.tftpl",
    "files/jobs.json.tftpl",
    "files/plain.txt",
];

/// Expressions with the JSON that Terraform makes of their values.
fn recorded() -> Vec<(&'static str, &'static str)> {
    let lines: Vec<&str> = RECORDED.lines().filter(|line| !line.starts_with('#')).collect();
    let pair = |pair: &[&'static str]| (pair[0], pair[1].strip_prefix("= ").expect("an expression and its value"));
    lines.chunks_exact(2).map(pair).collect()
}

#[test]
fn expressions_have_the_values_that_terraform_gives_them() {
    let recorded = recorded();
    assert!(recorded.len() >= 300, "{} expressions", recorded.len());
    let mut queues = String::new();
    for (number, (expression, value)) in recorded.iter().enumerate() {
        // Text around it makes a text of every value.
        let is_text = value.starts_with('"');
        let name = if is_text { format!("=${{{expression}}}") } else { format!("=${{jsonencode({expression})}}") };
        writeln!(queues, "resource \"aws_sqs_queue\" \"e{number}\" {{\n  name = \"{name}\"\n}}").expect("a string");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terraform_console");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("a file of the recording");
    let mut texts: Vec<(&str, String)> = FILES.iter().map(|path| (*path, read(path))).collect();
    texts.push(("queues.tf", queues));
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let model = model(&texts);

    let (mut wrong, mut unknown) = (String::new(), String::new());
    for (number, (expression, value)) in recorded.iter().enumerate() {
        let label = format!("e{number}");
        let text = serde_json::from_str::<String>(value).unwrap_or_else(|_| value.to_string());
        let queue = model.architecture.queues().find(|queue| *queue.identity.label == *label).expect("its queue");
        let found = spell(&queue.identity.name);
        match found.strip_prefix('=') {
            Some(found) if found == text => {}
            None if found.starts_with("unknown: ") => writeln!(unknown, "{expression}\n  {found}").expect("a string"),
            _ => writeln!(wrong, "{expression}\n  terraform {value}\n  archlint  {found}").expect("a string"),
        }
    }
    assert_eq!(wrong, "");
    insta::assert_snapshot!(unknown);
    assert!(unknown.lines().count() / 2 * 20 <= recorded.len(), "more than one in twenty is unknown");
}

//! What the README shows and says is what the program does.

use archlint::engine::{Input, Options, run};
use archlint::report::{human, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The text behind each fence in a language, up to the fence that closes it.
fn fences<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let opening = format!("```{language}\n");
    text.split(&opening).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_report_is_one() {
    let readme = read("README.md");
    let mut shown = 0;
    for part in readme.split("<!-- report: ").skip(1) {
        let (arguments, rest) = part.split_once(" -->").expect("a path");
        let (excerpts, _) = rest.split_once("<!-- /report -->").expect("an end");
        let (path, fixes) = match arguments.strip_suffix(" --fix-suggest") {
            Some(path) => (path, true),
            None => (arguments, false),
        };
        let report = run(Input::Paths(vec![PathBuf::from(path)]), &Options::default());
        let style = human::Style { width: 100, color: false, narrated: false };
        let report = human::render(&report, style, human::Shown { fixes, ..human::Shown::default() });
        for excerpt in fences(excerpts, "text") {
            assert!(!excerpt.trim().is_empty() && report.contains(excerpt), "not in the report on {path}:\n{excerpt}");
            shown += 1;
        }
    }
    assert!(shown > 0, "README.md shows no report");
}

#[test]
fn the_json_has_the_fields_of_the_program() {
    let service = "service: a\nprovider: { name: aws }\nfunctions:\n  a:\n    handler: a.a\n    timeout: 120\n    memorySize: ${ssm:/a}\n    events:\n      - http: GET /a\n";
    let texts = [("serverless.yml", service), ("main.tf", "locals {\n")];
    let texts = texts.map(|(path, text)| (PathBuf::from(path), text.to_string())).to_vec();
    let written = json::render(&run(Input::Texts(texts), &Options::default()), false);
    let readme = read("README.md");
    let shown = fences(&readme, "json");
    let [shown] = shown.as_slice() else { panic!("README.md shows {} JSON documents", shown.len()) };
    assert_eq!(fields(shown), fields(&written));
}

/// Every path of keys in a document.
fn fields(document: &str) -> BTreeSet<String> {
    fn collect(value: &serde_json::Value, path: &str, fields: &mut BTreeSet<String>) {
        match value {
            serde_json::Value::Object(members) => {
                for (key, member) in members {
                    let path = format!("{path}.{key}");
                    collect(member, &path, fields);
                    fields.insert(path);
                }
            }
            serde_json::Value::Array(items) if !path.ends_with(".related") => {
                items.iter().for_each(|item| collect(item, path, fields));
            }
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    collect(&serde_json::from_str(document).expect("JSON"), "", &mut found);
    found
}

#[test]
fn every_option_that_is_named_is_there() {
    let help = assert_cmd::Command::cargo_bin("archlint").expect("the program").arg("--help").output().expect("help");
    let help = String::from_utf8(help.stdout).expect("text");
    let known: BTreeSet<&str> = options(&help).collect();
    assert!(known.contains("--fail-on"), "{known:?}");
    let cargo = BTreeSet::from(["--release", "--locked", "--path"]);
    let readme = read("README.md");
    let unknown: Vec<&str> = options(&readme).filter(|word| !known.contains(word) && !cargo.contains(word)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// The words of a text that are long options.
fn options(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| !letter.is_ascii_lowercase() && letter != '-');
    words.filter(|word| word.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase())))
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    for document in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "lints/README.md"] {
        let text = read(document);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
        let folder = folder.parent().expect("a directory");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(link.starts_with("https://") || folder.join(link).is_file(), "{document}: `{link}` is not there");
        }
    }
}

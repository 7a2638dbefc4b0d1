//! The catalogue holds together: folder, id, registration, page and README agree, and findings are worded alike.

mod support;

use archlint::engine::{Input, Options, Report, run};
use archlint::lint::{Category, Finding, Lint, LintOption};
use archlint::lints;
use archlint::page::{Example, ExampleFile, is_id};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use support::{Written, folder, lint_example, pages};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every page, without the `cases.md` beside some of them.
fn main_pages() -> Vec<Written> {
    pages().into_iter().filter(|written| written.path.ends_with("README.md")).collect()
}

// Names.

#[test]
fn every_folder_is_registered_under_its_name_and_in_order() {
    let mut folders: Vec<String> = fs::read_dir(root().join("lints"))
        .expect("the catalogue")
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    let registered: Vec<String> = lints::ALL.iter().map(|lint| folder(lint)).collect();
    assert_eq!(registered, folders, "lints/mod.rs lists the folders of lints/ in alphabetical order");
    for lint in lints::ALL {
        assert!(is_id(lint.id), "`{}` is not in kebab-case", lint.id);
        assert!(std::ptr::eq(lints::find(lint.id).expect("a lint"), *lint), "`{}` is there twice", lint.id);
    }
}

#[test]
fn a_lint_is_as_old_as_it_says() {
    let number = |version: &str| -> Vec<u32> { version.split('.').map(|part| part.parse().expect(version)).collect() };
    for lint in lints::ALL {
        assert_eq!(number(lint.since).len(), 3, "{}", lint.id);
        assert!(number(lint.since) <= number(env!("CARGO_PKG_VERSION")), "`{}` is of a version to come", lint.id);
    }
}

#[test]
fn a_misspelt_id_is_recognised() {
    let nearest = |id: &str| lints::nearest(id).map(|lint| lint.id);
    for lint in lints::ALL {
        assert_eq!(nearest(lint.id), Some(lint.id));
        assert_eq!(nearest(&lint.id.replace('-', "_")), Some(lint.id), "underscores");
        assert_eq!(nearest(&lint.id[1..]), Some(lint.id), "the first letter is missing");
        assert_eq!(nearest(&format!("{}s", lint.id)), Some(lint.id), "a letter too many");
    }
    assert_eq!(nearest("timeout-beyond-caler"), Some("timeout-beyond-caller"));
    assert_eq!(nearest("replica-fights-autoscaler"), Some("replicas-fight-autoscaler"));
    for far in ["", "x", "qq", "timeout", "no-such-lint-anywhere", &"timeout-beyond-caller".repeat(4)] {
        assert_eq!(nearest(far), None, "{far}");
    }
}

// Pages.

/// The second-level headings of a page, fences left out.
fn sections(page: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut sections = Vec::new();
    for line in page.lines() {
        fenced ^= line.starts_with("```");
        sections.extend(line.strip_prefix("## ").filter(|_| !fenced));
    }
    sections
}

#[test]
fn every_page_says_what_its_lint_says() {
    for Written { lint, path, page } in main_pages() {
        assert_eq!(page.title, lint.id, "{path}: the title is the id");
        assert_eq!(page.summary, lint.summary, "{path}: the first paragraph is the summary");
        assert!(lint.summary.ends_with('.') && !lint.summary.contains(". "), "{path}: the summary is one sentence");
        let code = read(&path.replace("README.md", "mod.rs"));
        let opening = code.lines().next().unwrap_or("").to_lowercase();
        let expected = format!("//! `{}`: {}", lint.id, lint.summary).to_lowercase();
        assert_eq!(opening, expected, "{path}: mod.rs opens with the id and the summary");
    }
}

/// The form of a page; lints/README.md describes it.
#[test]
fn every_page_has_its_sections_in_order() {
    const SECTIONS: [(&str, bool); 6] = [
        ("Why it matters", true),
        ("Examples", true),
        ("Fix", true),
        ("When not to fix it", false),
        ("Options", false),
        ("Sources", true),
    ];
    for Written { path, lint, .. } in main_pages() {
        let found = sections(lint.page);
        let known: Vec<&str> =
            SECTIONS.iter().filter(|(name, must)| *must || found.contains(name)).map(|(name, _)| *name).collect();
        assert_eq!(found, known, "{path}");
    }
}

/// A page has a line for each option of its lint, and no section where there is none.
#[test]
fn options_and_their_section_agree() {
    for Written { path, lint, .. } in main_pages() {
        let (_, behind) = lint.page.split_once("\n## Options\n").unwrap_or_default();
        let section = behind.split("\n## ").next().unwrap_or_default();
        let told: Vec<&str> = section.lines().filter(|line| line.starts_with("- ")).collect();
        let line =
            |option: &LintOption| format!("- `{}` (default `{}`): {}", option.name, option.default, option.meaning);
        let expected: Vec<String> = lint.options.iter().map(line).collect();
        assert_eq!(told, expected, "{path}: one line for each option, as `- `name` (default `value`): meaning`");
    }
    assert!(lints::ALL.iter().any(|lint| !lint.options.is_empty()), "nothing was compared");
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Format {
    Serverless,
    CloudFormation,
    Terraform,
    Kubernetes,
}

fn format(file: &ExampleFile) -> Format {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    match name {
        _ if name.starts_with("serverless.") => Format::Serverless,
        _ if name.ends_with(".tf") || name.ends_with(".tf.json") => Format::Terraform,
        _ if file.text.contains("AWSTemplateFormatVersion") || file.text.contains("AWS::") => Format::CloudFormation,
        _ => Format::Kubernetes,
    }
}

/// The formats that can declare what runs on a platform.
fn formats_of(platform: &str) -> &'static [Format] {
    match platform {
        "aws-lambda" | "aws-api-gateway" | "aws-step-functions" => {
            &[Format::Serverless, Format::CloudFormation, Format::Terraform]
        }
        "aws-ecs" | "aws-ec2" | "aws-eks" => &[Format::CloudFormation, Format::Terraform],
        "kubernetes" => &[Format::Kubernetes, Format::Terraform],
        "knative" => &[Format::Kubernetes],
        // About a comment.
        "" => &[],
        _ => &[Format::Terraform],
    }
}

/// What a format cannot get wrong.
const IMPOSSIBLE: &[(&str, Format)] = &[
    // The framework publishes a version, makes the alias and points the events at it.
    ("cold-start-mitigation-not-wired", Format::Serverless),
];

/// The formats of an example's files, or of those with a mark of a lint.
fn formats<'a>(example: &'a Example, marked: Option<&'a str>) -> impl Iterator<Item = Format> + 'a {
    let has_mark = move |file: &&ExampleFile| {
        marked.is_none_or(|id| example.expected.iter().any(|mark| mark.lint == id && mark.path == file.path))
    };
    example.files.iter().filter(has_mark).map(format)
}

#[test]
fn every_format_that_a_lint_reads_is_flagged_and_clean_on_its_page() {
    for Written { lint, path, page } in main_pages() {
        let (flagged, clean): (Vec<&Example>, Vec<&Example>) =
            page.examples.iter().partition(|example| example.expected.iter().any(|mark| mark.lint == lint.id));
        let findings = flagged.iter().flat_map(|example| lint_example(example).findings);
        let platforms: BTreeSet<&str> =
            findings.filter(|finding| finding.lint == lint.id).map(|finding| finding.subject.platform).collect();
        let flagged: BTreeSet<Format> =
            flagged.into_iter().flat_map(|example| formats(example, Some(lint.id))).collect();
        let clean: BTreeSet<Format> = clean.into_iter().flat_map(|example| formats(example, None)).collect();
        assert!(!flagged.is_empty(), "{path}: nothing is flagged");
        assert!(flagged.is_subset(&clean), "{path}: flagged in {flagged:?}, clean in {clean:?} only");
        let declaring = platforms.iter().flat_map(|platform| formats_of(platform));
        let missing: BTreeSet<&Format> = declaring
            .filter(|format| !flagged.contains(format) && !IMPOSSIBLE.contains(&(lint.id, **format)))
            .collect();
        assert!(missing.is_empty(), "{path}: {platforms:?} can be declared in {missing:?}, which is not shown");
    }
}

// Words.

/// Product names that begin a text like any other word does.
const NAMES: &[&str] = &["Application", "Azure", "Cloud", "Cognito", "Gcore", "Knative", "Kubernetes"];

/// What is wrong with the wording of a message, label, `why` or `help`.
fn fault(text: &str) -> Option<&'static str> {
    let word = text.split_whitespace().next().unwrap_or_default();
    let rest: String = word.chars().skip(1).collect();
    // `CronJob`, `AWS`, `ReadWriteOnce:` are names and keep their letters.
    let is_name = rest.contains(char::is_uppercase) || NAMES.contains(&word);
    Some(match text {
        "" => "is empty",
        _ if text.trim() != text || text.contains(['\n', '\r', '\t']) || text.contains("  ") => "has stray white space",
        _ if text.ends_with(['.', '!', ',', ';', ':']) => "ends with a full stop or the like",
        _ if word.starts_with(char::is_uppercase) && !is_name => "starts with a capital letter",
        _ if text.matches('`').count() % 2 == 1 => "has an odd number of backticks",
        _ if text.contains("``") => "names nothing between backticks",
        _ => return None,
    })
}

fn faults(finding: &Finding) -> Vec<String> {
    let mut faults = Vec::new();
    let labels = finding.labels().map(|label| ("label", label.text.as_str()));
    let paragraphs = [("why", &finding.why), ("help", &finding.help)];
    for (name, text) in &paragraphs {
        if text.is_none() {
            faults.push(format!("no `{name}`"));
        }
    }
    let paragraphs = paragraphs.iter().filter_map(|(name, text)| Some((*name, text.as_deref()?)));
    for (name, text) in std::iter::once(("message", finding.message.as_str())).chain(labels).chain(paragraphs) {
        faults.extend(fault(text).map(|fault| format!("the {name} {fault}: {text:?}")));
    }
    let subject = format!("`{}`", finding.subject.name);
    // What is wrong with an allow is told by its own text, wherever it hangs.
    if finding.lint != "unused-allow" && !finding.message.contains(&subject) {
        faults.push(format!("the message does not name {subject}: {:?}", finding.message));
    }
    if !finding.message.contains('`') {
        faults.push(format!("the message names nothing: {:?}", finding.message));
    }
    faults
}

/// Everything that the pages and the fixtures bring to light.
#[test]
fn findings_are_worded_alike() {
    let examples = pages().into_iter().flat_map(|written| written.page.examples);
    let mut reports: Vec<Report> = examples.map(|example| lint_example(&example)).collect();
    reports.push(run(Input::Paths(vec![PathBuf::from("fixtures")]), &Options::default()));
    let findings: Vec<&Finding> = reports.iter().flat_map(|report| &report.findings).collect();
    let faults: BTreeSet<String> = findings
        .iter()
        .flat_map(|finding| faults(finding).into_iter().map(|fault| format!("{}: {fault}", finding.lint)))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let spoken: BTreeSet<&str> = findings.iter().map(|finding| finding.lint).collect();
    assert!(spoken.len() >= 8, "too few lints were heard: {spoken:?}");
}

#[test]
fn wording_that_is_not_alike_is_noticed() {
    for good in ["`web` is here", "CronJob `a` starts", "AWS stops it", "Cognito waits 5 s", "4096 MB", "a claim (`b`)"]
    {
        assert_eq!(fault(good), None, "{good}");
    }
    for bad in ["", "It is", "it is.", "it  is", " it is", "it\nis", "it `is", "it `` is", "Deployments are", "why:"] {
        assert!(fault(bad).is_some(), "{bad:?}");
    }
}

// README.md.

#[test]
fn the_table_of_the_readme_is_the_catalogue() {
    let row = |lint: &&Lint| {
        let fix = lint.fix.name();
        format!("| [`{}`](lints/{}/README.md) | {} | {} | {fix} |\n", lint.id, folder(lint), lint.level, lint.summary)
    };
    let mut expected = String::from("\n");
    for category in Category::ALL {
        let rows: String = lints::ALL.iter().filter(|lint| lint.category == category).map(row).collect();
        let heading = format!("### `{}`: {}", category.name(), category.meaning());
        expected
            .push_str(&format!("\n{heading}\n\n| lint | level | what it finds | fixes |\n|---|---|---|---|\n{rows}"));
    }
    expected.push('\n');
    let readme = read("README.md");
    let written = readme
        .split_once("<!-- lints -->")
        .and_then(|(_, rest)| rest.split_once("<!-- /lints -->"))
        .map(|(table, _)| table)
        .expect("README.md has a table between <!-- lints --> and <!-- /lints -->");
    assert!(written == expected, "the table in README.md is not the catalogue; it should read:\n{expected}");
}

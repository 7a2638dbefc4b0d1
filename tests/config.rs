//! Configuration files: where they are found, what they hold for, and what is wrong with them.

mod support;

use archlint::engine::{Input, Options, Report, run};
use std::fs;
use std::path::Path;
use support::{lint, lint_with};
use tempfile::TempDir;

const SERVICE: &str = "service: shop
provider: { name: aws, runtime: nodejs20.x }
functions:
  signup:
    handler: signup.main
    events:
      - cognitoUserPool: { pool: customers, trigger: PreSignUp }
";

const REQUIRED: &str = "policy:\n  portability: required\n";

/// The files in which ties to a provider are reported.
fn reported(report: &Report) -> Vec<String> {
    let found = report.findings.iter().filter(|finding| finding.lint == "portability-policy");
    found.map(|finding| report.sources.get(finding.primary.span.file).display_path()).collect()
}

/// What is wrong with a configuration file, with its place.
fn wrong(text: &str) -> String {
    let report = lint(&[("archlint.yaml", text), ("serverless.yml", SERVICE)]);
    assert_eq!(reported(&report), [""; 0], "a file with a mistake asks for nothing");
    assert!(report.workloads.values().sum::<usize>() == 1, "everything else is still read");
    let places = report.problems.iter().map(|one| {
        assert!(one.span.is_some(), "{}", one.message);
        format!("{}:{}:{}: {}", one.path.display(), one.line, one.column, one.message)
    });
    places.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_file_holds_below_its_directory_and_the_nearest_one_counts() {
    let files = [
        ("a/archlint.yaml", REQUIRED),
        ("a/serverless.yml", SERVICE),
        ("a/b/.archlint.yml", "policy: { portability: off }"),
        ("a/b/serverless.yml", SERVICE),
        ("a/c/archlint.yml", "# nothing"),
        ("a/c/d/serverless.yml", SERVICE),
        ("a/e/serverless.yml", SERVICE),
        ("f/serverless.yml", SERVICE),
    ];
    let report = lint(&files);
    assert_eq!(reported(&report), ["a/e/serverless.yml", "a/serverless.yml"]);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let ignored = lint_with(&files, &Options { no_config: true, ..Options::default() });
    assert_eq!(reported(&ignored), [""; 0]);
}

#[test]
fn the_last_override_that_fits_counts() {
    let config = "overrides:
  - paths: [services, './one.yml']
    policy: { portability: required }
  - paths: ['services/*/old/**']
    policy: { portability: off }
  - paths: [services]
";
    let files = [
        ("archlint.yaml", config),
        ("services/a/serverless.yml", SERVICE),
        ("services/a/old/serverless.yml", SERVICE),
        ("services/serverless.yml", SERVICE),
        ("other/services/serverless.yml", SERVICE),
    ];
    assert_eq!(reported(&lint(&files)), ["services/a/serverless.yml", "services/serverless.yml"]);
}

#[test]
fn mistakes_have_a_place_and_a_word_that_may_be_meant() {
    let cases = [
        ("polcy:\n  portability: required\n", "1:1: there is no key `polcy` here; did you mean `policy`?"),
        ("policy:\n  portable: required\n", "2:3: there is no key `portable` here; there are `portability`"),
        ("policy:\n  portability: reqired\n", "2:16: `reqired` is none of the values here; did you mean `required`?"),
        ("policy:\n  portability: [a]\n", "2:16: "),
        ("overrides:\n  - policy: { portability: required }\n", "2:5: the key `paths` is missing here"),
        ("overrides:\n  - paths: ['a[']\n", "2:13: `a[` is no pattern of paths: "),
        ("lints: {}\n", "1:1: there is no key `lints` here; there are `policy`, `overrides`"),
        ("policy: {\n", "1:9: unclosed bracket '{'"),
    ];
    for (text, expected) in cases {
        let found = wrong(text);
        assert!(found.starts_with(&format!("archlint.yaml:{expected}")), "{text}{found}");
        assert!(!found.contains('\n'), "{found}");
    }
}

#[test]
fn of_two_files_in_a_directory_the_first_is_read() {
    let report = lint(&[("archlint.yml", ""), ("archlint.yaml", REQUIRED), ("serverless.yml", SERVICE)]);
    assert_eq!(reported(&report), ["serverless.yml"]);
    let messages: Vec<String> =
        report.problems.iter().map(|one| format!("{}: {}", one.path.display(), one.message)).collect();
    assert_eq!(messages, ["archlint.yml: `archlint.yaml` is there as well, and is the one that is read"]);
}

/// Writes files below a directory.
fn write(directory: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
}

fn on_disk(directory: &Path, roots: &[&str]) -> Report {
    run(Input::Paths(roots.iter().map(|root| directory.join(root)).collect()), &Options::default())
}

#[test]
fn files_are_found_upwards_to_the_root_of_the_repository() {
    let scratch = TempDir::new().expect("a directory");
    let directory = scratch.path();
    write(
        directory,
        &[
            ("archlint.yaml", REQUIRED),
            ("free/serverless.yml", SERVICE),
            ("repository/.git/HEAD", ""),
            ("repository/app/serverless.yml", SERVICE),
        ],
    );
    assert_eq!(reported(&on_disk(directory, &["free"])).len(), 1);
    assert_eq!(reported(&on_disk(directory, &["free/serverless.yml"])).len(), 1);
    assert_eq!(reported(&on_disk(directory, &["repository/app"])), [""; 0]);
    write(
        directory,
        &[("repository/.archlint.yaml", "overrides: [{ paths: [app], policy: { portability: required } }]")],
    );
    let both = on_disk(directory, &["repository/app", "free"]);
    assert_eq!(reported(&both).len(), 2);
    assert!(both.problems.is_empty(), "{:?}", both.problems);
}

#[test]
fn a_file_that_cannot_be_understood_ends_with_2_and_everything_else_is_reported() {
    let scratch = TempDir::new().expect("a directory");
    let overlong = SERVICE.replace("handler: signup.main", "handler: signup.main\n    timeout: 60");
    write(scratch.path(), &[("archlint.yaml", "polcy: {}\n"), ("serverless.yml", &overlong)]);
    let program = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("archlint").expect("the program");
        let output = command.current_dir(scratch.path()).args(arguments).output().expect("a run");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (text(output.stdout), text(output.stderr), output.status.code())
    };
    let (out, err, code) = program(&["--format", "short"]);
    assert!(out.contains("serverless.yml:6:14: ") && out.contains("[timeout-beyond-caller]"), "{out}");
    assert_eq!(err, "archlint.yaml:1:1: error: there is no key `polcy` here; did you mean `policy`?\n");
    assert_eq!(code, Some(2));
    let (_, err, code) = program(&["--format", "short", "--no-config"]);
    assert_eq!((err.as_str(), code), ("", Some(1)));
}

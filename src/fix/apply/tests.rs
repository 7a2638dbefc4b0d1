//! Rounds with fixes that no lint would propose: ones that break things.

use super::super::Edit;
use super::*;
use crate::lint::Level;
use crate::source::Span;
use crate::tree::Syntax;
use std::fs;

/// A function behind API Gateway, which gives up after 29 s.
const SERVICE: &str = "\
service: quotes
provider:
  name: aws
  runtime: python3.13
functions:
  make:
    handler: quotes.make
    timeout: 20
    memorySize: 128
    description: one
    events:
      - http: POST /quotes
# archlint: allow(keep-warm-ping)
";

/// A run over one file, and fixes that replace a piece of its text each.
struct Case {
    folder: tempfile::TempDir,
    fixes: Vec<(&'static str, &'static str, Level)>,
}

/// What was applied, what was not and why, and the text.
struct Result {
    applied: Vec<String>,
    left: Vec<(String, String)>,
    text: String,
    trials: usize,
}

impl Case {
    fn new(text: &str, fixes: &[(&'static str, &'static str, Level)]) -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        fs::write(folder.path().join("serverless.yml"), text).expect("a file");
        Self { folder, fixes: fixes.to_vec() }
    }

    fn round(&self) -> Result {
        let paths = [self.folder.path().to_path_buf()];
        let options = Options::default();
        let report = run(Input::Paths(paths.to_vec()), &options);
        let outcome = Outcome {
            report,
            applied: Vec::new(),
            left: Vec::new(),
            rounds: 0,
            is_cut_off: false,
            changed: BTreeMap::new(),
        };
        let asked = Asked { advice: false, at_most: Applicability::Unsafe };
        let roots = roots_of(&paths);
        let barred = Barred::new();
        let mut fixing = Fixing { paths: &paths, options: &options, asked, roots, barred, trials: 0, outcome };
        let chosen = self.chosen(&fixing.outcome.report);
        fixing.round(chosen);
        let text = fixing.outcome.changed.values().next().map(|changed| changed.after.to_string());
        Result {
            applied: fixing.outcome.applied.iter().map(|named| named.title.clone()).collect(),
            left: fixing.outcome.left.iter().map(|(named, reason)| (named.title.clone(), reason.clone())).collect(),
            text: text.unwrap_or_default(),
            trials: fixing.trials,
        }
    }

    /// The fixes, as if the one finding of the file had them all.
    fn chosen(&self, report: &Report) -> Vec<Chosen> {
        let finding = report.findings.first().expect("a finding");
        let source = finding.primary.span.file;
        let text = report.sources.get(source).text();
        let fix = |(old, new, _): &(&str, &str, Level)| {
            let at = text.find(old).expect("a piece of the text");
            let edits = vec![Edit { span: Span::new(source, at, at + old.len()), text: new.to_string() }];
            let title = format!("{old} -> {new}");
            // Nothing is said about what they are meant to do, so that any edit gets as far as being linted.
            let syntaxes = if new.contains('!') { vec![(source, Syntax::Yaml)] } else { Vec::new() };
            Fix {
                title,
                applicability: Applicability::Safe,
                edits,
                new_files: Vec::new(),
                operations: Vec::new(),
                syntaxes,
            }
        };
        let chosen = |one: &(&str, &str, Level)| Chosen { level: one.2, ..Chosen::of(report, finding, &fix(one)) };
        self.fixes.iter().map(chosen).collect()
    }
}

#[test]
fn a_fix_that_brings_a_finding_is_found_and_taken_back() {
    let fixes = [
        ("one", "two", Level::Warning),
        ("timeout: 20", "timeout: 120", Level::Warning),
        ("memorySize: 128", "memorySize: 256", Level::Warning),
        ("# archlint: allow(keep-warm-ping)\n", "", Level::Warning),
    ];
    let result = Case::new(SERVICE, &fixes).round();
    assert_eq!(result.applied.len(), 3);
    let [(title, reason)] = &result.left[..] else { panic!("{:?}", result.left) };
    assert_eq!(title, "timeout: 20 -> timeout: 120");
    assert!(reason.starts_with("it would bring a new error, timeout-beyond-caller at "), "{reason}");
    assert!(reason.contains("serverless.yml:8: `make` may run for 120 s"), "{reason}");
    let expected =
        SERVICE.replace("one", "two").replace("128", "256").replace("# archlint: allow(keep-warm-ping)\n", "");
    assert_eq!(result.text, expected);
    assert_eq!(result.trials, 5);
}

#[test]
fn only_what_weighs_as_much_counts() {
    // A stream that a failing batch stops is a warning.
    let text = SERVICE.replace("http: POST /quotes", "sns: orders");
    let stream = "stream: arn:aws:kinesis:eu-west-1:111122223333:stream/orders";
    for (level, applied) in [(Level::Error, 1), (Level::Warning, 0), (Level::Advice, 0)] {
        let result = Case::new(&text, &[("sns: orders", stream, level)]).round();
        assert_eq!(result.applied.len(), applied, "{level}: {:?}", result.left);
    }
}

#[test]
fn what_a_fix_does_beside_its_purpose_is_taken_back() {
    let fixes = [("one", "two", Level::Warning), ("memorySize: 128", "memorySize: !x 128", Level::Warning)];
    let mut result = Case::new(SERVICE, &fixes).round();
    // The first one changes the value as well, and is believed only as long as nobody looks.
    assert_eq!(result.left.pop().map(|(title, _)| title).as_deref(), Some("memorySize: 128 -> memorySize: !x 128"));
    assert_eq!(result.applied, ["one -> two"]);
}

#[test]
fn what_breaks_the_file_is_taken_back() {
    let fixes = [("one", "[two", Level::Warning), ("memorySize: 128", "memorySize: 256", Level::Warning)];
    let result = Case::new(SERVICE, &fixes).round();
    let [(title, reason)] = &result.left[..] else { panic!("{:?}", result.left) };
    assert_eq!(title, "one -> [two");
    assert!(reason.contains("serverless.yml could not be read any more: "), "{reason}");
    assert_eq!(result.text, SERVICE.replace("128", "256"));
}

#[test]
fn many_bad_fixes_come_to_an_end() {
    let names: Vec<String> = (0..70).map(|number| format!("f{number:03}")).collect();
    let function = |name: &String| format!("  {name}: {{ handler: a.b, events: [http: POST /{name}] }} #{name}\n");
    let text = format!(
        "{}functions:\n{}",
        SERVICE.split("functions:").next().unwrap_or(""),
        names.iter().map(function).collect::<String>()
    ) + "# archlint: allow(keep-warm-ping)\n";
    let fixes: Vec<_> = names
        .iter()
        .map(|name| {
            let old: &'static str = format!("}} #{name}").leak();
            let new: &'static str = format!(", timeout: 120 }} #{name}").leak();
            (old, new, Level::Warning)
        })
        .collect();
    let result = Case::new(&text, &fixes).round();
    assert_eq!((result.applied.len(), result.left.len(), result.text.as_str()), (0, 70, ""));
    assert!(result.left.iter().any(|(_, reason)| reason.starts_with("not tried")));
}

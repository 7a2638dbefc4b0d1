//! How fixes are shown: under the findings, as one patch, and for programs.

mod support;

use archlint::fix::diff::{Fate, Hunk, hunks};
use archlint::fix::{Edit, applied};
use archlint::source::{Sources, Span};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use support::scratch::Scratch;

/// A queue that lets go too early: the fix replaces a number.
const SERVICE: &str = "\
service: quotes
provider:
  name: aws
  runtime: python3.13
functions:
  make:
    handler: quotes.make
    timeout: 120 # seconds
    events:
      - sqs: { arn: !GetAtt Jobs.Arn }
resources:
  Resources:
    Jobs:
      Type: AWS::SQS::Queue
      Properties:
        # Whoever quotes a price has to be back before the customer asks again, which is after a week or so.
        VisibilityTimeout: 60
";

/// A service that pays for its CPU around the clock: the fix adds a line.
const CONTAINER: &str = r#"resource "google_cloud_run_v2_service" "convert" {
  name     = "convert"
  location = "europe-west1"

  template {
    containers {
      image = "europe-docker.pkg.dev/shop/apps/convert:7"
      resources {
        limits = { memory = "1Gi" }
      }
    }
  }
}
"#;

fn project() -> Scratch {
    Scratch::empty().write("serverless.yml", SERVICE).write("infra/convert.tf", CONTAINER)
}

fn suggest(scratch: &Scratch, columns: &str, arguments: &[&str]) -> String {
    let mut command = scratch.command();
    let output = command.env("COLUMNS", columns).arg("--fix-suggest").args(arguments).output().expect("a run");
    assert_eq!(output.status.code(), Some(1), "the exit code is as without");
    let out = String::from_utf8(output.stdout).expect("text");
    out.replace('\u{1b}', "ESC")
}

/// What stands below the title of each fix.
fn frames(report: &str) -> Vec<&str> {
    report.split("   fix: ").skip(1).filter_map(|rest| rest.split("\n\n").next()).collect()
}

#[test]
fn fixes_stand_under_their_findings() {
    let scratch = project();
    for (name, columns, arguments) in [
        ("80", "80", &[][..]),
        ("120", "120", &[]),
        ("80-color", "80", &["--color", "always"]),
        ("narrated", "80", &["--format", "narrated"]),
    ] {
        let report = suggest(&scratch, columns, arguments);
        insta::assert_snapshot!(format!("fix-suggest-{name}"), report);
        if arguments.is_empty() {
            let width = columns.parse().expect("a number");
            let frames = frames(&report);
            assert_eq!(frames.len(), 2, "{report}");
            let lines = frames.iter().flat_map(|frame| frame.lines());
            let wide: Vec<&str> = lines.filter(|line| line.chars().count() > width).collect();
            assert!(wide.is_empty(), "{wide:#?}");
        }
    }
    assert_eq!(fs::read_to_string(scratch.path("serverless.yml")).expect("the file"), SERVICE, "nothing is written");
}

#[test]
fn without_the_option_the_summary_says_that_there_are_fixes() {
    let scratch = project();
    let (plain, suggested) = (scratch.run(&[]), scratch.run(&["--fix-suggest"]));
    let summary = "1 error, 1 warning\n";
    let (report, rest) = plain.out.split_once(summary).expect("a summary");
    assert!(rest.starts_with("2 fixes (--fix-suggest shows them)\n"), "{rest}");
    // What is shown with the option is what is shown without it, and more.
    let mut longer = suggested.out.lines();
    let missing: Vec<&str> = report.lines().filter(|line| !longer.any(|other| other == *line)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(suggested.out.contains(&format!("{summary}2 fixes: 2 unsafe\n")), "{}", suggested.out);
    let none = Scratch::empty().write("main.tf", "resource \"aws_sqs_queue\" \"jobs\" {\n}\n").run(&[]);
    assert!(!none.out.contains("fix"), "{}", none.out);
}

#[test]
fn a_fix_that_cannot_be_offered_is_told_on_demand() {
    let computed = SERVICE.replace("VisibilityTimeout: 60", "VisibilityTimeout: !Ref Visibility").replace(
        "resources:\n",
        "resources:\n  Parameters:\n    Visibility: { Type: Number, Default: \"${self:custom.hidden}\" }\n",
    ) + "custom:\n  hidden: ${self:custom.short}0\n  short: 6\n";
    let scratch = Scratch::empty().write("serverless.yml", computed);
    let told = scratch.run(&["--fix-suggest", "-v"]).out;
    assert!(told.contains("no fix: cannot set the visibility timeout to 720 s: "), "{told}");
    for arguments in [&["--fix-suggest"][..], &["-v"], &[]] {
        let out = scratch.run(arguments).out;
        assert!(out.contains("queue `Jobs`") && !out.contains("fix"), "{out}");
    }
}

#[test]
fn what_a_file_holds_does_not_steer_the_terminal() {
    let comment = "# \u{1b}[31mred\u{7}\tand \u{202e}backwards";
    let text = CONTAINER.replace("        limits", &format!("        {comment}\n        limits"));
    let scratch = Scratch::empty().write("convert.tf", text);
    let shown = scratch.run(&["--fix-suggest"]).out;
    let frame = frames(&shown).concat();
    assert!(frame.contains(r"# \u{1b}[31mred\u{7}"), "{frame}");
    assert!(frame.contains(r"and \u{202e}backwards"), "{frame}");
    let steers = |letter: char| letter.is_control() && letter != '\n' || letter == '\u{202e}';
    assert!(!shown.contains(steers), "{shown}");
    let colored = scratch.run(&["--format", "diff", "--color", "always"]).out;
    assert!(colored.contains(r"\u{1b}[31mred") && colored.contains("\u{1b}[32m+"), "{colored}");
    // A program gets every byte.
    let piped = scratch.run(&["--format", "diff"]).out;
    assert!(piped.contains(comment), "{piped}");
}

#[test]
fn a_line_that_is_far_too_long_shows_what_changes() {
    let tags = (0..200).map(|number| format!("{{ Key: key-{number}, Value: value }}")).collect::<Vec<_>>().join(", ");
    let properties = format!("Properties: {{ Tags: [ {tags} ], VisibilityTimeout: 60, QueueName: jobs }}\n");
    let start = SERVICE.find("Properties:").expect("the properties");
    let scratch = Scratch::empty().write("serverless.yml", format!("{}{properties}", &SERVICE[..start]));
    let report = suggest(&scratch, "80", &[]);
    let frames = frames(&report);
    let [frame] = frames.as_slice() else { panic!("{report}") };
    assert!(frame.contains("…value } ], VisibilityTimeout: 720, QueueName: jobs }\n"), "{frame}");
    assert!(frame.lines().count() < 14 && frame.lines().all(|line| line.chars().count() <= 80), "{frame}");
    assert!(scratch.run(&["--format", "diff"]).out.contains("key-199"), "the patch is whole");
}

#[test]
fn programs_get_byte_ranges() {
    let run = project().run(&["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    let fixes: Vec<&serde_json::Value> =
        report["findings"].as_array().expect("findings").iter().map(|finding| &finding["fixes"]).collect();
    let at = SERVICE.rfind("60").expect("the value");
    let expected = serde_json::json!([{
        "title": "set the visibility timeout to 720 s",
        "applicability": "unsafe",
        "edits": [{ "path": "serverless.yml", "start": at, "end": at + 2, "text": "720" }],
    }]);
    assert!(fixes.contains(&&expected), "{fixes:#?}");
}

// The patch.

#[test]
fn the_patch_is_all_that_is_on_standard_output() {
    let run = project().run(&["--fix-suggest", "--format", "diff"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    insta::assert_snapshot!("fix-suggest-diff", run.out);
    let clean = Scratch::empty().write("main.tf", "locals {\n}\n").run(&["--format", "diff"]);
    assert_eq!((clean.code, clean.out.as_str(), clean.err.as_str()), (0, "", ""));
}

#[test]
fn what_is_outside_the_working_directory_is_left_out_and_named() {
    let scratch = project().write("here/main.tf", CONTAINER);
    let output = scratch.command().current_dir(scratch.path("here")).args(["--format", "diff", ".", ".."]).output();
    let run = support::scratch::Run::from(output.expect("a run"));
    let files: Vec<&str> = run.out.lines().filter(|line| line.starts_with("+++")).collect();
    assert_eq!(files, ["+++ b/main.tf"]);
    let reason = "its file is outside the working directory";
    assert_eq!(
        run.err.lines().filter(|line| line.contains(": left out: ") && line.ends_with(reason)).count(),
        3,
        "{}",
        run.err
    );
}

/// Names and texts that a patch may get wrong.
fn hard_cases() -> Vec<(&'static str, String)> {
    vec![
        ("serverless.yml", SERVICE.to_string()),
        ("crlf/serverless.yml", SERVICE.replace('\n', "\r\n")),
        ("unended/serverless.yml", SERVICE.trim_end().to_string()),
        ("unended-crlf/serverless.yml", SERVICE.trim_end().replace('\n', "\r\n")),
        ("with space/convert.tf", CONTAINER.to_string()),
        ("grün \"\\t/convert.tf", CONTAINER.replace('\n', "\r\n")),
        ("one-line/convert.tf", CONTAINER.trim_end().to_string()),
    ]
}

/// The files of the hard cases in a directory, and the patch that is made there.
fn patchable(folder: &str) -> (Scratch, String) {
    let mut scratch = Scratch::empty();
    for (path, text) in hard_cases() {
        scratch = scratch.write(&format!("{folder}{path}"), text);
    }
    let output = scratch.command().current_dir(scratch.path(folder)).args(["--format", "diff"]).output();
    let run = support::scratch::Run::from(output.expect("a run"));
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    (scratch, run.out)
}

/// What the files become by the edits that programs get.
fn expected() -> BTreeMap<String, String> {
    let (scratch, _) = patchable("");
    let report: serde_json::Value =
        serde_json::from_str(&scratch.run(&["--format", "json"]).out).expect("the report is JSON");
    let mut texts: BTreeMap<String, String> =
        hard_cases().into_iter().map(|(path, text)| (path.replace('\\', "/"), text)).collect();
    let number = |value: &serde_json::Value| value.as_u64().expect("an offset") as usize;
    for finding in report["findings"].as_array().expect("findings") {
        for edit in finding["fixes"][0]["edits"].as_array().expect("edits") {
            let text = texts.get_mut(edit["path"].as_str().expect("a path")).expect("a file");
            text.replace_range(number(&edit["start"])..number(&edit["end"]), edit["text"].as_str().expect("a text"));
        }
    }
    assert!(hard_cases().iter().all(|(path, text)| texts.get(&path.replace('\\', "/")) != Some(text)), "all change");
    texts
}

/// Feeds a patch to a program; `None` where there is no such program.
fn fed(program: &str, arguments: &[&str], folder: &Path, patch: &str) -> Option<()> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take().expect("its input").write_all(patch.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Some(())
}

#[test]
fn git_and_patch_apply_the_patch() {
    let expected = expected();
    let check = |folder: &Path, by: &str| {
        for (path, _) in hard_cases() {
            let text = fs::read_to_string(folder.join(path)).expect("the file");
            assert_eq!(Some(&text), expected.get(&path.replace('\\', "/")), "{path} by {by}");
        }
    };
    // Outside of a repository, at its top, and further down.
    for (folder, is_repository) in [("", false), ("", true), ("down/here/", true)] {
        let (scratch, patch) = patchable(folder);
        if is_repository && fed("git", &["init", "--quiet"], &scratch.path(""), "").is_none() {
            continue;
        }
        let arguments = ["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"];
        if fed("git", &arguments, &scratch.path(folder), &patch).is_some() {
            check(&scratch.path(folder), "git");
        }
    }
    let (scratch, patch) = patchable("");
    if fed("patch", &["-p1", "--binary"], &scratch.path(""), &patch).is_some() {
        check(&scratch.path(""), "patch");
    }
    // With no program at all the patch is still held against the files.
    for (path, text) in hard_cases() {
        let name: String = path.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
        let mut blocks = patch.split("--- ").skip(1);
        let plain = |head: &str| head.replace("\\303\\274", "").replace("\\\\t", "t");
        let is_its = |block: &&str| {
            let head = plain(block.lines().next().unwrap_or_default());
            let letters = head.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-');
            letters.collect::<String>() == format!("a{name}")
        };
        let block = blocks.find(is_its).unwrap_or_else(|| panic!("no block for {path}:\n{patch}"));
        let rows = block.split_inclusive('\n').skip(2);
        assert_eq!(Some(&by_hand(&text, rows)), expected.get(&path.replace('\\', "/")), "{path}");
    }
}

/// Applies the rows of a block strictly.
fn by_hand<'p>(text: &str, rows: impl Iterator<Item = &'p str>) -> String {
    let old: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut at, mut new) = (0, String::new());
    for row in rows {
        let (mark, line) = row.split_at(1);
        match mark {
            "@" => {
                let start = row.split(['-', ',', ' ']).nth(2).expect("a range").parse::<usize>().expect("a line");
                new.extend(old[at..start - 1].iter().copied());
                at = start - 1;
            }
            "\\" => {
                assert_eq!(row, "\\ No newline at end of file\n");
                let is_last_of_new = new.ends_with('\n') && at >= old.len() - 1;
                assert!(is_last_of_new || at == old.len());
            }
            "+" => new.push_str(line),
            _ => {
                assert_eq!(line.trim_end_matches('\n'), old[at].trim_end_matches('\n'));
                at += 1;
                new.push_str(if mark == " " { line } else { "" });
            }
        }
    }
    new.extend(old[at..].iter().copied());
    // The marks for a missing line break say no more than whether the old text had one: no fix here adds it.
    if text.ends_with('\n') { new } else { new.trim_end().to_string() }
}

// Hunks of texts.

fn edits(text: &str, changes: &[(usize, usize, &str)]) -> Vec<Edit> {
    let file = Sources::default().add("a.tf", text);
    let edit =
        |(start, end, new): &(usize, usize, &str)| Edit { span: Span::new(file, *start, *end), text: (*new).into() };
    changes.iter().map(edit).collect()
}

/// The hunks as a unified diff, with what stands out in brackets.
fn drawn(hunks: &[Hunk]) -> String {
    let mut out = String::new();
    for hunk in hunks {
        out.push_str(&format!("{hunk}\n"));
        for line in &hunk.lines {
            let mut body = line.body().to_string();
            if let Some(changed) = &line.changed {
                body.insert(changed.end, ']');
                body.insert(changed.start, '[');
            }
            out.push_str(&format!("{}{body}{}\n", line.fate.mark(), if line.is_unended() { " (end)" } else { "" }));
        }
    }
    out
}

#[test]
fn hunks_say_what_changes() {
    let text = "a = 60\nb = 1\nc = 2\nd = 3\ne = 4\nf = 5\ng = 6\nh = 7\ni = 8\nj = 9";
    let of = |changes: &[(usize, usize, &str)]| drawn(&hunks(text, &edits(text, changes), 1));
    assert_eq!(of(&[(4, 6, "600")]), "@@ -1,2 +1,2 @@\n-a = [60]\n+a = [600]\n b = 1\n");
    // Two changes of one line are one line; lines far apart have hunks of their own.
    assert_eq!(
        of(&[(0, 1, "z"), (4, 6, "7"), (49, 50, "i = 0\nk")]),
        "@@ -1,2 +1,2 @@\n-a = 60\n+z = 7\n b = 1\n@@ -8,3 +8,4 @@\n h = 7\n-i = 8\n+i = 0\n+k = 8\n j = 9 (end)\n"
    );
    assert_eq!(of(&[(7, 13, "")]), "@@ -1,3 +1,2 @@\n a = 60\n-b = 1\n c = 2\n");
    assert_eq!(of(&[(text.len(), text.len(), "\nk = 1\n")]), "@@ -9,2 +9,3 @@\n i = 8\n-j = 9 (end)\n+j = 9\n+k = 1\n");
    assert_eq!(of(&[(4, 6, "60")]), "");
    let empty = hunks("", &edits("", &[(0, 0, "a\n")]), 3);
    assert_eq!(drawn(&empty), "@@ -0,0 +1 @@\n+a\n");
}

proptest! {
    #![proptest_config(support::drawn(512))]

    /// What stays and goes is the old text, what stays and comes the new one, and the ranges say where.
    #[test]
    fn hunks_lead_from_one_text_to_the_other(
        text in "([a-c]{0,2}(\n|\r\n)){0,12}[a-cä]{0,2}",
        cuts in prop::collection::vec((0.0..1.0f64, "[a-c\n]{0,6}"), 0..8),
        context in 0..4usize,
    ) {
        let boundary = |share: f64| {
            let mut at = (share * text.len() as f64) as usize;
            while !text.is_char_boundary(at) { at -= 1; }
            at
        };
        let mut places: Vec<usize> = cuts.iter().map(|(share, _)| boundary(*share)).collect();
        places.sort_unstable();
        let changes: Vec<(usize, usize, &str)> =
            places.chunks_exact(2).zip(&cuts).map(|(pair, (_, new))| (pair[0], pair[1], new.as_str())).collect();
        let edits = edits(&text, &changes);
        let new = applied(&text, &edits);
        let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
            (text.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
        let (mut old_at, mut new_at) = (0, 0);
        for hunk in hunks(&text, &edits, context) {
            prop_assert_eq!(&old_lines[old_at..hunk.old.start], &new_lines[new_at..hunk.new.start]);
            let side = |gone: Fate| hunk.lines.iter().filter(|line| line.fate != gone).map(|line| line.text.as_str()).collect::<Vec<_>>();
            prop_assert_eq!(side(Fate::Added), &old_lines[hunk.old.clone()]);
            prop_assert_eq!(side(Fate::Removed), &new_lines[hunk.new.clone()]);
            prop_assert!(hunk.lines.iter().any(|line| line.fate != Fate::Kept));
            (old_at, new_at) = (hunk.old.end, hunk.new.end);
        }
        prop_assert_eq!(&old_lines[old_at..], &new_lines[new_at..]);
    }
}

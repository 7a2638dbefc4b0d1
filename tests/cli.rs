//! The program as people and scripts run it: arguments, what goes to which stream, exit codes, input that cannot be
//! read.

mod support;

use std::fs;
use support::scratch::{Run, Scratch};

/// A service with one error, on line 8.
const SERVICE: &str = "\
service: quotes
provider:
  name: aws
  runtime: python3.13
functions:
  make:
    handler: quotes.make
    timeout: 120
    events:
      - http: POST /quotes
";
const FINDING: &str = "good/serverless.yml:8:14: error[timeout-beyond-caller]: \
    `make` may run for 120 s, but API Gateway (REST) gives up after 29 s\n";

impl Scratch {
    /// A scratch directory, whose `good/serverless.yml` has one error.
    fn new() -> Self {
        Self::empty().write("good/serverless.yml", SERVICE)
    }
}

/// Lints everything and expects the finding of the good file, this on standard error, and exit code 2.
fn beside_a_finding(scratch: &Scratch, arguments: &[&str], complaint: &str) {
    let run = scratch.run(&[&["--format", "short"], arguments].concat());
    assert_eq!(run.out, FINDING, "{complaint}");
    assert_eq!(run.err, complaint);
    assert_eq!(run.code, 2, "{complaint}");

    // The same with nothing that would fail the run but what cannot be read, and the same for programs.
    let run = scratch.run(&[&["--format", "json", "--fail-on", "never"], arguments].concat());
    assert_eq!((run.code, run.err.as_str()), (2, ""), "{complaint}");
    let report: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1), "{complaint}");
    let errors = report["errors"].as_array().expect("errors");
    let lines: Vec<String> = errors
        .iter()
        .map(|error| {
            let text = |key: &str| error[key].as_str().expect("a text").to_string();
            format!("{}:{}:{}: error: {}\n", text("path"), error["line"], error["column"], text("message"))
        })
        .collect();
    assert_eq!(lines.concat(), complaint);
}

/// Lints everything and expects the finding of the good file alone, and exit code 1.
fn in_silence(scratch: &Scratch) -> Run {
    let run = scratch.run(&["--format", "short"]);
    assert_eq!((run.out.as_str(), run.err.as_str(), run.code), (FINDING, "", 1));
    run
}

// What cannot be read.

#[test]
fn a_missing_path_is_named_and_the_others_are_linted() {
    beside_a_finding(&Scratch::new(), &["good", "nowhere"], "nowhere:1:1: error: no such file or directory\n");
    beside_a_finding(
        &Scratch::new(),
        &["nowhere/main.tf", "good/serverless.yml"],
        "nowhere/main.tf:1:1: error: no such file or directory\n",
    );

    let run = Scratch::new().run(&["nowhere"]);
    assert_eq!(run.err, "error: nowhere: no such file or directory\n");
    assert!(run.out.ends_with("was read\n1 path could not be read in full\n"), "{}", run.out);
    assert_eq!(run.code, 2);
}

#[test]
fn a_file_of_another_kind_is_refused_only_if_it_was_named() {
    let scratch = Scratch::new().write("notes.txt", "apiVersion: v1\nkind: Pod\n").write("Makefile", "all:\n");
    in_silence(&scratch);
    let kinds = "not a file that archlint reads: .yml, .yaml, .json, .tf, .tofu or .tfvars";
    beside_a_finding(&scratch, &["good", "notes.txt"], &format!("notes.txt:1:1: error: {kinds}\n"));
}

#[test]
fn a_directory_that_is_called_like_a_file_is_a_directory() {
    let scratch = Scratch::new().write("stack.yml/serverless.yml", SERVICE).write("main.tf/readme.txt", "");
    let moved = FINDING.replace("good/", "stack.yml/");
    assert_eq!(scratch.run(&["--format", "short", "stack.yml"]).out, moved);
    let all = scratch.run(&["--format", "short"]);
    assert_eq!((all.out, all.err.as_str(), all.code), (format!("{FINDING}{moved}"), "", 1));
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_an_error_where_it_was_named() {
    let scratch = Scratch::new();
    std::os::unix::fs::symlink("nowhere.yml", scratch.path("serverless.yml")).expect("a link");
    in_silence(&scratch);
    let complaint = "serverless.yml:1:1: error: no such file or directory\n";
    beside_a_finding(&scratch, &["serverless.yml", "good"], complaint);
}

/// Whatever an editor leaves beside a Terraform file that was named is not part of the module.
#[cfg(unix)]
#[test]
fn what_lies_beside_a_named_terraform_file_is_taken_only_if_it_is_a_file() {
    let scratch = Scratch::new().write("infra/main.tf", "").write("infra/modules.tf/readme.txt", "");
    std::os::unix::fs::symlink("someone@somewhere", scratch.path("infra/.#main.tf")).expect("a link");
    let run = scratch.run(&["infra/main.tf"]);
    assert_eq!((run.out.as_str(), run.err.as_str(), run.code), ("1 file: no workloads\n0 errors, 0 warnings\n", "", 0));
}

/// A device is there, and has no end.
#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_opened() {
    let scratch = Scratch::new();
    std::os::unix::fs::symlink("/dev/zero", scratch.path("zero.yaml")).expect("a link");
    in_silence(&scratch);
    beside_a_finding(&scratch, &["good", "zero.yaml"], "zero.yaml:1:1: error: not a regular file\n");
}

#[test]
fn broken_yaml_is_told_with_its_place() {
    let scratch = Scratch::new().write("bad/serverless.yml", "service: bad\nfunctions: {a: 1\nb: [\n");
    beside_a_finding(&scratch, &[], "bad/serverless.yml:3:2: error: did not find expected ',' or '}'\n");
}

#[test]
fn broken_json_is_told_with_its_place() {
    let text = "{\n  \"AWSTemplateFormatVersion\": \"2010-09-09\",\n  \"Resources\": {\n";
    let scratch = Scratch::new().write("bad/template.json", text);
    beside_a_finding(&scratch, &[], "bad/template.json:3:16: error: unterminated object\n");
}

#[test]
fn broken_hcl_is_told_with_its_place() {
    let scratch = Scratch::new().write("bad/main.tf", "resource \"aws_sqs_queue\" \"jobs\" {\n  name =\n}\n");
    beside_a_finding(&scratch, &[], "bad/main.tf:2:9: error: invalid expression\n");
}

#[test]
fn every_file_that_is_broken_is_named() {
    let scratch = Scratch::new()
        .write("a/serverless.yml", "functions: [")
        .write("b/main.tf", "locals {")
        .write("c/k.yaml", "apiVersion: v1\nkind: 'Pod\n");
    let run = scratch.run(&["--format", "short"]);
    let paths: Vec<&str> = run.err.lines().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(paths, ["a/serverless.yml", "b/main.tf", "c/k.yaml"], "{}", run.err);
    assert!(
        scratch
            .run(&[])
            .out
            .ends_with("1 error, 0 warnings\n2 fixes (--fix-suggest shows them)\n3 paths could not be read in full\n")
    );
}

/// People get the line, as they do with a finding.
#[test]
fn a_syntax_error_is_shown_in_its_line() {
    let run = Scratch::new().write("bad/main.tf", "locals {\n  a =\n}\n").run(&["bad"]);
    assert_eq!(
        run.err,
        "\
error

  × bad/main.tf cannot be read: invalid expression
   ╭─[bad/main.tf:2:6]
 1 │ locals {
 2 │   a =
   ·      ┬
   ·      ╰── here
 3 │ }
   ╰────
"
    );
    assert_eq!(run.code, 2);
}

#[test]
fn text_that_is_not_utf_8_is_told_with_its_byte() {
    let scratch = Scratch::new().write("bad/serverless.yml", b"service: bad\nprovider: caf\xe9\n");
    beside_a_finding(&scratch, &[], "bad/serverless.yml:2:14: error: not valid UTF-8 (at byte 26)\n");

    // What one editor on Windows makes of manifests.
    let utf16: Vec<u8> = "\u{feff}apiVersion: v1\nkind: Pod\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let scratch = Scratch::new().write("bad/pod.yaml", utf16);
    beside_a_finding(
        &scratch,
        &[],
        "bad/pod.yaml:1:1: error: UTF-16, which archlint does not read; save it as UTF-8\n",
    );
}

#[test]
fn data_that_is_not_utf_8_and_no_infrastructure_is_left_alone() {
    let scratch =
        Scratch::new().write("data/words.json", b"{\"word\": \"caf\xe9\"}").write("data/all.yaml", b"\xff\xfe");
    in_silence(&scratch);
}

#[test]
fn a_template_that_nobody_rendered_is_skipped_and_counted() {
    let scratch = Scratch::new()
        .write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
        .write("chart/templates/web.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\n")
        .write("chart/templates/more/api.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: api\n")
        // No chart around it, but just as unreadable.
        .write("other/web.yaml", "apiVersion: v1\nkind: Service\nspec:\n{{- if .Values.web }}\n  a: 1\n{{- end }}\n");
    in_silence(&scratch);
    let run = scratch.run(&["-v"]);
    for note in [
        "chart/Chart.yaml:1: skipped: the templates of this chart are not rendered; pipe what they render to: \
         `helm template chart | archlint -`\n",
        "other/web.yaml:1: skipped: a template that is not rendered; pipe what it renders to",
    ] {
        assert_eq!(run.out.matches(note).count(), 1, "{}", run.out);
    }
    assert!(run.out.ends_with("1 part skipped, 1 chart skipped\n"), "{}", run.out);

    let run = scratch.run(&["chart/templates"]);
    assert!(run.out.ends_with("was read\n1 chart skipped (-v lists them)\n"), "{}", run.out);
    assert_eq!((run.err.as_str(), run.code), ("", 0));
}

/// Helm says in front of each document which template it is from.
#[test]
fn a_rendered_chart_keeps_the_names_of_its_templates() {
    let deployment = "# Source: web/templates/web.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
                      spec:\n  replicas: 2\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    \
                      spec: {containers: [{name: web, image: a}]}\n";
    let scaler = "# Source: web/templates/scaler.yaml\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n\
                  metadata: {name: web}\nspec:\n  scaleTargetRef: {kind: Deployment, name: web}\n  maxReplicas: 4\n  \
                  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]\n";
    let stream = format!("---\n{deployment}---\n{scaler}");
    let scratch = Scratch::new();
    let report = scratch.pipe(&["-", "--format", "json"], stream.as_str());
    let report: serde_json::Value = serde_json::from_str(&report.out).expect("JSON");
    let from: Vec<_> =
        report["findings"].as_array().expect("findings").iter().map(|one| one["rendered_from"].clone()).collect();
    assert!(!from.is_empty() && from.iter().all(|from| from == "web/templates/web.yaml"), "{report}");
    let run = scratch.pipe(&["-"], stream.as_str());
    assert!(run.out.contains("  from: rendered from web/templates/web.yaml\n"), "{}", run.out);
}

#[test]
fn files_with_nothing_in_them_are_nothing() {
    for nothing in ["", "\n", "# later\n", "# later\n---\n# much later\n"] {
        let scratch = Scratch::new()
            .write("bare/serverless.yml", nothing)
            .write("bare/kustomization.yaml", nothing)
            .write("bare/pod.yaml", nothing)
            .write("bare/template.json", nothing)
            .write("bare/main.tf", nothing.replace("---\n", ""))
            .write("bare/some.tfvars", nothing.replace("---\n", ""));
        in_silence(&scratch);
        let run = scratch.run(&["bare"]);
        assert!(run.out.ends_with(" files: no workloads\n0 errors, 0 warnings\n"), "{nothing:?}: {}", run.out);
        assert_eq!((run.err.as_str(), run.code), ("", 0), "{nothing:?}");
    }
}

/// A file that must be JSON is none when it is empty: the tools that it is for refuse it as well.
#[test]
fn json_that_is_empty_is_an_error() {
    let scratch = Scratch::new().write("bad/main.tf.json", "");
    beside_a_finding(&scratch, &[], "bad/main.tf.json:1:1: error: the file is empty\n");
    assert_eq!(scratch.run(&["bad"]).err, "error: bad/main.tf.json:1:1: the file is empty\n");
}

#[test]
fn names_and_texts_cannot_steer_the_terminal() {
    let scratch = Scratch::new().write("bad\u{1b}[2J/main.tf", "a = \"\u{1b}[31m\" b\n");
    for format in ["human", "narrated", "short", "json"] {
        let run = scratch.run(&["--format", format]);
        assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'), "{format}: {}{}", run.out, run.err);
        assert_eq!(run.code, 2, "{format}");
    }
}

// Arguments.

/// A service with two warnings and no error: a sign-up hook that is too slow, and an allow that covers nothing.
const WARNINGS: &str = "\
service: readers
provider:
  name: aws
  runtime: python3.13
functions:
  check:
    handler: readers.check
    timeout: 6
    events:
      - cognitoUserPool:
          pool: readers
          trigger: PreSignUp
  # archlint: allow(long-job-on-function)
";

/// A service whose only finding is advice: a queue with room for one run, but not for six.
const ADVICE: &str = "\
service: letters
provider:
  name: aws
  runtime: python3.13
functions:
  send:
    handler: letters.send
    timeout: 30
    events:
      - sqs: !GetAtt Letters.Arn
resources:
  Resources:
    Letters:
      Type: AWS::SQS::Queue
      Properties:
        VisibilityTimeout: 60
";

/// The lints and levels that a run reported, from its JSON.
fn reported(run: &Run) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").iter();
    let active = findings.filter(|finding| finding["status"] == "active");
    active.map(|finding| format!("{} {}", finding["lint"], finding["level"]).replace('"', "")).collect()
}

#[test]
fn without_a_path_the_working_directory_is_linted() {
    let scratch = Scratch::new();
    let everything = scratch.run(&["--format", "short"]);
    assert_eq!((everything.out.as_str(), everything.code), (FINDING, 1));
    for same in [&["--format", "short", "."][..], &["--format", "short", "good", "./good/serverless.yml"]] {
        assert_eq!(scratch.run(same).out, FINDING, "{same:?}");
    }

    let mut command = scratch.command();
    let inside: Run =
        command.current_dir(scratch.path("good")).args(["--format", "short"]).output().expect("a run").into();
    assert_eq!(inside.out, FINDING.replace("good/", ""));
}

#[test]
fn a_directory_with_nothing_to_lint_is_said_to_be_one() {
    let run = Scratch::new().write("empty/readme.txt", "").run(&["empty"]);
    let nothing = "nothing to lint: no serverless.yml, CloudFormation, Kubernetes or Terraform file was read\n";
    assert_eq!((run.out.as_str(), run.err.as_str(), run.code), (nothing, "", 0));
}

#[test]
fn fail_on_says_what_makes_the_exit_code_one() {
    // Warnings for a run with the error, with warnings only, with advice only, and with nothing.
    let scratch = Scratch::new()
        .write("warnings/serverless.yml", WARNINGS)
        .write("advice/serverless.yml", ADVICE)
        .write("clean/serverless.yml", "service: clean\nprovider:\n  name: aws\n");
    for (fail_on, codes) in [
        (None, [1, 1, 0, 0]),
        (Some("error"), [1, 0, 0, 0]),
        (Some("warning"), [1, 1, 0, 0]),
        (Some("advice"), [1, 1, 1, 0]),
        (Some("never"), [0, 0, 0, 0]),
    ] {
        for (folder, code) in ["good", "warnings", "advice", "clean"].into_iter().zip(codes) {
            let chosen = fail_on.map(|level| ["--fail-on", level]);
            let arguments: Vec<&str> = chosen.iter().flatten().copied().chain([folder]).collect();
            assert_eq!(scratch.run(&arguments).code, code, "{arguments:?}");
        }
    }
}

#[test]
fn advice_is_counted_and_shown_when_asked_for() {
    let scratch = Scratch::new().write("advice/serverless.yml", ADVICE);
    let run = scratch.run(&["advice"]);
    assert_eq!(run.out, "1 file: 1 function\n0 errors, 0 warnings, 1 piece of advice (--advice shows it)\n");
    assert_eq!(scratch.run(&["advice", "--format", "short"]).out, "");
    assert_eq!(reported(&scratch.run(&["advice", "--format", "json"])), Vec::<String>::new());

    let run = scratch.run(&["advice", "--advice"]);
    assert!(run.out.starts_with("advice[queue-visibility-below-timeout]\n"), "{}", run.out);
    assert!(run.out.contains("\n0 errors, 0 warnings, 1 piece of advice\n"), "{}", run.out);
    let json = scratch.run(&["advice", "--advice", "--format", "json"]);
    assert_eq!(reported(&json), ["queue-visibility-below-timeout advice"]);
}

#[test]
fn levels_are_set_by_lint_and_by_category_and_the_last_one_counts() {
    let scratch = Scratch::new();
    let levels = |levels: &[&str]| {
        let levels = levels.iter().flat_map(|level| ["--level", level]);
        let arguments: Vec<&str> = ["--format", "json"].into_iter().chain(levels).collect();
        let run = scratch.run(&arguments);
        (reported(&run), run.code)
    };
    assert_eq!(levels(&[]), (vec!["timeout-beyond-caller error".to_string()], 1));
    assert_eq!(levels(&["timeout-beyond-caller=warning"]), (vec!["timeout-beyond-caller warning".to_string()], 1));
    assert_eq!(levels(&["timeout-beyond-caller=off"]), (vec![], 0));
    assert_eq!(levels(&["limits=off"]), (vec![], 0));
    assert_eq!(levels(&["scaling=off"]), levels(&[]));
    assert_eq!(levels(&["limits=off", "timeout-beyond-caller=error"]), levels(&[]));
    assert_eq!(levels(&["timeout-beyond-caller=error", "limits=off"]), (vec![], 0));
}

#[test]
fn what_a_level_is_set_for_must_exist() {
    let scratch = Scratch::new();
    for (level, message) in [
        ("timeout-beyond-caler=off", "there is no lint `timeout-beyond-caler`; did you mean `timeout-beyond-caller`?"),
        ("cold-starts=off", "there is no lint `cold-starts`; did you mean `cold-start`?"),
        ("x=off", "there is no lint `x`; `archlint lints` lists them"),
        ("limits=loud", "`loud` is no level: off, advice, warning or error"),
        ("limits", "expected LINT=LEVEL, for example cold-start=off"),
    ] {
        let run = scratch.run(&["--level", level]);
        assert!(run.err.contains(message), "{level}: {}", run.err);
        assert_eq!((run.out.as_str(), run.code), ("", 2), "{level}");
    }
}

#[test]
fn standard_input_is_linted_under_the_name_that_it_is_given() {
    let scratch = Scratch::new();
    let run = scratch.pipe(&["-", "--stdin-filename", "good/serverless.yml", "--format", "short"], SERVICE);
    assert_eq!((run.out.as_str(), run.err.as_str(), run.code), (FINDING, "", 1));

    // Without a name it is YAML that says itself what it is.
    let template = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Make:\n    Type: AWS::Lambda::Function\n    Properties: { Timeout: 901 }\n";
    let run = scratch.pipe(&["-", "--format", "short"], template);
    assert!(run.out.starts_with("stdin.yaml:5:28: error[platform-limit-exceeded]: "), "{}", run.out);
    assert_eq!(run.code, 1);

    let run = scratch.pipe(&["-", "--stdin-filename", "main.tf", "--format", "short"], "locals {\n");
    assert!(run.err.starts_with("main.tf:1:"), "{}", run.err);
    assert_eq!(run.code, 2);
}

#[test]
fn standard_input_that_cannot_be_read_is_told() {
    let scratch = Scratch::new();
    let run = scratch.pipe(&["-"], b"apiVersion: v1\nkind: \xff\n");
    assert_eq!((run.err.as_str(), run.code), ("error: stdin.yaml:2:7: not valid UTF-8 (at byte 21)\n", 2));
    let run = scratch.pipe(&["-"], "");
    assert_eq!((run.err.as_str(), run.code), ("", 0));
    let run = scratch.pipe(&["-", "good"], SERVICE);
    assert_eq!(run.err, "error: `-` reads standard input and cannot be combined with paths\n");
    assert_eq!((run.out.as_str(), run.code), ("", 2));
}

#[test]
fn no_allow_reports_what_allows_cover() {
    let covered = SERVICE.replace("120", "120 # archlint: allow(timeout-beyond-caller) a patient client");
    let scratch = Scratch::new().write("good/serverless.yml", covered);
    let run = scratch.run(&[]);
    assert_eq!((run.out.as_str(), run.code), ("1 file: 1 function\n0 errors, 0 warnings, 1 allowed\n", 0));

    let run = scratch.run(&["--no-allow", "--format", "short"]);
    assert_eq!((run.out.as_str(), run.code), (FINDING, 1));

    // Programs are told about both.
    let report: serde_json::Value = serde_json::from_str(&scratch.run(&["--format", "json"]).out).expect("JSON");
    assert_eq!(report["findings"][0]["status"], "suppressed");
    assert_eq!(report["findings"][0]["reason"], "a patient client");
    assert_eq!((&report["summary"]["error"], &report["summary"]["suppressed"]), (&0.into(), &1.into()));
}

#[test]
fn verbose_lists_what_could_not_be_resolved() {
    let scratch = Scratch::new().write("good/serverless.yml", SERVICE.replace("120", "${ssm:/quotes/timeout}"));
    let run = scratch.run(&[]);
    assert_eq!(
        (run.out.as_str(), run.code),
        ("1 file: 1 function\n0 errors, 0 warnings\n1 value could not be resolved (-v lists them)\n", 0)
    );
    let run = scratch.run(&["-v"]);
    assert!(run.out.starts_with("good/serverless.yml:8: unresolved: the timeout of `make`: "), "{}", run.out);
    assert!(run.out.ends_with("\n1 value could not be resolved\n"), "{}", run.out);
}

#[test]
fn the_stage_chooses_between_values() {
    let staged = SERVICE.replace("120", "${self:custom.timeouts.${opt:stage, 'dev'}}")
        + "custom:\n  timeouts:\n    dev: 10\n    prod: 120\n";
    let scratch = Scratch::new().write("good/serverless.yml", staged);
    assert_eq!(reported(&scratch.run(&["--format", "json"])), Vec::<String>::new());
    let run = scratch.run(&["--format", "json", "--stage", "prod"]);
    assert_eq!(reported(&run), ["timeout-beyond-caller error"]);
}

#[test]
fn the_region_chooses_between_values() {
    let by_region = SERVICE.replace("120", "${self:custom.timeouts.${opt:region, 'eu-central-1'}}")
        + "custom:\n  timeouts:\n    eu-central-1: 10\n    us-east-1: 120\n";
    let scratch = Scratch::new().write("good/serverless.yml", by_region);
    assert_eq!(reported(&scratch.run(&["--format", "json"])), Vec::<String>::new());
    let run = scratch.run(&["--format", "json", "--region", "us-east-1"]);
    assert_eq!(reported(&run), ["timeout-beyond-caller error"]);
}

// What goes where.

/// A screen reader spells drawings out.
#[test]
fn the_narrated_report_has_words_only() {
    let scratch = Scratch::new();
    assert!(!scratch.run(&[]).out.is_ascii(), "the human report draws");
    let run = scratch.run(&["--format", "narrated"]);
    assert!(run.out.is_ascii(), "{}", run.out);
    assert!(run.out.contains("label at line 8, columns 14 to 16: may run for 120 s (2 min)"), "{}", run.out);
    assert!(run.out.contains("error[timeout-beyond-caller]"), "{}", run.out);
    assert!(run.out.ends_with("1 error, 0 warnings\n2 fixes (--fix-suggest shows them)\n"), "{}", run.out);
    assert_eq!(run.code, 1);
}

/// Lines of one finding a line, as the pattern of a compiler message that editors know.
#[test]
fn the_short_report_has_one_line_a_finding() {
    let scratch = Scratch::new().write("warnings/serverless.yml", WARNINGS);
    let run = scratch.run(&["--format", "short"]);
    assert_eq!(
        run.out,
        format!(
            "{FINDING}\
             warnings/serverless.yml:8:14: warning[timeout-beyond-caller]: `check` may run for 6 s, but Cognito gives up after 5 s\n\
             warnings/serverless.yml:13:21: warning[unused-allow]: `long-job-on-function` is allowed here, but there is no such finding\n"
        )
    );
}

/// The names of the fields are a contract (README.md, "JSON").
#[test]
fn the_json_report_has_the_fields_that_are_promised() {
    let run = Scratch::new().run(&["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    let keys = |value: &serde_json::Value| {
        let mut keys: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
        keys.sort();
        keys.join(" ")
    };
    assert_eq!(keys(&report), "errors findings notes summary version");
    assert_eq!(report["version"], 1);
    let finding = &report["findings"][0];
    assert_eq!(
        keys(finding),
        "category fingerprint fixes help level lint message primary related status subject unit url why"
    );
    assert_eq!(keys(&finding["subject"]), "kind name platform");
    for place in [&finding["primary"], &finding["related"][0]] {
        assert_eq!(keys(place), "end path start text");
        assert_eq!(keys(&place["start"]), "column line offset");
        assert_eq!(keys(&place["end"]), "column line offset");
    }
    assert_eq!(finding["primary"]["start"], serde_json::json!({ "line": 8, "column": 14, "offset": 117 }));
    assert_eq!(&SERVICE[117..120], "120");
    assert_eq!(keys(&report["summary"]), "advice error files skipped suppressed unresolved warning workloads");
}

#[test]
fn a_fingerprint_outlives_moved_lines() {
    let fingerprint = |scratch: &Scratch| {
        let run = scratch.run(&["--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
        (report["findings"][0]["fingerprint"].clone(), report["findings"][0]["primary"]["start"]["line"].clone())
    };
    let (before, line) = fingerprint(&Scratch::new());
    let (after, moved) = fingerprint(&Scratch::new().write("good/serverless.yml", format!("# new\n{SERVICE}")));
    assert_eq!(before, after);
    assert_ne!(line, moved);
    let other = Scratch::new().write("good/serverless.yml", SERVICE.replace("  make:", "  build:"));
    assert_ne!(fingerprint(&other).0, before);
}

#[test]
fn there_are_no_escape_codes_unless_asked_for() {
    let scratch = Scratch::new();
    let coloured = |arguments: &[&str], no_color: Option<&str>| {
        let mut command = scratch.command();
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        let run: Run = command.args(arguments).output().expect("a run").into();
        run.out.contains('\u{1b}') || run.err.contains('\u{1b}')
    };
    // Standard output is no terminal here.
    assert!(!coloured(&["good", "nowhere"], None));
    assert!(!coloured(&["explain", "timeout-beyond-caller"], None));
    assert!(!coloured(&["--color", "never"], None));
    assert!(coloured(&["--color", "always"], None));
    // What is asked for on the command line is meant more than a variable.
    assert!(coloured(&["--color", "always"], Some("1")));
    assert!(!coloured(&["--color", "auto"], Some("1")));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let scratch = Scratch::new();
    for (arguments, code) in [
        (&["--format", "json"][..], 1),
        (&["--fail-on", "never"], 0),
        (&["explain", "timeout-beyond-caller"], 0),
        (&["lints"], 0),
        (&["--help"], 0),
    ] {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("archlint"));
        let (reader, writer) = std::io::pipe().expect("a pipe");
        // Closed before the program writes.
        drop(reader);
        let run: Run =
            command.args(arguments).current_dir(scratch.path("")).stdout(writer).output().expect("a run").into();
        assert_eq!((run.err.as_str(), run.code), ("", code), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let scratch = Scratch::new();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("archlint"));
    let run: Run =
        command.args(["--fail-on", "never"]).current_dir(scratch.path("")).stdout(full).output().expect("a run").into();
    assert!(run.err.starts_with("error: cannot write the report: "), "{}", run.err);
    assert_eq!(run.code, 2);
}

// What it says about itself.

#[test]
fn explain_prints_a_page() {
    let scratch = Scratch::new();
    let run = scratch.run(&["explain", "timeout-beyond-caller"]);
    assert!(
        run.out.starts_with("timeout-beyond-caller\n=====================\n\nA workload may run longer"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("#~"), "marks of the tests are left out");
    assert_eq!((run.err.as_str(), run.code), ("", 0));
}

#[test]
fn explain_knows_what_was_meant() {
    let scratch = Scratch::new();
    let run = scratch.run(&["explain", "timeout-beyond-the-caller"]);
    let meant = "error: there is no lint `timeout-beyond-the-caller`; did you mean `timeout-beyond-caller`?\n";
    assert_eq!((run.out.as_str(), run.err.as_str(), run.code), ("", meant, 2));
    let run = scratch.run(&["explain", "espresso"]);
    assert_eq!(run.err, "error: there is no lint `espresso`; `archlint lints` lists them\n");
    assert_eq!(run.code, 2);
}

#[test]
fn lints_lists_every_lint() {
    let run = Scratch::new().run(&["lints"]);
    let (options, lints): (Vec<&str>, Vec<&str>) = run.out.lines().partition(|line| line.starts_with(' '));
    let listed: Vec<&str> = lints.iter().filter_map(|line| line.split(' ').next()).collect();
    let ids: Vec<&str> = archlint::lints::ALL.iter().map(|lint| lint.id).collect();
    assert_eq!(listed, ids);
    assert!(options.iter().any(|line| line.trim_start().starts_with("policy.portability (default: off): ")));
    for (line, lint) in lints.iter().zip(archlint::lints::ALL) {
        assert!(line.contains(lint.level.name()) && line.contains(lint.category.name()), "{line}");
        assert!(line.ends_with(lint.summary), "{line}");
    }
    assert_eq!((run.err.as_str(), run.code), ("", 0));
}

#[test]
fn version_and_help_are_no_errors() {
    let scratch = Scratch::new();
    let run = scratch.run(&["--version"]);
    let version = format!("archlint {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((run.out.as_str(), run.err.as_str(), run.code), (version.as_str(), "", 0));
    let run = scratch.run(&["--help"]);
    assert!(run.out.contains("Examples:") && run.out.contains("Exit codes: 0"), "{}", run.out);
    assert_eq!((run.err.as_str(), run.code), ("", 0));
}

#[test]
fn an_option_that_there_is_not_is_an_error() {
    let scratch = Scratch::new();
    for (arguments, message) in [
        (&["--fial-on", "error"][..], "a similar argument exists: '--fail-on'"),
        (&["--fail-on", "errors"], "invalid value 'errors'"),
        (&["--format", "xml"], "[possible values: human, narrated, short, json, diff]"),
    ] {
        let run = scratch.run(arguments);
        assert!(run.err.contains(message), "{}", run.err);
        assert_eq!((run.out.as_str(), run.code), ("", 2), "{arguments:?}");
    }
}

#[test]
fn no_config_is_accepted() {
    let run = Scratch::new().run(&["--no-config", "--format", "short"]);
    assert_eq!((run.out.as_str(), run.code), (FINDING, 1));
}

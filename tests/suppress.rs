//! What an allow covers, where it has to stand, and what becomes of one that covers nothing.

mod support;

use archlint::engine::{Options, Report};
use archlint::lint::{Level, Status};
use archlint::lints;
use support::{lint, lint_with, place};

const ID: &str = "timeout-beyond-caller";

/// Findings as `line lint`, `(reason)` behind those that an allow covers; advice left out.
fn outcome(report: &Report) -> Vec<String> {
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let weighty = report.findings.iter().filter(|finding| finding.level > Level::Advice);
    let line = |finding| place(report, finding).1;
    weighty
        .map(|finding| match &finding.status {
            Status::Active => format!("{} {}", line(finding), finding.lint),
            Status::Suppressed(reason) => format!("{} {} ({reason})", line(finding), finding.lint),
        })
        .collect()
}

/// A service with one function that runs longer than API Gateway waits: its timeout on line 9 is the finding, the
/// event on line 11 a label. `before` and `behind` are comments at the timeout, `event` behind the event.
fn service(top: &str, before: &str, behind: &str, event: &str) -> String {
    let before = if before.is_empty() { String::new() } else { format!("    {}\n", before.replace('\n', "\n    ")) };
    format!(
        "service: quotes\nprovider:\n  name: aws\n  runtime: python3.13\n{top}\nfunctions:\n  make:\n    handler: quotes.make\n{before}    timeout: 120 {behind}\n    events:\n      - http: POST /quotes {event}\n"
    )
}

fn serverless(text: &str) -> Vec<String> {
    outcome(&lint(&[("serverless.yml", text)]))
}

#[test]
fn without_an_allow_the_finding_is_active() {
    assert_eq!(serverless(&service("", "", "", "")), ["9 timeout-beyond-caller"]);
}

#[test]
fn a_comment_on_the_line_of_any_label_covers() {
    let allow = "# archlint: allow(timeout-beyond-caller) a batch client";
    let covered = ["9 timeout-beyond-caller (a batch client)"];
    assert_eq!(serverless(&service("", "", allow, "")), covered);
    assert_eq!(serverless(&service("", "", "", allow)), covered);
}

#[test]
fn a_comment_on_its_own_line_covers_the_next_line_of_code() {
    let allow = "# archlint: allow(timeout-beyond-caller): a batch client";
    assert_eq!(serverless(&service("", allow, "", "")), ["10 timeout-beyond-caller (a batch client)"]);
    let stacked = format!("# why this is\n{allow}\n# more about it");
    assert_eq!(serverless(&service("", &stacked, "", "")), ["12 timeout-beyond-caller (a batch client)"]);
}

#[test]
fn a_blank_line_and_code_end_what_a_comment_covers() {
    let allow = "# archlint: allow(timeout-beyond-caller)";
    let apart = service("", &format!("{allow}\n"), "", "");
    assert_eq!(serverless(&apart), ["9 unused-allow", "11 timeout-beyond-caller"]);
    let behind_other_code = service("", "", "", "").replace("quotes.make\n", &format!("quotes.make {allow}\n"));
    assert_eq!(serverless(&behind_other_code), ["8 unused-allow", "9 timeout-beyond-caller"]);
}

#[test]
fn one_comment_may_name_several_lints_and_each_is_judged() {
    let allow = "# archlint: allow(timeout-beyond-caller, long-job-on-function) both";
    let found = serverless(&service("", "", allow, ""));
    assert_eq!(found, ["9 timeout-beyond-caller (both)", "9 unused-allow"]);
    let report = lint(&[("serverless.yml", &service("", "", allow, ""))]);
    let unused = report.findings.iter().find(|finding| finding.lint == "unused-allow").expect("a finding");
    assert_eq!(report.sources.slice(unused.primary.span), "long-job-on-function");
    assert_eq!((unused.subject.kind.as_str(), unused.subject.name.as_str()), ("comment", "long-job-on-function"));
}

#[test]
fn allow_file_covers_the_file_of_the_primary_label() {
    let allow = "# archlint: allow-file(timeout-beyond-caller) generated";
    assert_eq!(serverless(&service(allow, "", "", "")), ["9 timeout-beyond-caller (generated)"]);
    let other = format!("{allow}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n");
    let report = lint(&[("serverless.yml", &service("", "", "", "")), ("settings.yaml", &other)]);
    assert_eq!(outcome(&report), ["9 timeout-beyond-caller", "1 unused-allow"]);
}

#[test]
fn text_in_strings_is_no_allow() {
    let quoted = service("", "", "", "")
        .replace("quotes.make\n", "quotes.make\n    description: \"# archlint: allow(timeout-beyond-caller)\"\n");
    assert_eq!(serverless(&quoted), ["10 timeout-beyond-caller"]);
    let block = service("", "", "", "")
        .replace("quotes.make\n", "quotes.make\n    description: |\n      # archlint: allow(timeout-beyond-caller)\n");
    assert_eq!(serverless(&block), ["11 timeout-beyond-caller"]);
    let heredoc = "locals {\n  text = <<-EOT\n    # archlint: allow(no-such-lint)\n  EOT\n  more = \"// archlint: allow(no-such-lint)\"\n}\n";
    assert!(outcome(&lint(&[("main.tf", heredoc)])).is_empty());
}

#[test]
fn every_form_of_hcl_comment_is_read() {
    let text = "\
# archlint: allow(none-1)
// archlint: allow(none-2)
/* archlint: allow(none-3) */
/*
 * archlint: allow(none-4) why
 */
locals {
  one = 1 # archlint:allow(none-5)
  two = /* archlint: allow(none-6) */ 2
  ## archlint: allow (none-7)
  # # archlint: allow(none-8)
  // # archlint: allow(none-9)
}
";
    let report = lint(&[("main.tf", text)]);
    let named: Vec<(usize, &str)> =
        report.findings.iter().map(|finding| (place(&report, finding).1, finding.subject.name.as_str())).collect();
    let expected =
        [(1, "none-1"), (2, "none-2"), (3, "none-3"), (5, "none-4"), (8, "none-5"), (9, "none-6"), (10, "none-7")];
    assert_eq!(named, expected);
    assert!(report.findings.iter().all(|finding| report.sources.slice(finding.primary.span) == finding.subject.name));
}

fn template(metadata: &str) -> String {
    format!(
        r#"{{
  "AWSTemplateFormatVersion": "2010-09-09",
  "Transform": "AWS::Serverless-2016-10-31",
  "Resources": {{
    "Quote": {{
      {metadata}
      "Type": "AWS::Serverless::Function",
      "Properties": {{
        "Runtime": "python3.13",
        "Handler": "quotes.make",
        "CodeUri": "src/",
        "Timeout": 120,
        "Events": {{ "Ask": {{ "Type": "HttpApi", "Properties": {{ "Path": "/quotes", "Method": "post" }} }} }}
      }}
    }},
    "Other": {{ "Type": "AWS::SNS::Topic", "//": "archlint: allow(timeout-beyond-caller)" }}
  }}
}}
"#
    )
}

#[test]
fn json_allows_in_the_object_around_a_label() {
    let bare = outcome(&lint(&[("template.json", &template(""))]));
    assert_eq!(bare, ["12 timeout-beyond-caller", "16 unused-allow"]);
    let allow = template(r#""//": "archlint: allow(timeout-beyond-caller) a batch client","#);
    assert_eq!(
        outcome(&lint(&[("template.json", &allow)])),
        ["12 timeout-beyond-caller (a batch client)", "16 unused-allow"]
    );
    let list = template(r#""//": ["what this is", "archlint: allow(timeout-beyond-caller)"],"#);
    assert_eq!(outcome(&lint(&[("template.json", &list)])), ["12 timeout-beyond-caller ()", "16 unused-allow"]);
}

#[test]
fn metadata_allows_for_its_own_workload() {
    let metadata = |allow: &str| template(&format!(r#""Metadata": {{ "archlint": {{ "allow": "{allow}" }} }},"#));
    assert_eq!(
        outcome(&lint(&[("template.json", &metadata("timeout-beyond-caller: a batch client"))])),
        ["12 timeout-beyond-caller (a batch client)", "16 unused-allow"]
    );
    let report = lint(&[("template.json", &metadata("long-job-on-function: none"))]);
    assert_eq!(outcome(&report), ["6 unused-allow", "12 timeout-beyond-caller", "16 unused-allow"]);
    let unused = &report.findings[0];
    assert_eq!((unused.subject.kind.as_str(), unused.subject.name.as_str()), ("function", "Quote"));
}

#[test]
fn no_allow_reports_everything_and_no_unused_ones() {
    let text = service("# archlint: allow-file(long-job-on-function)", "", &format!("# archlint: allow({ID})"), "");
    let options = Options { no_allow: true, ..Options::default() };
    assert_eq!(outcome(&lint_with(&[("serverless.yml", &text)], &options)), ["9 timeout-beyond-caller"]);
    assert_eq!(serverless(&text), ["5 unused-allow", "9 timeout-beyond-caller ()"]);
}

#[test]
fn an_allow_for_a_lint_that_is_off_is_not_unused() {
    let text = service("", "", "# archlint: allow(timeout-beyond-caller)", "");
    for name in [ID, "long-running", "limits"] {
        let levels = vec![(name.to_string(), Level::Off)];
        let options = Options { levels, ..Options::default() };
        let report = lint_with(&[("serverless.yml", &text)], &options);
        assert!(report.findings.iter().all(|finding| finding.lint != "unused-allow"), "{name}");
    }
}

#[test]
fn unused_allow_has_a_level_like_every_lint() {
    let text = "# archlint: allow(no-such-lint)\nlocals {}\n";
    for (name, level) in [("unused-allow", Level::Error), ("meta", Level::Advice), ("unused-allow", Level::Off)] {
        let options = Options { levels: vec![(name.to_string(), level)], ..Options::default() };
        let report = lint_with(&[("main.tf", text)], &options);
        let levels: Vec<Level> = report.findings.iter().map(|finding| finding.level).collect();
        assert_eq!(levels, if level == Level::Off { vec![] } else { vec![level] });
    }
}

#[test]
fn an_unused_allow_can_itself_be_allowed() {
    let covered = "# archlint: allow(long-job-on-function, unused-allow) soon\nlocals {}\n";
    assert_eq!(outcome(&lint(&[("main.tf", covered)])), ["1 unused-allow (soon)"]);
    let above = "# archlint: allow(unused-allow)\n# archlint: allow(long-job-on-function)\nlocals {}\n";
    assert_eq!(outcome(&lint(&[("main.tf", above)])), ["2 unused-allow ()"]);
    let nothing = "# archlint: allow(unused-allow)\nlocals {}\n";
    assert_eq!(outcome(&lint(&[("main.tf", nothing)])), ["1 unused-allow"]);
}

#[test]
fn a_second_allow_for_the_same_place_is_superfluous() {
    let allow = "# archlint: allow(timeout-beyond-caller)";
    assert_eq!(serverless(&service("", allow, allow, "")).len(), 2);
}

#[test]
fn nothing_is_unused_while_a_file_cannot_be_read() {
    let text = "# archlint: allow(long-job-on-function)\n# archlint: allow(no-such-lint)\nlocals {}\n";
    let report = lint(&[("main.tf", text), ("other.tf", "locals {\n")]);
    assert!(!report.problems.is_empty());
    let named: Vec<&str> = report.findings.iter().map(|finding| finding.subject.name.as_str()).collect();
    assert_eq!(named, ["no-such-lint"]);
}

#[test]
fn an_id_that_no_lint_has_is_told_with_the_one_that_was_meant() {
    let help = |id: &str| {
        let report = lint(&[("main.tf", &format!("# archlint: allow({id})\nlocals {{}}\n"))]);
        report.findings[0].help.clone().unwrap_or_default()
    };
    assert_eq!(help("timeout-beyond-callers"), "did you mean `timeout-beyond-caller`?");
    assert_eq!(help("queue_visibility_below_timeout"), "did you mean `queue-visibility-below-timeout`?");
    assert!(!help("CKV_AWS_115").contains("did you mean"));
    assert!(!help(&"a".repeat(500)).contains("did you mean"));
    assert!(lints::nearest("").is_none());
}

#[test]
fn what_looks_like_an_allow_and_is_none_is_told() {
    let wrong = [
        "archlint: alow(timeout-beyond-caller)",
        "archlint: allow timeout-beyond-caller",
        "archlint: allow(timeout-beyond-caller",
        "archlint: allow()",
        "archlint: allow(timeout-beyond-caller,)",
        "archlint: ignore(timeout-beyond-caller)",
        "archlint: please be quiet",
        "archlint:",
        "archlint allow(timeout-beyond-caller)",
    ];
    for text in wrong {
        let report = lint(&[("main.tf", &format!("# {text}\nlocals {{}}\n"))]);
        assert_eq!(outcome(&report), ["1 unused-allow"], "{text}");
        assert_eq!(report.sources.slice(report.findings[0].primary.span), text);
    }
    let many = vec!["timeout-beyond-caller"; 100].join(",");
    assert_eq!(outcome(&lint(&[("main.tf", &format!("# archlint: allow({many})\n"))])), ["1 unused-allow"]);
    for text in
        ["archlint is run in CI", "archlint: traffic=sporadic", "see archlint: allow(x)", "archlint.dev/allow: x"]
    {
        assert!(outcome(&lint(&[("main.tf", &format!("# {text}\nlocals {{}}\n"))])).is_empty(), "{text}");
    }
}

#[test]
fn windows_line_ends_make_no_difference() {
    let text = service("", "# archlint: allow(timeout-beyond-caller) a reason", "", "").replace('\n', "\r\n");
    assert_eq!(serverless(&text), ["10 timeout-beyond-caller (a reason)"]);
    let text = "# archlint: alow(x)\r\nlocals {}\r\n";
    let report = lint(&[("main.tf", text)]);
    assert_eq!(report.sources.slice(report.findings[0].primary.span), "archlint: alow(x)");
}

/// Many comments in one run, and many objects in one another, cost time in proportion.
#[test]
fn thousands_of_allows_are_no_burden() {
    let stacked = "# archlint: allow(timeout-beyond-caller)\n".repeat(20_000) + "locals {}\n";
    assert_eq!(lint(&[("main.tf", &stacked)]).findings.len(), 20_000);
}

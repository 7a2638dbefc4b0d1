//! What owners say about a workload, wherever a dialect has room for it, and that lints listen.

mod support;

use support::lint;
use support::model::model;

const URL: &str = "
resource \"aws_lambda_function_url\" \"api\" {
  function_name      = aws_lambda_function.api.function_name
  authorization_type = \"NONE\"
}
";

fn function(before: &str, beside: &str, tags: &str) -> String {
    format!(
        "{before}resource \"aws_lambda_function\" \"api\" {{ {beside}\n  function_name = \"api\"\n  runtime = \"java21\"\n  handler = \"a.B\"\n{tags}}}\n{URL}"
    )
}

/// Whether the function is one for which users wait.
fn is_slow(text: &str) -> bool {
    let report = lint(&[("main.tf", text)]);
    assert!(report.problems.is_empty(), "{text}\n{:?}", report.problems);
    assert!(report.findings.iter().all(|finding| finding.lint == "slow-start-on-user-path"), "{text}");
    !report.findings.is_empty()
}

#[test]
fn a_comment_at_the_name_is_heard() {
    assert!(is_slow(&function("", "", "")));
    assert!(!is_slow(&function("# archlint: latency=background\n", "", "")));
    assert!(!is_slow(&function(
        "# Called at night.\n# archlint: traffic=sporadic, latency=background\n# Yes.\n",
        "",
        ""
    )));
    assert!(!is_slow(&function("", "# archlint: latency=background", "")));
}

#[test]
fn a_comment_elsewhere_is_about_something_else() {
    assert!(is_slow(&function("# archlint: latency=background\n\n", "", "")), "an empty line lies between");
    assert!(is_slow(&function("", "", "  # archlint: latency=background\n")), "inside of the block");
    assert!(is_slow(&function("# archlint: latency=user-facing\n", "", "")));
}

#[test]
fn tags_are_heard_and_count_more() {
    let tags = "  tags = { \"archlint.dev/latency\" = \"background\" }\n";
    assert!(!is_slow(&function("", "", tags)));
    assert!(!is_slow(&function("# archlint: latency=user-facing\n", "", tags)));
}

#[test]
fn every_dialect_has_a_place_for_it() {
    let files = [
        (
            "serverless.yml",
            "service: s\nprovider: {name: aws}\nfunctions:\n  # archlint: latency=background\n  f:\n    handler: a.b\n",
        ),
        ("template.yaml", "Resources:\n  # archlint: latency=background\n  f:\n    Type: AWS::Lambda::Function\n"),
        (
            "meta.yaml",
            "Resources:\n  f:\n    Type: AWS::Lambda::Function\n    Metadata: {archlint: {latency: background}}\n",
        ),
        (
            "pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: f\n  labels: {archlint.dev/latency: background}\nspec:\n  containers: [{name: a, image: b}]\n",
        ),
    ];
    for (path, text) in files {
        let model = model(&[(path, text)]);
        let declared = model.workload("f").declared.latency.as_ref().map(|latency| latency.value.to_string());
        assert_eq!(declared.as_deref(), Some("background"), "{path}");
    }
}

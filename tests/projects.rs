//! Whole fixture projects through the whole pipeline, as a user's directory is linted.

use archlint::engine::{Input, Options, Report, run};
use std::path::PathBuf;

/// Lints `fixtures/<name>`; tests run in the package's directory, so paths are the same on every machine.
fn lint(name: &str) -> Report {
    run(Input::Paths(vec![PathBuf::from("fixtures").join(name)]), &Options::default())
}

fn snapshot(name: &str) {
    let report = lint(name);
    let problems: Vec<String> =
        report.problems.iter().map(|problem| format!("{}: {}", problem.path.display(), problem.message)).collect();
    assert!(problems.is_empty(), "{problems:?}");
    insta::assert_snapshot!(name, archlint::report::human::plain(&report, 100, true));
}

#[test]
fn a_shop_in_four_formats() {
    snapshot("shop");
    let report = lint("shop");
    let lints: std::collections::BTreeSet<&str> = report.findings.iter().map(|finding| finding.lint).collect();
    assert!(lints.len() >= 6, "{lints:?}");
    let queue = report.findings.iter().find(|finding| finding.lint == "queue-visibility-below-timeout");
    let paths: std::collections::BTreeSet<String> = queue
        .into_iter()
        .flat_map(|finding| finding.labels())
        .map(|label| report.sources.get(label.span.file).display_path())
        .collect();
    // One finding, joined by the queue's ARN across two formats, with the variable that holds the value.
    for file in ["infra/queues.tf", "infra/variables.tf", "services/orders/functions/fulfil.yml"] {
        assert!(paths.contains(&format!("fixtures/shop/{file}")), "{file} is not in {paths:?}");
    }
}

#[test]
fn a_serverless_shop() {
    snapshot("serverless-shop");
}

#[test]
fn a_kubernetes_shop() {
    snapshot("kubernetes-shop");
}

#[test]
fn a_terraform_shop() {
    snapshot("terraform-shop");
}

#[test]
fn a_clean_shop_is_silent() {
    let report = lint("clean-shop");
    let messages: Vec<&str> = report.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert!(messages.is_empty(), "{messages:?}");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    // Silence means something only if the project was read.
    let workloads: usize = report.workloads.values().sum();
    assert!(workloads >= 10, "only {workloads} workloads were found");
}

//! One cause is one finding, and a finding speaks only of those that share all that it says.

use archlint::engine::{Input, Options, run};
use archlint::lint::{Finding, Level};
use std::path::PathBuf;

fn findings(path: &str, text: &str) -> Vec<Finding> {
    run(Input::Texts(vec![(PathBuf::from(path), text.to_string())]), &Options::default()).findings
}

/// Functions of a template that share a timeout, each behind an API of some type.
fn shared(timeout: u32, events: &[(&str, &str)]) -> String {
    let globals = format!(
        "Transform: AWS::Serverless-2016-10-31\nGlobals: {{Function: {{Timeout: {timeout}, Runtime: python3.12, Handler: a.b, CodeUri: x}}}}\nResources:\n"
    );
    let function = |(name, event): &(&str, &str)| {
        format!(
            "  {name}: {{Type: AWS::Serverless::Function, Properties: {{Events: {{X: {{Type: {event}, Properties: {{Path: /a, Method: get}}}}}}}}}}\n"
        )
    };
    globals + &events.iter().map(function).collect::<String>()
}

#[test]
fn callers_that_wait_differently_are_not_spoken_of_as_one() {
    let mixed = shared(59, &[("A", "Api"), ("B", "HttpApi"), ("C", "Api")]);
    let found = findings("template.yaml", &mixed);
    let said: Vec<_> = found.iter().map(|finding| (finding.level, finding.message.as_str())).collect();
    assert_eq!(
        said,
        [
            (Level::Error, "`A` and 1 more may run for 59 s, but API Gateway (REST) gives up after 29 s"),
            (Level::Warning, "`B` may run for 59 s, but API Gateway (HTTP API) gives up after 30 s"),
        ]
    );
}

#[test]
fn a_setting_that_several_inherit_is_one_finding_that_shows_them_all() {
    let found = findings("template.yaml", &shared(1000, &[("A", "S3"), ("B", "S3"), ("C", "S3")]));
    let limits: Vec<&Finding> = found.iter().filter(|finding| finding.lint == "platform-limit-exceeded").collect();
    let [only] = limits[..] else { panic!("{limits:?}") };
    assert_eq!(only.message, "the timeout of `A` is 1000 s, but AWS Lambda accepts at most 900 s; 2 more like it");
    let users: Vec<&str> =
        only.labels().map(|label| label.text.as_str()).filter(|text| text.ends_with("uses it")).collect();
    assert_eq!(users, ["`A` uses it", "`B` uses it", "`C` uses it"]);
}

//! What the edits for limits, timeouts and visibility write, and where none is offered.

mod support;

use support::fixes::offered;

/// A template with a queue and a function that may run for a minute.
fn queue(parameter: &str, visibility: &str) -> String {
    format!(
        "\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Hidden:
    Type: Number
    Default: 45{parameter}
Resources:
  Letters:
    Type: AWS::SQS::Queue{visibility}
  Sender:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: letters.send
      Timeout: 60
      Events:
        Letter: {{ Type: SQS, Properties: {{ Queue: !GetAtt Letters.Arn }} }}
"
    )
}

#[test]
fn a_visibility_timeout_is_written_where_it_belongs() {
    let hidden = "\n    Properties: { VisibilityTimeout: !Ref Hidden }";
    let title = "set the visibility timeout to 360 s (unsafe)";
    for (parameter, visibility, line) in [
        ("", hidden, "Default: 360"),
        ("\n    MaxValue: 900", hidden, "Default: 360"),
        ("\n    AllowedValues: [45, 360]", hidden, "Default: 360"),
        ("", "", "VisibilityTimeout: 360"),
        ("", "\n    Properties:", "VisibilityTimeout: 360"),
        ("", "\n    Properties: {}", "Properties: { VisibilityTimeout: 360 }"),
    ] {
        let text = queue(parameter, visibility);
        let (titles, lines, refusals) = offered("queue-visibility-below-timeout", &[("template.yaml", &text)]);
        assert_eq!((titles, refusals), (vec![title.to_string()], vec![]), "{text}");
        assert_eq!(lines.last().map(String::as_str), Some(line), "{text}");
    }
}

#[test]
fn a_default_stays_within_what_its_declaration_allows() {
    let hidden = "\n    Properties: { VisibilityTimeout: !Ref Hidden }";
    for parameter in ["\n    MaxValue: 300", "\n    AllowedValues: [45, 300]"] {
        let text = queue(parameter, hidden);
        let (titles, _, refusals) = offered("queue-visibility-below-timeout", &[("template.yaml", &text)]);
        assert_eq!((titles, refusals), (vec![], vec!["the parameter does not allow the value".to_string()]), "{text}");
    }
    let text = r#"
variable "hidden" {
  default = 45
  validation {
    condition     = var.hidden < 300
    error_message = "too long"
  }
}
resource "aws_sqs_queue" "jobs" { visibility_timeout_seconds = var.hidden }
resource "aws_lambda_function" "work" {
  function_name = "work"
  timeout       = 60
}
resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn = aws_sqs_queue.jobs.arn
  function_name    = aws_lambda_function.work.arn
}
"#;
    let (titles, _, refusals) = offered("queue-visibility-below-timeout", &[("main.tf", text)]);
    assert_eq!(
        (titles, refusals),
        (vec![], vec!["the variable has a `validation` that may not take the value".to_string()])
    );
}

/// A service with one function, and its events.
fn function(events: &str) -> String {
    format!(
        "service: books\nprovider: {{ name: aws, runtime: nodejs22.x }}\nfunctions:\n  lend:\n    handler: a.b\n    timeout: 60\n    events:\n{events}"
    )
}

#[test]
fn a_timeout_is_lowered_only_where_all_callers_wait_equally_long() {
    let title = |seconds: u64| vec![format!("set the timeout to {seconds} s (unsafe)")];
    for (events, titles) in [
        ("      - http: GET /a\n", title(29)),
        ("      - http: GET /a\n      - httpApi: GET /b\n", title(29)),
        ("      - cognitoUserPool: { pool: readers, trigger: PreSignUp }\n", title(5)),
        // Somebody who does not wait, or who waits longer.
        ("      - http: GET /a\n      - schedule: rate(1 day)\n", vec![]),
        ("      - http: GET /a\n      - http: { path: /b, method: get, async: true }\n", vec![]),
        ("      - httpApi: GET /a\n      - alb: { listenerArn: a, priority: 1, conditions: { path: /b } }\n", vec![]),
        (
            "      - cognitoUserPool: { pool: readers, trigger: PreSignUp }\n      - cognitoUserPool: { pool: readers, trigger: CustomEmailSender }\n",
            vec![],
        ),
    ] {
        let text = function(events);
        assert_eq!(offered("timeout-beyond-caller", &[("serverless.yml", &text)]).0, titles, "{text}");
    }
}

#[test]
fn an_attempt_deadline_leaves_time_between_two_runs() {
    let text = |schedule: &str, timeout: u64| {
        format!(
            r#"
resource "google_cloud_run_v2_service" "export" {{
  name = "export"
  template {{
    timeout = "{timeout}s"
  }}
}}
resource "google_cloud_scheduler_job" "clock" {{
  name             = "clock"
  schedule         = "{schedule}"
  attempt_deadline = "4m"
  http_target {{
    uri = google_cloud_run_v2_service.export.uri
  }}
}}
"#
        )
    };
    let offered = |schedule, timeout| offered("timeout-beyond-caller", &[("main.tf", &text(schedule, timeout))]);
    let (titles, lines, _) = offered("0 2 * * *", 900);
    assert_eq!(titles, ["set the attempt deadline to 900 s (unsafe)"]);
    assert_eq!(lines, [r#"attempt_deadline = "900s""#]);
    assert_eq!(offered("*/10 * * * *", 900).0, [""; 0], "it would still run when it is due again");
    assert_eq!(offered("0 2 * * *", 3600).0, [""; 0], "no deadline is that long");
}

/// A service with a function that reads a stream.
fn reader(event: &str) -> String {
    format!(
        "\
service: clicks
provider: {{ name: aws, runtime: nodejs22.x }}
custom:
  clicks: &clicks arn:aws:kinesis:eu-west-1:111122223333:stream/clicks
functions:
  write:
    handler: clicks.write
    events:
      - stream:{event}
"
    )
}

#[test]
fn an_event_that_is_short_for_an_object_becomes_that_object() {
    let arn = "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks";
    let settings = ["maximumRetryAttempts: 5", "bisectBatchOnFunctionError: true"];
    for (event, lines) in [
        (format!(" {arn} # of the site"), vec!["- stream: # of the site".to_string(), format!("arn: {arn}")]),
        (" ${self:custom.clicks}".to_string(), vec!["- stream:".into(), "arn: ${self:custom.clicks}".into()]),
        (format!("\n          '{arn}'"), vec![format!("arn: '{arn}'")]),
    ] {
        let (titles, written, refused) =
            offered("stream-blocked-by-poison-record", &[("serverless.yml", &reader(&event))]);
        assert_eq!(titles, ["give a batch up after 5 retries, and split it on the way (unsafe)"], "{event}");
        assert_eq!(written, [lines, settings.map(String::from).to_vec()].concat(), "{event}");
        let of_sketch = "the event has no settings of its own yet: write it as `stream: {arn: .., type: ..}`";
        assert_eq!(refused, [of_sketch]);
    }
    let (_, written, _) = offered(
        "stream-blocked-by-poison-record",
        &[(
            "serverless.json",
            &format!(
                r#"{{"service": "clicks", "provider": {{"name": "aws"}},
 "functions": {{"write": {{"handler": "a.b", "events": [{{"stream": "{arn}"}}]}}}}}}"#
            ),
        )],
    );
    let line = format!(r#"[{{"stream": {{"arn": "{arn}", "maximumRetryAttempts": 5, "#);
    assert!(written.iter().any(|written| written.contains(&line)), "{written:?}");
}

#[test]
fn what_stands_for_something_else_as_well_is_not_opened() {
    let no_line = "only a text on one line can become an object that holds it";
    for (event, reason) in [
        (" *clicks", no_line),
        (" >-\n          arn:aws:kinesis:eu-west-1:111122223333:stream/clicks", no_line),
        (" &again arn:aws:kinesis:eu-west-1:1:stream/a\n      - sns: *again", "the value is used again elsewhere"),
    ] {
        let (titles, _, refused) = offered("stream-blocked-by-poison-record", &[("serverless.yml", &reader(event))]);
        assert!(titles.is_empty(), "{event}: {titles:?}");
        assert_eq!(refused.first().map(String::as_str), Some(reason), "{event}");
    }
}

#[test]
fn what_a_program_has_written_is_not_edited() {
    let synthesized = r#"{
 "Resources": {
  "Send": {
   "Type": "AWS::Lambda::Function",
   "Properties": {"Runtime": "nodejs22.x", "Handler": "a.b", "Timeout": 60},
   "Metadata": {"aws:cdk:path": "Mail/Send/Resource"}
  },
  "Letters": {"Type": "AWS::SQS::Queue", "Metadata": {"aws:cdk:path": "Mail/Letters/Resource"}},
  "Reads": {
   "Type": "AWS::Lambda::EventSourceMapping",
   "Properties": {"FunctionName": {"Ref": "Send"}, "EventSourceArn": {"Fn::GetAtt": ["Letters", "Arn"]}}
  }
 }
}"#;
    let by_hand = synthesized.replace("aws:cdk:path", "path");
    let template = queue("", "");
    let headed = |head: &str| format!("{head}\n{template}");
    let cdk = Some("the template is synthesized by the AWS CDK: change the program that it comes from");
    let said = Some("the file says that it is generated and not to be edited");
    for (path, text, reason) in [
        ("template.json", synthesized.to_string(), cdk),
        ("template.json", by_hand, None),
        ("template.yaml", headed("# Code generated by mailgen. DO NOT EDIT."), said),
        ("template.yaml", headed("# AUTOMATICALLY GENERATED FILE - DO NOT\n# EDIT MANUALLY"), said),
        ("template.yaml", headed("# generated once from a sample"), None),
        ("template.yaml", format!("{template}# generated, do not edit\n"), None),
    ] {
        let (titles, _, refused) = offered("queue-visibility-below-timeout", &[(path, &text)]);
        assert_eq!(titles.is_empty(), reason.is_some(), "{text}");
        assert_eq!(refused, Vec::from_iter(reason), "{text}");
    }
}

#[test]
fn what_a_merge_key_brings_in_is_overridden_for_one_function() {
    let service = |one: &str, two: &str| {
        format!(
            "\
service: shop
provider: {{ name: aws, runtime: nodejs22.x }}
custom:
  defaults: &defaults
    timeout: &long 60
functions:
  show:
    {one}
    handler: shop.show
    events:
      - http: {{ path: /, method: get }}
  pull:
    {two}
    handler: shop.pull
    events:
      - sns: orders
"
        )
    };
    let (merged, alias) = ("<<: *defaults", "timeout: *long");
    let own = "set the timeout to 29 s (unsafe)";
    let shared = "set the timeout to 29 s (this also changes `pull`) (unsafe)";
    for (one, two, title, line) in [
        (merged, merged, own, "timeout: 29"),
        (merged, "timeout: 9", own, "timeout: &long 29"),
        // A value that is repeated by its name has no other place.
        (alias, alias, shared, "timeout: &long 29"),
    ] {
        let (titles, written, _) = offered("timeout-beyond-caller", &[("serverless.yml", &service(one, two))]);
        assert_eq!((titles, written), (vec![title.to_string()], vec![line.to_string()]), "{one}, {two}");
    }
}

#[test]
fn what_cannot_be_changed_for_all_is_overridden_for_one() {
    let template = |timeout: &str| {
        format!(
            "\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Longest: {{ Type: Number, Default: 60, MinValue: 45 }}
Globals:
  Function: {{ Timeout: {timeout} }}
Resources:
  Show:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: shop.show
      Events:
        Ask: {{ Type: Api, Properties: {{ Path: /, Method: get }} }}
"
        )
    };
    for timeout in ["!Ref Longest", "!Sub '${Longest}'"] {
        let (titles, written, refused) = offered("timeout-beyond-caller", &[("template.yaml", &template(timeout))]);
        assert_eq!(titles, ["set the timeout to 29 s (unsafe)"], "{timeout}: {refused:?}");
        assert_eq!(written, ["Timeout: 29"], "{timeout}");
    }
}

#[test]
fn who_takes_the_value_from_the_same_variable_is_named() {
    let service = "\
service: shop
provider:
  name: aws
  runtime: nodejs22.x
  timeout: ${param:longest}
params:
  default: { longest: 60 }
functions:
  show:
    handler: shop.show
    timeout: ${self:provider.timeout}
    events:
      - http: { path: /, method: get }
  pull:
    handler: shop.pull
    timeout: ${self:provider.timeout}
    events:
      - sns: orders
";
    let (titles, written, _) = offered("timeout-beyond-caller", &[("serverless.yml", service)]);
    assert_eq!(titles, ["set the timeout to 29 s (this also changes `pull`) (unsafe)"]);
    assert_eq!(written, ["default: { longest: 29 }"]);
}

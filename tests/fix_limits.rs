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

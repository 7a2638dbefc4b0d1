//! What is read about how functions are invoked and what they may do: roles, settings of asynchronous invocations, what
//! schedules hand over, and state machines. The pages of the lints show the rest.

mod support;

use archlint::model::{StateKind, TriggerKind, WorkflowKind};
use support::lint;
use support::model::model;

/// How many findings of a lint some texts have.
fn count(id: &str, files: &[(&str, &str)]) -> usize {
    lint(files).findings.iter().filter(|finding| finding.lint == id).count()
}

/// A function that fires on every new object of a bucket; `{role}` is where its role's policies go.
const BUCKET: &str = r#"resource "aws_s3_bucket" "pictures" { bucket = "pictures" }
resource "aws_iam_role" "shrink" { assume_role_policy = "{}" }
resource "aws_lambda_function" "shrink" {
  function_name = "shrink"
  role          = aws_iam_role.shrink.arn
  runtime       = "python3.13"
}
resource "aws_s3_bucket_notification" "pictures" {
  bucket = aws_s3_bucket.pictures.id
  lambda_function {
    lambda_function_arn = aws_lambda_function.shrink.arn
    events              = ["s3:ObjectCreated:*"]
  }
}
"#;

/// A policy that lets its role write to the bucket.
const POLICY: &str = r#"resource "aws_iam_policy" "write" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "${aws_s3_bucket.pictures.arn}/*" }] })
}
resource "aws_iam_role_policy_attachment" "write" {
  role       = aws_iam_role.shrink.name
  policy_arn = aws_iam_policy.write.arn
}
"#;

#[test]
fn a_policy_that_is_attached_is_one_of_the_role() {
    assert_eq!(count("recursive-trigger", &[("main.tf", BUCKET)]), 0, "nothing is allowed");
    assert_eq!(count("recursive-trigger", &[("main.tf", BUCKET), ("policy.tf", POLICY)]), 1);
    let basic = r#"resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.shrink.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}"#;
    assert_eq!(count("recursive-trigger", &[("main.tf", BUCKET), ("policy.tf", POLICY), ("logs.tf", basic)]), 1);
    let any = basic.replace("service-role/AWSLambdaBasicExecutionRole", "AmazonS3FullAccess");
    assert_eq!(count("recursive-trigger", &[("main.tf", BUCKET), ("policy.tf", POLICY), ("any.tf", &any)]), 0);
}

#[test]
fn a_role_of_two_functions_says_nothing_about_one_of_them() {
    let other = r#"resource "aws_lambda_function" "upload" {
  function_name = "upload"
  role          = aws_iam_role.shrink.arn
  runtime       = "python3.13"
}"#;
    assert_eq!(count("recursive-trigger", &[("main.tf", BUCKET), ("policy.tf", POLICY), ("other.tf", other)]), 0);
}

#[test]
fn a_policy_document_with_parts_from_elsewhere_is_open() {
    let document = |more: &str| {
        format!(
            r#"data "aws_iam_policy_document" "write" {{
  {more}
  statement {{
    actions   = ["s3:PutObject"]
    resources = ["${{aws_s3_bucket.pictures.arn}}/*"]
  }}
}}
resource "aws_iam_role_policy" "write" {{
  role   = aws_iam_role.shrink.id
  policy = data.aws_iam_policy_document.write.json
}}"#
        )
    };
    assert_eq!(count("recursive-trigger", &[("main.tf", BUCKET), ("policy.tf", &document(""))]), 1);
    let more = "source_policy_documents = [var.more]";
    assert_eq!(count("recursive-trigger", &[("main.tf", BUCKET), ("policy.tf", &document(more))]), 0);
}

#[test]
fn a_managed_policy_names_its_roles_in_cloudformation() {
    let template = |roles: &str| {
        format!(
            r#"AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Pictures:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: pictures
      NotificationConfiguration:
        LambdaConfigurations:
          - {{ Event: "s3:ObjectCreated:*", Function: !GetAtt Shrink.Arn }}
  Role:
    Type: AWS::IAM::Role
  Shrink:
    Type: AWS::Lambda::Function
    Properties: {{ Runtime: python3.13, Role: !GetAtt Role.Arn }}
  Write:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [{roles}]
      PolicyDocument:
        Statement: {{ Effect: Allow, Action: "s3:PutObject", Resource: "arn:aws:s3:::pictures/*" }}
"#
        )
    };
    assert_eq!(count("recursive-trigger", &[("template.yaml", &template("!Ref Role"))]), 1);
    assert_eq!(count("recursive-trigger", &[("template.yaml", &template("somebody"))]), 0);
}

#[test]
fn settings_of_invocations_find_their_function_by_name() {
    let config = |name: &str| {
        format!(
            r#"resource "aws_lambda_function" "one" {{ function_name = "one" }}
resource "aws_lambda_function" "two" {{ function_name = "two" }}
resource "aws_lambda_function_event_invoke_config" "one" {{
  function_name          = {name}
  maximum_retry_attempts = 1
  destination_config {{
    on_failure {{ destination = "arn:aws:sqs:eu-west-1:111122223333:failed" }}
  }}
}}"#
        )
    };
    let asynchronous = |name: &str| -> Vec<(Option<bool>, Option<u64>)> {
        let model = model(&[("main.tf", &config(name))]);
        let functions = model.architecture.functions().map(|(_, function)| &function.asynchronous);
        functions.map(|one| (one.keeps_failures.known().copied(), one.retries.set().copied())).collect()
    };
    assert_eq!(asynchronous("\"one\""), [(Some(true), Some(1)), (Some(false), None)]);
    assert_eq!(asynchronous("aws_lambda_function.two.arn"), [(Some(false), None), (Some(true), Some(1))]);
    assert_eq!(asynchronous("var.name"), [(None, None), (None, None)], "it may be for either");
}

#[test]
fn what_a_schedule_hands_over_is_no_plain_call_unless_it_keeps_warm() {
    let plain = |target: &str| -> bool {
        let text = format!(
            "AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Work: {{ Type: AWS::Lambda::Function, Properties: {{ Runtime: python3.13 }} }}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(5 minutes)
      Targets: [{{ Id: a, Arn: !GetAtt Work.Arn{target} }}]
"
        );
        let model = model(&[("template.yaml", &text)]);
        let kinds = model.architecture.triggers().map(|trigger| &trigger.kind);
        let schedules: Vec<_> = kinds
            .filter_map(|kind| match kind {
                TriggerKind::Schedule(schedule) => Some(schedule.is_plain_call()),
                _ => None,
            })
            .collect();
        assert_eq!(schedules.len(), 1);
        schedules[0]
    };
    assert!(plain(""));
    assert!(plain(", Input: '{\"source\": \"keep-warm\"}'"));
    assert!(!plain(", Input: '{\"job\": \"shipping\"}'"), "a word that only has `ping` in it");
    assert!(!plain(", InputTransformer: { InputTemplate: '\"<job>\"' }"));
}

#[test]
fn states_lead_to_each_other_within_their_own_definition() {
    let text = r#"resource "aws_sfn_state_machine" "all" {
  name       = "all"
  type       = "EXPRESS"
  definition = <<-EOF
    {
      "StartAt": "Each",
      "TimeoutSeconds": 60,
      "States": {
        "Each": {
          "Type": "Map",
          "ItemProcessor": {
            "StartAt": "Wait",
            "States": {
              "Wait": { "Type": "Wait", "Seconds": 5, "Next": "Done" },
              "Done": { "Type": "Pass", "End": true }
            }
          },
          "Next": "Done"
        },
        "Done": { "Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "End": true }
      }
    }
  EOF
}"#;
    let model = model(&[("main.tf", text)]);
    let machines: Vec<_> = model.architecture.state_machines().collect();
    assert_eq!(machines.len(), 1);
    assert_eq!(machines[0].kind.known(), Some(&WorkflowKind::Express));
    assert_eq!(machines[0].timeout.set(), Some(&60));
    let states: Vec<_> = machines[0].states.iter().map(|state| (&*state.name, &state.next[..])).collect();
    assert_eq!(states, [("Each", &[1][..]), ("Done", &[]), ("Wait", &[3]), ("Done", &[])]);
    let waits =
        machines[0].states.iter().any(|state| matches!(&state.kind, StateKind::Wait(five) if five.set() == Some(&5)));
    assert!(waits);
    let tasks: Vec<_> = machines[0].tasks().map(|(_, task)| task.waits_by.map(|(pattern, _)| pattern)).collect();
    assert_eq!(tasks, [Some(".sync")]);
}

//! What is not known is listed with its reason, whatever has it, and counted.

use archlint::engine::{Input, Options, run};
use archlint::read::NoteKind;
use std::path::PathBuf;

/// The notes about what could not be resolved in a file: line and message.
fn unresolved(path: &str, text: &str) -> Vec<String> {
    let report = run(Input::Texts(vec![(PathBuf::from(path), text.to_string())]), &Options::default());
    let notes = report.notes.iter().filter(|note| note.kind == NoteKind::Unresolved);
    notes.map(|note| format!("{}: {}", note.line, note.message)).collect()
}

#[test]
fn values_of_queues_triggers_and_functions() {
    let text = "variable \"hidden\" {}
resource \"aws_sqs_queue\" \"jobs\" {
  visibility_timeout_seconds = var.hidden
  redrive_policy = jsonencode({ deadLetterTargetArn = \"arn:aws:sqs:eu-west-1:111122223333:dead\", maxReceiveCount = var.hidden })
}
resource \"aws_lambda_function\" \"worker\" {
  timeout = var.hidden
}
resource \"aws_cloudwatch_event_rule\" \"hourly\" {
  schedule_expression = var.hidden
}
resource \"aws_cloudwatch_event_target\" \"hourly\" {
  rule = aws_cloudwatch_event_rule.hourly.name
  arn  = aws_lambda_function.worker.arn
}
resource \"aws_cloudwatch_event_target\" \"other\" {
  rule = aws_cloudwatch_event_rule.hourly.name
  arn  = var.hidden
}
resource \"aws_lambda_event_source_mapping\" \"m\" {
  event_source_arn = var.hidden
  function_name    = aws_lambda_function.worker.arn
}
";
    assert_eq!(
        unresolved("main.tf", text),
        [
            "3: the visibility timeout of `jobs`: `var.hidden` has no default and is not set",
            "4: the number of receives of `jobs`: `var.hidden` has no default and is not set",
            "7: the timeout of `worker`: `var.hidden` has no default and is not set",
            "10: the schedule of `worker`: `var.hidden` has no default and is not set",
            "18: the target of the schedule: `var.hidden` has no default and is not set",
            "21: the source of a trigger of `worker`: `var.hidden` has no default and is not set",
        ]
    );
}

#[test]
fn values_of_scalers_and_claims() {
    let text = "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { kind: Deployment, name: web }
  minReplicas: '{{ .Values.min }}'
  maxReplicas: 4
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], storageClassName: '{{ .Values.class }}' }
";
    assert_eq!(
        unresolved("web.yaml", text),
        [
            "6: the minimum of instances of `web`: archlint does not evaluate the template in `{{ .Values.min }}`",
            "12: the storage class of `data`: archlint does not evaluate the template in `{{ .Values.class }}`",
        ]
    );
}

#[test]
fn what_is_left_alone_on_the_platform_is_no_gap() {
    let text = |ignored: &str| {
        format!(
            "variable \"hidden\" {{}}
resource \"aws_ecs_service\" \"web\" {{
  desired_count = 3
  lifecycle {{
    ignore_changes = [{ignored}]
  }}
}}
resource \"aws_lambda_function\" \"worker\" {{
  timeout = var.hidden
  lifecycle {{
    ignore_changes = [{ignored}]
  }}
}}
"
        )
    };
    let nothing: [&str; 0] = [];
    assert_eq!(unresolved("main.tf", &text("desired_count, timeout")), nothing);
    assert_eq!(
        unresolved("main.tf", &text("tags")),
        ["9: the timeout of `worker`: `var.hidden` has no default and is not set"]
    );
}

/// The notes about what was left out.
fn skipped(files: &[(&str, &str)]) -> Vec<String> {
    let texts = files.iter().map(|(path, text)| (PathBuf::from(path), text.to_string())).collect();
    let report = run(Input::Texts(texts), &Options::default());
    let notes = report.notes.iter().filter(|note| note.kind == NoteKind::Skipped);
    notes.map(|note| format!("{}:{}: {}", note.path.display(), note.line, note.message)).collect()
}

#[test]
fn modules_that_are_not_read_are_said() {
    let text = "module \"vpc\" {\n  source = \"terraform-aws-modules/vpc/aws\"\n}\nmodule \"off\" {\n  source = \"git::https://example.com/off.git\"\n  count  = 0\n}\nmodule \"gone\" {\n  source = \"./gone\"\n}\nmodule \"here\" {\n  source = \"./here\"\n}\n";
    let here = "resource \"aws_sqs_queue\" \"q\" {}\n";
    assert_eq!(
        skipped(&[("main.tf", text), ("here/main.tf", here)]),
        [
            "main.tf:2: what this module makes is not read: \"terraform-aws-modules/vpc/aws\"",
            "main.tf:9: what this module makes is not read: \"./gone\"",
        ]
    );
}

#[test]
fn stacks_that_lie_elsewhere_are_said() {
    let text = "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: https://example.com/net.yaml }\n  App:\n    Type: AWS::Serverless::Application\n    Properties:\n      Location:\n        ApplicationId: arn:aws:serverlessrepo:us-east-1:111122223333:applications/app\n";
    assert_eq!(
        skipped(&[("template.yaml", text)]),
        [
            "template.yaml:2: the stack `Net` is not read: https://example.com/net.yaml",
            "template.yaml:5: the stack `App` is not read: ApplicationId: arn:aws:serverlessrepo:us-east-1:111122223333:applications/app",
        ]
    );
}

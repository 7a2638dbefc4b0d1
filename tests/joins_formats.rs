//! What one format declares and another uses is one thing, whichever way it is handed on.

mod support;

use archlint::model::{StreamKind, TriggerKind, Use};
use support::model::{Model, model};

/// A queue in Terraform, with its ARN in the parameter store.
const TERRAFORM: &str = "resource \"aws_sqs_queue\" \"tf\" {\n  name = \"jobs\"\n}\nresource \"aws_ssm_parameter\" \"q\" \
                         {\n  name  = \"/shop/jobs\"\n  value = aws_sqs_queue.tf.arn\n}\n";

/// A queue in CloudFormation, in the parameter store and exported.
const CLOUDFORMATION: &str = r#"
Parameters:
  Shop: { Type: String, Default: shop }
Resources:
  Cfn:
    Type: AWS::SQS::Queue
    Properties: { QueueName: jobs }
  Stored:
    Type: AWS::SSM::Parameter
    Properties: { Type: String, Name: !Sub "/${Shop}/jobs", Value: !GetAtt Cfn.Arn }
Outputs:
  QueueArn:
    Value: !GetAtt Cfn.Arn
    Export: { Name: !Sub "${AWS::StackName}-QueueArn" }
  Named:
    Value: !GetAtt Cfn.Arn
    Export: { Name: !Sub "${Shop}-jobs" }
"#;

/// A queue in the resources of a service, as an output of its stack, on the dashboard and in the parameter store.
const SERVICE: &str = r#"
service: queues
provider: { name: aws, region: eu-west-1 }
resources:
  Resources:
    Sls:
      Type: AWS::SQS::Queue
      Properties: { QueueName: jobs }
    Stored:
      Type: AWS::SSM::Parameter
      Properties: { Type: String, Name: /shop/jobs, Value: !Ref Sls }
  Outputs:
    QueueArn:
      Value: !GetAtt Sls.Arn
      Export: { Name: !Sub "${AWS::StackName}-QueueArn" }
outputs:
  queue: !GetAtt Sls.Arn
"#;

/// A function that reads a queue, in serverless.yml.
fn service(arn: &str) -> String {
    format!(
        "service: work\nprovider: {{ name: aws }}\nfunctions:\n  worker:\n    handler: a.a\n    events:\n      - sqs:\n          \
         arn: {arn}\n"
    )
}

/// The same in SAM, with further sections in front of it.
fn sam(sections: &str, queue: &str) -> String {
    format!(
        "Transform: AWS::Serverless-2016-10-31\n{sections}Resources:\n  worker:\n    Type: AWS::Serverless::Function\n    \
         Properties:\n      Events:\n        Q:\n          Type: SQS\n          Properties: {{ Queue: {queue} }}\n"
    )
}

/// The same in CloudFormation, where nothing says that it is a queue.
fn mapping(source: &str) -> String {
    format!(
        "Resources:\n  worker:\n    Type: AWS::Lambda::Function\n    Properties: {{}}\n  M:\n    Type: \
         AWS::Lambda::EventSourceMapping\n    Properties:\n      FunctionName: !Ref worker\n      EventSourceArn: {source}\n"
    )
}

/// The same in Terraform, with further blocks in front of it.
fn terraform(blocks: &str, source: &str) -> String {
    format!(
        "{blocks}resource \"aws_lambda_function\" \"worker\" {{\n}}\nresource \"aws_lambda_event_source_mapping\" \"m\" \
         {{\n  event_source_arn = {source}\n  function_name = aws_lambda_function.worker.arn\n}}\n"
    )
}

fn joined(files: &[(&str, &str)]) -> Model {
    model(files)
}

/// The queue that `worker` reads, by its label.
fn queue(files: &[(&str, &str)]) -> Option<String> {
    let model = joined(files);
    match &model.trigger("worker").kind {
        TriggerKind::Queue(queue) => {
            model.architecture.queue(&queue.queue).map(|queue| queue.identity.label.to_string())
        }
        _ => None,
    }
}

/// What stays open.
fn open(files: &[(&str, &str)]) -> Vec<String> {
    let model = joined(files);
    let unresolved = model.architecture.unresolved();
    unresolved.iter().map(|one| format!("{} of {}: {}", one.name, one.owner, one.why)).collect()
}

/// Which declaration of the queue `worker` reads, for each format that declares it.
fn each(path: &str, reader: &str) -> [Option<String>; 3] {
    let declared = [("q/main.tf", TERRAFORM), ("q/template.yaml", CLOUDFORMATION), ("q/serverless.yml", SERVICE)];
    declared.map(|declared| queue(&[declared, (path, reader)]))
}

fn labels(labels: [&str; 3]) -> [Option<String>; 3] {
    labels.map(|label| Some(label.to_string()).filter(|label| !label.is_empty()))
}

#[test]
fn an_arn_or_url_names_what_any_format_declares() {
    let all = labels(["tf", "Cfn", "Sls"]);
    for arn in [
        "arn:aws:sqs:eu-west-1:111122223333:jobs",
        "'arn:aws:sqs:*:*:jobs'",
        "arn:aws:sqs:${aws:region}:${aws:accountId}:jobs",
        "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs",
        "!Sub 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:jobs'",
        "{ 'Fn::Join': [':', [arn, aws, sqs, !Ref AWS::Region, !Ref AWS::AccountId, jobs]] }",
    ] {
        assert_eq!(each("work/serverless.yml", &service(arn)), all, "{arn}");
    }
    for arn in ["arn:aws:sqs:eu-west-1:111122223333:jobs", "!Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:jobs'"] {
        assert_eq!(each("work/template.yaml", &sam("", arn)), all, "{arn}");
        assert_eq!(each("work/template.yaml", &mapping(arn)), all, "{arn}");
    }
    let blocks = "data \"aws_caller_identity\" \"me\" {\n}\ndata \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n}\n";
    for arn in [
        "\"arn:aws:sqs:eu-west-1:111122223333:jobs\"",
        "\"arn:aws:sqs:eu-west-1:${data.aws_caller_identity.me.account_id}:jobs\"",
        "data.aws_sqs_queue.jobs.arn",
    ] {
        assert_eq!(each("work/main.tf", &terraform(blocks, arn)), all, "{arn}");
    }
}

#[test]
fn a_parameter_is_written_by_any_format_and_read_by_any() {
    let all = labels(["tf", "Cfn", "Sls"]);
    for arn in [
        "${ssm:/shop/jobs}",
        "${ssm(eu-west-1):/shop/jobs}",
        "${ssm.eu-west-1:/shop/jobs}",
        "'{{resolve:ssm:/shop/jobs:1}}'",
    ] {
        assert_eq!(each("work/serverless.yml", &service(arn)), all, "{arn}");
    }
    let stored = "Parameters:\n  Q: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /shop/jobs }\n";
    assert_eq!(each("work/template.yaml", &sam(stored, "!Ref Q")), all);
    assert_eq!(each("work/template.yaml", &mapping("'{{resolve:ssm:/shop/jobs}}'")), all);
    let sub = "Parameters:\n  Shop: { Type: String, Default: shop }\n";
    assert_eq!(each("work/template.yaml", &sam(sub, "!Sub '{{resolve:ssm:/${Shop}/jobs}}'")), all);
    let data = "data \"aws_ssm_parameter\" \"q\" {\n  name = \"/shop/jobs\"\n}\n";
    assert_eq!(each("work/main.tf", &terraform(data, "data.aws_ssm_parameter.q.value")), all);

    let none = labels(["", "", ""]);
    assert_eq!(each("work/serverless.yml", &service("${ssm:/shop/job}")), none);
    assert_eq!(each("work/template.yaml", &mapping("'{{resolve:secretsmanager:/shop/jobs}}'")), none);
    // The service is in another region than the parameter that is read.
    let elsewhere = each("work/serverless.yml", &service("${ssm(us-east-1):/shop/jobs}"));
    assert_eq!(elsewhere, labels(["tf", "Cfn", ""]));
}

#[test]
fn an_export_is_imported() {
    let by_stack = labels(["", "Cfn", "Sls"]);
    let import = "!ImportValue queues-dev-QueueArn";
    assert_eq!(each("work/template.yaml", &sam("", import)), by_stack);
    assert_eq!(each("work/template.yaml", &mapping(import)), by_stack);
    assert_eq!(each("work/serverless.yml", &service(import)), by_stack);
    let parameter = "Parameters:\n  Network: { Type: String }\n";
    let open = "{ 'Fn::ImportValue': !Sub '${Network}-QueueArn' }";
    assert_eq!(each("work/template.yaml", &sam(parameter, open)), by_stack);
    let data = "data \"aws_cloudformation_export\" \"q\" {\n  name = \"queues-dev-QueueArn\"\n}\n";
    assert_eq!(each("work/main.tf", &terraform(data, "data.aws_cloudformation_export.q.value")), by_stack);
    assert_eq!(each("work/template.yaml", &mapping("!ImportValue shop-jobs")), labels(["", "Cfn", ""]));

    // The end of the name is another one, or only a part of one.
    for import in ["!ImportValue queues-dev-DeadQueueArn", "!ImportValue QueueArn", "!ImportValue shop-job"] {
        assert_eq!(each("work/template.yaml", &mapping(import)), labels(["", "", ""]), "{import}");
    }
}

#[test]
fn what_is_computed_from_a_name_is_not_that_name() {
    // The account of one queue in the ARN of another.
    let account = "!Select [4, !Split [':', !ImportValue shop-jobs]]";
    let arn = format!("{{ 'Fn::Join': [':', [arn, aws, sqs, !Ref AWS::Region, {account}, others]] }}");
    let files = |reader: &str| queue(&[("q/template.yaml", CLOUDFORMATION), ("work/template.yaml", reader)]);
    assert_eq!(files(&sam("", &arn)), None);
    assert_eq!(files(&sam("", account)), None);
    assert_eq!(files(&sam("", "!Sub ['${Q}-dead', { Q: !ImportValue shop-jobs }]")), None);
    assert_eq!(files(&sam("", "!Sub ['${Q}', { Q: !ImportValue shop-jobs }]")), Some("Cfn".to_string()));
    assert_eq!(each("work/serverless.yml", &service("${ssm:/shop/jobs}${ssm:/shop/jobs}")), labels(["", "", ""]));
}

#[test]
fn of_two_exports_that_may_be_meant_neither_is() {
    let other = CLOUDFORMATION.replace("Cfn", "Other").replace("default: shop", "default: mail");
    let files = |import: &str| {
        let reader = mapping(import);
        queue(&[("a/template.yaml", CLOUDFORMATION), ("b/template.yaml", &other), ("work/template.yaml", &reader)])
    };
    assert_eq!(files("!ImportValue queues-QueueArn"), None);
    assert_eq!(files("!ImportValue shop-jobs"), None);
    let reader = mapping("!ImportValue queues-QueueArn");
    let texts = [("a/template.yaml", CLOUDFORMATION), ("b/template.yaml", &other), ("work/template.yaml", &reader)];
    assert!(open(&texts).contains(
        &"the source of an event of `worker`: there is more than one candidate for `queues-QueueArn`".into()
    ));
}

#[test]
fn an_output_is_read_by_the_name_of_its_stack() {
    let of_service = labels(["", "", "Sls"]);
    for arn in [
        "${cf:queues-dev.QueueArn}",
        "${cf(eu-west-1):queues-dev.QueueArn}",
        "${cf.eu-west-1:queues-${sls:stage}.QueueArn}",
        "${output:queues.queue}",
    ] {
        assert_eq!(each("work/serverless.yml", &service(arn)), of_service, "{arn}");
    }
    let data = "data \"aws_cloudformation_stack\" \"s\" {\n  name = \"queues-dev\"\n}\n";
    for output in
        ["data.aws_cloudformation_stack.s.outputs[\"QueueArn\"]", "data.aws_cloudformation_stack.s.outputs.QueueArn"]
    {
        assert_eq!(each("work/main.tf", &terraform(data, output)), of_service, "{output}");
    }
    for arn in ["${cf:queues-prod.QueueArn}", "${cf(us-east-1):queues-dev.QueueArn}", "${cf:queues-dev.Queue}"] {
        assert_eq!(each("work/serverless.yml", &service(arn)), labels(["", "", ""]), "{arn}");
    }
}

#[test]
fn a_compose_file_passes_on_what_another_service_puts_out() {
    let read = |output: &str| {
        let compose =
            format!("services:\n  made: {{ path: q }}\n  used:\n    path: work\n    params: {{ queue: '{output}' }}\n");
        let reader = service("${param:queue}");
        queue(&[("serverless-compose.yml", &compose), ("q/serverless.yml", SERVICE), ("work/serverless.yml", &reader)])
    };
    assert_eq!(read("${made.QueueArn}"), Some("Sls".to_string()));
    assert_eq!(read("${made.Other}"), None);
    assert_eq!(read("${other.QueueArn}"), None);
    assert_eq!(read("x${made.QueueArn}"), None);
}

#[test]
fn one_name_is_many_things() {
    let topic = "resource \"aws_sns_topic\" \"jobs\" {\n  name = \"jobs\"\n}\n";
    // A topic is no queue, and a table is no stream.
    let arn = "arn:aws:sns:eu-west-1:111122223333:jobs";
    assert_eq!(each("work/serverless.yml", &service(arn)), labels(["", "", ""]));
    assert_eq!(queue(&[("q/main.tf", topic), ("work/serverless.yml", &service("arn:aws:sqs:eu-west-1:1:jobs"))]), None);
    // What is in the name of another thing is not that thing.
    let dead = terraform(
        "resource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n}\n",
        "\"arn:aws:sqs:eu:1:${aws_sqs_queue.jobs.name}-dead\"",
    );
    assert_eq!(queue(&[("main.tf", &dead)]), None);
    let reader = service("arn:aws:sqs:eu-west-1:111122223333:jobs-dead");
    assert_eq!(each("work/serverless.yml", &reader), labels(["", "", ""]));
}

#[test]
fn another_region_or_account_is_another_queue() {
    let provider = |settings: &str| format!("provider \"aws\" {{\n  {settings}\n}}\n{TERRAFORM}");
    let read = |arn: &str, settings: &str| {
        queue(&[("q/main.tf", &provider(settings)), ("work/serverless.yml", &service(arn))])
    };
    let arn = "arn:aws:sqs:eu-west-1:111122223333:jobs";
    let found = Some("tf".to_string());
    assert_eq!(read(arn, "region = \"eu-west-1\""), found);
    assert_eq!(read(arn, "region = \"us-east-1\""), None);
    assert_eq!(read("arn:aws:sqs:*:*:jobs", "region = \"us-east-1\""), found);
    assert_eq!(read("https://sqs.eu-west-1.amazonaws.com/111122223333/jobs", "region = \"us-east-1\""), None);
    assert_eq!(read(arn, "region = var.region"), found);
    assert_eq!(read(arn, "allowed_account_ids = [\"111122223333\"]"), found);
    assert_eq!(read(arn, "allowed_account_ids = [\"444455556666\"]"), None);
    // A second provider may be where the queue is.
    let second = "region = \"us-east-1\"\n}\nprovider \"aws\" {\n  alias = \"eu\"\n  region = \"eu-west-1\"";
    assert_eq!(read(arn, second), found);
}

#[test]
fn of_two_queues_of_one_name_the_own_one_or_none_is_meant() {
    let other = TERRAFORM.replace("\"tf\"", "\"other\"").replace(".tf.", ".other.").replace("/shop", "/mail");
    let reader = service("arn:aws:sqs:eu-west-1:111122223333:jobs");
    let texts = [("a/main.tf", TERRAFORM), ("b/main.tf", &other), ("work/serverless.yml", &reader)];
    assert_eq!(queue(&texts), None);
    assert_eq!(open(&texts), ["the queue of `worker`: there is more than one candidate for `jobs`"]);
    // Two regions tell them apart.
    let there = format!("provider \"aws\" {{\n  region = \"us-east-1\"\n}}\n{other}");
    let here = format!("provider \"aws\" {{\n  region = \"eu-west-1\"\n}}\n{TERRAFORM}");
    let texts = [("a/main.tf", here.as_str()), ("b/main.tf", &there), ("work/serverless.yml", &reader)];
    assert_eq!(queue(&texts), Some("tf".to_string()));
    // What is in the same root module is nearer.
    let own = terraform(TERRAFORM, "\"arn:aws:sqs:eu-west-1:111122223333:jobs\"");
    assert_eq!(queue(&[("a/main.tf", &own), ("b/main.tf", &other)]), Some("tf".to_string()));
}

/// The stream that `worker` reads: which kind, and what declares it.
fn stream(files: &[(&str, &str)]) -> Option<(StreamKind, Option<String>)> {
    let model = joined(files);
    let trigger = model.trigger("worker");
    let declared = trigger.source.as_ref().and_then(|source| model.architecture.backing(source));
    match &trigger.kind {
        TriggerKind::Stream(stream) => Some((stream.kind, declared.map(|one| one.identity.label.to_string()))),
        _ => None,
    }
}

#[test]
fn what_is_handed_on_turns_out_to_be_a_stream() {
    let clicks = "resource \"aws_kinesis_stream\" \"clicks\" {\n  name = \"clicks\"\n}\nresource \"aws_ssm_parameter\" \"s\" \
                  {\n  name  = \"/shop/stream\"\n  value = aws_kinesis_stream.clicks.arn\n}\n";
    let orders = "Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties: { TableName: orders }\nOutputs:\n  \
                  S:\n    Value: !GetAtt Orders.StreamArn\n    Export: { Name: orders-stream }\n";
    let kinesis = Some((StreamKind::Kinesis, Some("clicks".to_string())));
    let table = Some((StreamKind::DynamoDb, Some("Orders".to_string())));
    let declared = [("q/main.tf", clicks), ("q/template.yaml", orders)];
    let read = |path: &str, text: &str| stream(&[declared[0], declared[1], (path, text)]);
    assert_eq!(read("work/template.yaml", &mapping("'{{resolve:ssm:/shop/stream}}'")), kinesis);
    assert_eq!(read("work/template.yaml", &mapping("!ImportValue orders-stream")), table);
    let event = |arn: &str| service("x").replace("sqs:\n          arn: x", &format!("stream: {{ arn: {arn} }}"));
    assert_eq!(read("work/serverless.yml", &event("!ImportValue orders-stream")), table);
    assert_eq!(read("work/serverless.yml", &event("'${ssm:/shop/stream}'")), kinesis);
    assert_eq!(read("work/serverless.yml", &event("arn:aws:kinesis:eu-west-1:1:stream/clicks")), kinesis);
    let by_arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2024-01-01T00:00:00.000";
    assert_eq!(read("work/serverless.yml", &event(by_arn)), table);
    let data = "data \"aws_dynamodb_table\" \"orders\" {\n  name = \"orders\"\n}\n";
    assert_eq!(read("work/main.tf", &terraform(data, "data.aws_dynamodb_table.orders.stream_arn")), table);
    // A queue in the same way is a queue.
    assert_eq!(
        stream(&[("q/template.yaml", CLOUDFORMATION), ("work/template.yaml", &mapping("!ImportValue shop-jobs"))]),
        None
    );
}

/// What a topic or a bucket is declared as that sets `worker` off.
fn source(files: &[(&str, &str)]) -> Option<String> {
    let model = joined(files);
    let source = model.trigger("worker").source.as_ref()?;
    Some(model.architecture.backing(source)?.identity.label.to_string())
}

#[test]
fn topics_and_buckets_join_as_well() {
    let declared = "resource \"aws_sns_topic\" \"news\" {\n  name = \"news\"\n}\nresource \"aws_s3_bucket\" \"files\" {\n  \
                    bucket = \"shop-files\"\n}\n";
    let news = Some("news".to_string());
    let files = Some("files".to_string());
    let event = |text: &str| service("x").replace("sqs:\n          arn: x", text);
    let read = |text: &str| source(&[("infra/main.tf", declared), ("work/serverless.yml", &event(text))]);
    assert_eq!(read("sns: arn:aws:sns:eu-west-1:111122223333:news"), news);
    assert_eq!(read("sns: { arn: 'arn:aws:sns:${aws:region}:${aws:accountId}:news', topicName: news }"), news);
    assert_eq!(read("s3: { bucket: shop-files, existing: true }"), files);
    // These make a topic and a bucket of their own.
    assert_eq!(read("sns: news"), None);
    assert_eq!(read("s3: shop-files"), None);

    let sam = "Transform: AWS::Serverless-2016-10-31\nResources:\n  worker:\n    Type: AWS::Serverless::Function\n    \
               Properties:\n      Events:\n        N:\n          Type: SNS\n          Properties: { Topic: \
               'arn:aws:sns:eu-west-1:111122223333:news' }\n";
    assert_eq!(source(&[("infra/main.tf", declared), ("work/template.yaml", sam)]), news);
    let topics = "Resources:\n  News:\n    Type: AWS::SNS::Topic\n    Properties: { TopicName: news }\n";
    let subscribed = "data \"aws_sns_topic\" \"news\" {\n  name = \"news\"\n}\nresource \"aws_lambda_function\" \"worker\" \
                      {\n}\nresource \"aws_sns_topic_subscription\" \"s\" {\n  protocol  = \"lambda\"\n  topic_arn = \
                      data.aws_sns_topic.news.arn\n  endpoint  = aws_lambda_function.worker.arn\n}\n";
    assert_eq!(source(&[("q/template.yaml", topics), ("work/main.tf", subscribed)]), Some("News".to_string()));
}

#[test]
fn a_function_of_a_service_is_called_by_the_outputs_of_its_stack() {
    let called = "service: calls\nprovider: { name: aws }\nfunctions:\n  check:\n    handler: a.a\n";
    let rule = |name: &str| {
        format!(
            "resource \"aws_cloudwatch_event_rule\" \"r\" {{\n  schedule_expression = \"rate(1 hour)\"\n}}\ndata \
             \"aws_cloudformation_stack\" \"s\" {{\n  name = \"calls-dev\"\n}}\nresource \"aws_cloudwatch_event_target\" \
             \"t\" {{\n  rule = aws_cloudwatch_event_rule.r.name\n  arn  = data.aws_cloudformation_stack.s.outputs[\"{name}\"]\n}}\n"
        )
    };
    let found = model(&[("serverless.yml", called), ("infra/main.tf", &rule("CheckLambdaFunctionQualifiedArn"))]);
    let trigger = found.trigger("check");
    assert!(matches!(trigger.kind, TriggerKind::Schedule(_)) && trigger.target.qualified);
    let other = model(&[("serverless.yml", called), ("infra/main.tf", &rule("OtherLambdaFunctionQualifiedArn"))]);
    assert!(other.triggers("check").is_empty());
}

/// A pod that is scaled by what it reads, with an environment variable.
fn scaled(trigger: &str, value: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: worker }}\nspec:\n  selector: {{ matchLabels: {{ app: w }} \
         }}\n  template:\n    metadata: {{ labels: {{ app: w }} }}\n    spec:\n      containers:\n        - name: main\n          \
         image: a\n          env:\n            - {{ name: WHERE, value: '{value}' }}\n---\napiVersion: \
         keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{ name: worker }}\nspec:\n  scaleTargetRef: {{ name: worker \
         }}\n  triggers:\n    - {trigger}\n"
    )
}

#[test]
fn keda_scales_by_what_another_format_declares() {
    let all = labels(["tf", "Cfn", "Sls"]);
    let by = |url: &str, region: &str| {
        let metadata = format!("{{ queueURL: '{url}', awsRegion: {region} }}");
        each("k8s/worker.yaml", &scaled(&format!("{{ type: aws-sqs-queue, metadata: {metadata} }}"), ""))
    };
    assert_eq!(by("https://sqs.eu-west-1.amazonaws.com/111122223333/jobs", "eu-west-1"), all);
    assert_eq!(by("jobs", "eu-west-1"), all);
    assert_eq!(by("jobs", "us-east-1"), labels(["tf", "Cfn", ""]));
    assert_eq!(by("job", "eu-west-1"), labels(["", "", ""]));
    // A queue of RabbitMQ is none of SQS.
    let rabbit = scaled("{ type: rabbitmq, metadata: { queueName: jobs } }", "");
    assert_eq!(each("k8s/worker.yaml", &rabbit), labels(["", "", ""]));

    let clicks = "resource \"aws_kinesis_stream\" \"clicks\" {\n  name = \"clicks\"\n}\n";
    let stream = scaled("{ type: aws-kinesis-stream, metadata: { streamName: clicks } }", "");
    assert_eq!(source(&[("q/main.tf", clicks), ("k8s/worker.yaml", &stream)]), Some("clicks".to_string()));
}

/// What the environment of `worker` names.
fn used(files: &[(&str, &str)]) -> Vec<String> {
    let model = joined(files);
    let uses = model.workload("worker").uses.iter().map(|used| match used {
        Use::Queue(link) => model.architecture.queue(link).map(|queue| &queue.identity.label),
        Use::Backing(link) => model.architecture.backing(link).map(|one| &one.identity.label),
    });
    uses.map(|label| label.map_or("?".to_string(), |label| label.to_string())).collect()
}

#[test]
fn an_environment_names_what_it_uses_by_arn_url_or_reference() {
    let pod = |value: &str| used(&[("q/main.tf", TERRAFORM), ("k8s/worker.yaml", &scaled("{ type: cron }", value))]);
    assert_eq!(pod("https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"), ["tf"]);
    assert_eq!(pod("arn:aws:sqs:eu-west-1:111122223333:jobs"), ["tf"]);
    // A plain word may be the name of anything.
    assert!(pod("jobs").is_empty());
    let service = "service: work\nprovider: { name: aws }\nfunctions:\n  worker:\n    handler: a.a\n    environment:\n      \
                   QUEUE: ${ssm:/shop/jobs}\n      TABLE: !Ref Orders\n      OTHER: jobs\nresources:\n  Resources:\n    \
                   Orders: { Type: 'AWS::DynamoDB::Table' }\n";
    assert_eq!(used(&[("q/main.tf", TERRAFORM), ("work/serverless.yml", service)]), ["tf", "Orders"]);
}

#[test]
fn one_queue_that_two_formats_read_is_one_finding() {
    let slow = TERRAFORM.replace("\"jobs\"", "\"jobs\"\n  visibility_timeout_seconds = 10");
    let by_arn = "arn:aws:sqs:eu-west-1:111122223333:jobs";
    let texts = [
        ("q/main.tf", slow),
        ("a/serverless.yml", service(by_arn).replace("handler: a.a", "handler: a.a\n    timeout: 60")),
        ("b/template.yaml", sam("", by_arn).replace("      Events", "      Timeout: 60\n      Events")),
    ];
    let texts = texts.map(|(path, text)| (std::path::PathBuf::from(path), text)).to_vec();
    let report = archlint::engine::run(archlint::engine::Input::Texts(texts), &Default::default());
    let found: Vec<_> = report.findings.iter().map(|finding| finding.lint).collect();
    assert_eq!(found, ["queue-visibility-below-timeout"]);
    let places = |text: &str| report.findings[0].labels().filter(|label| label.text.contains(text)).count();
    assert_eq!((places("reads the queue here"), places("is declared here")), (2, 1));
}

#[test]
fn how_long_a_stream_keeps_its_records_is_taken_from_its_declaration() {
    let event = "stream: { arn: 'arn:aws:kinesis:eu-west-1:111122223333:stream/clicks' }";
    let reader = service("x").replace("sqs:\n          arn: x", event);
    let why = |declared: &str| {
        let stream = format!("resource \"aws_kinesis_stream\" \"clicks\" {{\n  name = \"clicks\"\n{declared}}}\n");
        let texts = [("q/main.tf", stream), ("a/serverless.yml", reader.clone())];
        let texts = texts.map(|(path, text)| (std::path::PathBuf::from(path), text)).to_vec();
        let report = archlint::engine::run(archlint::engine::Input::Texts(texts), &Default::default());
        assert_eq!(report.findings.len(), 1);
        report.findings[0].why.clone().unwrap_or_default()
    };
    assert!(why("").contains("until it expires, after 24 h by default, and"));
    assert!(why("  retention_period = 168\n").contains("until it expires, after 168 h, and"));
    assert!(why("  retention_period = var.hours\n").contains("until it expires, and"));
}

#[test]
fn a_consumer_reads_the_stream_that_it_is_registered_with() {
    let consumer = "resource \"aws_kinesis_stream\" \"clicks\" {\n  name             = \"clicks\"\n  retention_period = 48\n}\nresource \"aws_kinesis_stream_consumer\" \"fan\" {\n  stream_arn = aws_kinesis_stream.clicks.arn\n}\nresource \"aws_lambda_function\" \"worker\" {}\nresource \"aws_lambda_event_source_mapping\" \"m\" {\n  event_source_arn = aws_kinesis_stream_consumer.fan.arn\n  function_name    = aws_lambda_function.worker.arn\n}\n";
    assert_eq!(source(&[("main.tf", consumer)]), Some("clicks".to_string()));
    let sam = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Clicks: {Type: AWS::Kinesis::Stream, Properties: {RetentionPeriodHours: 48}}\n  Fan: {Type: AWS::Kinesis::StreamConsumer, Properties: {StreamARN: !GetAtt Clicks.Arn}}\n  worker: {Type: AWS::Serverless::Function, Properties: {Events: {X: {Type: Kinesis, Properties: {Stream: !GetAtt Fan.ConsumerARN}}}}}\n";
    assert_eq!(source(&[("template.yaml", sam)]), Some("Clicks".to_string()));
}

#[test]
fn databases_and_clusters_are_named_across_formats() {
    let database = "resource \"aws_db_instance\" \"orders\" {\n  identifier = \"orders\"\n}\nresource \"aws_ssm_parameter\" \"host\" {\n  name  = \"/orders/host\"\n  value = aws_db_instance.orders.address\n}\n";
    let service = |value: &str| {
        format!(
            "service: shop\nprovider: {{ name: aws }}\nfunctions:\n  worker:\n    handler: a.b\n    environment: {{ HOST: '{value}' }}\n"
        )
    };
    let by_parameter = service("${ssm:/orders/host}");
    assert_eq!(used(&[("db/main.tf", database), ("app/serverless.yml", &by_parameter)]), ["orders"]);
    let by_arn = service("arn:aws:rds:eu-west-1:111122223333:db:orders");
    assert_eq!(used(&[("db/main.tf", database), ("app/serverless.yml", &by_arn)]), ["orders"]);
    let other = service("arn:aws:rds:eu-west-1:111122223333:db:mails");
    assert_eq!(used(&[("db/main.tf", database), ("app/serverless.yml", &other)]), [""; 0]);

    let cluster = "Resources:\n  Main:\n    Type: AWS::ECS::Cluster\n    Properties: { ClusterName: main }\nOutputs:\n  Cluster:\n    Value: !GetAtt Main.Arn\n    Export: { Name: main-cluster }\n";
    let runs_in = |cluster: &str, data: &str| {
        format!("{data}resource \"aws_ecs_service\" \"worker\" {{\n  cluster = {cluster}\n}}\n")
    };
    let by_export = runs_in(
        "data.aws_cloudformation_export.c.value",
        "data \"aws_cloudformation_export\" \"c\" {\n  name = \"main-cluster\"\n}\n",
    );
    assert_eq!(used(&[("base.yaml", cluster), ("app/main.tf", &by_export)]), ["Main"]);
    let by_name =
        runs_in("data.aws_ecs_cluster.c.arn", "data \"aws_ecs_cluster\" \"c\" {\n  cluster_name = \"main\"\n}\n");
    assert_eq!(used(&[("base.yaml", cluster), ("app/main.tf", &by_name)]), ["Main"]);
    let by_arn = runs_in("\"arn:aws:ecs:eu-west-1:111122223333:cluster/main\"", "");
    assert_eq!(used(&[("base.yaml", cluster), ("app/main.tf", &by_arn)]), ["Main"]);
    // A service of that name is no cluster.
    let service = runs_in("\"arn:aws:ecs:eu-west-1:111122223333:service/main/main\"", "");
    assert_eq!(used(&[("base.yaml", cluster), ("app/main.tf", &service)]), [""; 0]);
}

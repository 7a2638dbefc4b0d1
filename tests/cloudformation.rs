//! CloudFormation and SAM templates: what references lead to, what functions inherit, what sets them off.

mod support;

use archlint::model::{ConcurrencyPolicy, Gateway, Platform, TriggerKind, WorkloadKind};
use support::model::{Model, model, spell};

fn template(text: &str) -> Model {
    model(&[("template.yaml", text)])
}

/// A SAM template with one function `F` whose properties are given.
fn function(properties: &str) -> Model {
    template(&format!(
        "
Transform: AWS::Serverless-2016-10-31
Parameters:
  Seconds: {{Type: Number, Default: 40}}
  Unset: {{Type: Number}}
  Name: {{Type: String, Default: orders}}
Mappings:
  Sizes: {{eu: {{timeout: 70}}}}
Conditions:
  IsLarge: !Equals [!Ref Name, orders]
  IsOpen: !Equals [!Ref Unset, 1]
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {properties}
"
    ))
}

#[test]
fn references_to_parameters_carry_the_default_and_its_place() {
    let model = function("{Timeout: !Ref Seconds}");
    assert_eq!(model.timeout("F"), "40");
    let steps = model.steps(&model.workload("F").timeout);
    assert_eq!(steps.len(), 2, "{steps:?}");
    assert!(steps[0].starts_with("reference Ref Seconds @ template.yaml:15"), "{steps:?}");
    assert_eq!(steps[1], "default of Seconds @ template.yaml:4 40");
}

#[test]
fn a_parameter_without_a_default_is_not_known() {
    assert!(function("{Timeout: !Ref Unset}").timeout("F").starts_with("unknown: `Unset` has no default"));
    assert!(function("{Timeout: !ImportValue shared-timeout}").timeout("F").starts_with("unknown:"));
}

#[test]
fn functions_are_evaluated_in_both_spellings() {
    for value in ["!FindInMap [Sizes, eu, timeout]", "{'Fn::FindInMap': [Sizes, eu, timeout]}"] {
        assert_eq!(function(&format!("{{Timeout: {value}}}")).timeout("F"), "70", "{value}");
    }
    assert_eq!(function("{Timeout: !If [IsLarge, 50, 5]}").timeout("F"), "50");
    assert_eq!(function("{Timeout: !If [IsLarge, !Ref 'AWS::NoValue', 5]}").timeout("F"), "3", "the platform's own");
    assert!(function("{Timeout: !If [IsOpen, 50, 5]}").timeout("F").starts_with("unknown:"));
    let named = function("{FunctionName: !Sub '${Name}-worker'}");
    assert_eq!(named.workload("F").identity.name.set().map(AsRef::as_ref), Some("orders-worker"));
}

#[test]
fn a_resource_whose_condition_is_false_is_not_there() {
    let text = |condition: &str| {
        format!(
            "
Parameters: {{Stage: {{Type: String, Default: dev}}, Open: {{Type: String}}}}
Conditions: {{Live: !Equals [!Ref Stage, live], Open: !Equals [!Ref Open, x]}}
Resources:
  F: {{Type: 'AWS::Lambda::Function', Condition: {condition}, Properties: {{}}}}
"
        )
    };
    assert_eq!(template(&text("Live")).architecture.workloads().count(), 0);
    assert_eq!(template(&text("Open")).architecture.workloads().count(), 1, "it cannot be told, so it counts");
}

#[test]
fn functions_inherit_globals_and_say_so() {
    let model = template(
        "
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Timeout: 25, Runtime: java21, Environment: {Variables: {A: 1}}}}
Resources:
  Own: {Type: AWS::Serverless::Function, Properties: {Timeout: 5, Environment: {Variables: {B: 2}}}}
  Shared: {Type: AWS::Serverless::Function}
  Plain: {Type: AWS::Lambda::Function, Properties: {}}
",
    );
    assert_eq!([model.timeout("Own"), model.timeout("Shared"), model.timeout("Plain")], ["5", "25", "3"]);
    let steps = model.steps(&model.workload("Shared").timeout);
    assert!(steps[0].starts_with("inherited from `Globals.Function`"), "{steps:?}");
    let names: Vec<_> = model.workload("Own").environment.iter().map(|variable| variable.name.to_string()).collect();
    assert_eq!(names, ["A", "B"]);
    assert!(model.workload("Plain").environment.is_empty(), "`Globals` are for SAM's own functions");
}

/// What all functions share may come from a macro: whatever a function does not write itself is then open.
#[test]
fn shared_settings_that_cannot_be_told_leave_everything_open() {
    let model = model(&[(
        "template.yaml",
        "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Fn::Transform: {Name: Shared}}}\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Timeout: 20}\n",
    )]);
    let function = model.function("F");
    assert_eq!(model.timeout("F"), "20");
    for open in [&function.durable_timeout, &function.provisioned_concurrency, &function.reserved_concurrency] {
        assert!(spell(open).starts_with("unknown:"), "{}", spell(open));
    }
    assert!(function.managed_instances.known().is_none() && function.file_system.known().is_none());
}

#[test]
fn events_of_sam_become_triggers() {
    let events = [
        ("{Type: Api, Properties: {Path: /a, Method: get}}", Gateway::RestApi, Some(29)),
        ("{Type: HttpApi, Properties: {Path: /a, Method: get, TimeoutInMillis: 9500}}", Gateway::HttpApi, Some(10)),
        ("{Type: HttpApi}", Gateway::HttpApi, Some(30)),
    ];
    for (event, gateway, limit) in events {
        let model = function(&format!("{{Events: {{E: {event}}}}}"));
        let http = model.http("F");
        assert_eq!((http.gateway, http.limit.set().copied()), (gateway, limit), "{event}");
    }
    let model = function("{Events: {E: {Type: Schedule, Properties: {Schedule: rate(1 hour), Enabled: false}}}}");
    assert!(model.triggers("F").is_empty());
    let model = function("{Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: 'rate(1 hour)'}}}}");
    assert_eq!(model.architecture.runs_per_month(model.workload("F")), Some(730.0));
    let model = function("{FunctionUrlConfig: {AuthType: NONE}}");
    assert_eq!(model.http("F").is_public.known(), Some(&true));
    assert_eq!(model.http("F").limit.known(), Some(&None), "it waits as long as the function may run");
}

#[test]
fn every_kind_of_event_of_sam_has_a_kind_of_trigger() {
    let cases = [
        ("{Type: Kinesis, Properties: {Stream: 'arn:aws:kinesis:a:1:stream/s'}}", "the Kinesis stream"),
        ("{Type: DynamoDB, Properties: {Stream: 'arn:aws:dynamodb:a:1:table/t/stream/s'}}", "the DynamoDB stream"),
        ("{Type: SQS, Properties: {Queue: 'arn:aws:sqs:a:1:q'}}", "the queue"),
        ("{Type: Cognito, Properties: {UserPool: !Ref P, Trigger: [PreSignUp]}}", "the Cognito user pool"),
        ("{Type: AlexaSkill}", "the Alexa skill"),
        ("{Type: Schedule, Properties: {Schedule: rate(1 day)}}", "the schedule"),
        ("{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}", "the schedule"),
        ("{Type: WebSocket, Properties: {RouteKey: a}}", "API Gateway (WebSocket)"),
        ("{Type: SNS, Properties: {Topic: !Ref T}}", "the event"),
        ("{Type: S3, Properties: {Bucket: !Ref B}}", "the event"),
        ("{Type: EventBridgeRule, Properties: {Pattern: {}}}", "the event"),
        ("{Type: CloudWatchEvent, Properties: {Pattern: {}}}", "the event"),
        ("{Type: MSK, Properties: {Stream: 'arn:aws:kafka:a:1:cluster/c'}}", "the event"),
        ("{Type: MQ, Properties: {Broker: 'arn:aws:mq:a:1:broker:b'}}", "the event"),
        ("{Type: SelfManagedKafka, Properties: {Topics: [a]}}", "the event"),
        ("{Type: DocumentDB, Properties: {Cluster: 'arn:aws:rds:a:1:cluster:c'}}", "the event"),
        ("{Type: CloudWatchLogs, Properties: {LogGroupName: a}}", "the event"),
        ("{Type: IoTRule, Properties: {Sql: a}}", "the event"),
    ];
    for (event, name) in cases {
        assert_eq!(function(&format!("{{Events: {{E: {event}}}}}")).trigger("F").name(), name, "{event}");
    }
}

#[test]
fn connectors_set_nothing_off() {
    let model = template(
        "
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Connectors: {Own: {Properties: {Destination: {Id: Jobs}, Permissions: [Write]}}}
    Properties: {Timeout: 5}
  Jobs: {Type: AWS::SQS::Queue}
  Link: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Jobs}, Destination: {Id: F}, Permissions: [Read]}}
",
    );
    assert_eq!(model.timeout("F"), "5");
    assert!(model.triggers("F").is_empty());
}

#[test]
fn mappings_lead_to_queues_and_functions() {
    let model = template(
        "
Resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 45, QueueName: jobs}}
  Worker: {Type: AWS::Lambda::Function, Properties: {Timeout: 20}}
  Read: {Type: AWS::Lambda::EventSourceMapping, Properties: {EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref Worker}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {StreamSpecification: {StreamViewType: NEW_IMAGE}}}
  Follow:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Table.StreamArn, FunctionName: !GetAtt Other.Arn, MaximumRetryAttempts: 4}
  Other: {Type: AWS::Lambda::Function, Properties: {}}
",
    );
    assert_eq!(model.queue("Worker").as_deref(), Some("Jobs"));
    let visibility = model.architecture.queues().next().map(|queue| queue.visibility.known().copied());
    assert_eq!(visibility, Some(Some(45)));
    match &model.trigger("Other").kind {
        TriggerKind::Stream(stream) => assert_eq!(stream.maximum_retries.set(), Some(&4)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn methods_and_integrations_wait_as_their_api_does() {
    let model = template(
        "
Resources:
  F: {Type: AWS::Lambda::Function, Properties: {}}
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {EndpointConfiguration: {Types: [REGIONAL]}}}
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      Integration:
        Type: AWS_PROXY
        TimeoutInMillis: 60000
        Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'
",
    );
    let http = model.http("F");
    assert_eq!((http.gateway, http.limit.set()), (Gateway::RestApi, Some(&60)));
    assert!(http.limit_is_quota, "a regional API's limit can be raised");
}

#[test]
fn tasks_that_rules_start_are_jobs_and_services_are_services() {
    let model = template(
        "
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Memory: 2048
      ContainerDefinitions: [{Name: app, Image: app:1, Command: [sh, -c, 'while true; do ./run; sleep 600; done']}]
  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets: [{Arn: !GetAtt Cluster.Arn, Id: a, EcsParameters: {TaskDefinitionArn: !Ref Task}}]
  Cluster: {Type: AWS::ECS::Cluster}
  Web: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task}}
",
    );
    let job = model.workload("Task");
    assert_eq!((job.kind, job.platform), (WorkloadKind::Job, Platform::AwsEcs));
    assert_eq!(model.architecture.runs_per_month(job).map(f64::round), Some(30.0));
    let service = model.workload("Web");
    assert_eq!((service.kind, service.replicas.set()), (WorkloadKind::Service, Some(&1)));
    let repeats = service.containers[0].repeats.as_ref().map(|one| one.period);
    assert_eq!(repeats, Some(Some(600)));
    assert!(job.concurrency_policy.as_ref().is_none_or(|policy| policy.known() != Some(&ConcurrencyPolicy::Forbid)));
}

#[test]
fn state_machines_and_versions_are_followed() {
    let model = template(
        "
Resources:
  Step: {Type: AWS::Lambda::Function, Properties: {Timeout: 900}}
  Flow:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        StartAt: A
        States: {A: {Type: Task, Resource: !GetAtt Step.Arn, Retry: [{MaxAttempts: 2}], Catch: [{Next: A}], End: true}}
  Api: {Type: AWS::Lambda::Function, Properties: {Runtime: java21, SnapStart: {ApplyOn: PublishedVersions}}}
  Version: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Api}}
",
    );
    assert!(model.function("Step").is_orchestrated);
    assert_eq!(model.function("Api").publishes.known(), Some(&true));
    assert_eq!(model.function("Api").snap_start.known(), Some(&true));
    assert!(!model.function("Api").is_orchestrated);
}

#[test]
fn a_template_in_json_is_read_like_one_in_yaml() {
    let model = model(&[(
        "stack.template",
        r#"{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 12}}}}"#,
    )]);
    assert_eq!(model.timeout("F"), "12");
}

#[test]
fn what_leads_back_to_itself_is_not_known() {
    let model = template(
        "
Conditions: {A: !Condition B, B: !Condition A}
Resources:
  F: {Type: AWS::Lambda::Function, Properties: {Timeout: !If [A, 1, 2]}}
",
    );
    assert!(model.timeout("F").starts_with("unknown:"));
}

//! `resources` of the Serverless Framework: what they add to a service, and what they change in what it generates.

mod support;

use archlint::model::{Packaging, TriggerKind};
use support::model::{Model, model, spell};

fn service(functions: &str, resources: &str) -> Model {
    let text = format!(
        "service: shop\nprovider: {{name: aws, timeout: 20, runtime: nodejs22.x}}\nfunctions:\n{functions}resources:\n{resources}"
    );
    model(&[("serverless.yml", &text)])
}

#[test]
fn extensions_replace_what_is_generated() {
    let model = service(
        "  one: {handler: a.main, environment: {A: 1, B: 2}}\n  two-fold: {handler: b.main, timeout: 30}\n",
        "  extensions:
    OneLambdaFunction:
      Properties:
        Timeout: 40
        MemorySize: !Ref Size
        ReservedConcurrentExecutions: 5
        EphemeralStorage: {Size: 2048}
        Environment: {Variables: {C: 3}}
    TwoDashfoldLambdaFunction:
      Properties: ${file(more.js)}
  Parameters:
    Size: {Type: Number, Default: 3008}
",
    );
    let (workload, function) = (model.workload("one"), model.function("one"));
    assert_eq!((model.timeout("one").as_str(), spell(&workload.memory).as_str()), ("40", "3008"));
    assert_eq!((spell(&function.reserved_concurrency).as_str(), spell(&function.disk).as_str()), ("5", "2048"));
    assert_eq!(spell(&function.runtime), "nodejs22.x");
    let names: Vec<_> = workload.environment.iter().map(|variable| &*variable.name).collect();
    assert_eq!(names, ["C"]);
    assert_eq!(
        model.steps(&workload.timeout),
        ["inherited from `resources` @ serverless.yml:4 one", "literal @ serverless.yml:10 40"]
    );
    assert_eq!(model.timeout("two-fold"), "unknown: `more.js` is a program, not data");
}

#[test]
fn resources_under_a_generated_name_are_merged_into_it() {
    let model = service(
        "  one: {handler: a.main, environment: {A: 1, B: 2}}\n",
        "  Resources:
    OneLambdaFunction:
      Type: AWS::Lambda::Function
      Properties: {Timeout: 50, Environment: {Variables: {B: 3}}}
    Other:
      Type: AWS::Lambda::Function
",
    );
    assert_eq!(model.architecture.workloads().count(), 2, "the generated function and the other one");
    assert_eq!(model.timeout("one"), "50");
    let environment: Vec<_> = model
        .workload("one")
        .environment
        .iter()
        .map(|one| (one.name.to_string(), one.value.known().and_then(|value| value.to_text()).unwrap().to_string()))
        .collect();
    assert_eq!(environment, [("A".into(), "1".into()), ("B".into(), "3".into())]);
}

#[test]
fn functions_that_a_condition_leaves_out_are_none() {
    let model = service(
        "  one: {handler: a.main, condition: Never}\n  two: {handler: a.main}\n  three: {handler: a.main, condition: Perhaps}\n",
        "  Conditions:
    Never: !Equals [a, b]
    Perhaps: !Equals [!Ref Unset, b]
  Parameters:
    Unset: {Type: String}
  extensions:
    TwoLambdaFunction: {Condition: Never}
",
    );
    let labels: Vec<_> = model.architecture.workloads().map(|workload| workload.label()).collect();
    assert_eq!(labels, ["three"]);
}

#[test]
fn sections_may_be_spread_over_files_and_lists() {
    let text = "\
service: shop
provider: {name: aws}
functions:
  one: {handler: a.main, events: [{sqs: {arn: !GetAtt Jobs.Arn}}]}
resources:
  - ${file(queues.yml)}
  - extensions: ${file(extensions.yml)}
  - Mappings: {Waits: {eu: {long: 33}}}
";
    let queues = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties: {VisibilityTimeout: !FindInMap [Waits, eu, long]}\n";
    let extensions = "OneLambdaFunction: {Properties: {Timeout: 44}}\n";
    let model = model(&[("serverless.yml", text), ("queues.yml", queues), ("extensions.yml", extensions)]);
    assert_eq!(model.timeout("one"), "44");
    assert_eq!(model.queue("one").as_deref(), Some("Jobs"));
    assert_eq!(model.architecture.queues().next().unwrap().visibility.known(), Some(&33));
}

#[test]
fn only_what_the_framework_hands_down_is_inherited() {
    let text = "\
service: shop
provider:
  name: aws
  runtime: java21
  layers: [a, b]
  reservedConcurrency: 5
  provisionedConcurrency: 6
  snapStart: true
  ephemeralStorageSize: 1024
functions:
  one: {handler: a.main}
  image: {image: 'repository/image:1'}
  own: {handler: a.main, layers: [c]}
";
    let model = model(&[("serverless.yml", text)]);
    let one = model.function("one");
    assert_eq!((spell(&one.runtime).as_str(), spell(&one.layers).as_str()), ("java21", "2"));
    assert_eq!(spell(&one.reserved_concurrency), "nothing");
    assert_eq!(spell(&one.provisioned_concurrency), "nothing");
    assert_eq!(one.snap_start.known(), Some(&false));
    assert_eq!(spell(&one.disk), "512");
    assert_eq!(spell(&model.function("own").layers), "1");
    let image = model.function("image");
    assert_eq!(image.packaging.known(), Some(&Packaging::Image));
    assert_eq!(spell(&image.runtime), "nothing");
}

#[test]
fn resources_may_be_a_list_of_files() {
    let text = "service: shop\nprovider: {name: aws}\nfunctions:\n  one: {handler: a.main, events: [{sqs: {arn: !GetAtt Jobs.Arn}}]}\nresources:\n  - ${file(queues.yml)}\n  - Resources:\n      Raw:\n        Type: AWS::Lambda::Function\n  - ${file(more.js)}\n";
    let queues = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties:\n      VisibilityTimeout: !Ref Wait\nParameters:\n  Wait: {Type: Number, Default: 44}\n";
    let model = model(&[("serverless.yml", text), ("queues.yml", queues)]);
    assert_eq!(model.queue("one").as_deref(), Some("Jobs"));
    assert_eq!(model.architecture.queues().next().unwrap().visibility.known(), Some(&44));
    // A function in `resources` has the platform's defaults, not the framework's.
    assert_eq!(model.timeout("Raw"), "3");
    assert_eq!(model.unresolved, ["`resources` of this service: `more.js` is a program, not data"]);
}

#[test]
fn resources_name_functions_by_the_frameworks_name() {
    let model = service(
        "  hello-world_2: {handler: a.main, provisionedConcurrency: 2}
  plain: {handler: b.main}
",
        "  Resources:
    Nightly:
      Type: AWS::Events::Rule
      Properties:
        ScheduleExpression: rate(1 day)
        Targets: [{Id: x, Arn: !GetAtt HelloDashworldUnderscore2LambdaFunction.Arn}]
    Installer:
      Type: Custom::Installer
      Properties: {ServiceToken: !GetAtt PlainLambdaFunction.Arn}
",
    );
    assert!(matches!(model.trigger("hello-world_2").kind, TriggerKind::Schedule(_)));
    let settings = model.function("hello-world_2");
    assert_eq!(settings.wires_versions.known(), Some(&true));
    assert_eq!(settings.publishes.known(), Some(&true));
    assert!(model.function("plain").is_custom_resource);
    assert!(!model.function("hello-world_2").is_custom_resource);
}

#[test]
fn provider_settings_are_inherited_and_say_so() {
    let text = "\
service: shop
provider:
  name: aws
  timeout: 60
  memorySize: 256
  environment:
    TABLE: orders
    STAGE: live
functions:
  inherits:
    handler: a.main
    environment:
      STAGE: own
  nulls:
    handler: b.main
    timeout: null
    memorySize: 512
";
    let model = model(&[("serverless.yml", text)]);
    assert_eq!(
        model.steps(&model.workload("inherits").timeout),
        ["inherited from `provider` @ serverless.yml:10 inherits", "literal @ serverless.yml:4 60"]
    );
    // The framework takes null for not written.
    assert_eq!(model.timeout("nulls"), "60");
    assert_eq!(spell(&model.workload("nulls").memory), "512");
    let environment: Vec<_> = model
        .workload("inherits")
        .environment
        .iter()
        .map(|one| (one.name.to_string(), one.value.known().and_then(|value| value.to_text()).unwrap().to_string()))
        .collect();
    assert_eq!(environment, [("TABLE".into(), "orders".into()), ("STAGE".into(), "own".into())]);
}

#[test]
fn what_is_changed_in_generated_events_is_unknown() {
    let model = service(
        "
  off: {handler: a.main, events: [{schedule: rate(1 hour)}]}
  on: {handler: a.main, events: [{schedule: rate(1 hour)}]}
  mapped: {handler: a.main, events: [{sqs: 'arn:aws:sqs:eu-west-1:111122223333:jobs'}]}
  route: {handler: a.main, events: [{http: GET /a}]}
",
        "  extensions:
    OffEventsRuleSchedule1: {Properties: {State: DISABLED}}
    OnEventsRuleSchedule1: {Properties: {Description: hourly}}
    MappedEventSourceMappingSQSJobs: {Properties: {Enabled: false}}
    ApiGatewayMethodAGet: {Properties: {Integration: {TimeoutInMillis: 120000}}}
",
    );
    let is_sure = |label: &str| model.trigger(label).is_surely_on();
    assert_eq!(["off", "on", "mapped"].map(is_sure), [false, true, false]);
    assert_eq!(
        spell(&model.http("route").limit),
        "unknown: archlint does not evaluate what `resources` change in generated events"
    );
}

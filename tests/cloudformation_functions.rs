//! CloudFormation's intrinsic functions, parameters, conditions, loops and macros, by the values that come of them.

mod support;

use archlint::model::TriggerKind;
use archlint::read::Variables;
use support::model::{Model, model, model_with, spell};

/// A template around a function `F`.
fn text(properties: &str) -> String {
    format!(
        "
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Seconds: {{Type: Number, Default: 40}}
  Unset: {{Type: Number}}
  Stored: {{Type: 'AWS::SSM::Parameter::Value<Number>', Default: /a/timeout}}
  Names: {{Type: CommaDelimitedList, Default: 'a, b ,c'}}
  Numbers: {{Type: List<Number>, Default: '5,6,7'}}
  Dynamic: {{Type: String, Default: '{{{{resolve:ssm:/a/b}}}}'}}
Mappings:
  Sizes: {{eu: {{timeout: 70, '3': 71}}}}
Conditions:
  IsLarge: !Equals [!Ref Seconds, 40]
  IsSmall: !Not [!Condition IsLarge]
  Both: !And [!Condition IsLarge, !Equals [a, a]]
  Either: !Or [!Condition IsSmall, !Equals [a, a]]
  IsOpen: !Equals [!Ref Unset, 1]
  OpenOrTrue: !Or [!Condition IsOpen, !Condition IsLarge]
  OpenAndFalse: !And [!Condition IsOpen, !Condition IsSmall]
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {properties}
"
    )
}

fn function(properties: &str) -> Model {
    model(&[("template.yaml", &text(properties))])
}

fn timeout(expression: &str) -> String {
    function(&format!("{{Timeout: {expression}}}")).timeout("F")
}

/// The name of `F`, or why it is not known.
fn name(expression: &str) -> String {
    spell(&function(&format!("{{FunctionName: {expression}}}")).workload("F").identity.name)
}

#[test]
fn functions_have_the_values_that_cloudformation_gives_them() {
    let cases = [
        ("!Ref Seconds", "40"),
        ("!Select [1, !Ref Numbers]", "6"),
        ("!Select ['2', !Split [',', '8,9,10']]", "10"),
        ("{'Fn::Select': [0, {'Fn::Split': ['-', !Sub '${Seconds}-x']}]}", "40"),
        ("{'Fn::Length': !Ref Names}", "3"),
        ("{'Fn::Length': [1, !Ref 'AWS::NoValue', 2]}", "2"),
        ("!Join ['', [!Ref Seconds, 1]]", "401"),
        ("!FindInMap [Sizes, eu, timeout]", "70"),
        ("!FindInMap [Sizes, eu, 3]", "71"),
        ("!FindInMap [Sizes, us, timeout, {DefaultValue: 72}]", "72"),
        ("!FindInMap [Sizes, !Select [0, [eu]], !Sub 'time${Rest}']", "unknown: `Rest` is only known at deployment"),
        ("!If [Both, 1, 2]", "1"),
        ("!If [Either, !If [IsSmall, 1, 2], 3]", "2"),
        ("!If [OpenOrTrue, 1, 2]", "1"),
        ("!If [OpenAndFalse, 1, 2]", "2"),
        ("!If [IsOpen, 1, 2]", "unknown: `Unset` has no default and is not set"),
        ("!Select [9, [1]]", "unknown: `Fn::Select` with arguments that it does not take"),
        ("!Select [0, !GetAZs '']", "unknown: `Fn::GetAZs` is only known at deployment"),
        ("{'Fn::Length': !Cidr [10.0.0.0/16, 6, 8]}", "6"),
        ("{'Fn::Transform': {Name: Own}}", "unknown: archlint does not evaluate `Fn::Transform`"),
        ("!Ref Stored", "unknown: `Stored` is only known at deployment"),
    ];
    for (expression, expected) in cases {
        assert_eq!(timeout(expression), expected, "{expression}");
    }
}

#[test]
fn what_is_filled_in_at_deployment_is_not_known() {
    for expression in [
        "'{{resolve:ssm:/a/b}}'",
        "!Ref Dynamic",
        "!Sub '{{resolve:ssm:/${Seconds}/b}}'",
        "!Join ['', ['{{resolve:', 'secretsmanager:a}}']]",
        "!ImportValue shared",
    ] {
        let found = timeout(expression);
        assert!(
            found.starts_with("unknown: ") && found.ends_with(" is only known at deployment"),
            "{expression}: {found}"
        );
    }
    assert!(name("'a-{{resolve:ssm:/s}}'").starts_with("unknown: "));
}

#[test]
fn texts_are_put_together_from_what_is_known() {
    let cases = [
        ("!Join ['-', !Ref Names]", "a-b-c"),
        ("!Sub ['${Seconds}-${x}-${!Literal}', {x: !Select [0, !Ref Names]}]", "40-a-${Literal}"),
        ("!Base64 abc", "YWJj"),
        ("!Select [1, !Cidr [10.0.0.0/16, 2, 8]]", "10.0.1.0/24"),
        ("!Select [1, {'Fn::Cidr': ['fd00::/48', 2, 64]}]", "fd00:0:0:1::/64"),
        ("{'Fn::ToJsonString': {b: [1, 'x'], a: true}}", "{\"a\":true,\"b\":[1,\"x\"]}"),
        ("!Sub '${AWS::StackName}-x'", "unknown: `AWS::StackName` is only known at deployment"),
    ];
    for (expression, expected) in cases {
        assert_eq!(name(expression), expected, "{expression}");
    }
}

#[test]
fn the_command_line_wins_over_a_default() {
    let set = |name: &str, value: &str, expression: &str| {
        let parameters = vec![(name.to_string(), "1".to_string()), (name.to_string(), value.to_string())];
        let variables = Variables { parameters, ..Variables::default() };
        model_with(&[("template.yaml", &text(&format!("{{Timeout: {expression}}}")))], variables)
    };
    let model = set("Seconds", "90", "!Ref Seconds");
    assert_eq!(model.timeout("F"), "90", "of several the last counts");
    assert_eq!(model.steps(&model.workload("F").timeout)[1..], ["set Seconds @ nowhere"]);
    assert_eq!(set("Unset", "12", "!Ref Unset").timeout("F"), "12");
    assert_eq!(set("Unset", "1", "!If [IsOpen, 8, 9]").timeout("F"), "8");
    assert_eq!(set("Numbers", "1,2", "!Select [1, !Ref Numbers]").timeout("F"), "2");
    assert!(set("Stored", "/b", "!Ref Stored").timeout("F").starts_with("unknown:"), "it is the name of a parameter");
}

/// Queues by their addresses, each with its visibility timeout.
fn queues(model: &Model) -> Vec<String> {
    let spelled = |queue: &archlint::model::Queue| {
        let seconds = queue.visibility.known().map_or("?".to_string(), u64::to_string);
        format!("{} {seconds}", queue.identity.address)
    };
    model.architecture.queues().map(spelled).collect()
}

#[test]
fn a_loop_makes_a_resource_of_every_element() {
    let looped = |collection: &str| {
        let text = format!(
            "
Transform: AWS::LanguageExtensions
Parameters: {{Names: {{Type: CommaDelimitedList, Default: 'One,Two'}}, Open: {{Type: CommaDelimitedList}}}}
Mappings: {{Seconds: {{One: {{s: 11}}, Two: {{s: 22}}}}}}
Conditions:
  Fn::ForEach::Live: [N, [One, Two], {{'Is${{N}}': !Equals [!Ref N, Two]}}]
Resources:
  Fn::ForEach::Queues:
    - Name
    - {collection}
    - Queue${{Name}}:
        Type: AWS::SQS::Queue
        Properties: {{QueueName: !Sub 'q-${{Name}}', VisibilityTimeout: !FindInMap [Seconds, !Ref Name, s]}}
  Last: {{Type: AWS::SQS::Queue}}
"
        );
        queues(&model(&[("template.yaml", &text)]))
    };
    let both = ["QueueOne 11", "QueueTwo 22", "Last 30"];
    for collection in ["[One, Two]", "!Ref Names", "[!Ref Names]", "!Split ['-', 'One-Two']"] {
        assert_eq!(looped(collection), both, "{collection}");
    }
    assert_eq!(looped("!Ref Open"), ["Last 30"], "how many there are cannot be told");
}

#[test]
fn loops_stand_in_each_other_in_properties_and_in_other_sections() {
    let model = model(&[(
        "template.yaml",
        "
Transform: AWS::LanguageExtensions
Conditions:
  Fn::ForEach::Live: [N, [One, Two], {'Is${N}': !Equals [!Ref N, Two]}]
Resources:
  Fn::ForEach::Outer:
    - Stage
    - [blue, green]
    - Fn::ForEach::Inner:
      - Host
      - [a.b, c.d]
      - 'Queue${Stage}&{Host}': {Type: AWS::SQS::Queue, Properties: {QueueName: '${Stage}-${Host}'}}
  Fn::ForEach::Functions:
    - N
    - [One, Two]
    - 'F${N}':
        Type: AWS::Lambda::Function
        Condition: 'Is${N}'
        Properties:
          Timeout: 7
          Environment: {Variables: {'Fn::ForEach::Names': [V, [X, Y], {'${V}_${N}': !Ref V}], Z: 1}}
",
    )]);
    assert_eq!(queues(&model), ["Queueblueab 30", "Queuebluecd 30", "Queuegreenab 30", "Queuegreencd 30"]);
    let names: Vec<_> = model.architecture.queues().map(|queue| spell(&queue.identity.name)).collect();
    assert_eq!(names, ["blue-a.b", "blue-c.d", "green-a.b", "green-c.d"]);
    let labels: Vec<_> = model.architecture.workloads().map(|one| one.label().to_string()).collect();
    assert_eq!(labels, ["FTwo"], "the other's condition is false");
    let variables: Vec<_> = model.workload("FTwo").environment.iter().map(|one| one.name.to_string()).collect();
    assert_eq!(variables, ["X_Two", "Y_Two", "Z"]);
}

#[test]
fn where_a_loop_in_properties_cannot_be_told_nothing_is_known_of_them() {
    let model = function("{Timeout: 5, 'Fn::ForEach::More': [K, !Ref Open, {'${K}': 1}]}");
    assert!(model.timeout("F").starts_with("unknown:"), "{}", model.timeout("F"));
}

#[test]
fn a_trigger_with_a_condition_that_cannot_be_told_is_not_surely_on() {
    let template = |function_condition: &str| {
        model(&[(
            "template.yaml",
            &format!(
                "
Parameters: {{Open: {{Type: String}}}}
Conditions: {{Maybe: !Equals [!Ref Open, x]}}
Resources:
  Jobs: {{Type: AWS::SQS::Queue}}
  Work: {{Type: AWS::Lambda::Function, {function_condition}Properties: {{Timeout: 60}}}}
  Read: {{Type: AWS::Lambda::EventSourceMapping, Condition: Maybe, Properties: {{EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref Work}}}}
"
            ),
        )])
    };
    let doubtful = template("");
    assert!(doubtful.trigger("Work").is_on() && !doubtful.trigger("Work").is_surely_on());
    let together = template("Condition: Maybe, ");
    assert!(together.trigger("Work").is_surely_on(), "wherever there is a mapping, there is its function");
}

#[test]
fn globals_are_merged_as_sam_merges_them() {
    let model = model(&[(
        "template.yaml",
        "
Transform: AWS::Serverless-2016-10-31
Parameters: {None: {Type: String, Default: ''}}
Conditions: {Never: !Equals [!Ref None, x]}
Globals:
  Function: {Timeout: 20, Layers: [a, b], EphemeralStorage: {Size: 900}, ReservedConcurrentExecutions: !If [Never, 1, !Ref 'AWS::NoValue']}
  Api: {EndpointConfiguration: {Type: REGIONAL}, Auth: {Authorizers: {Ask: {FunctionArn: !GetAtt Asked.Arn}}}}
Resources:
  Own: {Type: AWS::Serverless::Function, Properties: {Layers: [c], Timeout: !If [Never, 1, !Ref 'AWS::NoValue']}}
  Called: {Type: AWS::Serverless::Function, Properties: {Layers: !If [Never, [x], [y]], EphemeralStorage: !If [Never, {Size: 1}, {}]}}
  Asked: {Type: AWS::Serverless::Function, Properties: {Events: {Get: {Type: Api, Properties: {Path: /, Method: get}}}}}
  Other: {Type: AWS::Serverless::Function, Properties: {Events: {Get: {Type: Api, Properties: {Path: /, Method: get, RestApiId: !Ref Api}}}}}
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: x}}
",
    )]);
    assert_eq!(spell(&model.function("Own").layers), "3", "lists are appended");
    assert_eq!(model.timeout("Own"), "3", "it writes that it has none");
    assert_eq!(spell(&model.function("Called").layers), "1", "a call is not looked into");
    assert_eq!(spell(&model.function("Called").disk), "512");
    assert_eq!(spell(&model.function("Own").disk), "900");
    assert!(model.function("Own").reserved_concurrency.is_absent());
    let kinds = |label: &str| -> Vec<_> {
        let gateway = |trigger: &&archlint::model::Trigger| match &trigger.kind {
            TriggerKind::Http(http) => (http.gateway.name(), http.limit_is_quota),
            other => panic!("{other:?}"),
        };
        model.triggers(label).iter().map(gateway).collect()
    };
    assert_eq!(kinds("Other"), [("API Gateway (REST)", true)], "a regional API, as `Globals` say");
    let authorizer = ("API Gateway (authorizer)", false);
    assert_eq!(kinds("Asked"), [("API Gateway (REST)", true), authorizer, authorizer], "of the API and of SAM's own");
}

#[test]
fn odd_resources_are_no_resources() {
    let model = model(&[(
        "template.yaml",
        "
AWSTemplateFormatVersion: '2010-09-09'
Conditions: {Yes: !Equals [a, a]}
Resources:
  A: {'Fn::If': [Yes, {Type: 'AWS::SQS::Queue'}, {Type: 'AWS::SNS::Topic'}]}
  B: !If [Yes, {Type: 'AWS::SQS::Queue'}, 1]
  C:
  D: [1]
  E: {Type: 7}
  F: {Type: AWS::Lambda::Function, Properties: [1, 2]}
  G: {Type: AWS::Lambda::Function, 'Fn::Transform': {Name: Own}, Properties: {Timeout: 5}}
",
    )]);
    assert_eq!(model.architecture.queues().count(), 0);
    assert_eq!(model.timeout("G"), "unknown: archlint does not evaluate `Fn::Transform`");
}

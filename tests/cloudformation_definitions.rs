//! State machines and APIs of CloudFormation and SAM: written out, as texts, and in files beside the template.

mod support;

use archlint::model::{Gateway, TriggerKind};
use support::model::{Model, model, spell};

/// Whether each state machine that calls `F` handles its failure.
fn orchestrators(model: &Model, label: &str) -> Vec<bool> {
    let retries = |trigger: &&archlint::model::Trigger| match trigger.kind {
        TriggerKind::Orchestrator { retries } => Some(retries),
        _ => None,
    };
    model.triggers(label).iter().filter_map(retries).collect()
}

fn machine(properties: &str) -> String {
    format!(
        "
Resources:
  F: {{Type: AWS::Serverless::Function, Properties: {{Timeout: 5}}}}
  G: {{Type: AWS::Serverless::Function, Properties: {{Timeout: 5}}}}
  Table: {{Type: AWS::DynamoDB::Table}}
  Flow: {{Type: AWS::Serverless::StateMachine, Properties: {properties}}}
"
    )
}

const HANDLED: &str =
    r#""Retry": [{"ErrorEquals": ["States.ALL"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]"#;

#[test]
fn definitions_in_texts_are_read_state_by_state() {
    let states = format!(
        r#"{{"StartAt": "A", "States": {{"A": {{"Type": "Task", "Resource": "${{F.Arn}}", {HANDLED}, "Next": "B"}}, "B": {{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {{"FunctionName": "${{G}}:live"}}, "End": true}}}}}}"#
    );
    let sub = format!("\n      DefinitionString: !Sub |\n        {states}");
    let template = machine("{}").replace(
        "Flow: {Type: AWS::Serverless::StateMachine, Properties: {}}",
        "Flow:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:",
    );
    let model = model(&[("template.yaml", &format!("{}{sub}\n", template.trim_end()))]);
    assert_eq!(orchestrators(&model, "F"), [true]);
    assert_eq!(orchestrators(&model, "G"), [false], "only the other state handles its failure");
    assert!(model.function("F").is_orchestrated && !model.function("G").is_orchestrated);
}

#[test]
fn definitions_are_filled_in_wherever_they_are_written() {
    let substitutions = "DefinitionSubstitutions: {Arn: !GetAtt F.Arn, Seconds: 30, Table: !Ref Table}";
    let inline = format!(
        "{{Definition: {{StartAt: A, States: {{A: {{Type: Task, Resource: '${{Arn}}', End: true}}}}}}, {substitutions}}}"
    );
    let text = r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Arn}", "TimeoutSeconds": ${Seconds}, "Parameters": {"TableName": "${Table}"}, "End": true}}}"#;
    let string = format!("{{DefinitionString: '{text}', {substitutions}}}");
    let file = |path: &str| format!("{{DefinitionUri: {path}, {substitutions}}}");
    let yaml = "StartAt: A\nStates:\n  A: {Type: Task, Resource: '${Arn}', End: true}\n";
    let cases = [
        (inline, "", ""),
        (string, "", ""),
        (file("flow/a.asl.json"), "flow/a.asl.json", text),
        (file("flow/a.asl.yaml"), "flow/a.asl.yaml", yaml),
        (file("./a.json"), "a.json", &text.replace("${Seconds}", "30")),
    ];
    for (properties, path, text) in cases {
        let template = machine(&properties);
        let mut files = vec![("template.yaml", template.as_str())];
        files.extend((!path.is_empty()).then_some((path, text)));
        let model = model(&files);
        assert_eq!(orchestrators(&model, "F"), [false], "{properties}");
        assert!(orchestrators(&model, "G").is_empty(), "{properties}");
        if path == "a.json" || path.ends_with("yaml") {
            assert!(model.at(Some(model.trigger("F").span)).starts_with(path), "the place is in the file");
        }
    }
}

#[test]
fn a_definition_that_lies_elsewhere_is_not_held_against_a_function() {
    for place in ["s3://bucket/key", "{Bucket: a, Key: b}", "missing.json"] {
        let template = machine(&format!("{{DefinitionUri: {place}, DefinitionSubstitutions: {{Arn: !GetAtt F.Arn}}}}"));
        assert_eq!(orchestrators(&model(&[("template.yaml", &template)]), "F"), [true], "{place}");
    }
}

const OPEN_API: &str = r##"{
  "openapi": "3.0.1",
  "paths": {
    "/slow": {"get": {"x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "timeoutInMillis": 5000, "uri": URI}}},
    "/stream": {"x-amazon-apigateway-any-method": {"x-amazon-apigateway-integration": {"type": "aws_proxy", "responseTransferMode": "STREAM", "uri": URI}}},
    "/later": {"post": {"x-amazon-apigateway-integration": {"type": "aws", "requestParameters": {"integration.request.header.X-Amz-Invocation-Type": "'Event'"}, "uri": URI}}},
    "/shared": {"get": {"x-amazon-apigateway-integration": {"$ref": "#/components/x-amazon-apigateway-integrations/one"}}},
    "/signed": {"get": {"security": [{"sigv4": []}], "x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": URI}}},
    "/away": {"get": {"x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "https://example.com/"}}},
    "/mock": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}}}
  },
  "components": {
    "x-amazon-apigateway-integrations": {"one": {"type": "aws_proxy", "timeoutInMillis": 7000, "uri": URI}},
    "securitySchemes": {
      "sigv4": {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"},
      "ask": {"type": "apiKey", "x-amazon-apigateway-authorizer": {"type": "request", "authorizerUri": URI, "authorizerResultTtlInSeconds": 0}}
    }
  }
}"##;

const CALL: &str =
    r#"{"Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}"#;
const NAMED: &str = r#""arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:asked:live/invocations""#;

/// A template with a function and an API of a type.
fn api(kind: &str, properties: &str) -> String {
    format!(
        r#"{{"Resources": {{
  "F": {{"Type": "AWS::Serverless::Function", "Properties": {{"Timeout": 60, "FunctionName": "asked"}}}},
  "Api": {{"Type": "{kind}", "Properties": {properties}}}
}}}}"#
    )
}

/// The requests that reach `F`: path, limit, and what is special about each.
fn requests(model: &Model) -> Vec<String> {
    let request = |trigger: &archlint::model::Trigger| match &trigger.kind {
        TriggerKind::Http(http) => {
            let mut text = format!("{} {}", spell(&http.path), spell(&http.limit));
            let marks = [
                (http.is_asynchronous.known() == Some(&true), " later"),
                (http.is_streaming.known() == Some(&true), " streams"),
                (http.is_public.known().is_none(), " signed"),
                (http.limit_is_quota, " regional"),
                (http.gateway == Gateway::Authorizer, " authorizer"),
                (http.asks_every_time(), " each time"),
            ];
            marks.iter().filter(|(is_so, _)| *is_so).for_each(|(_, mark)| text.push_str(mark));
            text
        }
        other => panic!("{other:?}"),
    };
    model.triggers("F").into_iter().map(request).collect()
}

#[test]
fn integrations_of_a_description_are_requests() {
    let body = OPEN_API.replace("URI", CALL);
    let rest = ["/slow 5", "/stream 29 streams", "/later 29 later", "/shared 7", "/signed 29 signed"];
    let http = ["/slow 5", "/stream 30 streams", "/later 30 later", "/shared 7", "/signed 30 signed"];
    let cases = [
        ("AWS::Serverless::Api", "DefinitionBody", rest),
        ("AWS::ApiGateway::RestApi", "Body", rest),
        ("AWS::Serverless::HttpApi", "DefinitionBody", http),
        ("AWS::ApiGatewayV2::Api", "Body", http),
    ];
    for (kind, key, expected) in cases {
        let model = model(&[("template.json", &api(kind, &format!(r#"{{"{key}": {body}}}"#)))]);
        let mut expected: Vec<String> = expected.map(String::from).to_vec();
        expected.push("nothing nothing authorizer each time".to_string());
        assert_eq!(requests(&model), expected, "{kind}");
    }
}

#[test]
fn what_a_gateway_waits_is_read_wherever_a_route_leads() {
    let body = OPEN_API.replace("URI", CALL);
    let text = api("AWS::Serverless::Api", &format!(r#"{{"DefinitionBody": {body}}}"#));
    let model = model(&[("template.json", &text)]);
    let routes = model.architecture.integrations().map(|one| {
        let runs = model.architecture.workload(&one.target).map_or("elsewhere", |workload| workload.label());
        format!("{} {} {runs}", one.identity.label, spell(&one.timeout))
    });
    let expected = [
        "/slow 5000 F",
        "/stream nothing F",
        "/later nothing F",
        "/shared 7000 F",
        "/signed nothing F",
        "/away nothing elsewhere",
    ];
    assert_eq!(routes.collect::<Vec<_>>(), expected);
}

#[test]
fn an_api_that_is_not_at_the_edge_may_wait_longer() {
    let body = OPEN_API.replace("URI", CALL);
    let text = api(
        "AWS::Serverless::Api",
        &format!(r#"{{"EndpointConfiguration": {{"Type": "REGIONAL"}}, "DefinitionBody": {body}}}"#),
    );
    let found = requests(&model(&[("template.json", &text)]));
    assert_eq!(found[..2], ["/slow 5 regional", "/stream 29 streams regional"]);
    assert_eq!(found.last().map(String::as_str), Some("nothing nothing authorizer each time"));
}

#[test]
fn descriptions_in_files_are_read() {
    let named = OPEN_API.replace("URI", NAMED);
    let yaml = "
openapi: 3.0.1
paths:
  /slow:
    get:
      x-amazon-apigateway-integration: {type: aws_proxy, timeoutInMillis: 5000, uri: 'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:asked/invocations'}
";
    for (key, path, text) in [("DefinitionUri", "api.json", &*named), ("DefinitionUri", "./docs/api.yml", yaml)] {
        let template = api("AWS::Serverless::Api", &format!(r#"{{"{key}": "{path}"}}"#));
        let model = model(&[("template.json", &template), (path, text)]);
        assert_eq!(requests(&model)[0], "/slow 5", "{path}");
        assert!(model.triggers("F")[0].target.qualified == (path == "api.json"), "the one names an alias");
    }
    let template = api("AWS::ApiGateway::RestApi", r#"{"BodyS3Location": "api.yaml"}"#);
    assert_eq!(requests(&model(&[("template.json", &template), ("api.yaml", yaml)])), ["/slow 5"]);
}

#[test]
fn what_is_included_is_evaluated_as_if_it_were_written_there() {
    let included = OPEN_API.replace("URI", CALL);
    let transform = r#"{"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "api.json"}}}"#;
    let template = api("AWS::Serverless::Api", &format!(r#"{{"DefinitionBody": {transform}}}"#));
    assert_eq!(requests(&model(&[("template.json", &template), ("api.json", &included)]))[0], "/slow 5");

    let template = "
Parameters: {Seconds: {Type: Number, Default: 44}}
Resources:
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: more.yaml}}
  F:
    Type: AWS::Lambda::Function
    Properties:
      MemorySize: 512
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: settings.yaml}}
  G:
    Type: AWS::Lambda::Function
    Properties:
      Timeout: 9
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: 's3://bucket/settings.yaml'}}
";
    let more = "More: {Type: AWS::Lambda::Function, Properties: {Timeout: 8}}\n";
    let files = [("template.yaml", template), ("settings.yaml", "Timeout: !Ref Seconds\n"), ("more.yaml", more)];
    let model = model(&files);
    assert_eq!([model.timeout("F"), model.timeout("More")], ["44", "8"]);
    assert_eq!(spell(&model.workload("F").memory), "512");
    assert!(model.timeout("G").starts_with("unknown:"), "what another place brings in may be anything");
}

#[test]
fn a_topic_may_go_through_a_queue() {
    let template = |through: &str| {
        format!(
            "
Resources:
  Jobs: {{Type: AWS::SQS::Queue, Properties: {{VisibilityTimeout: 90}}}}
  F:
    Type: AWS::Serverless::Function
    Properties: {{Timeout: 60, Events: {{Told: {{Type: SNS, Properties: {{Topic: !Ref T, SqsSubscription: {through}}}}}}}}}
"
        )
    };
    let queue = |through: &str| model(&[("template.yaml", &template(through))]).queue("F");
    assert_eq!(queue("true").as_deref(), Some("FToldQueue"));
    assert_eq!(queue("{QueueArn: !GetAtt Jobs.Arn, QueueUrl: !Ref Jobs}").as_deref(), Some("Jobs"));
    let plain = model(&[("template.yaml", &template("false"))]);
    assert!(matches!(plain.trigger("F").kind, TriggerKind::Event(archlint::model::EventKind::Topic)));
}

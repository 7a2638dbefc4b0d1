//! The Serverless Framework: services from text to the joined model.

mod support;

use archlint::model::{EventKind, Gateway, Platform, StreamKind, TriggerKind};
use archlint::read::Variables;
use support::model::{model, model_with, spell};

/// A service with some functions; the text is what stands below `functions:`.
fn service(functions: &str) -> String {
    format!(
        "service: shop\nprovider:\n  name: aws\n  runtime: nodejs22.x\nfunctions:\n{}",
        functions.trim_start_matches('\n')
    )
}

#[test]
fn a_value_shows_every_place_on_its_way() {
    let text = "\
service: shop
custom:
  limits: ${file(limits.yml)}
provider:
  name: aws
functions:
  slow:
    handler: slow.main
    timeout: ${self:custom.limits.slow}
";
    let model = model(&[("serverless.yml", text), ("limits.yml", "slow: 120\n")]);
    assert_eq!(model.timeout("slow"), "120");
    assert_eq!(
        model.steps(&model.workload("slow").timeout),
        [
            "reference ${self:custom.limits.slow} @ serverless.yml:9 ${self:custom.limits.slow}",
            "literal @ limits.yml:1 120"
        ]
    );
}

#[test]
fn defaults_are_the_frameworks_and_not_the_platforms() {
    let model = model(&[("serverless.yml", &service("  plain:\n    handler: a.main\n"))]);
    let workload = model.workload("plain");
    assert_eq!(model.steps(&workload.timeout), ["platform Serverless Framework @ serverless.yml:6 plain"]);
    assert_eq!((model.timeout("plain").as_str(), spell(&workload.memory).as_str()), ("6", "1024"));
}

#[test]
fn what_only_the_deployment_knows_stays_unknown() {
    let timeouts = [
        ("ssm", "${ssm:/shop/timeout}", "`${ssm:/shop/timeout}` is only known at deployment"),
        ("cf", "${cf:other.Timeout, 30}", "`${cf:other.Timeout}` is only known at deployment"),
        ("env", "${env:TIMEOUT}", "the environment variable `TIMEOUT` is not known here"),
        ("program", "${file(timeouts.js):slow}", "`timeouts.js` is a program, not data"),
        (
            "outside",
            "${file(../../other/timeouts.yml):slow}",
            "`../../other/timeouts.yml` lies outside the scanned directories",
        ),
        ("missing", "${self:custom.nothing}", "`${self:custom.nothing}` was not found"),
        ("option", "${opt:timeout}", "`opt:timeout` has no default and is not set"),
        ("circle", "${self:custom.a}", "`custom.a` leads back to itself"),
        ("git", "${git:branch}", "`${git:branch}` is only known at deployment"),
        ("plugin", "${bref:layer.php}", "archlint does not evaluate `${bref:layer.php}`"),
    ];
    let mut text =
        "service: shop\nprovider: {name: aws}\ncustom:\n  a: ${self:custom.b}\n  b: ${self:custom.a}\nfunctions:\n"
            .to_string();
    for (name, timeout, _) in timeouts {
        text += &format!("  {name}:\n    handler: a.main\n    timeout: {timeout}\n");
    }
    let model = model(&[("serverless.yml", &text)]);
    for (name, _, why) in timeouts {
        assert_eq!(model.timeout(name), format!("unknown: {why}"), "{name}");
    }
}

#[test]
fn fallbacks_are_taken_in_order_and_typed() {
    let timeouts = [
        ("option", "${opt:timeout, 31}", "31"),
        ("environment", "${env:TIMEOUT, '32'}", "32"),
        ("own", "${opt:timeout, self:custom.base}", "33"),
        ("nested", "${self:custom.${opt:size, 'small'}.timeout}", "34"),
        ("stage", "${self:custom.byStage.${sls:stage}, 99}", "35"),
        ("inner", "${self:custom.nothing, ${self:custom.base}}", "33"),
        ("parameter", "${param:wait}", "36"),
        ("file", "${file(nowhere.yml):a, 37}", "37"),
    ];
    let mut text = "\
service: shop
provider: {name: aws}
params:
  default: {wait: 36}
custom:
  base: 33
  small: {timeout: 34}
  byStage: {dev: 35}
functions:
"
    .to_string();
    for (name, timeout, _) in timeouts {
        text += &format!("  {name}:\n    handler: a.main\n    timeout: {timeout}\n");
    }
    let model = model(&[("serverless.yml", &text)]);
    for (name, _, expected) in timeouts {
        assert_eq!(model.timeout(name), expected, "{name}");
    }
    assert_eq!(
        model.steps(&model.workload("option").timeout),
        [
            "reference ${opt:timeout, 31} @ serverless.yml:12 ${opt:timeout, 31}",
            "default of opt:timeout @ serverless.yml:12 31"
        ]
    );
}

#[test]
fn a_stage_counts_only_where_someone_writes_it_down() {
    let stage = |stage: &str, variables: Variables| {
        let text = format!("service: shop\nprovider:\n  name: aws\n{stage}functions:\n  one:\n    handler: a.main\n");
        let model = model_with(&[("serverless.yml", &text)], variables);
        (spell(&model.workload("one").stage), model.workload("one").is_outside_production())
    };
    let nothing = Variables::default;
    assert_eq!(stage("  stage: dev\n", nothing()), ("dev".into(), true));
    assert_eq!(stage("  stage: ${opt:stage, 'dev'}\n", nothing()), ("nothing".into(), false));
    assert_eq!(stage("  stage: ${opt:stage}\n", nothing()), ("nothing".into(), false));
    let kept = "  stage: ${self:custom.stage}\ncustom:\n  usual: dev\n  stage: ${opt:stage, self:custom.usual}\n";
    assert_eq!(stage(kept, nothing()), ("nothing".into(), false), "a default that is kept elsewhere");
    assert_eq!(stage("  stage: ${self:custom.stage}\ncustom: { stage: dev }\n", nothing()), ("dev".into(), true));
    assert_eq!(stage("", nothing()), ("nothing".into(), false));
    let test = || Variables { stage: Some("test".into()), ..Variables::default() };
    assert_eq!(stage("  stage: ${opt:stage, 'prod'}\n", test()), ("test".into(), true));
}

#[test]
fn a_function_in_a_program_is_unknown_and_not_defaulted() {
    let model = model(&[("serverless.yml", &service("  one: ${file(one.js)}\n"))]);
    assert_eq!(model.timeout("one"), "unknown: `one.js` is a program, not data");
    // What sets it off cannot be told either, so nothing may be concluded from what is missing.
    let trigger = model.trigger("one");
    assert!(!trigger.is_surely_on() && trigger.is_on());
    let listed = "service: shop\nprovider: {name: aws}\nfunctions: ${file(all.js)}\n";
    assert_eq!(
        support::model::model(&[("serverless.yml", listed)]).unresolved,
        ["`functions` of this service: `all.js` is a program, not data"]
    );
}

#[test]
fn merge_keys_and_aliases_are_followed() {
    let text = "\
service: shop
provider: {name: aws}
custom:
  base: &base
    handler: a.main
    timeout: 44
functions:
  one:
    <<: *base
  two:
    <<: *base
    timeout: 45
";
    let model = model(&[("serverless.yml", text)]);
    assert_eq!((model.timeout("one").as_str(), model.timeout("two").as_str()), ("44", "45"));
}

#[test]
fn requests_have_the_limits_of_their_gateway() {
    let text = service(
        "
  rest: {handler: a.main, events: [{http: GET /a}]}
  own: {handler: a.main, events: [{http: {path: b, method: get, timeoutInMillis: 5000}}]}
  async: {handler: a.main, events: [{http: {path: c, method: post, async: true}}]}
  stream: {handler: a.main, events: [{http: {path: d, method: get, response: {transferMode: STREAM}}}]}
  http2: {handler: a.main, events: [{httpApi: '*'}]}
  socket: {handler: a.main, events: [{websocket: $connect}]}
  balancer: {handler: a.main, events: [{alb: {listenerArn: x, priority: 1, conditions: {path: /e}}}]}
  url: {handler: a.main, url: true}
  signed: {handler: a.main, url: {authorizer: aws_iam, invokeMode: RESPONSE_STREAM}}
  mock: {handler: a.main, events: [{http: {path: f, method: get, integration: mock}}]}
",
    );
    let model = model(&[("serverless.yml", &text)]);
    let limit = |label: &str| spell(&model.http(label).limit);
    assert_eq!(
        ["rest", "own", "http2", "socket", "balancer", "url"].map(limit),
        ["29", "5", "30", "29", "nothing", "nothing"]
    );
    let note = model.http("rest").limit_note.as_deref();
    assert_eq!(note, Some("endpointType defaults to EDGE, whose limit cannot be raised"));
    assert_eq!(model.http("async").is_asynchronous.known(), Some(&true));
    assert_eq!(model.http("stream").is_streaming.known(), Some(&true));
    assert_eq!(model.http("url").is_public.known(), Some(&true));
    assert_eq!(model.http("signed").is_public.known(), Some(&false));
    assert_eq!(model.http("signed").is_streaming.known(), Some(&true));
    assert_eq!(model.http("balancer").gateway, Gateway::LoadBalancer);
    assert_eq!(spell(&model.http("balancer").path), "/e");
    assert!(model.triggers("mock").is_empty(), "a mock does not call the function");
}

#[test]
fn a_regional_api_can_have_its_limit_raised() {
    let text = "\
service: shop
provider:
  name: aws
  endpointType: regional
  apiGateway: {timeoutInMillis: 20000}
functions:
  one: {handler: a.main, events: [{http: GET /a}]}
";
    let model = model(&[("serverless.yml", text)]);
    let http = model.http("one");
    assert_eq!((spell(&http.limit).as_str(), http.limit_is_quota, http.limit_note.as_deref()), ("20", true, None));
}

#[test]
fn schedules_may_be_lists_and_may_be_off() {
    let text = service(
        "
  text: {handler: a.main, events: [{schedule: rate(5 minutes)}]}
  list: {handler: a.main, events: [{schedule: {rate: [rate(1 hour), cron(0 2 * * ? *)]}}]}
  off: {handler: a.main, events: [{schedule: {rate: rate(1 hour), enabled: false}}]}
  maybe: {handler: a.main, events: [{schedule: {rate: rate(1 hour), enabled: '${ssm:/on}'}}]}
  wrong: {handler: a.main, events: [{schedule: every now and then}]}
  bus: {handler: a.main, events: [{eventBridge: {schedule: rate(10 minutes)}}]}
",
    );
    let model = model(&[("serverless.yml", &text)]);
    let runs = |label: &str| model.architecture.runs_per_month(model.workload(label)).map(f64::round);
    assert_eq!(runs("text"), Some(8760.0));
    assert_eq!(runs("bus"), Some(4380.0));
    assert_eq!(model.triggers("list").len(), 2);
    assert!(model.triggers("off").is_empty());
    assert!(!model.trigger("maybe").is_surely_on());
    assert_eq!(runs("wrong"), None);
    assert_eq!(model.at(Some(model.trigger("text").span)), "serverless.yml:6 schedule");
}

#[test]
fn queues_and_streams_lead_into_the_resources() {
    let text = service(
        "
  tag: {handler: a.main, events: [{sqs: {arn: !GetAtt Jobs.Arn, maximumBatchingWindow: 7}}]}
  long: {handler: a.main, events: [{sqs: {arn: {'Fn::GetAtt': [Jobs, Arn]}}}]}
  text: {handler: a.main, events: [{sqs: 'arn:aws:sqs:eu-west-1:111122223333:shop-jobs'}]}
  sub: {handler: a.main, events: [{sqs: {arn: !Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:shop-jobs'}}]}
  elsewhere: {handler: a.main, events: [{sqs: {arn: !ImportValue other-jobs}}]}
  table: {handler: a.main, events: [{stream: {arn: !GetAtt Orders.StreamArn, maximumRetryAttempts: 2}}]}
  clicks: {handler: a.main, events: [{stream: 'arn:aws:kinesis:eu-west-1:111122223333:stream/clicks'}]}
  typed: {handler: a.main, events: [{stream: {type: dynamodb, arn: '${cf:other.Stream}'}}]}
resources:
  Resources:
    Jobs:
      Type: AWS::SQS::Queue
      Properties: {QueueName: shop-jobs, VisibilityTimeout: 90}
    Orders:
      Type: AWS::DynamoDB::Table
",
    );
    let model = model(&[("serverless.yml", &text)]);
    for label in ["tag", "long", "text", "sub"] {
        assert_eq!(model.queue(label).as_deref(), Some("Jobs"), "{label}");
    }
    assert_eq!(model.queue("elsewhere"), None);
    let TriggerKind::Queue(queue) = &model.trigger("tag").kind else { panic!("no queue") };
    assert_eq!(queue.batching_window.known(), Some(&7));
    let stream = |label: &str| match &model.trigger(label).kind {
        TriggerKind::Stream(stream) => (stream.kind, spell(&stream.maximum_retries)),
        other => panic!("{other:?}"),
    };
    assert_eq!(stream("table"), (StreamKind::DynamoDb, "2".into()));
    assert_eq!(stream("clicks"), (StreamKind::Kinesis, "nothing".into()));
    assert_eq!(stream("typed").0, StreamKind::DynamoDb);
}

#[test]
fn the_other_events_are_what_they_are() {
    let events = [
        ("sns: topic", EventKind::Topic),
        ("s3: bucket", EventKind::Storage),
        ("eventBridge: {pattern: {source: [a]}}", EventKind::Bus),
        ("cloudwatchEvent: {event: {source: [a]}}", EventKind::Bus),
        ("cloudwatchLog: /aws/x", EventKind::Log),
        ("iot: {sql: 'SELECT 1'}", EventKind::Iot),
        ("kafka: {topic: t}", EventKind::Broker),
        ("msk: {topic: t}", EventKind::Broker),
        ("activemq: {queue: q}", EventKind::Broker),
        ("rabbitmq: {queue: q}", EventKind::Broker),
        ("somePluginsEvent: {a: b}", EventKind::Unseen),
    ];
    for (event, expected) in events {
        let text = service(&format!("  one:\n    handler: a.main\n    events:\n      - {event}\n"));
        let model = model(&[("serverless.yml", &text)]);
        match &model.trigger("one").kind {
            TriggerKind::Event(kind) => assert_eq!(*kind, expected, "{event}"),
            other => panic!("{event}: {other:?}"),
        }
    }
    let text = service(
        "  pool: {handler: a.main, events: [{cognitoUserPool: {pool: p, trigger: PreSignUp}}]}\n  edge: {handler: a.main, events: [{cloudFront: {eventType: viewer-request}}]}\n  voice: {handler: a.main, events: [alexaSkill]}\n",
    );
    let model = model(&[("serverless.yml", &text)]);
    assert!(matches!(&model.trigger("pool").kind, TriggerKind::UserPool(name) if &**name == "presignup"));
    assert!(matches!(&model.trigger("edge").kind, TriggerKind::Edge(name) if &**name == "viewer-request"));
    assert_eq!(model.http("voice").gateway, Gateway::Assistant);
}

#[test]
fn commented_events_are_no_events() {
    let text = service(
        "  one:\n    handler: a.main\n    events:\n      # - http: GET /a\n  two:\n    handler: b.main\n    # events:\n    #   - http: GET /a\n",
    );
    let model = model(&[("serverless.yml", &text)]);
    assert!(model.triggers("one").is_empty() && model.triggers("two").is_empty());
}

#[test]
fn an_authorizer_is_called_once_however_many_routes_it_guards() {
    let text = "\
service: shop
provider:
  name: aws
  httpApi: {authorizers: {guard: {type: request, functionName: check}}}
functions:
  check: {handler: a.main}
  old: {handler: a.main}
  one: {handler: b.main, events: [{httpApi: {path: /a, method: get, authorizer: {name: guard}}}]}
  two: {handler: c.main, events: [{httpApi: {path: /b, method: get, authorizer: {name: guard}}}]}
  three: {handler: c.main, events: [{http: {path: /c, method: get, authorizer: old}}]}
";
    let model = model(&[("serverless.yml", text)]);
    assert_eq!(model.http("check").gateway, Gateway::Authorizer);
    assert_eq!(model.http("old").gateway, Gateway::Authorizer);
}

#[test]
fn owners_declare_traffic_below_custom() {
    let text = format!(
        "{}custom:\n  archlint:\n    one: {{traffic: sporadic, rps: 0.01, allow: 'long-job-on-function: known'}}\n",
        service("  one: {handler: a.main, tags: {archlint.dev/latency: background}}\n")
    );
    let model = model(&[("serverless.yml", &text)]);
    let workload = model.workload("one");
    assert_eq!(workload.declared.traffic.as_ref().map(|one| &*one.value), Some("sporadic"));
    assert_eq!(workload.declared.rps.as_ref().map(|one| &*one.value), Some("0.01"));
    assert_eq!(workload.declared.latency.as_ref().map(|one| &*one.value), Some("background"));
    assert_eq!((&*workload.allows[0].lint, &*workload.allows[0].reason), ("long-job-on-function", "known"));
}

#[test]
fn other_providers_are_read_without_the_limits_of_aws() {
    let google = "service: shop\nprovider: {name: google, timeout: 120s}\nfunctions:\n  one: {handler: http, events: [{http: path}]}\n  two: {handler: event, timeout: 540s, events: [{event: {eventType: providers/cloud.pubsub/eventTypes/topic.publish}}]}\n";
    let model = model(&[("serverless.yml", google)]);
    assert_eq!(model.workload("one").platform, Platform::GoogleFunctions1);
    assert_eq!((model.timeout("one").as_str(), model.timeout("two").as_str()), ("120", "540"));
    assert!(matches!(model.trigger("two").kind, TriggerKind::Event(EventKind::Topic)));
    for provider in ["{name: openwhisk}", "tencent", "{name: azure}"] {
        let text = format!(
            "service: shop\nprovider: {provider}\nfunctions:\n  one: {{handler: a.main, timeout: 60000, events: [{{http: true}}]}}\n"
        );
        let model = support::model::model(&[("serverless.yml", &text)]);
        if provider != "tencent" {
            assert!(model.timeout("one").starts_with("unknown"), "{provider}");
            assert_eq!(model.http("one").gateway, Gateway::Platform);
        }
    }
}

#[test]
fn a_plain_string_names_the_provider() {
    let text = "service: shop\nprovider: aws\nfunctions:\n  one: {handler: a.main}\n";
    let model = model(&[("serverless.yml", text)]);
    assert_eq!(model.workload("one").platform, Platform::AwsLambda);
    assert_eq!(model.timeout("one"), "6");
}

#[test]
fn json_is_read_like_yaml() {
    let text = r#"{"service": "shop", "provider": {"name": "aws"}, "custom": {"wait": 77},
        "functions": {"one": {"handler": "a.main", "timeout": "${self:custom.wait}", "events": [{"http": "GET /a"}]}}}"#;
    let model = model(&[("serverless.json", text)]);
    assert_eq!(model.timeout("one"), "77");
    assert_eq!(spell(&model.http("one").path), "/a");
}

#[test]
fn scalars_are_yaml_1_2() {
    let text = service(
        "  one:\n    handler: a.main\n    timeout: 010\n    events:\n      - schedule: {rate: rate(1 hour), enabled: no}\n",
    );
    let model = model(&[("serverless.yml", &text)]);
    assert_eq!(model.timeout("one"), "10");
    assert!(!model.trigger("one").is_surely_on(), "`no` is a text, and no boolean");
}

#[test]
fn a_function_at_the_edge_has_what_the_framework_gives_it() {
    let text = "\
service: site
provider:
  name: aws
  timeout: 60
  memorySize: 2048
  versionFunctions: false
  environment: {STAGE: prod}
  vpc: {securityGroupIds: [sg-1], subnetIds: [subnet-1]}
functions:
  edge: {handler: a.main, events: [{cloudFront: {eventType: viewer-request, origin: https://site.example}}]}
  home: {handler: a.main}
";
    let model = model(&[("serverless.yml", text)]);
    let shown = |label: &str| {
        let (workload, function) = (model.workload(label), model.function(label));
        let switches = [&function.in_vpc, &function.publishes].map(|switch| switch.known() == Some(&true));
        (model.timeout(label), spell(&workload.memory), workload.environment.len(), switches)
    };
    assert_eq!(shown("edge"), ("5".to_string(), "128".to_string(), 0, [false, true]));
    assert_eq!(shown("home"), ("60".to_string(), "2048".to_string(), 1, [true, false]));
    assert!(model.trigger("edge").target.qualified, "the framework names the version");
}

#[test]
fn a_queue_that_lies_elsewhere_says_by_its_name_whether_it_is_first_in_first_out() {
    let text = service(
        "
  plain: {handler: a.main, events: [{sqs: arn:aws:sqs:eu-west-1:111122223333:orders}]}
  strict: {handler: a.main, events: [{sqs: arn:aws:sqs:eu-west-1:111122223333:orders.fifo}]}
  built: {handler: a.main, events: [{sqs: {arn: !Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:orders.fifo'}}]}
  open: {handler: a.main, events: [{sqs: {arn: !Sub 'arn:aws:sqs:eu-west-1:111122223333:${Name}'}}]}
",
    );
    let model = model(&[("serverless.yml", &text)]);
    let is_fifo = |label: &str| match &model.trigger(label).kind {
        TriggerKind::Queue(mapping) => model.architecture.is_fifo(mapping),
        other => panic!("`{label}` is set off by {other:?}"),
    };
    let found = ["plain", "strict", "built", "open"].map(is_fifo);
    assert_eq!(found, [Some(false), Some(true), Some(true), None]);
}

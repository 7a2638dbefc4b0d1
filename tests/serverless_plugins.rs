//! Plugins of the Serverless Framework that change how functions run.

mod support;

use archlint::model::{Gateway, TriggerKind};
use support::model::{model, spell};

/// Whether a function is kept warm, in a service with some top-level text and settings of its own.
fn kept_warm(top: &str, own: &str) -> String {
    let text = format!(
        "service: shop\nprovider: {{name: aws, stage: live}}\n{top}functions:\n  one: {{handler: a.main{own}}}\n"
    );
    spell(&model(&[("serverless.yml", &text)]).function("one").kept_warm.clone().map(Some))
}

#[test]
fn warmers_keep_functions_warm_that_they_are_told_to() {
    let plugin = "plugins: [serverless-esbuild, serverless-plugin-warmup]\n";
    let warm = |custom: &str, own: &str| kept_warm(&format!("{plugin}custom: {{warmup: {custom}}}\n"), own);
    // Since version 5, warmers have names.
    assert_eq!(warm("{day: {enabled: true}, night: {enabled: false}}", ""), "true");
    assert_eq!(warm("{day: {enabled: false}}", ""), "false");
    assert_eq!(warm("{day: {enabled: true}}", ", warmup: {day: {enabled: false}}"), "false");
    assert_eq!(warm("{day: {concurrency: 1}}", ", warmup: {day: {enabled: true}}"), "true");
    assert_eq!(warm("{default: {enabled: live}}", ""), "true");
    assert_eq!(warm("{default: {enabled: [test, beta]}}", ""), "false");
    assert_eq!(warm("'${ssm:/warm}'", ""), "unknown: `${ssm:/warm}` is only known at deployment");
    // Before, there was one.
    assert_eq!(warm("{enabled: true, events: [{schedule: rate(5 minutes)}]}", ""), "true");
    assert_eq!(warm("{enabled: true, package: {individually: true}}", ", warmup: false"), "false");
    assert_eq!(warm("{default: live}", ""), "true");
    assert_eq!(warm("{default: live, package: {individually: true}}", ""), "true");
    assert_eq!(warm("{package: {individually: true}}", ", warmup: [live]"), "true");
    assert_eq!(kept_warm(plugin, ", warmup: true"), "true");
    assert_eq!(kept_warm(plugin, ", warmup: {enabled: [live]}"), "true");
    assert_eq!(kept_warm(plugin, ""), "false");
    // Another plugin warms whatever is not excluded.
    assert_eq!(kept_warm("plugins: [serverless-plugin-lambda-warmup]\n", ""), "true");
    assert_eq!(kept_warm("plugins: {modules: [serverless-plugin-lambda-warmup]}\n", ", warmup: false"), "false");
    let staged = "plugins: [serverless-plugin-lambda-warmup]\ncustom: {warmup: {stages: [test], payload: {a: b}}}\n";
    assert_eq!(kept_warm(staged, ""), "false");
    // Settings without the plugin do nothing.
    assert_eq!(kept_warm("custom: {warmup: {day: {enabled: true}}}\n", ", warmup: true"), "false");
}

#[test]
fn a_function_that_is_kept_warm_is_not_reported_for_its_cold_start() {
    let text = "\
service: shop
provider: {name: aws, runtime: java21}
plugins: [serverless-plugin-warmup]
custom: {warmup: {day: {enabled: ENABLED}}}
functions:
  one: {handler: com.example.Handler, events: [{httpApi: GET /a}]}
";
    let findings = |enabled: &str| {
        let report = support::lint(&[("serverless.yml", &text.replace("ENABLED", enabled))]);
        report.findings.iter().filter(|finding| finding.lint == "slow-start-on-user-path").count()
    };
    assert_eq!((findings("false"), findings("true"), findings("'${ssm:/x}'")), (1, 0, 0));
}

#[test]
fn settings_of_plugins_that_change_nothing_are_ignored() {
    let text = "\
service: shop
provider: {name: aws}
plugins: [serverless-offline, serverless-plugin-split-stacks]
custom:
  serverless-offline: {noTimeout: true, lambdaPort: 3002}
  splitStacks: {perFunction: true}
functions:
  one: {handler: a.main, timeout: 30}
";
    let model = model(&[("serverless.yml", text)]);
    assert_eq!(model.timeout("one"), "30");
    assert!(model.triggers("one").is_empty() && model.unresolved.is_empty());
}

#[test]
fn state_machines_may_stand_in_files() {
    let text = "\
service: shop
provider: {name: aws}
functions:
  one: {handler: a.main}
stepFunctions: ${file(machines.yml)}
";
    let machines = "stateMachines:\n  work:\n    definition: ${file(work.json)}\n";
    let work = r#"{"States": {"A": {"Type": "Task", "Resource": {"Fn::GetAtt": ["one", "Arn"]}}}}"#;
    let model = model(&[("serverless.yml", text), ("machines.yml", machines), ("work.json", work)]);
    assert!(matches!(model.trigger("one").kind, TriggerKind::Orchestrator { retries: false }));
}

#[test]
fn sources_of_a_graph_api_call_functions() {
    let service = |plugins: &str, section: &str| {
        let text = format!(
            "service: shop\nprovider: {{name: aws}}\nplugins: [{plugins}]\nfunctions:\n  one: {{handler: a.main}}\n{section}"
        );
        model(&[("serverless.yml", &text)])
    };
    let named = "appSync:\n  dataSources:\n    api: {type: AWS_LAMBDA, config: {functionName: one}}\n    table: {type: AMAZON_DYNAMODB}\n";
    let listed = "custom:\n  appSync:\n    - dataSources:\n        - {type: AWS_LAMBDA, name: api, config: {functionName: one}}\n        - {type: NONE, name: none}\n";
    for section in [named, listed] {
        let model = service("serverless-appsync-plugin", section);
        assert_eq!(model.http("one").gateway, Gateway::AppSync, "{section}");
        assert!(service("serverless-offline", section).triggers("one").is_empty(), "{section}");
    }
}

#[test]
fn steps_of_a_state_machine_are_orchestrated() {
    let text = "\
service: shop
provider: {name: aws}
functions:
  safe: {handler: a.main, timeout: 900}
  bare: {handler: b.main, timeout: 900}
stepFunctions:
  stateMachines:
    work:
      definition:
        StartAt: Both
        States:
          Both:
            Type: Parallel
            Branches:
              - StartAt: Safe
                States:
                  Safe:
                    Type: Task
                    Resource: !GetAtt safe.Arn
                    Retry: [{ErrorEquals: [States.ALL]}]
                    Catch: [{ErrorEquals: [States.ALL], Next: Done}]
              - StartAt: Bare
                States:
                  Bare: {Type: Task, Resource: {'Fn::GetAtt': [bare, Arn]}}
";
    let model = model(&[("serverless.yml", text)]);
    assert!(matches!(model.trigger("safe").kind, TriggerKind::Orchestrator { retries: true }));
    assert!(matches!(model.trigger("bare").kind, TriggerKind::Orchestrator { retries: false }));
    assert!(model.function("safe").is_orchestrated && !model.function("bare").is_orchestrated);
}

#[test]
fn pseudo_parameters_are_substituted() {
    let text = "\
service: shop
provider: {name: aws}
plugins: [serverless-pseudo-parameters]
custom: {name: jobs}
functions:
  one: {handler: a.main, events: [{sqs: 'arn:aws:sqs:#{AWS::Region}:#{AWS::AccountId}:shop-${self:custom.name}'}]}
  two: {handler: a.main, events: [{sqs: {arn: '#{Jobs.Arn}'}}]}
resources:
  Resources:
    Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: shop-jobs}}
";
    let model = model(&[("serverless.yml", text)]);
    assert_eq!((model.queue("one").as_deref(), model.queue("two").as_deref()), (Some("Jobs"), Some("Jobs")));
}

#[test]
fn state_machines_call_functions_by_name() {
    let text = "\
service: shop
provider: {name: aws}
functions:
  one: {handler: a.main}
  two: {handler: b.main}
stepFunctions:
  stateMachines:
    work:
      definition:
        States:
          A:
            Type: Task
            Resource: !Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${self:service}-${sls:stage}-one'
            Retry: [{ErrorEquals: [States.ALL]}]
            Catch: [{ErrorEquals: [States.ALL], Next: B}]
          B:
            Type: Task
            Resource: arn:aws:states:::lambda:invoke
            Parameters: {FunctionName: '${self:service}-${sls:stage}-two'}
";
    let model = model(&[("serverless.yml", text)]);
    assert!(model.function("one").is_orchestrated && !model.function("two").is_orchestrated);
    assert!(matches!(model.trigger("two").kind, TriggerKind::Orchestrator { retries: false }));
    assert_eq!(spell(&model.workload("one").identity.name), "shop-dev-one");
    assert!(!model.workload("one").is_outside_production(), "nobody says which stage it is");
}

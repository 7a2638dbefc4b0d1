//! Variables of the Serverless Framework that are set from outside of the service: parameters and the environment.

mod support;

use archlint::read::Variables;
use support::model::{Model, model, model_with, spell};

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn with_parameters(files: &[(&str, &str)], parameters: &[(&str, &str)], stage: Option<&str>) -> Model {
    let stage = stage.map(String::from);
    model_with(files, Variables { parameters: pairs(parameters), stage, ..Variables::default() })
}

fn with_environment(files: &[(&str, &str)], environment: &[(&str, &str)]) -> Model {
    model_with(files, Variables { environment: pairs(environment), ..Variables::default() })
}

/// A service with one function, whose timeout is an expression.
fn service(top: &str, timeout: &str) -> String {
    format!(
        "service: shop\n{top}provider: {{name: aws}}\nfunctions:\n  one: {{handler: a.main, timeout: '{timeout}'}}\n"
    )
}

#[test]
fn the_option_has_no_default_and_the_stage_has_one() {
    let timeout = |name: &str, stage: Option<&str>| {
        let text = format!(
            "service: shop\nprovider: {{name: aws}}\ncustom: {{dev: 8, live: 9}}\nfunctions:\n  one: {{handler: a.b, timeout: '${{self:custom.${{{name}}}}}'}}\n"
        );
        with_parameters(&[("serverless.yml", &text)], &[], stage).timeout("one")
    };
    assert_eq!(timeout("sls:stage", None), "8");
    assert_eq!(timeout("opt:stage, \"live\"", None), "9");
    assert_eq!(timeout("opt:stage", None), "unknown: `opt:stage` has no default and is not set");
    assert_eq!(timeout("opt:stage", Some("live")), "9");
    // A service that asks for the option cannot be deployed without it.
    let asked = "service: shop\nprovider: {name: aws, stage: '${opt:stage}'}\ncustom: {dev: 8}\nfunctions:\n  one: {handler: a.b, timeout: '${self:custom.${sls:stage}}'}\n";
    assert_eq!(
        with_parameters(&[("serverless.yml", asked)], &[], None).timeout("one"),
        "unknown: `opt:stage` has no default and is not set"
    );
}

#[test]
fn parameters_come_from_the_command_line_the_stage_and_the_defaults() {
    let text = service(
        "params:\n  default: {wait: 10, other: 11}\n  live: {wait: 20, nothing: null}\nstages:\n  default: {params: {late: 30}}\n  live: {params: {late: 40}}\n",
        "${param:wait}",
    );
    let files = [("serverless.yml", text.as_str())];
    assert_eq!(with_parameters(&files, &[], None).timeout("one"), "10");
    assert_eq!(with_parameters(&files, &[], Some("live")).timeout("one"), "20");
    let set = with_parameters(&files, &[("wait", "50")], Some("live"));
    assert_eq!(set.timeout("one"), "50");
    assert_eq!(
        set.steps(&set.workload("one").timeout),
        ["reference ${param:wait} @ serverless.yml:10 '${param:wait}'", "set param:wait @ nowhere"]
    );
    let late = text.replace("param:wait", "param:late");
    assert_eq!(with_parameters(&[("serverless.yml", &late)], &[], Some("live")).timeout("one"), "40");
    let missing = text.replace("param:wait", "param:nothing");
    let missing = with_parameters(&[("serverless.yml", &missing)], &[], Some("live"));
    assert_eq!(missing.timeout("one"), "unknown: `param:nothing` has no default and is not set");
}

#[test]
fn the_environment_is_what_the_command_line_says() {
    let text = service("", "${env:WAIT, 7}");
    let files = [("serverless.yml", text.as_str())];
    assert_eq!(with_environment(&files, &[]).timeout("one"), "7");
    let set = with_environment(&files, &[("WAIT", "60"), ("WAIT", "70")]);
    assert_eq!(set.timeout("one"), "70");
    assert_eq!(
        set.steps(&set.workload("one").timeout),
        ["reference ${env:WAIT, 7} @ serverless.yml:4 '${env:WAIT, 7}'", "set env:WAIT @ nowhere"]
    );
}

#[test]
fn dotenv_files_are_read_as_the_version_reads_them() {
    let read = |top: &str, files: &[(&str, &str)], expression: &str| {
        let text = service(top, expression);
        let all: Vec<_> = [("serverless.yml", text.as_str())].into_iter().chain(files.iter().copied()).collect();
        model(&all).timeout("one")
    };
    let both = [(".env", "A=1\nB=2\n"), (".env.dev", "A=3\n")];
    let unknown = "unknown: the environment variable `B` is not known here";
    // Before version 4 nothing is read unless the service asks for it, and then only one file.
    assert_eq!(read("", &both, "${env:A, 9}"), "9");
    assert_eq!(read("useDotenv: true\n", &both, "${env:A}"), "3");
    assert_eq!(read("useDotenv: true\n", &both, "${env:B}"), unknown);
    assert_eq!(read("useDotenv: true\n", &both[..1], "${env:B}"), "2");
    // Since version 4 both are.
    for top in ["frameworkVersion: '4'\n", "frameworkVersion: ^4.2\n", "stages: {default: {}}\n"] {
        assert_eq!(read(top, &both, "${env:A}"), "3", "{top}");
        assert_eq!(read(top, &both, "${env:B}"), "2", "{top}");
    }
    assert_eq!(read("frameworkVersion: '3'\n", &both, "${env:A, 9}"), "9");
    let stage = "useDotenv: true\nprovider: {stage: '${env:STAGE}'}\n";
    assert_eq!(read(stage, &both[..1], "${env:A}"), "1", "the last `provider` counts");
}

#[test]
fn dotenv_values_may_be_quoted_commented_and_refer_to_others() {
    let dotenv = "\
# a comment
export PLAIN=11
SPACED = 12  # twelve
QUOTED=\"13\"
SINGLE='14' # fourteen
YAML: 15
HASH=1#6
OPEN=\"17
BASE=1
REFERS=${BASE}8
BARE=$BASE
AGAIN=$OUTSIDE
TWICE=1
TWICE=19
EMPTY=
";
    let expected = [
        ("PLAIN", "11"),
        ("SPACED", "12"),
        ("QUOTED", "13"),
        ("SINGLE", "14"),
        ("YAML", "15"),
        ("HASH", "unknown: there is more than one candidate for the environment variable `HASH`"),
        ("OPEN", "unknown: there is more than one candidate for the environment variable `OPEN`"),
        ("REFERS", "18"),
        ("BARE", "1"),
        ("AGAIN", "unknown: the environment variable `OUTSIDE` is not known here"),
        ("TWICE", "19"),
    ];
    let mut text = "service: shop\nuseDotenv: true\nprovider: {name: aws}\nfunctions:\n".to_string();
    for (name, _) in expected {
        text += &format!("  {name}: {{handler: a.main, timeout: '${{env:{name}}}'}}\n");
    }
    let model = model(&[("serverless.yml", &text), (".env", dotenv)]);
    for (name, value) in expected {
        assert_eq!(model.timeout(name), value, "{name}");
    }
    let workload = model.workload("PLAIN");
    let files: Vec<_> = workload.timeout.origin.steps().filter_map(|step| step.span).map(|span| span.file).collect();
    assert!(files.iter().all(|file| *file == workload.span().file), "no place in the `.env` file is shown");
}

#[test]
fn values_of_the_environment_are_not_printed() {
    let text = "\
service: ${env:SECRET}
provider: {name: aws, timeout: '${strToBool(${env:SECRET})}', runtime: '${env:RUNTIME}'}
functions:
  one: {handler: a.main, events: [{schedule: '${env:SECRET}'}, {http: GET /a}]}
  two: {handler: a.main, memorySize: '${file(${env:SECRET}.yml):x}'}
  three: {handler: a.main, memorySize: '${file(../${env:SECRET}.yml):x}', layers: ['x-${env:SECRET}']}
";
    let variables =
        Variables { environment: pairs(&[("SECRET", "hunter2"), ("RUNTIME", "java21")]), ..Variables::default() };
    let options = archlint::engine::Options { variables, ..Default::default() };
    let report = support::lint_with(&[("serverless.yml", text)], &options);
    let printed = format!("{:?} {:?} {:?}", report.findings, report.notes, report.problems);
    assert!(printed.contains("(the value of RUNTIME)"), "{printed}");
    assert!(printed.contains("`(the value of SECRET).yml` was not found"), "{printed}");
    for value in ["hunter2", "java21"] {
        assert!(!printed.contains(value), "{printed}");
    }
}

#[test]
fn the_name_of_a_service_is_asked_for_in_two_ways() {
    for service in ["service: shop", "service: {name: shop}"] {
        for asks in ["${self:service}", "${self:service.name}"] {
            let text = format!(
                "{service}\nprovider: {{name: aws, stage: live}}\nfunctions:\n  one: {{handler: a.main, name: '{asks}-one'}}\n"
            );
            let model = model(&[("serverless.yml", &text)]);
            assert_eq!(spell(&model.workload("one").identity.name), "shop-one", "{service} {asks}");
        }
    }
}

#[test]
fn a_syntax_of_its_own_makes_texts_unknown() {
    let read = |syntax: &str, timeout: &str| {
        let text = format!(
            "service: shop\nprovider:\n  name: aws\n  variableSyntax: \"{syntax}\"\ncustom: {{a: 5}}\nfunctions:\n  one: {{handler: a.main, timeout: '{timeout}'}}\n"
        );
        model(&[("serverless.yml", &text)]).timeout("one")
    };
    let unknown = "unknown: archlint does not evaluate a `variableSyntax` of its own";
    let doubled = "\\\\${{([ ~:a-zA-Z0-9._@'\\\",\\\\-\\\\/\\\\(\\\\)]+?)}}";
    assert_eq!(read(doubled, "${{self:custom.a}}"), unknown);
    assert_eq!(read(doubled, "${self:custom.a}"), unknown);
    assert_eq!(read(doubled, "7"), "7");
    assert_eq!(read("\\\\${((?!AWS)[ ~:a-zA-Z0-9._@]+?)}", "${self:custom.a}"), "5");
}

#[test]
fn what_a_shell_would_replace_is_no_variable() {
    let text = service("", "${WAIT:-7}");
    let timeout = model(&[("serverless.yml", &text)]).timeout("one");
    assert_eq!(timeout, "unknown: a text where a whole number is due");
}

#[test]
fn addresses_and_paths_hold_variables() {
    let text = "\
service: shop
provider: {name: aws, stage: '${opt:stage, self:custom.usual}'}
custom:
  usual: test
  test: {wait: 31}
  live: {wait: 32}
  deep: {one: {test: 33, live: 34}}
  limits: ${file(config/limits.${self:provider.stage}.json)}
functions:
  one: {handler: a.main, timeout: '${self:custom.${self:provider.stage}.wait}'}
  two: {handler: a.main, timeout: '${self:custom.deep.${opt:which, \"one\"}.${self:provider.stage}}'}
  three: {handler: a.main, timeout: '${self:custom.limits.three, 99}'}
  four: {handler: a.main, timeout: \"${file('./config/limits.${sls:stage}.json'):four.0}\"}
";
    let text = &text.replace("\\\"", "'").replace("'one'", "\"one\"");
    let files = [
        ("serverless.yml", text.as_str()),
        ("config/limits.test.json", "{\"three\": 35, \"four\": [37]}"),
        ("config/limits.live.json", "{\"three\": 36, \"four\": [38]}"),
    ];
    let timeouts = |model: &Model| ["one", "two", "three", "four"].map(|name| model.timeout(name));
    assert_eq!(timeouts(&model(&files)), ["31", "33", "35", "37"]);
    let live = Variables { stage: Some("live".into()), ..Variables::default() };
    assert_eq!(timeouts(&model_with(&files, live)), ["32", "34", "36", "38"]);
}

#[test]
fn a_fallback_to_null_is_not_written() {
    let text = "\
service: shop
provider: {name: aws, timeout: 40}
custom: {reserved: {live: 5}}
functions:
  one: {handler: a.main, timeout: '${opt:timeout, null}', reservedConcurrency: '${self:custom.reserved.${sls:stage}, null}'}
";
    let read = |stage: Option<&str>| {
        let stage = stage.map(String::from);
        let model = model_with(&[("serverless.yml", text)], Variables { stage, ..Variables::default() });
        (model.timeout("one"), spell(&model.function("one").reserved_concurrency))
    };
    assert_eq!(read(None), ("40".into(), "nothing".into()));
    assert_eq!(read(Some("live")), ("40".into(), "5".into()));
}

//! Files that services of the Serverless Framework include, and files that name services.

mod support;

use archlint::engine::{Input, Options, run};
use archlint::read::{NoteKind, Variables};
use support::model::{model, model_with, spell};

#[test]
fn files_are_found_through_any_chain_of_variables() {
    let text = "\
service: shop
provider: {name: aws, stage: '${opt:stage, \"beta\"}'}
custom:
  folder: settings
  name: ${self:custom.folder}/${self:custom.${self:provider.stage}}
  beta: first
  all: ${file(${self:custom.name}.yml)}
functions: ${self:custom.all.functions}
";
    let first = "wait: 40\nfunctions:\n  one: {handler: a.main, timeout: '${file(settings/more.yml):wait}'}\n";
    let more = "wait: ${file(settings/last.yaml):deep.wait}\n";
    let files = [
        ("serverless.yml", text),
        ("settings/first.yml", first),
        ("settings/more.yml", more),
        ("settings/last.yaml", "deep: {wait: 41}\n"),
    ];
    let model = model(&files);
    assert_eq!(model.timeout("one"), "41");
    assert_eq!(
        model.steps(&model.workload("one").timeout).last().map(String::as_str),
        Some("literal @ settings/last.yaml:1 41")
    );
}

#[test]
fn paths_start_at_the_service_wherever_they_stand() {
    let text = "service: shop\nprovider: {name: aws}\nfunctions: ${file(parts/functions.yml)}\n";
    let functions = "one: {handler: a.main, timeout: '${file(waits.yml):one}'}\ntwo: {handler: a.main, timeout: '${file(beside.yml):two, 9}'}\n";
    let model = model(&[
        ("serverless.yml", text),
        ("parts/functions.yml", functions),
        ("waits.yml", "one: 8\n"),
        ("parts/beside.yml", "two: 7\n"),
    ]);
    assert_eq!((model.timeout("one").as_str(), model.timeout("two").as_str()), ("8", "9"));
}

#[test]
fn other_files_are_texts() {
    let text = "service: shop\nprovider: {name: aws}\nfunctions:\n  one: {handler: a.main, timeout: '${file(wait.txt)}', name: '${file(.env)}'}\n";
    let model = model(&[("serverless.yml", text), ("wait.txt", "45\n"), (".env", "A=1")]);
    let workload = model.workload("one");
    assert_eq!(model.timeout("one"), "45");
    assert_eq!(model.steps(&workload.timeout)[1], "literal @ wait.txt:1 45");
    let shown = workload.identity.name.origin.steps().filter_map(|step| step.span);
    assert!(shown.into_iter().all(|span| span.file == workload.span().file), "nothing of `.env` is shown");
    let state = "service: shop\nprovider: {name: aws}\nfunctions:\n  one: {handler: a.main, timeout: '${file(terraform.tfstate):outputs.wait.value}'}\n";
    let state = [("serverless.yml", state), ("terraform.tfstate", "{\"outputs\": {\"wait\": {\"value\": 46}}}")];
    assert_eq!(support::model::model(&state).timeout("one"), "46");
}

#[test]
fn what_a_service_includes_by_a_variable_does_not_stand_for_itself() {
    let text = "service: shop\nprovider: {name: aws}\ncustom: {which: '${opt:which, \"queues\"}'}\nresources: ${file(resources/${self:custom.which}.yml)}\n";
    let queues = "Resources:\n  Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 31}}\n";
    let model = model(&[("serverless.yml", text), ("resources/queues.yml", queues)]);
    let units: Vec<_> = model.architecture.queues().map(|queue| queue.identity.unit).collect();
    assert_eq!(units.len(), 1);
    assert_eq!(&*model.architecture.unit(units[0]).name, "shop");
}

#[test]
fn nothing_is_read_outside_of_the_roots() {
    let scratch = tempfile::tempdir().expect("a directory");
    let root = scratch.path().join("shop");
    std::fs::create_dir(&root).expect("a directory");
    std::fs::write(scratch.path().join("secret.yml"), "wait: 901\n").expect("a file");
    std::fs::write(scratch.path().join("env"), "WAIT=902\n").expect("a file");
    std::os::unix::fs::symlink("../secret.yml", root.join("link.yml")).expect("a link");
    std::os::unix::fs::symlink("../env", root.join(".env")).expect("a link");
    let text = "\
service: shop
useDotenv: true
provider: {name: aws}
functions:
  one: {handler: a.main, timeout: '${file(../secret.yml):wait}'}
  two: {handler: a.main, timeout: '${file(link.yml):wait}'}
  three: {handler: a.main, timeout: '${file(../../../../../../../../etc/passwd)}'}
  four: {handler: a.main, timeout: '${env:WAIT}'}
";
    std::fs::write(root.join("serverless.yml"), text).expect("a file");
    let report = run(Input::Paths(vec![root]), &Options::default());
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let notes: Vec<_> = report.notes.iter().map(|note| (note.line, note.message.as_str())).collect();
    assert_eq!(
        notes,
        [
            (5, "`../secret.yml` lies outside the scanned directories and is not read"),
            (5, "the timeout of `one`: `../secret.yml` lies outside the scanned directories"),
            (6, "`link.yml` lies outside the scanned directories and is not read"),
            (6, "the timeout of `two`: `link.yml` lies outside the scanned directories"),
            (7, "`../../../../../../../../etc/passwd` lies outside the scanned directories and is not read"),
            (7, "the timeout of `three`: `../../../../../../../../etc/passwd` lies outside the scanned directories"),
            (8, "the timeout of `four`: the environment variable `WAIT` is not known here"),
        ]
    );
}

#[test]
fn files_on_disk_are_read_in_rounds() {
    let scratch = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| std::fs::write(scratch.path().join(path), text).expect("a file");
    write(
        "serverless.yml",
        "service: shop\nuseDotenv: true\nprovider: {name: aws}\ncustom: ${file(${env:WHICH}.yml)}\nfunctions:\n  one: {handler: a.main, timeout: '${self:custom.wait}'}\n",
    );
    write(".env", "WHICH=first\n");
    write("first.yml", "wait: ${file(second.yml):wait}\n");
    write("second.yml", "wait: 901\n");
    let report = run(Input::Paths(vec![scratch.path().to_path_buf()]), &Options::default());
    let found: Vec<_> = report.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(found, ["the timeout of `one` is 901 s, but AWS Lambda accepts at most 900 s"]);
    assert_eq!(report.files, 4);
}

#[test]
fn services_that_are_programs_are_noticed() {
    let program = "const serverless = {service: 'shop', provider: {name: 'aws'}};\nexport default serverless;\n";
    let other = "module.exports = {target: 'serverless'};\n";
    let report = support::lint(&[("a/serverless.ts", program), ("b/serverless.js", other)]);
    let notes: Vec<_> = report.notes.iter().map(|note| (note.kind, note.message.as_str())).collect();
    assert_eq!(notes, [(NoteKind::Skipped, "a service that is written as a program, which archlint does not run")]);
    assert_eq!(report.notes[0].path.to_str(), Some("a/serverless.ts"));
}

#[test]
fn a_compose_file_names_services_and_passes_parameters() {
    let compose = "\
services:
  orders:
    path: services/orders
    params: {wait: 50, queue: '${jobs.QueueArn}', stage: 'in ${sls:stage}'}
  jobs:
    path: services/jobs
    config: jobs.yml
    dependsOn: [orders]
";
    let orders = "\
service: shop
params: {default: {wait: 10, own: 12}}
provider: {name: aws}
functions:
  one: {handler: a.main, timeout: '${param:wait}', name: '${param:stage}', events: [{sqs: {arn: '${param:queue}'}}]}
  two: {handler: a.main, timeout: '${param:own}'}
";
    let jobs = "service: shop\nprovider: {name: aws}\nfunctions:\n  work: {handler: a.main, timeout: 60}\n";
    let mut files = [
        ("serverless-compose.yml", compose.to_string()),
        ("services/orders/serverless.yml", orders.to_string()),
        ("services/jobs/jobs.yml", jobs.to_string()),
    ];
    let read = |files: &[(&str, String)]| {
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        model(&files)
    };
    let before = read(&files);
    let unit = |label: &str| before.architecture.unit(before.workload(label).identity.unit).name.to_string();
    assert_eq!((unit("one").as_str(), unit("work").as_str()), ("orders", "jobs"));
    assert_eq!((before.timeout("one").as_str(), before.timeout("two").as_str()), ("50", "12"));
    assert_eq!(
        before.steps(&before.workload("one").timeout),
        [
            "reference ${param:wait} @ services/orders/serverless.yml:5 '${param:wait}'",
            "set param:wait @ serverless-compose.yml:4 50"
        ]
    );
    assert_eq!(spell(&before.workload("one").identity.name), "in dev");
    assert_eq!(before.queue("one"), None);
    // Since version 4 the service's own parameters win.
    files[1].1 = format!("frameworkVersion: '4'\n{orders}");
    assert_eq!(read(&files).timeout("one"), "10");
    // The command line wins over both.
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let parameters = vec![("wait".to_string(), "70".to_string())];
    assert_eq!(model_with(&files, Variables { parameters, ..Variables::default() }).timeout("one"), "70");
}

#[test]
fn a_service_that_is_composed_twice_has_its_own_name_and_parameters() {
    let compose = "services:\n  a: {path: s, params: {wait: 1}}\n  b: {path: s, params: {wait: 2}}\n";
    let text = "service: shop\nprovider: {name: aws}\nfunctions:\n  one: {handler: a.main, timeout: '${param:wait}'}\n";
    let model = model(&[("serverless-compose.yml", compose), ("s/serverless.yml", text)]);
    assert_eq!(model.timeout("one"), "unknown: `param:wait` has no default and is not set");
    assert_eq!(&*model.architecture.unit(model.workload("one").identity.unit).name, "shop");
}

#[test]
fn a_file_that_is_included_is_no_service_and_no_template() {
    let text = "service: shop\nprovider: {name: aws}\nfunctions: ${file(serverless-functions.yml)}\nresources: ${file(resources.yml)}\n";
    let functions = "one: {handler: a.main, events: [{sqs: {arn: !GetAtt Jobs.Arn}}]}\n";
    let resources = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n";
    let model =
        model(&[("serverless.yml", text), ("serverless-functions.yml", functions), ("resources.yml", resources)]);
    assert_eq!(model.architecture.queues().count(), 1);
    assert_eq!(model.queue("one").as_deref(), Some("Jobs"));
}

#[test]
fn an_included_file_may_refer_to_the_service_and_to_itself() {
    let text = "service: shop\ncustom: ${file(config/all.yml)}\nprovider: {name: aws}\nfunctions:\n  one: {handler: a.main, timeout: '${self:custom.double}'}\n";
    let all = "single: 21\ndouble: ${self:custom.single}\n";
    assert_eq!(model(&[("serverless.yml", text), ("config/all.yml", all)]).timeout("one"), "21");
}

#[test]
fn the_stage_of_the_command_line_selects_the_file() {
    let text = "\
service: shop
custom: ${file(config.${opt:stage, 'dev'}.yml)}
provider: {name: aws}
functions:
  one: {handler: a.main, timeout: '${self:custom.timeout}'}
";
    let files = [("serverless.yml", text), ("config.dev.yml", "timeout: 10\n"), ("config.live.yml", "timeout: 20\n")];
    assert_eq!(model(&files).timeout("one"), "10");
    let live = Variables { stage: Some("live".into()), ..Variables::default() };
    assert_eq!(model_with(&files, live).timeout("one"), "20");
}

#[test]
fn functions_come_as_map_list_file_or_list_of_files() {
    let one = "one:\n  handler: a.main\n  timeout: 11\n";
    let two = "two:\n  handler: b.main\n  timeout: 12\n";
    for functions in [
        "functions:\n  - one: {handler: a.main, timeout: 11}\n  - two: {handler: b.main, timeout: 12}\n",
        "functions:\n  - ${file(one.yml)}\n  - ${file(two.yml)}\n",
        "functions: ${file(both.yml)}\n",
        "functions:\n  one: ${file(one.yml):one}\n  two: ${file(both.yml):two}\n",
    ] {
        let text = format!("service: shop\nprovider: {{name: aws}}\n{functions}");
        let both = format!("{one}{two}");
        let model = model(&[("serverless.yml", &text), ("one.yml", one), ("two.yml", two), ("both.yml", &both)]);
        assert_eq!((model.timeout("one").as_str(), model.timeout("two").as_str()), ("11", "12"), "{functions}");
        assert_eq!(model.architecture.workloads().count(), 2, "{functions}");
    }
}

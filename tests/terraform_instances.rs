//! What `count` and `for_each` make of a block, and which instance a reference means.

mod support;

use archlint::engine::{Input, Options, run};
use archlint::model::TriggerKind;
use std::path::PathBuf;
use support::model::{Model, model, spell};

/// Addresses and timeouts of all functions.
fn timeouts(model: &Model) -> Vec<String> {
    let functions = model.architecture.workloads();
    functions.map(|workload| format!("{} {}", workload.identity.address, spell(&workload.timeout))).collect()
}

fn of(text: &str) -> Vec<String> {
    timeouts(&model(&[("main.tf", text)]))
}

#[test]
fn each_instance_is_a_workload_with_its_own_values() {
    let keyed =
        "resource \"aws_lambda_function\" \"f\" {\n  for_each = { a = 40, b = 900 }\n  timeout = each.value\n}\n";
    assert_eq!(of(keyed), ["aws_lambda_function.f[\"a\"] 40", "aws_lambda_function.f[\"b\"] 900"]);
    let counted = "resource \"aws_lambda_function\" \"f\" {\n  count = 2\n  timeout = 30 * (count.index + 1)\n}\n";
    assert_eq!(of(counted), ["aws_lambda_function.f[0] 30", "aws_lambda_function.f[1] 60"]);
    let set = "resource \"aws_lambda_function\" \"f\" {\n  for_each = toset([\"7\", \"8\", \"7\"])\n  timeout = each.key\n}\n";
    assert_eq!(of(set), ["aws_lambda_function.f[\"7\"] 7", "aws_lambda_function.f[\"8\"] 8"]);
}

#[test]
fn one_stands_for_all_where_their_number_is_open_or_beyond_reason() {
    for expression in ["var.open", "1000000", "-1", "1.5"] {
        let text = format!(
            "variable \"open\" {{}}\nresource \"aws_lambda_function\" \"f\" {{\n  count = {expression}\n  timeout = 5 + count.index\n}}\n"
        );
        let found = of(&text);
        assert_eq!(found.len(), 1, "{expression}: {found:?}");
        assert!(found[0].starts_with("aws_lambda_function.f unknown:"), "{expression}: {found:?}");
    }
    let fixed = "resource \"aws_lambda_function\" \"f\" {\n  count = 1000000\n  timeout = 5\n}\n";
    assert_eq!(of(fixed), ["aws_lambda_function.f 5"], "what does not depend on the instance is known");
}

#[test]
fn an_index_picks_the_instance() {
    let sources = "
resource \"aws_sqs_queue\" \"q\" {
  for_each                   = { fast = 30, slow = 600 }
  visibility_timeout_seconds = each.value
}
resource \"aws_lambda_function\" \"f\" {
  for_each = { fast = 5, slow = 100 }
  timeout  = each.value
}
resource \"aws_lambda_event_source_mapping\" \"m\" {
  for_each         = aws_lambda_function.f
  event_source_arn = aws_sqs_queue.q[each.key].arn
  function_name    = each.value.arn
}
";
    let model = model(&[("main.tf", sources)]);
    for (key, seconds) in [("fast", 30), ("slow", 600)] {
        let address = format!("aws_lambda_function.f[\"{key}\"]");
        let function = model.architecture.workloads().find(|workload| *workload.identity.address == *address);
        let triggers: Vec<_> = model.architecture.triggers_of(function.expect("an instance of each key")).collect();
        let [trigger] = triggers[..] else { panic!("{address} has {} triggers", triggers.len()) };
        let TriggerKind::Queue(queue) = &trigger.kind else { panic!("{:?}", trigger.kind) };
        let queue = model.architecture.queue(&queue.queue).expect("the queue is known");
        assert_eq!(queue.visibility.known(), Some(&seconds));
    }
}

#[test]
fn all_instances_are_a_list_or_an_object() {
    let output = |block: &str, expression: &str| {
        let text = format!(
            "resource \"aws_lambda_function\" \"g\" {{\n  {block}\n  timeout = 1\n}}\nresource \"aws_lambda_function\" \"f\" {{\n  timeout = {expression}\n}}\n"
        );
        of(&text).into_iter().next_back().unwrap_or_default()
    };
    assert_eq!(output("count = 3", "length(aws_lambda_function.g)"), "aws_lambda_function.f 3");
    assert_eq!(output("count = 0", "length(aws_lambda_function.g[*].arn) + 4"), "aws_lambda_function.f 4");
    assert_eq!(output("count = 0", "try(aws_lambda_function.g[0].timeout, 9)"), "aws_lambda_function.f 9");
    let keyed = "for_each = toset([\"a\", \"b\"])";
    assert_eq!(output(keyed, "length(values(aws_lambda_function.g)[*].arn)"), "aws_lambda_function.f 2");
    assert_eq!(output(keyed, "aws_lambda_function.g[\"b\"].timeout + 1"), "aws_lambda_function.f 2");
}

#[test]
fn a_module_is_there_once_for_each_instance_of_its_call() {
    let inner = "variable \"seconds\" {}\nresource \"aws_lambda_function\" \"this\" {\n  timeout = var.seconds\n}\noutput \"seconds\" { value = var.seconds }\n";
    let root = "
module \"worker\" {
  source   = \"./inner\"
  for_each = { a = 10, b = 20 }
  seconds  = each.value
}
resource \"aws_lambda_function\" \"last\" {
  timeout = module.worker[\"b\"].seconds + sum(values(module.worker)[*].seconds)
}
";
    let found = timeouts(&model(&[("main.tf", root), ("inner/main.tf", inner)]));
    let expected = [
        "aws_lambda_function.last 50",
        "module.worker[\"a\"].aws_lambda_function.this 10",
        "module.worker[\"b\"].aws_lambda_function.this 20",
    ];
    assert_eq!(found, expected);
}

#[test]
fn instances_that_depend_on_themselves_end() {
    let text = "resource \"aws_lambda_function\" \"f\" {\n  for_each = aws_lambda_function.f\n  timeout = each.value.timeout\n}\n";
    let found = of(text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("unknown"), "{found:?}");
}

#[test]
fn one_cause_is_one_finding_however_many_instances_share_it() {
    let text = "resource \"aws_lambda_function\" \"f\" {\n  for_each = toset([\"a\", \"b\", \"c\"])\n  function_name = each.key\n  timeout = 1800\n}\n";
    let report = run(Input::Texts(vec![(PathBuf::from("main.tf"), text.into())]), &Options::default());
    let found: Vec<&str> = report.findings.iter().map(|finding| &*finding.message).collect();
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn what_a_module_makes_of_an_entry_stands_at_the_entry() {
    let module = "variable \"queues\" {}\nresource \"aws_sqs_queue\" \"q\" {\n  for_each = { for name, queue in var.queues : name => queue if queue.on }\n}\n";
    let call = "module \"queues\" {\n  source = \"./queues\"\n  queues = {\n    jobs  = { on = true }\n    mails = { on = false }\n    slow  = { on = true }\n  }\n}\n";
    let placed = |files: &[(&str, &str)]| {
        let model = model(files);
        let queues = model.architecture.queues();
        queues.map(|queue| model.at(Some(queue.identity.span))).collect::<Vec<_>>()
    };
    assert_eq!(
        placed(&[("queues/main.tf", module), ("main.tf", call)]),
        ["main.tf:4 jobs", "main.tf:6 slow"],
        "the caller has the entries"
    );
    let own = "locals { queues = { jobs = { on = true } } }\nresource \"aws_sqs_queue\" \"q\" {\n  for_each = local.queues\n}\n";
    assert_eq!(placed(&[("main.tf", own)]), ["main.tf:2 \"q\""], "the block is as near as the entry");
}

/// Messages of all findings about some configuration.
fn messages(files: &[(&str, &str)]) -> Vec<String> {
    let texts = files.iter().map(|(path, text)| (PathBuf::from(path), text.to_string())).collect();
    run(Input::Texts(texts), &Options::default()).findings.into_iter().map(|finding| finding.message).collect()
}

#[test]
fn a_finding_names_the_instance_and_how_many_are_like_it() {
    let shared =
        "resource \"aws_lambda_function\" \"f\" {\n  for_each = toset([\"a\", \"b\", \"c\"])\n  timeout  = 1000\n}\n";
    assert_eq!(
        messages(&[("main.tf", shared)]),
        ["the timeout of `f[\"a\"]` is 1000 s, but AWS Lambda accepts at most 900 s; 2 more like it"]
    );
    let own =
        "resource \"aws_lambda_function\" \"f\" {\n  for_each = { a = 5, b = 1000 }\n  timeout  = each.value\n}\n";
    assert_eq!(
        messages(&[("main.tf", own)]),
        ["the timeout of `f[\"b\"]` is 1000 s, but AWS Lambda accepts at most 900 s"]
    );
    let module = "resource \"aws_lambda_function\" \"this\" {\n  timeout = var.t\n}\nresource \"aws_lambda_function\" \"side\" {\n  timeout = var.t + 1\n}\nvariable \"t\" {}\n";
    let call =
        "module \"jobs\" {\n  source   = \"./m\"\n  for_each = { a = 5, b = 1000 }\n  t        = each.value\n}\n";
    assert_eq!(
        messages(&[("m/main.tf", module), ("main.tf", call)]),
        [
            "the timeout of `jobs[\"b\"].side` is 1001 s, but AWS Lambda accepts at most 900 s",
            "the timeout of `jobs[\"b\"]` is 1000 s, but AWS Lambda accepts at most 900 s",
        ]
    );
}

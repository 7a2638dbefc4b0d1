//! Terraform's language: names, expressions, modules, and what stays unknown.

mod support;

use archlint::engine::Report;
use proptest::prelude::*;
use support::model::{Model, model, spell};
use support::{drawn, lint, short};

/// A function whose timeout is an expression, beside other blocks.
fn evaluated(expression: &str, blocks: &str) -> Model {
    let text = format!(
        "{blocks}\nresource \"aws_lambda_function\" \"f\" {{\n  function_name = \"f\"\n  timeout       = {expression}\n}}\n"
    );
    model(&[("main.tf", &text)])
}

/// What an expression comes to: the number, or why it is not known.
fn value(expression: &str) -> String {
    evaluated(expression, BLOCKS).timeout("f")
}

const BLOCKS: &str = r#"
variable "ten" { default = 10 }
variable "text" { default = "20" }
variable "open" { type = number }
variable "list" { default = [1, 2, 3] }
variable "map" { default = { a = 1, b = 2 } }
variable "strict" {
  default  = 7
  nullable = false
}
locals {
  twice  = var.ten * 2
  circle = local.other
  other  = local.circle
  object = { known = 5, open = var.open }
}
data "aws_region" "here" {}
resource "aws_lambda_function" "g" {
  function_name = "g"
  timeout       = var.ten
}
"#;

#[test]
fn expressions_come_to_what_terraform_makes_of_them() {
    let cases = [
        ("30", "30"),
        ("\"30\"", "30"),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-var.ten + 12", "2"),
        ("17 % 5", "2"),
        ("var.text * 2", "40"),
        ("local.twice", "20"),
        ("var.ten > 5 ? 1 : 2", "1"),
        ("!(var.ten > 5) ? 1 : 2", "2"),
        ("var.ten == 10 && var.text == \"20\" ? 1 : 2", "1"),
        ("var.list[1]", "2"),
        ("var.list.2", "3"),
        ("var.map.b", "2"),
        ("var.map[\"a\"]", "1"),
        ("{ a = 4, a = 5 }.a", "5"),
        ("{ (\"k\") = 6 }[\"k\"]", "6"),
        ("[for v in var.list : v * 10][2]", "30"),
        ("[for i, v in [5, 6] : i][1]", "1"),
        ("[for v in var.list : v if v > 2][0]", "3"),
        ("{ for k, v in var.map : v => k }[\"2\"] == \"b\" ? 8 : 9", "8"),
        ("length({ for v in [\"a\", \"b\", \"a\"] : v => 1... }.a)", "2"),
        ("([{ t = 3 }, { t = 4 }][*].t)[1]", "4"),
        ("\"${var.ten}0\"", "100"),
        ("\"${var.ten}\"", "10"),
        ("\"%{ if var.ten == 10 }5%{ else }6%{ endif }\"", "5"),
        ("\"%{ for v in var.list }${v}%{ endfor }\"", "123"),
        ("<<-EOT\n    45\n  EOT\n", "45"),
        ("aws_lambda_function.g.timeout * 6", "60"),
    ];
    for (expression, expected) in cases {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn functions_that_configurations_use() {
    let cases = [
        ("max(1, 5, 3)", "5"),
        ("min(var.list...)", "1"),
        ("ceil(2.1) + floor(2.9) + abs(-3)", "8"),
        ("sum([1, 2, 3])", "6"),
        ("length(var.list)", "3"),
        ("length(\"ab\")", "2"),
        ("lookup(var.map, \"a\", 9)", "1"),
        ("lookup(var.map, \"z\", 9)", "9"),
        ("try(var.map.z, 9)", "9"),
        ("try(var.map.a, 9)", "1"),
        ("can(var.map.z) ? 1 : 2", "2"),
        ("coalesce(null, \"\", 5)", "5"),
        ("merge(var.map, { a = 3 }).a", "3"),
        ("merge(var.map, { c = 3 }).b", "2"),
        ("concat([1], [2, 3])[2]", "3"),
        ("element([1, 2], 3)", "2"),
        ("one([4])", "4"),
        ("slice([1, 2, 3], 1, 3)[0]", "2"),
        ("flatten([[1], [[2], 3]])[1]", "2"),
        ("compact([\"\", \"6\"])[0]", "6"),
        ("distinct([1, 1, 2])[1]", "2"),
        ("reverse([1, 2])[0]", "2"),
        ("length(toset([\"a\", \"a\"]))", "1"),
        ("keys({ b = 1, a = 2 })[0] == \"a\" ? 1 : 2", "1"),
        ("values({ b = 1, a = 2 })[0]", "2"),
        ("zipmap([\"x\"], [5]).x", "5"),
        ("contains([\"a\"], \"a\") ? 1 : 2", "1"),
        ("alltrue([true, false]) ? 1 : 2", "2"),
        ("tonumber(\"12\")", "12"),
        ("tonumber(format(\"%d%s\", 1, \"5\"))", "15"),
        ("join(\"\", [\"1\", \"9\"])", "19"),
        ("split(\",\", \"7,8\")[1]", "8"),
        ("replace(\"1-2\", \"-\", \"\")", "12"),
        ("trimsuffix(\"30s\", \"s\")", "30"),
        ("substr(\"1234\", 1, 2)", "23"),
        ("lower(\"A\") == \"a\" && upper(\"b\") == \"B\" ? 1 : 2", "1"),
        ("startswith(\"prod-1\", \"prod\") ? 1 : 2", "1"),
        ("jsondecode(\"{\\\"t\\\": 21}\").t", "21"),
        ("jsondecode(jsonencode({ t = 22 })).t", "22"),
        ("yamldecode(\"t: 23\").t", "23"),
    ];
    for (expression, expected) in cases {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn what_cannot_be_told_says_why() {
    let cases = [
        ("var.open", "`var.open` has no default and is not set"),
        ("var.open + 1", "`var.open` has no default and is not set"),
        ("var.nowhere", "`var.nowhere` was not found"),
        ("local.nowhere", "`local.nowhere` was not found"),
        ("local.circle", "the reference leads back to itself"),
        ("data.aws_region.here.name", "`data.aws_region.here.name` is only known at deployment"),
        (
            "aws_sqs_queue.elsewhere.delay_seconds",
            "`aws_sqs_queue.elsewhere.delay_seconds` is only known at deployment",
        ),
        ("terraform.workspace == \"prod\" ? 1 : 2", "archlint does not evaluate `terraform.workspace`"),
        ("sha1(\"x\") == \"\" ? 1 : 2", "archlint does not evaluate `sha1()`"),
        ("length(timestamp())", "`timestamp()` is only known at deployment"),
        ("var.map.z", "`var.map.z` was not found"),
        ("local.object.open", "`var.open` has no default and is not set"),
        ("var.open > 5 ? 1 : 2", "`var.open` has no default and is not set"),
        ("min(1, var.open)", "`var.open` has no default and is not set"),
        ("contains([var.open], 1) ? 1 : 2", "`var.open` has no default and is not set"),
        ("try(var.open, 3)", "`var.open` has no default and is not set"),
        ("1 / 0", "a number where another type is due"),
    ];
    for (expression, why) in cases {
        assert_eq!(value(expression), format!("unknown: {why}"), "{expression}");
    }
}

#[test]
fn what_is_known_in_part_is_known_in_part() {
    let cases = [
        ("local.object.known", "5"),
        ("var.open > 5 ? 4 : 4", "4"),
        ("false && var.open > 1 ? 1 : 2", "2"),
        ("var.open > 1 && false ? 1 : 2", "2"),
        ("true || var.open > 1 ? 1 : 2", "1"),
        ("[var.open, 6][1]", "6"),
        ("merge({ a = var.open }, { b = 7 }).b", "7"),
        ("length([var.open, var.open])", "2"),
        ("coalesce(null, 8, var.open)", "8"),
    ];
    for (expression, expected) in cases {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn values_show_the_way_they_came() {
    let model = evaluated("local.twice", BLOCKS);
    let steps = model.steps(&model.workload("f").timeout);
    assert_eq!(steps[0], "reference local.twice @ main.tf:25 local.twice");
    assert!(steps[1].contains("@ main.tf:12 var.ten * 2"), "{steps:?}");
    let steps = evaluated("var.ten", BLOCKS);
    let steps = steps.steps(&steps.workload("f").timeout);
    assert_eq!(steps, ["reference var.ten @ main.tf:25 var.ten", "default of ten @ main.tf:2 10"]);
}

#[test]
fn null_is_as_good_as_nothing_but_for_variables_that_forbid_it() {
    assert_eq!(value("null"), "3", "the platform's default");
    let module = "variable \"a\" {\n  default = 7\n  nullable = false\n}\nvariable \"b\" { default = 8 }\n\
        resource \"aws_lambda_function\" \"a\" { timeout = var.a }\nresource \"aws_lambda_function\" \"b\" { timeout = var.b }\n";
    let caller = "module \"m\" {\n  source = \"./m\"\n  a = null\n  b = null\n}\n";
    let model = model(&[("main.tf", caller), ("m/main.tf", module)]);
    assert_eq!([model.timeout("a"), model.timeout("b")], ["7", "3"]);
}

#[test]
fn count_and_for_each_decide_what_is_there() {
    let count = |expression: &str, timeout: &str| {
        let text = format!(
            "variable \"open\" {{}}\nvariable \"none\" {{ default = {{}} }}\nresource \"aws_lambda_function\" \"f\" {{\n  {expression}\n  timeout = {timeout}\n}}\n"
        );
        let model = model(&[("main.tf", &text)]);
        model.architecture.workloads().next().map(|_| model.timeout("f"))
    };
    assert_eq!(count("count = 0", "5"), None);
    assert_eq!(count("count = false ? 1 : 0", "5"), None);
    assert_eq!(count("for_each = var.none", "5"), None);
    assert_eq!(count("count = length(var.none)", "5"), None);
    assert_eq!(count("count = var.open ? 1 : 0", "5").as_deref(), Some("5"), "it may be there");
    assert_eq!(count("count = 1", "count.index + 5").as_deref(), Some("5"));
    assert_eq!(count("for_each = { a = 40 }", "each.value").as_deref(), Some("40"));
    assert_eq!(count("for_each = toset([\"50\"])", "each.key").as_deref(), Some("50"));
}

#[test]
fn dynamic_blocks_are_blocks() {
    let text = |values: &str| {
        format!(
            "variable \"open\" {{}}\nresource \"aws_lambda_function\" \"f\" {{\n  function_name = \"f\"\n  dynamic \"ephemeral_storage\" {{\n    for_each = {values}\n    content {{\n      size = ephemeral_storage.value\n    }}\n  }}\n}}\n"
        )
    };
    let disk = |values: &str| spell(&model(&[("main.tf", &text(values))]).function("f").disk);
    assert_eq!(disk("[2048]"), "2048");
    assert_eq!(disk("[]"), "512", "the platform's default");
    assert!(disk("var.open").starts_with("unknown:"));
}

#[test]
fn numbers_that_terraform_leaves_alone_are_not_known() {
    let text = "resource \"aws_lambda_function\" \"f\" {\n  timeout = 900\n  memory_size = 512\n  lifecycle {\n    ignore_changes = [timeout]\n  }\n}\n";
    let model = model(&[("main.tf", text)]);
    assert_eq!(model.timeout("f"), "unknown: `timeout` is left as it is on the platform");
    assert_eq!(model.workload("f").memory.set(), Some(&512));
}

#[test]
fn local_modules_are_read_with_their_arguments() {
    let inner = "variable \"seconds\" {}\nresource \"aws_lambda_function\" \"this\" {\n  function_name = \"x\"\n  timeout = var.seconds\n}\noutput \"arn\" { value = aws_lambda_function.this.arn }\noutput \"seconds\" { value = aws_lambda_function.this.timeout }\n";
    let outer = "variable \"factor\" {}\nmodule \"worker\" {\n  source = \"../inner\"\n  seconds = var.factor * 60\n}\noutput \"arn\" { value = module.worker.arn }\n";
    let root = "locals { factor = 5 }\nmodule \"app\" {\n  source = \"./modules/outer\"\n  factor = local.factor\n}\nresource \"aws_sqs_queue\" \"q\" {}\nresource \"aws_lambda_event_source_mapping\" \"m\" {\n  event_source_arn = aws_sqs_queue.q.arn\n  function_name = module.app.arn\n}\n";
    let model = model(&[("main.tf", root), ("modules/outer/main.tf", outer), ("modules/inner/main.tf", inner)]);
    assert_eq!(model.architecture.workloads().count(), 1, "the modules are part of the root, not units of their own");
    assert_eq!(model.timeout("worker"), "300", "a label that says nothing gives way to the call's name");
    assert_eq!(model.queue("worker").as_deref(), Some("q"), "joined through two outputs");
    let steps = model.steps(&model.workload("worker").timeout);
    assert!(steps[0].starts_with("reference var.seconds @ modules/inner/main.tf:4"), "{steps:?}");
    assert!(steps.iter().any(|step| step.contains("modules/outer/main.tf:4")), "{steps:?}");
}

#[test]
fn a_module_that_nothing_calls_is_read_with_its_defaults() {
    let module =
        "variable \"seconds\" { default = 60 }\nresource \"aws_lambda_function\" \"f\" { timeout = var.seconds }\n";
    assert_eq!(model(&[("modules/f/main.tf", module)]).timeout("f"), "60");
}

#[test]
fn calls_that_make_nothing_or_go_in_a_circle_end() {
    let module = "resource \"aws_lambda_function\" \"f\" {}\n";
    let off = "module \"m\" {\n  source = \"./m\"\n  count = 0\n}\n";
    assert_eq!(model(&[("main.tf", off), ("m/main.tf", module)]).architecture.workloads().count(), 0);
    let itself = "module \"again\" { source = \"./\" }\nresource \"aws_lambda_function\" \"f\" { timeout = 5 }\n";
    assert!(model(&[("main.tf", itself)]).architecture.workloads().count() >= 1);
}

#[test]
fn optional_attributes_have_their_defaults() {
    let text = |value: &str| {
        format!(
            "variable \"config\" {{\n  type = map(object({{ timeout = optional(number, 45), name = string }}))\n  default = {{ a = {value} }}\n}}\nresource \"aws_lambda_function\" \"f\" {{ timeout = var.config[\"a\"].timeout }}\n"
        )
    };
    assert_eq!(model(&[("main.tf", &text("{ name = \"x\" }"))]).timeout("f"), "45");
    assert_eq!(model(&[("main.tf", &text("{ name = \"x\", timeout = 50 }"))]).timeout("f"), "50");
}

#[test]
fn the_module_of_the_registry_is_read_by_its_inputs() {
    let text = "module \"worker\" {\n  source = \"terraform-aws-modules/lambda/aws\"\n  version = \"~> 8.0\"\n  function_name = \"w\"\n  runtime = \"java21\"\n  timeout = 120\n  memory_size = 512\n  create_lambda_function_url = true\n  authorization_type = \"AWS_IAM\"\n}\nresource \"aws_sqs_queue\" \"q\" {}\n";
    let model = model(&[("main.tf", text)]);
    assert_eq!(model.timeout("worker"), "120");
    assert_eq!(model.http("worker").is_public.known(), Some(&false));
    let off = text.replace("create_lambda_function_url = true", "create = false");
    assert_eq!(support::model::model(&[("main.tf", &off)]).architecture.workloads().count(), 0);
}

/// Pieces of the language, put together at random.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "var.a",
        "local.b",
        "1",
        "\"x\"",
        "null",
        " + ",
        " == ",
        " && ",
        "[",
        "]",
        "{ a = ",
        " }",
        "(",
        ")",
        ", ",
        "...",
        "merge(",
        "try(",
        "format(\"%s\", ",
        "slice(",
        "element(",
        "[for v in ",
        " : v]",
        "[*]",
        ".x",
        "[0]",
        "[-1]",
        " ? ",
        " : ",
        "!",
        "-",
        "\"${",
        "}\"",
        "each.value",
        "module.m.o",
        "aws_sqs_queue.q.arn",
        "jsondecode(",
        "1e99",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(drawn(256))]
    #[test]
    fn no_expression_makes_the_pipeline_fall_over(first in pieces(), second in pieces(), third in pieces()) {
        let text = format!(
            "variable \"a\" {{ default = {first} }}\nlocals {{\n  b = {second}\n}}\nmodule \"m\" {{\n  source = \"./m\"\n  a = {third}\n}}\nresource \"aws_sqs_queue\" \"q\" {{ visibility_timeout_seconds = {first} }}\nresource \"aws_lambda_function\" \"f\" {{\n  count = {second}\n  timeout = {third}\n}}\n"
        );
        let module = format!("variable \"a\" {{}}\noutput \"o\" {{ value = {second} }}\nlocals {{\n  b = var.a\n}}\n");
        let files = [("main.tf", text.as_str()), ("m/main.tf", &module)];
        let (once, again) = (lint(&files), lint(&files));
        let all = |report: &Report| report.findings.iter().map(|one| short(report, one)).collect::<Vec<_>>();
        prop_assert_eq!(all(&once), all(&again));
        for place in once.findings.iter().flat_map(|finding| &finding.related).map(|label| label.span) {
            prop_assert!(place.start <= place.end && place.end as usize <= once.sources.get(place.file).text().len());
        }
    }
}

/// A chain of names, followed from its near end or link by link.
#[test]
fn a_long_chain_of_names_has_an_end() {
    let locals: String = (1..2_000).map(|number| format!("  c{number} = local.c{}\n", number - 1)).collect();
    let function =
        |number: usize| format!("resource \"aws_lambda_function\" \"f{number}\" {{\n  timeout = local.c{number}\n}}\n");
    let all = |numbers: &[usize]| {
        let functions: String = numbers.iter().map(|number| function(*number)).collect();
        model(&[("main.tf", &format!("locals {{\n  c0 = 5\n{locals}}}\n{functions}"))])
    };
    assert_eq!(all(&[20]).timeout("f20"), "5");
    assert!(all(&[1_999]).timeout("f1999").starts_with("unknown:"));
    let links: Vec<usize> = (0..2_000).collect();
    let model = all(&links);
    assert_eq!(model.timeout("f1999"), "5", "every link was found before it was needed");
    assert!(model.steps(&model.workload("f1999").timeout).len() < 200);
}

/// A few lines may stand for more values than fit anywhere.
#[test]
fn small_files_that_stand_for_large_values_are_cut_off() {
    let mut locals = String::from("  a0 = [1, 2]\n  s0 = \"xx\"\n");
    for (number, last) in (1..200).zip(0..) {
        locals.push_str(&format!("  a{number} = [local.a{last}, local.a{last}]\n"));
        locals.push_str(&format!("  s{number} = \"${{local.s{last}}}${{local.s{last}}}\"\n"));
    }
    let function = |number: usize| {
        format!(
            "resource \"aws_lambda_function\" \"f{number}\" {{\n  layers = local.a{number}\n  handler = local.s{number}\n}}\n"
        )
    };
    let functions: String = (0..200).map(function).collect();
    let compared = "resource \"aws_lambda_function\" \"f\" {\n  timeout = local.a150 == local.a151 ? 1 : 2\n}\n";
    let model = model(&[("main.tf", &format!("locals {{\n{locals}}}\n{functions}{compared}"))]);
    assert_eq!(spell(&model.function("f9").layers), "2");
    assert_eq!(model.function("f3").handler.set().map(AsRef::as_ref), Some("xxxxxxxxxxxxxxxx"));
    assert!(spell(&model.function("f199").layers).starts_with("unknown:"));
    assert!(spell(&model.function("f199").handler).starts_with("unknown:"));
    assert!(model.timeout("f").starts_with("unknown:"));
}

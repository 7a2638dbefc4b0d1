//! Which value a variable of a Terraform root module has, and when that cannot be told.

mod support;

use archlint::read::Variables;
use support::model::{Model, model, model_with, spell};

const ROOT: &str = "
variable \"timeout\" {
  default = 30
}

resource \"aws_lambda_function\" \"worker\" {
  function_name = \"worker\"
  timeout       = var.timeout
}
";

fn with(files: &[(&str, &str)]) -> Model {
    let mut all = vec![("app/main.tf", ROOT)];
    all.extend(files);
    model(&all)
}

#[test]
fn a_default_holds_where_nothing_else_is_said() {
    let model = with(&[]);
    assert_eq!(model.timeout("worker"), "30");
    let steps = model.steps(&model.workload("worker").timeout);
    assert_eq!(steps, ["reference var.timeout @ app/main.tf:8 var.timeout", "default of timeout @ app/main.tf:3 30"]);
}

#[test]
fn files_that_terraform_reads_by_itself_count_in_its_order() {
    let set = ("app/terraform.tfvars", "timeout = 60");
    assert_eq!(with(&[set]).timeout("worker"), "60");
    let json = ("app/terraform.tfvars.json", "{\"timeout\": 70}");
    assert_eq!(with(&[set, json]).timeout("worker"), "70");
    let automatic = ("app/a.auto.tfvars", "timeout = 90");
    assert_eq!(with(&[set, automatic]).timeout("worker"), "90");
    assert_eq!(with(&[("other/terraform.tfvars", "timeout = 60")]).timeout("worker"), "30");
}

#[test]
fn a_file_for_the_command_line_may_be_used_or_not() {
    let unknown = "unknown: there is more than one candidate for the value of `var.timeout`";
    assert_eq!(with(&[("app/prod.tfvars", "timeout = 900")]).timeout("worker"), unknown);
    assert_eq!(with(&[("environments/prod.tfvars", "timeout = 900")]).timeout("worker"), unknown);
    assert_eq!(with(&[("environments/prod.tfvars", "memory = 900")]).timeout("worker"), "30");
    // That one is for the other root module, in which it lies.
    let other = ("other/main.tf", "variable \"timeout\" {}");
    assert_eq!(with(&[other, ("other/prod.tfvars", "timeout = 900")]).timeout("worker"), "30");
}

#[test]
fn terragrunt_sets_what_its_inputs_name() {
    let inputs = "inputs = merge(local.common, { timeout = 900 })";
    let unknown = "unknown: there is more than one candidate for the value of `var.timeout`";
    assert_eq!(with(&[("live/prod/app/terragrunt.hcl", inputs)]).timeout("worker"), unknown);
    assert_eq!(
        with(&[("live/prod/app/terragrunt.hcl", "inputs = { region = \"eu-west-1\" }")]).timeout("worker"),
        "30"
    );
}

#[test]
fn an_override_file_changes_what_it_says() {
    let changed = "resource \"aws_lambda_function\" \"worker\" {\n  timeout = 800\n}\n";
    let model = with(&[("app/local_override.tf", changed)]);
    let timeout = &model.workload("worker").timeout;
    assert_eq!(model.at(timeout.origin.written_at()), "app/local_override.tf:2 800");
    // How many there are then is not followed.
    let repeated = "resource \"aws_lambda_function\" \"worker\" {\n  count = 2\n}\n";
    assert_eq!(with(&[("app/override.tf", repeated)]).architecture.workloads().count(), 0);
}

#[test]
fn the_workspace_is_what_the_command_line_says() {
    let text =
        "resource \"aws_lambda_function\" \"worker\" {\n  timeout = terraform.workspace == \"prod\" ? 60 : 30\n}\n";
    let within = |workspace: Option<&str>| {
        let variables = Variables { workspace: workspace.map(String::from), ..Variables::default() };
        model_with(&[("main.tf", text)], variables).timeout("worker")
    };
    assert_eq!(within(Some("prod")), "60");
    assert_eq!(within(Some("dev")), "30");
    assert_eq!(within(None), "unknown: archlint does not evaluate `terraform.workspace`");
}

fn set(values: &[(&str, &str)]) -> Variables {
    let values = values.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Variables { values, ..Variables::default() }
}

#[test]
fn the_command_line_sets_variables_over_all_files() {
    let files = [("app/main.tf", ROOT), ("app/terraform.tfvars", "timeout = 60"), ("prod.tfvars", "timeout = 70")];
    let model = model_with(&files, set(&[("timeout", "40"), ("timeout", "45")]));
    assert_eq!(model.timeout("worker"), "45");
    let steps = model.steps(&model.workload("worker").timeout);
    assert_eq!(steps, ["reference var.timeout @ app/main.tf:8 var.timeout", "set timeout @ nowhere"]);
    let variables = Variables { value_files: vec!["prod.tfvars".into()], ..Variables::default() };
    assert_eq!(model_with(&files, variables).timeout("worker"), "70");
    let variables = Variables { value_files: vec!["prod.tfvars".into()], ..set(&[("timeout", "45")]) };
    assert_eq!(model_with(&files, variables).timeout("worker"), "45");
}

#[test]
fn a_file_that_the_command_line_does_not_name_is_not_brought_in_then() {
    let files = [("app/main.tf", ROOT), ("app/dev.tfvars", "timeout = 5"), ("app/prod.tfvars", "region = \"x\"")];
    let variables = Variables { value_files: vec!["app/prod.tfvars".into()], ..Variables::default() };
    assert_eq!(model_with(&files, variables).timeout("worker"), "30");
}

#[test]
fn the_type_of_a_variable_decides_how_the_command_line_is_read() {
    let text = "variable \"settings\" {\n  type = object({ timeout = number, memory = optional(number, 512) })\n}\n\
                variable \"words\" {\n  type = list(string)\n}\n\
                resource \"aws_lambda_function\" \"worker\" {\n  timeout = var.settings.timeout\n  \
                memory_size = var.settings.memory * length(var.words)\n}\n";
    let variables = set(&[("settings", "{ timeout = \"20\" }"), ("words", "[\"a\", \"b\"]")]);
    let model = model_with(&[("main.tf", text)], variables);
    assert_eq!(model.timeout("worker"), "20");
    assert_eq!(spell(&model.workload("worker").memory), "1024");
    let model = model_with(&[("main.tf", text)], set(&[("settings", "{ timeout"), ("words", "[]")]));
    assert_eq!(model.timeout("worker"), "unknown: the value that `--var` gives `settings` is no expression");
}

#[test]
fn an_object_has_what_its_type_says_and_nothing_else() {
    let text = "variable \"worker\" {\n  type    = object({ handler = string, seconds = optional(number, 40) })\n  default = { handler = \"a.b\", timeout = 800, seconds = null }\n}\nresource \"aws_lambda_function\" \"f\" {\n  timeout = lookup(var.worker, \"timeout\", 30)\n}\nresource \"aws_lambda_function\" \"g\" {\n  timeout = try(var.worker.timeout, var.worker.seconds)\n}\n";
    let model = model(&[("main.tf", text)]);
    assert_eq!((model.timeout("f").as_str(), model.timeout("g").as_str()), ("30", "40"));
}

#[test]
fn what_is_computed_shows_what_it_is_made_of() {
    let steps = |timeout: &str| {
        let text = format!(
            "variable \"minutes\" {{\n  default = 15\n}}\nvariable \"more\" {{\n  default = 2\n}}\nresource \"aws_lambda_function\" \"f\" {{\n  timeout = {timeout}\n}}\n"
        );
        let model = model(&[("main.tf", &text)]);
        let function = model.workload("f");
        (model.steps(&function.timeout), model.at(function.timeout.origin.written_at()))
    };
    let (way, place) = steps("min(var.minutes * 60, 900)");
    assert_eq!(
        way,
        [
            "Computed @ main.tf:8 min(var.minutes * 60, 900)",
            "reference var.minutes @ main.tf:8 var.minutes",
            "default of minutes @ main.tf:2 15",
        ]
    );
    assert_eq!(place, "main.tf:8 min(var.minutes * 60, 900)", "the number stands nowhere else");
    let (way, _) = steps("\"${var.minutes}0\"");
    assert_eq!(way.last().map(String::as_str), Some("default of minutes @ main.tf:2 15"));
    // Of several none is the one to change.
    assert_eq!(steps("var.minutes * var.more").0, ["Computed @ main.tf:8 var.minutes * var.more"]);
    assert_eq!(steps("30 * 2").0, ["Computed @ main.tf:8 30 * 2"]);
}

#[test]
fn an_entry_shows_where_it_is_used() {
    let text = "resource \"aws_lambda_function\" \"f\" {\n  for_each = { a = { seconds = 40 } }\n  timeout  = each.value.seconds\n}\n";
    let model = model(&[("main.tf", text)]);
    assert_eq!(
        model.steps(&model.workload("f").timeout),
        ["reference each.value.seconds @ main.tf:3 each.value.seconds", "literal @ main.tf:2 40"]
    );
}

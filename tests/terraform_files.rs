//! Files that a Terraform configuration reads: `file`, `templatefile`, and where such paths may lead.

mod support;

use archlint::engine::{Input, Options, run};
use archlint::read::NoteKind;
use std::fs;
use std::path::PathBuf;
use support::model::{Model, model};

/// A function whose timeout is an expression.
fn worker(timeout: &str) -> String {
    format!("resource \"aws_lambda_function\" \"worker\" {{\n  timeout = {timeout}\n}}\n")
}

fn timeout(expression: &str, files: &[(&str, &str)]) -> Model {
    let text = worker(expression);
    let mut all = vec![("app/main.tf", text.as_str())];
    all.extend(files);
    model(&all)
}

/// Where the timeout of the worker is written, and what stands there.
fn written(model: &Model) -> String {
    model.at(model.workload("worker").timeout.origin.written_at())
}

#[test]
fn what_a_file_says_stands_where_it_says_it() {
    let settings = ("app/config/settings.yaml", "name: worker\nlimits:\n  seconds: 75\n");
    let model = timeout("yamldecode(file(\"${path.module}/config/settings.yaml\")).limits.seconds", &[settings]);
    assert_eq!(model.timeout("worker"), "75");
    assert_eq!(written(&model), "app/config/settings.yaml:3 75");
    let settings = ("app/settings.json", "{\n  \"seconds\": 80\n}\n");
    let model = timeout("jsondecode(file(\"settings.json\")).seconds", &[settings]);
    assert_eq!(model.timeout("worker"), "80");
    assert_eq!(written(&model), "app/settings.json:2 80");
}

#[test]
fn a_path_in_a_module_is_that_of_the_module() {
    let call = "module \"inner\" {\n  source = \"../modules/inner\"\n}\n";
    let inner = worker("tonumber(trimspace(file(\"${path.module}/seconds.txt\")))");
    let files = [("app/main.tf", call), ("modules/inner/main.tf", &inner), ("modules/inner/seconds.txt", "65\n")];
    assert_eq!(model(&files).timeout("worker"), "65");
    // Without it the path is relative to the root module.
    let inner = worker("tonumber(trimspace(file(\"seconds.txt\")))");
    let files = [("app/main.tf", call), ("modules/inner/main.tf", &inner), ("modules/inner/seconds.txt", "65\n")];
    assert_eq!(model(&files).timeout("worker"), "unknown: `seconds.txt` was not found");
}

#[test]
fn a_template_has_the_names_that_it_is_given_and_no_template_within() {
    let template = ("app/job.json.tftpl", "{\"seconds\": ${minutes * 60}}");
    let model = timeout("jsondecode(templatefile(\"job.json.tftpl\", { minutes = 2 })).seconds", &[template]);
    assert_eq!(model.timeout("worker"), "120");
    let itself = ("app/self.tftpl", "${templatefile(\"self.tftpl\", {})}");
    let model = timeout("templatefile(\"self.tftpl\", {})", &[itself]);
    assert_eq!(model.timeout("worker"), "unknown: archlint does not evaluate a template within a template");
    let broken = ("app/broken.tftpl", "%{ if }");
    let model = timeout("templatefile(\"broken.tftpl\", {})", &[broken]);
    assert_eq!(model.timeout("worker"), "unknown: archlint does not evaluate a template with this syntax");
}

/// A file that is made before Terraform runs is no reason for `try` to go on.
#[test]
fn a_file_that_is_not_there_is_not_known() {
    let model = timeout("try(tonumber(file(\"built.txt\")), 5)", &[]);
    assert_eq!(model.timeout("worker"), "unknown: `built.txt` was not found");
    let model = timeout("file(\"../../../../etc/passwd\")", &[]);
    assert_eq!(model.timeout("worker"), "unknown: `../../../../etc/passwd` lies outside the scanned directories");
}

/// What `-v` says about the timeout of the worker in a directory on the disk.
#[cfg(unix)]
fn note(root: PathBuf) -> String {
    let report = run(Input::Paths(vec![root]), &Options::default());
    let mut notes = report.notes.iter().filter(|note| note.kind == NoteKind::Unresolved);
    notes.next().map(|note| note.message.clone()).unwrap_or_default()
}

#[cfg(unix)]
#[test]
fn no_path_and_no_link_leads_out_of_the_scanned_directories() {
    let scratch = tempfile::tempdir().expect("a directory");
    let root = scratch.path().join("root");
    fs::create_dir(&root).expect("a directory");
    fs::write(scratch.path().join("secret.txt"), "17").expect("a file");
    std::os::unix::fs::symlink("../secret.txt", root.join("link.txt")).expect("a link");
    fs::write(root.join("main.tf"), worker("tonumber(file(\"link.txt\"))")).expect("a file");
    let outside = "lies outside the scanned directories";
    assert_eq!(note(root.clone()), format!("the timeout of `worker`: `link.txt` {outside}"));
    fs::write(root.join("main.tf"), worker("tonumber(file(\"../secret.txt\"))")).expect("a file");
    assert_eq!(note(root), format!("the timeout of `worker`: `../secret.txt` {outside}"));
}

/// An API that is described in OpenAPI: by a call, by a file, by a template.
#[test]
fn descriptions_of_apis_say_which_functions_answer() {
    let described = |uri: &str| {
        format!(
            r#"{{"paths": {{
  "/slow": {{"get": {{"x-amazon-apigateway-integration": {{"type": "aws_proxy", "timeoutInMillis": 9000, "uri": "{uri}"}}}}}},
  "/away": {{"get": {{"x-amazon-apigateway-integration": {{"type": "http_proxy", "uri": "https://example.com/f"}}}}}}
}}}}"#
        )
    };
    let encoded = described("${aws_lambda_function.f.invoke_arn}").replace("\": ", "\" = ");
    let named = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:f/invocations";
    let cases = [
        (format!("jsonencode({encoded})"), "unused.json", String::new()),
        ("file(\"${path.module}/api.json\")".to_string(), "api.json", described(named)),
        (
            "templatefile(\"api.json\", { arn = aws_lambda_function.f.invoke_arn })".to_string(),
            "api.json",
            described("${arn}"),
        ),
    ];
    for (body, path, text) in cases {
        for (kind, limit) in [("aws_api_gateway_rest_api", 9), ("aws_apigatewayv2_api", 9)] {
            let main = format!(
                "resource \"aws_lambda_function\" \"f\" {{\n  function_name = \"f\"\n}}\nresource \"{kind}\" \"api\" {{\n  body = {body}\n}}\n"
            );
            let model = model(&[("main.tf", &main), (path, &text)]);
            let http = model.http("f");
            assert_eq!(http.limit.set(), Some(&limit), "{kind} {body}");
            assert_eq!(http.path.set().map(AsRef::as_ref), Some("/slow"), "{kind} {body}");
        }
    }
}

/// A file for each function, and a configuration that goes through them.
#[test]
fn a_set_of_files_makes_an_instance_for_each() {
    let text = "locals {\n  found = { for name in fileset(\"${path.module}/functions\", \"**/*.yaml\") : trimsuffix(name, \".yaml\") => yamldecode(file(\"${path.module}/functions/${name}\")) }\n}\nresource \"aws_lambda_function\" \"f\" {\n  for_each = local.found\n  timeout  = each.value.timeout\n}\n";
    let files = [
        ("app/main.tf", text),
        ("app/functions/mail.yaml", "timeout: 40\n"),
        ("app/functions/jobs/sum.yaml", "name: sum\ntimeout: 900\n"),
        ("app/functions/README.md", "# Functions\n"),
    ];
    let model = model(&files);
    let functions: Vec<_> = model.architecture.workloads().collect();
    let shown = functions.iter().map(|function| {
        let place = model.at(function.timeout.origin.written_at());
        format!("{} {}", function.label(), place)
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        ["f[\"jobs/sum\"] app/functions/jobs/sum.yaml:2 900", "f[\"mail\"] app/functions/mail.yaml:1 40",]
    );
}

#[test]
fn a_set_of_files_is_that_on_the_disk_inside_of_the_roots() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("a/inner")).expect("folders");
    fs::create_dir_all(root.join("linked")).expect("a folder");
    fs::write(root.join("a/one.txt"), "1").expect("a file");
    fs::write(root.join("a/inner/two.txt"), "2").expect("a file");
    // What a killed `--fix` leaves behind is none.
    fs::write(root.join("a/.archlint-fix-0123456789abcdef.tmp"), "4").expect("a file");
    fs::write(folder.path().join("secret.txt"), "3").expect("a file");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), root.join("linked/secret.txt")).expect("a link");
    let notes = |directory: &str| {
        let text = worker(&format!("1000 + length(fileset(\"{directory}\", \"**\"))"));
        fs::write(root.join("main.tf"), text).expect("a file");
        let report = run(Input::Paths(vec![root.clone()]), &Options::default());
        let messages = report.findings.into_iter().map(|finding| finding.message);
        messages.chain(report.notes.into_iter().map(|note| note.message)).collect::<Vec<_>>()
    };
    assert!(notes("a")[0].contains("is 1002 s"), "{:?}", notes("a"));
    let open =
        |directory: &str| [format!("the timeout of `worker`: archlint does not evaluate the files in `{directory}`")];
    assert_eq!(notes(".."), open(".."));
    #[cfg(unix)]
    assert_eq!(notes("linked"), open("linked"));
}

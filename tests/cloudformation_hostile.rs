//! Templates that would have no end, none that anyone waits for, or that reach for files that are none of archlint's
//! business: they are cut off, and it is said.

mod support;

use archlint::engine::{Input, Options, run};
use archlint::read::NoteKind;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use support::model::model;

/// What the notes on unknown things in a template say.
fn unresolved(text: &str) -> Vec<String> {
    let texts = vec![(PathBuf::from("template.yaml"), text.to_string())];
    let report = run(Input::Texts(texts), &Options::default());
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    messages(&report.notes, NoteKind::Unresolved)
}

fn messages(notes: &[archlint::read::Note], kind: NoteKind) -> Vec<String> {
    let notes = notes.iter().filter(|note| note.kind == kind);
    notes.map(|note| format!("{}: {}", note.line, note.message)).collect()
}

fn timeout(sections: &str, expression: &str) -> String {
    let text = format!(
        "{sections}\nResources:\n  F: {{Type: AWS::Lambda::Function, Properties: {{Timeout: {expression}}}}}\n"
    );
    model(&[("template.yaml", &text)]).timeout("F")
}

#[test]
fn loops_over_long_lists_are_not_followed() {
    let names = vec!["a"; 1_000_000].join(",");
    let text = |collection: &str| {
        format!(
            "Parameters: {{Names: {{Type: CommaDelimitedList, Default: '{names}'}}}}
Resources:
  F: {{Type: AWS::Lambda::Function, Properties: {{Timeout: 5}}}}
  Fn::ForEach::Many: [N, {collection}, {{'Q${{N}}': {{Type: AWS::SQS::Queue}}}}]
"
        )
    };
    let expected = "4: `Fn::ForEach::Many`: archlint does not evaluate a list this long";
    assert_eq!(unresolved(&text("!Ref Names")), [expected]);
    assert_eq!(unresolved(&text(&format!("!Split [',', '{names}']"))), [expected]);
    let written = unresolved(&text(&format!("[{names}]")));
    assert_eq!(written, ["4: `Fn::ForEach::Many`: archlint does not evaluate a loop of more than 256 rounds"]);
}

#[test]
fn products_of_loops_are_cut_off() {
    let list: Vec<String> = (0..200).map(|at| format!("x{at}")).collect();
    let mut body = String::from("{'Q${A}${B}${C}${D}': {Type: AWS::SQS::Queue}}");
    for name in ["D", "C", "B", "A"] {
        body = format!("{{'Fn::ForEach::{name}': [{name}, [{}], {body}]}}", list.join(","));
    }
    let text = format!("Resources: {body}\n");
    let expected = "1: `Fn::ForEach::A`: archlint does not evaluate loops that make this much";
    assert_eq!(unresolved(&text), [expected]);
}

#[test]
fn loops_that_blow_up_texts_are_cut_off() {
    let text = format!(
        "Resources:\n  Fn::ForEach::Many:\n    - N\n    - [{}]\n    - 'Q${{N}}': {{Type: AWS::SQS::Queue, Properties: {{QueueName: '{}'}}}}\n",
        (0..250).map(|at| format!("{at}{}", "x".repeat(1000))).collect::<Vec<_>>().join(","),
        "${N}".repeat(100_000)
    );
    let expected = "2: `Fn::ForEach::Many`: archlint does not evaluate loops that make this much";
    assert_eq!(unresolved(&text), [expected]);
}

#[test]
fn what_leads_back_to_itself_is_not_known() {
    let circle = "unknown: the condition leads back to itself";
    assert_eq!(timeout("Conditions: {A: !Condition B, B: !Not [!Condition A]}", "!If [A, 1, 2]"), circle);
    assert_eq!(timeout("Conditions: {A: !Equals [!If [A, 1, 2], 1]}", "!If [A, 1, 2]"), circle);
    // Neither parameters nor mappings may call anything; what they hold is taken as it is.
    let parameters = "Parameters: {P: {Type: Number, Default: !Ref P}}";
    assert!(timeout(parameters, "!Ref P").starts_with("unknown:"), "{}", timeout(parameters, "!Ref P"));
    let mappings = "Mappings: {M: {a: {b: !FindInMap [M, a, b]}}}";
    assert!(timeout(mappings, "!FindInMap [M, a, b]").starts_with("unknown:"));
}

#[test]
fn long_chains_of_conditions_and_stacks_are_cut_off_or_followed() {
    let mut conditions = String::from("Conditions:\n  C0: !Equals [a, a]\n");
    for step in 1..5_000 {
        writeln!(conditions, "  C{step}: !Not [!Condition C{}]", step - 1).expect("a string");
    }
    assert_eq!(timeout(&conditions, "!If [C10, 1, 2]"), "1");
    assert_eq!(timeout(&conditions, "!If [C4999, 1, 2]"), "unknown: archlint does not evaluate nesting this deep");

    let mut parent =
        String::from("Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {Timeout: !GetAtt S0.Outputs.Out}}\n");
    for step in 0..250 {
        let next = format!("!GetAtt S{}.Outputs.Out", step + 1);
        writeln!(parent, "  S{step}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: s.yaml, Parameters: {{In: {next}}}}}}}").expect("a string");
    }
    let child =
        "Parameters: {In: {Type: String}}\nResources: {T: {Type: AWS::SNS::Topic}}\nOutputs: {Out: {Value: !Ref In}}\n";
    let found = model(&[("main.yaml", &parent), ("s.yaml", child)]).timeout("F");
    assert!(found.starts_with("unknown: archlint does not evaluate"), "{found}");
}

#[test]
fn settings_that_thousands_of_functions_share_are_bounded() {
    let names = |value: &str| (0..1_500).map(|at| format!("V{at}: {value}")).collect::<Vec<_>>().join(", ");
    let mut text = format!("Globals: {{Function: {{Timeout: 9, Environment: {{Variables: {{{}}}}}}}}}\n", names("1"));
    text.push_str("Shared: &own\n");
    writeln!(text, "  Environment: {{Variables: {{{}}}}}\nResources:", names("!Ref A")).expect("a string");
    for at in 0..1_500 {
        writeln!(text, "  F{at}: {{Type: AWS::Serverless::Function, Properties: *own}}").expect("a string");
    }
    let model = model(&[("template.yaml", &text)]);
    assert_eq!(model.timeout("F0"), "9");
    assert!(model.timeout("F1499").starts_with("unknown: archlint does not evaluate"), "{}", model.timeout("F1499"));
}

#[test]
fn includes_that_include_themselves_end() {
    let include = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: more.yaml}}";
    let template = format!("Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      {include}\n");
    let more = format!("Timeout: 5\nEnvironment:\n  {include}\n");
    assert_eq!(model(&[("template.yaml", &template), ("more.yaml", &more)]).timeout("F"), "5");
    let more = format!("Timeout: 5\n{include}\n");
    assert!(model(&[("template.yaml", &template), ("more.yaml", &more)]).timeout("F").starts_with("unknown:"));
}

/// A directory with a template that names a file, and a secret beside it.
struct Project(tempfile::TempDir);

impl Project {
    fn new(template: &str) -> Self {
        let folder = tempfile::tempdir().expect("a scratch directory");
        let project = Self(folder);
        project.write(
            "outside/secret.yaml",
            "StartAt: A\nStates: {A: {Type: Task, Resource: 'arn:aws:lambda:a:1:function:f'}}\n",
        );
        project.write("outside/stack.yaml", "Resources: {Stolen: {Type: AWS::Lambda::Function, Properties: {}}}\n");
        project.write("project/template.yaml", template);
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }

    /// How many files are read, and what is said about those that are not.
    fn run(&self) -> (usize, Vec<String>) {
        let report = run(Input::Paths(vec![self.path("project")]), &Options::default());
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        assert!(report.sources.ids().all(|id| !report.sources.get(id).path().starts_with(self.path("outside"))));
        (report.files, messages(&report.notes, NoteKind::Unresolved))
    }
}

#[test]
fn files_outside_of_the_roots_are_not_read() {
    let outside = |path: &str| format!("`{path}` lies outside the scanned directories");
    for path in ["../outside/secret.yaml", "../../../../../../etc/passwd", "/etc/passwd"] {
        for key in ["DefinitionUri", "DefinitionS3Location"] {
            let text =
                format!("Resources:\n  Flow: {{Type: AWS::Serverless::StateMachine, Properties: {{{key}: {path}}}}}\n");
            let expected = format!("2: the definition of `Flow`: {}", outside(path));
            assert_eq!(Project::new(&text).run(), (1, vec![expected]), "{path}");
        }
        let text =
            format!("Resources:\n  Api: {{Type: AWS::Serverless::Api, Properties: {{DefinitionUri: {path}}}}}\n");
        assert_eq!(Project::new(&text).run(), (1, vec![format!("2: the API `Api`: {}", outside(path))]));
    }
    let text =
        "Resources:\n  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../outside/stack.yaml}}\n";
    let expected = format!("2: the stack `Inner`: {}", outside("../outside/stack.yaml"));
    assert_eq!(Project::new(text).run(), (1, vec![expected]));
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_of_the_roots_are_not_followed() {
    let text = "Resources:
  Flow: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: flow.yaml}}
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml}}
";
    let project = Project::new(text);
    for (link, target) in [("flow.yaml", "outside/secret.yaml"), ("inner.yaml", "outside/stack.yaml")] {
        std::os::unix::fs::symlink(project.path(target), project.path("project").join(link)).expect("a link");
    }
    let (files, notes) = project.run();
    assert_eq!(files, 1);
    let expected = [
        "2: the definition of `Flow`: `flow.yaml` lies outside the scanned directories",
        "3: the stack `Inner`: `inner.yaml` lies outside the scanned directories",
    ];
    assert_eq!(notes, expected);
}

#[test]
fn files_that_are_no_definitions_are_none() {
    let text = "Resources:\n  Flow: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: flow.json}}\n";
    let project = Project::new(text);
    for (content, expected) in [
        ("{\"States\": {", Some("2: the definition of `Flow`: `flow.json` cannot be read")),
        ("", Some("2: the definition of `Flow`: `flow.json` cannot be read")),
        ("[1, 2]", None),
        ("{\"States\": 5}", None),
    ] {
        project.write("project/flow.json", content);
        assert_eq!(project.run().1, expected.into_iter().map(String::from).collect::<Vec<_>>(), "{content}");
    }
}

//! Templates that nest others: one unit, with arguments that go down and outputs that come up.

mod support;

use archlint::engine::{Input, Options, run};
use archlint::model::Architecture;
use archlint::read::{NoteKind, Variables};
use std::path::PathBuf;
use support::model::{model, model_with};

const PARENT: &str = "
Parameters: {Seconds: {Type: Number, Default: 40}}
Resources:
  Queues:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: stacks/queues.yaml, Parameters: {Hidden: !Ref Seconds}}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 50
      Events: {Jobs: {Type: SQS, Properties: {Queue: !GetAtt Queues.Outputs.JobsArn}}}
";
const QUEUES: &str = "
Parameters: {Hidden: {Type: Number, Default: 600}}
Resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: !Ref Hidden}}
Outputs:
  JobsArn: {Value: !GetAtt Jobs.Arn}
";

fn units(architecture: &Architecture) -> Vec<String> {
    let all = architecture.workloads().map(|one| one.identity.unit);
    let all = all.chain(architecture.queues().map(|one| one.identity.unit));
    let mut names: Vec<String> = all.map(|unit| architecture.unit(unit).name.to_string()).collect();
    names.sort();
    names.dedup();
    names
}

/// Messages of notes of a kind, each with its file.
fn notes(files: &[(&str, &str)], kind: NoteKind) -> Vec<String> {
    let texts = files.iter().map(|(path, text)| (PathBuf::from(path), text.to_string())).collect();
    let report = run(Input::Texts(texts), &Options::default());
    let notes = report.notes.iter().filter(|note| note.kind == kind);
    notes.map(|note| format!("{}:{}: {}", note.path.display(), note.line, note.message)).collect()
}

#[test]
fn arguments_go_down_and_outputs_come_up() {
    let model = model(&[("main.yaml", PARENT), ("stacks/queues.yaml", QUEUES)]);
    assert_eq!(model.queue("Worker").as_deref(), Some("Jobs"));
    assert_eq!(units(&model.architecture), ["main.yaml"], "what a template nests belongs to it");
    let queues: Vec<_> = model.architecture.queues().collect();
    assert_eq!(queues.len(), 1, "a nested template does not stand for itself as well");
    assert_eq!(&*queues[0].identity.address, "Queues.Jobs");
    assert_eq!(queues[0].visibility.known(), Some(&40));
    assert_eq!(
        model.steps(&queues[0].visibility),
        [
            "reference Ref Hidden @ stacks/queues.yaml:4 !Ref Hidden",
            "ModuleArgument(\"Hidden\") @ main.yaml:6 !Ref Seconds",
            "reference Ref Seconds @ main.yaml:6 !Ref Seconds",
            "default of Seconds @ main.yaml:2 40",
        ]
    );
}

#[test]
fn a_template_that_nothing_nests_has_its_defaults() {
    let model = model(&[("stacks/queues.yaml", QUEUES)]);
    let visibility: Vec<_> = model.architecture.queues().map(|queue| queue.visibility.known().copied()).collect();
    assert_eq!(visibility, [Some(600)]);
}

#[test]
fn a_template_that_is_nested_twice_is_there_twice() {
    let parent = "
Resources:
  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./queues.yaml, Parameters: {Hidden: 5}}}
  B: {Type: AWS::Serverless::Application, Properties: {Location: queues.yaml, Parameters: {Hidden: '7'}}}
  C: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: queues.yaml}}
";
    let model = model(&[("main.yaml", parent), ("other.yaml", parent), ("queues.yaml", QUEUES)]);
    let mut found: Vec<String> = model
        .architecture
        .queues()
        .map(|queue| {
            let unit = &model.architecture.unit(queue.identity.unit).name;
            format!("{unit} {} {:?}", queue.identity.address, queue.visibility.known())
        })
        .collect();
    found.sort();
    let of =
        |unit| [("A", 5), ("B", 7), ("C", 600)].map(|(stack, hidden)| format!("{unit} {stack}.Jobs Some({hidden})"));
    assert_eq!(found, [of("main.yaml"), of("other.yaml")].concat());
}

/// The name of a template in the middle need not say that it is one.
#[test]
fn templates_nest_others_whatever_they_are_called() {
    let nest = |path: &str| {
        format!("Resources: {{Next: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {path}}}}}}}\n")
    };
    let (main, middle) = (nest("middle.cfn"), nest("queues.yaml"));
    let folder = tempfile::tempdir().expect("a scratch directory");
    for (path, text) in [("main.yaml", main.as_str()), ("middle.cfn", middle.as_str()), ("queues.yaml", QUEUES)] {
        std::fs::write(folder.path().join(path), text).expect("a file");
    }
    let (found, _) = archlint::discover::discover(&[folder.path().to_path_buf()]);
    let reading = archlint::read::read(found, vec![folder.path().to_path_buf()], Variables::default());
    let architecture = archlint::link::link(archlint::frontends::lower(&reading.workspace));
    let addresses: Vec<_> = architecture.queues().map(|queue| queue.identity.address.to_string()).collect();
    assert_eq!(addresses, ["Next.Next.Jobs"]);
}

#[test]
fn stacks_hand_their_outputs_to_each_other() {
    let parent = "
Resources:
  Worker: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: worker.yaml, Parameters: {Source: !GetAtt Queues.Outputs.JobsArn, Seconds: !GetAtt [Limits, Outputs.Seconds]}}}
  Queues: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: queues.yaml}}
  Limits: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: limits.yaml}}
";
    let worker = "
Parameters: {Source: {Type: String}, Seconds: {Type: Number}}
Resources:
  Work: {Type: AWS::Serverless::Function, Properties: {Timeout: !Ref Seconds}}
  Read: {Type: AWS::Lambda::EventSourceMapping, Properties: {EventSourceArn: !Ref Source, FunctionName: !Sub '${Work}'}}
";
    let limits = "
Resources: {Topic: {Type: AWS::SNS::Topic}}
Outputs: {Seconds: {Value: 77}}
";
    let files = [("main.yaml", parent), ("worker.yaml", worker), ("queues.yaml", QUEUES), ("limits.yaml", limits)];
    let model = model(&files);
    assert_eq!(model.timeout("Work"), "77");
    assert_eq!(model.queue("Work").as_deref(), Some("Jobs"));
}

#[test]
fn outputs_may_come_of_loops_and_arguments_may_be_nothing() {
    let parent = "
Resources:
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml, Parameters: {Seconds: !Ref 'AWS::NoValue', Names: 'A,B'}}}
  F: {Type: AWS::Lambda::Function, Properties: {Timeout: !GetAtt Inner.Outputs.OfB}}
  G: {Type: AWS::Lambda::Function, Properties: {Timeout: !Sub '${Inner.Outputs.Gone}'}}
";
    let inner = "
Transform: AWS::LanguageExtensions
Parameters: {Seconds: {Type: Number, Default: 14}, Names: {Type: CommaDelimitedList}}
Resources:
  Fn::ForEach::Topics: [N, !Ref Names, {'Topic${N}': {Type: AWS::SNS::Topic}}]
Outputs:
  Fn::ForEach::All: [N, !Ref Names, {'Of${N}': {Value: !Ref Seconds}}]
";
    let model = model(&[("main.yaml", parent), ("inner.yaml", inner)]);
    assert_eq!(model.timeout("F"), "14");
    assert_eq!(model.timeout("G"), "unknown: `Outputs.Gone` was not found");
}

#[test]
fn what_a_nested_stack_exports_is_imported_elsewhere() {
    let parent = "Resources: {Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml}}}\n";
    let inner = "
Transform: AWS::LanguageExtensions
Resources: {Jobs: {Type: AWS::SQS::Queue}}
Outputs:
  Fn::ForEach::All: [N, [Jobs], {'${N}Arn': {Value: !GetAtt ['${N}', Arn], Export: {Name: !Sub 'shop-${N}'}}}]
";
    let other = "
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties: {Events: {Jobs: {Type: SQS, Properties: {Queue: !ImportValue shop-Jobs}}}}
";
    let model = model(&[("main.yaml", parent), ("inner.yaml", inner), ("other.yaml", other)]);
    assert_eq!(model.queue("Work").as_deref(), Some("Jobs"));
}

#[test]
fn names_mean_something_in_their_own_template_only() {
    let parent = "
Resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 9}}
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml}}
";
    let inner = "
Resources:
  Work: {Type: AWS::Serverless::Function, Properties: {}}
  Read: {Type: AWS::Lambda::EventSourceMapping, Properties: {EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref Work}}
";
    let model = model(&[("main.yaml", parent), ("inner.yaml", inner)]);
    assert!(model.triggers("Work").iter().all(|trigger| {
        !matches!(&trigger.kind, archlint::model::TriggerKind::Queue(queue) if queue.queue.target.is_some())
    }));
}

#[test]
fn globals_and_conditions_are_those_of_the_template() {
    let parent = "
Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {Live: !Equals [!Ref Stage, live]}
Globals: {Function: {Timeout: 11}}
Resources:
  Inner: {Type: AWS::Serverless::Application, Properties: {Location: ./inner.yaml}}
  Only: {Type: AWS::CloudFormation::Stack, Condition: Live, Properties: {TemplateURL: only.yaml}}
";
    let inner = "
Globals: {Function: {Timeout: 22}}
Resources: {Work: {Type: AWS::Serverless::Function, Properties: {}}}
";
    let only = "Resources: {Seldom: {Type: AWS::Lambda::Function, Properties: {}}}\n";
    let files = [("main.yaml", parent), ("inner.yaml", inner), ("only.yaml", only)];
    let default = model(&files);
    assert_eq!(default.timeout("Work"), "22");
    assert_eq!(default.architecture.workloads().count(), 1, "a stack whose condition is false is not there");
    let live = Variables { parameters: vec![("Stage".into(), "live".into())], ..Variables::default() };
    assert_eq!(model_with(&files, live).timeout("Seldom"), "3");
}

#[test]
fn what_is_set_on_the_command_line_is_set_in_the_template_that_is_deployed() {
    let files = [("main.yaml", PARENT), ("stacks/queues.yaml", QUEUES)];
    let set = [("Seconds", "90"), ("Hidden", "1")].map(|(name, value)| (name.to_string(), value.to_string()));
    let model = model_with(&files, Variables { parameters: set.to_vec(), ..Variables::default() });
    let queue = model.architecture.queues().next().expect("a queue");
    assert_eq!(queue.visibility.known(), Some(&90));
    assert_eq!(model.steps(&queue.visibility).last().map(String::as_str), Some("set Seconds @ nowhere"));
}

#[test]
fn stacks_that_lie_elsewhere_stay_unknown() {
    let parent = |place: &str| PARENT.replace("stacks/queues.yaml", place);
    for place in ["https://s3.amazonaws.com/bucket/queues.yaml", "!Sub '${Bucket}/queues.yaml'"] {
        let text = parent(place);
        assert_eq!(notes(&[("main.yaml", &text)], NoteKind::Unresolved), Vec::<String>::new(), "{place}");
        assert_eq!(model(&[("main.yaml", &text)]).architecture.queues().count(), 0);
    }
    let missing = parent("gone.yaml");
    let found = notes(&[("main.yaml", &missing)], NoteKind::Unresolved);
    assert_eq!(found, ["main.yaml:4: the stack `Queues`: `gone.yaml` was not found"]);
}

#[test]
fn stacks_that_nest_themselves_and_each_other_end() {
    let nest = |path: &str| {
        format!(
            "Resources:\n  F: {{Type: AWS::Lambda::Function, Properties: {{Timeout: 5}}}}\n  Next: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {path}}}}}\n"
        )
    };
    let alone = nest("a.yaml");
    let found = notes(&[("a.yaml", &alone)], NoteKind::Skipped);
    assert_eq!(found, ["a.yaml:3: `a.yaml` nests itself, and is not followed again"]);
    let (a, b) = (nest("b.yaml"), nest("a.yaml"));
    let circle = model(&[("a.yaml", &a), ("b.yaml", &b)]);
    let addresses: Vec<_> = circle.architecture.workloads().map(|one| one.identity.address.to_string()).collect();
    assert_eq!(addresses, ["F", "Next.F"], "the first of them is the root");
}

#[test]
fn products_of_stacks_are_cut_off() {
    let many = |path: &str| {
        let stack =
            |at: usize| format!("  S{at}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {path}}}}}\n");
        format!("Resources:\n{}", (0..50).map(stack).collect::<String>())
    };
    let files: Vec<(String, String)> =
        (0..6).map(|level| (format!("t{level}.yaml"), many(&format!("t{}.yaml", level + 1)))).collect();
    let mut files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.push(("t6.yaml", QUEUES));
    let found = notes(&files, NoteKind::Skipped);
    assert_eq!(found, ["t0.yaml:1: this template nests more stacks than archlint follows; the rest is not read"]);
}

#[test]
fn outputs_that_need_themselves_are_not_known() {
    let parent = "
Resources:
  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: a.yaml, Parameters: {In: !GetAtt B.Outputs.Out}}}
  B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: a.yaml, Parameters: {In: !GetAtt A.Outputs.Out}}}
  F: {Type: AWS::Lambda::Function, Properties: {Timeout: !GetAtt A.Outputs.Out}}
";
    let child = "
Parameters: {In: {Type: Number}}
Resources: {T: {Type: AWS::SNS::Topic}}
Outputs: {Out: {Value: !Ref In}}
";
    let model = model(&[("main.yaml", parent), ("a.yaml", child)]);
    assert_eq!(model.timeout("F"), "unknown: `A` needs itself");
}

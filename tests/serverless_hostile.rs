//! Services that would have no end, or none that anyone waits for: they are cut off, and it is said.

mod support;

use proptest::prelude::*;
use std::fmt::Write;
use support::model::model;

/// What comes of a timeout, beside some custom values.
fn timeout(custom: &str, expression: &str) -> String {
    let text = format!(
        "service: shop\nprovider: {{name: aws}}\ncustom:\n  nothing: 0\n{custom}functions:\n  one:\n    handler: a.main\n    timeout: '{expression}'\n"
    );
    model(&[("serverless.yml", &text)]).timeout("one")
}

/// Messages of a run over some texts.
fn notes(files: &[(&str, &str)]) -> Vec<String> {
    let report = support::lint(files);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    report.notes.iter().map(|note| format!("{}:{} {}", note.path.display(), note.line, note.message)).collect()
}

#[test]
fn circles_are_named_where_they_are() {
    let text = "\
service: shop
provider: {name: aws}
custom:
  a: ${self:custom.b}
  b: ${self:custom.nothing, self:custom.a}
  unused: ${self:custom.unused}
  block:
    inner: ${self:custom.block}
  list: ['${self:custom.list.0}']
functions:
  one: {handler: a.main, timeout: '${self:custom.a, 5}'}
  two: {handler: b.main, timeout: '${file(loop.yml):x}'}
";
    let found = notes(&[("serverless.yml", text), ("loop.yml", "x: ${file(loop.yml):y}\ny: ${file(loop.yml):x}\n")]);
    assert_eq!(
        found,
        [
            "loop.yml:1 `x` leads back to itself",
            "serverless.yml:4 `custom.a` leads back to itself",
            "serverless.yml:5 `custom.b` leads back to itself",
            "serverless.yml:6 `custom.unused` leads back to itself",
            "serverless.yml:8 `custom.block` leads back to itself",
            "serverless.yml:9 `custom.list.0` leads back to itself",
            "serverless.yml:11 the timeout of `one`: `custom.a` leads back to itself",
            "serverless.yml:12 the timeout of `two`: `x` leads back to itself",
        ]
    );
}

#[test]
fn a_stage_that_asks_for_itself_is_the_default() {
    for stage in ["${self:provider.stage}", "${opt:stage, self:provider.stage}", "${sls:stage}"] {
        let text = format!(
            "service: shop\nprovider: {{name: aws, stage: '{stage}'}}\ncustom: {{dev: 8}}\nfunctions:\n  one: {{handler: a.main, timeout: '${{self:custom.${{sls:stage}}}}'}}\n"
        );
        assert_eq!(model(&[("serverless.yml", &text)]).timeout("one"), "8", "{stage}");
        assert_eq!(notes(&[("serverless.yml", &text)]), Vec::<String>::new(), "{stage}");
    }
}

#[test]
fn long_chains_of_fallbacks_are_followed_or_cut_off() {
    let chain = |count: usize| {
        let sources: Vec<String> = (0..count).map(|step| format!("opt:o{step}")).collect();
        format!("${{{}, 9}}", sources.join(", "))
    };
    assert_eq!(timeout("", &chain(4_000)), "9");
    assert_eq!(timeout("", &chain(10_000)), "unknown: archlint does not evaluate a variable this long");
    let mut steps = String::new();
    for step in 0..10_000 {
        writeln!(steps, "  a{step}: ${{opt:o{step}, self:custom.a{}}}", step + 1).expect("a string");
    }
    assert_eq!(timeout(&steps, "${self:custom.a9990}"), "unknown: `opt:o9999` has no default and is not set");
    let cut = timeout(&steps, "${self:custom.a0}");
    assert!(cut.starts_with("unknown: archlint does not evaluate"), "{cut}");
}

#[test]
fn deep_nesting_is_cut_off() {
    let nested = |depth: usize| format!("{}x{}", "${self:custom.".repeat(depth), "}".repeat(depth));
    assert_eq!(timeout("", &nested(10_000)), "unknown: archlint does not evaluate variables nested this deep");
    let open = "${self:custom.".repeat(10_000);
    assert_eq!(timeout("", &open), "unknown: archlint does not evaluate variables nested this deep");
    assert_eq!(
        timeout("", &"${self:custom.a".repeat(5)),
        "unknown: archlint does not evaluate a variable without its closing brace"
    );
    // Each value asks for the next one in a name within a name.
    let mut steps = String::new();
    for step in 0..300 {
        let next = format!("{}a{}{}", "${self:custom.".repeat(10), step + 1, ", 1}".repeat(10));
        writeln!(steps, "  a{step}: {next}").expect("a string");
    }
    let cut = timeout(&steps, "${self:custom.a0}");
    assert!(cut.starts_with("unknown: "), "{cut}");
}

#[test]
fn what_doubles_with_every_line_is_cut_off() {
    let mut steps = String::from("  t0: some text\n  l0: [1]\n");
    for step in 1..64 {
        let before = step - 1;
        writeln!(steps, "  t{step}: ${{self:custom.t{before}}}${{self:custom.t{before}}}").expect("a string");
        writeln!(steps, "  l{step}: ['${{self:custom.l{before}}}', '${{self:custom.l{before}}}']").expect("a string");
    }
    assert_eq!(timeout(&steps, "${self:custom.t63}"), "unknown: archlint does not evaluate a text this long");
    assert!(timeout(&steps, "${self:custom.l63}").starts_with("unknown: "));
}

#[test]
fn files_that_include_themselves_and_each_other_end() {
    let text = "service: shop\nprovider: {name: aws}\ncustom: ${file(a.yml)}\nfunctions:\n  one: {handler: a.main, timeout: '${self:custom.wait}'}\n";
    let found = notes(&[("serverless.yml", text), ("a.yml", "${file(b.yml)}\n"), ("b.yml", "${file(a.yml)}\n")]);
    assert_eq!(found, ["serverless.yml:5 the timeout of `one`: the reference leads back to itself"]);
    let itself = text.replace("a.yml", "serverless.yml");
    let found = notes(&[("serverless.yml", &itself)]);
    assert_eq!(found, ["serverless.yml:5 the timeout of `one`: `${self:custom.wait}` was not found"]);
    // A chain of files is followed for some rounds only.
    let mut files = vec![("serverless.yml".to_string(), text.replace("a.yml", "f0.yml"))];
    for step in 0..100 {
        files.push((format!("f{step}.yml"), format!("wait: ${{file(f{}.yml):wait}}\n", step + 1)));
    }
    files.push(("f100.yml".to_string(), "wait: 7\n".to_string()));
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(model(&files).timeout("one"), "unknown: archlint does not evaluate files that are included this deep");
}

#[test]
fn a_dotenv_file_that_grows_is_cut_off() {
    let mut dotenv = String::from("V0=1234567890\n");
    for step in 1..60 {
        writeln!(dotenv, "V{step}=$V{0}$V{0}", step - 1).expect("a string");
    }
    let text = "service: shop\nuseDotenv: true\nprovider: {name: aws}\nfunctions:\n  one: {handler: a.main, timeout: '${env:V59}'}\n";
    let timeout = model(&[("serverless.yml", text), (".env", &dotenv)]).timeout("one");
    assert_eq!(timeout, "unknown: archlint does not evaluate what a value in `.env` refers to");
}

#[test]
fn hostile_services_end() {
    let mut chain = "service: shop\nprovider: {name: aws}\ncustom:\n".to_string();
    for number in 0..20_000 {
        chain += &format!("  a{number}: ${{self:custom.a{}}}\n", number + 1);
    }
    chain += "functions:\n  one: {handler: a.main, timeout: '${self:custom.a0}'}\n";
    let mut doubling = "service: shop\nprovider: {name: aws}\ncustom:\n  a0: xxxxxxxxxxxxxxxx\n".to_string();
    let mut nesting = doubling.clone();
    for number in 1..40 {
        doubling += &format!("  a{number}: ${{self:custom.a{0}}}${{self:custom.a{0}}}\n", number - 1);
        nesting += &format!("  a{number}: [[['${{self:custom.a{0}}}', '${{self:custom.a{0}}}']]]\n", number - 1);
    }
    for text in [&mut doubling, &mut nesting] {
        *text += "functions:\n  one: {handler: a.main, timeout: '${self:custom.a39}'}\n";
    }
    let open = format!(
        "service: shop\nprovider: {{name: aws}}\nfunctions:\n  one: {{handler: a.main, timeout: '{}'}}\n",
        "${self:a.".repeat(20_000)
    );
    let mut merged = "service: shop\nprovider: {name: aws}\ncustom:\n  a0: &a0 {x: 1}\n".to_string();
    for number in 1..60 {
        merged += &format!("  a{number}: &a{number} {{<<: [*a{0}, *a{0}], y{number}: 1}}\n", number - 1);
    }
    merged += "functions:\n  one: {handler: a.main, timeout: 7, environment: {<<: *a59}}\n";
    for (text, expected) in [
        (chain, "unknown: "),
        (doubling, "unknown: archlint does not evaluate a text this long"),
        (nesting, "unknown: "),
        (open, "unknown: archlint does not evaluate variables nested this deep"),
        (merged, "7"),
    ] {
        let timeout = model(&[("serverless.yml", &text)]).timeout("one");
        assert!(timeout.starts_with(expected), "{timeout}");
    }
}

/// Texts that look like variables, more or less.
fn variable_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "${", "}", "{", "$", ":", ",", "(", ")", "'", "\"", " ", "\\", "self", "file", "opt", "env", "custom.a",
        "a.yml", "stage", "é", "#", "=", "\n", "1",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(support::drawn(256))]

    #[test]
    fn any_text_is_read(text in variable_like(), dotenv in variable_like()) {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let service = format!(
            "service: shop\nuseDotenv: true\nprovider: {{name: aws}}\ncustom:\n  a: \"{quoted}\"\n  b: '${{env:A}}'\nfunctions:\n  one: {{handler: a.main, timeout: \"{quoted}\", memorySize: '${{self:custom.a}}'}}\n"
        );
        let model = model(&[("serverless.yml", &service), ("a.yml", &format!("x: {quoted:?}")), (".env", &format!("A={dotenv}"))]);
        prop_assert!(!model.timeout("one").is_empty());
    }
}

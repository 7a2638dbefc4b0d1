//! Configurations that would have no end, or none that anyone waits for: they are cut off, and it is said.

mod support;

use archlint::engine::{Input, Options, run};
use archlint::read::NoteKind;
use std::fmt::Write;
use std::path::PathBuf;
use support::model::model;

/// What comes of an expression, among locals.
fn value(locals: &str, expression: &str) -> String {
    let text =
        format!("locals {{\n{locals}\n}}\nresource \"aws_lambda_function\" \"f\" {{\n  timeout = {expression}\n}}\n");
    model(&[("main.tf", &text)]).timeout("f")
}

const TOO_LARGE: &str = "unknown: archlint does not evaluate an expression this large";

#[test]
fn products_of_ranges_are_cut_off() {
    let nested = "length(flatten([for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]]))";
    assert_eq!(value("", nested), TOO_LARGE);
    let product = "length(setproduct(range(1000), range(1000), range(1000)))";
    assert_eq!(value("", product), "unknown: archlint does not evaluate `setproduct()`");
    assert_eq!(value("", "length(range(0, 1000000))"), "unknown: archlint does not evaluate `range()`");
}

#[test]
fn what_doubles_with_every_line_is_cut_off() {
    let mut lists = String::from("l0 = [1, 2]\n");
    let mut texts = String::from("t0 = \"some text\"\n");
    for step in 1..64 {
        let before = step - 1;
        writeln!(lists, "l{step} = [local.l{before}, local.l{before}]").expect("a string");
        writeln!(texts, "t{step} = \"${{local.t{before}}}${{local.t{before}}}\"").expect("a string");
    }
    assert_eq!(value(&lists, "length(flatten(local.l63))"), TOO_LARGE);
    assert_eq!(value(&texts, "length(local.t24)"), "unknown: archlint does not evaluate a text this long");
}

#[test]
fn long_chains_and_long_fallbacks_are_cut_off_or_followed() {
    let mut chain = String::from("c0 = 7\n");
    for step in 1..10_000 {
        writeln!(chain, "c{step} = local.c{}", step - 1).expect("a string");
    }
    assert_eq!(value(&chain, "local.c9999"), TOO_LARGE);
    assert_eq!(value(&chain, "local.c20"), "7");
    let fallbacks: Vec<String> = (0..4_000).map(|step| format!("local.c1.x{step}")).collect();
    assert_eq!(value(&chain, &format!("try({}, 9)", fallbacks.join(", "))), "9");
}

#[test]
fn modules_that_call_themselves_and_each_other_end() {
    let call = |source: &str| format!("module \"again\" {{\n  source = \"{source}\"\n  count = 3\n}}\n");
    let function = "resource \"aws_lambda_function\" \"f\" {\n  timeout = 5\n}\n";
    let (a, b) = (format!("{}{function}", call("../b")), format!("{}{function}", call("../a")));
    let texts = [("a/main.tf", a), ("b/main.tf", b), ("main.tf", call("./a"))];
    let texts = texts.iter().map(|(path, text)| (PathBuf::from(path), text.clone())).collect();
    let report = run(Input::Texts(texts), &Options::default());
    let cut = report.notes.iter().filter(|note| note.kind == NoteKind::Skipped);
    let messages: Vec<_> = cut.map(|note| format!("{}: {}", note.path.display(), note.message)).collect();
    let rest =
        "this root module makes more instances of modules and resources than archlint follows; the rest is not read";
    assert_eq!(messages, [format!("main.tf: {rest}")]);
}

#[test]
fn patterns_and_widths_stay_small() {
    let pattern = "length(regexall(\"(x+x+)+y\", join(\"\", [for i in range(1000) : \"xxxxxxxx\"])))";
    assert_eq!(value("", pattern), "0");
    assert_eq!(value("", "regex(\"a{1000}{1000}\", \"a\")"), "unknown: archlint does not evaluate `regex()`");
    assert_eq!(value("", "length(format(\"%900000000d\", 1))"), "unknown: archlint does not evaluate `format()`");
    assert_eq!(value("", "length(indent(900000000, \"a\\nb\"))"), "unknown: archlint does not evaluate `indent()`");
}

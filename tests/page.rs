//! How a page is read: projects, marks, what is wrong with it, and what `explain` shows.

mod support;

use archlint::page::{Expected, Page};
use proptest::prelude::*;
use support::drawn;

const OPENING: &str = "# some-lint\n\nWhat is\nwrong.\n\n";

fn page(body: &str) -> Page {
    Page::parse(&format!("{OPENING}{body}")).expect("a page")
}

/// The line and the message that a body is refused with.
fn refusal(body: &str) -> (usize, String) {
    let error = Page::parse(&format!("{OPENING}{body}")).expect_err("a page that is wrong");
    (error.line, error.message)
}

/// The paths of each project.
fn projects(page: &Page) -> Vec<Vec<&str>> {
    page.examples.iter().map(|example| example.files.iter().map(|file| file.path.as_str()).collect()).collect()
}

fn expected(path: &str, line: usize, lint: &str) -> Expected {
    Expected { path: path.into(), line, lint: lint.into() }
}

#[test]
fn a_page_opens_with_its_title_and_one_paragraph() {
    let page = page("More.\n");
    assert_eq!((page.title.as_str(), page.summary.as_str()), ("some-lint", "What is wrong."));

    assert_eq!(Page::parse("").expect_err("no title").line, 1);
    assert_eq!(Page::parse("\nText.\n").expect_err("no title").line, 2);
    assert_eq!(Page::parse("# a\n\n## b\n").expect_err("no summary").line, 3);
}

#[test]
fn fences_without_text_between_them_are_one_project() {
    let page = page("```hcl a.tf\na = 1\n```\n\n```hcl b.tf\nb = 1\n```\n");
    assert_eq!(projects(&page), [["a.tf", "b.tf"]]);
    assert_eq!(page.examples[0].line, 6);
    assert_eq!(page.examples[0].files[1].text, "b = 1\n");
}

#[test]
fn text_and_a_path_that_occurred_start_a_new_project() {
    let body = "```hcl a.tf\n```\n```hcl a.tf\n```\nText.\n\n```hcl b.tf\n```\n\n## Heading\n\n```hcl c.tf\n```\n```text\n```\n```hcl d.tf\n```\n";
    assert_eq!(projects(&page(body)), [["a.tf"], ["a.tf"], ["b.tf"], ["c.tf"], ["d.tf"]]);
}

#[test]
fn marks_name_lints_and_are_not_part_of_the_file() {
    let page = page(
        "```yaml a.yaml\none: 1 #~ first\ntwo: 2   #~ first, second\nthree: a#~b\n```\n\n```json b.json\n{\n  \"a\": 1 #~ third\n}\n```\n",
    );
    let example = &page.examples[0];
    assert_eq!(example.files[0].text, "one: 1\ntwo: 2\nthree: a#~b\n");
    assert_eq!(example.files[1].text, "{\n  \"a\": 1\n}\n");
    let marks = [
        expected("a.yaml", 1, "first"),
        expected("a.yaml", 2, "first"),
        expected("a.yaml", 2, "second"),
        expected("b.json", 2, "third"),
    ];
    assert_eq!(example.expected, marks);
}

#[test]
fn what_follows_use_instead_is_clean() {
    let flagged = "```hcl a.tf\na = 1 #~ some-lint\n```\n";
    let page =
        page(&format!("{flagged}\nUse instead:\n\n```hcl a.tf\n```\n```hcl b.tf\n```\n\nText.\n\n```hcl a.tf\n```\n"));
    let clean: Vec<bool> = page.examples.iter().map(|example| example.must_be_clean).collect();
    assert_eq!(clean, [false, true, false]);
    assert_eq!(projects(&page)[1], ["a.tf", "b.tf"]);

    assert_eq!(refusal(&format!("Use instead:\n\n{flagged}")).0, 8);
    assert_eq!(refusal(&format!("Use instead:\n\n```hcl a.tf\n```\n{}", flagged.replace("a.tf", "b.tf"))).0, 10);
    assert_eq!(refusal("Use instead:\n\nText.\n"), (6, "no example follows `Use instead:`".into()));
    assert_eq!(refusal("Use instead:\n"), (6, "no example follows `Use instead:`".into()));
}

#[test]
fn fences_nest_by_length_and_leave_other_languages_alone() {
    let page = page("````text\n```hcl\n````\n\n- an item:\n\n  ```hcl a.tf\n  a = {\n    b = 1\n  }\n  ```\n");
    assert_eq!(projects(&page), [["a.tf"]]);
    assert_eq!(page.examples[0].files[0].text, "a = {\n  b = 1\n}\n");
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    assert_eq!(refusal("```hcl a.tf\na = 1\n"), (6, "this fence is never closed".into()));
    assert!(refusal("```\n```\n").1.contains("names its language"));
    assert!(refusal("Text.\n\n```yaml\n```\n").1.contains("names its file"));
    assert_eq!(refusal("Text.\n\n```yaml\n```\n").0, 8);
    assert!(refusal("```hcl a.tf b.tf\n```\n").1.contains("`b.tf` is too much"));
    assert!(refusal("```terraform a.tf\n```\n").1.contains("no language of an example"));
    for path in ["/a.tf", "../a.tf", "./a.tf", "a/../b.tf", "a\\b.tf"] {
        assert!(refusal(&format!("```hcl {path}\n```\n")).1.contains("plain relative path"), "{path}");
    }
    assert!(refusal("```yaml notes.txt\n```\n").1.contains("not a file that archlint reads"));
    assert_eq!(refusal("```yaml a.tf\n```\n").1, "`a.tf` is hcl, not yaml");
    assert_eq!(refusal("```yaml a.tf.json\n```\n").1, "`a.tf.json` is json, not yaml");
}

#[test]
fn a_mark_that_cannot_be_meant_is_refused() {
    assert_eq!(refusal("```hcl a.tf\n\n#~ some-lint\n```\n").0, 8);
    assert!(refusal("```hcl a.tf\na = 1 #~\n```\n").1.contains("no lint id"));
    assert!(refusal("```hcl a.tf\na = 1 #~ Some Lint\n```\n").1.contains("`Some Lint`"));
}

#[test]
fn explain_shows_the_page_without_its_markup() {
    let page = page(
        "## Why\n\nA [link](https://example.com) and **bold** with `code`, in a line that has to be wrapped somewhere.\n\n- one entry that is long enough\n  to be wrapped as well\n- two\n\n| a | b |\n|---|:--|\n| `x\\|y` | z |\n\n<!-- hidden\nlines -->\n\n```hcl main.tf\na = 1 #~ some-lint\n```\n\n```text\n#~ kept\n```\n",
    );
    let shown = page.render(40, false);
    assert_eq!(
        shown,
        "\
some-lint
=========

What is wrong.

Why
---

A link and bold with `code`, in a line
that has to be wrapped somewhere.

- one entry that is long enough to be
  wrapped as well
- two

  a      b
  -----  -
  `x|y`  z

    main.tf:

    a = 1

    #~ kept
"
    );

    let colored = page.render(40, true);
    assert!(colored.contains("\u{1b}[36mcode\u{1b}[0m") && colored.contains("\u{1b}[1mbold\u{1b}[0m"), "{colored}");
    let mut plain = colored;
    for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[36m"] {
        plain = plain.replace(code, "");
    }
    assert!(!plain.contains('\u{1b}') && plain.lines().all(|line| line.chars().count() <= 40), "{plain}");
}

#[test]
fn a_table_is_as_wide_as_there_is_room() {
    let text = "| where | form | covers |\n|---|---|---|\n| a comment behind code | `allow(lint-id) reason` | findings with a label that starts on this line |\n| a file | the same | all of it |\n";
    let shown = |width: usize| {
        let rendered = page(text).render(width, false);
        rendered.split_once("What is wrong.\n\n").map(|(_, table)| table.to_string()).unwrap_or_default()
    };
    assert_eq!(
        shown(72),
        "  where                  form                    covers
  ---------------------  ----------------------  ----------------------
  a comment behind code  `allow(lint-id)         findings with a label
                         reason`                 that starts on this
                                                 line

  a file                 the same                all of it
"
    );
    assert_eq!(
        shown(30),
        "\
- a comment behind code
  form: `allow(lint-id)
    reason`
  covers: findings with a
    label that starts on this
    line
- a file
  form: the same
  covers: all of it
"
    );
    let colored = page(text).render(60, true);
    let row = colored.lines().find(|line| line.contains("a comment")).unwrap_or_default();
    assert!(row.contains("\u{1b}[36mallow(lint-id)\u{1b}[0m "), "no colour runs into the next column: {row:?}");
    assert!(colored.contains("\u{1b}[36mreason\u{1b}[0m"), "{colored:?}");
    assert!((30..120).all(|width| shown(width).lines().all(|line| line.chars().count() <= width)));
}

#[test]
fn a_number_and_its_unit_stay_on_one_line() {
    let shown = page("Waits for 30 s, then gives up after 900 s (15 min).\n").render(20, false);
    assert!(shown.ends_with("Waits for 30 s, then\ngives up after 900 s\n(15 min).\n"), "{shown}");
    let shown = page("Waits for at least 30 s.\n").render(21, false);
    assert!(shown.ends_with("Waits for at least\n30 s.\n"), "{shown}");
}

proptest! {
    #![proptest_config(drawn(256))]
    #[test]
    fn no_text_makes_reading_or_rendering_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "# a", "\n", "\n\n", "```", "````", "~~~", "yaml a.yaml", "hcl ", "json x.json", "#~", " #~ a-b", "|", "\\|",
            "|-|", "<!--", "-->", "[", "](", ")", "**", "`", "- ", "1. ", "Use instead:", "é", "\u{1b}", "\t", "  ", "text",
        ]), 0..60),
        width in 0usize..120,
    ) {
        if let Ok(page) = Page::parse(&format!("# a\n\nb\n\n{}", pieces.concat())) {
            page.render(width, true);
            page.render(width, false);
        }
        let _ = Page::parse(&pieces.concat());
    }

    #[test]
    fn no_line_is_wider_than_asked_for_where_words_fit(words in prop::collection::vec("[a-z]{1,9}", 1..60), width in 20usize..90) {
        let page = Page::parse(&format!("# a\n\n{}\n", words.join(" "))).expect("a page");
        prop_assert!(page.render(width, false).lines().all(|line| line.len() <= width));
    }
}

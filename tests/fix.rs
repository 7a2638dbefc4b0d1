//! `--fix` as people run it: what is written and what is not, to which files, and what it says.

use archlint::engine::Options;
use archlint::fix::Applicability;
use archlint::fix::apply::{Asked, apply, write_all};
use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const ALLOW: &str = "# archlint: allow(queue-visibility-below-timeout) the worker is quick";

/// A queue with a comment that covers nothing, and what `--fix` makes of it.
fn queue(name: &str) -> [String; 2] {
    let text = |comment: &str| {
        format!(
            "resource \"aws_sqs_queue\" \"{name}\" {{\n  name = \"{name}\"{comment} \n  # stays\n  fifo_queue = false\n}}\n"
        )
    };
    [text(&format!("  {ALLOW}")), text("").replace("\" \n", "\"\n")]
}

/// A scratch directory and the program in it.
struct Scratch(TempDir);

/// What a run came to.
#[derive(Debug)]
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a scratch directory"))
    }

    /// A directory with one file, `main.tf`, in which there is something to fix.
    fn with_queue() -> Self {
        Self::new().write("main.tf", &queue("jobs")[0])
    }

    fn write(self, path: &str, text: &str) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file's directory")).expect("a directory");
        fs::write(path, text).expect("a file");
        self
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("a file")
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.run_in(".", arguments)
    }

    fn run_in(&self, folder: &str, arguments: &[&str]) -> Run {
        let mut command = Command::cargo_bin("archlint").expect("the program");
        let output = command.current_dir(self.path(folder)).args(["--format", "short"]).args(arguments).output();
        let output = output.expect("a run");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Run {
            code: output.status.code().expect("the program was not killed"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(arguments);
        let output = git.current_dir(self.0.path()).output().expect("git");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The names of all files in the directory, hidden ones as well.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("a directory");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

#[test]
fn a_safe_fix_is_applied_and_told() {
    let scratch = Scratch::with_queue();
    let run = scratch.run(&["--fix"]);
    assert_eq!(scratch.read("main.tf"), queue("jobs")[1]);
    assert_eq!(run.err, "fixed main.tf:2 unused-allow: remove the allow\n1 fix in 1 round, 1 file written\n");
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    assert_eq!(scratch.names(), ["main.tf"]);
}

#[test]
fn a_second_run_changes_nothing() {
    let scratch = Scratch::with_queue();
    scratch.run(&["--fix"]);
    let before = fs::metadata(scratch.path("main.tf")).and_then(|file| file.modified()).expect("a time");
    let run = scratch.run(&["--fix"]);
    assert_eq!((run.code, run.err.as_str()), (0, "nothing was fixed\n"));
    let after = fs::metadata(scratch.path("main.tf")).and_then(|file| file.modified()).expect("a time");
    assert_eq!(before, after);
}

#[test]
fn without_the_option_nothing_is_written() {
    let scratch = Scratch::with_queue();
    let run = scratch.run(&[]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert_eq!(scratch.read("main.tf"), queue("jobs")[0]);
}

#[test]
fn the_report_is_about_what_is_left() {
    let unknown = "# archlint: allow(no-such-lint)\n";
    let scratch = Scratch::with_queue().write("more.tf", unknown);
    let run = scratch.run(&["--fix"]);
    let left = "more.tf:1:19: warning[unused-allow]: `no-such-lint` is allowed here, but no lint has that id\n";
    assert_eq!((run.code, run.out.as_str()), (1, left));
    assert_eq!(scratch.read("more.tf"), unknown);
    assert_eq!(scratch.run(&["--fix", "--fail-on", "never"]).code, 0);
}

#[test]
fn a_level_that_is_off_and_a_finding_that_is_allowed_are_left_alone() {
    let allowed = queue("jobs")[0].replace("  name", "  # archlint: allow(unused-allow) later\n  name");
    let scratch = Scratch::new().write("main.tf", &allowed);
    assert_eq!(scratch.run(&["--fix"]).err, "nothing was fixed\n");
    let scratch = Scratch::with_queue();
    assert_eq!(scratch.run(&["--fix", "--level", "unused-allow=off"]).err, "nothing was fixed\n");
    assert_eq!(scratch.run(&["--fix", "--level", "unused-allow=advice"]).err, "nothing was fixed\n");
    assert_eq!(scratch.read("main.tf"), queue("jobs")[0]);
    let run = scratch.run(&["--fix", "--level", "unused-allow=advice", "--advice"]);
    assert_eq!(run.err.lines().last(), Some("1 fix in 1 round, 1 file written"));
}

/// What `--fix` makes of comments in a YAML file and in a Terraform file.
#[track_caller]
fn becomes(path: &str, before: &str, after: &str) {
    let scratch = Scratch::new().write(path, before);
    let run = scratch.run(&["--fix"]);
    assert_eq!(scratch.read(path), after, "{}", run.err);
}

#[test]
fn what_goes_with_an_allow() {
    let head = "service: quotes\nprovider: { name: aws, runtime: python3.13 }\n";
    let yaml =
        |before: &str, after: &str| becomes("serverless.yml", &format!("{head}{before}"), &format!("{head}{after}"));
    // A line of its own, also the last one without an end, and with other comments around it.
    yaml("# why\n# archlint: allow(keep-warm-ping)\n# more\n", "# why\n# more\n");
    yaml("# archlint: allow(keep-warm-ping)", "");
    yaml(
        "functions:\n  # archlint: allow(keep-warm-ping)\n  a:\n    handler: a.b\n",
        "functions:\n  a:\n    handler: a.b\n",
    );
    // Behind code, with the blanks before it.
    yaml("custom: {}   # archlint: allow-file(keep-warm-ping) x\n", "custom: {}\n");
    // Line ends stay what they are.
    yaml(
        "custom: {} # archlint: allow(keep-warm-ping)\r\n# archlint: allow(keep-warm-ping)\r\nplugins: []\r\n",
        "custom: {}\r\nplugins: []\r\n",
    );
    // One id of several, and all of several.
    yaml("# archlint: allow(keep-warm-ping, nothing) why\n", "# archlint: allow(nothing) why\n");
    yaml(
        "# archlint: allow(nothing , keep-warm-ping ,timeout-beyond-caller) why\n",
        "# archlint: allow(nothing) why\n",
    );
    yaml("# archlint: allow(keep-warm-ping,timeout-beyond-caller)\n", "");
    // What another tool reads is kept.
    yaml("# archlint: allow(keep-warm-ping) # noqa\n", "# archlint: allow(keep-warm-ping) # noqa\n");
}

#[test]
fn block_comments_keep_their_marks() {
    let hcl = |before: &str, after: &str| becomes("main.tf", before, after);
    hcl("locals {\n  /* archlint: allow(keep-warm-ping) */\n  a = 1\n}\n", "locals {\n  a = 1\n}\n");
    hcl("locals {\n  a = /* archlint: allow(keep-warm-ping) */ 1\n}\n", "locals {\n  a = 1\n}\n");
    hcl("/*\n * archlint: allow(keep-warm-ping)\n * why\n */\n", "/*\n * why\n */\n");
    let kept = "/* archlint: allow(keep-warm-ping)\n   why */\n";
    hcl(kept, kept);
}

#[test]
fn an_allow_that_is_no_comment_stays() {
    let json = "{\n  \"service\": \"a\",\n  \"//\": \"archlint: allow(keep-warm-ping)\",\n  \"provider\": { \"name\": \"aws\" }\n}\n";
    becomes("serverless.json", json, json);
}

#[test]
fn fixes_that_overlap_take_turns() {
    // Each takes its id and a comma, which the other one would take, too.
    let scratch =
        Scratch::new().write("main.tf", "# archlint: allow(nothing, keep-warm-ping, timeout-beyond-caller)\n");
    let run = scratch.run(&["--fix"]);
    assert_eq!(scratch.read("main.tf"), "# archlint: allow(nothing)\n");
    let told = "fixed main.tf:1 unused-allow: remove `keep-warm-ping` from the allow\n\
        fixed main.tf:1 unused-allow: remove `timeout-beyond-caller` from the allow\n2 fixes in 2 rounds, 1 file written\n";
    assert_eq!(run.err, told);
}

#[test]
fn many_files_are_one_round() {
    let mut scratch = Scratch::new();
    for number in 0..40 {
        scratch = scratch.write(&format!("{number}/main.tf"), &queue("jobs")[0]);
    }
    let run = scratch.run(&["--fix"]);
    assert_eq!(run.err.lines().last(), Some("40 fixes in 1 round, 40 files written"));
    for number in 0..40 {
        assert_eq!(scratch.read(&format!("{number}/main.tf")), queue("jobs")[1]);
    }
}

#[test]
fn standard_input_is_no_file() {
    let scratch = Scratch::with_queue();
    let run = scratch.run(&["--fix", "-"]);
    assert_eq!((run.code, run.err.as_str()), (2, "error: `--fix` changes files, and `-` is none\n"));
}

#[test]
fn options_of_fix_need_it() {
    for option in ["--unsafe-fixes", "--allow-dirty"] {
        let run = Scratch::with_queue().run(&[option]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains("--fix"), "{}", run.err);
    }
}

#[test]
fn what_git_could_not_bring_back_is_not_touched() {
    let scratch = Scratch::with_queue();
    scratch.git(&["init", "--quiet"]);
    let run = scratch.run(&["--fix"]);
    let refused = "error: this git work tree has uncommitted changes: main.tf\nnothing was written, 1 fix could be \
        applied; commit or stash the changes, or pass --allow-dirty\n";
    assert_eq!((run.code, run.err.as_str()), (2, refused));
    assert!(run.out.contains("warning[unused-allow]"), "{}", run.out);
    assert_eq!(scratch.read("main.tf"), queue("jobs")[0]);

    scratch.git(&["add", "."]);
    assert_eq!(scratch.run(&["--fix"]).code, 2);
    scratch.git(&["commit", "--quiet", "--message", "all"]);
    fs::write(scratch.path("notes.txt"), "").expect("a file");
    fs::create_dir(scratch.path("deep")).expect("a directory");
    fs::write(scratch.path("deep/main.tf"), &queue("jobs")[0]).expect("a file");
    let run = scratch.run_in("deep", &["--fix"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("uncommitted changes: deep/, notes.txt\n"), "{}", run.err);
    let run = scratch.run_in("deep", &["--fix", "--allow-dirty"]);
    assert_eq!((run.code, scratch.read("deep/main.tf")), (0, queue("jobs")[1].clone()));
}

#[test]
fn a_clean_work_tree_is_fixed() {
    let scratch = Scratch::with_queue();
    scratch.git(&["init", "--quiet"]);
    scratch.git(&["add", "."]);
    scratch.git(&["commit", "--quiet", "--message", "all"]);
    assert_eq!(scratch.run(&["--fix"]).code, 0);
    assert_eq!(scratch.read("main.tf"), queue("jobs")[1]);
    // Nothing to write, so nothing to refuse.
    assert_eq!(scratch.run(&["--fix"]).code, 0);
}

#[test]
fn what_changed_meanwhile_is_not_overwritten() {
    let scratch = Scratch::with_queue().write("other.tf", &queue("other")[0]);
    let paths = [scratch.0.path().to_path_buf()];
    let outcome = apply(&paths, &Options::default(), Asked { advice: false, at_most: Applicability::Safe });
    assert_eq!(outcome.changed.len(), 2);
    let saved = format!("{}# saved meanwhile\n", queue("jobs")[0]);
    fs::write(scratch.path("main.tf"), &saved).expect("a file");
    let failed = write_all(&outcome, &paths);
    let reason = "it has changed since it was read; run it again".to_string();
    assert_eq!(failed, [(scratch.path("main.tf"), reason)]);
    assert_eq!((scratch.read("main.tf"), scratch.read("other.tf")), (saved, queue("other")[1].clone()));
    assert_eq!(scratch.names(), ["main.tf", "other.tf"]);
}

#[test]
fn nothing_of_a_left_behind_file_is_read() {
    let scratch = Scratch::with_queue().write(".archlint-fix-0123456789abcdef.tmp", &queue("jobs")[0]).write(
        "list.tf",
        "resource \"aws_sqs_queue\" \"each\" {\n  for_each = fileset(path.module, \"**\")\n  name = each.key\n}\n",
    );
    let run = scratch.run(&["--fix"]);
    assert_eq!((run.code, run.err.lines().last()), (0, Some("1 fix in 1 round, 1 file written")));
    assert_eq!(scratch.names(), [".archlint-fix-0123456789abcdef.tmp", "list.tf", "main.tf"]);
    assert_eq!(scratch.read(".archlint-fix-0123456789abcdef.tmp"), queue("jobs")[0]);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("a file").mode() & 0o7777
    }

    #[test]
    fn mode_and_owner_are_kept() {
        let scratch = Scratch::with_queue();
        for wanted in [0o600, 0o644, 0o755, 0o666] {
            fs::write(scratch.path("main.tf"), &queue("jobs")[0]).expect("a file");
            set_mode(&scratch.path("main.tf"), wanted);
            let owner = |path: &Path| fs::metadata(path).map(|file| (file.uid(), file.gid())).expect("a file");
            let before = owner(&scratch.path("main.tf"));
            assert_eq!(scratch.run(&["--fix"]).code, 0);
            assert_eq!(scratch.read("main.tf"), queue("jobs")[1]);
            assert_eq!((mode(&scratch.path("main.tf")), owner(&scratch.path("main.tf"))), (wanted, before));
        }
    }

    #[test]
    fn what_is_read_only_is_told_and_the_rest_is_written() {
        let scratch = Scratch::new()
            .write("a/main.tf", &queue("jobs")[0])
            .write("b/main.tf", &queue("jobs")[0])
            .write("c/main.tf", &queue("jobs")[0]);
        set_mode(&scratch.path("a/main.tf"), 0o444);
        set_mode(&scratch.path("b"), 0o555);
        let run = scratch.run(&["--fix"]);
        set_mode(&scratch.path("b"), 0o755);
        assert_eq!(run.code, 2);
        let errors: Vec<&str> = run.err.lines().filter(|line| line.starts_with("error: ")).collect();
        let expected = [
            "error: a/main.tf was not written: the file is read-only",
            "error: b/main.tf was not written: its directory is read-only",
        ];
        assert_eq!(errors, expected);
        let [old, new] = queue("jobs");
        assert_eq!(
            [scratch.read("a/main.tf"), scratch.read("b/main.tf"), scratch.read("c/main.tf")],
            [old.clone(), old, new]
        );
        // What is on the disk is what is reported.
        let places: Vec<&str> = run.out.lines().filter_map(|line| line.split(':').next()).collect();
        assert_eq!(places, ["a/main.tf", "b/main.tf"]);
        assert_eq!(run.err.lines().last(), Some("1 fix in 1 round, 1 file written"));
    }

    #[test]
    fn a_link_inside_is_followed_and_stays_a_link() {
        let scratch = Scratch::new().write("real/queue.tf", &queue("jobs")[0]);
        symlink("real/queue.tf", scratch.path("main.tf")).expect("a link");
        let run = scratch.run(&["--fix", "main.tf", "real"]);
        assert_eq!(scratch.read("real/queue.tf"), queue("jobs")[1], "{}", run.err);
        assert!(scratch.path("main.tf").is_symlink());
        // Both names were read; the file is changed under one of them.
        assert!(
            run.err.contains(
                "not fixed real/queue.tf:2 unused-allow: remove the allow: its file is changed as main.tf already\n"
            ),
            "{}",
            run.err
        );
    }

    #[test]
    fn a_link_that_leads_out_is_not_followed() {
        let scratch =
            Scratch::new().write("elsewhere/queue.tf", &queue("jobs")[0]).write("inside/other.tf", &queue("other")[0]);
        symlink("../elsewhere/queue.tf", scratch.path("inside/main.tf")).expect("a link");
        let run = scratch.run_in("inside", &["--fix", "main.tf"]);
        let told = "fixed other.tf:2 unused-allow: remove the allow\n\
            not fixed main.tf:2 unused-allow: remove the allow: it is a symbolic link that leads out of the directories that are linted\n\
            1 fix in 1 round, 1 file written\n";
        assert_eq!(run.err, told);
        assert_eq!(run.code, 1);
        assert_eq!(scratch.read("elsewhere/queue.tf"), queue("jobs")[0]);
    }

    #[test]
    fn what_lies_outside_is_not_changed() {
        let values = format!("size = 1 {ALLOW}\n");
        let scratch = Scratch::new().write("given.tfvars", &values).write("root/main.tf", "variable \"size\" {}\n");
        let run = scratch.run_in("root", &["--fix", "--var-file", "../given.tfvars"]);
        assert!(run.err.contains("not fixed ../given.tfvars:1 unused-allow: remove the allow: it lies outside the directories that are linted\nnothing was fixed\n"), "{}", run.err);
        assert_eq!(scratch.read("given.tfvars"), values);
    }
}

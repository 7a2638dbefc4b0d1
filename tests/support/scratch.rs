//! The program as people and scripts run it, in a directory of its own.

use assert_cmd::Command;
use std::fs;
use std::path::PathBuf;
use std::process::Output;
use tempfile::TempDir;

/// A scratch directory, and the program in it.
pub struct Scratch {
    pub folder: TempDir,
}

/// What a run came to.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Self {
            code: output.status.code().expect("the program was not killed"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl Scratch {
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a scratch directory") }
    }

    /// Adds a file.
    pub fn write(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file's directory")).expect("a directory");
        fs::write(path, content).expect("a file");
        self
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn command(&self) -> Command {
        let mut command = Command::cargo_bin("archlint").expect("the program");
        command.current_dir(self.folder.path()).env_remove("COLUMNS").env_remove("NO_COLOR");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.command().args(arguments).output().expect("a run").into()
    }

    /// Runs with a text on standard input.
    pub fn pipe(&self, arguments: &[&str], text: impl Into<Vec<u8>>) -> Run {
        self.command().args(arguments).write_stdin(text).output().expect("a run").into()
    }
}

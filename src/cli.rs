//! The command line: arguments, what they ask for, and the exit code.

mod fixing;

use crate::cost::Prices;
use crate::engine::{Input, Options, Report, run};
use crate::lint::{Category, Level};
use crate::lints;
use crate::page::Page;
use crate::read::Variables;
use crate::report::{human, json, patch, short};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `--help` teaches by example.
const EXAMPLES: &str = "\
Examples:
  archlint                              lint everything below the working directory
  archlint infra services/orders        lint two directories, and what joins them
  archlint --advice                     show what is worth knowing, too
  archlint --fix-suggest                show under each finding what would mend it, as a diff
  archlint --format diff | git apply    apply these diffs, without those that only sketch something new
  archlint --fail-on error              let warnings pass in CI
  archlint --level cold-start=off       leave a whole category out
  archlint --stage prod --var size=2    say what a deployment is told
  helm template . | archlint -          lint what a chart renders to
  archlint --fix                        mend what can be mended without a risk, and lint what is left
  archlint explain long-job-on-function what a lint means and what to do about it

Exit codes: 0 nothing at or above --fail-on, 1 something, 2 a file, an argument or a path could not be read";

/// Says where the execution model of infrastructure code does not fit the work.
#[derive(Debug, Parser)]
#[command(name = "archlint", version, about, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    lint: LintArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the page of a lint: what it finds, why it matters, examples, what to do
    Explain {
        /// The lint, as in `warning[long-job-on-function]`
        lint: String,
    },
    /// List all lints
    Lints,
}

#[derive(Debug, Args)]
struct LintArguments {
    /// Files and directories; `-` reads standard input
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// The file name that standard input stands for
    #[arg(long, value_name = "NAME", default_value = "stdin.yaml")]
    stdin_filename: PathBuf,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Show findings of level advice, too
    #[arg(long)]
    advice: bool,
    /// Show the fixes of each finding as diffs, in the formats for people; nothing is written
    #[arg(long)]
    fix_suggest: bool,
    /// Set the level of a lint or a category: off, advice, warning or error (may be repeated, the last one counts)
    #[arg(long = "level", value_name = "LINT=LEVEL", value_parser = level)]
    levels: Vec<(String, Level)>,
    /// The least level that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Warning)]
    fail_on: FailOn,
    /// Report what allow comments and annotations cover, too
    #[arg(long)]
    no_allow: bool,
    /// Read no configuration file (archlint.yaml)
    #[arg(long)]
    no_config: bool,
    /// The Serverless Framework stage, for `${opt:stage}` and `${sls:stage}`
    #[arg(long)]
    stage: Option<String>,
    /// The region, for `${opt:region}`
    #[arg(long)]
    region: Option<String>,
    /// The Terraform workspace, for `terraform.workspace`
    #[arg(long)]
    workspace: Option<String>,
    /// Set a Terraform variable of the root modules that declare it (may be repeated)
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment)]
    values: Vec<(String, String)>,
    /// A file that sets Terraform variables, as `terraform plan` takes it; `--var` wins over it (may be repeated)
    #[arg(long = "var-file", value_name = "FILE")]
    value_files: Vec<PathBuf>,
    /// Set a Serverless Framework parameter (`${param:NAME}`) or a CloudFormation one (may be repeated)
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = assignment)]
    parameters: Vec<(String, String)>,
    /// Say what an environment variable of the deployment is, for `${env:NAME}`; archlint does not read its own (may
    /// be repeated)
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = assignment)]
    environment: Vec<(String, String)>,
    /// Apply fixes after which nothing that is deployed can behave worse. In a git work tree only if everything is
    /// committed; outside of one without asking
    #[arg(long)]
    fix: bool,
    /// Apply fixes that change what is deployed, too
    #[arg(long, requires = "fix")]
    unsafe_fixes: bool,
    /// Let --fix write beside uncommitted changes
    #[arg(long, requires = "fix")]
    allow_dirty: bool,
    /// When to use colours; `NO_COLOR` is honoured
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// List what could not be resolved and what was skipped
    #[arg(short, long)]
    verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With excerpts, for people
    Human,
    /// The same in words, for screen readers
    Narrated,
    /// One line a finding
    Short,
    /// Everything, for programs
    Json,
    /// The fixes as one patch, for `git apply` or `patch -p1`
    Diff,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Advice,
    Never,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// Reads `lint=level`; the name must be a lint or a category.
fn level(text: &str) -> Result<(String, Level), String> {
    let (name, level) = text.split_once('=').ok_or("expected LINT=LEVEL, for example cold-start=off")?;
    let known = lints::find(name).is_some() || Category::ALL.iter().any(|category| category.name() == name);
    if !known {
        return Err(unknown(name, Category::ALL.iter().map(|category| category.name())));
    }
    Ok((name.to_string(), level.parse()?))
}

/// Reads `name=value`; the value may hold further `=`.
fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or("expected NAME=VALUE")?;
    Ok((name.to_string(), value.to_string()))
}

/// That a name is no lint, and which one may have been meant.
fn unknown(name: &str, more: impl Iterator<Item = &'static str>) -> String {
    match lints::nearest_name(name, lints::ALL.iter().map(|lint| lint.id).chain(more)) {
        Some(near) => format!("there is no lint `{name}`; did you mean `{near}`?"),
        None => format!("there is no lint `{name}`; `archlint lints` lists them"),
    }
}

/// Runs the program and returns its exit code.
pub fn main() -> ExitCode {
    // clap prints usage errors itself and ends with 2, help and version with 0.
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::Explain { lint }) => explain(&lint),
        Some(Command::Lints) => print(&list()),
        None => lint(&arguments.lint),
    }
}

/// Writes to standard output. A reader that has gone away is no error.
fn print(text: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            complain(&format!("cannot write the report: {error}"));
            ExitCode::from(2)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Writes to standard error; if that fails there is nobody left to tell.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "error: {text}");
}

fn explain(id: &str) -> ExitCode {
    let Some(lint) = lints::find(id) else {
        complain(&unknown(id, std::iter::empty()));
        return ExitCode::from(2);
    };
    let is_terminal = std::io::stdout().is_terminal();
    match Page::parse(lint.page) {
        Ok(page) => print(&page.render(width(is_terminal), colored(Color::Auto, is_terminal))),
        // The tests read every page; a page that got past them is still worth its text.
        Err(_) => print(lint.page),
    }
}

fn list() -> String {
    let width = lints::ALL.iter().map(|lint| lint.id.len()).max().unwrap_or_default();
    let line = |lint: &&crate::lint::Lint| {
        let own =
            format!("{:width$}  {:<8} {:<13} {}\n", lint.id, lint.level.name(), lint.category.name(), lint.summary);
        let option = |option: &crate::lint::LintOption| {
            format!("{:width$}  {} (default: {}): {}\n", "", option.name, option.default, option.meaning)
        };
        own + &lint.options.iter().map(option).collect::<String>()
    };
    lints::ALL.iter().map(line).collect()
}

fn lint(arguments: &LintArguments) -> ExitCode {
    let input = match input(arguments) {
        Ok(input) => input,
        Err(message) => {
            complain(&message);
            return ExitCode::from(2);
        }
    };
    let options = Options {
        levels: arguments.levels.clone(),
        no_allow: arguments.no_allow,
        no_config: arguments.no_config,
        variables: Variables {
            stage: arguments.stage.clone(),
            region: arguments.region.clone(),
            workspace: arguments.workspace.clone(),
            values: arguments.values.clone(),
            value_files: arguments.value_files.clone(),
            parameters: arguments.parameters.clone(),
            environment: arguments.environment.clone(),
        },
        prices: Prices::default(),
    };
    let (report, fixed) = match (input, arguments.fix) {
        (Input::Paths(paths), true) => fixing::fix(&paths, &options, arguments),
        (input, _) => (run(input, &options), fixing::Fixed::default()),
    };
    let (text, problems) = written(&report, arguments);
    let printed = print(&text);
    // Nobody left to tell if this fails.
    let _ = std::io::stderr().write_all((problems + &fixed.told).as_bytes());
    match printed == ExitCode::SUCCESS {
        true if fixed.has_failed => ExitCode::from(2),
        true => exit_code(&report, arguments.fail_on),
        false => printed,
    }
}

/// What goes to standard output, and what to standard error.
fn written(report: &Report, arguments: &LintArguments) -> (String, String) {
    let style = |is_terminal: bool| human::Style {
        width: width(is_terminal),
        color: colored(arguments.color, is_terminal),
        narrated: arguments.format == Format::Narrated,
    };
    let is_terminal = std::io::stdout().is_terminal();
    match arguments.format {
        // What could not be read is part of the report.
        Format::Json => (json::render(report, arguments.advice), String::new()),
        Format::Short => (short::render(report, arguments.advice), short::problems(report)),
        Format::Diff => {
            let style = style(is_terminal);
            let reader = if is_terminal || style.color { patch::Reader::Person(style) } else { patch::Reader::Program };
            let patch = patch::render(report, arguments.advice, reader, behind_link);
            (patch.text, short::problems(report) + &patch.left_out)
        }
        Format::Human | Format::Narrated => {
            let (notes, fixes) = (arguments.verbose, arguments.fix_suggest);
            let shown = human::Shown { advice: arguments.advice, notes, fixes };
            let problems = human::problems(report, style(std::io::stderr().is_terminal()));
            (human::render(report, style(is_terminal), shown), problems)
        }
    }
}

/// That a path leads through a symbolic link, where Git patches nothing.
fn behind_link(path: &Path) -> Option<String> {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok()?;
    // What came over standard input need not be there.
    let real = path.canonicalize().ok()?;
    (real != here.join(path)).then(|| "its file is behind a symbolic link".to_string())
}

fn input(arguments: &LintArguments) -> Result<Input, String> {
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
    if !arguments.paths.iter().any(is_stdin) {
        return Ok(Input::Paths(arguments.paths.clone()));
    }
    if arguments.fix {
        return Err("`--fix` changes files, and `-` is none".to_string());
    }
    if arguments.paths.len() > 1 {
        return Err("`-` reads standard input and cannot be combined with paths".to_string());
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(|error| format!("cannot read standard input: {error}"))?;
    Ok(Input::Stream { path: arguments.stdin_filename.clone(), bytes })
}

fn exit_code(report: &Report, fail_on: FailOn) -> ExitCode {
    if !report.problems.is_empty() {
        return ExitCode::from(2);
    }
    let least = match fail_on {
        FailOn::Never => return ExitCode::SUCCESS,
        FailOn::Advice => Level::Advice,
        FailOn::Warning => Level::Warning,
        FailOn::Error => Level::Error,
    };
    let fails = report.findings.iter().any(|finding| finding.is_active() && finding.level >= least);
    ExitCode::from(u8::from(fails))
}

/// Columns of the terminal, or 100 where there is none.
fn width(is_terminal: bool) -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let size = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let found = if is_terminal { size().or_else(columns) } else { columns() };
    found.unwrap_or(100).clamp(60, 120)
}

fn colored(color: Color, is_terminal: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

//! How much a linter's user has to read: findings for each file that holds a workload, and for each repository.
//!
//! ```sh
//! cargo run --release --example noise -- DIRECTORY...          # each directory is a repository
//! cargo run --release --example noise -- --draw 150 --seed 7 DIRECTORY...
//! ```
//!
//! The second form prints warnings drawn at random in the long form, to be read one by one; a seed draws the same ones
//! for the same findings.

use archlint::discover::discover;
use archlint::engine::{Input, Options, Report, run};
use archlint::lint::{Finding, Level};
use archlint::read::{Variables, read};
use archlint::source::SourceId;
use archlint::{frontends, link};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

struct Arguments {
    draw: usize,
    seed: u64,
    repositories: Vec<PathBuf>,
}

fn arguments() -> Arguments {
    let mut arguments = Arguments { draw: 0, seed: 1, repositories: Vec::new() };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        let mut number = || given.next().and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        match argument.as_str() {
            "--draw" => arguments.draw = number() as usize,
            "--seed" => arguments.seed = number(),
            _ => arguments.repositories.push(argument.into()),
        }
    }
    arguments
}

/// Files in which a workload is declared.
fn files_with_workloads(root: &Path) -> usize {
    let root = root.to_path_buf();
    let (found, _) = discover(std::slice::from_ref(&root));
    let reading = read(found, vec![archlint::source::normalize(&root)], Variables::default());
    let architecture = link::link(frontends::lower(&reading.workspace));
    let files: HashSet<SourceId> = architecture.workloads().map(|workload| workload.span().file).collect();
    files.len()
}

/// What stops a pull request.
fn counts(finding: &&Finding) -> bool {
    finding.is_active() && finding.level >= Level::Warning
}

fn shown(report: &Report, finding: &Finding) -> String {
    let place = |span: archlint::source::Span| {
        format!("{}:{}", report.sources.get(span.file).display_path(), report.sources.start(span).line)
    };
    let mut text = format!("{}[{}] {}\n", finding.level, finding.lint, finding.message);
    for label in finding.labels() {
        text.push_str(&format!("    {}: {}\n", place(label.span), label.text));
    }
    for (name, paragraph) in [("why", &finding.why), ("help", &finding.help)] {
        text.push_str(&format!("    {name}: {}\n", paragraph.as_deref().unwrap_or_default()));
    }
    text
}

fn main() {
    let arguments = arguments();
    let mut by_lint: BTreeMap<(&str, Level), usize> = BTreeMap::new();
    let mut by_repository: Vec<usize> = Vec::new();
    let (mut files, mut warnings) = (0, Vec::new());
    for root in &arguments.repositories {
        let report = run(Input::Paths(vec![root.clone()]), &Options::default());
        for finding in report.findings.iter().filter(|finding| finding.is_active()) {
            *by_lint.entry((finding.lint, finding.level)).or_default() += 1;
        }
        let stopping = report.findings.iter().filter(counts);
        by_repository.push(stopping.count());
        let mild = report.findings.iter().filter(counts).filter(|finding| finding.level == Level::Warning);
        warnings.extend(mild.map(|finding| {
            let mut hasher = DefaultHasher::new();
            (arguments.seed, &finding.fingerprint).hash(&mut hasher);
            (hasher.finish(), shown(&report, finding))
        }));
        files += files_with_workloads(root);
    }
    warnings.sort();
    for (number, (_, text)) in warnings.iter().take(arguments.draw).enumerate() {
        println!("{}. {text}", number + 1);
    }
    for ((lint, level), count) in &by_lint {
        println!("{count:>6}  {level:<8} {lint}");
    }
    by_repository.sort();
    let total: usize = by_repository.iter().sum();
    println!(
        "{total} errors and warnings in {} repositories, {files} files with workloads: {:.2} a file; median of a repository: {}, most: {}",
        by_repository.len(),
        total as f64 / files.max(1) as f64,
        by_repository.get(by_repository.len() / 2).copied().unwrap_or_default(),
        by_repository.last().copied().unwrap_or_default(),
    );
}

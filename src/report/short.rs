//! One line a finding, as editors and `grep` like it: `path:line:column: level[lint]: message`.

use super::{shown, visible};
use crate::engine::Report;
use crate::read::Problem;
use crate::source::slashed;

/// All findings, one a line.
pub fn render(report: &Report, advice: bool) -> String {
    let mut out = String::new();
    for finding in shown(report, advice) {
        let source = report.sources.get(finding.primary.span.file);
        let start = source.position(finding.primary.span.start);
        out.push_str(&format!(
            "{}:{}:{}: {}[{}]: {}\n",
            visible(&source.display_path()),
            start.line,
            start.column,
            finding.level,
            finding.lint,
            visible(&finding.message)
        ));
    }
    out
}

/// What could not be read, in the same form.
pub fn problems(report: &Report) -> String {
    let line = |problem: &Problem| {
        let path = visible(&slashed(&problem.path));
        format!("{path}:{}:{}: error: {}\n", problem.line, problem.column, visible(&problem.message))
    };
    report.problems.iter().map(line).collect()
}

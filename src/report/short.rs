//! One line a finding, as editors and `grep` like it: `path:line:column: level[lint]: message`.

use super::{shown, visible};
use crate::engine::Report;

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

//! `snapstart-unsupported`: SnapStart is turned on for a function that it does not work for.

use crate::facts::aws;
use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::FunctionSettings;
use crate::value::How;
use crate::wording::and_more;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "snapstart-unsupported",
    category: Category::ColdStart,
    level: Level::Error,
    summary: "SnapStart is turned on for a function that it does not work for.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let cases = cx.architecture.functions().filter(|(_, function)| function.snap_start.known() == Some(&true));
    let cases = cases.map(|(workload, function)| (workload, function, function.obstacles_to_snap_start()));
    let cases = cases.filter(|(_, _, obstacles)| !obstacles.is_empty());
    let place = |case: &(_, &crate::model::FunctionSettings, _)| case.1.snap_start.origin.written_at();
    // What many functions inherit is turned on in one place.
    let cases = cases.map(|case| (place(&case).unwrap_or(case.0.span()), case));
    for (place, cases) in by_place(cases) {
        let Some((first, _, obstacles)) = cases.first() else { continue };
        let reasons: Vec<&str> = obstacles.iter().map(|obstacle| &*obstacle.what).collect();
        let more = and_more(cases.len() - 1);
        let message = format!("SnapStart does not work for `{}`{more}: it {}", first.label(), reasons.join(" and "));
        let finding = cx.report(first, place, "SnapStart is turned on here", message);
        for (workload, function, obstacles) in &cases {
            for obstacle in obstacles {
                let span = obstacle.span.unwrap_or(workload.span());
                finding.label(span, format!("`{}` {}", workload.label(), obstacle.what));
            }
            finding.trace(&function.snap_start).about(&workload.identity);
        }
        finding
            .why(format!(
                "AWS Lambda rejects the function: SnapStart takes archives on Java from 11, Python from 3.12 and .NET from 8, \
                 without a mounted file system and with {} of /tmp at most ({})",
                aws::SNAP_START_DISK_MAX.amount(),
                aws::SNAP_START_DISK_MAX.citation()
            ))
            .help("remove SnapStart, or what rules it out; where starts are too slow without it, keep instances initialised with provisioned concurrency")
            .propose(turned_off(cases.iter().map(|(_, function, _)| *function)));
    }
}

/// What is rejected now is deployed nowhere; but what has a name of its own may be read by more than functions. Where
/// SnapStart is inherited, others may have it, too, and a function says for itself that it has none.
fn turned_off<'a>(functions: impl Iterator<Item = &'a FunctionSettings> + Clone) -> Proposal {
    let is_named = functions.clone().any(|function| !function.snap_start.origin.is_at_its_use());
    let new = if is_named { Proposal::risky } else { Proposal::safe };
    functions.fold(new("turn SnapStart off"), |fix, function| {
        let snap_start = &function.snap_start;
        let is_inherited = snap_start.origin.passes(|how| matches!(how, How::Inherited(_)));
        match snap_start.origin.is_at_its_use() && !is_inherited {
            true => fix.remove(snap_start),
            false => fix.set(snap_start, New::Boolean(false)),
        }
    })
}

//! The sixth stage: which findings an allow covers, and which allows cover nothing.
//!
//! Called by [`crate::engine`] after all lints have reported. An allow is a comment (`# archlint: allow(id) reason`,
//! `allow-file`), in JSON the value of a key `"//"`, or an annotation or metadata on a workload, which the frontends
//! have read. What stands in a string or a heredoc is none: comments come from the trees.

mod collect;
mod directive;
mod removal;

use crate::engine::{Options, level_of};
use crate::lint::{Context, Finding, Label, Level, Lint, Status};
use crate::lints::{self, unused_allow};
use crate::model::{Architecture, Id, Workload};
use crate::read::Workspace;
use crate::source::Sources;
use collect::{Allow, Allows, Malformed, Place};
use std::collections::HashMap;

/// Marks findings that an allow covers, and returns a finding for each allow that covers nothing. With
/// [`Options::no_allow`] neither happens.
pub fn apply(
    workspace: &Workspace,
    architecture: &Architecture,
    findings: &mut [Finding],
    options: &Options,
) -> Vec<Finding> {
    if options.no_allow {
        return Vec::new();
    }
    let mut allows = Allows::collect(workspace, architecture);
    cover(&mut allows, findings, &workspace.sources);

    // Where a file could not be read to its end, findings may be missing that an allow is there for.
    let is_whole = workspace.files.iter().all(|file| file.tree.errors.is_empty());
    let mut unused: Vec<Finding> = allows.malformed.iter().map(malformed).collect();
    unused.extend(uncovering(&allows, architecture, options, is_whole, |lint| lint != unused_allow::LINT.id));
    // These findings can be allowed like any other, so the allows for them are judged last.
    cover(&mut allows, &mut unused, &workspace.sources);
    unused.extend(uncovering(&allows, architecture, options, is_whole, |lint| lint == unused_allow::LINT.id));
    unused
}

/// Marks each finding that an allow covers with the reason of the first one, and all these allows as used.
fn cover(allows: &mut Allows, findings: &mut [Finding], sources: &Sources) {
    if allows.list.is_empty() {
        return;
    }
    for finding in findings {
        let mut hits: Vec<usize> = Vec::new();
        for label in finding.labels() {
            let line = Place::Line(label.span.file, sources.start(label.span).line);
            hits.extend(allows.at(line, finding.lint));
            hits.extend(allows.at(Place::Name(label.span), finding.lint));
            hits.extend(
                allows.objects_around(label.span).filter_map(|span| allows.at(Place::Object(span), finding.lint)),
            );
        }
        hits.extend(finding.workload.and_then(|workload| allows.at(Place::Workload(workload), finding.lint)));
        hits.extend(allows.at(Place::File(finding.primary.span.file), finding.lint));
        if let Some(first) = hits.first().and_then(|hit| allows.list.get(*hit)) {
            finding.status = Status::Suppressed(first.reason.to_string());
        }
        for hit in hits {
            if let Some(allow) = allows.list.get_mut(hit) {
                allow.is_used = true;
            }
        }
    }
}

/// A finding for each allow that covers nothing, of the lints that `wanted` picks.
fn uncovering(
    allows: &Allows,
    architecture: &Architecture,
    options: &Options,
    is_whole: bool,
    wanted: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let workloads: HashMap<Id<Workload>, &Workload> =
        architecture.workloads().map(|workload| (workload.id, workload)).collect();
    let is_unused = |allow: &&Allow| !allow.is_used && wanted(&allow.lint);
    // A lint that is switched off has reported nothing that could be covered.
    let is_judged = |lint: &Lint| is_whole && level_of(lint, options) != Some(Level::Off);
    let needed =
        removal::needed(&allows.list, |allow| is_unused(&allow) && lints::find(&allow.lint).is_some_and(is_judged));
    let unused = allows.list.iter().filter(is_unused);
    unused
        .filter_map(|allow| {
            let lint = lints::find(&allow.lint);
            let Words { label, message, why, help } = match lint {
                None => unknown(allow),
                Some(lint) if !is_judged(lint) => return None,
                Some(_) => superfluous(allow),
            };
            let mut finding = match allow.workload.and_then(|id| workloads.get(&id)) {
                Some(workload) => {
                    let mut context = Context::new(architecture, &options.prices, &unused_allow::LINT);
                    context.report(workload, allow.span, label, message);
                    context.finish().pop()?
                }
                None => {
                    let primary = Label::new(allow.span, label);
                    Finding::about_comment(&unused_allow::LINT, &clipped(&allow.lint), primary, message)
                }
            };
            finding.why(why).help(help);
            // What was meant by an id that no lint has, its author has to say.
            if let Some(proposal) = lint.and_then(|_| removal::proposal(allow, &needed)) {
                finding.propose(proposal);
            }
            Some(finding)
        })
        .collect()
}

/// What a finding says.
struct Words {
    label: &'static str,
    message: String,
    why: &'static str,
    help: String,
}

/// An allow of a lint that there is none of.
fn unknown(allow: &Allow) -> Words {
    let help = match lints::nearest(&allow.lint) {
        Some(lint) => format!("did you mean `{}`?", lint.id),
        None => "name the lint that it was written for, or remove it".to_string(),
    };
    Words {
        label: "no lint has this id",
        message: format!("`{}` is allowed here, but no lint has that id", clipped(&allow.lint)),
        why: "it covers nothing: what it was written for is still reported",
        help,
    }
}

/// An allow of a lint that has nothing to report at its place.
fn superfluous(allow: &Allow) -> Words {
    Words {
        label: "nothing to allow here",
        message: format!("`{}` is allowed here, but there is no such finding", allow.lint),
        why: "an allow that is left behind hides the next finding at its place, which nobody has seen yet",
        help: "remove it".to_string(),
    }
}

fn malformed(one: &Malformed) -> Finding {
    let text = clipped(&one.text);
    let message = format!("`{text}` is not an allow that archlint understands");
    let mut finding = Finding::about_comment(&unused_allow::LINT, &text, Label::new(one.span, one.why), message);
    finding
        .why("it covers nothing: what it was written for is still reported")
        .help("write `archlint: allow(lint-id) reason`, or `archlint: allow-file(lint-id) reason` for a whole file");
    finding
}

/// The start of a text that may be as long as a line.
fn clipped(text: &str) -> String {
    const MAX: usize = 60;
    let start: String = text.chars().take(MAX).collect();
    if start.len() < text.len() { format!("{start}...") } else { start }
}

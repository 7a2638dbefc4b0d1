//! How an allow that covers nothing is taken out of its comment. Called by [`super`].

use super::collect::Allow;
use crate::fix::{Change, Proposal};
use crate::source::{Source, Span};
use std::collections::HashSet;

/// What goes with an allow of a comment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Removal {
    /// Which comment line it is; all of its allows have the same.
    pub directive: usize,
    /// All of the comment that speaks of allows, with its line where nothing else is on it.
    pub whole: Option<Span>,
    /// The id and a comma, where there are further ids.
    pub own: Option<Span>,
}

/// What is deleted when one line of a comment goes: the whole line where nothing else is on it. `None` where that would
/// take the comment's marks along.
pub(super) fn whole(source: &Source, comment: Span, line: usize) -> Option<Span> {
    let text = source.text();
    let here = source.line_range(line)?;
    let next = source.line_range(line + 1).map_or(text.len(), |next| next.start);
    let [start, mut end] = [comment.range().start, comment.range().end];
    end -= text.get(start..end)?.len() - text.get(start..end)?.trim_end().len();
    let [first, last] = [start, end].map(|at| source.position(u32::try_from(at).unwrap_or(u32::MAX)).line);
    if first < last {
        return (first < line && line < last).then(|| Span::new(comment.file, here.start, next));
    }
    let (before, behind) = (text.get(here.start..start)?, text.get(end..here.end)?);
    Some(match (before.trim().is_empty(), behind.trim().is_empty()) {
        (true, true) => Span::new(comment.file, here.start, next),
        (false, true) => Span::new(comment.file, here.start + before.trim_end().len(), here.end),
        (false, false) => Span::new(comment.file, here.start + before.trim_end().len(), end),
        (true, false) => Span::new(comment.file, start, here.end - behind.trim_start().len()),
    })
}

/// The places of ids, each with one of the commas around it; none for one that is alone.
pub(super) fn with_commas(ids: &[Span]) -> Vec<Option<Span>> {
    let own =
        |(number, id): (usize, &Span)| match (ids.get(number + 1), number.checked_sub(1).and_then(|at| ids.get(at))) {
            (Some(next), _) => Some(Span { end: next.start, ..*id }),
            (None, Some(last)) => Some(Span { start: last.end, ..*id }),
            (None, None) => None,
        };
    ids.iter().enumerate().map(own).collect()
}

/// The comment lines of which something has to stay.
pub(super) fn needed(allows: &[Allow], is_superfluous: impl Fn(&Allow) -> bool) -> HashSet<usize> {
    let kept = allows.iter().filter(|allow| !is_superfluous(allow));
    kept.filter_map(|allow| Some(allow.removal?.directive)).collect()
}

/// The fix for an allow that covers nothing.
pub(super) fn proposal(allow: &Allow, needed: &HashSet<usize>) -> Option<Proposal> {
    let removal = allow.removal?;
    let (title, span) = if needed.contains(&removal.directive) {
        (format!("remove `{}` from the allow", allow.lint), removal.own?)
    } else {
        ("remove the allow".to_string(), removal.whole?)
    };
    Some(Proposal::safe(title).with(Change::Text { span, text: String::new() }))
}

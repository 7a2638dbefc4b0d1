//! Edits of one fix that meet: what is written behind lines that go takes their place, and two neighbours that both take
//! the blank line between them along take it once. [`super::propose`] asks for it, because a writer sees one change at a
//! time.

use super::Edit;
use crate::source::{SourceId, Span};

/// Edits in the order of their places, of which none are left that need not overlap. New lines that would begin at the
/// end of lines that are taken out begin where these did.
pub(super) fn joined<'t>(edits: Vec<Edit>, text: impl Fn(SourceId) -> &'t str) -> Vec<Edit> {
    let mut out: Vec<Edit> = Vec::with_capacity(edits.len());
    // How many bytes the last edit of `out` shall end in: the break of its last line.
    let mut line_break = "";
    for edit in edits {
        if let Some(last) = out.last_mut().filter(|last| is_deleted(last) && is_deleted(&edit) && meet(last, &edit)) {
            last.span.end = last.span.end.max(edit.span.end);
            continue;
        }
        let Some(last) = out.last_mut().filter(|last| is_inside(edit.span, last.span)) else {
            (line_break, _) = ("", out.push(edit));
            continue;
        };
        if last.text.is_empty() {
            line_break = text(last.span.file).get(edit.span.range().start..last.span.range().end).unwrap_or("");
        }
        match edit.text.strip_prefix(line_break).filter(|_| matches!(line_break, "\n" | "\r\n")) {
            Some(_) if !last.text.is_empty() => last.text.insert_str(last.text.len() - line_break.len(), &edit.text),
            Some(lines) => last.text = format!("{lines}{line_break}"),
            // They stay two that overlap.
            None => out.push(edit),
        }
    }
    out
}

/// Whether something is inserted between the ends of what is replaced.
fn is_inside(inserted: Span, replaced: Span) -> bool {
    let (at, outer) = (inserted.range(), replaced.range());
    inserted.file == replaced.file && at.is_empty() && outer.start < at.start && at.start < outer.end
}

fn is_deleted(edit: &Edit) -> bool {
    edit.text.is_empty()
}

fn meet(one: &Edit, next: &Edit) -> bool {
    one.span.file == next.span.file && next.span.start < one.span.end
}

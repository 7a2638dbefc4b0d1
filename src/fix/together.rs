//! Which fixes can be applied in one go. Called by what writes a patch.

use super::{Applicability, Edit, Fix};
use crate::source::SourceId;
use std::collections::BTreeMap;

/// Where an edit stands: its file, its start and its end.
type Place = (SourceId, u32, u32);

fn place(edit: &Edit) -> Place {
    (edit.span.file, edit.span.start, edit.span.end)
}

/// Fixes that do not get in each other's way, and those that do.
#[derive(Debug, Default)]
pub struct Together<'f> {
    /// Their edits, in the order of files and places; none overlap.
    pub edits: Vec<Edit>,
    /// Which of the fixes they are, by their number.
    pub taken: Vec<usize>,
    /// The fixes that change what an earlier one changes, by their number.
    pub left: Vec<(usize, &'f Fix)>,
}

impl<'f> Together<'f> {
    /// Takes each fix that is not in the way of one before it. The same change is made once; sketches are never made.
    pub fn of(fixes: impl IntoIterator<Item = &'f Fix>) -> Self {
        let mut together = Self::default();
        // By where they start; none overlap, so only the neighbours of a place have to be looked at.
        let mut known: BTreeMap<Place, &'f Edit> = BTreeMap::new();
        for (number, fix) in fixes.into_iter().enumerate() {
            if fix.applicability == Applicability::Sketch {
                continue;
            }
            let is_known = |edit: &Edit| known.get(&place(edit)).is_some_and(|one| *one == edit);
            if !fix.edits.iter().all(is_known) {
                if fix.edits.iter().any(|edit| is_in_the_way(&known, edit)) {
                    together.left.push((number, fix));
                    continue;
                }
                known.extend(fix.edits.iter().map(|edit| (place(edit), edit)));
                together.edits.extend(fix.edits.iter().cloned());
            }
            together.taken.push(number);
        }
        together.edits.sort_by_key(place);
        together
    }
}

/// Whether an edit changes what a known one changes, or adds something at its edge, where the order would matter.
fn is_in_the_way(known: &BTreeMap<Place, &Edit>, edit: &Edit) -> bool {
    let (file, span) = (edit.span.file, edit.span);
    let is_hit = |other: &&Edit| {
        let meets = other.span.start < span.end && span.start < other.span.end;
        let is_insertion = span.start == span.end || other.span.start == other.span.end;
        meets || is_insertion && other.span.start <= span.end && span.start <= other.span.end
    };
    let before = known.range(..=(file, span.start, u32::MAX)).next_back().map(|(_, other)| *other);
    let behind = known.range((file, span.start, 0)..=(file, span.end, u32::MAX)).map(|(_, other)| *other);
    before.into_iter().filter(|other| other.span.file == file).chain(behind).any(|other| is_hit(&other))
}

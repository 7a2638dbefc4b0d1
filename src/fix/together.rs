//! Which fixes can be applied in one go. Called by what writes a patch and by the rounds of `--fix`.

use super::{Applicability, Edit, Fix};
use crate::source::SourceId;
use std::collections::BTreeMap;

/// Where an edit stands: its file, its start and its end.
type Place = (SourceId, u32, u32);

fn place(edit: &Edit) -> Place {
    (edit.span.file, edit.span.start, edit.span.end)
}

/// Edits that do not get in each other's way, by where they start: of a place only the neighbours have to be looked at.
#[derive(Debug, Default)]
pub(super) struct Taken<'f>(BTreeMap<Place, &'f Edit>);

impl<'f> Taken<'f> {
    /// Takes the edits of a fix, all or none: an edit of another fix may be in the way of one of them.
    pub fn take(&mut self, fix: &'f Fix) -> bool {
        let is_free = !fix.edits.iter().any(|edit| self.is_in_the_way(edit));
        if is_free {
            self.0.extend(fix.edits.iter().map(|edit| (place(edit), edit)));
        }
        is_free
    }

    fn has(&self, edit: &Edit) -> bool {
        self.0.get(&place(edit)).is_some_and(|one| *one == edit)
    }

    /// Whether an edit changes what a known one changes, or adds something at its edge, where the order would matter.
    fn is_in_the_way(&self, edit: &Edit) -> bool {
        let (file, span) = (edit.span.file, edit.span);
        let is_hit = |other: &&Edit| {
            let meets = other.span.start < span.end && span.start < other.span.end;
            let is_insertion = span.start == span.end || other.span.start == other.span.end;
            meets || is_insertion && other.span.start <= span.end && span.start <= other.span.end
        };
        let before = self.0.range(..=(file, span.start, u32::MAX)).next_back().map(|(_, other)| *other);
        let behind = self.0.range((file, span.start, 0)..=(file, span.end, u32::MAX)).map(|(_, other)| *other);
        before.into_iter().filter(|other| other.span.file == file).chain(behind).any(|other| is_hit(&other))
    }
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
        let mut taken = Taken::default();
        for (number, fix) in fixes.into_iter().enumerate() {
            if fix.applicability == Applicability::Sketch {
                continue;
            }
            if !fix.edits.iter().all(|edit| taken.has(edit)) {
                if !taken.take(fix) {
                    together.left.push((number, fix));
                    continue;
                }
                together.edits.extend(fix.edits.iter().cloned());
            }
            together.taken.push(number);
        }
        together.edits.sort_by_key(place);
        together
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn fix(edits: &[(u32, usize, usize, &str)]) -> Fix {
        let edit = |(file, start, end, text): &(u32, usize, usize, &str)| Edit {
            span: Span::new(SourceId(*file), *start, *end),
            text: (*text).into(),
        };
        let edits = edits.iter().map(edit).collect();
        let (title, applicability) = (String::new(), Applicability::Unsafe);
        Fix { title, applicability, edits, new_files: Vec::new(), operations: Vec::new(), syntaxes: Vec::new() }
    }

    /// Which of some fixes are taken beside a first one, and how many edits that makes.
    fn taken(first: &Fix, others: &[Fix]) -> (Vec<usize>, usize) {
        let together = Together::of(std::iter::once(first).chain(others));
        let all: Vec<(u32, u32)> = together.edits.iter().map(|edit| (edit.span.file.0, edit.span.start)).collect();
        assert!(all.is_sorted(), "{all:?}");
        assert_eq!(together.taken.len() + together.left.len(), others.len() + 1);
        (together.taken, together.edits.len())
    }

    #[test]
    fn a_fix_is_taken_unless_one_before_it_changes_the_same() {
        let first = fix(&[(0, 10, 20, "a"), (0, 30, 30, "b"), (1, 5, 9, "c")]);
        for (edits, is_taken) in [
            (&[(0, 0, 10, "x")][..], true),
            (&[(0, 20, 25, "x")], true),
            (&[(1, 30, 30, "x")], true),
            (&[(0, 19, 25, "x")], false),
            (&[(0, 5, 11, "x")], false),
            (&[(0, 0, 60, "x")], false),
            (&[(0, 12, 14, "x")], false),
            // Where one ends and the other adds something, their order would matter.
            (&[(0, 20, 20, "x")], false),
            (&[(0, 30, 30, "x")], false),
            (&[(0, 25, 30, "x")], false),
            // All of a fix or nothing of it.
            (&[(0, 0, 2, "x"), (1, 8, 12, "x")], false),
        ] {
            let expected = if is_taken { (vec![0, 1], 4) } else { (vec![0], 3) };
            assert_eq!(taken(&first, &[fix(edits)]), expected, "{edits:?}");
        }
    }

    #[test]
    fn the_same_change_is_made_once_and_a_sketch_never() {
        let first = fix(&[(0, 10, 20, "a"), (1, 5, 5, "c")]);
        assert_eq!(taken(&first, &[first.clone(), fix(&[(0, 10, 20, "a")])]), (vec![0, 1, 2], 2));
        assert_eq!(taken(&first, &[fix(&[(0, 10, 20, "b")])]), (vec![0], 2));
        let sketch = Fix { applicability: Applicability::Sketch, ..fix(&[(0, 50, 50, "x")]) };
        assert!(Together::of([&sketch]).edits.is_empty());
    }
}

//! Who else has what a fix changes: a default that several functions inherit, a variable, a base, a module.

use super::place::Operation;
use crate::lint::Finding;
use crate::model::{Architecture, Field};
use crate::source::Span;
use crate::value::Origin;
use std::collections::HashMap;

/// Names that a title still spells out.
const MOST_NAMES: usize = 3;

/// All values of the model, by the places where they are written or would be.
pub(super) struct Sharing<'a> {
    architecture: &'a Architecture,
    uses: HashMap<Span, Vec<Field<'a>>>,
}

impl<'a> Sharing<'a> {
    /// Gathers them.
    pub fn of(architecture: &'a Architecture) -> Self {
        let mut uses: HashMap<Span, Vec<Field<'a>>> = HashMap::new();
        architecture.fields(&mut |field| {
            let written = field.origin.written_at();
            let used = field.origin.steps().next().and_then(|step| step.span).filter(|used| Some(*used) != written);
            let slot = field.origin.slot();
            let object = slot.and_then(|slot| slot.place.as_ref()).map(|(object, _)| *object);
            let patch = slot.and_then(|slot| slot.patch);
            let places = [written, used, object.filter(|slot| Some(*slot) != written), patch];
            for place in places.into_iter().flatten() {
                uses.entry(place).or_default().push(field.clone());
            }
        });
        Self { architecture, uses }
    }

    /// Who has a value at the place of an operation, or would have one there, and is not what the finding speaks of.
    /// `origin` is that of the value that changes.
    pub fn others(&self, finding: &Finding, operation: &Operation, origin: Option<&Origin>) -> Vec<String> {
        let place = operation.place();
        let uses = self.uses.get(&place).map(Vec::as_slice).unwrap_or_default();
        // Of those who share an object, those have the new entry who have none of their own in its stead.
        let keys = |origin: &'_ Origin| origin.slot().and_then(|slot| Some(slot.place.as_ref()?.1.clone()));
        let keys_of_new = origin.filter(|_| matches!(operation, Operation::Insert { .. })).and_then(keys);
        let is_due = |field: &&Field<'_>| {
            keys_of_new.is_some() && keys(field.origin) == keys_of_new && !field.origin.is_written()
        };
        let is_known = uses.iter().any(|field| is_due(&field));
        let due = uses.iter().filter(|field| !is_known || is_due(field));
        let strangers = due.filter(|field| !is_meant(finding, field, place));
        let mut others: Vec<String> = strangers.map(|field| self.name(finding, field)).collect();
        others.sort_unstable();
        others.dedup();
        others
    }

    /// What to call it: with its unit if the finding is about something of the same name in another one.
    fn name(&self, finding: &Finding, field: &Field<'_>) -> String {
        match field.identity {
            Some(identity) if *identity.label == *finding.subject.name => {
                format!("`{}` in {}", field.owner, self.architecture.unit(identity.unit).name)
            }
            _ => format!("`{}`", field.owner),
        }
    }
}

/// Whether a finding speaks of what has a value: it is one of its subjects, or a label shows it or its use of the value.
fn is_meant(finding: &Finding, field: &Field<'_>, place: Span) -> bool {
    if let Some(identity) = field.identity
        && finding.things.iter().any(|(unit, address)| *unit == identity.unit && *address == identity.address)
    {
        return true;
    }
    // What bears the same name in another unit, or is another instance of one block, stands at the same places.
    let is_twin = |(_, address): &(_, std::sync::Arc<str>)| field.identity.is_some_and(|one| one.address == *address);
    if finding.things.iter().any(is_twin) {
        return false;
    }
    // Only where it uses the value itself: further on its way others may have come by as well.
    let own = field.origin.site().filter(|site| *site != place);
    finding.labels().any(|label| label.span == field.owner_span || Some(label.span) == own)
}

/// Names for a title: "`a`, `b` and 3 more".
pub(super) fn listed(names: &[String]) -> String {
    let (shown, rest) = names.split_at(names.len().min(MOST_NAMES));
    match (rest.len(), shown.split_last()) {
        (0, Some((last, before))) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        (0, _) => shown.concat(),
        (more, _) => format!("{} and {more} more", shown.join(", ")),
    }
}

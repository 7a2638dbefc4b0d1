//! Who else has what a fix changes: a default that several functions inherit, a variable, a base, a module.

use super::operation::Operation;
use crate::lint::Finding;
use crate::model::{Architecture, Field, UnitId};
use crate::source::Span;
use crate::value::Origin;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Names that a title still spells out.
const MOST_NAMES: usize = 3;

/// All values of the model, by the places where they are written or would be.
pub(super) struct Sharing<'a> {
    architecture: &'a Architecture,
    uses: HashMap<Span, Vec<Field<'a>>>,
    /// Where the name of each thing stands, by unit and address.
    declared: HashMap<(UnitId, Arc<str>), Span>,
}

impl<'a> Sharing<'a> {
    /// Gathers them.
    pub fn of(architecture: &'a Architecture) -> Self {
        let mut uses: HashMap<Span, Vec<Field<'a>>> = HashMap::new();
        let mut declared = HashMap::new();
        architecture.fields(&mut |field| {
            if let Some(identity) = field.identity {
                declared.insert((identity.unit, identity.address.clone()), identity.span);
            }
            let written = field.origin.written_at();
            let used = field.origin.steps().next().and_then(|step| step.span).filter(|used| Some(*used) != written);
            let slot = field.origin.slot();
            let object = slot.and_then(|slot| slot.place.as_ref()).map(|(object, _)| *object);
            let patch = slot.and_then(|slot| slot.patch);
            // What is computed out of a value changes with it.
            let source = field.origin.steps().filter_map(|step| step.span).last();
            let places: HashSet<Span> = [written, used, object, patch, source].into_iter().flatten().collect();
            for place in places {
                uses.entry(place).or_default().push(field.clone());
            }
        });
        Self { architecture, uses, declared }
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
        let blocks: HashSet<Span> =
            finding.things.iter().filter_map(|thing| self.declared.get(thing)).copied().collect();
        let strangers = due.filter(|field| !is_meant(finding, &blocks, field, place));
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

/// Whether a finding speaks of what has a value: it is one of its subjects, whose names stand in `blocks`, or a label
/// shows it or its own use of the value. What lies between its use and the value is on the way of others as well.
fn is_meant(finding: &Finding, blocks: &HashSet<Span>, field: &Field<'_>, place: Span) -> bool {
    if let Some(identity) = field.identity {
        let is_it = |(unit, address): &(UnitId, Arc<str>)| *unit == identity.unit && *address == identity.address;
        if finding.things.iter().any(is_it) {
            return true;
        }
        // What bears the same name in another unit, or is made by the same block once more (another instance, another
        // call of its module), stands at the same places.
        let has_its_name = |(_, address): &(UnitId, Arc<str>)| *address == identity.address;
        if blocks.contains(&identity.span) || finding.things.iter().any(has_its_name) {
            return false;
        }
    }
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

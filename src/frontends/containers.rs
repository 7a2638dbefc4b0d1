//! What containers of several platforms have in common, whatever their attributes are called: lists of environment
//! variables, mounts, what opens the machine to them.

use crate::model::isolation::{Opening, OpeningKind};
use crate::model::{Mount, workload::Variable};
use crate::value::View;

/// Variables in a list of names and values (`- name: A`, `value: b`).
pub(super) fn listed_variables(view: View<'_>) -> Vec<Variable> {
    let variable = |variable: View<'_>| {
        let name = ["name", "Name"].map(|key| variable.get(key)).into_iter().find(|name| name.is_present())?;
        let keys = ["value", "valueFrom", "Value", "value_from", "value_source"];
        let value = variable.first(&keys).value().or(variable.value())?;
        Some(Variable { name: name.known_text()?, span: name.span(), value: value.clone() })
    };
    view.items().into_iter().filter_map(variable).collect()
}

/// What a list of mounts says; of a list that is not known, one mount of which nothing is known. Of several names of
/// the directory the one that is written counts.
pub(super) fn mounts(view: View<'_>, volume: &'static str, path: &[&'static str]) -> Vec<Mount> {
    let mount = |view: View<'_>| Mount { volume: view.get(volume).known_text(), path: view.first(path).text() };
    if view.is_unknown() { vec![mount(view)] } else { view.items().into_iter().map(mount).collect() }
}

/// An opening to the machine, where a switch of a container (or, without a name, of all) is known to be on.
pub(super) fn opening(switch: View<'_>, kind: OpeningKind, container: Option<View<'_>>) -> Option<Opening> {
    let span = switch.span()?;
    let container = container.map(|name| name.known_text().unwrap_or_default());
    (switch.boolean().set() == Some(&true)).then_some(Opening { kind, container, span })
}

/// The capabilities in a list that open nearly everything to a container.
pub(super) fn capabilities(added: View<'_>, container: View<'_>) -> Vec<Opening> {
    let container = container.known_text().unwrap_or_default();
    let open = |name: View<'_>| {
        let (text, span) = (name.known_text()?, name.span()?);
        let is_all = matches!(&*text, "SYS_ADMIN" | "CAP_SYS_ADMIN" | "ALL");
        is_all.then(|| Opening { kind: OpeningKind::Capability(text), container: Some(container.clone()), span })
    };
    added.items().into_iter().filter_map(open).collect()
}

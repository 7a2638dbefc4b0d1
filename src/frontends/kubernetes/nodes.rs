//! On which nodes the pods of a template land, as far as its rules say: all on one, or no two on the same. Called for
//! every pod template.

use super::labels::{Labels, Match, Selector};
use crate::model::Spread;
use crate::value::View;
use std::sync::Arc;

/// The label by which every node has its own name, which is also the topology in which no two nodes are one.
const HOSTNAME: &str = "kubernetes.io/hostname";
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

/// The rule that keeps pods of a template on different nodes.
pub(super) fn spread(spec: View<'_>, labels: &Labels) -> Option<Spread> {
    let rules = spec.at(&["affinity", "podAntiAffinity", REQUIRED]).items();
    let rule = rules.into_iter().find(|rule| is_about_own_node(*rule, labels))?;
    Some(Spread { span: rule.get("topologyKey").span()? })
}

/// Whether all pods of a template land on one node; a rule that cannot be told may say so.
pub(super) fn is_one(spec: View<'_>, labels: &Labels) -> bool {
    let affinity = spec.get("affinity");
    let selector = spec.get("nodeSelector");
    let beside = affinity.at(&["podAffinity", REQUIRED]);
    let is_open = selector.is_unknown() || beside.is_unknown();
    is_open
        || spec.get("nodeName").is_present()
        || selector.get(HOSTNAME).is_present()
        || names_one_node(affinity.at(&["nodeAffinity", REQUIRED]))
        || beside.items().into_iter().any(|rule| is_about_own_node(rule, labels))
}

/// Whether a rule about other pods means those of its own template, node by node.
fn is_about_own_node(rule: View<'_>, labels: &Labels) -> bool {
    let is_own = Selector::of(rule.get("labelSelector")).selects(labels) == Match::Yes;
    rule.get("topologyKey").is_text(HOSTNAME) && is_own
}

/// Whether a required affinity for nodes leaves only one of them: every alternative names the same one.
fn names_one_node(required: View<'_>) -> bool {
    if required.is_unknown() {
        return true;
    }
    let terms = required.get("nodeSelectorTerms").items();
    let named: Vec<Option<Arc<str>>> = terms.into_iter().map(node_of).collect();
    match named.split_first() {
        Some((Some(first), others)) => others.iter().all(|other| other.as_ref() == Some(first)),
        _ => false,
    }
}

/// The one node that an alternative names, by its label or by its name.
fn node_of(term: View<'_>) -> Option<Arc<str>> {
    let labels = term.get("matchExpressions").items().into_iter().map(|one| (one, HOSTNAME));
    let fields = term.get("matchFields").items().into_iter().map(|one| (one, "metadata.name"));
    labels.chain(fields).find_map(|(expression, key)| {
        let values = expression.get("values");
        let is_one = values.is_unknown() || values.items().len() == 1;
        let is_it = expression.get("key").is_text(key) && expression.get("operator").is_text("In");
        // One that is not known is one, too.
        (is_it && is_one).then(|| values.items().first().and_then(|only| only.known_text()).unwrap_or_default())
    })
}

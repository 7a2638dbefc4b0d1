//! What is nested in what: blocks, or attributes whose values are objects; [`super::super::place`] asks.

use super::super::New;
use crate::tree::{Kind, NodeRef, Style};

/// Settings that providers take as maps with keys of the user's choice: attributes, where other settings with keys are
/// blocks. These are the ones that the frontends read something in (their files in the corpus were looked at).
const MAPS: [&str; 11] = [
    "annotations",
    "app_settings",
    "data",
    "environment_variables",
    "labels",
    "limits",
    "match_labels",
    "node_selector",
    "requests",
    "tags",
    "variables",
];

/// Types of resources, by their beginnings, in which `metadata` is a map; in those of Kubernetes and of Cloud Run it is
/// a block.
const METADATA_IS_A_MAP: [&str; 3] = ["google_compute_", "google_container_", "aws_"];

/// Blocks at the top of a file in which what is nested is an attribute: inputs of a module, names and values.
const WITHOUT_BLOCKS: [&str; 4] = ["module", "locals", "variable", "output"];

/// Whether what is nested in an object is written as blocks: not in an object expression, not in the call of a module,
/// and not in a file of values.
pub(crate) fn takes_blocks(object: NodeRef<'_>) -> bool {
    let is_body = matches!(object.node().kind, Kind::Block { .. }) || object.node().style == Style::Block;
    is_body
        && top_level(object).is_some_and(|(key, _)| !key.as_str().is_some_and(|kind| WITHOUT_BLOCKS.contains(&kind)))
}

/// An entry that Terraform's providers take as a block, as one; maps of free keys stay attributes. `object` is what it
/// goes into.
pub(crate) fn as_block(object: NodeRef<'_>, key: &str, value: New) -> New {
    let resource = top_level(object).and_then(|(_, block)| block.labels().next()).and_then(NodeRef::as_str);
    block_in(resource.unwrap_or(""), key, value)
}

fn block_in(resource: &str, key: &str, value: New) -> New {
    let is_map = MAPS.contains(&key)
        || key == "metadata" && METADATA_IS_A_MAP.iter().any(|start| resource.starts_with(start))
        // A Service selects by labels alone; elsewhere a selector has parts.
        || key == "selector" && resource.starts_with("kubernetes_service");
    match value {
        New::Object(entries) if !is_map => {
            let inner = |(key, value): (String, New)| {
                let value = block_in(resource, &key, value);
                (key, value)
            };
            New::Block { labels: Vec::new(), body: entries.into_iter().map(inner).collect() }
        }
        value => value,
    }
}

/// The entry of the file that something stands in.
pub(super) fn top_level(node: NodeRef<'_>) -> Option<(NodeRef<'_>, NodeRef<'_>)> {
    let root = node.tree().documents().next()?;
    let Kind::Mapping(pairs) = &root.node().kind else { return None };
    let (start, end) = node.node().span;
    let ends_behind = |value: u32| root.other(value).node().span.1 < end;
    let (key, value) = pairs.get(pairs.partition_point(|(_, value)| ends_behind(*value)))?;
    (root.other(*key).node().span.0 <= start).then(|| (root.other(*key), root.other(*value)))
}

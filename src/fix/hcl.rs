//! Writes edits of hcl.

use super::{Edit, New};
use crate::tree::NodeRef;

/// A scalar becomes another value, in the style of the present one where it can be.
pub(super) fn replace(_node: NodeRef<'_>, _value: &New) -> Result<Edit, String> {
    Err("not written yet".into())
}

/// An object gets entries behind those that it has.
pub(super) fn insert(_object: NodeRef<'_>, _entries: &[(String, New)]) -> Result<Edit, String> {
    Err("not written yet".into())
}

/// An object loses the entry of a key; comments beside it stay.
pub(super) fn remove(_object: NodeRef<'_>, _key: NodeRef<'_>) -> Result<Vec<Edit>, String> {
    Err("not written yet".into())
}

/// A list gets items behind those that it has.
pub(super) fn push(_list: NodeRef<'_>, _items: &[New]) -> Result<Edit, String> {
    Err("not written yet".into())
}

/// Whether what is nested in an object is written as blocks: not in an object value, and not in the call of a module.
pub(super) fn takes_blocks(_object: NodeRef<'_>) -> bool {
    true
}

/// An entry that Terraform's providers take as a block, as one; maps of free keys stay attributes.
pub(super) fn as_block(_key: &str, value: New) -> New {
    value
}

/// Blocks.
pub(super) fn blocks(_entries: &[(String, New)]) -> String {
    String::new()
}

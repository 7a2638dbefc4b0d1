//! Things of one key together, in the order in which the keys first come up. Called by lints, whose findings are one for
//! a place, and by the evaluation of `for` in Terraform.

use std::collections::HashMap;
use std::hash::Hash;

/// Groups things by their keys.
pub fn grouped<K: Hash + Eq + Clone, T>(things: impl IntoIterator<Item = (K, T)>) -> Vec<(K, Vec<T>)> {
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    let mut index: HashMap<K, usize> = HashMap::new();
    for (key, thing) in things {
        let at = *index.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(thing);
    }
    groups
}

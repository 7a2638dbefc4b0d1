//! How numbers of things read in a sentence. Called by lints, costs and reports.

use std::fmt::Display;

/// `1 file`, `2 files`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(number: N, one: &str) -> String {
    let end = if number == N::from(1) { "" } else { "s" };
    format!("{number} {one}{end}")
}

/// What follows a name that stands for others as well: ` and 3 more`, or nothing where there are none.
pub(crate) fn and_more(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" and {others} more") }
}

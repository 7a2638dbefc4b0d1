//! archlint reads infrastructure code and says where the execution model does not fit the work.
//!
//! ```text
//! discover -> read -> lower -> link -> check -> suppress -> propose -> report
//!  files      trees   one      joins   lints    allow       fixes as   human, short, json, diff
//!  by kind    with    model    across  over the             edits      or apply: rounds, write
//!             spans   of all   files   model
//! ```
//!
//! [`engine::run`] is this line; the command line and the tests call it with paths or with texts in memory.

#![forbid(unsafe_code)]

pub mod cli;
pub mod comments;
pub mod config;
pub mod cost;
pub mod discover;
pub mod engine;
pub mod facts;
pub mod fix;
pub mod frontends;
mod grouping;
pub mod link;
pub mod lint;
#[path = "../lints/mod.rs"]
pub mod lints;
pub mod model;
pub mod page;
pub mod read;
mod redact;
pub mod report;
pub mod schedule;
pub mod source;
pub mod suppress;
pub mod tree;
pub mod value;
mod wording;

//! What a command line says about when the work is done: loops with a sleep, cron daemons.

use crate::source::Span;

/// A command line that does its work now and then.
#[derive(Debug, Clone)]
pub struct Loop {
    /// Seconds between two runs; `None` for a cron daemon, whose table is not in the command line.
    pub period: Option<u64>,
    /// The work, without loop and sleep, where it can be told apart.
    pub work: Option<String>,
    /// Where the loop or the daemon is written.
    pub span: Span,
}

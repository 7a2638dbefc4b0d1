//! The catalogue: one folder a lint, with its check and its page.
//!
//! Adding a lint is one folder and two lines here; `README.md` beside this file tells how.

use crate::lint::Lint;

pub mod autoscaler_without_requests;
pub mod cold_start_mitigation_not_wired;
pub mod cron_in_a_container;
pub mod local_state_on_shared_replicas;
pub mod long_job_on_function;
pub mod platform_limit_exceeded;
pub mod queue_visibility_below_timeout;
pub mod replicas_fight_autoscaler;
pub mod schedule_overlaps_itself;
pub mod slow_start_on_user_path;
pub mod stream_blocked_by_poison_record;
pub mod timeout_beyond_caller;

/// Every lint, in alphabetical order.
pub static ALL: &[&Lint] = &[
    &autoscaler_without_requests::LINT,
    &cold_start_mitigation_not_wired::LINT,
    &cron_in_a_container::LINT,
    &local_state_on_shared_replicas::LINT,
    &long_job_on_function::LINT,
    &platform_limit_exceeded::LINT,
    &queue_visibility_below_timeout::LINT,
    &replicas_fight_autoscaler::LINT,
    &schedule_overlaps_itself::LINT,
    &slow_start_on_user_path::LINT,
    &stream_blocked_by_poison_record::LINT,
    &timeout_beyond_caller::LINT,
];

/// The lint of an id.
pub fn find(id: &str) -> Option<&'static Lint> {
    ALL.iter().copied().find(|lint| lint.id == id)
}

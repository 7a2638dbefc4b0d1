//! The catalogue: one folder a lint, with its check and its page.
//!
//! Adding a lint is one folder and two lines here; `README.md` beside this file tells how.

use crate::lint::Lint;

pub mod always_on_for_scheduled_work;
pub mod always_on_for_sporadic_load;
pub mod async_failure_dropped;
pub mod authorizer_on_cold_path;
pub mod autoscaler_cannot_move;
pub mod autoscaler_without_requests;
pub mod background_work_in_request_container;
pub mod cold_start_mitigation_not_wired;
pub mod concurrency_settings_conflict;
pub mod cpu_always_allocated;
pub mod cron_in_a_container;
pub mod database_on_ephemeral_storage;
pub mod disruption_budget_blocks_drain;
pub mod durable_execution_capped_by_caller;
pub mod edge_function_limits;
pub mod express_workflow_too_long;
pub mod function_waits_idle;
pub mod gateway_timeout_over_cap;
pub mod invalid_batch_settings;
pub mod keep_warm_ping;
pub mod killed_before_drained;
pub mod liveness_before_startup;
pub mod local_state_on_shared_replicas;
pub mod long_job_on_function;
pub mod machine_for_one_container;
pub mod node_pool_cannot_grow;
pub mod outage_on_every_deploy;
pub mod persistent_connection_on_function;
pub mod platform_limit_exceeded;
pub mod portability_policy;
pub mod public_services_never_scale;
pub mod queue_scaler_misconfigured;
pub mod queue_visibility_below_timeout;
pub mod queue_worker_never_scales_in;
pub mod recursive_trigger;
pub mod replicas_fight_autoscaler;
pub mod routed_container_without_readiness;
pub mod scale_to_zero_on_user_path;
pub mod schedule_overlaps_itself;
pub mod slow_start_on_user_path;
pub mod snapstart_unsupported;
pub mod steady_load_on_function;
pub mod sticky_sessions_on_elastic_service;
pub mod stream_blocked_by_poison_record;
pub mod timeout_beyond_caller;
pub mod tmp_used_as_store;
pub mod unbounded_cronjob;
pub mod unbounded_database_connections;
pub mod unmanaged_cluster;
pub mod untrusted_code_in_shared_kernel;
pub mod unused_allow;
pub mod warm_capacity_on_background_function;
pub mod warm_capacity_outside_production;

/// Every lint, in alphabetical order.
pub static ALL: &[&Lint] = &[
    &always_on_for_scheduled_work::LINT,
    &always_on_for_sporadic_load::LINT,
    &async_failure_dropped::LINT,
    &authorizer_on_cold_path::LINT,
    &autoscaler_cannot_move::LINT,
    &autoscaler_without_requests::LINT,
    &background_work_in_request_container::LINT,
    &cold_start_mitigation_not_wired::LINT,
    &concurrency_settings_conflict::LINT,
    &cpu_always_allocated::LINT,
    &cron_in_a_container::LINT,
    &database_on_ephemeral_storage::LINT,
    &disruption_budget_blocks_drain::LINT,
    &durable_execution_capped_by_caller::LINT,
    &edge_function_limits::LINT,
    &express_workflow_too_long::LINT,
    &function_waits_idle::LINT,
    &gateway_timeout_over_cap::LINT,
    &invalid_batch_settings::LINT,
    &keep_warm_ping::LINT,
    &killed_before_drained::LINT,
    &liveness_before_startup::LINT,
    &local_state_on_shared_replicas::LINT,
    &long_job_on_function::LINT,
    &machine_for_one_container::LINT,
    &node_pool_cannot_grow::LINT,
    &outage_on_every_deploy::LINT,
    &persistent_connection_on_function::LINT,
    &platform_limit_exceeded::LINT,
    &portability_policy::LINT,
    &public_services_never_scale::LINT,
    &queue_scaler_misconfigured::LINT,
    &queue_visibility_below_timeout::LINT,
    &queue_worker_never_scales_in::LINT,
    &recursive_trigger::LINT,
    &replicas_fight_autoscaler::LINT,
    &routed_container_without_readiness::LINT,
    &scale_to_zero_on_user_path::LINT,
    &schedule_overlaps_itself::LINT,
    &slow_start_on_user_path::LINT,
    &snapstart_unsupported::LINT,
    &steady_load_on_function::LINT,
    &sticky_sessions_on_elastic_service::LINT,
    &stream_blocked_by_poison_record::LINT,
    &timeout_beyond_caller::LINT,
    &tmp_used_as_store::LINT,
    &unbounded_cronjob::LINT,
    &unbounded_database_connections::LINT,
    &unmanaged_cluster::LINT,
    &untrusted_code_in_shared_kernel::LINT,
    &unused_allow::LINT,
    &warm_capacity_on_background_function::LINT,
    &warm_capacity_outside_production::LINT,
];

/// The lint of an id.
pub fn find(id: &str) -> Option<&'static Lint> {
    ALL.iter().copied().find(|lint| lint.id == id)
}

/// The lint whose id someone may have meant.
pub fn nearest(id: &str) -> Option<&'static Lint> {
    nearest_name(id, ALL.iter().map(|lint| lint.id)).and_then(find)
}

/// The name that someone may have meant: the fewest letters away, if that is not more than a third of them.
pub fn nearest_name(typed: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let limit = typed.chars().count() / 3;
    // Nobody misspells a name of 80 letters; without a bound a hostile comment would cost time.
    if limit == 0 || typed.len() > 80 {
        return None;
    }
    let (away, name) = names.map(|name| (distance(typed, name), name)).min_by_key(|(away, _)| *away)?;
    (away <= limit).then_some(name)
}

/// Letters to insert, drop or replace until one text is the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, wanted) in from.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (cell, letter) in row.iter_mut().skip(1).zip(to.chars()) {
            let replaced = diagonal + usize::from(letter != wanted);
            diagonal = *cell;
            left = replaced.min(*cell + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

//! Cloud SQL: how many connections an instance takes by its tier, as far as the tiers with a shared core go. The larger
//! ones take more than functions have instances by default.

use super::{Fact, Unit::*, fact};

const LIMITS: &str = "Google Cloud documentation, Cloud SQL quotas and limits";

/// Most connections of PostgreSQL on db-f1-micro by default.
pub static POSTGRES_MICRO: Fact =
    fact("Cloud SQL for PostgreSQL (db-f1-micro)", "most connections by default", 25.0, Count, LIMITS, "2026-11-25");
/// Most connections of PostgreSQL on db-g1-small by default.
pub static POSTGRES_SMALL: Fact =
    fact("Cloud SQL for PostgreSQL (db-g1-small)", "most connections by default", 50.0, Count, LIMITS, "2026-11-25");
/// Most connections of MySQL on db-f1-micro.
pub static MYSQL_MICRO: Fact =
    fact("Cloud SQL for MySQL (db-f1-micro)", "most connections", 250.0, Count, LIMITS, "2026-11-25");

/// Most connections that an instance takes by default, by its database version (`POSTGRES_16`) and tier.
pub fn connections(version: &str, tier: &str) -> Option<u64> {
    let engine = version.split('_').next()?;
    let fact = match (engine, tier) {
        ("POSTGRES", "db-f1-micro") => &POSTGRES_MICRO,
        ("POSTGRES", "db-g1-small") => &POSTGRES_SMALL,
        ("MYSQL", "db-f1-micro") => &MYSQL_MICRO,
        _ => return None,
    };
    Some(fact.whole())
}

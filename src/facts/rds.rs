//! Amazon RDS and Aurora: how many connections an instance takes by its class.

use super::{Fact, Unit::*, fact};

const GUIDE: &str = "Amazon RDS user guide, quotas: maximum number of database connections";
const AURORA: &str = "Amazon Aurora user guide, maximum connections to an Aurora MySQL DB instance";

/// Memory that MySQL and MariaDB count for a connection by default, in bytes.
pub static MYSQL_BYTES_PER_CONNECTION: Fact =
    fact("RDS for MySQL", "bytes of memory for each connection", 12_582_880.0, Count, GUIDE, "2026-11-25");
/// The same for PostgreSQL, also on Aurora.
pub static POSTGRES_BYTES_PER_CONNECTION: Fact =
    fact("RDS for PostgreSQL", "bytes of memory for each connection", 9_531_392.0, Count, GUIDE, "2026-11-25");
/// Most connections of PostgreSQL by default, whatever its memory.
pub static POSTGRES_CONNECTIONS_MAX: Fact =
    fact("RDS for PostgreSQL", "most connections by default", 5000.0, Count, GUIDE, "2026-11-25");
/// Most connections of Aurora MySQL on a small, burstable class.
pub static AURORA_MYSQL_SMALL: Fact =
    fact("Aurora MySQL (small)", "most connections by default", 45.0, Count, AURORA, "2026-11-25");
/// The same on a medium one.
pub static AURORA_MYSQL_MEDIUM: Fact =
    fact("Aurora MySQL (medium)", "most connections by default", 90.0, Count, AURORA, "2026-11-25");

/// Most connections that an instance takes by default: an upper bound, as the system takes some of the memory first.
/// `None` for engines and classes that are not known here.
pub fn connections(engine: &str, class: &str) -> Option<u64> {
    let bytes = memory(class)? << 20;
    match engine {
        "mysql" | "mariadb" => Some(bytes / MYSQL_BYTES_PER_CONNECTION.whole()),
        "postgres" | "aurora-postgresql" => {
            Some((bytes / POSTGRES_BYTES_PER_CONNECTION.whole()).min(POSTGRES_CONNECTIONS_MAX.whole()))
        }
        "aurora" | "aurora-mysql" => match class.rsplit('.').next()? {
            "small" => Some(AURORA_MYSQL_SMALL.whole()),
            "medium" => Some(AURORA_MYSQL_MEDIUM.whole()),
            _ => None,
        },
        _ => None,
    }
}

/// Memory of an instance class in MiB: `db.t4g.micro`, `db.m5.2xlarge`, `db.r6g.large`. `None` for serverless and for
/// families whose sizes do not follow the usual row.
pub fn memory(class: &str) -> Option<u64> {
    let mut parts = class.strip_prefix("db.")?.split('.');
    let (family, size) = (parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let gibibytes = match (family, size) {
        ("t2" | "t3" | "t4g", "micro") => 1,
        ("t2" | "t3" | "t4g", "small") => 2,
        ("t2" | "t3" | "t4g", "medium") => 4,
        ("t2" | "t3" | "t4g", _) => 8 * multiple(size)?,
        ("m4" | "m5" | "m5d" | "m6g" | "m6gd" | "m6i" | "m6id" | "m7g" | "m7i" | "m8g", _) => 8 * multiple(size)?,
        ("r5" | "r5b" | "r5d" | "r6g" | "r6gd" | "r6i" | "r6id" | "r7g" | "r7i" | "r8g", _) => 16 * multiple(size)?,
        _ => return None,
    };
    Some(gibibytes * 1024)
}

/// How many times a size is `large`.
fn multiple(size: &str) -> Option<u64> {
    match size {
        "large" => Some(1),
        "xlarge" => Some(2),
        _ => size.strip_suffix("xlarge")?.parse::<u64>().ok().filter(|number| *number <= 64).map(|number| number * 2),
    }
}

#[cfg(test)]
mod tests {
    use super::{connections, memory};

    #[test]
    fn classes_have_their_memory() {
        let cases = [("db.t3.micro", 1), ("db.t4g.xlarge", 16), ("db.m5.4xlarge", 64), ("db.r6g.large", 16)];
        for (class, gibibytes) in cases {
            assert_eq!(memory(class), Some(gibibytes * 1024), "{class}");
        }
        for class in ["db.serverless", "db.x2g.large", "t3.micro", "db.t3.nano", "db.m5.large.tpc1", "db.m5.0large"] {
            assert_eq!(memory(class), None, "{class}");
        }
    }

    #[test]
    fn engines_count_their_connections() {
        assert_eq!(connections("mysql", "db.t2.micro"), Some(85));
        assert_eq!(connections("postgres", "db.t4g.micro"), Some(112));
        assert_eq!(connections("postgres", "db.r6g.16xlarge"), Some(5000));
        assert_eq!(connections("aurora-mysql", "db.t3.medium"), Some(90));
        assert_eq!(connections("aurora-mysql", "db.r6g.large"), None);
        assert_eq!(connections("sqlserver-ex", "db.t3.micro"), None);
    }
}

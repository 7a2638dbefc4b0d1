//! Containers that run a database or a broker: which one, by the name of the image, and where it keeps its data.
//!
//! An image counts by the exact last part of its name: `postgres-exporter` is no PostgreSQL. Whatever may be something
//! else than the server (another command, a script) is none.

use super::Container;
use crate::value::{Data, Value};

/// Something that keeps data in files.
#[derive(Debug, PartialEq, Eq)]
pub struct Engine {
    /// What people call it.
    pub title: &'static str,
    /// What is lost with its files.
    pub holds: Holds,
    /// The last part of the names of its images.
    images: &'static [&'static str],
    /// Programs that are the server, besides the entry points of images.
    servers: &'static [&'static str],
    /// Where its images keep their data unless they are told otherwise, the most common one first.
    paths: &'static [&'static str],
    /// Variables that say where the data is.
    variables: &'static [&'static str],
    /// Arguments that say where the data is.
    arguments: &'static [&'static str],
    /// Keeps its data in memory unless it is told to write it to files.
    is_cache: bool,
}

/// What is lost with the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Tables, documents, series.
    Data,
    /// Messages that were not delivered yet.
    Messages,
    /// Objects of an object store.
    Objects,
}

impl Holds {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Messages => "messages",
            Self::Objects => "objects",
        }
    }
}

/// An engine with what most of them have.
const ENGINE: Engine = Engine {
    title: "",
    holds: Holds::Data,
    images: &[],
    servers: &[],
    paths: &[],
    variables: &[],
    arguments: &[],
    is_cache: false,
};

static ENGINES: &[Engine] = &[
    Engine {
        title: "PostgreSQL",
        images: &["postgres", "postgresql", "postgis", "timescaledb", "timescaledb-ha", "pgvector"],
        servers: &["postgres"],
        paths: &["/var/lib/postgresql/data", "/var/lib/postgresql", "/bitnami/postgresql", "/var/lib/pgsql/data"],
        variables: &["PGDATA", "POSTGRESQL_DATA_DIR"],
        arguments: &["-D"],
        ..ENGINE
    },
    Engine {
        title: "MySQL",
        images: &["mysql", "mysql-server", "percona", "percona-server"],
        servers: &["mysqld"],
        paths: &["/var/lib/mysql", "/bitnami/mysql"],
        variables: &["MYSQL_DATA_DIR"],
        arguments: &["--datadir"],
        ..ENGINE
    },
    Engine {
        title: "MariaDB",
        images: &["mariadb"],
        servers: &["mariadbd", "mysqld"],
        paths: &["/var/lib/mysql", "/bitnami/mariadb"],
        variables: &["MARIADB_DATA_DIR"],
        arguments: &["--datadir"],
        ..ENGINE
    },
    Engine {
        title: "MongoDB",
        images: &[
            "mongo",
            "mongodb",
            "mongodb-community-server",
            "mongodb-enterprise-server",
            "percona-server-mongodb",
        ],
        servers: &["mongod"],
        paths: &["/data/db", "/bitnami/mongodb"],
        variables: &["MONGODB_DATA_DIR", "MONGO_DATA_DIR"],
        arguments: &["--dbpath"],
        ..ENGINE
    },
    Engine {
        title: "CockroachDB",
        images: &["cockroach"],
        servers: &["cockroach", "start", "start-single-node"],
        paths: &["/cockroach/cockroach-data"],
        arguments: &["--store", "-s"],
        ..ENGINE
    },
    Engine {
        title: "Cassandra",
        images: &["cassandra"],
        servers: &["cassandra"],
        paths: &["/var/lib/cassandra", "/bitnami/cassandra"],
        ..ENGINE
    },
    Engine { title: "ScyllaDB", images: &["scylla"], paths: &["/var/lib/scylla"], ..ENGINE },
    Engine { title: "CouchDB", images: &["couchdb"], paths: &["/opt/couchdb/data", "/bitnami/couchdb"], ..ENGINE },
    Engine {
        title: "ClickHouse",
        images: &["clickhouse-server"],
        servers: &["clickhouse-server"],
        paths: &["/var/lib/clickhouse"],
        ..ENGINE
    },
    Engine {
        title: "Elasticsearch",
        images: &["elasticsearch"],
        paths: &["/usr/share/elasticsearch/data", "/bitnami/elasticsearch/data"],
        variables: &["path.data"],
        ..ENGINE
    },
    Engine {
        title: "OpenSearch",
        images: &["opensearch"],
        paths: &["/usr/share/opensearch/data", "/bitnami/opensearch/data"],
        variables: &["path.data"],
        ..ENGINE
    },
    Engine {
        title: "InfluxDB",
        images: &["influxdb"],
        servers: &["influxd"],
        paths: &["/var/lib/influxdb2", "/var/lib/influxdb"],
        ..ENGINE
    },
    Engine { title: "Neo4j", images: &["neo4j"], servers: &["neo4j"], paths: &["/data"], ..ENGINE },
    Engine {
        title: "ArangoDB",
        images: &["arangodb"],
        servers: &["arangod"],
        paths: &["/var/lib/arangodb3"],
        ..ENGINE
    },
    Engine {
        title: "SQL Server",
        images: &["mssql/server"],
        servers: &["sqlservr"],
        paths: &["/var/opt/mssql"],
        ..ENGINE
    },
    Engine {
        title: "RabbitMQ",
        holds: Holds::Messages,
        images: &["rabbitmq"],
        servers: &["rabbitmq-server"],
        paths: &["/var/lib/rabbitmq", "/bitnami/rabbitmq/mnesia"],
        variables: &["RABBITMQ_MNESIA_DIR", "RABBITMQ_MNESIA_BASE"],
        ..ENGINE
    },
    Engine {
        title: "Kafka",
        holds: Holds::Messages,
        images: &["kafka", "cp-kafka", "kafka-native"],
        paths: &["/var/lib/kafka/data", "/bitnami/kafka", "/var/lib/kafka", "/tmp/kraft-combined-logs"],
        variables: &["KAFKA_LOG_DIRS", "KAFKA_CFG_LOG_DIRS"],
        ..ENGINE
    },
    Engine {
        title: "MinIO",
        holds: Holds::Objects,
        images: &["minio"],
        servers: &["minio", "server"],
        paths: &["/data", "/bitnami/minio/data"],
        variables: &["MINIO_VOLUMES"],
        arguments: &["server"],
        ..ENGINE
    },
    Engine {
        title: "Redis",
        images: &["redis", "redis-stack-server"],
        servers: &["redis-server"],
        paths: &["/data", "/bitnami/redis/data"],
        arguments: &["--dir"],
        is_cache: true,
        ..ENGINE
    },
    Engine {
        title: "Valkey",
        images: &["valkey"],
        servers: &["valkey-server"],
        paths: &["/data", "/bitnami/valkey/data"],
        arguments: &["--dir"],
        is_cache: true,
        ..ENGINE
    },
];

/// What a container's image is called, by the parts of its name without registry, tag and digest.
pub fn image_name(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or_default();
    match name.rsplit_once(':') {
        // A colon before a slash belongs to the registry's port.
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}

/// Whether an image is called so: the last part of its name, or its last parts.
pub fn is_image(image: &str, called: &str) -> bool {
    image_name(image).strip_suffix(called).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

impl Container {
    /// The database or broker that it is known to run, and that keeps something in files.
    pub fn database(&self) -> Option<&'static Engine> {
        let image = self.image.set()?;
        let engine = ENGINES.iter().find(|engine| engine.images.iter().any(|called| is_image(image, called)))?;
        let words: Vec<&str> = self.command.iter().map(word).collect::<Option<_>>()?;
        let runs = words.first().is_none_or(|first| engine.is_server(first));
        let keeps = !engine.is_cache || is_written_to_files(&words);
        (runs && keeps && !self.is_dataless_node()).then_some(engine)
    }

    /// Where a database keeps its data in this container, as far as it is said, or else by the image's custom; of
    /// several images' customs the one at which something is mounted.
    pub fn data_path(&self, engine: &'static Engine) -> &str {
        let named = |name: &&str| {
            let variable = self.environment.iter().find(|variable| &*variable.name == *name)?;
            word(&variable.value).filter(|text| text.starts_with('/'))
        };
        let custom = || {
            let is_mounted =
                |path: &&&str| self.mounts.iter().any(|mount| mount.path.set().is_some_and(|at| **at == ***path));
            // Images of Bitnami keep everything under a directory of their own.
            let bitnami = self.image.set().is_some_and(|image| image_name(image).contains("bitnami"));
            let first = engine.paths.iter().find(|path| bitnami && path.starts_with("/bitnami/"));
            let usual = first.or(engine.paths.first());
            engine.paths.iter().find(is_mounted).or(usual).copied().unwrap_or_default()
        };
        engine.variables.iter().find_map(named).or_else(|| self.argument(engine.arguments)).unwrap_or_else(custom)
    }

    /// The directory behind an option: `--datadir=/data`, `-D /data`, `--store=path=/data`.
    fn argument(&self, options: &[&str]) -> Option<&str> {
        let words: Vec<&str> = self.command.iter().map(|value| word(value).unwrap_or_default()).collect();
        let value = words.iter().enumerate().find_map(|(at, text)| {
            let rest = options.iter().find_map(|option| text.strip_prefix(option))?;
            if rest.is_empty() { words.get(at + 1).copied() } else { rest.strip_prefix('=') }
        })?;
        Some(value.strip_prefix("path=").unwrap_or(value)).filter(|path| path.starts_with('/'))
    }

    /// A node of a search cluster that only routes or only elects keeps no data.
    fn is_dataless_node(&self) -> bool {
        self.environment.iter().any(|variable| {
            let name = variable.name.to_ascii_lowercase().replace('_', ".");
            matches!(&*name, "node.roles" | "node.data" | "node.master" | "elasticsearch.node.roles")
        })
    }
}

impl Engine {
    /// Whether a command line that starts with this word runs the server: an option, an entry point, the server itself.
    fn is_server(&self, first: &str) -> bool {
        let program = first.rsplit('/').next().unwrap_or_default();
        first.starts_with('-')
            || self.servers.contains(&program)
            || matches!(program, "docker-entrypoint.sh" | "entrypoint.sh" | "run.sh")
    }
}

fn word(value: &Value) -> Option<&str> {
    match value.known()? {
        Data::Text(text) => Some(text),
        Data::Number(_) | Data::Boolean(_) => Some(""),
        _ => None,
    }
}

/// Whether a command line tells an in-memory store to write to files: append-only, or snapshots after some seconds.
fn is_written_to_files(words: &[&str]) -> bool {
    words.windows(2).any(|pair| match pair {
        ["--appendonly", value] => *value == "yes",
        ["--save", value] => value.starts_with(|first: char| first.is_ascii_digit()),
        _ => false,
    })
}

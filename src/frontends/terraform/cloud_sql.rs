//! Cloud SQL: instances of databases that functions connect to.

use super::lowering::Lowering;
use crate::facts::cloud_sql;
use crate::frontends::resource::Resource;
use crate::model::{BackingKind, BackingService, DatabaseSettings};
use crate::value::{Sourced, Unknown, View};

impl Lowering<'_> {
    pub(super) fn sql_instance(&mut self, resource: &Resource) {
        let view = resource.view();
        let settings = view.get("settings");
        let class = settings.get("tier").text();
        let version = view.get("database_version").known_text();
        let connections = flag(settings.get("database_flags")).unwrap_or_else(|| {
            class.clone().and_then(|tier| {
                let known = tier.zip(version).and_then(|(tier, version)| cloud_sql::connections(&version, &tier));
                known.map(Some).ok_or(Unknown::NotEvaluated("how many connections this tier takes".into()))
            })
        });
        // The pool of the platform itself shares connections.
        let pool = settings.get("connection_pool_config");
        let database = DatabaseSettings { class, connections, has_proxy: pool.is_present() };
        self.declarations.backing.push(BackingService {
            written_name: None,
            identity: resource.identity(self.unit, view.get("name").text()),
            kind: BackingKind::Database,
            retention: Sourced::absent(resource.span),
            database: Some(database),
        });
    }
}

/// What the flags set; `None`: nothing.
fn flag(flags: View<'_>) -> Option<Sourced<Option<u64>>> {
    if flags.is_unknown() {
        return Some(flags.whole());
    }
    let items = flags.items();
    let named = items.iter().find(|one| one.get("name").is_text("max_connections"));
    // One of which the name is not known may be the one.
    let open = items.iter().find(|one| one.get("name").known_text().is_none());
    named.map(|one| one.get("value").whole()).or_else(|| open.map(|one| one.get("name").whole()))
}

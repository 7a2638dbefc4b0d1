//! How many connections an RDS database takes, and what stands in front of it: by its class and engine, its parameters,
//! its proxies.

use crate::facts::rds;
use crate::frontends::resource::{Resource, Resources};
use crate::model::DatabaseSettings;
use crate::value::{Data, How, Origin, Sourced, Unknown, View};
use std::sync::Arc;

/// Types whose attributes say something about a database, besides its own.
pub(crate) fn concerns_database(kind: &str) -> bool {
    PARAMETERS.contains(&kind) || PROXIES.contains(&kind) || MEMBERS.contains(&kind)
}

const PARAMETERS: [&str; 4] = [
    "aws_db_parameter_group",
    "aws_rds_cluster_parameter_group",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBClusterParameterGroup",
];
const PROXIES: [&str; 2] = ["aws_db_proxy_target", "AWS::RDS::DBProxyTargetGroup"];
/// Instances of a cluster.
const MEMBERS: [&str; 2] = ["aws_rds_cluster_instance", "AWS::RDS::DBInstance"];

/// What is known of the database that a resource declares.
pub(super) fn settings(resource: &Resource, resources: &Resources) -> DatabaseSettings {
    let view = resource.view();
    let has_proxy = has_proxy(resource, resources);
    let is_cluster = matches!(&*resource.kind, "aws_rds_cluster" | "AWS::RDS::DBCluster");
    if !is_cluster {
        let (class, connections) = of_instance(view, view.first(&["engine", "Engine"]), &[], resources);
        return DatabaseSettings { class, connections, has_proxy };
    }
    let engine = view.first(&["engine", "Engine"]);
    let shared = view.first(&["db_cluster_parameter_group_name", "DBClusterParameterGroupName"]);
    let members = MEMBERS.iter().flat_map(|kind| resources.of(kind)).filter(|member| {
        let cluster = member.view().first(&["cluster_identifier", "DBClusterIdentifier"]);
        resources.referred(cluster).is_some_and(|cluster| cluster.address == resource.address)
    });
    let mut members = members.map(|member| of_instance(member.view(), engine, &[shared], resources));
    match members.next() {
        // Of instances of several sizes it cannot be told which one the connections go to.
        Some((class, connections)) if members.all(|(other, _)| other.known() == class.known()) => {
            DatabaseSettings { class, connections, has_proxy }
        }
        _ => {
            let why = Unknown::NotEvaluated("the instances of this cluster".into());
            let unknown = || Origin::new(How::Absent, resource.span);
            DatabaseSettings {
                class: Sourced::unknown(why.clone(), unknown()),
                connections: Sourced::unknown(why, unknown()),
                has_proxy,
            }
        }
    }
}

/// The class of an instance and its most connections. `shared` are parameter groups that hold besides its own.
fn of_instance(
    view: View<'_>,
    engine: View<'_>,
    shared: &[View<'_>],
    resources: &Resources,
) -> (Sourced<Option<Arc<str>>>, Sourced<Option<u64>>) {
    let class = view.first(&["instance_class", "DBInstanceClass"]).text();
    let own = view.first(&["parameter_group_name", "db_parameter_group_name", "DBParameterGroupName"]);
    for group in std::iter::once(&own).chain(shared) {
        match parameter(*group, resources) {
            Parameter::Unset => {}
            Parameter::Set(connections) => return (class, connections),
        }
    }
    let engine = engine.known_text();
    let connections = class.clone().and_then(|class| {
        let known = class.zip(engine).and_then(|(class, engine)| rds::connections(&engine, &class));
        known.map(Some).ok_or(Unknown::NotEvaluated("how many connections this class takes".into()))
    });
    (class, connections)
}

/// What a parameter group says about connections.
enum Parameter {
    /// Nothing: the engine's default holds.
    Unset,
    /// A number, or something that is not known.
    Set(Sourced<Option<u64>>),
}

fn parameter(group: View<'_>, resources: &Resources) -> Parameter {
    if group.is_absent() || group.known_text().is_some_and(|name| name.starts_with("default.")) {
        return Parameter::Unset;
    }
    let open = || {
        let why = Unknown::NotEvaluated("this parameter group".into());
        let origin = group.value().map_or(Origin::new(How::Absent, group.block()), |value| value.origin.clone());
        Parameter::Set(Sourced::unknown(why, origin))
    };
    let Some(found) = resources.referred(group).filter(|found| PARAMETERS.contains(&&*found.kind)) else {
        return open();
    };
    let parameters = found.view().first(&["parameter", "Parameters"]);
    if parameters.is_unknown() || parameters.items().iter().any(|item| item.is_unknown()) {
        return open();
    }
    let named = parameters.items().into_iter().find(|item| item.get("name").is_text("max_connections"));
    let value = named.map_or(parameters.get("max_connections"), |item| item.get("value"));
    if value.is_absent() || matches!(value.value().and_then(|value| value.known()), Some(Data::List(_))) {
        return Parameter::Unset;
    }
    // A formula of the class is not a number.
    Parameter::Set(value.whole())
}

/// Whether a proxy stands in front of a database, or one of which it cannot be told where it stands.
fn has_proxy(resource: &Resource, resources: &Resources) -> bool {
    let targets = PROXIES.iter().flat_map(|kind| resources.of(kind));
    let keys = ["db_instance_identifier", "db_cluster_identifier", "DBInstanceIdentifiers", "DBClusterIdentifiers"];
    targets.flat_map(|target| keys.map(|key| target.view().get(key))).filter(|named| named.is_present()).any(|named| {
        let items = named.items();
        let leads = |item: &View<'_>| resources.referred(*item).is_none_or(|found| found.address == resource.address);
        items.is_empty() || items.iter().any(leads)
    })
}

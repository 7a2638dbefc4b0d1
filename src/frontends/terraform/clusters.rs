//! Kubernetes clusters of Google Cloud, Azure and Gcore, and their nodes.

use super::left_alone;
use super::lowering::{Lower, Lowering};
use crate::facts::{azure, google};
use crate::frontends::resource::{Resource, reference_to};
use crate::frontends::triggers::written;
use crate::model::{Cluster, ClusterKind, Growth, Identity, Link, NodePool};
use crate::source::Span;
use crate::value::{How, Origin, Sourced, Unknown, Value, View};
use std::sync::Arc;

/// The code for a type.
pub(super) fn lowering_of(kind: &str) -> Option<Lower> {
    Some(match kind {
        "google_container_cluster" => |lowering, resource| lowering.gke(resource),
        "google_container_node_pool" => |lowering, resource| {
            let view = resource.view();
            let owner = lowering.resources.referred(view.get("cluster"));
            let zones = zones(view).or(|| owner.map_or(Sourced::absent(resource.span), |owner| zones(owner.view())));
            let identity = resource.identity(lowering.unit, view.get("name").text());
            let mut pool = gke_pool(identity, written(view.get("cluster")), view, &zones);
            // Something else sets the number of nodes.
            pool.most = left_alone(view, "node_count", pool.most);
            lowering.declarations.node_pools.push(pool);
        },
        "azurerm_kubernetes_cluster" => |lowering, resource| lowering.aks(resource),
        "azurerm_kubernetes_cluster_node_pool" => |lowering, resource| {
            let view = resource.view();
            let identity = resource.identity(lowering.unit, view.get("name").text());
            let owner = lowering.resources.referred(view.get("kubernetes_cluster_id"));
            let spelling = owner.and_then(|owner| aks_spelling(owner.view()));
            let mut pool = aks_pool(identity, written(view.get("kubernetes_cluster_id")), view, spelling);
            pool.most = left_alone(view, "node_count", pool.most);
            lowering.declarations.node_pools.push(pool);
        },
        "gcore_k8sv2" => |lowering, resource| lowering.gcore_cluster(resource),
        _ => return None,
    })
}

impl Lowering<'_> {
    fn cluster(&self, resource: &Resource, kind: ClusterKind) -> Cluster {
        Cluster {
            identity: resource.identity(self.unit, resource.view().get("name").text()),
            kind,
            keeps_nodes: Sourced::new(false, Origin::new(How::Absent, resource.span)),
            makes_nodes: false,
            channel: Sourced::absent(resource.span),
            version: Sourced::absent(resource.span),
            follows_support: Sourced::new(false, Origin::new(How::Absent, resource.span)),
        }
    }

    fn gke(&mut self, resource: &Resource) {
        let view = resource.view();
        let provisions = view.at(&["cluster_autoscaling", "enabled"]).boolean();
        let cluster = Cluster {
            keeps_nodes: view.get("enable_autopilot").boolean().map(|is_on| is_on.unwrap_or(false)),
            makes_nodes: !matches!(provisions.known(), Some(None | Some(false))),
            channel: view.at(&["release_channel", "channel"]).text(),
            ..self.cluster(resource, ClusterKind::Gke)
        };
        let zones = zones(view);
        for block in view.get("node_pool").items() {
            let pool = gke_pool(own(resource, &cluster, block), itself(resource), block, &zones);
            self.declarations.node_pools.push(pool);
        }
        let is_removed = view.get("remove_default_node_pool").boolean();
        if view.get("node_pool").is_absent() && is_removed.known() != Some(&Some(true)) {
            let pool = default_gke_pool(cluster.identity.clone(), itself(resource), view, &zones, &is_removed);
            self.declarations.node_pools.push(pool);
        }
        self.declarations.clusters.push(cluster);
    }

    fn aks(&mut self, resource: &Resource) {
        let view = resource.view();
        let mode = view.at(&["node_provisioning_profile", "mode"]);
        let cluster = Cluster {
            // Pods may also run in container instances, without nodes.
            makes_nodes: mode.is_present() && !mode.is_text("Manual") || view.get("aci_connector_linux").is_present(),
            channel: channel(view, resource.span),
            ..self.cluster(resource, ClusterKind::Aks)
        };
        for block in view.get("default_node_pool").items() {
            let mut pool = aks_pool(own(resource, &cluster, block), itself(resource), block, aks_spelling(view));
            pool.most = left_alone(view, "default_node_pool.node_count", pool.most);
            self.declarations.node_pools.push(pool);
        }
        self.declarations.clusters.push(cluster);
    }

    fn gcore_cluster(&mut self, resource: &Resource) {
        let cluster = self.cluster(resource, ClusterKind::Gcore);
        for block in resource.view().get("pool").items() {
            let identity = own(resource, &cluster, block);
            let block = block.within(identity.span);
            let least = block.get("min_node_count").whole();
            // A pool without a most has as many nodes as it has at least.
            let growth = Growth {
                switch: None,
                most: block.get("max_node_count").whole(),
                least: least.clone(),
                fixed: None,
                zones: 1,
            };
            let most = growth.most.clone().or(|| least.clone());
            let autoscales = most.clone().and_then(|most| match least.known() {
                Some(least) => Ok(*least != most),
                None => Err(Unknown::NotEvaluated("the bounds of the pool".into())),
            });
            self.declarations.node_pools.push(NodePool {
                identity,
                kind: ClusterKind::Gcore,
                cluster: Link::to(itself(resource)),
                autoscales,
                most,
                machine: block.get("flavor_id").text(),
                growth: Some(growth),
                repairs: block.get("auto_healing_enabled").boolean(),
                upgrades: Sourced::absent(resource.span),
            });
        }
        self.declarations.clusters.push(cluster);
    }
}

/// A reference to a resource as a whole.
fn itself(resource: &Resource) -> Value {
    reference_to(resource.address.clone(), resource.span)
}

/// A pool that stands in the block of its cluster.
fn own(resource: &Resource, cluster: &Cluster, block: View<'_>) -> Identity {
    let name = block.get("name");
    let label = name.known_text().unwrap_or_else(|| cluster.identity.label.clone());
    let span = name.value().and_then(|name| name.origin.written_at()).unwrap_or(resource.span);
    let address = format!("{}.pool@{}", resource.address, span.start).into();
    Identity { address, label, span, name: name.text(), ..cluster.identity.clone() }
}

/// By which channel AKS upgrades a cluster; older versions of the provider spell it the other way round.
fn channel(view: View<'_>, place: Span) -> Sourced<Option<Arc<str>>> {
    let channel = view.first(&["automatic_upgrade_channel", "automatic_channel_upgrade"]).text();
    if channel.is_absent() {
        let key = aks_spelling(view).map(|spelling| view.get(spelling.channel));
        let origin = Origin::new(How::Platform(&azure::AKS_UPGRADE_CHANNEL_DEFAULT), place);
        return Sourced::new(None, origin.with_slot(key.and_then(View::slot)));
    }
    channel
}

/// What a version of the provider for Azure calls some settings of clusters.
struct AksSpelling {
    channel: &'static str,
    scaling: &'static str,
    /// Names by which this version is known.
    signs: [&'static str; 4],
}

/// From version 4 on, and before.
static AKS_SPELLINGS: [AksSpelling; 2] = [
    AksSpelling {
        channel: "automatic_upgrade_channel",
        scaling: "auto_scaling_enabled",
        signs: [
            "automatic_upgrade_channel",
            "auto_scaling_enabled",
            "host_encryption_enabled",
            "node_public_ip_enabled",
        ],
    },
    AksSpelling {
        channel: "automatic_channel_upgrade",
        scaling: "enable_auto_scaling",
        signs: ["automatic_channel_upgrade", "enable_auto_scaling", "enable_host_encryption", "enable_node_public_ip"],
    },
];

/// How a cluster or a pool is spelled, where something in it says so: the wrong spelling is rejected.
fn aks_spelling(view: View<'_>) -> Option<&'static AksSpelling> {
    let has = |sign: &&'static str| view.get(sign).is_present() || view.get("default_node_pool").get(sign).is_present();
    AKS_SPELLINGS.iter().find(|spelling| spelling.signs.iter().any(has))
}

fn aks_pool(identity: Identity, cluster: Value, block: View<'_>, spelling: Option<&AksSpelling>) -> NodePool {
    let block = block.within(identity.span);
    let autoscales = block.first(&["auto_scaling_enabled", "enable_auto_scaling"]).boolean();
    let autoscales = autoscales.map(|is_on| is_on.unwrap_or(false));
    let key = if autoscales.known() == Some(&true) { "max_count" } else { "node_count" };
    NodePool {
        identity,
        kind: ClusterKind::Aks,
        cluster: Link::to(cluster),
        autoscales,
        most: block.get(key).whole(),
        machine: block.get("vm_size").text(),
        growth: aks_spelling(block).or(spelling).map(|spelling| Growth {
            switch: Some(block.get(spelling.scaling).boolean()),
            least: block.get("min_count").whole(),
            most: block.get("max_count").whole(),
            fixed: Some(block.get("node_count").whole()),
            zones: 1,
        }),
        repairs: Sourced::absent(block.block()),
        upgrades: Sourced::absent(block.block()),
    }
}

/// In how many zones a cluster has the same nodes.
fn zones(view: View<'_>) -> Sourced<Option<u64>> {
    let listed = view.get("node_locations");
    let location = view.get("location").text();
    let Some(place) = location.set() else { return location.map(|_| None) };
    // `europe-west1-b` is a zone, `europe-west1` a region.
    let is_zone = place.split('-').count() > 2;
    if listed.is_unknown() {
        return Sourced::unknown(Unknown::NotEvaluated("the zones of the nodes".into()), location.origin);
    }
    let named = listed.items().len() as u64;
    let zones = match (is_zone, named) {
        // The zone of the cluster is not among them.
        (true, named) => named + 1,
        (false, 0) => google::GKE_REGION_ZONES.whole(),
        (false, named) => named,
    };
    location.map(|_| Some(zones))
}

fn gke_pool(identity: Identity, cluster: Value, block: View<'_>, zones: &Sourced<Option<u64>>) -> NodePool {
    let block = block.within(identity.span);
    let scaling = block.get("autoscaling");
    let total = scaling.get("total_max_node_count").whole();
    let count = block.first(&["node_count", "initial_node_count"]).whole();
    let most = match scaling.is_present() {
        true => total.or(|| across(scaling.get("max_node_count").whole(), zones)),
        false => across(count, zones),
    };
    let management = block.get("management");
    NodePool {
        kind: ClusterKind::Gke,
        cluster: Link::to(cluster),
        autoscales: block.has(&["autoscaling"]),
        most,
        machine: gke_machine(block),
        growth: zones.set().map(|zones| Growth {
            switch: None,
            least: scaling.get("min_node_count").whole(),
            most: scaling.get("max_node_count").whole(),
            fixed: Some(block.get("node_count").whole()),
            zones: *zones,
        }),
        repairs: management.get("auto_repair").boolean(),
        upgrades: management.get("auto_upgrade").boolean(),
        identity,
    }
}

/// The pool that a cluster gets which names none.
fn default_gke_pool(
    identity: Identity,
    cluster: Value,
    view: View<'_>,
    zones: &Sourced<Option<u64>>,
    is_removed: &Sourced<Option<bool>>,
) -> NodePool {
    // Where it may be removed it cannot be told whether there is one.
    let autoscales = is_removed.clone().map(|_| false);
    NodePool {
        identity,
        kind: ClusterKind::Gke,
        cluster: Link::to(cluster),
        autoscales,
        most: across(view.get("initial_node_count").whole(), zones),
        machine: gke_machine(view),
        growth: None,
        repairs: Sourced::absent(view.block()),
        upgrades: Sourced::absent(view.block()),
    }
}

fn gke_machine(view: View<'_>) -> Sourced<Option<Arc<str>>> {
    let machine = view.at(&["node_config", "machine_type"]).text();
    if machine.is_absent() {
        let origin = Origin::new(How::Platform(&google::GKE_MACHINE_CPUS_DEFAULT), view.block());
        return Sourced::new(Some("e2-medium".into()), origin);
    }
    machine
}

/// Nodes in all zones, from those in one.
fn across(nodes: Sourced<Option<u64>>, zones: &Sourced<Option<u64>>) -> Sourced<Option<u64>> {
    nodes.and_then(|nodes| match (nodes, zones.set()) {
        (None, _) => Ok(None),
        (Some(nodes), Some(zones)) => Ok(Some(nodes.saturating_mul(*zones))),
        (Some(_), None) => Err(Unknown::NotEvaluated("in how many zones these nodes are".into())),
    })
}

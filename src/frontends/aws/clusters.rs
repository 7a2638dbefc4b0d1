//! EKS clusters and node groups, which CloudFormation and Terraform describe in the same words with other capitals.

use crate::facts::aws as facts;
use crate::frontends::resource::{Resource, Resources};
use crate::frontends::triggers::written;
use crate::model::{Cluster, ClusterKind, Link, NodePool, UnitId};
use crate::value::{Data, How, Origin, Sourced, Unknown, View};
use std::sync::Arc;

/// A cluster; `resources` may say that something else makes its nodes.
pub(crate) fn cluster(unit: UnitId, resource: &Resource, resources: &Resources) -> Cluster {
    let view = resource.view();
    let mode = view.first(&["compute_config", "ComputeConfig"]).first(&["enabled", "Enabled"]);
    let policy = view.first(&["upgrade_policy", "UpgradePolicy"]).first(&["support_type", "SupportType"]);
    Cluster {
        identity: resource.identity(unit, view.first(&["name", "Name"]).text()),
        kind: ClusterKind::Eks,
        keeps_nodes: mode.boolean().map(|enabled| enabled.unwrap_or(false)),
        makes_nodes: resources.iter().any(makes_nodes),
        channel: Sourced::absent(resource.span),
        version: view.first(&["version", "Version"]).text(),
        follows_support: policy.text().map(|kind| kind.as_deref() == Some("STANDARD")),
    }
}

/// A node group. By itself it keeps its number of nodes: a cluster autoscaler changes it between the bounds, and from
/// where that one is installed cannot be told.
pub(crate) fn node_group(unit: UnitId, resource: &Resource) -> NodePool {
    let view = resource.view();
    let scaling = view.first(&["scaling_config", "ScalingConfig"]);
    let least = scaling.first(&["min_size", "MinSize"]).whole();
    let most = scaling.first(&["max_size", "MaxSize"]).whole();
    let autoscales = most.clone().and_then(|most| match least.known() {
        Some(least) if scaling.is_present() => Ok(*least != most),
        _ => Err(Unknown::NotEvaluated("the bounds of the node group".into())),
    });
    NodePool {
        identity: resource.identity(unit, view.first(&["node_group_name", "NodegroupName"]).text()),
        kind: ClusterKind::Eks,
        cluster: Link::to(written(view.first(&["cluster_name", "ClusterName"]))),
        autoscales,
        most,
        machine: machine(view),
        growth: None,
        repairs: Sourced::absent(resource.span),
        upgrades: Sourced::absent(resource.span),
    }
}

fn machine(view: View<'_>) -> Sourced<Option<Arc<str>>> {
    let types = view.first(&["instance_types", "InstanceTypes"]);
    match types.items().as_slice() {
        [only] => only.text(),
        // A launch template has a type of its own.
        [] if types.is_absent() && view.first(&["launch_template", "LaunchTemplate"]).is_absent() => {
            let origin = Origin::new(How::Platform(&facts::EKS_INSTANCE_TYPE_CPUS_DEFAULT), view.block());
            Sourced::new(Some("t3.medium".into()), origin)
        }
        _ => Sourced::unknown(Unknown::NotEvaluated("which machines it takes".into()), Origin::new(How::Absent, None)),
    }
}

/// Whether a resource shows that nodes are made by something besides node groups: Fargate profiles, or Karpenter, which
/// is known by its name wherever it is installed or looked for.
fn makes_nodes(resource: &Resource) -> bool {
    let names = |text: &str| text.to_ascii_lowercase().contains("karpenter");
    let view = resource.view();
    let is_installed = || {
        let parts = ["name", "chart", "repository"].map(|key| view.get(key).known_text());
        &*resource.kind == "helm_release" && parts.iter().flatten().any(|text| names(text))
    };
    let is_tagged = || {
        let tags = view.first(&["tags", "Tags", "labels", "Labels"]);
        let listed = tags.items().into_iter().filter_map(|tag| tag.get("Key").known_text());
        let keyed = tags.entries().into_iter().map(|(entry, _)| entry.name.clone());
        keyed.chain(listed).any(|key| names(&key))
    };
    matches!(&*resource.kind, "aws_eks_fargate_profile" | "AWS::EKS::FargateProfile")
        || names(&resource.address)
        || is_installed()
        || is_tagged()
        || is_manifest(view, names)
}

fn is_manifest(view: View<'_>, names: impl Fn(&str) -> bool) -> bool {
    let version = view.at(&["manifest", "apiVersion"]).known_text();
    let body = view.get("yaml_body").value().and_then(|body| match body.known() {
        Some(Data::Text(text)) => Some(text.clone()),
        _ => None,
    });
    version.is_some_and(|version| names(&version)) || body.is_some_and(|body| body.contains("karpenter.sh/"))
}

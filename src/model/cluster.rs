//! Kubernetes clusters and their nodes.

use super::{Architecture, Id, Identity, Link};
use crate::facts::machines;
use crate::value::Sourced;
use std::sync::Arc;

/// Whose Kubernetes a cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClusterKind {
    /// Google Kubernetes Engine.
    Gke,
    /// Azure Kubernetes Service.
    Aks,
    /// Amazon Elastic Kubernetes Service.
    Eks,
    /// Gcore Managed Kubernetes.
    Gcore,
}

impl ClusterKind {
    /// The name in machine-readable reports: a contract.
    pub fn id(self) -> &'static str {
        match self {
            Self::Gke => "google-gke",
            Self::Aks => "azure-aks",
            Self::Eks => "aws-eks",
            Self::Gcore => "gcore-kubernetes",
        }
    }

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gke => "GKE",
            Self::Aks => "AKS",
            Self::Eks => "EKS",
            Self::Gcore => "Gcore",
        }
    }
}

/// A cluster of a provider.
#[derive(Debug)]
pub struct Cluster {
    /// Who it is.
    pub identity: Identity,
    /// Whose it is.
    pub kind: ClusterKind,
    /// Whether the provider makes, sizes and repairs the nodes (GKE Autopilot, EKS Auto Mode).
    pub keeps_nodes: Sourced<bool>,
    /// Whether something besides its pools makes nodes: node auto-provisioning, Karpenter, Fargate.
    pub makes_nodes: bool,
    /// By which channel it is upgraded, as written (GKE, AKS).
    pub channel: Sourced<Option<Arc<str>>>,
    /// The version of Kubernetes, as written.
    pub version: Sourced<Option<Arc<str>>>,
    /// Whether it is upgraded when the standard support of its version ends (EKS).
    pub follows_support: Sourced<bool>,
}

/// Nodes of one sort in a cluster.
#[derive(Debug)]
pub struct NodePool {
    /// Who it is.
    pub identity: Identity,
    /// Whose nodes they are.
    pub kind: ClusterKind,
    /// Its cluster.
    pub cluster: Link<Cluster>,
    /// Whether the number of nodes follows the load.
    pub autoscales: Sourced<bool>,
    /// The number of nodes, or the most of them.
    pub most: Sourced<Option<u64>>,
    /// The type of the machines, as the provider calls it.
    pub machine: Sourced<Option<Arc<str>>>,
    /// What has to be written so that the number of nodes follows the load; `None` where that is not for the pool to say.
    pub growth: Option<Growth>,
    /// Whether nodes are repaired and upgraded by the provider, where that is written.
    pub repairs: Sourced<Option<bool>>,
    pub upgrades: Sourced<Option<bool>>,
}

/// The settings by which the provider's autoscaler for nodes comes to a pool.
#[derive(Debug)]
pub struct Growth {
    /// What turns it on, where bounds do not by themselves.
    pub switch: Option<Sourced<Option<bool>>>,
    /// The bounds, in each zone.
    pub least: Sourced<Option<u64>>,
    pub most: Sourced<Option<u64>>,
    /// The fixed number of nodes in each zone, whose place the bounds take.
    pub fixed: Option<Sourced<Option<u64>>>,
    /// In how many zones the pool has these nodes.
    pub zones: u64,
}

impl NodePool {
    /// vCPU of one node, if the name of its machine says so.
    pub fn cpus(&self) -> Option<u64> {
        let machine = self.machine.set()?;
        match self.kind {
            ClusterKind::Gke => machines::google(machine),
            ClusterKind::Aks => machines::azure(machine),
            ClusterKind::Eks => machines::aws(machine),
            ClusterKind::Gcore => machines::gcore(machine),
        }
    }
}

impl Architecture {
    /// The cluster with its pools, if there is exactly one in the scanned set: only then everything for Kubernetes runs
    /// in it. `None` as well where it cannot be told which cluster some nodes are for.
    pub fn only_cluster(&self) -> Option<(&Cluster, Vec<&NodePool>)> {
        let [cluster] = self.clusters.as_slice() else { return None };
        let is_clear = self.node_pools.iter().all(|pool| pool.cluster.target.is_some());
        is_clear.then(|| (cluster, self.node_pools.iter().collect()))
    }

    /// All clusters.
    pub fn clusters(&self) -> impl Iterator<Item = (Id<Cluster>, &Cluster)> {
        self.clusters.iter().enumerate().map(|(index, cluster)| (Id::new(index), cluster))
    }

    /// All node pools.
    pub fn node_pools(&self) -> impl Iterator<Item = &NodePool> {
        self.node_pools.iter()
    }

    /// The cluster at the end of a link.
    pub fn cluster(&self, link: &Link<Cluster>) -> Option<&Cluster> {
        link.target.map(|id| &self.clusters[id.index()])
    }
}

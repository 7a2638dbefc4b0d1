//! `unmanaged-cluster`: a cluster is set up so that nothing upgrades it or repairs its nodes.

use crate::facts::aws as facts;
use crate::fix::{Change, New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{Cluster, ClusterKind, Identity, NodePool};
use crate::source::Span;
use crate::value::{Origin, Sourced};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "unmanaged-cluster",
    category: Category::Orchestration,
    level: Level::Advice,
    summary: "A cluster is set up so that nothing upgrades it or repairs its nodes.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let mut of_pools: Vec<Vec<Sign>> = architecture.clusters().map(|_| Vec::new()).collect();
    for pool in architecture.node_pools() {
        let signs = pool_signs(pool);
        match pool.cluster.target.and_then(|id| of_pools.get_mut(id.index())) {
            Some(of_pools) => of_pools.extend(signs),
            // Its cluster is declared elsewhere.
            None => report(cx, Subject::Pool(pool), signs),
        }
    }
    for ((_, cluster), of_pools) in architecture.clusters().zip(of_pools) {
        let signs = cluster_sign(cluster).into_iter().chain(of_pools).collect();
        report(cx, Subject::Cluster(cluster), signs);
    }
}

enum Subject<'a> {
    Cluster(&'a Cluster),
    Pool(&'a NodePool),
}

/// One thing that nobody takes care of.
struct Sign<'a> {
    /// What has it.
    owner: &'a Identity,
    place: Span,
    /// What is to be said at the place.
    label: String,
    /// What is to be said of the cluster.
    predicate: String,
    /// What hands it over to the provider: in words, and as a change of a value.
    remedy: Option<(String, Change)>,
}

fn remedy(title: impl Into<String>, origin: &Origin, value: New) -> Option<(String, Change)> {
    Some((title.into(), Change::Set { origin: origin.clone(), value }))
}

/// What the cluster itself leaves to its keeper.
fn cluster_sign(cluster: &Cluster) -> Option<Sign<'_>> {
    let place = |value: &Sourced<_>| value.origin.written_at().unwrap_or(cluster.identity.span);
    let channel = || cluster.channel.known().map(Option::as_deref);
    let chosen = |channel: &str| {
        let title = format!("let {} upgrade the cluster (channel `{channel}`)", cluster.kind.name());
        remedy(title, &cluster.channel.origin, New::text(channel))
    };
    let (value, label, predicate, remedy) = match cluster.kind {
        ClusterKind::Gke if cluster.keeps_nodes.known() == Some(&false) && channel()? == Some("UNSPECIFIED") => (
            &cluster.channel,
            "no release channel".to_string(),
            "is in no release channel".to_string(),
            chosen("REGULAR"),
        ),
        ClusterKind::Aks if matches!(channel()?, None | Some("none")) => {
            let is_written = cluster.channel.is_explicit();
            let label = if is_written { "no upgrade channel" } else { "automatic upgrade channel not set: none" };
            (&cluster.channel, label.to_string(), "is in no upgrade channel".to_string(), chosen("patch"))
        }
        ClusterKind::Eks if cluster.follows_support.known() == Some(&false) => {
            let (label, predicate) = old_version(cluster)?;
            (&cluster.version, label, predicate, None)
        }
        _ => return None,
    };
    Some(Sign { owner: &cluster.identity, place: place(value), label, predicate, remedy })
}

/// What is to be said about the version of an EKS cluster, which nothing changes while it is supported in any way.
fn old_version(cluster: &Cluster) -> Option<(String, String)> {
    let oldest = facts::EKS_OLDEST_STANDARD_MINOR.whole();
    let Some(version) = cluster.version.known()? else {
        let label = "version not set: the newest one on the day when the cluster is created".to_string();
        return Some((label, "names no version of Kubernetes".into()));
    };
    let minor: u64 = version.strip_prefix("1.")?.parse().ok()?;
    let label = format!("standard support begins at 1.{oldest}");
    (minor < oldest).then(|| (label, format!("runs Kubernetes 1.{minor}, which is past its standard support")))
}

/// What the nodes of a pool are denied.
fn pool_signs(pool: &NodePool) -> Vec<Sign<'_>> {
    let name = &pool.identity.label;
    let mut signs: Vec<Sign> = Vec::new();
    let mut add = |setting: &Sourced<Option<bool>>, done: &str, verb: &str| {
        if let Some(place) = setting.origin.written_at().filter(|_| setting.set() == Some(&false)) {
            let label = format!("nodes of `{name}` are not {done}");
            let nodes = if signs.is_empty() { format!("the nodes of `{name}`") } else { "them".to_string() };
            let remedy = remedy(format!("{verb} {nodes}"), &setting.origin, New::Boolean(true));
            let predicate = format!("has nodes that are not {done}");
            signs.push(Sign { owner: &pool.identity, place, label, predicate, remedy });
        }
    };
    add(&pool.repairs, "repaired", "repair");
    add(&pool.upgrades, "upgraded", "upgrade");
    signs
}

fn report(cx: &mut Context, subject: Subject, signs: Vec<Sign<'_>>) {
    let Some((first, rest)) = signs.split_first() else { return };
    let (identity, noun, kind) = match subject {
        Subject::Cluster(cluster) => (&cluster.identity, "cluster", cluster.kind),
        Subject::Pool(pool) => (&pool.identity, "node pool", pool.kind),
    };
    let message = format!("{noun} `{}` {}", identity.label, first.predicate);
    let finding = cx.report_on(identity, noun, kind.id(), first.place, first.label.clone(), message);
    finding.about(first.owner);
    for sign in rest {
        finding.about(sign.owner);
        finding.label(sign.place, sign.label.clone());
    }
    let has_version = matches!(subject, Subject::Cluster(cluster) if cluster.version.set().is_some());
    finding.why(why(kind)).help(help(kind, has_version));
    if let Some(remedies) = signs.into_iter().map(|sign| sign.remedy).collect::<Option<Vec<_>>>() {
        let (titles, changes): (Vec<String>, Vec<Change>) = remedies.into_iter().unzip();
        finding.propose(changes.into_iter().fold(Proposal::risky(titles.join(" and ")), Proposal::with));
    }
}

fn why(kind: ClusterKind) -> String {
    match kind {
        ClusterKind::Eks => format!(
            "a cluster needs a keeper: a version has {} months of standard support, then costs extra, and after {} more EKS upgrades it at a time of its own choice ({})",
            facts::EKS_STANDARD_SUPPORT_MONTHS.amount(),
            facts::EKS_EXTENDED_SUPPORT_MONTHS.amount(),
            facts::EKS_OLDEST_STANDARD_MINOR.citation()
        ),
        _ => "a cluster needs a keeper: without upgrades it ages out of support and keeps its known holes, and a node that breaks stays broken until someone looks".into(),
    }
}

fn help(kind: ClusterKind, has_version: bool) -> &'static str {
    match kind {
        ClusterKind::Gke => {
            "put the cluster into a release channel (`REGULAR`) with a maintenance window, and let GKE repair and upgrade the nodes"
        }
        ClusterKind::Aks => {
            "set `automatic_upgrade_channel` (`patch` at least) and a maintenance window, or plan who upgrades it and when"
        }
        ClusterKind::Eks if has_version => {
            "upgrade one minor version after the other, and plan the next upgrade before standard support ends, or let EKS make it then (support type `STANDARD` in the upgrade policy)"
        }
        ClusterKind::Eks => {
            "write the version, so that an upgrade is a change that somebody makes, and raise it before its standard support ends; or set the support type of the upgrade policy to `STANDARD`"
        }
        ClusterKind::Gcore => "set `auto_healing_enabled = true` for its pools",
    }
}

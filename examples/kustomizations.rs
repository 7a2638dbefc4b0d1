//! What each kustomization below a directory makes, as archlint sees it: one JSON document, for
//! `tools/compare-kustomizations`, which holds it against `kubectl kustomize`.
//!
//! ```sh
//! cargo run --release --example kustomizations -- DIRECTORY
//! ```

use archlint::discover::{FileKind, Found, discover};
use archlint::model::{Format, Workload};
use archlint::read::{Reading, Variables, read};
use archlint::value::{Resolved, Sourced};
use archlint::{frontends, link, source};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_string()));
    let (found, _) = discover(std::slice::from_ref(&root));
    let all = read(found.clone(), vec![archlint::source::normalize(&root)], Variables::default());
    let lists = lists(&all);
    let mut seen = Map::new();
    for folder in lists.keys() {
        // Without those that build on it, it is what archlint judges.
        let kept = reached(folder, &lists);
        let is_kept = |one: &&Found| {
            one.kind != FileKind::Kustomization || one.path.parent().is_some_and(|parent| kept.contains(parent))
        };
        let reading = read(
            found.iter().filter(is_kept).cloned().collect(),
            vec![archlint::source::normalize(&root)],
            Variables::default(),
        );
        seen.insert(source::slashed(folder), json!(workloads(&reading, folder)));
    }
    println!("{}", Value::Object(seen));
}

/// The directories that each kustomization lists, by its own.
fn lists(reading: &Reading) -> HashMap<PathBuf, Vec<PathBuf>> {
    let workspace = &reading.workspace;
    let kustomizations = workspace.files.iter().filter(|file| file.kind == FileKind::Kustomization);
    let of = |file: &archlint::read::File| {
        let folder = workspace.path(file.source).parent().unwrap_or(Path::new("")).to_path_buf();
        let root = file.tree.documents().next();
        let keys = ["resources", "bases", "components"];
        let listed = keys.iter().filter_map(|key| root?.get(key)).flat_map(|list| list.items());
        let listed = listed.filter_map(|path| Some(source::normalize(&folder.join(path.as_str()?)))).collect();
        (folder, listed)
    };
    kustomizations.map(of).collect()
}

fn reached(folder: &Path, lists: &HashMap<PathBuf, Vec<PathBuf>>) -> HashSet<PathBuf> {
    let mut reached = HashSet::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        if reached.insert(next.clone()) {
            waiting.extend(lists.get(&next).into_iter().flatten().cloned());
        }
    }
    reached
}

/// The workloads of the unit in a directory.
fn workloads(reading: &Reading, folder: &Path) -> Vec<Value> {
    let architecture = link::link(frontends::lower(&reading.workspace));
    let is_here = |workload: &&Workload| {
        let unit = architecture.unit(workload.identity.unit);
        unit.format == Format::Kubernetes && unit.path == folder
    };
    architecture.workloads().filter(is_here).map(workload).collect()
}

fn workload(workload: &Workload) -> Value {
    let container = |container: &archlint::model::Container| {
        json!({
            "name": &*container.name,
            "image": shown(&container.image),
            "cpu": shown(&container.cpu_request),
            "memory": shown(&container.memory_request),
            "probe": container.has_probe().known().map_or_else(|| json!("?"), |has_probe| json!(has_probe)),
        })
    };
    json!({
        "address": &*workload.identity.address,
        "replicas": if workload.replicas.is_explicit() { shown(&workload.replicas) } else { Value::Null },
        "containers": workload.containers.iter().map(container).collect::<Vec<_>>(),
    })
}

/// A value, null where there is none, "?" where it is not known.
fn shown<T: ToString>(value: &Sourced<Option<T>>) -> Value {
    match &value.value {
        Resolved::Known(value) => value.as_ref().map_or(Value::Null, |value| json!(value.to_string())),
        Resolved::Unknown(_) => json!("?"),
    }
}

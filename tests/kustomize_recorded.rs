//! Kustomizations make what kubectl makes of them.
//!
//! The recordings are in tests/kustomizations, made by tools/compare-kustomizations, which holds whole directories of
//! real kustomizations against kubectl as well.

mod support;

use archlint::model::{Container, Workload};
use archlint::value::Sourced;
use serde_json::{Map, Value, json};
use std::path::Path;
use support::model::{model, spell};

const CASES: &str = include_str!("kustomizations/cases.txt");
const RECORDED: &str = include_str!("kustomizations/recorded.json");

/// The files of each case, by its name.
fn cases() -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    let case = |text: &'static str| {
        let (name, _) = text.split_once('\n').expect("the name of a case");
        let file = |text: &'static str| text.split_once('\n').expect("a path and a text");
        (name, text.split("\n--- ").skip(1).map(file).collect())
    };
    CASES.split("\n=== ").skip(1).map(case).collect()
}

fn shown<T: std::fmt::Display>(value: &Sourced<Option<T>>) -> Value {
    let written = |value: &Option<T>| json!(value.as_ref().map(ToString::to_string));
    value.known().map_or_else(|| json!(spell(value)), written)
}

fn container(container: &Container) -> Value {
    json!({
        "name": &*container.name,
        "image": shown(&container.image),
        "cpu": shown(&container.cpu_request),
        "memory": shown(&container.memory_request),
        "probe": container.has_probe().known(),
    })
}

fn workload(workload: &Workload) -> Value {
    let mut containers: Vec<&Container> = workload.containers.iter().collect();
    containers.sort_by(|a, b| a.name.cmp(&b.name));
    let replicas = if workload.replicas.is_explicit() { shown(&workload.replicas) } else { Value::Null };
    json!({
        "address": &*workload.identity.address,
        "replicas": replicas,
        "containers": containers.into_iter().map(container).collect::<Vec<_>>(),
    })
}

#[test]
fn kustomizations_make_what_kubectl_makes_of_them() {
    let recorded: Map<String, Value> = serde_json::from_str(RECORDED).expect("a recording");
    let cases = cases();
    assert_eq!(cases.len(), recorded.len());
    for (name, files) in cases {
        let model = model(&files);
        let is_live = |workload: &&Workload| model.architecture.unit(workload.identity.unit).path == Path::new("live");
        let mut found: Vec<&Workload> = model.architecture.workloads().filter(is_live).collect();
        found.sort_by(|a, b| a.identity.address.cmp(&b.identity.address));
        let found: Vec<Value> = found.into_iter().map(workload).collect();
        let shown = |value: &Value| serde_json::to_string_pretty(value).expect("JSON");
        assert_eq!(shown(&Value::Array(found)), shown(&recorded[name]), "{name}");
    }
}

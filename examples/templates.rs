//! What each CloudFormation template below a directory declares, as archlint sees it: one JSON document, for
//! `tools/compare-sam`, which holds it against what the SAM translator makes.
//!
//! ```sh
//! cargo run --release --example templates -- DIRECTORY
//! ```

use archlint::discover::discover;
use archlint::model::{Architecture, EventKind, Format, Gateway, TriggerKind, Workload};
use archlint::read::{Variables, read};
use archlint::source::slashed;
use archlint::value::{Resolved, Sourced};
use archlint::{frontends, link};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn main() {
    let root = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_string()));
    let (found, _) = discover(std::slice::from_ref(&root));
    let reading = read(found, vec![archlint::source::normalize(&root)], Variables::default());
    let architecture = link::link(frontends::lower(&reading.workspace));
    let mut templates = Map::new();
    for one in architecture.workloads() {
        let unit = architecture.unit(one.identity.unit);
        if unit.format != Format::CloudFormation || one.function.is_none() {
            continue;
        }
        let functions = templates.entry(slashed(&unit.path)).or_insert_with(|| json!({}));
        if let Value::Object(functions) = functions {
            functions.insert(one.identity.address.to_string(), function(&architecture, one));
        }
    }
    println!("{}", Value::Object(templates));
}

fn function(architecture: &Architecture, workload: &Workload) -> Value {
    let Some(settings) = &workload.function else { return Value::Null };
    let triggers: BTreeSet<&str> =
        architecture.triggers_of(workload).filter_map(|trigger| kind(&trigger.kind)).collect();
    json!({
        "timeout": shown(&workload.timeout),
        "memory": shown(&workload.memory),
        "disk": shown(&settings.disk),
        "runtime": shown(&settings.runtime),
        "handler": shown(&settings.handler),
        "layers": shown(&settings.layers),
        "reserved concurrency": shown(&settings.reserved_concurrency),
        "provisioned concurrency": shown(&settings.provisioned_concurrency),
        "durable timeout": shown(&settings.durable_timeout),
        "SnapStart": shown(&settings.snap_start.clone().map(Some)),
        "publishes": shown(&settings.publishes.clone().map(Some)),
        "environment": workload.environment.iter().map(|one| one.name.to_string()).collect::<BTreeSet<_>>(),
        "triggers": triggers,
    })
}

/// What sets a function off, in the words of the comparison.
fn kind(trigger: &TriggerKind) -> Option<&'static str> {
    Some(match trigger {
        TriggerKind::Http(http) => match http.gateway {
            Gateway::FunctionUrl => "url",
            Gateway::Assistant => "skill",
            _ => "api",
        },
        TriggerKind::Schedule(_) => "schedule",
        TriggerKind::Queue(_) => "queue",
        TriggerKind::Stream(_) => "stream",
        TriggerKind::UserPool(_) => "user pool",
        TriggerKind::Event(event) => match event {
            EventKind::Topic => "topic",
            EventKind::Storage => "storage",
            EventKind::Bus => "bus",
            EventKind::Broker => "broker",
            EventKind::Iot => "iot",
            EventKind::Log => "log",
            EventKind::Gateway | EventKind::UserPool | EventKind::Other | EventKind::Unseen => return None,
        },
        _ => return None,
    })
}

/// A value, null where there is none, "?" where it is not known.
fn shown<T: ToString>(value: &Sourced<Option<T>>) -> Value {
    match &value.value {
        Resolved::Known(value) => value.as_ref().map_or(Value::Null, |value| json!(value.to_string())),
        Resolved::Unknown(_) => json!("?"),
    }
}

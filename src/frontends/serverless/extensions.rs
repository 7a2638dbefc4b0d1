//! What `resources` say about what the framework generates: under its logical id in `resources.Resources`, which is
//! merged into it, or in `resources.extensions`, whose properties replace its own. Called while a service is lowered.
//!
//! Functions are taken as they are changed; of events and routes it is only told that they are.

use super::Sections;
use super::functions::Function;
use crate::frontends::aws::{CLOUDFORMATION_FUNCTION, Path, SERVERLESS_FUNCTION};
use crate::frontends::cloudformation::Template;
use crate::frontends::inherit::Inheritance;
use crate::model::{Gateway, TriggerKind};
use crate::value::{Data, Entry, Origin, Resolved, Sourced, Unknown, Value, View};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Properties for one generated function.
pub(super) struct Override {
    properties: Value,
    /// Blocks are merged, not replaced.
    merges: bool,
}

/// What is changed in what the framework generates for events; archlint does not follow these changes.
#[derive(Default)]
pub(super) struct Changes {
    /// Functions whose schedules or mappings are changed, by their names in the template.
    sources: HashSet<Arc<str>>,
    /// Routes of an API Gateway are changed.
    routes: bool,
}

impl Changes {
    /// Takes one entry of `resources` or `extensions`.
    fn take(&mut self, entry: &Entry) {
        let properties = View::new(&entry.value, entry.key).get("Properties");
        let sets = |names: &[&'static str]| properties.is_unknown() || properties.first(names).is_present();
        let source = ["EventsRule", "EventSourceMapping"].iter().find_map(|mark| entry.name.split_once(mark));
        if let Some((function, _)) = source.filter(|_| sets(&["State", "Enabled", "ScheduleExpression"])) {
            self.sources.insert(format!("{function}LambdaFunction").into());
        }
        let is_route = ["ApiGatewayMethod", "HttpApiIntegration"].iter().any(|kind| entry.name.starts_with(kind));
        self.routes |= is_route && sets(&["Integration", "TimeoutInMillis"]);
    }

    /// Makes unknown what may be another in the template than in the event of a function.
    pub fn apply(&self, function: &Function, kind: &mut TriggerKind, enabled: &mut Sourced<bool>) {
        let why = || Unknown::NotEvaluated("what `resources` change in generated events".into());
        match kind {
            TriggerKind::Schedule(_) | TriggerKind::Queue(_) | TriggerKind::Stream(_)
                if self.sources.contains(&function.address) =>
            {
                enabled.value = Resolved::Unknown(why());
            }
            TriggerKind::Http(http) if self.routes && matches!(http.gateway, Gateway::RestApi | Gateway::HttpApi) => {
                http.limit.value = Resolved::Unknown(why());
            }
            _ => {}
        }
    }
}

/// Takes what is said about generated functions out of the sections, and leaves out functions that a condition does.
pub(super) fn take(sections: &mut Sections, functions: &mut Vec<Function>, template: &mut Template) -> Changes {
    let mut changes = Changes::default();
    let mut left_out = HashSet::new();
    let index: HashMap<_, _> =
        functions.iter().enumerate().map(|(at, function)| (function.address.clone(), at)).collect();
    for (section, merges) in [(&mut sections.resources, true), (&mut sections.extensions, false)] {
        let Some(Data::Object(entries)) = section.known() else { continue };
        let (own, other): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| index.contains_key(&entry.name));
        for entry in own {
            let Some(function) = index.get(&entry.name).and_then(|at| functions.get_mut(*at)) else { continue };
            let view = View::new(&entry.value, entry.key);
            let condition = view.get("Condition").known_text();
            if condition.is_some_and(|condition| template.condition(&condition, 0) == Ok(false)) {
                left_out.insert(function.address.clone());
            }
            if let Some(properties) = view.get("Properties").value() {
                function.overrides.push(Override { properties: template.resolve(properties), merges });
            }
        }
        other.iter().for_each(|entry| changes.take(entry));
        *section = Sourced::new(Data::Object(other.into_iter().cloned().collect()), section.origin.clone());
    }
    functions.retain(|function| !left_out.contains(&function.address));
    changes
}

/// The settings of a function as they are once the framework has put its template together.
pub(super) fn apply(function: &Function, body: Value, inheritance: &mut Inheritance) -> Value {
    let Some(Data::Object(entries)) = body.known().filter(|_| !function.overrides.is_empty()) else { return body };
    let mut entries = entries.to_vec();
    for one in &function.overrides {
        let view = View::new(&one.properties, None);
        let pairs = CLOUDFORMATION_FUNCTION.attributes().into_iter().zip(SERVERLESS_FUNCTION.attributes());
        for (from, to) in pairs.filter(|(from, to)| !from.is_empty() && !to.is_empty()) {
            if view.get(from[0]).is_absent() {
                continue;
            }
            let nothing = || Sourced::new(Data::Null, Origin::literal(function.span));
            let value = view.at(from).value().cloned().unwrap_or_else(nothing);
            let own = entries.iter().rfind(|entry| &*entry.name == to[0]).map(|entry| &entry.value);
            let value = match own.filter(|_| one.merges && matches!(value.known(), Some(Data::Object(_)))) {
                Some(own) => inheritance.merge(own, &value, Some(function.span)),
                None => inheritance.pass(&value, Some(function.span)),
            };
            entries.push(nested(to, value));
        }
    }
    Sourced::new(Data::Object(entries.into()), body.origin.clone())
}

/// A value at the end of a path of keys.
fn nested(path: Path, value: Value) -> Entry {
    let (first, rest) = path.split_first().unwrap_or((&"", &[]));
    let value = rest.iter().rev().fold(value, |value, key| {
        let origin = value.origin.clone();
        Sourced::new(Data::Object([Entry { name: (*key).into(), key: None, value }].into()), origin)
    });
    Entry { name: (*first).into(), key: None, value }
}

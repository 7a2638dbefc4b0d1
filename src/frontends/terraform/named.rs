//! Which services of Cloud Run are named by anything but the clock that calls them: an output, another service's
//! environment, a permission for someone else, a load balancer. Whoever reads the name there may call the service.

use crate::frontends::resource::{Resource, Resources};
use crate::model::Declarations;
use crate::source::Span;
use crate::value::{Data, Reference, Value, View};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The type of the clocks. A root module that has one is read as a whole: every resource may name a service.
pub(super) const CLOCK: &str = "google_cloud_scheduler_job";

/// Tells services that a clock calls where else they are named.
pub(super) fn tell(resources: &Resources, declarations: &mut Declarations) {
    let mut callers: HashMap<Arc<str>, Vec<&Resource>> = HashMap::new();
    for clock in resources.of(CLOCK) {
        for service in resources.all_referred(clock.view().at(&["http_target", "uri"])) {
            callers.entry(service.address.clone()).or_default().push(clock);
        }
    }
    if callers.is_empty() {
        return;
    }
    let mut named: HashMap<Arc<str>, Span> = HashMap::new();
    for resource in resources.iter().filter(|resource| !is_caller(&resource.kind)) {
        let mut found = Vec::new();
        mentions(&resource.body, &mut found);
        for (reference, place) in found.into_iter().filter(|(reference, _)| *reference.address != *resource.address) {
            let Some(clocks) = callers.get(&reference.address) else { continue };
            if !(is_permission(&resource.kind) && is_for(resource, clocks)) {
                named.entry(reference.address.clone()).or_insert(place.unwrap_or(resource.span));
            }
        }
    }
    for workload in &mut declarations.workloads {
        workload.named_by = named.get(&workload.identity.address).copied();
    }
}

/// Types that call what they name and are triggers in the model.
fn is_caller(kind: &str) -> bool {
    matches!(kind, CLOCK | "google_pubsub_subscription" | "google_eventarc_trigger")
}

fn is_permission(kind: &str) -> bool {
    kind.starts_with("google_cloud_run") && kind.contains("_iam_")
}

/// Whether a permission is for nobody but the accounts that the clocks call as.
fn is_for(permission: &Resource, clocks: &[&Resource]) -> bool {
    let view = permission.view();
    let mut members = view.get("members").items();
    members.extend(view.get("member").value().is_some().then(|| view.get("member")));
    let accounts = clocks.iter().map(|clock| clock.view().at(&["http_target", "oidc_token", "service_account_email"]));
    let accounts: Vec<Account> = accounts.filter_map(Account::of).collect();
    !members.is_empty()
        && members.into_iter().all(|member| Account::of(member).is_some_and(|one| accounts.contains(&one)))
}

/// Who calls: by a reference or by an address.
#[derive(PartialEq)]
enum Account {
    Declared(Arc<str>),
    Written(String),
}

impl Account {
    fn of(view: View<'_>) -> Option<Self> {
        match view.value()?.known()? {
            Data::Text(text) => Some(Self::Written(text.trim_start_matches("serviceAccount:").to_string())),
            data => match data.references()[..] {
                [only] => Some(Self::Declared(only.address.clone())),
                _ => None,
            },
        }
    }
}

/// The references in a value, at any depth, with their places. What only has to be there first is not named.
fn mentions<'v>(value: &'v Value, found: &mut Vec<(&'v Reference, Option<Span>)>) {
    match value.known() {
        Some(Data::List(items)) => items.iter().for_each(|item| mentions(item, found)),
        Some(Data::Object(entries)) => {
            let entries = entries.iter().filter(|entry| !matches!(&*entry.name, "depends_on" | "lifecycle"));
            entries.for_each(|entry| mentions(&entry.value, found));
        }
        Some(data) => {
            let mut seen = HashSet::new();
            let place = value.origin.site();
            found.extend(data.references().into_iter().filter(|one| seen.insert(*one)).map(|one| (one, place)));
        }
        None => {}
    }
}

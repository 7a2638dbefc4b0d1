//! `unbounded-database-connections`: a function may run in more instances at once than its database takes connections.

use crate::facts::aws;
use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{
    Architecture, BackingService, DatabaseSettings, FunctionSettings, Link, Platform, UnitId, Workload,
};
use crate::wording::and_more;
use std::collections::BTreeMap;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "unbounded-database-connections",
    category: Category::State,
    level: Level::Warning,
    summary: "A function may run in more instances at once than its database takes connections.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A function and a database that it connects to directly.
struct Case<'a> {
    workload: &'a Workload,
    /// Where the function is told about the database.
    link: &'a Link<BackingService>,
    database: &'a BackingService,
    settings: &'a DatabaseSettings,
    /// Most connections of the database.
    connections: u64,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    // Functions of one unit that suffer from the same databases have one cause: there is no proxy.
    let mut groups: BTreeMap<(UnitId, Vec<&str>), Vec<Vec<Case>>> = BTreeMap::new();
    for (workload, function) in architecture.functions() {
        let mut cases = cases(architecture, workload, function);
        cases.sort_by_key(|case| (case.connections, &*case.database.identity.address));
        let names = cases.iter().map(|case| &*case.database.identity.address).collect();
        if !cases.is_empty() {
            groups.entry((workload.identity.unit, names)).or_default().push(cases);
        }
    }
    for cases in groups.into_values() {
        report(cx, &cases);
    }
}

/// The databases whose connections a function may use up.
fn cases<'a>(architecture: &'a Architecture, workload: &'a Workload, function: &'a FunctionSettings) -> Vec<Case<'a>> {
    let is_spared = function.is_custom_resource || function.managed_instances.known() != Some(&false);
    if is_spared || !architecture.is_scaled_by_callers(workload) {
        return Vec::new();
    }
    let Some(instances) = instances(workload) else { return Vec::new() };
    let connected = architecture.databases_of(workload).filter_map(|(link, database)| {
        let settings = database.database.as_ref().filter(|settings| !settings.has_proxy)?;
        let connections = *settings.connections.set()?;
        (instances > connections).then_some(Case { workload, link, database, settings, connections })
    });
    connected.collect()
}

/// Most instances of a function at once; `None` where nothing says so.
fn instances(workload: &Workload) -> Option<u64> {
    let account = || (workload.platform == Platform::AwsLambda).then(|| aws::LAMBDA_ACCOUNT_CONCURRENCY.whole());
    workload.instance_limit().known()?.or_else(account)
}

fn report(cx: &mut Context, functions: &[Vec<Case>]) {
    let Some(cases) = functions.first() else { return };
    let Some(Case { workload, database, connections, .. }) = cases.first() else { return };
    let (name, of) = (workload.label(), &database.identity.label);
    let fix = sharing(cx.architecture, functions);
    let most = instances(workload).unwrap_or_default();
    let limit = workload.instance_limit();
    let (limited, on_aws) = (limit.set().is_some(), workload.platform == Platform::AwsLambda);
    let more = and_more(functions.len() - 1);
    let message = format!(
        "up to {most} instances of `{name}`{more} may connect to `{of}`, which takes at most {connections} connections"
    );
    let label = match (limited, on_aws) {
        (true, true) => "reserved concurrency",
        (true, false) => "the maximum of instances",
        (false, _) => "no reserved concurrency: as many as the account has",
    };
    let finding = cx.report(workload, limit.origin.written_at().filter(|_| limited), label, message);
    for Case { link, database, settings, connections, workload, .. } in cases {
        finding.label(link.span(), format!("connects to `{}`", database.identity.label));
        finding.way(workload.identity.unit, link, "database", &database.identity);
        let written = settings.connections.origin.written_at();
        let class = settings.class.set().filter(|_| written == settings.class.origin.written_at());
        finding.label(
            written,
            match class {
                Some(class) => format!("{class} takes at most {connections} connections by default"),
                None => format!("at most {connections} connections"),
            },
        );
    }
    for case in functions.iter().skip(1).filter_map(|cases| cases.first()) {
        finding.label(case.workload.span(), format!("`{}` connects as well", case.workload.label()));
    }
    let default = match limited {
        true => String::new(),
        false => format!(" (by default up to {} in an account)", aws::LAMBDA_ACCOUNT_CONCURRENCY.amount()),
    };
    finding.why(format!(
        "each instance of a function has connections of its own, and a burst of requests starts as many instances as it needs{default}: once {connections} connections are open the database refuses everyone"
    ));
    finding.help(match on_aws {
        true => format!(
            "put an RDS Proxy in front of `{of}` and give the function its endpoint, or set the reserved concurrency of `{name}` well below {connections}"
        ),
        false => format!(
            "let `{name}` have well below {connections} instances, or put a pool of connections in front of `{of}` (managed connection pooling, PgBouncer)"
        ),
    });
    if let Some(fix) = fix {
        finding.propose(fix);
    }
}

/// Fewer instances than this hold up users at the first burst, and queues that hand out batches.
const LEAST_INSTANCES: u64 = 5;

/// Half of the connections shared out among the functions; the rest is for migrations, operators and other clients.
fn sharing(architecture: &Architecture, functions: &[Vec<Case>]) -> Option<Proposal> {
    let cases: Vec<&Case> = functions.iter().filter_map(|cases| cases.first()).collect();
    let first = cases.first()?;
    let share = (first.connections / 2).checked_div(cases.len() as u64)?;
    let takes_it = |case: &&Case| {
        let asked = architecture
            .queue_mappings_of(case.workload)
            .filter_map(|(_, mapping)| mapping.maximum_concurrency.set())
            .fold(0, |sum: u64, one| sum.saturating_add(*one));
        architecture.instances_kept(case.workload).max(asked) <= share
    };
    if share < LEAST_INSTANCES || !cases.iter().all(takes_it) {
        return None;
    }
    // Others may connect as well, and have limits of their own.
    let is_other = |workload: &Workload| cases.iter().all(|case| !std::ptr::eq(case.workload, workload));
    let others = architecture.functions().map(|(workload, _)| workload).filter(|workload| is_other(workload));
    let connects = |workload: &&Workload| {
        architecture.databases_of(workload).any(|(_, database)| std::ptr::eq(database, first.database))
    };
    let taken = others.filter(connects).filter_map(instances).fold(0, |sum: u64, one| sum.saturating_add(one));
    if taken.saturating_add(share * cases.len() as u64) > first.connections {
        return None;
    }
    let each = if cases.len() > 1 { " each" } else { "" };
    let fix = Proposal::risky(match first.workload.platform {
        Platform::AwsLambda => format!("reserve {share} instances{each}"),
        _ => format!("run {share} instances{each} at most"),
    });
    Some(cases.iter().fold(fix, |fix, case| fix.set(case.workload.instance_limit(), New::Number(share))))
}

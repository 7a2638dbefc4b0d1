//! `warm-capacity-on-background-function`: a function is kept warm around the clock, and nobody waits for its start.

use crate::fix::Proposal;
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{Trigger, WarmCapacity, Workload};
use crate::wording::and_more;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "warm-capacity-on-background-function",
    category: Category::AlwaysOn,
    level: Level::Warning,
    summary: "A function is kept warm around the clock, and nobody waits for its start.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

type Case<'a> = (&'a Workload, WarmCapacity<'a>, Vec<&'a Trigger>);

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let cases = architecture.functions().filter_map(|(workload, _)| {
        let warm = architecture.warm_capacity(workload)?;
        let triggers = architecture.background_triggers(workload)?;
        Some((warm.value.origin.written_at().unwrap_or(workload.span()), (workload, warm, triggers)))
    });
    for (_, cases) in by_place(cases) {
        report(cx, &cases);
    }
}

fn report(cx: &mut Context, cases: &[Case]) {
    let Some((workload, warm, triggers)) = cases.first() else { return };
    let more = and_more(cases.len() - 1);
    let (instances, name) = (warm.instances, warm.name);
    let monthly = cx.prices.warm(workload, instances);
    let (noun, kept) = if instances == 1 { ("instance", "is") } else { ("instances", "are") };
    let name_of = workload.label();
    let message = format!("{instances} {noun} of `{name_of}`{more} {kept} kept warm, but nobody waits for a start");
    let place = warm.value.origin.written_at().unwrap_or(workload.span());
    let architecture = cx.architecture;
    let finding = cx.report(workload, place, format!("{name}: paid for around the clock"), message);
    for (workload, warm, triggers) in cases {
        finding.trace(warm.value).about(&workload.identity);
        for trigger in triggers {
            finding.label(trigger.span, format!("{} starts `{}` and does not wait", trigger.name(), workload.label()));
        }
    }
    let price = match monthly {
        Some(monthly) => format!("{monthly} ({})", monthly.terms()),
        None => "the same".to_string(),
    };
    let starter = triggers.first().map_or("the event", |trigger| trigger.name());
    finding
        .why(format!(
            "a cold start makes work that {starter} brings begin a moment later, which nobody notices; the {name} costs {price} whether anything comes or not"
        ))
        .help(format!("remove the {name}; if someone does wait, declare `latency=user-facing`"));
    for alias in cases.iter().flat_map(|(workload, ..)| architecture.aliases_of(workload)) {
        finding.about(&alias.identity);
    }
    let removed = Proposal::risky(format!("remove the {name}"));
    finding.propose(cases.iter().fold(removed, |fix, (_, warm, _)| fix.remove(warm.value)));
}

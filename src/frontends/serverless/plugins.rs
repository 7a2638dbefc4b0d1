//! What plugins of the framework do to functions, as far as it changes how these run. Called while a service is
//! lowered.

use super::functions::Stage;
use super::places::value_at;
use super::variables::ServiceReader;
use crate::value::{Data, How, Origin, Sourced, Unknown, Value, View};

/// The plugins that call functions every few minutes so that they stay warm, and what they are told.
#[derive(Default)]
pub(super) struct Warmers {
    /// A plugin of this kind is loaded.
    is_loaded: bool,
    /// It warms what nobody excludes.
    warms_by_default: bool,
    /// `custom.warmup`
    settings: Option<Value>,
}

impl Warmers {
    /// The warmers of a service.
    pub fn of(reader: &mut ServiceReader<'_>) -> Self {
        let plugins = value_at(reader, "plugins").map(|solved| solved.value);
        let plugins = plugins.map(|plugins| plugins.get("modules").cloned().unwrap_or(plugins));
        let Some(plugins) = plugins else { return Self::default() };
        let names = View::new(&plugins, None).items();
        let names: Vec<_> = names.into_iter().filter_map(View::known_text).collect();
        Self {
            is_loaded: names.iter().any(|name| name.contains("warmup")),
            warms_by_default: names.iter().any(|name| name.contains("lambda-warmup")),
            settings: value_at(reader, "custom.warmup").map(|solved| solved.value),
        }
    }

    /// Whether they keep a function warm; `own` is what the function says about it.
    pub fn keep_warm(&self, own: View<'_>, stage: &Stage) -> Sourced<bool> {
        let nowhere = || Origin::new(How::Absent, own.block());
        if !self.is_loaded {
            return Sourced::new(false, nowhere());
        }
        let shared = self.settings.as_ref().map_or(View::missing(own.block()), |settings| View::new(settings, None));
        if shared.is_unknown() {
            return decided(shared, stage);
        }
        // Warmers have names since version 5 of the plugin; before, there was one.
        let switches = own.boolean().set().is_some() || own.get("enabled").is_present();
        let is_one = switches || shared.get("enabled").is_present();
        let warmers: Vec<_> = shared.entries().into_iter().filter(|(_, view)| !view.entries().is_empty()).collect();
        if is_one || warmers.is_empty() {
            let one = first(&[enabled(own), enabled(shared)]);
            return one.map_or(Sourced::new(self.warms_by_default, nowhere()), |switch| decided(switch, stage));
        }
        let mut answer = Sourced::new(false, nowhere());
        for (warmer, shared) in warmers {
            let Some(switch) = first(&[enabled(own.get(&warmer.name)), enabled(shared)]) else { continue };
            let decided = decided(switch, stage);
            match decided.known() {
                Some(true) => return decided,
                Some(false) => {}
                None => answer = decided,
            }
        }
        answer
    }
}

/// The switch in a block of settings, or the switch that is written in its place.
fn enabled(settings: View<'_>) -> View<'_> {
    match settings.value().and_then(Value::known) {
        Some(Data::Object(_)) => settings.first(&["enabled", "default"]),
        _ => settings,
    }
}

fn first<'v>(switches: &[View<'v>]) -> Option<View<'v>> {
    switches.iter().copied().find(|switch| switch.is_present())
}

/// A switch is a boolean, a stage, or a list of stages.
fn decided(switch: View<'_>, stage: &Stage) -> Sourced<bool> {
    let origin = switch.value().map_or(Origin::new(How::Absent, None), |value| value.origin.clone());
    if let Some(why) = switch.value().and_then(Value::why_unknown) {
        return Sourced::unknown(why.clone(), origin);
    }
    if let Some(is_on) = switch.boolean().set() {
        return Sourced::new(*is_on, origin);
    }
    let stages: Vec<_> = switch.items().into_iter().map(View::known_text).collect();
    match stage.set() {
        Some(stage) if stages.iter().all(Option::is_some) => {
            let is_on = stages.iter().flatten().any(|one| one == stage);
            Sourced::new(is_on, origin)
        }
        _ => Sourced::unknown(Unknown::NoDefault("sls:stage".into()), origin),
    }
}

//! Services whose clients stay connected for long: WebSockets, server-sent events, streams.

use super::database::image_name;
use super::{Architecture, TriggerKind, Workload, naming};

impl Architecture {
    /// Whether a name says that connections to a workload stay open, or fall back to many requests to one instance, as
    /// Socket.IO does: its own, one of its paths, containers, images or variables.
    pub fn keeps_connections(&self, workload: &Workload) -> bool {
        let paths = self.triggers_of(workload).filter_map(|trigger| match &trigger.kind {
            TriggerKind::Http(http) => http.path.set(),
            _ => None,
        });
        let images = workload.containers.iter().filter_map(|container| container.image.set());
        let names = workload.containers.iter().map(|container| &container.name);
        let variables = workload.environment.iter().map(|variable| &variable.name);
        says_open(workload.label())
            || paths.chain(names).chain(variables).any(|text| says_open(text))
            || images.into_iter().any(|image| says_open(image_name(image).rsplit('/').next().unwrap_or_default()))
    }
}

fn says_open(text: &str) -> bool {
    naming::words(text).any(|word| {
        ["socket", "signalr", "realtime", "sse"].iter().any(|part| word.contains(part))
            || matches!(&*word, "ws" | "wss" | "io" | "stream" | "streaming")
    })
}

//! How functions start, and what shortens that: SnapStart, and what rules it out.

use super::{Architecture, FunctionSettings, Obstacle, Packaging, Trigger, Workload};
use crate::facts::aws;

/// Whether SnapStart takes a runtime: Java from 11, Python from 3.12, .NET from 8. `None` for names of no family that
/// is known here.
pub fn takes_snap_start(runtime: &str) -> Option<bool> {
    const OTHERS: [&str; 6] = ["nodejs", "ruby", "go1.", "provided", "java8", "dotnetcore"];
    if OTHERS.iter().any(|family| runtime.starts_with(family)) {
        return Some(false);
    }
    let version = |family: &str| runtime.strip_prefix(family)?.parse::<u32>().ok();
    let python = || runtime.strip_prefix("python3.")?.parse::<u32>().ok().map(|minor| minor >= 12);
    let java = version("java").map(|java| java >= 11);
    java.or_else(|| version("dotnet").map(|dotnet| dotnet >= 8)).or_else(python)
}

impl Architecture {
    /// Whether it is known that nothing shortens the cold starts of a function: no SnapStart, no instances that are kept
    /// initialised or called to stay warm.
    pub fn starts_cold(&self, workload: &Workload, function: &FunctionSettings) -> bool {
        let keeps_none = |kept: &crate::value::Sourced<Option<u64>>| matches!(kept.known(), Some(None | Some(0)));
        function.snap_start.known() == Some(&false)
            && function.managed_instances.known() == Some(&false)
            && function.kept_warm.known() == Some(&false)
            && keeps_none(&function.provisioned_concurrency)
            && self.aliases_of(workload).all(|alias| keeps_none(&alias.provisioned_concurrency))
    }
}

impl Architecture {
    /// Whether all who wait for a function's answer would call its published version if it published one.
    pub fn would_call_versions(&self, workload: &Workload) -> bool {
        let calls_one = |trigger: &Trigger| trigger.is_own || trigger.target.qualified;
        self.waiting_triggers_of(workload).all(calls_one)
    }
}

impl FunctionSettings {
    /// The runtime, where it is one that starts slowly: Java and .NET.
    pub fn slow_runtime(&self) -> Option<&str> {
        let is_archive = self.packaging.known() == Some(&Packaging::Zip);
        let runtime = self.runtime.set().filter(|_| is_archive)?;
        Some(&**runtime).filter(|runtime| runtime.starts_with("java") || runtime.starts_with("dotnet"))
    }

    /// What is known to rule SnapStart out.
    pub fn obstacles_to_snap_start(&self) -> Vec<Obstacle> {
        let runtime = self.runtime.set().filter(|runtime| takes_snap_start(runtime) == Some(false));
        let is_image = self.packaging.known() == Some(&Packaging::Image);
        let mounts = self.file_system.known() == Some(&true);
        let disk = self.disk.set().filter(|disk| **disk > aws::SNAP_START_DISK_MAX.whole());
        let obstacles = [
            (is_image.then(|| "is a container image".to_string()), self.packaging.origin.site()),
            (runtime.filter(|_| !is_image).map(|name| format!("runs on {name}")), self.runtime.origin.site()),
            (mounts.then(|| "mounts a file system".to_string()), self.file_system.origin.site()),
            (disk.map(|disk| format!("has {disk} MB of /tmp")), self.disk.origin.site()),
        ];
        obstacles.into_iter().filter_map(|(what, span)| Some(Obstacle { what: what?, span })).collect()
    }
}

//! What a machine does when it starts: whether its script installs a container runtime, runs one container, and leaves it
//! at that.
//!
//! A script may do anything, so whatever is not plainly part of that makes it a script about which nothing is said.

use super::shell::{self, Item};
use super::{is_assignment, program};
use crate::source::Span;
use std::sync::Arc;

/// The one container that a machine runs.
#[derive(Debug, Clone)]
pub struct SoleContainer {
    /// Its image.
    pub image: Arc<str>,
    /// Whether all of the image's name is known.
    pub is_image_known: bool,
    /// Where the machine is told to run it.
    pub span: Span,
}

/// What stands for a part of a script that is not known.
pub(crate) const GAP: char = '…';

impl SoleContainer {
    pub(crate) fn new(image: impl Into<Arc<str>>, span: Span) -> Self {
        let image = image.into();
        Self { is_image_known: !image.contains([GAP, '$']), image, span }
    }
}

/// What one command of a script is.
enum Step {
    /// It prepares the machine.
    Setup,
    /// It starts a container that stays.
    Container(String),
}

/// Commands that prepare a machine or look at it, whatever their arguments are.
const PREPARING: [&str; 47] = [
    "echo",
    "printf",
    ":",
    "true",
    "set",
    "export",
    "cd",
    "mkdir",
    "chmod",
    "chown",
    "touch",
    "sleep",
    "sync",
    "usermod",
    "groupadd",
    "gpasswd",
    "newgrp",
    "curl",
    "wget",
    "gpg",
    "install",
    "lsb_release",
    "apt-key",
    "add-apt-repository",
    "yum-config-manager",
    "aws",
    "gcloud",
    "az",
    "timedatectl",
    "hostnamectl",
    "sysctl",
    "swapoff",
    "iptables",
    "ufw",
    "logger",
    "wait",
    "date",
    "uname",
    "cat",
    "tee",
    "ln",
    "rm",
    "cp",
    "mv",
    "docker-credential-gcr",
    "su",
    "tr",
];

/// Packages for running containers and for getting at them.
const PACKAGES: [&str; 28] = [
    "podman",
    "containerd",
    "containerd.io",
    "ca-certificates",
    "curl",
    "wget",
    "gnupg",
    "gnupg2",
    "gpg",
    "gpg-agent",
    "lsb-release",
    "apt-transport-https",
    "software-properties-common",
    "unzip",
    "tar",
    "awscli",
    "aws-cli",
    "jq",
    "git",
    "htop",
    "vim",
    "nano",
    "sudo",
    "yum-utils",
    "device-mapper-persistent-data",
    "lvm2",
    "dnf-plugins-core",
    "amazon-ecr-credential-helper",
];

/// Programs that keep data, build or run what others bring: their images want a machine, or a service made for them.
const STATEFUL: [&str; 24] = [
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongo",
    "mongodb",
    "redis",
    "valkey",
    "rabbitmq",
    "kafka",
    "zookeeper",
    "elasticsearch",
    "opensearch",
    "clickhouse",
    "minio",
    "vault",
    "consul",
    "jenkins",
    "gitlab",
    "runner",
    "registry",
    "nexus",
    "dind",
    "buildkit",
];

/// Options of `docker run` with a value that a container service takes as well.
const PORTABLE: [&str; 34] = [
    "-p",
    "--publish",
    "-e",
    "--env",
    "--env-file",
    "--name",
    "--restart",
    "--log-driver",
    "--log-opt",
    "-l",
    "--label",
    "-m",
    "--memory",
    "--cpus",
    "-h",
    "--hostname",
    "-u",
    "--user",
    "-w",
    "--workdir",
    "--entrypoint",
    "--add-host",
    "--dns",
    "--ulimit",
    "--pull",
    "--platform",
    "--expose",
    "--stop-timeout",
    "--health-cmd",
    "--health-interval",
    "--health-retries",
    "--health-timeout",
    "--tmpfs",
    "--memory-swap",
];

/// The same without a value.
const SWITCHES: [&str; 11] =
    ["-d", "--detach", "-i", "-t", "--rm", "--init", "--tty", "--interactive", "--read-only", "-P", "--publish-all"];

/// The image of the only container that a script starts, if it starts one that stays and does nothing else.
pub(crate) fn sole_image(script: &str) -> Option<String> {
    let tokens = shell::tokens(script)?;
    let items = shell::items(&tokens)?;
    let mut image = None;
    let mut before = String::new();
    for item in &items {
        let text = item.text(script).unwrap_or_default();
        match step(item, &text, &before)? {
            Step::Setup => {}
            Step::Container(_) if image.is_some() => return None,
            Step::Container(found) => image = Some(found),
        }
        before = text;
    }
    image
}

/// What a command is; `before` is the one before it, which may be piped into it.
fn step(item: &Item, text: &str, before: &str) -> Option<Step> {
    // `exec > >(tee /var/log/boot.log) 2>&1` only says where the output goes.
    if text.starts_with("exec >") || text.starts_with("exec 1>") {
        return Some(Step::Setup);
    }
    if let Some(parts) = item.as_loop() {
        let waits = |word: &str| !matches!(word, "run" | "up" | "exec");
        let words = parts.condition.iter().chain(parts.body).filter_map(shell::Token::word);
        let sleeps = parts.body.iter().any(|token| token.word() == Some("sleep"));
        return (sleeps && words.into_iter().all(waits)).then_some(Step::Setup);
    }
    let words = item.words()?;
    let mut words: &[&str] = &words;
    while let [first, rest @ ..] = words {
        match *first {
            "sudo" | "-E" | "exec" | "nohup" => words = rest,
            _ if is_assignment(first) => words = rest,
            _ => break,
        }
    }
    let Some((first, rest)) = words.split_first() else { return Some(Step::Setup) };
    let is_setup = match program(first) {
        "docker" | "podman" | "nerdctl" => match rest.first().copied() {
            Some("run") => return started(&rest[1..]).map(Step::Container),
            Some(
                "login" | "pull" | "network" | "stop" | "rm" | "kill" | "system" | "image" | "info" | "version" | "ps",
            ) => true,
            other => other == Some("--version"),
        },
        "apt-get" | "apt" | "yum" | "dnf" | "apk" | "amazon-linux-extras" | "snap" => packages(rest),
        "systemctl" | "service" => {
            rest.iter().any(|word| ["docker", "docker.service", "containerd"].contains(word))
                || rest.contains(&"daemon-reload")
        }
        // The installer that Docker offers.
        "sh" | "bash" if rest.iter().any(|word| word.contains("get-docker")) => true,
        "sh" | "bash" => before.contains("get.docker.com"),
        name => PREPARING.contains(&name),
    };
    is_setup.then_some(Step::Setup)
}

/// Whether a package manager is asked for nothing but what running containers takes.
fn packages(words: &[&str]) -> bool {
    let mut words = words.iter().filter(|word| !word.starts_with('-'));
    match words.next() {
        Some(&("update" | "upgrade" | "makecache" | "autoremove" | "clean")) => true,
        Some(&("install" | "add" | "enable")) => words.all(|word| is_for_containers(word)),
        _ => false,
    }
}

fn is_for_containers(package: &str) -> bool {
    package.starts_with("docker")
        || PACKAGES.contains(&package)
        || package.starts_with("$(uname")
        || package == "classic"
}

/// Whether packages by their names are nothing but what running containers takes.
pub(crate) fn packages_are_for_containers<'p>(mut packages: impl Iterator<Item = &'p str>) -> bool {
    packages.all(is_for_containers)
}

/// The image of a container that `docker run` starts to stay, with nothing that ties it to its machine.
fn started(words: &[&str]) -> Option<String> {
    let mut words = words.iter();
    let mut stays = false;
    let image = loop {
        let word = *words.next()?;
        if !word.starts_with('-') {
            break word;
        }
        let (name, attached) = option(word);
        let is_short = !word.starts_with("--");
        stays |= matches!(&*name, "--detach" | "--restart") || is_short && word.starts_with("-d") || name == "-d";
        if SWITCHES.contains(&&*name) {
            continue;
        }
        let is_portable = PORTABLE.contains(&&*name) || matches!(&*name, "--network" | "--net");
        let value = match attached {
            Some(value) => value,
            None => *words.next()?,
        };
        // Volumes, devices, rights, the machine's own network: what it shares with its machine.
        if !is_portable || value == "host" {
            return None;
        }
    };
    (stays && !image.starts_with('$') && !takes_its_state_along(image)).then(|| image.to_string())
}

/// The name of an option, and its value where that is attached: `--name=web`, `-p80:80`. Of letters in a row (`-dit`) the
/// first stands for all of them, of `-dp 80:80` the last.
fn option(word: &str) -> (String, Option<&str>) {
    if word.starts_with("--") {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        return (name.to_string(), value);
    }
    let letters = word.trim_start_matches('-').trim_start_matches(['d', 'i', 't']);
    let mut rest = letters.chars();
    match rest.next() {
        // `-it` keeps nothing running; `-d` among them does.
        None => (if word.contains('d') { "-d" } else { "-i" }.to_string(), None),
        Some(letter) => (format!("-{letter}"), Some(rest.as_str()).filter(|value| !value.is_empty())),
    }
}

/// Whether an image by its name keeps data of its own, or builds and runs what others bring.
pub(crate) fn takes_its_state_along(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    let name = name.split([':', '@']).next().unwrap_or(name);
    name.split(['-', '_', '.']).any(|word| STATEFUL.contains(&word))
}

//! Objects on their way through kustomizations, and which of them a patch or a transformer is for.

use crate::frontends::kubernetes::object::{DEFAULT_NAMESPACE, Object};
use crate::source::Span;
use crate::value::{Data, Value, View};
use regex::Regex;
use std::sync::Arc;

/// What no two objects of one build share: API group, kind, namespace, name.
#[derive(PartialEq, Eq, Hash)]
pub(in crate::frontends::kubernetes) struct Identity {
    group: Arc<str>,
    kind: Arc<str>,
    namespace: Arc<str>,
    name: Arc<str>,
}

/// An object on its way.
#[derive(Clone)]
pub(in crate::frontends::kubernetes) struct Item {
    /// What it has become so far.
    pub value: Value,
    /// Where it stands.
    pub place: Span,
    /// The names that it has had, the written one first: what refers to it may use any of them.
    pub names: Vec<Arc<str>>,
}

impl Item {
    /// An object as it is written.
    pub fn new(value: Value, place: Span) -> Self {
        let names = View::new(&value, None).at(&["metadata", "name"]).known_text().into_iter().collect();
        Self { value, place, names }
    }

    /// What it has become. People know it by the name that is written.
    pub(in crate::frontends::kubernetes) fn object(self) -> Option<Object> {
        let object = Object::new(self.value, self.place)?;
        let label = self.names.first().cloned().unwrap_or_else(|| object.label.clone());
        Some(Object { label, ..object })
    }

    /// A cursor on the object.
    pub fn view(&self) -> View<'_> {
        View::new(&self.value, self.place)
    }

    /// Its kind.
    pub fn kind(&self) -> Arc<str> {
        self.view().get("kind").known_text().unwrap_or_default()
    }

    /// Group and version of its API.
    pub fn group_version(&self) -> (Arc<str>, Arc<str>) {
        split(&self.view().get("apiVersion").known_text().unwrap_or_default())
    }

    /// Its name at the moment.
    pub fn name(&self) -> Option<&Arc<str>> {
        self.names.last()
    }

    /// Its namespace at the moment.
    pub fn namespace(&self) -> Arc<str> {
        let written = self.view().at(&["metadata", "namespace"]).known_text();
        written.filter(|namespace| !namespace.is_empty()).unwrap_or_else(|| DEFAULT_NAMESPACE.into())
    }

    /// Its identity; `None` where it has no name.
    pub fn identity(&self) -> Option<Identity> {
        let name = self.name()?.clone();
        Some(Identity { group: self.group_version().0, kind: self.kind(), namespace: self.namespace(), name })
    }

    /// Whether it lives in no namespace.
    pub fn is_cluster_scoped(&self) -> bool {
        matches!(
            &*self.kind(),
            "Namespace" | "PersistentVolume" | "StorageClass" | "ClusterRole" | "ClusterRoleBinding" | "GatewayClass"
        )
    }

    /// Whether its kind is none that comes with Kubernetes.
    pub fn is_custom(&self) -> bool {
        let (group, _) = self.group_version();
        let is_builtin = matches!(&*group, "" | "apps" | "batch" | "autoscaling" | "policy" | "extensions");
        !is_builtin && !group.ends_with("networking.k8s.io") && !group.ends_with("storage.k8s.io")
    }
}

fn split(api_version: &str) -> (Arc<str>, Arc<str>) {
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    (group.into(), version.into())
}

/// Whether an object is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    No,
    /// That cannot be told.
    Open,
}

/// Which objects are meant; what is `None` is not restricted.
#[derive(Default)]
pub(super) struct Selector {
    group: Option<Pattern>,
    version: Option<Pattern>,
    kind: Option<Pattern>,
    name: Option<Pattern>,
    namespace: Option<Pattern>,
    labels: Option<Arc<str>>,
    annotations: Option<Arc<str>>,
}

impl Selector {
    /// The `target` of a patch, the `select` of a replacement: names are patterns.
    pub fn of_target(view: View<'_>) -> Self {
        let pattern = |key: &'static str| {
            view.get(key).known_text().filter(|text| !text.is_empty()).map(|text| Pattern::new(&text))
        };
        Self {
            group: pattern("group"),
            version: pattern("version"),
            kind: pattern("kind"),
            name: pattern("name"),
            namespace: pattern("namespace"),
            labels: view.get("labelSelector").known_text(),
            annotations: view.get("annotationSelector").known_text(),
        }
    }

    /// The object that a strategic merge patch names; `None` where it names none.
    pub fn of_patch(patch: &Value) -> Option<Self> {
        let view = View::new(patch, None);
        let (group, version) = split(&view.get("apiVersion").known_text()?);
        let namespace = view.at(&["metadata", "namespace"]).known_text();
        Some(Self {
            group: Some(Pattern::Text(group)),
            version: Some(Pattern::Text(version)),
            kind: Some(Pattern::Text(view.get("kind").known_text()?)),
            name: Some(Pattern::Text(view.at(&["metadata", "name"]).known_text()?)),
            namespace: namespace.map(Pattern::Text),
            ..Self::default()
        })
    }

    /// Whether an object is meant.
    pub fn fits(&self, item: &Item) -> Fit {
        let (group, version) = item.group_version();
        let one =
            |pattern: &Option<Pattern>, text: &str| pattern.as_ref().map_or(Fit::Yes, |pattern| pattern.fits(text));
        let any_name = match &self.name {
            None => Fit::Yes,
            Some(pattern) => any(item.names.iter().map(|name| pattern.fits(name))),
        };
        let metadata = item.view().get("metadata");
        let fits = [
            one(&self.group, &group),
            one(&self.version, &version),
            one(&self.kind, &item.kind()),
            one(&self.namespace, &item.namespace()),
            any_name,
            self.labels.as_ref().map_or(Fit::Yes, |text| labels_fit(text, metadata.get("labels"))),
            self.annotations.as_ref().map_or(Fit::Yes, |text| labels_fit(text, metadata.get("annotations"))),
        ];
        all(fits.into_iter())
    }
}

fn all(mut fits: impl Iterator<Item = Fit>) -> Fit {
    let first = fits.by_ref().find(|fit| *fit != Fit::Yes);
    match first {
        Some(Fit::Open) if !fits.any(|fit| fit == Fit::No) => Fit::Open,
        Some(_) => Fit::No,
        None => Fit::Yes,
    }
}

fn any(fits: impl Iterator<Item = Fit>) -> Fit {
    fits.fold(Fit::No, |found, fit| match (found, fit) {
        (Fit::Yes, _) | (_, Fit::Yes) => Fit::Yes,
        (Fit::Open, _) | (_, Fit::Open) => Fit::Open,
        _ => Fit::No,
    })
}

/// Text to compare with.
enum Pattern {
    Text(Arc<str>),
    Regex(Box<Regex>),
    /// No expression that can be read.
    Broken,
}

impl Pattern {
    /// A pattern has to fit the whole text.
    fn new(text: &str) -> Self {
        if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Self::Text(text.into());
        }
        Regex::new(&format!("^(?:{text})$")).map_or(Self::Broken, |regex| Self::Regex(Box::new(regex)))
    }

    fn fits(&self, text: &str) -> Fit {
        match self {
            Self::Text(own) if **own == *text => Fit::Yes,
            Self::Regex(regex) if regex.is_match(text) => Fit::Yes,
            Self::Broken => Fit::Open,
            _ => Fit::No,
        }
    }
}

/// Whether labels fit a selector such as `app=web,tier!=cache,!old`. Sets (`in (..)`) are not read.
fn labels_fit(selector: &str, labels: View<'_>) -> Fit {
    if selector.contains('(') {
        return Fit::Open;
    }
    let one = |term: &str| {
        let term = term.trim();
        let (key, wanted) = match term.split_once("!=") {
            Some((key, value)) => (key, Err(Some(value))),
            None => match term.split_once("==").or(term.split_once('=')) {
                Some((key, value)) => (key, Ok(Some(value))),
                None => match term.strip_prefix('!') {
                    Some(key) => (key, Err(None)),
                    None => (term, Ok(None)),
                },
            },
        };
        let label = labels.find(key.trim());
        if label.is_unknown()
            || label.value().is_some_and(|value| {
                value.known().is_some_and(|data| *data != Data::Null) && label.known_text().is_none()
            })
        {
            return Fit::Open;
        }
        let found = |value: Option<&str>| match (label.known_text(), value) {
            (Some(text), Some(value)) => *text == *value.trim(),
            (text, None) => text.is_some(),
            (None, _) => false,
        };
        let fits = match wanted {
            Ok(value) => found(value),
            Err(value) => !found(value),
        };
        if fits { Fit::Yes } else { Fit::No }
    };
    all(selector.split(',').filter(|term| !term.trim().is_empty()).map(one))
}

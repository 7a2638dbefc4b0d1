//! One Kubernetes object, wherever it was written, and the objects of a unit by kind, namespace and name.
//!
//! Manifests, kustomizations and the Terraform frontend make [`Object`]s; [`super::lower_objects`] turns them into
//! the model. Nothing here knows about files or trees.

use crate::frontends::resource::reference_to;
use crate::model::{Declared, DeclaredAllow, Identity, Ignorable, Presence, UnitId};
use crate::source::{SourceId, Span};
use crate::value::{Value, View};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// One object as its manifest would say it: `apiVersion`, `kind`, `metadata`, `spec`.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    /// The whole object in the manifest's own shape and spelling.
    pub value: Value,
    /// Unique within the unit, the way references there name it: `Deployment/shop/web` in manifests,
    /// `kubernetes_deployment_v1.web` in Terraform.
    pub address: Arc<str>,
    /// What people call it.
    pub label: Arc<str>,
    /// Where the label stands.
    pub span: Span,
    /// What its owner says about it outside of labels and annotations (comments); those are read here.
    pub declared: Declared,
    /// Allows outside of the annotation.
    pub allows: Vec<DeclaredAllow>,
    /// A kustomization builds it, so that it is no patch, whatever it lacks.
    pub is_built: bool,
    /// Something other than the files may change `spec.replicas` and the tool leaves it alone.
    pub replicas_ignored: bool,
    /// How the tool could be told so.
    pub replicas_ignorable: Option<Ignorable>,
}

/// The namespace of an object that names none.
pub(crate) const DEFAULT_NAMESPACE: &str = "default";

impl Object {
    /// An object of a manifest; `None` without a kind. `place` is where it stands if it has no name.
    pub(crate) fn new(value: Value, place: Span) -> Option<Self> {
        let view = View::new(&value, place);
        let kind = view.get("kind").known_text()?;
        let name = view.at(&["metadata", "name"]);
        let span = name.value().and_then(|name| name.origin.written_at()).unwrap_or(place);
        let label = name
            .known_text()
            .or_else(|| view.at(&["metadata", "generateName"]).known_text())
            .unwrap_or_else(|| kind.clone());
        let namespace = namespace_of(view);
        let address = match (name.known_text(), namespace) {
            (Some(name), Some(namespace)) => address(&kind, &namespace, &name),
            // Nothing can refer to it; the offset only keeps it apart from others.
            _ => format!("{kind}/?/{label}@{}", span.start).into(),
        };
        let (declared, allows) = (Declared::default(), Vec::new());
        Some(Self {
            address,
            label,
            span,
            declared,
            allows,
            is_built: false,
            replicas_ignored: false,
            replicas_ignorable: None,
            value,
        })
    }

    /// A cursor on the whole object; what is missing is reported at its name.
    pub(crate) fn view(&self) -> View<'_> {
        View::new(&self.value, self.span)
    }

    /// A cursor on `spec`.
    pub(crate) fn spec(&self) -> View<'_> {
        self.view().get("spec")
    }

    /// Its kind.
    pub(crate) fn kind(&self) -> Arc<str> {
        self.view().get("kind").known_text().unwrap_or_default()
    }

    /// The group of its API: empty for the core.
    pub(crate) fn group(&self) -> Arc<str> {
        let version = self.view().get("apiVersion").known_text().unwrap_or_default();
        version.rsplit_once('/').map(|(group, _)| group).unwrap_or_default().into()
    }

    /// Its name, if it is known.
    pub(crate) fn name(&self) -> Option<Arc<str>> {
        self.view().at(&["metadata", "name"]).known_text()
    }

    /// Its namespace; `None` where it is written and not known.
    pub(crate) fn namespace(&self) -> Option<Arc<str>> {
        namespace_of(self.view())
    }

    /// Whether it says in which namespace it lives. What does not is applied to one by whoever applies it.
    pub(crate) fn names_namespace(&self) -> bool {
        self.view().at(&["metadata", "namespace"]).is_present()
    }

    /// Its annotation of a name.
    pub(crate) fn annotation(&self, name: &'static str) -> View<'_> {
        self.view().get("metadata").get("annotations").get(name)
    }

    /// Who it is. Linking does not go by the name: it is unique in one namespace of one cluster only.
    pub(crate) fn identity(&self, unit: UnitId) -> Identity {
        let name = self.view().at(&["metadata", "name"]).text();
        Identity { unit, address: self.address.clone(), label: self.label.clone(), name, span: self.span }
    }
}

fn namespace_of(view: View<'_>) -> Option<Arc<str>> {
    let namespace = view.at(&["metadata", "namespace"]);
    if namespace.is_absent() { Some(DEFAULT_NAMESPACE.into()) } else { namespace.known_text() }
}

/// The namespaces of what autoscalers can scale, with its files.
fn scalable(all: &[Object]) -> Option<HashMap<Arc<str>, HashSet<SourceId>>> {
    let mut files: HashMap<Arc<str>, HashSet<SourceId>> = HashMap::new();
    for object in all.iter().filter(|object| is_scalable(&object.kind())) {
        let namespace = object.name().and_then(|_| object.namespace())?;
        files.entry(namespace).or_default().insert(object.span.file);
    }
    Some(files)
}

/// What autoscalers scale that Kubernetes itself or Argo Rollouts runs.
fn is_scalable(kind: &str) -> bool {
    matches!(kind, "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController" | "Rollout")
}

/// The address of an object in a manifest.
pub(crate) fn address(kind: &str, namespace: &str, name: &str) -> Arc<str> {
    format!("{kind}/{namespace}/{name}").into()
}

/// The objects of a unit, by what references name.
pub(crate) struct Objects<'o> {
    /// All of them, in order.
    pub all: &'o [Object],
    /// By `Kind/namespace/name`; `None`: more than one.
    by_name: HashMap<Arc<str>, Option<usize>>,
    /// By kind and name in whatever namespace; `None`: more than one.
    anywhere: HashMap<(Arc<str>, Arc<str>), Option<usize>>,
    by_address: HashMap<Arc<str>, usize>,
    /// Namespaces with something in them that an autoscaler can scale, and the files that declare it; `None`: of
    /// something of the sort the name or the namespace is not known.
    scalable: Option<HashMap<Arc<str>, HashSet<SourceId>>>,
}

impl<'o> Objects<'o> {
    pub(crate) fn new(all: &'o [Object]) -> Self {
        let mut by_name = HashMap::new();
        let mut anywhere = HashMap::new();
        let mut by_address = HashMap::new();
        for (index, object) in all.iter().enumerate() {
            by_address.entry(object.address.clone()).or_insert(index);
            let Some(name) = object.name() else { continue };
            let entry = anywhere.entry((object.kind(), name.clone()));
            entry.and_modify(|found| *found = None).or_insert(Some(index));
            if let Some(namespace) = object.namespace() {
                let key = address(&object.kind(), &namespace, &name);
                by_name.entry(key).and_modify(|found| *found = None).or_insert(Some(index));
            }
        }
        let scalable = scalable(all);
        Self { all, by_name, anywhere, by_address, scalable }
    }

    /// The object of a kind that `written`, which stands in another object, names by its name or by a reference to it.
    pub(crate) fn find(&self, kind: &str, from: &Object, written: View<'_>) -> Option<&'o Object> {
        if let Some(name) = written.known_text() {
            return self.named(kind, from, name);
        }
        let data = written.value()?.known()?;
        let mut references = data.references().into_iter();
        let reference = references.next().filter(|_| references.next().is_none())?;
        self.by_address.get(&reference.address).map(|index| &self.all[*index])
    }

    /// The object of a kind that bears a name in the namespace of another.
    pub(crate) fn named(&self, kind: &str, from: &Object, name: Arc<str>) -> Option<&'o Object> {
        match self.by_name.get(&address(kind, &from.namespace()?, &name)) {
            Some(found) => found.map(|index| &self.all[index]),
            None => self.applied_together(kind, from, name),
        }
    }

    /// Whether an object of a kind that `from` scales by its name is there. What a kustomization builds may be completed
    /// by bases from elsewhere.
    pub(crate) fn presence(&self, kind: &str, from: &Object, name: View<'_>) -> Presence {
        let (Some(name), Some(namespace), Some(scalable)) = (name.known_text(), from.namespace(), &self.scalable)
        else {
            return Presence::Perhaps;
        };
        if from.is_built || !is_scalable(kind) || self.anywhere.contains_key(&(kind.into(), name)) {
            return Presence::Perhaps;
        }
        match scalable.get(&namespace) {
            Some(files) if files.contains(&from.span.file) => Presence::NotInFile,
            Some(_) => Presence::NotInUnit,
            None => Presence::Perhaps,
        }
    }

    /// The only object of a kind and a name, where one of the two names a namespace and the other one is applied to
    /// that namespace.
    fn applied_together(&self, kind: &str, from: &Object, name: Arc<str>) -> Option<&'o Object> {
        let found = &self.all[(*self.anywhere.get(&(kind.into(), name))?)?];
        (found.namespace().is_some() && found.names_namespace() != from.names_namespace()).then_some(found)
    }

    /// The value that a link to an object of a kind is made of: a reference to its address where it is in the unit.
    pub(crate) fn link(&self, kind: &str, from: &Object, written: View<'_>) -> Option<Value> {
        let value = written.value()?;
        let Some(name) = written.known_text() else { return Some(value.clone()) };
        let target = match self.find(kind, from, written) {
            Some(object) => object.address.clone(),
            None => address(kind, from.namespace().as_deref().unwrap_or("?"), &name),
        };
        let Some(span) = value.origin.site() else { return Some(value.clone()) };
        let reference = reference_to(target, span);
        Some(Value { value: reference.value, origin: value.origin.clone() })
    }
}

/// The text of every entry of a map of labels or annotations, where it is known.
pub(crate) fn texts<'v>(view: View<'v>) -> Vec<(&'v str, Arc<str>, Option<Span>)> {
    let entries = view.entries().into_iter();
    entries
        .filter_map(|(entry, value)| {
            let span = value.span().or(entry.key);
            Some((&*entry.name, value.known_text()?, span))
        })
        .collect()
}

//! Labels, what selects by them, and the pods of a unit by their labels. Services, disruption budgets and rules about
//! other pods all select alike.

use super::object::Object;
use crate::value::{Data, View};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Labels, or a selector that asks for some: the value is `None` where it is not known.
#[derive(Debug, Default)]
pub(super) struct Labels {
    values: HashMap<Arc<str>, Option<Arc<str>>>,
    /// There may be more of them.
    is_open: bool,
}

/// Whether a selector fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    No,
    Perhaps,
    Yes,
}

impl Labels {
    pub(super) fn of(view: View<'_>) -> Self {
        let is_open = view.is_unknown() || view.value().is_some_and(|value| is_reference(value.known()));
        let values = view.entries().into_iter().map(|(entry, value)| (entry.name.clone(), value.known_text()));
        Self { values: values.collect(), is_open }
    }

    /// As a selector: whether it selects pods with these labels.
    fn selects(&self, labels: &Labels) -> Match {
        let mut found = if self.is_open { Match::Perhaps } else { Match::Yes };
        for (name, wanted) in &self.values {
            match (wanted, labels.values.get(name)) {
                (Some(wanted), Some(Some(value))) if wanted == value => {}
                (Some(_), Some(Some(_))) => return Match::No,
                (_, None) if !labels.is_open => return Match::No,
                _ => found = Match::Perhaps,
            }
        }
        found
    }
}

fn is_reference(data: Option<&Data>) -> bool {
    matches!(data, Some(Data::Reference(_) | Data::Template(_)))
}

/// What selects pods by their labels.
#[derive(Debug)]
pub(super) struct Selector {
    labels: Labels,
    expressions: Vec<Expression>,
    /// There may be more to it.
    is_open: bool,
}

/// One of `matchExpressions`; what is `None` is not known.
#[derive(Debug)]
struct Expression {
    key: Option<Arc<str>>,
    operator: Option<Arc<str>>,
    values: Vec<Option<Arc<str>>>,
    /// There may be more values.
    is_open: bool,
}

impl Selector {
    /// The selector of a Service: nothing but labels.
    pub(super) fn of_labels(view: View<'_>) -> Self {
        Self { labels: Labels::of(view), expressions: Vec::new(), is_open: false }
    }

    /// `matchLabels` and `matchExpressions`.
    pub(super) fn of(view: View<'_>) -> Self {
        let expressions = view.get("matchExpressions");
        Self {
            labels: Labels::of(view.get("matchLabels")),
            expressions: expressions.items().into_iter().map(Expression::of).collect(),
            is_open: view.is_unknown() || expressions.is_unknown(),
        }
    }

    /// Whether it selects pods with these labels. One that asks for nothing counts as selecting nothing: of some
    /// objects that is so, and of others it would be everything there is.
    pub(super) fn selects(&self, labels: &Labels) -> Match {
        if self.labels.values.is_empty() && self.expressions.is_empty() {
            return if self.is_open || self.labels.is_open { Match::Perhaps } else { Match::No };
        }
        let own = if self.is_open { Match::Perhaps } else { Match::Yes };
        let expressions = self.expressions.iter().map(|expression| expression.selects(labels));
        expressions.fold(own.min(self.labels.selects(labels)), Match::min)
    }
}

impl Expression {
    fn of(view: View<'_>) -> Self {
        let values = view.get("values");
        Self {
            key: view.get("key").known_text(),
            operator: view.get("operator").known_text(),
            values: values.items().into_iter().map(View::known_text).collect(),
            is_open: values.is_unknown(),
        }
    }

    fn selects(&self, labels: &Labels) -> Match {
        let (Some(key), Some(operator)) = (&self.key, &self.operator) else { return Match::Perhaps };
        let label = labels.values.get(key);
        let is_there = match label {
            Some(_) => Match::Yes,
            None if labels.is_open => Match::Perhaps,
            None => Match::No,
        };
        let is_one = match label {
            Some(Some(_)) if label.is_some_and(|label| self.values.contains(label)) => Match::Yes,
            Some(Some(_)) if !self.is_open && self.values.iter().all(Option::is_some) => Match::No,
            Some(_) => Match::Perhaps,
            None => is_there,
        };
        match &**operator {
            "In" => is_one,
            "NotIn" => is_one.not(),
            "Exists" => is_there,
            "DoesNotExist" => is_there.not(),
            _ => Match::Perhaps,
        }
    }
}

impl Match {
    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Perhaps => Self::Perhaps,
            Self::Yes => Self::No,
        }
    }
}

/// The pods of a unit, by what selectors ask for.
#[derive(Default)]
pub(super) struct Pods {
    all: Vec<Pod>,
    by_label: HashMap<LabelKey, Vec<usize>>,
    /// Those of which labels are not known in full.
    vague: Vec<usize>,
}

/// A namespace, a label and its value.
type LabelKey = (Option<Arc<str>>, Arc<str>, Arc<str>);

/// Pods that are made alike.
pub(super) struct Pod {
    /// The address of what makes them.
    pub address: Arc<str>,
    namespace: Option<Arc<str>>,
    labels: Labels,
}

/// With more pods than this of which labels are not known, nothing is said about who selects all of some pods.
const MAX_VAGUE: usize = 1_000;

impl Pods {
    pub(super) fn add(&mut self, object: &Object, namespace: Option<Arc<str>>, labels: Labels) {
        let index = self.all.len();
        for (name, value) in &labels.values {
            if let Some(value) = value {
                self.by_label.entry((namespace.clone(), name.clone(), value.clone())).or_default().push(index);
            }
        }
        if labels.is_open || labels.values.values().any(Option::is_none) {
            self.vague.push(index);
        }
        self.all.push(Pod { address: object.address.clone(), namespace, labels });
    }

    /// The pods that a selector may select, and whether it is known to. Those of which that is not known are given to
    /// the first selector only: one reason for silence is enough.
    pub(super) fn selected(
        &self,
        selector: &Selector,
        namespace: &Option<Arc<str>>,
        told: &mut HashSet<usize>,
    ) -> Vec<(&Pod, Match)> {
        let candidates = match self.fewest(selector, namespace) {
            Some(pods) => pods,
            None if selector.labels.values.is_empty() && !selector.labels.is_open => Vec::new(),
            None => (0..self.all.len()).filter(|index| !told.contains(index)).collect(),
        };
        let mut found = Vec::new();
        // Indexes of candidates ascend.
        let vague = self.vague.iter().filter(|index| candidates.binary_search(index).is_err() && !told.contains(index));
        let candidates: Vec<usize> = candidates.iter().chain(vague).copied().collect();
        for index in candidates {
            let pod = &self.all[index];
            match pod.fits(selector, namespace) {
                Match::Yes => found.push((pod, Match::Yes)),
                Match::Perhaps if told.insert(index) => found.push((pod, Match::Perhaps)),
                _ => {}
            }
        }
        found
    }

    /// All pods that a selector selects; `None` where that is not known.
    pub(super) fn all_selected(&self, selector: &Selector, namespace: &Option<Arc<str>>) -> Option<Vec<&Pod>> {
        let mut candidates: BTreeSet<usize> = self.fewest(selector, namespace)?.into_iter().collect();
        if self.vague.len() > MAX_VAGUE {
            return None;
        }
        candidates.extend(&self.vague);
        let mut found = Vec::new();
        for pod in candidates.into_iter().map(|index| &self.all[index]) {
            match pod.fits(selector, namespace) {
                Match::Yes => found.push(pod),
                Match::Perhaps => return None,
                Match::No => {}
            }
        }
        Some(found)
    }

    /// The shortest list of pods that holds all whose labels are known and may be selected, in order; `None` where the
    /// selector names no label with its value.
    fn fewest(&self, selector: &Selector, namespace: &Option<Arc<str>>) -> Option<Vec<usize>> {
        let with = |name: &Arc<str>, value: &Arc<str>| {
            let key = (namespace.clone(), name.clone(), value.clone());
            self.by_label.get(&key).map(Vec::as_slice).unwrap_or_default()
        };
        let labels = selector.labels.values.iter().filter_map(|(name, value)| Some(with(name, value.as_ref()?)));
        if let Some(fewest) = labels.min_by_key(|pods| pods.len()) {
            return Some(fewest.to_vec());
        }
        let one_of = selector.expressions.iter().find(|one| one.operator.as_deref() == Some("In") && !one.is_open)?;
        let key = one_of.key.as_ref()?;
        let values: Option<Vec<&Arc<str>>> = one_of.values.iter().map(Option::as_ref).collect();
        let pods: BTreeSet<usize> = values?.into_iter().flat_map(|value| with(key, value)).copied().collect();
        Some(pods.into_iter().collect())
    }
}

impl Pod {
    fn fits(&self, selector: &Selector, namespace: &Option<Arc<str>>) -> Match {
        if self.namespace == *namespace { selector.selects(&self.labels) } else { Match::No }
    }
}

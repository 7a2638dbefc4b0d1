//! Resolved resources of one unit, for the dialects that describe a system as a set of typed resources.
//!
//! Terraform and CloudFormation resolve to this; lowering looks other resources of the unit up in it by address.

use crate::model::{Declared, DeclaredAllow, Identity, UnitId};
use crate::source::Span;
use crate::value::{Data, Reference, Sourced, Unknown, Value, View};
use std::collections::HashMap;
use std::sync::Arc;

/// One resource, its references resolved.
#[derive(Debug)]
pub struct Resource {
    /// Its type: `aws_lambda_function`, `AWS::Lambda::Function`.
    pub kind: Arc<str>,
    /// Unique within the unit: `aws_lambda_function.worker`, `module.a.aws_sqs_queue.jobs`, `Worker`.
    pub address: Arc<str>,
    /// What people call it: `worker`, `Worker`.
    pub label: Arc<str>,
    /// Where the label stands.
    pub span: Span,
    /// Its attributes or properties, an object.
    pub body: Value,
    /// What its owner says about it (comments, `Metadata.archlint`); tags are read by lowering.
    pub declared: Declared,
    /// Allows on the resource itself (`Metadata.archlint.allow`).
    pub allows: Vec<DeclaredAllow>,
    /// The condition that it hangs on, where it cannot be told whether it holds.
    pub condition: Option<Condition>,
}

/// A named condition of which it cannot be told whether it holds.
#[derive(Debug)]
pub struct Condition {
    /// Its name.
    pub name: Arc<str>,
    /// Why it cannot be told.
    pub why: Unknown,
}

impl Resource {
    /// A cursor on its attributes; what is missing is reported at its label.
    pub fn view(&self) -> View<'_> {
        View::new(&self.body, self.span)
    }

    /// Its identity, with the platform's name for it.
    pub fn identity(&self, unit: UnitId, name: Sourced<Option<Arc<str>>>) -> Identity {
        Identity { unit, address: self.address.clone(), label: self.label.clone(), name, span: self.span }
    }
}

/// The resources of one unit.
#[derive(Debug, Default)]
pub struct Resources {
    all: Vec<Resource>,
    by_address: HashMap<Arc<str>, usize>,
    by_kind: HashMap<Arc<str>, Vec<usize>>,
}

impl Resources {
    /// Indexes resources; of equal addresses the first counts.
    pub fn new(all: Vec<Resource>) -> Self {
        let mut by_address = HashMap::new();
        let mut by_kind: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        for (index, resource) in all.iter().enumerate() {
            by_address.entry(resource.address.clone()).or_insert(index);
            by_kind.entry(resource.kind.clone()).or_default().push(index);
        }
        Self { all, by_address, by_kind }
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.all.iter()
    }

    /// Those of a type, in order.
    pub fn of<'r>(&'r self, kind: &str) -> impl Iterator<Item = &'r Resource> + use<'r> {
        self.by_kind.get(kind).map(Vec::as_slice).unwrap_or_default().iter().map(|index| &self.all[*index])
    }

    /// The resource at an address.
    pub fn at(&self, address: &str) -> Option<&Resource> {
        self.by_address.get(address).map(|index| &self.all[*index])
    }

    /// The resource that a value refers to, if it refers to exactly one.
    pub fn referred(&self, view: View<'_>) -> Option<&Resource> {
        let mut found = self.all_referred(view).into_iter();
        found.next().filter(|_| found.next().is_none())
    }

    /// All resources that a value refers to, each once.
    pub fn all_referred(&self, view: View<'_>) -> Vec<&Resource> {
        let Some(data) = view.value().and_then(|value| value.known()) else { return Vec::new() };
        let mut found: Vec<&Resource> = Vec::new();
        for resource in data.references().into_iter().filter_map(|reference| self.at(&reference.address)) {
            if !found.iter().any(|other| std::ptr::eq(*other, resource)) {
                found.push(resource);
            }
        }
        found
    }
}

/// A value that is a reference to a thing as a whole, for joins that the dialect makes by name (`kind/namespace/name`).
pub fn reference_to(address: impl Into<Arc<str>>, span: Span) -> Value {
    let reference = Reference { address: address.into(), attribute: "".into() };
    Sourced::new(Data::Reference(reference), crate::value::Origin::literal(span))
}

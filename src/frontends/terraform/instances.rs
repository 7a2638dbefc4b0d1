//! Instances: what `count` and `for_each` make of a block, and which of them an index picks.
//!
//! Every instance is a resource or a call of its own, with its key behind the address, as Terraform shows it. Where
//! it cannot be told how many there are, one stands for all, and what `each` and `count.index` are in it is unknown.

use super::expression::{pairs, reason};
use super::scope::{Env, Evaluator, ScopeId, key_and_value, unknown};
use crate::source::Span;
use crate::tree::NodeRef;
use crate::value::{Data, Entry, Origin, Sourced, Unknown, Value};
use std::collections::HashSet;
use std::sync::Arc;

/// More instances of one block than this are taken as one that stands for all.
const MAX_INSTANCES: usize = 256;

/// One instance of a block.
#[derive(Debug, Clone, Default)]
pub(super) struct Instance {
    /// What stands behind the address: `[0]`, `["a"]`. Empty for the only one, and for one that stands for all.
    pub key: Arc<str>,
    /// The key as data would name it: `0`, `a`.
    name: Arc<str>,
    /// What `count` or `each` is in it.
    pub binding: Option<(&'static str, Value)>,
    /// Where `for_each` has its key, with settings of its own behind it.
    pub entry: Option<Span>,
}

/// What a repeated block is as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    /// Of `count`.
    List,
    /// Of `for_each`.
    Object,
}

/// All instances of a block.
#[derive(Debug)]
pub(super) struct Instances {
    all: Vec<Instance>,
    /// `None`: the block does not repeat, or it cannot be told how often.
    whole: Option<Whole>,
}

impl Instances {
    fn open(name: &'static str, value: Value) -> Self {
        Self { all: vec![Instance { binding: Some((name, value)), ..Instance::default() }], whole: None }
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &Instance> {
        self.all.iter()
    }

    /// Whether a reference without an index means a list or an object of all of them.
    pub fn are_listed(&self) -> bool {
        self.whole.is_some()
    }

    /// A list or an object with something of each of them.
    pub fn collected(&self, of: impl FnMut(&Instance) -> Value, span: Span) -> Value {
        let values = self.all.iter().map(of);
        let data = match self.whole {
            Some(Whole::Object) => {
                let entry =
                    |(instance, value): (&Instance, Value)| Entry { name: instance.name.clone(), key: None, value };
                Data::Object(self.all.iter().zip(values).map(entry).collect())
            }
            _ => Data::List(values.collect()),
        };
        Sourced::new(data, Origin::literal(span))
    }
}

impl<'w> Evaluator<'w> {
    /// The instances of a `resource` or `module` block, found out once.
    pub fn instances(&mut self, scope: ScopeId, block: NodeRef<'w>) -> Arc<Instances> {
        let key = (scope, block.span().file, block.id());
        if let Some(done) = self.instances.get(&key) {
            return done.clone();
        }
        if !self.running.insert(key) {
            let why = Unknown::Invalid("the instances depend on themselves".into());
            return Arc::new(Instances::open("each", unknown(why, block.span())));
        }
        let made = Arc::new(self.repeated(scope, block));
        self.running.remove(&key);
        self.instances.insert(key, made.clone());
        made
    }

    /// The instance that an index picks, or the only one. `node` is the reference as a whole, which is missing where
    /// there is no such instance.
    pub fn chosen<'i>(
        &mut self,
        instances: &'i Instances,
        index: Option<NodeRef<'w>>,
        env: Env<'_>,
        node: NodeRef<'w>,
    ) -> Result<&'i Instance, Unknown> {
        let missing = || Unknown::Missing(node.slice().into());
        match &instances.all[..] {
            [] => return Err(missing()),
            [only] => return Ok(only),
            _ => {}
        }
        let Some(index) = index else { return Err(Unknown::Ambiguous("the instance that is meant".into())) };
        let index = self.evaluate(index, env);
        let name = index.known().and_then(Data::to_text).ok_or_else(|| reason(&index))?;
        instances.all.iter().find(|instance| instance.name == name).ok_or_else(missing)
    }

    fn repeated(&mut self, scope: ScopeId, block: NodeRef<'w>) -> Instances {
        let env = Env::of(scope);
        if let Some(node) = block.get("count") {
            let count = self.evaluate(node, env);
            counted(&count, node.span())
        } else if let Some(node) = block.get("for_each") {
            let collection = self.evaluate(node, env);
            for_each(&collection, node.span())
        } else {
            Instances { all: vec![Instance::default()], whole: None }
        }
    }
}

fn too_many(what: &str) -> Unknown {
    Unknown::NotEvaluated(format!("{what} of more than {MAX_INSTANCES} instances").into())
}

fn counted(count: &Value, span: Span) -> Instances {
    let binding = |index: Value| {
        let entry = Entry { name: "index".into(), key: None, value: index };
        Sourced::new(Data::Object([entry].into()), Origin::literal(span))
    };
    let open = |why| Instances::open("count", binding(unknown(why, span)));
    let number = match count.known().and_then(Data::to_number) {
        Some(number) if number >= 0.0 && number.fract() == 0.0 => number,
        _ => return open(reason(count)),
    };
    if number > MAX_INSTANCES as f64 {
        return open(too_many("`count.index`"));
    }
    let number = number as usize;
    let instance = |index: usize| Instance {
        key: if number == 1 { "".into() } else { format!("[{index}]").into() },
        name: index.to_string().into(),
        binding: Some(("count", binding(Sourced::new(Data::Number(index as f64), Origin::literal(span))))),
        entry: None,
    };
    Instances { all: (0..number).map(instance).collect(), whole: Some(Whole::List) }
}

fn for_each(collection: &Value, span: Span) -> Instances {
    let open = |why| Instances::open("each", unknown(why, span));
    let Some(pairs) = pairs(collection) else { return open(reason(collection)) };
    if pairs.len() > MAX_INSTANCES {
        return open(too_many("`each`"));
    }
    let is_only = pairs.len() == 1;
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for (key, value) in pairs {
        // Both sides of a set's element are the same.
        let key = if matches!(key.known(), Some(Data::Number(_))) { value.clone() } else { key };
        let name = match key.known().and_then(Data::to_text) {
            Some(name) => name,
            // The key of the only one is not needed to tell it from others.
            None if is_only => "".into(),
            None => return open(reason(&key)),
        };
        if seen.insert(name.clone()) {
            let key_text = if is_only { "".into() } else { format!("[\"{name}\"]").into() };
            let both = key_and_value(&key, &value, value.origin.clone());
            let entry = key.origin.written_at().filter(|_| matches!(value.known(), Some(Data::Object(_))));
            all.push(Instance { key: key_text, name, binding: Some(("each", both)), entry });
        }
    }
    Instances { all, whole: Some(Whole::Object) }
}

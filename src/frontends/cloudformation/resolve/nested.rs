//! Nested stacks: templates of their own, with parameters that the parent sets and outputs that it reads.

use super::{MAX_DEPTH, Template, entries_of};
use crate::frontends::cloudformation::stacks::Call;
use crate::value::{Data, How, Origin, Sourced, Unknown, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// A nested stack, which is looked into when someone asks for it: its parameters may be outputs of another one.
pub(super) enum Nested {
    Waiting(Box<Call>),
    /// It is being asked just now.
    Running,
    Ready(Box<Template>),
}

impl Nested {
    pub fn of(call: Call) -> Self {
        Self::Waiting(Box::new(call))
    }
}

impl Template {
    /// The names of the stacks that this template nests.
    pub fn nested_names(&self) -> Vec<Arc<str>> {
        self.nested.keys().cloned().collect()
    }

    /// Does something with the template of a nested stack.
    pub fn within<R>(&mut self, name: &str, depth: usize, act: impl FnOnce(&mut Self) -> R) -> Result<R, Unknown> {
        let missing = || Unknown::Missing(name.into());
        let state = std::mem::replace(self.nested.get_mut(name).ok_or_else(missing)?, Nested::Running);
        let mut child = match state {
            Nested::Running => return Err(Unknown::Invalid(format!("`{name}` needs itself").into())),
            Nested::Ready(child) => child,
            Nested::Waiting(call) => Box::new(self.started(*call, depth)),
        };
        self.share_budgets(&mut child);
        let result = act(&mut child);
        child.share_budgets(self);
        self.nested.insert(name.into(), Nested::Ready(child));
        Ok(result)
    }

    /// What may still be computed is for a stack and those that it nests together.
    fn share_budgets(&mut self, other: &mut Self) {
        other.texts = std::mem::take(&mut self.texts);
        other.values = self.values;
        other.copies = self.copies;
    }

    /// The template of a nested stack, its parameters set.
    fn started(&mut self, call: Call, depth: usize) -> Self {
        let prefix = self.address(&format!("{}.", call.name));
        let arguments = call.parameters.map(|written| (self.evaluate(&written, depth + 1), written));
        let mut child = Self::of_stack(call.stack, prefix, self.region.as_deref());
        if let Some((arguments, written)) = arguments {
            let places: HashMap<&str, _> =
                entries_of(Some(&written)).iter().map(|entry| (&*entry.name, entry.value.origin.site())).collect();
            child.set_parameters(|name| match arguments.known() {
                Some(_) => {
                    // `AWS::NoValue` sets nothing.
                    let value = arguments.get(name).filter(|value| value.known() != Some(&Data::Null))?;
                    let how = How::ModuleArgument(name.into());
                    let origin = match places.get(name) {
                        Some(Some(span)) => value.origin.clone().named(how, *span),
                        _ => value.origin.clone().via(how, None),
                    };
                    Some(Sourced { value: value.value.clone(), origin })
                }
                None => Some(arguments.clone()),
            });
        }
        child
    }

    /// The value of an output of a nested stack.
    pub(super) fn output_of(&mut self, name: &str, output: &str, origin: &Origin, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            return Sourced::unknown(Unknown::NotEvaluated("nesting this deep".into()), origin.clone());
        }
        let found = self.within(name, depth, |child| child.output(output, depth + 1));
        let step = How::Reference(format!("{name}.Outputs.{output}").into());
        match found.and_then(|found| found) {
            Ok(value) => value.via(step, origin.site()),
            Err(why) => Sourced::unknown(why, origin.clone()),
        }
    }

    /// The value of an output.
    fn output(&mut self, name: &str, depth: usize) -> Result<Value, Unknown> {
        for entry in std::mem::take(&mut self.output_loops) {
            let mut made = Vec::new();
            self.unroll(&entry, depth, &mut made)?;
            self.outputs.extend(made.into_iter().map(|entry| (entry.name, entry.value)));
        }
        let written = self.outputs.get(name).and_then(|output| output.get("Value")).cloned();
        let written = written.ok_or_else(|| Unknown::Missing(format!("Outputs.{name}").into()))?;
        Ok(self.evaluate(&written, depth))
    }
}

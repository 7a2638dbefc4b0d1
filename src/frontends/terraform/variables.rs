//! Variables: which of a default, a file with values and a caller's argument counts, and what their types fill in.

use super::scope::{Env, Evaluator, ScopeId, unknown};
use crate::source::Span;
use crate::tree::{Expr, Kind, NodeRef};
use crate::value::{Data, Entry, How, Origin, Reference, Sourced, Unknown, Value};
use std::collections::HashSet;

impl<'w> Evaluator<'w> {
    /// The value of a variable, found out once.
    pub(super) fn variable(&mut self, scope: ScopeId, name: &'w str, span: Span) -> Value {
        let Some(declared) = self.scope(scope).module.variables.get(name).copied() else {
            return unknown(Unknown::Missing(format!("var.{name}").into()), span);
        };
        let key = (scope, declared.span().file, declared.id());
        if let Some(done) = self.done.get(&key) {
            return done.clone();
        }
        let value = self.variable_value(scope, name, declared, span);
        // Why one is not known is said where it is used.
        if value.known().is_some() {
            self.done.insert(key, value.clone());
        }
        value
    }

    fn variable_value(&mut self, scope: ScopeId, name: &'w str, declared: NodeRef<'w>, span: Span) -> Value {
        let default = declared.get("default");
        let (node, value, how) = if let Some(caller) = &self.scope(scope).call {
            match caller.block.get(name) {
                Some(argument) => (argument, self.argument(scope, argument), How::ModuleArgument(name.into())),
                None => return self.default(scope, name, default, declared, span),
            }
        } else {
            if let Some(value) = self.set_on_command_line(name, declared) {
                return self.typed(value, declared, scope);
            }
            let module = self.scope(scope).module;
            // Inputs are environment variables for Terraform, which count less than its files with values.
            let input = module.handed_on.get(name).filter(|_| !module.values.contains_key(name));
            if let Some((address, input)) = input {
                let origin = Origin::new(How::Reference(input.slice().into()), input.span());
                let reference = Reference { address: address.as_str().into(), attribute: "".into() };
                return Sourced::new(Data::Reference(reference), origin);
            }
            if module.brought_in.contains(name) {
                return unknown(Unknown::Ambiguous(format!("the value of `var.{name}`").into()), span);
            }
            match module.values.get(name).copied() {
                Some(node) => (node, self.remembered(scope, node), How::VariableSet(name.into())),
                None if module.has_broken_values => {
                    let why = Unknown::NotEvaluated(format!("`var.{name}`: a file with values is broken").into());
                    return unknown(why, span);
                }
                None => return self.default(scope, name, default, declared, span),
            }
        };
        let nullable = declared.get("nullable").and_then(NodeRef::as_str) != Some("false");
        if value.known() == Some(&Data::Null) && !nullable {
            return self.default(scope, name, default, declared, span);
        }
        let value = self.typed(value, declared, scope);
        Sourced { value: value.value, origin: value.origin.named(how, node.span()) }
    }

    /// What `--var` sets a variable to. As in Terraform, the type decides whether the text is an expression.
    fn set_on_command_line(&self, name: &str, declared: NodeRef<'w>) -> Option<Value> {
        let text = self.workspace.variables.value(name)?;
        // It stands in no file.
        let origin = Origin::new(How::VariableSet(name.into()), None);
        let is_plain = match declared.get("type") {
            None => true,
            Some(constraint) => matches!(constraint.slice(), "string" | "number" | "bool"),
        };
        if is_plain {
            return Some(Sourced::new(Data::Text(text.into()), origin));
        }
        let parsed: Option<serde_json::Value> = hcl::from_str(&format!("{name} = {text}\n")).ok();
        Some(match parsed.as_ref().and_then(|body| body.get(name)) {
            Some(value) => data_of(value, &origin),
            None => {
                let why = format!("the value that `--var` gives `{name}` is no expression");
                Sourced::unknown(Unknown::Invalid(why.into()), origin)
            }
        })
    }

    fn default(
        &mut self,
        scope: ScopeId,
        name: &str,
        default: Option<NodeRef<'w>>,
        declared: NodeRef<'w>,
        span: Span,
    ) -> Value {
        let Some(default) = default else {
            return unknown(Unknown::NoDefault(format!("var.{name}").into()), span);
        };
        let value = self.remembered(scope, default);
        let value = self.typed(value, declared, scope);
        Sourced { value: value.value, origin: value.origin.named(How::VariableDefault(name.into()), default.span()) }
    }

    /// Evaluates what a caller passes, in the caller's names.
    fn argument(&mut self, scope: ScopeId, node: NodeRef<'w>) -> Value {
        let Some(caller) = &self.scope(scope).call else { return self.remembered(scope, node) };
        let (outer, binding) = (caller.scope, caller.binding.clone());
        let Some((name, each)) = binding else { return self.remembered(outer, node) };
        let env = Env::of(outer);
        self.once(scope, node, env.with(&env.bind(name, &each)))
    }

    /// Converts a value to its variable's type, and fills in what `optional(type, default)` says about attributes that
    /// were left out.
    fn typed(&mut self, value: Value, declared: NodeRef<'w>, scope: ScopeId) -> Value {
        match declared.get("type") {
            Some(constraint) => self.convert(value, constraint, scope),
            None => value,
        }
    }

    fn convert(&mut self, value: Value, constraint: NodeRef<'w>, scope: ScopeId) -> Value {
        let Kind::Expr(expression) = constraint.kind() else { return value };
        let (name, arguments) = match &**expression {
            Expr::Variable(name) => return scalar_as(name, value),
            Expr::Call { name, arguments, .. } => (name, arguments),
            _ => return value,
        };
        let Some(inner) = arguments.first().map(|id| constraint.other(*id)) else { return value };
        let data = match (&**name, value.known()) {
            ("list", Some(Data::List(items))) => {
                Data::List(items.iter().map(|item| self.convert(item.clone(), inner, scope)).collect())
            }
            ("set", Some(Data::List(items))) => {
                let items: Vec<Value> = items.iter().map(|item| self.convert(item.clone(), inner, scope)).collect();
                super::functions::set_of(&items)
            }
            ("map", Some(Data::Object(entries))) => Data::Object(
                entries
                    .iter()
                    .map(|entry| Entry { value: self.convert(entry.value.clone(), inner, scope), ..entry.clone() })
                    .collect(),
            ),
            ("object", Some(Data::Object(entries))) if inner.is_mapping() => {
                // What the type does not name is dropped.
                let named: HashSet<&str> = inner.entries().filter_map(|(key, _)| key.as_str()).collect();
                let mut entries: Vec<Entry> =
                    entries.iter().filter(|entry| named.contains(&*entry.name)).cloned().collect();
                for (key, constraint) in inner.entries() {
                    let Some(name) = key.as_str() else { continue };
                    let (constraint, default) = optional(constraint);
                    match entries.iter_mut().find(|entry| &*entry.name == name) {
                        Some(entry) if entry.value.known() != Some(&Data::Null) => {
                            entry.value = self.convert(entry.value.clone(), constraint, scope);
                        }
                        _ => {
                            let default = match default {
                                Some(default) => {
                                    let value = self.remembered(scope, default);
                                    let value = self.convert(value, constraint, scope);
                                    let how = How::VariableDefault(name.into());
                                    Sourced { value: value.value, origin: value.origin.named(how, default.span()) }
                                }
                                None => Sourced::new(Data::Null, Origin::literal(key.span())),
                            };
                            entries.retain(|entry| &*entry.name != name);
                            entries.push(Entry { name: name.into(), key: Some(key.span()), value: default });
                        }
                    }
                }
                Data::Object(entries.into())
            }
            _ => return value,
        };
        Sourced::new(data, value.origin)
    }
}

/// A scalar as a primitive type; what cannot be converted stays as it is.
fn scalar_as(name: &str, value: Value) -> Value {
    let converted = value.known().and_then(|data| match (name, data) {
        ("string", Data::Number(_) | Data::Boolean(_)) => data.to_text().map(Data::Text),
        ("number", Data::Text(_)) => data.to_number().map(Data::Number),
        ("bool", Data::Text(_)) => data.to_boolean().map(Data::Boolean),
        _ => None,
    });
    match converted {
        Some(data) => Sourced::new(data, value.origin),
        None => value,
    }
}

/// A literal from the command line.
fn data_of(value: &serde_json::Value, origin: &Origin) -> Value {
    use serde_json::Value as Json;
    let data = match value {
        Json::Null => Data::Null,
        Json::Bool(boolean) => Data::Boolean(*boolean),
        Json::Number(number) => Data::Number(number.as_f64().unwrap_or_default()),
        Json::String(text) => Data::Text(text.as_str().into()),
        Json::Array(items) => Data::List(items.iter().map(|item| data_of(item, origin)).collect()),
        Json::Object(entries) => {
            let entry = |(name, value): (&String, &Json)| Entry {
                name: name.as_str().into(),
                key: None,
                value: data_of(value, origin),
            };
            Data::Object(entries.iter().map(entry).collect())
        }
    };
    Sourced::new(data, origin.clone())
}

/// The inner type and the default of `optional(type, default)`; another constraint as it is.
fn optional(constraint: NodeRef<'_>) -> (NodeRef<'_>, Option<NodeRef<'_>>) {
    if let Kind::Expr(expression) = constraint.kind()
        && let Expr::Call { name, arguments, .. } = &**expression
        && &**name == "optional"
        && let Some(inner) = arguments.first()
    {
        return (constraint.other(*inner), arguments.get(1).map(|id| constraint.other(*id)));
    }
    (constraint, None)
}

//! Parameters of a template: what the command line or a parent stack sets them to, or else their defaults.

use super::{Template, lists};
use crate::frontends::cloudformation::exchange;
use crate::frontends::document::TextBudget;
use crate::source::Span;
use crate::value::{Data, How, Origin, Resolved, Sourced, Unknown, Value};
use std::sync::Arc;

/// The type of a parameter that is one text in the parameter store.
const STORED_TEXT: &str = "AWS::SSM::Parameter::Value<String>";

/// One parameter.
pub(super) struct Parameter {
    /// What it is where nobody sets it.
    pub default: Option<Value>,
    /// Its type.
    pub kind: Arc<str>,
    /// What it is set to.
    pub set: Option<Value>,
}

impl Template {
    /// Sets parameters that the template has, by their names.
    pub fn set_parameters(&mut self, value_of: impl Fn(&str) -> Option<Value>) {
        for (name, parameter) in &mut self.parameters {
            parameter.set = value_of(name).or(parameter.set.take());
        }
    }

    /// The value of a parameter, referred to from `site`.
    pub(super) fn parameter(&self, name: &str, site: Option<Span>) -> Option<Value> {
        self.parameters.get(name).map(|parameter| parameter.value(name, site))
    }
}

impl Parameter {
    fn value(&self, name: &str, site: Option<Span>) -> Value {
        let reference = How::Reference(format!("Ref {name}").into());
        let unknown = |why| Sourced::unknown(why, Origin::new(reference.clone(), site));
        if self.kind.starts_with("AWS::SSM::Parameter::Value") {
            // What is written is the name of a parameter in the parameter store.
            let written = self.set.as_ref().or(self.default.as_ref()).filter(|_| &*self.kind == STORED_TEXT);
            let stored = written.and_then(|written| exchange::stored(written, name.into(), site));
            return stored.unwrap_or_else(|| unknown(Unknown::AtDeployment(name.into())));
        }
        let (value, origin) = match (&self.set, &self.default) {
            (Some(set), _) => (&set.value, set.origin.clone()),
            (None, Some(default)) => {
                let origin = Origin::new(How::VariableDefault(name.into()), default.origin.written_at());
                (&default.value, origin)
            }
            (None, None) => return unknown(Unknown::NoDefault(name.into())),
        };
        let origin = origin.via(reference, site);
        let is_list = self.kind.starts_with("List<") || &*self.kind == "CommaDelimitedList";
        match value {
            Resolved::Known(Data::Text(text)) if is_list => lists::pieces(text, ",", str::trim, &origin),
            _ => exchange::with_dynamic(Sourced { value: value.clone(), origin }, &mut TextBudget::default()),
        }
    }
}

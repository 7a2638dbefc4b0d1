//! Macros. Of these `AWS::Include` is data: what a file beside the template holds. All others are programs.

use super::Template;
use crate::value::{Unknown, Value};

/// The call of a macro, among the entries of what it changes.
pub(super) const TRANSFORM: &str = "Fn::Transform";

impl Template {
    /// What the macro `AWS::Include` brings in from a file beside the template.
    pub(super) fn included(&self, argument: &Value) -> Result<Value, Unknown> {
        let text = |value: Option<&Value>| value.and_then(|value| value.known()?.to_text());
        let location = text(argument.get("Parameters").and_then(|parameters| parameters.get("Location")));
        let is_include = text(argument.get("Name")).as_deref() == Some("AWS::Include") && !self.is_including;
        let included = location.filter(|_| is_include).and_then(|location| self.included.get(&location).cloned());
        included.ok_or_else(|| Unknown::NotEvaluated(format!("`{TRANSFORM}`").into()))
    }

    /// The same, with every function in it evaluated. What is included does not include anything.
    pub(super) fn evaluate_included(&mut self, argument: &Value, depth: usize) -> Result<Value, Unknown> {
        let included = self.included(argument)?;
        self.is_including = true;
        let value = self.evaluate(&included, depth + 1);
        self.is_including = false;
        Ok(value)
    }
}

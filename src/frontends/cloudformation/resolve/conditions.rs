//! Conditions: named ones, and what they are made of.

use super::{Decision, MAX_DEPTH, Template, invalid, why_of};
use crate::value::{Data, Unknown, Value};

impl Template {
    /// Takes in the conditions that loops make, as soon as one is asked for.
    fn settle_conditions(&mut self, depth: usize) {
        for entry in std::mem::take(&mut self.condition_loops) {
            let mut made = Vec::new();
            // A loop that cannot be told leaves its conditions missing, and so whatever hangs on them unknown.
            if self.unroll(&entry, depth, &mut made).is_ok() {
                self.conditions.extend(made.into_iter().map(|entry| (entry.name, entry.value)));
            }
        }
    }

    /// Whether a named condition holds.
    pub fn condition(&mut self, name: &str, depth: usize) -> Decision {
        match self.decided.get(name) {
            Some(Some(decision)) => return decision.clone(),
            Some(None) => return Err(Unknown::Invalid("the condition leads back to itself".into())),
            None => {}
        }
        self.settle_conditions(depth);
        let Some(condition) = self.conditions.get(name).cloned() else {
            return Err(Unknown::Missing(format!("Conditions.{name}").into()));
        };
        self.decided.insert(name.into(), None);
        let decision = self.decide_value(&condition, depth + 1);
        self.decided.insert(name.into(), Some(decision.clone()));
        decision
    }

    fn decide_value(&mut self, value: &Value, depth: usize) -> Decision {
        if depth > MAX_DEPTH {
            return Err(Unknown::NotEvaluated("nesting this deep".into()));
        }
        if let Some(Data::Object(entries)) = value.known()
            && let [only] = &**entries
        {
            return self.decide(&only.name, &only.value, depth);
        }
        let value = self.evaluate(value, depth);
        match value.known().map(Data::to_boolean) {
            Some(Some(decision)) => Ok(decision),
            _ => Err(why_of(&value, || Unknown::Invalid("a condition that is neither true nor false".into()))),
        }
    }

    pub(super) fn decide(&mut self, function: &str, argument: &Value, depth: usize) -> Decision {
        match (function, argument.known()) {
            ("Condition", Some(Data::Text(name))) => self.condition(name, depth),
            ("Fn::Not", Some(Data::List(items))) => match &**items {
                [only] => self.decide_value(only, depth + 1).map(|decision| !decision),
                _ => Err(invalid("Fn::Not")),
            },
            ("Fn::And", Some(Data::List(items))) => self.all(items, true, depth),
            ("Fn::Or", Some(Data::List(items))) => self.all(items, false, depth),
            ("Fn::Equals", Some(Data::List(items))) => match &**items {
                [left, right] => {
                    let (left, right) = (self.evaluate(left, depth), self.evaluate(right, depth));
                    equal(&left, &right)
                }
                _ => Err(invalid("Fn::Equals")),
            },
            _ => Err(Unknown::NotEvaluated(format!("`{function}` in a condition").into())),
        }
    }

    /// `Fn::And` (`wanted` is true) and `Fn::Or` (false): one member of the other kind decides.
    fn all(&mut self, items: &[Value], wanted: bool, depth: usize) -> Decision {
        let mut why = None;
        for item in items {
            match self.decide_value(item, depth + 1) {
                Ok(decision) if decision != wanted => return Ok(!wanted),
                Ok(_) => {}
                Err(unknown) => why = why.or(Some(unknown)),
            }
        }
        why.map_or(Ok(wanted), Err)
    }
}

/// `Fn::Equals` compares texts.
fn equal(left: &Value, right: &Value) -> Decision {
    match (left.known().and_then(Data::to_text), right.known().and_then(Data::to_text)) {
        (Some(left), Some(right)) => Ok(left == right),
        (None, _) => Err(why_of(left, || invalid("Fn::Equals"))),
        (_, None) => Err(why_of(right, || invalid("Fn::Equals"))),
    }
}

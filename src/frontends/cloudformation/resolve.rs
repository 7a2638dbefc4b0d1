//! CloudFormation's intrinsic functions: `Ref`, `Fn::GetAtt`, `Fn::Sub`, conditions and the rest, on data that
//! [`super::super::document`] has read. Called by this frontend's lowering and, for what stands in serverless.yml, by
//! the serverless frontend.

use super::exchange;
use crate::frontends::document::{TextBudget, assemble, pieces_of};
use crate::source::Span;
use crate::value::{Data, Entry, How, Origin, Part, Reference, Resolved, Sourced, Unknown, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Nesting of functions and of conditions that name conditions.
const MAX_DEPTH: usize = 210;
/// Values that one unit may resolve to; aliases can make a small file very large.
const MAX_VALUES: usize = 2_000_000;

/// The type of a parameter that is one text in the parameter store.
const STORED_TEXT: &str = "AWS::SSM::Parameter::Value<String>";

/// A condition, or why it cannot be decided.
type Decision = Result<bool, Unknown>;

struct Parameter {
    default: Option<Value>,
    kind: Arc<str>,
}

/// What the intrinsic functions of one template refer to.
#[derive(Default)]
pub(crate) struct Template {
    parameters: HashMap<Arc<str>, Parameter>,
    conditions: HashMap<Arc<str>, Value>,
    decided: HashMap<Arc<str>, Option<Decision>>,
    /// By the names of the mapping and of its two levels.
    mappings: HashMap<[Arc<str>; 3], Value>,
    region: Option<Arc<str>>,
    /// The name of the stack, where it is known.
    stack: Option<Arc<str>>,
    texts: TextBudget,
    values: usize,
}

fn object(entries: &[Entry]) -> impl Iterator<Item = (&Arc<str>, &Value)> {
    entries.iter().map(|entry| (&entry.name, &entry.value))
}

/// The entries of an object; nothing for anything else.
fn entries_of(value: Option<&Value>) -> &[Entry] {
    match value.and_then(Value::known) {
        Some(Data::Object(entries)) => entries,
        _ => &[],
    }
}

impl Template {
    /// Takes the sections that functions refer to from the top of a template.
    pub fn new(document: &Value, region: Option<&str>) -> Self {
        let mut template = Self { region: region.map(Into::into), ..Self::default() };
        template.add(document);
        template
    }

    /// Adds the sections of a further document, for templates that are put together from several.
    pub fn add(&mut self, document: &Value) {
        for (name, parameter) in object(entries_of(document.get("Parameters"))) {
            let kind = parameter.get("Type").and_then(|kind| kind.known()?.to_text()).unwrap_or_default();
            let default = parameter.get("Default").cloned();
            self.parameters.insert(name.clone(), Parameter { default, kind });
        }
        for (name, condition) in object(entries_of(document.get("Conditions"))) {
            self.conditions.insert(name.clone(), condition.clone());
        }
        for (name, mapping) in object(entries_of(document.get("Mappings"))) {
            for (top, row) in object(entries_of(Some(mapping))) {
                for (second, value) in object(entries_of(Some(row))) {
                    self.mappings.insert([name.clone(), top.clone(), second.clone()], value.clone());
                }
            }
        }
    }

    /// Sets the name that the stack is known to get.
    pub fn set_stack(&mut self, name: Option<Arc<str>>) {
        self.stack = name;
    }

    /// The name of the stack, where it is known.
    pub fn stack(&self) -> Option<Arc<str>> {
        self.stack.clone()
    }

    /// The value with every function in it evaluated.
    pub fn resolve(&mut self, value: &Value) -> Value {
        self.evaluate(value, 0)
    }

    fn evaluate(&mut self, value: &Value, depth: usize) -> Value {
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            let why = Unknown::NotEvaluated("a template this large".into());
            return Sourced::unknown(why, value.origin.clone());
        }
        match value.known() {
            Some(Data::List(items)) => {
                let items = items.iter().map(|item| self.evaluate(item, depth + 1));
                // `AWS::NoValue` takes an element out of a list.
                let kept = items.filter(|item| item.known() != Some(&Data::Null)).collect();
                Sourced::new(Data::List(kept), value.origin.clone())
            }
            Some(Data::Object(entries)) => match &**entries {
                [only] if is_function(&only.name) => self.function(&only.name, &only.value, &value.origin, depth + 1),
                all => self.plain_object(all, &value.origin, depth),
            },
            _ => exchange::with_dynamic(value.clone(), &mut self.texts),
        }
    }

    fn plain_object(&mut self, entries: &[Entry], origin: &Origin, depth: usize) -> Value {
        if entries.iter().any(|entry| &*entry.name == "Fn::Transform") {
            return Sourced::unknown(Unknown::NotEvaluated("`Fn::Transform`".into()), origin.clone());
        }
        let entries = entries
            .iter()
            .map(|entry| Entry { value: self.evaluate(&entry.value, depth + 1), ..entry.clone() })
            .collect();
        Sourced::new(Data::Object(entries), origin.clone())
    }

    fn function(&mut self, name: &str, argument: &Value, origin: &Origin, depth: usize) -> Value {
        let unknown = |why: Unknown| Sourced::unknown(why, origin.clone());
        match name {
            "Ref" => match argument.known().and_then(Data::to_text) {
                Some(target) => self.reference(&target, origin),
                None => unknown(Unknown::Invalid("`Ref` without a name".into())),
            },
            "Fn::GetAtt" => {
                let argument = self.evaluate(argument, depth);
                attribute(&argument, origin)
            }
            "Fn::Sub" => self.substitute(argument, origin, depth),
            "Fn::Join" => {
                let argument = self.evaluate(argument, depth);
                self.join(&argument, origin)
            }
            "Fn::If" => self.choose(argument, origin, depth),
            "Fn::FindInMap" => {
                let argument = self.evaluate(argument, depth);
                self.find_in_map(&argument, origin)
            }
            "Fn::Select" => {
                let argument = self.evaluate(argument, depth);
                select(&argument, origin)
            }
            "Fn::Split" => {
                let argument = self.evaluate(argument, depth);
                split(&argument, origin)
            }
            "Fn::ImportValue" => {
                let argument = self.evaluate(argument, depth);
                exchange::imported(&argument, origin)
            }
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => match self.decide(name, argument, depth) {
                Ok(decision) => Sourced::new(Data::Boolean(decision), origin.clone()),
                Err(why) => unknown(why),
            },
            "Fn::GetAZs" => unknown(Unknown::AtDeployment("Fn::GetAZs".into())),
            _ => unknown(Unknown::NotEvaluated(format!("`{name}`").into())),
        }
    }

    /// `Ref`, and a name inside `Fn::Sub`.
    fn reference(&self, name: &str, origin: &Origin) -> Value {
        let site = origin.site();
        if let Some(parameter) = self.parameters.get(name) {
            return parameter_value(name, parameter, site);
        }
        match name {
            "AWS::NoValue" => Sourced::new(Data::Null, origin.clone()),
            "AWS::Region" if self.region.is_some() => {
                let region = self.region.clone().unwrap_or_default();
                Sourced::new(Data::Text(region), Origin::new(How::VariableSet("AWS::Region".into()), site))
            }
            "AWS::StackName" if self.stack.is_some() => {
                let stack = self.stack.clone().unwrap_or_default();
                Sourced::new(Data::Text(stack), Origin::new(How::Computed, site))
            }
            _ if name.starts_with("AWS::") => Sourced::unknown(Unknown::AtDeployment(name.into()), origin.clone()),
            _ => {
                let reference = Reference { address: name.into(), attribute: "".into() };
                Sourced::new(Data::Reference(reference), origin.clone())
            }
        }
    }

    /// `Fn::Sub`: a text, or a text and names of its own.
    fn substitute(&mut self, argument: &Value, origin: &Origin, depth: usize) -> Value {
        let (text, names) = match argument.known() {
            Some(Data::List(items)) => (items.first(), items.get(1)),
            _ => (Some(argument), None),
        };
        let text = text.map(|text| self.evaluate(text, depth));
        let own: HashMap<Arc<str>, Value> =
            object(entries_of(names)).map(|(name, value)| (name.clone(), self.evaluate(value, depth))).collect();
        let Some(text) = text else {
            return Sourced::unknown(invalid("Fn::Sub"), origin.clone());
        };
        let origin = Origin::new(How::Computed, text.origin.written_at().or(origin.site()));
        // The text may have gaps already, where serverless.yml has put in what it does not know.
        let mut pieces = Vec::new();
        for part in pieces_of(&text) {
            let Part::Text(known) = part else {
                pieces.push(part);
                continue;
            };
            for piece in sub_pieces(&known) {
                match piece {
                    SubPiece::Text(text) => pieces.push(Part::Text(text.into())),
                    SubPiece::Name(name) => match own.get(name) {
                        Some(value) => pieces.extend(pieces_of(value)),
                        None => pieces.extend(pieces_of(&self.sub_name(name, &origin))),
                    },
                }
            }
        }
        let text = assemble(pieces, origin, &mut self.texts);
        exchange::with_dynamic(text, &mut self.texts)
    }

    fn sub_name(&self, name: &str, origin: &Origin) -> Value {
        match name.split_once('.') {
            Some((address, attribute)) if !self.parameters.contains_key(name) => {
                let reference = Reference { address: address.into(), attribute: attribute.into() };
                Sourced::new(Data::Reference(reference), origin.clone())
            }
            _ => self.reference(name, origin),
        }
    }

    fn join(&mut self, argument: &Value, origin: &Origin) -> Value {
        let unknown = |why: Unknown| Sourced::unknown(why, origin.clone());
        let Some(Data::List(parts)) = argument.known() else { return unknown(invalid("Fn::Join")) };
        let [separator, items] = &**parts else { return unknown(invalid("Fn::Join")) };
        let separator = pieces_of(separator);
        let Some(Data::List(items)) = items.known() else {
            return unknown(why_of(items, || invalid("Fn::Join")));
        };
        let mut pieces = Vec::new();
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                pieces.extend(separator.iter().cloned());
            }
            pieces.extend(pieces_of(item));
        }
        let origin = Origin::new(How::Computed, origin.site());
        assemble(pieces, origin, &mut self.texts)
    }

    fn choose(&mut self, argument: &Value, origin: &Origin, depth: usize) -> Value {
        let unknown = |why: Unknown| Sourced::unknown(why, origin.clone());
        let Some(Data::List(parts)) = argument.known() else { return unknown(invalid("Fn::If")) };
        let [condition, then, otherwise] = &**parts else { return unknown(invalid("Fn::If")) };
        let Some(name) = condition.known().and_then(Data::to_text) else { return unknown(invalid("Fn::If")) };
        let branch = match self.condition(&name, depth) {
            Ok(true) => then,
            Ok(false) => otherwise,
            Err(why) => return unknown(why),
        };
        let chosen = self.evaluate(branch, depth);
        match chosen.known() {
            // The parts of a block are where they are; only a single value needs to say how it was chosen.
            Some(Data::Object(_) | Data::List(_)) => chosen,
            _ => chosen.via(How::Reference(format!("Fn::If {name}").into()), origin.site()),
        }
    }

    fn find_in_map(&self, argument: &Value, origin: &Origin) -> Value {
        let unknown = |why: Unknown| Sourced::unknown(why, origin.clone());
        let Some(Data::List(parts)) = argument.known() else { return unknown(invalid("Fn::FindInMap")) };
        let mut keys = Vec::new();
        for part in parts.iter().take(3) {
            match part.known().and_then(Data::to_text) {
                Some(key) => keys.push(key),
                None => return unknown(why_of(part, || invalid("Fn::FindInMap"))),
            }
        }
        let Ok(keys) = <[Arc<str>; 3]>::try_from(keys) else { return unknown(invalid("Fn::FindInMap")) };
        let path = keys.join(".");
        let found = self.mappings.get(&keys);
        match found {
            Some(value) => value.clone().via(How::Reference(format!("Fn::FindInMap {path}").into()), origin.site()),
            None => unknown(Unknown::Missing(path.into())),
        }
    }

    /// Whether a named condition holds.
    pub fn condition(&mut self, name: &str, depth: usize) -> Decision {
        match self.decided.get(name) {
            Some(Some(decision)) => return decision.clone(),
            Some(None) => return Err(Unknown::Invalid("the condition leads back to itself".into())),
            None => {}
        }
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

    fn decide(&mut self, function: &str, argument: &Value, depth: usize) -> Decision {
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

/// Whether an object with this single key is a call.
fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::") && !name.starts_with("Fn::ForEach")
}

fn invalid(function: &str) -> Unknown {
    Unknown::Invalid(format!("`{function}` with arguments that it does not take").into())
}

fn why_of(value: &Value, otherwise: impl FnOnce() -> Unknown) -> Unknown {
    match &value.value {
        Resolved::Unknown(why) => why.clone().computed(),
        Resolved::Known(data) => data.why_open().unwrap_or_else(otherwise),
    }
}

/// The default of a parameter. A default that names a parameter of the parameter store is not the value.
fn parameter_value(name: &str, parameter: &Parameter, site: Option<Span>) -> Value {
    let reference = How::Reference(format!("Ref {name}").into());
    let Some(default) = &parameter.default else {
        return Sourced::unknown(Unknown::NoDefault(name.into()), Origin::new(reference, site));
    };
    if parameter.kind.starts_with("AWS::SSM::Parameter::Value") {
        let stored = exchange::stored(default, name.into(), site).filter(|_| &*parameter.kind == STORED_TEXT);
        let unknown = || Sourced::unknown(Unknown::AtDeployment(name.into()), Origin::new(reference, site));
        return stored.unwrap_or_else(unknown);
    }
    let origin = Origin::new(How::VariableDefault(name.into()), default.origin.written_at()).via(reference, site);
    let is_list = parameter.kind.starts_with("List<") || &*parameter.kind == "CommaDelimitedList";
    match default.known() {
        Some(Data::Text(text)) if is_list => {
            let items = text.split(',').map(|item| Sourced::new(Data::Text(item.trim().into()), origin.clone()));
            Sourced::new(Data::List(items.collect()), origin.clone())
        }
        _ => Sourced { value: default.value.clone(), origin },
    }
}

/// `Fn::GetAtt`, as `Name.Attribute` or as a list of both.
fn attribute(argument: &Value, origin: &Origin) -> Value {
    let text = |value: &Value| value.known().and_then(Data::to_text);
    let found = match argument.known() {
        Some(Data::Text(path)) => path.split_once('.').map(|(address, rest)| (address.into(), rest.into())),
        Some(Data::List(items)) => match &**items {
            [address, rest @ ..] => {
                let rest: Option<Vec<Arc<str>>> = rest.iter().map(text).collect();
                text(address).zip(rest.map(|rest| rest.join(".").into()))
            }
            [] => None,
        },
        _ => None,
    };
    match found {
        Some((address, attribute)) => Sourced::new(Data::Reference(Reference { address, attribute }), origin.clone()),
        None => Sourced::unknown(why_of(argument, || invalid("Fn::GetAtt")), origin.clone()),
    }
}

fn select(argument: &Value, origin: &Origin) -> Value {
    let unknown = |why: Unknown| Sourced::unknown(why, origin.clone());
    let Some(Data::List(parts)) = argument.known() else { return unknown(invalid("Fn::Select")) };
    let [index, items] = &**parts else { return unknown(invalid("Fn::Select")) };
    let Some(index) = index.known().and_then(Data::to_number) else {
        return unknown(why_of(index, || invalid("Fn::Select")));
    };
    match items.known() {
        Some(Data::List(items)) if index >= 0.0 => match items.get(index as usize) {
            Some(item) => item.clone(),
            None => unknown(invalid("Fn::Select")),
        },
        _ => unknown(why_of(items, || invalid("Fn::Select"))),
    }
}

fn split(argument: &Value, origin: &Origin) -> Value {
    let unknown = |why: Unknown| Sourced::unknown(why, origin.clone());
    let Some(Data::List(parts)) = argument.known() else { return unknown(invalid("Fn::Split")) };
    let [separator, text] = &**parts else { return unknown(invalid("Fn::Split")) };
    match (separator.known(), text.known()) {
        (Some(Data::Text(separator)), Some(Data::Text(text))) if !separator.is_empty() => {
            let items = text.split(&**separator).map(|item| Sourced::new(Data::Text(item.into()), origin.clone()));
            Sourced::new(Data::List(items.collect()), origin.clone())
        }
        _ => unknown(why_of(text, || invalid("Fn::Split"))),
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

enum SubPiece<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// The pieces of a `Fn::Sub` text; `${!Name}` stands for `${Name}` itself.
fn sub_pieces(text: &str) -> Vec<SubPiece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        if start > 0 {
            pieces.push(SubPiece::Text(&rest[..start]));
        }
        let name = &rest[start + 2..start + length];
        match name.strip_prefix('!') {
            Some(literal) => {
                pieces.extend([SubPiece::Text("${"), SubPiece::Text(literal), SubPiece::Text("}")]);
            }
            None => pieces.push(SubPiece::Name(name.trim())),
        }
        rest = &rest[start + length + 1..];
    }
    if !rest.is_empty() {
        pieces.push(SubPiece::Text(rest));
    }
    pieces
}

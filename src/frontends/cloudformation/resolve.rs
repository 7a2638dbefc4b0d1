//! CloudFormation's intrinsic functions: `Ref`, `Fn::GetAtt`, `Fn::Sub`, conditions and the rest, on data that
//! [`super::super::document`] has read. Called by this frontend's lowering and, for what stands in serverless.yml, by
//! the serverless frontend.

mod conditions;
mod lists;
mod macros;
mod names;
mod nested;
mod parameters;
mod repeat;

use super::exchange;
use super::stacks::Stack;
use crate::frontends::document::{TextBudget, assemble, pieces_of};
use crate::frontends::json_text::json_of;
use crate::source::Span;
use crate::value::{Data, Entry, How, Origin, Part, Reference, Resolved, Sourced, Unknown, Value};
use base64::Engine;
use macros::TRANSFORM;
pub(super) use names::{SubPiece, sub_pieces};
use nested::Nested;
use parameters::Parameter;
pub(super) use repeat::is_loop;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Nesting of functions, of conditions that name conditions, and of stacks that ask each other for outputs.
const MAX_DEPTH: usize = 210;
/// Values that one unit may resolve to; aliases can make a small file very large.
const MAX_VALUES: usize = 2_000_000;

/// A condition, or why it cannot be decided.
type Decision = Result<bool, Unknown>;

/// What the intrinsic functions of one template refer to.
#[derive(Default)]
pub(crate) struct Template {
    /// What stands before the addresses of its resources: the names of the stacks that it is nested in.
    prefix: Arc<str>,
    parameters: HashMap<Arc<str>, Parameter>,
    conditions: HashMap<Arc<str>, Value>,
    /// Loops among the conditions and among the outputs, until someone asks for one of these.
    condition_loops: Vec<Entry>,
    output_loops: Vec<Entry>,
    decided: HashMap<Arc<str>, Option<Decision>>,
    /// By the names of the mapping and of its two levels.
    mappings: HashMap<[Arc<str>; 3], Value>,
    outputs: HashMap<Arc<str>, Value>,
    /// What the template was made of, if it is the one of a stack.
    document: Option<Value>,
    /// What `AWS::Include` brings in, by where it lies.
    included: HashMap<Arc<str>, Value>,
    is_including: bool,
    nested: BTreeMap<Arc<str>, Nested>,
    region: Option<Arc<str>>,
    /// The name of the stack, where it is known.
    stack: Option<Arc<str>>,
    texts: TextBudget,
    values: usize,
    copies: usize,
    /// What could not be told about sections as a whole: where, what, and why.
    remarks: Vec<Remark>,
}

/// Something about a section that a reader may want to know.
pub(crate) struct Remark {
    /// Where.
    pub span: Span,
    /// What it is about.
    pub about: Arc<str>,
    /// Why it is not known.
    pub why: Unknown,
}

fn object(entries: &[Entry]) -> impl Iterator<Item = (&Arc<str>, &Value)> {
    entries.iter().map(|entry| (&entry.name, &entry.value))
}

/// The entries of an object; nothing for anything else.
fn entries_of(value: Option<&Value>) -> &[Entry] {
    value.and_then(object_of).unwrap_or_default()
}

/// The entries of an object; `None` for anything else.
fn object_of(value: &Value) -> Option<&[Entry]> {
    match value.known() {
        Some(Data::Object(entries)) => Some(entries),
        _ => None,
    }
}

/// The loops of a section, and its other entries by name.
fn loops_and_others(section: Option<&Value>) -> (Vec<Entry>, Vec<(Arc<str>, Value)>) {
    let (loops, others): (Vec<Entry>, Vec<Entry>) =
        entries_of(section).iter().cloned().partition(|entry| is_loop(&entry.name));
    (loops, others.into_iter().map(|entry| (entry.name, entry.value)).collect())
}

impl Template {
    /// Takes the sections that functions refer to from the top of a template.
    pub fn new(document: &Value, region: Option<&str>) -> Self {
        let mut template = Self { region: region.map(Into::into), ..Self::default() };
        template.add(document);
        template
    }

    /// A template with the stacks that it nests. `prefix` stands before the addresses of its resources.
    pub(super) fn of_stack(stack: Stack, prefix: Arc<str>, region: Option<&str>) -> Self {
        let mut template = Self { prefix, included: stack.included, ..Self::new(&stack.document, region) };
        template.document = Some(stack.document);
        template.nested = stack.nested.into_iter().map(|call| (call.name.clone(), Nested::of(call))).collect();
        template
    }

    /// Adds the sections of a further document, for templates that are put together from several.
    pub fn add(&mut self, document: &Value) {
        for (name, parameter) in object(entries_of(document.get("Parameters"))) {
            let kind = parameter.get("Type").and_then(|kind| kind.known()?.to_text()).unwrap_or_default();
            let default = parameter.get("Default").cloned();
            self.parameters.insert(name.clone(), Parameter { default, kind, set: None });
        }
        let (loops, conditions) = loops_and_others(document.get("Conditions"));
        self.condition_loops.extend(loops);
        self.conditions.extend(conditions);
        let (loops, outputs) = loops_and_others(document.get("Outputs"));
        self.output_loops.extend(loops);
        self.outputs.extend(outputs);
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
        let mut all = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Err(why) = self.add_evaluated(entry, depth, &mut all) {
                return Sourced::unknown(why, origin.clone());
            }
        }
        Sourced::new(Data::Object(all.into()), origin.clone())
    }

    /// Adds an entry of an object, or what a loop or a macro in its place stands for.
    fn add_evaluated(&mut self, entry: &Entry, depth: usize, into: &mut Vec<Entry>) -> Result<(), Unknown> {
        if &*entry.name == TRANSFORM {
            let value = self.evaluate_included(&entry.value, depth)?;
            into.extend_from_slice(object_of(&value).ok_or_else(|| why_of(&value, || invalid(TRANSFORM)))?);
            return Ok(());
        }
        if !is_loop(&entry.name) {
            into.push(Entry { value: self.evaluate(&entry.value, depth + 1), ..entry.clone() });
            return Ok(());
        }
        let mut made = Vec::new();
        self.unroll(entry, depth, &mut made)?;
        into.extend(made.into_iter().map(|entry| Entry { value: self.evaluate(&entry.value, depth + 1), ..entry }));
        Ok(())
    }

    /// The entries of a section, with what loops and includes among them stand for. What cannot be told is remarked.
    pub fn section(&mut self, section: &Value) -> Vec<Entry> {
        let mut all = Vec::new();
        for entry in entries_of(Some(section)) {
            let added = match &*entry.name {
                TRANSFORM => self.included(&entry.value).map(|value| all.extend_from_slice(entries_of(Some(&value)))),
                _ => self.unroll(entry, 0, &mut all),
            };
            if let (Err(why), Some(span)) = (added, entry.key) {
                self.remarks.push(Remark { span, about: entry.name.clone(), why });
            }
        }
        all
    }

    /// Remarks so far, which are taken away.
    pub fn take_remarks(&mut self) -> Vec<Remark> {
        std::mem::take(&mut self.remarks)
    }

    /// Adds the remarks on a nested stack.
    pub fn add_remarks(&mut self, remarks: Vec<Remark>) {
        self.remarks.extend(remarks);
    }

    /// Leaves a resource out whose condition is false; a nested stack goes with all that is in it.
    pub fn leave_out(&mut self, name: &str) {
        self.nested.remove(name);
    }

    /// A section as it is written, if the template is the one of a stack.
    pub fn own(&self, section: &str) -> Option<&Value> {
        self.document.as_ref()?.get(section)
    }

    /// A section of `Globals` as it is written.
    pub fn globals(&self, section: &str) -> Option<&Value> {
        let globals = self.own("Globals")?;
        // A macro may bring in any of them.
        if globals.get(TRANSFORM).is_some() { Some(globals) } else { globals.get(section) }
    }

    /// The address of a resource of this template within the unit.
    pub fn address(&self, name: &str) -> Arc<str> {
        if self.prefix.is_empty() { name.into() } else { format!("{}{name}", self.prefix).into() }
    }

    fn function(&mut self, name: &str, argument: &Value, origin: &Origin, depth: usize) -> Value {
        let unknown = |why: Unknown| Sourced::unknown(why, origin.clone());
        match name {
            "Ref" => {
                let target = self.evaluate(argument, depth);
                match target.known().and_then(Data::to_text) {
                    Some(target) => self.reference(&target, origin),
                    None => unknown(why_of(&target, || Unknown::Invalid("`Ref` without a name".into()))),
                }
            }
            "Fn::GetAtt" => {
                let argument = self.evaluate(argument, depth);
                match attribute(&argument) {
                    Some((name, attribute)) => self.attribute_of(&name, &attribute, origin, depth),
                    None => unknown(why_of(&argument, || invalid("Fn::GetAtt"))),
                }
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
            "Fn::Select" | "Fn::Split" | "Fn::Length" | "Fn::Cidr" => {
                let argument = self.evaluate(argument, depth);
                match name {
                    "Fn::Select" => lists::select(&argument, origin),
                    "Fn::Split" => lists::split(&argument, origin),
                    "Fn::Length" => lists::length(&argument, origin),
                    _ => lists::ranges(&argument, origin),
                }
            }
            "Fn::Base64" => {
                let argument = self.evaluate(argument, depth);
                match argument.known() {
                    Some(Data::Text(text)) => {
                        let encoded = base64::engine::general_purpose::STANDARD.encode(&**text);
                        let origin = Origin::new(How::Computed, origin.site());
                        assemble(vec![Part::Text(encoded.into())], origin, &mut self.texts)
                    }
                    // An encoded text with gaps cannot be told, but what was encoded can.
                    Some(Data::Template(_)) => argument,
                    _ => unknown(why_of(&argument, || invalid("Fn::Base64"))),
                }
            }
            "Fn::ToJsonString" => {
                let argument = self.evaluate(argument, depth);
                assemble(json_of(&argument), Origin::new(How::Computed, origin.site()), &mut self.texts)
            }
            TRANSFORM => self.evaluate_included(argument, depth).unwrap_or_else(unknown),
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
        if let Some(value) = self.parameter(name, site) {
            return value;
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
                let reference = Reference { address: self.address(name), attribute: "".into() };
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
                        None => pieces.extend(pieces_of(&self.sub_name(name, &origin, depth))),
                    },
                }
            }
        }
        let text = assemble(pieces, origin, &mut self.texts);
        exchange::with_dynamic(text, &mut self.texts)
    }

    fn sub_name(&mut self, name: &str, origin: &Origin, depth: usize) -> Value {
        match name.split_once('.') {
            Some((name, attribute)) if !self.parameters.contains_key(name) => {
                self.attribute_of(name, attribute, origin, depth)
            }
            _ => self.reference(name, origin),
        }
    }

    /// An attribute of a resource; of a nested stack, the value of an output.
    fn attribute_of(&mut self, name: &str, attribute: &str, origin: &Origin, depth: usize) -> Value {
        match attribute.strip_prefix("Outputs.") {
            Some(output) if self.nested.contains_key(name) => self.output_of(name, output, origin, depth),
            _ => {
                let reference = Reference { address: self.address(name), attribute: attribute.into() };
                Sourced::new(Data::Reference(reference), origin.clone())
            }
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
        let text = assemble(pieces, origin, &mut self.texts);
        exchange::with_dynamic(text, &mut self.texts)
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
        let default = || parts.get(3).and_then(|options| options.get("DefaultValue"));
        let step = || How::Reference(format!("Fn::FindInMap {path}").into());
        match self.mappings.get(&keys) {
            Some(value) => exchange::with_dynamic(value.clone().via(step(), origin.site()), &mut TextBudget::default()),
            None => match default() {
                Some(default) => default.clone().via(step(), origin.site()),
                None => unknown(Unknown::Missing(path.into())),
            },
        }
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
}

/// Whether a value is the call of a function.
pub(super) fn is_call(value: &Value) -> bool {
    matches!(object_of(value), Some([only]) if is_function(&only.name))
}

/// Whether an object with this single key is a call.
fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::") && !is_loop(name)
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

/// The name and the attribute of `Fn::GetAtt`, as `Name.Attribute` or as a list of both.
fn attribute(argument: &Value) -> Option<(Arc<str>, Arc<str>)> {
    let text = |value: &Value| value.known().and_then(Data::to_text);
    match argument.known()? {
        Data::Text(path) => path.split_once('.').map(|(name, rest)| (name.into(), rest.into())),
        Data::List(items) => {
            let (name, rest) = items.split_first()?;
            let rest: Option<Vec<Arc<str>>> = rest.iter().map(text).collect();
            Some((text(name)?, rest?.join(".").into()))
        }
        _ => None,
    }
}

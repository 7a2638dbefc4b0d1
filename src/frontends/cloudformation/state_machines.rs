//! State machines: what their definition calls, be it written out, a text, or a file beside the template.

use super::files;
use super::lower::Lowering;
use super::resolve::{SubPiece, sub_pieces};
use crate::frontends::document::{TextBudget, assemble, pieces_of};
use crate::frontends::json_text::json_with_gaps;
use crate::frontends::resource::Resource;
use crate::frontends::states;
use crate::frontends::triggers::always_on;
use crate::model::TriggerKind;
use crate::value::{Data, Entry, Part, Sourced, Value, View};

impl Lowering<'_> {
    pub(super) fn state_machine(&mut self, resource: &Resource) {
        let view = resource.view();
        let definition = self.state_definition(resource);
        let identity = resource.identity(self.unit, view.first(&["StateMachineName", "Name"]).text());
        let kind = view.first(&["StateMachineType", "Type"]);
        let machine = states::machine(identity, kind, definition.as_ref(), |call| call);
        self.declarations.state_machines.push(machine);
        if let Some(definition) = definition {
            for call in states::calls(&definition) {
                let kind = call.kind();
                self.trigger(call.span.unwrap_or(resource.span), call.call, always_on(), kind);
            }
            return;
        }
        for (entry, value) in view.get("DefinitionSubstitutions").entries() {
            if let Some(value) = value.value().filter(|value| matches!(value.known(), Some(Data::Reference(_)))) {
                let span = entry.key.unwrap_or(resource.span);
                // The definition is elsewhere: what it does about failures is not held against the function.
                self.trigger(span, value.clone(), always_on(), TriggerKind::Orchestrator { retries: true });
            }
        }
    }

    /// The definition, with what it is told about the template; nothing where it lies elsewhere.
    fn state_definition(&mut self, resource: &Resource) -> Option<Value> {
        let view = resource.view();
        let mut substitutions =
            Substitutions { names: view.get("DefinitionSubstitutions"), texts: TextBudget::default() };
        let written = view.first(&["Definition", "DefinitionString"]);
        if let Some(written) = written.value() {
            return written.known().map(|_| substitutions.fill(written));
        }
        let path = view.first(&files::DEFINITION_PATHS).known_text().filter(|path| files::is_local(path))?;
        match files::data(self.workspace, resource.span.file, &path) {
            Ok(definition) => Some(substitutions.fill(&definition)),
            Err(why) => {
                let filled = self.filled_before_it_is_read(resource, &path, &mut substitutions);
                if filled.is_none() {
                    self.remark(resource.span, &format!("the definition of `{}`", resource.label), &why);
                }
                filled
            }
        }
    }

    /// A definition that is only JSON once it is filled in, as with `"TimeoutSeconds": ${Seconds}`.
    fn filled_before_it_is_read(
        &self,
        resource: &Resource,
        path: &str,
        substitutions: &mut Substitutions<'_>,
    ) -> Option<Value> {
        let (text, place) = files::text(self.workspace, resource.span.file, path)?;
        json_with_gaps(&substitutions.pieces(&text), place)
    }
}

/// What `${Name}` in a definition stands for.
struct Substitutions<'v> {
    names: View<'v>,
    texts: TextBudget,
}

impl Substitutions<'_> {
    /// A definition with its names filled in.
    fn fill(&mut self, value: &Value) -> Value {
        if self.names.is_absent() {
            return value.clone();
        }
        let data = match value.known() {
            Some(Data::Text(text)) if text.contains("${") => {
                return assemble(self.pieces(text), value.origin.clone(), &mut self.texts);
            }
            Some(Data::Template(parts)) => {
                let pieces = parts.iter().flat_map(|part| match part {
                    Part::Text(text) => self.pieces(text),
                    other => vec![other.clone()],
                });
                let pieces = pieces.collect();
                return assemble(pieces, value.origin.clone(), &mut self.texts);
            }
            Some(Data::List(items)) => Data::List(items.iter().map(|item| self.fill(item)).collect()),
            Some(Data::Object(entries)) => Data::Object(
                entries.iter().map(|entry| Entry { value: self.fill(&entry.value), ..entry.clone() }).collect(),
            ),
            _ => return value.clone(),
        };
        Sourced::new(data, value.origin.clone())
    }

    /// The pieces of a text. A name that nothing is said about stays as it is.
    fn pieces(&self, text: &str) -> Vec<Part> {
        let mut pieces = Vec::new();
        for piece in sub_pieces(text) {
            match piece {
                SubPiece::Text(text) => pieces.push(Part::Text(text.into())),
                SubPiece::Name(name) => match self.value_of(name) {
                    Some(known) => pieces.extend(known),
                    None => pieces.push(Part::Text(format!("${{{name}}}").into())),
                },
            }
        }
        pieces
    }

    fn value_of(&self, name: &str) -> Option<Vec<Part>> {
        let value = self.names.find(name);
        value.value().map(pieces_of)
    }
}

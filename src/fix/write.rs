//! From operations to edits: each goes to the writer of its file's syntax.

use super::operation::Operation;
use super::place::Places;
use super::{Edit, New, hcl, json, yaml};
use crate::tree::{Kind, Syntax};

impl Places<'_> {
    /// The edits that operations take.
    pub fn write_all(&self, operations: &[Operation]) -> Result<Vec<Edit>, String> {
        let exchanged = self.exchange(operations);
        let (mut edits, done) = exchanged.map_or((Vec::new(), Vec::new()), |(edits, done)| (edits, done.to_vec()));
        for (_, operation) in operations.iter().enumerate().filter(|(index, _)| !done.contains(index)) {
            edits.extend(self.write(operation)?);
        }
        Ok(edits)
    }

    /// Where an object gets one entry and loses another one: the new one takes the place of the old one, with the comments
    /// that are there. The second part says which operations that are.
    fn exchange(&self, operations: &[Operation]) -> Option<(Vec<Edit>, [usize; 2])> {
        operations.iter().enumerate().find_map(|(new, operation)| {
            let Operation::Insert { at, object, entries } = operation else { return None };
            let [(name, value)] = entries.as_slice() else { return None };
            let is_single = matches!(value, New::Boolean(_) | New::Number(_) | New::Seconds(_) | New::Text(_));
            let syntax = self.syntax(at.file).ok().filter(|_| is_single)?;
            let object = self.tree(at.file).ok()?.node(*object);
            let body = match &object.node().kind {
                Kind::Block { body, .. } => *body,
                _ => object.id(),
            };
            let (old, key) = operations.iter().enumerate().find_map(|(old, operation)| match operation {
                Operation::Remove { at: place, object: of, key } if place.file == at.file && *of == body => {
                    Some((old, *key))
                }
                _ => None,
            })?;
            let (key, present) = object.entries().find(|(one, _)| one.id() == key)?;
            let edit = match syntax {
                Syntax::Yaml => yaml::replace(present, value, &self.layout(present.tree()).ok()?),
                Syntax::Hcl => hcl::replace(present, value),
                Syntax::Json | Syntax::TerraformJson => json::replace(present, value),
            };
            let renamed = match syntax {
                Syntax::Hcl => hcl::rename(key, name),
                _ => Edit { span: key.span(), text: key.slice().replacen(key.as_str()?, name, 1) },
            };
            Some((vec![renamed, edit.ok()?], [new, old]))
        })
    }

    /// The edits that an operation takes.
    fn write(&self, operation: &Operation) -> Result<Vec<Edit>, String> {
        let at = operation.place();
        let tree = self.tree(at.file)?;
        let syntax = self.syntax(at.file)?;
        match operation {
            Operation::Replace { node, value, .. } => {
                let node = tree.node(*node);
                one(match syntax {
                    Syntax::Yaml => yaml::replace(node, value, &self.layout(tree)?),
                    Syntax::Json | Syntax::TerraformJson => json::replace(node, value),
                    Syntax::Hcl => hcl::replace(node, value),
                })
            }
            Operation::Insert { object, entries, .. } => {
                let object = tree.node(*object);
                match syntax {
                    Syntax::Yaml => one(yaml::insert(object, entries, &self.layout(tree)?)),
                    Syntax::Json | Syntax::TerraformJson => json::insert(object, entries),
                    Syntax::Hcl => hcl::insert(object, entries),
                }
            }
            Operation::Remove { object, key, .. } => {
                let (object, key) = (tree.node(*object), tree.node(*key));
                match syntax {
                    Syntax::Yaml => yaml::remove(object, key),
                    Syntax::Json | Syntax::TerraformJson => json::remove(object, key),
                    Syntax::Hcl => hcl::remove(object, key),
                }
            }
            Operation::Push { list, items, .. } => {
                let list = tree.node(*list);
                one(match syntax {
                    Syntax::Yaml => yaml::push(list, items, &self.layout(tree)?),
                    Syntax::Json | Syntax::TerraformJson => json::push(list, items),
                    Syntax::Hcl => hcl::push(list, items),
                })
            }
            Operation::Append { at, entries } => {
                let text = match syntax {
                    Syntax::Yaml => format!("---\n{}", yaml::document(&New::Object(entries.clone()))),
                    Syntax::Hcl => format!("\n{}", hcl::blocks(entries)),
                    Syntax::Json | Syntax::TerraformJson => return Err("a file of JSON has one document".into()),
                };
                one(Ok(Edit { span: *at, text: behind(tree.text(), &text) }))
            }
            Operation::Create { .. } => Ok(Vec::new()),
            Operation::Text { at, text } => Ok(vec![Edit { span: *at, text: text.clone() }]),
        }
    }
}

/// What stands behind a text, in lines of their own that end as its lines do.
fn behind(text: &str, added: &str) -> String {
    let mut out = String::new();
    if !text.is_empty() && !text.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(added);
    let first = text.split_inclusive('\n').next();
    if first.is_some_and(|line| line.ends_with("\r\n")) { out.replace('\n', "\r\n") } else { out }
}

fn one(edit: Result<Edit, String>) -> Result<Vec<Edit>, String> {
    edit.map(|edit| vec![edit])
}

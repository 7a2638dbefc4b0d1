//! New resources of AWS, in whichever of its languages the file at hand is written: blocks of Terraform, or members of
//! `Resources`. Builders name properties as CloudFormation does; Terraform's provider spells nearly all of them alike.

use super::copy::{Entries, resource};
use super::folder::Taken;
use super::site::{Declaration, Site};
use crate::discover::FileKind;
use crate::fix::New;
use crate::fix::form::snake;
use crate::fix::operation::Operation;
use crate::source::SourceId;
use crate::tree::{NodeRef, Syntax};
use std::collections::HashSet;

/// A type of resource, as Terraform and as CloudFormation call it.
pub(super) type Type = [&'static str; 2];

/// Resources that are written together.
pub(super) struct Stack<'a> {
    pub site: Site<'a>,
    taken: Taken,
    resources: Entries,
    operations: Vec<Operation>,
}

impl<'a> Stack<'a> {
    /// Nothing yet, beside a resource.
    pub fn beside(site: Site<'a>) -> Result<Self, String> {
        if site.declaration == Declaration::Manifest {
            return Err("it is not declared in a language of AWS".into());
        }
        let taken = site.taken();
        Ok(Self { site, taken, resources: Vec::new(), operations: Vec::new() })
    }

    /// Whether it is Terraform's language.
    pub fn is_hcl(&self) -> bool {
        self.site.is_hcl()
    }

    /// One of two spellings of a thing: Terraform's or CloudFormation's.
    pub fn either<T>(&self, terraform: T, cloudformation: T) -> T {
        if self.is_hcl() { terraform } else { cloudformation }
    }

    /// A new name for a resource, after the one at hand: `nightly_failed`, `NightlyFailed`. Terraform's names are unique
    /// among those of a type, and so may do without what says which type it is.
    pub fn name(&mut self, types: Type, [terraform, template]: [&str; 2]) -> String {
        let label = self.site.label();
        if !self.is_hcl() {
            return self.taken.unique(&format!("{}{template}", pascal(label)), "");
        }
        let wanted = if terraform.is_empty() { label.to_string() } else { format!("{label}_{terraform}") };
        let mut taken = self.site.taken_of(types[0]);
        let written = self.resources.iter().filter_map(|(_, one)| match one {
            New::Block { labels, .. } if labels.first().is_some_and(|kind| kind == types[0]) => labels.get(1).cloned(),
            _ => None,
        });
        written.for_each(|name| taken.insert(name));
        taken.unique(&wanted, "_")
    }

    /// The name that a resource of Terraform gets on the platform: `nightly-failed`. CloudFormation makes names by itself.
    pub fn named(&self, types: Type, key: &str, name: &str) -> Entries {
        if !self.is_hcl() {
            return Vec::new();
        }
        let key_of_blocks = snake(key);
        let blocks = self.site.blocks_of(types[0]);
        let names = blocks.iter().filter_map(|block| block.get(&key_of_blocks)?.as_str());
        let name = unique(&names.collect(), &name.replace('_', "-"));
        vec![(key.to_string(), New::text(name))]
    }

    /// One more resource; keys as CloudFormation spells them.
    pub fn add(&mut self, types: Type, name: &str, body: Entries) {
        match self.is_hcl() {
            true => {
                let mut body = spelled(body);
                // What the provider of the resource is, is theirs as well.
                if let Some(provider) = self.site.node.get("provider") {
                    body.insert(0, ("provider".into(), New::Raw(provider.slice().to_string())));
                }
                self.resources.push(resource(types[0], name, body));
            }
            false => {
                let mut member = self.member(types[1]);
                if !body.is_empty() {
                    member.push(("Properties".into(), New::Object(body)));
                }
                self.resources.push((name.to_string(), New::Object(member)));
            }
        }
    }

    /// The same for a copy, whose keys are spelled as its language does already.
    pub fn add_copy(&mut self, kind: &str, name: &str, body: Entries) {
        match self.is_hcl() {
            true => {
                self.resources.push(resource(kind, name, body));
            }
            false => {
                let mut member = self.member(kind);
                member.push(("Properties".into(), New::Object(body)));
                self.resources.push((name.to_string(), New::Object(member)));
            }
        }
    }

    /// The head of a member: its type, and the condition under which the resource at hand is there.
    fn member(&self, kind: &str) -> Entries {
        let mut member = vec![("Type".to_string(), New::text(kind))];
        let condition = self.site.node.get("Condition").filter(|_| self.site.declaration == Declaration::Member);
        if let Some(condition) = condition.and_then(NodeRef::as_str) {
            member.push(("Condition".into(), New::text(condition)));
        }
        member
    }

    /// One more property for a member that is written here.
    pub fn extend(&mut self, name: &str, key: &str, value: New) {
        let member = super::copy::below(&mut self.resources, name);
        if let Some(body) = member.and_then(|member| super::copy::below(member, "Properties")) {
            body.push((key.to_string(), value));
        }
    }

    /// A change of what is there already.
    pub fn also(&mut self, operation: Operation) {
        self.operations.push(operation);
    }

    /// A property of a resource: by Terraform's name for it, or CloudFormation's (empty: what `Ref` gives).
    pub fn get(&self, types: Type, name: &str, [terraform, cloudformation]: [&str; 2]) -> New {
        match self.is_hcl() {
            true => New::Raw(format!("{}.{name}.{terraform}", types[0])),
            false => self.reference(name, cloudformation),
        }
    }

    /// A reference in a template, as the file writes its references.
    pub fn reference(&self, name: &str, attribute: &str) -> New {
        match (self.is_long(), attribute) {
            (false, "") => New::Raw(format!("!Ref {name}")),
            (false, attribute) => New::Raw(format!("!GetAtt {name}.{attribute}")),
            (true, "") => New::object([("Ref", New::text(name))]),
            (true, attribute) => New::object([("Fn::GetAtt", New::List(vec![New::text(name), New::text(attribute)]))]),
        }
    }

    /// A text with references in it, for a template.
    pub fn substituted(&self, text: &str) -> New {
        match self.is_long() {
            true => New::object([("Fn::Sub", New::text(text))]),
            false => New::Raw(format!("!Sub \"{text}\"")),
        }
    }

    /// Whether the file writes functions of CloudFormation in their long form.
    fn is_long(&self) -> bool {
        self.site.syntax == Syntax::Json || self.site.desk.places.index(self.site.tree.file()).has_long_functions
    }

    /// The whole of it.
    pub fn finish(self) -> Result<Vec<Operation>, String> {
        let Self { site, resources, mut operations, .. } = self;
        if resources.is_empty() {
            return Ok(operations);
        }
        operations.push(match site.declaration {
            Declaration::Block => site.append(resources),
            Declaration::Function => in_service(&site, resources)?,
            _ => {
                let members = members_around(&site).ok_or("its template has no `Resources`")?;
                Operation::Insert { at: members.span(), object: members.id(), entries: resources }
            }
        });
        Ok(operations)
    }
}

/// A name that is not taken: as it is, or with the first number that makes it new.
fn unique(taken: &HashSet<&str>, wanted: &str) -> String {
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    let mut names = std::iter::once(wanted.to_string()).chain(numbered);
    names.find(|name| !taken.contains(name.as_str())).unwrap_or_else(|| wanted.to_string())
}

/// The `Resources` that a member is in.
fn members_around<'a>(site: &Site<'a>) -> Option<NodeRef<'a>> {
    let index = site.desk.places.index(site.tree.file());
    let (members, _) = index.entry_of.get(&site.node.id())?;
    let (_, key) = index.entry_of.get(members)?;
    (site.tree.node(*key).as_str() == Some("Resources")).then(|| site.tree.node(*members))
}

/// Members of the template that a service of the Serverless Framework brings along.
fn in_service(site: &Site<'_>, resources: Entries) -> Result<Operation, String> {
    let source = service_file(site).ok_or("the file of its service is not known")?;
    let file = site.desk.workspace.file(source).ok_or("the file of its service is not read")?;
    if !file.tree.errors.is_empty() {
        return Err("the file of its service cannot be parsed to its end".into());
    }
    let root = file.tree.documents().next().ok_or("the file of its service is empty")?;
    let insert = |object: NodeRef<'_>, entries| Operation::Insert { at: object.span(), object: object.id(), entries };
    let Some(section) = root.get("resources").filter(|section| !section.is_null()) else {
        let members = vec![("Resources".to_string(), New::Object(resources))];
        return Ok(insert(root, vec![("resources".into(), New::Object(members))]));
    };
    let members_of =
        |node: NodeRef<'_>| node.get("Resources").filter(|members| members.is_mapping()).map(|found| found.id());
    if section.is_sequence() {
        return Ok(match section.items().find_map(members_of) {
            Some(members) => insert(file.tree.node(members), resources),
            None => {
                let item = New::object([("Resources", New::Object(resources))]);
                Operation::Push { at: section.span(), list: section.id(), items: vec![item] }
            }
        });
    }
    if section.is_mapping() {
        return Ok(match members_of(section) {
            Some(members) => insert(file.tree.node(members), resources),
            None if section.get("Resources").is_none() => {
                insert(section, vec![("Resources".into(), New::Object(resources))])
            }
            None => return Err("its `Resources` are taken from elsewhere".into()),
        });
    }
    let included = section.as_str().and_then(|text| text.strip_prefix("${file(")?.strip_suffix(")}"));
    let included = included.and_then(|path| match site.desk.workspace.beside(source, path) {
        crate::read::Lookup::Found(file) => Some(file),
        _ => None,
    });
    let members = included.filter(|file| file.tree.errors.is_empty()).and_then(|file| {
        let root = file.tree.documents().next()?;
        root.get("Resources").filter(|members| members.is_mapping())
    });
    members.map(|members| insert(members, resources)).ok_or_else(|| "its resources are taken from elsewhere".into())
}

/// The file of the service that a function belongs to.
pub(super) fn service_file(site: &Site<'_>) -> Option<SourceId> {
    let workspace = site.desk.workspace;
    let own = site.tree.file();
    if workspace.file(own).is_some_and(|file| file.kind == FileKind::Serverless) {
        return Some(own);
    }
    let path = &site.desk.architecture.unit(site.unit).path;
    let beside = workspace.directory(path).find(|file| file.kind == FileKind::Serverless).map(|file| file.source);
    site.desk.workspace.sources.find(path).or(beside)
}

/// Keys as Terraform's provider spells them, and its blocks in the place of objects.
fn spelled(body: Entries) -> Entries {
    let value = |value| match value {
        New::Object(entries) => New::Block { labels: Vec::new(), body: spelled(entries) },
        other => other,
    };
    body.into_iter().map(|(key, one)| (snake(&key), value(one))).collect()
}

/// `nightly-export` as `NightlyExport`.
pub(super) fn pascal(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words
        .flat_map(|word| {
            let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
            [first.to_ascii_uppercase(), rest.to_string()]
        })
        .collect()
}

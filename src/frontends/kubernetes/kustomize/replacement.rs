//! Replacements: a value of one object is copied to fields of others.

use super::edit::{decided_by, hidden, hide};
use super::item::{Fit, Item, Selector};
use super::patch::of_file;
use crate::read::Workspace;
use crate::source::SourceId;
use crate::value::{Data, Entry, How, Value, View};

/// Fields of one object that replacements set: through all items of lists these may be many.
const MAX_FIELDS: usize = 10_000;

/// Applies an entry of `replacements`: written in place, or kept in a file of its own.
pub(super) fn apply(workspace: &Workspace, kustomization: SourceId, entry: View<'_>, items: &mut [Item]) {
    let Some(path) = entry.get("path").known_text() else { return one(entry, items) };
    match of_file(workspace, kustomization, &path) {
        Ok(documents) => {
            documents.iter().flat_map(|document| View::new(document, None).items()).for_each(|entry| one(entry, items));
        }
        Err(why) => {
            let Some(origin) = entry.value().map(|value| value.origin.clone()) else { return };
            let unknown = Value::unknown(why, origin);
            hide(items, &unknown);
        }
    }
}

fn one(replacement: View<'_>, items: &mut [Item]) {
    let Some(origin) = replacement.value().map(|value| &value.origin) else { return };
    let unknown = decided_by(origin);
    let value = copied(replacement.get("source"), items);
    for target in replacement.get("targets").items() {
        let selector = Selector::of_target(target.get("select"));
        let rejected: Vec<Selector> = target.get("reject").items().into_iter().map(Selector::of_target).collect();
        let is_plain = target.get("options").is_absent() || only_creates(target.get("options"));
        let value = value.clone().filter(|_| is_plain).unwrap_or_else(|| unknown.clone());
        let is_made = target.get("options").get("create").boolean().set() == Some(&true);
        for item in items.iter_mut() {
            let fits = selector.fits(item);
            if fits == Fit::No || rejected.iter().any(|selector| selector.fits(item) == Fit::Yes) {
                continue;
            }
            let new = if fits == Fit::Yes { &value } else { &unknown };
            for path in target.get("fieldPaths").items() {
                item.value = match path.known_text().map(|path| segments(&path)) {
                    Some(segments) => Setting { new, is_made, left: MAX_FIELDS }.set(&item.value, &segments),
                    None => hidden(&item.value, &unknown),
                };
            }
            let name = item.view().at(&["metadata", "name"]).known_text();
            item.names.extend(name.filter(|name| item.names.last() != Some(name)));
        }
    }
}

/// Options that do not change what is copied.
fn only_creates(options: View<'_>) -> bool {
    options.entries().iter().all(|(entry, _)| &*entry.name == "create")
}

/// The value that is copied; `None` where it cannot be told.
fn copied(source: View<'_>, items: &[Item]) -> Option<Value> {
    let selector = Selector::of_target(source);
    let mut found = items.iter().filter(|item| selector.fits(item) != Fit::No);
    let item = found.next().filter(|item| selector.fits(item) == Fit::Yes)?;
    if found.next().is_some() || source.get("options").is_present() || source.is_absent() {
        return None;
    }
    let path = source.get("fieldPath");
    let path = if path.is_absent() { "metadata.name".into() } else { path.known_text()? };
    let value = segments(&path).iter().try_fold(&item.value, |value, segment| segment.within(value))?.clone();
    let place = source.span();
    matches!(value.known(), Some(data) if data.to_text().is_some())
        .then(|| value.via(How::Reference("a replacement".into()), place))
}

/// One step of a path.
enum Segment {
    Name(String),
    /// `[name=web]`: the items of a list whose key has this value.
    Item(String, String),
    /// `*`: all items.
    All,
}

impl Segment {
    /// The one thing that the step leads to.
    fn within<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match (self, value.known()?) {
            (Self::Name(name), Data::Object(_)) => value.get(name),
            (segment, Data::List(items)) => {
                let mut meant = items.iter().enumerate().filter(|(at, item)| segment.means(*at, item));
                meant.next().filter(|_| meant.next().is_none()).map(|(_, item)| item)
            }
            _ => None,
        }
    }

    /// Whether the step leads to an item of a list.
    fn means(&self, at: usize, item: &Value) -> bool {
        match self {
            Self::All => true,
            Self::Name(number) => number.parse() == Ok(at),
            Self::Item(key, value) => View::new(item, None).find(key).is_text(value),
        }
    }
}

/// The steps of `spec.containers.[name=web].image`; a dot in a name stands behind a backslash or in brackets.
fn segments(path: &str) -> Vec<Segment> {
    let mut parts = vec![String::new()];
    let (mut escaped, mut depth) = (false, 0_usize);
    for character in path.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => {
                escaped = true;
                continue;
            }
            '.' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(character);
        }
    }
    let segment = |part: String| match part.strip_prefix('[').and_then(|part| part.strip_suffix(']')) {
        _ if part == "*" => Segment::All,
        Some(inner) => match inner.split_once('=') {
            Some((key, value)) => Segment::Item(key.to_string(), value.to_string()),
            None => Segment::Name(inner.to_string()),
        },
        None => Segment::Name(part),
    };
    parts.into_iter().filter(|part| !part.is_empty()).map(segment).collect()
}

struct Setting<'v> {
    new: &'v Value,
    /// Maps on the way are made where they are missing.
    is_made: bool,
    left: usize,
}

impl Setting<'_> {
    /// A value with the new one at a path; as it is where the path leads nowhere.
    fn set(&mut self, value: &Value, path: &[Segment]) -> Value {
        let Some((first, rest)) = path.split_first() else { return self.new.clone() };
        if self.left == 0 {
            return decided_by(&self.new.origin);
        }
        self.left -= 1;
        let data = match (value.known(), first) {
            (Some(Data::Object(entries)), Segment::Name(name)) => {
                let mut entries = entries.to_vec();
                match entries.iter_mut().rfind(|entry| *entry.name == **name) {
                    Some(entry) => entry.value = self.set(&entry.value, rest),
                    None if self.is_made => {
                        let nothing = Value::new(Data::Object([].into()), self.new.origin.clone());
                        let value = self.set(&nothing, rest);
                        entries.push(Entry { name: name.as_str().into(), key: self.new.origin.site(), value });
                    }
                    None => return value.clone(),
                }
                Data::Object(entries.into())
            }
            (Some(Data::List(items)), segment) => {
                let set = |(at, item): (usize, &Value)| match segment.means(at, item) {
                    true => self.set(item, rest),
                    false => item.clone(),
                };
                Data::List(items.iter().enumerate().map(set).collect())
            }
            _ => return value.clone(),
        };
        Value::new(data, value.origin.clone())
    }
}

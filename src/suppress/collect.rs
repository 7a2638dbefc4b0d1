//! Gathers every allow of a run and indexes it by the places that it covers. Called by [`super::apply`].

use super::directive::{Directive, read};
use super::removal::{Removal, whole, with_commas};
use crate::comments::{comment_lines, piece_span};
use crate::lints;
use crate::model::{Architecture, Id, Workload};
use crate::read::{File, Workspace};
use crate::source::{Source, SourceId, Span};
use crate::tree::Kind;
use std::collections::HashMap;
use std::sync::Arc;

/// One lint id in one allow.
#[derive(Debug)]
pub(super) struct Allow {
    pub lint: Arc<str>,
    pub reason: Arc<str>,
    /// Where the id stands.
    pub span: Span,
    /// The workload that carries it, where it is not a comment.
    pub workload: Option<Id<Workload>>,
    /// How it is taken out, where it is a comment.
    pub removal: Option<Removal>,
    pub is_used: bool,
}

/// A comment that speaks to archlint and cannot be understood.
#[derive(Debug)]
pub(super) struct Malformed {
    pub span: Span,
    pub text: String,
    pub why: &'static str,
}

/// What an allow covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// Labels that start on this line.
    Line(SourceId, usize),
    /// Findings whose primary label is in this file.
    File(SourceId),
    /// Labels that start inside this JSON object.
    Object(Span),
    /// Findings whose subject is this workload.
    Workload(Id<Workload>),
    /// Labels on the name of a workload.
    Name(Span),
}

/// What a line that asks for something is part of.
#[derive(Debug, Clone, Copy)]
enum Written {
    /// A comment, of which this would go with the line.
    InComment { whole: Option<Span> },
    /// A value of the file.
    AsValue,
}

impl Written {
    fn removal(self, directive: usize, own: Option<Span>, is_own: bool) -> Option<Removal> {
        match self {
            Self::InComment { whole } => Some(Removal { directive, whole: whole.filter(|_| is_own), own }),
            Self::AsValue => None,
        }
    }
}

/// All allows of a run.
#[derive(Debug, Default)]
pub(super) struct Allows {
    pub list: Vec<Allow>,
    pub malformed: Vec<Malformed>,
    /// Of two allows that say the same about the same place the first counts; the other one is superfluous.
    index: HashMap<(Place, &'static str), usize>,
    objects: HashMap<SourceId, Objects>,
}

impl Allows {
    /// Every allow in comments, in JSON and on workloads.
    pub fn collect(workspace: &Workspace, architecture: &Architecture) -> Self {
        let mut allows = Self::default();
        for file in workspace.files.iter().filter(|file| file.tree.text().contains("archlint")) {
            allows.take_comments(file, workspace.sources.get(file.source));
            allows.take_objects(file);
        }
        allows.take_declared(architecture);
        allows
    }

    /// The allow of a lint that covers a place.
    pub fn at(&self, place: Place, lint: &'static str) -> Option<usize> {
        self.index.get(&(place, lint)).copied()
    }

    /// The JSON objects with an allow around the start of a span.
    pub fn objects_around(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        self.objects.get(&span.file).into_iter().flat_map(move |objects| objects.around(span.start))
    }

    fn add(&mut self, allow: Allow, places: impl IntoIterator<Item = Place>) {
        self.cover(self.list.len(), &allow.lint, places);
        self.list.push(allow);
    }

    /// An id that no lint has covers nothing and is not indexed.
    fn cover(&mut self, number: usize, lint: &str, places: impl IntoIterator<Item = Place>) {
        let Some(lint) = lints::find(lint) else { return };
        for place in places {
            self.index.entry((place, lint.id)).or_insert(number);
        }
    }

    /// Adds what one line asks for. `at` says where a piece of the line stands in the file.
    fn take(&mut self, line: &str, at: impl Fn(&str) -> Span, written: Written, file: SourceId, places: &[Place]) {
        match read(line) {
            Some(Directive::Allow { whole_file, lints, reason }) => {
                let file = [Place::File(file)];
                let places = if whole_file { &file } else { places };
                // What another tool may read is not archlint's to delete.
                let is_own = !(reason.contains('#') || reason.contains(" //"));
                let reason: Arc<str> = reason.into();
                let ids: Vec<Span> = lints.iter().map(|lint| at(lint)).collect();
                let directive = self.list.len();
                for (lint, own) in lints.into_iter().zip(with_commas(&ids)) {
                    let removal = written.removal(directive, own, is_own);
                    let allow = Allow {
                        lint: lint.into(),
                        reason: reason.clone(),
                        span: at(lint),
                        workload: None,
                        removal,
                        is_used: false,
                    };
                    self.add(allow, places.iter().copied());
                }
            }
            Some(Directive::Malformed { text, why }) => {
                self.malformed.push(Malformed { span: at(text), text: text.to_string(), why });
            }
            None => {}
        }
    }

    fn take_comments(&mut self, file: &File, source: &Source) {
        for line in comment_lines(file, source) {
            // The line below may be the next comment of the run, with a finding of `unused-allow`.
            let below = line.run_end.map_or([line.line; 2], |end| [line.line + 1, end + 1]);
            let places = [line.line, below[0], below[1]].map(|line| Place::Line(file.source, line));
            let at = |piece: &str| piece_span(file, piece).unwrap_or(line.comment);
            let whole = whole(source, line.comment, line.line);
            self.take(line.text, at, Written::InComment { whole }, file.source, &places);
        }
    }

    /// `"//": "archlint: allow(id)"` in files that are written as JSON, which knows no comments.
    fn take_objects(&mut self, file: &File) {
        if !file.tree.text().trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) {
            return;
        }
        let mut spans = Vec::new();
        for object in file.tree.all().filter(|node| matches!(node.node().kind, Kind::Mapping(_))) {
            for (_, value) in object.entries().filter(|(key, _)| key.as_str() == Some("//")) {
                spans.push(object.span());
                for text in std::iter::once(value).chain(value.items()) {
                    let line = text.as_str().unwrap_or("").trim();
                    self.take(line, |_| text.span(), Written::AsValue, file.source, &[Place::Object(object.span())]);
                }
            }
        }
        self.objects.insert(file.source, Objects::new(spans));
    }

    /// Annotations and metadata. Several workloads may come from one written object; they share its allows.
    fn take_declared(&mut self, architecture: &Architecture) {
        let mut known: HashMap<(Span, Arc<str>), usize> = HashMap::new();
        for workload in architecture.workloads() {
            for declared in &workload.allows {
                let number = *known.entry((declared.span, declared.lint.clone())).or_insert_with(|| {
                    let allow = Allow {
                        lint: declared.lint.clone(),
                        reason: declared.reason.clone(),
                        span: declared.span,
                        workload: Some(workload.id),
                        removal: None,
                        is_used: false,
                    };
                    self.add(allow, []);
                    self.list.len() - 1
                });
                self.cover(number, &declared.lint, [Place::Workload(workload.id), Place::Name(workload.span())]);
            }
        }
    }
}

/// JSON objects of one file, each with the next object around it: a look-up walks outwards.
#[derive(Debug)]
struct Objects {
    spans: Vec<(Span, Option<usize>)>,
}

impl Objects {
    fn new(mut spans: Vec<Span>) -> Self {
        spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        spans.dedup();
        let mut open: Vec<usize> = Vec::new();
        let mut linked: Vec<(Span, Option<usize>)> = Vec::with_capacity(spans.len());
        for span in spans {
            while open.last().is_some_and(|last| linked[*last].0.end <= span.start) {
                open.pop();
            }
            linked.push((span, open.last().copied()));
            open.push(linked.len() - 1);
        }
        Self { spans: linked }
    }

    fn around(&self, offset: u32) -> impl Iterator<Item = Span> + '_ {
        let nearest = self.spans.partition_point(|(span, _)| span.start <= offset).checked_sub(1);
        let chain = std::iter::successors(nearest, |at| self.spans.get(*at).and_then(|(_, around)| *around));
        chain.filter_map(|at| self.spans.get(at)).map(|(span, _)| *span).filter(move |span| offset < span.end)
    }
}

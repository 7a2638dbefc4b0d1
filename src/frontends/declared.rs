//! What owners say about a workload: in comments, `# archlint: latency=background` beside its name or in the lines
//! above it, in any dialect that knows comments; and in tags and labels. Called by [`super::lower`] and by the
//! frontends of clouds.

use crate::comments::{comment_lines, piece_span};
use crate::model::Workload;
use crate::read::Workspace;
use crate::source::SourceId;
use crate::value::{How, View};
use std::collections::HashMap;

/// Takes what the comments at the names of workloads declare. What a tag or annotation says as well counts more.
pub(super) fn take_comments(workspace: &Workspace, workloads: &mut [Workload]) {
    let mut files: HashMap<SourceId, Option<HashMap<usize, Vec<&str>>>> = HashMap::new();
    for workload in workloads {
        let source = workload.span().file;
        let Some(file) = workspace.file(source) else { continue };
        let declarations = files.entry(source).or_insert_with(|| {
            if !file.tree.text().contains("archlint:") {
                return None;
            }
            let mut by_line: HashMap<usize, Vec<&str>> = HashMap::new();
            for line in comment_lines(file, workspace.sources.get(source)) {
                if let Some(text) = line.text.strip_prefix("archlint:").filter(|text| is_declaration(text)) {
                    let about = line.run_end.map_or(line.line, |end| end + 1);
                    by_line.entry(about).or_default().push(text);
                }
            }
            Some(by_line)
        });
        let name = workspace.sources.start(workload.span()).line;
        let lines = declarations.as_ref().and_then(|lines| lines.get(&name)).into_iter().flatten();
        let mut declared = crate::model::Declared::default();
        for pair in lines.flat_map(|text| text.split([',', ' ', '\t'])) {
            if let Some((key, value)) = pair.split_once('=')
                && let Some(span) = piece_span(file, pair)
            {
                declared.take(key, value.into(), span);
            }
        }
        workload.declared = std::mem::take(&mut workload.declared).or(declared);
    }
}

/// Whether the text behind `archlint:` declares something, as against an allow, whose reason may have a `=` as well.
fn is_declaration(text: &str) -> bool {
    text.contains('=') && !text.trim_start().starts_with("allow")
}

/// Takes what tags or labels declare. They are an object, or a list of `{Key, Value}`.
pub(super) fn take_tags(tags: View<'_>, workload: &mut Workload) {
    let listed = tags.items().into_iter().filter_map(|tag| {
        let value = tag.get("Value");
        Some((tag.get("Key").known_text()?, value.known_text()?, value.span()?))
    });
    let named = tags.entries();
    let named =
        named.iter().filter_map(|(entry, value)| Some((entry.name.clone(), value.known_text()?, value.span()?)));
    for (key, value, span) in listed.chain(named) {
        workload.declared.take_label(&key, value, span);
    }
    take_stage(tags, workload);
}

/// Takes the stage from a tag that says it.
fn take_stage(tags: View<'_>, workload: &mut Workload) {
    let says_stage = |key: &str| ["environment", "env", "stage"].iter().any(|word| key.eq_ignore_ascii_case(word));
    let named = tags.entries().into_iter().filter(|(entry, _)| says_stage(&entry.name)).map(|(_, value)| value);
    let listed = tags.items().into_iter().filter(|tag| tag.get("Key").known_text().is_some_and(|key| says_stage(&key)));
    named.chain(listed.map(|tag| tag.get("Value"))).for_each(|name| take_stage_name(name, workload));
}

/// Takes the name of a stage, unless one is known. The default of a variable is none: it is there for when nobody says.
pub(super) fn take_stage_name(name: View<'_>, workload: &mut Workload) {
    let name = name.text();
    let is_default = name.origin.passes(|how| matches!(how, How::VariableDefault(_) | How::Platform(_)));
    if workload.stage.is_absent() && name.set().is_some() && !is_default {
        workload.stage = name;
    }
}

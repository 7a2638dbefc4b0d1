//! Files that a program has written out of something that people write: an edit there would be gone the next time.
//! [`super::place`] asks before a fix is written.

use crate::tree::{NodeRef, Syntax, Tree};
use std::path::Path;

/// How many comments at the top of a file may say that it is generated.
const HEAD: usize = 12;

/// Why a file is not one that people edit.
pub(super) fn reason(path: &Path, syntax: Syntax, tree: &Tree) -> Option<&'static str> {
    let is_state = path.extension().is_some_and(|extension| extension == "tfstate");
    let is_printed = || tree.documents().any(|root| root.get("terraform_version").is_some());
    if syntax == Syntax::Json && (is_state || is_printed()) {
        return Some("the file is not one that archlint can edit");
    }
    if tree.documents().any(is_synthesized) {
        return Some("the template is synthesized by the AWS CDK: change the program that it comes from");
    }
    says_so(tree).then_some("the file says that it is generated and not to be edited")
}

/// Whether a template bears the marks of the AWS CDK, which leaves them in all that it writes unless it is told not to.
fn is_synthesized(root: NodeRef<'_>) -> bool {
    let resources = root.get("Resources").filter(|resources| resources.is_mapping());
    resources.is_some_and(|resources| {
        resources.entries().any(|(_, resource)| {
            resource.get("Type").and_then(NodeRef::as_str) == Some("AWS::CDK::Metadata")
                || resource.get("Metadata").is_some_and(|metadata| metadata.get("aws:cdk:path").is_some())
        })
    })
}

/// Whether comments above everything else say that the file is generated, and that nobody is to edit it.
fn says_so(tree: &Tree) -> bool {
    let start = tree.documents().next().map_or(0, |root| root.span().start);
    let head = tree.comments.iter().take_while(|comment| comment.span.start < start).take(HEAD);
    let texts = head.filter_map(|comment| tree.text().get(comment.span.range()));
    let words = texts.flat_map(|text| text.split_ascii_whitespace()).map(|word| word.trim_start_matches(['#', '/']));
    let text = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let forbids =
        ["do not edit", "do not modify", "don't edit", "not be edited"].iter().any(|words| text.contains(words));
    forbids && ["generated", "generator"].iter().any(|words| text.contains(words))
}

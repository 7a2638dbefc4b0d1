//! What a comment that speaks to archlint says. Called by [`super`].

/// More lints in one allow than this are a generated or hostile file's; nobody reads them.
const MAX_LINTS: usize = 64;

/// What one line of a comment asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Directive<'t> {
    /// `archlint: allow(lints) reason`, or `allow-file`.
    Allow { whole_file: bool, lints: Vec<&'t str>, reason: &'t str },
    /// It speaks to archlint and cannot be understood: what was read, and why not.
    Malformed { text: &'t str, why: &'static str },
}

/// Reads one line without its marker. `None` for everything that is not meant for archlint, or that is (`archlint:
/// traffic=steady`) but is not an allow.
pub(super) fn read(text: &str) -> Option<Directive<'_>> {
    let rest = text.strip_prefix("archlint")?;
    let Some(rest) = rest.trim_start().strip_prefix(':') else {
        // Prose may well start with the name; only what looks like an allow was meant as one.
        let looks_like_one = rest.starts_with([' ', '\t'])
            && (rest.trim_start().starts_with("allow(") || rest.trim_start().starts_with("allow-file("));
        return looks_like_one.then_some(Directive::Malformed { text, why: "the colon behind `archlint` is missing" });
    };
    let rest = rest.trim_start();
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '_'));
    let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
    let rest = rest.trim_start();
    let whole_file = match word {
        "allow" => false,
        "allow-file" => true,
        _ if rest.starts_with('=') => return None,
        _ => return Some(Directive::Malformed { text, why: "archlint knows `allow` and `allow-file`" }),
    };
    let Some(inside) = rest.strip_prefix('(') else {
        return Some(Directive::Malformed { text, why: "the lints belong in parentheses" });
    };
    let Some((lints, reason)) = inside.split_once(')') else {
        return Some(Directive::Malformed { text, why: "the closing parenthesis is missing" });
    };
    let lints: Vec<&str> = lints.split(',').map(str::trim).collect();
    if lints.iter().any(|lint| lint.is_empty()) {
        return Some(Directive::Malformed { text, why: "a lint id is missing in the parentheses" });
    }
    if lints.len() > MAX_LINTS {
        return Some(Directive::Malformed { text, why: "more lints than archlint reads in one allow" });
    }
    let reason = reason.trim_start_matches([':', '-', ' ', '\t']).trim_end();
    Some(Directive::Allow { whole_file, lints, reason })
}

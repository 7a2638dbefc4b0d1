//! `unused-allow`: an allow covers no finding, names no lint, or cannot be read.

use crate::lint::{Category, Context, FixAvailability, Level, Lint};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "unused-allow",
    category: Category::Meta,
    level: Level::Warning,
    summary: "An allow covers no finding, names no lint, or cannot be read.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// Reports nothing: whether an allow is used is known only when all other lints have reported, so
/// [`crate::suppress::apply`] makes these findings. The lint is registered for its page and its level.
fn check(_: &mut Context) {}

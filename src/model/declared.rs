//! What the owner of a workload says about it, in a comment, an annotation, a label, a tag or metadata, and what of it
//! makes no sense.

use super::traffic::Shape;
use crate::schedule::parse_duration;
use crate::source::Span;
use std::sync::Arc;

/// One thing that the owner of a workload says about it.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The value as written.
    pub value: Arc<str>,
    /// Where it is written.
    pub span: Span,
}

/// What the owner of a workload says about it. Values are as written: [`Declared::mistakes`] tells which of them mean
/// nothing.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// `sporadic`, `steady`, `spiky` or `scheduled`.
    pub traffic: Option<Declaration>,
    /// Requests a second, on average.
    pub rps: Option<Declaration>,
    /// 95th percentile of the duration in milliseconds.
    pub p95_ms: Option<Declaration>,
    /// `user-facing` or `background`.
    pub latency: Option<Declaration>,
    /// How long one run takes.
    pub duration: Option<Declaration>,
    /// `untrusted` where it runs code of others.
    pub trust: Option<Declaration>,
    /// Keys that archlint does not know; the value is the key.
    pub misspelt: Vec<Declaration>,
}

/// A declaration that means nothing.
#[derive(Debug)]
pub struct Mistake {
    /// What was declared: "the declared traffic".
    pub name: &'static str,
    /// What is wrong with it.
    pub why: String,
    /// Where it is written.
    pub span: Span,
}

impl Declared {
    /// Takes one key (without its prefix: `traffic`, `p95-ms`, also with `_`).
    pub fn take(&mut self, key: &str, value: Arc<str>, span: Span) {
        let slot = match key.replace('_', "-").as_str() {
            "traffic" => &mut self.traffic,
            "rps" => &mut self.rps,
            "p95-ms" => &mut self.p95_ms,
            "latency" => &mut self.latency,
            "duration" => &mut self.duration,
            "trust" => &mut self.trust,
            _ => return self.misspelt.push(Declaration { value: key.into(), span }),
        };
        *slot = Some(Declaration { value, span });
    }

    /// Takes a label, tag or annotation (`archlint.dev/traffic`, `archlint_traffic`) if it is archlint's.
    pub fn take_label(&mut self, key: &str, value: Arc<str>, span: Span) {
        let name = key.strip_prefix("archlint.dev/").or_else(|| key.strip_prefix("archlint_"));
        if let Some(name) = name.filter(|name| *name != "allow") {
            self.take(name, value, span);
        }
    }

    /// These declarations, and another's where these say nothing.
    pub fn or(self, other: Self) -> Self {
        Self {
            traffic: self.traffic.or(other.traffic),
            rps: self.rps.or(other.rps),
            p95_ms: self.p95_ms.or(other.p95_ms),
            latency: self.latency.or(other.latency),
            duration: self.duration.or(other.duration),
            trust: self.trust.or(other.trust),
            misspelt: self.misspelt.into_iter().chain(other.misspelt).collect(),
        }
    }

    /// The declared shape of its traffic, and where it says so.
    pub fn shape(&self) -> Option<(Shape, Span)> {
        read(&self.traffic, Shape::parse)
    }

    /// The declared number of requests a second.
    pub fn requests_per_second(&self) -> Option<(f64, Span)> {
        read(&self.rps, positive)
    }

    /// The seconds that one run or request takes: as declared, or nearly always less than that (the 95th percentile).
    pub fn seconds(&self) -> Option<(f64, Span)> {
        let p95 = || read(&self.p95_ms, positive).map(|(milliseconds, span)| (milliseconds / 1000.0, span));
        read(&self.duration, duration).or_else(p95)
    }

    /// Whether these seconds are the declared duration, as against the 95th percentile.
    pub fn is_length_exact(&self) -> bool {
        read(&self.duration, duration).is_some()
    }

    /// The seconds that one run or request usually takes: as declared, or half of the 95th percentile, which lies above
    /// the mean.
    pub fn usual_seconds(&self) -> Option<f64> {
        let declared = read(&self.duration, duration).map(|(seconds, _)| seconds);
        declared.or_else(|| self.seconds().map(|(seconds, _)| seconds / 2.0))
    }

    /// Whether its owner says that someone waits for it, or that nobody does.
    pub fn is_user_facing(&self) -> Option<bool> {
        read(&self.latency, latency).map(|(is_user_facing, _)| is_user_facing)
    }

    /// What is declared and means nothing.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let number = "no number above 0";
        let checks: [(&'static str, &Option<Declaration>, bool, &str); 6] = [
            (
                "the declared traffic",
                &self.traffic,
                self.shape().is_some(),
                "none of sporadic, steady, spiky, scheduled",
            ),
            ("the declared rps", &self.rps, self.requests_per_second().is_some(), number),
            ("the declared p95-ms", &self.p95_ms, read(&self.p95_ms, positive).is_some(), number),
            (
                "the declared latency",
                &self.latency,
                self.is_user_facing().is_some(),
                "neither user-facing nor background",
            ),
            (
                "the declared duration",
                &self.duration,
                read(&self.duration, duration).is_some(),
                "no duration such as 90s or 20m",
            ),
            ("the declared trust", &self.trust, read(&self.trust, trust).is_some(), "neither trusted nor untrusted"),
        ];
        let wrong = checks.into_iter().filter_map(|(name, declaration, is_right, why)| {
            let Declaration { value, span } = declaration.as_ref().filter(|_| !is_right)?;
            Some(Mistake { name, why: format!("`{value}` is {why}"), span: *span })
        });
        let misspelt = self.misspelt.iter().map(|key| Mistake {
            name: "a declaration",
            why: format!("`{}` is none of traffic, rps, p95-ms, latency, duration, trust", key.value),
            span: key.span,
        });
        wrong.chain(misspelt).collect()
    }
}

fn read<T>(declaration: &Option<Declaration>, parse: fn(&str) -> Option<T>) -> Option<(T, Span)> {
    let declaration = declaration.as_ref()?;
    Some((parse(declaration.value.trim())?, declaration.span))
}

fn positive(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0)
}

fn duration(text: &str) -> Option<f64> {
    parse_duration(text).filter(|seconds| *seconds > 0.0)
}

fn latency(text: &str) -> Option<bool> {
    match text {
        "user-facing" => Some(true),
        "background" => Some(false),
        _ => None,
    }
}

fn trust(text: &str) -> Option<bool> {
    match text {
        "trusted" => Some(true),
        "untrusted" => Some(false),
        _ => None,
    }
}

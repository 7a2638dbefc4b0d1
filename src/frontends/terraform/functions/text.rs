//! Functions of texts and of numbers.

use super::super::expression::reason;
use super::super::scope::unknown;
use super::{MAX_ELEMENTS, encoding, text_pieces};
use crate::source::Span;
use crate::value::{Data, How, Origin, Part, Sourced, Value};

/// Functions of texts that are known.
pub(super) fn text(name: &str, texts: &[&str]) -> Option<Data> {
    let made = |text: String| Some(Data::Text(text.into()));
    match (name, texts) {
        ("lower", [text]) => made(text.to_lowercase()),
        ("upper", [text]) => made(text.to_uppercase()),
        ("title", [text]) => made(titled(text)),
        ("trimspace", [text]) => made(text.trim().to_string()),
        ("chomp", [text]) => made(text.trim_end_matches(['\n', '\r']).to_string()),
        ("trim", [text, cut]) => made(text.trim_matches(|c| cut.contains(c)).to_string()),
        ("trimprefix", [text, prefix]) => made(text.strip_prefix(prefix).unwrap_or(text).to_string()),
        ("trimsuffix", [text, suffix]) => made(text.strip_suffix(suffix).unwrap_or(text).to_string()),
        ("replace", [text, from, to]) if !is_pattern(from) && !from.is_empty() => made(text.replace(from, to)),
        ("split", [separator, text]) => Some(split(separator, text)),
        ("startswith", [text, start]) => Some(Data::Boolean(text.starts_with(start))),
        ("endswith", [text, end]) => Some(Data::Boolean(text.ends_with(end))),
        ("strcontains", [text, inner]) => Some(Data::Boolean(text.contains(inner))),
        ("strrev", [text]) => made(text.chars().rev().collect()),
        ("indent", [blanks, text]) => made(indented(blanks.parse().ok()?, text)?),
        ("basename", [path]) => made(path.trim_end_matches('/').rsplit('/').next().unwrap_or(path).to_string()),
        ("dirname", [path]) => made(path.rsplit_once('/').map_or(".", |(folder, _)| folder).to_string()),
        ("substr", [text, from, length]) => made(part(text, from.parse().ok()?, length.parse().ok()?)?),
        ("parseint", [digits, base]) => {
            let base = base.parse().ok().filter(|base| (2..=36).contains(base))?;
            Some(Data::Number(i64::from_str_radix(digits, base).ok()? as f64))
        }
        (_, [text]) => encoding::text(name, text),
        _ => None,
    }
}

/// A pattern between slashes is a regular expression.
fn is_pattern(text: &str) -> bool {
    text.len() > 1 && text.starts_with('/') && text.ends_with('/')
}

fn titled(text: &str) -> String {
    let mut start = true;
    let titled = text.chars().map(|c| {
        let c = if start { c.to_uppercase().next().unwrap_or(c) } else { c };
        start = !c.is_alphanumeric() && c != '_' && c != '\'';
        c
    });
    titled.collect()
}

fn split(separator: &str, text: &str) -> Data {
    let piece = |piece: &str| Sourced::new(Data::Text(piece.into()), Origin::new(How::Computed, None));
    match (separator, text) {
        (_, "") => Data::List([piece("")].into()),
        ("", text) => Data::List(text.split("").filter(|one| !one.is_empty()).map(piece).collect()),
        _ => Data::List(text.split(separator).map(piece).collect()),
    }
}

/// All lines but the first behind so many blanks.
fn indented(blanks: usize, text: &str) -> Option<String> {
    let added = blanks.checked_mul(text.matches('\n').count())?;
    (added <= MAX_ELEMENTS).then(|| text.replace('\n', &format!("\n{}", " ".repeat(blanks))))
}

/// Characters from an offset, which counts from the end where it is negative; a negative length takes all the rest.
fn part(text: &str, from: i64, length: i64) -> Option<String> {
    let count = text.chars().count();
    let from = if from < 0 { count.checked_sub(usize::try_from(from.unsigned_abs()).ok()?)? } else { from as usize };
    let rest = text.chars().skip(from);
    Some(if length < 0 { rest.collect() } else { rest.take(length as usize).collect() })
}

/// The arguments of each call that `formatlist` makes: its lists side by side, everything else in each of them.
pub(super) fn rows(values: &[Value]) -> Option<Vec<Vec<Value>>> {
    let items = |value: &Value| match value.known() {
        Some(Data::List(items)) => Some(items.clone()),
        _ => None,
    };
    let lengths: Vec<usize> = values.iter().filter_map(items).map(|items| items.len()).collect();
    let length = *lengths.first().unwrap_or(&1);
    // A value that is not known may be a list.
    let is_clear = lengths.iter().all(|other| *other == length) && values.iter().all(|value| value.known().is_some());
    (is_clear && length.checked_mul(values.len())? <= MAX_ELEMENTS).then_some(())?;
    let item = |value: &Value, at: usize| items(value).map_or_else(|| value.clone(), |items| items[at].clone());
    let row = |at: usize| values.iter().map(|value| item(value, at)).collect();
    Some((0..length).map(row).collect())
}

/// A verb of a format: `%-08.3f`.
#[derive(Default)]
struct Verb {
    zeros: bool,
    left: bool,
    sign: bool,
    width: usize,
    precision: Option<usize>,
}

/// Columns that a format may pad a text to, and digits behind a point.
const MAX_WIDTH: usize = 1_000;

/// `format` with its most common verbs; others, and arguments that are given by number, are not evaluated.
pub(super) fn format(pattern: &str, values: &[Value]) -> Option<Vec<Part>> {
    let mut pieces = Vec::new();
    let mut values = values.iter();
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        pieces.push(Part::Text(rest[..at].into()));
        rest = &rest[at + 1..];
        let (verb, letter, behind) = Verb::parse(rest)?;
        rest = behind;
        match letter {
            '%' => pieces.push(Part::Text("%".into())),
            's' | 'v' if verb.width == 0 && verb.precision.is_none() => pieces.extend(text_pieces(values.next()?)),
            // What `%d` takes is a number already, known or not.
            'd' if verb.width == 0 && !verb.sign => pieces.extend(text_pieces(values.next()?)),
            letter => pieces.push(Part::Text(verb.written(letter, values.next()?)?.into())),
        }
    }
    pieces.push(Part::Text(rest.into()));
    Some(pieces)
}

impl Verb {
    /// The verb that follows a `%`, its letter, and what stands behind it.
    fn parse(text: &str) -> Option<(Self, char, &str)> {
        let mut verb = Self::default();
        let flags = text.len() - text.trim_start_matches(['0', '-', '+']).len();
        for flag in text[..flags].chars() {
            match flag {
                '0' => verb.zeros = true,
                '-' => verb.left = true,
                _ => verb.sign = true,
            }
        }
        let (width, rest) = leading_number(&text[flags..])?;
        verb.width = width.unwrap_or(0);
        let rest = match rest.strip_prefix('.') {
            Some(rest) => {
                let (precision, rest) = leading_number(rest)?;
                verb.precision = Some(precision.unwrap_or(0));
                rest
            }
            None => rest,
        };
        let letter = rest.chars().next()?;
        Some((verb, letter, &rest[letter.len_utf8()..]))
    }

    /// A value that is known, as the verb writes it.
    fn written(&self, letter: char, value: &Value) -> Option<String> {
        let data = value.known()?;
        let number = || data.to_number();
        let whole =
            || number().filter(|number| number.fract() == 0.0 && number.abs() < 1e15).map(|number| number as i64);
        let text = match letter {
            's' | 'v' => {
                let text = data.to_text()?;
                text.chars().take(self.precision.unwrap_or(usize::MAX)).collect()
            }
            'q' => serde_json::Value::from(&*data.to_text()?).to_string(),
            't' => data.to_boolean()?.to_string(),
            'd' => whole()?.to_string(),
            'x' => format!("{:x}", whole()?),
            'X' => format!("{:X}", whole()?),
            'o' => format!("{:o}", whole()?),
            'b' => format!("{:b}", whole()?),
            'f' => format!("{:.*}", self.precision.unwrap_or(6), number()?),
            _ => return None,
        };
        let text = if self.sign && number().is_some_and(|number| number >= 0.0) { format!("+{text}") } else { text };
        Some(self.padded(text))
    }

    fn padded(&self, text: String) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        match (self.left, self.zeros) {
            (true, _) => format!("{text}{}", " ".repeat(missing)),
            (_, true) => {
                let sign = text.len() - text.trim_start_matches(['-', '+']).len();
                format!("{}{}{}", &text[..sign], "0".repeat(missing), &text[sign..])
            }
            _ => format!("{}{text}", " ".repeat(missing)),
        }
    }
}

/// A number at the start of a text, if one is there, and the rest; `None` if it is too large.
fn leading_number(text: &str) -> Option<(Option<usize>, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 {
        return Some((None, text));
    }
    let number = text[..digits].parse().ok().filter(|number| *number <= MAX_WIDTH)?;
    Some((Some(number), &text[digits..]))
}

/// Functions of numbers.
pub(super) fn number(name: &str, values: &[Value], span: Span) -> Option<Value> {
    let mut numbers = Vec::new();
    let listed;
    let values = match (name, values) {
        ("sum", [list]) => match list.known()? {
            Data::List(items) => {
                listed = items.clone();
                &listed[..]
            }
            _ => return None,
        },
        ("min" | "max" | "floor" | "ceil" | "abs" | "signum" | "pow" | "log", values) => values,
        _ => return None,
    };
    for value in values {
        match value.known().and_then(Data::to_number) {
            Some(number) => numbers.push(number),
            None => return Some(unknown(reason(value), span)),
        }
    }
    let made = match name {
        "sum" => Some(numbers.iter().sum()),
        "min" => numbers.iter().copied().reduce(f64::min),
        "max" => numbers.iter().copied().reduce(f64::max),
        "floor" => numbers.first().map(|number| number.floor()),
        "ceil" => numbers.first().map(|number| number.ceil()),
        "abs" => numbers.first().map(|number| number.abs()),
        "pow" => numbers.get(1).map(|power| numbers[0].powf(*power)),
        "log" => numbers.get(1).map(|base| numbers[0].ln() / base.ln()),
        _ => numbers.first().map(|number| if *number == 0.0 { 0.0 } else { number.signum() }),
    };
    let made = made.filter(|made: &f64| made.is_finite())?;
    Some(Sourced::new(Data::Number(made), Origin::new(How::Computed, span)))
}

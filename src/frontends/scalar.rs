//! What a plain scalar means: the types that the tools of the dialects give to words and digits without quotes. Called
//! wherever YAML or JSON becomes data.

use crate::value::Data;

/// How plain scalars are typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalars {
    /// YAML 1.2 core schema: `yes` is a text, `0o17` an octal number.
    Core,
    /// YAML 1.1: `yes` is true, `0644` an octal number, `1:30` ninety.
    Version11,
    /// YAML 1.1 as the API server's decoder reads it: `y` is true as well, `0o17` an octal number, `1:30` a text.
    Kubernetes,
}

/// What a plain scalar means.
pub(crate) fn plain_scalar(text: &str, scalars: Scalars) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "true" | "True" | "TRUE" => return Data::Boolean(true),
        "false" | "False" | "FALSE" => return Data::Boolean(false),
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" if scalars != Scalars::Core => return Data::Boolean(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" if scalars != Scalars::Core => return Data::Boolean(false),
        "y" | "Y" if scalars == Scalars::Kubernetes => return Data::Boolean(true),
        "n" | "N" if scalars == Scalars::Kubernetes => return Data::Boolean(false),
        _ => {}
    }
    number(text, scalars).map_or_else(|| Data::Text(text.into()), Data::Number)
}

fn number(text: &str, scalars: Scalars) -> Option<f64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let plain = digits.replace('_', "");
    let radix = |digits: &str, radix| u64::from_str_radix(digits, radix).ok().map(|number| number as f64);
    let is_octal = |rest: &[u8]| scalars != Scalars::Core && !rest.is_empty() && rest.iter().all(u8::is_ascii_digit);
    let number = match plain.as_bytes() {
        [b'0', b'x', ..] => radix(&plain[2..], 16)?,
        [b'0', b'b', ..] => radix(&plain[2..], 2)?,
        [b'0', b'o', ..] if scalars != Scalars::Version11 => radix(&plain[2..], 8)?,
        [b'0', rest @ ..] if is_octal(rest) => match radix(&plain, 8) {
            Some(number) => number,
            // `089` is no octal number; the API server's decoder then takes it for a decimal one.
            None if scalars == Scalars::Kubernetes => plain.parse().ok()?,
            None => return None,
        },
        _ if scalars == Scalars::Version11 && plain.contains(':') => sexagesimal(&plain)?,
        _ if plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-')) => {
            plain.parse().ok()?
        }
        _ => return None,
    };
    Some(if negative { -number } else { number }).filter(|number| number.is_finite())
}

/// `1:30` in YAML 1.1. A part above 59 makes it a text.
fn sexagesimal(text: &str) -> Option<f64> {
    let mut total = 0.0;
    for (at, part) in text.split(':').enumerate() {
        let number: f64 = part.parse().ok()?;
        if !part.starts_with(|c: char| c.is_ascii_digit()) || at > 0 && number >= 60.0 {
            return None;
        }
        total = total * 60.0 + number;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::{Scalars, plain_scalar};
    use crate::value::Data;

    fn spelled(data: &Data) -> String {
        match data {
            Data::Null => "null".into(),
            Data::Text(text) => format!("\"{text}\""),
            other => other.to_text().map(|text| text.to_string()).unwrap_or_default(),
        }
    }

    #[test]
    fn every_tool_has_types_of_its_own() {
        let cases = [
            ("~", ["null"; 3]),
            ("True", ["true"; 3]),
            ("yes", ["\"yes\"", "true", "true"]),
            ("n", ["\"n\"", "\"n\"", "false"]),
            ("-1_000", ["-1000"; 3]),
            ("0x1F", ["31"; 3]),
            ("0644", ["644", "420", "420"]),
            ("0o17", ["15", "\"0o17\"", "15"]),
            ("089", ["89", "\"089\"", "89"]),
            ("1:30", ["\"1:30\"", "90", "\"1:30\""]),
            ("1:75", ["\"1:75\""; 3]),
            ("1.5e2", ["150"; 3]),
            ("1e999", ["\"1e999\""; 3]),
            (".", ["\".\""; 3]),
            ("10s", ["\"10s\""; 3]),
        ];
        for (text, expected) in cases {
            let found = [Scalars::Core, Scalars::Version11, Scalars::Kubernetes]
                .map(|scalars| spelled(&plain_scalar(text, scalars)));
            assert_eq!(found, expected.map(String::from), "{text}");
        }
    }
}

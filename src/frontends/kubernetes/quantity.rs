//! Kubernetes quantities: `100m`, `0.5`, `1Gi`, `1e3`. Called where containers are lowered.

use crate::value::{Sourced, Unknown, View};

/// The amount that a quantity stands for; `None` where it is not one.
fn amount(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let number: f64 = number.parse().ok()?;
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        "Ei" => 1_152_921_504_606_846_976.0,
        exponent => {
            let digits = exponent.strip_prefix(['e', 'E'])?;
            10_f64.powi(digits.parse::<i32>().ok().filter(|power| power.abs() <= 30)?)
        }
    };
    Some(number * factor).filter(|amount| amount.is_finite() && *amount >= 0.0)
}

/// A quantity as it is written, by [`millicpu`] or [`mebibytes`].
pub(crate) fn read(view: View<'_>, parse: fn(&str) -> Option<u64>) -> Sourced<Option<u64>> {
    view.text().and_then(|text| match text {
        None => Ok(None),
        Some(text) => match parse(&text) {
            Some(amount) => Ok(Some(amount)),
            None => Err(Unknown::Invalid(format!("`{text}` is no quantity").into())),
        },
    })
}

/// Thousandths of a CPU, rounded up as the API server does below its resolution.
pub(crate) fn millicpu(text: &str) -> Option<u64> {
    amount(text).map(|cpus| round_up(cpus * 1000.0))
}

/// MiB, rounded up so that little is not nothing.
pub(crate) fn mebibytes(text: &str) -> Option<u64> {
    amount(text).map(|bytes| round_up(bytes / 1_048_576.0))
}

/// Up to the next whole number, but not because 0.1 has no exact binary form.
fn round_up(number: f64) -> u64 {
    let nearest = number.round();
    if (number - nearest).abs() < 1e-6 { nearest as u64 } else { number.ceil() as u64 }
}

#[cfg(test)]
mod tests {
    use super::{mebibytes, millicpu};

    #[test]
    fn cpu_in_all_notations() {
        let cases = [("100m", 100), ("0.5", 500), ("1", 1000), ("2.1", 2100), ("1e3", 1_000_000), ("1u", 1), ("0", 0)];
        for (text, expected) in cases {
            assert_eq!(millicpu(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn memory_in_all_notations() {
        let cases = [("512Mi", 512), ("1Gi", 1024), ("1G", 954), ("128974848", 123), ("1Ki", 1), ("1e9", 954)];
        for (text, expected) in cases {
            assert_eq!(mebibytes(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity() {
        for text in ["", "m", "1mb", "1 Gi", "-1", "1e999", "Gi", "$CPU"] {
            assert_eq!(millicpu(text), None, "{text}");
        }
    }
}

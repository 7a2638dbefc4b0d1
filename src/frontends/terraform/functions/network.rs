//! Functions of address ranges in CIDR notation.

use crate::frontends::address_range::Range;
use crate::value::{Data, How, Origin, Sourced};

/// The value of a call; `None` where the name is not one of these functions or an argument does not fit.
pub(super) fn call(name: &str, texts: &[&str]) -> Option<Data> {
    let text = |text: String| Some(Data::Text(text.into()));
    match (name, texts) {
        ("cidrsubnet", [range, bits, number]) => {
            text(Range::parse(range)?.subnet(bits.parse().ok()?, number.parse().ok()?)?.to_text())
        }
        ("cidrsubnets", [range, bits @ ..]) => {
            let bits: Vec<u32> = bits.iter().map(|bits| bits.parse().ok()).collect::<Option<_>>()?;
            let subnets = Range::parse(range)?.consecutive(&bits)?.into_iter();
            let value =
                |range: Range| Sourced::new(Data::Text(range.to_text().into()), Origin::new(How::Computed, None));
            Some(Data::List(subnets.map(value).collect()))
        }
        ("cidrhost", [range, number]) => text(Range::parse(range)?.host(number.parse().ok()?)?.to_string()),
        ("cidrnetmask", [range]) => {
            let range = Range::parse(range)?;
            (range.width() == 32).then(|| Data::Text(range.address_of(range.mask()).to_string().into()))
        }
        _ => None,
    }
}

//! Ranges of addresses in CIDR notation. Called for the functions of Terraform and CloudFormation that divide them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range of addresses: the first one as a number, and how many of its bits all addresses share.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    first: u128,
    prefix: u32,
    /// Bits of an address: 32 or 128.
    width: u32,
}

impl Range {
    /// Bits of an address: 32 or 128.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Bits that all its addresses share.
    pub fn prefix(self) -> u32 {
        self.prefix
    }

    /// From `10.0.0.0/16`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let (address, width) = match address.parse().ok()? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let range = Self { first: address, prefix: prefix.parse().ok().filter(|prefix| *prefix <= width)?, width };
        Some(Self { first: address & range.mask(), ..range })
    }

    /// The bits that tell the addresses of the range apart from those of others.
    pub fn mask(self) -> u128 {
        let all = u128::MAX >> (128 - self.width);
        all & !all.checked_shr(self.prefix).unwrap_or(0)
    }

    /// A part of it by its number: so many bits longer.
    pub fn subnet(self, bits: u32, number: u128) -> Option<Self> {
        let prefix = self.prefix.checked_add(bits).filter(|prefix| *prefix <= self.width)?;
        let is_there = bits >= 128 || number < 1 << bits;
        let offset = number.checked_shl(self.width - prefix).unwrap_or(0);
        is_there.then_some(Self { first: self.first | offset, prefix, width: self.width })
    }

    /// Ranges one behind the other, each as early as its size allows.
    pub fn consecutive(self, bits: &[u32]) -> Option<Vec<Self>> {
        let mut next = self.first;
        let mut found = Vec::new();
        for bits in bits {
            let prefix = self.prefix.checked_add(*bits).filter(|prefix| *prefix <= self.width)?;
            let size = 1u128.checked_shl(self.width - prefix)?;
            let first = next.checked_next_multiple_of(size)?;
            let subnet = Self { first, prefix, width: self.width };
            (first & self.mask() == self.first).then_some(())?;
            next = first.checked_add(size)?;
            found.push(subnet);
        }
        Some(found)
    }

    /// An address by its number; a negative one counts from the end.
    pub fn host(self, number: i128) -> Option<IpAddr> {
        let count = 1i128.checked_shl(self.width - self.prefix).filter(|count| *count > 0)?;
        let offset = if number < 0 { count.checked_add(number)? } else { number };
        (0..count).contains(&offset).then(|| self.address_of(self.first | offset.unsigned_abs()))
    }

    /// A number as an address.
    pub fn address_of(self, number: u128) -> IpAddr {
        match self.width {
            32 => IpAddr::V4(Ipv4Addr::from(number as u32)),
            _ => IpAddr::V6(Ipv6Addr::from(number)),
        }
    }

    /// As it is written.
    pub fn to_text(self) -> String {
        format!("{}/{}", self.address_of(self.first), self.prefix)
    }
}

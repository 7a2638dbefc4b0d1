//! How many CPUs a machine has, as far as the name of its type says so. The schemes of the names are those of the
//! providers' documents on machine types (read 2026-11-25); of types that do not follow them nothing is said.

/// vCPU of a machine type of Google Cloud: `e2-standard-4`, `n2-highmem-8`, `e2-medium`.
pub fn google(name: &str) -> Option<u64> {
    let mut parts = name.split('-');
    let (family, class) = (parts.next()?, parts.next()?);
    match (family, class) {
        ("f1" | "g1", _) => Some(1),
        ("e2", "micro" | "small" | "medium") => Some(2),
        (_, "standard" | "highmem" | "highcpu" | "megamem" | "ultramem" | "highgpu") => parts.next()?.parse().ok(),
        ("e2" | "n1" | "n2" | "n2d", "custom") => parts.next()?.parse().ok(),
        _ => None,
    }
}

/// vCPU of an instance type of EC2 by its size, the most that a type of the size has: `m6i.2xlarge`.
pub fn aws(name: &str) -> Option<u64> {
    let (_, size) = name.split_once('.')?;
    match size {
        "nano" | "micro" | "small" | "medium" | "large" => Some(2),
        "xlarge" => Some(4),
        _ => size.strip_suffix("xlarge")?.parse::<u64>().ok()?.checked_mul(4),
    }
}

/// vCPU of a size of Azure's virtual machines: `Standard_D4s_v5`, `Standard_B2ms`. In older versions the number is one
/// of a list (`Standard_DS11_v2` has 2), so it counts from the third version on, and for the series B, E and F.
pub fn azure(name: &str) -> Option<u64> {
    let size = name.strip_prefix("Standard_")?;
    let (size, version) = size.split_once("_v").unwrap_or((size, "1"));
    let version: u32 = version.parse().ok()?;
    let series: String = size.chars().take_while(char::is_ascii_alphabetic).collect();
    let number = &size[series.len()..];
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    let count: u64 = digits.parse().ok()?;
    match &*series {
        "D" | "DS" if version <= 2 => match count {
            1..=5 => Some(1 << (count - 1)),
            11..=14 => Some(1 << (count - 10)),
            15 => Some(20),
            _ => None,
        },
        "B" | "D" | "E" | "F" => Some(count),
        _ => None,
    }
}

/// vCPU of a flavor of Gcore: `g1-standard-2-4` has 2 vCPU and 4 GiB.
pub fn gcore(name: &str) -> Option<u64> {
    let parts: Vec<&str> = name.split('-').collect();
    match parts.as_slice() {
        [family, _, cpus, memory] if family.starts_with('g') && memory.parse::<u64>().is_ok() => cpus.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_how_many_cpus_there_are() {
        let google = ["e2-standard-4", "n2-highmem-8", "e2-medium", "e2-custom-6-8192", "a2-mystery"].map(google);
        assert_eq!(google, [Some(4), Some(8), Some(2), Some(6), None]);
        let aws = ["t3.medium", "m6i.xlarge", "m6i.2xlarge", "m6i.metal", "large"].map(aws);
        assert_eq!(aws, [Some(2), Some(4), Some(8), None, None]);
        let azure =
            ["Standard_D4s_v5", "Standard_B2ms", "Standard_D2_v2", "Standard_DS3_v2", "Standard_DS11_v2", "Basic_A1"]
                .map(azure);
        assert_eq!(azure, [Some(4), Some(2), Some(2), Some(4), Some(2), None]);
        let gcore = ["g1-standard-2-4", "g2-cpu-8-16", "bm1-infrastructure-small", "g1-standard"].map(gcore);
        assert_eq!(gcore, [Some(2), Some(8), None, None]);
    }
}

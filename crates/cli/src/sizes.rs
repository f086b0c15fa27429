//! Sizes as people write and read them.

/// Reads `512`, `64KiB`, `2GiB`, `1GB`, `1.4GiB`, `4k`: bytes, binary or decimal units, one letter meaning binary.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let trimmed = text.trim();
    let split = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(split);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return Err(format!("{unit:?} is not a unit; use for example 512, 64KiB, 2GiB or 1GB")),
    };
    let bad = || format!("{text:?} is not a size; use for example 512, 64KiB, 2GiB or 1GB");
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor).ok_or_else(|| format!("{text:?} is larger than any disk"));
    }
    let (whole, fraction) = number.split_once('.').ok_or_else(bad)?;
    let whole: u64 = whole.parse().map_err(|_| bad())?;
    let digits = u32::try_from(fraction.len()).ok().filter(|digits| (1..=9).contains(digits)).ok_or_else(bad)?;
    let fraction: u64 = fraction.parse().map_err(|_| bad())?;
    let part = u128::from(fraction) * u128::from(factor) / 10_u128.pow(digits);
    let total = u128::from(whole).saturating_mul(u128::from(factor)).saturating_add(part);
    u64::try_from(total).map_err(|_| format!("{text:?} is larger than any disk"))
}

/// Reads `OFFSET:LENGTH`; decimal, `0x` hexadecimal, or with units.
pub(crate) fn parse_range(text: &str) -> Result<(u64, u64), String> {
    let (offset, length) = text.split_once(':').ok_or("a range is OFFSET:LENGTH, for example 1MiB:4096")?;
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).map_err(|_| format!("{text:?} is not a hexadecimal number")),
        None => parse(text),
    };
    Ok((number(offset)?, number(length)?))
}

/// A size for people: `1.4 GiB (1503238553 bytes)`.
pub(crate) fn shown(bytes: u64) -> String {
    if bytes < 1024 { short(bytes) } else { format!("{} ({bytes} bytes)", short(bytes)) }
}

/// A size where the exact one stands elsewhere: `1.4 GiB`.
pub(crate) fn short(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = bytes as f64;
    let mut unit = None;
    for name in units {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = Some(name);
    }
    match unit {
        None => format!("{bytes} bytes"),
        Some(unit) => format!("{value:.1} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [("512", 512), ("64KiB", 65536), ("2GiB", 2 << 30), ("1GB", 1_000_000_000), ("1.5k", 1536)]
        {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for bad in ["", "x", "1.2.3", "-1", "99999999999TiB", "1..", "1 parsec"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_range("0x200:1KiB"), Ok((512, 1024)));
        assert!(parse_range("5").is_err());
    }
}

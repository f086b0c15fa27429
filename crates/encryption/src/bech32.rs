//! Bech32 (BIP 173) without its limit of 90 characters, as age writes its keys.

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];

fn polymod(values: impl Iterator<Item = u8>) -> u32 {
    values.fold(1_u32, |sum, value| {
        let top = sum >> 25;
        let sum = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        let bits = GENERATOR.iter().enumerate().filter(|(bit, _)| (top >> bit) & 1 == 1);
        bits.fold(sum, |sum, (_, generator)| sum ^ generator)
    })
}

fn expanded(prefix: &str) -> impl Iterator<Item = u8> {
    prefix.bytes().map(|c| c >> 5).chain([0]).chain(prefix.bytes().map(|c| c & 31))
}

/// The text of `bytes` under a prefix in lower case.
pub(crate) fn encode(prefix: &str, bytes: &[u8]) -> String {
    let (mut values, mut held, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for byte in bytes {
        held = ((held & 0xff) << 8) | u32::from(*byte);
        bits = bits.saturating_add(8);
        while bits >= 5 {
            bits = bits.saturating_sub(5);
            values.push(u8::try_from((held >> bits) & 31).unwrap_or(0));
        }
    }
    if bits > 0 {
        values.push(u8::try_from((held << (5_u32.saturating_sub(bits))) & 31).unwrap_or(0));
    }
    let sum = polymod(expanded(prefix).chain(values.iter().copied()).chain([0; 6])) ^ 1;
    let check = (0..6_u32).map(|number| u8::try_from((sum >> (25 - 5 * number)) & 31).unwrap_or(0));
    let letters =
        values.into_iter().chain(check).map(|value| ALPHABET.get(usize::from(value)).copied().unwrap_or(b'q'));
    prefix.chars().chain(['1']).chain(letters.map(char::from)).collect()
}

/// The 32 bytes of a text with that prefix, which is in lower case; the text is all in lower or all in upper case.
pub(crate) fn decode(prefix: &str, text: &str) -> Option<[u8; 32]> {
    let lower = text.to_ascii_lowercase();
    if text != lower && text != text.to_ascii_uppercase() {
        return None;
    }
    let data = lower.strip_prefix(prefix)?.strip_prefix('1')?;
    let values: Option<Vec<u8>> = data
        .bytes()
        .map(|c| ALPHABET.iter().position(|letter| *letter == c).and_then(|at| u8::try_from(at).ok()))
        .collect();
    let values = values?;
    if polymod(expanded(prefix).chain(values.iter().copied())) != 1 {
        return None;
    }
    let (payload, _) = values.split_at_checked(values.len().checked_sub(6)?)?;
    let (mut bytes, mut held, mut bits) = (Vec::with_capacity(32), 0_u32, 0_u32);
    for value in payload {
        held = ((held & 0xff) << 5) | u32::from(*value);
        bits = bits.saturating_add(5);
        if bits >= 8 {
            bits = bits.saturating_sub(8);
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap_or(0));
        }
    }
    // What is left over is less than a letter, and zero.
    let left = held & ((1_u32 << bits) - 1);
    (bits < 5 && left == 0).then_some(())?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_public_documentation_goes_there_and_back() {
        let text = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";
        let bytes = decode("age", text).unwrap();
        assert_eq!(encode("age", &bytes), text);
        assert_eq!(decode("age", &text.to_ascii_uppercase()), Some(bytes));
        for byte in 0..=255 {
            let text = encode("age-secret-key-", &[byte; 32]);
            assert_eq!(decode("age-secret-key-", &text), Some([byte; 32]));
        }
    }

    #[test]
    fn another_letter_another_case_and_another_length_are_refused() {
        let text = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";
        for at in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = if changed[at] == b'q' { b'p' } else { b'q' };
            assert_eq!(decode("age", &String::from_utf8(changed).unwrap()), None, "{at}");
            assert_eq!(decode("age", &text[..at]), None, "{at}");
        }
        assert_eq!(decode("age", &text.replace('t', "T")), None);
        assert_eq!(decode("age", &encode("age", &[7; 31])), None);
        assert_eq!(decode("age", &encode("age", &[7; 33])), None);
        assert_eq!(decode("age", "age1é"), None);
    }
}

//! Text armour of certificates, lists and keys (RFC 7468).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::fault::Fault;

const STRUCTURE: &str = "PEM text";

/// Blocks of one text that are read: a bundle of all public roots has some hundred.
pub const BLOCKS_MAX: usize = 1024;

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it says it is: `CERTIFICATE`, `X509 CRL`, `PRIVATE KEY`.
    pub label: String,
    /// The bytes; cleared on drop, since they may be a private key.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// Every block of a text; whatever stands between blocks is a comment.
///
/// # Errors
/// If a block does not end, is not base64, or there are more than [`BLOCKS_MAX`].
pub fn blocks(text: &str) -> Result<Vec<Block>, Fault> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let broken =
            |what: &str| Fault::unsupported(STRUCTURE, format!("block {}: {what}", all.len().saturating_add(1)));
        let (label, body) = after.split_once("-----").ok_or_else(|| broken("its first line does not end"))?;
        let label = label.to_owned();
        let end = format!("-----END {label}-----");
        let (body, after) = body.split_once(&end).ok_or_else(|| broken("its last line is missing"))?;
        if body.contains(':') {
            return Err(broken(
                "headers in it: the old way of encryption, which is not read; rewrite it with: openssl pkcs8 -topk8",
            ));
        }
        let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
        base64.extend(body.chars().filter(|c| !c.is_ascii_whitespace()));
        let bytes = STANDARD.decode(base64.as_bytes()).map_err(|error| broken(&format!("not base64: {error}")))?;
        if all.len() >= BLOCKS_MAX {
            return Err(Fault::limit(STRUCTURE, format!("more than {BLOCKS_MAX} blocks")));
        }
        all.push(Block { label, bytes: Zeroizing::new(bytes) });
        rest = after;
    }
    Ok(all)
}

/// A block as text, in lines of 64 characters.
#[must_use]
pub fn block(label: &str, bytes: &[u8]) -> Zeroizing<String> {
    let base64 = Zeroizing::new(STANDARD.encode(bytes));
    // Room for everything at once: a buffer that grows leaves copies of its content behind.
    let room = base64.len().saturating_add(base64.len() / 64).saturating_add(label.len().saturating_mul(2));
    let mut text = Zeroizing::new(String::with_capacity(room.saturating_add(64)));
    text.extend(["-----BEGIN ", label, "-----\n"]);
    for line in base64.as_bytes().chunks(64) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    text.extend(["-----END ", label, "-----\n"]);
    text
}

/// The DER form of every block with that label in a file that is text, or of the whole file if it is DER itself.
///
/// # Errors
/// If the text is damaged.
pub fn all_of(label: &str, file: &[u8]) -> Result<Vec<Vec<u8>>, Fault> {
    if file.first() == Some(&crate::der::tag::SEQUENCE) {
        return Ok(vec![file.to_vec()]);
    }
    let text = std::str::from_utf8(file).map_err(|_| Fault::unsupported(STRUCTURE, "neither DER nor text"))?;
    Ok(blocks(text)?.into_iter().filter(|block| block.label == label).map(|block| block.bytes.to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_go_there_and_back_whatever_stands_between() {
        let text = format!("for A\n{}between\n{}", *block("CERTIFICATE", &[1; 100]), *block("X509 CRL", &[]));
        let read = blocks(&text).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].label.as_str(), read[0].bytes.len()), ("CERTIFICATE", 100));
        assert_eq!(all_of("X509 CRL", text.as_bytes()).unwrap(), [Vec::<u8>::new()]);
        assert_eq!(all_of("X509 CRL", &[0x30, 0]).unwrap(), [vec![0x30, 0]]);
        assert_eq!(blocks("nothing").unwrap(), []);
    }

    #[test]
    fn damaged_blocks_are_refused() {
        let good = block("X", &[1, 2, 3]);
        for bad in [good.replace("END X", "END Y"), good.replace("AQID", "AQI*"), "-----BEGIN X".to_owned()] {
            assert!(blocks(&bad).is_err(), "{bad}");
        }
        assert!(blocks(&good.replace("AQID", "Proc-Type: 4,ENCRYPTED\n\nAQID")).is_err());
    }
}

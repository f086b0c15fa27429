//! Words that are explained, and limits that hold for every report.

/// Term and explanation, in the order of the alphabet.
pub(super) const GLOSSARY: &[(&str, &str)] = &[
    (
        "Byte, sector",
        "A byte is the smallest unit of stored data that has an address. A device stores bytes in sectors, usually of 512 or 4096 bytes, and reads or fails to read a sector as a whole.",
    ),
    (
        "Carving",
        "Recovering files by recognising their content, without the help of folders or names. It can find what was deleted. It cannot tell when or by whom a file was stored.",
    ),
    (
        "Chain of custody",
        "The record of who held the evidence, when, and what was done with it. Here each entry contains a digest of the one before, so that a later change to an old entry shows.",
    ),
    (
        "Digest (hash)",
        "A short number computed from all bytes of a file or a medium; see section 6. MD5, SHA-1, SHA-256 and SHA-512 are ways to compute one.",
    ),
    (
        "Gap",
        "A range of the medium that could not be read. It keeps its place in the copy and is filled with zeros. The zeros are not data.",
    ),
    (
        "Hash tree",
        "Digests of small pieces of a medium, combined in pairs up to one root. With the root, a piece can be checked without the rest.",
    ),
    (
        "Image",
        "A copy of all bytes of a medium, from the first to the last, in one or more files. E01 is a compressed form of it, raw a plain one.",
    ),
    ("Medium", "What was copied: a disk, a memory stick, a partition or a file."),
    (
        "Package",
        "A folder in one archive file that holds the evidence, the records about it, and lists of digests over all of them, sealed with a signature.",
    ),
    ("Segment", "One of the files that an image is divided into."),
    (
        "Signature, fingerprint",
        "A signature is a number that only the holder of a secret key can make and everyone can check. A fingerprint is a short name of such a key, by which people compare keys.",
    ),
    (
        "Write protection",
        "What keeps the original from being changed while it is read. A hardware write blocker sits between device and machine; a setting of the operating system does the same in software and protects less.",
    ),
];

/// What no report of this program can show.
pub(super) const STANDING_LIMITS: &[&str] = &[
    "It shows what was recorded. What was done and not written down is not in it.",
    "Times come from the clocks of the machines that were used. Nobody vouches here for those clocks.",
    "Names, models and serial numbers are what a device said about itself. A device can say something untrue.",
    "Areas that a device hides from the operating system were not examined unless the table of the item says so.",
    "Solid-state storage can change or clear unused areas by itself. Copying the same device again may give another digest although nobody changed anything.",
    "It does not say what a file means, who made it, or whether anyone knew that it was there.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_stand_in_alphabetical_order() {
        assert!(GLOSSARY.is_sorted_by_key(|(term, _)| term.to_lowercase()));
    }
}

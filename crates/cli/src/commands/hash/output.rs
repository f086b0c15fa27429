//! Digests in the formats of other programs.

use exhibit_evidence::to_hex;
use serde_json::json;

use super::{Format, Hashed};

/// The lines to print; bytes, because a name need not be text and a program needs it exactly.
pub(super) fn lines(format: Format, files: &[Hashed], ids: &[String]) -> Vec<Vec<u8>> {
    let bytes = |lines: Vec<String>| lines.into_iter().map(String::into_bytes).collect();
    match format {
        Format::Coreutils => coreutils(files, ids),
        Format::Hashdeep => hashdeep(files, ids),
        Format::Dfxml => bytes(dfxml(files)),
        Format::Json => {
            let line = |f: &Hashed| json!({"path": f.name, "size": f.size, "digests": f.digests}).to_string();
            bytes(files.iter().map(line).collect())
        }
    }
}

/// GNU coreutils: two spaces before the name; names with a backslash or line end are escaped and the line begins with a
/// backslash. With several digests the tagged form, in which each line names its algorithm.
fn coreutils(files: &[Hashed], ids: &[String]) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for file in files {
        let escaped = escaped(file.name.bytes());
        let mark: &[u8] = if escaped == file.name.bytes() { b"" } else { b"\\" };
        for id in ids {
            let Some(digest) = file.digests.get(id).map(str::as_bytes) else { continue };
            lines.push(match ids.len() {
                1 => [mark, digest, b"  ", &escaped].concat(),
                _ => [mark, id.to_uppercase().as_bytes(), b" (", &escaped, b") = ", digest].concat(),
            });
        }
    }
    lines
}

/// Backslashes and line ends as coreutils writes them.
fn escaped(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    for &byte in name {
        match byte {
            b'\\' => out.extend(b"\\\\"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            byte => out.push(byte),
        }
    }
    out
}

/// hashdeep 1.0: a header, then size, digests and name separated by commas.
fn hashdeep(files: &[Hashed], ids: &[String]) -> Vec<Vec<u8>> {
    let head = ["%%%% HASHDEEP-1.0".to_owned(), format!("%%%% size,{},filename", ids.join(","))];
    let line = |file: &Hashed| {
        let digests: Vec<&str> = ids.iter().filter_map(|id| file.digests.get(id)).collect();
        [format!("{},{},", file.size, digests.join(",")).as_bytes(), file.name.bytes()].concat()
    };
    head.into_iter().map(String::into_bytes).chain(files.iter().map(line)).collect()
}

/// DFXML: a fileobject for each file.
fn dfxml(files: &[Hashed]) -> Vec<String> {
    let mut lines = vec![
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(),
        "<dfxml version=\"1.0\" xmlns=\"http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML\">".to_owned(),
        format!("  <creator><program>exhibit</program><version>{}</version></creator>", env!("CARGO_PKG_VERSION")),
    ];
    for file in files {
        lines.push("  <fileobject>".to_owned());
        lines.push(match std::str::from_utf8(file.name.bytes()) {
            Ok(name) if !name.chars().any(|c| c.is_control()) => format!("    <filename>{}</filename>", xml(name)),
            // XML cannot carry every byte: what it cannot carry travels as hexadecimal.
            _ => format!("    <filename encoding=\"hex\">{}</filename>", to_hex(file.name.bytes())),
        });
        lines.push(format!("    <filesize>{}</filesize>", file.size));
        let digest = |(id, hex): (&str, &str)| format!("    <hashdigest type=\"{id}\">{hex}</hashdigest>");
        lines.extend(file.digests.iter().map(digest));
        lines.push("  </fileobject>".to_owned());
    }
    lines.push("</dfxml>".to_owned());
    lines
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{Digest, Name};

    use super::*;

    #[test]
    fn names_with_line_ends_are_escaped_as_sha256sum_does() {
        let digests = [Digest::new("md5", [0xab; 16])].into_iter().collect();
        let file = Hashed { name: Name::from("a\\b\nc"), size: 3, digests };
        let hex = "ab".repeat(16);
        assert_eq!(coreutils(&[file], &["md5".to_owned()]), [format!("\\{hex}  a\\\\b\\nc").into_bytes()]);
    }

    #[test]
    fn xml_cannot_be_broken_by_a_name() {
        let file = Hashed { name: Name::from("<&>"), size: 3, digests: exhibit_evidence::DigestSet::new() };
        assert!(dfxml(&[file]).iter().any(|line| line.contains("&lt;&amp;&gt;")));
    }
}

//! Digests in the formats of other programs.

use exhibit_evidence::to_hex;
use serde_json::json;

use super::{Format, Hashed};

/// The lines to print.
pub(super) fn lines(format: Format, files: &[Hashed], ids: &[String]) -> Vec<String> {
    match format {
        Format::Coreutils => coreutils(files, ids),
        Format::Hashdeep => hashdeep(files, ids),
        Format::Dfxml => dfxml(files),
        Format::Json => {
            files.iter().map(|f| json!({"path": f.name, "size": f.size, "digests": f.digests}).to_string()).collect()
        }
    }
}

/// GNU coreutils: two spaces before the name; names with a backslash or line end are escaped and the line begins with a
/// backslash. With several digests the tagged form, in which each line names its algorithm.
fn coreutils(files: &[Hashed], ids: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for file in files {
        let raw = String::from_utf8_lossy(file.name.bytes()).into_owned();
        let escaped = raw.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
        let mark = if escaped == raw { "" } else { "\\" };
        for id in ids {
            let Some(digest) = file.digests.get(id) else { continue };
            lines.push(match ids.len() {
                1 => format!("{mark}{digest}  {escaped}"),
                _ => format!("{mark}{} ({escaped}) = {digest}", id.to_uppercase()),
            });
        }
    }
    lines
}

/// hashdeep 1.0: a header, then size, digests and name separated by commas.
fn hashdeep(files: &[Hashed], ids: &[String]) -> Vec<String> {
    let mut lines = vec!["%%%% HASHDEEP-1.0".to_owned(), format!("%%%% size,{},filename", ids.join(","))];
    for file in files {
        let digests: Vec<&str> = ids.iter().filter_map(|id| file.digests.get(id)).collect();
        let name = String::from_utf8_lossy(file.name.bytes()).into_owned();
        lines.push(format!("{},{},{name}", file.size, digests.join(",")));
    }
    lines
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
        assert_eq!(coreutils(&[file], &["md5".to_owned()]), [format!("\\{hex}  a\\\\b\\nc")]);
    }

    #[test]
    fn xml_cannot_be_broken_by_a_name() {
        let file = Hashed { name: Name::from("<&>"), size: 3, digests: exhibit_evidence::DigestSet::new() };
        assert!(dfxml(&[file]).iter().any(|line| line.contains("&lt;&amp;&gt;")));
    }
}

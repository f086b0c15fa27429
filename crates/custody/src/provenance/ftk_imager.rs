//! FTK Imager: the text file beside its image.

use super::{Lines, Program, Provenance, clipped, number, state, take_digest};

pub(super) const PROGRAM: Program = Program { id: "ftk-imager", title: "FTK Imager text log", is_its, read };

fn is_its(lines: &Lines<'_>) -> bool {
    lines.begins_with("FTK") && (lines.begins_with("Imager") || lines.begins_with("Case Information"))
}

fn read(lines: &Lines<'_>) -> Provenance {
    let mut said = Provenance {
        started: lines.after("Acquisition started"),
        finished: lines.after("Acquisition finished"),
        source: lines.after("Information for"),
        ..Provenance::default()
    };
    let version = lines.each().take(5).find_map(|line| line.split_once("Imager")).map(|(_, rest)| rest);
    said.version =
        version.map(|rest| clipped(rest.trim_matches([' ', '®', '™', '.', '\t']))).filter(|text| !text.is_empty());
    for (name, label) in [
        ("case", "Case Number"),
        ("evidence", "Evidence Number"),
        ("description", "Unique Description"),
        ("examiner", "Examiner"),
        ("notes", "Notes"),
        ("model", "Drive Model"),
        ("serial", "Drive Serial Number"),
        ("interface", "Drive Interface Type"),
        ("verification started", "Verification started"),
        ("verification finished", "Verification finished"),
    ] {
        state(&mut said, name, lines.after(label));
    }
    // Sectors are counted; a size in bytes is not written.
    let sectors = lines.after("Sector Count").and_then(|text| number(&text)).and_then(|text| text.parse::<u64>().ok());
    let sector =
        lines.after("Bytes per Sector").and_then(|text| number(&text)).and_then(|text| text.parse::<u64>().ok());
    said.size = sectors.and_then(|count| count.checked_mul(sector.unwrap_or(512))).map(|size| size.to_string());
    for line in lines.each() {
        let trimmed = line.trim();
        let digest = trimmed.split_once("checksum:").or_else(|| trimmed.split_once("hash:"));
        if let Some((algorithm, rest)) = digest {
            take_digest(&mut said, &algorithm.trim().to_ascii_lowercase().replace('-', ""), rest);
            if trimmed.ends_with(": mismatch") || trimmed.ends_with(": failed") {
                said.errors.push(clipped(trimmed));
            }
        }
        if trimmed.contains("bad sector") || trimmed.contains("ead errors") || trimmed.contains("could not be read") {
            said.errors.push(clipped(trimmed));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    const LOG: &str = "Created By AccessData® FTK® Imager 4.5.0.3 \r\n\r\nCase Information: \r\nAcquired using: ADI4.5.0.3\r\nCase Number: 2026-117\r\n\
        Evidence Number: 001\r\nUnique Description: stick\r\nExaminer: A. Example\r\nNotes:  \r\n\r\n--------------------------------------------------------------\r\n\r\n\
        Information for E:\\images\\001:\r\n\r\nPhysical Evidentiary Item (Source) Information:\r\n[Device Info]\r\n Source Type: Physical\r\n[Drive Geometry]\r\n\
         Bytes per Sector: 512\r\n Sector Count: 7,821,312\r\n[Physical Drive Information]\r\n Drive Model: Generic Flash\r\n Drive Serial Number: 0815\r\n\
        [Computed Hashes]\r\n MD5 checksum:    c95c800f2a43be6047ca994bc8a44b7f\r\n SHA1 checksum:   da39a3ee5e6b4b0d3255bfef95601890afd80709\r\n\r\n\
        Image Information:\r\n Acquisition started:   Sun Nov 29 10:00:00 2026\r\n Acquisition finished:  Sun Nov 29 10:05:00 2026\r\n\
        Image Verification Results:\r\n Verification started:  Sun Nov 29 10:05:00 2026\r\n MD5 checksum:    c95c800f2a43be6047ca994bc8a44b7f : verified\r\n";

    #[test]
    fn a_text_log_is_read_in_both_encodings() {
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(LOG.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [LOG.as_bytes().to_vec(), utf16] {
            let said = super::super::read(&bytes).unwrap();
            assert_eq!((said.program.as_str(), said.version.as_deref()), ("ftk-imager", Some("4.5.0.3")));
            assert_eq!((said.size.as_deref(), said.stated["serial"].as_str()), (Some("4004511744"), "0815"));
            assert_eq!((said.digests.len(), said.remarks.len(), said.errors.len()), (2, 0, 0));
            assert_eq!(said.finished.as_deref(), Some("Sun Nov 29 10:05:00 2026"));
            assert_eq!(said.stated.get("notes"), None);
        }
        let other = LOG.replace("7f : verified", "70 : mismatch");
        let said = super::super::read(other.as_bytes()).unwrap();
        assert_eq!((said.errors.len(), said.remarks.len()), (1, 1));
    }
}

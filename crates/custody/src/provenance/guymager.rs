//! Guymager: the `.info` file beside its image.

use super::{Lines, Program, Provenance, clipped, number, state, take_digest};

pub(super) const PROGRAM: Program = Program { id: "guymager", title: "Guymager info file", is_its, read };

fn is_its(lines: &Lines<'_>) -> bool {
    lines.begins_with("GUYMAGER ACQUISITION INFO FILE")
}

fn read(lines: &Lines<'_>) -> Provenance {
    let mut said = Provenance {
        started: lines.after("Acquisition started"),
        finished: lines.after("Ended").or_else(|| lines.after("Verification ended")),
        source: lines.after("Linux device"),
        ..Provenance::default()
    };
    said.version = lines.after("Version");
    said.size = lines.after("Device size").and_then(|text| number(&text));
    for (name, label) in [
        ("case", "Case number"),
        ("evidence", "Evidence number"),
        ("examiner", "Examiner"),
        ("description", "Description"),
        ("notes", "Notes"),
        ("model", "Model"),
        ("serial", "Serial number"),
        ("format", "Format"),
        ("state", "State"),
        ("source verification", "Source verification"),
    ] {
        state(&mut said, name, lines.after(label));
    }
    for line in lines.each() {
        let Some((label, value)) = line.split_once(':') else {
            if line.contains("bad sector") && !line.starts_with("No bad sectors") {
                said.errors.push(clipped(line.trim()));
            }
            continue;
        };
        // `MD5 hash`, `MD5 hash verified source`, `MD5 hash verified image`: a difference among them is told.
        let label = label.trim();
        if let Some(rest) =
            label.strip_suffix(" hash").or_else(|| label.split_once(" hash verified").map(|(name, _)| name))
        {
            take_digest(&mut said, &rest.to_ascii_lowercase().replace('-', ""), value);
        }
        if label.starts_with("Bad sectors") && !value.trim().starts_with("0 ") && value.trim() != "0" {
            said.errors.push(clipped(line.trim()));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_info_file_is_read() {
        let info = "\nGUYMAGER ACQUISITION INFO FILE\n==============================\n\nGuymager\n========\n\nVersion              : 0.8.13\n\n\
            Device information\n==================\nCommand executed: bash -c \"search\"\n\n\
            Acquisition\n===========\n\nLinux device         : /dev/sdb\nDevice size          : 4004511744 (4.0GB)\nFormat               : Expert Witness Format, sub-format Guymager - file extension is .Exx\n\
            Case number          : 2026-117\nExaminer             : A. Example\n\nHash calculation     : MD5 and SHA-256\n\n\
            2 bad sectors have been encountered during acquisition, they have been replaced by zeroed sectors.\n\
            State: Finished successfully\n\nMD5 hash                   : c95c800f2a43be6047ca994bc8a44b7f\nMD5 hash verified source   : --\nMD5 hash verified image    : c95c800f2a43be6047ca994bc8a44b7f\n\
            SHA256 hash                : 0b75eeae1bbae52c23b2a9582df4cd23c8a261608ff531de6ffa8fc357a33d89\n\
            Acquisition started : 2026-11-29 10:00:00 (ISO format YYYY-MM-DD HH:MM:SS)\nVerification started: 2026-11-29 10:05:00\nEnded               : 2026-11-29 10:10:00 (0 hours, 10 minutes and 0 seconds)\n";
        let said = super::super::read(info.as_bytes()).unwrap();
        assert_eq!((said.program.as_str(), said.version.as_deref()), ("guymager", Some("0.8.13")));
        assert_eq!((said.source.as_deref(), said.size.as_deref()), (Some("/dev/sdb"), Some("4004511744")));
        assert_eq!(said.digests.len(), 2);
        assert_eq!((said.stated["case"].as_str(), said.errors.len(), said.remarks.len()), ("2026-117", 1, 0));
        let other = info.replace("image    : c9", "image    : 00");
        assert_eq!(super::super::read(other.as_bytes()).unwrap().remarks.len(), 1);
    }
}

//! ewfacquire of libewf: what it prints, and the log file it is asked for with `-l`, which holds the digests only.

use super::{Lines, Program, Provenance, clipped, number, state, take_digest};

pub(super) const PROGRAM: Program = Program { id: "ewfacquire", title: "ewfacquire (libewf)", is_its, read };

/// The lines that name a digest: `MD5 hash calculated over data:  …`.
const DIGEST: &str = " hash calculated over data";

fn is_its(lines: &Lines<'_>) -> bool {
    let printed = lines.each().take(20).any(|line| line.starts_with("ewfacquire"));
    printed || lines.begins_with(DIGEST) || lines.begins_with("Acquiry started at:")
}

fn read(lines: &Lines<'_>) -> Provenance {
    let mut said = Provenance {
        started: lines.after("Acquiry started at"),
        finished: lines.after("Acquiry completed at"),
        ..Provenance::default()
    };
    let first = lines.each().find_map(|line| line.strip_prefix("ewfacquire "));
    said.version = first.and_then(|rest| rest.split_whitespace().next()).map(clipped);
    said.size = lines.after("Media size").and_then(|text| number(text.rsplit('(').next().unwrap_or_default()));
    for (name, label) in [
        ("case", "Case number"),
        ("description", "Description"),
        ("evidence", "Evidence number"),
        ("examiner", "Examiner name"),
        ("notes", "Notes"),
        ("model", "Model"),
        ("serial", "Serial number"),
        ("result", "ewfacquire:"),
    ] {
        state(&mut said, name, lines.after(label));
    }
    for line in lines.each() {
        if let Some((algorithm, rest)) = line.split_once(DIGEST) {
            take_digest(&mut said, &algorithm.trim().to_ascii_lowercase(), rest);
        }
        if line.trim_start().starts_with("at sector(s):") || line.contains("ead error") {
            said.errors.push(clipped(line.trim()));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_it_prints_and_what_it_logs_are_read() {
        let printed = "ewfacquire 20140813\n\nStorage media information:\nType:\t\t\t\t\tRAW image\nMedia size:\t\t\t\t200 KB (200000 bytes)\n\
            Acquiry started at: Nov 29, 2026 16:53:50\nThis could take a while.\n\nAcquiry completed at: Nov 29, 2026 16:53:51\n\
            Errors reading device:\n\ttotal number: 1\n\tat sector(s): 12 - 14 number: 2\n\
            MD5 hash calculated over data:\t\tc95c800f2a43be6047ca994bc8a44b7f\newfacquire: SUCCESS\n";
        let said = super::super::read(printed.as_bytes()).unwrap();
        assert_eq!((said.program.as_str(), said.version.as_deref()), ("ewfacquire", Some("20140813")));
        assert_eq!((said.size.as_deref(), said.started.as_deref()), (Some("200000"), Some("Nov 29, 2026 16:53:50")));
        assert_eq!(said.digests["md5"], "c95c800f2a43be6047ca994bc8a44b7f");
        assert_eq!((said.stated["result"].as_str(), said.errors.len()), ("SUCCESS", 1));
        let log = "MD5 hash calculated over data:\t\tc95c800f2a43be6047ca994bc8a44b7f\n";
        let said = super::super::read(log.as_bytes()).unwrap();
        assert_eq!((said.program.as_str(), said.digests.len(), said.version), ("ewfacquire", 1, None));
    }
}

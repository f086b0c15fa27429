//! dc3dd: the log of `log=`, also of `hlog=` and `mlog=`.

use super::{Lines, Program, Provenance, clipped, number, state, take_digest};

pub(super) const PROGRAM: Program = Program { id: "dc3dd", title: "dc3dd", is_its, read };

fn is_its(lines: &Lines<'_>) -> bool {
    lines.each().take(20).any(|line| line.starts_with("dc3dd ") && line.contains(" started at "))
}

fn read(lines: &Lines<'_>) -> Provenance {
    let mut said = Provenance::default();
    // Of the parts "input results" and "output results" the first is about the medium.
    let mut input = false;
    for line in lines.each() {
        if let Some((first, started)) = line.strip_prefix("dc3dd ").and_then(|rest| rest.split_once(" started at ")) {
            (said.version, said.started) = (Some(clipped(first)), Some(clipped(started)));
        } else if let Some((_, finished)) = line.split_once(" at ").filter(|(first, _)| is_end(first)) {
            said.finished = Some(clipped(finished));
            let how = line.split_whitespace().nth(1).unwrap_or_default();
            state(&mut said, "result", Some(clipped(how)));
        } else if let Some(rest) = line.strip_prefix("input results for ") {
            input = true;
            said.source = Some(clipped(rest.trim_end_matches(':')));
        } else if line.starts_with("output results") {
            input = false;
        } else if let Some((digest, algorithm)) = line.trim().split_once(" (").filter(|_| input) {
            take_digest(&mut said, algorithm.trim_end_matches(')'), digest);
        }
        if line.contains("bytes (") && line.contains("copied") {
            said.size = number(line);
        }
        if line.trim_start().starts_with("[!!]") || line.contains("bad sector") || line.contains("rror reading") {
            said.errors.push(clipped(line.trim()));
        }
    }
    state(&mut said, "command line", lines.after("command line"));
    state(&mut said, "sector size", lines.after("sector size"));
    said
}

fn is_end(first: &str) -> bool {
    first == "dc3dd completed" || first == "dc3dd aborted" || first == "dc3dd failed"
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_input_counts_and_the_output_does_not() {
        let log = "\ndc3dd 7.2.646 started at 2026-11-29 16:53:50 +0000\ncompiled options:\ncommand line: dc3dd if=src.img hof=o.raw hash=md5\n\
            sector size: 512 bytes (assumed)\n      200000 bytes ( 195 K ) copied ( 100% ), 0.2 s, 925 K/s\n\n\
            input results for file `src.img':\n   390 sectors + 320 bytes in\n   2 bad sectors replaced by zeros\n   c95c800f2a43be6047ca994bc8a44b7f (md5)\n\n\
            output results for file `o.raw':\n   390 sectors + 320 bytes out\n   [!!] 00000000000000000000000000000000 (md5)\n\n\
            dc3dd completed at 2026-11-29 16:53:51 +0000\n";
        let said = super::super::read(log.as_bytes()).unwrap();
        assert_eq!((said.program.as_str(), said.version.as_deref()), ("dc3dd", Some("7.2.646")));
        assert_eq!((said.source.as_deref(), said.size.as_deref()), (Some("file `src.img'"), Some("200000")));
        assert_eq!(said.digests["md5"], "c95c800f2a43be6047ca994bc8a44b7f");
        assert_eq!(
            (said.finished.as_deref(), said.stated["result"].as_str()),
            (Some("2026-11-29 16:53:51 +0000"), "completed")
        );
        assert_eq!((said.errors.len(), said.remarks.len()), (2, 0));
    }
}

//! GNU ddrescue: its mapfile. What was read, and what was not; it has no digests.

use super::{Lines, Program, Provenance, clipped, state};

pub(super) const PROGRAM: Program = Program { id: "ddrescue", title: "GNU ddrescue mapfile", is_its, read };

fn is_its(lines: &Lines<'_>) -> bool {
    let named = lines.each().take(10).any(|line| {
        line.starts_with('#') && line.contains("ddrescue") && (line.contains("apfile") || line.contains("ogfile"))
    });
    // Without its comments a map still has a line of state and lines of position, size and status.
    let mut rows = lines.each().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let state = rows.next().is_some_and(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.len() >= 2 && hex(words.first()).is_some() && words.get(1).is_some_and(|word| "?*/-F G+".contains(*word))
    });
    state && (named || rows.next().is_some_and(|line| row(line).is_some()))
}

fn read(lines: &Lines<'_>) -> Provenance {
    let mut said = Provenance {
        started: lines.after("# Start time"),
        finished: lines.after("# Current time"),
        ..Provenance::default()
    };
    said.version =
        lines.each().find_map(|line| line.split_once("ddrescue version ")).map(|(_, text)| clipped(text.trim()));
    state(&mut said, "command line", lines.after("# Command line"));
    let rows = lines.each().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).skip(1);
    let (mut read, mut bad, mut left, mut end) = (0_u64, 0_u64, 0_u64, 0_u64);
    for line in rows {
        let Some((at, size, status)) = row(line) else {
            if said.remarks.is_empty() {
                said.remarks.push(format!("a line of the map could not be read: {}", clipped(line)));
            }
            continue;
        };
        match status {
            "+" => read = read.saturating_add(size),
            "-" => {
                bad = bad.saturating_add(size);
                said.errors.push(format!("not readable: {size} bytes from byte {at}"));
            }
            _ => left = left.saturating_add(size),
        }
        end = end.max(at.saturating_add(size));
    }
    said.size = Some(end.to_string());
    for (name, bytes) in [("bytes read", read), ("bytes not readable", bad), ("bytes not tried to the end", left)] {
        state(&mut said, name, Some(bytes.to_string()));
    }
    said
}

/// Position, size and status of a line.
fn row(line: &str) -> Option<(u64, u64, &str)> {
    let mut words = line.split_whitespace();
    let (at, size, status) = (hex(words.next().as_ref())?, hex(words.next().as_ref())?, words.next()?);
    matches!(status, "+" | "-" | "*" | "/" | "?").then_some((at, size, status))
}

fn hex(word: Option<&&str>) -> Option<u64> {
    let word = word?;
    match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    const MAP: &str = "# Mapfile. Created by GNU ddrescue version 1.27\n# Command line: ddrescue /dev/sdb o.raw map\n\
        # Start time:   2026-11-29 16:53:51\n# Current time: 2026-11-29 16:59:51\n# Finished\n# current_pos  current_status  current_pass\n\
        0x00030000     +               1\n#      pos        size  status\n0x00000000  0x00020000  +\n0x00020000  0x00000200  -\n\
        0x00020200  0x00000E00  *\n0x00021000  0x00010000  +\n";

    #[test]
    fn what_was_read_and_what_was_not_is_counted() {
        for text in [
            MAP.to_owned(),
            MAP.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect(),
        ] {
            let said = super::super::read(text.as_bytes()).unwrap();
            assert_eq!((said.program.as_str(), said.size.as_deref()), ("ddrescue", Some("200704")));
            assert_eq!(said.stated["bytes not readable"], "512");
            assert_eq!(said.stated["bytes not tried to the end"], "3584");
            assert_eq!(said.errors, ["not readable: 512 bytes from byte 131072"]);
        }
        let said = super::super::read(MAP.as_bytes()).unwrap();
        assert_eq!((said.version.as_deref(), said.finished.as_deref()), (Some("1.27"), Some("2026-11-29 16:59:51")));
    }
}

//! What a medium contains, in lines for people.

use exhibit_evidence::layout::{Contents, EncryptionState, Layout, Volume};
use exhibit_evidence::{Drive, HiddenState, Identity, Name};

use crate::sizes;
use crate::world::{Tone, World};

/// Columns of a narrow terminal.
const WIDTH: usize = 80;

/// Most partitions and remarks shown; the rest is in `--json`.
const SHOWN_MAX: usize = 32;

/// The lines of a layout, each with the colour it deserves.
pub(crate) fn layout_lines(layout: &Layout) -> Vec<(String, Tone)> {
    let mut lines = Vec::new();
    let partitions = layout.volumes.iter().filter(|volume| volume.number > 0).count();
    match (&layout.table, layout.table_sector_bytes) {
        (Some(table), Some(sector)) => {
            lines.push((
                format!("{} table, {partitions} partitions, sectors of {sector} bytes", table.to_uppercase()),
                Tone::Plain,
            ));
        }
        _ => lines.push(("no partition table recognised".to_owned(), Tone::Plain)),
    }
    for volume in layout.volumes.iter().take(SHOWN_MAX) {
        lines.extend(volume_lines(volume));
    }
    if let Some(more) = layout.volumes.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
        lines.push((format!("and {more} more partitions (--json has all)"), Tone::Plain));
    }
    lines
        .extend(layout.remarks.iter().take(SHOWN_MAX).map(|remark| (format!("! {}", escaped(remark)), Tone::Doubtful)));
    lines
}

fn volume_lines(volume: &Volume) -> Vec<(String, Tone)> {
    let place = match volume.number {
        0 => "whole medium".to_owned(),
        number => {
            let (at, size) = (volume.offset_bytes, sizes::short(volume.size_bytes));
            let declared = volume.declared.as_deref().map(|text| format!(", {}", declared(text))).unwrap_or_default();
            let name = volume.name.as_deref().map(|name| format!(" {:?}", escaped(name))).unwrap_or_default();
            format!("#{number} {size} at {at} (0x{at:x}){declared}{name}")
        }
    };
    let seen: Vec<String> = volume.contents.iter().map(contents).collect();
    let seen = match (seen.is_empty(), volume.unrecognised.as_deref()) {
        (false, _) => seen.join(" + "),
        (true, Some("random")) => {
            "nothing recognised; it looks random: encrypted without a header (VeraCrypt, plain dm-crypt), compressed or wiped".to_owned()
        }
        (true, Some("empty")) => "nothing recognised; what was looked at is zeros".to_owned(),
        (true, Some("unread")) => "could NOT be read".to_owned(),
        (true, _) => "nothing recognised".to_owned(),
    };
    let doubtful = matches!(volume.unrecognised.as_deref(), Some("random" | "unread"));
    let mut lines = vec![(format!("{place}: {seen}"), if doubtful { Tone::Doubtful } else { Tone::Plain })];
    for encryption in volume.contents.iter().filter_map(|contents| contents.encryption.as_ref()) {
        let word = match encryption.state {
            EncryptionState::Encrypted => "ENCRYPTED",
            EncryptionState::Partly => "PARTLY ENCRYPTED",
            EncryptionState::NotDeterminable => "perhaps encrypted",
        };
        lines.push((format!("  {word}: {}", escaped(&encryption.detail)), Tone::Doubtful));
    }
    lines
}

fn contents(contents: &Contents) -> String {
    let label = contents.label.as_deref().map(|label| format!(" {:?}", escaped(label))).unwrap_or_default();
    format!("{}{label}", contents.title)
}

/// The table's word for a partition, without the GUID that stands behind it.
fn declared(text: &str) -> String {
    match text.rsplit_once(" (") {
        Some((name, code)) if code.contains('-') && name != "unknown type" => name.to_owned(),
        _ => escaped(text),
    }
}

/// One word for all that may be hidden: the worst.
pub(crate) fn hidden_word(drive: Option<&Drive>) -> (&'static str, Tone) {
    let states: Vec<HiddenState> = drive.iter().flat_map(|drive| &drive.hidden).map(|area| area.state).collect();
    let has = |state| states.contains(&state);
    let state = match () {
        () if has(HiddenState::Present) => HiddenState::Present,
        () if has(HiddenState::NotDeterminable) || states.is_empty() => HiddenState::NotDeterminable,
        () if has(HiddenState::Absent) => HiddenState::Absent,
        () => HiddenState::NotApplicable,
    };
    (state.words(), tone(state))
}

/// A line for each way of hiding sectors.
pub(crate) fn hidden_lines(drive: &Drive) -> Vec<(String, Tone)> {
    let line = |area: &exhibit_evidence::HiddenArea| {
        let kind = match area.kind.as_str() {
            "any" => String::new(),
            kind => format!(" ({kind})"),
        };
        let count = area.sectors.map(|sectors| format!(", {sectors} sectors")).unwrap_or_default();
        (format!("hidden areas{kind}: {}{count}: {}", area.state.words(), escaped(&area.detail)), tone(area.state))
    };
    drive.hidden.iter().map(line).collect()
}

const fn tone(state: HiddenState) -> Tone {
    match state {
        HiddenState::Present => Tone::Bad,
        HiddenState::NotDeterminable => Tone::Doubtful,
        HiddenState::Absent | HiddenState::NotApplicable => Tone::Plain,
    }
}

/// What an examiner has to know before imaging: encryption, and sectors that an image will not hold.
pub(crate) fn warnings(identity: &Identity) -> Vec<String> {
    let mut warnings = Vec::new();
    let seen = identity.layout.iter().flat_map(Layout::encrypted);
    for (volume, contents, encryption) in seen.take(SHOWN_MAX) {
        let place = match volume.number {
            0 => "the medium".to_owned(),
            number => format!("partition {number}"),
        };
        let is = match encryption.state {
            EncryptionState::Encrypted => "is encrypted",
            EncryptionState::Partly => "is encrypted in part",
            EncryptionState::NotDeterminable => "may be encrypted",
        };
        let (title, detail) = (&contents.title, escaped(&encryption.detail));
        warnings.push(format!(
            "{place} ({title}) {is}: {detail}. The image will hold it as it is; secure passwords, recovery keys or TPM, and \
             if the system is running and unlocked, think of imaging it unlocked as well, before it is switched off"
        ));
    }
    let hidden = identity.drive.iter().flat_map(|drive| &drive.hidden);
    for area in hidden.filter(|area| area.state == HiddenState::Present) {
        warnings.push(format!("hidden area ({}), not in the image: {}", area.kind, escaped(&area.detail)));
    }
    if let Some(security) = identity.drive.as_ref().and_then(|drive| drive.security.as_deref())
        && security.contains("LOCKED")
    {
        warnings.push(escaped(security));
    }
    warnings
}

/// Prints lines behind `indent`, folded at 80 columns, so that a narrow terminal does not break them in the middle of words.
pub(crate) fn tell_folded(world: &World, indent: &str, lines: &[(String, Tone)]) {
    for (line, tone) in lines {
        for piece in folded(line, WIDTH.saturating_sub(indent.len())) {
            world.tell(&format!("{indent}{}", world.painted(&piece, *tone)));
        }
    }
}

/// Words in lines of at most `width` characters; lines after the first are indented like the first and a little more.
pub(crate) fn folded(text: &str, width: usize) -> Vec<String> {
    let own = text.len().saturating_sub(text.trim_start().len());
    let (first, further) = (" ".repeat(own), " ".repeat(own.saturating_add(4)));
    let mut lines: Vec<String> = Vec::new();
    let mut current = first;
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let needed =
            current.chars().count().saturating_add(word.chars().count()).saturating_add(usize::from(!is_empty));
        if needed > width && !is_empty {
            lines.push(std::mem::replace(&mut current, further.clone()));
            is_empty = true;
        }
        if !is_empty {
            current.push(' ');
        }
        current.push_str(word);
        is_empty = false;
    }
    lines.push(current);
    lines
}

/// What a medium or a device says of itself: whoever made it chose the characters.
fn escaped(text: &str) -> String {
    Name::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_words_and_lose_none() {
        let text = "  1  20.0 MiB at 1048576 (0x100000), Linux data: ext4 \"root\" and what else there may be";
        let lines = folded(text, 40);
        assert!(lines.iter().all(|line| line.chars().count() <= 40), "{lines:?}");
        let words: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
        assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
        assert!(lines[0].starts_with("  1") && lines[1].starts_with("      "), "{lines:?}");
    }

    #[test]
    fn what_could_not_be_determined_is_never_none() {
        assert_eq!(hidden_word(None).0, "not determinable");
        let drive = Drive::unasked(HiddenState::NotApplicable, "a loop device");
        assert_eq!(hidden_word(Some(&drive)).0, "not applicable");
    }
}

//! What the answers of an ATA drive mean together.

use exhibit_evidence::{Drive, HiddenArea, HiddenState};

use super::ata_identify::Identify;

/// The answers about the real size, in sectors, or what was in the way.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    /// By READ NATIVE MAX ADDRESS: without a host protected area.
    pub(super) native: Result<u64, String>,
    /// By DEVICE CONFIGURATION IDENTIFY: without an overlay.
    pub(super) dco: Result<u64, String>,
    /// By GET NATIVE MAX ADDRESS: without an accessible max address.
    pub(super) ama: Result<u64, String>,
}

/// The drive as a whole. `kernel_sectors` is what the operating system reads.
pub(super) fn drive(identify: &Identify, answers: &Answers, kernel_sectors: Option<u64>) -> Drive {
    let visible = identify.sectors;
    let hpa = area("hpa", identify.hpa, &answers.native, visible, "READ NATIVE MAX ADDRESS");
    let ama = area("ama", identify.ama, &answers.ama, visible, "GET NATIVE MAX ADDRESS");
    // The overlay lies below the others: it hides what even they cannot give back.
    let below = [&answers.native, &answers.ama].into_iter().flatten().copied().max().unwrap_or(0).max(visible);
    let dco = area("dco", identify.dco, &answers.dco, below, "DEVICE CONFIGURATION IDENTIFY");
    let mut hidden = vec![hpa, dco, ama];
    hidden.extend(kernel_sectors.filter(|kernel| *kernel < visible).map(|kernel| HiddenArea {
        kind: "beyond-kernel".to_owned(),
        state: HiddenState::Present,
        sectors: visible.checked_sub(kernel),
        detail: format!("the kernel sees {kernel} sectors of the {visible} that the drive offers"),
    }));
    Drive {
        interface: Some("ata".to_owned()),
        model: identify.model.clone(),
        serial: identify.serial.clone(),
        firmware: identify.firmware.clone(),
        accessible_sectors: Some(visible),
        security: Some(identify.security.clone()),
        hidden,
    }
}

fn area(kind: &str, feature: bool, answer: &Result<u64, String>, visible: u64, question: &str) -> HiddenArea {
    let (state, sectors, detail) = match (feature, answer) {
        (false, _) => (
            HiddenState::Absent,
            None,
            "the drive says that it does not have the feature (an overlay can make it say so)".to_owned(),
        ),
        (true, Err(why)) => (HiddenState::NotDeterminable, None, why.clone()),
        (true, Ok(real)) => match real.checked_sub(visible) {
            Some(0) => (HiddenState::Absent, None, format!("{question}: {real} sectors, all of them visible")),
            Some(more) => (
                HiddenState::Present,
                Some(more),
                format!("{question}: {real} sectors, of which {visible} are visible; {more} are NOT in an image"),
            ),
            None => (
                HiddenState::NotDeterminable,
                None,
                format!(
                    "the drive contradicts itself: {question} gives {real} sectors, fewer than the {visible} visible"
                ),
            ),
        },
    };
    HiddenArea { kind: kind.to_owned(), state, sectors, detail }
}

#[cfg(test)]
mod tests {
    use super::super::ata_identify::tests::page;
    use super::*;

    const VISIBLE: u64 = 0x3a38_6030;

    fn asked(native: Result<u64, String>, dco: Result<u64, String>, kernel: u64) -> Drive {
        let identify = Identify::parse(&page(|_| ())).unwrap();
        drive(&identify, &Answers { native, dco, ama: Err("not asked".to_owned()) }, Some(kernel))
    }

    fn states(drive: &Drive) -> Vec<(&str, HiddenState, Option<u64>)> {
        drive.hidden.iter().map(|area| (area.kind.as_str(), area.state, area.sectors)).collect()
    }

    #[test]
    fn nothing_hidden_is_said_only_when_every_question_was_answered() {
        let drive = asked(Ok(VISIBLE), Ok(VISIBLE), VISIBLE);
        let absent = |kind| (kind, HiddenState::Absent, None);
        assert_eq!(states(&drive), [absent("hpa"), absent("dco"), absent("ama")]);
        assert_eq!(drive.hidden_sectors(), Some(0));
        let drive = asked(Ok(VISIBLE), Err("refused".to_owned()), VISIBLE);
        assert_eq!(drive.hidden[1].state, HiddenState::NotDeterminable);
        assert_eq!(drive.hidden_sectors(), None);
    }

    #[test]
    fn a_protected_area_and_an_overlay_below_it_are_counted_apart() {
        let drive = asked(Ok(VISIBLE + 100), Ok(VISIBLE + 150), VISIBLE);
        assert_eq!(states(&drive)[0], ("hpa", HiddenState::Present, Some(100)));
        assert_eq!(states(&drive)[1], ("dco", HiddenState::Present, Some(50)));
        assert_eq!(drive.hidden_sectors(), Some(150));
    }

    #[test]
    fn a_kernel_that_sees_less_and_a_drive_that_contradicts_itself_are_told() {
        let drive = asked(Ok(VISIBLE), Ok(VISIBLE), VISIBLE - 7);
        assert_eq!(states(&drive)[3], ("beyond-kernel", HiddenState::Present, Some(7)));
        let drive = asked(Ok(VISIBLE - 1), Ok(VISIBLE), VISIBLE);
        assert_eq!(drive.hidden[0].state, HiddenState::NotDeterminable);
    }
}

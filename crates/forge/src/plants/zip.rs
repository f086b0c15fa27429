//! An archive with members stored, deflated, and deflated with a data descriptor.

use super::{Grown, Plant};
use crate::encode::zip::{self, Method};
use crate::{Random, prose};

pub(super) struct Zip;

impl Plant for Zip {
    fn id(&self) -> &'static str {
        "zip"
    }

    fn extension(&self) -> &'static str {
        "zip"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let mut zip = zip::Zip::new(stamp(random));
        let share = size_bytes / 4;
        zip.add("notes.txt", &prose::english(random, share), Method::Stored);
        zip.add("report/report.txt", &prose::english(random, share * 2), Method::Deflated);
        zip.add("report/программа.c", &prose::source_code(random, share * 2), Method::Described);
        zip.add("data.bin", &random.bytes(share), Method::Deflated);
        Grown { bytes: zip.finish(), parts: Vec::new(), note: "one member has its sizes behind it".to_owned() }
    }
}

/// A time of the year 2025 as MS-DOS writes it: (time, date).
pub(super) fn stamp(random: &mut Random) -> (u16, u16) {
    let (month, day) = (random.between(1, 12) as u16, random.between(1, 28) as u16);
    let (hour, minute) = (random.below(24) as u16, random.below(60) as u16);
    ((hour << 11) | (minute << 5), ((2025 - 1980) << 9) | (month << 5) | day)
}

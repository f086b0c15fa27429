//! A photograph with EXIF data, whose thumbnail is a complete JPEG file inside the file.

use exhibit_evidence::ByteRange;

use super::jpeg::photograph;
use super::{Grown, Part, Plant};
use crate::Random;
use crate::encode::exif::exif;
use crate::encode::jpeg::{APP_BODY_OFFSET, Settings, encode};

pub(super) struct JpegExif;

impl Plant for JpegExif {
    fn id(&self) -> &'static str {
        "jpeg-exif"
    }

    fn kind(&self) -> &'static str {
        "jpeg"
    }

    fn extension(&self) -> &'static str {
        "jpg"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let picture = photograph(random, size_bytes);
        // A thumbnail is about 160 pixels wide.
        let thumbnail =
            encode(&picture.shrunk(picture.width.div_ceil(160)), &Settings { quality: 60, ..Settings::default() });
        let time =
            format!("2025:{:02}:{:02} 12:{:02}:00", random.between(1, 12), random.between(1, 28), random.below(60));
        let exif = exif(&format!("Practice {}", random.between(10, 99)), &time, &thumbnail);
        let range = ByteRange::new((APP_BODY_OFFSET + exif.thumbnail_at) as u64, thumbnail.len() as u64);
        let bytes = encode(&picture, &Settings { app1: Some(exif.body), ..Settings::default() });
        let part =
            Part { kind: "jpeg", range, bait: false, note: "EXIF thumbnail; its end is not the end of the picture" };
        Grown { bytes, parts: vec![part], note: "EXIF with a thumbnail that is a JPEG itself".to_owned() }
    }
}

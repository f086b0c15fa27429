//! A photograph with restart markers in its scan.

use super::jpeg::photograph;
use super::{Grown, Plant};
use crate::Random;
use crate::encode::jpeg::{Settings, encode};

pub(super) struct JpegRestart;

impl Plant for JpegRestart {
    fn id(&self) -> &'static str {
        "jpeg-restart"
    }

    fn kind(&self) -> &'static str {
        "jpeg"
    }

    fn extension(&self) -> &'static str {
        "jpg"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let picture = photograph(random, size_bytes);
        let bytes = encode(&picture, &Settings { restart_interval: 8, ..Settings::default() });
        Grown { bytes, parts: Vec::new(), note: "restart markers every 8 MCUs".to_owned() }
    }
}

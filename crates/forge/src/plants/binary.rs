//! Data with the structure of a program but without a signature: what most of a real disk consists of.

use super::{Grown, Plant};
use crate::Random;
use crate::machine_code::machine_code;

pub(super) struct Binary;

impl Plant for Binary {
    fn id(&self) -> &'static str {
        "binary"
    }

    fn kind(&self) -> &'static str {
        "data"
    }

    fn extension(&self) -> &'static str {
        "dat"
    }

    fn has_signature(&self) -> bool {
        false
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        Grown::plain(machine_code(random, size_bytes))
    }
}

//! Plain text: nothing tells a carver where it ends.

use super::{Grown, Plant};
use crate::{Random, prose};

pub(super) struct Text;

impl Plant for Text {
    fn id(&self) -> &'static str {
        "text"
    }

    fn extension(&self) -> &'static str {
        "txt"
    }

    fn has_signature(&self) -> bool {
        false
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let make = if random.chance(1, 3) { prose::source_code } else { prose::english };
        Grown::plain(make(random, size_bytes))
    }
}

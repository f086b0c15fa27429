//! What is remembered of each block: its mean, and in progressive pictures which coefficients are not zero.

use super::frame::{Coding, Frame};

/// Block grids of all components. They grow as the picture is decoded: a header alone costs nothing.
#[derive(Default)]
pub(crate) struct Planes {
    /// Means in sample units around 0, row by row.
    pub(crate) means: Vec<Vec<i16>>,
    coded: Vec<Vec<u64>>,
    spare: u64,
}

impl Planes {
    /// Bytes of memory a frame's grids may come to.
    pub(crate) fn bytes(frame: &Frame) -> u64 {
        let each = if frame.coding == Coding::Progressive { 10 } else { 2 };
        // A growing vector may hold twice what it needs.
        frame.blocks().saturating_mul(each).saturating_mul(2)
    }

    pub(crate) fn new(frame: &Frame) -> Self {
        let count = frame.components.len();
        Self { means: vec![Vec::new(); count], coded: vec![Vec::new(); count], spare: 0 }
    }

    pub(crate) fn set_mean(&mut self, component: usize, block: u64, mean: i16) {
        if let Some(slot) = self.means.get_mut(component).and_then(|plane| slot(plane, block)) {
            *slot = mean;
        }
    }

    /// Bit k says that coefficient k of the block is not zero.
    pub(crate) fn coded(&mut self, component: usize, block: u64) -> &mut u64 {
        match self.coded.get_mut(component).and_then(|plane| slot(plane, block)) {
            Some(slot) => slot,
            None => &mut self.spare,
        }
    }
}

/// The place of `block`, growing the plane as far as needed; blocks never lie outside the frame the memory was held for.
fn slot<T: Default + Clone>(plane: &mut Vec<T>, block: u64) -> Option<&mut T> {
    let index = usize::try_from(block).ok()?;
    if index >= plane.len() {
        plane.resize(index.checked_add(1)?, T::default());
    }
    plane.get_mut(index)
}

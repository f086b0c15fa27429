//! What is remembered of each block: its upper and lower edge, and in progressive pictures which coefficients are not zero.

use super::frame::{Coding, Frame};

/// Sum, for one block, of what its vertical frequencies add at the upper and at the lower edge.
///
/// Averaged over its columns a block is a sum of cosines; half a sample above its first row each cosine is 1, half a sample
/// below its last row they are 1, -1, 1, … The eight coefficients of the first column thus give both edges exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Edges {
    /// Means along the edges, in quarter sample units around 0.
    pub(crate) top: i16,
    pub(crate) bottom: i16,
}

impl Edges {
    /// Adds the dequantised coefficient at zigzag place `place`, if it belongs to the first column.
    #[inline(always)]
    pub(crate) fn add(&mut self, place: u8, value: i32) {
        /// The zigzag places of the first column.
        const COLUMN: u64 = 1 | 1 << 3 | 1 << 10 | 1 << 21 | 1 << 2 | 1 << 9 | 1 << 20 | 1 << 35;
        if COLUMN.wrapping_shr(u32::from(place)) & 1 == 1 {
            self.add_column(place, value);
        }
    }

    fn add_column(&mut self, place: u8, value: i32) {
        let odd = match place {
            0 | 3 | 10 | 21 => false,
            2 | 9 | 20 | 35 => true,
            _ => return,
        };
        // The DC coefficient counts 1/8, the others 1/(4 √2) = 724/4096 of their value.
        let part = if place == 0 { value / 2 } else { value.saturating_mul(724) / 1024 };
        let clamped = |edge: i16, part: i32| {
            i32::from(edge).saturating_add(part).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
        };
        self.top = clamped(self.top, part);
        self.bottom = clamped(self.bottom, if odd { part.saturating_neg() } else { part });
    }
}

/// Block grids of all components. They grow as the picture is decoded: a header alone costs nothing.
#[derive(Default)]
pub(crate) struct Planes {
    /// Row by row.
    pub(crate) edges: Vec<Vec<Edges>>,
    coded: Vec<Vec<u64>>,
    spare: u64,
    spare_edges: Edges,
}

impl Planes {
    /// Bytes of memory a frame's grids may come to.
    pub(crate) fn bytes(frame: &Frame) -> u64 {
        let each = if frame.coding == Coding::Progressive { 12 } else { 4 };
        // A growing vector may hold twice what it needs.
        frame.blocks().saturating_mul(each).saturating_mul(2)
    }

    pub(crate) fn new(frame: &Frame) -> Self {
        let count = frame.components.len();
        Self { edges: vec![Vec::new(); count], coded: vec![Vec::new(); count], ..Self::default() }
    }

    /// The edges of a block.
    pub(crate) fn edges(&mut self, component: usize, block: u64) -> &mut Edges {
        match self.edges.get_mut(component).and_then(|plane| slot(plane, block)) {
            Some(slot) => slot,
            None => &mut self.spare_edges,
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

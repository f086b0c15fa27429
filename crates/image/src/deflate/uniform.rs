//! Chunks that are one byte again and again: most of many media. Their stream is made once.

/// The last stream of such a chunk.
#[derive(Default)]
pub(super) struct Uniform {
    byte: u8,
    /// Length of the chunk, 0 for none.
    length: usize,
    stream: Vec<u8>,
}

impl Uniform {
    /// The stream of `length` times `byte`, which is what `make` appends if it is not known.
    pub(super) fn stream(&mut self, byte: u8, length: usize, make: impl FnOnce(&mut Vec<u8>)) -> &[u8] {
        if self.byte != byte || self.length != length {
            self.stream.clear();
            make(&mut self.stream);
            (self.byte, self.length) = (byte, length);
        }
        &self.stream
    }
}

/// The byte of which `chunk` consists, if it is only one.
pub(super) fn uniform(chunk: &[u8]) -> Option<u8> {
    let &byte = chunk.first()?;
    let (pieces, rest) = chunk.as_chunks::<64>();
    // A piece is looked at without a branch, so that it is compared as vectors.
    let differs = |piece: &[u8]| piece.iter().fold(0, |bits, other| bits | (other ^ byte)) != 0;
    (!differs(rest) && !pieces.iter().any(|piece| differs(piece))).then_some(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_uniform_only_if_every_byte_is_the_same() {
        for length in [1, 2, 63, 64, 65, 512, 700] {
            assert_eq!(uniform(&vec![7; length]), Some(7));
            for position in 0..length {
                let mut chunk = vec![7; length];
                chunk[position] = 6;
                assert_eq!(uniform(&chunk), (length == 1).then_some(6), "{position} of {length}");
            }
        }
        assert_eq!(uniform(&[]), None);
    }
}

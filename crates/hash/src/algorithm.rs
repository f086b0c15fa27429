//! What a linear digest algorithm is.

use exhibit_evidence::Digest;

/// An algorithm, as a value in the table [`crate::ALGORITHMS`].
pub trait Algorithm: Sync {
    /// Lower-case id without punctuation, as in BagIt manifest names: `sha256`.
    fn id(&self) -> &'static str;
    /// A digest over nothing yet.
    fn start(&self) -> Box<dyn Digester>;
}

/// A digest in the making.
pub trait Digester: Send {
    /// Goes on over `bytes`.
    fn update(&mut self, bytes: &[u8]);
    /// The digest of all bytes so far; the digester may go on.
    fn digest(&self) -> Digest;
}

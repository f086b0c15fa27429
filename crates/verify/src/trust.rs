//! What the person who asks vouches for besides signing keys, and what helps to find out.

use exhibit_evidence::Instant;

/// Certificates that are trusted, material that is not trusted and still needed, and the present time.
///
/// Everything but the anchors may come from anybody: it is checked like the package itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trust<'a> {
    /// Certificates that the person who asks vouches for, in DER: usually those of root authorities. Whoever has a certificate
    /// below one of them may vouch for a package.
    pub anchors: &'a [Vec<u8>],
    /// Certificates that are trusted for time stamps and for nothing else: a public authority also issues certificates to
    /// strangers.
    pub stamp_anchors: &'a [Vec<u8>],
    /// Further certificates for the way from a signature to an anchor, in DER.
    pub certificates: &'a [Vec<u8>],
    /// Lists of revoked certificates, in DER.
    pub revocation_lists: &'a [Vec<u8>],
    /// Files that lie beside a package and not in it, by the names they would have in it: time stamps that were obtained
    /// after it was sealed.
    pub beside: &'a [(String, Vec<u8>)],
    /// The present time. Without it nothing is judged by the present.
    pub now: Option<Instant>,
}

impl Trust<'_> {
    /// The file of that name beside the package.
    pub(crate) fn beside(&self, name: &str) -> Option<&[u8]> {
        self.beside.iter().find(|(of, _)| of == name).map(|(_, bytes)| bytes.as_slice())
    }
}

//! What a caller asks to be checked, and how.

use exhibit_custody::PublicKey;

use exhibit_evidence::Instant;

use crate::media::MediaChecker;
use crate::trust::Trust;
use crate::verdict::Level;
use crate::watch::Watch;
use crate::zip;

/// How to check.
pub struct Request<'a> {
    /// How deep.
    pub level: Level,
    /// Keys that the person who asks vouches for.
    pub trusted: &'a [PublicKey],
    /// Certificates that the person who asks vouches for, and what goes with them.
    pub trust: Trust<'a>,
    /// Who reads media out of images; without one, that part is reported as not checked.
    pub media: Option<&'a dyn MediaChecker>,
    /// The present moment, so that records from the future are noticed; without it that is not looked at.
    pub now: Option<Instant>,
    /// Limits for archives.
    pub limits: zip::Limits,
    /// Who watches, and who may stop the check.
    pub watch: Watch<'a>,
}

impl Request<'_> {
    /// What the level leaves out, in sentences for the verdict.
    pub(crate) fn left_out(&self) -> Vec<String> {
        let sentences: &[&str] = match self.level {
            Level::Full => &[],
            Level::Tree => &["the linear digests of the media inside images (level tree)"],
            Level::Structure => &[
                "the digests of the evidence files (level structure)",
                "the acquisition records and the media inside images (level structure)",
            ],
        };
        sentences.iter().map(|sentence| (*sentence).to_owned()).collect()
    }
}

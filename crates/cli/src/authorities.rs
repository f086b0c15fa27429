//! Certificates that are trusted, and what helps on the way to them: files named on the command line.

use std::path::{Path, PathBuf};

use clap::Args;
use exhibit_evidence::Instant;
use exhibit_verify::Trust;

use crate::outcome::{Failure, shown};

/// Largest file of certificates or revocation lists that is read, in bytes.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// Whom to trust, by certificate.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Authorities {
    /// Certificate of an authority that you trust (PEM or DER; may be given several times): everybody with a certificate below
    /// it may vouch for a package
    #[arg(long, value_name = "CERT")]
    pub(crate) trust: Vec<PathBuf>,
    /// Certificate of an authority that you trust for time stamps only (PEM or DER)
    #[arg(long, value_name = "CERT")]
    pub(crate) trust_tsa: Vec<PathBuf>,
    /// Further certificates on the way to those (PEM or DER); they need not be trusted
    #[arg(long, value_name = "FILE")]
    pub(crate) certs: Vec<PathBuf>,
    /// Lists of revoked certificates (PEM or DER); they need not be trusted
    #[arg(long, value_name = "FILE")]
    pub(crate) crl: Vec<PathBuf>,
}

/// What the files hold, in DER.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loaded {
    pub(crate) anchors: Vec<Vec<u8>>,
    pub(crate) stamp_anchors: Vec<Vec<u8>>,
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) lists: Vec<Vec<u8>>,
    /// Files that lie beside a package, by their names in it.
    pub(crate) beside: Vec<(String, Vec<u8>)>,
}

impl Authorities {
    /// Reads the files.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        Ok(Loaded {
            anchors: certificates(&self.trust)?,
            stamp_anchors: certificates(&self.trust_tsa)?,
            certificates: certificates(&self.certs)?,
            lists: lists(&self.crl)?,
            beside: Vec::new(),
        })
    }
}

impl Loaded {
    /// For the checker.
    pub(crate) fn trust(&self, now: Instant) -> Trust<'_> {
        Trust {
            anchors: &self.anchors,
            stamp_anchors: &self.stamp_anchors,
            certificates: &self.certificates,
            revocation_lists: &self.lists,
            beside: &self.beside,
            now: Some(now),
        }
    }
}

/// The certificates in files; each must hold one.
pub(crate) fn certificates(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        let found = blocks(path, "CERTIFICATE", "certificate")?;
        for bytes in &found {
            exhibit_pki::Certificate::parse(bytes).map_err(|fault| refused(path, &fault))?;
        }
        all.extend(found);
    }
    Ok(all)
}

fn lists(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        let found = blocks(path, "X509 CRL", "revocation list")?;
        for bytes in &found {
            exhibit_pki::RevocationList::parse(bytes).map_err(|fault| refused(path, &fault))?;
        }
        all.extend(found);
    }
    Ok(all)
}

fn blocks(path: &Path, label: &str, what: &str) -> Result<Vec<Vec<u8>>, Failure> {
    let bytes = exhibit_device::read_small(path, FILE_BYTES_MAX).map_err(|error| Failure::io("read", path, &error))?;
    let found = exhibit_pki::pem::all_of(label, &bytes).map_err(|fault| refused(path, &fault))?;
    match found.is_empty() {
        true => Err(Failure::new(format!("{} holds no {what}", shown(path)))
            .hint(format!("it must be PEM with -----BEGIN {label}-----, or DER"))),
        false => Ok(found),
    }
}

fn refused(path: &Path, fault: &exhibit_pki::Fault) -> Failure {
    Failure::new(format!("{}: {fault}", shown(path)))
}

/// DER blocks as one PEM text.
pub(crate) fn to_pem(label: &str, blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut unique: Vec<&Vec<u8>> = Vec::new();
    for block in blocks {
        if !unique.contains(&block) {
            unique.push(block);
        }
    }
    unique.iter().flat_map(|block| exhibit_pki::pem::block(label, block).as_bytes().to_vec()).collect()
}

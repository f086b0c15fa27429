//! Signatures of a package by certificate, and time stamps of a third party: from the files and the address given.

use std::path::Path;
use std::sync::Arc;

use exhibit_custody::layout::StampFile;
use exhibit_evidence::{Clock, Name};
use exhibit_package::layout::{SIGNATURE_CMS, STAMP, VALIDATION_CERTIFICATES, VALIDATION_LISTS};
use exhibit_package::write::SignError;
use exhibit_pki::cms::{SignedData, write};
use exhibit_pki::{Certificate, Hash, PrivateKey};

use crate::actor::Actor;
use crate::authorities::{self, Authorities, Loaded};
use crate::case::Case;
use crate::commands::timestamp::{self, Held};
use crate::outcome::{Failure, shown};
use crate::passphrase;
use crate::world::World;

/// Largest key file, in bytes.
const KEY_BYTES_MAX: u64 = 64 << 10;

/// What is wished for.
pub(crate) struct Wish<'a> {
    /// Certificate and its key.
    pub(crate) certificate: Option<(&'a Path, &'a Path)>,
    /// Address of an authority for time stamps.
    pub(crate) tsa: Option<&'a str>,
    pub(crate) authorities: &'a Authorities,
}

/// A certificate with its key, and what stands above it.
struct Identity {
    key: PrivateKey,
    certificate: Vec<u8>,
    chain: Vec<Vec<u8>>,
}

/// Everything that is needed to make them.
pub(crate) struct FurtherSignatures {
    identity: Option<Identity>,
    tsa: Option<String>,
    loaded: Loaded,
    clock: Arc<dyn Clock>,
}

impl FurtherSignatures {
    /// Reads keys and certificates, and has the log of the case stamped first: an authority that does not answer is
    /// better known before the payload is written than after it. `None` if nothing is wished for.
    pub(crate) fn prepare(world: &World, case: &Case, wish: &Wish<'_>, actor: Actor) -> Result<Option<Self>, Failure> {
        if wish.certificate.is_none() && wish.tsa.is_none() {
            return Ok(None);
        }
        let loaded = wish.authorities.load()?;
        let identity =
            wish.certificate.map(|(certificate, key)| Identity::read(world, certificate, key)).transpose()?;
        if let Some(url) = wish.tsa {
            timestamp::stamp_case(world, case, url, &loaded, actor)?;
        }
        Ok(Some(Self { identity, tsa: wish.tsa.map(str::to_owned), loaded, clock: world.clock.clone() }))
    }

    /// The members that will be made.
    pub(crate) fn members(&self) -> Vec<&'static str> {
        let mut members = vec![VALIDATION_CERTIFICATES];
        members.extend(self.identity.as_ref().map(|_| SIGNATURE_CMS));
        members.extend(self.tsa.as_ref().map(|_| STAMP));
        members.extend((!self.loaded.lists.is_empty()).then_some(VALIDATION_LISTS));
        members
    }

    /// Makes them over the SHA-512 tag manifest and the SSHSIG over it.
    pub(crate) fn make(&self, manifest: &[u8], signature: &[u8]) -> Result<Vec<(&'static str, Vec<u8>)>, SignError> {
        let mut made = Vec::new();
        let mut certificates = Vec::new();
        if let Some(identity) = &self.identity {
            let mut cms = identity.sign(manifest, self.clock.as_ref())?;
            if self.tsa.is_some() {
                let value = SignedData::parse(&cms)?.signer()?.signature.to_vec();
                let held = self.stamp(&value)?;
                cms = write::with_time_stamp(&cms, &held.token)?;
                certificates.extend(held.certificates);
            }
            certificates.push(identity.certificate.clone());
            certificates.extend(identity.chain.iter().cloned());
            made.push((SIGNATURE_CMS, cms));
        }
        if self.tsa.is_some() {
            let held = self.stamp(signature)?;
            certificates.extend(held.certificates.iter().cloned());
            let token = held.files().into_iter().find(|(file, _)| *file == StampFile::Token);
            made.extend(token.map(|(_, bytes)| (STAMP, bytes)));
        }
        certificates.extend(self.loaded.certificates.iter().cloned());
        made.push((VALIDATION_CERTIFICATES, authorities::to_pem("CERTIFICATE", &certificates)));
        if !self.loaded.lists.is_empty() {
            made.push((VALIDATION_LISTS, authorities::to_pem("X509 CRL", &self.loaded.lists)));
        }
        Ok(made)
    }

    /// A time stamp over these bytes.
    fn stamp(&self, bytes: &[u8]) -> Result<Held, SignError> {
        let url = self.tsa.as_deref().unwrap_or_default();
        let request =
            timestamp::request_for(Hash::Sha256, &Hash::Sha256.digest(bytes)).map_err(|failure| failure.problem)?;
        let answer = timestamp::ask(url, &request.to_der()).map_err(|failure| failure.problem)?;
        let held = Held::new(&answer, Some(&request), &self.loaded).map_err(|failure| failure.problem)?;
        timestamp::answers(&held, bytes, &self.loaded, self.clock.now()).map_err(|failure| failure.problem)?;
        Ok(held)
    }
}

impl Identity {
    fn read(world: &World, certificate: &Path, key: &Path) -> Result<Self, Failure> {
        let mut all = authorities::certificates(&[certificate.to_path_buf()])?.into_iter();
        let bytes =
            exhibit_device::read_small(key, KEY_BYTES_MAX).map_err(|error| Failure::io("read the key", key, &error))?;
        let bytes = zeroize::Zeroizing::new(bytes);
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            Failure::new(format!("{} is not text", shown(key)))
                .hint("a PKCS #12 file is taken apart with: openssl pkcs12 -in FILE -out KEY.pem -nocerts, and -nokeys for the certificates")
        })?;
        let words = exhibit_pki::private_key::is_encrypted(text)
            .then(|| passphrase::for_opening(world, &format!("Passphrase of {}", shown(key))))
            .transpose()?;
        let key_of = PrivateKey::parse_pem(text, words.as_deref().map(Vec::as_slice));
        let read = key_of.map_err(|fault| Failure::new(format!("{}: {fault}", shown(key))))?;
        if matches!(read, PrivateKey::Ed25519(_)) {
            // OpenSSL 3.0 refuses it ("invalid digest"), and the receiver shall need nothing else.
            let text =
                format!("{}: a certificate with an Ed25519 key, which openssl 3.0 cannot check in CMS", shown(key));
            return Err(Failure::new(text).hint("use a certificate for a key of the kind RSA, P-256 or P-384"));
        }
        let own = all.next().unwrap_or_default();
        let parsed =
            Certificate::parse(&own).map_err(|fault| Failure::new(format!("{}: {fault}", shown(certificate))))?;
        if !read.belongs_to(&parsed.key) {
            return Err(Failure::new(format!(
                "the key in {} is not that of the first certificate in {}, {}",
                shown(key),
                shown(certificate),
                Name::from(parsed.title().as_str())
            )));
        }
        Ok(Self { key: read, certificate: own.clone(), chain: all.collect() })
    }

    fn sign(&self, manifest: &[u8], clock: &dyn Clock) -> Result<Vec<u8>, SignError> {
        let certificate = Certificate::parse(&self.certificate)?;
        let chain: Result<Vec<Certificate<'_>>, _> = self.chain.iter().map(|bytes| Certificate::parse(bytes)).collect();
        Ok(write::detached(&self.key.hash().digest(manifest), &self.key, &certificate, &chain?, clock.now())?)
    }
}

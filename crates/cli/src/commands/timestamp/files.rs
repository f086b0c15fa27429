//! What is kept of a time stamp: the token, the request, certificates and lists, each in a file of its own.

use exhibit_custody::layout::StampFile;
use exhibit_pki::timestamp::{Request, Response, Token};

use crate::authorities::{self, Loaded};
use crate::outcome::Failure;

/// A time stamp with everything that is needed to check it later.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// The token alone, exactly as the authority made it.
    pub(crate) token: Vec<u8>,
    pub(crate) request: Option<Request>,
    /// Certificates of the whole chain, in DER: those in the token and those that were given.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// Lists of revoked certificates, in DER.
    pub(crate) lists: Vec<Vec<u8>>,
}

impl Held {
    /// From an answer of an authority, or a token alone.
    pub(crate) fn new(answer: &[u8], request: Option<&Request>, loaded: &Loaded) -> Result<Self, Failure> {
        let refused = |text: String| Failure::new(text).hint("ask again, or ask another authority; nothing was stored");
        let response = Response::parse(answer).map_err(|fault| refused(fault.to_string()))?;
        let token = response.granted().map_err(refused)?;
        let parsed = Token::parse(token).map_err(|fault| refused(fault.to_string()))?;
        let mut certificates: Vec<Vec<u8>> = parsed.signed.certificates.iter().map(|bytes| bytes.to_vec()).collect();
        certificates.extend(loaded.certificates.iter().cloned());
        certificates.extend(loaded.anchors.iter().chain(&loaded.stamp_anchors).cloned());
        let mut lists: Vec<Vec<u8>> = parsed.signed.revocation_lists.iter().map(|bytes| bytes.to_vec()).collect();
        lists.extend(loaded.lists.iter().cloned());
        Ok(Self { token: token.to_vec(), request: request.cloned(), certificates, lists })
    }

    /// The files, the token last: what is there when the token is there is all of it.
    pub(crate) fn files(&self) -> Vec<(StampFile, Vec<u8>)> {
        let mut files = Vec::new();
        if let Some(request) = &self.request {
            files.push((StampFile::Request, request.to_der()));
        }
        if !self.certificates.is_empty() {
            files.push((StampFile::Certificates, authorities::to_pem("CERTIFICATE", &self.certificates)));
        }
        if !self.lists.is_empty() {
            files.push((StampFile::Lists, authorities::to_pem("X509 CRL", &self.lists)));
        }
        files.push((StampFile::Token, self.token.clone()));
        files
    }
}

//! Time stamps (RFC 3161): requests written and read, answers and tokens read. Nothing is judged here.

use exhibit_evidence::Instant;

use crate::algorithm::{AlgorithmId, Hash};
use crate::cms::SignedData;
use crate::der::{Reader, Value, tag, write};
use crate::fault::Fault;
use crate::oid::{self, Oid};

/// Largest answer or token that is read, in bytes; real ones have some thousand.
pub const TOKEN_BYTES_MAX: usize = 1 << 20;

/// Longest nonce, in bytes.
const NONCE_BYTES_MAX: usize = 64;

/// What is asked of an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Hash of the data.
    pub hash: Hash,
    /// The digest.
    pub imprint: Vec<u8>,
    /// Under which policy (content bytes of the identifier), if one is demanded.
    pub policy: Option<Vec<u8>>,
    /// A number that the answer must repeat: the bytes of an INTEGER.
    pub nonce: Option<Vec<u8>>,
    /// Whether the answer shall bring the authority's certificate.
    pub certificate: bool,
}

impl Request {
    /// A request for data with that digest, with a nonce from 16 random bytes, asking for the certificate.
    #[must_use]
    pub fn new(hash: Hash, imprint: &[u8], random: [u8; 16]) -> Self {
        let mut nonce = random.to_vec();
        if let Some(first) = nonce.first_mut() {
            // Not negative, not padded: so it is spelled in one way by everybody.
            *first = (*first & 0x7f) | 0x40;
        }
        Self { hash, imprint: imprint.to_vec(), policy: None, nonce: Some(nonce), certificate: true }
    }

    /// The DER form: what travels to the authority.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let imprint = write::sequence(&[&write::algorithm(self.hash.oid(), true), &write::octets(&self.imprint)]);
        let policy = self.policy.as_deref().map(write::oid).unwrap_or_default();
        let nonce = self.nonce.as_deref().map(|nonce| write::value(tag::INTEGER, nonce)).unwrap_or_default();
        let certificate: &[u8] = if self.certificate { &[tag::BOOLEAN, 1, 0xff] } else { &[] };
        write::sequence(&[&write::unsigned(&[1]), &imprint, &policy, &nonce, certificate])
    }

    /// Reads a request, ours or somebody else's.
    ///
    /// # Errors
    /// If the bytes are none in DER, or the hash is not accepted.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        const STRUCTURE: &str = "time stamp request";
        let mut inside = Reader::sequence_of(STRUCTURE, bytes)?;
        inside.number("version")?;
        let (hash, imprint) = imprint(&mut inside)?;
        let hash = hash.hash()?;
        if imprint.len() != hash.bytes() {
            return Err(inside.fault("the digest has not the length of its hash"));
        }
        let policy = inside.optional(tag::OID)?.map(|value| value.oid()).transpose()?;
        let nonce = inside.optional(tag::INTEGER)?.map(nonce).transpose()?;
        let certificate = inside.optional(tag::BOOLEAN)?.map(|value| value.boolean()).transpose()?.unwrap_or(false);
        inside.optional(tag::context(0))?; // extensions are the authority's business
        inside.end()?;
        Ok(Self {
            hash,
            imprint: imprint.to_vec(),
            policy: policy.map(|policy| policy.bytes().to_vec()),
            nonce: nonce.map(<[u8]>::to_vec),
            certificate,
        })
    }
}

fn imprint<'a>(inside: &mut Reader<'a>) -> Result<(AlgorithmId<'a>, &'a [u8]), Fault> {
    let mut imprint = inside.sequence("imprint")?;
    let hash = AlgorithmId::read(&mut imprint, "hash of the imprint")?;
    let digest = imprint.octets("digest of the imprint")?;
    imprint.end()?;
    Ok((hash, digest))
}

fn nonce(value: Value<'_>) -> Result<&[u8], Fault> {
    let bytes = value.integer()?;
    if bytes.len() > NONCE_BYTES_MAX { Err(value.fault("a nonce of more than 64 bytes")) } else { Ok(bytes) }
}

/// What came from an authority: an answer with a token, or a refusal; or a token alone.
#[derive(Debug, Clone)]
pub struct Response<'a> {
    /// 0 granted, 1 granted with changes, 2 and more refused; `None` for a token alone.
    pub status: Option<u64>,
    /// What the authority says about it, escaped for terminals.
    pub words: Vec<String>,
    /// The token, in DER.
    pub token: Option<&'a [u8]>,
}

impl<'a> Response<'a> {
    /// Reads an answer (`.tsr`) or a token alone.
    ///
    /// # Errors
    /// If the bytes are neither in DER, or more than [`TOKEN_BYTES_MAX`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        const STRUCTURE: &str = "answer of a time stamp authority";
        if bytes.len() > TOKEN_BYTES_MAX {
            return Err(Fault::limit(STRUCTURE, format!("{} bytes; the limit is {TOKEN_BYTES_MAX}", bytes.len())));
        }
        let mut inside = Reader::sequence_of(STRUCTURE, bytes)?;
        if inside.peek() == Some(tag::OID) {
            return Ok(Self { status: None, words: Vec::new(), token: Some(bytes) });
        }
        let mut info = inside.sequence("status")?;
        let status = info.number("status")?;
        let mut words = Vec::new();
        if let Some(texts) = info.optional(tag::SEQUENCE)? {
            let mut texts = texts.inside();
            while !texts.is_empty() && words.len() < 16 {
                let text = texts.expect(tag::UTF8_STRING, "a text about the status")?.content;
                words.push(exhibit_evidence::Name::new(text.get(..500).unwrap_or(text)).to_string());
            }
        }
        if let Some(bits) = info.optional(tag::BIT_STRING)? {
            words.extend(failures(bits.content).map(str::to_owned));
        }
        let token = inside.optional(tag::SEQUENCE)?.map(|value| value.raw);
        inside.end()?;
        Ok(Self { status: Some(status), words, token })
    }

    /// The token of an answer that grants one.
    ///
    /// # Errors
    /// In words, if it was refused.
    pub fn granted(&self) -> Result<&'a [u8], String> {
        match (self.status, self.token) {
            (None | Some(0 | 1), Some(token)) => Ok(token),
            (Some(0 | 1), None) => Err("the authority says it granted a time stamp, and there is none".to_owned()),
            (status, _) => {
                let why = if self.words.is_empty() { "without a reason".to_owned() } else { self.words.join("; ") };
                Err(format!("the authority refused (status {}): {why}", status.unwrap_or_default()))
            }
        }
    }
}

/// The bits of PKIFailureInfo (RFC 3161, section 2.4.2) in words; `content` begins with the number of unused bits.
fn failures(content: &[u8]) -> impl Iterator<Item = &'static str> {
    const FAILURES: [(usize, &str); 8] = [
        (0, "it does not know the hash algorithm"),
        (2, "it does not allow the request"),
        (5, "it could not read the request"),
        (14, "its own clock is not available"),
        (15, "it does not support the policy"),
        (16, "it does not support an extension"),
        (17, "it does not have further information"),
        (25, "a failure of its system"),
    ];
    let bits = content.to_vec();
    let is_set = move |bit: usize| bits.get(1 + bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
    FAILURES.into_iter().filter(move |(bit, _)| is_set(*bit)).map(|(_, words)| words)
}

/// What a token says.
#[derive(Debug, Clone)]
pub struct Stamp<'a> {
    /// The policy of the authority.
    pub policy: Oid<'a>,
    /// The hash of the data, as it stands.
    pub hash: AlgorithmId<'a>,
    /// The digest of the data.
    pub imprint: &'a [u8],
    /// Serial number of the stamp.
    pub serial: &'a [u8],
    /// When.
    pub time: Instant,
    /// How exactly, in microseconds to either side; `None` if the authority does not say.
    pub accuracy_microseconds: Option<u64>,
    /// The number of the request, repeated.
    pub nonce: Option<&'a [u8]>,
}

/// A token: what it says, and the signed data around it.
#[derive(Debug, Clone)]
pub struct Token<'a> {
    /// All of it.
    pub raw: &'a [u8],
    /// The signature, certificates and lists.
    pub signed: SignedData<'a>,
    /// What is signed.
    pub stamp: Stamp<'a>,
}

impl<'a> Token<'a> {
    /// Reads one.
    ///
    /// # Errors
    /// If the bytes are no token in DER.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        const STRUCTURE: &str = "time stamp";
        if bytes.len() > TOKEN_BYTES_MAX {
            return Err(Fault::limit(STRUCTURE, format!("{} bytes; the limit is {TOKEN_BYTES_MAX}", bytes.len())));
        }
        let signed = SignedData::parse(bytes)?;
        if !signed.content_type.is(oid::TST_INFO) {
            let text = format!("what is signed is of the type {}, not a time stamp", signed.content_type);
            return Err(Fault::unsupported(STRUCTURE, text));
        }
        let content = signed.content.ok_or_else(|| Fault::unsupported(STRUCTURE, "what it says is not in it"))?;
        let stamp = Stamp::parse(content)?;
        Ok(Self { raw: bytes, signed, stamp })
    }
}

impl<'a> Stamp<'a> {
    /// Reads a TSTInfo.
    fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut inside = Reader::sequence_of("what a time stamp says", bytes)?;
        let version = inside.number("version")?;
        if version != 1 {
            return Err(inside.fault(format!("version {version}; only 1 is known")));
        }
        let policy = inside.oid("policy")?;
        let (hash, imprint) = imprint(&mut inside)?;
        let serial = inside.expect(tag::INTEGER, "serial number")?.integer()?;
        let time = inside.time("time")?;
        let accuracy_microseconds = inside.optional(tag::SEQUENCE)?.map(accuracy).transpose()?;
        inside.optional(tag::BOOLEAN)?; // ordering: between stamps of one authority
        let nonce = inside.optional(tag::INTEGER)?.map(nonce).transpose()?;
        inside.optional(tag::context(0))?; // the authority's name, which its certificate has as well
        inside.optional(tag::context(1))?; // extensions
        inside.end()?;
        Ok(Self { policy, hash, imprint, serial, time, accuracy_microseconds, nonce })
    }
}

fn accuracy(value: Value<'_>) -> Result<u64, Fault> {
    let mut inside = value.inside();
    let mut part = |tag: u8| inside.optional(tag).and_then(|value| value.map_or(Ok(0), |value| value.number()));
    let (seconds, millis, micros) =
        (part(tag::INTEGER)?, part(tag::context_primitive(0))?, part(tag::context_primitive(1))?);
    inside.end()?;
    Ok(seconds.saturating_mul(1_000_000).saturating_add(millis.saturating_mul(1000)).saturating_add(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_goes_there_and_back() {
        let plain = Request::new(Hash::Sha256, &[7; 32], [0; 16]);
        let all = Request { policy: crate::oid::parse("1.2.3"), ..Request::new(Hash::Sha512, &[7; 64], [0xff; 16]) };
        let bare = Request { nonce: None, certificate: false, ..plain.clone() };
        for request in [plain, all, bare] {
            let bytes = request.to_der();
            assert_eq!(Request::parse(&bytes).unwrap(), request);
            for end in 0..bytes.len() {
                assert!(Request::parse(&bytes[..end]).is_err(), "{end}");
            }
        }
        let short = Request { imprint: vec![7; 31], ..Request::new(Hash::Sha256, &[], [1; 16]) };
        assert!(Request::parse(&short.to_der()).is_err());
    }

    #[test]
    fn a_refusal_is_told_in_words() {
        // status 2, "no", badAlg and timeNotAvailable.
        let bytes = [0x30, 0x0f, 0x30, 0x0d, 2, 1, 2, 0x30, 4, 0x0c, 2, b'n', b'o', 3, 2, 7, 0x80];
        let said = Response::parse(&bytes).unwrap().granted().unwrap_err();
        assert_eq!(said, "the authority refused (status 2): no; it does not know the hash algorithm");
        for end in 0..bytes.len() {
            assert!(Response::parse(&bytes[..end]).is_err(), "{end}");
        }
    }
}

//! The formats of X.509, CMS and RFC 3161: certificates, revocation lists, signatures, time stamps, keys.
//!
//! ```text
//! der     values, strictly DER, each with its place and its exact bytes
//!  ├─ certificate, crl, name, public_key, algorithm     RFC 5280
//!  ├─ cms (write)                                       RFC 5652, CAdES-B and CAdES-T
//!  ├─ timestamp                                         RFC 3161: requests, answers, tokens
//!  └─ private_key, pem                                  RFC 5958, RFC 7468
//! ```
//!
//! Reading decides nothing: whether a chain holds, whether a time was right, whether a key may do what it did is decided
//! in `verify`, and nowhere else. What is here says what the bytes say, and whether one signature fits one key.
//!
//! Why these structures are read by code of our own and not by a library: a signature must be checked over the bytes
//! that were sent, so those bytes are kept and never written again; and a fault must say where it lies. The arithmetic
//! (RSA, ECDSA, Ed25519, decrypting keys) is that of the RustCrypto and dalek libraries.
//!
//! Invariants: any bytes are read or refused in bounded time and memory, without panic. BER is refused by name. SHA-1 and
//! RSA keys below 2048 bits are refused by name. Nothing here knows a file, a clock, randomness or a network.
//!
//! ```
//! use exhibit_pki::{Hash, timestamp::Request};
//! let request = Request::new(Hash::Sha256, &Hash::Sha256.digest(b"hello"), [1; 16]); // a real nonce is random
//! assert_eq!(Request::parse(&request.to_der()).unwrap(), request);
//! ```
#![forbid(unsafe_code)]

mod algorithm;
mod certificate;
pub mod cms;
mod crl;
pub mod der;
mod fault;
mod name;
pub mod oid;
pub mod pem;
#[cfg(feature = "keys")]
pub mod private_key;
mod public_key;
pub mod timestamp;

pub use algorithm::{AlgorithmId, Hash, Scheme};
pub use certificate::{CERTIFICATE_BYTES_MAX, Certificate, Extensions, usage};
pub use crl::{CRL_BYTES_MAX, RevocationList, Revoked};
pub use fault::Fault;
pub use name::Name;
pub use oid::Oid;
#[cfg(feature = "keys")]
pub use private_key::PrivateKey;
pub use public_key::{PublicKeyInfo, RSA_BITS_MAX, RSA_BITS_MIN, SignatureFault};

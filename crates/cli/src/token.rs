//! Signing keys in PKCS #11 tokens: smart cards, security modules, SoftHSM.
//!
//! Named by a URI (RFC 7512): `pkcs11:token=LAB;object=signing?module-path=/usr/lib/softhsm/libsofthsm2.so`.

use std::sync::Arc;

use exhibit_custody::Signer;

use crate::outcome::Failure;
use crate::world::World;

/// What a signing key begins with that lies in a token.
pub(crate) const SCHEME: &str = "pkcs11:";

/// The key that a URI names.
#[cfg(not(feature = "pkcs11"))]
pub(crate) fn open(_world: &World, _uri: &str) -> Result<Arc<dyn Signer>, Failure> {
    Err(Failure::usage("this build does not know tokens")
        .hint("build it with: cargo build --release (the feature pkcs11 is on by default)"))
}

/// The key that a URI names. The PIN is asked for like a passphrase.
#[cfg(feature = "pkcs11")]
pub(crate) fn open(world: &World, uri: &str) -> Result<Arc<dyn Signer>, Failure> {
    Ok(Arc::new(cards::TokenKey::open(world, uri)?))
}

#[cfg(feature = "pkcs11")]
mod cards {
    use std::sync::Mutex;

    use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
    use cryptoki::mechanism::Mechanism;
    use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
    use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
    use cryptoki::session::{Session, UserType};
    use cryptoki::types::AuthPin;
    use exhibit_custody::{PublicKey, SignFault, Signer};
    use exhibit_evidence::Name;

    use super::SCHEME;
    use crate::outcome::Failure;
    use crate::passphrase;
    use crate::world::World;

    /// What a URI says.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Uri {
        module: Option<String>,
        token: Option<String>,
        object: Option<String>,
    }

    impl Uri {
        fn parse(uri: &str) -> Option<Self> {
            let rest = uri.strip_prefix(SCHEME)?;
            let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
            let mut parsed = Self::default();
            for part in path.split(';').chain(query.split('&')).filter(|part| !part.is_empty()) {
                let (name, value) = part.split_once('=')?;
                let value = decoded(value)?;
                match name {
                    "token" => parsed.token = Some(value),
                    "object" => parsed.object = Some(value),
                    "module-path" => parsed.module = Some(value),
                    // Narrower names of the same things would be ignored at the owner's peril.
                    "type" if value == "private" => {}
                    _ => return None,
                }
            }
            Some(parsed)
        }
    }

    /// `%20` and the like.
    fn decoded(text: &str) -> Option<String> {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((&first, after)) = rest.split_first() {
            rest = after;
            if first == b'%' {
                let (digits, after) = after.split_at_checked(2)?;
                bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
                rest = after;
            } else {
                bytes.push(first);
            }
        }
        String::from_utf8(bytes).ok()
    }

    /// An Ed25519 key in a token, in an open session.
    pub(super) struct TokenKey {
        session: Mutex<Session>,
        key: ObjectHandle,
        public: PublicKey,
    }

    impl TokenKey {
        pub(super) fn open(world: &World, uri: &str) -> Result<Self, Failure> {
            let shown = Name::from(uri).to_string();
            let wrong = |text: &str| {
                Failure::usage(format!("{shown}: {text}"))
                    .hint("it looks like pkcs11:token=LABEL;object=LABEL?module-path=/usr/lib/softhsm/libsofthsm2.so")
            };
            let parsed = Uri::parse(uri).ok_or_else(|| wrong("not an address of a key that is understood"))?;
            let module = parsed.module.as_deref().ok_or_else(|| wrong("module-path is missing"))?;
            let failed = |what: &str, error: &dyn std::fmt::Display| Failure::new(format!("{shown}: {what}: {error}"));
            let context = Pkcs11::new(module).map_err(|error| failed("the module cannot be loaded", &error))?;
            context
                .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
                .map_err(|error| failed("the module does not start", &error))?;
            let slots = context.get_slots_with_token().map_err(|error| failed("no token", &error))?;
            let slot = slots.into_iter().find(|slot| {
                let label = context.get_token_info(*slot).map(|info| info.label().trim().to_owned());
                parsed.token.as_ref().is_none_or(|wanted| label.is_ok_and(|label| label == *wanted))
            });
            let slot = slot.ok_or_else(|| failed("no token", &"none of that name is inserted"))?;
            let session = context.open_ro_session(slot).map_err(|error| failed("no session", &error))?;
            let words = passphrase::for_opening(world, "PIN of the token")?;
            let pin = std::str::from_utf8(&words).map_err(|_| failed("the PIN", &"not UTF-8"))?;
            session
                .login(UserType::User, Some(&AuthPin::new(pin.into())))
                .map_err(|error| failed("the token refuses the PIN", &error))?;
            let find = |class: ObjectClass| {
                let mut template = vec![Attribute::Class(class), Attribute::KeyType(KeyType::EC_EDWARDS)];
                template.extend(parsed.object.as_ref().map(|label| Attribute::Label(label.clone().into_bytes())));
                let found =
                    session.find_objects(&template).map_err(|error| failed("the key cannot be looked for", &error))?;
                match found.as_slice() {
                    [one] => Ok(*one),
                    [] => Err(failed(
                        "no key",
                        &"no Ed25519 key of that name is in the token, as a pair of private and public key",
                    )),
                    _ => Err(failed("the key", &"more than one fits: name it with object=")),
                }
            };
            let (key, public) = (find(ObjectClass::PRIVATE_KEY)?, find(ObjectClass::PUBLIC_KEY)?);
            let attributes = session
                .get_attributes(public, &[AttributeType::EcPoint, AttributeType::Label])
                .map_err(|error| failed("the public key cannot be read", &error))?;
            let (mut point, mut label) = (Vec::new(), String::new());
            for attribute in attributes {
                match attribute {
                    Attribute::EcPoint(bytes) => point = bytes,
                    Attribute::Label(bytes) => label = String::from_utf8_lossy(&bytes).into_owned(),
                    _ => {}
                }
            }
            // The point is an OCTET STRING in DER; some tokens give the bare 32 bytes.
            let bare = point.strip_prefix(&[0x04, 0x20]).unwrap_or(&point);
            let bytes: [u8; 32] = bare.try_into().map_err(|_| failed("the public key", &"not 32 bytes"))?;
            let public = PublicKey::from_bytes(&bytes, &label).map_err(|fault| failed("the public key", &fault))?;
            Ok(Self { session: Mutex::new(session), key, public })
        }
    }

    impl Signer for TokenKey {
        fn public_key(&self) -> PublicKey {
            self.public.clone()
        }

        fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignFault> {
            let session = self.session.lock().map_err(|_| SignFault("the session is broken".to_owned()))?;
            let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
            let signature =
                session.sign(&mechanism, self.key, message).map_err(|error| SignFault(error.to_string()))?;
            let signature: [u8; 64] = signature
                .try_into()
                .map_err(|_| SignFault("the token gives a signature that is not 64 bytes".to_owned()))?;
            // A token is somebody else's program: what it says is checked before it is believed.
            match self.public.verify(message, &signature) {
                true => Ok(signature),
                false => Err(SignFault("the token gives a signature that does not hold".to_owned())),
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn addresses_are_taken_apart_and_unknown_parts_refused() {
            let uri = Uri::parse("pkcs11:token=My%20Lab;object=k?module-path=/usr/lib/x.so").unwrap();
            let expected =
                Uri { module: Some("/usr/lib/x.so".into()), token: Some("My Lab".into()), object: Some("k".into()) };
            assert_eq!(uri, expected);
            for bad in ["pkcs12:x", "pkcs11:token", "pkcs11:serial=1", "pkcs11:token=%zz", "pkcs11:token=%2"] {
                assert_eq!(Uri::parse(bad), None, "{bad}");
            }
        }
    }
}

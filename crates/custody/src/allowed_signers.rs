//! Lines of OpenSSH's `allowed_signers` file: who may sign for what with which key.

use exhibit_evidence::Name;

use crate::public_key::{KEY_TYPE, KeyFault, PublicKey};
use crate::sshsig::NAMESPACE_PACKAGE;

/// Key types that may begin a plain public key line; anything else at the beginning is a principal.
const OTHER_TYPES: &[&str] = &["ssh-rsa", "ssh-dss", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-", "ssh-mldsa"];

/// The line that lets `ssh-keygen -Y verify -I principal` accept `key` for package signatures and nothing else.
///
/// # Errors
/// If the principal is empty or has characters that mean something else in such a line: white space, quotes, commas,
/// `#`, the pattern characters `*`, `?` and `!`, or controls.
pub fn line(principal: &str, key: &PublicKey) -> Result<String, KeyFault> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "\"'\\,#*?!".contains(c);
    if principal.is_empty() || principal.contains(odd) {
        let shown = Name::from(principal);
        return Err(KeyFault::usage(format!("\"{shown}\" cannot be a principal: use letters, digits, @ . _ and -")));
    }
    Ok(format!("{principal} namespaces=\"{NAMESPACE_PACKAGE}\" {}", key.to_openssh()))
}

/// The key of one line: `KEYTYPE BASE64 [COMMENT]` or `PRINCIPALS [OPTIONS] KEYTYPE BASE64 [COMMENT]`.
///
/// A restriction that is not understood must not be ignored: the only option accepted is `namespaces=`, and only if it
/// names the namespace of packages.
pub(crate) fn parse_line(line: &str) -> Result<PublicKey, KeyFault> {
    let (first, rest) = token(line);
    if first == KEY_TYPE || OTHER_TYPES.iter().any(|kind| first.starts_with(kind)) {
        return key_of(rest);
    }
    let (second, after) = token(rest);
    if second == KEY_TYPE || OTHER_TYPES.iter().any(|kind| second.starts_with(kind)) {
        return key_of(after);
    }
    let (third, after_options) = token(after);
    if third != KEY_TYPE {
        return Err(KeyFault::corrupt("the line is neither a public key nor an allowed_signers line of ssh-ed25519"));
    }
    check_options(second)?;
    key_of(after_options)
}

/// The key in `BASE64 [COMMENT]`. The type is checked in the key itself.
fn key_of(rest: &str) -> Result<PublicKey, KeyFault> {
    let (base64, comment) = token(rest);
    PublicKey::from_base64(base64, comment)
}

/// Refuses options other than namespaces that include ours.
fn check_options(options: &str) -> Result<(), KeyFault> {
    let names = options.strip_prefix("namespaces=\"").and_then(|list| list.strip_suffix('"'));
    let ours = names.is_some_and(|list| !list.contains('"') && list.split(',').any(|name| name == NAMESPACE_PACKAGE));
    if ours {
        return Ok(());
    }
    let shown: String = options.chars().take(80).collect();
    Err(KeyFault::unsupported(format!(
        "the options {} of the allowed_signers line cannot be honoured; only namespaces=\"{NAMESPACE_PACKAGE}\" can",
        Name::from(shown.as_str())
    )))
}

/// The text up to the next white space outside double quotes, and what follows it.
fn token(line: &str) -> (&str, &str) {
    let line = line.trim_start();
    let mut quoted = false;
    let end = line.find(|c: char| {
        quoted ^= c == '"';
        !quoted && (c == ' ' || c == '\t')
    });
    match end {
        Some(end) => line.split_at(end),
        None => (line, ""),
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::Class;

    use super::*;

    fn key() -> PublicKey {
        crate::SigningKey::from_seed([7; 32], "practice key").public_key()
    }

    #[test]
    fn our_own_line_is_read_back() {
        let line = line("examiner@lab.example", &key()).unwrap();
        assert!(line.starts_with("examiner@lab.example namespaces=\"exhibit-package\" ssh-ed25519 AAAA"), "{line}");
        assert_eq!(PublicKey::parse(&line).unwrap(), key());
    }

    #[test]
    fn lines_as_others_write_them_are_read() {
        let plain = key().to_openssh();
        for line in [
            plain.clone(),
            format!("a@b {plain}"),
            format!("\"a b\",c@d\t{plain}"),
            format!("a@b namespaces=\"git,exhibit-package\" {plain}"),
        ] {
            assert_eq!(PublicKey::parse(&line).unwrap(), key(), "{line}");
            assert_eq!(PublicKey::parse(&line).unwrap().comment(), "practice key");
        }
    }

    #[test]
    fn a_restriction_is_never_ignored() {
        for options in [
            "namespaces=\"git\"",
            "cert-authority",
            "valid-before=\"20200101\"",
            "namespaces=\"*\"",
            "namespaces=\"exhibit-package\",valid-before=\"20200101\"",
            "valid-after=\"2020 01 01\"",
        ] {
            let fault = PublicKey::parse(&format!("a@b {options} {}", key().to_openssh())).unwrap_err();
            assert_eq!(fault.class(), Class::Unsupported, "{options}: {fault}");
        }
    }

    #[test]
    fn a_principal_cannot_smuggle_anything_into_the_line() {
        for bad in ["", "a b", "a\nb", "a\"", "a,b", "*", "#a", "!a", "a\u{7}"] {
            assert!(line(bad, &key()).is_err(), "{bad:?}");
        }
    }
}

//! A message with text and an attachment, in parts.

use super::{Grown, Plant};
use crate::{Random, prose};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) struct Eml;

impl Plant for Eml {
    fn id(&self) -> &'static str {
        "eml"
    }

    fn extension(&self) -> &'static str {
        "eml"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let number = random.next();
        let mut out = format!(
            "Return-Path: <anna@example.org>\r\nReceived: from mail.example.org\r\n\tby mx.example.net; Mon, 1 Sep 2025 12:00:00 +0000\r\n\
             Message-ID: <{number:016x}@example.org>\r\nDate: Mon, 1 Sep 2025 12:00:00 +0000\r\nFrom: Anna <anna@example.org>\r\n\
             To: ben@example.net\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=\"=_{number:016x}\"\r\n\r\n--=_{number:016x}\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        );
        let text = prose::english(random, (size_bytes / 10).max(200));
        out.push_str(&String::from_utf8_lossy(&text).replace('\n', "\r\n"));
        out.push_str(&format!(
            "\r\n--=_{number:016x}\r\nContent-Type: application/octet-stream; name=\"data.bin\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n"
        ));
        while out.len() < size_bytes {
            let line = random.bytes(76);
            out.extend(
                line.iter().filter_map(|byte| ALPHABET.get(usize::from(*byte & 63))).map(|byte| char::from(*byte)),
            );
            out.push_str("\r\n");
        }
        out.push_str(&format!("AA==\r\n--=_{number:016x}--\r\n"));
        Grown::plain(out.into_bytes())
    }
}

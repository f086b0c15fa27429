//! The way to an authority over HTTP (RFC 3161, section 3.4): the only network code of the program, and only built in with
//! the feature `net`.
//!
//! Without TLS, on purpose: what is sent is a digest and a random number, what comes back is signed and checked. Whoever
//! listens learns that a time stamp was asked for; whoever changes something is noticed.

use crate::outcome::Failure;

/// Sends a request and gives the answer.
#[cfg(not(feature = "net"))]
pub(crate) fn ask(_url: &str, _request: &[u8]) -> Result<Vec<u8>, Failure> {
    Err(Failure::usage("this build has no network code, so it cannot ask an authority by itself")
        .hint("make a request file with --out, carry it to the authority, and use: exhibit timestamp attach"))
}

#[cfg(feature = "net")]
pub(crate) use http::ask;

#[cfg(feature = "net")]
mod http {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpStream, ToSocketAddrs as _};
    use std::time::Duration;

    use exhibit_evidence::Name;

    use super::Failure;

    /// How long a connection, a read or a write may take.
    const PATIENCE: Duration = Duration::from_secs(30);
    /// Largest answer, header lines included, in bytes.
    const ANSWER_BYTES_MAX: u64 = 2 << 20;
    /// Reads of one answer; an authority that sends a byte a time is not waited for without end.
    const READS_MAX: usize = 100_000;

    /// Sends a request and gives the answer.
    pub(crate) fn ask(url: &str, request: &[u8]) -> Result<Vec<u8>, Failure> {
        let address = Address::parse(url)?;
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(format!("the authority at {} does not answer: {error}", Name::from(url)))
                .hint("try again later, or make a request file with --out and carry it there by other means")
        };
        let sent = exchange(&address, request).map_err(|error| failed(&error))?;
        body(&sent).map_err(|text| failed(&text))
    }

    /// `http://host[:port]/path`.
    struct Address {
        host: String,
        port: u16,
        path: String,
    }

    impl Address {
        fn parse(url: &str) -> Result<Self, Failure> {
            let shown = Name::from(url);
            if url.starts_with("https://") {
                return Err(Failure::usage(format!("{shown}: https is not built in; most authorities also answer to http"))
                    .hint("a time stamp needs no secrecy: only a digest is sent, and the answer is signed; or carry the request as a file (--out)"));
            }
            let bad = || Failure::usage(format!("{shown} is not an address: use http://HOST[:PORT]/PATH"));
            let rest = url.strip_prefix("http://").ok_or_else(bad)?;
            let (authority, path) = match rest.find('/') {
                Some(at) => rest.split_at(at),
                None => (rest, "/"),
            };
            let (host, port) = match authority.rsplit_once(':') {
                Some((host, port)) if !port.contains(']') => (host, port.parse().map_err(|_| bad())?),
                _ => (authority, 80),
            };
            let odd = |c: char| c.is_control() || c.is_whitespace() || c == '@';
            if host.is_empty() || host.contains(odd) || path.contains(|c: char| c.is_control() || c == ' ') {
                return Err(bad());
            }
            Ok(Self { host: host.to_owned(), port, path: path.to_owned() })
        }
    }

    /// One request, one answer, and the connection is closed.
    fn exchange(address: &Address, request: &[u8]) -> Result<Vec<u8>, String> {
        let text = |error: std::io::Error| error.to_string();
        let host = address.host.trim_start_matches('[').trim_end_matches(']');
        let places = (host, address.port).to_socket_addrs().map_err(text)?;
        let mut last = "the name has no address".to_owned();
        let mut stream = None;
        for place in places.take(8) {
            match TcpStream::connect_timeout(&place, PATIENCE) {
                Ok(connected) => {
                    stream = Some(connected);
                    break;
                }
                Err(error) => last = error.to_string(),
            }
        }
        let mut stream = stream.ok_or(last)?;
        stream
            .set_read_timeout(Some(PATIENCE))
            .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
            .map_err(text)?;
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: exhibit/{}\r\nContent-Type: application/timestamp-query\r\n\
             Accept: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            address.path,
            address.host,
            address.port,
            env!("CARGO_PKG_VERSION"),
            request.len()
        );
        stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(request))
            .and_then(|()| stream.flush())
            .map_err(text)?;
        let mut answer = Vec::new();
        let mut piece = [0_u8; 8192];
        for _ in 0..READS_MAX {
            let count = match stream.read(&mut piece) {
                Ok(0) => return Ok(answer),
                Ok(count) => count,
                // Some servers reset the connection once everything is said.
                Err(_) if is_whole(&answer) => return Ok(answer),
                Err(error) => return Err(error.to_string()),
            };
            answer.extend_from_slice(piece.get(..count).unwrap_or_default());
            if answer.len() as u64 > ANSWER_BYTES_MAX {
                return Err(format!("an answer of more than {ANSWER_BYTES_MAX} bytes"));
            }
            if is_whole(&answer) {
                return Ok(answer);
            }
        }
        Err("it sends its answer in too many pieces".to_owned())
    }

    /// Head and body of an answer.
    fn split(answer: &[u8]) -> Option<(&str, &[u8])> {
        let at = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
        let (head, rest) = answer.split_at(at);
        Some((std::str::from_utf8(head).ok()?, rest.get(4..)?))
    }

    /// The value of a header line.
    fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
        let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    fn is_chunked(head: &str) -> bool {
        header(head, "transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    }

    /// Whether everything that was announced is there.
    fn is_whole(answer: &[u8]) -> bool {
        let Some((head, rest)) = split(answer) else { return false };
        if is_chunked(head) {
            return unchunked(rest).is_some();
        }
        let length: Option<usize> = header(head, "content-length").and_then(|value| value.parse().ok());
        length.is_some_and(|length| rest.len() >= length)
    }

    /// The body of a good answer.
    pub(super) fn body(answer: &[u8]) -> Result<Vec<u8>, String> {
        let (head, rest) = split(answer).ok_or("it is no answer of HTTP")?;
        let status = head.lines().next().unwrap_or_default();
        let code = status.split(' ').nth(1).unwrap_or_default();
        if !status.starts_with("HTTP/1.") || code != "200" {
            let moved = header(head, "location").map(|to| format!(" (it points to {to})")).unwrap_or_default();
            return Err(Name::from(format!("{status}{moved}").as_str()).to_string());
        }
        if is_chunked(head) {
            return unchunked(rest).ok_or_else(|| "its answer is cut short".to_owned());
        }
        match header(head, "content-length").map(str::parse::<usize>) {
            Some(Ok(length)) => {
                rest.get(..length).map(<[u8]>::to_vec).ok_or_else(|| "its answer is cut short".to_owned())
            }
            Some(Err(_)) => Err("the length of its answer is no number".to_owned()),
            None => Ok(rest.to_vec()),
        }
    }

    /// A body in chunks (RFC 9112, section 7.1), joined; `None` if the last one is missing.
    fn unchunked(bytes: &[u8]) -> Option<Vec<u8>> {
        let mut rest = bytes;
        let mut all = Vec::new();
        loop {
            let end = rest.windows(2).position(|window| window == b"\r\n")?;
            let (line, after) = (rest.get(..end)?, rest.get(end.saturating_add(2)..)?);
            let digits = std::str::from_utf8(line).ok()?.split(';').next()?.trim();
            let length = usize::from_str_radix(digits, 16).ok()?;
            if length == 0 {
                return Some(all);
            }
            all.extend_from_slice(after.get(..length)?);
            rest = after.get(length..)?.strip_prefix(b"\r\n")?;
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn answers_of_every_kind_are_taken_apart_and_cut_ones_refused() {
            let plain = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd";
            let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n";
            let closed = b"HTTP/1.0 200 OK\r\n\r\nabc";
            for answer in [&plain[..], chunked, closed] {
                assert_eq!(body(answer).unwrap(), b"abc");
            }
            assert!(is_whole(plain) && is_whole(chunked) && !is_whole(closed));
            for end in 0..chunked.len() - 2 {
                assert!(body(&chunked[..end]).is_err(), "{end}");
            }
            assert!(body(b"HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n").unwrap_err().contains("http://x/"));
            assert!(body(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").is_err());
        }

        #[test]
        fn addresses_are_taken_apart_and_https_is_refused_with_the_reason() {
            let parts = |url: &str| Address::parse(url).map(|a| (a.host, a.port, a.path)).ok();
            assert_eq!(parts("http://tsa.example"), Some(("tsa.example".into(), 80, "/".into())));
            assert_eq!(parts("http://127.0.0.1:8318/tsa?x"), Some(("127.0.0.1".into(), 8318, "/tsa?x".into())));
            assert_eq!(parts("http://[::1]:80/"), Some(("[::1]".into(), 80, "/".into())));
            for bad in ["tsa.example", "ftp://x/", "http://", "http://a b/", "http://x:y/", "http://x/\r\nHost: y"] {
                assert_eq!(parts(bad), None, "{bad}");
            }
            assert!(Address::parse("https://x/").err().unwrap().problem.contains("https is not built in"));
        }
    }
}

//! An authority for certificates and time stamps, made with `openssl` for one test.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use exhibit_tests::foreign::present;

use crate::harness::Desk;

/// What a certificate of an authority says.
pub(crate) const CA: &str =
    "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash";
/// What a certificate for time stamps says.
pub(crate) const TSA: &str = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\nauthorityKeyIdentifier=keyid";
/// What a certificate of a person says.
pub(crate) const PERSON: &str =
    "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\nauthorityKeyIdentifier=keyid";

/// Kinds of keys, as `openssl genpkey` takes them.
pub(crate) const P256: &str = "EC -pkeyopt ec_paramgen_curve:P-256";
pub(crate) const P384: &str = "EC -pkeyopt ec_paramgen_curve:P-384";
pub(crate) const RSA: &str = "RSA -pkeyopt rsa_keygen_bits:2048";
pub(crate) const ED25519: &str = "ED25519";

/// A root called `ca`, in a folder of a desk.
pub(crate) struct Authority {
    folder: PathBuf,
}

impl Authority {
    /// With a root, and `tsa` for time stamps; `None`, after saying so, without `openssl`.
    pub(crate) fn new(desk: &Desk) -> Option<Self> {
        if !present("openssl") {
            return None;
        }
        let folder = desk.path("authority");
        std::fs::create_dir_all(&folder).unwrap();
        let authority = Self { folder };
        authority.root("ca");
        authority.issue("tsa", "ca", P256, TSA, ("20200101000000Z", "20500101000000Z"));
        Some(authority)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Runs `openssl` in the folder; the words are split at spaces.
    pub(crate) fn try_openssl(&self, words: &str) -> (bool, String) {
        let output = Command::new("openssl")
            .args(words.split_whitespace())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }

    pub(crate) fn openssl(&self, words: &str) -> String {
        let (success, text) = self.try_openssl(words);
        assert!(success, "openssl {words}: {text}");
        text
    }

    /// A root of its own.
    pub(crate) fn root(&self, name: &str) {
        self.openssl(&format!("genpkey -algorithm {P256} -out {name}.key"));
        self.write("req.cnf", "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=unused\n");
        self.openssl(&format!("req -new -config req.cnf -key {name}.key -subj /O=Practice/CN={name} -out {name}.csr"));
        self.database(name, CA);
        self.openssl(&format!(
            "ca -batch -config {name}.cnf -selfsign -keyfile {name}.key -in {name}.csr -out {name}.crt -notext -startdate \
             20100101000000Z -enddate 20600101000000Z"
        ));
    }

    /// The files `openssl ca` wants.
    fn database(&self, issuer: &str, extensions: &str) {
        if !self.path(&format!("{issuer}.index")).exists() {
            self.write(&format!("{issuer}.index"), "");
            self.write(&format!("{issuer}.number"), "01\n");
        }
        self.write(
            &format!("{issuer}.cnf"),
            &format!(
                "[ca]\ndefault_ca=own\n[own]\ndatabase={issuer}.index\ncrlnumber={issuer}.number\nrand_serial=yes\nnew_certs_dir=.\n\
                 default_md=sha256\npolicy=any\nunique_subject=no\nx509_extensions=ext\ndefault_crl_days=3650\n\
                 crl_extensions=crl\n[any]\nO=optional\nCN=supplied\n[crl]\nauthorityKeyIdentifier=keyid\n[ext]\n{extensions}\n"
            ),
        );
    }

    /// A certificate `name` with its key, by `issuer`, valid from and to.
    pub(crate) fn issue(&self, name: &str, issuer: &str, kind: &str, extensions: &str, (from, to): (&str, &str)) {
        self.openssl(&format!("genpkey -algorithm {kind} -out {name}.key"));
        self.openssl(&format!("req -new -config req.cnf -key {name}.key -subj /O=Practice/CN={name} -out {name}.csr"));
        self.database(issuer, extensions);
        self.openssl(&format!(
            "ca -batch -config {issuer}.cnf -keyfile {issuer}.key -cert {issuer}.crt -in {name}.csr -out {name}.crt -notext \
             -startdate {from} -enddate {to}"
        ));
    }

    /// A list `name.crl` in which the certificate of that name is revoked at `when` (`270101000000Z`), with `reason` or none.
    pub(crate) fn revoke(&self, name: &str, issuer: &str, when: &str, reason: &str) {
        let serial = self.openssl(&format!("x509 -in {name}.crt -noout -serial"));
        let serial = serial.trim().strip_prefix("serial=").unwrap();
        let reason = if reason.is_empty() { String::new() } else { format!(",{reason}") };
        self.write(
            &format!("{issuer}.index"),
            &format!("R\t500101000000Z\t{when}{reason}\t{serial}\tunknown\t/O=Practice/CN={name}\n"),
        );
        self.database(issuer, CA);
        self.openssl(&format!(
            "ca -config {issuer}.cnf -gencrl -keyfile {issuer}.key -cert {issuer}.crt -out {name}.crl"
        ));
        self.write(&format!("{issuer}.index"), "");
    }

    /// The configuration of `openssl ts -reply` for the certificate `name`.
    fn tsa_config(&self, name: &str) {
        self.write(&format!("{name}.serial"), "01\n");
        self.write(
            &format!("{name}.tsa.cnf"),
            &format!(
                "[tsa]\ndefault_tsa=tsa1\n[tsa1]\nserial={name}.serial\nsigner_cert={name}.crt\ncerts=ca.crt\n\
                 signer_key={name}.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\nother_policies=1.2.3.4.2\n\
                 digests=sha256,sha384,sha512\naccuracy=secs:1,millisecs:500\ness_cert_id_alg=sha256\nordering=no\n\
                 tsa_name=yes\n"
            ),
        );
    }

    /// The answer of `name` to a request file.
    pub(crate) fn reply(&self, name: &str, request: &Path, answer: &Path) {
        self.tsa_config(name);
        let (request, answer) = (request.to_str().unwrap(), answer.to_str().unwrap());
        self.openssl(&format!("ts -reply -config {name}.tsa.cnf -section tsa1 -queryfile {request} -out {answer}"));
    }

    /// Answers `count` requests over HTTP, in chunks or not, and ends; gives the address.
    pub(crate) fn serve(
        &self,
        name: &'static str,
        count: usize,
        chunked: bool,
    ) -> (String, std::thread::JoinHandle<()>) {
        self.tsa_config(name);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://127.0.0.1:{}/tsa", listener.local_addr().unwrap().port());
        let authority = Self { folder: self.folder.clone() };
        let server = std::thread::spawn(move || {
            for number in 0..count {
                let (mut stream, _) = listener.accept().unwrap();
                let request = posted(&mut stream);
                let (asked, answered) =
                    (authority.path(&format!("{number}.tsq")), authority.path(&format!("{number}.tsr")));
                std::fs::write(&asked, request).unwrap();
                authority.reply(name, &asked, &answered);
                let body = std::fs::read(answered).unwrap();
                let kind = "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n";
                if chunked {
                    let (first, second) = body.split_at(body.len() / 2);
                    write!(stream, "{kind}Transfer-Encoding: chunked\r\n\r\n").unwrap();
                    for part in [first, second, &[]] {
                        write!(stream, "{:x}\r\n", part.len()).unwrap();
                        stream.write_all(part).unwrap();
                        stream.write_all(b"\r\n").unwrap();
                    }
                } else {
                    write!(stream, "{kind}Content-Length: {}\r\n\r\n", body.len()).unwrap();
                    stream.write_all(&body).unwrap();
                }
            }
        });
        (url, server)
    }
}

/// The body of one POST.
fn posted(stream: &mut std::net::TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "the request is cut short");
        bytes.extend_from_slice(&piece[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        assert!(head.starts_with("POST /tsa HTTP/1.1") && head.contains("application/timestamp-query"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        let length: usize = length.parse().unwrap();
        if bytes.len() - end - 4 >= length {
            return bytes[end + 4..end + 4 + length].to_vec();
        }
    }
}

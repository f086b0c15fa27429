"""Checks the signatures by certificate and the time stamps of a package, as openssl judges them today; for check-package.py, which calls it if it
lies beside it and certificates of authorities are given. It does not look at revocation lists. Follows signatures.md beside this file."""
CMS, STAMP = "signatures/tagmanifest-sha512.txt.p7s", "signatures/tagmanifest-sha512.txt.sig.tst"
CERTIFICATES = "signatures/validation-certificates.pem"

def check(bag, roots, run, expect):
    more = bag.read(CERTIFICATES) if CERTIFICATES in bag.names else roots
    if CMS in bag.names:
        files = {"roots": roots, "more": more, "cms": bag.read(CMS), "content": bag.read("tagmanifest-sha512.txt")}
        command = "openssl cms -verify -binary -inform DER -in cms -content content -CAfile roots -certfile more -purpose any -out x"
        expect(run(files, command), f"{CMS}: no good signature")
    log = [name[:-4] for name in bag.names if name.startswith("exhibit/custody/") and name.endswith(".tst")]
    for token, stamped in [(name + ".tst", name + ".checkpoint") for name in log] + [(STAMP, STAMP[:-4])] * (STAMP in bag.names):
        own = token[:-4] + ".certificates.pem"
        files = {"roots": roots, "token": bag.read(token), "data": bag.read(stamped), "more": bag.read(own) if own in bag.names else more}
        command = "openssl ts -verify -data data -token_in -in token -CAfile roots -untrusted more"
        expect(run(files, command), f"{token}: no good time stamp of {stamped}")

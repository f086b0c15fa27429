#!/usr/bin/env python3
"""Checks an evidence package without Exhibit: Python's standard library and the programs ssh-keygen and openssl.

    python3 check-package.py PACKAGE.zip|FOLDER [KEY.pub [ROOTS.pem]]

KEY.pub is the signer's key, ROOTS.pem has the certificates of authorities: both got by another way than the package. Exit status: 0 everything checked holds and the
key is the one given; 4 something does not match; 7 nothing is wrong, but something was not checked, and it says what.
Follows package.md, signatures.md, custody-log.md, manifest.md, acquisition-record.md and hash-tree.md beside this file.
Reads raw images and E01 images as Exhibit writes them; others are checked as files only, and that is said.
"""
import base64, functools, hashlib, json, pathlib, re, struct, subprocess, sys, tempfile, zipfile, zlib

wrong, unchecked = [], []
CMS, STAMP = "signatures/tagmanifest-sha512.txt.p7s", "signatures/tagmanifest-sha512.txt.sig.tst"
CERTIFICATES = "signatures/validation-certificates.pem"
FURTHER = {CMS, STAMP, CERTIFICATES, "signatures/validation-lists.pem"}

def expect(holds, text):
    if not holds:
        wrong.append(text)
    return holds

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def tree_root(nodes):
    """RFC 6962 root over nodes of one level; equal to the recursive definition."""
    if not nodes:
        return sha(b"")
    while len(nodes) > 1:
        nodes = [sha(b"\1", *nodes[i:i + 2]) if i + 1 < len(nodes) else nodes[i] for i in range(0, len(nodes), 2)]
    return nodes[0]

def run(files, command, standard_input=b""):
    """Whether a command succeeds in a folder with these files."""
    with tempfile.TemporaryDirectory() as place:
        for name, content in files.items():
            pathlib.Path(place, name).write_bytes(content)
        return subprocess.run(command.split(), cwd=place, input=standard_input, capture_output=True).returncode == 0

class Bag:
    """The members of a package, in a ZIP archive or unpacked."""
    def __init__(self, place):
        if place.is_dir():
            tops = [place] if (place / "bagit.txt").exists() else [p for p in place.iterdir() if (p / "bagit.txt").exists()]
            base = tops[0] if tops else place
            self.names = sorted(p.relative_to(base).as_posix() for p in base.rglob("*") if not p.is_dir())
            self.open = lambda name: open(base / name, "rb")
            expect(not any(p.is_symlink() for p in base.rglob("*")), "there is a symbolic link")
        else:
            archive = zipfile.ZipFile(place)
            full = archive.namelist()
            expect(len(full) == len(set(full)), "two members have the same name")
            top = full[0].split("/")[0] + "/"
            expect(all(name.startswith(top) for name in full), "more than one folder at the top")
            self.names = sorted(name[len(top):] for name in full)
            self.open = lambda name: archive.open(top + name)
        plain = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*\Z")
        expect(all(plain.match(name) and not {".", ".."} & set(name.split("/")) for name in self.names), "an unsafe name")

    def read(self, name):
        return self.open(name).read()

    def digest(self, name, algorithm):
        hasher, file = hashlib.new(algorithm), self.open(name)
        while piece := file.read(1 << 20):
            hasher.update(piece)
        return hasher.hexdigest()

def check_manifests(bag):
    """Every member is listed, nothing is missing, every digest holds."""
    listed = {"tagmanifest-sha256.txt", "tagmanifest-sha512.txt"}
    listed |= {f"signatures/{name}.sig" for name in listed} | FURTHER
    payload = {}
    for algorithm in ("sha256", "sha512"):
        for manifest in (f"manifest-{algorithm}.txt", f"tagmanifest-{algorithm}.txt"):
            lines = [line.split("  ", 1) for line in bag.read(manifest).decode("ascii").splitlines()]
            for digest, name in lines:
                expect(name.startswith("data/") != manifest.startswith("tag"), f"{manifest} lists {name}")
                if expect(name in bag.names, f"{name} is missing"):
                    expect(bag.digest(name, algorithm) == digest, f"{name} was changed ({algorithm})")
            names = {name for _, name in lines}
            if manifest.startswith("manifest"):
                expect(not payload or payload.keys() == names, "the payload manifests list different files")
                payload = payload or {name: digest for digest, name in lines}
            listed |= names
    wrong.extend(f"{name} is in no manifest" for name in set(bag.names) - listed)
    return payload

def check_signatures(bag, trusted):
    """SSHSIG over both tag manifests, by the key in the package; and whether that key is the trusted one."""
    claimed = bag.read("signatures/signer.pub").decode().split()[1]
    allowed = f'signer namespaces="exhibit-package" ssh-ed25519 {trusted or claimed}\n'.encode()
    for name in ("tagmanifest-sha256.txt", "tagmanifest-sha512.txt"):
        files = {"allowed": allowed, "signature": bag.read(f"signatures/{name}.sig")}
        good = run(files, "ssh-keygen -Y verify -f allowed -I signer -n exhibit-package -s signature", bag.read(name))
        expect(good, f"{name}: no good signature by the {'given' if trusted else 'claimed'} key")
    if not trusted:
        unchecked.append("who signed: no key was given, so anybody could have made this package")
    return base64.b64decode(trusted or claimed)[-32:]

def check_further(bag, roots):
    """Signatures by certificate and time stamps, as openssl judges them today; it does not look at revocation lists."""
    if "exhibit/signatures.json" in bag.names:
        for name in json.loads(bag.read("exhibit/signatures.json"))["members"]:
            expect(name in bag.names, f"{name} was taken away")
    more = bag.read(CERTIFICATES) if CERTIFICATES in bag.names else b""
    log = [name[:-4] for name in bag.names if name.startswith("exhibit/custody/") and name.endswith(".tst")]
    stamps = [(name + ".tst", name + ".checkpoint") for name in log] + [(STAMP, STAMP[:-4])] * (STAMP in bag.names)
    if not roots and (stamps or CMS in bag.names):
        return unchecked.append("signatures by certificate and time stamps: no certificates of authorities were given")
    files = {"roots": roots, "more": more or roots}
    if CMS in bag.names:
        files.update(cms=bag.read(CMS), content=bag.read("tagmanifest-sha512.txt"))
        command = "openssl cms -verify -binary -inform DER -in cms -content content -CAfile roots -certfile more -purpose any -out x"
        expect(run(files, command), f"{CMS}: no good signature")
    for token, stamped in stamps:
        own = token[:-4] + ".certificates.pem"
        files.update(token=bag.read(token), data=bag.read(stamped), more=bag.read(own) if own in bag.names else more or roots)
        command = "openssl ts -verify -data data -token_in -in token -CAfile roots -untrusted more"
        expect(run(files, command), f"{token}: no good time stamp of {stamped}")

def check_log(bag, key):
    """Order, chain, tree and signed checkpoints of the custody log; the script of custody-log.md."""
    prev, leaves, covered, files = "0" * 64, [], 0, {}
    names = [name for name in bag.names if name.startswith("exhibit/custody/")]
    if any(name.endswith(".partial") for name in names):
        unchecked.append("the custody log has an interrupted segment")
    for number, name in enumerate([name for name in names if name.endswith(".jsonl")], 1):
        expect(name == f"exhibit/custody/{number:06}.jsonl", f"segment {number} of the custody log is missing")
        *lines, rest = bag.read(name).split(b"\n")
        expect(lines and not rest, f"{name} is cut short")
        for line in lines:
            record = json.loads(line)
            expect(record["prev"] == prev and record["seq"] == len(leaves) + 1, f"{name}: record {record['seq']} does not follow")
            prev = sha(line).hex()
            leaves.append(sha(b"\0", line))
            objects = [record["object"], *(f for f in record["details"].get("files") or [] if isinstance(f, dict))]
            files.update({o["path"]: o["sha256"] for o in objects if "path" in o and "sha256" in o})
        checkpoint = name.replace(".jsonl", ".checkpoint")
        if checkpoint not in names:
            continue
        text, _, signatures = bag.read(checkpoint).rpartition(b"\n\n")
        origin, size, head = text.decode().split("\n")
        expect(int(size) == len(leaves) and base64.b64decode(head) == tree_root(leaves), f"{checkpoint} is not of this log")
        start = f"\u2014 {origin} "
        blobs = [base64.b64decode(s[len(start):]) for s in signatures.decode().splitlines() if s.startswith(start)]
        key_id = sha(origin.encode() + b"\n\1" + key)[:4]
        if ours := [blob[4:] for blob in blobs if blob[:4] == key_id]:
            files_of = lambda blob: {"key": bytes.fromhex("302a300506032b6570032100") + key, "text": text + b"\n", "sig": blob}
            command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in text -sigfile sig"
            if expect(any(run(files_of(blob), command) for blob in ours), f"{checkpoint}: bad signature"):
                covered = len(leaves)
    whole = all(name.replace(".checkpoint", ".jsonl") in names for name in names)
    expect(leaves and whole, "records of the custody log were cut off")
    if covered < len(leaves):
        unchecked.append(f"records {covered + 1} to {len(leaves)} of the custody log are under no signature by this key")
    return files, len(leaves), tree_root(leaves).hex()

def raw_pieces(bag, names):
    for name in names:
        yield from iter(functools.partial(bag.open(name).read, 1 << 15), b"")

def e01_chunks(bag, names):
    """The chunks of an E01 in order, decompressed: sections are walked, `table` says where chunks lie."""
    for name in names:
        with bag.open(name) as file:
            at, data_end = 13, 0
            while True:
                file.seek(at)
                kind, following, size = struct.unpack("<16sQQ44x", file.read(76))
                kind = kind.rstrip(b"\0")
                if kind == b"sectors":
                    data_end = at + size
                if kind == b"table":
                    count, base = struct.unpack("<I4xQ8x", file.read(24))
                    entries = struct.unpack(f"<{count}I", file.read(4 * count))
                    starts = [base + (entry & 0x7FFFFFFF) for entry in entries] + [data_end]
                    for entry, start, end in zip(entries, starts, starts[1:]):
                        file.seek(start)
                        chunk = file.read(end - start)
                        yield zlib.decompress(chunk) if entry >> 31 else chunk[:-4]
                if following <= at or kind in (b"next", b"done"):
                    break
                at = following

def check_item(bag, item, logged):
    """The acquisition record against manifest and log; the medium against the record: digests and hash tree."""
    named = {f["original_name"] if isinstance(f["original_name"], str) else None: f for f in item["files"]}
    for file in item["files"]:
        bound = logged.get(f"items/{item['id']}/{file['original_name']}")
        expect(bound in (None, file["sha256"]), f"{file['path']} is not the file of the custody log")
        if bound is None and file["role"] in ("image-segment", "acquisition-record", "hash-tree"):
            unchecked.append(f"{file['path']} is not bound by the custody log")
    for file in (f for f in item["files"] if f["role"] == "acquisition-record"):
        record = json.loads(bag.read(file["path"]))
        segments = [named[segment["name"]] for segment in record["segments"]]
        recorded = [(segment["sha256"], segment["size_bytes"]) for segment in record["segments"]]
        expect(recorded == [(f["sha256"], f["size"]) for f in segments], f"{file['path']}: the segments differ from it")
        size, paths = record["size_bytes"], [segment["path"] for segment in segments]
        readers = {"raw": raw_pieces, "e01": e01_chunks}
        if record["plan"]["format"] not in readers:
            unchecked.append(f"the medium inside {paths[0]}: format {record['plan']['format']}")
            continue
        hashers = {algorithm: hashlib.new(algorithm) for algorithm in record["digests"]}
        leaves, rest, length = [], b"", 0
        for piece in readers[record["plan"]["format"]](bag, paths):
            piece = piece[:size - length]  # an E01 fills its last sector
            length += len(piece)
            for hasher in hashers.values():
                hasher.update(piece)
            rest += piece
            leaves += [sha(b"\0", rest[at:at + 4096]) for at in range(0, len(rest) // 4096 * 4096, 4096)]
            rest = rest[len(rest) // 4096 * 4096:]
        leaves += [sha(b"\0", rest)] if rest else []
        expect(length == size, f"{paths[0]}: {length} bytes of medium instead of {size}")
        for algorithm, hasher in hashers.items():
            expect(hasher.hexdigest() == record["digests"][algorithm], f"{paths[0]}: {algorithm} of the medium differs")
        expect(tree_root(leaves).hex() == record["tree"]["root"], f"{paths[0]}: the hash tree differs")
        gaps = {"count": len(record["gaps"]), "bytes": sum(gap["length"] for gap in record["gaps"])}
        expect(item["medium"]["gaps"] == gaps and item["medium"]["digests"] == record["digests"], f"item {item['id']}: manifest and record differ")
        print(f"item {item['id']}: {size} bytes, {gaps['count']} ranges ({gaps['bytes']} bytes) could not be read when it was imaged")

def main():
    bag = Bag(pathlib.Path(sys.argv[1]))
    trusted = open(sys.argv[2]).read().split()[1] if len(sys.argv) > 2 else None
    roots = open(sys.argv[3], "rb").read() if len(sys.argv) > 3 else b""
    try:
        payload = check_manifests(bag)
        key = check_signatures(bag, trusted)
        check_further(bag, roots)
        logged, records, head = check_log(bag, key)
        manifest = json.loads(bag.read("exhibit/manifest.json"))
        expect(manifest["custody"] == {"records": records, "head_root": head}, "the manifest speaks of another custody log")
        files = {file["path"]: file["sha256"] for item in manifest["items"] for file in item["files"]}
        expect(files == payload, "exhibit/manifest.json and the payload manifests differ")
        for item in manifest["items"]:
            check_item(bag, item, logged)
    except Exception as error:  # whatever a hostile package provokes: it is not one as documented
        wrong.append(f"not a package as documented: {type(error).__name__}: {error}")
    for text in wrong:
        print("DOES NOT MATCH:", text)
    for text in unchecked:
        print("NOT CHECKED:", text)
    good = "Incomplete: nothing is wrong, but not everything was checked." if unchecked else "Everything checked holds."
    print("Does not match." if wrong else good)
    sys.exit(4 if wrong else 7 if unchecked else 0)

main()

"""Checks an evidence package, its custody log and what it discloses, without Exhibit: Python 3.11 alone, ssh-keygen and openssl.

    python3 check-package.py PACKAGE.zip|FOLDER [SIGNER.pub [SEALER.pub]] [ROOTS.pem]

SIGNER.pub is the key of whoever signed this package, SEALER.pub that of whoever sealed the whole of which it shows a part (if another), ROOTS.pem
has the certificates of authorities: all got by another way than the package. Exit status: 0 everything checked holds and the keys are those given;
4 something does not match; 7 nothing is wrong, but something was not checked, and it says what. Follows the documents beside this file. With
check_medium.py beside it, raw and E01 images are compared with their records; with check_certificates.py, CMS and time stamps are checked."""
import base64, hashlib, json, pathlib, re, subprocess, sys, tempfile, zipfile
beside = lambda name: __import__(name) if pathlib.Path(__file__).with_name(f"{name}.py").exists() else None
check_medium, check_certificates, wrong, unchecked = beside("check_medium"), beside("check_certificates"), [], []
def expect(holds, text):
    wrong.extend([] if holds else [text])
    return holds
def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()
def canonical(value):  # RFC 8785 for what stands in these records: no numbers but whole ones, and keys that are ASCII
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
def root(nodes):  # RFC 6962, over leaves; equal to its recursive definition
    while len(nodes) > 1:
        nodes = [sha(b"\1", *nodes[i:i + 2]) if i + 1 < len(nodes) else nodes[i] for i in range(0, len(nodes), 2)]
    return nodes[0] if nodes else sha(b"")
def run(files, command, standard_input=b""):  # whether a command succeeds in a folder with these files
    with tempfile.TemporaryDirectory() as place:
        for name, content in files.items():
            pathlib.Path(place, name).write_bytes(content)
        return subprocess.run(command.split(), cwd=place, input=standard_input, capture_output=True).returncode == 0

class Bag:
    """The members of a package, in a ZIP archive or unpacked. Bytes of an archive that belong to no member are not noticed."""
    def __init__(self, place):
        if place.is_dir():
            base = place if (place / "bagit.txt").exists() else next(p for p in place.iterdir() if (p / "bagit.txt").exists())
            names, self.open = [p.relative_to(base).as_posix() for p in base.rglob("*") if not p.is_dir()], lambda name: open(base / name, "rb")
            expect(not any(p.is_symlink() for p in base.rglob("*")), "there is a symbolic link")
        else:
            archive = zipfile.ZipFile(place)
            top = archive.namelist()[0].split("/")[0] + "/"
            names, self.open = [name.removeprefix(top) for name in archive.namelist()], lambda name: archive.open(top + name)
            plain = [member.filename.startswith(top) and member.external_attr >> 28 in (0, 8) for member in archive.infolist()]
            expect(all(plain), "more than one folder at the top, or a member that is not a plain file")
        expect(len({name.lower() for name in names}) == len(names), "two members have the same name")
        safe = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*\Z")
        expect(all(safe.match(name) and not {".", ".."} & set(name.split("/")) for name in names), "an unsafe name")
        self.names, self.read = sorted(names), lambda name: self.open(name).read()

def check_manifests(bag):
    """Every member is listed, nothing is missing, every digest holds; the payload and its digests."""
    last = [f"tagmanifest-sha{n}.txt" for n in (256, 512)]
    listed = {*last, *(f"signatures/{name}{end}" for name in last for end in (".sig", ".sig.tst", ".p7s"))}
    listed, payload = listed | {f"signatures/validation-{kind}.pem" for kind in ("certificates", "lists")}, {}
    for manifest in (f"{kind}-sha{bits}.txt" for bits in (256, 512) for kind in ("manifest", "tagmanifest")):
        lines, algorithm = [line.split("  ", 1) for line in bag.read(manifest).decode("ascii").split("\n")[:-1]], manifest[-10:-4]
        for digest, name in lines:
            expect(name.startswith("data/") != manifest.startswith("tag"), f"{manifest} lists {name}")
            if expect(name in bag.names, f"{name} is missing"):
                expect(hashlib.file_digest(bag.open(name), algorithm).hexdigest() == digest, f"{name} was changed ({algorithm})")
        names = {name: digest for digest, name in lines}
        expect(len(names) == len(lines), f"{manifest} lists a file twice")
        if manifest.startswith("manifest"):
            payload = payload or names
            expect(payload.keys() == names.keys(), "the payload manifests list different files")
        listed |= names.keys()
    wrong.extend(f"{name} is in no manifest" for name in set(bag.names) - listed)
    bagit = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    expect(bag.read("bagit.txt") == bagit and "fetch.txt" not in bag.names, "bagit.txt is another, or files are to be fetched")
    return payload
def check_signatures(bag, trusted):
    """SSHSIG over both tag manifests, by the key in the package; and whether that key is the trusted one."""
    key = trusted or bag.read("signatures/signer.pub").decode().split()[1]
    for name in ("tagmanifest-sha256.txt", "tagmanifest-sha512.txt"):
        files = {"allowed": f"signer ssh-ed25519 {key}\n".encode(), "signature": bag.read(f"signatures/{name}.sig")}
        good = run(files, "ssh-keygen -Y verify -f allowed -I signer -n exhibit-package -s signature", bag.read(name))
        expect(good and files["signature"].endswith(b"\n-----END SSH SIGNATURE-----\n"), f"{name}: no good signature by the key")
    unchecked.extend([] if trusted else ["who signed: no key was given, so anybody could have made this package"])
    return base64.b64decode(key)[-32:]
def signed(note, key, what):
    """Size and root of a checkpoint and whether the key signed it, under the name in its first line (C2SP tlog-checkpoint)."""
    text, _, signatures = note.rpartition("\n\n")
    origin, size, head = text.split("\n")
    assert int(size) < 10_000_000, f"{what}: too many entries for this script"
    start, key_id = f"\u2014 {origin} ", sha(origin.encode() + b"\n\1" + key)[:4]
    blobs = [base64.b64decode(line[len(start):]) for line in signatures.split("\n") if line.startswith(start)]
    files = {"key": bytes.fromhex("302a300506032b6570032100") + key, "text": text.encode() + b"\n"}
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in text -sigfile sig"
    good = [run(files | {"sig": blob[4:]}, command) for blob in blobs if blob[:4] == key_id]
    return int(size), base64.b64decode(head), expect(any(good) or not good, f"{what}: bad signature") and any(good)
def check_log(bag, key):
    """Order, chain, tree and signed checkpoints of a whole custody log; its lines, and the root over them."""
    lines, covered, names = [], 0, [name for name in bag.names if name.startswith("exhibit/custody/")]
    whole = all(name.replace(".checkpoint", ".jsonl") in names for name in names)
    unchecked.extend(f"{name} was interrupted" for name in names if name.endswith(".partial"))
    for number, name in enumerate([name for name in names if name.endswith(".jsonl")], 1):
        *more, rest = bag.read(name).split(b"\n")
        whole &= name == f"exhibit/custody/{number:06}.jsonl" and len(more) > 0 and not rest
        for line in more:
            record, before = json.loads(line), sha(lines[-1]).hex() if lines else "0" * 64
            lines.append(line)
            expect(record["prev"] == before and record["seq"] == len(lines), f"{name}: record {record['seq']} does not follow")
        if (checkpoint := name.replace(".jsonl", ".checkpoint")) in names:
            size, head, good = signed(bag.read(checkpoint).decode(), key, checkpoint)
            expect(size == len(lines) and head == root([sha(b"\0", line) for line in lines]), f"{checkpoint} is not of this log")
            covered = len(lines) if good else covered
    expect(lines and whole, "records of the custody log were cut off")
    unchecked.extend([f"custody records {covered + 1} to {len(lines)} are under no signature by this key"] if covered < len(lines) else [])
    return lines, len(lines), root([sha(b"\0", line) for line in lines])
def check_part_of_log(part, key):
    """Records that are shown, and leaves of those that are not, under the log's own signed head."""
    size, head, good = signed(part["checkpoint"], key, "the custody log")
    lines = {json.loads(line)["seq"]: line.encode() for line in part["shown"]}
    chain = all(seq - 1 not in lines or json.loads(line)["prev"] == sha(lines[seq - 1]).hex() for seq, line in lines.items())
    leaves = {record["seq"]: bytes.fromhex(record["leaf"]) for record in part["withheld"]} | {seq: sha(b"\0", line) for seq, line in lines.items()}
    whole = sorted(leaves) == list(range(1, size + 1)) and len(part["shown"]) + len(part["withheld"]) == size
    expect(good and whole and chain and root([leaves[seq] for seq in sorted(leaves)]) == head, "records of the custody log do not fit its signed head")
    return lines.values(), size, head

def check_list(disclosure, manifest, key):
    """All entries of what was sealed, shown and withheld, have the root that its signer signed; salts follow from a tree of seeds."""
    size, head, good = signed(disclosure["checkpoint"], key, "the list of what was sealed")
    height, salts, leaves = max(size - 1, 0).bit_length(), {}, {}
    for seed in disclosure["seeds"]:
        level = [bytes.fromhex(seed["seed"])]
        for _ in range(height - max(seed["depth"], 0)):
            level = [sha(step, value) for value in level for step in (b"\2", b"\3")]
        salts.update(enumerate(level, seed["index"] << height - seed["depth"]))
    leaf = lambda **public: sha(b"\0", canonical(public))
    def show(index, item, entry, length):
        bounds = [(0, "empty"), (2**12, "4KiB"), (2**16, "64KiB"), (2**20, "1MiB"), (2**24, "16MiB"), (2**28, "256MiB"), (2**32, "4GiB")]
        size_class = next((name for most, name in bounds if length <= most), "larger")
        leaves[index] = leaf(item=item, sealed=sha(salts.get(index, b""), canonical(entry)).hex(), size_class=size_class)
    for mark in disclosure["withheld"]:
        leaves[mark["index"]] = leaf(item=mark["item"], sealed=mark["sealed"], size_class=mark["size_class"])
        expect(disclosure["grounds"][mark["ground"]]["reason"].strip(), f"entry {mark['index']} is withheld without a reason")
        expect(mark["index"] not in salts, f"the salt of the withheld entry {mark['index']} is given away")
    for medium in disclosure["media"]:
        show(medium["index"], medium["item"], {"kind": "medium"} | {n: medium[n] for n in ("size_bytes", "tree_root")}, medium["size_bytes"])
    files = [(item["id"], file) for item in manifest["items"] for file in item["files"]]
    ranges = {number for number, (_, file) in enumerate(files) if file["role"] == "medium-range"}
    expect(sorted(disclosure["files"]) == sorted(set(range(len(files))) - ranges), "a file is not in the list that was sealed")
    for index, number in zip([index for index in range(size) if index not in leaves], disclosure["files"]):
        item, file = files[number]
        show(index, item, {"kind": "file", "name": file["original_name"]} | {name: file[name] for name in ("role", "sha256", "size")}, file["size"])
    expect(sorted(leaves) == list(range(size)), f"{size} entries were sealed, {len(leaves)} are shown or marked as withheld")
    expect(good and root([leaves[index] for index in sorted(leaves)]) == head, "what is shown and withheld is not what was sealed and signed")
    expect(sorted(e["path"] for e in disclosure["ranges"]) == sorted(files[n][1]["path"] for n in ranges), "a range has no proof")
def check_range(entry, medium, shown):
    """The tree of the medium, from the bytes that are shown and the values of the subtrees that are not."""
    first, end, values = entry["offset"] // 4096, -(-(entry["offset"] + entry["length"]) // 4096), list(entry["proof"])
    def subtree(low, high):
        if high <= first or end <= low:
            return bytes.fromhex(values.pop(0))
        if high - low == 1:
            return sha(b"\0", shown[(low - first) * 4096:(low - first + 1) * 4096])
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        return sha(b"\1", subtree(low, middle), subtree(middle, high))
    whole = len(shown) == entry["length"] > 0 == entry["offset"] % 4096
    proven = whole and subtree(0, -(-medium["size_bytes"] // 4096)).hex() == medium["tree_root"] and not values
    expect(proven, f"{entry['path']} is not proven to lie in the medium of item {medium['item']}")

def main():
    bag = Bag(pathlib.Path(sys.argv[1]))
    trusted = [open(name).read().split()[1] for name in sys.argv[2:] if not name.endswith(".pem")] or [None]
    roots = b"".join(open(name, "rb").read() for name in sys.argv[2:] if name.endswith(".pem"))
    payload, key = check_manifests(bag), check_signatures(bag, trusted[0])
    if any(name.endswith((".p7s", ".tst")) for name in bag.names):
        able = roots and check_certificates
        check_certificates.check(bag, roots, run, expect) if able else unchecked.append("certificates and time stamps: no ROOTS.pem was given")
    announced = json.loads(bag.read("exhibit/signatures.json"))["members"] if "exhibit/signatures.json" in bag.names else []
    expect(set(announced) <= set(bag.names), "a signature that is announced was taken away")
    sealer = base64.b64decode(trusted[-1])[-32:] if trusted[-1] else key
    texts = [(f"exhibit-{name}/1", bag.read(f"exhibit/{name}.json")) for name in ("manifest", "disclosure")]
    manifest, disclosure = (json.loads(text) for _, text in texts)
    known = [(value["format"], canonical(value)) for value in (manifest, disclosure)]
    expect(known == texts, "exhibit/manifest.json or exhibit/disclosure.json is of another format or not in canonical form")
    lines, size, head = check_part_of_log(disclosure["log"], sealer) if disclosure["log"] else check_log(bag, key)
    expect(manifest["custody"] == {"records": size, "head_root": head.hex()}, "the manifest speaks of another custody log")
    files = {file["path"]: file["sha256"] for item in manifest["items"] for file in item["files"]}
    expect(files == payload, "exhibit/manifest.json and the payload manifests differ")
    oxum = f"\nPayload-Oxum: {sum(file['size'] for item in manifest['items'] for file in item['files'])}.{len(files)}\n"
    expect(oxum in bag.read("bag-info.txt").decode(), "bag-info.txt speaks of another number of files or bytes")
    check_list(disclosure, manifest, sealer)
    for entry in disclosure["ranges"]:
        check_range(entry, disclosure["media"][entry["medium"]], bag.read(entry["path"]))
    objects = [o for r in map(json.loads, lines) for o in (r["object"], *(r["details"].get("files") or [])) if isinstance(o, dict)]
    logged = {o["path"]: o["sha256"] for o in objects if "path" in o and "sha256" in o}
    for item, file in [(item, file) for item in manifest["items"] for file in item["files"]]:
        bound = logged.get(f"items/{item['id']}/{file['original_name']}")
        expect(bound in (None, file["sha256"]), f"{file['path']} is not the file of the custody log")
        if file["role"] == "acquisition-record":
            record, unable = json.loads(bag.read(file["path"])), f"the medium of item {item['id']}: check_medium.py is not here"
            check_medium.check_item(bag, item, record, expect, unchecked) if check_medium else unchecked.append(unable)
    for mark in disclosure["withheld"]:
        print(f"withheld: entry {mark['index']} of item {mark['item']}, because: {disclosure['grounds'][mark['ground']]['reason']}")
try:
    main()
except Exception as error:  # whatever a hostile package provokes: it is not one as documented
    wrong.append(f"not a package as documented: {type(error).__name__}: {error}")
print(*(f"DOES NOT MATCH: {text}" for text in wrong), *(f"NOT CHECKED: {text}" for text in unchecked), sep="\n")
print("Does not match." if wrong else "Incomplete: nothing is wrong, but not everything was checked." if unchecked else "Everything checked holds.")
sys.exit(4 if wrong else 7 if unchecked else 0)

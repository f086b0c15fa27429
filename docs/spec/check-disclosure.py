#!/usr/bin/env python3
"""Checks the proofs of a disclosure without Exhibit: Python's standard library and the program openssl.

    python3 check-disclosure.py PACKAGE.zip|FOLDER KEY.pub

KEY.pub is the key of whoever sealed the whole package, got by another way. That nothing in this package was changed since it was
signed is what check-package.py checks; this script checks that what it shows is what was sealed before, that everything else
is marked as withheld, and that ranges and records belong to the medium and the log whose roots were signed. Exit status: 0 all of
that holds; 4 something does not match. Follows disclosure.md beside this file.
"""
import base64, hashlib, json, pathlib, subprocess, sys, tempfile, zipfile

wrong = []

def expect(holds, text):
    if not holds:
        wrong.append(text)

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def canonical(value):
    """RFC 8785 for what stands in these records: no numbers but whole ones, and keys that are ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

def root(nodes):
    """RFC 6962 root over leaves; equal to the recursive definition."""
    while len(nodes) > 1:
        nodes = [sha(b"\1", *nodes[i:i + 2]) if i + 1 < len(nodes) else nodes[i] for i in range(0, len(nodes), 2)]
    return nodes[0] if nodes else sha(b"")

def opener(place):
    """What reads the members of a package, in a ZIP archive or unpacked."""
    if place.is_dir():
        base = place if (place / "bagit.txt").exists() else next(p for p in place.iterdir() if (p / "bagit.txt").exists())
        return lambda name: (base / name).read_bytes()
    archive = zipfile.ZipFile(place)
    top = archive.namelist()[0].split("/")[0] + "/"
    return lambda name: archive.read(top + name)

def signed(note, key, what):
    """Size and root of a signed checkpoint; its signature must be by the key, under the name in its first line."""
    text, _, signatures = note.rpartition("\n\n")
    origin, size, head = text.split("\n")
    start, key_id = f"\u2014 {origin} ", sha(origin.encode() + b"\n\1" + key)[:4]
    blobs = [base64.b64decode(line[len(start):]) for line in signatures.splitlines() if line.startswith(start)]
    with tempfile.TemporaryDirectory() as place:
        files = {"key": bytes.fromhex("302a300506032b6570032100") + key, "text": text.encode() + b"\n"}
        files["sig"] = next((blob[4:] for blob in blobs if blob[:4] == key_id), b"")
        for name, content in files.items():
            pathlib.Path(place, name).write_bytes(content)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in text -sigfile sig"
        good = subprocess.run(command.split(), cwd=place, capture_output=True).returncode == 0
    expect(good, f"{what}: not signed by the key that was given")
    return int(size), base64.b64decode(head)

def salts_of(seeds, size):
    """Every salt that follows from the seeds: a tree of them, left below is SHA-256 of 2 and the seed, right of 3."""
    height, salts = max(size - 1, 0).bit_length(), {}
    for seed in seeds:
        level = [bytes.fromhex(seed["seed"])]
        for _ in range(height - seed["depth"]):
            level = [sha(step, value) for value in level for step in (b"\2", b"\3")]
        first = seed["index"] << height - seed["depth"]
        salts.update({first + at: salt for at, salt in enumerate(level) if first + at < size})
    return salts

def size_class(size):
    classes = [(0, "empty"), (12, "4KiB"), (16, "64KiB"), (20, "1MiB"), (24, "16MiB"), (28, "256MiB"), (32, "4GiB")]
    return next((name for bits, name in classes if size <= (1 << bits if bits else 0)), "larger")

def check_list(disclosure, manifest, key):
    """All entries, shown and withheld, have the root that was signed."""
    size, signed_root = signed(disclosure["checkpoint"], key, "the list of what was sealed")
    salts, leaves = salts_of(disclosure["seeds"], size), {}
    def put(index, item, sealed, kind):
        expect(index not in leaves, f"entry {index} is there twice")
        leaves[index] = sha(b"\0", canonical({"item": item, "sealed": sealed, "size_class": kind}))
    def show(index, item, entry, length):
        put(index, item, sha(salts.get(index, b""), canonical(entry)).hex(), size_class(length))
    for mark in disclosure["withheld"]:
        put(mark["index"], mark["item"], mark["sealed"], mark["size_class"])
        expect(disclosure["grounds"][mark["ground"]]["reason"].strip(), f"entry {mark['index']} is withheld without a reason")
        expect(mark["index"] not in salts, f"the salt of the withheld entry {mark['index']} is given away")
    for medium in disclosure["media"]:
        entry = {"kind": "medium", "size_bytes": medium["size_bytes"], "tree_root": medium["tree_root"]}
        show(medium["index"], medium["item"], entry, medium["size_bytes"])
    files = [(item["id"], file) for item in manifest["items"] for file in item["files"]]
    ranges = {number for number, (_, file) in enumerate(files) if file["role"] == "medium-range"}
    expect(sorted(disclosure["files"]) == sorted(set(range(len(files))) - ranges), "a file is not in the list that was sealed")
    free = [index for index in range(size) if index not in leaves]
    for index, number in zip(free, disclosure["files"]):
        item, file = files[number]
        entry = {"kind": "file", "name": file["original_name"], "role": file["role"], "sha256": file["sha256"], "size": file["size"]}
        show(index, item, entry, file["size"])
    expect(sorted(leaves) == list(range(size)), f"{size} entries were sealed, {len(leaves)} are shown or marked as withheld")
    expect(root([leaves[index] for index in sorted(leaves)]) == signed_root, "what is shown and withheld is not what was sealed")
    paths = [entry["path"] for entry in disclosure["ranges"]]
    expect(sorted(paths) == sorted(files[number][1]["path"] for number in ranges), "a range has no proof")

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
    aligned = entry["offset"] % 4096 == 0 and len(shown) == entry["length"] > 0
    proven = aligned and subtree(0, -(-medium["size_bytes"] // 4096)).hex() == medium["tree_root"]
    expect(proven and not values, f"{entry['path']} is not proven to lie in the medium of item {medium['item']}")

def check_log(part, manifest, key):
    """Records that are shown, and leaves of those that are not, under the log's own signed head."""
    size, signed_root = signed(part["checkpoint"], key, "the custody log")
    lines = {json.loads(line)["seq"]: line.encode() for line in part["shown"]}
    for seq, line in lines.items():
        before = lines.get(seq - 1)
        expect(before is None or json.loads(line)["prev"] == sha(before).hex(), f"record {seq} does not follow the one before")
    leaves = {seq: sha(b"\0", line) for seq, line in lines.items()}
    leaves.update({record["seq"]: bytes.fromhex(record["leaf"]) for record in part["withheld"]})
    whole = sorted(leaves) == list(range(1, size + 1)) and len(part["shown"]) + len(part["withheld"]) == size
    expect(whole and root([leaves[seq] for seq in sorted(leaves)]) == signed_root, "records of the custody log do not fit its head")
    expect(manifest["custody"] == {"records": size, "head_root": signed_root.hex()}, "the manifest speaks of another custody log")

def main():
    read, key = opener(pathlib.Path(sys.argv[1])), base64.b64decode(open(sys.argv[2]).read().split()[1])[-32:]
    try:
        disclosure, manifest = (json.loads(read(f"exhibit/{name}.json")) for name in ("disclosure", "manifest"))
        check_list(disclosure, manifest, key)
        for entry in disclosure["ranges"]:
            check_range(entry, disclosure["media"][entry["medium"]], read(entry["path"]))
        if disclosure["log"]:
            check_log(disclosure["log"], manifest, key)
        shown, withheld = len(disclosure["files"]) + len(disclosure["media"]), disclosure["withheld"]
        print(f"{shown} entries are shown, {len(disclosure['ranges'])} ranges; {len(withheld)} entries are withheld:")
        for number, ground in enumerate(disclosure["grounds"]):
            count = sum(mark["ground"] == number for mark in withheld)
            print(f"  {count}: {ground['reason']} (authority: {ground['authority'] or 'none given'})")
    except Exception as error:  # whatever a hostile package provokes: it is not one as documented
        wrong.append(f"not a disclosure as documented: {type(error).__name__}: {error}")
    for text in wrong:
        print("DOES NOT MATCH:", text)
    print("Does not match." if wrong else "Every proof holds.")
    sys.exit(4 if wrong else 0)

main()

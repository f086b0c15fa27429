#!/usr/bin/env python3
"""Checks the medium inside a raw or E01 image against its acquisition record, without Exhibit: Python's standard library.

    python3 check_medium.py RECORD.acquisition.json IMAGE...

IMAGE are the files of the image in their order. Exit status: 0 size, every digest and the hash tree are the recorded ones; 4 something
differs; 7 the format is not one of these. check-package.py calls it for every image in a package if it lies beside it.
Follows acquisition-record.md and hash-tree.md beside this file; reads E01 as Exhibit writes it.
"""
import functools, hashlib, json, struct, sys, zlib

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def tree_root(nodes):
    """RFC 6962 root over nodes of one level; equal to the recursive definition."""
    while len(nodes) > 1:
        nodes = [sha(b"\1", *nodes[i:i + 2]) if i + 1 < len(nodes) else nodes[i] for i in range(0, len(nodes), 2)]
    return nodes[0] if nodes else sha(b"")

def raw_pieces(files):
    for file in files:
        yield from iter(functools.partial(file.read, 1 << 15), b"")

def e01_chunks(files):
    """The chunks of an E01 in order, decompressed: sections are walked, `table` says where chunks lie."""
    for file in files:
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

READERS = {"raw": raw_pieces, "e01": e01_chunks}

def differences(record, files):
    """What of the medium in `files` is not as `record` says, in words; `None` if the format is not known here."""
    if record["plan"]["format"] not in READERS:
        return None
    size, length, leaves, rest = record["size_bytes"], 0, [], b""
    hashers = {algorithm: hashlib.new(algorithm) for algorithm in record["digests"]}
    for piece in READERS[record["plan"]["format"]](files):
        piece = piece[:size - length]  # an E01 fills its last sector
        length += len(piece)
        for hasher in hashers.values():
            hasher.update(piece)
        rest += piece
        leaves += [sha(b"\0", rest[at:at + 4096]) for at in range(0, len(rest) // 4096 * 4096, 4096)]
        rest = rest[len(rest) // 4096 * 4096:]
    leaves += [sha(b"\0", rest)] if rest else []
    found = [f"{length} bytes of medium instead of {size}"] if length != size else []
    found += [f"{name} of the medium differs" for name, hasher in hashers.items() if hasher.hexdigest() != record["digests"][name]]
    return found + (["the hash tree differs"] if tree_root(leaves).hex() != record["tree"]["root"] else [])

def check_item(bag, item, record, expect, unchecked):
    """For check-package.py: the record against the manifest, and the medium in the bag against the record."""
    named = {file["original_name"]: file for file in item["files"] if isinstance(file["original_name"], str)}
    segments = [named.get(segment["name"]) for segment in record["segments"]]
    found = None if None in segments else differences(record, [bag.open(segment["path"]) for segment in segments])
    if found is None:
        unchecked.append(f"the medium of item {item['id']}: its image is not here whole, or is in a format that is not read here")
        return
    recorded = [(segment["sha256"], segment["size_bytes"]) for segment in record["segments"]]
    expect(recorded == [(f["sha256"], f["size"]) for f in segments], f"item {item['id']}: the segments differ from the record")
    for text in found:
        expect(False, f"{segments[0]['path']}: {text}")
    gaps = {"count": len(record["gaps"]), "bytes": sum(gap["length"] for gap in record["gaps"])}
    expect(item["medium"]["gaps"] == gaps and item["medium"]["digests"] == record["digests"], f"item {item['id']}: manifest and record differ")
    print(f"item {item['id']}: {record['size_bytes']} bytes, {gaps['count']} ranges ({gaps['bytes']} bytes) could not be read when it was imaged")

if __name__ == "__main__":
    recorded = json.load(open(sys.argv[1], encoding="utf-8"))
    found = differences(recorded, [open(name, "rb") for name in sys.argv[2:]])
    print("\n".join(found) if found else "This format is not read here." if found is None else "The medium is the recorded one.")
    sys.exit(7 if found is None else 4 if found else 0)

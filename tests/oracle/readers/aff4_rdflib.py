"""Reads an AFF4 volume by the text of the standard, with nothing of ours: zipfile, rdflib, python-lz4 and zlib.

Prints size and digests of the medium, the digests that the image stores of it, and the case number.
`--installed` only imports. Exit code 77: a module is not installed.
"""
import hashlib
import struct
import sys
import zipfile
import zlib

try:
    import lz4.block
    import rdflib
except ImportError as error:
    print(f"missing: {error}")
    sys.exit(77)

AFF4 = "http://aff4.org/Schema#"


def main(path):
    archive = zipfile.ZipFile(path)
    assert archive.testzip() is None, "a member has a wrong CRC-32"
    graph = rdflib.Graph()
    graph.parse(data=archive.read("information.turtle").decode(), format="turtle")
    term = lambda word: rdflib.URIRef(AFF4 + word)
    kind = rdflib.RDF.type
    image = next(graph.subjects(kind, term("DiskImage")))
    source = graph.value(image, term("dataStream"))
    size = int(graph.value(image, term("size")))
    name = lambda urn: str(urn).replace("aff4://", "aff4%3A%2F%2F")
    targets = archive.read(name(source) + "/idx").decode().splitlines()
    points = archive.read(name(source) + "/map")
    assert archive.comment.rstrip(b"\0") == archive.read("container.description")

    def stream(urn):
        chunk = int(graph.value(urn, term("chunkSize")))
        per_bevy = int(graph.value(urn, term("chunksInSegment")))
        method = str(graph.value(urn, term("compressionMethod")))
        length = int(graph.value(urn, term("size")))
        out = bytearray()
        for number in range(-(-length // (chunk * per_bevy))):
            bevy = archive.read(f"{name(urn)}/{number:08d}")
            hashes = archive.read(f"{name(urn)}/{number:08d}.blockHash.sha256")
            for at, (offset, packed) in enumerate(struct.iter_unpack("<QI", archive.read(f"{name(urn)}/{number:08d}.index"))):
                piece = bevy[offset : offset + packed]
                if packed != chunk:
                    piece = zlib.decompress(piece) if "rfc1950" in method else lz4.block.decompress(piece, chunk)
                assert hashlib.sha256(piece).digest() == hashes[32 * at : 32 * at + 32], f"chunk {at} of bevy {number}"
                out += piece
        return bytes(out[:length])

    streams = {}
    medium = bytearray()
    for offset, length, target_at, target in sorted(struct.iter_unpack("<QQQI", points)):
        assert offset == len(medium), "the map has a hole"
        urn = targets[target]
        if urn == AFF4 + "Zero":
            medium += bytes(length)
        elif urn.startswith(AFF4 + "SymbolicStream"):
            medium += bytes([int(urn[-2:], 16)]) * length
        elif urn == AFF4 + "UnreadableData":
            # The text begins anew at each MiB.
            tile = (b"UNREADABLEDATA" * (1 << 17))[: 1 << 20]
            for at in range(target_at, target_at + length):
                medium.append(tile[at % (1 << 20)])
        else:
            if urn not in streams:
                streams[urn] = stream(rdflib.URIRef(urn))
            medium += streams[urn][target_at : target_at + length]
    assert len(medium) == size, f"{len(medium)} bytes, {size} announced"
    print(f"size {size}")
    for digest in (hashlib.md5(medium), hashlib.sha256(medium)):
        print(f"{digest.name} {digest.hexdigest()}")
    for stored in sorted(graph.objects(source, term("hash")), key=lambda value: str(value.datatype)):
        print(f"stored {str(stored.datatype)[len(AFF4):]} {stored}")
    for number in graph.objects(None, term("caseNumber")):
        print(f"case {number}")


if sys.argv[1] != "--installed":
    main(sys.argv[1])

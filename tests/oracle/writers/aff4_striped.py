"""Writes a medium as two striped AFF4 volumes, by the text of the standard and with Python's standard library alone.

MEDIUM OUT_A OUT_B: runs of four chunks go to the two volumes in turn, chunks of zeros to none. Each volume has its own stream
and its own map over the whole medium, which names the stream of the other. The digest of the image is that over the
blockMapHash of both, in order.
"""
import hashlib
import struct
import sys
import zipfile
import zlib

CHUNK, PER_BEVY, RUN = 32768, 8, 4
SCHEMA = "http://aff4.org/Schema#"
IMAGE = "aff4://5a5a0000-0000-4000-8000-000000000000"
VOLUMES = [f"aff4://5a5a0000-0000-4000-8000-00000000000{n}" for n in "12"]
STREAMS = [f"aff4://5a5a0000-0000-4000-8000-00000000001{n}" for n in "12"]
MAPS = [f"aff4://5a5a0000-0000-4000-8000-00000000002{n}" for n in "12"]


def member(urn):
    return urn.replace("aff4://", "aff4%3A%2F%2F")


def sha512(*pieces):
    return hashlib.sha512(b"".join(pieces))


def main(medium, outs):
    medium = open(medium, "rb").read()
    chunks, points = ([], []), []
    for number, at in enumerate(range(0, len(medium), CHUNK)):
        chunk = medium[at : at + CHUNK]
        if not any(chunk):
            points.append((at, len(chunk), at, 2))
            continue
        stripe = number // RUN % 2
        points.append((at, len(chunk), len(chunks[stripe]) * CHUNK, stripe))
        chunks[stripe].append(chunk.ljust(CHUNK, b"\0"))
    map_bytes = b"".join(struct.pack("<QQQI", *point) for point in points)
    idx = "".join(f"{target}\n" for target in [*STREAMS, SCHEMA + "Zero"]).encode()
    volumes = [volume(stripe, chunks[stripe], map_bytes, idx) for stripe in (0, 1)]
    whole = sha512(*(digest for _, _, digest in volumes)).hexdigest()
    for stripe, (members, turtle, _) in enumerate(volumes):
        with zipfile.ZipFile(outs[stripe], "w", zipfile.ZIP_STORED) as archive:
            archive.comment = VOLUMES[stripe].encode()
            archive.writestr("container.description", VOLUMES[stripe])
            archive.writestr("version.txt", "major=1\nminor=0\ntool=a test\n")
            for name, content in members:
                archive.writestr(name, content)
            archive.writestr("information.turtle", turtle.replace("@SIZE", str(len(medium))).replace("@WHOLE", whole))


def volume(stripe, chunks, map_bytes, idx):
    """Members, statements and blockMapHash of one volume."""
    members, hashes = [], b""
    stream, plan = STREAMS[stripe], MAPS[stripe]
    for bevy, first in enumerate(range(0, len(chunks), PER_BEVY)):
        data, index, digests = b"", b"", b""
        for chunk in chunks[first : first + PER_BEVY]:
            packed = zlib.compress(chunk)
            if len(packed) >= CHUNK - 16:
                packed = chunk
            index += struct.pack("<QI", len(data), len(packed))
            data += packed
            digests += hashlib.sha1(chunk).digest()
        name = f"{member(stream)}/{bevy:08d}"
        members += [(name, data), (name + ".index", index), (name + ".blockHash.sha1", digests)]
        hashes += digests
    members += [(member(plan) + "/map", map_bytes), (member(plan) + "/idx", idx)]
    blocks, points, targets = sha512(hashes), sha512(map_bytes), sha512(idx)
    block_map = sha512(blocks.digest(), points.digest(), targets.digest())
    foreign = 1 - stripe
    typed = lambda digest, kind="SHA512": f'"{digest.hexdigest()}"^^aff4:{kind}'
    turtle = f"""@prefix aff4: <{SCHEMA}> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<{VOLUMES[stripe]}> a aff4:ZipVolume ; aff4:contains <{IMAGE}> .
<{IMAGE}> a aff4:ContiguousImage, aff4:DiskImage, aff4:Image ;
    aff4:dataStream <{plan}> ; aff4:size "@SIZE"^^xsd:long ; aff4:blockSize "512"^^xsd:int ;
    aff4:hash "@WHOLE"^^aff4:blockMapHashSHA512 .
<{plan}> a aff4:Map ; aff4:target <{IMAGE}> ; aff4:size "@SIZE"^^xsd:long ; aff4:stored <{VOLUMES[stripe]}> ;
    aff4:dependentStream <{STREAMS[0]}>, <{STREAMS[1]}> ; aff4:mapGapDefaultStream aff4:Zero ;
    aff4:mapPointHash {typed(points)} ; aff4:mapIdxHash {typed(targets)} ; aff4:mapHash {typed(sha512(map_bytes, idx))} ;
    aff4:blockMapHash {typed(block_map)} .
<{stream}> a aff4:ImageStream ; aff4:target <{plan}> ; aff4:stored <{VOLUMES[stripe]}> ;
    aff4:size "{len(chunks) * CHUNK}"^^xsd:long ; aff4:chunkSize "{CHUNK}"^^xsd:int ;
    aff4:chunksInSegment "{PER_BEVY}"^^xsd:int ; aff4:compressionMethod <https://www.ietf.org/rfc/rfc1950.txt> ;
    aff4:hash "{hashlib.md5(b"".join(chunks)).hexdigest()}"^^aff4:MD5 .
<{stream}/blockhash.sha1> a aff4:BlockHashes ; aff4:hash {typed(blocks)} .
<{STREAMS[foreign]}> a aff4:ImageStream ; aff4:stored <{VOLUMES[foreign]}> .
"""
    return members, turtle, block_map.digest()


main(sys.argv[1], sys.argv[2:4])

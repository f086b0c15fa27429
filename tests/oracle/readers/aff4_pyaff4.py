"""Reads an AFF4 volume with pyaff4: size and digests of the medium, then pyaff4's own check of block and map hashes.

pyaff4 imports two modules that are needed for encrypted and deduplicated images only and cannot be built for current
Pythons; empty ones stand in for them. `--installed` only imports. Exit code 77: pyaff4 is not installed.
"""
import hashlib
import sys
import types
import warnings

warnings.simplefilter("ignore")
for name in ("CryptoPlus", "CryptoPlus.Cipher", "fastchunking"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["CryptoPlus.Cipher"].python_AES = None

try:
    from pyaff4 import block_hasher, container, rdfvalue
except ImportError as error:
    print(f"missing: {error}")
    sys.exit(77)


class Listener(block_hasher.ValidationListener):
    """Counts what was compared."""

    def __init__(self):
        self.valid, self.invalid = [], []

    def onValidBlockHash(self, a):
        self.valid.append("block")

    def onInvalidBlockHash(self, a, b, image_stream, offset):
        self.invalid.append(f"block at {offset}")

    def onValidHash(self, kind, digest, image_stream):
        self.valid.append(str(kind))

    def onInvalidHash(self, kind, a, b, image_stream):
        self.invalid.append(f"{kind}: {a} and {b}")


def main(path):
    urn = rdfvalue.URN.FromFileName(path)
    volume = container.Container.openURNtoContainer(urn)
    stream = volume.image.dataStream
    size = stream.Size()
    digests = [hashlib.md5(), hashlib.sha256()]
    left = size
    while left > 0:
        data = stream.Read(min(1 << 20, left))
        if not data:
            break
        for digest in digests:
            digest.update(data)
        left -= len(data)
    print(f"size {size - left}")
    for digest in digests:
        print(f"{digest.name} {digest.hexdigest()}")
    if "--hashes" in sys.argv:
        listener = Listener()
        block_hasher.Validator(listener).validateContainer(urn)
        blocks = listener.valid.count("block")
        others = sorted({word.rsplit("#")[-1] for word in listener.valid if word != "block"})
        print(f"valid blocks {blocks}; valid {' '.join(others)}; invalid {listener.invalid}")


if sys.argv[1] != "--installed":
    main(sys.argv[1])

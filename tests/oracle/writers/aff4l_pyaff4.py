"""Writes a logical AFF4 (AFF4-L) of the files in a folder with pyaff4: OUT FOLDER [--hash-based].

Small files become members, those above 1 MiB streams of packed chunks; with --hash-based all become maps over chunks that
files share. `--installed` only imports. Exit code 77: pyaff4 is not installed.
"""
import os
import sys
import types
import warnings

warnings.simplefilter("ignore")
# pyaff4 imports these for encrypted and deduplicated images only, and they cannot be built for current Pythons.
for name in ("CryptoPlus", "CryptoPlus.Cipher", "fastchunking"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["CryptoPlus.Cipher"].python_AES = None

try:
    from pyaff4 import container, data_store, hashes, lexicon, linear_hasher, logical, rdfvalue
except ImportError as error:
    print(f"missing: {error}")
    sys.exit(77)


def main(out, folder, hash_based):
    os.chdir(folder)
    with data_store.MemoryDataStore() as resolver:
        with container.Container.createURN(resolver, rdfvalue.URN.FromFileName(out)) as volume:
            for place, folders, files in os.walk("."):
                folders.sort()
                for name in sorted(files):
                    path = os.path.normpath(os.path.join(place, name))
                    about = logical.FSMetadata.create(path)
                    with open(path, "rb") as source:
                        hasher = linear_hasher.StreamHasher(source, [lexicon.HASH_SHA1, lexicon.HASH_MD5])
                        write = volume.writeLogicalStreamHashBased if hash_based else volume.writeLogicalStream
                        about.urn = write(path, hasher, about.length)
                        about.store(resolver)
                        for digest in hasher.hashes:
                            value = hashes.newImmutableHash(digest.hexdigest(), hasher.hashToType[digest])
                            resolver.Add(volume.urn, about.urn, rdfvalue.URN(lexicon.standard.hash), value)


if sys.argv[1] != "--installed":
    main(os.path.abspath(sys.argv[1]), sys.argv[2], "--hash-based" in sys.argv)

"""Opens every planted file in a folder with programs that know nothing of us. Prints "absent: <tool>" for what is not
installed and "wrong: <file>: <why>" for what does not open; prints "checked: <count>" at the end."""
import bz2, io, lzma, os, shutil, sqlite3, subprocess, sys, zipfile

try:
    from PIL import ExifTags, Image
except ImportError:
    Image = None
    print("absent: pillow")
if shutil.which("pdfinfo") is None:
    print("absent: pdfinfo")
if shutil.which("flac") is None:
    print("absent: flac")


def picture(path):
    if Image is None:
        return 0
    with Image.open(path) as image:
        frames = getattr(image, "n_frames", 1)
        assert (frames > 1) == ("animated" in path), f"{frames} frames"
        for frame in range(frames):
            image.seek(frame)
            image.load()
        if "exif" in path:
            exif = image.getexif()
            assert exif[0x010F] == "Forge" and exif.get_ifd(ExifTags.IFD.IFD1)[0x0201] > 0, dict(exif)
    return 1


def pdf(path):
    if shutil.which("pdfinfo") is None:
        return 0
    for command in (["pdfinfo", path], ["pdftotext", path, "-"]):
        done = subprocess.run(command, capture_output=True)
        assert done.returncode == 0 and not done.stderr, done.stderr
    assert len(done.stdout) > 500, "no text"
    return 1


def archive(path):
    with zipfile.ZipFile(path) as opened:
        bad = opened.testzip()
        assert bad is None, bad
        assert opened.namelist()
        if path.endswith(".odt"):
            first = opened.infolist()[0]
            assert (first.filename, first.compress_type) == ("mimetype", 0)
        for name in opened.namelist():
            if name.endswith(".jpg") and Image is not None:
                Image.open(io.BytesIO(opened.read(name))).load()
            if name.endswith(".xml") or name.endswith(".rels"):
                import xml.dom.minidom
                xml.dom.minidom.parseString(opened.read(name))
    return 1


def database(path):
    opened = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    answer = opened.execute("PRAGMA integrity_check").fetchall()
    assert answer == [("ok",)], answer[:3]
    count, last = opened.execute("SELECT count(*), max(id) FROM messages WHERE length(body) >= 20").fetchone()
    assert count == last > 0, (count, last)
    opened.close()
    return 1


def packed(path):
    with (bz2 if path.endswith(".bz2") else lzma).open(path) as opened:
        assert len(opened.read()) > 1000
    return 1


def sound(path):
    if shutil.which("flac") is None:
        return 0
    done = subprocess.run(["flac", "--test", "--silent", path], capture_output=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return 1


KINDS = {".bz2": packed, ".xz": packed, ".flac": sound, ".jpg": picture, ".png": picture, ".gif": picture, ".pdf": pdf, ".zip": archive, ".docx": archive,
         ".odt": archive, ".db": database}
checked = 0
for name in sorted(os.listdir(sys.argv[1])):
    kind = KINDS.get(os.path.splitext(name)[1])
    if kind is not None:
        try:
            checked += kind(os.path.join(sys.argv[1], name))
        except Exception as error:
            print(f"wrong: {name}: {error!r}")
print(f"checked: {checked}")

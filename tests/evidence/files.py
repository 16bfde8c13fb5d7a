"""Small files for uploading: honest ones, and ones that pretend."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pikepdf

from app.evidence.scanning import EICAR
from app.settings import Settings


def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def png(*more: bytes, width: int = 3, height: int = 2, after: bytes = b"") -> bytes:
    """A picture of grey; `more` chunks stand before its data, `after` behind its end."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes((min(width, 50) + 1) * min(height, 50)))
    parts = (chunk(b"IHDR", head), *more, chunk(b"IDAT", rows), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + after


def segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2) + body


def exif(turned: int = 6, *, place: bytes = b"51.5N 0.12W") -> bytes:
    """What a telephone writes: how the picture is turned, and where it was taken."""
    return b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x0112, 3, 1, turned, 0) + place


def jpeg(
    *more: bytes, width: int = 16, height: int = 8, after: bytes = b"", data: bytes = b"\x12\xff\x00\x34"
) -> bytes:
    """A picture as far as its structure goes; `more` segments stand before its tables, `after` behind its end."""
    frame = segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")
    tables = segment(0xDB, bytes(65)) + frame + segment(0xC4, bytes(17))
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + data
    jfif = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    return b"\xff\xd8" + jfif + b"".join(more) + tables + scan + b"\xff\xd9" + after


PNG = png()
JPEG = jpeg()
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WORD_TYPES = b'<Types><Override PartName="/word/document.xml" ContentType="%s.main+xml"/></Types>' % WORD.encode()
HTML = b"<!doctype html><script>alert(1)</script>"
EXE = b"MZ\x90\x00" + bytes(100)


def pdf(hidden: bytes = b"", *, password: str | None = None) -> bytes:
    """A PDF of one empty page; `hidden` is stored inside it as it stands."""
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    if hidden:
        made.Root.Hidden = made.make_stream(hidden)
    locks = {} if password is None else {"encryption": pikepdf.Encryption(owner="owner", user=password)}
    made.save(out, compress_streams=False, static_id=not locks, **locks)
    return out.getvalue()


def infected_pdf() -> bytes:
    content = pdf(EICAR)
    assert EICAR in content
    return content


def parcel(**members: bytes) -> bytes:
    """A zip; double underscores in a name stand for a slash."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    return parcel(**{"[Content_Types].xml": WORD_TYPES, "word/document.xml": b"<w:document/>", **more})


def pdf_of_miscounted_pages() -> bytes:
    """Its page tree is broken in a way that is noticed only when the pages are counted."""
    return pdf().replace(b"/Count 1", b"/Coun1 1").replace(b"[ 3 0 R ]", b"[ 3 0 R>]")


def torn_odt() -> bytes:
    """Its folded type cannot be unfolded."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", b"application/vnd.oasis.opendocument.text")
        made.writestr("content.xml", b"<office:document/>")
    start = 30 + len("mimetype")
    return out.getvalue()[:start] + b"\xff\xff\xff\xff" + out.getvalue()[start + 4 :]


def short_odt() -> bytes:
    """Its type is said to stand at its very end, where the file stops in the middle of it."""
    whole = bytearray(odt())
    entry, end = whole.find(b"PK\x01\x02"), whole.find(b"PK\x05\x06")
    whole[entry + 42 : entry + 46] = len(whole).to_bytes(4, "little")
    header = bytes(whole[:30]) + b"mimetype" + b"application"
    whole[end + 20 : end + 22] = len(header).to_bytes(2, "little")
    return bytes(whole) + header


def odt() -> bytes:
    return odt_with()


def odt_with(**more: bytes) -> bytes:
    members = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office:document/>", **more}
    return parcel(**members)


def locked_docx() -> bytes:
    """Each of its members says that it is encrypted."""
    whole = bytearray(docx())
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = whole.find(mark)
        while at >= 0:
            whole[at + offset] |= 1
            at = whole.find(mark, at + 4)
    return bytes(whole)


@contextmanager
def away(config: Settings) -> Iterator[None]:
    """An outage of the store: a file stands where its folder was."""
    folder = Path(config.blob_url.removeprefix("file:")) / "evidence"
    aside = folder.with_name("aside")
    if folder.exists():
        folder.rename(aside)
    folder.write_text("")
    yield
    folder.unlink()
    if aside.exists():
        aside.rename(folder)

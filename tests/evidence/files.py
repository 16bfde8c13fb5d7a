"""Small files for uploading: honest ones, and ones that pretend."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pikepdf

from app.evidence.scanning import EICAR
from app.settings import Settings

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(30)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(30) + b"\xff\xd9"
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
    return parcel(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>", **more})


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
    return parcel(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": b"<office:document/>"})


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

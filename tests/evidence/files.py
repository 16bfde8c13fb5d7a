"""Small files for uploading: honest ones, and ones that pretend."""

import io
import zipfile

import pikepdf

from app.evidence.scanning import EICAR

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


def odt() -> bytes:
    return parcel(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": b"<office:document/>"})

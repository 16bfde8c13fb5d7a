"""What an uploaded file truly is: its first bytes and its structure decide, never its name or what the browser says."""

import re
import zipfile
import zlib
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from app.evidence.rules import MOST_BYTES

_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ODT: Final = "application/vnd.oasis.opendocument.text"
SUFFIXES: Final = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    _DOCX: ".docx",
    _ODT: ".odt",
}
SHOWN_IN_THE_PAGE: Final = frozenset({"application/pdf", "image/jpeg", "image/png"})
ACCEPT: Final = ",".join((*SUFFIXES.values(), ".jpeg"))

_EMPTY: Final = "The selected file is empty"
_TOO_BIG: Final = "The selected file must be smaller than 20 MB"
_WRONG_TYPE: Final = "The selected file must be a PDF, JPG, PNG, DOCX or ODT"
_LOCKED: Final = "The selected file is protected by a password. Remove the password and upload it again"
_BROKEN: Final = "The selected file is damaged and cannot be opened"
_MACROS: Final = "The selected file holds macros. Save it without them, or as a PDF, and upload it again"

# What a hostile or torn parcel makes the standard library raise.
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, OSError, ValueError)


class UnfitFile(Exception):
    """The words say what is wrong with the file, for beside the field."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A file that may be stored: what it is, and a name that is safe to give back."""

    media_type: str
    file_name: str


def inspect(content: BinaryIO, file_name: str) -> Fit:
    """Look at the whole file and leave it at its start. Raises `UnfitFile`."""
    size = content.seek(0, 2)
    if size == 0:
        raise UnfitFile(_EMPTY)
    if size > MOST_BYTES:
        raise UnfitFile(_TOO_BIG)
    content.seek(0)
    start = content.read(1024)
    media_type = _media_type(content, start)
    content.seek(0)
    return Fit(media_type, safe_name(file_name, media_type))


def safe_name(file_name: str, media_type: str) -> str:
    """The last part of the name without anything a file system or a header would trip over, ending as its content does."""
    last = re.split(r"[/\\]", file_name)[-1]
    stem = re.sub(r"[^\w .()-]", "_", PurePosixPath(last).stem).strip(" .")[:120]
    return (stem or "document") + SUFFIXES[media_type]


def _media_type(content: BinaryIO, start: bytes) -> str:
    if start.startswith(b"%PDF-"):
        _open_pdf(content)
        return "application/pdf"
    if start.startswith(b"\x89PNG\r\n\x1a\n") and start[12:16] == b"IHDR":
        return "image/png"
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith(b"PK\x03\x04"):
        return _open_zip(content)
    raise UnfitFile(_WRONG_TYPE)


def _open_pdf(content: BinaryIO) -> None:
    """Strictly: a file that only opens after repair is not the file its owner has."""
    import pikepdf  # here, for five megabytes and a tenth of a second: most processes never open a file

    content.seek(0)
    try:
        with pikepdf.open(content, attempt_recovery=False, suppress_warnings=True) as pdf:
            locked, pages = pdf.is_encrypted, len(pdf.pages)
    except pikepdf.PasswordError:
        raise UnfitFile(_LOCKED) from None
    except pikepdf.PikepdfError:
        raise UnfitFile(_BROKEN) from None
    if locked:
        raise UnfitFile(_LOCKED)
    if pages == 0:
        raise UnfitFile(_BROKEN)


def _open_zip(content: BinaryIO) -> str:
    """DOCX or ODT by their members. Nothing is unpacked but ODT's own short type, so a zip bomb stays folded."""
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as parcel:
            members = {member.filename: member for member in parcel.infolist()}
            if any(member.flag_bits & 1 for member in members.values()):
                raise UnfitFile(_LOCKED)
            if "word/document.xml" in members and "[Content_Types].xml" in members:
                if "word/vbaProject.bin" in members:
                    raise UnfitFile(_MACROS)
                return _DOCX
            kind = members.get("mimetype")
            if kind and kind.file_size == len(_ODT) and "content.xml" in members and parcel.read(kind) == _ODT.encode():
                return _ODT
    except _UNREADABLE:
        raise UnfitFile(_BROKEN) from None
    raise UnfitFile(_WRONG_TYPE)

"""What an uploaded file truly is: its first bytes and its structure decide, never its name or what the browser says."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from app.core.segments import Draft
from app.evidence.images import strip_jpeg, strip_png
from app.evidence.parcels import DOCX, ODT, parcel_type
from app.evidence.pdfs import refuse_active_pdf
from app.evidence.unfit import UnfitFile

__all__ = ["ACCEPT", "SHOWN_IN_THE_PAGE", "SUFFIXES", "Fit", "UnfitFile", "fit_file", "safe_name"]

SUFFIXES: Final = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    DOCX: ".docx",
    ODT: ".odt",
}
SHOWN_IN_THE_PAGE: Final = frozenset({"application/pdf", "image/jpeg", "image/png"})
ACCEPT: Final = ",".join((*SUFFIXES.values(), ".jpeg"))

_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})

_EMPTY: Final = "The selected file is empty"
_TOO_BIG: Final = "The selected file must be smaller than 20 MB"
_WRONG_TYPE: Final = "The selected file must be a PDF, JPG, PNG, DOCX or ODT"
_APPLE: Final = (
    "The selected file is a HEIC photograph, which cannot be read here. On an iPhone, choose the photo straight from "
    "your photo library: it is sent as a JPG. Or save it as a JPG first"
)


@dataclass(frozen=True, slots=True)
class Fit:
    """A file that may be stored: its bytes, what it is, and a name that is safe to give back."""

    content: Draft
    media_type: str
    file_name: str


def fit_file(draft: Draft, file_name: str) -> Fit:
    """Look at the whole file; a photograph comes back without where and when it was taken. Raises `UnfitFile`."""
    if draft.size == 0:
        raise UnfitFile(_EMPTY)
    if draft.too_large:
        raise UnfitFile(_TOO_BIG)
    draft.seek(0)
    start = draft.read(1024)
    draft.seek(0)
    content, media_type = _inspected(draft, start)
    return Fit(content, media_type, safe_name(file_name, media_type))


def safe_name(file_name: str, media_type: str) -> str:
    """The last part of the name without anything a file system or a header would trip over, ending as its content does."""
    last = re.split(r"[/\\]", file_name)[-1]
    stem = re.sub(r"[^\w .()-]", "_", PurePosixPath(last).stem)
    stem = stem.encode("utf-8", "ignore")[:120].decode("utf-8", "ignore").strip(" .")
    if re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", stem, re.I):  # Windows would open a device
        stem = f"_{stem}"
    return (stem or "document") + SUFFIXES[media_type]


def _inspected(draft: Draft, start: bytes) -> tuple[Draft, str]:
    if start.startswith(b"%PDF-"):
        refuse_active_pdf(draft, start)
        return draft, "application/pdf"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return strip_png(draft), "image/png"
    if start.startswith(b"\xff\xd8\xff"):
        return strip_jpeg(draft), "image/jpeg"
    if start.startswith(b"PK\x03\x04"):
        return draft, parcel_type(draft, start)
    if start[4:8] == b"ftyp" and start[8:12] in _HEIC:
        raise UnfitFile(_APPLE)
    raise UnfitFile(_WRONG_TYPE)

"""What an uploaded file truly is: its first bytes and its structure decide, never its name or what the browser says."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import TracebackType
from typing import Final, Self

from app.core.blobs import StoreAway
from app.core.segments import Draft
from app.evidence.images import Kept, Stripped, jpeg_parts, png_parts
from app.evidence.inspection import inspected
from app.evidence.parcels import DOCX, ODT
from app.evidence.rules import MOST_BYTES
from app.evidence.unfit import WRONG_TYPE, UnfitFile

__all__ = ["ACCEPT", "SHOWN_IN_THE_PAGE", "SUFFIXES", "Fit", "Intake", "UnfitFile", "safe_name"]

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
SUFFIXES: Final = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png", DOCX: ".docx", ODT: ".odt"}
SHOWN_IN_THE_PAGE: Final = frozenset({PDF, JPEG, PNG})
ACCEPT: Final = ",".join((*SUFFIXES.values(), ".jpeg", *SUFFIXES))  # without HEIC, a telephone sends a JPG instead

_START: Final = 1024
_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_EMPTY: Final = "The selected file is empty"
_TOO_BIG: Final = "The selected file must be no larger than 20 MB"
_APPLE: Final = (
    "The selected file is a HEIC photograph, which cannot be read here. On an iPhone, choose the photo straight from your "
    "photo library: it is sent as a JPG. On a Mac, open it in Preview, choose File, then Export, and the format JPEG. On "
    "Windows, open it in Paint, choose File, then Save as, and JPEG picture"
)


@dataclass(frozen=True, slots=True)
class Fit:
    """A file that may be stored: its bytes, what it is, and a name that is safe to give back."""

    content: Draft
    media_type: str
    file_name: str


class Intake:
    """A file on its way in, written once and in order: a photograph is stripped as it arrives, and all of it encrypted.

    Of what is refused already, because it is unfit or too large or there is no room for it, only the size is kept.
    """

    def __init__(self, new_draft: Callable[[], Draft] = Draft) -> None:
        self.size = 0
        self._new_draft, self._start = new_draft, bytearray()
        self._draft: Draft | None = None
        self._media_type, self._kept = "", Kept()
        self._refused: UnfitFile | StoreAway | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, content: bytes) -> int:
        self.size += len(content)
        if self.size <= MOST_BYTES:
            self._attempt(lambda: self._take(content))
        return len(content)

    def fit(self, file_name: str) -> Fit:
        """What it is, once it has all arrived. Raises `UnfitFile`, or `StoreAway` where there was no room for it."""
        if self.size == 0:
            raise UnfitFile(_EMPTY)
        if self.size > MOST_BYTES:
            raise UnfitFile(_TOO_BIG)
        self._attempt(self._finish)
        if self._refused or self._draft is None:
            raise self._refused or UnfitFile(WRONG_TYPE)
        media_type = self._media_type or inspected(self._draft)
        return Fit(self._draft, media_type, safe_name(file_name, media_type))

    def close(self) -> None:
        if self._draft:
            self._draft.close()

    def _attempt(self, step: Callable[[], None]) -> None:
        if self._refused is None:
            try:
                step()
            except UnfitFile as unfit:
                self._refused = unfit
            except OSError as error:
                self._refused = StoreAway(f"there is no room for an upload: {error.strerror}")

    def _take(self, content: bytes) -> None:
        if self._draft:
            self._keep(self._draft, self._kept.feed(content))
        else:
            self._start += content
            if len(self._start) >= _START:
                self._begin()

    def _begin(self) -> Draft:
        self._media_type, self._kept = _told_by(bytes(self._start[:_START]))
        self._draft = self._new_draft()
        self._keep(self._draft, self._kept.feed(bytes(self._start)))
        return self._draft

    def _finish(self) -> None:
        draft = self._draft or self._begin()
        self._keep(draft, self._kept.end())
        draft.seek(0)  # it is written to its end with that

    @staticmethod
    def _keep(draft: Draft, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            draft.write(piece)


def _told_by(start: bytes) -> tuple[str, Kept]:
    """The type, or none where the whole of it has to be inspected, and what keeps of it what is to be kept."""
    if start.startswith(b"\xff\xd8\xff"):
        return JPEG, Stripped(jpeg_parts)
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG, Stripped(png_parts)
    if start.startswith((b"%PDF-", b"PK\x03\x04")):
        return "", Kept()
    if start[4:8] == b"ftyp" and start[8:12] in _HEIC:
        raise UnfitFile(_APPLE)
    raise UnfitFile(WRONG_TYPE)


def safe_name(file_name: str, media_type: str) -> str:
    """The last part of the name without anything a file system or a header would trip over, ending as its content does."""
    last = re.split(r"[/\\]", file_name)[-1]
    stem = re.sub(r"[^\w .()-]", "_", PurePosixPath(last).stem)
    stem = stem.encode("utf-8", "ignore")[:120].decode("utf-8", "ignore").strip(" .")
    if re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", stem, re.I):  # Windows would open a device
        stem = f"_{stem}"
    return (stem or "document") + SUFFIXES[media_type]

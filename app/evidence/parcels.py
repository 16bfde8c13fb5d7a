"""DOCX and ODT are parcels of small files: what they are is in them, and what may not be in them is looked for in each.

Members are unfolded piece by piece into nothing, up to a limit, so that a bomb stays folded.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from lzma import LZMAError
from typing import BinaryIO, Final, cast

from app.core.segments import Opened
from app.evidence.unfit import BROKEN, DISGUISED, LOCKED, WRONG_TYPE, UnfitFile

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT: Final = "application/vnd.oasis.opendocument.text"
_MAIN: Final = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

_MACROS: Final = "The selected file holds macros. Save it without them, or as a PDF, and upload it again"
_PACKED: Final = "The selected file has other files packed inside. Save it as a PDF and upload that"
_FETCHES: Final = "The selected file fetches parts of itself from elsewhere. Save it as a PDF and upload that"
_BOMB: Final = "The selected file unfolds into far too much. Save it as a PDF and upload that"

_MOST_MEMBERS: Final = 2_000
_MOST_UNFOLDED: Final = 120 << 20
_MOST_OF_XML: Final = 30 << 20

_MACRO: Final = re.compile(r"(^|/)(vba\w*\.(bin|xml)|basic/|scripts/|activex/|macrosheets/)", re.I)
_OBJECT: Final = re.compile(
    r"(^|/)embeddings/|^objectreplacements/|^object \d+/|\.(exe|dll|js|vbs|bat|cmd|ps1|jar|zip|docm)$", re.I
)
_XML: Final = re.compile(r"\.(xml|rels|rdf)$", re.I)

# What a hostile or torn parcel makes the standard library raise.
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, OSError, ValueError)


def parcel_type(file: Opened, start: bytes) -> str:
    """DOCX or ODT. Raises `UnfitFile`."""
    if b"%PDF-" in start:
        raise UnfitFile(DISGUISED)
    try:
        with zipfile.ZipFile(cast(BinaryIO, file)) as parcel:
            members = _members(parcel, file.size)
            kind = _kind(parcel, members)
            _refuse_names(members)
            for member in members.values():
                _look_through(parcel, member)
    except _UNREADABLE:
        raise UnfitFile(BROKEN) from None
    finally:
        file.seek(0)
    return kind


def _members(parcel: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """Each in its own place, once, inside the parcel, and together no more than a document is."""
    listed = parcel.infolist()
    members = {member.filename: member for member in listed}
    if any(member.flag_bits & 1 for member in listed):
        raise UnfitFile(LOCKED)
    if len(listed) > _MOST_MEMBERS or sum(member.file_size for member in listed) > _MOST_UNFOLDED:
        raise UnfitFile(_BOMB)
    if len(members) != len(listed) or sum(member.compress_size for member in listed) > size or _overlap(listed):
        raise UnfitFile(BROKEN)
    if parcel.comment:
        raise UnfitFile(DISGUISED)
    return members


def _overlap(listed: list[zipfile.ZipInfo]) -> bool:
    """Whether one member's bytes stand in another's: thirty for the shortest head, its name, and what it holds."""
    ends = 0
    for member in sorted(listed, key=lambda member: member.header_offset):
        if member.header_offset < ends:
            return True
        ends = member.header_offset + 30 + member.compress_size
    return False


def _kind(parcel: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> str:
    types, named = members.get("[Content_Types].xml"), members.get("mimetype")
    if types and "word/document.xml" in members:
        told = _start(parcel, types, 1 << 20)
        if b"macroEnabled" in told:
            raise UnfitFile(_MACROS)
        if _MAIN in told:
            return DOCX
    elif (
        named and named.file_size == len(ODT) and "content.xml" in members and _start(parcel, named, 99) == ODT.encode()
    ):
        return ODT
    raise UnfitFile(WRONG_TYPE)


def _start(parcel: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    with parcel.open(member) as file:
        return file.read(most)


def _refuse_names(members: dict[str, zipfile.ZipInfo]) -> None:
    for name, member in members.items():
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name:
            raise UnfitFile(BROKEN)
        if member.external_attr >> 28 == 0xA:  # a symbolic link
            raise UnfitFile(BROKEN)
        if _MACRO.search(name):
            raise UnfitFile(_MACROS)
        if _OBJECT.search(name):
            raise UnfitFile(_PACKED)


def _look_through(parcel: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """That it unfolds to what it says it does, and that its XML neither defines entities nor fetches anything."""
    size, before = 0, b""
    for piece in _pieces(parcel, member):
        if size == 0 and piece.startswith((b"PK\x03\x04", b"MZ", b"\xd0\xcf\x11\xe0")):
            raise UnfitFile(_PACKED)
        size += len(piece)
        if _XML.search(member.filename):
            _refuse_xml(before + piece.replace(b"\0", b""), size, member.filename)
        before = piece.replace(b"\0", b"")[-200:]
    if size != member.file_size:
        raise UnfitFile(BROKEN)


def _pieces(parcel: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with parcel.open(member) as file:
        while piece := file.read(1 << 16):
            yield piece


def _refuse_xml(text: bytes, size: int, name: str) -> None:
    if size > _MOST_OF_XML:
        raise UnfitFile(_BOMB)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise UnfitFile(BROKEN)
    if b"DDEAUTO" in text or b"<script:event-listener" in text:
        raise UnfitFile(_MACROS)
    if name.endswith(".rels"):
        for relation in re.findall(rb"<\w*:?Relationship\b[^>]*>", text):
            if b"External" in relation and b"/hyperlink" not in relation:
                raise UnfitFile(_FETCHES)

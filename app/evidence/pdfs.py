"""PDFs that are paper: whole, open, and without anything that runs, starts, sends or is packed inside."""

import re
from collections.abc import Iterator
from typing import Any, Final

from app.core.segments import Opened
from app.evidence.unfit import BROKEN, DISGUISED, LOCKED, UnfitFile

_MOST_NODES: Final = 50_000
_MOST_TEXT: Final = 12 << 20
_MOST_THINGS: Final = 200_000
_MOST_IN_ONE: Final = 50_000
_UNFOLDED: Final = 32 << 20  # what one compressed list of objects may hold

_WORDS: Final = "The selected PDF {what}. Print it to a new PDF and upload that"
_SCRIPT: Final = "holds a script"
_STARTS: Final = "can start a program or open another file"
_SENDS: Final = "can send what is typed in it"
_PACKED: Final = "has other files packed inside"
_MEDIA: Final = "holds sound, film or a model"
_FORM: Final = "is a form that needs a special program"
_CROWDED: Final = "is too complicated to look through"

_KEYS: Final = {
    "/JS": _SCRIPT,
    "/JavaScript": _SCRIPT,
    "/EmbeddedFiles": _PACKED,
    "/EF": _PACKED,
    "/XFA": _FORM,
    "/RichMediaContent": _MEDIA,
}
_NAMED: Final = {
    "/S": {
        "/JavaScript": _SCRIPT,
        "/Launch": _STARTS,
        "/GoToR": _STARTS,
        "/GoToE": _STARTS,
        "/SubmitForm": _SENDS,
        "/ImportData": _SENDS,
        "/Rendition": _MEDIA,
        "/Movie": _MEDIA,
        "/Sound": _MEDIA,
        "/RichMediaExecute": _MEDIA,
    },
    "/Type": {"/EmbeddedFile": _PACKED},
    "/Subtype": {"/FileAttachment": _PACKED, "/RichMedia": _MEDIA, "/Movie": _MEDIA, "/Sound": _MEDIA, "/3D": _MEDIA},
}
_DICTIONARY: Final = re.compile(b"<<")  # in compressed data found in half the time that `count` takes
_SUSPECT: Final = re.compile(
    b"|".join(re.escape(name.encode()) for name in (*_KEYS, *(name for names in _NAMED.values() for name in names)))
)


def refuse_active_pdf(file: Opened, start: bytes) -> None:
    """Strictly: a file that only opens after repair is not the file its owner has. Raises `UnfitFile`."""
    import pikepdf  # here, for only the inspector opens any

    _limit(pikepdf)
    _refuse_disguise(file, start)
    try:
        with pikepdf.open(file, attempt_recovery=False, suppress_warnings=True) as pdf:  # type: ignore[arg-type]
            if pdf.is_encrypted:
                raise UnfitFile(LOCKED)
            if len(pdf.pages) == 0:
                raise UnfitFile(BROKEN)
            what = next(_active(pikepdf, pdf), None)
    except pikepdf.PasswordError:
        raise UnfitFile(LOCKED) from None
    except (pikepdf.PikepdfError, RuntimeError, ValueError, TypeError, RecursionError):
        raise UnfitFile(_WORDS.format(what=_CROWDED) if _is_crowded(file) else BROKEN) from None
    if what:
        raise UnfitFile(_WORDS.format(what=what))


def _limit(pikepdf: Any) -> None:
    """For the whole process: a small file may not unfold into a large one."""
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=_UNFOLDED,
        run_length_max_memory=_UNFOLDED,
        png_max_memory=_UNFOLDED,
        tiff_max_memory=_UNFOLDED,
        parser_max_nesting=100,
        parser_max_container_size=_MOST_IN_ONE,
        max_stream_filters=4,
        doc_max_warnings=20,
    )


def _refuse_disguise(file: Opened, start: bytes) -> None:
    """A PDF is nothing else before its first object, and nothing at all after its end."""
    if not re.match(rb"%PDF-[12]\.\d\s", start):
        raise UnfitFile(BROKEN)
    if re.search(rb"<(script|html|svg|!doctype|\?php)", start, re.I):
        raise UnfitFile(DISGUISED)
    file.seek(max(0, file.size - (1 << 16)))
    tail = file.read()
    file.seek(0)
    _, end, after = tail.rpartition(b"%%EOF")
    if end and after.strip(b" \t\r\n\0\x1a"):
        raise UnfitFile(DISGUISED)


def _is_crowded(file: Opened) -> bool:
    """Whether it makes so many things in memory that none is left for all of them, which is told as some damage or other."""
    file.seek(0)
    things = 0
    while piece := file.read(1 << 16):
        things += len(_DICTIONARY.findall(piece)) + piece.count(b"[")
    return things > _MOST_THINGS + file.size // 200  # in compressed data each comes about by chance, every 256 bytes


def _active(pikepdf: Any, pdf: Any) -> Iterator[str]:
    """What is not paper, in any object or in whatever stands directly inside it.

    Each object is written out first, names spelt plainly, for that is quick; only one that then looks guilty is walked through.
    """
    length = 0
    for indirect in pdf.objects:
        stream = isinstance(indirect, pikepdf.Stream)
        node = indirect.stream_dict if stream else indirect
        if not isinstance(node, (pikepdf.Dictionary, pikepdf.Array)):
            continue
        text = node.unparse(resolved=True)
        length += len(text)
        if length > _MOST_TEXT:
            yield _CROWDED
        if stream and "/F" in node:  # its data are in a file elsewhere
            yield _STARTS
        if _SUSPECT.search(text):
            yield from _guilty(pikepdf, node)


def _guilty(pikepdf: Any, node: Any) -> Iterator[str]:
    waiting, count = [node], 0
    while waiting:
        count += 1
        if count > _MOST_NODES:
            yield _CROWDED
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            children = list(node)
        else:
            pairs = list(node.items())
            yield from _told_by(pikepdf, pairs)
            children = [value for _, value in pairs]
        waiting += [c for c in children if isinstance(c, (pikepdf.Dictionary, pikepdf.Array)) and not c.is_indirect]


def _told_by(pikepdf: Any, pairs: list[tuple[str, Any]]) -> Iterator[str]:
    for key, value in pairs:
        if key in _KEYS:
            yield _KEYS[key]
        elif key in _NAMED and isinstance(value, pikepdf.Name) and str(value) in _NAMED[key]:
            yield _NAMED[key][str(value)]

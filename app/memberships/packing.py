"""A due-diligence pack as files: one tagged PDF for a person, one manifest for a machine, together in one archive."""

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.core.crypto import digest
from app.core.london import LONDON, day_in_words
from app.core.money import pounds
from app.evidence.rules.dbs import LEVELS, STATUS_RESULTS, WORKFORCES, DbsFacts
from app.memberships.queries.pack import Pack, PackItem, contents

if TYPE_CHECKING:
    import typst

_DATA: Final = Path(__file__).parent / "data"
PIECE: Final = 1 << 16
_NOTES: Final = (
    "The facts and decisions are those that stood at the end of this day in London. "
    "What was sent, decided or replaced later is not here.",
    "Files are not in this pack: the manifest beside it names each by its SHA-256, so that a copy can be compared. "
    "Of a DBS certificate there is the record alone.",
)


def pdf(pack: Pack, made_at: datetime) -> bytes:
    """PDF/UA-1; the same pack made at the same moment is the same file to the byte."""
    inputs = {"pack": json.dumps(_content(pack, made_at))}
    to_the_second = made_at.astimezone(UTC).replace(microsecond=0)  # PDF knows no smaller part
    made = _compiler().compile(sys_inputs=inputs, format="pdf", pdf_standards="ua-1", timestamp=to_the_second)
    if not isinstance(made, bytes):
        raise TypeError("a pack has one file")
    return made


def manifest(pack: Pack, made_at: datetime, pdf_sha256: str) -> bytes:
    """Canonical JSON, so that its own SHA-256 can be checked by anybody."""
    content = {**contents(pack), "made_at": made_at.isoformat(), "pdf_sha256": pdf_sha256, "day_ends_in": str(LONDON)}
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, default=_plain).encode()


def archive(pack: Pack, made_at: datetime) -> tuple[bytes, str]:
    """The archive, and the SHA-256 of its manifest."""
    page = pdf(pack, made_at)
    listed = manifest(pack, made_at, digest(page))
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in (("due-diligence-pack.pdf", page), ("manifest.json", listed)):
            entry = zipfile.ZipInfo(name, made_at.astimezone(LONDON).timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            into.writestr(entry, content)
    return packed.getvalue(), digest(listed)


def pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]


@cache
def _compiler() -> "typst.Compiler":
    """Loaded with the first pack, because most processes never make one; it uses only the fonts it carries."""
    import typst

    return typst.Compiler(_DATA / "pack.typ", root=_DATA, ignore_system_fonts=True)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _content(pack: Pack, made_at: datetime) -> dict[str, Any]:
    about = (
        ("Provider", pack.provider),
        ("Kind", pack.kind.replace("_", " ").capitalize()),
        ("Company number", pack.company_number),
        ("Charity number", pack.charity_number),
        ("As at the end of", day_in_words(pack.as_at)),
        ("Facts in this pack", str(len(pack.items))),
    )
    return {
        "provider": pack.provider,
        "as_at": day_in_words(pack.as_at),
        "made_at": _moment(made_at),
        "about": _told(about),
        "notes": _NOTES,
        "items": [{"heading": _heading(item), "rows": _told(_rows(item))} for item in pack.items],
    }


def _heading(item: PackItem) -> str:
    return f"{item.kind}: {item.practitioner}" if item.practitioner else item.kind


def _rows(item: PackItem) -> Iterator[tuple[str, str]]:
    yield "Where it stood", item.standing.replace("_", " ").capitalize()
    yield "Issued by", item.issuer
    yield "Reference", item.reference
    yield "Cover", pounds(item.cover_pence) if item.cover_pence is not None else ""
    yield "Started or issued", day_in_words(item.starts_on) if item.starts_on else ""
    yield "Expires", day_in_words(item.expires_on) if item.expires_on else ""
    yield "Sent for checking", _moment(item.sent_at)
    if item.decided_at and item.outcome:
        yield item.outcome.capitalize(), f"{_moment(item.decided_at)}, by {item.checker}, {item.checker_organisation}"
        yield "What was looked at", item.how
        yield "What was to be mended", item.fix
    if item.record:
        yield from _record(item.record)
    for document in item.documents:
        gone = f", deleted {_moment(document.deleted_at)}" if document.deleted_at else ""
        yield f"File {document.file_name}", f"{document.size} bytes{gone}, SHA-256 {document.sha256}"


def _record(facts: DbsFacts) -> Iterator[tuple[str, str]]:
    yield "Level", LEVELS[facts.level]
    yield "Workforce", WORKFORCES[facts.workforce]
    lists = ("children’s" if facts.children_barred else "", "adults’" if facts.adults_barred else "")
    yield "Barred lists checked", " and ".join(one for one in lists if one) or "none"
    if facts.seen_on:
        yield "Original seen in person", f"{facts.seen_by}, {day_in_words(facts.seen_on)}"
    yield "Update Service", "consents" if facts.update_service else "no consent"
    if facts.status_result and facts.status_checked_on:
        yield "Last status check", f"{STATUS_RESULTS[facts.status_result]}, {day_in_words(facts.status_checked_on)}"


def _told(rows: Any) -> list[list[str]]:
    return [[label, words] for label, words in rows if words]


def _moment(value: datetime) -> str:
    local = value.astimezone(LONDON)
    return f"{local.day} {local:%B %Y, %H:%M}"

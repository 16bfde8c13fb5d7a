"""Therapies and professional bodies, loaded from the files beside this one as often as one likes."""

import json
from pathlib import Path
from typing import Any, Final

from sqlmodel import Session

from app.organisations.rules import Confidence
from app.providers.models import ProfessionalBody, Therapy

_DATA: Final = Path(__file__).parent / "data"


def load(session: Session) -> dict[str, int]:
    """Write every row as the files have it now: corrections update, nothing is removed. Returns how many of each."""
    therapies = _read("therapies.json")
    bodies = _read("professional_bodies.json")
    for row in therapies["therapies"]:
        session.merge(_therapy(row))
    for row in bodies["professional_bodies"]:
        session.merge(_body(row, bodies["source"]))
    session.flush()
    return {"therapies": len(therapies["therapies"]), "professional bodies": len(bodies["professional_bodies"])}


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_DATA / name).read_text(encoding="utf-8"))
    return content


def _therapy(row: dict[str, Any]) -> Therapy:
    return Therapy(
        slug=row["id"],
        name=row["name"],
        family=row["group"],
        plain=row["plain"],
        services=",".join(row["lots"]),
        fund_scope=row["fund_scope"],
        practitioner_evidence=row["practitioner_evidence"],
        notes=row["notes"],
        source=row["source"],
        confidence=row["confidence"],
    )


def _body(row: dict[str, Any], source: str) -> ProfessionalBody:
    """The file is franker than three words: 'suffix verified, digits from memory' is partly verified."""
    plain = row["confidence"] in {c.value for c in Confidence}
    return ProfessionalBody(
        slug=row["id"],
        name=row["name"],
        kind=row["kind"],
        number_pattern=row["number_regex"] or "",
        renewal_months=row["renewal_months"],
        note=row["note"] if plain else f"{row['note']}. Format of the number: {row['confidence']}",
        source=source,
        confidence=row["confidence"] if plain else Confidence.PARTLY_VERIFIED,
    )

"""Kinds of evidence, loaded from the file beside this one as often as one likes."""

import json
from pathlib import Path
from typing import Any, Final

from sqlmodel import Session

from app.evidence.models import EvidenceKind
from app.evidence.rules import KindAudience

_FILE: Final = Path(__file__).parent / "data" / "evidence_types.json"


def load(session: Session) -> dict[str, int]:
    """Write every kind as the file has it now: corrections update, nothing is removed. Returns how many."""
    rows = json.loads(_FILE.read_text(encoding="utf-8"))["evidence"]
    for row in rows:
        session.merge(_kind(row))
    session.flush()
    return {"kinds of evidence": len(rows)}


def _kind(row: dict[str, Any]) -> EvidenceKind:
    reference = row["reference"] or {}
    return EvidenceKind(
        slug=row["id"],
        name=row["name"],
        holder=row["holder"],
        category=row["category"],
        what_it_is=row["what_it_is"],
        issuer=row["issuer"],
        reference_label=reference.get("label") or "",
        reference_pattern=reference.get("regex") or "",
        expiry_kind=row["expiry"]["kind"],
        usual_months=row["expiry"]["usual_months"],
        capture=row["capture"],
        sensitivity=row["sensitivity"],
        audience=row.get("audience", KindAudience.PRIVATE),
        promised_until_award=row["can_be_promised_until_award"],
        how_checked=row["how_checked"],
        basis=row["basis"],
        source=row["source"],
        confidence=row["confidence"],
    )

"""Load what the Adoption and Special Guardianship Support Fund pays, by date; what is not known stays unknown."""

import json
from datetime import date
from pathlib import Path
from typing import Final

from sqlmodel import Session

from app.briefs.models import FundingLimit

DATA: Final = Path(__file__).parent / "data" / "funding_rules.json"


def load(session: Session) -> dict[str, int]:
    """Write or correct every period by its first day; published briefs keep the limit of their day. Returns rows by table."""
    periods = json.loads(DATA.read_text(encoding="utf-8"))["periods"]
    for period in periods:
        session.merge(
            FundingLimit(
                starts_on=date.fromisoformat(period["from"]),
                ends_on=date.fromisoformat(period["to"]),
                therapy_pence=_pence(period["therapy_limit"]),
                assessment_pence=_pence(period["assessment_limit"]),
                assessment_inside=period["assessment_inside_limit"],
                note=period["note"],
                source=period["source"],
                confidence=period["confidence"],
            )
        )
    session.flush()
    return {"funding limits": len(periods)}


def _pence(pounds: int | None) -> int | None:
    return None if pounds is None else pounds * 100

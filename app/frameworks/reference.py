"""Load the rule sets: what kind of framework stands under which law, each with its source and how sure we are of it."""

import json
from pathlib import Path
from typing import Final

from sqlmodel import Session

from app.frameworks.models import RuleSet

DATA: Final = Path(__file__).parent / "data" / "procurement_rules.json"
_NOTES: Final = ("why", "keep_members", "expiry", "lots", "caution")


def load(session: Session) -> dict[str, int]:
    """Write or correct every rule set by its slug; frameworks that refer to one keep it. Returns rows by table."""
    kinds = json.loads(DATA.read_text(encoding="utf-8"))["kinds"]
    for kind in kinds:
        session.merge(
            RuleSet(
                slug=kind["id"],
                name=kind["name"],
                max_years=kind.get("max_years"),
                first_reopen_within_years=kind.get("first_reopen_within_years"),
                next_reopen_within_years=kind.get("next_reopen_within_years"),
                standstill=kind["standstill"],
                standstill_days=kind["standstill_days"],
                standstill_calendar=kind["standstill_calendar"],
                details_notice_days=kind["details_notice_days"],
                clocks_source=kind["clocks_source"],
                joining=kind.get("join", ""),
                note=". ".join(_sentence(kind[name]) for name in _NOTES if name in kind),
                source=kind["source"],
                confidence=kind["confidence"],
            )
        )
    session.flush()
    return {"rule sets": len(kinds)}


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".")

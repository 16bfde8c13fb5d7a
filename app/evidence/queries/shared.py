"""What a provider shares with an application or a bid, fixed there, and what has changed in its record since."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from app.evidence.queries.holdings import snapshot as evidence_held
from app.evidence.rules import KindFacts
from app.evidence.rules import since as evidence
from app.providers.queries import snapshot as profile
from app.providers.rules import since as profiles
from app.providers.rules.since import Changed

NAMES_TAKEN: Final = "names_taken"


def shared(session: Session, provider_id: UUID, on: date) -> dict[str, Any]:
    """The provider's facts and its evidence as they stand on a London day, ready for JSON and the same each time."""
    return {"provider": profile(session, provider_id), "evidence_held": evidence_held(session, provider_id, on)}


def without_people(content: Mapping[str, Any]) -> dict[str, Any]:
    """What was shared, with nothing left in it by which a person is known; `NAMES_TAKEN` says why its digest is another."""
    provider = {**content["provider"], "telephone": "", "website": "", "practitioners": []}
    nobody = {"practitioner": "", "issuer": "", "reference": ""}
    evidence_held = [item | nobody if item["practitioner"] else item for item in content["evidence_held"]]
    return {**content, "provider": provider, "evidence_held": evidence_held, NAMES_TAKEN: True}


def changed_since(
    every: Collection[KindFacts], before: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[Changed, ...]:
    """Between two of these, given every kind of evidence. Nobody reads the number of a DBS certificate in it."""
    return (
        *profiles.changes(before["provider"], now["provider"]),
        *evidence.changes(
            before["evidence_held"],
            now["evidence_held"],
            names={kind.slug: kind.name for kind in every},
            narrow={kind.slug for kind in every if kind.narrow},
        ),
    )

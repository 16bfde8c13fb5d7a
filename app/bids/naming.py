"""Whom a bidder may name for a lot: its current practitioners, and what speaks against each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.bids.letters.rules import Letter
from app.bids.models import Bid
from app.bids.rules import why_not_named
from app.core.refusals import Refusal
from app.core.rows import packed, unpacked
from app.memberships.queries import Eligibility
from app.providers.models import Practitioner


@dataclass(frozen=True, slots=True)
class Colleague:
    """A current practitioner of the bidder. `why_not` is what keeps them from being named."""

    id: UUID
    name: str
    why_not: Refusal | None


def practitioners(session: Session, provider_id: UUID) -> dict[UUID, str]:
    """The provider's current practitioners."""
    here = Practitioner.provider_id == provider_id, col(Practitioner.left_at).is_(None)
    return dict(session.exec(select(Practitioner.id, Practitioner.full_name).where(*here)).all())


def practitioner_column(provider_id: Any) -> Any:
    """The same as one text for `practitioners_in`, as a column of another query."""
    here = col(Practitioner.provider_id) == provider_id, col(Practitioner.left_at).is_(None)
    those = packed(Practitioner.id, Practitioner.full_name).where(*here)
    return those.correlate_except(Practitioner).scalar_subquery()


def practitioners_in(text: str | None) -> dict[UUID, str]:
    return {UUID(id_): name for id_, name in unpacked(text)}


def colleagues(
    known: Mapping[UUID, str], eligible: Eligibility, *, provider_id: UUID, bid_id: UUID
) -> tuple[Colleague, ...]:
    """All of them by name. `eligible` is what the one eligibility function says of the bidder, and what it weighed."""
    return tuple(
        Colleague(id_, name, why_not_named(name, [eligible.of_person(id_)], provider_id=provider_id, bid_id=bid_id))
        for id_, name in sorted(known.items(), key=lambda one: (one[1], one[0]))
    )


def against_named(letter: Letter, known: Mapping[UUID, str], eligible: Eligibility, bid: Bid) -> Refusal | None:
    """What speaks against a practitioner whom the letter names; nothing while it names nobody.

    Those of a team are known by their ids; the one of an older letter by name, which several may bear.
    """
    refusals = (
        why_not_named(name, [eligible.of_person(one) for one in meant], provider_id=bid.provider_id, bid_id=bid.id)
        for name, meant in _meant(letter, known)
    )
    return next((refusal for refusal in refusals if refusal), None)


def _meant(letter: Letter, known: Mapping[UUID, str]) -> list[tuple[str, list[UUID]]]:
    if letter.team:
        return [(one.name, [one.id] if known.get(one.id) == one.name else []) for one in letter.team]
    return [(name, [id_ for id_, own in known.items() if own == name]) for name in letter.names]

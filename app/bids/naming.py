"""Whom a bidder may name for a lot: its current practitioners, and what speaks against each."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.bids.letters.rules import Letter
from app.bids.models import Bid
from app.bids.rules import why_not_named
from app.briefs.models import Brief
from app.core.london import london_day
from app.core.refusals import Refusal
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.queries import piece_of, what_counts
from app.evidence.queries.reliance import columns, seen_by
from app.evidence.rules import Piece, Standing
from app.frameworks.models import Lot, LotRequirement
from app.frameworks.requirements import requirements_of
from app.memberships.queries.relying import reader
from app.providers.models import Practitioner

Standings = dict[str, tuple[Standing, str]]
"""How somebody stands with every kind of evidence that a lot wants of a person, by its name, and what is against it."""


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


def colleagues(session: Session, brief: Brief, provider_id: UUID, at: datetime, bid_id: UUID) -> tuple[Colleague, ...]:
    """All of them by name, in one query."""
    return tuple(
        Colleague(id_, name, why_not_named(name, [held], provider_id=provider_id, bid_id=bid_id))
        for id_, (name, held) in _held(session, brief, provider_id, at).items()
    )


def against_named(session: Session, bid: Bid, brief: Brief, letter: Letter, at: datetime) -> Refusal | None:
    """What speaks against a practitioner whom the letter names, at that moment; nothing while it names nobody.

    Those of a team are known by their ids, whatever they are called by now; the one of an older letter by name, which several
    may bear.
    """
    if not letter.names:
        return None
    theirs = [one.id for one in letter.team]
    named = col(Practitioner.id).in_(theirs) if theirs else col(Practitioner.full_name).in_(letter.names)
    held = _held(session, brief, bid.provider_id, at, named)
    refusals = (
        why_not_named(name, people, provider_id=bid.provider_id, bid_id=bid.id) for name, people in _meant(letter, held)
    )
    return next((refusal for refusal in refusals if refusal), None)


def _meant(letter: Letter, held: dict[UUID, tuple[str, Standings]]) -> list[tuple[str, list[Standings]]]:
    if letter.team:
        return [(one.name, [held[one.id][1]] if one.id in held else []) for one in letter.team]
    return [(letter.practitioner, [standings for _, standings in held.values()])]


def _held(
    session: Session, brief: Brief, provider_id: UUID, at: datetime, *those: ColumnElement[bool]
) -> dict[UUID, tuple[str, Standings]]:
    """Each current practitioner, of those alone if any are meant, with how they stand. Weighed for the brief's agency."""
    newer, on = aliased(EvidenceItem), london_day(at)
    eyes = reader(brief.raa_id, brief.published_at or at)
    of_them = (col(EvidenceItem.practitioner_id) == Practitioner.id) & (EvidenceItem.kind_slug == EvidenceKind.slug)
    wanted = select(LotRequirement.kind_slug).where(LotRequirement.lot_id == brief.lot_id)
    query = (
        select(Practitioner.id, Practitioner.full_name, Lot.requirement, EvidenceKind)
        .add_columns(EvidenceItem, col(Verification.outcome), col(newer.starts_on), *columns(eyes))
        .select_from(Practitioner)
        .join(Lot, col(Lot.id) == brief.lot_id)
        .outerjoin(EvidenceKind, col(EvidenceKind.slug).in_(wanted))
        .outerjoin(EvidenceItem, of_them)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .outerjoin(newer, col(newer.id) == EvidenceItem.replaced_by_id)
        .where(col(Practitioner.provider_id) == provider_id, col(Practitioner.left_at).is_(None))
        .order_by(col(Practitioner.full_name), col(Practitioner.id), EvidenceKind.name)
    )
    rows = session.execute(query.where(*those)).all()
    kinds = {row[3].slug: row[3] for row in rows if row[3]}
    rule = rows[0][2] if rows else {}
    of_a_person = [need for need in requirements_of(rule, list(kinds.values())) if need.holder == "person"]
    found: dict[UUID, dict[str, list[Piece]]] = {row[0]: defaultdict(list) for row in rows}
    of_whom = {row[4].id: row[0] for row in rows if row[4]}
    weighed = [
        (item, replaced_on, piece_of(item, kind.promised_until_award, outcome, on, seen_by(eyes, tuple(seen))))
        for _, _, _, kind, item, outcome, replaced_on, *seen in rows
        if item
    ]
    for item, piece in what_counts(weighed, on):
        found[of_whom[item.id]][item.kind_slug].append(piece)
    called = {row[0]: row[1] for row in rows}
    return {
        id_: (
            called[id_],
            {need.name: (one.standing, one.against) for need in of_a_person for one in (need.weigh(held),)},
        )
        for id_, held in found.items()
    }

"""How far the marks of a brief's bids are, without reading any bid: what is asked before prices are opened."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards.models import BriefAssessor, Conflict, Score
from app.awards.policy import ASSESSORS
from app.awards.queries.rivals import seated_with_rivals
from app.bids.models import Bid
from app.bids.rules import BidState
from app.briefs.models import Brief
from app.briefs.queries import criteria
from app.core.crypto import canonical, digest
from app.organisations.models import OrganisationSeat


@dataclass(frozen=True, slots=True)
class Marks:
    """`bids` stand, `unscored` of them lack a mark; `waiting` are people who have not submitted; `sha256` is over all marks."""

    bids: int
    waiting: frozenset[UUID]
    unscored: int
    sha256: str


def marks(session: Session, brief: Brief) -> Marks:
    """While it is not on record that quality is assessed."""
    standing = select(Bid.id, Bid.provider_id).where(
        Bid.brief_id == brief.id, Bid.state == BidState.SUBMITTED, Bid.excluded_reason == ""
    )
    bids, given = dict(session.exec(standing).all()), submitted_scores(session, brief.id)
    wanted = {one.id for one in criteria(session, brief.id) if not one.is_price}
    unscored = sum(not wanted <= {one.criterion_id for one in given if one.bid_id == bid_id} for bid_id in bids)
    return Marks(len(bids), waiting(session, brief, set(bids.values()), fixed=False), unscored, marks_sha256(given))


def marks_sha256(scores: Collection[Score]) -> str:
    """The digest of what every assessor gave to every bid on every criterion, and why."""
    told = sorted(
        [str(one.assessor_id), str(one.bid_id), str(one.criterion_id), str(one.points), one.reason] for one in scores
    )
    return digest(canonical({"marks": told}))


def submitted_scores(session: Session, brief_id: UUID) -> list[Score]:
    """Scores of assessors who have submitted: what is still being written counts nowhere."""
    return list(
        session.exec(
            select(Score)
            .join(BriefAssessor, col(BriefAssessor.id) == Score.assessor_id)
            .where(BriefAssessor.brief_id == brief_id, col(BriefAssessor.submitted_at).is_not(None))
        )
    )


def waiting(session: Session, brief: Brief, bidders: set[UUID], *, fixed: bool) -> frozenset[UUID]:
    """The people who have at least one bid to score and have not submitted, until the award, or quality is on record: `fixed`.

    A rival has none, and nobody waits for one who no longer assesses for the agency: a bid left without a score says so.
    """
    if brief.awarded_at or fixed:
        return frozenset()
    still_here = (
        select(OrganisationSeat.person_id)
        .join(Person, col(Person.id) == OrganisationSeat.person_id)
        .where(OrganisationSeat.organisation_id == brief.raa_id, col(OrganisationSeat.role).in_(ASSESSORS))
        .where(col(OrganisationSeat.ended_at).is_(None), col(Person.disabled_at).is_(None))
    )
    person = col(BriefAssessor.person_id)
    rows = session.exec(
        select(BriefAssessor.person_id, Conflict.provider_id)
        .join(Conflict, col(Conflict.assessor_id) == BriefAssessor.id, isouter=True)
        .where(BriefAssessor.brief_id == brief.id, col(BriefAssessor.submitted_at).is_(None))
        .where(person.in_(still_here), person.not_in(seated_with_rivals(brief.id)))
    )
    kept_from: dict[UUID, set[UUID]] = {}
    for person_id, provider_id in rows:
        kept_from.setdefault(person_id, set()).add(provider_id)
    return frozenset(person_id for person_id, providers in kept_from.items() if bidders - providers)

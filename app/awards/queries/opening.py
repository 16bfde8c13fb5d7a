"""Looking at a brief on its way to the opening: who assesses, who has declared, who has approved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards.models import Award, BriefAssessor, Conflict, QualityAssessed
from app.awards.policy import APPROVERS, ASSESSORS, CHAIRS, OPENERS
from app.awards.queries.approvals import BIDS, Approval, approvals
from app.awards.queries.rivals import why_not_take_part_now
from app.awards.rules.opening import (
    why_not_appoint,
    why_not_break_glass,
    why_not_mend_glass,
    why_not_open,
    why_not_take_part,
    why_not_unlock,
)
from app.bids.closing.queries import everybody_answered
from app.bids.models import Bid, BidReceipt
from app.bids.rules import BidState
from app.briefs.models import Brief, OutOfOrder
from app.briefs.queries import brief_of_buyer, phase_of, prices_are_open
from app.briefs.rules import Phase
from app.core import clock
from app.core.actor import Actor
from app.core.refusals import Refusal
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids
from app.organisations.queries import contacts
from app.sealing.queries import hour_bound


@dataclass(frozen=True, slots=True)
class BriefHead:
    """What every page of this room shows at its top."""

    id: UUID
    reference: str
    title: str
    need: str
    outcomes: str
    closes_at: datetime
    opened_at: datetime | None
    phase: Phase


@dataclass(frozen=True, slots=True)
class AssessorView:
    """`conflicts` are (provider's name, nature of the interest)."""

    id: UUID
    person_id: UUID
    name: str
    declared_at: datetime | None
    submitted_at: datetime | None
    conflicts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Why the bids are opened out of order, and who said so."""

    name: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class OpeningView:
    """`opened` is how many bids were opened: nothing before that, and nothing for a rival."""

    brief: BriefHead
    now: datetime
    assessors: tuple[AssessorView, ...]
    candidates: tuple[tuple[UUID, str], ...]
    approvals: tuple[Approval, ...]
    may_appoint: bool
    why_not_appoint: Refusal | None
    why_not_open: Refusal | None
    is_assessor: bool
    opened: int | None
    out_of_order: Said | None
    may_break_glass: bool
    may_mend_glass: bool
    two_envelopes: bool
    prices_open: bool


def head(brief: Brief, now: datetime) -> BriefHead:
    return BriefHead(
        brief.id,
        brief.reference,
        brief.title,
        brief.need,
        brief.outcomes,
        brief.closes_at,
        brief.opened_at,
        phase_of(brief, now),
    )


def opening(session: Session, actor: Actor, brief_id: UUID, *, drain: timedelta) -> OpeningView:
    """The opening page of a brief of this person's agency. Raises `NotFound`."""
    brief, now = brief_of_buyer(session, actor, brief_id, *OPENERS), clock.now(session)
    assessors, chair = assessors_of(session, brief_id), is_chair(actor, brief)
    asked = {assessor.person_id for assessor in assessors}
    given, said = approvals(session, brief_id, BIDS), said_out_of_order(session, brief_id)
    why_not = why_not_open_now(session, actor, brief, now=now, drain=drain, given=given)
    is_rival = why_not == why_not_take_part(belongs=True)
    why_not_glass = why_not_break_glass(
        phase=phase_of(brief, now),
        said=said is not None,
        assessors=len(assessors),
        undeclared=sum(assessor.declared_at is None for assessor in assessors),
        approvals=[approval.person_id for approval in given],
    )
    decides = brief.raa_id in buyer_ids(actor, *APPROVERS) and not is_rival
    return OpeningView(
        brief=head(brief, now),
        now=now,
        assessors=assessors,
        candidates=tuple(c for c in candidates(session, brief.raa_id) if c[0] not in asked) if chair else (),
        approvals=given,
        may_appoint=chair,
        why_not_appoint=why_not_appoint(
            phase=phase_of(brief, now),
            proposed=is_proposed(session, brief_id),
            assessed=assessed(session, brief) is not None,
        ),
        why_not_open=why_not,
        is_assessor=actor.person_id in asked,
        opened=len(receipt_digests(session, brief_id)) if brief.opened_at and not is_rival else None,
        out_of_order=said,
        may_break_glass=decides and why_not_glass is None,
        may_mend_glass=decides and said is not None and why_not_mend_glass(phase=phase_of(brief, now)) is None,
        two_envelopes=brief.two_envelopes,
        prices_open=prices_are_open(brief),
    )


def why_not_open_now(
    session: Session,
    actor: Actor,
    brief: Brief,
    *,
    now: datetime,
    drain: timedelta,
    given: Sequence[Approval] | None = None,
) -> Refusal | None:
    """The rules of the opening, with the facts of this moment; last of them, the hour bound into the key.

    `given` are the approvals so far, where the caller has read them.
    """
    if refusal := why_not_take_part_now(session, actor.known, brief.id):
        return refusal
    glass_broken = phase_of(brief, now) is Phase.CLOSED and session.get(OutOfOrder, brief.id) is not None
    declared = session.exec(select(BriefAssessor.declared_at).where(BriefAssessor.brief_id == brief.id)).all()
    given = approvals(session, brief.id, BIDS) if given is None else given
    refusal = why_not_open(
        phase=phase_of(brief, now),
        closes_at=brief.closes_at,
        drain=drain,
        now=now,
        assessors=len(declared),
        undeclared=declared.count(None),
        approvals=[approval.person_id for approval in given],
        person=actor.known,
        chair=is_chair(actor, brief),
        brief_id=brief.id,
        out_of_order=glass_broken,
        approver=brief.raa_id in buyer_ids(actor, *APPROVERS),
    )
    return refusal or why_not_unlock(shut_until=stays_shut_until(session, brief), drain=drain, now=now)


def stays_shut_until(session: Session, brief: Brief) -> datetime:
    """The later of when it closes by the database and of what its key is bound to.

    A brief that was closed early is believed only where there is nobody left who could still have bid.
    """
    bound = hour_bound(session, brief.id)
    if bound is None or brief.closes_at >= bound:
        return brief.closes_at
    return brief.closes_at if everybody_answered(session, brief.id) else bound


def why_not_break_glass_now(session: Session, actor: Actor, brief: Brief, *, now: datetime) -> Refusal | None:
    """The rules of opening out of order, with the facts of this moment, for an approver."""
    if refusal := why_not_take_part_now(session, actor.known, brief.id):
        return refusal
    declared = session.exec(select(BriefAssessor.declared_at).where(BriefAssessor.brief_id == brief.id)).all()
    return why_not_break_glass(
        phase=phase_of(brief, now),
        said=session.get(OutOfOrder, brief.id) is not None,
        assessors=len(declared),
        undeclared=declared.count(None),
        approvals=[approval.person_id for approval in approvals(session, brief.id, BIDS)],
    )


def said_out_of_order(session: Session, brief_id: UUID) -> Said | None:
    """Who had the glass broken, and why, if anybody did."""
    row = session.exec(
        select(OutOfOrder, Person.name)
        .join(Person, col(Person.id) == OutOfOrder.said_by)
        .where(OutOfOrder.brief_id == brief_id)
    ).first()
    return Said(row[1], row[0].said_at, row[0].reason) if row else None


def is_chair(actor: Actor, brief: Brief) -> bool:
    return brief.raa_id in buyer_ids(actor, *CHAIRS)


def assessors_of(session: Session, brief_id: UUID) -> tuple[AssessorView, ...]:
    rows = session.exec(
        select(BriefAssessor, Person.name)
        .join(Person, col(Person.id) == BriefAssessor.person_id)
        .where(BriefAssessor.brief_id == brief_id)
        .order_by(col(BriefAssessor.assigned_at), col(BriefAssessor.id))
    ).all()
    interests: dict[UUID, list[tuple[str, str]]] = {row.id: [] for row, _ in rows}
    for assessor_id, provider, nature in session.exec(
        select(Conflict.assessor_id, Organisation.name, Conflict.nature)
        .join(Organisation, col(Organisation.id) == Conflict.provider_id)
        .where(col(Conflict.assessor_id).in_(interests))
        .order_by(Organisation.name)
    ):
        interests[assessor_id].append((provider, nature))
    return tuple(
        AssessorView(row.id, row.person_id, name, row.declared_at, row.submitted_at, tuple(interests[row.id]))
        for row, name in rows
    )


def candidates(session: Session, raa_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """The people of an agency who may be asked to assess, by name, each once."""
    people = {contact.person_id: contact.name for contact in contacts(session, raa_id, *ASSESSORS)}
    return tuple(sorted(people.items(), key=lambda person: person[1]))


def asked_to_assess(session: Session, brief_id: UUID) -> list[UUID]:
    """The people asked to assess a brief, for the room below."""
    return list(session.exec(select(BriefAssessor.person_id).where(BriefAssessor.brief_id == brief_id)))


def assessed(session: Session, brief: Brief) -> QualityAssessed | None:
    """The record that quality is assessed, which only a brief with two envelopes has."""
    return session.get(QualityAssessed, brief.id) if brief.two_envelopes else None


def is_proposed(session: Session, brief_id: UUID) -> bool:
    """Whether an award is proposed or approved."""
    live = select(Award.id).where(Award.brief_id == brief_id, col(Award.rejected_at).is_(None))
    return session.exec(live).first() is not None


def receipt_digests(session: Session, brief_id: UUID) -> list[str]:
    """The SHA-256 of every bid that stands, for the minute of the opening; it tells nothing of what a bid says."""
    return list(
        session.exec(
            select(BidReceipt.content_sha256)
            .join(Bid, col(Bid.id) == BidReceipt.bid_id)
            .where(Bid.brief_id == brief_id, Bid.state == BidState.SUBMITTED, col(BidReceipt.replaced_at).is_(None))
            .order_by(BidReceipt.content_sha256)
        )
    )

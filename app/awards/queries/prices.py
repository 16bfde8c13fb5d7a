"""Looking at the second envelope: whether quality is assessed, who has approved, and why prices are not opened yet."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards.models import QualityAssessed
from app.awards.policy import APPROVERS, OPENERS
from app.awards.queries.approvals import PRICES, Approval, approvals
from app.awards.queries.opening import BriefHead, assessed, head, is_chair
from app.awards.queries.quality import Marks, marks
from app.awards.queries.rivals import why_not_take_part_now
from app.awards.rules.prices import why_not_finish, why_not_open_prices, why_not_second_envelope
from app.briefs.models import Brief, OutOfOrder
from app.briefs.queries import brief_of_buyer, phase_of, prices_are_open
from app.core import clock
from app.core.actor import Actor
from app.core.refusals import Refusal
from app.organisations.policy import buyer_ids


@dataclass(frozen=True, slots=True)
class Finished:
    """Who put it on record that quality is assessed; `sha256` is over every mark."""

    name: str
    at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class PricesView:
    brief: BriefHead
    opened_at: datetime | None
    finished: Finished | None
    approvals: tuple[Approval, ...]
    why_not: Refusal | None
    why_not_finish: Refusal | None
    why_not_open: Refusal | None


def prices(session: Session, actor: Actor, brief_id: UUID) -> PricesView:
    """The page of a brief's second envelope, for those of its agency who may open. Raises `NotFound`."""
    brief, now = brief_of_buyer(session, actor, brief_id, *OPENERS), clock.now(session)
    why_not = _why_not(session, actor, brief, now)
    finished, given = _finished(session, brief_id), approvals(session, brief_id, PRICES)
    return PricesView(
        brief=head(brief, now),
        opened_at=brief.prices_opened_at,
        finished=finished,
        approvals=given,
        why_not=why_not,
        why_not_finish=None
        if why_not or finished
        else _why_not_finish(session, actor, brief, marks(session, brief), done=False),
        why_not_open=why_not or _why_not_open(actor, finished is not None, given),
    )


def why_not_finish_now(
    session: Session, actor: Actor, brief: Brief, given: Marks, *, done: bool, now: datetime
) -> Refusal | None:
    """The rules of the record, with the marks and the facts of this moment; `done`: it is there already."""
    return _why_not(session, actor, brief, now) or _why_not_finish(session, actor, brief, given, done=done)


def why_not_open_prices_now(session: Session, actor: Actor, brief: Brief, *, now: datetime) -> Refusal | None:
    """The rules of the second opening, with the facts of this moment."""
    given = approvals(session, brief.id, PRICES)
    return _why_not(session, actor, brief, now) or _why_not_open(actor, assessed(session, brief) is not None, given)


def is_finished(session: Session, actor: Actor, brief_id: UUID) -> bool:
    """Whether it is on record that the quality of this agency's brief is assessed. Raises `NotFound`."""
    brief_of_buyer(session, actor, brief_id, *OPENERS)
    return session.get(QualityAssessed, brief_id) is not None


def _why_not(session: Session, actor: Actor, brief: Brief, now: datetime) -> Refusal | None:
    return why_not_take_part_now(session, actor.known, brief.id) or why_not_second_envelope(
        phase=phase_of(brief, now), two_envelopes=brief.two_envelopes, prices_open=prices_are_open(brief)
    )


def _why_not_finish(session: Session, actor: Actor, brief: Brief, given: Marks, *, done: bool) -> Refusal | None:
    approver = brief.raa_id in buyer_ids(actor, *APPROVERS)
    return why_not_finish(
        assessed=done,
        bids=given.bids,
        waiting=len(given.waiting),
        unscored=given.unscored,
        chair=is_chair(actor, brief) or (approver and session.get(OutOfOrder, brief.id) is not None),
    )


def _why_not_open(actor: Actor, done: bool, given: tuple[Approval, ...]) -> Refusal | None:
    approved = [one.person_id for one in given]
    return why_not_open_prices(assessed=done, approvals=approved, person=actor.known)


def _finished(session: Session, brief_id: UUID) -> Finished | None:
    row = session.exec(
        select(QualityAssessed, Person.name)
        .join(Person, col(Person.id) == QualityAssessed.by)
        .where(QualityAssessed.brief_id == brief_id)
    ).first()
    return Finished(row[1], row[0].at, row[0].sha256) if row else None

"""Choosing assessors, declaring interests, and opening the bids by two people."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards import events
from app.awards.approving import Told, approve
from app.awards.models import BriefAssessor, Conflict
from app.awards.policy import CHAIRS, OPENERS
from app.awards.queries.approvals import BIDS
from app.awards.queries.assessment import own_task
from app.awards.queries.opening import assessed, candidates, is_proposed, receipt_digests, why_not_open_now
from app.awards.queries.rivals import own_providers, why_not_take_part_now
from app.awards.rules.opening import exclusion, expired_unconfirmed, why_not_appoint, why_not_declare, why_not_release
from app.bids.confirming.queries import unconfirmed_bids
from app.bids.models import Bid
from app.bids.partners import partners_that_stand
from app.bids.queries import answered_of
from app.bids.rules import BidState
from app.bids.writing import open_letters
from app.briefs.commands import mark_opened
from app.briefs.models import Brief
from app.briefs.queries import brief_of_buyer, invited, lock_brief, phase_of
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.refusals import NotFound, Refused
from app.memberships.commands import keep_answer
from app.memberships.rules import Moment


def add_assessor(session: Session, actor: Actor, brief_id: UUID, person_id: UUID) -> None:
    """Ask a person of the agency to assess. Quiet when they have been asked. Raises `NotFound`, `Refused`."""
    brief_of_buyer(session, actor, brief_id, *CHAIRS)
    brief = lock_brief(session, brief_id, exclusive=True)
    name = dict(candidates(session, brief.raa_id)).get(person_id)
    if name is None:
        raise NotFound
    if _assessor(session, brief_id, person_id):
        return
    now = clock.now(session)
    belongs, proposed = bool(own_providers(session, person_id, brief_id)), is_proposed(session, brief_id)
    fixed = assessed(session, brief) is not None
    if refusal := why_not_appoint(phase=phase_of(brief, now), proposed=proposed, belongs=belongs, assessed=fixed):
        raise Refused(refusal)
    row = BriefAssessor(brief_id=brief_id, person_id=person_id, assigned_at=now, assigned_by=actor.known)
    session.add(row)
    session.flush()
    named = audit.Personal(name, person_id)
    audit.record(session, events.ASSESSOR_ASKED, actor=actor, subject=row.id, about=brief_id, name=named)
    _tell(session, "awards/asked_to_assess.txt", row, brief)


def release_assessor(session: Session, actor: Actor, brief_id: UUID, assessor_id: UUID) -> None:
    """Take off an assessor who has not declared. Quiet when they are off. Raises `NotFound`, `Refused`."""
    brief_of_buyer(session, actor, brief_id, *CHAIRS)
    lock_brief(session, brief_id, exclusive=True)
    row = session.get(BriefAssessor, assessor_id, with_for_update=True)
    if row is None or row.brief_id != brief_id:
        return
    if refusal := why_not_release(declared=row.declared_at is not None):
        raise Refused(refusal)
    name = audit.Personal(session.get_one(Person, row.person_id).name, row.person_id)
    session.delete(row)
    audit.record(session, events.ASSESSOR_RELEASED, actor=actor, subject=row.id, about=brief_id, name=name)


def declare_interests(session: Session, actor: Actor, brief_id: UUID, interests: Mapping[UUID, str]) -> None:
    """Say, as an assessor, in whom of those invited one has an interest, and of what nature; none is an answer.

    A declaration made before the opening may be made again. Raises `NotFound`, also for a provider not invited; `Refused`.
    """
    lock_brief(session, brief_id, exclusive=False)
    row, brief = own_task(session, actor, brief_id, lock=True)
    if not interests.keys() <= {provider.provider_id for provider in invited(session, brief_id)}:
        raise NotFound
    now = clock.now(session)
    rival = why_not_take_part_now(session, actor.known, brief_id)
    if refusal := rival or why_not_declare(phase=phase_of(brief, now), declared=row.declared_at is not None):
        raise Refused(refusal)
    session.execute(delete(Conflict).where(col(Conflict.assessor_id) == row.id))
    session.add_all(
        Conflict(assessor_id=row.id, provider_id=provider_id, nature=nature)
        for provider_id, nature in interests.items()
    )
    row.declared_at = now
    audit.record(session, events.INTERESTS_DECLARED, actor=actor, subject=row.id, about=brief_id, count=len(interests))


def approve_opening(
    session: Session,
    actor: Actor,
    brief_id: UUID,
    *,
    drain: timedelta,
    secret: str,
    told: Told | None = None,
) -> bool:
    """Give one of the two approvals; the second opens the bids in the same transaction. Returns whether they are open.

    `told` is what the keyholder gave to this person: its witness to the first approval, what it released to the second, and
    nothing to whoever has approved already. From then on the letters are kept under the portal's own `secret`.

    The lock is exclusive, so no bid is being written while the bids are opened. Bids are locked before the brief, as a
    submit does, so that the two never wait for each other in a circle. A second click by the same person is quiet.
    Raises `NotFound`, `Refused`.
    """
    brief_of_buyer(session, actor, brief_id, *OPENERS)
    bids = _locked_bids(session, brief_id)
    brief = lock_brief(session, brief_id, exclusive=True)
    now = clock.now(session)
    why_not = partial(why_not_open_now, session, actor, brief, now=now, drain=drain)
    if second := approve(session, actor, brief, BIDS, told, now, why_not=why_not):
        approval_id, released = second
        digests = receipt_digests(session, brief_id)
        mark_opened(session, brief, now)
        _exclude_ineligible(session, actor, brief, bids)
        session.flush()
        open_letters(session, brief_id, released.keys, secret=secret)
        audit.record(
            session,
            events.BIDS_OPENED,
            actor=actor,
            subject=approval_id,
            about=brief_id,
            count=len(digests),
            receipts=digests,
        )
        for assessor in session.exec(select(BriefAssessor).where(BriefAssessor.brief_id == brief_id)):
            _tell(session, "awards/bids_opened.txt", assessor, brief)
    return brief.opened_at is not None


def _locked_bids(session: Session, brief_id: UUID) -> Sequence[Bid]:
    """Every bid of the brief, drafts too, in one order; the lock lets others refer to the rows (FOR NO KEY UPDATE)."""
    query = select(Bid).where(Bid.brief_id == brief_id).order_by(col(Bid.id)).with_for_update(key_share=True)
    return session.exec(query.execution_options(populate_existing=True)).all()


def _exclude_ineligible(session: Session, actor: Actor, brief: Brief, bids: Sequence[Bid]) -> None:
    """Put aside every bid that was not confirmed after a material change, or whose provider or a partner might not act when the
    brief closed, before any is read (state machines 7 and 9).
    """
    unconfirmed, partners = unconfirmed_bids(session, brief), partners_that_stand(session, brief.id)
    standing = [bid for bid in bids if bid.state == BidState.SUBMITTED]
    asked = {
        one for bid in standing if bid.id not in unconfirmed for one in (bid.provider_id, *partners.get(bid.id, ()))
    }
    answers = answered_of(session, Moment.CLOSE, brief, asked, brief.closes_at)
    for bid in standing:
        if bid.id in unconfirmed:
            bid.excluded_reason = expired_unconfirmed(brief.material_version)
            audit.record(session, events.BID_UNCONFIRMED, actor=actor, subject=bid.id, version=brief.material_version)
            continue
        own, *others = (answers[provider_id] for provider_id in (bid.provider_id, *partners.get(bid.id, ())))
        for answer in (own, *others):
            keep_answer(session, actor, answer)
        if reason := exclusion(own.reasons, partners_may=not any(answer.reasons for answer in others)):
            bid.excluded_reason = reason
            audit.record(session, events.BID_EXCLUDED, actor=actor, subject=bid.id, reason=reason)


def _assessor(session: Session, brief_id: UUID, person_id: UUID) -> UUID | None:
    return session.exec(
        select(BriefAssessor.id).where(BriefAssessor.brief_id == brief_id, BriefAssessor.person_id == person_id)
    ).first()


def _tell(session: Session, template: str, assessor: BriefAssessor, brief: Brief) -> None:
    email = session.get_one(Person, assessor.person_id).email
    about = {"brief": brief.reference, "brief_id": str(brief.id)}
    mail.queue(session, template, to=email, dedupe=f"{template}:{assessor.id}", **about)

"""Opening, signing and ending memberships; deciding about ratings below a floor."""

from datetime import date
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.database import violates
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound, Refused, refuse_if
from app.evidence.models import EvidenceItem
from app.frameworks.models import Framework, Lot, Region
from app.frameworks.queries import phase_of
from app.memberships import events, floors, queries, rules
from app.memberships.models import FloorDecision, Membership
from app.memberships.policy import signs_for
from app.memberships.rules import FloorChoice
from app.organisations.models import Organisation


def open_membership(
    session: Session, actor: Actor, *, provider_id: UUID, framework_id: UUID, lot_id: UUID, region_id: UUID
) -> UUID:
    """Open a conditional membership; where there is a live one already, that one is the answer.

    Called in the transaction of the decision that accepts the provider, by whom it has been checked that `actor` may decide.
    """
    row = Membership(
        provider_id=provider_id,
        framework_id=framework_id,
        lot_id=lot_id,
        region_id=region_id,
        opened_at=clock.now(session),
        opened_by=actor.known,
    )
    known = _live(session, provider_id, lot_id, region_id)
    if known:
        return known
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        opened_meanwhile = _live(session, provider_id, lot_id, region_id)
        if opened_meanwhile and violates(error, "uq_membership_live"):
            return opened_meanwhile
        raise
    audit.record(
        session,
        events.OPENED,
        actor=actor,
        subject=row.id,
        about=provider_id,
        provider=session.get_one(Organisation, provider_id).name,
        lot=session.get_one(Lot, lot_id).name,
        region=session.get_one(Region, region_id).name,
    )
    return row.id


def sign_agreement(session: Session, actor: Actor, membership_id: UUID) -> None:
    """Sign the framework's agreement, once, for every membership of it that waits; a second time it changes nothing.

    Each row keeps who, when and the SHA-256 of the text signed. Raises `NotFound`, `NotAllowed` to those who do not own
    the provider, `Refused` when the membership or its framework has ended.
    """
    queries.line_up(session, membership_id)
    row = queries.own_membership(session, actor, membership_id)
    if not signs_for(actor, row.provider_id):
        raise NotAllowed
    if row.signed_at:
        return
    at, framework = clock.now(session), session.get_one(Framework, row.framework_id)
    refusal = rules.why_not_sign(
        signed=False, ended=row.ended_at is not None, phase=phase_of(framework, london_day(at))
    )
    if refusal:
        raise Refused(refusal)
    sha256 = digest(framework.agreement_text.encode())
    for waiting in queries.unsigned(session, row.provider_id, row.framework_id):
        waiting.signed_at, waiting.signed_by, waiting.signed_sha256 = at, actor.known, sha256
        audit.record(
            session,
            events.SIGNED,
            actor=actor,
            subject=waiting.id,
            about=row.provider_id,
            version=framework.agreement_version,
            sha256=sha256,
        )


def end_membership(session: Session, actor: Actor, membership_id: UUID, reason: str) -> None:
    """The provider leaves one lot in one region, with a reason; work already contracted goes on under its own terms.

    A second time it changes nothing. Raises `NotFound`, and `NotAllowed` to those who do not own the provider.
    """
    row = queries.own_membership(session, actor, membership_id)
    if not signs_for(actor, row.provider_id):
        raise NotAllowed
    if row.ended_at:
        return
    row.ended_at, row.ended_reason = clock.now(session), reason
    audit.record(session, events.ENDED, actor=actor, subject=row.id, about=row.provider_id, reason=reason)


def _live(session: Session, provider_id: UUID, lot_id: UUID, region_id: UUID) -> UUID | None:
    return session.exec(
        select(Membership.id).where(
            Membership.provider_id == provider_id,
            Membership.lot_id == lot_id,
            Membership.region_id == region_id,
            col(Membership.ended_at).is_(None),
        )
    ).first()


def decide_rating(
    session: Session,
    actor: Actor,
    framework_id: UUID,
    item_id: UUID,
    choice: FloorChoice,
    reason: str,
    review_on: date | None = None,
) -> None:
    """Decide about a member's rating below the floor, for the framework's lead; the same again is quietly the same.

    Raises `NotFound` for what is not below the floor of a framework that this person leads, `Refused` without a review.
    """
    session.exec(select(EvidenceItem.id).where(EvidenceItem.id == item_id).with_for_update()).first()
    ratings = floors.low_ratings(session, actor, framework_id)
    rating = next((rating for rating in ratings if rating.item_id == item_id), None)
    if rating is None:
        raise NotFound
    at = clock.now(session)
    refuse_if(rules.why_not_watch(choice, review_on=review_on, on=london_day(at)))
    review_on = review_on if choice is FloorChoice.WATCH else None
    was = rating.decided
    if was and (was.choice, was.reason, was.review_on) == (choice, reason, review_on):
        return
    row = FloorDecision(
        framework_id=framework_id,
        provider_id=rating.provider_id,
        item_id=item_id,
        choice=choice,
        reason=reason,
        review_on=review_on,
        decided_by=actor.known,
        at=at,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        events.FLOOR_DECIDED,
        actor=actor,
        subject=row.id,
        about=framework_id,
        provider=rating.provider_name,
        rating=rating.words,
        choice=f"look again on {review_on:%-d %B %Y}" if review_on else "keep as a member",
        reason=reason,
    )

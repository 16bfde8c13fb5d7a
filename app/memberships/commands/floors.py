"""Deciding about a rating below a framework's floor: keep, look again, or end the membership with notice, by two."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.london import day_in_words, london_day
from app.core.refusals import NotFound, Refusal, Refused, refuse_if
from app.evidence.models import EvidenceItem
from app.memberships import events, floors, rules
from app.memberships.commands.leaving import give_notice
from app.memberships.floors import Rating
from app.memberships.models import FloorDecision, Membership
from app.memberships.queries import rated_members
from app.memberships.rules import FloorChoice
from app.organisations.queries import contacts
from app.organisations.rules import Role
from app.providers.models import Provider


def decide_rating(
    session: Session,
    actor: Actor,
    framework_id: UUID,
    item_id: UUID,
    choice: FloorChoice,
    reason: str,
    day: date | None = None,
) -> None:
    """Decide about a member's rating below the floor, for the framework's lead; the same again is quietly the same.

    `day` is when to look again, or the last day of a membership that is to end: that waits for a second lead. Raises
    `NotFound` for what is not below the floor of a framework that this person leads, `Refused` without a day that is needed.
    """
    at = clock.now(session)
    rating = _rating(session, actor, framework_id, item_id, at)
    was = rating.decided
    refuse_if(rules.why_not_decide(was.ends_on if was and was.confirmed_by else None))
    refuse_if(rules.why_not_day(choice, day=day, on=london_day(at)))
    review_on, ends_on = (day if choice is one else None for one in (FloorChoice.WATCH, FloorChoice.END))
    if was and (was.choice, was.reason, was.review_on, was.ends_on) == (choice, reason, review_on, ends_on):
        return
    row = FloorDecision(
        framework_id=framework_id,
        provider_id=rating.provider_id,
        item_id=item_id,
        choice=choice,
        reason=reason,
        review_on=review_on,
        ends_on=ends_on,
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
        choice=_in_words(review_on, ends_on),
        reason=reason,
    )


def confirm_end(session: Session, actor: Actor, framework_id: UUID, item_id: UUID) -> None:
    """The second lead: notice is given, and every membership of the framework with this rating ends after its last day,
    or sooner where notice was given to a day before it.

    The provider's owners are told with the reason; work already contracted goes on under its own terms. A second time it
    changes nothing. Raises `NotFound`, `Refused` to who proposed it, or where nothing or another thing was decided.
    """
    at = clock.now(session)
    rating = _rating(session, actor, framework_id, item_id, at)
    decided = rating.decided
    if decided is None or decided.ends_on is None:
        raise Refused(Refusal("nothing_to_confirm", "No end of this membership waits to be confirmed any more."))
    if decided.confirmed_by:
        return
    refuse_if(rules.why_not_confirm(decided_by=decided.by_id, person=actor.person_id))
    refuse_if(rules.why_not_day(FloorChoice.END, day=decided.ends_on, on=london_day(at)))
    row = session.get_one(FloorDecision, decided.id)
    row.confirmed_by, row.confirmed_at = actor.known, at
    day = day_in_words(decided.ends_on)
    audit.record(
        session,
        events.END_CONFIRMED,
        actor=actor,
        subject=row.id,
        about=framework_id,
        provider=rating.provider_name,
        day=day,
    )
    rated = [
        member.membership_id
        for member in rated_members(session, actor, at, framework_id)
        if item_id in {below.item_id for below in member.below_floor}
    ]
    found = select(Membership).where(col(Membership.id).in_(rated)).order_by(col(Membership.id)).with_for_update()
    given = [give_notice(session, actor, one, decided.ends_on, decided.reason) for one in session.exec(found)]
    for owner in contacts(session, rating.provider_id, Role.OWNER) if any(given) else ():
        mail.queue(
            session,
            "memberships/notice.txt",
            to=owner.email,
            dedupe=f"membership.notice:{row.id}:{owner.person_id}",
            name=owner.name,
            framework=rating.framework_name,
            day=day,
        )


def _rating(session: Session, actor: Actor, framework_id: UUID, item_id: UUID, at: datetime) -> Rating:
    """Changes to the memberships of one provider come one after another. Raises `NotFound`."""
    session.exec(
        select(Provider.id)
        .join(EvidenceItem, col(EvidenceItem.provider_id) == Provider.id)
        .where(EvidenceItem.id == item_id)
        .with_for_update(of=Provider)
    ).first()
    ratings = floors.low_ratings(session, actor, at, framework_id)
    found = next((rating for rating in ratings if rating.item_id == item_id), None)
    if found is None:
        raise NotFound
    return found


def _in_words(review_on: date | None, ends_on: date | None) -> str:
    if ends_on:
        return f"end the membership after {day_in_words(ends_on)}, if a second lead confirms it"
    return f"look again on {day_in_words(review_on)}" if review_on else "keep as a member"

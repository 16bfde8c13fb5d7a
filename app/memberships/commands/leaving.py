"""What a provider does about its own memberships: rest for a while, and leave; and how an end is written down."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import NOBODY, Actor
from app.core.london import at_london, day_in_words, london_day
from app.core.refusals import NotAllowed, refuse_if
from app.memberships import events, queries, rules
from app.memberships.models import Membership
from app.memberships.news import ENDED, Ended
from app.memberships.policy import signs_for
from app.memberships.queries.live import live, silent_end


def pause_membership(
    session: Session, actor: Actor, membership_id: UUID, until: date, *, whole_framework: bool = False
) -> None:
    """The provider takes no work here until a day, on which it is back by itself; said again, another day counts.

    With `whole_framework` in every lot and region of the same framework. Raises `NotFound`, `NotAllowed` to those who do
    not own the provider, `Refused` without a day of return to come.
    """
    row, at = _owned(session, actor, membership_id), clock.now(session)
    on = london_day(at)
    refuse_if(rules.why_not_pause(until=until, on=on, ended=_is_over(session, row, on)))
    for one in _beside(session, row, on) if whole_framework else [row]:
        if one.paused_until != until:
            one.paused_at, one.paused_until = at, until
            day = day_in_words(until)
            audit.record(session, events.PAUSED, actor=actor, subject=one.id, about=one.provider_id, day=day)


def return_membership(session: Session, actor: Actor, membership_id: UUID, *, whole_framework: bool = False) -> None:
    """The provider takes work here again before the day it gave. What is not paused stays as it is.

    Raises `NotFound`, `NotAllowed` to those who do not own the provider.
    """
    row, on = _owned(session, actor, membership_id), london_day(clock.now(session))
    for one in _beside(session, row, on) if whole_framework else [row]:
        if one.paused_at:
            one.paused_at = one.paused_until = None
            audit.record(session, events.RETURNED, actor=actor, subject=one.id, about=one.provider_id)


def end_membership(
    session: Session, actor: Actor, membership_id: UUID, reason: str, last_day: date | None = None
) -> None:
    """The provider leaves one lot in one region, at once or after a last day to come, with a reason.

    Work already contracted goes on under its own terms. Once it has ended, or the same notice was given, it changes nothing.
    Raises `NotFound`, `NotAllowed` to those who do not own the provider, `Refused` for a day that is over.
    """
    row, at = _owned(session, actor, membership_id), clock.now(session)
    on = london_day(at)
    if _is_over(session, row, on) or (last_day and (row.ends_on, row.ended_reason) == (last_day, reason)):
        return
    refuse_if(rules.why_not_leave(last_day=last_day or on, on=on, notice_until=row.ends_on))
    row.ended_reason = reason
    if last_day and last_day > on:
        row.ends_on = last_day
        day = day_in_words(last_day)
        audit.record(session, events.LEAVES, actor=actor, subject=row.id, about=row.provider_id, day=day, reason=reason)
    else:
        _end(session, actor, row, at)


def give_notice(session: Session, actor: Actor, row: Membership, last_day: date, reason: str) -> bool:
    """The membership, whose changes wait in line, ends after `last_day`; notice that ends sooner stands. Whether this was given."""
    if row.ends_on and row.ends_on <= last_day:
        return False
    row.ends_on, row.ended_reason = last_day, reason[:500]
    day = day_in_words(last_day)
    audit.record(
        session, events.NOTICE_GIVEN, actor=actor, subject=row.id, about=row.provider_id, day=day, reason=reason
    )
    return True


def end_what_is_over(session: Session, on: date, *which: ColumnElement[bool]) -> int:
    """Write down the end of each membership, or of these, whose last day has passed, by its silence, too; returns how many.

    Who asks which memberships run asks `live`, written down or not; only a new row in the place of one needs it written.
    """
    over = select(Membership, silent_end(on)).where(col(Membership.ended_at).is_(None), ~live(on), *which)
    rows = session.exec(over.order_by(col(Membership.id)).with_for_update(of=Membership)).all()
    for row, silent in rows:
        if silent:
            give_notice(session, NOBODY, row, silent, "A new version of the agreement was declined by silence.")
        _end(session, NOBODY, row, at_london((row.ends_on or on) + timedelta(days=1), time()))
    return len(rows)


def _end(session: Session, actor: Actor, row: Membership, at: datetime) -> None:
    row.ended_at = at
    audit.record(session, events.ENDED, actor=actor, subject=row.id, about=row.provider_id, reason=row.ended_reason)
    ENDED.tell(session, Ended(row.provider_id, row.lot_id, row.region_id, at))


def _owned(session: Session, actor: Actor, membership_id: UUID) -> Membership:
    queries.line_up(session, membership_id)
    row = queries.own_membership(session, actor, membership_id)
    if not signs_for(actor, row.provider_id):
        raise NotAllowed
    return row


def _is_over(session: Session, row: Membership, on: date) -> bool:
    return session.exec(select(Membership.id).where(Membership.id == row.id, live(on))).first() is None


def _beside(session: Session, row: Membership, on: date) -> list[Membership]:
    """Every membership of the same provider and framework that has not ended; `_owned` made the others wait."""
    return list(
        session.exec(
            select(Membership)
            .where(
                Membership.provider_id == row.provider_id,
                Membership.framework_id == row.framework_id,
                live(on),
            )
            .order_by(col(Membership.id))
        )
    )

"""Making and ending the secret address of a calendar."""

import secrets

from sqlmodel import Session, col, select

from app.accounts.queries import line_up
from app.briefs import events
from app.briefs.calendar.models import CalendarFeed
from app.core import audit, clock
from app.core.actor import Actor
from app.core.crypto import digest


def make_calendar(session: Session, actor: Actor) -> str:
    """A new secret address; the one before ends. Returns its token, which is shown once and kept as a digest."""
    line_up(session, actor.known)
    end_calendar(session, actor)
    session.flush()
    token, now = secrets.token_urlsafe(32), clock.now(session)
    row = CalendarFeed(person_id=actor.known, token_digest=digest(token.encode()), made_at=now)
    session.add(row)
    audit.record(session, events.CALENDAR_MADE, actor=actor, subject=row.id, about=actor.known, at=now)
    return token


def end_calendar(session: Session, actor: Actor) -> None:
    """Nobody reads the calendar by its address any more. A second time it changes nothing."""
    live = select(CalendarFeed).where(CalendarFeed.person_id == actor.known, col(CalendarFeed.ended_at).is_(None))
    row = session.exec(live.with_for_update()).first()
    if row is None:
        return
    row.ended_at = clock.now(session)
    audit.record(session, events.CALENDAR_ENDED, actor=actor, subject=row.id, about=actor.known, at=row.ended_at)

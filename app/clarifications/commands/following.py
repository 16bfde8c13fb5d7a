"""Choosing how one is told of new answers, and telling those who want them once a day."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, func, select, update

from app.accounts.models import Person
from app.accounts.queries import line_up
from app.clarifications import events
from app.clarifications.models import Clarification, ClarificationAnswer, ClarificationFollow
from app.clarifications.queries import Place
from app.clarifications.queries.threads import follow_of
from app.clarifications.rules import How
from app.clarifications.telling import may_read
from app.core import audit, clock, mail
from app.core.actor import Actor

SETTLED: Final = timedelta(minutes=5)


def follow(session: Session, actor: Actor, place: Place, how: How) -> None:
    """Be told of each answer at once, of a day's together, or as before: those who are concerned are told of each anyway."""
    line_up(session, actor.known)
    row, now = follow_of(session, actor, place), clock.now(session)
    if how is How.STOP:
        if row is None:
            return
        session.delete(row)
    else:
        daily = how is How.DAILY
        row = row or ClarificationFollow(
            person_id=actor.known,
            round_id=place.round_id,
            brief_id=place.brief_id,
            label=place.label,
            daily=daily,
            told_until=now,
        )
        row.daily, row.told_until = daily, now
        session.add(row)
    session.flush()
    audit.record(session, events.FOLLOWED, actor=actor, subject=row.id, at=now)


def tell_daily(session: Session) -> int:
    """Queue one message with the new answers of everything that somebody follows daily; to how many people.

    What is newer than `SETTLED` waits for the next day: an answer's write may have begun before this one, and end after it.
    """
    now = clock.now(session)
    until = now - SETTLED
    news = _news(session, until)
    for (person_id, email), found in news.items():
        mail.queue(
            session,
            "clarifications/digest.txt",
            now,
            to=email,
            dedupe=f"clarification.digest:{person_id}:{now.isoformat()}",
            **_lines(found),
        )
    told = [follow.id for found in news.values() for follow, _ in found]
    session.exec(update(ClarificationFollow).where(col(ClarificationFollow.id).in_(told)).values(told_until=until))
    return len(news)


def _news(session: Session, until: datetime) -> dict[tuple[UUID, str], list[tuple[ClarificationFollow, int]]]:
    """By person, what they follow that has new answers, and how many."""
    of_it = (col(Clarification.round_id) == col(ClarificationFollow.round_id)) | (
        col(Clarification.brief_id) == col(ClarificationFollow.brief_id)
    )
    new: Any = (
        select(col(ClarificationFollow.id).label("id"), func.count(col(ClarificationAnswer.id)).label("new"))
        .join(Clarification, of_it)
        .join(ClarificationAnswer, col(ClarificationAnswer.clarification_id) == Clarification.id)
        .where(
            may_read(),
            col(ClarificationFollow.daily).is_(True),
            col(Clarification.number).is_not(None),
            col(ClarificationAnswer.sent_at) > col(ClarificationFollow.told_until),
            col(ClarificationAnswer.sent_at) <= until,
        )
        .group_by(col(ClarificationFollow.id))
        .subquery()
    )
    found: dict[tuple[UUID, str], list[tuple[ClarificationFollow, int]]] = defaultdict(list)
    rows = session.execute(
        select(ClarificationFollow, new.c.new, col(Person.email))
        .join(new, new.c.id == col(ClarificationFollow.id))
        .join(Person, col(Person.id) == col(ClarificationFollow.person_id))
        .where(col(Person.disabled_at).is_(None))
        .order_by(col(ClarificationFollow.label), col(ClarificationFollow.id))
    )
    for row, count, email in rows:
        found[row.person_id, email].append((row, count))
    return found


def _lines(found: list[tuple[ClarificationFollow, int]]) -> dict[str, str]:
    """The message's words: which round or brief, how many answers, and where, in the site that the template knows."""
    return {
        "about": "\n".join(
            f"{row.label}: {count} new answer{'' if count == 1 else 's'}, {{site}}{_path(row)}" for row, count in found
        )
    }


def _path(row: ClarificationFollow) -> str:
    return f"/rounds/{row.round_id}/questions" if row.round_id else f"/opportunities/{row.brief_id}/questions"

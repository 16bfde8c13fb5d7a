"""Reminding those who lead a framework of the days that run towards it."""

from datetime import date

from sqlmodel import Session

from app.core import mail
from app.core.london import day_in_words
from app.frameworks.queries import watched
from app.organisations.queries import emails_of
from app.organisations.rules import Role


def remind_of_clocks(session: Session, on: date) -> int:
    """Queue a message for each day that is 12, 6 or 3 months away, to each lead once for each mark; returns how many days.

    A day that moves, because the term is extended, is another day.
    """
    due = [
        (one, deadline, mark)
        for one in watched(session, on)
        for deadline in one.deadlines
        if (mark := deadline.mark(on)) is not None
    ]
    leads = emails_of(session, {one.lead_id for one, _, _ in due}, Role.FRAMEWORK_LEAD)
    for one, deadline, mark in due:
        mail.queue_all(
            session,
            "frameworks/clock.txt",
            {
                f"framework.clock:{one.id}:{deadline.watch}:{deadline.day}:{mark}:{person_id}": email
                for person_id, email in leads.get(one.lead_id, ())
            },
            framework=one.name,
            framework_id=str(one.id),
            day=day_in_words(deadline.day),
            what=deadline.words,
            months=mark,
        )
    return len(due)

"""Telling those who have not finished an application what it lacks, before its round closes."""

from datetime import date

from sqlmodel import Session

from app.applications.policy import WRITERS
from app.applications.queries.chasing import unfinished
from app.applications.rules.chasing import chaser_due
from app.core import clock, mail
from app.core.london import LONDON, london_day
from app.core.words import listed
from app.organisations.queries import emails_of


def chase(session: Session, on: date) -> int:
    """Queue the chaser of each unfinished application that has one due, to each of its writers once; returns how many."""
    at = clock.now(session)
    due = [
        (one, mark)
        for one in unfinished(session, at)
        if (mark := chaser_due(closes_on=london_day(one.closes_at), on=on, started_on=london_day(one.started_at)))
    ]
    writers = emails_of(session, {one.provider_id for one, _ in due}, *WRITERS)
    for one, mark in due:
        mail.queue_all(
            session,
            "applications/unfinished.txt",
            {f"application.unfinished:{one.id}:{mark}:{person}": email for person, email in writers[one.provider_id]},
            at,
            provider=one.provider_name,
            framework=one.framework_name,
            closes=f"{one.closes_at.astimezone(LONDON):%A %-d %B at %H:%M}",
            lacks=listed([f"{lack.words} (about {lack.minutes} minutes)" for lack in one.lacks]),
            minutes=sum(lack.minutes for lack in one.lacks),
            application_id=str(one.id),
        )
    return len(due)

"""The messages about questions. What goes to several is the same for all of them, word for word, whoever asked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.applications.models import Application
from app.briefs.models import BriefInvitation
from app.clarifications.models import Clarification, ClarificationFollow
from app.clarifications.policy import ASKERS
from app.clarifications.queries import Place
from app.core import mail
from app.core.london import LONDON
from app.organisations.models import OrganisationSeat
from app.organisations.queries import contacts_of
from app.organisations.rules import Role


def tell_all(session: Session, place: Place, row: Clarification, answer_id: UUID, at: datetime) -> None:
    """Of an answer that everybody may read, at once; but for those who want a day's answers together."""
    _queue(session, "answered", f"{answer_id}", _concerned(session, place, row), place, at)


def tell_answering(session: Session, place: Place, row: Clarification, at: datetime) -> None:
    """Those who answer, that a question waits."""
    role = Role.COMMISSIONER if place.brief_id else Role.FRAMEWORK_LEAD
    people = {one.person_id: one.email for one in contacts_of(session, [place.answering_id], role)}
    key = f"{row.id}:{at.isoformat()}"
    _queue(session, "asked", key, people, place, at, path=place.answering_page, answer_by=_day(place.dates.answer_by))


def tell_asker(session: Session, place: Place, row: Clarification, what: str, at: datetime) -> None:
    """Its asker alone, in words that complete 'Your question about … …'."""
    key = f"{row.id}:{at.isoformat()}"
    path = f"/clarifications/{row.id}"
    _queue(session, "settled", key, _emails(session, {row.asked_by}), place, at, path=path, what=what)


def _concerned(session: Session, place: Place, row: Clarification) -> dict[UUID, str]:
    """Owners and bid writers of all who are invited to the brief or have an application in the round, and of the asker's
    provider; the asker; and who follows, unless daily. In one query.
    """
    live = Application.round_id == place.round_id, col(Application.withdrawn_at).is_(None)
    providers: Any = select(Application.provider_id).where(*live)
    if place.brief_id:
        providers = select(BriefInvitation.provider_id).where(BriefInvitation.brief_id == place.brief_id)
    seat, follow = OrganisationSeat, ClarificationFollow
    seated = select(seat.person_id).where(
        col(seat.organisation_id).in_(providers) | (col(seat.organisation_id) == row.provider_id),
        col(seat.role).in_(ASKERS),
        col(seat.ended_at).is_(None),
    )
    here = col(follow.round_id) == place.round_id if place.round_id else col(follow.brief_id) == place.brief_id
    follows = select(follow.person_id).where(here, col(follow.daily).is_(False))
    daily = select(follow.person_id).where(here, col(follow.daily).is_(True))
    rows = session.exec(
        select(Person.id, Person.email).where(
            col(Person.id).in_(seated) | col(Person.id).in_(follows) | (col(Person.id) == row.asked_by),
            col(Person.id).not_in(daily),
            col(Person.disabled_at).is_(None),
        )
    )
    return dict(rows.all())


def _emails(session: Session, people: set[UUID]) -> dict[UUID, str]:
    rows = session.exec(
        select(Person.id, Person.email).where(col(Person.id).in_(people), col(Person.disabled_at).is_(None))
    )
    return dict(rows.all())


def _queue(
    session: Session,
    event: str,
    key: str,
    people: dict[UUID, str],
    place: Place,
    at: datetime,
    **words: str,
) -> None:
    mail.queue_all(
        session,
        f"clarifications/{event}.txt",
        {f"clarification.{event}:{key}:{person_id}": to for person_id, to in people.items()},
        at,
        **{"about": place.label, "path": place.page, **words},
    )


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%A %-d %B %Y at %H:%M}"

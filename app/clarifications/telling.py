"""The messages about questions. What goes to several is the same for all of them, word for word, whoever asked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false
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
from app.organisations.queries import contacts, contacts_of
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
    """Its asker's side alone, in words that complete 'Your question about … …'.

    That are the owners and bid writers of the provider for which it was asked, who read it as their own; whoever asked may have
    left. Somebody without a provider is told themselves.
    """
    key = f"{row.id}:{at.isoformat()}"
    path = f"/clarifications/{row.id}"
    _queue(session, "settled", key, _asking(session, row), place, at, path=path, what=what)


def _concerned(session: Session, place: Place, row: Clarification) -> dict[UUID, str]:
    """Owners and bid writers of all who are invited to the brief or have an application in the round, and of the asker's
    provider, or an asker without one; and who follows and may still read, unless daily. In one query.
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
    follows = select(follow.person_id).where(here, col(follow.daily).is_(False), may_read())
    alone = false() if row.provider_id else col(Person.id) == row.asked_by
    daily = select(follow.person_id).where(here, col(follow.daily).is_(True))
    rows = session.exec(
        select(Person.id, Person.email).where(
            col(Person.id).in_(seated) | col(Person.id).in_(follows) | alone,
            col(Person.id).not_in(daily),
            col(Person.disabled_at).is_(None),
        )
    )
    return dict(rows.all())


def may_read() -> ColumnElement[bool]:
    """Of a row of `ClarificationFollow`: whether its person belongs to a provider invited to the brief. A round is anybody's."""
    of_brief = col(BriefInvitation.brief_id) == col(ClarificationFollow.brief_id)
    seats = select(OrganisationSeat.id).join(
        BriefInvitation, of_brief & (col(BriefInvitation.provider_id) == col(OrganisationSeat.organisation_id))
    )
    held = col(OrganisationSeat.person_id) == col(ClarificationFollow.person_id)
    seated = seats.where(held, col(OrganisationSeat.ended_at).is_(None)).correlate(ClarificationFollow)
    return col(ClarificationFollow.brief_id).is_(None) | seated.exists()


def _asking(session: Session, row: Clarification) -> dict[UUID, str]:
    if row.provider_id:
        return {one.person_id: one.email for one in contacts(session, row.provider_id, *ASKERS)}
    asker = session.get_one(Person, row.asked_by)
    return {} if asker.disabled_at else {asker.id: asker.email}


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

"""What becomes of applications when their round is extended or cancelled, in the transaction of that."""

from collections import defaultdict
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.applications import events
from app.applications.commands.submitting import back_to_draft
from app.applications.models import Application, ApplicationLot
from app.applications.policy import WRITERS
from app.core import mail
from app.core.actor import Actor
from app.core.london import LONDON
from app.frameworks.news import RoundNews
from app.organisations.models import OrganisationSeat


def tell_of_extension(session: Session, what: RoundNews) -> None:
    """Listens to frameworks: who has a draft is told how long they have now."""
    drafts = [(row, writers) for row, writers in _live(session, what.round_id) if row.submitted_at is None]
    _tell(session, what, drafts, "round_extended")


def keep_for_later(session: Session, what: RoundNews) -> None:
    """Listens to frameworks: what was written for a cancelled round is a draft that nobody can submit, but carry over.

    Where a part has been decided already, the application is decided to its end.
    """
    live = _live(session, what.round_id)
    rows = [row for row, _ in live]
    parts: dict[UUID, list[ApplicationLot]] = defaultdict(list)
    for part in session.exec(
        select(ApplicationLot).where(col(ApplicationLot.application_id).in_([row.id for row in rows]))
    ):
        parts[part.application_id].append(part)
    person = session.get_one(Person, what.by)
    actor = Actor(person.id, person.name, person.email)
    kept = [row for row in rows if not any(part.decision for part in parts[row.id])]
    for row in kept:
        back_to_draft(session, actor, row, parts[row.id], what.at, events.HANDED_BACK)
    _tell(session, what, [(row, writers) for row, writers in live if row in kept], "round_cancelled")


def _live(session: Session, round_id: UUID) -> list[tuple[Application, list[tuple[UUID, str]]]]:
    """Its applications that were not withdrawn, locked, so that whoever submits one waits or has submitted it; each with the
    person and address of those who write it.
    """
    seat = OrganisationSeat
    writes = (
        (col(seat.organisation_id) == Application.provider_id)
        & col(seat.role).in_(WRITERS)
        & col(seat.ended_at).is_(None)
    )
    rows = session.exec(
        select(Application, Person.id, Person.email)
        .outerjoin(seat, writes)
        .outerjoin(Person, (col(Person.id) == seat.person_id) & col(Person.disabled_at).is_(None))
        .where(Application.round_id == round_id, col(Application.withdrawn_at).is_(None))
        .order_by(col(Application.id), Person.email)
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )
    found: dict[UUID, tuple[Application, dict[UUID, str]]] = {}
    for row, person_id, email in rows:
        writers = found.setdefault(row.id, (row, {}))[1]
        if person_id:
            writers[person_id] = email
    return [(row, list(writers.items())) for row, writers in found.values()]


def _tell(
    session: Session, what: RoundNews, told: list[tuple[Application, list[tuple[UUID, str]]]], event: str
) -> None:
    about = {
        "framework": what.framework,
        "round": what.round,
        "reason": what.reason,
        "closes": f"{what.closes_at.astimezone(LONDON):%A %-d %B %Y at %H:%M}",
    }
    messages = [
        (
            f"application.{event}:{row.id}:{what.at.isoformat()}:{person_id}",
            email,
            {**about, "application_id": str(row.id)},
        )
        for row, writers in told
        for person_id, email in writers
    ]
    mail.queue_each(session, f"applications/{event}.txt", messages, what.at)

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
from app.organisations.queries import emails_of


def tell_of_extension(session: Session, what: RoundNews) -> None:
    """Listens to frameworks: who has a draft is told how long they have now."""
    drafts = [row for row in _live(session, what.round_id) if row.submitted_at is None]
    _tell(session, what, drafts, "round_extended")


def keep_for_later(session: Session, what: RoundNews) -> None:
    """Listens to frameworks: what was written for a cancelled round is a draft that nobody can submit, but carry over.

    Where a part has been decided already, the application is decided to its end.
    """
    rows = _live(session, what.round_id)
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
    _tell(session, what, kept, "round_cancelled")


def _live(session: Session, round_id: UUID) -> list[Application]:
    """Its applications that were not withdrawn, locked, so that whoever submits one waits or has submitted it."""
    rows = session.exec(
        select(Application)
        .where(Application.round_id == round_id, col(Application.withdrawn_at).is_(None))
        .order_by(col(Application.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(rows)


def _tell(session: Session, what: RoundNews, rows: list[Application], event: str) -> None:
    writers = emails_of(session, {row.provider_id for row in rows}, *WRITERS)
    for row in rows:
        mail.queue_all(
            session,
            f"applications/{event}.txt",
            {
                f"application.{event}:{row.id}:{what.at.isoformat()}:{person_id}": email
                for person_id, email in writers.get(row.provider_id, ())
            },
            what.at,
            framework=what.framework,
            round=what.round,
            reason=what.reason,
            closes=f"{what.closes_at.astimezone(LONDON):%A %-d %B %Y at %H:%M}",
            application_id=str(row.id),
        )

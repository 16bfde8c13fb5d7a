"""The messages of applications: each says what waits behind the sign-in."""

from uuid import UUID

from sqlmodel import Session

from app.applications.models import Application
from app.core import mail
from app.frameworks.models import Framework, Round
from app.organisations.models import Organisation
from app.organisations.queries import contacts
from app.organisations.rules import Role


def tell(
    session: Session,
    row: Application,
    organisation_id: UUID,
    role: Role,
    event: str,
    *,
    key: str = "",
    **context: str,
) -> None:
    """One message to each person of this role there; `key` is what it is about, when that is not the application."""
    window = session.get_one(Round, row.round_id)
    for contact in contacts(session, organisation_id, role):
        mail.queue(
            session,
            f"applications/{event}.txt",
            to=contact.email,
            dedupe=f"application.{event}:{key or row.id}:{contact.person_id}",
            name=contact.name,
            provider=session.get_one(Organisation, row.provider_id).name,
            framework=session.get_one(Framework, window.framework_id).name,
            application_id=str(row.id),
            **context,
        )

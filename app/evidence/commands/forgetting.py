"""Taking the names of people from the record of a provider that closed long ago."""

from datetime import date
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, delete, select, update

from app.core import audit, clock, mail
from app.core.actor import NOBODY
from app.evidence import events
from app.evidence.models import Anonymisation, Document, EvidenceItem, ReminderAddress
from app.evidence.news import PEOPLE_FORGOTTEN, PeopleForgotten
from app.evidence.queries.forgetting import PeopleDue, people_due
from app.evidence.queries.retention import people_schedule
from app.organisations.commands import forget_people
from app.providers.commands import forget_practitioners
from app.providers.models import Provider

SUPERVISION: Final = "clinical_supervision"
FILE_NO_LONGER_NAMED: Final = "a file no longer named"


def forget_due_people(session: Session, on: date) -> list[PeopleDue]:
    """Where a closed provider's time is over by the London day `on` and no legal hold keeps it: take names, addresses and
    numbers of its practitioners and its people, keep every reference, and leave a proof. Whose names went.

    Providers are locked, so that a hold set at the same moment wins or waits.
    """
    due = [one.provider_id for one in people_due(session, on)]
    session.exec(
        select(Provider.id).where(col(Provider.id).in_(due)).order_by(col(Provider.id)).with_for_update()
    ).all()
    gone = [one for one in people_due(session, on) if not one.held]
    for one in gone:
        _forget(session, one)
    return gone


def _forget(session: Session, one: PeopleDue) -> None:
    practitioners, people = forget_practitioners(session, one.provider_id), forget_people(session, one.provider_id)
    _forget_evidence(session, one.provider_id, practitioners)
    PEOPLE_FORGOTTEN.tell(session, PeopleForgotten(one.provider_id))
    rule, at = people_schedule(), clock.now(session)
    session.add(
        Anonymisation(
            provider_id=one.provider_id, practitioners=len(practitioners), people=people, rule=rule.slug, at=at
        )
    )
    audit.record(
        session,
        events.PEOPLE_FORGOTTEN,
        actor=NOBODY,
        subject=one.provider_id,
        at=at,
        practitioners=_counted(len(practitioners), "practitioner", "practitioners"),
        people=_counted(people, "person with an account", "people with an account"),
        rule=rule.name,
    )


def _forget_evidence(session: Session, provider_id: UUID, practitioners: frozenset[UUID]) -> None:
    """Addresses, numbers, supervisors and the names of files, wherever this room has written them; and mail about any of it."""
    reminded = col(ReminderAddress.practitioner_id).in_(practitioners)
    mail.forget(session, session.exec(select(ReminderAddress.email).where(reminded)).all())
    session.exec(delete(ReminderAddress).where(reminded))
    theirs = update(EvidenceItem).where(col(EvidenceItem.practitioner_id).in_(practitioners))
    session.exec(theirs.values(reference=""))
    session.exec(theirs.where(col(EvidenceItem.kind_slug) == SUPERVISION).values(issuer=""))
    items = session.exec(select(EvidenceItem.id).where(EvidenceItem.provider_id == provider_id)).all()
    files = session.exec(select(Document.id).where(col(Document.item_id).in_(items))).all()
    session.exec(update(Document).where(col(Document.id).in_(files)).values(file_name=FILE_NO_LONGER_NAMED))
    audit.forget(session, files, FILE_NO_LONGER_NAMED)
    mail.forget_about(session, {*items, *files})


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"

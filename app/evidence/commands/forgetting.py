"""Taking the names of people from the record of a provider that closed long ago."""

from datetime import date

from sqlmodel import Session, col, delete, select, update

from app.core import audit, clock
from app.core.actor import NOBODY
from app.evidence import events
from app.evidence.models import Anonymisation, EvidenceItem, ReminderAddress
from app.evidence.queries.forgetting import PeopleDue, people_due
from app.evidence.queries.retention import people_schedule
from app.organisations.commands import forget_people
from app.providers.commands import forget_practitioners
from app.providers.models import Provider


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
    session.exec(delete(ReminderAddress).where(col(ReminderAddress.practitioner_id).in_(practitioners)))
    theirs = update(EvidenceItem).where(col(EvidenceItem.practitioner_id).in_(practitioners))
    session.exec(theirs.values(reference=""))
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


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"

"""What falls due with the day: reminders, the news of what expired, and each daily duty done once."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.refusals import NotFound
from app.evidence import events, news
from app.evidence.models import DutyDay, ReminderAddress
from app.evidence.policy import KEEPERS
from app.evidence.queries.expiry import Lapsing, lapsed, lapsing, reminder_addresses
from app.evidence.rules.changes import Change, lapse
from app.evidence.rules.expiry import reminder_due
from app.organisations.queries import emails_of
from app.providers.models import Practitioner
from app.providers.queries import own_provider


def begin_duty(session: Session, duty: str, on: date) -> date | None:
    """Take a daily duty for this London day; the day for which it was done last, or None when it is done already.

    The row stays locked until the write ends, so of two workers one does it. A duty never done before was done yesterday.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    first = {"duty": duty, "done_on": on - timedelta(days=1)}
    session.connection().execute(insert(DutyDay).on_conflict_do_nothing(index_elements=["duty"]), first)
    row = session.exec(select(DutyDay).where(DutyDay.duty == duty).with_for_update()).one()
    if row.done_on >= on:
        return None
    last, row.done_on = row.done_on, on
    return last


def remind(session: Session, on: date) -> int:
    """Queue the reminder of each fact that has one due by `on`, to each person once; returns how many facts."""
    due = [
        (item, mark)
        for item in lapsing(session, on)
        if (mark := reminder_due(expires_on=item.expires_on, on=on, known_since=item.known_since)) is not None
    ]
    providers = {item.provider_id for item, _ in due}
    people, addresses, at = (
        emails_of(session, providers, *KEEPERS),
        reminder_addresses(session, providers),
        clock.now(session),
    )
    for item, mark in due:
        own = {f"evidence.expiry:{item.id}:{mark}:{person}": email for person, email in people[item.provider_id]}
        words = _words(item, on)
        mail.queue_all(session, "evidence/expiry.txt", own, at, **words, item=str(item.id))
        if item.practitioner_id in addresses and (email := addresses[item.practitioner_id].email) not in own.values():
            key = f"evidence.expiry:{item.id}:{mark}:{item.practitioner_id}"
            mail.queue(session, "evidence/expiry_practitioner.txt", at, to=email, dedupe=key, **words)
    return len(due)


def tell_of_lapses(session: Session, since: date, on: date) -> int:
    """Tell the rooms above of each verified fact that expired at 00:00 London on a day after `since`, up to `on`."""
    at = clock.now(session)
    for item in (found := lapsed(session, since, on)):
        what = news.ItemChanged(
            item_id=item.id,
            newer_id=None,
            provider_id=item.provider_id,
            kind_slug=item.kind_slug,
            change=Change.EXPIRED,
            difference=lapse(item.expires_on),
            at=at,
        )
        news.ITEM_CHANGED.tell(session, what)
    return len(found)


def give_reminder_address(session: Session, actor: Actor, provider_id: UUID, practitioner_id: UUID, email: str) -> None:
    """Where a practitioner is reminded of their own evidence; an empty address ends it. Raises `NotFound`, `NotAllowed`."""
    own_provider(session, actor, provider_id, *KEEPERS)
    person = session.get(Practitioner, practitioner_id)
    if person is None or person.provider_id != provider_id or person.left_at:
        raise NotFound
    row = session.get(ReminderAddress, practitioner_id)
    if (row.email if row else "") == email:
        return
    if row and not email:
        session.delete(row)
    elif row:
        row.email, row.given_at, row.given_by = email, clock.now(session), actor.known
    else:
        at = clock.now(session)
        session.add(ReminderAddress(practitioner_id=practitioner_id, email=email, given_at=at, given_by=actor.known))
    event = events.REMINDER_ADDRESS_GIVEN if email else events.REMINDER_ADDRESS_ENDED
    audit.record(
        session,
        event,
        actor=actor,
        subject=practitioner_id,
        about=provider_id,
        practitioner=audit.Personal(person.full_name, person.id),
    )


def _words(item: Lapsing, on: date) -> dict[str, str]:
    whose = item.practitioner_name or item.provider_name
    return {
        "kind": item.kind_name,
        "whose": whose,
        "provider": item.provider_name,
        "provider_id": str(item.provider_id),
        "when": f"{item.expires_on.day} {item.expires_on:%B %Y}",
        "standing": _standing((item.expires_on - on).days),
    }


def _standing(days_left: int) -> str:
    if days_left < 0:
        return "expired on"
    return "expires on" if days_left else "expires today,"

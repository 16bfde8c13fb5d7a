"""Reminders of what lapses: which is due on which day, once to each person, no burst after a pause, in London's days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from app.core.actor import Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound
from app.evidence import commands, duties
from app.evidence.models import DutyDay, EvidenceItem
from app.evidence.rules.expiry import next_reminder, reminder_due
from app.organisations.rules import Role
from app.providers.models import Practitioner
from app.settings import Settings
from app.work import work_once
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture

END = date(2027, 6, 30)
LONG_AGO = date(2026, 1, 1)


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.mark.row("3.4")
@pytest.mark.parametrize(
    ("left", "due"),
    [
        (61, None),
        (60, 60),
        (59, 60),
        (31, 60),
        (30, 30),
        (15, 30),
        (14, 14),
        (8, 14),
        (7, 7),
        (1, 7),
        (0, 0),
        (-1, 0),
        (-6, 0),
        (-7, -7),
        (-13, -7),
        (-14, -14),
        (-365, -364),
    ],
)
def test_the_latest_reminder_whose_day_has_come(left: int, due: int | None) -> None:
    assert reminder_due(expires_on=END, on=END - timedelta(days=left), known_since=LONG_AGO) == due


def test_no_reminder_is_due_of_a_day_before_the_fact_was_verified() -> None:
    on = END - timedelta(days=20)
    assert reminder_due(expires_on=END, on=on, known_since=on) is None
    assert reminder_due(expires_on=END, on=END - timedelta(days=14), known_since=on) == 14


def test_over_two_years_each_reminder_has_exactly_one_day() -> None:
    days = [END - timedelta(days=left) for left in range(70, -400, -1)]
    found = [reminder_due(expires_on=END, on=on, known_since=LONG_AGO) for on in days]
    changes = [(on, now) for on, now, before in zip(days[1:], found[1:], found, strict=False) if now != before]
    assert [(END - on).days for on, _ in changes] == [due for _, due in changes]
    assert [due for _, due in changes][:7] == [60, 30, 14, 7, 0, -7, -14]


@pytest.mark.parametrize(("left", "coming"), [(90, 60), (60, 30), (8, 7), (1, 0), (0, -7), (-1, -7), (-7, -14)])
def test_the_next_reminder(left: int, coming: int) -> None:
    assert next_reminder(expires_on=END, on=END - timedelta(days=left)) == END - timedelta(days=coming)


def _reminders(db: Database) -> list[tuple[int, str]]:
    """Mark and address of each reminder queued, in order."""
    with db.read() as session:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.template.startswith("evidence/expiry"))).all()
    return sorted((int(row.dedupe.split(":")[2]), row.to_address) for row in rows)


def _expiring(db: Database, made: factories.World, expires_on: date) -> EvidenceItem:
    with db.write() as session:
        item = session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == made.provider_a)).one()
        item.expires_on = expires_on
        return item


@pytest.mark.row("3.4")
def test_owners_and_keepers_of_documents_are_reminded_once_and_nobody_else(
    db: Database, blobs: Blobs, made: factories.World, clock: Clock
) -> None:
    _expiring(db, made, date(2027, 1, 22))
    with db.write() as session:
        keeper = factories.seated(session, made.provider_a, Role.DOCUMENTS, name="Dora Documents")
        factories.seated(session, made.provider_a, Role.BIDS, name="Ben Bidder")
    for _ in range(2):
        duties.daily(db, blobs)
        clock.forward(minutes=5)
    assert _reminders(db) == sorted([(60, made.owner_a.email), (60, keeper.email)])


@pytest.mark.row("3.4")
@pytest.mark.invariant(4)
def test_after_a_pause_only_the_latest_leaves_and_not_a_burst(
    db: Database, blobs: Blobs, made: factories.World, clock: Clock
) -> None:
    _expiring(db, made, date(2027, 1, 22))
    duties.daily(db, blobs)
    clock.forward(days=80)
    duties.daily(db, blobs)
    assert [mark for mark, _ in _reminders(db)] == [-14, 60]


@pytest.mark.row("3.4")
def test_weekly_until_a_newer_one_is_verified(db: Database, blobs: Blobs, made: factories.World, clock: Clock) -> None:
    item = _expiring(db, made, date(2026, 11, 23))
    for _ in range(15):
        duties.daily(db, blobs)
        clock.forward(days=1)
    assert [mark for mark, _ in _reminders(db)] == [-14, -7, 0]
    with db.write() as session:
        newer = factories.verified_evidence(session, made.provider_a, made.checker)
        session.get_one(EvidenceItem, item.id).replaced_by_id = newer
    clock.forward(days=30)
    duties.daily(db, blobs)
    assert len(_reminders(db)) == 3


@pytest.mark.row("3.4")
@pytest.mark.parametrize(
    ("before", "at"),
    [
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)),
        (datetime(2027, 3, 27, 23, 59, 59, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)),
        (datetime(2027, 3, 28, 22, 59, 59, tzinfo=UTC), datetime(2027, 3, 28, 23, tzinfo=UTC)),
        (datetime(2027, 10, 30, 22, 59, 59, tzinfo=UTC), datetime(2027, 10, 30, 23, tzinfo=UTC)),
        (datetime(2027, 10, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC)),
    ],
    ids=["winter", "night before the clocks go forward", "after it", "before they go back", "after it"],
)
def test_the_day_begins_at_midnight_in_london(
    db: Database, blobs: Blobs, made: factories.World, clock: Clock, before: datetime, at: datetime
) -> None:
    day = (at + timedelta(hours=2)).date()
    _expiring(db, made, day + timedelta(days=30))
    clock.set(before)
    duties.daily(db, blobs)
    assert 30 not in [mark for mark, _ in _reminders(db)]
    clock.set(at)
    duties.daily(db, blobs)
    assert 30 in [mark for mark, _ in _reminders(db)]


def test_an_idle_round_writes_nothing(
    db: Database, blobs: Blobs, config: Settings, made: factories.World, clock: Clock
) -> None:
    work_once(db, blobs, config)
    with db.read() as session:
        assert session.get_one(DutyDay, duties.DAILY).done_on == NOON.date()
    assert duties.is_done(db, duties.DAILY)
    assert duties.daily(db, blobs) == 0


def test_a_duty_is_begun_once_a_day_and_knows_when_it_was_done_last(db: Database, made: factories.World) -> None:
    day = date(2026, 11, 23)
    with db.write() as session:
        assert commands.begin_duty(session, "test", day) == day - timedelta(days=1)
        assert commands.begin_duty(session, "test", day) is None
        assert commands.begin_duty(session, "test", day + timedelta(days=5)) == day
        assert commands.remind(session, day) == 0
        assert commands.tell_of_lapses(session, day, day) == 0


def _practitioner(db: Database, made: factories.World) -> Practitioner:
    with db.read() as session:
        return session.exec(select(Practitioner).where(Practitioner.provider_id == made.provider_a)).one()


@pytest.mark.row("3.4")
def test_a_practitioner_is_reminded_of_their_own_evidence_where_their_address_is_known(
    db: Database, blobs: Blobs, made: factories.World, clock: Clock
) -> None:
    person = _practitioner(db, made)
    with db.write() as session:
        factories.evidence_kind(session, "registration", holder="person")
        factories.verified_evidence(
            session,
            made.provider_a,
            made.checker,
            kind="registration",
            expires_on=date(2026, 12, 23),
            practitioner_id=person.id,
        )
        commands.give_reminder_address(session, made.owner_a, made.provider_a, person.id, "thea@example.org")
    clock.forward(days=1)
    _expiring_all(db, date(2026, 12, 24))
    duties.daily(db, blobs)
    assert (30, "thea@example.org") in _reminders(db)
    assert (30, made.owner_a.email) in _reminders(db)


def _expiring_all(db: Database, day: date) -> None:
    with db.write() as session:
        for item in session.exec(select(EvidenceItem).where(EvidenceItem.kind_slug == "registration")):
            item.expires_on = day


def test_an_address_is_given_changed_and_ended_by_those_who_keep_documents(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    person = _practitioner(db, made)
    page = f"/providers/{made.provider_a}/reminders"
    client = client_for(made.owner_a)
    for email, shown in (("thea@example.org", True), ("thea.new@example.org", True), ("", False)):
        answer = client.post(page, data={"practitioner_id": str(person.id), "email": email})
        assert answer.status_code == 303
        assert (email in client.get(page).text) is shown or not email
    assert "No address, so no reminders" in client.get(page).text
    wrong = client.post(page, data={"practitioner_id": str(person.id), "email": "not an address"})
    assert wrong.status_code == 422
    assert "not an address" in wrong.text
    with db.write() as session:
        reader = factories.seated(session, made.provider_a, Role.BIDS)
    with pytest.raises(NotAllowed), db.write() as session:
        commands.give_reminder_address(session, reader, made.provider_a, person.id, "x@example.org")
    with pytest.raises(NotFound), db.write() as session:
        commands.give_reminder_address(session, made.owner_b, made.provider_b, person.id, "x@example.org")


def test_the_page_says_what_expires_and_when_the_next_reminder_leaves(
    made: factories.World, client_for: ClientFor, clock: Clock
) -> None:
    def _text(actor: Actor) -> str:
        return client_for(actor).get(f"/providers/{made.provider_a}/reminders").text

    assert "30 June 2027" in _text(made.owner_a)
    assert "1 May 2027" in _text(made.owner_a)

"""The checkers’ queue by age, and the reasons for which evidence comes back."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from app.core.database import Database
from app.evidence import commands, queries
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.queries import Tab
from app.evidence.rules import Reason
from tests import NOON
from tests.databases import Furniture, statements
from tests.evidence.checking import TODAY, Hubs, confirm, hubs, propose, sent, tab


@pytest.fixture
def furniture() -> Furniture:
    return hubs


@pytest.mark.row("3.12")
def test_the_queue_is_by_age_with_working_days_and_filters(db: Database, made: Hubs) -> None:
    with db.write() as session:
        late = sent(session, made, at=NOON - timedelta(days=20))
        young = sent(session, made, "ins_motor", at=NOON - timedelta(days=4))
        other = sent(session, made, at=NOON - timedelta(days=10), provider_id=made.other_id)
    with db.read() as session:
        found = queries.queue(session, made.cara, TODAY, Tab.WAITING)
    assert [(check.item_id, check.waited, check.overdue) for check in found.checks] == [
        (late, 14, True),
        (other, 6, False),
        (young, 2, False),
    ]
    assert found.checks[0].due_on == date(2026, 11, 17)
    assert found.counts == {Tab.WAITING: 3, Tab.REFUSALS: 0, Tab.SECOND_LOOKS: 0}
    assert tab(db, made.cara, Tab.WAITING, kind="ins_motor") == [young]
    assert tab(db, made.cara, Tab.WAITING, provider="birch") == [other]
    with db.read() as session, statements(db) as asked:
        queries.queue(session, made.cara, TODAY, Tab.WAITING)
    assert len(asked) == 5


@pytest.mark.row("3.13")
def test_reasons_are_counted_the_most_frequent_first(db: Database, made: Hubs) -> None:
    for reason, kinds in (
        (Reason.UNREADABLE, ("ins_motor", "ins_public_liability", "ins_motor")),
        (Reason.OUT_OF_DATE, ("accounts",)),
    ):
        for kind in kinds:
            with db.write() as session:
                item = sent(session, made, kind)
                commands.return_item(session, made.cara, item, reason, "Photograph it in daylight")
    with db.write() as session:
        item = sent(session, made, "accounts")
    propose(db, made.cara, item, Reason.OUT_OF_DATE)
    confirm(db, made.cleo, item)
    with db.read() as session:
        found = queries.reasons(session)
        names = {slug: session.get_one(EvidenceKind, slug).name for slug in ("ins_motor", "accounts")}
    assert [(why.reason, why.returned, why.refused, why.most_of) for why in found] == [
        ("The document cannot be read", 3, 0, names["ins_motor"]),
        ("The document is out of date", 1, 1, names["accounts"]),
    ]


@pytest.mark.bar("P7")
def test_the_mark_of_a_decision_follows_what_was_decided(db: Database, made: Hubs) -> None:
    """The twin of whether there is a verification: after each decision, and once a second look has undone one."""

    def marks() -> list[tuple[bool, bool]]:
        with db.read() as session:
            decided = select(Verification.id).where(Verification.item_id == EvidenceItem.id).exists()
            rows = session.exec(select(EvidenceItem.decided, decided).order_by(col(EvidenceItem.added_at)))
            return [(marked, has) for marked, has in rows]

    with db.write() as session:
        item_id = sent(session, made, at=NOON - timedelta(days=20))
        sent(session, made, "ins_motor", at=NOON - timedelta(days=4))
    assert marks() == [(False, False), (False, False)]
    with db.write() as session:
        commands.return_item(session, made.cara, item_id, Reason.UNREADABLE, "Photograph it in daylight")
    assert marks() == [(True, True), (False, False)]
    with db.write() as session:
        session.delete(session.exec(select(Verification)).one())
    assert marks() == [(False, False), (False, False)]

"""The second look at one verification in ten, and taking an item from the queue."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refused
from app.evidence import commands, queries
from app.evidence.check_models import SecondLook
from app.evidence.models import EvidenceItem
from app.evidence.queries import Tab
from app.evidence.rules import Standing
from tests import NOON
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.evidence.checking import TODAY, Hubs, hubs, look_again, sent, standing, story, tab, verify


@pytest.fixture
def furniture() -> Furniture:
    return hubs


@pytest.fixture
def item_id(db: Database, made: Hubs) -> UUID:
    with db.write() as session:
        return sent(session, made)


@pytest.mark.row("3.12")
def test_one_in_ten_is_looked_at_again_by_somebody_else(db: Database, made: Hubs, item_id: UUID) -> None:
    with db.write() as session:
        chosen = sent(session, made, again=True, kind="ins_motor")
    for item in (item_id, chosen):
        verify(db, made.cara, item)
    assert tab(db, made.cleo, Tab.SECOND_LOOKS) == [chosen]
    assert tab(db, made.cara, Tab.SECOND_LOOKS) == [], "nobody waits for a second look at their own"
    for actor, item, code in ((made.cara, chosen, "second_person"), (made.cleo, item_id, "no_second_look")):
        with pytest.raises(Refused) as no:
            look_again(db, actor, item, agrees=True)
        assert no.value.refusal.code == code
    for _ in range(2):
        look_again(db, made.cleo, chosen, agrees=True)
    assert tab(db, made.cleo, Tab.SECOND_LOOKS) == []
    with pytest.raises(Refused, match="looked_at"):
        look_again(db, made.chris, chosen, agrees=False, words="No")
    assert story(db, chosen)[-1].endswith(" again and agreed with Cara Checker")


@pytest.mark.row("3.12")
def test_a_disagreement_opens_the_item_again_and_names_both(db: Database, made: Hubs, clock: Clock) -> None:
    with db.write() as session:
        older = sent(session, made, at=NOON - timedelta(days=2))
    verify(db, made.chris, older)
    with db.write() as session:
        chosen = sent(session, made, again=True)
    verify(db, made.cara, chosen)
    for _ in range(2):
        look_again(db, made.cleo, chosen, agrees=False, words="The limit is in all, not for each claim")
    assert tab(db, made.cara, Tab.WAITING) == [chosen]
    assert standing(db, made) is Standing.VERIFIED, "what it had replaced counts again"
    with db.read() as session:
        assert session.get_one(EvidenceItem, older).replaced_by_id is None
        (look,) = queries.second_looks(session, chosen)
        row = session.exec(select(SecondLook)).one()
    assert (look.first_name, look.second_name, look.agrees) == ("Cara Checker", "Cleo Checker", False)
    assert row.first_how == "Saw the schedule"
    assert row.first_checklist["cover"]["seen"] is True
    assert "disagreed with Cara Checker, so it waits for a new check" in story(db, chosen)[-1]
    clock.set(NOON + timedelta(hours=1))
    with pytest.raises(Refused, match="second_person"):
        verify(db, made.cara, chosen)
    verify(db, made.chris, chosen)
    assert tab(db, made.cara, Tab.SECOND_LOOKS) == [chosen], "decided anew, it is looked at again anew"


@pytest.mark.row("3.12")
def test_what_was_undone_waits_since_the_second_look_and_its_first_checker_is_told_why_not(
    db: Database, made: Hubs, client_for: ClientFor
) -> None:
    with db.write() as session:
        undone = sent(session, made, again=True, at=NOON - timedelta(days=200))
        older = sent(session, made, kind="ins_motor", at=NOON - timedelta(days=30))
    verify(db, made.cara, undone)
    look_again(db, made.cleo, undone, agrees=False, words="The limit is in all")
    with db.read() as session:
        found = [(one.item_id, one.waited, one.overdue) for one in queries.checks(session, made.cara, TODAY)]
    assert found[0] == (undone, 0, False), "it comes first: agencies had relied on it"
    assert (found[1][0], found[1][2]) == (older, True)
    for actor, verifies in ((made.cara, False), (made.chris, True)):
        page = client_for(actor).get(f"/checks/{undone}").text
        assert ("Verify this evidence" in page, "disagreed with your check of this" in page) == (verifies, not verifies)


@pytest.mark.row("3.12")
def test_a_check_is_taken_released_and_taken_over(db: Database, made: Hubs, item_id: UUID) -> None:
    def take(actor: Actor, *, over: bool = False) -> None:
        with db.write() as session:
            commands.take_check(session, actor, item_id, over=over)

    def release(actor: Actor) -> None:
        with db.write() as session:
            commands.release_check(session, actor, item_id)

    for _ in range(2):
        take(made.cara)
    assert tab(db, made.cara, Tab.WAITING, mine=True) == [item_id]
    for blocked in (lambda: take(made.cleo), lambda: verify(db, made.cleo, item_id)):
        with pytest.raises(Refused) as no:
            blocked()
        assert no.value.refusal.words.startswith("Cara Checker is working on this.")
    release(made.cleo)
    assert tab(db, made.cara, Tab.WAITING, mine=True) == [item_id]
    for _ in range(2):
        release(made.cara)
    take(made.chris)
    take(made.cleo, over=True)
    verify(db, made.cleo, item_id)
    with pytest.raises(Refused, match="already_decided"):
        take(made.cara)
    assert [words.partition(" ")[2] for words in story(db, item_id)][:3] == [
        "Checker took Public liability insurance to check it",
        "Checker put Public liability insurance back into the queue",
        "Checker took Public liability insurance to check it",
    ]

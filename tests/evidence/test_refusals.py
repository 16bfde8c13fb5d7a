"""A refusal takes two: proposed, confirmed, sent back or taken back."""

from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from app.core import audit
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import Refused
from app.evidence import commands, queries
from app.evidence.check_models import RefusalProposal, SecondLook
from app.evidence.models import Verification
from app.evidence.queries import Tab
from app.evidence.rules import Outcome, Standing
from tests import NOON
from tests.databases import Furniture
from tests.evidence.checking import TODAY, Hubs, confirm, hubs, propose, sent, standing, story, tab, verify


@pytest.fixture
def furniture() -> Furniture:
    return hubs


@pytest.fixture
def item_id(db: Database, made: Hubs) -> UUID:
    with db.write() as session:
        return sent(session, made)


@pytest.mark.row("3.12")
@pytest.mark.row("3.13")
def test_a_refusal_takes_two_and_counts_as_not_held(db: Database, made: Hubs, item_id: UUID) -> None:
    for _ in range(2):
        propose(db, made.cara, item_id)
    assert standing(db, made) is Standing.AWAITING_CHECK
    assert (tab(db, made.cleo, Tab.WAITING), tab(db, made.cleo, Tab.REFUSALS)) == ([], [item_id])
    with pytest.raises(Refused) as own:
        confirm(db, made.cara, item_id)
    assert own.value.refusal.code == "second_person"
    for blocked in (lambda: verify(db, made.chris, item_id), lambda: propose(db, made.chris, item_id)):
        with pytest.raises(Refused) as waits:
            blocked()
        assert waits.value.refusal.words == "Cara Checker proposed to refuse this. That must be settled first."
    for _ in range(2):
        confirm(db, made.cleo, item_id)
    assert standing(db, made) is Standing.REFUSED
    assert tab(db, made.cleo, Tab.REFUSALS) == []
    assert story(db, item_id)[-2:] == [
        "Cara Checker proposed to refuse Public liability insurance for Test hub: The document does not seem to be genuine",
        "Cleo Checker confirmed the refusal of Public liability insurance for Second hub: "
        "The document does not seem to be genuine",
    ]
    with db.read() as session:
        decision = queries.item_page(session, item_id, TODAY).decision
        assert decision is not None
        assert (decision.outcome, decision.checker_name, decision.confirmed_by) == (
            Outcome.REFUSED,
            "Cara Checker",
            "Cleo Checker",
        )
        assert session.exec(select(OutboxMessage.template)).all() == ["evidence/refused.txt"]
        assert list(audit.verify(session)) == []


@pytest.mark.row("3.13")
def test_a_refusal_is_sent_back_by_another_or_taken_back_by_who_proposed_it(
    db: Database, made: Hubs, item_id: UUID
) -> None:
    propose(db, made.cara, item_id)
    with pytest.raises(Refused), db.write() as session:
        commands.send_refusal_back(session, made.cara, item_id, "I changed my mind")
    with pytest.raises(Refused), db.write() as session:
        commands.withdraw_refusal(session, made.cleo, item_id)
    for _ in range(2):
        with db.write() as session:
            commands.send_refusal_back(session, made.cleo, item_id, "I rang the insurer: it is genuine")
    with pytest.raises(Refused, match="no_refusal"):
        confirm(db, made.cleo, item_id)
    propose(db, made.chris, item_id)
    for _ in range(2):
        with db.write() as session:
            commands.withdraw_refusal(session, made.chris, item_id)
    verify(db, made.cara, item_id)
    assert standing(db, made) is Standing.VERIFIED
    with db.read() as session:
        rows = session.exec(select(RefusalProposal).order_by(col(RefusalProposal.proposed_at), RefusalProposal.id))
        assert [(row.settlement, row.settled_by) for row in rows] == [
            ("sent_back", made.cleo.known),
            ("withdrawn", None),
        ]
    assert any("did not confirm the refusal" in words and "I rang the insurer" in words for words in story(db, item_id))


@pytest.mark.row("3.12")
def test_the_database_itself_wants_two_people(db: Database, made: Hubs, item_id: UUID) -> None:
    propose(db, made.cara, item_id)
    confirm(db, made.cleo, item_id)
    for change, constraint in (
        (update(Verification).values(confirmed_by=made.cara.known), "ck_verification_two_people"),
        (update(Verification).values(confirmed_by=None), "ck_verification_refused_by_two"),
        (update(RefusalProposal).values(settled_by=made.cara.known), "ck_refusal_proposal_two_people"),
    ):
        with pytest.raises(IntegrityError) as broken, db.write() as session:
            session.execute(change)
        assert violates(broken.value, constraint)
    with pytest.raises(IntegrityError) as broken, db.write() as session:
        session.add(
            SecondLook(
                item_id=item_id,
                first_checker_id=made.cara.known,
                first_organisation_id=made.cara.seats[0].organisation_id,
                first_at=NOON,
                checker_id=made.cara.known,
                checker_organisation_id=made.cara.seats[0].organisation_id,
                agrees=True,
                at=NOON,
            )
        )
    assert violates(broken.value, "ck_second_look_two_people")

"""What partners and the lead of a bid are told of each other, and of how it goes on; and what nobody else is."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.bids.partnering.commands import tell_of_left
from app.bids.rules import Answer
from app.briefs.amending.rules import Kind
from app.core.audit import AuditEvent, sentence
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.organisations.rules import Role
from app.providers.commands import end_consortium, leave_consortium, start_consortium
from app.providers.models import Consortium, ConsortiumMember
from app.providers.news import MembersLeft
from app.web.pages import plain
from tests import NOON, factories
from tests.bids.test_partners import Stage, _said_of_partners, furniture, stage
from tests.conftest import ClientFor, Clock
from tests.databases import statements
from tests.factories import World

__all__ = ["furniture", "stage"]


def _mails(db: Database, template: str) -> list[tuple[str, str]]:
    """Address and subject, in the order in which they were queued."""
    with db.read() as session:
        found = session.exec(select(OutboxMessage).where(OutboxMessage.template == f"bids/{template}.txt"))
        words = {"public_url": "https://x.example"}
        return [(one.to_address, plain(one.template, words | one.context)[0]) for one in found]


def _left(stage: Stage) -> None:
    with stage.db.write() as session:
        of_b = ConsortiumMember.provider_id == stage.made.provider_b
        member = session.exec(select(ConsortiumMember).where(of_b)).one()
        leave_consortium(session, stage.made.owner_b, member.consortium_id, member.id)


@pytest.mark.row("1.7")
@pytest.mark.parametrize(
    ("answers", "subject", "task", "history"),
    [
        ([], "", "Finish and submit your sealed bid: a partner whom you asked has not answered", "asked Birch"),
        ([Answer.AGREE], " agrees to be", "Finish and submit your sealed bid", "agreed for Birch"),
        ([Answer.DECLINE], " declines to be", "a partner whom you asked has declined or left", "declined for Birch"),
        (
            [Answer.AGREE, Answer.TAKE_BACK],
            " no longer agrees to be",
            "a partner whom you asked has declined or left",
            "took back for Birch Therapy that it agreed",
        ),
    ],
    ids=["asked", "agreed", "declined", "took back"],
)
def test_the_lead_learns_each_answer_by_mail_on_its_list_and_from_the_history(
    stage: Stage,
    db: Database,
    made: World,
    client_for: ClientFor,
    clock: Clock,
    answers: list[Answer],
    subject: str,
    task: str,
    history: str,
) -> None:
    with db.write() as session:
        colleague = factories.seated(session, made.provider_a, Role.BIDS, name="Bea Bids")
    stage.ask()
    for answer in answers:
        clock.forward(minutes=1)
        assert stage.answer(answer) == "" == stage.answer(answer), "a second click is quiet"
    sent = _mails(db, "partner_answered")
    assert len(sent) == 2 * len(answers)
    for to, words in sent[-2:] if answers else []:
        assert f"Birch Therapy{subject} a partner in your bid for B-" in words
        assert to in (made.owner_a.email, colleague.email)
    home = client_for(made.owner_a).get("/").text
    assert task in home and ("a partner whom you asked" in home) is (answers != [Answer.AGREE])
    with db.read() as session:
        told = [sentence(one) for one in session.exec(select(AuditEvent)) if one.name.startswith("bid.partner")]
    assert history in told[-1]


@pytest.mark.row("1.7")
@pytest.mark.parametrize("sent", [False, True])
def test_the_lead_learns_that_a_partner_left_its_consortium(
    stage: Stage, db: Database, made: World, client_for: ClientFor, sent: bool
) -> None:
    stage.ask()
    assert stage.answer(Answer.AGREE) == ""
    if sent:
        assert stage.submit() == ""
    _left(stage)
    [(to, subject)] = _mails(db, "partner_left")
    assert (to, "Birch Therapy is no longer in your consortium" in subject) == (made.owner_a.email, True)
    client = client_for(made.owner_a)
    said = _said_of_partners(client.get(f"/bids/{stage.bid_id}/check").text)
    stands = "The bid you sent stands; a replacement must leave it out"
    assert (stands in said, "Not in your consortium" in said) == (sent, not sent)
    assert ("has declined or left" in client.get("/").text) is not sent
    if sent:
        with db.write() as session:
            factories.amended(session, made, stage.brief_id, sessions=30)
        said = _said_of_partners(client.get(f"/bids/{stage.bid_id}/check").text)
        assert "Leave it out to confirm your bid" in said and "stands" not in said


@pytest.mark.row("1.7")
@pytest.mark.bar("P6")
def test_the_lead_learns_who_is_no_partner_since_it_ended_its_consortium(
    stage: Stage, db: Database, made: World
) -> None:
    """In as many statements for all as for one; not of whom only was invited, nor of who is in another that it leads."""
    stage.ask()
    assert stage.answer(Answer.AGREE) == "" == stage.submit()
    with db.write() as session:
        ended = session.exec(select(Consortium.id)).one()
        both = start_consortium(session, made.owner_a, made.provider_a, name="Alder and Elm")
        for name, where, accepted_at in (
            ("Cedar", [ended], NOON),
            ("Dogwood", [ended], None),
            ("Elm", [ended, both], NOON),
        ):
            other = factories.active(session, factories.provider(session, f"{name} Therapy"))
            for consortium_id in where:
                who = {"consortium_id": consortium_id, "provider_id": other, "known_as": name}
                when = {"invited_at": NOON, "invited_by": made.owner_a.known, "accepted_at": accepted_at}
                session.add(ConsortiumMember(**who, **when))
            factories.partnership(session, stage.brief_id, made.provider_a, other, made.owner_a)
    with statements(db) as sent, db.write() as session:
        end_consortium(session, made.owner_a, ended)
    told = _mails(db, "partner_left")
    assert {to for to, _ in told} == {made.owner_a.email}
    gone = " is no longer in your consortium"
    assert sorted(subject.partition(gone)[0] for _, subject in told) == ["Birch Therapy", "Cedar Therapy"]
    assert len(sent) <= 9
    with db.write() as session:
        end_consortium(session, made.owner_a, ended)
    assert len(_mails(db, "partner_left")) == 2, "a second click is quiet"


@pytest.mark.row("1.7")
@pytest.mark.parametrize("how", ["declined", "never asked", "closed"])
def test_a_lead_is_not_told_that_somebody_left_who_was_no_partner(
    stage: Stage, db: Database, made: World, clock: Clock, how: str
) -> None:
    if how != "never asked":
        stage.ask()
    if how == "declined":
        assert stage.answer(Answer.DECLINE) == ""
    if how == "closed":
        clock.set(NOON + timedelta(days=11))
    _left(stage)
    assert _mails(db, "partner_left") == []
    with db.write() as session:
        tell_of_left(session, MembersLeft((made.provider_b,), made.provider_a))
    assert _mails(db, "partner_left") == []


@pytest.mark.row("1.7")
@pytest.mark.row("5.7")
def test_after_a_material_change_a_partner_may_go_until_the_bid_is_confirmed(
    stage: Stage, db: Database, made: World, client_for: ClientFor, clock: Clock
) -> None:
    client, waits = client_for(made.owner_b), "waits for Alder Therapy to confirm it"
    stage.ask()
    assert stage.answer(Answer.AGREE) == "" == stage.submit()
    with db.write() as session:
        factories.amended(session, made, stage.brief_id, Kind.MINOR, need="Two siblings cannot sleep.")
    assert waits not in client.get("/partnerships").text and stage.answer(Answer.TAKE_BACK) == "submitted"
    for sessions, stays in ((30, True), (14, False)):
        clock.forward(minutes=1)
        with db.write() as session:
            factories.amended(session, made, stage.brief_id, sessions=sessions)
        page = client.get("/partnerships").text
        assert waits in page and "Take your agreement back" in page
        if stays:
            assert stage.submit() == "", "confirmed, with its agreement"
            page = client.get("/partnerships").text
            assert waits not in page and "Take your agreement back" not in page
            assert stage.answer(Answer.TAKE_BACK) == "submitted"
    assert stage.answer(Answer.TAKE_BACK) == ""
    assert stage.submit() == "partner_consent", "the bid cannot be confirmed with it"
    assert _mails(db, "partner_answered")[-1][1].startswith("Birch Therapy no longer agrees")
    stage.ask()
    assert stage.answer(Answer.AGREE) == "" == stage.submit()
    assert stage.answer(Answer.TAKE_BACK) == "submitted"

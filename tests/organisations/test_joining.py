"""Asking to join, the answer, and leaving."""

from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.organisations import commands, queries
from app.organisations.models import JoinRequest
from app.organisations.rules import OrganisationKind, Role, why_not_decide
from app.web.pages import plain
from tests.conftest import ClientFor, Clock
from tests.factories import organisation, person, seated


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


@pytest.fixture
def owner(db: Database) -> Actor:
    with db.write() as session:
        where = organisation(session, OrganisationKind.PROVIDER, "Alder Therapy")
        return seated(session, where, Role.OWNER, name="Olive Owner")


@pytest.fixture
def ned(db: Database) -> Actor:
    with db.write() as session:
        row = person(session, "Ned Newcomer")
        return Actor(row.id, row.name, row.email)


def place(actor: Actor) -> UUID:
    return actor.seats[0].organisation_id


def ask(db: Database, who: Actor, where: UUID, words: str = "I am the new play therapist.") -> UUID | None:
    with db.write() as session:
        commands.ask_to_join(session, who, [where], words=words)
    with db.read() as session:
        return session.exec(select(JoinRequest.id).where(JoinRequest.person_id == who.known)).first()


def mails(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        return [(row.template, row.to_address) for row in session.exec(select(OutboxMessage))]


def roles(db: Database, who: Actor) -> list[str]:
    with db.read() as session:
        return [seat.role for seat in queries.seats_of(session, who.known)]


@pytest.mark.row("1.5")
def test_asking_is_once_and_an_owner_lets_in_once(db: Database, owner: Actor, ned: Actor) -> None:
    first = ask(db, ned, place(owner))
    assert first == ask(db, ned, place(owner), "Again")
    assert mails(db) == [("organisations/join_asked.txt", owner.email)]
    with db.read() as session:
        [waiting] = queries.open_requests(session, owner, place(owner))
        assert (waiting.name, waiting.words) == ("Ned Newcomer", "I am the new play therapist.")
        assert queries.open_requests(session, ned, place(owner)) == ()
    for _ in range(2):
        with db.write() as session:
            commands.accept_join(session, owner, waiting.id, role=Role.BIDS)
    assert roles(db, ned) == ["bids"]
    assert mails(db)[1:] == [("organisations/join_accepted.txt", ned.email)]
    with pytest.raises(Refused, match="decided_already"), db.write() as session:
        commands.refuse_join(session, owner, waiting.id, reason="Changed my mind")
    with db.read() as session:
        assert queries.open_requests(session, owner, place(owner)) == ()
        told = [audit.sentence(event) for event in audit.timeline(session, place(owner))]
    assert told == ["Ned Newcomer asked to join", "Olive Owner let Ned Newcomer join as bids"]


@pytest.mark.row("1.5")
def test_an_owner_says_no_with_a_reason_and_one_may_ask_again(db: Database, owner: Actor, ned: Actor) -> None:
    first = ask(db, ned, place(owner))
    assert first
    for _ in range(2):
        with db.write() as session:
            commands.refuse_join(session, owner, first, reason="We do not know you.")
    assert roles(db, ned) == []
    assert mails(db)[1:] == [("organisations/join_refused.txt", ned.email)]
    with pytest.raises(Refused, match="decided_already"), db.write() as session:
        commands.accept_join(session, owner, first, role=Role.BIDS)
    ask(db, ned, place(owner), "I started on Monday.")
    with db.read() as session:
        [again] = queries.open_requests(session, owner, place(owner))
    assert again.words == "I started on Monday."
    with pytest.raises(Refused, match="role_does_not_fit"), db.write() as session:
        commands.accept_join(session, owner, again.id, role=Role.CHAIR)


@pytest.mark.bar("S10")
def test_asking_where_there_is_nobody_leaves_the_same_trace(db: Database, ned: Actor) -> None:
    with db.write() as session:
        commands.ask_to_join(session, ned, [], words="Hello")
    with db.read() as session:
        [event] = audit.timeline(session, ned.known)
        assert audit.sentence(event) == "Ned Newcomer asked to join an organisation"
        assert session.exec(select(JoinRequest)).all() == []


def test_who_belongs_already_asks_nobody(db: Database, owner: Actor) -> None:
    assert ask(db, owner, place(owner)) is None
    assert mails(db) == []


def test_only_owners_answer(db: Database, owner: Actor, ned: Actor) -> None:
    request_id = ask(db, ned, place(owner))
    assert request_id
    with db.write() as session:
        colleague = seated(session, place(owner), Role.BIDS, name="Bea Bids")
        elsewhere = organisation(session, OrganisationKind.PROVIDER, "Birch Therapy")
        stranger = seated(session, elsewhere, Role.OWNER, name="Omar Owner")
    for who, error in ((colleague, NotAllowed), (stranger, NotFound), (ned, NotFound), (NOBODY, NotFound)):
        with pytest.raises(error), db.write() as session:
            commands.accept_join(session, who, request_id, role=Role.OWNER)
        with pytest.raises(error), db.write() as session:
            commands.refuse_join(session, who, request_id, reason="No")
        with pytest.raises(error), db.read() as session:
            queries.asked(session, who, place(owner), request_id)
    with pytest.raises(NotFound), db.write() as session:
        commands.accept_join(session, owner, uuid4(), role=Role.BIDS)
    with pytest.raises(NotFound), db.read() as session:
        queries.asked(session, owner, place(owner), uuid4())
    assert roles(db, ned) == []


def test_a_request_is_answered_once() -> None:
    assert why_not_decide(decided=False) is None
    assert why_not_decide(decided=True)


@pytest.mark.row("1.5")
def test_the_last_owner_cannot_leave_and_others_can(db: Database, owner: Actor) -> None:
    with pytest.raises(Refused, match="last_manager"), db.write() as session:
        commands.leave_organisation(session, owner, place(owner))
    with db.write() as session:
        both = seated(session, place(owner), Role.BIDS, Role.DOCUMENTS, name="Bea Both")
    for _ in range(2):
        with db.write() as session:
            commands.leave_organisation(session, both, place(owner))
    assert roles(db, both) == []
    with db.read() as session:
        told = [audit.sentence(event) for event in audit.timeline(session, place(owner))]
    assert told == ["Bea Both left Alder Therapy"]
    with db.write() as session:
        seated(session, place(owner), Role.OWNER, name="Oscar Owner")
        commands.leave_organisation(session, owner, place(owner))
    assert roles(db, owner) == []
    with pytest.raises(NotFound), db.write() as session:
        commands.leave_organisation(session, Actor(owner.person_id, owner.name, owner.email), place(owner))


# --- Pages


def _text(html: str, selector: str = "main") -> str:
    found = BeautifulSoup(html, "html.parser").select_one(selector)
    return found.get_text(" ", strip=True) if found else ""


@pytest.mark.row("1.5")
def test_an_owner_reads_the_request_and_answers_by_page(
    db: Database, owner: Actor, ned: Actor, client_for: ClientFor
) -> None:
    request_id, home, client = ask(db, ned, place(owner)), f"/organisations/{place(owner)}", client_for(owner)
    assert "Ned Newcomer asks to join" in _text(client.get(home).text)
    here = f"{home}/requests/{request_id}"
    assert "I am the new play therapist." in _text(client.get(here).text)
    for path in ("accept", "refuse"):
        assert client.post(f"{here}/{path}").status_code == 422
    unfit = client.post(f"{here}/accept", data={"role": "chair"})
    assert (unfit.status_code, "no panel chair" in _text(unfit.text, ".portal-refusal")) == (409, True)
    for _ in range(2):
        assert client.post(f"{here}/accept", data={"role": "documents"}).headers["location"] == f"{home}?done=accepted"
    late = client.post(f"{here}/refuse", data={"reason": "No"})
    assert (late.status_code, "answered already" in _text(late.text, ".portal-refusal")) == (409, True)
    assert "Accepted on" in _text(client.get(here).text)
    assert "asks to join" not in _text(client.get(home).text, "#requests + ul")


def test_a_refusal_by_page(db: Database, owner: Actor, ned: Actor, client_for: ClientFor) -> None:
    here = f"/organisations/{place(owner)}/requests/{ask(db, ned, place(owner))}"
    client = client_for(owner)
    assert client.post(f"{here}/refuse", data={"reason": "We do not know you."}).status_code == 303
    assert "We do not know you." in _text(client.get(here).text)
    assert client.post(f"{here}/accept", data={"role": "bids"}).status_code == 409


@pytest.mark.row("1.5")
def test_leaving_by_page(db: Database, owner: Actor, client_for: ClientFor) -> None:
    home = f"/organisations/{place(owner)}"
    assert "You cannot leave now. This is the last owner." in _text(client_for(owner).get(home).text)
    refused = client_for(owner).post(f"{home}/leave")
    assert (refused.status_code, "last owner" in _text(refused.text, ".portal-refusal")) == (409, True)
    with db.write() as session:
        reader = seated(session, place(owner), Role.READ_ONLY, name="Rita Reader")
    assert client_for(reader).post(f"{home}/leave").headers["location"] == "/"
    assert roles(db, reader) == []


def test_the_mails_read_well(db: Database, owner: Actor, ned: Actor) -> None:
    ask(db, ned, place(owner))
    with db.read() as session:
        row = session.exec(select(OutboxMessage)).one()
    subject, body = plain(row.template, {"public_url": "https://portal.example", **row.context})
    assert subject == "Ned Newcomer asks to join Alder Therapy"
    assert f"https://portal.example/organisations/{place(owner)}#requests" in body

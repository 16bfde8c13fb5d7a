"""Providers that may be one: suggested, never merged, and nothing told that is not public."""

import re
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from httpx2 import Response
from sqlmodel import Session, select

from app.accounts.rules import PER_ADDRESS, Attempt
from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound
from app.organisations.models import JoinRequest, Organisation, OrganisationSeat
from app.organisations.rules import OrganisationKind, Role
from app.providers import commands, queries
from app.providers.models import DuplicateSuggestion, Provider
from app.providers.rules import About
from app.providers.rules.duplicates import (
    ALIKE,
    Outcome,
    Traces,
    likeness,
    shared,
    stems,
    telephone_digits,
    website_host,
    words_of,
)
from tests import factories
from tests.conftest import ClientFor, Clock
from tests.databases import statements

# --- Rules


@pytest.mark.row("1.9")
@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Rowan Therapy Ltd", "The Rowan Therapy Company", True),
        ("ROWAN THERAPY CIC", "Rowan Therapy Limited", True),
        ("Rowen Therapy", "Rowan Therapy Limited", True),
        ("Rowan Therapy", "Rowan Psychology", True),
        ("Lanternhouse Adoption", "Lantern House Adoption", True),
        ("Café Play", "Cafe Play", True),
        ("Adoption Support Ltd", "Adoption Support CIC", True),
        ("Alder Therapy", "Birch Therapy", False),
        ("Family Therapy Services", "Family Support Services", False),
        ("Play Therapy Leeds", "Play Therapy York", False),
        ("Provider 1", "Provider 2", False),
        ("", "Rowan", False),
    ],
)
def test_names_are_alike_whatever_their_form(one: str, other: str, alike: bool) -> None:
    assert (likeness(one, other) >= ALIKE) is alike
    assert (likeness(other, one) >= ALIKE) is alike


def test_a_name_is_taken_apart() -> None:
    assert words_of("The Rowan & Ash Thérapy Co. Ltd") == ("rowan", "ash", "therapy")
    assert words_of("Limited") == ("limited",)
    assert stems("The Rowan Therapy Ltd") == ("rowa",)
    assert stems("Family Therapy") == ("fami", "ther")


@pytest.mark.row("1.9")
def test_a_telephone_number_and_a_website_are_known_again() -> None:
    assert telephone_digits("+44 (1632) 960-001") == telephone_digits("01632 960001") == "1632960001"
    assert telephone_digits("999") == ""
    assert website_host("https://www.Rowan.example/about") == website_host("http://rowan.example") == "rowan.example"
    assert shared(
        Traces("Rowan", "01632 960 001", "https://a.example"),
        Traces("Ash", "+44 1632 960001", "http://www.a.example/x"),
    ) == ("the same telephone number", "the same website")
    assert shared(Traces("Rowan"), Traces("Ash")) == ()


# --- On a database


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


def _provider(db: Database, name: str, **facts: str) -> tuple[UUID, Actor]:
    with db.write() as session:
        provider_id = factories.provider(session, name)
        for field, value in facts.items():
            setattr(session.get_one(Provider, provider_id), field, value)
        return provider_id, factories.seated(session, provider_id, Role.OWNER, name=f"Owner of {name}")


def _newcomer(db: Database) -> Actor:
    with db.write() as session:
        row = factories.person(session, "Nia Newcomer")
        return Actor(row.id, row.name, row.email)


def _administrator(db: Database) -> Actor:
    with db.write() as session:
        platform = factories.organisation(session, OrganisationKind.PLATFORM, "The service")
        return factories.seated(session, platform, Role.ADMINISTRATOR, name="Ada Administrator")


def _names(session: Session, traces: Traces, **more: UUID) -> list[str]:
    return [one.name for one in queries.alike(session, traces, **more)]


@pytest.mark.row("1.9")
def test_the_few_most_alike_are_found_by_name_telephone_and_website(db: Database) -> None:
    rowan, owner = _provider(db, "Rowan Therapy Ltd", telephone="01632 960 001", website="https://www.rowan.example")
    _provider(db, "Birch Therapy")
    closed, _ = _provider(db, "Rowan Therapy CIC")
    with db.write() as session:
        row = session.get_one(Provider, closed)
        row.archived_at = row.registered_at
    with db.read() as session:
        assert _names(session, Traces("The Rowan Therapy Company")) == ["Rowan Therapy Ltd"]
        assert _names(session, Traces("Ash", telephone="+44 1632 960001")) == ["Rowan Therapy Ltd"]
        assert _names(session, Traces("Ash", website="rowan.example")) == ["Rowan Therapy Ltd"]
        assert _names(session, Traces("Rowan Therapy"), but=rowan) == []
        assert _names(session, Traces("Rowan Therapy"), person_id=owner.known) == [], "one's own is no double"
        assert _names(session, Traces("100% _ Ash")) == []
        many = {"The Rowan Therapy Company", "Birch Therapies", "100% _ Ash"}
        assert queries.alike_by_name(session, many) == {name: queries.alike(session, Traces(name)) for name in many}


def test_a_pair_is_suggested_once_in_either_order(db: Database) -> None:
    one, _ = _provider(db, "Rowan Therapy")
    two, owner = _provider(db, "Rowan Therapies")
    with db.write() as session:
        assert commands.note_duplicates(session, two, Traces("Rowan Therapies")) == 1
        session.flush()
        assert commands.note_duplicates(session, two, Traces("Rowan Therapies")) == 0
        assert commands.note_duplicates(session, one, Traces("Rowan Therapy")) == 0
    for _ in range(2):
        with db.write() as session:
            commands.update_profile(session, owner, two, About(name="Rowan Therapies", telephone="01632 960 001"))
    with db.read() as session:
        assert len(session.exec(select(DuplicateSuggestion)).all()) == 1


@pytest.mark.row("1.9")
def test_an_administrator_settles_a_pair_and_nothing_is_merged(db: Database) -> None:
    _provider(db, "Rowan Therapy")
    two, owner = _provider(db, "Rowan Therapies")
    staff = _administrator(db)
    with db.write() as session:
        commands.note_duplicates(session, two, Traces("Rowan Therapies"))
    with db.read() as session:
        [pair] = queries.pairs(session, settled=False)
    assert (pair.name, pair.other_name, pair.why) == ("Rowan Therapies", "Rowan Therapy", "a similar name")
    with pytest.raises(NotFound), db.write() as session:
        commands.settle_duplicate(session, owner, pair.id, Outcome.SAME)
    with pytest.raises(NotFound), db.write() as session:
        commands.settle_duplicate(session, staff, two, Outcome.SAME)
    for outcome in (Outcome.SAME, Outcome.SAME, Outcome.DIFFERENT):
        with db.write() as session:
            commands.settle_duplicate(session, staff, pair.id, outcome)
    with db.read() as session:
        assert queries.pairs(session, settled=False) == []
        assert [(p.id, p.outcome) for p in queries.pairs(session, settled=True)] == [(pair.id, "different")]
        assert len(session.exec(select(Provider)).all()) == 2
        assert [audit.sentence(event) for event in audit.timeline(session, pair.id)] == [
            "Ada Administrator said that Rowan Therapies and Rowan Therapy are one and the same",
            "Ada Administrator said that Rowan Therapies and Rowan Therapy are two",
        ]


# --- Pages

FORM = {"kind": "sole_practitioner", "name": "Rowan Therapy Ltd", "terms": "true"}


def _main(answer: Response) -> str:
    return BeautifulSoup(answer.text, "html.parser").select_one("main").get_text(" ", strip=True)  # type: ignore[union-attr]


@pytest.mark.row("1.9")
@pytest.mark.bar("S10")
def test_likely_doubles_are_shown_by_name_alone_before_anything_is_registered(
    db: Database, client_for: ClientFor
) -> None:
    other, _ = _provider(
        db, "The Rowan Therapy", telephone="01632 960 001", company_number="07444723", summary="Secret"
    )
    client = client_for(_newcomer(db))
    shown = client.post("/providers/register", data=FORM)
    assert shown.status_code == 409
    soup = BeautifulSoup(shown.text, "html.parser")
    assert [link["href"] for link in soup.select(".portal-todos a")] == [
        "/providers/join?known_as=The%20Rowan%20Therapy"
    ]
    assert not any(leak in shown.text for leak in ("960 001", "07444723", "Secret", str(other), "Owner of"))
    with db.read() as session:
        assert session.exec(select(Organisation).where(Organisation.name == FORM["name"])).first() is None
    again = {box["name"]: box["value"] for box in soup.select("main form input[type=hidden]")}
    answers = [client.post("/providers/register", data=again) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    made = UUID(answers[0].headers["location"].split("/")[2])
    with db.read() as session:
        told = [audit.sentence(event) for event in audit.timeline(session, made)]
        [row] = session.exec(select(DuplicateSuggestion))
    assert "Nia Newcomer was shown similar providers (1) and said that it is none of them" in told
    assert (row.provider_id, row.other_id) == (made, other)


def test_an_administrator_settles_on_the_page(db: Database, client_for: ClientFor) -> None:
    client, owner = client_for(_administrator(db)), _provider(db, "Birch Therapy")[1]
    assert "No two providers look like one" in _main(client.get("/duplicates"))
    _provider(db, "Rowan Therapy")
    two, _ = _provider(db, "Rowan Therapies")
    with db.write() as session:
        commands.note_duplicates(session, two, Traces("Rowan Therapies"))
        suggestion_id = session.exec(select(DuplicateSuggestion.id)).one()
    assert "Rowan Therapies" in _main(client.get("/duplicates"))
    for _ in range(2):
        assert client.post(f"/duplicates/{suggestion_id}/settle", data={"outcome": "same"}).status_code == 303
    assert "Rowan Therapies and Rowan Therapy: one and the same" in _main(client.get("/duplicates"))
    assert client.post(f"/duplicates/{suggestion_id}/settle", data={"outcome": "merge"}).status_code == 303
    assert client_for(owner).get("/duplicates").status_code == 404


def test_the_page_of_pairs_asks_as_often_for_many_as_for_one(db: Database, client_for: ClientFor) -> None:
    client = client_for(_administrator(db))
    ids = [_provider(db, f"Rowan Therapy {number}")[0] for number in range(12)]

    def reads() -> int:
        with statements(db) as sent:
            assert client.get("/duplicates").status_code == 200
        return len(sent)

    few = reads()
    with db.write() as session:
        for provider_id in ids:
            commands.note_duplicates(session, provider_id, Traces("Rowan Therapy"))
            session.flush()
    assert reads() == few


# --- Asking to join

ASK = {"words": "I run the Leeds clinic."}


@pytest.mark.row("1.5")
@pytest.mark.parametrize(
    "known_as", ["alder therapy", "07444723", "7444723", "PZGW-7196-LCHL", "gb-ppon:pzgw-7196-lchl", "sc 012345"]
)
def test_a_provider_is_found_by_its_name_or_any_number(db: Database, client_for: ClientFor, known_as: str) -> None:
    numbers = {"company_number": "07444723", "ppon": "PZGW-7196-LCHL", "ofsted_urn": "SC012345"}
    alder, owner = _provider(db, "Alder Therapy", **numbers)
    _provider(db, "Birch Therapy")
    client = client_for(_newcomer(db))
    for _ in range(2):
        assert client.post("/providers/join", data={"known_as": known_as, **ASK}).status_code == 303
    with db.read() as session:
        assert [row.organisation_id for row in session.exec(select(JoinRequest))] == [alder]
        assert [row.to_address for row in session.exec(select(OutboxMessage))] == [owner.email]


@pytest.mark.bar("S10")
@pytest.mark.row("1.9")
@pytest.mark.parametrize("known", ["Alder Therapy", "07444723"])
def test_asking_to_join_tells_nothing_of_who_is_registered(db: Database, client_for: ClientFor, known: str) -> None:
    """The same status, place and bytes for a known and an unknown provider, and the same limit, which counts both."""
    _provider(db, "Alder Therapy", company_number="07444723")

    def ask(client: object, known_as: str) -> tuple[int, str, str]:
        answer = client.post("/providers/join", data={"known_as": known_as, **ASK})  # type: ignore[attr-defined]
        text = re.sub(r"[0-9a-f]{16}", "", answer.text).replace(known_as, "TYPED")
        return answer.status_code, answer.headers.get("location", ""), text

    one, two = client_for(_newcomer(db)), client_for(_newcomer(db))
    for _ in range(PER_ADDRESS[Attempt.JOIN].tries + 1):
        registered, unknown = ask(one, known), ask(two, "09999999")
        assert registered == unknown
    assert registered[0] == 409
    assert "There have been too many tries" in registered[2]
    sent = client_for(_newcomer(db)).get("/providers/join?sent=yes")
    assert "We cannot say whether it is registered" in _main(sent)


@pytest.mark.bar("S10")
def test_a_number_that_is_registered_tells_that_and_no_more(db: Database, client_for: ClientFor) -> None:
    """Registering with another's number: the same bytes whoever's it is, whatever is known of it."""
    _provider(db, "Alder Therapy", company_number="07444723", summary="Secret", telephone="01632 960 001")
    other, _ = _provider(db, "Birch Psychology", company_number="01234567")
    with db.write() as session:
        row = session.get_one(Provider, other)
        row.archived_at = row.registered_at
    client, said = client_for(_newcomer(db)), []
    for number in ("07444723", "01234567"):
        data = {"kind": "company", "name": "Cedar Works", "company_number": number, "terms": "true"}
        answer = client.post("/providers/register", data=data)
        said.append((answer.status_code, re.sub(r"[0-9a-f]{16}", "", answer.text).replace(number, "TYPED")))
    assert said[0] == said[1]
    assert said[0][0] == 422
    assert "A provider with this company number is already registered. Ask to join it." in said[0][1]
    with db.read() as session:
        assert session.exec(select(OrganisationSeat).where(OrganisationSeat.role != Role.OWNER)).all() == []
        assert len(session.exec(select(OrganisationSeat)).all()) == 2, "the number gave nobody a seat"


@pytest.mark.bar("S10")
def test_trying_out_numbers_is_limited_wherever_one_tells_them(db: Database, client_for: ClientFor) -> None:
    """Registering and changing one's own numbers are counted together; what is over the limit is not looked at."""
    _provider(db, "Alder Therapy", company_number="07444723")
    mine, owner = _provider(db, "Birch Psychology", company_number="01234567")
    client = client_for(owner)
    most = PER_ADDRESS[Attempt.CLAIM].tries
    for number in range(most):
        told = {"company_number": f"{number:08}"}
        if number % 2:
            answer = client.post(f"/providers/{mine}/numbers", data=told)
        else:
            answer = client.post(
                "/providers/register", data={**FORM, "kind": "company", "name": f"Fir {number}", **told}
            )
        assert answer.status_code == 303
    for path in ("/providers/register", f"/providers/{mine}/numbers"):
        data = {"kind": "company", "name": "Cedar Works", "company_number": "07444723", "terms": "true"}
        answer = client.post(path, data=data)
        assert "There have been too many tries" in _main(answer)
        assert "already registered" not in _main(answer)


def test_what_is_missing_is_said_beside_the_fields(db: Database, client_for: ClientFor) -> None:
    client = client_for(_newcomer(db))
    answer = client.post("/providers/join", data={"known_as": "Alder"})
    assert answer.status_code == 422
    assert "Say who you are, so that an owner knows you" in _main(answer)
    filled = BeautifulSoup(client.get("/providers/join?known_as=Alder%20Therapy").text, "html.parser")
    assert filled.find(id="known_as")["value"] == "Alder Therapy"  # type: ignore[index]

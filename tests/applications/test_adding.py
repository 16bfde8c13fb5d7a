"""A member adds lots and regions: only the difference is asked, memberships stay, and it is told when that is possible again."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, col, select

from app.applications import duties, queries
from app.applications.commands import (
    accept_part,
    add_parts,
    ask_to_be_told,
    choose_lots,
    confirm_refusal,
    propose_refusal,
    start_application,
    submit_application,
    tell_of_rounds,
    write_statement,
)
from app.applications.models import Application, RoundWish
from app.applications.queries import adding, parts_of
from app.applications.rules import Phase, RefusalReason
from app.core.database import Database
from app.core.london import day_in_words, london_day
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound
from app.evidence.rules import Standing
from app.frameworks.models import Framework, Lot, Round, RoundScope, RuleSet
from app.memberships.models import Membership
from app.organisations.rules import Role
from app.web.pages import short
from tests import NOON, factories
from tests.applications.applying import CLOSES, code_of
from tests.applications.racing import overtaken
from tests.applications.scoring import rolls
from tests.conftest import ClientFor, Clock
from tests.databases import migrate, statements
from tests.factories import World


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


@pytest.fixture
def member(db: Database, made: World) -> UUID:
    """Provider A is a member of the first lot in the north; the second lot asks for one thing more than it holds."""
    with db.write() as session:
        factories.verified_evidence(session, made.provider_a, made.checker)
        factories.requirement(session, made.lots[1], {"all_of": [factories.INSURANCE, "mediator"]})
        where = (made.framework_id, made.lots[0], made.regions[0])
        return factories.membership(session, made.provider_a, *where, made.lead.known)


def words(text: str) -> str:
    return BeautifulSoup(text, "html.parser").select_one("main").get_text(" ", strip=True)


def window(session: Session, made: World, lot: UUID, *, opens: datetime) -> None:
    """Another round, for this lot in the north."""
    row = Round(framework_id=made.framework_id, name="Round 2", opens_at=opens, closes_at=opens + timedelta(days=20))
    session.add(row)
    session.flush()
    session.add(RoundScope(round_id=row.id, lot_id=lot, region_id=made.regions[0]))


@pytest.mark.row("4.6")
def test_only_the_difference_is_asked(db: Database, made: World, member: UUID, client_for: ClientFor) -> None:
    with db.read() as session:
        found = adding(session, made.owner_a, member)
    assert found.held == {(made.lots[0], made.regions[0])}
    assert [(line.name, line.lots, line.standing) for line in found.lacks] == [("Mediator", (2,), Standing.MISSING)]
    assert [(line.name, line.lots) for line in found.has] == [("Insurance public liability", (1, 2))]
    client, here = client_for(made.owner_a), f"/memberships/{member}/add"
    assert here in client.get(f"/memberships/{member}").text
    page = BeautifulSoup(client.get(here).text, "html.parser")
    assert len(page.select("input[name=parts]")) == 3, "all but what it is a member of"
    assert "Held already and not asked again: 1 of 2" in words(str(page))
    assert client.post(here, data={"round_id": str(made.round_id)}).status_code == 422
    chosen = f"{made.lots[1]}:{made.regions[0]}"
    answer = client.post(here, data={"round_id": str(made.round_id), "parts": [chosen]})
    assert answer.status_code == 303
    assert "Mediation" in words(client.get(answer.headers["location"]).text)
    assert "Asked for" in words(client.get(here).text)
    assert client_for(made.owner_b).get(here).status_code == 404


@pytest.mark.row("4.6")
def test_what_is_added_joins_what_was_asked_for_and_leaves_memberships_alone(
    db: Database, made: World, member: UUID
) -> None:
    with db.write() as session:
        before = session.get_one(Membership, member).model_dump()
        application_id = add_parts(session, made.owner_a, member, made.round_id, [(made.lots[1], made.regions[0])])
        for _ in range(2):
            again = add_parts(session, made.owner_a, member, made.round_id, [(made.lots[1], made.regions[1])])
            assert again == application_id
        write_statement(session, made.owner_a, application_id, "We have a mediator now.")
        submit_application(session, made.owner_a, application_id)
    with db.read() as session:
        assert adding(session, made.owner_a, member).submitted
        parts = [(part.lot_id, part.region_id) for part in parts_of(session, application_id)]
        first = parts_of(session, application_id)[0].id
    assert set(parts) == {(made.lots[1], region) for region in made.regions}
    more = [(made.lots[0], made.regions[1])]
    refused = code_of(db, lambda session: add_parts(session, made.owner_a, member, made.round_id, more))
    assert refused == "application_submitted"
    with db.write() as session:
        accept_part(session, made.lead, application_id, first)
    with db.read() as session:
        rows = session.exec(select(Membership).order_by(col(Membership.opened_at))).all()
        assert (rows[0].model_dump(), len(rows)) == (before, 2)


@pytest.mark.row("4.6")
def test_a_member_already_there_and_strangers_are_refused(db: Database, made: World, member: UUID) -> None:
    here = [(made.lots[0], made.regions[0])]
    assert (
        code_of(db, lambda session: add_parts(session, made.owner_a, member, made.round_id, here)) == "already_member"
    )
    with db.write() as session:
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY)
    for actor, error in ((made.owner_b, NotFound), (made.lead, NotFound), (reader, NotAllowed)):
        with pytest.raises(error), db.write() as session:
            add_parts(session, actor, member, made.round_id, [(made.lots[1], made.regions[0])])
        with pytest.raises(error), db.write() as session:
            ask_to_be_told(session, actor, member)


@pytest.mark.row("4.6")
@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("planned", "Round 2 opens on"),
        ("scheme", "has to be opened again by 1 January 2029"),
        ("nothing", "its lead decides"),
        ("ended", "The framework is ended, so nothing can be added"),
    ],
)
def test_without_an_open_round_the_page_says_when_the_next_is(
    db: Database, made: World, member: UUID, client_for: ClientFor, clock: Clock, case: str, said: str
) -> None:
    clock.set(CLOSES + timedelta(days=1))
    with db.write() as session:
        framework = session.get_one(Framework, made.framework_id)
        if case == "planned":
            window(session, made, made.lots[1], opens=CLOSES + timedelta(days=30))
        if case == "scheme":
            session.get_one(RuleSet, "light_touch").first_reopen_within_years = 3
            framework.scheme_ends_on = date(2032, 1, 1)
        if case == "ended":
            framework.ends_on = NOON.date()
    page = client_for(made.owner_a).get(f"/memberships/{member}/add").text
    assert said in words(page)
    assert ("Tell us when something opens" in page) is (case != "ended")


@pytest.mark.row("4.6")
def test_the_provider_is_told_once_when_something_that_it_could_add_opens(
    db: Database, made: World, member: UUID, client_for: ClientFor, clock: Clock
) -> None:
    clock.set(CLOSES + timedelta(days=1))
    client, here = client_for(made.owner_a), f"/memberships/{member}"
    for _ in range(2):
        assert client.post(f"{here}/tell").status_code == 303
    assert "to be told. We write to your owners" in words(client.get(f"{here}/add").text)
    assert "Tell us when something opens" not in client.get(f"{here}/add").text
    for lot, told in ((made.lots[0], 0), (made.lots[1], 1)):
        with db.write() as session:
            window(session, made, lot, opens=CLOSES)
            assert [tell_of_rounds(session) for _ in range(2)] == [told, 0], "only of what it is no member of yet"
    with db.read() as session:
        (wish,) = session.exec(select(RoundWish)).all()
        (message,) = session.exec(select(OutboxMessage).where(OutboxMessage.template == "applications/round_open.txt"))
    assert wish.told_at == CLOSES + timedelta(days=1)
    assert message.to_address == made.owner_a.email
    assert message.context["membership_id"] == str(member)


@pytest.mark.row("4.6")
def test_two_clicks_at_once_are_one_wish(db: Database, made: World, member: UUID) -> None:
    overtaken(db, *[lambda session: ask_to_be_told(session, made.owner_a, member)] * 2)
    with db.read() as session:
        assert len(session.exec(select(RoundWish)).all()) == 1


@pytest.mark.row("4.6")
def test_the_worker_tells_them(db: Database, made: World, member: UUID) -> None:
    with db.write() as session:
        ask_to_be_told(session, made.owner_a, member)
    assert [duties.daily(db) for _ in range(2)] == [1, 0]


@pytest.mark.bar("P6")
def test_the_page_asks_as_often_for_many_lots_as_for_few(
    db: Database, made: World, member: UUID, client_for: ClientFor
) -> None:
    def asked() -> int:
        with statements(db) as sent:
            assert client_for(made.owner_a).get(f"/memberships/{member}/add").status_code == 200
        return len(sent)

    asked()
    few = asked()
    with db.write() as session:
        for number in range(3, 9):
            lot = Lot(**session.get_one(Lot, made.lots[0]).model_dump(exclude={"id", "number"}), number=number)
            session.add(lot)
            session.flush()
            session.add(RoundScope(round_id=made.round_id, lot_id=lot.id, region_id=made.regions[0]))
    assert asked() == few <= 15


@pytest.mark.row("2.4")
@pytest.mark.row("4.6")
def test_where_it_is_always_open_a_decided_application_makes_way_for_another(
    db: Database, made: World, member: UUID, clock: Clock, client_for: ClientFor, database_url: str
) -> None:
    north, south = ((made.lots[1], region) for region in made.regions)
    with db.write() as session:
        rolls(session, made, NOON.date())
        first = add_parts(session, made.owner_a, member, made.round_id, [north, south])
        write_statement(session, made.owner_a, first, "We have a mediator now.")
        submit_application(session, made.owner_a, first)
        accepted, refused = (part.id for part in parts_of(session, first))
        accept_part(session, made.lead, first, accepted)
        propose_refusal(session, made.lead, first, refused, RefusalReason.OTHER, "Nobody works there yet.")
    with db.write() as session:
        assert start_application(session, made.owner_a, made.round_id, made.provider_a) == first, "one part waits"
        confirm_refusal(session, made.lead_two, first, refused)
    clock.forward(days=1)
    with db.read() as session:
        assert (found := adding(session, made.owner_a, member)).application_id is None and not found.submitted
        lot, region = next((part.lot_id, part.region_id) for part in parts_of(session, first) if part.id == refused)
    answer = client_for(made.owner_a).post(
        f"/memberships/{member}/add", data={"round_id": str(made.round_id), "parts": [f"{lot}:{region}"]}
    )
    second = UUID(answer.headers["location"].rpartition("/")[2])
    assert answer.status_code == 303 and second != first
    ends = f"Always open until the framework ends on {day_in_words(london_day(CLOSES))}"
    for path in (f"/applications/{second}", f"/memberships/{member}/add", f"/frameworks/{made.framework_id}"):
        told = words(client_for(made.owner_a).get(path).text)
        assert ends in told and "days left" not in told, path
    with db.write() as session:
        assert start_application(session, made.owner_a, made.round_id, made.provider_a) == second, "one that lives"
        submit_application(session, made.owner_a, second)
        accept_part(session, made.lead, second, parts_of(session, second)[0].id)
        rows = [session.get_one(Application, one) for one in (first, second)]
        assert [queries.phase_of(session, row, NOON) for row in rows] == [Phase.DECIDED, Phase.DECIDED]
        assert all(row.closed_at for row in rows)
    migrate(database_url, "0021")
    migrate(database_url)
    with db.read() as session:
        rows = [session.get_one(Application, one) for one in (first, second)]
        assert [(row.withdrawn_at is None, row.closed_at is None) for row in rows] == [(False, True), (True, False)]


def test_where_a_round_closes_a_decided_application_stays_the_only_one(db: Database, made: World, member: UUID) -> None:
    with db.write() as session:
        only = add_parts(session, made.owner_a, member, made.round_id, [(made.lots[1], made.regions[0])])
        write_statement(session, made.owner_a, only, "We have a mediator now.")
        submit_application(session, made.owner_a, only)
        accept_part(session, made.lead, only, parts_of(session, only)[0].id)
        assert start_application(session, made.owner_a, made.round_id, made.provider_a) == only
        assert session.get_one(Application, only).closed_at is None


def test_a_statement_says_which_application_it_is_from_until_it_is_written_anew(
    db: Database, made: World, written: UUID, clock: Clock, client_for: ClientFor
) -> None:
    client, first = client_for(made.owner_a), f"/applications/{written}"
    assert "Carried over" not in words(client.get(f"{first}/statement").text)
    with db.write() as session:
        submit_application(session, made.owner_a, written)
        window(session, made, made.lots[0], opens=CLOSES)
    clock.set(CLOSES + timedelta(days=1))
    with db.write() as session:
        later = session.exec(select(Round.id).where(Round.name == "Round 2")).one()
        name = session.get_one(Framework, made.framework_id).name
        here = f"/applications/{start_application(session, made.owner_a, later, made.provider_a)}"
        choose_lots(session, made.owner_a, UUID(here.rpartition("/")[2]), [(made.lots[0], made.regions[0])])
    for path in (here, f"{here}/statement"):
        assert f"rom your application to {name} of {short(NOON)}" in words(client.get(path).text)
    prices = client.get(f"{here}/prices").text
    assert "these prices are quoted in each bid" in words(prices)
    assert f'action="{here}/prices"' not in prices
    assert client.post(f"{here}/statement", data={"statement": "We have grown since."}).status_code == 303
    for path in (here, f"{here}/statement"):
        assert "arried over" not in words(client.get(path).text)

"""Who may call off: by the day, by rule and in SQL alike; joining and leaving as recorded events of two people or one's own."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.core import audit
from app.core import clock as core_clock
from app.core.actor import Actor
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.frameworks.calling_off import commands, queries, rules
from app.frameworks.calling_off.models import Accession
from app.frameworks.commands import approve_framework, create_framework
from app.frameworks.entitlement import call_off_list, entitled_by, entitlement_columns, entitlements
from app.frameworks.models import CallOffBody, Framework, MayAccede
from app.frameworks.rules import Period, Phase
from app.organisations.models import PanRegion, Raa, RaaAuthority, RaaPanRegion
from app.organisations.rules import OrganisationKind, Role
from tests import NOON
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import World, organisation, raa, seated, world
from tests.frameworks.test_commands import Hub

TODAY = NOON.date()
BEFORE, AFTER = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
EVIDENCE = "Cabinet decision of 3 November 2026"


@pytest.fixture
def furniture() -> Furniture:
    return world


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here, unless it is moved."""


@pytest.mark.row("2.17")
@pytest.mark.parametrize(
    ("periods", "agency_ended", "code"),
    [
        ([], None, "not_entitled"),
        ([(TODAY, TODAY)], None, None),
        ([(BEFORE, None)], None, None),
        ([(AFTER, None)], None, "not_yet_entitled"),
        ([(date(2026, 1, 1), BEFORE)], None, "no_longer_entitled"),
        ([(date(2026, 1, 1), BEFORE), (AFTER, None)], None, "not_yet_entitled"),
        ([(date(2026, 1, 1), BEFORE), (TODAY, None)], None, None),
        ([(BEFORE, None)], TODAY, "agency_ended"),
        ([(BEFORE, None)], AFTER, None),
    ],
)
def test_the_rule_and_its_sql_twin_say_who_may_call_off_today(
    db: Database, made: World, periods: list[tuple[date, date | None]], agency_ended: date | None, code: str | None
) -> None:
    with db.write() as session:
        session.get_one(Raa, made.other_raa_id).valid_to = agency_ended
        session.add_all(
            CallOffBody(
                framework_id=made.framework_id,
                organisation_id=made.other_raa_id,
                entitled_from=first,
                entitled_to=last,
            )
            for first, last in periods
        )
    with db.read() as session:
        values = session.execute(select(*entitlement_columns(made.framework_id, made.other_raa_id))).one()
        said = entitled_by(*values, framework_id=made.framework_id, on=TODAY)
        refusal = None if isinstance(said, UUID) else said
        assert (refusal.code if refusal else None) == code
        assert refusal is None or refusal.fix == (
            f"/frameworks/{made.framework_id}/call-off",
            "See who may call off, and how to join",
        )
        assert (made.framework_id in entitlements(session, [made.other_raa_id], TODAY)) == (code is None)
        listed = [
            one.entitled for one in call_off_list(session, made.framework_id, TODAY) if one.name == "Other agency"
        ]
        assert any(listed) == (code is None)


JOINABLE = {Phase.APPROVED, Phase.LIVE}


@pytest.mark.parametrize(
    ("phase", "waiting", "on", "periods"),
    list(product(Phase, (False, True), (BEFORE, TODAY, date(2030, 1, 2)), ([], [(BEFORE, None)], [(BEFORE, BEFORE)]))),
)
def test_when_a_body_may_join(phase: Phase, waiting: bool, on: date, periods: list[tuple[date, date | None]]) -> None:
    refusal = rules.why_not_join(
        [Period(*days) for days in periods],
        phase=phase,
        waiting=waiting,
        ends_on=date(2030, 1, 1),
        on=on,
        today=TODAY,
    )
    listed = any(last is None or on <= last for _, last in periods)
    assert (refusal is None) == (phase in JOINABLE and not waiting and on == TODAY and not listed)


@pytest.mark.parametrize(
    ("on", "periods", "code"),
    [
        (TODAY, [(BEFORE, None)], None),
        (AFTER, [(BEFORE, date(2027, 1, 1))], None),
        (BEFORE, [(BEFORE, None)], "past"),
        (TODAY, [(AFTER, None)], "not_on_the_list"),
        (TODAY, [(BEFORE, TODAY)], "not_on_the_list"),
        (TODAY, [], "not_on_the_list"),
    ],
)
def test_when_a_body_may_leave(on: date, periods: list[tuple[date, date | None]], code: str | None) -> None:
    known = [Period(*days) for days in periods]
    refusal = rules.why_not_leave(known, phase=Phase.LIVE, waiting=False, on=on, today=TODAY)
    assert (refusal.code if refusal else None) == code


def ask(db: Database, made: World, by: Actor, body: UUID, on: date = AFTER) -> UUID:
    with db.write() as session:
        return commands.ask_to_add(session, by, made.framework_id, body, on, EVIDENCE)


def code_of(db: Database, command: object, *args: object) -> str:
    with pytest.raises(Refused) as refused, db.write() as session:
        command(session, *args)  # type: ignore[operator]
    return refused.value.refusal.code


@pytest.mark.row("2.17")
def test_a_live_framework_takes_a_new_body_by_two_people_and_lets_it_go_by_two(
    db: Database, made: World, clock: Clock
) -> None:
    asked = ask(db, made, made.lead, made.other_raa_id)
    with db.read() as session:
        assert not entitlements(session, [made.other_raa_id], AFTER), "nothing counts before the second yes"
    assert code_of(db, commands.confirm_accession, made.lead, made.framework_id, asked) == "second_person"
    assert code_of(db, commands.ask_to_add, made.lead, made.framework_id, made.other_raa_id, AFTER, "x") == "waiting"
    for _ in range(2):
        with db.write() as session:
            commands.confirm_accession(session, made.lead_two, made.framework_id, asked)
    with db.read() as session:
        assert not entitlements(session, [made.other_raa_id], TODAY)
        assert entitlements(session, [made.other_raa_id], AFTER) == {made.framework_id}
        [told] = session.exec(select(OutboxMessage)).all()
        assert told.to_address == made.other_commissioner.email
    clock.forward(days=10)
    last = NOON.date() + timedelta(days=12)
    with db.write() as session:
        leaving = commands.ask_to_remove(session, made.lead_two, made.framework_id, made.other_raa_id, last, "Notice")
    with db.write() as session:
        commands.confirm_accession(session, made.lead, made.framework_id, leaving)
    with db.read() as session:
        on = [bool(entitlements(session, [made.other_raa_id], day)) for day in (last, last + timedelta(days=1))]
        assert on == [True, False]
        said = [audit.sentence(event) for event in audit.timeline(session, made.framework_id)]
        assert said[-4:] == [
            "Leo Lead asked to let Other agency call off from 24 November 2026",
            "Lena Lead put Other agency on the call-off list from 24 November 2026",
            "Lena Lead asked to end the right of Other agency to call off with 5 December 2026",
            "Leo Lead ended the time of Other agency on the call-off list with 5 December 2026",
        ]
    clock.forward(days=10)
    again = ask(db, made, made.lead, made.other_raa_id, on=(NOON + timedelta(days=20)).date())
    with db.write() as session:
        commands.confirm_accession(session, made.lead_two, made.framework_id, again)
        page = queries.call_off_page(session, made.lead, made.framework_id, core_clock.now(session))
    assert [(bool(line.joined), bool(line.left)) for line in page.lines] == [
        (True, True),
        (True, False),
        (False, False),
    ]


def test_who_asks_for_what_and_a_yes_that_came_too_late(db: Database, made: World, clock: Clock) -> None:
    asked = ask(db, made, made.lead, made.other_raa_id, on=TODAY)
    for stranger, no in ((made.checker, NotAllowed), (made.commissioner, NotFound)):
        with pytest.raises(no), db.write() as session:
            commands.confirm_accession(session, stranger, made.framework_id, asked)
        with pytest.raises(no), db.write() as session:
            commands.ask_to_add(session, stranger, made.framework_id, made.other_raa_id, AFTER, EVIDENCE)
    with pytest.raises(NotFound), db.write() as session:
        commands.ask_to_add(session, made.lead, made.framework_id, made.provider_a, AFTER, EVIDENCE)
    with pytest.raises(NotFound), db.write() as session:
        commands.confirm_accession(session, made.lead_two, made.framework_id, uuid4())
    clock.forward(days=1)
    assert code_of(db, commands.confirm_accession, made.lead_two, made.framework_id, asked) == "past"
    with db.write() as session:
        commands.withdraw_accession(session, made.lead_two, made.framework_id, asked)
    assert code_of(db, commands.confirm_accession, made.lead_two, made.framework_id, asked) == "withdrawn"


@pytest.mark.row("2.17")
def test_the_database_keeps_two_people_evidence_and_one_question_at_a_time(db: Database, made: World) -> None:
    asked = ask(db, made, made.lead, made.other_raa_id)
    with db.read() as session:
        body_id = session.exec(select(CallOffBody.id)).one()
    for constraint, changed in (
        ("two_people", {"confirmed_at": NOON, "confirmed_by": made.lead.known, "body_id": body_id}),
        ("done", {"confirmed_at": NOON, "confirmed_by": made.lead_two.known}),
        ("evidenced", {"evidence": ""}),
    ):
        with pytest.raises(IntegrityError) as breach, db.write() as session:
            session.get_one(Accession, asked).sqlmodel_update(changed)
        assert violates(breach.value, f"ck_accession_{constraint}")
    with pytest.raises(IntegrityError) as breach, db.write() as session:
        row = session.get_one(Accession, asked).model_dump(exclude={"id"})
        session.add(Accession(**row))
    assert violates(breach.value, "uq_accession_waiting")


def test_before_the_framework_is_live_one_lead_is_enough(db: Database, made: World) -> None:
    with db.write() as session:
        session.get_one(Framework, made.framework_id).starts_on = AFTER
    ask(db, made, made.lead, made.other_raa_id)
    with db.read() as session:
        assert entitlements(session, [made.other_raa_id], AFTER) == {made.framework_id}
        assert session.exec(select(Accession.way)).one() == "before_live"


def _in_north(session: Session, made: World) -> tuple[UUID, UUID, UUID]:
    """A pan-region with the other agency in it, and an authority that the agency serves."""
    region = PanRegion(slug="north", name="The North", source="test", confidence="verified")
    council = organisation(session, OrganisationKind.AUTHORITY, "Northshire Council")
    session.add(region)
    session.flush()
    session.add(RaaPanRegion(raa_id=made.other_raa_id, pan_region_id=region.id))
    session.add(RaaAuthority(raa_id=made.other_raa_id, authority_id=council))
    return region.id, made.other_raa_id, council


@pytest.mark.row("2.17")
@pytest.mark.parametrize("which", ["agency of the region", "authority of the region", "named"])
def test_whom_the_framework_is_open_to_accedes_by_its_own_signature(db: Database, made: World, which: str) -> None:
    with db.write() as session:
        region, agency, council = _in_north(session, made)
        named = raa(session, "Named agency")
        body = {"agency of the region": agency, "authority of the region": council, "named": named}[which]
        signer, reader = (seated(session, body, role) for role in (Role.APPROVER, Role.READ_ONLY))
    args = (made.framework_id, body, TODAY, EVIDENCE)
    assert code_of(db, commands.accede, signer, *args) == "not_open"
    with db.write() as session:
        session.add(MayAccede(framework_id=made.framework_id, pan_region_id=region))
        session.add(MayAccede(framework_id=made.framework_id, organisation_id=named))
    with pytest.raises(NotFound), db.write() as session:
        commands.accede(session, reader, *args)
    with db.write() as session:
        open_to_it = queries.frameworks_of(session, signer, NOON)[0].may_join
        assert [one.framework_id for one in open_to_it] == [made.framework_id]
        commands.accede(session, signer, *args)
    with db.read() as session:
        assert entitlements(session, [body], TODAY) == {made.framework_id}
        assert queries.frameworks_of(session, signer, NOON)[0].may_join == ()
    assert code_of(db, commands.accede, signer, *args) == "on_the_list"


def test_who_left_the_region_may_no_longer_accede(db: Database, made: World) -> None:
    with db.write() as session:
        region, agency, council = _in_north(session, made)
        session.add(MayAccede(framework_id=made.framework_id, pan_region_id=region))
        session.flush()
        assert queries.open_to(session, made.framework_id, [agency, council], TODAY) == {agency, council}
        session.get_one(Raa, agency).valid_to = TODAY
        session.exec(select(RaaAuthority).where(RaaAuthority.authority_id == council)).one().valid_to = TODAY
        session.flush()
        assert queries.open_to(session, made.framework_id, [agency, council], BEFORE) == {agency, council}
        assert queries.open_to(session, made.framework_id, [agency, council], TODAY) == frozenset()


def test_a_draft_states_who_may_accede(db: Database) -> None:
    with db.write() as session:
        hub = Hub(session)
        region = PanRegion(slug="south", name="The South", source="test", confidence="verified")
        session.add(region)
        session.flush()
        named = raa(session, "Named agency")
        facts = replace(hub.facts, slug="open", may_accede=(named,), open_regions=(region.id,))
        made = create_framework(session, hub.writer, hub.lead_id, facts)
        approve_framework(session, hub.second, made)
        page = queries.call_off_page(session, hub.writer, made, NOON)
    assert set(page.open_to) == {"Named agency", "Every agency and authority of The South"}


@pytest.mark.row("2.17")
def test_the_list_is_read_by_everybody_and_changed_by_its_leads(
    db: Database, client_for: ClientFor, made: World
) -> None:
    path = f"/frameworks/{made.framework_id}/call-off"
    ended = {"organisation_id": made.other_raa_id, "entitled_from": date(2026, 1, 1), "entitled_to": BEFORE}
    with db.write() as session:
        session.add(CallOffBody(framework_id=made.framework_id, **ended))

    def rows(actor: Actor) -> list[list[str]]:
        soup = BeautifulSoup(client_for(actor).get(path).text, "html.parser")
        return [[c.get_text(" ", strip=True) for c in row.select("th, td")] for row in soup.select("tbody tr")]

    expected = [
        ["Other agency Ended", "1 January 2026", "22 November 2026", "Named by the framework itself"],
        ["Test agency Today", "1 January 2026", "With the framework", "Named by the framework itself"],
    ]
    assert rows(made.owner_a) == rows(made.commissioner) == expected
    day = {"effective_on-day": "23", "effective_on-month": "11", "effective_on-year": "2026"}
    lead = client_for(made.lead)
    assert lead.post(f"{path}/joins", data={}).status_code == 422
    given = {**day, "organisation_id": str(made.other_raa_id), "evidence": EVIDENCE}
    assert lead.post(f"{path}/joins", data=given).status_code == 303
    assert lead.post(f"{path}/joins", data=given).status_code == 409
    assert EVIDENCE in lead.get(path).text
    assert EVIDENCE not in client_for(made.owner_a).get(path).text, "what waits is the leads' business"
    with db.read() as session:
        asked = session.exec(select(Accession.id)).one()
    confirm = f"/frameworks/{made.framework_id}/accessions/{asked}/confirm"
    assert lead.post(confirm, data={}).status_code == 409
    assert client_for(made.lead_two).post(confirm, data={}).status_code == 303
    assert rows(made.owner_a)[1][:3] == ["Other agency Today", "23 November 2026", "With the framework"]
    own = client_for(made.other_commissioner).get("/call-off").text
    assert own.count("May call off") == 1 and own.count("May not") == 1


@pytest.mark.row("2.17")
def test_an_agency_accedes_on_a_page(db: Database, client_for: ClientFor, made: World) -> None:
    with db.write() as session:
        signer = seated(session, made.other_raa_id, Role.OWNER)
        session.add(MayAccede(framework_id=made.framework_id, organisation_id=made.other_raa_id))
    client, path = client_for(signer), f"/frameworks/{made.framework_id}/accede"
    assert "You may join this list" in client.get(f"/frameworks/{made.framework_id}/call-off").text
    day = {"effective_on-day": "23", "effective_on-month": "11", "effective_on-year": "2026"}
    given = {**day, "organisation_id": str(made.other_raa_id), "evidence": EVIDENCE}
    assert client.post(path, data=given).status_code == 422, "it is signed, or nothing"
    assert client.post(path, data={**given, "declaration": "true"}).status_code == 303
    assert "Joined: by its own signature" in client.get(f"/frameworks/{made.framework_id}/call-off").text
    assert "they are on its list already" in client.get(path).text


@pytest.mark.bar("P6")
def test_the_list_asks_as_often_for_many_bodies_as_for_few(db: Database, client_for: ClientFor, made: World) -> None:
    def asked(path: str) -> int:
        client = client_for(made.lead if "frameworks" in path else made.commissioner)
        client.get(path)
        with statements(db) as sent:
            assert client.get(path).status_code == 200
        return len(sent)

    paths = (f"/frameworks/{made.framework_id}/call-off", "/call-off")
    few = [asked(path) for path in paths]
    with db.write() as session:
        for number in range(12):
            body = raa(session, f"Agency {number}")
            session.add(
                CallOffBody(framework_id=made.framework_id, organisation_id=body, entitled_from=date(2026, 1, 1))
            )
            session.add(
                CallOffBody(
                    framework_id=made.framework_id,
                    organisation_id=made.raa_id,
                    entitled_from=date(2025, 1, 1 + number),
                    entitled_to=date(2025, 1, 1 + number),
                )
            )
    assert [asked(path) for path in paths] == few
    assert max(few) <= 15


@pytest.mark.row("2.17")
def test_what_waits_stands_on_the_first_page_of_the_other_leads(
    db: Database, client_for: ClientFor, made: World
) -> None:
    ask(db, made, made.lead, made.other_raa_id)
    words = "Confirm that Other agency may call off"
    assert words in client_for(made.lead_two).get("/").text
    for other in (made.lead, made.commissioner):
        assert words not in client_for(other).get("/").text

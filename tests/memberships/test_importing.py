"""A list of members from a spreadsheet: every cell right or named, known by number, approved by two, all of it or nothing."""

import csv
import io
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from httpx2 import Response
from python_calamine import CalamineWorkbook
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, func, select

from app.core import audit
from app.core.database import Database
from app.core.london import at_london
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.evidence import commands as evidence
from app.evidence.models import EvidenceItem
from app.evidence.rules import ItemFacts
from app.frameworks.models import Lot
from app.memberships.importing import commands, queries
from app.memberships.importing.models import MemberImport
from app.memberships.importing.queries import ImportPage
from app.memberships.importing.rules import NEW, Line, Listing, read_listing, template
from app.memberships.models import Membership
from app.organisations.models import Organisation, SeatInvitation
from app.providers.models import DuplicateSuggestion, Provider
from app.web.pages import plain
from tests import NOON
from tests.applications.scoring import admits
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import INSURANCE, World, membership, world_without_members

COLUMNS = template({1: "Therapy", 2: "Mediation"}, ("North", "South"), {INSURANCE: "Insurance"})
ALDER = {"Provider": "Alder Therapy Ltd", "Company number": "1234567", "Lots": "1; 2", "Regions": "All"}
FERN = {
    "Provider": "Fern Mediation",
    "Company number": "87654321",
    "Kind of provider": "Company",
    "Contact e-mail": "Fern@Example.org",
    "Lots": "Lot 2",
    "Regions": "south",
    "Insurance expires": "31/03/2027",
}
LOOKS = {**FERN, "Provider": "Birch Therapies", "Company number": "11112222"}


@pytest.fixture
def furniture() -> Furniture:
    return _world


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


def _world(session: Session) -> World:
    made = world_without_members(session)
    session.get_one(Provider, made.provider_a).company_number = "01234567"
    return made


def _rows(*people: dict[str, str]) -> list[list[object]]:
    headings: list[object] = [column.heading for column in COLUMNS]
    return [headings, *([person.get(str(heading), "") for heading in headings] for person in people)]


def _lines(*people: dict[str, str]) -> tuple[Line, ...]:
    listing = read_listing(_rows(*people), COLUMNS)
    assert listing.faults == ()
    return listing.lines


def _send(db: Database, made: World, *people: dict[str, str]) -> UUID:
    with db.write() as session:
        of = queries.parts(session, made.framework_id).template
        headings = {column.key: column.heading for column in of}
        renamed = [{headings[_key(name)]: value for name, value in person.items()} for person in people]
        rows = [list(headings.values()), *([one.get(heading, "") for heading in headings.values()] for one in renamed)]
        return commands.keep_list(
            session,
            made.lead,
            made.framework_id,
            file_name="list.csv",
            sha256="0" * 64,
            lines=read_listing(rows, of).lines,
        )


def _key(heading: str) -> str:
    return next(column.key for column in COLUMNS if column.heading == heading)


def _page(db: Database, made: World, list_id: UUID) -> ImportPage:
    with db.read() as session:
        return queries.import_page(session, made.lead_two, made.framework_id, list_id)


def _count(session: Session, table: Any, *which: Any) -> int:
    return session.exec(select(func.count()).select_from(table).where(*which)).one()


@pytest.mark.row("4.1")
def test_a_row_is_read_into_numbers_lots_regions_and_days() -> None:
    [alder, fern] = _lines(ALDER, FERN)
    assert alder.values["lots"] == [1, 2] and alder.values["regions"] == ["North", "South"]
    assert alder.numbers == {"company_number": "01234567"}
    assert (fern.values["lots"], fern.values["regions"], fern.values["kind"]) == ([2], ["South"], "company")
    assert (fern.values["email"], fern.expiries) == ("fern@example.org", {INSURANCE: "2027-03-31"})


@pytest.mark.row("4.1")
@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"Provider": ""}, "Provider", "This is needed"),
        ({"Company number": ""}, "Company number", "Give at least one official number"),
        ({"Company number": "123456789"}, "Company number", "Company number must be 8 characters or fewer"),
        ({"Lots": "1; 7"}, "Lots", "Lots does not know 7. Use the numbers of the lots, with ; between"),
        ({"Lots": ""}, "Lots", "This is needed"),
        ({"Regions": "East"}, "Regions", "Regions does not know East. Use the framework’s own names, with ; between"),
        (
            {"Contact e-mail": "nobody"},
            "Contact e-mail",
            "Contact e-mail must be an e-mail address, like name@example.org",
        ),
        ({"Kind of provider": "Club"}, "Kind of provider", "Kind of provider must be one of: "),
        (
            {"Insurance expires": "31/02/2027"},
            "Insurance expires",
            "Insurance expires must be a real date, like 27/03/2027",
        ),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(change: dict[str, str], column: str, words: str) -> None:
    [fault] = read_listing(_rows(ALDER, {**FERN, **change}), COLUMNS).faults
    assert (fault.row, fault.column) == (3, column) and fault.words.startswith(words)


@pytest.mark.row("4.1")
def test_headings_and_names_that_mislead_are_told() -> None:
    def faults(rows: list[list[object]]) -> list[tuple[int, str]]:
        return [(fault.row, fault.column) for fault in read_listing(rows, COLUMNS).faults]

    assert faults([]) == [(1, "Headings")]
    assert faults(_rows()) == [(2, "Provider")]
    assert (1, "Shoe size") in faults([["Shoe size"], ["42"]])
    assert faults(_rows(FERN, {**FERN, "Company number": "11112222"})) == [(3, "Provider")]
    assert read_listing(_rows(*[ALDER] * 501), COLUMNS) == Listing(
        (), read_listing(_rows(*[ALDER] * 501), COLUMNS).faults
    )


@pytest.mark.row("4.1")
def test_two_people_make_a_list_count_and_the_same_list_again_changes_nothing(db: Database, made: World) -> None:
    list_id = _send(db, made, ALDER, FERN)
    told = _page(db, made, list_id)
    assert [(one.provider_name, len(one.opens), one.held) for one in told.planned] == [
        ("Alder Therapy", 4, 0),
        ("Fern Mediation", 1, 0),
    ]
    with db.write() as session, pytest.raises(Refused, match="second_person"):
        commands.approve_list(session, made.lead, made.framework_id, list_id)
    with db.read() as session:
        assert _count(session, Membership) == 0
    with db.write() as session:
        assert commands.approve_list(session, made.lead_two, made.framework_id, list_id) == 5
    with db.write() as session:
        assert commands.approve_list(session, made.lead_two, made.framework_id, list_id) == 5
    with db.read() as session:
        rows = session.exec(select(Membership)).all()
        assert len(rows) == 5 and {row.signed_at for row in rows} == {None}
        assert {row.opened_by for row in rows} == {made.lead_two.known}
        fern = session.exec(select(Provider).where(Provider.company_number == "87654321")).one()
        assert (fern.kind, fern.terms_version, session.get_one(Organisation, fern.id).name) == (
            "company",
            "",
            "Fern Mediation",
        )
        invitation = session.exec(select(SeatInvitation)).one()
        assert (invitation.organisation_id, invitation.email, invitation.role) == (fern.id, "fern@example.org", "owner")
        item = session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == fern.id)).one()
        assert (item.kind_slug, item.expires_on, item.submitted_at, item.stated_by_id) == (
            INSURANCE,
            date(2027, 3, 31),
            None,
            made.lead_id,
        )
        kept = session.get_one(MemberImport, list_id)
        approved = audit.timeline(session, list_id)[-1]
        assert "“list.csv”" in audit.sentence(approved) and "file" not in approved.detail
        assert (kept.rows, kept.opened, kept.agreed_by) == ({}, 5, made.lead_two.known)
        mails = session.exec(select(OutboxMessage.template, OutboxMessage.to_address)).all()
        assert sorted(mails) == [
            ("memberships/listed.txt", made.owner_a.email),
            ("organisations/invitation.txt", "fern@example.org"),
        ]
        invited = session.exec(select(OutboxMessage).where(OutboxMessage.to_address == "fern@example.org")).one()
        _, body = plain(invited.template, {"public_url": "", **invited.context})
        assert "Fern Mediation is on the list of approved providers of Test framework" in body
    with db.write() as session:
        before = audit.count(session, list_id)
        commands.say_who(session, made.lead, made.framework_id, list_id, {2: NEW})
    with db.read() as session:
        assert (session.get_one(MemberImport, list_id).rows, audit.count(session, list_id)) == ({}, before)
    again = _send(db, made, ALDER, FERN)
    told = _page(db, made, again)
    assert (told.opens, told.states, told.newcomers, told.before) == (0, 0, 0, NOON)
    with db.write() as session:
        assert commands.approve_list(session, made.lead_two, made.framework_id, again) == 0
    with db.read() as session:
        assert (_count(session, Membership), _count(session, SeatInvitation)) == (5, 1)
        assert _count(session, EvidenceItem) == 1


@pytest.mark.row("4.1")
def test_nobody_is_known_by_name_alone(db: Database, made: World) -> None:
    list_id = _send(db, made, LOOKS)
    told = _page(db, made, list_id)
    assert [alike_id for alike_id, _, _ in told.undecided[0].alike] == [made.provider_b]
    with db.write() as session, pytest.raises(Refused, match="undecided"):
        commands.approve_list(session, made.lead_two, made.framework_id, list_id)
    with db.write() as session, pytest.raises(Refused, match="not_alike"):
        commands.say_who(session, made.lead_two, made.framework_id, list_id, {2: str(made.provider_a)})
    with db.write() as session:
        commands.say_who(session, made.lead_two, made.framework_id, list_id, {2: str(made.provider_b)})
        assert commands.approve_list(session, made.lead_two, made.framework_id, list_id) == 1
        assert session.exec(select(Membership.provider_id)).all() == [made.provider_b]
        assert session.get_one(Provider, made.provider_b).company_number is None
    afresh = _send(db, made, {**LOOKS, "Company number": "33334444"})
    with db.write() as session:
        commands.say_who(session, made.lead, made.framework_id, afresh, {2: NEW})
        assert commands.approve_list(session, made.lead_two, made.framework_id, afresh) == 1
        assert _count(session, Provider, Provider.company_number == "33334444") == 1
        assert _count(session, DuplicateSuggestion) == 1


@pytest.mark.row("4.1")
def test_one_provider_in_several_rows_is_one(db: Database, made: World) -> None:
    other = {**FERN, "Company number": "87654321", "Regions": "North; South", "Lots": "1; 2"}
    list_id = _send(db, made, FERN, {**other, "PPON": "PZGW-7196-LCHL"}, FERN)
    with db.write() as session:
        assert commands.approve_list(session, made.lead_two, made.framework_id, list_id) == 4
        assert _count(session, Provider, col(Provider.company_number) == "87654321") == 1


@pytest.mark.row("4.1")
def test_what_the_provider_told_itself_stands(db: Database, made: World) -> None:
    with db.write() as session:
        own = ItemFacts(kind=INSURANCE, issuer="Example Insurance", expires_on=date(2027, 9, 1))
        evidence.add_item(session, made.owner_a, made.provider_a, own)
    list_id = _send(db, made, {**ALDER, "Insurance expires": "31/03/2027"})
    with db.write() as session:
        commands.approve_list(session, made.lead_two, made.framework_id, list_id)
        assert session.exec(select(EvidenceItem.expires_on)).all() == [date(2027, 9, 1)]


@pytest.mark.row("4.1")
def test_a_membership_whose_last_day_has_passed_gives_way_though_nobody_wrote_it_down(
    db: Database, made: World, clock: Clock
) -> None:
    with db.write() as session:
        where = made.framework_id, made.lots[0], made.regions[0]
        old = membership(session, made.provider_a, *where, by=made.lead.known)
        session.get_one(Membership, old).ends_on = NOON.date()
    clock.set(NOON + timedelta(days=2))
    list_id = _send(db, made, ALDER)
    with db.write() as session:
        assert commands.approve_list(session, made.lead_two, made.framework_id, list_id) == 4
    with db.read() as session:
        assert session.get_one(Membership, old).ended_at == at_london(NOON.date() + timedelta(days=1), time())


@pytest.mark.row("4.1")
def test_what_came_up_since_holds_the_whole_list_up(db: Database, made: World) -> None:
    list_id = _send(db, made, ALDER, FERN)
    with db.write() as session:
        session.get_one(Provider, made.provider_a).archived_at = NOON
    with db.write() as session, pytest.raises(Refused, match="changed"):
        commands.approve_list(session, made.lead_two, made.framework_id, list_id)
    with db.read() as session:
        assert (_count(session, Membership), _count(session, Provider)) == (0, 2)
        _, faults = queries.matched(session, _lines({**FERN, "Kind of provider": ""}, ALDER))
        assert [(fault.row, fault.column) for fault in faults] == [(2, "Kind of provider"), (3, "Company number")]


@pytest.mark.row("4.1")
def test_a_list_opens_no_more_than_a_ranked_lot_takes(db: Database, made: World) -> None:
    with db.write() as session:
        admits(session, made.lots[1], most=1)
    other = {**FERN, "Provider": "Hazel Mediation", "Company number": "11112222"}
    list_id = _send(db, made, FERN, {**FERN, "PPON": "PZGW-7196-LCHL"}, other)
    words = "Row 4: Lot 2 takes no more than 1 in South. Send a corrected list."
    refusal = _page(db, made, list_id).refusal
    assert refusal and refusal.words == words
    with db.write() as session, pytest.raises(Refused, match="changed"):
        commands.approve_list(session, made.lead_two, made.framework_id, list_id)
    fits = _send(db, made, FERN, {**FERN, "PPON": "PZGW-7196-LCHL"})
    with db.write() as session:
        assert commands.approve_list(session, made.lead_two, made.framework_id, fits) == 1
        if db.engine.dialect.name == "postgresql":  # elsewhere a write is alone in any case
            with pytest.raises(OperationalError), db.write() as meanwhile:
                meanwhile.exec(select(Lot.id).where(Lot.id == made.lots[1]).with_for_update(nowait=True)).all()
    full = _send(db, made, other)
    with db.write() as session, pytest.raises(Refused, match="changed"):
        commands.approve_list(session, made.lead_two, made.framework_id, full)


@pytest.mark.row("4.1")
def test_one_list_waits_at_a_time_and_two_people_are_a_constraint(db: Database, made: World) -> None:
    first, second = _send(db, made, ALDER), _send(db, made, FERN)
    with pytest.raises(NotFound):
        _page(db, made, first)
    with pytest.raises(IntegrityError), db.write() as session:
        row = session.get_one(MemberImport, second)
        row.agreed_at, row.agreed_by = NOON, row.read_by
    with db.write() as session:
        commands.put_aside_list(session, made.lead_two, made.framework_id, second)
    with db.read() as session:
        told = audit.timeline(session, second)
        assert ["“list.csv”" in audit.sentence(event) for event in told] == [True, True]
        assert not any("file" in event.detail for event in told)
    with pytest.raises(NotFound):
        _page(db, made, second)


def _post(client_for: ClientFor, made: World, content: bytes, name: str = "list.csv") -> Response:
    path = f"/frameworks/{made.framework_id}/members/import"
    return client_for(made.lead).post(path, files={"file": (name, content)})


@pytest.mark.row("4.1")
def test_all_that_is_wrong_is_told_at_once_and_each_cell_once(client_for: ClientFor, made: World) -> None:
    """A cell that cannot be read, a name with two numbers, and a row of somebody who is not here without what that needs."""
    unknown = {
        **FERN,
        "Provider": "Hazel Mediation",
        "Company number": "11112222",
        "Contact e-mail": "",
        "Kind of provider": "",
    }
    other = {**FERN, "Company number": "33334444", "Contact e-mail": "fern at example"}
    rows = _rows({**ALDER, "Lots": "99"}, FERN, unknown, other)
    sheet = "\n".join(",".join(f'"{cell}"' for cell in row[:-1]) for row in rows)
    answer = _post(client_for, made, sheet.encode())
    page = BeautifulSoup(answer.text, "html.parser")
    told = [tuple(cell.get_text(strip=True) for cell in row.select("td, th"))[:2] for row in page.select("tbody tr")]
    assert [(row.split()[-1], column) for row, column in told] == [
        ("2", "Lots"),
        ("4", "Kind of provider"),
        ("5", "Contact e-mail"),
        ("5", "Provider"),
    ]


@pytest.mark.row("4.1")
def test_the_template_is_filled_in_checked_and_approved_on_screen(
    db: Database, client_for: ClientFor, made: World
) -> None:
    here = f"/frameworks/{made.framework_id}/members"
    lead, second = client_for(made.lead), client_for(made.lead_two)
    headings = next(csv.reader(io.StringIO(lead.get(f"{here}/template?kind=csv").content.decode("utf-8-sig"))))
    book = CalamineWorkbook.from_filelike(io.BytesIO(lead.get(f"{here}/template").content))
    assert book.get_sheet_by_index(0).to_python()[0] == headings
    assert f"{here}/import" in second.get(here).text

    def filled(**cells: str) -> bytes:
        person = {**LOOKS, **{key.replace("_", " "): value for key, value in cells.items()}}
        out = io.StringIO()
        csv.writer(out).writerows([headings, [person.get(heading, "") for heading in headings]])
        return out.getvalue().encode()

    wrong = _post(client_for, made, filled(Lots="9"))
    assert wrong.status_code == 422 and "Lots does not know 9" in wrong.text and "Row&nbsp;2" in wrong.text
    unknown = _post(client_for, made, filled(Kind_of_provider=""))
    assert unknown.status_code == 422 and "Nobody here has these numbers yet" in unknown.text
    assert _post(client_for, made, b"").status_code == 422
    sent = _post(client_for, made, filled())
    page = sent.headers["location"]
    assert "Who is this?" in second.get(page).text and "another lead must approve it" in lead.get(page).text
    assert second.post(f"{page}/approve").status_code == 409
    assert second.post(f"{page}/who", data={}).status_code == 422
    assert second.post(f"{page}/who", data={"row_2": "new"}).status_code == 303
    assert second.post(f"{page}/approve").status_code == 303
    assert "1 membership was opened" in BeautifulSoup(second.get(page).text, "html.parser").get_text()
    assert client_for(made.commissioner).get(f"{here}/import").status_code == 404


@pytest.mark.bar("P6")
def test_the_page_asks_as_often_for_a_long_list_as_for_a_short_one(
    db: Database, client_for: ClientFor, made: World
) -> None:
    def asked(*people: dict[str, str]) -> tuple[int, int]:
        with statements(db) as kept:
            list_id = _send(db, made, *people)
        with statements(db) as sent:
            browser = client_for(made.lead)
            assert browser.get(f"/frameworks/{made.framework_id}/members/import/{list_id}").status_code == 200
        return len(kept), len(sent)

    many = [{**FERN, "Provider": f"Number {n} Ltd", "Company number": f"{n:08}"} for n in range(1, 40)]
    assert asked(*many) == (few := asked(FERN))
    assert max(few) <= 13


@pytest.mark.row("4.1")
def test_the_provider_reads_who_stated_it_and_its_own_word_takes_over(
    db: Database, client_for: ClientFor, made: World
) -> None:
    list_id = _send(db, made, {**ALDER, "Insurance expires": "31/03/2027"})
    with db.write() as session:
        commands.approve_list(session, made.lead_two, made.framework_id, list_id)
        item_id = session.exec(select(EvidenceItem.id)).one()
    assert "As stated by Test hub, not checked" in client_for(made.owner_a).get(f"/evidence/{item_id}").text
    with db.write() as session:
        evidence.change_item(session, made.owner_a, item_id, ItemFacts(kind=INSURANCE, issuer="Example Insurance"))
    assert "As stated by" not in client_for(made.owner_a).get(f"/evidence/{item_id}").text

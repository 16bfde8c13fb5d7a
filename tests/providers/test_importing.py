"""A spreadsheet of practitioners: every cell read or named, all of them in or none, and nothing in it that runs."""

import csv
import io
import zipfile
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import xlsxwriter
from bs4 import BeautifulSoup
from httpx2 import Response
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound
from app.providers import commands, queries, spreadsheets
from app.providers.models import (
    DbsRecord,
    PersonalInsurance,
    Practitioner,
    PractitionerImport,
    PractitionerTherapy,
    ProfessionalRegistration,
    Supervision,
)
from app.providers.rules.columns import COLUMNS, HEADINGS, Known
from app.providers.rules.importing import Person, Sheet, read_sheet
from app.providers.rules.sheets import MOST_ROWS, Fault
from tests.conftest import ClientFor
from tests.databases import Furniture, statements
from tests.providers.test_pages import Set, _errors, _set

ON = date(2026, 11, 23)
KNOWN = Known(
    bodies={"HCPC": ("Health and Care Professions Council", r"(?:AS|PYL)\d{4,6}"), "UKCP": ("UK Council", "")},
    therapies={"ddp": "Dyadic developmental psychotherapy", "emdr": "EMDR"},
    people={("pia here", "AS12345")},
)
TWELVE = [
    {
        "full_name": f"Practitioner {letter}",
        "profession": "Art therapist",
        "body": "HCPC",
        "number": f"AS9{number:04d}",
        "registered_until": f"{number + 1:02d}/06/2027",
        "qualification": "MA Art Psychotherapy",
        "therapies": "Art therapy",
        "supervisor": "Sue Supervisor",
        "frequency": "Every month",
        "dbs_number": f"0012345678{number:02d}",
        "dbs_issued_on": "05/01/2026",
        "dbs_level": "Enhanced",
        "dbs_workforce": "Child workforce",
        "dbs_children": "yes",
        "insurer": "Example Insurance",
        "insured_until": "31/01/2027",
    }
    for number, letter in enumerate("ABCDEFGHIJKL")
]


@pytest.fixture
def furniture() -> Furniture:
    return _set


def _rows(*people: dict[str, object], headings: list[str] | None = None) -> list[list[object]]:
    keys = [column.key for column in COLUMNS]
    return [headings or [HEADINGS[key] for key in keys], *([person.get(key, "") for key in keys] for person in people)]


def _read(*people: dict[str, object]) -> Sheet:
    return read_sheet(_rows(*people), KNOWN, on=ON)


def _csv(*people: dict[str, object], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(_rows(*people))
    return out.getvalue().encode(encoding)


def _xlsx(rows: list[list[object]], formula: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if formula:
            sheet.write_formula(1, 0, formula)
    return out.getvalue()


PIA: dict[str, object] = {"full_name": "Pia New", "profession": "Psychologist"}


@pytest.mark.row("1.6")
@pytest.mark.parametrize(
    ("given", "column", "words"),
    [
        ({"full_name": ""}, "Full name", "Enter the full name"),
        ({"full_name": "x" * 201}, "Full name", "Full name must be 200 characters or fewer"),
        ({"body": "GDC", "number": "1"}, "Professional body", "is not a body we know"),
        ({"body": "HCPC"}, "Registration number", "Enter the registration number"),
        ({"number": "1" * 41}, "Registration number", "must be 40 characters or fewer"),
        ({"number": "AS1", "registered_until": "31/02/2027"}, "Registration expires", "must be a real date"),
        ({"number": "AS1", "registered_until": "soon"}, "Registration expires", "must be a real date"),
        ({"second_number": "AS1"}, "Registration number", "Put their first registration here"),
        ({"awarding_body": "A college"}, "Qualification", "Enter the name of the qualification"),
        ({"qualification": "MA", "year": "19"}, "Year awarded", "must be a year"),
        ({"therapies": "EMDR"}, "Therapies", "Give a registration or a qualification"),
        ({"qualification": "MA", "therapies": "EMDR; Healing"}, "Therapies", "does not know Healing"),
        ({"supervisor": "Sue"}, "Supervision how often", "Say how often they meet"),
        ({"supervisor": "Sue", "frequency": "often"}, "Supervision how often", "must be one of: Every week"),
        ({"dbs_number": "1"}, "DBS issued", "Enter the date of issue"),
        ({"dbs_children": "perhaps"}, "Children’s barred list checked", "must be yes or no"),
        ({"insurer": "Example"}, "Own insurance expires", "Enter the date"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(given: dict[str, object], column: str, words: str) -> None:
    found = _read(PIA, PIA | {"full_name": "Another"} | given)
    fault = next(fault for fault in found.faults if fault.column == column)
    assert fault.row == 3
    assert words in fault.words


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("27/3/2027", "2027-03-27"),
        ("2027-03-27", "2027-03-27"),
        ("27 March 2027", "2027-03-27"),
        (date(2027, 3, 27), "2027-03-27"),
    ],
)
def test_a_date_is_read_as_people_write_it(typed: object, value: str) -> None:
    [pia] = _read(PIA | {"number": "1", "registered_until": typed}).people
    assert pia.values["registered_until"] == value


def test_odd_numbers_and_past_dates_are_warned_of_and_never_refused() -> None:
    odd = {"body": "HCPC", "number": "XX1", "registered_until": "01/01/2020", "dbs_number": 12345.0}
    dbs = {"dbs_issued_on": "1/1/2026", "dbs_level": "enhanced", "dbs_workforce": "child"}
    found = _read(PIA | odd | dbs, {"full_name": "Pia HERE", "profession": "T", "body": "HCPC", "number": "AS54321"})
    assert found.faults == ()
    [first, second] = found.people
    assert first.values["dbs_number"] == "12345", "a number has no decimal point it never had"
    assert [words.partition(":")[0] for words in first.warnings] == [
        "Registration number",
        "DBS certificate number",
        "Registration expires",
    ]
    assert "under another number" in second.warnings[0]


def test_those_who_are_here_are_recognised_and_two_the_same_are_a_fault() -> None:
    here = {"full_name": "pia here", "profession": "T", "body": "hcpc", "number": "as 12345"}
    assert [person.already for person in _read(here, PIA).people] == [True, False]
    assert _read(PIA, here, PIA).faults == (
        Fault(4, "Full name", "This is the same person, with the same number, as in row 2", "Pia New"),
    )


@pytest.mark.parametrize(
    ("headings", "column", "words"),
    [
        (["Full name"], "Profession", "missing"),
        (["Full name", "Profession", "Shoe size"], "Shoe size", "not in the template"),
        (["Full name", "Profession", "full  NAME"], "Full name", "twice"),
        ([""], "Headings", "empty"),
    ],
)
def test_wrong_headings_are_said(headings: list[object], column: str, words: str) -> None:
    [fault] = read_sheet([headings, ["Pia", "T"]], KNOWN, on=ON).faults
    assert (fault.row, fault.column) == (1, column)
    assert words in fault.words


def test_headings_may_be_few_and_in_any_order_and_there_is_a_most() -> None:
    sheet = read_sheet([["profession", "FULL NAME"], ["T", "Pia"], [], ["T", "Max"]], KNOWN, on=ON)
    assert [(p.row, p.values["full_name"]) for p in sheet.people] == [(2, "Pia"), (4, "Max")]
    many = [{"full_name": f"P{n}", "profession": "T"} for n in range(MOST_ROWS + 1)]
    assert "at most 500" in _read(*many).faults[0].words
    assert "nobody below" in read_sheet([["Full name", "Profession"]], KNOWN, on=ON).faults[0].words


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-8", ";"), ("cp1252", ","), ("utf-16", "\t")]
)
def test_a_csv_is_read_in_the_letters_it_came_in(encoding: str, delimiter: str) -> None:
    data = _csv({"full_name": "Zoë Brontë", "profession": "Thérapeute"}, encoding=encoding, delimiter=delimiter)
    assert spreadsheets.read(io.BytesIO(data))[1][:2] == ["Zoë Brontë", "Thérapeute"]


@pytest.mark.bar("S6")
def test_a_hostile_cell_is_text_on_the_way_in_and_disarmed_on_the_way_out() -> None:
    hostile = "=cmd|' /C calc'!A0"
    for data in (_xlsx(_rows(PIA | {"full_name": hostile})), _csv(PIA | {"full_name": hostile})):
        [person] = read_sheet(spreadsheets.read(io.BytesIO(data)), KNOWN, on=ON).people
        assert person.values["full_name"] == hostile
    for start in ("=", "+", "-", "@", "\t", "\r"):
        assert spreadsheets.neutral(f"{start}1") == f"'{start}1"
    line = [hostile, "T", *("" for _ in COLUMNS[2:])]
    out = spreadsheets.as_csv([line], COLUMNS)
    assert f'"\'{hostile}"' in out.decode() or f"'{hostile}" in out.decode()
    book = spreadsheets.as_xlsx([line], COLUMNS, title="Practitioners", more=("Therapies", ["EMDR"]))
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    for data in (out, book):
        again = read_sheet(spreadsheets.read(io.BytesIO(data)), KNOWN, on=ON)
        assert again.people[0].values["full_name"] == hostile, "our own mark comes off again"


def _far(where: str) -> bytes:
    sheet = (
        '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row><c r="{where}"><v>1</v></c></row></sheetData></worksheet>'
    )
    return _with_sheet(sheet.encode())


def _with_sheet(sheet: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_xlsx([["a"]]))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, sheet if part.filename.endswith("sheet1.xml") else old.read(part))
    return out.getvalue()


def _elsewhere(place: str) -> bytes:
    """A workbook whose relation names a sheet outside the usual folder, with one cell far away."""
    out, cell = io.BytesIO(), f'<worksheet><sheetData><row><c r="{place}"><v>1</v></c></row></sheetData></worksheet>'
    with zipfile.ZipFile(io.BytesIO(_xlsx([["a"]]))) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.endswith("workbook.xml.rels"):
                content = content.replace(b"worksheets/sheet1.xml", b"sheets/s.xml")
            new.writestr(part.filename, content)
        new.writestr("xl/sheets/s.xml", cell)
    return out.getvalue()


def _opendocument() -> bytes:
    """A few words that stand for fifty million cells, in a parcel that looks like a workbook too."""
    cell = '<table:table-cell table:number-columns-repeated="1000"/>'
    rows = f'<table:table-row table:number-rows-repeated="50000">{cell}</table:table-row>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parcel:
        parcel.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parcel.writestr("content.xml", f"<office:spreadsheet><table:table>{rows}</table:table></office:spreadsheet>")
        parcel.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


@pytest.mark.bar("S6")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"%PDF-1.4",
        b"\xd0\xcf\x11\xe0old excel",
        b"PK\x03\x04cut short",
        b"a\0b",
        b"x" * (spreadsheets.MOST_BYTES + 1),
        _far("XFD1048576"),
        _far("A1048576"),
        _far("&#65;9"),
        _with_sheet(b"<a>" + b" " * (spreadsheets.MOST_UNPACKED + 1) + b"</a>"),
        _with_sheet("<worksheet/>".encode("utf-16")),
        _elsewhere("XFD1048576"),
        _opendocument(),
    ],
    ids=[
        "nothing",
        "blanks",
        "pdf",
        "old excel",
        "cut short",
        "nul",
        "too large",
        "far cell",
        "far row",
        "hidden far cell",
        "unpacks too far",
        "utf-16",
        "sheet in another folder",
        "opendocument in disguise",
    ],
)
def test_what_is_no_spreadsheet_or_too_much_of_one_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(spreadsheets.Unreadable, match=r"\w"):
        spreadsheets.read(io.BytesIO(data))


def _send(client: Any, made: Set, data: bytes, name: str = "people.xlsx") -> Response:
    answer: Response = client.post(
        f"/providers/{made.provider_id}/practitioners/import", files={"file": (name, data, "application/octet-stream")}
    )
    return answer


@pytest.mark.row("1.6")
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_agency_of_twelve_comes_in_by_spreadsheet(db: Database, made: Set, client_for: ClientFor, kind: str) -> None:
    client = client_for(made.owner)
    data = _xlsx(_rows(*TWELVE)) if kind == "xlsx" else _csv(*TWELVE)
    sent = _send(client, made, data, f"people.{kind}")
    assert sent.status_code == 303
    check = client.get(sent.headers["location"])
    assert "12 people will be added" in check.text
    with db.read() as session:
        assert len(queries.practitioners(session, made.provider_id)) == 1, "nobody before it is confirmed"
    for _ in range(2):
        assert client.post(sent.headers["location"]).status_code == 303
    with db.read() as session:
        people = queries.practitioners(session, made.provider_id)
        counts = [
            len(session.exec(select(table)).all())
            for table in (ProfessionalRegistration, PractitionerTherapy, Supervision, DbsRecord, PersonalInsurance)
        ]
        events = list(session.exec(select(AuditEvent.name)))
        waiting = session.exec(select(PractitionerImport)).one()
    assert len(people) == 13
    assert counts == [12] * 5
    assert people[0].registrations[0].expires_on == date(2027, 6, 1)
    assert sorted(set(events)) == ["practitioner.added", "practitioner.imported"]
    assert waiting.rows == {"people": []}, "what was typed does not stay twice"
    again = client.get(_send(client, made, data).headers["location"])
    assert "0 people will be added; 12 already here" in again.text


def test_an_odd_number_is_pointed_out_before_anybody_is_added(made: Set, client_for: ClientFor) -> None:
    odd = TWELVE[0] | {"dbs_number": "12"}
    client = client_for(made.owner)
    check = BeautifulSoup(
        client.get(_send(client, made, _csv(odd, *TWELVE[1:])).headers["location"]).text, "html.parser"
    )
    assert "1 thing looks odd" in check.get_text(" ", strip=True)
    [row] = [row for row in check.select("tbody tr") if "DBS certificate number" in row.get_text()]
    assert TWELVE[0]["full_name"] in row.get_text()


@pytest.mark.row("1.6")
def test_one_wrong_cell_and_nobody_comes_in(db: Database, made: Set, client_for: ClientFor) -> None:
    wrong = [*TWELVE[:5], TWELVE[5] | {"number": "", "registered_until": "31/02/2027"}, *TWELVE[6:]]
    answer = _send(client_for(made.owner), made, _xlsx(_rows(*wrong)))
    assert answer.status_code == 422
    assert _errors(answer) == ["Nothing was imported: 2 things are to be put right in the spreadsheet"]
    cells = [
        [cell.get_text(" ", strip=True).replace("\xa0", " ") for cell in row.find_all(["th", "td"])][:3]
        for row in BeautifulSoup(answer.text, "html.parser").select("#faults tbody tr")
    ]
    assert cells == [
        ["Row 7", "Registration number", "Enter the registration number"],
        ["Row 7", "Registration expires", "Registration expires must be a real date, like 27/03/2027"],
    ]
    with db.read() as session:
        assert session.exec(select(PractitionerImport)).all() == []
        assert len(session.exec(select(Practitioner)).all()) == 2, "one of each provider, as before"


def _keep(db: Database, actor: Actor, provider_id: UUID, count: int = 2) -> UUID:
    people = [Person(n, {"full_name": f"P{n}", "profession": "T"}, False, ()) for n in range(2, count + 2)]
    with db.write() as session:
        return commands.keep_import(session, actor, provider_id, file_name="p.csv", people=people)


def test_all_or_nothing_when_the_middle_fails(db: Database, made: Set) -> None:
    bad = Person(3, {"full_name": "P3", "profession": "T", "number": "1", "body": "NOBODY"}, False, ())
    with db.write() as session:
        good = Person(2, {"full_name": "P2", "profession": "T"}, False, ())
        key = commands.keep_import(session, made.owner, made.provider_id, file_name="p", people=[good, bad])
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), db.write() as session:
        commands.import_practitioners(session, made.owner, made.provider_id, key)
    with db.read() as session:
        assert len(queries.practitioners(session, made.provider_id)) == 1


def test_a_newer_spreadsheet_takes_the_place_of_one_never_confirmed(db: Database, made: Set) -> None:
    first, second = _keep(db, made.owner, made.provider_id), _keep(db, made.owner, made.provider_id)
    with pytest.raises(NotFound), db.write() as session:
        commands.import_practitioners(session, made.owner, made.provider_id, first)
    with db.write() as session:
        assert commands.import_practitioners(session, made.owner, made.provider_id, second) == 2


def test_only_those_who_keep_records_import(db: Database, made: Set) -> None:
    key = _keep(db, made.owner, made.provider_id)
    for actor, provider_id, error in (
        (made.reader, made.provider_id, NotAllowed),
        (made.other_owner, made.provider_id, NotFound),
        (made.other_owner, made.other_id, NotFound),
        (made.owner, made.provider_id, NotFound),
    ):
        wanted = uuid4() if actor is made.owner else key
        with pytest.raises(error), db.write() as session:
            commands.import_practitioners(session, actor, provider_id, wanted)


@pytest.mark.bar("P6")
def test_many_people_come_in_with_as_few_statements_as_few(db: Database, made: Set) -> None:
    counts = []
    for size in (2, 60):
        key = _keep(db, made.owner, made.provider_id, size)
        with statements(db) as sent, db.write() as session:
            commands.import_practitioners(session, made.owner, made.provider_id, key)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 15


def test_the_template_in_both_forms(made: Set, client_for: ClientFor) -> None:
    client, here = client_for(made.owner), f"/providers/{made.provider_id}/practitioners"
    assert client.get(f"{here}/import").status_code == 200
    for kind in ("xlsx", "csv"):
        answer = client.get(f"{here}/template?kind={kind}&rows=mine")
        assert answer.headers["content-disposition"] == f'attachment; filename="practitioners.{kind}"'
        rows = spreadsheets.read(io.BytesIO(answer.content))
        assert rows[0] == [column.heading for column in COLUMNS]
        assert rows[1][:2] == ["Therapist of Alder Therapy", "Therapist"]
    nothing = client.post(f"{here}/import", files={})
    assert (nothing.status_code, _errors(nothing)) == (422, ["Select the spreadsheet"])
    assert _errors(_send(client, made, b"%PDF-1.4"))[0].startswith("This does not open as a spreadsheet")

"""Whom a provider works with and how, and the answer to 'do you cover here?'."""

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.core.audit import AuditEvent
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.organisations.models import Organisation
from app.providers import commands, queries
from app.providers.rules import CHOICES, Aspect, covers, districts, outward
from app.providers.rules.coverage import Covered, Reach, coverage
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.providers.test_pages import Set, _errors, _set


@pytest.fixture
def furniture() -> Furniture:
    return _set


@pytest.mark.row("1.10")
@pytest.mark.parametrize(
    ("typed", "district"),
    [
        ("LS1", "LS1"),
        ("ls1 4ap", "LS1"),
        ("LS14AP", "LS1"),
        ("ls11 4", "LS11"),
        ("W1A 1AA", "W1A"),
        ("EC1A1BB", "EC1A"),
        ("M1", "M1"),
        ("ls", "LS"),
        ("Leeds", None),
        ("1LS", None),
        ("LS1 4APX", None),
        ("", None),
        ("=LS1", None),
    ],
)
def test_the_district_of_what_is_typed(typed: str, district: str | None) -> None:
    assert outward(typed) == district


@pytest.mark.row("1.10")
@pytest.mark.parametrize(
    ("asked", "chosen", "answer"),
    [
        ("LS1", {"LS1"}, True),
        ("LS1", {"LS"}, True),
        ("LS11", {"LS1"}, False),
        ("L1", {"LS"}, False),
        ("LS1", set(), False),
    ],
)
def test_a_district_is_covered_by_itself_or_its_area(asked: str, chosen: set[str], answer: bool) -> None:
    assert covers(asked, chosen) is answer


def test_districts_are_read_from_a_list_and_what_is_none_is_named() -> None:
    assert districts("LS1, ls2;BD\nLS1\n\nLeeds") == (["BD", "LS1", "LS2"], ["Leeds"])


def test_every_choice_fits_its_column() -> None:
    assert all(0 < len(value) <= 40 for choices in CHOICES.values() for value in choices)


@pytest.mark.row("1.10")
def test_services_are_chosen_once_and_told(db: Database, made: Set) -> None:
    wanted = {Aspect.NEED: ["trauma", "loss"], Aspect.AGE: ["5_to_8"], Aspect.DISTRICT: ["LS1", "BD"]}
    for _ in range(2):
        with db.write() as session:
            commands.choose_services(session, made.owner, made.provider_id, wanted)
            commands.set_reach(session, made.owner, made.provider_id, travels_from="LS1", miles=20)
    with db.write() as session:
        commands.choose_services(session, made.owner, made.provider_id, {Aspect.AGE: []})
    with db.read() as session:
        told = dict(queries.offered(session, made.provider_id).told())
        names = list(session.exec(select(AuditEvent.name)))
    assert told == {
        "Needs addressed": "Early trauma, neglect or abuse; Loss, separation and grief",
        "Postcode districts covered": "BD; LS1",
        "Travels": "Up to 20 miles from LS1",
    }
    assert names == ["provider.services_changed"] * 3
    with db.write() as session:
        commands.set_reach(session, made.owner, made.provider_id, travels_from="", miles=None)
    with db.read() as session:
        assert queries.offered(session, made.provider_id).miles is None


def test_what_no_list_holds_and_what_is_anothers_is_refused(db: Database, made: Set) -> None:
    for chosen in ({Aspect.NEED: ["happiness"]}, {Aspect.DISTRICT: ["Leeds"]}, {Aspect.DISTRICT: ["ls1"]}):
        with pytest.raises(Refused), db.write() as session:
            commands.choose_services(session, made.owner, made.provider_id, chosen)
    for actor, error in ((made.reader, NotAllowed), (made.other_owner, NotFound)):
        with pytest.raises(error), db.write() as session:
            commands.choose_services(session, actor, made.provider_id, {})
        with pytest.raises(error), db.write() as session:
            commands.set_reach(session, actor, made.provider_id, travels_from="LS1", miles=1)


@pytest.mark.row("1.10")
def test_the_pages_fill_in_and_are_shown(db: Database, made: Set, client_for: ClientFor) -> None:
    client, here = client_for(made.owner), f"/providers/{made.provider_id}/services"
    assert client.get(f"{here}/anything").status_code == 404
    for group, data in (
        ("needs", {"need": ["trauma"], "age": ["5_to_8", "adults"]}),
        ("delivery", {"mode": ["online"], "venue": ["home"], "travels_from": "ls6", "miles": "15"}),
        ("languages", {"language": ["urdu"], "culture": ["transracial"]}),
        ("districts", {"district": "LS1 4AP, BD"}),
    ):
        assert client.get(f"{here}/{group}").status_code == 200
        assert client.post(f"{here}/{group}", data=data).status_code == 303, group
    ticked = BeautifulSoup(client.get(f"{here}/needs").text, "html.parser").select("input[checked]")
    assert [box["value"] for box in ticked] == ["trauma", "5_to_8", "adults"]
    for page in (client.get(here), client_for(made.commissioner).get(f"/providers/{made.provider_id}")):
        for words in ("Early trauma", "Urdu", "Transracial", "15 miles from LS6", "BD; LS1", "At the family’s home"):
            assert words in page.text
    for data in ({"travels_from": "LS1"}, {"miles": "3"}, {"travels_from": "Leeds", "miles": "3"}, {"miles": "301"}):
        assert client.post(f"{here}/delivery", data=data).status_code == 422
    wrong = client.post(f"{here}/districts", data={"district": "LS1, Leeds, York"})
    assert _errors(wrong) == [
        "These are not postcode districts or areas: Leeds, York. Write them like LS1, or LS for all of it"
    ]
    assert "LS1, Leeds, York" in wrong.text
    assert client.post(f"{here}/needs", data={"need": ["happiness"]}).status_code == 422


WEST = Reach(districts={"LS1", "BD"}, authorities={"Leeds"}, travels_from="LS6", miles=10)


@pytest.mark.row("1.10")
@pytest.mark.parametrize(
    ("reach", "asked", "answer", "reasons"),
    [
        (WEST, {"district": "LS1"}, Covered.YES, ["They list LS1 among the places they cover."]),
        (WEST, {"district": "BD7"}, Covered.YES, ["They list all of BD among the places they cover."]),
        (WEST, {"district": "LS6"}, Covered.TRAVELS, ["They travel up to 10 miles from LS6, which is here."]),
        (
            WEST,
            {"district": "LS17"},
            Covered.PERHAPS,
            ["in the same postcode area. Distances are not measured here: ask.", "LS17 is not among"],
        ),
        (
            WEST,
            {"district": "YO1"},
            Covered.NO,
            ["YO1 is not among the postcode", "which is in another postcode area."],
        ),
        (WEST, {"authority": "Leeds"}, Covered.YES, ["They work with families of Leeds."]),
        (WEST, {"authority": "York"}, Covered.NO, ["York is not among the authorities they work with."]),
        (WEST, {"district": "YO1", "authority": "Leeds"}, Covered.YES, ["They work with families of Leeds."]),
        (Reach(online=True), {"district": "LS1"}, Covered.ONLINE, ["They work online, wherever a family lives."]),
        (Reach(), {"district": "LS1"}, Covered.NOT_KNOWN, ["They have listed no postcode districts."]),
        (Reach(), {"authority": "Leeds"}, Covered.NOT_KNOWN, ["They have listed no authorities."]),
    ],
)
def test_whether_a_place_is_covered_and_why(
    reach: Reach, asked: dict[str, str], answer: Covered, reasons: list[str]
) -> None:
    found = coverage(reach, **asked)
    assert found.answer is answer
    assert len(found.reasons) == len(reasons)
    assert all(words in said for words, said in zip(reasons, found.reasons, strict=True)), found.reasons


@pytest.mark.row("1.10")
def test_do_you_cover_here(db: Database, made: Set, client_for: ClientFor) -> None:
    with db.write() as session:
        commands.choose_services(session, made.owner, made.provider_id, {Aspect.DISTRICT: ["LS1", "BD"]})
        northshire = session.exec(select(Organisation.id).where(Organisation.name == "Northshire")).one()
        commands.choose_areas(session, made.owner, made.provider_id, [northshire])
    buyer, here = client_for(made.commissioner), f"/providers/{made.provider_id}/services"
    for asked, words in (
        ("postcode=LS1+4AP", "They list LS1"),
        ("postcode=YO1", "Not listed."),
        (f"authority={northshire}", "They work with families of Northshire."),
        ("authority=nobody", "No national table of postcodes is built in"),
    ):
        assert words in buyer.get(f"{here}?{asked}").text, asked
    assert "Enter a postcode" in buyer.get(f"{here}?postcode=nowhere").text
    assert "Not known." in buyer.get(f"/providers/{made.other_id}/services?postcode=LS1").text
    assert client_for(made.other_owner).get(here).status_code == 404

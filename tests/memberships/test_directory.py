"""The directory: who is approved for what near where, who of them can be used today, page by page and as a file."""

import csv
import io
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound
from app.frameworks.models import Framework, LotTherapy, RegionAuthority
from app.memberships.capacity.commands import state_capacity
from app.memberships.capacity.rules import Figures
from app.memberships.directory import routes
from app.memberships.directory.queries.approved import Directory, directory
from app.memberships.directory.rules import OfferedLot, OfferedRegion, Sought
from app.memberships.models import Membership
from app.providers.models import ProviderArea, ProviderOffer, ProviderReach, ProviderTherapy, Therapy
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import World, membership, provider, verified_evidence, world

ID = UUID(int=1)
OTHER = UUID(int=2)


@pytest.fixture
def furniture() -> Furniture:
    return _approved


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


def _approved(session: Session) -> World:
    """Alder is everywhere and offers EMDR; Birch offers DDP and has not signed in the south; four more are in the north."""
    made = world(session)
    for slug in ("emdr", "ddp"):
        services = "therapeutic_intervention,specialist_assessment"
        session.add(
            Therapy(slug=slug, name=slug.upper(), family="trauma", services=services, source="t", confidence="verified")
        )
    session.flush()
    for provider_id, slug in ((made.provider_a, "emdr"), (made.provider_b, "ddp")):
        session.add(ProviderTherapy(provider_id=provider_id, therapy_slug=slug))
    for aspect, value in (("mode", "in_person"), ("mode", "online"), ("district", "LS1")):
        session.add(ProviderOffer(provider_id=made.provider_a, aspect=aspect, value=value))
    session.add(ProviderReach(provider_id=made.provider_b, travels_from="LS6", miles=10))
    session.add(ProviderArea(provider_id=made.provider_a, authority_id=_authorities(session, made)[0]))
    for row in session.exec(
        select(Membership).where(Membership.provider_id == made.provider_b, Membership.region_id == made.regions[1])
    ):
        row.signed_at = row.signed_by = None
    for number in range(4):
        newcomer = provider(session, f"Newcomer {number}")
        verified_evidence(session, newcomer, made.checker)
        membership(session, newcomer, made.framework_id, made.lots[1], made.regions[0], made.lead.known)
    session.flush()
    return made


def _authorities(session: Session, made: World) -> list[UUID]:
    """One in the north and one in the south."""
    of = dict(session.exec(select(RegionAuthority.region_id, RegionAuthority.authority_id)).all())
    return [of[region_id] for region_id in made.regions]


def _look(db: Database, actor: Actor, **sought: Any) -> Directory:
    with db.read() as session:
        return directory(session, actor, Sought(**sought))


def _names(found: Directory) -> list[str]:
    return [one.name for one in found.approved]


@pytest.mark.row("4.1")
@pytest.mark.parametrize(
    ("asked", "therapies", "answers"),
    [
        ({}, (), True),
        ({"framework_id": ID}, (), True),
        ({"framework_id": OTHER}, (), False),
        ({"service": "mediation"}, (), False),
        ({"service": "therapeutic_intervention"}, (), True),
        ({"therapy": "emdr"}, (), True),
        ({"therapy": "emdr"}, ("emdr", "ddp"), True),
        ({"therapy": "emdr"}, ("ddp",), False),
        ({"therapy": "emdr", "service": "mediation"}, ("emdr",), False),
    ],
)
def test_a_lot_buys_the_therapies_it_names_or_all_of_its_service(
    asked: dict[str, Any], therapies: tuple[str, ...], answers: bool
) -> None:
    lot = OfferedLot(ID, ID, "therapeutic_intervention", frozenset(therapies))
    assert lot.answers(Sought(**asked), {"therapeutic_intervention"}) is answers
    other = OfferedLot(ID, ID, "mediation", frozenset())
    assert not other.answers(Sought(therapy="emdr"), {"therapeutic_intervention"})


@pytest.mark.row("4.2")
def test_a_region_answers_for_the_authorities_in_it() -> None:
    region = OfferedRegion(ID, ID, frozenset({OTHER}))
    asked = (Sought(), Sought(authority_id=OTHER), Sought(authority_id=ID), Sought(framework_id=OTHER))
    assert [region.answers(one) for one in asked] == [True, True, False, False]


@pytest.mark.row("2.19")
def test_it_answers_who_is_approved_for_what_near_where(db: Database, made: World) -> None:
    with db.read() as session:
        north, south = _authorities(session, made)
    everybody = ["Alder Therapy", "Birch Therapy", *(f"Newcomer {number}" for number in range(4))]
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, everybody),
        ({"therapy": "emdr"}, ["Alder Therapy"]),
        ({"therapy": "none"}, []),
        ({"service": "mediation", "authority_id": north}, everybody),
        ({"service": "mediation", "authority_id": south}, ["Alder Therapy", "Birch Therapy"]),
        ({"district": "LS1"}, ["Alder Therapy", "Birch Therapy"]),
        ({"district": "LS2", "mode": "in_person"}, []),
        ({"district": "M1"}, ["Alder Therapy"]),
        ({"district": "L1", "mode": "in_person"}, []),
        ({"mode": "online"}, ["Alder Therapy"]),
        ({"framework_id": made.framework_id}, everybody),
    ]
    assert [_names(_look(db, made.commissioner, **asked)) for asked, _ in cases] == [names for _, names in cases]
    with db.write() as session:
        session.add(LotTherapy(lot_id=made.lots[0], therapy_slug="ddp"))
    assert _names(_look(db, made.commissioner, therapy="emdr")) == []


@pytest.mark.row("2.19")
def test_each_stands_as_the_one_function_says_with_its_reason(db: Database, made: World) -> None:
    with db.write() as session:
        lot, south = made.lots[0], made.regions[1]
        alders = session.exec(
            select(Membership.id).where(
                Membership.provider_id == made.provider_a, Membership.lot_id == lot, Membership.region_id == south
            )
        ).one()
        state_capacity(session, made.owner_a, {(alders, "emdr"): Figures(3, 2)})
        authority = _authorities(session, made)[1]
    found = _look(db, made.commissioner, authority_id=authority, service="therapeutic_intervention")
    alder, birch = found.approved
    assert [reason.code for reason in alder.entries[0].member.reasons] == []
    assert [reason.code for reason in birch.entries[0].member.reasons] == ["not_signed"]
    assert (found.usable, alder.usable, birch.usable) == (1, True, False)
    assert alder.coverage and alder.coverage.answer == "Yes, online" and alder.modes == ("In person", "Online")
    [said] = alder.entries[0].capacity
    assert (said.therapy, said.figures) == ("EMDR", Figures(3, 2))


@pytest.mark.row("2.17")
def test_it_is_for_those_who_call_off_today_and_those_who_lead(
    db: Database, made: World, client_for: ClientFor
) -> None:
    everybody = _names(_look(db, made.commissioner))
    assert _names(_look(db, made.lead)) == everybody
    other = _look(db, made.other_commissioner)
    assert (other.choices.frameworks, other.approved) == ((), ())
    with pytest.raises(NotFound):
        _look(db, made.other_commissioner, framework_id=made.framework_id)
    with db.read() as session, pytest.raises(NotFound):
        directory(session, made.commissioner, Sought(), agency_id=made.other_raa_id)
    assert client_for(made.owner_a).get("/approved-providers").status_code == 404
    with db.write() as session:
        session.get_one(Framework, made.framework_id).ends_on = date(2026, 11, 1)
    assert _look(db, made.commissioner).choices.frameworks == ()


@pytest.mark.bar("P6")
def test_pages_follow_one_another_by_name_with_as_many_questions_for_many_as_for_few(
    db: Database, made: World, client_for: ClientFor
) -> None:
    with db.read() as session:
        first = directory(session, made.commissioner, Sought(), most=4)
        second = directory(session, made.commissioner, Sought(), after=first.last, most=4)
    assert _names(first) + _names(second) == _names(_look(db, made.commissioner)) and second.last is None
    browser = client_for(made.commissioner)

    def asked() -> int:
        with statements(db) as sent:
            assert browser.get("/approved-providers?district=LS1&therapy=emdr").status_code == 200
            assert browser.get("/approved-providers").status_code == 200
        return len(sent)

    few = asked()
    with db.write() as session:
        for number in range(30):
            newcomer = provider(session, f"Provider {number:02}")
            membership(session, newcomer, made.framework_id, made.lots[0], made.regions[0], made.lead.known)
    assert asked() == few
    page = BeautifulSoup(browser.get("/approved-providers").text, "html.parser")
    link = page.select_one("a[rel=next]")
    assert link and len(page.select("section.portal-lot")) == 20
    assert len(BeautifulSoup(browser.get(str(link["href"])).text, "html.parser").select("section.portal-lot")) == 16


@pytest.mark.row("2.19")
def test_the_file_holds_everybody_and_runs_in_no_spreadsheet(
    db: Database, made: World, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "AT_ONCE", 2)
    with db.write() as session:
        odd = provider(session, "=Evil()")
        membership(session, odd, made.framework_id, made.lots[0], made.regions[0], made.lead.known)
    answer = client_for(made.commissioner).get("/approved-providers/file")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert answer.headers["content-disposition"] == 'attachment; filename="approved-providers.csv"'
    assert len(rows) == 4 + 4 + 4 + 1 and {row["Provider"] for row in rows} >= {"'=Evil()", "Alder Therapy"}
    unsigned = [row for row in rows if row["Provider"] == "Birch Therapy" and row["Region"] == "South"]
    assert {(row["Can be used today"], row["Why not"]) for row in unsigned} == {("no", "The agreement is not signed.")}


@pytest.mark.row("2.19")
def test_the_page_says_who_can_be_used_and_what_is_no_postcode(
    db: Database, made: World, client_for: ClientFor
) -> None:
    browser = client_for(made.commissioner)
    page = BeautifulSoup(browser.get("/approved-providers?district=LS1").text, "html.parser")
    assert [name.get_text() for name in page.select("section.portal-lot h2")] == ["Alder Therapy", "Birch Therapy"]
    assert "They list LS1 among" in page.get_text() and "The agreement is not signed." in page.get_text()
    wrong = browser.get("/approved-providers?district=nowhere")
    assert wrong.status_code == 422 and "Enter a postcode" in wrong.text

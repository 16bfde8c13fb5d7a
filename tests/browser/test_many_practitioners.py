"""An agency brings in a dozen practitioners by spreadsheet, mends what is wrong, and sees every expiry on one page."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from app.accounts.commands import add_person
from app.core import clock
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from app.providers.models import Practitioner
from tests import factories
from tests.browser.conftest import OpenPage, Site
from tests.browser.people import PASSWORD, Somebody
from tests.browser.setting import TODAY, setting

OWNER = "ivy@rookwood.example.org"
HEADINGS = ("Full name", "Profession", "Professional body", "Registration number", "Registration expires")
PEOPLE = [
    (f"Rook {name}", "Psychotherapist", "HCPC", f"PYL{number:05}", f"{TODAY + timedelta(days=20 * number):%d/%m/%Y}")
    for number, name in enumerate(
        ("Ash", "Bay", "Cedar", "Dell", "Elder", "Fern", "Gorse", "Hazel", "Iris", "Juniper", "Kale", "Lime"), start=1
    )
]


def _sheet(rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEADINGS, *rows])
    return out.getvalue().encode("utf-8-sig")


def _agency(session: Session, checker_email: str) -> str:
    """A provider with nobody but its owner, and one verified insurance that lapses in ten days."""
    from app.accounts.models import Person
    from app.core.actor import Actor, Seat

    provider_id = factories.provider(session, "Rookwood Adoption")
    owner = add_person(session, name="Ivy Rookwood", email=OWNER, password=PASSWORD)
    now = clock.now(session)
    session.add(OrganisationSeat(person_id=owner, organisation_id=provider_id, role=Role.OWNER, given_at=now))
    checker = session.exec(select(Person).where(Person.email == checker_email)).one()
    hub = session.exec(select(OrganisationSeat).where(OrganisationSeat.person_id == checker.id)).one()
    seat = Seat(hub.organisation_id, "Hub", "lead", hub.role)
    factories.verified_evidence(
        session,
        provider_id,
        Actor(checker.id, checker.name, checker.email, (seat,)),
        kind="ins_public_liability",
        expires_on=TODAY + timedelta(days=10),
    )
    for one in session.exec(select(Practitioner).where(Practitioner.provider_id == provider_id)):
        one.left_at = now
    return str(provider_id)


@pytest.mark.row("1.6", "3.4")
@pytest.mark.timeout(200)
def test_a_dozen_practitioners_come_by_spreadsheet(site: Site, open_page: OpenPage, javascript: bool) -> None:
    met: dict[str, list[str]] = {}
    setting(site)
    with site.db.write() as session:
        here = f"/providers/{_agency(session, 'checker@hub.example.org')}"
    ivy = Somebody(site, open_page(javascript=javascript), OWNER, met, javascript).sign_in()
    ivy.go(f"{here}/practitioners").follow(re.compile("spreadsheet", re.I))
    wrong = [*PEOPLE[:2], (PEOPLE[2][0], "", *PEOPLE[2][2:]), *PEOPLE[3:11], (*PEOPLE[11][:4], "31/02/2027")]
    ivy.attach("people.csv", _sheet(wrong)).press("Check this spreadsheet")
    faults = [row.inner_text().split("\t") for row in ivy.page.locator("#faults tbody tr").all()]
    assert [(" ".join(row[0].split()), row[1].strip()) for row in faults] == [
        ("Row 4", "Profession"),
        ("Row 13", "Registration expires"),
    ]
    with site.db.read() as session:
        assert session.exec(select(Practitioner).where(Practitioner.full_name.startswith("Rook "))).all() == []  # type: ignore[attr-defined]
    ivy.attach("people.csv", _sheet(PEOPLE)).press("Check this spreadsheet").sees("12 people will be added")
    ivy.press("Add 12 practitioners").sees("Rook Ash", "Rook Lime")
    ivy.go(f"{here}/expiries").sees("Everything that expires", "12 practitioners", "ublic liability")
    ivy.sees(*(name for name, *_ in PEOPLE), *(number for *_, number, _ in PEOPLE))
    ivy.pick(person="Rook Cedar").press("Show these").sees("PYL00003").sees_not("PYL00004")
    assert not any(met.values()), "\n".join(fault for faults in met.values() for fault in faults)

"""A member of one framework joins a second in another part of England: one sitting, nothing uploaded, and answers carried over."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.applications.models import ApplicationBurden
from app.core import clock
from app.core.actor import Actor, Seat
from app.evidence.models import Document
from app.evidence.rules import kinds_of, rule_of
from app.frameworks.commands import approve_framework, create_framework, open_round
from app.frameworks.models import Lot
from app.frameworks.queries import lots_and_regions
from app.frameworks.rules import FrameworkFacts
from app.frameworks.templates import template
from app.organisations.models import Organisation, OrganisationSeat
from app.providers.models import Practitioner, ProviderArea, ProviderTherapy, Therapy
from tests import factories
from tests.browser.conftest import OpenPage, Site
from tests.browser.people import Somebody
from tests.browser.setting import HUB, TODAY, setting

OWNER = "omar@birch.example.org"
ANSWER = "We begin with a talk with the family, agree the goals in writing, and look at them together every six weeks."
MINUTES, PAGES, FIELDS = 10, 12, 6


class Counted(Somebody):
    """Somebody of whom it is counted how many pages they see, fields they fill and files they attach."""

    counted: Counter[str]

    def look(self) -> Somebody:
        self.counted["pages"] += 1
        return super().look()

    def fill(self, **by_name: str) -> Somebody:
        self.counted["fields"] += len(by_name)
        return super().fill(**by_name)

    def attach(self, name: str, content: bytes) -> Somebody:
        self.counted["uploads"] += 1
        return super().attach(name, content)


@pytest.mark.walk
@pytest.mark.row("2.3", "2.6")
@pytest.mark.timeout(200)
def test_a_second_framework_takes_one_sitting(site: Site, open_page: OpenPage, javascript: bool) -> None:
    met: dict[str, list[str]] = {}
    setting(site)
    with site.db.write() as session:
        first, second = _two_frameworks(session)
        _fully_evidenced(session, first, second)
    omar = Counted(site, open_page(javascript=javascript), OWNER, met, javascript)
    omar.counted = Counter()
    omar.sign_in()
    before, documents = _applies(omar, first), _documents(site)
    after = _applies(omar, second)
    print(f"first framework: {before}; second: {after}")
    assert after["uploads"] == 0
    assert _documents(site) == documents
    assert after["minutes"] <= MINUTES
    assert after["pages"] <= PAGES
    assert after["fields"] <= FIELDS < before["fields"] + after["reused"]
    assert after["reused"] > before["reused"]
    assert not any(met.values()), "\n".join(fault for faults in met.values() for fault in faults)


def _applies(omar: Counted, framework_id: UUID) -> Counter[str]:
    """From the framework's page to the receipt: what it took, by the browser's count and by the portal's own."""
    omar.counted.clear()
    omar.go(f"/frameworks/{framework_id}").press("Apply to join")
    application = omar.path
    omar.follow("Lots and regions")
    for box in omar.page.locator("input[name=parts]").all():
        box.check()
    omar.press("Save lots and regions").follow("Your statement")
    omar.fill(statement="Four therapists who work with families in their homes.").press("Save statement")
    links = omar.page.locator(f"main a[href^='{application}/questions/']")
    for section in [str(link.get_attribute("href")) for link in links.all()]:
        omar.go(section)
        for box in omar.page.locator("main textarea").all():
            if not box.input_value():
                omar.fill(**{str(box.get_attribute("name")): ANSWER})
        for yes in omar.page.get_by_label("Yes", exact=True).all():
            omar.counted["fields"] += 1
            yes.check()
        carried = omar.page.get_by_role("button", name="Save and confirm what is carried over")
        omar.press("Save and confirm what is carried over" if carried.count() else "Save and return")
    omar.follow("Check your answers and submit").tick(re.compile("What I send is true")).press("Submit application")
    omar.counted["fields"] += 1
    with omar.site.db.read() as session:
        told = session.get_one(ApplicationBurden, UUID(application.rpartition("/")[2]))
        taken = omar.counted + Counter(asked=told.asked, reused=told.reused, minutes=told.minutes)
        assert told.uploads == omar.counted["uploads"]
    return taken


def _two_frameworks(session: Session) -> tuple[UUID, UUID]:
    """The Yorkshire and Humber framework, and one of another region that asks the same questions of its own lots."""
    facts = template("yorkshire-humber")
    elsewhere = replace(
        facts,
        slug="thames-valley",
        name="Thames Valley adoption support framework",
        regions=template("approved-provider-list").regions,
        call_off=template("approved-provider-list").call_off,
    )
    return _opened(session, facts), _opened(session, elsewhere)


def _opened(session: Session, facts: FrameworkFacts) -> UUID:
    """Begun today by one lead, approved by the other, with a round for its first four lots everywhere."""
    leads = [_lead(session, email) for email in ("lead@hub.example.org", "second.lead@hub.example.org")]
    hub = session.exec(select(Organisation.id).where(Organisation.name == HUB)).one()
    begun: dict[str, Any] = {
        "starts_on": TODAY,
        "ends_on": TODAY + timedelta(days=1000),
        "extendable_to": None,
        "call_off": tuple(replace(body, entitled_from=TODAY) for body in facts.call_off),
    }
    framework_id = create_framework(session, leads[0], hub, replace(facts, **begun))
    approve_framework(session, leads[1], framework_id)
    lots, regions = lots_and_regions(session, framework_id)
    now = clock.now(session)
    open_round(
        session,
        leads[0],
        framework_id,
        name="Round 1",
        opens_at=now,
        closes_at=now + timedelta(days=30),
        scope=[(lot.id, region.id) for lot in lots[:4] for region in regions],
    )
    return framework_id


def _lead(session: Session, email: str) -> Actor:
    who, seat, where = session.exec(
        select(Person, OrganisationSeat, Organisation)
        .join(OrganisationSeat, col(OrganisationSeat.person_id) == Person.id)
        .join(Organisation, col(Organisation.id) == OrganisationSeat.organisation_id)
        .where(Person.email == email)
    ).one()
    return Actor(who.id, who.name, who.email, (Seat(where.id, where.name, where.kind, seat.role),))


def _fully_evidenced(session: Session, *framework_ids: UUID) -> None:
    """Birch has a finished profile and holds, verified, whatever kind these frameworks ask for."""
    checker = _lead(session, "checker@hub.example.org")
    birch = session.exec(select(Organisation.id).where(Organisation.name == "Birch Therapy")).one()
    therapist = session.exec(select(Practitioner.id).where(Practitioner.provider_id == birch)).one()
    session.add(ProviderTherapy(provider_id=birch, therapy_slug=session.exec(select(Therapy.slug)).first()))
    leeds = session.exec(select(Organisation.id).where(Organisation.slug == "leeds")).one()
    session.add(ProviderArea(provider_id=birch, authority_id=leeds))
    lots = session.exec(select(Lot).where(col(Lot.framework_id).in_(framework_ids))).all()
    kinds = {kind for lot in lots for kind in kinds_of(rule_of(lot.requirement))}
    for kind in sorted(kinds - {"ins_public_liability", "dbs_enhanced"}):
        personal = kind in ("professional_registration", "modality_qualification", "clinical_supervision")
        factories.verified_evidence(
            session,
            birch,
            checker,
            kind=kind,
            expires_on=TODAY + timedelta(days=400),
            practitioner_id=therapist if personal else None,
        )


def _documents(site: Site) -> int:
    with site.db.read() as session:
        return len(session.exec(select(Document.id)).all())

"""Bar P6 on first pages: however much waits for somebody, and in however many rooms, it is asked for in twelve statements."""

from datetime import timedelta
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from app.accounts.models import SignInSession
from app.applications import commands as applications
from app.applications.models import ApplicationLot
from app.awards.commands.opening import add_assessor
from app.core import clock as app_clock
from app.core.actor import Actor
from app.core.blobs import Blobs
from app.core.crypto import digest
from app.core.database import Database
from app.evidence.commands import propose_refusal
from app.evidence.models import EvidenceItem, Verification
from app.evidence.rules.reliance import Reliance
from app.frameworks.models import Framework
from app.main import create_app
from app.memberships import commands as memberships
from app.memberships.concerns.commands import raise_concern
from app.memberships.models import Concern, Membership
from app.memberships.rules.concerns import Kind
from app.memberships.signing.commands import hold_agreement
from app.memberships.terms import AgreementHold
from app.organisations.rules import Role
from app.settings import Settings
from app.web.session import session_cookie
from tests import NOON, factories
from tests.applications.scoring import named
from tests.conftest import Clock
from tests.databases import statements
from tests.house.scenario import Scenario, scenario

WHY = "The answers do not show the experience that the lot asks for."


def _everything(db: Database, made: Scenario) -> dict[str, Actor]:
    """What the scenario lacks: something for each part of a first page, and a person of an agency who does all there but check."""
    world = made.world
    with db.write() as session:
        everybody = factories.seated(
            session,
            world.raa_id,
            Role.COMMISSIONER,
            Role.APPROVER,
            Role.CHAIR,
            Role.ASSESSOR,
            name="Eve Everybody",
        )
        named(session, world, everybody)
        add_assessor(session, world.chair, made.open_brief, everybody.known)
        memberships.set_reliance(session, world.commissioner, world.raa_id, None, Reliance.OWN_CHECK)
        factories.brief(session, world)
        factories.restricted(session, world, world.provider_b)
        _for_leads(session, world)
        _for_checkers(session, world)
    return {**made.actors, "everybody of the agency": everybody}


def _for_leads(session: Session, world: factories.World) -> None:
    """A rating below the floor, a concern with its reply, a refusal to look at again, an agreement on hold, a term that ends."""
    factories.requirement(session, world.lots[0], {"kind": "ofsted_asa", "floor": "good", "where_held": True})
    rated = factories.verified_evidence(session, world.provider_a, world.checker, kind="ofsted_asa")
    item = session.get_one(EvidenceItem, rated)
    item.answer, item.rating = "registered", "requires_improvement"
    here = Membership.provider_id == world.provider_b, Membership.lot_id == world.lots[0]
    member, other = session.exec(select(Membership).where(*here).order_by(Membership.id)).all()
    concern = session.get_one(
        Concern, raise_concern(session, world.lead, member.id, Kind.PERFORMANCE, "A visit was missed.")
    )
    concern.reply, concern.replied_at, concern.replied_by = "We were ill.", NOON, world.owner_b.known
    other.signed_at = other.signed_by = None
    hold_agreement(session, world.lead, other.id, "Their insurer writes to us", NOON.date() + timedelta(days=1))
    session.exec(select(AgreementHold)).one().review_on = NOON.date()
    session.get_one(Framework, world.framework_id).ends_on = NOON.date() + timedelta(days=300)
    applicant = factories.active(session, factories.provider(session, "Dill Therapy"))
    owner = factories.seated(session, applicant, Role.OWNER, name="Dora Owner")
    refused = applications.start_application(session, owner, world.round_id, applicant)
    applications.choose_lots(session, owner, refused, [(world.lots[0], region) for region in world.regions])
    applications.write_statement(session, owner, refused, "We would be glad to join.")
    applications.submit_application(session, owner, refused)
    part = session.exec(select(ApplicationLot).where(ApplicationLot.application_id == refused)).first()
    assert part
    part.proposed_by, part.proposed_at, part.reason_code, part.reason = world.lead_two.known, NOON, "other", WHY
    part.decision, part.decided_at, part.decided_by = "refused", NOON, world.checker.known
    part.review_asked_at, part.review_asked_by, part.review_words = NOON, owner.known, "Please read our third answer."


def _for_checkers(session: Session, world: factories.World) -> None:
    """A refusal that a colleague has proposed, and a verification of theirs to look at again."""
    colleague = factories.seated(session, world.lead_id, Role.CHECKER, name="Carl Checker")
    verified = factories.verified_evidence(session, world.provider_b, colleague, kind="looked_at_again")
    session.exec(select(Verification).where(Verification.item_id == verified)).one().second_look = True
    waits = select(EvidenceItem.id).where(col(EvidenceItem.submitted_at).is_not(None), ~col(EvidenceItem.decided))
    propose_refusal(session, colleague, session.exec(waits).first(), "unreadable", "Nothing can be read on it.")


HEADINGS = {
    "owner of A": {
        "Asked of you",
        "Bids and applications to finish",
        "Evidence and agreements",
        "Open briefs to answer",
        "Letters",
        "Concerns about members",
    },
    "owner of C": {"First steps", "Bids and applications to finish"},
    "framework lead": {
        "Applications to decide",
        "Refusals to look at again",
        "Ratings below the floor",
        "Restrictions",
        "Frameworks",
        "Who may call off",
        "Agreements",
        "Days that come near",
        "Concerns about members",
    },
    "checker": {
        "Evidence to check",
        "Refusals that wait for a second checker",
        "Second looks that are due",
        "Concerns about members",
    },
    "everybody of the agency": {
        "Briefs",
        "Facts that have changed",
        "Restricted providers",
        "Own checks wanted",
        "Assessments",
    },
}


@pytest.mark.bar("P6")
def test_a_first_page_with_something_in_every_part_asks_at_most_twelve_times(
    db: Database, blobs: Blobs, config: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signing in and asking the time count, too: whoever it is comes with a cookie, and the clock asks the database."""
    made = scenario(db, blobs, config, clock)
    actors = _everything(db, made)
    app = create_app(db, config=config, blobs=blobs)
    monkeypatch.setattr(app_clock, "now", lambda session: session.execute(select(app_clock.MOMENT)).scalar_one())
    for name, headings in HEADINGS.items():
        cookie = _signed_in(db, config, actors[name])
        with statements(db) as sent:
            answer = TestClient(app).get("/", headers={"Cookie": cookie})
        page = BeautifulSoup(answer.text, "html.parser")
        told = {section.select("h2")[0].text for section in page.select("section.portal-today__section")}
        assert told >= headings, (name, headings - told)
        assert len(sent) <= 12, (name, len(sent))


def _signed_in(db: Database, config: Settings, person: Actor) -> str:
    """The cookie of a session that began now."""
    token = uuid4().hex
    until = {"began_at": NOON, "ends_at": NOON + timedelta(hours=12)}
    with db.write() as session:
        session.add(SignInSession(token_digest=digest(token.encode()), person_id=person.known, **until))
    return session_cookie(config, token).partition(";")[0]

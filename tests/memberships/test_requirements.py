"""One rule of a lot, asked from every room: memberships, applications, bids and the framework's page say the same."""

from uuid import UUID

import pytest
from sqlmodel import select

from app.applications.commands import choose_lots, start_application
from app.applications.queries import application
from app.bids.commands import save_draft, start_bid
from app.bids.queries import bid_page
from app.bids.rules import Letter
from app.core.database import Database
from app.evidence.models import EvidenceItem
from app.evidence.rules import Standing
from app.frameworks import queries as frameworks
from app.frameworks.models import Lot
from app.memberships.queries import eligibility, memberships
from app.memberships.rules import State
from app.organisations.rules import Role
from app.providers.models import Practitioner
from tests import NOON, factories
from tests.databases import Furniture, statements
from tests.factories import World
from tests.sealing import SEAL

RULE = {"all_of": [{"any_of": [{"kind": "fmc", "suffix": ["A", "P"]}, "law_society"]}]}
WORDS = "Any one of: Fmc (suffix A or P), or Law society"


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def mediator(db: Database, made: World) -> UUID:
    """Provider A's therapist; the first lot asks for one of two accreditations of a person."""
    with db.write() as session:
        factories.requirement(session, made.lots[0], RULE, holder="person")
        return session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()


def _hold(db: Database, made: World, mediator: UUID, kind: str, reference: str) -> None:
    with db.write() as session:
        item = factories.verified_evidence(session, made.provider_a, made.checker, kind=kind, practitioner_id=mediator)
        session.get_one(EvidenceItem, item).reference = reference


def _reasons(db: Database, made: World) -> list[str]:
    with db.read() as session:
        found = eligibility(
            session, provider_id=made.provider_a, lot_id=made.lots[0], region_id=made.regions[0], at=NOON
        )
        return [reason.words for reason in found.reasons]


@pytest.mark.row("3.1")
@pytest.mark.invariant(5)
def test_either_route_makes_a_member_eligible_and_a_trainee_is_told_why_not(
    db: Database, made: World, mediator: UUID
) -> None:
    assert _reasons(db, made) == [f"{WORDS} is missing."]
    _hold(db, made, mediator, "fmc", "1234T")
    assert _reasons(db, made) == [f"{WORDS} is not met by what is held: the number 1234T does not end in A or P."]
    _hold(db, made, mediator, "law_society", "99001")
    assert _reasons(db, made) == []


@pytest.mark.row("3.1")
def test_every_room_asks_the_same_function(db: Database, made: World, mediator: UUID) -> None:
    with db.write() as session:
        newcomer = factories.active(session, factories.provider(session, "Cedar Therapy"))
        owner = factories.seated(session, newcomer, Role.OWNER, name="Cora Owner")
        applied = start_application(session, owner, made.round_id, newcomer)
        choose_lots(session, owner, applied, [(made.lots[0], made.regions[0]), (made.lots[1], made.regions[0])])
        brief = factories.brief(session, made)
        bid = start_bid_of(session, made, brief)
        framework = frameworks.framework(session, made.owner_a, made.framework_id)
        assert [need.name for need in framework.lots[0].requires] == [WORDS]
        assert [need.name for need in framework.lots[1].requires] == ["Insurance public liability"]
    with db.read() as session:
        lines = application(session, owner, applied).evidence
        assert [(line.name, line.holder, line.lots, line.standing) for line in lines] == [
            (WORDS, "person", (1,), Standing.MISSING),
            ("Insurance public liability", "organisation", (2,), Standing.MISSING),
        ]
    _hold(db, made, mediator, "fmc", "1234T")
    _hold(db, made, mediator, "law_society", "99001")
    with db.read() as session:
        assert bid_page(session, made.owner_a, bid, NOON, seal=SEAL).against_named is None
        with statements(db) as sent:
            states = {m.lot: m.state for m in memberships(session, made.owner_a, NOON)}
        assert set(states.values()) == {State.ACTIVE}
        assert len(sent) == 3
    with db.write() as session:
        session.exec(select(EvidenceItem).where(EvidenceItem.kind_slug == "law_society")).one().practitioner_id = None
    with db.read() as session:
        against = bid_page(session, made.owner_a, bid, NOON, seal=SEAL).against_named
        assert against is not None
        assert against.words == (
            f"{WORDS} of Therapist of Alder Therapy is not met by what is held: "
            "the number 1234T does not end in A or P."
        )


def start_bid_of(session: object, made: World, brief: UUID) -> UUID:
    """A draft that names provider A's therapist; begun while the lot asks for what everybody holds."""
    lot = session.get_one(Lot, made.lots[0])  # type: ignore[attr-defined]
    rule, lot.requirement = lot.requirement, {"all_of": [{"kind": "fmc", "where_held": True}]}
    bid = start_bid(session, made.owner_a, brief, made.provider_a)  # type: ignore[arg-type]
    letter = Letter("We listen.", "Ten years.", "Therapist of Alder Therapy", 100_000)
    save_draft(session, made.owner_a, bid, letter, seal=SEAL)  # type: ignore[arg-type]
    lot.requirement = rule
    return bid


@pytest.mark.row("3.11")
def test_a_rating_below_the_floor_leaves_the_member_in(db: Database, made: World) -> None:
    rule = {"all_of": [{"kind": "ofsted_asa", "floor": "good", "where_held": True}]}
    with db.write() as session:
        factories.requirement(session, made.lots[0], rule)
    assert _reasons(db, made) == []
    with db.write() as session:
        item = factories.verified_evidence(session, made.provider_a, made.checker, kind="ofsted_asa")
        row = session.get_one(EvidenceItem, item)
        row.answer, row.rating = "registered", "inadequate"
    assert _reasons(db, made) == []

"""Bar P6: a page asks the database as often for many rows as for few, whoever looks at it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.applications import commands as applications
from app.bids import commands as bids
from app.core.blobs import Blobs
from app.core.database import Database
from app.evidence import commands as evidence
from app.evidence.rules import ItemFacts
from app.frameworks.models import Round
from app.organisations.rules import Role
from app.settings import Settings
from tests import NOON, factories
from tests.conftest import Clock
from tests.databases import statements
from tests.house.scenario import Scenario, letter, scenario
from tests.house.walk import READING, Walker, paths
from tests.sealing import SEAL

MORE = 12


def _grow(db: Database, made: Scenario, secret: str) -> None:
    """Twelve more of what lists show: briefs, bids, members, applications, evidence, colleagues."""
    world = made.world
    with db.write() as session:
        window = session.exec(select(Round).where(Round.id == world.round_id)).one()
        for number in range(MORE):
            brief = factories.brief(session, world, closes_at=NOON + timedelta(days=3 + number))
            for owner, provider in ((world.owner_a, world.provider_a), (world.owner_b, world.provider_b)):
                bid = bids.start_bid(session, owner, brief, provider)
                bids.save_draft(session, owner, bid, letter(session, provider), seal=SEAL)
            factories.brief(session, world, published_at=None)
            evidence.add_item(
                session,
                world.owner_a,
                world.provider_a,
                ItemFacts(kind=factories.INSURANCE, issuer=f"Insurer {number}"),
            )
            factories.seated(session, world.provider_a, Role.READ_ONLY, name=f"Colleague {number}")
            factories.seated(session, world.raa_id, Role.ASSESSOR, name=f"Assessor {number}")
            newcomer = factories.provider(session, f"Provider {number}")
            factories.membership(
                session, newcomer, world.framework_id, world.lots[0], world.regions[0], world.lead.known
            )
            applicant = factories.active(session, factories.provider(session, f"Applicant {number}"))
            owner = factories.seated(session, applicant, Role.OWNER, name=f"Owner {number}")
            application = applications.start_application(session, owner, window.id, applicant)
            applications.choose_lots(session, owner, application, [(world.lots[0], world.regions[0])])
            applications.write_statement(session, owner, application, "We would be glad to join.")
            applications.submit_application(session, owner, application)


def _counts(db: Database, walker: Walker, made: Scenario) -> dict[tuple[str, str], int]:
    found = {}
    for door in READING:
        for name in ("owner of A", "commissioner", "approver", "chair", "assessor", "framework lead", "checker"):
            for path in paths(door, made.objects) if door.policy(made.actors[name]) else ():
                with statements(db) as sent:
                    walker.knock(made.actors[name], door, path)
                found[name, path] = len(sent)
    return found


@pytest.mark.walk
@pytest.mark.bar("P6")
def test_a_page_asks_as_often_for_many_rows_as_for_few(
    db: Database, blobs: Blobs, config: Settings, clock: Clock, walker: Walker
) -> None:
    made = scenario(db, blobs, config, clock)
    few = _counts(db, walker, made)
    _grow(db, made, config.secret_key)
    many = _counts(db, walker, made)
    assert {key: (few[key], count) for key, count in many.items() if count > few[key]} == {}

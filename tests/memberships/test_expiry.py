"""An insurance that runs out, from its last second to its successor's check, whether a worker runs or not."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.core.blobs import Blobs
from app.core.database import Database
from app.evidence import commands as evidence
from app.evidence.rules import ItemFacts, ScanState
from app.frameworks.models import LotRequirement
from app.memberships.queries import memberships
from app.memberships.rules import State
from app.settings import Settings
from app.work import work_once
from tests import factories
from tests.conftest import Clock
from tests.databases import Furniture
from tests.factories import World
from tests.house.scenario import PDF

MIDNIGHT = datetime(2027, 6, 30, 23, tzinfo=UTC)
"""00:00 in London on 1 July 2027: the insurance ran to the end of 30 June, in summer time."""


def _world(session: Session) -> World:
    """Only the first lot asks for the insurance."""
    made = factories.world(session)
    session.delete(session.exec(select(LotRequirement).where(LotRequirement.lot_id == made.lots[1])).one())
    return made


@pytest.fixture
def furniture() -> Furniture:
    return _world


@pytest.mark.row("4.3")
@pytest.mark.row("4.4")
@pytest.mark.invariant(4)
@pytest.mark.invariant(5)
@pytest.mark.parametrize("worker", ["never runs", "stops and starts"])
def test_an_expired_insurance_suspends_exactly_what_requires_it_until_the_new_one_is_verified(
    db: Database, blobs: Blobs, config: Settings, made: World, clock: Clock, worker: str
) -> None:
    def stands(of: UUID = made.provider_a) -> set[tuple[UUID, State]]:
        """Each lot with how it stands, alike in every region."""
        owner = made.owner_a if of == made.provider_a else made.owner_b
        with db.read() as session:
            return {(one.lot_id, one.state) for one in memberships(session, owner, clock.moment)}

    def work() -> None:
        if worker == "stops and starts":
            work_once(db, blobs, config)

    first, second = made.lots
    active = {(first, State.ACTIVE), (second, State.ACTIVE)}
    suspended = {(first, State.SUSPENDED), (second, State.ACTIVE)}
    with db.write() as session:
        factories.verified_evidence(session, made.provider_b, made.checker, expires_on=date(2028, 6, 30))
    clock.set(MIDNIGHT - timedelta(seconds=1))
    work()
    assert stands() == active
    clock.set(MIDNIGHT)
    assert (stands(), stands(made.provider_b)) == (suspended, active), "with the worker stopped"
    work()
    assert (stands(), stands(made.provider_b)) == (suspended, active), "with the worker started"
    policy = blobs.put(BytesIO(PDF), room="evidence")
    with db.write() as session:
        facts = ItemFacts(
            kind=factories.INSURANCE,
            issuer="Example Insurance",
            reference="PL-2",
            cover_pence=500_000_000,
            starts_on=date(2027, 7, 1),
            expires_on=date(2028, 6, 30),
        )
        newer = evidence.add_item(session, made.owner_a, made.provider_a, facts)
        document = evidence.attach_document(
            session, made.owner_a, newer, policy, media_type="application/pdf", file_name="policy.pdf"
        )
        evidence.record_scan(session, document, ScanState.CLEAN, scanner="test")
        evidence.submit_item(session, made.owner_a, newer)
    clock.forward(minutes=5)
    work()
    assert stands() == suspended, "what waits for its check counts for nothing, and nobody begins anew"
    with db.read() as session:
        [why] = {why for one in memberships(session, made.owner_a, clock.moment) for why in one.reasons}
    assert (why.code, why.words) == (
        "evidence_awaiting_check_anew",
        "Insurance public liability has expired, and the new one is waiting for a checker.",
    )
    with db.write() as session:
        evidence.verify_item(
            session, made.checker, newer, ticks=factories.ticked(session, newer), how="Read the policy"
        )
    assert stands() == active, "at once, with the worker stopped"
    clock.forward(minutes=1)
    work()
    assert stands() == active

"""Memberships in a real database: opened once, signed once, and eligible or not by dates alone."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.core import audit
from app.core.crypto import digest
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.evidence.models import EvidenceItem
from app.frameworks.models import CallOffBody, Framework, Lot
from app.memberships import queries
from app.memberships.commands import end_membership, give_notice, open_membership
from app.memberships.models import Membership
from app.memberships.rules import State
from app.memberships.signing.commands import sign_agreement
from app.organisations.rules import Role
from app.providers.models import Provider
from tests import NOON
from tests.conftest import Clock
from tests.databases import Furniture, statements
from tests.factories import World, membership, provider, seated, verified_evidence, world


@pytest.fixture
def furniture() -> Furniture:
    return world


def _open(session: Session, made: World, provider_id: UUID, lot: int = 0, region: int = 0) -> UUID:
    return open_membership(
        session,
        made.lead,
        provider_id=provider_id,
        framework_id=made.framework_id,
        lot_id=made.lots[lot],
        region_id=made.regions[region],
    )


def _reasons(db: Database, made: World, provider_id: UUID, at: datetime = NOON) -> list[str]:
    with db.read() as session:
        found = queries.eligibility(
            session, provider_id=provider_id, lot_id=made.lots[0], region_id=made.regions[0], at=at
        )
        assert found.eligible is not bool(found.reasons)
        return [reason.code for reason in found.reasons]


@pytest.mark.row("4.1")
def test_a_membership_is_opened_once_however_often_it_is_asked_for(db: Database, made: World) -> None:
    with db.write() as session:
        newcomer = provider(session, "Cedar Therapy")
    with db.write() as session:
        first = _open(session, made, newcomer)
    with db.write() as session:
        assert _open(session, made, newcomer) == first
    with db.read() as session:
        assert len(session.exec(select(Membership).where(Membership.provider_id == newcomer)).all()) == 1
        events = audit.timeline(session, first)
    assert [audit.sentence(e) for e in events] == [
        "Leo Lead opened the membership of Cedar Therapy in Therapeutic intervention, North"
    ]


@pytest.mark.row("4.1")
def test_the_database_itself_keeps_one_live_membership(db: Database, made: World) -> None:
    with pytest.raises(IntegrityError), db.write() as session:
        membership(session, made.provider_a, made.framework_id, made.lots[0], made.regions[0], made.lead.known)


def test_after_an_end_the_same_place_can_be_opened_again(db: Database, made: World) -> None:
    with db.write() as session:
        old = queries.held(session, made.provider_a, made.framework_id, NOON.date())[made.lots[0], made.regions[0]]
        end_membership(session, made.owner_a, old, "We moved away")
    assert _reasons(db, made, made.provider_a) == ["not_a_member"]
    with db.write() as session:
        assert _open(session, made, made.provider_a) != old


def test_no_membership_is_a_reason_and_an_unknown_lot_is_not_found(db: Database, made: World) -> None:
    with db.write() as session:
        newcomer = provider(session, "Cedar Therapy")
    assert _reasons(db, made, newcomer) == ["not_a_member"]
    with pytest.raises(NotFound), db.read() as session:
        queries.eligibility(session, provider_id=newcomer, lot_id=newcomer, region_id=made.regions[0], at=NOON)


@pytest.mark.row("2.16")
@pytest.mark.row("2.11")
def test_an_unsigned_membership_is_conditional_until_it_is_signed(db: Database, made: World) -> None:
    with db.write() as session:
        newcomer = provider(session, "Cedar Therapy")
        owner = seated(session, newcomer, Role.OWNER, name="Cora Owner")
        verified_evidence(session, newcomer, made.checker)
        ids = [_open(session, made, newcomer, lot, region) for lot in (0, 1) for region in (0, 1)]
    assert _reasons(db, made, newcomer) == ["not_signed"]
    with db.write() as session:
        sign_agreement(session, owner, ids[0])
    assert _reasons(db, made, newcomer) == []
    with db.read() as session:
        rows = [session.get_one(Membership, one) for one in ids]
        text = session.get_one(Framework, made.framework_id).agreement_text
        assert {(r.signed_at, r.signed_by, r.signed_sha256) for r in rows} == {
            (NOON, owner.person_id, digest(text.encode()))
        }
        assert [e.name for e in audit.timeline(session, ids[3])] == ["membership.opened", "membership.signed"]


def test_it_is_signed_once(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        newcomer = provider(session, "Cedar Therapy")
        owner = seated(session, newcomer, Role.OWNER)
        one = _open(session, made, newcomer)
    for _ in range(2):
        with db.write() as session:
            sign_agreement(session, owner, one)
        clock.forward(minutes=1)
    with db.read() as session:
        assert session.get_one(Membership, one).signed_at == NOON
        assert len(audit.timeline(session, one)) == 2


def test_only_an_owner_signs(db: Database, made: World) -> None:
    with db.write() as session:
        newcomer = provider(session, "Cedar Therapy")
        writer = seated(session, newcomer, Role.BIDS)
        one = _open(session, made, newcomer)
    with pytest.raises(NotAllowed), db.write() as session:
        sign_agreement(session, writer, one)
    for outsider in (made.owner_a, made.lead, made.commissioner):
        with pytest.raises(NotFound), db.write() as session:
            sign_agreement(session, outsider, one)


def test_nothing_is_signed_after_the_end(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        newcomer = provider(session, "Cedar Therapy")
        owner = seated(session, newcomer, Role.OWNER)
        one, two = _open(session, made, newcomer), _open(session, made, newcomer, 1)
        end_membership(session, owner, two, "Not for us")
    for membership_id, days, code in ((two, 0, "membership_ended"), (one, 2000, "framework_ended")):
        clock.forward(days=days)
        with pytest.raises(Refused) as refused, db.write() as session:
            sign_agreement(session, owner, membership_id)
        assert refused.value.refusal.code == code


def test_only_an_owner_leaves_and_once(db: Database, made: World) -> None:
    with db.write() as session:
        writer = seated(session, made.provider_a, Role.BIDS)
        one = queries.held(session, made.provider_a, made.framework_id, NOON.date())[made.lots[0], made.regions[0]]
    with pytest.raises(NotAllowed), db.write() as session:
        end_membership(session, writer, one, "No")
    with pytest.raises(NotFound), db.write() as session:
        end_membership(session, made.owner_b, one, "No")
    for _ in range(2):
        with db.write() as session:
            end_membership(session, made.owner_a, one, "We moved away")
    with db.read() as session:
        assert [e.name for e in audit.timeline(session, one)] == ["membership.ended"]


@pytest.mark.invariant(5)
@pytest.mark.row("4.4")
def test_eligibility_flips_with_the_date_alone_and_nothing_is_stored(db: Database, made: World) -> None:
    last = datetime(2027, 6, 30, 22, 59, 59, tzinfo=UTC)  # the last second of the insurance's last day, in London
    assert _reasons(db, made, made.provider_a, last) == []
    with db.read() as session:
        before = session.exec(select(Membership)).all()
    assert _reasons(db, made, made.provider_a, last + timedelta(seconds=1)) == ["evidence_expired"]
    with db.read() as session:
        assert session.exec(select(Membership)).all() == before


@pytest.mark.invariant(5)
def test_a_new_verification_makes_a_member_eligible_at_once(db: Database, made: World) -> None:
    later = NOON + timedelta(days=300)
    assert _reasons(db, made, made.provider_a, later) == ["evidence_expired"]
    with db.write() as session:
        verified_evidence(session, made.provider_a, made.checker, expires_on=date(2028, 6, 30))
    assert _reasons(db, made, made.provider_a, later) == []


def test_pause_and_the_framework_s_dates_count_too(db: Database, made: World) -> None:
    with db.write() as session:
        for item in session.exec(select(EvidenceItem)):
            item.starts_on = item.expires_on = None
    assert _reasons(db, made, made.provider_a, datetime(2025, 12, 31, 12, tzinfo=UTC)) == ["framework_not_begun"]
    with db.write() as session:
        session.get_one(Provider, made.provider_a).paused_at = NOON
    assert _reasons(db, made, made.provider_a) == ["provider_paused"]
    after = datetime(2030, 1, 2, 12, tzinfo=UTC)
    assert _reasons(db, made, made.provider_b, after) == ["framework_ended"]


def test_members_of_a_lot_and_region_come_with_their_reasons(db: Database, made: World) -> None:
    with db.write() as session:
        session.get_one(Provider, made.provider_b).paused_at = NOON
    with db.read() as session:
        found = queries.members(session, lot_id=made.lots[0], region_id=made.regions[0], at=NOON, agency_id=made.raa_id)
    assert [(m.provider_name, [r.code for r in m.reasons], m.state) for m in found] == [
        ("Alder Therapy", [], State.ACTIVE),
        ("Birch Therapy", ["provider_paused"], State.SUSPENDED),
    ]


def test_thirty_members_cost_as_many_queries_as_three(db: Database, made: World) -> None:
    def join(session: Session, count: int) -> None:
        for number in range(count):
            one = provider(session, f"Provider {number}")
            verified_evidence(session, one, made.checker)
            membership(session, one, made.framework_id, made.lots[0], made.regions[0], made.lead.known)

    counts = []
    for more, total in ((1, 3), (27, 30)):
        with db.write() as session:
            join(session, more)
        with statements(db) as asked, db.read() as session:
            assert (
                len(
                    queries.members(
                        session, lot_id=made.lots[0], region_id=made.regions[0], at=NOON, agency_id=made.raa_id
                    )
                )
                == total
            )
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_members_of_a_framework_are_for_its_lead_and_its_agencies(db: Database, made: World) -> None:
    with db.read() as session:
        for actor in (made.lead, made.checker, made.commissioner):
            found = queries.framework_members(session, actor, made.framework_id, None)
            assert found.lot is not None
            assert found.lot.number == 1
            assert len(found.members) == 4
        for outsider in (made.other_commissioner, made.owner_a):
            with pytest.raises(NotFound):
                queries.framework_members(session, outsider, made.framework_id, None)
        with pytest.raises(NotFound):
            queries.framework_members(session, made.lead, made.framework_id, made.framework_id)


def test_an_agency_that_is_no_longer_entitled_sees_no_members(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        session.exec(select(CallOffBody)).one().entitled_to = date(2026, 11, 22)
    with pytest.raises(NotFound), db.read() as session:
        queries.framework_members(session, made.commissioner, made.framework_id, None)


def test_a_lot_of_another_framework_cannot_be_in_a_membership(db: Database, made: World) -> None:
    with db.write() as session:
        elsewhere = world(session, members=False)
    with pytest.raises(IntegrityError), db.write() as session:
        assert session.get_one(Lot, elsewhere.lots[0])
        membership(session, made.provider_a, made.framework_id, elsewhere.lots[0], made.regions[0], made.lead.known)


def test_notice_that_ends_sooner_stands_whoever_gives_another(db: Database, made: World) -> None:
    """Several ways lead to a notice: the first that ends soonest binds, in whatever order they come."""
    soon, late = NOON.date() + timedelta(days=10), NOON.date() + timedelta(days=60)
    with db.write() as session:
        row = session.exec(select(Membership).where(Membership.provider_id == made.provider_a)).first()
        assert row is not None
        days = (late, soon, late, soon)
        assert [give_notice(session, made.lead, row, day, f"By {day}") for day in days] == [True, True, False, False]
        assert (row.ends_on, row.ended_reason) == (soon, f"By {soon}")

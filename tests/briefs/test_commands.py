"""Briefs in a database: written, published by a second person, cancelled; the funding limits; the SQL twin of the phase."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards.boards.queries import Wanted, board
from app.briefs import queries, reference
from app.briefs.amending.rules import Terms as AmendableTerms
from app.briefs.cancelling.commands import ask_cancellation
from app.briefs.commands import (
    decline_invitation,
    draft_brief,
    mark_awarded,
    mark_prices_opened,
    revise_brief,
    withdraw_draft,
)
from app.briefs.models import Brief, BriefInvitation, FundingLimit
from app.briefs.rules import AgeBand, DeclineReason, Facts, Phase, closing
from app.briefs.terms.rules import Funding, Route, Source, Terms
from app.core import clock as core_clock
from app.core.actor import Actor
from app.core.audit import AuditEvent, timeline, verify
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.frameworks.models import CallOffBody, Framework
from app.organisations.models import ContractingAuthority
from app.organisations.rules import OrganisationKind, Role, why_not_give
from tests import NOON, factories
from tests.conftest import Clock
from tests.databases import Furniture
from tests.factories import World, mark_opened
from tests.sealing import publish_brief

CLOSES = closing(date(2026, 11, 30), 12)


def facts(made: World, **changed: object) -> Facts:
    given = {
        "lot_id": made.lots[0],
        "region_id": made.regions[0],
        "title": "Therapy for two siblings",
        "need": "Two siblings find it hard to feel safe.",
        "outcomes": "They feel safer.",
        "age_band": AgeBand.FROM_5,
        "area": "North",
        "sessions": 20,
        "start_by": date(2027, 1, 31),
        "budget_pence": 320_000,
        "closes_at": CLOSES,
        "weights": (50, 20, 30),
    }
    return Facts(**{**given, **changed})  # type: ignore[arg-type]


TERMS = Terms(route=Route.MINI_COMPETITION, funding=Funding(sources=(Source.AUTHORITY,)))


@pytest.fixture
def furniture() -> Furniture:
    return factories.world_and_limits


def drafted(db: Database, made: World, **changed: object) -> UUID:
    with db.write() as session:
        return draft_brief(session, made.commissioner, made.raa_id, made.framework_id, facts(made, **changed), TERMS)


def refused(db: Database, actor: Actor, brief_id: UUID, **more: timedelta) -> str:
    with pytest.raises(Refused) as no, db.write() as session:
        publish_brief(session, actor, brief_id, **more)
    return no.value.refusal.code


def phase(db: Database, brief_id: UUID, now: datetime = NOON) -> Phase:
    with db.read() as session:
        return queries.phase_of(session.get_one(Brief, brief_id), now)


@pytest.mark.row("5.9")
@pytest.mark.row("5.15")
@pytest.mark.invariant(12)
def test_publishing_freezes_invites_and_tells_every_eligible_member(db: Database, made: World) -> None:
    brief_id = drafted(db, made)
    with db.write() as session:
        publish_brief(session, made.approver, brief_id)
    with db.read() as session:
        brief = session.get_one(Brief, brief_id)
        assert (brief.published_at, brief.published_by) == (NOON, made.approver.known)
        assert brief.fund_limit_pence == 300_000
        invited = queries.invited(session, brief_id)
        assert [one.provider_name for one in invited] == ["Alder Therapy", "Birch Therapy"]
        assert all("agreement is signed" in one.why for one in invited)
        letters = session.exec(select(OutboxMessage).order_by(OutboxMessage.to_address)).all()
        assert {m.to_address for m in letters} == {made.owner_a.email, made.owner_b.email}
        assert "siblings" not in str([m.context for m in letters])
        assert [event.name for event in timeline(session, brief_id)] == ["brief.drafted", "brief.published"]
        assert list(verify(session)) == []


@pytest.mark.row("5.9")
def test_a_member_whose_evidence_has_lapsed_is_not_invited_and_the_record_says_why(db: Database, made: World) -> None:
    with db.write() as session:
        late = factories.provider(session, "Cedar Therapy")
        factories.verified_evidence(session, late, made.checker, expires_on=date(2026, 11, 22))
        factories.membership(session, late, made.framework_id, made.lots[0], made.regions[0], made.lead.known)
        factories.seated(session, late, Role.OWNER, name="Cyd Cedar")
    brief_id = drafted(db, made)
    with db.write() as session:
        publish_brief(session, made.approver, brief_id)
    with db.read() as session:
        assert len(queries.invited(session, brief_id)) == 2
        published = timeline(session, brief_id)[-1]
        assert published.detail["not_invited"] == ["Cedar Therapy: evidence_expired"]


def test_nobody_publishes_what_they_did_not_read(db: Database, made: World) -> None:
    brief_id = drafted(db, made)
    with db.read() as session:
        read = queries.facts(session, session.get_one(Brief, brief_id), NOON).seen
    for changed in ({"need": "Three siblings cannot sleep."}, {"weights": (40, 30, 30)}):
        with db.write() as session:
            revise_brief(session, made.commissioner, brief_id, facts(made, **changed))
        with pytest.raises(Refused) as no, db.write() as session:
            publish_brief(session, made.approver, brief_id, seen=read)
        assert no.value.refusal.code == "changed"
    with db.write() as session:
        revise_brief(session, made.commissioner, brief_id, facts(made))
        publish_brief(session, made.approver, brief_id, seen=read)
    assert phase(db, brief_id) is Phase.OPEN


def test_a_message_is_known_by_the_person_and_not_by_their_long_address(db: Database, made: World) -> None:
    address = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example.org"
    with db.write() as session:
        session.get_one(Person, made.owner_a.known).email = address
    with db.write() as session:
        brief_id = draft_brief(session, made.commissioner, made.raa_id, made.framework_id, facts(made), TERMS)
        publish_brief(session, made.approver, brief_id)
    with db.read() as session:
        letters = session.exec(select(OutboxMessage)).all()
        assert address in {letter.to_address for letter in letters}
        assert not any("@" in letter.dedupe for letter in letters)


def test_the_identity_guard_reads_the_reason_of_a_cancellation(db: Database, made: World) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made)
    with pytest.raises(Refused) as no, db.write() as session:
        ask_cancellation(session, made.commissioner, brief_id, "A boy named Tom has moved to CO1 1AA.")
    assert no.value.refusal.code == "identifying" and "CO1 1AA" in no.value.refusal.words
    with db.read() as session:
        assert session.exec(select(OutboxMessage)).all() == []


def test_a_second_click_changes_nothing(db: Database, made: World) -> None:
    brief_id = drafted(db, made)
    for _ in range(2):
        with db.write() as session:
            publish_brief(session, made.approver, brief_id)
    with db.read() as session:
        assert len(session.exec(select(OutboxMessage)).all()) == 2
        assert len(timeline(session, brief_id)) == 2


@pytest.mark.row("5.4")
def test_nobody_publishes_what_they_wrote_any_of(db: Database, made: World) -> None:
    with db.write() as session:
        both = factories.seated(session, made.raa_id, Role.COMMISSIONER, Role.APPROVER, name="Bo Both")
        own = draft_brief(session, both, made.raa_id, made.framework_id, facts(made), TERMS)
    assert refused(db, both, own) == "second_person"
    others = drafted(db, made)
    with db.write() as session:
        revise_brief(session, both, others, facts(made, title="Therapy for three siblings"))
    assert refused(db, both, others) == "second_person"


@pytest.mark.row("5.2")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"need": ""}, "missing"),
        ({"need": "A boy called Tom."}, "identifying"),
        ({"weights": (50, 20, 20)}, "weights"),
        ({"weights": (80, 10, 10)}, "weights"),
        ({"closes_at": closing(date(2026, 11, 27), 16)}, "too_soon"),
    ],
)
def test_an_unready_brief_is_kept_but_not_published(
    db: Database, made: World, changed: dict[str, object], code: str
) -> None:
    brief_id = drafted(db, made, **changed)
    assert refused(db, made.approver, brief_id) == code
    assert phase(db, brief_id) is Phase.DRAFT


def test_a_demonstration_may_close_in_minutes(db: Database, made: World) -> None:
    brief_id = drafted(db, made, closes_at=NOON + timedelta(minutes=6))
    assert refused(db, made.approver, brief_id, minimum=timedelta(minutes=7)) == "too_soon"
    with db.write() as session:
        publish_brief(session, made.approver, brief_id, minimum=timedelta(minutes=5))
    assert phase(db, brief_id) is Phase.OPEN


def test_with_nobody_to_invite_it_is_not_published(db: Database, clock: Clock) -> None:
    with db.write() as session:
        made = factories.world(session, members=False)
    assert refused(db, made.approver, drafted(db, made)) == "nobody"


@pytest.mark.row("5.9")
def test_an_agency_off_the_call_off_list_is_refused_by_the_rule(db: Database, made: World) -> None:
    with pytest.raises(Refused) as no, db.write() as session:
        other = factories.seated(session, made.other_raa_id, Role.COMMISSIONER)
        draft_brief(session, other, made.other_raa_id, made.framework_id, facts(made), TERMS)
    assert no.value.refusal.code == "not_entitled"


def test_an_entitlement_that_ended_before_publication_is_refused(db: Database, made: World) -> None:
    brief_id = drafted(db, made)
    with db.write() as session:
        body = session.exec(select(CallOffBody).where(CallOffBody.organisation_id == made.raa_id)).one()
        body.entitled_to = date(2026, 11, 22)
    assert refused(db, made.approver, brief_id) == "no_longer_entitled"


@pytest.mark.row("5.9")
def test_an_agency_off_the_call_off_list_is_refused_by_the_database(db: Database, made: World) -> None:
    brief_id = drafted(db, made)
    with pytest.raises(IntegrityError) as breach, db.write() as session:
        session.get_one(Brief, brief_id).raa_id = made.other_raa_id
    if db.engine.dialect.name == "postgresql":
        assert violates(breach.value, "fk_brief_call_off")
    assert "foreign key" in str(breach.value).lower()


@pytest.mark.row("2.17")
@pytest.mark.parametrize(
    ("published_at", "first", "last", "allowed"),
    [
        (datetime(2026, 11, 23, 12, tzinfo=UTC), date(2026, 11, 23), date(2026, 11, 23), True),
        (datetime(2026, 11, 23, 12, tzinfo=UTC), date(2026, 11, 24), None, False),
        (datetime(2026, 11, 23, 12, tzinfo=UTC), date(2026, 1, 1), date(2026, 11, 22), False),
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), date(2026, 7, 1), None, False),
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), date(2026, 7, 1), None, True),
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29), None, False),
        (datetime(2026, 3, 29, 23, 30, tzinfo=UTC), date(2026, 3, 30), None, True),
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), date(2026, 1, 1), date(2026, 10, 24), False),
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 1, 1), date(2026, 10, 25), True),
    ],
)
def test_the_database_lets_nobody_publish_outside_their_days_on_the_list(
    db: Database, made: World, published_at: datetime, first: date, last: date | None, allowed: bool
) -> None:
    """By the day in London, also around the hours at which its clocks change; whether written new or changed."""
    with db.write() as session:
        body = session.exec(select(CallOffBody)).one()
        body.entitled_from, body.entitled_to = first, last
        brief_id = factories.brief(session, made, published_at=None)

    def publish(session: Session) -> None:
        session.get_one(Brief, brief_id).published_at = published_at

    def write(session: Session) -> None:
        factories.brief(session, made, published_at=published_at, invite=())

    for change in (publish, write):
        if allowed:
            with db.write() as session:
                change(session)
            continue
        with pytest.raises(IntegrityError) as breach, db.write() as session:
            change(session)
        assert violates(breach.value, "ck_brief_entitled")


@pytest.mark.row("2.17")
def test_a_brief_drafted_in_one_time_on_the_list_is_published_in_the_next(db: Database, made: World) -> None:
    brief_id = drafted(db, made)
    with db.write() as session:
        before = session.exec(select(CallOffBody)).one()
        before.entitled_to = date(2026, 11, 22)
        after = CallOffBody(
            framework_id=made.framework_id, organisation_id=made.raa_id, entitled_from=date(2026, 11, 24)
        )
        session.add(after)
    assert refused(db, made.approver, brief_id) == "not_yet_entitled"
    with db.write() as session:
        session.get_one(CallOffBody, after.id).entitled_from = NOON.date()
    with db.write() as session:
        publish_brief(session, made.approver, brief_id)
    with db.read() as session:
        assert session.get_one(Brief, brief_id).call_off_id == after.id


@pytest.mark.row("4.10")
def test_a_published_brief_keeps_who_signed_for_its_agency_on_that_day(db: Database, made: World, clock: Clock) -> None:
    brief_id = drafted(db, made)

    def told() -> str:
        with db.read() as session:
            return queries.facts(session, session.get_one(Brief, brief_id), core_clock.now(session)).party

    assert told() == "Test agency (the body that signs for it is not recorded)"
    with db.write() as session:
        signs = ContractingAuthority(
            raa_id=made.raa_id, name="Test Council", form="council", source="test", confidence="verified"
        )
        session.add(signs)
    assert told() == "Test Council for Test agency"
    with db.write() as session:
        publish_brief(session, made.approver, brief_id)
        session.get_one(ContractingAuthority, signs.id).valid_to = NOON.date() + timedelta(days=1)
    clock.forward(days=2)
    assert told() == "Test Council for Test agency"


@pytest.mark.row("2.17")
def test_a_council_that_is_no_agency_calls_off_with_people_of_its_own(db: Database, made: World) -> None:
    with db.write() as session:
        council = factories.organisation(session, OrganisationKind.AUTHORITY, "Northshire Council")
        commissioner = factories.seated(session, council, Role.COMMISSIONER)
        approver = factories.seated(session, council, Role.APPROVER)
        session.add(
            CallOffBody(framework_id=made.framework_id, organisation_id=council, entitled_from=date(2026, 1, 1))
        )
    for seat in (Role.COMMISSIONER, Role.APPROVER, Role.CHAIR, Role.ASSESSOR):
        assert why_not_give(OrganisationKind.AUTHORITY, seat) is None
    with db.write() as session:
        brief_id = draft_brief(session, commissioner, council, made.framework_id, facts(made), TERMS)
    with db.write() as session:
        publish_brief(session, approver, brief_id)
    with db.read() as session:
        assert queries.facts(session, session.get_one(Brief, brief_id), NOON).party == "Northshire Council"


def test_no_new_brief_after_the_frameworks_end(db: Database, made: World) -> None:
    brief_id = drafted(db, made)
    with db.write() as session:
        session.get_one(Framework, made.framework_id).ends_on = date(2026, 11, 22)
    assert refused(db, made.approver, brief_id) == "framework"


@pytest.mark.parametrize("changed", [{"area": "Chelmsford"}, {"lot_id": uuid4()}, {"region_id": uuid4()}])
def test_a_place_or_lot_that_is_not_the_frameworks_is_refused(
    db: Database, made: World, changed: dict[str, object]
) -> None:
    with pytest.raises(Refused) as no:
        drafted(db, made, **changed)
    assert no.value.refusal.code == "place"


@pytest.mark.row("5.2")
def test_a_published_brief_is_frozen(db: Database, made: World) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made)
    with pytest.raises(Refused) as no, db.write() as session:
        revise_brief(session, made.commissioner, brief_id, facts(made))
    assert no.value.refusal.code == "frozen"


@pytest.mark.row("7.4")
def test_a_brief_has_its_envelopes_once_it_is_published(db: Database, made: World) -> None:
    """A bid sealed whole before it had two would be read whole: no revision and no amendment divides it afterwards."""
    with db.write() as session:
        brief_id = factories.brief(session, made)
    with pytest.raises(Refused, match="frozen"), db.write() as session:
        revise_brief(session, made.commissioner, brief_id, facts(made), Terms(two_envelopes=True))
    amendable = {one.name for one in fields(AmendableTerms)}
    assert "two_envelopes" in {one.name for one in fields(Terms)} - amendable


@pytest.mark.invariant(10)
@pytest.mark.row("16.6")
def test_another_agency_and_the_wrong_role_find_nothing(db: Database, made: World) -> None:
    brief_id = drafted(db, made)
    with db.write() as session:
        stranger = factories.seated(
            session, made.other_raa_id, Role.COMMISSIONER, Role.APPROVER, Role.CHAIR, name="Sy Stranger"
        )
    for act in (
        lambda s: publish_brief(s, stranger, brief_id),
        lambda s: publish_brief(s, made.commissioner, brief_id),
        lambda s: revise_brief(s, stranger, brief_id, facts(made)),
        lambda s: revise_brief(s, made.approver, brief_id, facts(made)),
        lambda s: withdraw_draft(s, stranger, brief_id, "No longer needed"),
        lambda s: withdraw_draft(s, made.assessor, brief_id, "No longer needed"),
        lambda s: draft_brief(s, stranger, made.raa_id, made.framework_id, facts(made), TERMS),
        lambda s: queries.buyer_page(s, stranger, brief_id, NOON),
    ):
        with pytest.raises(NotFound), db.write() as session:
            act(session)
    with db.read() as session:
        assert not board(session, stranger, NOON, Wanted()).stages


def test_opened_only_after_the_close_and_awarded_only_after_the_opening(db: Database, made: World) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made)
    closes_at = NOON + timedelta(days=10)
    with pytest.raises(Refused) as no, db.write() as session:
        mark_opened(
            session, queries.lock_brief(session, brief_id, exclusive=True), closes_at - timedelta(milliseconds=1)
        )
    assert no.value.refusal.code == "not_closed"
    with pytest.raises(Refused) as no, db.write() as session:
        mark_awarded(session, queries.lock_brief(session, brief_id, exclusive=True), closes_at)
    assert no.value.refusal.code == "not_opened"
    with db.write() as session:
        brief = queries.lock_brief(session, brief_id, exclusive=True)
        mark_opened(session, brief, closes_at)
        mark_awarded(session, brief, closes_at)
    assert phase(db, brief_id) is Phase.AWARDED


@pytest.mark.row("7.4")
def test_of_two_envelopes_the_second_is_opened_after_the_first_and_before_an_award(db: Database, made: World) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made, two_envelopes=True)
    closes_at = NOON + timedelta(days=10)
    for opened, act, code in (
        (False, mark_prices_opened, "no_prices"),
        (True, mark_awarded, "not_opened"),
    ):
        with pytest.raises(Refused) as no, db.write() as session:
            brief = queries.lock_brief(session, brief_id, exclusive=True)
            if opened:
                mark_opened(session, brief, closes_at)
            act(session, brief, closes_at)
        assert no.value.refusal.code == code
    with db.write() as session:
        brief = queries.lock_brief(session, brief_id, exclusive=True)
        mark_opened(session, brief, closes_at)
        factories.two_approve(session, brief_id, closes_at, prices=True)
        mark_prices_opened(session, brief, closes_at)
        mark_awarded(session, brief, closes_at)
    assert phase(db, brief_id) is Phase.AWARDED


@pytest.mark.row("5.10")
def test_not_this_time_is_kept_with_its_reason_and_hidden_from_the_briefs_record(db: Database, made: World) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made)
    for _ in range(2):
        with db.write() as session:
            decline_invitation(session, made.owner_a, brief_id, made.provider_a, DeclineReason.TOO_FAR)
    with db.read() as session:
        rows = session.exec(select(BriefInvitation).where(col(BriefInvitation.declined_at).is_not(None))).all()
        assert [(row.provider_id, row.declined_reason) for row in rows] == [(made.provider_a, "too_far")]
        assert [e.name for e in session.exec(select(AuditEvent))] == ["brief.declined"]
        assert timeline(session, brief_id) == []
    with pytest.raises(NotFound), db.write() as session:
        decline_invitation(session, made.owner_a, brief_id, made.provider_b, DeclineReason.FULL)


def test_the_sql_twin_of_the_phase_agrees_over_the_full_matrix(db: Database, made: World) -> None:
    """Every legal row, asked at every moment that could make a difference."""
    wanted = {}
    with db.write() as session:
        for published, opened, awarded, cancelled in product((False, True), repeat=4):
            row = session.get_one(Brief, factories.brief(session, made, published_at=NOON if published else None))
            row.closes_at = NOON + timedelta(hours=1)
            if opened:
                factories.opened(session, row.id, row.closes_at)
            row.awarded_at = row.closes_at if awarded else None
            row.cancelled_at = NOON if cancelled else None
            wanted[row.id] = row
        session.flush()
        for off in (-1, 0, 1):
            now = NOON + timedelta(hours=1, milliseconds=off)
            expected = {brief_id: queries.phase_of(row, now) for brief_id, row in wanted.items()}
            assert expected == _by_sql(session, now)


def _by_sql(session: Session, now: datetime) -> dict[UUID, Phase]:
    found = [
        (brief_id, phase)
        for phase in Phase
        for brief_id in session.exec(select(Brief.id).where(queries.in_phase(phase, now)))
    ]
    assert len(found) == len(dict(found)), "two phases at once"
    return dict(found)


@pytest.mark.row("5.15")
def test_the_funds_limits_load_again_without_loss_and_unknown_stays_unknown(db: Database, made: World) -> None:
    with db.write() as session:
        session.get_one(FundingLimit, date(2025, 4, 1)).therapy_pence = 1
    with db.write() as session:
        assert reference.load(session) == {"funding limits": 6}
    with db.read() as session:
        limit = lambda on: queries.lot_on(session, made.lots[0], on).limit_pence  # noqa: E731
        assert limit(date(2026, 3, 31)) == limit(date(2026, 4, 1)) == 300_000
        assert limit(date(2025, 3, 31)) == 500_000
        assert limit(date(2027, 4, 1)) is None
        assert limit(date(2031, 1, 1)) is None

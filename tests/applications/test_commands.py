"""Applications in a real database: one per round, submitted by the clock, each part decided on its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.applications import queries
from app.applications.commands import (
    accept_part,
    choose_lots,
    confirm_refusal,
    propose_refusal,
    start_application,
    submit_application,
    withdraw_application,
    write_statement,
)
from app.applications.models import Application, ApplicationLot
from app.applications.rules import PartState, Phase, RefusalReason
from app.core import audit
from app.core.actor import Actor
from app.core.crypto import canonical, digest
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.frameworks.models import Round
from app.memberships.models import Membership
from app.memberships.queries import held
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from app.providers.models import Provider
from tests import NOON
from tests.applications.applying import CLOSES, WHY, code_of, draft, everything, part_of
from tests.conftest import ClientFor, Clock
from tests.factories import World, active, provider, seated, verified_evidence, world


def test_a_second_start_lands_on_the_same_application(db: Database, made: World) -> None:
    ids = set()
    for _ in range(2):
        with db.write() as session:
            ids.add(start_application(session, made.owner_a, made.round_id, made.provider_a))
    assert len(ids) == 1
    with db.read() as session:
        assert len(session.exec(select(Application)).all()) == 1


def test_two_people_starting_at_once_land_on_the_same_application(db: Database, made: World) -> None:
    with db.write() as session:
        colleague = seated(session, made.provider_a, Role.BIDS)

    def start(actor: Actor) -> UUID:
        with db.write() as session:
            return start_application(session, actor, made.round_id, made.provider_a)

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(start, [made.owner_a, colleague] * 2))) == 1


def test_the_database_itself_keeps_one_live_application(db: Database, made: World, written: UUID) -> None:
    with pytest.raises(IntegrityError) as error, db.write() as session:
        session.add(
            Application(
                provider_id=made.provider_a, round_id=made.round_id, started_at=NOON, started_by=made.owner_a.known
            )
        )
    assert violates(error.value, "uq_application_live")


def test_who_may_start(db: Database, made: World) -> None:
    with db.write() as session:
        reader = seated(session, made.provider_a, Role.READ_ONLY)
        session.get_one(Provider, made.provider_b).paused_at = NOON
    with pytest.raises(NotAllowed), db.write() as session:
        start_application(session, reader, made.round_id, made.provider_a)
    with pytest.raises(NotFound), db.write() as session:
        start_application(session, made.owner_b, made.round_id, made.provider_a)
    with pytest.raises(NotFound), db.write() as session:
        start_application(session, made.owner_a, uuid4(), made.provider_a)
    started = code_of(db, lambda s: start_application(s, made.owner_b, made.round_id, made.provider_b))
    assert started == "provider_paused"


@pytest.mark.row("1.1")
def test_only_an_active_provider_applies_and_it_is_told_what_its_profile_lacks(db: Database, made: World) -> None:
    with db.write() as session:
        registered = provider(session, "Cedar Therapy")
        owner = seated(session, registered, Role.OWNER)
    with pytest.raises(Refused) as refused, db.write() as session:
        start_application(session, owner, made.round_id, registered)
    assert refused.value.refusal.words.endswith("its profile needs the therapies you offer and the areas you cover.")
    assert refused.value.refusal.fix == (f"/providers/{registered}/tasks", "Finish the profile")
    with db.write() as session:
        active(session, registered)
    with db.write() as session:
        assert start_application(session, owner, made.round_id, registered)


def test_nothing_starts_before_the_round_opens_or_after_it_closes(db: Database, made: World, clock: Clock) -> None:
    for moment, code in ((NOON - timedelta(days=11), "round_planned"), (CLOSES, "round_closed")):
        clock.set(moment)
        assert code_of(db, lambda s: start_application(s, made.owner_a, made.round_id, made.provider_a)) == code


@pytest.mark.row("2.1")
def test_one_application_asks_for_any_lots_in_any_regions(db: Database, made: World, written: UUID) -> None:
    with db.write() as session:
        choose_lots(session, made.owner_a, written, [everything(made)[0], everything(made)[3]])
    with db.read() as session:
        assert {(p.lot_id, p.region_id) for p in queries.parts_of(session, written)} == {
            (made.lots[0], made.regions[0]),
            (made.lots[1], made.regions[1]),
        }


def test_a_part_outside_the_round_is_not_found_and_a_membership_is_not_asked_for_again(
    db: Database, made: World, written: UUID
) -> None:
    with db.write() as session:
        elsewhere = world(session)
    with pytest.raises(NotFound), db.write() as session:
        choose_lots(session, made.owner_a, written, [(elsewhere.lots[0], made.regions[0])])
    with db.write() as session:
        member = start_application(session, elsewhere.owner_a, elsewhere.round_id, elsewhere.provider_a)
    assert code_of(db, lambda s: choose_lots(s, elsewhere.owner_a, member, everything(elsewhere))) == "already_member"


def test_submission_fixes_what_is_shared(db: Database, made: World, submitted: UUID) -> None:
    with db.read() as session:
        row = session.get_one(Application, submitted)
        assert (row.submitted_at, row.submitted_by) == (NOON, made.owner_a.person_id)
        assert row.snapshot_sha256 == digest(canonical(row.snapshot))
        assert row.snapshot["provider"]["name"] == "Alder Therapy"
        assert len(row.snapshot["asks_for"]) == 4
        assert [(line["kind"], line["standing"]) for line in row.snapshot["evidence_needed"]] == [
            ("insurance_public_liability", "missing")
        ]
        before = row.snapshot
    with db.write() as session:
        session.get_one(Provider, made.provider_a).summary = "Something else"
        verified_evidence(session, made.provider_a, made.checker)
    with db.read() as session:
        view = queries.decision(session, made.lead, submitted)
        assert view.snapshot == before
        assert [line.standing for line in view.evidence] == ["verified"]


def test_a_second_click_on_submit_changes_nothing(db: Database, made: World, submitted: UUID, clock: Clock) -> None:
    clock.forward(minutes=1)
    with db.write() as session:
        submit_application(session, made.owner_a, submitted)
    with db.read() as session:
        assert session.get_one(Application, submitted).submitted_at == NOON
        names = [e.name for e in audit.timeline(session, submitted)]
        assert names.count("application.submitted") == 1
        mails = session.exec(select(OutboxMessage).order_by(col(OutboxMessage.template))).all()
        assert [m.template for m in mails] == ["applications/submitted.txt"] + ["applications/waiting.txt"] * 2


@pytest.mark.invariant(3)
def test_a_round_closes_by_the_clock_and_not_by_a_worker(db: Database, made: World, clock: Clock) -> None:
    """No worker runs in this test: one millisecond before the close is in time, one after is late."""
    with db.write() as session:
        early = draft(session, made, made.owner_a, made.provider_a)
        late = draft(session, made, made.owner_b, made.provider_b)
    clock.set(CLOSES - timedelta(milliseconds=1))
    with db.write() as session:
        submit_application(session, made.owner_a, early)
    clock.set(CLOSES + timedelta(milliseconds=1))
    assert code_of(db, lambda s: submit_application(s, made.owner_b, late)) == "application_lapsed"
    with db.read() as session:
        assert session.get_one(Application, early).submitted_at == CLOSES - timedelta(milliseconds=1)
        assert session.get_one(Application, late).submitted_at is None


@pytest.mark.row("2.18")
def test_an_unfinished_application_stays_readable_after_the_close(
    db: Database, made: World, written: UUID, clock: Clock
) -> None:
    clock.set(CLOSES)
    with db.read() as session:
        view = queries.application(session, made.owner_a, written)
    assert (view.phase, len(view.parts)) == (Phase.LAPSED, 4)
    assert view.statement == "We work with families after adoption."
    assert code_of(db, lambda s: write_statement(s, made.owner_a, written, "More")) == "application_lapsed"
    assert code_of(db, lambda s: choose_lots(s, made.owner_a, written, [])) == "application_lapsed"


def test_what_submission_refuses(db: Database, made: World) -> None:
    with db.write() as session:
        writer = seated(session, made.provider_a, Role.BIDS)
        one = start_application(session, writer, made.round_id, made.provider_a)
    assert code_of(db, lambda s: submit_application(s, made.owner_a, one)) == "no_parts"
    with db.write() as session:
        choose_lots(session, writer, one, everything(made))
    assert code_of(db, lambda s: submit_application(s, made.owner_a, one)) == "no_statement"
    with db.write() as session:
        write_statement(session, writer, one, "We help.")
    assert code_of(db, lambda s: submit_application(s, writer, one)) == "owner_submit"
    with pytest.raises(NotFound), db.write() as session:
        submit_application(session, made.owner_b, one)


@pytest.mark.row("2.13")
def test_an_applicant_withdraws_once_and_may_start_again(db: Database, made: World, submitted: UUID) -> None:
    for _ in range(2):
        with db.write() as session:
            withdraw_application(session, made.owner_a, submitted)
    with db.read() as session:
        assert [e.name for e in audit.timeline(session, submitted)].count("application.withdrawn") == 1
        assert queries.decisions(session, made.lead, NOON) == []
    part = part_of(db, submitted)
    assert code_of(db, lambda s: accept_part(s, made.lead, submitted, part)) == "application_withdrawn"
    with db.write() as session:
        assert start_application(session, made.owner_a, made.round_id, made.provider_a) != submitted


@pytest.mark.row("2.1")
def test_each_part_is_decided_on_its_own(db: Database, made: World, submitted: UUID) -> None:
    first, second = part_of(db, submitted, 0), part_of(db, submitted, 1)
    with db.write() as session:
        propose_refusal(session, made.lead, submitted, first, RefusalReason.EXPERIENCE, WHY)
    with db.write() as session:
        accept_part(session, made.lead, submitted, second)
    with db.read() as session:
        assert len(held(session, made.provider_a, made.framework_id, NOON.date())) == 1
        states = {part.id: part.state for part in queries.decision(session, made.lead, submitted).parts}
        assert (states[first], states[second]) == (PartState.REFUSAL_PROPOSED, PartState.ACCEPTED)
        assert list(states.values()).count(PartState.REQUESTED) == 2


def test_acceptance_opens_a_conditional_membership_and_tells_the_owner(
    db: Database, made: World, submitted: UUID
) -> None:
    part = part_of(db, submitted)
    for lead in (made.lead, made.lead_two):  # the second lead's click comes too late and is quiet
        with db.write() as session:
            accept_part(session, lead, submitted, part)
    with db.read() as session:
        row = session.exec(select(Membership)).one()
        assert (row.provider_id, row.signed_at, row.opened_by) == (made.provider_a, None, made.lead.person_id)
        mails = session.exec(select(OutboxMessage).where(OutboxMessage.template == "applications/accepted.txt")).all()
        assert [m.to_address for m in mails] == [made.owner_a.email]
        assert [e.name for e in audit.timeline(session, submitted)].count("application.part_accepted") == 1


def test_a_refusal_needs_two_people_and_the_provider_hears_of_it_from_the_second(
    db: Database, made: World, submitted: UUID
) -> None:
    part = part_of(db, submitted)
    for _ in range(2):
        with db.write() as session:
            propose_refusal(session, made.lead, submitted, part, RefusalReason.EXPERIENCE, WHY)
    assert code_of(db, lambda s: confirm_refusal(s, made.lead, submitted, part)) == "second_person"
    with db.read() as session:
        seen = next(p for p in queries.application(session, made.owner_a, submitted).parts if p.id == part)
        assert (seen.state, seen.reason, seen.reason_code) == (PartState.REQUESTED, "", "")
        assert not any("refuse" in words for _, words in queries.application(session, made.owner_a, submitted).events)
    for _ in range(2):
        with db.write() as session:
            confirm_refusal(session, made.lead_two, submitted, part)
    with db.read() as session:
        seen = next(p for p in queries.application(session, made.owner_a, submitted).parts if p.id == part)
        assert (seen.state, seen.reason, seen.reason_code) == (PartState.REFUSED, WHY, RefusalReason.EXPERIENCE)
        assert session.exec(select(Membership)).all() == []
        told = session.exec(select(OutboxMessage).where(OutboxMessage.template == "applications/decided.txt")).one()
        assert WHY not in str(told.context)


def test_a_colleague_may_accept_what_another_would_refuse(db: Database, made: World, submitted: UUID) -> None:
    part = part_of(db, submitted)
    with db.write() as session:
        propose_refusal(session, made.lead, submitted, part, RefusalReason.OTHER, WHY)
    second = code_of(db, lambda s: propose_refusal(s, made.lead_two, submitted, part, RefusalReason.OTHER, WHY))
    assert second == "not_possible"
    with db.write() as session:
        accept_part(session, made.lead_two, submitted, part)
    assert code_of(db, lambda s: confirm_refusal(s, made.lead_two, submitted, part)) == "not_possible"


@pytest.mark.parametrize(
    "different",
    [
        {"reason_code": ""},
        {"reason": ""},
        {"proposed_by": None},
        {"proposed_by": "decider"},
    ],
)
def test_the_database_itself_refuses_a_refusal_by_one_person_or_without_reason(
    db: Database, made: World, submitted: UUID, different: dict[str, str | None]
) -> None:
    part = part_of(db, submitted)
    with pytest.raises(IntegrityError) as error, db.write() as session:
        row = session.get_one(ApplicationLot, part)
        row.proposed_by, row.reason_code, row.reason = made.lead.known, "other", WHY
        row.decision, row.decided_at, row.decided_by = "refused", NOON, made.lead_two.known
        for name, value in different.items():
            setattr(row, name, made.lead_two.known if value == "decider" else value)
    assert violates(error.value, "ck_application_lot_refusal_needs_reason_and_second_person")


def test_two_leads_deciding_at_once_leave_one_decision(db: Database, made: World, submitted: UUID) -> None:
    part = part_of(db, submitted)
    with db.write() as session:
        propose_refusal(session, made.lead, submitted, part, RefusalReason.OTHER, WHY)

    def decide(how: Callable[[Session, Actor, UUID, UUID], None]) -> str:
        try:
            with db.write() as session:
                how(session, made.lead_two, submitted, part)
        except Refused as refused:
            return refused.refusal.code
        return "done"

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(decide, (accept_part, confirm_refusal)))
    assert answers == ["done", "not_possible"]
    with db.read() as session:
        decision = session.get_one(ApplicationLot, part).decision
        assert len(session.exec(select(Membership)).all()) == (1 if decision == "accepted" else 0)
        names = [e.name for e in audit.timeline(session, submitted)]
        assert names.count("application.part_accepted") + names.count("application.part_refused") == 1


def test_a_lead_who_belongs_to_the_provider_does_not_decide(db: Database, made: World, submitted: UUID) -> None:
    with db.write() as session:
        session.add(
            OrganisationSeat(
                person_id=made.lead.known, organisation_id=made.provider_a, role=Role.READ_ONLY, given_at=NOON
            )
        )
    both = Actor(made.lead.person_id, "Leo Lead", "l@example.org", made.lead.seats + made.owner_a.seats[:1])
    part = part_of(db, submitted)
    assert code_of(db, lambda s: accept_part(s, both, submitted, part)) == "own_provider"
    own = code_of(db, lambda s: propose_refusal(s, both, submitted, part, RefusalReason.OTHER, WHY))
    assert own == "own_provider"


@pytest.mark.parametrize("first", [False, True])
def test_who_vouched_for_an_application_does_not_decide_about_it_once_they_work_for_the_lead(
    db: Database, made: World, submitted: UUID, client_for: ClientFor, *, first: bool
) -> None:
    """Who submitted it, and the first of two who certify."""
    vouched = made.owner_a
    if first:
        with db.write() as session:
            vouched = seated(session, made.provider_a, Role.OWNER, name="Fay First")
            row = session.get_one(Application, submitted)
            row.by_two, row.certified_at, row.certified_by = True, NOON, vouched.known
    moved = replace(vouched, seats=made.lead.seats)
    part = part_of(db, submitted)
    assert code_of(db, lambda s: accept_part(s, moved, submitted, part)) == "own_submission"
    words = "You certified or submitted this application"
    assert words in client_for(moved).get(f"/decisions/{submitted}/parts/{part}").text


def test_only_the_framework_s_own_leads_decide_and_only_what_was_submitted(
    db: Database, made: World, written: UUID
) -> None:
    part = part_of(db, written)
    with db.write() as session:
        elsewhere = world(session, members=False)
    for actor in (made.lead, elsewhere.lead, made.checker, made.commissioner, made.owner_a):
        with pytest.raises(NotFound), db.write() as session:
            accept_part(session, actor, written, part)
    with db.write() as session:
        submit_application(session, made.owner_a, written)
        other = draft(session, elsewhere, elsewhere.owner_a, elsewhere.provider_a)
        submit_application(session, elsewhere.owner_a, other)
    with pytest.raises(NotFound), db.write() as session:
        accept_part(session, elsewhere.lead, written, part)
    with pytest.raises(NotFound), db.write() as session:
        accept_part(session, made.lead, written, part_of(db, other))
    with db.read() as session:
        assert [line.id for line in queries.decisions(session, made.lead, NOON)] == [written]


def test_the_queue_holds_what_is_undecided_the_oldest_first(
    db: Database, made: World, submitted: UUID, clock: Clock
) -> None:
    clock.forward(hours=1)
    with db.write() as session:
        second = draft(session, made, made.owner_b, made.provider_b)
        submit_application(session, made.owner_b, second)
        propose_refusal(session, made.lead, second, queries.parts_of(session, second)[0].id, RefusalReason.OTHER, WHY)
    with db.read() as session:
        lines = queries.decisions(session, made.lead, clock.moment)
        assert [(line.id, line.undecided, line.parts, line.proposed) for line in lines] == [
            (submitted, 4, 4, 0),
            (second, 4, 4, 1),
        ]
    with db.write() as session:
        for part in queries.parts_of(session, submitted):
            accept_part(session, made.lead, submitted, part.id)
    with db.read() as session:
        assert [line.id for line in queries.decisions(session, made.lead, NOON)] == [second]
        assert queries.application(session, made.owner_a, submitted).phase is Phase.DECIDED
    assert code_of(db, lambda s: withdraw_application(s, made.owner_a, submitted)) == "application_decided"


def test_the_scope_of_a_round_is_the_limit(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        later = Round(framework_id=made.framework_id, name="Empty", opens_at=CLOSES, closes_at=CLOSES + timedelta(1))
        session.add(later)
        session.flush()
        clock.set(CLOSES)
        one = start_application(session, made.owner_a, later.id, made.provider_a)
    with pytest.raises(NotFound), db.write() as session:
        choose_lots(session, made.owner_a, one, everything(made)[:1])

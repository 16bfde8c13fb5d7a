"""The ranking of a round, of applicants for one lot in one region: the line, its ties, and what passes by itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from app.applications import queries
from app.applications.commands import (
    accept_part,
    accept_passing,
    confirm_refusal,
    propose_refusal,
    withdraw_application,
)
from app.applications.models import Application
from app.applications.rules import PartState, RefusalReason
from app.applications.scoring import commands as scoring
from app.applications.scoring.models import ApplicantDeclaration, RoundAssessor, TieBreak
from app.applications.scoring.queries.assessing import sheet
from app.applications.scoring.queries.checks import judged
from app.applications.scoring.queries.moderating import ranking_page
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.memberships.models import Membership
from tests import NOON
from tests.applications.applying import CLOSES, WHY, code_of, everything
from tests.applications.scoring import (
    CODE,
    REASON,
    SCORED,
    admits,
    agreed,
    applied,
    asks,
    named,
    newcomer,
    part,
    rolls,
)
from tests.conftest import Clock
from tests.factories import World, questions, verified_evidence

TODAY = NOON.date()


@pytest.fixture
def asked(db: Database, made: World) -> tuple[UUID, UUID]:
    with db.write() as session:
        return asks(session, made)


@pytest.fixture
def three(db: Database, made: World, asked: tuple[UUID, UUID], clock: Clock) -> list[UUID]:
    """Three applications to the first lot in the first region, which takes two members; both assessors may score them."""
    with db.write() as session:
        admits(session, made.lots[0], most=2)
        cedar = newcomer(session, "Cedar Therapy")
        made_by = [(made.owner_a, made.provider_a), (made.owner_b, made.provider_b), cedar]
        found = [applied(session, made, who, what, [(made.lots[0], made.regions[0])]) for who, what in made_by]
        named(session, made, made.assessor, made.assessor_two)
    clock.set(CLOSES)
    return found


def _mark_all(db: Database, made: World, asked: tuple[UUID, UUID], marks: dict[UUID, int]) -> None:
    with db.write() as session:
        for application_id, points in marks.items():
            agreed(session, made, application_id, dict.fromkeys(asked, points))


def _standings(db: Database, made: World) -> str:
    with db.read() as session:
        page = ranking_page(session, made.lead, made.round_id, made.lots[0], made.regions[0])
        return ", ".join(f"{line.provider_name.split()[0]} {line.place.standing}" for line in page.lines)


@pytest.mark.row("2.9")
def test_the_best_are_admitted_up_to_the_most_members(
    db: Database, made: World, asked: tuple[UUID, UUID], three: list[UUID]
) -> None:
    alder, birch, cedar = three
    accept = lambda which: lambda s: accept_part(s, made.lead, which, part(db, which))  # noqa: E731
    _mark_all(db, made, asked, {alder: 3, birch: 5})
    assert code_of(db, accept(birch)) == "others_unscored"
    _mark_all(db, made, asked, {cedar: 4})
    assert _standings(db, made) == "Birch within, Cedar within, Alder beyond"
    assert code_of(db, accept(alder)) == "beyond"
    with db.write() as session:
        accept(cedar)(session)
    given = dict.fromkeys(asked, (5, ""))
    code = code_of(db, lambda s: scoring.agree_marks(s, made.lead, made.round_id, alder, given))
    assert code == "decided"
    with db.write() as session:
        accept(birch)(session)
        propose_refusal(session, made.lead, alder, part(db, alder), RefusalReason.RANK, WHY)
        confirm_refusal(session, made.lead_two, alder, part(db, alder))
    assert _standings(db, made) == "Birch admitted, Cedar admitted, Alder refused"


@pytest.mark.row("2.9")
def test_who_withdraws_leaves_the_place_to_the_next(
    db: Database, made: World, asked: tuple[UUID, UUID], three: list[UUID]
) -> None:
    alder, birch, cedar = three
    _mark_all(db, made, asked, {alder: 3, birch: 5, cedar: 4})
    with db.write() as session:
        withdraw_application(session, made.owner_b, birch)
    assert _standings(db, made) == "Cedar within, Alder within"


@pytest.mark.row("2.9")
def test_a_tie_across_the_line_is_decided_by_a_recorded_reason(
    db: Database, made: World, asked: tuple[UUID, UUID], three: list[UUID]
) -> None:
    alder, birch, cedar = three
    first = part(db, birch)
    settle = lambda which: lambda s: scoring.break_tie(s, made.lead, made.round_id, part(db, which), REASON)  # noqa: E731
    assert code_of(db, settle(alder)) == "others_unscored"
    _mark_all(db, made, asked, {alder: 4, birch: 5, cedar: 4})
    assert _standings(db, made).count("tied across the line") == 2
    assert code_of(db, lambda s: accept_part(s, made.lead, alder, part(db, alder))) == "tied"
    assert code_of(db, settle(birch)) == "no_tie"
    with pytest.raises(NotFound), db.write() as session:
        scoring.break_tie(session, made.lead, uuid4(), first, REASON)
    with db.write() as session:
        interested = RoundAssessor(
            round_id=made.round_id, person_id=made.lead_two.known, named_at=NOON, named_by=made.lead.known
        )
        session.add(interested)
        session.flush()
        in_alder = {"provider_id": session.get_one(Application, alder).provider_id, "nature": "A former colleague"}
        session.add(ApplicantDeclaration(assessor_id=interested.id, declared_at=NOON, **in_alder))
    for_cedar = code_of(
        db, lambda s: scoring.break_tie(s, made.lead_two, made.round_id, part(db, cedar), "Their fourth answer.")
    )
    assert for_cedar == "interested", "in one of the tied is in all of them"
    with db.write() as session:
        settle(cedar)(session)
    assert _standings(db, made) == "Birch within, Cedar within, Alder beyond"
    assert code_of(db, settle(alder)) == "no_tie"
    with db.write() as session:
        accept_part(session, made.lead, cedar, part(db, cedar))
    with db.read() as session:
        assert [row.reason for row in session.exec(select(TieBreak))] == [REASON]


@pytest.mark.invariant("11")
def test_two_leads_at_once_never_admit_more_than_there_are_places(
    db: Database, made: World, asked: tuple[UUID, UUID], three: list[UUID]
) -> None:
    alder, birch, cedar = three
    with db.write() as session:
        admits(session, made.lots[0], most=1)
    _mark_all(db, made, asked, {alder: 4, birch: 4, cedar: 1})
    with db.write() as session:
        scoring.break_tie(session, made.lead, made.round_id, part(db, alder), REASON)

    def accept(who: Actor, which: UUID) -> str:
        try:
            with db.write() as session:
                accept_part(session, who, which, part(db, which))
        except Refused as refused:
            return refused.refusal.code
        return "done"

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(accept, (made.lead, made.lead_two), (alder, birch)))
    assert answers == ["beyond", "done"]
    with db.read() as session:
        assert [row.provider_id for row in session.exec(select(Membership))] == [made.provider_a]


@pytest.mark.row("2.7")
def test_what_passes_by_itself_is_accepted_at_once_each_part_on_its_own(
    db: Database, made: World, clock: Clock
) -> None:
    with db.write() as session:
        *_, keeps_code = questions(session, made, made.round_id, *SCORED, CODE)
        admits(session, made.lots[0], pass_mark=60)
        verified_evidence(session, made.provider_a, made.checker)
        one = applied(session, made, made.owner_a, made.provider_a, everything(made), {keeps_code: "No"})
        named(session, made, made.assessor, made.assessor_two)

    def passing() -> list[bool]:
        with db.read() as session:
            view = queries.decision(session, made.lead, one)
            found = judged(session, view, TODAY)
            return [part.id in found.acceptable for part in view.parts]

    assert passing() == [False] * 4
    clock.set(CLOSES)
    with db.write() as session:
        scored = [question.id for question in sheet(session, made.assessor, made.round_id, one).questions]
        agreed(session, made, one, dict.fromkeys(scored, 4))
    assert passing() == [True, True, False, False]
    with db.read() as session:
        view = queries.decision(session, made.lead, one)
        found = judged(session, view, TODAY)
        reasons = [check.words for check in found.parts[view.parts[2].id].for_a_person]
        assert reasons == ["The answer is “No”."]
        assert len(found.parts[view.parts[0].id].checks) == 2
    with db.write() as session:
        propose_refusal(session, made.lead, one, view.parts[0].id, RefusalReason.OTHER, WHY)
        assert accept_passing(session, made.lead, one) == 1
        assert accept_passing(session, made.lead, one) == 0
    with db.read() as session:
        states = [part.state for part in queries.decision(session, made.lead, one).parts]
        assert states == [PartState.REFUSAL_PROPOSED, PartState.ACCEPTED, PartState.REQUESTED, PartState.REQUESTED]
        assert len(session.exec(select(Membership)).all()) == 1


@pytest.mark.row("2.4")
def test_a_rolling_round_decides_on_its_days(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        rolls(session, made, TODAY + timedelta(days=5), TODAY + timedelta(days=12))
        verified_evidence(session, made.provider_a, made.checker)
        one = applied(session, made, made.owner_a, made.provider_a, everything(made))
    first, second, *_ = (part(db, one, n) for n in range(4))
    with db.write() as session:
        propose_refusal(session, made.lead, one, second, RefusalReason.OTHER, WHY)
        assert accept_passing(session, made.lead, one) == 0
    with db.read() as session:
        found = judged(session, queries.decision(session, made.lead, one), TODAY)
        assert (found.batch, found.acceptable) == (TODAY + timedelta(days=5), frozenset())
        assert found.parts[first].passes
    clock.set(NOON + timedelta(days=4, hours=11, minutes=59))  # midnight in London is when the day begins
    assert code_of(db, lambda s: accept_part(s, made.lead, one, first)) == "before_batch"
    assert code_of(db, lambda s: confirm_refusal(s, made.lead_two, one, second)) == "before_batch"
    clock.set(NOON + timedelta(days=4, hours=12))
    with db.write() as session:
        confirm_refusal(session, made.lead_two, one, second)
        assert accept_passing(session, made.lead, one) == 3


def test_a_round_without_scored_questions_needs_no_assessors(db: Database, made: World) -> None:
    code = code_of(db, lambda s: scoring.name_assessor(s, made.lead, made.round_id, made.assessor.known))
    assert code == "nothing_scored"

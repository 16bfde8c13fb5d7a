"""Every way of admission that real notices have, from the framework's file to the membership, and no code touched between."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.applications import queries
from app.applications.answers.queries import sheet
from app.applications.answers.rules import Question
from app.applications.commands import (
    accept_part,
    accept_passing,
    answer_section,
    choose_lots,
    start_application,
    submit_application,
    write_prices,
    write_statement,
)
from app.applications.scoring import commands as scoring
from app.applications.scoring.queries.assessing import declaration
from app.applications.scoring.queries.assessing import sheet as assessing
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.core.scoring import Mark
from app.evidence.models import EvidenceKind
from app.frameworks.commands import approve_framework, create_framework, open_round
from app.frameworks.models import Lot, LotRequirement, Round
from app.frameworks.queries import lots_and_regions, scope_of
from app.frameworks.rules import Answering, answers_to
from app.frameworks.templates import template
from app.memberships.models import Membership
from app.organisations.rules import Role
from app.providers.models import Practitioner
from tests import NOON
from tests.applications.scoring import REASON, newcomer
from tests.conftest import Clock
from tests.databases import Furniture
from tests.factories import seated, verified_evidence
from tests.frameworks.hub import Hub, begun_today, hub_and_directory

CLOSES = NOON + timedelta(days=20, hours=1)


@pytest.fixture
def furniture() -> Furniture:
    return hub_and_directory


class Way:
    """One framework from a template, with whatever a test does in it."""

    def __init__(self, db: Database, hub: Hub, time: Clock, slug: str) -> None:
        self.db, self.hub, self.time = db, hub, time
        facts = replace(begun_today(template(slug)), slug=f"way-{slug}")
        with db.write() as session:
            self.framework_id = create_framework(session, hub.writer, hub.lead_id, facts)
        with db.write() as session:
            approve_framework(session, hub.second, self.framework_id)
            self.assessors = [seated(session, hub.lead_id, Role.ASSESSOR, name=name) for name in ("Ann", "Bob")]

    def opened(self, numbers: Collection[int], *, rolling: Collection[int] = ()) -> UUID:
        """A round for these lots everywhere; `rolling` are its days of decision, counted from today."""
        with self.db.write() as session:
            lots, regions = lots_and_regions(session, self.framework_id)
            scope = [(lot.id, region.id) for lot in lots if lot.number in numbers for region in regions]
            begins = clock.now(session) + timedelta(hours=1)
            days = [(NOON + timedelta(days=day)).date() for day in rolling]
            ends = None if rolling else begins + timedelta(days=20)
            round_id = open_round(
                session, self.hub.writer, self.framework_id, f"Round of {begins}", begins, ends, scope, days
            )
        self.time.set(begins)
        return round_id

    def applied(self, round_id: UUID, name: str, *numbers: int, evidence: bool = False) -> UUID:
        """A newcomer asks for these lots in every region of the round, and answers and prices all that is asked."""
        with self.db.write() as session:
            owner, provider_id = newcomer(session, name)
            lots = [row.id for row in session.exec(select(Lot)) if row.number in numbers]
            if evidence:
                _evidence(session, provider_id, lots, self.hub.writer)
            application_id = start_application(session, owner, round_id, provider_id)
            scope = scope_of(session, round_id)
            choose_lots(session, owner, application_id, [part for part in scope if part[0] in lots])
            write_statement(session, owner, application_id, "We would be glad to join.")
            asked = sheet(session, application_id, session.get_one(Round, round_id).question_set_id)
            for section in asked.sections:
                typed = {one.at: _answer(one) for one in section.asked}
                answer_section(session, owner, application_id, section.number, typed, confirm=True)
            prices = {(one.lot_id, one.unit): one.most_pence for one in asked.asked_prices}
            write_prices(session, owner, application_id, prices)
            submit_application(session, owner, application_id)
        return application_id

    def scored(self, round_id: UUID, application_id: UUID, points: int) -> None:
        """Both assessors give these points for every question, and the lead agrees."""
        with self.db.write() as session:
            for one in self.assessors:
                scoring.name_assessor(session, self.hub.writer, round_id, one.known)
                _declare(session, one, round_id)
            for one in self.assessors:
                asked = [question.id for question in assessing(session, one, round_id, application_id).questions]
                marks = {question: Mark(points, REASON) for question in asked}
                scoring.save_marks(session, one, round_id, application_id, marks)
                scoring.submit_marks(session, one, round_id, application_id)
            agreed = dict.fromkeys(asked, (points, ""))
            scoring.agree_marks(session, self.hub.writer, round_id, application_id, agreed)

    def accept(self, application_id: UUID) -> str | None:
        """Accept its first part; answers with the code of the refusal, if it is one."""
        try:
            with self.db.write() as session:
                before = len(session.exec(select(Membership)).all())
                accept_part(session, self.hub.writer, application_id, queries.parts_of(session, application_id)[0].id)
                assert len(session.exec(select(Membership)).all()) == before + 1
        except Refused as refused:
            return refused.refusal.code
        return None


def _declare(session: Session, assessor: Actor, round_id: UUID) -> None:
    about = [provider_id for provider_id, _ in declaration(session, assessor, round_id).applied]
    if about:
        scoring.declare_interests(session, assessor, round_id, about, {})


def _answer(one: Question) -> str:
    facts = one.facts
    if facts.kind is Answering.NUMBER:
        return "12"
    return next(iter((*facts.passes, *answers_to(facts))), "We begin with a talk and agree the goals in writing.")


def _evidence(session: Session, provider_id: UUID, lots: Collection[UUID], checker: Actor) -> None:
    """All that these lots require, verified."""
    person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == provider_id)).one()
    for slug in sorted({row.kind_slug for row in session.exec(select(LotRequirement)) if row.lot_id in lots}):
        holder = session.get_one(EvidenceKind, slug).holder
        verified_evidence(
            session, provider_id, checker, kind=slug, practitioner_id=person if holder == "person" else None
        )


@pytest.mark.row("2.9")
def test_by_a_pass_mark(db: Database, made: Hub, clock: Clock) -> None:
    way = Way(db, made, clock, "open-framework-scheme")
    window = way.opened([1])
    good, poor = way.applied(window, "Alder", 1), way.applied(window, "Birch", 1)
    assert way.accept(good) == "unscored"
    clock.set(CLOSES)
    way.scored(window, good, 3)
    way.scored(window, poor, 2)
    assert (way.accept(good), way.accept(poor)) == (None, "below")


@pytest.mark.row("2.9")
def test_by_a_ranking_with_a_line_at_a_fixed_price(db: Database, made: Hub, clock: Clock) -> None:
    """The set price is nobody's to bid: it asks for none, and the best are admitted up to two in a region."""
    way = Way(db, made, clock, "open-framework-scheme")
    window = way.opened([2])
    three = {way.applied(window, name, 2): points for name, points in (("Alder", 3), ("Birch", 5), ("Cedar", 4))}
    clock.set(CLOSES)
    for application_id, points in three.items():
        way.scored(window, application_id, points)
    with db.read() as session:
        assert sheet(session, next(iter(three)), None).asked_prices == ()
    assert [way.accept(application_id) for application_id in three] == ["beyond", None, None]


@pytest.mark.row("2.4")
def test_rolling_with_several_days_of_decision(db: Database, made: Hub, clock: Clock) -> None:
    way = Way(db, made, clock, "eight-therapy-lots")
    window = way.opened(range(1, 9), rolling=[10, 40])
    early = way.applied(window, "Alder", 1, 3)
    way.scored(window, early, 4)
    assert way.accept(early) == "before_batch"
    clock.set(NOON + timedelta(days=10))
    assert way.accept(early) is None
    clock.set(NOON + timedelta(days=11))
    late = way.applied(window, "Birch", 1)
    way.scored(window, late, 4)
    assert way.accept(late) == "before_batch"
    clock.set(NOON + timedelta(days=40))
    assert way.accept(late) is None


@pytest.mark.row("2.5")
def test_by_reopening_chosen_lots(db: Database, made: Hub, clock: Clock) -> None:
    way = Way(db, made, clock, "eight-therapy-lots")
    first = way.opened(range(1, 9))
    member = way.applied(first, "Alder", 1)
    clock.set(CLOSES)
    way.scored(first, member, 3)
    assert way.accept(member) is None
    again = way.opened([2, 5])
    with pytest.raises(NotFound), db.write() as session:
        lot = next(row.id for row in session.exec(select(Lot)) if row.number == 1)
        owner, provider_id = newcomer(session, "Birch")
        application_id = start_application(session, owner, again, provider_id)
        choose_lots(session, owner, application_id, [(lot, next(iter(scope_of(session, first)))[1])])
    second = way.applied(again, "Cedar", 5)
    with db.read() as session:
        clock.set(session.get_one(Round, again).closes_at)
    way.scored(again, second, 5)
    assert way.accept(second) is None
    with db.read() as session:
        assert {row.ended_at for row in session.exec(select(Membership))} == {None}


@pytest.mark.row("2.7")
def test_on_evidence_and_answers_alone(db: Database, made: Hub, clock: Clock) -> None:
    """An approved list: no question is scored, so what is verified and answered as stated passes by itself, at any time."""
    way = Way(db, made, clock, "approved-provider-list")
    window = way.opened([1, 3], rolling=[0])
    ready = way.applied(window, "Alder", 1, 3, evidence=True)
    unready = way.applied(window, "Birch", 3)
    with db.write() as session:
        parts = len(queries.parts_of(session, ready))
        assert accept_passing(session, made.writer, ready) == parts
        assert accept_passing(session, made.writer, unready) == 0
        assert len(session.exec(select(Membership)).all()) == parts
    assert way.accept(unready) is None

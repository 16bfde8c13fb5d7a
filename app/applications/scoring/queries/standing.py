"""How the parts of an application stand with its score, its batch and the ranking: what every decision asks first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select

from app.applications.models import Application, ApplicationLot
from app.applications.rules import Decision, PartState, RefusalReason, Review, Step, why_not_yet
from app.applications.scoring.models import AgreedMark, TieBreak
from app.applications.scoring.queries.facts import (
    RoundFacts,
    RoundQuestion,
    current,
    live_submissions,
    questions_of,
    tally_for,
)
from app.applications.scoring.rules import (
    Candidate,
    Ranked,
    Standing,
    Tally,
    Verdict,
    ranking,
    why_not_accept,
    why_not_ground,
)
from app.core.refusals import Refusal
from app.frameworks import queries as frameworks
from app.frameworks.models import Lot, Round
from app.frameworks.queries import decision_days, read_days
from app.frameworks.rules import Admission, Part
from app.memberships.models import Membership
from app.memberships.queries.live import live


class Submitted(Protocol):
    """An application, as it is stored or shown."""

    @property
    def id(self) -> UUID: ...
    @property
    def round_id(self) -> UUID: ...
    @property
    def submitted_at(self) -> datetime | None: ...


class Asked(Protocol):
    """A part of it, as it is stored or shown."""

    @property
    def id(self) -> UUID: ...
    @property
    def lot_id(self) -> UUID: ...
    @property
    def region_id(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Contest:
    """The ranking for one lot in one region: `free` places, who comes where, and how many are not scored yet.

    `settled` says that one of this batch is decided. The parts that compete have `applications` and `tallies` by their ids.
    """

    free: int
    waiting: int
    settled: bool
    applications: Mapping[UUID, UUID]
    tallies: Mapping[UUID, Tally]
    ranked: tuple[Ranked, ...]

    def standing(self, part_id: UUID) -> Standing:
        return next(one.standing for one in self.ranked if one.part_id == part_id)


@dataclass(frozen=True, slots=True)
class PartStanding:
    """One part: its score in its lot, where it comes if the best are ranked, and why it may not be decided now.

    `settled` says that somebody in the same ranking and batch is decided, so that no score in it may change.
    """

    tally: Tally
    standing: Standing | None
    waiting: int
    settled: bool
    why_not_accept: Refusal | None
    why_not_refuse: Refusal | None

    def why_not(self, step: Step, reason_code: str = "") -> Refusal | None:
        """What stands between a part and this step, apart from its own life; a review binds itself.

        The ground on which its refusal was proposed, `reason_code`, has to hold when it is confirmed.
        """
        if step is Step.CONFIRM_REFUSAL:
            return self.why_not_refuse or self._why_not_stand(reason_code)
        return self.why_not_accept if step is Step.ACCEPT else None

    def before(self, step: Step, state: PartState, reason_code: str) -> PartState:
        """The state in which this step finds a part: a refusal of which the ground has gone may be proposed afresh."""
        afresh = (step, state) == (Step.PROPOSE_REFUSAL, PartState.REFUSAL_PROPOSED)
        return PartState.REQUESTED if afresh and self._why_not_stand(reason_code) else state

    def why_not_refuse_on(self, reason: RefusalReason) -> Refusal | None:
        """Whether this may be the ground of a refusal."""
        return why_not_ground(reason, found=self.tally, standing=self.standing, waiting=self.waiting)

    def _why_not_stand(self, reason_code: str) -> Refusal | None:
        return self.why_not_refuse_on(RefusalReason(reason_code)) if reason_code else None


@dataclass(frozen=True, slots=True)
class Entry:
    """A part that competes, with the agreed marks of its application by question and the members there are already.

    `preferred_at` is when a reason was recorded for it.
    """

    part: ApplicationLot
    submitted_at: datetime
    preferred_at: datetime | None
    members: int
    marks: dict[UUID, int]


@dataclass(frozen=True, slots=True)
class Assessed:
    """An application: its batch, what its round asks that counts, and each part, by its id."""

    batch: date | None
    questions: tuple[RoundQuestion, ...]
    lots: Mapping[UUID, Lot]
    parts: Mapping[UUID, PartStanding]


def assessed(session: Session, row: Submitted, parts: Collection[Asked], on: date) -> Assessed:
    """How these parts of one submitted application stand on a London day, in three queries."""
    lots, facts = _around(session, row, {part.lot_id for part in parts})
    ranked = {(part.lot_id, part.region_id) for part in parts if lots[part.lot_id].admission == Admission.RANKED}
    found = entries(session, competing(row.round_id, ranked) | (col(Application.id) == row.id), on)
    marks = next((entry.marks for entry in found if entry.part.application_id == row.id), {})
    batch = facts.batch_of(row.submitted_at)
    return Assessed(
        batch,
        facts.questions,
        lots,
        {
            part.id: _standing(
                part.id,
                tally_for(facts.questions, lots[part.lot_id], marks),
                contest(facts, lots[part.lot_id], part.region_id, found, through=batch)
                if (part.lot_id, part.region_id) in ranked
                else None,
                why_not_yet(batch, on),
            )
            for part in parts
        },
    )


def _around(session: Session, row: Submitted, lot_ids: Collection[UUID]) -> tuple[dict[UUID, Lot], RoundFacts]:
    """These lots, and what the application's round asks of it and when it decides, in two queries."""
    query: Any = (
        sa_select(Lot, Round.question_set_id, decision_days())  # type: ignore[call-overload]
        .join(Round, col(Round.framework_id) == Lot.framework_id)
        .where(col(Round.id) == row.round_id, col(Lot.id).in_(lot_ids))
    )
    rows = session.execute(query).all()
    set_id, days = (rows[0][1], rows[0][2]) if rows else (None, None)
    facts = RoundFacts(row.round_id, questions_of(session, set_id, row.id), read_days(days))
    return {lot.id: lot for lot, _, _ in rows}, facts


def lock_ranked(session: Session, application_id: UUID) -> None:
    """Let one person at a time decide or agree on marks where the best are ranked: locks those lots of the application."""
    asked = select(ApplicationLot.lot_id).where(ApplicationLot.application_id == application_id)
    frameworks.lock_ranked(session, col(Lot.id).in_(asked))


def competing(round_id: UUID, asked: Collection[Part]) -> ColumnElement[bool]:
    """In SQL, of a part and its application: submitted to this round for one of these lots and regions."""
    return (
        (col(Application.round_id) == round_id)
        & live_submissions()
        & col(ApplicationLot.lot_id).in_({lot_id for lot_id, _ in asked})
        & col(ApplicationLot.region_id).in_({region_id for _, region_id in asked})
    )


def entries(session: Session, which: ColumnElement[bool], on: date) -> list[Entry]:
    """The parts that compete, withdrawn ones only where `which` names them, in one query."""
    members = (
        sa_select(func.count())
        .where(
            col(Membership.lot_id) == ApplicationLot.lot_id,
            col(Membership.region_id) == ApplicationLot.region_id,
            live(on),
        )
        .scalar_subquery()
    )
    query: Any = (
        sa_select(  # type: ignore[call-overload]
            ApplicationLot,
            Application.submitted_at,
            TieBreak.broken_at,
            members,
            AgreedMark.question_id,
            AgreedMark.points,
        )
        .join(Application, col(Application.id) == ApplicationLot.application_id)
        .outerjoin(TieBreak, col(TieBreak.part_id) == ApplicationLot.id)
        .outerjoin(AgreedMark, current(AgreedMark))
        .where(which)
    )
    found: dict[UUID, Entry] = {}
    for part, submitted_at, preferred_at, count, question_id, points in session.execute(query):
        entry = found.setdefault(part.id, Entry(part, submitted_at, preferred_at, count, {}))
        if question_id:
            entry.marks[question_id] = points
    return list(found.values())


def contest(facts: RoundFacts, lot: Lot, region_id: UUID, found: Collection[Entry], *, through: date | None) -> Contest:
    """The ranking for this lot in this region, of the batches up to `through`."""
    here = [
        entry
        for entry in found
        if (entry.part.lot_id, entry.part.region_id) == (lot.id, region_id)
        and (facts.batch_of(entry.submitted_at) or date.max) <= (through or date.max)
    ]
    tallies = {entry.part.id: tally_for(facts.questions, lot, entry.marks) for entry in here}
    preferred = sorted((entry.preferred_at, entry.part.id) for entry in here if entry.preferred_at)
    order = {part_id: number for number, (_, part_id) in enumerate(preferred, start=1)}
    candidates = [_candidate(entry.part, tallies[entry.part.id], order.get(entry.part.id, 0)) for entry in here]
    free = max((lot.max_members or 0) - (here[0].members if here else 0), 0)
    return Contest(
        free=free,
        waiting=sum(one.verdict is Verdict.WAITING and not one.admitted and not one.refused for one in candidates),
        settled=any(entry.part.decision for entry in here if facts.batch_of(entry.submitted_at) == through),
        applications={entry.part.id: entry.part.application_id for entry in here},
        tallies=tallies,
        ranked=ranking(candidates, free=free),
    )


def _candidate(part: ApplicationLot, found: Tally, preferred: int) -> Candidate:
    admitted = part.decision == Decision.ACCEPTED or part.review_outcome == Review.OVERTURNED
    refused = part.decision == Decision.REFUSED and not admitted
    return Candidate(part.id, found.verdict, found.total, admitted, refused, preferred)


def _standing(part_id: UUID, found: Tally, among: Contest | None, not_yet: Refusal | None) -> PartStanding:
    standing, waiting = (among.standing(part_id), among.waiting) if among else (None, 0)
    return PartStanding(
        tally=found,
        standing=standing,
        waiting=waiting,
        settled=among is not None and among.settled,
        why_not_accept=not_yet or why_not_accept(found=found, standing=standing, waiting=waiting),
        why_not_refuse=not_yet,
    )

"""The lead's side of the scoring of a round: its assessors, whose marks are in, the agreed ones, and the rankings."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from app.applications.models import Application, ApplicationLot
from app.applications.queries.rows import phase_in
from app.applications.scoring.models import RoundAssessor, TieBreak
from app.applications.scoring.queries.assessing import RoundHead, head
from app.applications.scoring.queries.facts import (
    RoundFacts,
    RoundQuestion,
    agreed_marks,
    as_submitted,
    questions_of,
    scored_for,
    tally_for,
)
from app.applications.scoring.queries.sheets import (
    AgreedView,
    Applicant,
    Assessor,
    agreed_on,
    applicants,
    assessors_of,
    counted,
    marks_of,
    submitted_sheets,
)
from app.applications.scoring.queries.standing import assessed, competing, contest, entries
from app.applications.scoring.rules import Ranked, Sheets, Standing, Tally, why_not_moderate, why_not_name
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal
from app.core.scoring import Mark
from app.frameworks.entitlement import call_off_list
from app.frameworks.models import Framework, Lot, Region, Round, RoundScope
from app.frameworks.queries import decision_days, read_days
from app.frameworks.rules import Admission
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids
from app.organisations.queries import contacts_of
from app.organisations.rules import Role


@dataclass(frozen=True, slots=True)
class ApplicantLine:
    """An application, whose marks are in, and what the agreed ones come to in each lot it asks for.

    Who is `kept_away` from its provider is not told the latter.
    """

    applicant: Applicant
    sheets: Sheets
    agreed: bool
    tallies: tuple[tuple[int, Tally], ...]
    batch: date | None
    kept_away: bool


@dataclass(frozen=True, slots=True)
class RoundScoring:
    """The scoring of a round whole. `settled` are the assessors who have submitted marks, so that they stay.

    `rankings` are (lot, region, label) where the best are admitted up to a number.
    """

    round: RoundHead
    days: tuple[date, ...]
    assessors: tuple[Assessor, ...]
    settled: frozenset[UUID]
    names: Mapping[UUID, str]
    candidates: tuple[tuple[UUID, str], ...]
    applications: tuple[ApplicantLine, ...]
    rankings: tuple[tuple[UUID, UUID, str], ...]
    why_not_name: Refusal | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A scored question with its answer, every mark by the assessor's name, and the agreed one."""

    question: RoundQuestion
    given: tuple[tuple[str, Mark], ...]
    agreed: AgreedView | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All marks of one application beside each other; none while `why_not` keeps them closed."""

    round: RoundHead
    application_id: UUID
    provider_name: str
    questions: tuple[Compared, ...]
    why_not: Refusal | None

    @property
    def points(self) -> dict[UUID, list[int]]:
        """What the assessors gave, by question."""
        return {one.question.id: [mark.points for _, mark in one.given] for one in self.questions}


@dataclass(frozen=True, slots=True)
class RankingLine:
    """One applicant; `reason` is why it comes before those it ties with, if somebody recorded one."""

    part_id: UUID
    provider_name: str
    application_id: UUID
    tally: Tally
    place: Ranked
    reason: str


@dataclass(frozen=True, slots=True)
class RankingPage:
    """Who comes where for a lot in a region. `line_after` counts the rows above the line, and `batch` is the one it is about.

    Nothing of it is shown to whom an interest keeps away from somebody who competes, `kept_away` from.
    """

    round: RoundHead
    lot_id: UUID
    region_id: UUID
    lot: str
    region: str
    most: int
    free: int
    waiting: int
    batch: date | None
    lines: tuple[RankingLine, ...]
    line_after: int
    kept_away: tuple[str, ...]


def led_round(session: Session, actor: Actor, round_id: UUID) -> tuple[Round, Framework, tuple[date, ...]]:
    """A round of a framework this person leads, and its days of decision if it is always open. Raises `NotFound`."""
    query: Any = (
        sa_select(Round, Framework, decision_days())
        .join(Framework, col(Framework.id) == Round.framework_id)
        .where(col(Round.id) == round_id, col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD)))
    )
    found = session.execute(query).first()
    if found is None:
        raise NotFound
    return found[0], found[1], read_days(found[2])


def nameable(session: Session, framework: Framework, on: date) -> dict[UUID, str]:
    """Those who may be named: who assess for the lead, or for somebody who may call off now."""
    called = [one.organisation_id for one in call_off_list(session, framework.id, on) if one.entitled]
    people = contacts_of(session, (framework.lead_id, *called), Role.ASSESSOR)
    return {person.person_id: person.name for person in people}


def round_scoring(session: Session, actor: Actor, round_id: UUID) -> RoundScoring:
    """In a constant number of queries. Raises `NotFound`."""
    window, framework, days = led_round(session, actor, round_id)
    now, of_round = clock.now(session), col(Application.round_id) == round_id
    facts = RoundFacts(round_id, questions_of(session, window.question_set_id), days)
    seats = assessors_of(session, col(RoundAssessor.round_id) == round_id)[round_id]
    applied, agreed = applicants(session, (round_id,))[round_id], agreed_marks(session, of_round)
    submitted = submitted_sheets(session, of_round)
    lots, asked = _lots_asked(session, framework.id, of_round)
    named = {seat.person_id for seat in seats if not seat.released}
    return RoundScoring(
        round=head(window, framework, now),
        days=days,
        assessors=tuple(seats),
        settled=frozenset(seat for who in submitted.values() for seat in who),
        names={one.provider_id: one.provider_name for one in applied},
        candidates=tuple(
            person for person in nameable(session, framework, london_day(now)).items() if person[0] not in named
        ),
        applications=tuple(
            ApplicantLine(
                one,
                counted(seats, one.provider_id, submitted[one.application_id]),
                one.application_id in agreed,
                _tallies(
                    facts,
                    lots,
                    () if _is_kept_away(actor, seats, one.provider_id) else asked.get(one.application_id, ()),
                    agreed.get(one.application_id, {}),
                ),
                facts.batch_of(one.submitted_at),
                _is_kept_away(actor, seats, one.provider_id),
            )
            for one in applied
        ),
        rankings=_rankings(session, round_id, lots),
        why_not_name=why_not_name(scored=any(one.weight for one in facts.questions), belongs=False),
    )


def _lots_asked(
    session: Session, framework_id: UUID, of_round: ColumnElement[bool]
) -> tuple[dict[UUID, Lot], dict[UUID, set[UUID]]]:
    """The lots of a framework by number, and those that each application of a round asks for."""
    part = col(ApplicationLot.lot_id) == Lot.id
    here = part & col(ApplicationLot.application_id).in_(select(Application.id).where(of_round))
    lots: dict[UUID, Lot] = {}
    asked: dict[UUID, set[UUID]] = defaultdict(set)
    for lot, application_id in session.exec(
        select(Lot, ApplicationLot.application_id)
        .outerjoin(ApplicationLot, here)
        .where(Lot.framework_id == framework_id)
        .order_by(col(Lot.number))
    ):
        lots[lot.id] = lot
        asked[application_id].add(lot.id)
    return lots, asked


def _tallies(
    facts: RoundFacts, lots: Mapping[UUID, Lot], asked: Collection[UUID], marks: Mapping[UUID, int]
) -> tuple[tuple[int, Tally], ...]:
    return tuple((lot.number, tally_for(facts.questions, lot, marks)) for lot in lots.values() if lot.id in asked)


def _rankings(session: Session, round_id: UUID, lots: Mapping[UUID, Lot]) -> tuple[tuple[UUID, UUID, str], ...]:
    ranked = [lot.id for lot in lots.values() if lot.admission == Admission.RANKED]
    if not ranked:
        return ()
    rows = session.exec(
        select(RoundScope.lot_id, Region.id, Region.name)
        .join(Region, col(Region.id) == RoundScope.region_id)
        .where(RoundScope.round_id == round_id, col(RoundScope.lot_id).in_(ranked))
        .order_by(Region.name)
    ).all()
    return tuple(
        (lot_id, region_id, f"Lot {lots[lot_id].number}: {lots[lot_id].name}, {region}")
        for lot_id, region_id, region in sorted(rows, key=lambda row: lots[row[0]].number)
    )


def comparison(session: Session, actor: Actor, round_id: UUID, application_id: UUID) -> Comparison:
    """One application's marks for its moderation. Raises `NotFound`."""
    window, framework, _ = led_round(session, actor, round_id)
    now = clock.now(session)
    row, provider = _submitted(session, round_id, application_id)
    seats = assessors_of(session, col(RoundAssessor.round_id) == round_id)[round_id]
    given = {seat.id: seat for seat in seats if not seat.interested(row.provider_id)}
    marks = marks_of(session, application_id)
    parts = session.exec(select(ApplicationLot).where(ApplicationLot.application_id == application_id)).all()
    found = assessed(session, row, parts, london_day(now))
    refusal = why_not_moderate(
        phase=phase_in(row, window, sum(part.decision is None for part in parts), now),
        sheets=counted(seats, row.provider_id, marks.keys()),
        interested=_is_kept_away(actor, seats, row.provider_id),
        decided=any(part.decision for part in parts) or any(part.settled for part in found.parts.values()),
    )
    agreed = agreed_on(session, application_id)
    closed = refusal is not None and refusal.code != "decided"
    return Comparison(
        head(window, framework, now),
        application_id,
        provider,
        ()
        if closed
        else tuple(
            Compared(
                one,
                tuple((given[who].name, of[one.id]) for who, of in marks.items() if who in given and one.id in of),
                agreed.get(one.id),
            )
            for one in as_submitted(scored_for(found.questions, found.lots), row.snapshot)
        ),
        refusal,
    )


def _is_kept_away(actor: Actor, seats: Collection[Assessor], provider_id: UUID) -> bool:
    """Whether this lead belongs to the provider, or has declared an interest in it as an assessor of the round."""
    mine = next((seat for seat in seats if seat.person_id == actor.person_id), None)
    return provider_id in actor.where() or (mine is not None and mine.interested(provider_id))


def _submitted(session: Session, round_id: UUID, application_id: UUID) -> tuple[Application, str]:
    """An application that was submitted to the round, with its provider's name."""
    found = session.exec(
        select(Application, Organisation.name)
        .join(Organisation, col(Organisation.id) == Application.provider_id)
        .where(
            Application.id == application_id,
            Application.round_id == round_id,
            col(Application.submitted_at).is_not(None),
        )
    ).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def ranking_page(session: Session, actor: Actor, round_id: UUID, lot_id: UUID, region_id: UUID) -> RankingPage:
    """The ranking of the earliest batch in which somebody waits for a decision. Raises `NotFound` where none is ranked."""
    window, framework, days = led_round(session, actor, round_id)
    scoped = session.exec(
        select(Lot, Region)
        .join(RoundScope, col(RoundScope.lot_id) == Lot.id)
        .join(Region, col(Region.id) == RoundScope.region_id)
        .where(RoundScope.round_id == round_id, Lot.id == lot_id, Region.id == region_id)
        .where(Lot.admission == Admission.RANKED)
    ).first()
    if scoped is None:
        raise NotFound
    (lot, region), now = scoped, clock.now(session)
    facts = RoundFacts(round_id, questions_of(session, window.question_set_id), days)
    found = entries(session, competing(round_id, {(lot_id, region_id)}), london_day(now))
    waits = min((entry.submitted_at for entry in found if entry.part.decision is None), default=None)
    batch = facts.batch_of(waits) or max(days, default=None)
    among = contest(facts, lot, region_id, found, through=batch)
    applied = {one.application_id: one for one in applicants(session, (round_id,))[round_id]}
    seats = assessors_of(session, col(RoundAssessor.round_id) == round_id)[round_id]
    competitors = [applied[application_id] for application_id in among.applications.values()]
    kept_away = tuple(one.provider_name for one in competitors if _is_kept_away(actor, seats, one.provider_id))
    ranked = () if kept_away else among.ranked
    reasons = {
        row.part_id: row.reason
        for row in session.exec(select(TieBreak).where(col(TieBreak.part_id).in_(among.applications)))
    }
    above = (Standing.ADMITTED, Standing.WITHIN)
    return RankingPage(
        round=head(window, framework, now),
        lot_id=lot_id,
        region_id=region_id,
        lot=f"Lot {lot.number}: {lot.name}",
        region=region.name,
        most=lot.max_members or 0,
        free=among.free,
        waiting=among.waiting,
        batch=batch,
        lines=tuple(
            RankingLine(
                place.part_id,
                applied[among.applications[place.part_id]].provider_name,
                among.applications[place.part_id],
                among.tallies[place.part_id],
                place,
                reasons.get(place.part_id, ""),
            )
            for place in ranked
        ),
        line_after=sum(place.standing in above for place in ranked),
        kept_away=kept_away,
    )

"""The room of an assessor: their rounds, how they stand to those who applied, and the answers they score."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from app.applications.models import Application, ApplicationLot
from app.applications.queries import round_phase_of
from app.applications.scoring.models import (
    AgreedMark,
    ApplicantDeclaration,
    ApplicationScore,
    RoundAssessor,
    ScoreSheet,
)
from app.applications.scoring.queries.facts import (
    RoundQuestion,
    agreed_marks,
    as_submitted,
    current,
    live_submissions,
    questions_of,
    scored_for,
)
from app.applications.scoring.queries.sheets import (
    Applicant,
    Assessor,
    applicants,
    assessors_of,
    counted,
    marks_of,
    submitted_sheets,
)
from app.applications.scoring.rules import why_not_score, why_not_submit
from app.core import clock
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal
from app.core.rows import packed, unpacked
from app.core.scoring import Mark
from app.frameworks.models import CallOffBody, Framework, Round
from app.frameworks.rules import RoundPhase
from app.organisations.models import OrganisationSeat
from app.organisations.policy import lead_ids
from app.organisations.rules import Role


@dataclass(frozen=True, slots=True)
class RoundHead:
    """What every page of this room shows at its top."""

    id: UUID
    name: str
    framework_id: UUID
    framework_name: str
    closes_at: datetime
    phase: RoundPhase
    rolling: bool


@dataclass(frozen=True, slots=True)
class Task:
    """One round to assess: how many applicants are to be declared about, and how many applications to be scored now."""

    round: RoundHead
    undeclared: int
    to_score: int
    scored: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """`applied` are those about whom nothing is declared yet; `declared` (name, nature) all others, empty for no interest.

    `clear` are those without an interest: one may still be declared.
    """

    round: RoundHead
    applied: tuple[tuple[UUID, str], ...]
    clear: tuple[tuple[UUID, str], ...]
    declared: tuple[tuple[str, str], ...]

    @property
    def asked(self) -> tuple[tuple[UUID, str], ...]:
        """Whom the form lists."""
        return (*self.applied, *self.clear)


@dataclass(frozen=True, slots=True)
class Room:
    """What an assessor may score: (applicant, whether they have submitted their marks, why they may not score it now)."""

    round: RoundHead
    applications: tuple[tuple[Applicant, bool, Refusal | None], ...]
    undeclared: int
    kept_away: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One application as its assessor sees it. `others` are the marks of others by name and question, once all are in."""

    round: RoundHead
    applicant: Applicant
    questions: tuple[RoundQuestion, ...]
    marks: dict[UUID, Mark]
    submitted_at: datetime | None
    others: tuple[tuple[str, dict[UUID, Mark]], ...]
    why_not_score: Refusal | None
    why_not_submit: Refusal | None


@dataclass(frozen=True, slots=True)
class _Work:
    """One application: what this person declared, None for nothing yet; `open` while its marks may be given."""

    nature: str | None
    own: bool
    submitted: bool
    open: bool


def head(window: Round, framework: Framework, now: datetime) -> RoundHead:
    phase = round_phase_of(window, now)
    return RoundHead(window.id, window.name, framework.id, framework.name, window.closes_at, phase, window.rolling)


def own_rounds(session: Session, actor: Actor) -> list[tuple[Round, Framework]]:
    """The rounds this person is named for, while they assess for its lead or for somebody on its call-off list."""
    mine = lead_ids(actor, Role.ASSESSOR)
    called = select(CallOffBody.framework_id).where(col(CallOffBody.organisation_id).in_(mine))
    rows = session.exec(
        select(Round, Framework)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .join(RoundAssessor, col(RoundAssessor.round_id) == Round.id)
        .where(
            RoundAssessor.person_id == actor.person_id,
            col(RoundAssessor.released_at).is_(None),
            col(Framework.lead_id).in_(mine) | col(Framework.id).in_(called),
        )
        .order_by(col(Round.closes_at), col(Round.id))
        .limit(100)
    )
    return [(window, framework) for window, framework in rows]


def own_round(session: Session, actor: Actor, round_id: UUID) -> tuple[Round, Framework]:
    """Raises `NotFound` unless this person is named for it."""
    found = next((pair for pair in own_rounds(session, actor) if pair[0].id == round_id), None)
    if found is None:
        raise NotFound
    return found


def tasks(session: Session, actor: Actor, now: datetime) -> tuple[Task, ...]:
    """What each round wants of this person, in two queries."""
    rounds = own_rounds(session, actor)
    work = _work(session, actor) if rounds else {}
    return tuple(_task(head(window, framework, now), work.get(window.id, ())) for window, framework in rounds)


def _task(about: RoundHead, work: Sequence[_Work]) -> Task:
    begun = about.rolling or about.phase is RoundPhase.CLOSED
    readable = [one for one in work if one.nature == "" and not one.own]
    return Task(
        about,
        undeclared=sum(one.nature is None and not one.own for one in work),
        to_score=sum(not one.submitted and one.open for one in readable) if begun else 0,
        scored=sum(one.submitted for one in readable),
    )


def _work(session: Session, actor: Actor) -> dict[UUID, list[_Work]]:
    """Every application to the rounds this person is named for, by round, in one query."""
    seat = select(OrganisationSeat.id).where(
        OrganisationSeat.organisation_id == Application.provider_id,
        OrganisationSeat.person_id == actor.person_id,
        col(OrganisationSeat.ended_at).is_(None),
    )
    undecided = select(ApplicationLot.id).where(
        ApplicationLot.application_id == Application.id, col(ApplicationLot.decision).is_(None)
    )
    agreed = select(AgreedMark.id).where(current(AgreedMark))
    query: Any = (
        sa_select(
            col(Application.round_id),
            col(ApplicantDeclaration.nature),
            seat.exists(),
            col(ScoreSheet.submitted_at).is_not(None),
            undecided.exists() & ~agreed.exists(),
        )
        .select_from(Application)
        .join(RoundAssessor, col(RoundAssessor.round_id) == Application.round_id)
        .outerjoin(
            ApplicantDeclaration,
            (col(ApplicantDeclaration.assessor_id) == RoundAssessor.id)
            & (col(ApplicantDeclaration.provider_id) == Application.provider_id),
        )
        .outerjoin(ScoreSheet, (col(ScoreSheet.assessor_id) == RoundAssessor.id) & current(ScoreSheet))
        .where(col(RoundAssessor.person_id) == actor.person_id, live_submissions())
    )
    found: dict[UUID, list[_Work]] = defaultdict(list)
    for round_id, *facts in session.execute(query):
        found[round_id].append(_Work(*facts))
    return found


def declaration(session: Session, actor: Actor, round_id: UUID) -> Declaration:
    window, framework = own_round(session, actor, round_id)
    me, applied = own_seat(session, actor, round_id), applicants(session, (round_id,))[round_id]
    return Declaration(
        head(window, framework, clock.now(session)),
        tuple((one.provider_id, one.provider_name) for one in applied if one.provider_id not in me.natures),
        tuple((one.provider_id, one.provider_name) for one in applied if me.natures.get(one.provider_id) == ""),
        tuple((one.provider_name, me.natures[one.provider_id]) for one in applied if one.provider_id in me.natures),
    )


def own_seat(session: Session, actor: Actor, round_id: UUID) -> Assessor:
    return assessors_of(
        session, col(RoundAssessor.round_id) == round_id, col(RoundAssessor.person_id) == actor.person_id
    )[round_id][0]


def room(session: Session, actor: Actor, round_id: UUID) -> Room:
    """Every application of the round that this assessor may see, in a constant number of queries."""
    window, framework = own_round(session, actor, round_id)
    now, me = clock.now(session), own_seat(session, actor, round_id)
    applied, of_round = applicants(session, (round_id,))[round_id], col(Application.round_id) == round_id
    submitted, agreed = submitted_sheets(session, of_round), agreed_marks(session, of_round)
    lines = tuple(
        (
            one,
            me.id in submitted[one.application_id],
            _why_not_score(window, one, now, me.id in submitted[one.application_id], one.application_id in agreed),
        )
        for one in applied
        if me.may_read(one.provider_id)
    )
    return Room(
        head(window, framework, now),
        lines,
        sum(one.provider_id not in me.natures and one.provider_id not in me.own for one in applied),
        tuple(one.provider_name for one in applied if me.interested(one.provider_id)),
    )


def sheet(session: Session, actor: Actor, round_id: UUID, application_id: UUID) -> Sheet:
    """One application to score. One whose provider this person has not declared about, or has an interest in, is not found."""
    return begun_sheet(session, actor, round_id, application_id)[0]


def begun_sheet(
    session: Session, actor: Actor, round_id: UUID, application_id: UUID
) -> tuple[Sheet, UUID, ScoreSheet | None]:
    """The same, with the id of the assessor's seat and the sheet as it is kept, once it is begun."""
    window, framework = own_round(session, actor, round_id)
    now = clock.now(session)
    seats = assessors_of(session, col(RoundAssessor.round_id) == round_id)[round_id]
    me = next(seat for seat in seats if seat.person_id == actor.person_id)
    applicant = next(
        (one for one in applicants(session, (round_id,))[round_id] if one.application_id == application_id), None
    )
    if applicant is None or not me.may_read(applicant.provider_id):
        raise NotFound
    here = col(Application.id) == application_id
    submitted, agreed = submitted_sheets(session, here)[application_id], agreed_marks(session, here)
    mine = own_sheet(session, me.id, application_id)
    marks, asked = own_marks(session, mine), _scored(session, window, application_id)
    refusal = _why_not_score(window, applicant, now, me.id in submitted, bool(agreed))
    all_in = counted(seats, applicant.provider_id, submitted).waiting == 0
    others = marks_of(session, application_id) if all_in else {}
    seen = Sheet(
        round=head(window, framework, now),
        applicant=applicant,
        questions=asked if refusal is None or me.id in submitted else (),
        marks=marks,
        submitted_at=mine.submitted_at if mine else None,
        others=tuple((one.name, others[one.id]) for one in seats if one.id in others and one.id != me.id),
        why_not_score=refusal,
        why_not_submit=refusal or why_not_submit(unmarked=sum(one.id not in marks for one in asked)),
    )
    return seen, me.id, mine


def own_sheet(session: Session, assessor_id: UUID, application_id: UUID) -> ScoreSheet | None:
    """This assessor's sheet of what is submitted now."""
    return session.exec(
        select(ScoreSheet)
        .join(Application, current(ScoreSheet))
        .where(ScoreSheet.assessor_id == assessor_id, col(Application.id) == application_id)
    ).first()


def own_marks(session: Session, mine: ScoreSheet | None) -> dict[UUID, Mark]:
    if mine is None:
        return {}
    rows = session.exec(select(ApplicationScore).where(ApplicationScore.sheet_id == mine.id))
    return {row.question_id: Mark(row.points, row.reason) for row in rows}


def _scored(session: Session, window: Round, application_id: UUID) -> tuple[RoundQuestion, ...]:
    """Each question that is scored for a lot that the application asks for, with its submitted answer, in two queries."""
    asked = packed(ApplicationLot.lot_id).where(col(ApplicationLot.application_id) == Application.id)
    snapshot, lots_asked = session.exec(
        select(Application.snapshot, asked.correlate(Application).scalar_subquery()).where(
            Application.id == application_id
        )
    ).one()
    lots = {UUID(lot_id) for (lot_id,) in unpacked(lots_asked)}
    return as_submitted(scored_for(questions_of(session, window.question_set_id, application_id), lots), snapshot)


def _why_not_score(
    window: Round, applicant: Applicant, now: datetime, submitted: bool, moderated: bool
) -> Refusal | None:
    return why_not_score(
        phase=applicant.phase,
        round_phase=round_phase_of(window, now),
        rolling=window.rolling,
        submitted=submitted,
        moderated=moderated,
    )

"""Who scores what, and whose marks of an application are in: counted over those without an interest in its provider."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.applications.models import Application, ApplicationLot
from app.applications.rules import Phase
from app.applications.scoring.models import (
    AgreedMark,
    ApplicantDeclaration,
    ApplicationScore,
    RoundAssessor,
    ScoreSheet,
)
from app.applications.scoring.queries.facts import current, live_submissions
from app.applications.scoring.rules import Sheets
from app.core.scoring import Mark
from app.organisations.models import Organisation, OrganisationSeat


@dataclass(frozen=True, slots=True)
class Applicant:
    """A provider's application to a round, submitted and not withdrawn; `undecided` while a part of it is."""

    application_id: UUID
    provider_id: UUID
    provider_name: str
    submitted_at: datetime
    undecided: bool

    @property
    def phase(self) -> Phase:
        return Phase.SUBMITTED if self.undecided else Phase.DECIDED


@dataclass(frozen=True, slots=True)
class Assessor:
    """Named for a round. `natures` are what they declared, by provider, empty for no interest; `own` where they hold a seat;
    `released` is why they were taken off, empty while they are not.
    """

    id: UUID
    person_id: UUID
    name: str
    natures: Mapping[UUID, str]
    own: frozenset[UUID]
    released: str

    def interested(self, provider_id: UUID) -> bool:
        return provider_id in self.own or bool(self.natures.get(provider_id))

    def may_read(self, provider_id: UUID) -> bool:
        """They have said that they have no interest in it, and belong to it no more than that."""
        return provider_id in self.natures and not self.interested(provider_id)


@dataclass(frozen=True, slots=True)
class AgreedView:
    points: int
    note: str


def applicants(session: Session, round_ids: Collection[UUID]) -> dict[UUID, list[Applicant]]:
    """What is submitted and not withdrawn, by round, the first one first, in one query."""
    found: dict[UUID, list[Applicant]] = defaultdict(list)
    undecided = select(ApplicationLot.application_id).where(col(ApplicationLot.decision).is_(None))
    for row in session.execute(
        select(  # type: ignore[call-overload]
            col(Application.round_id),
            col(Application.id),
            col(Application.provider_id),
            col(Organisation.name),
            col(Application.submitted_at),
            col(Application.id).in_(undecided),
        )
        .join(Organisation, col(Organisation.id) == Application.provider_id)
        .where(col(Application.round_id).in_(round_ids), live_submissions())
        .order_by(col(Application.submitted_at), col(Application.id))
    ):
        found[row[0]].append(Applicant(row[1], row[2], row[3], row[4], bool(row[5])))
    return found


def assessors_of(session: Session, *which: ColumnElement[bool]) -> dict[UUID, list[Assessor]]:
    """By round, in the order they were named, in two queries; which of the providers that applied they belong to."""
    named: dict[UUID, tuple[RoundAssessor, str]] = {}
    natures: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    for row, name, provider_id, nature in session.exec(
        select(RoundAssessor, Person.name, ApplicantDeclaration.provider_id, ApplicantDeclaration.nature)
        .join(Person, col(Person.id) == RoundAssessor.person_id)
        .outerjoin(ApplicantDeclaration, col(ApplicantDeclaration.assessor_id) == RoundAssessor.id)
        .where(*which)
        .order_by(col(RoundAssessor.named_at), col(RoundAssessor.id))
    ):
        named[row.id] = row, name
        if provider_id:
            natures[row.id][provider_id] = nature
    rows = named.values()
    own = seats_among_applicants(session, {row.round_id for row, _ in rows}, {row.person_id for row, _ in rows})
    found: dict[UUID, list[Assessor]] = defaultdict(list)
    for row, name in rows:
        found[row.round_id].append(
            Assessor(
                row.id,
                row.person_id,
                name,
                natures[row.id],
                frozenset(own[row.round_id, row.person_id]),
                row.release_reason,
            )
        )
    return found


def seats_among_applicants(
    session: Session, round_ids: Collection[UUID], person_ids: Collection[UUID]
) -> dict[tuple[UUID, UUID], set[UUID]]:
    """The providers that applied in which these people hold a seat now, by round and person."""
    held: dict[tuple[UUID, UUID], set[UUID]] = defaultdict(set)
    for round_id, person_id, provider_id in session.exec(
        select(Application.round_id, OrganisationSeat.person_id, Application.provider_id)
        .join(OrganisationSeat, col(OrganisationSeat.organisation_id) == Application.provider_id)
        .where(
            col(Application.round_id).in_(round_ids),
            col(OrganisationSeat.person_id).in_(person_ids),
            col(OrganisationSeat.ended_at).is_(None),
        )
    ):
        held[round_id, person_id].add(provider_id)
    return held


def submitted_sheets(session: Session, *which: ColumnElement[bool]) -> dict[UUID, set[UUID]]:
    """Who has submitted marks of what is submitted now: assessors by application, in one query."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for application_id, assessor_id in session.exec(
        select(ScoreSheet.application_id, ScoreSheet.assessor_id)
        .join(Application, current(ScoreSheet))
        .where(col(ScoreSheet.submitted_at).is_not(None), *which)
    ):
        found[application_id].add(assessor_id)
    return found


def counted(assessors: Iterable[Assessor], provider_id: UUID, submitted: Collection[UUID]) -> Sheets:
    """Whose marks count and are in, and whose are waited for: nobody waits for those who were taken off."""
    fit = [one for one in assessors if not one.interested(provider_id)]
    done = sum(one.id in submitted for one in fit)
    return Sheets(done, sum(one.id not in submitted and not one.released for one in fit))


def marks_of(session: Session, application_id: UUID) -> dict[UUID, dict[UUID, Mark]]:
    """Every submitted mark of what is submitted now, by assessor and question."""
    found: dict[UUID, dict[UUID, Mark]] = defaultdict(dict)
    for assessor_id, score in session.exec(
        select(ScoreSheet.assessor_id, ApplicationScore)
        .join(ScoreSheet, col(ScoreSheet.id) == ApplicationScore.sheet_id)
        .join(Application, current(ScoreSheet))
        .where(col(Application.id) == application_id, col(ScoreSheet.submitted_at).is_not(None))
    ):
        found[assessor_id][score.question_id] = Mark(score.points, score.reason)
    return found


def agreed_on(session: Session, application_id: UUID) -> dict[UUID, AgreedView]:
    """The agreed marks with their notes, by question."""
    rows = session.exec(
        select(AgreedMark).join(Application, current(AgreedMark)).where(col(Application.id) == application_id)
    )
    return {row.question_id: AgreedView(row.points, row.note) for row in rows}

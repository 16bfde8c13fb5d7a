"""Looking at approvals, and at whom a publication considered: the agency sees all of it, a member its own line."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.briefs.inviting import rules
from app.briefs.inviting.models import ApprovalLimit, BriefApproval, MatchLine, MatchReport
from app.briefs.models import Brief
from app.briefs.queries import brief_of_buyer, facts_of_drafts
from app.core.actor import Actor
from app.core.refusals import NotFound
from app.frameworks.models import Lot, Region
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.organisations.queries import contacts
from app.organisations.rules import MANAGERS, Role

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Approving:
    """How many approve a brief besides its author, who has approved it as it now stands, and how many could, those included.

    `inviters` are the names of those who can invite another approver, where there are too few.
    """

    needed: int
    limit_pence: int
    agency_id: UUID
    approved: tuple[tuple[UUID, str, datetime], ...]
    could: int
    inviters: tuple[str, ...]

    def is_first(self) -> bool:
        """Whether the next approval is the first of two."""
        return self.needed > 1 and not self.approved


@dataclass(frozen=True, slots=True)
class Considered:
    """A member of the lot in the region on the day of publication. `reasons` are why it was not invited."""

    provider_id: UUID
    provider_name: str
    invited: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    reference: str
    title: str
    brief_id: UUID
    made_at: datetime
    sha256: str
    limit_pence: int
    lines: tuple[Considered, ...]

    @property
    def invited(self) -> int:
        return sum(line.invited for line in self.lines)


@dataclass(frozen=True, slots=True)
class OwnLine:
    """Why one of the person's own providers was not invited. What the brief says is not theirs to read."""

    provider_name: str
    reference: str
    agency: str
    lot: str
    region: str
    at: datetime
    reasons: tuple[str, ...]


def limit_of(session: Session, agency_id: UUID) -> int:
    """The value above which two approve an agency's briefs, in pence: what it said last, or the service's default."""
    newest = select(ApprovalLimit.pence).where(ApprovalLimit.organisation_id == agency_id)
    said = session.exec(
        newest.order_by(col(ApprovalLimit.set_at).desc(), col(ApprovalLimit.id).desc()).limit(1)
    ).first()
    return rules.DEFAULT_LIMIT_PENCE if said is None else said


def limit_for(session: Session, brief: Brief) -> int:
    """The value that holds for this draft, in pence."""
    said = session.exec(
        select(ApprovalLimit.set_at, ApprovalLimit.pence)
        .where(ApprovalLimit.organisation_id == brief.raa_id)
        .order_by(col(ApprovalLimit.set_at), col(ApprovalLimit.id))
    )
    return rules.limit_of_draft(said, brief.created_at)


def approving(session: Session, brief: Brief, seen: str, authors: frozenset[UUID]) -> Approving:
    """`seen` is the digest of the brief as it now stands, `authors` wrote any of it."""
    limit = limit_for(session, brief)
    needed = rules.approvers_needed(brief.budget_pence or 0, limit)
    given = approved(session, brief.id, seen) if needed > 1 else ()
    approvers = {one.person_id for one in contacts(session, brief.raa_id, Role.APPROVER)}
    could = len((approvers - authors) | {person_id for person_id, *_ in given})
    inviters = contacts(session, brief.raa_id, *MANAGERS) if could < needed else ()
    return Approving(needed, limit, brief.raa_id, given, could, tuple(one.name for one in inviters))


def needed_of(session: Session, drafts: Collection[Brief]) -> dict[UUID, int]:
    """How many approve each of many drafts, in one query."""
    said = select(ApprovalLimit).where(col(ApprovalLimit.organisation_id).in_({one.raa_id for one in drafts}))
    limits: dict[UUID, list[tuple[datetime, int]]] = {one.raa_id: [] for one in drafts}
    for limit in session.exec(said.order_by(col(ApprovalLimit.set_at), col(ApprovalLimit.id))):
        limits[limit.organisation_id].append((limit.set_at, limit.pence))
    return {
        one.id: rules.approvers_needed(one.budget_pence or 0, rules.limit_of_draft(limits[one.raa_id], one.created_at))
        for one in drafts
    }


def approved_of(session: Session, drafts: Collection[Brief], now: datetime) -> dict[UUID, frozenset[UUID]]:
    """Who has approved each of many drafts as it now stands, as the first of two."""
    words = facts_of_drafts(session, drafts, now)
    given: dict[UUID, set[UUID]] = {one.id: set() for one in drafts}
    for row in session.exec(select(BriefApproval).where(col(BriefApproval.brief_id).in_(given))):
        if row.seen == words[row.brief_id].seen:
            given[row.brief_id].add(row.person_id)
    return {brief_id: frozenset(people) for brief_id, people in given.items()}


def report(session: Session, actor: Actor, brief_id: UUID) -> Report:
    """For the agency's people. Raises `NotFound`, also for a brief published before reports were kept."""
    brief = brief_of_buyer(session, actor, brief_id)
    rows = session.exec(
        select(MatchReport, MatchLine)
        .outerjoin(MatchLine, col(MatchLine.brief_id) == MatchReport.brief_id)
        .where(MatchReport.brief_id == brief_id)
        .order_by(col(MatchLine.invited).desc(), MatchLine.provider_name, col(MatchLine.id))
    ).all()
    if not rows:
        raise NotFound
    made = rows[0][0]
    lines = tuple(
        Considered(line.provider_id, line.provider_name, line.invited, _words(line)) for _, line in rows if line
    )
    return Report(brief.reference, brief.title, brief_id, made.made_at, made.sha256, made.limit_pence, lines)


def not_invited(session: Session, actor: Actor) -> list[OwnLine]:
    """The briefs of their own lots and regions to which this person's providers were not invited, the newest first, at most a
    hundred.
    """
    rows = session.execute(
        select(MatchLine, Brief.reference, Organisation.name, Lot.number)
        .add_columns(col(Lot.name), col(Region.name), col(MatchReport.made_at))
        .join(MatchReport, col(MatchReport.brief_id) == MatchLine.brief_id)
        .join(Brief, col(Brief.id) == MatchLine.brief_id)
        .join(Organisation, col(Organisation.id) == Brief.raa_id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .join(Region, col(Region.id) == Brief.region_id)
        .where(col(MatchLine.provider_id).in_(provider_ids(actor)), col(MatchLine.invited).is_(False))
        .order_by(col(MatchReport.made_at).desc(), col(MatchLine.id))
        .limit(MOST)
    )
    return [
        OwnLine(line.provider_name, reference, agency, f"Lot {number}: {lot}", region, at, _words(line))
        for line, reference, agency, number, lot, region, at in rows
    ]


def _words(line: MatchLine) -> tuple[str, ...]:
    return tuple(words or code.replace("_", " ") for code, words in line.reasons)


def approved(session: Session, brief_id: UUID, seen: str) -> tuple[tuple[UUID, str, datetime], ...]:
    """Who has approved the words whose digest is `seen`, by name, and when."""
    rows = session.exec(
        select(BriefApproval.person_id, Person.name, BriefApproval.at)
        .join(Person, col(Person.id) == BriefApproval.person_id)
        .where(BriefApproval.brief_id == brief_id, BriefApproval.seen == seen)
        .order_by(col(BriefApproval.at))
    )
    return tuple((person_id, name, at) for person_id, name, at in rows)

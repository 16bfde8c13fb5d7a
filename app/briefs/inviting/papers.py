"""What is asked of a draft when it is to be published: all of it in three statements, under its lock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_
from sqlmodel import Session, col, select

from app.briefs import events
from app.briefs.inviting.models import ApprovalLimit, BriefApproval
from app.briefs.inviting.rules import limit_of_draft
from app.briefs.models import Brief, BriefCriterion, FundingLimit
from app.briefs.queries.buyer import called_off
from app.briefs.queries.checking import LotOn, Standing, lot_on_of, stands
from app.briefs.queries.guarding import excerpt_of, guarded_with
from app.briefs.queries.row import BriefFacts, facts_query, said, signed_for
from app.briefs.released import TextRelease
from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal
from app.core.rows import moment, packed, unpacked
from app.frameworks.entitlement import entitlement_columns
from app.frameworks.models import Framework, FrameworkCriterion, Lot, Region
from app.frameworks.requirements import Requirement, required_by, requirement_column
from app.organisations.policy import buyer_ids
from app.organisations.rules import Role
from app.sealing.models import SealingKey
from app.sealing.rules import Holder


@dataclass(frozen=True, slots=True)
class Papers:
    """What stands beside a draft: its lot, what that requires of members, and the time on the list under which it is called off.

    `authors` wrote any of it; `limit_pence` is the value above which two approve; `approvals` are who approved which words.
    """

    on: LotOn
    needs: list[Requirement]
    called_off: UUID | Refusal
    authors: frozenset[UUID]
    limit_pence: int
    approvals: tuple[tuple[UUID, str], ...]

    def approved(self, seen: str) -> list[UUID]:
        """Who has approved the words whose digest this is."""
        return [person_id for person_id, words in self.approvals if words == seen]


def brief_to_publish(session: Session, actor: Actor, brief_id: UUID) -> tuple[Brief, datetime | None, datetime]:
    """The row, locked for an approver of its agency; the hour bound into its key, if it has one; and the time.

    Raises `NotFound`.
    """
    key = (col(SealingKey.holder) == Holder.BRIEF) & (col(SealingKey.holder_id) == Brief.id)
    mine = col(Brief.id) == brief_id, col(Brief.raa_id).in_(buyer_ids(actor, Role.APPROVER))
    wanted: Any = select(Brief, SealingKey.not_before, clock.MOMENT).outerjoin(SealingKey, key).where(*mine)
    found = session.execute(wanted.with_for_update(of=Brief).execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound
    return found[0], found[1], found[2]


def papers(session: Session, brief: Brief, now: datetime) -> Papers:
    today = london_day(now)
    limits = packed(ApprovalLimit.set_at, ApprovalLimit.pence).where(col(ApprovalLimit.organisation_id) == brief.raa_id)
    approvals = packed(BriefApproval.person_id, BriefApproval.seen).where(col(BriefApproval.brief_id) == brief.id)
    wrote = audit.actors_column(brief.id, events.DRAFTED, events.REVISED)
    row = session.execute(
        select(Lot, Framework, FundingLimit)
        .add_columns(requirement_column(), limits.scalar_subquery(), approvals.scalar_subquery(), wrote)
        .add_columns(*entitlement_columns(brief.framework_id, brief.raa_id))
        .join(Framework, col(Framework.id) == Lot.framework_id)
        .outerjoin(FundingLimit, and_(col(FundingLimit.starts_on) <= today, col(FundingLimit.ends_on) >= today))
        .where(col(Lot.id) == brief.lot_id)
    ).one()
    lot, framework, limit, kinds, said_limits, approved, wrote_it, *times = row
    given = sorted((moment(at), int(pence)) for at, pence in unpacked(said_limits))
    return Papers(
        lot_on_of(lot, framework, limit),
        required_by(lot, kinds),
        called_off(framework, *times, now=now),
        frozenset({brief.created_by, *(UUID(person_id) for (person_id,) in unpacked(wrote_it))}),
        limit_of_draft(given, brief.created_at),
        tuple((UUID(person_id), seen) for person_id, seen in unpacked(approved)),
    )


def draft_as_read(
    session: Session, brief: Brief, on: LotOn, now: datetime, minimum: timedelta | None
) -> tuple[Standing, BriefFacts]:
    """How the draft stands, and what it says. `minimum` replaces the least number of working days."""
    of_framework = and_(
        col(FrameworkCriterion.framework_id) == Brief.framework_id,
        col(FrameworkCriterion.position) == BriefCriterion.position,
    )
    released = and_(col(TextRelease.brief_id) == Brief.id, col(TextRelease.released_at).is_not(None))
    rows = session.execute(
        facts_query([brief.id], signed_for(now))
        .outerjoin(FrameworkCriterion, of_framework)
        .outerjoin(TextRelease, released)
        .add_columns(Region.name, FrameworkCriterion, TextRelease)
    ).all()
    by_criterion = {row[3].id if row[3] else None: row for row in rows}
    criteria = [(row[3], row[-2]) for row in by_criterion.values() if row[3]]
    texts = guarded_with(brief, rows[0][-3], {excerpt_of(row[-1]) for row in rows if row[-1]})
    facts = said(brief, [row[:-3] for row in by_criterion.values()], now)
    return stands(brief, on, criteria, texts, now, minimum), facts

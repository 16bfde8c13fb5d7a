"""Looking at the versions of a published brief: what each changed, and what waits for an approver."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.accounts.models import Person
from app.briefs.amending import rules
from app.briefs.amending.models import BriefAmendment
from app.briefs.amending.rules import Change, Kind, Terms
from app.briefs.inviting.queries import limit_for
from app.briefs.models import Brief
from app.briefs.queries.checking import lot_on, to_check
from app.briefs.rules import in_words
from app.briefs.terms.models import terms_of as of_row
from app.briefs.terms.rules import Finding, above_limit, check_budget
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal, over


@dataclass(frozen=True, slots=True)
class Amended:
    """One change. `version` and `published_at` are None while it waits; `proposed_by` is nobody for the service's own."""

    id: UUID
    kind: Kind
    version: int | None
    reason: str
    changes: tuple[Change, ...]
    terms: Terms | None
    proposed_at: datetime
    proposed_by: UUID | None
    proposer: str
    published_at: datetime | None


def terms_of(brief: Brief) -> Terms:
    """What of a published brief may change. Raises `LookupError` for an unfinished draft."""
    if brief.sessions is None or brief.start_by is None or brief.budget_pence is None:
        raise LookupError("the draft is not finished")
    return Terms(
        title=brief.title,
        need=brief.need,
        outcomes=brief.outcomes,
        sessions=brief.sessions,
        start_by=brief.start_by,
        budget_pence=brief.budget_pence,
        closes_at=brief.closes_at,
        delivery=(written := of_row(brief)).delivery,
        review_dates=written.review_dates,
    )


def why_not_budget(session: Session, brief: Brief, terms: Terms, now: datetime) -> Refusal | None:
    """Why these terms may not set the brief's budget; of one that stays nothing is read."""
    was = terms_of(brief).budget_pence
    if terms.budget_pence == was:
        return None
    found, limit = _of_budget(session, brief, terms, now), limit_for(session, brief)
    above = above_limit(terms.budget_pence, brief.fund_limit_pence, brief.children) if brief.fund_limit_pence else 0
    return rules.why_not_budget(
        was=was, budget_pence=terms.budget_pence, limit_pence=limit, above_pence=above, found=found
    )


def advice(session: Session, brief: Brief, terms: Terms, now: datetime) -> tuple[str, ...]:
    """What an approver should know of another budget in these terms, as the author of a draft is told of it."""
    if terms.budget_pence == terms_of(brief).budget_pence:
        return ()
    return tuple(one.words for one in _of_budget(session, brief, terms, now) if not one.blocking)


def _of_budget(session: Session, brief: Brief, terms: Terms, now: datetime) -> tuple[Finding, ...]:
    """What the checker says of the sum in these terms. The Fund's limit is that of the brief's publication, as its page has it."""
    as_is = to_check(brief, lot_on(session, brief.lot_id, london_day(now)), (), now)
    return check_budget(
        replace(as_is, sessions=terms.sessions, budget_pence=terms.budget_pence, limit_pence=brief.fund_limit_pence)
    )


def published(session: Session, brief_id: UUID) -> tuple[Amended, ...]:
    """What changed since the brief was published, the newest first: for everybody who may read the brief."""
    return tuple(one for one in _amended(session, brief_id) if one.published_at)


def waiting(versions: Collection[Amended]) -> Amended | None:
    """What waits for an approver, if anything does."""
    return next((one for one in versions if one.published_at is None), None)


def versions(session: Session, brief_id: UUID) -> tuple[Amended, ...]:
    """For the agency: what waits, and what was published, the newest first."""
    return _amended(session, brief_id)


def amendment_row(session: Session, brief_id: UUID, amendment_id: UUID) -> BriefAmendment:
    """The row; whoever changes it holds the brief's lock. Raises `NotFound`."""
    row = session.get(BriefAmendment, amendment_id, populate_existing=True)
    if row is None or row.brief_id != brief_id:
        raise NotFound
    return row


def why_not_decide_now(session: Session, row: BriefAmendment) -> Refusal | None:
    """Who has published or dropped it, and whether another has been proposed since."""
    at, by = row.published_at or row.dropped_at, row.published_by or row.dropped_by
    if at is None:
        return None
    who = session.get_one(Person, by).name if by else "The service"
    did = f"published this change as version {row.version}" if row.published_at else "dropped this change"
    since = "Another change has been proposed since." if waits(session, row.brief_id) else ""
    return over(f"{who} {did} on {in_words(at)}.", since)


def waits(session: Session, brief_id: UUID) -> bool:
    return session.exec(select(BriefAmendment.id).where(*_of(brief_id), *_WAITING)).first() is not None


_WAITING = col(BriefAmendment.published_at).is_(None), col(BriefAmendment.dropped_at).is_(None)


def _of(brief_id: UUID) -> tuple[bool]:
    return (BriefAmendment.brief_id == brief_id,)


def _amended(session: Session, brief_id: UUID) -> tuple[Amended, ...]:
    shown = or_(col(BriefAmendment.published_at).is_not(None), col(BriefAmendment.dropped_at).is_(None))
    rows = session.exec(
        select(BriefAmendment, Person.name)
        .outerjoin(Person, col(Person.id) == BriefAmendment.proposed_by)
        .where(*_of(brief_id), shown)
        .order_by(col(BriefAmendment.proposed_at).desc(), col(BriefAmendment.id).desc())
    )
    return tuple(
        Amended(
            id=row.id,
            kind=Kind(row.kind),
            version=row.version,
            reason=row.reason,
            changes=tuple(Change(*one) for one in row.changes),
            terms=Terms.read(row.terms) if row.terms else None,
            proposed_at=row.proposed_at,
            proposed_by=row.proposed_by,
            proposer=name or "",
            published_at=row.published_at,
        )
        for row, name in rows
    )

"""Reading and scoring: each assessor alone, each score with its reason, all submitted at once."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.awards import events
from app.awards.models import BriefAssessor, Score
from app.awards.queries.assessment import (
    Interests,
    criteria_of,
    interests_of,
    is_complete,
    own_marks,
    own_task,
    readable_bids,
)
from app.awards.queries.opening import assessed
from app.awards.rules.scoring import why_not_overwrite, why_not_read, why_not_score, why_not_submit
from app.briefs.models import Brief
from app.briefs.queries import phase_of
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import NotFound, Refused
from app.core.scoring import Mark


def open_bids(session: Session, actor: Actor, brief_id: UUID, *, secret: str) -> None:
    """Open for oneself every bid in which one has no interest: one event for each. Quiet when done.

    Raises `NotFound`, `Refused`.
    """
    row, brief = own_task(session, actor, brief_id, lock=True)
    if row.opened_at is not None:
        return
    now, interests = clock.now(session), interests_of(session, row)
    declared = row.declared_at is not None
    if refusal := interests.against or why_not_read(phase=phase_of(brief, now), declared=declared, brief_id=brief_id):
        raise Refused(refusal)
    row.opened_at = now
    audit.record(session, events.READING_BEGUN, actor=actor, subject=row.id, about=brief_id)
    for bid in readable_bids(session, brief, interests, secret=secret):
        audit.record(session, events.BID_READ, actor=actor, subject=bid.bid_id, sha256=bid.content_sha256)


def save_scores(
    session: Session,
    actor: Actor,
    brief_id: UUID,
    bid_id: UUID,
    marks: Mapping[UUID, Mark],
    *,
    secret: str,
    seen: str | None = None,
) -> None:
    """Write one's scores of one bid, a mark for each criterion but price, over any written before.

    `seen` is the digest of the marks that were on the page: an older window does not write over newer ones. Raises `NotFound`,
    also for a bid one has an interest in and a criterion the brief does not score; `Refused`.
    """
    row, brief = own_task(session, actor, brief_id, lock=True)
    now, interests = _refuse_unless_scoring(session, row, brief)
    if bid_id not in {bid.bid_id for bid in readable_bids(session, brief, interests, secret=secret)}:
        raise NotFound
    if not marks.keys() <= {criterion.id for criterion in criteria_of(session, brief_id) if not criterion.is_price}:
        raise NotFound
    mine = col(Score.assessor_id) == row.id, col(Score.bid_id) == bid_id
    before = {score.criterion_id: score for score in session.exec(select(Score).where(*mine))}
    saved = {criterion_id: Mark(score.points, score.reason) for criterion_id, score in before.items()}
    if refusal := why_not_overwrite(seen, saved, marks):
        raise Refused(refusal)
    for criterion_id, mark in marks.items():
        score = before.get(criterion_id) or Score(
            assessor_id=row.id, bid_id=bid_id, criterion_id=criterion_id, points=0, reason="", scored_at=now
        )
        score.points, score.reason, score.scored_at = mark.points, mark.reason, now
        session.add(score)
    audit.record(session, events.SCORES_SAVED, actor=actor, subject=bid_id, about=row.id)


def submit_scores(session: Session, actor: Actor, brief_id: UUID, *, secret: str) -> None:
    """Submit all one's scores, for good. Quiet when done. Raises `NotFound`, `Refused`."""
    row, brief = own_task(session, actor, brief_id, lock=True)
    if row.submitted_at is not None:
        return
    now, interests = _refuse_unless_scoring(session, row, brief)
    marks, criteria = own_marks(session, row.id), criteria_of(session, brief_id)
    bids = readable_bids(session, brief, interests, secret=secret)
    unscored = sum(not is_complete(marks.get(bid.bid_id, {}), criteria) for bid in bids)
    opened = row.opened_at is not None
    if refusal := why_not_submit(phase=phase_of(brief, now), opened=opened, unscored=unscored):
        raise Refused(refusal)
    row.submitted_at = now
    audit.record(session, events.SCORES_SUBMITTED, actor=actor, subject=row.id, about=brief_id)


def _refuse_unless_scoring(session: Session, row: BriefAssessor, brief: Brief) -> tuple[datetime, Interests]:
    """Returns the moment of it, and in whom the assessor has an interest."""
    now, interests = clock.now(session), interests_of(session, row)
    opened, submitted = row.opened_at is not None, row.submitted_at is not None
    fixed = assessed(session, brief) is not None
    scores = why_not_score(phase=phase_of(brief, now), opened=opened, submitted=submitted, assessed=fixed)
    if refusal := interests.against or scores:
        raise Refused(refusal)
    return now, interests

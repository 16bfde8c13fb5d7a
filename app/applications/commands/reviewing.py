"""Looking again at a refusal: asked by its provider, answered by somebody who took no part in it."""

from uuid import UUID

from sqlmodel import Session

from app.applications import events, policy, queries, rules
from app.applications.deciding import admit, decidable, named, part_among
from app.applications.rules import PartState, Review
from app.applications.telling import tell
from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import refuse_if
from app.frameworks.models import Framework, Round
from app.organisations.rules import Role


def ask_to_look_again(session: Session, actor: Actor, application_id: UUID, part_id: UUID, words: str) -> None:
    """Say what was overlooked, within 10 working days of the refusal. The framework's leads are told; a second time is quiet.

    Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    row = queries.own_row(session, actor, application_id, *policy.WRITERS, lock=True)
    part, at = part_among(session, row, part_id), clock.now(session)
    state = rules.as_the_provider_sees(queries.state_of(part))
    if state is PartState.REVIEW_REQUESTED:
        return
    refuse_if(
        rules.why_not_look_again(
            state=state,
            refused_on=london_day(part.decided_at) if part.decided_at else None,
            on=london_day(at),
            owner=policy.submits_for(actor, row.provider_id),
        )
    )
    part.review_asked_at, part.review_asked_by, part.review_words = at, actor.known, words
    lot, region = named(session, part)
    audit.record(session, events.REVIEW_ASKED, actor=actor, subject=part.id, about=row.id, lot=lot, region=region)
    framework = session.get_one(Framework, session.get_one(Round, row.round_id).framework_id)
    tell(session, row, framework.lead_id, Role.FRAMEWORK_LEAD, "look_again", key=str(part.id), lot=lot, region=region)


def decide_review(
    session: Session, actor: Actor, application_id: UUID, part_id: UUID, outcome: Review, reason: str
) -> None:
    """Uphold the refusal, or overturn it, which opens the membership; with the reason in words that the provider reads.

    Raises `NotFound` unless the actor leads the framework, `Refused` where the rules forbid it.
    """
    row, part = decidable(session, actor, application_id, part_id, rules.BY_REVIEW[outcome])
    if part is None:
        return
    part.review_outcome, part.review_reason = outcome, reason
    part.reviewed_at, part.reviewed_by = clock.now(session), actor.known
    lot, region = admit(session, actor, row, part) if outcome is Review.OVERTURNED else named(session, part)
    audit.record(
        session,
        events.REVIEWED,
        actor=actor,
        subject=part.id,
        about=row.id,
        lot=lot,
        region=region,
        outcome=outcome.value,
    )
    tell(session, row, row.provider_id, Role.OWNER, "reviewed", key=str(part.id), lot=lot, region=region)

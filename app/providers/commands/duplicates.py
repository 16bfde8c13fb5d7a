"""Noting providers that may be one, and settling whether they are. Nothing is ever merged."""

from uuid import UUID

from sqlmodel import Session, select

from app.core import audit, clock
from app.core.actor import NOBODY, Actor
from app.core.refusals import NotFound
from app.organisations.queries import names
from app.providers import events, policy, queries
from app.providers.models import DuplicateSuggestion
from app.providers.rules.duplicates import Outcome, Traces


def note_duplicates(session: Session, provider_id: UUID, traces: Traces) -> int:
    """Write down who this provider may be a double of, for the administrators; each pair once. How many are new."""
    found = queries.alike(session, traces, but=provider_id)
    known = queries.suggested(session, provider_id, [one.provider_id for one in found])
    new = [one for one in found if one.provider_id not in known]
    for one in new:
        session.add(
            DuplicateSuggestion(
                provider_id=provider_id,
                other_id=one.provider_id,
                why=", ".join(one.why),
                suggested_at=clock.now(session),
            )
        )
    if new:
        audit.record(session, events.DUPLICATES_SUGGESTED, actor=NOBODY, subject=provider_id, count=len(new))
    return len(new)


def settle_duplicate(session: Session, actor: Actor, suggestion_id: UUID, outcome: Outcome) -> None:
    """An administrator's word on a pair. A second click is quiet; another outcome later is a changed mind, and recorded."""
    if not policy.administrators(actor):
        raise NotFound
    wanted = select(DuplicateSuggestion).where(DuplicateSuggestion.id == suggestion_id).with_for_update()
    row = session.exec(wanted).first()
    if row is None:
        raise NotFound
    if row.outcome == outcome:
        return
    row.settled_at, row.settled_by, row.outcome = clock.now(session), actor.known, outcome
    audit.record(
        session,
        events.DUPLICATE_SETTLED,
        actor=actor,
        subject=row.id,
        other=names(session, [row.other_id])[row.other_id],
        name=names(session, [row.provider_id])[row.provider_id],
        outcome="one and the same" if outcome is Outcome.SAME else "two",
    )

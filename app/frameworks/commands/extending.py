"""Extending the term of a framework: proposed with a reason by one person, made by another."""

from datetime import date
from uuid import UUID

from sqlmodel import Session, col, update

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import Refusal, Refused, refuse_if
from app.frameworks import events, queries, rules
from app.frameworks.models import FrameworkExtension, Round


def propose_extension(session: Session, actor: Actor, framework_id: UUID, until: date, reason: str) -> None:
    """Propose a later last day, within what the framework provides for. Raises `Refused`."""
    row = queries.led_framework(session, actor, framework_id)
    now = clock.now(session)
    refuse_if(
        rules.why_not_extend(
            phase=queries.phase_of(row, london_day(now)),
            ends_on=row.ends_on,
            extendable_to=row.extendable_to,
            until=until,
            waiting=queries.waiting_extension(session, framework_id) is not None,
        )
    )
    session.add(
        FrameworkExtension(
            framework_id=framework_id,
            ended_on=row.ends_on,
            ends_on=until,
            reason=reason,
            proposed_at=now,
            proposed_by=actor.known,
        )
    )
    session.flush()
    audit.record(
        session,
        events.EXTENSION_PROPOSED,
        actor=actor,
        subject=row.id,
        framework=row.name,
        until=f"{until}",
        reason=reason,
    )


def approve_extension(session: Session, actor: Actor, framework_id: UUID) -> None:
    """Make the extension that waits, by somebody who did not propose it. Rounds that are always open go on until the new day."""
    row = queries.led_framework(session, actor, framework_id)
    waiting = queries.waiting_extension(session, framework_id)
    if waiting is None:
        raise Refused(Refusal("none_waiting", "No extension waits for approval."))
    if waiting.proposed_by == actor.person_id:
        raise Refused(Refusal("second_person", "Who proposed the extension cannot approve it. Ask a colleague."))
    now = clock.now(session)
    refuse_if(
        rules.why_not_extend(
            phase=queries.phase_of(row, london_day(now)),
            ends_on=row.ends_on,
            extendable_to=row.extendable_to,
            until=waiting.ends_on,
            waiting=False,
        )
    )
    waiting.approved_at, waiting.approved_by = now, actor.known
    row.ends_on = waiting.ends_on
    session.exec(
        update(Round)
        .where(col(Round.framework_id) == framework_id, col(Round.rolling).is_(True), col(Round.closes_at) > now)
        .values(closes_at=rules.closes_with(row.ends_on))
    )
    audit.record(session, events.EXTENDED, actor=actor, subject=row.id, framework=row.name, until=f"{waiting.ends_on}")

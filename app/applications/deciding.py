"""What deciding a part and looking at it again share: the part under lock, its names, and the membership it opens."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.applications import policy, queries, rules
from app.applications.answers.queries import rate_rows
from app.applications.models import Application, ApplicationLot
from app.applications.rules import Step
from app.applications.scoring.queries.interests import why_not_take_part
from app.applications.scoring.queries.standing import assessed, lock_ranked
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, refuse_if
from app.frameworks.models import Lot, Region, Round
from app.memberships.commands import open_membership
from app.memberships.rates.commands import take_over_rates


def decidable(
    session: Session, actor: Actor, application_id: UUID, part_id: UUID, step: Step
) -> tuple[Application, ApplicationLot | None]:
    """The application, locked so that two leads decide one after the other, and the part, or None when it is done."""
    row, now = queries.led_row(session, actor, application_id, lock=True), clock.now(session)
    refuse_if(why_not_take_part(session, actor, row))
    part = part_among(session, row, part_id)
    lock_ranked(session, row.id)
    standing = assessed(session, row, (part,), london_day(now)).parts[part.id]
    state = standing.before(step, queries.state_of(part), part.reason_code)
    took_part = actor.person_id in (part.proposed_by, part.decided_by)
    if rules.is_done(step, state=state, took_part=took_part):
        return row, None
    refuse_if(
        rules.why_not_step(
            step,
            state=state,
            phase=queries.phase_of(session, row, now),
            took_part=took_part,
            own=policy.why_not_own(actor, row.provider_id, (row.certified_by, row.submitted_by)),
        )
    )
    refuse_if(standing.why_not(step, part.reason_code))
    return row, part


def close_if_decided(session: Session, row: Application, at: datetime) -> None:
    """In a round that is always open, close an application of which no part waits: its provider may begin another."""
    waits = any(part.decision is None for part in queries.parts_of(session, row.id))
    if session.get_one(Round, row.round_id).rolling and not waits:
        row.closed_at = at


def part_among(session: Session, row: Application, part_id: UUID) -> ApplicationLot:
    """That part of this application. Raises `NotFound`."""
    part = next((part for part in queries.parts_of(session, row.id) if part.id == part_id), None)
    if part is None:
        raise NotFound
    return part


def named(session: Session, part: ApplicationLot) -> tuple[str, str]:
    """The names of its lot and its region."""
    return session.get_one(Lot, part.lot_id).name, session.get_one(Region, part.region_id).name


def admit(session: Session, actor: Actor, row: Application, part: ApplicationLot) -> tuple[str, str]:
    """Open the membership in this lot and region, with the prices asked for, in this transaction; returns their names."""
    if row.submitted_at and row.submitted_by:
        asked = {
            unit: rate.pence for (lot_id, unit), rate in rate_rows(session, row.id).items() if lot_id == part.lot_id
        }
        take_over_rates(
            session,
            actor,
            provider_id=row.provider_id,
            lot_id=part.lot_id,
            asked=asked,
            asked_at=row.submitted_at,
            asked_by=row.submitted_by,
        )
    open_membership(
        session,
        actor,
        provider_id=row.provider_id,
        framework_id=session.get_one(Lot, part.lot_id).framework_id,
        lot_id=part.lot_id,
        region_id=part.region_id,
    )
    return named(session, part)

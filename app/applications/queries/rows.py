"""The rows that commands change, filtered by whose they are and locked where they will change."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.applications import rules
from app.applications.models import Application, ApplicationLot
from app.applications.rules import Cancelled, Certifying, PartState, Phase
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound
from app.frameworks.models import Framework, Round
from app.frameworks.rules import RoundPhase, round_phase
from app.organisations.policy import lead_ids, provider_ids
from app.organisations.rules import Role


def own_row(session: Session, actor: Actor, application_id: UUID, *roles: Role, lock: bool = False) -> Application:
    """The application of one of this person's providers. Raises `NotFound`, or `NotAllowed` when no role reaches."""
    query = select(Application).where(
        Application.id == application_id, col(Application.provider_id).in_(provider_ids(actor))
    )
    row = session.exec(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound
    if roles and row.provider_id not in provider_ids(actor, *roles):
        raise NotAllowed
    return row


def led_row(session: Session, actor: Actor, application_id: UUID, *, lock: bool = False) -> Application:
    """A submitted application to a framework this person leads. Raises `NotFound`."""
    query = (
        select(Application)
        .join(Round, col(Round.id) == Application.round_id)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .where(
            Application.id == application_id,
            col(Application.submitted_at).is_not(None),
            col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD)),
        )
    )
    row = session.exec(query.with_for_update(of=Application) if lock else query).first()
    if row is None:
        raise NotFound
    return row


def live_application(session: Session, provider_id: UUID, round_id: UUID) -> Application | None:
    """The one that is neither withdrawn nor closed."""
    return session.exec(
        select(Application).where(
            Application.provider_id == provider_id,
            Application.round_id == round_id,
            col(Application.withdrawn_at).is_(None),
            col(Application.closed_at).is_(None),
        )
    ).first()


def parts_of(session: Session, application_id: UUID) -> list[ApplicationLot]:
    query = select(ApplicationLot).where(ApplicationLot.application_id == application_id)
    return list(session.exec(query.order_by(col(ApplicationLot.id))))


def state_of(part: ApplicationLot) -> PartState:
    return rules.part_state(
        decision=part.decision,
        proposed_at=part.proposed_at,
        review_asked_at=part.review_asked_at,
        review_outcome=part.review_outcome,
    )


def phase_of(session: Session, row: Application, now: datetime) -> Phase:
    """Derived from the moments, the round's dates and the parts without a decision."""
    undecided = sum(part.decision is None for part in parts_of(session, row.id))
    return phase_in(row, session.get_one(Round, row.round_id), undecided, now)


def phase_in(row: Application, window: Round, undecided: int, now: datetime) -> Phase:
    """The phase, where its round and the number of its parts without a decision are known already."""
    return rules.phase(
        submitted_at=row.submitted_at,
        withdrawn_at=row.withdrawn_at,
        undecided=undecided,
        round_phase=round_phase_of(window, now),
        ready_at=row.ready_at,
    )


def cancelled_in(window: Round) -> Cancelled | None:
    return (london_day(window.cancelled_at), window.cancelled_reason) if window.cancelled_at else None


def round_phase_of(window: Round, now: datetime) -> RoundPhase:
    return round_phase(opens_at=window.opens_at, closes_at=window.closes_at, now=now)


def certifying(row: Application, actor: Actor) -> Certifying:
    """Who certifies it, as this person sees it."""
    return Certifying(row.by_two, row.certified_at is not None, row.certified_by == actor.person_id)

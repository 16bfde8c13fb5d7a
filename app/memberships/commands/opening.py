"""Opening memberships."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.database import violates
from app.core.london import london_day
from app.frameworks.models import Lot, Region
from app.memberships import events
from app.memberships.commands.leaving import end_what_is_over
from app.memberships.models import Membership
from app.memberships.queries.live import live
from app.organisations.models import Organisation


def open_membership(
    session: Session, actor: Actor, *, provider_id: UUID, framework_id: UUID, lot_id: UUID, region_id: UUID
) -> UUID:
    """Open a conditional membership; where there is a live one already, that one is the answer.

    Called in the transaction of the decision that accepts the provider, by whom it has been checked that `actor` may decide.
    """
    at = clock.now(session)
    here = (
        col(Membership.provider_id) == provider_id,
        col(Membership.lot_id) == lot_id,
        col(Membership.region_id) == region_id,
    )
    end_what_is_over(session, london_day(at), *here)
    row = Membership(
        provider_id=provider_id,
        framework_id=framework_id,
        lot_id=lot_id,
        region_id=region_id,
        opened_at=at,
        opened_by=actor.known,
    )
    running = select(Membership.id).where(*here, live(london_day(at)))
    if known := session.exec(running).first():
        return known
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        opened_meanwhile = session.exec(running).first()
        if opened_meanwhile and violates(error, "uq_membership_live"):
            return opened_meanwhile
        raise
    audit.record(
        session,
        events.OPENED,
        actor=actor,
        subject=row.id,
        about=provider_id,
        provider=session.get_one(Organisation, provider_id).name,
        lot=session.get_one(Lot, lot_id).name,
        region=session.get_one(Region, region_id).name,
    )
    return row.id

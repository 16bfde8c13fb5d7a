"""Letting go of the people of an organisation whose time is over."""

from uuid import UUID

from sqlmodel import Session, col, select, update

from app.accounts import commands as accounts
from app.core import audit, clock, mail
from app.organisations.models import JoinRequest, OrganisationSeat, SeatInvitation


def forget_people(session: Session, organisation_id: UUID) -> int:
    """Take the names of an organisation's people and of those it invited, and end their seats; how many people that is.

    Somebody who has a seat elsewhere keeps the account, and is no longer of here.
    """
    at = clock.now(session)
    seats = session.exec(select(OrganisationSeat).where(OrganisationSeat.organisation_id == organisation_id)).all()
    for seat in seats:
        seat.ended_at = seat.ended_at or at
    session.flush()
    ours = {seat.person_id for seat in seats}
    elsewhere = select(OrganisationSeat.person_id).where(
        col(OrganisationSeat.person_id).in_(ours), col(OrganisationSeat.ended_at).is_(None)
    )
    gone = ours - set(session.exec(elsewhere).all())
    accounts.forget_people(session, gone)
    invitations = session.exec(select(SeatInvitation).where(SeatInvitation.organisation_id == organisation_id)).all()
    mail.forget(session, [invitation.email for invitation in invitations])
    for invitation in invitations:
        invitation.email, invitation.withdrawn_at = (
            f"{invitation.id.hex}@forgotten.invalid",
            invitation.withdrawn_at or at,
        )
    audit.forget(session, [invitation.id for invitation in invitations])
    asked = update(JoinRequest).where(col(JoinRequest.organisation_id) == organisation_id)
    session.exec(asked.values(words="", reason=""))
    return len(gone)

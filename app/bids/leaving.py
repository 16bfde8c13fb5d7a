"""Taking leave of the partners whom a letter that is sent no longer names."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col

from app.bids import events
from app.bids.letters.rules import Letter
from app.bids.models import Bid, BidPartner
from app.briefs.models import Brief
from app.core import audit, mail
from app.core.actor import Actor
from app.organisations.queries import names_and_emails
from app.organisations.rules import Role


def leave_out(session: Session, actor: Actor, bid: Bid, brief: Brief, letter: Letter, at: datetime) -> None:
    """Whoever was asked, and is not named in the letter that is sent now, is asked no more, and free; its owners alone are told.

    The bid is locked. The mail does not say that it was sent: whom it left out may now bid against it.
    """
    others = delete(BidPartner).where(
        col(BidPartner.bid_id) == bid.id, col(BidPartner.provider_id).not_in([one.id for one in letter.partners])
    )
    gone: Any = session.execute(others.returning(col(BidPartner.provider_id), col(BidPartner.id)))
    left_out: dict[UUID, UUID] = dict(gone.all())
    if not left_out:
        return
    told = names_and_emails(session, [bid.provider_id, *left_out], Role.OWNER)
    addresses = dict[str, str]()
    for provider_id, row_id in sorted(left_out.items(), key=lambda one: one[1]):
        partner, owners = told[provider_id]
        addresses |= {f"partner.left_out:{row_id}:{person_id}": email for person_id, email in owners}
        audit.record(
            session,
            events.PARTNER_LEFT_OUT,
            actor=actor,
            subject=bid.id,
            at=at,
            partner=partner,
            reference=brief.reference,
        )
    lead, _ = told[bid.provider_id]
    mail.queue_all(session, "bids/left_out.txt", addresses, at, lead=lead, brief=brief.reference)

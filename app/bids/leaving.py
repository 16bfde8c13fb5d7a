"""Taking leave of the partners whom a letter that is sent no longer names."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.bids import events
from app.bids.letters.rules import Letter
from app.bids.models import Bid, BidPartner
from app.briefs.models import Brief
from app.core import audit, mail
from app.core.actor import Actor
from app.organisations.queries import names_and_emails
from app.organisations.rules import Role


def leave_out(session: Session, actor: Actor, bid: Bid, brief: Brief, letter: Letter, at: datetime) -> None:
    """Whoever was asked, and is not named in the letter that is sent now, is asked no more, and free.

    The owners of those that had not declined are told, and nobody else: whoever declined has gone its own way, and may bid
    against it. The bid is locked, and its rows are in the order in which partners lock them.
    """
    others = (
        select(BidPartner.id)
        .where(BidPartner.bid_id == bid.id, col(BidPartner.provider_id).not_in([one.id for one in letter.partners]))
        .order_by(col(BidPartner.id))
        .with_for_update()
    )
    gone = delete(BidPartner).where(col(BidPartner.id).in_(others))
    rows: Any = session.execute(
        gone.returning(col(BidPartner.provider_id), col(BidPartner.id), col(BidPartner.declined_at))
    )
    left_out: dict[UUID, tuple[UUID, bool]] = {one: (row_id, declined is None) for one, row_id, declined in rows}
    if not left_out:
        return
    told = names_and_emails(session, [bid.provider_id, *left_out], Role.OWNER)
    addresses = dict[str, str]()
    for provider_id, (row_id, is_told) in sorted(left_out.items(), key=lambda one: one[1]):
        partner, owners = told[provider_id]
        if is_told:
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

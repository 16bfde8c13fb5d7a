"""Bids, and whom they name as partners."""

from uuid import UUID

from sqlmodel import Session, select

from app.bids.commands import save_draft, start_bid, submit_bid
from app.bids.letters.rules import Letter, Partner
from app.bids.models import Bid, BidPartner
from app.bids.partners import terms
from app.core import clock
from app.core.actor import Actor
from app.core.crypto import seal
from app.core.rows import new_id
from app.settings import DEVELOPMENT_SECRET
from tests.sealing import SEAL


def submitted_bid(session: Session, brief_id: UUID, provider_id: UUID, owner: Actor, letter: Letter) -> UUID:
    """A bid submitted now, in the session that tests write in."""
    bid_id = start_bid(session, owner, brief_id, provider_id)
    save_draft(session, owner, bid_id, letter, seal=SEAL)
    submit_bid(session, owner, bid_id, received_at=clock.now(session), seal=SEAL)
    return bid_id


def partnership(session: Session, brief_id: UUID, lead_id: UUID, partner_id: UUID, owner: Actor) -> UUID:
    """A provider asked to be a partner, with a third of the price, in the bid that another has for a brief."""
    row_id = new_id()
    kept = seal(
        terms(Partner(partner_id, "", 33, "The sessions with the parents")),
        secret=DEVELOPMENT_SECRET,
        bound_to=row_id.bytes,
    )
    bid_id = session.exec(select(Bid.id).where(Bid.brief_id == brief_id, Bid.provider_id == lead_id)).one()
    session.add(
        BidPartner(
            id=row_id,
            bid_id=bid_id,
            provider_id=partner_id,
            wrapped_key=kept.wrapped_key,
            ciphertext=kept.ciphertext,
            asked_at=clock.now(session),
            asked_by=owner.known,
        )
    )
    session.flush()
    return row_id

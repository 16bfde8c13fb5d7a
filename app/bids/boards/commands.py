"""Saying which colleague works on a bid."""

from uuid import UUID

from sqlmodel import Session

from app.bids import events
from app.bids.policy import BIDDERS
from app.bids.queries import own_bid
from app.core import audit
from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.organisations.queries import contacts


def assign_bid(session: Session, actor: Actor, bid_id: UUID, person_id: UUID | None) -> None:
    """Give a bid to an owner or bid writer of its provider, or to nobody. Raises `NotFound`, `Refused`."""
    bid = own_bid(session, actor, bid_id, lock=True)
    names = {one.person_id: one.name for one in contacts(session, bid.provider_id, *BIDDERS)}
    if person_id and person_id not in names:
        raise Refused(Refusal("colleague", "Choose an owner or a bid writer of the organisation that bids."))
    if bid.assigned_to == person_id:
        return
    bid.assigned_to = person_id
    who = audit.Personal(names[person_id], person_id) if person_id else "nobody"
    audit.record(session, events.ASSIGNED, actor=actor, subject=bid.id, name=who)

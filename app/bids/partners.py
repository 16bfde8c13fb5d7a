"""The partners a bidder may name, from the consortia it leads, and what each of them has answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.bids.letters.rules import Letter, Partner
from app.bids.models import Bid, BidPartner
from app.bids.rules import Consent, Partnered, consent
from app.core.crypto import Envelope, Unreadable, canonical, unseal
from app.core.refusals import Refusal
from app.organisations.models import Organisation
from app.providers.models import Consortium, ConsortiumMember


@dataclass(frozen=True, slots=True)
class Ally:
    """A member of a consortium that the bidder leads. `row` is what it was asked."""

    name: str
    row: BidPartner | None


def allies(session: Session, bid: Bid) -> dict[UUID, Ally]:
    """Those who have accepted, by name, with how each stands before this bid. One query."""
    rows = session.execute(
        sa_select(col(ConsortiumMember.provider_id), col(Organisation.name), BidPartner)
        .join(Consortium, col(Consortium.id) == col(ConsortiumMember.consortium_id))
        .join(Organisation, col(Organisation.id) == col(ConsortiumMember.provider_id))
        .outerjoin(
            BidPartner,
            (col(BidPartner.bid_id) == bid.id) & (col(BidPartner.provider_id) == ConsortiumMember.provider_id),
        )
        .where(
            col(Consortium.lead_id) == bid.provider_id,
            col(Consortium.ended_at).is_(None),
            col(ConsortiumMember.provider_id) != bid.provider_id,
            col(ConsortiumMember.accepted_at).is_not(None),
            col(ConsortiumMember.left_at).is_(None),
        )
        .order_by(col(Organisation.name), col(ConsortiumMember.provider_id))
    )
    return {id_: Ally(name, row) for id_, name, row in rows}


def partners_named(
    letter: Letter, known: Mapping[UUID, Ally], reasons: Mapping[UUID, tuple[Refusal, ...]], *, secret: str
) -> tuple[Partnered, ...]:
    """How each partner of the letter stands: what it has agreed to, and whether it may act in the brief's lot and region."""
    return tuple(
        Partnered(
            one.name,
            consent(*_answered(known[one.id].row, one, secret)) if one.id in known else Consent.GONE,
            not reasons.get(one.id),
        )
        for one in letter.partners
    )


def terms(partner: Partner) -> bytes:
    """What a partner agrees to, as it is kept."""
    return canonical({"share": partner.share, "part": partner.part})


def read_terms(row: BidPartner, secret: str) -> bytes:
    """Raises `Unreadable` when it was changed."""
    return unseal(Envelope(row.wrapped_key, row.ciphertext), secret=secret, bound_to=row.id.bytes)


def engaged(provider_id: Any, brief_id: Any) -> ColumnElement[bool]:
    """Whether this provider has agreed to be a partner in another's bid for the brief, as a column of a query.

    Also in one that was taken back, as it may be sent again: an agreement lasts until who gave it takes it back.
    """
    other = aliased(Bid)
    agreed = (
        sa_select(col(BidPartner.id))
        .join(other, col(other.id) == BidPartner.bid_id)
        .where(
            col(BidPartner.provider_id) == provider_id,
            col(BidPartner.agreed_at).is_not(None),
            col(other.brief_id) == brief_id,
        )
    )
    return agreed.exists()


def _answered(row: BidPartner | None, partner: Partner, secret: str) -> tuple[bool, bool, bool, bool]:
    if row is None:
        return False, False, False, False
    try:
        same = read_terms(row, secret) == terms(partner)
    except Unreadable:
        same = False
    return True, same, row.agreed_at is not None, row.declined_at is not None

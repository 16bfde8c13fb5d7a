"""The partners a bidder may name, from the consortia it leads, what each has answered, and taking leave of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.bids.letters.rules import Letter, Partner
from app.bids.models import Bid, BidPartner
from app.bids.rules import BidState, Consent, Partnered, consent
from app.core.crypto import Envelope, Unreadable, canonical, unseal
from app.core.refusals import Refusal
from app.core.rows import packed, unpacked
from app.organisations.models import Organisation
from app.providers.models import Consortium, ConsortiumMember

STANDS: Final = and_(
    col(Bid.state) == BidState.SUBMITTED,
    col(BidPartner.agreed_at).is_not(None),
    col(BidPartner.asked_at) <= col(Bid.submitted_at),
)
"""A submitted bid rests on this agreement. A submit takes leave of whom its letter does not name, so it names all asked before."""


@dataclass(frozen=True, slots=True)
class Ally:
    """A member of a consortium that the bidder leads. `row` is what it was asked; `stands`: see `STANDS`."""

    name: str
    row: BidPartner | None
    stands: bool


def allies(session: Session, bid: Bid) -> dict[UUID, Ally]:
    """Those who have accepted, by name, with how each stands before this bid. One query."""
    rows = session.execute(
        sa_select(col(ConsortiumMember.provider_id), col(Organisation.name), BidPartner, STANDS)
        .join(Consortium, col(Consortium.id) == col(ConsortiumMember.consortium_id))
        .join(Organisation, col(Organisation.id) == col(ConsortiumMember.provider_id))
        .outerjoin(
            BidPartner,
            (col(BidPartner.bid_id) == bid.id) & (col(BidPartner.provider_id) == ConsortiumMember.provider_id),
        )
        .outerjoin(Bid, col(Bid.id) == BidPartner.bid_id)
        .where(*_accepted(bid.provider_id))
        .order_by(col(Organisation.name), col(ConsortiumMember.provider_id))
    )
    return {id_: Ally(name, row, bool(stands)) for id_, name, row, stands in rows}


def ally_column(provider_id: Any) -> Any:
    """Their ids and names as one text for `allies_in`, as a column of another query."""
    those = (
        packed(ConsortiumMember.provider_id, Organisation.name)
        .select_from(ConsortiumMember)
        .join(Consortium, col(Consortium.id) == col(ConsortiumMember.consortium_id))
        .join(Organisation, col(Organisation.id) == col(ConsortiumMember.provider_id))
        .where(*_accepted(provider_id))
    )
    return those.correlate_except(ConsortiumMember, Consortium, Organisation).scalar_subquery()


def allies_in(text: str | None) -> dict[UUID, str]:
    return {UUID(id_): name for id_, name in unpacked(text)}


def _accepted(lead_id: Any) -> tuple[ColumnElement[bool], ...]:
    """Of members of consortia: of those that it leads, who have accepted and are there."""
    return (
        col(Consortium.lead_id) == lead_id,
        col(Consortium.ended_at).is_(None),
        col(ConsortiumMember.provider_id) != lead_id,
        col(ConsortiumMember.accepted_at).is_not(None),
        col(ConsortiumMember.left_at).is_(None),
    )


def partners_named(
    letter: Letter, known: Mapping[UUID, Ally], reasons: Mapping[UUID, tuple[Refusal, ...]], *, secret: str
) -> tuple[Partnered, ...]:
    """How each partner of the letter stands: what it has agreed to, and whether it may act in the brief's lot and region."""
    return tuple(
        Partnered(
            one.name,
            consent_of(known.get(one.id), one, secret=secret),
            not reasons.get(one.id),
        )
        for one in letter.partners
    )


def consent_of(ally: Ally | None, partner: Partner, *, secret: str) -> Consent:
    """What it has said to the share and the part that the letter gives it."""
    if ally is None:
        return Consent.GONE
    if (row := ally.row) is None:
        return Consent.NOT_ASKED
    try:
        same = read_terms(row, secret) == terms(partner)
    except Unreadable:
        same = False
    return consent(True, same, row.agreed_at is not None, row.declined_at is not None, ally.stands)


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


def leads_consortium(provider_id: Any) -> ColumnElement[bool]:
    """Whether this provider leads a consortium, whoever is in it, as a column of a query."""
    led = sa_select(col(Consortium.id)).where(
        col(Consortium.lead_id) == provider_id, col(Consortium.ended_at).is_(None)
    )
    return led.exists()


def is_ally() -> ColumnElement[bool]:
    """Whether who was asked is in a consortium that the bidder leads, as a column of a query over bids and whom they asked."""
    member = sa_select(col(ConsortiumMember.id)).join(Consortium, col(Consortium.id) == ConsortiumMember.consortium_id)
    allied = member.where(*_accepted(Bid.provider_id), col(ConsortiumMember.provider_id) == BidPartner.provider_id)
    return allied.correlate(Bid, BidPartner).exists()


def partner_gone() -> ColumnElement[bool]:
    """Whether somebody asked has declined, or is no such ally any more, as a column of a query over bids."""
    gone = col(BidPartner.declined_at).is_not(None) | ~is_ally()
    return sa_select(col(BidPartner.id)).where(col(BidPartner.bid_id) == Bid.id, gone).correlate(Bid).exists()


def partner_waits() -> ColumnElement[bool]:
    """Whether somebody asked has not answered yet, as a column of a query over bids."""
    waits = (col(BidPartner.agreed_at).is_(None), col(BidPartner.declined_at).is_(None))
    return sa_select(col(BidPartner.id)).where(col(BidPartner.bid_id) == Bid.id, *waits).correlate(Bid).exists()


def has_asked(bid_id: Any) -> ColumnElement[bool]:
    """Whether anybody was asked to be a partner in this bid, as a column of a query."""
    return sa_select(col(BidPartner.id)).where(col(BidPartner.bid_id) == bid_id).exists()


def stands_as_partner(provider_id: Any, brief_id: Any) -> ColumnElement[bool]:
    """Whether a submitted bid of another for the brief rests on this provider's agreement, as a column of a query."""
    row = sa_select(col(BidPartner.id)).join(Bid, col(Bid.id) == BidPartner.bid_id)
    mine = row.where(col(BidPartner.provider_id) == provider_id, col(Bid.brief_id) == brief_id, STANDS)
    return mine.correlate_except(BidPartner, Bid).exists()


def partners_that_stand(session: Session, brief_id: UUID) -> dict[UUID, list[UUID]]:
    """The partners on whose agreement each submitted bid for the brief rests."""
    query = select(BidPartner.bid_id, BidPartner.provider_id).join(Bid, col(Bid.id) == BidPartner.bid_id)
    found: dict[UUID, list[UUID]] = {}
    for bid_id, provider_id in session.exec(query.where(Bid.brief_id == brief_id, STANDS).order_by(col(BidPartner.id))):
        found.setdefault(bid_id, []).append(provider_id)
    return found

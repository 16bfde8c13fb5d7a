"""Asking partners, and their answers. Whoever answers locks the bid it is about, and its own, so that no two of them cross."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.bids import events, rules
from app.bids.letters.rules import Letter, Partner
from app.bids.models import Bid, BidPartner
from app.bids.partnering.queries import own_partnership
from app.bids.partners import Ally, allies, read_terms, terms
from app.bids.queries import letter_in_hand, own_bid
from app.bids.rules import Answer, BidState
from app.briefs.models import Brief
from app.briefs.queries import invitation_of, phase_of
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.crypto import seal as sealed_under
from app.core.refusals import NotFound, Refused
from app.core.rows import new_id
from app.organisations.queries import contacts, names
from app.organisations.rules import Role
from app.sealing.asking import Seal


def ask_partners(session: Session, actor: Actor, bid_id: UUID, *, seal: Seal) -> None:
    """Ask every partner of the letter who was not asked yet for what it says now, each owner by mail.

    Raises `NotFound`, `Refused` after the close, and `LettersShut`.
    """
    bid = own_bid(session, actor, bid_id, lock=True)
    brief, now = session.get_one(Brief, bid.brief_id), clock.now(session)
    if refusal := rules.why_not_save(phase=phase_of(brief, now)):
        raise Refused(refusal)
    letter: Letter = letter_in_hand(session, bid_id, seal)
    known = allies(session, bid)
    lead = names(session, [bid.provider_id])[bid.provider_id]
    for partner in letter.partners:
        if partner.id not in known or not _is_to_ask(known[partner.id], partner, seal.secret):
            continue
        row_id = row.id if (row := known[partner.id].row) else new_id()
        envelope = sealed_under(terms(partner), secret=seal.secret, bound_to=row_id.bytes)
        asked: dict[str, Any] = {"wrapped_key": envelope.wrapped_key, "ciphertext": envelope.ciphertext} | {
            "asked_at": now,
            "asked_by": actor.known,
        }
        if row is None:
            session.add(BidPartner(id=row_id, bid_id=bid.id, provider_id=partner.id, **asked))
        else:
            row.sqlmodel_update(asked | {"agreed_at": None, "agreed_by": None, "declined_at": None})
        audit.record(
            session,
            events.PARTNER_ASKED,
            actor=actor,
            subject=bid.id,
            at=now,
            partner=partner.name,
            reference=brief.reference,
        )
        for owner in contacts(session, partner.id, Role.OWNER):
            key = f"partner:{row_id}:{now}:{owner.person_id}"
            mail.queue(session, "bids/partner.txt", now, to=owner.email, dedupe=key, lead=lead, brief=brief.reference)


def answer_partnership(session: Session, actor: Actor, partnership_id: UUID, answer: Answer) -> None:
    """An owner's word for the provider that was asked. The same word again changes nothing. Raises `NotFound`, `Refused`."""
    row = own_partnership(session, actor, partnership_id)
    brief_id = session.exec(select(Bid.brief_id).where(Bid.id == row.bid_id)).one()
    _wait_for_a_bid_begun(session, brief_id, row.provider_id)
    theirs, own = _locked(session, row, brief_id)
    session.refresh(row)
    brief, now = session.get_one(Brief, brief_id), clock.now(session)
    phase = phase_of(brief, now)
    if answer is Answer.AGREE:
        if row.agreed_at:
            return
        refusal = rules.why_not_agree(phase=phase, bids=own is not None and own.state == BidState.SUBMITTED)
        event = events.PARTNER_AGREED
    else:
        if row.declined_at:
            return
        stands = theirs.state == BidState.SUBMITTED and row.agreed_at is not None
        refusal = rules.why_not_take_back(phase=phase, submitted=stands)
        event = events.PARTNER_DECLINED
    if refusal:
        raise Refused(refusal)
    agrees = answer is Answer.AGREE
    row.agreed_at, row.agreed_by = (now, actor.known) if agrees else (None, None)
    row.declined_at = None if agrees else now
    partner = names(session, [row.provider_id])[row.provider_id]
    audit.record(session, event, actor=actor, subject=row.bid_id, at=now, partner=partner, reference=brief.reference)


def _is_to_ask(ally: Ally, partner: Partner, secret: str) -> bool:
    return ally.row is None or ally.row.declined_at is not None or read_terms(ally.row, secret) != terms(partner)


def _wait_for_a_bid_begun(session: Session, brief_id: UUID, provider_id: UUID) -> None:
    """A bid of its own is begun under this lock: until this ends none is. Who was not invited begins none."""
    try:
        invitation_of(session, brief_id, provider_id)
    except NotFound:
        return


def _locked(session: Session, row: BidPartner, brief_id: UUID) -> tuple[Bid, Bid | None]:
    """The bid it is about and its own for the same brief, locked in the order of their ids."""
    own = (col(Bid.brief_id) == brief_id) & (col(Bid.provider_id) == row.provider_id)
    both = select(Bid).where(or_(col(Bid.id) == row.bid_id, own)).order_by(col(Bid.id)).with_for_update(key_share=True)
    found = session.exec(both.execution_options(populate_existing=True)).all()
    return (
        next(bid for bid in found if bid.id == row.bid_id),
        next((bid for bid in found if bid.provider_id == row.provider_id), None),
    )

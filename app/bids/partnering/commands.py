"""Asking partners, and their answers.

Whoever answers locks the bid it is about, its own, and all that it was asked for the brief, so that no two answers cross.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, or_, select

from app.bids import events, rules
from app.bids.letters.rules import Letter
from app.bids.models import Bid, BidPartner
from app.bids.partnering.queries import asked_in_vain, own_partnership, stood
from app.bids.partners import STANDS, allies, consent_of, partners_named, terms
from app.bids.policy import BIDDERS
from app.bids.queries import eligible_of, letter_in_hand, own_bid
from app.bids.queries.row import unconfirmed
from app.bids.rules import TO_ASK, Answer, BidState
from app.briefs.models import Brief
from app.briefs.queries import invitation_of, phase_of
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.crypto import seal as sealed_under
from app.core.refusals import NotFound, Refused
from app.core.rows import new_id
from app.organisations.queries import emails_of, names_and_emails
from app.organisations.rules import Role
from app.providers.news import MembersLeft
from app.sealing.asking import Seal

_ANSWERED: Final = {
    events.PARTNER_AGREED.name: "agrees",
    events.PARTNER_DECLINED.name: "declines",
    events.PARTNER_TOOK_BACK.name: "no longer agrees",
}


def ask_partners(session: Session, actor: Actor, bid_id: UUID, *, seal: Seal) -> None:
    """Ask every partner of the letter who was not asked yet for what it says now, each owner by mail.

    Raises `NotFound`, `LettersShut`, and `Refused`, also where one of them may not act there, and while the submitted bid rests
    on other terms that one of them agreed to.
    """
    bid = own_bid(session, actor, bid_id, lock=True)
    brief, now = session.get_one(Brief, bid.brief_id), clock.now(session)
    if refusal := rules.why_not_save(phase=phase_of(brief, now)):
        raise Refused(refusal)
    letter: Letter = letter_in_hand(session, bid_id, seal)
    known = allies(session, bid)
    eligible = eligible_of(session, brief, [one.id for one in letter.partners], now)
    reasons = {provider_id: one.reasons for provider_id, one in eligible.items()}
    named = partners_named(letter, known, reasons, secret=seal.secret)
    if refusal := rules.why_not_ask(named, bid_id=bid_id):
        raise Refused(refusal)
    wanted = [one for one in letter.partners if consent_of(known.get(one.id), one, secret=seal.secret) in TO_ASK]
    told = names_and_emails(session, [bid.provider_id, *(one.id for one in wanted)], Role.OWNER)
    addresses = dict[str, str]()
    for partner in wanted:
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
        addresses |= {f"partner:{row_id}:{now}:{person_id}": email for person_id, email in told[partner.id][1]}
    lead, _ = told[bid.provider_id]
    mail.queue_all(session, "bids/partner.txt", addresses, now, lead=lead, brief=brief.reference)


def answer_partnership(
    session: Session, actor: Actor, partnership_id: UUID, answer: Answer, *, seen: str | None = None
) -> None:
    """An owner's word for the provider that was asked. The same word again changes nothing.

    After a material change an agreement may be taken back until the bid is confirmed, as it was to what the brief asked before.
    `seen` is the digest of what its page said was asked. Raises `NotFound`, `Refused`.
    """
    row = own_partnership(session, actor, partnership_id)
    brief_id, lead_id = session.exec(select(Bid.brief_id, Bid.provider_id).where(Bid.id == row.bid_id)).one()
    _wait_for_a_bid_begun(session, brief_id, row.provider_id)
    bids = _bids_alone(session, row, brief_id)
    asked = _locked_asks(session, brief_id, row.provider_id)
    if row.id not in asked:
        raise NotFound
    brief, now = session.get_one(Brief, brief_id), clock.now(session)
    phase = phase_of(brief, now)
    if answer is Answer.AGREE:
        if row.agreed_at:
            return
        elsewhere = any(one.agreed_at for one, *_ in asked.values())
        refusal = rules.why_not_as_asked(seen, digest(row.ciphertext))
        refusal = refusal or rules.why_not_agree(phase=phase, bids=bids, elsewhere=elsewhere)
        event = events.PARTNER_AGREED
    else:
        if row.declined_at:
            return
        refusal = rules.why_not_take_back(phase=phase, submitted=asked[row.id][1], unconfirmed=asked[row.id][2])
        event = events.PARTNER_TOOK_BACK if row.agreed_at else events.PARTNER_DECLINED
    if refusal:
        raise Refused(refusal)
    agrees = answer is Answer.AGREE
    row.agreed_at, row.agreed_by = (now, actor.known) if agrees else (None, None)
    row.declined_at = None if agrees else now
    told = names_and_emails(session, [lead_id, row.provider_id], *BIDDERS)
    partner, _ = told[row.provider_id]
    audit.record(session, event, actor=actor, subject=row.bid_id, at=now, partner=partner, reference=brief.reference)
    addresses = {f"{event.name}:{row.id}:{now}:{person_id}": email for person_id, email in told[lead_id][1]}
    words = {"partner": partner, "brief": brief.reference, "bid_id": str(row.bid_id), "answer": _ANSWERED[event.name]}
    mail.queue_all(session, "bids/partner_answered.txt", addresses, now, **words)


def tell_of_left(session: Session, what: MembersLeft) -> None:
    """Members have left a consortium: the lead's bidders learn it of each bid for an open brief in which one was a partner.

    Nobody else does, because that there is a bid is part of the seal.
    """
    now = clock.now(session)
    bids = asked_in_vain(session, what.provider_ids, what.lead_id, now)
    told = names_and_emails(session, [what.lead_id, *what.provider_ids], *BIDDERS) if bids else {}
    for row_id, provider_id, bid_id, reference, stands in bids:
        addresses = {
            f"bid.partner_left:{row_id}:{now}:{person_id}": email for person_id, email in told[what.lead_id][1]
        }
        words = {"partner": told[provider_id][0], "brief": reference, "bid_id": str(bid_id)}
        mail.queue_all(session, "bids/partner_left.txt", addresses, now, **words, stands="yes" if stands else "")


def tell_partners_of_award(session: Session, brief: Brief, won: UUID, at: datetime) -> None:
    """The owners of each partner in a bid learn whether that bid won, and nothing of scores or of other bids."""
    partners = stood(session, brief.id)
    owners = emails_of(session, {one.provider_id for one in partners}, Role.OWNER) if partners else {}
    messages = [
        (
            f"partner.outcome:{one.partnership_id}:{person_id}",
            email,
            {"lead": one.lead, "brief": brief.reference, "won": "yes" if one.bid_id == won else ""},
        )
        for one in partners
        for person_id, email in owners.get(one.provider_id, ())
    ]
    mail.queue_each(session, "bids/partner_outcome.txt", messages, at)


def _wait_for_a_bid_begun(session: Session, brief_id: UUID, provider_id: UUID) -> None:
    """A bid of its own is begun under this lock: until this ends none is. Who was not invited begins none."""
    try:
        invitation_of(session, brief_id, provider_id)
    except NotFound:
        return


def _bids_alone(session: Session, row: BidPartner, brief_id: UUID) -> bool:
    """Whether its own bid for the brief is submitted; that one and the one it is about are locked, in the order of their ids."""
    own = (col(Bid.brief_id) == brief_id) & (col(Bid.provider_id) == row.provider_id)
    both = select(Bid).where(or_(col(Bid.id) == row.bid_id, own)).order_by(col(Bid.id)).with_for_update(key_share=True)
    found = session.exec(both.execution_options(populate_existing=True)).all()
    return any(bid.provider_id == row.provider_id and bid.state == BidState.SUBMITTED for bid in found)


def _locked_asks(session: Session, brief_id: UUID, provider_id: UUID) -> dict[UUID, tuple[BidPartner, bool, bool]]:
    """All that a provider was asked for a brief, locked, whether a bid that stands rests on its agreement, and is unconfirmed."""
    every = (
        sa_select(BidPartner, STANDS, unconfirmed())
        .join(Bid, col(Bid.id) == BidPartner.bid_id)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .where(col(BidPartner.provider_id) == provider_id, col(Bid.brief_id) == brief_id)
        .order_by(col(BidPartner.id))
        .with_for_update(of=BidPartner)
    )
    found = session.execute(every.execution_options(populate_existing=True))
    return {row.id: (row, bool(stands), bool(left_behind)) for row, stands, left_behind in found}

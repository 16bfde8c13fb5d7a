"""Changing bids: start, save, submit, replace, withdraw, decline. The letter is sealed before it touches the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlmodel import Session, col, select, update

from app.bids import events, queries, rules
from app.bids.leaving import leave_out
from app.bids.models import Bid, BidReceipt, BidSnapshot
from app.bids.partners import allies, engaged, partners_named
from app.bids.policy import BIDDERS, bidding_for
from app.bids.queries import own_bid, read_letter
from app.bids.rules import BidState, Letter
from app.bids.sealed import LetterKind
from app.bids.writing import seal_letter, send_draft
from app.briefs import commands as brief_commands
from app.briefs import queries as briefs
from app.briefs.models import Brief
from app.briefs.rules import DeclineReason, Phase
from app.core import audit, clock, mail, together
from app.core.actor import NOBODY, Actor
from app.core.crypto import canonical, digest
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal, Refused, refuse_if
from app.core.rows import reference
from app.core.signing import SigningKeys, written
from app.evidence.news import PeopleForgotten
from app.evidence.queries.shared import shared, without_people
from app.memberships.commands import keep_answer
from app.memberships.news import Ended
from app.memberships.queries import Eligibility
from app.memberships.rules import Moment
from app.memberships.rules.answers import Ineligible
from app.organisations.queries import contacts
from app.sealing.asking import Seal
from app.sealing.queries import refuse_without_key
from app.sealing.rules import Holder


@dataclass(frozen=True, slots=True)
class Saved:
    """What is kept of a bid now: a draft, or what it submitted, where the same was saved again."""

    bid: Bid
    brief: Brief
    letter: Letter
    at: datetime
    is_draft: bool


def start_bid(session: Session, actor: Actor, brief_id: UUID, provider_id: UUID) -> UUID:
    """Begin the provider's one bid for a brief; where there is one already, that one is the answer.

    The invitation's lock makes colleagues wait in line. Raises `NotFound` to all but the bidders of an invited provider,
    `Refused`, and `KeyMissing` where the provider has never bid.
    """
    if provider_id not in bidding_for(actor):
        raise NotFound
    briefs.invitation_of(session, brief_id, provider_id)
    if known := queries.bid_of(session, brief_id, provider_id):
        return known.id
    brief, now = briefs.share_brief(session, brief_id, provider_id), clock.now(session)
    answer = queries.answered(session, Moment.START, brief, provider_id, now)
    if refusal := rules.why_not_start(phase=briefs.phase_of(brief, now), eligible=answer.reasons):
        raise Ineligible(refusal, answer)
    refuse_without_key(session, Holder.ORGANISATION, provider_id)
    keep_answer(session, actor, answer)
    bid = Bid(brief_id=brief_id, provider_id=provider_id, started_at=now, started_by=actor.known)
    session.add(bid)
    audit.record(session, events.STARTED, actor=actor, subject=bid.id, at=now, reference=brief.reference)
    return bid.id


def save_draft(
    session: Session, actor: Actor, bid_id: UUID, letter: Letter, *, seal: Seal, seen: str | None = None
) -> Saved:
    """Keep what was written, complete or not; a submitted letter stands beside it, untouched.

    What is the same as the letter that stands needs no draft. `seen` is the digest of the letter that the writer began
    from: what was saved since is not written over unread. Raises `NotFound`, `Refused` after the close, and `Wanted`.
    """
    bid, now = own_bid(session, actor, bid_id, lock=True), clock.now(session)
    known = queries.shared_with_letters(session, bid, london_day(now))
    brief, own = known.brief, known.practitioners
    if refusal := rules.why_not_save(phase=briefs.phase_of(brief, now)):
        raise Refused(refusal)
    if {letter.practitioner} - {"", *own.values()} or any(own.get(one.id) != one.name for one in letter.team):
        raise Refused(Refusal("practitioner", "Name your organisation's own current practitioners."))
    draft, submitted = known.letters.get(LetterKind.DRAFT), known.letters.get(LetterKind.SUBMITTED)
    latest = draft or submitted
    saved = read_letter(latest, seal) if latest else Letter()
    if saved != letter and (refusal := rules.why_not_overwrite(seen, digest(saved.canonical()), bid_id=bid_id)):
        raise Refused(refusal)
    if bid.state == BidState.SUBMITTED and submitted and (stands := read_letter(submitted, seal)) == letter:
        if draft:
            session.delete(draft)
        return Saved(bid, brief, stands, now, is_draft=False)
    kept = seal_letter(
        session,
        bid,
        draft,
        LetterKind.DRAFT,
        saved if saved == letter else letter,
        seal,
        divided=brief.two_envelopes,
    )
    _share(session, bid.provider_id, london_day(now), known.snapshot)
    audit.record(session, events.SAVED, actor=actor, subject=bid.id, at=now, reference=brief.reference)
    return Saved(bid, brief, kept, now, is_draft=True)


def submit_bid(
    session: Session,
    actor: Actor,
    bid_id: UUID,
    *,
    received_at: datetime,
    seal: Seal,
    seen: str | None = None,
    version: int | None = None,
) -> UUID:
    """Submit the draft, or replace what was submitted; returns the receipt's id. A second time it is the same receipt.

    After a material change of the brief, what was submitted is confirmed by submitting it again: a new receipt, the same letter.

    `received_at` is the database's clock when the whole request had arrived, read before this waits for any lock. Whether
    it counts is decided here, under the brief's shared lock: received before the close, and the bids not opened.
    `seen` is the digest of the letter that the sender read: a colleague may have written another since; `version` the brief's,
    for which the receipt is given.
    The draft's own row moves, and nothing is encrypted anew: in the session that wrote it, nobody else is asked.
    Raises `NotFound`, `Refused`, and `LettersShut` in another session. Source: design findings 1 and 2.
    """
    bid = own_bid(session, actor, bid_id, lock=True)
    if bid.state == BidState.SUBMITTED and (standing := queries.standing_alone(session, bid)):
        if changed := rules.why_not_as_seen(seen, standing.content_sha256):
            raise Refused(changed)
        if not rules.needs_confirming(standing.brief_version, standing.material_version):
            return standing.id
    shared_now = queries.shared_with_letters(session, bid, london_day(received_at))
    brief, letters = shared_now.brief, shared_now.letters
    draft, submitted = letters.get(LetterKind.DRAFT), letters.get(LetterKind.SUBMITTED)
    latest = draft or submitted
    letter = read_letter(latest, seal) if latest else Letter()
    phase = briefs.phase_of(brief, received_at)
    is_open = phase is Phase.OPEN
    bidders = (bid.provider_id, *(one.id for one in letter.partners))
    eligible = queries.eligible_of(session, brief, bidders, received_at, shared_now.needs) if is_open else {}
    own = eligible.get(bid.provider_id)
    answer = queries.as_answer(Moment.SUBMIT, brief, bid.provider_id, received_at, own.reasons) if own else None
    refusal = rules.why_not_submit(
        state=BidState(bid.state),
        phase=phase,
        eligible=answer.reasons if answer else (),
        bid_id=bid_id,
        letter=letter,
        asked=queries.questions(brief),
        price=shared_now.prices.against(letter, bid_id),
        named=queries.against_named(letter, shared_now.practitioners, own, bid) if own else None,
        partners=_against_partners(session, bid, letter, eligible, seal),
        alone=rules.why_not_alone(shared_now.is_engaged),
    )
    refusal = refusal or rules.why_not_as_amended(version, brief.material_version)
    if refusal := refusal or rules.why_not_as_seen(seen, digest(letter.canonical())):
        raise Ineligible(refusal, answer) if answer else Refused(refusal)
    if draft and submitted:
        session.delete(submitted)
        session.flush()
    if answer:
        keep_answer(session, actor, answer)
    if draft:
        letter = send_draft(session, bid, draft, letter, seal, divided=brief.two_envelopes)
    snapshot = _share(session, bid.provider_id, london_day(received_at), shared_now.snapshot)
    if shared_now.has_asked:
        leave_out(session, actor, bid, brief, letter, received_at)
    answers = rules.version_read(version, brief.version)
    return _give_receipt(
        session, actor, bid, brief, letter, snapshot, received_at, seal.receipts, answers, confirms=draft is None
    )


def withdraw_bid(
    session: Session, actor: Actor, bid_id: UUID, *, received_at: datetime, receipt: str | None = None
) -> None:
    """Take a submitted bid back; until the deadline it may be submitted again. A second time it changes nothing.

    `receipt` is the reference of the receipt on the sender's page. Raises `NotFound`, and `Refused` after the close, or where
    another receipt stands.
    """
    bid = own_bid(session, actor, bid_id, lock=True)
    brief = briefs.lock_brief(session, bid.brief_id, exclusive=False)
    if bid.state == BidState.WITHDRAWN:
        return
    refusal = rules.why_not_withdraw(state=BidState(bid.state), phase=briefs.phase_of(brief, received_at))
    if receipt and not refusal:
        refusal = rules.why_not_as_received(receipt, queries.standing_reference(session, bid_id))
    if refusal:
        raise Refused(refusal)
    bid.state, bid.withdrawn_at = rules.MOVES["withdraw", BidState(bid.state)], received_at
    audit.record(session, events.WITHDRAWN, actor=actor, subject=bid.id, at=received_at, reference=brief.reference)


def withdraw_of_ended(session: Session, what: Ended) -> None:
    """A membership has ended: the service withdraws each bid made under it that was not opened yet, and tells its bidders alone.

    Nobody else learns of it, because that there was a bid is part of the seal. What was opened stays as it was read; the
    rules of the award refuse it. Source: state machine 6.
    """
    of = (
        select(Bid)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .where(
            Bid.provider_id == what.provider_id,
            Bid.state == BidState.SUBMITTED,
            Brief.lot_id == what.lot_id,
            Brief.region_id == what.region_id,
            col(Brief.opened_at).is_(None),
            col(Brief.cancelled_at).is_(None),
        )
        .order_by(col(Bid.id))
        .with_for_update(of=Bid)
    )
    now = clock.now(session)
    for bid in session.exec(of).all():
        brief = briefs.lock_brief(session, bid.brief_id, exclusive=False)
        if brief.opened_at:
            continue
        bid.state, bid.withdrawn_at = rules.MOVES["withdraw", BidState.SUBMITTED], now
        audit.record(session, events.LAPSED, actor=NOBODY, subject=bid.id, at=now, reference=brief.reference)
        bidders = contacts(session, bid.provider_id, *BIDDERS)
        addresses = {f"bid.lapsed:{bid.id}:{now}:{one.person_id}": one.email for one in bidders}
        mail.queue_all(session, "bids/lapsed.txt", addresses, now, brief=brief.reference)


def decline_brief(
    session: Session, actor: Actor, brief_id: UUID, provider_id: UUID, reason: DeclineReason, words: str = ""
) -> None:
    """Say "not this time" for a provider whose bid is not submitted, and who is no partner in another's.

    The invitation is answered first, for its lock: whoever agrees to be a partner waits for it. Raises `NotFound`, `Refused`.
    """
    brief_commands.decline_invitation(session, actor, brief_id, provider_id, reason, words)
    bid = queries.bid_of(session, brief_id, provider_id)
    refuse_if(
        rules.why_not_decline_brief(
            submitted=bid.id if bid and bid.state == BidState.SUBMITTED else None,
            engaged=bool(session.scalar(select(engaged(provider_id, brief_id)))),
        )
    )


def forget_people(session: Session, forgotten: PeopleForgotten) -> None:
    """Take the names from what a closed provider shared with its bids; digests, receipts and the sealed letters stay."""
    for row in session.exec(select(BidSnapshot).where(BidSnapshot.provider_id == forgotten.provider_id)):
        row.content = without_people(row.content)


def _against_partners(
    session: Session, bid: Bid, letter: Letter, eligible: Mapping[UUID, Eligibility], seal: Seal
) -> Refusal | None:
    """What its partners have agreed to stays while the bid is locked: whoever answers for one locks it as well."""
    if not letter.partners:
        return None
    reasons = {provider_id: one.reasons for provider_id, one in eligible.items()}
    named = partners_named(letter, allies(session, bid), reasons, secret=seal.secret)
    return rules.why_not_partners(named, bid_id=bid.id)


def _share(session: Session, provider_id: UUID, on: date, newest: queries.Newest) -> tuple[UUID, str]:
    """The snapshot of what is shared of a bidder, by id and digest: read anew on another day, or once more was recorded of it.

    A draft that is saved takes it already, so that a submit shortly before the close has little left to read.
    """
    if taken := newest.still_holds(on):
        return taken.id, taken.sha256
    content = shared(session, provider_id, on)
    made = BidSnapshot(
        provider_id=provider_id,
        shared_on=on,
        position=newest.position,
        content=content,
        sha256=digest(canonical(content)),
    )
    session.add(made)
    session.flush()
    return made.id, made.sha256


def _give_receipt(
    session: Session,
    actor: Actor,
    bid: Bid,
    brief: Brief,
    letter: Letter,
    snapshot: tuple[UUID, str],
    received_at: datetime,
    keys: SigningKeys,
    version: int,
    *,
    confirms: bool = False,
) -> UUID:
    """Move the bid on, and say so three times in one commit: to the bidder's hand, to the record, and by mail."""
    replaces = bid.state == BidState.SUBMITTED
    happened = events.SUBMITTED if not replaces else events.CONFIRMED if confirms else events.REPLACED
    if bid.submitted_at:
        standing = update(BidReceipt).where(col(BidReceipt.bid_id) == bid.id, col(BidReceipt.replaced_at).is_(None))
        session.connection().execute(standing.values(replaced_at=received_at))
    now = {"state": rules.MOVES["submit", BidState(bid.state)], "submitted_at": received_at, "withdrawn_at": None}
    together.change(session, Bid, bid.id, now)
    snapshot_id, snapshot_sha256 = snapshot
    said = rules.statement(
        reference=reference("R", groups=3),
        received_at=received_at,
        brief=brief.reference,
        brief_version=version,
        content_sha256=digest(letter.canonical()),
        snapshot_sha256=snapshot_sha256,
    )
    key_id, signature = keys.sign(said)
    receipt_id, called, content_sha256 = uuid4(), str(said["reference"]), str(said["content_sha256"])
    receipt = {
        "id": receipt_id,
        "bid_id": bid.id,
        "reference": called,
        "received_at": received_at,
        "brief_version": version,
        "content_sha256": content_sha256,
        "snapshot_id": snapshot_id,
        "snapshot_sha256": snapshot_sha256,
        "submitted_by": actor.known,
        "key_id": key_id,
        "signature": signature,
    }
    together.insert(session, BidReceipt, receipt)
    mail.queue(
        session,
        "bids/receipt.txt",
        received_at,
        to=actor.email,
        dedupe=f"receipt {receipt_id}",
        brief=brief.reference,
        receipt=called,
        received=rules.to_the_second(received_at),
        version=version,
        content_sha256=content_sha256,
        bid_id=str(bid.id),
        signed=written(said, key_id, signature),
    )
    audit.record(
        session,
        happened,
        actor=actor,
        subject=bid.id,
        at=received_at,
        reference=brief.reference,
        receipt=called,
        content_sha256=content_sha256,
    )
    return receipt_id

"""Bids over HTTP: what a member is invited to, its own bids, and the one POST that must arrive in time."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.bids import commands, forms, queries, rules
from app.bids.commands import Saved
from app.bids.forms import DeclarationForm, LetterForm, StartForm, WithdrawForm, read_letter, typed, with_typed
from app.bids.letters.rules import MOST_PARTNERS, MOST_PEOPLE, Letter, priced_in_words
from app.bids.library.commands import keep_answer
from app.bids.library.rules import NOT_KEPT
from app.bids.policy import bidders, owners
from app.bids.pricing.rules import LINES, MOST_LINES, VATS, against, fewer_than_asked
from app.bids.queries import Desk, OwnBid
from app.bids.rules import BidState
from app.briefs import commands as brief_commands
from app.briefs.amending.queries import published
from app.briefs.forms import DeclineForm, UndoForm
from app.briefs.policy import members
from app.briefs.rules import DeclineReason
from app.core import clock
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.database import Database
from app.core.refusals import NotFound, Refusal, Refused
from app.core.sealing import KeyholderAway
from app.frameworks.rules import UNITS
from app.memberships.commands import keep_refused
from app.sealing.asking import Seal
from app.sealing.doors import Sealing, SealingDep
from app.web.forms import Posted, blank, posted
from app.web.pages import block_wanted, page, see
from app.web.routing import ActorDep, DatabaseDep, Router, moment_of, received_at
from app.web.steps import take
from app.web.typed import texts

router = Router()
MOST_BYTES = 256 * 1024


@router.get("/opportunities/{brief_id}", allow=members)
def show_opportunity(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _opportunity_page(request, actor, db, brief_id)


@router.post("/opportunities/{brief_id}/decline", allow=bidders)
def decline_brief(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[DeclineForm] = posted(DeclineForm)
) -> Response:
    def step(session: Session, said: DeclineForm) -> None:
        commands.decline_brief(session, actor, brief_id, said.provider, said.reason, said.words)

    again = partial(_opportunity_page, request, actor, db, brief_id)
    return take(db, form, step, again, f"/opportunities/{brief_id}")


@router.post("/opportunities/{brief_id}/decline/undo", allow=bidders)
def undo_decline(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[UndoForm] = posted(UndoForm)
) -> Response:
    if form.value is None:
        raise NotFound

    def step(session: Session, said: UndoForm) -> None:
        brief_commands.undo_decline(session, actor, brief_id, said.provider)

    again = partial(_opportunity_page, request, actor, db, brief_id)
    return take(db, form, step, again, f"/opportunities/{brief_id}")


@router.post("/opportunities/{brief_id}/bid", allow=bidders)
def start_bid(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    sealing: SealingDep,
    brief_id: UUID,
    form: Posted[StartForm] = posted(StartForm),
) -> Response:
    if form.value is None:
        raise NotFound
    provider_id = form.value.provider

    def start(seal: Seal) -> UUID:
        with db.write() as session:
            return commands.start_bid(session, actor, brief_id, provider_id)

    try:
        bid_id = sealing(start)
    except Refused as refused:
        with db.write() as session:
            keep_refused(session, actor, refused)
        return _opportunity_page(request, actor, db, brief_id, refusal=refused.refusal)
    return see(f"/bids/{bid_id}")


@router.get("/bids", allow=bidders)
def list_bids(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.read() as session:
        now = clock.now(session)
        lines = queries.own_bids(session, actor, now)
    return page(request, "bids/list.html", lines=lines, now=now, owns=owners(actor))


@router.get("/bids/{bid_id}", allow=bidders)
def edit_bid(
    request: Request, actor: ActorDep, db: DatabaseDep, sealing: SealingDep, bid_id: UUID, saved: str = ""
) -> Response:
    return _bid_page(request, actor, db, sealing, bid_id, "bids/edit.html", saved=saved)


@router.post("/bids/{bid_id}", allow=bidders)
def save_draft(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    sealing: SealingDep,
    bid_id: UUID,
    form: Posted[Any] = posted(LetterForm, most_bytes=MOST_BYTES),
) -> Response:
    """Kept with every change where there is JavaScript, which is answered with what is new beside the form."""
    try:
        return _save_draft(request, actor, db, sealing, bid_id, form)
    except KeyholderAway:
        if request.headers.get("HX-Request"):
            raise
        words = "The keyholder, which opens what is sealed, cannot be reached."
        typed = [(name, value) for name, value in form.typed.items() if value]
        again = {"action": f"/bids/{bid_id}", "typed": typed, "shown": texts(typed)}
        return page(request, "errors/try_again.html", status=503, words=words, **again)


def _save_draft(
    request: Request, actor: Actor, db: Database, sealing: Sealing, bid_id: UUID, form: Posted[Any]
) -> Response:
    with db.read() as session:
        desk = queries.desk(session, actor, bid_id, moment_of(request, session))
    form, written = read_letter(form, desk)
    template, follows = "bids/edit.html", form.value.then if form.value else "stay"
    if form.value is None or form.errors:
        return _bid_page(request, actor, db, sealing, bid_id, template, form=form, status=422)
    seen = form.value.seen

    def save(seal: Seal) -> Saved:
        with db.write() as session:
            return commands.save_draft(session, actor, bid_id, written, seal=seal, seen=seen)

    def keep(seal: Seal) -> Refusal | None:
        with db.write() as session:
            return keep_answer(session, actor, saved, int(follows.removeprefix("keep-")), seal=seal)

    try:
        saved = sealing(save)
    except Refused as refused:
        return _bid_page(request, actor, db, sealing, bid_id, template, form=form, refusal=refused.refusal, status=409)
    not_kept = sealing(keep) if follows.startswith("keep-") else None  # what is saved stays so, whatever this comes to
    if block_wanted(request) == "saved":
        return page(request, template, **_of_saved(saved, desk))
    return see(f"/bids/{bid_id}?saved={not_kept.code}#saved-at" if not_kept else _next_page(bid_id, follows))


def _of_saved(saved: Saved, desk: Desk) -> dict[str, Any]:
    """What stands beside the form once it is saved, without asking for anything again."""
    return {
        "bid": {
            "id": desk.bid_id,
            "seen": digest(saved.letter.canonical()),
            "draft": saved.is_draft,
            "submitted": not saved.is_draft,
            "saved_at": saved.at,
        },
        "brief": {"budget_pence": desk.budget_pence},
        "form": blank(),
        "refusal": None,
        "saved": "yes",
        "not_kept": "",
        "quietly": True,
        "clock_time": rules.to_the_minute,
        **_said_of(saved.letter, desk),
    }


def _said_of(letter: Letter, desk: Desk) -> dict[str, Any]:
    """What is said beside a letter of what stands in it. A price that cannot be sent is not said to be above the budget as well."""
    too_much = [against(line, desk.prices.limits) for line in letter.lines]
    return {
        "letter": letter,
        "against": too_much,
        "fewer": fewer_than_asked(letter.lines, desk.prices.unit, desk.sessions),
        "above_budget": not any(too_much) and rules.above_budget(letter, desk.budget_pence),
        "priced_in_words": priced_in_words(letter, desk.asked) if desk.two_envelopes else (),
    }


def _next_page(bid_id: UUID, follows: str) -> str:
    """After a draft is saved: its check, the library of one of its questions, or the page as it was."""
    what, _, number = follows.partition("-")
    return {
        "check": f"/bids/{bid_id}/check",
        "library": f"/bids/{bid_id}/library?question={number}",
        "keep": f"/bids/{bid_id}?saved=kept#saved-at",
        "stay": f"/bids/{bid_id}?saved=yes#saved",
    }[what]


@router.get("/bids/{bid_id}/check", allow=bidders)
def check_bid(request: Request, actor: ActorDep, db: DatabaseDep, sealing: SealingDep, bid_id: UUID) -> Response:
    return _bid_page(request, actor, db, sealing, bid_id, "bids/check.html")


@router.post("/bids/{bid_id}/submit", allow=bidders)
def submit_bid(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    sealing: SealingDep,
    bid_id: UUID,
    form: Posted[DeclarationForm] = posted(DeclarationForm),
) -> Response:
    if form.value is None:
        return _bid_page(request, actor, db, sealing, bid_id, "bids/check.html", form=form, status=422)
    arrived_at = received_at(request, form.arrived)
    seen, version = form.value.seen, form.value.version

    def submit(seal: Seal) -> None:
        with db.write() as session:
            commands.submit_bid(session, actor, bid_id, received_at=arrived_at, seal=seal, seen=seen, version=version)

    try:
        sealing(submit)
    except Refused as refused:
        if refused.refusal.code == rules.CLOSED:
            return _not_received(request, actor, db, bid_id, refused.refusal, arrived_at)
        with db.write() as session:
            keep_refused(session, actor, refused)
        return _bid_page(request, actor, db, sealing, bid_id, "bids/check.html", refusal=refused.refusal, status=409)
    return see(f"/bids/{bid_id}/receipt")


def _not_received(
    request: Request, actor: Actor, db: Database, bid_id: UUID, refusal: Refusal, arrived_at: datetime
) -> Response:
    """There is nothing left to mend, and the same second brings many: what was sent, when, and what stands, without the bid."""
    with db.read() as session:
        told = queries.not_received(session, actor, bid_id)
    return page(
        request,
        "bids/not_received.html",
        status=409,
        bid_id=bid_id,
        told=told,
        refusal=refusal,
        arrived=rules.to_the_millisecond(arrived_at),
        is_late=arrived_at >= told.closes_at,
    )


@router.post("/bids/{bid_id}/withdraw", allow=bidders)
def withdraw_bid(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    sealing: SealingDep,
    bid_id: UUID,
    form: Posted[WithdrawForm] = posted(WithdrawForm),
) -> Response:
    if form.value is None:
        return _bid_page(request, actor, db, sealing, bid_id, "bids/receipt.html", form=form, status=422)
    arrived_at = received_at(request, form.arrived)
    try:
        with db.write() as session:
            commands.withdraw_bid(session, actor, bid_id, received_at=arrived_at, receipt=form.value.receipt)
    except Refused as refused:
        return _bid_page(request, actor, db, sealing, bid_id, "bids/receipt.html", refusal=refused.refusal, status=409)
    return see(f"/bids/{bid_id}")


@router.get("/bids/{bid_id}/receipt", allow=bidders)
def show_receipt(request: Request, actor: ActorDep, db: DatabaseDep, sealing: SealingDep, bid_id: UUID) -> Response:
    return _bid_page(request, actor, db, sealing, bid_id, "bids/receipt.html")


def _opportunity_page(
    request: Request,
    actor: Actor,
    db: Database,
    brief_id: UUID,
    form: Posted[Any] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        now = moment_of(request, session, refusal)
        view = queries.opportunity(session, actor, brief_id, now)
        changes = published(session, brief_id) if view.brief.version > 1 else ()
    return page(
        request,
        "bids/opportunity.html",
        status=409 if refusal else 422 if form else 200,
        view=view,
        brief=view.brief,
        changes=changes,
        owns=owners(actor),
        now=now,
        form=form or blank(),
        refusal=refusal,
        decline_reasons=[(reason.value, reason.words) for reason in DeclineReason],
    )


def _bid_page(
    request: Request,
    actor: Actor,
    db: Database,
    sealing: Sealing,
    bid_id: UUID,
    template: str,
    *,
    form: Posted[Any] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
    saved: str = "",
) -> Response:
    """One of the three pages of a bid: its draft, its check, its receipt. Each is drawn again with what went wrong."""

    def own(seal: Seal) -> tuple[OwnBid, datetime]:
        with db.read() as session:
            now = moment_of(request, session, refusal)
            return queries.bid_page(session, actor, bid_id, now, seal=seal), now

    bid, now = sealing(own)
    if template == "bids/receipt.html" and not bid.receipts:
        if refusal is None:
            raise NotFound
        template = "bids/edit.html"
    form = with_typed(form, bid) if form else blank(**typed(bid))
    return page(
        request,
        template,
        status=status,
        bid=bid,
        rows={
            "people": forms.rows(form.typed, "person", "part", least=1, most=MOST_PEOPLE),
            "partners": forms.rows(form.typed, "partner", "share", "does", least=1, most=MOST_PARTNERS),
            "lines": forms.rows(form.typed, "kind", "label", "quantity", "rate", least=3, most=MOST_LINES),
        },
        box=forms.box,
        kinds=list(LINES.items()),
        vats=list(VATS.items()),
        **_said_of(bid.letter, bid.desk),
        units=UNITS,
        clock_time=rules.to_the_minute,
        saved=saved,
        not_kept=NOT_KEPT.get(saved, ""),
        quietly=bool(request.headers.get("HX-Request")),
        brief=bid.brief,
        missing=rules.missing(bid.letter, bid.asked),
        why_not_submit=rules.why_not_submit(
            state=BidState(bid.state),
            phase=bid.brief.phase,
            eligible=bid.not_eligible,
            bid_id=bid.id,
            letter=bid.letter,
            asked=bid.asked,
            named=bid.against_named,
            price=bid.against_price,
            partners=bid.against_partners,
            alone=bid.against_alone,
        ),
        may_withdraw=rules.why_not_withdraw(state=bid.state, phase=bid.brief.phase) is None,
        now=now,
        form=form,
        refusal=refusal,
        to_the_second=rules.to_the_second,
    )

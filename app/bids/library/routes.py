"""The library over HTTP: beside one question of an own bid, where an answer goes in with one tap."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.bids.forms import box
from app.bids.letters.rules import Question
from app.bids.library import commands, queries
from app.bids.library.forms import ForgetForm, UseForm
from app.bids.library.queries import LibraryPage
from app.bids.policy import bidders
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refusal, Refused
from app.sealing.asking import Seal
from app.sealing.doors import Sealing, SealingDep
from app.web.forms import Posted, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/bids/{bid_id}/library", allow=bidders)
def show_library(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    sealing: SealingDep,
    bid_id: UUID,
    question: int = 1,
    wanted: str = "",
) -> Response:
    return _page(request, actor, db, sealing, bid_id, question, wanted=wanted)


@router.post("/bids/{bid_id}/library", allow=bidders)
def use_answer(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    sealing: SealingDep,
    bid_id: UUID,
    form: Posted[UseForm] = posted(UseForm),
) -> Response:
    if form.value is None:
        raise NotFound
    given = form.value

    def use(seal: Seal) -> Question:
        with db.write() as session:
            return commands.use_answer(session, actor, bid_id, given.question, given.answer, seal=seal, seen=given.seen)

    try:
        question = sealing(use)
    except Refused as refused:
        return _page(request, actor, db, sealing, bid_id, given.question, refusal=refused.refusal, status=409)
    return see(f"/bids/{bid_id}?saved=yes#{box(question.key, given.question)}")


@router.post("/bids/{bid_id}/library/{answer_id}/forget", allow=bidders)
def forget_answer(
    actor: ActorDep, db: DatabaseDep, bid_id: UUID, answer_id: UUID, form: Posted[ForgetForm] = posted(ForgetForm)
) -> Response:
    with db.write() as session:
        commands.forget_answer(session, actor, bid_id, answer_id)
    return see(f"/bids/{bid_id}/library?question={form.value.question if form.value else 1}")


def _read(db: Database, actor: Actor, bid_id: UUID, number: int, wanted: str, seal: Seal) -> LibraryPage:
    with db.read() as session:
        return queries.library(session, actor, bid_id, number, clock.now(session), wanted=wanted, seal=seal)


def _page(
    request: Request,
    actor: Actor,
    db: Database,
    sealing: Sealing,
    bid_id: UUID,
    number: int,
    *,
    wanted: str = "",
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    view = sealing(lambda seal: _read(db, actor, bid_id, number, wanted, seal))
    here = box(view.question.key, view.number)
    return page(request, "bids/library.html", status=status, view=view, wanted=wanted, here=here, refusal=refusal)

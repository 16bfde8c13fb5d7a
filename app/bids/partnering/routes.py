"""Partners over HTTP: the lead asks, and the owners of those asked answer."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.bids.partnering import commands, queries
from app.bids.partnering.forms import AnswerForm
from app.bids.policy import bidders, owners
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refusal, Refused
from app.sealing.asking import Seal
from app.sealing.doors import SealingDep
from app.settings import Settings
from app.web.forms import Posted, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, SettingsDep

router = Router()


@router.post("/bids/{bid_id}/partners", allow=bidders)
def ask_partners(request: Request, actor: ActorDep, db: DatabaseDep, sealing: SealingDep, bid_id: UUID) -> Response:
    def ask(seal: Seal) -> None:
        with db.write() as session:
            commands.ask_partners(session, actor, bid_id, seal=seal)

    sealing(ask)
    return see(f"/bids/{bid_id}/check#partners")


@router.get("/partnerships", allow=owners)
def list_partnerships(request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep) -> Response:
    return _page(request, actor, db, config)


@router.post("/partnerships/{partnership_id}", allow=owners)
def answer_partnership(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    config: SettingsDep,
    partnership_id: UUID,
    form: Posted[AnswerForm] = posted(AnswerForm),
) -> Response:
    if form.value is None:
        raise NotFound
    try:
        with db.write() as session:
            commands.answer_partnership(session, actor, partnership_id, form.value.answer, seen=form.value.seen)
    except Refused as refused:
        return _page(request, actor, db, config, refusal=refused.refusal, status=409)
    return see("/partnerships")


def _page(
    request: Request,
    actor: Actor,
    db: Database,
    config: Settings,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        now = clock.now(session)
        lines = queries.partnerships(session, actor, now, secret=config.secret_key)
    return page(request, "bids/partnerships.html", status=status, lines=lines, now=now, refusal=refusal)

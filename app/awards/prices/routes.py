"""The second envelope over HTTP. The keyholder is asked first, with no transaction open."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.awards.approving import ask_keyholder
from app.awards.commands.prices import approve_prices, finish_quality
from app.awards.policy import openers
from app.awards.queries.approvals import PRICES
from app.awards.queries.prices import is_finished, prices
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.sealing.doors import SealingDep
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, SettingsDep

router = Router()


@router.get("/briefs/{brief_id}/prices", allow=openers)
def prices_page(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _prices(request, actor, db, brief_id)


@router.post("/briefs/{brief_id}/prices/assessed", allow=openers)
def quality_is_assessed(
    request: Request, actor: ActorDep, db: DatabaseDep, sealing: SealingDep, brief_id: UUID
) -> Response:
    with db.read() as session:
        done = is_finished(session, actor, brief_id)
    try:
        if not done:
            witness = sealing.keyholder.finish_quality(sealing.seal.token, brief_id)
            with db.write() as session:
                finish_quality(session, actor, brief_id, witness=witness)
    except Refused as no:
        return _prices(request, actor, db, brief_id, refusal=no.refusal)
    return see(f"/briefs/{brief_id}/prices")


@router.post("/briefs/{brief_id}/prices", allow=openers)
def open_prices_with_another(
    request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep, sealing: SealingDep, brief_id: UUID
) -> Response:
    first, second = sealing.keyholder.approve_prices, sealing.keyholder.open_prices
    try:
        told = ask_keyholder(db, actor, brief_id, PRICES, sealing.seal.token, first=first, second=second)
        with db.write() as session:
            approve_prices(session, actor, brief_id, secret=config.secret_key, told=told)
    except Refused as no:
        return _prices(request, actor, db, brief_id, refusal=no.refusal)
    return see(f"/briefs/{brief_id}/prices")


def _prices(
    request: Request, actor: Actor, db: Database, brief_id: UUID, *, refusal: Refusal | None = None
) -> Response:
    with db.read() as session:
        view = prices(session, actor, brief_id)
    return page(request, "awards/prices.html", status=409 if refusal else 200, view=view, refusal=refusal)

"""What an administrator sees of providers that may be one, and what they say of each pair."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.providers import commands, policy, queries, rules
from app.providers.forms import SettleForm
from app.web.forms import Posted, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/duplicates", allow=policy.administrators)
def duplicates(request: Request, db: DatabaseDep) -> HTMLResponse:
    with db.read() as session:
        waiting, settled = queries.pairs(session, settled=False), queries.pairs(session, settled=True)
    return page(request, "providers/duplicates.html", waiting=waiting, settled=settled, kinds=rules.KINDS)


@router.post("/duplicates/{suggestion_id}/settle", allow=policy.administrators)
def settle(
    db: DatabaseDep, actor: ActorDep, suggestion_id: UUID, form: Posted[SettleForm] = posted(SettleForm)
) -> Response:
    if form.value is not None:
        with db.write() as session:
            commands.settle_duplicate(session, actor, suggestion_id, form.value.outcome)
    return see("/duplicates")

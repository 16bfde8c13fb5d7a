"""The page of a member's record: what it stated, and how its invitations went."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse

from app.bids.accuracy import queries
from app.providers import policy
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/providers/{provider_id}/capacity-record", allow=policy.viewers)
def show(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    with db.read() as session:
        found = queries.accuracy(session, actor, provider_id)
    return page(request, "bids/accuracy.html", found=found, own=policy.belongs(actor, provider_id))

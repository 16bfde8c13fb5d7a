"""Why members did not bid, over HTTP: for the brief's agency, and over all for the framework's lead."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.bids.reasons import queries
from app.briefs.policy import buyers
from app.frameworks.policy import framework_leads
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/briefs/{brief_id}/reasons", allow=buyers)
def brief_reasons(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    with db.read() as session:
        found = queries.brief_reasons(session, actor, brief_id)
    return page(request, "bids/reasons.html", found=found)


@router.get("/frameworks/{framework_id}/reasons", allow=framework_leads)
def market_reasons(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    with db.read() as session:
        found = queries.market_reasons(session, actor, framework_id)
    return page(request, "bids/market_reasons.html", found=found)

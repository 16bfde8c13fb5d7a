"""The page that shows where members are missing."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.memberships import policy
from app.memberships.gaps import queries
from app.memberships.gaps.rules import CONSEQUENCES, LOOKED_AT, WORDS
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/frameworks/{framework_id}/gaps", allow=policy.overseers)
def gaps(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    with db.read() as session:
        found = queries.gap_map(session, actor, framework_id)
    return page(
        request, "memberships/gaps.html", found=found, words=WORDS, consequences=CONSEQUENCES, looked_at=LOOKED_AT
    )

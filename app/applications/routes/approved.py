"""What was approved of a provider, and what has changed since: for those who rely on it, and its own people."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.applications import policy, queries
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/providers/{provider_id}/approved", allow=policy.sees_approved)
def show_approved(request: Request, actor: ActorDep, db: DatabaseDep, provider_id: UUID) -> Response:
    with db.read() as session:
        found = queries.approved(session, actor, provider_id)
    return page(request, "applications/approved.html", found=found)

"""How much was asked, what was re-used, and the uploads avoided."""

from fastapi import Request
from starlette.responses import Response

from app.applications import policy
from app.applications.burden import total
from app.applications.queries.burden import asked_by_framework, asked_of_me
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/burden", allow=policy.sees_burden)
def show_burden(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    provider, overseer = policy.providers(actor), policy.oversees_some(actor) or policy.oversees_all(actor)
    with db.read() as session:
        mine = asked_of_me(session, actor) if provider else []
        frameworks = asked_by_framework(session, actor) if overseer else []
    return page(
        request,
        "applications/burden.html",
        provider=provider,
        overseer=overseer,
        mine=mine,
        my_total=total(row.burden for row in mine),
        frameworks=frameworks,
        all_total=total(row.burden for row in frameworks),
        applications=sum(row.applications for row in frameworks),
    )

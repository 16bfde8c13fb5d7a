"""The first pages over HTTP."""

from fastapi import Request
from starlette.responses import Response

from app.home.queries.today import today
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router, anyone

router = Router()


@router.get("/", allow=anyone)
def home(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    """For a stranger, what this is; for anybody else, what needs them."""
    if actor.person_id is None:
        return page(request, "home/front.html")
    with db.read() as session:
        mine = today(session, actor)
    return page(request, "home/today.html", today=mine)


@router.get("/about", allow=anyone)
def about(request: Request, actor: ActorDep) -> Response:
    return page(request, "home/about.html")


@router.get("/accessibility", allow=anyone)
def accessibility(request: Request, actor: ActorDep) -> Response:
    return page(request, "home/accessibility.html")


@router.get("/privacy", allow=anyone)
def privacy(request: Request, actor: ActorDep) -> Response:
    return page(request, "home/privacy.html")

"""The board over HTTP."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.awards.boards import queries
from app.awards.boards.queries import MOST, Wanted
from app.briefs.policy import buyers, commissioners
from app.briefs.rules import Phase
from app.core import clock
from app.web.forms import blank
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/briefs", allow=buyers)
def list_briefs(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    phase: Phase | None = None,
    framework: str = "",
    lot: str = "",
    region: str = "",
    author: str = "",
) -> Response:
    wanted = Wanted(phase, _id(framework), _id(lot), _id(region), _id(author))
    with db.read() as session:
        now = clock.now(session)
        view = queries.board(session, actor, now, wanted)
    return page(
        request,
        "awards/board.html",
        view=view,
        now=now,
        phase=phase,
        phases=list(Phase),
        filters=blank(framework=framework, lot=lot, region=region, author=author),
        filtered=wanted != Wanted(phase),
        most=MOST,
        may_write=commissioners(actor),
    )


def _id(typed: str) -> UUID | None:
    """The id chosen in a filter; anything else is no filter."""
    try:
        return UUID(typed)
    except ValueError:
        return None

"""The board over HTTP."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.bids.boards import commands, queries
from app.bids.boards.forms import AssignForm
from app.bids.policy import bidders
from app.core.refusals import NotFound
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, moment_of

router = Router()


@router.get("/board", allow=bidders)
def show_board(
    request: Request, actor: ActorDep, db: DatabaseDep, region: str = "", lot: str = "", colleague: str = ""
) -> Response:
    with db.read() as session:
        now = moment_of(request, session)
        view = queries.board(session, actor, now, region=region, lot=lot, colleague=colleague)
    filters = blank(region=region, lot=lot, colleague=colleague)
    filtered = bool(region or lot or colleague)
    return page(request, "bids/board.html", view=view, now=now, filters=filters, filtered=filtered)


@router.post("/bids/{bid_id}/colleague", allow=bidders)
def assign_bid(
    actor: ActorDep, db: DatabaseDep, bid_id: UUID, form: Posted[AssignForm] = posted(AssignForm)
) -> Response:
    if form.value is None:
        raise NotFound
    with db.write() as session:
        commands.assign_bid(session, actor, bid_id, form.value.person)
    return see("/board")

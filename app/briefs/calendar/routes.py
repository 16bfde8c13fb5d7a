"""The calendar of deadlines over HTTP: its page, and the file itself, for whoever has its address."""

from fastapi import Request
from starlette.responses import Response

from app.briefs.calendar import commands, queries
from app.briefs.calendar.rules import calendar
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.settings import Settings
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, SettingsDep, anyone, signed_in

router = Router()


@router.get("/calendar", allow=signed_in)
def own_calendar(request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep) -> Response:
    return _page(request, actor, db, config)


@router.post("/calendar", allow=signed_in)
def make_calendar(request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep) -> Response:
    """The address is shown once, in the answer itself: nothing that is kept could show it again."""
    with db.write() as session:
        token = commands.make_calendar(session, actor)
    return _page(request, actor, db, config, token=token)


@router.post("/calendar/end", allow=signed_in)
def end_calendar(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.write() as session:
        commands.end_calendar(session, actor)
    return see("/calendar")


@router.get("/calendar/{feed}.ics", allow=anyone)
def calendar_file(request: Request, db: DatabaseDep, config: SettingsDep, feed: str) -> Response:
    with db.read() as session:
        deadlines = queries.deadlines(session, feed, clock.now(session), base=config.public_url)
    return Response(
        calendar("Deadlines of briefs", deadlines),
        media_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


def _page(request: Request, actor: Actor, db: Database, config: Settings, *, token: str = "") -> Response:
    with db.read() as session:
        feed = queries.own_feed(session, actor)
    address = f"{config.public_url}/calendar/{token}.ics" if token else ""
    return page(request, "briefs/calendar.html", feed=feed, address=address)
